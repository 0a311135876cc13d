//! How an action changes the state.

use crate::app::action::{Action, Edit};
use crate::app::effect::{Effect, advance, changed, redraw_if};
use crate::app::input::TextLine;
use crate::app::palette;
use crate::app::parameters::{self, Parameter};
use crate::app::popup::{Asked, Page, Popup, Step};
use crate::app::screen::Screen;
use crate::app::scroll::Scroll;
use crate::app::selection::moved;
use crate::app::state::{App, Notice};
use crate::flow::{PathSet, Question};
use crate::sim::{Command, Report, Side, Study, StudyRequest};
use crate::ui::look::{Marker, ThemeName};

impl App {
    /// Applies an action. The message line is emptied first: it lasts until the next key.
    pub fn update(&mut self, action: Action) -> Effect {
        let before = self.notice.take();
        let told = std::mem::replace(&mut self.told, true);
        let leaving = std::mem::take(&mut self.leaving);
        let screen = self.screen;
        if leaving && action == Action::Back {
            return Effect::Quit;
        }
        let effect = match self.apply(action) {
            Effect::Unchanged if before != self.notice || !told => Effect::None,
            effect => effect,
        };
        if self.screen != screen {
            // A model's window may have another T than the live one.
            self.place_cursor();
        }
        match effect {
            Effect::None | Effect::Unchanged | Effect::Send(_) | Effect::SendAll(_) => {
                self.with_study(effect)
            }
            // These change nothing that is studied.
            other => other,
        }
    }

    /// The effect, and what the worker must be told of studies.
    fn with_study(&mut self, effect: Effect) -> Effect {
        let Some(command) = self.study_command() else {
            return effect;
        };
        match effect {
            Effect::Send(first) => Effect::SendAll(vec![first, command]),
            Effect::SendAll(mut commands) => {
                commands.push(command);
                Effect::SendAll(commands)
            }
            _ => Effect::Send(command),
        }
    }

    /// What has to be studied beside the window for the screen that is shown; `None` when it needs
    /// nothing more.
    pub fn wanted_study(&self) -> Option<StudyRequest> {
        (self.screen.room().study)(self)
    }

    /// Asks for the study that the screen wants now, unless the worker knows of it already. What was
    /// found before is kept until something newer comes, and given up with the last wish.
    pub fn study_command(&mut self) -> Option<Command> {
        let wanted = self.wanted_study();
        if wanted == self.study.asked {
            return None;
        }
        self.study.asked = wanted;
        self.study.progress = None;
        if wanted.is_none() {
            self.study.found = None;
        }
        Some(Command::Study(wanted))
    }

    /// Takes a report of the worker; whether the picture changed.
    pub fn report(&mut self, report: Report) -> bool {
        match report {
            Report::Snapshot(snapshot) => {
                self.complete(&snapshot.settings);
                self.sim.extents.remember(&snapshot);
                self.sim.snapshot = Some(snapshot);
                self.sim.stopped = None;
                self.sim.progress = None;
                self.place_cursor();
                true
            }
            Report::Progress(done) => advanced(&mut self.sim.progress, done),
            // One that was cancelled too late is of no use.
            Report::StudyProgress(request, _) if self.study.asked != Some(request) => false,
            Report::StudyProgress(_, done) => advanced(&mut self.study.progress, done),
            Report::Study(study) if self.study.asked != Some(study.request) => false,
            // What the worker was busy with when the settings changed to such as it cannot compute.
            Report::Study(study) if self.sim.stopped.is_some() && self.is_earlier(&study) => false,
            Report::Study(study) => {
                self.study.found = Some(study);
                self.study.progress = None;
                true
            }
            Report::Failed(text) => {
                self.search_failed();
                let notice = Some(Notice { text, error: true });
                let forgot = self.forget_earlier();
                let changed = forgot
                    || self.sim.progress.is_some()
                    || self.notice != notice
                    || self.sim.stopped != notice;
                self.sim.progress = None;
                self.notice.clone_from(&notice);
                self.sim.stopped = notice;
                changed
            }
            Report::EndOfInput => {
                self.sim.running = false;
                self.say("the input is at its end: paused");
                true
            }
            Report::Edge(search) => self.searched(search),
        }
    }

    /// Whether a study is of a window of earlier settings.
    fn is_earlier(&self, study: &Study) -> bool {
        study.request.side().is_some() && study.settings != self.sim.settings
    }

    /// Gives up what was computed under earlier settings, when there will be nothing newer: beside
    /// the present settings it would pass for theirs. Whether there was anything.
    fn forget_earlier(&mut self) -> bool {
        let window = self.sim.snapshot.as_ref();
        let window = window.is_some_and(|s| s.settings != self.sim.settings);
        let study = self.study.found.as_ref();
        let study = study.is_some_and(|study| self.is_earlier(study));
        if window {
            self.sim.snapshot = None;
            self.place_cursor();
        }
        if study {
            self.study.found = None;
        }
        window || study
    }

    #[allow(clippy::too_many_lines, reason = "a line or two for each action")]
    pub(super) fn apply(&mut self, action: Action) -> Effect {
        if let Some((_, why)) = self.elsewhere(action) {
            return self.say(why);
        }
        match action {
            Action::Quit => Effect::Quit,
            Action::Suspend if !self.may.suspend => {
                self.say("suspending is off here: nothing could bring rnntop back")
            }
            Action::Suspend => Effect::Suspend,
            Action::SaveSettings if !self.may.save => {
                self.say("saving is off here: nothing is written")
            }
            Action::SaveSettings => Effect::Save,
            Action::OpenPalette => self.open_palette(),
            Action::Redraw => Effect::Redraw,
            Action::Back => self.back(),
            Action::ToggleHelp => self.toggle_help(),
            Action::SearchPage => self.search_page(),
            Action::Scroll(by) => self.scroll(by),
            Action::Show(screen) => self.show(screen),

            Action::TogglePause => (self.screen.room().pause)(self),
            Action::StepForward => (self.screen.room().step)(self),
            Action::StepBack => self.pause_and(Command::Back),
            Action::Rewind => Effect::Send(Command::Rewind),
            Action::Speed(n) => self.change_speed(n),

            Action::Change(control, n) => {
                let moved = self.select_control(control);
                let effect = self.step_control(control, n);
                redraw_if(moved, effect)
            }
            Action::Adjust(n) => (self.screen.room().adjust)(self, n),
            Action::Select(by) => self.select(by),
            Action::ResetSelected => (self.screen.room().reset)(self),
            Action::ResetAll => self.reset_all(),
            Action::FindEdge => self.find_edge(),
            Action::Undo => self.undo(),
            Action::Redo if self.sim.history.after().is_some() => self.step(Step::Redo),
            Action::Redo => self.say("nothing to redo"),

            Action::MoveCursor(by) => {
                let far = if by < 0 { isize::MIN } else { isize::MAX };
                let by = isize::try_from(by).unwrap_or(far);
                self.put_cursor(self.focus.cursor.saturating_add_signed(by))
            }
            Action::CursorTenths(n) => {
                let tenth = i64::try_from(self.window() / 10).unwrap_or(1).max(1);
                self.apply(Action::MoveCursor(tenth.saturating_mul(i64::from(n))))
            }
            Action::CursorTo(t) => self.put_cursor(t),

            Action::BeginCut => {
                self.popup = None;
                changed(&mut self.cutting, true)
            }
            Action::ToggleCut(path) => self.toggle_cuts(&[path]),
            Action::ToggleCuts(paths) => self.toggle_cuts(paths),
            Action::ClearCuts => self.cut(PathSet::EMPTY),
            Action::NextQuestion => {
                self.sim.question = next_question(self.sim.question);
                Effect::Send(self.start_command())
            }

            Action::NextKind(side) => self.next_kind(side),
            Action::NextCell => advance(&mut self.focus.side, Side::other),
            Action::ToggleAxis => self.toggle_axis(),
            Action::NextMarker => self.next_marker(),
            Action::NextTheme => {
                self.look.own_theme = true;
                let own = self.look.colours.is_some();
                advance(&mut self.look.theme, |theme| next_theme(theme, own))
            }
            Action::ToggleMouse => {
                self.look.mouse = !self.look.mouse;
                self.say(if self.look.mouse {
                    "mouse on: click or drag on the timeline, turn the wheel on what is to change"
                } else {
                    "mouse off: the terminal selects text again"
                });
                Effect::Mouse(self.look.mouse)
            }

            Action::Own(own) => own.act(self),
            Action::Choose => self.choose(),
            Action::BeginInput => self.begin_input(),
            Action::Input(edit) => self.edit(edit),
        }
    }

    /// Changes the speed; while nothing runs, no screen but the settings has it.
    fn change_speed(&mut self, n: i32) -> Effect {
        let speed = Parameter::at(Parameter::row("speed"));
        let effect = self.try_next(parameters::step(self, speed, n));
        if matches!(effect, Effect::Send(_)) && !self.sim.running && self.screen != Screen::Settings
        {
            self.say(&format!("speed: {} steps per second", self.sim.pace.speed));
        }
        effect
    }

    /// Draws with the next characters. It says which: not every screen has a curve to tell by.
    fn next_marker(&mut self) -> Effect {
        self.look.own_marker = true;
        self.look.marker = next_marker(self.look.marker);
        let name = match self.look.marker {
            Marker::Octant => "octants",
            Marker::Braille => "braille",
            Marker::Block => "blocks",
            Marker::Ascii => "ASCII",
        };
        self.say(&format!("curves are drawn with {name}"));
        Effect::None
    }

    /// Takes the last change back: in a search that goes on, the search itself.
    fn undo(&mut self) -> Effect {
        match &self.popup {
            Some(Popup::Edge(edge)) if edge.outcome().is_none() => return self.back(),
            // What was changed before it is out of sight.
            Some(Popup::Edge(edge)) if !edge.changes() => {
                self.popup = None;
                return self.say("the search changed nothing");
            }
            _ => {}
        }
        if self.sim.history.before().is_none() {
            return self.say("nothing to undo");
        }
        self.popup = None;
        self.step(Step::Undo)
    }

    fn next_kind(&mut self, side: Side) -> Effect {
        let row = match side {
            Side::Left => "left_cell",
            Side::Right => "right_cell",
        };
        let cell = Parameter::at(Parameter::row(row));
        self.try_next(parameters::step(self, cell, 1))
    }

    fn back(&mut self) -> Effect {
        let popup = self.popup.take();
        match popup {
            Some(Popup::Edge(edge)) => return self.leave_edge(&edge),
            Some(Popup::Page(page)) if page.search.is_some() => {
                self.popup = Some(Popup::Page(Page {
                    words: page.words,
                    ..Page::default()
                }));
                return Effect::None;
            }
            _ => {}
        }
        if popup.is_some() || self.cutting {
            self.cutting = false;
        } else if (self.screen.room().leave)(self) {
            // One thing at a time.
        } else if self.screen != Screen::default() {
            self.screen = Screen::default();
        } else if let Some(lost) = self.loses_by_leaving() {
            self.leaving = true;
            return self.say(&format!(
                "{lost}: once more leaves the program, any other key stays"
            ));
        } else {
            return Effect::Quit;
        }
        Effect::None
    }

    /// What ends with the program, if anything that was made here does.
    fn loses_by_leaving(&self) -> Option<&'static str> {
        if self.sim.history.before().is_some() {
            Some("settings have changed")
        } else {
            let trained = self.screens.train.picture.is_some();
            trained.then_some("a training is open")
        }
    }

    fn show(&mut self, screen: Screen) -> Effect {
        let open = self.popup.take().is_some();
        let cutting = std::mem::take(&mut self.cutting);
        if screen != self.screen {
            (self.screen.room().leave)(self);
        }
        redraw_if(open || cutting, changed(&mut self.screen, screen))
    }

    fn toggle_help(&mut self) -> Effect {
        self.cutting = false;
        self.popup = match self.popup {
            Some(Popup::Page(Page { words: false, .. })) => None,
            _ => Some(Popup::Page(Page::default())),
        };
        Effect::None
    }

    fn search_page(&mut self) -> Effect {
        if let Some(Popup::Page(page)) = &mut self.popup {
            page.search = Some(TextLine::default());
            page.scroll = Scroll::default();
        }
        Effect::None
    }

    fn edit(&mut self, edit: Edit) -> Effect {
        let edited = match &mut self.popup {
            Some(Popup::Input { line, fresh }) => {
                if std::mem::take(fresh) && matches!(edit, Edit::Insert(_)) {
                    *line = TextLine::default();
                }
                line.edit(edit)
            }
            Some(Popup::Page(Page {
                search: Some(line),
                scroll,
                ..
            })) => {
                *scroll = Scroll::default();
                line.edit(edit)
            }
            Some(Popup::Palette { line, row }) => {
                let before = line.text.clone();
                let edited = line.edit(edit);
                if line.text != before {
                    *row = 0;
                }
                edited
            }
            _ => false,
        };
        redraw_if(edited, Effect::Unchanged)
    }

    fn scroll(&mut self, by: i32) -> Effect {
        let text = match &mut self.popup {
            Some(Popup::Page(page)) => Some(&mut page.scroll),
            Some(_) => None,
            None => (self.screen.room().scroll)(self),
        };
        redraw_if(text.is_some_and(|text| text.by(by)), Effect::Unchanged)
    }

    fn select(&mut self, by: i32) -> Effect {
        let Some((entries, here)) = palette::shown(self) else {
            return (self.screen.room().select)(self, by);
        };
        match &mut self.popup {
            Some(Popup::Palette { row, .. }) => changed(row, moved(here, by, entries.len())),
            _ => Effect::Unchanged,
        }
    }

    /// Pauses the live cells, or has them run.
    pub(super) fn toggle_pause(&mut self) -> Effect {
        self.sim.running = !self.sim.running;
        Effect::Send(Command::Run(self.sim.running))
    }

    /// Pauses, and then has the worker step.
    pub(super) fn pause_and(&mut self, command: Command) -> Effect {
        if std::mem::take(&mut self.sim.running) {
            Effect::SendAll(vec![Command::Run(false), command])
        } else {
            Effect::Send(command)
        }
    }

    fn choose(&mut self) -> Effect {
        match &self.popup {
            Some(Popup::Heavy(_, asked)) => {
                let asked = asked.clone();
                self.popup = None;
                match asked {
                    Asked::Step(step) => self.go(step),
                    Asked::Training => self.train(),
                }
            }
            Some(Popup::Input { .. }) => self.choose_typed(),
            Some(Popup::Palette { .. }) => self.choose_entry(),
            Some(_) => Effect::Unchanged,
            None => (self.screen.room().choose)(self),
        }
    }
}

/// Takes over how much of long work is done; whether that is news.
fn advanced(progress: &mut Option<f64>, done: f64) -> bool {
    let done = Some(done.clamp(0.0, 1.0)).filter(|done| !done.is_nan());
    let before = std::mem::replace(progress, done);
    before != done
}

const fn next_question(question: Question) -> Question {
    match question {
        Question::Share => Question::Alone,
        Question::Alone => Question::Without,
        Question::Without => Question::Share,
    }
}

const fn next_marker(marker: Marker) -> Marker {
    match marker {
        Marker::Octant => Marker::Braille,
        Marker::Braille => Marker::Block,
        Marker::Block => Marker::Ascii,
        Marker::Ascii => Marker::Octant,
    }
}

const fn next_theme(theme: ThemeName, own: bool) -> ThemeName {
    match theme {
        ThemeName::Dark => ThemeName::Light,
        ThemeName::Light => ThemeName::Contrast,
        ThemeName::Contrast => ThemeName::Mono,
        ThemeName::Mono if own => ThemeName::Own,
        ThemeName::Mono | ThemeName::Own => ThemeName::Dark,
    }
}

#[cfg(test)]
mod tests;
