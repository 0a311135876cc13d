//! What is said of a path in words: which way it takes, and what may make it explode.

use crate::cell::{CellKind, Path, Variant};
use crate::flow::explain::Example;

/// Which way a path takes.
pub(super) fn way(cell: CellKind, path: Path) -> &'static str {
    match path {
        Path::Carousel if cell == CellKind::MinLstm => {
            "The gradient stays in {h}, and the forget gate {f}, divided by the sum of both gates, multiplies it. No \
             recurrent matrix is crossed."
        }
        Path::Leak if cell == CellKind::Lru => {
            "The gradient stays in {h}: a rotation of each pair of units and the size of its {λ} multiply it, the \
             same at every step. No recurrent matrix is crossed."
        }
        Path::GateInput | Path::GateForget | Path::GateOutput => {
            "The gates see each other: the gradient comes from the gates of the next step to this gate, past {h} and {c}."
        }
        Path::Carousel => {
            "The constant error carousel: the gradient stays in the cell state, and the forget gate alone \
             multiplies it. No recurrent matrix is crossed."
        }
        Path::Block => {
            "The gradient leaves the cell state of the next step through its block input {z}, and comes back \
             through the recurrent matrix {R_z}."
        }
        Path::Input => {
            "The gradient leaves the cell state of the next step through its input gate {i}, and comes back \
             through the recurrent matrix {R_i}."
        }
        Path::Forget => {
            "The gradient leaves the cell state of the next step through its forget gate {f}, and comes back \
             through the recurrent matrix {R_f}."
        }
        Path::Output => {
            "The gradient leaves the output of the next step through its output gate {o}, without ever touching \
             that step's cell state, and comes back through the recurrent matrix {R_o}."
        }
        Path::PeepholeInput => {
            "The gradient leaves the cell state of the next step through its input gate {i}, and comes back \
             through the peephole {p_i}. No recurrent matrix is crossed."
        }
        Path::PeepholeForget => {
            "The gradient leaves the cell state of the next step through its forget gate {f}, and comes back \
             through the peephole {p_f}. No recurrent matrix is crossed."
        }
        Path::PeepholeOutput => {
            "The gradient leaves the output of the same step through its output gate {o}, and comes to the cell \
             state through the peephole {p_o}. No recurrent matrix is crossed."
        }
        Path::Recurrent => {
            "The only way back in a vanilla RNN: through the slope of the activation, and through the \
             recurrent matrix {R}."
        }
        Path::Leak => {
            "The gradient stays in {h}, and the update gate alone multiplies it. No recurrent matrix is crossed."
        }
        Path::Update => {
            "The gradient leaves the next step through its update gate {z}, and comes back through the recurrent \
             matrix {R_z}."
        }
        Path::Reset => {
            "The gradient leaves the next step through its candidate {n} and from there through the reset gate {r}, \
             and comes back through the recurrent matrix {R_r}."
        }
        Path::Candidate => {
            "The gradient leaves the next step through its candidate {n}, and comes back through the recurrent \
             matrix {R_n}."
        }
        Path::Above => "What the layer above injects at this step. It comes from no other step.",
        Path::Loss => "What the loss itself injects at this step. It comes from no other step.",
    }
}

/// Why there is no term.
pub(super) fn nothing(example: &Example) -> &'static str {
    if example.subject.path == Path::Loss {
        "At this step the loss injects nothing: the term is 0."
    } else {
        "This is the last step of the window: nothing comes back from beyond it, and the term is 0."
    }
}

/// What may make the chain explode.
pub(super) fn bound(example: &Example) -> Option<&'static str> {
    let unbounded = [Variant::Niaf, Variant::Noaf, Variant::Cifg];
    let path = example.subject.path;
    if unbounded.contains(&example.variant) && !matches!(path, Path::Carousel) {
        return None;
    }
    Some(match path {
        Path::Leak if example.cell == CellKind::Lru => {
            "The size of {λ} alone decides: this path explodes only where it exceeds 1."
        }
        Path::Carousel => {
            "{f} alone decides: this path explodes only where {f} exceeds 1, which no learned gate does."
        }
        Path::Block => {
            "Apart from the matrix no factor exceeds 1: this path explodes only where {σ_z} exceeds 1."
        }
        Path::Input => {
            "The slope of the gate is at most ¼, and no other factor exceeds 1 apart from the matrix: this path \
             explodes only where {σ_i} exceeds 4."
        }
        Path::Forget => {
            "The slope of the gate is at most ¼, but {c} has no bound: with a cell state large enough this path \
             explodes, however small {σ_f}."
        }
        Path::Output => {
            "The slope of the gate is at most ¼, and tanh is below 1: this path explodes only where {σ_o} \
             exceeds 4."
        }
        Path::PeepholeInput => {
            "The slope of the gate is at most ¼: this path explodes only where a factor {p_i} exceeds 4."
        }
        Path::PeepholeForget => {
            "The slope of the gate is at most ¼, but {c} has no bound: with a cell state large enough this path explodes."
        }
        Path::GateInput | Path::GateForget | Path::GateOutput => {
            "The slope of the gate is at most ¼: this path explodes only where the largest singular value of its \
             matrix exceeds 4."
        }
        Path::Recurrent => "The slope is at most 1: this path explodes only where {σ} exceeds 1.",
        Path::Leak => "{z} alone decides, and it stays below 1: this path cannot explode.",
        Path::Update => {
            "The slope of the gate is at most ¼; the difference of {h} and {n} and the matrix decide."
        }
        Path::Reset => {
            "The slope of the gate is at most ¼, but {m} grows with the matrix {R_n}: both matrices decide."
        }
        Path::Candidate => {
            "Apart from the matrix no factor exceeds 1: this path explodes only where {σ_n} exceeds 1."
        }
        _ => return None,
    })
}
