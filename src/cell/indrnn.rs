//! The independently recurrent network of Li, Li, Cook, Zhu & Gao (2018, arXiv 1803.04831).
//!
//! Every unit sees itself only: R is the diagonal matrix of a weight u for each unit.
//!
//! ```text
//! a_t = W x_t + u ⊙ h_{t-1} + b
//! h_t = φ(a_t)
//! ```
//!
//! and back, where δ is the gradient of the loss and a bar marks a pre-activation:
//!
//! ```text
//! δā_t = φ'_t ⊙ δh_t
//! δh_{t-1} = Δ_{t-1} + u ⊙ δā_t
//! du = Σ δā_t ⊙ h_{t-1}
//! ```
//!
//! The paper has φ = relu, where a unit that is active throughout multiplies its gradient by u^T, and
//! so bounds |u| by 2^(1/T): no gradient then grows beyond twice its size.

use super::link::{Factor, Form, Link, Name};
use super::range::{enter, leave};
use super::{
    Activation, At, Carried, Cell, CellKind, Gate, Lands, Options, Parameters, Path, Recurrence,
    Semantics, Spec, Tape,
};
use crate::num::Number;
use crate::num::hadamard::{add_product, product};

/// An IndRNN.
#[derive(Clone, Debug)]
pub struct IndRnn {
    parameters: Parameters,
    activation: Activation,
}

impl IndRnn {
    /// An IndRNN of these parameters; u is the single row of their R.
    ///
    /// # Panics
    /// When the parameters are not an IndRNN's; initialisers make them so.
    pub fn new(parameters: Parameters, activation: Activation) -> Self {
        assert!(parameters.kind == CellKind::IndRnn && parameters.gates() == 1);
        assert!(parameters.r.nrows() == 1);
        Self {
            parameters,
            activation,
        }
    }

    #[inline(always)]
    fn u(&self) -> &[f64] {
        self.parameters.r.as_slice().unwrap_or_default()
    }
}

impl Cell for IndRnn {
    const SPEC: &'static Spec = &Spec {
        name: "indrnn",
        article: "an",
        title: "IndRNN",
        gates: &[Gate::open("recurrent", 'h')],
        recurrence: Recurrence::Units,
        matrices: &[("recurrent", 0)],
        paths: &[Carried {
            path: Path::Recurrent,
            lands: Lands::H,
            by: "through its weights u",
            way: "The only way back in an IndRNN: through the slope of the activation, and through the weight {u} \
                  of the unit itself. No unit sees another.",
            bound: Some(
                "The slope is at most 1: this path explodes only where a weight {u} exceeds 1 in size.",
            ),
        }],
        has_activation: true,
        stream: 8,
        ..Spec::PLAIN
    };

    fn build(parameters: Parameters, options: Options) -> Self {
        Self::new(parameters, options.semantics.activation)
    }

    fn semantics(&self) -> Semantics {
        Semantics::of(self.activation)
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    #[inline(always)]
    fn forward<N: Number, const FMA: bool>(&self, input: &mut [N], tape: &mut Tape<N>, t: usize) {
        let before = tape.exponents[t - 1];
        let (h_before, h, [act, slope]) = tape.step(t);
        let (h_before, exponent) = enter(self.activation, h_before, before, input);
        add_product(input, self.u(), &h_before);
        self.activation.apply::<_, FMA>(input, h, slope);
        let exponent = leave(self.activation, h, exponent);
        act.copy_from_slice(h);
        tape.exponents[t] = exponent;
    }

    fn functions(&self) -> [Option<Activation>; 4] {
        [Some(self.activation), None, None, None]
    }

    #[inline(always)]
    fn backward<N: Number, const FMA: bool>(&self, at: At<N>, _: &mut [N], delta: &mut [N]) {
        product(delta, at.slope(0), at.grad_h);
    }

    #[inline(always)]
    fn carry<N: Number, const FMA: bool>(&self, _: At<N>, _: &[N], delta: &[N], carry: &mut [N]) {
        product(carry, self.u(), delta);
    }

    fn link<'a, N: Number>(
        &'a self,
        path: Path,
        tape: &'a Tape<N>,
        t: usize,
    ) -> Option<Link<'a, N>> {
        let s = t + 1;
        (path == Path::Recurrent).then(|| {
            Link::of(
                Lands::H,
                s,
                vec![
                    Factor::weights("u", s, self.u()),
                    Factor::of(Name::Slope('φ', Form::Any), s, tape.slope(s, 0)),
                ],
            )
        })
    }
}
