//! A trained model's layers: the gradient of each over time, and what was found of the selected one.
//!
//! ```text
//! ╭ layers alone  log10 |δc|/|start| ─── layer 0 vanishes first ▼ 7 steps back ─╮
//! │ layer 1                                        ░░░░▒▒▒▒▓▓▓▓████████████████ │
//! │ layer 0                                                    ░░▒▒▓▓▓▓████████ │
//! ╰ noise, 200 steps ───────────────────────────────────────── -8 ░▒▓█ 0 +8 ────╯
//! ```

mod line;
mod map;
pub mod numbers;
mod strips;
pub mod words;

#[rustfmt::skip]
mod keys;
mod plan;
pub mod state;

use std::ops::Range;

use ratatui::layout::Rect;

use crate::app::view::View;
use crate::cell::LayerId;
use crate::num::Wide;
use crate::sim::inspect::{Band, Diagnosis, LayerDiagnosis};
use crate::ui::pen::{Look, Pen};
use crate::ui::span::Span;
use crate::ui::theme::Role;
use crate::ui::widget::ladder::BAND;
use crate::ui::widget::scale::nice;
use crate::words::short;
use crate::words::short::Level;
use crate::words::symbol;
use std::sync::Arc;

use crate::app::action::Action as Any;
use crate::app::effect::{Effect, advance, changed};
use crate::app::has::Has;
use crate::app::panel::{Over, Panel, select};
use crate::app::room::Room;
use crate::app::scroll::Scroll;
use crate::app::selection::moved;
use crate::app::size;
use crate::app::state::App;
use crate::sim::StudyRequest;
use crate::sim::study::Finding;

use keys::KEYS;
pub use state::{Action, State};

/// The screen.
pub static ROOM: Room = Room {
    has: Has::SELECTION
        .and(Has::STEPS)
        .and(Has::CURSOR)
        .and(Has::ENDS)
        .and(Has::TO_PRESETS)
        .and(Has::LIST_HINTS)
        .and(Has::TIME)
        .and(Has::CUTS),
    keys: KEYS,
    only: "layers are told apart on the screen layers",
    least: size::TINY,
    plan: plan::place,
    study: |app| app.screens.layers.steps.map(|_| StudyRequest::Layers),
    window: |app| app.screens.layers.steps,
    scroll: |app| Some(&mut app.screens.layers.words),
    select: |app, by| {
        let rows = app.diagnosis().map_or(0, |found| found.layers.len());
        let state = &mut app.screens.layers;
        let to = moved(state.row.min(rows.saturating_sub(1)), by, rows);
        if to != state.row {
            state.words = Scroll::default();
        }
        changed(&mut state.row, to)
    },
    // Without a model there is no layer to select, no axis and nothing to read.
    hinted: |app, action| {
        let of_model = matches!(
            action,
            Any::Own(_) | Any::Scroll(_) | Any::Select(_) | Any::MoveCursor(_)
        );
        !of_model || app.diagnosis().is_some()
    },
    ..Room::CHART
};

/// Does what can be done here only.
pub fn act(app: &mut App, action: Action) -> Effect {
    match action {
        Action::Whole => advance(&mut app.screens.layers.whole, |whole| !whole),
    }
}

impl App {
    /// The diagnosis of the model, once it is there.
    pub fn diagnosis(&self) -> Option<&Arc<Diagnosis>> {
        match &self.study.found.as_ref()?.finding {
            Ok(Finding::Layers(found)) => Some(found),
            _ => None,
        }
    }

    /// The selected layer.
    pub fn selected_layer(&self) -> Option<&LayerDiagnosis> {
        let rows = self.diagnosis()?.from_top();
        let last = rows.len().checked_sub(1)?;
        rows.get(self.screens.layers.row.min(last)).copied()
    }
}

/// A part of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// All layers over time, in colours.
    Map,
    /// A sparkline of each layer.
    Strips,
    /// The selected layer in numbers.
    Numbers,
    /// The selected layer in two lines.
    Line,
    /// What was found, in words.
    Words,
}

/// What is said where there is no model.
const NO_MODEL: &str = "No trained model is open: rnntop --weights MODEL opens one with a \
                        layer of it in the other screens, rnntop inspect MODEL --live opens it here.";

/// The deepest level that is drawn, where nothing grows as far above the start.
const DEEPEST: f64 = 8.0;

impl Panel for Part {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let part = *self;
        let Some(picture) = Picture::new(view) else {
            return nothing(pen, area, view);
        };
        match part {
            Self::Map => map::render(pen, area, view, &picture),
            Self::Strips => strips::render(pen, area, view, &picture),
            Self::Numbers => numbers::render(pen, area, view, &picture),
            Self::Line => line::render(pen, area, view, &picture),
            Self::Words => words::render(pen, area, view.app, &picture),
        }
    }

    fn over_time(&self) -> Over {
        match self {
            Self::Map | Self::Strips => Over::Frame,
            Self::Numbers | Self::Line | Self::Words => Over::Nothing,
        }
    }

    fn has_names(&self) -> bool {
        *self == Self::Map
    }

    fn press(&self, app: &App, area: Rect, _: u16, row: u16) -> Option<Any> {
        if *self != Self::Map {
            return None;
        }
        select(row_at(&View::new(app), area, row), app.screens.layers.row)
    }

    fn wheel(&self, _: Rect, _: u16, turns: i32) -> Option<Any> {
        Some(match self {
            Self::Words => Any::Scroll(-3 * turns),
            _ => Any::MoveCursor(i64::from(turns)),
        })
    }
}

/// The row of the map at a line of the screen.
pub fn row_at(view: &View, area: Rect, y: u16) -> Option<usize> {
    map::row_at(&Picture::new(view)?, area, y)
}

/// Says why there is nothing to show, or how far it has come.
fn nothing(pen: &mut Pen, area: Rect, view: &View) {
    let look = view.look;
    let failed = view.app.study.found.as_deref();
    let failed = failed.and_then(|study| study.finding.as_ref().err());
    let text = match (
        view.app.screens.layers.steps,
        failed,
        view.app.study.progress,
    ) {
        (None, ..) => NO_MODEL.to_owned(),
        (_, Some(why), _) => why.clone(),
        (.., Some(done)) => format!("computing, {:.0} %", 100.0 * done),
        _ => "computing".to_owned(),
    };
    let title = look.span("layers", Role::Strong);
    let inner = pen.frame(area, title, "");
    let most = inner.width.saturating_sub(4).min(90);
    pen.centred(inner, most, &text, Role::Text);
}

/// The layers as they are drawn.
struct Picture<'a> {
    found: &'a Diagnosis,
    /// From the top layer.
    rows: Vec<Row<'a>>,
    /// The selected row.
    selected: usize,
    /// The layer that the other screens show.
    live: Option<LayerId>,
    /// The common axis, log10 relative to each layer's start.
    low: f64,
    high: f64,
}

/// One layer in one direction.
struct Row<'a> {
    layer: &'a LayerDiagnosis,
    /// Its gradient, by steps as it reads.
    band: &'a Band,
    /// log10 of where its gradient starts.
    start: f64,
    /// Steps back until less than 1 % is left.
    horizon: Option<usize>,
    /// The largest level, relative to the start.
    top: f64,
}

impl<'a> Picture<'a> {
    fn new(view: &View<'a>) -> Option<Self> {
        let found = view.app.diagnosis()?;
        let whole = view.app.screens.layers.whole;
        let row = |layer: &'a LayerDiagnosis| {
            let (band, horizon) = if whole {
                (layer.main(), layer.whole_horizon)
            } else {
                (&layer.alone, layer.horizon)
            };
            let start = band.median.last().filter(|start| !start.is_zero());
            let start = start.map_or(0.0, |start| start.log10());
            Row {
                layer,
                band,
                start,
                horizon,
                top: largest(&band.median).map_or(0.0, |top| top.log10() - start),
            }
        };
        let rows: Vec<Row> = found.from_top().into_iter().map(row).collect();
        let selected = view.app.screens.layers.row.min(rows.len().checked_sub(1)?);
        let (mut low, mut high) = (-1.0f64, 1.0f64);
        for row in &rows {
            let reached = |curve, of: fn(&[Wide]) -> Option<Wide>| {
                of(curve).map_or(0.0, |size| size.log10() - row.start)
            };
            high = high.max(reached(&row.band.high, largest));
            low = low.min(reached(&row.band.low, smallest));
        }
        // The layer that moves least is seen to move; one that vanishes farther leaves the axis.
        let fallen = |row: &Row| {
            let lowest = smallest(&row.band.median);
            lowest.map_or(0.0, |size| row.start - size.log10())
        };
        let moved = rows.iter().map(fallen).filter(|by| *by > BAND);
        let calm = moved.fold(DEEPEST, f64::min);
        let deepest = (2.0 * high.max(calm)).clamp(2.0, DEEPEST.max(2.0 * high));
        low = low.max(-deepest);
        Some(Self {
            found,
            rows,
            selected,
            live: view.app.screens.layers.live,
            low: -nice(-low),
            high: nice(high),
        })
    }

    /// δc or δh.
    fn symbol(&self) -> &'static str {
        symbol(self.found.cell)
    }

    /// The rows that have a place among so many, the selected one with them.
    fn shown(&self, room: usize) -> Range<usize> {
        let count = room.min(self.rows.len());
        let first = (self.selected + 1).saturating_sub(count);
        let last = self.rows.len() - count;
        // As far up as the selection lets it be.
        let first = first.min(last);
        first..first + count
    }

    /// `layer 1 →`; the arrow where there are two directions.
    fn name(&self, row: &Row) -> String {
        match (self.found.bidirectional, row.layer.reverse) {
            (true, false) => format!("{} →", row.layer.id()),
            _ => row.layer.id().to_string(),
        }
    }

    /// Whether the other screens show this layer, of several.
    fn live(&self, row: &Row) -> bool {
        self.rows.len() > 1 && self.live == Some(row.layer.id())
    }

    /// What the model's layers do: the first to explode, else the first to vanish; in fewer words
    /// where there are not so many columns.
    fn answer(&self, look: Look, room: u16) -> (String, Role) {
        let fits = |long: String, short: String| look.fitting(room, long, short);
        if let Some(caution) = self.found.caution() {
            return (fits(caution, "not on your data".to_owned()), Role::Strong);
        }
        let several = self.rows.len() > 1;
        let largest = self.rows.iter().filter(|row| row.layer.explodes());
        if let Some(row) = largest.max_by(|a, b| a.top.total_cmp(&b.top)) {
            let times = short::power_of_ten(row.top);
            let name = self.name(row);
            let text = format!("{name} explodes ▲ {times}-fold");
            return (fits(text, format!("{name} ▲ {times}")), Role::Explode);
        }
        let vanishing: Vec<&Row> = self
            .rows
            .iter()
            .filter(|row| row.layer.vanishes())
            .collect();
        let rate = |row: &Row| row.layer.law.factor.map_or(0.0, Wide::log10);
        let reaches = vanishing.iter().map(|row| (row.horizon, rate(row)));
        let Some(row) = first(reaches).map(|k| vanishing[k]) else {
            let text = "no layer vanishes or explodes ◆".to_owned();
            return (fits(text, "all stable ◆".to_owned()), Role::Stable);
        };
        let at_first = if several { " first" } else { "" };
        let name = self.name(row);
        let (of_all, back) = match row.horizon {
            Some(steps) => (
                format!(" 1 % left {steps} steps back"),
                format!(" {steps} back"),
            ),
            None => (String::new(), String::new()),
        };
        let long = format!("{name} vanishes{at_first} ▼{of_all}");
        (fits(long, format!("{name} ▼{back}")), Role::Vanish)
    }
}

/// Which of some layers vanishes first: the one whose gradient falls below 1 % the fewest steps back, and of those that do
/// not within the window the one with the smallest log10 r.
fn first(reaches: impl Iterator<Item = (Option<usize>, f64)>) -> Option<usize> {
    let back = |horizon: Option<usize>| horizon.unwrap_or(usize::MAX);
    reaches
        .enumerate()
        .min_by(|(_, (a, r)), (_, (b, s))| back(*a).cmp(&back(*b)).then(r.total_cmp(s)))
        .map(|(k, _)| k)
}

impl Row<'_> {
    /// The index of a step t in the curves, which count as the direction reads.
    fn index(&self, t: usize, steps: usize) -> usize {
        if self.layer.reverse { steps - t } else { t - 1 }
    }

    /// A level of one of its curves, relative to the start.
    fn level(&self, size: Wide) -> Level {
        (!size.is_zero()).then(|| size.log10() - self.start)
    }

    /// One of its curves at step t.
    fn at(&self, curve: &[Wide], t: usize) -> Level {
        let index = self.index(t.clamp(1, curve.len().max(1)), curve.len());
        self.level(curve.get(index).copied().unwrap_or_default())
    }

    /// One of its curves over so many columns in the order of time, each the largest of its steps.
    fn columns(&self, curve: &[Wide], width: u16) -> Vec<Level> {
        let steps = curve.len();
        let span = Span::new(steps, width);
        let column = |x: usize| {
            let sizes = span.indices(x).map(|i| curve[self.index(i + 1, steps)]);
            self.level(sizes.fold(Wide::ZERO, |a, b| if b > a { b } else { a }))
        };
        (0..usize::from(width)).map(column).collect()
    }
}

fn largest(curve: &[Wide]) -> Option<Wide> {
    let sizes = curve.iter().copied().filter(|size| !size.is_zero());
    sizes.reduce(|a, b| if b > a { b } else { a })
}

fn smallest(curve: &[Wide]) -> Option<Wide> {
    let sizes = curve.iter().copied().filter(|size| !size.is_zero());
    sizes.reduce(|a, b| if b < a { b } else { a })
}

/// What was measured: `batch.npy, 10 sequences of 200 steps`.
fn source(found: &Diagnosis) -> String {
    // The file's own name: there is little room for its folder.
    let name = found.source.rsplit('/').next().unwrap_or_default();
    match found.sequences {
        1 => format!("{name}, {} steps", found.steps),
        n => format!("{name}, {n} sequences of {} steps", found.steps),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_to_vanish_has_the_nearest_horizon_and_not_the_smallest_factor() {
        let of = |layers: &[(Option<usize>, f64)]| first(layers.iter().copied());
        // Layer 1 has the smaller r, and layer 2 is below 1 % earlier.
        assert_eq!(
            of(&[(None, -0.01), (Some(57), -0.04), (Some(53), -0.03)]),
            Some(2)
        );
        assert_eq!(of(&[(None, -0.01), (None, -0.04)]), Some(1));
        assert_eq!(of(&[]), None);
    }
}
