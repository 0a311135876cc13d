//! The minimal LSTM of Feng et al. (2024, "Were RNNs all we needed?").
//!
//! Its gates and its candidate see the input only, and the gates are divided by their sum, so that
//! the size of the state does not depend on the length of the sequence:
//!
//! ```text
//! f_t = σ(W_f x_t + b_f),  i_t = σ(W_i x_t + b_i)
//! n_t = W_n x_t + b_n
//! f'_t = f_t / (f_t + i_t),  i'_t = i_t / (f_t + i_t)
//! h_t = f'_t ⊙ h_{t-1} + i'_t ⊙ n_t
//! ```
//!
//! and back, where δ is the gradient of the loss and a bar marks a pre-activation:
//!
//! ```text
//! δf̄_t =  δh_t ⊙ (h_{t-1} - n_t) ⊙ f'_t ⊙ i'_t ⊙ (1-f_t)
//! δī_t = -δh_t ⊙ (h_{t-1} - n_t) ⊙ f'_t ⊙ i'_t ⊙ (1-i_t)
//! δn̄_t =  δh_t ⊙ i'_t
//! δh_{t-1} = Δ_{t-1} + f'_t ⊙ δh_t
//! ```
//!
//! The only path from step to step is the carousel. With d = ln f − ln i, f' = σ(d) and i' = σ(−d),
//! which holds where f and i are themselves too small for `f64`.

use super::link::{Factor, Link, Name};
use super::tape::rows;
use super::wide_tape::{Squash, WideStep, WideTape};
use super::{
    Activation, Back, Carried, Cell, CellKind, Gate, Lands, Options, Parameters, Path, Spec, Tape,
};
use crate::num::hadamard::product;
use crate::num::{Wide, wides};

/// Blocks of the pre-activations; the activations are f', i' and n.
const F: usize = 0;
const I: usize = 1;
const N: usize = 2;

/// A minLSTM.
#[derive(Clone, Debug)]
pub struct MinLstm {
    parameters: Parameters,
}

impl MinLstm {
    /// A minLSTM of these parameters.
    ///
    /// # Panics
    /// When the parameters are not a minLSTM's; initialisers make them so.
    pub fn new(parameters: Parameters) -> Self {
        assert!(parameters.kind == CellKind::MinLstm && parameters.gates() == 3);
        Self { parameters }
    }
}

impl Cell for MinLstm {
    const SPEC: &'static Spec = &Spec {
        name: "minlstm",
        article: "a",
        title: "minLSTM",
        gates: &[
            Gate::closing("forget", 'f'),
            Gate::closing("input", 'i'),
            Gate::open("candidate", 'n'),
        ],
        paths: &[Carried {
            path: Path::Carousel,
            lands: Lands::H,
            by: "by f alone",
            way: "The gradient stays in {h}, and the forget gate {f}, divided by the sum of both gates, multiplies it. No \
                      recurrent matrix is crossed.",
            bound: Some(
                "{f} alone decides: this path explodes only where {f} exceeds 1, which no learned gate does.",
            ),
        }],
        keeps: Some(F),
        gate_biases: &["forget", "input", "block"],
        stream: 5,
        ..Spec::PLAIN
    };

    fn build(parameters: Parameters, _: Options) -> Self {
        Self::new(parameters)
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    #[inline(always)]
    fn forward<const FMA: bool>(&self, input: &mut [f64], tape: &mut Tape, t: usize) {
        let n = tape.hidden;
        let (h_before, h) = rows(&mut tape.h, t, n);
        let act = &mut tape.activations[(t - 1) * 3 * n..][..3 * n];
        let slope = &mut tape.slopes[(t - 1) * 3 * n..][..3 * n];
        for j in 0..n {
            let (f, i, new) = (input[F * n + j], input[I * n + j], input[N * n + j]);
            let (kept, taken) = both_sigmoids(softplus(-i) - softplus(-f));
            (act[F * n + j], act[I * n + j], act[N * n + j]) = (kept, taken, new);
            slope[F * n + j] = kept * taken * both_sigmoids(f).1;
            slope[I * n + j] = kept * taken * both_sigmoids(i).1;
            slope[N * n + j] = 1.0;
            h[j] = kept * h_before[j] + taken * new;
        }
    }

    /// Blocks f', i', n, and 1 − f and 1 − i before they are divided by their sum.
    fn squashes(&self) -> Vec<(char, Squash)> {
        vec![
            ('f', Activation::Sigmoid.into()),
            ('i', Activation::Sigmoid.into()),
            ('n', Activation::Linear.into()),
            ('F', Activation::Sigmoid.into()),
            ('I', Activation::Sigmoid.into()),
        ]
    }

    fn forward_wide(&self, tape: &WideTape, input: Vec<Wide>, t: usize) -> WideStep {
        let (gates, new) = input.split_at(N * self.parameters.hidden());
        let negated: Vec<f64> = gates.iter().map(|x| -x.saturating_f64()).collect();
        let (f, i) = negated.split_at(self.parameters.hidden());
        let kept = f.iter().zip(i).map(|(&f, &i)| softplus(i) - softplus(f));
        let kept: Vec<f64> = kept.collect();
        let taken: Vec<f64> = kept.iter().map(|x| -x).collect();
        let [kept, taken, negated] = [kept, taken, negated].map(|x| wides::widen(&x, 0));
        let sums = [&kept, &taken, new, &negated].concat();
        let [f, i, new] = [F, I, N].map(|gate| tape.activations(gate, &sums));
        let mut h = wides::product(&f, tape.h(t - 1));
        wides::add(&mut h, &wides::product(&i, &new));
        WideStep {
            sums,
            h,
            ..WideStep::default()
        }
    }

    fn bars(&self, tape: &Tape, t: usize) -> Vec<Vec<Wide>> {
        let [kept, taken, new] = [F, I, N].map(|gate| tape.activation(t, gate));
        let pairs = tape.h(t - 1).iter().zip(new);
        let difference = tape.wide_or(Name::Difference, t, pairs.map(|(h, n)| h - n));
        let gate =
            |letter, plain: &[f64]| tape.wide_or(Name::Gate(letter), t, plain.iter().copied());
        let (f, i) = (gate('f', kept), gate('i', taken));
        let along = wides::product(&difference, &wides::product(&f, &i));
        // What the slope f' i' (1 - f) has beside f' and i'.
        let closed = |letter, block| {
            let plain = tape.slope(t, block).iter().zip(kept).zip(taken);
            let plain = plain.map(|((slope, f), i)| slope / f / i);
            wides::product(&along, &tape.wide_or(Name::Gate(letter), t, plain))
        };
        let of_i = closed('I', I).iter().map(|x| x.negated()).collect();
        vec![closed('F', F), of_i, i]
    }

    #[inline(always)]
    fn backward<const FMA: bool>(&self, at: Back, _: &[f64], _: &mut [f64], delta: &mut [f64]) {
        let Back {
            tape, t, grad_h, ..
        } = at;
        let n = tape.hidden;
        let (before, new) = (tape.h(t - 1), tape.activation(t, N));
        let (slope_f, slope_i) = (tape.slope(t, F), tape.slope(t, I));
        let taken = tape.activation(t, I);
        for (j, &g) in grad_h.iter().enumerate() {
            let along = g * (before[j] - new[j]);
            delta[F * n + j] = along * slope_f[j];
            delta[I * n + j] = -along * slope_i[j];
            delta[N * n + j] = g * taken[j];
        }
    }

    #[inline(always)]
    fn carry<const FMA: bool>(&self, at: Back, _: &[f64], _: &[f64], carry: &mut [f64]) {
        let Back {
            tape, t, grad_h, ..
        } = at;
        product(carry, tape.activation(t, F), grad_h);
    }

    fn link<'a>(&'a self, path: Path, tape: &'a Tape, t: usize) -> Option<Link<'a>> {
        let kept = Factor::of(Name::Gate('f'), t + 1, tape.activation(t + 1, F));
        (path == Path::Carousel).then(|| Link::of(Lands::H, t + 1, vec![kept]))
    }
}

/// ln(1 + e^x).
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// σ(x) and σ(−x), each to its last digits.
fn both_sigmoids(x: f64) -> (f64, f64) {
    let e = (-x.abs()).exp();
    let (large, small) = (1.0 / (1.0 + e), e / (1.0 + e));
    if x >= 0.0 {
        (large, small)
    } else {
        (small, large)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both gates far below what `f64` holds: what matters is their ratio.
    #[test]
    fn gates_too_small_for_numbers_still_have_a_ratio() {
        let (f, i) = (-2000.0, -2001.0);
        let (kept, taken) = both_sigmoids(softplus(-i) - softplus(-f));
        let want = 1.0 / (1.0 + (-1.0f64).exp());
        assert!((kept - want).abs() < 1e-13 && (taken - (1.0 - want)).abs() < 1e-13);
    }
}
