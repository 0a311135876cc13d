//! What the forward pass leaves behind for the way back.

use std::borrow::Cow;

use super::exact::LEAST;
use crate::num::aligned::Aligned;
use crate::num::wides::widen;
use crate::num::{Number, Wide};

/// States, activations and slopes of a window of T steps. Rows of H (or G·H) numbers, flat.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tape<N: Number = f64> {
    /// Units H.
    pub hidden: usize,
    /// Gates G.
    pub gates: usize,
    /// Steps T.
    pub steps: usize,
    /// h_0 … h_T, as mantissas: h_t is row t times 2^`exponents[t]`.
    pub h: Aligned<N>,
    /// c_0 … c_T; empty for a cell without c.
    pub c: Aligned<N>,
    /// The activations of all gates at steps 1 … T (at row t − 1).
    pub activations: Aligned<N>,
    /// Their derivatives with respect to the pre-activations.
    pub slopes: Aligned<N>,
    /// tanh(c_t), or c_t where there is no output activation; empty for a cell without c.
    pub squashed: Aligned<N>,
    /// E_t = o_t (1 − tanh² c_t), or o_t without output activation, which takes δh_t to δc_t; empty for a cell
    /// without c.
    pub gain: Aligned<N>,
    /// m_t = R_n h_{t-1} + b_hn of a GRU, which r_t multiplies, or r_t ⊙ h_{t-1}, which R_n multiplies;
    /// empty for other cells.
    pub candidate: Vec<N>,
    /// i_t, f_t, o_t as part of the state, at steps 0 … T, 3H numbers a row; empty unless the gates
    /// see each other.
    pub gate_state: Vec<N>,
    /// Binary exponents of h_0 … h_T; other than 0 only where the state of a linear or relu
    /// network, or of an LRU, leaves `f64`.
    pub exponents: Vec<i64>,
    /// Where `f64` does not hold all numbers, the tape with an exponent for every one.
    pub wide: Option<Box<Tape<Wide>>>,
    /// The first step with a gate whose activation or slope is no `f64`; known of tapes of other numbers only.
    pub flat: Option<usize>,
    /// What is carried back may be as small as this beside the largest of it, where no more is made of it
    /// than its size.
    pub least: f64,
}

impl Tape {
    /// The tape with an exponent for every number: the one that stands beside it, or a copy.
    pub fn exact(&self) -> Cow<'_, Tape<Wide>> {
        match &self.wide {
            Some(wide) => Cow::Borrowed(wide),
            None => Cow::Owned(self.exact_copy()),
        }
    }

    /// A copy with an exponent for every number.
    pub(super) fn exact_copy(&self) -> Tape<Wide> {
        let n = self.hidden;
        let aligned = |x: &[f64]| {
            let mut numbers = Aligned::zeros(x.len());
            for (to, &x) in numbers.iter_mut().zip(x) {
                *to = Wide::from(x);
            }
            numbers
        };
        let mut h = aligned(&self.h);
        for (h, &exponent) in h.chunks_exact_mut(n).zip(&self.exponents) {
            Wide::shift(h, exponent);
        }
        Tape {
            hidden: n,
            gates: self.gates,
            steps: self.steps,
            h,
            c: aligned(&self.c),
            activations: aligned(&self.activations),
            slopes: aligned(&self.slopes),
            squashed: aligned(&self.squashed),
            gain: aligned(&self.gain),
            candidate: widen(&self.candidate, 0),
            gate_state: widen(&self.gate_state, 0),
            exponents: vec![0; self.steps + 1],
            wide: None,
            flat: None,
            least: self.least,
        }
    }
}

impl<N: Number> Tape<N> {
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
            flat: None,
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
        numbers * size_of::<N>() + wide
    }

    /// h_t (mantissas), 0 ≤ t ≤ T.
    #[inline(always)]
    pub fn h(&self, t: usize) -> &[N] {
        &self.h[t * self.hidden..][..self.hidden]
    }

    /// c_t, 0 ≤ t ≤ T; empty for a cell without c.
    #[inline(always)]
    pub fn c(&self, t: usize) -> &[N] {
        if self.c.is_empty() {
            &[]
        } else {
            &self.c[t * self.hidden..][..self.hidden]
        }
    }

    /// h_from … h_to behind each other, c_from … c_to, m_{from + 1} … m_to; empty where there are none.
    #[inline(always)]
    pub(super) fn states(&self, from: usize, to: usize) -> [&[N]; 3] {
        let n = self.hidden;
        let rows = from * n..(to + 1) * n;
        [
            &self.h[rows.clone()],
            self.c.get(rows).unwrap_or_default(),
            self.candidate.get(from * n..to * n).unwrap_or_default(),
        ]
    }

    /// h_t with an exponent for every number.
    pub fn wide_h(&self, t: usize) -> Vec<Wide> {
        match &self.wide {
            Some(wide) => wide.h(t).to_vec(),
            None => widen(self.h(t), self.exponents[t]),
        }
    }

    /// The activations of gate `g` at step t ≥ 1.
    #[inline(always)]
    pub fn activation(&self, t: usize, g: usize) -> &[N] {
        &self.activations[((t - 1) * self.gates + g) * self.hidden..][..self.hidden]
    }

    /// The slopes of gate `g` at step t ≥ 1.
    #[inline(always)]
    pub fn slope(&self, t: usize, g: usize) -> &[N] {
        &self.slopes[((t - 1) * self.gates + g) * self.hidden..][..self.hidden]
    }

    /// i_t, f_t, o_t as part of the state, 0 ≤ t ≤ T; empty unless the gates see each other.
    #[inline(always)]
    pub fn gate_state(&self, t: usize) -> &[N] {
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

    /// h_{t-1}, and the rows that a step t ≥ 1 writes: h_t, and activations and slopes of all gates.
    #[inline(always)]
    pub(super) fn step(&mut self, t: usize) -> (&[N], &mut [N], [&mut [N]; 2]) {
        let width = self.gates * self.hidden;
        let (before, h) = rows(&mut self.h, t, self.hidden);
        let of_step = (t - 1) * width..t * width;
        let act = &mut self.activations[of_step.clone()];
        (before, h, [act, &mut self.slopes[of_step]])
    }

    /// m_t at step t ≥ 1 of a GRU.
    #[inline(always)]
    pub fn candidate(&self, t: usize) -> &[N] {
        &self.candidate[(t - 1) * self.hidden..][..self.hidden]
    }

    /// tanh(c_t) at step t ≥ 1.
    #[inline(always)]
    pub fn squashed(&self, t: usize) -> &[N] {
        &self.squashed[(t - 1) * self.hidden..][..self.hidden]
    }

    /// E_t at step t ≥ 1; `None` for a cell without c.
    #[inline(always)]
    pub fn gain(&self, t: usize) -> Option<&[N]> {
        (!self.gain.is_empty()).then(|| &self.gain[(t - 1) * self.hidden..][..self.hidden])
    }
}

/// Row t − 1 and row t of a flat array of rows of `n`.
#[inline(always)]
pub(super) fn rows<N>(flat: &mut [N], t: usize, n: usize) -> (&[N], &mut [N]) {
    let (before, now) = flat.split_at_mut(t * n);
    (&before[(t - 1) * n..], &mut now[..n])
}
