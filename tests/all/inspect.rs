//! `rnntop inspect`: the diagnosis of a trained LSTM, of freshly initialised models, and every
//! mistake that a model's file or its input can hold, each with the one sentence that the user gets.

// The helpers of tests are tests, too.
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use ndarray::{Array1, Array2, Array3};
use rnntop::io::{ModelFile, Wanted, load_batch};
use safetensors::tensor::{Dtype, TensorView};
use serde_json::Value;

fn trained(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/trained")
        .join(name)
}

fn run(arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_rnntop");
    Command::new(program)
        .arg("inspect")
        .args(arguments)
        .output()
        .unwrap()
}

fn text(arguments: &[&str]) -> String {
    let output = run(arguments);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && complaint.is_empty(),
        "{complaint}"
    );
    String::from_utf8(output.stdout).unwrap()
}

fn models(arguments: &[&str]) -> Vec<Value> {
    let arguments = [arguments, &["--format", "json"]].concat();
    let all: Value = serde_json::from_str(&text(&arguments)).unwrap();
    all["models"].as_array().unwrap().clone()
}

fn complaint(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert_eq!(sentence.matches('\n').count(), 1, "{sentence}");
    sentence.trim().trim_start_matches("rnntop: ").to_owned()
}

/// A `.safetensors` file of float64 tensors; numbers are drawn from U(−range, range).
fn file(tensors: &[(&str, &[usize])], range: f64) -> Vec<u8> {
    let mut state = 1u64;
    let mut draw = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        ((state >> 11) as f64 / 2f64.powi(52) - 1.0) * range
    };
    let data: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(_, shape)| {
            (0..shape.iter().product())
                .flat_map(|_| draw().to_le_bytes())
                .collect()
        })
        .collect();
    let views = tensors.iter().zip(&data).map(|((name, shape), data)| {
        (
            *name,
            TensorView::new(Dtype::F64, shape.to_vec(), data).unwrap(),
        )
    });
    safetensors::serialize(views, None).unwrap()
}

/// Two layers of an LSTM with H = 2 and D = 3, without biases, both directions, under a prefix.
const STACK: &[(&str, &[usize])] = &[
    ("a.weight_ih_l0", &[8, 3]),
    ("a.weight_hh_l0", &[8, 2]),
    ("a.weight_ih_l0_reverse", &[8, 3]),
    ("a.weight_hh_l0_reverse", &[8, 2]),
    ("a.weight_ih_l1", &[8, 4]),
    ("a.weight_hh_l1", &[8, 2]),
    ("a.weight_ih_l1_reverse", &[8, 4]),
    ("a.weight_hh_l1_reverse", &[8, 2]),
];

fn stack(without: &str, with: &[(&'static str, &'static [usize])]) -> Vec<u8> {
    let mut tensors: Vec<_> = STACK
        .iter()
        .copied()
        .filter(|(name, _)| *name != without)
        .collect();
    tensors.extend(with);
    file(&tensors, 0.5)
}

fn refused(bytes: Vec<u8>, module: Option<&str>) -> String {
    let sentence = ModelFile::new(bytes, "m.safetensors")
        .and_then(|file| file.stack(module))
        .unwrap_err()
        .to_string();
    assert!(!sentence.contains('\n'), "{sentence}");
    sentence.strip_prefix("m.safetensors").unwrap().to_owned()
}

#[test]
fn a_trained_memory_is_diagnosed() {
    let (model, batch) = (trained("model.safetensors"), trained("batch.npy"));
    let arguments = [model.to_str().unwrap(), "--input", batch.to_str().unwrap()];
    let found = &models(&arguments)[0];
    assert_eq!(found["cell"], "lstm");
    assert_eq!(
        (&found["depth"], &found["hidden"], &found["sequences"]),
        (&2.into(), &12.into(), &10.into())
    );
    assert_eq!(found["fresh"], false);
    for layer in found["layers"].as_array().unwrap() {
        // Trained to remember over 40 steps: the carousel carries the gradient through the window.
        assert!(layer["horizon"].is_null(), "{layer}");
        assert_eq!(layer["exploding"], false);
        assert_eq!(layer["dominant_path"], "carousel");
        assert!(layer["paths"]["carousel"].as_f64().unwrap() > 0.9);
        let paths = layer["paths"].as_object().unwrap().values();
        let sum: f64 = paths.map(|part| part.as_f64().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-9, "{sum}");
        let memory = &layer["memory"];
        assert!(memory["gate"].as_f64().unwrap() > 0.9);
        let histogram = memory["histogram"].as_array().unwrap();
        assert_eq!(
            histogram.iter().map(|n| n.as_u64().unwrap()).sum::<u64>(),
            12
        );
        assert_eq!(memory["half_lives"].as_array().unwrap().len(), 12);
    }
    // No cause, no advice.
    assert_eq!(found["advice"], serde_json::json!([]));
    let text = text(&arguments);
    assert!(
        text.contains("Layer 1: vanishing ▼: |δc_1| is 0.0280"),
        "{text}"
    );
    assert!(
        !text.contains("what would help") && !text.contains("Freshly"),
        "{text}"
    );
    let numbers = ["NaN", "inf", "-inf"];
    assert!(
        !text.split_whitespace().any(|word| numbers.contains(&word)),
        "{text}"
    );
}

/// What `rnntop trace` says of the same model in JSON.
fn traced(arguments: &[&str]) -> Value {
    let program = env!("CARGO_BIN_EXE_rnntop");
    let output = Command::new(program)
        .args(["trace", "--format", "json"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn close(a: &Value, b: &Value) {
    let [a, b] = [a, b].map(|x| x.as_f64().unwrap());
    assert!((a - b).abs() <= 1e-12 * a.abs().max(b.abs()), "{a} {b}");
}

#[test]
fn the_largest_exponent_is_that_of_trace() {
    let batch: Array3<f32> = ndarray_npy::read_npy(trained("batch.npy")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let first = batch.index_axis(ndarray::Axis(0), 0).to_owned();
    ndarray_npy::write_npy(&path, &first).unwrap();
    let (model, input) = (trained("model.safetensors"), path.to_str().unwrap());
    let model = model.to_str().unwrap();
    let found = &models(&[model, "--input", input])[0];
    for layer in ["0", "1"] {
        let options = ["--layer", layer, "--input", input, "--lyapunov"];
        let trace = traced(&[&["--weights", model], &options[..]].concat());
        let index: usize = layer.parse().unwrap();
        let largest = &found["layers"][index]["lyapunov_max"];
        let [a, b] = [largest, &trace["lyapunov_max"]].map(|x| x.as_f64().unwrap());
        // By rounds through the window in the one, by its product in the other.
        assert!((a - b).abs() * first.nrows() as f64 <= 1e-9, "{a} {b}");
    }
}

/// Of one seed, the noise is one sequence for all commands.
#[test]
fn the_noise_is_that_of_trace() {
    let model = trained("model.safetensors");
    let model = model.to_str().unwrap();
    let found = &models(&[model, "--seed", "5"])[0];
    let noise = ["--signal", "noise", "--seed", "5", "--steps", "200"];
    let trace = traced(&[&["--weights", model], &noise[..]].concat());
    close(&found["grad_norms"][0], &trace["param_grad_norm"]);
    // More sequences go on where the first ends.
    let noise = rnntop::sim::inspect::Drive::noise(3, 5, 2, 9).sequences;
    let all = rnntop::sim::signal::noise(15, 2, 9, 0);
    let views: Vec<_> = noise.iter().map(|rows| rows.view()).collect();
    assert_eq!(ndarray::concatenate(ndarray::Axis(0), &views).unwrap(), all);
}

#[test]
fn table_and_sentence_give_one_verdict() {
    let (model, batch) = (trained("model.safetensors"), trained("batch.npy"));
    let (model, batch) = (model.to_str().unwrap(), batch.to_str().unwrap());
    let both = text(&[model, "--input", batch, "--against", model]);
    let signs = |of: &str| -> Vec<char> {
        let lines = both.lines().filter(|line| line.contains(of));
        let sign = |line: &str| line.chars().find(|c| "▼◆▲".contains(*c));
        lines.filter_map(sign).collect()
    };
    // Of each model in the order of layers; the table has both models in a line.
    let sentences = signs(": |δc_1| is");
    let table = signs("  gradient  ");
    assert_eq!(table.len(), 2, "{both}");
    assert_eq!(sentences, [&table[..], &table].concat(), "{both}");
    let one = text(&[model, "--input", batch]);
    let heading = one.lines().find(|line| line.contains("5 %")).unwrap();
    let words: Vec<&str> = heading.split_whitespace().collect();
    assert_eq!(
        words,
        ["layer", "5", "%", "median", "95", "%", "steps", "back"]
    );
}

/// An nn.RNN with 1.3 times the identity is orthogonal already: its scale alone can be wrong.
#[test]
fn advice_on_the_recurrent_matrix_has_its_cause() {
    let n = 3;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.safetensors");
    let eye = |scale: f64| -> Vec<f64> {
        let element = |k: usize| if k.is_multiple_of(n + 1) { scale } else { 0.0 };
        (0..n * n).map(element).collect()
    };
    let advice = |r: &[f64], options: &[&str]| -> Vec<Value> {
        let bytes =
            |numbers: &[f64]| -> Vec<u8> { numbers.iter().flat_map(|x| x.to_le_bytes()).collect() };
        let (w, r) = (bytes(&[0.1; 3]), bytes(r));
        let view =
            |shape: &[usize], data| TensorView::new(Dtype::F64, shape.to_vec(), data).unwrap();
        let views = [
            ("weight_ih_l0", view(&[n, 1], &w)),
            ("weight_hh_l0", view(&[n, n], &r)),
        ];
        fs::write(&path, safetensors::serialize(views, None).unwrap()).unwrap();
        let found = models(&[&[path.to_str().unwrap()], options].concat());
        found[0]["advice"].as_array().unwrap().clone()
    };
    // Under a constant input no unit of relu dies, so that r is the scale times 1.3.
    let ones = folder.path().join("ones.csv");
    fs::write(&ones, "1\n".repeat(200)).unwrap();
    let constant = ["--activation", "relu", "--input", ones.to_str().unwrap()];
    let found = advice(&eye(1.3), &constant);
    let kinds: Vec<&str> = found.iter().filter_map(|a| a["kind"].as_str()).collect();
    assert_eq!(kinds[0], "scale");
    assert!(kinds.contains(&"clip"), "{kinds:?}");
    let remedy = found[0]["remedy"].as_str().unwrap();
    assert!(
        remedy.contains("scale R to 0.769 times what it is"),
        "{remedy}"
    );
    assert!((found[0]["r_after"].as_f64().unwrap() - 1.0).abs() < 1e-3);
    // Too large a matrix is no cause of a gradient that vanishes.
    assert_eq!(advice(&eye(1.3), &constant[2..]), [] as [Value; 0]);
    assert_eq!(advice(&eye(0.5), &constant)[0]["kind"], "scale");
    let mut uneven = eye(0.5);
    uneven[0] = 0.9;
    for advice in advice(&uneven, &constant) {
        let remedy = advice["remedy"].as_str().unwrap();
        assert!(!remedy.contains("gate"), "{remedy}");
    }
}

/// What the one path through time brings is against what comes from above, so that it carries nothing.
#[test]
fn a_path_that_only_takes_away_is_not_named() {
    let number = |x: f64| x.to_le_bytes().to_vec();
    let tensors = [
        ("weight_ih_l0", number(0.1)),
        ("weight_hh_l0", number(-0.5)),
        ("weight_ih_l1", number(1.0)),
        ("weight_hh_l1", number(0.9)),
    ];
    let views = tensors.iter().map(|(name, data)| {
        (
            *name,
            TensorView::new(Dtype::F64, vec![1, 1], data).unwrap(),
        )
    });
    let bytes = safetensors::serialize(views, None).unwrap();
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("against.safetensors");
    std::fs::write(&path, bytes).unwrap();
    let path = path.to_str().unwrap();
    let model = &models(&[path])[0];
    assert_eq!(model["layers"][0]["dominant_path"], Value::Null);
    assert_eq!(model["layers"][1]["dominant_path"], "recurrent");
    let text = text(&[path]);
    let said = text.split("Layer 0:").nth(1).unwrap();
    let said = said.split("Layer 1:").next().unwrap();
    assert!(!said.contains("mostly by"), "{text}");
}

/// One crossing of the matrix is beyond what two may multiply in float64.
#[test]
fn weights_of_the_ends_of_float64_are_traced() {
    for log10 in [200.0, -200.0] {
        let tensors = [
            ("weight_ih_l0", 1.0f64.to_le_bytes()),
            ("weight_hh_l0", 10f64.powf(log10).to_le_bytes()),
        ];
        let views = tensors.iter().map(|(name, data)| {
            (
                *name,
                TensorView::new(Dtype::F64, vec![1, 1], data).unwrap(),
            )
        });
        let bytes = safetensors::serialize(views, None).unwrap();
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("far{log10}.safetensors"));
        fs::write(&path, bytes).unwrap();
        let given = "--signal zero --steps 40 --clip off --jacobian --lyapunov --weights";
        let given: Vec<&str> = given.split(' ').chain([path.to_str().unwrap()]).collect();
        let window = traced(&given);
        let near = |got: &Value, want: f64| {
            let got = got.as_f64().unwrap_or(f64::NAN);
            assert!((got / want - 1.0).abs() < 1e-9, "{log10}: {got} for {want}");
        };
        near(&window["steps"][0]["log10_grad_h"], 39.0 * log10);
        near(
            &window["steps"][0]["alone"]["log10_recurrent"],
            39.0 * log10,
        );
        near(&window["log10_singular_values"][0], 40.0 * log10);
        near(&window["lyapunov"][0], log10 * 10f64.ln());
        near(&window["lyapunov_max"], log10 * 10f64.ln());
        near(&window["spectral_radius"]["recurrent"], 10f64.powf(log10));
        near(&window["norm"]["recurrent"], 10f64.powf(log10));
    }
}

#[test]
fn functions_are_for_cells_that_have_them() {
    let model = trained("model.safetensors");
    let model = model.to_str().unwrap();
    let said =
        format!("--reset: expected the weights of an nn.GRU, found those of nn.LSTM in {model}");
    assert_eq!(complaint(&[model, "--reset", "before"]), said);
    let taken = |options: &[&str]| {
        let text = text(&[&[model][..], options].concat());
        let mut lines = text.lines();
        lines
            .find(|line| line.starts_with("taken"))
            .unwrap()
            .to_owned()
    };
    assert_eq!(taken(&[]), "taken as nn.LSTM: tanh");
    let options = ["--gate", "hard_sigmoid_6"];
    assert_eq!(
        taken(&options),
        "taken as nn.LSTM, as asked: tanh, gates hard sigmoid x/6 + 0.5"
    );
    assert_eq!(
        taken(&["--forget-offset", "-1"]),
        "taken as nn.LSTM: tanh, forget bias -1.00"
    );
    for layer in [&[][..], &["--layer", "0"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_rnntop"))
            .args(["trace", "--reset", "before", "--weights", model])
            .args(layer)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2));
        let sentence = String::from_utf8(output.stderr).unwrap();
        assert_eq!(sentence, format!("rnntop: {said}\n"));
    }
}

#[test]
fn an_archive_on_standard_input_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let [model, input] = ["m.safetensors", "x"].map(|name| folder.path().join(name));
    fs::write(&model, stack("", &[])).unwrap();
    let array = npy(|path| {
        ndarray_npy::write_npy(path, &Array3::<f64>::ones((2, 4, 3))).unwrap();
    });
    let archive = npz(&[("a.npy", &array), ("b.npy", &array)]);
    fs::write(&input, archive).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_rnntop"))
        .args([
            "inspect",
            model.to_str().unwrap(),
            "--input",
            "-",
            "--array",
            "b",
        ])
        .stdin(Stdio::from(fs::File::open(&input).unwrap()))
        .output()
        .unwrap();
    let found = String::from_utf8(output.stdout).unwrap();
    assert!(found.contains("2 sequences of 4 steps"), "{found}");
}

#[test]
fn a_fresh_model_is_told_what_its_forget_gates_keep() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.safetensors");
    let tensors: &[(&str, &[usize])] = &[
        ("weight_ih_l0", &[64, 8]),
        ("weight_hh_l0", &[64, 16]),
        ("bias_ih_l0", &[64]),
        ("bias_hh_l0", &[64]),
    ];
    fs::write(&path, file(tensors, 0.25)).unwrap();
    let path = path.to_str().unwrap();
    let text = text(&[path]);
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[0].starts_with("on noise N(0,1), not on your data"),
        "{text}"
    );
    assert!(
        text.contains("Freshly initialised: every number lies within"),
        "{text}"
    );
    // No verdict, cause or remedy is told of a model on what it is not for; the same on data has all.
    for word in ["vanishing", "▼", "too little", "what would help"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    let data = folder.path().join("data.csv");
    fs::write(&data, "0.5,-1,0,1,0.2,0.1,-0.7,2\n".repeat(200)).unwrap();
    let text = super::inspect::text(&[path, "--input", data.to_str().unwrap()]);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], path);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("f is 0.50") && words.contains("of δc after 20 steps"),
        "{text}"
    );
    assert!(
        words.contains("vanishing ▼: |δc| is below 1 % of its start"),
        "{text}"
    );
    for source in ["Gers et al. 2000", "Tallec & Ollivier 2018"] {
        assert!(text.contains(source), "{text}");
    }
    for line in &lines[1..] {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let fresh = &models(&[path])[0];
    assert_eq!(
        (&fresh["input"], &fresh["on_data"]),
        (&"noise".into(), &false.into())
    );
    let layer = &fresh["layers"][0];
    assert_eq!(
        [&layer["verdict"], &layer["exploding"]],
        [&Value::Null, &Value::Null]
    );
    let none = serde_json::json!([]);
    assert_eq!([&layer["cause"], &fresh["advice"]], [&none, &none]);
    let judged = &models(&[path, "--input", data.to_str().unwrap()])[0];
    let layer = &judged["layers"][0];
    assert_eq!(
        (&layer["verdict"], &layer["cause"], &layer["exploding"]),
        (
            &"vanishing".into(),
            &serde_json::json!(["carousel"]),
            &false.into()
        )
    );
    let advice = judged["advice"].as_array().unwrap();
    assert!(!advice.is_empty() && advice.iter().all(|a| a["r_after"].is_f64()));
    let kept = fresh["layers"][0]["memory"]["after_20"].as_f64().unwrap();
    assert!((1e-7..1e-5).contains(&kept), "{kept}");
    // The same model beside itself.
    let other = trained("model.safetensors");
    let both = models(&[path, "--against", other.to_str().unwrap()]);
    assert_eq!(both.len(), 2);
    assert_eq!(both[0]["layers"], fresh["layers"]);
}

/// Without data the rows of an embedding are drawn, or noise of the data's scale; neither is the data.
#[test]
fn what_is_drawn_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.safetensors");
    let tensors: &[(&str, &[usize])] = &[
        ("embed.weight", &[5, 3]),
        ("rnn.weight_ih_l0", &[4, 3]),
        ("rnn.weight_hh_l0", &[4, 4]),
    ];
    fs::write(&path, file(tensors, 0.5)).unwrap();
    let path = path.to_str().unwrap();
    let first = |arguments: &[&str]| {
        let text = text(&[&[path], arguments].concat());
        text.lines().next().unwrap().to_owned()
    };
    assert!(first(&[]).starts_with("on rows of embed.weight at random, not on your data"));
    assert_eq!(models(&[path])[0]["on_data"], false);
    let model = ModelFile::open(Path::new(path)).unwrap();
    let embedding = model.embedding("embed", 3).unwrap();
    let drawn = rnntop::sim::inspect::Drive::rows(2, 50, "e", &embedding, 7).sequences;
    for row in drawn.iter().flat_map(|rows| rows.rows()) {
        assert!(embedding.rows().into_iter().any(|of| of == row));
    }
    assert_ne!(drawn[0], drawn[1]);
    let sample = folder.path().join("sample.csv");
    fs::write(&sample, "1,10,5\n3,10,7\n").unwrap();
    let said = first(&["--sample", sample.to_str().unwrap()]);
    assert!(
        said.starts_with("on noise with the means and deviations of"),
        "{said}"
    );
    let (mean, std) = (
        folder.path().join("mean.npy"),
        folder.path().join("std.npy"),
    );
    ndarray_npy::write_npy(&mean, &ndarray::arr1(&[2.0, 10.0, 6.0])).unwrap();
    ndarray_npy::write_npy(&std, &ndarray::arr1(&[1.0, 0.0, 1.0])).unwrap();
    let of = |options: &[&str]| models(&[&[path], options].concat())[0]["layers"].clone();
    let given = of(&[
        "--mean",
        mean.to_str().unwrap(),
        "--std",
        std.to_str().unwrap(),
    ]);
    assert_eq!(given, of(&["--sample", sample.to_str().unwrap()]));
    ndarray_npy::write_npy(&std, &ndarray::arr1(&[1.0, 0.0])).unwrap();
    let said = complaint(&[path, "--std", std.to_str().unwrap()]);
    assert!(
        said.starts_with("--std: expected 3 numbers, the inputs of the model, or one, found 2 in")
    );
}

#[test]
fn modules_are_listed_and_chosen() {
    let mut tensors = STACK.to_vec();
    tensors.extend([("b.weight_ih_l0", &[6, 3][..]), ("b.weight_hh_l0", &[6, 2])]);
    tensors.push(("b.embed.weight", &[5, 3]));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.safetensors");
    fs::write(&path, file(&tensors, 0.5)).unwrap();
    let path = path.to_str().unwrap();
    let list = text(&[path, "--list"]);
    let words: Vec<Vec<&str>> = list
        .lines()
        .map(|l| l.split_whitespace().collect())
        .collect();
    let [a, b] = [
        "a nn.LSTM 2 layers in both directions H 2 D 3 float64",
        "b nn.GRU 1 layer H 2 D 3 float64",
    ];
    assert_eq!(
        words,
        [a, b].map(|line| line.split(' ').collect::<Vec<_>>())
    );
    let list: Value = serde_json::from_str(&text(&[path, "--list", "--format", "json"])).unwrap();
    assert_eq!(
        list["modules"],
        serde_json::json!([
            {"name": "a", "cell": "lstm", "hidden": 2, "inputs": 3, "dtype": "float64", "layers": 2, "bidirectional": true, "projection": false},
            {"name": "b", "cell": "gru", "hidden": 2, "inputs": 3, "dtype": "float64", "layers": 1, "bidirectional": false, "projection": false},
        ])
    );
    assert_eq!(
        complaint(&[path]),
        format!(
            "{path}: expected --module NAME, one of the recurrent modules: their cells, functions or sizes do not make one model of them, found 2: 'a' and 'b'"
        )
    );
    assert_eq!(
        complaint(&[path, "--module", "c"]),
        format!("{path}: expected the recurrent module 'c', found 'a' and 'b'")
    );
    assert_eq!(models(&[path, "--module", "b"])[0]["cell"], "gru");
    assert_eq!(
        models(&[path, "--module", "a"])[0]["layers"]
            .as_array()
            .unwrap()
            .len(),
        4
    );
    // Tokens of an embedding, whole numbers and bytes.
    let tokens = folder.path().join("t.npy");
    ndarray_npy::write_npy(
        &tokens,
        &Array2::from_shape_fn((3, 9), |(n, t)| ((n + t) % 5) as i64),
    )
    .unwrap();
    let arguments = [path, "--module", "b", "--embedding", "b.embed", "--input"];
    let with = |input: &Path| {
        [&arguments[..], &[input.to_str().unwrap()]]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let all = with(&tokens);
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    assert_eq!(models(&all)[0]["sequences"], 3);
    ndarray_npy::write_npy(&tokens, &Array1::from(vec![0i64, 7])).unwrap();
    assert_eq!(
        complaint(&all),
        format!(
            "{}: expected a whole number from 0 to 4, a row of the embedding, found 7",
            format_args!("{}, token 2 of sequence 1", tokens.display())
        )
    );
    // Whoever has tokens and says nothing of an embedding is told of it.
    let tokens = tokens.to_str().unwrap();
    assert_eq!(
        complaint(&[path, "--module", "b", "--input", tokens]),
        format!(
            "{tokens}, shape: expected T x 3 or N x T x 3, as the model has 3 inputs, found a vector of 2; of tokens \
             --embedding b.embed.weight takes the rows"
        )
    );
}

#[test]
fn mistakes_in_a_stack_name_the_tensor() {
    for (bytes, sentence) in [
        (
            stack("a.weight_hh_l1_reverse", &[]),
            ", tensor 'a.weight_hh_l1_reverse': expected the recurrent weights, found none",
        ),
        (
            stack("a.weight_ih_l1", &[("a.weight_ih_l1", &[8, 2])]),
            ", tensor 'a.weight_ih_l1': expected 8 x 4, as layer 0 has 4 outputs, found 8 x 2",
        ),
        (
            stack(
                "a.weight_ih_l0_reverse",
                &[("a.weight_ih_l0_reverse", &[8, 5])],
            ),
            ", tensor 'a.weight_ih_l0_reverse': expected 8 x 3, as the other direction has, found 8 x 5",
        ),
        (
            stack("a.weight_hh_l1", &[("a.weight_hh_l1", &[6, 2])]),
            ", tensor 'a.weight_hh_l1': expected 4H x H, as layer 0 is an lstm, found 6 x 2",
        ),
        (
            stack("a.weight_hh_l1", &[("a.weight_hh_l1", &[8, 2, 1])]),
            ", tensor 'a.weight_hh_l1': expected H x H (nn.RNN), 4H x H (nn.LSTM) or 3H x H (nn.GRU), found 8 x 2 x 1",
        ),
        (
            stack("a.weight_hh_l0", &[("a.weight_hh_l0", &[0, 0])]),
            ", tensor 'a.weight_hh_l0': expected 1 to 2048 columns (units), found 0",
        ),
        (
            stack("", &[("a.bias_ih_l0", &[8])]),
            ", tensor 'a.bias_hh_l0': expected both biases or neither, found none",
        ),
        (
            stack("", &[("a.weight_hr_l0", &[2, 2])]),
            ", tensor 'a.weight_hr_l0': expected 1 to 1 rows (proj_size < 2), found 2",
        ),
        (
            stack("", &[("a.weight_hr_l0", &[1, 2])]),
            ", tensor 'a.weight_hh_l0': expected 8 x 1, as weight_hr is 1 x 2, found 8 x 2",
        ),
        (
            stack("", &[("a.weight_hh_l99999999999", &[8, 2])]),
            ", module 'a': expected at most 1000 layers, found 100000000000",
        ),
        (
            file(STACK, f64::NAN),
            ", tensor 'a.weight_ih_l0': expected finite numbers, found NaN at [0, 0]",
        ),
        (
            b"PK\x03\x04".to_vec(),
            ": expected weights of PyTorch (.pt), Keras (.keras, .h5), ONNX, safetensors, .npz or JSON, found a zip archive without its directory",
        ),
    ] {
        assert_eq!(refused(bytes, None), sentence);
    }
}

#[test]
fn broken_containers_are_refused_whatever_was_cut_off() {
    let whole = stack("", &[]);
    for length in 0..whole.len() {
        let sentence = refused(whole[..length].to_vec(), None);
        assert!(sentence.contains("expected"), "{length}: {sentence}");
    }
    let header = |text: &str| {
        let mut bytes = (text.len() as u64).to_le_bytes().to_vec();
        bytes.extend(text.as_bytes());
        bytes.extend([0; 16]);
        bytes
    };
    for (text, sentence) in [
        (
            r#"{"weight_hh_l0":{"dtype":"F64","shape":[1152921504606846976,16],"data_offsets":[0,16]}}"#,
            "expected too many bytes for 1152921504606846976 x 16 of type 'F64', found 16",
        ),
        (
            r#"{"weight_hh_l0":{"dtype":"F64","shape":[1],"data_offsets":[0,8]},"weight_ih_l0":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#,
            "expected data from byte 8, found 0 to 8",
        ),
        (
            r#"{"weight_hh_l0":{"dtype":"I64","shape":[1,1],"data_offsets":[0,8]},"weight_ih_l0":{"dtype":"I64","shape":[1,1],"data_offsets":[8,16]}}"#,
            "expected F64, F32, F16 or BF16, found 'int64'",
        ),
    ] {
        let found = refused(header(text), None);
        assert!(found.ends_with(sentence), "{found}");
    }
    let mut bomb = u64::MAX.to_le_bytes().to_vec();
    bomb.extend(b"{}");
    assert!(refused(bomb, None).contains("header: expected at most 16 MiB"));
}

/// Reads inputs of a model with D = 2.
fn read(name: &str, bytes: &[u8], array: Option<&str>) -> Result<Vec<Array2<f64>>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let wanted = Wanted {
        steps: None,
        inputs: 2,
        array,
        embedding: None,
    };
    let prefix = path.display().to_string();
    load_batch(&path, &wanted)
        .map(|batch| batch.value)
        .map_err(|error| error.to_string().replace(&prefix, name))
}

fn npy(write: impl Fn(&Path)) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    write(&path);
    fs::read(path).unwrap()
}

/// CRC-32, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    let bit = |crc: u32, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1));
    let byte = |crc: u32, &byte: &u8| (0..8).fold(crc ^ u32::from(byte), bit);
    !bytes.iter().fold(!0, byte)
}

/// A zip archive of stored entries, as `numpy.savez` writes it.
fn npz(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    for (name, data) in entries {
        let offset = bytes.len() as u32;
        let size = (data.len() as u32).to_le_bytes();
        let checksum = crc(data).to_le_bytes();
        let length = (name.len() as u16).to_le_bytes();
        bytes.extend(
            [
                b"PK\x03\x04".as_slice(),
                &[20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                &size,
                &size,
                &length,
                &[0, 0],
                name.as_bytes(),
                data,
            ]
            .concat(),
        );
        directory.extend(
            [
                b"PK\x01\x02".as_slice(),
                &[20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 0],
                &checksum,
                &size,
                &size,
                &length,
                &[0; 12],
                &offset.to_le_bytes(),
                name.as_bytes(),
            ]
            .concat(),
        );
    }
    let (from, length) = (bytes.len() as u32, directory.len() as u32);
    bytes.extend(directory);
    let count = (entries.len() as u16).to_le_bytes();
    bytes.extend(
        [
            b"PK\x05\x06".as_slice(),
            &[0; 4],
            &count,
            &count,
            &length.to_le_bytes(),
            &from.to_le_bytes(),
            &[0, 0],
        ]
        .concat(),
    );
    bytes
}

#[test]
fn batches_tables_archives_and_text() {
    let batch = Array3::from_shape_fn((3, 4, 2), |(n, t, j)| (8 * n + 2 * t + j) as f64);
    let numbers = npy(|path| ndarray_npy::write_npy(path, &batch).unwrap());
    let sequences = read("x.npy", &numbers, None).unwrap();
    assert_eq!(sequences.len(), 3);
    assert_eq!(sequences[2][[3, 1]], 23.0);
    let one = npy(|path| {
        ndarray_npy::write_npy(path, &batch.index_axis(ndarray::Axis(0), 1).to_owned()).unwrap();
    });
    assert_eq!(read("x.npy", &one, None).unwrap(), sequences[1..2]);
    let archive = npz(&[("a.npy", &numbers), ("b.npy", &one)]);
    assert_eq!(read("x.npz", &archive, Some("a")).unwrap(), sequences);
    assert_eq!(read("x.npz", &archive, Some("b")).unwrap(), sequences[1..2]);
    assert_eq!(
        read("x.npz", &npz(&[("b.npy", &one)]), None).unwrap(),
        sequences[1..2]
    );
    // What they are says how they begin, not what they are called.
    for name in ["x", "x.txt", "x.csv", "x.npy"] {
        assert_eq!(read(name, &archive, Some("a")).unwrap(), sequences);
        assert_eq!(read(name, &one, None).unwrap(), sequences[1..2]);
    }
    for table in ["1,2\n3,4\n", "a,b\n1,2\n3,4\n"] {
        assert_eq!(
            read("x.csv", table.as_bytes(), None).unwrap()[0][[1, 0]],
            3.0
        );
    }
    assert_eq!(read("x.txt", b"hello", None).unwrap()[0].dim(), (5, 2));
    assert_eq!(crc(b"123456789"), 0xcbf4_3926);
    let mut damaged = npz(&[("b.npy", &one)]);
    damaged[30 + 5 + one.len() - 1] ^= 1;
    let cut_off = format!(
        "x.npz: expected a .npz archive, found {} bytes of one, without its directory",
        archive.len() - 1
    );
    for (name, bytes, array, sentence) in [
        (
            "x.npz",
            archive.clone(),
            None,
            "x.npz: expected one array, or --array NAME of rnntop inspect, found 'a', 'b'",
        ),
        (
            "x.npz",
            archive.clone(),
            Some("c"),
            "x.npz: expected the array 'c', found 'a', 'b'",
        ),
        (
            "x.npz",
            damaged,
            None,
            "x.npz, array 'b': expected data that fit their checksum, found damaged ones",
        ),
        (
            "x.npz",
            archive[..archive.len() - 1].to_vec(),
            None,
            &cut_off,
        ),
        (
            "x.npz",
            npz(&[("archive/data.pkl", b"x")]),
            None,
            "x.npz: expected a .npz archive, found a zip archive of 'archive/data.pkl'",
        ),
        (
            "x.txt",
            stack("", &[]),
            None,
            "x.txt: expected an array, a table or a text, found the weights of a .safetensors file",
        ),
        (
            "x.npy",
            one.clone(),
            Some("a"),
            "x.npy: --array takes an array out of a .npz archive, and this is none",
        ),
        (
            "x.npy",
            npy(|path| ndarray_npy::write_npy(path, &Array3::<f64>::zeros((1, 4, 3))).unwrap()),
            None,
            "x.npy, shape: expected T x 2 or N x T x 2, as the model has 2 inputs, found 1 x 4 x 3",
        ),
        (
            "x.npy",
            npy(|path| ndarray_npy::write_npy(path, &Array3::<f64>::zeros((0, 4, 2))).unwrap()),
            None,
            "x.npy, shape: expected at least one step, found 0 x 4 x 2",
        ),
    ] {
        assert_eq!(read(name, &bytes, array), Err(sentence.to_owned()));
    }
    // A directory that lies about lengths and places is refused, and nothing panics.
    for at in 0..archive.len() {
        for value in [0, 0x7f, 0xff] {
            let mut bytes = archive.clone();
            bytes[at] = value;
            let _ = read("x.npz", &bytes, Some("b"));
        }
    }
}
