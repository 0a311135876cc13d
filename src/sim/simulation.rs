//! A simulation: two cells under the same settings, driven by the same signal, and the window of T
//! steps that slides over it.

mod fit;
mod placed;
mod track;

use std::sync::Arc;

use ndarray::{Array1, Array2};

use self::fit::fit;
use self::track::{State, Track};
use super::data::Data;
use super::model::{Drawn, Model};
use super::settings::{LossKind, Settings, Side, Signal};
use super::{Series, Window, budget, signal};
use crate::cell::forward::Stopped;
use crate::cell::init;
use crate::flow::{Flow, PathSet, Scratch};
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

impl Ask {
    /// Nothing besides, with paths that are cut.
    pub fn cutting(cuts: PathSet) -> Self {
        Self {
            cuts,
            ..Self::default()
        }
    }
}

/// Why a window could not be computed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SimError {
    /// The data do not fit the settings or each other; one sentence.
    #[error("{0}")]
    Unfit(String),
    /// The system refuses the memory; one sentence.
    #[error("{0}")]
    NoRoom(String),
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
    /// v, left and right.
    loss_vectors: [Arc<Array1<f64>>; 2],
    /// Steps before the window.
    before: u64,
    /// The inputs that were last drawn, left and right, and what decides them.
    signal: [Option<(Course, Arc<Array2<f64>>)>; 2],
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
        let tracks = [Track::new(left), Track::new(right)];
        let mut simulation = Self {
            settings,
            data,
            drawn,
            loss_vectors: Default::default(),
            before: 0,
            signal: [None, None],
            tracks,
        };
        simulation.turn_losses();
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
                // Nobody waits for memory of the old shape.
                track.tape = Arc::default();
                track.scratch = Scratch::default();
            }
            track.valid = false;
        }
        let old = std::mem::replace(&mut self.settings, settings);
        self.turn_losses();
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

    /// Gives each cell its v.
    fn turn_losses(&mut self) {
        let v = |track: &Track| {
            let Settings { init, seed, .. } = self.settings;
            let drawn = || init::unit_vector(track.hidden(), init, seed);
            let own = self.data.loss_vector.as_ref();
            let mut v = own.map_or_else(drawn, |named| named.value.clone());
            if self.settings.loss == LossKind::Mean && self.data.mask.is_none() {
                v /= self.settings.steps as f64;
            }
            Arc::new(v)
        };
        self.loss_vectors = self.tracks.each_ref().map(v);
    }

    /// Back to the first window.
    pub fn rewind(&mut self) {
        self.before = 0;
        for track in &mut self.tracks {
            let n = track.hidden();
            track.start = State {
                h: initial(self.data.initial_h.as_ref(), self.settings.initial_h, n),
                c: initial(self.data.initial_c.as_ref(), self.settings.initial_c, n),
                gates: Vec::new(),
                exponent: 0,
            };
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
        let window = self.window(side, &mut |done| progress(0.3 * done))?;
        let Track { sizes, scratch, .. } = &mut self.tracks[side.index()];
        let progress = &mut |done| progress(0.3 + 0.7 * done);
        window.flow(ask, sizes.clone(), scratch, progress)
    }

    /// The window with what a screen shows besides: what makes the gradient grow or die out
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
        let window = self.present(side);
        let progress = &mut |done| progress(0.5 + 0.5 * done);
        flow.law = Some(window.law(ask.cuts, &flow, progress)?);
        flow.find_units(window.tape());
        Ok(flow)
    }

    /// The window of the cell on one side, run forward, to be measured elsewhere.
    ///
    /// # Errors
    /// As [`Simulation::flow`].
    pub fn window(&mut self, side: Side, progress: Progress) -> Result<Window, SimError> {
        self.run(side, progress)?;
        Ok(self.present(side))
    }

    /// The window on one side, which has been run.
    fn present(&self, side: Side) -> Window {
        let track = &self.tracks[side.index()];
        Window {
            settings: self.settings.clone(),
            side,
            now: self.now(),
            cell: Arc::clone(&track.cell),
            tape: Arc::clone(&track.tape),
            inputs: Arc::clone(&track.inputs),
            data: Arc::clone(&self.data),
            loss_vector: Arc::clone(&self.loss_vectors[side.index()]),
            placed: track.placed.clone(),
        }
    }

    /// Runs the window forward, unless its tape is there.
    fn run(&mut self, side: Side, progress: Progress) -> Result<(), SimError> {
        let window = self.data.sized(&self.settings, side);
        let window = budget::one(self.settings.cell(side), &window);
        let laid_out = self.tracks[side.index()].laid_out();
        let room = window.room_beside(laid_out);
        room.map_err(SimError::NoRoom)?;
        if self.tracks[side.index()].valid {
            return Ok(());
        }
        let inputs = self.inputs(side)?;
        match self.tracks[side.index()].run(inputs, progress) {
            Ok(()) => {
                self.tracks[side.index()].placed = self.placed(side).map(Arc::new);
                Ok(())
            }
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

    /// The inputs of the present window of a side.
    fn inputs(&mut self, side: Side) -> Result<Arc<Array2<f64>>, SimError> {
        let mut settings = self.settings.clone();
        let other = self.data.other(&settings, side);
        if let Some(other) = other {
            settings.inputs = other.parameters.value.inputs();
        }
        let Settings {
            signal,
            steps,
            inputs,
            seed,
            amplitude,
            ..
        } = settings;
        let course = (signal, steps, inputs, seed, amplitude, self.before);
        let known = &mut self.signal[usize::from(other.is_some())];
        if let Some((known, inputs)) = known
            && *known == course
        {
            return Ok(Arc::clone(inputs));
        }
        let sequence = other.map_or(&self.data.sequence, |other| &other.sequence);
        let sequence = sequence.as_ref().map(|named| &named.value);
        let inputs = signal::window(&settings, sequence, self.before).ok_or_else(ended)?;
        let inputs = Arc::new(inputs);
        *known = Some((course, Arc::clone(&inputs)));
        Ok(inputs)
    }

    /// Whether the input reaches to the end of a window after so many steps.
    fn reaches(&self, before: u64) -> bool {
        let rows = |sequence: &Option<Named<Series>>| {
            let rows = sequence.as_ref().map(|named| named.value.nrows() as u64);
            rows.unwrap_or(0)
        };
        let other = self.data.other(&self.settings, Side::Right);
        let other = other.map_or(u64::MAX, |other| rows(&other.sequence));
        let rows = rows(&self.data.sequence).min(other);
        self.settings.signal != Signal::File || before + self.settings.steps as u64 <= rows
    }
}

/// The cells of both sides.
fn models(drawn: &mut Drawn, settings: &Settings, data: &Data) -> Result<[Model; 2], SimError> {
    budget::drawing(settings, data)
        .room()
        .map_err(SimError::NoRoom)?;
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

/// An initial state: the user's own, or H times the same number.
fn initial(own: Option<&Named<Array1<f64>>>, constant: f64, hidden: usize) -> Vec<f64> {
    own.map_or_else(|| vec![constant; hidden], |named| named.value.to_vec())
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

    /// 8 MiB of states of 8 kB each are about a thousand of them, after three thousand steps as after a day.
    #[test]
    fn earlier_states_are_counted_in_bytes() {
        let settings = Settings {
            hidden: 512,
            steps: 2,
            ..Settings::default()
        };
        let mut simulation = Simulation::new(settings, Arc::default()).expect("they fit");
        assert!(simulation.forward().expect("it runs"));
        let track = &mut simulation.tracks[0];
        for _ in 0..3000 {
            track.slide();
        }
        let bytes: usize = track.earlier.iter().map(State::bytes).sum();
        assert!((7 << 20..=8 << 20).contains(&bytes), "{bytes}");
    }
}
