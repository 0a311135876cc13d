//! Gradients of the parameters with an exponent for every number.

use std::borrow::Cow;

use ndarray::{ArrayView2, Axis};

use super::Gradient;
use crate::cell::link::Name;
use crate::cell::{Cell, Diagonal, Tape};
use crate::num::Wide;
use crate::num::wides::{add, outer, product};

/// As [`super::gradients`], from the δ of the pre-activations (T × G·H).
pub(super) fn gradients<C: Cell>(
    cell: &C,
    tape: &Tape,
    inputs: ArrayView2<f64>,
    deltas: &[Wide],
) -> Vec<Gradient> {
    let (n, width, inner) = (tape.hidden, tape.hidden * tape.gates, inputs.ncols());
    let parameters = cell.parameters();
    let x: Vec<Wide> = inputs.iter().map(|&x| Wide::from_f64(x)).collect();
    let h: Vec<Wide> = (0..tape.steps).flat_map(|t| tape.wide_h(t)).collect();
    let of_w = outer(deltas, &x, [width, inner]);
    if let Some(diagonal) = &parameters.diagonal {
        return of_diagonal(diagonal, parameters.w.view(), deltas, of_w, &h);
    }
    let mut all = vec![Gradient::each("weight_ih", of_w)];
    let recurrent = recurrent(cell, tape, deltas);
    if parameters.unit_weights().is_some() {
        let products = product(&recurrent, &h);
        all.push(Gradient::each("weight_hh", sum(&products, n)));
    } else if !parameters.r.is_empty() {
        let mut of_r = outer(&recurrent, &h, [width, n]);
        if let Some(seen) = cell.seen_by_last(tape) {
            let steps = (1..).zip(seen.chunks_exact(n));
            let seen =
                steps.flat_map(|(t, row)| tape.wide_or(Name::Candidate, t, row.iter().copied()));
            let rows = recurrent
                .chunks_exact(width)
                .flat_map(|row| &row[width - n..]);
            let last: Vec<Wide> = rows.copied().collect();
            let of_last = outer(&last, &seen.collect::<Vec<_>>(), [n, n]);
            of_r.splice((width - n) * n.., of_last);
        }
        all.push(Gradient::each("weight_hh", of_r));
    }
    if let Some([_, b_hh]) = &parameters.biases {
        all.push(Gradient::each("bias_ih", sum(deltas, width)));
        if !b_hh.is_empty() {
            all.push(Gradient::each("bias_hh", sum(&recurrent, width)));
        }
    }
    if parameters.peepholes.is_some() {
        // i and f see the c before, o sees that of its own step.
        for (name, gate, behind) in [
            ("weight_peephole_i", 0, 1),
            ("weight_peephole_f", 1, 1),
            ("weight_peephole_o", 3, 0),
        ] {
            let mut of_p = vec![Wide::ZERO; n];
            for (t, row) in (1..).zip(deltas.chunks_exact(width)) {
                let c = tape.wide_c(t - behind);
                add(&mut of_p, &product(&row[gate * n..][..n], &c));
            }
            all.push(Gradient::each(name, of_p));
        }
    }
    if parameters.gates_r.is_some() {
        let rows = deltas.chunks_exact(width);
        let picked = rows.flat_map(|row| [0, 1, 3].map(|gate| &row[gate * n..][..n]));
        let picked: Vec<Wide> = picked.flatten().copied().collect();
        let before = 0..tape.steps;
        let gates: Vec<Wide> = before.flat_map(|t| tape.wide_gate_state(t)).collect();
        let of_gates = outer(&picked, &gates, [3 * n, 3 * n]);
        all.push(Gradient::each("weight_gates", of_gates));
    }
    all
}

/// The δ of R h_{t-1}.
fn recurrent<'a, C: Cell>(cell: &C, tape: &Tape, deltas: &'a [Wide]) -> Cow<'a, [Wide]> {
    let n = tape.hidden;
    if cell.recurrent_factor(tape, 1).is_none() {
        return deltas.into();
    }
    let mut all = deltas.to_vec();
    for (t, row) in (1..).zip(all.chunks_exact_mut(tape.gates * n)) {
        if let Some((gate, factor)) = cell.recurrent_factor(tape, t) {
            let block = &mut row[gate * n..][..n];
            let scaled = factor.on(tape).times(block);
            block.copy_from_slice(&scaled);
        }
    }
    all.into()
}

/// Σ_t of rows of so many numbers.
fn sum(rows: &[Wide], width: usize) -> Vec<Wide> {
    let mut sum = vec![Wide::ZERO; width];
    for row in rows.chunks_exact(width) {
        add(&mut sum, row);
    }
    sum
}

/// Those of an LRU, from Σ δ_t x_tᵀ.
fn of_diagonal(
    diagonal: &Diagonal,
    w: ArrayView2<f64>,
    deltas: &[Wide],
    mut of_w: Vec<Wide>,
    h: &[Wide],
) -> Vec<Gradient> {
    let (n, inner) = w.dim();
    let Diagonal {
        modulus,
        angle,
        gamma,
    } = diagonal;
    let by = |x: Wide, factor: f64| x.times(Wide::from_f64(factor));
    // Σ_t δ_j h_k.
    let across_time = |j: usize, k: usize| {
        let rows = deltas.chunks_exact(n).zip(h.chunks_exact(n));
        rows.fold(Wide::ZERO, |sum, (d, h)| sum.plus(d[j].times(h[k])))
    };
    let (mut of_modulus, mut of_angle) = (Vec::new(), Vec::new());
    for (k, &modulus) in modulus.iter().enumerate() {
        let j = 2 * k;
        let Some(angle) = angle.get(k) else {
            of_modulus.push(across_time(j, j));
            continue;
        };
        let along = across_time(j, j).plus(across_time(j + 1, j + 1));
        let turned = across_time(j + 1, j).plus(across_time(j, j + 1).negated());
        let (sin, cos) = angle.sin_cos();
        of_modulus.push(by(along, cos).plus(by(turned, sin)));
        of_angle.push(by(by(turned, cos).plus(by(along, -sin)), modulus));
    }
    let mut of_gamma = vec![Wide::ZERO; gamma.len()];
    for ((j, row), w) in of_w
        .chunks_exact_mut(inner)
        .enumerate()
        .zip(w.axis_iter(Axis(0)))
    {
        for (of_w, &w) in row.iter_mut().zip(w) {
            of_gamma[j / 2] = of_gamma[j / 2].plus(by(*of_w, w));
            *of_w = by(*of_w, gamma[j / 2]);
        }
    }
    vec![
        Gradient::each("weight_ih", of_w),
        Gradient::each("lambda_modulus", of_modulus),
        Gradient::each("lambda_angle", of_angle),
        Gradient::each("gamma", of_gamma),
    ]
}
