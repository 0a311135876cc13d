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
    /// In words, with a mark.
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Whole { verdict, .. } => format!("reaches the whole window {}", verdict.mark()),
            _ => self.short(),
        }
    }

    /// In two words with a mark, for a column of a table.
    #[must_use]
    pub fn short(self) -> String {
        match self {
            Self::Nothing => "no gradient".to_owned(),
            Self::Exploding => Verdict::Exploding.to_string(),
            Self::Vanishing => Verdict::Vanishing.to_string(),
            Self::Whole { verdict, .. } => format!("reaches back {}", verdict.mark()),
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
