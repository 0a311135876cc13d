//! The estimates.
//!
//! With n units, D inputs, G gates, P paths and T steps a window keeps these numbers of each unit and step:
//! h; c, tanh c and E where there is a c; m of a GRU; i, f and o where the gates see each other; of each gate
//! the activation, its slope and δ, and where the units see each other through no matrix two more for an
//! exponent of each δ, since then one does not do for all. Curves take some forty bytes for each step, path
//! and gate. A weight of R is there as it was drawn, packed for both directions, and as a gradient, whose
//! memory waits for the next window's; one of W is packed once.
//!
//! Against the peak memory of the screen, measured with n from 16 to 512, D from 8 to 512 and T from 50 to
//! 20000, the estimate of every cell lies between 20 % below and 35 % above; what the program takes without any
//! window, 12 MB, is not in it.
//!
//! Where numbers leave float64, or the gradients of units drift too far apart for one exponent, sixteen bytes
//! are taken of each h, c, E, activation, slope, m and δ besides, and as many while the gradients are made of them.
//! With that, measured peaks of all cells are at most 17 % above the estimate.
//!
//! A window costs T G n (n + D) products forward, as many for the gradients, T G n² for each of about
//! 2 P + 2 sweeps back, and G n³ for eigenvalues. The rates were measured on one core with AVX-512, and the
//! time is within three times of what is measured there; a window that leaves float64 takes up to ten times.

use crate::cell::spec::Recurrence;
use crate::cell::{CellKind, Variant};
use crate::flow::ClipMode;
use crate::sim::budget::Cost;
use crate::sim::{CellChoice, Data, Settings, Side, StudyRequest};

/// Products a second.
const RATE: f64 = 4e9;
/// Products of a cubed dimension a second, in decompositions.
const CUBED_RATE: f64 = 8e8;
/// What every step of a sweep takes besides, in seconds.
const STEP: f64 = 1e-7;
/// Bytes of a number.
const NUMBER: f64 = 8.0;
/// Bytes for each path and gate of a step: its curves.
const OF_CURVE: f64 = 40.0;
/// Bytes for each input of a step: as it is, and packed.
const OF_INPUT: f64 = 11.0;
/// Bytes for each weight of R, and of W.
const OF_WEIGHT: [f64; 2] = [48.0, 20.0];
/// Bytes of a number with an exponent.
const WIDE: f64 = 16.0;
/// Bytes for the gradient of a weight, as it is made with exponents.
const OF_WIDE_WEIGHT: f64 = 48.0;
/// Bytes for each of a study, where numbers have exponents.
const OF_WIDE_STUDY: f64 = 1.5;
/// So many windows a search tries.
const TRIALS: f64 = 120.0;

/// The dimensions of a cell under settings.
struct Size {
    units: f64,
    inputs: f64,
    steps: f64,
    gates: f64,
    /// n x n matrices that a step crosses.
    matrices: f64,
    paths: f64,
    /// Numbers that are kept of each unit and step.
    kept: f64,
    /// Numbers with an exponent of each unit and step, where they leave float64.
    wide: f64,
}

impl Size {
    fn of(cell: CellChoice, settings: &Settings) -> Self {
        let gates = cell.kind.spec().gates.len().max(1) as f64;
        let each_other = if cell.variant == Variant::Fgr {
            9.0
        } else {
            0.0
        };
        let spec = cell.kind.spec();
        let of_state = if spec.has_c { 4.0 } else { 1.0 };
        let more = match (cell.kind, cell.variant) {
            (CellKind::Gru, _) => 1.0,
            (_, Variant::Fgr) => 3.0,
            _ => 0.0,
        };
        // What the step clipping would have left has a δ of its own.
        let sweeps = if settings.clip == ClipMode::Step {
            2.0
        } else {
            1.0
        };
        // Activation and slope of every gate, h, and with a c that and E.
        let tape = 2.0 * gates + if spec.has_c { 3.0 } else { 1.0 };
        // h, and two float64 of every product's columns, make the gradients of it.
        let gradient = 1.5 + 0.5 * gates;
        let beside = match (cell.kind, cell.variant) {
            // m, and δ of R h.
            (CellKind::Gru, _) => 3.0 + gates,
            (_, Variant::Fgr) => 6.0,
            _ => 0.0,
        };
        let of_gate = match spec.recurrence {
            Recurrence::Units | Recurrence::None => 5.0,
            Recurrence::Matrices | Recurrence::Eigenvalues => 3.0,
        };
        Self {
            units: settings.hidden as f64,
            inputs: settings.inputs as f64,
            steps: settings.steps as f64,
            gates,
            matrices: gates + each_other,
            paths: cell.paths(settings.peepholes).count() as f64,
            kept: of_state + more + of_gate * gates,
            wide: tape + sweeps * gates + gradient + beside,
        }
    }

    fn forward(&self) -> f64 {
        self.steps * self.units * (self.matrices * self.units + self.gates * self.inputs)
    }

    fn sweep(&self) -> f64 {
        self.steps * (self.matrices * self.units * self.units / RATE + STEP)
    }

    /// Sweeps back that a window takes: the whole, each path without, and why.
    fn sweeps(&self) -> f64 {
        2.0 + 2.0 * self.paths
    }

    /// Weights of R, and of W.
    fn weights(&self) -> [f64; 2] {
        [
            self.matrices * self.units * self.units,
            self.gates * self.units * self.inputs,
        ]
    }

    fn window(&self) -> Cost {
        let weights = self.weights();
        let of_step = NUMBER * self.kept * self.units
            + OF_CURVE * (self.paths + self.gates + 1.0)
            + OF_INPUT * self.inputs;
        let wide_step = WIDE * (self.wide * self.units + 1.5 * self.inputs);
        Cost {
            bytes: self.steps * of_step + OF_WEIGHT[0] * weights[0] + OF_WEIGHT[1] * weights[1],
            wide: self.steps * wide_step + OF_WIDE_WEIGHT * (weights[0] + weights[1]),
            seconds: 2.0 * self.forward() / RATE
                + self.sweeps() * self.sweep()
                + self.gates * self.units.powi(3) / CUBED_RATE,
        }
    }
}

/// Of a window of one cell.
pub fn one(cell: CellChoice, settings: &Settings) -> Cost {
    Size::of(cell, settings).window()
}

/// Of a window of both cells, each as large as its weights where it has some of the user's.
pub fn window(settings: &Settings, data: &Data) -> Cost {
    let [left, right] =
        Side::BOTH.map(|side| one(settings.cell(side), &data.sized(settings, side)));
    left + right
}

/// Of drawing the weights of both cells.
pub fn drawing(settings: &Settings, data: &Data) -> Cost {
    let weights =
        Side::BOTH.map(|side| Size::of(settings.cell(side), &data.sized(settings, side)).weights());
    let [left, right] = weights.map(|[r, w]| OF_WEIGHT[0] * r + OF_WEIGHT[1] * w);
    Cost {
        bytes: left.max(right),
        ..Cost::default()
    }
}

/// Of a search for the edge.
pub fn search(settings: &Settings, data: &Data) -> Cost {
    let window = window(settings, data);
    Cost {
        seconds: TRIALS * window.seconds / 2.0,
        ..window
    }
}

/// Of a study, beside the window.
pub fn study(settings: &Settings, data: &Data, request: StudyRequest) -> Cost {
    let Some(side) = request.side() else {
        return Cost::default();
    };
    let size = Size::of(settings.cell(side), &data.sized(settings, side));
    let (bytes, seconds) = match request {
        StudyRequest::Hops { orders, .. } => {
            let orders = (orders as f64).min(size.steps);
            let norms = (32.0 * orders * size.steps).min(1.3e8);
            (
                norms + 64.0 * orders * size.units * size.gates,
                orders * size.sweep(),
            )
        }
        StudyRequest::Spectrum { .. } => {
            let state = 2.0 * size.units;
            let bytes = 8.0 * state * state * 8.0;
            let own = 4.0 * size.gates * size.units.powi(3) / CUBED_RATE;
            (bytes, 2.0 * size.steps * state.powi(3) / RATE + own)
        }
        StudyRequest::Detach { .. } => (0.0, 20.0 * size.sweep()),
        StudyRequest::Explain { .. } => (0.0, 2.0 * size.sweeps() * size.sweep()),
        StudyRequest::Layers => (0.0, 0.0),
    };
    Cost {
        bytes,
        wide: OF_WIDE_STUDY * bytes,
        seconds,
    }
}
