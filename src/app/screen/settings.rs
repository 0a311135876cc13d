//! The parameter list: name, value and range, with the selected row's explanation below.

pub mod state;

use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::action::Action;
use crate::app::effect::changed;
use crate::app::entry::{self, Entry};
use crate::app::has::Has;
use crate::app::panel::list::first;
use crate::app::panel::{Panel, select};
use crate::app::parameters::{self, Parameter, Row};
use crate::app::room::Room;
use crate::app::selection::moved;
use crate::app::state::App;
use crate::app::view::View;
use crate::sim::edge::Knob;
use crate::ui::pen::{Pen, row_of};
use crate::ui::theme::Role;
use crate::words::fit::fit;

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

/// The list within the panel: its place and the first row shown.
fn list(area: Rect, selected: usize, rows: usize) -> (Rect, usize) {
    let height = area
        .height
        .saturating_sub(2 + if area.height > 8 { HELP } else { 0 });
    let list = Rect::new(area.x + 1, area.y + 1, area.width.saturating_sub(2), height);
    (list, first(selected, rows, usize::from(height)))
}

/// The row of the list at a row of the screen.
fn row_at(app: &App, area: Rect, y: u16) -> Option<usize> {
    let rows = parameters::rows(app).len();
    let (list, first) = list(area, app.screens.settings.row, rows);
    (y >= list.top() && y < list.bottom())
        .then(|| first + usize::from(y - list.top()))
        .filter(|&r| r < rows)
}

/// The parameter list.
#[derive(Clone, Copy, Debug)]
pub struct Rows;

impl Panel for Rows {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let look = view.look;
        let rows = parameters::rows(view.app);
        let selected = view
            .app
            .screens
            .settings
            .row
            .min(rows.len().saturating_sub(1));
        let title = Line::from(vec![
            look.span("settings", Role::Strong),
            look.span("  * differs from the preset", Role::Quiet),
        ]);
        let inner = pen.list(area, &title, selected, rows.len());
        let (list, first) = list(area, selected, rows.len());
        let name_width = rows.iter().map(|r| look.width(r.name)).max().unwrap_or(0) + 2;
        let value_width = rows
            .iter()
            .map(|r| look.width(&r.value))
            .max()
            .unwrap_or(0)
            .clamp(8, 28)
            + 2;
        for (y, (k, row)) in (list.top()..list.bottom()).zip(rows.iter().enumerate().skip(first)) {
            one(
                pen,
                row_of(list, y),
                row,
                k == selected,
                name_width,
                value_width,
            );
        }
        if inner.bottom() > list.bottom()
            && let Some(row) = rows.get(selected)
        {
            let quiet = look.style(Role::Quiet);
            for x in inner.left()..inner.right() {
                pen.put(x, list.bottom(), '─', quiet);
            }
            let width = usize::from(inner.width.saturating_sub(2));
            for (y, text) in
                (list.bottom() + 1..inner.bottom()).zip(look.wrap(row.help, width.max(1)))
            {
                pen.text(
                    inner.x + 1,
                    y,
                    inner.width.saturating_sub(2),
                    &text,
                    look.style(Role::Text),
                );
            }
        }
    }

    fn press(&self, app: &App, area: Rect, _: u16, row: u16) -> Option<Action> {
        select(row_at(app, area, row), app.screens.settings.row)
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
    let mut x = area.x + 2;
    let end = area.right();
    pen.text(x, area.y, end.saturating_sub(x).min(name), row.name, style);
    x += name;
    let room = end.saturating_sub(x).min(value);
    let strong = if row.changed && !selected {
        look.style(Role::Strong)
    } else {
        style
    };
    pen.text(x, area.y, room, &fit(&row.value, usize::from(room)), strong);
    x += value;
    let room = end.saturating_sub(x);
    let quiet = if selected {
        style
    } else {
        look.style(Role::Quiet)
    };
    pen.text(x, area.y, room, &fit(&row.range, usize::from(room)), quiet);
}
