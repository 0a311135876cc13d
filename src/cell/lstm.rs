//! Long short-term memory, with the equations of Greff et al. (2015) and the code beside them.
//!
//! With block input z (PyTorch calls it g), gates i, f, o, and ⊙ the elementwise product:
//!
//! ```text
//! z_t = tanh(W_z x_t + R_z h_{t-1} + b_z)
//! i_t = σ(W_i x_t + R_i h_{t-1} + p_i ⊙ c_{t-1} + b_i)
//! f_t = σ(W_f x_t + R_f h_{t-1} + p_f ⊙ c_{t-1} + b_f)
//! c_t = z_t ⊙ i_t + c_{t-1} ⊙ f_t
//! o_t = σ(W_o x_t + R_o h_{t-1} + p_o ⊙ c_t + b_o)
//! h_t = tanh(c_t) ⊙ o_t
//! ```
//!
//! and back, where δ is the gradient of the loss and a bar marks a pre-activation:
//!
//! ```text
//! δō_t = δh_t ⊙ tanh(c_t) ⊙ o_t(1-o_t)
//! δc_t = δh_t ⊙ o_t ⊙ (1-tanh²c_t) + δc_{t+1} ⊙ f_{t+1} + p_o⊙δō_t + p_i⊙δī_{t+1} + p_f⊙δf̄_{t+1}
//! δf̄_t = δc_t ⊙ c_{t-1} ⊙ f_t(1-f_t)
//! δī_t = δc_t ⊙ z_t ⊙ i_t(1-i_t)
//! δz̄_t = δc_t ⊙ i_t ⊙ (1-z_t²)
//! ```

use super::link::{Factor, Link, Name};
use super::{
    Carried, Cell, CellKind, ForgetGate, Lands, Parameters, Path, PathSet, StepJacobian, Tape,
};
use crate::num::hadamard::{add, add_product, product, product3};
use crate::num::{Packed, elementwise};

/// Blocks of the pre-activations, in PyTorch's order.
const I: usize = 0;
const F: usize = 1;
const Z: usize = 2;
const O: usize = 3;

const CARRIED: [Carried; 7] = [
    Carried {
        path: Path::Carousel,
        lands: Lands::C,
        crosses: false,
    },
    Carried {
        path: Path::Block,
        lands: Lands::H,
        crosses: true,
    },
    Carried {
        path: Path::Input,
        lands: Lands::H,
        crosses: true,
    },
    Carried {
        path: Path::Forget,
        lands: Lands::H,
        crosses: true,
    },
    Carried {
        path: Path::Output,
        lands: Lands::H,
        crosses: true,
    },
    Carried {
        path: Path::PeepholeInput,
        lands: Lands::C,
        crosses: false,
    },
    Carried {
        path: Path::PeepholeForget,
        lands: Lands::C,
        crosses: false,
    },
];

/// An LSTM with its weights packed for both directions.
#[derive(Clone, Debug)]
pub struct Lstm {
    parameters: Parameters,
    forget: ForgetGate,
    recurrent: Packed,
    /// R_Gᵀ of each gate, in the order of the blocks.
    transposed: [Packed; 4],
}

impl Lstm {
    /// An LSTM of these parameters; `forget` says whether f is σ(…) or a constant.
    ///
    /// # Panics
    /// When the parameters are not an LSTM's; loaders and initialisers check shapes.
    #[must_use]
    pub fn new(parameters: Parameters, forget: ForgetGate) -> Self {
        assert!(parameters.kind == CellKind::Lstm && parameters.gates() == 4);
        let transposed = [I, F, Z, O].map(|g| Packed::new(parameters.recurrent(g).reversed_axes()));
        Self {
            recurrent: Packed::new(parameters.r.view()),
            transposed,
            parameters,
            forget,
        }
    }

    /// p_i, p_f or p_o as a slice.
    #[inline(always)]
    fn peephole(&self, which: usize) -> Option<&[f64]> {
        self.parameters
            .peepholes
            .as_ref()
            .and_then(|p| p[which].as_slice())
    }

    /// The factor that takes the chain of a path alone (δc, for `output` δh) at step t to the
    /// pre-activation of its gate.
    #[inline(always)]
    fn factor(tape: &Tape, t: usize, gate: usize) -> (&[f64], &[f64]) {
        let other = match gate {
            I => tape.activation(t, Z),
            F => tape.c(t - 1),
            Z => tape.activation(t, I),
            _ => tape.squashed(t),
        };
        (other, tape.slope(t, gate))
    }
}

impl Cell for Lstm {
    fn kind(&self) -> CellKind {
        CellKind::Lstm
    }

    fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn carried(&self) -> &'static [Carried] {
        if self.parameters.peepholes.is_some() {
            &CARRIED
        } else {
            &CARRIED[..5]
        }
    }

    fn gate_names(&self) -> &'static [&'static str] {
        &["input", "forget", "block", "output"]
    }

    fn tape(&self, steps: usize) -> Tape {
        Tape::new(self.parameters.hidden(), 4, steps, true)
    }

    #[inline(always)]
    fn forward<const FMA: bool>(&self, input: &mut [f64], tape: &mut Tape, t: usize) {
        let n = tape.hidden;
        let (h_before, h) = rows(&mut tape.h, t, n);
        let (c_before, c) = rows(&mut tape.c, t, n);
        let act = &mut tape.activations[(t - 1) * 4 * n..][..4 * n];
        let slope = &mut tape.slopes[(t - 1) * 4 * n..][..4 * n];
        let squashed = &mut tape.squashed[(t - 1) * n..][..n];
        let gain = &mut tape.gain[(t - 1) * n..][..n];

        // The activations' memory holds R h_{t-1} until they are known.
        self.recurrent.times::<FMA>(h_before, act, t % 2 == 1);
        add(input, act);
        if let (Some(p_i), Some(p_f)) = (self.peephole(0), self.peephole(1)) {
            add_product(&mut input[I * n..][..n], p_i, c_before);
            add_product(&mut input[F * n..][..n], p_f, c_before);
        }
        elementwise::sigmoid::<FMA>(&input[..2 * n], &mut act[..2 * n], &mut slope[..2 * n]);
        elementwise::tanh::<FMA>(
            &input[Z * n..][..n],
            &mut act[Z * n..][..n],
            &mut slope[Z * n..][..n],
        );
        if let Some(f) = self.forget.constant() {
            act[F * n..][..n].fill(f);
            slope[F * n..][..n].fill(0.0);
        }
        let (i, f, z) = (&act[I * n..][..n], &act[F * n..][..n], &act[Z * n..][..n]);
        for j in 0..n {
            c[j] = z[j] * i[j] + c_before[j] * f[j];
        }
        if let Some(p_o) = self.peephole(2) {
            add_product(&mut input[O * n..][..n], p_o, c);
        }
        elementwise::sigmoid::<FMA>(
            &input[O * n..][..n],
            &mut act[O * n..][..n],
            &mut slope[O * n..][..n],
        );
        elementwise::tanh::<FMA>(c, squashed, gain);
        let o = &act[O * n..][..n];
        for j in 0..n {
            gain[j] *= o[j];
            h[j] = squashed[j] * o[j];
        }
    }

    #[inline(always)]
    fn backward<const FMA: bool>(
        &self,
        tape: &Tape,
        t: usize,
        cuts: PathSet,
        grad_h: &[f64],
        carry_c: &[f64],
        grad_c: &mut [f64],
        delta: &mut [f64],
    ) {
        let n = tape.hidden;
        let (delta_i, rest) = delta.split_at_mut(n);
        let (delta_f, rest) = rest.split_at_mut(n);
        let (delta_z, delta_o) = rest.split_at_mut(n);
        product3(delta_o, grad_h, tape.squashed(t), tape.slope(t, O));
        let gain = &tape.gain[(t - 1) * n..][..n];
        for (((d, &g), &e), &k) in grad_c.iter_mut().zip(grad_h).zip(gain).zip(carry_c) {
            *d = g * e + k;
        }
        if let Some(p_o) = self.peephole(2)
            && !cuts.contains(Path::PeepholeOutput)
        {
            add_product(grad_c, p_o, delta_o);
        }
        product3(delta_f, grad_c, tape.c(t - 1), tape.slope(t, F));
        product3(delta_i, grad_c, tape.activation(t, Z), tape.slope(t, I));
        product3(delta_z, grad_c, tape.activation(t, I), tape.slope(t, Z));
    }

    #[inline(always)]
    fn carry<const FMA: bool>(
        &self,
        tape: &Tape,
        t: usize,
        _: &[f64],
        grad_c: &[f64],
        delta: &[f64],
        carry: &mut [f64],
    ) {
        let n = tape.hidden;
        product(&mut carry[..n], tape.activation(t, F), grad_c);
        let fro = t % 2 == 1;
        for k in 0..4 {
            let k = if fro { 3 - k } else { k };
            let gate = [Z, I, F, O][k];
            let out = &mut carry[(k + 1) * n..][..n];
            self.transposed[gate].times::<FMA>(&delta[gate * n..][..n], out, fro);
        }
        if let (Some(p_i), Some(p_f)) = (self.peephole(0), self.peephole(1)) {
            product(&mut carry[5 * n..][..n], p_i, &delta[I * n..][..n]);
            product(&mut carry[6 * n..][..n], p_f, &delta[F * n..][..n]);
        }
    }

    fn jacobian(&self, tape: &Tape, t: usize, out: &mut StepJacobian) {
        // ∂c_t/∂h_{t-1} = diag(i z') R_z + diag(z i') R_i + diag(c_{t-1} f') R_f
        // ∂h_t/∂h_{t-1} beside that through c_t = diag(tanh(c) o') R_o
        let [z, i, f, o] = [Z, I, F, O].map(|gate| {
            let (other, slope) = Self::factor(tape, t, gate);
            other
                .iter()
                .zip(slope)
                .map(|(x, s)| x * s)
                .collect::<Vec<f64>>()
        });
        let r = |gate| self.parameters.recurrent(gate);
        out.set_direct(&[(r(O), &o)]);
        out.set_into_c(&[(r(Z), &z), (r(I), &i), (r(F), &f)]);
        // ∂c_t/∂c_{t-1} = diag(f + p_i z i' + p_f c_{t-1} f')
        let keeps = out.keeps_mut();
        keeps.copy_from_slice(tape.activation(t, F));
        if let (Some(p_i), Some(p_f)) = (self.peephole(0), self.peephole(1)) {
            add_product(keeps, p_i, &i);
            add_product(keeps, p_f, &f);
        }
        // ∂h_t/∂c_t = diag(E + p_o tanh(c) o')
        let shows = out.shows_mut();
        shows.copy_from_slice(tape.gain(t).unwrap_or_default());
        if let Some(p_o) = self.peephole(2) {
            add_product(shows, p_o, &o);
        }
    }

    fn link<'a>(&'a self, path: Path, tape: &'a Tape, t: usize) -> Option<Link<'a>> {
        let within = path == Path::PeepholeOutput;
        let s = if within { t } else { t + 1 };
        let gate = match path {
            Path::Carousel => {
                return Some(Link {
                    from: Lands::C,
                    start: s,
                    factors: vec![Factor::of(Name::Gate('f'), s, tape.activation(s, F))],
                });
            }
            Path::Block => Z,
            Path::Input | Path::PeepholeInput => I,
            Path::Forget | Path::PeepholeForget => F,
            Path::Output | Path::PeepholeOutput => O,
            _ => return None,
        };
        let letter = ['i', 'f', 'z', 'o'][gate];
        let mut factors = match path {
            Path::PeepholeInput => vec![Factor::of(Name::Peephole('i'), s, self.peephole(0)?)],
            Path::PeepholeForget => vec![Factor::of(Name::Peephole('f'), s, self.peephole(1)?)],
            Path::PeepholeOutput => vec![Factor::of(Name::Peephole('o'), s, self.peephole(2)?)],
            _ => vec![
                Factor::of(Name::Gain, t, tape.gain(t)?),
                Factor::transposed(Some(letter), s, self.parameters.recurrent(gate)),
            ],
        };
        let (other, slope) = Self::factor(tape, s, gate);
        let other_name = match gate {
            I => Name::Gate('z'),
            F => Name::Before,
            Z => Name::Gate('i'),
            _ => Name::Squashed,
        };
        factors.push(Factor::of(other_name, s, other));
        factors.push(Factor::of(Name::Slope(letter), s, slope));
        Some(Link {
            from: if gate == O { Lands::H } else { Lands::C },
            start: s,
            factors,
        })
    }

    fn same_step_path(&self) -> Option<Path> {
        self.parameters
            .peepholes
            .as_ref()
            .map(|_| Path::PeepholeOutput)
    }

    #[inline(always)]
    fn same_step_term(&self, delta: &[f64], term: &mut [f64]) {
        if let Some(p_o) = self.peephole(2) {
            product(term, p_o, &delta[O * term.len()..]);
        }
    }

    fn alone_lives_on(&self, path: Path) -> Lands {
        if path == Path::Output {
            Lands::H
        } else {
            Lands::C
        }
    }

    #[inline(always)]
    fn alone<const FMA: bool>(
        &self,
        path: Path,
        tape: &Tape,
        t: usize,
        v: &[f64],
        out: &mut [f64],
    ) {
        let through = |gate: usize, out: &mut [f64]| {
            let mut scaled = vec![0.0; v.len()];
            let (other, slope) = Self::factor(tape, t + 1, gate);
            product3(&mut scaled, v, other, slope);
            self.transposed[gate].times::<FMA>(&scaled, out, t % 2 == 1);
            if gate != O {
                let gain = &tape.gain[(t - 1) * v.len()..][..v.len()];
                out.iter_mut().zip(gain).for_each(|(x, e)| *x *= e);
            }
        };
        let peep = |which: usize, gate: usize, out: &mut [f64]| {
            let (other, slope) = Self::factor(tape, t + 1, gate);
            product3(out, v, other, slope);
            if let Some(p) = self.peephole(which) {
                out.iter_mut().zip(p).for_each(|(x, p)| *x *= p);
            }
        };
        match path {
            Path::Carousel => product(out, tape.activation(t + 1, F), v),
            Path::Block => through(Z, out),
            Path::Input => through(I, out),
            Path::Forget => through(F, out),
            Path::Output => through(O, out),
            Path::PeepholeInput => peep(0, I, out),
            Path::PeepholeForget => peep(1, F, out),
            // p_o ⊙ δō_t needs a δh_t, and no other path is left to bring one.
            _ => out.fill(0.0),
        }
    }
}

/// Row t − 1 and row t of a flat array of rows of `n`.
#[inline(always)]
fn rows(flat: &mut [f64], t: usize, n: usize) -> (&[f64], &mut [f64]) {
    let (before, now) = flat.split_at_mut(t * n);
    (&before[(t - 1) * n..], &mut now[..n])
}
