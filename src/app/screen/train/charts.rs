//! Curves over the updates: loss, gradient norm, ρ with f and r, update-to-weight ratio.

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use super::Subject;
use crate::cell::Path;
use crate::train::Kind;
use crate::train::live::Column;
use crate::train::live::history::Spread;
use crate::ui::pen::Pen;
use crate::ui::span::Span;
use crate::ui::theme::Role;
use crate::ui::widget::chart::{Band, Chart, Series};
use crate::words::short::{self, Level};

/// Columns of the numbers at an axis.
pub(super) const GUTTER: u16 = 7;

/// What a chart shows.
struct Curves {
    series: Vec<Series>,
    /// What each curve is, for the title.
    names: Vec<(&'static str, Style)>,
    /// Lowest and highest of each column.
    band: Option<[Vec<f64>; 2]>,
    /// Columns in which clipping bit.
    bitten: Vec<bool>,
    /// The least range that the axis has.
    range: (f64, f64),
}

pub(super) fn loss(pen: &mut Pen, area: Rect, subject: &Subject) {
    let chance = subject.trained.chance;
    let answer = match subject.trained.last.as_ref().map(|record| record.loss) {
        Some(loss) if loss.is_finite() => {
            format!("{}, chance {}", short::number(loss), short::number(chance))
        }
        Some(_) => "not finite ▲".to_owned(),
        None => String::new(),
    };
    let role = match &subject.trained.ended {
        Some(_) => Role::Explode,
        None => Role::Strong,
    };
    let line = log(Some(chance));
    let curves = Curves {
        series: vec![
            constant(pen, subject, line),
            curve(subject, pen.look.style(Role::Total), 'l', |c| {
                log(c.loss.mean())
            }),
        ],
        names: vec![
            ("mean", pen.look.style(Role::Total)),
            ("chance", pen.look.style(Role::Quiet)),
        ],
        band: band(subject, |c| c.loss),
        bitten: Vec::new(),
        range: around(line),
    };
    let title = subject.title(pen, "loss", "log10");
    draw(
        pen,
        area,
        subject,
        curves,
        title,
        pen.look.span(answer, role).into(),
    );
}

pub(super) fn norm(pen: &mut Pen, area: Rect, subject: &Subject) {
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
    let curves = Curves {
        series,
        names,
        band: None,
        bitten: levels(subject, |c| (c.clipped > 0).then_some(1.0))
            .into_iter()
            .map(|level| level.is_some())
            .collect(),
        range: around(threshold.or(Some(0.0))),
    };
    let title = subject.title(pen, "|g|", "log10");
    draw(
        pen,
        area,
        subject,
        curves,
        title,
        pen.look.span(answer, Role::Strong).into(),
    );
}

pub(super) fn radius(pen: &mut Pen, area: Rect, subject: &Subject) {
    let look = pen.look;
    let lstm = subject.trained.settings.cell == Kind::Lstm;
    let (rho, forget) = (look.theme.path(Path::Block), look.theme.path(Path::Forget));
    let total = look.style(Role::Total);
    let mut series = vec![
        constant(pen, subject, Some(0.0)),
        curve(subject, rho, 'p', |c| log(c.radius.top())),
    ];
    let mut names = vec![(if lstm { "ρ(R_z)" } else { "ρ" }, rho)];
    let r: fn(&Column) -> &Spread = if lstm {
        series.push(curve(subject, forget, 'f', |c| log(c.forget.mean())));
        names.extend([("f", forget), ("r = f + i·o·ρ", total)]);
        |c| &c.rest
    } else {
        names.push(("r a step back", total));
        |c| &c.factor
    };
    series.push(curve(subject, total, 'r', |c| log(r(c).mean())));
    let newest = subject
        .trained
        .history
        .columns
        .iter()
        .rev()
        .find_map(|c| Some((c.radius.top()?, r(c).mean())));
    let answer = newest.map_or_else(String::new, |(rho, r)| {
        let r = r.map_or_else(String::new, |r| format!("  r {}", short::number(r)));
        format!("ρ {}{r}", short::number(rho))
    });
    let curves = Curves {
        series,
        names,
        band: None,
        bitten: Vec::new(),
        range: (-0.25, 0.25),
    };
    let title = subject.title(pen, "recurrence", "log10");
    draw(
        pen,
        area,
        subject,
        curves,
        title,
        look.span(answer, Role::Strong).into(),
    );
}

pub(super) fn ratio(pen: &mut Pen, area: Rect, subject: &Subject) {
    let style = pen.look.style(Role::Total);
    let columns = subject.trained.history.columns.iter().rev();
    let newest = columns.clone().find_map(|c| log(c.ratio.top()));
    let answer = newest.map_or_else(String::new, |x| format!("{x:.2}, about −3 is healthy"));
    let curves = Curves {
        series: vec![
            constant(pen, subject, Some(-3.0)),
            curve(subject, style, 'u', |c| log(c.ratio.top())),
        ],
        names: vec![("an update", style), ("−3", pen.look.style(Role::Quiet))],
        band: None,
        bitten: Vec::new(),
        range: (-4.0, -2.0),
    };
    let title = subject.title(pen, "|Δw|/|w|", "log10");
    draw(
        pen,
        area,
        subject,
        curves,
        title,
        pen.look.span(answer, Role::Strong).into(),
    );
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
    let mut levels: Vec<Level> = subject.trained.history.columns.iter().map(of).collect();
    levels.resize(subject.width().max(levels.len()), None);
    levels
}

fn curve(subject: &Subject, style: Style, letter: char, of: impl Fn(&Column) -> Level) -> Series {
    Series {
        levels: levels(subject, of),
        style,
        name: String::new(),
        letter,
        dotted: false,
        end: None,
    }
}

fn constant(pen: &Pen, subject: &Subject, level: Level) -> Series {
    Series {
        levels: vec![level; subject.width()],
        style: pen.look.style(Role::Quiet),
        name: String::new(),
        letter: '-',
        dotted: true,
        end: None,
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

fn draw(pen: &mut Pen, area: Rect, subject: &Subject, curves: Curves, title: Line, answer: Line) {
    let look = pen.look;
    let mut title = title;
    for (name, style) in &curves.names {
        title.push_span(ratatui::text::Span::styled(format!("  {name}"), *style));
    }
    let inner = pen.frame(area, &title, &answer);
    let plot = Rect {
        width: inner.width.saturating_sub(1),
        ..inner
    };
    let all = curves
        .series
        .iter()
        .flat_map(|series| series.levels.iter().flatten());
    let (low, high) = all.fold(curves.range, |(low, high), &x| (low.min(x), high.max(x)));
    let (low, high) = ((low * 2.0).floor() / 2.0, (high * 2.0).ceil() / 2.0);
    let chart = Chart {
        band: curves.band.as_ref().map(|[low, high]| Band {
            low,
            high,
            style: look.style(Role::Quiet),
        }),
        series: &curves.series,
        steps: subject.width(),
        last: None,
        low,
        high,
        zero: f64::NAN,
        cursor: subject.cursor.map(|column| column + 1),
        gutter: GUTTER,
        names: false,
        bitten: &curves.bitten,
    };
    chart.render(pen, plot);
    time(pen, area, subject, GUTTER);
}

/// The updates on the lower border, and a mark where something was changed.
pub(super) fn time(pen: &mut Pen, area: Rect, subject: &Subject, gutter: u16) {
    let look = pen.look;
    let history = &subject.trained.history;
    let (first, total) = (history.first, subject.picture.total);
    let plot = Rect {
        x: area.x + 1 + gutter,
        y: area.bottom().saturating_sub(1),
        width: area.width.saturating_sub(gutter + 3),
        height: 1,
    };
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
    for (update, _) in &subject.trained.changes {
        let column = span.column(history.place(*update) + 1);
        pen.put(plot.x + column, plot.y, '▲', look.style(Role::Key));
    }
}
