//! Two networks in one whose gradients drift hundreds of decades apart: neither is lost beside the other.

use ndarray::{Array1, Array2};
use proptest::prelude::*;

use super::tests::{Measured, cell, measure, numbers};
use crate::cell::forward::forward;
use crate::cell::{
    Activation, Cell, CellKind, Diagonal, ForgetGate, Init, Parameters, PathSet, Recurrence,
    Semantics, Variant, init, with_cell,
};
use crate::flow::{ClipMode, Gradient, Loss, Request};
use crate::num::Wide;
use crate::num::wides::{norm, widen};

/// Inputs D.
const D: usize = 2;

/// Rows of G gates of two networks, gate by gate.
fn rows(gates: usize, [n, m]: [usize; 2]) -> impl Iterator<Item = (usize, usize)> + Clone {
    (0..gates).flat_map(move |g| {
        let first = (0..n).map(move |j| (0, g * n + j));
        first.chain((0..m).map(move |j| (1, g * m + j)))
    })
}

/// Both networks beside each other, without a weight between them.
fn join(parts: &[Parameters; 2]) -> Parameters {
    let sizes = [parts[0].hidden(), parts[1].hidden()];
    let [n, m] = sizes;
    let vector = |gates, of: &dyn Fn(&Parameters) -> Array1<f64>| -> Array1<f64> {
        let parts = parts.each_ref().map(of);
        let numbers = rows(gates, sizes).map(|(which, row)| parts[which][row]);
        numbers.collect()
    };
    let gates = parts[0].gates();
    let at: Vec<(usize, usize)> = rows(gates, sizes).collect();
    let w = Array2::from_shape_fn((at.len(), D), |(row, k)| parts[at[row].0].w[[at[row].1, k]]);
    let matrices = parts[0].matrices();
    let r = Array2::from_shape_fn((matrices * (n + m), n + m), |(row, k)| {
        let (which, row) = at[row];
        let k = if which == 0 {
            Some(k)
        } else {
            k.checked_sub(n)
        };
        k.and_then(|k| parts[which].r.get((row, k)).copied())
            .unwrap_or(0.0)
    });
    let r = match parts.each_ref().map(Parameters::unit_weights) {
        [Some(first), Some(second)] => {
            let both: Vec<f64> = first.iter().chain(second).copied().collect();
            Array2::from_shape_vec((1, n + m), both).unwrap()
        }
        _ => r,
    };
    let bias = |which: usize| {
        let of = |p: &Parameters| p.biases.as_ref().unwrap()[which].clone();
        let empty = of(&parts[0]).is_empty();
        vector(if empty { 0 } else { gates }, &of)
    };
    let peephole = |which: usize| vector(1, &|p| p.peepholes.as_ref().unwrap()[which].clone());
    let diagonal = |of: &dyn Fn(&Diagonal) -> Array1<f64>| -> Array1<f64> {
        let all = parts.iter().flat_map(|p| of(p.diagonal.as_ref().unwrap()));
        all.collect()
    };
    Parameters {
        kind: parts[0].kind,
        w,
        r,
        biases: parts[0].biases.is_some().then(|| [bias(0), bias(1)]),
        peepholes: parts[0]
            .peepholes
            .is_some()
            .then(|| [0, 1, 2].map(peephole)),
        gates_r: None,
        diagonal: parts[0].diagonal.is_some().then(|| Diagonal {
            modulus: diagonal(&|d| d.modulus.clone()),
            angle: diagonal(&|d| d.angle.clone()),
            gamma: diagonal(&|d| d.gamma.clone()),
        }),
    }
}

/// Weights between time steps times this, and gates that keep closed by so much.
fn scale(p: &mut Parameters, by: f64, closed: f64) {
    p.r *= by;
    if let Some(diagonal) = &mut p.diagonal {
        diagonal.modulus *= by;
    }
    let n = p.hidden();
    let gate = match p.kind {
        CellKind::Lstm | CellKind::Gru => 1,
        _ => 0,
    };
    if let Some([b, _]) = p.biases.as_mut().filter(|_| !p.kind.spec().has_activation) {
        b.iter_mut()
            .skip(gate * n)
            .take(n)
            .for_each(|b| *b -= closed);
    }
}

fn run<C: Cell>(cell: &C, steps: usize, request: &Request) -> Measured {
    let number = |(t, k): (usize, usize)| ((t * 3 + k) as f64).sin();
    let inputs = Array2::from_shape_fn((steps, D), number);
    let mut tape = cell.tape(steps);
    forward(cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
    measure(cell, &tape, &inputs, request)
}

fn elements(gradient: &Gradient) -> Vec<Wide> {
    let shared = || widen(&gradient.mantissas, gradient.exponent);
    gradient.each.clone().unwrap_or_else(shared)
}

fn close(got: Wide, want: Wide, size: Wide, within: f64) -> bool {
    norm(&[got.plus(want.negated())]) <= size.times(Wide::from_f64(within))
}

/// Relative to a size that nothing has been taken from.
const EXACT: f64 = 1e-9;

/// Relative to a sum: at a step where paths cancel it has lost the digits by which it is smaller than they
/// are, in one order of its terms others than in another. What is lost beside something large is lost whole.
const CANCELLED: f64 = 1e-5;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn two_networks_in_one_are_both(
        kind in prop::sample::select(CellKind::ALL.to_vec()),
        activation in prop::sample::select(vec![Activation::Tanh, Activation::Relu, Activation::Linear]),
        peepholes: bool,
        sizes in [1usize..4, 1usize..4],
        steps in 2usize..160,
        which in 0usize..3,
        up in prop::sample::select(vec![0.0, 1.0, 1e5]),
        down in prop::sample::select(vec![1e-9, 1e-3, 0.5]),
        [open, closed] in [0.0..9.0f64, 0.0..40.0],
    ) {
        let peepholes = peepholes && kind == CellKind::Lstm;
        // Units of an LRU come in pairs.
        let sizes = if kind == CellKind::Lru { sizes.map(|n| 2 * n) } else { sizes };
        let mut parts = [0, 1].map(|k| {
            init::draw(kind, sizes[k], D, Init::Gaussian, peepholes, 5 + k as u64).unwrap().0
        });
        // What is bounded would be chaotic.
        let linear = kind == CellKind::Lru || kind.spec().has_activation && activation != Activation::Tanh;
        scale(&mut parts[0], if linear { up } else { up.min(1.0) }, -open);
        scale(&mut parts[1], down, closed);
        let v = init::unit_vector(sizes[0] + sizes[1], Init::Gaussian, 7);
        let v = v.as_slice().unwrap();
        let run = |p: Parameters, v: &[f64]| {
            let request = Request {
                loss: [Loss::Last(v), Loss::Sum(v), Loss::Mse(None)][which],
                cuts: PathSet::EMPTY,
                alone: true,
                without: true,
                clip: (ClipMode::Off, 1.0),
            };
            let own = if kind.spec().has_activation { activation } else { Activation::Tanh };
            let cell = cell(p, Semantics::of(own), ForgetGate::Learned(None), Variant::Plain);
            with_cell!(&cell, cell => run(cell, steps, &request))
        };
        let both = run(join(&parts), v);
        let [first, second] = parts.each_ref();
        let (first, second) = (
            run(first.clone(), &v[..sizes[0]]),
            run(second.clone(), &v[sizes[0]..]),
        );
        let apart = numbers(&first).into_iter().zip(numbers(&second));
        for (k, (got, (first, second))) in numbers(&both).into_iter().zip(apart).enumerate() {
            // ‖g‖ has the gradients of the weights between them, too.
            if k == 1 {
                let size = norm(&[first, second]);
                prop_assert!(close(got, first.plus(second), size, EXACT), "loss {got:?} for {first:?} + {second:?}");
            } else if !(2..5).contains(&k) {
                let want = first.hypot(second);
                prop_assert!(close(got, want, want, CANCELLED), "number {k}: {got:?} for {first:?} and {second:?}");
            }
        }
        let at: Vec<(usize, usize)> = rows(kind.gates(), sizes).collect();
        let units = kind.spec().recurrence == Recurrence::Units;
        for (k, gradient) in both.2.iter().enumerate() {
            let wanted = [&first.2[k], &second.2[k]].map(elements);
            let each = elements(gradient);
            for (which, wanted) in wanted.iter().enumerate() {
                let size = norm(wanted);
                let width = match gradient.name {
                    "weight_ih" => [D, D],
                    "bias_ih" | "bias_hh" => [1, 1],
                    "weight_hh" if units => [1, 1],
                    "weight_hh" => [each.len() / at.len(), sizes[which]],
                    _ => continue,
                };
                // The columns of the first network stand first.
                let matrix = gradient.name == "weight_hh" && !units;
                let from = if matrix { which * sizes[0] } else { 0 };
                for (row, _) in at.iter().enumerate().filter(|(_, (of, _))| *of == which) {
                    for k in 0..width[1] {
                        let got = each[row * width[0] + from + k];
                        let want = wanted[at[row].1 * width[1] + k];
                        prop_assert!(close(got, want, size, EXACT), "{} {row} {k}: {got:?} for {want:?}", gradient.name);
                    }
                }
            }
        }
    }
}
