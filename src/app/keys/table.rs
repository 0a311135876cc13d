//! The table itself, by subject. A new key is one line in one of its parts, or among its screen's own.

#[rustfmt::skip]
mod controls;
#[rustfmt::skip]
mod lists;
#[rustfmt::skip]
mod paths;
#[rustfmt::skip]
mod typing;
#[rustfmt::skip]
mod view;

use super::row::{Act, Binding};
use crate::app::rooms;
use crate::app::screen::Screen;

/// Every action that has a name, in that order.
pub fn acts() -> impl Iterator<Item = &'static Act> + Clone {
    table().flat_map(|binding| binding.acts)
}

/// Every key of the program, in the order in which they are listed.
pub fn table() -> impl Iterator<Item = &'static Binding> + Clone {
    let own = Screen::ALL.iter().map(|screen| screen.room().keys);
    [controls::KEYS, paths::KEYS, rooms::KEYS, view::KEYS]
        .into_iter()
        .chain(own)
        .chain([lists::KEYS, typing::KEYS])
        .flatten()
}
