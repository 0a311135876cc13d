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

use ndarray::ArrayView2;

use super::backward::GoOn;
use crate::cell::{Cell, StepJacobian, Tape};
use crate::num::matrix::{self, NoConvergence};
use crate::num::multiply::{Panel, multiply};
use crate::num::simd::{self, Kernel};
use crate::num::{Wide, vector};

/// Mantissas are brought back near 1 when their largest passes 2^±this.
const ROOM: i64 = 200;

/// The matrix `mantissas · 2^exponent`, a product of Jacobians.
#[derive(Debug)]
pub struct Product {
    size: usize,
    /// Row by row.
    mantissas: Vec<f64>,
    exponent: i64,
    /// Memory for the next product, once there was one.
    spare: Vec<f64>,
}

impl Clone for Product {
    fn clone(&self) -> Self {
        Self {
            size: self.size,
            mantissas: self.mantissas.clone(),
            exponent: self.exponent,
            spare: Vec::new(),
        }
    }
}

impl Product {
    /// The product of no factor.
    pub fn identity(size: usize) -> Self {
        let mut mantissas = vec![0.0; size * size];
        mantissas
            .iter_mut()
            .step_by(size + 1)
            .for_each(|x| *x = 1.0);
        Self {
            size,
            mantissas,
            exponent: 0,
            spare: Vec::new(),
        }
    }

    /// The size of the state.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The mantissas, row by row.
    pub fn mantissas(&self) -> &[f64] {
        &self.mantissas
    }

    /// The binary exponent.
    pub fn exponent(&self) -> i64 {
        self.exponent
    }

    /// P ← J P: one step more at the end of the window.
    pub fn extend(&mut self, step: &StepJacobian) {
        self.spare.resize(self.mantissas.len(), 0.0);
        let largest = step.times(&self.mantissas, &mut self.spare);
        self.take_spare(largest);
    }

    /// P ← P J: one step more at the beginning of the window.
    pub fn begin_with(&mut self, step: &StepJacobian) {
        self.spare.resize(self.mantissas.len(), 0.0);
        let largest = step.right_times(&self.mantissas, &mut self.spare);
        self.take_spare(largest);
    }

    /// self · before.
    pub fn after(&self, before: &Self) -> Self {
        let mut product = self.clone();
        product.exponent += before.exponent;
        product.spare.resize(self.mantissas.len(), 0.0);
        let largest = simd::run(Both {
            size: self.size,
            left: &self.mantissas,
            right: &before.mantissas,
            out: &mut product.spare,
        });
        product.take_spare(largest);
        product
    }

    /// All singular values, the largest first. The small ones of a long product are rounding noise
    /// beside it.
    ///
    /// # Errors
    /// When the iteration does not converge.
    pub fn singular_values(&self) -> Result<Vec<Wide>, NoConvergence> {
        let shape = (self.size, self.size);
        let Ok(matrix) = ArrayView2::from_shape(shape, &self.mantissas) else {
            return Ok(Vec::new());
        };
        let values = matrix::singular_values(matrix)?;
        let wide = |value| Wide::new(value, self.exponent);
        Ok(values.into_iter().map(wide).collect())
    }

    /// The largest singular value alone, which takes less time.
    ///
    /// # Errors
    /// When the iteration does not converge.
    pub fn largest_singular_value(&self) -> Result<Wide, NoConvergence> {
        let shape = (self.size, self.size);
        let Ok(matrix) = ArrayView2::from_shape(shape, &self.mantissas) else {
            return Ok(Wide::ZERO);
        };
        let value = matrix::largest_singular_value(matrix)?;
        Ok(Wide::new(value, self.exponent))
    }

    /// The product that `spare` holds takes its place; `largest` is its largest number.
    fn take_spare(&mut self, largest: f64) {
        std::mem::swap(&mut self.mantissas, &mut self.spare);
        self.exponent += vector::near_one(&mut self.mantissas, largest, ROOM);
    }
}

struct Both<'a> {
    size: usize,
    left: &'a [f64],
    right: &'a [f64],
    out: &'a mut [f64],
}

impl Kernel for Both<'_> {
    type Output = f64;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> f64 {
        let Self {
            size,
            left,
            right,
            out,
        } = self;
        multiply::<FMA>(
            (left, size),
            (right, size),
            size,
            (&mut *out, size),
            &mut Panel::new(),
        );
        vector::largest(out)
    }
}

/// ∂s_T/∂s_t of the window on `tape`, 0 ≤ t ≤ T (`from`). `None` when the caller ended it.
pub fn product<C: Cell>(cell: &C, tape: &Tape, from: usize, go_on: GoOn) -> Option<Product> {
    let mut step = StepJacobian::zeros(tape);
    let mut product = Product::identity(step.size());
    for t in from + 1..=tape.steps {
        cell.jacobian(tape, t, &mut step);
        product.extend(&step);
        if !go_on((t - from) as f64 / (tape.steps - from) as f64) {
            return None;
        }
    }
    Some(product)
}
