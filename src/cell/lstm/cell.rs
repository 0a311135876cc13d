//! The LSTM as a cell: what it is made of, and where each part of it stands.

use super::gates::Gates;
use super::spec::{self, CARRIED, CARRIED_BY_GATES};
use super::{F, I, Lstm, O, Z};
use crate::cell::link::{Factor, Link};
use crate::cell::{
    Activation, At, Carried, Cell, CellKind, ForgetGate, Lands, Options, Parameters, Path,
    Semantics, Spec, StepJacobian, Tape, Variant,
};
use crate::num::hadamard::product;
use crate::num::{Number, Packed};

impl Lstm {
    /// An LSTM of these parameters; `forget` says whether f is σ(…) or a constant.
    ///
    /// # Panics
    /// When the parameters are not an LSTM's; loaders and initialisers check shapes.
    pub fn new(parameters: Parameters, forget: ForgetGate) -> Self {
        Self::of_variant(parameters, forget, Variant::Plain)
    }

    /// A variant of the LSTM, with PyTorch's functions.
    ///
    /// # Panics
    /// As [`Cell::build`].
    pub fn of_variant(parameters: Parameters, forget: ForgetGate, variant: Variant) -> Self {
        let semantics = Semantics::default();
        Self::build(
            parameters,
            Options {
                semantics,
                forget,
                variant,
            },
        )
    }

    /// p_i, p_f or p_o as a slice.
    #[inline(always)]
    pub(super) fn peephole(&self, which: usize) -> Option<&[f64]> {
        self.parameters
            .peepholes
            .as_ref()
            .and_then(|p| p[which].as_slice())
    }
}

impl Cell for Lstm {
    const SPEC: &'static Spec = &spec::SPEC;

    /// Where the variant says what f is or which activations there are, the other options do not.
    ///
    /// # Panics
    /// When the parameters are not an LSTM's, or have no `gates_r` for full gate recurrence.
    fn build(mut parameters: Parameters, options: Options) -> Self {
        let Options {
            mut semantics,
            forget,
            variant,
        } = options;
        assert!(parameters.kind == CellKind::Lstm && parameters.gates() == 4);
        assert!(variant != Variant::Fgr || parameters.gates_r.is_some());
        let forget = match variant {
            Variant::Nfg => ForgetGate::None,
            Variant::Cifg => ForgetGate::Learned(None),
            _ => forget,
        };
        match variant {
            Variant::Np => parameters.peepholes = None,
            Variant::Niaf => semantics.activation = Activation::Linear,
            Variant::Noaf => semantics.state = Activation::Linear,
            _ => {}
        }
        if variant != Variant::Fgr {
            parameters.gates_r = None;
        }
        let gates = parameters
            .gates_r
            .as_ref()
            .map(|r| Box::new(Gates::new(r.view())));
        let transposed = [I, F, Z, O].map(|g| Packed::new(parameters.recurrent(g).reversed_axes()));
        Self {
            recurrent: Packed::new(parameters.r.view()),
            transposed,
            extended: parameters.extended(),
            parameters,
            semantics,
            forget,
            variant,
            gates,
        }
    }

    fn semantics(&self) -> Semantics {
        self.semantics
    }

    fn variant(&self) -> Variant {
        self.variant
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn carried(&self) -> &'static [Carried] {
        let peepholes = self.parameters.peepholes.is_some();
        match (&self.gates, peepholes) {
            (None, true) => &CARRIED,
            (None, false) => &CARRIED[..5],
            (Some(_), true) => &CARRIED_BY_GATES,
            (Some(_), false) => &CARRIED_BY_GATES[..8],
        }
    }

    fn tape(&self, steps: usize) -> Tape {
        let hidden = self.parameters.hidden();
        let rows = if self.gates.is_some() { steps + 1 } else { 0 };
        Tape {
            gate_state: vec![0.0; rows * 3 * hidden],
            ..Tape::new(hidden, 4, steps, true)
        }
    }

    #[inline(always)]
    fn forward<N: Number, const FMA: bool>(&self, input: &mut [N], tape: &mut Tape<N>, t: usize) {
        self.step::<_, FMA>(input, tape, t);
    }

    fn functions(&self) -> [Option<Activation>; 4] {
        self.functions_of_gates()
    }

    fn activate<N: Number, const FMA: bool>(&self, sums: &[N], act: &mut [N], slope: &mut [N]) {
        self.activations::<_, FMA>(sums, act, slope);
        self.fix_output(act, slope);
    }

    #[inline(always)]
    fn backward<N: Number, const FMA: bool>(&self, at: At<N>, grad_c: &mut [N], delta: &mut [N]) {
        self.step_back(at, grad_c, delta);
    }

    #[inline(always)]
    fn carry<N: Number, const FMA: bool>(
        &self,
        at: At<N>,
        grad_c: &[N],
        delta: &[N],
        carry: &mut [N],
    ) {
        self.bring::<_, FMA>(at, grad_c, delta, carry);
    }

    fn extended(&self) -> bool {
        self.extended
    }

    fn jacobian(&self, tape: &Tape, t: usize, out: &mut StepJacobian) {
        self.step_jacobian(tape, t, out);
    }

    fn factors(&self, tape: &Tape, t: usize, row: &mut [f64]) -> bool {
        self.step_factors(tape, t, row)
    }

    fn steepest(&self, tape: &Tape, gate: usize) -> f64 {
        self.steepest_slope(tape, gate)
    }

    fn link<'a, N: Number>(
        &'a self,
        path: Path,
        tape: &'a Tape<N>,
        t: usize,
    ) -> Option<Link<'a, N>> {
        self.link_of(path, tape, t)
    }

    fn terms<'a, N: Number>(&'a self, path: Path, tape: &'a Tape<N>, t: usize) -> Vec<Link<'a, N>> {
        self.terms_of(path, tape, t)
    }

    fn same_step_path(&self) -> Option<Path> {
        self.parameters
            .peepholes
            .as_ref()
            .map(|_| Path::PeepholeOutput)
    }

    #[inline(always)]
    fn same_step_term<N: Number>(&self, delta: &[N], term: &mut [N]) {
        if let Some(p_o) = self.peephole(2) {
            product(term, p_o, &delta[O * term.len()..]);
        }
    }

    fn carousel_gain(&self, tape: &Tape, t: usize, out: &mut [f64]) -> bool {
        self.gain_of_carousel(tape, t, out)
    }

    fn alone_lives_on(&self, path: Path) -> Lands {
        match path {
            Path::Output => Lands::H,
            Path::GateInput => Lands::GateI,
            Path::GateForget => Lands::GateF,
            Path::GateOutput => Lands::GateO,
            _ => Lands::C,
        }
    }

    fn alone_starts_with<'a, N: Number>(
        &self,
        path: Path,
        tape: &'a Tape<N>,
    ) -> Option<Factor<'a, N>> {
        let gate = match path {
            Path::GateInput => I,
            Path::GateForget => F,
            Path::GateOutput => O,
            _ => return None,
        };
        Some(self.other_factor(tape, tape.steps, gate))
    }
}
