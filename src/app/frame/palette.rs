//! The command palette: what is typed, and below it what is found, the best first.
//!
//! ```text
//! ╭ find an action, a preset or a setting ───── 1 of 14 ─╮
//! │ : radi                                               │
//! │ ▸ raise the spectral radius                       R  │
//! │   lower the spectral radius                       r  │
//! ╰──────────────────────────────────────────────────────╯
//! ```

use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

use crate::app::frame::popup::{centred, typed};
use crate::app::input::TextLine;
use crate::app::palette::{self, Entry};
use crate::app::panel::list::first;
use crate::app::view::View;
use crate::app::{Action, App};
use crate::ui::pen::{Pen, row_of};
use crate::ui::theme::Role;
use crate::words::fit::fit;

/// Columns for the longest line of the table with its keys.
const WIDTH: u16 = 76;
/// Rows, the frame and the typed text among them.
const HEIGHT: u16 = 18;

/// Where the palette lies on a screen: always the same, however much is found.
pub fn place(area: Rect) -> Rect {
    centred(area, WIDTH, HEIGHT)
}

/// The lines within the palette.
fn list(place: Rect) -> Rect {
    Rect::new(
        place.x + 1,
        place.y.saturating_add(2),
        place.width.saturating_sub(2),
        place.height.saturating_sub(3),
    )
}

/// Draws it.
pub fn render(pen: &mut Pen, place: Rect, view: &View, line: &TextLine) {
    let look = view.look;
    let Some((entries, selected)) = palette::shown(view.app) else {
        return;
    };
    pen.clear(place);
    let position = if entries.is_empty() {
        "nothing found".to_owned()
    } else {
        format!("{} of {}", selected + 1, entries.len())
    };
    let title = look.span("find an action, a preset or a setting", Role::Strong);
    let answer = look.span(position, Role::Quiet);
    let inner = pen.frame(place, title, answer);
    typed(pen, inner, ":", line);
    let list = list(place);
    let top = first(selected, entries.len(), usize::from(list.height));
    for (y, (row, entry)) in (list.top()..list.bottom()).zip(entries.iter().enumerate().skip(top)) {
        one(pen, row_of(list, y), entry, row == selected);
    }
}

fn one(pen: &mut Pen, area: Rect, entry: &Entry, selected: bool) {
    let look = pen.look;
    let style = pen.item(area, selected);
    let end = area.right().saturating_sub(1);
    let key = if selected {
        style
    } else {
        look.style(Role::Key)
    };
    let x = area.x + 2;
    let keys = look.width(&entry.keys);
    // The words matter more than the keys.
    let keys_at = end.saturating_sub(keys);
    let mut room = end.saturating_sub(x);
    if keys > 0 && keys_at > x + 24 {
        pen.text(keys_at, area.y, keys, &entry.keys, key);
        room = keys_at.saturating_sub(x + 2);
    }
    let found = style.add_modifier(Modifier::UNDERLINED);
    let text = fit(&entry.text, usize::from(room));
    let letters = text.chars().enumerate().map(|(at, c)| {
        let is_found = entry.found.binary_search(&at).is_ok();
        Span::styled(c.to_string(), if is_found { found } else { style })
    });
    pen.line(x, area.y, room, &Line::from(letters.collect::<Vec<_>>()));
}

/// What a press at a cell of the screen does: the line there becomes the selected one, and the
/// selected one is done.
pub fn step_to(app: &App, place: Rect, column: u16, row: u16) -> Option<Action> {
    let (entries, selected) = palette::shown(app)?;
    let list = list(place);
    if !list.contains((column, row).into()) {
        return None;
    }
    let top = first(selected, entries.len(), usize::from(list.height));
    let at = top + usize::from(row - list.y);
    if at >= entries.len() {
        return None;
    }
    if at == selected {
        return Some(Action::Choose);
    }
    let distance = i64::try_from(at).ok()? - i64::try_from(selected).ok()?;
    Some(Action::Select(i32::try_from(distance).ok()?))
}
