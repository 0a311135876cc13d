//! The settings of a simulation: what presets hold, options set and keys change.

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use crate::cell::{Activation, CellKind, ForgetGate, Init, Path, Variant};
pub use crate::flow::ClipMode;

/// Everything that decides a simulation, apart from data files. `Default` is the program's start.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The two cells that are compared, left and right.
    pub cells: [CellChoice; 2],
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
    /// The clipping threshold θ, 1e-6 to 1e6, kept when the mode is off.
    pub threshold: f64,
    /// The probability p with which h-detach blocks the recurrent paths at a step, 0 (off) to 1.
    pub detach: f64,
    /// Every element of `h_0`, −1000 to 1000.
    pub initial_h: f64,
    /// Every element of `c_0`, −1000 to 1000.
    pub initial_c: f64,
    /// Steps per second when running, 1 to 60.
    pub speed: u32,
}

impl Settings {
    /// Units H.
    pub const HIDDEN: RangeInclusive<usize> = 1..=512;
    /// Inputs D.
    pub const INPUTS: RangeInclusive<usize> = 1..=512;
    /// Steps T of the window.
    pub const STEPS: RangeInclusive<usize> = 2..=20_000;
    /// The spectral radius ρ.
    pub const RHO: RangeInclusive<f64> = 0.0..=100.0;
    /// A factor on one gate's matrix.
    pub const SCALE: RangeInclusive<f64> = 0.0..=100.0;
    /// A bias, the forget gate's included.
    pub const BIAS: RangeInclusive<f64> = -20.0..=20.0;
    /// A pinned forget gate; above 1 it is beyond any sigmoid.
    pub const PINNED: RangeInclusive<f64> = 0.0..=1.05;
    /// The amplitude of the signal.
    pub const AMPLITUDE: RangeInclusive<f64> = 0.0..=1000.0;
    /// The clipping threshold θ.
    pub const THRESHOLD: RangeInclusive<f64> = 1e-6..=1e6;
    /// The probability of h-detach.
    pub const DETACH: RangeInclusive<f64> = 0.0..=1.0;
    /// Every element of `h_0` and of `c_0`.
    pub const INITIAL: RangeInclusive<f64> = -1000.0..=1000.0;
    /// Steps per second.
    pub const SPEED: RangeInclusive<u32> = 1..=60;

    /// The cell on a side.
    #[must_use]
    pub const fn cell(&self, side: Side) -> CellChoice {
        self.cells[side.index()]
    }

    /// The side that a cell of this kind is on, the left one if both are.
    #[must_use]
    pub fn side_of(&self, kind: CellKind) -> Option<Side> {
        Side::BOTH
            .into_iter()
            .find(|side| self.cell(*side).kind == kind)
    }

    /// The side that a cell of this kind is on; it takes the place of the left one when it is on
    /// neither.
    pub fn side_for(&mut self, kind: CellKind) -> Side {
        self.side_of(kind).unwrap_or_else(|| {
            self.cells[Side::Left.index()] = kind.into();
            Side::Left
        })
    }

    /// The side that this very cell is on, variant included; it takes the place of the left one when
    /// it is on neither.
    pub fn side_for_choice(&mut self, choice: CellChoice) -> Side {
        let there = |side: &Side| self.cell(*side).name() == choice.name();
        Side::BOTH.into_iter().find(there).unwrap_or_else(|| {
            self.cells[Side::Left.index()] = choice;
            Side::Left
        })
    }

    /// Whether every number is within its range.
    ///
    /// # Errors
    /// One sentence on the first field that is not: its name, what is allowed, what was found.
    pub fn check(&self) -> Result<(), String> {
        within("hidden", self.hidden, &Self::HIDDEN)?;
        within("inputs", self.inputs, &Self::INPUTS)?;
        within("steps", self.steps, &Self::STEPS)?;
        if let Some(rho) = self.rho {
            within("rho", rho, &Self::RHO)?;
        }
        for (gate, scale) in self.gate_scale.named() {
            within(&format!("gate_scale.{gate}"), scale, &Self::SCALE)?;
        }
        for (gate, bias) in self.gate_bias.named() {
            within(&format!("gate_bias.{gate}"), bias, &Self::BIAS)?;
        }
        match self.forget {
            ForgetGate::Learned(Some(bias)) => within("forget: the bias", bias, &Self::BIAS)?,
            ForgetGate::Pinned(f) => within("forget: the pinned value", f, &Self::PINNED)?,
            ForgetGate::Learned(None) | ForgetGate::None => {}
        }
        within("amplitude", self.amplitude, &Self::AMPLITUDE)?;
        within("threshold", self.threshold, &Self::THRESHOLD)?;
        within("detach", self.detach, &Self::DETACH)?;
        within("initial_h", self.initial_h, &Self::INITIAL)?;
        within("initial_c", self.initial_c, &Self::INITIAL)?;
        within("speed", self.speed, &Self::SPEED)
    }
}

/// The one wording for a number out of its range (NaN is out of every range).
fn within<T: PartialOrd + Display + Copy>(
    field: &str,
    value: T,
    range: &RangeInclusive<T>,
) -> Result<(), String> {
    if range.contains(&value) {
        return Ok(());
    }
    let (low, high) = (range.start(), range.end());
    Err(format!("{field} must be from {low} to {high}, not {value}"))
}

/// One of the two places for a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Side {
    /// Left, or above.
    #[default]
    Left,
    /// Right, or below.
    Right,
}

impl Side {
    /// Left and right.
    pub const BOTH: [Self; 2] = [Self::Left, Self::Right];

    /// Its place in a pair.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::Left => 0,
            Self::Right => 1,
        }
    }

    /// The other side.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }
}

/// A cell as the settings choose it for one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CellChoice {
    /// Which cell.
    pub kind: CellKind,
    /// Which variant of it, if it is an LSTM.
    pub variant: Variant,
}

impl CellChoice {
    /// What it is called on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        if self.kind.spec().has_variants {
            self.variant.lstm_name()
        } else {
            self.kind.name()
        }
    }

    /// Whether the setting of the forget gate has any effect on it.
    #[must_use]
    pub fn takes_forget(self, forget: ForgetGate) -> bool {
        let spec = self.kind.spec();
        let has_bias = spec.gate_biases.contains(&"forget");
        let is_bias = matches!(forget, ForgetGate::Learned(_));
        let fixed = matches!(self.variant, Variant::Nfg | Variant::Cifg);
        has_bias && (is_bias || spec.has_variants) && !fixed
    }

    /// Every path on which its gradient can come back; those of peepholes only where it has some.
    pub fn paths(self, peepholes: bool) -> impl Iterator<Item = Path> {
        let peepholes = peepholes && self.variant != Variant::Np;
        let gates = self.variant == Variant::Fgr;
        let there = move |path: &Path| match path {
            Path::PeepholeInput | Path::PeepholeForget | Path::PeepholeOutput => peepholes,
            Path::GateInput | Path::GateForget | Path::GateOutput => gates,
            _ => true,
        };
        self.kind.paths().filter(there)
    }
}

impl From<CellKind> for CellChoice {
    fn from(kind: CellKind) -> Self {
        Self {
            kind,
            variant: Variant::Plain,
        }
    }
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
        Self {
            block: value,
            input: value,
            forget: value,
            output: value,
        }
    }

    /// The four numbers with their gates' names.
    #[must_use]
    pub const fn named(self) -> [(&'static str, f64); 4] {
        [
            ("block", self.block),
            ("input", self.input),
            ("forget", self.forget),
            ("output", self.output),
        ]
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
    /// `L = v·h_T`, |v| = 1.
    Last,
    /// `L = Σ v·h_t`.
    Sum,
    /// `L = ½ Σ |h_t − y_t|²`.
    Mse,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cells: [CellKind::Lstm.into(), CellKind::Rnn.into()],
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
            detach: 0.0,
            initial_h: 0.0,
            initial_c: 0.0,
            speed: 10,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_is_within_its_ranges() {
        assert_eq!(Settings::default().check(), Ok(()));
    }

    #[test]
    fn every_field_has_its_sentence() {
        type Spoil = fn(&mut Settings);
        let cases: [(Spoil, &str); 15] = [
            (|s| s.hidden = 0, "hidden must be from 1 to 512, not 0"),
            (|s| s.inputs = 513, "inputs must be from 1 to 512, not 513"),
            (|s| s.steps = 1, "steps must be from 2 to 20000, not 1"),
            (
                |s| s.rho = Some(-0.1),
                "rho must be from 0 to 100, not -0.1",
            ),
            (
                |s| s.rho = Some(f64::NAN),
                "rho must be from 0 to 100, not NaN",
            ),
            (
                |s| s.gate_scale.output = 101.0,
                "gate_scale.output must be from 0 to 100, not 101",
            ),
            (
                |s| s.gate_bias.block = f64::INFINITY,
                "gate_bias.block must be from -20 to 20, not inf",
            ),
            (
                |s| s.forget = ForgetGate::Learned(Some(21.0)),
                "forget: the bias must be from -20 to 20, not 21",
            ),
            (
                |s| s.forget = ForgetGate::Pinned(1.06),
                "forget: the pinned value must be from 0 to 1.05, not 1.06",
            ),
            (
                |s| s.amplitude = -1.0,
                "amplitude must be from 0 to 1000, not -1",
            ),
            (
                |s| s.threshold = 0.0,
                "threshold must be from 0.000001 to 1000000, not 0",
            ),
            (|s| s.detach = 1.5, "detach must be from 0 to 1, not 1.5"),
            (
                |s| s.initial_h = 1e9,
                "initial_h must be from -1000 to 1000, not 1000000000",
            ),
            (
                |s| s.initial_c = -1e4,
                "initial_c must be from -1000 to 1000, not -10000",
            ),
            (|s| s.speed = 61, "speed must be from 1 to 60, not 61"),
        ];
        for (spoil, sentence) in cases {
            let mut settings = Settings::default();
            spoil(&mut settings);
            assert_eq!(settings.check(), Err(sentence.to_owned()));
        }
    }

    #[test]
    fn a_gate_that_is_not_learned_by_a_number_has_none_to_check() {
        for forget in [ForgetGate::Learned(None), ForgetGate::None] {
            let settings = Settings {
                forget,
                rho: None,
                ..Settings::default()
            };
            assert_eq!(settings.check(), Ok(()));
        }
    }
}
