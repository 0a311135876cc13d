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
//! the way: no gradient is too large or too small for it. Where the factors themselves leave `f64`, or
//! a number is about to be lost beside one that is much larger, the same sweep is run with numbers that have
//! an exponent each ([`Number::EXACT`]).

mod scale;
mod work;

pub(super) use scale::power;
use work::Work;

use std::borrow::Cow;

use super::clip::is_above;
use super::loss::Loss;
use super::{GateTrack, PathFlow, Totals};
use crate::cell::exact::LEAST;
use crate::cell::{At, Cell, Path, PathSet, Tape};
use crate::num::aligned::Aligned;
use crate::num::hadamard::add;
use crate::num::number::{Number, larger};
use crate::num::simd::{self, Kernel};
use crate::num::wides::widen;
use crate::num::{Wide, vector};

/// Mantissas are brought back near 1 when their norm passes 2^±this.
const ROOM: i64 = 200;

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
    /// Whether a number that is too small beside another is missed.
    pub watch: bool,
    /// Nothing comes from steps 1, K + 1, 2K + 1, … to the one before; 0 for no K.
    pub truncate: usize,
}

impl<'a, C: Cell> Sweep<'a, C> {
    /// The whole gradient, taken apart into paths.
    pub fn new(cell: &'a C, tape: &'a Tape, loss: Loss<'a>) -> Self {
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
            watch: cell.mixes(),
            truncate: 0,
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
    /// The largest number of δc_t, or of δh_t for a cell without c, with `detail`.
    pub largest: Vec<Wide>,
    /// The activations of the gates, with `detail`.
    pub gates: Vec<GateTrack>,
    pub clipped: Vec<bool>,
    /// δ of the pre-activations as mantissas, T × G·H, with `detail`.
    pub deltas: Aligned,
    /// Their binary exponents, one for each step.
    pub exponents: Vec<i64>,
    /// δ of the pre-activations with an exponent each, from a sweep that had to give them such; `deltas` is
    /// empty then.
    pub wide_deltas: Option<Aligned<Wide>>,
    /// δh_T and δc_T: where the chains of the paths alone start.
    pub last: Gradients,
    /// What [`Sweep::hold`] asked for, from the later step.
    pub kept: Vec<Gradients>,
}

impl Swept {
    /// The δ of the pre-activations with an exponent each.
    pub fn numbers(&self) -> Cow<'_, [Wide]> {
        if let Some(deltas) = &self.wide_deltas {
            return Cow::Borrowed(deltas);
        }
        let width = self.deltas.len() / self.exponents.len().max(1);
        let rows = self.deltas.chunks_exact(width.max(1)).zip(&self.exponents);
        rows.flat_map(|(row, &e)| widen(row, e)).collect()
    }
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
        self.run_into(Aligned::default(), go_on)
    }

    /// Sweeps with memory for the δ of the pre-activations.
    pub fn run_into(self, deltas: Aligned, go_on: GoOn) -> Option<Swept> {
        if self.tape.wide.is_none() && !self.loss.is_apart() {
            let pass = Pass {
                sweep: self,
                tape: self.tape,
                deltas,
                go_on: &mut *go_on,
            };
            match simd::run(pass) {
                Ok((swept, deltas)) => return Some(Swept { deltas, ..swept }),
                Err(Ended::Cancelled) => return None,
                Err(Ended::Lost) => (),
            }
        }
        let pass = Pass {
            sweep: Self {
                watch: false,
                ..self
            },
            tape: &self.tape.exact(),
            deltas: Aligned::default(),
            go_on,
        };
        let (swept, deltas) = simd::run(pass).ok()?;
        Some(Swept {
            wide_deltas: Some(deltas),
            ..swept
        })
    }
}

impl<C> Sweep<'_, C> {
    /// Whether nothing comes from step t to the one before.
    const fn is_end(&self, t: usize) -> bool {
        self.truncate > 0 && t > 1 && (t - 1).is_multiple_of(self.truncate)
    }

    /// What is smaller beside another is missed: only where its parts are asked for, or where the tape has
    /// smaller factors than they are.
    const fn least(&self) -> f64 {
        if self.detail { LEAST } else { self.tape.least }
    }

    /// Whether the gradients of step t are kept.
    const fn keeps(&self, t: usize) -> bool {
        t == self.tape.steps || self.hold > 0 && (t == self.hold || t == self.hold + 1)
    }

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

/// Why a sweep with one exponent for all did not reach step 1.
pub(super) enum Ended {
    /// The caller said so.
    Cancelled,
    /// A number is too small beside the largest to keep its digits for another step.
    Lost,
}

/// A sweep through the tape of these numbers; it leaves the δ of the pre-activations, with `detail`, as such.
struct Pass<'a, 'b, N: Number, C> {
    sweep: Sweep<'a, C>,
    tape: &'a Tape<N>,
    deltas: Aligned<N>,
    go_on: GoOn<'b>,
}

impl<N: Number, C: Cell> Kernel for Pass<'_, '_, N, C> {
    type Output = Result<(Swept, Aligned<N>), Ended>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Self::Output {
        let Self {
            sweep,
            tape,
            mut deltas,
            go_on,
        } = self;
        let Sweep {
            cell,
            cuts,
            keep,
            step_clip,
            detail,
            onto_c,
            watch,
            ..
        } = sweep;
        let (n, steps, width) = (tape.hidden, tape.steps, tape.gates * tape.hidden);
        let with_c = !tape.c.is_empty();
        let mut out = Swept::new(&sweep);
        deltas.resize(if detail { steps * width } else { 0 });
        let mut work = Work::new(cell, tape);
        work.bring_to_c(cell, onto_c);
        let mut one_delta = Aligned::zeros(if detail { 0 } else { width });
        let mut exponent = 0;
        let mut clipped = Wide::ONE;
        if watch && vector::smallest(onto_c) < sweep.least() {
            return Err(Ended::Lost);
        }

        for t in (1..=steps).rev() {
            let scales = work.arrive(&sweep, tape, t, exponent)?;
            exponent = scales.exponent;
            let delta = if detail {
                &mut deltas[(t - 1) * width..][..width]
            } else {
                &mut one_delta
            };
            work.inside::<FMA, C>(&sweep, tape, t, delta);

            let norm_h = N::norm::<FMA>(&work.grad_h);
            let norm_c = N::norm::<FMA>(&work.grad_c);
            out.totals.grad_h[t - 1] = norm_h.widened(exponent);
            if with_c {
                out.totals.grad_c[t - 1] = norm_c.widened(exponent);
            }
            if sweep.keeps(t) {
                let gradients = work.gradients(t, exponent, clipped);
                sweep.keep(gradients, &mut out.last, &mut out.kept);
            }
            if detail {
                let (norm, main) = if with_c {
                    (norm_c, &work.grad_c)
                } else {
                    (norm_h, &work.grad_h)
                };
                out.largest[t - 1] = N::largest(main).widened(exponent);
                out.residual[t - 1] =
                    work.measure::<FMA, C>(&sweep, tape, t, &scales, norm, delta, &mut out.paths);
                out.exponents[t - 1] = exponent;
                let scale = power(sweep.tape.exponents[t]);
                for (gate, track) in out.gates.iter_mut().enumerate() {
                    track.measure(sweep.tape, t, gate, scale);
                }
            }

            let at = At {
                tape,
                t,
                cuts,
                grad_h: &work.grad_h,
                from_next: &[],
            };
            cell.carry::<_, FMA>(at, &work.grad_c, delta, &mut work.carry);
            let kept = keep.map_or(1.0, |keep| keep[t - 1]);
            hold_back(cell, n, &mut work.carry, cuts, kept);
            if sweep.is_end(t) {
                work.carry.fill(N::default());
            }
            if let Some(threshold) = step_clip.filter(|_| t > 1) {
                let factor = clip_step::<N, FMA, C>(cell, n, &mut work.carry, exponent, threshold);
                out.clipped[t - 2] = factor.is_some();
                clipped = factor.unwrap_or(Wide::ONE);
                if factor.is_some() {
                    exponent = 0;
                }
            }
            let least = N::smallest(&work.carry);
            let size = larger(norm_h, larger(norm_c, on_gates::<N, FMA>(tape, delta)));
            let shift = vector::near_one(&mut work.carry, size, ROOM);
            if watch && least < sweep.least() * power(shift.max(0)) {
                return Err(Ended::Lost);
            }
            exponent += shift;
            let often = if N::EXACT { 8 } else { 64 };
            if t % often == 0 && !go_on((steps - t) as f64 / steps as f64) {
                return Err(Ended::Cancelled);
            }
        }
        let [h0, c0, _] = sizes::<N, FMA, C>(cell, n, &work.carry);
        out.grad_h0 = h0.widened(exponent);
        out.grad_c0 = with_c.then(|| c0.widened(exponent));
        Ok((out, deltas))
    }
}

impl Swept {
    fn new<C: Cell>(sweep: &Sweep<C>) -> Self {
        let Sweep {
            cell, tape, detail, ..
        } = *sweep;
        let steps = tape.steps;
        let zeros = || vec![Wide::ZERO; steps];
        let kept = if detail { steps } else { 0 };
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
            residual: vec![0.0; kept],
            largest: vec![Wide::ZERO; kept],
            gates: if detail {
                let names = C::SPEC.gate_names();
                names.map(|name| GateTrack::zeros(name, steps)).collect()
            } else {
                Vec::new()
            },
            clipped: vec![false; steps],
            exponents: vec![0; kept],
            ..Self::default()
        }
    }
}

/// The norms of what the paths bring to h, to c and to the gates, as mantissas.
#[inline(always)]
fn sizes<N: Number, const FMA: bool, C: Cell>(cell: &C, n: usize, carry: &[N]) -> [N; 3] {
    let mut sums = [vec![N::default(); n], vec![N::default(); n]];
    let mut gates = Vec::new();
    for (path, block) in cell.carried().iter().zip(carry.chunks_exact(n)) {
        match sums.get_mut(path.lands.part()) {
            Some(sum) => add(sum, block),
            // One path only leads to each gate.
            None => gates.extend_from_slice(block),
        }
    }
    let [h, c] = sums;
    [&h, &c, &gates].map(|part| N::norm::<FMA>(part))
}

/// Takes what is cut out of what the paths bring, and leaves the share `kept` of what crosses a
/// recurrent matrix.
#[inline(always)]
fn hold_back<N: Number, C: Cell>(cell: &C, n: usize, carry: &mut [N], cuts: PathSet, kept: f64) {
    if cuts.is_empty() && kept == 1.0 {
        return;
    }
    for (path, block) in cell.carried().iter().zip(carry.chunks_exact_mut(n)) {
        if cuts.contains(path.path) || path.path.crosses() && kept == 0.0 {
            block.fill(N::default());
        } else if path.path.crosses() && kept != 1.0 {
            vector::scale(block, N::from(kept));
        }
    }
}

/// Clipping mode `step`: the δ of the whole state that is passed back is scaled to norm θ when
/// above; the factor, if it was. What is left has the exponent 0: the factor itself may be none of
/// float64's.
#[inline(always)]
fn clip_step<N: Number, const FMA: bool, C: Cell>(
    cell: &C,
    n: usize,
    carry: &mut [N],
    exponent: i64,
    threshold: f64,
) -> Option<Wide> {
    let [h, c, gates] = sizes::<N, FMA, C>(cell, n, carry).map(|size| size.widened(exponent));
    let norm = h.hypot(c).hypot(gates);
    if !is_above(norm, threshold) {
        return None;
    }
    let factor = Wide::from(threshold) / norm;
    vector::scale(carry, N::of(factor.shifted(exponent)));
    Some(factor)
}

/// What the gates carry where they see each other, which neither h nor c may: the size of their δ.
#[inline(always)]
fn on_gates<N: Number, const FMA: bool>(tape: &Tape<N>, delta: &[N]) -> N {
    if tape.parts() > 2 {
        N::norm::<FMA>(delta)
    } else {
        N::default()
    }
}

#[cfg(test)]
mod apart;
#[cfg(test)]
mod tests;
