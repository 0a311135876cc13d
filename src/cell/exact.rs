//! Windows that `f64` does not hold: when that is noticed, and the tape that then stands beside the usual one.
//!
//! Where a pre-activation is far from 0, or c is, the slope of its activation is so small that a product of
//! a few of them is no `f64`: 1 − tanh² x is below 1e-868 at x = 1000. Of such a window the activations,
//! slopes and E are made once more of the pre-activations, as numbers with an exponent each.
//!
//! States may be small as well. One that nothing enters dies out, and beside a unit whose state has grown by
//! 2^1000 there is no room for one that has not. A window with such a step is run a second time, with such
//! numbers throughout.
//!
//! No number is lost without a sign before: of all windows that are not run so, slopes and activations
//! are above 2^-101, states above 2^-256 and weights above 2^-130
//! ([`Parameters::extended`](super::Parameters::extended)). What the way back carries is above 2^-300
//! ([`LEAST`]), and its longest product is that of δh, o, 1 − tanh² c, c, f' and R: 2^-989, still an
//! `f64`. Where tanh' c alone is smaller, but o, c and f' are not as small as they might be, that product
//! is what decides (`least`): an LSTM whose c has grown to 100 has numbers of `f64` all the same.

use ndarray::ArrayView2;

use super::forward::Stopped;
use super::{Activation, Cell, Tape};
use crate::num::hadamard::{add, multiply};
use crate::num::wide::scale_by_power_of_two;
use crate::num::wides::widen;
use crate::num::{Packed, Wide, vector};

/// An activation is small beyond this pre-activation, and tanh' beyond the half of it: below 2^-101.
const FAR: f64 = 70.0;

/// A state, pre-activation or input other than 0 is small below this, 2^-256.
const SMALL: f64 = 1.0 / ((1_u128 << 127) as f64 * (1_u128 << 127) as f64 * 4.0);

/// σ is below it from here on.
const SHUT: f64 = -177.0;

/// What the way back carries, beside the largest of it, is small below this, 2^-300.
pub const LEAST: f64 = SMALL / (1_u64 << 44) as f64;

/// Beyond this it is no `f64`, nor near it.
const FLAT: f64 = 690.0;

/// Beyond this the exponents of the slopes would lose the digits of their logarithms.
const MOST: f64 = (1_u64 << 40) as f64;

/// The longest product of the way back is at least this power of two, with [`LEAST`] in it.
const LONGEST: i64 = -989;

/// The least weights in it.
const WEIGHT: i64 = -130;

/// What the numbers of some steps lie within.
pub(super) struct Range {
    /// The largest pre-activation.
    pub largest_sum: f64,
    /// The largest c.
    pub largest_c: f64,
    /// The smallest input, pre-activation or state that is not 0.
    pub smallest: f64,
}

/// How far the numbers of some steps lead out of `f64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Extent {
    /// They do not, but for those of tanh c ([`is_saturated`]).
    Within,
    /// The slopes of some gates do, and activations that no state is made small by.
    Factors,
    /// States do.
    States,
}

impl Extent {
    /// That of steps with these pre-activations (rows of G·H).
    pub fn of<C: Cell>(cell: &C, range: &Range, sums: &[f64]) -> Self {
        if range.smallest < SMALL {
            return Self::States;
        }
        if range.largest_sum <= 0.5 * FAR {
            return Self::Within;
        }
        let is_small = |function, x| function == Activation::Sigmoid && x < SHUT;
        if !any(cell, sums, &|function, x| function.is_below(x, FAR)) {
            Self::Within
        } else if any(cell, sums, &is_small) {
            Self::States
        } else {
            Self::Factors
        }
    }
}

/// Whether this is said of any of these pre-activations (rows of G·H) and the function of its gate.
fn any<C: Cell>(cell: &C, sums: &[f64], is: &dyn Fn(Activation, f64) -> bool) -> bool {
    let functions = cell.functions();
    let blocks = sums.chunks_exact(cell.parameters().hidden());
    let mut blocks = blocks.zip(functions.iter().take(cell.kind().gates()).cycle());
    blocks.any(|(block, function)| {
        function.is_some_and(|function| block.iter().any(|&x| is(function, x)))
    })
}

/// Whether tanh' c of some steps is small.
pub(super) fn is_saturated<C: Cell>(cell: &C, range: &Range) -> bool {
    cell.semantics().state.is_below(range.largest_c, FAR)
}

/// What a way back that carries no more than the whole gradient may carry, through a tape of which tanh' c
/// alone is small: so little that the longest product stays where it otherwise is. `None` where that is not
/// below [`LEAST`], and for products with more factors than those of a plain LSTM.
pub(super) fn least<C: Cell>(cell: &C, tape: &Tape) -> Option<f64> {
    let longer = cell.parameters().peepholes.is_some() || !tape.gate_state.is_empty();
    let flushed = cell
        .semantics()
        .state
        .is_below(vector::largest(&tape.c), FLAT);
    if longer || flushed || tape.gain.is_empty() {
        return None;
    }
    let size = |x: &[f64]| vector::exponent_of(vector::smallest(x).min(1.0));
    let beside_slope = size(&tape.c)
        .min(size(&tape.activations))
        .min(size(&tape.squashed));
    let rest = LONGEST - WEIGHT - size(&tape.gain) - beside_slope - size(&tape.slopes);
    let least = scale_by_power_of_two(1.0, rest);
    (least <= LEAST).then_some(least)
}

/// The tape with the states that it has, and the activations and slopes that belong to these
/// pre-activations of the steps from `first` on.
pub(super) fn of_sums<C: Cell>(
    cell: &C,
    tape: &Tape,
    first: usize,
    sums: &[f64],
) -> Result<Tape<Wide>, Stopped> {
    let mut exact = tape.exact_copy();
    let width = tape.gates * tape.hidden;
    for (row, t) in sums.chunks_exact(width.max(1)).zip(first..) {
        note(cell, &mut exact, row, t)?;
        let of_step = (t - 1) * width..t * width;
        let act = &mut exact.activations[of_step.clone()];
        let slope = &mut exact.slopes[of_step];
        cell.activate::<_, false>(&widen(row, 0), act, slope);
    }
    if !tape.c.is_empty() {
        let state = cell.semantics().state;
        let c = &exact.c[tape.hidden..];
        state.apply::<_, false>(c, &mut exact.squashed, &mut exact.gain);
        for (gain, act) in exact
            .gain
            .chunks_exact_mut(tape.hidden)
            .zip(exact.activations.chunks_exact(width))
        {
            // The output gate is the last.
            multiply(gain, &act[width - tape.hidden..]);
        }
    }
    Ok(exact)
}

/// Runs the window again from row 0 of its tape. `inputs` is T × D.
pub(crate) fn run<C: Cell>(
    cell: &C,
    inputs: ArrayView2<f64>,
    tape: &Tape,
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Result<Tape<Wide>, Stopped> {
    let mut exact = tape.exact_copy();
    let weights = Packed::new(cell.parameters().w.view());
    let bias = cell.bias().map_or_else(Vec::new, |bias| bias.to_vec());
    let bias = widen(&bias, 0);
    let mut sums = vec![Wide::ZERO; tape.gates * tape.hidden];
    for (x, t) in inputs.rows().into_iter().zip(1..) {
        if !x.iter().all(|x| x.is_finite()) {
            return Err(Stopped::NotFinite(t));
        }
        weights.times::<_, false>(&widen(&x.to_vec(), 0), &mut sums, false);
        add(&mut sums, &bias);
        cell.forward::<_, false>(&mut sums, &mut exact, t);
        let plain: Vec<f64> = sums.iter().map(|x| x.saturating_f64()).collect();
        note(cell, &mut exact, &plain, t)?;
        let state = cell.semantics().state;
        let too_large = |x: &Wide| state.is_below(x.saturating_f64(), MOST);
        if exact.c(t).iter().any(too_large) {
            return Err(Stopped::NotFinite(t));
        }
        if t % 8 == 0 && !go_on(t as f64 / tape.steps as f64) {
            return Err(Stopped::Cancelled);
        }
    }
    Ok(exact)
}

/// Notes whether these pre-activations of a step are so far from 0 that a slope is no `f64`.
fn note<C: Cell>(cell: &C, exact: &mut Tape<Wide>, sums: &[f64], t: usize) -> Result<(), Stopped> {
    let is_below = |bound: f64| any(cell, sums, &|function, x| function.is_below(x, bound));
    if is_below(MOST) {
        return Err(Stopped::NotFinite(t));
    }
    if exact.flat.is_none() && is_below(FLAT) {
        exact.flat = Some(t);
    }
    Ok(())
}
