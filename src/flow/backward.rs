//! The backward sweep: δh_t, δc_t and every path's term for all t, in one pass from T to 1.
//!
//! The state of the sweep is `carry`: for each path of the cell, what it brings from step t + 1 to
//! step t. At step t
//!
//! ```text
//! δh_t = Δ_t + Σ (paths that land on h)            Δ_t: what the loss injects
//! δc_t = E_t ⊙ δh_t + Σ (paths that land on c)     E_t = o_t (1 − tanh² c_t)
//! ```
//!
//! so the term of a path in δc_t is E_t ⊙ carry for one that lands on h, carry itself for one that
//! lands on c. (A cell without c has its terms in δh_t.) The terms add up to the total.
//!
//! `carry` is a set of mantissa vectors with one shared binary exponent, brought back near 1 on
//! the way: no gradient is too large or too small for it. Where the factors themselves leave `f64`, every
//! number has an exponent of its own (`wide`).

mod beside;
mod scale;
pub(super) mod wide;

pub(super) use beside::Beside;
use scale::{Scales, power, renormalise};

use super::loss::Loss;
use super::paths::Terms;
use super::{GateTrack, PathFlow, Totals};
use crate::cell::{Cell, Lands, Path, PathSet, Tape};
use crate::num::aligned::Aligned;
use crate::num::growing::Growing;
use crate::num::simd::{self, Kernel};
use crate::num::wides::widen;
use crate::num::{Wide, vector};

/// The caller's question during long work: `go_on(done)`, 0 ≤ done ≤ 1; false ends it.
pub type GoOn<'a> = &'a mut dyn FnMut(f64) -> bool;

/// What to sweep.
pub(super) struct Sweep<'a, C> {
    pub cell: &'a C,
    pub tape: &'a Tape,
    pub loss: Loss<'a>,
    /// Paths that do not reach the step before.
    pub cuts: PathSet,
    /// `[t - 1]`: the factor on what crosses a recurrent matrix from step t to t − 1; 1 throughout
    /// when `None`.
    pub keep: Option<&'a [f64]>,
    /// θ of clipping mode `step`.
    pub step_clip: Option<f64>,
    /// Whether to measure the terms of the paths and keep the δ of the pre-activations.
    pub detail: bool,
    /// Of this step and the one after it, the gradients themselves are kept; 0 for no step.
    pub hold: usize,
    /// What comes to c_T from beyond the window (H numbers); empty for nothing.
    pub onto_c: &'a [f64],
}

impl<'a, C> Sweep<'a, C> {
    /// The whole gradient, taken apart into paths.
    pub const fn new(cell: &'a C, tape: &'a Tape, loss: Loss<'a>) -> Self {
        Self {
            cell,
            tape,
            loss,
            cuts: PathSet::EMPTY,
            keep: None,
            step_clip: None,
            detail: true,
            hold: 0,
            onto_c: &[],
        }
    }
}

// Not derived: that would ask the cell to be `Copy`, and only references are copied.
impl<C> Clone for Sweep<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<C> Copy for Sweep<'_, C> {}

/// What a sweep leaves.
#[derive(Debug, Default)]
pub(super) struct Swept {
    pub totals: Totals,
    pub grad_h0: Wide,
    pub grad_c0: Option<Wide>,
    /// Shares and contributions, with `detail`.
    pub paths: Vec<PathFlow>,
    pub residual: Vec<f64>,
    /// The activations of the gates, with `detail`.
    pub gates: Vec<GateTrack>,
    pub bitten: Vec<bool>,
    /// δ of the pre-activations as mantissas, T × G·H, with `detail`.
    pub deltas: Aligned,
    /// Their binary exponents, one for each step.
    pub exponents: Vec<i64>,
    /// Whether the sums of the parameter gradients have grown in the sweep.
    pub grown: bool,
    /// δh_T and δc_T: where the chains of the paths alone start.
    pub last: Gradients,
    /// What [`Sweep::hold`] asked for, from the later step.
    pub kept: Vec<Gradients>,
}

/// The gradients of one step.
#[derive(Clone, Debug, Default)]
pub(super) struct Gradients {
    /// The step.
    pub t: usize,
    /// δh_t.
    pub h: Vec<Wide>,
    /// δc_t; empty without c.
    pub c: Vec<Wide>,
    /// What lands on i_t, f_t and o_t themselves; empty unless the gates see each other.
    pub on_gates: Vec<Wide>,
    /// What step clipping multiplied everything by that came from t + 1.
    pub clipped: Wide,
}

impl<C: Cell> Sweep<'_, C> {
    /// Sweeps; `None` when the caller ended it.
    pub fn run(self, go_on: GoOn) -> Option<Swept> {
        self.run_beside(Aligned::default(), None, go_on)
    }

    /// The same with memory for the δ of the pre-activations, and perhaps with sums of the parameter
    /// gradients that grow meanwhile, as if all exponents were 0.
    pub fn run_beside(self, deltas: Aligned, beside: Option<Beside>, go_on: GoOn) -> Option<Swept> {
        if let Some(wide) = &self.tape.wide {
            return wide::run(self, wide, deltas, go_on);
        }
        simd::run(Run {
            sweep: self,
            deltas,
            beside,
            go_on,
        })
    }
}

impl<C> Sweep<'_, C> {
    /// Keeps the gradients of the steps that are asked for, and those of the last.
    fn keep(&self, gradients: Gradients, last: &mut Gradients, kept: &mut Vec<Gradients>) {
        if gradients.t == self.tape.steps {
            last.clone_from(&gradients);
        }
        if self.hold > 0 && gradients.t <= self.hold + 1 {
            kept.push(gradients);
        }
    }
}

struct Run<'a, 'b, C> {
    sweep: Sweep<'a, C>,
    deltas: Aligned,
    beside: Option<Beside<'b>>,
    go_on: GoOn<'b>,
}

impl<C: Cell> Kernel for Run<'_, '_, C> {
    type Output = Option<Swept>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Option<Swept> {
        let Self {
            sweep,
            deltas,
            mut beside,
            go_on,
        } = self;
        let Sweep {
            cell,
            tape,
            loss,
            cuts,
            keep,
            step_clip,
            detail,
            hold,
            onto_c,
        } = sweep;
        let (n, steps, width) = (tape.hidden, tape.steps, tape.gates * tape.hidden);
        let with_c = !tape.c.is_empty();
        let mut out = Swept::new(cell, tape, detail, deltas);
        let mut work = Work::new(cell, tape);
        work.bring_to_c(cell, onto_c);
        let mut one_delta = Aligned::zeros(if detail { 0 } else { width });
        let mut exponent = 0;
        let mut clipped = Wide::ONE;
        // Beside such weights what has been carried decides when mantissas are brought back near 1, not
        // what it was carried from.
        let far = cell.far();
        let mut idle = Growing::default();

        for t in (1..=steps).rev() {
            let injected = loss.inject(tape, t, &mut work.injected);
            // Where nothing is brought, its exponent means nothing beside that of the loss.
            let fresh = injected.is_some() && vector::largest(&work.carry) == 0.0;
            let scales = Scales::new(exponent, injected, fresh);
            exponent = scales.exponent;
            work.gather(cell, &scales);
            let delta = if detail {
                &mut out.deltas[(t - 1) * width..][..width]
            } else {
                &mut one_delta
            };
            work.inside::<FMA, C>(&sweep, t, delta);

            let norm_h = vector::norm::<FMA>(&work.grad_h);
            let norm_c = vector::norm::<FMA>(&work.grad_c);
            out.totals.grad_h[t - 1] = Wide::new(norm_h, exponent);
            if with_c {
                out.totals.grad_c[t - 1] = Wide::new(norm_c, exponent);
            }
            if t == steps || t == hold || t == hold + 1 {
                let gradients = work.gradients(t, exponent, clipped);
                sweep.keep(gradients, &mut out.last, &mut out.kept);
            }
            if detail {
                let norm = if with_c { norm_c } else { norm_h };
                out.residual[t - 1] =
                    work.measure::<FMA, C>(&sweep, t, &scales, norm, delta, &mut out.paths);
                out.exponents[t - 1] = exponent;
                for (gate, track) in out.gates.iter_mut().enumerate() {
                    track.measure(tape, t, gate);
                }
            }

            cell.carry::<FMA>(
                tape,
                t,
                &work.grad_h,
                &work.grad_c,
                delta,
                &mut work.carry,
                beside.as_mut().map_or(&mut idle, Beside::growing),
            );
            let kept = keep.map_or(1.0, |keep| keep[t - 1]);
            hold_back(cell, n, &mut work.carry, cuts, kept);
            if let Some(threshold) = step_clip.filter(|_| t > 1) {
                let factor = clip_step::<FMA, C>(cell, n, &mut work.carry, exponent, threshold);
                out.bitten[t - 2] = factor.is_some();
                clipped = factor.unwrap_or(Wide::ONE);
                if factor.is_some() {
                    exponent = 0;
                }
            }
            let size = if far {
                vector::largest(&work.carry)
            } else {
                norm_h.max(norm_c).max(on_gates::<FMA>(tape, delta))
            };
            exponent += renormalise(size, &mut work.carry);
            if let Some(beside) = &mut beside {
                beside.step::<FMA>(tape, &out.deltas, t);
            }
            if t % 64 == 0 && !go_on((steps - t) as f64 / steps as f64) {
                return None;
            }
        }
        out.grown = beside.is_some();
        let [h0, c0, _] = landed::<FMA, C>(cell, n, &work.carry);
        out.grad_h0 = Wide::new(h0, exponent);
        out.grad_c0 = with_c.then(|| Wide::new(c0, exponent));
        Some(out)
    }
}

/// The vectors of a sweep, as mantissas.
struct Work {
    /// What each path brings, one block of H for each.
    carry: Aligned,
    /// Δ_t.
    injected: Vec<f64>,
    /// δh_t.
    grad_h: Vec<f64>,
    /// What lands on c_t, and behind it on i_t, f_t and o_t where the gates see each other.
    landed: Vec<f64>,
    /// δc_t; empty for a cell without c.
    grad_c: Vec<f64>,
    terms: Terms,
}

impl Work {
    fn new<C: Cell>(cell: &C, tape: &Tape) -> Self {
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
    fn bring_to_c<C: Cell>(&mut self, cell: &C, onto_c: &[f64]) {
        let n = self.injected.len();
        let mut blocks = cell.carried().iter().zip(self.carry.chunks_exact_mut(n));
        let block = blocks.find(|(path, _)| path.lands == Lands::C);
        if let Some((_, block)) = block.filter(|_| !onto_c.is_empty()) {
            block.copy_from_slice(onto_c);
        }
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

    /// Step t back, inside the step: δc_t, and the δ of the pre-activations.
    #[inline(always)]
    fn inside<const FMA: bool, C: Cell>(&mut self, sweep: &Sweep<C>, t: usize, delta: &mut [f64]) {
        let Sweep {
            cell, tape, cuts, ..
        } = *sweep;
        let Self {
            grad_h,
            landed,
            grad_c,
            ..
        } = self;
        cell.backward::<FMA>(tape, t, cuts, grad_h, landed, grad_c, delta);
    }

    /// A copy of the gradients of the step.
    fn gradients(&self, t: usize, exponent: i64, clipped: Wide) -> Gradients {
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
    fn measure<const FMA: bool, C: Cell>(
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

impl Swept {
    fn new<C: Cell>(cell: &C, tape: &Tape, detail: bool, mut deltas: Aligned) -> Self {
        let steps = tape.steps;
        let zeros = || vec![Wide::ZERO; steps];
        let kept = |rows: usize| if detail { rows } else { 0 };
        deltas.resize(kept(steps * tape.gates * tape.hidden));
        let carried = cell.carried().iter().map(|c| c.path);
        let paths = carried.chain(cell.same_step_path()).chain([Path::Loss]);
        Self {
            totals: Totals {
                grad_h: zeros(),
                grad_c: if tape.c.is_empty() {
                    Vec::new()
                } else {
                    zeros()
                },
            },
            paths: if detail {
                paths.map(|p| PathFlow::zeros(p, steps)).collect()
            } else {
                Vec::new()
            },
            residual: vec![0.0; kept(steps)],
            gates: if detail {
                let names = cell.gate_names().iter();
                names.map(|name| GateTrack::zeros(name, steps)).collect()
            } else {
                Vec::new()
            },
            bitten: vec![false; steps],
            deltas,
            exponents: vec![0; kept(steps)],
            ..Self::default()
        }
    }
}

impl GateTrack {
    fn zeros(name: &'static str, steps: usize) -> Self {
        let zeros = || vec![0.0; steps];
        Self {
            name,
            mean: zeros(),
            low: zeros(),
            high: zeros(),
        }
    }

    /// Step t of this gate.
    #[inline(always)]
    fn measure(&mut self, tape: &Tape, t: usize, gate: usize) {
        let (sum, low, high) = vector::spread(tape.activation(t, gate));
        let scale = power(tape.exponents[t]);
        self.mean[t - 1] = sum / tape.hidden as f64 * scale;
        self.low[t - 1] = low * scale;
        self.high[t - 1] = high * scale;
    }
}

/// |sum of what lands on h|, |sum of what lands on c|, |what lands on the gates|, as mantissas.
#[inline(always)]
fn landed<const FMA: bool, C: Cell>(cell: &C, n: usize, carry: &[f64]) -> [f64; 3] {
    let mut sums = [vec![0.0; n], vec![0.0; n]];
    let mut gates: f64 = 0.0;
    for (path, block) in cell.carried().iter().zip(carry.chunks_exact(n)) {
        match sums.get_mut(path.lands.part()) {
            Some(sum) => sum.iter_mut().zip(block).for_each(|(s, x)| *s += x),
            // One path only lands on each gate.
            None => gates = gates.hypot(vector::norm::<FMA>(block)),
        }
    }
    let [h, c] = sums;
    [vector::norm::<FMA>(&h), vector::norm::<FMA>(&c), gates]
}

/// Takes what is cut out of what the paths bring, and leaves the share `kept` of what crosses a
/// recurrent matrix.
#[inline(always)]
fn hold_back<C: Cell>(cell: &C, n: usize, carry: &mut [f64], cuts: PathSet, kept: f64) {
    if cuts.is_empty() && kept == 1.0 {
        return;
    }
    for (path, block) in cell.carried().iter().zip(carry.chunks_exact_mut(n)) {
        if cuts.contains(path.path) || path.path.crosses() && kept == 0.0 {
            block.fill(0.0);
        } else if path.path.crosses() && kept != 1.0 {
            vector::scale(block, kept);
        }
    }
}

/// Clipping mode `step`: the δ of the whole state that is passed back is scaled to norm θ when
/// above; the factor, if it was. What is left has the exponent 0: the factor itself may be none of
/// float64's.
#[inline(always)]
fn clip_step<const FMA: bool, C: Cell>(
    cell: &C,
    n: usize,
    carry: &mut [f64],
    exponent: i64,
    threshold: f64,
) -> Option<Wide> {
    let [h, c, gates] = landed::<FMA, C>(cell, n, carry);
    let norm = h.hypot(c).hypot(gates);
    if Wide::new(norm, exponent) <= Wide::from_f64(threshold) {
        return None;
    }
    let factor = threshold / norm;
    vector::scale(carry, factor);
    Some(Wide::new(factor, -exponent))
}

/// What the gates carry where they see each other, which neither h nor c may: the size of their δ.
#[inline(always)]
fn on_gates<const FMA: bool>(tape: &Tape, delta: &[f64]) -> f64 {
    if tape.parts() > 2 {
        vector::norm::<FMA>(delta)
    } else {
        0.0
    }
}
