//! The Jacobian of one step, J_t = ∂s_t/∂s_{t-1}, of the whole state s: h, or [h; c] with h and c as
//! independent coordinates.
//!
//! With a c, three of its four blocks are diagonal or nearly so. Written as
//!
//! ```text
//! A = ∂c_t/∂h_{t-1}    d = ∂c_t/∂c_{t-1}, diagonal    g = ∂h_t/∂c_t, diagonal
//! B = ∂h_t/∂h_{t-1} that does not pass through c_t
//!
//!     | g A + B   g d |
//! J = |               |
//!     | A         d   |
//! ```
//!
//! a product with J is one with the two dense blocks, half of what the whole matrix would cost,
//! and a few elementwise ones. A cell without c has B alone.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2, Axis, Slice};

use super::Tape;

/// J_t in its structure.
#[derive(Clone, Debug, PartialEq)]
pub struct StepJacobian {
    /// B, and below it A for a cell with c.
    dense: Array2<f64>,
    /// d and g; empty for a cell without c.
    keeps: Vec<f64>,
    shows: Vec<f64>,
}

impl StepJacobian {
    /// Zeros, of the size of the states on `tape`.
    #[must_use]
    pub fn zeros(tape: &Tape) -> Self {
        let n = tape.hidden;
        let with_c = !tape.c.is_empty();
        let diagonal = || vec![0.0; if with_c { n } else { 0 }];
        Self {
            dense: Array2::zeros((if with_c { 2 * n } else { n }, n)),
            keeps: diagonal(),
            shows: diagonal(),
        }
    }

    /// The size of the state: H, or 2H with c.
    #[must_use]
    pub fn size(&self) -> usize {
        self.dense.nrows()
    }

    fn hidden(&self) -> usize {
        self.dense.ncols()
    }

    /// B ← Σ diag(factors) R.
    pub fn set_direct(&mut self, terms: &[(ArrayView2<f64>, &[f64])]) {
        self.set(0, terms);
    }

    /// A ← Σ diag(factors) R.
    pub fn set_into_c(&mut self, terms: &[(ArrayView2<f64>, &[f64])]) {
        self.set(self.hidden(), terms);
    }

    fn set(&mut self, first: usize, terms: &[(ArrayView2<f64>, &[f64])]) {
        for j in 0..self.hidden() {
            let mut row = self.dense.row_mut(first + j);
            row.fill(0.0);
            for (r, factors) in terms {
                row.scaled_add(factors[j], &r.row(j));
            }
        }
    }

    /// B ← B + diag(x).
    pub fn add_to_diagonal(&mut self, x: &[f64]) {
        self.dense
            .diag_mut()
            .iter_mut()
            .zip(x)
            .for_each(|(b, x)| *b += x);
    }

    /// d, to be written.
    pub fn keeps_mut(&mut self) -> &mut [f64] {
        &mut self.keeps
    }

    /// g, to be written.
    pub fn shows_mut(&mut self) -> &mut [f64] {
        &mut self.shows
    }

    /// out ← J P, for a P with as many rows as the state has coordinates.
    pub fn times(&self, p: &Array2<f64>, out: &mut Array2<f64>) {
        let n = self.hidden();
        general_mat_mul(
            1.0,
            &self.dense,
            &p.slice_axis(Axis(0), Slice::from(..n)),
            0.0,
            out,
        );
        let (mut h, mut c) = out.view_mut().split_at(Axis(0), n);
        let kept = p.axis_iter(Axis(0)).skip(n);
        let rows = h
            .axis_iter_mut(Axis(0))
            .zip(c.axis_iter_mut(Axis(0)))
            .zip(kept);
        for (((mut h, mut c), kept), (&d, &g)) in rows.zip(self.keeps.iter().zip(&self.shows)) {
            c.scaled_add(d, &kept);
            h.scaled_add(g, &c);
        }
    }

    /// out ← P J, for a P with as many columns as the state has coordinates.
    pub fn right_times(&self, p: &Array2<f64>, out: &mut Array2<f64>) {
        let n = self.hidden();
        // [P_h, P_h g + P_c], which meets B and A, and its right half d.
        let mut x = p.clone();
        for mut row in x.axis_iter_mut(Axis(0)) {
            let (h, mut c) = row.view_mut().split_at(Axis(0), n);
            for ((c, &h), &g) in c.iter_mut().zip(&h).zip(&self.shows) {
                *c += g * h;
            }
        }
        let (mut left, mut right) = out.view_mut().split_at(Axis(1), n);
        general_mat_mul(1.0, &x, &self.dense, 0.0, &mut left);
        for (mut row, x) in right.axis_iter_mut(Axis(0)).zip(x.axis_iter(Axis(0))) {
            for ((out, &c), &d) in row.iter_mut().zip(x.iter().skip(n)).zip(&self.keeps) {
                *out = c * d;
            }
        }
    }

    /// The whole matrix.
    #[must_use]
    pub fn to_matrix(&self) -> Array2<f64> {
        let mut whole = Array2::zeros((self.size(), self.size()));
        self.times(&Array2::eye(self.size()), &mut whole);
        whole
    }
}
