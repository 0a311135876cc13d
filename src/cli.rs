//! The command line and the headless commands.
//!
//! `rnntop [PRESET]` opens the screen, as does `inspect --live`; `trace`, `train`, `sweep`, `explain`, `inspect`, `presets`, `keys`, `themes`,
//! `completions` and `man` print and end.
//! Whatever goes wrong comes to [`main`] as a [`Failure`]: one sentence on standard error, status 2
//! for usage and input, 1 for everything else. A reader that closes our standard output ends the
//! program quietly.

mod args;
mod config;
mod configure;
mod deliver;
mod documents;
mod explain;
mod failure;
mod inspect;
mod interrupt;
mod json;
mod listings;
mod presets;
mod progress;
mod provenance;
mod screen;
mod sweep;
mod text_file;
mod trace;
mod train;

pub use failure::Failure;

use std::ffi::OsString;
use std::io::ErrorKind;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, ValueHint};

use crate::cli::args::{Cli, Command, TraceArgs};
use crate::cli::interrupt::at_once;
use crate::io;

/// Runs the program on its arguments.
pub fn main() -> ExitCode {
    match run(std::env::args_os()) {
        Ok(status) => status,
        Err(failure) => failure.report(),
    }
}

/// `rnntop help trace` means `rnntop trace --help`.
fn with_help(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = arguments.collect();
    if arguments.get(1).is_some_and(|first| first == "help") {
        arguments.remove(1);
        arguments.push("--help".into());
    }
    arguments
}

/// A value may begin with a hyphen, so that what is wrong with it is said of its option. Only of a file
/// that is more likely the next option.
fn hyphens(command: clap::Command) -> clap::Command {
    let allow = |arg: clap::Arg| {
        let word = arg.get_action().takes_values() && !arg.is_positional();
        let any = arg.get_value_hint() == ValueHint::Unknown;
        arg.allow_hyphen_values(word && any)
    };
    command.mut_args(allow).mut_subcommands(hyphens)
}

/// The command line.
fn parse(arguments: Vec<OsString>) -> Result<Cli, clap::Error> {
    let mut command = hyphens(Cli::command());
    let matches = command.try_get_matches_from_mut(arguments)?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// The arguments of `trace`, as an earlier run of the program was given them.
fn parse_trace(given: &[OsString]) -> Result<TraceArgs, Failure> {
    let program = ["rnntop", "trace"].map(OsString::from);
    let cli = parse([&program, given].concat()).map_err(|error| failure::usage(&error))?;
    match cli.command {
        Some(Command::Trace(args)) => Ok(*args),
        _ => Err(Failure::failed("the arguments are of another command")),
    }
}

/// Parses and dispatches.
fn run(arguments: impl Iterator<Item = OsString>) -> Result<ExitCode, Failure> {
    let arguments = with_help(arguments);
    let given = arguments.get(2..).unwrap_or_default().to_vec();
    let cli = match parse(arguments) {
        Ok(cli) => cli,
        // Help and version; a closed pipe is a quiet end here too.
        Err(error) if !error.use_stderr() => {
            return match error.print() {
                Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                    let why = io::reason(&error);
                    Err(Failure::failed(format!("standard output: {why}")))
                }
                _ => Ok(ExitCode::SUCCESS),
            };
        }
        Err(error) => return Err(failure::usage(&error)),
    };
    match cli.command {
        None => return screen::open(&cli.open),
        Some(Command::Trace(args)) => at_once(|| trace::run(&args, &given))?,
        Some(Command::Train(args)) if args.screen => return screen::open_training(&args),
        Some(Command::Train(args)) => train::run(&args, &given)?,
        Some(Command::Sweep(args)) => sweep::run(&args, &given)?,
        Some(Command::Inspect(args)) if args.live => return screen::open_model(&args),
        Some(Command::Inspect(args)) => at_once(|| inspect::run(&args, &given))?,
        Some(Command::Explain(args)) => at_once(|| explain::run(&args, &given))?,
        Some(Command::Presets { command }) => at_once(|| presets::run(command.as_ref()))?,
        Some(Command::Keys(args)) => listings::keys(&args)?,
        Some(Command::Themes { command }) => listings::themes(command.as_ref())?,
        Some(Command::Completions { shell }) => documents::completions(shell)?,
        Some(Command::Man { command }) => documents::man(command.as_deref())?,
    }
    Ok(ExitCode::SUCCESS)
}
