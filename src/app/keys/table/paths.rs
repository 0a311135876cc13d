//! Keys of the paths: questions and cuts.

use super::{CUTTING, PATHS, act, one, rank};
use crate::app::Action::{Back, BeginCut, ClearCuts, NextQuestion, ToggleCut, ToggleCuts};
use crate::app::keys::Binding;
use crate::app::keys::Key::{Char, Esc};
use crate::flow::Path;

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

/// In the order in which they are listed.
pub(super) static BINDINGS: &[Binding] = &[
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
];
