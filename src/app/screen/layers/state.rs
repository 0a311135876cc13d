//! What the screen keeps, and what can be done on it alone.

use crate::app::scroll::Scroll;
use crate::cell::{LayerId, StackParameters};

/// What the screen shows of the model.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// The steps T that the model is measured on; `None` when there is no model.
    pub steps: Option<usize>,
    /// The layer that the other screens show live.
    pub live: Option<LayerId>,
    /// The selected row, from the top layer.
    pub row: usize,
    /// Whether the whole gradient is shown, with what comes from above; else what each layer
    /// carries by itself.
    pub whole: bool,
    /// The words on it.
    pub words: Scroll,
}

impl State {
    /// Of a model that is measured on so many steps, at first with the live layer selected.
    pub fn of(model: &StackParameters, steps: usize, live: Option<LayerId>) -> Self {
        let id = live.unwrap_or_default();
        let above = model.layers.iter().skip(id.layer + 1).map(Vec::len);
        let first = above.sum::<usize>() + usize::from(id.reverse);
        Self {
            steps: Some(steps),
            live,
            row: if live.is_some() { first } else { 0 },
            ..Self::default()
        }
    }
}

/// What can be done here only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Show the whole gradient, or what each layer carries by itself.
    Whole,
}
