//! The vanilla RNN.
//!
//! ```text
//! h_t = φ(W x_t + R h_{t-1} + b)
//! δā_t = φ'_t ⊙ δh_t,    δh_{t-1} = Δ_{t-1} + Rᵀ δā_t
//! ```
//!
//! A linear or relu state can leave `f64`. Both cells satisfy φ(2^e x) = 2^e φ(x), so the state
//! is kept as a mantissa with a binary exponent of its own, and W x_t + b enters scaled by 2^-e.

use super::link::{Factor, Form, Link, Name};
use super::range::{enter, leave};
use super::{
    Activation, At, Carried, Cell, CellKind, Gate, Lands, Options, Parameters, Path, Recurrence,
    Semantics, Spec, Tape,
};
use crate::num::hadamard::product;
use crate::num::{Number, Packed};

/// A vanilla RNN with its weights packed for both directions.
#[derive(Clone, Debug)]
pub struct Rnn {
    parameters: Parameters,
    activation: Activation,
    recurrent: Packed,
    transposed: Packed,
    extended: bool,
}

impl Rnn {
    /// An RNN of these parameters.
    ///
    /// # Panics
    /// When the parameters are not an RNN's; loaders and initialisers check shapes.
    pub fn new(parameters: Parameters, activation: Activation) -> Self {
        assert!(parameters.kind == CellKind::Rnn && parameters.gates() == 1);
        Self {
            recurrent: Packed::new(parameters.r.view()),
            transposed: Packed::new(parameters.r.t()),
            extended: parameters.extended(),
            parameters,
            activation,
        }
    }
}

impl Cell for Rnn {
    const SPEC: &'static Spec = &Spec {
        name: "rnn",
        article: "an",
        title: "vanilla RNN",
        module: Some("nn.RNN"),
        gates: &[Gate::open("recurrent", 'h')],
        recurrence: Recurrence::Matrices,
        matrices: &[("recurrent", 0)],
        paths: &[Carried {
            path: Path::Recurrent,
            lands: Lands::H,
            by: "through its matrix R",
            way: "The only way back in a vanilla RNN: through the slope of the activation, and through the \
                      recurrent matrix {R}.",
            bound: Some("The slope is at most 1: this path explodes only where {σ} exceeds 1."),
        }],
        has_activation: true,
        stream: 1,
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
        self.recurrent
            .add_times::<_, FMA>(&h_before, input, t % 2 == 1);
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
    fn carry<N: Number, const FMA: bool>(&self, at: At<N>, _: &[N], delta: &[N], carry: &mut [N]) {
        self.transposed.times::<_, FMA>(delta, carry, at.fro());
    }

    fn extended(&self) -> bool {
        self.extended
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
                    Factor::transposed(None, s, self.parameters.recurrent(0))
                        .packed(&self.transposed),
                    Factor::of(Name::Slope('φ', Form::Any), s, tape.slope(s, 0)),
                ],
            )
        })
    }
}
