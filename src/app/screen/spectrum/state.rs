//! What the screen keeps, and what can be done on it alone.

/// What the screen keeps.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    /// Which recurrent matrix is shown: a counter that goes round, from all to each.
    pub matrix: usize,
}

/// What can be done here only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Show the next recurrent matrix, or all.
    NextMatrix,
}
