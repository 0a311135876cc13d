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

use super::row::{Binding, Context, Place};
use crate::app::has::Has;
use crate::app::rooms;
use crate::app::screen::Screen;

/// On every screen.
const SCREENS: &[Place] = &[Place::Screens];
const CELLS: &[Place] = &[Place::Having(Has::CELLS)];
const STEPS: &[Place] = &[Place::Having(Has::STEPS)];
const SELECTION: &[Place] = &[Place::Having(Has::SELECTION)];
const VALUE: &[Place] = &[Place::Having(Has::VALUE)];
/// Where changes can be taken back.
const UNDO: &[Place] = &[Place::Having(Has::UNDO), Place::In(Context::Edge)];
const CURSOR: &[Place] = &[Place::Having(Has::CURSOR)];
const ENDS: &[Place] = &[Place::Having(Has::ENDS)];
const CHART: &[Place] = &[Place::Having(Has::CHART)];
const PATHS: &[Place] = &[Place::Having(Has::PATHS)];
const ROWS: &[Place] = &[Place::Having(Has::ROWS)];
const TO_PRESETS: &[Place] = &[Place::Having(Has::TO_PRESETS)];
const ON_SETTINGS: &[Place] = &[Place::In(Context::On(Screen::Settings))];
const ON_PRESETS: &[Place] = &[Place::In(Context::On(Screen::Presets))];
const CUTTING: &[Place] = &[Place::In(Context::Cutting)];
const HELP: &[Place] = &[Place::In(Context::Help)];
const SEARCH: &[Place] = &[Place::In(Context::Search)];
const EDGE: &[Place] = &[Place::In(Context::Edge)];
const HEAVY: &[Place] = &[Place::In(Context::Heavy)];
const INPUT: &[Place] = &[Place::In(Context::Input)];
const PALETTE: &[Place] = &[Place::In(Context::Palette)];
/// Where characters are text.
const TEXT: &[Place] = &[
    Place::In(Context::Input),
    Place::In(Context::Palette),
    Place::In(Context::Search),
];
const EVERYWHERE: &[Place] = &[
    Place::Screens,
    Place::In(Context::Cutting),
    Place::In(Context::Help),
    Place::In(Context::Search),
    Place::In(Context::Input),
    Place::In(Context::Palette),
    Place::In(Context::Edge),
    Place::In(Context::Heavy),
];

/// Every key of the program, in the order in which they are listed.
pub fn table() -> impl Iterator<Item = &'static Binding> + Clone {
    let own = Screen::ALL.iter().map(|screen| screen.room().keys);
    [controls::KEYS, paths::KEYS, rooms::KEYS, view::KEYS]
        .into_iter()
        .chain(own)
        .chain([lists::KEYS, typing::KEYS])
        .flatten()
}
