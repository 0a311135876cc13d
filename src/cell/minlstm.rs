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

use super::{
    Activation, At, Carried, Cell, CellKind, Gate, Lands, Options, Parameters, Path, Spec, Tape,
};
use crate::num::Number;

/// Blocks of the pre-activations; the activations are f', i' and n.
const F: usize = 0;
const I: usize = 1;
const NEW: usize = 2;

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
    fn forward<N: Number, const FMA: bool>(&self, input: &mut [N], tape: &mut Tape<N>, t: usize) {
        let n = tape.hidden;
        let (h_before, h, [act, slope]) = tape.step(t);
        self.activate::<_, FMA>(input, act, slope);
        let [f, i, new] = [F, I, NEW].map(|gate| &act[gate * n..][..n]);
        for j in 0..n {
            h[j] = f[j] * h_before[j] + i[j] * new[j];
        }
    }

    fn functions(&self) -> [Option<Activation>; 4] {
        let gate = Some(Activation::Sigmoid);
        [gate, gate, Some(Activation::Linear), None]
    }

    #[inline(always)]
    fn activate<N: Number, const FMA: bool>(&self, sums: &[N], act: &mut [N], slope: &mut [N]) {
        let n = self.parameters.hidden();
        for j in 0..n {
            let (f, i) = (sums[F * n + j], sums[I * n + j]);
            let along = softplus(-i.plain()) - softplus(-f.plain());
            let (kept, taken) = both_sigmoids(N::from(along));
            (act[F * n + j], act[I * n + j]) = (kept, taken);
            slope[F * n + j] = kept * taken * both_sigmoids(f).1;
            slope[I * n + j] = kept * taken * both_sigmoids(i).1;
        }
        act[NEW * n..].copy_from_slice(&sums[NEW * n..]);
        slope[NEW * n..].fill(N::ONE);
    }

    #[inline(always)]
    fn backward<N: Number, const FMA: bool>(&self, at: At<N>, _: &mut [N], delta: &mut [N]) {
        let n = at.grad_h.len();
        let (before, new) = (at.h_before(), at.activation(NEW));
        let (slope_f, slope_i) = (at.slope(F), at.slope(I));
        let taken = at.activation(I);
        for (j, &g) in at.grad_h.iter().enumerate() {
            let along = g * (before[j] - new[j]);
            delta[F * n + j] = along * slope_f[j];
            delta[I * n + j] = -along * slope_i[j];
            delta[NEW * n + j] = g * taken[j];
        }
    }
}

/// ln(1 + e^x).
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// σ(x) and σ(−x), each to its last digits.
fn both_sigmoids<N: Number>(x: N) -> (N, N) {
    let e = (-x.magnitude()).exponential();
    let (large, small) = (N::ONE / (N::ONE + e), e / (N::ONE + e));
    if x >= N::default() {
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
