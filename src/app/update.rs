//! How an action changes the state.

use crate::app::action::{Control, Edit};
use crate::app::input::Typed;
use crate::app::parameters::{self, Parameter};
use crate::app::state::{Marker, Notice, Popup, Screen, ThemeName};
use crate::app::{Action, App, Effect, controls, input, keys, palette};
use crate::flow::{PathSet, Question};
use crate::sim::{Command, Report, Settings, Side, Study};

/// More lines than a page has.
const FARTHEST: usize = 1000;

impl App {
    /// Applies an action. The message line is emptied first: it lasts until the next key.
    pub fn update(&mut self, action: Action) -> Effect {
        let before = self.notice.take();
        let screen = self.screen;
        let effect = match self.apply(action) {
            Effect::Unchanged if before != self.notice => Effect::None,
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

    /// Takes a report of the worker; whether the picture changed.
    pub fn report(&mut self, report: Report) -> bool {
        match report {
            Report::Snapshot(snapshot) => {
                self.complete(&snapshot.settings);
                self.extents.remember(&snapshot);
                self.snapshot = Some(snapshot);
                self.stopped = None;
                self.progress = None;
                self.place_cursor();
                true
            }
            Report::Progress(done) => {
                let done = Some(done.clamp(0.0, 1.0)).filter(|d| !d.is_nan());
                let changed = self.progress != done;
                self.progress = done;
                changed
            }
            // One that was cancelled too late is of no use.
            Report::StudyProgress(request, _) if self.studied != Some(request) => false,
            Report::StudyProgress(_, done) => {
                let done = Some(done.clamp(0.0, 1.0)).filter(|d| !d.is_nan());
                let changed = self.study_progress != done;
                self.study_progress = done;
                changed
            }
            Report::Study(study) if self.studied != Some(study.request) => false,
            // What the worker was busy with when the settings changed to such as it cannot compute.
            Report::Study(study) if self.stopped.is_some() && self.is_earlier(&study) => false,
            Report::Study(study) => {
                self.study = Some(study);
                self.study_progress = None;
                true
            }
            Report::Failed(text) => {
                let notice = Notice { text, error: true };
                self.search_failed(&notice);
                let notice = Some(notice);
                let forgot = self.forget_earlier();
                let changed = forgot
                    || self.progress.is_some()
                    || self.notice != notice
                    || self.stopped != notice;
                self.progress = None;
                self.notice.clone_from(&notice);
                self.stopped = notice;
                changed
            }
            Report::EndOfInput => {
                self.running = false;
                self.say("the input is at its end: paused");
                true
            }
            Report::Edge(search) => self.searched(search),
        }
    }

    /// Whether settings differ from the present ones in more than the speed.
    fn are_earlier(&self, settings: &Settings) -> bool {
        let speed = self.settings.speed;
        let settings = Settings {
            speed,
            ..settings.clone()
        };
        settings != self.settings
    }

    /// Whether a study is of a window of earlier settings.
    fn is_earlier(&self, study: &Study) -> bool {
        study.request.side().is_some() && self.are_earlier(&study.settings)
    }

    /// Gives up what was computed under earlier settings, when there will be nothing newer: beside
    /// the present settings it would pass for theirs. Whether there was anything.
    fn forget_earlier(&mut self) -> bool {
        let window = self.snapshot.as_ref();
        let window = window.is_some_and(|s| self.are_earlier(&s.settings));
        let study = self.study.as_ref();
        let study = study.is_some_and(|study| self.is_earlier(study));
        if window {
            self.snapshot = None;
            self.place_cursor();
        }
        if study {
            self.study = None;
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
            Action::Suspend if !self.may_suspend => {
                self.say("suspending is off here: nothing could bring rnntop back")
            }
            Action::Suspend => Effect::Suspend,
            Action::SaveSettings if !self.may_save => {
                self.say("saving is off here: nothing is written")
            }
            Action::SaveSettings => Effect::Save,
            Action::OpenPalette => self.open_palette(),
            Action::Redraw => Effect::Redraw,
            Action::Back => self.back(),
            Action::ToggleHelp => self.toggle_help(),
            Action::Scroll(by) => self.scroll(by),
            Action::Show(screen) => self.show(screen),

            Action::TogglePause => {
                self.running = !self.running;
                Effect::Send(Command::Run(self.running))
            }
            Action::StepForward => self.pause_and(Command::Forward),
            Action::StepBack => self.pause_and(Command::Back),
            Action::Rewind => Effect::Send(Command::Rewind),
            Action::Speed(n) => self.change_speed(n),

            Action::Change(control, n) => {
                let moved = self.select_control(control);
                let effect = self.step_control(control, n);
                redraw_if(moved, effect)
            }
            Action::Adjust(n) => self.adjust(n),
            Action::Select(by) => self.select(by),
            Action::ResetSelected => self.reset_selected(),
            Action::ResetAll => self.reset_all(),
            Action::FindEdge => self.find_edge(),
            Action::Undo => self.undo(),
            Action::Redo => match self.history.redo(self.moment()) {
                Some(moment) => self.restore(moment),
                None => self.say("nothing to redo"),
            },

            Action::MoveCursor(by) => {
                let far = if by < 0 { isize::MIN } else { isize::MAX };
                let by = isize::try_from(by).unwrap_or(far);
                self.put_cursor(self.cursor.saturating_add_signed(by))
            }
            Action::CursorTenths(n) => {
                let tenth = i64::try_from(self.window() / 10).unwrap_or(1).max(1);
                self.apply(Action::MoveCursor(tenth.saturating_mul(i64::from(n))))
            }
            Action::CursorTo(t) => self.put_cursor(t),
            Action::CursorStart => self.put_cursor(1),
            Action::CursorEnd => self.put_cursor(self.window()),

            Action::BeginCut => {
                self.popup = None;
                changed(&mut self.cutting, true)
            }
            Action::ToggleCut(path) => self.toggle_cuts(&[path]),
            Action::ToggleCuts(paths) => self.toggle_cuts(paths),
            Action::ClearCuts => self.cut(PathSet::EMPTY),
            Action::NextQuestion => {
                self.question = next_question(self.question);
                Effect::Send(self.start_command())
            }

            Action::NextKind(side) => self.next_kind(side),
            Action::NextCell => advance(&mut self.focus, Side::other),
            Action::NextMatrix => self.next_matrix(),
            Action::ToggleZoom => advance(&mut self.zoom, |zoom| !zoom),
            Action::ToggleAxis => self.toggle_axis(),
            Action::NextMarker => self.next_marker(),
            Action::NextTheme => {
                self.own_theme = true;
                let own = self.colours.is_some();
                advance(&mut self.theme, |theme| next_theme(theme, own))
            }
            Action::ToggleMouse => {
                self.mouse = !self.mouse;
                self.say(if self.mouse {
                    "mouse on: click or drag on the timeline, turn the wheel on what is to change"
                } else {
                    "mouse off: the terminal selects text again"
                });
                Effect::Mouse(self.mouse)
            }

            Action::ScrollTo(top) if self.screen == Screen::Layers => {
                changed(&mut self.layers.top, top)
            }
            Action::ScrollTo(top) if self.screen == Screen::Presets => {
                changed(&mut self.preset_top, top)
            }
            Action::ScrollTo(top) => changed(&mut self.page.top, top),
            Action::ToggleWhole => advance(&mut self.layers.whole, |whole| !whole),
            Action::NextPath(by) => self.next_path(by),
            Action::Units(by) => self.more_units(by),
            Action::Copy(form) => self.copy_page(form),

            Action::Choose => self.choose(),
            Action::BeginInput | Action::WritePage => self.begin_input(),
            Action::Input(edit) => self.edit(edit),
        }
    }

    /// Changes the speed; while nothing runs, no screen but the settings has it.
    fn change_speed(&mut self, n: i32) -> Effect {
        let effect = self.try_settings(parameters::step(self, Parameter::Speed, n));
        if matches!(effect, Effect::Send(_)) && !self.running && self.screen != Screen::Settings {
            self.say(&format!("speed: {} steps per second", self.settings.speed));
        }
        effect
    }

    /// Draws with the next characters. It says which: not every screen has a curve to tell by.
    fn next_marker(&mut self) -> Effect {
        self.own_marker = true;
        self.marker = next_marker(self.marker);
        let name = match self.marker {
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
        match self.history.undo(self.moment()) {
            Some(moment) => {
                self.popup = None;
                self.restore(moment)
            }
            None => self.say("nothing to undo"),
        }
    }

    fn next_kind(&mut self, side: Side) -> Effect {
        self.try_settings(parameters::step(self, Parameter::Cell(side), 1))
    }

    fn next_matrix(&mut self) -> Effect {
        if !self.has_matrices() {
            return self.say("this cell has one recurrent matrix at most: there is none to choose");
        }
        advance(&mut self.matrix, |k| k.wrapping_add(1))
    }

    fn back(&mut self) -> Effect {
        let popup = self.popup.take();
        if let Some(Popup::Edge(edge)) = popup {
            return self.leave_edge(&edge);
        }
        if popup.is_some() || self.cutting {
            self.cutting = false;
        } else if self.zoom {
            self.zoom = false;
        } else if self.screen != Screen::Flow {
            self.screen = Screen::Flow;
        } else {
            return Effect::Quit;
        }
        Effect::None
    }

    fn show(&mut self, screen: Screen) -> Effect {
        let open = self.popup.take().is_some();
        let effect = redraw_if(open || self.cutting, changed(&mut self.screen, screen));
        self.cutting = false;
        if matches!(effect, Effect::None) {
            self.zoom = false;
        }
        effect
    }

    fn toggle_help(&mut self) -> Effect {
        self.cutting = false;
        self.popup = match self.popup {
            Some(Popup::Help(_)) => None,
            _ => Some(Popup::Help(0)),
        };
        Effect::None
    }

    fn edit(&mut self, edit: Edit) -> Effect {
        match &mut self.popup {
            Some(Popup::Input { text, cursor }) => {
                redraw_if(input::edit(text, cursor, edit), Effect::Unchanged)
            }
            Some(Popup::Palette { text, cursor, row }) => {
                let before = text.clone();
                let changed = input::edit(text, cursor, edit);
                if *text != before {
                    *row = 0;
                }
                redraw_if(changed, Effect::Unchanged)
            }
            _ => Effect::Unchanged,
        }
    }

    fn scroll(&mut self, by: i32) -> Effect {
        let last = keys::help_lines(self).saturating_sub(1);
        let by = isize::try_from(by).unwrap_or(0);
        if self.popup.is_none() && self.screen == Screen::Explain {
            let to = self.page.top.saturating_add_signed(by).min(FARTHEST);
            return changed(&mut self.page.top, to);
        }
        if self.popup.is_none() && self.screen == Screen::Layers {
            let to = self.layers.top.saturating_add_signed(by).min(FARTHEST);
            return changed(&mut self.layers.top, to);
        }
        if self.popup.is_none() && self.screen == Screen::Presets {
            let to = self.preset_top.saturating_add_signed(by).min(FARTHEST);
            return changed(&mut self.preset_top, to);
        }
        let Some(Popup::Help(top)) = &mut self.popup else {
            return Effect::Unchanged;
        };
        let to = top.saturating_add_signed(by).min(last);
        changed(top, to)
    }

    /// Pauses, and then has the worker step.
    fn pause_and(&mut self, command: Command) -> Effect {
        if std::mem::take(&mut self.running) {
            Effect::SendAll(vec![Command::Run(false), command])
        } else {
            Effect::Send(command)
        }
    }

    /// Selects a control, on the parameter list its row; whether that moved anything.
    fn select_control(&mut self, control: Control) -> bool {
        let row = Parameter::row_of(control);
        let moved = self.selected != control || self.parameter != row;
        self.selected = control;
        self.parameter = row;
        moved
    }

    fn select(&mut self, by: i32) -> Effect {
        let by = isize::try_from(by).unwrap_or(0);
        let moved = |row: usize, count: usize| {
            let last = count.saturating_sub(1);
            row.saturating_add_signed(by).min(last)
        };
        if let Some((entries, here)) = palette::shown(self) {
            let to = moved(here, entries.len());
            return match &mut self.popup {
                Some(Popup::Palette { row, .. }) => changed(row, to),
                _ => Effect::Unchanged,
            };
        }
        match self.screen {
            Screen::Settings => {
                let to = moved(self.parameter, Parameter::ALL.len());
                changed(&mut self.parameter, to)
            }
            Screen::Presets => {
                let to = moved(self.preset_row, self.presets.len());
                if to != self.preset_row {
                    self.preset_top = 0;
                }
                changed(&mut self.preset_row, to)
            }
            Screen::Paths => {
                let here = self.path_row();
                match moved(here, self.path_rows()) {
                    to if to == here => Effect::Unchanged,
                    to => self.choose_path(self.of_path_row(to)),
                }
            }
            Screen::Layers => self.select_layer(by),
            _ => {
                let all = Control::ALL;
                let here = all.iter().position(|c| *c == self.selected).unwrap_or(0);
                let turned = match by.signum() {
                    1 => here + 1,
                    -1 => here + all.len() - 1,
                    _ => here,
                };
                changed(&mut self.selected, all[turned % all.len()])
            }
        }
    }

    /// Changes a control, and says what there is to know about its new value.
    fn step_control(&mut self, control: Control, n: i32) -> Effect {
        let effect = self.try_settings(controls::step(self, control, n));
        let view = controls::view(self, control);
        if let (None, Some(warning)) = (&self.notice, view.warning) {
            self.say(&format!("{}: {}", view.name, warning.words));
        }
        effect
    }

    /// Changes what is selected on the screen by so many fine steps.
    fn adjust(&mut self, n: i32) -> Effect {
        match self.screen {
            Screen::Settings => {
                let parameter = Parameter::at(self.parameter);
                self.try_settings(parameters::step(self, parameter, n))
            }
            Screen::Presets => Effect::Unchanged,
            Screen::Hops => {
                let by = isize::try_from(n).unwrap_or(0);
                self.set_orders(self.orders().saturating_add_signed(by))
            }
            _ => self.step_control(self.selected, n),
        }
    }

    /// Puts what is selected on the screen back as the preset has it.
    fn reset_selected(&mut self) -> Effect {
        match self.screen {
            Screen::Settings => {
                let parameter = Parameter::at(self.parameter);
                let settings = parameters::reset(self, parameter);
                let (name, _) = parameter.words();
                self.put_back(settings, name)
            }
            Screen::Presets => Effect::Unchanged,
            Screen::Hops if self.orders() == Self::ORDERS.min(self.most_orders()) => {
                self.say("hop orders K is as it was at the start")
            }
            Screen::Hops => self.set_orders(Self::ORDERS),
            _ => {
                let settings = controls::reset(self, self.selected);
                self.put_back(Ok(settings), self.selected.name())
            }
        }
    }

    /// Sets a value back to the preset's, and says so when it is that already.
    fn put_back(&mut self, settings: Result<Settings, String>, name: &str) -> Effect {
        match settings {
            Ok(settings) if settings == self.settings => {
                self.say(&format!("{name} is as the preset has it"))
            }
            settings => self.try_settings(settings),
        }
    }

    /// Sets K of the hop orders, as far as the window has room for it.
    fn set_orders(&mut self, orders: usize) -> Effect {
        let orders = orders.min(self.most_orders());
        if orders == self.hop_orders {
            let most = self.most_orders();
            return self.say(&format!("hop orders K: the range is 0 to {most}"));
        }
        changed(&mut self.hop_orders, orders)
    }

    fn choose(&mut self) -> Effect {
        if let Some(Popup::Input { text, .. }) = &self.popup {
            if text.trim().is_empty() {
                self.popup = None;
                return Effect::None;
            }
            return match input::check(self, text) {
                Ok(typed) => {
                    self.popup = None;
                    let effect = match typed {
                        Typed::Settings(settings) => self.set(*settings),
                        Typed::Orders(orders) => self.set_orders(orders),
                        Typed::File(name) => self.write_page(&name),
                    };
                    redraw_if(true, effect)
                }
                // The line itself says what is wrong.
                Err(_) => Effect::Unchanged,
            };
        }
        match (&self.popup, self.screen) {
            (Some(Popup::Palette { .. }), _) => self.choose_entry(),
            (None, Screen::Settings) => self.begin_input(),
            (None, Screen::Presets) => self.load(),
            _ => Effect::Unchanged,
        }
    }

    fn begin_input(&mut self) -> Effect {
        if self.screen == Screen::Presets {
            return Effect::Unchanged;
        }
        if self.screen == Screen::Explain && !self.may_write {
            return self.say("writing is off here: no file is written");
        }
        if let Some(why) = input::closed(self) {
            return self.say(why);
        }
        self.cutting = false;
        self.popup = Some(Popup::Input {
            text: String::new(),
            cursor: 0,
        });
        Effect::None
    }

    fn put_cursor(&mut self, t: usize) -> Effect {
        let t = t.clamp(1, self.window());
        self.anchor = (t, self.window());
        changed(&mut self.cursor, t)
    }

    /// Puts the cursor where the user had it in a window that may have another T.
    pub(super) fn place_cursor(&mut self) {
        let (t, of) = self.anchor;
        let (steps, window) = (of.max(2) - 1, self.window());
        // (t − 1) / (T − 1) of the new window, rounded to the nearest step.
        let moved = (t.saturating_sub(1) * (window - 1) * 2 + steps) / (steps * 2);
        self.cursor = (1 + moved).clamp(1, window);
    }

    /// Puts a sentence on the message line.
    pub(super) fn say(&mut self, text: &str) -> Effect {
        self.notice = Some(Notice {
            text: text.to_owned(),
            error: false,
        });
        Effect::Unchanged
    }

    /// Says how writing the settings down went.
    pub fn saved(&mut self, result: Result<String, String>) {
        match result {
            Ok(sentence) => self.say(&sentence),
            Err(sentence) => self.fail(sentence),
        };
    }

    fn fail(&mut self, text: String) -> Effect {
        self.notice = Some(Notice { text, error: true });
        Effect::Unchanged
    }
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

/// Turns a part of the state to its next value.
fn advance<T: Copy>(part: &mut T, next: impl Fn(T) -> T) -> Effect {
    *part = next(*part);
    Effect::None
}

/// Sets a part of the state; drawing is needed only when it was different.
pub(super) fn changed<T: PartialEq>(part: &mut T, value: T) -> Effect {
    if *part == value {
        return Effect::Unchanged;
    }
    *part = value;
    Effect::None
}

/// The effect, with a redraw at least when something else changed too.
pub(super) fn redraw_if(changed: bool, effect: Effect) -> Effect {
    match effect {
        Effect::Unchanged if changed => Effect::None,
        effect => effect,
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "steps are exact decimals")]
mod tests;
