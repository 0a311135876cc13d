//! Changes of settings and cuts: each goes one way, and undo remembers it.

use crate::app::effect::{Effect, redraw_if};
use crate::app::has::Has;
use crate::app::history::Moment;
use crate::app::parameters::Next;
use crate::app::popup::{Asked, Popup, Step};
use crate::app::state::App;
use crate::cell::CellKind;
use crate::flow::{Path, PathSet};
use crate::sim::settings::Signal;
use crate::sim::{Command, Settings, budget};

impl App {
    pub(super) fn reset_all(&mut self) -> Effect {
        let next = Moment {
            settings: self.fitted(self.sim.preset.clone()),
            cuts: PathSet::EMPTY,
            ..self.moment()
        };
        let effect = self.change(next);
        if matches!(effect, Effect::Unchanged) {
            self.say("all is as the preset has it")
        } else {
            effect
        }
    }

    /// Cuts these paths, or restores them when all of them are cut.
    pub(super) fn toggle_cuts(&mut self, paths: &[Path]) -> Effect {
        let why = match paths {
            [Path::PeepholeInput, ..] if self.sim.settings.side_of(CellKind::Lstm).is_some() => {
                "there are no peepholes to cut: the settings turn them on"
            }
            [Path::GateInput, ..] => {
                "only the gates of an lstm-fgr see each other: there is no such path to cut"
            }
            _ => "neither cell has such a path to cut",
        };
        // Those that are there; a path that is cut can be restored wherever it has gone.
        let paths: Vec<Path> = paths
            .iter()
            .copied()
            .filter(|path| self.has_path(*path) || self.sim.cuts.contains(*path))
            .collect();
        if paths.is_empty() {
            self.cutting = false;
            return self.say(why);
        }
        let restore = paths.iter().all(|path| self.sim.cuts.contains(*path));
        let wrong = paths
            .iter()
            .filter(|path| self.sim.cuts.contains(**path) == restore);
        let cuts = wrong.fold(self.sim.cuts, |cuts, path| cuts.toggled(*path));
        self.cut(cuts)
    }

    /// Whether one of the cells has the path.
    fn has_path(&self, path: Path) -> bool {
        let Settings {
            cells, peepholes, ..
        } = self.sim.settings;
        cells
            .iter()
            .any(|cell| cell.paths(peepholes).any(|its| its == path))
    }

    pub(super) fn cut(&mut self, cuts: PathSet) -> Effect {
        let begun = std::mem::take(&mut self.cutting);
        let next = Moment {
            cuts,
            ..self.moment()
        };
        let effect = redraw_if(begun, self.change(next));
        if !matches!(effect, Effect::Unchanged) && !self.has(Has::CUTS) {
            self.say("what a cut changes is on flow, paths, hops and explain");
        }
        effect
    }

    pub(super) fn set(&mut self, settings: Settings) -> Effect {
        let next = Moment {
            settings,
            ..self.moment()
        };
        self.change(next)
    }

    /// Takes over other settings, which undo remembers, or another speed, which is nothing to undo.
    pub(super) fn take(&mut self, next: Next) -> Effect {
        match next {
            Next::Settings(settings) => self.set(*settings),
            Next::Pace(pace) if pace == self.sim.pace => Effect::Unchanged,
            Next::Pace(pace) => {
                self.sim.pace = pace;
                Effect::Send(Command::Pace(pace))
            }
        }
    }

    pub(super) fn try_next(&mut self, next: Result<Next, String>) -> Effect {
        match next {
            Ok(next) => self.take(next),
            Err(why) => self.say(&why),
        }
    }

    /// The one way in which settings and cuts change: what was is kept for undo.
    pub(super) fn change(&mut self, next: Moment) -> Effect {
        let now = self.moment();
        if next == now {
            return Effect::Unchanged;
        }
        self.step(Step::Change(Box::new(next)))
    }

    /// Goes to other settings: not beyond what a window may take, and only when asked once more to one
    /// that takes much, and more than the present one.
    pub(super) fn step(&mut self, step: Step) -> Effect {
        let history = &self.sim.history;
        let next = match &step {
            Step::Change(next) => Some(&**next),
            Step::Undo => history.before(),
            Step::Redo => history.after(),
        };
        let Some(next) = next else {
            return Effect::Unchanged;
        };
        let window = |settings: &Settings| budget::window(settings, &self.sim.data);
        if let Err(why) = self.may.budget.check(&next.settings, window) {
            return self.say(&why);
        }
        let cost = window(&next.settings);
        if cost.is_heavy_beside(window(&self.sim.settings)) {
            self.popup = Some(Popup::Heavy(cost, Asked::Step(step)));
            return Effect::None;
        }
        self.go(step)
    }

    /// Goes to other settings.
    pub(super) fn go(&mut self, step: Step) -> Effect {
        let now = self.moment();
        let next = match step {
            Step::Change(next) => {
                self.sim.history.record(now);
                Some(*next)
            }
            Step::Undo => self.sim.history.undo(now),
            Step::Redo => self.sim.history.redo(now),
        };
        next.map_or(Effect::Unchanged, |next| self.restore(next))
    }

    /// Takes over settings that the worker has gone over to by itself.
    pub(super) fn take_over(&mut self, settings: Settings) {
        self.sim.history.record(self.moment());
        self.sim.settings = settings;
        self.place_cursor();
    }

    pub(super) fn moment(&self) -> Moment {
        Moment {
            settings: self.sim.settings.clone(),
            preset: self.sim.preset.clone(),
            title: self.sim.title.clone(),
            cuts: self.sim.cuts,
        }
    }

    fn restore(&mut self, moment: Moment) -> Effect {
        debug_assert_eq!(moment.settings.check(), Ok(()));
        self.sim.settings = moment.settings;
        self.sim.preset = moment.preset;
        self.sim.title = moment.title;
        self.sim.cuts = moment.cuts;
        self.place_cursor();
        Effect::Send(self.start_command())
    }

    /// A preset's settings with the shape that trained weights or the user's sequence decide.
    pub(super) fn fitted(&self, preset: Settings) -> Settings {
        let of_file = self.sim.has_sequence && preset.signal == Signal::File;
        let mut settings = preset;
        if self.sim.trained.is_some() {
            settings.hidden = self.sim.settings.hidden;
            // Another pair might leave no place for the weights.
            settings.cells = self.sim.settings.cells;
        }
        if self.sim.trained.is_some() || of_file {
            settings.inputs = self.sim.settings.inputs;
        }
        settings
    }

    /// Takes over the shape that the worker read off the user's data. It is not a change of the
    /// user's, so that undo knows nothing of it.
    pub(super) fn complete(&mut self, computed: &Settings) {
        if self.hidden_is_fixed() {
            self.sim.settings.hidden = computed.hidden;
        }
        if self.inputs_are_fixed() && self.sim.settings.signal == computed.signal {
            self.sim.settings.inputs = computed.inputs;
        }
    }
}
