//! Activations of the focused cell's gates over the window.

use ratatui::layout::Rect;

use crate::app::has::Has;
use crate::app::layout::{Plan, controls, timed};
use crate::app::panel::gates::Gates;
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
    timed(plan, body, Gates(app.focus.side));
}
