//! A filled curve of each layer, all of one height on a common axis; of a batch the median, with
//! lines at 5 and 95 %.

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;

use super::{Picture, Row};
use crate::app::panel::framed_plot;
use crate::app::panel::ladder::rate;
use crate::app::view::View;
use crate::sim::inspect::Input;
use crate::ui::pen::Pen;
use crate::ui::span::Span;
use crate::ui::theme::Role;
use crate::ui::widget::ladder::Ladder;
use crate::words::short::{headline_of, level};

/// Rows from which on a band can be told from its median.
const BAND: u16 = 4;

/// The strips that have a place, the selected one among them, and the height that all have: what is
/// compared has one scale.
fn heights(picture: &Picture, height: u16) -> (std::ops::Range<usize>, u16) {
    // A strip of two rows has its axis.
    let room = usize::from(if height < 4 { 1 } else { height / 2 });
    let shown = picture.shown(room);
    let count = u16::try_from(shown.len()).unwrap_or(u16::MAX).max(1);
    (shown, height / count)
}

pub fn render(pen: &mut Pen, area: Rect, view: &View, picture: &Picture) {
    let look = view.look;
    let row = &picture.rows[picture.selected];
    let title = look.span(picture.name(row), Role::Strong);
    // The name comes first: the direction is a part of it.
    let room = area.width.saturating_sub(look.width(&title.content) + 6);
    let inner = pen.frame(area, title, answer(view, picture, row, room));
    below(pen, area, view, picture);
    let Some(plot) = framed_plot(area, view.gutter) else {
        return;
    };
    let (shown, height) = heights(picture, inner.height);
    let [strips, _] = Layout::horizontal([Length(plot.right() - inner.x), Fill(1)]).areas(inner);
    let places = Layout::vertical(vec![Length(height); shown.len()]).split(strips);
    for (index, place) in shown.zip(places.iter()) {
        strip(pen, *place, view, picture, index);
    }
}

fn strip(pen: &mut Pen, area: Rect, view: &View, picture: &Picture, index: usize) {
    let look = view.look;
    let row = &picture.rows[index];
    let width = area.width.saturating_sub(view.gutter);
    let levels = row.columns(&row.band.median, width);
    let several = picture.found.sequences > 1 && area.height >= BAND;
    let curves = [&row.band.low, &row.band.high]
        .into_iter()
        .filter(|_| several);
    let band: Vec<_> = curves.map(|curve| row.columns(curve, width)).collect();
    let style = look.style(Role::Total);
    let beside: Vec<(&[_], Style)> = band.iter().map(|curve| (&curve[..], style)).collect();
    let cursor = Span::new(view.steps(), width).column(view.cursor());
    Ladder {
        levels: &levels,
        low: picture.low,
        high: picture.high,
        cursor: Some(usize::from(cursor) + 1),
        gutter: view.gutter,
        beside: &beside,
        ..Ladder::default()
    }
    .render(pen, area);
    let here = index == picture.selected;
    let style = look.style(if here { Role::Selected } else { Role::Text });
    let name = match (picture.found.bidirectional, row.layer.reverse) {
        (true, true) => format!("{} ←", row.layer.layer),
        (true, false) => format!("{} →", row.layer.layer),
        (false, _) => row.layer.layer.to_string(),
    };
    let style = style.remove_modifier(Modifier::UNDERLINED);
    pen.text(area.x + 1, area.y, 4, &name, style);
}

/// The rate of the selected layer: `r 0.851 → 0.851²⁰⁰ = 9.7e-15  vanishing ▼`.
fn answer(view: &View, picture: &Picture, row: &Row, room: u16) -> Line<'static> {
    let look = view.look;
    match headline_of(&row.layer.law) {
        Some((text, standing)) => {
            let judged = picture.found.input == Input::Own;
            rate(look, &text, Some(standing).filter(|_| judged), room)
        }
        None => look
            .span("no gradient at its last step: no rate", Role::Strong)
            .into(),
    }
}

/// The level at the cursor, with its band.
fn below(pen: &mut Pen, area: Rect, view: &View, picture: &Picture) {
    let look = view.look;
    let row = &picture.rows[picture.selected];
    let t = view.cursor();
    let at = |curve| level(row.at(curve, t)).trim().to_owned();
    let mut left = Line::from(vec![
        look.span(format!("at t {t}  "), Role::Quiet),
        look.span(at(&row.band.median), Role::Strong),
    ]);
    let mut right = Line::default();
    if picture.found.sequences > 1 {
        let (low, high) = (at(&row.band.low), at(&row.band.high));
        left.push_span(look.span(format!("  5 to 95 % {low} to {high}"), Role::Text));
        let legend = Line::from(look.span("bars: median, lines: 5 and 95 %", Role::Quiet));
        let both = look.line_width(&left) + look.line_width(&legend) + 8;
        let drawn = heights(picture, area.height.saturating_sub(2)).1 >= BAND;
        if drawn && both <= area.width {
            right = legend;
        }
    }
    pen.lower(area, left, right);
}
