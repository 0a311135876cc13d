//! A log10 axis over rows, with ticks that people count in.

/// Whether an axis runs upwards from a number to another one.
pub fn increasing(low: f64, high: f64) -> bool {
    low < high && low.is_finite() && high.is_finite()
}

/// A tick's number: `+4`, `0`, `-0.5`.
pub fn tick(v: f64) -> String {
    if v.abs() < 1e-9 {
        "0".into()
    } else if (v - v.round()).abs() < 1e-6 {
        format!("{v:+.0}")
    } else if (v * 10.0 - (v * 10.0).round()).abs() < 1e-6 {
        format!("{v:+.1}")
    } else {
        format!("{v:+.2}")
    }
}

/// Rows on both sides of a zero line that lies between two rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steps {
    /// Rows above zero.
    pub up: usize,
    /// Rows below zero.
    pub down: usize,
    /// Decades per row.
    pub unit: f64,
}

impl Steps {
    /// Divides `rows` rows so that `low` < 0 < `high` fit, with a nice number of decades per row.
    /// One row alone serves both sides.
    pub fn new(low: f64, high: f64, rows: usize) -> Self {
        let (low, high) = (low.min(0.0), high.max(0.0));
        if rows < 2 {
            return Self {
                up: rows,
                down: rows,
                unit: high.max(-low).max(0.1),
            };
        }
        // The unit is what counts for legibility: take the division that allows the smallest.
        let mut best = Self {
            up: 1,
            down: rows - 1,
            unit: f64::INFINITY,
        };
        for up in 1..rows {
            let down = rows - up;
            let unit = nice((high / up as f64).max(-low / down as f64).max(0.05));
            let balance = |s: &Self| {
                (s.up as f64 * s.unit - high).abs() + (s.down as f64 * s.unit + low).abs()
            };
            let this = Self { up, down, unit };
            let spread = |s: &Self| s.up.abs_diff(s.down);
            if unit < best.unit
                || (unit - best.unit).abs() < 1e-12
                    && (balance(&this), spread(&this)).partial_cmp(&(balance(&best), spread(&best)))
                        == Some(std::cmp::Ordering::Less)
            {
                best = this;
            }
        }
        best
    }
}

/// Rows over `low..high` of a continuous axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Axis {
    /// The value at the lower edge.
    pub low: f64,
    /// The value at the upper edge.
    pub high: f64,
    /// Rows.
    pub rows: usize,
    /// From one tick to the next; `None` where any round step will do.
    pub step: Option<f64>,
}

impl Axis {
    /// Rows over a range; a value is in the middle of a row by chance only.
    pub const fn new(low: f64, high: f64, rows: usize) -> Self {
        let step = None;
        Self {
            low,
            high,
            rows,
            step,
        }
    }

    /// An axis that holds `low` ≤ 0 ≤ `high` and has 0 and every tick in the middle of a row, where its
    /// label is: a curve that is drawn there has that value. Little of the height is lost: of such axes it
    /// is one with few decades in a row.
    pub fn through_zero(low: f64, high: f64, rows: usize) -> Self {
        let (low, high) = (low.min(0.0), high.max(0.0));
        let whole = |rows: f64| (rows - 0.5 - 1e-9).ceil().max(0.0);
        // (cost, decades in a row, step); in few rows the ticks are not to be far apart.
        let mut best: Option<(f64, f64, f64)> = None;
        // In four rows too much would be lost.
        let most = if rows > 4 { rows.min(5) } else { 0 };
        for between in 2..=most {
            let mut step = nice((high - low) / rows as f64 * between as f64);
            let taken = |unit: f64| whole(high / unit) + 1.0 + whole(-low / unit);
            while step.is_normal() && taken(step / between as f64) > rows as f64 {
                step = nice(step * 1.01);
            }
            let unit = step / between as f64;
            let cost = unit * (1.0 + (between - 2) as f64 / rows as f64);
            if best.is_none_or(|(least, ..)| cost < least * (1.0 - 1e-9)) {
                best = Some((cost, unit, step));
            }
        }
        let Some((_, unit, step)) = best.filter(|(_, unit, _)| unit.is_normal()) else {
            return Self::new(low, high, rows);
        };
        let (up, down) = (whole(high / unit), whole(-low / unit));
        let spare = rows as f64 - up - down - 1.0;
        // What is over is where there is more to see.
        let up = if high > -low { up + spare } else { up };
        Self {
            low: (up + 0.5 - rows as f64) * unit,
            high: (up + 0.5) * unit,
            rows,
            step: Some(step),
        }
    }

    /// An axis with `low` and `high` in the middle of its outermost rows.
    pub fn between(low: f64, high: f64, rows: usize) -> Self {
        let half = if rows > 1 {
            (high - low) / (rows - 1) as f64 / 2.0
        } else {
            0.0
        };
        Self::new(low - half, high + half, rows)
    }

    /// The dot, from 0 at the top, of a value when every row has `sub` dots.
    ///
    /// # Errors
    /// `true` when the value lies above the axis, `false` when below.
    pub fn dot(self, v: f64, sub: usize) -> Result<usize, bool> {
        let n = self.rows * sub;
        let from_top = (self.high - v) / (self.high - self.low) * n as f64;
        // Values on the very edge belong to the outermost dot.
        if from_top.is_nan() || from_top < -1e-9 {
            return Err(true);
        }
        if from_top > n as f64 + 1e-9 {
            return Err(false);
        }
        Ok(((from_top + 1e-9).max(0.0) as usize).min(n.saturating_sub(1)))
    }

    /// Row and value of each tick, from the top, at most one for every two rows.
    pub fn ticks(self) -> Vec<(usize, f64)> {
        if self.rows == 0 || !increasing(self.low, self.high) {
            return Vec::new();
        }
        let rows = self.rows as f64;
        let wanted = (rows / 2.0).min(4.0 + rows / 6.0).max(1.0);
        let step = self
            .step
            .unwrap_or_else(|| nice((self.high - self.low) / wanted));
        let mut ticks = Vec::new();
        let mut v = (self.high / step + 1e-9).floor() * step;
        while v >= self.low - 1e-9 * step {
            if let Ok(row) = self.dot(v, 1)
                && ticks.last().is_none_or(|&(last, _)| row > last)
            {
                ticks.push((row, v));
            }
            v -= step;
        }
        ticks
    }
}

/// The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `x`; for positive `x`.
pub fn nice(x: f64) -> f64 {
    if x <= 0.0 || !x.is_finite() {
        return 1.0;
    }
    let base = 10f64.powf(x.log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0]
        .iter()
        .map(|m| m * base)
        .find(|&v| v >= x * (1.0 - 1e-9))
        .unwrap_or(10.0 * base)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::float_cmp)]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ticks_are_round() {
        assert_eq!(
            [0.3, 1.0, 1.1, 2.4, 4.0, 60.0].map(nice),
            [0.5, 1.0, 2.0, 2.5, 5.0, 100.0]
        );
        assert_eq!(
            [4.0, 0.0, -0.5, 0.25].map(tick),
            ["+4", "0", "-0.5", "+0.25"]
        );
        let axis = Axis::new(-4.0, 4.0, 9);
        assert_eq!(
            axis.ticks(),
            [(0, 4.0), (2, 2.0), (4, 0.0), (6, -2.0), (8, -4.0)]
        );
        assert_eq!(
            Steps::new(-1.0, 2.0, 4),
            Steps {
                up: 2,
                down: 2,
                unit: 1.0
            }
        );
        assert_eq!(
            Steps::new(-4.0, 4.0, 4),
            Steps {
                up: 2,
                down: 2,
                unit: 2.0
            }
        );
    }

    fn ticks_apart(axis: Axis) -> Vec<usize> {
        let ticks = axis.ticks();
        ticks.windows(2).map(|w| w[1].0 - w[0].0).collect()
    }

    proptest! {
        #[test]
        fn both_sides_fit(low in -5000.0..0.0f64, high in 0.0..5000.0f64, rows in 2usize..40) {
            let s = Steps::new(low, high, rows);
            prop_assert_eq!(s.up + s.down, rows);
            prop_assert!(s.up as f64 * s.unit >= high - 1e-6 && s.down as f64 * s.unit >= -low - 1e-6);
        }

        #[test]
        fn ticks_stay_apart(low in -5000.0..0.0f64, span in 0.1..5000.0f64, rows in 1usize..60) {
            let ticks = Axis::new(low, low + span, rows).ticks();
            prop_assert!(ticks.windows(2).all(|w| w[1].0 > w[0].0));
            prop_assert!(ticks.len() <= rows);
        }

        /// However wide or narrow the range, there is an axis.
        #[test]
        fn any_range_has_an_axis(low in -330..309i32, high in -330..309i32, rows in 0usize..60) {
            let [low, high] = [low, high].map(|power| 10f64.powi(power));
            let axis = Axis::through_zero(-low, high, rows);
            prop_assert!(axis.ticks().len() <= rows);
        }

        /// Every tick is in the middle of its row, and the axis holds what it is to hold.
        #[test]
        fn ticks_lie_in_the_middle(low in -1200.0..0.0f64, high in 0.0..900.0f64, rows in 5usize..60) {
            let axis = Axis::through_zero(low, high, rows);
            prop_assert!(axis.low <= low && axis.high >= high);
            let ticks = axis.ticks();
            prop_assert!(ticks.iter().any(|&(_, v)| v.abs() < 1e-9));
            let unit = (axis.high - axis.low) / rows as f64;
            for (row, v) in ticks {
                let middle = axis.high - (row as f64 + 0.5) * unit;
                prop_assert!((middle - v).abs() < 1e-6 * unit, "{middle} {v}");
            }
            let apart = ticks_apart(axis);
            prop_assert!(apart.windows(2).all(|w| w[0] == w[1]), "{apart:?}");
        }
    }
}
