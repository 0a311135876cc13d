//! What becomes of a layer's gradient over the window: the one source of every verdict on it.

use super::LayerDiagnosis;
use crate::flow::Verdict;
use crate::num::Wide;

/// What becomes of the gradient that a layer carries by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reach {
    /// There is none at the layer's last step.
    Nothing,
    /// It grows beyond [`EXPLODED`](super::EXPLODED) times its start.
    Exploding,
    /// It stays below [`VANISHED`](super::VANISHED) of its start from some step on.
    Vanishing,
    /// It neither explodes nor vanishes within the window.
    Whole {
        /// By the factor over the whole window.
        verdict: Verdict,
        /// What is left at t = 1, as a part of the start.
        kept: Wide,
    },
}

impl Reach {
    /// In words, with a sign.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Whole { verdict, .. } => match verdict {
                Verdict::Vanishing => "reaches the whole window ▼",
                Verdict::Exploding => "reaches the whole window ▲",
                Verdict::Stable => "reaches the whole window ◆",
            },
            _ => self.short(),
        }
    }

    /// The same in two words, for a column of a table.
    #[must_use]
    pub const fn short(self) -> &'static str {
        match self {
            Self::Nothing => "no gradient",
            Self::Exploding => "exploding ▲",
            Self::Vanishing => "vanishing ▼",
            Self::Whole { verdict, .. } => match verdict {
                Verdict::Vanishing => "reaches back ▼",
                Verdict::Exploding => "reaches back ▲",
                Verdict::Stable => "reaches back ◆",
            },
        }
    }
}

impl LayerDiagnosis {
    /// What becomes of `alone` over the window.
    #[must_use]
    pub fn reach(&self) -> Reach {
        let (Some(first), Some(last)) = (self.alone.median.first(), self.alone.median.last())
        else {
            return Reach::Nothing;
        };
        match (last.is_zero(), self.horizon) {
            (true, _) => Reach::Nothing,
            _ if self.explodes() => Reach::Exploding,
            (_, Some(_)) => Reach::Vanishing,
            _ => {
                let steps = self.alone.median.len();
                let verdict = self.factor.map(|r| Verdict::of(r.log10(), steps));
                Reach::Whole {
                    verdict: verdict.unwrap_or(Verdict::Stable),
                    kept: first.ratio(*last).unwrap_or_default(),
                }
            }
        }
    }
}
