//! How much r moves from window to window, and whether the verdict moves with it.
//!
//! Over a signal that does not rest every window has an r of its own. Near an edge rᵀ passes ½ or 2
//! every few steps; what is true then is not the verdict of this window but that there is none: *near
//! the edge*. That is said as long as the last windows do not all have one verdict.

use std::collections::VecDeque;
use std::fmt;

use super::verdict::Verdict;
use crate::num::Wide;

/// So many windows are remembered.
const WINDOWS: usize = 120;
/// So many of them are needed before anything is said of how they differ.
const ENOUGH: usize = 3;
/// A deviation of ln rᵀ below this does not show in three digits.
const SEEN: f64 = 0.01;

/// ln r of several windows.
#[derive(Clone, Debug, Default)]
pub struct Windows {
    log_r: VecDeque<f64>,
}

/// How far the windows differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// How many windows.
    pub windows: usize,
    /// The standard deviation of ln r over them.
    pub log_deviation: f64,
    /// Whether not all of them have one verdict.
    pub near_edge: bool,
}

impl Windows {
    /// One window more; the oldest of too many is forgotten.
    pub fn push(&mut self, r: Option<Wide>) {
        if self.log_r.len() == WINDOWS {
            self.log_r.pop_front();
        }
        self.log_r.push_back(r.map_or(f64::NAN, Wide::ln));
    }

    /// How they differ; `None` of too few, and where the gradient of one is exactly 0.
    pub fn spread(&self, steps: usize) -> Option<Spread> {
        let windows = self.log_r.len();
        let count = windows as f64;
        let mean = self.log_r.iter().sum::<f64>() / count;
        if windows < ENOUGH || !mean.is_finite() {
            return None;
        }
        let squares = self.log_r.iter().map(|x| (x - mean).powi(2));
        let mut verdicts = self
            .log_r
            .iter()
            .map(|x| Verdict::of(x * std::f64::consts::LOG10_E, steps));
        let first = verdicts.next();
        Some(Spread {
            windows,
            log_deviation: (squares.sum::<f64>() / (count - 1.0)).sqrt(),
            near_edge: verdicts.any(|verdict| Some(verdict) != first),
        })
    }
}

impl Spread {
    /// Whether rᵀ moves by what can be read.
    pub fn is_seen(&self, steps: usize) -> bool {
        self.log_deviation * steps as f64 > SEEN
    }
}

/// What is said of a window among others: its verdict, or that they have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// All have this verdict.
    Settled(Verdict),
    /// They differ.
    NearEdge,
}

impl Standing {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Settled(verdict) => verdict.word(),
            Self::NearEdge => "near the edge",
        }
    }

    /// The mark.
    pub const fn mark(self) -> char {
        match self {
            Self::Settled(verdict) => verdict.mark(),
            Self::NearEdge => '◇',
        }
    }
}

impl From<Verdict> for Standing {
    fn from(verdict: Verdict) -> Self {
        Self::Settled(verdict)
    }
}

/// The word with its mark: `near the edge ◇`.
impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.word(), self.mark()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn windows(powers: &[f64], steps: usize) -> Option<Spread> {
        let mut windows = Windows::default();
        for power in powers {
            windows.push(Some(Wide::exp(power.ln() / steps as f64)));
        }
        windows.spread(steps)
    }

    #[test]
    fn windows_with_one_verdict_are_settled_however_they_move() {
        let spread = windows(&[3.0, 30.0, 2.1], 200).unwrap();
        assert!(!spread.near_edge && spread.is_seen(200), "{spread:?}");
        // ln rᵀ is 1.10, 3.40 and 0.74.
        assert!(
            (spread.log_deviation * 200.0 - 1.4434).abs() < 1e-3,
            "{spread:?}"
        );
        let still = windows(&[7.316, 7.318, 7.317], 200).unwrap();
        assert!(!still.near_edge && !still.is_seen(200), "{still:?}");
    }

    #[test]
    fn one_window_of_another_verdict_is_remembered_as_long_as_any() {
        let steps = 200;
        let mut kept = Windows::default();
        kept.push(Some(Wide::exp(0.7 / 200.0)));
        for k in 1..WINDOWS {
            kept.push(Some(Wide::exp(0.68 / 200.0)));
            let spread = kept.spread(steps);
            assert_eq!(spread.map(|s| s.near_edge), (k >= 2).then_some(true));
        }
        kept.push(Some(Wide::exp(0.68 / 200.0)));
        assert_eq!(kept.spread(steps).map(|s| s.near_edge), Some(false));
    }

    #[test]
    fn nothing_is_said_of_two_windows_or_of_none_with_a_gradient() {
        assert_eq!(windows(&[1.0, 2.0], 5), None);
        let mut none = Windows::default();
        (0..5).for_each(|_| none.push(None));
        assert_eq!(none.spread(5), None);
        none.push(Some(Wide::ZERO));
        assert_eq!(none.spread(5), None);
    }
}
