//! What each setting may be, in words: shared by presets and command line.

use std::fmt;
use std::ops::RangeInclusive;

use crate::cell::{Activation, CellKind, Init, Variant};
use crate::sim::Settings;
use crate::sim::settings::{ClipMode, LossKind, Signal};
pub use crate::words::{either, nearest, quote as quoted};

/// The numbers that a setting may take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// Whole numbers from the first to the second.
    Whole(u64, u64),
    /// Numbers from the first to the second.
    Real(f64, f64),
}

/// The whole range of sizes.
const fn sizes(range: RangeInclusive<usize>) -> Range {
    Range::Whole(*range.start() as u64, *range.end() as u64)
}

/// A range of numbers.
const fn reals(range: RangeInclusive<f64>) -> Range {
    Range::Real(*range.start(), *range.end())
}

/// Units H.
pub const HIDDEN: Range = sizes(Settings::HIDDEN);
/// Inputs D.
pub const INPUTS: Range = sizes(Settings::INPUTS);
/// Steps T of the window.
pub const STEPS: Range = sizes(Settings::STEPS);
/// The seed; a TOML integer is signed, which halves the range.
pub const SEED: Range = Range::Whole(0, LARGEST_SEED);
/// The largest seed.
pub const LARGEST_SEED: u64 = i64::MAX as u64;
/// Spectral radius of every recurrent matrix.
pub const RHO: Range = reals(Settings::RHO);
/// Factor on one matrix of the LSTM.
pub const GATE_SCALE: Range = reals(Settings::SCALE);
/// Bias of a gate.
pub const GATE_BIAS: Range = reals(Settings::BIAS);
/// The constant of a pinned forget gate.
pub const PINNED: Range = reals(Settings::PINNED);
/// Amplitude of the signal.
pub const AMPLITUDE: Range = reals(Settings::AMPLITUDE);
/// The clipping threshold θ.
pub const THRESHOLD: Range = reals(Settings::THRESHOLD);
/// The probability of h-detach.
pub const DETACH: Range = reals(Settings::DETACH);
/// Every element of `h_0` or `c_0`.
pub const INITIAL: Range = reals(Settings::INITIAL);
/// Steps per second.
pub const SPEED: Range = Range::Whole(
    *Settings::SPEED.start() as u64,
    *Settings::SPEED.end() as u64,
);

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
/// φ of the RNN.
pub const ACTIVATIONS: Words<Activation> = &[
    ("tanh", Activation::Tanh),
    ("relu", Activation::Relu),
    ("linear", Activation::Linear),
];
/// Initialisations.
pub const INITS: Words<Init> = &[
    ("orthogonal", Init::Orthogonal),
    ("gaussian", Init::Gaussian),
    ("identity", Init::Identity),
    ("scalar", Init::Scalar),
];
/// Signals that need no file.
pub const SIGNALS: Words<Signal> = &[
    ("noise", Signal::Noise),
    ("sine", Signal::Sine),
    ("impulse", Signal::Impulse),
    ("zero", Signal::Zero),
    ("text", Signal::Text),
];
/// Losses.
pub const LOSSES: Words<LossKind> = &[
    ("last", LossKind::Last),
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
/// The LSTM's pre-activations.
pub const GATES: [&str; 4] = ["block", "input", "forget", "output"];

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
        } else {
            Err(Wrong::new(self, value))
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
        self.check(number.ok_or_else(|| Wrong::new(self, quoted(text)))?)
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
pub fn meaning<T: Copy>(words: Words<T>, text: &str) -> Result<T, Wrong> {
    words
        .iter()
        .find(|(word, _)| *word == text)
        .map(|&(_, meaning)| meaning)
        .ok_or_else(|| Wrong::new(either(words.iter().map(|(word, _)| *word)), quoted(text)))
}

/// The word for a meaning; `file` for the one signal that cannot be asked for by a word.
#[must_use]
pub fn word<T: PartialEq>(words: Words<T>, meaning: &T) -> &'static str {
    words
        .iter()
        .find(|(_, m)| m == meaning)
        .map_or("file", |(word, _)| word)
}
