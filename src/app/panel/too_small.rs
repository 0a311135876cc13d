//! A screen too small for anything else says what it needs.

use ratatui::layout::Rect;

use crate::app::action::Action;
use crate::app::panel::Panel;
use crate::app::size::{SMALL, TINY};
use crate::app::view::View;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;

/// That a screen needs more room than there is for flow, which is drawn in its place.
#[derive(Clone, Copy, Debug)]
pub struct Instead(pub &'static str);

impl Panel for Instead {
    fn render(&self, pen: &mut Pen, area: Rect, _: &View) {
        let (name, (width, height)) = (self.0, SMALL);
        let text = format!("{name} from {width}x{height} on; here is flow");
        pen.write(area, &text, Role::Strong);
    }

    fn wheel(&self, _: Rect, _: u16, _: i32) -> Option<Action> {
        None
    }
}

/// A sentence with the size that is needed, in the middle.
#[derive(Clone, Copy, Debug)]
pub struct TooSmall;

impl Panel for TooSmall {
    fn render(&self, pen: &mut Pen, area: Rect, _: &View) {
        let text = format!(
            "rnntop needs {}x{} (this is {}x{}); from {}x{} on it has every screen.",
            TINY.0, TINY.1, area.width, area.height, SMALL.0, SMALL.1
        );
        pen.centred(area, area.width, &text, Role::Text);
    }

    fn wheel(&self, _: Rect, _: u16, _: i32) -> Option<Action> {
        None
    }
}
