//! The order in which the points of a plane are computed: first a few that are spread over all of it,
//! then those between them, and so on, until all are there.

/// The places `i * height + j` of a plane of width × height points, coarse to fine: first the corner,
/// then every point whose i and j are multiples of the next smaller power of two.
pub fn order(width: usize, height: usize) -> impl Iterator<Item = usize> + Clone + Send {
    let largest = width.max(height).next_power_of_two();
    let strides = std::iter::successors(Some(largest), |stride| (*stride > 1).then(|| stride / 2));
    strides.flat_map(move |stride| {
        // What the stride before has had; the first one has the corner alone.
        let coarse = move |i: usize, j: usize| {
            stride < largest && i.is_multiple_of(2 * stride) && j.is_multiple_of(2 * stride)
        };
        (0..width).step_by(stride).flat_map(move |i| {
            let row = (0..height).step_by(stride);
            row.filter(move |j| !coarse(i, *j))
                .map(move |j| i * height + j)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_comes_once_and_the_first_are_spread() {
        for (width, height) in [(1, 1), (1, 7), (9, 9), (13, 4), (101, 51)] {
            let all: Vec<usize> = order(width, height).collect();
            let mut sorted = all.clone();
            sorted.sort_unstable();
            let every: Vec<usize> = (0..width * height).collect();
            assert_eq!(sorted, every, "{width} x {height}");
        }
        let first: Vec<usize> = order(9, 9).take(4).collect();
        assert_eq!(first, [0, 8, 72, 80]);
    }
}
