//! Clipping of the gradients of all tensors together, as `torch.nn.utils` has it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Real;
use crate::sim::preset::limits::{self, Range, Wrong};

/// What is done to gradients that are too large.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Clip {
    /// Nothing.
    Off,
    /// g ← g · min(1, θ/(‖g‖ + 1e-6)): `clip_grad_norm_`.
    Norm(f64),
    /// Every element into [−θ, θ]: `clip_grad_value_`.
    Value(f64),
}

impl fmt::Display for Clip {
    /// As on the command line: `off`, `norm:1`, `value:0.5`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Norm(threshold) => write!(f, "norm:{threshold}"),
            Self::Value(threshold) => write!(f, "value:{threshold}"),
        }
    }
}

impl From<Clip> for String {
    fn from(clip: Clip) -> Self {
        clip.to_string()
    }
}

impl TryFrom<String> for Clip {
    type Error = Wrong;

    fn try_from(text: String) -> Result<Self, Wrong> {
        Self::parse(&text)
    }
}

impl Clip {
    /// The thresholds that are taken.
    pub const THRESHOLD: Range = Range::Real(1e-9, 1e9);
    /// θ where none is written, which is that of a window's clipping.
    pub const DEFAULT: f64 = 5.0;

    /// Reads what [`Display`](fmt::Display) writes, and `norm` or `value` alone.
    ///
    /// # Errors
    /// What is allowed.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let wrong = || {
            let allowed = format!("off, norm[:θ] or value[:θ], θ being {}", Self::THRESHOLD);
            Wrong::new(allowed, limits::quoted(text))
        };
        if text == "off" {
            return Ok(Self::Off);
        }
        let (word, threshold) = match text.split_once(':') {
            None => (text, Self::DEFAULT),
            Some((word, number)) => {
                let threshold = Self::THRESHOLD.parse(number).map_err(|_| wrong())?;
                (word, threshold)
            }
        };
        match word {
            "norm" => Ok(Self::Norm(threshold)),
            "value" => Ok(Self::Value(threshold)),
            _ => Err(wrong()),
        }
    }

    /// θ; `None` when off.
    pub fn threshold(self) -> Option<f64> {
        match self {
            Self::Off => None,
            Self::Norm(threshold) | Self::Value(threshold) => Some(threshold),
        }
    }

    /// Clips, and gives the norm that the gradients had and the one that they have.
    ///
    /// As in PyTorch a norm is that of the tensors' norms, in the gradients' own precision: in float32
    /// it is infinite from 1.8e19 on, and clipping then makes 0 of every finite gradient.
    pub fn apply<T: Real>(self, gradients: &mut [Vec<T>]) -> (f64, f64) {
        let before = norm(gradients);
        match self {
            Self::Off => return (before.wide(), before.wide()),
            Self::Norm(threshold) => {
                let factor = T::of(threshold) / (before + T::of(1e-6));
                let factor = if factor > T::ONE { T::ONE } else { factor };
                for x in gradients.iter_mut().flatten() {
                    *x *= factor;
                }
            }
            Self::Value(threshold) => {
                let threshold = T::of(threshold);
                for x in gradients.iter_mut().flatten() {
                    if *x > threshold {
                        *x = threshold;
                    } else if *x < -threshold {
                        *x = -threshold;
                    }
                }
            }
        }
        (before.wide(), norm(gradients).wide())
    }
}

/// The norm of all tensors together.
pub(super) fn norm<T: Real>(tensors: &[Vec<T>]) -> T {
    let squares = |tensor: &[T]| {
        let mut sums = [T::default(); 16];
        let (chunks, rest) = tensor.as_chunks::<16>();
        for chunk in chunks {
            for (sum, &x) in sums.iter_mut().zip(chunk) {
                *sum += x * x;
            }
        }
        sums.iter()
            .copied()
            .chain(rest.iter().map(|&x| x * x))
            .fold(T::default(), |sum, x| sum + x)
    };
    let norms: Vec<T> = tensors.iter().map(|t| squares(t).sqrt()).collect();
    squares(&norms).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_alone_has_the_threshold_of_a_window() {
        let window = crate::sim::Settings::default();
        assert_eq!(
            Clip::DEFAULT.total_cmp(&window.threshold),
            std::cmp::Ordering::Equal
        );
        assert_eq!(Clip::parse("norm"), Ok(Clip::Norm(Clip::DEFAULT)));
        assert_eq!(Clip::parse("value"), Ok(Clip::Value(Clip::DEFAULT)));
        assert_eq!(Clip::parse("norm:1"), Ok(Clip::Norm(1.0)));
        for text in ["step", "norm:", "off:1", "value:0"] {
            assert!(Clip::parse(text).is_err(), "{text}");
        }
    }
}
