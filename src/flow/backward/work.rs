//! One step of a sweep, with its memory: what arrives, what becomes of it, and how large its terms are.

use super::scale::Scales;
use super::{Ended, Gradients, Sweep};
use crate::cell::{Back, Cell, Lands, Tape};
use crate::flow::PathFlow;
use crate::flow::paths::Terms;
use crate::num::aligned::Aligned;
use crate::num::wides::widen;
use crate::num::{Wide, vector};

/// The vectors of a sweep, as mantissas.
pub(super) struct Work {
    /// What each path brings, one block of H for each.
    pub carry: Aligned,
    /// Δ_t.
    injected: Vec<f64>,
    /// δh_t.
    pub grad_h: Vec<f64>,
    /// What lands on c_t, and behind it on i_t, f_t and o_t where the gates see each other.
    landed: Vec<f64>,
    /// δc_t; empty for a cell without c.
    pub grad_c: Vec<f64>,
    terms: Terms,
}

impl Work {
    pub fn new<C: Cell>(cell: &C, tape: &Tape) -> Self {
        let zeros = || vec![0.0; tape.hidden];
        Self {
            carry: Aligned::zeros(cell.carried().len() * tape.hidden),
            injected: zeros(),
            grad_h: zeros(),
            landed: vec![0.0; tape.hidden * (tape.parts() - 1).max(1)],
            grad_c: if tape.c.is_empty() {
                Vec::new()
            } else {
                zeros()
            },
            terms: Terms::new(tape.hidden),
        }
    }

    /// Begins with what comes to c_T, as if the first path that lands on c had brought it.
    pub fn bring_to_c<C: Cell>(&mut self, cell: &C, onto_c: &[f64]) {
        let n = self.injected.len();
        let mut blocks = cell.carried().iter().zip(self.carry.chunks_exact_mut(n));
        let block = blocks.find(|(path, _)| path.lands == Lands::C);
        if let Some((_, block)) = block.filter(|_| !onto_c.is_empty()) {
            block.copy_from_slice(onto_c);
        }
    }

    /// What the loss injects at step t, and what the paths have brought with this exponent: their sums.
    #[inline(always)]
    pub fn arrive<C: Cell>(
        &mut self,
        sweep: &Sweep<C>,
        t: usize,
        brought: i64,
    ) -> Result<Scales, Ended> {
        let Sweep { cell, watch, .. } = *sweep;
        let injected = sweep.loss.inject(sweep.tape, t, &mut self.injected);
        if watch && injected.is_some() && vector::smallest(&self.injected) < sweep.least() {
            return Err(Ended::Lost);
        }
        // Where nothing is brought, its exponent means nothing beside that of the loss.
        let fresh = injected.is_some() && vector::largest(&self.carry) == 0.0;
        let scales = Scales::new(brought, injected, fresh);
        self.gather(cell, &scales);
        if watch && scales.differ() && self.lost(cell, sweep.least()) {
            return Err(Ended::Lost);
        }
        Ok(scales)
    }

    /// δh_t and what lands on the rest of the state: the sums of what arrives.
    #[inline(always)]
    fn gather<C: Cell>(&mut self, cell: &C, scales: &Scales) {
        let n = self.injected.len();
        // The parts of the state that something has been written to: what comes first is written,
        // what comes later is added. Every part has a path that lands on it.
        let mut begun = 0u8;
        if let Some((_, scale)) = scales.loss {
            for (sum, d) in self.grad_h.iter_mut().zip(&self.injected) {
                *sum = scale * d;
            }
            begun = 1;
        }
        let scale = scales.carry.1;
        for (path, block) in cell.carried().iter().zip(self.carry.chunks_exact(n)) {
            let part = path.lands.part();
            let sum = match part {
                0 => &mut self.grad_h[..],
                part => &mut self.landed[(part - 1) * n..][..n],
            };
            let terms = sum.iter_mut().zip(block);
            if begun & (1 << part) == 0 {
                terms.for_each(|(s, x)| *s = scale * x);
                begun |= 1 << part;
            } else {
                terms.for_each(|(s, x)| *s += scale * x);
            }
        }
    }

    /// Whether something of what arrives has been lost in bringing it to one exponent.
    #[inline(never)]
    fn lost<C: Cell>(&self, cell: &C, least: f64) -> bool {
        let n = self.injected.len();
        let lost = |sum: &[f64], arrived: &[f64]| {
            let mut pairs = sum.iter().zip(arrived);
            pairs.any(|(sum, &x)| x != 0.0 && sum.abs() < least)
        };
        let mut blocks = cell.carried().iter().zip(self.carry.chunks_exact(n));
        lost(&self.grad_h, &self.injected)
            || blocks.any(|(path, block)| match path.lands.part() {
                0 => lost(&self.grad_h, block),
                part => lost(&self.landed[(part - 1) * n..][..n], block),
            })
    }

    /// Step t back, inside the step: δc_t, and the δ of the pre-activations.
    #[inline(always)]
    pub fn inside<const FMA: bool, C: Cell>(
        &mut self,
        sweep: &Sweep<C>,
        t: usize,
        delta: &mut [f64],
    ) {
        let Sweep {
            cell, tape, cuts, ..
        } = *sweep;
        let Self {
            grad_h,
            landed,
            grad_c,
            ..
        } = self;
        let at = Back {
            tape,
            t,
            cuts,
            grad_h,
        };
        cell.backward::<FMA>(at, landed, grad_c, delta);
    }

    /// A copy of the gradients of the step.
    pub fn gradients(&self, t: usize, exponent: i64, clipped: Wide) -> Gradients {
        Gradients {
            t,
            h: widen(&self.grad_h, exponent),
            c: widen(&self.grad_c, exponent),
            on_gates: widen(&self.landed[self.injected.len()..], exponent),
            clipped,
        }
    }

    /// Measures every path's term at step t; the residual.
    #[inline(always)]
    pub fn measure<const FMA: bool, C: Cell>(
        &mut self,
        sweep: &Sweep<C>,
        t: usize,
        scales: &Scales,
        norm: f64,
        delta: &[f64],
        paths: &mut [PathFlow],
    ) -> f64 {
        let Self {
            carry,
            injected,
            landed,
            terms,
            ..
        } = self;
        let total = if self.grad_c.is_empty() {
            &self.grad_h
        } else {
            &self.grad_c
        };
        let gain = sweep.tape.gain(t);
        let carried = sweep.cell.carried();
        terms.begin(total, norm);
        let (ways, locals) = paths.split_at_mut(carried.len());
        let (exponent, scale) = scales.carry;
        for ((flow, path), block) in ways
            .iter_mut()
            .zip(carried)
            .zip(carry.chunks_exact(injected.len()))
        {
            if path.lands.part() > 1 {
                // It has no part in δc_t; its own size says what it brings to its gate.
                flow.share[t - 1] = vector::wide_norm::<FMA>(block, exponent);
                continue;
            }
            let gain = gain.filter(|_| path.lands == Lands::H);
            flow.set(t, terms.add::<FMA>(total, block, gain, exponent, scale));
        }
        if let [flow, _] = locals {
            // What has landed has been used; its memory serves for the term.
            let term = &mut landed[..injected.len()];
            term.fill(0.0);
            if !sweep.cuts.contains(flow.path) {
                sweep.cell.same_step_term(delta, term);
            }
            flow.set(t, terms.add::<FMA>(total, term, None, scales.exponent, 1.0));
        }
        if let (Some((exponent, scale)), Some(flow)) = (scales.loss, locals.last_mut()) {
            flow.set(t, terms.add::<FMA>(total, injected, gain, exponent, scale));
        }
        terms.residual::<FMA>()
    }
}
