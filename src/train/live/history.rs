//! What became of a run, in no more columns than a picture has: a column for each update at first, and
//! one for several where a run is long.

use crate::num::vector;
use crate::train::{Record, Seen};

/// The most columns.
pub const COLUMNS: u64 = 240;
/// Columns that the part of clipped updates is taken over.
pub const LATE: usize = 20;
/// The most rows of the waterfall; a row stands for several steps where T is larger.
const ROWS: usize = 96;

/// The smallest, the largest and the mean of some numbers; numbers that are not finite are left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
    sum: f64,
    count: f64,
}

impl Default for Spread {
    fn default() -> Self {
        Self {
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
            sum: 0.0,
            count: 0.0,
        }
    }
}

impl Spread {
    fn take(&mut self, x: f64) {
        if x.is_finite() {
            self.low = self.low.min(x);
            self.high = self.high.max(x);
            self.sum += x;
            self.count += 1.0;
        }
    }

    fn join(&mut self, other: &Self) {
        self.low = self.low.min(other.low);
        self.high = self.high.max(other.high);
        self.sum += other.sum;
        self.count += other.count;
    }

    /// The mean; `None` of no numbers.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }

    /// The largest; `None` of no numbers.
    pub fn top(&self) -> Option<f64> {
        (self.count > 0.0).then_some(self.high)
    }
}

/// Some updates that follow each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Column {
    /// How many.
    pub updates: u64,
    /// How many of them were clipped.
    pub clipped: u64,
    /// Losses.
    pub loss: Spread,
    /// Norms before clipping.
    pub grad_norm: Spread,
    /// Norms after it.
    pub clipped_norm: Spread,
    /// With truncation, the part of the whole gradient that is cut off.
    pub cut_off: Spread,
    /// What the regulariser adds to the loss.
    pub penalty: Spread,
    /// ‖Δw‖ / ‖w‖.
    pub ratio: Spread,
    /// ρ.
    pub radius: Spread,
    /// Means of the forget gate.
    pub forget: Spread,
    /// f + i·o·ρ(R_z).
    pub rest: Spread,
    /// The factor of δ per step, measured.
    pub factor: Spread,
    /// Steps back until less than 1 % of the gradient is left.
    pub horizon: Spread,
    /// Mean |h_T|.
    pub state: Spread,
    /// The η up to which the readout alone is stable.
    pub stable: Spread,
    /// |δ_t| from t = 1 to T: the largest of the steps that share a row, of all updates; 0 in every row
    /// before anything was watched.
    pub deltas: Vec<f64>,
}

impl Column {
    fn take(&mut self, record: &Record) {
        self.updates += 1;
        self.clipped += u64::from(record.is_clipped());
        self.loss.take(record.loss);
        self.grad_norm.take(record.grad_norm);
        self.clipped_norm.take(record.clipped_norm);
        self.cut_off.take(record.cut_off.unwrap_or(f64::NAN));
        self.penalty.take(record.penalty.unwrap_or(f64::NAN));
        if let Some(seen) = &record.seen {
            self.see(seen, record.lost.is_none());
        }
    }

    fn see(&mut self, seen: &Seen, updated: bool) {
        if updated {
            self.ratio.take(seen.ratio);
        }
        self.radius.take(seen.radius);
        self.state.take(seen.state);
        let some = [
            (&mut self.forget, seen.gates.map(|[_, f, _]| f)),
            (&mut self.rest, seen.rest()),
            (&mut self.factor, seen.factor()),
            (&mut self.horizon, seen.horizon().map(|steps| steps as f64)),
            (&mut self.stable, seen.stable),
        ];
        for (spread, x) in some {
            spread.take(x.unwrap_or(f64::NAN));
        }
        let steps = seen.deltas.len();
        let rows = steps.min(ROWS);
        let row = |k: usize| &seen.deltas[k * steps / rows..(k + 1) * steps / rows];
        self.raise(
            &(0..rows)
                .map(|k| vector::largest(row(k)))
                .collect::<Vec<_>>(),
        );
    }

    fn join(&mut self, other: &Self) {
        self.updates += other.updates;
        self.clipped += other.clipped;
        let pairs = [
            (&mut self.loss, &other.loss),
            (&mut self.grad_norm, &other.grad_norm),
            (&mut self.clipped_norm, &other.clipped_norm),
            (&mut self.cut_off, &other.cut_off),
            (&mut self.penalty, &other.penalty),
            (&mut self.ratio, &other.ratio),
            (&mut self.radius, &other.radius),
            (&mut self.forget, &other.forget),
            (&mut self.rest, &other.rest),
            (&mut self.factor, &other.factor),
            (&mut self.horizon, &other.horizon),
            (&mut self.state, &other.state),
            (&mut self.stable, &other.stable),
        ];
        for (spread, other) in pairs {
            spread.join(other);
        }
        self.raise(&other.deltas);
    }

    fn raise(&mut self, deltas: &[f64]) {
        self.deltas.resize(deltas.len().max(self.deltas.len()), 0.0);
        for (delta, &other) in self.deltas.iter_mut().zip(deltas) {
            *delta = delta.max(other);
        }
    }
}

/// A run from its first update on.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// Updates before its first column, of a run that goes on from a file.
    pub first: u64,
    /// Updates of a column.
    pub per: u64,
    /// The columns that have begun.
    pub columns: Vec<Column>,
}

impl History {
    /// Of updates from `first` to `total`.
    pub fn new(first: u64, total: u64) -> Self {
        Self {
            first,
            per: per(total.saturating_sub(first)),
            columns: Vec::new(),
        }
    }

    /// Makes room for more updates.
    pub fn extend(&mut self, total: u64) {
        while self.per < per(total.saturating_sub(self.first)) {
            self.per *= 2;
            let pairs = self.columns.chunks(2).map(|pair| {
                let mut joined = pair[0].clone();
                if let Some(second) = pair.get(1) {
                    joined.join(second);
                }
                joined
            });
            self.columns = pairs.collect();
        }
    }

    /// Whether an update is the first of its column, which is then watched.
    pub fn begins(&self, update: u64) -> bool {
        update
            .saturating_sub(self.first + 1)
            .is_multiple_of(self.per)
    }

    /// Takes the next update.
    pub fn take(&mut self, record: &Record) {
        if self.begins(record.update) || self.columns.is_empty() {
            self.columns.push(Column::default());
        }
        if let Some(column) = self.columns.last_mut() {
            column.take(record);
        }
    }

    /// The part of all updates that were clipped.
    pub fn clipped(&self) -> Option<f64> {
        clipped(&self.columns)
    }

    /// The part of the updates of the [`LATE`] columns up to each that were clipped.
    pub fn clipped_of_late(&self) -> impl Iterator<Item = Option<f64>> {
        let until = 1..=self.columns.len();
        until.map(|end| clipped(&self.columns[end.saturating_sub(LATE)..end]))
    }

    /// The column of an update.
    pub fn place(&self, update: u64) -> usize {
        (update.saturating_sub(self.first + 1) / self.per) as usize
    }
}

/// The part of the updates of some columns that were clipped.
fn clipped(columns: &[Column]) -> Option<f64> {
    let sum = |of: fn(&Column) -> u64| columns.iter().map(of).sum::<u64>() as f64;
    let all = sum(|column| column.updates);
    (all > 0.0).then(|| sum(|column| column.clipped) / all)
}

/// Updates of a column, of so many in all.
fn per(updates: u64) -> u64 {
    updates.div_ceil(COLUMNS).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(update: u64) -> Record {
        Record {
            update,
            loss: update as f64,
            grad_norm: 2.0,
            clipped_norm: if update.is_multiple_of(2) { 1.0 } else { 2.0 },
            seen: Some(Box::new(Seen {
                deltas: (1..=200).map(|t| f64::from(t) * update as f64).collect(),
                at_end: true,
                ..Seen::default()
            })),
            ..Record::default()
        }
    }

    #[test]
    fn a_longer_run_keeps_extremes_means_and_counts() {
        let mut history = History::new(10, 250);
        assert_eq!(history.per, 1);
        for update in 11..=250 {
            assert!(history.begins(update));
            history.take(&record(update));
        }
        assert_eq!(history.columns.len(), 240);
        history.extend(500);
        assert_eq!((history.per, history.columns.len()), (4, 60));
        let first = &history.columns[0];
        assert_eq!((first.updates, first.clipped), (4, 2));
        assert_eq!((first.loss.low, first.loss.top()), (11.0, Some(14.0)));
        assert_eq!(first.loss.mean(), Some(12.5));
        assert_eq!(history.clipped(), Some(0.5));
        let late: Vec<Option<f64>> = history.clipped_of_late().collect();
        assert_eq!((late.len(), late[59]), (60, Some(0.5)));
        // 96 rows over 200 steps, the last one with the last step.
        assert_eq!(first.deltas.len(), 96);
        assert_eq!(first.deltas.last(), Some(&2800.0));
        assert!(history.begins(251) && !history.begins(252));
        assert_eq!(history.place(254), 60);
    }

    #[test]
    fn what_is_not_finite_is_in_no_mean() {
        let mut spread = Spread::default();
        assert_eq!(spread.mean(), None);
        for x in [1.0, f64::NAN, 3.0, f64::INFINITY] {
            spread.take(x);
        }
        assert_eq!((spread.mean(), spread.top()), (Some(2.0), Some(3.0)));
    }
}
