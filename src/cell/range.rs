//! States that leave `f64`, of cells for which 2^e may be taken out of a step: mantissas with a
//! binary exponent of their own.

use std::borrow::Cow;

use super::Activation;
use crate::num::{Number, vector};

/// Mantissas of the state are brought back near 1 when they pass 2^±this.
const ROOM: i64 = 100;

/// Brings the state before, which has this exponent, and what enters the step from outside to one
/// exponent, and says which: one beside which the larger keeps its digits.
#[inline(always)]
pub(super) fn common<'a, N: Number>(
    h: &'a [N],
    exponent: i64,
    input: &mut [N],
) -> (Cow<'a, [N]>, i64) {
    if exponent == 0 {
        return (Cow::Borrowed(h), 0);
    }
    if exponent > 0 {
        // 2^-exponent itself may be below float64 where what it scales is not.
        N::shift(input, -exponent);
        return (Cow::Borrowed(h), exponent);
    }
    below(h, exponent, input)
}

/// [`common`] for a state that dies out, until something enters it.
#[inline(never)]
fn below<'a, N: Number>(h: &'a [N], exponent: i64, input: &mut [N]) -> (Cow<'a, [N]>, i64) {
    let top = N::largest(input).plain();
    let size = match vector::exponent_of(top) {
        size if size >= -ROOM => 0,
        size => size,
    };
    if top == 0.0 || size <= exponent {
        N::shift(input, -exponent);
        return (Cow::Borrowed(h), exponent);
    }
    N::shift(input, -size);
    let mut h = h.to_vec();
    N::shift(&mut h, exponent - size);
    (Cow::Owned(h), size)
}

/// The state before, and what enters from outside, as a step with this activation takes them: at one
/// exponent, which is said, where the activation lets it through, as plain numbers elsewhere.
#[inline(always)]
pub(super) fn enter<'a, N: Number>(
    activation: Activation,
    h: &'a [N],
    exponent: i64,
    input: &mut [N],
) -> (Cow<'a, [N]>, i64) {
    if activation.is_homogeneous() {
        common(h, exponent, input)
    } else {
        (plain(h, exponent), 0)
    }
}

/// What the activation has made of the state, [`renormalise`]d where it lets an exponent through.
#[inline(always)]
pub(super) fn leave<N: Number>(activation: Activation, h: &mut [N], exponent: i64) -> i64 {
    if activation.is_homogeneous() {
        renormalise(h, exponent)
    } else {
        exponent
    }
}

/// The state before as plain numbers, for a cell that takes no exponent; one that did may have left it.
#[inline(always)]
fn plain<N: Number>(h: &[N], exponent: i64) -> Cow<'_, [N]> {
    if exponent == 0 {
        return Cow::Borrowed(h);
    }
    let mut h = h.to_vec();
    N::shift(&mut h, exponent);
    Cow::Owned(h)
}

/// Brings the mantissas of a state back near 1 when they have grown too large, or too small to
/// keep their digits; the exponent afterwards.
#[inline(always)]
pub(super) fn renormalise<N: Number>(h: &mut [N], exponent: i64) -> i64 {
    let top = N::largest(h);
    if top == N::default() {
        return 0;
    }
    exponent + vector::near_one(h, top, ROOM)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::Wide;
    use crate::num::wide::scale_by_power_of_two;
    use proptest::prelude::*;

    proptest! {
        /// h ← 2^factor h + x, with an x in few steps only, is the sum of what has entered.
        #[test]
        fn a_state_leaves_float64_and_comes_back(
            factors in proptest::collection::vec(-40i64..40, 400),
            entered in proptest::collection::vec((0usize..400, -1000i64..1000), 0..4),
        ) {
            let (mut h, mut exponent) = (vec![1.0], 0);
            let mut want = Wide::ONE;
            for (t, &factor) in factors.iter().enumerate() {
                // Long stretches of one sign leave the range of float64.
                let factor = if t / 100 % 2 == 0 { -factor.abs() } else { factor.abs() };
                let mut input = vec![0.0];
                for &(_, size) in entered.iter().filter(|(at, _)| *at == t) {
                    input[0] = scale_by_power_of_two(1.0, size);
                }
                want = want.shifted(factor).plus(Wide::from_f64(input[0]));
                let (before, common) = common(&h, exponent, &mut input);
                h = vec![before[0] * scale_by_power_of_two(1.0, factor) + input[0]];
                exponent = renormalise(&mut h, common);
                let got = Wide::new(h[0], exponent);
                prop_assert!((got.log10() - want.log10()).abs() < 1e-12, "{t}: {got:?} for {want:?}");
            }
        }
    }
}
