//! Activations of the focused cell's gates over the window.

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};

use crate::app::has::Has;
use crate::app::layout::{Plan, controls, timed};
use crate::app::panel::gates::{Gates, Units};
use crate::app::room::Room;
use crate::app::size::MEDIUM;
use crate::app::state::App;

/// The screen.
pub static ROOM: Room = Room {
    has: Room::CHART.has.without(Has::CUTS),
    plan,
    ..Room::CHART
};

fn plan(app: &App, plan: &mut Plan, body: Rect) {
    plan.gutter = 11;
    let framed = plan.area.height >= MEDIUM.1;
    let body = controls(plan, body, framed);
    let side = app.focus.side;
    // Which units they are, where there is room beside when.
    let width = if body.width >= MEDIUM.0 {
        20 + (body.width - MEDIUM.0) / 8
    } else {
        0
    };
    let [body, units] = Layout::horizontal([Fill(1), Length(width)]).areas(body);
    timed(plan, body, Gates(side));
    if width > 0 {
        // Its rows stand beside those of the gates, which have the time axis below them.
        let [units, _] = Layout::vertical([Fill(1), Length(1)]).areas(units);
        plan.put(units, Units(side));
    }
}
