//! What the forward pass leaves behind for the way back.

use std::borrow::Cow;

use super::link::Name;
use super::wide_tape::LEAST;
use super::{Activation, WideTape};
use crate::num::Wide;
use crate::num::aligned::Aligned;
use crate::num::wides::widen;

/// States, activations and slopes of a window of T steps. Rows of H (or G·H) numbers, flat.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tape {
    /// Units H.
    pub hidden: usize,
    /// Gates G.
    pub gates: usize,
    /// Steps T.
    pub steps: usize,
    /// h_0 … h_T, as mantissas: h_t is row t times 2^`exponents[t]`.
    pub h: Aligned,
    /// c_0 … c_T; empty for a cell without c.
    pub c: Aligned,
    /// The activations of all gates at steps 1 … T (at row t − 1).
    pub activations: Aligned,
    /// Their derivatives with respect to the pre-activations.
    pub slopes: Aligned,
    /// tanh(c_t), or c_t where there is no output activation; empty for a cell without c.
    pub squashed: Aligned,
    /// E_t = o_t (1 − tanh² c_t), or o_t without output activation, which takes δh_t to δc_t; empty for a cell without c.
    pub gain: Aligned,
    /// m_t = R_n h_{t-1} + b_hn of a GRU, which r_t multiplies, or r_t ⊙ h_{t-1}, which R_n multiplies;
    /// empty for other cells.
    pub candidate: Vec<f64>,
    /// i_t, f_t, o_t as part of the state, at steps 0 … T, 3H numbers a row; empty unless the gates
    /// see each other.
    pub gate_state: Vec<f64>,
    /// Binary exponents of h_0 … h_T; other than 0 only where the state of a linear or relu
    /// network, or of an LRU, leaves `f64`.
    pub exponents: Vec<i64>,
    /// The window with an exponent for every number, where `f64` does not hold them all.
    pub wide: Option<Box<WideTape>>,
    /// What is carried back may be as small as this beside the largest of it, where no more is made of it
    /// than its size.
    pub least: f64,
}

impl Tape {
    /// A tape of zeros; `with_c` for a cell that has a c.
    pub fn new(hidden: usize, gates: usize, steps: usize, with_c: bool) -> Self {
        let c = |rows: usize| Aligned::zeros(if with_c { rows * hidden } else { 0 });
        Self {
            hidden,
            gates,
            steps,
            h: Aligned::zeros((steps + 1) * hidden),
            c: c(steps + 1),
            activations: Aligned::zeros(steps * gates * hidden),
            slopes: Aligned::zeros(steps * gates * hidden),
            squashed: c(steps),
            gain: c(steps),
            candidate: Vec::new(),
            gate_state: Vec::new(),
            exponents: vec![0; steps + 1],
            wide: None,
            least: LEAST,
        }
    }

    /// The memory that its numbers take.
    pub fn bytes(&self) -> usize {
        let numbers = [
            &self.h,
            &self.c,
            &self.activations,
            &self.slopes,
            &self.squashed,
            &self.gain,
        ];
        let numbers = numbers.map(|numbers| numbers.len()).iter().sum::<usize>();
        let numbers = numbers + self.candidate.len() + self.gate_state.len();
        let wide = self.wide.as_ref().map_or(0, |wide| wide.bytes());
        numbers * size_of::<f64>() + wide
    }

    /// h_t (mantissas), 0 ≤ t ≤ T.
    #[inline(always)]
    pub fn h(&self, t: usize) -> &[f64] {
        &self.h[t * self.hidden..][..self.hidden]
    }

    /// c_t, 0 ≤ t ≤ T; empty for a cell without c.
    #[inline(always)]
    pub fn c(&self, t: usize) -> &[f64] {
        if self.c.is_empty() {
            &[]
        } else {
            &self.c[t * self.hidden..][..self.hidden]
        }
    }

    /// h_from … h_to behind each other, c_from … c_to, m_{from + 1} … m_to; empty where there are none.
    #[inline(always)]
    pub(super) fn states(&self, from: usize, to: usize) -> [&[f64]; 3] {
        let n = self.hidden;
        let rows = from * n..(to + 1) * n;
        [
            &self.h[rows.clone()],
            self.c.get(rows).unwrap_or_default(),
            self.candidate.get(from * n..to * n).unwrap_or_default(),
        ]
    }

    /// The states with an exponent for every number, where they are kept so.
    fn wide_states(&self) -> Option<&WideTape> {
        self.wide.as_deref().filter(|wide| wide.has_states())
    }

    /// h_t with an exponent for every number.
    pub fn wide_h(&self, t: usize) -> Vec<Wide> {
        match self.wide_states() {
            Some(wide) => wide.h(t).to_vec(),
            None => widen(self.h(t), self.exponents[t]),
        }
    }

    /// c_t with an exponent for every number; empty for a cell without c.
    pub fn wide_c(&self, t: usize) -> Vec<Wide> {
        match self.wide_states() {
            Some(wide) if !self.c.is_empty() => wide.c(t).to_vec(),
            _ => widen(self.c(t), 0),
        }
    }

    /// The numbers of a factor with an exponent each; `None` where they are as they are.
    pub fn wide_values(&self, name: Name, t: usize) -> Option<Cow<'_, [Wide]>> {
        self.wide.as_ref()?.values(self, name, t)
    }

    /// The numbers of a factor with an exponent each; of `plain` where they have no exponents.
    pub fn wide_or(&self, name: Name, t: usize, plain: impl Iterator<Item = f64>) -> Vec<Wide> {
        let wide = self.wide_values(name, t);
        wide.map_or_else(|| plain.map(Wide::from_f64).collect(), Cow::into_owned)
    }

    /// E_t with an exponent for every number, at step t ≥ 1; `None` for a cell without c.
    pub fn wide_gain(&self, t: usize) -> Option<Cow<'_, [Wide]>> {
        let gain = self.gain(t)?;
        let wide = self.wide_values(Name::Gain(Activation::Tanh), t);
        Some(wide.unwrap_or_else(|| widen(gain, 0).into()))
    }

    /// i_t, f_t, o_t with an exponent for every number, where they belong to the state; else empty.
    pub fn wide_gate_state(&self, t: usize) -> Vec<Wide> {
        match self.wide_states() {
            Some(wide) => wide.gate_state(t),
            None => widen(self.gate_state(t), 0),
        }
    }

    /// The activations of gate `g` at step t ≥ 1.
    #[inline(always)]
    pub fn activation(&self, t: usize, g: usize) -> &[f64] {
        &self.activations[((t - 1) * self.gates + g) * self.hidden..][..self.hidden]
    }

    /// The slopes of gate `g` at step t ≥ 1.
    #[inline(always)]
    pub fn slope(&self, t: usize, g: usize) -> &[f64] {
        &self.slopes[((t - 1) * self.gates + g) * self.hidden..][..self.hidden]
    }

    /// i_t, f_t, o_t as part of the state, 0 ≤ t ≤ T; empty unless the gates see each other.
    #[inline(always)]
    pub fn gate_state(&self, t: usize) -> &[f64] {
        if self.gate_state.is_empty() {
            &[]
        } else {
            &self.gate_state[t * 3 * self.hidden..][..3 * self.hidden]
        }
    }

    /// How many parts of H numbers the state has: h, perhaps c, perhaps i, f and o.
    pub fn parts(&self) -> usize {
        if !self.gate_state.is_empty() {
            5
        } else if self.c.is_empty() {
            1
        } else {
            2
        }
    }

    /// m_t at step t ≥ 1 of a GRU.
    #[inline(always)]
    pub fn candidate(&self, t: usize) -> &[f64] {
        &self.candidate[(t - 1) * self.hidden..][..self.hidden]
    }

    /// tanh(c_t) at step t ≥ 1.
    #[inline(always)]
    pub fn squashed(&self, t: usize) -> &[f64] {
        &self.squashed[(t - 1) * self.hidden..][..self.hidden]
    }

    /// E_t at step t ≥ 1; `None` for a cell without c.
    #[inline(always)]
    pub fn gain(&self, t: usize) -> Option<&[f64]> {
        (!self.gain.is_empty()).then(|| &self.gain[(t - 1) * self.hidden..][..self.hidden])
    }
}

/// Row t − 1 and row t of a flat array of rows of `n`.
#[inline(always)]
pub(super) fn rows(flat: &mut [f64], t: usize, n: usize) -> (&[f64], &mut [f64]) {
    let (before, now) = flat.split_at_mut(t * n);
    (&before[(t - 1) * n..], &mut now[..n])
}
