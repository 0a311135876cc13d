//! Pure drawing of a view: theme, layout, widgets, one file per panel.
//!
//! [`draw`] reads the state and nothing else: no clock, no terminal, no environment. [`layout`] says
//! which panel lies where, for drawing and for the mouse alike; [`view`] works the frame's numbers
//! out once; a [`panel`] turns them into text and [`widget`]s, which know no cell and no path.

pub mod layout;
pub mod panel;
pub mod pen;
pub mod span;
pub mod theme;
pub mod view;
pub mod widget;
pub mod words;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::keys::{Mouse, MouseKind};
use crate::app::state::Popup;
use crate::app::{Action, App};
use crate::ui::layout::{Panel, plan, plot};
use crate::ui::panel::layers::Part;
use crate::ui::pen::{Look, Pen};
use crate::ui::span::Span;
use crate::ui::view::View;

/// Draws one frame.
pub fn draw(frame: &mut Frame, app: &App) {
    let area = frame.area();
    let view = View::new(app);
    let mut pen = Pen::new(frame.buffer_mut(), Look::of(app));
    let plan = plan(app, area);
    for (panel, place) in &plan.places {
        panel::render(&mut pen, *place, &view, *panel, plan.gutter);
    }
    panel::popup::render(&mut pen, area, &view);
}

/// What a mouse event means on the screen that [`draw`] draws on this area.
#[must_use]
pub fn mouse(app: &App, area: Rect, event: Mouse) -> Option<Action> {
    match (&app.popup, event.kind) {
        (Some(Popup::Help(_)), MouseKind::Wheel(n)) => return Some(Action::Scroll(-n)),
        (Some(Popup::Palette { .. }), kind) => {
            let place = panel::palette::place(area);
            return match kind {
                MouseKind::Wheel(n) => Some(Action::Select(-n)),
                MouseKind::Press => panel::palette::step_to(app, place, event.column, event.row),
                MouseKind::Drag => None,
            };
        }
        (Some(_), _) => return None,
        (None, _) => {}
    }
    let plan = plan(app, area);
    let (panel, place) = plan.at(event.column, event.row)?;
    match event.kind {
        MouseKind::Wheel(n) => wheel(panel, place, event.column, n),
        MouseKind::Press | MouseKind::Drag => {
            if let Some(plot) = plot(panel, place, plan.gutter) {
                let beside = event.kind == MouseKind::Press && event.column < plot.left();
                if matches!(panel, Panel::Paths | Panel::Layers(Part::Map)) && beside {
                    return press(app, panel, place, event);
                }
                return cursor(app, plot, event.column);
            }
            if event.kind == MouseKind::Drag {
                return None;
            }
            press(app, panel, place, event)
        }
    }
}

/// An action as it is meant on the screen that [`draw`] draws on this area: scrolling a page or words
/// ends where they do.
#[must_use]
pub fn settled(app: &App, area: Rect, action: Action) -> Action {
    let plan = plan(app, area);
    let Action::Scroll(by) = action else {
        return action;
    };
    if app.popup.is_some() {
        return action;
    }
    let mut places = plan.places.iter();
    let scrolled = places.find_map(|(panel, place)| match panel {
        Panel::Explain => Some(panel::explain::scrolled(app, *place, by)),
        Panel::Layers(Part::Words) => Some(panel::layers::words::scrolled(app, *place, by)),
        Panel::Preset => Some(panel::presets::scrolled(app, *place, by)),
        _ => None,
    });
    scrolled.map_or(action, Action::ScrollTo)
}

/// The step under the mouse; beside the plot, the nearest end.
fn cursor(app: &App, plot: Rect, column: u16) -> Option<Action> {
    let there = app.snapshot.is_some() || app.diagnosis().is_some();
    let steps = there.then(|| app.window())?;
    let t = match column {
        // The ends of the plot are the ends of the window, however many steps a column has.
        x if x <= plot.left() => 1,
        x if x + 1 >= plot.right() => steps,
        x => Span::new(steps, plot.width).step(x - plot.left()),
    };
    Some(Action::CursorTo(t))
}

fn wheel(panel: Panel, place: Rect, column: u16, n: i32) -> Option<Action> {
    match panel {
        Panel::Control(control) => Some(Action::Change(control, n)),
        Panel::Controls => panel::controls::control_at(place, column).map(|c| Action::Change(c, n)),
        Panel::Run => Some(Action::Speed(n)),
        Panel::Parameters | Panel::Presets => Some(Action::Select(-n)),
        Panel::Explain | Panel::Layers(Part::Words) | Panel::Preset => Some(Action::Scroll(-3 * n)),
        Panel::Title | Panel::Hints | Panel::Instead | Panel::TooSmall => None,
        _ => Some(Action::MoveCursor(i64::from(n))),
    }
}

fn press(app: &App, panel: Panel, place: Rect, event: Mouse) -> Option<Action> {
    let select = |row: Option<usize>, now: usize| {
        let distance = i64::try_from(row?).ok()? - i64::try_from(now).ok()?;
        Some(Action::Select(i32::try_from(distance).ok()?))
    };
    match panel {
        Panel::Title => panel::title::screen_at(app, place, event.column).map(Action::Show),
        // A change by nothing selects the control.
        Panel::Control(control) => Some(Action::Change(control, 0)),
        Panel::Controls => {
            panel::controls::control_at(place, event.column).map(|c| Action::Change(c, 0))
        }
        Panel::Parameters => select(
            panel::settings::row_at(&View::new(app), place, event.row),
            app.parameter,
        ),
        Panel::Presets => select(
            panel::presets::row_at(&View::new(app), place, event.row),
            app.preset_row,
        ),
        Panel::Paths => select(
            panel::paths::row_at(&View::new(app), place, event.row),
            app.path_row(),
        ),
        Panel::Layers(Part::Map) => select(
            panel::layers::row_at(&View::new(app), place, event.row),
            app.layers.row,
        ),
        Panel::Run => Some(Action::TogglePause),
        _ => None,
    }
}
