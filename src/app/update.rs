//! How an action changes the state.

use crate::app::{Action, App, Effect};
use crate::sim::Report;

impl App {
    /// Applies an action.
    pub fn update(&mut self, action: Action) -> Effect {
        let _ = action;
        Effect::None
    }

    /// Takes a report of the worker; whether the picture changed.
    pub fn report(&mut self, report: Report) -> bool {
        let _ = report;
        true
    }
}
