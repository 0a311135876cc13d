//! The options of `rnntop train`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{THREADS, one_of, size, whole};
use crate::sim::preset::limits::{self, Range, Words, Wrong};
use crate::train::settings::{InitName, Precision};
use crate::train::{Clip, Kind, Rule};

const EXAMPLES: &str = "\
Examples:
  rnntop train adding --length 50 --learning-rate 0.01 --forget-bias 1 --clip norm:1
  rnntop train adding --cell rnn --init orthogonal --rho 1.5 --optimizer sgd --learning-rate 0.03 \\
      --clip off --updates 60 --seed 11 --log off.jsonl        an explosion wrecks a run
  rnntop train text --text book.txt --length 100 --save book.safetensors
  rnntop train --resume book.safetensors --updates 5000
  rnntop train arrays --inputs X.npy --targets Y.npy --log - | jq .grad_norm

A line of the log has update, loss, grad_norm, clipped_norm and learning_rate (and with --truncate
cut_off, the part of the whole gradient that is cut off); numbers that are not finite are the strings
\"nan\", \"inf\" and \"-inf\".

--save NAME.safetensors writes the weights with PyTorch's names (rnn.weight_ih_l0, …, head.weight), the
settings to NAME.toml and what --resume goes on from to NAME.state.safetensors.

Exit status: 0 all updates are done, 1 the run diverged (or something failed), 2 usage or input, 130
interrupted.";

/// `rnntop train`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct TrainArgs {
    /// adding, copy, order, latch, xor, text (the next byte of --text) or arrays (--inputs, --targets)
    #[arg(value_name = "TASK", hide_possible_values = true, value_parser = one_of(TASKS), required_unless_present = "resume", conflicts_with = "resume")]
    pub task: Option<&'static str>,
    /// The text of the task text
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, conflicts_with = "resume", help_heading = "Task")]
    pub text: Option<PathBuf>,
    /// Sequences of the task arrays, N x T x D
    #[arg(long, value_name = "X.npy", value_hint = ValueHint::FilePath, conflicts_with = "resume", help_heading = "Task")]
    pub inputs: Option<PathBuf>,
    /// Their targets: N x O for the last step, N x T x O for every step
    #[arg(long, value_name = "Y.npy", value_hint = ValueHint::FilePath, conflicts_with = "resume", help_heading = "Task")]
    pub targets: Option<PathBuf>,
    /// T of the task, 2 to 20000 (copy adds 20 steps; order takes 10 or more) [default: 100]
    #[arg(long, value_name = "T", value_parser = size(limits::STEPS), conflicts_with = "resume", help_heading = "Task")]
    pub length: Option<usize>,
    /// Sequences of an update, 1 to 1024 [default: 32]
    #[arg(long, value_name = "N", value_parser = size(BATCH), conflicts_with = "resume", help_heading = "Task")]
    pub batch: Option<usize>,
    /// Seed of weights and batches [default: 1]
    #[arg(long, value_name = "N", value_parser = whole(limits::SEED), conflicts_with = "resume", help_heading = "Task")]
    pub seed: Option<u64>,
    /// rnn (tanh), irnn (relu, starting from the identity), lstm, gru or indrnn [default: lstm]
    #[arg(long, value_name = "CELL", hide_possible_values = true, value_parser = one_of(CELLS), conflicts_with = "resume", help_heading = "Network")]
    pub cell: Option<Kind>,
    /// Units H, 1 to 512 [default: 64]
    #[arg(long, value_name = "H", value_parser = size(HIDDEN), conflicts_with = "resume", help_heading = "Network")]
    pub hidden: Option<usize>,
    /// The recurrent matrices: pytorch, U(±1/√H) as everything else, or of spectral radius --rho
    /// [default: pytorch; of an irnn identity]
    #[arg(long, value_name = "INIT", hide_possible_values = true, value_parser = one_of(INITS), conflicts_with = "resume", help_heading = "Network")]
    pub init: Option<InitName>,
    /// Spectral radius of every recurrent matrix, 0 to 100 [default: 1; with --init pytorch as drawn]
    #[arg(long, value_name = "RHO", value_parser = real(limits::RHO), conflicts_with = "resume", help_heading = "Network")]
    pub rho: Option<f64>,
    /// Bias of an LSTM's forget gate at the start, -20 to 20 [default: as drawn]
    #[arg(long, value_name = "B", value_parser = real(limits::GATE_BIAS), allow_negative_numbers = true, conflicts_with = "resume", help_heading = "Network")]
    pub forget_bias: Option<f64>,
    /// sgd, momentum, rmsprop, adam or adamw, as in torch.optim [default: adam]
    #[arg(long, value_name = "NAME", hide_possible_values = true, value_parser = one_of(OPTIMISERS), conflicts_with = "resume", help_heading = "Optimiser")]
    pub optimizer: Option<Rule>,
    /// η, 0 to 1000 [default: 0.001; of sgd and momentum 0.01]
    #[arg(long, value_name = "ETA", value_parser = real(RATE), help_heading = "Optimiser")]
    pub learning_rate: Option<f64>,
    /// μ of momentum, 0 to 1 [default: 0.9]
    #[arg(long, value_name = "MU", value_parser = real(UNIT), conflicts_with = "resume", help_heading = "Optimiser")]
    pub momentum: Option<f64>,
    /// Weight decay, 0 to 1 [default: 0; of adamw 0.01]
    #[arg(long, value_name = "X", value_parser = real(UNIT), conflicts_with = "resume", help_heading = "Optimiser")]
    pub weight_decay: Option<f64>,
    /// off, norm:θ or value:θ [default: off]
    #[arg(long, value_name = "MODE", value_parser = Clip::parse, help_heading = "Optimiser")]
    pub clip: Option<Clip>,
    /// Truncated backpropagation: the gradient stops after every K steps, 1 to 20000 [default: never]
    #[arg(long, value_name = "K", value_parser = size(TRUNCATE), conflicts_with = "resume", help_heading = "Optimiser")]
    pub truncate: Option<usize>,
    /// Updates in all, 1 to 1000000000
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = whole(UPDATES), help_heading = "Run")]
    pub updates: u64,
    /// float64 or float32 [default: float64]
    #[arg(long, value_name = "KIND", hide_possible_values = true, value_parser = one_of(PRECISIONS), conflicts_with = "resume", help_heading = "Run")]
    pub precision: Option<Precision>,
    /// Threads, 1 to 256; the numbers do not depend on it [default: as many as the machine runs at once]
    #[arg(long, value_name = "N", value_parser = size(THREADS), help_heading = "Run")]
    pub threads: Option<usize>,
    /// A line of JSON for every update, - for standard output
    #[arg(long, value_name = "FILE.jsonl|-", value_hint = ValueHint::FilePath, help_heading = "Run")]
    pub log: Option<PathBuf>,
    /// Where the weights go, and beside them what --resume needs
    #[arg(long, value_name = "NAME.safetensors", value_hint = ValueHint::FilePath, help_heading = "Run")]
    pub save: Option<PathBuf>,
    /// Save after every so many updates, 1 to 1000000000, and at the end
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = whole(UPDATES), help_heading = "Run")]
    pub save_every: u64,
    /// Go on where a run was saved, to --updates in all, and save there again
    #[arg(long, value_name = "NAME.safetensors", value_hint = ValueHint::FilePath, conflicts_with = "save", help_heading = "Run")]
    pub resume: Option<PathBuf>,
    /// Overwrite the files of --log and --save
    #[arg(long, help_heading = "Run")]
    pub force: bool,
}

const TASKS: Words<&str> = &[
    ("adding", "adding"),
    ("copy", "copy"),
    ("order", "order"),
    ("latch", "latch"),
    ("xor", "xor"),
    ("text", "text"),
    ("arrays", "arrays"),
];
const CELLS: Words<Kind> = &[
    ("rnn", Kind::Rnn),
    ("irnn", Kind::Irnn),
    ("lstm", Kind::Lstm),
    ("gru", Kind::Gru),
    ("indrnn", Kind::Indrnn),
];
const INITS: Words<InitName> = &[
    ("pytorch", InitName::Pytorch),
    ("orthogonal", InitName::Orthogonal),
    ("gaussian", InitName::Gaussian),
    ("identity", InitName::Identity),
];
const OPTIMISERS: Words<Rule> = &[
    ("sgd", Rule::Sgd),
    ("momentum", Rule::Momentum),
    ("rmsprop", Rule::Rmsprop),
    ("adam", Rule::Adam),
    ("adamw", Rule::Adamw),
];
const PRECISIONS: Words<Precision> = &[
    ("float64", Precision::Float64),
    ("float32", Precision::Float32),
];
const HIDDEN: Range = Range::Whole(1, 512);
const BATCH: Range = Range::Whole(1, 1024);
const RATE: Range = Range::Real(0.0, 1000.0);
const UNIT: Range = Range::Real(0.0, 1.0);
const TRUNCATE: Range = Range::Whole(1, 20_000);
const UPDATES: Range = Range::Whole(1, 1_000_000_000);

fn real(range: Range) -> impl Fn(&str) -> Result<f64, Wrong> + Clone {
    move |text| range.parse(text)
}
