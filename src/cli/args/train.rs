//! The options of `rnntop train`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::{Given, ScreenArgs, THREADS, one_of, size, whole};
use crate::sim::preset::limits::{Range, Words};
use crate::train::Settings;

const EXAMPLES: &str = "\
Examples:
  rnntop train adding --length 50 --learning-rate 0.01 --forget-bias 1 --clip norm:1
  rnntop train adding --cell rnn --init orthogonal --rho 1.5 --optimizer sgd --learning-rate 0.03 \\
      --clip off --updates 60 --seed 11 --log off.jsonl        an explosion wrecks a run
  rnntop train adding --cell rnn --init orthogonal --rho 1.5 --optimizer sgd --learning-rate 0.03 \\
      --updates 60 --screen --beside clip=norm:1       the same on the screen, a clipped run beside it
  rnntop train text --text book.txt --length 100 --save book.safetensors
  rnntop train --resume book.safetensors --updates 5000
  rnntop train arrays --inputs X.npy --targets Y.npy --log - | jq .grad_norm

A line of the log has update, loss, grad_norm, clipped_norm and learning_rate (and with --truncate
cut_off, the part of the whole gradient that is cut off; with omega and floss penalty, what they
add to the loss); numbers that are not finite are the strings \"nan\", \"inf\" and \"-inf\".

--save NAME.safetensors writes the weights with PyTorch's names (rnn.weight_ih_l0, …, head.weight), the
settings to NAME.toml and what --resume goes on from to NAME.state.safetensors.

Exit status: 0 all updates are done, 1 the run diverged (or something failed), 2 usage or input, 130
or 143 interrupted (--save has the weights until then).";

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
    /// The rows of the table.
    #[command(flatten)]
    pub settings: Given<Settings>,
    /// Updates in all, 1 to 1000000000
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = whole(UPDATES), help_heading = "Run")]
    pub updates: u64,
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
    /// Watch the run on the screen
    #[arg(long, conflicts_with = "log", help_heading = "Screen")]
    pub screen: bool,
    /// On the screen, a second run beside it with these settings, from the same seed on the same batches:
    /// clip=norm:1 or cell=rnn,init=orthogonal
    #[arg(
        long,
        value_name = "SETTING=VALUE,…",
        value_delimiter = ',',
        requires = "screen",
        conflicts_with = "resume",
        help_heading = "Screen"
    )]
    pub beside: Vec<String>,
    /// How the screen is drawn.
    #[command(flatten)]
    pub look: ScreenArgs,
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
const UPDATES: Range = Range::Whole(1, 1_000_000_000);
