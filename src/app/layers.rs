//! The screen of a model's layers: which one is selected, and which gradient is shown.

use std::sync::Arc;

use crate::app::state::{App, Screen};
use crate::app::{Effect, update};
use crate::cell::{LayerId, StackParameters};
use crate::sim::inspect::{Diagnosis, LayerDiagnosis};
use crate::sim::study::Finding;

/// What the screen shows of the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layers {
    /// The steps T that the model is measured on; `None` when there is no model.
    pub steps: Option<usize>,
    /// The layer that the other screens show live.
    pub live: Option<LayerId>,
    /// The selected row, from the top layer.
    pub row: usize,
    /// Whether the whole gradient is shown, with what comes from above; else what each layer
    /// carries by itself.
    pub whole: bool,
    /// The first line shown of the words.
    pub top: usize,
}

impl Layers {
    /// Of a model that is measured on so many steps, at first with the live layer selected.
    #[must_use]
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

impl App {
    /// The diagnosis of the model, once it is there.
    #[must_use]
    pub fn diagnosis(&self) -> Option<&Arc<Diagnosis>> {
        match &self.study.as_ref()?.finding {
            Ok(Finding::Layers(found)) => Some(found),
            _ => None,
        }
    }

    /// The selected layer.
    #[must_use]
    pub fn selected_layer(&self) -> Option<&LayerDiagnosis> {
        let rows = self.diagnosis()?.from_top();
        let last = rows.len().checked_sub(1)?;
        rows.get(self.layers.row.min(last)).copied()
    }

    /// Whether the screen shows the model, whose T may differ from the live window's.
    pub(super) fn model_window(&self) -> Option<usize> {
        self.layers.steps.filter(|_| self.screen == Screen::Layers)
    }

    pub(super) fn select_layer(&mut self, by: isize) -> Effect {
        let rows = self.diagnosis().map_or(0, |found| found.layers.len());
        let last = rows.saturating_sub(1);
        let to = self
            .layers
            .row
            .min(last)
            .saturating_add_signed(by)
            .min(last);
        if to != self.layers.row {
            self.layers.top = 0;
        }
        update::changed(&mut self.layers.row, to)
    }
}
