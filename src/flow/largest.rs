//! The largest Lyapunov exponent alone, λ_1 = 1/T ln σ_1 of J_T … J_1, without that product.
//!
//! Where the Jacobians of a window consist of the cell's matrices and of factors beside them
//! ([`Cell::factors`]), a vector goes through the window and back at the cost of two sweeps, and some
//! such rounds tell σ_1 ([`lanczos`]). Where they do not, or where it does not come to rest in as many
//! rounds as cost about what the product does, the product is formed.

use super::backward::GoOn;
use super::{jacobian, lyapunov};
use crate::cell::{Cell, Tape};
use crate::num::hadamard::{add_product, product};
use crate::num::lanczos::{self, Found};
use crate::num::simd::{self, Kernel};
use crate::num::{Packed, vector};

/// Mantissas are brought back near 1 when their largest passes 2^±this.
const ROOM: i64 = 200;

/// So often the caller is asked, in steps.
const OFTEN: usize = 64;

/// λ_1 of the window on `tape`, ln per step ([`lyapunov::largest`]), to about 1e-10 / T. `None` when the caller
/// ended it.
pub fn exponent<C: Cell>(cell: &C, tape: &Tape, go_on: GoOn) -> Option<f64> {
    if let Some(found) = by_rounds(cell, tape, &mut *go_on)? {
        return Some(found);
    }
    let product = jacobian::product(cell, tape, 0, go_on)?;
    Some(lyapunov::largest(&product, tape.steps))
}

/// The same by rounds through the window; `None` within where that does not tell.
#[allow(
    clippy::option_option,
    reason = "the caller may end it, and it may not tell"
)]
fn by_rounds<C: Cell>(cell: &C, tape: &Tape, go_on: GoOn) -> Option<Option<f64>> {
    let Some(chain) = Chain::new(cell, tape) else {
        return Some(None);
    };
    let size = tape.parts() * tape.hidden;
    let found = lanczos::largest_singular_value(size, size.div_ceil(2), &mut |x, y| {
        simd::run(Round {
            chain: &chain,
            x,
            y,
            go_on: &mut *go_on,
        })
    })?;
    Some(match found {
        Found::Value(value, _) => Some(value.ln() / tape.steps.max(1) as f64),
        Found::Nothing => None,
    })
}

/// The Jacobians of a window as matrices and factors.
struct Chain {
    hidden: usize,
    with_c: bool,
    /// The matrices beside which there is a factor other than 0, and what they land on.
    gates: Vec<Gate>,
    /// A row for each step, as [`Cell::factors`] writes it.
    rows: Vec<f64>,
    width: usize,
}

struct Gate {
    block: usize,
    into_c: bool,
    matrix: Packed,
    transposed: Packed,
}

impl Chain {
    fn new<C: Cell>(cell: &C, tape: &Tape) -> Option<Self> {
        if !cell.kind().has_recurrent_matrices() {
            return None;
        }
        let (n, parameters) = (tape.hidden, cell.parameters());
        let (blocks, with_c) = (parameters.matrices(), !tape.c.is_empty());
        let width = (blocks + if with_c { 2 } else { 1 }) * n;
        let mut rows = vec![0.0; tape.steps * width];
        for (row, t) in rows.chunks_exact_mut(width).zip(1..) {
            if !cell.factors(tape, t, row) {
                return None;
            }
        }
        let silent = |block: usize| {
            let mut steps = rows.chunks_exact(width);
            steps.all(|row| row[block * n..][..n].iter().all(|x| *x == 0.0))
        };
        let gate = |block: usize| Gate {
            block,
            into_c: with_c && block + 1 < blocks,
            matrix: Packed::new(parameters.recurrent(block)),
            transposed: Packed::new(parameters.recurrent(block).reversed_axes()),
        };
        let gates = (0..blocks).filter(|&block| !silent(block)).map(gate);
        Some(Self {
            hidden: n,
            with_c,
            gates: gates.collect(),
            rows,
            width,
        })
    }

    /// x ← J_t x.
    #[inline(always)]
    fn forth<const FMA: bool>(&self, row: &[f64], x: &mut [f64], work: &mut [Vec<f64>; 3]) {
        let n = self.hidden;
        let [passed, h, c] = work;
        let (diagonals, before) = (&row[row.len() - self.tail()..], &mut *x);
        if self.with_c {
            h.fill(0.0);
            product(c, &diagonals[..n], &before[n..]);
        } else {
            product(h, diagonals, before);
        }
        for gate in &self.gates {
            gate.matrix.times::<FMA>(&x[..n], passed, false);
            let sum = if gate.into_c { &mut *c } else { &mut *h };
            add_product(sum, &row[gate.block * n..][..n], passed);
        }
        if self.with_c {
            add_product(h, &diagonals[n..], c);
            x[n..].copy_from_slice(c);
        }
        x[..n].copy_from_slice(h);
    }

    /// x ← J_tᵀ x.
    #[inline(always)]
    fn back<const FMA: bool>(&self, row: &[f64], x: &mut [f64], work: &mut [Vec<f64>; 3]) {
        let n = self.hidden;
        let [passed, h, _] = work;
        let diagonals = &row[row.len() - self.tail()..];
        let (on_h, on_c) = x.split_at_mut(n);
        if self.with_c {
            add_product(on_c, &diagonals[n..], on_h);
            h.fill(0.0);
        } else {
            product(h, diagonals, on_h);
        }
        for gate in &self.gates {
            let from = if gate.into_c { &*on_c } else { &*on_h };
            product(passed, &row[gate.block * n..][..n], from);
            gate.transposed.add_times::<FMA>(passed, h, false);
        }
        on_h.copy_from_slice(h);
        on_c.iter_mut().zip(diagonals).for_each(|(c, d)| *c *= d);
    }

    /// Numbers of a row behind those of the matrices.
    const fn tail(&self) -> usize {
        if self.with_c {
            2 * self.hidden
        } else {
            self.hidden
        }
    }
}

/// y ← (J_T … J_1)ᵀ J_T … J_1 x 2^−e, and e.
struct Round<'a, 'b> {
    chain: &'a Chain,
    x: &'a [f64],
    y: &'a mut [f64],
    go_on: GoOn<'b>,
}

impl Kernel for Round<'_, '_> {
    type Output = Option<i64>;

    #[inline(always)]
    fn run<const FMA: bool>(self) -> Option<i64> {
        let Self { chain, x, y, go_on } = self;
        y.copy_from_slice(x);
        let mut work = std::array::from_fn(|_| vec![0.0; chain.hidden]);
        let mut exponent = 0;
        for (k, row) in chain.rows.chunks_exact(chain.width).enumerate() {
            chain.forth::<FMA>(row, y, &mut work);
            exponent += near_one(y);
            if k % OFTEN == 0 && !go_on(0.5) {
                return None;
            }
        }
        for (k, row) in chain.rows.chunks_exact(chain.width).rev().enumerate() {
            chain.back::<FMA>(row, y, &mut work);
            exponent += near_one(y);
            if k % OFTEN == 0 && !go_on(0.5) {
                return None;
            }
        }
        Some(exponent)
    }
}

/// Brings numbers near 1 where they are far from it; the exponent that was taken out.
#[inline(always)]
fn near_one(x: &mut [f64]) -> i64 {
    let largest = vector::largest(x);
    let size = vector::exponent_of(largest);
    if largest == 0.0 || (-ROOM..=ROOM).contains(&size) {
        return 0;
    }
    vector::shift(x, -size);
    size
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::forward::forward;
    use crate::cell::{
        Activation, CellKind, ForgetGate, Gru, Init, Lstm, Parameters, Rnn, Variant, init,
    };
    use ndarray::Array2;

    /// The exponent by rounds, where they tell, is that of the product.
    fn agrees<C: Cell>(cell: &C, steps: usize) -> bool {
        let inputs =
            Array2::from_shape_fn((steps, 3), |(t, j)| 1.5 * ((t * 5 + j * 3) as f64).sin());
        let mut tape = cell.tape(steps);
        forward(cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
        let product = jacobian::product(cell, &tape, 0, &mut |_| true).unwrap();
        let want = lyapunov::largest(&product, steps);
        let found = by_rounds(cell, &tape, &mut |_| true).unwrap();
        if let Some(found) = found {
            let error = (found - want).abs() * steps as f64;
            assert!(error < 1e-9, "{:?}: {found} for {want}", cell.kind());
        }
        let whole = exponent(cell, &tape, &mut |_| true).unwrap();
        assert!((whole - want).abs() * (steps as f64) < 1e-9);
        found.is_some()
    }

    fn drawn(kind: CellKind, scale: f64, peepholes: bool, seed: u64) -> Parameters {
        let init = if seed.is_multiple_of(2) {
            Init::Gaussian
        } else {
            Init::Orthogonal
        };
        let mut parameters = init::draw(kind, 12, 3, init, peepholes, seed).unwrap().0;
        parameters.r *= scale;
        parameters
    }

    #[test]
    fn rounds_and_the_product_agree_for_all_cells_and_variants() {
        let (mut told, mut all) = (0, 0);
        for seed in 0..4 {
            for scale in [0.3, 1.0, 2.0, 4.0] {
                let lstm = |peepholes| drawn(CellKind::Lstm, scale, peepholes, seed);
                for forget in [
                    ForgetGate::Learned(Some(1.0)),
                    ForgetGate::Pinned(0.9),
                    ForgetGate::None,
                ] {
                    told += u32::from(agrees(&Lstm::new(lstm(false), forget), 40));
                    all += 1;
                }
                for variant in Variant::ALL.into_iter().filter(|v| *v != Variant::Fgr) {
                    let cell = Lstm::of_variant(lstm(true), ForgetGate::Learned(None), variant);
                    told += u32::from(agrees(&cell, 40));
                    all += 1;
                }
                told += u32::from(agrees(
                    &Gru::new(drawn(CellKind::Gru, scale, false, seed)),
                    40,
                ));
                let rnn = drawn(CellKind::Rnn, scale, false, seed);
                told += u32::from(agrees(&Rnn::new(rnn, Activation::Tanh), 40));
                all += 2;
            }
        }
        // Mostly they do tell.
        assert!(2 * told > all, "{told} of {all}");
    }

    /// ρ = 2^±30 over 100 steps.
    #[test]
    fn windows_beyond_float64_have_an_exponent() {
        for scale in [2f64.powi(30), 2f64.powi(-30)] {
            let rnn = drawn(CellKind::Rnn, scale, false, 4);
            agrees(&Rnn::new(rnn, Activation::Linear), 30);
            let rnn = drawn(CellKind::Rnn, scale, false, 5);
            let cell = Rnn::new(rnn, Activation::Linear);
            let mut tape = cell.tape(100);
            forward(
                &cell,
                Array2::zeros((100, 3)).view(),
                &mut tape,
                &mut |_| true,
            )
            .unwrap();
            let found = exponent(&cell, &tape, &mut |_| true).unwrap();
            assert!((found - scale.ln()).abs() < 1e-11, "{found}");
        }
    }
}
