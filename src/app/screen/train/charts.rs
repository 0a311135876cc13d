//! Curves over the updates: loss, gradient norm, ρ with f and r, update-to-weight ratio.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Subject;
use crate::app::panel::charted;
use crate::cell::Path;
use crate::train::Kind;
use crate::train::live::history::{LATE, Spread};
use crate::train::live::{Change, Column};
use crate::ui::pen::Pen;
use crate::ui::span::Span;
use crate::ui::theme::Role;
use crate::ui::widget::chart::{Band, Chart, Series};
use crate::words::short::{self, Level};

/// Columns of the numbers at an axis.
pub(super) const GUTTER: u16 = 7;

/// What a chart shows of a run.
pub(super) struct Curves {
    name: &'static str,
    unit: String,
    /// What stands at the right of the title.
    answer: String,
    role: Role,
    series: Vec<Series>,
    /// What each curve is, for the title.
    names: Vec<(&'static str, Style)>,
    /// Lowest and highest of each column.
    band: Option<[Vec<f64>; 2]>,
    /// Columns in which clipping bit.
    clipped: Vec<bool>,
    /// The least range that the axis has.
    range: (f64, f64),
}

impl Curves {
    fn new(name: &'static str, answer: String, series: Vec<Series>, range: (f64, f64)) -> Self {
        Self {
            name,
            unit: "log10".to_owned(),
            answer,
            role: Role::Strong,
            series,
            names: Vec::new(),
            band: None,
            clipped: Vec::new(),
            range,
        }
    }
}

pub(super) fn loss(pen: &Pen, subject: &Subject) -> Curves {
    let chance = subject.trained.chance;
    let answer = match subject.trained.last.as_ref().map(|record| record.loss) {
        Some(loss) if loss.is_finite() => {
            format!("{}, chance {}", short::number(loss), short::number(chance))
        }
        Some(_) => "not finite ▲".to_owned(),
        None => String::new(),
    };
    let line = log(Some(chance));
    let total = pen.look.style(Role::Total);
    let series = vec![
        constant(pen, subject, line),
        curve(subject, total, 'l', |c| log(c.loss.mean())),
    ];
    Curves {
        role: match &subject.trained.ended {
            Some(_) => Role::Explode,
            None => Role::Strong,
        },
        names: vec![("mean", total), ("chance", pen.look.style(Role::Quiet))],
        band: band(subject, |c| c.loss),
        ..Curves::new("loss", answer, series, around(line))
    }
}

pub(super) fn norm(pen: &Pen, subject: &Subject) -> Curves {
    let history = &subject.trained.history;
    let clip = subject.trained.settings.clip;
    let answer = match (clip.threshold(), history.clipped()) {
        (_, None) => String::new(),
        (None, _) => "not clipped".to_owned(),
        (Some(_), Some(part)) => format!("clip {clip}  {:.0} % ×", 100.0 * part),
    };
    let (before, after) = (pen.look.style(Role::Explode), pen.look.style(Role::Total));
    let threshold = log(clip.threshold());
    let mut series = Vec::new();
    let mut names = vec![("before", before)];
    if threshold.is_some() {
        series.push(constant(pen, subject, threshold));
        series.push(curve(subject, after, 'a', |c| log(c.clipped_norm.top())));
        names.extend([
            ("after clipping", after),
            ("θ", pen.look.style(Role::Quiet)),
        ]);
    }
    series.push(curve(subject, before, 'b', |c| log(c.grad_norm.top())));
    let clipped = levels(subject, |c| (c.clipped > 0).then_some(1.0));
    Curves {
        names,
        clipped: clipped.into_iter().map(|level| level.is_some()).collect(),
        ..Curves::new("|g|", answer, series, around(threshold.or(Some(0.0))))
    }
}

pub(super) fn radius(pen: &Pen, subject: &Subject) -> Curves {
    let look = pen.look;
    let lstm = subject.trained.settings.cell == Kind::Lstm;
    let (rho, forget) = (look.theme.path(Path::Block), look.theme.path(Path::Forget));
    let total = look.style(Role::Total);
    let mut series = vec![
        constant(pen, subject, Some(0.0)),
        curve(subject, rho, 'p', |c| log(c.radius.top())),
    ];
    let mut names = vec![(if lstm { "ρ(R_z)" } else { "ρ" }, rho)];
    if lstm {
        series.push(curve(subject, forget, 'f', |c| log(c.forget.mean())));
        names.push(("f", forget));
    }
    // What stands against the line at 1 is what was measured; of a loss on more than the last step it is not.
    let columns = &subject.trained.history.columns;
    if columns.iter().any(|c| c.factor.mean().is_some()) {
        names.push(("r a step back", total));
        series.push(curve(subject, total, 'r', |c| log(c.factor.mean())));
    }
    let mut newest = columns.iter().rev();
    let newest = newest.find_map(|c| Some((c.radius.top()?, c.factor.mean())));
    let answer = newest.map_or_else(String::new, |(rho, r)| {
        let r = r.map_or_else(String::new, |r| format!("  r {}", short::number(r)));
        format!("ρ {}{r}", short::number(rho))
    });
    Curves {
        names,
        ..Curves::new("recurrence", answer, series, (-0.25, 0.25))
    }
}

pub(super) fn ratio(pen: &Pen, subject: &Subject) -> Curves {
    let style = pen.look.style(Role::Total);
    let mut columns = subject.trained.history.columns.iter().rev();
    let newest = columns.find_map(|c| log(c.ratio.top()));
    let answer = newest.map_or_else(String::new, |x| format!("{x:.2}, healthy about −3"));
    let series = vec![
        constant(pen, subject, Some(-3.0)),
        curve(subject, style, 'u', |c| log(c.ratio.top())),
    ];
    Curves {
        names: vec![("an update", style), ("−3", pen.look.style(Role::Quiet))],
        ..Curves::new("|Δw|/|w|", answer, series, (-4.0, -2.0))
    }
}

pub(super) fn clipped(pen: &Pen, subject: &Subject) -> Curves {
    let history = &subject.trained.history;
    let levels: Vec<Level> = history.clipped_of_late().map(percent).collect();
    let late = levels.last().copied().flatten();
    let answer = late.map_or_else(String::new, |late| {
        let all = percent(history.clipped()).unwrap_or(0.0);
        format!("{late:.0} %, of all {all:.0} %")
    });
    let style = pen.look.style(Role::Total);
    let series = vec![series(whole(subject, levels), style, 'c')];
    Curves {
        unit: format!("% of the last {} updates", LATE as u64 * history.per),
        ..Curves::new("clipped", answer, series, (0.0, 100.0))
    }
}

fn percent(part: Option<f64>) -> Level {
    part.map(|part| 100.0 * part)
}

/// log10 of what is positive.
pub(super) fn log(x: Option<f64>) -> Level {
    x.filter(|x| *x > 0.0 && x.is_finite()).map(f64::log10)
}

/// A decade around a level.
fn around(level: Level) -> (f64, f64) {
    let level = level.unwrap_or(0.0);
    (level - 0.5, level + 0.5)
}

/// A level for each column of the whole run.
fn levels(subject: &Subject, of: impl Fn(&Column) -> Level) -> Vec<Level> {
    whole(
        subject,
        subject.trained.history.columns.iter().map(of).collect(),
    )
}

/// Levels of the columns so far, and none for those to come.
fn whole(subject: &Subject, mut levels: Vec<Level>) -> Vec<Level> {
    levels.resize(subject.width().max(levels.len()), None);
    levels
}

fn curve(subject: &Subject, style: Style, letter: char, of: impl Fn(&Column) -> Level) -> Series {
    series(levels(subject, of), style, letter)
}

fn series(levels: Vec<Level>, style: Style, letter: char) -> Series {
    Series {
        levels,
        style,
        letter,
        ..Series::default()
    }
}

fn constant(pen: &Pen, subject: &Subject, level: Level) -> Series {
    Series {
        levels: vec![level; subject.width()],
        style: pen.look.style(Role::Quiet),
        letter: '-',
        dotted: true,
        ..Series::default()
    }
}

/// Lowest and highest of each column, where a column is of several updates.
fn band(subject: &Subject, of: fn(&Column) -> Spread) -> Option<[Vec<f64>; 2]> {
    let history = &subject.trained.history;
    (history.per > 1).then(|| {
        let edge = |edge: fn(&Spread) -> f64, none: f64| {
            let all = levels(subject, |c| log(Some(edge(&of(c)))));
            all.into_iter().map(|x| x.unwrap_or(none)).collect()
        };
        [
            edge(|s| s.low, f64::INFINITY),
            edge(|s| s.high, f64::NEG_INFINITY),
        ]
    })
}

/// Draws a chart of a run; two runs have one axis.
pub(super) fn render(
    pen: &mut Pen,
    area: Rect,
    subject: &Subject,
    build: fn(&Pen, &Subject) -> Curves,
) {
    let look = pen.look;
    let curves = build(pen, subject);
    let all = subject.all().map(|subject| build(pen, &subject));
    let ranges = all.map(|curves| range(&curves, area.height));
    let (low, high) = ranges.fold(range(&curves, area.height), |(low, high), (l, h)| {
        (low.min(l), high.max(h))
    });
    let mut title = subject.title(pen, curves.name, &curves.unit);
    for (name, style) in &curves.names {
        title.push_span(ratatui::text::Span::styled(format!("  {name}"), *style));
    }
    let answer = look.span(curves.answer, curves.role);
    let inner = pen.frame(area, title, answer);
    Chart {
        band: curves.band.as_ref().map(|[low, high]| Band {
            low,
            high,
            style: look.style(Role::Quiet),
        }),
        series: &curves.series,
        steps: subject.width(),
        low,
        high,
        percent: curves.unit.starts_with('%'),
        zero: f64::NAN,
        cursor: subject.cursor.map(|column| column + 1),
        gutter: GUTTER,
        clipped: &curves.clipped,
        ..Chart::default()
    }
    .render(pen, charted(inner));
    time(pen, area, subject, GUTTER);
}

/// From the lowest to the highest of the curves, in halves; where few rows have to hold much, in whole
/// numbers, of which more than one finds its row.
fn range(curves: &Curves, height: u16) -> (f64, f64) {
    let all = curves.series.iter().flat_map(|s| s.levels.iter().flatten());
    let (low, high) = all.fold(curves.range, |(low, high), &x| (low.min(x), high.max(x)));
    let in_parts = |n: f64| ((low * n).floor() / n, (high * n).ceil() / n);
    let (low, high) = in_parts(2.0);
    if height < 10 && high - low > 1.0 {
        return in_parts(1.0);
    }
    (low, high)
}

/// The updates on the lower border, and a mark where something was changed.
pub(super) fn time(pen: &mut Pen, area: Rect, subject: &Subject, gutter: u16) {
    let look = pen.look;
    let history = &subject.trained.history;
    let (first, total) = (history.first, subject.picture.total);
    let plot = Rect::new(
        area.x + 1 + gutter,
        area.bottom().saturating_sub(1),
        area.width.saturating_sub(gutter + 3),
        1,
    );
    if plot.width < 8 || area.height < 3 {
        return;
    }
    let quiet = look.style(Role::Quiet);
    pen.text(plot.x, plot.y, 12, &format!("{} ", first + 1), quiet);
    pen.text_right(plot.x, plot.right(), plot.y, &format!(" {total}"), quiet);
    if plot.width >= 30 {
        let middle = format!(" {} ", first + (total - first) / 2);
        let x = plot.x + plot.width / 2 - look.width(&middle) / 2;
        pen.text(x, plot.y, 14, &middle, quiet);
    }
    let span = Span::new(subject.width(), plot.width);
    for change in &subject.trained.changes {
        // On the axis and not in it, where the numbers are.
        let column = span.column(history.place(change.update) + 1);
        let style = look.style(Role::Key);
        pen.put(plot.x + column, plot.y - 1, mark(change), style);
    }
}

/// What marks a change on the time axis, and where it ends that is taken back.
pub(super) fn mark(change: &Change) -> char {
    if change.undo { '▽' } else { '▲' }
}
