//! What the screen keeps.

/// What the screen keeps.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    /// The selected row.
    pub row: usize,
}
