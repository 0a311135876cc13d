//! The parameter list: name, value and range, with the selected row's explanation below.

use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::parameters::{self, Row};
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::view::View;
use crate::words::fit::fit;

/// Rows of the explanation.
const HELP: u16 = 3;

/// The first row shown, so that the selected one is in sight.
#[must_use]
pub fn first(selected: usize, rows: usize, room: usize) -> usize {
    if room == 0 || rows <= room {
        return 0;
    }
    selected.saturating_sub(room / 2).min(rows - room)
}

/// The list within the panel: its place and the first row shown.
fn list(area: Rect, selected: usize, rows: usize) -> (Rect, usize) {
    let height = area
        .height
        .saturating_sub(2 + if area.height > 8 { HELP } else { 0 });
    let list = Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height,
    };
    (list, first(selected, rows, usize::from(height)))
}

/// The row of the list at a row of the screen.
#[must_use]
pub fn row_at(view: &View, area: Rect, y: u16) -> Option<usize> {
    let rows = parameters::rows(view.app).len();
    let (list, first) = list(area, view.app.parameter, rows);
    (y >= list.top() && y < list.bottom())
        .then(|| first + usize::from(y - list.top()))
        .filter(|&r| r < rows)
}

/// Draws the list.
pub fn render(pen: &mut Pen, area: Rect, view: &View) {
    let look = view.look;
    let rows = parameters::rows(view.app);
    let selected = view.app.parameter.min(rows.len().saturating_sub(1));
    let title = Line::from(vec![
        look.span("settings", Role::Strong),
        look.span("  * differs from the preset", Role::Quiet),
    ]);
    let position = look
        .span(format!("{} of {}", selected + 1, rows.len()), Role::Quiet)
        .into();
    let inner = pen.frame(
        area,
        &title,
        &if rows.is_empty() {
            Line::default()
        } else {
            position
        },
    );
    let (list, first) = list(area, selected, rows.len());
    let name_width = rows.iter().map(|r| look.width(r.name)).max().unwrap_or(0) + 2;
    let value_width = rows
        .iter()
        .map(|r| look.width(&r.value))
        .max()
        .unwrap_or(0)
        .clamp(8, 28)
        + 2;
    for (y, (k, row)) in (list.top()..list.bottom()).zip(rows.iter().enumerate().skip(first)) {
        one(
            pen,
            Rect {
                y,
                height: 1,
                ..list
            },
            row,
            k == selected,
            name_width,
            value_width,
        );
    }
    if inner.bottom() > list.bottom()
        && let Some(row) = rows.get(selected)
    {
        let quiet = look.style(Role::Quiet);
        for x in inner.left()..inner.right() {
            pen.put(x, list.bottom(), '─', quiet);
        }
        let width = usize::from(inner.width.saturating_sub(2));
        for (y, text) in (list.bottom() + 1..inner.bottom()).zip(look.wrap(row.help, width.max(1)))
        {
            pen.text(
                inner.x + 1,
                y,
                inner.width.saturating_sub(2),
                &text,
                look.style(Role::Text),
            );
        }
    }
}

fn one(pen: &mut Pen, area: Rect, row: &Row, selected: bool, name: u16, value: u16) {
    let look = pen.look;
    let style = look.style(if selected { Role::Selected } else { Role::Text });
    if selected {
        for x in area.left()..area.right() {
            pen.put(x, area.y, ' ', style);
        }
    }
    pen.put(area.x, area.y, if selected { '▸' } else { ' ' }, style);
    if row.changed {
        pen.put(area.x + 1, area.y, '*', style);
    }
    let mut x = area.x + 2;
    let end = area.right();
    pen.text(x, area.y, end.saturating_sub(x).min(name), row.name, style);
    x += name;
    let room = end.saturating_sub(x).min(value);
    let strong = if row.changed && !selected {
        look.style(Role::Strong)
    } else {
        style
    };
    pen.text(x, area.y, room, &fit(&row.value, usize::from(room)), strong);
    x += value;
    let room = end.saturating_sub(x);
    let quiet = if selected {
        style
    } else {
        look.style(Role::Quiet)
    };
    pen.text(x, area.y, room, &fit(&row.range, usize::from(room)), quiet);
}
