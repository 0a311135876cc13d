//! The readout y = V h + d, the loss on it, and its gradient.

use std::ops::Range;

use super::network::{D, V};
use super::product::{columns, columns_mut, product};
use super::{Network, Real, Tape};

/// What the outputs are compared with: on the last step, or on every step of the sequence.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// Mean of (y − target)² over sequences, steps and outputs: S × N × O numbers for the last S steps.
    Numbers(Vec<f64>),
    /// Mean cross-entropy −log softmax(y) of the class over sequences and steps: S × N classes.
    Classes(Vec<u32>),
}

impl Targets {
    /// How many losses they make: one for each sequence and step.
    pub(super) fn losses(&self, outputs: usize) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len() / outputs,
            Self::Classes(classes) => classes.len(),
        }
    }

    /// Those of some of the N sequences.
    pub(super) fn part(&self, sequences: usize, of: Range<usize>, outputs: usize) -> Self {
        fn part<T: Copy>(all: &[T], sequences: usize, of: Range<usize>, width: usize) -> Vec<T> {
            let steps = all.chunks_exact(sequences * width);
            let rows = steps.flat_map(|step| &step[of.start * width..of.end * width]);
            rows.copied().collect()
        }
        match self {
            Self::Numbers(all) => Self::Numbers(part(all, sequences, of, outputs)),
            Self::Classes(all) => Self::Classes(part(all, sequences, of, 1)),
        }
    }
}

/// The part of the mean loss that some sequences have, and Δ_t for the last steps (S × N × H).
///
/// `count` is how many losses the mean is over: those of all sequences of the update. The gradients of V and
/// d are overwritten.
pub(super) fn head<T: Real>(
    network: &Network<T>,
    tape: &Tape<T>,
    targets: &Targets,
    count: usize,
    gradients: &mut [Vec<T>],
) -> (f64, Vec<T>) {
    let shape = network.shape;
    let (h, o, n) = (shape.hidden, shape.outputs, tape.batch);
    let rows = targets.losses(o);
    let first = (tape.steps + 1) * n - rows;
    let states = &tape.h[first * h..];
    let mut y = vec![T::default(); rows * o];
    for row in y.chunks_exact_mut(o) {
        row.copy_from_slice(&network.tensors[D]);
    }
    let v = columns(&network.tensors[V], h, 0..h, o);
    let out = columns_mut(&mut y, o, 0..o, rows);
    product(out, true, v.transpose(), columns(states, h, 0..h, rows));
    let loss = match targets {
        Targets::Numbers(numbers) => squares(&mut y, numbers, count * o),
        Targets::Classes(classes) => entropies(&mut y, classes, o, count),
    };
    let delta = columns(&y, o, 0..o, rows);
    let out = columns_mut(&mut gradients[V], h, 0..h, o);
    product(
        out,
        false,
        columns(states, h, 0..h, rows),
        delta.transpose(),
    );
    let sums = &mut gradients[D];
    sums.fill(T::default());
    for row in y.chunks_exact(o) {
        for (sum, &x) in sums.iter_mut().zip(row) {
            *sum += x;
        }
    }
    let mut inject = vec![T::default(); rows * h];
    product(columns_mut(&mut inject, h, 0..h, rows), false, v, delta);
    (loss, inject)
}

/// y ← ∂L/∂y for the mean of squares over so many numbers; its part of the mean.
fn squares<T: Real>(y: &mut [T], targets: &[f64], count: usize) -> f64 {
    let scale = T::of(2.0 / count as f64);
    let mut sum = 0.0;
    for (y, &target) in y.iter_mut().zip(targets) {
        let error = *y - T::of(target);
        sum += (error * error).wide();
        *y = error * scale;
    }
    sum / count as f64
}

/// y ← ∂L/∂y for the mean cross-entropy over so many classifications; its part of the mean.
fn entropies<T: Real>(y: &mut [T], classes: &[u32], outputs: usize, count: usize) -> f64 {
    let scale = T::of(1.0 / count as f64);
    let mut loss = 0.0;
    for (row, &class) in y.chunks_exact_mut(outputs).zip(classes) {
        let class = class as usize;
        let top = row.iter().copied().reduce(T::max).unwrap_or_default();
        let of_class = (row[class] - top).wide();
        let mut sum = T::default();
        for y in row.iter_mut() {
            *y = (*y - top).exp();
            sum += *y;
        }
        loss += sum.wide().ln() - of_class;
        for y in row.iter_mut() {
            *y = *y / sum * scale;
        }
        row[class] -= scale;
    }
    loss / count as f64
}
