//! Modules that read one another as one model, and the sequence's own questions: where the loss enters, where
//! the way back is cut, what padding costs, what arrives at the initial state, and where formats end; against
//! PyTorch's float64 autograd (`tests/data/chains/make.py`).

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ndarray::Array1;
use rnntop::cell::LayerId;
use rnntop::io::ModelFile;
use serde_json::Value;

const LOSSES: [&str; 5] = ["last", "out", "mean", "max", "masked"];

fn data(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/chains");
    folder.join(name)
}

fn expected() -> Value {
    serde_json::from_str(include_str!("../data/chains/expected.json")).unwrap()
}

fn run(model: &Path, options: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_rnntop"));
    // Options with a file name it in the folder of the data.
    let given = options.iter().map(|option| {
        if Path::new(option)
            .extension()
            .is_some_and(|end| end == "npy")
        {
            data(option).into_os_string()
        } else {
            option.into()
        }
    });
    program
        .arg("inspect")
        .arg(model)
        .args(given)
        .output()
        .unwrap()
}

fn found(model: &str, options: &[&str]) -> Value {
    let options = [options, &["--format", "json"]].concat();
    let output = run(&data(&format!("{model}.safetensors")), &options);
    assert!(output.status.success(), "{output:?}");
    let all: Value = serde_json::from_slice(&output.stdout).unwrap();
    all["models"][0].clone()
}

fn close(got: &Value, want: &Value, what: &str) {
    let [got, want] = [got, want].map(|x| x.as_f64().unwrap());
    let error = (got - want).abs() / want.abs().max(f64::MIN_POSITIVE);
    assert!(error < 1e-9, "{what}: {got} and not {want}");
}

/// 10 to the power of each.
fn sizes(logs: &Value) -> Vec<f64> {
    let logs = logs.as_array().unwrap().iter();
    logs.map(|x| x.as_f64().map_or(0.0, |x| 10f64.powf(x)))
        .collect()
}

#[test]
fn every_loss_and_every_cut_is_autograds() {
    let expected = expected();
    let every = expected["every"].to_string();
    for model in ["lstm", "gru"] {
        for loss in LOSSES {
            let entering = if loss == "masked" {
                ["--mask", "mask.npy"]
            } else {
                ["--loss", loss]
            };
            let options = [&["--input", "input.npy", "--bptt", &every], &entering[..]].concat();
            let got = found(model, &options);
            let want = &expected[model]["losses"][loss];
            assert_eq!(got["loss_vector"], expected[model]["loss_vector"]);
            assert_eq!(got["loss"], loss);
            close(&got["grad_norms"][0], &want["grad_norm"], "|g|");
            for field in ["param_grad_norm", "kept", "angle_deg"] {
                close(&got["bptt"][field], &want["bptt"][field], field);
            }
            let layers = got["layers"].as_array().unwrap();
            let wanted = want["layers"].as_array().unwrap();
            assert_eq!(layers.len(), wanted.len());
            for (layer, want) in layers.iter().zip(wanted) {
                assert_eq!(
                    (&layer["layer"], &layer["reverse"]),
                    (&want["layer"], &want["reverse"])
                );
                let at = format!(
                    "{model}, {loss}, layer {} {}",
                    layer["layer"], layer["reverse"]
                );
                let band = if model == "lstm" { "grad_c" } else { "grad_h" };
                let curve = sizes(&layer[band]["log10_median"]);
                for (got, want) in curve.iter().zip(want["grad"].as_array().unwrap()) {
                    close(&(*got).into(), want, &at);
                }
                close(&layer["grad_h0"], &want["grad_h0"], &at);
                if model == "lstm" {
                    close(&layer["grad_c0"], &want["grad_c0"], &at);
                }
                for (format, want) in want["formats"].as_object().unwrap() {
                    for end in ["zero_back", "overflow_back"] {
                        assert_eq!(layer["formats"][format][end], want[end], "{at}, {format}");
                    }
                }
            }
        }
    }
}

/// What `trace` prints as JSON, with files by their paths.
fn traced(arguments: &[&str]) -> Value {
    let mut program = Command::new(env!("CARGO_BIN_EXE_rnntop"));
    let given = [&["trace", "--format", "json"], arguments].concat();
    let output = program.args(given).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn vector(name: &str, numbers: &[f64]) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let numbers = Array1::from(numbers.to_vec());
    ndarray_npy::write_npy(&path, &numbers).unwrap();
    path.to_str().unwrap().to_owned()
}

fn numbers(list: &Value) -> Vec<f64> {
    let list = list.as_array().unwrap().iter();
    list.map(|x| x.as_f64().unwrap()).collect()
}

/// `trace` of a whole model has the same losses.
#[test]
fn every_loss_is_autograds_in_trace() {
    let expected = expected();
    let path = |name: &str| data(name).to_str().unwrap().to_owned();
    let (input, mask) = (path("input.npy"), path("mask.npy"));
    for model in ["lstm", "gru"] {
        let weights = path(&format!("{model}.safetensors"));
        let v = numbers(&expected[model]["loss_vector"]);
        let v = vector(&format!("chains_{model}.npy"), &v);
        for loss in LOSSES {
            let entering = if loss == "masked" {
                ["--mask", &mask]
            } else {
                ["--loss", loss]
            };
            let given = [
                "--weights",
                &weights,
                "--input",
                &input,
                "--loss-vector",
                &v,
            ];
            let every = expected["every"].to_string();
            let got = traced(&[&given[..], &entering[..], &["--bptt", &every]].concat());
            let want = &expected[model]["losses"][loss];
            for field in ["param_grad_norm", "kept", "angle_deg"] {
                close(&got["bptt"][field], &want["bptt"][field], field);
            }
            close(&got["param_grad_norm"], &want["grad_norm"], loss);
            let wanted = want["layers"].as_array().unwrap();
            let layers = got["grad_h0"].as_array().unwrap().iter();
            for (grad_h0, want) in layers.zip(wanted) {
                close(grad_h0, &want["grad_h0"], loss);
            }
            let formats = got["formats"].as_array().unwrap();
            assert_eq!(formats.len(), wanted.len());
            for (formats, want) in formats.iter().zip(wanted) {
                for (format, want) in want["formats"].as_object().unwrap() {
                    for end in ["zero_back", "overflow_back"] {
                        assert_eq!(formats[format][end], want[end], "{model}, {loss}, {format}");
                    }
                }
            }
        }
    }
}

/// A single layer under a loss is what `inspect` says of it, read from its end too, where the output at T is h
/// after one step and the weights of the steps are read backwards.
#[test]
fn a_live_layer_has_the_losses_of_its_model() {
    let folder = data("../stacks/bidirectional_lstm");
    let of = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (weights, input) = (of("weights.safetensors"), of("input.npy"));
    let inspected = |loss: &[&str]| -> Value {
        let mut program = Command::new(env!("CARGO_BIN_EXE_rnntop"));
        let given = ["inspect", &weights, "--input", &input, "--format", "json"];
        let output = program.args(given).args(loss).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let all: Value = serde_json::from_slice(&output.stdout).unwrap();
        all["models"][0].clone()
    };
    let steps = inspected(&[])["steps"].as_u64().unwrap() as usize;
    let ramp: Vec<f64> = (0..steps).map(|t| (t % 5) as f64).collect();
    let mask = vector("chains_ramp.npy", &ramp);
    for loss in [
        ["--loss", "last"],
        ["--loss", "out"],
        ["--loss", "mean"],
        ["--loss", "max"],
        ["--mask", &mask],
    ] {
        let found = inspected(&loss);
        let v = numbers(&found["loss_vector"]);
        let half = v.len() / 2;
        for (layer, v, index) in [("1", &v[..half], 2), ("1r", &v[half..], 3)] {
            let v = vector("chains_half.npy", v);
            let given = ["--weights", &weights, "--input", &input, "--layer", layer];
            let got = traced(&[&given[..], &loss, &["--loss-vector", &v]].concat());
            let want = &found["layers"][index]["grad_c"]["log10_median"];
            let got = got["steps"].as_array().unwrap().iter();
            for (step, want) in got.zip(want.as_array().unwrap()) {
                let step = &step["log10_grad_c"];
                let near = match (step.as_f64(), want.as_f64()) {
                    (Some(step), Some(want)) => (step - want).abs() < 1e-9,
                    (step, want) => step == want,
                };
                assert!(near, "{loss:?}, layer {layer}: {step} and not {want}");
            }
        }
    }
}

/// dx_3/dw of x_t = w x_{t−1} with w = 0.2 and x_0 = 0.9 is 3 w² x_0 = 0.108; cut after every step, 0.036 of it is
/// left.
#[test]
fn the_scalar_net_of_the_textbook() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let weights = folder.join("chains_scalar.json");
    let text = r#"{"weight_ih_l0": [[0.0]], "weight_hh_l0": [[0.2]]}"#;
    std::fs::write(&weights, text).unwrap();
    let (one, start) = (
        vector("chains_one.npy", &[1.0]),
        vector("chains_start.npy", &[0.9]),
    );
    let given = [
        "--weights",
        weights.to_str().unwrap(),
        "--activation",
        "linear",
    ];
    let more = ["--signal", "zero", "--steps", "3", "--bptt", "1"];
    let ends = ["--loss-vector", &one, "--initial-h", &start];
    let got = traced(&[&given[..], &more, &ends].concat());
    close(&got["param_grad_norm"], &0.108.into(), "dx_3/dw");
    close(
        &got["bptt"]["param_grad_norm"],
        &0.036.into(),
        "the last step's",
    );
    close(&got["bptt"]["kept"], &(1.0 / 3.0).into(), "kept");
    close(&got["loss"], &0.0072.into(), "x_3");
    close(&got["grad_h0"], &0.008.into(), "dx_3/dx_0");
}

/// Of the sequences with padding one has it on the right, whose cost is said, and the other on the left, where it is
/// left out.
#[test]
fn padding_is_found_and_its_cost_is_autograds() {
    let expected = expected();
    for model in ["lstm", "gru"] {
        let got = found(model, &["--input", "batch.npy"]);
        let cost = expected[model]["padding"][0].as_f64().unwrap();
        let padding = &got["padding"];
        let decades = padding["decades"].as_f64().unwrap();
        assert!((decades - cost).abs() < 1e-9, "{model}: {decades}, {cost}");
        assert_eq!(
            ["left", "real", "right"].map(|side| padding[side].as_u64().unwrap()),
            [0, 10, 14]
        );
        assert_eq!(padding["sequences"], 1);
        let leading = serde_json::json!({"sequences": 1, "steps": 8});
        assert_eq!(got["leading_padding"], leading);
        let said = got["findings"].as_array().unwrap().iter();
        let said = said
            .filter_map(Value::as_str)
            .filter(|said| said.starts_with("Padding in 1 of 3"));
        assert_eq!(said.count(), 2, "{got}");
        // Where lengths are given there is none, and noise has none.
        let lengths = found(
            model,
            &[
                "--input",
                "batch.npy",
                "--length",
                "lengths.npy",
                "--loss",
                "mean",
            ],
        );
        assert_eq!(lengths["padding"], Value::Null);
        let want = expected[model]["grad_norms_of_lengths"].as_array().unwrap();
        for (got, want) in lengths["grad_norms"].as_array().unwrap().iter().zip(want) {
            close(got, want, "|g| of a length");
        }
    }
}

#[test]
fn modules_are_one_model_in_the_order_of_their_names() {
    let file = ModelFile::open(&data("lstm.safetensors")).unwrap();
    assert_eq!(file.modules().unwrap().len(), 2);
    let whole = file.stack(None).unwrap();
    assert_eq!(whole.source, "rec.lstm_1,rec.lstm_2");
    assert_eq!(whole.value.sizes(), [5, 3]);
    assert_eq!(whole.value.units(), "5, 3");
    let named = file.stack(Some("rec.lstm_1, rec.lstm_2")).unwrap();
    assert_eq!(whole, named);
    assert_eq!(
        file.stack(Some("rec.lstm_2")).unwrap().value.layers[0],
        whole.value.layers[1]
    );
    // A layer is counted through all of them.
    let id = LayerId {
        layer: 1,
        reverse: false,
    };
    let layer = file.layer(None, id, None).unwrap();
    assert_eq!(layer, whole.value.layers[1][0].cell);
    let said = |module| file.stack(Some(module)).unwrap_err().to_string();
    let path = data("lstm.safetensors").display().to_string();
    assert_eq!(
        said("rec.lstm_2,rec.lstm_1"),
        format!(
            "{path}, module 'rec.lstm_1': expected 3 inputs, as the module below has 3 outputs, found 4"
        )
    );
    assert_eq!(
        said("rec.lstm_1,rec.lstm_3"),
        format!(
            "{path}: expected the recurrent module 'rec.lstm_3', found 'rec.lstm_1' and 'rec.lstm_2'"
        )
    );
}

#[test]
fn a_loss_or_length_that_does_not_fit_is_one_sentence() {
    let model = data("lstm.safetensors");
    for (options, said) in [
        (
            &["--input", "batch.npy", "--length", "mask.npy"][..],
            "--length: expected 3 numbers, one for each sequence, found 24 in ",
        ),
        (
            &["--input", "input.npy", "--length", "lengths.npy"],
            "--length: expected one number, found 3 in ",
        ),
        (
            &["--input", "batch.npy", "--mask", "lengths.npy"],
            "--mask: expected 3 x 24 or 24 weights, found a vector of 3 in ",
        ),
        (
            &["--length", "lengths.npy"],
            "the following required arguments were not provided",
        ),
        (
            &["--loss", "sum"],
            "expected last, out, mean or max, found 'sum'",
        ),
        (
            &["--loss", "out", "--mask", "mask.npy"],
            "cannot be used with",
        ),
        (
            &["--bptt", "0"],
            "expected a whole number from 1 to 20000, found 0",
        ),
    ] {
        let output = run(&model, options);
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        let sentence = String::from_utf8(output.stderr).unwrap();
        assert!(sentence.contains(said), "{options:?}: {sentence}");
    }
}
