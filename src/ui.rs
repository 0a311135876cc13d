//! What pictures are drawn with: theme, pen, widgets. Nothing here knows what the program is about.

pub mod colours;
pub mod look;
pub mod pen;
pub mod span;
pub mod theme;
pub mod widget;
