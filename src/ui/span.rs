//! Steps t = 1..T laid over columns: the one mapping that curves, heat maps, axis and mouse share.

use std::ops::Range;

use crate::words::short::Level;

/// T steps over some columns, t = 1 at the left.
///
/// Where a column stands for several steps, which ones it holds may follow the window as it slides
/// ([`sliding`](Self::sliding)): then the same steps stay together, and what is drawn moves by
/// whole columns instead of being another curve after every step. Where a step is drawn as a place,
/// as the cursor is, it stays; it may be a column beside the column that holds the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// T.
    pub steps: usize,
    /// Columns.
    pub width: usize,
    /// The number of the window's last step since the start, when columns hold fixed steps.
    last: Option<u64>,
}

impl Span {
    /// The mapping of `steps` steps onto `width` columns.
    pub fn new(steps: usize, width: u16) -> Self {
        Self {
            steps,
            width: usize::from(width),
            last: None,
        }
    }

    /// A window over so many columns, which keep their steps while the window slides, where a column stands
    /// for several; `last` is the number of the window's last step since the start.
    pub fn sliding(steps: usize, width: u16, last: Option<u64>) -> Self {
        let several = steps >= usize::from(width) && width > 1;
        Self {
            last: last.filter(|&last| several && last >= steps as u64),
            ..Self::new(steps, width)
        }
    }

    /// The column in which step `t` is drawn (its middle, when it is drawn over several).
    pub fn column(self, t: usize) -> u16 {
        if self.steps == 0 || self.width == 0 {
            return 0;
        }
        let t = t.clamp(1, self.steps);
        u16::try_from((2 * t - 1) * self.width / (2 * self.steps)).unwrap_or(u16::MAX)
    }

    /// The step that a column stands for; the middle one, when it stands for several.
    pub fn step(self, column: u16) -> usize {
        if self.steps == 0 || self.width == 0 {
            return 1;
        }
        ((2 * usize::from(column) + 1) * self.steps / (2 * self.width) + 1).min(self.steps)
    }

    /// The steps drawn in a column, as indices `t - 1`; never empty when there are steps.
    pub fn indices(self, column: usize) -> Range<usize> {
        if self.steps == 0 || self.width == 0 {
            return 0..0;
        }
        if let Some(last) = self.last {
            return self.kept(column, last);
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

    /// The largest level that a column holds, where one of its steps has any.
    pub fn largest(self, levels: &[Level], column: u16) -> Level {
        let inside = levels.get(self.indices(usize::from(column)))?;
        inside.iter().flatten().copied().reduce(f64::max)
    }

    /// Whether a column says that it holds such a step: of a run of columns, its start and every fourth one do.
    pub fn is_marked(self, such: &[bool], column: u16) -> bool {
        let holds = |column: u16| {
            let inside = such.get(self.indices(usize::from(column)));
            inside.is_some_and(|steps| steps.contains(&true))
        };
        holds(column) && (column.is_multiple_of(4) || !holds(column - 1))
    }

    /// The steps of a column that keeps its steps. All steps since the start are divided into bins
    /// of T / (W - 1) steps; the last bin, which is filling, is the column at the right. The window
    /// then reaches into W bins, or W - 1: then the first column shows its neighbour's first step.
    fn kept(self, column: usize, last: u64) -> Range<usize> {
        let (steps, parts) = (self.steps as u128, self.width as u128 - 1);
        let bin = |step: u128| step * parts / steps;
        // The first step s of a bin b: s (W - 1) ≥ T b.
        let first = |bin: u128| (bin * steps).div_ceil(parts);
        let before = u128::from(last) - steps;
        let from_right = (self.width - 1).saturating_sub(column) as u128;
        let Some(this) = bin(u128::from(last)).checked_sub(from_right) else {
            return 0..1;
        };
        let index = |step: u128| {
            usize::try_from(step.saturating_sub(before + 1).min(steps)).unwrap_or(self.steps)
        };
        let range = index(first(this))..index(first(this + 1));
        if range.is_empty() { 0..1 } else { range }
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
        fn sliding_columns_cover_every_step_once(
            steps in 2usize..3000,
            width in 2u16..300,
            before in 0u64..100_000,
        ) {
            let span = Span::sliding(steps, width, Some(before + steps as u64));
            let mut seen = vec![0; steps];
            let mut next = 0;
            for x in 0..usize::from(width) {
                let range = span.indices(x);
                prop_assert!(!range.is_empty());
                if steps >= usize::from(width) {
                    // Only the first step may be shown twice, by a column that has none.
                    prop_assert!(range.start == next || x == 1 && range.start == 0);
                    next = range.end;
                }
                for i in range {
                    seen[i] += 1;
                }
            }
            prop_assert!(seen.iter().all(|&n| n >= 1));
            if steps >= usize::from(width) {
                prop_assert!(seen[1..].iter().all(|&n| n == 1));
            }
        }

        #[test]
        fn sliding_columns_keep_their_steps(
            steps in 100usize..3000,
            width in 2u16..100,
            before in 0u64..100_000,
        ) {
            let last = before + steps as u64;
            let columns = |last: u64| -> Vec<(u64, u64)> {
                let span = Span::sliding(steps, width, Some(last));
                let since = last - steps as u64;
                let ends = |r: Range<usize>| (since + r.start as u64, since + r.end as u64);
                (0..usize::from(width)).map(|x| ends(span.indices(x))).collect()
            };
            let (old, new) = (columns(last), columns(last + 1));
            let inner = 2..usize::from(width) - 1;
            let stayed = inner.clone().all(|x| new[x] == old[x]);
            let moved = inner.clone().all(|x| new[x - 1] == old[x]);
            prop_assert!(stayed || moved);
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
