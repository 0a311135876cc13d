//! The file of a sweep.
//!
//! ```toml
//! cell      = "lstm"                  # an LSTM with its variant as in lstm-nfg
//! x         = "rho=0.2:1.8:9"         # as in `sweep::axis`
//! y         = "forget-bias=0:4:9"
//! seeds     = 4                       # windows of every point; from `seed` on
//! quantiles = [0.25, 0.5, 0.75]       # over the seeds, instead of a row for each of them
//! lyapunov  = false                   # lyapunov_max is left out
//!
//! [settings]                          # as in a preset; what is absent keeps its default
//! hidden = 16
//! ```

use std::fmt::{Display, Write as _};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Axis, Shard, Spec};
use crate::sim::preset::limits::{self, Range, Wrong};
use crate::sim::preset::reading::{self, Mistake, TomlError};
use crate::sim::preset::{fields, grammar};
use crate::sim::settings::row::{Kind, Row, Table as _, Written};
use crate::sim::{CellChoice, Settings};

/// How many seeds a point may have.
pub const SEEDS: Range = Range::Whole(1, 10_000);

const TOP: [&str; 8] = [
    "cell",
    "x",
    "y",
    "seeds",
    "quantiles",
    "lyapunov",
    "shard",
    "settings",
];

/// What a file says of a sweep, before options override it.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The cell; that of the settings' left side when there is none.
    pub cell: Option<CellChoice>,
    /// The settings.
    pub settings: Settings,
    /// The horizontal axis.
    pub x: Option<Axis>,
    /// The vertical axis.
    pub y: Option<Axis>,
    /// Seeds of a point; 1 when there is no number.
    pub seeds: Option<usize>,
    /// Quantiles over the seeds, ascending; without any, every seed has its row.
    pub quantiles: Vec<f64>,
    /// Whether the Lyapunov exponent is left out.
    pub no_lyapunov: bool,
    /// The part of the sweep that a file of results has.
    pub shard: Option<Shard>,
}

impl Draft {
    /// Reads a file's text; `file` is what messages call it.
    ///
    /// # Errors
    /// The first mistake in the file.
    pub fn parse(file: &str, text: &str) -> Result<Self, TomlError> {
        reading::document(file, text, read)
    }

    /// The sweep.
    ///
    /// # Errors
    /// One sentence on what is missing or does not fit.
    pub fn spec(&self) -> Result<Spec, String> {
        let axis = |axis: &Option<Axis>, name| {
            let wrong =
                || format!("expected an axis {name} such as --{name} rho=0.5:2:101, found none");
            axis.clone().ok_or_else(wrong)
        };
        let (x, y) = (axis(&self.x, "x")?, axis(&self.y, "y")?);
        let cell = self.cell.unwrap_or(self.settings.cells[0]);
        let (settings, seeds) = (self.settings.clone(), self.seeds.unwrap_or(1));
        let spec = Spec::new(cell, settings, Arc::default(), x, y, seeds)?;
        Ok(spec.with_lyapunov(!self.no_lyapunov))
    }
}

/// Reads quantiles with commas between them.
///
/// # Errors
/// What is allowed.
pub fn parse_quantiles(text: &str) -> Result<Vec<f64>, Wrong> {
    let numbers = text.split(',').map(|number| number.trim().parse().ok());
    let numbers: Option<Vec<f64>> = numbers.collect();
    numbers
        .and_then(quantiles)
        .ok_or_else(|| wrong_quantiles(&limits::quoted(text)))
}

fn quantiles(numbers: Vec<f64>) -> Option<Vec<f64>> {
    let ascending = numbers.windows(2).all(|pair| pair[0] < pair[1]);
    let inside = numbers.iter().all(|q| (0.0..=1.0).contains(q));
    (ascending && inside && !numbers.is_empty()).then_some(numbers)
}

fn wrong_quantiles(found: &str) -> Wrong {
    Wrong::new(
        "ascending numbers from 0 to 1, such as 0.25,0.5,0.75",
        found,
    )
}

fn read(document: &DeTable) -> Result<Draft, Mistake> {
    let mut draft = Draft::default();
    for (key, value) in reading::in_order(document) {
        let at = |message: &dyn Display| Mistake::at(value.span(), key.name, &message);
        match key.name {
            "cell" => draft.cell = Some(parsed(value, key.name, grammar::parse_cell)?),
            "x" => draft.x = Some(parsed(value, key.name, Axis::parse)?),
            "y" => draft.y = Some(parsed(value, key.name, Axis::parse)?),
            "shard" => draft.shard = Some(parsed(value, key.name, Shard::parse)?),
            "seeds" => {
                let seeds = fields::whole(SEEDS, value).map_err(|wrong| at(&wrong))?;
                draft.seeds = Some(seeds as usize);
            }
            "quantiles" => {
                let list = value.get_ref().as_array();
                let numbers = list.and_then(|list| list.iter().map(reading::number).collect());
                let wrong = || at(&wrong_quantiles(&reading::found(value)));
                draft.quantiles = numbers.and_then(quantiles).ok_or_else(wrong)?;
            }
            "lyapunov" => {
                let taken = reading::take(value, key.name, "true or false", DeValue::as_bool);
                draft.no_lyapunov = !taken?;
            }
            "settings" => {
                let table = reading::take(value, key.name, "a table", DeValue::as_table)?;
                fields::read(&mut draft.settings, table, key.name)?;
            }
            _ => return Err(reading::unknown(&key, &TOP, "")),
        }
    }
    Ok(draft)
}

/// What is read of a text.
fn parsed<T, E: Display>(
    value: &Spanned<DeValue>,
    field: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<T, Mistake> {
    let text = reading::take(value, field, "a text in quotation marks", DeValue::as_str)?;
    parse(text).map_err(|wrong| Mistake::at(value.span(), field, &wrong))
}

/// The file that computes a sweep again, with every setting, whatever its default.
pub fn write(spec: &Spec, quantiles: &[f64], shard: Option<Shard>) -> String {
    let mut text = format!(
        "# rnntop {}\ncell = \"{}\"\nx = \"{}\"\ny = \"{}\"\nseeds = {}\n",
        env!("CARGO_PKG_VERSION"),
        spec.cell().name(),
        spec.x().text(),
        spec.y().text(),
        spec.seeds()
    );
    // Writing to a String cannot fail.
    if !quantiles.is_empty() {
        let _ = writeln!(text, "quantiles = {quantiles:?}");
    }
    if !spec.lyapunov() {
        text.push_str("lyapunov = false\n");
    }
    if let Some(shard) = shard {
        let _ = writeln!(text, "{SHARD}\"{shard}\"");
    }
    text.push_str("\n[settings]\n");
    for row in Settings::rows() {
        if let Some(value) = value(row, spec.settings()) {
            let _ = writeln!(text, "{} = {value}", row.name);
        }
    }
    text
}

/// How the line begins that says which part of a sweep a file has.
pub const SHARD: &str = "shard = ";

/// A setting as TOML; `None` for rows that are written in another form.
fn value(row: &Row<Settings>, settings: &Settings) -> Option<String> {
    if row.written == Written::Nowhere || row.name == "cells" {
        return None;
    }
    let text = row.text(settings);
    match &row.kind {
        Kind::Table => None,
        Kind::Switch { get, .. } => Some(get(settings).to_string()),
        Kind::Whole { .. } => Some(text),
        Kind::Real { get, .. } if get(settings).is_some() => Some(text),
        _ => Some(format!("\"{text}\"")),
    }
}
