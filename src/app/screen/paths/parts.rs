//! What the paths of a cell add up to at the cursor, and what a cut changes.
//!
//! ```text
//! ╭ parts of δc_t at t 140  ⟨term, δ_t⟩/|δ_t|² ──────────────── Σ 1.000 ✓ ─╮
//! │ b░│c +0.812                                       i +0.104    o +0.140              │
//! │ c +0.812  b -0.056  i +0.104  f 0  o +0.140  l 0                                    │
//! │                        |δc_1|   |δc_140|   r per step                               │
//! │ nothing cut              7.32       1.83       1.0100                               │
//! │ ✂ output                 6.90       1.79       1.0097                               │
//! ╰─────────────────────────────────────────────────────────────────────────────────────╯
//! ```

use crate::app::panel::Panel;
use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Margin, Rect};
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use crate::app::layout::halves;
use crate::app::panel::bars;
use crate::app::view::{View, short_name};
use crate::flow::{Flow, Path, PathFlow, Question, factor};
use crate::num::Wide;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::widget::stacked::{Share, Stacked};
use crate::words::short;
use crate::words::symbol;

/// From this width on the numbers stand beside the bar, below it otherwise.
const WIDE: u16 = 110;

/// A curve of the table.
struct Row<'a> {
    label: Line<'static>,
    curve: &'a [Wide],
    /// log10 of its |δ_T|.
    reference: f64,
}

/// What they add up to at the cursor, and what a cut changes.
#[derive(Clone, Copy, Debug)]
pub struct Parts;

impl Panel for Parts {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let look = view.look;
        let Some(flow) = view.flow(view.app.focus.side) else {
            let title = look.span("parts of the gradient", Role::Strong);
            pen.frame(area, title, "");
            return;
        };
        let t = view.cursor();
        let name = format!("parts of {}_t at t {t}", symbol(flow.cell));
        // What is shown, and where, comes before the rounding error.
        let room = area.width.saturating_sub(look.width(&name) + 8);
        let answer = bars::proof(view, flow, room, "|Σ terms − δ_t|/|δ_t|");
        let title = look.title(name, "  ⟨term, δ_t⟩/|δ_t|²");
        let inner = pen.frame(area, title, answer);
        let inner = inner.inner(Margin::new(1, 0));
        if inner.height == 0 {
            return;
        }
        let [left, right] = if area.width >= WIDE {
            let [left, right] = halves(inner);
            let [left, _] = Layout::horizontal([Fill(1), Length(3)]).areas(left);
            [left, right]
        } else {
            // The table needs a row beside its head.
            let bar = if inner.height > 6 { 2 } else { 1 };
            let numbers = lines(flow.paths.len(), inner.width);
            let numbers = numbers.min(inner.height.saturating_sub(bar + 2)).max(1);
            let above = (bar + numbers).min(inner.height);
            Layout::vertical([Length(above), Fill(1)]).areas(inner)
        };
        parts(pen, left, view, flow);
        table(pen, right, view, flow);
    }
}

/// Columns of a part in numbers. Every part has the same width, so that nothing moves when one gets
/// another sign.
const NUMBER: u16 = 10;

/// How many of them stand in a row.
fn across(width: u16) -> u16 {
    ((width + 2) / NUMBER).max(1)
}

/// The rows that so many parts need.
fn lines(parts: usize, width: u16) -> u16 {
    u16::try_from(parts.div_ceil(usize::from(across(width)))).unwrap_or(u16::MAX)
}

/// The bar, and below it every part in numbers.
fn parts(pen: &mut Pen, area: Rect, view: &View, flow: &Flow) {
    let look = view.look;
    let i = view.cursor() - 1;
    let shares = flow.paths.iter().filter_map(|p| {
        Some(Share {
            value: *p.contribution.get(i)?,
            letter: p.path.letter(),
            style: look.theme.path(p.path),
        })
    });
    let shares: Vec<Share> = shares.collect();
    let bar = 1 + u16::from(area.height > 1 + lines(shares.len(), area.width));
    let [bar, area] = Layout::vertical([Length(bar), Fill(1)]).areas(area);
    Stacked { parts: &shares }.render(pen, bar);
    let (mut x, mut y) = (area.x, area.y);
    let room = usize::from(across(area.width) * area.height);
    let all = flow.paths.len();
    let shown = if all > room {
        room.saturating_sub(1)
    } else {
        all
    };
    for path in flow.paths.iter().take(shown) {
        if x + NUMBER > area.right() + 2 {
            (x, y) = (area.x, y + 1);
        }
        let text = numbers(view, path, i);
        pen.line(x, y, NUMBER.min(area.right() - x), &text);
        x += NUMBER;
    }
    if shown < all && y < area.bottom() {
        let more = format!("+{} more", all - shown);
        let room = area.right().saturating_sub(x);
        pen.text(x, y, room, &more, look.style(Role::Quiet));
    }
}

/// `c +0.812`; an exact zero and a cut path are said as such.
fn numbers(view: &View, path: &PathFlow, i: usize) -> Line<'static> {
    let look = view.look;
    let style = look.theme.path(path.path).add_modifier(Modifier::BOLD);
    let letter = Span::styled(mark(path.path), style);
    let zero = path.share.get(i).is_none_or(|w| w.is_zero());
    let part = path.contribution.get(i).copied().unwrap_or_default();
    let (text, role) = match part {
        _ if view.is_cut(path.path) => ("✂ cut".to_owned(), Role::Quiet),
        _ if zero => ("0".to_owned(), Role::Quiet),
        part => (short::part(part), Role::Text),
    };
    Line::from(vec![letter, look.span(format!(" {text}"), role)])
}

/// The letter of a path, and of its gate where several paths share a letter.
fn mark(path: Path) -> String {
    let name = short_name(path);
    let gate = name.split_once(' ').map_or("", |(_, gate)| gate);
    format!("{}{gate}", path.letter())
}

/// The curves to compare: the total with and without what is cut or asked for.
fn rows<'a>(view: &View<'a>, flow: &'a Flow) -> Vec<Row<'a>> {
    let look = view.look;
    let reference = flow.reference();
    let row = |label: Line<'static>, curve| Row {
        label,
        curve,
        reference,
    };
    let mut rows = Vec::new();
    if let Some(uncut) = &flow.uncut {
        let nothing = look.span("nothing cut", Role::Text);
        rows.push(row(nothing.into(), uncut.main()));
        let mut label = vec![look.span("✂", Role::Strong)];
        let cut = flow.paths.iter().filter(|p| view.is_cut(p.path));
        let cut: Vec<Path> = cut.map(|p| p.path).collect();
        for &path in &cut {
            let name = if cut.len() > 2 {
                path.letter().to_string()
            } else {
                short_name(path).to_owned()
            };
            label.push(Span::styled(format!(" {name}"), look.theme.path(path)));
        }
        rows.push(row(label.into(), flow.main()));
    } else {
        rows.push(row(look.span("total", Role::Text).into(), flow.main()));
    }
    if let Some(path) = view.selected_path(flow)
        && view.question() == Question::Without
        && !view.is_cut(path.path)
        && let Some(without) = &path.without
    {
        let label = vec![
            look.span("without ", Role::Text),
            Span::styled(short_name(path.path), look.theme.path(path.path)),
        ];
        rows.push(row(label.into(), without.main()));
    }
    if let Some(detached) = view.detached() {
        let p = detached.probability;
        let mut row = |what: &str, curve: &'a [Wide]| {
            rows.push(Row {
                label: Line::from(vec![
                    look.span(format!("detach {p} "), Role::Text),
                    look.span(what.to_owned(), Role::Quiet),
                ]),
                curve,
                reference: detached.reference(),
            });
        };
        row("mean |δ|", &detached.mean);
        if let Some(expected) = &detached.expected {
            row("|mean δ|", expected);
        }
        row("lowest", &detached.low);
        row("highest", &detached.high);
    }
    rows
}

/// |δ_1|, |δ_t| and the factor per step of each curve, relative to |δ_T|.
fn table(pen: &mut Pen, area: Rect, view: &View, flow: &Flow) {
    let look = view.look;
    let t = view.cursor();
    let s = symbol(flow.cell);
    let quiet = look.style(Role::Quiet);
    let label = area.width.saturating_sub(3 * COLUMN).min(26);
    let right = |pen: &mut Pen, k: u16, y: u16, text: &str, role: Role| {
        let place = Rect::new(area.x + label + k * COLUMN, y, COLUMN, 1);
        if place.right() <= area.right() {
            pen.write_right(place, text, role);
        }
    };
    if area.height < 2 {
        return;
    }
    pen.text(area.x, area.y, label, "relative to |δ_T|", quiet);
    right(pen, 0, area.y, &format!("|{s}_1|"), Role::Quiet);
    right(pen, 1, area.y, &format!("|{s}_{t}|"), Role::Quiet);
    right(pen, 2, area.y, "r per step", Role::Quiet);
    for (y, row) in (area.y + 1..area.bottom()).zip(rows(view, flow)) {
        pen.line(area.x, y, label, &row.label);
        for (k, at) in [(0, 1), (1, t)] {
            let size = row.curve.get(at - 1).copied().unwrap_or_default();
            let size = short::power_of_ten(size.log10() - row.reference);
            right(pen, k, y, &size, Role::Text);
        }
        let rate = short::short_factor(factor(row.curve, 1));
        right(pen, 2, y, &rate, Role::Strong);
    }
}

/// The columns of a number of the table.
const COLUMN: u16 = 12;
