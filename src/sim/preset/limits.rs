//! What each setting may be, in words: shared by presets and command line.

use std::fmt;
use std::ops::RangeInclusive;

use crate::cell::{Activation, CellKind, Init, Reset, Variant};
use crate::sim::settings::{ClipMode, LossKind, Signal};
use crate::words::value;
pub use crate::words::{either, nearest, quote as quoted};

/// The numbers that a setting may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// Whole numbers from the first to the second.
    Whole(u64, u64),
    /// Numbers from the first to the second.
    Real(f64, f64),
}

/// Inputs D.
pub const INPUTS: Range = Range::Whole(1, 512);
/// Steps T of the window.
pub const STEPS: Range = Range::Whole(2, MOST_STEPS as u64);
/// The largest T.
pub const MOST_STEPS: usize = 20_000;
/// The seed; a TOML integer is signed, which halves the range.
pub const SEED: Range = Range::Whole(0, i64::MAX as u64);
/// Spectral radius of every recurrent matrix.
pub const RHO: Range = Range::Real(0.0, 100.0);
/// Factor on one matrix of the LSTM.
pub const GATE_SCALE: Range = Range::Real(0.0, 100.0);
/// Bias of a gate, the forget gate's included.
pub const GATE_BIAS: Range = Range::Real(-20.0, 20.0);
/// The constant of a pinned forget gate; above 1 it is beyond any sigmoid.
pub const PINNED: Range = Range::Real(0.0, 1.05);
/// The clipping threshold θ.
pub const THRESHOLD: Range = Range::Real(1e-6, 1e6);
/// Steps per second.
pub const SPEED: Range = Range::Whole(1, 60);

/// The words of a setting that is one of a few things, each with its meaning.
pub type Words<T> = &'static [(&'static str, T)];

/// The cells.
pub const CELLS: Words<CellKind> = &CellKind::WORDS;
/// The variants of the LSTM.
pub const VARIANTS: Words<Variant> = &[
    ("plain", Variant::Plain),
    ("nig", Variant::Nig),
    ("nfg", Variant::Nfg),
    ("nog", Variant::Nog),
    ("niaf", Variant::Niaf),
    ("noaf", Variant::Noaf),
    ("cifg", Variant::Cifg),
    ("np", Variant::Np),
    ("fgr", Variant::Fgr),
];
/// φ.
pub const ACTIVATIONS: Words<Activation> = &Activation::WORDS;
/// What makes a gate of its pre-activation.
pub const GATE_FUNCTIONS: Words<Activation> = &Activation::GATES;
/// Where the reset gate of a GRU stands.
pub const RESETS: Words<Reset> = &[("after", Reset::After), ("before", Reset::Before)];
/// Initialisations.
pub const INITS: Words<Init> = &[
    ("orthogonal", Init::Orthogonal),
    ("gaussian", Init::Gaussian),
    ("identity", Init::Identity),
    ("scalar", Init::Scalar),
    ("pytorch", Init::PyTorch),
    ("keras", Init::Keras),
];
/// Signals. The last one needs a file, and cannot be asked for by its word alone.
pub const SIGNALS: Words<Signal> = &[
    ("noise", Signal::Noise),
    ("sine", Signal::Sine),
    ("impulse", Signal::Impulse),
    ("zero", Signal::Zero),
    ("text", Signal::Text),
    ("file", Signal::File),
];
/// Losses.
pub const LOSSES: Words<LossKind> = &[
    ("last", LossKind::Last),
    ("out", LossKind::Out),
    ("mean", LossKind::Mean),
    ("max", LossKind::Max),
    ("sum", LossKind::Sum),
    ("mse", LossKind::Mse),
];
/// Clipping modes.
pub const CLIP_MODES: Words<ClipMode> = &[
    ("off", ClipMode::Off),
    ("norm", ClipMode::Norm),
    ("value", ClipMode::Value),
    ("step", ClipMode::Step),
];

/// A value that a setting cannot take: "expected …, found …".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {allowed}, found {found}")]
pub struct Wrong {
    /// What is allowed, in words.
    pub allowed: String,
    /// What was found, in words.
    pub found: String,
}

impl Wrong {
    /// A value that is not what is allowed.
    pub fn new(allowed: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self {
            allowed: allowed.to_string(),
            found: found.to_string(),
        }
    }
}

impl fmt::Display for Range {
    /// In words, as in "expected a number from 0 to 100".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(low, high) => write!(f, "a whole number from {low} to {high}"),
            Self::Real(low, high) => write!(f, "a number from {low} to {high}"),
        }
    }
}

impl Range {
    /// The smallest and the largest number.
    pub const fn ends(self) -> RangeInclusive<f64> {
        match self {
            Self::Whole(low, high) => low as f64..=high as f64,
            Self::Real(low, high) => low..=high,
        }
    }

    /// `low to high`, in the shortest digits.
    pub fn span(self) -> String {
        match self {
            Self::Whole(low, high) => format!("{low} to {high}"),
            Self::Real(low, high) => value::range(&(low..=high)),
        }
    }

    /// The whole number of the range that is nearest to one.
    pub fn nearest_whole(self, value: u64) -> u64 {
        match self {
            Self::Whole(low, high) => value.clamp(low, high),
            Self::Real(..) => value,
        }
    }

    /// A number within the range.
    ///
    /// # Errors
    /// What is allowed, when it lies outside.
    pub fn check(self, value: f64) -> Result<f64, Wrong> {
        let inside = match self {
            Self::Whole(low, high) => {
                value.fract() == 0.0 && low as f64 <= value && value <= high as f64
            }
            Self::Real(low, high) => low <= value && value <= high,
        };
        if inside {
            Ok(value)
        } else if value.abs() < 1e16 {
            Err(Wrong::new(self, value))
        } else {
            // Hundreds of zeros are no sentence.
            Err(Wrong::new(self, format!("{value:e}")))
        }
    }

    /// A whole number within the range.
    ///
    /// # Errors
    /// What is allowed, when it lies outside.
    pub fn check_whole(self, value: u64) -> Result<u64, Wrong> {
        let inside = match self {
            Self::Whole(low, high) => (low..=high).contains(&value),
            Self::Real(..) => self.check(value as f64).is_ok(),
        };
        if inside {
            Ok(value)
        } else {
            Err(Wrong::new(self, value))
        }
    }

    /// A number written in decimal, within the range.
    ///
    /// # Errors
    /// What is allowed, when it is no number or lies outside.
    pub fn parse(self, text: &str) -> Result<f64, Wrong> {
        // The words inf and nan are numbers to Rust, but none that a setting can be.
        let number = text.trim().parse().ok().filter(|x: &f64| x.is_finite());
        let number = number.ok_or_else(|| Wrong::new(self, quoted(text)))?;
        // Adding 0 turns −0 into 0.
        self.check(number).map(|x| x + 0.0)
    }

    /// A whole number written in decimal, within the range.
    ///
    /// # Errors
    /// What is allowed, when it is no whole number or lies outside.
    pub fn parse_whole(self, text: &str) -> Result<u64, Wrong> {
        self.check_whole(
            text.trim()
                .parse()
                .map_err(|_| Wrong::new(self, quoted(text)))?,
        )
    }
}

/// The meaning of a word.
///
/// # Errors
/// The words that are allowed, when it is none of them.
pub fn meaning<T: Clone>(words: Words<T>, text: &str) -> Result<T, Wrong> {
    words
        .iter()
        .find(|(word, _)| *word == text)
        .map(|(_, meaning)| meaning.clone())
        .ok_or_else(|| Wrong::new(either(words.iter().map(|(word, _)| *word)), quoted(text)))
}

/// The word for a meaning.
pub fn word<T: PartialEq>(words: Words<T>, meaning: &T) -> &'static str {
    words
        .iter()
        .find(|(_, m)| m == meaning)
        .map_or("", |(word, _)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_checked() {
        assert_eq!(RHO.parse(" 1.01 "), Ok(1.01));
        assert_eq!(RHO.parse("-0").map(f64::to_bits), Ok(0f64.to_bits()));
        for text in ["", "nan", "inf", "1,01"] {
            let wrong = RHO.parse(text).unwrap_err().to_string();
            let sentence = format!("expected a number from 0 to 100, found '{text}'");
            assert_eq!(wrong, sentence);
        }
        for text in ["100.5", "-1"] {
            assert!(RHO.parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn spans_are_short() {
        assert_eq!(THRESHOLD.span(), "1e-6 to 1e6");
        assert_eq!(PINNED.span(), "0 to 1.05");
        assert_eq!(STEPS.span(), "2 to 20000");
    }
}
