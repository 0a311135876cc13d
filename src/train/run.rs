//! A run: one update after the other, until it is told to stop or has lost itself.

use super::clip::norm;
use super::engine::Measured;
use super::network::NAMES;
use super::settings::{Precision, Settings};
use super::{Engine, Network, Optimiser, Real, Shape, Task};
use crate::num::matrix::NoConvergence;

/// What an update came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Record {
    /// Its number, from 1.
    pub update: u64,
    /// The mean loss of its batch, before the weights were changed.
    pub loss: f64,
    /// The norm of all gradients together.
    pub grad_norm: f64,
    /// The same after clipping.
    pub clipped_norm: f64,
    /// η.
    pub learning_rate: f64,
    /// With truncation, the part of the whole gradient that is cut off.
    pub cut_off: Option<f64>,
    /// Why the weights were not changed, when they were not.
    pub lost: Option<Lost>,
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
    /// One update.
    fn update(&mut self) -> Record;
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
    fn dtype(&self) -> &'static str;
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

/// The bytes of the largest tapes and gradients that a run has at a time.
pub fn bytes(settings: &Settings, task: &Task) -> f64 {
    let shape = settings.shape(task);
    let batch = match task {
        // The copying problem says its symbols before and after.
        Task::Copy => settings.length + 20,
        Task::Arrays(arrays) => arrays.steps(),
        _ => settings.length,
    } as f64
        * settings.batch as f64;
    let cells = (shape.kind.blocks() + 3) * shape.hidden;
    let size = match settings.precision {
        Precision::Float64 => 8.0,
        Precision::Float32 => 4.0,
    };
    batch * (size * (cells + shape.inputs + shape.outputs) as f64 + 8.0 * shape.inputs as f64)
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
        let (rule, momentum) = (settings.optimizer, settings.momentum);
        Ok(Self {
            optimiser: Optimiser::new(rule, momentum, settings.weight_decay, &zeros),
            before: zeros,
            engine: Engine::new(threads, settings.truncate),
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
        let lost = tensor.iter().find(|x| !x.finite())?;
        Some((*name, lost.wide()))
    })
}

impl<T: Real> Training for Run<T> {
    fn update(&mut self) -> Record {
        let settings = &self.settings;
        let done = self.optimiser.updates;
        let (seed, length) = (settings.seed, settings.length);
        let batch = self.task.batch(seed, done, length, settings.batch);
        let (clip, learning_rate) = (settings.clip, settings.learning_rate);
        let Measured {
            loss,
            mut gradients,
            cut_off,
            ..
        } = self.engine.measure(&self.network, &batch);
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
        }
        record
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

    fn dtype(&self) -> &'static str {
        T::DTYPE
    }
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
