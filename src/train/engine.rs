//! Loss and gradients of a batch, on several threads.
//!
//! A batch is cut into groups of sequences whose size does not depend on the number of threads, and the
//! groups' gradients are added up in their order: a run is the same on any number of threads.

use super::head::Head;
use super::pass::{Back, Forward};
use super::task::Batch;
use super::{Network, Real, Shape, Tape, Targets};
use crate::num::simd;
use crate::num::thread::spawn_in;

/// Sequences of a group.
const GROUP: usize = 16;

/// The memory of a batch, kept from one update to the next.
#[derive(Debug)]
pub struct Engine<T> {
    groups: Vec<Group<T>>,
    threads: usize,
    /// After every so many steps the gradient stops; 0 for never.
    pub truncate: usize,
    /// Whether |δ_t| is measured.
    pub watch: bool,
}

/// The memory of a group, and what it came to.
#[derive(Debug)]
struct Group<T> {
    tape: Tape<T>,
    targets: Targets,
    gradients: Vec<Vec<T>>,
    /// The whole gradients, where `gradients` are truncated ones.
    whole: Vec<Vec<T>>,
    loss: f64,
    norms: Vec<f64>,
}

/// What a batch comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured<T> {
    /// The mean loss.
    pub loss: f64,
    /// The gradients, in the order of [`super::network::NAMES`].
    pub gradients: Vec<Vec<T>>,
    /// With truncation, |g − g_truncated| / |g|: the part of the whole gradient that is cut off.
    pub cut_off: Option<f64>,
    /// |δ_t| over all sequences of the batch, for every step; empty unless watched.
    pub norms: Vec<f64>,
}

impl<T: Real> Engine<T> {
    /// An engine on so many threads.
    pub fn new(threads: usize, truncate: usize) -> Self {
        Self {
            groups: Vec::new(),
            threads: threads.max(1),
            truncate,
            watch: false,
        }
    }

    /// Loss and gradients of a batch.
    pub fn measure(&mut self, network: &Network<T>, batch: &Batch) -> Measured<T> {
        self.load(&network.shape, batch);
        let (truncate, watch) = (self.truncate, self.watch);
        let count = match &batch.targets {
            Targets::Numbers(numbers) => numbers.len() / network.shape.outputs,
            Targets::Classes(classes) => classes.len(),
        };
        let share = self.groups.len().div_ceil(self.threads);
        let work = |groups: &mut [Group<T>]| {
            for group in groups {
                group.run(network, count, truncate, watch);
            }
        };
        std::thread::scope(|scope| {
            let mut shares = self.groups.chunks_mut(share);
            let own = shares.next();
            for share in shares {
                spawn_in(scope, move || work(share));
            }
            own.map(work)
        });
        self.add_up()
    }

    /// Hands every group its sequences.
    fn load(&mut self, shape: &Shape, batch: &Batch) {
        let sizes = || {
            (0..batch.count)
                .step_by(GROUP)
                .map(|n| GROUP.min(batch.count - n))
        };
        let fits = |(group, n): (&Group<T>, usize)| {
            group.tape.batch == n && group.tape.steps == batch.steps
        };
        if self.groups.len() != sizes().count() || !self.groups.iter().zip(sizes()).all(fits) {
            let whole = || {
                if self.truncate > 0 {
                    shape.zeros()
                } else {
                    Vec::new()
                }
            };
            let group = |n| Group {
                tape: Tape::new(shape, batch.steps, n),
                targets: Targets::Classes(Vec::new()),
                gradients: shape.zeros(),
                whole: whole(),
                loss: 0.0,
                norms: Vec::new(),
            };
            self.groups = sizes().map(group).collect();
        }
        let d = shape.inputs;
        for (k, group) in self.groups.iter_mut().enumerate() {
            let (first, n) = (k * GROUP, group.tape.batch);
            let rows = batch.inputs.chunks_exact(batch.count * d);
            for (to, from) in group.tape.x.chunks_exact_mut(n * d).zip(rows) {
                for (to, &from) in to.iter_mut().zip(&from[first * d..]) {
                    *to = T::of(from);
                }
            }
            let width = batch.targets.width(shape.outputs);
            let (row, part) = (batch.count * width, first * width..(first + n) * width);
            group.targets = match &batch.targets {
                Targets::Numbers(all) => {
                    let rows = all.chunks_exact(row);
                    Targets::Numbers(rows.flat_map(|r| r[part.clone()].to_vec()).collect())
                }
                Targets::Classes(all) => {
                    let rows = all.chunks_exact(row);
                    Targets::Classes(rows.flat_map(|r| r[part.clone()].to_vec()).collect())
                }
            };
        }
    }

    fn add_up(&self) -> Measured<T> {
        let sum = |of: fn(&Group<T>) -> &Vec<Vec<T>>| {
            let mut groups = self.groups.iter().map(of);
            let mut sum = groups.next().cloned().unwrap_or_default();
            for gradients in groups {
                for (sum, x) in sum.iter_mut().flatten().zip(gradients.iter().flatten()) {
                    *sum += *x;
                }
            }
            sum
        };
        let gradients = sum(|group| &group.gradients);
        let cut_off = (self.truncate > 0).then(|| {
            let whole = sum(|group| &group.whole);
            let pairs = || whole.iter().flatten().zip(gradients.iter().flatten());
            let missing: f64 = pairs().map(|(w, g)| (w.wide() - g.wide()).powi(2)).sum();
            let all: f64 = pairs().map(|(w, _)| w.wide().powi(2)).sum();
            if missing == 0.0 {
                0.0
            } else {
                (missing / all).sqrt()
            }
        });
        let steps = self.groups.first().map_or(0, |group| group.norms.len());
        let norm = |t: usize| self.groups.iter().map(|g| g.norms[t]).sum::<f64>().sqrt();
        Measured {
            loss: self.groups.iter().map(|group| group.loss).sum(),
            gradients,
            cut_off,
            norms: (0..steps).map(norm).collect(),
        }
    }
}

impl<T: Real> Group<T> {
    fn run(&mut self, network: &Network<T>, count: usize, truncate: usize, watch: bool) {
        simd::run(Forward {
            network,
            tape: &mut self.tape,
        });
        let head = Head {
            network,
            tape: &self.tape,
            targets: &self.targets,
            count,
            gradients: &mut self.gradients,
        };
        let (loss, inject) = head.run();
        self.loss = loss;
        self.norms.clear();
        self.norms
            .resize(if watch { self.tape.steps } else { 0 }, 0.0);
        let mut kept = Vec::new();
        if truncate > 0 {
            kept.clone_from(&self.tape.a);
            self.whole.clone_from(&self.gradients);
            simd::run(Back {
                network,
                tape: &mut self.tape,
                inject: &inject,
                truncate: 0,
                gradients: &mut self.whole,
                norms: &mut [],
            });
            self.tape.a = kept;
        }
        simd::run(Back {
            network,
            tape: &mut self.tape,
            inject: &inject,
            truncate,
            gradients: &mut self.gradients,
            norms: &mut self.norms,
        });
    }
}
