//! Where a loss enters a sequence, where the way back is cut, and what padding costs.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView2, Axis, Slice};

use super::{Drive, JUDGED};
use crate::flow::backward::GoOn;
use crate::flow::lens::Truncated;
use crate::flow::stack::{StackFlow, StackLoss, StackTape, Stopped, Way};
use crate::flow::{Placed, Stack};
use crate::num::Wide;
use crate::sim::settings::LossKind;
use crate::sim::{Data, Settings};

/// Fewer steps at an end, all alike, are no padding.
const LEAST: usize = 2;

/// Where L = v·(…) enters, y_t being the output at t of both directions next to each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Entering {
    /// v·h_n: the last h of each direction as it reads.
    #[default]
    Last,
    /// v·y_T: of the direction that reads from the end the h after one step.
    Out,
    /// v·(1/T Σ y_t).
    Mean,
    /// v·max_t y_t, of each output by itself.
    Max,
    /// v·(Σ m_t y_t / Σ m_t).
    Masked {
        /// The file that says m.
        source: String,
        /// N × T, or one row for all sequences.
        weights: Array2<f64>,
    },
}

impl Entering {
    /// Where the loss of these settings enters; for one that enters at every step, as `last`.
    pub fn of(settings: &Settings, data: &Data) -> Self {
        match (settings.loss, &data.mask) {
            (LossKind::Last | LossKind::Sum | LossKind::Mse, _) => Self::Last,
            (LossKind::Out, _) => Self::Out,
            (LossKind::Max, _) => Self::Max,
            (LossKind::Mean, None) => Self::Mean,
            (LossKind::Mean, Some(mask)) => Self::Masked {
                source: mask.source.clone(),
                weights: mask.value.clone().insert_axis(Axis(0)),
            },
        }
    }

    /// In a word.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Out => "out",
            Self::Mean => "mean",
            Self::Max => "max",
            Self::Masked { .. } => "masked",
        }
    }

    /// As a formula.
    pub fn formula(&self) -> String {
        match self {
            Self::Last => "v·h_n".to_owned(),
            Self::Out => "v·y_T, y_T the output at T".to_owned(),
            Self::Mean => "v·mean y_t, the outputs at all steps".to_owned(),
            Self::Max => "v·max y_t, each output where it is largest".to_owned(),
            Self::Masked { source, .. } => format!("v·mean y_t by the weights of {source}"),
        }
    }

    /// The gradients at the outputs of these steps of sequence `index`, T × outputs; `None` of the loss that
    /// enters each direction at its own end.
    pub(super) fn weights(
        &self,
        stack: &Stack,
        run: &StackTape,
        v: &[f64],
        (index, real): (usize, &Range<usize>),
    ) -> Option<Array2<f64>> {
        let outputs;
        let placed = match self {
            Self::Last => return None,
            Self::Out => Placed::At(real.len()),
            Self::Mean => Placed::Mean,
            Self::Max => {
                outputs = stack.outputs(run);
                Placed::Max(outputs.view())
            }
            Self::Masked { weights, .. } => {
                let row = weights.row(index.min(weights.nrows() - 1));
                Placed::Masked(row.slice_axis_move(Axis(0), Slice::from(real.clone())))
            }
        };
        Some(placed.rows(real.len(), v))
    }
}

/// What padding takes away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Padding {
    /// How many sequences have some.
    pub sequences: usize,
    /// Of the one with the median cost, real steps, and those before and after them.
    pub real: usize,
    /// Steps before them.
    pub left: usize,
    /// Steps after them.
    pub right: usize,
    /// By how many powers of ten the gradient of the inputs at the real steps is smaller than without
    /// padding; infinite where none arrives.
    pub decades: f64,
}

/// A model's sequences, one after another, with the loss that enters them.
pub(in crate::sim) struct Entered<'a> {
    pub stack: &'a Stack,
    pub drive: &'a Drive,
    pub v: &'a [f64],
    /// h_0 and c_0, a row for each layer in each direction; zeros without.
    pub initial: [Option<&'a Array2<f64>>; 2],
}

impl Entered<'_> {
    /// Runs the model on some steps of a sequence.
    pub fn forward(&self, steps: ArrayView2<f64>, go_on: GoOn) -> Result<StackTape, Stopped> {
        let tapes = self.stack.started(steps.nrows(), self.initial);
        self.stack.forward(steps, tapes, go_on)
    }

    /// Goes back through such a run. `None` when the caller ended it.
    pub fn back(
        &self,
        run: &StackTape,
        of: (usize, &Range<usize>),
        way: Way,
        go_on: GoOn,
    ) -> Option<StackFlow> {
        let weights = self.drive.entering.weights(self.stack, run, self.v, of);
        let loss = weights
            .as_ref()
            .map_or(StackLoss::Last(self.v), StackLoss::Weighted);
        self.stack.back(run, loss, way, go_on)
    }

    /// What cutting the way back leaves of this gradient, where it was kept for that. `None` when the caller ended it.
    pub fn truncated(
        &self,
        run: &StackTape,
        index: usize,
        whole: &StackFlow,
        go_on: GoOn,
    ) -> Option<Vec<Truncated>> {
        let Some(steps) = self.drive.bptt.filter(|_| !whole.gradients.is_empty()) else {
            return Some(Vec::new());
        };
        let way = Way {
            truncate: steps,
            keep: true,
            ..Way::default()
        };
        let all = 0..self.drive.sequences[index].nrows();
        let part = self.back(run, (index, &all), way, go_on)?;
        Some(vec![Truncated::new(
            steps,
            &whole.gradients,
            &part.gradients,
        )])
    }

    /// What padding costs, over the first sequences that have some.
    pub fn padding(&self, go_on: GoOn) -> Result<Option<Padding>, Stopped> {
        let mut found: Vec<Padding> = Vec::new();
        let with: Vec<(usize, Range<usize>)> = self.drive.padded();
        for (index, real) in with.iter().take(JUDGED) {
            let sequence = &self.drive.sequences[*index];
            let all = 0..sequence.nrows();
            let mut arrives = |steps: &Range<usize>| {
                let rows = sequence.slice_axis(Axis(0), Slice::from(steps.clone()));
                let run = self.forward(rows, &mut *go_on)?;
                let way = Way {
                    to_inputs: true,
                    ..Way::default()
                };
                let flow = self.back(&run, (*index, steps), way, &mut *go_on);
                let flow = flow.ok_or(Stopped::Cancelled)?;
                let counted = flow
                    .inputs
                    .iter()
                    .skip(real.start - steps.start)
                    .take(real.len());
                Ok(counted.fold(Wide::ZERO, |sum, size| sum.hypot(*size)))
            };
            let (padded, packed) = (arrives(&all)?, arrives(real)?);
            if packed.is_zero() {
                continue;
            }
            found.push(Padding {
                sequences: with.len(),
                real: real.len(),
                left: real.start,
                right: all.end - real.end,
                decades: packed.log10() - padded.log10(),
            });
        }
        found.sort_by(|a, b| a.decades.total_cmp(&b.decades));
        Ok(super::curves::nearest_rank(&found, 0.5).copied())
    }
}

impl Drive {
    /// The sequences that have padding, each with its real steps; none where their lengths were given, or
    /// where they are not the user's.
    fn padded(&self) -> Vec<(usize, Range<usize>)> {
        let Some(pad) = self.pad.as_ref() else {
            return Vec::new();
        };
        let all = self.sequences.iter().enumerate();
        all.filter_map(|(index, sequence)| Some((index, real(sequence, pad)?)))
            .collect()
    }

    /// Leaves out the padding before each sequence, which no network has to remember: whatever is judged is the
    /// real steps, read from the states that the model begins with.
    #[must_use]
    pub fn without_leading(mut self) -> Self {
        let Some(pad) = &self.pad else {
            return self;
        };
        let leading = |sequence: &Array2<f64>| real(sequence, pad).map_or(0, |real| real.start);
        let leading: Vec<usize> = self.sequences.iter().map(leading).collect();
        if leading.iter().all(|&steps| steps == 0) {
            return self;
        }
        for (sequence, &from) in self.sequences.iter_mut().zip(&leading) {
            *sequence = sequence.slice_axis(Axis(0), Slice::from(from..)).to_owned();
        }
        Self { leading, ..self }
    }
}

/// The real steps of a sequence that has padding; `None` of one that has none, or nothing else.
fn real(sequence: &Array2<f64>, pad: &Array1<f64>) -> Option<Range<usize>> {
    let is_pad = |t: usize| sequence.row(t) == *pad;
    let steps = sequence.nrows();
    let left = (0..steps).take_while(|&t| is_pad(t)).count();
    let right = (left..steps).rev().take_while(|&t| is_pad(t)).count();
    let [left, right] = [left, right].map(|n| if n < LEAST { 0 } else { n });
    (left + right > 0 && steps >= left + right + 2).then(|| left..steps - right)
}
