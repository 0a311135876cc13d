//! The gradients of all parameters, from the δ of the pre-activations.
//!
//! dW = Σ δ_t x_tᵀ, dR = Σ δ_t h_{t-1}ᵀ, db = Σ δ_t (for either bias), dp_i = Σ δī_t ⊙ c_{t-1} and
//! so on: one matrix product at the end instead of T outer products on the way.
//!
//! An LRU has δ_t = δh_t: dW = γ ⊙ Σ δ_t x_tᵀ, dγ = Σ Re(δ_t* ⊙ W x_t), and d|λ|, dθ are the parts of
//! Σ δ_t* ⊙ h_{t-1} e^{iθ} along and across.

mod rows;
mod wide;

use ndarray::ArrayView2;

use self::rows::{Near, Rows, align, near};
use super::backward::Swept;
use crate::cell::{Cell, Diagonal, Tape};
use crate::num::outer::{self, Packing};
use crate::num::simd::{self, Kernel};
use crate::num::{Wide, vector, wide::scale_by_power_of_two, wides};

/// The gradient of one parameter tensor, as mantissas with a shared binary exponent.
#[derive(Clone, Debug)]
pub struct Gradient {
    /// PyTorch's name, without the layer's suffix.
    pub name: &'static str,
    /// Row by row.
    pub mantissas: Vec<f64>,
    /// Binary exponent.
    pub exponent: i64,
    /// All numbers with an exponent each, where one exponent would lose some of them.
    pub each: Option<Vec<Wide>>,
}

impl Gradient {
    /// The numbers mantissas · 2^exponent.
    pub fn new(name: &'static str, mantissas: Vec<f64>, exponent: i64) -> Self {
        Self {
            name,
            mantissas,
            exponent,
            each: None,
        }
    }

    /// Numbers with an exponent each.
    pub fn each(name: &'static str, numbers: Vec<Wide>) -> Self {
        let one = wides::scaled(&numbers);
        Self {
            each: Some(numbers),
            ..Self::new(name, one.mantissas().to_vec(), one.exponent())
        }
    }
}

/// Memory that one window's gradients leave for the next window's: a fresh piece of this size
/// may come from the system page by page.
#[derive(Debug, Default)]
pub(super) struct Memory {
    packing: Packing,
    spare: Vec<Vec<f64>>,
}

impl Memory {
    /// So many numbers, whatever their values.
    fn take(&mut self, len: usize) -> Vec<f64> {
        let fits = |(_, spare): &(usize, &Vec<f64>)| spare.capacity() >= len;
        let spare = self.spare.iter().enumerate().filter(fits);
        let best = spare.min_by_key(|(_, spare)| spare.capacity());
        let mut numbers = match best.map(|(k, _)| k) {
            Some(k) => self.spare.swap_remove(k),
            None => Vec::new(),
        };
        numbers.resize(len, 0.0);
        numbers
    }

    /// Keeps the memory of gradients that have had their use.
    pub fn keep(&mut self, gradients: Vec<Gradient>) {
        self.spare.clear();
        self.spare
            .extend(gradients.into_iter().map(|gradient| gradient.mantissas));
    }
}

/// The gradients with an exponent for every number, unless they are all within float64 anyway.
pub(super) fn each<C: Cell>(
    cell: &C,
    tape: &Tape,
    inputs: ArrayView2<f64>,
    swept: &Swept,
    memory: &mut Memory,
) -> Vec<Gradient> {
    let exponents = swept.exponents.iter().chain(&tape.exponents);
    if swept.wide_deltas.is_some() || exponents.copied().all(|e| e == 0) {
        return gradients(cell, tape, inputs, swept, memory);
    }
    let rows = swept.deltas.chunks_exact(tape.gates * tape.hidden);
    let rows = rows.zip(&swept.exponents);
    let deltas: Vec<Wide> = rows.flat_map(|(row, &e)| wides::widen(row, e)).collect();
    wide::gradients(cell, tape, inputs, &deltas)
}

/// The gradients of all parameter tensors; equal ones (both biases of an RNN or LSTM) stand
/// twice.
pub(super) fn gradients<C: Cell>(
    cell: &C,
    tape: &Tape,
    inputs: ArrayView2<f64>,
    swept: &Swept,
    memory: &mut Memory,
) -> Vec<Gradient> {
    if let Some(deltas) = &swept.wide_deltas {
        return wide::gradients(cell, tape, inputs, deltas);
    }
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
    if let Some(diagonal) = &parameters.diagonal {
        return diagonal_gradients(diagonal, parameters.w.view(), deltas, x, h, memory);
    }
    let seen = cell.seen_by_last(tape);
    let own = cell.recurrent_deltas(tape, &swept.deltas);
    let recurrent = own.as_ref().map(|flat| Rows { flat, ..deltas });
    let mut all = match recurrent {
        None if parameters.r.is_empty() => vec![outer("weight_ih", deltas, x, memory)],
        None if parameters.unit_weights().is_some() => vec![
            outer("weight_ih", deltas, x, memory),
            elementwise("weight_hh", deltas, 0, h),
        ],
        None => match seen {
            None => weights(deltas, x, h, memory),
            Some(seen) => vec![
                outer("weight_ih", deltas, x, memory),
                with_seen(deltas, h, seen, memory),
            ],
        },
        Some(recurrent) => vec![
            outer("weight_ih", deltas, x, memory),
            outer("weight_hh", recurrent, h, memory),
        ],
    };
    if let Some([_, b_hh]) = &parameters.biases {
        let of_input = sum("bias_ih", deltas);
        let of_recurrent = match recurrent {
            None if b_hh.is_empty() => None,
            None => Some(Gradient {
                name: "bias_hh",
                ..of_input.clone()
            }),
            Some(recurrent) => Some(sum("bias_hh", recurrent)),
        };
        all.push(of_input);
        all.extend(of_recurrent);
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
    if parameters.gates_r.is_some() {
        let picked: Vec<f64> = swept
            .deltas
            .chunks_exact(width)
            .flat_map(|row| [0, 1, 3].into_iter().flat_map(|g| &row[g * n..][..n]))
            .copied()
            .collect();
        let deltas = Rows {
            flat: &picked,
            width: 3 * n,
            ..deltas
        };
        let gates = Rows {
            flat: &tape.gate_state[..before * 3 * n],
            width: 3 * n,
            exponents: &zeros,
        };
        all.push(outer("weight_gates", deltas, gates, memory));
    }
    all
}

/// ‖g‖ of all of them together.
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

/// dW and dR. With plain exponents δ_t is copied once for both.
fn weights(deltas: Rows, x: Rows, h: Rows, memory: &mut Memory) -> Vec<Gradient> {
    if align(deltas, x).is_some() || align(deltas, h).is_some() {
        return vec![
            outer("weight_ih", deltas, x, memory),
            outer("weight_hh", deltas, h, memory),
        ];
    }
    let [of_x, of_h] = Outer {
        a: deltas,
        b: [x, h],
        scales: None,
        memory,
    }
    .run();
    vec![
        Gradient::new("weight_ih", of_x, 0),
        Gradient::new("weight_hh", of_h, 0),
    ]
}

/// dR where its last block multiplies `seen` in the place of h_{t-1}.
fn with_seen(deltas: Rows, h: Rows, seen: &[f64], memory: &mut Memory) -> Gradient {
    let n = h.width;
    let both = h.flat.chunks_exact(n).zip(seen.chunks_exact(n));
    let both: Vec<f64> = both
        .flat_map(|(h, seen)| h.iter().chain(seen))
        .copied()
        .collect();
    let both = Rows {
        flat: &both,
        width: 2 * n,
        ..h
    };
    let mut gradient = outer("weight_hh", deltas, both, memory);
    let last = deltas.width - n;
    let rows = gradient.mantissas.chunks_exact(2 * n).enumerate();
    let own = rows.flat_map(|(j, row)| if j < last { &row[..n] } else { &row[n..] });
    gradient.mantissas = own.copied().collect();
    gradient
}

/// Σ_t a_t.
fn sum(name: &'static str, a: Rows) -> Gradient {
    let sizes = (0..a.exponents.len()).filter_map(|t| a.size(t));
    let exponent = if a.is_plain() {
        0
    } else {
        sizes.max().unwrap_or(0)
    };
    Gradient::new(name, simd::run(Sum { a, exponent }), exponent)
}

/// Σ_t a_t, as mantissas at this exponent.
struct Sum<'a> {
    a: Rows<'a>,
    exponent: i64,
}

impl Kernel for Sum<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Vec<f64> {
        let Self { a, exponent } = self;
        let mut sums = vec![0.0; a.width];
        for (row, &e) in a.flat.chunks_exact(a.width).zip(a.exponents) {
            let factor = if e == exponent {
                1.0
            } else {
                // Of a row of zeros the exponent may lie above all others.
                scale_by_power_of_two(1.0, e - exponent).min(f64::MAX)
            };
            for (sum, x) in sums.iter_mut().zip(row) {
                *sum += factor * x;
            }
        }
        sums
    }
}

/// Σ_t a_t b_tᵀ.
pub(super) fn outer(name: &'static str, a: Rows, b: Rows, memory: &mut Memory) -> Gradient {
    let (near_a, near_b) = near(a, b);
    let (a, b) = (Near::or(near_a.as_ref(), a), Near::or(near_b.as_ref(), b));
    let aligned = align(a, b);
    let (scales, exponent) = match &aligned {
        None => (None, 0),
        Some((factors, top)) => (Some(factors.as_slice()), *top),
    };
    let [mantissas] = Outer {
        a,
        b: [b],
        scales,
        memory,
    }
    .run();
    Gradient::new(name, mantissas, exponent)
}

/// Σ_t s_t a_t b_tᵀ for each b, without regard to exponents.
struct Outer<'a, const N: usize> {
    a: Rows<'a>,
    b: [Rows<'a>; N],
    scales: Option<&'a [f64]>,
    memory: &'a mut Memory,
}

impl<const N: usize> Outer<'_, N> {
    fn run(self) -> [Vec<f64>; N] {
        simd::run(self)
    }
}

impl<const N: usize> Kernel for Outer<'_, N> {
    type Output = [Vec<f64>; N];

    #[inline(always)]
    fn run<const FMA: bool>(self) -> [Vec<f64>; N] {
        let Self {
            a,
            b,
            scales,
            memory,
        } = self;
        let mut products = b.map(|b| memory.take(a.width * b.width));
        outer::outer::<FMA, N>(
            a.plain(),
            b.map(Rows::plain),
            scales,
            products.each_mut().map(Vec::as_mut_slice),
            &mut memory.packing,
        );
        products
    }
}

/// The gradients of an LRU's parameters, from Σ δ_t h_{t-1}ᵀ and Σ δ_t x_tᵀ over each pair of units.
fn diagonal_gradients(
    diagonal: &Diagonal,
    w: ArrayView2<f64>,
    deltas: Rows,
    x: Rows,
    h: Rows,
    memory: &mut Memory,
) -> Vec<Gradient> {
    let n = h.width;
    let Diagonal {
        modulus,
        angle,
        gamma,
    } = diagonal;
    let mut of_w = outer("weight_ih", deltas, x, memory);
    let across_time = outer("", deltas, h, memory);
    let product = |j: usize, k: usize| across_time.mantissas[j * n + k];
    let (mut of_modulus, mut of_angle) = (Vec::new(), Vec::new());
    for (k, &modulus) in modulus.iter().enumerate() {
        let j = 2 * k;
        let Some(angle) = angle.get(k) else {
            of_modulus.push(product(j, j));
            continue;
        };
        let (along, turned) = (
            product(j, j) + product(j + 1, j + 1),
            product(j + 1, j) - product(j, j + 1),
        );
        let (sin, cos) = angle.sin_cos();
        of_modulus.push(cos * along + sin * turned);
        of_angle.push(modulus * (cos * turned - sin * along));
    }
    // Σ δ_t ⊙ (W x_t) is the row by row product of W with Σ δ_t x_tᵀ.
    let mut of_gamma = vec![0.0; gamma.len()];
    for ((j, row), w) in of_w
        .mantissas
        .chunks_exact_mut(x.width)
        .enumerate()
        .zip(w.rows())
    {
        of_gamma[j / 2] += row.iter().zip(w).map(|(d, w)| d * w).sum::<f64>();
        vector::scale(row, gamma[j / 2]);
    }
    let exponent = of_w.exponent;
    vec![
        of_w,
        Gradient::new("lambda_modulus", of_modulus, across_time.exponent),
        Gradient::new("lambda_angle", of_angle, across_time.exponent),
        Gradient::new("gamma", of_gamma, exponent),
    ]
}

/// Σ_t a_t ⊙ b_t, with the columns of a from `first` on.
fn elementwise(name: &'static str, a: Rows, first: usize, b: Rows) -> Gradient {
    let (near_a, near_b) = near(a, b);
    let (a, b) = (Near::or(near_a.as_ref(), a), Near::or(near_b.as_ref(), b));
    let aligned = align(a, b);
    let mut mantissas = vec![0.0; b.width];
    for (t, row) in b.flat.chunks_exact(b.width).enumerate() {
        let factor = aligned.as_ref().map_or(1.0, |(factors, _)| factors[t]);
        let delta = &a.flat[t * a.width + first..][..b.width];
        for ((sum, &d), &c) in mantissas.iter_mut().zip(delta).zip(row) {
            *sum += d * factor * c;
        }
    }
    Gradient::new(name, mantissas, aligned.map_or(0, |(_, top)| top))
}
