//! Gates over a whole run: how long each unit remembers, and which gates no longer move.
//!
//! A gate is *shut* below 0.1 and *open* above 0.9, the limits of Karpathy, Johnson & Li 2015
//! (arXiv 1506.02078, figure 2); a unit is stuck when its gate is at the same end at 99 % of the steps.

use super::curves::nearest_rank;
use crate::cell::{Activation, CellKind, Gate, Tape};
use crate::flow::cause::units::half_life;

const SHUT: f64 = 0.1;
const OPEN: f64 = 0.9;
/// A unit at one end for this part of the steps does not move.
const STUCK: f64 = 0.99;

/// One gate (or other activation) of one layer.
#[derive(Clone, Debug, PartialEq)]
pub struct GateHealth {
    /// `input`, `forget`, `block`, `output`; `reset`, `update`, `candidate`; `recurrent`.
    pub name: &'static str,
    /// Whether it is a gate between 0 and 1; else it is an activation between −1 and 1, or relu.
    pub gate: bool,
    /// Mean over units and steps.
    pub mean: f64,
    /// The part of all activations below 0.1 (relu: at 0; tanh: below −0.9).
    pub shut: f64,
    /// The part above 0.9 (relu: none).
    pub open: f64,
    /// Units that are shut practically always.
    pub stuck_shut: usize,
    /// Units that are open practically always.
    pub stuck_open: usize,
}

/// How long the units of a layer remember, by the gate that keeps (f of an LSTM, z of a GRU).
#[derive(Clone, Debug, PartialEq)]
pub struct Memory {
    /// The half-life of every unit in steps, ln ½ / mean ln f; +∞ where f is 1 throughout.
    pub half_lives: Vec<f64>,
    /// The geometric mean of the gate of the unit with the median half-life, which is
    /// ln ½ / ln of it.
    pub gate: f64,
    /// What the carousel alone keeps of that unit after 20 steps.
    pub after_20: f64,
}

impl Memory {
    /// The half-life that a part `q` of the units does not exceed.
    pub fn quantile(&self, q: f64) -> f64 {
        let mut sorted = self.half_lives.clone();
        sorted.sort_by(f64::total_cmp);
        nearest_rank(&sorted, q).copied().unwrap_or(0.0)
    }

    /// Units by half-life in doublings: entry k counts those of at most 2ᵏ steps that the one before does not
    /// count; the last all above 512.
    pub fn histogram(&self) -> [usize; 11] {
        let mut counts = [0; 11];
        for half_life in &self.half_lives {
            let doublings = half_life.log2().ceil().clamp(0.0, 10.0);
            counts[doublings as usize] += 1;
        }
        counts
    }
}

/// Counts over all steps of all sequences.
#[derive(Default)]
pub(super) struct GateCounter {
    /// In the order of their blocks.
    gates: &'static [Gate],
    /// The block of the gate that keeps: f or z.
    keeps: Option<usize>,
    /// The ends of the cell's activation.
    range: (Option<f64>, Option<f64>),
    steps: usize,
    /// Σ ln of the gate that keeps, for each unit.
    logs: Vec<f64>,
    /// For each block of each unit.
    sums: Vec<f64>,
    shut: Vec<u32>,
    open: Vec<u32>,
}

impl GateCounter {
    pub fn new(kind: CellKind, activation: Activation) -> Self {
        Self {
            gates: kind.spec().gates,
            keeps: kind.spec().keeps,
            range: activation.range(),
            ..Self::default()
        }
    }

    pub fn add(&mut self, tape: &Tape) {
        let width = tape.gates * tape.hidden;
        self.logs.resize(tape.hidden, 0.0);
        self.sums.resize(width, 0.0);
        self.shut.resize(width, 0);
        self.open.resize(width, 0);
        self.steps += tape.steps;
        for row in tape.activations.chunks_exact(width) {
            for (block, values) in row.chunks_exact(tape.hidden).enumerate() {
                let low = self.low(block);
                let from = block * tape.hidden;
                for (j, &value) in (from..).zip(values) {
                    self.sums[j] += value;
                    self.shut[j] += u32::from(value <= low);
                    self.open[j] += u32::from(value > OPEN);
                }
            }
            if let Some(block) = self.keeps {
                let keeps = &row[block * tape.hidden..][..tape.hidden];
                self.logs
                    .iter_mut()
                    .zip(keeps)
                    .for_each(|(sum, f)| *sum += f.ln());
            }
        }
    }

    /// At or below which an activation is at its lower end.
    fn low(&self, block: usize) -> f64 {
        if self.gates[block].closes {
            return SHUT;
        }
        match self.range {
            (Some(0.0), None) => 0.0,
            (Some(0.0), _) => SHUT,
            (Some(_), _) => -OPEN,
            (None, _) => f64::NEG_INFINITY,
        }
    }

    pub fn health(&self) -> Vec<GateHealth> {
        let n = self.sums.len() / self.gates.len();
        let all = (n * self.steps).max(1) as f64;
        let stuck = (STUCK * self.steps as f64).ceil() as u32;
        let one = |(block, gate): (usize, &Gate)| {
            let of = block * n..(block + 1) * n;
            let part = |counts: &[u32]| counts.iter().map(|&c| f64::from(c)).sum::<f64>() / all;
            let units = |counts: &[u32]| counts.iter().filter(|&&c| c >= stuck).count();
            let (shut, open) = (&self.shut[of.clone()], &self.open[of.clone()]);
            let endless = !gate.closes && self.range.1.is_none();
            GateHealth {
                name: gate.name,
                gate: gate.closes,
                mean: self.sums[of].iter().sum::<f64>() / all,
                shut: part(shut),
                open: if endless { 0.0 } else { part(open) },
                stuck_shut: units(shut),
                stuck_open: if endless { 0 } else { units(open) },
            }
        };
        self.gates.iter().enumerate().map(one).collect()
    }

    pub fn memory(&self) -> Option<Memory> {
        self.keeps?;
        let mut means: Vec<f64> = self.logs.iter().map(|l| l / self.steps as f64).collect();
        let half_lives = means.iter().map(|&mean| half_life(mean)).collect();
        // A half-life grows with the mean: the medians of both are of one unit.
        means.sort_by(f64::total_cmp);
        let median = *nearest_rank(&means, 0.5)?;
        Some(Memory {
            half_lives,
            gate: median.exp(),
            after_20: (20.0 * median).exp(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tape(rows: &[[f64; 8]]) -> Tape {
        Tape {
            activations: rows.concat().as_slice().into(),
            ..Tape::new(2, 4, rows.len(), true)
        }
    }

    #[test]
    fn half_lives_are_those_of_the_geometric_mean() {
        let mut counter = GateCounter::new(CellKind::Lstm, Activation::Tanh);
        // f alternates between 1 and ¼ in the first unit, and is 0.99 in the second.
        counter.add(&tape(&[
            [0.05, 0.5, 1.0, 0.99, 0.0, -0.95, 0.95, 0.5],
            [0.05, 0.5, 0.25, 0.99, 0.0, -0.95, 0.95, 0.5],
        ]));
        let memory = counter.memory().unwrap();
        assert!((memory.half_lives[0] - 1.0).abs() < 1e-12);
        assert!((memory.half_lives[1] - 0.5f64.ln() / 0.99f64.ln()).abs() < 1e-9);
        assert_eq!(memory.histogram(), [1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]);
        // A bar of at most one step has no unit of 1.1.
        let more = Memory {
            half_lives: vec![1.1, 2.0, 513.0],
            ..memory
        };
        assert_eq!(more.histogram(), [0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        let health = counter.health();
        assert_eq!(
            (health[0].name, health[0].stuck_shut, health[0].shut),
            ("input", 1, 0.5)
        );
        assert_eq!((health[2].name, health[2].stuck_shut), ("block", 1));
        assert_eq!((health[3].name, health[3].stuck_open), ("output", 1));
    }

    #[test]
    fn units_that_never_forget_come_last() {
        let mut counter = GateCounter::new(CellKind::Lstm, Activation::Tanh);
        counter.add(&tape(&[[0.5, 0.5, 1.0, 0.5, 0.0, 0.0, 0.5, 0.5]]));
        let memory = counter.memory().unwrap();
        assert_eq!(memory.half_lives, [f64::INFINITY, 1.0]);
        assert_eq!(memory.histogram(), [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(memory.quantile(1.0), f64::INFINITY);
        // Of an even number of units the median is the lower one, of gate and half-life alike.
        assert_eq!((memory.quantile(0.5), memory.gate), (1.0, 0.5));
    }
}
