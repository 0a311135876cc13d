//! The presets, and what the selected one is about.

use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::App;
use crate::app::state::PresetEntry;
use crate::ui::panel::settings::first;
use crate::ui::pen::{Look, Pen};
use crate::ui::theme::Role;
use crate::ui::view::View;
use crate::words::fit::fit;

/// Rows that the frame takes.
const FRAME: u16 = 2;

/// Draws the list.
pub fn render(pen: &mut Pen, area: Rect, view: &View) {
    let look = view.look;
    let presets = &view.app.presets;
    let selected = view.app.preset_row.min(presets.len().saturating_sub(1));
    let position = look
        .span(
            format!("{} of {}", selected + 1, presets.len()),
            Role::Quiet,
        )
        .into();
    let title = look.span("presets", Role::Strong).into();
    let inner = pen.frame(
        area,
        &title,
        &if presets.is_empty() {
            Line::default()
        } else {
            position
        },
    );
    let start = first(selected, presets.len(), usize::from(inner.height));
    let name_width = presets
        .iter()
        .map(|p| look.width(&p.name))
        .max()
        .unwrap_or(0)
        .min(22)
        + 2;
    for (y, (k, preset)) in
        (inner.top()..inner.bottom()).zip(presets.iter().enumerate().skip(start))
    {
        let here = k == selected;
        let style = look.style(if here { Role::Selected } else { Role::Text });
        if here {
            for x in inner.left()..inner.right() {
                pen.put(x, y, ' ', style);
            }
        }
        pen.put(inner.x, y, if here { '▸' } else { ' ' }, style);
        let x = inner.x + 2;
        let room = inner.right().saturating_sub(x);
        let quiet = if here { style } else { look.style(Role::Quiet) };
        if inner.width > name_width + 24 {
            pen.text(
                x,
                y,
                name_width,
                &fit(&preset.name, usize::from(name_width - 1)),
                quiet,
            );
            let room = room.saturating_sub(name_width);
            pen.text(
                x + name_width,
                y,
                room,
                &fit(&preset.title, usize::from(room)),
                style,
            );
        } else {
            pen.text(x, y, room, &fit(&preset.title, usize::from(room)), style);
        }
    }
}

/// The row of the list at a row of the screen.
#[must_use]
pub fn row_at(view: &View, area: Rect, y: u16) -> Option<usize> {
    let rows = view.app.presets.len();
    let room = area.height.saturating_sub(2);
    let at = usize::from(y.checked_sub(area.y + 1).filter(|&d| d < room)?);
    Some(first(view.app.preset_row, rows, usize::from(room)) + at).filter(|&r| r < rows)
}

/// The preset that is shown.
#[must_use]
pub fn shown(app: &App) -> Option<&PresetEntry> {
    app.presets
        .iter()
        .find(|p| p.title == app.title || p.name == app.title)
}

/// Draws the text of the selected preset.
pub fn render_text(pen: &mut Pen, area: Rect, view: &View) {
    let key = view.app.keymap.first("load_preset");
    let answer = if key.is_empty() {
        Line::default()
    } else {
        view.look.span(format!("{key} loads"), Role::Key).into()
    };
    let top = scrolled(view.app, area, 0);
    text(pen, area, selected(view.app), &answer, top);
}

fn selected(app: &App) -> Option<&PresetEntry> {
    app.presets.get(app.preset_row)
}

/// The line that the text begins with after scrolling by so many lines.
#[must_use]
pub fn scrolled(app: &App, area: Rect, by: i32) -> usize {
    let room = area.height.saturating_sub(FRAME);
    let lines = selected(app).map_or(0, |preset| {
        lines(Look::of(app), preset, area.width, room).len()
    });
    let last = lines.saturating_sub(usize::from(room));
    let by = isize::try_from(by).unwrap_or(0);
    app.preset_top.min(last).saturating_add_signed(by).min(last)
}

/// Draws the text of the preset that is shown.
pub fn render_about(pen: &mut Pen, area: Rect, view: &View) {
    text(pen, area, shown(view.app), &Line::default(), 0);
}

fn text(pen: &mut Pen, area: Rect, preset: Option<&PresetEntry>, answer: &Line, top: usize) {
    let look = pen.look;
    let Some(preset) = preset else {
        pen.frame(area, &Line::default(), &Line::default());
        return;
    };
    let rows = area.height.saturating_sub(FRAME);
    let lines = lines(look, preset, area.width, rows);
    let mut answer = answer.clone();
    if lines.len() > usize::from(rows) && rows > 0 {
        let last = (top + usize::from(rows)).min(lines.len());
        let gap = if answer.spans.is_empty() { "" } else { "  " };
        let place = format!("{}-{last} of {}{gap}", top + 1, lines.len());
        answer.spans.insert(0, look.span(place, Role::Quiet));
    }
    let room = usize::from(area.width.saturating_sub(6 + look.line_width(&answer)));
    let title = look
        .span(fit(&preset.title, room).into_owned(), Role::Strong)
        .into();
    let inner = pen.frame(area, &title, &answer);
    pen.lines(
        Rect {
            x: inner.x + 1,
            width: inner.width.saturating_sub(2),
            ..inner
        },
        lines.get(top..).unwrap_or_default(),
    );
}

/// The text on a panel of this width: the idea, what to press, what to watch, the source.
fn lines(look: Look, preset: &PresetEntry, width: u16, rows: u16) -> Vec<Line<'static>> {
    let width = usize::from(width.saturating_sub(4));
    let mut lines: Vec<Line> = Vec::new();
    if width < 12 {
        return lines;
    }
    for (head, text) in [
        ("", &preset.idea),
        ("press", &preset.press),
        ("watch", &preset.watch),
        ("source", &preset.source),
    ] {
        if text.is_empty() {
            continue;
        }
        if head == "press" && rows > 12 {
            lines.push(Line::default());
        }
        let indent = if head.is_empty() { 0 } else { 8 };
        let role = if head == "source" {
            Role::Quiet
        } else {
            Role::Text
        };
        for (k, part) in look.wrap(text, width - indent).into_iter().enumerate() {
            let head = if k == 0 { head } else { "" };
            let head = look.span(format!("{head:<indent$}"), Role::Key);
            lines.push(Line::from(vec![head, look.span(part, role)]));
        }
    }
    lines
}
