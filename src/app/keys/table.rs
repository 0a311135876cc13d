//! The table itself. A new key is one line here.

use super::Context::{
    Charts, Cutting, Edge, Help, Input, Layers, Page, Palette, Parameters, Presets,
};
use super::Key::{
    BackTab, Backspace, Char, Ctrl, Delete, Down, End, Enter, Esc, Home, Left, PageDown, PageUp,
    Right, ShiftLeft, ShiftRight, Tab, Up,
};
use super::{Act, Binding, Context, Key, Rank};
use crate::app::Action::{
    self, Adjust, Back, BeginCut, BeginInput, Change, Choose, ClearCuts, CursorEnd, CursorStart,
    CursorTenths, FindEdge, MoveCursor, NextCell, NextKind, NextMarker, NextMatrix, NextQuestion,
    NextTheme, OpenPalette, Quit, Redo, Redraw, ResetAll, ResetSelected, Rewind, SaveSettings,
    Scroll, Select, Show, Speed, StepBack, StepForward, Suspend, ToggleAxis, ToggleCut, ToggleCuts,
    ToggleHelp, ToggleMouse, TogglePause, ToggleWhole, ToggleZoom, Undo,
};
use crate::app::action::Control::{Forget, Radius, Threshold};
use crate::app::action::Edit;
use crate::app::state::Screen;
use crate::flow::Path;
use crate::io::explain::Form;
use crate::sim::Side;

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

/// The recurrent paths of the LSTM and of the GRU: with all of them cut, only the carousel, or the
/// leak, is left.
const GATES: &[Path] = &[
    Path::Block,
    Path::Input,
    Path::Forget,
    Path::Output,
    Path::Update,
    Path::Reset,
    Path::Candidate,
    Path::GateInput,
    Path::GateForget,
    Path::GateOutput,
];
/// The paths on which gates see each other.
const GATE_RECURRENCE: &[Path] = &[Path::GateInput, Path::GateForget, Path::GateOutput];
const PEEPHOLES: &[Path] = &[
    Path::PeepholeInput,
    Path::PeepholeForget,
    Path::PeepholeOutput,
];

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

/// Every key of the program.
pub static TABLE: &[Binding] = &[
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
    Binding {
        label: "share/alone/without",
        help: "ask each path for its share, for itself alone, for the total without it",
        group: "paths",
        contexts: PATHS,
        acts: &[act(
            "next_question",
            "ask each path the next question: share, alone, without",
            &[Char('v')],
            NextQuestion,
        )],
        rank: rank(8),
    },
    Binding {
        label: "cut",
        help: "cut or restore a path: its letter follows",
        group: "paths",
        contexts: PATHS,
        acts: &[one("cut", &[Char('x')], BeginCut)],
        rank: rank(10),
    },
    Binding {
        label: "a path",
        help: "after x: carousel, block, input, forget, output",
        group: "paths",
        contexts: CUTTING,
        acts: &[
            act(
                "cut_carousel",
                "cut or restore the carousel path",
                &[Char('c')],
                ToggleCut(Path::Carousel),
            ),
            act(
                "cut_block",
                "cut or restore the block path",
                &[Char('b')],
                ToggleCut(Path::Block),
            ),
            act(
                "cut_input",
                "cut or restore the input path",
                &[Char('i')],
                ToggleCut(Path::Input),
            ),
            act(
                "cut_forget",
                "cut or restore the forget path",
                &[Char('f')],
                ToggleCut(Path::Forget),
            ),
            act(
                "cut_output",
                "cut or restore the output path",
                &[Char('o')],
                ToggleCut(Path::Output),
            ),
        ],
        rank: rank(1),
    },
    Binding {
        label: "block to output",
        help: "after x: the gated paths through a recurrent matrix together",
        group: "paths",
        contexts: CUTTING,
        acts: &[act(
            "cut_gates",
            "cut or restore the gated paths through a recurrent matrix together",
            &[Char('g')],
            ToggleCuts(GATES),
        )],
        rank: rank(2),
    },
    Binding {
        label: "peepholes",
        help: "after x: the peepholes",
        group: "paths",
        contexts: CUTTING,
        acts: &[act(
            "cut_peepholes",
            "cut or restore the peepholes",
            &[Char('p')],
            ToggleCuts(PEEPHOLES),
        )],
        rank: rank(3),
    },
    Binding {
        label: "gate to gate",
        help: "after x: the gates' own recurrence (variant fgr)",
        group: "paths",
        contexts: CUTTING,
        acts: &[act(
            "cut_gate_recurrence",
            "cut or restore the gates' own recurrence",
            &[Char('e')],
            ToggleCuts(GATE_RECURRENCE),
        )],
        rank: rank(4),
    },
    Binding {
        label: "a path of a GRU",
        help: "after x: leak, update, reset, candidate",
        group: "paths",
        contexts: CUTTING,
        acts: &[
            act(
                "cut_leak",
                "cut or restore the GRU's leak path",
                &[Char('k')],
                ToggleCut(Path::Leak),
            ),
            act(
                "cut_update",
                "cut or restore the GRU's update path",
                &[Char('u')],
                ToggleCut(Path::Update),
            ),
            act(
                "cut_reset",
                "cut or restore the GRU's reset path",
                &[Char('s')],
                ToggleCut(Path::Reset),
            ),
            act(
                "cut_candidate",
                "cut or restore the GRU's candidate path",
                &[Char('n')],
                ToggleCut(Path::Candidate),
            ),
        ],
        rank: rank(4),
    },
    Binding {
        label: "recurrent",
        help: "after x: the RNN's recurrent path",
        group: "paths",
        contexts: CUTTING,
        acts: &[act(
            "cut_recurrent",
            "cut or restore the RNN's recurrent path",
            &[Char('r')],
            ToggleCut(Path::Recurrent),
        )],
        rank: rank(4),
    },
    Binding {
        label: "restore all",
        help: "after x: restore all paths",
        group: "paths",
        contexts: CUTTING,
        acts: &[act(
            "restore_paths",
            "restore all paths",
            &[Char('x')],
            ClearCuts,
        )],
        rank: rank(5),
    },
    Binding {
        label: "cancel",
        help: "after x (and any other key): cut nothing",
        group: "paths",
        contexts: CUTTING,
        acts: &[one("cut_nothing", &[Esc], Back)],
        rank: rank(6),
    },
    Binding {
        label: "screen",
        help: "flow, paths, gates, settings, presets, hops, spectrum, explain, layers",
        group: "screens",
        contexts: MAIN,
        acts: &[
            act(
                "screen_flow",
                "show the screen flow",
                &[Char('1')],
                Show(Screen::Flow),
            ),
            act(
                "screen_paths",
                "show the screen paths",
                &[Char('2')],
                Show(Screen::Paths),
            ),
            act(
                "screen_gates",
                "show the screen gates",
                &[Char('3')],
                Show(Screen::Gates),
            ),
            act(
                "screen_settings",
                "show the screen settings",
                &[Char('4')],
                Show(Screen::Settings),
            ),
            act(
                "screen_presets",
                "show the screen presets",
                &[Char('5')],
                Show(Screen::Presets),
            ),
            act(
                "screen_hops",
                "show the screen hops",
                &[Char('6')],
                Show(Screen::Hops),
            ),
            act(
                "screen_spectrum",
                "show the screen spectrum",
                &[Char('7')],
                Show(Screen::Spectrum),
            ),
            act(
                "screen_explain",
                "show the screen explain",
                &[Char('8')],
                Show(Screen::Explain),
            ),
            act(
                "screen_layers",
                "show the screen layers",
                &[Char('9')],
                Show(Screen::Layers),
            ),
        ],
        rank: ranks(22, 19),
    },
    Binding {
        label: "presets",
        help: "the presets",
        group: "screens",
        contexts: TO_PRESETS,
        acts: &[one("presets", &[Char('p')], Show(Screen::Presets))],
        rank: ranks(11, 16),
    },
    Binding {
        label: "other cell",
        help: "show the other cell where a panel has room for one",
        group: "view",
        contexts: PATHS,
        acts: &[one("other_cell", &[Char('w')], NextCell)],
        rank: rank(23),
    },
    Binding {
        label: "cells",
        help: "put the next kind of cell on the left, on the right",
        group: "view",
        contexts: LIVE,
        acts: &[
            act(
                "next_left_cell",
                "put the next kind of cell on the left",
                &[Char('a')],
                NextKind(Side::Left),
            ),
            act(
                "next_right_cell",
                "put the next kind of cell on the right",
                &[Char('A')],
                NextKind(Side::Right),
            ),
        ],
        rank: ranks(24, 24),
    },
    Binding {
        label: "matrix",
        help: "on the spectrum, the next recurrent matrix, or all",
        group: "view",
        contexts: CHARTS,
        acts: &[act(
            "next_matrix",
            "show the next recurrent matrix of the spectrum, or all",
            &[Char('S')],
            NextMatrix,
        )],
        rank: rank(5),
    },
    Binding {
        label: "zoom",
        help: "enlarge the cell's panel, and back",
        group: "view",
        contexts: CHARTS,
        acts: &[one("zoom", &[Char('z')], ToggleZoom)],
        rank: rank(25),
    },
    Binding {
        label: "axis",
        help: "fix the logarithmic axis, or let it follow the curves",
        group: "view",
        contexts: CHARTS,
        acts: &[act(
            "axis",
            "fix the logarithmic axis, or let it follow",
            &[Char('y')],
            ToggleAxis,
        )],
        rank: rank(26),
    },
    Binding {
        label: "marker",
        help: "draw with braille, blocks, ASCII, octants",
        group: "view",
        contexts: MAIN,
        acts: &[one("marker", &[Char('m')], NextMarker)],
        rank: rank(27),
    },
    Binding {
        label: "theme",
        help: "dark, light, high contrast, no colour, your own",
        group: "view",
        contexts: MAIN,
        acts: &[act(
            "theme",
            "the next theme: dark, light, high contrast, no colour, your own",
            &[Char('t')],
            NextTheme,
        )],
        rank: rank(28),
    },
    Binding {
        label: "mouse",
        help: "turn the mouse on, off (off, the terminal's own selection works)",
        group: "view",
        contexts: MAIN,
        acts: &[act(
            "mouse",
            "turn the mouse on, off",
            &[Char('M')],
            ToggleMouse,
        )],
        rank: rank(29),
    },
    Binding {
        label: "redraw",
        help: "draw everything anew",
        group: "view",
        contexts: EVERYWHERE,
        acts: &[one("redraw", &[Ctrl('l')], Redraw)],
        rank: rank(0),
    },
    Binding {
        label: "path",
        help: "explain the previous, the next path",
        group: "explain",
        contexts: PAGE,
        acts: &[
            act(
                "page_path_back",
                "explain the previous path",
                &[Char('[')],
                Action::NextPath(-1),
            ),
            act(
                "page_path_on",
                "explain the next path",
                &[Char(']')],
                Action::NextPath(1),
            ),
        ],
        rank: rank(1),
    },
    Binding {
        label: "units",
        help: "show the numbers of fewer, of more units: 1 to 4",
        group: "explain",
        contexts: PAGE,
        acts: &[
            act(
                "page_units_fewer",
                "show the numbers of fewer units",
                &[Char('-')],
                Action::Units(-1),
            ),
            act(
                "page_units_more",
                "show the numbers of more units",
                &[Char('+')],
                Action::Units(1),
            ),
        ],
        rank: rank(3),
    },
    Binding {
        label: "scroll",
        help: "a line up, down",
        group: "explain",
        contexts: PAGE,
        acts: &[
            act(
                "page_line_up",
                "the page a line up",
                &[Up, Char('k')],
                Scroll(-1),
            ),
            act(
                "page_line_down",
                "the page a line down",
                &[Down, Char('j')],
                Scroll(1),
            ),
        ],
        rank: rank(2),
    },
    Binding {
        label: "page",
        help: "ten lines up, down",
        group: "explain",
        contexts: PAGE,
        acts: &[
            act(
                "page_lines_up",
                "the page ten lines up",
                &[PageUp],
                Scroll(-10),
            ),
            act(
                "page_lines_down",
                "the page ten lines down",
                &[PageDown],
                Scroll(10),
            ),
        ],
        rank: rank(0),
    },
    Binding {
        label: "top",
        help: "to the top of the page, to its end",
        group: "explain",
        contexts: PAGE,
        acts: &[
            act(
                "page_top",
                "to the top of the page",
                &[Home, Char('g')],
                Scroll(-FAR),
            ),
            act(
                "page_end",
                "to the end of the page",
                &[End, Char('G')],
                Scroll(FAR),
            ),
        ],
        rank: rank(0),
    },
    Binding {
        label: "copy",
        help: "copy the page to the terminal's clipboard: text, Markdown, LaTeX (tmux: set-clipboard on)",
        group: "explain",
        contexts: PAGE,
        acts: &[
            act(
                "copy_text",
                "copy the page as text to the terminal's clipboard",
                &[Char('y')],
                Action::Copy(Form::Text),
            ),
            act(
                "copy_markdown",
                "copy the page as Markdown to the terminal's clipboard",
                &[Char('Y')],
                Action::Copy(Form::Markdown),
            ),
            act(
                "copy_latex",
                "copy the page as LaTeX to the terminal's clipboard",
                &[Ctrl('y')],
                Action::Copy(Form::Latex),
            ),
        ],
        rank: rank(9),
    },
    Binding {
        label: "to a file",
        help: "write the page to a file: text, Markdown (.md) or LaTeX (.tex)",
        group: "explain",
        contexts: PAGE,
        acts: &[one("write_page", &[Char('s')], BeginInput)],
        rank: rank(10),
    },
    Binding {
        label: "alone/whole",
        help: "what each layer carries by itself, or the whole gradient with what comes from above",
        group: "layers",
        contexts: LAYERS,
        acts: &[act(
            "toggle_whole",
            "each layer by itself, or the whole gradient",
            &[Char('v')],
            ToggleWhole,
        )],
        rank: rank(6),
    },
    Binding {
        label: "words",
        help: "the words a line up, down",
        group: "layers",
        contexts: LAYERS,
        acts: &[
            act(
                "words_up",
                "the words on a layer a line up",
                &[Char('[')],
                Scroll(-1),
            ),
            act(
                "words_down",
                "the words on a layer a line down",
                &[Char(']')],
                Scroll(1),
            ),
        ],
        rank: rank(8),
    },
    Binding {
        label: "page",
        help: "ten lines up, down",
        group: "layers",
        contexts: LAYERS,
        acts: &[
            act(
                "words_page_up",
                "the words on a layer ten lines up",
                &[PageUp],
                Scroll(-10),
            ),
            act(
                "words_page_down",
                "the words on a layer ten lines down",
                &[PageDown],
                Scroll(10),
            ),
        ],
        rank: rank(0),
    },
    Binding {
        label: "load",
        help: "load the preset",
        group: "lists",
        contexts: PRESETS,
        acts: &[act(
            "load_preset",
            "load the selected preset",
            &[Enter],
            Choose,
        )],
        rank: rank(1),
    },
    Binding {
        label: "type",
        help: "type a value for the row",
        group: "lists",
        contexts: PARAMETERS,
        acts: &[act(
            "type_row",
            "type a value for the selected row",
            &[Enter],
            Choose,
        )],
        rank: rank(1),
    },
    Binding {
        label: "change",
        help: "lower, raise the row's value",
        group: "lists",
        contexts: PARAMETERS,
        acts: &[
            act(
                "row_down",
                "lower the selected row's value",
                &[Left, Char('h')],
                Adjust(-1),
            ),
            act(
                "row_up",
                "raise the selected row's value",
                &[Right, Char('l')],
                Adjust(1),
            ),
        ],
        rank: rank(3),
    },
    Binding {
        label: "page",
        help: "ten rows up, down",
        group: "lists",
        contexts: LISTS,
        acts: &[
            act("page_up", "ten rows up", &[PageUp], Select(-10)),
            act("page_down", "ten rows down", &[PageDown], Select(10)),
        ],
        rank: ranks(0, 6),
    },
    Binding {
        label: "first",
        help: "the first row",
        group: "lists",
        contexts: LISTS,
        acts: &[one("first_row", &[Home, Char('g')], Select(-FAR))],
        rank: rank(0),
    },
    Binding {
        label: "last",
        help: "the last row",
        group: "lists",
        contexts: LISTS,
        acts: &[one("last_row", &[End, Char('G')], Select(FAR))],
        rank: rank(0),
    },
    Binding {
        label: "set",
        help: "set what was typed",
        group: "typed value",
        contexts: INPUT,
        acts: &[one("set_value", &[Enter], Choose)],
        rank: rank(1),
    },
    Binding {
        label: "cancel",
        help: "leave the value as it is",
        group: "typed value",
        contexts: INPUT,
        acts: &[one("cancel_value", &[Esc], Back)],
        rank: rank(2),
    },
    Binding {
        label: "do it",
        help: "do the selected action, load the selected preset",
        group: "command palette",
        contexts: PALETTE,
        acts: &[one("palette_choose", &[Enter], Choose)],
        rank: rank(1),
    },
    Binding {
        label: "select",
        help: "select the one above, below",
        group: "command palette",
        contexts: PALETTE,
        acts: &[
            act(
                "palette_up",
                "select the one above",
                &[Up, Ctrl('p')],
                Select(-1),
            ),
            act(
                "palette_down",
                "select the one below",
                &[Down, Ctrl('n'), Tab],
                Select(1),
            ),
        ],
        rank: rank(2),
    },
    Binding {
        label: "page",
        help: "ten rows up, down",
        group: "command palette",
        contexts: PALETTE,
        acts: &[
            act("palette_page_up", "ten rows up", &[PageUp], Select(-10)),
            act(
                "palette_page_down",
                "ten rows down",
                &[PageDown],
                Select(10),
            ),
        ],
        rank: rank(0),
    },
    Binding {
        label: "close",
        help: "close it",
        group: "command palette",
        contexts: PALETTE,
        acts: &[one("palette_close", &[Esc], Back)],
        rank: rank(3),
    },
    Binding {
        label: "move",
        help: "move in the line",
        group: "typed text",
        contexts: TEXT,
        acts: &[
            act(
                "text_left",
                "move left in the line",
                &[Left],
                Action::Input(Edit::Move(-1)),
            ),
            act(
                "text_right",
                "move right in the line",
                &[Right],
                Action::Input(Edit::Move(1)),
            ),
        ],
        rank: ranks(4, 0),
    },
    Binding {
        label: "start",
        help: "to its start",
        group: "typed text",
        contexts: TEXT,
        acts: &[one(
            "text_start",
            &[Home, Ctrl('a')],
            Action::Input(Edit::End(-1)),
        )],
        rank: rank(0),
    },
    Binding {
        label: "end",
        help: "to its end",
        group: "typed text",
        contexts: TEXT,
        acts: &[one(
            "text_end",
            &[End, Ctrl('e')],
            Action::Input(Edit::End(1)),
        )],
        rank: rank(0),
    },
    Binding {
        label: "delete",
        help: "delete before, under the cursor",
        group: "typed text",
        contexts: TEXT,
        acts: &[
            act(
                "text_backspace",
                "delete before the cursor",
                &[Backspace],
                Action::Input(Edit::Backspace),
            ),
            act(
                "text_delete",
                "delete under the cursor",
                &[Delete],
                Action::Input(Edit::Delete),
            ),
        ],
        rank: rank(0),
    },
    Binding {
        label: "clear",
        help: "empty the line",
        group: "typed text",
        contexts: TEXT,
        acts: &[one("text_clear", &[Ctrl('u')], Action::Input(Edit::Clear))],
        rank: rank(5),
    },
    Binding {
        label: "keys",
        help: "show these keys",
        group: "program",
        contexts: MAIN,
        acts: &[act("help", "show all keys", &[Char('?')], ToggleHelp)],
        rank: ranks(4, 10),
    },
    Binding {
        label: "find",
        help: "find an action or a preset by typing a part of it",
        group: "program",
        contexts: MAIN,
        acts: &[one("palette", &[Char(':'), Ctrl('p')], OpenPalette)],
        rank: ranks(7, 10),
    },
    Binding {
        label: "save",
        help: "save theme, marker, colours, mouse and speed for the next start",
        group: "program",
        contexts: MAIN,
        acts: &[one("save_settings", &[Ctrl('s')], SaveSettings)],
        rank: ranks(31, 14),
    },
    Binding {
        label: "back",
        help: "leave the zoom, then the screen, then the program",
        group: "program",
        contexts: MAIN,
        acts: &[one("back", &[Esc], Back)],
        rank: ranks(30, 8),
    },
    Binding {
        label: "quit",
        help: "quit",
        group: "program",
        contexts: MAIN,
        acts: &[one("quit", &[Char('q')], Quit)],
        rank: ranks(5, 11),
    },
    Binding {
        label: "quit",
        help: "quit from anywhere",
        group: "program",
        contexts: EVERYWHERE,
        acts: &[one("quit_at_once", &[Ctrl('c')], Quit)],
        rank: rank(0),
    },
    Binding {
        label: "suspend",
        help: "suspend: fg comes back",
        group: "program",
        contexts: EVERYWHERE,
        acts: &[one("suspend", &[Ctrl('z')], Suspend)],
        rank: rank(0),
    },
    Binding {
        label: "leave",
        help: "leave the search; while it goes on, cancel it",
        group: "edge finder",
        contexts: EDGE,
        acts: &[one("edge_leave", &[Esc, Enter, Char('q'), Char('E')], Back)],
        rank: rank(1),
    },
    Binding {
        label: "scroll",
        help: "a line up, down",
        group: "this page",
        contexts: HELP,
        acts: &[
            act("help_up", "a line up", &[Up, Char('k')], Scroll(-1)),
            act("help_down", "a line down", &[Down, Char('j')], Scroll(1)),
        ],
        rank: rank(2),
    },
    Binding {
        label: "page",
        help: "ten lines up, down",
        group: "this page",
        contexts: HELP,
        acts: &[
            act("help_page_up", "ten lines up", &[PageUp], Scroll(-10)),
            act(
                "help_page_down",
                "ten lines down",
                &[PageDown, Char(' ')],
                Scroll(10),
            ),
        ],
        rank: rank(0),
    },
    Binding {
        label: "top",
        help: "to the top",
        group: "this page",
        contexts: HELP,
        acts: &[one("help_top", &[Home, Char('g')], Scroll(-FAR))],
        rank: rank(0),
    },
    Binding {
        label: "bottom",
        help: "to the bottom",
        group: "this page",
        contexts: HELP,
        acts: &[one("help_bottom", &[End, Char('G')], Scroll(FAR))],
        rank: rank(0),
    },
    Binding {
        label: "close",
        help: "close",
        group: "this page",
        contexts: HELP,
        acts: &[one("help_close", &[Esc, Char('q'), Char('?'), Enter], Back)],
        rank: rank(1),
    },
];
