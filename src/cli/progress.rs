//! How far the work is, on standard error when that is a terminal and the work takes a while.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::time::{Duration, Instant};

use rustix::termios::tcgetwinsize;

use crate::sim::budget::Cost;

/// Work that ends before that says nothing.
const PATIENCE: Duration = Duration::from_millis(300);
/// Between two lines.
const PACE: Duration = Duration::from_millis(100);

/// One line that is written over itself.
#[derive(Debug)]
pub struct Progress {
    next: Option<Instant>,
    /// Columns of the line that stands there.
    shown: usize,
}

impl Progress {
    /// Of work that begins now.
    pub fn new() -> Self {
        Self {
            next: stderr().is_terminal().then(|| Instant::now() + PATIENCE),
            shown: 0,
        }
    }

    /// Says on a terminal what work takes that takes much, before it begins.
    pub fn announce(&mut self, cost: Cost, of_what: &str) {
        if self.next.is_some() && cost.is_heavy_beside(Cost::default()) {
            // Nothing can be done about a standard error that is closed.
            let _ = writeln!(stderr(), "rnntop: {cost}{of_what}; Ctrl-C ends it");
        }
    }

    /// Shows a line, if it is time for one.
    pub fn show(&mut self, line: impl FnOnce() -> String) {
        let now = Instant::now();
        if self.next.is_none_or(|next| now < next) {
            return;
        }
        self.next = Some(now + PACE);
        // A line that wraps, if only by the ^C behind it, could not be taken away.
        let room = tcgetwinsize(stderr()).map_or(80, |size| usize::from(size.ws_col));
        let line: String = line().chars().take(room.saturating_sub(3)).collect();
        let columns = line.chars().count();
        // Nothing can be done about a standard error that is closed.
        let _ = write!(stderr(), "\r{line:columns$}", columns = self.shown);
        self.shown = columns;
    }

    /// Shows how much of a part of the work is done, whenever the part asks whether to go on: it always
    /// does, for Ctrl-C ends the program.
    pub fn of<'a>(&'a mut self, what: &'a str) -> impl FnMut(f64) -> bool + 'a {
        move |done| {
            self.show(|| format!("rnntop: {what} {:3.0} %", 100.0 * done));
            true
        }
    }

    /// Takes the line away.
    pub fn clear(&mut self) {
        let columns = std::mem::take(&mut self.shown);
        if columns > 0 {
            let _ = write!(stderr(), "\r{:columns$}\r", "");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

/// How far `done` of `all` is: a bar, how many a second, and how long the rest takes. It began at an instant
/// with so many done already, each counts for so many of what the rate is in, and `more` stands behind the
/// count.
pub fn line(
    (done, all): (u64, u64),
    (begun, first): (Instant, u64),
    (each, what): (u64, &str),
    more: &str,
) -> String {
    const CELLS: usize = 20;
    let full = (done as f64 / all as f64 * CELLS as f64) as usize;
    let bar = "#".repeat(full) + &".".repeat(CELLS.saturating_sub(full));
    let line = format!("rnntop: [{bar}] {done}/{all}{more}");
    if done <= first {
        return line;
    }
    let rate = (done - first) as f64 / begun.elapsed().as_secs_f64();
    let left = (all.saturating_sub(done) as f64 / rate).ceil() as u64;
    let (rate, minutes, seconds) = (rate * each as f64, left / 60, left % 60);
    format!("{line}, {rate:.0} {what}/s, {minutes}:{seconds:02} left")
}
