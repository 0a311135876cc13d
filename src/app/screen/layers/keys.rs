//! The keys of the layers.

use super::state::Action::Whole;
use crate::app::action::Action::{Own, Scroll};
use crate::app::has::Has;
use crate::app::keys::key::Key::{Char, PageDown, PageUp};
use crate::app::keys::row::{Binding, act, row};
use crate::app::screen;
use crate::app::screen::Screen;

const HERE: Has = Has::only(Screen::Layers);

/// In the order in which they are listed.
pub static KEYS: &[Binding] = &[
    row("layers", "alone/whole", "what each layer carries by itself, or the whole gradient with what comes from above", HERE, (6, 6), &[
        act("toggle_whole", "each layer by itself, or the whole gradient", &[Char('v')], Own(screen::Own::Layers(Whole))),
    ]),
    row("layers", "words", "the words a line up, down", HERE, (8, 8), &[
        act("words_up", "the words on a layer a line up", &[Char('[')], Scroll(-1)),
        act("words_down", "the words on a layer a line down", &[Char(']')], Scroll(1)),
    ]),
    row("layers", "page", "ten lines up, down", HERE, (0, 0), &[
        act("words_page_up", "the words on a layer ten lines up", &[PageUp], Scroll(-10)),
        act("words_page_down", "the words on a layer ten lines down", &[PageDown], Scroll(10)),
    ]),
];
