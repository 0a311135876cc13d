//! The paths of a cell at the cursor: signed parts of δ_t that add up to 1, and sizes as log10.

use crate::app::extents::Axis;
use crate::app::panel::Panel;
use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Margin, Rect};
use ratatui::style::Modifier;
use ratatui::text::Line;

use crate::app::view::{View, question_name};
use crate::flow::{Flow, PathFlow, Question};
use crate::sim::Side;
use crate::ui::pen::{Pen, row_of};
use crate::ui::theme::Role;
use crate::ui::widget::bars::{Bar, Stem};
use crate::ui::widget::scale::tick;
use crate::words::short;

/// The proof that the paths add up: their sum, and how far the terms miss δ_t.
fn sum(view: &View, flow: &Flow) -> Option<(f64, f64)> {
    let i = view.cursor() - 1;
    let parts: Option<f64> = flow.paths.iter().map(|p| p.contribution.get(i)).sum();
    Some((parts?, *flow.residual.get(i)?))
}

/// `Σ 1.000 ✓  error 2e-16`: the proof that the paths add up, as much of it as fits; `error` is
/// what the miss is called. Of a gradient that is zero there are no parts.
pub fn proof(view: &View, flow: &Flow, room: u16, error_name: &str) -> Line<'static> {
    let look = view.look;
    let main = flow.main().get(view.cursor() - 1);
    if main.is_some_and(|w| w.is_zero()) {
        let text = look.fitting(room, "δ_t is 0: no parts", "δ_t is 0");
        return look.span(text, Role::Strong).into();
    }
    let Some((sum, error)) = sum(view, flow).filter(|(_, error)| error.is_finite()) else {
        return Line::default();
    };
    let ok = (sum - 1.0).abs() < 1e-6 && error < 1e-6;
    let (mark, role) = if ok {
        (" ✓", Role::Strong)
    } else {
        (" ≠ 1", Role::Error)
    };
    let error = match error {
        0.0 => format!("  {error_name} 0"),
        _ => format!("  {error_name} {error:.0e}"),
    };
    let mut proof = Line::from(vec![
        look.span(format!("Σ {sum:.3}{mark}"), role),
        look.span(error, Role::Quiet),
    ]);
    if ok && look.line_width(&proof) > room {
        proof.spans.truncate(1);
    }
    proof
}

/// The paths of a cell at the cursor.
#[derive(Clone, Copy, Debug)]
pub struct Bars(pub Side);

impl Panel for Bars {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let side = self.0;
        let look = view.look;
        let t = view.cursor();
        let s = view.symbol(side);
        let Some(flow) = view.flow(side) else {
            let title = format!("{} paths", view.name(side));
            pen.frame(area, look.span(title, Role::Strong), "");
            return;
        };
        let judged = view.app.judges(side);
        let title = Line::from(vec![
            look.span(view.name(side), Role::Strong),
            look.span(format!(" paths at t {t}"), Role::Strong),
            match view.carousel_grows(flow).filter(|_| judged) {
                // It is the largest gain of the window, wherever the cursor stands.
                Some((gain, _)) => {
                    look.span(format!("  ▲ carousel up to ×{gain:.2}"), Role::Explode)
                }
                None => look.span(format!("  part of {s}_t"), Role::Quiet),
            },
        ]);
        // Whose paths these are, and where, matters more than the rounding error.
        let room = area.width.saturating_sub(look.line_width(&title) + 8);
        let answer = proof(view, flow, room, "error");
        let titled = (!judged || view.carousel_grows(flow).is_none())
            && look.line_width(&title) + look.line_width(&answer) + 6 <= area.width;
        let inner = pen.frame(area, title, answer);
        let inner = inner.inner(Margin::new(1, 0));
        let columns = Columns::new(inner);
        let parts = flow
            .paths
            .iter()
            .filter_map(|p| p.contribution.get(t - 1))
            .copied()
            .filter(|v| v.is_finite());
        let low = parts.clone().fold(0.0, f64::min);
        let high = parts.fold(1.0, f64::max);
        if area.height > 2 {
            columns.heads(pen, view, s, titled);
        }
        let shown = rows(flow, t, usize::from(inner.height));
        if shown.len() < flow.paths.len() && area.height > 2 {
            let more = format!(" {} ", left_out(flow, t, &shown));
            pen.write(columns.border(), &more, Role::Quiet);
        }
        for (y, path) in (inner.top()..inner.bottom()).zip(shown) {
            let row = Row { path, y, low, high };
            row.render(pen, view, side, &columns);
        }
    }
}

/// The paths to show: all when they fit; else those that are exactly zero here make way.
fn rows(flow: &Flow, t: usize, room: usize) -> Vec<&PathFlow> {
    let mut paths: Vec<&PathFlow> = flow.paths.iter().collect();
    while paths.len() > room {
        let zero = |p: &&PathFlow| p.share.get(t - 1).is_none_or(|w| w.is_zero());
        let Some(i) = paths.iter().rposition(zero) else {
            break;
        };
        paths.remove(i);
    }
    paths.truncate(room);
    paths
}

/// How many paths there was no room for, and how many of them are not zero.
fn left_out(flow: &Flow, t: usize, shown: &[&PathFlow]) -> String {
    let paths = flow.paths.iter();
    let left_out = paths.filter(|p| !shown.iter().any(|shown| shown.path == p.path));
    let (zero, more): (Vec<_>, Vec<_>) =
        left_out.partition(|p| p.share.get(t - 1).is_none_or(|w| w.is_zero()));
    match more.len() {
        0 => format!("+{} zero", zero.len()),
        more => format!("+{} more", zero.len() + more),
    }
}

/// The columns of a row; what there is no room for has none.
struct Columns {
    area: Rect,
    name: Rect,
    bar: Rect,
    part: Rect,
    level: Rect,
    stem: Rect,
}

impl Columns {
    const NAME: u16 = 12;
    const PART: u16 = 7;
    const LEVEL: u16 = 8;

    fn new(area: Rect) -> Self {
        let rest = area.width.saturating_sub(Self::NAME + Self::PART);
        let (bar, level, gap) = match rest {
            0..15 => (rest, 0, 0),
            15..28 => (rest - Self::LEVEL, Self::LEVEL, 0),
            _ => ((rest - Self::LEVEL - 2) / 2, Self::LEVEL, 2),
        };
        let fixed = [Self::NAME, bar, Self::PART, level, gap].map(Length);
        let columns = fixed.into_iter().chain([Fill(1)]);
        let [name, bar, part, level, _, stem] = Layout::horizontal(columns).areas(area);
        Self {
            area,
            name,
            bar,
            part,
            level,
            stem,
        }
    }

    /// The lower border below the columns.
    fn border(&self) -> Rect {
        row_of(self.area, self.area.bottom())
    }

    /// What the columns show, in the lower border: `log10 |share|/|δc_T|   0    +2`, and what the bars
    /// show where the title does not say it.
    fn heads(&self, pen: &mut Pen, view: &View, symbol: &str, titled: bool) {
        let look = view.look;
        let border = self.border();
        let name = question_name(view.question());
        let short = format!(" log10 {name} ");
        let bars_end = if self.level.is_empty() {
            border.right()
        } else if self.stem.is_empty() {
            pen.write_right(border, &short, Role::Quiet)
        } else {
            self.stem.x.saturating_sub(Self::LEVEL)
        };
        let bars = format!(" part of {symbol}_t ");
        if !titled && border.x + look.width(&bars) < bars_end {
            let style = look.style(Role::Quiet);
            pen.text_right(border.x, bars_end, border.y, &bars, style);
        }
        if self.stem.is_empty() {
            return;
        }
        let Axis { low, high } = view.drawn_axis();
        let zero = self.stem.x + Stem::column(0.0, low, high, self.stem.width);
        let long = format!(" log10 |{name}|/|{symbol}_{}| ", view.relative_to());
        let text = if bars_end + look.width(&long) < zero {
            long
        } else {
            short
        };
        let mut place = Rect {
            x: bars_end,
            width: border.right().saturating_sub(bars_end),
            ..border
        };
        if bars_end + pen.write(place, &text, Role::Quiet) <= zero {
            pen.put(zero, border.y, '0', look.style(Role::Quiet));
        }
        let high = format!(" {}", tick(high));
        place.x = zero + 1;
        place.width = border.right().saturating_sub(place.x);
        if look.width(&high) <= place.width {
            pen.write_right(place, &high, Role::Quiet);
        }
    }
}

struct Row<'a> {
    path: &'a PathFlow,
    y: u16,
    low: f64,
    high: f64,
}

impl Row<'_> {
    fn render(&self, pen: &mut Pen, view: &View, side: Side, columns: &Columns) {
        let path = self.path.path;
        let i = view.cursor() - 1;
        let style = view.look.theme.path(path);
        let at = |column| row_of(column, self.y);
        let bold = style.add_modifier(Modifier::BOLD);
        pen.put(columns.name.x, self.y, path.letter(), bold);
        pen.text(
            columns.name.x + 2,
            self.y,
            Columns::NAME - 2,
            &view.path_name(path),
            view.name_style(path),
        );
        if view.is_cut(path) && view.question() != Question::Without {
            pen.write(at(columns.bar), "✂ cut", Role::Quiet);
            return;
        }
        if let Some(&value) = self.path.contribution.get(i) {
            let (low, high) = (self.low, self.high);
            Bar { value, low, high }.render(pen, at(columns.bar), style);
            // An exact zero is said as such: it is a path that carries nothing here.
            let (text, role) = if self.path.share.get(i).is_some_and(|w| w.is_zero()) {
                ("0".to_owned(), Role::Quiet)
            } else {
                (short::part(value), Role::Text)
            };
            pen.write_right(at(columns.part), &text, role);
        }
        let Some(level) = view.path_at_cursor(side, self.path) else {
            return;
        };
        let role = level.map_or(Role::Quiet, |_| Role::Text);
        pen.write_right(at(columns.level), &short::level(level), role);
        let Axis { low, high } = view.drawn_axis();
        let from = if view.changes() { 0.0 } else { low };
        Stem {
            level,
            low,
            high,
            from,
        }
        .render(pen, at(columns.stem), style);
    }
}

/// The bars as numbers, in two lines.
#[derive(Clone, Copy, Debug)]
pub struct Readout(pub Side);

impl Panel for Readout {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let side = self.0;
        let look = view.look;
        let Some(flow) = view.flow(side) else { return };
        let i = view.cursor() - 1;
        let s = view.symbol(side);
        let heads = [
            format!("part of {s}"),
            format!("log10 {}", question_name(view.question())),
        ];
        let quiet = look.style(Role::Quiet);
        for (y, head) in (area.top()..area.bottom()).zip(&heads) {
            pen.text(area.x + 1, y, 14, head, quiet);
        }
        let mut x = area.x + 15;
        let there = |path: &&PathFlow| {
            let zero = path.share.get(i).is_none_or(|w| w.is_zero());
            !zero || view.is_cut(path.path)
        };
        let paths: Vec<&PathFlow> = flow.paths.iter().filter(there).collect();
        let room = usize::from(area.right().saturating_sub(x) + 1);
        let fit = |room: usize| room / 9;
        let shown = if paths.len() > fit(room) {
            // The mark that there are more needs three columns.
            fit(room.saturating_sub(3))
        } else {
            paths.len()
        };
        if shown < paths.len() {
            let more = format!("+{}", paths.len() - shown);
            pen.text_right(x, area.right(), area.y, &more, quiet);
        }
        for path in paths.into_iter().take(shown) {
            let style = look.theme.path(path.path);
            let bold = style.add_modifier(Modifier::BOLD);
            pen.put(x, area.y, path.path.letter(), bold);
            if view.is_cut(path.path) {
                pen.text(x + 2, area.y, 6, "cut", quiet);
                x += 9;
                continue;
            }
            if let Some(part) = path.contribution.get(i) {
                pen.text(x + 1, area.y, 7, &format!("{part:>+6.2}"), style);
            }
            if area.height > 1
                && let Some(level) = view.path_at_cursor(side, path)
            {
                pen.text(x + 1, area.y + 1, 7, &short::level(level), style);
            }
            x += 9;
        }
    }
}
