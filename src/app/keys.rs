//! The one table of keys: dispatch, the `?` screen, the hint line, the palette, files of keys and
//! the README come from it. [`Keymap`] lays the user's keys over it.

pub mod file;
pub mod key;
pub mod keymap;
pub mod listing;
pub mod place;
pub mod row;
pub mod table;

pub use file::template;
pub use key::{Key, Mouse, MouseKind};
pub use keymap::Keymap;
pub use listing::{action, help, hints, listing, markdown};
pub use row::Context;
pub use table::table;

#[cfg(test)]
mod tests;
