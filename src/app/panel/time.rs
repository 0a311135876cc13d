//! ` t  1 ←──── gradient flows this way ────── t 137 ────────── 200 = T`

use ratatui::layout::Rect;

use crate::app::has::Has;
use crate::app::panel::ladder;
use crate::app::panel::{Over, Panel, framed_plot};
use crate::app::screen::Screen;
use crate::app::view::{View, is_relative};
use crate::sim::Side;
use crate::ui::pen::Pen;
use crate::ui::span::Span;
use crate::ui::theme::Role;
use crate::ui::widget::scale::nice;

/// The time axis under charts.
#[derive(Clone, Copy, Debug)]
pub struct Time;

impl Panel for Time {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let gutter = view.gutter;
        let Some(plot) = framed_plot(area, gutter) else {
            return;
        };
        let look = view.look;
        let steps = view.steps();
        let span = Span::new(steps, plot.width);
        let quiet = look.style(Role::Quiet);
        for x in plot.left()..plot.right() {
            pen.put(x, area.y, '─', quiet);
        }
        let of_levels = view.app.has(Has::AXIS);
        if of_levels && view.app.look.axis.is_some() && gutter >= 5 {
            // Beside the axes that no longer follow.
            pen.text(area.x, area.y, gutter, "fixed", look.style(Role::Strong));
        } else if of_levels && !view.app.has(Has::ONE_CELL) {
            // Below the axes of panels whose titles have no room for it.
            let units = Side::BOTH.map(|side| ladder::names_its_unit(view, side, area.width));
            let relative = view.flow(view.app.focus.side).is_none_or(is_relative);
            let unit = if relative {
                "log10 |δ|/|δ_T|"
            } else {
                "log10 |δ|"
            };
            let x = area.x + 1;
            if units.contains(&false) && x + look.width(unit) < plot.x {
                pen.text(x, area.y, gutter, unit, quiet);
            }
        }
        // What is written, as (first column, text); what comes first stays when they would touch.
        let mut written: Vec<(u16, u16)> = Vec::new();
        let mut write = |pen: &mut Pen, at: i32, text: &str, role: Role| -> bool {
            let width = look.width(text);
            let last = i32::from(plot.right()) - i32::from(width);
            if last < i32::from(plot.x) {
                return false;
            }
            let x = u16::try_from(at.clamp(i32::from(plot.x), last)).unwrap_or(plot.x);
            if written.iter().any(|&(a, b)| x < b + 2 && a < x + width + 2) {
                return false;
            }
            written.push((x, x + width));
            pen.text(x, area.y, width, text, look.style(role));
            true
        };
        let t = view.cursor();
        let label = format!("t {t}");
        let centre = |t: usize, text: &str| {
            i32::from(plot.x + span.column(t)) - i32::from(look.width(text) / 2)
        };
        if view.snapshot.is_some() || view.app.diagnosis().is_some() {
            write(pen, centre(t, &label), &label, Role::Cursor);
        }
        let last = i32::from(plot.right());
        let _ = write(pen, last, &format!("{steps} = T"), Role::Text)
            || write(pen, last, "T", Role::Text);
        // A layer that reads towards t = 1 has its gradient come from there.
        let both = view.app.screen == Screen::Layers
            && view
                .app
                .diagnosis()
                .is_some_and(|found| found.bidirectional);
        let (start, phrase) = if both {
            ("1", " gradient flows against → and ← ")
        } else {
            ("1 ←", " gradient flows this way ")
        };
        write(pen, i32::from(plot.x), start, Role::Text);
        let width = i32::from(look.width(phrase));
        // Centred on the longer side of the cursor.
        let [left, cursor, right] = [plot.x, plot.x + span.column(t), plot.right()].map(i32::from);
        let middle = if cursor - left > right - cursor {
            i32::midpoint(left, cursor)
        } else {
            i32::midpoint(cursor, right - 6)
        };
        write(pen, middle - width / 2, phrase, Role::Quiet);
        let every =
            (nice(steps as f64 * 14.0 / f64::from(plot.width.max(1))).ceil() as usize).max(1);
        // The first step has its label already.
        let mut tick = every.max(2);
        while tick < steps {
            let text = tick.to_string();
            write(pen, centre(tick, &text), &text, Role::Quiet);
            tick += every;
        }
    }

    fn over_time(&self) -> Over {
        Over::Frame
    }
}
