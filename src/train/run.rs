//! A run: one update after the other, until it is told to stop or has lost itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::clip::norm;
use super::engine::Measured;
use super::network::NAMES;
use super::settings::{Precision, Settings};
use super::{Engine, Kind, Network, Optimiser, Real, Shape, Targets, Task};
use crate::cell::{Activation, Parameters};
use crate::num::matrix::NoConvergence;
use crate::words::value::exact;
use ndarray::{Array1, Array2};
use safetensors::Dtype;

/// What an update came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Its number, from 1.
    pub update: u64,
    /// The mean loss of its batch, before the weights were changed.
    pub loss: f64,
    /// The norm of all gradients together.
    pub grad_norm: f64,
    /// The norm of all gradients after clipping.
    pub clipped_norm: f64,
    /// η.
    pub learning_rate: f64,
    /// With truncation, the part of the whole gradient that is cut off.
    pub cut_off: Option<f64>,
    /// What the regulariser adds to the loss, of one that adds anything.
    pub penalty: Option<f64>,
    /// What was watched of it, if it was.
    pub seen: Option<Box<Seen>>,
    /// Why the weights were not changed, when they were not.
    pub lost: Option<Lost>,
}

impl Record {
    /// Whether clipping made the gradient smaller.
    pub fn is_clipped(&self) -> bool {
        self.clipped_norm < self.grad_norm * (1.0 - 1e-5)
    }

    /// Why the run cannot go on, if it cannot; `largest` is its largest gradient.
    pub fn end(&self, largest: Option<Largest>) -> Option<String> {
        let what = match self.lost? {
            Lost::Loss(x) => format!("the loss is {}", exact(x)),
            Lost::Gradient(name, x) => format!("the gradient of {name} has {}", exact(x)),
            Lost::Weight(name, x) => format!("{name} would become {}", exact(x)),
        };
        let most = largest.map_or_else(String::new, |largest| {
            let (norm, at, tensor) = (largest.norm, largest.update, largest.tensor);
            format!(
                "; the largest gradient had norm {norm:.3e} at update {at}, most of it in {tensor}"
            )
        });
        Some(format!(
            "the run diverged at update {}: {what}{most}",
            self.update
        ))
    }
}

/// What is watched of an update beside its norms: of the weights with which its loss was measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Seen {
    /// |δ_t| over all sequences of the batch, t from 1: |δc_t| of an LSTM, |δh_t| of other cells.
    pub deltas: Vec<f64>,
    /// ‖Δw‖ / ‖w‖ over all tensors.
    pub ratio: f64,
    /// [`Network::radius`].
    pub radius: f64,
    /// The means of an LSTM's gates i, f, o.
    pub gates: Option<[f64; 3]>,
    /// Mean |h_T| over units and sequences.
    pub state: f64,
    /// The η up to which plain gradient descent on the readout alone is stable with these h_T, where the
    /// loss is the mean of squares at the last step.
    pub stable: Option<f64>,
    /// Whether the loss is of the last step alone, so that all of δ_t has come back from T.
    pub at_end: bool,
}

impl Seen {
    /// The factor of |δ| per step over the window, (|δ_1| / |δ_T|)^(1/(T−1)).
    pub fn factor(&self) -> Option<f64> {
        let (first, last) = (self.deltas.first()?, self.deltas.last()?);
        let steps = self.deltas.len().saturating_sub(1);
        let known = self.at_end && steps > 0 && *last > 0.0;
        known.then(|| (first / last).powf(1.0 / steps as f64))
    }

    /// Steps back until less than 1 % of |δ_T| is left; T where more is left everywhere.
    pub fn horizon(&self) -> Option<usize> {
        let last = self.deltas.last().filter(|_| self.at_end)?;
        let mut back = self.deltas.iter().rev();
        let less = back.position(|delta| *delta < 0.01 * last);
        Some(less.unwrap_or(self.deltas.len()))
    }

    /// The factor of a step of δc of an LSTM at rest, f + i·o·ρ(R_z), with the means of its gates.
    pub fn rest(&self) -> Option<f64> {
        let [i, f, o] = self.gates?;
        Some(f + i * o * self.radius)
    }
}

/// The weights of a moment, as the live screen can hold them.
#[derive(Clone, Debug)]
pub struct Look {
    /// The recurrent layer.
    pub parameters: Parameters,
    /// φ.
    pub activation: Activation,
    /// The readout's row for the first output: v of the loss v·h_T.
    pub readout: Array1<f64>,
    /// The first sequence of the next batch, T × D.
    pub sequence: Array2<f64>,
    /// Updates done.
    pub updates: u64,
}

/// What is no longer a finite number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lost {
    /// The loss.
    Loss(f64),
    /// A number of the gradient of this tensor.
    Gradient(&'static str, f64),
    /// A number of this tensor, had it been changed.
    Weight(&'static str, f64),
}

/// The largest gradient of a run so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Largest {
    /// Its norm.
    pub norm: f64,
    /// The update.
    pub update: u64,
    /// The tensor with the largest part of it.
    pub tensor: &'static str,
}

/// A tensor that is kept: PyTorch's name, shape, elements.
pub type Kept = (String, Vec<usize>, Vec<u8>);

/// A run with either kind of numbers.
pub trait Training: Send {
    /// One update; `None` where it was stopped, and nothing has changed.
    fn update(&mut self) -> Option<Record>;
    /// Whoever sets this stops the update that is under way, and all others.
    fn stopped_by(&mut self, stop: Arc<AtomicBool>);
    /// Whether the next updates are watched.
    fn watch(&mut self, on: bool);
    /// The weights of this moment, and something to run through them.
    fn look(&self) -> Look;
    /// Updates done.
    fn updates(&self) -> u64;
    /// The largest gradient so far.
    fn largest(&self) -> Option<Largest>;
    /// Changes η and the clipping for the updates to come.
    fn settings_mut(&mut self) -> &mut Settings;
    /// Weights that are all finite.
    fn weights(&self) -> Vec<Kept>;
    /// What the optimiser remembers, and the number of updates.
    fn memory(&self) -> Vec<Kept>;
    /// Takes up weights and memory where another run left them, by name; the name that is missing or has
    /// another shape.
    ///
    /// # Errors
    /// What was expected of which tensor.
    fn take_up(&mut self, tensors: &[(String, Vec<usize>, Vec<f64>)]) -> Result<(), String>;
    /// The type of its tensors in a file.
    fn dtype(&self) -> Dtype;
}

/// A run with the numbers that the settings ask for.
///
/// # Errors
/// When the eigenvalues of a drawn matrix do not converge.
pub fn begin(
    settings: Settings,
    task: Task,
    threads: usize,
) -> Result<Box<dyn Training>, NoConvergence> {
    Ok(match settings.precision {
        Precision::Float64 => Box::new(Run::<f64>::new(settings, task, threads)?),
        Precision::Float32 => Box::new(Run::<f32>::new(settings, task, threads)?),
    })
}

struct Run<T> {
    settings: Settings,
    task: Task,
    network: Network<T>,
    before: Vec<Vec<T>>,
    optimiser: Optimiser<T>,
    engine: Engine<T>,
    largest: Option<Largest>,
}

impl<T: Real> Run<T> {
    fn new(settings: Settings, task: Task, threads: usize) -> Result<Self, NoConvergence> {
        let shape = settings.shape(&task);
        let (rho, bias) = (settings.rho, settings.forget_bias);
        let network = Network::draw(shape, settings.init.start(), rho, bias, settings.seed)?;
        let zeros = shape.zeros();
        let mut engine = Engine::new(threads, settings.truncate);
        engine.way.regulariser = settings.regulariser;
        let (rule, momentum) = (settings.optimizer, settings.momentum);
        Ok(Self {
            optimiser: Optimiser::new(rule, momentum, settings.weight_decay, &zeros),
            before: zeros,
            engine,
            settings,
            task,
            network,
            largest: None,
        })
    }

    /// Notes the gradient if it is the largest so far.
    fn note(&mut self, update: u64, gradients: &[Vec<T>]) {
        let size = norm(gradients).wide();
        if size.is_finite() && self.largest.is_none_or(|largest| size > largest.norm) {
            let norms = gradients
                .iter()
                .map(|g| norm(std::slice::from_ref(g)).wide());
            let (_, tensor) =
                norms.zip(NAMES).fold(
                    (-1.0, ""),
                    |most, part| {
                        if part.0 > most.0 { part } else { most }
                    },
                );
            self.largest = Some(Largest {
                norm: size,
                update,
                tensor,
            });
        }
    }
}

/// The first number that is not finite, with its tensor.
fn lost<T: Real>(tensors: &[Vec<T>]) -> Option<(&'static str, f64)> {
    let mut named = NAMES.iter().zip(tensors);
    named.find_map(|(name, tensor)| {
        let lost = tensor.iter().find(|x| !x.is_finite())?;
        Some((*name, lost.wide()))
    })
}

impl<T: Real> Training for Run<T> {
    fn stopped_by(&mut self, stop: Arc<AtomicBool>) {
        self.engine.stop = stop;
    }

    fn update(&mut self) -> Option<Record> {
        let settings = &self.settings;
        let done = self.optimiser.updates;
        let (seed, length) = (settings.seed, settings.length);
        let batch = self.task.batch(seed, done, length, settings.batch);
        self.engine.way.detached = settings.regulariser.detached(seed, done, batch.steps);
        let (clip, learning_rate) = (settings.clip, settings.learning_rate);
        let Measured {
            loss,
            mut gradients,
            cut_off,
            norms,
            gates,
            penalty,
        } = self.engine.measure(&self.network, &batch);
        if self.engine.stop.load(Ordering::Relaxed) {
            return None;
        }
        let mut seen = self.engine.way.watch.then(|| {
            let states = self.engine.last_states();
            let outputs = self.network.shape.outputs;
            let (at_end, squares) = match &batch.targets {
                Targets::Numbers(numbers) => (numbers.len() == batch.count * outputs, true),
                Targets::Classes(classes) => (classes.len() == batch.count, false),
            };
            Box::new(Seen {
                deltas: norms,
                ratio: 0.0,
                radius: self.network.radius(),
                gates: (settings.cell == Kind::Lstm).then_some(gates),
                state: states.iter().map(|h| h.abs()).sum::<f64>() / states.len() as f64,
                stable: (at_end && squares)
                    .then(|| outputs as f64 / curvature(&states, settings.hidden)),
                at_end,
            })
        });
        let broken = lost(&gradients);
        self.note(done + 1, &gradients);
        let (grad_norm, clipped_norm) = clip.apply(&mut gradients);
        let mut record = Record {
            update: done + 1,
            loss,
            grad_norm,
            clipped_norm,
            learning_rate,
            cut_off,
            penalty: self.settings.regulariser.is_penalty().then_some(penalty),
            seen: None,
            lost: None,
        };
        if !loss.is_finite() {
            record.lost = Some(Lost::Loss(loss));
        } else if let Some((name, x)) = broken {
            record.lost = Some(Lost::Gradient(name, x));
        } else {
            self.before.clone_from(&self.network.tensors);
            self.optimiser
                .update(learning_rate, &mut self.network.tensors, &gradients);
            if let Some((name, x)) = lost(&self.network.tensors) {
                std::mem::swap(&mut self.before, &mut self.network.tensors);
                self.optimiser.updates -= 1;
                record.lost = Some(Lost::Weight(name, x));
            }
            if let Some(seen) = &mut seen {
                seen.ratio = moved(&self.before, &self.network.tensors);
            }
        }
        record.seen = seen;
        Some(record)
    }

    fn watch(&mut self, on: bool) {
        self.engine.way.watch = on;
    }

    fn look(&self) -> Look {
        let (settings, done) = (&self.settings, self.optimiser.updates);
        let batch = self.task.batch(settings.seed, done, settings.length, 1);
        let shape = (batch.steps, self.task.inputs());
        Look {
            parameters: self.network.parameters(),
            activation: settings.cell.activation(),
            readout: self.network.readout(),
            sequence: Array2::from_shape_vec(shape, batch.inputs).unwrap_or_default(),
            updates: done,
        }
    }

    fn updates(&self) -> u64 {
        self.optimiser.updates
    }

    fn largest(&self) -> Option<Largest> {
        self.largest
    }

    fn settings_mut(&mut self) -> &mut Settings {
        &mut self.settings
    }

    fn weights(&self) -> Vec<Kept> {
        kept("", &self.network.shape, &self.network.tensors)
    }

    fn memory(&self) -> Vec<Kept> {
        let memories = self.optimiser.rule.memories().iter();
        let tensors = memories
            .zip(&self.optimiser.memory)
            .flat_map(|(name, tensors)| kept(name, &self.network.shape, tensors));
        let updates = bytes_of(&[T::of(self.optimiser.updates as f64)]);
        tensors
            .chain([(UPDATES.to_owned(), vec![1], updates)])
            .collect()
    }

    fn take_up(&mut self, tensors: &[(String, Vec<usize>, Vec<f64>)]) -> Result<(), String> {
        let find = |name: &str, shape: &[usize]| {
            let tensor = tensors.iter().find(|(known, ..)| known == name);
            match tensor {
                Some((_, found, values)) if found == shape => Ok(values),
                Some((_, found, _)) => Err(format!(
                    "tensor '{name}': expected the shape {shape:?}, found {found:?}"
                )),
                None => Err(format!("expected a tensor '{name}', found none")),
            }
        };
        let shapes = self.network.shape.tensors();
        let memories = self.optimiser.rule.memories().iter();
        let targets = [("", &mut self.network.tensors)]
            .into_iter()
            .chain(memories.copied().zip(&mut self.optimiser.memory));
        for (prefix, target) in targets {
            for ((name, shape), tensor) in NAMES.iter().zip(&shapes).zip(target) {
                let values = find(&full(prefix, name), shape)?;
                *tensor = values.iter().map(|&x| T::of(x)).collect();
            }
        }
        self.optimiser.updates = find(UPDATES, &[1])?[0] as u64;
        Ok(())
    }

    fn dtype(&self) -> Dtype {
        T::DTYPE
    }
}

/// ‖after − before‖ / ‖after‖ over all tensors.
fn moved<T: Real>(before: &[Vec<T>], after: &[Vec<T>]) -> f64 {
    let pairs = || before.iter().flatten().zip(after.iter().flatten());
    let change: f64 = pairs().map(|(b, a)| (a.wide() - b.wide()).powi(2)).sum();
    let size: f64 = pairs().map(|(_, a)| a.wide().powi(2)).sum();
    (change / size).sqrt()
}

/// The largest eigenvalue of the mean of \[h; 1\]\[h; 1\]ᵀ over sequences, by power iteration. Half the
/// curvature of the mean of squares over the readout of one output.
fn curvature(states: &[f64], hidden: usize) -> f64 {
    let rows = || states.chunks_exact(hidden);
    let count = states.len() as f64 / hidden as f64;
    let mut v = vec![1.0; hidden + 1];
    let mut value = 0.0;
    for _ in 0..32 {
        let size = v.iter().map(|x| x * x).sum::<f64>().sqrt();
        let mut next = vec![0.0; hidden + 1];
        for h in rows() {
            let product = h.iter().zip(&v).map(|(h, v)| h * v).sum::<f64>() + v[hidden];
            let product = product / (size * count);
            for (next, h) in next.iter_mut().zip(h.iter().chain([&1.0])) {
                *next += product * h;
            }
        }
        value = next.iter().map(|x| x * x).sum::<f64>().sqrt();
        v = next;
    }
    value
}

/// The number of updates among the tensors of a state.
const UPDATES: &str = "updates";

fn full(prefix: &str, name: &str) -> String {
    if prefix.is_empty() {
        name.to_owned()
    } else {
        format!("{prefix}.{name}")
    }
}

fn kept<T: Real>(prefix: &str, shape: &Shape, tensors: &[Vec<T>]) -> Vec<Kept> {
    let named = NAMES.iter().zip(shape.tensors()).zip(tensors);
    named
        .map(|((name, shape), tensor)| (full(prefix, name), shape, bytes_of(tensor)))
        .collect()
}

fn bytes_of<T: Real>(tensor: &[T]) -> Vec<u8> {
    tensor.iter().flat_map(|x| x.bytes()).collect()
}
