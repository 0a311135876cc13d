//! What is diagnosed: a model, the sequences that drive it, and what each of its layers sees of them.

use ndarray::{Array1, Array2};

use super::{Entering, InspectError, MAX_TAPE, of_step};
use crate::cell::{Direction, LayerId, Semantics, StackParameters};
use crate::flow::Stack;
use crate::sim::signal;

/// What is diagnosed.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// The file's name, and the module's in it where it has one.
    pub title: String,
    /// The parameters.
    pub parameters: StackParameters,
    /// The functions of its cells.
    pub semantics: Semantics,
    /// What its cells were taken for, in a few words: `taken as nn.GRU: tanh, reset after`.
    pub taken: String,
}

/// What a model is measured on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Input {
    /// The user's own data, on which alone a model is judged.
    Own,
    /// Noise N(0,1).
    #[default]
    Noise,
    /// Rows of the model's embedding that chance has drawn.
    Rows,
    /// Something else that is not the user's data.
    Drawn,
}

/// What drives it, and what is asked of the way back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drive {
    /// In a few words: `noise`, or a file's name.
    pub source: String,
    /// What kind of input that is.
    pub input: Input,
    /// The sequences, T × D each, at least one.
    pub sequences: Vec<Array2<f64>>,
    /// Where the loss enters them.
    pub entering: Entering,
    /// The way back is cut every so many steps.
    pub bptt: Option<usize>,
    /// A step of padding, D numbers, where that is looked for.
    pub pad: Option<Array1<f64>>,
    /// So many steps of padding were left out before each sequence; empty where none were.
    pub leading: Vec<usize>,
}

impl Drive {
    /// That this is not the user's data, where so: `on noise N(0,1), not on your data`.
    pub fn caution(&self) -> Option<String> {
        self.input.caution(&self.source)
    }

    /// One sequence of the user's, in which zeros before or after the real steps are padding.
    pub(in crate::sim) fn padded_like(sequence: &Array2<f64>, entering: Entering) -> Self {
        Self {
            input: Input::Own,
            sequences: vec![sequence.clone()],
            pad: Some(Array1::zeros(sequence.ncols())),
            entering,
            ..Self::default()
        }
    }

    /// So many sequences of normal noise, one after the other from the signal `noise`: the first is
    /// what a cell alone sees in its first window.
    pub fn noise(count: usize, steps: usize, inputs: usize, seed: u64) -> Self {
        let sequence = |n: usize| signal::noise(steps, inputs, seed, (n * steps) as u64);
        Self {
            source: "noise".to_owned(),
            input: Input::Noise,
            sequences: (0..count).map(sequence).collect(),
            ..Self::default()
        }
    }

    /// So many sequences of rows of an embedding, V × D, each row as likely as any other.
    pub fn rows(
        count: usize,
        steps: usize,
        name: &str,
        embedding: &Array2<f64>,
        seed: u64,
    ) -> Self {
        let sequence = |n: usize| signal::rows(embedding, steps, seed, (n * steps) as u64);
        Self {
            source: format!("rows of {name} at random"),
            input: Input::Rows,
            sequences: (0..count).map(sequence).collect(),
            ..Self::default()
        }
    }

    /// This noise with these means and standard deviations, D numbers each.
    #[must_use]
    pub fn scaled(mut self, source: String, mean: &Array1<f64>, std: &Array1<f64>) -> Self {
        for sequence in &mut self.sequences {
            *sequence *= std;
            *sequence += mean;
        }
        Self {
            source,
            input: Input::Drawn,
            ..self
        }
    }

    /// Steps T of the longest sequence.
    pub fn steps(&self) -> usize {
        let lengths = self.sequences.iter().map(Array2::nrows);
        lengths.max().unwrap_or(0)
    }
}

/// A model, what drives it, and the seed of its loss vector: all that decides a diagnosis.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// The model.
    pub model: Model,
    /// What drives it.
    pub drive: Drive,
    /// The seed of the loss vector.
    pub seed: u64,
}

impl Model {
    /// The model, ready to run.
    pub fn stack(&self) -> Stack {
        Stack::new(self.parameters.clone(), self.semantics)
    }

    /// The inputs of a layer, as its direction reads them, when the model runs on `inputs`, T × D:
    /// for layer 0 these themselves, and reversed for a reverse direction.
    ///
    /// # Errors
    /// A state below left the range of numbers, or the states of a layer do not fit into 2 GiB.
    pub fn seen(&self, inputs: &Array2<f64>, id: LayerId) -> Result<Array2<f64>, InspectError> {
        let below = self.parameters.layers.iter().take(id.layer);
        let step = |parts: &Vec<Direction>| parts.iter().map(|part| of_step(&part.cell)).sum();
        let most = MAX_TAPE / below.map(step).max().unwrap_or(1usize).max(1);
        if id.layer > 0 && inputs.nrows() > most {
            return Err(InspectError::TooLong {
                title: self.title.clone(),
                most,
                found: inputs.nrows(),
            });
        }
        let stack = self.stack();
        stack
            .seen(inputs.view(), id, &mut |_| true)
            .map_err(|stopped| InspectError::Stopped(self.title.clone(), stopped))
    }
}
