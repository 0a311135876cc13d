//! Presets: a title, an idea, settings, and claims that can be checked.
//!
//! A preset is a TOML file:
//!
//! ```toml
//! title  = "The power law of a scalar network"
//! idea   = "Two sentences that say what happens."
//! press  = "Which keys to press."
//! watch  = "What to look at."
//! source = "Where it comes from."
//!
//! [settings]                        # as in `Settings`; what is absent keeps its default
//! cells  = ["lstm", "gru"]           # left and right
//! rho    = 1.0
//! forget = "pinned:0.99"            # learned, learned:BIAS, pinned:F or none
//! clip   = "norm:5"                 # off, norm:θ, value:θ or step:θ
//! gate_scale = { output = 1.0 }     # gates that are absent keep 1; in gate_bias, 0
//!
//! [[claims]]                        # a quantity as in `sim::claim`
//! quantity  = "rnn.growth"
//! expected  = 0.13398               # or at_least and at_most
//! tolerance = 1e-4                  # relative; an expected 0 must be met exactly
//! with      = { rho = 0.99 }        # settings that this claim changes
//! ```
//!
//! Whatever is wrong is said in one sentence with the file, the line, the field, what is allowed
//! and what was found.

pub mod embedded;
pub mod fields;
pub mod grammar;
pub mod limits;
pub mod reading;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::sim::claim::{Claim, Expectation, Number, Quantity};
use crate::sim::preset::limits::Wrong;
use crate::sim::preset::reading::Mistake;
use crate::sim::settings::row;
use crate::sim::{Pace, Settings};

pub use crate::sim::preset::reading::TomlError as PresetError;

/// A preset, read and checked. Its texts are as in the file: whoever shows them sanitises them.
#[derive(Clone, Debug)]
pub struct Preset {
    /// The name on the command line: the file's name without `.toml`.
    pub name: String,
    /// The title.
    pub title: String,
    /// The idea in two sentences.
    pub idea: String,
    /// What to press.
    pub press: String,
    /// What to watch.
    pub watch: String,
    /// Where it comes from.
    pub source: String,
    /// Its settings.
    pub settings: Settings,
    /// Its speed in steps per second, if it names one.
    pub speed: Option<u32>,
    /// What it claims, in the order of the file.
    pub claims: Vec<Claim>,
}

/// The fields at the top of the file.
const TOP: [&str; 7] = [
    "title", "idea", "press", "watch", "source", "settings", "claims",
];
/// The fields of a claim.
const CLAIM: [&str; 6] = [
    "quantity",
    "expected",
    "at_least",
    "at_most",
    "tolerance",
    "with",
];
/// What the texts may be.
const TEXT: &str = "a text in quotation marks";
/// The relative tolerance of a claim that names none.
const TOLERANCE: f64 = 1e-9;

impl Preset {
    /// Reads a preset from the text of its file; `file` is what messages call it.
    ///
    /// # Errors
    /// The first mistake in the file.
    pub fn parse(name: &str, file: &str, text: &str) -> Result<Self, PresetError> {
        reading::document(file, text, |document| read(name, document, text))
    }
}

/// Reads the whole document.
fn read(name: &str, document: &DeTable, text: &str) -> Result<Preset, Mistake> {
    let mut texts: [Option<String>; 5] = Default::default();
    let (mut settings, mut speed) = (Settings::default(), None);
    let mut claims: Option<&DeArray> = None;
    for (key, value) in reading::in_order(document) {
        match key.name {
            "settings" => {
                let table = table(value, "settings")?;
                for (key, value) in reading::in_order(table) {
                    if row::find::<Pace>(key.name).is_some() {
                        let mut pace = Pace::default();
                        fields::set(&mut pace, &key, value, "settings")?;
                        speed = Some(pace.speed);
                    } else {
                        fields::set(&mut settings, &key, value, "settings")?;
                    }
                }
                fields::settle(&mut settings, table);
            }
            "claims" => {
                let list = reading::take(value, "claims", "[[claims]] tables", DeValue::as_array);
                claims = Some(list?);
            }
            field => match TOP.iter().position(|name| *name == field) {
                Some(place) => texts[place] = Some(prose(value, field)?),
                None => return Err(reading::unknown(&key, &TOP, "")),
            },
        }
    }
    // Claims start from the settings, wherever in the file these stand.
    let claims = claims.into_iter().flatten();
    let claims = claims
        .map(|claim| read_claim(claim, &settings, text))
        .collect::<Result<_, _>>()?;
    let required = |text: Option<String>, field| {
        text.ok_or_else(|| Mistake {
            span: None,
            message: format!("{field}: {}", missing(TEXT)),
        })
    };
    let [title, idea, press, watch, source] = texts;
    Ok(Preset {
        name: name.to_owned(),
        title: required(title, "title")?,
        idea: required(idea, "idea")?,
        press: required(press, "press")?,
        watch: required(watch, "watch")?,
        source: required(source, "source")?,
        settings,
        speed,
        claims,
    })
}

/// Reads one claim; `settings` are those of the preset.
fn read_claim(claim: &Spanned<DeValue>, settings: &Settings, text: &str) -> Result<Claim, Mistake> {
    let mut settings = settings.clone();
    let (mut quantity, mut with, mut tolerance) = (None, String::new(), TOLERANCE);
    let (mut expected, mut at_least, mut at_most) = (None, None, None);
    for (key, value) in reading::in_order(table(claim, "claims")?) {
        let field = format!("claims.{key}");
        match key.name {
            "quantity" => {
                let name = prose(value, &field)?;
                let read = Quantity::parse(&name);
                quantity =
                    Some(read.map_err(|message| Mistake::at(value.span(), &field, &message))?);
            }
            "expected" => expected = Some(number(value, &field)?),
            "at_least" => at_least = Some(number(value, &field)?),
            "at_most" => at_most = Some(number(value, &field)?),
            "tolerance" => {
                tolerance = reading::take(value, &field, "a number from 0 to 1", |_| {
                    reading::number(value).filter(|x| (0.0..=1.0).contains(x))
                })?;
            }
            "with" => {
                let changes = table(value, &field)?;
                fields::read(&mut settings, changes, &field)?;
                let written = |(key, value): (reading::Key, &Spanned<DeValue>)| {
                    format!("{key} = {}", text.get(value.span()).unwrap_or_default())
                };
                with = reading::in_order(changes)
                    .into_iter()
                    .map(written)
                    .collect::<Vec<_>>()
                    .join(", ");
            }
            _ => return Err(reading::unknown(&key, &CLAIM, "claims")),
        }
    }
    let wrong = |field: &str, wrong: Wrong| Mistake::at(claim.span(), field, &wrong);
    let expectation = match (expected, at_least, at_most) {
        (Some(number), None, None) => Expectation::Equal(number, tolerance),
        (None, None, None) => {
            let missing = missing("a number (or at_least or at_most)");
            return Err(wrong("claims.expected", missing));
        }
        (None, Some(low), Some(high)) if low.value > high.value => {
            let most = format!("at most {high}, the at_most of the claim");
            return Err(wrong("claims.at_least", Wrong::new(most, low)));
        }
        (None, low, high) => Expectation::Within(low, high),
        (Some(_), ..) => {
            let both = Wrong::new("either this or at_least and at_most", "both");
            return Err(wrong("claims.expected", both));
        }
    };
    let missing = || missing("a quantity such as \"rnn.growth\"");
    let quantity = quantity.ok_or_else(|| wrong("claims.quantity", missing()))?;
    Ok(Claim {
        quantity,
        expectation,
        with,
        settings,
    })
}

/// That a field is not there.
fn missing(allowed: &str) -> Wrong {
    Wrong::new(allowed, "no such field")
}

/// A table.
fn table<'a, 'i>(value: &'a Spanned<DeValue<'i>>, field: &str) -> Result<&'a DeTable<'i>, Mistake> {
    reading::take(value, field, "a table", DeValue::as_table)
}

/// A text that is not empty, its lines joined into one.
fn prose(value: &Spanned<DeValue>, field: &str) -> Result<String, Mistake> {
    reading::take(value, field, TEXT, |value| {
        let words: Vec<_> = value.as_str()?.split_whitespace().collect();
        (!words.is_empty()).then(|| words.join(" "))
    })
}

/// A number of any size: a TOML number, or the same in quotation marks.
fn number(value: &Spanned<DeValue>, field: &str) -> Result<Number, Mistake> {
    reading::take(value, field, "a number such as 0.134 or 1e-5000", |value| {
        Number::parse(&match value {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(n) => n.to_string(),
            DeValue::Float(x) => x.to_string(),
            _ => return None,
        })
    })
}
