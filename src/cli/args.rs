//! The commands and options. The options of the simulation are the same for the screen and for
//! `trace`, and every value is checked here, with the range in the message.

mod inspect;
mod rows;
mod screen;
mod sweep;
mod train;
mod values;

use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueHint};

pub use self::inspect::{Against, InspectArgs, InspectFormat, Length};
use self::inspect::{against, length};
pub use self::rows::Given;
pub use self::screen::ScreenArgs;
pub use self::sweep::{MergeArgs, SweepArgs, SweepCommand, SweepRunArgs};
pub use self::train::TrainArgs;
use self::values::{
    ASKED, COLUMNS, FOLLOW, FORMATS, FORMS, FROM, HOPS, STEP, THREADS, UNITS, layer, one_of, real,
    size, whole,
};
pub use self::values::{Auto, COLORS, Format, MARKERS, THEMES};
use crate::cell::{CellKind, LayerId, Variant};
use crate::flow::Question;
use crate::sim::preset::limits::{self};
use crate::sim::{Pace, Settings};
use crate::words::explain::Form;

const EXAMPLES: &str = "\
Examples:
  rnntop                                 open the screen on the preset 'why'
  rnntop output-gate                     open another preset
  rnntop --cells lstm,gru --forget pinned:0.99 --rho 1.01
  rnntop --weights model.safetensors --input data.csv
  rnntop --weights epoch9.pt --against epoch1.pt --input data.npy
  rnntop trace carousel                  print the same window as a table
  rnntop trace --format json | jq .factor_per_step
  rnntop inspect model.pt                how far back a trained model's gradient reaches
  rnntop train adding --log run.jsonl    train a network, its gradients logged at every update
  rnntop sweep --x rho=0.5:2:101 --y forget=0:1:51 --out map.csv    a phase diagram
  rnntop explain output-gate             one path in formulas and numbers
  rnntop presets check                   compute what every preset claims
  rnntop keys --template > my-keys.toml  a file of keys to change, for --keys

Exit status: 0 done, 1 something failed (or a claim of a preset does not hold), 2 usage or input.";

const TRACE_EXAMPLES: &str = "\
Examples:
  rnntop trace why                               the window that plain 'rnntop' shows
  rnntop trace --cell gru --rho 1.01             a cell under the defaults, with one setting changed
  rnntop trace power-law --cell rnn --rho 1.01   a preset with one setting changed
  rnntop trace --weights model.safetensors --input data.npy --format json --cuts
  rnntop trace --weights model.safetensors --layer 1 --hops 8
  rnntop trace --hidden 8 --steps 1000 --format csv --out window.csv
  rnntop trace --cell gru --hops 8 --jacobian --lyapunov
  rnntop trace --from result.json                compute an earlier result again
  rnntop trace --follow --speed 2                the live story as lines, for screen readers

In JSON and CSV every norm has a twin log10_…, which also holds where the norm itself leaves the
range of float64: a larger one is null (in CSV empty), a smaller one is written in ten digits
(8.128548626e-904), of which a reader of float64 makes 0.";

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  rnntop explain output-gate --path output --hidden 2
  rnntop explain noise --path forget --t 150 --ask share
  rnntop explain --cell rnn --rho 1.01 --hidden 3 --units 3
  rnntop explain output-gate --path output --format latex --out path.tex

The numbers shown are those of the first units; norms are of whole vectors, and equal to what the
charts show.";

/// top for gradients: see where they vanish, explode and survive in recurrent networks, live
#[derive(Debug, Parser)]
#[command(name = "rnntop", version, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
#[command(subcommand_value_name = "COMMAND", disable_help_subcommand = true)]
pub struct Cli {
    /// A headless command.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The screen.
    #[command(flatten)]
    pub open: OpenArgs,
}

impl Cli {
    /// Whether a word is a command, which clap takes for a preset's name behind an option.
    pub fn has_command(word: &str) -> bool {
        Self::command().find_subcommand(word).is_some()
    }
}

/// The headless commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compute one window and print it as a table, JSON or CSV
    Trace(Box<TraceArgs>),
    /// Train a network on a task, and log what becomes of its gradients
    Train(Box<TrainArgs>),
    /// Map where in a plane of two settings gradients vanish and explode
    Sweep(Box<SweepArgs>),
    /// Diagnose a trained nn.RNN, nn.LSTM or nn.GRU: memory, paths, growth, and what would help
    Inspect(Box<InspectArgs>),
    /// Take one path at one step apart: the formula, the numbers of every factor, their product
    Explain(Box<ExplainArgs>),
    /// List the presets, show one, or check what they claim
    #[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
    Presets {
        /// What to do; without it, the presets are listed.
        #[command(subcommand)]
        command: Option<PresetsCommand>,
    },
    /// List all keys, or print a file of keys to change
    Keys(KeysArgs),
    /// List the themes, or print one's file
    #[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
    Themes {
        /// What to do; without it, the themes are listed.
        #[command(subcommand)]
        command: Option<ThemesCommand>,
    },
    /// Print the completions of a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page (or that of a command)
    Man {
        /// The command whose page is printed [default: rnntop itself]
        command: Option<String>,
    },
}

/// What the screen is opened with.
#[derive(Debug, Args)]
pub struct OpenArgs {
    /// A preset's name or a .toml file; options override its settings [default: why; with an option of
    /// the simulation or data, the defaults that stand beside the options]
    #[arg(value_hint = ValueHint::AnyPath)]
    pub preset: Option<String>,
    /// The simulation.
    #[command(flatten)]
    pub simulation: SimulationArgs,
    /// The data.
    #[command(flatten)]
    pub data: DataArgs,
    /// What stands beside the weights, in place of the same cell freshly drawn: OTHER has the module of
    /// --module, or MODULE
    #[arg(long, value_name = "OTHER[:MODULE]", value_hint = ValueHint::FilePath, value_parser = against(), requires = "weights", help_heading = "Data")]
    pub against: Option<Against>,
    /// Its layer [default: that of --layer]; without --against another layer of the weights
    #[arg(long, value_name = "N", value_parser = layer, requires = "weights", help_heading = "Data")]
    pub against_layer: Option<LayerId>,
    /// The screen.
    #[command(flatten)]
    pub screen: ScreenArgs,
}

/// `rnntop trace`.
#[derive(Debug, Args)]
#[command(after_help = TRACE_EXAMPLES)]
pub struct TraceArgs {
    /// A preset's name or a .toml file; options override its settings [default: none, but the defaults that
    /// stand beside the options]
    #[arg(value_hint = ValueHint::AnyPath)]
    pub preset: Option<String>,
    /// The simulation.
    #[command(flatten)]
    pub simulation: SimulationArgs,
    /// The data.
    #[command(flatten)]
    pub data: DataArgs,
    /// The output.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Settings that override those of the preset.
#[derive(Debug, Args)]
#[command(next_help_heading = "Simulation")]
pub struct SimulationArgs {
    /// The cell: what trace computes, and what the screen shows where there is room for one [default: the left one]
    #[arg(long, value_name = "CELL", value_parser = one_of(limits::CELLS))]
    pub cell: Option<CellKind>,
    /// The variant of the LSTM (Greff et al. 2015): no input, forget or output gate, no input or output
    /// activation, coupled gates, no peepholes, full gate recurrence
    #[arg(long, value_name = "VARIANT", value_parser = one_of(limits::VARIANTS))]
    pub variant: Option<Variant>,
    /// The rows of the table.
    #[command(flatten)]
    pub settings: Given<Settings>,
    /// The speed.
    #[command(flatten)]
    pub pace: Given<Pace>,
}

impl SimulationArgs {
    /// Whether nothing of the simulation was asked for; its speed is none of it.
    fn is_empty(&self) -> bool {
        self.cell.is_none() && self.variant.is_none() && self.settings.is_empty()
    }
}

impl OpenArgs {
    /// The preset: nothing but the screen was asked for where it is the program's `first`.
    pub fn preset<'a>(&'a self, first: &'a str) -> Option<&'a str> {
        let plain = self.simulation.is_empty() && self.data == DataArgs::default();
        self.preset.as_deref().or(plain.then_some(first))
    }
}

/// Data of the user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Data")]
pub struct DataArgs {
    /// Trained weights of an RNN, LSTM or GRU (PyTorch, Keras, ONNX, safetensors); they set H, D and the cell
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub weights: Option<PathBuf>,
    /// The recurrent module of the weights, where the file has several
    #[arg(long, value_name = "NAME", requires = "weights")]
    pub module: Option<String>,
    /// The layer of the weights, from 0 as in PyTorch's names; 0r is its reverse direction. It is driven
    /// by what the layers below make of the input, and judged by a loss on its own h [default: 0; trace
    /// without --layer prints all layers under a loss on the top one]
    #[arg(long, value_name = "N", value_parser = layer, requires = "weights")]
    pub layer: Option<LayerId>,
    /// The input sequence: .npy, .npz or .csv (T x D), any other file as text, - for standard input; weights
    /// are judged on it alone: without it their verdict is none (null in JSON)
    #[arg(long, value_name = "FILE|-", value_hint = ValueHint::FilePath, conflicts_with = "signal")]
    pub input: Option<PathBuf>,
    /// So many steps of the input are real (a whole number, or .npy with one): what comes after them is
    /// padding, and is cut off
    #[arg(long, value_name = "T|FILE", value_hint = ValueHint::FilePath, value_parser = length(), requires = "input")]
    pub length: Option<Length>,
    /// v of every loss but mse, H numbers, used as it is
    #[arg(long, value_name = "FILE.npy", value_hint = ValueHint::FilePath)]
    pub loss_vector: Option<PathBuf>,
    /// y of the loss mse, T x H, 0 without it; chooses that loss
    #[arg(long, value_name = "FILE.npy", value_hint = ValueHint::FilePath)]
    pub targets: Option<PathBuf>,
    /// Weights of the steps in the mean of all outputs, T numbers; chooses the loss mean
    #[arg(long, value_name = "FILE.npy", value_hint = ValueHint::FilePath)]
    pub mask: Option<PathBuf>,
    /// h_0, H numbers; for all layers a row each
    #[arg(long, value_name = "FILE.npy", value_hint = ValueHint::FilePath)]
    pub initial_h: Option<PathBuf>,
    /// c_0, H numbers; for all layers a row each
    #[arg(long, value_name = "FILE.npy", value_hint = ValueHint::FilePath)]
    pub initial_c: Option<PathBuf>,
}

impl DataArgs {
    /// The files, by their options.
    pub fn files(&self) -> [(&'static str, Option<&Path>); 8] {
        [
            ("--weights", self.weights.as_deref()),
            ("--input", self.input.as_deref()),
            ("--length", self.length.as_ref().and_then(Length::file)),
            ("--loss-vector", self.loss_vector.as_deref()),
            ("--targets", self.targets.as_deref()),
            ("--mask", self.mask.as_deref()),
            ("--initial-h", self.initial_h.as_deref()),
            ("--initial-c", self.initial_c.as_deref()),
        ]
    }
}

/// What `trace` prints, and where.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// text: a table for people; json and csv: every number of every step
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = one_of(FORMATS))]
    pub format: Format,
    /// Also the totals without each path
    #[arg(long)]
    pub cuts: bool,
    /// Also the parts that crossed a recurrent matrix 0 to K times, and the rest; K from 0 to 20000
    #[arg(long, value_name = "K", value_parser = size(HOPS))]
    pub hops: Option<usize>,
    /// Also the parameters' gradient with the way back cut every K steps (truncated backpropagation): how
    /// large it is beside the whole one, and how far it is turned
    #[arg(long, value_name = "K", value_parser = size(STEP))]
    pub bptt: Option<usize>,
    /// Also the singular values of ∂s_T/∂s_t, s being h or [h; c]; those below 1e-13 of the largest are
    /// rounding noise
    #[arg(long)]
    pub jacobian: bool,
    /// t of --jacobian, from 0 (the initial state) to T - 1 [default: 0]
    #[arg(long, value_name = "t", requires = "jacobian", value_parser = size(FROM))]
    pub jacobian_from: Option<usize>,
    /// Also the finite-time Lyapunov exponents over the window (J_t Q_{t-1} = Q_t R_t from Q_0 = 1:
    /// 1/T Σ ln |R_t[n, n]|), and the largest, 1/T ln σ_1 of ∂s_T/∂s_0
    #[arg(long)]
    pub lyapunov: bool,
    /// Compute an earlier result again, from the arguments that its JSON has; its files must be as they
    /// were
    #[arg(long, value_name = "RESULT.json", value_hint = ValueHint::FilePath)]
    pub from: Option<PathBuf>,
    /// Write to a file instead of standard output
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// Overwrite the file of --out
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Step on at --speed and print a line in words for each step, or with json an object; of an input
    /// shorter than 400 steps the first half is the first window, each cell
    /// under its name, as in lstm, and the second of two LSTMs lstm_2
    #[arg(long, conflicts_with_all = ["out", "cuts", "detach", "hops", "bptt", "jacobian", "lyapunov"])]
    pub follow: bool,
    /// End after so many lines [default: at the end of the input, or never]
    #[arg(long, value_name = "N", requires = "follow", value_parser = whole(FOLLOW))]
    pub follow_steps: Option<u64>,
}

/// `rnntop explain`.
#[derive(Debug, Args)]
#[command(after_help = EXPLAIN_EXAMPLES)]
pub struct ExplainArgs {
    /// A preset's name or a .toml file; options override its settings [default: none, but the defaults that
    /// stand beside the options]
    #[arg(value_hint = ValueHint::AnyPath)]
    pub preset: Option<String>,
    /// What is explained.
    #[command(flatten)]
    pub subject: SubjectArgs,
    /// The simulation.
    #[command(flatten)]
    pub simulation: SimulationArgs,
    /// The data.
    #[command(flatten)]
    pub data: DataArgs,
}

/// What `explain` explains, and how it is written down.
#[derive(Debug, Args)]
#[command(next_help_heading = "Explanation")]
pub struct SubjectArgs {
    /// The path: carousel, block, input, forget, output, recurrent, leak, …, loss [default: the largest that
    /// crosses a recurrent matrix]
    #[arg(long, value_name = "PATH")]
    pub path: Option<String>,
    /// The step, 1 to T [default: 0.7 T]
    #[arg(long, value_name = "t", value_parser = size(STEP))]
    pub t: Option<usize>,
    /// Units whose numbers are shown, 1 to 4: all of a small cell (see --hidden), the first of a large one
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = size(UNITS))]
    pub units: usize,
    /// share: the path's term in the sum; alone: its chain over two steps [default: both]
    #[arg(long, value_name = "QUESTION", value_parser = one_of(ASKED))]
    pub ask: Option<Question>,
    /// text, markdown (formulas in LaTeX) or latex (a document to compile)
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = one_of(FORMS))]
    pub format: Form,
    /// Text in ASCII only
    #[arg(long)]
    pub ascii: bool,
    /// Columns of text, 40 to 1000
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = size(COLUMNS))]
    pub width: usize,
    /// Write to a file instead of standard output
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    /// Overwrite the file of --out
    #[arg(long, requires = "out")]
    pub force: bool,
}

/// What `rnntop presets` can do besides listing.
#[derive(Debug, Subcommand)]
pub enum PresetsCommand {
    /// Print a preset's file
    Show {
        /// A preset's name or a .toml file
        name: String,
    },
    /// Compute what presets claim; exit 1 if a claim does not hold
    Check {
        /// Presets' names or .toml files [default: all embedded presets]
        #[arg(value_name = "NAME", value_hint = ValueHint::AnyPath)]
        names: Vec<String>,
        /// Also the claims on training that take minutes
        #[arg(long)]
        slow: bool,
    },
}

/// `rnntop keys`.
#[derive(Debug, Args)]
pub struct KeysArgs {
    /// Print a file of keys that says what the program does by itself
    #[arg(long)]
    pub template: bool,
    /// List the keys as this file has them [default: keys.toml in the configuration folder]
    #[arg(long, value_name = "FILE.toml", value_hint = ValueHint::FilePath, conflicts_with = "template")]
    pub keys: Option<PathBuf>,
}

/// What `rnntop themes` can do besides listing.
#[derive(Debug, Subcommand)]
pub enum ThemesCommand {
    /// Print a theme's file, to start one of your own from
    Show {
        /// dark, light, contrast, or the name or file of one of your own
        name: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_screen_opens_a_preset_where_nothing_is_asked_of_the_simulation() {
        let preset = |arguments: &[&str]| {
            let all = ["rnntop"].iter().chain(arguments);
            let cli = Cli::try_parse_from(all).unwrap();
            cli.open.preset("first").map(str::to_owned)
        };
        for arguments in [&[][..], &["--speed", "20", "--ascii"]] {
            assert_eq!(preset(arguments).as_deref(), Some("first"));
        }
        let named = ["noise", "--rho", "2"];
        assert_eq!(preset(&named).as_deref(), Some("noise"));
        for asked in [["--rho", "1"], ["--cell", "gru"], ["--input", "x.csv"]] {
            assert_eq!(preset(&asked), None, "{asked:?}");
        }
    }

    #[test]
    fn the_command_is_sound() {
        Cli::command().debug_assert();
    }
}
