//! A screen too small for anything else says what it needs.

use ratatui::layout::Rect;

use crate::ui::layout::{SMALL, TINY};
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::view::View;

/// Draws that a screen needs more room than there is for flow, which is drawn in its place.
pub fn render_instead(pen: &mut Pen, area: Rect, view: &View) {
    let text = format!(
        "{} from {}x{} on; here is flow",
        view.app.screen.name(),
        SMALL.0,
        SMALL.1
    );
    pen.text(
        area.x,
        area.y,
        area.width,
        &text,
        pen.look.style(Role::Strong),
    );
}

/// Draws the sentence in the middle.
pub fn render(pen: &mut Pen, area: Rect) {
    let text = format!(
        "rnntop needs {}x{} (this is {}x{}); from {}x{} on it has every screen.",
        TINY.0, TINY.1, area.width, area.height, SMALL.0, SMALL.1
    );
    let lines = pen.look.wrap(&text, usize::from(area.width.max(1)));
    let first = area.y
        + area
            .height
            .saturating_sub(u16::try_from(lines.len()).unwrap_or(u16::MAX))
            / 2;
    for (y, line) in (first..area.bottom()).zip(&lines) {
        let x = area.x + area.width.saturating_sub(pen.look.width(line)) / 2;
        pen.text(x, y, area.width, line, pen.look.style(Role::Text));
    }
}
