//! What is said of a path in words: which way it takes, and what may make it explode.

use crate::cell::{CellKind, Path, Variant};
use crate::flow::explain::Example;

/// Which way a path takes.
pub(super) fn way(cell: CellKind, path: Path) -> &'static str {
    match cell.spec().path(path) {
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
    let unbounded = [Variant::Niaf, Variant::Noaf, Variant::Cifg];
    let path = example.subject.path;
    if unbounded.contains(&example.variant) && !matches!(path, Path::Carousel) {
        return None;
    }
    example.cell.spec().path(path)?.bound
}
