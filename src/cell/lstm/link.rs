//! The paths of the LSTM, factor by factor.
//!
//! A path leaves the state of a step through a gate G, whose slope is G'; the other factor is a:
//!
//! ```text
//! outer ⊙ (a ⊙ G' ⊙ δc_{t+1})     outer: E_t ⊙ R_Gᵀ, or a peephole p_G
//! ```
//!
//! With full gate recurrence the gates of the step after that bring something to G itself, ΓG:
//!
//! ```text
//! outer ⊙ (a ⊙ G' ⊙ δc_{t+1}) + outer ⊙ (G' ⊙ ΓG_{t+1})
//! Γi_t = R_iiᵀ δī_{t+1} + R_ifᵀ δf̄_{t+1} + R_ioᵀ δō_{t+1}          (a path of its own: `gate_input`)
//! ```

use ndarray::{Axis, Slice};

use super::gates::GATES;
use super::{F, I, LETTERS, Lstm, O, Z};
use crate::cell::link::{Factor, Form, Link, Name, Source};
use crate::cell::{Lands, Path, Tape, Variant};
use crate::num::Number;

impl Lstm {
    /// One step of a path from the state: a link of its chain.
    pub(super) fn link_of<'a, N: Number>(
        &'a self,
        path: Path,
        tape: &'a Tape<N>,
        t: usize,
    ) -> Option<Link<'a, N>> {
        if path == Path::Carousel {
            let kept = Factor::of(Name::Gate('f'), t + 1, tape.activation(t + 1, F));
            return Some(Link::of(Lands::C, t + 1, vec![kept]));
        }
        if let Some(own) = place(path) {
            let (gate, s) = (GATES[own], t + 1);
            let factors = vec![self.between(own, own, s)?, self.slope(tape, s, gate)];
            return Some(Link::of(lands(gate), s, factors));
        }
        let gate = gate(path)?;
        let start = start(path, t);
        let mut factors = self.outer(path, tape, t)?;
        factors.push(self.other_factor(tape, start, gate));
        factors.push(self.slope(tape, start, gate));
        let from = if gate == O { Lands::H } else { Lands::C };
        Some(Link::of(from, start, factors))
    }

    /// The term of a path: the products whose sum it is.
    pub(super) fn terms_of<'a, N: Number>(
        &'a self,
        path: Path,
        tape: &'a Tape<N>,
        t: usize,
    ) -> Vec<Link<'a, N>> {
        if let Some(own) = place(path) {
            let from = |(to, block): (usize, usize)| {
                Some(Link {
                    from: Source::Bar(LETTERS[block], block),
                    start: t + 1,
                    factors: vec![self.between(own, to, t + 1)?],
                })
            };
            return GATES.into_iter().enumerate().filter_map(from).collect();
        }
        let mut links: Vec<Link<N>> = self.link_of(path, tape, t).into_iter().collect();
        let gate = gate(path).filter(|&gate| gate != Z && self.gates.is_some());
        if let Some(gate) = gate
            && let Some(mut factors) = self.outer(path, tape, t)
        {
            let start = start(path, t);
            factors.push(self.slope(tape, start, gate));
            links.push(Link::of(lands(gate), start, factors));
        }
        links
    }

    /// What a path passes behind its gate: E_t and R_Gᵀ, or a peephole.
    fn outer<'a, N: Number>(
        &'a self,
        path: Path,
        tape: &'a Tape<N>,
        t: usize,
    ) -> Option<Vec<Factor<'a, N>>> {
        let (gate, step) = (gate(path)?, start(path, t));
        let letter = LETTERS[gate];
        let (peephole, symbol) = match path {
            Path::PeepholeInput => (0, "p_i"),
            Path::PeepholeForget => (1, "p_f"),
            Path::PeepholeOutput => (2, "p_o"),
            _ => {
                let gain = Name::Gain(self.semantics.state);
                // At h_0 it ends on h.
                let mut factors = Vec::with_capacity(4);
                if t > 0 {
                    factors.push(Factor::of(gain, t, tape.gain(t)?));
                }
                let r = self.parameters.recurrent(gate);
                factors
                    .push(Factor::transposed(Some(letter), step, r).packed(&self.transposed[gate]));
                return Some(factors);
            }
        };
        let p = self.peephole(peephole)?;
        Some(vec![Factor::weights(symbol, step, p)])
    }

    /// The other factor, with the slope of a gate, on the way from δc (for `output` δh) to it.
    pub(super) fn other_factor<'a, N: Number>(
        &self,
        tape: &'a Tape<N>,
        step: usize,
        gate: usize,
    ) -> Factor<'a, N> {
        let (other, _) = Self::factor(tape, step, gate);
        if self.variant == Variant::Cifg && gate == I {
            let before = tape.c(step - 1).iter();
            let coupled = other.iter().zip(before).map(|(&z, &c)| z - c);
            return Factor::made(Name::Coupled, step, coupled);
        }
        let name = match gate {
            I => Name::Gate('z'),
            F => Name::Before,
            Z => Name::Gate('i'),
            _ => Name::Squashed(self.semantics.state),
        };
        Factor::of(name, step, other)
    }

    /// The slope of a gate.
    fn slope<'a, N: Number>(&self, tape: &'a Tape<N>, step: usize, gate: usize) -> Factor<'a, N> {
        let form = self.form(gate);
        let name = Name::Slope(LETTERS[gate], form);
        let slope = tape.slope(step, gate);
        if form == Form::Zero {
            Factor::made(name, step, slope.iter().map(|_| N::default()))
        } else {
            Factor::of(name, step, slope)
        }
    }

    /// What the slope of a gate is.
    fn form(&self, gate: usize) -> Form {
        self.functions_of_gates()[gate].map_or(Form::Zero, Form::Of)
    }

    /// The transposed matrix from one gate of the step before to another, by their places in i, f, o;
    /// `None` unless the gates see each other.
    fn between<N: Number>(&self, from: usize, to: usize, step: usize) -> Option<Factor<'_, N>> {
        let n = self.parameters.hidden();
        let mut r = self.parameters.gates_r.as_ref()?.view();
        let part = |gate: usize| Slice::from(gate * n..(gate + 1) * n);
        let [from_letter, to_letter] = [from, to].map(|gate| LETTERS[GATES[gate]]);
        let name = Name::Between(from_letter, to_letter);
        r.slice_axis_inplace(Axis(0), part(to));
        r.slice_axis_inplace(Axis(1), part(from));
        Some(Factor::transpose_of(name, step, r))
    }
}

/// The gate that a path from the state leaves through.
const fn gate(path: Path) -> Option<usize> {
    match path {
        Path::Block => Some(Z),
        Path::Input | Path::PeepholeInput => Some(I),
        Path::Forget | Path::PeepholeForget => Some(F),
        Path::Output | Path::PeepholeOutput => Some(O),
        _ => None,
    }
}

/// Which of i, f, o a path of the gates lands on.
const fn place(path: Path) -> Option<usize> {
    match path {
        Path::GateInput => Some(0),
        Path::GateForget => Some(1),
        Path::GateOutput => Some(2),
        _ => None,
    }
}

/// A gate as part of the state.
const fn lands(gate: usize) -> Lands {
    match gate {
        I => Lands::GateI,
        F => Lands::GateF,
        _ => Lands::GateO,
    }
}

/// The step that a path begins at.
fn start(path: Path, t: usize) -> usize {
    if path == Path::PeepholeOutput {
        t
    } else {
        t + 1
    }
}
