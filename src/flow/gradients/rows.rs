//! Rows of numbers over the steps of a window, with an exponent for each step, and what brings the products of
//! two of them to one exponent.

use crate::num::outer;
use crate::num::wide::scale_by_power_of_two;
use crate::num::{Number, vector};

/// Products of mantissas within 2^±this, and their sums, stay within float64.
const NEAR: i64 = 400;

/// T rows of numbers with a binary exponent each.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a, N> {
    pub flat: &'a [N],
    pub width: usize,
    pub exponents: &'a [i64],
}

impl<'a> Rows<'a, f64> {
    /// The mantissas.
    #[inline(always)]
    pub fn plain(self) -> outer::Rows<'a> {
        outer::Rows {
            flat: self.flat,
            width: self.width,
        }
    }
}

impl<N: Number> Rows<'_, N> {
    /// Whether the mantissas are the numbers.
    pub fn is_plain(self) -> bool {
        self.exponents.iter().all(|&e| e == 0)
    }

    /// The binary exponent of the largest number of row t; `None` when the row is zero.
    pub fn size(&self, t: usize) -> Option<i64> {
        let top = N::largest(&self.flat[t * self.width..][..self.width]).plain();
        (top > 0.0).then(|| self.exponents[t] + vector::exponent_of(top))
    }
}

/// Factors that bring the products a_t b_t of all steps to one exponent, and that exponent;
/// `None` when they have it already. A step whose product is too small beside the largest is lost,
/// as it would be in any sum of `f64`.
pub(super) fn align<N: Number>(a: Rows<N>, b: Rows<N>) -> Option<(Vec<f64>, i64)> {
    if a.is_plain() && b.is_plain() {
        return None;
    }
    let size = |t: usize| Some(a.size(t)? + b.size(t)?);
    let sizes: Vec<Option<i64>> = (0..a.exponents.len()).map(size).collect();
    let top = sizes.iter().flatten().copied().max().unwrap_or(0);
    // A step that brings nothing has an exponent all the same, and 0 · ∞ would be no number.
    let factor = |(t, size): (usize, &Option<i64>)| match size {
        Some(_) => scale_by_power_of_two(1.0, a.exponents[t] + b.exponents[t] - top),
        None => 0.0,
    };
    Some((sizes.iter().enumerate().map(factor).collect(), top))
}

/// Rows whose mantissas all lie near 1, from rows some of which do not: the factor of [`align`] for
/// those could leave float64 before it meets them.
pub(super) struct Near<N> {
    flat: Vec<N>,
    exponents: Vec<i64>,
}

impl<N: Number> Near<N> {
    /// `None` when the rows are so already.
    fn new(rows: Rows<N>) -> Option<Self> {
        let steps = 0..rows.exponents.len();
        let size = |t: usize| rows.size(t).map_or(0, |size| size - rows.exponents[t]);
        let sizes: Vec<i64> = steps.map(size).collect();
        if sizes.iter().all(|size| (-NEAR..=NEAR).contains(size)) {
            return None;
        }
        let mut flat = rows.flat.to_vec();
        for (row, &size) in flat.chunks_exact_mut(rows.width).zip(&sizes) {
            N::shift(row, -size);
        }
        let exponents = rows.exponents.iter().zip(&sizes).map(|(e, s)| e + s);
        Some(Self {
            flat,
            exponents: exponents.collect(),
        })
    }

    /// The rows themselves, or those that take their place.
    pub fn or<'a>(near: Option<&'a Self>, rows: Rows<'a, N>) -> Rows<'a, N> {
        near.map_or(rows, |near| Rows {
            flat: &near.flat,
            exponents: &near.exponents,
            ..rows
        })
    }
}

/// What takes the place of rows that are to be multiplied, where exponents say how.
pub(super) fn near<N: Number>(a: Rows<N>, b: Rows<N>) -> (Option<Near<N>>, Option<Near<N>>) {
    if a.is_plain() && b.is_plain() {
        return (None, None);
    }
    (Near::new(a), Near::new(b))
}
