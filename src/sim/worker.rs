//! The worker thread: takes commands, steps by itself, and reports finished windows.

use std::sync::Arc;

use crate::sim::{Command, Data, Report, Settings};

/// A handle on the worker thread. Dropping it ends the thread.
#[derive(Debug)]
pub struct Worker {}

impl Worker {
    /// Starts the thread, which computes the first window at once. `report` is called on it.
    #[must_use]
    pub fn spawn(settings: Settings, data: Arc<Data>, report: impl Fn(Report) + Send + 'static) -> Self {
        let _ = (settings, data, report);
        unimplemented!()
    }

    /// Sends a command; never waits.
    pub fn send(&self, command: Command) {
        let _ = command;
    }
}
