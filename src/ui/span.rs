//! Steps t = 1..T laid over columns: the one mapping that curves, heat maps, axis and mouse share.

use std::ops::Range;

/// T steps over some columns, t = 1 at the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// T.
    pub steps: usize,
    /// Columns.
    pub width: usize,
}

impl Span {
    /// The mapping of `steps` steps onto `width` columns.
    #[must_use]
    pub fn new(steps: usize, width: u16) -> Self {
        Self {
            steps,
            width: usize::from(width),
        }
    }

    /// The column in which step `t` is drawn (its middle, when it is drawn over several).
    #[must_use]
    pub fn column(self, t: usize) -> u16 {
        if self.steps == 0 || self.width == 0 {
            return 0;
        }
        let t = t.clamp(1, self.steps);
        u16::try_from((2 * t - 1) * self.width / (2 * self.steps)).unwrap_or(u16::MAX)
    }

    /// The step that a column stands for; the middle one, when it stands for several.
    #[must_use]
    pub fn step(self, column: u16) -> usize {
        if self.steps == 0 || self.width == 0 {
            return 1;
        }
        ((2 * usize::from(column) + 1) * self.steps / (2 * self.width) + 1).min(self.steps)
    }

    /// The steps drawn in a column, as indices `t - 1`; never empty when there are steps.
    #[must_use]
    pub fn indices(self, column: usize) -> Range<usize> {
        if self.steps == 0 || self.width == 0 {
            return 0..0;
        }
        // The smallest index i = t - 1 whose column is x or more: (2 i + 1) W ≥ 2 T x.
        let first = |x: usize| {
            (2 * self.steps * x)
                .saturating_sub(self.width)
                .div_ceil(2 * self.width)
        };
        let (a, b) = (first(column), first(column + 1).min(self.steps));
        if a < b {
            return a..b;
        }
        let t = self.step(u16::try_from(column).unwrap_or(u16::MAX));
        t - 1..t
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn columns_cover_every_step_once(steps in 1usize..3000, width in 1u16..300) {
            let span = Span::new(steps, width);
            let mut seen = vec![0; steps];
            for x in 0..usize::from(width) {
                let range = span.indices(x);
                prop_assert!(!range.is_empty());
                for i in range {
                    seen[i] += 1;
                    if steps >= usize::from(width) {
                        prop_assert_eq!(usize::from(span.column(i + 1)), x);
                    }
                }
            }
            prop_assert!(seen.iter().all(|&n| n >= 1));
            if steps >= usize::from(width) {
                prop_assert!(seen.iter().all(|&n| n == 1));
            }
        }

        #[test]
        fn a_click_on_the_cursor_keeps_its_column(steps in 1usize..3000, width in 1u16..300, t in 1usize..3000) {
            let span = Span::new(steps, width);
            let x = span.column(t);
            prop_assert!(x < width);
            prop_assert_eq!(span.column(span.step(x)), x);
        }
    }
}
