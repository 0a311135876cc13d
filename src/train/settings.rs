//! All that decides a run.

pub mod table;

use serde::{Deserialize, Serialize};

use super::{Clip, Kind, Regulariser, Rule, Shape, Start, Task};
use crate::cell::Init;

/// Which numbers a run computes with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// As everything else that is shown.
    #[default]
    Float64,
    /// As PyTorch does unless it is told otherwise.
    Float32,
}

/// How weights are drawn, as a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InitName {
    /// [`Start::Pytorch`].
    Pytorch,
    /// [`Init::Orthogonal`].
    Orthogonal,
    /// [`Init::Gaussian`].
    Gaussian,
    /// [`Init::Identity`].
    Identity,
}

impl InitName {
    /// What it stands for.
    pub fn start(self) -> Start {
        match self {
            Self::Pytorch => Start::Pytorch,
            Self::Orthogonal => Start::Recurrent(Init::Orthogonal),
            Self::Gaussian => Start::Recurrent(Init::Gaussian),
            Self::Identity => Start::Recurrent(Init::Identity),
        }
    }
}

/// The settings of a run, as they stand in the `.toml` beside its weights.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The task's name.
    pub task: String,
    /// The text, for the task `text`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The arrays, for the task `arrays`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inputs: Option<String>,
    /// Their targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub targets: Option<String>,
    /// The cell.
    pub cell: Kind,
    /// Units H.
    pub hidden: usize,
    /// How weights are drawn.
    pub init: InitName,
    /// ρ of every recurrent matrix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rho: Option<f64>,
    /// The bias of an LSTM's forget gate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forget_bias: Option<f64>,
    /// T of the task.
    pub length: usize,
    /// Sequences of an update.
    pub batch: usize,
    /// The optimiser.
    pub optimizer: Rule,
    /// η.
    pub learning_rate: f64,
    /// μ of the optimiser momentum.
    pub momentum: f64,
    /// Weight decay.
    pub weight_decay: f64,
    /// Clipping.
    pub clip: Clip,
    /// After every so many steps the gradient stops; 0 for never.
    pub truncate: usize,
    /// A term that helps the gradient to come back.
    #[serde(default)]
    pub regulariser: Regulariser,
    /// The seed of weights and batches.
    pub seed: u64,
    /// The numbers.
    pub precision: Precision,
}

impl Default for Settings {
    /// An LSTM on the adding problem.
    fn default() -> Self {
        Self {
            task: "adding".to_owned(),
            text: None,
            inputs: None,
            targets: None,
            cell: Kind::Lstm,
            hidden: 64,
            init: InitName::Pytorch,
            rho: None,
            forget_bias: None,
            length: 100,
            batch: 32,
            optimizer: Rule::Adam,
            learning_rate: 0.001,
            momentum: 0.9,
            weight_decay: 0.0,
            clip: Clip::Off,
            truncate: 0,
            regulariser: Regulariser::Off,
            seed: 1,
            precision: Precision::Float64,
        }
    }
}

impl Settings {
    /// The shape of the network for a task.
    pub fn shape(&self, task: &Task) -> Shape {
        Shape {
            kind: self.cell,
            inputs: task.inputs(),
            hidden: self.hidden,
            outputs: task.outputs(),
        }
    }
}
