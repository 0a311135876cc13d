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

impl Verdict {
    /// The verdict on the factor r over `steps` steps, from log10 r.
    pub fn of(log10_r: f64, steps: usize) -> Self {
        let log = log10_r * steps as f64;
        if log < 0.5f64.log10() {
            Self::Vanishing
        } else if log > 2f64.log10() {
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
        for (power, verdict) in [(0.499, Verdict::Vanishing), (2.001, Verdict::Exploding)] {
            assert_eq!(Verdict::of(f64::log10(power), 1), verdict);
        }
    }
}
