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
use crate::cell::wide_tape::LEAST;
use crate::cell::{Cell, Lands, Path, PathSet, Tape, link};
use crate::num::hadamard::{add_scaled, product};
use crate::num::simd::{self, Kernel};
use crate::num::{Wide, vector, wides};

/// Measures the terms of one step, one after the other.
pub(super) struct Terms {
    /// What is left of the terms when the total is taken away.
    rest: Vec<f64>,
    /// Memory for a term.
    term: Vec<f64>,
    /// 1/|δ_t|, in mantissas; 0 when δ_t is zero.
    inverse: f64,
}

impl Terms {
    pub fn new(hidden: usize) -> Self {
        Self {
            rest: vec![0.0; hidden],
            term: vec![0.0; hidden],
            inverse: 0.0,
        }
    }

    /// Begins a step with this total of this norm.
    #[inline(always)]
    pub fn begin(&mut self, total: &[f64], norm: f64) {
        for (rest, &d) in self.rest.iter_mut().zip(total) {
            *rest = -d;
        }
        self.inverse = if norm > 0.0 { 1.0 / norm } else { 0.0 };
    }

    /// The next term, gain ⊙ block · 2^exponent: its norm, and its contribution to `total`.
    /// `scale` takes the block's exponent to the total's.
    #[inline(always)]
    pub fn add<const FMA: bool>(
        &mut self,
        total: &[f64],
        block: &[f64],
        gain: Option<&[f64]>,
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
        add_scaled(rest, scale, term);
        let squares = vector::dot::<FMA>(term, term);
        let (norm, along) = if (1e-280..1e280).contains(&squares) && *inverse <= 1e140 {
            let along = vector::dot::<FMA>(term, total) * (*inverse * *inverse);
            (squares.sqrt(), along)
        } else {
            // Squares that small or large would be lost: with the total at size 1 they are not.
            let parts = term.iter().zip(total).map(|(x, d)| x * *inverse * d);
            (vector::norm::<FMA>(term), parts.sum::<f64>() * *inverse)
        };
        (Wide::new(norm, exponent), along * scale)
    }

    /// |Σ terms − total| / |total|: the proof that the paths add up.
    #[inline(always)]
    pub fn residual<const FMA: bool>(&self) -> f64 {
        vector::norm::<FMA>(&self.rest) * self.inverse
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
            swept.paths[k].alone = simd::run(alone).0;
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

impl<C: Cell> Kernel for Alone<'_, C> {
    type Output = (Vec<Wide>, Vec<Wide>);

    #[inline(always)]
    fn run<const FMA: bool>(self) -> (Vec<Wide>, Vec<Wide>) {
        let Self {
            cell,
            tape,
            path,
            last,
            keep,
        } = self;
        let mut start = match cell.alone_lives_on(path) {
            Lands::H | Lands::GateO => last.h.clone(),
            _ => last.c.clone(),
        };
        if let Some(factor) = cell.alone_starts_with(path, tape) {
            start = factor.on(tape).times(&start);
        }
        if tape.wide.is_some() {
            return self.wide(start);
        }
        let watch = cell.mixes();
        let first = wides::scaled(&start);
        let (mut v, mut exponent) = (first.mantissas().to_vec(), first.exponent());
        let lost = start
            .iter()
            .zip(&v)
            .any(|(x, v)| !x.is_zero() && v.abs() < LEAST);
        if watch && lost {
            return self.wide(start);
        }
        let mut next = v.clone();
        let mut norms = vec![Wide::ZERO; tape.steps];
        norms[tape.steps - 1] = vector::wide_norm::<FMA>(&v, exponent);
        let mut kept = vec![Wide::ZERO; v.len()];
        if keep == tape.steps {
            kept.clone_from(&start);
        }
        for t in (1..tape.steps).rev() {
            cell.alone::<FMA>(path, tape, t, &v, &mut next);
            let least = vector::smallest(&next);
            let norm = vector::norm::<FMA>(&next);
            if norm == 0.0 {
                break;
            }
            norms[t - 1] = Wide::new(norm, exponent);
            let mut shift = vector::exponent_of(norm);
            if (-100..=100).contains(&shift) {
                shift = 0;
            } else {
                vector::shift(&mut next, -shift);
            }
            if watch && least < LEAST * power(shift.max(0)) {
                return self.wide(start);
            }
            exponent += shift;
            std::mem::swap(&mut v, &mut next);
            if t == keep {
                kept = wides::widen(&v, exponent);
            }
        }
        (norms, kept)
    }
}

impl<C: Cell> Alone<'_, C> {
    /// The chain from `v` back with an exponent for every number.
    fn wide(self, mut v: Vec<Wide>) -> (Vec<Wide>, Vec<Wide>) {
        let Self {
            cell,
            tape,
            path,
            keep,
            ..
        } = self;
        let lives = cell.alone_lives_on(path);
        let mut norms = vec![Wide::ZERO; tape.steps];
        let mut kept = Vec::new();
        for t in (1..=tape.steps).rev() {
            if t < tape.steps {
                // No path is left to bring the gradient that a path within a step begins with.
                let link = cell.link(path, tape, t).filter(|link| link.start > t);
                v = link.map_or_else(
                    || vec![Wide::ZERO; v.len()],
                    |link| {
                        let link = link.ending_on(lives).on(tape);
                        link::times(&link.factors, &v)
                    },
                );
            }
            norms[t - 1] = wides::norm(&v);
            if t == keep {
                kept.clone_from(&v);
            }
        }
        (norms, kept)
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
    let together = |more: &[Path]| more.iter().fold(cuts, |set, &path| set.with(path));
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
