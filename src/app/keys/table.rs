//! The table itself, by subject. A new key is one line in one of its parts.

mod cells;
mod paths;
mod screens;
mod typing;

use super::Context::{
    Charts, Cutting, Edge, Help, Input, Layers, Page, Palette, Parameters, Presets,
};
use super::{Act, Binding, Context, Key, Rank};
use crate::app::Action;

/// Everywhere but in popups and while a path is named.
const MAIN: &[Context] = &[Charts, Parameters, Presets, Page, Layers];
/// Where what is shown is of the live cells.
const LIVE: &[Context] = &[Charts, Parameters, Presets, Page];
/// Where something is selected.
const SELECTION: &[Context] = &[Charts, Parameters, Presets, Layers];
/// Where the cursor's step matters.
const TIMED: &[Context] = &[Charts, Page, Layers];
/// Where it matters for the paths of a live cell.
const PATHS: &[Context] = &[Charts, Page];
/// Where the ends of the time axis have keys.
const AXIS: &[Context] = &[Charts, Layers];
/// Where the presets have a key.
const TO_PRESETS: &[Context] = &[Charts, Parameters, Layers];
const LAYERS: &[Context] = &[Layers];
const PAGE: &[Context] = &[Page];
const CHARTS: &[Context] = &[Charts];
/// Where there is a value to change.
const VALUES: &[Context] = &[Charts, Parameters];
const PARAMETERS: &[Context] = &[Parameters];
const PRESETS: &[Context] = &[Presets];
const LISTS: &[Context] = &[Parameters, Presets];
const CUTTING: &[Context] = &[Cutting];
const HELP: &[Context] = &[Help];
const EDGE: &[Context] = &[Edge];
/// Where changes can be taken back.
const UNDO: &[Context] = &[Charts, Parameters, Presets, Edge];
const INPUT: &[Context] = &[Input];
const PALETTE: &[Context] = &[Palette];
/// Where characters are text.
const TEXT: &[Context] = &[Input, Palette];
const EVERYWHERE: &[Context] = &Context::ALL;

/// Farther than any list or text is long.
const FAR: i32 = 1_000_000;

/// The only action of its row, which the row's help describes.
const fn one(name: &'static str, keys: &'static [Key], action: Action) -> Act {
    Act {
        name,
        help: "",
        keys,
        action,
    }
}

/// An action with words of its own, where the row's help describes several or leans on another row.
const fn act(name: &'static str, help: &'static str, keys: &'static [Key], action: Action) -> Act {
    Act {
        name,
        help,
        keys,
        action,
    }
}

/// The same place in the hint line everywhere.
const fn rank(place: u8) -> Rank {
    ranks(place, place)
}

/// One place on the screens with charts, another one on the lists.
const fn ranks(charts: u8, lists: u8) -> Rank {
    Rank { charts, lists }
}

/// Every key of the program, in the order in which they are listed.
pub fn table() -> impl Iterator<Item = &'static Binding> + Clone {
    [
        cells::BINDINGS,
        paths::BINDINGS,
        screens::BINDINGS,
        typing::BINDINGS,
    ]
    .into_iter()
    .flatten()
}
