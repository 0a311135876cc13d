//! The settings screen: the rows of the table of settings that have a place there.

use crate::app::action::Control;
use crate::app::{App, controls, steps};
use crate::cell::ForgetGate;
use crate::sim::settings::Signal;
use crate::sim::settings::row::{self, Kind, Table};
use crate::sim::{Pace, Settings, Side};
use crate::words::value;

/// A row of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is, with its symbol.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// What it may be.
    pub range: String,
    /// What it does, in one sentence.
    pub help: &'static str,
    /// Whether it differs from the preset.
    pub changed: bool,
}

/// A setting that the list changes.
#[derive(Clone, Copy, Debug)]
pub enum Parameter {
    /// Of the simulation.
    Setting(&'static row::Row<Settings>),
    /// Of the program.
    Pace(&'static row::Row<Pace>),
}

/// What a change of a parameter comes to.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Other settings.
    Settings(Box<Settings>),
    /// Another speed.
    Pace(Pace),
}

impl From<Settings> for Next {
    fn from(settings: Settings) -> Self {
        Self::Settings(Box::new(settings))
    }
}

/// The speeds that keys step through, in steps per second.
pub const SPEEDS: [u32; 7] = [1, 2, 5, 10, 20, 30, 60];

impl Parameter {
    /// In order of the rows.
    pub fn all() -> Vec<Self> {
        let settings = Settings::rows().iter().filter(|row| !row.label.is_empty());
        let settings = settings.map(Self::Setting);
        settings
            .chain(Pace::rows().iter().map(Self::Pace))
            .collect()
    }

    /// The parameter of a row; the last one for a row beyond the list.
    pub fn at(row: usize) -> Self {
        let all = Self::all();
        all[row.min(all.len() - 1)]
    }

    /// The row of a name in the table; the first one for a name that has none.
    pub fn row(name: &str) -> usize {
        let found = Self::all().iter().position(|p| p.name() == name);
        found.unwrap_or_default()
    }

    /// The row of a control's value.
    pub fn row_of(control: Control) -> usize {
        let all = Self::all();
        let found = all.iter().position(|p| p.control() == Some(control));
        found.unwrap_or_default()
    }

    /// The control that changes the same value.
    fn control(self) -> Option<Control> {
        match self.name() {
            "forget_value" => Some(Control::Forget),
            "rho" => Some(Control::Radius),
            "threshold" => Some(Control::Threshold),
            _ => None,
        }
    }

    /// Its name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Setting(row) => row.name,
            Self::Pace(row) => row.name,
        }
    }

    /// What it is, with its symbol, and what it does, in one sentence.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Setting(row) => (row.label, row.help),
            Self::Pace(row) => (row.label, row.help),
        }
    }
}

/// The list as the screen shows it.
pub fn rows(app: &App) -> Vec<Row> {
    let row = |parameter: Parameter| {
        let (name, help) = parameter.words();
        Row {
            name,
            value: value(app, parameter),
            range: range(app, parameter),
            help,
            changed: reset(app, parameter).is_ok_and(|next| next != now(app, parameter)),
        }
    };
    Parameter::all().into_iter().map(row).collect()
}

/// Why the parameter cannot be changed, when it cannot.
pub fn fixed(app: &App, parameter: Parameter) -> Option<&'static str> {
    let no_lstm = |side: Side| !app.sim.settings.cell(side).kind.spec().has_variants;
    match parameter.name() {
        "hidden" if app.hidden_is_fixed() => Some("H is fixed by the trained weights"),
        "left_variant" if no_lstm(Side::Left) => Some("only an LSTM has variants"),
        "right_variant" if no_lstm(Side::Right) => Some("only an LSTM has variants"),
        "inputs" if app.sim.trained.is_some() => Some("D is fixed by the trained weights"),
        "inputs" if app.inputs_are_fixed() => Some("D is fixed by the input sequence"),
        _ => None,
    }
}

fn changeable(app: &App, parameter: Parameter) -> Result<(), String> {
    fixed(app, parameter).map_or(Ok(()), |why| Err(why.to_owned()))
}

/// The present values.
fn now(app: &App, parameter: Parameter) -> Next {
    match parameter {
        Parameter::Setting(_) => app.sim.settings.clone().into(),
        Parameter::Pace(_) => Next::Pace(app.sim.pace),
    }
}

fn value(app: &App, parameter: Parameter) -> String {
    let settings = &app.sim.settings;
    let row = match parameter {
        Parameter::Setting(row) => row,
        Parameter::Pace(row) => return format!("{}/s", row.text(&app.sim.pace)),
    };
    match (parameter.control(), settings.forget, &row.kind) {
        (Some(Control::Radius), ..) => match settings.rho {
            Some(rho) => value::number(rho, 2),
            None => controls::as_made(app).to_owned(),
        },
        (Some(Control::Threshold), ..) => value::sized(settings.threshold),
        (Some(Control::Forget), ForgetGate::Learned(Some(bias)), _) => value::number(bias, 1),
        (Some(Control::Forget), ForgetGate::Learned(None), _) => controls::as_made(app).to_owned(),
        (Some(Control::Forget), ForgetGate::Pinned(f), _) => value::number(f, 2),
        (Some(Control::Forget), ForgetGate::None, _) => "1".to_owned(),
        (None, _, Kind::Real { per, get, .. }) => {
            let decimals = if *per == 100 { 2 } else { 1 };
            get(settings).map_or_else(String::new, |x| value::number(x, decimals))
        }
        (None, ..) => row.text(settings),
    }
}

/// What the parameter may be.
pub fn range(app: &App, parameter: Parameter) -> String {
    if fixed(app, parameter).is_some() {
        return "fixed".to_owned();
    }
    if let Some(control) = parameter.control() {
        return controls::range(&app.sim.settings, control);
    }
    match parameter {
        Parameter::Setting(row) => span(row, app.sim.has_sequence),
        Parameter::Pace(row) => span(row, false),
    }
}

/// What a row may be, without a word on its kind.
fn span<S: Table>(row: &row::Row<S>, data: bool) -> String {
    match &row.kind {
        Kind::Whole { range, .. } | Kind::Real { range, .. } => range.span(),
        _ => row.words(data).join(", "),
    }
}

/// The settings with the parameter `n` fine steps further. Named values go round; so many steps at
/// once are one.
///
/// # Errors
/// One sentence when it is at the end of its range or fixed.
pub fn step(app: &App, parameter: Parameter, n: i32) -> Result<Next, String> {
    changeable(app, parameter)?;
    if let Some(control) = parameter.control() {
        return controls::step(app, control, n).map(Next::from);
    }
    let next = match parameter {
        Parameter::Pace(_) => Next::Pace(Pace {
            speed: steps::ladder(app.sim.pace.speed, n, &SPEEDS),
        }),
        Parameter::Setting(row) => {
            let mut next = app.sim.settings.clone();
            stepped(row, &mut next, n, app.sim.has_sequence);
            complete(app, row.name, &mut next);
            next.into()
        }
    };
    if next == now(app, parameter) {
        let (name, _) = parameter.words();
        return Err(format!("{name}: the range is {}", range(app, parameter)));
    }
    Ok(next)
}

/// Moves a row `n` fine steps.
fn stepped<S: Table>(row: &row::Row<S>, to: &mut S, n: i32, data: bool) {
    match &row.kind {
        Kind::Whole { range, get, set } => {
            let moved = get(to).saturating_add_signed(i64::from(n));
            set(to, range.nearest_whole(moved));
        }
        Kind::Real {
            range,
            per,
            get,
            set,
            ..
        } => {
            let moved = steps::linear(get(to).unwrap_or_default(), n, *per, &range.ends());
            set(to, Some(moved));
        }
        Kind::Words { get, set, .. } => {
            let place = steps::turn(get(to), n, row.words(data).len());
            set(to, place);
        }
        Kind::Switch { get, set } => {
            let on = get(to);
            set(to, on ^ (n != 0));
        }
        Kind::Text { .. } | Kind::Table => {}
    }
}

/// The settings with the parameter as the preset has it.
///
/// # Errors
/// One sentence when it is fixed.
pub fn reset(app: &App, parameter: Parameter) -> Result<Next, String> {
    changeable(app, parameter)?;
    Ok(match parameter {
        Parameter::Setting(row) => {
            let mut next = app.sim.settings.clone();
            row.copy(&app.sim.preset, &mut next);
            if row.name == "forget_mode" {
                next.forget = app.sim.preset.forget;
            } else {
                complete(app, row.name, &mut next);
            }
            next.into()
        }
        Parameter::Pace(_) => Next::Pace(app.sim.first_pace),
    })
}

/// The present value of a row of the tables of settings, as it is written in a preset.
pub fn typed_value(app: &App, name: &str) -> String {
    let setting = row::find::<Settings>(name).map(|row| row.text(&app.sim.settings));
    let pace = || row::find::<Pace>(name).map(|row| row.text(&app.sim.pace));
    setting.or_else(pace).unwrap_or_default()
}

/// What may be typed for the parameter.
pub fn typed_range(app: &App, parameter: Parameter) -> String {
    if let Some(control) = parameter.control() {
        return controls::typed_range(app, control);
    }
    match parameter {
        Parameter::Setting(row) => match row.kind {
            Kind::Words { .. } | Kind::Switch { .. } => {
                format!("one of {}", range(app, parameter))
            }
            _ => row.allowed(),
        },
        Parameter::Pace(row) => row.allowed(),
    }
}

/// The settings with a typed value for the parameter.
///
/// # Errors
/// One sentence: what is allowed, and what was typed.
pub fn parse(app: &App, parameter: Parameter, text: &str) -> Result<Next, String> {
    changeable(app, parameter)?;
    let text = text.trim();
    if let Some(control) = parameter.control() {
        return controls::parse(app, control, text).map(Next::from);
    }
    let (name, _) = parameter.words();
    let refuse = |_| steps::refusal(name, &typed_range(app, parameter), text);
    match parameter {
        Parameter::Pace(row) => {
            let mut pace = app.sim.pace;
            row.read(&mut pace, text).map_err(refuse)?;
            Ok(Next::Pace(pace))
        }
        Parameter::Setting(row) => {
            let mut next = app.sim.settings.clone();
            if row.name == "signal" && text == "file" && app.sim.has_sequence {
                next.signal = Signal::File;
            } else {
                row.read(&mut next, text).map_err(refuse)?;
            }
            complete(app, row.name, &mut next);
            Ok(next.into())
        }
    }
}

/// Completes a change of one row by what the present settings and the preset say of others.
fn complete(app: &App, name: &str, next: &mut Settings) {
    match name {
        "forget_mode" => next.forget = in_mode(app, next.forget),
        // What was as the framework draws it is as the preset has it again.
        "init" if app.sim.settings.init.is_framework() && !next.init.is_framework() => {
            next.rho = next.rho.or(app.sim.preset.rho);
            if next.forget == ForgetGate::Learned(None) {
                next.forget = app.sim.preset.forget;
            }
        }
        _ => {}
    }
}

/// The forget gate in the mode of another, with f where it was as far as the mode allows.
fn in_mode(app: &App, mode: ForgetGate) -> ForgetGate {
    match mode {
        ForgetGate::Learned(_) => controls::learned(app),
        ForgetGate::Pinned(_) => controls::pinned(app.sim.settings.forget),
        ForgetGate::None => ForgetGate::None,
    }
}

#[cfg(test)]
mod tests;
