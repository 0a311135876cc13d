//! Keys of the controls, of the timeline and of the simulation.

use crate::app::action::Action::{
    Adjust, BeginInput, Change, CursorTenths, CursorTo, FindEdge, MoveCursor, Redo,
    ResetAll, ResetSelected, Rewind, Select, Speed, StepBack, StepForward, TogglePause, Undo,
};
use crate::app::action::Control::{Forget, Radius, Threshold};
use crate::app::has::Has;
use crate::app::keys::key::Key::{
    BackTab, Backspace, Char, Ctrl, Down, End, Home, Left, PageDown, PageUp, Right, ShiftLeft,
    ShiftRight, Tab, Up,
};
use crate::app::keys::row::{Binding, act, one, row};

/// In the order in which they are listed.
pub(super) static KEYS: &[Binding] = &[
    row("controls", "forget", "lower, raise the forget gate", Has::CELLS, (1, 20), &[
        act("forget_down", "lower the forget gate", &[Char('f')], Change(Forget, -1)),
        act("forget_up", "raise the forget gate", &[Char('F')], Change(Forget, 1)),
    ]),
    row("controls", "radius", "lower, raise the spectral radius", Has::CELLS, (2, 21), &[
        act("radius_down", "lower the spectral radius", &[Char('r')], Change(Radius, -1)),
        act("radius_up", "raise the spectral radius", &[Char('R')], Change(Radius, 1)),
    ]),
    row("controls", "clip", "lower, raise the clipping threshold", Has::CELLS, (3, 22), &[
        act("clip_down", "lower the clipping threshold", &[Char('c')], Change(Threshold, -1)),
        act("clip_up", "raise the clipping threshold", &[Char('C')], Change(Threshold, 1)),
    ]),
    row("controls", "change", "change the selected control or row by a fine step; on hops, K", Has::VALUE, (9, 12), &[
        act("value_down", "lower the selected value by a fine step", &[Char('-')], Adjust(-1)),
        act("value_up", "raise the selected value by a fine step", &[Char('+')], Adjust(1)),
    ]),
    row("controls", "coarse", "change it by a coarse step, ten fine ones", Has::VALUE, (19, 8), &[
        act("value_down_coarse", "lower the selected value by a coarse step", &[Char('[')], Adjust(-10)),
        act("value_up_coarse", "raise the selected value by a coarse step", &[Char(']')], Adjust(10)),
    ]),
    row("controls", "value", "type its value", Has::VALUE, (14, 2), &[act("type_value", "type the selected value", &[Char('=')], BeginInput)]),
    row("controls", "reset", "put it back as the preset has it", Has::VALUE, (15, 6), &[
        act("reset_value", "put the selected value back as the preset has it", &[Char('0')], ResetSelected),
    ]),
    row("controls", "edge", "find the edge: tune it until r is 1", Has::VALUE, (11, 10), &[
        act("find_edge", "find the edge: tune the selected value until r is 1", &[Char('E')], FindEdge),
    ]),
    row("controls", "next", "select the next control, path, layer or row", Has::SELECTION, (20, 4), &[
        one("select_next", &[Down, Char('j'), Tab], Select(1)),
    ]),
    row("controls", "previous", "select the previous one", Has::SELECTION, (0, 5), &[
        act("select_previous", "select the previous control, path, layer or row", &[Up, Char('k'), BackTab], Select(-1)),
    ]),
    row("controls", "undo", "undo the last change", Has::UNDO.and(Has::EDGE), (12, 6), &[one("undo", &[Char('u')], Undo)]),
    row("controls", "redo", "redo it", Has::CELLS, (13, 7), &[act("redo", "redo what was undone", &[Ctrl('r')], Redo)]),
    row("controls", "restore", "restore the whole preset, cut paths included", Has::CELLS, (16, 9), &[one("restore_preset", &[Backspace], ResetAll)]),
    row("timeline", "t", "move the cursor by one step of t", Has::CURSOR, (7, 7), &[
        act("cursor_left", "move the cursor one step of t back", &[Left, Char('h')], MoveCursor(-1)),
        act("cursor_right", "move the cursor one step of t on", &[Right, Char('l')], MoveCursor(1)),
    ]),
    row("timeline", "ten", "move it by ten", Has::CURSOR, (0, 0), &[
        act("cursor_left_ten", "move the cursor ten steps of t back", &[ShiftLeft, Char('H')], MoveCursor(-10)),
        act("cursor_right_ten", "move the cursor ten steps of t on", &[ShiftRight, Char('L')], MoveCursor(10)),
    ]),
    row("timeline", "tenth", "move it by a tenth of the window, back and on", Has::CHART, (0, 0), &[
        act("cursor_page_left", "move the cursor a tenth of the window back", &[PageUp], CursorTenths(-1)),
        act("cursor_page_right", "move the cursor a tenth of the window on", &[PageDown], CursorTenths(1)),
    ]),
    row("timeline", "t = 1", "put it at t = 1", Has::ENDS, (0, 0), &[act("cursor_start", "put the cursor at t = 1", &[Home, Char('g')], CursorTo(1))]),
    row("timeline", "t = T", "put it at t = T", Has::ENDS, (0, 0), &[act("cursor_end", "put the cursor at t = T", &[End, Char('G')], CursorTo(usize::MAX))]),
    row("simulation", "pause", "pause, run", Has::SCREEN, (6, 15), &[one("pause", &[Char(' ')], TogglePause)]),
    row("simulation", "step", "pause and go one step forward", Has::SCREEN, (17, 17), &[one("step_forward", &[Char('.')], StepForward)]),
    row("simulation", "back", "pause and go one step back", Has::STEPS, (18, 18), &[one("step_back", &[Char(',')], StepBack)]),
    row("simulation", "rewind", "go back to the first window", Has::STEPS, (24, 24), &[one("rewind", &[Char('B')], Rewind)]),
    row("simulation", "speed", "slower, faster: 1 to 60 steps per second", Has::STEPS, (21, 23), &[
        act("slower", "fewer steps per second", &[Char('<')], Speed(-1)),
        act("faster", "more steps per second", &[Char('>')], Speed(1)),
    ]),
];
