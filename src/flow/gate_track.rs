//! What the gates of a cell do over a window.

use super::backward::power;
use crate::cell::Tape;
use crate::num::vector;

/// The activations of one gate: over the units at every step, and of every unit over the window.
#[derive(Clone, Debug)]
pub struct GateTrack {
    /// `block`, `input`, `forget` or `output`; `recurrent` for the h of an RNN.
    pub name: &'static str,
    /// Mean over the units, `[t - 1]`.
    pub mean: Vec<f64>,
    /// Smallest over the units.
    pub low: Vec<f64>,
    /// Largest over the units.
    pub high: Vec<f64>,
    /// A quarter of the units is below, and a quarter above: `[t - 1]` of each. Empty until
    /// [`Flow::find_units`](super::Flow::find_units).
    pub quartiles: [Vec<f64>; 2],
    /// The mean of each unit over the window. Empty until [`Flow::find_units`](super::Flow::find_units).
    pub units: Vec<f64>,
}

impl GateTrack {
    pub(super) fn zeros(name: &'static str, steps: usize) -> Self {
        let zeros = || vec![0.0; steps];
        Self {
            name,
            mean: zeros(),
            low: zeros(),
            high: zeros(),
            quartiles: [Vec::new(), Vec::new()],
            units: Vec::new(),
        }
    }

    /// Step t of this gate, whose activations are mantissas of this scale.
    #[inline(always)]
    pub(super) fn measure(&mut self, tape: &Tape, t: usize, gate: usize, scale: f64) {
        let (sum, low, high) = vector::spread(tape.activation(t, gate));
        self.mean[t - 1] = sum / tape.hidden as f64 * scale;
        self.low[t - 1] = low * scale;
        self.high[t - 1] = high * scale;
    }

    /// The quartiles of this gate at every step, and the mean of every unit. They are not part of
    /// `measure`, since at H = 32 they cost as much as half of a window.
    pub(super) fn find_units(&mut self, tape: &Tape, gate: usize) {
        let mut sorted = Vec::with_capacity(tape.hidden);
        self.quartiles = [vec![0.0; tape.steps], vec![0.0; tape.steps]];
        self.units = vec![0.0; tape.hidden];
        for t in 1..=tape.steps {
            let scale = power(tape.exponents[t]);
            let activation = tape.activation(t, gate);
            for (mean, x) in self.units.iter_mut().zip(activation) {
                *mean += x * scale / tape.steps as f64;
            }
            sorted.clear();
            sorted.extend_from_slice(activation);
            for (quartile, track) in [1, 3].into_iter().zip(&mut self.quartiles) {
                // The nearest rank.
                let rank = (quartile * sorted.len()).div_ceil(4).saturating_sub(1);
                let (_, at, _) = sorted.select_nth_unstable_by(rank, f64::total_cmp);
                track[t - 1] = *at * scale;
            }
        }
    }
}
