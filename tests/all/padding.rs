//! Padding and lengths in `trace`, of one cell and of a whole model, against float64 autograd
//! (`tests/data/padding/make.py`, `tests/data/chains/make.py`).

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ndarray::{Array1, Array2, Array3, Axis, concatenate};
use serde_json::Value;

fn data(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    folder.join(name)
}

fn file(name: &str) -> String {
    data(name).to_str().unwrap().to_owned()
}

fn run(arguments: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_rnntop"));
    program.arg("trace").args(arguments).output().unwrap()
}

fn traced(arguments: &[&str]) -> Value {
    let output = run(&[arguments, &["--format", "json"]].concat());
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn written(name: &str, rows: &Array2<f64>) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    ndarray_npy::write_npy(&path, rows).unwrap();
    path.to_str().unwrap().to_owned()
}

/// 30 real steps and 70 zeros right of them cost a fresh nn.LSTM 13 decades, left of them none.
#[test]
fn seventy_steps_of_padding_cost_thirteen_decades_on_the_right_and_none_on_the_left() {
    let real: Array2<f64> = ndarray_npy::read_npy(data("padding/input.npy")).unwrap();
    let zeros = Array2::zeros((70, real.ncols()));
    let expected = std::fs::read(data("padding/expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let (weights, v) = (
        file("padding/lstm.safetensors"),
        file("padding/loss_vector.npy"),
    );
    let given = ["--weights", &weights, "--loss-vector", &v, "--input"];
    let of = |input: &str, more: &[&str]| traced(&[&given[..], &[input], more].concat());
    for (side, parts, place) in [
        ("right", [&real, &zeros], [0, 30, 70]),
        ("left", [&zeros, &real], [70, 30, 0]),
    ] {
        let rows = concatenate(Axis(0), &parts.map(|part| part.view())).unwrap();
        let input = written(&format!("padding_{side}.npy"), &rows);
        let padding = &of(&input, &[])["padding"];
        let found = padding["decades"].as_f64().unwrap();
        let wanted = expected[side].as_f64().unwrap();
        assert!(
            (found - wanted).abs() < 1e-9,
            "{side}: {found} and not {wanted}"
        );
        let found = ["left", "real", "right"].map(|side| padding[side].as_u64().unwrap());
        assert_eq!(found, place);
        let output = run(&[&given[..], &[&input]].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        let said = if side == "right" {
            "Padding: 30 real steps, then 70 of padding: the gradient that arrives at the\n\
             real steps is 13.4 decades smaller than without."
        } else {
            "Padding: 70 steps of padding, then 30 real steps: it costs the gradient of the\n\
             real steps nothing."
        };
        assert!(text.contains(said), "{text}");
    }
    // Without the padding there is none, and the gradient is that of the real steps alone.
    let right = Path::new(env!("CARGO_TARGET_TMPDIR")).join("padding_right.npy");
    let length = Path::new(env!("CARGO_TARGET_TMPDIR")).join("padding_length.npy");
    ndarray_npy::write_npy(&length, &Array1::from(vec![30.0])).unwrap();
    let alone = of(&file("padding/input.npy"), &[]);
    for length in ["30", length.to_str().unwrap()] {
        let cut = of(right.to_str().unwrap(), &["--length", length]);
        assert_eq!(
            (&cut["padding"], &cut["steps"]),
            (&Value::Null, &alone["steps"])
        );
    }
    assert_eq!(alone["padding"], Value::Null);
    // From another first state it costs something else than from zeros.
    let start = Path::new(env!("CARGO_TARGET_TMPDIR")).join("padding_start.npy");
    ndarray_npy::write_npy(&start, &Array1::from_elem(32, 3.0)).unwrap();
    let right = right.to_str().unwrap();
    let started = of(right, &["--initial-c", start.to_str().unwrap()]);
    assert_ne!(
        started["padding"]["decades"],
        of(right, &[])["padding"]["decades"]
    );
    for (length, said) in [
        (
            "101",
            "--length: expected whole numbers from 2 to 100, found 101",
        ),
        (
            "1",
            "--length: expected whole numbers from 2 to 100, found 1",
        ),
        (&v, "--length: expected one number, found 32 in "),
    ] {
        let output = run(&[&given[..], &[right, "--length", length]].concat());
        assert_eq!(output.status.code(), Some(2));
        let sentence = String::from_utf8(output.stderr).unwrap();
        assert!(sentence.contains(said), "{sentence}");
    }
}

#[test]
fn padding_of_a_whole_model_costs_what_autograd_says() {
    let expected = std::fs::read(data("chains/expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let batch: Array3<f64> = ndarray_npy::read_npy(data("chains/batch.npy")).unwrap();
    for model in ["lstm", "gru"] {
        let v = expected[model]["loss_vector"].as_array().unwrap().iter();
        let v: Array1<f64> = v.map(|x| x.as_f64().unwrap()).collect();
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("padding_{model}.npy"));
        ndarray_npy::write_npy(&path, &v).unwrap();
        for index in 0..3 {
            let rows = batch.index_axis(Axis(0), index).to_owned();
            let input = written(&format!("padding_{model}_{index}.npy"), &rows);
            let weights = file(&format!("chains/{model}.safetensors"));
            let given = ["--weights", &weights, "--input", &input];
            let got = traced(&[&given[..], &["--loss-vector", path.to_str().unwrap()]].concat());
            let found = got["padding"]["decades"].as_f64();
            let wanted = expected[model]["padding"][index].as_f64();
            let near = match (found, wanted) {
                (Some(found), Some(wanted)) => (found - wanted).abs() < 1e-9,
                (found, wanted) => found == wanted,
            };
            assert!(near, "{model}, {index}: {found:?} and not {wanted:?}");
            let cut = traced(&[&given[..], &["--length", "9"]].concat());
            assert_eq!(cut["padding"], Value::Null);
            let last = cut["steps"].as_array().unwrap().last().unwrap();
            assert_eq!(last["t"], 9);
        }
    }
}
