//! What lies over the screen.

use std::sync::Arc;

use crate::app::history::Moment;
use crate::app::scroll::Scroll;
use crate::sim::Settings;
use crate::sim::budget::Cost;
use crate::sim::edge::{Outcome, Request, Search};

/// What lies over the screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Popup {
    /// The keys.
    Help(Scroll),
    /// What the words mean.
    Words(Scroll),
    /// A part of either page: the lines that have every word of what was typed.
    Search {
        /// Of the words, not of the keys.
        words: bool,
        /// What was typed.
        text: String,
        /// The cursor, in characters.
        cursor: usize,
        /// How far the part is scrolled.
        scroll: Scroll,
    },
    /// The input line for a typed value: what was typed so far and the cursor in characters.
    Input {
        /// The text.
        text: String,
        /// The cursor, in characters.
        cursor: usize,
        /// Whether it is the present value still, which the first character takes the place of.
        fresh: bool,
    },
    /// The search for the edge, and what it found.
    Edge(Edge),
    /// What takes much, and is asked for.
    Heavy(Cost, Asked),
    /// The command palette: what was typed so far, the cursor in characters, and the selected row.
    Palette {
        /// The text.
        text: String,
        /// The cursor, in characters.
        cursor: usize,
        /// The row, from the best one.
        row: usize,
    },
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

    /// Whether it found settings other than those it began with.
    pub fn changes(&self) -> bool {
        let value = self.outcome().and_then(Outcome::value);
        value.is_some_and(|value| self.request.knob.applied(&self.asked, value) != *self.asked)
    }
}
