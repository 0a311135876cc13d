//! The settings of a simulation: what presets hold, options set and keys change.

pub mod row;
pub mod table;

use crate::cell::{
    Activation, CellKind, ForgetGate, Init, Parameters, Path, Reset, Semantics, Variant, init,
};
pub use crate::flow::ClipMode;

/// Everything that decides a simulation, apart from data files. `Default` is neutral: plain cells with
/// orthogonal matrices of radius 1, driven by noise.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The two cells that are compared, left and right.
    pub cells: [CellChoice; 2],
    /// Units H.
    pub hidden: usize,
    /// Inputs D.
    pub inputs: usize,
    /// Steps T of the window.
    pub steps: usize,
    /// Seed of weights, signal and loss vector.
    pub seed: u64,
    /// φ of the RNN.
    pub activation: Activation,
    /// φ of the block input of an LSTM and of the candidate of a GRU.
    pub block_activation: Activation,
    /// φ of the state of an LSTM.
    pub state_activation: Activation,
    /// The function of the gates of an LSTM or a GRU.
    pub gate: Activation,
    /// Where the reset gate of a GRU stands.
    pub reset: Reset,
    /// What is added to the forget gate's bias, on top of what it is.
    pub forget_offset: f64,
    /// How recurrent matrices are drawn.
    pub init: Init,
    /// The share of a gaussian matrix in each orthogonal one, 0 to 1.
    pub mix: f64,
    /// Spectral radius of every recurrent matrix; `None` leaves them as they were drawn (with radius 1,
    /// unless the initialisation is a framework's) or trained.
    pub rho: Option<f64>,
    /// Factors on the LSTM's matrices, on top of `rho`.
    pub gate_scale: PerGate,
    /// Biases of block input, input and output gate (the forget gate's is in `forget`).
    pub gate_bias: PerGate,
    /// The forget gate.
    pub forget: ForgetGate,
    /// Whether the LSTM has peepholes (drawn at random unless the weights bring them).
    pub peepholes: bool,
    /// Standard deviation of drawn peepholes.
    pub peephole_size: f64,
    /// What drives the stepping.
    pub signal: Signal,
    /// Amplitude of the signal.
    pub amplitude: f64,
    /// The loss.
    pub loss: LossKind,
    /// The clipping mode.
    pub clip: ClipMode,
    /// The clipping threshold θ, kept when the mode is off.
    pub threshold: f64,
    /// The probability p with which h-detach blocks the recurrent paths at a step.
    pub detach: f64,
    /// Every element of `h_0`.
    pub initial_h: f64,
    /// Every element of `c_0`.
    pub initial_c: f64,
}

impl Settings {
    /// Shows trained weights as they are: their sizes, their biases, their radii, and tanh, which is
    /// nn.RNN's own.
    pub fn follow(&mut self, parameters: &Parameters) {
        self.hidden = parameters.hidden();
        self.inputs = parameters.inputs();
        self.activation = Activation::Tanh;
        self.set_semantics(parameters.kind, Semantics::default());
        self.forget_offset = 0.0;
        self.rho = None;
        self.gate_scale = PerGate::all(1.0);
        self.gate_bias = PerGate::all(0.0);
        self.forget = ForgetGate::Learned(None);
        self.peepholes = parameters.peepholes.is_some();
        self.initial_h = 0.0;
        self.initial_c = 0.0;
    }

    /// The cell on a side.
    pub const fn cell(&self, side: Side) -> CellChoice {
        self.cells[side.index()]
    }

    /// The functions of a cell.
    pub const fn semantics(&self, kind: CellKind) -> Semantics {
        Semantics {
            activation: if kind.spec().has_activation {
                self.activation
            } else {
                self.block_activation
            },
            state: self.state_activation,
            gate: self.gate,
            reset: self.reset,
        }
    }

    /// Gives a cell these functions.
    pub fn set_semantics(&mut self, kind: CellKind, semantics: Semantics) {
        if kind.spec().has_activation {
            self.activation = semantics.activation;
            return;
        }
        self.block_activation = semantics.activation;
        self.state_activation = semantics.state;
        self.gate = semantics.gate;
        self.reset = semantics.reset;
    }

    /// The side that a cell of this kind is on, the left one if both are.
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

    /// Whether every setting has a value that it may have.
    ///
    /// # Errors
    /// One sentence on the first that has not: its name, what is allowed, what was found.
    pub fn check(&self) -> Result<(), String> {
        row::check(self)
    }
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
    pub const fn index(self) -> usize {
        match self {
            Self::Left => 0,
            Self::Right => 1,
        }
    }

    /// The other side.
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
    pub fn name(self) -> &'static str {
        if self.kind.spec().has_variants {
            self.variant.lstm_name()
        } else {
            self.kind.name()
        }
    }

    /// Whether the setting of the forget gate has any effect on it.
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
#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// One number for all four.
    pub const fn all(value: f64) -> Self {
        Self {
            block: value,
            input: value,
            forget: value,
            output: value,
        }
    }
}

/// The input that drives the simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LossKind {
    /// `L = v·h_T`, |v| = 1.
    Last,
    /// `L = v·y_T`: of a layer that reads from the end the h after one step, else as `Last`.
    Out,
    /// `L = v·mean h_t`, by the user's weights where there are some.
    Mean,
    /// `L = v·max h_t`, each unit where it is largest.
    Max,
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
            activation: Activation::Tanh,
            block_activation: Activation::Tanh,
            state_activation: Activation::Tanh,
            gate: Activation::Sigmoid,
            reset: Reset::After,
            forget_offset: 0.0,
            init: Init::Orthogonal,
            mix: 0.0,
            rho: Some(1.0),
            gate_scale: PerGate::all(1.0),
            gate_bias: PerGate::all(0.0),
            forget: ForgetGate::Learned(Some(1.0)),
            peepholes: false,
            peephole_size: init::PEEPHOLE_DEVIATION,
            signal: Signal::Noise,
            amplitude: 1.0,
            loss: LossKind::Last,
            clip: ClipMode::Norm,
            threshold: 5.0,
            detach: 0.0,
            initial_h: 0.0,
            initial_c: 0.0,
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
            (
                |s| s.hidden = 0,
                "hidden: expected a whole number from 1 to 512, found 0",
            ),
            (
                |s| s.inputs = 513,
                "inputs: expected a whole number from 1 to 512, found 513",
            ),
            (
                |s| s.steps = 1,
                "steps: expected a whole number from 2 to 20000, found 1",
            ),
            (
                |s| s.rho = Some(-0.1),
                "rho: expected a number from 0 to 100, found -0.1",
            ),
            (
                |s| s.rho = Some(1e308),
                "rho: expected a number from 0 to 100, found 1e308",
            ),
            (
                |s| s.rho = Some(f64::NAN),
                "rho: expected a number from 0 to 100, found NaN",
            ),
            (
                |s| s.gate_scale.output = 101.0,
                "gate_scale.output: expected a number from 0 to 100, found 101",
            ),
            (
                |s| s.gate_bias.block = f64::INFINITY,
                "gate_bias.block: expected a number from -20 to 20, found inf",
            ),
            (
                |s| s.forget = ForgetGate::Learned(Some(21.0)),
                "forget: expected learned, learned:BIAS with a number from -20 to 20, pinned:F with a number from 0 to 1.05 or none, found 'learned:21'",
            ),
            (
                |s| s.forget = ForgetGate::Pinned(1.06),
                "forget: expected learned, learned:BIAS with a number from -20 to 20, pinned:F with a number from 0 to 1.05 or none, found 'pinned:1.06'",
            ),
            (
                |s| s.amplitude = -1.0,
                "amplitude: expected a number from 0 to 1000, found -1",
            ),
            (
                |s| s.threshold = 0.0,
                "clip: expected off, norm, value or step, the last three with :θ, a number from 0.000001 to 1000000, if wanted, found 'norm:0'",
            ),
            (
                |s| s.detach = 1.5,
                "detach: expected a number from 0 to 1, found 1.5",
            ),
            (
                |s| s.initial_h = 1e9,
                "initial_h: expected a number from -1000 to 1000, found 1000000000",
            ),
            (
                |s| s.initial_c = -1e4,
                "initial_c: expected a number from -1000 to 1000, found -10000",
            ),
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
