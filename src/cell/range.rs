//! States that outgrow `f64`, of cells for which 2^e may be taken out of a step: mantissas with a
//! binary exponent of their own.

use crate::num::vector;
use crate::num::wide::scale_by_power_of_two;

/// Mantissas of the state are brought back near 1 when they pass 2^±this.
const ROOM: i64 = 256;

/// What enters a step from outside, beside a state with this exponent.
#[inline(always)]
pub(super) fn scale_down(input: &mut [f64], exponent: i64) {
    if exponent != 0 {
        vector::scale(input, scale_by_power_of_two(1.0, -exponent));
    }
}

/// Brings the mantissas of a state back near 1 when they have grown too large, or too small to
/// keep their digits; the shift of the exponent. An exponent never falls below 0, where inputs of
/// ordinary size would be lost beside it.
#[inline(always)]
pub(super) fn renormalise(h: &mut [f64], exponent: i64) -> i64 {
    let top = vector::largest(h);
    let size = vector::exponent_of(top);
    let shift = if top == 0.0 {
        -exponent
    } else {
        size.max(-exponent)
    };
    if shift == 0 || (-ROOM..=ROOM).contains(&size) {
        return 0;
    }
    vector::scale(h, scale_by_power_of_two(1.0, -shift));
    shift
}
