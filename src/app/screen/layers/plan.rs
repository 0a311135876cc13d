//! Where the parts of the screen of layers lie.
//!
//! ```text
//! S                      M and L
//! ┌────────────────────┐ ┌──────────────────────────────┐
//! │ heat map           │ │ heat map           │ numbers │
//! │ time               │ │ time               │         │
//! │ sparklines         │ │ sparklines         │ words   │
//! │ numbers in 2 lines │ │                    │         │
//! │ words              │ │                    │         │
//! └────────────────────┘ └──────────────────────────────┘
//! ```
//!
//! A smaller screen drops the words, then the sparklines of the layers that are not selected, then
//! the sparklines.

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};

use super::{Part, numbers};
use crate::app::layout::Plan;
use crate::app::panel::time::Time;
use crate::app::size::{SMALL, at_least};
use crate::app::state::App;

/// Rows that a frame takes.
const FRAME: u16 = 2;
/// Rows that the words beside the map have at least.
const WORDS: u16 = 8;

pub(super) fn place(app: &App, plan: &mut Plan, body: Rect) {
    plan.gutter = 11;
    let Some(found) = app.diagnosis() else {
        plan.put(body, Part::Map);
        return;
    };
    let rows = u16::try_from(found.layers.len()).unwrap_or(u16::MAX).max(1);
    if body.width >= 100 && body.height >= 20 {
        let width = 42 + (body.width - 100) / 5;
        let [body, side] = Layout::horizontal([Fill(1), Length(width)]).areas(body);
        // All numbers, where that leaves words enough.
        let wanted = app.selected_layer().map_or(0, numbers::rows) + FRAME;
        let wanted = wanted.min(side.height - WORDS);
        let [numbers, words] = Layout::vertical([Length(wanted), Fill(1)]).areas(side);
        plan.put(numbers, Part::Numbers);
        plan.put(words, Part::Words);
        let share = body.height * 2 / 5;
        let each = (share.saturating_sub(FRAME) / rows).clamp(1, 3);
        over_time(plan, body, (rows.saturating_mul(each)).min(share) + FRAME);
        return;
    }
    let words = if at_least(plan.area, (SMALL.0, 20)) {
        let least = if rows > 2 { 5 } else { 7 };
        least + (plan.area.height - 20) / 3
    } else {
        0
    };
    let [body, line, words] = Layout::vertical([Fill(1), Length(2), Length(words)]).areas(body);
    plan.put(line, Part::Line);
    if !words.is_empty() {
        plan.put(words, Part::Words);
    }
    if !at_least(plan.area, SMALL) {
        let [map, time] = Layout::vertical([Fill(1), Length(1)]).areas(body);
        plan.put(map, Part::Map);
        plan.put(time, Time);
        return;
    }
    // The selected layer's sparkline has three rows at least.
    let most = body.height.saturating_sub(1 + 2 * FRAME + 3);
    over_time(plan, body, rows.min(most.max(1)) + FRAME);
}

/// The map with so many rows, the time axis, and the sparklines below.
fn over_time(plan: &mut Plan, body: Rect, map: u16) {
    let [map, time, strips] = Layout::vertical([Length(map), Length(1), Fill(1)]).areas(body);
    plan.put(map, Part::Map);
    plan.put(time, Time);
    plan.put(strips, Part::Strips);
}
