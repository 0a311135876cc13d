//! The options of a table of settings.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use crate::sim::preset::limits::{self, Wrong};
use crate::sim::settings::row::{self, Kind, Row, Table, Written};

/// The settings of a table that were given on the command line. Each was read once when it was
/// checked, and is read again into whatever it overrides.
#[derive(Clone, Debug)]
pub struct Given<S: Table>(Vec<(&'static Row<S>, String)>);

impl<S: Table> Given<S> {
    /// Sets what was given.
    pub fn apply(&self, to: &mut S) {
        for (row, text) in &self.0 {
            // What clap has let through can be read.
            let _ = row.read(to, text);
        }
    }

    /// Whether no setting was given.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a setting was given, or one of a table.
    pub fn has(&self, name: &str) -> bool {
        let of = |row: &Row<S>| row.name.split('.').next() == Some(name);
        self.0.iter().any(|(row, _)| of(row))
    }

    /// What was given for a setting, if it was.
    pub fn asked<T>(&self, name: &str, get: impl FnOnce(&S) -> T) -> Option<T> {
        self.has(name).then(|| {
            let mut given = S::default();
            self.apply(&mut given);
            get(&given)
        })
    }
}

impl<S: Table + Send + Sync> FromArgMatches for Given<S> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given = Vec::new();
        for (row, _) in options::<S>() {
            if matches!(row.kind, Kind::Switch { .. }) {
                if matches.get_flag(row.name) {
                    given.push((row, "on".to_owned()));
                }
                continue;
            }
            for text in matches.get_many::<String>(row.name).into_iter().flatten() {
                match text.split_once('=').and_then(|(field, text)| {
                    let (_, row) = field_of::<S>(row.name, field)?;
                    Some((row, text.to_owned()))
                }) {
                    Some(field) if matches!(row.kind, Kind::Table) => given.push(field),
                    _ => given.push((row, text.clone())),
                }
            }
        }
        Ok(Self(given))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl<S: Table + Send + Sync> Args for Given<S> {
    fn augment_args(command: Command) -> Command {
        options::<S>().fold(command, |command, (row, value)| {
            command.arg(option(row, value))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// The rows that are options, each with the name of its value.
fn options<S: Table>() -> impl Iterator<Item = (&'static Row<S>, &'static str)> {
    S::rows().iter().filter_map(|row| match row.written {
        Written::Option(value) => Some((row, value)),
        _ => None,
    })
}

/// One option, with what it may be and what it is without.
fn option<S: Table + Send + Sync>(row: &'static Row<S>, value: &'static str) -> Arg {
    let help = row.help.trim_end_matches('.');
    let own = row.text(&S::default());
    let help = match &row.kind {
        Kind::Whole { range, .. } | Kind::Real { range, .. } => {
            format!("{help}, {} [default: {own}]", range.span())
        }
        Kind::Words { .. } | Kind::Text { .. } => format!("{help} [default: {own}]"),
        Kind::Switch { .. } => help.to_owned(),
        Kind::Table => {
            let fields = row::table::<S>(row.name);
            let range = fields.iter().find_map(|(_, row)| match &row.kind {
                Kind::Real { range, .. } => Some(range.span()),
                _ => None,
            });
            let names = limits::either(written(&fields));
            let range = range.unwrap_or_default();
            format!("{help}, {range}; GATE is {names}")
        }
    };
    let arg = Arg::new(row.name)
        .long(row.name.replace('_', "-"))
        .help(help)
        .value_name(value);
    match &row.kind {
        Kind::Switch { .. } => arg.action(ArgAction::SetTrue).num_args(0),
        Kind::Words { .. } => arg.value_parser(PossibleValuesParser::new(row.words(false))),
        Kind::Table => arg
            .action(ArgAction::Append)
            .value_delimiter(',')
            .value_parser(move |text: &str| check_field(row, text)),
        _ => arg.value_parser(move |text: &str| {
            row.read(&mut S::default(), text).map(|()| text.to_owned())
        }),
    }
}

/// The names of a table's fields that can be written.
fn written<S>(fields: &[(&'static str, &'static Row<S>)]) -> Vec<&'static str> {
    let fields = fields.iter();
    let written = fields.filter(|(_, row)| row.written == Written::Field);
    written.map(|(name, _)| *name).collect()
}

/// The field of a table by its name.
fn field_of<S: Table>(table: &str, field: &str) -> Option<(&'static str, &'static Row<S>)> {
    let fields = row::table::<S>(table).into_iter();
    let mut written = fields.filter(|(_, row)| row.written == Written::Field);
    written.find(|(name, _)| *name == field.trim())
}

/// Checks one `GATE=X`.
fn check_field<S: Table>(table: &'static Row<S>, text: &str) -> Result<String, Wrong> {
    let wrong = || {
        let fields = row::table::<S>(table.name);
        let gates = limits::either(written(&fields));
        let allowed = fields
            .first()
            .map_or_else(String::new, |(_, row)| row.allowed());
        Wrong::new(
            format!("GATE=X, GATE being {gates} and X {allowed}"),
            limits::quoted(text),
        )
    };
    let (field, number) = text.split_once('=').ok_or_else(wrong)?;
    let (_, row) = field_of::<S>(table.name, field).ok_or_else(wrong)?;
    let read = row.read(&mut S::default(), number);
    read.map(|()| text.to_owned()).map_err(|_| wrong())
}
