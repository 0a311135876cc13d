//! Reading TOML so that every mistake has its line, its field, and a sentence.

use std::fmt;
use std::ops::Range as Span;

use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

use crate::sim::preset::limits::{self, Wrong};

/// Why a TOML file cannot be used; one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {message}", .line.map_or(String::new(), |n| format!(", line {n}")))]
pub struct TomlError {
    /// The file.
    pub file: String,
    /// The line, from 1, where the mistake stands in a line.
    pub line: Option<usize>,
    /// The field and what is wrong with it.
    pub message: String,
}

/// Reads a TOML text; `file` is what messages call it.
///
/// # Errors
/// That it is not TOML, or the first mistake that `read` finds.
pub fn document<T>(
    file: &str,
    text: &str,
    read: impl FnOnce(&DeTable) -> Result<T, Mistake>,
) -> Result<T, TomlError> {
    let located = |span: Option<Span<usize>>, message: String| TomlError {
        file: file.to_owned(),
        line: span.map(|span| line(text, span.start)),
        message,
    };
    let document = DeTable::parse(text).map_err(|error| {
        let words: Vec<_> = error.message().split_whitespace().collect();
        let message = format!("this is not TOML: {}", words.join(" "));
        located(error.span(), message)
    })?;
    read(document.get_ref()).map_err(|mistake| located(mistake.span, mistake.message))
}

/// A mistake in a TOML text, before its line is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where, in bytes from the start; `None` when something is missing from the whole file.
    pub span: Option<Span<usize>>,
    /// What is wrong, with the field.
    pub message: String,
}

impl Mistake {
    /// A mistake in the value of a field.
    pub fn at(span: Span<usize>, field: &str, message: &impl fmt::Display) -> Self {
        Self {
            span: Some(span),
            message: format!("{field}: {message}"),
        }
    }
}

/// A key of a table, with its place.
#[derive(Clone, Debug)]
pub struct Key<'a> {
    /// The key.
    pub name: &'a str,
    span: Span<usize>,
}

impl Key<'_> {
    /// Where it stands.
    pub fn span(&self) -> Span<usize> {
        self.span.clone()
    }
}

impl fmt::Display for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The entries of a table in the order of the file, so that the first mistake is reported first.
pub fn in_order<'a, 'i>(table: &'a DeTable<'i>) -> Vec<(Key<'a>, &'a Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table
        .iter()
        .map(|(key, value)| {
            (
                Key {
                    name: key.get_ref(),
                    span: key.span(),
                },
                value,
            )
        })
        .collect();
    entries.sort_by_key(|(key, _)| key.span.start);
    entries
}

/// A key that is none of the names: a sentence with the nearest name when one is near, and all of
/// them otherwise. `place` is the table's name, empty at the top.
pub fn unknown(key: &Key, names: &[&'static str], place: &str) -> Mistake {
    let place = if place.is_empty() {
        String::new()
    } else {
        format!("{place}.")
    };
    let hint = match limits::nearest(key.name, names.iter().copied()) {
        Some(name) => format!("did you mean {name}?"),
        None => format!("expected {}", limits::either(names.iter().copied())),
    };
    Mistake {
        span: Some(key.span.clone()),
        message: format!("{place}{key}: there is no such field; {hint}"),
    }
}

/// A value in words, for "found …".
pub fn found(value: &Spanned<DeValue>) -> String {
    match value.get_ref() {
        DeValue::String(text) => format!("the text {}", limits::quoted(text)),
        DeValue::Integer(n) => n.to_string(),
        DeValue::Float(x) => x.to_string(),
        DeValue::Boolean(yes) => yes.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

/// What a field holds, where that is what is allowed.
///
/// # Errors
/// What is allowed, and what was found.
pub fn take<'a, 'i, T>(
    value: &'a Spanned<DeValue<'i>>,
    field: &str,
    allowed: &str,
    get: impl FnOnce(&'a DeValue<'i>) -> Option<T>,
) -> Result<T, Mistake> {
    let wrong = || Mistake::at(value.span(), field, &Wrong::new(allowed, found(value)));
    get(value.get_ref()).ok_or_else(wrong)
}

/// A finite number, written with or without a point.
pub fn number(value: &Spanned<DeValue>) -> Option<f64> {
    match value.get_ref() {
        DeValue::Integer(n) => integer(n).map(|n| n as f64),
        DeValue::Float(x) => x.as_str().parse().ok().filter(|x: &f64| x.is_finite()),
        _ => None,
    }
}

/// A whole number, if it fits 64 bits.
pub fn integer(n: &DeInteger) -> Option<i64> {
    i64::from_str_radix(n.as_str(), n.radix()).ok()
}

/// The line of a place in a text, counted from 1.
pub fn line(text: &str, place: usize) -> usize {
    1 + text
        .as_bytes()
        .iter()
        .take(place)
        .filter(|&&byte| byte == b'\n')
        .count()
}
