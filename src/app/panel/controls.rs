//! The three controls, each in a frame or all in one line; the selected one is marked.

use crate::app::action::Action;
use crate::app::panel::Panel;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::App;
use crate::app::action::Control;
use crate::app::controls;
use crate::app::view::View;
use crate::ui::pen::{Look, Pen};
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
        let title = Line::from(vec![
            look.span(mark, Role::Focus),
            look.span(name, if selected { Role::Focus } else { Role::Text }),
        ]);
        let inner = pen.frame(
            area,
            &title,
            &look.span(value.keys.as_str(), Role::Key).into(),
        );
        let x = inner.x + 1;
        let width = inner.width.saturating_sub(2);
        if inner.height == 0 || width == 0 {
            return;
        }
        let end = pen.text(x, inner.y, width, &value.value, look.style(Role::Strong));
        if let Some(warning) = &value.warning {
            let start = x + end + 2;
            let room = (x + width).saturating_sub(start);
            let text = if look.width(warning.words) <= room {
                warning.words
            } else {
                warning.short
            };
            pen.text(
                start,
                inner.y,
                room,
                &fit(text, usize::from(room)),
                look.style(Role::Explode),
            );
        }
        if inner.height > 1 {
            let range = look.width(&value.range);
            let gauge = if width > range + 8 {
                width - range - 1
            } else {
                width
            };
            let style = look.style(if selected { Role::Strong } else { Role::Text });
            Gauge {
                fraction: value.fraction,
            }
            .render(pen, Rect::new(x, inner.y + 1, gauge, 1), style);
            if gauge < width {
                pen.text_right(
                    x + gauge,
                    x + width,
                    inner.y + 1,
                    &value.range,
                    look.style(Role::Quiet),
                );
            }
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
    let width = area.width / 3;
    [0u16, 1, 2].map(|k| Rect {
        x: area.x + k * width,
        width: if k == 2 {
            area.width - 2 * width
        } else {
            width
        },
        ..area
    })
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
    pen.put(
        x,
        cell.y,
        if selected { '▸' } else { ' ' },
        look.style(Role::Focus),
    );
    x += 1;
    x += pen.text(
        x,
        cell.y,
        end.saturating_sub(x),
        &value.keys,
        look.style(Role::Key),
    ) + 1;
    let name = match control {
        Control::Forget => "forget",
        Control::Radius => "radius",
        Control::Threshold => "clip",
    };
    // The name makes way for the value, the gauge for both; where even the value is too long, σ
    // does, and then its mode.
    let whole = value.value.as_str();
    let radius = whole.split(" σ").next().unwrap_or(whole);
    let fits = |text: &&str| look.width(text) <= end.saturating_sub(x);
    let text = [whole, radius].into_iter().find(fits);
    let text = text.unwrap_or_else(|| short(whole));
    let mark = if value.warning.is_some() { 2 } else { 0 };
    let needed = look.width(name) + 1 + look.width(text) + mark;
    if end.saturating_sub(x) >= needed {
        x += pen.text(
            x,
            cell.y,
            end.saturating_sub(x),
            name,
            look.style(Role::Quiet),
        ) + 1;
    }
    // A warning is for those without colours, too; a key on the control says it in words.
    let (text, strong) = if value.warning.is_some() {
        (format!("{text} !"), Role::Explode)
    } else {
        (text.to_owned(), Role::Strong)
    };
    x += pen.text(
        x,
        cell.y,
        end.saturating_sub(x),
        &fit(&text, usize::from(end.saturating_sub(x))),
        look.style(strong),
    ) + 1;
    let gauge = end.saturating_sub(x);
    if gauge >= 4 {
        let area = Rect::new(x, cell.y, gauge, 1);
        Gauge {
            fraction: value.fraction,
        }
        .render(pen, area, look.style(Role::Text));
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
    Control::ALL
        .into_iter()
        .zip(cells(area))
        .find(|(_, c)| c.left() <= column && column < c.right())
        .map(|(c, _)| c)
}
