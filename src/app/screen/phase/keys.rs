//! The keys of the phase diagram.

use super::state::Action::{self, Axis, Move, NextMeasure, Stop, Whole, Zoom};
use crate::app::action::Action as Any;
use crate::app::has::Has;
use crate::app::keys::key::Key::{Char, Down, Left, Right, ShiftLeft, ShiftRight, Up};
use crate::app::keys::row::{Binding, act, one, row};
use crate::app::screen::{Own, Screen};

const HERE: Has = Has::only(Screen::Phase);

const fn own(action: Action) -> Any {
    Any::Own(Own::Phase(action))
}

/// In the order in which they are listed.
pub static KEYS: &[Binding] = &[
    row("phase", "move", "move the dot, and with it the live cells", HERE, (6, 6), &[
        act("dot_left", "move the dot to the left on the phase diagram", &[Left, Char('h')], own(Move(-1, 0))),
        act("dot_down", "move the dot down", &[Down, Char('j')], own(Move(0, -1))),
        act("dot_up", "move the dot up", &[Up, Char('k')], own(Move(0, 1))),
        act("dot_right", "move the dot to the right", &[Right, Char('l')], own(Move(1, 0))),
    ]),
    row("phase", "eight", "move it by eight values", HERE, (0, 0), &[
        act("dot_far_left", "move the dot eight values to the left", &[ShiftLeft, Char('H')], own(Move(-8, 0))),
        act("dot_far_down", "move the dot eight values down", &[Char('J')], own(Move(0, -8))),
        act("dot_far_up", "move the dot eight values up", &[Char('K')], own(Move(0, 8))),
        act("dot_far_right", "move the dot eight values to the right", &[ShiftRight, Char('L')], own(Move(8, 0))),
    ]),
    row("phase", "x axis", "the next, the previous parameter on the horizontal axis", HERE, (1, 1), &[
        act("next_x", "the next parameter on the horizontal axis", &[Char('x')], own(Axis(0, 1))),
        act("previous_x", "the previous parameter on the horizontal axis", &[Char('X')], own(Axis(0, -1))),
    ]),
    row("phase", "y axis", "the next, the previous parameter on the vertical axis", HERE, (2, 2), &[
        act("next_y", "the next parameter on the vertical axis", &[Char('y')], own(Axis(1, 1))),
        act("previous_y", "the previous parameter on the vertical axis", &[Char('Y')], own(Axis(1, -1))),
    ]),
    row("phase", "colour", "colour by the factor over T steps, the factor per step, the largest exponent, the path", HERE, (3, 3), &[
        act("next_measure", "colour the phase diagram by the next measure", &[Char('v')], own(NextMeasure)),
    ]),
    row("phase", "zoom", "halve, double what both axes span, around the dot", HERE, (4, 4), &[
        act("zoom_in", "halve what both axes of the phase diagram span", &[Char('z')], own(Zoom(1))),
        act("zoom_out", "double what both axes of the phase diagram span", &[Char('Z')], own(Zoom(-1))),
    ]),
    row("phase", "whole", "both axes as they were at first", HERE, (7, 7), &[one("whole_axes", &[Char('o')], own(Whole))]),
    row("phase", "stop", "stop filling the map, go on", HERE, (5, 5), &[
        act("stop_filling", "stop filling the phase diagram, go on", &[Char('s')], own(Stop)),
    ]),
    row("phase", "other cell", "the map of the other cell", HERE, (8, 8), &[
        act("map_other_cell", "the phase diagram of the other cell", &[Char('w')], Any::NextCell),
    ]),
];
