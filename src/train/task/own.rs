//! What the user brings: a text, or arrays of sequences and targets.

use rand::RngExt as _;
use rand::rngs::ChaCha8Rng;

use crate::train::Targets;

/// A text whose next byte is to be said.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// The text, each byte as its place among those that occur.
    codes: Vec<u32>,
    /// How often each occurs.
    counts: Vec<usize>,
}

impl Corpus {
    /// A text; `None` when it has fewer than two bytes or only one kind of byte.
    pub fn new(text: &[u8]) -> Option<Self> {
        let mut known: Vec<u8> = text.to_vec();
        known.sort_unstable();
        known.dedup();
        if known.len() < 2 {
            return None;
        }
        let mut counts = vec![0; known.len()];
        let code = |byte: &u8| {
            let code = known.binary_search(byte).unwrap_or_default();
            counts[code] += 1;
            code as u32
        };
        let codes = text.iter().map(code).collect();
        Some(Self { codes, counts })
    }

    /// Bytes of the text.
    #[expect(clippy::len_without_is_empty, reason = "there is no empty one")]
    pub fn len(&self) -> usize {
        self.codes.len()
    }

    /// Different bytes.
    pub fn symbols(&self) -> usize {
        self.counts.len()
    }

    /// The entropy of a byte by itself, in nats.
    pub(super) fn entropy(&self) -> f64 {
        let all = self.codes.len() as f64;
        let term = |&count: &usize| {
            let p = count as f64 / all;
            -p * p.ln()
        };
        self.counts.iter().map(term).sum()
    }

    /// Windows at random places, one-hot into T × N × D; at every step the byte after it.
    pub(super) fn draw(
        &self,
        rng: &mut ChaCha8Rng,
        steps: usize,
        count: usize,
        inputs: &mut [f64],
    ) -> Targets {
        let d = self.symbols();
        let mut classes = vec![0; steps * count];
        for n in 0..count {
            let first = rng.random_range(0..self.codes.len() - steps);
            let window = &self.codes[first..=first + steps];
            for t in 0..steps {
                inputs[(t * count + n) * d + window[t] as usize] = 1.0;
                classes[t * count + n] = window[t + 1];
            }
        }
        Targets::Classes(classes)
    }
}

/// Sequences and targets from arrays: N × T × D, and N × O for the end or N × T × O for every step.
#[derive(Clone, Debug)]
pub struct Arrays {
    steps: usize,
    inputs: Vec<f64>,
    targets: Vec<f64>,
    outputs: usize,
    pub(super) every: bool,
    count: usize,
}

impl Arrays {
    /// Arrays of shapes [N, T, D] and [N, O] or [N, T, O].
    ///
    /// # Errors
    /// What was expected of the shape of the targets, when the two do not fit.
    pub fn new(
        inputs: Vec<f64>,
        shape: [usize; 3],
        targets: Vec<f64>,
        of_targets: &[usize],
    ) -> Result<Self, String> {
        let [count, steps, _] = shape;
        let (every, outputs) = match *of_targets {
            [n, o] if n == count => (false, o),
            [n, t, o] if n == count && t == steps => (true, o),
            _ => return Err(format!("{count} x O, or {count} x {steps} x O")),
        };
        Ok(Self {
            steps,
            inputs,
            targets,
            outputs,
            every,
            count,
        })
    }

    /// Steps T.
    pub fn steps(&self) -> usize {
        self.steps
    }

    pub(super) fn inputs(&self) -> usize {
        self.inputs.len() / (self.count * self.steps)
    }

    pub(super) fn outputs(&self) -> usize {
        self.outputs
    }

    /// The mean variance of a target: what its mean makes of the loss.
    pub(super) fn variance(&self) -> f64 {
        let rows = (self.targets.len() / self.outputs) as f64;
        let of = |k: usize| {
            let column = || self.targets.iter().skip(k).step_by(self.outputs);
            let mean = column().sum::<f64>() / rows;
            column().map(|y| (y - mean) * (y - mean)).sum::<f64>() / rows
        };
        (0..self.outputs).map(of).sum::<f64>() / self.outputs as f64
    }

    /// Sequences at random, with replacement, into T × N × D.
    pub(super) fn draw(&self, rng: &mut ChaCha8Rng, count: usize, inputs: &mut [f64]) -> Targets {
        let (d, o) = (self.inputs(), self.outputs);
        let rows = if self.every { self.steps } else { 1 };
        let mut targets = vec![0.0; rows * count * o];
        for n in 0..count {
            let chosen = rng.random_range(0..self.count);
            for t in 0..self.steps {
                let from = &self.inputs[(chosen * self.steps + t) * d..][..d];
                inputs[(t * count + n) * d..][..d].copy_from_slice(from);
            }
            for t in 0..rows {
                let from = &self.targets[(chosen * rows + t) * o..][..o];
                targets[(t * count + n) * o..][..o].copy_from_slice(from);
            }
        }
        Targets::Numbers(targets)
    }
}
