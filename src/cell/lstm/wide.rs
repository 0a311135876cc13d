//! A step of the LSTM with an exponent for every number.

use super::gates::GATES;
use super::{F, I, LETTERS, Lstm, O, Z};
use crate::cell::Variant;
use crate::cell::wide_tape::{Squash, WideStep, WideTape};
use crate::num::Wide;
use crate::num::wides::{add, product, times, widen};

impl Lstm {
    /// Letters and activations of the gates, in the order of the blocks.
    pub(super) fn wide_squashes(&self) -> Vec<(char, Squash)> {
        let squash = |gate: usize| match (gate, self.variant) {
            (I, Variant::Nig) | (O, Variant::Nog) => Squash::Constant(1.0),
            (F, Variant::Cifg) => Squash::Complement,
            (Z, _) => self.semantics.activation.into(),
            (F, _) => match self.forget.constant() {
                Some(f) => Squash::Constant(f),
                None => self.semantics.gate.into(),
            },
            _ => self.semantics.gate.into(),
        };
        let gates = LETTERS.into_iter().enumerate();
        gates.map(|(gate, letter)| (letter, squash(gate))).collect()
    }

    /// As `forward`, of these W x_t + b.
    pub(super) fn wide_step(&self, tape: &WideTape, mut sums: Vec<Wide>, t: usize) -> WideStep {
        let n = self.parameters.hidden();
        add(&mut sums, &times(self.parameters.r.view(), tape.h(t - 1)));
        let c_before = tape.c(t - 1);
        let see = |sums: &mut [Wide], which: usize, c: &[Wide]| {
            if let Some(p) = self.peephole(which) {
                add(sums, &product(&widen(p, 0), c));
            }
        };
        see(&mut sums[I * n..][..n], 0, c_before);
        see(&mut sums[F * n..][..n], 1, c_before);
        if let Some(gates_r) = &self.parameters.gates_r {
            let seen = times(gates_r.view(), &tape.gate_state(t - 1));
            for (gate, seen) in GATES.into_iter().zip(seen.chunks_exact(n)) {
                add(&mut sums[gate * n..][..n], seen);
            }
        }
        let [i, f, z] = [I, F, Z].map(|gate| tape.activations(gate, &sums));
        let mut c = product(&z, &i);
        add(&mut c, &product(c_before, &f));
        see(&mut sums[O * n..][..n], 2, &c);
        let o = tape.activations(O, &sums);
        WideStep {
            h: product(&tape.squashed(&c), &o),
            c,
            sums,
            ..WideStep::default()
        }
    }
}
