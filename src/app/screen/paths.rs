//! Each path of the focused cell over the window on the common log axis: the selected one large
//! beside the total, all of them as ladders of the same height below.

mod parts;

use std::borrow::Cow;

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};
use ratatui::style::Modifier;
use ratatui::text::Line;

use crate::app::action::Action;
use crate::app::effect::Effect;
use crate::app::extents::Axis;
use crate::app::has::Has;
use crate::app::layout::{self, Plan, controls, timed};
use crate::app::panel::chart::{end, of_path, total};
use crate::app::panel::gates::edge_of;
use crate::app::panel::ladder;
use crate::app::panel::select;
use crate::app::panel::{Over, Panel, charted, framed_plot};
use crate::app::room::Room;
use crate::app::selection::moved;
use crate::app::size::MEDIUM;
use crate::app::state::{App, Chosen};
use crate::app::view::{View, question_name, relative};
use crate::flow::Path;
use crate::flow::{Detached, Flow, PathFlow, Question, factor};
use crate::sim::StudyRequest;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::widget::chart::{self, Band, Chart, Series};
use crate::ui::widget::ladder::Ladder;
use crate::ui::widget::scale::{Steps, tick};
use crate::words::fit;
use crate::words::short::{Level, level, short_factor};

use parts::Parts;

/// The screen.
pub static ROOM: Room = Room {
    has: Room::CHART
        .has
        .and(Has::AXIS)
        .and(Has::QUESTION)
        .and(Has::ONE_CELL),
    plan,
    study: |app| {
        let side = app.focus.side;
        (app.sim.settings.detach > 0.0).then_some(StudyRequest::Detach { side })
    },
    select: |app, by| {
        let here = app.path_row();
        match moved(here, by, app.path_rows()) {
            to if to == here => Effect::Unchanged,
            to => app.choose_path(app.of_path_row(to)),
        }
    },
    ..Room::CHART
};

fn plan(app: &App, plan: &mut Plan, body: Rect) {
    plan.gutter = chart::gutter(plan.area.width);
    let framed = plan.area.height >= MEDIUM.1;
    let body = controls(plan, body, framed);
    // A frame, the total and every path but the loss, and the time axis.
    let ladders = 3 + layout::paths(app, app.focus.side);
    let height = match body.height {
        0..12 => 0,
        12..19 => 4,
        19..30 => body.height.saturating_sub(ladders).clamp(7, 8),
        _ => 9,
    };
    let [curves, parts] = Layout::vertical([Fill(1), Length(height)]).areas(body);
    plan.put(parts, Parts);
    timed(plan, curves, Ladders);
}

impl App {
    /// The paths of the focused cell that have curves, in order: all but the loss.
    fn curves(&self) -> impl Iterator<Item = Path> {
        let paths = self.focused_flow().into_iter().flat_map(|flow| &flow.paths);
        paths.map(|p| p.path).filter(|path| *path != Path::Loss)
    }

    /// The rows on the screen of paths: the total, and every path that has a curve.
    pub fn path_rows(&self) -> usize {
        1 + self.curves().count()
    }

    /// The row selected there: 0 is the total, then the paths in their order.
    pub fn path_row(&self) -> usize {
        let first = usize::from(self.curves().next().is_some());
        match self.focus.path {
            Chosen::Nothing => first,
            Chosen::Total => 0,
            Chosen::Path(path) => {
                let row = self.curves().position(|its| its == path);
                row.map_or(first, |row| row + 1)
            }
        }
    }

    /// What a row there is.
    fn of_path_row(&self, row: usize) -> Chosen {
        let path = row.checked_sub(1).and_then(|row| self.curves().nth(row));
        path.map_or(Chosen::Total, Chosen::Path)
    }
}

/// The fewest rows in which a curve is more than a bar.
const LARGE: u16 = 3;

/// How the panel's rows are shared out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rows {
    /// Rows of the large curve; 0 where there is no room for one.
    large: u16,
    /// Rows of each ladder.
    each: u16,
    /// The first ladder that is shown, and how many are.
    shown: (usize, usize),
}

impl Rows {
    /// Every ladder has the same height, so that all have the same scale. Where they do not all fit,
    /// they are scrolled as far as the selected one needs.
    fn new(height: u16, tracks: usize, selected: usize) -> Self {
        let count = u16::try_from(tracks.max(1)).unwrap_or(u16::MAX);
        if height < count.saturating_add(LARGE) {
            let room = usize::from(height.max(1));
            let first = (selected + 1).min(tracks).saturating_sub(room);
            return Self {
                large: 0,
                each: (height / count).max(1),
                shown: (first, tracks.min(room)),
            };
        }
        let each = (height * 3 / 5 / count).clamp(1, 3);
        Self {
            large: height - each * count,
            each,
            shown: (0, tracks),
        }
    }
}

/// What is asked of each path, in words.
fn question(view: &View) -> &'static str {
    match view.question() {
        Question::Share => "its term beside the sum",
        Question::Alone => "the gradient on this path alone",
        Question::Without => "what cutting this path makes of the total",
    }
}

/// What is shown, its unit, the range of every ladder, and what is asked.
fn title(view: &View, steps: Steps) -> Line<'static> {
    let look = view.look;
    let side = view.app.focus.side;
    let s = view.symbol(side);
    let unit = format!("  log10 |·|/|{s}_{}|", view.relative_to());
    let range = format!(
        " {}..{}",
        tick(-(steps.down as f64) * steps.unit),
        tick(steps.up as f64 * steps.unit)
    );
    let asked = question_name(view.question());
    Line::from(vec![
        look.span(format!("{} paths {asked}", view.name(side)), Role::Strong),
        look.span(unit, Role::Quiet),
        look.span(range, Role::Quiet),
        look.span(format!("  {}", question(view)), Role::Quiet),
    ])
}

/// The ladders: the total, and every path but the loss.
fn tracks<'a>(view: &View<'a>, flow: &'a Flow) -> Vec<Option<&'a PathFlow>> {
    let paths = view.shown_paths(flow).into_iter().map(Some);
    std::iter::once(None).chain(paths).collect()
}

/// Each path of the focused cell over the window.
#[derive(Clone, Copy, Debug)]
pub struct Ladders;

impl Panel for Ladders {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let look = view.look;
        let side = view.app.focus.side;
        let (Some(flow), Some(plot)) = (view.flow(side), framed_plot(area, view.gutter)) else {
            let title = look.span("paths", Role::Strong);
            pen.frame(area, title, "");
            return;
        };
        let tracks = tracks(view, flow);
        let height = area.height.saturating_sub(2);
        let rows = Rows::new(height, tracks.len(), view.app.path_row());
        let Axis { low, high } = view.drawn_axis();
        let steps = Steps::new(low, high, usize::from(rows.each));
        let answer = ladder::answer(view, side, (area.width / 2).saturating_sub(4));
        let inner = pen.frame(area, title(view, steps), answer);
        let (first, shown) = rows.shown;
        below(pen, area, view, [first, tracks.len() - first - shown]);
        let mut y = inner.y;
        if rows.large > 0 {
            let [place, _] = Layout::vertical([Length(rows.large), Fill(1)]).areas(charted(inner));
            large(pen, place, view, flow);
            y += rows.large;
        }
        for path in tracks.into_iter().skip(first) {
            let height = rows.each.min(inner.bottom().saturating_sub(y));
            if height == 0 {
                break;
            }
            track(pen, Rect { y, height, ..inner }, plot, view, flow, path);
            y += height;
        }
    }

    fn over_time(&self) -> Over {
        Over::Curves
    }

    fn has_names(&self) -> bool {
        true
    }

    fn press(&self, app: &App, area: Rect, _: u16, row: u16) -> Option<Action> {
        select(row_at(&View::new(app), area, row), app.path_row())
    }
}

/// How to choose a path and what to do with it; how many are not shown, above and below.
fn below(pen: &mut Pen, area: Rect, view: &View, [above, under]: [usize; 2]) {
    let look = view.look;
    let more = match (above, under) {
        (0, 0) => String::new(),
        (0, under) => format!("{under} more below  "),
        (above, 0) => format!("{above} more above  "),
        (above, under) => format!("{above} more above, {under} below  "),
    };
    let mut left = vec![look.span(more, Role::Strong), look.span("↑↓", Role::Key)];
    if above + under == 0 || area.width >= 64 {
        left.extend([
            look.span(" path  ", Role::Quiet),
            look.span("x", Role::Key),
            look.span(" and its letter cut it", Role::Quiet),
        ]);
    } else {
        left.push(look.span(" path", Role::Quiet));
    }
    let draws = view.detached().map(|detached| {
        let (p, draws) = (detached.probability, detached.draws);
        let text = format!("h-detach p {p}: mean and range of {draws} draws");
        look.span(text, Role::Text)
    });
    let waits = || {
        view.app.study.asked.as_ref()?;
        let text = format!("h-detach: {}", view.study_state()?);
        Some(look.span(text, Role::Quiet))
    };
    pen.lower(area, left, draws.or_else(waits).unwrap_or_default());
}

/// The draws of h-detach as the chart needs them: lowest and highest level of every step.
fn band(detached: &Detached) -> [Vec<f64>; 2] {
    let reference = detached.reference();
    [&detached.low, &detached.high].map(|curve| edge_of(relative(curve, reference)))
}

/// The selected path and the total as curves, and the draws of h-detach.
fn large(pen: &mut Pen, area: Rect, view: &View, flow: &Flow) {
    let side = view.app.focus.side;
    let quiet = view.look.style(Role::Quiet);
    let mut series = Vec::new();
    let detached = view.detached();
    if let Some(detached) = detached {
        series.push(Series {
            levels: relative(&detached.mean, detached.reference()),
            style: view.look.style(Role::Stable),
            name: "detach".to_owned(),
            letter: 'd',
            end: end(factor(&detached.mean, 1), flow),
            ..Series::default()
        });
    }
    let path = view
        .selected_path(flow)
        .filter(|p| !view.is_cut(p.path) || view.question() == Question::Without);
    if let Some(path) = path {
        series.push(of_path(view, side, flow, path, false));
    }
    series.push(total(view, side, flow, path.is_some()));
    // What is drawn last is on top: the path that was selected.
    if path.is_some() {
        let last = series.len() - 1;
        series.swap(last - 1, last);
    }
    let band = detached.map(band);
    Chart {
        series: &series,
        band: band.as_ref().map(|[low, high]| Band {
            low,
            high,
            style: quiet,
        }),
        steps: view.steps(),
        low: view.low,
        high: view.high,
        cursor: Some(view.cursor()),
        gutter: view.gutter,
        ..Chart::default()
    }
    .render(pen, area);
}

/// One ladder with its name and numbers at its left.
fn track(pen: &mut Pen, row: Rect, plot: Rect, view: &View, flow: &Flow, path: Option<&PathFlow>) {
    let look = view.look;
    let side = view.app.focus.side;
    let style = path.map_or(look.style(Role::Total), |p| look.theme.path(p.path));
    let cut = path.is_some_and(|p| view.is_cut(p.path));
    let hidden = cut && view.question() != Question::Without;
    let (levels, rate): (Vec<Level>, _) = match path {
        _ if hidden => (Vec::new(), None),
        None => (view.total(side), flow.factor_per_step()),
        Some(p) => (view.drawn(side, p), factor(p.curve(view.question()), 1)),
    };
    // The axis keeps a column between the numbers and the bars.
    let end = plot.x.saturating_sub(1);
    let mut room = end.saturating_sub(row.x + 1);
    let here = levels.get(view.cursor() - 1).copied();
    let beside = row.height == 1;
    let name = path.map_or(Cow::Borrowed("total"), |p| view.path_name(p.path));
    let text = match here {
        Some(here) => {
            let text = level(here).trim_start().to_owned();
            let both = look.width(&name) + 1 + look.width(&text);
            match here {
                // The name matters more than the decimals.
                Some(v) if beside && both > room => format!("{v:+.0}"),
                _ => text,
            }
        }
        None => String::new(),
    };
    let y = if beside { row.y } else { row.y + 1 };
    pen.text_right(row.x + 1, end, y, &text, look.style(Role::Text));
    if beside && !text.is_empty() {
        room = room.saturating_sub(look.width(&text) + 1);
    }
    if row.height > 2 && (path.is_none() || view.question() != Question::Share) {
        let rate = format!("r {}", short_factor(rate));
        let (y, quiet) = (row.y + 2, look.style(Role::Quiet));
        pen.text_right(row.x + 1, end, y, &rate, quiet);
    }
    let selected = view.selected_path(flow).map(|p| p.path) == path.map(|p| p.path);
    if selected {
        pen.put(row.x, row.y, '▸', look.style(Role::Focus));
    }
    let name_style = if cut {
        style.add_modifier(Modifier::CROSSED_OUT)
    } else {
        style.add_modifier(Modifier::BOLD)
    };
    let name = fit::fit(&name, usize::from(room));
    pen.text(row.x + 1, row.y, room, &name, name_style);
    if hidden {
        let quiet = look.style(Role::Quiet);
        pen.text(plot.x, row.y, plot.width, "✂ cut", quiet);
        return;
    }
    let Axis { low, high } = view.drawn_axis();
    Ladder {
        levels: &levels,
        low,
        high,
        changes: view.changes() && path.is_some(),
        cursor: Some(view.cursor()),
        style: path.map(|_| style),
        clipped: match path {
            Some(_) => &[],
            None => ladder::clipped(view, side),
        },
        ..Ladder::default()
    }
    .render(pen, row.intersection(plot));
}

/// The row of the ladder at a place, from 0, for the mouse.
pub fn row_at(view: &View, area: Rect, y: u16) -> Option<usize> {
    let flow = view.flow(view.app.focus.side)?;
    let count = tracks(view, flow).len();
    let rows = Rows::new(area.height.saturating_sub(2), count, view.app.path_row());
    let top = area.y + 1 + rows.large;
    let row = usize::from(y.checked_sub(top)? / rows.each);
    let (first, shown) = rows.shown;
    (row < shown).then_some(first + row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_large_curve_takes_what_the_ladders_leave() {
        let rows = |height, tracks| {
            let Rows { large, each, .. } = Rows::new(height, usize::from(tracks), 0);
            assert!(large + each * tracks <= height.max(tracks));
            (large, each)
        };
        assert_eq!(rows(10, 6), (4, 1));
        assert_eq!(rows(22, 6), (10, 2));
        assert_eq!(rows(7, 6), (0, 1));
        assert_eq!(rows(40, 2), (34, 3));
        assert_eq!(rows(0, 9), (0, 1));
    }

    #[test]
    fn the_selected_ladder_is_always_shown() {
        let shown = |height, tracks, selected| Rows::new(height, tracks, selected).shown;
        assert_eq!(shown(10, 6, 5), (0, 6));
        assert_eq!(shown(9, 12, 0), (0, 9));
        assert_eq!(shown(9, 12, 8), (0, 9));
        assert_eq!(shown(9, 12, 9), (1, 9));
        assert_eq!(shown(9, 12, 11), (3, 9));
        assert_eq!(shown(9, 12, 40), (3, 9));
    }
}
