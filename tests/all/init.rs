//! What a framework's initialisation draws, against what the framework itself drew:
//! `tests/data/init/frameworks.json`, made by `frameworks.py` beside it.

use ndarray::{ArrayView1, ArrayView2, Axis, Slice};
use rnntop::cell::{CellKind, Init, Parameters, init};
use serde_json::Value;

const INPUTS: usize = 8;

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn mean_square(matrix: ArrayView2<f64>) -> f64 {
    matrix.iter().map(|x| x * x).sum::<f64>() / matrix.len() as f64
}

/// The bias that a gate's pre-activation gets, whichever of the two it comes from.
fn bias(parameters: &Parameters, gate: usize) -> Vec<f64> {
    let [b_ih, b_hh] = parameters.biases.as_ref().expect("there are biases");
    let n = parameters.hidden();
    let rows = Slice::from(gate * n..(gate + 1) * n);
    let of = |b: ArrayView1<f64>| b.slice_axis(Axis(0), rows).to_owned();
    (of(b_ih.view()) + of(b_hh.view())).to_vec()
}

/// Radii of the gates' own blocks, sizes of weights and biases of every gate, at H = 32 and 128.
#[test]
fn frameworks_draw_what_they_draw_themselves() {
    let text = include_str!("../data/init/frameworks.json");
    let found: Value = serde_json::from_str(text).expect("JSON");
    for (name, init) in [("pytorch", Init::PyTorch), ("keras", Init::Keras)] {
        for kind in [CellKind::Rnn, CellKind::Lstm, CellKind::Gru] {
            for (hidden, count) in [(32, 40), (128, 6)] {
                let at = format!("{name} {} {hidden}", kind.name());
                let theirs = |field: &str| found[&at][field].as_f64().expect("a number");
                let drawn: Vec<_> = (0..count)
                    .map(|seed| init::draw(kind, hidden, INPUTS, init, false, seed).expect(&at))
                    .collect();
                let radii: Vec<f64> = drawn
                    .iter()
                    .flat_map(|(_, sizes)| sizes.iter().map(|size| size.radius))
                    .collect();
                // Five standard errors of the mean; Keras draws in float32.
                let error = 5.0 * theirs("radius_std") / (radii.len() as f64).sqrt();
                let off = mean(&radii) - theirs("radius_mean");
                assert!(off.abs() <= error + 1e-6, "{at}: radius off by {off}");
                for (field, matrix) in [
                    (
                        "w_mean_square",
                        (|p| p.w.view()) as fn(&Parameters) -> ArrayView2<f64>,
                    ),
                    ("r_mean_square", |p| p.r.view()),
                ] {
                    let squares: Vec<_> =
                        drawn.iter().map(|(p, _)| mean_square(matrix(p))).collect();
                    let ratio = mean(&squares) / theirs(field);
                    assert!((ratio - 1.0).abs() < 0.06, "{at}: {field} × {ratio}");
                }
                for gate in 0..kind.gates() {
                    let all: Vec<f64> = drawn.iter().flat_map(|(p, _)| bias(p, gate)).collect();
                    let squares: Vec<f64> = all.iter().map(|b| b * b).collect();
                    let their = |field: &str| found[&at][field][gate].as_f64().expect("a number");
                    let size = their("bias_mean_square");
                    let off = mean(&all) - their("bias_mean");
                    let error = 6.0 * (size / all.len() as f64).sqrt();
                    let exact = init == Init::Keras;
                    assert!(
                        off.abs() <= if exact { 0.0 } else { error },
                        "{at}: bias {gate} off by {off}"
                    );
                    let off = mean(&squares) - size;
                    assert!(
                        off.abs() <= if exact { 0.0 } else { 0.2 * size },
                        "{at}: size of bias {gate} off by {off}"
                    );
                }
            }
        }
    }
}

/// Keras' recurrent kernel is orthogonal as a whole and in none of its blocks: people expect ρ = 1
/// of `orthogonal` and see about a half.
#[test]
fn an_orthogonal_kernel_of_all_gates_is_not_orthogonal_in_each() {
    let (parameters, sizes) =
        init::draw(CellKind::Lstm, 128, INPUTS, Init::Keras, false, 7).expect("it converges");
    let r = &parameters.r;
    let gram = r.t().dot(r);
    for ((i, j), x) in gram.indexed_iter() {
        let one = if i == j { 1.0 } else { 0.0 };
        assert!((x - one).abs() < 1e-12, "{i} {j}: {x}");
    }
    for size in sizes {
        assert!((size.radius - 0.52).abs() < 0.04, "{size:?}");
    }
}

/// All of PyTorch's numbers are within 1/√H.
#[test]
fn a_uniform_draw_keeps_to_its_bounds() {
    for kind in [CellKind::Rnn, CellKind::Lstm, CellKind::Gru] {
        let (parameters, _) =
            init::draw(kind, 16, INPUTS, Init::PyTorch, false, 3).expect("it converges");
        let biases = parameters.biases.iter().flatten().flatten();
        let all: Vec<f64> = parameters
            .w
            .iter()
            .chain(&parameters.r)
            .chain(biases)
            .copied()
            .collect();
        let largest = all.iter().fold(0.0, |top: f64, x| top.max(x.abs()));
        assert!(
            largest <= 0.25 && largest > 0.24,
            "{}: {largest}",
            kind.name()
        );
    }
}
