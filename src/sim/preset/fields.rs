//! The fields of a preset's `[settings]` table, and how each is read.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::sim::preset::grammar;
use crate::sim::preset::limits::{self, Range, Words, Wrong};
use crate::sim::preset::reading::{self, Key, Mistake};
use crate::sim::settings::{CellChoice, PerGate, Settings};

/// The fields of `[settings]`, named as in [`Settings`].
pub const NAMES: [&str; 21] = [
    "cells",
    "hidden",
    "inputs",
    "steps",
    "seed",
    "activation",
    "init",
    "rho",
    "gate_scale",
    "gate_bias",
    "forget",
    "peepholes",
    "signal",
    "amplitude",
    "loss",
    "clip",
    "threshold",
    "detach",
    "initial_h",
    "initial_c",
    "speed",
];

/// Reads a table of settings over the given ones; `place` is the table's name in messages.
///
/// # Errors
/// The first mistake in the order of the file.
pub fn read(settings: &mut Settings, table: &DeTable, place: &str) -> Result<(), Mistake> {
    for (key, value) in reading::in_order(table) {
        set(settings, &key, value, place)?;
    }
    Ok(())
}

/// Sets one field.
fn set(to: &mut Settings, key: &Key, value: &Spanned<DeValue>, place: &str) -> Result<(), Mistake> {
    let field = format!("{place}.{key}");
    let at = |wrong: Wrong| Mistake::at(value.span(), &field, &wrong);
    match key.name {
        "cells" => to.cells = cells(value, &field)?,
        "hidden" => to.hidden = size(limits::HIDDEN, value).map_err(at)?,
        "inputs" => to.inputs = size(limits::INPUTS, value).map_err(at)?,
        "steps" => to.steps = size(limits::STEPS, value).map_err(at)?,
        "seed" => to.seed = whole(limits::SEED, value).map_err(at)?,
        "speed" => {
            to.speed = u32::try_from(whole(limits::SPEED, value).map_err(at)?).unwrap_or(u32::MAX);
        }
        "activation" => to.activation = word(limits::ACTIVATIONS, value).map_err(at)?,
        "init" => to.init = word(limits::INITS, value).map_err(at)?,
        "signal" => to.signal = word(limits::SIGNALS, value).map_err(at)?,
        "loss" => to.loss = word(limits::LOSSES, value).map_err(at)?,
        "rho" => to.rho = Some(real(limits::RHO, value).map_err(at)?),
        "amplitude" => to.amplitude = real(limits::AMPLITUDE, value).map_err(at)?,
        "threshold" => to.threshold = real(limits::THRESHOLD, value).map_err(at)?,
        "detach" => to.detach = real(limits::DETACH, value).map_err(at)?,
        "initial_h" => to.initial_h = real(limits::INITIAL, value).map_err(at)?,
        "initial_c" => to.initial_c = real(limits::INITIAL, value).map_err(at)?,
        "peepholes" => {
            to.peepholes = value
                .get_ref()
                .as_bool()
                .ok_or_else(|| Wrong::new("true or false", reading::found(value)))
                .map_err(at)?;
        }
        "forget" => {
            let found = text(
                "learned, learned:BIAS, pinned:F or none in quotation marks",
                value,
            );
            to.forget = grammar::parse_forget(found.map_err(at)?).map_err(at)?;
        }
        "clip" => {
            let found = text("off, norm:θ, value:θ or step:θ in quotation marks", value);
            let (clip, threshold) = grammar::parse_clip(found.map_err(at)?).map_err(at)?;
            to.clip = clip;
            to.threshold = threshold.unwrap_or(to.threshold);
        }
        "gate_scale" => gates(&mut to.gate_scale, limits::GATE_SCALE, value, &field, false)?,
        "gate_bias" => gates(&mut to.gate_bias, limits::GATE_BIAS, value, &field, true)?,
        _ => return Err(reading::unknown(key, &NAMES, place)),
    }
    Ok(())
}

/// A list of two cells.
fn cells(value: &Spanned<DeValue>, field: &str) -> Result<[CellChoice; 2], Mistake> {
    let wrong = || {
        let found = match value.get_ref().as_array() {
            Some(list) => format!("a list of {}", list.len()),
            None => reading::found(value),
        };
        Wrong::new("a list of two cells such as [\"lstm\", \"rnn\"]", found)
    };
    let Some([left, right]) = value.get_ref().as_array().map(|list| &list[..]) else {
        return Err(Mistake::at(value.span(), field, &wrong()));
    };
    let one = |value: &Spanned<DeValue>| {
        let found = text("a cell's name in quotation marks", value);
        found
            .and_then(grammar::parse_cell)
            .map_err(|wrong| Mistake::at(value.span(), field, &wrong))
    };
    Ok([one(left)?, one(right)?])
}

/// A table with a number for some of the gates; the others stay as they are.
fn gates(
    to: &mut PerGate,
    range: Range,
    value: &Spanned<DeValue>,
    field: &str,
    bias: bool,
) -> Result<(), Mistake> {
    let wrong = || Wrong::new("a table such as { output = 1.0 }", reading::found(value));
    let table = value
        .get_ref()
        .as_table()
        .ok_or_else(|| Mistake::at(value.span(), field, &wrong()))?;
    for (key, number) in reading::in_order(table) {
        let gate = match key.name {
            "block" => &mut to.block,
            "input" => &mut to.input,
            "forget" => &mut to.forget,
            "output" => &mut to.output,
            _ => return Err(reading::unknown(&key, &limits::GATES, field)),
        };
        let field = format!("{field}.{key}");
        if bias && key.name == "forget" {
            let wrong = Wrong::new(
                "forget = \"learned:BIAS\" for the forget gate",
                reading::found(number),
            );
            return Err(Mistake::at(number.span(), &field, &wrong));
        }
        *gate = real(range, number).map_err(|wrong| Mistake::at(number.span(), &field, &wrong))?;
    }
    Ok(())
}

/// A word with a meaning.
fn word<T: Copy>(words: Words<T>, value: &Spanned<DeValue>) -> Result<T, Wrong> {
    let allowed = limits::either(words.iter().map(|(word, _)| *word));
    limits::meaning(words, text(&allowed, value)?)
}

/// A text.
fn text<'a>(allowed: &str, value: &'a Spanned<DeValue>) -> Result<&'a str, Wrong> {
    value
        .get_ref()
        .as_str()
        .ok_or_else(|| Wrong::new(allowed, reading::found(value)))
}

/// A number, written with or without a point.
fn real(range: Range, value: &Spanned<DeValue>) -> Result<f64, Wrong> {
    let number = reading::number(value).ok_or_else(|| Wrong::new(range, reading::found(value)))?;
    range
        .check(number)
        .map_err(|_| Wrong::new(range, reading::found(value)))
}

/// A whole number.
fn whole(range: Range, value: &Spanned<DeValue>) -> Result<u64, Wrong> {
    let number = value.get_ref().as_integer().and_then(reading::integer);
    let wrong = || Wrong::new(range, reading::found(value));
    let number = number
        .and_then(|n| u64::try_from(n).ok())
        .ok_or_else(wrong)?;
    range.check_whole(number)
}

/// A whole number that counts something in memory.
fn size(range: Range, value: &Spanned<DeValue>) -> Result<usize, Wrong> {
    whole(range, value).map(|n| usize::try_from(n).unwrap_or(usize::MAX))
}
