//! The map itself: colours, the contour of factor 1, the dot, and the axes in numbers.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;

use super::chart::{Along, Chart, level};
use super::state::{Action, Measure};
use super::words;
use crate::app::action::Action as Any;
use crate::app::panel::{Panel, heat};
use crate::app::screen::Own;
use crate::app::state::App;
use crate::app::view::View;
use crate::sweep::Why;
use crate::ui::pen::{Look, Pen};
use crate::ui::theme::Role;
use crate::ui::widget::dots::{Dots, grid};
use crate::ui::widget::map::{self, per_line, sign};
use crate::ui::widget::scale::nice;
use crate::words::short::{self, Level};

/// Columns for the numbers of the vertical axis.
const GUTTER: u16 = 8;
/// The part of all points that the colours tell apart.
const WITHIN: f64 = 0.85;

/// The panel.
#[derive(Clone, Copy, Debug)]
pub struct Map;

impl Panel for Map {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let look = view.look;
        let state = &view.app.screens.phase;
        let side = view.app.focus.side;
        let name = format!("{}  ", view.name(side));
        let title = look.title(name, title(state.measure, state.chart()));
        let answer = view.flow(side).and_then(|flow| {
            let (text, standing) = short::headline_of(flow.law.as_ref()?)?;
            let role = if view.app.judges(side) {
                standing.into()
            } else {
                Role::Strong
            };
            Some(look.span(text, role))
        });
        let inner = pen.frame(area, title, answer.unwrap_or_default());
        let mute = state.measure == Measure::Paths && !view.app.judges(side);
        let chart = state.chart().filter(|_| !mute);
        let (Some(chart), Some(plot)) = (chart, plot(area)) else {
            let text = match &state.refusal {
                _ if mute => "not on your data: no cause is told of your model",
                Some(refusal) => refusal,
                None => "computing",
            };
            let lines = look.wrap(text, usize::from(inner.width.max(1)));
            for (y, text) in (inner.y + inner.height / 2..inner.bottom()).zip(lines) {
                pen.text(inner.x + 1, y, inner.width, &text, look.style(Role::Quiet));
            }
            return;
        };
        axes(pen, area, plot, chart);
        if state.measure == Measure::Paths {
            paths(pen, plot, chart);
        } else {
            let reach = reach(chart, state.measure);
            let taken = look.width(chart.spec.x().title()) + 4;
            let y = area.bottom().saturating_sub(1);
            heat::scale(pen, area, y, taken, reach, sign);
            colours(pen, plot, chart, state.measure, reach);
        }
        contour(pen, plot, chart);
        dot(pen, plot, chart, view.app);
    }

    fn press(&self, app: &App, area: Rect, column: u16, row: u16) -> Option<Any> {
        put(app, area, column, row)
    }

    fn drag(&self, app: &App, area: Rect, column: u16, row: u16) -> Option<Any> {
        put(app, area, column, row)
    }

    fn wheel(&self, _: Rect, _: u16, turns: i32) -> Option<Any> {
        Some(Any::Own(Own::Phase(Action::Zoom(turns.signum()))))
    }
}

/// What the mouse asks for: the dot on the nearest values.
fn put(app: &App, area: Rect, column: u16, row: u16) -> Option<Any> {
    let plot = plot(area)?;
    if !plot.contains((column, row).into()) {
        return None;
    }
    let chart = app.screens.phase.chart()?;
    let [u, v] = Sampling::of(plot, chart, (1, 1))
        .place(usize::from(column - plot.x), usize::from(row - plot.y));
    let put = Action::Put(u.round() as usize, v.round() as usize);
    Some(Any::Own(Own::Phase(put)))
}

fn title(measure: Measure, chart: Option<&Chart>) -> String {
    let steps = chart.map_or("T".to_owned(), |chart| {
        let varies = [chart.spec.x(), chart.spec.y()].map(|axis| axis.name() == "steps");
        if varies.contains(&true) {
            "T".to_owned()
        } else {
            chart.spec.settings().steps.to_string()
        }
    });
    match measure {
        Measure::Window => format!("log10 of the factor over {steps} steps"),
        Measure::Step => "log10 of the factor per step r".to_owned(),
        Measure::Exponent => "largest Lyapunov exponent λ_1".to_owned(),
        Measure::Paths => "which path makes it grow, or die out".to_owned(),
    }
}

/// Where the plane lies: below the name of the vertical axis, above the numbers of the other one.
fn plot(area: Rect) -> Option<Rect> {
    let fits = area.width > GUTTER + 12 && area.height > 7;
    fits.then(|| {
        let (width, height) = (area.width - GUTTER - 3, area.height - 4);
        Rect::new(area.x + 1 + GUTTER, area.y + 2, width, height)
    })
}

/// How the places of a picture fall on the map: the outermost ones are the ends of the axes.
struct Sampling {
    columns: f64,
    rows: f64,
    width: f64,
    height: f64,
}

impl Sampling {
    /// So many columns and rows in each cell.
    fn of(plot: Rect, chart: &Chart, (dx, dy): (usize, usize)) -> Self {
        let last = |cells: u16, each: usize| (usize::from(cells) * each).saturating_sub(1).max(1);
        Self {
            columns: last(plot.width, dx) as f64,
            rows: last(plot.height, dy) as f64,
            width: (chart.spec.width() - 1) as f64,
            height: (chart.spec.height() - 1) as f64,
        }
    }

    fn place(&self, column: usize, row: usize) -> [f64; 2] {
        let u = column as f64 / self.columns * self.width;
        let v = (1.0 - row as f64 / self.rows) * self.height;
        [u.clamp(0.0, self.width), v.clamp(0.0, self.height)]
    }

    fn column(&self, u: f64) -> u16 {
        (u / self.width.max(1.0) * self.columns).round() as u16
    }

    fn row(&self, v: f64) -> u16 {
        ((1.0 - v / self.height.max(1.0)) * self.rows).round() as u16
    }
}

/// The level of the outermost colour: most of the map lies within.
fn reach(chart: &Chart, measure: Measure) -> f64 {
    let levels = chart.points().filter_map(|point| level(point, measure));
    let mut sizes: Vec<f64> = levels.map(f64::abs).collect();
    if sizes.is_empty() {
        return 1.0;
    }
    let at = ((sizes.len() - 1) as f64 * WITHIN) as usize;
    let (_, size, _) = sizes.select_nth_unstable_by(at, f64::total_cmp);
    nice(size.max(0.05))
}

fn colours(pen: &mut Pen, plot: Rect, chart: &Chart, measure: Measure, reach: f64) {
    let per = per_line(pen.look);
    let sampling = Sampling::of(plot, chart, (1, usize::from(per)));
    let levels = |row| {
        let at = |column| {
            let [u, v] = sampling.place(column, row);
            chart.at(measure, u, v)
        };
        (0..usize::from(plot.width)).map(at).collect()
    };
    let rows: Vec<Vec<Level>> = (0..usize::from(plot.height * per)).map(levels).collect();
    map::Map {
        rows: &rows,
        reach,
        cursor: None,
    }
    .render(pen, plot, per);
}

/// The letter of the path that makes it grow, bold, or die out; a point where it does neither.
fn paths(pen: &mut Pen, plot: Rect, chart: &Chart) {
    let sampling = Sampling::of(plot, chart, (1, 1));
    for row in 0..plot.height {
        for column in 0..plot.width {
            let [u, v] = sampling.place(usize::from(column), usize::from(row));
            let Some(point) = chart.nearest(u, v) else {
                continue;
            };
            let Why::Paths(paths) = point.why else {
                continue;
            };
            let one = paths.paths().next().filter(|_| paths.paths().count() == 1);
            let style = one.map_or(Style::new(), |path| pen.look.theme.path(path));
            let style = if point.log10_growth > 0.0 {
                style.add_modifier(Modifier::BOLD)
            } else {
                style.add_modifier(Modifier::DIM)
            };
            pen.put(plot.x + column, plot.y + row, words::letter(paths), style);
        }
    }
}

/// The line on which the factor is 1.
fn contour(pen: &mut Pen, plot: Rect, chart: &Chart) {
    let marker = pen.look.marker;
    let (dx, dy) = grid(marker);
    let sampling = Sampling::of(plot, chart, (dx, dy));
    let (columns, rows) = (usize::from(plot.width) * dx, usize::from(plot.height) * dy);
    let signs = |row: usize| -> Vec<Option<bool>> {
        let at = |column| {
            let [u, v] = sampling.place(column, row);
            chart.at(Measure::Window, u, v).map(|level| level > 0.0)
        };
        (0..columns).map(at).collect()
    };
    let theme = pen.look.theme;
    let style = if theme.needs_shades() || pen.look.is_ascii() {
        pen.look.style(Role::Strong)
    } else {
        // The line in the colour of the background, on that of factor 1.
        theme.heat(0).add_modifier(Modifier::REVERSED)
    };
    let mut dots = Dots::new(plot, marker);
    let mut this = signs(0);
    for row in 0..rows {
        let below = if row + 1 < rows {
            signs(row + 1)
        } else {
            Vec::new()
        };
        for column in 0..columns {
            let Some(here) = this[column] else { continue };
            let differs = |other: Option<&Option<bool>>| {
                other.copied().flatten().is_some_and(|other| other != here)
            };
            if differs(this.get(column + 1)) || differs(below.get(column)) {
                dots.set(pen, column, row, '*', style);
            }
        }
        this = below;
    }
}

/// Where the live cell stands; beyond the map, at its border.
fn dot(pen: &mut Pen, plot: Rect, chart: &Chart, app: &App) {
    let [Some(u), Some(v)] = chart.here(&app.sim.settings) else {
        return;
    };
    let sampling = Sampling::of(plot, chart, (1, 1));
    let (x, y) = (plot.x + sampling.column(u), plot.y + sampling.row(v));
    pen.put(x, y, '●', pen.look.style(Role::Selected));
}

/// Numbers and names of both axes.
fn axes(pen: &mut Pen, area: Rect, plot: Rect, chart: &Chart) {
    let look = pen.look;
    let (quiet, strong) = (look.style(Role::Quiet), look.style(Role::Strong));
    let up = if look.is_ascii() { "^" } else { "↑" };
    let name = format!("{} {up}", chart.spec.y().title());
    let x = area.x + 2;
    let taken = pen.text(x, area.y + 1, area.width.saturating_sub(4), &name, strong);
    let line = legend(look);
    let width = look.line_width(&line);
    let end = plot.right();
    if x + taken + 2 + width <= end {
        pen.line(end - width, area.y + 1, width, &line);
    }
    let name = format!("{} →", chart.spec.x().title());
    pen.lower(area, look.span(name, Role::Strong), "");
    let sampling = Sampling::of(plot, chart, (1, 1));
    let mut free = None;
    for (place, number) in ticks(chart.numbers(Along::Y), usize::from(plot.height) / 3) {
        let row = sampling.row(place);
        // From below; a row between two numbers stays free.
        if free.is_none_or(|free| row < free) {
            let text = number.to_string();
            pen.text_right(area.x + 1, plot.x - 1, plot.y + row, &text, quiet);
            free = Some(row.saturating_sub(1));
        }
    }
    let mut free = area.x + 1;
    for (place, number) in ticks(chart.numbers(Along::X), usize::from(plot.width) / 10) {
        let text = number.to_string();
        let width = look.width(&text);
        let x = plot.x + sampling.column(place);
        let x = x
            .saturating_sub(width / 2)
            .min(plot.right().saturating_sub(width));
        if x >= free {
            pen.text(x, plot.bottom(), width, &text, quiet);
            free = x + width + 2;
        }
    }
}

/// What the line and the dot are.
fn legend(look: Look) -> Line<'static> {
    let line = if look.is_ascii() { "***" } else { "⠤⠒⠉" };
    Line::from(vec![
        look.span(line, Role::Strong),
        look.span(" factor 1   ", Role::Quiet),
        look.span("●", Role::Selected),
        look.span(" here", Role::Quiet),
    ])
}

/// Places and numbers of an axis that are worth writing, about so many: round ones, or all where they
/// are not even.
fn ticks(numbers: &[f64], wanted: usize) -> Vec<(f64, f64)> {
    let (Some(first), Some(last)) = (numbers.first(), numbers.last()) else {
        return Vec::new();
    };
    let even = numbers.len() > 20;
    let step = nice((last - first) / wanted.max(1) as f64);
    let is_round = |x: f64| ((x / step) - (x / step).round()).abs() < 1e-6;
    let places = numbers.iter().enumerate();
    places
        .filter(|(_, number)| !even || is_round(**number))
        .map(|(place, number)| (place as f64, *number))
        .collect()
}
