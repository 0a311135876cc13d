//! The numbers of one moment and what they say.

use ratatui::layout::{Margin, Rect};
use ratatui::text::{Line, Span};

use super::{Subject, charts};
use crate::app::state::App;
use crate::sim::settings::row::Table as _;
use crate::train::Settings;
use crate::train::live::order::{differing, word};
use crate::train::live::{Column, Picture, why};
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::words::short;

/// What stands at the right of the title line.
pub(super) fn state(app: &App) -> Vec<String> {
    let Some(picture) = &app.screens.train.picture else {
        return vec!["‖ nothing is trained".to_owned(), "‖".to_owned()];
    };
    let mark = if picture.running { "▶" } else { "‖" };
    let (done, total) = (picture.updates(), picture.total);
    let word = if picture.is_over() { "done" } else { "update" };
    let left = left(picture).map_or_else(String::new, |left| format!("  {left} left"));
    vec![
        format!("{mark} {word} {done} of {total}{left}"),
        format!("{mark} {done}/{total}"),
        mark.to_owned(),
    ]
}

/// Time to go: `1:05`.
fn left(picture: &Picture) -> Option<String> {
    let updates = picture.total.saturating_sub(picture.updates()) as f64;
    let seconds = (updates / picture.rate?).ceil();
    (seconds > 0.0).then(|| format!("{:.0}:{:02.0}", (seconds / 60.0).floor(), seconds % 60.0))
}

/// A number with its name.
type Entry = (&'static str, String);

fn entries(subject: &Subject) -> Vec<Entry> {
    let trained = subject.trained;
    let history = &trained.history;
    let settings = &trained.settings;
    let place = subject
        .cursor
        .unwrap_or(history.columns.len().saturating_sub(1));
    let nothing = Column::default();
    let column = history.columns.get(place).unwrap_or(&nothing);
    // What is measured once in a column may still be to come.
    let of = |get: fn(&Column) -> Option<f64>| {
        let until = &history.columns[..(place + 1).min(history.columns.len())];
        until.iter().rev().find_map(get)
    };
    let show = |x: Option<f64>| x.map_or_else(|| "–".to_owned(), short::number);
    let first = history.first + place as u64 * history.per + 1;
    let update = if column.updates > 1 {
        format!("{first}-{}", first + column.updates - 1)
    } else {
        first.to_string()
    };
    let clipped = history.clipped();
    let clipped = clipped.map_or_else(String::new, |part| format!(", {:.0} %", 100.0 * part));
    let sequences = trained.updates.saturating_mul(settings.batch as u64);
    let ratio = of(|c| charts::log(c.ratio.top()));
    let ratio = ratio.map_or("–".to_owned(), |x| format!("{x:.2}"));
    let mut entries = vec![
        ("update", update),
        ("loss", show(column.loss.mean())),
        ("chance", short::number(trained.chance)),
        ("|g|", show(column.grad_norm.top())),
        ("clip", format!("{}{clipped}", settings.clip)),
        ("η", settings.learning_rate.to_string()),
        ("log10 |Δw|/|w|", ratio),
        ("ρ", show(of(|c| c.radius.top()))),
        ("r", show(of(|c| c.factor.mean()))),
        ("mean |h_T|", show(of(|c| c.state.mean()))),
        ("sequences", sequences.to_string()),
    ];
    if let Some(f) = of(|c| c.forget.mean()) {
        entries.insert(8, ("f", short::number(f)));
        entries.push((
            "at rest, from the means, f + i·o·ρ",
            show(of(|c| c.rest.mean())),
        ));
    }
    for (name, x) in [
        ("cut off", of(|c| c.cut_off.mean())),
        ("penalty", of(|c| c.penalty.mean())),
    ] {
        if x.is_some() {
            entries.push((name, show(x)));
        }
    }
    if let Some(rate) = subject.picture.rate {
        let sequences = rate * settings.batch as f64;
        entries.push(("per second", format!("{sequences:.0}")));
    }
    if let Some(left) = left(subject.picture) {
        entries.push(("left", left));
    }
    entries
}

/// What the run is: the settings, or what differs from the other one.
fn name(subject: &Subject) -> String {
    let settings = &subject.trained.settings;
    if let [a, b] = &subject.picture.runs[..] {
        let mut words = differing(&a.settings, &b.settings);
        return match std::mem::take(&mut words[subject.run]) {
            same if same.is_empty() => "the same settings".to_owned(),
            word => word,
        };
    }
    let (cell, rule) = (word(&settings.cell), word(&settings.optimizer));
    format!(
        "{cell} on {}, H {}, {rule}, seed {}",
        settings.task, settings.hidden, settings.seed
    )
}

fn spans(pen: &Pen, (name, value): Entry) -> [Span<'static>; 3] {
    let look = pen.look;
    [
        look.span(format!("{name} "), Role::Quiet),
        look.span(value, Role::Strong),
        look.span("  ", Role::Quiet),
    ]
}

/// As many numbers in a line as fit.
fn packed(pen: &Pen, entries: Vec<Entry>, width: u16) -> Vec<Line<'static>> {
    let mut lines = vec![Line::default()];
    for entry in entries {
        let spans = spans(pen, entry);
        let needed: u16 = spans.iter().map(|span| pen.look.width(&span.content)).sum();
        let taken = lines.last().map_or(0, |line| pen.look.line_width(line));
        if taken > 0 && taken + needed - 2 > width {
            lines.push(Line::default());
        }
        if let Some(line) = lines.last_mut() {
            line.spans.extend(spans);
        }
    }
    lines
}

/// The numbers and what they say; in fewer rows than both take, what they say comes first.
fn text(pen: &Pen, subject: &Subject, (width, rows): (u16, u16)) -> Vec<Line<'static>> {
    let numbers = packed(pen, entries(subject), width);
    let said = said(pen, subject, width);
    if numbers.len() + said.len() > usize::from(rows) {
        [said, numbers].concat()
    } else {
        [numbers, said].concat()
    }
}

/// What the numbers say, and the last change.
fn said(pen: &Pen, subject: &Subject, width: u16) -> Vec<Line<'static>> {
    let look = pen.look;
    let ended = subject.trained.ended.as_ref();
    let role = ended.map_or(Role::Text, |_| Role::Explode);
    let runs = subject.picture.runs.iter().enumerate();
    let mut beside = runs.filter(|(run, _)| *run != subject.run);
    let said = why(subject.trained, beside.next().map(|(_, run)| run));
    let said = look.wrap(&said.join(" "), usize::from(width.max(1)));
    let mut lines: Vec<Line> = said
        .into_iter()
        .map(|text| look.span(text, role).into())
        .collect();
    if let Some(change) = subject.trained.changes.last() {
        let back = if change.undo { ", taken back" } else { "" };
        let mark = charts::mark(change);
        let text = format!(
            "{mark} {} from update {} on{back}",
            change.text, change.update
        );
        lines.push(look.span(text, Role::Key).into());
    }
    lines
}

/// In a frame.
pub(super) fn framed(pen: &mut Pen, area: Rect, subject: &Subject) {
    let title = subject.title(pen, &name(subject), "");
    let inner = pen.frame(area, title, "");
    let inner = inner.inner(Margin::new(1, 0));
    let mut lines = text(pen, subject, (inner.width, inner.height));
    // Where there is room, everything that decides the run.
    let settings = &subject.trained.settings;
    let rows = Settings::rows().iter();
    let all = rows.map(|row| (row.name, row.text(settings))).collect();
    let all = packed(pen, all, inner.width);
    if lines.len() + 1 + all.len() <= usize::from(inner.height) {
        lines.push(Line::default());
        lines.extend(all);
    }
    pen.lines(inner, &lines);
}

/// Without a frame; of two runs, below their name.
pub(super) fn lines(pen: &mut Pen, area: Rect, subject: &Subject) {
    let area = area.inner(Margin::new(1, 0));
    let mut lines = vec![];
    if subject.picture.runs.len() > 1 {
        lines.push(subject.title(pen, &name(subject), ""));
    }
    let rows = area.height.saturating_sub(lines.len() as u16);
    lines.extend(text(pen, subject, (area.width, rows)));
    pen.lines(area, &lines);
}
