//! Keys of the controls, of the timeline and of the simulation.

use super::{AXIS, CHARTS, LIVE, MAIN, SELECTION, TIMED, UNDO, VALUES, act, one, rank, ranks};
use crate::app::Action::{
    Adjust, BeginInput, Change, CursorEnd, CursorStart, CursorTenths, FindEdge, MoveCursor, Redo,
    ResetAll, ResetSelected, Rewind, Select, Speed, StepBack, StepForward, TogglePause, Undo,
};
use crate::app::action::Control::{Forget, Radius, Threshold};
use crate::app::keys::Binding;
use crate::app::keys::Key::{
    BackTab, Backspace, Char, Ctrl, Down, End, Home, Left, PageDown, PageUp, Right, ShiftLeft,
    ShiftRight, Tab, Up,
};

/// In the order in which they are listed.
pub(super) static BINDINGS: &[Binding] = &[
    Binding {
        label: "forget",
        help: "lower, raise the forget gate",
        group: "controls",
        contexts: LIVE,
        acts: &[
            act(
                "forget_down",
                "lower the forget gate",
                &[Char('f')],
                Change(Forget, -1),
            ),
            act(
                "forget_up",
                "raise the forget gate",
                &[Char('F')],
                Change(Forget, 1),
            ),
        ],
        rank: ranks(1, 20),
    },
    Binding {
        label: "radius",
        help: "lower, raise the spectral radius",
        group: "controls",
        contexts: LIVE,
        acts: &[
            act(
                "radius_down",
                "lower the spectral radius",
                &[Char('r')],
                Change(Radius, -1),
            ),
            act(
                "radius_up",
                "raise the spectral radius",
                &[Char('R')],
                Change(Radius, 1),
            ),
        ],
        rank: ranks(2, 21),
    },
    Binding {
        label: "clip",
        help: "lower, raise the clipping threshold",
        group: "controls",
        contexts: LIVE,
        acts: &[
            act(
                "clip_down",
                "lower the clipping threshold",
                &[Char('c')],
                Change(Threshold, -1),
            ),
            act(
                "clip_up",
                "raise the clipping threshold",
                &[Char('C')],
                Change(Threshold, 1),
            ),
        ],
        rank: ranks(3, 22),
    },
    Binding {
        label: "change",
        help: "change the selected control or row by a fine step; on hops, K",
        group: "controls",
        contexts: VALUES,
        acts: &[
            act(
                "value_down",
                "lower the selected value by a fine step",
                &[Char('-')],
                Adjust(-1),
            ),
            act(
                "value_up",
                "raise the selected value by a fine step",
                &[Char('+')],
                Adjust(1),
            ),
        ],
        rank: ranks(9, 12),
    },
    Binding {
        label: "coarse",
        help: "change it by a coarse step, ten fine ones",
        group: "controls",
        contexts: VALUES,
        acts: &[
            act(
                "value_down_coarse",
                "lower the selected value by a coarse step",
                &[Char('[')],
                Adjust(-10),
            ),
            act(
                "value_up_coarse",
                "raise the selected value by a coarse step",
                &[Char(']')],
                Adjust(10),
            ),
        ],
        rank: ranks(19, 8),
    },
    Binding {
        label: "value",
        help: "type its value",
        group: "controls",
        contexts: VALUES,
        acts: &[act(
            "type_value",
            "type the selected value",
            &[Char('=')],
            BeginInput,
        )],
        rank: ranks(14, 2),
    },
    Binding {
        label: "reset",
        help: "put it back as the preset has it",
        group: "controls",
        contexts: VALUES,
        acts: &[act(
            "reset_value",
            "put the selected value back as the preset has it",
            &[Char('0')],
            ResetSelected,
        )],
        rank: ranks(15, 6),
    },
    Binding {
        label: "edge",
        help: "find the edge: tune it until r is 1",
        group: "controls",
        contexts: VALUES,
        acts: &[act(
            "find_edge",
            "find the edge: tune the selected value until r is 1",
            &[Char('E')],
            FindEdge,
        )],
        rank: ranks(11, 10),
    },
    Binding {
        label: "next",
        help: "select the next control, path, layer or row",
        group: "controls",
        contexts: SELECTION,
        acts: &[one("select_next", &[Down, Char('j'), Tab], Select(1))],
        rank: ranks(20, 4),
    },
    Binding {
        label: "previous",
        help: "select the previous one",
        group: "controls",
        contexts: SELECTION,
        acts: &[act(
            "select_previous",
            "select the previous control, path, layer or row",
            &[Up, Char('k'), BackTab],
            Select(-1),
        )],
        rank: ranks(0, 5),
    },
    Binding {
        label: "undo",
        help: "undo the last change",
        group: "controls",
        contexts: UNDO,
        acts: &[one("undo", &[Char('u')], Undo)],
        rank: ranks(12, 6),
    },
    Binding {
        label: "redo",
        help: "redo it",
        group: "controls",
        contexts: LIVE,
        acts: &[act("redo", "redo what was undone", &[Ctrl('r')], Redo)],
        rank: ranks(13, 7),
    },
    Binding {
        label: "restore",
        help: "restore the whole preset, cut paths included",
        group: "controls",
        contexts: LIVE,
        acts: &[one("restore_preset", &[Backspace], ResetAll)],
        rank: ranks(16, 9),
    },
    Binding {
        label: "t",
        help: "move the cursor by one step of t",
        group: "timeline",
        contexts: TIMED,
        acts: &[
            act(
                "cursor_left",
                "move the cursor one step of t back",
                &[Left, Char('h')],
                MoveCursor(-1),
            ),
            act(
                "cursor_right",
                "move the cursor one step of t on",
                &[Right, Char('l')],
                MoveCursor(1),
            ),
        ],
        rank: rank(7),
    },
    Binding {
        label: "ten",
        help: "move it by ten",
        group: "timeline",
        contexts: TIMED,
        acts: &[
            act(
                "cursor_left_ten",
                "move the cursor ten steps of t back",
                &[ShiftLeft, Char('H')],
                MoveCursor(-10),
            ),
            act(
                "cursor_right_ten",
                "move the cursor ten steps of t on",
                &[ShiftRight, Char('L')],
                MoveCursor(10),
            ),
        ],
        rank: rank(0),
    },
    Binding {
        label: "tenth",
        help: "move it by a tenth of the window, back and on",
        group: "timeline",
        contexts: CHARTS,
        acts: &[
            act(
                "cursor_page_left",
                "move the cursor a tenth of the window back",
                &[PageUp],
                CursorTenths(-1),
            ),
            act(
                "cursor_page_right",
                "move the cursor a tenth of the window on",
                &[PageDown],
                CursorTenths(1),
            ),
        ],
        rank: rank(0),
    },
    Binding {
        label: "t = 1",
        help: "put it at t = 1",
        group: "timeline",
        contexts: AXIS,
        acts: &[act(
            "cursor_start",
            "put the cursor at t = 1",
            &[Home, Char('g')],
            CursorStart,
        )],
        rank: rank(0),
    },
    Binding {
        label: "t = T",
        help: "put it at t = T",
        group: "timeline",
        contexts: AXIS,
        acts: &[act(
            "cursor_end",
            "put the cursor at t = T",
            &[End, Char('G')],
            CursorEnd,
        )],
        rank: rank(0),
    },
    Binding {
        label: "pause",
        help: "pause, run",
        group: "simulation",
        contexts: MAIN,
        acts: &[one("pause", &[Char(' ')], TogglePause)],
        rank: ranks(6, 15),
    },
    Binding {
        label: "step",
        help: "pause and go one step forward",
        group: "simulation",
        contexts: MAIN,
        acts: &[one("step_forward", &[Char('.')], StepForward)],
        rank: rank(17),
    },
    Binding {
        label: "back",
        help: "pause and go one step back",
        group: "simulation",
        contexts: MAIN,
        acts: &[one("step_back", &[Char(',')], StepBack)],
        rank: rank(18),
    },
    Binding {
        label: "rewind",
        help: "go back to the first window",
        group: "simulation",
        contexts: MAIN,
        acts: &[one("rewind", &[Char('B')], Rewind)],
        rank: rank(24),
    },
    Binding {
        label: "speed",
        help: "slower, faster: 1 to 60 steps per second",
        group: "simulation",
        contexts: MAIN,
        acts: &[
            act("slower", "fewer steps per second", &[Char('<')], Speed(-1)),
            act("faster", "more steps per second", &[Char('>')], Speed(1)),
        ],
        rank: ranks(21, 23),
    },
];
