//! What the LSTM says about itself.

use super::{F, I, O, Z};
use crate::cell::{Carried, Gate, Lands, Path, Recurrence, Spec};

pub(super) const SPEC: Spec = Spec {
    name: "lstm",
    article: "an",
    title: "LSTM",
    module: Some("nn.LSTM"),
    gates: &[
        Gate::closing("input", 'i'),
        Gate::closing("forget", 'f'),
        Gate::open("block", 'z'),
        Gate::closing("output", 'o'),
    ],
    recurrence: Recurrence::Matrices,
    matrices: &[("block", Z), ("input", I), ("forget", F), ("output", O)],
    paths: &PATHS,
    cut_sets: &["gates", "peepholes", "gates_peepholes"],
    keeps: Some(F),
    has_c: true,
    has_variants: true,
    gate_biases: &["input", "forget", "block", "output"],
    stream: 4,
    ..Spec::PLAIN
};

/// What a step on the forget path multiplies by at most, apart from the matrix: c f(1 − f) o sech²(f c + i z) of any
/// c, the maximum of (v + 1) sech² v, rounded up.
pub const STEEPEST_FORGET: f64 = 1.1985;

const PATHS: [Carried; 11] = [
    Carried {
        path: Path::Carousel,
        lands: Lands::C,
        by: "by f alone",
        way: "The constant error carousel: the gradient stays in the cell state, and the forget gate alone \
              multiplies it. No recurrent matrix is crossed.",
        bound: Some(
            "{f} alone decides: this path explodes only where {f} exceeds 1, which no learned gate does.",
        ),
    },
    Carried {
        path: Path::Block,
        lands: Lands::H,
        by: "through its matrix R",
        way: "The gradient leaves the cell state of the next step through its block input {z}, and comes back \
              through the recurrent matrix {R_z}.",
        bound: Some(
            "Apart from the matrix no factor exceeds 1: this path explodes only where {σ_z} exceeds 1.",
        ),
    },
    Carried {
        path: Path::Input,
        lands: Lands::H,
        by: "through its matrix R",
        way: "The gradient leaves the cell state of the next step through its input gate {i}, and comes back \
              through the recurrent matrix {R_i}.",
        bound: Some(
            "The slope of the gate is at most ¼, and no other factor exceeds 1 apart from the matrix: this path \
             explodes only where {σ_i} exceeds 4.",
        ),
    },
    Carried {
        path: Path::Forget,
        lands: Lands::H,
        by: "through its matrix R",
        way: "The gradient leaves the cell state of the next step through its forget gate {f}, and comes back \
              through the recurrent matrix {R_f}.",
        bound: Some(
            "Where {c} is large tanh is flat, so that apart from the matrix the factor of a step is at most 1.1985 \
             for any {c}, the maximum of (v + 1)/(cosh v cosh v): this path explodes only where {σ_f} exceeds 0.834.",
        ),
    },
    Carried {
        path: Path::Output,
        lands: Lands::H,
        by: "through its matrix R",
        way: "The gradient leaves the output of the next step through its output gate {o}, without ever touching \
              that step's cell state, and comes back through the recurrent matrix {R_o}.",
        bound: Some(
            "The slope of the gate is at most ¼, and tanh is below 1: this path explodes only where {σ_o} \
             exceeds 4.",
        ),
    },
    Carried {
        path: Path::PeepholeInput,
        lands: Lands::C,
        by: "by a peephole",
        way: "The gradient leaves the cell state of the next step through its input gate {i}, and comes back \
              through the peephole {p_i}. No recurrent matrix is crossed.",
        bound: Some(
            "The slope of the gate is at most ¼: this path explodes only where a factor {p_i} exceeds 4.",
        ),
    },
    Carried {
        path: Path::PeepholeForget,
        lands: Lands::C,
        by: "by a peephole",
        way: "The gradient leaves the cell state of the next step through its forget gate {f}, and comes back \
              through the peephole {p_f}. No recurrent matrix is crossed.",
        bound: Some(
            "The factor of a step is {p_f} {c} times the slope of the gate, which is at most ¼: this path explodes only \
             where {p_f} {c} exceeds 4 in size while the gate stays half open, and a large {c} alone closes or opens it.",
        ),
    },
    Carried {
        path: Path::PeepholeOutput,
        lands: Lands::C,
        by: "by a peephole",
        way: "The gradient leaves the output of the same step through its output gate {o}, and comes to the cell \
              state through the peephole {p_o}. No recurrent matrix is crossed.",
        bound: None,
    },
    between_gates(Path::GateInput, Lands::GateI),
    between_gates(Path::GateForget, Lands::GateF),
    between_gates(Path::GateOutput, Lands::GateO),
];

/// What the gates of the next step bring to one of them, where they see each other.
const fn between_gates(path: Path, lands: Lands) -> Carried {
    Carried {
        path,
        lands,
        by: "through its matrix R",
        way: "The gates see each other: the gradient comes from the gates of the next step to this gate, past {h} and {c}.",
        bound: Some(
            "The slope of the gate is at most ¼: this path explodes only where the largest singular value of its \
              matrix exceeds 4.",
        ),
    }
}

/// The paths from step to step, the last two with peepholes only; what is within a step and what the
/// gates bring to each other left out.
pub(super) const CARRIED: [Carried; 7] = picked([0, 1, 2, 3, 4, 5, 6]);

/// The paths from step to step with full gate recurrence, the last two with peepholes only.
pub(super) const CARRIED_BY_GATES: [Carried; 10] = picked([0, 1, 2, 3, 4, 8, 9, 10, 5, 6]);

const fn picked<const N: usize>(places: [usize; N]) -> [Carried; N] {
    let mut all = [PATHS[0]; N];
    let mut k = 0;
    while k < N {
        all[k] = PATHS[places[k]];
        k += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::forward::forward;
    use crate::cell::{At, Cell, CellKind, ForgetGate, Init, Lstm, PathSet, init};
    use ndarray::Array2;

    /// By how much a step of an LSTM multiplies what leaves h, and comes back to h through the forget gate and a
    /// matrix of 1: with biases of i, f, z and o, and with c before the step.
    fn forget_factor(biases: [f64; 4], c: f64) -> f64 {
        let (mut parameters, _) = init::draw(CellKind::Lstm, 1, 1, Init::Scalar, false, 1).unwrap();
        parameters.w.fill(0.0);
        parameters.r.fill(0.0);
        parameters.r[[F, 0]] = 1.0;
        parameters.biases = Some([biases.to_vec().into(), vec![0.0; 4].into()]);
        let cell = Lstm::new(parameters, ForgetGate::Learned(None));
        let mut tape = cell.tape(1);
        tape.c[0] = c;
        let input = Array2::zeros((1, 1));
        forward(&cell, input.view(), &mut tape, &mut |_| true).unwrap();
        let (mut grad_c, mut delta, mut carry) = ([0.0], [0.0; 4], [0.0f64; 5]);
        let at = At {
            tape: &tape,
            t: 1,
            cuts: PathSet::EMPTY,
            grad_h: &[1.0],
            from_next: &[0.0],
        };
        cell.backward::<_, false>(at, &mut grad_c, &mut delta);
        cell.carry::<_, false>(at, &grad_c, &delta, &mut carry);
        let forget = cell
            .carried()
            .iter()
            .position(|way| way.path == Path::Forget);
        carry[forget.unwrap()].abs()
    }

    #[test]
    fn no_step_on_the_forget_path_does_more_than_is_said_and_one_does_as_much() {
        let height = |v: f64| (v + 1.0) / v.cosh().powi(2);
        let places = (-200_000..=400_000).map(|k| f64::from(k) / 1e5);
        let at = places
            .max_by(|a, b| height(*a).total_cmp(&height(*b)))
            .unwrap();
        let most = height(at);
        assert!((at - 0.3797).abs() < 1e-4, "{at}");
        assert_eq!(STEEPEST_FORGET, (most * 1e4).ceil() / 1e4);
        // Gates that are open but for f, which is nearly shut, and a c that is large for it.
        let shut = 1.0 / (1.0 + 20f64.exp());
        let found = forget_factor([40.0, -20.0, -40.0, 40.0], (at + 1.0) / shut);
        assert!((found - most).abs() < 1e-6 * most, "{found} for {most}");
        let mut all: f64 = 0.0;
        for f in [-20.0, -6.0, -3.0, -1.0, 0.0, 1.0, 3.0f64] {
            for (i, z, o) in [(40.0, -40.0, 40.0), (2.0, -0.7, 3.0), (0.0, 1.0, 0.0)] {
                for c in (-60..=60).map(|k| f64::from(k) / 10.0 * (1.0 + (-f).exp())) {
                    all = all.max(forget_factor([i, f, z, o], c));
                }
            }
        }
        assert!(all <= STEEPEST_FORGET && all > 1.19, "{all}");
        let forget = PATHS.iter().find(|way| way.path == Path::Forget);
        let bound = forget.and_then(|way| way.bound).expect("a sentence");
        let needs = format!("exceeds {:.3}", 1.0 / STEEPEST_FORGET);
        assert!(
            bound.contains(&STEEPEST_FORGET.to_string()) && bound.contains(&needs),
            "{bound}"
        );
    }

    /// u σ'(u + a) with u = p_f c: beyond 1 only for |u| > 4, and never where nothing but c moves the gate.
    #[test]
    fn the_peephole_of_the_forget_gate_needs_a_gate_that_is_half_open() {
        let factor = |u: f64, a: f64| {
            let f = 1.0 / (1.0 + (-u - a).exp());
            (u * f * (1.0 - f)).abs()
        };
        let (mut most, mut alone): (f64, f64) = (0.0, 0.0);
        for u in (-4000..=4000).map(|k| f64::from(k) / 100.0) {
            alone = alone.max(factor(u, 0.0));
            for a in (-80..=80).map(|k| f64::from(k) / 2.0) {
                if u.abs() <= 4.0 {
                    most = most.max(factor(u, a));
                }
            }
        }
        assert!(most <= 1.0 && most > 0.99, "{most}");
        assert!(alone < 0.225, "{alone}");
        assert!(factor(8.0, -8.0) > 1.9);
        let peephole = PATHS.iter().find(|way| way.path == Path::PeepholeForget);
        let bound = peephole.and_then(|way| way.bound).expect("a sentence");
        assert!(
            bound.contains("exceeds 4") && !bound.contains("explodes."),
            "{bound}"
        );
    }
}
