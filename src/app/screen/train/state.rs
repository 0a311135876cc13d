//! What the screen keeps, and what can be done on it alone.

use std::sync::Arc;

use super::surface::Surface;
use crate::sim::budget::Cost;
use crate::train::Clip;
use crate::train::lesson::Lesson;
use crate::train::live::{Order, Picture};

/// The training as the screen has it.
#[derive(Debug, Default)]
pub struct State {
    /// The preset that was opened, which says what it is about until the first key.
    pub lesson: Option<Lesson>,
    /// What was begun, or is to be begun first.
    pub order: Option<Box<Order>>,
    /// What the largest takes that was begun.
    pub agreed: Cost,
    /// The newest picture of it.
    pub picture: Option<Arc<Picture>>,
    /// The run whose settings the keys change.
    pub run: usize,
    /// The column of the picture that numbers are read off; `None` for the newest.
    pub cursor: Option<usize>,
    /// What η and clipping of a run were before each change.
    pub past: Vec<(usize, f64, Clip)>,
    /// The place of what the two runs differ in, where a key chose it.
    pub difference: Option<usize>,
    /// The error surface, where it is shown in place of the run.
    pub surface: Option<Surface>,
    /// Threads of an update; 0 for one.
    pub threads: usize,
}

impl State {
    /// What is trained, for the title: the preset's name, or the task's.
    pub fn title(&self) -> &str {
        let runs = self.order.as_ref().map(|order| &order.runs);
        let task = runs
            .and_then(|runs| runs.first())
            .map(|run| run.task.as_str());
        let name = self.lesson.as_ref().map(|lesson| lesson.name);
        name.or(task).unwrap_or_default()
    }
}

/// What can be done here only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Begin the standard demonstration.
    Demonstrate,
    /// Begin anew with two runs that differ in the next thing, or with one again.
    Differ,
    /// Begin anew.
    Again,
    /// As many updates again.
    Extend,
    /// The other run.
    Other,
    /// A lower or higher η: three of them to a decade.
    Rate(i32),
    /// A lower or higher threshold.
    Threshold(i32),
    /// The next clipping: off, norm, value.
    Clipping,
    /// Take the last change back.
    Undo,
    /// Look into the network at this moment.
    Look,
    /// Save.
    Save,
    /// Show the error surface of one unit, and back.
    Surface,
    /// The next two parameters of it.
    Pair,
    /// Move the cursor by so many columns.
    Cursor(i32),
}
