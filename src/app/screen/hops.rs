//! How often the gradient crossed a recurrent matrix: the hop orders over the window, and at the
//! cursor as a spectrum.
//!
//! ```text
//! ╭ lstm hop orders  log10 |δc_t^(k)|/|δc_T| ──── Σ + rest = δc ✓ ─╮╭ parts at t 140 ── most k 9 ─╮
//! │ k > 40  the rest                                               ││ k > 40           0       1.00 │
//! │     40 ▒▒▒░░                                                   ││ 21-40       ● +0.030     1.00 │
//! │        ████▓▓▓▓▒▒▒▒░░░░                                        ││  1-20 ██████● +0.570     0.97 │
//! │    k 0 ████████████████████████████████████████████████████████││     0 ███●    +0.400     0.40 │
//! ╰ - + K 40, at most 199 ───────────────────────── -8 ▒▓█ 0 █▓▒ +8╯╰──────────────────── part ● Σ ─╯
//! ```

mod at_cursor;
mod map;
mod picture;

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};

use crate::app::effect::{Effect, changed};
use crate::app::entry::{Entry, Typed};
use crate::app::layout::{Plan, controls, timed};
use crate::app::room::Room;
use crate::app::size::MEDIUM;
use crate::app::state::App;
use crate::app::steps;
use crate::sim::StudyRequest;

use at_cursor::AtCursor;
use map::Orders;

/// What the screen keeps.
#[derive(Clone, Copy, Debug)]
pub struct State {
    /// K as the user chose it: the hop orders that stand by themselves. A window has room for
    /// [`App::most_orders`](crate::app::App::most_orders).
    pub orders: usize,
}

impl State {
    /// K at the start.
    pub const ORDERS: usize = 40;
}

impl Default for State {
    fn default() -> Self {
        Self {
            orders: Self::ORDERS,
        }
    }
}

/// The screen.
pub static ROOM: Room = Room {
    plan,
    study: |app| {
        Some(StudyRequest::Hops {
            side: app.focus.side,
            orders: app.orders(),
        })
    },
    adjust: |app, n| {
        let by = isize::try_from(n).unwrap_or(0);
        app.set_orders(app.orders().saturating_add_signed(by))
    },
    reset: |app| {
        if app.orders() == State::ORDERS.min(app.most_orders()) {
            app.say("hop orders K is as it was at the start")
        } else {
            app.set_orders(State::ORDERS)
        }
    },
    entry: |app| {
        Some(Entry {
            name: ORDERS,
            range: range(app),
            value: app.orders().to_string(),
            closed: None,
            check,
        })
    },
    ..Room::CHART
};

/// What is typed here.
const ORDERS: &str = "hop orders K";

fn range(app: &App) -> String {
    format!("a whole number from 0 to {}", app.most_orders())
}

fn check(app: &App, text: &str) -> Result<Typed, String> {
    let most = app.most_orders();
    let typed = text.trim().parse().ok().filter(|k| *k <= most);
    let orders: usize = typed.ok_or_else(|| steps::refusal(ORDERS, &range(app), text.trim()))?;
    Ok(Box::new(move |app| app.set_orders(orders)))
}

fn plan(_: &App, plan: &mut Plan, body: Rect) {
    plan.gutter = 8;
    let framed = plan.area.height >= MEDIUM.1;
    let mut body = controls(plan, body, framed);
    if body.width >= 70 {
        let width = 30 + (body.width - 70) / 8;
        let side;
        [body, side] = Layout::horizontal([Fill(1), Length(width)]).areas(body);
        // Its lines stand beside those of the map, which has the time axis below it.
        let [orders, _] = Layout::vertical([Fill(1), Length(1)]).areas(side);
        plan.put(orders, AtCursor);
    }
    timed(plan, body, Orders);
}

impl App {
    /// The largest K for the window: its steps, or where the sizes and parts of all orders would be too
    /// many to keep (two million).
    pub fn most_orders(&self) -> usize {
        let steps = self.sim.settings.steps.max(1);
        steps.min(2_000_000 / steps)
    }

    /// K of the hop orders for the window.
    pub fn orders(&self) -> usize {
        self.screens.hops.orders.min(self.most_orders())
    }

    /// Sets K of the hop orders, as far as the window has room for it.
    fn set_orders(&mut self, orders: usize) -> Effect {
        let orders = orders.min(self.most_orders());
        if orders == self.screens.hops.orders {
            let most = self.most_orders();
            return self.say(&format!("hop orders K: the range is 0 to {most}"));
        }
        changed(&mut self.screens.hops.orders, orders)
    }
}
