//! The way back with an exponent for every number, through a window whose factors leave `f64`, or whose
//! units drift so far apart that one exponent does not do for all.
//!
//! The paths are multiplied factor by factor ([`Cell::terms`]), with the numbers of [`Tape::wide`] if
//! there are any. Slower than the usual way, and the same sums.

use std::borrow::Cow;

use super::{Gradients, Sweep, Swept};
use crate::cell::link::{self, Name, Source};
use crate::cell::{Cell, Lands, Path, PathSet, Tape};
use crate::flow::PathFlow;
use crate::flow::backward::GoOn;
use crate::flow::clip::is_above;
use crate::num::Wide;
use crate::num::aligned::Aligned;
use crate::num::wides::{add, dot, norm, product, scaled, widen};

/// As [`Sweep::run_into`].
pub(super) fn run<C: Cell>(sweep: Sweep<C>, deltas: Aligned, go_on: GoOn) -> Option<Swept> {
    let Sweep {
        cell,
        tape,
        cuts,
        detail,
        ..
    } = sweep;
    let (steps, width) = (tape.steps, tape.gates * tape.hidden);
    let mut out = Swept::new(cell, tape, detail, deltas);
    let back = Back { cell, tape, cuts };
    let mut brought = back.begin(sweep.onto_c);
    let mut wide_deltas = vec![Wide::ZERO; out.deltas.len()];
    let mut clipped = Wide::ONE;
    for t in (1..=steps).rev() {
        let loss = sweep.loss.inject_wide(tape, t);
        let mut landed = back.land(&brought);
        if let Some(loss) = &loss {
            add(&mut landed.h, loss);
        }
        let at = back.inside(t, landed);
        out.totals.grad_h[t - 1] = norm(&at.h);
        if !at.c.is_empty() {
            out.totals.grad_c[t - 1] = norm(&at.c);
        }
        if sweep.keeps(t) {
            let gradients = Gradients {
                t,
                h: at.h.clone(),
                c: at.c.clone(),
                on_gates: at.gates.concat(),
                clipped,
            };
            sweep.keep(gradients, &mut out.last, &mut out.kept);
        }
        if detail {
            let gain = tape.wide_gain(t);
            let main = if at.c.is_empty() { &at.h } else { &at.c };
            let sizes = main.iter().map(|x| x.hypot(Wide::ZERO));
            let largest = sizes.reduce(|a, b| if a < b { b } else { a });
            out.largest[t - 1] = largest.unwrap_or(Wide::ZERO);
            let measure = Measure::new(&at, gain.as_deref());
            out.residual[t - 1] = measure.all(cell, t, &brought, loss.as_deref(), &mut out.paths);
            for (gate, track) in out.gates.iter_mut().enumerate() {
                track.measure(tape, t, gate, super::power(tape.exponents[t]));
            }
        }
        let (mut carried, bars) = back.out_of(t, &at, detail);
        if detail {
            let delta = bars.concat();
            let one = scaled(&delta);
            out.deltas[(t - 1) * width..][..width].copy_from_slice(one.mantissas());
            out.exponents[t - 1] = one.exponent();
            wide_deltas[(t - 1) * width..][..width].copy_from_slice(&delta);
        }
        back.hold_back(&mut carried, sweep.keep.map_or(1.0, |keep| keep[t - 1]));
        if sweep.is_end(t) {
            for path in &mut carried {
                path.fill(Wide::ZERO);
            }
        }
        brought = carried;
        clipped = Wide::ONE;
        if let Some(threshold) = sweep.step_clip.filter(|_| t > 1)
            && let Some(factor) = back.clip(&mut brought, threshold)
        {
            out.clipped[t - 2] = true;
            clipped = factor;
        }
        if t % 8 == 0 && !go_on((steps - t) as f64 / steps as f64) {
            return None;
        }
    }
    let landed = back.land(&brought);
    out.grad_h0 = norm(&landed.h);
    out.grad_c0 = (!landed.c.is_empty()).then(|| norm(&landed.c));
    out.wide_deltas = Some(wide_deltas);
    Some(out)
}

/// The way back from step to step.
#[derive(Clone, Copy)]
pub(in crate::flow) struct Back<'a, C> {
    pub cell: &'a C,
    pub tape: &'a Tape,
    pub cuts: PathSet,
}

/// The gradient of the state of a step, or what has landed on it.
#[derive(Clone, Debug, Default)]
pub(in crate::flow) struct State {
    pub h: Vec<Wide>,
    /// Empty for a cell without c.
    pub c: Vec<Wide>,
    /// Of i, f and o where they belong to the state; else empty.
    pub gates: Vec<Vec<Wide>>,
    /// The term of δc of [`Cell::same_step_path`], once it is known.
    same_step: Vec<Wide>,
}

/// What each path of [`Cell::carried`] brings to a step.
type Brought = Vec<Vec<Wide>>;

impl<C: Cell> Back<'_, C> {
    fn zeros(&self) -> Vec<Wide> {
        vec![Wide::ZERO; self.tape.hidden]
    }

    /// What comes to T: this much to c, as if the first path that lands there had brought it.
    fn begin(&self, onto_c: &[f64]) -> Brought {
        let carried = self.cell.carried();
        let mut brought = vec![self.zeros(); carried.len()];
        let first = carried.iter().position(|path| path.lands == Lands::C);
        if let Some(first) = first.filter(|_| !onto_c.is_empty()) {
            brought[first] = widen(onto_c, 0);
        }
        brought
    }

    /// A state on which nothing has landed.
    pub fn empty(&self) -> State {
        let with_c = !self.tape.c.is_empty();
        State {
            h: self.zeros(),
            c: if with_c { self.zeros() } else { Vec::new() },
            gates: vec![self.zeros(); self.tape.parts().saturating_sub(2)],
            same_step: Vec::new(),
        }
    }

    /// The sums of what lands on the parts of the state.
    fn land(&self, brought: &Brought) -> State {
        let mut state = self.empty();
        for (path, block) in self.cell.carried().iter().zip(brought) {
            state.take(path.lands, block);
        }
        state
    }

    /// Step t back, inside the step: from what has landed on its state to the whole gradient.
    pub fn inside(&self, t: usize, mut landed: State) -> State {
        let Self { cell, tape, cuts } = *self;
        if let Some(gain) = tape.wide_gain(t) {
            add(&mut landed.c, &product(&gain, &landed.h));
        }
        if let Some(path) = cell.same_step_path() {
            landed.same_step = self.zeros();
            if !cuts.contains(path) {
                for link in cell.terms(path, tape, t) {
                    let link = link.on(tape);
                    let Source::State(part) = link.from else {
                        continue;
                    };
                    let term = link::times(&link.factors, landed.part(part));
                    add(&mut landed.same_step, &term);
                }
                add(&mut landed.c, &landed.same_step);
            }
        }
        landed
    }

    /// Step t back, out of the step: what each path brings to t − 1, E_{t-1} not counted, and the δ of the
    /// pre-activations by their blocks. Unless `all` is asked for, what is cut brings nothing, and is not
    /// computed where nothing else comes by its pre-activation.
    pub fn out_of(&self, t: usize, at: &State, all: bool) -> (Brought, Vec<Vec<Wide>>) {
        let Self { cell, tape, cuts } = *self;
        let all = all || tape.parts() > 2;
        let mut bars = vec![self.zeros(); if all { tape.gates } else { 0 }];
        let mut brought = vec![Vec::new(); cell.carried().len()];
        let ways = cell.carried().iter().enumerate();
        let ways = ways.filter(|(_, path)| all || !cuts.contains(path.path));
        let mut links: Vec<_> = ways
            .flat_map(|(way, path)| {
                let links = cell.terms(path.path, tape, t - 1).into_iter();
                links.map(move |link| (way, link))
            })
            .collect();
        // What comes through a matrix between gates comes from the δ of their pre-activations.
        links.sort_by_key(|(_, link)| matches!(link.from, Source::Bar(..)));
        for (way, link) in links {
            // δc has E in it already.
            let link = link.ending_on(Lands::H).on(tape);
            let mut v = match link.from {
                Source::Bar(_, block) => Cow::Owned(bars[block].clone()),
                Source::State(part) => Cow::Borrowed(at.part(part)),
            };
            // The pre-activation stands before the outermost matrix. The reset gate of a GRU may
            // stand between R_n h and it.
            let matrix = link.factors.iter().position(link::Factor::is_matrix);
            let bar = matrix.map(|at| match link.factors[at + 1].name {
                Name::Gate('r') => at + 1,
                _ => at,
            });
            for (k, factor) in link.factors.iter().enumerate().rev() {
                if all && bar == Some(k) {
                    let gate = Self::block(cell.carried()[way].path);
                    add(&mut bars[gate], &v);
                }
                v = factor.times(&v).into();
            }
            let block = &mut brought[way];
            if block.is_empty() {
                *block = v.into_owned();
            } else {
                add(block, &v);
            }
        }
        // What is not computed, or has no term, brings nothing.
        for block in brought.iter_mut().filter(|block| block.is_empty()) {
            *block = self.zeros();
        }
        for (bar, factor) in bars.iter_mut().zip(cell.bars(tape, t)) {
            *bar = product(&factor, &at.h);
        }
        (brought, bars)
    }

    /// The block of the pre-activation that a path crosses.
    fn block(path: Path) -> usize {
        let name = match path {
            Path::Recurrent => "recurrent",
            Path::Block => "block",
            Path::Input => "input",
            Path::Forget => "forget",
            Path::Output => "output",
            Path::Reset => "reset",
            Path::Update => "update",
            _ => "candidate",
        };
        C::SPEC
            .gate_names()
            .position(|gate| gate == name)
            .unwrap_or(0)
    }

    /// Takes out what is cut, and leaves the share `kept` of what crosses a recurrent matrix.
    fn hold_back(&self, brought: &mut Brought, kept: f64) {
        for (path, block) in self.cell.carried().iter().zip(brought) {
            let factor = if self.cuts.contains(path.path) {
                0.0
            } else if path.path.crosses() {
                kept
            } else {
                1.0
            };
            if factor != 1.0 {
                scale(block, Wide::from_f64(factor));
            }
        }
    }

    /// Clipping mode `step`, as elsewhere; the factor, if it clipped.
    fn clip(&self, brought: &mut Brought, threshold: f64) -> Option<Wide> {
        let landed = self.land(brought);
        let gates = landed.gates.iter().map(|gate| norm(gate));
        let parts = [norm(&landed.h), norm(&landed.c)].into_iter().chain(gates);
        let size = parts.fold(Wide::ZERO, Wide::hypot);
        if !is_above(size, threshold) {
            return None;
        }
        let factor = Wide::from_f64(threshold).ratio(size)?;
        for block in brought {
            scale(block, factor);
        }
        Some(factor)
    }
}

impl State {
    /// Adds what lands on a part of the state.
    pub fn take(&mut self, lands: Lands, block: &[Wide]) {
        match lands {
            Lands::H => add(&mut self.h, block),
            Lands::C => add(&mut self.c, block),
            gate => add(&mut self.gates[gate.part() - 2], block),
        }
    }

    /// Adds another state.
    pub fn join(&mut self, other: &Self) {
        add(&mut self.h, &other.h);
        add(&mut self.c, &other.c);
        for (mine, theirs) in self.gates.iter_mut().zip(&other.gates) {
            add(mine, theirs);
        }
    }

    /// Takes another state off.
    pub fn subtract(&mut self, other: &Self) {
        for (mine, theirs) in self.numbers_mut().zip(other.numbers()) {
            *mine = mine.plus(theirs.negated());
        }
    }

    /// All its numbers.
    pub fn numbers(&self) -> impl Iterator<Item = Wide> {
        let parts = [&self.h, &self.c].into_iter().chain(&self.gates);
        parts.flatten().copied()
    }

    /// All its numbers, to be changed.
    pub fn numbers_mut(&mut self) -> impl Iterator<Item = &mut Wide> {
        let parts = [&mut self.h, &mut self.c].into_iter();
        parts.chain(&mut self.gates).flatten()
    }

    /// One of its parts.
    fn part(&self, part: Lands) -> &[Wide] {
        match part {
            Lands::H => &self.h,
            Lands::C => &self.c,
            gate => &self.gates[gate.part() - 2],
        }
    }
}

fn scale(x: &mut [Wide], factor: Wide) {
    for x in x {
        *x = x.times(factor);
    }
}

/// Measures every path's term of δ_t.
struct Measure<'a> {
    at: &'a State,
    /// E_t.
    gain: Option<&'a [Wide]>,
    /// δc_t; δh_t for a cell without c.
    total: &'a [Wide],
    size: Wide,
}

impl<'a> Measure<'a> {
    fn new(at: &'a State, gain: Option<&'a [Wide]>) -> Self {
        let total = if gain.is_some() { &at.c } else { &at.h };
        Self {
            at,
            gain,
            total,
            size: norm(total),
        }
    }

    /// All of them; |Σ terms − total| / |total|.
    fn all<C: Cell>(
        &self,
        cell: &C,
        t: usize,
        brought: &Brought,
        loss: Option<&[Wide]>,
        flows: &mut [PathFlow],
    ) -> f64 {
        let shown = |x: &[Wide]| match self.gain {
            Some(gain) => product(gain, x),
            None => x.to_vec(),
        };
        let (ways, locals) = flows.split_at_mut(cell.carried().len());
        let mut rest: Vec<Wide> = self.total.iter().map(|x| x.negated()).collect();
        let mut set = |flow: &mut PathFlow, term: &[Wide]| {
            add(&mut rest, term);
            let along = dot(term, self.total).over(self.size).over(self.size);
            flow.set(t, (norm(term), along.saturating_f64()));
        };
        for ((path, block), flow) in cell.carried().iter().zip(brought).zip(ways) {
            match path.lands {
                Lands::H => set(flow, &shown(block)),
                Lands::C => set(flow, block),
                // It has no part in δc_t; its own size says what it brings to its gate.
                _ => flow.share[t - 1] = norm(block),
            }
        }
        if let [flow, _] = locals {
            set(flow, &self.at.same_step);
        }
        if let (Some(loss), Some(flow)) = (loss, locals.last_mut()) {
            set(flow, &shown(loss));
        }
        norm(&rest).over(self.size).saturating_f64()
    }
}

#[cfg(test)]
mod apart;
#[cfg(test)]
mod tests;
