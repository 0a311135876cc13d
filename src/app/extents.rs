//! How far curves have reached in the last windows.
//!
//! While the simulation steps, |δ_T| is another one after every step, and everything that is
//! measured from it goes up and down. An axis that followed each window would jump with it. It
//! keeps room for the last windows instead: it grows at once, and shrinks when what made it large
//! is a while ago.

use std::collections::VecDeque;

use crate::flow::{Flow, PathFlow, PathSet, Question};
use crate::num::Wide;
use crate::sim::{Settings, Snapshot};

/// So many windows are remembered.
const WINDOWS: usize = 64;

/// From where to where, as log10 relative to |δ_T|; 0 is always within.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Extent {
    /// The lowest level, not above 0.
    pub low: f64,
    /// The highest level, not below 0.
    pub high: f64,
}

/// From where to where curves are drawn, as log10 relative to |δ_T|.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// The lower end, below 0.
    pub low: f64,
    /// The upper end, above 0.
    pub high: f64,
}

impl Default for Axis {
    fn default() -> Self {
        Self {
            low: -4.0,
            high: 4.0,
        }
    }
}

/// The extents of one window, or of several together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reach {
    /// The totals, left and right.
    pub totals: [Extent; 2],
    /// The carousel (or leak) of the cells beside the total; of what is left without a path, those
    /// without the others.
    pub paths: [Extent; 2],
}

/// The extents of the last windows under the same settings.
#[derive(Clone, Debug, Default)]
pub struct Extents {
    subject: Option<Box<(Settings, PathSet, Question)>>,
    windows: VecDeque<Reach>,
}

impl Extents {
    /// Takes a new window in; what was remembered under other settings is forgotten.
    pub fn remember(&mut self, snapshot: &Snapshot) {
        let subject = (snapshot.settings.clone(), snapshot.cuts, snapshot.question);
        if self.subject.as_deref() != Some(&subject) {
            self.subject = Some(Box::new(subject));
            self.windows.clear();
        }
        if self.windows.len() == WINDOWS {
            self.windows.pop_front();
        }
        self.windows
            .push_back(Reach::of(snapshot, snapshot.question));
    }

    /// How far the curves of this window, and of those remembered with it, reach under a question.
    pub fn with(&self, snapshot: &Snapshot, question: Question) -> Reach {
        let own = Reach::of(snapshot, question);
        let same = self.subject.as_deref().is_some_and(|s| s.2 == question);
        if same {
            self.windows.iter().fold(own, |all, one| all.join(*one))
        } else {
            own
        }
    }
}

impl Reach {
    fn of(snapshot: &Snapshot, question: Question) -> Self {
        let total = |flow: &Flow| Extent::of(flow.main(), flow.reference());
        let [left, right] = &snapshot.flows;
        let paths = |flow: &Flow| {
            let belongs = |path: &&PathFlow| {
                let without = question == Question::Without;
                flow.has_several_paths() && path.path.is_highway() != without
            };
            let drawn = flow.paths.iter().filter(belongs);
            drawn
                .map(|path| path.curve(question))
                .map(|curve| Extent::of(curve, flow.reference()))
                .fold(Extent::default(), Extent::join)
        };
        Self {
            totals: [total(left), total(right)],
            paths: [paths(left), paths(right)],
        }
    }

    fn join(self, other: Self) -> Self {
        let both = |[left, right]: [Extent; 2], [a, b]: [Extent; 2]| [left.join(a), right.join(b)];
        Self {
            totals: both(self.totals, other.totals),
            paths: both(self.paths, other.paths),
        }
    }
}

impl Extent {
    fn of(curve: &[Wide], reference: f64) -> Self {
        let levels = curve.iter().filter(|w| !w.is_zero());
        levels.fold(Self::default(), |extent, w| {
            let level = w.log10() - reference;
            Self {
                low: extent.low.min(level),
                high: extent.high.max(level),
            }
        })
    }

    /// How far it goes from 0, either way.
    pub fn reach(self) -> f64 {
        self.high.max(-self.low)
    }

    /// The range that holds both.
    pub fn join(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture::snapshot;

    #[test]
    fn the_axis_keeps_room_for_a_while_and_under_the_same_settings() {
        let settings = Settings::default();
        let mut extents = Extents::default();
        let (wide, narrow) = (snapshot(&settings, 1.1), snapshot(&settings, 1.0));
        let high = |extents: &Extents| extents.with(&narrow, Question::Share).totals[0].high;
        extents.remember(&wide);
        extents.remember(&narrow);
        assert!(high(&extents) > 8.0);
        for _ in 0..WINDOWS {
            extents.remember(&narrow);
        }
        assert!(high(&extents).abs() < 1e-9);

        extents.remember(&wide);
        let other = Settings {
            seed: settings.seed + 1,
            ..settings
        };
        extents.remember(&snapshot(&other, 1.0));
        assert!(high(&extents).abs() < 1e-9);
    }
}
