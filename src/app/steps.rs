//! The arithmetic of a key press: from one tidy number to the next.

use std::ops::RangeInclusive;

use crate::words::quote;

/// The multiple of 1/`per` that lies `n` steps from `value`, within the range. A value between two
/// multiples first goes to the next one in the direction of the step. Integers are divided last,
/// so that 1.00, 0.99, 0.98 … are exactly the numbers that these digits mean.
pub(super) fn linear(value: f64, n: i32, per: u32, range: &RangeInclusive<f64>) -> f64 {
    let per = f64::from(per);
    let stepped = step_index(value * per, n) / per;
    stepped.clamp(*range.start(), *range.end())
}

/// Two-digit numbers per decade: 1.0, 1.1, … 9.9 times a power of ten, about ±10 % a step at the
/// lower and ±1 % at the upper end of a decade. `value` is above 0, within `range`.
pub(super) fn decades(value: f64, n: i32, range: &RangeInclusive<f64>) -> f64 {
    let exponent = value.log10().floor();
    let digits = value / 10f64.powf(exponent - 1.0);
    let index = step_index(exponent * 90.0 + digits - 10.0, n);
    let decade = (index / 90.0).floor();
    let digits = index - decade * 90.0 + 10.0;
    // Powers up to 10²² are exact, and so is the product or quotient rounded only once.
    let power = decade - 1.0;
    let stepped = if power < 0.0 {
        digits / 10f64.powf(-power)
    } else {
        digits * 10f64.powf(power)
    };
    stepped.clamp(*range.start(), *range.end())
}

/// The whole number `n` steps from a place on the number line, which is taken as whole when it
/// is so to rounding.
fn step_index(place: f64, n: i32) -> f64 {
    let near = place.round();
    let base = if (place - near).abs() < 1e-6 {
        near
    } else if n > 0 {
        place.floor()
    } else {
        place.ceil()
    };
    base + f64::from(n)
}

/// `n` rungs up or down a ladder; from between two rungs the first step reaches the nearer end.
pub(super) fn ladder(value: u32, n: i32, rungs: &[u32]) -> u32 {
    let below = rungs.partition_point(|&rung| rung < value);
    let on_rung = rungs.get(below) == Some(&value);
    let n = n - i32::from(n > 0 && !on_rung);
    rungs[moved(below, n, rungs.len() - 1)]
}

/// One place on in a round of `len`, in the direction of `n`.
pub(super) fn turn(index: usize, n: i32, len: usize) -> usize {
    match n.signum() {
        1 => (index + 1) % len,
        -1 => (index + len - 1) % len,
        _ => index,
    }
}

/// So many places further, or at the end.
pub(super) fn moved(place: usize, by: i32, last: usize) -> usize {
    place.saturating_add_signed(by as isize).min(last)
}

/// The one wording for a typed value that is not taken.
pub(super) fn refusal(name: &str, allowed: &str, text: &str) -> String {
    format!("{name}: expected {allowed}, found {}", quote(text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn decimals_are_exact() {
        let mut rho = 1.0;
        for expected in [0.99, 0.98, 0.97, 0.96, 0.95] {
            rho = linear(rho, -1, 100, &(0.0..=100.0));
            assert_eq!(rho.to_bits(), f64::to_bits(expected));
        }
        assert_eq!(linear(0.995, 1, 100, &(0.0..=1.05)), 1.0);
        assert_eq!(linear(0.995, -1, 100, &(0.0..=1.05)), 0.99);
        assert_eq!(linear(0.04, -10, 100, &(0.0..=1.05)), 0.0);
        assert_eq!(linear(1.04, 10, 100, &(0.0..=1.05)), 1.05);
    }

    #[test]
    fn a_threshold_walks_through_its_decades() {
        let range = 1e-6..=1e6;
        assert_eq!(decades(5.0, 1, &range), 5.1);
        assert_eq!(decades(1.0, -1, &range), 0.99);
        assert_eq!(decades(9.9, 1, &range), 10.0);
        assert_eq!(decades(1e6, 1, &range), 1e6);
        assert_eq!(decades(1e-6, -1, &range), 1e-6);
        assert_eq!(decades(5.0, 10, &range), 6.0);
        assert_eq!(decades(5.05, 1, &range), 5.1);
        assert_eq!(decades(5.05, -1, &range), 5.0);
        // From one end of the range to the other, and each step is the number its digits mean.
        let (mut theta, mut steps) = (1e-6, 0);
        while theta < 1e6 {
            theta = decades(theta, 1, &range);
            steps += 1;
            assert_eq!(format!("{theta:.1e}").parse(), Ok(theta));
        }
        assert_eq!(steps, 12 * 90);
    }

    #[test]
    fn a_ladder_has_ends_and_no_gaps() {
        let rungs = [1, 2, 5, 10];
        assert_eq!(ladder(2, 1, &rungs), 5);
        assert_eq!(ladder(2, -1, &rungs), 1);
        assert_eq!(ladder(1, -1, &rungs), 1);
        assert_eq!(ladder(10, 10, &rungs), 10);
        assert_eq!(ladder(7, 1, &rungs), 10);
        assert_eq!(ladder(7, -1, &rungs), 5);
        assert_eq!(ladder(60, -1, &rungs), 10);
    }

    proptest! {
        #[test]
        fn up_and_down_is_where_it_was(k in 1i32..9_999, n in 1i32..20) {
            let value = f64::from(k) / 100.0;
            let up = linear(value, n, 100, &(0.0..=1000.0));
            prop_assert_eq!(linear(up, -n, 100, &(0.0..=1000.0)).to_bits(), value.to_bits());
            let up = decades(decades(value, 1, &(1e-6..=1e6)), n, &(1e-6..=1e6));
            prop_assert_eq!(decades(decades(up, 1, &(1e-6..=1e6)), -1, &(1e-6..=1e6)), up);
        }
    }
}
