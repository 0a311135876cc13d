//! The paths of a cell at the cursor: signed parts of δ_t that add up to 1, and sizes as log10.

use crate::app::extents::Axis;
use crate::app::panel::Panel;
use ratatui::layout::{Margin, Rect};
use ratatui::style::Modifier;
use ratatui::text::Line;

use crate::app::view::{View, question_name};
use crate::flow::{Flow, PathFlow, Question};
use crate::sim::Side;
use crate::ui::pen::Pen;
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
    if flow
        .main()
        .get(view.cursor() - 1)
        .is_some_and(|w| w.is_zero())
    {
        let whole = "δ_t is 0: no parts";
        let text = if look.width(whole) <= room {
            whole
        } else {
            "δ_t is 0"
        };
        return look.span(text, Role::Strong).into();
    }
    match sum(view, flow) {
        Some((sum, error)) if error.is_finite() => {
            let ok = (sum - 1.0).abs() < 1e-6 && error < 1e-6;
            let mark = if ok { " ✓" } else { " ≠ 1" };
            let error = if error == 0.0 {
                format!("{error_name} 0")
            } else {
                format!("{error_name} {error:.0e}")
            };
            let sum = look.span(
                format!("Σ {sum:.3}{mark}"),
                if ok { Role::Strong } else { Role::Error },
            );
            let error = look.span(format!("  {error}"), Role::Quiet);
            let both = Line::from(vec![sum.clone(), error]);
            if look.line_width(&both) <= room || !ok {
                both
            } else {
                sum.into()
            }
        }
        _ => Line::default(),
    }
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
            pen.frame(
                area,
                &look
                    .span(format!("{} paths", view.name(side)), Role::Strong)
                    .into(),
                &Line::default(),
            );
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
        let inner = pen.frame(area, &title, &answer);
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
            columns.more(pen, view, &left_out(flow, t, &shown));
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
    let left_out = flow
        .paths
        .iter()
        .filter(|p| !shown.iter().any(|shown| shown.path == p.path));
    let (mut zero, mut count) = (0, 0);
    for path in left_out {
        count += 1;
        zero += usize::from(path.share.get(t - 1).is_none_or(|w| w.is_zero()));
    }
    match count - zero {
        0 => format!("+{zero} zero"),
        _ => format!("+{count} more"),
    }
}

/// The columns of a row: name, bar, part, level, stem.
struct Columns {
    area: Rect,
    bar: Rect,
    stem: Option<Rect>,
}

impl Columns {
    const NAME: u16 = 12;
    const PART: u16 = 7;
    const LEVEL: u16 = 8;

    fn new(area: Rect) -> Self {
        let fixed = Self::NAME + Self::PART;
        let rest = area.width.saturating_sub(fixed);
        let x = area.x + Self::NAME.min(area.width);
        if rest < 28 {
            let room = if rest > 14 { rest - Self::LEVEL } else { rest };
            return Self {
                area,
                bar: Rect::new(x, area.y, room, 1),
                stem: None,
            };
        }
        let rest = rest - Self::LEVEL - 2;
        let bar = Rect::new(x, area.y, rest / 2, 1);
        let left = x + bar.width + Self::PART + Self::LEVEL + 2;
        let stem = Rect::new(left, area.y, area.right().saturating_sub(left), 1);
        Self {
            area,
            bar,
            stem: Some(stem),
        }
    }

    /// That there are more paths than rows, in the lower border.
    fn more(&self, pen: &mut Pen, view: &View, text: &str) {
        let look = view.look;
        let y = self.area.bottom();
        let text = format!(" {text} ");
        pen.text(
            self.area.x,
            y,
            self.area.width,
            &text,
            look.style(Role::Quiet),
        );
    }

    /// What the columns show, in the lower border: `log10 |share|/|δc_T|   0    +2`, and what the bars
    /// show where the title does not say it.
    fn heads(&self, pen: &mut Pen, view: &View, symbol: &str, titled: bool) {
        let look = view.look;
        let quiet = look.style(Role::Quiet);
        let y = self.area.bottom();
        let end = self.area.right();
        let bars = |pen: &mut Pen, end: u16| {
            let text = format!(" part of {symbol}_t ");
            if !titled && self.area.x + look.width(&text) < end {
                pen.text_right(self.area.x, end, y, &text, quiet);
            }
        };
        let Some(stem) = self.stem else {
            let text = format!(" log10 {} ", question_name(view.question()));
            if self.bar.right() + Self::PART + Self::LEVEL <= end {
                let start = pen.text_right(self.area.x, end, y, &text, quiet);
                bars(pen, start);
            } else {
                bars(pen, end);
            }
            return;
        };
        let mut x = stem.x.saturating_sub(Self::LEVEL);
        let name = question_name(view.question());
        let Axis { low, high } = view.drawn_axis();
        let zero = stem.x + Stem::column(0.0, low, high, stem.width);
        let long = format!(" log10 |{name}|/|{symbol}_{}| ", view.relative_to());
        let text = if x + look.width(&long) < zero {
            long
        } else {
            format!(" log10 {name} ")
        };
        bars(pen, x);
        x += pen.text(x, y, end.saturating_sub(x), &text, quiet);
        if x <= zero {
            pen.put(zero, y, '0', quiet);
        }
        let high = format!(" {}", tick(high));
        if zero + 1 + look.width(&high) <= end {
            pen.text_right(zero + 1, end, y, &high, quiet);
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
        let look = view.look;
        let path = self.path.path;
        let i = view.cursor() - 1;
        let cut = view.is_cut(path);
        let style = look.theme.path(path);
        let area = columns.area;
        let quiet = look.style(Role::Quiet);
        let name = if cut {
            style.add_modifier(Modifier::CROSSED_OUT | Modifier::DIM)
        } else {
            style
        };
        pen.put(
            area.x,
            self.y,
            path.letter(),
            style.add_modifier(Modifier::BOLD),
        );
        pen.text(
            area.x + 2,
            self.y,
            Columns::NAME - 2,
            &view.path_name(path),
            name,
        );
        let bar = Rect {
            y: self.y,
            ..columns.bar
        };
        let part_end = (bar.right() + Columns::PART).min(area.right());
        if cut && view.question() != Question::Without {
            pen.text(bar.x, self.y, bar.width, "✂ cut", quiet);
            return;
        }
        if let Some(&part) = self.path.contribution.get(i) {
            Bar {
                value: part,
                low: self.low,
                high: self.high,
            }
            .render(pen, bar, style);
            // An exact zero is said as such: it is a path that carries nothing here.
            let zero = self.path.share.get(i).is_some_and(|w| w.is_zero());
            let text = if zero { "0".into() } else { short::part(part) };
            pen.text_right(
                bar.right(),
                part_end,
                self.y,
                &text,
                if zero { quiet } else { look.style(Role::Text) },
            );
        }
        let Some(level) = view.path_at_cursor(side, self.path) else {
            return;
        };
        let text = short::level(level);
        let at = part_end + Columns::LEVEL;
        if at <= area.right() {
            pen.text_right(
                part_end,
                at,
                self.y,
                &text,
                if level.is_none() {
                    quiet
                } else {
                    look.style(Role::Text)
                },
            );
        }
        if let Some(stem) = columns.stem {
            let Axis { low, high } = view.drawn_axis();
            Stem {
                level,
                low,
                high,
                from: if view.changes() { 0.0 } else { low },
            }
            .render(pen, Rect { y: self.y, ..stem }, style);
        }
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
        for (y, head) in (area.top()..area.bottom()).zip(&heads) {
            pen.text(area.x + 1, y, 14, head, look.style(Role::Quiet));
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
            let end = area.right();
            pen.text_right(x, end, area.y, &more, look.style(Role::Quiet));
        }
        for path in paths.into_iter().take(shown) {
            let style = look.theme.path(path.path);
            pen.put(
                x,
                area.y,
                path.path.letter(),
                style.add_modifier(Modifier::BOLD),
            );
            if view.is_cut(path.path) {
                pen.text(x + 2, area.y, 6, "cut", look.style(Role::Quiet));
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
