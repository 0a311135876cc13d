//! The trainable parameters of a cell, in PyTorch's layout.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis, Slice};

use super::init;
use crate::cell::{CellKind, Recurrence};
use crate::num::vector;

/// 2^130: beyond all that float32 holds to its full digits.
const MOST: f64 = (1_u128 << 127) as f64 * 8.0;

/// Weights and biases of one recurrent layer with G gates ([`CellKind::gates`]). Blocks of H rows
/// stand in PyTorch's order: i, f, g (our block input z), o, and r, z, n; those of a minGRU are z and
/// the candidate, of a minLSTM f, i and the candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// Which cell they belong to.
    pub kind: CellKind,
    /// W, `weight_ih`: G·H × D.
    pub w: Array2<f64>,
    /// R, `weight_hh`: G·H × H; 0 × H for a cell without recurrent matrices. Of a cell whose units see
    /// themselves only it is the row u, 1 × H.
    pub r: Array2<f64>,
    /// `bias_ih` and `bias_hh`, G·H each; `None` for a layer without biases. Without recurrent
    /// matrices there is one bias only, and the second is empty.
    pub biases: Option<[Array1<f64>; 2]>,
    /// p_i, p_f, p_o, H each; LSTM only.
    pub peepholes: Option<[Array1<f64>; 3]>,
    /// R_ab, 3H × 3H, for an LSTM whose gates see each other: rows b and columns a are i, f, o in
    /// blocks of H, with which gate b sees gate a of the step before.
    pub gates_r: Option<Array2<f64>>,
    /// λ and γ; LRU only.
    pub diagonal: Option<Diagonal>,
}

/// The diagonal recurrence of an LRU. A complex λ = |λ| e^{iθ} acts on a pair of real units; of an
/// odd number of units the last is alone, and its λ is real.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagonal {
    /// |λ|: one for each pair, and one for a last unit alone.
    pub modulus: Array1<f64>,
    /// θ in radians: one for each pair.
    pub angle: Array1<f64>,
    /// γ, as many as `modulus`.
    pub gamma: Array1<f64>,
}

impl Parameters {
    /// Gates G.
    pub fn gates(&self) -> usize {
        self.w.nrows() / self.hidden().max(1)
    }

    /// How many recurrent matrices there are: G, or none.
    pub fn matrices(&self) -> usize {
        self.kind.spec().blocks_of_r()
    }

    /// u, a weight for each unit that sees itself only.
    pub fn unit_weights(&self) -> Option<ArrayView1<'_, f64>> {
        (self.kind.spec().recurrence == Recurrence::Units).then(|| self.r.row(0))
    }

    /// Multiplies what carries the state on: the matrices in the order of their blocks, each by a
    /// factor, or λ or u by the first.
    pub fn scale_recurrence(&mut self, factors: &[f64]) {
        let n = self.hidden();
        if let (Some(diagonal), Some(&factor)) = (&mut self.diagonal, factors.first()) {
            diagonal.modulus *= factor;
            // The γ that belongs to such a λ.
            diagonal.gamma = diagonal.modulus.mapv(init::gamma);
            return;
        }
        // u is a single row.
        let blocks = self.r.axis_chunks_iter_mut(Axis(0), n.max(1));
        for (mut block, &factor) in blocks.into_iter().zip(factors) {
            block.mapv_inplace(|x| x * factor);
        }
    }

    /// R of gate `g`: H × H.
    pub fn recurrent(&self, g: usize) -> ArrayView2<'_, f64> {
        let n = self.hidden();
        self.r.slice_axis(Axis(0), Slice::from(g * n..(g + 1) * n))
    }

    /// Whether one step through these weights may take numbers out of `f64` that lie well within it.
    pub fn extended(&self) -> bool {
        let matrices = [Some(&self.w), Some(&self.r), self.gates_r.as_ref()];
        let matrices = matrices.into_iter().flatten();
        let diagonal = self.diagonal.iter().flat_map(|d| [&d.modulus, &d.gamma]);
        let vectors = self.peepholes.iter().flatten().chain(diagonal);
        let mut numbers = matrices
            .map(|matrix| matrix.as_slice_memory_order())
            .chain(vectors.map(|vector| vector.as_slice()))
            .flatten();
        numbers.any(|x| vector::smallest(x) < 1.0 / MOST || vector::largest(x) > MOST)
    }

    /// Units H.
    pub fn hidden(&self) -> usize {
        self.r.ncols()
    }

    /// Inputs D.
    pub fn inputs(&self) -> usize {
        self.w.ncols()
    }
}
