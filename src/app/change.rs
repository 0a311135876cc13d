//! Changes of settings and cuts: each goes one way, and undo remembers it.

use crate::app::history::Moment;
use crate::app::state::Screen;
use crate::app::update::redraw_if;
use crate::app::{App, Effect};
use crate::cell::CellKind;
use crate::flow::{Path, PathSet};
use crate::sim::Settings;
use crate::sim::settings::Signal;

impl App {
    pub(super) fn reset_all(&mut self) -> Effect {
        let next = Moment {
            settings: self.fitted(self.preset.clone()),
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

    /// Loads the preset of the selected row and shows it.
    pub(super) fn load(&mut self) -> Effect {
        let Some(entry) = self.presets.get(self.preset_row) else {
            return Effect::Unchanged;
        };
        let next = Moment {
            settings: self.fitted(entry.settings.clone()),
            preset: entry.settings.clone(),
            title: entry.name.clone(),
            cuts: PathSet::EMPTY,
        };
        let hint = format!("press {}", entry.press);
        self.screen = Screen::Flow;
        self.preset_top = 0;
        let effect = self.change(next);
        self.say(&hint);
        redraw_if(true, effect)
    }

    /// Cuts these paths, or restores them when all of them are cut.
    pub(super) fn toggle_cuts(&mut self, paths: &[Path]) -> Effect {
        let why = match paths {
            [Path::PeepholeInput, ..] if self.settings.side_of(CellKind::Lstm).is_some() => {
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
            .filter(|path| self.has_path(*path) || self.cuts.contains(*path))
            .collect();
        if paths.is_empty() {
            self.cutting = false;
            return self.say(why);
        }
        let restore = paths.iter().all(|path| self.cuts.contains(*path));
        let wrong = paths
            .iter()
            .filter(|path| self.cuts.contains(**path) == restore);
        let cuts = wrong.fold(self.cuts, |cuts, path| cuts.toggled(*path));
        self.cut(cuts)
    }

    /// Whether one of the cells has the path.
    fn has_path(&self, path: Path) -> bool {
        let Settings {
            cells, peepholes, ..
        } = self.settings;
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
        if !matches!(effect, Effect::Unchanged) && !self.shows_cuts() {
            self.say("what a cut changes is on flow, paths, hops and explain");
        }
        effect
    }

    /// Whether the screen is of a gradient that cuts change, and not of the forward pass or of the
    /// whole Jacobian.
    pub(super) const fn shows_cuts(&self) -> bool {
        !matches!(self.screen, Screen::Gates | Screen::Spectrum)
    }

    pub(super) fn set(&mut self, settings: Settings) -> Effect {
        let next = Moment {
            settings,
            ..self.moment()
        };
        self.change(next)
    }

    pub(super) fn try_settings(&mut self, settings: Result<Settings, String>) -> Effect {
        match settings {
            Ok(settings) => self.set(settings),
            Err(why) => self.say(&why),
        }
    }

    /// The one way in which settings and cuts change: what was is kept for undo.
    fn change(&mut self, next: Moment) -> Effect {
        let now = self.moment();
        if next == now {
            return Effect::Unchanged;
        }
        self.history.record(now);
        self.restore(next)
    }

    /// Takes over settings that the worker has gone over to by itself.
    pub(super) fn take_over(&mut self, settings: Settings) {
        self.history.record(self.moment());
        self.settings = settings;
        self.place_cursor();
    }

    pub(super) fn moment(&self) -> Moment {
        Moment {
            settings: self.settings.clone(),
            preset: self.preset.clone(),
            title: self.title.clone(),
            cuts: self.cuts,
        }
    }

    pub(super) fn restore(&mut self, moment: Moment) -> Effect {
        debug_assert_eq!(moment.settings.check(), Ok(()));
        self.settings = moment.settings;
        self.preset = moment.preset;
        self.title = moment.title;
        self.cuts = moment.cuts;
        self.place_cursor();
        Effect::Send(self.start_command())
    }

    /// A preset's settings with the shape that trained weights or the user's sequence decide.
    fn fitted(&self, preset: Settings) -> Settings {
        let of_file = self.has_sequence && preset.signal == Signal::File;
        let mut settings = preset;
        if self.trained.is_some() {
            settings.hidden = self.settings.hidden;
            // Another pair might leave no place for the weights.
            settings.cells = self.settings.cells;
        }
        if self.trained.is_some() || of_file {
            settings.inputs = self.settings.inputs;
        }
        settings
    }

    /// Takes over the shape that the worker read off the user's data. It is not a change of the
    /// user's, so that undo knows nothing of it.
    pub(super) fn complete(&mut self, computed: &Settings) {
        if self.hidden_is_fixed() {
            self.settings.hidden = computed.hidden;
        }
        if self.inputs_are_fixed() && self.settings.signal == computed.signal {
            self.settings.inputs = computed.inputs;
        }
    }
}
