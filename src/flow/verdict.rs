//! Whether a gradient vanishes or explodes over a window: the one rule, its words and its marks.

use std::fmt;

/// What a factor per step means over a window of T steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// rᵀ < 0.5.
    Vanishing,
    /// 0.5 ≤ rᵀ ≤ 2.
    Stable,
    /// rᵀ > 2.
    Exploding,
}

/// As far as rounding over a long window takes the logarithm of rᵀ, relative to it.
const ROUNDING: f64 = 1e-9;

impl Verdict {
    /// The verdict on the factor r over `steps` steps, from log10 r.
    pub fn of(log10_r: f64, steps: usize) -> Self {
        let log = log10_r * steps as f64;
        // What is exactly 2 or ½ in the mathematics is not judged by how it was rounded.
        let edge = 2f64.log10() * (1.0 + ROUNDING);
        if log < -edge {
            Self::Vanishing
        } else if log > edge {
            Self::Exploding
        } else {
            Self::Stable
        }
    }

    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Vanishing => "vanishing",
            Self::Stable => "stable",
            Self::Exploding => "exploding",
        }
    }

    /// The mark, so that a verdict is never told by colour alone.
    pub const fn mark(self) -> char {
        match self {
            Self::Vanishing => '▼',
            Self::Stable => '◆',
            Self::Exploding => '▲',
        }
    }
}

/// The word with its mark: `vanishing ▼`.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.word(), self.mark()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_and_double_are_still_stable() {
        for (r, verdict) in [
            (0.99, "vanishing ▼"),
            (0.997, "stable ◆"),
            (1.0, "stable ◆"),
            (1.003, "stable ◆"),
            (1.01, "exploding ▲"),
        ] {
            assert_eq!(Verdict::of(f64::log10(r), 200).to_string(), verdict, "{r}");
        }
        for (power, verdict) in [(0.5, Verdict::Stable), (2.0, Verdict::Stable)] {
            assert_eq!(Verdict::of(f64::log10(power), 1), verdict);
        }
        // 2 over a window of 5000 steps, rounded on the way.
        for (power, verdict) in [
            (2.000_000_000_000_8f64, Verdict::Stable),
            (0.5 / 1.000_000_000_000_4, Verdict::Stable),
            (2.000_000_01, Verdict::Exploding),
            (0.499_999_99, Verdict::Vanishing),
        ] {
            let log10_r = power.log10() / 5000.0;
            assert_eq!(Verdict::of(log10_r, 5000), verdict, "{power}");
        }
        for (power, verdict) in [(0.499, Verdict::Vanishing), (2.001, Verdict::Exploding)] {
            assert_eq!(Verdict::of(f64::log10(power), 1), verdict);
        }
    }
}
