//! All layers over time: a row for each, the top layer above.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Picture, source};
use crate::app::panel::framed_plot;
use crate::app::panel::heat;
use crate::app::view::View;
use crate::ui::pen::Pen;
use crate::ui::span::Span;
use crate::ui::theme::Role;
use crate::ui::widget::heat::glyph;

/// The rows shown, and the lines that each takes.
fn rows(picture: &Picture, height: u16) -> (std::ops::Range<usize>, u16) {
    let shown = picture.shown(usize::from(height));
    let each = usize::from(height) / shown.len().max(1);
    (shown, u16::try_from(each.clamp(1, 3)).unwrap_or(1))
}

/// The row at a line of the screen.
pub fn row_at(picture: &Picture, area: Rect, y: u16) -> Option<usize> {
    let (shown, each) = rows(picture, area.height.saturating_sub(2));
    let line = y.checked_sub(area.y + 1)? / each;
    let row = shown.start + usize::from(line);
    shown.contains(&row).then_some(row)
}

pub fn render(pen: &mut Pen, area: Rect, view: &View, picture: &Picture) {
    let look = view.look;
    let s = picture.symbol();
    let asked = if view.app.screens.layers.whole {
        "whole"
    } else {
        "alone"
    };
    let name = format!("layers {asked}");
    // What the frame and this name leave.
    let room = area.width.saturating_sub(6 + look.width(&name));
    let title = look.title(name, format!("  log10 |{s}|/|start|"));
    let (answer, role) = picture.answer(look, room);
    let inner = pen.frame(area, title, look.span(answer, role));
    let (shown, each) = rows(picture, inner.height);
    below(pen, area, picture, &shown);
    let Some(plot) = framed_plot(area, view.gutter) else {
        return;
    };
    let reach = picture.high.max(-picture.low);
    let cursor = usize::from(Span::new(view.steps(), plot.width).column(view.cursor())) + 1;
    for (k, index) in (0..).zip(shown) {
        let row = &picture.rows[index];
        let here = index == picture.selected;
        let place = Rect {
            y: inner.y + k * each,
            height: each,
            ..inner
        };
        let levels = row.columns(&row.band.median, plot.width);
        heat::Row {
            name: picture.name(row).into(),
            said: levels.iter().all(Option::is_none).then_some("zero"),
            levels,
            style: look.style(if here { Role::Selected } else { Role::Text }),
            last: None,
        }
        .render(pen, place.intersection(inner), plot, reach, cursor);
    }
}

/// What was measured, which rows there are, and what the colours mean.
fn below(pen: &mut Pen, area: Rect, picture: &Picture, shown: &std::ops::Range<usize>) {
    let look = pen.look;
    let count = picture.rows.len();
    let mut left = Line::default();
    if shown.len() < count {
        let text = format!("{}-{} of {count}  ", shown.start + 1, shown.end);
        left.push_span(look.span(text, Role::Strong));
    }
    left.push_span(look.span(source(picture.found), Role::Quiet));
    heat::below(pen, area, left, picture.high.max(-picture.low), glyph);
}
