//! The largest Lyapunov exponent alone, λ_1 = 1/T ln σ_1 of J_T … J_1, without that product.
//!
//! Where the Jacobians of a window consist of the cell's matrices and of factors beside them
//! ([`Cell::factors`]), a vector goes through the window and back at the cost of two sweeps, and some
//! such rounds tell σ_1 ([`lanczos`]). Where they do not, or where it does not come to rest in as many
//! rounds as cost about what the product does, the product is formed.

use ndarray::Axis;

use super::backward::{Ended, GoOn};
use super::{jacobian, lyapunov};
use crate::cell::{Cell, Tape};
use crate::num::hadamard::{add_product, multiply, product};
use crate::num::lanczos::{self, Found};
use crate::num::simd::{self, Kernel};
use crate::num::{Packed, vector};

/// Mantissas are brought back near 1 when their largest passes 2^±this.
const ROOM: i64 = 200;

/// They are looked at every so many steps: looking takes as long as a tenth of a step of 32 units.
const LOOK: usize = 4;

/// Where the largest has gone beyond 2^±this between two looks, others may have lost digits at the ends of
/// `f64`.
const LOST: i64 = 600;

/// The part of σ_1² that its error may be.
const ERROR: f64 = 1e-10;

/// So often the caller is asked, in steps.
const OFTEN: usize = 64;

/// λ_1 of the window on `tape`, ln per step ([`lyapunov::largest`]), to about 1e-10 / T. `None` when the caller
/// ended it.
///
/// `memory` is for the factors of the window, so that one window after the other need not ask for it.
pub fn exponent<C: Cell>(cell: &C, tape: &Tape, memory: &mut Vec<f64>, go_on: GoOn) -> Option<f64> {
    if let Some(found) = by_rounds(cell, tape, memory, &mut *go_on)? {
        return Some(found);
    }
    let product = jacobian::product(cell, tape, 0, go_on)?;
    Some(lyapunov::largest(&product, tape.steps))
}

/// The largest exponent by rounds through the window; `None` within where that does not tell.
#[allow(
    clippy::option_option,
    reason = "the caller may end it, and it may not tell"
)]
fn by_rounds<C: Cell>(
    cell: &C,
    tape: &Tape,
    memory: &mut Vec<f64>,
    go_on: GoOn,
) -> Option<Option<f64>> {
    let Some(chain) = Chain::new(cell, tape, memory) else {
        return Some(None);
    };
    let size = tape.parts() * tape.hidden;
    let (mut every, mut lost) = (LOOK, false);
    let found = lanczos::largest_singular_value(size, size.div_ceil(2), ERROR, &mut |x, y| {
        loop {
            let round = Round {
                chain: &chain,
                x,
                y,
                every,
                go_on: &mut *go_on,
            };
            match simd::run(round) {
                Ok(exponent) => return Some(exponent),
                Err(Ended::Lost) if every > 1 => every = 1,
                Err(ended) => {
                    lost = matches!(ended, Ended::Lost);
                    return None;
                }
            }
        }
    });
    let Some(found) = found else {
        return lost.then_some(None);
    };
    Some(match found {
        Found::Value(value, _) => Some(value.ln() / tape.steps.max(1) as f64),
        Found::Nothing => None,
    })
}

/// The Jacobians of a window as matrices and factors.
struct Chain<'a> {
    hidden: usize,
    with_c: bool,
    /// The matrices beside which there is a factor other than 0, one below the other, and transposed.
    matrix: Packed,
    transposed: Packed,
    /// So many numbers of their product land on c; those behind them on h.
    into_c: usize,
    /// A row for each step: the factors of these matrices, then those of the state itself.
    rows: &'a [f64],
    width: usize,
}

impl<'a> Chain<'a> {
    fn new<C: Cell>(cell: &C, tape: &Tape, rows: &'a mut Vec<f64>) -> Option<Self> {
        if !cell.kind().has_recurrent_matrices() {
            return None;
        }
        let (n, parameters) = (tape.hidden, cell.parameters());
        let (blocks, with_c) = (parameters.matrices(), !tape.c.is_empty());
        let whole = (blocks + if with_c { 2 } else { 1 }) * n;
        // All of it is written.
        rows.resize(tape.steps * whole, 0.0);
        for (row, t) in rows.chunks_exact_mut(whole).zip(1..) {
            if !cell.factors(tape, t, row) {
                return None;
            }
        }
        let sounds = |block: &usize| {
            let mut steps = rows.chunks_exact(whole);
            steps.any(|row| row[block * n..][..n].iter().any(|x| *x != 0.0))
        };
        let gates: Vec<usize> = (0..blocks).filter(sounds).collect();
        let into_c = gates.iter().filter(|gate| with_c && **gate + 1 < blocks);
        let into_c = into_c.count() * n;
        // What is silent is left out.
        let kept = || gates.iter().copied().chain(blocks..whole / n);
        let width = kept().count() * n;
        for t in 0..tape.steps {
            for (to, from) in kept().enumerate() {
                let from = t * whole + from * n;
                rows.copy_within(from..from + n, t * width + to * n);
            }
        }
        rows.truncate(tape.steps * width);
        let matrices: Vec<_> = gates.iter().map(|&g| parameters.recurrent(g)).collect();
        let stack = ndarray::concatenate(Axis(0), &matrices).ok()?;
        Some(Self {
            hidden: n,
            with_c,
            matrix: Packed::new(stack.view()),
            transposed: Packed::new(stack.t()),
            into_c,
            rows,
            width,
        })
    }

    /// What the product with the matrices has of numbers.
    fn crossed(&self) -> usize {
        self.width - if self.with_c { 2 } else { 1 } * self.hidden
    }

    /// x ← J_t x.
    #[inline(always)]
    fn forth<const FMA: bool>(&self, row: &[f64], x: &mut [f64], crossed: &mut [f64]) {
        let n = self.hidden;
        let (factors, diagonals) = row.split_at(crossed.len());
        let (h, c) = x.split_at_mut(n);
        self.matrix.times::<_, FMA>(h, crossed, false);
        let (on_c, on_h) = factors.split_at(self.into_c);
        let (to_c, to_h) = crossed.split_at(self.into_c);
        if self.with_c {
            multiply(c, &diagonals[..n]);
            add_products(c, on_c, to_c);
            product(h, &diagonals[n..], c);
        } else {
            multiply(h, diagonals);
        }
        add_products(h, on_h, to_h);
    }

    /// x ← J_tᵀ x.
    #[inline(always)]
    fn back<const FMA: bool>(&self, row: &[f64], x: &mut [f64], crossed: &mut [f64]) {
        let n = self.hidden;
        let (factors, diagonals) = row.split_at(crossed.len());
        let (h, c) = x.split_at_mut(n);
        let (on_c, on_h) = factors.split_at(self.into_c);
        let (from_c, from_h) = crossed.split_at_mut(self.into_c);
        for (x, factors) in from_h.chunks_exact_mut(n).zip(on_h.chunks_exact(n)) {
            product(x, factors, h);
        }
        if self.with_c {
            add_product(c, &diagonals[n..], h);
            for (x, factors) in from_c.chunks_exact_mut(n).zip(on_c.chunks_exact(n)) {
                product(x, factors, c);
            }
            multiply(c, &diagonals[..n]);
            self.transposed.times::<_, FMA>(crossed, h, false);
        } else {
            multiply(h, diagonals);
            self.transposed.add_times::<_, FMA>(crossed, h, false);
        }
    }
}

/// x ← x + Σ a_k ⊙ b_k over blocks behind each other.
#[inline(always)]
fn add_products(x: &mut [f64], a: &[f64], b: &[f64]) {
    for (a, b) in a.chunks_exact(x.len()).zip(b.chunks_exact(x.len())) {
        add_product(x, a, b);
    }
}

/// y ← (J_T … J_1)ᵀ J_T … J_1 x 2^−e, and e.
struct Round<'a, 'b> {
    chain: &'a Chain<'a>,
    x: &'a [f64],
    y: &'a mut [f64],
    /// Steps between two looks at the size of y.
    every: usize,
    go_on: GoOn<'b>,
}

impl Round<'_, '_> {
    /// After k of all steps in one direction: the exponent that is taken out of y.
    #[inline(always)]
    fn after(&mut self, k: usize, steps: usize) -> Result<i64, Ended> {
        if k.is_multiple_of(OFTEN) && !(self.go_on)(0.5) {
            return Err(Ended::Cancelled);
        }
        if k.is_multiple_of(self.every) || k == steps {
            near_one(self.y)
        } else {
            Ok(0)
        }
    }
}

impl Kernel for Round<'_, '_> {
    type Output = Result<i64, Ended>;

    #[inline(always)]
    fn run<const FMA: bool>(mut self) -> Result<i64, Ended> {
        let chain = self.chain;
        self.y.copy_from_slice(self.x);
        let mut work = vec![0.0; chain.crossed()];
        let steps = chain.rows.len() / chain.width;
        let mut exponent = 0;
        for (row, k) in chain.rows.chunks_exact(chain.width).zip(1..) {
            chain.forth::<FMA>(row, self.y, &mut work);
            exponent += self.after(k, steps)?;
        }
        for (row, k) in chain.rows.chunks_exact(chain.width).rev().zip(1..) {
            chain.back::<FMA>(row, self.y, &mut work);
            exponent += self.after(k, steps)?;
        }
        Ok(exponent)
    }
}

/// Brings numbers near 1 where they are far from it; the exponent that was taken out.
#[inline(always)]
fn near_one(x: &mut [f64]) -> Result<i64, Ended> {
    let size = vector::exponent_of(vector::largest(x));
    if (-ROOM..=ROOM).contains(&size) {
        return Ok(0);
    }
    // 0, too, may be what is left of a small number.
    if size.abs() > LOST {
        return Err(Ended::Lost);
    }
    vector::shift(x, -size);
    Ok(size)
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
        let found = by_rounds(cell, &tape, &mut Vec::new(), &mut |_| true).unwrap();
        if let Some(found) = found {
            let error = (found - want).abs() * steps as f64;
            assert!(error < 1e-9, "{:?}: {found} for {want}", cell.kind());
        }
        let whole = exponent(cell, &tape, &mut Vec::new(), &mut |_| true).unwrap();
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

    /// ρ = 2^±30 and more: from 2^-255 on numbers lose digits between two looks, and from 2^±268 on leave
    /// float64.
    #[test]
    fn windows_beyond_float64_have_an_exponent() {
        let powers = [30, -30, 200, -200, 300, -300].into_iter();
        for power in powers.chain(-270..-250) {
            let scale = 2f64.powi(power);
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
            let found = exponent(&cell, &tape, &mut Vec::new(), &mut |_| true).unwrap();
            assert!((found - scale.ln()).abs() < 1e-11, "{found}");
        }
    }
}
