//! The GRU of the paper: the reset gate stands before the matrix.
//!
//! ```text
//! s_t = r_t ⊙ h_{t-1}
//! n_t = φ(W_n x_t + b_n + R_n s_t)                 (b_n: both biases together)
//! δs_t = R_nᵀ δn̄_t
//! δr̄_t = δs_t ⊙ h_{t-1} ⊙ r'_t
//! δh_{t-1} = Δ_{t-1} + z_t ⊙ δh_t + R_zᵀ δz̄_t + R_rᵀ δr̄_t + r_t ⊙ δs_t
//! ```
//!
//! The path `reset` crosses two matrices, R_n and R_r.

use super::{Gru, NEW, R};
use crate::cell::link::{Factor, Name};
use crate::cell::{At, Carried, Path, Tape};
use crate::num::hadamard::{add, product, product3};
use crate::num::{Number, Packed, matrix, vector};

/// The paths of [`Gru`], two of them on other ways.
pub(super) const PATHS: [Carried; 4] = {
    let [leak, update, mut reset, mut candidate] = super::PATHS;
    reset.by = "through the matrices R_n and R_r";
    reset.way = "The gradient leaves the next step through its candidate {n}, comes back through the recurrent matrix \
                 {R_n} to what the reset gate {r} lets through, and from that gate through {R_r}.";
    reset.bound = None;
    candidate.way = "The gradient leaves the next step through its candidate {n}, and comes back through the recurrent \
                     matrix {R_n} and the reset gate {r}.";
    [leak, update, reset, candidate]
};

impl Gru {
    /// The candidate's pre-activations, behind those of the gates in `sums`; s_t in `seen`.
    #[inline(always)]
    pub(super) fn candidate_before<N: Number, const FMA: bool>(
        inner: &Packed,
        h_before: &[N],
        r: &[N],
        seen: &mut [N],
        sums: &mut [N],
        fro: bool,
    ) {
        product(seen, r, h_before);
        let mut of_n = vec![N::default(); seen.len()];
        inner.times::<_, FMA>(seen, &mut of_n, fro);
        add(sums, &of_n);
    }

    /// δs_t, from δn̄_t.
    #[inline(always)]
    pub(super) fn to_seen<N: Number, const FMA: bool>(&self, delta_n: &[N], fro: bool) -> Vec<N> {
        let mut seen = vec![N::default(); delta_n.len()];
        self.transposed[NEW].times::<_, FMA>(delta_n, &mut seen, fro);
        seen
    }

    /// δr̄_t, from δn̄_t.
    #[inline(always)]
    pub(super) fn reset_before<N: Number, const FMA: bool>(
        &self,
        at: At<N>,
        delta_n: &[N],
        delta_r: &mut [N],
    ) {
        let seen = self.to_seen::<_, FMA>(delta_n, at.fro());
        product3(delta_r, &seen, at.h_before(), at.slope(R));
    }

    /// The factors of `reset` and of `candidate`, from the outermost to the one that [`to_candidate`] begins.
    pub(super) fn outer_before<'a, N: Number>(
        &'a self,
        path: Path,
        tape: &'a Tape<N>,
        s: usize,
    ) -> Vec<Factor<'a, N>> {
        let transposed = |letter, gate: usize| {
            Factor::transposed(Some(letter), s, self.parameters.recurrent(gate))
                .packed(&self.transposed[gate])
        };
        let inner = transposed('n', NEW);
        if path == Path::Reset {
            let outer = transposed('r', R);
            let h = Factor::of(Name::HBefore, s, tape.h(s - 1));
            vec![outer, h, self.slope(tape, s, 'r', R), inner]
        } else {
            vec![Factor::of(Name::Gate('r'), s, tape.activation(s, R)), inner]
        }
    }

    /// What can stand beside R_r: what R_n makes of h, too.
    pub(super) fn steepest_reset(&self, tape: &Tape) -> f64 {
        let r = self.parameters.recurrent(NEW);
        let frobenius = || r.iter().map(|x| x * x).sum::<f64>().sqrt();
        let norm = matrix::largest_singular_value(r).unwrap_or_else(|_| frobenius());
        self.semantics.gate.steepest() * vector::largest(&tape.h) * norm
    }
}
