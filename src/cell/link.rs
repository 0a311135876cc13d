//! A path from one step to the one before, factor by factor and by name: what a page that explains
//! it shows. The code that measures paths does not go this way; a property test holds the two
//! against each other.
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

use ndarray::{ArrayView2, CowArray, Ix2};

use super::Lands;

/// What a slope is of its activation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// s(1 - s).
    Sigmoid,
    /// 1 - s².
    Tanh,
    /// 1: there is no activation.
    One,
    /// 0: the gate is a constant.
    Zero,
    /// Whatever the activation of an RNN has.
    Any,
}

/// What a factor is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Name {
    /// E, which takes δh to δc: o ⊙ (1 - tanh²(c)).
    Gain,
    /// The same where h = c ⊙ o: o.
    PlainGain,
    /// The activation of a gate, by its letter.
    Gate(char),
    /// The slope of a gate's activation, by its letter; φ is that of the RNN.
    Slope(char, Form),
    /// 1 - z.
    Complement(char),
    /// tanh(c).
    Squashed,
    /// c.
    State,
    /// c of the step before the factor's.
    Before,
    /// z minus c of the step before, where f = 1 - i.
    Coupled,
    /// Λᵀ, the rotations of the LRU.
    Rotation,
    /// h of the step before minus the candidate n.
    Difference,
    /// m = R_n h + b_hn of the GRU.
    Candidate,
    /// p of a gate, by its letter.
    Peephole(char),
    /// Rᵀ of a gate, by its letter; that of the RNN has none.
    Transposed(Option<char>),
    /// The transpose of the matrix from one gate (the first) of the step before to another.
    Between(char, char),
}

/// The numbers of a factor.
#[derive(Clone, Debug)]
pub enum Values<'a> {
    /// H numbers that multiply elementwise.
    Elementwise(Cow<'a, [f64]>),
    /// R (H × H), whose transpose multiplies.
    Transposed(CowArray<'a, f64, Ix2>),
}

/// One factor of a path's term.
#[derive(Clone, Debug)]
pub struct Factor<'a> {
    /// Its name.
    pub name: Name,
    /// The step that it belongs to: t or t + 1. Parameters belong to all.
    pub step: usize,
    /// Its numbers.
    pub values: Values<'a>,
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
pub struct Link<'a> {
    /// The gradient that it begins with.
    pub from: Source,
    /// The step of that gradient: t + 1, or t for a path within a step.
    pub start: usize,
    /// From the outermost to the one beside the gradient.
    pub factors: Vec<Factor<'a>>,
}

impl<'a> Factor<'a> {
    /// A vector of the tape.
    #[must_use]
    pub fn of(name: Name, step: usize, values: &'a [f64]) -> Self {
        let values = Values::Elementwise(Cow::Borrowed(values));
        Self { name, step, values }
    }

    /// A vector made from those of the tape.
    #[must_use]
    pub fn made(name: Name, step: usize, values: impl Iterator<Item = f64>) -> Self {
        let values = Values::Elementwise(Cow::Owned(values.collect()));
        Self { name, step, values }
    }

    /// Rᵀ of a gate.
    #[must_use]
    pub fn transposed(gate: Option<char>, step: usize, r: ArrayView2<'a, f64>) -> Self {
        Self::transpose_of(Name::Transposed(gate), step, r)
    }

    /// The transpose of a matrix.
    #[must_use]
    pub fn transpose_of(name: Name, step: usize, r: ArrayView2<'a, f64>) -> Self {
        let values = Values::Transposed(r.into());
        Self { name, step, values }
    }
}
