//! Sizes of the screen at which it is laid out differently.

use ratatui::layout::Rect;

/// The smallest screen that can show each of the screens.
pub const SMALL: (u16, u16) = (60, 16);
/// The smallest screen with anything but a sentence on it.
pub const TINY: (u16, u16) = (40, 12);
/// The smallest screen with curves of single paths.
pub const MEDIUM: (u16, u16) = (100, 30);
/// The smallest screen with everything of both cells.
pub const LARGE: (u16, u16) = (160, 45);

/// Whether an area has at least this width and height.
pub const fn at_least(area: Rect, (width, height): (u16, u16)) -> bool {
    area.width >= width && area.height >= height
}
