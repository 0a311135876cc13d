//! How far the gradient has come on its way back, while it is seen to travel.
//!
//! Left of its front nothing of a curve or of a heat map is drawn yet; the answers in the borders are there at once.

use ratatui::buffer::Cell;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::app::view::View;
use crate::ui::pen::Pen;
use crate::ui::span::Span;
use crate::ui::theme::Role;

/// The line at zero, which is not the curve's and stays.
const GROUND: &str = "┈";

/// Takes back what was drawn of curves left of the front, and marks it.
pub fn veil(pen: &mut Pen, curves: Rect, view: &View) {
    let Some(done) = view.app.look.front else {
        return;
    };
    let columns = f64::from(curves.width.saturating_sub(1));
    let from_right = (columns * done.clamp(0.0, 1.0)).round() as u16;
    let front = curves.right().saturating_sub(1 + from_right);
    let cursor = curves.x + Span::new(view.steps(), curves.width).column(view.cursor());
    let look = pen.look;
    for y in curves.top()..curves.bottom() {
        for x in curves.left()..front {
            if x == cursor {
                pen.put(x, y, '┊', look.style(Role::Cursor));
            } else if pen.buf.cell((x, y)).map(Cell::symbol) != Some(GROUND) {
                // Blanks, too: those of a heat map have a colour.
                pen.put(x, y, ' ', Style::new());
            }
        }
        pen.put(front, y, '▏', look.style(Role::Focus));
    }
    if front > curves.left() {
        let middle = curves.y + curves.height / 2;
        pen.put(front - 1, middle, '←', look.style(Role::Focus));
    }
}
