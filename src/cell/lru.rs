//! The linear recurrent unit of Orvieto et al. (2023): a diagonal linear recurrence.
//!
//! ```text
//! h_t = λ ⊙ h_{t-1} + γ ⊙ B x_t
//! ```
//!
//! λ is complex. Everything here is real: a complex state is a pair of units, its real and its
//! imaginary part, on which λ = |λ| e^{iθ} acts as a rotation by θ times |λ|,
//!
//! ```text
//! | h_t[2k]   |       | cos θ  -sin θ | | h_{t-1}[2k]   |
//! |           | = |λ| |               | |               | + γ_k (W x_t)[2k, 2k+1]
//! | h_t[2k+1] |       | sin θ   cos θ | | h_{t-1}[2k+1] |
//! ```
//!
//! so that W holds the real and imaginary rows of B. Of an odd number of units the last is alone and
//! its λ real. The paper has the output y_t = Re(C h_t) + D x_t behind it, which has no part in
//! how gradients come back through time, and so do we not. Back,
//!
//! ```text
//! δh_{t-1} = Δ_{t-1} + λ* ⊙ δh_t            dW = Σ γ ⊙ δh_t x_tᵀ
//! ```
//!
//! The only path is `leak`, whose factor is |λ| at every step: it neither depends on the state nor
//! crosses a matrix. γ = √|1 − |λ|²| at initialisation keeps |h| at the size of the input.

use ndarray::Array2;

use super::link::{Factor, Link, Name, Values};
use super::range::{common, renormalise};
use super::{
    Activation, At, Carried, Cell, CellKind, Diagonal, Gate, Lands, Options, Parameters, Path,
    Recurrence, Spec, Tape,
};
use crate::num::Number;
use crate::num::hadamard::add_scaled;

/// An LRU.
#[derive(Clone, Debug)]
pub struct Lru {
    parameters: Parameters,
    /// |λ| cos θ and |λ| sin θ of every pair.
    rotations: Vec<(f64, f64)>,
    /// λ of a last unit alone.
    alone: Option<f64>,
}

impl Lru {
    /// An LRU of these parameters.
    ///
    /// # Panics
    /// When the parameters are not an LRU's; initialisers make them so.
    pub fn new(parameters: Parameters) -> Self {
        let hidden = parameters.hidden();
        let Some(Diagonal {
            modulus,
            angle,
            gamma,
        }) = &parameters.diagonal
        else {
            panic!("an LRU has a diagonal");
        };
        assert!(parameters.kind == CellKind::Lru && parameters.gates() == 1);
        assert!(modulus.len() == hidden.div_ceil(2) && gamma.len() == modulus.len());
        let pairs = modulus.iter().zip(angle);
        let rotations: Vec<(f64, f64)> = pairs
            .map(|(modulus, angle)| (modulus * angle.cos(), modulus * angle.sin()))
            .collect();
        assert!(rotations.len() == hidden / 2);
        let alone = (hidden % 2 == 1).then(|| modulus[hidden / 2]);
        Self {
            parameters,
            rotations,
            alone,
        }
    }

    /// out ← λ ⊙ x, or λ* ⊙ x for `back` −1 (1 otherwise).
    #[inline(always)]
    fn turn<N: Number>(&self, x: &[N], out: &mut [N], back: f64) {
        let ((pairs, last), (out_pairs, out_last)) = (x.as_chunks::<2>(), out.as_chunks_mut::<2>());
        for ((out, x), &(cos, sin)) in out_pairs.iter_mut().zip(pairs).zip(&self.rotations) {
            let (cos, sin) = (N::from(cos), N::from(back * sin));
            *out = [cos * x[0] - sin * x[1], sin * x[0] + cos * x[1]];
        }
        if let (Some(lambda), [out], [x]) = (self.alone, out_last, last) {
            *out = N::from(lambda) * *x;
        }
    }

    /// λ as a matrix (H × H): a rotation for every pair.
    fn matrix(&self, n: usize) -> Array2<f64> {
        let mut transposed = Array2::zeros((n, n));
        let mut unit = vec![0.0; n];
        for (j, mut row) in transposed.rows_mut().into_iter().enumerate() {
            unit[j] = 1.0;
            if let Some(row) = row.as_slice_mut() {
                self.turn(&unit, row, 1.0);
            }
            unit[j] = 0.0;
        }
        transposed.reversed_axes()
    }

    /// γ, one for each λ.
    #[inline(always)]
    fn gamma(&self) -> &[f64] {
        let diagonal = self.parameters.diagonal.as_ref();
        diagonal
            .and_then(|d| d.gamma.as_slice())
            .unwrap_or_default()
    }
}

impl Cell for Lru {
    const SPEC: &'static Spec = &Spec {
        name: "lru",
        article: "an",
        title: "LRU",
        gates: &[Gate::open("state", 'h')],
        recurrence: Recurrence::Eigenvalues,
        matrices: &[("lambda", 0)],
        paths: &[Carried {
            path: Path::Leak,
            lands: Lands::H,
            by: "by λ alone",
            way: "The gradient stays in {h}: a rotation of each pair of units and the size of its {λ} multiply it, the \
                      same at every step. No recurrent matrix is crossed.",
            bound: Some(
                "The size of {λ} alone decides: this path explodes only where it exceeds 1.",
            ),
        }],
        has_biases: false,
        stream: 6,
        ..Spec::PLAIN
    };

    fn build(parameters: Parameters, _: Options) -> Self {
        Self::new(parameters)
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// The activations are h_t itself; the δ of the pre-activations is δh_t.
    #[inline(always)]
    fn forward<N: Number, const FMA: bool>(&self, input: &mut [N], tape: &mut Tape<N>, t: usize) {
        let before = tape.exponents[t - 1];
        let (h_before, h, [act, slope]) = tape.step(t);
        let (h_before, exponent) = common(h_before, before, input);
        self.turn(&h_before, h, 1.0);
        for ((input, h), &gamma) in input.chunks(2).zip(h.chunks_mut(2)).zip(self.gamma()) {
            add_scaled(h, N::from(gamma), input);
        }
        let exponent = renormalise(h, exponent);
        act.copy_from_slice(h);
        slope.fill(N::ONE);
        tape.exponents[t] = exponent;
    }

    /// λ is the same at every step.
    fn mixes(&self) -> bool {
        false
    }

    fn functions(&self) -> [Option<Activation>; 4] {
        [Some(Activation::Linear), None, None, None]
    }

    #[inline(always)]
    fn backward<N: Number, const FMA: bool>(&self, at: At<N>, _: &mut [N], delta: &mut [N]) {
        delta.copy_from_slice(at.grad_h);
    }

    #[inline(always)]
    fn carry<N: Number, const FMA: bool>(&self, at: At<N>, _: &[N], _: &[N], carry: &mut [N]) {
        self.turn(at.grad_h, carry, -1.0);
    }

    fn link<'a, N: Number>(
        &'a self,
        path: Path,
        tape: &'a Tape<N>,
        t: usize,
    ) -> Option<Link<'a, N>> {
        (path == Path::Leak).then(|| {
            Link::of(
                Lands::H,
                t + 1,
                vec![Factor {
                    name: Name::Rotation,
                    step: t + 1,
                    values: Values::Transposed(self.matrix(tape.hidden).into(), None),
                }],
            )
        })
    }

    /// Without the matrix of [`Cell::link`].
    #[inline(always)]
    fn alone<N: Number, const FMA: bool>(
        &self,
        _: Path,
        _: &Tape<N>,
        _: usize,
        v: &[N],
        out: &mut [N],
    ) {
        self.turn(v, out, -1.0);
    }
}
