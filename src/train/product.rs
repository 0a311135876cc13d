//! Views of the memory of a run as matrices, for faer's products.
//!
//! Everything stands row by row, a row for each sequence of the batch (or for each step and sequence).
//! faer thinks in columns, so a view is the transpose: a column for each sequence.

use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

use super::Real;

/// So many rows of `stride` numbers, of which `part` is taken, as columns.
pub(super) fn columns<T>(
    data: &[T],
    stride: usize,
    part: Range<usize>,
    count: usize,
) -> MatRef<'_, T> {
    MatRef::from_column_major_slice_with_stride(&data[part.start..], part.len(), count, stride)
}

/// [`columns`], to be written.
pub(super) fn columns_mut<T>(
    data: &mut [T],
    stride: usize,
    part: Range<usize>,
    count: usize,
) -> MatMut<'_, T> {
    let data = &mut data[part.start..];
    MatMut::from_column_major_slice_with_stride_mut(data, part.len(), count, stride)
}

/// out ← A B, or out + A B.
pub(super) fn product<T: Real>(
    out: MatMut<'_, T>,
    accumulate: bool,
    a: MatRef<'_, T>,
    b: MatRef<'_, T>,
) {
    let accum = if accumulate {
        Accum::Add
    } else {
        Accum::Replace
    };
    matmul(out, accum, a, b, T::ONE, Par::Seq);
}
