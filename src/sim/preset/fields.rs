//! How a table of a preset sets the rows of a table of settings.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::sim::preset::limits::{Range, Wrong};
use crate::sim::preset::reading::{self, Key, Mistake};
use crate::sim::settings::row::{self, Kind, Row, Table};

/// Reads a table of settings over the given ones; `place` is the table's name in messages.
///
/// # Errors
/// The first mistake in the order of the file.
pub fn read<S: Table>(to: &mut S, table: &DeTable, place: &str) -> Result<(), Mistake> {
    for (key, value) in reading::in_order(table) {
        set(to, &key, value, place)?;
    }
    settle(to, table);
    Ok(())
}

/// Sets a table that has been read once more, in the order of the rows: what one row brings with it
/// gives way to what is written, wherever in the file it stands.
pub fn settle<S: Table>(to: &mut S, table: &DeTable) {
    let fields = row::fields::<S>();
    let mut entries = reading::in_order(table);
    entries.sort_by_key(|(key, _)| fields.iter().position(|name| *name == key.name));
    for (key, value) in entries {
        // What is wrong, or no field of this table, has been told.
        let _ = set(to, &key, value, "");
    }
}

/// Sets the row, or the table of rows, that a field names.
///
/// # Errors
/// There is no such field, or what is wrong with its value.
pub fn set<S: Table>(
    to: &mut S,
    key: &Key,
    value: &Spanned<DeValue>,
    place: &str,
) -> Result<(), Mistake> {
    let names = row::fields::<S>();
    if !names.contains(&key.name) {
        return Err(reading::unknown(key, &names, place));
    }
    let field = format!("{place}.{key}");
    let at = |wrong: Wrong| Mistake::at(value.span(), &field, &wrong);
    let fields = row::table::<S>(key.name);
    if fields.is_empty()
        && let Some(row) = row::find(key.name)
    {
        return read_value(row, to, value).map_err(at);
    }
    let example = fields.last().map_or("", |(name, _)| *name);
    let allowed = format!("a table such as {{ {example} = 1.0 }}");
    let wrong = || at(Wrong::new(allowed, reading::found(value)));
    let table = value.get_ref().as_table().ok_or_else(wrong)?;
    for (key, value) in reading::in_order(table) {
        let Some((_, row)) = fields.iter().find(|(name, _)| *name == key.name) else {
            let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
            return Err(reading::unknown(&key, &names, &field));
        };
        let field = format!("{field}.{key}");
        read_value(row, to, value).map_err(|wrong| Mistake::at(value.span(), &field, &wrong))?;
    }
    Ok(())
}

/// Sets a row to a value of a file.
fn read_value<S>(row: &Row<S>, to: &mut S, value: &Spanned<DeValue>) -> Result<(), Wrong> {
    let wrong = || Wrong::new(row.allowed(), reading::found(value));
    let text = || value.get_ref().as_str().ok_or_else(wrong);
    match &row.kind {
        Kind::Whole { range, set, .. } => set(to, whole(*range, value)?),
        Kind::Real { unset, .. } if value.get_ref().as_str() == Some(*unset) => {
            row.read(to, unset)?;
        }
        Kind::Real { range, set, .. } => {
            let number = reading::number(value).filter(|x| range.check(*x).is_ok());
            set(to, Some(number.ok_or_else(wrong)?));
        }
        Kind::Switch { set, .. } => {
            let wrong = || Wrong::new("true or false", reading::found(value));
            set(to, value.get_ref().as_bool().ok_or_else(wrong)?);
        }
        Kind::Text {
            list: Some(set), ..
        } => {
            let Some(list) = value.get_ref().as_array() else {
                return Err(wrong());
            };
            let texts: Option<Vec<_>> = list.iter().map(|value| value.get_ref().as_str()).collect();
            set(to, &texts.ok_or_else(wrong)?)?;
        }
        Kind::Words { .. } | Kind::Text { .. } | Kind::Table => row.read(to, text()?)?,
    }
    Ok(())
}

/// A whole number within a range.
///
/// # Errors
/// What is allowed, and what was found.
pub fn whole(range: Range, value: &Spanned<DeValue>) -> Result<u64, Wrong> {
    let number = value.get_ref().as_integer().and_then(reading::integer);
    let number = number.and_then(|n| u64::try_from(n).ok());
    let wrong = || Wrong::new(range, reading::found(value));
    range.check_whole(number.ok_or_else(wrong)?)
}
