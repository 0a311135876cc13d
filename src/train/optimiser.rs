//! The optimisers of `torch.optim`, with its defaults and its order of operations.

use serde::{Deserialize, Serialize};

use super::Real;

/// Which optimiser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Rule {
    /// p ← p − η g.
    Sgd,
    /// b ← μ b + g, p ← p − η b: `SGD(momentum=μ)`.
    Momentum,
    /// v ← α v + (1 − α) g², p ← p − η g / (√v + ε), α = 0.99.
    Rmsprop,
    /// Kingma & Ba 2015: first and second moments with their bias corrected, β = (0.9, 0.999).
    Adam,
    /// Adam with decoupled weight decay (Loshchilov & Hutter 2019).
    Adamw,
}

impl Rule {
    /// The weight decay that PyTorch takes when none is asked for.
    pub fn default_decay(self) -> f64 {
        if self == Self::Adamw { 0.01 } else { 0.0 }
    }

    /// The names of what it keeps of the past of a parameter, in PyTorch's words.
    pub fn memories(self) -> &'static [&'static str] {
        match self {
            Self::Sgd => &[],
            Self::Momentum => &["momentum_buffer"],
            Self::Rmsprop => &["square_avg"],
            Self::Adam | Self::Adamw => &["exp_avg", "exp_avg_sq"],
        }
    }
}

const ALPHA: f64 = 0.99;
const BETAS: [f64; 2] = [0.9, 0.999];
const EPSILON: f64 = 1e-8;

/// An optimiser and what it remembers.
#[derive(Clone, Debug, PartialEq)]
pub struct Optimiser<T> {
    /// Which one.
    pub rule: Rule,
    /// μ of momentum.
    pub momentum: f64,
    /// Weight decay; coupled into the gradient by all but AdamW.
    pub decay: f64,
    /// Updates so far.
    pub updates: u64,
    /// For each of [`Rule::memories`], a tensor for each parameter.
    pub memory: Vec<Vec<Vec<T>>>,
}

impl<T: Real> Optimiser<T> {
    /// An optimiser that remembers nothing yet; `zeros` has the shape of the parameters.
    pub fn new(rule: Rule, momentum: f64, decay: f64, zeros: &[Vec<T>]) -> Self {
        Self {
            rule,
            momentum,
            decay,
            updates: 0,
            memory: vec![zeros.to_vec(); rule.memories().len()],
        }
    }

    /// One update of all parameters with the learning rate η.
    pub fn update(&mut self, rate: f64, parameters: &mut [Vec<T>], gradients: &[Vec<T>]) {
        self.updates += 1;
        let steps = self.updates as f64;
        let corrections = BETAS.map(|beta| 1.0 - beta.powf(steps));
        let decay = T::of(self.decay);
        let (coupled, decoupled) = match self.rule {
            Rule::Adamw => (T::default(), T::of(1.0 - rate * self.decay)),
            _ => (decay, T::ONE),
        };
        for (k, (p, g)) in parameters.iter_mut().zip(gradients).enumerate() {
            let mut memory = self.memory.iter_mut().map(|tensors| &mut tensors[k]);
            let (first, second) = (memory.next(), memory.next());
            let gradient = |p: T, g: T| g + coupled * p;
            let pairs = p.iter_mut().zip(g);
            match (self.rule, first, second) {
                (Rule::Momentum, Some(b), _) => {
                    let (rate, momentum) = (T::of(rate), T::of(self.momentum));
                    for ((p, &g), b) in pairs.zip(b) {
                        *b = *b * momentum + gradient(*p, g);
                        *p -= rate * *b;
                    }
                }
                (Rule::Rmsprop, Some(v), _) => {
                    let (rate, alpha, rest) = (T::of(rate), T::of(ALPHA), T::of(1.0 - ALPHA));
                    for ((p, &g), v) in pairs.zip(v) {
                        let g = gradient(*p, g);
                        *v = *v * alpha + rest * g * g;
                        *p -= rate * (g / (v.sqrt() + T::of(EPSILON)));
                    }
                }
                (_, Some(m), Some(v)) => {
                    let [rest_1, rest_2] = BETAS.map(|beta| T::of(1.0 - beta));
                    let beta_2 = T::of(BETAS[1]);
                    let size = T::of(rate / corrections[0]);
                    let root = T::of(corrections[1].sqrt());
                    for (((p, &g), m), v) in pairs.zip(m).zip(v) {
                        let g = gradient(*p, g);
                        *p *= decoupled;
                        *m = *m + rest_1 * (g - *m);
                        *v = *v * beta_2 + rest_2 * g * g;
                        *p -= size * (*m / (v.sqrt() / root + T::of(EPSILON)));
                    }
                }
                _ => {
                    let rate = T::of(rate);
                    for (p, &g) in pairs {
                        *p -= rate * gradient(*p, g);
                    }
                }
            }
        }
    }
}
