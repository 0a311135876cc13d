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
use super::tape::rows;
use super::{
    Activation, Back, Carried, Cell, CellKind, Gate, Lands, Options, Parameters, Path, Recurrence,
    Semantics, Spec, Squash, Tape, WideStep, WideTape,
};
use crate::num::wides::{add, times};
use crate::num::{Packed, Wide};

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
    fn forward<const FMA: bool>(&self, input: &mut [f64], tape: &mut Tape, t: usize) {
        let n = tape.hidden;
        let (h_before, h) = rows(&mut tape.h, t, n);
        let act = &mut tape.activations[(t - 1) * n..][..n];
        let slope = &mut tape.slopes[(t - 1) * n..][..n];
        let (h_before, exponent) = enter(self.activation, h_before, tape.exponents[t - 1], input);
        self.recurrent
            .add_times::<FMA>(&h_before, input, t % 2 == 1);
        self.activation.apply::<FMA>(input, h, slope);
        tape.exponents[t] = leave(self.activation, h, exponent);
        act.copy_from_slice(h);
    }

    fn squashes(&self) -> Vec<(char, Squash)> {
        vec![('φ', self.activation.into())]
    }

    fn forward_wide(&self, tape: &WideTape, mut sums: Vec<Wide>, t: usize) -> WideStep {
        add(&mut sums, &times(self.parameters.r.view(), tape.h(t - 1)));
        WideStep {
            h: tape.activations(0, &sums),
            sums,
            ..WideStep::default()
        }
    }

    #[inline(always)]
    fn backward<const FMA: bool>(&self, at: Back, _: &[f64], _: &mut [f64], delta: &mut [f64]) {
        let Back {
            tape, t, grad_h, ..
        } = at;
        for ((d, &slope), &g) in delta.iter_mut().zip(tape.slope(t, 0)).zip(grad_h) {
            *d = slope * g;
        }
    }

    #[inline(always)]
    fn carry<const FMA: bool>(&self, at: Back, _: &[f64], delta: &[f64], carry: &mut [f64]) {
        let Back { t, .. } = at;
        self.transposed.times::<FMA>(delta, carry, t % 2 == 1);
    }

    fn extended(&self) -> bool {
        self.extended
    }

    fn link<'a>(&'a self, path: Path, tape: &'a Tape, t: usize) -> Option<Link<'a>> {
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
