//! Random cells and windows, each from a seed.

use ndarray::{Array1, Array2, ArrayView1};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};
use rnntop::cell::{
    self, Activation, Cell, CellKind, ForgetGate, Options, Parameters, Recurrence, Semantics, Tape,
};
use rnntop::flow::Loss;

/// A cell with everything but its parameters.
pub trait Build {
    type Cell: Cell;
    const KIND: CellKind;
    fn cell(&self, parameters: Parameters) -> Self::Cell;
}

pub struct Rnn(pub Activation);

impl Build for Rnn {
    type Cell = cell::Rnn;
    const KIND: CellKind = CellKind::Rnn;
    fn cell(&self, parameters: Parameters) -> cell::Rnn {
        cell::Rnn::new(parameters, self.0)
    }
}

pub struct Lstm(pub ForgetGate);

impl Build for Lstm {
    type Cell = cell::Lstm;
    const KIND: CellKind = CellKind::Lstm;
    fn cell(&self, parameters: Parameters) -> cell::Lstm {
        cell::Lstm::new(parameters, self.0)
    }
}

pub struct Gru(pub Semantics);

impl Build for Gru {
    type Cell = cell::Gru;
    const KIND: CellKind = CellKind::Gru;
    fn cell(&self, parameters: Parameters) -> cell::Gru {
        cell::Gru::with(parameters, self.0)
    }
}

#[allow(dead_code, reason = "not every test draws every cell")]
pub struct Variant(pub ForgetGate, pub cell::Variant, pub Semantics);

impl Build for Variant {
    type Cell = cell::Lstm;
    const KIND: CellKind = CellKind::Lstm;
    fn cell(&self, parameters: Parameters) -> cell::Lstm {
        let options = Options {
            semantics: self.2,
            forget: self.0,
            variant: self.1,
        };
        cell::Lstm::build(parameters, options)
    }
}

#[allow(dead_code, reason = "not every test draws every cell")]
pub struct MinGru;

impl Build for MinGru {
    type Cell = cell::MinGru;
    const KIND: CellKind = CellKind::MinGru;
    fn cell(&self, parameters: Parameters) -> cell::MinGru {
        cell::MinGru::new(parameters)
    }
}

#[allow(dead_code, reason = "not every test draws every cell")]
pub struct MinLstm;

impl Build for MinLstm {
    type Cell = cell::MinLstm;
    const KIND: CellKind = CellKind::MinLstm;
    fn cell(&self, parameters: Parameters) -> cell::MinLstm {
        cell::MinLstm::new(parameters)
    }
}

#[allow(dead_code, reason = "not every test draws every cell")]
pub struct IndRnn(pub Activation);

impl Build for IndRnn {
    type Cell = cell::IndRnn;
    const KIND: CellKind = CellKind::IndRnn;
    fn cell(&self, parameters: Parameters) -> cell::IndRnn {
        cell::IndRnn::new(parameters, self.0)
    }
}

#[allow(dead_code, reason = "not every test draws every cell")]
pub struct Lru;

impl Build for Lru {
    type Cell = cell::Lru;
    const KIND: CellKind = CellKind::Lru;
    fn cell(&self, parameters: Parameters) -> cell::Lru {
        cell::Lru::new(parameters)
    }
}

/// What a cell is run over.
#[derive(Clone)]
pub struct Window {
    pub inputs: Array2<f64>,
    pub h0: Vec<f64>,
    pub c0: Vec<f64>,
    pub v: Vec<f64>,
    pub targets: Array2<f64>,
    /// 0 `last`, 1 `sum`, 2 `mse`.
    pub which: u32,
}

impl Window {
    pub fn loss(&self) -> Loss<'_> {
        match self.which {
            0 => Loss::Last(&self.v),
            1 => Loss::Sum(&self.v),
            _ => Loss::Mse(Some(&self.targets)),
        }
    }

    /// Δ_t.
    #[allow(
        dead_code,
        reason = "not every test that draws windows injects by hand"
    )]
    pub fn injected(&self, tape: &Tape, t: usize) -> Array1<f64> {
        match self.which {
            0 if t < tape.steps => Array1::zeros(tape.hidden),
            0 | 1 => Array1::from(self.v.clone()),
            _ => &ArrayView1::from(tape.h(t)) - &self.targets.row(t - 1),
        }
    }
}

/// A source of normal numbers.
pub struct Random(ChaCha8Rng);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub fn vector(&mut self, n: usize, size: f64) -> Array1<f64> {
        Array1::from_shape_simple_fn(n, || {
            size * Distribution::<f64>::sample(&StandardNormal, &mut self.0)
        })
    }

    pub fn matrix(&mut self, n: usize, m: usize, size: f64) -> Array2<f64> {
        let flat = self.vector(n * m, size);
        flat.into_shape_with_order((n, m)).unwrap()
    }

    /// Parameters whose recurrent matrices have a spectral radius of about `gain`.
    pub fn parameters<B: Build>(
        &mut self,
        _: &B,
        hidden: usize,
        inputs: usize,
        biases: bool,
        peepholes: bool,
        gain: f64,
    ) -> Parameters {
        let rows = B::KIND.gates() * hidden;
        let recurrent = match B::KIND.spec().recurrence {
            Recurrence::Matrices => rows,
            Recurrence::Units => 1,
            Recurrence::Eigenvalues | Recurrence::None => 0,
        };
        let second_bias = if B::KIND.has_recurrent_matrices() {
            rows
        } else {
            0
        };
        Parameters {
            kind: B::KIND,
            w: self.matrix(rows, inputs, 0.7),
            r: self.matrix(recurrent, hidden, gain / (hidden as f64).sqrt()),
            biases: (biases && B::KIND != CellKind::Lru)
                .then(|| [rows, second_bias].map(|rows| self.vector(rows, 0.5))),
            peepholes: (peepholes && B::KIND == CellKind::Lstm)
                .then(|| [0; 3].map(|_| self.vector(hidden, 0.5))),
            gates_r: (B::KIND == CellKind::Lstm)
                .then(|| self.matrix(3 * hidden, 3 * hidden, gain / (hidden as f64 * 3.0).sqrt())),
            diagonal: (B::KIND == CellKind::Lru).then(|| cell::Diagonal {
                modulus: self.vector(hidden.div_ceil(2), 0.8),
                angle: self.vector(hidden / 2, 2.0),
                gamma: self.vector(hidden.div_ceil(2), 0.7),
            }),
        }
    }

    /// A window with any of the three losses.
    pub fn window(&mut self, hidden: usize, inputs: usize, steps: usize, size: f64) -> Window {
        Window {
            inputs: self.matrix(steps, inputs, size),
            h0: self.vector(hidden, 0.5).to_vec(),
            c0: self.vector(hidden, 0.5).to_vec(),
            v: self.vector(hidden, 1.0).to_vec(),
            targets: self.matrix(steps, hidden, 0.5),
            which: rand::Rng::next_u32(&mut self.0) % 3,
        }
    }
}
