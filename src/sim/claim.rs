//! What a preset claims: a quantity of one window and the number it must have.
//!
//! A quantity is written `CELL.CURVE.MEASURE` or `CELL.NUMBER`, with the name of a cell, such as `rnn`,
//! `lstm`, `lstm-nfg` or `lru`.
//!
//! | curve | over t = 1…T |
//! |---|---|
//! | (none) | the cell's own curve: \|δc_t\| for the LSTM, \|δh_t\| for the others |
//! | `grad_h`, `grad_c` | \|δh_t\|, \|δc_t\| |
//! | `share.PATH` | the size of the path's term in the sum that makes up the cell's own curve |
//! | `alone.PATH` | the curve when the backward pass keeps only this path |
//! | `without.PATH` | the cell's own curve with this path cut; also `gates`, `peepholes`, `gates_peepholes` |
//!
//! | measure | with δ for the curve |
//! |---|---|
//! | `factor` | r = (\|δ_1\| / \|δ_T\|)^(1/(T-1)), the factor per step |
//! | `growth` | rᵀ, as on the screen |
//! | `change` | \|δ_1\| / \|δ_T\| |
//! | `peak`, `low` | the largest and the smallest \|δ_t\| / \|δ_T\| |
//! | `first`, `last` | \|δ_1\|, \|δ_T\| |
//!
//! A share is measured against the cell's own \|δ_T\|, since at T nothing comes back yet.
//!
//! | number | |
//! |---|---|
//! | `spectral_radius`, `norm` | of the RNN's matrix, or the largest \|λ\| of the LRU; `.block`, `.input`, `.forget`, `.output` behind it for the LSTM's |
//! | `loss` | L |
//! | `grad_norm`, `clipped_norm` | the norm of all parameter gradients before and after clipping |
//! | `clip_angle` | the angle between the two, in degrees |
//! | `clipped_steps` | the number of steps at which clipping `step` scaled δ |
//! | `grad_h0`, `grad_c0` | \|dL/dh_0\|, \|dL/dc_0\| |
//! | `gate.GATE.low`, `.mean`, `.high` | a gate's smallest, mean and largest activation over units and steps |
//! | `gate_sum_low`, `gate_sum_high` | the smallest and the largest sum of input and forget gate |
//! | `carousel_gain` | with peepholes, the largest f + p_i z i(1-i) + p_f c f(1-f) over units and steps |
//! | `largest_exponent` | 1/T ln σ_1 of ∂s_T/∂s_0, natural logarithm per step |
//! | `smallest_exponent` | of the Lyapunov exponents (natural logarithm per step, from the frame of the coordinates) that are not −∞ |
//! | `lost_exponents` | how many of them are −∞ |
//!
//! Numbers may leave the range of float64 on both sides: 1e-5000 is a number here.

mod quantity;

pub use quantity::Quantity;

use std::fmt;
use std::sync::Arc;

use crate::flow::{Flow, Lyapunov};
use crate::num::Wide;
use crate::sim::{Ask, Data, Progress, Settings, SimError, Simulation};
use crate::words::decimal;

/// A quantity, what is expected of it, and the settings under which.
#[derive(Clone, Debug)]
pub struct Claim {
    /// What is measured.
    pub quantity: Quantity,
    /// What is expected.
    pub expectation: Expectation,
    /// The settings that this claim changes, as written in the file; empty when none.
    pub with: String,
    /// All settings, those changes included.
    pub settings: Settings,
}

/// What is expected of a number.
#[derive(Clone, Debug)]
pub enum Expectation {
    /// This number, up to the relative tolerance. An expected 0 must be met exactly.
    Equal(Number, f64),
    /// At least the first and at most the second.
    Within(Option<Number>, Option<Number>),
}

/// A number of any size, and how it was written.
#[derive(Clone, Debug)]
pub struct Number {
    /// The number.
    pub value: Wide,
    text: String,
}

impl Number {
    /// Reads a decimal number such as `0.134`, `6.2e-61` or `1e-5000`.
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self {
            value: decimal::parse(text)?,
            text: text.to_owned(),
        })
    }
}

impl fmt::Display for Number {
    /// As it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equal(number, _) => write!(f, "{number}"),
            Self::Within(Some(low), Some(high)) => write!(f, "{low} to {high}"),
            Self::Within(Some(low), None) => write!(f, "at least {low}"),
            Self::Within(None, Some(high)) => write!(f, "at most {high}"),
            Self::Within(None, None) => f.write_str("any number"),
        }
    }
}

impl Expectation {
    /// Whether the number is what was expected.
    pub fn holds(&self, measured: Wide) -> bool {
        match self {
            Self::Equal(expected, tolerance) => close(measured, expected.value, *tolerance),
            Self::Within(low, high) => {
                low.as_ref().is_none_or(|low| measured >= low.value)
                    && high.as_ref().is_none_or(|high| measured <= high.value)
            }
        }
    }
}

/// Whether two numbers agree up to a relative tolerance; beyond float64 in their logarithms.
fn close(measured: Wide, expected: Wide, tolerance: f64) -> bool {
    if expected.is_zero() || measured.is_zero() {
        return expected.is_zero() && measured.is_zero();
    }
    if let (Some(m), Some(e)) = (measured.to_f64(), expected.to_f64()) {
        return (m - e).abs() <= tolerance * e.abs();
    }
    let same_sign = (measured > Wide::ZERO) == (expected > Wide::ZERO);
    // The logarithms themselves carry a rounding error that grows with their size.
    let room = (1.0 + tolerance).log10() + f64::EPSILON * expected.log10().abs();
    same_sign && (measured.log10() - expected.log10()).abs() <= room
}

/// A claim and what was measured.
#[derive(Clone, Debug)]
pub struct Checked<'a> {
    /// The claim.
    pub claim: &'a Claim,
    /// What was measured, or why nothing could be.
    pub measured: Result<Wide, String>,
}

impl Checked<'_> {
    /// Whether the claim holds.
    pub fn passed(&self) -> bool {
        self.measured
            .as_ref()
            .is_ok_and(|&measured| self.claim.expectation.holds(measured))
    }
}

/// Computes every claim. Claims about one cell under the same settings share one window. Where `progress`
/// says no, the claims that are left are not measured.
pub fn check<'a>(claims: &'a [Claim], progress: Progress) -> Vec<Checked<'a>> {
    let mut done: Vec<(&Claim, Result<Measured, SimError>)> = Vec::new();
    let same =
        |a: &Claim, b: &Claim| a.quantity.cell() == b.quantity.cell() && a.settings == b.settings;
    claims
        .iter()
        .enumerate()
        .map(|(index, claim)| {
            let known = done.iter().position(|(other, _)| same(claim, other));
            let place = known.unwrap_or_else(|| {
                let alike = || claims.iter().filter(|other| same(claim, other));
                let mut ask = Ask::default();
                alike().for_each(|c| c.quantity.ask(&mut ask));
                let exponents = alike().any(|c| c.quantity.wants_exponents());
                let mut part = |part| progress((index as f64 + part) / claims.len() as f64);
                done.push((claim, window(claim, ask, exponents, &mut part)));
                done.len() - 1
            });
            let measured = match &done[place].1 {
                Ok(Measured { flow, exponents }) => claim
                    .quantity
                    .measure(flow, exponents.as_ref())
                    .ok_or_else(|| {
                        "undefined: the gradient that it is measured against is 0".to_owned()
                    }),
                Err(error) => Err(error.to_string()),
            };
            Checked { claim, measured }
        })
        .collect()
}

/// What was measured on a window.
struct Measured {
    flow: Flow,
    /// The Lyapunov exponents, where they were wanted.
    exponents: Option<Lyapunov>,
}

/// The window that a claim is about.
fn window(
    claim: &Claim,
    ask: Ask,
    exponents: bool,
    progress: Progress,
) -> Result<Measured, SimError> {
    let mut settings = claim.settings.clone();
    let side = settings.side_for_choice(claim.quantity.cell());
    let mut simulation = Simulation::new(settings, Arc::new(Data::default()))?;
    let flow = simulation.flow(side, ask, &mut *progress)?;
    let exponents = if exponents {
        let window = simulation.window(side, &mut *progress)?;
        Some(window.lyapunov(progress)?)
    } else {
        None
    };
    Ok(Measured { flow, exponents })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(expected: &str, tolerance: f64, measured: &str) -> bool {
        let expected = Number::parse(expected).unwrap();
        Expectation::Equal(expected, tolerance).holds(decimal::parse(measured).unwrap())
    }

    #[test]
    fn tolerance_is_relative() {
        assert!(equal("0.13398", 1e-4, "0.133979674857"));
        assert!(!equal("0.13398", 1e-6, "0.133979674857"));
        assert!(equal("6.2e-61", 0.01, "6.22e-61"));
        assert!(!equal("6.2e-61", 1e-3, "6.22e-61"));
        assert!(equal("1e-5000", 1e-9, "1e-5000"));
        assert!(!equal("1e-5000", 1e-2, "1.1e-5000"));
        assert!(!equal("1e-5000", 1e-2, "-1e-5000"));
    }

    #[test]
    fn an_expected_zero_is_met_exactly() {
        assert!(equal("0", 1.0, "0"));
        assert!(!equal("0", 1.0, "1e-5000"));
        assert!(!equal("1e-300", 1.0, "0"));
    }

    #[test]
    fn bounds_include_their_ends() {
        let number = |text| Number::parse(text);
        let measured = decimal::parse("1e-5000").unwrap();
        assert!(Expectation::Within(number("1e-5000"), number("1e-5000")).holds(measured));
        assert!(!Expectation::Within(number("1e-4999"), None).holds(measured));
        assert!(!Expectation::Within(None, number("1e-5001")).holds(measured));
    }
}
