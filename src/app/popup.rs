//! What lies over the screen.

use std::sync::Arc;

use crate::app::history::Moment;
use crate::app::input::TextLine;
use crate::app::scroll::Scroll;
use crate::sim::Settings;
use crate::sim::budget::Cost;
use crate::sim::edge::{Outcome, Request, Search};

/// What lies over the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Popup {
    /// The keys, or what the words mean.
    Page(Page),
    /// The input line for a typed value.
    Input {
        /// What was typed so far.
        line: TextLine,
        /// Whether it is the present value still, which the first character takes the place of.
        fresh: bool,
    },
    /// The search for the edge, and what it found.
    Edge(Edge),
    /// What takes much, and is asked for.
    Heavy(Cost, Asked),
    /// The command palette.
    Palette {
        /// What was typed so far.
        line: TextLine,
        /// The selected row, from the best one.
        row: usize,
    },
}

/// A page over the screen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// Whether it says what the words mean, and not the keys.
    pub words: bool,
    /// What was typed to search it: then it is the lines that have every word of that.
    pub search: Option<TextLine>,
    /// How far it is scrolled.
    pub scroll: Scroll,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// The window of other settings.
    Step(Step),
    /// The training that was to be begun.
    Training,
}

/// A step from the present settings to others.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// To new ones.
    Change(Box<Moment>),
    /// To those before.
    Undo,
    /// To those that were undone.
    Redo,
}

/// A search as the screen shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// What was asked.
    pub request: Request,
    /// The settings it was asked under; under others, what it finds is of no use.
    pub asked: Box<Settings>,
    /// How far it is; `None` before its first trial.
    pub search: Option<Arc<Search>>,
}

impl Edge {
    /// How the search ended, if it did.
    pub fn outcome(&self) -> Option<Outcome> {
        self.search.as_ref().and_then(|search| search.outcome)
    }

    /// The settings that it found, other than those it began with.
    pub fn found(&self) -> Option<Settings> {
        let value = self.outcome().and_then(Outcome::value)?;
        let found = self.request.knob.applied(&self.asked, value);
        Some(found).filter(|found| *found != *self.asked)
    }

    /// Whether it found such settings.
    pub fn changes(&self) -> bool {
        self.found().is_some()
    }
}
