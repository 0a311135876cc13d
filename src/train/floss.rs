//! Gradient flossing (Engelken 2023, arXiv 2312.17306): the leading Lyapunov exponents of the forward dynamics are
//! drawn to 0, so that disturbances, and with them gradients, neither grow nor shrink over many steps.
//!
//! With J_t = diag(φ'_t) R, for each sequence of T steps and its K leading directions,
//!
//! ```text
//! J_t Q_{t-1} = Q_t U_t,   λ_i = 1/T Σ_t ln U_t[i, i],   penalty = weight · 1/K Σ_i λ_i², a mean over the sequences
//! ```
//!
//! with Q_0 the first K cosines over the units. The gradient is exact: back through every factorisation, with M of
//! which the lower triangle is that of diag(∂/∂ ln U_t[i, i]) − Q̄ᵀ Q, and which is symmetric,
//!
//! ```text
//! Ȳ = (Q̄_t + Q_t M) U_t⁻ᵀ,   ∂/∂R = Σ_t (φ'_t ⊙ Ȳ) Q_{t-1}ᵀ,   ∂/∂φ'_t = Σ_i Ȳ ⊙ R Q_{t-1},   Q̄_{t-1} = Rᵀ (φ'_t ⊙ Ȳ)
//! ```
//!
//! and from φ'_t on through h_t, as the gradient of a loss goes.

use std::f64::consts::PI;

use safetensors::Dtype;

use super::network::R;
use super::product::{columns, columns_mut, product};
use super::regulariser::{slope, slope_by_h};
use super::{Network, Real, Tape};

/// The penalty on some sequences, and what it leads to.
pub(super) struct Flossed<T> {
    /// Their part of the penalty.
    pub value: f64,
    /// Its gradient by R, with φ'_t held.
    pub by_r: Vec<T>,
    /// Its gradient by every h_t, through φ'_t alone: T × N × H.
    pub by_h: Vec<T>,
}

/// The penalty for `count` exponents of each sequence, `weight` being that of a sequence.
///
/// A sequence in which a direction is lost, all its units being off, has no exponents and no penalty.
pub(super) fn floss<T: Real>(
    network: &Network<T>,
    tape: &Tape<T>,
    weight: f64,
    count: usize,
) -> Flossed<T> {
    floss_from(network, tape, weight, &cosines(count, network.shape.hidden))
}

/// [`floss`] from other orthonormal directions, a row for each.
fn floss_from<T: Real>(
    network: &Network<T>,
    tape: &Tape<T>,
    weight: f64,
    start: &[T],
) -> Flossed<T> {
    let (kind, h, n) = (network.shape.kind, network.shape.hidden, tape.batch);
    let count = start.len() / h;
    let (rows, each) = (n * count, count * h);
    let size = n * each;
    let r = columns(&network.tensors[R], h, 0..h, h);
    let states = |t: usize| tape.h[(t + 1) * n * h..][..n * h].chunks_exact(h);
    let carried = |frame: &[T]| {
        let mut out = vec![T::default(); size];
        let to = columns_mut(&mut out, h, 0..h, rows);
        product(to, false, r.transpose(), columns(frame, h, 0..h, rows));
        out
    };
    let times_slopes = |y: &mut [T], t: usize| {
        for (y, h) in y.chunks_exact_mut(each).zip(states(t)) {
            for (k, y) in y.iter_mut().enumerate() {
                *y *= slope(kind, h[k % h.len()]);
            }
        }
    };

    let mut frames = start.repeat(n);
    frames.reserve(tape.steps * size);
    let mut uppers: Vec<f64> = Vec::with_capacity(tape.steps * rows * count);
    let mut exponents = vec![0.0; rows];
    let mut out = Flossed {
        value: 0.0,
        by_r: vec![T::default(); h * h],
        by_h: vec![T::default(); tape.steps * n * h],
    };
    for t in 0..tape.steps {
        if tape.is_stopped() {
            return out;
        }
        let mut y = carried(&frames[t * size..]);
        times_slopes(&mut y, t);
        for (y, exponents) in y
            .chunks_exact_mut(each)
            .zip(exponents.chunks_exact_mut(count))
        {
            let upper = orthonormalise(y, h);
            for (i, exponent) in exponents.iter_mut().enumerate() {
                *exponent += upper[i * count + i].ln() / tape.steps as f64;
            }
            uppers.extend(upper);
        }
        frames.extend(y);
    }

    let scale = weight / count as f64;
    let followed = |exponents: &[f64]| exponents.iter().all(|x| x.is_finite());
    out.value = exponents
        .chunks_exact(count)
        .filter(|exponents| followed(exponents))
        .flatten()
        .map(|x| scale * x * x)
        .sum();
    let mut bar = vec![T::default(); size];
    for t in (0..tape.steps).rev() {
        let (before, now) = (&frames[t * size..], &frames[(t + 1) * size..]);
        let uppers = uppers[t * rows * count..].chunks_exact(count * count);
        for (((bar, q), upper), exponents) in bar
            .chunks_exact_mut(each)
            .zip(now.chunks_exact(each))
            .zip(uppers)
            .zip(exponents.chunks_exact(count))
            .filter(|(_, exponents)| followed(exponents))
        {
            let by_log = |i: usize| 2.0 * scale * exponents[i] / tape.steps as f64;
            back(bar, q, upper, by_log, h);
        }
        let by_h = out.by_h[t * n * h..].chunks_exact_mut(h);
        let z = carried(before);
        for (((by_h, state), bar), z) in by_h
            .zip(states(t))
            .zip(bar.chunks_exact(each))
            .zip(z.chunks_exact(each))
        {
            for (k, (&bar, &z)) in bar.iter().zip(z).enumerate() {
                by_h[k % h] += bar * z * slope_by_h(kind, state[k % h]);
            }
        }
        times_slopes(&mut bar, t);
        let delta = columns(&bar, h, 0..h, rows);
        let to = columns_mut(&mut out.by_r, h, 0..h, h);
        product(to, true, columns(before, h, 0..h, rows), delta.transpose());
        let mut next = vec![T::default(); size];
        product(columns_mut(&mut next, h, 0..h, rows), false, r, delta);
        bar = next;
    }
    out
}

/// The first cosines over the units, which are orthonormal and leave out no unit: `count` rows.
fn cosines<T: Real>(count: usize, h: usize) -> Vec<T> {
    let size = |i: usize| (if i == 0 { 1.0 } else { 2.0 } / h as f64).sqrt();
    let angle = |i: usize, j: usize| PI * i as f64 * (j as f64 + 0.5) / h as f64;
    (0..count * h)
        .map(|k| T::of(size(k / h) * angle(k / h, k % h).cos()))
        .collect()
}

fn dot<T: Real>(a: &[T], b: &[T]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a.wide() * b.wide()).sum()
}

/// x ← x + factor · y.
fn add<T: Real>(x: &mut [T], factor: f64, y: &[T]) {
    let factor = T::of(factor);
    for (x, &y) in x.iter_mut().zip(y) {
        *x += factor * y;
    }
}

/// Y = Q U: the rows of `y` become those of Qᵀ; U row by row, with 0 on its diagonal where a direction is lost.
fn orthonormalise<T: Real>(y: &mut [T], h: usize) -> Vec<f64> {
    let count = y.len() / h;
    let mut upper = vec![0.0; count * count];
    // What rounding leaves of a direction that is none.
    let nothing = if T::DTYPE == Dtype::F32 { 1e-6 } else { 1e-14 };
    for i in 0..count {
        let (before, rest) = y.split_at_mut(i * h);
        let v = &mut rest[..h];
        let whole = dot(v, v).sqrt();
        // The second time takes away what rounding left of the first.
        for _ in 0..2 {
            for (j, q) in before.chunks_exact(h).enumerate() {
                let part = dot(q, v);
                upper[j * count + i] += part;
                add(v, -part, q);
            }
        }
        let left = dot(v, v).sqrt();
        if left <= nothing * whole {
            v.fill(T::default());
            continue;
        }
        upper[i * count + i] = left;
        for x in v {
            *x = T::of(x.wide() / left);
        }
    }
    upper
}

/// `bar`: Q̄ in, Ȳ out, of Y = Q U and a number with the gradient `by_log(i)` by ln U\[i, i\].
fn back<T: Real>(bar: &mut [T], q: &[T], upper: &[f64], by_log: impl Fn(usize) -> f64, h: usize) {
    let count = q.len() / h;
    let q = |i: usize| &q[i * h..(i + 1) * h];
    let m: Vec<f64> = (0..count * count)
        .map(|k| {
            let (i, j) = ((k / count).max(k % count), (k / count).min(k % count));
            let on = if i == j { by_log(i) } else { 0.0 };
            on - dot(&bar[i * h..(i + 1) * h], q(j))
        })
        .collect();
    for i in (0..count).rev() {
        let (here, later) = bar[i * h..].split_at_mut(h);
        for j in 0..count {
            add(here, m[j * count + i], q(j));
        }
        for (j, y) in (i + 1..count).zip(later.chunks_exact(h)) {
            add(here, -upper[i * count + j], y);
        }
        for x in here {
            *x = T::of(x.wide() / upper[i * count + i]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::{Activation, Cell as _, Init, Rnn, forward};
    use crate::flow::lyapunov::lyapunov;
    use crate::num::simd;
    use crate::train::pass::Forward;
    use crate::train::{Kind, Shape, Start};
    use ndarray::Array2;

    /// From the units' own directions, the exponents are those that the live engine has.
    #[test]
    fn the_exponents_are_those_of_the_live_engine() {
        for (kind, activation) in [
            (Kind::Rnn, Activation::Tanh),
            (Kind::Irnn, Activation::Relu),
        ] {
            let (h, steps) = (6, 40);
            let shape = Shape {
                kind,
                inputs: 2,
                hidden: h,
                outputs: 1,
            };
            let (start, rho) = (Start::Recurrent(Init::Gaussian), Some(0.4));
            let mut network =
                Network::<f64>::draw(shape, start, rho, None, 4).expect("it converges");
            if kind == Kind::Irnn {
                // So that every unit is on.
                network.tensors[crate::train::network::B_IH].fill(9.0);
            }
            let mut tape = Tape::new(&shape, steps, 1);
            let x = |t: usize, d: usize| ((t * 2 + d) as f64).sin();
            for (k, to) in tape.x.iter_mut().enumerate() {
                *to = x(k / 2, k % 2);
            }
            simd::run(Forward {
                network: &network,
                tape: &mut tape,
            });
            let own: Vec<f64> = Array2::eye(h).into_iter().collect();
            let flossed = floss_from(&network, &tape, 0.75, &own);

            let cell = Rnn::new(network.parameters(), activation);
            let inputs = Array2::from_shape_fn((steps, 2), |(t, d)| x(t, d));
            let mut window = cell.tape(steps);
            forward::forward(&cell, inputs.view(), &mut window, &mut |_| true)
                .expect("nobody ends it");
            let live = lyapunov(&cell, &window, &mut |_| true).expect("nobody ends it");
            let squares: f64 = live.exponents.iter().map(|x| x * x).sum();
            let want = 0.75 * squares / h as f64;
            assert!(squares.is_finite() && squares > 1e-3);
            let error = (flossed.value - want).abs();
            assert!(error <= 1e-10 * want, "{} for {want}", flossed.value);
            // One direction alone comes to the largest of them.
            let leading = floss(&network, &tape, 1.0, 1).value.sqrt();
            let largest = live
                .exponents
                .iter()
                .copied()
                .fold(f64::NEG_INFINITY, f64::max);
            let within = 3.0 / steps as f64;
            assert!(
                (leading - largest.abs()).abs() < within,
                "{leading} for {largest}"
            );
        }
    }

    /// A sequence in which a direction is lost has no exponents, and leaves no NaN.
    #[test]
    fn units_that_are_off_have_no_exponents() {
        let shape = Shape {
            kind: Kind::Irnn,
            inputs: 1,
            hidden: 3,
            outputs: 1,
        };
        let mut network =
            Network::<f64>::draw(shape, Start::Pytorch, None, None, 1).expect("it converges");
        network.tensors[crate::train::network::B_IH].fill(-9.0);
        let mut tape = Tape::new(&shape, 4, 1);
        simd::run(Forward {
            network: &network,
            tape: &mut tape,
        });
        let flossed = floss(&network, &tape, 1.0, 2);
        assert_eq!(flossed.value, 0.0);
        assert!(flossed.by_r.iter().chain(&flossed.by_h).all(|x| *x == 0.0));
    }
}
