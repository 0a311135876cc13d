//! What the way forward leaves where `f64` does not hold all numbers of a window.
//!
//! Where a pre-activation is far from 0, or c is, the slope of its activation is so small that a product of
//! a few of them is no `f64`: 1 − tanh² x is below 1e-868 at x = 1000. The activations, slopes and E of such
//! steps stand beside the usual tape with an exponent for every number; the way back makes the factors of
//! the paths of them by name, and takes all others from the tape.
//!
//! States may be small as well. One that nothing enters dies out, and beside a unit whose state has grown by
//! 2^1000 there is no room for one that has not. A window with such a step is run a second time, with an
//! exponent for every number, and all of it stands beside the tape.
//!
//! No number is lost without a sign before: of all windows that are not run so, slopes and activations
//! are above 2^-101, states above 2^-256 and weights above 2^-130
//! ([`Parameters::extended`](super::Parameters::extended)). What the way back carries is above 2^-300
//! ([`LEAST`]), and its longest product is that of δh, o, 1 − tanh² c, c, f' and R: 2^-989, still an
//! `f64`. Where tanh' c alone is smaller, but o, c and f' are not as small as they might be, that product
//! is what decides (`least`): an LSTM whose c has grown to 100 has numbers of `f64` all the same.

use std::borrow::Cow;

use ndarray::ArrayView2;

use super::forward::Stopped;
use super::link::{Form, Name};
use super::{Activation, Cell, Tape};
use crate::num::wide::scale_by_power_of_two;
use crate::num::wides::{add, plain_product, product, times, widen};
use crate::num::{Wide, vector};

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

    /// Whether the activation is below [`SMALL`], and so may be a state that is a product with it.
    fn is_small(self, x: f64) -> bool {
        self == Self::Of(Activation::Sigmoid) && x < SHUT
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

/// What there is of a window of T steps where `f64` does not hold all factors. Rows of H (or G·H) numbers,
/// flat.
#[derive(Clone, Debug, PartialEq)]
pub struct WideTape {
    hidden: usize,
    /// Letters and activations of the gates, in the order of their blocks.
    gates: Vec<(char, Squash)>,
    /// What makes h of c, beside o.
    output: Activation,
    /// At the steps before this one all activations and slopes are what the [`Tape`] has.
    first: usize,
    /// From there on, of each block of each step, activations and slopes where the [`Tape`] has others.
    rows: Vec<Option<[Vec<Wide>; 2]>>,
    /// E_1 … E_T, where the [`Tape`] has others.
    gains: Vec<Option<Vec<Wide>>>,
    /// h_0 … h_T; these and the following are empty where the states of the [`Tape`] are the same.
    h: Vec<Wide>,
    /// c_0 … c_T; empty for a cell without c.
    c: Vec<Wide>,
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
        let squashes = cell.squashes();
        let gates = &squashes[..cell.kind().gates()];
        let any = |is: &dyn Fn(Squash, f64) -> bool| {
            let blocks = sums.chunks_exact(cell.parameters().hidden());
            let mut blocks = blocks.zip(gates.iter().cycle());
            blocks.any(|(x, (_, squash))| x.iter().any(|&x| is(*squash, x)))
        };
        if !any(&|squash, x| squash.is_below(x, FAR)) {
            Self::Within
        } else if squashes.len() > gates.len() || any(&Squash::is_small) {
            Self::States
        } else {
            Self::Factors
        }
    }
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
    fn new<C: Cell>(cell: &C, tape: &Tape, first: usize) -> Self {
        Self {
            hidden: tape.hidden,
            gates: cell.squashes(),
            output: cell.semantics().state,
            first,
            rows: Vec::new(),
            gains: Vec::new(),
            h: Vec::new(),
            c: Vec::new(),
            candidate: Vec::new(),
            gate_state: Vec::new(),
            flat: None,
        }
    }

    /// With the states of a tape, whose pre-activations from step `first` on are these.
    pub(super) fn of_sums<C: Cell>(
        cell: &C,
        tape: &Tape,
        first: usize,
        sums: &[f64],
    ) -> Result<Self, Stopped> {
        let mut wide = Self::new(cell, tape, first);
        let width = wide.gates.len() * tape.hidden;
        for (row, t) in sums.chunks_exact(width.max(1)).zip(first..) {
            let sums = widen(row, 0);
            let step = WideStep {
                sums,
                ..WideStep::default()
            };
            wide.take(step, t)?;
        }
        wide.find_gains(tape);
        Ok(wide)
    }

    /// Runs the window from row 0 of its tape. `inputs` is T × D.
    pub(crate) fn run<C: Cell>(
        cell: &C,
        inputs: ArrayView2<f64>,
        tape: &Tape,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Self, Stopped> {
        let mut wide = Self {
            h: widen(tape.h(0), tape.exponents[0]),
            c: widen(tape.c(0), 0),
            gate_state: widen(tape.gate_state(0), 0),
            ..Self::new(cell, tape, 1)
        };
        wide.h.reserve_exact(tape.steps * wide.hidden);
        wide.c.reserve_exact(tape.steps * wide.c.len());
        wide.rows.reserve_exact(tape.steps * wide.gates.len());
        wide.candidate.reserve_exact(tape.candidate.len());
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
        wide.find_gains(tape);
        Ok(wide)
    }

    /// The memory that its numbers take.
    pub(super) fn bytes(&self) -> usize {
        let states = [&self.h, &self.c, &self.candidate].into_iter();
        let rows = self.rows.iter().flatten().flatten();
        let all = states.chain(rows).chain(self.gains.iter().flatten());
        all.map(|numbers| size_of_val(numbers.as_slice())).sum()
    }

    fn take(&mut self, step: WideStep, t: usize) -> Result<(), Stopped> {
        for (block, (_, squash)) in self.gates.iter().enumerate() {
            let sums = self.row(&step.sums, block);
            let is_below = |bound| {
                let mut sums = sums.iter();
                sums.any(|x| squash.is_below(x.saturating_f64(), bound))
            };
            if is_below(MOST) {
                return Err(Stopped::NotFinite(t));
            }
            if is_below(FLAT) {
                self.flat = self.flat.or(Some(t));
            }
            let row = (self.has_states() || is_below(FAR)).then(|| {
                let slopes = sums.iter().map(|&x| squash.slope(x));
                [self.activations(block, &step.sums), slopes.collect()]
            });
            self.rows.push(row);
        }
        let out_of_range = |x: &Wide| self.output.is_below(x.saturating_f64(), MOST);
        if step.c.iter().any(out_of_range) {
            return Err(Stopped::NotFinite(t));
        }
        self.h.extend(step.h);
        self.c.extend(step.c);
        self.candidate.extend(step.candidate);
        Ok(())
    }

    /// E_t takes δh_t to δc_t.
    fn find_gains(&mut self, tape: &Tape) {
        if tape.c.is_empty() {
            return;
        }
        let gain = |t: usize| {
            let flat = self.output.is_below(vector::largest(tape.c(t)), FAR);
            let o = self.rows_of('o', t);
            (flat || o.is_some()).then(|| {
                let c = if self.has_states() {
                    self.c(t).to_vec()
                } else {
                    widen(tape.c(t), 0)
                };
                let slopes: Vec<Wide> = c.iter().map(|&c| self.output.slope(c)).collect();
                match o {
                    Some([o, _]) => product(o, &slopes),
                    None => plain_product(tape.activation(t, self.block('o')), &slopes),
                }
            })
        };
        self.gains = (1..=tape.steps).map(gain).collect();
    }

    fn row<'a>(&self, flat: &'a [Wide], row: usize) -> &'a [Wide] {
        &flat[row * self.hidden..][..self.hidden]
    }

    /// Whether it has the states.
    pub const fn has_states(&self) -> bool {
        !self.h.is_empty()
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
        let rows = ['i', 'f', 'o'].map(|gate| self.rows_of(gate, t));
        rows.into_iter()
            .flatten()
            .flat_map(|[row, _]| row)
            .copied()
            .collect()
    }

    fn block(&self, letter: char) -> usize {
        let mut letters = self.gates.iter().map(|(letter, _)| *letter);
        letters.position(|other| other == letter).unwrap_or(0)
    }

    /// Activations and slopes of a gate at step t ≥ 1, where the [`Tape`] has others.
    fn rows_of(&self, letter: char, t: usize) -> Option<&[Vec<Wide>; 2]> {
        let step = t.checked_sub(self.first)?;
        let row = step * self.gates.len() + self.block(letter);
        self.rows.get(row)?.as_ref()
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

    /// The numbers of a factor of a path; `None` where they are what `tape` has, or belong to no step.
    pub fn values(&self, tape: &Tape, name: Name, t: usize) -> Option<Cow<'_, [Wide]>> {
        let minus = |mut x: Vec<Wide>, y: &[Wide]| {
            let negated: Vec<Wide> = y.iter().map(|y| y.negated()).collect();
            add(&mut x, &negated);
            x
        };
        let of = |letter| self.rows_of(letter, t);
        let of_states = self.has_states();
        let made = match name {
            Name::Gain(_) => return self.gains.get(t - 1)?.as_deref().map(Cow::Borrowed),
            Name::Gate(letter) => return Some((&of(letter)?[0]).into()),
            Name::Slope(_, Form::Zero) => vec![Wide::ZERO; self.hidden],
            Name::Slope(letter, _) => return Some((&of(letter)?[1]).into()),
            Name::Complement(letter) => complement(&of(letter)?[0]),
            Name::Coupled => minus(of('z')?[0].clone(), &tape.wide_c(t - 1)),
            Name::Difference => minus(tape.wide_h(t - 1), &of('n')?[0]),
            Name::Squashed(_) if of_states => self.squashed(self.c(t)),
            Name::Before if of_states => tape.wide_c(t - 1),
            Name::HBefore if of_states => tape.wide_h(t - 1),
            Name::Candidate if of_states => return Some(self.row(&self.candidate, t - 1).into()),
            _ => return None,
        };
        Some(made.into())
    }
}

/// 1 − x.
pub fn complement(x: &[Wide]) -> Vec<Wide> {
    x.iter().map(|x| Wide::ONE.plus(x.negated())).collect()
}
