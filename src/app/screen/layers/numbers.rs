//! The selected layer in numbers, the most important first.

use ratatui::layout::Rect;
use ratatui::text::Line;

use super::{Picture, Row};
use crate::app::view::{View, short_name};
use crate::sim::inspect::{GateHealth, LayerDiagnosis};
use crate::ui::pen::{Look, Pen};
use crate::ui::theme::Role;
use crate::words::short;

/// Columns of a name, and of each number of a table.
const NAME: u16 = 13;
const NUMBER: u16 = 8;

/// A line: a name, its values, and how they are drawn.
struct Entry {
    name: String,
    values: Values,
    role: Role,
}

enum Values {
    /// From the left.
    Text(String),
    /// Each in its column of a table.
    Numbers(Vec<String>),
}

impl Entry {
    fn one(name: &str, text: String) -> Self {
        Self {
            name: name.to_owned(),
            values: Values::Text(text),
            role: Role::Text,
        }
    }

    /// A row of a table.
    fn row(name: &str, numbers: Vec<String>) -> Self {
        Self {
            name: format!(" {name}"),
            values: Values::Numbers(numbers),
            role: Role::Text,
        }
    }

    /// The head of a table.
    fn head(name: &str, columns: &[&str]) -> Self {
        let columns = columns.iter().map(|&column| column.to_owned());
        Self {
            name: name.to_owned(),
            values: Values::Numbers(columns.collect()),
            role: Role::Quiet,
        }
    }

    fn strong(self) -> Self {
        Self {
            role: Role::Strong,
            ..self
        }
    }
}

pub(super) fn render(pen: &mut Pen, area: Rect, view: &View, picture: &Picture) {
    let look = view.look;
    let row = &picture.rows[picture.selected];
    let mut title = Line::from(look.span(picture.name(row), Role::Strong));
    if picture.live(row) {
        title.push_span(look.span("  live", Role::Quiet));
    }
    let model = format!("H {}  D {}", row.layer.hidden, picture.found.inputs);
    let inner = pen.frame(area, title, look.span(model, Role::Quiet));
    let entries = entries(row.layer);
    let end = inner.right().saturating_sub(1);
    for (y, entry) in (inner.top()..inner.bottom()).zip(entries) {
        let x = inner.x + 1;
        pen.text(x, y, NAME, &entry.name, look.style(Role::Quiet));
        let x = x + NAME;
        let style = look.style(entry.role);
        match &entry.values {
            Values::Text(text) => _ = pen.text(x, y, end.saturating_sub(x), text, style),
            Values::Numbers(numbers) => {
                for (column, number) in (0u16..).zip(numbers) {
                    let right = x + (column + 1) * NUMBER - 2;
                    if right <= end {
                        pen.text_right(right + 1 - NUMBER, right, y, number, style);
                    }
                }
            }
        }
    }
}

/// How many lines all numbers of a layer take.
pub fn rows(layer: &LayerDiagnosis) -> u16 {
    u16::try_from(entries(layer).len()).unwrap_or(u16::MAX)
}

fn entries(layer: &LayerDiagnosis) -> Vec<Entry> {
    let window = layer.main().median.len();
    let mut entries = vec![
        Entry::one("horizon", horizon(layer.horizon, window)).strong(),
        Entry::one("  whole", horizon(layer.whole_horizon, window)),
        Entry::one("r alone", short::short_factor(layer.law.factor)),
        Entry::one("λ_max", exponent(layer)),
        Entry::one("main path", path(layer)).strong(),
    ];
    if let Some(memory) = &layer.memory {
        let (half, most) = (memory.quantile(0.5), memory.quantile(0.9));
        let text = format!("{} steps, 90 % {}", steps(half), steps(most));
        entries.push(Entry::one("half-life", text));
        let bias = layer.keep_bias.unwrap_or(0.0);
        let text = format!("{:.3}, mean bias {bias:.2}", memory.gate);
        entries.push(Entry::one("keep gate", text));
    }
    if let Some(peak) = &layer.peak {
        let growth = short::wide(peak.growth);
        let text = format!("{growth}-fold, {} steps back", peak.back);
        entries.push(Entry::one("largest", text));
    }
    let start = layer.main().median.last().copied().unwrap_or_default();
    entries.push(Entry::one("whole start", short::wide(start)));
    entries.push(Entry::head("matrix", &["ρ", "σ_max"]));
    entries.extend(layer.matrices.iter().map(|matrix| {
        let sizes = [matrix.spectral_radius, matrix.norm];
        Entry::row(matrix.name, sizes.map(short::number).to_vec())
    }));
    entries.push(Entry::head("gate", &["shut", "open", "stuck"]));
    entries.extend(layer.gates.iter().map(|gate| {
        let (shut, open) = (percent(gate.shut), percent(gate.open));
        Entry::row(gate.name, vec![shut, open, stuck(gate).to_string()])
    }));
    entries.push(Entry::head("path", &["part"]));
    let paths = layer.paths.iter();
    entries.extend(paths.map(|(path, part)| Entry::row(short_name(*path), vec![percent(*part)])));
    entries
}

/// A layer in short, for where there are two lines: each a name and a value.
pub(super) fn short(picture: &Picture, row: &Row, look: Look) -> [Vec<Line<'static>>; 2] {
    let layer = row.layer;
    let piece = |name: &str, value: String| {
        Line::from(vec![
            look.span(format!("{name} "), Role::Quiet),
            look.span(value, Role::Text),
        ])
    };
    let mut first = vec![
        piece("horizon", horizon(row.horizon, picture.found.steps)),
        piece("main path", path(layer)),
    ];
    if let Some(memory) = &layer.memory {
        first.push(piece("half-life", steps(memory.quantile(0.5))));
    }
    let mut second = Vec::new();
    let norms = layer.matrices.iter();
    if let Some(matrix) = norms.max_by(|a, b| a.norm.total_cmp(&b.norm)) {
        let size = short::number(matrix.spectral_radius);
        let norm = short::number(matrix.norm);
        second.push(piece("ρ", format!("{size} σ_max {norm} ({})", matrix.name)));
    }
    second.push(piece("λ_max", exponent(layer)));
    let ends = |gate: &GateHealth| gate.shut + gate.open;
    let gates = layer.gates.iter();
    if let Some(gate) = gates.max_by(|a, b| ends(a).total_cmp(&ends(b))) {
        let text = format!("{} shut {} open", percent(gate.shut), percent(gate.open));
        second.push(piece(gate.name, text));
    }
    let all: usize = layer.gates.iter().map(stuck).sum();
    second.push(piece("stuck", all.to_string()));
    [first, second]
}

fn stuck(gate: &GateHealth) -> usize {
    gate.stuck_shut + gate.stuck_open
}

fn horizon(steps: Option<usize>, of: usize) -> String {
    match steps {
        Some(steps) => format!("{steps} of {of} steps"),
        None => format!("beyond {} steps", of - 1),
    }
}

fn exponent(layer: &LayerDiagnosis) -> String {
    match layer.exponent {
        None => "-".to_owned(),
        Some(x) if x.is_finite() => {
            format!("{} per step", short::unsigned_zero(format!("{x:+.4}")))
        }
        Some(_) => "gone".to_owned(),
    }
}

fn path(layer: &LayerDiagnosis) -> String {
    layer.dominant().map_or_else(
        || "-".to_owned(),
        |(path, part)| format!("{} {}", short_name(path), percent(part)),
    )
}

fn percent(part: f64) -> String {
    // Without the sign of a part that is rounded away.
    format!("{:.0} %", (part * 100.0).round() + 0.0)
}

/// A number of steps that may be without end.
fn steps(steps: f64) -> String {
    if steps.is_finite() && steps < 1e5 {
        format!("{steps:.1}")
    } else {
        "> 1e5".to_owned()
    }
}
