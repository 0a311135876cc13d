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
use ratatui::layout::{Margin, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

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
            pen.frame(area, &title.into(), &Line::default());
            return;
        };
        let t = view.cursor();
        let title = Line::from(vec![
            look.span(
                format!("parts of {}_t at t {t}", symbol(flow.cell)),
                Role::Strong,
            ),
            look.span("  ⟨term, δ_t⟩/|δ_t|²", Role::Quiet),
        ]);
        // What is shown, and where, comes before the rounding error.
        let first = look.width(title.spans.first().map_or("", |span| &span.content));
        let room = area.width.saturating_sub(first + 8);
        let answer = bars::proof(view, flow, room, "|Σ terms − δ_t|/|δ_t|");
        let inner = pen.frame(area, &title, &answer);
        let inner = inner.inner(Margin::new(1, 0));
        if inner.height == 0 {
            return;
        }
        let (left, right) = if area.width >= WIDE {
            let mut right = inner;
            right.width /= 2;
            right.x = inner.right() - right.width;
            let left = Rect {
                width: inner.width - right.width - 3,
                ..inner
            };
            (left, right)
        } else {
            // The table needs a row beside its head.
            let bar = if inner.height > 6 { 2 } else { 1 };
            let numbers = lines(flow.paths.len(), inner.width);
            let numbers = numbers.min(inner.height.saturating_sub(bar + 2)).max(1);
            let above = (bar + numbers).min(inner.height);
            let right = Rect {
                y: inner.y + above,
                height: inner.height - above,
                ..inner
            };
            (
                Rect {
                    height: above,
                    ..inner
                },
                right,
            )
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
    let shown: Vec<Share> = flow
        .paths
        .iter()
        .filter_map(|p| {
            Some(Share {
                value: *p.contribution.get(i)?,
                letter: p.path.letter(),
                style: look.theme.path(p.path),
            })
        })
        .collect();
    let bar = if area.height > 1 + lines(shown.len(), area.width) {
        2
    } else {
        1
    };
    Stacked { parts: &shown }.render(
        pen,
        Rect {
            height: bar,
            ..area
        },
    );
    let (mut x, mut y) = (area.x, area.y + bar);
    let room = usize::from(across(area.width) * area.height.saturating_sub(bar));
    let shown = if flow.paths.len() > room {
        room.saturating_sub(1)
    } else {
        flow.paths.len()
    };
    for path in flow.paths.iter().take(shown) {
        let mut text = numbers(view, path, i);
        if x + NUMBER > area.right() + 2 {
            (x, y) = (area.x, y + 1);
        }
        text.spans[0].style = text.spans[0].style.add_modifier(Modifier::BOLD);
        pen.line(x, y, NUMBER.min(area.right() - x), &text);
        x += NUMBER;
    }
    if shown < flow.paths.len() && y < area.bottom() {
        let more = format!("+{} more", flow.paths.len() - shown);
        pen.text(
            x,
            y,
            area.right().saturating_sub(x),
            &more,
            look.style(Role::Quiet),
        );
    }
}

/// `c +0.812`; an exact zero and a cut path are said as such.
fn numbers(view: &View, path: &PathFlow, i: usize) -> Line<'static> {
    let look = view.look;
    let letter = Span::styled(mark(path.path), look.theme.path(path.path));
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
    let gate = short_name(path)
        .split_once(' ')
        .map_or("", |(_, gate)| gate);
    format!("{}{gate}", path.letter())
}

/// The curves to compare: the total with and without what is cut or asked for.
fn rows<'a>(view: &View<'a>, flow: &'a Flow) -> Vec<Row<'a>> {
    let look = view.look;
    let reference = flow.reference();
    let total = |label: &'static str| Row {
        label: look.span(label, Role::Text).into(),
        curve: flow.main(),
        reference,
    };
    let mut rows = Vec::new();
    if let Some(uncut) = &flow.uncut {
        rows.push(Row {
            label: look.span("nothing cut", Role::Text).into(),
            curve: uncut.main(),
            reference,
        });
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
        rows.push(Row {
            label: label.into(),
            curve: flow.main(),
            reference,
        });
    } else {
        rows.push(total("total"));
    }
    if let Some(path) = view.selected_path(flow)
        && view.question() == Question::Without
        && !view.is_cut(path.path)
        && let Some(without) = &path.without
    {
        rows.push(Row {
            label: Line::from(vec![
                look.span("without ", Role::Text),
                Span::styled(short_name(path.path), look.theme.path(path.path)),
            ]),
            curve: without.main(),
            reference,
        });
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
    let columns = |k: u16| {
        (
            area.x + label + k * COLUMN,
            area.x + label + (k + 1) * COLUMN,
        )
    };
    let right = |pen: &mut Pen, k: u16, y: u16, text: &str, style: Style| {
        let (start, end) = columns(k);
        if end <= area.right() {
            pen.text_right(start, end, y, text, style);
        }
    };
    if area.height < 2 {
        return;
    }
    pen.text(area.x, area.y, label, "relative to |δ_T|", quiet);
    right(pen, 0, area.y, &format!("|{s}_1|"), quiet);
    right(pen, 1, area.y, &format!("|{s}_{t}|"), quiet);
    right(pen, 2, area.y, "r per step", quiet);
    for (y, row) in (area.y + 1..area.bottom()).zip(rows(view, flow)) {
        pen.line(area.x, y, label, &row.label);
        let text = look.style(Role::Text);
        for (k, at) in [(0, 1), (1, t)] {
            let size = row.curve.get(at - 1).copied().unwrap_or_default();
            let size = short::power_of_ten(size.log10() - row.reference);
            right(pen, k, y, &size, text);
        }
        let rate = short::short_factor(factor(row.curve, 1));
        right(pen, 2, y, &rate, look.style(Role::Strong));
    }
}

/// The columns of a number of the table.
const COLUMN: u16 = 12;
