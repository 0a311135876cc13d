//! How far the work is, on standard error when that is a terminal and the work takes a while.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

/// Work that ends before that says nothing.
const PATIENCE: Duration = Duration::from_millis(300);
/// Between two lines.
const PACE: Duration = Duration::from_millis(100);

/// One line that is written over itself.
#[derive(Debug)]
pub struct Progress {
    models: usize,
    next: Option<Instant>,
    shown: bool,
}

impl Progress {
    /// Of the inspection of so many models.
    pub fn new(models: usize) -> Self {
        Self {
            models,
            next: stderr().is_terminal().then(|| Instant::now() + PATIENCE),
            shown: false,
        }
    }

    /// Model `index` is done so far, 0 to 1.
    pub fn show(&mut self, index: usize, done: f64) {
        let now = Instant::now();
        if self.next.is_none_or(|next| now < next) {
            return;
        }
        self.next = Some(now + PACE);
        self.shown = true;
        let percent = 100.0 * (index as f64 + done) / self.models as f64;
        // Nothing can be done about a standard error that is closed.
        let _ = write!(stderr(), "\rrnntop: inspecting {percent:3.0} %");
    }

    /// Takes the line away.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            let _ = write!(stderr(), "\r{:28}\r", "");
        }
    }
}
