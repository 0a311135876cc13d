//! What can be typed: whose value it is, what is allowed, and what a text asks for.

use crate::app::action::Control;
use crate::app::controls;
use crate::app::effect::Effect;
use crate::app::parameters::{self, Next};
use crate::app::state::App;

/// What a typed text does to the state.
pub type Typed = Box<dyn FnOnce(&mut App) -> Effect>;

/// What is typed on a screen.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Whose value it is.
    pub name: &'static str,
    /// What may be typed.
    pub range: String,
    /// The present value as it would be typed.
    pub value: String,
    /// Why nothing can be typed, when so.
    pub closed: Option<&'static str>,
    /// What a text asks for, or one sentence with what is allowed and what was typed.
    pub check: fn(&App, &str) -> Result<Typed, String>,
}

/// The value of the selected control.
pub(super) fn of_control(app: &App) -> Entry {
    let control = app.focus.control;
    let row = match control {
        Control::Forget => "forget",
        Control::Radius => "rho",
        Control::Threshold => "clip",
    };
    Entry {
        name: control.name(),
        range: controls::typed_range(app, control),
        value: parameters::typed_value(app, row),
        closed: None,
        check: |app, text| {
            let settings = controls::parse(app, app.focus.control, text);
            settings.map(|settings| take(settings.into()))
        },
    }
}

/// Takes over these settings, or this speed.
pub(super) fn take(next: Next) -> Typed {
    Box::new(move |app| app.take(next))
}
