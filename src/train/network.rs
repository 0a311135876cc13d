//! What is trained: one recurrent layer and a linear readout, with PyTorch's names and layout.
//!
//! | tensor | shape | |
//! |---|---|---|
//! | `rnn.weight_ih_l0` | G·H × D | W |
//! | `rnn.weight_hh_l0` | G·H × H | R; of an IndRNN u, H |
//! | `rnn.bias_ih_l0`, `rnn.bias_hh_l0` | G·H | |
//! | `head.weight`, `head.bias` | O × H, O | the readout y = V h + d |

use std::ops::Range;

use ndarray::{Array1, Array2};
use rand_distr::{Distribution as _, StandardNormal, StandardUniform};
use serde::{Deserialize, Serialize};

use super::Real;
use super::task::stream;
use crate::cell::{self, Activation, CellKind, Parameters, init};
use crate::num::matrix::NoConvergence;

/// The cells that can be trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// h_t = tanh(W x_t + R h_{t-1} + b).
    Rnn,
    /// An RNN with relu whose R starts as the identity (Le et al. 2015).
    Irnn,
    /// Long short-term memory.
    Lstm,
    /// Gated recurrent unit, as in PyTorch.
    Gru,
    /// h_t = relu(W x_t + u ⊙ h_{t-1} + b) (Li et al. 2018).
    Indrnn,
}

/// The places of the tensors in [`Network::tensors`].
pub(super) const W: usize = 0;
pub(super) const R: usize = 1;
pub(super) const B_IH: usize = 2;
pub(super) const B_HH: usize = 3;
pub(super) const V: usize = 4;
pub(super) const D: usize = 5;

/// PyTorch's names of the tensors, in their order.
pub const NAMES: [&str; 6] = [
    "rnn.weight_ih_l0",
    "rnn.weight_hh_l0",
    "rnn.bias_ih_l0",
    "rnn.bias_hh_l0",
    "head.weight",
    "head.bias",
];

impl Kind {
    /// The cell of the live screen with the same equations, but for the activation.
    pub fn cell(self) -> CellKind {
        match self {
            Self::Rnn | Self::Irnn => CellKind::Rnn,
            Self::Indrnn => CellKind::IndRnn,
            Self::Lstm => CellKind::Lstm,
            Self::Gru => CellKind::Gru,
        }
    }

    /// φ of that cell.
    pub fn activation(self) -> Activation {
        match self {
            Self::Irnn | Self::Indrnn => Activation::Relu,
            _ => Activation::Tanh,
        }
    }

    /// Gates G: blocks of H rows in W and R.
    pub fn gates(self) -> usize {
        self.cell().gates()
    }

    /// Blocks of H numbers that a step keeps for the way back. A GRU has R_n h_{t-1} + b_hn beside its
    /// gates.
    pub(super) fn blocks(self) -> usize {
        match self {
            Self::Gru => 4,
            _ => self.gates(),
        }
    }

    /// Whether the state has a c beside h.
    pub(super) fn has_c(self) -> bool {
        self == Self::Lstm
    }

    /// The rows of R (in units of H) that go into each block of a step; none for an IndRNN, whose
    /// units see only themselves.
    pub(super) fn recurrent(self) -> &'static [(Range<usize>, Range<usize>)] {
        match self {
            Self::Rnn | Self::Irnn => &[(0..1, 0..1)],
            Self::Lstm => &[(0..4, 0..4)],
            Self::Gru => &[(0..2, 0..2), (2..3, 3..4)],
            Self::Indrnn => &[],
        }
    }
}

/// Sizes and kind of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The cell.
    pub kind: Kind,
    /// Inputs D.
    pub inputs: usize,
    /// Units H.
    pub hidden: usize,
    /// Outputs O.
    pub outputs: usize,
}

impl Shape {
    /// The shapes of the tensors, in the order of [`NAMES`].
    pub fn tensors(&self) -> [Vec<usize>; 6] {
        let (rows, h) = (self.kind.gates() * self.hidden, self.hidden);
        let recurrent = match self.kind {
            Kind::Indrnn => vec![h],
            _ => vec![rows, h],
        };
        [
            vec![rows, self.inputs],
            recurrent,
            vec![rows],
            vec![rows],
            vec![self.outputs, h],
            vec![self.outputs],
        ]
    }

    /// Tensors of zeros.
    pub fn zeros<T: Real>(&self) -> Vec<Vec<T>> {
        let length = |shape: Vec<usize>| vec![T::default(); shape.into_iter().product()];
        self.tensors().map(length).into()
    }
}

/// How the weights are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// As PyTorch does: everything from U(−1/√H, 1/√H).
    Pytorch,
    /// As PyTorch does, but for the recurrent matrices, which this rule draws.
    Recurrent(cell::Init),
}

/// A network and its weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Network<T> {
    /// Its shape.
    pub shape: Shape,
    /// Its weights, row by row, in the order of [`NAMES`].
    pub tensors: Vec<Vec<T>>,
}

impl<T: Real> Network<T> {
    /// Draws the weights.
    ///
    /// `rho` scales every recurrent matrix (ρ is 1 as drawn, and 1/√3 or so of PyTorch's, which is left
    /// alone without it); `forget_bias` is what b_ih of the forget gate of an LSTM becomes, b_hh being 0
    /// there. An IRNN starts with W from N(0, 0.001), R = I and biases 0, as published; an IndRNN with u
    /// from U(0, 1).
    ///
    /// # Errors
    /// When the eigenvalues of a gaussian matrix do not converge.
    pub fn draw(
        shape: Shape,
        start: Start,
        rho: Option<f64>,
        forget_bias: Option<f64>,
        seed: u64,
    ) -> Result<Self, NoConvergence> {
        let h = shape.hidden;
        let mut rng = stream(seed, u64::MAX);
        let bound = (h as f64).sqrt().recip();
        let mut tensors: [Vec<f64>; 6] = shape.tensors().map(|dims| {
            let uniform = |_| {
                let u: f64 = StandardUniform.sample(&mut rng);
                bound * (2.0 * u - 1.0)
            };
            (0..dims.into_iter().product::<usize>())
                .map(uniform)
                .collect()
        });
        match (shape.kind, start) {
            (Kind::Indrnn, _) => {
                for u in &mut tensors[R] {
                    *u = StandardUniform.sample(&mut rng);
                }
            }
            (_, Start::Recurrent(init)) => {
                let (drawn, _) = init::draw(shape.kind.cell(), h, 1, init, false, seed)?;
                tensors[R] = drawn.r.iter().copied().collect();
            }
            (_, Start::Pytorch) => (),
        }
        if shape.kind == Kind::Irnn {
            for w in &mut tensors[W] {
                let z: f64 = StandardNormal.sample(&mut rng);
                *w = 0.001 * z;
            }
            tensors[B_IH].fill(0.0);
            tensors[B_HH].fill(0.0);
        }
        if let Some(rho) = rho {
            scale(&mut tensors[R], shape, start, rho)?;
        }
        if let (Kind::Lstm, Some(bias)) = (shape.kind, forget_bias) {
            tensors[B_IH][h..2 * h].fill(bias);
            tensors[B_HH][h..2 * h].fill(0.0);
        }
        let tensors = tensors.map(|tensor| tensor.into_iter().map(T::of).collect());
        Ok(Self {
            shape,
            tensors: tensors.into(),
        })
    }

    /// The spectral radius of each recurrent matrix, in the order of the gates; of an IndRNN the
    /// largest |u|.
    ///
    /// # Errors
    /// When eigenvalues do not converge.
    pub fn radii(&self) -> Result<Vec<f64>, NoConvergence> {
        let r: Vec<f64> = self.tensors[R].iter().map(|x| x.wide()).collect();
        radii(&r, self.shape)
    }

    /// The spectral radius of the matrix through which the block input or the candidate sees h: R_z of an
    /// LSTM, R_n of a GRU, the only one of other cells; NaN where it cannot be found.
    pub fn radius(&self) -> f64 {
        let shape = self.shape;
        let block = match shape.kind {
            Kind::Lstm | Kind::Gru => 2,
            _ => 0,
        };
        let size = self.tensors[R].len() / shape.kind.gates();
        let r = &self.tensors[R][block * size..(block + 1) * size];
        let r: Vec<f64> = r.iter().map(|x| x.wide()).collect();
        radii(&r, shape).map_or(f64::NAN, |radii| radii[0])
    }

    /// The recurrent layer as a cell of the live screen holds it; an IndRNN as the RNN whose R is diag(u).
    pub fn parameters(&self) -> Parameters {
        let (d, h) = (self.shape.inputs, self.shape.hidden);
        let wide = |k: usize| self.tensors[k].iter().map(|x: &T| x.wide());
        let matrix = |k: usize, columns: usize| {
            let values: Vec<f64> = wide(k).collect();
            Array2::from_shape_vec((values.len() / columns, columns), values).unwrap_or_default()
        };
        Parameters {
            kind: self.shape.kind.cell(),
            w: matrix(W, d),
            r: match self.shape.kind {
                Kind::Indrnn => Array2::from_diag(&wide(R).collect::<Array1<f64>>()),
                _ => matrix(R, h),
            },
            biases: Some([wide(B_IH).collect(), wide(B_HH).collect()]),
            peepholes: None,
            gates_r: None,
            diagonal: None,
        }
    }

    /// The row of the readout for its first output.
    pub fn readout(&self) -> Array1<f64> {
        let row = &self.tensors[V][..self.shape.hidden];
        row.iter().map(|x| x.wide()).collect()
    }
}

fn radii(r: &[f64], shape: Shape) -> Result<Vec<f64>, NoConvergence> {
    if shape.kind == Kind::Indrnn {
        return Ok(vec![crate::num::vector::largest(r)]);
    }
    let h = shape.hidden;
    r.chunks_exact(h * h)
        .map(|block| {
            let matrix = ndarray::ArrayView2::from_shape((h, h), block);
            matrix.map_or(Ok(f64::NAN), crate::num::matrix::spectral_radius)
        })
        .collect()
}

/// Takes every recurrent matrix to radius `rho`: drawn ones have radius 1, those of PyTorch are
/// measured.
fn scale(r: &mut [f64], shape: Shape, start: Start, rho: f64) -> Result<(), NoConvergence> {
    let drawn = matches!(start, Start::Recurrent(_)) && shape.kind != Kind::Indrnn;
    let radii = if drawn {
        vec![1.0; shape.kind.gates()]
    } else {
        radii(r, shape)?
    };
    let block = r.len() / radii.len();
    for (block, radius) in r.chunks_exact_mut(block).zip(radii) {
        for x in block {
            *x *= rho / radius;
        }
    }
    Ok(())
}
