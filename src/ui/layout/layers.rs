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

use ratatui::layout::Rect;

use super::{Panel, Plan, SMALL, at_least, bottom, right, top};
use crate::app::App;
use crate::ui::panel::layers::{Part, numbers};

/// Rows that a frame takes.
const FRAME: u16 = 2;
/// Rows that the words beside the map have at least.
const WORDS: u16 = 8;

pub(super) fn place(plan: &mut Plan, mut body: Rect, area: Rect, app: &App) {
    plan.gutter = 11;
    let Some(found) = app.diagnosis() else {
        plan.places.push((Panel::Layers(Part::Map), body));
        return;
    };
    let rows = u16::try_from(found.layers.len()).unwrap_or(u16::MAX).max(1);
    if body.width >= 100 && body.height >= 20 {
        let width = 42 + (body.width - 100) / 5;
        let mut side = right(&mut body, width);
        // All numbers, where that leaves words enough.
        let wanted = app.selected_layer().map_or(0, numbers::rows) + FRAME;
        let numbers = top(&mut side, wanted.min(body.height - WORDS));
        plan.places.extend([
            (Panel::Layers(Part::Numbers), numbers),
            (Panel::Layers(Part::Words), side),
        ]);
        let share = body.height * 2 / 5;
        let each = (share.saturating_sub(FRAME) / rows).clamp(1, 3);
        let map = top(&mut body, (rows * each).min(share) + FRAME);
        let time = top(&mut body, 1);
        plan.places.extend([
            (Panel::Layers(Part::Map), map),
            (Panel::Time, time),
            (Panel::Layers(Part::Strips), body),
        ]);
        return;
    }
    if at_least(area, (SMALL.0, 20)) {
        let height = if rows > 4 { 5 } else { 7 } + (area.height - 20) / 3;
        let words = bottom(&mut body, height);
        plan.places.push((Panel::Layers(Part::Words), words));
    }
    let line = bottom(&mut body, 2);
    plan.places.push((Panel::Layers(Part::Line), line));
    if !at_least(area, SMALL) {
        let time = bottom(&mut body, 1);
        plan.places
            .extend([(Panel::Layers(Part::Map), body), (Panel::Time, time)]);
        return;
    }
    // The selected layer's sparkline has three rows at least.
    let most = body.height.saturating_sub(1 + 2 * FRAME + 3);
    let map = top(&mut body, rows.min(most.max(1)) + FRAME);
    let time = top(&mut body, 1);
    plan.places.extend([
        (Panel::Layers(Part::Map), map),
        (Panel::Time, time),
        (Panel::Layers(Part::Strips), body),
    ]);
}
