//! The program as a shell sees it: what it prints, where, and with which exit status.

// The helpers of tests are tests, too.
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use safetensors::tensor::{Dtype, TensorView};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rnntop");

fn rnntop(arguments: &[&str]) -> Output {
    Command::new(PROGRAM)
        .args(arguments)
        // Whoever runs the tests may have keys and themes of their own.
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// What a successful run prints.
fn printed(arguments: &[&str]) -> String {
    let output = rnntop(arguments);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    assert_eq!(complaint, "", "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Status and the one sentence of a run that fails, without the program's name.
fn complaint(arguments: &[&str]) -> (i32, String) {
    let output = rnntop(arguments);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{arguments:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{arguments:?}: {said}");
    let sentence = said
        .strip_prefix("rnntop: ")
        .unwrap_or_else(|| panic!("{said}"));
    (
        output.status.code().unwrap(),
        sentence.trim_end().to_owned(),
    )
}

fn json(arguments: &[&str]) -> Value {
    let text = printed(&[arguments, &["--format", "json"]].concat());
    serde_json::from_str(&text).unwrap()
}

/// A folder of its own for the files of one test.
fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn a_gru_is_traced() {
    let got = json(&["trace", "--cell", "gru", "--rho", "1.25", "--cuts"]);
    assert_eq!(got["cell"], "gru");
    for matrix in ["update", "reset", "candidate"] {
        assert!((got["spectral_radius"][matrix].as_f64().unwrap() - 1.25).abs() < 1e-12);
    }
    assert!(got["cuts"]["gates"].is_array());
    assert!(got["steps"][0]["alone"]["leak"].is_f64());
}

#[test]
fn hops_and_jacobians_must_fit_the_window() {
    for (options, sentence) in [
        (
            vec!["--hops", "500", "--steps", "20000"],
            "--hops: expected at most 199 over 20000 steps, found 500",
        ),
        (
            vec!["--jacobian-from", "8", "--steps", "8", "--jacobian"],
            "--jacobian-from: expected 0 to 7, a step before the last of the window, found 8",
        ),
        (
            vec!["--hops", "-1", "--steps", "8"],
            "--hops: expected a whole number from 0 to 20000, found '-1'",
        ),
    ] {
        let arguments = [&["trace"], options.as_slice()].concat();
        assert_eq!(complaint(&arguments), (2, sentence.to_owned()));
    }
}

/// With p = 1 every draw cuts the four recurrent paths; with p = 0 there is nothing to draw.
#[test]
fn detaching_always_is_cutting_and_never_is_nothing() {
    let always = [
        "trace", "carousel", "--hidden", "3", "--steps", "9", "--detach", "1", "--cuts",
    ];
    let got = json(&always);
    assert_eq!(
        (&got["detach_probability"], &got["detach_draws"]),
        (&1.0.into(), &16.into())
    );
    for (t, draws) in got["detach"].as_array().unwrap().iter().enumerate() {
        let cut = &got["cuts"]["gates"][t]["grad_c"];
        for curve in ["low", "high", "expected"] {
            assert_eq!(&draws[curve], cut, "{curve} at t = {}", t + 1);
        }
        let (mean, cut) = (draws["mean"].as_f64().unwrap(), cut.as_f64().unwrap());
        assert!((mean / cut - 1.0).abs() < 1e-14, "{mean} for {cut}");
    }
    assert!(json(&[&always[..7], &["0"]].concat())["detach"].is_null());
    let half = [&always[..7], &["0.5"]].concat();
    let text = printed(&half);
    assert!(
        text.contains("with h-detach at p = 0.5: mean and range of 16 draws"),
        "{text}"
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    let csv = printed(&[&half[..], &["--format", "csv"]].concat());
    assert!(
        csv.contains(",detach_mean,log10_detach_mean,detach_low,"),
        "{csv}"
    );
    let (status, _) = complaint(&[&half[..], &["--follow"]].concat());
    assert_eq!(status, 2);
}

/// f = 1 and no recurrence: H disturbances stay for ever, the other H are gone after one step.
#[test]
fn a_state_that_forgets_has_no_exponents_and_says_why() {
    let quiet = [
        "trace", "carousel", "--forget", "none", "--rho", "0", "--hidden", "3", "--steps", "9",
    ];
    let got = json(
        &[
            quiet.as_slice(),
            &["--lyapunov", "--jacobian", "--hops", "1"],
        ]
        .concat(),
    );
    assert!(got["lyapunov"].is_null());
    assert_eq!(
        got["lyapunov_absent"],
        "the Jacobian of step 1 is singular or nearly so (the diagonal of R spans 0.0e0 to 1.1e0)"
    );
    let values: Vec<Option<f64>> = got["singular_values"]
        .as_array()
        .unwrap()
        .iter()
        .map(Value::as_f64)
        .collect();
    // The largest exponent is known all the same.
    let largest = got["lyapunov_max"].as_f64().unwrap();
    assert!((largest - values[0].unwrap().ln() / 9.0).abs() < 1e-14);
    assert_eq!(values.len(), 6);
    assert!(values[2].unwrap() >= 1.0 && values[3].unwrap() < 1e-15);
    // Nothing crosses a matrix of zeros.
    assert_eq!(got["hops"][0]["rest_c"], 0.0);
    assert_eq!(got["hops"][0]["grad_c"][0], got["steps"][0]["grad_c"]);
    let text = printed(
        &[
            quiet.as_slice(),
            &["--lyapunov", "--jacobian", "--hops", "12"],
        ]
        .concat(),
    );
    assert!(
        text.contains("the Jacobian of step 1 is singular or nearly so; JSON has none\n"),
        "{text}"
    );
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}

/// λ_1 is that of the best placed disturbance: at rest no gradient has a larger slope, and where λ_1 is above 0
/// and r below 1 (noise), each is called what it is.
#[test]
fn the_largest_exponent_and_r_do_not_contradict_each_other() {
    let at_rest = ["why", "--amplitude", "0", "--lyapunov"];
    let got = json(&[&["trace"][..], &at_rest].concat());
    let number = |name: &str| got[name].as_f64().unwrap();
    let (largest, slope) = (number("lyapunov_max"), number("factor_per_step").ln());
    assert!((slope - 1.01f64.ln()).abs() < 1e-6, "{slope}");
    assert!(largest > slope && largest - slope < 1e-3, "{largest}");
    let text = printed(&[
        "trace",
        "noise",
        "--steps",
        "60",
        "--hidden",
        "8",
        "--lyapunov",
    ]);
    for words in [
        "from the frame Q_0 = 1 (h first), sorted",
        "λ_1 = 1/T ln σ_1, best placed of all: ",
        "ln r, the slope along the gradient of this loss: ",
    ] {
        assert!(text.contains(words), "{text}");
    }
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}

/// Where R is 0, σ_1 is 0 and its logarithm no number.
#[test]
fn an_exponent_of_nothing_is_minus_infinity() {
    let text = printed(&[
        "trace",
        "--cell",
        "rnn",
        "--rho",
        "0",
        "--steps",
        "10",
        "--lyapunov",
    ]);
    for line in [
        "best placed of all: -∞, over the second half -∞",
        "ln r, the slope along the gradient of this loss: -∞",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "a few lines for each option")]
fn values_out_of_range_name_option_range_and_value() {
    for (arguments, sentence) in [
        (
            vec!["trace", "--rho", "200"],
            "--rho: expected a number from 0 to 100 or drawn, found 200",
        ),
        (
            vec!["trace", "--detach", "1.5"],
            "--detach: expected a number from 0 to 1, found 1.5",
        ),
        (
            vec!["trace", "--rho", "-1"],
            "--rho: expected a number from 0 to 100 or drawn, found -1",
        ),
        (
            vec!["trace", "--rho", "nan"],
            "--rho: expected a number from 0 to 100 or drawn, found 'nan'",
        ),
        (
            vec!["trace", "--hidden", "0"],
            "--hidden: expected a whole number from 1 to 512, found 0",
        ),
        (
            vec!["trace", "--steps", "1e3"],
            "--steps: expected a whole number from 2 to 20000, found '1e3'",
        ),
        (
            vec!["--speed", "61"],
            "--speed: expected a whole number from 1 to 60, found 61",
        ),
        (
            vec!["--fps", "0"],
            "--fps: expected a whole number from 1 to 60, found 0",
        ),
        (
            vec!["trace", "--forget", "pinned:2"],
            "--forget: expected learned, learned:BIAS with a number from -20 to 20, pinned:F with a \
             number from 0 to 1.05 or none, found 'pinned:2'",
        ),
        (
            vec!["trace", "--gate-bias", "forget=1"],
            "--gate-bias: expected GATE=X, GATE being block, input or output and X a number from -20 \
             to 20, found 'forget=1'",
        ),
        (
            vec!["trace", "--clip", "norm:-5"],
            "--clip: expected off, norm, value or step, the last three with :θ, a number from \
             0.000001 to 1000000, if wanted, found 'norm:-5'",
        ),
        (
            vec!["trace", "--cell", "gnu"],
            "--cell: expected rnn, lstm, gru, mingru, minlstm, lru or indrnn, found 'gnu'",
        ),
        (
            vec!["trace", "--format", "xml"],
            "--format: expected text, json or csv, found 'xml'",
        ),
        (
            vec!["trace", "--rho"],
            "--rho: expected a value, found none",
        ),
        (
            vec!["trace", "--rho", "-inf"],
            "--rho: expected a number from 0 to 100 or drawn, found '-inf'",
        ),
        (
            vec!["trace", "--clip", "-1"],
            "--clip: expected off, norm, value or step, the last three with :θ, a number from \
             0.000001 to 1000000, if wanted, found '-1'",
        ),
        (
            vec!["trace", "--seed", "--steps", "9"],
            "--seed: expected a whole number from 0 to 9223372036854775807, found '--steps'",
        ),
        (
            vec!["explain", "--ask", "-s"],
            "--ask: expected share or alone, found '-s'",
        ),
        (
            vec!["trace", "--input", "--steps", "9"],
            "--input: expected a value, found none",
        ),
        (
            vec!["presets", "foo"],
            "presets: expected show or check, found 'foo'",
        ),
        (vec!["themes", "foo"], "themes: expected show, found 'foo'"),
        (
            vec!["trace", "--hiden", "3"],
            "there is no option --hiden; did you mean --hidden?",
        ),
        (
            vec!["trace", "--qq"],
            "there is no option --qq here; --help lists them all",
        ),
        (
            vec!["trace", "carousell"],
            "there is no preset 'carousell'; did you mean carousel?",
        ),
        (
            vec!["trace", "nothing"],
            "there is no preset 'nothing'; rnntop presets lists them, and a file's name ends in .toml",
        ),
        (
            vec!["trace", "why", "carousel"],
            "there is one argument too many: 'carousel'; --help says what is expected",
        ),
        (
            vec!["why", "carousel"],
            "there is one argument too many: 'carousel'; --help says what is expected",
        ),
        (
            vec!["why", "trace"],
            "the command trace stands before all else: rnntop trace [OPTIONS]",
        ),
        (
            vec!["trace", "--color", "never"],
            "there is no option --color here; --help lists them all",
        ),
        (
            vec!["trace", "nothing.toml"],
            "nothing.toml: there is no such file or folder",
        ),
        (
            vec!["presets", "show", "keras2"],
            "there is no preset 'keras2'; did you mean keras?",
        ),
        (
            vec!["man", "swap"],
            "man: expected trace, train, sweep, inspect, explain, presets, keys, themes, completions or man, found 'swap'",
        ),
    ] {
        assert_eq!(
            complaint(&arguments),
            (2, sentence.to_owned()),
            "{arguments:?}"
        );
    }
}

#[test]
fn without_a_terminal_the_screen_names_trace() {
    let (status, sentence) = complaint(&[]);
    assert_eq!(status, 2);
    assert!(
        sentence.contains("not a terminal") && sentence.contains("rnntop trace"),
        "{sentence}"
    );
}

#[test]
fn nothing_hostile_reaches_the_terminal() {
    for arguments in [
        ["trace", "a\u{1b}]0;x\u{7}b"],
        ["trace", "--rho=\u{1b}[31m"],
    ] {
        let (status, sentence) = complaint(&arguments);
        assert_eq!(status, 2);
        assert!(!sentence.chars().any(char::is_control), "{sentence:?}");
    }
    let folder = folder("hostile");
    let file = folder.join("hostile.toml");
    let title = "title = \"\u{202e}evil\\u001B[2J\"\nidea = \"A. B.\"\npress = \"x\"\nwatch = \"x\"\nsource = \"x\"\n";
    fs::write(&file, title).unwrap();
    for command in [["presets", "check"], ["presets", "show"]] {
        let text = printed(&[command[0], command[1], file.to_str().unwrap()]);
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn help_version_completions_and_manual_are_complete() {
    let help = printed(&["--help"]);
    for word in [
        "Simulation",
        "Data",
        "Screen",
        "Examples",
        "--rho",
        "trace",
        "presets",
    ] {
        assert!(help.contains(word), "{word} is not in\n{help}");
    }
    let trace = printed(&["trace", "--help"]);
    for option in [
        "--cell",
        "--hidden",
        "--inputs",
        "--steps",
        "--activation",
        "--init",
        "--rho",
        "--gate-scale",
        "--gate-bias",
        "--forget",
        "--peepholes",
        "--signal",
        "--amplitude",
        "--detach",
        "--seed",
        "--speed",
        "--weights",
        "--input",
        "--loss",
        "--loss-vector",
        "--targets",
        "--initial-h",
        "--initial-c",
        "--clip",
        "--format",
        "--cuts",
        "--out",
        "--force",
    ] {
        assert!(trace.contains(option), "{option} is not in\n{trace}");
        assert!(
            printed(&["man", "trace"]).contains(&option.replace('-', "\\-")),
            "{option} is not in the manual"
        );
    }
    assert!(printed(&["--version"]).starts_with("rnntop "));
    assert!(printed(&["completions", "bash"]).contains("complete -F"));
    assert!(printed(&["man"]).starts_with(".ie"));
}

#[test]
fn presets_are_listed_shown_and_checked() {
    let list = printed(&["presets"]);
    assert!(list.lines().next().unwrap().starts_with("why "), "{list}");
    assert!(
        list.lines().count() >= 10 && list.lines().all(|line| line.chars().count() <= 80),
        "{list}"
    );
    assert_eq!(
        printed(&["presets", "show", "clip"]),
        fs::read_to_string("presets/clip.toml").unwrap()
    );
    let check = printed(&["presets", "check", "power-law", "presets/carousel.toml"]);
    assert!(check.contains("PASS  rnn.growth"), "{check}");
    assert!(
        check.ends_with("claims hold\n") && !check.contains("FAIL"),
        "{check}"
    );
}

#[test]
fn a_claim_that_does_not_hold_is_status_1() {
    let file = folder("false-claim").join("false.toml");
    let claim = fs::read_to_string("presets/power-law.toml")
        .unwrap()
        .replace("7.3160", "13");
    fs::write(&file, claim).unwrap();
    let output = rnntop(&["presets", "check", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(text.matches("FAIL").count(), 1, "{text}");
    assert!(text.contains("expected 13 "), "{text}");
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "rnntop: 1 claim does not hold\n"
    );
}

#[test]
fn trace_prints_the_law_in_every_format() {
    let arguments = ["trace", "power-law", "--cell", "rnn", "--rho", "1.01"];
    let text = printed(&arguments);
    assert!(
        text.contains("r = 1.0100 → 1.0100²⁰⁰ = 7.316   exploding ▲"),
        "{text}"
    );
    let object = json(&arguments);
    assert_eq!(
        (&object["cell"], &object["hidden"]),
        (&"rnn".into(), &1.into())
    );
    assert!((object["factor_per_step"].as_f64().unwrap() - 1.01).abs() < 1e-12);
    let first = object["steps"][0]["grad_h"].as_f64().unwrap();
    assert!((first - 1.01f64.powi(199)).abs() < 1e-12 * first);
    let csv = printed(&[&arguments[..], &["--format", "csv"]].concat());
    assert_eq!(csv.split("\r\n").count(), 202);
    assert!(
        csv.starts_with("t,grad_h,log10_grad_h,path_recurrent,"),
        "{csv}"
    );
}

#[test]
fn options_override_the_preset_and_the_lstm_is_the_default() {
    let object = json(&[
        "trace",
        "carousel",
        "--forget",
        "pinned:0.99",
        "--steps",
        "100",
        "--cuts",
    ]);
    assert_eq!(object["cell"], "lstm");
    assert_eq!(object["steps"].as_array().unwrap().len(), 100);
    assert!((object["factor_per_step"].as_f64().unwrap() - 0.99).abs() < 1e-12);
    for name in ["carousel", "block", "input", "forget", "output", "gates"] {
        assert_eq!(
            object["cuts"][name].as_array().unwrap().len(),
            100,
            "{name}"
        );
    }
    let object = json(&[
        "trace",
        "--gate-scale",
        "block=0,output=2",
        "--hidden",
        "4",
        "--peepholes",
    ]);
    assert_eq!(object["spectral_radius"]["block"], 0.0);
    assert!((object["spectral_radius"]["output"].as_f64().unwrap() - 2.0).abs() < 1e-12);
    assert!(object["steps"][0]["paths"]["peephole_output"].is_f64());
}

#[test]
fn numbers_without_end_have_their_logarithm() {
    let arguments = [
        "trace",
        "power-law",
        "--cell",
        "rnn",
        "--rho",
        "1.5",
        "--steps",
        "20000",
        "--signal",
        "zero",
    ];
    let object = json(&arguments);
    let first = &object["steps"][0];
    assert_eq!(first["grad_h"], Value::Null);
    assert!((first["log10_grad_h"].as_f64().unwrap() - 19_999.0 * 1.5f64.log10()).abs() < 1e-8);
    assert_eq!(object["steps"].as_array().unwrap().len(), 20_000);

    let vanishing = arguments.map(|word| if word == "1.5" { "0.5" } else { word });
    // 2⁻¹⁹⁹⁹⁹ by arithmetic with integers of any length.
    let text = printed(&[&vanishing[..], &["--format", "json"]].concat());
    assert!(text.contains("{\"t\":1,\"grad_h\":5.024776115e-6021,\"log10_grad_h\":-6020.29"));
}

/// Inputs that saturate every activation: no slope is an f64, and no gradient is 0 for it.
#[test]
fn what_saturates_beyond_float64_has_its_logarithm() {
    let loud = ["trace", "noise", "--signal", "noise", "--amplitude", "1000"];
    for cell in ["rnn", "lstm", "gru"] {
        let asked = ["--cell", cell, "--activation", "tanh", "--steps", "50"];
        let got = json(&[&loud[..], &asked, &["--hops", "4"]].concat());
        for step in got["steps"].as_array().unwrap() {
            assert!(step["log10_grad_h"].as_f64().is_some(), "{cell}: {step}");
        }
        let first = got["steps"][0]["log10_grad_h"].as_f64().unwrap();
        assert!(first < -200.0, "{cell}: {first}");
        let explained = printed(&["explain", "noise", "--cell", cell, "--amplitude", "1000"]);
        assert!(!explained.contains("NaN"), "{explained}");
        let (status, why) = complaint(&[&loud[..], &asked, &["--lyapunov"]].concat());
        assert!(status == 1 && why.contains("flatter than float64 can say"));
    }
}

/// A file of float64 weights, row by row.
fn weights(folder: &Path, name: &str, tensors: &[(&str, [usize; 2], &[f64])]) -> String {
    let bytes = tensors.iter().map(|(_, _, numbers)| {
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes());
        bytes.collect::<Vec<u8>>()
    });
    let bytes: Vec<Vec<u8>> = bytes.collect();
    let views = tensors
        .iter()
        .zip(&bytes)
        .map(|((name, [rows, columns], _), bytes)| {
            // A column of biases is a vector.
            let shape = if *columns == 0 {
                vec![*rows]
            } else {
                vec![*rows, *columns]
            };
            (*name, TensorView::new(Dtype::F64, shape, bytes).unwrap())
        });
    let file = folder.join(name);
    fs::write(&file, safetensors::serialize(views, None).unwrap()).unwrap();
    file.to_str().unwrap().to_owned()
}

/// The gradient of one unit is 1e-360 where that of another, which does not touch it, is 0.1.
#[test]
fn a_unit_is_not_lost_beside_another() {
    let folder = folder("apart");
    let (open, closed) = (30.0, -6.0);
    let biases = [0.0, 0.0, open, closed, 0.0, 0.0, 0.0, 0.0];
    let zeros = [0.0; 8];
    let w = [0.2, -0.25, 0.04, -0.06, -0.05, -0.02, -0.2, -0.02];
    let mut r = [0.0; 16];
    // R_z = diag(0, 1/2).
    r[11] = 0.5;
    let both = weights(
        &folder,
        "both.safetensors",
        &[
            ("weight_ih_l0", [8, 1], &w),
            ("weight_hh_l0", [8, 2], &r),
            ("bias_ih_l0", [8, 0], &biases),
            ("bias_hh_l0", [8, 0], &zeros),
        ],
    );
    // The second unit of every gate.
    let second =
        |numbers: &[f64]| -> Vec<f64> { numbers.iter().skip(1).step_by(2).copied().collect() };
    let alone = weights(
        &folder,
        "alone.safetensors",
        &[
            ("weight_ih_l0", [4, 1], &second(&w)),
            ("weight_hh_l0", [4, 1], &[0.0, 0.0, 0.5, 0.0]),
            ("bias_ih_l0", [4, 0], &second(&biases)),
            ("bias_hh_l0", [4, 0], &second(&zeros)),
        ],
    );
    let input = folder.join("input.csv");
    let line = |t: usize| format!("{}\n", (t as f64).sin());
    fs::write(&input, (0..400).map(line).collect::<String>()).unwrap();
    let run = |weights: &str, v: &str| {
        let vector = folder.join("v.csv");
        fs::write(&vector, v).unwrap();
        let files = ["--weights", weights, "--input", input.to_str().unwrap()];
        let loss = ["--loss", "last", "--loss-vector", vector.to_str().unwrap()];
        let ask = ["trace", "--cell", "lstm", "--cuts", "--hops", "3"];
        json(&[&ask[..], &files, &loss].concat())
    };
    let (both, alone) = (run(&both, "1,1"), run(&alone, "1"));
    let of = |object: &Value| -> [f64; 4] {
        let first = &object["steps"][0];
        [
            &first["log10_grad_h"],
            &first["paths"]["log10_block"],
            &first["alone"]["log10_block"],
            &object["cuts"]["carousel"][0]["log10_grad_h"],
        ]
        .map(|number| number.as_f64().unwrap())
    };
    for (got, want) in of(&both).into_iter().zip(of(&alone)) {
        assert!(
            (got - want).abs() < 1e-9 && want < -320.0,
            "{got} for {want}"
        );
    }
    assert!(both["steps"][0]["log10_grad_c"].as_f64().unwrap() > -3.0);
}

/// h = (2ᵗ, 1): every element of the gradient is clipped by itself, however large the others are.
#[test]
fn elements_are_clipped_one_by_one() {
    let folder = folder("clipped");
    let weights = weights(
        &folder,
        "linear.safetensors",
        &[
            ("weight_ih_l0", [2, 1], &[1.0, 1.0]),
            ("weight_hh_l0", [2, 2], &[2.0, 0.0, 0.0, 1.0]),
        ],
    );
    let (input, vector) = (folder.join("input.csv"), folder.join("v.csv"));
    fs::write(&input, format!("1\n{}", "0\n".repeat(1199))).unwrap();
    fs::write(&vector, "1,3").unwrap();
    let (input, vector) = (input.to_str().unwrap(), vector.to_str().unwrap());
    let files = [
        "--weights",
        &weights,
        "--input",
        input,
        "--loss-vector",
        vector,
    ];
    let ask = ["trace", "--activation", "linear", "--clip", "value:5"];
    let got = json(&[&ask[..], &files].concat());
    // dW = (beyond 5, 3), and all four of dR are beyond 5.
    let want = 134f64.sqrt();
    let clipped = got["clipped_norm"].as_f64().unwrap();
    assert!((clipped - want).abs() < 1e-12, "{clipped}");
}

/// Nothing of the preset that opens, and whatever was asked for is told, so that it can be asked for again.
#[test]
fn without_a_preset_all_is_neutral_and_what_differs_is_told() {
    let options = [
        "trace",
        "--cell",
        "lstm",
        "--rho",
        "0.58",
        "--forget",
        "learned:3",
    ];
    let got = json(&options);
    assert_eq!((&got["preset"], &got["seed"]), (&Value::Null, &7.into()));
    let settings = serde_json::json!({"rho": 0.58, "forget": "learned:3"});
    assert_eq!(got["settings"], settings);
    let rho = got["spectral_radius"]["block"].as_f64().unwrap();
    assert!((rho - 0.58).abs() < 1e-12, "the gate scale is 1: {rho}");
    let sentence = ", no preset, seed 7; unlike the defaults: rho 0.58, forget learned:3";
    let words = printed(&options)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let again = "; again: rnntop trace --cell lstm --rho 0.58 --forget learned:3";
    assert!(words.ends_with(&format!("{sentence}{again}")), "{words}");
    let table = printed(&[&options[..], &["--format", "csv"]].concat());
    assert_eq!(table.matches(sentence).count(), 1);
    let rnn = printed(&["trace", "--cell", "rnn", "--steps", "5"]);
    assert!(
        rnn.contains("φ tanh   init orthogonal   signal noise"),
        "{rnn}"
    );
    let explained = printed(&["explain", "--rho", "0.58", "--width", "200"]);
    assert!(explained.contains(", no preset, seed 7; unlike the defaults: rho 0.58"));
    let of_preset = json(&["trace", "block-input", "--seed", "9", "--steps", "5"]);
    assert_eq!(
        (&of_preset["preset"], &of_preset["seed"]),
        (&"block-input".into(), &9.into())
    );
    let settings = serde_json::json!({
        "steps": 5, "init": "identity", "rho": 0.04, "forget": "pinned:1", "signal": "zero"
    });
    assert_eq!(of_preset["settings"], settings);
}

#[test]
fn the_same_seed_prints_the_same_bytes() {
    let run = |seed| printed(&["trace", "--format", "json", "--seed", seed]);
    assert_eq!(run("3"), run("3"));
    assert_ne!(run("3"), run("4"));
}

#[test]
fn input_sets_the_window_and_the_width() {
    let folder = folder("input");
    let numbers = folder.join("numbers.csv");
    fs::write(&numbers, "1,0.5\n0,-1\n".repeat(20)).unwrap();
    let numbers = numbers.to_str().unwrap();
    let object = json(&["trace", "--input", numbers]);
    assert_eq!(
        (object["steps"].as_array().unwrap().len(), &object["inputs"]),
        (40, &2.into())
    );
    let object = json(&["trace", "--input", numbers, "--steps", "10"]);
    assert_eq!(object["steps"].as_array().unwrap().len(), 10);

    let text = folder.join("words.txt");
    fs::write(&text, "to be or not to be").unwrap();
    let object = json(&["trace", "--input", text.to_str().unwrap(), "--inputs", "5"]);
    assert_eq!(
        (object["steps"].as_array().unwrap().len(), &object["inputs"]),
        (18, &5.into())
    );

    let (status, said) = complaint(&["trace", "--input", numbers, "--steps", "41"]);
    assert_eq!(status, 2);
    assert!(
        said.starts_with("--steps: expected at most 40, the steps of "),
        "{said}"
    );
    let (status, said) = complaint(&["trace", "--input", numbers, "--inputs", "3"]);
    assert_eq!(status, 2);
    assert!(
        said.starts_with("--inputs: expected 2, the number of columns of "),
        "{said}"
    );
    let (_, said) = complaint(&["trace", "--input", numbers, "--signal", "sine"]);
    assert!(
        said.contains("--signal") && said.contains("--input"),
        "{said}"
    );
    let missing = folder.join("missing.csv");
    let (status, said) = complaint(&["trace", "--input", missing.to_str().unwrap()]);
    assert_eq!(status, 2);
    assert!(said.contains("missing.csv"), "{said}");
}

#[test]
fn standard_input_is_a_sequence() {
    let mut child = Command::new(PROGRAM)
        .args(["trace", "--input", "-", "--format", "json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(b"1,2\n3,4\n5,6\n")
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let object: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (object["steps"].as_array().unwrap().len(), &object["inputs"]),
        (3, &2.into())
    );
}

#[test]
fn loss_and_its_data_must_agree() {
    let folder = folder("loss");
    let file = folder.join("numbers.csv");
    fs::write(&file, "1,2\n3,4\n").unwrap();
    let file = file.to_str().unwrap();
    let (status, said) = complaint(&["trace", "--targets", file, "--loss", "sum"]);
    assert_eq!(
        (status, said.as_str()),
        (
            2,
            "--targets: expected --loss mse beside it, found --loss sum"
        )
    );
    let vector = folder.join("vector.csv");
    fs::write(&vector, "1,2,3\n").unwrap();
    let vector = vector.to_str().unwrap();
    let (status, said) = complaint(&["trace", "--loss-vector", vector, "--loss", "mse"]);
    assert_eq!(
        (status, said.as_str()),
        (
            2,
            "--loss-vector: expected the loss last, out, mean, max or sum, found mse"
        )
    );
    let (status, said) = complaint(&["trace", "--loss-vector", vector, "--hidden", "4"]);
    assert_eq!(status, 2);
    assert!(said.contains("vector.csv: expected 4 numbers"), "{said}");
}

#[test]
fn weights_set_cell_sizes_and_activation() {
    let case = |name: &str, file: &str| format!("tests/data/reference/{name}/{file}");
    let weights = case("small_rnn_tanh_mse", "weights.safetensors");
    let input = case("small_rnn_tanh_mse", "input.npy");
    let targets = case("small_rnn_tanh_mse", "targets.npy");
    let read = |file: &str| -> Value {
        serde_json::from_str(&fs::read_to_string(case("small_rnn_tanh_mse", file)).unwrap())
            .unwrap()
    };
    let initial = folder("weights").join("initial.csv");
    let numbers = read("case.json")["h0"][0].to_string();
    fs::write(&initial, numbers.trim_matches(['[', ']'])).unwrap();
    let files = [
        "--weights",
        &weights,
        "--input",
        &input,
        "--targets",
        &targets,
    ];
    let object = json(
        &[
            &["trace", "--initial-h", initial.to_str().unwrap()],
            &files[..],
        ]
        .concat(),
    );
    let expected = read("expected.json");
    assert_eq!(object["cell"], "rnn");
    let (got, wanted) = (
        object["loss"].as_f64().unwrap(),
        expected["loss"].as_f64().unwrap(),
    );
    assert!(
        (got - wanted).abs() < 1e-9 * wanted,
        "tanh is nn.RNN's own: {got}, {wanted}"
    );

    let (status, said) = complaint(&["trace", "--weights", &weights, "--hidden", "3"]);
    assert_eq!(status, 2);
    assert!(
        said.starts_with("--hidden: expected ") && said.ends_with("found 3"),
        "{said}"
    );
    let (status, _) = complaint(&["trace", "--weights", &weights, "--cell", "lstm"]);
    assert_eq!(status, 2);
}

#[test]
fn a_file_is_written_once_and_again_only_by_force() {
    let file = folder("out").join("window.csv");
    let file = file.to_str().unwrap();
    let arguments = [
        "trace", "--hidden", "2", "--steps", "5", "--format", "csv", "--out", file,
    ];
    assert_eq!(printed(&arguments), "");
    let first = fs::read_to_string(file).unwrap();
    assert_eq!(first.lines().count(), 6);
    let (status, said) = complaint(&arguments);
    assert_eq!(status, 2);
    assert!(said.contains("--force"), "{said}");
    assert_eq!(
        printed(&[&arguments[..], &["--force", "--seed", "9"]].concat()),
        ""
    );
    assert_ne!(fs::read_to_string(file).unwrap(), first);
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    let mut child = Command::new(PROGRAM)
        .args([
            "trace", "--steps", "5000", "--hidden", "4", "--format", "json",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 16];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn choices_about_the_screen_are_taken_with_and_without_a_terminal() {
    for arguments in [
        ["--color", "16"],
        ["--color", "auto"],
        ["--theme", "light"],
        ["--marker", "block"],
        ["--mouse", "on"],
        ["--idle-timeout", "60"],
    ] {
        let (status, said) = complaint(&arguments);
        assert_eq!(status, 2, "{arguments:?}");
        assert!(said.contains("is not a terminal"), "{arguments:?}: {said}");
    }
    for (arguments, sentence) in [
        (
            ["--color", "17"],
            "--color: expected auto, never, 16, 256 or rgb, found '17'",
        ),
        (
            ["--marker", "dots"],
            "--marker: expected auto, octant, braille, block or ascii, found 'dots'",
        ),
        (
            ["--mouse", "yes"],
            "--mouse: expected on or off, found 'yes'",
        ),
        (
            ["--idle-timeout", "0"],
            "--idle-timeout: expected a whole number from 1 to 604800, found 0",
        ),
    ] {
        assert_eq!(complaint(&arguments), (2, sentence.to_owned()));
    }
}

#[test]
fn an_unknown_preset_is_told_before_a_missing_terminal() {
    for (name, sentence) in [
        (
            "carousal",
            "there is no preset 'carousal'; did you mean carousel?",
        ),
        ("tarce", "there is no preset 'tarce'; did you mean trace?"),
        ("kyes", "there is no preset 'kyes'; did you mean keys?"),
        (
            "nothing-like-it",
            "there is no preset 'nothing-like-it'; rnntop presets lists them, and a file's name ends \
             in .toml",
        ),
    ] {
        assert_eq!(complaint(&[name]), (2, sentence.to_owned()));
    }
}

#[test]
fn a_public_demo_takes_no_file() {
    for (arguments, what) in [
        (vec!["./preset.toml"], "the preset's file"),
        (vec!["--weights", "a.safetensors"], "--weights"),
        (vec!["--input", "-"], "--input"),
        (vec!["--loss-vector", "a.npy"], "--loss-vector"),
        (vec!["--targets", "a.npy"], "--targets"),
        (vec!["--initial-h", "a.npy"], "--initial-h"),
        (vec!["--initial-c", "a.npy"], "--initial-c"),
        (vec!["--keys", "a.toml"], "--keys"),
        (vec!["--theme", "a.toml"], "the theme's file"),
    ] {
        let arguments = [&["--read-only"], &arguments[..]].concat();
        let sentence = format!("{what} cannot be read with --read-only, which opens no file");
        assert_eq!(complaint(&arguments), (2, sentence));
    }
    let (_, said) = complaint(&["--read-only", "carousel", "--theme", "light"]);
    assert!(said.contains("is not a terminal"), "{said}");
}

#[test]
fn keys_are_listed_and_a_file_of_them_says_the_same() {
    let folder = folder("own-keys");
    let template = folder.join("template.toml");
    fs::write(&template, printed(&["keys", "--template"])).unwrap();
    let listed = |file: &std::path::Path| printed(&["keys", "--keys", file.to_str().unwrap()]);
    let by_itself = listed(&template);
    assert!(
        by_itself.contains("  .               step_forward "),
        "{by_itself}"
    );

    let own = folder.join("own.toml");
    fs::write(&own, "step_forward = [\"n\", \"ctrl-f\"]\n").unwrap();
    let changed = listed(&own);
    let differs = by_itself
        .lines()
        .zip(changed.lines())
        .filter(|(a, b)| a != b);
    let differs: Vec<_> = differs.map(|(_, line)| line.trim_end()).collect();
    assert_eq!(differs.len(), 1, "{differs:?}");
    assert!(differs[0].starts_with("  n Ctrl-F "), "{differs:?}");

    fs::write(&own, "pause = \"q\"\n").unwrap();
    let (status, said) = complaint(&["keys", "--keys", own.to_str().unwrap()]);
    assert_eq!(status, 2);
    assert!(
        said.ends_with(
            "own.toml, line 1: pause: the key 'q' does quit in the same place; give that one \
             another key too, or none: quit = []"
        ),
        "{said}"
    );
    let missing = folder.join("missing.toml");
    let (status, said) = complaint(&["keys", "--keys", missing.to_str().unwrap()]);
    assert_eq!(status, 2);
    assert!(said.contains("missing.toml: "), "{said}");
}

#[test]
fn themes_are_listed_and_shown() {
    let list = printed(&["themes"]);
    for name in ["dark", "light", "contrast", "mono"] {
        assert!(list.lines().any(|line| line.starts_with(name)), "{list}");
    }
    let file = folder("own-theme").join("mine.toml");
    let template = printed(&["themes", "show", "contrast"]);
    assert!(template.contains("inherit    = \"contrast\""), "{template}");
    fs::write(&file, &template).unwrap();
    assert_eq!(
        printed(&["themes", "show", file.to_str().unwrap()]),
        template
    );
    let (status, said) = complaint(&["themes", "show", "mono"]);
    assert_eq!(
        (status, said.as_str()),
        (
            2,
            "themes show: expected a theme with colours of its own, found mono"
        )
    );
    let (_, said) = complaint(&["themes", "show", "lihgt"]);
    assert_eq!(
        said,
        "themes show: there is no theme 'lihgt'; did you mean light?"
    );
    fs::write(&file, "carousel = \"blu\"\n").unwrap();
    let (_, said) = complaint(&["themes", "show", file.to_str().unwrap()]);
    assert!(
        said.contains("mine.toml, line 1: carousel: expected a colour"),
        "{said}"
    );
}

/// A model goes to the screen only where there is one.
#[test]
fn inspect_live_is_for_a_terminal() {
    let model = "tests/data/trained/model.safetensors";
    let live = |more: &[&str]| complaint(&[&["inspect", model, "--live"], more].concat());
    let sentence = "--live: standard output is not a terminal, and the live screen needs one; \
                    without --live the diagnosis is printed";
    assert_eq!(live(&[]), (2, sentence.to_owned()));
    let closed = "the model cannot be read with --read-only, which opens no file";
    assert_eq!(live(&["--read-only"]), (2, closed.to_owned()));
    for other in [&["--format", "json"][..], &["--out", "x"], &["--list"]] {
        let (status, sentence) = live(other);
        assert_eq!(status, 2);
        assert!(
            sentence.contains("--live' cannot be used with"),
            "{sentence}"
        );
    }
    let alone = complaint(&["inspect", model, "--theme", "dark"]);
    let sentence = "--theme: expected --live beside it, found none";
    assert_eq!(alone, (2, sentence.to_owned()));
}

#[test]
fn layers_of_weights_are_checked() {
    let stack = "tests/data/reference/stack_lstm/weights.safetensors";
    let layer = |file, layer| complaint(&["trace", "--weights", file, "--layer", layer]);
    let (status, sentence) = layer(stack, "2");
    assert_eq!(status, 2);
    assert_eq!(
        sentence,
        format!("{stack}: expected a layer from 0 to 1, found --layer 2")
    );
    let (_, sentence) = layer(stack, "0r");
    assert_eq!(
        sentence,
        format!(
            "{stack}: expected layer 0 without r, as the module reads in one direction, found --layer 0r"
        )
    );
    let (_, sentence) = layer(stack, "r1");
    assert_eq!(
        sentence,
        "--layer: expected a layer from 0, with r for its reverse direction (1, 1r), found 'r1'"
    );
    let projected = "tests/data/stacks/projected_lstm/weights.safetensors";
    let (status, sentence) = layer(projected, "0");
    assert_eq!(status, 2);
    assert!(sentence.contains("rnntop inspect"), "{sentence}");
    let (status, sentence) = complaint(&["trace", "--layer", "1"]);
    assert_eq!(status, 2);
    assert!(sentence.contains("--weights"), "{sentence}");
}

#[test]
fn a_whole_model_is_traced_unless_a_layer_is_asked_for() {
    let stack = "tests/data/reference/stack_lstm/weights.safetensors";
    let both = "tests/data/stacks/projected_bidirectional_lstm/weights.safetensors";
    let rows = |arguments: &[&str]| {
        let output = rnntop(&[&["trace", "--format", "csv", "--weights"], arguments].concat());
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let all = rows(&[stack, "--steps", "5"]);
    let places: Vec<&str> = all.lines().map(|row| &row[..3]).collect();
    assert_eq!(
        places,
        [
            "lay", "0,1", "0,2", "0,3", "0,4", "0,5", "1,1", "1,2", "1,3", "1,4", "1,5"
        ]
    );
    assert!(rows(&[both, "--steps", "5"]).contains("\n0r,5,"));
    assert!(rows(&[stack, "--steps", "5", "--layer", "1"]).starts_with("t,"));
    let one_cell = complaint(&["trace", "--weights", stack, "--cuts"]);
    assert_eq!(
        one_cell,
        (
            2,
            format!(
                "--cuts: expected --layer beside it, since {stack} has several layers or \
                 directions, and this is for one cell"
            )
        )
    );
    let (status, sentence) = complaint(&["trace", "--weights", stack, "--cell", "gru"]);
    let wanted = format!("--cell: expected lstm, the cell of {stack}, found gru");
    assert_eq!((status, sentence), (2, wanted));
    let input = "tests/data/reference/small_lstm_last/input.npy";
    for option in ["--initial-h", "--loss-vector", "--targets"] {
        let (status, sentence) = complaint(&["trace", "--weights", stack, option, input]);
        assert_eq!(status, 2, "{sentence}");
        assert!(sentence.contains(input), "{sentence}");
    }
}

#[test]
fn help_of_a_command_by_its_name() {
    let by_name = rnntop(&["help", "trace"]);
    let by_option = rnntop(&["trace", "--help"]);
    assert!(by_name.status.success());
    assert_eq!(by_name.stdout, by_option.stdout);
    assert_eq!(rnntop(&["help"]).stdout, rnntop(&["--help"]).stdout);
}

/// A dash is the standard stream for the output as it is for the input.
#[test]
fn a_dash_is_standard_output() {
    let printed = rnntop(&["trace", "carousel", "--format", "csv"]);
    let dashed = rnntop(&["trace", "carousel", "--format", "csv", "--out", "-"]);
    assert!(dashed.status.success());
    assert_eq!(printed.stdout, dashed.stdout);
    let model = "tests/data/reference/small_lstm_last/weights.safetensors";
    let printed = rnntop(&["inspect", model]);
    let dashed = rnntop(&["inspect", model, "--out", "-"]);
    assert_eq!(printed.stdout, dashed.stdout);
    assert!(!std::path::Path::new("-").exists());
}

#[test]
fn the_text_of_a_whole_model_fits_80_columns() {
    for folder in [
        "stacks/projected_bidirectional_lstm",
        "stacks/bidirectional_gru",
        "reference/stack_gru",
    ] {
        let weights = format!("tests/data/{folder}/weights.safetensors");
        let output = rnntop(&["trace", "--weights", &weights, "--steps", "12000"]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.starts_with(|c: char| c.is_ascii_lowercase()), "{text}");
        for line in text.lines() {
            assert!(line.chars().count() <= 80, "{folder}: {line}");
        }
        assert!(!text.contains("1 layers"), "{text}");
    }
}

/// With the loss mse without targets Δ_t is h_t. The last that is not 0 is subnormal: no power of two
/// brings it near 1, and δ_1 must not be lost for it.
#[test]
fn a_loss_that_begins_with_a_subnormal_number_is_kept() {
    let law = "trace power-law --cell rnn --rho 0.01 --steps 400 --loss mse --signal impulse";
    let law: Vec<&str> = law.split(' ').collect();
    let window = json(&law);
    let steps = window["steps"].as_array().unwrap();
    let number = |step: &Value, name: &str| step[name].as_f64().unwrap();
    // δ_1 = Σ_t ρ^{t-1} h_t = h_1 / (1 - ρ²).
    let first = number(&steps[0], "grad_h") / number(&steps[0]["paths"], "loss");
    assert!((first * (1.0 - 1e-4) - 1.0).abs() < 1e-12, "{first}");
    assert!(number(&window, "param_grad_norm") > 0.1);
}

/// Subnormal numbers and those that one step would bring beyond float64, too.
#[test]
fn a_loss_vector_may_be_of_any_size() {
    let folder = folder("any_size");
    let gradient = |v: &str| {
        let file = folder.join(format!("{v}.csv"));
        fs::write(&file, format!("{v},{v}\n")).unwrap();
        let options = [
            "--hidden",
            "2",
            "--steps",
            "9",
            "--rho",
            "100",
            "--loss-vector",
        ];
        let window = json(&[&["trace", "noise"], &options[..], &[file.to_str().unwrap()]].concat());
        ["log10_param_grad_norm", "log10_grad_h0", "log10_grad_c0"]
            .map(|f| window[f].as_f64().unwrap())
    };
    let one = gradient("1");
    for (v, log10) in [("1e-310", -310.0), ("1e308", 308.0)] {
        for (one, got) in one.iter().zip(gradient(v)) {
            assert!((one + log10 - got).abs() < 1e-9, "{v}: {one} {got}");
        }
    }
}

/// h_T is 1e704, and so is the δ that `step` clips to 5 on its way to T - 1.
#[test]
fn a_step_clipped_from_beyond_float64_keeps_its_threshold() {
    let law = "trace power-law --cell rnn --rho 1.5 --steps 4000 --loss mse --signal impulse";
    let law: Vec<&str> = law.split(' ').chain(["--clip", "step:5"]).collect();
    let window = json(&law);
    for step in &window["steps"].as_array().unwrap()[..3999] {
        let brought = step["paths"]["recurrent"].as_f64().unwrap();
        assert!((brought - 5.0).abs() < 1e-12, "{step}");
    }
}

#[test]
fn what_step_clips_by_may_be_beyond_float64() {
    let law =
        "explain power-law --cell rnn --rho 1.5 --steps 4000 --loss mse --signal impulse --t 3999";
    let more = ["--amplitude", "1", "--clip", "step:5"];
    let law: Vec<&str> = law.split(' ').chain(more).collect();
    let page = printed(&law);
    let by = page.split("multiplied what came back by ").nth(1).unwrap();
    assert!(by.contains("10⁻⁷⁰⁴ besides"), "{page}");
}

/// h_t = 0.01ᵗ leaves float64 at t = 163; a relu is on as long as h is not 0.
#[test]
fn a_state_that_dies_out_is_kept() {
    let folder = folder("dies");
    let file = |name: &str, text: &str| {
        let file = folder.join(name);
        fs::write(&file, text).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let (one, targets) = (file("h.csv", "1\n"), file("y.csv", &"0\n".repeat(2000)));
    let law = "trace power-law --cell rnn --rho 0.01 --hidden 1 --steps 2000 --signal zero --clip off --initial-h";
    let law: Vec<&str> = law.split(' ').chain([one.as_str()]).collect();
    for activation in ["relu", "linear"] {
        let close = |got: &Value, want: f64| {
            let got = got.as_f64().unwrap_or(f64::NAN);
            assert!((got - want).abs() < 1e-9, "{activation}: {got} for {want}");
        };
        let given = ["--activation", activation, "--loss-vector", &one];
        let last = json(&[&law[..], &given].concat());
        close(&last["steps"][0]["log10_grad_h"], -2.0 * 1999.0);
        close(&last["log10_loss"], -2.0 * 2000.0);
        for targets in [None, Some(&targets)] {
            let mut given = vec!["--activation", activation, "--loss", "mse"];
            given.extend(targets.iter().flat_map(|file| ["--targets", file.as_str()]));
            let mse = json(&[&law[..], &given].concat());
            // δ_T = h_T, and before it h_t and what 0.01 of it is beside it.
            close(&mse["steps"][1999]["log10_grad_h"], -2.0 * 2000.0);
            close(
                &mse["steps"][999]["log10_grad_h"],
                -2.0 * 1000.0 + (1.0f64 / (1.0 - 1e-4)).log10(),
            );
        }
    }
}

/// h_t is 0 throughout: nothing is there of dR, and no exponent may make a number of it.
#[test]
fn the_angle_of_a_gradient_beyond_float64_is_a_number() {
    let law = "trace power-law --cell rnn --rho 9 --steps 2000 --signal zero --hidden 1";
    for clip in ["value:1", "step:1"] {
        let law: Vec<&str> = law.split(' ').chain(["--clip", clip]).collect();
        let window = json(&law);
        assert!(window["log10_param_grad_norm"].as_f64().unwrap() > 1900.0);
        let angle = window["clip_angle_deg"].as_f64();
        // One number for each of two biases: their direction stays.
        assert!(
            angle.is_some_and(|angle| angle.abs() < 1e-6),
            "{clip}: {angle:?}"
        );
    }
}

/// The slope of a relu is 0 where nothing enters: two gradients that are 0 have no angle between them.
#[test]
fn the_angle_of_two_gradients_that_are_zero_is_null() {
    let law = "trace power-law --cell rnn --activation relu --steps 4 --signal zero --hidden 1";
    for clip in ["off", "norm:1", "value:1", "step:1"] {
        let law: Vec<&str> = law
            .split(' ')
            .chain(["--clip", clip, "--bptt", "2"])
            .collect();
        let window = json(&law);
        assert_eq!(window["param_grad_norm"], 0.0);
        assert_eq!(window["clip_angle_deg"], Value::Null, "{clip}");
        assert_eq!(window["bptt"]["angle_deg"], Value::Null, "{clip}");
        let told = printed(&law);
        assert!(!told.contains("turned"), "{told}");
    }
}

/// The products δ_t h_{t-1} of dR are all 1e-310, of a δ_t that leaves 1 and an h_t that nears float64's end.
#[test]
fn the_angle_beside_products_of_the_end_of_float64_is_a_number() {
    let folder = folder("small");
    let small = folder.join("h.csv");
    fs::write(&small, "1e-103\n").unwrap();
    let small = small.to_str().unwrap();
    let law = "trace power-law --cell rnn --activation tanh --rho 0.001 --steps 70 --signal zero --hidden 1";
    let law = law
        .split(' ')
        .chain(["--clip", "value:0.5", "--initial-h", small]);
    let window = json(&law.collect::<Vec<_>>());
    let angle = window["clip_angle_deg"].as_f64();
    assert!(angle.is_some_and(|angle| angle.abs() < 1e-6), "{angle:?}");
}

#[test]
fn options_that_would_do_nothing_are_refused() {
    for option in ["--hops=3", "--jacobian", "--lyapunov"] {
        let (status, said) = complaint(&["trace", "--follow", option]);
        assert_eq!(status, 2);
        assert!(said.contains("cannot be used with"), "{said}");
    }
    let folder = folder("initial");
    let file = folder.join("c.csv");
    fs::write(&file, "1,2\n").unwrap();
    let file = file.to_str().unwrap();
    let given = ["--hidden", "2", "--initial-c", file, "--cell"];
    for command in ["trace", "explain"] {
        for cell in ["rnn", "gru", "mingru", "lru", "indrnn"] {
            let arguments = [&[command][..], &given, &[cell]].concat();
            let said = format!(
                "--initial-c: expected a cell with c, the lstm, beside {file}, found {cell}"
            );
            assert_eq!(complaint(&arguments), (2, said));
        }
        printed(&[&[command][..], &given, &["lstm"]].concat());
    }
}

#[test]
fn standard_input_is_read_once() {
    let said = |first: &str, second: &str| {
        let why = format!("expected a file, since {first} is read from standard input, found -");
        (2, format!("{second}: {why}"))
    };
    assert_eq!(
        complaint(&["trace", "--input", "-", "--weights", "-"]),
        said("--weights", "--input")
    );
    assert_eq!(
        complaint(&["explain", "--targets", "-", "--initial-h", "-"]),
        said("--targets", "--initial-h")
    );
    assert_eq!(
        complaint(&["inspect", "-", "--input", "-"]),
        said("the model", "--input")
    );
}

#[test]
fn a_command_behind_an_option_is_told_its_place() {
    assert_eq!(
        complaint(&["--rho", "1", "inspect"]),
        (
            2,
            "the command inspect stands before all else: rnntop inspect [OPTIONS]".to_owned()
        )
    );
    let (_, said) = complaint(&["inspct"]);
    assert_eq!(said, "there is no preset 'inspct'; did you mean inspect?");
}

#[test]
fn data_in_the_place_of_a_preset_is_told_its_option() {
    for (name, what) in [
        (
            "model.safetensors",
            "trained weights stand behind --weights",
        ),
        ("./sequence.NPY", "sequences stand behind --input"),
    ] {
        let said = format!("'{name}' is no preset; {what}");
        assert_eq!(complaint(&["trace", name]), (2, said.clone()));
        assert_eq!(complaint(&[name]), (2, said));
    }
}

/// Where f is 1 or 1 − i, the forget gate's setting is no part of the window.
#[test]
fn a_forget_gate_that_is_not_there_is_not_told() {
    let last = |variant| {
        let text = printed(&["trace", "--steps", "5", "--variant", variant]);
        let line = text.lines().find(|line| line.contains("init orthogonal"));
        line.unwrap().to_owned()
    };
    assert!(last("nig").starts_with("forget "));
    assert!(last("nfg").starts_with("init "));
    assert!(last("cifg").starts_with("init "));
}

/// The outputs of both directions of 300 units are 600, more than one cell can have.
#[test]
fn a_wide_model_takes_what_fits_it() {
    let folder = folder("wide");
    let zeros = vec![0u8; 300 * 300 * 4];
    let suffixes = ["l0", "l0_reverse"];
    let tensors: Vec<_> = suffixes
        .iter()
        .flat_map(|suffix| {
            [("ih", 1), ("hh", 300)].map(|(name, columns)| {
                let shape = vec![300, columns];
                let data = &zeros[..300 * columns * 4];
                let view = TensorView::new(Dtype::F32, shape, data).unwrap();
                (format!("weight_{name}_{suffix}"), view)
            })
        })
        .collect();
    let weights = folder.join("wide.safetensors");
    fs::write(&weights, safetensors::serialize(tensors, None).unwrap()).unwrap();
    let row = vec!["1"; 600].join(",");
    let row_of = |name: &str, rows: usize| {
        let file = folder.join(name);
        fs::write(&file, format!("{row}\n").repeat(rows)).unwrap();
        file.to_str().unwrap().to_owned()
    };
    let (vector, targets) = (row_of("v.csv", 1), row_of("y.csv", 3));
    let trace = [
        "trace",
        "--steps",
        "3",
        "--weights",
        weights.to_str().unwrap(),
    ];
    let sum = json(&[&trace[..], &["--loss", "sum", "--loss-vector", &vector]].concat());
    // Δ_t is a row of 300 ones, and nothing crosses from step to step.
    assert!((sum["steps"][0]["grad_h"].as_f64().unwrap() - 300f64.sqrt()).abs() < 1e-12);
    assert_eq!(sum["clip_steps"], serde_json::json!([]));
    let mse = json(&[&trace[..], &["--targets", &targets]].concat());
    assert!((mse["loss"].as_f64().unwrap() - 900.0).abs() < 1e-9);
}

#[test]
fn no_complaint_is_longer_than_can_be_read() {
    let long = "beyond".repeat(20_000);
    let folder = folder("long-complaints");
    let preset = folder.join("long.toml");
    let path = preset.to_str().unwrap().to_owned();
    let value = format!(
        "title = \"x\"\n[settings]\ninit = \"{}\"\n",
        "x".repeat(900 << 10)
    );
    let key = format!("title = \"x\"\n[settings]\n{} = 1\n", "x".repeat(900 << 10));
    for text in [value, key] {
        fs::write(&preset, text).unwrap();
        let (status, sentence) = complaint(&["trace", &path]);
        assert_eq!(status, 2);
        assert!(sentence.chars().count() <= 2001, "{}", sentence.len());
        assert!(sentence.contains("long.toml"), "{sentence}");
    }
    for arguments in [
        vec!["trace", "why", "--cell", &long],
        vec!["trace", "why", "--rho", &long],
        vec!["trace", &long],
        vec!["trace", "why", "--weights", &long],
        vec!["presets", &long],
        vec![&long, &long],
    ] {
        let (status, sentence) = complaint(&arguments);
        assert_eq!(status, 2, "{}", arguments[0]);
        assert!(sentence.chars().count() <= 2001, "{}", sentence.len());
    }
}

/// A result says what it takes to compute it again, and is computed again from that alone.
#[test]
fn a_result_is_reproduced_from_itself() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (input, result) = (path("in \'put.csv"), path("result.json"));
    std::fs::write(&input, "1,2\n0,1\n3,1\n1,1\n").unwrap();
    let rnntop = |arguments: &[&str]| {
        let program = env!("CARGO_BIN_EXE_rnntop");
        let output = std::process::Command::new(program)
            .arg("trace")
            .args(arguments)
            .output();
        let output = output.unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code(), output.stdout, said)
    };
    let asked = [
        "--cell",
        "gru",
        "--hidden",
        "3",
        "--seed",
        "11",
        "--cuts",
        "--jacobian",
        "--format=json",
    ];
    let given = [&asked[..], &["--input", &input]].concat();
    assert_eq!(
        rnntop(&[&given[..], &["--out", &result]].concat()).0,
        Some(0)
    );
    let first = std::fs::read(&result).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&first).unwrap();
    assert_eq!(json["arguments"].as_array().unwrap().len(), given.len());
    let file = &json["files"][0];
    assert_eq!(
        (&file["option"], &file["bytes"]),
        (&"--input".into(), &16.into())
    );
    // Of Python's hashlib.
    assert_eq!(
        file["sha256"],
        "8fcec812d21a71dbacf3be7348c9c7e8d4dab344e5c26c8af2df61457b0a0226"
    );
    let (status, again, said) = rnntop(&["--from", &result]);
    assert_eq!((status, said.as_str()), (Some(0), ""));
    assert!(again == first, "the same bytes");
    let text = rnntop(&[&["--input", &input][..], &["--hidden", "2"]].concat()).1;
    let text = String::from_utf8(text).unwrap();
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("again: rnntop trace --input '"), "{text}");
    assert!(words.contains("of 16 bytes, sha256"), "{text}");
    let (status, _, said) = rnntop(&["--from", &result, "--rho", "2"]);
    assert_eq!(status, Some(2));
    assert!(
        said.contains(
            "--from: expected no other option beside it but --out and --force, found --rho"
        ),
        "{said}"
    );
    // A live story is told again by its first line.
    let story = ["--follow", "--speed", "60", "--steps", "2", "--format=json"];
    let told = rnntop(&[&story[..], &["--input", &input]].concat()).1;
    std::fs::write(path("story.json"), &told).unwrap();
    let (status, again, said) = rnntop(&["--from", &path("story.json")]);
    assert_eq!((status, said.as_str()), (Some(0), ""));
    assert!(again == told && again.split(|byte| *byte == b'\n').count() == 4);
    std::fs::write(path("story.json"), "{\"models\": [], \"arguments\": []}").unwrap();
    let (status, _, said) = rnntop(&["--from", &path("story.json")]);
    assert_eq!(status, Some(2));
    assert!(said.contains("expected the JSON of rnntop trace, found one with models"));
    std::fs::write(&input, "1,2\n0,1\n3,1\n1,2\n").unwrap();
    let (status, _, said) = rnntop(&["--from", &result]);
    assert_eq!(status, Some(2));
    assert!(
        said.contains("expected the file that") && said.contains("was computed from"),
        "{said}"
    );
    std::fs::write(&result, "{}").unwrap();
    assert_eq!(rnntop(&["--from", &result]).0, Some(2));
    // What a row has no place for is not left out without a word.
    for option in ["--jacobian", "--lyapunov"] {
        let (status, _, said) = rnntop(&[option, "--format", "csv"]);
        assert_eq!(status, Some(2));
        assert!(said.contains("since a row of CSV is a step"), "{said}");
    }
}
