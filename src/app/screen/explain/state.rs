//! What the screen keeps, and what can be done on it alone.

use crate::app::scroll::Scroll;
use crate::words::explain::Form;

/// What the screen keeps.
#[derive(Clone, Debug)]
pub struct State {
    /// Units whose numbers are shown.
    pub units: usize,
    /// The page.
    pub page: Scroll,
}

impl Default for State {
    fn default() -> Self {
        Self {
            units: 2,
            page: Scroll::default(),
        }
    }
}

/// What can be done here only.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// The next (+1) or previous path.
    NextPath(i32),
    /// More or fewer units.
    Units(i32),
    /// Copy the page to the terminal's clipboard.
    Copy(Form),
    /// Begin typing the name of a file for the page.
    Write,
}
