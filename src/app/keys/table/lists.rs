//! Keys of lists.

use crate::app::action::Action::{Adjust, Choose, Scroll, Select};
use crate::app::has::Has;
use crate::app::keys::key::Key::{Char, End, Enter, Home, Left, PageDown, PageUp, Right};
use crate::app::keys::row::{Binding, FAR, act, one, row};
use crate::app::screen::Screen;

/// In the order in which they are listed.
pub(super) static KEYS: &[Binding] = &[
    row("lists", "load", "load the preset", Has::only(Screen::Presets), (1, 1), &[act("load_preset", "load the selected preset", &[Enter], Choose)]),
    row("lists", "text", "the text on the preset a line up, down", Has::only(Screen::Presets), (2, 2), &[
        act("preset_text_up", "the text on the preset a line up", &[Char('[')], Scroll(-1)),
        act("preset_text_down", "the text on the preset a line down", &[Char(']')], Scroll(1)),
    ]),
    row("lists", "type", "type a value for the row", Has::only(Screen::Settings), (1, 1), &[act("type_row", "type a value for the selected row", &[Enter], Choose)]),
    row("lists", "change", "lower, raise the row's value", Has::only(Screen::Settings), (3, 3), &[
        act("row_down", "lower the selected row's value", &[Left, Char('h')], Adjust(-1)),
        act("row_up", "raise the selected row's value", &[Right, Char('l')], Adjust(1)),
    ]),
    row("lists", "page", "ten rows up, down", Has::ROWS, (0, 6), &[
        act("page_up", "ten rows up", &[PageUp], Select(-10)),
        act("page_down", "ten rows down", &[PageDown], Select(10)),
    ]),
    row("lists", "first", "the first row", Has::ROWS, (0, 0), &[one("first_row", &[Home, Char('g')], Select(-FAR))]),
    row("lists", "last", "the last row", Has::ROWS, (0, 0), &[one("last_row", &[End, Char('G')], Select(FAR))]),
];
