//! Where the loss enters a window.

use ndarray::Array1;

use super::Simulation;
use crate::flow::{Injected, Placed};
use crate::num::Wide;
use crate::sim::settings::LossKind;
use crate::sim::{Settings, Side};

impl Simulation {
    /// Where the loss enters the window on a side, where that is neither at its end nor everywhere alike.
    pub(super) fn placed(&self, side: Side) -> Option<Injected> {
        let Settings { loss, steps, .. } = self.settings;
        let other = self.data.other(&self.settings, side);
        let reverse = other.map_or(self.data.reverse, |other| other.reverse);
        let outputs;
        let weights;
        let placed = match (loss, &self.data.mask) {
            (LossKind::Out, _) if reverse => Placed::At(1),
            (LossKind::Max, _) => {
                outputs = self.tracks[side.index()].outputs();
                Placed::Max(outputs.view())
            }
            (LossKind::Mean, Some(mask)) => {
                let before = usize::try_from(self.before).unwrap_or(usize::MAX);
                let weight = |t: usize| {
                    let t = if reverse { steps - 1 - t } else { t };
                    mask.value.get(before.saturating_add(t)).copied()
                };
                weights = Array1::from_shape_fn(steps, |t| weight(t).unwrap_or(0.0));
                Placed::Masked(weights.view())
            }
            _ => return None,
        };
        let v = self.loss_vectors[side.index()].as_slice()?;
        Some(Injected::new(placed.rows(steps, v).mapv(Wide::from_f64)))
    }
}
