//! An axis: a setting by its name, and the values that it takes.
//!
//! | written | values |
//! |---|---|
//! | `rho=0.5:2:101` | 101 numbers from 0.5 to 2, evenly |
//! | `hidden=1:512:10:log` | 10 numbers, evenly in their logarithms |
//! | `hidden=16,32,64`, `init=pytorch,gaussian` | these |
//!
//! The setting is any row of the table that can be written, with hyphens as its option has them, or
//! one of these, which are parts of a row or follow from two:
//!
//! | name | what it sets |
//! |---|---|
//! | `forget` with numbers | the pinned forget gate f |
//! | `forget-bias` | the bias of the learned forget gate |
//! | `rho-block`, `rho-input`, `rho-forget`, `rho-output` | the spectral radius of one matrix, beside `rho` of the others |

use std::collections::HashSet;

use crate::cell::{ForgetGate, Init};
use crate::sim::edge::Knob;
use crate::sim::preset::limits::{self, Wrong};
use crate::sim::settings::row::{Kind, Row, Table, Written};
use crate::sim::{CellChoice, Settings};

/// The most values on an axis.
const MOST: usize = 10_000;

/// A setting and its values.
#[derive(Clone, Debug)]
pub struct Axis {
    name: String,
    control: Control,
    values: Vec<String>,
    numbers: Option<Vec<f64>>,
}

/// What an axis sets.
#[derive(Clone, Copy, Debug)]
enum Control {
    /// A row of the table.
    Row(&'static Row<Settings>),
    /// A part of a row.
    Knob(Knob),
    /// The radius of one matrix, by its scale.
    Radius(Knob),
}

/// The names that are no rows.
const OTHERS: [(&str, Control); 5] = [
    ("forget-bias", Control::Knob(Knob::ForgetBias)),
    ("rho-block", Control::Radius(Knob::ScaleBlock)),
    ("rho-input", Control::Radius(Knob::ScaleInput)),
    ("rho-forget", Control::Radius(Knob::ScaleForget)),
    ("rho-output", Control::Radius(Knob::ScaleOutput)),
];

impl Axis {
    /// Reads `NAME=LO:HI:N`, `NAME=LO:HI:N:log` or `NAME=A,B,…`.
    ///
    /// # Errors
    /// One sentence: there is no such setting, or what is wrong with its values.
    pub fn parse(text: &str) -> Result<Self, String> {
        let form = "NAME=LO:HI:N, NAME=LO:HI:N:log or NAME=A,B,…";
        let Some((name, values)) = text.split_once('=') else {
            return Err(Wrong::new(form, limits::quoted(text)).to_string());
        };
        let (name, values) = (name.trim(), values.trim());
        let spaced = !values.contains(',') && values.split(':').count() > 2;
        let is_number = |value: &str| value.trim().parse::<f64>().is_ok();
        if values.split(':').count() == 2 && values.split(':').all(is_number) {
            let wrong = Wrong::new("LO:HI:N, N values from LO to HI", limits::quoted(values));
            return Err(format!("{name}: {wrong}"));
        }
        let control = control(name, spaced || values.split(',').all(is_number))?;
        let say = |wrong: Wrong| format!("{name}: {wrong}");
        let values = if spaced {
            spread(control, values).map_err(say)?
        } else {
            values
                .split(',')
                .map(|value| control.plain(value))
                .collect()
        };
        let mut seen = HashSet::new();
        for value in &values {
            control.check(value).map_err(say)?;
            if !seen.insert(value) {
                let found = format!("{value} twice");
                return Err(say(Wrong::new("every value once", found)));
            }
        }
        if values.len() > MOST {
            let allowed = format!("at most {MOST} values");
            return Err(say(Wrong::new(allowed, values.len())));
        }
        let numbers = values.iter().map(|value| value.parse().ok()).collect();
        Ok(Self {
            name: name.to_owned(),
            control,
            values,
            numbers,
        })
    }

    /// Its name, as it was written.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What people call it, with its symbol; the name where it has no other.
    pub fn title(&self) -> &str {
        match self.control {
            Control::Row(row) if !row.label.is_empty() => row.label,
            Control::Row(_) => &self.name,
            Control::Knob(knob) => knob.name(),
            Control::Radius(Knob::ScaleBlock) => "spectral radius of R_z",
            Control::Radius(Knob::ScaleInput) => "spectral radius of R_i",
            Control::Radius(Knob::ScaleForget) => "spectral radius of R_f",
            Control::Radius(_) => "spectral radius of R_o",
        }
    }

    /// Its values as they can be written again.
    pub fn values(&self) -> &[String] {
        &self.values
    }

    /// Its values, where all are numbers.
    pub fn numbers(&self) -> Option<&[f64]> {
        self.numbers.as_deref()
    }

    /// The text that [`Axis::parse`] reads.
    pub fn text(&self) -> String {
        format!("{}={}", self.name, self.values.join(","))
    }

    /// Whether it sets what another one sets.
    pub fn sets_what(&self, other: &Self) -> bool {
        let forget = |axis: &Self| axis.name == "forget" || axis.name == "forget-bias";
        self.rank() == other.rank() && self.title() == other.title()
            || forget(self) && forget(other)
    }

    /// Where it comes in the order in which settings are set: a later row wins.
    pub fn rank(&self) -> usize {
        match self.control {
            Control::Row(row) => {
                let mut rows = Settings::rows().iter();
                rows.position(|other| other.name == row.name).unwrap_or(0)
            }
            Control::Knob(_) => Settings::rows().len(),
            Control::Radius(_) => Settings::rows().len() + 1,
        }
    }

    /// Its value under these settings; `None` where they have no such number, as of a bias that is as
    /// drawn.
    pub fn value(&self, settings: &Settings) -> Option<f64> {
        let knob = match self.control {
            Control::Row(row) => {
                return match row.kind {
                    Kind::Whole { get, .. } => Some(get(settings) as f64),
                    Kind::Real { get, .. } => get(settings),
                    _ => None,
                };
            }
            Control::Knob(knob) | Control::Radius(knob) => knob,
        };
        let scale = settings.gate_scale;
        let scale = match (knob, settings.forget) {
            (Knob::ForgetBias, ForgetGate::Learned(bias)) => return bias,
            (Knob::ForgetValue, ForgetGate::Pinned(f)) => return Some(f),
            (Knob::ForgetValue, ForgetGate::None) => return Some(1.0),
            (Knob::ForgetBias | Knob::ForgetValue, _) => return None,
            (Knob::Radius, _) => 1.0,
            (Knob::ScaleBlock, _) => scale.block,
            (Knob::ScaleInput, _) => scale.input,
            (Knob::ScaleForget, _) => scale.forget,
            (Knob::ScaleOutput, _) => scale.output,
        };
        Some(settings.rho? * scale)
    }

    /// Sets the value at a place; the value was checked when it was read.
    pub fn apply(&self, settings: &mut Settings, place: usize) {
        let value = &self.values[place];
        match (self.control, value.parse()) {
            (Control::Row(row), _) => _ = row.read(settings, value),
            (Control::Knob(knob), Ok(x)) => *settings = knob.applied(settings, x),
            (Control::Radius(knob), Ok(x)) => {
                let scale: f64 = x / settings.rho.unwrap_or(1.0);
                *settings = knob.applied(settings, scale);
            }
            (_, Err(_)) => {}
        }
    }

    /// Whether the setting means something to this cell under these settings, with the other axis.
    ///
    /// # Errors
    /// One sentence.
    pub fn check(&self, cell: CellChoice, settings: &Settings) -> Result<(), String> {
        let fails = |allowed: &str, found: &str| {
            Err(format!("{}: {}", self.name, Wrong::new(allowed, found)))
        };
        let (knob, radius) = match self.control {
            Control::Row(row) if row.name == "rho" => (Knob::Radius, false),
            Control::Row(row) if row.name.starts_with("gate_scale") => (Knob::ScaleBlock, false),
            Control::Row(row) => {
                return own(row.name, cell, settings).or_else(|(a, b)| fails(a, b));
            }
            Control::Knob(knob) => (knob, false),
            Control::Radius(knob) => (knob, true),
        };
        if !knob.turns(cell, settings.forget) {
            return fails("a cell that has it", cell.name());
        }
        match settings.rho {
            Some(rho) if rho > 0.0 => Ok(()),
            Some(_) if radius => fails("rho above 0, which the other matrices have", "rho 0"),
            None if radius => fails(
                "a number for rho, which the other matrices have",
                "rho drawn",
            ),
            _ => Ok(()),
        }
    }
}

/// Whether a row of its own means something to a cell: what is expected, and what was found.
fn own(
    row: &str,
    cell: CellChoice,
    settings: &Settings,
) -> Result<(), (&'static str, &'static str)> {
    let (has, needs) = match row {
        "mix" => (
            cell.kind.has_recurrent_matrices(),
            (settings.init != Init::Orthogonal).then_some(("init orthogonal", "another init")),
        ),
        "peephole_size" => (
            cell.kind.spec().has_variants,
            (!settings.peepholes).then_some(("peepholes on", "peepholes off")),
        ),
        _ => return Ok(()),
    };
    if !has {
        return Err(("a cell that has it", cell.name()));
    }
    needs.map_or(Ok(()), Err)
}

/// What a name stands for; `numbers` says whether its values are numbers.
fn control(name: &str, numbers: bool) -> Result<Control, String> {
    if name == "forget" && numbers {
        return Ok(Control::Knob(Knob::ForgetValue));
    }
    if let Some((_, control)) = OTHERS.iter().find(|(other, _)| *other == name) {
        return Ok(*control);
    }
    let rows = || {
        let sweepable = |row: &&Row<Settings>| {
            row.written != Written::Nowhere
                && !matches!(row.kind, Kind::Table)
                && !["cells", "seed"].contains(&row.name)
        };
        Settings::rows().iter().filter(sweepable)
    };
    let named = |row: &Row<Settings>| row.name.replace('_', "-");
    if let Some(row) = rows().find(|row| named(row) == name.replace('_', "-")) {
        return Ok(Control::Row(row));
    }
    if name == "seed" {
        return Err("seed: expected --seeds for several seeds, found an axis".to_owned());
    }
    let mut names: Vec<String> = rows().map(named).collect();
    names.extend(OTHERS.iter().map(|(name, _)| (*name).to_owned()));
    let near = limits::nearest(name, names.iter().map(String::as_str));
    let quoted = limits::quoted(name);
    let hint = if let Some(near) = near {
        format!("did you mean {near}?")
    } else {
        let all = limits::either(names.iter().map(String::as_str));
        format!("expected {all}")
    };
    Err(format!("there is no setting {quoted}; {hint}"))
}

impl Control {
    /// Whether it may have this value.
    fn check(self, value: &str) -> Result<(), Wrong> {
        let real =
            |ends: std::ops::RangeInclusive<f64>| limits::Range::Real(*ends.start(), *ends.end());
        match self {
            Self::Row(row) => row.read(&mut Settings::default(), value),
            Self::Knob(knob) => real(knob.range()).parse(value).map(|_| ()),
            Self::Radius(_) => limits::RHO.parse(value).map(|_| ()),
        }
    }

    /// A value as it is written again: a number in its shortest digits.
    fn plain(self, value: &str) -> String {
        match value.trim().parse::<f64>() {
            // Adding 0 turns −0 into 0.
            Ok(x) if self.is_number() => (x + 0.0).to_string(),
            _ => value.trim().to_owned(),
        }
    }

    const fn is_whole(self) -> bool {
        matches!(self, Self::Row(row) if matches!(row.kind, Kind::Whole { .. }))
    }

    /// Whether it takes numbers at all.
    const fn is_number(self) -> bool {
        match self {
            Self::Row(row) => matches!(row.kind, Kind::Whole { .. } | Kind::Real { .. }),
            Self::Knob(_) | Self::Radius(_) => true,
        }
    }
}

/// The numbers of `LO:HI:N` or `LO:HI:N:log`.
fn spread(control: Control, text: &str) -> Result<Vec<String>, Wrong> {
    let form = "LO:HI:N or LO:HI:N:log";
    let wrong = |allowed: &str| Wrong::new(allowed, limits::quoted(text));
    if !control.is_number() {
        return Err(wrong("values with commas between them"));
    }
    let parts: Vec<&str> = text.split(':').map(str::trim).collect();
    let (low, high, count, log) = match *parts.as_slice() {
        [low, high, count] => (low, high, count, false),
        [low, high, count, "log"] => (low, high, count, true),
        _ => return Err(wrong(form)),
    };
    let number = |text: &str| text.parse().ok().filter(|x: &f64| x.is_finite());
    let (Some(first), Some(last), Ok(count)) = (number(low), number(high), count.parse::<usize>())
    else {
        return Err(wrong(form));
    };
    if !(1..=MOST).contains(&count) {
        let found = format!("{count} in {}", limits::quoted(text));
        return Err(Wrong::new(format!("1 to {MOST} values"), found));
    }
    if first > last || (first == last) != (count == 1) {
        return Err(wrong("LO below HI and 2 values or more (or LO = HI and 1)"));
    }
    if log && first <= 0.0 {
        return Err(Wrong::new("LO above 0 for log", low));
    }
    let value = |k: usize| {
        if k == 0 {
            return first;
        }
        if k + 1 == count {
            return last;
        }
        let part = k as f64 / (count - 1) as f64;
        let x = if log {
            (first.ln() + part * (last.ln() - first.ln())).exp()
        } else {
            first + part * (last - first)
        };
        // 0.6 and not 0.6000000000000001; 0 and not 1e-17.
        let digits = 12 - (first.abs().max(last.abs())).log10().ceil() as i32;
        let text = if log || !(0..=300).contains(&digits) {
            format!("{x:.11e}")
        } else {
            format!("{x:.digits$}", digits = digits as usize)
        };
        text.parse().unwrap_or(x)
    };
    let whole = |x: f64| if control.is_whole() { x.round() } else { x };
    // Adding 0 turns −0 into 0.
    Ok((0..count)
        .map(|k| (whole(value(k)) + 0.0).to_string())
        .collect())
}
