//! A simulation: an RNN and an LSTM under the same settings, driven by the same signal, and the
//! window of T steps that slides over it. A GRU joins them when it is asked for.

mod depth;

use std::collections::VecDeque;
use std::sync::Arc;

use ndarray::{Array1, Array2};

use super::data::{Data, Named};
use super::model::{Drawn, Model};
use super::settings::{ClipMode, LossKind, Settings, Signal};
use super::signal;
use crate::cell::forward::{Stopped, forward};
use crate::cell::{Cell, CellKind, Gru, Tape, init};
use crate::flow::{self, Flow, Loss, MatrixSize, PathSet, Request, Scratch};

/// So many numbers of earlier states are kept for stepping back (16 MB).
const HISTORY: usize = 2 << 20;

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
    #[error("the computation was cancelled")]
    Cancelled,
}

/// Asked now and then during long work: `progress(done)` with 0 ≤ done ≤ 1; false cancels.
pub type Progress<'a> = &'a mut dyn FnMut(f64) -> bool;

/// The cells, a signal, and where the window stands.
#[derive(Debug)]
pub struct Simulation {
    settings: Settings,
    data: Arc<Data>,
    drawn: Drawn,
    model: Model,
    loss_vector: Array1<f64>,
    /// Steps before the window.
    before: u64,
    /// The states before the window, and those before that for stepping back.
    rnn: Track,
    lstm: Track,
    gru: Option<GruTrack>,
}

/// The GRU, made when it is first asked for.
#[derive(Debug)]
struct GruTrack {
    cell: Gru,
    sizes: Vec<MatrixSize>,
    track: Track,
}

/// One cell's tape, and its states before the window.
#[derive(Debug, Default)]
struct Track {
    tape: Tape,
    /// Whether the tape holds the present window under the present settings.
    valid: bool,
    scratch: Scratch,
    start: State,
    earlier: VecDeque<State>,
}

/// h and c (empty without one), and the binary exponent of h.
#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    h: Vec<f64>,
    c: Vec<f64>,
    exponent: i64,
}

impl Simulation {
    /// Sets up both cells; the window ends at step T.
    ///
    /// # Errors
    /// `Unfit` when data and settings contradict each other.
    pub fn new(settings: Settings, data: Arc<Data>) -> Result<Self, SimError> {
        let settings = fit(settings, &data)?;
        let mut drawn = Drawn::default();
        let model = drawn.model(&settings, &data)?;
        let loss_vector = loss_vector(&settings, &data);
        let mut simulation = Self {
            settings,
            data,
            drawn,
            model,
            loss_vector,
            before: 0,
            rnn: Track::default(),
            lstm: Track::default(),
            gru: None,
        };
        simulation.rewind();
        Ok(simulation)
    }

    /// The settings, completed from the data (H and D of the user's files).
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The number of the window's last step.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.before + self.settings.steps as u64
    }

    /// Goes over to other settings. The window keeps its first state, from which it is computed
    /// anew, unless the state itself or the signal became another one: then it starts over.
    ///
    /// # Errors
    /// `Unfit` when data and settings contradict each other; the old settings stay.
    pub fn set(&mut self, settings: Settings) -> Result<(), SimError> {
        let settings = fit(settings, &self.data)?;
        self.model = self.drawn.model(&settings, &self.data)?;
        if let Some(GruTrack { cell, sizes, track }) = &mut self.gru {
            (*cell, *sizes) = self.drawn.gru(&settings, &self.data)?;
            track.valid = false;
        }
        self.loss_vector = loss_vector(&settings, &self.data);
        let old = std::mem::replace(&mut self.settings, settings);
        let new = &self.settings;
        self.rnn.valid = false;
        self.lstm.valid = false;
        let same_course = old.hidden == new.hidden
            && old.inputs == new.inputs
            && old.seed == new.seed
            && old.signal == new.signal
            && old.initial_h == new.initial_h
            && old.initial_c == new.initial_c;
        if !same_course || !self.reaches(self.before) {
            self.rewind();
        }
        Ok(())
    }

    /// Back to the first window.
    pub fn rewind(&mut self) {
        self.before = 0;
        let n = self.settings.hidden;
        let h = initial(self.data.initial_h.as_ref(), self.settings.initial_h, n);
        let c = initial(self.data.initial_c.as_ref(), self.settings.initial_c, n);
        self.rnn = Track {
            start: State {
                h: h.clone(),
                ..State::default()
            },
            ..Track::default()
        };
        // It is made anew from the first window on.
        self.gru = None;
        self.lstm = Track {
            start: State { h, c, exponent: 0 },
            ..Track::default()
        };
    }

    /// One step forward; false when the user's own sequence is at its end. Needs both cells'
    /// [`Simulation::flow`] of the present window.
    ///
    /// # Errors
    /// As [`Simulation::flow`].
    pub fn forward(&mut self) -> Result<bool, SimError> {
        if !self.reaches(self.before + 1) {
            return Ok(false);
        }
        self.run(CellKind::Rnn, &mut |_| true)?;
        self.run(CellKind::Lstm, &mut |_| true)?;
        let most = HISTORY / (3 * self.settings.hidden);
        self.rnn.slide(most);
        self.lstm.slide(most);
        if self.gru.is_some() {
            self.run(CellKind::Gru, &mut |_| true)?;
        }
        if let Some(gru) = &mut self.gru {
            gru.track.slide(most);
        }
        self.before += 1;
        Ok(true)
    }

    /// One step back; false where the history ends.
    pub fn back(&mut self) -> bool {
        if self.rnn.earlier.is_empty() || self.lstm.earlier.is_empty() {
            return false;
        }
        self.rnn.unslide();
        self.lstm.unslide();
        match &mut self.gru {
            Some(gru) if gru.track.earlier.is_empty() => self.gru = None,
            Some(gru) => gru.track.unslide(),
            None => {}
        }
        self.before -= 1;
        true
    }

    /// Computes the window of one cell.
    ///
    /// # Errors
    /// `Cancelled` when `progress` says so; `Unfit` when a state leaves the numbers (a sentence
    /// with the step).
    pub fn flow(&mut self, cell: CellKind, ask: Ask, progress: Progress) -> Result<Flow, SimError> {
        let inputs = self.run(cell, &mut |done| progress(0.3 * done))?;
        let Settings {
            clip, threshold, ..
        } = self.settings;
        let loss = loss(&self.settings, &self.data, &self.loss_vector);
        let Ask {
            cuts,
            alone,
            without,
        } = ask;
        let request = Request {
            loss,
            cuts,
            alone,
            without,
            clip: (clip, threshold),
        };
        let mut go_on = |done: f64| progress(0.3 + 0.7 * done);
        let flow = match cell {
            CellKind::Rnn => self.rnn.measure(
                &self.model.rnn,
                &self.model.rnn_sizes,
                &inputs,
                &request,
                &mut go_on,
            ),
            CellKind::Lstm => self.lstm.measure(
                &self.model.lstm,
                &self.model.lstm_sizes,
                &inputs,
                &request,
                &mut go_on,
            ),
            CellKind::Gru => self
                .gru
                .as_mut()
                .and_then(|GruTrack { cell, sizes, track }| {
                    track.measure(cell, sizes, &inputs, &request, &mut go_on)
                }),
            _ => None,
        };
        flow.ok_or(SimError::Cancelled)
    }

    fn loss(&self) -> Loss<'_> {
        loss(&self.settings, &self.data, &self.loss_vector)
    }

    /// Runs the window forward, unless its tape is there; the inputs.
    fn run(&mut self, cell: CellKind, progress: Progress) -> Result<Array2<f64>, SimError> {
        let sequence = self.data.sequence.as_ref().map(|named| &named.value);
        let inputs = signal::window(&self.settings, sequence, self.before).ok_or_else(ended)?;
        let before = self.before;
        if cell == CellKind::Gru && self.gru.is_none() {
            self.gru = Some(self.join()?);
        }
        let outcome = match cell {
            CellKind::Rnn => self.rnn.run(&self.model.rnn, &inputs, progress),
            CellKind::Lstm => self.lstm.run(&self.model.lstm, &inputs, progress),
            CellKind::Gru => match &mut self.gru {
                Some(gru) => gru.track.run(&gru.cell, &inputs, progress),
                None => Err(Stopped::Cancelled),
            },
            _ => Err(Stopped::Cancelled),
        };
        match outcome {
            Ok(()) => Ok(inputs),
            Err(Stopped::Cancelled) => Err(SimError::Cancelled),
            Err(Stopped::NotFinite(t)) => Err(SimError::Unfit(format!(
                "the state of the {} leaves the range of float64 at step {}; lower the forget gate, the spectral \
                 radius or the number of steps",
                cell.name(),
                before + t as u64
            ))),
        }
    }

    /// A GRU that has come as far as the other cells: all steps before the window, from its
    /// initial state.
    fn join(&mut self) -> Result<GruTrack, SimError> {
        let (cell, sizes) = self.drawn.gru(&self.settings, &self.data)?;
        let h = initial(
            self.data.initial_h.as_ref(),
            self.settings.initial_h,
            self.settings.hidden,
        );
        let mut start = State {
            h,
            ..State::default()
        };
        let sequence = self.data.sequence.as_ref().map(|named| &named.value);
        let mut done = 0;
        while done < self.before {
            let mut track = Track {
                start,
                ..Track::default()
            };
            let steps = (self.before - done).min(self.settings.steps as u64);
            let inputs = signal::window(&self.settings, sequence, done).ok_or_else(ended)?;
            // A GRU's state stays within the numbers.
            track
                .run(&cell, &inputs, &mut |_| true)
                .map_err(|_| SimError::Cancelled)?;
            start = track.state(usize::try_from(steps).unwrap_or(0));
            done += steps;
        }
        let track = Track {
            start,
            ..Track::default()
        };
        Ok(GruTrack { cell, sizes, track })
    }

    /// Whether the input reaches to the end of a window after so many steps.
    fn reaches(&self, before: u64) -> bool {
        let rows = self
            .data
            .sequence
            .as_ref()
            .map_or(0, |named| named.value.nrows() as u64);
        self.settings.signal != Signal::File || before + self.settings.steps as u64 <= rows
    }
}

impl Track {
    fn run<C: Cell>(
        &mut self,
        cell: &C,
        inputs: &Array2<f64>,
        progress: Progress,
    ) -> Result<(), Stopped> {
        if self.valid {
            return Ok(());
        }
        let (steps, hidden) = (inputs.nrows(), cell.parameters().hidden());
        if (self.tape.steps, self.tape.hidden) != (steps, hidden) {
            self.tape = cell.tape(steps);
        }
        self.tape.h[..hidden].copy_from_slice(&self.start.h);
        if !self.tape.c.is_empty() {
            self.tape.c[..hidden].copy_from_slice(&self.start.c);
        }
        self.tape.exponents[0] = self.start.exponent;
        forward(cell, inputs.view(), &mut self.tape, progress)?;
        self.valid = true;
        Ok(())
    }

    fn measure<C: Cell>(
        &mut self,
        cell: &C,
        sizes: &[MatrixSize],
        inputs: &Array2<f64>,
        request: &Request,
        progress: Progress,
    ) -> Option<Flow> {
        let Self { tape, scratch, .. } = self;
        flow::analyse(
            cell,
            tape,
            inputs.view(),
            request,
            sizes.to_vec(),
            scratch,
            progress,
        )
    }

    /// The state after t steps of the window.
    fn state(&self, t: usize) -> State {
        State {
            h: self.tape.h(t).to_vec(),
            c: self.tape.c(t).to_vec(),
            exponent: self.tape.exponents[t],
        }
    }

    fn slide(&mut self, most: usize) {
        let next = self.state(1);
        if self.earlier.len() >= most {
            self.earlier.pop_front();
        }
        self.earlier
            .push_back(std::mem::replace(&mut self.start, next));
        self.valid = false;
    }

    fn unslide(&mut self) {
        if let Some(state) = self.earlier.pop_back() {
            self.start = state;
        }
        self.valid = false;
    }
}

fn ended() -> SimError {
    SimError::Unfit("the input sequence ends before the window does".to_owned())
}

fn loss<'a>(settings: &Settings, data: &'a Data, v: &'a Array1<f64>) -> Loss<'a> {
    let v = v.as_slice().unwrap_or_default();
    match settings.loss {
        LossKind::Last => Loss::Last(v),
        LossKind::Sum => Loss::Sum(v),
        LossKind::Mse => Loss::Mse(data.targets.as_ref().map(|y| &y.value)),
    }
}

/// An initial state: the user's own, or H times the same number.
fn initial(own: Option<&Named<Array1<f64>>>, constant: f64, hidden: usize) -> Vec<f64> {
    own.map_or_else(|| vec![constant; hidden], |named| named.value.to_vec())
}

fn loss_vector(settings: &Settings, data: &Data) -> Array1<f64> {
    data.loss_vector.as_ref().map_or_else(
        || init::unit_vector(settings.hidden, settings.init, settings.seed),
        |named| named.value.clone(),
    )
}

/// Completes the settings from the data, and checks the data against them and each other.
fn fit(mut settings: Settings, data: &Data) -> Result<Settings, SimError> {
    if let Some(own) = &data.parameters {
        settings.hidden = own.value.hidden();
        settings.inputs = own.value.inputs();
    } else if settings.rho.is_none() {
        settings.rho = Some(1.0);
    }
    let hidden = settings.hidden;
    if let (Signal::File, Some(sequence)) = (settings.signal, &data.sequence) {
        let (rows, columns) = sequence.value.dim();
        match &data.parameters {
            Some(own) if own.value.inputs() != columns => {
                return Err(SimError::Unfit(format!(
                    "{}: expected {} columns, the inputs of {}, found {columns}",
                    sequence.source,
                    own.value.inputs(),
                    own.source
                )));
            }
            _ => settings.inputs = columns,
        }
        if rows < settings.steps {
            return Err(SimError::Unfit(format!(
                "{}: expected at least {} rows, the steps of the window, found {rows}",
                sequence.source, settings.steps
            )));
        }
    }
    for vector in [&data.loss_vector, &data.initial_h, &data.initial_c]
        .into_iter()
        .flatten()
    {
        if vector.value.len() != hidden {
            return Err(SimError::Unfit(format!(
                "{}: expected {hidden} numbers, one for each hidden unit, found {}",
                vector.source,
                vector.value.len()
            )));
        }
    }
    if let (LossKind::Mse, Some(targets)) = (settings.loss, &data.targets) {
        let found = targets.value.dim();
        if found != (settings.steps, hidden) {
            return Err(SimError::Unfit(format!(
                "{}: expected targets of shape ({}, {hidden}), steps by hidden units, found ({}, {})",
                targets.source, settings.steps, found.0, found.1
            )));
        }
    }
    let step_value = settings.clip == ClipMode::Off || settings.threshold > 0.0;
    if !step_value {
        return Err(SimError::Unfit(format!(
            "the clipping threshold must be above 0, found {}",
            settings.threshold
        )));
    }
    Ok(settings)
}
