//! The paths: their terms in the sum of δ_t, each path alone, and the totals without it.
//!
//! Between two neighbouring steps of an LSTM there is not one path but five, and δc_t is exactly
//! the sum of their terms:
//!
//! | path | term of δc_t | crosses |
//! |---|---|---|
//! | `carousel` | f_{t+1} ⊙ δc_{t+1} | nothing: the constant error carousel |
//! | `block`  | o_t(1-tanh²c_t) ⊙ R_zᵀ δz̄_{t+1} | R_z |
//! | `input`  | o_t(1-tanh²c_t) ⊙ R_iᵀ δī_{t+1} | R_i |
//! | `forget` | o_t(1-tanh²c_t) ⊙ R_fᵀ δf̄_{t+1} | R_f |
//! | `output` | o_t(1-tanh²c_t) ⊙ R_oᵀ δō_{t+1} | R_o |
//! | `peephole_input`, `peephole_forget`, `peephole_output` | p_i⊙δī_{t+1}, p_f⊙δf̄_{t+1}, p_o⊙δō_t | nothing |
//! | `loss` | o_t(1-tanh²c_t) ⊙ Δ_t | nothing |
//!
//! With full gate recurrence `gate_input`, `gate_forget` and `gate_output` land on i_t, f_t and o_t
//! themselves. They are no terms of δc_t, and contribute nothing to it; their share is the size of
//! what they bring to their gate.
//!
//! A vanilla RNN has `recurrent`, Rᵀ(φ'_{t+1} ⊙ δh_{t+1}), and `loss`, Δ_t, in δh_t; a GRU has `leak`,
//! z_{t+1} ⊙ δh_{t+1}, `update`, `reset` and `candidate` through its matrices, and `loss`. Norms of terms do
//! not add, since terms can cancel; their contributions ⟨term, δ_t⟩/|δ_t|² do, to 1.

use super::backward::{GoOn, Gradients, Sweep, Swept, power};
use super::{PathFlow, Totals};
use crate::cell::exact::LEAST;
use crate::cell::{Cell, Lands, Path, PathSet, Tape};
use crate::num::hadamard::{add_scaled, product};
use crate::num::simd::{self, Kernel};
use crate::num::{Number, Wide, vector, wides};

/// Mantissas are brought back near 1 when their norm passes 2^±this.
const ROOM: i64 = 100;

/// Measures the terms of one step, one after the other.
pub(super) struct Terms<N> {
    /// What is left of the terms when the total is taken away.
    rest: Vec<N>,
    /// Memory for a term.
    term: Vec<N>,
    /// 1/|δ_t|, in mantissas; 0 when δ_t is zero.
    inverse: N,
}

impl<N: Number> Terms<N> {
    pub fn new(hidden: usize) -> Self {
        Self {
            rest: vec![N::default(); hidden],
            term: vec![N::default(); hidden],
            inverse: N::default(),
        }
    }

    /// Begins a step with this total of this norm.
    #[inline(always)]
    pub fn begin(&mut self, total: &[N], norm: N) {
        for (rest, &d) in self.rest.iter_mut().zip(total) {
            *rest = -d;
        }
        let zero = N::default();
        self.inverse = if norm > zero { N::ONE / norm } else { zero };
    }

    /// The next term, gain ⊙ block · 2^exponent: its norm, and its contribution to `total`.
    /// `scale` takes the block's exponent to the total's.
    #[inline(always)]
    pub fn add<const FMA: bool>(
        &mut self,
        total: &[N],
        block: &[N],
        gain: Option<&[N]>,
        exponent: i64,
        scale: f64,
    ) -> (Wide, f64) {
        let Self {
            rest,
            term,
            inverse,
        } = self;
        let term = match gain {
            None => block,
            Some(gain) => {
                product(term, gain, block);
                term
            }
        };
        let scale = N::from(scale);
        add_scaled(rest, scale, term);
        let squares = N::dot::<FMA>(term, term).plain();
        let within = (1e-280..1e280).contains(&squares) && inverse.plain() <= 1e140;
        let (norm, along) = if within && !N::EXACT {
            let along = N::dot::<FMA>(term, total) * (*inverse * *inverse);
            let norm = match term {
                [x] => x.plain().abs(),
                _ => squares.sqrt(),
            };
            (N::from(norm), along)
        } else {
            // Squares that small or large would be lost: with the total at size 1 they are not.
            let parts = term.iter().zip(total).map(|(&x, &d)| x * *inverse * d);
            let sum = parts.fold(N::default(), |sum, part| sum + part);
            (N::norm::<FMA>(term), sum * *inverse)
        };
        (norm.widened(exponent), (along * scale).plain())
    }

    /// |Σ terms − total| / |total|: the proof that the paths add up.
    #[inline(always)]
    pub fn residual<const FMA: bool>(&self) -> f64 {
        (N::norm::<FMA>(&self.rest) * self.inverse).plain()
    }
}

impl PathFlow {
    pub(super) fn zeros(path: Path, steps: usize) -> Self {
        Self {
            path,
            share: vec![Wide::ZERO; steps],
            contribution: vec![0.0; steps],
            alone: Vec::new(),
            without: None,
        }
    }

    #[inline(always)]
    pub(super) fn set(&mut self, t: usize, (share, contribution): (Wide, f64)) {
        self.share[t - 1] = share;
        self.contribution[t - 1] = contribution;
    }
}

/// The chain of every path alone, from T down to 1, into `alone` of the path flows.
pub(super) fn each_alone<C: Cell>(cell: &C, tape: &Tape, swept: &mut Swept) {
    for k in 0..swept.paths.len() {
        let path = swept.paths[k].path;
        if path != Path::Loss {
            let alone = Alone {
                cell,
                tape,
                path,
                last: &swept.last,
                keep: tape.steps,
            };
            swept.paths[k].alone = alone.run().0;
        }
    }
}

/// The chain of a path alone: its norms, and its vector at step `keep`.
pub(super) struct Alone<'a, C> {
    pub cell: &'a C,
    pub tape: &'a Tape,
    pub path: Path,
    pub last: &'a Gradients,
    pub keep: usize,
}

impl<C: Cell> Alone<'_, C> {
    pub fn run(&self) -> (Vec<Wide>, Vec<Wide>) {
        let tape = self.tape;
        let usual = || simd::run(Chain { alone: self, tape });
        let found = if tape.wide.is_none() { usual() } else { None };
        let exact = || {
            let tape = &tape.exact();
            Chain { alone: self, tape }.run::<false>()
        };
        found.or_else(exact).unwrap_or_default()
    }
}

/// That chain through the tape of these numbers.
struct Chain<'a, N: Number, C> {
    alone: &'a Alone<'a, C>,
    tape: &'a Tape<N>,
}

impl<N: Number, C: Cell> Kernel for Chain<'_, N, C> {
    /// `None` where a number is too small beside the largest to keep its digits for another step.
    type Output = Option<(Vec<Wide>, Vec<Wide>)>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Self::Output {
        let Self { alone, tape } = self;
        let Alone {
            cell,
            path,
            last,
            keep,
            ..
        } = *alone;
        let start = match cell.alone_lives_on(path) {
            Lands::H | Lands::GateO => &last.h,
            _ => &last.c,
        };
        let watch = cell.mixes() && !N::EXACT;
        let scaled = wides::scaled::<N>(start);
        let (mut v, mut exponent) = (scaled.mantissas().to_vec(), scaled.exponent());
        let least = N::from(LEAST);
        let mut pairs = start.iter().zip(&v);
        let lost = watch && pairs.any(|(x, v)| !x.is_zero() && v.magnitude() < least);
        if let Some(factor) = cell.alone_starts_with(path, tape) {
            factor.apply::<FMA>(&mut v, false);
        }
        if lost || watch && N::smallest(&v) < LEAST {
            return None;
        }
        let mut next = v.clone();
        let mut norms = vec![Wide::ZERO; tape.steps];
        norms[tape.steps - 1] = N::norm::<FMA>(&v).widened(exponent);
        let mut kept = vec![Wide::ZERO; v.len()];
        if keep == tape.steps {
            kept = wides::widen(&v, exponent);
        }
        for t in (1..tape.steps).rev() {
            cell.alone::<_, FMA>(path, tape, t, &v, &mut next);
            let least = N::smallest(&next);
            let norm = N::norm::<FMA>(&next);
            if norm == N::default() {
                break;
            }
            norms[t - 1] = norm.widened(exponent);
            let shift = vector::near_one(&mut next, norm, ROOM);
            if watch && least < LEAST * power(shift.max(0)) {
                return None;
            }
            exponent += shift;
            std::mem::swap(&mut v, &mut next);
            if t == keep {
                kept = wides::widen(&v, exponent);
            }
        }
        Some((norms, kept))
    }
}

/// The totals without each path, into the path flows, and without sets of paths, by name. `None`
/// when the caller ended it.
pub(super) fn without<C: Cell>(
    whole: Sweep<C>,
    paths: &mut [PathFlow],
    go_on: GoOn,
) -> Option<Vec<(&'static str, Totals)>> {
    let Sweep { cell, cuts, .. } = whole;
    let mut totals = |cuts: PathSet| -> Option<Totals> {
        let sweep = Sweep {
            cuts,
            detail: false,
            ..whole
        };
        Some(sweep.run(&mut *go_on)?.totals)
    };
    for flow in paths.iter_mut().filter(|flow| flow.path != Path::Loss) {
        flow.without = Some(totals(cuts.with(flow.path))?);
    }
    let gates: Vec<Path> = cell
        .carried()
        .iter()
        .map(|c| c.path)
        .filter(|path| path.crosses())
        .collect();
    let peepholes = [
        Path::PeepholeInput,
        Path::PeepholeForget,
        Path::PeepholeOutput,
    ];
    let together = |more: &[Path]| cuts.with_all(more);
    let mut sets = Vec::new();
    // With one matrix only, its own cut says it already.
    if gates.len() > 1 {
        sets.push(("gates", totals(together(&gates))?));
    }
    if cell.same_step_path().is_some() {
        sets.push(("peepholes", totals(together(&peepholes))?));
        sets.push((
            "gates_peepholes",
            totals(together(&[gates.as_slice(), peepholes.as_slice()].concat()))?,
        ));
    }
    Some(sets)
}
