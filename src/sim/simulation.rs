//! A simulation: two cells under the same settings, driven by the same signal, and the window of
//! T steps that slides over it.

use std::sync::Arc;

use crate::cell::CellKind;
use crate::flow::{Flow, PathSet};
use crate::sim::{Data, Settings};

/// What to compute besides totals and shares.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ask {
    /// Paths cut in the backward pass of the totals and shares.
    pub cuts: PathSet,
    /// Each path alone.
    pub alone: bool,
    /// The totals without each path, and the cut sets.
    pub without: bool,
}

/// Why a window could not be computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SimError {
    /// The data do not fit the settings or each other; one sentence.
    #[error("{0}")]
    Unfit(String),
    /// Newer work has come.
    #[error("cancelled")]
    Cancelled,
}

/// Asked now and then during long work: `progress(done)` with 0 ≤ done ≤ 1; false cancels.
pub type Progress<'a> = &'a mut dyn FnMut(f64) -> bool;

/// Two cells, a signal, and where the window stands.
pub struct Simulation {}

impl Simulation {
    /// Sets up both cells; the window ends at step T.
    ///
    /// # Errors
    /// `Unfit` when data and settings contradict each other.
    pub fn new(settings: Settings, data: Arc<Data>) -> Result<Self, SimError> {
        let _ = (settings, data);
        unimplemented!()
    }

    /// The settings, completed from the data (H, D, T of the user's files).
    #[must_use]
    pub fn settings(&self) -> &Settings {
        unimplemented!()
    }

    /// Computes the window of one cell.
    ///
    /// # Errors
    /// `Cancelled` when `progress` says so; `Unfit` when a state leaves the numbers (a sentence with the step).
    pub fn flow(&mut self, cell: CellKind, ask: Ask, progress: Progress) -> Result<Flow, SimError> {
        let _ = (cell, ask, progress);
        unimplemented!()
    }
}
