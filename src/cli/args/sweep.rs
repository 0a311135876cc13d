//! The options of `rnntop sweep`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::{Given, THREADS, one_of, size};
use crate::cell::{CellKind, Variant};
use crate::sim::Settings;
use crate::sim::preset::limits;
use crate::sweep::picture::Show;
use crate::sweep::{Axis, draft};

const EXAMPLES: &str = "\
Examples:
  rnntop sweep --x rho=0.5:2:101 --y forget=0:1:51 --out map.csv --out map.png
  rnntop sweep --cell lstm --init orthogonal --hidden 16 --signal zero --x rho=0.2:1.8:9 \\
      --y forget-bias=0:4:9 --out map.csv
  rnntop sweep map.toml --seeds 20 --quantiles 0.25,0.5,0.75 --out quartiles.csv
  rnntop sweep larger --out larger.csv           a sweep that is part of the program
  rnntop sweep map.toml --shard 1/4 --out part-1.csv --resume
  rnntop sweep merge part-*.csv --out whole.csv --out whole.svg

An axis is any setting with numbers or words, by the name of its option, and forget (with numbers, the
pinned gate's f), forget-bias, rho-block, rho-input, rho-forget and rho-output (the spectral radius of
one matrix), mix (from orthogonal to gaussian matrices), peephole-size (of an LSTM with --peepholes),
threshold, initial-h, initial-c, and gate-scale.GATE and gate-bias.GATE.

A row has the values of both axes, seed, factor_per_step (r), log10_growth (of r to the power of T),
lyapunov_max (1/T ln of the largest singular value of the product of Jacobians) and cause (the paths
that make the gradient grow or die out). What is no number is nan, the logarithm of 0 is -inf.

Beside a FILE.csv, FILE.toml says what was swept, with every setting; it is a SPEC again. The same text is
rnntop.sweep in the metadata of a FILE.parquet, the description of a PNG, and an object in JSON; on standard
output a last column, provenance, says it in its first row. While a sweep is under way, what is done stands
in FILE.csv.part, where --resume goes on. No result depends on the number of threads. Memory: 32 bytes for
each window, beside the windows under way.

Exit status: 0 done, 1 something failed, 2 usage or input, 130 or 143 interrupted.";

/// `rnntop sweep`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
#[command(subcommand_value_name = "COMMAND", disable_help_subcommand = true)]
pub struct SweepArgs {
    /// What else is done with results.
    #[command(subcommand)]
    pub command: Option<SweepCommand>,
    /// The sweep.
    #[command(flatten)]
    pub run: SweepRunArgs,
}

/// The commands below `sweep`.
#[derive(Debug, Subcommand)]
pub enum SweepCommand {
    /// Join the files of all shards of a sweep
    Merge(MergeArgs),
}

/// `rnntop sweep merge`.
#[derive(Debug, Args)]
pub struct MergeArgs {
    /// The files of the shards, each with its .toml beside it
    #[arg(required = true, value_name = "SHARD.csv", value_hint = ValueHint::FilePath)]
    pub shards: Vec<PathBuf>,
    /// Where the whole goes.
    #[command(flatten)]
    pub output: SweepOutputArgs,
}

/// Where results go.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct SweepOutputArgs {
    /// FILE.csv, FILE.json or FILE.parquet, or a picture, FILE.svg or FILE.png; may be given several times [default: CSV to standard output]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Vec<PathBuf>,
    /// What the colours of a picture say: growth (log10 of r to the power of T), factor (r), lyapunov or cause,
    /// of several seeds the median; or exploding, the share of the seeds that explode [default: growth]
    #[arg(long, value_name = "WHAT", hide_possible_values = true, value_parser = one_of(SHOWS))]
    pub show: Option<Show>,
    /// Overwrite files
    #[arg(long)]
    pub force: bool,
}

/// What is swept.
#[derive(Debug, Args)]
pub struct SweepRunArgs {
    /// A .toml file with cell, x, y, seeds, quantiles and [settings], or the name of a sweep that is part of
    /// the program (larger); options override it
    #[arg(value_name = "SPEC", value_hint = ValueHint::FilePath)]
    pub spec: Option<String>,
    /// The horizontal axis: NAME=LO:HI:N, NAME=LO:HI:N:log or NAME=A,B,…
    #[arg(long, value_name = "AXIS", value_parser = Axis::parse, help_heading = "Sweep")]
    pub x: Option<Axis>,
    /// The vertical axis
    #[arg(long, value_name = "AXIS", value_parser = Axis::parse, help_heading = "Sweep")]
    pub y: Option<Axis>,
    /// Seeds of every point, 1 to 10000, from --seed on [default: 1]
    #[arg(long, value_name = "N", value_parser = size(draft::SEEDS), help_heading = "Sweep")]
    pub seeds: Option<usize>,
    /// Quantiles over the seeds, such as 0.25,0.5,0.75, instead of a row for every seed; the cause is then
    /// the most frequent one
    #[arg(long, value_name = "Q,…", value_parser = parse_quantiles, help_heading = "Sweep")]
    pub quantiles: Option<Quantiles>,
    /// Leave out lyapunov_max, which is nan then; it takes most of the time where H is large
    #[arg(long, help_heading = "Sweep")]
    pub no_lyapunov: bool,
    /// A part of the sweep: I/N from 1/N to N/N; slurm, the part of this task of a Slurm array job; slurm/N,
    /// the same where tasks of --array=0-(N-1) may be submitted again by themselves
    #[arg(long, value_name = "I/N", help_heading = "Sweep")]
    pub shard: Option<String>,
    /// Go on where the sweep was interrupted; nothing happens where it is complete
    #[arg(long, requires = "out", help_heading = "Sweep")]
    pub resume: bool,
    /// Threads, 1 to 256 [default: as many as the machine runs at once]
    #[arg(long, value_name = "N", value_parser = size(THREADS), help_heading = "Sweep")]
    pub threads: Option<usize>,
    /// Where results go.
    #[command(flatten)]
    pub output: SweepOutputArgs,
    /// The cell [default: lstm]
    #[arg(long, value_name = "CELL", value_parser = one_of(limits::CELLS), help_heading = "Simulation")]
    pub cell: Option<CellKind>,
    /// The variant of the LSTM (Greff et al. 2015)
    #[arg(long, value_name = "VARIANT", value_parser = one_of(limits::VARIANTS), help_heading = "Simulation")]
    pub variant: Option<Variant>,
    /// The rows of the table.
    #[command(flatten, next_help_heading = "Simulation")]
    pub settings: Given<Settings>,
}

const SHOWS: limits::Words<Show> = &[
    ("growth", Show::Growth),
    ("factor", Show::Factor),
    ("lyapunov", Show::Lyapunov),
    ("cause", Show::Cause),
    ("exploding", Show::Exploding),
];

/// Quantiles, which are one value of an option.
#[derive(Clone, Debug)]
pub struct Quantiles(pub Vec<f64>);

fn parse_quantiles(text: &str) -> Result<Quantiles, limits::Wrong> {
    draft::parse_quantiles(text).map(Quantiles)
}
