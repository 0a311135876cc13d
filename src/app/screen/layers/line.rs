//! The selected layer in two lines, as many of its numbers as fit.

use ratatui::layout::Rect;

use super::{Picture, numbers};
use crate::app::view::View;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

pub fn render(pen: &mut Pen, area: Rect, view: &View, picture: &Picture) {
    let look = view.look;
    let row = &picture.rows[picture.selected];
    let name = picture.name(row);
    let start = area.x + 1;
    let indent = look.width(&name) + 2;
    pen.text(start, area.y, area.width, &name, look.style(Role::Strong));
    if picture.live(row) && area.height > 1 {
        let below = area.y + 1;
        pen.text(start, below, area.width, "live", look.style(Role::Quiet));
    }
    let end = area.right().saturating_sub(1);
    let lines = numbers::short(picture, row, look);
    for (y, pieces) in (area.top()..area.bottom()).zip(lines) {
        let mut x = start + indent;
        for piece in pieces {
            let width = look.line_width(&piece);
            if x + width > end {
                break;
            }
            x = pen.line(x, y, width, &piece) + 2;
        }
    }
}
