//! The panels that several screens have, one file each, and what a panel is: it draws itself from the
//! view and nothing else, and says what a press or the wheel means on it.

pub mod bars;
pub mod chart;
pub mod controls;
pub mod front;
pub mod gates;
pub mod heat;
pub mod ladder;
pub mod list;
pub mod run;
pub mod strip;
pub mod time;
pub mod too_small;

use std::fmt::Debug;

use ratatui::layout::Rect;

use crate::app::action::Action;
use crate::app::state::App;
use crate::app::view::View;
use crate::ui::pen::Pen;

/// A part of the screen.
pub trait Panel: Debug {
    /// Draws it.
    fn render(&self, pen: &mut Pen, area: Rect, view: &View);

    /// What it shows over the steps of the window.
    fn over_time(&self) -> Over {
        Over::Nothing
    }

    /// What a press does, outside the time plot.
    fn press(&self, app: &App, area: Rect, column: u16, row: u16) -> Option<Action> {
        let _ = (app, area, column, row);
        None
    }

    /// What the mouse does while it is pressed and moves, outside a time plot.
    fn drag(&self, app: &App, area: Rect, column: u16, row: u16) -> Option<Action> {
        let _ = (app, area, column, row);
        None
    }

    /// What the wheel does, turned up (+1) or down (-1).
    fn wheel(&self, area: Rect, column: u16, turns: i32) -> Option<Action> {
        let _ = (area, column);
        Some(Action::MoveCursor(i64::from(turns)))
    }

    /// Whether a press left of the time plot means something of its own.
    fn has_names(&self) -> bool {
        false
    }
}

/// What a panel shows over the steps of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Nothing.
    Nothing,
    /// A time plot in a frame.
    Frame,
    /// Curves in a frame, along which the gradient is seen to travel.
    Curves,
    /// Such curves without a frame, below a line of text.
    Bare,
}

impl Over {
    /// The columns of the time plot, where there is room for one; `gutter` columns are left of every plot.
    pub fn plot(self, area: Rect, gutter: u16) -> Option<Rect> {
        match self {
            Self::Nothing => None,
            Self::Frame | Self::Curves => framed_plot(area, gutter),
            Self::Bare => plot(area, gutter, 1),
        }
    }

    /// Where the curves stand.
    pub fn curves(self, area: Rect, gutter: u16) -> Option<Rect> {
        let rows = match self {
            Self::Nothing | Self::Frame => return None,
            Self::Curves => 2,
            Self::Bare => 1,
        };
        let plot = self.plot(area, gutter)?;
        Some(Rect {
            y: plot.y + 1,
            height: plot.height.saturating_sub(rows),
            ..plot
        })
    }
}

/// Columns that a framed time plot leaves free at its right, frame included.
const RIGHT: u16 = 2;

/// Draws a panel within its place.
pub fn render(panel: &dyn Panel, pen: &mut Pen, area: Rect, view: &View) {
    let area = area.intersection(pen.buf.area);
    if !area.is_empty() {
        pen.within(area, |pen| panel.render(pen, area, view));
        if let Some(curves) = panel.over_time().curves(area, view.gutter) {
            front::veil(pen, curves, view);
        }
    }
}

/// The time plot of a panel in a frame.
pub fn framed_plot(area: Rect, gutter: u16) -> Option<Rect> {
    plot(area, 1 + gutter, RIGHT)
}

/// What a chart takes of the inside of a frame: a column at its right stays free.
pub fn charted(inner: Rect) -> Rect {
    Rect {
        width: inner.width.saturating_sub(1),
        ..inner
    }
}

/// The columns that so many at the left and at the right leave.
fn plot(area: Rect, left: u16, right: u16) -> Option<Rect> {
    (area.width > left + right).then(|| Rect {
        x: area.x + left,
        width: area.width - left - right,
        ..area
    })
}

/// Selects a row instead of the one that is selected now.
pub fn select(row: Option<usize>, now: usize) -> Option<Action> {
    let distance = i64::try_from(row?).ok()? - i64::try_from(now).ok()?;
    Some(Action::Select(i32::try_from(distance).ok()?))
}
