//! The parameter list: name, value and range, with the selected row's explanation below.

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Margin, Rect};

use crate::app::action::Action;
use crate::app::effect::changed;
use crate::app::entry::{self, Entry};
use crate::app::has::Has;
use crate::app::panel::Panel;
use crate::app::panel::list::List;
use crate::app::parameters::{self, Parameter, Row};
use crate::app::room::Room;
use crate::app::selection::moved;
use crate::app::state::App;
use crate::app::view::View;
use crate::sim::edge::Knob;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::words::fit::fit;

/// What the screen keeps.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    /// The selected row.
    pub row: usize,
}

/// The screen.
pub static ROOM: Room = Room {
    has: Room::LIST.has.and(Has::VALUE).and(Has::TO_PRESETS),
    plan: |_, plan, body| plan.put(body, Rows),
    select: |app, by| {
        let to = moved(app.screens.settings.row, by, Parameter::all().len());
        changed(&mut app.screens.settings.row, to)
    },
    adjust: |app, n| app.try_next(parameters::step(app, selected(app), n)),
    reset: |app| {
        let parameter = selected(app);
        let next = parameters::reset(app, parameter);
        app.put_back(next, parameter.words().0)
    },
    choose: App::begin_input,
    entry: |app| {
        let parameter = selected(app);
        Some(Entry {
            name: parameter.words().0,
            range: parameters::typed_range(app, parameter),
            value: parameters::typed_value(app, parameter.name()),
            closed: parameters::fixed(app, parameter),
            check: |app, text| parameters::parse(app, selected(app), text).map(entry::take),
        })
    },
    knob,
    ..Room::LIST
};

fn selected(app: &App) -> Parameter {
    Parameter::at(app.screens.settings.row)
}

fn knob(app: &App) -> Option<(Knob, f64)> {
    let scale = app.sim.settings.gate_scale;
    match selected(app).name() {
        "rho" => Some(app.radius()),
        "gate_scale.block" => Some((Knob::ScaleBlock, scale.block)),
        "gate_scale.input" => Some((Knob::ScaleInput, scale.input)),
        "gate_scale.forget" => Some((Knob::ScaleForget, scale.forget)),
        "gate_scale.output" => Some((Knob::ScaleOutput, scale.output)),
        "forget_mode" | "forget_value" => Some(app.forget()),
        _ => None,
    }
}

/// Rows of the explanation.
const HELP: u16 = 3;

/// The list within the panel, and the explanation below it.
fn places(app: &App, area: Rect, rows: usize) -> (List, Rect) {
    let help = if area.height > 8 { HELP } else { 0 };
    let inner = area.inner(Margin::new(1, 1));
    let [area, help] = Layout::vertical([Fill(1), Length(help)]).areas(inner);
    let selected = app.screens.settings.row;
    let list = List {
        area,
        selected,
        rows,
    };
    (list, help)
}

/// The parameter list.
#[derive(Clone, Copy, Debug)]
pub struct Rows;

impl Panel for Rows {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let look = view.look;
        let rows = parameters::rows(view.app);
        let selected = view.app.screens.settings.row.min(rows.len() - 1);
        let title = look.title("settings", "  * differs from the preset");
        pen.list(area, title, selected, rows.len());
        let (list, help) = places(view.app, area, rows.len());
        let name_width = rows.iter().map(|r| look.width(r.name)).max().unwrap_or(0) + 2;
        let values = rows.iter().map(|r| look.width(&r.value));
        let value_width = values.max().unwrap_or(0).clamp(8, 28) + 2;
        for (line, row, here) in list.lines() {
            one(pen, line, &rows[row], here, name_width, value_width);
        }
        let [line, help] = Layout::vertical([Length(1), Fill(1)]).areas(help);
        for at in line.positions() {
            pen.put(at.x, at.y, '─', look.style(Role::Quiet));
        }
        let help = help.inner(Margin::new(1, 0));
        pen.wrapped(help, rows[selected].help, Role::Text);
    }

    fn press(&self, app: &App, area: Rect, _: u16, row: u16) -> Option<Action> {
        places(app, area, parameters::rows(app).len()).0.press(row)
    }

    fn wheel(&self, _: Rect, _: u16, turns: i32) -> Option<Action> {
        Some(Action::Select(-turns))
    }
}

fn one(pen: &mut Pen, area: Rect, row: &Row, selected: bool, name: u16, value: u16) {
    let look = pen.look;
    let style = pen.item(area, selected);
    if row.changed {
        pen.put(area.x + 1, area.y, '*', style);
    }
    let in_role = |role| if selected { style } else { look.style(role) };
    let strong = if row.changed {
        Role::Strong
    } else {
        Role::Text
    };
    let mut x = area.x + 2;
    for (width, text, style) in [
        (name, row.name, style),
        (value, &row.value, in_role(strong)),
        (u16::MAX, &row.range, in_role(Role::Quiet)),
    ] {
        let room = area.right().saturating_sub(x).min(width);
        pen.text(x, area.y, room, &fit(text, usize::from(room)), style);
        x = x.saturating_add(width);
    }
}
