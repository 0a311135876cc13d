//! What is measured: how the gradient flows back through a window, in total and by path.

pub mod analysis;
pub mod backward;
pub mod cause;
pub mod clip;
pub mod detach;
pub mod explain;
pub mod gains;
mod gate_track;
pub mod gradients;
pub mod hops;
pub mod jacobian;
pub mod largest;
pub mod lens;
pub mod loss;
pub mod lyapunov;
pub mod paths;
pub mod placed;
pub mod sliding;
pub mod spectrum;
pub mod spread;
pub mod stack;
mod verdict;

pub use analysis::{Request, Scratch, analyse, parameter_gradients};
pub use cause::{Cause, Law, cause, law};
pub use clip::{ClipMode, Clipping};
pub use detach::{Detach, Detached, detached};
pub use explain::{Example, explain};
pub use gains::{Carried, factor};
pub use gate_track::GateTrack;
pub use gradients::Gradient;
pub use hops::{Hops, hops};
pub use jacobian::Product;
pub use lens::{Lens, lens};
pub use loss::{Injected, Loss};
pub use lyapunov::{Lyapunov, lyapunov};
pub use placed::Placed;
pub use sliding::Sliding;
pub use spectrum::{MatrixSpectrum, Spectrum};
pub use spread::{Spread, Standing};
pub use stack::{Stack, StackFlow};
pub use verdict::Verdict;

use crate::cell::{CellKind, Tape, Variant};
pub use crate::cell::{Path, PathSet};
use crate::num::Wide;

/// The three questions that can be asked of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Question {
    /// Its term in the sum of δ_t.
    #[default]
    Share,
    /// The gradient when the backward pass keeps only this path.
    Alone,
    /// The total when this path is cut.
    Without,
}

/// What one path does over the window. All vectors have one entry per step, `[t - 1]` for step t.
#[derive(Clone, Debug)]
pub struct PathFlow {
    /// Which path.
    pub path: Path,
    /// |term of δ_t|.
    pub share: Vec<Wide>,
    /// ⟨term, δ_t⟩ / |δ_t|²: adds up to 1 over all paths; negative where paths cancel.
    pub contribution: Vec<f64>,
    /// |δ_t| when only this path is kept; empty for `Loss` and when it was not asked for.
    pub alone: Vec<Wide>,
    /// The totals when this path is cut; `None` for `Loss` and when it was not asked for.
    pub without: Option<Totals>,
}

impl PathFlow {
    /// The curve that a question asks of the path; empty when it was not computed.
    pub fn curve(&self, question: Question) -> &[Wide] {
        match question {
            Question::Share => &self.share,
            Question::Alone => &self.alone,
            Question::Without => self.without.as_ref().map_or(&[], Totals::main),
        }
    }
}

/// Norms of the totals over the window, `[t - 1]` for step t.
#[derive(Clone, Debug, Default)]
pub struct Totals {
    /// |δh_t|.
    pub grad_h: Vec<Wide>,
    /// |δc_t|; empty for a cell without c.
    pub grad_c: Vec<Wide>,
}

/// A recurrent matrix in two numbers.
#[derive(Clone, Debug)]
pub struct MatrixSize {
    /// `recurrent`, or `block`, `input`, `forget`, `output`.
    pub name: &'static str,
    /// max |eigenvalue|.
    pub spectral_radius: f64,
    /// The largest singular value.
    pub norm: f64,
}

/// The gradient of one cell over one window: everything that a screen or an export shows.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Which cell.
    pub cell: CellKind,
    /// Which variant of it, if it is an LSTM.
    pub variant: Variant,
    /// Units H.
    pub hidden: usize,
    /// Steps T of the window.
    pub steps: usize,
    /// |δh_t| and |δc_t|.
    pub totals: Totals,
    /// The totals with no path cut, when one of the cell's is.
    pub uncut: Option<Totals>,
    /// |dL/dh_0|.
    pub grad_h0: Wide,
    /// |dL/dc_0|, for a cell with c.
    pub grad_c0: Option<Wide>,
    /// The paths in order of the table in `flow::paths`.
    pub paths: Vec<PathFlow>,
    /// What is carried back of what the loss injects at T, where it injects before T, too; else it is
    /// the whole gradient. See [`Flow::carried`].
    pub carried: Option<Carried>,
    /// What makes it grow or die out, when asked for.
    pub law: Option<Law>,
    /// `[t - 1]`: |Σ terms − δ_t| / |δ_t|, the proof that the paths add up.
    pub residual: Vec<f64>,
    /// Sets of paths cut together (`gates`, `peepholes`, `gates_peepholes`), when asked for.
    pub cut_sets: Vec<(&'static str, Totals)>,
    /// The loss L of the window.
    pub loss: Wide,
    /// Clipping, with ‖g‖ before and after.
    pub clipping: Clipping,
    /// The recurrent matrices.
    pub matrices: Vec<MatrixSize>,
    /// Activations over the window.
    pub gates: Vec<GateTrack>,
    /// `[t - 1]`: the largest own gain of the carousel over the units,
    /// f + p_i z i(1-i) + p_f c_{t-1} f(1-f), in absolute value; it can exceed 1 with f ≤ 1. Empty
    /// without peepholes, where the gain is f.
    pub carousel_gain: Vec<f64>,
}

impl Flow {
    /// Where peepholes make a unit's carousel grow although its forget gate does not: the largest gain
    /// above 1 and the number of such steps, f being at most 1 in all of them.
    pub fn carousel_grows(&self) -> Option<(f64, usize)> {
        let forget = self.gates.iter().find(|gate| gate.name == "forget")?;
        let mut grows = None;
        for (&gain, &f) in self.carousel_gain.iter().zip(&forget.high) {
            if gain > 1.0 && f <= 1.0 {
                let (most, steps) = grows.unwrap_or((gain, 0));
                grows = Some((gain.max(most), steps + 1));
            }
        }
        grows
    }

    /// Finds the quartiles of the gates over the units and the mean of every unit, on the tape that
    /// this was measured on.
    pub fn find_units(&mut self, tape: &Tape) {
        for (gate, track) in self.gates.iter_mut().enumerate() {
            track.find_units(tape, gate);
        }
    }

    /// What the cell is called, with its variant.
    pub fn name(&self) -> &'static str {
        if self.cell.spec().has_variants {
            self.variant.lstm_name()
        } else {
            self.cell.name()
        }
    }

    /// The curve that the cell is known by: |δc_t| for an LSTM, |δh_t| otherwise.
    pub fn main(&self) -> &[Wide] {
        self.totals.main()
    }

    /// Whether the gradient comes back on more than one path, so that they are worth telling apart.
    pub fn has_several_paths(&self) -> bool {
        self.paths.iter().filter(|p| p.path != Path::Loss).count() > 1
    }

    /// log10 of |δ_T|, which curves are drawn relative to; 0 when δ_T is zero, so that they are
    /// then absolute.
    pub fn reference(&self) -> f64 {
        let last = self.main().last().filter(|w| !w.is_zero());
        last.map_or(0.0, |w| w.log10())
    }

    /// The factor per step over the whole window, r ([`gains`]): of what the loss injects at T. `None`
    /// when that is nothing.
    pub fn factor_per_step(&self) -> Option<Wide> {
        factor(self.carried_curve(), 1)
    }
}

impl Totals {
    /// |δc_t| where there is a c, |δh_t| otherwise.
    pub fn main(&self) -> &[Wide] {
        if self.grad_c.is_empty() {
            &self.grad_h
        } else {
            &self.grad_c
        }
    }
}
