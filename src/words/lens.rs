//! What number formats, truncation and padding make of a gradient.

use crate::flow::lens::{Clipped, Truncated, Written};
use crate::num::Wide;
use crate::words::decimal;

impl Clipped {
    /// What `clip_grad_norm_` leaves.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Finite => "numbers",
            Self::Nothing => "nothing: all are 0",
            Self::Zero => "0: the norm is inf",
            Self::Nan => "NaN: a gradient is inf",
        }
    }
}

impl Written {
    /// Where the numbers end: `0 at 14`, steps back; `-` where they do not.
    pub fn ends(&self) -> String {
        self.end()
            .map_or("-".to_owned(), |(back, what)| format!("{what} at {back}"))
    }

    /// From how many steps back on the numbers are no longer there, and what stands in their place.
    pub fn end(&self) -> Option<(usize, &'static str)> {
        let zero = self.zero_back.map(|back| (back, "0"));
        let infinite = self.overflow_back.map(|back| (back, "inf"));
        zero.into_iter().chain(infinite).min()
    }
}

impl Truncated {
    /// In a clause: `cut every 5 steps, |g| is 0.1, 0.9 of the whole, turned by 12.00°`.
    pub fn says(&self) -> String {
        let part = |size: Wide| decimal::text(size, 4);
        let kept = self.kept.map_or("-".to_owned(), part);
        let (norm, steps) = (part(self.norm), self.steps);
        let turned = self
            .angle_deg
            .map_or_else(String::new, |angle| format!(", turned by {angle:.2}°"));
        format!("cut every {steps} steps, |g| is {norm}, {kept} of the whole{turned}")
    }
}
