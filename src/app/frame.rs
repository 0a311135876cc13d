//! A frame: title, the screen's panels, hints, and what lies over them; and what the mouse means on
//! it.

mod edge;
mod hints;
mod page;
mod palette;
mod popup;
pub mod title;

use ratatui::Frame;
use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};

use crate::app::action::Action;
use crate::app::frame::hints::{Hints, Message, notice};
use crate::app::frame::title::Title;
use crate::app::has::Has;
use crate::app::keys::{Mouse, MouseKind};
use crate::app::layout::{Plan, tiny};
use crate::app::panel;
use crate::app::panel::strip::Strip;
use crate::app::panel::too_small::TooSmall;
use crate::app::popup::Popup;
use crate::app::screen::Screen;
use crate::app::size::{SMALL, TINY, at_least};
use crate::app::state::App;
use crate::app::view::View;
use crate::ui::pen::Pen;
use crate::ui::span::Span;

/// Draws one frame.
pub fn draw(frame: &mut Frame, app: &App) {
    let area = frame.area();
    let plan = plan(app, area);
    let view = View::new(app).with_gutter(plan.gutter);
    let mut pen = Pen::new(frame.buffer_mut(), view.look);
    for place in &plan.places {
        panel::render(&*place.panel, &mut pen, place.area, &view);
    }
    over(&mut pen, area, &view);
}

/// What lies over the screen, if anything does.
fn over(pen: &mut Pen, area: Rect, view: &View) {
    match &view.app.popup {
        Some(Popup::Page(page)) => page::render(pen, area, view, page),
        Some(Popup::Input { line, fresh }) => popup::input(pen, area, view, line, *fresh),
        Some(Popup::Palette { line, .. }) => {
            palette::render(pen, palette::place(area), view, line);
        }
        Some(Popup::Edge(search)) => edge::render(pen, area, view, search),
        Some(Popup::Heavy(cost, asked)) => popup::heavy(pen, area, view, *cost, asked),
        None if at_least(area, SMALL) => popup::lesson(pen, area, view),
        None => {}
    }
}

/// Where everything lies.
pub fn plan(app: &App, area: Rect) -> Plan {
    let mut plan = Plan::new(area);
    if !at_least(area, TINY) {
        plan.put(area, TooSmall);
        return plan;
    }
    let said = u16::from(notice(app).is_some());
    let strip = at_least(area, SMALL) && (app.has(Has::PATHS) || app.has(Has::VALUE));
    let strip = u16::from(strip);
    let rows = [Length(1), Length(strip), Fill(1), Length(said), Length(1)];
    let [title, law, body, message, hints] = Layout::vertical(rows).areas(area);
    plan.put(title, Title);
    if strip > 0 {
        plan.put(law, Strip);
    }
    if said > 0 {
        plan.put(message, Message);
    }
    plan.put(hints, Hints);
    let room = app.screen.room();
    if at_least(area, room.least) {
        (room.plan)(app, &mut plan, body);
    } else {
        let instead_of = (app.screen != Screen::default()).then_some(app.screen.name());
        tiny(&mut plan, body, instead_of);
    }
    plan
}

/// What a mouse event means on the screen that [`draw`] draws on this area.
pub fn mouse(app: &App, area: Rect, event: Mouse) -> Option<Action> {
    let Mouse { kind, column, row } = event;
    match (&app.popup, kind) {
        (Some(Popup::Page(_)), MouseKind::Wheel(n)) => return Some(Action::Scroll(-n)),
        (Some(Popup::Palette { .. }), kind) => {
            return match kind {
                MouseKind::Wheel(n) => Some(Action::Select(-n)),
                MouseKind::Press => palette::step_to(app, palette::place(area), column, row),
                MouseKind::Drag => None,
            };
        }
        (Some(_), _) => return None,
        (None, _) => {}
    }
    let plan = plan(app, area);
    let place = plan.at(column, row)?;
    let press = || place.panel.press(app, place.area, column, row);
    match (kind, place.panel.over_time().plot(place.area, plan.gutter)) {
        (MouseKind::Wheel(n), _) => place.panel.wheel(place.area, column, n),
        (MouseKind::Press, Some(plot)) if place.panel.has_names() && column < plot.left() => {
            press()
        }
        (_, Some(plot)) => cursor(app, plot, column),
        (MouseKind::Press, None) => press(),
        (MouseKind::Drag, None) => place.panel.drag(app, place.area, column, row),
    }
}

/// The step under the mouse; beside the plot, the nearest end.
fn cursor(app: &App, plot: Rect, column: u16) -> Option<Action> {
    let there = app.sim.snapshot.is_some() || app.diagnosis().is_some();
    let steps = there.then(|| app.window())?;
    let t = match column {
        // The ends of the plot are the ends of the window, however many steps a column has.
        x if x <= plot.left() => 1,
        x if x + 1 >= plot.right() => steps,
        x => Span::new(steps, plot.width).step(x - plot.left()),
    };
    Some(Action::CursorTo(t))
}
