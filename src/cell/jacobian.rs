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
//! and a few elementwise ones. A cell without c has B alone; so has one whose gates belong to the
//! state, with the whole of J in its place.

use ndarray::{Array2, ArrayView2};

use super::Tape;
use crate::num::multiply::{Panel, multiply};
use crate::num::simd::{self, Kernel, mul_add};
use crate::num::vector;

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
    pub fn zeros(tape: &Tape) -> Self {
        let n = tape.hidden;
        if tape.parts() > 2 {
            return Self {
                dense: Array2::zeros((tape.parts() * n, tape.parts() * n)),
                keeps: Vec::new(),
                shows: Vec::new(),
            };
        }
        let with_c = !tape.c.is_empty();
        let diagonal = || vec![0.0; if with_c { n } else { 0 }];
        Self {
            dense: Array2::zeros((if with_c { 2 * n } else { n }, n)),
            keeps: diagonal(),
            shows: diagonal(),
        }
    }

    /// The size of the state: H, or 2H with c.
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

    /// The whole of J, to be written, where it has no structure.
    pub fn whole_mut(&mut self) -> &mut Array2<f64> {
        &mut self.dense
    }

    /// d, to be written.
    pub fn keeps_mut(&mut self) -> &mut [f64] {
        &mut self.keeps
    }

    /// g, to be written.
    pub fn shows_mut(&mut self) -> &mut [f64] {
        &mut self.shows
    }

    /// out ← J P, for a P with as many rows as the state has coordinates, row by row and flat;
    /// the largest absolute value of the result.
    pub fn times(&self, p: &[f64], out: &mut [f64]) -> f64 {
        simd::run(Times {
            jacobian: self,
            p,
            out,
        })
    }

    /// out ← P J, for a P with as many columns as the state has coordinates, row by row and flat;
    /// the largest absolute value of the result.
    pub fn right_times(&self, p: &[f64], out: &mut [f64]) -> f64 {
        simd::run(RightTimes {
            jacobian: self,
            p,
            out,
        })
    }

    /// The Jacobian of |A|, |B|, |d| and |g|. What rounding may do to a product of Jacobians is in
    /// proportion to the product of these, element by element, and in whatever order it is formed
    /// (Higham, Accuracy and Stability of Numerical Algorithms, section 3.5): far more than in
    /// proportion to the product itself where terms cancel.
    pub fn magnitudes(&self) -> Self {
        let magnitudes = |x: &[f64]| x.iter().map(|x| x.abs()).collect();
        Self {
            dense: self.dense.mapv(f64::abs),
            keeps: magnitudes(&self.keeps),
            shows: magnitudes(&self.shows),
        }
    }

    fn dense(&self) -> &[f64] {
        self.dense.as_slice().unwrap_or_default()
    }
}

struct Times<'a> {
    jacobian: &'a StepJacobian,
    p: &'a [f64],
    out: &'a mut [f64],
}

impl Kernel for Times<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> f64 {
        let Self { jacobian, p, out } = self;
        let (n, columns) = (jacobian.hidden(), p.len() / jacobian.size());
        let (p_h, p_c) = p.split_at(n * columns);
        let dense = (jacobian.dense(), n);
        let mut panel = Panel::new();
        multiply::<FMA>(
            dense,
            (p_h, columns),
            columns,
            (&mut *out, columns),
            &mut panel,
        );
        let (h, c) = out.split_at_mut(n * columns);
        let rows = h.chunks_mut(columns).zip(c.chunks_mut(columns));
        let diagonals = jacobian.keeps.iter().zip(&jacobian.shows);
        for (((h, c), p), (&d, &g)) in rows.zip(p_c.chunks(columns)).zip(diagonals) {
            for ((h, c), p) in h.iter_mut().zip(c).zip(p) {
                *c = mul_add::<FMA>(d, *p, *c);
                *h = mul_add::<FMA>(g, *c, *h);
            }
        }
        vector::largest(out)
    }
}

struct RightTimes<'a> {
    jacobian: &'a StepJacobian,
    p: &'a [f64],
    out: &'a mut [f64],
}

impl Kernel for RightTimes<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> f64 {
        let Self { jacobian, p, out } = self;
        let (n, size) = (jacobian.hidden(), jacobian.size());
        // [P_h, P_h g + P_c], which meets B and A, and its right half d.
        let mut x = p.to_vec();
        for row in x.chunks_mut(size) {
            let (h, c) = row.split_at_mut(n);
            for ((c, h), g) in c.iter_mut().zip(h).zip(&jacobian.shows) {
                *c = mul_add::<FMA>(*g, *h, *c);
            }
        }
        let mut panel = Panel::new();
        multiply::<FMA>(
            (&x, size),
            (jacobian.dense(), n),
            n,
            (&mut *out, size),
            &mut panel,
        );
        for (row, x) in out.chunks_mut(size).zip(x.chunks(size)) {
            for ((out, c), d) in row[n..].iter_mut().zip(&x[n..]).zip(&jacobian.keeps) {
                *out = c * d;
            }
        }
        vector::largest(out)
    }
}
