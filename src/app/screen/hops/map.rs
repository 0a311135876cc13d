//! Hop orders over the window, in colours.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::picture::{Picture, places, room};
use crate::app::panel::heat;
use crate::app::panel::{Over, Panel, framed_plot};
use crate::app::view::View;
use crate::flow::{Hops, Path};
use crate::ui::pen::{Pen, row_of};
use crate::ui::span::Span;
use crate::ui::theme::Role;
use crate::ui::widget::map::{Map, sign};

/// Hop orders over the window.
#[derive(Clone, Copy, Debug)]
pub struct Orders;

impl Panel for Orders {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let gutter = view.gutter;
        let look = view.look;
        let side = view.app.focus.side;
        let s = view.symbol(side);
        let name = look.span(format!("{} hop orders", view.name(side)), Role::Strong);
        let unit = look.span(format!("  log10 |{s}_t^(k)|/|{s}_T|"), Role::Quiet);
        let cut = look.span(cuts(view), Role::Strong);
        // Which gradient it is matters more than the rounding error.
        let taken = look.width(&name.content) + look.width(&cut.content) + 6;
        let most = area.width.saturating_sub(taken);
        let mut title = Line::from(vec![name, cut, unit]);
        let state = view.study_state();
        let Some(hops) = view.hops() else {
            let answer = look.span(state.unwrap_or_default(), Role::Quiet);
            pen.frame(area, title, answer);
            return;
        };
        if let Some(state) = state {
            title.push_span(look.span(format!("  {state}"), Role::Quiet));
        }
        let left = area.width.saturating_sub(look.line_width(&title) + 8);
        let inner = pen.frame(area, title, proof(view, hops, s, [left, most]));
        let picture = Picture::new(hops, look, room(inner));
        let Some(plot) = framed_plot(area, gutter).filter(|_| inner.height > 1) else {
            return;
        };
        let steps = hops.residual.len();
        let span = Span::new(steps, plot.width);
        let (rows, rest) = picture.rows(span, plot.width);
        let (top, first) = places(inner, picture.lines.len());
        let cursor = Some(span.column(view.cursor()));
        let rest_row = row_of(plot, top);
        let map = |rows| Map {
            rows,
            reach: picture.reach,
            cursor,
        };
        let rest = [rest];
        map(&rest).render(pen, rest_row, 1);
        let per = picture.lines.first().map_or(1, Vec::len);
        let place = Rect {
            y: first,
            height: inner.bottom() - first,
            ..plot
        };
        map(&rows).render(pen, place, u16::try_from(per).unwrap_or(1));
        labels(pen, inner, plot.x.saturating_sub(1), &picture);
        below(pen, area, view, &picture);
    }

    fn over_time(&self) -> Over {
        Over::Frame
    }
}

/// ` ✂ bo`: the letters of the paths that the gradient is shown without.
fn cuts(view: &View) -> String {
    let paths = view.flow(view.app.focus.side).map_or(&[][..], |f| &f.paths);
    let cut = paths.iter().map(|p| p.path).filter(|p| view.is_cut(*p));
    let mut letters: Vec<char> = cut.map(Path::letter).collect();
    // The peepholes share one.
    letters.dedup();
    if letters.is_empty() {
        String::new()
    } else {
        format!(" ✂ {}", letters.iter().collect::<String>())
    }
}

/// `Σ orders + rest = δc ✓  error 2e-16`: the proof that the orders add up, the worst of the window;
/// in fewer words where there is less room than the first, without the error below the second.
fn proof(view: &View, hops: &Hops, symbol: &str, [room, most]: [u16; 2]) -> Line<'static> {
    let look = view.look;
    let worst = hops.residual.iter().copied().fold(0.0, f64::max);
    let (mark, role) = if worst < 1e-9 {
        ("✓", Role::Strong)
    } else {
        ("≠", Role::Error)
    };
    let error = if worst == 0.0 {
        "exact".to_owned()
    } else {
        format!("error {worst:.0e}")
    };
    let words = |sum: &str| {
        Line::from(vec![
            look.span(format!("{sum} = {symbol} {mark}"), role),
            look.span(format!("  {error}"), Role::Quiet),
        ])
    };
    let long = words("Σ orders + rest");
    if look.line_width(&long) <= room {
        return long;
    }
    let mut short = words("Σ + rest");
    if look.line_width(&short) > most {
        short.spans.truncate(1);
    }
    short
}

/// The orders left of the lines, and the remainder's name.
fn labels(pen: &mut Pen, inner: Rect, end: u16, picture: &Picture) {
    let quiet = pen.look.style(Role::Quiet);
    let (top, first) = places(inner, picture.lines.len());
    let rest = format!("k > {}", picture.hops.orders);
    pen.text_right(inner.x, end, top, &rest, quiet);
    for (line, y) in (0..picture.lines.len()).zip(first..inner.bottom()) {
        if let Some(label) = picture.label(line) {
            let last = line + 1 == picture.lines.len();
            let role = if last { Role::Strong } else { Role::Quiet };
            pen.text_right(inner.x, end, y, &label, pen.look.style(role));
        }
    }
}

/// How to choose K, and what the colours mean.
fn below(pen: &mut Pen, area: Rect, view: &View, picture: &Picture) {
    let look = view.look;
    let left = Line::from(vec![
        look.span("- +", Role::Key),
        look.span(format!(" K {}", view.app.orders()), Role::Text),
        look.span(format!(", at most {}", view.app.most_orders()), Role::Quiet),
    ]);
    heat::below(pen, area, left, picture.reach, sign);
}
