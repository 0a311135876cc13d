//! The recurrent matrices of a model: their sizes, and which of them turn and scale, but do not
//! stretch.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ndarray::ArrayView2;

use super::joined;
use crate::cell::init::{self, Size};
use crate::cell::{CellKind, Direction, Parameters, StackParameters};
use crate::flow::MatrixSize;
use crate::num::matrix::NoConvergence;
use crate::sim::model::shown;

/// By how much less than σ_max² the mean of all σ² of a matrix may be that counts as a multiple of an
/// orthogonal one: more than a file of bfloat16 has rounded away.
pub const ALIKE: f64 = 0.01;

/// The sizes of the recurrent matrices of every layer and direction, in the order of the gates.
/// Large matrices keep all cores busy: one is left to the sweeps. Once `ended`, the rest is left out.
pub(super) fn measure(
    parameters: &StackParameters,
    ended: &AtomicBool,
) -> Result<Vec<Vec<Size>>, NoConvergence> {
    let all: Vec<_> = parameters.layers.iter().flatten().collect();
    let workers = thread::available_parallelism().map_or(1, |cores| cores.get() - 1);
    let share = all.len().div_ceil(workers.max(1)).max(1);
    thread::scope(|scope| {
        let of = |part: &[&Direction]| -> Result<Vec<_>, _> {
            part.iter()
                .take_while(|_| !ended.load(Ordering::Relaxed))
                .map(|direction| init::measure(&direction.cell))
                .collect()
        };
        let threads: Vec<_> = all
            .chunks(share)
            .map(|part| scope.spawn(move || of(part)))
            .collect();
        let parts: Result<Vec<Vec<_>>, _> = threads.into_iter().map(joined).collect();
        Ok(parts?.into_iter().flatten().collect())
    })
}

/// The recurrent matrices by name, in the order in which they are shown.
pub(super) fn named(kind: CellKind, sizes: &[Size]) -> Vec<MatrixSize> {
    let size = |&(name, gate): &(&'static str, usize)| MatrixSize {
        name,
        spectral_radius: sizes[gate].radius,
        norm: sizes[gate].norm,
    };
    shown(kind).iter().map(size).collect()
}

/// Of each of these matrices whether it is a multiple of an orthogonal one.
pub(super) fn orthogonal(cell: &Parameters, sizes: &[Size]) -> Vec<bool> {
    let one = |&(_, gate): &(&str, usize)| alike(cell.recurrent(gate), sizes[gate].norm);
    shown(cell.kind).iter().map(one).collect()
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
