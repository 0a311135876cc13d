//! A simulation: two cells under the same settings, driven by the same signal, and the window of T
//! steps that slides over it.

mod track;

use std::sync::Arc;

use ndarray::{Array1, Array2};

use self::track::{State, Track};
use super::data::Data;
use super::model::{Drawn, Model};
use super::settings::{ClipMode, LossKind, Settings, Side, Signal};
use super::{Window, signal};
use crate::cell::forward::Stopped;
use crate::cell::{init, with_cell};
use crate::flow::{self, Flow, Loss, PathSet, Request};
use crate::io::Named;

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
    loss_vector: Arc<Array1<f64>>,
    /// Steps before the window.
    before: u64,
    /// The inputs that were last drawn, and what decides them.
    signal: Option<(Course, Arc<Array2<f64>>)>,
    tracks: [Track; 2],
}

/// Signal, T, D, seed, amplitude, and the steps before the window.
type Course = (Signal, usize, usize, u64, f64, u64);

/// Where a simulation stands.
#[derive(Clone, Debug)]
pub(super) struct Place {
    before: u64,
    starts: [State; 2],
}

impl Simulation {
    /// Whether data and settings fit each other, without setting anything up.
    ///
    /// # Errors
    /// `Unfit` when they contradict each other.
    pub fn check(settings: &Settings, data: &Data) -> Result<(), SimError> {
        fit(settings.clone(), data).map(|_| ())
    }

    /// Sets up both cells; the window ends at step T.
    ///
    /// # Errors
    /// `Unfit` when data and settings contradict each other.
    pub fn new(settings: Settings, data: Arc<Data>) -> Result<Self, SimError> {
        let settings = fit(settings, &data)?;
        let mut drawn = Drawn::default();
        let [left, right] = models(&mut drawn, &settings, &data)?;
        let loss_vector = loss_vector(&settings, &data);
        let mut simulation = Self {
            settings,
            data,
            drawn,
            loss_vector: Arc::new(loss_vector),
            before: 0,
            signal: None,
            tracks: [Track::new(left), Track::new(right)],
        };
        simulation.rewind();
        Ok(simulation)
    }

    /// The settings, completed from the data (H and D of the user's files).
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The user's data.
    pub fn data(&self) -> &Arc<Data> {
        &self.data
    }

    /// The number of the window's last step.
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
        let models = models(&mut self.drawn, &settings, &self.data)?;
        let same_shape = self.settings.cells == settings.cells
            && self.settings.hidden == settings.hidden
            && self.settings.steps == settings.steps;
        for (track, model) in self.tracks.iter_mut().zip(models) {
            track.cell = model.cell;
            track.sizes = model.sizes;
            if !same_shape {
                track.tape = Arc::default();
            }
            track.valid = false;
        }
        self.loss_vector = Arc::new(loss_vector(&settings, &self.data));
        let old = std::mem::replace(&mut self.settings, settings);
        let new = &self.settings;
        let same_course = old.cells == new.cells
            && old.hidden == new.hidden
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
        let start = State {
            h: initial(self.data.initial_h.as_ref(), self.settings.initial_h, n),
            c: initial(self.data.initial_c.as_ref(), self.settings.initial_c, n),
            gates: Vec::new(),
            exponent: 0,
        };
        for track in &mut self.tracks {
            track.start = start.clone();
            track.earlier.clear();
            track.valid = false;
        }
    }

    /// One step forward; false when the user's own sequence is at its end. Needs the present
    /// window of both cells, which is run where it has not been yet.
    ///
    /// # Errors
    /// As [`Simulation::flow`].
    pub fn forward(&mut self) -> Result<bool, SimError> {
        if !self.reaches(self.before + 1) {
            return Ok(false);
        }
        for side in Side::BOTH {
            self.run(side, &mut |_| true)?;
        }
        for track in &mut self.tracks {
            track.slide();
        }
        self.before += 1;
        Ok(true)
    }

    /// One step back; false where the history ends.
    pub fn back(&mut self) -> bool {
        if self.tracks.iter().any(|track| track.earlier.is_empty()) {
            return false;
        }
        for track in &mut self.tracks {
            track.unslide();
        }
        self.before -= 1;
        true
    }

    /// Where it stands.
    pub(super) fn place(&self) -> Place {
        Place {
            before: self.before,
            starts: self.tracks.each_ref().map(|track| track.start.clone()),
        }
    }

    /// Back to where it stood.
    pub(super) fn put(&mut self, place: Place) {
        self.before = place.before;
        for (track, start) in self.tracks.iter_mut().zip(place.starts) {
            track.start = start;
            track.valid = false;
        }
    }

    /// On to the window that begins where this one ends, for the cell on one side alone; false when the
    /// user's own sequence is at its end.
    ///
    /// # Errors
    /// As [`Simulation::flow`].
    pub(super) fn next_window(&mut self, side: Side, progress: Progress) -> Result<bool, SimError> {
        let next = self.before + self.settings.steps as u64;
        if !self.reaches(next) {
            return Ok(false);
        }
        self.run(side, progress)?;
        let track = &mut self.tracks[side.index()];
        track.start = track.state(self.settings.steps);
        for track in &mut self.tracks {
            track.valid = false;
        }
        self.before = next;
        Ok(true)
    }

    /// Computes the window of the cell on one side.
    ///
    /// # Errors
    /// `Cancelled` when `progress` says so; `Unfit` when a state leaves the numbers (a sentence
    /// with the step).
    pub fn flow(&mut self, side: Side, ask: Ask, progress: Progress) -> Result<Flow, SimError> {
        self.run(side, &mut |done| progress(0.3 * done))?;
        let Settings {
            clip, threshold, ..
        } = self.settings;
        let Ask {
            cuts,
            alone,
            without,
        } = ask;
        let request = Request {
            loss: loss(&self.settings, &self.data, &self.loss_vector),
            cuts,
            alone,
            without,
            clip: (clip, threshold),
        };
        self.tracks[side.index()]
            .measure(&request, &mut |done| progress(0.3 + 0.7 * done))
            .ok_or(SimError::Cancelled)
    }

    /// The same with what a screen shows besides: what makes the gradient grow or die out
    /// ([`Flow::law`]), and the units of the gates.
    ///
    /// # Errors
    /// As [`Simulation::flow`].
    pub fn flow_with_law(
        &mut self,
        side: Side,
        ask: Ask,
        progress: Progress,
    ) -> Result<Flow, SimError> {
        let mut flow = self.flow(side, ask, &mut |done| progress(0.5 * done))?;
        let Settings {
            clip, threshold, ..
        } = self.settings;
        let request = Request {
            loss: loss(&self.settings, &self.data, &self.loss_vector),
            cuts: ask.cuts,
            alone: false,
            without: false,
            clip: (clip, threshold),
        };
        let track = &self.tracks[side.index()];
        let progress = &mut |done| progress(0.5 + 0.5 * done);
        let law = with_cell!(&*track.cell, cell => {
            flow::law(cell, &track.tape, &request, &flow, progress)
        });
        let law = law.ok_or(SimError::Cancelled)?;
        flow.law = Some(law);
        flow.find_units(&track.tape);
        Ok(flow)
    }

    /// The window of the cell on one side, run forward, to be measured elsewhere.
    ///
    /// # Errors
    /// As [`Simulation::flow`].
    pub fn window(&mut self, side: Side, progress: Progress) -> Result<Window, SimError> {
        self.run(side, progress)?;
        let track = &self.tracks[side.index()];
        Ok(Window {
            settings: self.settings.clone(),
            side,
            now: self.now(),
            cell: Arc::clone(&track.cell),
            tape: Arc::clone(&track.tape),
            inputs: Arc::clone(&track.inputs),
            data: Arc::clone(&self.data),
            loss_vector: Arc::clone(&self.loss_vector),
        })
    }

    /// Runs the window forward, unless its tape is there.
    fn run(&mut self, side: Side, progress: Progress) -> Result<(), SimError> {
        if self.tracks[side.index()].valid {
            return Ok(());
        }
        let inputs = self.inputs()?;
        match self.tracks[side.index()].run(inputs, progress) {
            Ok(()) => Ok(()),
            Err(Stopped::Cancelled) => Err(SimError::Cancelled),
            Err(Stopped::NotFinite(t)) => {
                let choice = self.settings.cell(side);
                let gate = if choice.kind.has_c() { "f, " } else { "" };
                // One line of a small screen.
                Err(SimError::Unfit(format!(
                    "the {} leaves the range of numbers at step {}: lower {gate}ρ, T or input",
                    choice.name(),
                    self.before + t as u64
                )))
            }
        }
    }

    /// The inputs of the present window.
    fn inputs(&mut self) -> Result<Arc<Array2<f64>>, SimError> {
        let Settings {
            signal,
            steps,
            inputs,
            seed,
            amplitude,
            ..
        } = self.settings;
        let course = (signal, steps, inputs, seed, amplitude, self.before);
        if let Some((known, inputs)) = &self.signal
            && *known == course
        {
            return Ok(Arc::clone(inputs));
        }
        let sequence = self.data.sequence.as_ref().map(|named| &named.value);
        let inputs = signal::window(&self.settings, sequence, self.before).ok_or_else(ended)?;
        let inputs = Arc::new(inputs);
        self.signal = Some((course, Arc::clone(&inputs)));
        Ok(inputs)
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

/// The cells of both sides.
fn models(drawn: &mut Drawn, settings: &Settings, data: &Data) -> Result<[Model; 2], SimError> {
    let left = drawn.model(Side::Left, settings, data)?;
    let [one, other] = settings.cells;
    // Only weights of the user's own are those of one side.
    let right = if one == other && data.parameters.is_none() {
        left.clone()
    } else {
        drawn.model(Side::Right, settings, data)?
    };
    Ok([left, right])
}

fn ended() -> SimError {
    SimError::Unfit("the input sequence ends before the window does".to_owned())
}

/// The loss that the settings choose, with its data.
pub(super) fn loss<'a>(settings: &Settings, data: &'a Data, v: &'a Array1<f64>) -> Loss<'a> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_the_units_is_at_most_the_first_quartile_and_a_quarter_at_least_the_third() {
        let settings = Settings {
            hidden: 7,
            steps: 5,
            ..Settings::default()
        };
        let mut simulation = Simulation::new(settings, Arc::default()).expect("they fit");
        let flow = simulation.flow_with_law(Side::Left, Ask::default(), &mut |_| true);
        let tape = &simulation.tracks[0].tape;
        for (gate, track) in flow.expect("it runs").gates.iter().enumerate() {
            let [first, third] = &track.quartiles;
            for (unit, mean) in track.units.iter().enumerate() {
                let over_steps = (1..=5).map(|t| tape.activation(t, gate)[unit]).sum::<f64>() / 5.0;
                assert!((mean - over_steps).abs() < 1e-15);
            }
            for t in 1..=5 {
                let units = tape.activation(t, gate);
                let count = |is: &dyn Fn(f64) -> bool| units.iter().filter(|x| is(**x)).count();
                // Ranks 2 and 6 of 7.
                let (first, third) = (first[t - 1], third[t - 1]);
                assert_eq!([count(&|x| x <= first), count(&|x| x >= third)], [2, 2]);
                assert!(units.contains(&first) && units.contains(&third));
            }
        }
    }
}
