//! The orders as they are drawn: which of them share a line, and how large they are.

use std::ops::Range;

use ratatui::layout::Rect;

use crate::flow::Hops;
use crate::flow::hops::HopNorms;
use crate::num::Wide;
use crate::ui::pen::Look;
use crate::ui::span::Span;
use crate::ui::widget::map::per_line;
use crate::ui::widget::scale::nice;
use crate::words::short::Level;

/// The least that the colours reach, and the deepest that they follow small orders, in decades.
const REACH: (f64, f64) = (1.0, 8.0);

/// The orders as they are drawn.
pub struct Picture<'a> {
    pub hops: &'a Hops,
    /// Of δc where there is a c, of δh otherwise.
    pub norms: &'a HopNorms,
    /// log10 of |δ_T|, which is all of order 0 at T.
    reference: f64,
    /// The level of the outermost colour.
    pub reach: f64,
    /// Orders of each line of the map from the top; with half blocks two bands a line.
    pub lines: Vec<Vec<Range<usize>>>,
}

impl<'a> Picture<'a> {
    pub fn new(hops: &'a Hops, look: Look, height: u16) -> Self {
        let norms = hops.grad_c.as_ref().unwrap_or(&hops.grad_h);
        let steps = hops.residual.len();
        let last = norms.at(steps.max(1)).first().filter(|w| !w.is_zero());
        let reference = last.map_or(0.0, |w| w.log10());
        let (mut low, mut high) = (Wide::ONE.shifted(i64::MAX / 2), Wide::ZERO);
        for t in 1..=steps {
            for &w in norms.at(t).iter().chain([&norms.rest[t - 1]]) {
                high = if w > high { w } else { high };
                low = if w < low && !w.is_zero() { w } else { low };
            }
        }
        let (least, deepest) = REACH;
        let reach = if high.is_zero() {
            least
        } else {
            let below = (reference - low.log10()).min(deepest);
            nice((high.log10() - reference).max(below).max(least))
        };
        Self {
            hops,
            norms,
            reference,
            reach,
            lines: lines(hops.orders, height, per_line(look)),
        }
    }

    fn level(&self, w: Wide) -> Level {
        (!w.is_zero()).then(|| w.log10() - self.reference)
    }

    /// The largest order of a band at step t.
    fn largest(&self, band: Range<usize>, t: usize) -> Wide {
        let orders = self.norms.at(t).get(band).unwrap_or_default();
        orders.iter().copied().fold(Wide::ZERO, larger)
    }

    /// The map's rows over so many columns, and that of the remainder.
    pub fn rows(&self, span: Span, width: u16) -> (Vec<Vec<Level>>, Vec<Level>) {
        let over = |of: &dyn Fn(usize) -> Wide| -> Vec<Level> {
            let columns = (0..usize::from(width)).map(|x| {
                let steps = span.indices(x).map(|i| of(i + 1));
                self.level(steps.fold(Wide::ZERO, larger))
            });
            columns.collect()
        };
        let bands = self.lines.iter().flatten();
        let rows = bands.map(|band| over(&|t| self.largest(band.clone(), t)));
        (rows.collect(), over(&|t| self.norms.rest[t - 1]))
    }

    /// What stands left of a line: its highest order, at the ends and every few lines.
    pub fn label(&self, line: usize) -> Option<String> {
        let last = self.lines.len().checked_sub(1)?;
        let highest = self.lines[line]
            .iter()
            .map(|b| b.end)
            .max()?
            .checked_sub(1)?;
        let new = line == last || !self.lines[line + 1].iter().any(|b| b.contains(&highest));
        match line {
            _ if line == last => Some("k 0".to_owned()),
            0 => Some(highest.to_string()),
            _ if new && line >= 2 && (last - line).is_multiple_of(4) && last - line >= 2 => {
                Some(highest.to_string())
            }
            _ => None,
        }
    }
}

fn larger(a: Wide, b: Wide) -> Wide {
    if b > a { b } else { a }
}

/// The orders of each of so many lines from the top, `per` bands in a line. Order 0 has a line of
/// its own, at the bottom; where there are more orders than bands, several share one.
fn lines(orders: usize, height: u16, per: u16) -> Vec<Vec<Range<usize>>> {
    let (height, per) = (usize::from(height), usize::from(per.max(1)));
    let Some(above) = height.checked_sub(1) else {
        return Vec::new();
    };
    // With room enough every order has the same number of whole lines; two in a line only where
    // they must.
    let (per, rows) = match orders {
        0 => (1, 0),
        _ if orders <= above => (1, above / orders * orders),
        _ => (per, above * per),
    };
    let band = |row: usize| {
        let first = |row| 1 + row * orders / rows;
        first(row)..first(row + 1).max(first(row) + 1)
    };
    let bands: Vec<Range<usize>> = (0..rows).rev().map(band).collect();
    let mut lines: Vec<Vec<Range<usize>>> = bands.chunks(per).map(<[_]>::to_vec).collect();
    lines.push(vec![0..1; per]);
    lines
}

/// The rows of a panel: the remainder, an empty one, the map at the bottom.
pub fn places(inner: Rect, lines: usize) -> (u16, u16) {
    let lines = u16::try_from(lines).unwrap_or(u16::MAX);
    (inner.y, inner.bottom().saturating_sub(lines).max(inner.y))
}

/// The height that is left for the map: the remainder stands apart from it where there is room.
pub fn room(inner: Rect) -> u16 {
    let gap = u16::from(inner.height >= 12);
    inner.height.saturating_sub(1 + gap)
}

#[cfg(test)]
#[allow(
    clippy::single_range_in_vec_init,
    reason = "a line may hold one band of orders"
)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
    #[test]
    fn every_order_has_its_place_and_order_0_the_bottom(
    orders in 0usize..300, height in 2u16..60, per in 1u16..3,
    ) {
    let lines = lines(orders, height, per);
    prop_assert!(lines.len() <= usize::from(height));
    prop_assert!(lines.last().unwrap().iter().all(|band| *band == (0..1)));
    let mut seen = vec![false; orders + 1];
    let mut above = usize::MAX;
    for band in lines.iter().flatten() {
    for k in band.clone() {
    seen[k] = true;
    }
    prop_assert!(band.start <= above, "lower orders are below");
    above = band.start;
    }
    prop_assert!(seen.into_iter().all(|s| s));
    }
    }

    #[test]
    fn few_orders_have_whole_lines() {
        assert_eq!(
            lines(2, 7, 2),
            [
                vec![2..3],
                vec![2..3],
                vec![2..3],
                vec![1..2],
                vec![1..2],
                vec![1..2],
                vec![0..1]
            ]
        );
        assert_eq!(
            lines(9, 4, 2),
            [
                vec![8..10, 7..8],
                vec![5..7, 4..5],
                vec![2..4, 1..2],
                vec![0..1, 0..1]
            ]
        );
        assert_eq!(
            lines(9, 4, 1),
            [vec![7..10], vec![4..7], vec![1..4], vec![0..1]]
        );
        assert_eq!(lines(4, 0, 1), Vec::<Vec<Range<usize>>>::new());
    }
}
