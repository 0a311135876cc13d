//! The phase diagram of the cell in focus: where in a plane of two settings the gradient vanishes and
//! explodes, the edge between, and where on it the live cell stands.
//!
//! ```text
//! ╭ lstm  log10 of the factor over 200 steps ───────── r 1.010 → ×7.32 ▲ ─╮
//! │ forget bias ↑                                                         │
//! │    4 ░░▒▒▒▒▓▓▓▓▓▓████████                                             │
//! │    2 ⠒⠢⠤⣀ ░░░●▒▒▒▓▓▓▓▓▓▓▓                                             │
//! │    0 ▒▒▒▒░░ ⠑⠒⠤⣀ ░░░▒▒▒▒                                              │
//! │      0.05          1.5   3                                            │
//! ╰ spectral radius ρ → ────────────────────────────── -20 ▒▒ 0 ▓▓ +20 ───╯
//!  here r 1.010: exploding by block; the edge is at forget bias 1.78
//! ```

pub mod chart;
#[rustfmt::skip]
mod keys;
mod map;
mod parameters;
pub mod state;
pub mod words;

use std::sync::Arc;

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Margin, Rect};
use ratatui::text::Line;

use crate::app::effect::{Effect, advance, changed};
use crate::app::has::Has;
use crate::app::layout::{Plan, controls};
use crate::app::panel::Panel;
use crate::app::room::Room;
use crate::app::screen::Screen;
use crate::app::size::MEDIUM;
use crate::app::state::App;
use crate::app::view::View;
use crate::sim::budget::{self, Cost};
use crate::sweep::{Done, Spec};
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::widget::bars::Gauge;

use keys::KEYS;
use map::Map;
pub use state::{Action, State};
use state::{Chosen, Order};

/// The screen.
pub static ROOM: Room = Room {
    has: Has::CELLS
        .and(Has::VALUE)
        .and(Has::UNDO)
        .and(Has::TO_PRESETS)
        .and(Has::ONE_CELL),
    keys: KEYS,
    only: "the axes and colours of the map are chosen on the screen phase",
    plan,
    ..Room::CHART
};

/// Does what can be done here only.
pub fn act(app: &mut App, action: Action) -> Effect {
    match action {
        Action::Move(x, y) => move_dot(app, [x, y]),
        Action::Put(i, j) => put_dot(app, [Some(i), Some(j)]),
        Action::Axis(which, by) => {
            let name = parameters::next(app, which, by);
            keep_axes(app);
            let span = None;
            changed(&mut app.screens.phase.axes[which], Chosen { name, span })
        }
        Action::NextMeasure => advance(&mut app.screens.phase.measure, state::Measure::next),
        Action::Zoom(n) => zoom(app, n),
        Action::Whole => {
            for chosen in &mut app.screens.phase.axes {
                chosen.span = None;
            }
            Effect::None
        }
        Action::Stop => {
            let state = &mut app.screens.phase;
            if let Some(chart) = state.chart().filter(|_| state.stopped) {
                state.agreed = chart.spec.cost();
            }
            advance(&mut state.stopped, |stopped| !stopped)
        }
    }
}

fn zoom(app: &mut App, n: i32) -> Effect {
    let spans = parameters::zoomed(app, n).unwrap_or_default();
    if spans == [None, None] {
        return app.say("the axes cannot span less, or more, than they do");
    }
    keep_axes(app);
    for (chosen, span) in app.screens.phase.axes.iter_mut().zip(spans) {
        chosen.span = span.or(chosen.span);
    }
    Effect::None
}

/// Whether a map waits until it is asked for: it fills while one looks, and may take sixty times what a window
/// may.
fn is_heavy(cost: Cost, agreed: Cost) -> bool {
    let of_window = |cost: Cost| Cost {
        seconds: cost.seconds / 60.0,
        ..cost
    };
    of_window(cost).is_heavy_beside(of_window(agreed))
}

/// Chooses the parameters that are shown: whatever changes from here on, they stay.
fn keep_axes(app: &mut App) {
    let names = parameters::names(app);
    for (chosen, name) in app.screens.phase.axes.iter_mut().zip(names) {
        if chosen.name != name {
            *chosen = Chosen { name, span: None };
        }
    }
}

/// Moves the dot by so many values on each axis. From between two values it goes to the next one.
fn move_dot(app: &mut App, by: [i32; 2]) -> Effect {
    let Some(chart) = app.screens.phase.chart() else {
        return Effect::Unchanged;
    };
    let here = chart.here(&app.sim.settings);
    let counts = [chart.spec.width(), chart.spec.height()];
    let moved = |k: usize| {
        let last = (counts[k] - 1) as f64;
        let from = here[k].unwrap_or(last / 2.0);
        let next = match f64::from(by[k]) {
            0.0 => return None,
            right if right > 0.0 => from.floor() + right,
            left => from.ceil() + left,
        };
        Some(next.round().clamp(0.0, last) as usize)
    };
    let to = [moved(0), moved(1)];
    let effect = put_dot(app, to);
    if matches!(effect, Effect::Unchanged) {
        app.say("the dot is at the end of the axis: Z shows more of it")
    } else {
        effect
    }
}

/// Puts the dot on values of the axes, and the live cells with it.
fn put_dot(app: &mut App, to: [Option<usize>; 2]) -> Effect {
    let Some(chart) = app.screens.phase.chart() else {
        return Effect::Unchanged;
    };
    let spec = &chart.spec;
    let mut axes = [(spec.x(), to[0]), (spec.y(), to[1])];
    axes.sort_by_key(|(axis, _)| axis.rank());
    let mut next = app.sim.settings.clone();
    for (axis, place) in axes {
        if let Some(place) = place.filter(|place| *place < axis.values().len()) {
            axis.apply(&mut next, place);
        }
    }
    match next.check() {
        Ok(()) => app.set(next),
        Err(why) => app.say(&why),
    }
}

impl App {
    /// What the threads of sweeps are to do from now on, when that is something else than before:
    /// to fill the map that is shown, or nothing.
    pub fn sweep_order(&mut self) -> Option<Option<Order>> {
        let shown = self.screen == Screen::Phase;
        if shown {
            self.turn_to_chart();
        }
        let state = &mut self.screens.phase;
        let fills = |chart: &&chart::Chart| shown && !state.stopped && !chart.is_whole();
        let wanted = state.chart().filter(fills);
        let number = wanted.map(|chart| chart.number);
        if number == state.asked {
            return None;
        }
        let order = wanted.map(chart::Chart::order);
        state.asked = number;
        Some(order)
    }

    /// Shows the map of the present settings and axes.
    fn turn_to_chart(&mut self) {
        let axes = self.screens.phase.axes;
        let side = self.focus.side;
        let data = Arc::as_ptr(&self.sim.data) as usize;
        let made_for = (self.sim.settings.clone(), side, axes, data);
        if self.screens.phase.made_for.as_ref() == Some(&made_for) {
            return;
        }
        let settings = self.sim.settings.clone();
        let data = self.sim.data.of(&settings, side);
        let spec = parameters::axes(self)
            .and_then(|[x, y]| Spec::new(settings.cell(side), settings, data, x, y, 1));
        let allowed = self.may.budget;
        let spec = spec.and_then(|spec| {
            let cell = spec.cell();
            let fits = allowed.check(&spec.largest(), |settings| budget::one(cell, settings));
            fits.map(|()| spec)
        });
        let state = &mut self.screens.phase;
        state.made_for = Some(made_for);
        match spec {
            Ok(spec) => {
                let cost = spec.cost();
                let heavy = is_heavy(cost, state.agreed);
                state.stopped |= heavy;
                state.show(spec);
                if heavy {
                    let key = self.keymap.first("stop_filling");
                    self.say(&format!("the map takes {cost} of a core: {key} fills it"));
                }
            }
            Err(why) => state.refusal = Some(why),
        }
    }

    /// Takes windows of a map that were computed; whether the picture changed.
    pub fn swept(&mut self, map: u64, done: &[Done]) -> bool {
        let shown = self.screen == Screen::Phase;
        let state = &mut self.screens.phase;
        let here = state.chart().is_some_and(|chart| chart.number == map);
        let Some(chart) = state.kept(map) else {
            return false;
        };
        let new = done.iter().filter(|done| chart.take(**done)).count();
        new > 0 && shown && here
    }
}

/// The map, the words on it, and the controls.
fn plan(_: &App, plan: &mut Plan, body: Rect) {
    let large = plan.area.height >= MEDIUM.1;
    let body = controls(plan, body, large);
    let [map, words] = Layout::vertical([Fill(1), Length(3)]).areas(body);
    plan.put(map, Map);
    plan.put(words, Words);
}

/// What is true at the dot, and how far the map is.
#[derive(Clone, Copy, Debug)]
struct Words;

impl Panel for Words {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let look = view.look;
        let (text, role) = words::here(view);
        let below = area.height.saturating_sub(1);
        let [place, _] = Layout::vertical([Length(below), Fill(1)]).areas(area);
        pen.wrapped(place.inner(Margin::new(1, 0)), &text, role);
        let y = area.y + below;
        let mut line = Line::from(look.span(words::of_map(view), Role::Quiet));
        let chart = view.app.screens.phase.chart();
        if let Some(chart) = chart.filter(|chart| !chart.is_whole()) {
            let state = if view.app.screens.phase.stopped {
                "stopped at"
            } else {
                "filling"
            };
            let percent = (100.0 * chart.progress()).floor();
            let text = format!("{state} {percent:3.0} %");
            let end = area.right().saturating_sub(1);
            let x = pen.text_right(area.x, end, y, &text, look.style(Role::Strong));
            let gauge = Rect::new(x.saturating_sub(21), y, 20, 1);
            let fraction = chart.progress();
            Gauge { fraction }.render(pen, gauge, look.style(Role::Text));
            let left = gauge.x.saturating_sub(area.x + 2);
            if look.line_width(&line) > left {
                line = Line::from(look.span(words::of_map_briefly(view), Role::Quiet));
            }
            pen.line(area.x + 1, y, left, &line);
            return;
        }
        pen.line(area.x + 1, y, area.width.saturating_sub(2), &line);
    }
}
