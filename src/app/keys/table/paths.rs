//! Keys of the paths: questions and cuts.

use crate::app::action::Action::{Back, BeginCut, ClearCuts, NextQuestion, ToggleCut, ToggleCuts};
use crate::app::has::Has;
use crate::app::keys::key::Key::{Char, Esc};
use crate::app::keys::row::{Binding, act, one, row};
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
pub(super) static KEYS: &[Binding] = &[
    row("paths", "share/alone/without", "ask each path for its share, for itself alone, for the total without it", Has::PATHS, (8, 8), &[
        act("next_question", "ask each path the next question: share, alone, without", &[Char('v')], NextQuestion),
    ]),
    row("paths", "cut", "cut or restore a path: its letter follows", Has::PATHS, (5, 10), &[one("cut", &[Char('x')], BeginCut)]),
    row("paths", "a path", "after x: carousel, block, input, forget, output", Has::CUTTING, (1, 1), &[
        act("cut_carousel", "cut or restore the carousel path", &[Char('c')], ToggleCut(Path::Carousel)),
        act("cut_block", "cut or restore the block path", &[Char('b')], ToggleCut(Path::Block)),
        act("cut_input", "cut or restore the input path", &[Char('i')], ToggleCut(Path::Input)),
        act("cut_forget", "cut or restore the forget path", &[Char('f')], ToggleCut(Path::Forget)),
        act("cut_output", "cut or restore the output path", &[Char('o')], ToggleCut(Path::Output)),
    ]),
    row("paths", "block to output", "after x: the gated paths through a recurrent matrix together", Has::CUTTING, (2, 2), &[
        act("cut_gates", "cut or restore the gated paths through a recurrent matrix together", &[Char('g')], ToggleCuts(GATES)),
    ]),
    row("paths", "peepholes", "after x: the peepholes", Has::CUTTING, (3, 3), &[
        act("cut_peepholes", "cut or restore the peepholes", &[Char('p')], ToggleCuts(PEEPHOLES)),
    ]),
    row("paths", "gate to gate", "after x: the gates' own recurrence (variant fgr)", Has::CUTTING, (4, 4), &[
        act("cut_gate_recurrence", "cut or restore the gates' own recurrence", &[Char('e')], ToggleCuts(GATE_RECURRENCE)),
    ]),
    row("paths", "a path of a GRU", "after x: leak, update, reset, candidate", Has::CUTTING, (4, 4), &[
        act("cut_leak", "cut or restore the GRU's leak path", &[Char('k')], ToggleCut(Path::Leak)),
        act("cut_update", "cut or restore the GRU's update path", &[Char('u')], ToggleCut(Path::Update)),
        act("cut_reset", "cut or restore the GRU's reset path", &[Char('s')], ToggleCut(Path::Reset)),
        act("cut_candidate", "cut or restore the GRU's candidate path", &[Char('n')], ToggleCut(Path::Candidate)),
    ]),
    row("paths", "recurrent", "after x: the RNN's recurrent path", Has::CUTTING, (4, 4), &[
        act("cut_recurrent", "cut or restore the RNN's recurrent path", &[Char('h')], ToggleCut(Path::Recurrent)),
    ]),
    row("paths", "restore all", "after x: restore all paths", Has::CUTTING, (5, 5), &[act("restore_paths", "restore all paths", &[Char('x')], ClearCuts)]),
    row("paths", "cancel", "after x (and any other key): cut nothing", Has::CUTTING, (6, 6), &[one("cut_nothing", &[Esc], Back)]),
];
