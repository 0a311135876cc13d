//! Words, ranges and parsers of the values of options.

use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::cell::LayerId;
use crate::flow::Question;
use crate::flow::explain::MOST_UNITS;
use crate::sim::preset::limits::{self, Range, Words, Wrong};
use crate::ui::look::{Depth, Marker, ThemeName};
use crate::words::explain::Form;

/// The formats of `trace`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table for people.
    Text,
    /// The JSON contract of `cli::trace::json`.
    Json,
    /// One row per step.
    Csv,
}

/// A choice that may be left to what the terminal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auto<T> {
    /// Find out.
    Auto,
    /// This one.
    Fixed(T),
}

impl<T> Auto<T> {
    /// What was chosen, if anything was.
    pub fn fixed(self) -> Option<T> {
        match self {
            Self::Auto => None,
            Self::Fixed(choice) => Some(choice),
        }
    }
}

pub(super) const FORMATS: Words<Format> = &[
    ("text", Format::Text),
    ("json", Format::Json),
    ("csv", Format::Csv),
];
pub(super) const FORMS: Words<Form> = &[
    ("text", Form::Text),
    ("markdown", Form::Markdown),
    ("latex", Form::Latex),
];
pub(super) const ASKED: Words<Question> = &[("share", Question::Share), ("alone", Question::Alone)];
/// The words of `--color`.
pub const COLORS: Words<Auto<Depth>> = &[
    ("auto", Auto::Auto),
    ("never", Auto::Fixed(Depth::Mono)),
    ("16", Auto::Fixed(Depth::Ansi16)),
    ("256", Auto::Fixed(Depth::Ansi256)),
    ("rgb", Auto::Fixed(Depth::Rgb)),
];
/// The words of `--theme`.
pub const THEMES: Words<Auto<ThemeName>> = &[
    ("auto", Auto::Auto),
    ("dark", Auto::Fixed(ThemeName::Dark)),
    ("light", Auto::Fixed(ThemeName::Light)),
    ("contrast", Auto::Fixed(ThemeName::Contrast)),
    ("mono", Auto::Fixed(ThemeName::Mono)),
];
/// The words of `--marker`.
pub const MARKERS: Words<Auto<Marker>> = &[
    ("auto", Auto::Auto),
    ("octant", Auto::Fixed(Marker::Octant)),
    ("braille", Auto::Fixed(Marker::Braille)),
    ("block", Auto::Fixed(Marker::Block)),
    ("ascii", Auto::Fixed(Marker::Ascii)),
];
pub(super) const SWITCH: Words<bool> = &[("on", true), ("off", false)];
pub(super) const FPS: Range = Range::Whole(1, 60);
pub(super) const LIMIT: Range = Range::Whole(1, 1_000_000);
/// Up to a week.
pub(super) const IDLE: Range = Range::Whole(1, 604_800);
pub(super) const STEP: Range = Range::Whole(1, 20_000);
pub(super) const UNITS: Range = Range::Whole(1, MOST_UNITS as u64);
pub(super) const COLUMNS: Range = Range::Whole(40, 1000);
pub(super) const HOPS: Range = Range::Whole(0, 20_000);
pub(super) const FROM: Range = Range::Whole(0, 19_999);
/// What a day at the highest speed takes fits well.
pub(super) const FOLLOW: Range = Range::Whole(1, 1_000_000_000);
/// Worker threads.
pub(super) const THREADS: Range = Range::Whole(1, 256);

/// A word of a list; clap knows the words, for completions.
pub(super) fn one_of<T: Clone + Send + Sync + 'static>(
    words: Words<T>,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(words.iter().map(|(word, _)| *word))
        .try_map(move |text| limits::meaning(words, &text))
}

pub(super) fn whole(range: Range) -> impl Fn(&str) -> Result<u64, Wrong> + Clone {
    move |text| range.parse_whole(text)
}

pub(super) fn real(range: Range) -> impl Fn(&str) -> Result<f64, Wrong> + Clone {
    move |text| range.parse(text)
}

pub(super) fn size(range: Range) -> impl Fn(&str) -> Result<usize, Wrong> + Clone {
    move |text| {
        range
            .parse_whole(text)
            .map(|n| usize::try_from(n).unwrap_or(usize::MAX))
    }
}

/// `1`, or `1r` for the reverse direction.
pub(super) fn layer(text: &str) -> Result<LayerId, Wrong> {
    let (digits, reverse) = match text.strip_suffix('r') {
        Some(digits) => (digits, true),
        None => (text, false),
    };
    let whole = digits.bytes().all(|b| b.is_ascii_digit());
    match digits.parse().ok().filter(|_| whole) {
        Some(layer) => Ok(LayerId { layer, reverse }),
        None => Err(Wrong::new(
            "a layer from 0, with r for its reverse direction (1, 1r)".to_owned(),
            limits::quoted(text),
        )),
    }
}
