//! The three controls, each in a frame or all in one line; the selected one is marked.

use crate::app::action::Action;
use crate::app::panel::Panel;
use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Margin, Rect};

use crate::app::App;
use crate::app::action::Control;
use crate::app::controls;
use crate::app::view::View;
use crate::ui::pen::{Look, Pen, row_of};
use crate::ui::theme::Role;
use crate::ui::widget::bars::Gauge;
use crate::words::fit::fit;

/// One control in a frame.
#[derive(Clone, Copy, Debug)]
pub struct OneControl(pub Control);

impl Panel for OneControl {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let control = self.0;
        let look = view.look;
        let value = controls::view(view.app, control);
        let selected = view.app.focus.control == control;
        let mark = if selected { "▸ " } else { "" };
        let all: u16 = [mark, value.name, &value.keys]
            .into_iter()
            .map(|part| look.width(part))
            .sum();
        // Corners, and gaps beside title and keys.
        let name = if all + 7 > area.width {
            value.name.rsplit(' ').next().unwrap_or(value.name)
        } else {
            value.name
        };
        let role = if selected { Role::Focus } else { Role::Text };
        let title = vec![look.span(mark, Role::Focus), look.span(name, role)];
        let inner = pen.frame(area, title, look.span(value.keys, Role::Key));
        let inner = inner.inner(Margin::new(1, 0));
        let taken = pen.write(inner, &value.value, Role::Strong);
        if let Some(warning) = &value.warning {
            let [_, place] = Layout::horizontal([Length(taken + 2), Fill(1)]).areas(inner);
            let text = look.fitting(place.width, warning.words, warning.short);
            pen.write(place, &fit(text, usize::from(place.width)), Role::Explode);
        }
        if inner.height > 1 {
            let range = look.width(&value.range);
            let range = if inner.width > range + 8 {
                range + 1
            } else {
                0
            };
            let places = Layout::horizontal([Fill(1), Length(range)]);
            let [gauge, range] = places.areas(row_of(inner, inner.y + 1));
            let fraction = value.fraction;
            let style = look.style(if selected { Role::Strong } else { Role::Text });
            Gauge { fraction }.render(pen, gauge, style);
            pen.write_right(range, &value.range, Role::Quiet);
        }
    }

    // A change by nothing selects the control.
    fn press(&self, _: &App, _: Rect, _: u16, _: u16) -> Option<Action> {
        Some(Action::Change(self.0, 0))
    }

    fn wheel(&self, _: Rect, _: u16, turns: i32) -> Option<Action> {
        Some(Action::Change(self.0, turns))
    }
}

/// Where each control stands in the line.
fn cells(area: Rect) -> [Rect; 3] {
    let third = Length(area.width / 3);
    Layout::horizontal([third, third, Fill(1)]).areas(area)
}

/// The three controls in one line.
#[derive(Clone, Copy, Debug)]
pub struct ControlLine;

impl Panel for ControlLine {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        for (control, cell) in Control::ALL.into_iter().zip(cells(area)) {
            one(pen, cell, view.look, view.app, control);
        }
    }

    fn press(&self, _: &App, area: Rect, column: u16, _: u16) -> Option<Action> {
        control_at(area, column).map(|control| Action::Change(control, 0))
    }

    fn wheel(&self, area: Rect, column: u16, turns: i32) -> Option<Action> {
        control_at(area, column).map(|control| Action::Change(control, turns))
    }
}

fn one(pen: &mut Pen, cell: Rect, look: Look, app: &App, control: Control) {
    let value = controls::view(app, control);
    let selected = app.focus.control == control;
    let end = cell.right().saturating_sub(1);
    let mut x = cell.x;
    let room = |x: u16| end.saturating_sub(x);
    let mark = if selected { '▸' } else { ' ' };
    pen.put(x, cell.y, mark, look.style(Role::Focus));
    x += 1;
    x += pen.text(x, cell.y, room(x), &value.keys, look.style(Role::Key)) + 1;
    let name = match control {
        Control::Forget => "forget",
        Control::Radius => "radius",
        Control::Threshold => "clip",
    };
    // The name makes way for the value, the gauge for both; where even the value is too long, σ
    // does, and then its mode.
    let whole = value.value.as_str();
    let radius = whole.split(" σ").next().unwrap_or(whole);
    let fits = |text: &&str| look.width(text) <= room(x);
    let text = [whole, radius].into_iter().find(fits);
    let text = text.unwrap_or_else(|| short(whole));
    let mark = if value.warning.is_some() { 2 } else { 0 };
    let needed = look.width(name) + 1 + look.width(text) + mark;
    if room(x) >= needed {
        x += pen.text(x, cell.y, room(x), name, look.style(Role::Quiet)) + 1;
    }
    // A warning is for those without colours, too; a key on the control says it in words.
    let (text, strong) = if value.warning.is_some() {
        (format!("{text} !"), Role::Explode)
    } else {
        (text.to_owned(), Role::Strong)
    };
    let text = fit(&text, usize::from(room(x)));
    x += pen.text(x, cell.y, room(x), &text, look.style(strong)) + 1;
    if room(x) >= 4 {
        let area = Rect::new(x, cell.y, room(x), 1);
        let fraction = value.fraction;
        Gauge { fraction }.render(pen, area, look.style(Role::Text));
    }
}

/// The number of a value, without its mode or symbol: `0.99 pinned` and `norm θ 5.0`.
fn short(value: &str) -> &str {
    let mut words = value.split(' ');
    let number = words.find(|w| w.starts_with(|c: char| c.is_ascii_digit() || c == '-'));
    number.unwrap_or(value)
}

/// The control at a column of the line.
pub fn control_at(area: Rect, column: u16) -> Option<Control> {
    let mut controls = Control::ALL.into_iter().zip(cells(area));
    let at = controls.find(|(_, c)| (c.left()..c.right()).contains(&column));
    at.map(|(control, _)| control)
}
