//! The trainable parameters of a cell, in PyTorch's layout.

use ndarray::{Array1, Array2, ArrayView2, Axis, Slice};

use crate::cell::CellKind;

/// Weights and biases of one recurrent layer. G is 1 for the RNN, 4 for the LSTM and 3 for the
/// GRU. Blocks of H rows stand in PyTorch's order: i, f, g (our block input z), o, and r, z, n.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters {
    /// Which cell they belong to.
    pub kind: CellKind,
    /// W, `weight_ih`: G·H × D.
    pub w: Array2<f64>,
    /// R, `weight_hh`: G·H × H.
    pub r: Array2<f64>,
    /// `bias_ih` and `bias_hh`, G·H each; `None` for a layer without biases.
    pub biases: Option<[Array1<f64>; 2]>,
    /// p_i, p_f, p_o, H each; LSTM only.
    pub peepholes: Option<[Array1<f64>; 3]>,
}

impl Parameters {
    /// Gates G: 1, 3 or 4.
    #[must_use]
    pub fn gates(&self) -> usize {
        self.r.nrows() / self.r.ncols().max(1)
    }

    /// R of gate `g`: H × H.
    #[must_use]
    pub fn recurrent(&self, g: usize) -> ArrayView2<'_, f64> {
        let n = self.hidden();
        self.r.slice_axis(Axis(0), Slice::from(g * n..(g + 1) * n))
    }

    /// Units H.
    #[must_use]
    pub fn hidden(&self) -> usize {
        self.r.ncols()
    }

    /// Inputs D.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.w.ncols()
    }
}
