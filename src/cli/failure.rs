//! What went wrong, in one sentence, and the exit status that goes with it.

use std::error::Error as _;
use std::fmt::Display;
use std::io::Write as _;
use std::process::ExitCode;

use clap::CommandFactory as _;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::cli::args::Cli;
use crate::io::{InputError, OutputError};
use crate::sim::inspect::InspectError;
use crate::sim::preset::limits::{self, Wrong};
use crate::sim::simulation::SimError;
use crate::words::sanitise::message;

/// The end of the program on an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    status: u8,
    sentence: String,
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "errors come by value out of `map_err`"
)]
impl Failure {
    /// The user asked for something that cannot be, or brought data that cannot be used: status 2.
    pub fn input(sentence: impl ToString) -> Self {
        Self {
            status: 2,
            sentence: sentence.to_string(),
        }
    }

    /// What was given at a place is not what is expected there: status 2.
    pub fn wrong(place: impl Display, expected: impl Display, found: impl Display) -> Self {
        Self::input(format!("{place}: {}", Wrong::new(expected, found)))
    }

    /// Something failed on the way: status 1.
    pub fn failed(sentence: impl ToString) -> Self {
        Self {
            status: 1,
            sentence: sentence.to_string(),
        }
    }

    /// With a status of its own.
    pub fn with_status(status: u8, sentence: impl ToString) -> Self {
        Self {
            status,
            sentence: sentence.to_string(),
        }
    }

    /// The sentence, safe to show and of a readable length.
    pub fn sentence(&self) -> String {
        message(&self.sentence).into_owned()
    }

    /// Says it on standard error and gives the exit status.
    pub fn report(&self) -> ExitCode {
        note(&self.sentence());
        ExitCode::from(self.status)
    }
}

/// A file of the user's that cannot be used.
impl From<InputError> for Failure {
    fn from(error: InputError) -> Self {
        Self::input(error)
    }
}

/// To overwrite what was not to be overwritten is a mistake of the user's; the rest has failed.
impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        match error {
            OutputError::Exists { .. } => Self::input(error),
            OutputError::Failed { .. } => Self::failed(error),
        }
    }
}

impl From<SimError> for Failure {
    fn from(error: SimError) -> Self {
        Self::failed(error)
    }
}

/// Why there is no diagnosis: for want of memory, or as the model or its input is.
impl From<InspectError> for Failure {
    fn from(error: InspectError) -> Self {
        match error {
            InspectError::NoRoom(..) => Self::failed(error),
            error => Self::input(error),
        }
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::failed(error)
    }
}

/// Says something on standard error.
pub fn note(sentence: &str) {
    // Nothing can be done about a standard error that is closed.
    let _ = writeln!(std::io::stderr(), "rnntop: {sentence}");
}

/// clap's error as one sentence.
pub fn usage(error: &clap::Error) -> Failure {
    Failure::input(sentence(error))
}

/// Puts the kinds of mistakes that people make into our own words.
fn sentence(error: &clap::Error) -> String {
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        Some(ContextValue::Strings(texts)) => texts.first().cloned(),
        _ => None,
    };
    // clap names an option with its placeholder: "--rho <X>".
    let option = text(ContextKind::InvalidArg)
        .map(|argument| argument.split(" <").next().unwrap_or_default().to_owned());
    let value = text(ContextKind::InvalidValue).unwrap_or_default();
    // clap suggests names that are hardly alike, too.
    let asked = option.clone().unwrap_or_else(|| value.clone());
    let near = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedValue,
        ContextKind::SuggestedSubcommand,
    ]
    .into_iter()
    .find_map(text)
    .filter(|near| limits::nearest(&asked, [near.as_str()]).is_some())
    .map_or(String::new(), |near| format!("; did you mean {near}?"));
    match (error.kind(), option) {
        (ErrorKind::ValueValidation, Some(option)) => {
            let reason = error
                .source()
                .map_or_else(|| format!("{value} is not allowed"), ToString::to_string);
            format!("{option}: {reason}")
        }
        (ErrorKind::InvalidValue, Some(option)) if value.is_empty() => {
            format!("{option}: expected a value, found none")
        }
        (ErrorKind::InvalidValue, Some(option)) => {
            let allowed = match error.get(ContextKind::ValidValue) {
                Some(ContextValue::Strings(words)) => {
                    limits::either(words.iter().map(String::as_str))
                }
                _ => "another value".to_owned(),
            };
            format!("{option}: {}", Wrong::new(allowed, limits::quoted(&value)))
        }
        (ErrorKind::UnknownArgument, Some(surplus)) if !surplus.starts_with('-') => {
            too_many(&surplus)
        }
        (ErrorKind::UnknownArgument, Some(option)) if near.is_empty() => {
            format!("there is no option {option} here; --help lists them all")
        }
        (ErrorKind::UnknownArgument, Some(option)) => format!("there is no option {option}{near}"),
        (ErrorKind::InvalidSubcommand, _) => {
            let found = text(ContextKind::InvalidSubcommand).unwrap_or_default();
            subcommand(error, &found)
        }
        (ErrorKind::ArgumentConflict, _) => match text(ContextKind::InvalidSubcommand) {
            Some(word) if !Cli::has_command(&word) => too_many(&word),
            Some(name) => command_first(&name),
            None => first_paragraph(&error.render().to_string()),
        },
        _ => first_paragraph(&error.render().to_string()),
    }
}

/// A command that stands behind something else.
pub fn command_first(name: &str) -> String {
    format!("the command {name} stands before all else: rnntop {name} [OPTIONS]")
}

fn too_many(surplus: &str) -> String {
    let surplus = limits::quoted(surplus);
    format!("there is one argument too many: {surplus}; --help says what is expected")
}

/// The command below another that there is not. Which other one, only clap's usage says.
fn subcommand(error: &clap::Error, found: &str) -> String {
    let usage = match error.get(ContextKind::Usage) {
        Some(ContextValue::StyledStr(usage)) => usage.to_string(),
        _ => String::new(),
    };
    let root = Cli::command();
    let mut commands = root.get_subcommands().filter(|c| c.has_subcommands());
    let Some(command) =
        commands.find(|c| usage.split_whitespace().any(|word| word == c.get_name()))
    else {
        return first_paragraph(&error.render().to_string());
    };
    let allowed = limits::either(command.get_subcommands().map(clap::Command::get_name));
    let wrong = Wrong::new(allowed, limits::quoted(found));
    format!("{}: {wrong}", command.get_name())
}

/// clap's own words, without its prefix and without the usage below them.
fn first_paragraph(rendered: &str) -> String {
    let paragraph = rendered.split("\n\n").next().unwrap_or_default();
    let words = paragraph.trim_start_matches("error: ").split_whitespace();
    words.collect::<Vec<_>>().join(" ")
}
