//! How often frames may follow each other.

use std::time::{Duration, Instant};

use crate::term::writer::Cost;

/// No slower than this, however slow the terminal is.
const SLOWEST: Duration = Duration::from_secs(2);
/// So many easy frames in a row, and the pace is raised again.
const EASY: u32 = 8;
/// For bytes alone no frame waits longer than this.
const PATIENCE: Duration = Duration::from_millis(600);
/// For so long after a key no frame waits for bytes: its answer may take two frames, and a moment to
/// be computed.
const ANSWER: Duration = Duration::from_millis(400);

/// Bytes per second that frames may take on average while the picture moves by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Bytes per second, at up to 10 steps a second on a screen of up to 120 x 40 cells.
    pub bytes: u32,
    /// Whether the line bears no more, however fast the steps and however large the screen.
    pub fixed: bool,
}

/// Steps per second that a budget is meant for.
const STEPS: u32 = 10;
/// Cells of the screen that a budget is meant for: 120 x 40.
const CELLS: u32 = 120 * 40;

impl Budget {
    /// Bytes per second for so many steps a second on so many cells.
    fn bytes_for(self, steps: u32, cells: u32) -> f64 {
        let bytes = f64::from(self.bytes);
        if self.fixed {
            return bytes;
        }
        let more = |found: u32, meant: u32| f64::from(found.max(meant)) / f64::from(meant);
        bytes * more(steps, STEPS) * more(cells, CELLS)
    }
}

/// A cap on frames per second that gives way when the terminal falls behind.
///
/// A terminal at the end of a slow line accepts bytes no faster than the line takes them. When a
/// frame took more than half of the time between two frames, that time is doubled; when several in
/// a row took less than an eighth, it is halved again, down to the cap.
///
/// Where bytes per second are limited too, a frame of many bytes keeps the next one away for as
/// long as its bytes may take, except when somebody presses a key: the answer does not wait.
#[derive(Clone, Debug)]
pub struct Pace {
    shortest: Duration,
    interval: Duration,
    easy: u32,
    budget: Option<Budget>,
    /// How long the bytes of the last frame may take.
    paying: Duration,
    /// When somebody last pressed a key.
    hurried: Option<Instant>,
    last: Option<Instant>,
}

impl Pace {
    /// At most so many frames a second; 0 counts as 1.
    pub fn new(fps: u32) -> Self {
        let shortest = Duration::from_secs(1) / fps.max(1);
        Self {
            shortest,
            interval: shortest,
            easy: 0,
            budget: None,
            paying: Duration::ZERO,
            hurried: None,
            last: None,
        }
    }

    /// This pace, within a budget of bytes.
    pub fn within(mut self, budget: Budget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// Somebody waits for the next frames, which need not wait for the bytes of those before.
    pub fn hurry(&mut self, now: Instant) {
        self.paying = Duration::ZERO;
        self.hurried = Some(now);
    }

    /// How long the next frame has to wait, counted from `now`.
    pub fn wait(&self, now: Instant) -> Duration {
        self.last.map_or(Duration::ZERO, |last| {
            (last + self.interval.max(self.paying)).saturating_duration_since(now)
        })
    }

    /// A frame was begun at `start`, while so many steps a second move a picture of so many cells.
    pub fn drew(&mut self, start: Instant, cost: Cost, (steps, cells): (u32, u32)) {
        self.last = Some(start);
        let writing = cost.time;
        let hurried = |at: Instant| start.saturating_duration_since(at) < ANSWER;
        let budget = self.budget.filter(|_| !self.hurried.is_some_and(hurried));
        self.paying = budget.map_or(Duration::ZERO, |budget| {
            Duration::from_secs_f64(cost.bytes as f64 / budget.bytes_for(steps, cells))
                .min(PATIENCE)
        });
        if writing > self.interval / 2 {
            let longer = (self.interval * 2).max(writing * 2).min(SLOWEST);
            self.interval = longer.max(self.shortest);
            self.easy = 0;
        } else if writing < self.interval / 8 {
            self.easy += 1;
            if self.easy >= EASY {
                self.interval = (self.interval / 2).max(self.shortest);
                self.easy = 0;
            }
        } else {
            self.easy = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);
    const SMALL: (u32, u32) = (10, 80 * 24);

    fn cost(bytes: usize, time: Duration) -> Cost {
        Cost { bytes, time }
    }

    #[test]
    fn bytes_keep_frames_apart_but_never_for_long() {
        let budget = |fixed| Budget {
            bytes: 10_000,
            fixed,
        };
        let mut pace = Pace::new(20).within(budget(false));
        let now = Instant::now();
        pace.drew(now, cost(300, MS), SMALL);
        assert_eq!(pace.wait(now), 50 * MS);
        pace.drew(now, cost(1200, MS), SMALL);
        assert_eq!(pace.wait(now), 120 * MS);
        pace.drew(now, cost(20_000, MS), SMALL);
        assert_eq!(pace.wait(now), PATIENCE);
        pace.hurry(now);
        assert_eq!(pace.wait(now), 50 * MS);
        // The answer may come a frame later.
        pace.drew(now + 50 * MS, cost(20_000, MS), SMALL);
        assert_eq!(pace.wait(now + 50 * MS), 50 * MS);
        let now = now + ANSWER;
        pace.drew(now, cost(1200, MS), (20, 80 * 24));
        assert_eq!(pace.wait(now), 60 * MS);
        let mut pace = Pace::new(20).within(budget(true));
        pace.drew(now, cost(1200, MS), (60, 200 * 60));
        assert_eq!(pace.wait(now), 120 * MS);
    }

    #[test]
    fn frames_keep_their_distance() {
        let mut pace = Pace::new(20);
        let now = Instant::now();
        assert_eq!(pace.wait(now), Duration::ZERO);
        pace.drew(now, cost(0, MS), SMALL);
        assert_eq!(pace.wait(now + 10 * MS), 40 * MS);
        assert_eq!(pace.wait(now + 60 * MS), Duration::ZERO);
    }

    #[test]
    fn a_slow_terminal_gets_fewer_frames_and_recovers() {
        let mut pace = Pace::new(20);
        let now = Instant::now();
        pace.drew(now, cost(0, 300 * MS), SMALL);
        assert!(pace.interval > pace.shortest);
        assert_eq!(pace.wait(now), 600 * MS);
        pace.drew(now, cost(0, 400 * MS), SMALL);
        assert_eq!(pace.wait(now), 1200 * MS);
        pace.drew(now, cost(0, 9000 * MS), SMALL);
        assert_eq!(pace.wait(now), SLOWEST);
        for _ in 0..100 {
            pace.drew(now, cost(0, MS), SMALL);
        }
        assert_eq!(pace.interval, pace.shortest);
        assert_eq!(pace.wait(now), 50 * MS);
    }

    #[test]
    fn one_frame_a_second_at_least() {
        let mut pace = Pace::new(0);
        let now = Instant::now();
        pace.drew(now, cost(0, MS), SMALL);
        assert_eq!(pace.wait(now), 1000 * MS);
    }
}
