//! What a setting is: one row that says its name, what it may be, what it does, and where it lives.
//!
//! Presets, command line, settings screen, checks and documentation all read the same rows. A row is
//! generic over the struct that it sets, so that any set of settings can have a table.

use crate::sim::preset::limits::{self, Range, Words, Wrong};

/// Settings that have a table.
pub trait Table: Clone + Default + 'static {
    /// The rows, in the order in which they are listed.
    fn rows() -> &'static [Row<Self>];
}

/// One setting of `S`.
#[derive(Debug)]
pub struct Row<S: 'static> {
    /// The field of a preset, and with hyphens the option; `table.field` is one field of a table.
    pub name: &'static str,
    /// Where it can be written.
    pub written: Written,
    /// What the settings screen calls it, with its symbol; empty when it has no row there.
    pub label: &'static str,
    /// What it may be, and where it lives.
    pub kind: Kind<S>,
    /// What it does, in one sentence.
    pub help: &'static str,
}

/// Where a setting can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// Nowhere: another row writes the same thing in another form.
    Nowhere,
    /// In its table, wherever that can be written.
    Field,
    /// In presets.
    Preset,
    /// In presets and as an option, whose value has this name in `--help`.
    Option(&'static str),
}

/// Reads the texts of a list into the settings.
pub type ReadList<S> = fn(&mut S, &[&str]) -> Result<(), Wrong>;

/// What a setting may be, and how it is read and set.
#[derive(Debug)]
pub enum Kind<S: 'static> {
    /// A whole number.
    Whole {
        /// What it may be.
        range: Range,
        /// Reads it.
        get: fn(&S) -> u64,
        /// Sets it.
        set: fn(&mut S, u64),
    },
    /// A number.
    Real {
        /// What it may be.
        range: Range,
        /// Steps of a key to one unit.
        per: u32,
        /// The word for no number; empty where there must be one.
        unset: &'static str,
        /// Reads it.
        get: fn(&S) -> Option<f64>,
        /// Sets it.
        set: fn(&mut S, Option<f64>),
    },
    /// One of a few words.
    Words {
        /// The words.
        names: fn() -> Vec<&'static str>,
        /// So many of the last words cannot be asked for without data of the user's.
        reserved: usize,
        /// The place of the present word.
        get: fn(&S) -> usize,
        /// Chooses the word of a place.
        set: fn(&mut S, usize),
    },
    /// On or off.
    Switch {
        /// Reads it.
        get: fn(&S) -> bool,
        /// Sets it.
        set: fn(&mut S, bool),
    },
    /// A table: the rows `name.field` are its fields.
    Table,
    /// A short text with a grammar of its own.
    Text {
        /// What a preset may say.
        allowed: &'static str,
        /// Writes it.
        get: fn(&S) -> String,
        /// Reads it.
        set: fn(&mut S, &str) -> Result<(), Wrong>,
        /// Reads a list, where a preset has one.
        list: Option<ReadList<S>>,
    },
}

/// A row in one expression, for tables.
pub const fn row<S>(
    name: &'static str,
    written: Written,
    label: &'static str,
    kind: Kind<S>,
    help: &'static str,
) -> Row<S> {
    Row {
        name,
        written,
        label,
        kind,
        help,
    }
}

/// A whole number in a field.
macro_rules! whole {
    ($range:expr, $($field:tt)+) => {
        Kind::Whole {
            range: $range,
            get: |s| s.$($field)+ as u64,
            set: |s, n| s.$($field)+ = n.try_into().unwrap_or_default(),
        }
    };
}
/// A number in a field, and the steps of a key to one unit.
macro_rules! real {
    ($range:expr, $per:literal, $($field:tt)+) => {
        Kind::Real {
            range: $range,
            per: $per,
            unset: "",
            get: |s| Some(s.$($field)+),
            set: |s, x| s.$($field)+ = x.unwrap_or_default(),
        }
    };
}
/// A word in a field.
macro_rules! words {
    ($words:expr, $($field:tt)+) => {
        words!($words; 0; $($field)+)
    };
    ($words:expr; $reserved:literal; $($field:tt)+) => {
        Kind::Words {
            names: || names($words),
            reserved: $reserved,
            get: |s| place($words, &s.$($field)+),
            set: |s, k| s.$($field)+ = $words[k].1,
        }
    };
}
pub(crate) use {real, whole, words};

/// The words of a list.
pub fn names<T>(words: Words<T>) -> Vec<&'static str> {
    words.iter().map(|(word, _)| *word).collect()
}

/// The place of a meaning among the words.
pub fn place<T: PartialEq>(words: Words<T>, meaning: &T) -> usize {
    let found = words.iter().position(|(_, its)| its == meaning);
    found.unwrap_or_default()
}

/// The row of a name.
pub fn find<S: Table>(name: &str) -> Option<&'static Row<S>> {
    S::rows().iter().find(|row| row.name == name)
}

/// The fields that a preset may have.
pub fn fields<S: Table>() -> Vec<&'static str> {
    let written = |row: &&Row<S>| matches!(row.written, Written::Preset | Written::Option(_));
    let rows = S::rows().iter().filter(written);
    rows.map(|row| row.name).collect()
}

/// The rows of a table, under their names in it.
pub fn table<S: Table>(name: &str) -> Vec<(&'static str, &'static Row<S>)> {
    let rows = S::rows().iter();
    rows.filter_map(|row| {
        let (table, field) = row.name.split_once('.')?;
        (table == name).then_some((field, row))
    })
    .collect()
}

/// Whether all rows have values that they may have.
///
/// # Errors
/// One sentence on the first row that has not: its name, what is allowed, what was found.
pub fn check<S: Table>(of: &S) -> Result<(), String> {
    S::rows().iter().try_for_each(|row| {
        row.check(of)
            .map_err(|wrong| format!("{}: {wrong}", row.name))
    })
}

/// What differs from the program's own settings, each as it can be written again: written in this
/// order, they make these settings of the program's own.
pub fn differing<S: Table>(of: &S) -> Vec<(&'static str, String)> {
    let mut made = S::default();
    let differs = |row: &Row<S>| {
        let text = row.text(of);
        // What a row before it has brought with it need not be written.
        if row.written == Written::Nowhere || text == row.text(&made) {
            return None;
        }
        row.copy(of, &mut made);
        Some((row.name, text))
    };
    S::rows().iter().filter_map(differs).collect()
}

impl<S> Row<S> {
    /// The words that may be asked for, of the first of its list; all with the user's data.
    pub fn words(&self, data: bool) -> Vec<&'static str> {
        match &self.kind {
            Kind::Words {
                names, reserved, ..
            } => {
                let mut words = names();
                words.truncate(words.len() - if data { 0 } else { *reserved });
                words
            }
            Kind::Switch { .. } => vec!["off", "on"],
            _ => Vec::new(),
        }
    }

    /// What it may be, as in "expected a number from 0 to 100".
    pub fn allowed(&self) -> String {
        match &self.kind {
            Kind::Whole { range, .. }
            | Kind::Real {
                range, unset: "", ..
            } => range.to_string(),
            Kind::Real { range, unset, .. } => format!("{range} or {unset}"),
            Kind::Words { .. } | Kind::Switch { .. } => limits::either(self.words(false)),
            Kind::Text { allowed, .. } => (*allowed).to_owned(),
            Kind::Table => "a table".to_owned(),
        }
    }

    /// Its value as it can be read again, to the last digit.
    pub fn text(&self, of: &S) -> String {
        match &self.kind {
            Kind::Whole { get, .. } => get(of).to_string(),
            Kind::Real { unset, get, .. } => {
                get(of).map_or_else(|| (*unset).to_owned(), |x| x.to_string())
            }
            Kind::Words { names, get, .. } => names()[get(of)].to_owned(),
            Kind::Switch { get, .. } => if get(of) { "on" } else { "off" }.to_owned(),
            Kind::Text { get, .. } => get(of),
            Kind::Table => String::new(),
        }
    }

    /// Sets it to what a text says.
    ///
    /// # Errors
    /// What is allowed, and what was found.
    pub fn read(&self, to: &mut S, text: &str) -> Result<(), Wrong> {
        let wrong = || Wrong::new(self.allowed(), limits::quoted(text));
        match &self.kind {
            Kind::Whole { range, set, .. } => set(to, range.parse_whole(text)?),
            Kind::Real { unset, set, .. } if !unset.is_empty() && text.trim() == *unset => {
                set(to, None);
            }
            Kind::Real { range, set, .. } => {
                let x = range.parse(text).map_err(|wrong| Wrong {
                    allowed: self.allowed(),
                    ..wrong
                })?;
                set(to, Some(x));
            }
            Kind::Words { set, .. } => {
                let found = self.words(false).iter().position(|word| *word == text);
                set(to, found.ok_or_else(wrong)?);
            }
            Kind::Switch { set, .. } => match text {
                "on" => set(to, true),
                "off" => set(to, false),
                _ => return Err(wrong()),
            },
            Kind::Text { set, .. } => set(to, text)?,
            Kind::Table => return Err(wrong()),
        }
        Ok(())
    }

    /// Sets it to what it is in others.
    pub fn copy(&self, from: &S, to: &mut S) {
        match &self.kind {
            Kind::Whole { get, set, .. } => set(to, get(from)),
            Kind::Real { get, set, .. } => set(to, get(from)),
            Kind::Words { get, set, .. } => set(to, get(from)),
            Kind::Switch { get, set } => set(to, get(from)),
            // Whatever is written can be read.
            Kind::Text { get, set, .. } => _ = set(to, &get(from)),
            Kind::Table => {}
        }
    }
}

impl<S: Clone> Row<S> {
    /// Whether its value is one that it may have.
    ///
    /// # Errors
    /// What is allowed, and what was found.
    pub fn check(&self, of: &S) -> Result<(), Wrong> {
        match &self.kind {
            Kind::Whole { range, get, .. } => range.check_whole(get(of)).map(|_| ()),
            Kind::Real { range, get, .. } => get(of).map_or(Ok(()), |x| range.check(x).map(|_| ())),
            Kind::Words { .. } | Kind::Switch { .. } | Kind::Table => Ok(()),
            Kind::Text { get, set, .. } => set(&mut of.clone(), &get(of)),
        }
    }
}
