//! The minimal gated recurrent unit of Feng et al. (2024, "Were RNNs all we needed?").
//!
//! Its gate and its candidate see the input only, so that no recurrent matrix is left. Written with
//! the z of the GRU, which keeps (the paper's z is our 1 − z):
//!
//! ```text
//! z_t = σ(W_z x_t + b_z)
//! n_t = W_n x_t + b_n
//! h_t = (1 - z_t) ⊙ n_t + z_t ⊙ h_{t-1}
//! ```
//!
//! and back, where δ is the gradient of the loss and a bar marks a pre-activation:
//!
//! ```text
//! δz̄_t = δh_t ⊙ (h_{t-1} - n_t) ⊙ z_t(1-z_t)
//! δn̄_t = δh_t ⊙ (1 - z_t)
//! δh_{t-1} = Δ_{t-1} + z_t ⊙ δh_t
//! ```
//!
//! One path only leads from step to step, and its factor is never above 1: the gradient cannot
//! explode, and it lives as long as z is near 1.

use super::{
    Activation, At, Carried, Cell, CellKind, Gate, Lands, Options, Parameters, Path, Spec, Tape,
};
use crate::num::Number;

/// Blocks of the pre-activations.
const Z: usize = 0;
const NEW: usize = 1;

/// A minGRU.
#[derive(Clone, Debug)]
pub struct MinGru {
    parameters: Parameters,
}

impl MinGru {
    /// A minGRU of these parameters.
    ///
    /// # Panics
    /// When the parameters are not a minGRU's; initialisers make them so.
    pub fn new(parameters: Parameters) -> Self {
        assert!(parameters.kind == CellKind::MinGru && parameters.gates() == 2);
        Self { parameters }
    }
}

impl Cell for MinGru {
    const SPEC: &'static Spec = &Spec {
        name: "mingru",
        article: "a",
        title: "minGRU",
        gates: &[Gate::closing("update", 'z'), Gate::open("candidate", 'n')],
        paths: &[Carried {
            path: Path::Leak,
            lands: Lands::H,
            by: "by z alone",
            way: "The gradient stays in {h}, and the update gate alone multiplies it. No recurrent matrix is crossed.",
            bound: Some("{z} alone decides, and it stays below 1: this path cannot explode."),
        }],
        keeps: Some(Z),
        stream: 2,
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
        let (of_z, of_n) = input.split_at(n);
        N::sigmoid::<FMA>(of_z, &mut act[..n], &mut slope[..n]);
        act[n..].copy_from_slice(of_n);
        slope[n..].fill(N::ONE);
        let (z, new) = (&act[Z * n..][..n], &act[NEW * n..][..n]);
        for j in 0..n {
            h[j] = (N::ONE - z[j]) * new[j] + z[j] * h_before[j];
        }
    }

    fn functions(&self) -> [Option<Activation>; 4] {
        let [gate, new] = [Activation::Sigmoid, Activation::Linear];
        [Some(gate), Some(new), None, None]
    }

    #[inline(always)]
    fn backward<N: Number, const FMA: bool>(&self, at: At<N>, _: &mut [N], delta: &mut [N]) {
        let (delta_z, delta_n) = delta.split_at_mut(at.grad_h.len());
        let (before, new) = (at.h_before(), at.activation(NEW));
        let (z, slope) = (at.activation(Z), at.slope(Z));
        for (j, &g) in at.grad_h.iter().enumerate() {
            delta_z[j] = g * (before[j] - new[j]) * slope[j];
            delta_n[j] = g * (N::ONE - z[j]);
        }
    }
}
