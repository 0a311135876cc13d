//! The recurrent matrices of a model by name, and which of them turn and scale, but do not
//! stretch.

use ndarray::ArrayView2;

use crate::cell::init::Size;
use crate::cell::{CellKind, Parameters};
use crate::flow::MatrixSize;

/// By how much less than σ_max² the mean of all σ² of a matrix may be that counts as a multiple of an
/// orthogonal one: more than a file of bfloat16 has rounded away.
pub const ALIKE: f64 = 0.01;

/// The recurrent matrices by name, in the order in which they are shown.
pub(super) fn named(kind: CellKind, sizes: &[Size]) -> Vec<MatrixSize> {
    let size = |&(name, gate): &(&'static str, usize)| MatrixSize {
        name,
        spectral_radius: sizes[gate].radius,
        norm: sizes[gate].norm,
    };
    kind.spec().matrices.iter().map(size).collect()
}

/// Of each of these matrices whether it is a multiple of an orthogonal one.
pub(super) fn orthogonal(cell: &Parameters, sizes: &[Size]) -> Vec<bool> {
    let one = |&(_, gate): &(&str, usize)| alike(cell.recurrent(gate), sizes[gate].norm);
    cell.kind.spec().matrices.iter().map(one).collect()
}

/// Whether all singular values of a square matrix are alike, and not 0: n σ_max² is Σ σ², the sum
/// of the squares of all its numbers, only then.
fn alike(matrix: ArrayView2<f64>, largest: f64) -> bool {
    // As parts of the largest number, whose square may be beyond f64.
    let sum: f64 = matrix.iter().map(|x| (x / largest).powi(2)).sum();
    sum >= (1.0 - ALIKE) * matrix.nrows() as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    #[test]
    fn multiples_of_orthogonal_matrices_are_known() {
        assert!(alike((Array2::<f64>::eye(5) * 1.3).view(), 1.3));
        assert!(alike((Array2::<f64>::eye(5) * -1e200).view(), 1e200));
        assert!(alike(array![[0.6, -0.8], [0.8, 0.6]].view(), 1.0));
        assert!(alike(array![[0.2]].view(), 0.2));
        assert!(!alike(array![[1.3, 0.0], [0.0, 1.2]].view(), 1.3));
        assert!(!alike(array![[0.0]].view(), 0.0));
    }
}
