//! Sentences that were once said and are not true do not come back.

use rnntop::cell::{CellKind, Direction, Init, Semantics, StackParameters, init};
use rnntop::sim::inspect::{Diagnosis, Drive, Input, Model, diagnose};
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
    let model = Model {
        title: "made".to_owned(),
        parameters: StackParameters {
            kind,
            layers: vec![vec![Direction::from(parameters)]],
        },
        semantics: Semantics::default(),
        taken: String::new(),
    };
    let drive = Drive {
        input: Input::Own,
        ..Drive::noise(1, 60, inputs, 7)
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
