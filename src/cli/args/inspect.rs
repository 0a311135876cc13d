//! The options of `rnntop inspect`.

use std::path::{Path, PathBuf};

use clap::builder::{PathBufValueParser, TypedValueParser};
use clap::{Args, ValueHint};

use super::{ScreenArgs, layer, one_of, real, size, whole};
use crate::cell::{Activation, LayerId, Reset};
use crate::sim::inspect::Entering;
use crate::sim::preset::limits::{self, Range, Words};

const EXAMPLES: &str = "\
Examples:
  rnntop inspect model.pt --list                 the recurrent modules of a file
  rnntop inspect model.keras                     on noise
  rnntop inspect model.safetensors --module encoder.lstm --input batch.npy
  rnntop inspect model.h5 --module lstm_1,lstm_2 --input batch.npy --loss mean --bptt 32
  rnntop inspect model.safetensors --embedding embed.weight --input tokens.npy
  rnntop inspect epoch9.safetensors --against epoch1.safetensors
  rnntop inspect model.pt --module encoder --against model.pt:decoder
  rnntop inspect model.safetensors --live        all layers on the screen
  rnntop inspect model.safetensors --format json | jq '.models[0].layers[].horizon'

v of the loss is random, of norm 1 (--seed). In a reverse direction steps count as it reads. Numbers over
several sequences are medians. Zeros before or after an input are padding, and so is token 0: those before
it are left out, and what those after it cost is said.";

/// `rnntop inspect`.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct InspectArgs {
    /// A file with an RNN, LSTM or GRU: PyTorch (.pt), Keras (.keras, .h5), ONNX, safetensors, .npz or JSON
    #[arg(value_name = "MODEL", value_hint = ValueHint::FilePath)]
    pub model: PathBuf,
    /// The recurrent module, where the file has several; or NAME,NAME,… of modules that read one another, the
    /// lowest first
    #[arg(long, value_name = "NAME")]
    pub module: Option<String>,
    /// List the recurrent modules of the file and end
    #[arg(long, conflicts_with_all = ["module", "against", "input", "out"])]
    pub list: bool,
    /// Open the screen on the model's layers; the other screens show one of them live
    #[arg(long, conflicts_with_all = ["list", "format", "out", "force"])]
    pub live: bool,
    /// The layer that is live, from 0 as in PyTorch's names; 0r is its reverse direction [default: 0]
    #[arg(long, value_name = "N", value_parser = layer, requires = "live")]
    pub layer: Option<LayerId>,
    /// The layer that is live beside it [default: that of --layer]; without --against another layer of MODEL
    #[arg(long, value_name = "N", value_parser = layer, requires = "live")]
    pub against_layer: Option<LayerId>,
    /// A second model, side by side, on the same input: OTHER has the module of --module, or MODULE
    #[arg(long, value_name = "OTHER[:MODULE]", value_hint = ValueHint::FilePath, value_parser = against())]
    pub against: Option<Against>,
    /// φ of the cell, which weights alone do not say [default: tanh]
    #[arg(long, value_name = "PHI", value_parser = one_of(limits::ACTIVATIONS), help_heading = "Cell")]
    pub activation: Option<Activation>,
    /// φ of an LSTM's state in h = φ(c) ⊙ o, where it is another [default: that of --activation]
    #[arg(long, value_name = "PHI", value_parser = one_of(limits::ACTIVATIONS), help_heading = "Cell")]
    pub state_activation: Option<Activation>,
    /// What makes a gate of its pre-activation: sigmoid, hard_sigmoid (0.2x + 0.5: Keras 1 and 2) or
    /// hard_sigmoid_6 (x/6 + 0.5: Keras 3) [default: sigmoid]
    #[arg(long, value_name = "SIGMA", value_parser = one_of(limits::GATE_FUNCTIONS), help_heading = "Cell")]
    pub gate: Option<Activation>,
    /// Whether a GRU's reset gate stands after the matrix R_n (PyTorch) or before it [default: after]
    #[arg(long, value_name = "SIDE", value_parser = one_of(limits::RESETS), help_heading = "Cell")]
    pub reset: Option<Reset>,
    /// Added to an LSTM's forget bias at run time: 1 for weights of TensorFlow 1 [default: 0]
    #[arg(long, value_name = "X", value_parser = real(limits::GATE_BIAS), allow_negative_numbers = true, help_heading = "Cell")]
    pub forget_offset: Option<f64>,
    /// The input: .npy, .npz (T x D, or N x T x D), .csv, .tsv, any other file as text, - for
    /// standard input; a model is judged on it alone: without it JSON has null for verdict and no advice
    /// [default: rows of the file's embedding at random, or noise]
    #[arg(long, value_name = "FILE|-", value_hint = ValueHint::FilePath, help_heading = "Input")]
    pub input: Option<PathBuf>,
    /// The array of a .npz archive, where it has several
    #[arg(long, value_name = "NAME", requires = "input", help_heading = "Input")]
    pub array: Option<String>,
    /// The embedding in the model's file whose rows the input's tokens (or bytes) choose; without --input,
    /// chance chooses
    #[arg(long, value_name = "NAME", help_heading = "Input")]
    pub embedding: Option<String>,
    /// Noise with these means, D numbers or one (.npy), in place of 0
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["input", "embedding"], help_heading = "Input")]
    pub mean: Option<PathBuf>,
    /// Noise with these standard deviations, D numbers or one (.npy), in place of 1
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["input", "embedding"], help_heading = "Input")]
    pub std: Option<PathBuf>,
    /// Noise with the means and standard deviations of the columns of this sample, a file as of --input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with_all = ["input", "embedding", "mean", "std"], help_heading = "Input")]
    pub sample: Option<PathBuf>,
    /// Steps T: the first of the input [default: all], or of noise [default: 200]; 2 to 20000
    #[arg(long, value_name = "T", value_parser = size(limits::STEPS), help_heading = "Input")]
    pub steps: Option<usize>,
    /// Sequences of noise or rows, 1 to 256 [default: 1]
    #[arg(long, value_name = "N", value_parser = size(BATCH), conflicts_with = "input", help_heading = "Input")]
    pub batch: Option<usize>,
    /// The real steps of each sequence, N whole numbers (.npy), or one number: what comes after them is padding,
    /// and is cut off
    #[arg(long, value_name = "FILE|T", value_hint = ValueHint::FilePath, value_parser = length(), requires = "input", help_heading = "Input")]
    pub length: Option<Length>,
    /// What the loss L = v·(…) sees: last, the last h of each direction (h_n); out, the output at T, where a
    /// reverse direction has read one step; mean or max, of all outputs
    #[arg(long, value_name = "LOSS", default_value = "last", value_parser = one_of(LOSSES), help_heading = "Loss")]
    pub loss: Entering,
    /// The mean of all outputs by these weights, N x T or T numbers (.npy), in place of --loss
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "loss", help_heading = "Loss")]
    pub mask: Option<PathBuf>,
    /// Also the parameters' gradient with the way back cut every K steps (truncated backpropagation): how
    /// large it is beside the whole one, and how far it is turned
    #[arg(long, value_name = "K", value_parser = size(super::STEP), help_heading = "Loss")]
    pub bptt: Option<usize>,
    /// Seed of noise and loss vector
    #[arg(long, value_name = "N", default_value = "7", value_parser = whole(limits::SEED), help_heading = "Input")]
    pub seed: u64,
    /// text: the diagnosis for people; json: every number of it
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = one_of(FORMATS), help_heading = "Output")]
    pub format: InspectFormat,
    /// Write to a file instead of standard output
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// Overwrite the file of --out
    #[arg(long, requires = "out", help_heading = "Output")]
    pub force: bool,
    /// How the screen of --live is drawn.
    #[command(flatten)]
    pub screen: ScreenArgs,
}

/// The value of `--against`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Against {
    /// The file.
    pub path: PathBuf,
    /// Its module, where one was named.
    pub module: Option<String>,
}

/// Reads it.
pub(super) fn against() -> impl TypedValueParser<Value = Against> {
    PathBufValueParser::new().map(Against::of)
}

impl Against {
    /// What stands after the last colon is a module, unless a file has the whole name.
    fn of(path: PathBuf) -> Self {
        let parts = path.to_str().and_then(|text| text.rsplit_once(':'));
        match parts {
            Some((file, module)) if !path.exists() => Self {
                path: file.into(),
                module: Some(module.to_owned()),
            },
            _ => Self { path, module: None },
        }
    }
}

/// The value of `--length`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Length {
    /// So many steps of the one sequence.
    Steps(usize),
    /// A file with a number for each sequence.
    File(PathBuf),
}

/// Reads it.
pub(super) fn length() -> impl TypedValueParser<Value = Length> {
    PathBufValueParser::new().map(|path| {
        let steps = path.to_str().and_then(|text| text.parse().ok());
        steps.map_or(Length::File(path), Length::Steps)
    })
}

impl Length {
    /// The file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::Steps(_) => None,
            Self::File(path) => Some(path),
        }
    }
}

/// The formats of `inspect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InspectFormat {
    /// Words and tables.
    Text,
    /// The JSON contract of `cli::inspect::json`.
    Json,
}

const FORMATS: Words<InspectFormat> =
    &[("text", InspectFormat::Text), ("json", InspectFormat::Json)];
const LOSSES: Words<Entering> = &[
    ("last", Entering::Last),
    ("out", Entering::Out),
    ("mean", Entering::Mean),
    ("max", Entering::Max),
];
const BATCH: Range = Range::Whole(1, 256);
