//! The worked example: its numbers are the chart's for every path of every cell, and the page says
//! so in every form.

use std::process::{Command, Output};

use crate::common::random::{
    Build, Gru, IndRnn, Lru, Lstm, MinGru, MinLstm, Random, Rnn, Variant, Window,
};
use crate::properties::semantics;
use proptest::prelude::*;
use rnntop::cell::forward::forward;
use rnntop::cell::{self, Activation, Cell, ForgetGate, Path, PathSet, Semantics, Tape};
use rnntop::flow::explain::{Example, Numbers, Subject};
use rnntop::flow::{self, ClipMode, Flow, Question, Request, Scratch, explain};
use rnntop::num::Wide;
use rnntop::num::hadamard::{add, multiply};
use rnntop::num::wides::{dot, norm};
use rnntop::words::explain::document::{Block, Item, Sign};
use rnntop::words::explain::{Form, page, render};

fn tape<C: Cell>(cell: &C, window: &Window) -> Tape {
    let n = cell.parameters().hidden();
    let mut tape = cell.tape(window.inputs.nrows());
    tape.h[..n].copy_from_slice(&window.h0);
    if !tape.c.is_empty() {
        tape.c[..n].copy_from_slice(&window.c0);
    }
    forward(cell, window.inputs.view(), &mut tape, &mut |_| true).unwrap();
    tape
}

fn analyse<C: Cell>(cell: &C, tape: &Tape, window: &Window, request: &Request) -> Flow {
    let inputs = window.inputs.view();
    let scratch = &mut Scratch::default();
    flow::analyse(
        cell,
        tape,
        inputs,
        request,
        Vec::new(),
        scratch,
        &mut |_| true,
    )
    .unwrap()
}

/// Two sizes found on two ways; where a vector nearly cancels, its rounding counts against `scale`.
fn same(what: &str, a: Wide, b: Wide, scale: Wide) -> Result<(), TestCaseError> {
    let difference = a.plus(b.times(Wide::from_f64(-1.0)));
    let larger = [a, b, scale]
        .into_iter()
        .fold(Wide::ZERO, |x, y| if y > x { y } else { x });
    let relative = difference.ratio(larger).map_or(0.0, Wide::saturating_f64);
    prop_assert!(relative < 1e-12, "{}: {:?} and {:?}", what, a, b);
    Ok(())
}

/// Every path at every step: the product of the factors has the chart's norm.
fn as_charted<C: Cell>(cell: &C, window: &Window, request: &Request) -> Result<(), TestCaseError> {
    let tape = tape(cell, window);
    let flow = analyse(cell, &tape, window, request);
    for path in &flow.paths {
        for t in 1..=tape.steps {
            let subject = Subject {
                path: path.path,
                t,
                units: 4,
            };
            let example = explain(cell, &tape, request, subject, &mut |_| true).unwrap();
            let beyond = Subject {
                t: tape.steps + t,
                ..subject
            };
            let last = explain(cell, &tape, request, beyond, &mut |_| true).unwrap();
            prop_assert_eq!(
                last.subject.t,
                tape.steps,
                "the last step where the window ends"
            );
            let what = format!("{} at {t}", path.path.name());
            match &example.term {
                Some(term) if request.cuts.contains(path.path) => {
                    prop_assert!(example.cut && term.charted.is_zero(), "{}", what);
                }
                Some(term) => {
                    // What is brought to a gate has no part in the total; its own parts may cancel.
                    let largest = term.products.iter().map(|product| product.norm);
                    let scale = if GATES.contains(&path.path) {
                        largest.fold(Wide::ZERO, |x, y| if y > x { y } else { x })
                    } else {
                        flow.main()[t - 1]
                    };
                    same(&what, term.norm, path.share[t - 1], scale)?;
                    prop_assert_eq!(term.charted, path.share[t - 1]);
                    let full = cell.variant() == cell::Variant::Fgr;
                    prop_assert_eq!(term.products.len(), products(path.path, full), "{}", what);
                }
                None => prop_assert!(path.share[t - 1].is_zero(), "{}", what),
            }
            if let Some(chain) = &example.chain {
                let start = chain.norms.last().copied().unwrap();
                same(
                    &what,
                    chain.norms[0],
                    path.alone[t - 1],
                    start.times(Wide::from_f64(1e-3)),
                )?;
                prop_assert_eq!(chain.charted, path.alone[t - 1]);
            } else {
                prop_assert!([Path::Loss, Path::PeepholeOutput].contains(&path.path));
            }
            shown_numbers_multiply(&example)?;
        }
    }
    Ok(())
}

/// The paths of the gates themselves.
const GATES: [Path; 3] = [Path::GateInput, Path::GateForget, Path::GateOutput];

/// Of how many products a term is the sum.
fn products(path: Path, full_gate_recurrence: bool) -> usize {
    match path {
        _ if GATES.contains(&path) => 3,
        Path::Carousel | Path::Block | Path::Loss => 1,
        _ => 1 + usize::from(full_gate_recurrence),
    }
}

/// What the page shows of a cell of at most four units is the whole calculation.
fn shown_numbers_multiply(example: &Example) -> Result<(), TestCaseError> {
    if example.hidden > 4 {
        return Ok(());
    }
    let document = page(example, None, None);
    for block in &document.blocks {
        let Block::Equation(items) = block else {
            continue;
        };
        let arrays = items.iter().filter_map(|item| match item {
            Item::Array(_, numbers) => Some(numbers),
            Item::Sign(_) => None,
        });
        let arrays: Vec<&Numbers> = arrays.collect();
        let (result, factors) = arrays.split_last().unwrap();
        let (gradient, factors) = factors.split_last().unwrap();
        let mut v = gradient.values.clone();
        let sum = items.iter().any(|i| matches!(i, Item::Sign(Sign::Plus)));
        for factor in factors.iter().rev() {
            if sum {
                add(&mut v, &factor.values);
            } else if factor.matrix {
                let rows = factor.values.chunks(v.len());
                v = rows.map(|row| dot(row, &v)).collect();
            } else {
                multiply(&mut v, &factor.values);
            }
        }
        let before = norm(&gradient.values).times(Wide::from_f64(1e-3));
        let limit = norm(&v).hypot(before).times(Wide::from_f64(1e-9));
        for (got, want) in result.values.iter().zip(&v) {
            let apart = norm(&[got.plus(want.negated())]);
            prop_assert!(apart <= limit, "{:?} for {:?}", got, want);
        }
        let open = items
            .iter()
            .filter(|i| matches!(i, Item::Sign(Sign::Open)))
            .count();
        let close = items
            .iter()
            .filter(|i| matches!(i, Item::Sign(Sign::Close)))
            .count();
        prop_assert_eq!(open, close);
    }
    Ok(())
}

#[allow(clippy::too_many_arguments)]
fn try_cell<B: Build>(
    build: &B,
    seed: u64,
    hidden: usize,
    steps: usize,
    gain: f64,
    peepholes: bool,
    cut: Option<Path>,
    clip: (ClipMode, f64),
) -> Result<(), TestCaseError> {
    let mut random = Random::new(seed);
    let parameters = random.parameters(build, hidden, 3, true, peepholes, gain);
    let window = random.window(hidden, 3, steps, 1.0);
    let request = Request {
        loss: window.loss(),
        cuts: PathSet::of(cut.as_slice()),
        alone: true,
        without: false,
        clip,
    };
    as_charted(&build.cell(parameters), &window, &request)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_lstm(seed: u64, hidden in 1usize..7, steps in 1usize..9, gain in 0.1..6.0f64, peepholes: bool, pinned: bool, bites: bool, cut: bool) {
        let forget = if pinned { ForgetGate::Pinned(0.9) } else { ForgetGate::Learned(None) };
        let clip = (if bites { ClipMode::Step } else { ClipMode::Off }, 0.5);
        let cut = cut.then_some(Path::Block);
        try_cell(&Lstm(forget), seed, hidden, steps, gain, peepholes, cut, clip)?;
    }

    #[test]
    fn the_variants_of_the_lstm(seed: u64, hidden in 1usize..7, steps in 1usize..9, gain in 0.1..6.0f64, peepholes: bool, semantics in semantics()) {
        for variant in cell::Variant::ALL {
            let build = Variant(ForgetGate::Learned(None), variant, semantics);
            try_cell(&build, seed, hidden, steps, gain, peepholes, None, (ClipMode::Off, 1.0))?;
        }
    }

    #[test]
    fn the_cells_without_recurrent_matrices(seed: u64, hidden in 1usize..7, steps in 1usize..9) {
        let off = (ClipMode::Off, 1.0);
        try_cell(&MinGru, seed, hidden, steps, 1.0, false, None, off)?;
        try_cell(&MinLstm, seed, hidden, steps, 1.0, false, None, off)?;
        try_cell(&Lru, seed, hidden, steps, 1.0, false, None, off)?;
    }

    #[test]
    fn the_rnn_and_the_indrnn(seed: u64, hidden in 1usize..7, steps in 1usize..9, gain in 0.1..6.0f64, bites: bool) {
        let clip = (if bites { ClipMode::Step } else { ClipMode::Off }, 0.5);
        for activation in [Activation::Tanh, Activation::Relu, Activation::Linear] {
            try_cell(&Rnn(activation), seed, hidden, steps, gain, false, None, clip)?;
            try_cell(&IndRnn(activation), seed, hidden, steps, gain, false, None, clip)?;
        }
    }

    #[test]
    fn the_gru(seed: u64, hidden in 1usize..7, steps in 1usize..9, gain in 0.1..6.0f64, bites: bool, semantics in semantics()) {
        let clip = (if bites { ClipMode::Step } else { ClipMode::Off }, 0.5);
        try_cell(&Gru(semantics), seed, hidden, steps, gain, false, None, clip)?;
    }
}

/// Gradients far outside the range of float64 are written as any other.
#[test]
fn a_gradient_of_any_size_is_written_in_every_form() {
    let mut random = Random::new(3);
    let build = Rnn(Activation::Linear);
    for gain in [1e-4, 1e4] {
        let parameters = random.parameters(&build, 6, 3, false, false, gain);
        let window = Window {
            which: 0,
            ..random.window(6, 3, 400, 0.0)
        };
        let window = Window {
            h0: vec![0.0; 6],
            ..window
        };
        let cell = build.cell(parameters);
        let tape = tape(&cell, &window);
        let request = Request {
            loss: window.loss(),
            cuts: PathSet::EMPTY,
            alone: true,
            without: false,
            clip: (ClipMode::Off, 1.0),
        };
        for (path, t) in [
            (Path::Recurrent, 1),
            (Path::Recurrent, 399),
            (Path::Recurrent, 400),
            (Path::Loss, 1),
            (Path::Loss, 400),
        ] {
            let subject = Subject { path, t, units: 3 };
            let example = explain(&cell, &tape, &request, subject, &mut |_| true).unwrap();
            for asked in [
                None,
                Some(Question::Share),
                Some(Question::Alone),
                Some(Question::Without),
            ] {
                let document = page(&example, asked, None);
                for form in [Form::Text, Form::Markdown, Form::Latex] {
                    let text = render(&document, form, 80, false);
                    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
                }
                let ascii = render(&document, Form::Text, 80, true);
                assert!(ascii.is_ascii(), "{ascii}");
            }
        }
    }
}

/// The gradient at the pre-activation of a gate, which the page about the gates' own paths begins
/// with, is what it says it is: (z ⊙ δc + Γi) ⊙ i′, and likewise of f and o.
#[test]
fn the_gradients_of_the_gates_are_what_the_page_says() {
    let value = |numbers: &Numbers, j: usize| numbers.values[j].saturating_f64();
    for seed in 0..20 {
        let mut random = Random::new(seed);
        let build = Variant(
            ForgetGate::Learned(None),
            cell::Variant::Fgr,
            Semantics::default(),
        );
        let parameters = random.parameters(&build, 4, 3, true, seed % 2 == 0, 1.5);
        let window = random.window(4, 3, 6, 1.0);
        let cell = build.cell(parameters);
        let tape = tape(&cell, &window);
        let request = Request {
            loss: window.loss(),
            cuts: PathSet::EMPTY,
            alone: false,
            without: false,
            clip: (ClipMode::Off, 1.0),
        };
        let products = |path, t| {
            let subject = Subject { path, t, units: 4 };
            let example = explain(&cell, &tape, &request, subject, &mut |_| true).unwrap();
            example.term.unwrap().products
        };
        for t in 1..6 {
            for own in GATES {
                let bars = products(own, t);
                let through = [Path::Input, Path::Forget, Path::Output];
                for (bar, path) in bars.iter().zip(through) {
                    let [from_state, from_gates] = &products(path, t)[..] else {
                        panic!("two parts");
                    };
                    let [_, _, (.., beside), (.., slope)] = &from_state.factors[..] else {
                        panic!("E, Rᵀ, and two more");
                    };
                    for j in 0..4 {
                        let state = value(beside, j) * value(&from_state.gradient.2, j);
                        let brought = value(&from_gates.gradient.2, j);
                        let want = (state + brought) * value(slope, j);
                        let got = value(&bar.gradient.2, j);
                        let scale = state.abs().max(brought.abs()) * value(slope, j);
                        assert!((got - want).abs() <= 1e-12 * scale, "{got} for {want}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_paths_of_full_gate_recurrence() {
    let page = |path, t| {
        let slice = ["noise", "--variant", "fgr", "--path", path, "--t", t];
        said(&[&slice[..], &["--width", "120"]].concat())
    };
    let holds = |text: &str, lines: &[&str]| {
        for line in lines {
            assert!(text.contains(line), "{line}\n{text}");
        }
    };
    let input = page("input", "150");
    let lines = [
        "        δc_t ∋ E_t ⊙ R_iᵀ(z_{t+1} ⊙ i′_{t+1} ⊙ δc_{t+1})\n",
        "             + E_t ⊙ R_iᵀ(i′_{t+1} ⊙ Γi_{t+1})\n",
        "        Γi_{t+1} = R_iiᵀ δī_{t+2} + R_ifᵀ δf̄_{t+2} + R_ioᵀ δō_{t+2}\n",
        "Together:",
        "in the chart: the same number",
    ];
    holds(&input, &lines);
    assert!(page("input", "199").contains("after the last step of the window there are none"));
    let lines = [
        "        Γf_t = R_fiᵀ δī_{t+1}\n",
        "             + R_foᵀ δō_{t+1}\n",
        "        δf̄_{t+1} = (c_t ⊙ δc_{t+1} + Γf_{t+1}) ⊙ f′_{t+1}\n",
        "begins with α₂₀₀ = c₁₉₉ ⊙ δc₂₀₀.",
        "α_t = R_ffᵀ(f′_{t+1} ⊙ R_ffᵀ(f′_{t+2} ⊙ α_{t+2}))",
    ];
    let own = page("gate_forget", "150");
    holds(&own, &lines);
    assert_eq!(own.matches("in the chart: the same number").count(), 3);
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rnntop"))
        .arg("explain")
        .args(arguments)
        .output()
        .unwrap()
}

fn said(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_worked_example_of_the_answer() {
    let text = said(&[
        "output-gate",
        "--path",
        "output",
        "--hidden",
        "2",
        "--t",
        "150",
        "--width",
        "120",
    ]);
    for line in [
        "output of the LSTM, step 150 of 200",
        "δc_t ∋ E_t ⊙ R_oᵀ(tanh(c_{t+1}) ⊙ o′_{t+1} ⊙ δh_{t+1})",
        "α_t = R_oᵀ(tanh(c_{t+1}) ⊙ o′_{t+1} ⊙ R_oᵀ(tanh(c_{t+2}) ⊙ o′_{t+2} ⊙ α_{t+2}))",
        "⎣    0  8.08 ⎦",
        "1.0100²⁰⁰ = 7.316",
        "in the chart: the same number",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    insta::assert_snapshot!("worked_example", text);
}

#[test]
fn every_form() {
    let with = |more: &[&str]| {
        let slice = ["noise", "--path", "forget", "--t", "150", "--ask", "share"];
        said(&[&slice, more].concat())
    };
    insta::assert_snapshot!("ascii", with(&["--ascii", "--width", "80"]));
    insta::assert_snapshot!("markdown", with(&["--format", "markdown"]));
    let latex = with(&["--format", "latex"]);
    for pair in [
        ("{", "}"),
        ("\\[", "\\]"),
        ("\\left(", "\\right)"),
        ("\\begin{", "\\end{"),
    ] {
        assert_eq!(
            latex.matches(pair.0).count(),
            latex.matches(pair.1).count(),
            "{pair:?}"
        );
    }
    assert!(
        latex.is_ascii(),
        "it compiles without any encoding: {latex}"
    );
    insta::assert_snapshot!("latex", latex);
}

#[test]
fn mistakes_in_one_sentence() {
    for (arguments, sentence) in [
        (
            &["--path", "leak"][..],
            "rnntop: --path: expected a path of the lstm, carousel, block, input, forget, output or loss, found 'leak'\n",
        ),
        (
            &["--t", "201"],
            "rnntop: --t: expected 1 to 200, a step of the window, found 201\n",
        ),
        (
            &["--units", "5"],
            "rnntop: --units: expected a whole number from 1 to 4, found 5\n",
        ),
    ] {
        let output = run(arguments);
        assert_eq!(String::from_utf8_lossy(&output.stderr), sentence);
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn a_file_is_not_overwritten_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.md");
    let path = file.to_str().unwrap();
    let arguments = ["why", "--format", "markdown", "--out", path];
    assert_eq!(said(&arguments), "");
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written.starts_with("# why: block of the LSTM, step 140 of 200\n"));
    assert_eq!(run(&arguments).status.code(), Some(2));
    assert_eq!(said(&[&arguments[..], &["--force"]].concat()), "");
}
