//! The diagnosis of a trained model: how far back each of its layers remembers, by which path, and
//! what the measured causes of a short memory or of an explosion are.
//!
//! Every layer in each direction is measured on the given sequences, or on noise, under the loss
//! L = v·(…) ([`Entering`]) with a random v of norm 1, so that every curve starts at a known size. Numbers over
//! several sequences are medians, with a band from 5 to 95 %.

mod advice;
mod curves;
mod fresh;
mod gates;
mod law;
mod matrices;
mod measured;
mod remedy;
mod sequence;
mod sizes;
mod subject;
mod whole;
mod words;

use std::thread;
use std::time::Duration;

pub use self::advice::Advice;
pub use self::curves::{Band, Peak, quantile};
pub use self::fresh::Fresh;
pub use self::gates::{GateHealth, Memory};
pub use self::matrices::ALIKE;
use self::measured::Measured;
use self::remedy::Trials;
pub(super) use self::sequence::Entered;
pub use self::sequence::{Entering, Padding};
use self::sizes::Sizing;
pub use self::subject::{Drive, Input, Model, Subject};
pub use self::whole::{Judged, Whole};
use crate::cell::init;
use crate::cell::{CellKind, Init, LayerId, Parameters, Path, Semantics};
use crate::flow::backward::GoOn;
use crate::flow::lens::{Truncated, Written};
use crate::flow::stack::Stopped;
use crate::flow::{Law, MatrixSize, Verdict};
use crate::num::Wide;
use crate::num::matrix::NoConvergence;
use crate::sim::budget::Cost;

/// The horizon is where a gradient stays below this part of its start.
pub const VANISHED: f64 = 0.01;

/// So many sequences say what the cause is.
pub const JUDGED: usize = 5;

/// The most numbers that the tapes of a model may hold: 2 GiB.
const MAX_TAPE: usize = 1 << 28;

/// So long a wait for another thread is, before the caller is asked whether to go on.
const LOOK: Duration = Duration::from_millis(20);

/// Why there is no diagnosis.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InspectError {
    /// The caller ended it, or a state left the range of numbers.
    #[error("{0}: {1}")]
    Stopped(String, Stopped),
    /// Eigenvalues.
    #[error("{0}: {1}")]
    NoConvergence(String, NoConvergence),
    /// Too much for what memory there is.
    #[error("{0}: {1}")]
    NoRoom(String, String),
    /// Too long for memory.
    #[error(
        "{title}: expected at most {most} steps, so that the states of all layers fit into 2 GiB, found {found}"
    )]
    TooLong {
        /// The model.
        title: String,
        /// What would fit.
        most: usize,
        /// What was asked for.
        found: usize,
    },
}

/// Everything that was found.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    /// The model's title.
    pub title: String,
    /// Its cell.
    pub cell: CellKind,
    /// The functions of its cells.
    pub semantics: Semantics,
    /// What its cells were taken for, in a few words.
    pub taken: String,
    /// Layers.
    pub depth: usize,
    /// Units H of the first layer.
    pub hidden: usize,
    /// The units of all layers as text, [`StackParameters::units`](crate::cell::StackParameters::units).
    pub units: String,
    /// Inputs D.
    pub inputs: usize,
    /// Outputs of a projection, if there is one.
    pub projection: Option<usize>,
    /// Whether it reads in both directions.
    pub bidirectional: bool,
    /// How many numbers it is made of.
    pub parameters: usize,
    /// What drove it.
    pub source: String,
    /// What kind of input that is.
    pub input: Input,
    /// How many sequences.
    pub sequences: usize,
    /// Steps T, of the longest.
    pub steps: usize,
    /// Where the loss enters.
    pub entering: Entering,
    /// v of the loss.
    pub loss_vector: Vec<f64>,
    /// Whether it is as `PyTorch` initialises it.
    pub fresh: Option<Fresh>,
    /// Whether its weights are those of an initialisation, whatever their scale and the biases.
    pub initial: bool,
    /// Every layer in each direction, from layer 0 on.
    pub layers: Vec<LayerDiagnosis>,
    /// ‖g‖ of all parameters for each sequence, in ascending order.
    pub grad_norms: Vec<Wide>,
    /// What cutting the way back leaves of it, where that was asked for: of its norm, of the part that is
    /// kept and of the angle the median over the first [`JUDGED`] sequences.
    pub truncated: Option<Truncated>,
    /// What padding costs, where there is some.
    pub padding: Option<Padding>,
    /// In how many sequences padding before the real steps was left out, and how many steps at most.
    pub leading: Option<(usize, usize)>,
    /// What would help.
    pub advice: Vec<Advice>,
}

/// What was found of one layer in one direction.
#[derive(Clone, Debug)]
pub struct LayerDiagnosis {
    /// The layer, from 0.
    pub layer: usize,
    /// Whether it reads from T to 1.
    pub reverse: bool,
    /// Its units H.
    pub hidden: usize,
    /// The δh_T, H numbers, that `alone` starts from.
    pub start: Vec<f64>,
    /// |dL/dh_0|, for whoever carries the state on from sequence to sequence.
    pub grad_h0: Wide,
    /// |dL/dc_0|, for an LSTM.
    pub grad_c0: Option<Wide>,
    /// The median gradient in smaller number formats.
    pub written: Vec<Written>,
    /// |δh_s|, by steps as it reads.
    pub grad_h: Band,
    /// |δc_s|, for an LSTM.
    pub grad_c: Option<Band>,
    /// |δc_s| of an LSTM, |δh_s| of others, that the layer carries by itself: from a δh_T of norm 1
    /// at its own last step, with nothing from above.
    pub alone: Band,
    /// What each path contributes to δ, a mean over the steps to the horizon; they add up to 1.
    pub paths: Vec<(Path, f64)>,
    /// Steps back until `alone` is below 1 % of its start; `None` when it is not within T.
    pub horizon: Option<usize>,
    /// Steps back until the whole gradient is below 1 % of its start; into a lower layer it comes from
    /// above at every step.
    pub whole_horizon: Option<usize>,
    /// Where `alone` is largest.
    pub peak: Option<Peak>,
    /// What makes `alone` grow or die out: r and the gains of the median sequence, the cause over the first
    /// [`JUDGED`] of them.
    pub law: Law,
    /// The largest finite-time Lyapunov exponent of the layer, natural logarithm per step, a mean
    /// over the sequences: exact ([`Stack::largest_exponent`](crate::flow::Stack::largest_exponent)) where that is not too much work, else
    /// the larger growth of two random gradients, one of the whole state and one of h
    /// ([`Stack::rate`](crate::flow::Stack::rate)).
    pub exponent: Option<f64>,
    /// ρ and σ_max of the recurrent matrices; with a projection of R_G W_hr.
    pub matrices: Vec<MatrixSize>,
    /// Of each of these matrices whether it is a multiple of an orthogonal one: all its singular
    /// values are alike, to [`ALIKE`].
    pub orthogonal: Vec<bool>,
    /// The memory of each unit, for a cell with a gate that keeps.
    pub memory: Option<Memory>,
    /// The mean bias of that gate, both biases together.
    pub keep_bias: Option<f64>,
    /// The gates.
    pub gates: Vec<GateHealth>,
}

impl Diagnosis {
    /// The layers as they lie on the screen: the top layer first, forward before reverse.
    pub fn from_top(&self) -> Vec<&LayerDiagnosis> {
        let mut rows: Vec<_> = self.layers.iter().collect();
        rows.sort_by_key(|layer| (std::cmp::Reverse(layer.layer), layer.reverse));
        rows
    }
}

impl LayerDiagnosis {
    /// The curve that the cell is known by: |δc| for an LSTM, |δh| otherwise.
    pub fn main(&self) -> &Band {
        self.grad_c.as_ref().unwrap_or(&self.grad_h)
    }

    /// Which layer, in which direction.
    pub const fn id(&self) -> LayerId {
        LayerId {
            layer: self.layer,
            reverse: self.reverse,
        }
    }

    /// The path through time that contributes most; `None` where all of them take away from what
    /// comes from above.
    pub fn dominant(&self) -> Option<(Path, f64)> {
        let through_time = |path: Path| !matches!(path, Path::Loss | Path::Above);
        let paths = self.paths.iter().copied();
        paths
            .filter(|(path, _)| through_time(*path))
            .filter(|(_, part)| *part > 0.0)
            .max_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// Whether `alone` explodes over the window.
    pub fn explodes(&self) -> bool {
        self.law.verdict() == Some(Verdict::Exploding)
    }

    /// Whether it vanishes.
    pub fn vanishes(&self) -> bool {
        self.law.verdict() == Some(Verdict::Vanishing)
    }

    /// `layer 0`, `layer 1 ←`.
    pub fn name(&self) -> String {
        self.id().to_string()
    }
}

/// Diagnoses a model. `go_on(done)`, 0 ≤ done ≤ 1, is asked now and then.
///
/// # Errors
/// [`InspectError`].
pub fn diagnose(
    model: &Model,
    drive: &Drive,
    seed: u64,
    go_on: GoOn,
) -> Result<Diagnosis, InspectError> {
    check_memory(model, drive.steps(), drive.sequences.len())?;
    let parameters = &model.parameters;
    let v = init::unit_vector(parameters.outputs(), Init::Orthogonal, seed).to_vec();
    let start = |&hidden: &usize| init::unit_vector(hidden, Init::Orthogonal, seed).to_vec();
    let starts: Vec<Vec<f64>> = parameters.sizes().iter().map(start).collect();
    let stopped = |stopped| InspectError::Stopped(model.title.clone(), stopped);
    // Eigenvalues take as long as the sweeps, and need nothing of them.
    let sizing = Sizing::begin(parameters);
    let measured = Measured::of(model, drive, (&v, &starts), seed, &mut *go_on);
    let measured = measured.map_err(stopped)?;
    let matrices = sizing
        .wait(&mut || go_on(1.0))
        .ok_or_else(|| stopped(Stopped::Cancelled))?
        .map_err(|error| InspectError::NoConvergence(model.title.clone(), error))?;
    let mut found = measured.diagnosis(model, drive, v, &starts, matrices);
    if found.input != Input::Own {
        return Ok(found);
    }
    let mut trials = Trials {
        model,
        sequences: &drive.sequences,
        starts: &starts,
        go_on: &mut |_| go_on(1.0),
    };
    let advice = advice::advise(&found, &mut trials);
    found.advice = advice.map_err(|remedy::Cancelled| stopped(Stopped::Cancelled))?;
    Ok(found)
}

fn check_memory(model: &Model, steps: usize, sequences: usize) -> Result<(), InspectError> {
    let parameters = &model.parameters;
    let parts = || parameters.layers.iter().flatten().map(|part| &part.cell);
    let kept: usize = parts().map(of_step).sum();
    // The sweep has the δ of the pre-activations of a layer.
    let swept = parts().map(|cell| 2 * cell.gates() * cell.hidden()).max();
    let step = kept + swept.unwrap_or(0);
    let most = MAX_TAPE / step.max(1);
    // Every recurrent matrix is packed twice, and decomposed beside that.
    let matrices = parts().map(|cell| cell.gates() * cell.hidden().pow(2));
    let numbers = (steps.min(most) * step + 6 * matrices.sum::<usize>()) as f64;
    // Curves of the sequence that is measured, and of each norms for the end.
    let curves = ((1000 + 64 * sequences) * steps.min(most) * parts().count()) as f64;
    let takes = Cost {
        bytes: 8.0 * numbers + curves,
        wide: 16.0 * numbers,
        seconds: 0.0,
    };
    let room = takes.room();
    room.map_err(|why| InspectError::NoRoom(model.title.clone(), why))?;
    if steps <= most {
        return Ok(());
    }
    Err(InspectError::TooLong {
        title: model.title.clone(),
        most,
        found: steps,
    })
}

/// The numbers that a cell keeps of a step: states, activations and slopes.
fn of_step(cell: &Parameters) -> usize {
    cell.hidden() * (2 * cell.gates() + 4)
}

/// What a thread returned; its panic goes on in ours.
fn joined<T>(returned: thread::Result<T>) -> T {
    returned.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
