//! The one table of keys: dispatch, the `?` screen, the hint line, the palette, files of keys and
//! the README come from it. [`Keymap`] lays the user's keys over it.

pub mod context;
pub mod file;
pub mod key;
pub mod keymap;
pub mod listing;
pub mod row;
pub mod table;

pub use context::Context;
pub use file::template;
pub use key::{Key, Mouse, MouseKind};
pub use keymap::Keymap;
pub use listing::{action, help, hints, listing, markdown};
pub use table::table;

#[cfg(test)]
mod tests;
