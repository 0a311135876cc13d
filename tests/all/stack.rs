//! Gradients through stacks of layers against PyTorch's float64 autograd: the two-layer cases of
//! `tests/data/reference`, and those of `tests/data/stacks` (`make.py` beside them) for both
//! directions, projections, three layers and layers without biases.

// The helpers of tests are tests, too.
use std::path::Path;

use crate::common::reference::{Case, Check, cases, their_name};
use ndarray::Array2;
use rnntop::cell::{Activation, CellKind, Direction, Parameters, Semantics, StackParameters};
use rnntop::flow::stack::{LayerFlow, StackLoss, StackTape};
use rnntop::flow::{Stack, StackFlow};
use rnntop::io::{ModelFile, arrays};
use rnntop::num::Wide;
use serde_json::Value;

fn plain(x: Wide) -> f64 {
    x.to_f64().unwrap_or_else(|| x.saturating_f64())
}

/// Reads a model and its input and runs it, from the initial states of each layer if any.
fn run(folder: &Path, activation: Activation, h0: &[Vec<f64>]) -> (Stack, StackTape) {
    let file = ModelFile::open(&folder.join("weights.safetensors")).unwrap();
    let parameters = file.stack(None).unwrap().value;
    let own = if parameters.kind == CellKind::Rnn {
        activation
    } else {
        Activation::Tanh
    };
    let stack = Stack::new(parameters, Semantics::of(own));
    let inputs = arrays::load_matrix(&folder.join("input.npy"))
        .unwrap()
        .value;
    let mut tapes = stack.tapes(inputs.nrows());
    for (layer, h0) in tapes.iter_mut().zip(h0) {
        layer[0].h[..h0.len()].copy_from_slice(h0);
    }
    let run = stack.forward(inputs.view(), tapes, &mut |_| true).unwrap();
    (stack, run)
}

fn backward(
    stack: &Stack,
    run: &StackTape,
    loss: &str,
    v: &[f64],
    targets: &Array2<f64>,
) -> StackFlow {
    let loss = match loss {
        "last" => StackLoss::Last(v),
        "sum" => StackLoss::Sum(v),
        _ => StackLoss::Mse(targets),
    };
    stack.backward(run, loss, &mut |_| true).unwrap()
}

fn share<'a>(flow: &'a LayerFlow, name: &str) -> Option<&'a [Wide]> {
    let mut paths = flow.paths.iter();
    let path = paths.find(|path| path.path.name() == name)?;
    Some(&path.share)
}

#[test]
fn two_layers_agree_with_the_reference() {
    let stacks: Vec<Case> = cases().into_iter().filter(|c| !c.is_one_cell()).collect();
    assert_eq!(stacks.len(), 3);
    for case in &stacks {
        let lists = |pointer: &str| -> Vec<Vec<f64>> {
            (0..2)
                .filter_map(|layer| case.list(&format!("{pointer}/{layer}")))
                .collect()
        };
        let (stack, run) = run(&case.folder, Activation::Tanh, &lists("/h0"));
        let kind = case.description["loss"]["kind"].as_str().unwrap();
        let v = case.list("/loss/v").unwrap_or_default();
        let targets = match kind {
            "mse" => {
                arrays::load_matrix(&case.file("targets.npy"))
                    .unwrap()
                    .value
            }
            _ => Array2::zeros((1, 1)),
        };
        let flow = backward(&stack, &run, kind, &v, &targets);
        let mut check = Check::new(case);
        for step in case.expected["steps"].as_array().unwrap() {
            let t = step["t"].as_u64().unwrap() as usize;
            let layer = step["layer"].as_u64().unwrap() as usize;
            let flow = &flow.layers[layer][0];
            let at = format!("layer {layer} t={t}");
            check.number(
                "grad_h",
                &at,
                plain(flow.totals.grad_h[t - 1]),
                step["grad_h"].as_f64().unwrap(),
            );
            if let Some(want) = step["grad_c"].as_f64() {
                check.number("grad_c", &at, plain(flow.totals.grad_c[t - 1]), want);
            }
            let want = step["paths"].as_object().unwrap();
            for path in &flow.paths {
                let name = their_name(path.path.name());
                let got = plain(path.share[t - 1]);
                check.number(
                    &format!("paths.{name}"),
                    &at,
                    got,
                    want[name].as_f64().unwrap(),
                );
            }
            // The other of the two ends, `direct` or `above`, is nothing here.
            let other = if layer == 1 { "above" } else { "direct" };
            assert_eq!(want[other].as_f64(), Some(0.0));
            assert_eq!(want.len(), flow.paths.len() + 1);
        }
        let expected = |name: &str| case.expected[name].as_f64().unwrap();
        check.number("loss", "", plain(flow.loss), expected("loss"));
        check.number(
            "param_grad_norm",
            "",
            plain(flow.grad_norm),
            expected("param_grad_norm"),
        );
        for (layer, flow) in flow.layers.iter().enumerate() {
            for (name, norm) in &flow[0].parameters {
                let want = &case.expected["param_grad_norms"][format!("{name}_l{layer}")];
                check.number(
                    "param_grad_norms",
                    name,
                    plain(*norm),
                    want.as_f64().unwrap(),
                );
            }
            let want = case.expected["grad_h0"][layer].as_f64().unwrap();
            check.number("grad_h0", "", plain(flow[0].grad_h0), want);
            assert!(flow[0].residual.iter().all(|&r| r < 1e-14));
        }
        check.finish();
    }
}

#[test]
fn both_directions_and_projections_agree_with_pytorch() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/stacks");
    let mut folders = std::fs::read_dir(root).unwrap().map(|e| e.unwrap().path());
    let mut count = 0;
    while let Some(folder) = folders.find(|path| path.is_dir()) {
        count += 1;
        let case: Value =
            serde_json::from_slice(&std::fs::read(folder.join("case.json")).unwrap()).unwrap();
        let v: Vec<f64> = serde_json::from_value(case["v"].clone()).unwrap();
        let (stack, run) = run(&folder, Activation::Relu, &[]);
        let loss = case["loss"].as_str().unwrap();
        let flow = backward(&stack, &run, loss, &v, &Array2::zeros((1, 1)));
        let expected = &case["expected"];
        let near = |what: &str, got: Wide, want: &Value| {
            let want = want.as_f64().unwrap_or_else(|| panic!("{what} is missing"));
            let error = (plain(got) - want).abs();
            let name = folder.display();
            assert!(
                error <= 1e-9 * want.abs(),
                "{name} {what}: {got:?}, want {want:e}"
            );
        };
        near("loss", flow.loss, &expected["loss"]);
        near("grad_norm", flow.grad_norm, &expected["grad_norm"]);
        for (layer, flows) in flow.layers.iter().enumerate() {
            let directions = expected["layers"][layer].as_array().unwrap();
            assert_eq!(directions.len(), flows.len());
            for (flow, want) in flows.iter().zip(directions) {
                let at = |what: &str, s: usize| {
                    format!("{what} layer {layer} reverse {} s={}", flow.reverse, s + 1)
                };
                for s in 0..flow.totals.grad_h.len() {
                    near(&at("grad_h", s), flow.totals.grad_h[s], &want["grad_h"][s]);
                    if !flow.totals.grad_c.is_empty() {
                        near(&at("grad_c", s), flow.totals.grad_c[s], &want["grad_c"][s]);
                    }
                    for (path, list) in want["paths"].as_object().unwrap() {
                        near(&at(path, s), share(flow, path).unwrap()[s], &list[s]);
                    }
                    assert!(flow.residual[s] < 1e-13);
                }
                near(&at("grad_h0", 0), flow.grad_h0, &want["grad_h0"]);
                if let Some(c0) = flow.grad_c0 {
                    near(&at("grad_c0", 0), c0, &want["grad_c0"]);
                }
                for (name, norm) in &flow.parameters {
                    near(&at(name, 0), *norm, &want["parameters"][name]);
                }
            }
        }
    }
    assert_eq!(count, 5);
}

/// A linear layer of one unit: a weight of its input and one of its state.
fn scalar(w: f64, r: f64) -> Direction {
    Direction::from(Parameters {
        kind: CellKind::Rnn,
        w: Array2::from_elem((1, 1), w),
        r: Array2::from_elem((1, 1), r),
        biases: None,
        peepholes: None,
        gates_r: None,
        diagonal: None,
    })
}

/// h¹_t = a h¹_{t-1} + x_t and h²_t = b h²_{t-1} + h¹_t with L = h²_T:
/// δh¹_t = Σ_{s ≥ t} a^{s-t} b^{T-s} = (a^{T-t+1} − b^{T-t+1}) / (a − b), far beyond float64.
#[test]
fn a_lower_layer_keeps_gradients_beyond_float64() {
    const STEPS: usize = 1500;
    for (a, b) in [(0.2, 0.1), (0.1, 0.2), (5.0, 9.0), (0.01, 3.0)] {
        let parameters = StackParameters {
            kind: CellKind::Rnn,
            layers: vec![vec![scalar(1.0, a)], vec![scalar(1.0, b)]],
        };
        let stack = Stack::new(parameters, Semantics::of(Activation::Linear));
        // Without input the states stay within float64, whatever a and b.
        let inputs = Array2::zeros((STEPS, 1));
        let run = stack
            .forward(inputs.view(), stack.tapes(STEPS), &mut |_| true)
            .unwrap();
        let flow = stack
            .backward(&run, StackLoss::Last(&[1.0]), &mut |_| true)
            .unwrap();
        let (small, large): (f64, f64) = if a < b { (a, b) } else { (b, a) };
        for (t, got) in (1..=STEPS).zip(&flow.layers[0][0].totals.grad_h) {
            let n = (STEPS - t + 1) as f64;
            let want = n * large.log10() + (1.0 - (small / large).powf(n)).log10()
                - (large - small).log10();
            let error = (got.log10() - want).abs();
            assert!(
                error < 1e-11 * want.abs().max(1.0),
                "{a} {b} t={t}: {} {want}",
                got.log10()
            );
        }
    }
}

/// What comes down to the first of eight layers is 1e-700 at T: nothing to begin with, and a binary
/// exponent that is no power of f64.
#[test]
fn a_gradient_that_begins_beyond_float64_is_kept() {
    const STEPS: usize = 3;
    const LAYERS: usize = 8;
    const W: f64 = 1e-100;
    const R: f64 = 0.5;
    let parameters = StackParameters {
        kind: CellKind::Rnn,
        layers: (0..LAYERS).map(|_| vec![scalar(W, R)]).collect(),
    };
    let stack = Stack::new(parameters, Semantics::of(Activation::Linear));
    let inputs = Array2::zeros((STEPS, 1));
    let run = stack
        .forward(inputs.view(), stack.tapes(STEPS), &mut |_| true)
        .unwrap();
    let flow = stack
        .backward(&run, StackLoss::Last(&[1.0]), &mut |_| true)
        .unwrap();
    for (layer, flow) in flow.layers.iter().enumerate() {
        // Of j steps back and i layers down there are C(i + j, j) ways, each W^i R^j.
        let i = LAYERS - 1 - layer;
        for (t, got) in (1..=STEPS).zip(&flow[0].totals.grad_h) {
            let j = STEPS - t;
            let ways = (1..=j).fold(1.0, |ways, n| ways * (i + n) as f64 / n as f64);
            let want = i as f64 * W.log10() + j as f64 * R.log10() + f64::log10(ways);
            assert!((got.log10() - want).abs() < 1e-11, "{layer} {t}: {got:?}");
        }
        assert!(flow[0].residual.iter().all(|&r| r < 1e-14));
    }
}
