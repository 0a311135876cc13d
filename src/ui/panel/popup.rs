//! What lies over the screen: the keys, and the line for a typed value.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;
use unicode_width::UnicodeWidthChar;

use crate::app::state::{Popup, Screen};
use crate::app::{App, controls, keys, parameters};
use crate::ui::format::fit;
use crate::ui::pen::{Look, Pen};
use crate::ui::theme::Role;
use crate::ui::view::View;

/// Draws the popup, if there is one.
pub fn render(pen: &mut Pen, area: Rect, view: &View) {
    match &view.app.popup {
        Some(Popup::Help(scroll)) => help(pen, area, view.look, *scroll),
        Some(Popup::Input { text, cursor }) => input(pen, area, view, text, *cursor),
        None => {}
    }
}

/// A place in the middle of the screen.
fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// All keys by their groups.
fn help_lines(look: Look) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let groups = keys::help();
    let bindings = groups.iter().flat_map(|(_, bindings)| bindings);
    let width = bindings
        .map(|b| usize::from(look.width(b.keys)))
        .max()
        .unwrap_or(0)
        + 2;
    for (group, bindings) in groups {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        let heading = look.style(Role::Strong).add_modifier(Modifier::UNDERLINED);
        lines.push(Line::styled(group, heading));
        for b in bindings {
            let pad = " ".repeat(width.saturating_sub(usize::from(look.width(b.keys))));
            lines.push(Line::from(vec![
                look.span(format!("  {}{pad}", b.keys), Role::Key),
                look.span(b.help, Role::Text),
            ]));
        }
    }
    lines
}

fn help(pen: &mut Pen, area: Rect, look: Look, scroll: usize) {
    let lines = help_lines(look);
    let width = lines.iter().map(|l| look.line_width(l)).max().unwrap_or(0) + 4;
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let place = centred(area, width, height);
    pen.clear(place);
    let room = usize::from(place.height.saturating_sub(2));
    // The last line stays at the lower edge, however far the user scrolls.
    let first = scroll.min(lines.len().saturating_sub(room));
    let more = lines.len() > room;
    let answer = if more {
        look.span(
            format!("↑ ↓  {}-{} of {}", first + 1, first + room, lines.len()),
            Role::Quiet,
        )
    } else {
        look.span("esc", Role::Key)
    };
    let inner = pen.frame(
        place,
        &look.span("keys", Role::Strong).into(),
        &answer.into(),
    );
    pen.lines(
        Rect {
            x: inner.x + 1,
            width: inner.width.saturating_sub(2),
            ..inner
        },
        lines.get(first..).unwrap_or_default(),
    );
}

/// What is typed for, and what is allowed.
fn target(app: &App) -> (String, String) {
    if app.screen == Screen::Settings
        && let Some(row) = parameters::rows(app).into_iter().nth(app.parameter)
    {
        return (row.name.to_owned(), row.range);
    }
    let control = controls::view(app, app.selected);
    (control.name.to_owned(), control.range)
}

fn input(pen: &mut Pen, area: Rect, view: &View, text: &str, cursor: usize) {
    let look = view.look;
    let (name, range) = target(view.app);
    let place = centred(area, 52, 4);
    pen.clear(place);
    let room = usize::from(place.width.saturating_sub(16));
    let title = look
        .span(fit(&name, room).into_owned(), Role::Strong)
        .into();
    let inner = pen.frame(place, &title, &look.span("enter esc", Role::Key).into());
    let width = inner.width.saturating_sub(2);
    if width < 4 || inner.height == 0 {
        return;
    }
    // The text scrolls so that the cursor stays inside.
    let before: Vec<char> = text.chars().take(cursor).collect();
    let mut used = 0;
    let mut start = before.len();
    while start > 0 && used + before[start - 1].width().unwrap_or(0) < usize::from(width) - 3 {
        start -= 1;
        used += before[start].width().unwrap_or(0);
    }
    let shown: String = text.chars().skip(start).collect();
    pen.text(inner.x + 1, inner.y, 2, "= ", look.style(Role::Quiet));
    let x = inner.x + 3;
    pen.text(x, inner.y, width - 2, &shown, look.style(Role::Strong));
    let at = x + u16::try_from(used).unwrap_or(0);
    if let Some(cell) = pen.buf.cell_mut((at, inner.y)) {
        cell.set_style(Style::new().add_modifier(Modifier::REVERSED));
    }
    let allowed = format!("allowed: {range}");
    if inner.height > 1 {
        pen.text(
            inner.x + 1,
            inner.y + 1,
            width,
            &fit(&allowed, usize::from(width)),
            look.style(Role::Quiet),
        );
    }
}
