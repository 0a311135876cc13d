//! The law of one step and of a window: gains add up to factors, cuts name the cause, and what the loss
//! injects on the way is no growth.

use std::sync::Arc;

use ndarray::{Array1, Array2, Axis, concatenate};
use proptest::prelude::*;
use rnntop::cell::{self, Activation, Cell, CellKind, ForgetGate, Path, PathSet, Semantics};
use rnntop::flow::gains::Mean;
use rnntop::flow::{self, Carried, Cause, ClipMode, Flow, Law, Request, Verdict, factor};
use rnntop::io::ModelFile;
use rnntop::num::Wide;
use rnntop::sim::inspect::{Diagnosis, Drive, Input, JUDGED, Model, diagnose};
use rnntop::sim::settings::{LossKind, Signal};
use rnntop::sim::{Ask, Data, Settings, Side, Simulation, preset};
use rnntop::words::cause;

use crate::common::random::{Gru, IndRnn, Lru, MinGru, MinLstm, Random, Rnn, Variant, Window};
use crate::properties::{analyse_cut, forget, kind, semantics, tape, variant, with_cell};

fn law_of<C: Cell>(cell: &C, window: &Window, cuts: PathSet, flow: &Flow) -> Law {
    let request = Request {
        loss: window.loss(),
        cuts,
        alone: false,
        without: false,
        clip: (ClipMode::Off, 1.0),
    };
    flow::law(cell, &tape(cell, window), &request, flow, &mut |_| true).unwrap()
}

/// Σ g_p.
fn sum(gains: impl Iterator<Item = Wide>) -> Wide {
    gains.fold(Wide::ZERO, Wide::plus)
}

/// |a − b| as a part of the largest gain: where paths cancel, their rounding counts against that.
fn apart(a: Wide, b: Wide, gains: &[Wide]) -> f64 {
    let largest = gains.iter().fold(b, |top, gain| {
        let size = gain.hypot(Wide::ZERO);
        if size > top { size } else { top }
    });
    let difference = a.plus(b.negated());
    difference
        .ratio(largest)
        .unwrap_or(Wide::ZERO)
        .saturating_f64()
}

/// At every step, and over the window.
fn gains_add_up(carried: &Carried) -> Result<(), TestCaseError> {
    for t in 1..carried.curve.len() {
        let gains: Vec<Wide> = carried.gains_at(t).iter().map(|(_, gain)| *gain).collect();
        let Some(factor) = carried.factor_at(t) else {
            continue;
        };
        let off = apart(sum(gains.iter().copied()), factor, &gains);
        prop_assert!(off < 1e-11, "off by {off:e} at step {t}");
    }
    let mean = Mean::of(carried);
    if let Some(r) = mean.factor {
        prop_assert_eq!(Some(r), factor(&carried.curve, 1));
        let gains: Vec<Wide> = mean.gains.iter().map(|(_, gain)| *gain).collect();
        let off = apart(sum(gains.iter().copied()), r, &gains);
        prop_assert!(off < 1e-11, "{gains:?} do not add up to {r:?}");
    }
    Ok(())
}

/// The cause of a verdict takes it away, none of its paths can be spared, and the keeping path is one
/// only when nothing else is to blame.
fn the_cause_is_one<C: Cell>(cell: &C, window: &Window, law: &Law) -> Result<(), TestCaseError> {
    let only = Window {
        which: 0,
        ..window.clone()
    };
    let verdict = |paths: &[Path]| {
        let flow = analyse_cut(cell, &only, PathSet::of(paths));
        let r = flow.factor_per_step().unwrap_or(Wide::ZERO);
        Verdict::of(r.log10(), law.steps)
    };
    let found = law.verdict();
    // Whether less than half of the decades are lost without these.
    let spares = |paths: &[Path]| {
        let flow = analyse_cut(cell, &only, PathSet::of(paths));
        let r = flow.factor_per_step().unwrap_or(Wide::ZERO);
        2.0 * r.ln() > law.factor.unwrap_or(Wide::ZERO).ln()
    };
    match &law.cause {
        Cause::Nothing => prop_assert!(found.is_none() || found == Some(Verdict::Stable)),
        Cause::TakesAway { paths, .. } => {
            prop_assert!(paths.iter().all(|path| !path.is_highway()));
            prop_assert_eq!(found, Some(Verdict::Vanishing));
            prop_assert!(spares(paths));
            for spared in paths {
                let rest: Vec<Path> = paths.iter().copied().filter(|p| p != spared).collect();
                prop_assert!(!spares(&rest), "without {:?}", spared);
            }
        }
        Cause::Grows { paths, .. } => {
            prop_assert!(paths.iter().all(|path| !path.is_highway()));
            prop_assert_ne!(Some(verdict(paths)), found);
            for spared in paths {
                let rest: Vec<Path> = paths.iter().copied().filter(|p| p != spared).collect();
                prop_assert_eq!(Some(verdict(&rest)), found, "without {:?}", spared);
            }
        }
        Cause::KeepsTooMuch { path, .. } => {
            let others = law.gains.iter().map(|gain| gain.path);
            let others: Vec<Path> = others.filter(|other| other != path).collect();
            prop_assert_eq!(Some(verdict(&others)), found);
        }
        Cause::KeepsTooLittle { path, .. } => {
            let others = law.gains.iter().map(|gain| gain.path);
            let others: Vec<Path> = others.filter(|other| other != path).collect();
            prop_assert!(others.is_empty() || !spares(&others));
            for other in &others {
                prop_assert!(!spares(&[*other]), "without {:?}", other);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn gains_add_up_to_every_factor(
        seed: u64, hidden in 1usize..12, steps in 1usize..40, peepholes: bool, kind in kind(),
        variant in variant(), forget in forget(), semantics in semantics(), gain in 0.1..6.0f64,
    ) {
        let mut random = Random::new(seed);
        let window = Window {
            which: seed as u32 % 2 * 2,
            ..random.window(hidden, 2, steps, 1.0)
        };
        with_cell!(kind, forget, variant, semantics, |build| {
            let parameters = random.parameters(&build, hidden, 2, true, peepholes, gain);
            let cell = crate::common::random::Build::cell(&build, parameters);
            let flow = analyse_cut(&cell, &window, PathSet::EMPTY);
            gains_add_up(&flow.carried())?;
        });
    }

    #[test]
    fn causes_are_what_takes_the_verdict_away(
        seed: u64, hidden in 1usize..6, steps in 2usize..30, peepholes: bool, kind in kind(),
        variant in variant(), forget in forget(), semantics in semantics(), gain in 0.1..6.0f64,
    ) {
        let mut random = Random::new(seed);
        let window = Window {
            which: seed as u32 % 2,
            ..random.window(hidden, 2, steps, 1.0)
        };
        with_cell!(kind, forget, variant, semantics, |build| {
            let parameters = random.parameters(&build, hidden, 2, true, peepholes, gain);
            let cell = crate::common::random::Build::cell(&build, parameters);
            let flow = analyse_cut(&cell, &window, PathSet::EMPTY);
            let law = law_of(&cell, &window, PathSet::EMPTY, &flow);
            the_cause_is_one(&cell, &window, &law)?;
        });
    }

    /// r is the slope of a line, and where every step has the same factor it is that factor.
    #[test]
    fn r_of_equal_steps_is_their_factor(s in 0.01..100.0f64, steps in 2usize..300, t in 1usize..300) {
        let curve: Vec<Wide> = (0..steps)
            .map(|t| Wide::exp(s.ln() * (steps - t) as f64 * 50.0))
            .collect();
        match factor(&curve, t) {
            None => prop_assert!(t >= steps),
            Some(r) => prop_assert!((r.log10() - 50.0 * s.log10()).abs() < 1e-9),
        }
    }
}

fn curve(values: &[f64]) -> Vec<Wide> {
    values.iter().map(|&x| Wide::from_f64(x)).collect()
}

/// Of 50 steps the first two and the last two are the ends.
#[test]
fn r_is_the_slope_between_the_ends() {
    let mut values: Vec<f64> = (0..50).map(|t| f64::from(t % 7) + 0.5).collect();
    values[10] = 1e9;
    let ends = [values[0] * values[1], values[48] * values[49]].map(f64::sqrt);
    let r = factor(&curve(&values), 1).unwrap().saturating_f64();
    assert!(
        (r - (ends[0] / ends[1]).powf(1.0 / 48.0)).abs() < 1e-14,
        "{r}"
    );
    // One step has its own factor; nothing left is 0, nothing to begin with is none.
    let r = |values: &[f64]| factor(&curve(values), 1).map(Wide::saturating_f64);
    assert!((r(&[3.0, 2.0]).unwrap() - 1.5).abs() < 1e-15);
    assert_eq!(r(&[0.0, 2.0]), Some(0.0));
    assert_eq!(r(&[1.0, 0.0]), None);
    assert_eq!(r(&[1.0]), None);
    // A curve that is 0 on its way is judged by its ends.
    assert!((r(&[4.0, 0.0, 1.0]).unwrap() - 2.0).abs() < 1e-14);
}

/// A jump at the last step, from which everything stays as it is, does not decide.
#[test]
fn the_first_step_back_does_not_decide() {
    let mut values = vec![30.0; 200];
    values[199] = 1.0;
    let r = factor(&curve(&values), 1).unwrap();
    assert_eq!(Verdict::of(r.log10(), 200), Verdict::Stable);
    let mut values = vec![1.0; 200];
    values[0] = 30.0;
    let r = factor(&curve(&values), 1).unwrap();
    assert_eq!(Verdict::of(r.log10(), 200), Verdict::Stable);
}

fn flow_of(settings: Settings) -> Flow {
    let side = Side::Left;
    let mut simulation = Simulation::new(settings, Arc::new(Data::default())).unwrap();
    simulation
        .flow_with_law(side, Ask::default(), &mut |_| true)
        .unwrap()
}

fn settings_of(name: &str) -> Settings {
    let file = preset::embedded::find(name).unwrap();
    file.read().unwrap().settings
}

/// Gains whose sum leaves float64 with every step.
#[test]
fn gains_beyond_float64_add_up() {
    let settings = Settings {
        cells: [CellKind::Rnn.into(), CellKind::Lstm.into()],
        activation: Activation::Linear,
        rho: Some(4.0),
        steps: 3000,
        hidden: 4,
        ..Settings::default()
    };
    let flow = flow_of(settings);
    assert!(flow.main()[0].to_f64().is_none(), "{:?}", flow.main()[0]);
    gains_add_up(&flow.carried()).unwrap();
    let law = flow.law.unwrap();
    assert_eq!(law.cause.paths(), [Path::Recurrent]);
}

/// 0.99 alone carries; what `sum` and `mse` inject on the way piles up, and is not r.
#[test]
fn injected_loss_is_not_growth() {
    for loss in [LossKind::Last, LossKind::Sum, LossKind::Mse] {
        let settings = Settings {
            forget: ForgetGate::Pinned(0.99),
            loss,
            ..settings_of("carousel")
        };
        let law = flow_of(settings).law.unwrap();
        let r = law.factor.unwrap().saturating_f64();
        assert!((r - 0.99).abs() < 1e-9, "{loss:?}: {r}");
        assert_eq!(law.verdict(), Some(Verdict::Vanishing));
        assert_eq!(law.cause.paths(), [Path::Carousel]);
    }
}

/// The opening: carousel 0.990 + block 0.020 = 1.010, and without block 0.990.
#[test]
fn the_opening_adds_up() {
    let at_rest = Settings {
        signal: Signal::Zero,
        ..settings_of("why")
    };
    let law = flow_of(at_rest).law.unwrap();
    let of = |path| law.gain(path).saturating_f64();
    assert!((of(Path::Carousel) - 0.99).abs() < 1e-9);
    assert!((of(Path::Block) - 0.02).abs() < 1e-9);
    let Cause::Grows { paths, without } = &law.cause else {
        panic!("{:?}", law.cause);
    };
    assert_eq!(paths, &[Path::Block]);
    assert!((without.saturating_f64() - 0.99).abs() < 1e-9);
    assert_eq!(law.carries().unwrap().path, Path::Carousel);
}

/// With f pinned above 1 the carousel grows by itself, and it is the only cause.
#[test]
fn a_carousel_above_1_is_a_cause() {
    let settings = Settings {
        forget: ForgetGate::Pinned(1.02),
        ..settings_of("carousel")
    };
    let law = flow_of(settings).law.unwrap();
    assert_eq!(law.verdict(), Some(Verdict::Exploding));
    assert!(matches!(
        law.cause,
        Cause::KeepsTooMuch {
            path: Path::Carousel,
            ..
        }
    ));
}

/// A block path that takes away what the carousel would keep.
#[test]
fn a_path_that_takes_away_is_a_cause() {
    let mut settings = Settings {
        forget: ForgetGate::Pinned(0.999),
        ..settings_of("why")
    };
    settings.gate_scale.block = -0.2;
    let law = flow_of(settings).law.unwrap();
    assert_eq!(law.verdict(), Some(Verdict::Vanishing));
    assert!(
        matches!(&law.cause, Cause::TakesAway { paths, .. } if paths == &[Path::Block]),
        "{:?}",
        law.cause
    );
}

/// The cause of a decay is what costs most of what is lost, on whichever side of ½ the carousel alone ends: both are
/// said where both count.
#[test]
fn a_decay_has_what_costs_most_of_it_as_its_cause() {
    let said = |forget: f64, block: f64| {
        let mut settings = Settings {
            forget: ForgetGate::Pinned(forget),
            ..settings_of("why")
        };
        settings.gate_scale.block = block;
        let law = flow_of(settings).law.unwrap();
        assert_eq!(law.verdict(), Some(Verdict::Vanishing), "{law:?}");
        cause::because(&law, CellKind::Lstm)
    };
    // 0.99 − 0.02: of 2.65 decades the carousel loses 0.87.
    assert_eq!(
        said(0.99, -0.08),
        "block takes away most of what is lost: without it ×0.134 over 200 steps; carousel keeps too little as \
         well: f is 0.990, half of it is gone after 69.0 steps"
    );
    // Just above ½ and just below: 0.99655²⁰⁰ = 0.501, 0.9965²⁰⁰ = 0.496.
    assert!(
        said(0.99655, -0.08)
            .starts_with("block takes away what carousel would keep: without it ×0.501")
    );
    assert!(
        said(0.9965, -0.08).starts_with("block takes away most of what is lost: without it ×0.496")
    );
    // 0.98 − 0.01: a third of it goes by the block path.
    assert_eq!(
        said(0.98, -0.04),
        "carousel keeps too little: f is 0.980, half of it is gone after 34.3 steps; block takes more of it away: \
         without it ×0.0176 over 200 steps"
    );
    // 0.9964 − 0.0001: the carousel loses nearly all, although only both together end below ½.
    assert!(said(0.99656, -0.0004).starts_with("carousel keeps too little: f is 0.997"));
}

/// h-detach is told in the headline: what it leaves in expectation, with p = 1 what the carousel alone keeps.
#[test]
fn a_headline_says_what_detaching_leaves() {
    let of = |detach: f64| {
        let law = flow_of(Settings {
            detach,
            ..settings_of("why")
        });
        law.law.unwrap()
    };
    assert_eq!(cause::detached(&of(0.0)), None);
    assert_eq!(
        cause::detached(&of(1.0)).unwrap(),
        "detached at p = 1: ×0.134 ▼"
    );
    // Of 0.99 + 0.02 half of what crosses is left in the mean: 0.99 + 0.01.
    let half = of(0.5);
    assert_eq!(
        cause::detached(&half).unwrap(),
        "detached at p = 0.5: ×1.00 ◆"
    );
    // The whole gradient is judged as before.
    assert_eq!(half.verdict(), Some(Verdict::Exploding));
    let program = |format: &str| {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_rnntop"));
        let output = program
            .args(["trace", "why", "--detach", "1", "--format", format])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let text = program("text");
    assert!(
        text.contains("= 7.316   exploding ▲; detached at p = 1: ×0.134 ▼"),
        "{text}"
    );
    let json: serde_json::Value = serde_json::from_str(&program("json")).unwrap();
    assert_eq!(json["verdict"], "exploding");
    assert_eq!(json["detach_verdict"], "vanishing");
    let r = json["detach_factor_per_step"].as_f64().unwrap();
    assert!((r - 0.99).abs() < 1e-9, "{r}");
}

/// What an LRU keeps is said in numbers: it has no gate.
#[test]
fn a_leak_without_a_gate_says_what_is_left() {
    let mut settings = settings_of("lru");
    settings.rho = Some(0.98);
    let law = flow_of(settings).law.unwrap();
    assert_eq!(law.verdict(), Some(Verdict::Vanishing));
    assert_eq!(
        cause::because(&law, CellKind::Lru),
        "leak keeps too little: ×0.0176 of it is left over 200 steps, half is gone after 34.3 steps in the mean"
    );
}

/// What `tests/data/causes/make.py` did to each model is what `inspect` names.
#[test]
fn inspect_names_known_causes() {
    let known: &[(&str, &str, Option<Verdict>, &[Path])] = &[
        ("block", "200", Some(Verdict::Exploding), &[Path::Block]),
        ("forget", "100", Some(Verdict::Exploding), &[Path::Forget]),
        ("output", "100", Some(Verdict::Exploding), &[Path::Output]),
        (
            "candidate",
            "100",
            Some(Verdict::Exploding),
            &[Path::Candidate],
        ),
        ("relu", "200", Some(Verdict::Exploding), &[Path::Recurrent]),
        (
            "peephole",
            "60",
            Some(Verdict::Exploding),
            &[Path::PeepholeForget],
        ),
        (
            "forget_bias_5",
            "200",
            Some(Verdict::Exploding),
            &[Path::Block],
        ),
        (
            "small_matrix",
            "200",
            Some(Verdict::Vanishing),
            &[Path::Recurrent],
        ),
        (
            "saturated",
            "200",
            Some(Verdict::Vanishing),
            &[Path::Recurrent],
        ),
        (
            "saturated_gates",
            "200",
            Some(Verdict::Vanishing),
            &[Path::Carousel],
        ),
        (
            "forget_bias_minus_2",
            "200",
            Some(Verdict::Vanishing),
            &[Path::Carousel],
        ),
        ("keras", "200", Some(Verdict::Vanishing), &[Path::Carousel]),
        ("adding", "20", Some(Verdict::Vanishing), &[Path::Carousel]),
        ("copy", "200", Some(Verdict::Vanishing), &[Path::Carousel]),
    ];
    for (name, steps, verdict, cause) in known {
        let found = inspected(name, steps);
        let law = &found.layers[0].law;
        assert_eq!(law.verdict(), *verdict, "{name}: {law:?}");
        assert_eq!(law.cause.paths(), *cause, "{name}: {law:?}");
        let total = sum(law.gains.iter().map(|gain| gain.gain));
        let gains: Vec<Wide> = law.gains.iter().map(|gain| gain.gain).collect();
        assert!(apart(total, law.factor.unwrap(), &gains) < 1e-11, "{name}");
        let trained = matches!(*name, "adding" | "copy");
        assert_eq!(found.initial, !trained, "{name}");
        for advice in &found.advice {
            let r = law.factor.unwrap().saturating_f64();
            let after = advice.r_after.unwrap();
            let nearer = after.ln().abs() <= r.ln().abs();
            assert!(nearer && after.is_finite(), "{name}: {advice:?}");
            let initialises = matches!(advice.kind, "forget_bias" | "chrono" | "orthogonal");
            assert!(!(trained && initialises), "{name}: {advice:?}");
        }
        if *verdict == Some(Verdict::Exploding) {
            let kinds: Vec<&str> = found.advice.iter().map(|advice| advice.kind).collect();
            assert!(
                kinds.contains(&"scale") && kinds.contains(&"clip"),
                "{name}: {kinds:?}"
            );
            let scale = &found.advice[0];
            assert!(
                (scale.r_after.unwrap() - 1.0).abs() < 1e-3,
                "{name}: {scale:?}"
            );
        }
    }
}

/// A model with nothing wrong, whose input ends with 30 steps of padding: what they take away is said, and nothing of
/// the kind where they are cut off.
#[test]
fn inspect_names_padding() {
    let (model, input) = (causes("padding.safetensors"), causes("padding.npy"));
    let said = |cut: &[&str]| {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_rnntop"));
        program
            .arg("inspect")
            .arg(&model)
            .arg("--input")
            .arg(&input);
        let output = program.args(cut).output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let padded = said(&[]);
    assert!(
        padded.contains(
            "Padding in 3 of 3 sequences: 20 real steps, then 30 of padding: the gradient that arrives at the real \
             steps is 2.7 decades smaller than without."
        ),
        "{padded}"
    );
    let cut = said(&["--steps", "20"]);
    assert!(!cut.contains("adding in"), "{cut}");
}

/// Padding before a sequence, as Keras has it by default, is told and is not judged: the verdict, r and the advice are
/// of the real steps.
#[test]
fn what_comes_before_the_real_steps_is_not_judged() {
    let file = ModelFile::open(&causes("forget_bias_5.safetensors")).unwrap();
    let inputs = file.stack(None).unwrap().value.inputs();
    let real = Drive {
        input: Input::Own,
        pad: Some(Array1::zeros(inputs)),
        ..Drive::noise(2, 60, inputs, 7)
    };
    let mut padded = real.clone();
    for (sequence, zeros) in padded.sequences.iter_mut().zip([100, 40]) {
        let zeros = Array2::zeros((zeros, inputs));
        *sequence = concatenate![Axis(0), zeros, *sequence];
    }
    assert_eq!(padded.steps(), 160);
    let padded = padded.without_leading();
    assert_eq!((padded.steps(), &padded.leading[..]), (60, &[100, 40][..]));
    let [alone, found] = [&real, &padded].map(|drive| diagnosed("forget_bias_5", drive));
    assert_eq!(found.layers[0].law, alone.layers[0].law);
    assert_eq!(found.advice, alone.advice);
    assert_eq!((alone.leading, found.leading), (None, Some((2, 100))));
    let said = found.findings().join(" ");
    assert!(
        said.contains(
            "Padding in 2 of 2 sequences before the real steps, up to 100 steps, is left out"
        ),
        "{said}"
    );
    // Zeros and nothing else are no padding: an autonomous run stays as it is.
    let mut nothing = real.clone();
    nothing
        .sequences
        .iter_mut()
        .for_each(|sequence| sequence.fill(0.0));
    assert_eq!(nothing.clone().without_leading(), nothing);
}

/// Of many sequences five are judged by cuts; where none of them has the verdict of all, the one with the median r
/// is: a gradient that dies out is never said to do neither.
#[test]
fn a_verdict_has_its_cause_whichever_sequences_come_first() {
    let mut drive = Drive {
        input: Input::Own,
        ..Drive::noise(32, 100, 4, 7)
    };
    // Without an input the gradient of this model grows, and with much of it dies out.
    for (index, sequence) in drive.sequences.iter_mut().enumerate() {
        let size = if index < JUDGED { 0.0 } else { 2.0 };
        sequence.mapv_inplace(|x| size * x);
    }
    let found = diagnosed("forget", &drive);
    let law = &found.layers[0].law;
    assert_eq!(law.verdict(), Some(Verdict::Vanishing), "{law:?}");
    assert_ne!(law.cause, Cause::Nothing);
    let said = found.findings().join(" ");
    assert!(said.contains("keeps too little"), "{said}");
}

/// A file of `tests/data/causes`.
fn causes(name: &str) -> std::path::PathBuf {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/causes");
    folder.join(name)
}

fn inspected(name: &str, steps: &str) -> Diagnosis {
    // As if it were the user's data: nothing else has advice.
    let file = ModelFile::open(&causes(&format!("{name}.safetensors"))).unwrap();
    let inputs = file.stack(None).unwrap().value.inputs();
    let drive = Drive {
        input: Input::Own,
        ..Drive::noise(1, steps.parse().unwrap(), inputs, 7)
    };
    diagnosed(name, &drive)
}

fn diagnosed(name: &str, drive: &Drive) -> Diagnosis {
    let file = ModelFile::open(&causes(&format!("{name}.safetensors"))).unwrap();
    let parameters = file.stack(None).unwrap().value;
    let relu = name == "relu";
    let activation = if relu {
        Activation::Relu
    } else {
        Activation::Tanh
    };
    let title = name.to_owned();
    let model = Model {
        title,
        parameters,
        semantics: Semantics::of(activation),
        taken: String::new(),
    };
    diagnose(&model, drive, 7, &mut |_| true).unwrap()
}

/// The settings that are in production: PyTorch's default weights with a forget bias of 3. What carries
/// is the carousel; what makes it explode is the block input, and there is advice.
#[test]
fn default_weights_with_forget_bias_3_explode_by_block() {
    let (hidden, inputs, steps) = (128, 5, 365);
    let mut random = Random::new(3);
    let mut even = |rows: usize, columns: usize| {
        // A normal number through its distribution function is one of U(0, 1).
        let range = 1.0 / (hidden as f64).sqrt();
        let normal = random.matrix(rows, columns, 1.0);
        normal.mapv(|x| range * erf_like(x))
    };
    let (w, r) = (even(4 * hidden, inputs), even(4 * hidden, hidden));
    let mut biases = [0, 1].map(|_| even(1, 4 * hidden).row(0).to_owned());
    for (bias, value) in biases.iter_mut().zip([3.0, 0.0]) {
        let forget = bias.iter_mut().skip(hidden).take(hidden);
        forget.for_each(|b| *b = value);
    }
    let cell = cell::Parameters {
        kind: CellKind::Lstm,
        w,
        r,
        biases: Some(biases),
        peepholes: None,
        gates_r: None,
        diagonal: None,
    };
    let model = Model {
        title: "default".to_owned(),
        parameters: cell::StackParameters {
            kind: CellKind::Lstm,
            layers: vec![vec![cell::Direction::from(cell)]],
        },
        semantics: Semantics::default(),
        taken: String::new(),
    };
    // As if it were the user's data, so that the sentences judge the model.
    let drive = Drive {
        input: Input::Own,
        ..Drive::noise(1, steps, inputs, 7)
    };
    let found = diagnose(&model, &drive, 7, &mut |_| true).unwrap();
    let layer = &found.layers[0];
    assert_eq!(
        layer.law.verdict(),
        Some(Verdict::Exploding),
        "{:?}",
        layer.law
    );
    assert_eq!(layer.law.cause.paths(), [Path::Block]);
    assert_eq!(layer.law.carries().unwrap().path, Path::Carousel);
    assert!(found.initial && !found.advice.is_empty());
    let findings = found.findings().join(" ");
    assert!(findings.contains("Block makes it grow"), "{findings}");
}

/// 2Φ(x) − 1 of a normal number, by Abramowitz and Stegun 7.1.26: evenly spread over ±1.
fn erf_like(x: f64) -> f64 {
    let z = x.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let sum = [
        1.061_405_429,
        -1.453_152_027,
        1.421_413_741,
        -0.284_496_736,
        0.254_829_592,
    ];
    let poly = sum.iter().fold(0.0, |sum, a| sum * t + a) * t;
    (1.0 - poly * (-z * z).exp()).copysign(x)
}
