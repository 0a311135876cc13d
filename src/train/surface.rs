//! Pascanu's wall: the error surface of a network with one unit, and the way of gradient descent on it.
//!
//! Pascanu, Mikolov and Bengio 2013, section 2.3 and figure 6: x_t = w σ(x_{t-1}) + b over 50 steps, and the error
//! (σ(x_50) − 0.7)². Where the unit's rest state jumps there is a wall, with gradients a thousand times those
//! beside it.

/// Steps.
pub const STEPS: usize = 50;
/// What σ(x_50) ought to be.
const TARGET: f64 = 0.7;
/// The steps of descent that are drawn.
pub const DESCENT: usize = 300;

/// The parameters w, b and x_0.
pub type Unit = [f64; 3];

/// Their names.
pub const NAMES: [&str; 3] = ["w", "b", "x_0"];
/// Where descent begins: short of the wall.
pub const START: Unit = [5.2, -1.8, 0.5];
/// The part of the surface that is drawn.
pub const RANGES: [(f64, f64); 3] = [(3.5, 7.0), (-4.0, -1.0), (-2.0, 3.0)];
/// The pairs of parameters that a surface can be drawn over; the third one stays.
pub const PAIRS: [[usize; 2]; 3] = [[0, 1], [0, 2], [1, 2]];

/// The error and its gradient.
pub fn error(unit: Unit) -> (f64, Unit) {
    let [w, b, start] = unit;
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let mut squashed = [0.0; STEPS];
    let mut x = start;
    for s in &mut squashed {
        *s = sigmoid(x);
        x = w * *s + b;
    }
    let out = sigmoid(x);
    let off = out - TARGET;
    let mut delta = 2.0 * off * out * (1.0 - out);
    let (mut by_w, mut by_b) = (0.0, 0.0);
    for s in squashed.iter().rev() {
        by_w += delta * s;
        by_b += delta;
        delta *= w * s * (1.0 - s);
    }
    (off * off, [by_w, by_b, delta])
}

/// A point on the way of descent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The parameters.
    pub unit: Unit,
    /// The error.
    pub error: f64,
    /// The norm of its gradient by the chosen parameters.
    pub norm: f64,
}

/// Gradient descent on two of the parameters, each step held to `threshold` where there is one.
pub fn descend(pair: [usize; 2], rate: f64, threshold: Option<f64>) -> Vec<Point> {
    let mut unit = START;
    let mut way = Vec::with_capacity(DESCENT + 1);
    for _ in 0..=DESCENT {
        let (error, gradient) = error(unit);
        let norm = pair.iter().fold(0.0f64, |sum, &k| sum.hypot(gradient[k]));
        way.push(Point { unit, error, norm });
        let factor = threshold.map_or(1.0, |threshold| (threshold / norm.max(1e-300)).min(1.0));
        for k in pair {
            unit[k] -= rate * factor * gradient[k];
        }
    }
    way
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gradients_are_finite_differences() {
        for unit in [
            START,
            [4.575, -2.35, 0.5],
            [6.0, -2.4, 1.0],
            [3.6, -1.2, -1.0],
        ] {
            let (_, gradient) = error(unit);
            for k in 0..3 {
                let at = |h: f64| {
                    let mut unit = unit;
                    unit[k] += h;
                    error(unit).0
                };
                let h = 1e-6;
                let slope = (at(h) - at(-h)) / (2.0 * h);
                let off = (slope - gradient[k]).abs();
                assert!(
                    off <= 1e-5 * gradient[k].abs().max(1e-2),
                    "{unit:?} {k}: {slope} {gradient:?}"
                );
            }
        }
    }

    /// The claim of the figure: the wall throws plain descent out of the picture, where the error is that of a
    /// saturated unit, and clipped descent goes on to the bottom.
    #[test]
    fn the_wall_throws_one_off_and_clipping_keeps_it() {
        let thrown = descend(PAIRS[0], 0.1, None);
        let largest = thrown
            .iter()
            .fold(0.0f64, |most, point| most.max(point.norm));
        let end = thrown[DESCENT];
        assert!(largest > 50.0, "{largest}");
        assert!(
            end.unit[0] > RANGES[0].1 && end.unit[1] > RANGES[1].1,
            "{end:?}"
        );
        assert!((end.error - 0.09).abs() < 1e-3, "{end:?}");
        let kept = descend(PAIRS[0], 0.1, Some(1.0));
        assert!(kept[DESCENT].error < 0.005, "{:?}", kept[DESCENT]);
    }
}
