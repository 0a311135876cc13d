//! The tasks of the literature, and the user's own sequences: where every batch comes from.
//!
//! A batch depends on the seed and the number of the update alone, so that a run that is resumed, or
//! another run beside it, sees the same sequences.

mod own;

use std::f64::consts::LN_2;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};
use rand_distr::{Distribution as _, StandardNormal};

pub use self::own::{Arrays, Corpus};
use super::Targets;

/// Symbols of the copying problem that carry something.
const SYMBOLS: usize = 8;
/// How many of them are to be remembered.
const REMEMBERED: usize = 10;
/// Distractors of the temporal order problem; X and Y come on top.
const DISTRACTORS: usize = 4;
/// Steps of the latch that tell the class.
const TELLING: usize = 3;

/// Where sequences come from.
#[derive(Clone, Debug)]
pub enum Task {
    /// The sum of the two marked numbers of T uniform ones (Hochreiter & Schmidhuber 1997); one mark lies
    /// in each half. Mean squared error of the last output; predicting 1 has 1/6.
    Adding,
    /// Ten symbols of eight, T blanks, a signal, and then the ten symbols are to be said (Arjovsky et al.
    /// 2016): T + 20 steps, cross-entropy on each.
    Copy,
    /// Which of X and Y came at each of two places among distractors (Hochreiter & Schmidhuber 1997,
    /// task 6a, at Pascanu's places: T/10 to 2T/10 and 4T/10 to 5T/10): one of four classes at the end.
    Order,
    /// The sign of the first three inputs is the class at the end, noise between (Bengio et al. 1994).
    Latch,
    /// The exclusive or of two marked bits, one in each half, at the end.
    Xor,
    /// The next byte of a text, at every step.
    Text(Corpus),
    /// Sequences and targets from arrays.
    Arrays(Arrays),
}

/// Some sequences and what is to be said of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    /// Steps T.
    pub steps: usize,
    /// Sequences N.
    pub count: usize,
    /// T × N × D.
    pub inputs: Vec<f64>,
    /// What the last outputs are compared with.
    pub targets: Targets,
}

impl Task {
    /// A task that needs no files, by its name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "adding" => Self::Adding,
            "copy" => Self::Copy,
            "order" => Self::Order,
            "latch" => Self::Latch,
            "xor" => Self::Xor,
            _ => return None,
        })
    }

    /// Inputs D.
    pub fn inputs(&self) -> usize {
        match self {
            Self::Adding | Self::Xor => 2,
            Self::Copy => SYMBOLS + 2,
            Self::Order => DISTRACTORS + 2,
            Self::Latch => 1,
            Self::Text(corpus) => corpus.symbols(),
            Self::Arrays(arrays) => arrays.inputs(),
        }
    }

    /// Outputs O.
    pub fn outputs(&self) -> usize {
        match self {
            Self::Adding => 1,
            Self::Copy => SYMBOLS + 1,
            Self::Order => 4,
            Self::Latch | Self::Xor => 2,
            Self::Text(corpus) => corpus.symbols(),
            Self::Arrays(arrays) => arrays.outputs(),
        }
    }

    /// Steps of a sequence of this length.
    pub fn steps(&self, length: usize) -> usize {
        match self {
            // The copying problem says its symbols before and after.
            Self::Copy => length + 2 * REMEMBERED,
            Self::Arrays(arrays) => arrays.steps(),
            _ => length,
        }
    }

    /// Whether something is to be said at every step, and not at the end alone.
    pub fn tells_at_every_step(&self) -> bool {
        match self {
            Self::Copy | Self::Text(_) => true,
            Self::Arrays(arrays) => arrays.every,
            _ => false,
        }
    }

    /// The loss without any memory: what a constant (or for text, each character by itself) makes of it.
    pub fn chance(&self, length: usize) -> f64 {
        match self {
            Self::Adding => 1.0 / 6.0,
            Self::Copy => {
                let steps = (length + 2 * REMEMBERED) as f64;
                REMEMBERED as f64 * (SYMBOLS as f64).ln() / steps
            }
            Self::Order => 2.0 * LN_2,
            Self::Latch | Self::Xor => LN_2,
            Self::Text(corpus) => corpus.entropy(),
            Self::Arrays(arrays) => arrays.variance(),
        }
    }

    /// The batch of an update: `count` sequences for `length`.
    pub fn batch(&self, seed: u64, update: u64, length: usize, count: usize) -> Batch {
        let rng = &mut stream(seed, update);
        let d = self.inputs();
        let steps = self.steps(length);
        let mut inputs = vec![0.0; steps * count * d];
        let at = |t: usize, n: usize| (t * count + n) * d;
        let targets = match self {
            Self::Adding => {
                let mut sums = Vec::with_capacity(count);
                for place in inputs.chunks_exact_mut(d) {
                    place[0] = rng.random();
                }
                for n in 0..count {
                    let marks = marks(rng, length).map(|t| at(t, n));
                    sums.push(marks.iter().map(|&k| inputs[k]).sum());
                    for k in marks {
                        inputs[k + 1] = 1.0;
                    }
                }
                Targets::Numbers(sums)
            }
            Self::Xor => {
                for place in inputs.chunks_exact_mut(d) {
                    place[0] = f64::from(u8::from(rng.random::<bool>()));
                }
                let class = |n| {
                    let marks = marks(rng, length).map(|t| at(t, n));
                    for k in marks {
                        inputs[k + 1] = 1.0;
                    }
                    u32::from(inputs[marks[0]] != inputs[marks[1]])
                };
                Targets::Classes((0..count).map(class).collect())
            }
            Self::Copy => {
                let mut classes = vec![0; steps * count];
                for n in 0..count {
                    for t in 0..steps {
                        let symbol = match t {
                            _ if t < REMEMBERED => rng.random_range(1..=SYMBOLS),
                            _ if t == length + REMEMBERED - 1 => SYMBOLS + 1,
                            _ => 0,
                        };
                        inputs[at(t, n) + symbol] = 1.0;
                        if t < REMEMBERED {
                            let then = t + length + REMEMBERED;
                            classes[then * count + n] = symbol as u32;
                        }
                    }
                }
                Targets::Classes(classes)
            }
            Self::Order => {
                let class = |n| {
                    let tenth = |k: usize| k * length / 10;
                    let early = rng.random_range(tenth(1)..tenth(2).max(tenth(1) + 1));
                    let late = rng.random_range(tenth(4)..tenth(5).max(tenth(4) + 1));
                    let said: [bool; 2] = [rng.random(), rng.random()];
                    for t in 0..length {
                        let symbol = match t {
                            _ if t == early => DISTRACTORS + usize::from(said[0]),
                            _ if t == late => DISTRACTORS + usize::from(said[1]),
                            _ => rng.random_range(0..DISTRACTORS),
                        };
                        inputs[at(t, n) + symbol] = 1.0;
                    }
                    2 * u32::from(said[0]) + u32::from(said[1])
                };
                Targets::Classes((0..count).map(class).collect())
            }
            Self::Latch => {
                let class = |n| {
                    let positive: bool = rng.random();
                    for t in 0..length {
                        let noise: f64 = StandardNormal.sample(rng);
                        let sign = if positive { 1.0 } else { -1.0 };
                        inputs[at(t, n)] = if t < TELLING { sign } else { 0.0 } + 0.2 * noise;
                    }
                    u32::from(positive)
                };
                Targets::Classes((0..count).map(class).collect())
            }
            Self::Text(corpus) => corpus.draw(rng, steps, count, &mut inputs),
            Self::Arrays(arrays) => arrays.draw(rng, count, &mut inputs),
        };
        Batch {
            steps,
            count,
            inputs,
            targets,
        }
    }
}

/// The random numbers of an update; those of the weights are those of the last update that there
/// could be.
pub(super) fn stream(seed: u64, update: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&update.to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

/// A step in each half of the sequence.
fn marks(rng: &mut ChaCha8Rng, length: usize) -> [usize; 2] {
    let half = length / 2;
    [rng.random_range(0..half), rng.random_range(half..length)]
}
