//! Curves over several sequences, and what is read off them.

use std::cmp::Ordering;

use crate::num::Wide;

/// A curve over several sequences: at every step their median and their 5 and 95 %.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Band {
    /// The median.
    pub median: Vec<Wide>,
    /// 5 % of the sequences are below.
    pub low: Vec<Wide>,
    /// 5 % of the sequences are above.
    pub high: Vec<Wide>,
}

impl Band {
    /// Of the curves of the sequences. All end at T; the first steps are those of the longest.
    pub(super) fn of(curves: &[Vec<Wide>]) -> Self {
        let steps = curves.iter().map(Vec::len).max().unwrap_or(0);
        let mut band = Self::default();
        let mut column = Vec::with_capacity(curves.len());
        for s in 0..steps {
            column.clear();
            let back = steps - s;
            let there = curves.iter().filter(|curve| curve.len() >= back);
            column.extend(there.map(|curve| curve[curve.len() - back]));
            sort(&mut column);
            band.median.push(quantile(&column, 0.5));
            band.low.push(quantile(&column, 0.05));
            band.high.push(quantile(&column, 0.95));
        }
        band
    }
}

/// Brings sizes into ascending order.
pub(super) fn sort(sizes: &mut [Wide]) {
    sizes.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
}

/// The value that a part `q` of a sorted list does not exceed; zero for none.
pub fn quantile(sorted: &[Wide], q: f64) -> Wide {
    nearest_rank(sorted, q).copied().unwrap_or_default()
}

/// The element of a sorted list that a part `q` of it does not exceed: the one rule for all
/// quantiles, so that equal ranks of two lists in one order belong to one another. The median of an
/// even number is the lower of the two in the middle.
pub(super) fn nearest_rank<T>(sorted: &[T], q: f64) -> Option<&T> {
    let rank = (q * sorted.len() as f64).ceil().max(1.0) as usize;
    sorted.get(rank.min(sorted.len()).checked_sub(1)?)
}

/// How many steps back a curve is below this part of its start δ_T and stays there; `None` when it
/// is not within the window, or begins with zero.
pub(super) fn horizon(curve: &[Wide], part: f64) -> Option<usize> {
    let start = *curve.last().filter(|start| !start.is_zero())?;
    let limit = start.times(Wide::from_f64(part));
    let above = curve.iter().position(|size| *size >= limit)?;
    // Everything before the first step that is still above has vanished.
    (above > 0).then(|| curve.len() - above)
}

/// Where a curve is largest.
#[derive(Clone, Debug, PartialEq)]
pub struct Peak {
    /// Steps back from T.
    pub back: usize,
    /// Its size there, as a multiple of the start.
    pub growth: Wide,
}

/// The largest value of a curve relative to its start; `None` when it begins with zero.
pub(super) fn peak(curve: &[Wide]) -> Option<Peak> {
    let start = *curve.last().filter(|start| !start.is_zero())?;
    let order =
        |a: &(usize, &Wide), b: &(usize, &Wide)| a.1.partial_cmp(b.1).unwrap_or(Ordering::Equal);
    let (at, largest) = curve.iter().enumerate().max_by(order)?;
    Some(Peak {
        back: curve.len() - 1 - at,
        growth: largest.ratio(start)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(values: &[f64]) -> Vec<Wide> {
        values.iter().map(|&x| Wide::from_f64(x)).collect()
    }

    #[test]
    fn horizons_are_counted_from_the_end() {
        assert_eq!(horizon(&curve(&[1e-6, 1e-4, 0.1, 1.0]), 0.01), Some(2));
        assert_eq!(horizon(&curve(&[0.5, 1.0]), 0.01), None);
        // A dip is no end.
        assert_eq!(horizon(&curve(&[0.5, 1e-9, 1.0]), 0.01), None);
        assert_eq!(horizon(&curve(&[0.0, 0.0, 1.0]), 0.01), Some(1));
        assert_eq!(horizon(&curve(&[1.0, 0.0]), 0.01), None);
    }

    #[test]
    fn peaks() {
        let found = peak(&curve(&[1.0, 8.0, 4.0, 2.0])).unwrap();
        assert_eq!((found.back, found.growth), (2, Wide::from_f64(4.0)));
        assert_eq!(peak(&curve(&[1.0, 0.0])), None);
    }

    #[test]
    fn bands_are_ranks() {
        let curves: Vec<_> = (1..=20).map(|x| curve(&[f64::from(x)])).collect();
        let band = Band::of(&curves);
        let value = |list: &[Wide]| list[0].saturating_f64();
        assert_eq!(
            (value(&band.low), value(&band.median), value(&band.high)),
            (1.0, 10.0, 19.0)
        );
        assert_eq!(quantile(&[], 0.5), Wide::ZERO);
        let rank = |q| nearest_rank(&[1, 2, 3, 4], q).copied();
        assert_eq!([0.0, 0.5, 0.51, 1.0].map(rank), [1, 2, 3, 4].map(Some));
    }
}
