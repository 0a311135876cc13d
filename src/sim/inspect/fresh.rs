//! Whether a model is as `PyTorch` initialises it, or at least as an initialisation leaves weights.
//!
//! nn.RNN, nn.LSTM and nn.GRU draw every parameter, biases included, from U(−1/√H, 1/√H). Training
//! takes parameters beyond that range and changes their spread, so both are looked at. An initialisation
//! of any scale (Glorot, He, a matrix scaled by hand) leaves W uniform, and R uniform or orthogonal, by
//! gate or all gates at once; training leaves neither.

use ndarray::{ArrayView2, Axis, Slice};

use crate::cell::{Parameters, StackParameters};

/// The deviations from its expectation, in standard ones, within which the mean square may lie.
const DEVIATIONS: f64 = 4.0;

/// A model as it was drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fresh {
    /// 1/√H, within which every number lies.
    pub range: f64,
}

/// Looks at every number of the model.
pub(super) fn find(parameters: &StackParameters) -> Option<Fresh> {
    let of = |hidden: usize| 1.0 / (hidden as f64).sqrt();
    let (mut count, mut squares) = (0usize, 0.0);
    for direction in parameters.layers.iter().flatten() {
        let cell = &direction.cell;
        let range = of(cell.hidden());
        // Files of float32 have rounded the range.
        let limit = range * (1.0 + 1e-6);
        if cell.peepholes.is_some() {
            return None;
        }
        let projection = direction.projection.as_ref();
        let recurrent = projection.map_or(&cell.r, |p| &p.recurrent);
        let matrices = [
            Some(&cell.w),
            Some(recurrent),
            projection.map(|p| &p.matrix),
        ];
        let matrices = matrices.into_iter().flatten().flat_map(|m| m.iter());
        for x in matrices.chain(cell.biases.iter().flatten().flatten()) {
            if x.abs() > limit {
                return None;
            }
            count += 1;
            squares += (x / range).powi(2);
        }
    }
    // In units of the range E u² = 1/3 with deviation √(4/45) for one number.
    let deviation = (4.0f64 / 45.0 / count.max(1) as f64).sqrt();
    let mean = squares / count.max(1) as f64;
    let range = of(parameters.hidden());
    ((mean - 1.0 / 3.0).abs() <= DEVIATIONS * deviation).then_some(Fresh { range })
}

/// Whether all weights are those of an initialisation, whatever their scale; biases may be any.
pub(super) fn is_initial(parameters: &StackParameters) -> bool {
    let mut directions = parameters.layers.iter().flatten();
    directions.all(|direction| {
        let cell = &direction.cell;
        let projected = direction.projection.as_ref();
        let n = cell.hidden();
        let w = (0..cell.gates()).all(|g| is_uniform(rows(&cell.w, g, n)));
        let r = match projected {
            Some(projected) => is_uniform(projected.recurrent.view()),
            None => is_recurrent_initial(cell),
        };
        w && r
    })
}

fn rows(matrix: &ndarray::Array2<f64>, gate: usize, n: usize) -> ArrayView2<'_, f64> {
    matrix.slice_axis(Axis(0), Slice::from(gate * n..(gate + 1) * n))
}

fn is_recurrent_initial(cell: &Parameters) -> bool {
    let n = cell.hidden();
    let each = (0..cell.matrices()).map(|gate| cell.recurrent(gate));
    let mut each = each.map(|matrix| is_uniform(matrix) || has_orthogonal_columns(matrix));
    // Keras draws one orthogonal matrix for all gates.
    each.all(|initial| initial) || n > 0 && has_orthogonal_columns(cell.r.view())
}

/// Whether numbers are spread evenly over ±a: their largest is √3 times their root mean square.
fn is_uniform(matrix: ArrayView2<f64>) -> bool {
    let count = matrix.len().max(1) as f64;
    let largest = matrix.iter().fold(0.0f64, |top, x| top.max(x.abs()));
    // As parts of the largest, whose square may be beyond f64.
    let squares: f64 = matrix
        .iter()
        .map(|x| (x / largest.max(f64::MIN_POSITIVE)).powi(2))
        .sum();
    let expected = 1.0 / 3.0;
    let deviation = (4.0f64 / 45.0 / count).sqrt() + 1.0 / count;
    largest == 0.0 || (squares / count - expected).abs() <= DEVIATIONS * deviation
}

/// Whether the columns of a matrix are orthogonal to each other and equally long, as those of an
/// orthogonal matrix times a number are.
fn has_orthogonal_columns(matrix: ArrayView2<f64>) -> bool {
    /// As much as float32 rounds away, and more.
    const SLACK: f64 = 1e-3;
    let products = matrix.t().dot(&matrix);
    let size = products.diag().iter().fold(0.0f64, |top, x| top.max(*x));
    let expected = |j: usize, k: usize| if j == k { size } else { 0.0 };
    let mut all = products.indexed_iter();
    size > 0.0
        && size.is_finite()
        && all.all(|((j, k), x)| (x - expected(j, k)).abs() <= SLACK * size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[test]
    fn what_is_drawn_evenly_is_known_at_any_scale() {
        let even = Array2::from_shape_fn((16, 16), |(j, k)| {
            ((16 * j + k) as f64 - 127.5) / 127.5 * 7.0
        });
        assert!(is_uniform(even.view()));
        assert!(!is_uniform(even.mapv(|x| x * x * x).view()));
        assert!(has_orthogonal_columns((Array2::<f64>::eye(5) * 0.3).view()));
        assert!(!has_orthogonal_columns(even.view()));
    }
}
