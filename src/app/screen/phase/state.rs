//! What the screen keeps, and what can be done on it alone.

use std::sync::Arc;

use super::chart::Chart;
use crate::sim::budget::Cost;
use crate::sim::{Settings, Side};
use crate::sweep::Spec;

/// So many maps are kept, the one shown last among them.
const KEPT: usize = 8;

/// What the screen keeps.
#[derive(Debug, Default)]
pub struct State {
    /// What was chosen of the horizontal and of the vertical axis.
    pub axes: [Chosen; 2],
    /// What the colours show.
    pub measure: Measure,
    /// Whether the user has stopped the filling of the map.
    pub stopped: bool,
    /// What the dearest map takes that was to be filled.
    pub(super) agreed: Cost,
    /// The maps that are kept; the last one was shown last.
    charts: Vec<Chart>,
    /// Why there is no map of the present settings.
    pub refusal: Option<String>,
    /// What the map that is shown was made for; the data by their address.
    pub(super) made_for: Option<(Settings, Side, [Chosen; 2], usize)>,
    /// The map that the threads fill.
    pub(super) asked: Option<u64>,
    /// How many maps there have been.
    count: u64,
}

/// What was chosen of an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Chosen {
    /// The parameter; without one, the first that fits.
    pub name: Option<&'static str>,
    /// From where, and in which steps; without them, as the parameter has it.
    pub span: Option<(f64, f64)>,
}

/// What the colours show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// log10 of the factor over the window.
    #[default]
    Window,
    /// log10 of the factor per step.
    Step,
    /// The largest Lyapunov exponent.
    Exponent,
    /// Which path makes it grow or die out.
    Paths,
}

impl Measure {
    /// The next one.
    pub const fn next(self) -> Self {
        match self {
            Self::Window => Self::Step,
            Self::Step => Self::Exponent,
            Self::Exponent => Self::Paths,
            Self::Paths => Self::Window,
        }
    }
}

/// What can be done here only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Move the dot by so many values to the right and up.
    Move(i32, i32),
    /// Put the dot on these values.
    Put(usize, usize),
    /// Another parameter on an axis: 0 is x, 1 is y.
    Axis(usize, i32),
    /// Another thing in colour.
    NextMeasure,
    /// Halve (+1) or double (−1) what both axes span, around the dot.
    Zoom(i32),
    /// Both axes as they were at first.
    Whole,
    /// Stop filling the map, or go on.
    Stop,
}

/// What worker threads are to compute: these windows of a sweep, for the map of this number.
#[derive(Clone, Debug)]
pub struct Order {
    /// The map's number.
    pub map: u64,
    /// The sweep.
    pub spec: Arc<Spec>,
    /// The windows, in their order.
    pub windows: Vec<usize>,
}

impl State {
    /// The map of the present settings.
    pub fn chart(&self) -> Option<&Chart> {
        self.charts.last().filter(|_| self.refusal.is_none())
    }

    /// Shows the map of a sweep: one that is kept, or a new one.
    pub(super) fn show(&mut self, spec: Spec) {
        let kept = self.charts.iter().position(|chart| chart.is_of(&spec));
        let chart = if let Some(at) = kept {
            self.charts.remove(at)
        } else {
            self.count += 1;
            Chart::new(self.count, spec)
        };
        if self.charts.len() == KEPT {
            self.charts.remove(0);
        }
        self.charts.push(chart);
        self.refusal = None;
    }

    /// The map of a number, where it is still kept.
    pub(super) fn kept(&mut self, number: u64) -> Option<&mut Chart> {
        self.charts.iter_mut().find(|chart| chart.number == number)
    }
}
