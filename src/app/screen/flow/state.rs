//! What the screen keeps, and what can be done on it alone.

/// What the screen keeps.
#[derive(Clone, Copy, Debug, Default)]
pub struct State {
    /// Whether the focused cell's panel fills the screen.
    pub zoom: bool,
}

/// What can be done here only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Enlarge the focused cell's panel, or back.
    Zoom,
}
