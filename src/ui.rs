//! Pure drawing of a view: theme, layout, widgets, one file per panel.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::keys::Mouse;
use crate::app::{Action, App};

/// Draws one frame.
pub fn draw(frame: &mut Frame, app: &App) {
    let _ = (frame, app);
}

/// What a mouse event means on the screen that [`draw`] draws on this area.
#[must_use]
pub fn mouse(app: &App, area: Rect, event: Mouse) -> Option<Action> {
    let _ = (app, area, event);
    None
}
