//! The settings of a simulation: what presets hold, options set and keys change.

use serde::{Deserialize, Serialize};

use crate::cell::{Activation, ForgetGate, Init};
pub use crate::flow::ClipMode;

/// Everything that decides a simulation, apart from data files. `Default` is the program's start.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Units H, 1 to 512.
    pub hidden: usize,
    /// Inputs D, 1 to 512.
    pub inputs: usize,
    /// Steps T of the window, 2 to 20 000.
    pub steps: usize,
    /// Seed of weights, signal and loss vector.
    pub seed: u64,
    /// φ of the RNN.
    pub activation: Activation,
    /// How recurrent matrices are drawn.
    pub init: Init,
    /// Spectral radius of every recurrent matrix, 0 to 100; `None` (only with trained weights)
    /// leaves them as they are.
    pub rho: Option<f64>,
    /// Factors on the LSTM's matrices, on top of `rho`, 0 to 100 each.
    pub gate_scale: PerGate,
    /// Biases of block input, input and output gate (the forget gate's is in `forget`).
    pub gate_bias: PerGate,
    /// The forget gate.
    pub forget: ForgetGate,
    /// Whether the LSTM has peepholes (drawn at random unless the weights bring them).
    pub peepholes: bool,
    /// What drives the stepping.
    pub signal: Signal,
    /// Amplitude of the signal, 0 to 1000.
    pub amplitude: f64,
    /// The loss.
    pub loss: LossKind,
    /// The clipping mode.
    pub clip: ClipMode,
    /// The clipping threshold θ, above 0, kept when the mode is off.
    pub threshold: f64,
    /// Every element of h_0.
    pub initial_h: f64,
    /// Every element of c_0.
    pub initial_c: f64,
    /// Steps per second when running, 1 to 60.
    pub speed: u32,
}

/// One number for each of the LSTM's four pre-activations.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PerGate {
    /// z.
    pub block: f64,
    /// i.
    pub input: f64,
    /// f.
    pub forget: f64,
    /// o.
    pub output: f64,
}

impl PerGate {
    /// The same number for all four.
    #[must_use]
    pub const fn all(value: f64) -> Self {
        Self { block: value, input: value, forget: value, output: value }
    }
}

/// The input that drives the simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signal {
    /// Independent normal numbers.
    Noise,
    /// Sines of D frequencies.
    Sine,
    /// One at step 1, zero afterwards.
    Impulse,
    /// Nothing.
    Zero,
    /// Bytes of a text, one-hot or hashed to D.
    Text,
    /// The user's own sequence.
    File,
}

/// What the loss is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LossKind {
    /// L = v·h_T, |v| = 1.
    Last,
    /// L = Σ v·h_t.
    Sum,
    /// L = ½ Σ |h_t − y_t|².
    Mse,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            hidden: 32,
            inputs: 8,
            steps: 200,
            seed: 7,
            activation: Activation::Linear,
            init: Init::Orthogonal,
            rho: Some(1.0),
            gate_scale: PerGate::all(1.0),
            gate_bias: PerGate::all(0.0),
            forget: ForgetGate::Learned(Some(1.0)),
            peepholes: false,
            signal: Signal::Noise,
            amplitude: 1.0,
            loss: LossKind::Last,
            clip: ClipMode::Norm,
            threshold: 5.0,
            initial_h: 0.0,
            initial_c: 0.0,
            speed: 10,
        }
    }
}
