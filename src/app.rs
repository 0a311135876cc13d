//! What the screen is about: the state, what a key means, and how the state changes.
//!
//! A key becomes an [`Action`] through the one table in [`keys`]; [`App::update`] applies it and
//! answers with [`Effect`]s, which the event loop alone performs. Nothing here knows a terminal or
//! a clock.

pub mod action;
pub mod axis;
mod change;
pub mod colours;
pub mod controls;
pub mod edge;
pub mod extents;
#[cfg(test)]
mod fixture;
mod fuzzy;
pub mod history;
pub mod input;
pub mod keys;
pub mod layers;
pub mod page;
pub mod palette;
pub mod parameters;
mod places;
pub mod state;
mod steps;
pub mod update;

pub use action::{Action, Effect};
pub use state::App;
