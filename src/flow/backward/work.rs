//! One step of a sweep, with its memory: what arrives, what becomes of it, and how large its terms are.

use super::scale::Scales;
use super::{Ended, Gradients, Sweep};
use crate::cell::{At, Cell, Lands, Tape};
use crate::flow::PathFlow;
use crate::flow::paths::Terms;
use crate::num::aligned::Aligned;
use crate::num::wides::widen;
use crate::num::{Number, Wide};

/// The vectors of a sweep, as mantissas.
pub(super) struct Work<N: Number> {
    /// What each path brings, one block of H for each.
    pub carry: Aligned<N>,
    /// Δ_t.
    injected: Vec<N>,
    /// δh_t.
    pub grad_h: Vec<N>,
    /// What comes from step t + 1 to c_t, and behind it to i_t, f_t and o_t where the gates see each other.
    from_next: Vec<N>,
    /// δc_t; empty for a cell without c.
    pub grad_c: Vec<N>,
    terms: Terms<N>,
}

impl<N: Number> Work<N> {
    pub fn new<C: Cell>(cell: &C, tape: &Tape<N>) -> Self {
        let zeros = || vec![N::default(); tape.hidden];
        Self {
            carry: Aligned::zeros(cell.carried().len() * tape.hidden),
            injected: zeros(),
            grad_h: zeros(),
            from_next: vec![N::default(); tape.hidden * (tape.parts() - 1).max(1)],
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
            for (to, &x) in block.iter_mut().zip(onto_c) {
                *to = N::from(x);
            }
        }
    }

    /// What the loss injects at step t, and what the paths have brought with this exponent: their sums.
    #[inline(always)]
    pub fn arrive<C: Cell>(
        &mut self,
        sweep: &Sweep<C>,
        tape: &Tape<N>,
        t: usize,
        brought: i64,
    ) -> Result<Scales, Ended> {
        let Sweep { cell, watch, .. } = *sweep;
        let injected = sweep.loss.inject(tape, t, &mut self.injected);
        if watch && injected.is_some() && N::smallest(&self.injected) < sweep.least() {
            return Err(Ended::Lost);
        }
        // Where nothing is brought, its exponent means nothing beside that of the loss.
        let fresh = injected.is_some() && N::largest(&self.carry) == N::default();
        let scales = Scales::new(brought, injected, fresh);
        self.gather(cell, &scales);
        if watch && scales.differ() && self.lost(cell, sweep.least()) {
            return Err(Ended::Lost);
        }
        Ok(scales)
    }

    /// δh_t and what comes to the rest of the state: the sums of what arrives.
    #[inline(always)]
    fn gather<C: Cell>(&mut self, cell: &C, scales: &Scales) {
        let n = self.injected.len();
        // The parts of the state that something has been written to: what comes first is written,
        // what comes later is added. Every part has a path that lands on it.
        let mut begun = 0u8;
        if let Some((_, scale)) = scales.loss {
            let scale = N::from(scale);
            for (sum, &d) in self.grad_h.iter_mut().zip(&self.injected) {
                *sum = scale * d;
            }
            begun = 1;
        }
        let scale = N::from(scales.carry.1);
        for (path, block) in cell.carried().iter().zip(self.carry.chunks_exact(n)) {
            let part = path.lands.part();
            let sum = match part {
                0 => &mut self.grad_h[..],
                part => &mut self.from_next[(part - 1) * n..][..n],
            };
            let terms = sum.iter_mut().zip(block);
            if begun & (1 << part) == 0 {
                terms.for_each(|(s, &x)| *s = scale * x);
                begun |= 1 << part;
            } else {
                terms.for_each(|(s, &x)| *s += scale * x);
            }
        }
    }

    /// Whether something of what arrives has been lost in bringing it to one exponent.
    #[inline(never)]
    fn lost<C: Cell>(&self, cell: &C, least: f64) -> bool {
        let n = self.injected.len();
        let lost = |sum: &[N], arrived: &[N]| {
            let mut pairs = sum.iter().zip(arrived);
            pairs.any(|(sum, &x)| x != N::default() && sum.magnitude() < N::from(least))
        };
        let mut blocks = cell.carried().iter().zip(self.carry.chunks_exact(n));
        lost(&self.grad_h, &self.injected)
            || blocks.any(|(path, block)| match path.lands.part() {
                0 => lost(&self.grad_h, block),
                part => lost(&self.from_next[(part - 1) * n..][..n], block),
            })
    }

    /// Step t back, inside the step: δc_t, and the δ of the pre-activations.
    #[inline(always)]
    pub fn inside<const FMA: bool, C: Cell>(
        &mut self,
        sweep: &Sweep<C>,
        tape: &Tape<N>,
        t: usize,
        delta: &mut [N],
    ) {
        let Sweep { cell, cuts, .. } = *sweep;
        let Self {
            grad_h,
            from_next,
            grad_c,
            ..
        } = self;
        let at = At {
            tape,
            t,
            cuts,
            grad_h,
            from_next,
        };
        cell.backward::<_, FMA>(at, grad_c, delta);
    }

    /// A copy of the gradients of the step.
    pub fn gradients(&self, t: usize, exponent: i64, clipped: Wide) -> Gradients {
        Gradients {
            t,
            h: widen(&self.grad_h, exponent),
            c: widen(&self.grad_c, exponent),
            on_gates: widen(&self.from_next[self.injected.len()..], exponent),
            clipped,
        }
    }

    /// Measures every path's term at step t; the residual.
    #[inline(always)]
    pub fn measure<const FMA: bool, C: Cell>(
        &mut self,
        sweep: &Sweep<C>,
        tape: &Tape<N>,
        t: usize,
        scales: &Scales,
        norm: N,
        delta: &[N],
        paths: &mut [PathFlow],
    ) -> f64 {
        let Self {
            carry,
            injected,
            from_next,
            terms,
            ..
        } = self;
        let total = if self.grad_c.is_empty() {
            &self.grad_h
        } else {
            &self.grad_c
        };
        let gain = tape.gain(t);
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
                flow.share[t - 1] = N::norm::<FMA>(block).widened(exponent);
                continue;
            }
            let gain = gain.filter(|_| path.lands == Lands::H);
            flow.set(t, terms.add::<FMA>(total, block, gain, exponent, scale));
        }
        if let [flow, _] = locals {
            // What came from step t + 1 has been used; its memory serves for the term.
            let term = &mut from_next[..injected.len()];
            term.fill(N::default());
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
