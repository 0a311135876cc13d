//! What the screen keeps.

use crate::app::scroll::Scroll;

/// What the screen keeps.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The selected row.
    pub row: usize,
    /// The text on it.
    pub text: Scroll,
}
