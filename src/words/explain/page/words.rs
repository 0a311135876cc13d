//! What is said of a path in words: which way it takes, and what may make it explode.

use crate::cell::{Activation, Path, Semantics, Variant};
use crate::flow::explain::Example;

/// Which way a path takes.
pub(super) fn way(example: &Example) -> &'static str {
    let path = example.subject.path;
    match example.carried {
        Some(carried) => carried.way,
        None if path == Path::Above => {
            "What the layer above injects at this step. It comes from no other step."
        }
        None => "What the loss itself injects at this step. It comes from no other step.",
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
    let path = example.subject.path;
    let Semantics {
        activation, state, ..
    } = example.semantics;
    // Of an RNN the slope alone counts, of the path that no matrix is on the gate alone.
    let free = example.cell.spec().has_activation || path.is_highway();
    let bounded = activation.is_bounded() && state == Activation::Tanh;
    if !free && (!bounded || example.variant == Variant::Cifg) {
        return None;
    }
    example.carried?.bound
}
