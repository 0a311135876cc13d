//! The gradients of all parameters, from the δ of the pre-activations.
//!
//! dW = Σ δ_t x_tᵀ, dR = Σ δ_t h_{t-1}ᵀ, db = Σ δ_t (for either bias), dp_i = Σ δī_t ⊙ c_{t-1} and
//! so on: one matrix product at the end instead of T outer products on the way.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView2};

use super::backward::Swept;
use crate::cell::{Cell, Tape};
use crate::num::simd::{self, Kernel};
use crate::num::{Wide, vector, wide::scale_by_power_of_two};

/// The gradient of one parameter tensor, as mantissas with a shared binary exponent.
#[derive(Clone, Debug)]
pub struct Gradient {
    /// PyTorch's name, without the layer's suffix.
    pub name: &'static str,
    /// Row by row.
    pub mantissas: Vec<f64>,
    /// Binary exponent.
    pub exponent: i64,
}

/// The gradients of all parameter tensors; equal ones (both biases of an RNN or LSTM) stand
/// twice.
#[must_use]
pub(super) fn gradients<C: Cell>(
    cell: &C,
    tape: &Tape,
    inputs: ArrayView2<f64>,
    swept: &Swept,
) -> Vec<Gradient> {
    let (n, width) = (tape.hidden, tape.hidden * tape.gates);
    let parameters = cell.parameters();
    let deltas = Rows {
        flat: &swept.deltas,
        width,
        exponents: &swept.exponents,
    };
    let before = tape.steps;
    let h = Rows {
        flat: &tape.h[..before * n],
        width: n,
        exponents: &tape.exponents[..before],
    };
    let zeros = vec![0; tape.steps];
    let inputs = inputs.as_standard_layout();
    let x = Rows {
        flat: inputs.as_slice().unwrap_or_default(),
        width: inputs.ncols(),
        exponents: &zeros,
    };
    let own = cell.recurrent_deltas(tape, &swept.deltas);
    let recurrent = own.as_ref().map(|flat| Rows { flat, ..deltas });
    let mut all = match recurrent {
        None => weights(deltas, x, h),
        Some(recurrent) => vec![
            outer("weight_ih", deltas, x),
            outer("weight_hh", recurrent, h),
        ],
    };
    if parameters.biases.is_some() {
        all.push(sum("bias_ih", deltas));
        all.push(sum("bias_hh", recurrent.unwrap_or(deltas)));
    }
    if parameters.peepholes.is_some() {
        let c = |from: usize| Rows {
            flat: &tape.c[from * n..][..before * n],
            width: n,
            exponents: &zeros,
        };
        for (name, gate, c) in [
            ("weight_peephole_i", 0, c(0)),
            ("weight_peephole_f", 1, c(0)),
            ("weight_peephole_o", 3, c(1)),
        ] {
            all.push(elementwise(name, deltas, gate * n, c));
        }
    }
    all
}

/// ‖g‖ of all of them together.
#[must_use]
pub fn norm(gradients: &[Gradient]) -> Wide {
    struct Norm<'a>(&'a [Gradient]);
    impl Kernel for Norm<'_> {
        type Output = Wide;
        #[inline(always)]
        fn run<const FMA: bool>(self) -> Wide {
            // A closure would not be compiled for the instruction set.
            let mut sum = Wide::ZERO;
            for g in self.0 {
                sum = sum.hypot(vector::wide_norm::<FMA>(&g.mantissas, g.exponent));
            }
            sum
        }
    }
    simd::run(Norm(gradients))
}

/// T rows of numbers with a binary exponent each.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub flat: &'a [f64],
    pub width: usize,
    pub exponents: &'a [i64],
}

impl<'a> Rows<'a> {
    fn view(&self) -> Option<ArrayView2<'a, f64>> {
        ArrayView2::from_shape((self.exponents.len(), self.width), self.flat).ok()
    }

    /// The binary exponent of the largest number of row t; `None` when the row is zero.
    fn size(&self, t: usize) -> Option<i64> {
        let top = vector::largest(&self.flat[t * self.width..][..self.width]);
        (top > 0.0).then(|| self.exponents[t] + vector::exponent_of(top))
    }
}

/// Factors that bring the products a_t b_t of all steps to one exponent, and that exponent;
/// `None` when they have it already. A step whose product is too small beside the largest is lost,
/// as it would be in any sum of `f64`.
fn align(a: Rows, b: Rows) -> Option<(Vec<f64>, i64)> {
    if a.exponents.iter().chain(b.exponents).all(|&e| e == 0) {
        return None;
    }
    let top = (0..a.exponents.len())
        .filter_map(|t| Some(a.size(t)? + b.size(t)?))
        .max()
        .unwrap_or(0);
    let factor = |(&a, &b): (&i64, &i64)| scale_by_power_of_two(1.0, a + b - top);
    Some((
        a.exponents.iter().zip(b.exponents).map(factor).collect(),
        top,
    ))
}

/// dW and dR. With plain exponents one product serves both: Σ δ_t [x_t; h_{t-1}]ᵀ.
fn weights(deltas: Rows, x: Rows, h: Rows) -> Vec<Gradient> {
    if let (None, None) = (align(deltas, x), align(deltas, h)) {
        let width = x.width + h.width;
        let mut both = Vec::with_capacity(x.exponents.len() * width);
        for (x, h) in x
            .flat
            .chunks_exact(x.width)
            .zip(h.flat.chunks_exact(h.width))
        {
            both.extend_from_slice(x);
            both.extend_from_slice(h);
        }
        let zeros = vec![0; x.exponents.len()];
        let product = outer(
            "",
            deltas,
            Rows {
                flat: &both,
                width,
                exponents: &zeros,
            },
        );
        let (mut of_x, mut of_h) = (Vec::new(), Vec::new());
        for row in product.mantissas.chunks_exact(width) {
            let (x, h) = row.split_at(x.width);
            of_x.extend_from_slice(x);
            of_h.extend_from_slice(h);
        }
        let gradient = |name, mantissas| Gradient {
            name,
            mantissas,
            exponent: 0,
        };
        return vec![gradient("weight_ih", of_x), gradient("weight_hh", of_h)];
    }
    vec![outer("weight_ih", deltas, x), outer("weight_hh", deltas, h)]
}

/// Σ_t a_t.
fn sum(name: &'static str, a: Rows) -> Gradient {
    let sizes = (0..a.exponents.len()).filter_map(|t| a.size(t));
    let plain = a.exponents.iter().all(|&e| e == 0);
    let exponent = if plain { 0 } else { sizes.max().unwrap_or(0) };
    let mut mantissas = vec![0.0; a.width];
    for (row, &e) in a.flat.chunks_exact(a.width).zip(a.exponents) {
        let factor = scale_by_power_of_two(1.0, e - exponent);
        mantissas
            .iter_mut()
            .zip(row)
            .for_each(|(sum, x)| *sum += factor * x);
    }
    Gradient {
        name,
        mantissas,
        exponent,
    }
}

/// Σ_t a_t b_tᵀ.
pub(super) fn outer(name: &'static str, a: Rows, b: Rows) -> Gradient {
    let aligned = align(a, b);
    let exponent = aligned.as_ref().map_or(0, |(_, top)| *top);
    let mut product = Array2::zeros((a.width, b.width));
    if let (Some(left), Some(right)) = (a.view(), b.view()) {
        match aligned {
            None => general_mat_mul(1.0, &left.t(), &right, 0.0, &mut product),
            Some((factors, _)) => {
                let scaled = Array2::from_shape_fn(left.dim(), |(t, j)| left[[t, j]] * factors[t]);
                general_mat_mul(1.0, &scaled.t(), &right, 0.0, &mut product);
            }
        }
    }
    Gradient {
        name,
        mantissas: product.into_raw_vec_and_offset().0,
        exponent,
    }
}

/// Σ_t a_t ⊙ b_t, with the columns of a from `first` on.
fn elementwise(name: &'static str, a: Rows, first: usize, b: Rows) -> Gradient {
    let aligned = align(a, b);
    let mut mantissas = vec![0.0; b.width];
    for (t, row) in b.flat.chunks_exact(b.width).enumerate() {
        let factor = aligned.as_ref().map_or(1.0, |(factors, _)| factors[t]);
        let delta = &a.flat[t * a.width + first..][..b.width];
        for ((sum, &d), &c) in mantissas.iter_mut().zip(delta).zip(row) {
            *sum += d * factor * c;
        }
    }
    Gradient {
        name,
        mantissas,
        exponent: aligned.map_or(0, |(_, top)| top),
    }
}
