//! Both cells side by side, the paths at the cursor, the three controls.
//!
//! ```text
//! S                     M                               L
//! ┌───────────────────┐ ┌─────────────────────────────┐ ┌──────────────────────────────────────────┐
//! │ title             │ │ title                       │ │ title                                    │
//! │ left ladder       │ │ left chart      │ numbers   │ │ left chart     │ right chart  │ numbers  │
//! │ right ladder      │ │ right chart     │ why       │ │ time           │ time         │ why      │
//! │ time              │ │ time            │           │ │ heat map       │ gates        │          │
//! │ bars at t         │ │ heat map        │ bars at t │ │ left bars      │ right bars   │ run      │
//! │ controls          │ │ controls                    │ │ controls                                 │
//! │ keys or a message │ │ keys or a message           │ │ keys or a message                        │
//! └───────────────────┘ └─────────────────────────────┘ └──────────────────────────────────────────┘
//! ```

mod numbers;
mod why;
mod words;

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};

use crate::app::effect::{Effect, advance};
use crate::app::has::Has;
use crate::app::layout::{Plan, controls, halves, paths, stacked, timed};
use crate::app::panel::bars::{Bars, Readout};
use crate::app::panel::chart::Curves;
use crate::app::panel::gates::Gates;
use crate::app::panel::heat::HeatMap;
use crate::app::panel::ladder::Total;
use crate::app::panel::time::Time;
use crate::app::room::Room;
use crate::app::screen::presets::{self, About};
use crate::app::size::{LARGE, MEDIUM, at_least};
use crate::app::state::App;
use crate::sim::Side;
use crate::ui::widget::chart;

use numbers::Numbers;
use why::Why;

/// What the screen keeps.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    /// Whether the focused cell's panel fills the screen.
    pub zoom: bool,
}

/// What can be done here only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Enlarge the focused cell's panel, or back.
    Zoom,
}

/// The screen.
pub static ROOM: Room = Room {
    has: Room::CHART.has.and(Has::AXIS).and(Has::QUESTION),
    only: "only the screen flow enlarges a panel",
    plan,
    leave: |app| std::mem::take(&mut app.screens.flow.zoom),
    ..Room::CHART
};

/// Does what can be done here only.
pub fn act(app: &mut App, action: Action) -> Effect {
    match action {
        Action::Zoom => advance(&mut app.screens.flow.zoom, |zoom| !zoom),
    }
}

/// Rows of a panel with a row for each path of a cell with few of them.
const BARS: u16 = 8;

fn plan(app: &App, plan: &mut Plan, body: Rect) {
    match plan.area {
        area if app.screens.flow.zoom => {
            plan.gutter = chart::gutter(plan.area.width);
            let body = controls(plan, body, area.height >= MEDIUM.1);
            timed(plan, body, Curves(app.focus.side));
        }
        area if at_least(area, LARGE) => large(plan, body, app),
        area if at_least(area, MEDIUM) => medium(plan, body, app),
        _ => small(plan, body, app),
    }
}

/// The rows of a panel with a row for each term: the usual ones, and more for a cell with many terms
/// as long as that leaves enough.
fn for_paths(app: &App, side: Side, most: u16) -> u16 {
    (paths(app, side) + 2).clamp(BARS, most.max(BARS))
}

fn small(plan: &mut Plan, body: Rect, app: &App) {
    let shown = app.detailed();
    let body = controls(plan, body, false);
    if body.width >= 120 {
        // Wide but low: the cells side by side, words beside the bars.
        let height = (body.height / 2).min(8);
        let [ladders, time, below] =
            Layout::vertical([Fill(1), Length(1), Length(height)]).areas(body);
        let [bars, why] = Layout::horizontal([Fill(1), Length(46)]).areas(below);
        plan.put(bars, Bars(shown));
        plan.put(why, Why);
        for (side, (ladder, time)) in Side::BOTH
            .into_iter()
            .zip(halves(ladders).into_iter().zip(halves(time)))
        {
            plan.put(ladder, Total(side));
            plan.put(time, Time);
        }
        return;
    }
    // Two ladders of at least three rows each come first; then the bars take what they need.
    let spare = body.height.saturating_sub(1);
    let why = if spare >= 30 { 10 } else { 0 };
    let readout = spare < 16;
    let bars = if readout {
        // Two rows, or what leaves both ladders equally high.
        2 - spare % 2
    } else {
        // Ten rows are two ladders of three with their frames.
        let bars = for_paths(app, shown, spare - 10);
        bars + (spare - bars - why) % 2
    };
    let [body, time, bars, why] =
        Layout::vertical([Fill(1), Length(1), Length(bars), Length(why)]).areas(body);
    let [left, right, _] = stacked(body);
    plan.put(left, Total(Side::Left));
    plan.put(right, Total(Side::Right));
    plan.put(time, Time);
    if readout {
        plan.put(bars, Readout(shown));
    } else {
        plan.put(bars, Bars(shown));
    }
    if !why.is_empty() {
        plan.put(why, Why);
    }
}

fn medium(plan: &mut Plan, body: Rect, app: &App) {
    plan.gutter = chart::gutter(plan.area.width);
    let shown = app.detailed();
    let body = controls(plan, body, true);
    let width = 36 + (body.width - 100) / 6;
    let height = for_paths(app, shown, body.height / 3);
    // The row that two charts of one height leave.
    let height = height + (body.height - 1 - height) % 2;
    let [body, side] = Layout::horizontal([Fill(1), Length(width)]).areas(body);
    let [charts, time, heat] = Layout::vertical([Fill(1), Length(1), Length(height)]).areas(body);
    let [left, right, _] = stacked(charts);
    let [above, bars] = Layout::vertical([Fill(1), Length(height)]).areas(side);
    let half = (above.height / 2 + 1).min(13);
    let [numbers, why] = Layout::vertical([Length(half), Fill(1)]).areas(above);
    plan.put(left, Curves(Side::Left));
    plan.put(right, Curves(Side::Right));
    plan.put(time, Time);
    plan.put(heat, HeatMap(shown));
    plan.put(numbers, Numbers);
    plan.put(why, Why);
    plan.put(bars, Bars(shown));
}

fn large(plan: &mut Plan, body: Rect, app: &App) {
    plan.gutter = chart::gutter(plan.area.width);
    let body = controls(plan, body, true);
    let shown = app.detailed();
    let width = 40 + (body.width - 160) / 10;
    let [body, side] = Layout::horizontal([Fill(1), Length(width)]).areas(body);
    let height = for_paths(app, shown, body.height / 4);
    let third = ((body.height - height) / 3).clamp(8, 16);
    let [charts, time, lower, bars] =
        Layout::vertical([Fill(1), Length(1), Length(third), Length(height)]).areas(body);
    for (side, (chart, time)) in Side::BOTH
        .into_iter()
        .zip(halves(charts).into_iter().zip(halves(time)))
    {
        plan.put(chart, Curves(side));
        plan.put(time, Time);
    }
    // The heat map and the gates of one cell; a cell with a single path beside it has room for its
    // state below its bars.
    let [heat, gates] = halves(lower);
    plan.put(heat, HeatMap(shown));
    plan.put(gates, Gates(shown));
    let lone = !app.has_several_paths(shown.other());
    for (side, bars) in Side::BOTH.into_iter().zip(halves(bars)) {
        let state = if lone && side != shown { 4 } else { 0 };
        let [bars, state] = Layout::vertical([Fill(1), Length(state)]).areas(bars);
        plan.put(bars, Bars(side));
        if !state.is_empty() {
            plan.put(state, Gates(side));
        }
    }
    let rest = side.height.saturating_sub(13);
    let about = if rest >= 34 && presets::shown(app).is_some() {
        (rest - 17).min(26)
    } else {
        0
    };
    let [numbers, why, about] = Layout::vertical([Length(13), Fill(1), Length(about)]).areas(side);
    plan.put(numbers, Numbers);
    plan.put(why, Why);
    if !about.is_empty() {
        plan.put(about, About);
    }
}
