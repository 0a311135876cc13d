//! What the way forward leaves where `f64` does not hold all numbers of a window.
//!
//! Where a pre-activation is far from 0, or c is, the slope of its activation is so small that a product of
//! a few of them is no `f64`: 1 − tanh² x is below 1e-868 at x = 1000. A state that nothing enters dies
//! out, and beside a unit whose state has grown by 2^1000 there is no room for one that has not. A window
//! with such a step is run a second time, with an exponent for every number. What is kept of it are the
//! pre-activations and the states; the factors of the paths are made of them by name.
//!
//! No number is lost without a sign before: of all windows that are not run so, slopes and activations
//! are above 2^-101, states above 2^-256 and weights above 2^-130
//! ([`Parameters::extended`](super::Parameters::extended)). What the way back carries is above 2^-300
//! ([`LEAST`]), and its longest product is that of δh, o, 1 − tanh² c, c, f' and R: 2^-989, still an
//! `f64`. Where tanh' c alone is smaller, but o, c and f' are not as small as they might be, that product
//! is what decides (`least`): an LSTM whose c has grown to 100 has numbers of `f64` all the same.

use ndarray::ArrayView2;

use super::forward::Stopped;
use super::link::{Form, Name};
use super::{Activation, Cell, Tape};
use crate::num::wide::scale_by_power_of_two;
use crate::num::wides::{add, product, times, widen};
use crate::num::{Wide, vector};

/// An activation is small beyond this pre-activation, and tanh' beyond the half of it: below 2^-101.
const FAR: f64 = 70.0;

/// A state, pre-activation or input other than 0 is small below this, 2^-256.
const SMALL: f64 = 1.0 / ((1_u128 << 127) as f64 * (1_u128 << 127) as f64 * 4.0);

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

/// What makes the activation of a gate of its pre-activation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Squash {
    /// This function.
    Of(Activation),
    /// The gate is a constant.
    Constant(f64),
    /// 1 − the activation of the first block, which has the gradient of this one as well.
    Complement,
}

impl From<Activation> for Squash {
    fn from(activation: Activation) -> Self {
        Self::Of(activation)
    }
}

impl Activation {
    /// Whether value or slope is below e^−bound, and not 0.
    fn is_below(self, x: f64, bound: f64) -> bool {
        match self {
            Self::Sigmoid | Self::Elu => x < -bound,
            Self::Tanh => x.abs() > 0.5 * bound,
            Self::Softsign => x.abs() > (0.5 * bound).exp(),
            Self::Relu | Self::Linear | Self::HardSigmoid | Self::HardSigmoid6 => false,
        }
    }

    fn value(self, x: Wide) -> Wide {
        let plain = x.saturating_f64();
        match self {
            Self::Sigmoid => {
                let e = Wide::exp(-plain.abs());
                let d = Wide::from_f64(1.0 / (1.0 + e.saturating_f64()));
                if plain >= 0.0 { d } else { e.times(d) }
            }
            // Of so small a number it is the number itself.
            Self::Tanh | Self::Elu | Self::Softsign if plain.abs() < 1e-17 => x,
            Self::Elu if x > Wide::ZERO => x,
            Self::Relu if x < Wide::ZERO => Wide::ZERO,
            Self::Relu | Self::Linear => x,
            _ => Wide::from_f64(self.at(plain).0),
        }
    }

    fn slope(self, x: Wide) -> Wide {
        match self {
            // As `elementwise::sigmoid` has it.
            Self::Sigmoid => {
                let s = self.value(x);
                s.times(Wide::from_f64(1.0 - s.saturating_f64()))
            }
            Self::Tanh => {
                let e = Wide::exp(-2.0 * x.saturating_f64().abs());
                let d = 1.0 / (1.0 + e.saturating_f64());
                e.times(Wide::from_f64(4.0 * d * d))
            }
            Self::Relu if x <= Wide::ZERO => Wide::ZERO,
            Self::Relu | Self::Linear => Wide::ONE,
            Self::Elu => Wide::exp(x.saturating_f64().min(0.0)),
            Self::Softsign => {
                let d =
                    Wide::ONE.ratio(Wide::ONE.plus(if x < Wide::ZERO { x.negated() } else { x }));
                d.map_or(Wide::ZERO, |d| d.times(d))
            }
            Self::HardSigmoid | Self::HardSigmoid6 => Wide::from_f64(self.at(x.saturating_f64()).1),
        }
    }
}

impl Squash {
    /// The function, unless the gate is none of its own pre-activation.
    const fn function(self) -> Option<Activation> {
        match self {
            Self::Of(activation) => Some(activation),
            Self::Constant(_) | Self::Complement => None,
        }
    }

    fn is_below(self, x: f64, bound: f64) -> bool {
        self.function().is_some_and(|f| f.is_below(x, bound))
    }

    fn value(self, x: Wide) -> Wide {
        match self {
            Self::Of(activation) => activation.value(x),
            Self::Complement => x,
            Self::Constant(value) => Wide::from_f64(value),
        }
    }

    fn slope(self, x: Wide) -> Wide {
        self.function().map_or(Wide::ZERO, |f| f.slope(x))
    }
}

/// Pre-activations and states of a window of T steps. Rows of H (or G·H) numbers, flat.
#[derive(Clone, Debug, PartialEq)]
pub struct WideTape {
    hidden: usize,
    /// Letters and activations of the gates, in the order of their blocks.
    gates: Vec<(char, Squash)>,
    /// What makes h of c, beside o.
    output: Activation,
    /// h_0 … h_T.
    h: Vec<Wide>,
    /// c_0 … c_T; empty for a cell without c.
    c: Vec<Wide>,
    /// The pre-activations at steps 1 … T.
    sums: Vec<Wide>,
    /// m_1 … m_T of a GRU; empty for other cells.
    candidate: Vec<Wide>,
    /// i_0, f_0 and o_0 as part of the state; empty unless the gates see each other.
    gate_state: Vec<Wide>,
    /// The first step with a gate whose activation or slope is no `f64`.
    pub flat: Option<usize>,
}

/// A step forward, for [`WideTape`] to take in.
#[derive(Debug, Default)]
pub struct WideStep {
    /// The pre-activations.
    pub sums: Vec<Wide>,
    /// h_t.
    pub h: Vec<Wide>,
    /// c_t, or nothing.
    pub c: Vec<Wide>,
    /// m_t of a GRU, or nothing.
    pub candidate: Vec<Wide>,
}

/// What the numbers of some steps lie within.
pub(super) struct Range {
    /// The largest pre-activation.
    pub largest_sum: f64,
    /// The largest c.
    pub largest_c: f64,
    /// The smallest input, pre-activation or state that is not 0.
    pub smallest: f64,
}

/// Whether the numbers of some steps, with these pre-activations (rows of G·H), lead out of `f64`, but for
/// those of tanh c ([`is_saturated`]).
pub(super) fn is_extended<C: Cell>(cell: &C, range: Range, sums: &[f64]) -> bool {
    if range.smallest < SMALL {
        return true;
    }
    if range.largest_sum <= 0.5 * FAR {
        return false;
    }
    let gates = &cell.squashes()[..cell.kind().gates()];
    let blocks = sums.chunks_exact(cell.parameters().hidden());
    blocks
        .zip(gates.iter().cycle())
        .any(|(x, (_, squash))| x.iter().any(|&x| squash.is_below(x, FAR)))
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

impl WideTape {
    /// Runs the window from row 0 of its tape. `inputs` is T × D.
    pub(crate) fn run<C: Cell>(
        cell: &C,
        inputs: ArrayView2<f64>,
        tape: &Tape,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Self, Stopped> {
        let mut wide = Self {
            hidden: tape.hidden,
            gates: cell.squashes(),
            output: cell.semantics().state,
            h: widen(tape.h(0), tape.exponents[0]),
            c: widen(tape.c(0), 0),
            sums: Vec::new(),
            candidate: Vec::new(),
            gate_state: widen(tape.gate_state(0), 0),
            flat: None,
        };
        let bias = cell.bias().map_or_else(Vec::new, |bias| bias.to_vec());
        let bias = widen(&bias, 0);
        for (x, t) in inputs.rows().into_iter().zip(1..) {
            if !x.iter().all(|x| x.is_finite()) {
                return Err(Stopped::NotFinite(t));
            }
            let mut input = times(cell.parameters().w.view(), &widen(&x.to_vec(), 0));
            add(&mut input, &bias);
            let step = cell.forward_wide(&wide, input, t);
            wide.take(step, t)?;
            if t % 8 == 0 && !go_on(t as f64 / tape.steps as f64) {
                return Err(Stopped::Cancelled);
            }
        }
        Ok(wide)
    }

    fn take(&mut self, step: WideStep, t: usize) -> Result<(), Stopped> {
        let is_below = |bound: f64| {
            let blocks = step.sums.chunks_exact(self.hidden).zip(&self.gates);
            let mut values =
                blocks.flat_map(|(x, (_, squash))| x.iter().map(move |x| (*squash, x)));
            values.any(|(squash, x)| squash.is_below(x.saturating_f64(), bound))
        };
        let out_of_range = |x: &Wide| self.output.is_below(x.saturating_f64(), MOST);
        if is_below(MOST) || step.c.iter().any(out_of_range) {
            return Err(Stopped::NotFinite(t));
        }
        if self.flat.is_none() && is_below(FLAT) {
            self.flat = Some(t);
        }
        self.sums.extend(step.sums);
        self.h.extend(step.h);
        self.c.extend(step.c);
        self.candidate.extend(step.candidate);
        Ok(())
    }

    fn row<'a>(&self, flat: &'a [Wide], row: usize) -> &'a [Wide] {
        &flat[row * self.hidden..][..self.hidden]
    }

    /// h_t, 0 ≤ t ≤ T.
    pub fn h(&self, t: usize) -> &[Wide] {
        self.row(&self.h, t)
    }

    /// c_t, 0 ≤ t ≤ T.
    pub fn c(&self, t: usize) -> &[Wide] {
        self.row(&self.c, t)
    }

    /// i_t, f_t, o_t as part of the state, 0 ≤ t ≤ T; empty unless the gates see each other.
    pub fn gate_state(&self, t: usize) -> Vec<Wide> {
        if t == 0 || self.gate_state.is_empty() {
            return self.gate_state.clone();
        }
        let gates = ['i', 'f', 'o'].into_iter();
        gates.flat_map(|gate| self.activation(gate, t)).collect()
    }

    fn block(&self, letter: char) -> usize {
        let mut letters = self.gates.iter().map(|(letter, _)| *letter);
        letters.position(|other| other == letter).unwrap_or(0)
    }

    fn sums(&self, block: usize, t: usize) -> &[Wide] {
        self.row(&self.sums, (t - 1) * self.gates.len() + block)
    }

    /// The activation of a gate at step t ≥ 1.
    pub fn activation(&self, letter: char, t: usize) -> Vec<Wide> {
        let block = self.block(letter);
        let width = self.gates.len() * self.hidden;
        self.activations(block, &self.sums[(t - 1) * width..][..width])
    }

    /// The activation of a block of these pre-activations, those of a step.
    pub fn activations(&self, block: usize, sums: &[Wide]) -> Vec<Wide> {
        match self.gates[block].1 {
            Squash::Complement => complement(&self.activations(0, sums)),
            squash => {
                let sums = self.row(sums, block).iter();
                sums.map(|&x| squash.value(x)).collect()
            }
        }
    }

    /// tanh c, or c where there is no output activation.
    pub fn squashed(&self, c: &[Wide]) -> Vec<Wide> {
        c.iter().map(|&c| self.output.value(c)).collect()
    }

    /// E_t at step t ≥ 1, which takes δh_t to δc_t; nothing for a cell without c.
    pub fn gain(&self, t: usize) -> Option<Vec<Wide>> {
        if self.c.is_empty() {
            return None;
        }
        let slope: Vec<Wide> = self.c(t).iter().map(|&c| self.output.slope(c)).collect();
        Some(product(&self.activation('o', t), &slope))
    }

    /// The numbers of a factor of a path; `None` for those that belong to no step.
    pub fn values(&self, name: Name, t: usize) -> Option<Vec<Wide>> {
        let minus = |mut x: Vec<Wide>, y: &[Wide]| {
            let negated: Vec<Wide> = y.iter().map(|y| y.negated()).collect();
            add(&mut x, &negated);
            x
        };
        Some(match name {
            Name::Gain(_) => self.gain(t)?,
            Name::Gate(letter) => self.activation(letter, t),
            Name::Slope(_, Form::Zero) => vec![Wide::ZERO; self.hidden],
            Name::Slope(letter, _) => {
                let block = self.block(letter);
                let squash = self.gates[block].1;
                self.sums(block, t)
                    .iter()
                    .map(|&x| squash.slope(x))
                    .collect()
            }
            Name::Complement(letter) => complement(&self.activation(letter, t)),
            Name::Squashed(_) => self.squashed(self.c(t)),
            Name::Before => self.c(t - 1).to_vec(),
            Name::Coupled => minus(self.activation('z', t), self.c(t - 1)),
            Name::Difference => minus(self.h(t - 1).to_vec(), &self.activation('n', t)),
            Name::HBefore => self.h(t - 1).to_vec(),
            Name::Candidate => self.row(&self.candidate, t - 1).to_vec(),
            Name::Rotation | Name::Weights(_) | Name::Transposed(_) | Name::Between(..) => {
                return None;
            }
        })
    }
}

/// 1 − x.
pub fn complement(x: &[Wide]) -> Vec<Wide> {
    x.iter().map(|x| Wide::ONE.plus(x.negated())).collect()
}
