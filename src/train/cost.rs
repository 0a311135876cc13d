//! What an update takes, estimated before a run begins.

use super::engine::GROUP;
use super::settings::{Precision, Settings};
use super::{Kind, Regulariser, Shape, Task};
use crate::sim::budget::Cost;

/// Products a second of one core, of float64: half of what was measured on one with AVX-512.
const RATE: f64 = 15e9;

/// What an update takes on so many threads: the memory of all sequences and steps, with the weights, the
/// optimiser's and the gradients of every group of sequences; and the time of three products of each weight.
///
/// Measured with H from 64 to 512, the memory is within 10 % of that, beside 12 MB of the program's own.
pub fn of_update(settings: &Settings, task: &Task, threads: usize) -> Cost {
    let shape = settings.shape(task);
    let Shape {
        kind,
        inputs,
        hidden,
        outputs,
    } = shape;
    let size = match settings.precision {
        Precision::Float64 => 8.0,
        Precision::Float32 => 4.0,
    };
    // h, and c with its tanh; the gates; what is injected at every step.
    let states = if kind.has_c() { 3 } else { 1 };
    let every = usize::from(task.tells_at_every_step());
    let mut numbers = (kind.blocks() + states + every) * hidden + inputs + 2 * every * outputs;
    let mut products = kind.gates() * hidden * inputs;
    if kind != Kind::Indrnn {
        products += kind.gates() * hidden * hidden;
    }
    products *= 3;
    // A second way back begins from a copy of the gates.
    let again = settings.truncate > 0 || matches!(settings.regulariser, Regulariser::Floss(..));
    numbers += usize::from(again) * kind.blocks() * hidden;
    let mut frames = 0.0;
    if let Regulariser::Floss(_, count) = settings.regulariser {
        // Q and U of every step, and the way back from them.
        frames = size * (count * hidden + 2 * hidden) as f64 + 8.0 * (count * count) as f64;
        products += 6 * count * hidden * (hidden + 2 * count);
    }
    let rows = (task.steps(settings.length) * settings.batch) as f64;
    let row = size * numbers as f64 + 8.0 * inputs as f64 + frames;
    let tensors = shape.tensors();
    let weights: usize = tensors
        .iter()
        .map(|shape| shape.iter().product::<usize>())
        .sum();
    let groups = settings.batch.div_ceil(GROUP);
    let of_groups = groups * (1 + usize::from(again));
    // The weights, those before, and the sum of the gradients.
    let copies = 3 + settings.optimizer.memories().len() + of_groups;
    let threads = threads.clamp(1, groups) as f64;
    Cost {
        bytes: rows * row + size * (weights * copies) as f64,
        wide: 0.0,
        seconds: rows * products as f64 * size / 8.0 / RATE / threads,
    }
}
