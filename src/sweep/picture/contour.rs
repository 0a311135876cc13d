//! The line where a value is 0.

/// The lines on which a value is 0, in places of the grid: two ends each. Between neighbours the value is
/// taken to be straight.
pub fn contour(
    width: usize,
    height: usize,
    value: &dyn Fn(usize, usize) -> f64,
) -> Vec<[(f64, f64); 2]> {
    let mut lines = Vec::new();
    for i in 1..width {
        for j in 1..height {
            let corners = [(i - 1, j - 1), (i, j - 1), (i, j), (i - 1, j)];
            let mut crossed = Vec::with_capacity(4);
            for (k, a) in corners.into_iter().enumerate() {
                let b = corners[(k + 1) % 4];
                let (u, v) = (value(a.0, a.1), value(b.0, b.1));
                if (u < 0.0) != (v < 0.0) && !u.is_nan() && !v.is_nan() {
                    let part = if u.is_infinite() || v.is_infinite() {
                        0.5
                    } else {
                        u / (u - v)
                    };
                    let between = |a: usize, b: usize| a as f64 + part * (b as f64 - a as f64);
                    crossed.push((between(a.0, b.0), between(a.1, b.1)));
                }
            }
            match *crossed.as_slice() {
                [a, b] => lines.push([a, b]),
                // A saddle: each corner is cut off by itself.
                [a, b, c, d] => lines.extend([[a, b], [c, d]]),
                _ => {}
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line of a straight function is where it is 0.
    #[test]
    fn the_line_of_a_plane_is_straight() {
        let plane = |i: usize, j: usize| i as f64 + 2.0 * j as f64 - 7.3;
        let lines = contour(9, 6, &plane);
        assert!(lines.len() > 5);
        for (i, j) in lines.into_iter().flatten() {
            assert!((i + 2.0 * j - 7.3).abs() < 1e-12);
        }
        assert!(contour(9, 6, &|_, _| 1.0).is_empty());
        assert!(contour(9, 6, &|_, _| f64::NAN).is_empty());
        assert_eq!(
            contour(2, 2, &|i, j| if i == j { 1.0 } else { -1.0 }).len(),
            2
        );
    }
}
