//! The user's own input sequence: numbers as they were read, or a text, which becomes numbers only where a
//! window looks at it.

use ndarray::{Array2, Axis};

use crate::io::text::encode_text;

/// T × D inputs.
#[derive(Clone, Debug, PartialEq)]
pub enum Series {
    /// A row for each step.
    Numbers(Array2<f64>),
    /// A byte for each step, and D ([`encode_text`]): laid out it takes 8 D times its size.
    Text(Vec<u8>, usize),
}

impl Series {
    /// Steps T.
    pub fn nrows(&self) -> usize {
        match self {
            Self::Numbers(rows) => rows.nrows(),
            Self::Text(bytes, _) => bytes.len(),
        }
    }

    /// Inputs D.
    pub fn ncols(&self) -> usize {
        match self {
            Self::Numbers(rows) => rows.ncols(),
            Self::Text(_, inputs) => *inputs,
        }
    }

    /// Keeps the first so many steps.
    pub fn truncate(&mut self, steps: usize) {
        match self {
            Self::Numbers(rows) if steps < rows.nrows() => {
                *rows = rows.slice_axis(Axis(0), (..steps).into()).to_owned();
            }
            Self::Numbers(_) => {}
            Self::Text(bytes, _) => bytes.truncate(steps),
        }
    }

    /// The steps from `first` on, at most so many of them.
    pub fn rows(&self, first: usize, count: usize) -> Array2<f64> {
        let first = first.min(self.nrows());
        let last = first.saturating_add(count).min(self.nrows());
        match self {
            Self::Numbers(rows) => rows.slice_axis(Axis(0), (first..last).into()).to_owned(),
            Self::Text(bytes, inputs) => encode_text(&bytes[first..last], *inputs),
        }
    }
}

impl From<Array2<f64>> for Series {
    fn from(rows: Array2<f64>) -> Self {
        Self::Numbers(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_the_rows_that_it_has_when_laid_out() {
        let text = b"the quick brown fox";
        let laid_out = Series::from(encode_text(text, 5));
        let series = Series::Text(text.to_vec(), 5);
        assert_eq!((series.nrows(), series.ncols()), (19, 5));
        for (first, count) in [(0, 19), (3, 4), (15, usize::MAX), (40, 2), (0, 0)] {
            assert_eq!(series.rows(first, count), laid_out.rows(first, count));
        }
    }
}
