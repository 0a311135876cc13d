//! Loss and gradients of a batch, on several threads.
//!
//! A batch is cut into groups of sequences whose size does not depend on the number of threads, and the
//! groups' gradients are added up in their order: a run is the same on any number of threads.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::floss::floss;
use super::head::head;
use super::network::R;
use super::pass::{Back, Forward};
use super::regulariser::{Omega, Regulariser};
use super::task::Batch;
use super::{Kind, Network, Real, Shape, Tape, Targets};
use crate::num::simd;
use crate::num::thread::spawn_in;

/// Sequences of a group.
pub(super) const GROUP: usize = 16;

/// The memory of a batch, kept from one update to the next.
#[derive(Debug)]
pub struct Engine<T> {
    groups: Vec<Group<T>>,
    threads: usize,
    /// How the gradients of the next batch come back.
    pub way: Way,
    /// Whoever sets it wants the batch that is measured no more: what it comes to is worth nothing.
    pub stop: Arc<AtomicBool>,
}

/// How gradients come back, and what is seen of it.
#[derive(Clone, Debug, Default)]
pub struct Way {
    /// After every so many steps the gradient stops; 0 for never.
    pub truncate: usize,
    /// Whether |δ_t| is measured.
    pub watch: bool,
    /// A term beside the loss.
    pub regulariser: Regulariser,
    /// Of h-detach, the steps of the batch at which nothing goes back through h.
    pub detached: Vec<bool>,
}

/// The memory of a group, and what it came to.
#[derive(Debug)]
struct Group<T> {
    tape: Tape<T>,
    targets: Targets,
    /// Its part of loss and penalty, its own gradients and gates, and Σ |δ_t|² in the place of the norms.
    came_to: Measured<T>,
    /// The whole gradients, where those that it came to are truncated ones.
    whole: Vec<Vec<T>>,
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
    /// The means of an LSTM's gates i, f, o over units, steps and sequences; 0 unless watched.
    pub gates: [f64; 3],
    /// The value of the regulariser, which is no part of the loss.
    pub penalty: f64,
}

impl<T: Real> Engine<T> {
    /// An engine on so many threads.
    pub fn new(threads: usize, truncate: usize) -> Self {
        Self {
            groups: Vec::new(),
            threads: threads.max(1),
            way: Way {
                truncate,
                ..Way::default()
            },
            stop: Arc::default(),
        }
    }

    /// Loss and gradients of a batch.
    pub fn measure(&mut self, network: &Network<T>, batch: &Batch) -> Measured<T> {
        self.load(&network.shape, batch);
        let (way, sequences) = (&self.way, batch.count);
        let count = batch.targets.losses(network.shape.outputs);
        let share = self.groups.len().div_ceil(self.threads);
        let work = |groups: &mut [Group<T>]| {
            for group in groups {
                group.run(network, (count, sequences), way);
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
                if self.way.truncate > 0 {
                    shape.zeros()
                } else {
                    Vec::new()
                }
            };
            let group = |n| Group {
                tape: Tape::new(shape, batch.steps, n),
                targets: Targets::Classes(Vec::new()),
                came_to: Measured {
                    gradients: shape.zeros(),
                    ..Measured::default()
                },
                whole: whole(),
            };
            self.groups = sizes().map(group).collect();
        }
        let d = shape.inputs;
        for (k, group) in self.groups.iter_mut().enumerate() {
            let (first, n) = (k * GROUP, group.tape.batch);
            group.tape.stop = Arc::clone(&self.stop);
            let rows = batch.inputs.chunks_exact(batch.count * d);
            for (to, from) in group.tape.x.chunks_exact_mut(n * d).zip(rows) {
                for (to, &from) in to.iter_mut().zip(&from[first * d..]) {
                    *to = T::of(from);
                }
            }
            let of = first..first + n;
            group.targets = batch.targets.part(batch.count, of, shape.outputs);
        }
    }

    fn add_up(&self) -> Measured<T> {
        let sum = |of: fn(&Group<T>) -> &Vec<Vec<T>>| {
            let mut groups = self.groups.iter().map(of);
            let mut sum = groups.next().cloned().unwrap_or_default();
            for gradients in groups {
                for (sum, more) in sum.iter_mut().zip(gradients) {
                    add(sum, more);
                }
            }
            sum
        };
        let gradients = sum(|group| &group.came_to.gradients);
        let cut_off = (self.way.truncate > 0).then(|| {
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
        let steps = self
            .groups
            .first()
            .map_or(0, |group| group.came_to.norms.len());
        let parts = || self.groups.iter().map(|group| &group.came_to);
        let norm = |t: usize| parts().map(|part| part.norms[t]).sum::<f64>().sqrt();
        let sequences: usize = self.groups.iter().map(|group| group.tape.batch).sum();
        let mut gates = [0.0; 3];
        for group in &self.groups {
            let part = group.tape.batch as f64 / sequences as f64;
            for (sum, mean) in gates.iter_mut().zip(group.came_to.gates) {
                *sum += part * mean;
            }
        }
        Measured {
            loss: parts().map(|part| part.loss).sum(),
            gradients,
            cut_off,
            norms: (0..steps).map(norm).collect(),
            gates,
            penalty: parts().map(|part| part.penalty).sum(),
        }
    }

    /// h_T of every sequence of the batch that was measured last, one after the other.
    pub fn last_states(&self) -> Vec<f64> {
        let groups = self.groups.iter();
        let last = groups.flat_map(|group| group.tape.last_h());
        last.map(|x| x.wide()).collect()
    }
}

impl<T: Real> Group<T> {
    /// `count` losses and so many sequences has the batch.
    fn run(&mut self, network: &Network<T>, (count, sequences): (usize, usize), way: &Way) {
        let (watch, hidden) = (way.watch, network.shape.hidden);
        simd::run(Forward {
            network,
            tape: &mut self.tape,
        });
        let came_to = &mut self.came_to;
        let (loss, inject) = head(
            network,
            &self.tape,
            &self.targets,
            count,
            &mut came_to.gradients,
        );
        came_to.loss = loss;
        if watch && network.shape.kind == Kind::Lstm {
            came_to.gates = self.tape.mean_gates(hidden);
        }
        came_to.norms = vec![0.0; if watch { self.tape.steps } else { 0 }];
        if way.truncate > 0 {
            self.whole.clone_from(&came_to.gradients);
            let mut whole = std::mem::take(&mut self.whole);
            self.back_and_again(network, &inject, &mut whole);
            self.whole = whole;
        }
        let share = |weight: f64| weight / sequences as f64;
        let flossed = match way.regulariser {
            Regulariser::Floss(weight, count) => Some(self.floss(network, share(weight), count)),
            _ => None,
        };
        let mut omega = match way.regulariser {
            Regulariser::Omega(weight) => Some(Omega::new(share(weight), hidden)),
            _ => None,
        };
        simd::run(Back {
            network,
            tape: &mut self.tape,
            inject: &inject,
            truncate: way.truncate,
            gradients: &mut self.came_to.gradients,
            detached: &way.detached,
            omega: omega.as_mut(),
            norms: &mut self.came_to.norms,
        });
        let came_to = &mut self.came_to;
        came_to.penalty = 0.0;
        if let Some(omega) = omega {
            came_to.penalty = omega.value;
            add(&mut came_to.gradients[R], &omega.gradient);
        }
        if let Some((value, gradients)) = flossed {
            came_to.penalty = value;
            for (sum, more) in came_to.gradients.iter_mut().zip(&gradients) {
                add(sum, more);
            }
        }
    }

    /// The whole way back from what is injected, on a tape that is then as it was.
    fn back_and_again(&mut self, network: &Network<T>, inject: &[T], gradients: &mut [Vec<T>]) {
        let kept = self.tape.a.clone();
        simd::run(Back {
            network,
            tape: &mut self.tape,
            inject,
            truncate: 0,
            gradients,
            detached: &[],
            omega: None,
            norms: &mut [],
        });
        self.tape.a = kept;
    }

    /// This group's part of the flossing penalty, and its gradients.
    fn floss(&mut self, network: &Network<T>, weight: f64, count: usize) -> (f64, Vec<Vec<T>>) {
        let flossed = floss(network, &self.tape, weight, count);
        let mut gradients = network.shape.zeros();
        self.back_and_again(network, &flossed.by_h, &mut gradients);
        add(&mut gradients[R], &flossed.by_r);
        (flossed.value, gradients)
    }
}

/// sum ← sum + more.
fn add<T: Real>(sum: &mut [T], more: &[T]) {
    for (sum, &x) in sum.iter_mut().zip(more) {
        *sum += x;
    }
}
