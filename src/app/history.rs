//! Undo and redo of every change to settings and cuts.

use std::collections::VecDeque;

use crate::flow::PathSet;
use crate::sim::Settings;

/// What a change can change, and undo brings back.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// The settings.
    pub settings: Settings,
    /// What reset goes back to: loading a preset changes it.
    pub preset: Settings,
    /// The title.
    pub title: String,
    /// The cut paths.
    pub cuts: PathSet,
}

/// The moments before and after the present one. Every change is one step: nothing is merged, so
/// that undo takes back exactly one key press.
#[derive(Debug, Default)]
pub struct History {
    past: VecDeque<Moment>,
    future: Vec<Moment>,
}

impl History {
    /// So many changes can be undone; the oldest are forgotten.
    pub const LIMIT: usize = 500;

    /// Keeps the moment before a change. What had been undone is gone.
    pub fn record(&mut self, before: Moment) {
        if self.past.len() == Self::LIMIT {
            self.past.pop_front();
        }
        self.past.push_back(before);
        self.future.clear();
    }

    /// The moment before the last change; `now` can be redone.
    pub fn undo(&mut self, now: Moment) -> Option<Moment> {
        let before = self.past.pop_back()?;
        self.future.push(now);
        Some(before)
    }

    /// The moment after the change undone last; `now` can be undone.
    pub fn redo(&mut self, now: Moment) -> Option<Moment> {
        let after = self.future.pop()?;
        self.past.push_back(now);
        Some(after)
    }

    /// What undo goes back to, if there is anything to undo.
    pub fn before(&self) -> Option<&Moment> {
        self.past.back()
    }

    /// What redo goes on to, if there is anything to redo.
    pub fn after(&self) -> Option<&Moment> {
        self.future.last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(seed: u64) -> Moment {
        let settings = Settings {
            seed,
            ..Settings::default()
        };
        Moment {
            preset: settings.clone(),
            settings,
            title: String::new(),
            cuts: PathSet::EMPTY,
        }
    }

    #[test]
    fn undo_and_redo_walk_the_same_way() {
        let mut history = History::default();
        assert_eq!(history.undo(moment(0)), None);
        history.record(moment(0));
        history.record(moment(1));
        assert_eq!(history.undo(moment(2)), Some(moment(1)));
        assert_eq!(history.undo(moment(1)), Some(moment(0)));
        assert_eq!(history.before(), None);
        assert_eq!(history.redo(moment(0)), Some(moment(1)));
        assert_eq!(history.redo(moment(1)), Some(moment(2)));
        assert_eq!(history.redo(moment(2)), None);
    }

    #[test]
    fn a_new_change_forgets_what_was_undone() {
        let mut history = History::default();
        history.record(moment(0));
        assert!(history.undo(moment(1)).is_some());
        history.record(moment(0));
        assert_eq!(history.after(), None);
    }

    #[test]
    fn it_is_bounded() {
        let mut history = History::default();
        for seed in 0..2_000 {
            history.record(moment(seed));
        }
        let mut undone = 0;
        let mut now = moment(2_000);
        while let Some(before) = history.undo(now.clone()) {
            now = before;
            undone += 1;
        }
        assert_eq!(undone, History::LIMIT);
        assert_eq!(now, moment(1_500));
    }
}
