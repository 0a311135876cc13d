//! What the screen is about: the state, what a key means, how the state changes, and how it is drawn.
//!
//! A key becomes an [`Action`] through the one table in [`keys`]; [`App::update`] applies it and
//! answers with [`Effect`]s, which the event loop alone performs. [`draw`] draws the state and reads
//! nothing else. What belongs to one screen is in its folder in [`screen`]; what a screen is, is said
//! in [`room`]. Nothing here knows a terminal or a clock.

pub mod action;
pub mod axis;
mod change;
pub mod controls;
pub mod edge;
pub mod effect;
pub mod entry;
pub mod extents;
#[cfg(test)]
pub(crate) mod fixture;
pub mod frame;
mod fuzzy;
pub mod has;
pub mod history;
pub mod input;
pub mod keys;
pub mod layout;
pub mod palette;
pub mod panel;
pub mod parameters;
pub mod popup;
pub mod room;
mod rooms;
pub mod screen;
pub mod scroll;
mod selection;
pub mod size;
pub mod state;
mod steps;
pub mod update;
pub mod view;

pub use action::Action;
pub use effect::Effect;
pub use frame::{draw, mouse};
pub use state::App;
