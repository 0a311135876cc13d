//! A path from one step to the one before, factor by factor and by name: what a page that explains
//! it shows, and what the path alone and the Jacobian are made of. The sweep back does not go this
//! way; a property test holds the two against each other.
//!
//! | path | term of δ_t |
//! |---|---|
//! | `output` of the LSTM | E_t ⊙ R_oᵀ( tanh(c_{t+1}) ⊙ o'_{t+1} ⊙ δh_{t+1} ) |
//! | `recurrent` of the RNN | Rᵀ( φ'_{t+1} ⊙ δh_{t+1} ) |
//! | `leak` of the GRU | z_{t+1} ⊙ δh_{t+1} |
//!
//! Where the gates of an LSTM see each other, a term is a sum of such products
//! ([`Cell::terms`](super::Cell::terms)).

use std::borrow::Cow;

use ndarray::{Array1, ArrayView2, CowArray, Ix2};

use super::{Activation, Lands};
use crate::num::hadamard::multiply;
use crate::num::{Number, Packed};

/// What a slope is of its activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// That of this function; of a linear one, 1.
    Of(Activation),
    /// 0: the gate is a constant.
    Zero,
    /// Whatever the activation of an RNN has.
    Any,
}

/// What a factor is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// E, which takes δh to δc, where h = o ⊙ φ(c) with this φ: o ⊙ φ'(c).
    Gain(Activation),
    /// The activation of a gate, by its letter.
    Gate(char),
    /// The slope of a gate's activation, by its letter; φ is that of the RNN.
    Slope(char, Form),
    /// 1 - z.
    Complement(char),
    /// φ(c).
    Squashed(Activation),
    /// c of the step before the factor's.
    Before,
    /// z minus c of the step before, where f = 1 - i.
    Coupled,
    /// Λᵀ, the rotations of the LRU.
    Rotation,
    /// h of the step before minus the candidate n.
    Difference,
    /// h of the step before the factor's.
    HBefore,
    /// m = R_n h + b_hn of the GRU.
    Candidate,
    /// Weights that multiply elementwise, by their symbol: p_i, u.
    Weights(&'static str),
    /// Rᵀ of a gate, by its letter; that of the RNN has none.
    Transposed(Option<char>),
    /// The transpose of the matrix from one gate (the first) of the step before to another.
    Between(char, char),
}

/// The numbers of a factor.
#[derive(Clone, Debug)]
pub enum Values<'a, N: Number = f64> {
    /// H numbers that multiply elementwise.
    Elementwise(Cow<'a, [N]>),
    /// H weights that multiply elementwise.
    Weights(&'a [f64]),
    /// R (H × H), whose transpose multiplies; and that transpose packed for products, where it is.
    Transposed(CowArray<'a, f64, Ix2>, Option<&'a Packed>),
}

/// One factor of a path's term.
#[derive(Clone, Debug)]
pub struct Factor<'a, N: Number = f64> {
    /// Its name.
    pub name: Name,
    /// The step that it belongs to: t or t + 1. Parameters belong to all.
    pub step: usize,
    /// Its numbers.
    pub values: Values<'a, N>,
}

/// The gradient that a product begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// δh or δc; of a gate as part of the state, what the gates of the step after bring to it.
    State(Lands),
    /// δ of the pre-activation of a gate: its letter, and its block.
    Bar(char, usize),
}

/// One step of a path: the term of δ_t as a product.
#[derive(Clone, Debug)]
pub struct Link<'a, N: Number = f64> {
    /// The gradient that it begins with.
    pub from: Source,
    /// The step of that gradient: t + 1, or t for a path within a step.
    pub start: usize,
    /// From the outermost to the one beside the gradient.
    pub factors: Vec<Factor<'a, N>>,
}

impl<'a, N: Number> Factor<'a, N> {
    /// A vector of the tape.
    pub fn of(name: Name, step: usize, values: &'a [N]) -> Self {
        let values = Values::Elementwise(values.into());
        Self { name, step, values }
    }

    /// A vector made from those of the tape.
    pub fn made(name: Name, step: usize, values: impl Iterator<Item = N>) -> Self {
        let values = Values::Elementwise(values.collect());
        Self { name, step, values }
    }

    /// Weights that multiply elementwise, by their symbol.
    pub fn weights(symbol: &'static str, step: usize, weights: &'a [f64]) -> Self {
        Self {
            name: Name::Weights(symbol),
            step,
            values: Values::Weights(weights),
        }
    }

    /// Rᵀ of a gate.
    pub fn transposed(gate: Option<char>, step: usize, r: ArrayView2<'a, f64>) -> Self {
        Self::transpose_of(Name::Transposed(gate), step, r)
    }

    /// The transpose of a matrix.
    pub fn transpose_of(name: Name, step: usize, r: ArrayView2<'a, f64>) -> Self {
        let values = Values::Transposed(r.into(), None);
        Self { name, step, values }
    }

    /// With the transpose packed.
    pub fn packed(mut self, transposed: &'a Packed) -> Self {
        if let Values::Transposed(_, packed) = &mut self.values {
            *packed = Some(transposed);
        }
        self
    }

    /// v ← the factor times v. `fro` says in which direction a packed matrix is read.
    #[inline(always)]
    pub fn apply<const FMA: bool>(&self, v: &mut [N], fro: bool) {
        match &self.values {
            Values::Elementwise(values) => multiply(v, values),
            Values::Weights(weights) => multiply(v, weights),
            Values::Transposed(_, Some(packed)) => {
                let from = v.to_vec();
                packed.times::<_, FMA>(&from, v, fro);
            }
            Values::Transposed(r, None) => {
                let from = v.to_vec();
                v.fill(N::default());
                for (row, from) in r.rows().into_iter().zip(from) {
                    v.iter_mut()
                        .zip(row)
                        .for_each(|(x, &r)| *x += N::from(r) * from);
                }
            }
        }
    }
}

impl<'a, N: Number> Link<'a, N> {
    /// A product that begins with the gradient of this part of the state at step `start`.
    pub fn of(lands: Lands, start: usize, factors: Vec<Factor<'a, N>>) -> Self {
        let from = Source::State(lands);
        Self {
            from,
            start,
            factors,
        }
    }

    /// The product as it is in a chain that lives on this part of the state: one on h does not touch c.
    pub fn ending_on(mut self, lands: Lands) -> Self {
        self.factors
            .retain(|f| lands == Lands::C || !matches!(f.name, Name::Gain(_)));
        self
    }

    /// v ← the product with v. `fro` says in which direction matrices are read.
    #[inline(always)]
    pub fn apply<const FMA: bool>(&self, v: &mut [N], fro: bool) {
        for factor in self.factors.iter().rev() {
            factor.apply::<FMA>(v, fro);
        }
    }
}

impl Link<'_> {
    /// The link as a matrix diag(a) M or diag(a): a, and M if a matrix is crossed. It takes a change of
    /// the state before to one of the state that the link comes from.
    pub fn matrix(&self, hidden: usize) -> (Vec<f64>, Option<CowArray<'_, f64, Ix2>>) {
        let (mut a, mut matrix) = (vec![1.0; hidden], None);
        for factor in &self.factors {
            match &factor.values {
                Values::Elementwise(values) => multiply(&mut a, values),
                Values::Weights(weights) => multiply(&mut a, weights),
                Values::Transposed(r, _) => {
                    let before = std::mem::replace(&mut a, vec![1.0; hidden]);
                    matrix = Some(behind(r, before, matrix));
                }
            }
        }
        (a, matrix)
    }
}

/// R diag(a) M, M being the identity where there is none.
fn behind<'a>(
    r: &'a CowArray<'_, f64, Ix2>,
    a: Vec<f64>,
    matrix: Option<CowArray<'a, f64, Ix2>>,
) -> CowArray<'a, f64, Ix2> {
    if matrix.is_none() && a.iter().all(|&a| a == 1.0) {
        return r.view().into();
    }
    let scaled = r * &Array1::from(a);
    match matrix {
        Some(matrix) => scaled.dot(&matrix).into(),
        None => scaled.into(),
    }
}
