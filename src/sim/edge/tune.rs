//! A simulation is brought to the edge.
//!
//! Over a signal that does not rest every window has an edge of its own. How far they lie apart is measured on
//! the windows that follow: of an edge at 0.50 ± 0.12 no third digit is true.

use super::{Knob, NEAR, Outcome, Search, search};
use crate::flow::{Flow, PathSet};
use crate::num::Wide;
use crate::sim::{Ask, Progress, Settings, Side, SimError, Simulation};

/// So many windows after the one that is tuned say how far their edges lie apart.
const OTHERS: usize = 8;
/// Of these, |ln rᵀ| up to this is an edge,
const ROUGH: f64 = 0.01;
/// and where it is below this at the edge of the window before, the signal rests.
const AT_REST: f64 = 1e-6;

/// Edges of several windows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// How many.
    pub windows: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation.
    pub deviation: f64,
}

impl Spread {
    /// Of at least two edges.
    fn of(edges: &[f64]) -> Option<Self> {
        let windows = edges.len();
        let mean = edges.iter().sum::<f64>() / windows as f64;
        let squares: f64 = edges.iter().map(|edge| (edge - mean).powi(2)).sum();
        (windows > 1).then(|| Self {
            windows,
            mean,
            deviation: (squares / (windows - 1) as f64).sqrt(),
        })
    }
}

/// What to tune, from where, and on which side's main curve r is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// What is tuned.
    pub knob: Knob,
    /// The value to begin at, within the knob's range.
    pub start: f64,
    /// Whose curve.
    pub side: Side,
    /// Paths cut in the backward pass.
    pub cuts: PathSet,
}

/// Searches on the window that a simulation stands at. Where a value is found, the simulation goes
/// over to it; otherwise, and when the search is cancelled, its settings are as before.
///
/// # Errors
/// `Cancelled` when `progress` says so; it is asked often, and told nothing of how far the search is.
pub fn tune(
    simulation: &mut Simulation,
    request: Request,
    told: &mut dyn FnMut(&Search),
    progress: Progress,
) -> Result<Search, SimError> {
    let place = simulation.place();
    let mut tuned = Tuned {
        asked: simulation.settings().clone(),
        simulation,
        request,
    };
    let found = tuned.find(told, progress);
    let Tuned {
        simulation, asked, ..
    } = tuned;
    let outcome = found.as_ref().ok().and_then(|search| search.outcome);
    let value = outcome.and_then(Outcome::value);
    let settings = value.map_or_else(
        || asked.clone(),
        |value| request.knob.applied(&asked, value),
    );
    simulation.put(place);
    simulation.set(settings)?;
    let found = found?;
    told(&found);
    Ok(found)
}

/// A simulation that is tuned.
struct Tuned<'a> {
    simulation: &'a mut Simulation,
    asked: Settings,
    request: Request,
}

impl Tuned<'_> {
    fn find(
        &mut self,
        told: &mut dyn FnMut(&Search),
        progress: Progress,
    ) -> Result<Search, SimError> {
        let Request { knob, start, .. } = self.request;
        let measure = &mut |value| self.log_r(value, &mut *progress);
        let mut found = search(NEAR, (knob, start), measure, told)?;
        if let Some(Outcome::Found(edge)) = found.outcome {
            let flow = self.flow(edge.value, &mut *progress)?;
            let curve = flow.as_ref().map_or(&[][..], Flow::carried_curve);
            found.ends = curve
                .last()
                .zip(curve.first())
                .map(|(&last, &first)| [last, first]);
            found.spread = self.spread(edge.value, progress)?;
        }
        Ok(found)
    }

    /// The window under a value; `None` where a state leaves the range of numbers.
    fn flow(&mut self, value: f64, progress: Progress) -> Result<Option<Flow>, SimError> {
        let ask = Ask::cutting(self.request.cuts);
        let settings = self.request.knob.applied(&self.asked, value);
        self.simulation.set(settings)?;
        match self.simulation.flow(self.request.side, ask, progress) {
            Ok(flow) => Ok(Some(flow)),
            Err(SimError::Unfit(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn log_r(&mut self, value: f64, progress: Progress) -> Result<Option<f64>, SimError> {
        let flow = self.flow(value, progress)?;
        Ok(flow.and_then(|flow| flow.factor_per_step()).map(Wide::ln))
    }

    /// How the edges of this window and of those that follow it differ; `None` where they do not.
    fn spread(&mut self, edge: f64, progress: Progress) -> Result<Option<Spread>, SimError> {
        let (knob, steps) = (self.request.knob, self.asked.steps as f64);
        let mut edges = vec![edge];
        for _ in 0..OTHERS {
            match self
                .simulation
                .next_window(self.request.side, &mut *progress)
            {
                Ok(true) => {}
                Ok(false) | Err(SimError::Unfit(_)) => break,
                Err(error) => return Err(error),
            }
            let log_r = self.log_r(edge, &mut *progress)?;
            if edges.len() == 1 && log_r.is_some_and(|log_r| (log_r * steps).abs() < AT_REST) {
                return Ok(None);
            }
            let measure = &mut |value| self.log_r(value, &mut *progress);
            let other = search(ROUGH / steps, (knob, edge), measure, &mut |_| {})?;
            if let Some(Outcome::Found(other)) = other.outcome {
                edges.push(other.value);
            }
            // The next window follows this one under the value that was found first.
            self.flow(edge, &mut *progress)?;
        }
        Ok(Spread::of(&edges))
    }
}
