//! The gradients of all parameters, from the δ of the pre-activations.
//!
//! dW = Σ δ_t x_tᵀ, dR = Σ δ_t h_{t-1}ᵀ, db = Σ δ_t (for either bias), dp_i = Σ δī_t ⊙ c_{t-1} and
//! so on: one matrix product at the end instead of T outer products on the way.
//!
//! An LRU has δ_t = δh_t: dW = γ ⊙ Σ δ_t x_tᵀ, dγ = Σ Re(δ_t* ⊙ W x_t), and d|λ|, dθ are the parts of
//! Σ δ_t* ⊙ h_{t-1} e^{iθ} along and across.

mod rows;

use std::borrow::Cow;

use ndarray::ArrayView2;

use self::rows::{Near, Rows, align, near};
use super::backward::Swept;
use crate::cell::{Cell, Diagonal, Tape};
use crate::num::hadamard::add_scaled;
use crate::num::outer::{self, Packing};
use crate::num::simd::{self, Kernel};
use crate::num::{Number, Wide, vector, wide::scale_by_power_of_two, wides};

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
    let mut exponents = swept.exponents.iter().chain(&tape.exponents);
    if swept.wide_deltas.is_none() && exponents.all(|&e| e == 0) {
        return gradients(cell, tape, inputs, swept, memory);
    }
    let zeros = vec![0; tape.steps];
    let deltas = (&*swept.numbers(), &*zeros);
    of_deltas(cell, &tape.exact(), inputs, deltas, memory)
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
    if swept.wide_deltas.is_some() {
        return each(cell, tape, inputs, swept, memory);
    }
    let deltas = (&*swept.deltas, &*swept.exponents);
    of_deltas(cell, tape, inputs, deltas, memory)
}

/// The gradients from the δ of the pre-activations, T × G·H, with the exponents of their steps.
fn of_deltas<N: Sums, C: Cell>(
    cell: &C,
    tape: &Tape<N>,
    inputs: ArrayView2<f64>,
    (flat, exponents): (&[N], &[i64]),
    memory: &mut Memory,
) -> Vec<Gradient> {
    let (n, width, steps) = (tape.hidden, tape.hidden * tape.gates, tape.steps);
    let parameters = cell.parameters();
    let deltas = Rows {
        flat,
        width,
        exponents,
    };
    let h = Rows {
        flat: &tape.h[..steps * n],
        width: n,
        exponents: &tape.exponents[..steps],
    };
    let zeros = vec![0; steps];
    let inputs = inputs.as_standard_layout();
    let x = Rows {
        flat: &N::numbers(inputs.as_slice().unwrap_or_default()),
        width: inputs.ncols(),
        exponents: &zeros,
    };
    if let Some(diagonal) = &parameters.diagonal {
        return diagonal_gradients(diagonal, parameters.w.view(), deltas, x, h, memory);
    }
    let own = cell.recurrent_deltas(tape, flat);
    let recurrent = own.as_ref().map(|flat| Rows { flat, ..deltas });
    let seen = cell.seen_by_last(tape);
    let mut all = match (recurrent, seen) {
        (None, None) if parameters.matrices() > 0 => N::weights(deltas, x, h, memory),
        _ => vec![outer("weight_ih", deltas, x, memory)],
    };
    if parameters.unit_weights().is_some() {
        all.push(elementwise("weight_hh", deltas, 0, h));
    } else if let Some(recurrent) = recurrent {
        all.push(outer("weight_hh", recurrent, h, memory));
    } else if let Some(seen) = seen {
        all.push(with_seen(deltas, h, seen, memory));
    }
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
            flat: &tape.c[from * n..][..steps * n],
            width: n,
            exponents: &zeros,
        };
        // i and f see the c before, o sees that of its own step.
        for (name, gate, c) in [
            ("weight_peephole_i", 0, c(0)),
            ("weight_peephole_f", 1, c(0)),
            ("weight_peephole_o", 3, c(1)),
        ] {
            all.push(elementwise(name, deltas, gate * n, c));
        }
    }
    if parameters.gates_r.is_some() {
        let picked: Vec<N> = flat
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
            flat: &tape.gate_state[..steps * 3 * n],
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

/// How sums over the steps of a window are made of these numbers.
trait Sums: Number {
    /// The numbers of `f64`.
    fn numbers(x: &[f64]) -> Cow<'_, [Self]>;

    /// A gradient of these numbers times 2^exponent.
    fn gradient(name: &'static str, numbers: Vec<Self>, exponent: i64) -> Gradient;

    /// Σ_t a_t b_tᵀ: numbers and their exponent.
    fn outer(a: Rows<Self>, b: Rows<Self>, memory: &mut Memory) -> (Vec<Self>, i64);

    /// dW and dR.
    fn weights(
        deltas: Rows<Self>,
        x: Rows<Self>,
        h: Rows<Self>,
        memory: &mut Memory,
    ) -> Vec<Gradient> {
        vec![
            outer("weight_ih", deltas, x, memory),
            outer("weight_hh", deltas, h, memory),
        ]
    }
}

impl Sums for f64 {
    fn numbers(x: &[f64]) -> Cow<'_, [Self]> {
        x.into()
    }

    fn gradient(name: &'static str, numbers: Vec<Self>, exponent: i64) -> Gradient {
        Gradient::new(name, numbers, exponent)
    }

    fn outer(a: Rows<Self>, b: Rows<Self>, memory: &mut Memory) -> (Vec<Self>, i64) {
        let (near_a, near_b) = near(a, b);
        let (a, b) = (Near::or(near_a.as_ref(), a), Near::or(near_b.as_ref(), b));
        let aligned = align(a, b);
        let (scales, exponent) = match &aligned {
            None => (None, 0),
            Some((factors, top)) => (Some(factors.as_slice()), *top),
        };
        let [mantissas] = simd::run(Outer {
            a,
            b: [b],
            scales,
            memory,
        });
        (mantissas, exponent)
    }

    /// With plain exponents δ_t is copied once for both.
    fn weights(
        deltas: Rows<Self>,
        x: Rows<Self>,
        h: Rows<Self>,
        memory: &mut Memory,
    ) -> Vec<Gradient> {
        if align(deltas, x).is_some() || align(deltas, h).is_some() {
            return vec![
                outer("weight_ih", deltas, x, memory),
                outer("weight_hh", deltas, h, memory),
            ];
        }
        let [of_x, of_h] = simd::run(Outer {
            a: deltas,
            b: [x, h],
            scales: None,
            memory,
        });
        vec![
            Gradient::new("weight_ih", of_x, 0),
            Gradient::new("weight_hh", of_h, 0),
        ]
    }
}

impl Sums for Wide {
    fn numbers(x: &[f64]) -> Cow<'_, [Self]> {
        wides::widen(x, 0).into()
    }

    fn gradient(name: &'static str, numbers: Vec<Self>, _: i64) -> Gradient {
        Gradient::each(name, numbers)
    }

    fn outer(a: Rows<Self>, b: Rows<Self>, _: &mut Memory) -> (Vec<Self>, i64) {
        (wides::outer(a.flat, b.flat, [a.width, b.width]), 0)
    }
}

/// Σ_t a_t b_tᵀ.
fn outer<N: Sums>(name: &'static str, a: Rows<N>, b: Rows<N>, memory: &mut Memory) -> Gradient {
    let (numbers, exponent) = N::outer(a, b, memory);
    N::gradient(name, numbers, exponent)
}

/// dR where its last block multiplies `seen` in the place of h_{t-1}.
fn with_seen<N: Sums>(deltas: Rows<N>, h: Rows<N>, seen: &[N], memory: &mut Memory) -> Gradient {
    let n = h.width;
    let both = h.flat.chunks_exact(n).zip(seen.chunks_exact(n));
    let both: Vec<N> = both
        .flat_map(|(h, seen)| h.iter().chain(seen))
        .copied()
        .collect();
    let both = Rows {
        flat: &both,
        width: 2 * n,
        ..h
    };
    let (numbers, exponent) = N::outer(deltas, both, memory);
    let last = deltas.width - n;
    let rows = numbers.chunks_exact(2 * n).enumerate();
    let own = rows.flat_map(|(j, row)| if j < last { &row[..n] } else { &row[n..] });
    N::gradient("weight_hh", own.copied().collect(), exponent)
}

/// Σ_t a_t.
fn sum<N: Sums>(name: &'static str, a: Rows<N>) -> Gradient {
    let sizes = (0..a.exponents.len()).filter_map(|t| a.size(t));
    let exponent = if a.is_plain() {
        0
    } else {
        sizes.max().unwrap_or(0)
    };
    N::gradient(name, simd::run(Sum { a, exponent }), exponent)
}

/// Σ_t a_t, as mantissas at this exponent.
struct Sum<'a, N> {
    a: Rows<'a, N>,
    exponent: i64,
}

impl<N: Number> Kernel for Sum<'_, N> {
    type Output = Vec<N>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Vec<N> {
        let Self { a, exponent } = self;
        let mut sums = vec![N::default(); a.width];
        for (row, &e) in a.flat.chunks_exact(a.width).zip(a.exponents) {
            let factor = if e == exponent {
                1.0
            } else {
                // Of a row of zeros the exponent may lie above all others.
                scale_by_power_of_two(1.0, e - exponent).min(f64::MAX)
            };
            add_scaled(&mut sums, N::from(factor), row);
        }
        sums
    }
}

/// Σ_t s_t a_t b_tᵀ for each b, without regard to exponents.
struct Outer<'a, const N: usize> {
    a: Rows<'a, f64>,
    b: [Rows<'a, f64>; N],
    scales: Option<&'a [f64]>,
    memory: &'a mut Memory,
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
fn diagonal_gradients<N: Sums>(
    diagonal: &Diagonal,
    w: ArrayView2<f64>,
    deltas: Rows<N>,
    x: Rows<N>,
    h: Rows<N>,
    memory: &mut Memory,
) -> Vec<Gradient> {
    let n = h.width;
    let Diagonal {
        modulus,
        angle,
        gamma,
    } = diagonal;
    let (mut of_w, exponent_of_w) = N::outer(deltas, x, memory);
    let (across_time, exponent) = N::outer(deltas, h, memory);
    let product = |j: usize, k: usize| across_time[j * n + k];
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
        let (sin, cos) = (N::from(sin), N::from(cos));
        of_modulus.push(cos * along + sin * turned);
        of_angle.push(N::from(modulus) * (cos * turned - sin * along));
    }
    // Σ δ_t ⊙ (W x_t) is the row by row product of W with Σ δ_t x_tᵀ.
    let mut of_gamma = vec![N::default(); gamma.len()];
    for ((j, row), w) in of_w.chunks_exact_mut(x.width).enumerate().zip(w.rows()) {
        for (&d, &w) in row.iter().zip(w) {
            of_gamma[j / 2] += d * N::from(w);
        }
        vector::scale(row, N::from(gamma[j / 2]));
    }
    vec![
        N::gradient("weight_ih", of_w, exponent_of_w),
        N::gradient("lambda_modulus", of_modulus, exponent),
        N::gradient("lambda_angle", of_angle, exponent),
        N::gradient("gamma", of_gamma, exponent_of_w),
    ]
}

/// Σ_t a_t ⊙ b_t, with the columns of a from `first` on.
fn elementwise<N: Sums>(name: &'static str, a: Rows<N>, first: usize, b: Rows<N>) -> Gradient {
    let (near_a, near_b) = near(a, b);
    let (a, b) = (Near::or(near_a.as_ref(), a), Near::or(near_b.as_ref(), b));
    let aligned = align(a, b);
    let mut sums = vec![N::default(); b.width];
    for (t, row) in b.flat.chunks_exact(b.width).enumerate() {
        let factor = aligned.as_ref().map_or(1.0, |(factors, _)| factors[t]);
        let factor = N::from(factor);
        let delta = &a.flat[t * a.width + first..][..b.width];
        for ((sum, &d), &c) in sums.iter_mut().zip(delta).zip(row) {
            *sum += d * factor * c;
        }
    }
    N::gradient(name, sums, aligned.map_or(0, |(_, top)| top))
}
