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
                let wrong = || Wrong::new("[[claims]] tables", reading::found(value));
                let list = value.get_ref().as_array();
                claims = Some(list.ok_or_else(|| Mistake::at(value.span(), "claims", &wrong()))?);
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
        text.ok_or_else(|| missing(None, field, "a text in quotation marks"))
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
                let wrong = || Wrong::new("a number from 0 to 1", reading::found(value));
                let number = reading::number(value).filter(|x| (0.0..=1.0).contains(x));
                tolerance = number.ok_or_else(|| Mistake::at(value.span(), &field, &wrong()))?;
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
    let here = Some(claim.span());
    let expectation = match (expected, at_least, at_most) {
        (Some(number), None, None) => Expectation::Equal(number, tolerance),
        (None, None, None) => {
            return Err(missing(
                here,
                "claims.expected",
                "a number (or at_least or at_most)",
            ));
        }
        (None, Some(low), Some(high)) if low.value > high.value => {
            let message = format!(
                "claims.at_least: expected at most {high}, the at_most of the claim, found {low}"
            );
            return Err(Mistake {
                span: here,
                message,
            });
        }
        (None, low, high) => Expectation::Within(low, high),
        (Some(_), ..) => {
            let message =
                "claims.expected: expected either this or at_least and at_most, found both";
            return Err(Mistake {
                span: here,
                message: message.to_owned(),
            });
        }
    };
    let quantity = quantity
        .ok_or_else(|| missing(here, "claims.quantity", "a quantity such as \"rnn.growth\""))?;
    Ok(Claim {
        quantity,
        expectation,
        with,
        settings,
    })
}

/// A field that is not there.
fn missing(span: Option<std::ops::Range<usize>>, field: &str, allowed: &str) -> Mistake {
    Mistake {
        span,
        message: format!("{field}: expected {allowed}, found no such field"),
    }
}

/// A table.
fn table<'a, 'i>(value: &'a Spanned<DeValue<'i>>, field: &str) -> Result<&'a DeTable<'i>, Mistake> {
    let wrong = || Wrong::new("a table", reading::found(value));
    value
        .get_ref()
        .as_table()
        .ok_or_else(|| Mistake::at(value.span(), field, &wrong()))
}

/// A text that is not empty, its lines joined into one.
fn prose(value: &Spanned<DeValue>, field: &str) -> Result<String, Mistake> {
    let wrong = || Wrong::new("a text in quotation marks", reading::found(value));
    let text = value
        .get_ref()
        .as_str()
        .map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    text.filter(|text| !text.is_empty())
        .ok_or_else(|| Mistake::at(value.span(), field, &wrong()))
}

/// A number of any size: a TOML number, or the same in quotation marks.
fn number(value: &Spanned<DeValue>, field: &str) -> Result<Number, Mistake> {
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(n) => n.to_string(),
        DeValue::Float(x) => x.to_string(),
        _ => String::new(),
    };
    Number::parse(&text).ok_or_else(|| {
        Mistake::at(
            value.span(),
            field,
            &Wrong::new("a number such as 0.134 or 1e-5000", reading::found(value)),
        )
    })
}
