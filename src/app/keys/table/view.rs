//! Keys of what the screens show.

use crate::app::action::Action::{
    self, NextCell, NextKind, NextMarker, NextTheme, Redraw, Show, ToggleAxis, ToggleMouse,
};
use crate::app::has::Has;
use crate::app::keys::key::Key::{Char, Ctrl};
use crate::app::keys::row::{Binding, act, one, row};
use crate::app::screen::flow::Action::Zoom;
use crate::app::screen::spectrum::Action::NextMatrix;
use crate::app::screen::{Own, Screen};
use crate::sim::Side;

/// In the order in which they are listed.
pub(super) static KEYS: &[Binding] = &[
    row("screens", "presets", "the presets", Has::TO_PRESETS, (11, 16), &[one("presets", &[Char('p')], Show(Screen::Presets))]),
    row("view", "other cell", "show the other cell where a panel has room for one", Has::PATHS, (23, 23), &[one("other_cell", &[Char('w')], NextCell)]),
    row("view", "cells", "put the next kind of cell on the left, on the right", Has::CELLS, (24, 24), &[
        act("next_left_cell", "put the next kind of cell on the left", &[Char('a')], NextKind(Side::Left)),
        act("next_right_cell", "put the next kind of cell on the right", &[Char('A')], NextKind(Side::Right)),
    ]),
    row("view", "matrix", "on the spectrum, the next recurrent matrix, or all", Has::CHART, (5, 5), &[
        act("next_matrix", "show the next recurrent matrix of the spectrum, or all", &[Char('S')], Action::Own(Own::Spectrum(NextMatrix))),
    ]),
    row("view", "zoom", "on flow, enlarge the cell's panel, and back", Has::CHART, (25, 25), &[one("zoom", &[Char('z')], Action::Own(Own::Flow(Zoom)))]),
    row("view", "axis", "fix the logarithmic axis of flow and paths, or let it follow the curves", Has::CHART, (26, 26), &[
        act("axis", "fix the logarithmic axis, or let it follow", &[Char('y')], ToggleAxis),
    ]),
    row("view", "marker", "draw with braille, blocks, ASCII, octants", Has::SCREEN, (27, 27), &[one("marker", &[Char('m')], NextMarker)]),
    row("view", "theme", "dark, light, high contrast, no colour, your own", Has::SCREEN, (28, 28), &[
        act("theme", "the next theme: dark, light, high contrast, no colour, your own", &[Char('t')], NextTheme),
    ]),
    row("view", "mouse", "turn the mouse on, off (off, the terminal's own selection works)", Has::SCREEN, (29, 29), &[
        act("mouse", "turn the mouse on, off", &[Char('M')], ToggleMouse),
    ]),
    row("view", "redraw", "draw everything anew", Has::ANYTHING, (0, 0), &[one("redraw", &[Ctrl('l')], Redraw)]),
];
