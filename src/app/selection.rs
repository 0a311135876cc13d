//! The selected control: choosing another one, changing it, putting it back.

use crate::app::action::Control;
use crate::app::controls;
use crate::app::effect::{Effect, changed};
use crate::app::parameters::{Next, Parameter};
use crate::app::scroll::Scroll;
use crate::app::state::{App, Chosen};

/// Selects the next (+1) or previous control, in a round.
pub(super) fn select_control(app: &mut App, by: i32) -> Effect {
    let all = Control::ALL;
    let here = all.iter().position(|c| *c == app.focus.control);
    let here = here.unwrap_or(0);
    let turned = match by.signum() {
        1 => here + 1,
        -1 => here + all.len() - 1,
        _ => here,
    };
    changed(&mut app.focus.control, all[turned % all.len()])
}

/// Puts the selected control back as the preset has it.
pub(super) fn reset_control(app: &mut App) -> Effect {
    let settings = controls::reset(app, app.focus.control);
    app.put_back(
        Ok(Next::Settings(Box::new(settings))),
        app.focus.control.name(),
    )
}

/// The row of a list that is so many rows further, or its end.
pub(super) fn moved(row: usize, by: i32, count: usize) -> usize {
    let by = isize::try_from(by).unwrap_or(0);
    let last = count.saturating_sub(1);
    row.saturating_add_signed(by).min(last)
}

impl App {
    /// Selects a control, on the parameter list its row; whether that moved anything.
    pub(super) fn select_control(&mut self, control: Control) -> bool {
        let row = Parameter::row_of(control);
        let moved = self.focus.control != control || self.screens.settings.row != row;
        self.focus.control = control;
        self.screens.settings.row = row;
        moved
    }

    /// Changes a control, and says what there is to know about its new value.
    pub(super) fn step_control(&mut self, control: Control, n: i32) -> Effect {
        let effect = self.try_settings(controls::step(self, control, n));
        let view = controls::view(self, control);
        if let (None, Some(warning)) = (&self.notice, view.warning) {
            self.say(&format!("{}: {}", view.name, warning.words));
        }
        effect
    }

    /// Sets a value back to the preset's, and says so when it is that already.
    pub(super) fn put_back(&mut self, next: Result<Next, String>, name: &str) -> Effect {
        match self.try_next(next) {
            Effect::Unchanged if self.notice.is_none() => {
                self.say(&format!("{name} is as the preset has it"))
            }
            effect => effect,
        }
    }

    /// Chooses a path for every screen that shows one.
    pub(super) fn choose_path(&mut self, chosen: Chosen) -> Effect {
        if self.focus.path.path() != chosen.path() {
            self.screens.explain.page = Scroll::default();
        }
        changed(&mut self.focus.path, chosen)
    }
}
