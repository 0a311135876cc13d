//! Which panel lies where. Drawing and mouse use the same plan, so that they cannot disagree.
//!
//! Height decides before width. From 60 × 16 on every screen is there; a smaller screen drops detail
//! in this order: explanations, tables, the heat map, curves of single paths, the bars, the frames.
//! Title and hints are everywhere; what lies between them, each screen plans itself, with what is
//! here for several.

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};

use crate::app::action::Control;
use crate::app::panel::Panel;
use crate::app::panel::controls::{ControlLine, OneControl};
use crate::app::panel::ladder::Tiny;
use crate::app::panel::run::Run;
use crate::app::panel::time::Time;
use crate::app::panel::too_small::Instead;
use crate::app::state::App;
use crate::app::view::GUTTER;
use crate::sim::Side;

/// A panel and its place.
#[derive(Debug)]
pub struct Place {
    /// Where it lies.
    pub area: Rect,
    /// What it is.
    pub panel: Box<dyn Panel>,
}

/// Panels and their places.
#[derive(Debug)]
pub struct Plan {
    /// The whole screen.
    pub area: Rect,
    /// Panels and their places.
    pub places: Vec<Place>,
    /// Columns left of every time plot, so that the same t is in the same column everywhere.
    pub gutter: u16,
}

impl Plan {
    /// A screen with nothing on it yet.
    pub fn new(area: Rect) -> Self {
        Self {
            area,
            places: Vec::with_capacity(16),
            gutter: GUTTER,
        }
    }

    /// Puts a panel on a place.
    pub fn put(&mut self, area: Rect, panel: impl Panel + 'static) {
        self.places.push(Place {
            area,
            panel: Box::new(panel),
        });
    }

    /// What lies at a cell.
    pub fn at(&self, column: u16, row: u16) -> Option<&Place> {
        let mut places = self.places.iter();
        places.find(|place| place.area.contains((column, row).into()))
    }
}

/// Left and right half; an odd column goes to the left one.
pub fn halves(area: Rect) -> [Rect; 2] {
    Layout::horizontal([Fill(1), Length(area.width / 2)]).areas(area)
}

/// Two panels that are compared, one above the other: both get the same number of rows, so that
/// they have the same scale. What is below them.
pub fn stacked(area: Rect) -> [Rect; 3] {
    let half = area.height / 2;
    Layout::vertical([Length(half), Length(half), Fill(1)]).areas(area)
}

/// Both totals, in place of a screen that needs more room; its name, unless it is theirs.
pub fn tiny(plan: &mut Plan, body: Rect, instead_of: Option<&'static str>) {
    plan.gutter = 5;
    let says = u16::from(instead_of.is_some());
    let [above, body, time, controls] =
        Layout::vertical([Length(says), Fill(1), Length(1), Length(1)]).areas(body);
    if let Some(name) = instead_of {
        plan.put(above, Instead(name));
    }
    let [left, right, _] = stacked(body);
    plan.put(left, Tiny(Side::Left));
    plan.put(right, Tiny(Side::Right));
    plan.put(time, Time);
    plan.put(controls, ControlLine);
}

/// The controls at the bottom: in frames with the run panel beside them, or in one line. What is left
/// above them.
pub fn controls(plan: &mut Plan, body: Rect, framed: bool) -> Rect {
    if !framed || body.width < 80 {
        let [rest, line] = Layout::vertical([Fill(1), Length(1)]).areas(body);
        plan.put(line, ControlLine);
        return rest;
    }
    let [rest, mut row] = Layout::vertical([Fill(1), Length(4)]).areas(body);
    let n = if row.width >= 100 { 4 } else { 3 };
    for (control, left) in Control::ALL.into_iter().zip((1..=n).rev()) {
        let place;
        [place, row] = Layout::horizontal([Length(row.width / left), Fill(1)]).areas(row);
        plan.put(place, OneControl(control));
    }
    if n == 4 {
        plan.put(row, Run);
    }
    rest
}

/// A panel over the window with the time axis below it.
pub fn timed(plan: &mut Plan, body: Rect, panel: impl Panel + 'static) {
    let [body, time] = Layout::vertical([Fill(1), Length(1)]).areas(body);
    plan.put(body, panel);
    plan.put(time, Time);
}

/// How many terms the gradient of a cell has, once that is known.
pub fn paths(app: &App, side: Side) -> u16 {
    let flow = app.sim.snapshot.as_deref().map(|s| s.flow(side));
    flow.and_then(|flow| u16::try_from(flow.paths.len()).ok())
        .unwrap_or(0)
}
