//! Which panel lies where. Drawing and mouse use the same plan, so that they cannot disagree.
//!
//! Height decides before width. From 60 × 16 on every screen is there; a smaller screen drops detail
//! in this order: explanations, tables, the heat map, curves of single paths, the bars, the frames.
//!
//! ```text
//! S                     M                               L
//! ┌───────────────────┐ ┌─────────────────────────────┐ ┌──────────────────────────────────────────┐
//! │ title             │ │ title                       │ │ title                                    │
//! │ left ladder       │ │ left chart      │ numbers   │ │ left chart     │ right chart  │ numbers  │
//! │ right ladder      │ │ right chart     │ why       │ │ time           │ time         │ why      │
//! │ time              │ │ time            │           │ │ heat map       │ gates        │          │
//! │ bars at t         │ │ heat map        │ bars at t │ │ left bars      │ right bars   │ run      │
//! │ controls          │ │ controls                    │ │ controls                                 │
//! │ keys or a message │ │ keys or a message           │ │ keys or a message                        │
//! └───────────────────┘ └─────────────────────────────┘ └──────────────────────────────────────────┘
//! ```

mod layers;

use ratatui::layout::Rect;

use crate::app::App;
use crate::app::action::Control;
use crate::app::state::Screen;
use crate::sim::Side;
use crate::ui::panel::layers::Part as LayersPart;
use crate::ui::panel::presets;
use crate::ui::panel::spectrum::Part;
use crate::ui::widget::chart::NAMES;

/// The smallest screen that can show each of the screens.
pub const SMALL: (u16, u16) = (60, 16);
/// The smallest screen with anything but a sentence on it.
pub const TINY: (u16, u16) = (40, 12);
const MEDIUM: (u16, u16) = (100, 30);
const LARGE: (u16, u16) = (160, 45);

/// A part of the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Panel {
    /// Program, screens, run state.
    Title,
    /// A cell's total as a ladder in a frame.
    Ladder(Side),
    /// The same without a frame, with the answer above it.
    Tiny(Side),
    /// A cell's total and paths as curves.
    Chart(Side),
    /// The time axis under charts.
    Time,
    /// The paths of a cell at the cursor.
    Bars(Side),
    /// The same in two lines.
    Readout(Side),
    /// Paths over time.
    Heat(Side),
    /// Both cells in numbers.
    Numbers,
    /// What the numbers say, in words.
    Why,
    /// One control in a frame.
    Control(Control),
    /// The three controls in one line.
    Controls,
    /// Loss, gradient norm and clipping while running.
    Run,
    /// Each path of the focused cell over the window.
    Paths,
    /// What they add up to at the cursor, and what a cut changes.
    Parts,
    /// Hop orders over the window.
    Hops,
    /// Hop orders at the cursor.
    Orders,
    /// Gates over the window.
    Gates(Side),
    /// A part of the spectrum of the focused cell.
    Spectrum(Part),
    /// A part of the screen of a model's layers.
    Layers(LayersPart),
    /// The parameter list.
    Parameters,
    /// A path explained.
    Explain,
    /// The presets.
    Presets,
    /// The idea of the selected preset.
    Preset,
    /// The idea of the preset that is shown, with what to press and watch.
    About,
    /// What can be pressed now, or a message.
    Hints,
    /// That the screen needs more room, and what is shown instead.
    Instead,
    /// A sentence with the size that is needed.
    TooSmall,
}

impl Panel {
    /// One of every kind.
    pub const ALL: [Self; 39] = [
        Self::Title,
        Self::Ladder(Side::Left),
        Self::Ladder(Side::Right),
        Self::Tiny(Side::Left),
        Self::Chart(Side::Left),
        Self::Chart(Side::Right),
        Self::Time,
        Self::Bars(Side::Left),
        Self::Bars(Side::Right),
        Self::Readout(Side::Left),
        Self::Heat(Side::Left),
        Self::Numbers,
        Self::Why,
        Self::Control(Control::Forget),
        Self::Controls,
        Self::Run,
        Self::Paths,
        Self::Parts,
        Self::Hops,
        Self::Orders,
        Self::Gates(Side::Left),
        Self::Gates(Side::Right),
        Self::Spectrum(Part::Plane),
        Self::Spectrum(Part::Bounds),
        Self::Spectrum(Part::Product),
        Self::Spectrum(Part::Exponents),
        Self::Layers(LayersPart::Map),
        Self::Layers(LayersPart::Strips),
        Self::Layers(LayersPart::Numbers),
        Self::Layers(LayersPart::Line),
        Self::Layers(LayersPart::Words),
        Self::Parameters,
        Self::Explain,
        Self::Presets,
        Self::Preset,
        Self::About,
        Self::Hints,
        Self::Instead,
        Self::TooSmall,
    ];
}

/// Rows of a panel with a row for each path of a cell with few of them.
const BARS: u16 = 8;

/// The three controls in their order on screen.
pub const CONTROLS: [Control; 3] = [Control::Forget, Control::Radius, Control::Threshold];

/// Panels and their places.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Panels and their places.
    pub places: Vec<(Panel, Rect)>,
    /// Columns left of every time plot, so that the same t is in the same column everywhere.
    pub gutter: u16,
}

impl Plan {
    /// The panel at a cell, with its place.
    #[must_use]
    pub fn at(&self, column: u16, row: u16) -> Option<(Panel, Rect)> {
        self.places
            .iter()
            .copied()
            .find(|(_, r)| r.contains((column, row).into()))
    }
}

/// Columns that a framed time plot leaves free at its right, frame included.
const RIGHT: u16 = 2;

/// The columns of a panel's time plot, for the panels that have one.
#[must_use]
pub fn plot(panel: Panel, area: Rect, gutter: u16) -> Option<Rect> {
    let (left, right) = match panel {
        Panel::Ladder(_)
        | Panel::Chart(_)
        | Panel::Time
        | Panel::Heat(_)
        | Panel::Gates(_)
        | Panel::Hops
        | Panel::Layers(LayersPart::Map | LayersPart::Strips)
        | Panel::Paths => (1 + gutter, RIGHT),
        Panel::Tiny(_) => (gutter, 1),
        _ => return None,
    };
    (area.width > left + right).then(|| Rect {
        x: area.x + left,
        width: area.width - left - right,
        ..area
    })
}

/// Cuts `height` rows off the top.
fn top(area: &mut Rect, height: u16) -> Rect {
    let height = height.min(area.height);
    let cut = Rect { height, ..*area };
    area.y += height;
    area.height -= height;
    cut
}

/// Cuts `height` rows off the bottom.
fn bottom(area: &mut Rect, height: u16) -> Rect {
    let height = height.min(area.height);
    area.height -= height;
    Rect {
        y: area.y + area.height,
        height,
        ..*area
    }
}

/// Cuts `width` columns off the right.
fn right(area: &mut Rect, width: u16) -> Rect {
    let width = width.min(area.width);
    area.width -= width;
    Rect {
        x: area.x + area.width,
        width,
        ..*area
    }
}

fn halves(area: Rect) -> [Rect; 2] {
    let mut left = area;
    let right = right(&mut left, area.width / 2);
    [left, right]
}

/// Whether an area has at least this width and height.
#[must_use]
pub fn at_least(area: Rect, (width, height): (u16, u16)) -> bool {
    area.width >= width && area.height >= height
}

/// Where everything lies.
#[must_use]
pub fn plan(app: &App, area: Rect) -> Plan {
    let mut plan = Plan {
        places: Vec::with_capacity(16),
        gutter: 6,
    };
    if !at_least(area, TINY) {
        plan.places.push((Panel::TooSmall, area));
        return plan;
    }
    let mut body = area;
    plan.places.push((Panel::Title, top(&mut body, 1)));
    plan.places.push((Panel::Hints, bottom(&mut body, 1)));
    match app.screen {
        Screen::Settings => plan.places.push((Panel::Parameters, body)),
        Screen::Explain => plan.places.push((Panel::Explain, body)),
        Screen::Presets => list(&mut plan, body),
        Screen::Layers => layers::place(&mut plan, body, area, app),
        _ if !at_least(area, SMALL) => tiny(&mut plan, body, app),
        Screen::Paths => timed(&mut plan, body, area, app, Panel::Paths),
        Screen::Hops => timed(&mut plan, body, area, app, Panel::Hops),
        Screen::Gates => timed(&mut plan, body, area, app, Panel::Gates(app.focus)),
        Screen::Spectrum => spectrum(&mut plan, body, area, app),
        Screen::Flow if app.zoom => timed(&mut plan, body, area, app, Panel::Chart(app.focus)),
        Screen::Flow if at_least(area, LARGE) => large(&mut plan, body, app),
        Screen::Flow if at_least(area, MEDIUM) => medium(&mut plan, body, app),
        Screen::Flow => small(&mut plan, body, app),
    }
    plan
}

fn tiny(plan: &mut Plan, mut body: Rect, app: &App) {
    plan.gutter = 5;
    if app.screen != Screen::Flow {
        plan.places.push((Panel::Instead, top(&mut body, 1)));
    }
    plan.places.push((Panel::Controls, bottom(&mut body, 1)));
    let time = bottom(&mut body, 1);
    // Both get the same height, so that they have the same scale.
    let half = body.height / 2;
    let left = top(&mut body, half);
    let right = top(&mut body, half);
    plan.places.extend([
        (Panel::Tiny(Side::Left), left),
        (Panel::Tiny(Side::Right), right),
        (Panel::Time, time),
    ]);
}

fn list(plan: &mut Plan, mut body: Rect) {
    let below = (body.height * 3 / 5).min(14);
    let text = if body.width >= 110 {
        // The names and titles come first.
        let left = body.width.saturating_sub(80);
        right(&mut body, left.clamp(40, 58))
    } else {
        bottom(&mut body, below)
    };
    plan.places
        .extend([(Panel::Presets, body), (Panel::Preset, text)]);
}

/// One big panel over the window, with the time axis and the controls below it.
fn timed(plan: &mut Plan, mut body: Rect, area: Rect, app: &App, panel: Panel) {
    plan.gutter = match panel {
        Panel::Chart(_) | Panel::Paths => NAMES,
        Panel::Hops => 8,
        _ => 11,
    };
    controls(plan, &mut body, area.height >= MEDIUM.1);
    beside(plan, &mut body, panel, app);
    let time = bottom(&mut body, 1);
    plan.places.extend([(panel, body), (Panel::Time, time)]);
}

/// What belongs to a big panel and lies below it or at its right.
fn beside(plan: &mut Plan, body: &mut Rect, panel: Panel, app: &App) {
    match panel {
        Panel::Paths => {
            // A frame, the total and every path but the loss, and the time axis.
            let ladders = 3 + paths(app, app.focus);
            let height = match body.height {
                0..12 => 0,
                12..19 => 4,
                19..30 => body.height.saturating_sub(ladders).clamp(7, 8),
                _ => 9,
            };
            plan.places.push((Panel::Parts, bottom(body, height)));
        }
        Panel::Hops if body.width >= 70 => {
            let width = 26 + (body.width - 70) / 8;
            let mut orders = right(body, width);
            // Its lines stand beside those of the map, which has the time axis below it.
            bottom(&mut orders, 1);
            plan.places.push((Panel::Orders, orders));
        }
        _ => {}
    }
}

/// The plane at the left, as wide as its circle is round; beside it what one step can do, and what
/// the window does.
fn spectrum(plan: &mut Plan, mut body: Rect, area: Rect, app: &App) {
    controls(plan, &mut body, area.height >= MEDIUM.1);
    let round = (2 * body.height.saturating_sub(2)).saturating_add(2);
    let least = if body.width >= 100 { 56 } else { 36 };
    let beside = body
        .width
        .saturating_sub(round)
        .clamp(least, 120)
        .min(body.width);
    let mut side = right(&mut body, beside);
    // Its head and a row for each matrix; words where they leave room for the rest.
    let flow = app.snapshot.as_deref().map(|s| s.flow(app.focus));
    let rows = flow.map_or(4, |flow| flow.matrices.len().max(1));
    let words = if side.height >= 24 { 3 } else { 0 };
    let height = u16::try_from(rows).unwrap_or(4) + 3 + words;
    let bounds = top(&mut side, height);
    plan.places.extend([
        (Panel::Spectrum(Part::Plane), body),
        (Panel::Spectrum(Part::Bounds), bounds),
    ]);
    if side.height >= 8 {
        let half = side.height / 2;
        let product = top(&mut side, half);
        plan.places.push((Panel::Spectrum(Part::Product), product));
    }
    plan.places.push((Panel::Spectrum(Part::Exponents), side));
}

/// The controls at the bottom: in frames with the run panel beside them, or in one line.
fn controls(plan: &mut Plan, body: &mut Rect, framed: bool) {
    if !framed || body.width < 80 {
        plan.places.push((Panel::Controls, bottom(body, 1)));
        return;
    }
    let mut row = bottom(body, 4);
    let n = if row.width >= 100 { 4 } else { 3 };
    for (k, control) in CONTROLS.into_iter().enumerate() {
        let width = row.width / (n - u16::try_from(k).unwrap_or(0));
        let mut rest = row;
        rest.x += width;
        rest.width -= width;
        plan.places
            .push((Panel::Control(control), Rect { width, ..row }));
        row = rest;
    }
    if n == 4 {
        plan.places.push((Panel::Run, row));
    }
}

/// How many terms the gradient of a cell has, once that is known.
fn paths(app: &App, side: Side) -> u16 {
    let flow = app.snapshot.as_deref().map(|s| s.flow(side));
    flow.and_then(|flow| u16::try_from(flow.paths.len()).ok())
        .unwrap_or(0)
}

/// The rows of a panel with a row for each term: the usual ones, and more for a cell with many terms
/// as long as that leaves enough.
fn for_paths(app: &App, side: Side, most: u16) -> u16 {
    (paths(app, side) + 2).clamp(BARS, most.max(BARS))
}

fn small(plan: &mut Plan, mut body: Rect, app: &App) {
    let shown = app.detailed();
    controls(plan, &mut body, false);
    if body.width >= 120 {
        // Wide but low: the cells side by side, words beside the bars.
        let half = body.height / 2;
        let mut below = bottom(&mut body, half.min(8));
        let why = right(&mut below, 46);
        plan.places
            .extend([(Panel::Bars(shown), below), (Panel::Why, why)]);
        let time = bottom(&mut body, 1);
        for ((side, ladder), time) in Side::BOTH.into_iter().zip(halves(body)).zip(halves(time)) {
            plan.places
                .extend([(Panel::Ladder(side), ladder), (Panel::Time, time)]);
        }
        return;
    }
    // Two ladders of at least three rows each come first; then the bars take what they need.
    let spare = body.height.saturating_sub(1);
    if spare >= 30 {
        plan.places.push((Panel::Why, bottom(&mut body, 10)));
    }
    if spare >= 16 {
        // Ten rows are two ladders of three with their frames.
        let height = for_paths(app, shown, spare - 10);
        plan.places
            .push((Panel::Bars(shown), bottom(&mut body, height)));
    } else {
        plan.places
            .push((Panel::Readout(shown), bottom(&mut body, 2)));
    }
    let time = bottom(&mut body, 1);
    let half = body.height.div_ceil(2);
    let left = top(&mut body, half);
    plan.places.extend([
        (Panel::Ladder(Side::Left), left),
        (Panel::Ladder(Side::Right), body),
        (Panel::Time, time),
    ]);
}

fn medium(plan: &mut Plan, mut body: Rect, app: &App) {
    plan.gutter = NAMES;
    controls(plan, &mut body, true);
    let side_width = 36 + (body.width - 100) / 6;
    let mut side = right(&mut body, side_width);
    let height = for_paths(app, app.detailed(), body.height / 3);
    let bars = bottom(&mut side, height);
    let heat = bottom(&mut body, height);
    let time = bottom(&mut body, 1);
    let half = side.height / 2 + 1;
    let numbers = top(&mut side, half.min(13));
    let half = body.height.div_ceil(2);
    let left = top(&mut body, half);
    plan.places.extend([
        (Panel::Chart(Side::Left), left),
        (Panel::Chart(Side::Right), body),
        (Panel::Time, time),
        (Panel::Heat(app.detailed()), heat),
        (Panel::Numbers, numbers),
        (Panel::Why, side),
        (Panel::Bars(app.detailed()), bars),
    ]);
}

fn large(plan: &mut Plan, mut body: Rect, app: &App) {
    plan.gutter = NAMES;
    controls(plan, &mut body, true);
    let side_width = 40 + (body.width - 160) / 10;
    let mut side = right(&mut body, side_width);
    let height = for_paths(app, app.detailed(), body.height / 4);
    let bars = bottom(&mut body, height);
    let third = (body.height / 3).clamp(8, 16);
    let lower = bottom(&mut body, third);
    let time = bottom(&mut body, 1);
    let [left, right] = halves(body);
    let [heat, gates] = halves(lower);
    // The heat map and the gates of one cell; a cell with a single path beside it has room for its
    // state below its bars.
    let shown = app.detailed();
    let lone = !app.has_several_paths(shown.other());
    for (side, mut bars) in Side::BOTH.into_iter().zip(halves(bars)) {
        if lone && side != shown {
            let state = bottom(&mut bars, 4);
            plan.places.push((Panel::Gates(side), state));
        }
        plan.places.push((Panel::Bars(side), bars));
    }
    for t in halves(time) {
        plan.places.push((Panel::Time, t));
    }
    let numbers = top(&mut side, 13);
    let about = (side.height.saturating_sub(17)).min(26);
    if side.height >= 34 && presets::shown(app).is_some() {
        plan.places.push((Panel::About, bottom(&mut side, about)));
    }
    plan.places.extend([
        (Panel::Chart(Side::Left), left),
        (Panel::Chart(Side::Right), right),
        (Panel::Heat(shown), heat),
        (Panel::Gates(shown), gates),
        (Panel::Numbers, numbers),
        (Panel::Why, side),
    ]);
}
