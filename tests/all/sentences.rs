//! Sentences that were once said and are not true do not come back.

use ndarray::{Array1, Array2};
use rnntop::cell::{CellKind, Direction, Init, Parameters, Semantics, StackParameters, init};
use rnntop::sim::inspect::{Diagnosis, Drive, Input, LayerDiagnosis, Model, diagnose};
use rnntop::sim::preset::embedded::FILES;

/// A cell of PyTorch's default weights whose biases of `gates` are given, judged on 60 steps as if these were the
/// user's.
fn diagnosed(kind: CellKind, gates: &[(usize, f64)]) -> Diagnosis {
    let (hidden, inputs) = (12, 3);
    let (mut parameters, _) = init::draw(kind, hidden, inputs, Init::PyTorch, false, 3).unwrap();
    let biases = parameters.biases.as_mut().unwrap();
    for (gate, value) in gates {
        let block = gate * hidden..(gate + 1) * hidden;
        biases[0]
            .iter_mut()
            .skip(block.start)
            .take(hidden)
            .for_each(|b| *b = *value);
    }
    judged(kind, vec![vec![Direction::from(parameters)]], 60)
}

/// A model judged on so many steps of noise as if they were the user's.
fn judged(kind: CellKind, layers: Vec<Vec<Direction>>, steps: usize) -> Diagnosis {
    let parameters = StackParameters { kind, layers };
    let inputs = parameters.inputs();
    let model = Model {
        title: "made".to_owned(),
        parameters,
        semantics: Semantics::default(),
        taken: String::new(),
    };
    let drive = Drive {
        input: Input::Own,
        ..Drive::noise(1, steps, inputs, 7)
    };
    diagnose(&model, &drive, 7, &mut |_| true).unwrap()
}

/// A unit whose input gate is nearly shut, as chrono initialisation makes it, is a slow integrator.
#[test]
fn a_unit_that_takes_in_little_is_not_called_dead() {
    let found = diagnosed(CellKind::Lstm, &[(0, -4.0), (1, 4.0)]);
    assert!(
        found.layers[0]
            .gates
            .iter()
            .any(|gate| gate.name == "input" && gate.stuck_shut > 0)
    );
    let said = found.findings().join(" ").to_lowercase();
    assert!(
        !said.contains("dead") && !said.contains("nothing is written"),
        "{said}"
    );
}

#[test]
fn a_threshold_is_advised_by_a_healthy_run_and_papers_are_cited_for_their_cell() {
    let exploding = diagnosed(CellKind::Lstm, &[(1, 5.0)]);
    let clip = exploding
        .advice
        .iter()
        .find(|advice| advice.kind == "clip")
        .unwrap();
    assert!(
        clip.remedy
            .contains("0.5 to 10 times its mean in a run that goes well"),
        "{clip:?}"
    );
    assert!(!clip.remedy.contains("percentile"), "{clip:?}");
    let gru = diagnosed(CellKind::Gru, &[(1, -2.0)]);
    let bias = gru
        .advice
        .iter()
        .find(|advice| advice.kind == "forget_bias")
        .unwrap();
    assert!(
        bias.remedy.contains("update bias") && bias.remedy.contains("z means keep"),
        "{bias:?}"
    );
    assert!(
        bias.source.starts_with("as for the forget gate of an LSTM"),
        "{bias:?}"
    );
}

/// A carousel of f = 0.993 that alone would keep ×0.365, and a block path that takes 0.1 at every step: advice
/// against the block path, and what is said of r is what the cell then does.
#[test]
fn advice_is_against_what_costs_most() {
    let (hidden, inputs, steps) = (16, 3, 150);
    let mut r = Array2::zeros((4 * hidden, hidden));
    for j in 0..hidden {
        r[[2 * hidden + j, j]] = -0.4;
    }
    let mut biases = [0, 1].map(|_| Array1::zeros(4 * hidden));
    let forget = biases[0].iter_mut().skip(hidden).take(hidden);
    forget.for_each(|b| *b = 5.0);
    let cell = Parameters {
        kind: CellKind::Lstm,
        w: Array2::zeros((4 * hidden, inputs)),
        r,
        biases: Some(biases),
        peepholes: None,
        gates_r: None,
        diagonal: None,
    };
    let found = judged(CellKind::Lstm, vec![vec![Direction::from(cell)]], steps);
    let said = found.findings().join(" ");
    let because = "lock takes away most of what is lost: without it ×0.365 over 150 steps; carousel keeps too little as \
                   well: f is 0.993, half of it is gone after 103.2 steps";
    assert!(said.contains(because), "{said}");
    let [first, ..] = &found.advice[..] else {
        panic!("no advice: {said}")
    };
    assert!(first.cause.contains(because), "{first:?}");
    assert!(
        first.remedy.starts_with("scale R of block to 0.01 times what it is, ρ 0.00400 and σ_max 0.00400, and a mean forget bias of 6.38 in place of 5.00"),
        "{first:?}"
    );
    // At rest r = σ(b) + ρ/4.
    let r = 1.0 / (1.0 + (-6.377f64).exp()) - 0.001;
    assert!((first.r_after.unwrap() - r).abs() < 1e-4, "{first:?}");
    assert_eq!(
        first.outcome().unwrap(),
        "r then: 0.997, ×0.667 over 150 steps: stable ◆"
    );
}

/// One weight of one unit that makes all the growth is named; of drawn weights none is.
#[test]
fn a_weight_that_alone_makes_the_growth_is_named() {
    let (hidden, inputs) = (16, 3);
    let mut r = Array2::zeros((4 * hidden, hidden));
    r[[2 * hidden + 5, 5]] = 0.9;
    let mut biases = [0, 1].map(|_| Array1::zeros(4 * hidden));
    let forget = biases[0].iter_mut().skip(hidden).take(hidden);
    forget.for_each(|b| *b = 6.0);
    let cell = Parameters {
        kind: CellKind::Lstm,
        w: Array2::zeros((4 * hidden, inputs)),
        r,
        biases: Some(biases),
        peepholes: None,
        gates_r: None,
        diagonal: None,
    };
    let found = judged(CellKind::Lstm, vec![vec![Direction::from(cell)]], 150);
    let first = &found.advice[0];
    assert_eq!(first.kind, "weight");
    assert!(
        first.remedy.starts_with(
            "look at unit 5: one weight, from h[5] to its block (row 37, column 5 of weight_hh), which is 0.900, makes all"
        ),
        "{first:?}"
    );
    // What is left is the carousel: σ(6).
    let r = 1.0 / (1.0 + (-6.0f64).exp());
    assert!((first.r_after.unwrap() - r).abs() < 1e-4, "{first:?}");
    assert!(first.outcome().unwrap().ends_with("stable ◆"), "{first:?}");
    let drawn = diagnosed(CellKind::Lstm, &[(1, 5.0)]);
    assert!(!drawn.advice.is_empty());
    assert!(drawn.advice.iter().all(|advice| advice.kind != "weight"));
}

/// Advice names its layer, and says of which others the same is true; what it does not change is said as well.
#[test]
fn advice_names_its_layer_and_the_verdict_that_it_leaves() {
    let drawn = |gate: f64, seed| {
        let (mut cell, _) = init::draw(CellKind::Lstm, 12, 12, Init::PyTorch, false, seed).unwrap();
        let biases = cell.biases.as_mut().unwrap();
        let forget = biases[0].iter_mut().skip(12).take(12);
        forget.for_each(|b| *b = gate);
        Direction::from(cell)
    };
    let layers = vec![
        vec![drawn(0.0, 1)],
        vec![drawn(-1.0, 2)],
        vec![drawn(0.5, 3)],
    ];
    let found = judged(CellKind::Lstm, layers, 100);
    assert!(found.layers.iter().all(LayerDiagnosis::vanishes));
    assert!(!found.advice.is_empty());
    for advice in &found.advice {
        assert!(advice.remedy.starts_with("layer 1: "), "{advice:?}");
        let r = advice.r_after.unwrap();
        let still = advice.outcome().unwrap().contains("still vanishing ▼");
        assert_eq!(still, r.powi(100) < 0.5, "{advice:?}");
    }
    let first = &found.advice[0].cause;
    assert!(
        first.ends_with("; layer 0, layer 2 vanish by the same path, and less"),
        "{first}"
    );
    assert_eq!(found.unadvised(), None);
    // Of weights that are not drawn there is none, and a line that says why.
    let mut trained = drawn(-1.0, 2);
    trained.cell.w.mapv_inplace(|x| x * x * x * 40.0);
    let found = judged(CellKind::Lstm, vec![vec![trained]], 100);
    assert!(found.layers[0].vanishes() && found.advice.is_empty());
    assert!(
        found
            .unadvised()
            .unwrap()
            .ends_with("these weights do not look freshly drawn.")
    );
}

#[test]
fn neither_readme_nor_presets_say_what_is_false() {
    let readme = include_str!("../../README.md");
    let texts = FILES.iter().map(|file| file.text).chain([readme]);
    let all = texts
        .collect::<Vec<_>>()
        .join("\n")
        .replace(['\n', '\\'], " ");
    let all = all.split_whitespace().collect::<Vec<_>>().join(" ");
    for (said, truth) in [
        (
            "decides what survives at least",
            "paths add with their signs: f = 0.99 with R_z = -0.08 leaves 0.0023",
        ),
        (
            "whatever its carousel loses",
            "with f = 0.97 the carousel's loss decides: 0.134",
        ),
        (
            "a carousel that grows",
            "a gain above 1 in some unit at some step is no growth",
        ),
        (
            "however small σ(R_f)",
            "a step of the forget path is at most 1.1985 σ(R_f)",
        ),
        ("bias of 1 or 2 reaches", "they reach 15 and 36 steps"),
    ] {
        assert!(!all.contains(said), "'{said}': {truth}");
    }
    // What stands there instead.
    assert!(all.contains("0.97²⁰⁰ = 0.0023") && all.contains("no carousel grows"));
    // Torch's slope of tanh is the one that loses digits.
    assert!(all.contains("autograd's 1 − tanh²(c) loses them from |c| ≈ 8 on"));
    // How far a bias reaches: 1 % is left after so many steps.
    let reach = |bias: f64| (0.01f64.ln() / (1.0 / (1.0 + (-bias).exp())).ln()).round();
    assert_eq!([1.0, 2.0].map(reach), [15.0, 36.0]);
}
