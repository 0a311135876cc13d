//! Products of the Jacobians of single steps,
//!
//! ```text
//! J(T, t) = ∂s_T/∂s_t = J_T J_{T-1} … J_{t+1}
//! ```
//!
//! of the whole state s = h, or [h; c]. A product is kept as mantissas with one binary exponent, so
//! that it neither overflows nor vanishes whatever the number of its factors. Its singular values
//! say what happened to a sphere of small disturbances: the largest is what the best placed of them
//! grew by.

use ndarray::Array2;
use ndarray::linalg::general_mat_mul;

use super::backward::GoOn;
use crate::cell::{Cell, StepJacobian, Tape};
use crate::num::matrix::{self, NoConvergence};
use crate::num::simd::{self, Kernel};
use crate::num::{Wide, vector, wide::scale_by_power_of_two};

/// Mantissas are brought back near 1 when their largest passes 2^±this.
const ROOM: i64 = 200;

/// The matrix `mantissas · 2^exponent`, a product of Jacobians.
#[derive(Debug)]
pub struct Product {
    mantissas: Array2<f64>,
    exponent: i64,
    /// Memory for the next product, once there was one.
    spare: Array2<f64>,
}

impl Clone for Product {
    fn clone(&self) -> Self {
        Self {
            mantissas: self.mantissas.clone(),
            exponent: self.exponent,
            spare: Array2::zeros((0, 0)),
        }
    }
}

impl Product {
    /// The product of no factor.
    #[must_use]
    pub fn identity(size: usize) -> Self {
        Self {
            mantissas: Array2::eye(size),
            exponent: 0,
            spare: Array2::zeros((0, 0)),
        }
    }

    /// The mantissas.
    #[must_use]
    pub fn mantissas(&self) -> &Array2<f64> {
        &self.mantissas
    }

    /// The binary exponent.
    #[must_use]
    pub fn exponent(&self) -> i64 {
        self.exponent
    }

    /// P ← J P: one step more at the end of the window.
    pub fn extend(&mut self, step: &StepJacobian) {
        self.make_room();
        step.times(&self.mantissas, &mut self.spare);
        std::mem::swap(&mut self.mantissas, &mut self.spare);
        self.renormalise();
    }

    /// P ← P J: one step more at the beginning of the window.
    pub fn begin_with(&mut self, step: &StepJacobian) {
        self.make_room();
        step.right_times(&self.mantissas, &mut self.spare);
        std::mem::swap(&mut self.mantissas, &mut self.spare);
        self.renormalise();
    }

    /// self · before.
    #[must_use]
    pub fn after(&self, before: &Self) -> Self {
        let mut product = Self::identity(self.mantissas.nrows());
        general_mat_mul(
            1.0,
            &self.mantissas,
            &before.mantissas,
            0.0,
            &mut product.mantissas,
        );
        product.exponent = self.exponent + before.exponent;
        product.renormalise();
        product
    }

    /// All singular values, the largest first. The small ones of a long product are rounding noise
    /// beside it.
    ///
    /// # Errors
    /// When the iteration does not converge.
    pub fn singular_values(&self) -> Result<Vec<Wide>, NoConvergence> {
        let values = matrix::singular_values(self.mantissas.view())?;
        Ok(values
            .into_iter()
            .map(|value| Wide::new(value, self.exponent))
            .collect())
    }

    fn make_room(&mut self) {
        if self.spare.dim() != self.mantissas.dim() {
            self.spare = Array2::zeros(self.mantissas.dim());
        }
    }

    fn renormalise(&mut self) {
        let Some(flat) = self.mantissas.as_slice_mut() else {
            return;
        };
        let largest = simd::run(Largest(flat));
        let size = vector::exponent_of(largest);
        if largest > 0.0 && !(-ROOM..=ROOM).contains(&size) {
            vector::scale(flat, scale_by_power_of_two(1.0, -size));
            self.exponent += size;
        }
    }
}

struct Largest<'a>(&'a [f64]);

impl Kernel for Largest<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> f64 {
        vector::largest(self.0)
    }
}

/// ∂s_T/∂s_t of the window on `tape`, 0 ≤ t ≤ T (`from`). `None` when the caller ended it.
pub fn product<C: Cell>(cell: &C, tape: &Tape, from: usize, go_on: GoOn) -> Option<Product> {
    let mut step = StepJacobian::zeros(tape);
    let mut product = Product::identity(step.size());
    for t in from + 1..=tape.steps {
        cell.jacobian(tape, t, &mut step);
        if t == from + 1 {
            product.mantissas = step.to_matrix();
            product.renormalise();
        } else {
            product.extend(&step);
        }
        if !go_on((t - from) as f64 / (tape.steps - from) as f64) {
            return None;
        }
    }
    Some(product)
}
