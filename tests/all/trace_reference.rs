//! Every reference case through the program: `rnntop trace` reads the files of the case and its
//! JSON is compared with PyTorch's numbers.

// The helpers of tests are tests, too.
use std::path::Path;
use std::process::Command;

use crate::common::reference::{Case, Check, cases, their_name};
use ndarray::{Array1, Array2};
use serde_json::Value;

/// What the program prints for a case.
fn trace(case: &Case, folder: &Path, more: &[&str]) -> Value {
    let vector = |name: &str, numbers: Vec<f64>| {
        let file = folder.join(format!("{name}.npy"));
        ndarray_npy::write_npy(&file, &Array1::from(numbers)).unwrap();
        file
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_rnntop"));
    command
        .args(["trace", "--format", "json"])
        .args(more)
        .arg("--cell");
    match case.text("cell").split_once('_') {
        Some(("rnn", activation)) => command.args(["rnn", "--activation", activation]),
        Some((cell, _)) => command.arg(cell),
        None => command.arg(case.text("cell")),
    };
    command.arg("--clip").arg(format!(
        "norm:{}",
        case.description["clip_max_norm"].as_f64().unwrap()
    ));
    command
        .arg("--weights")
        .arg(case.file("weights.safetensors"))
        .arg("--input")
        .arg(case.file("input.npy"));
    match case.description["loss"]["kind"].as_str().unwrap() {
        "mse" => command.arg("--targets").arg(case.file("targets.npy")),
        kind => command.args(["--loss", kind]),
    };
    if let Some(numbers) = case.list("/loss/v") {
        command
            .arg("--loss-vector")
            .arg(vector("loss-vector", numbers));
    }
    for (option, states) in [("--initial-h", "h0"), ("--initial-c", "c0")] {
        let layers = case.number("num_layers");
        let rows: Vec<f64> = (0..layers)
            .filter_map(|layer| case.list(&format!("/{states}/{layer}")))
            .flatten()
            .collect();
        if rows.is_empty() {
            continue;
        }
        let file = folder.join(format!("{states}.npy"));
        let shape = (layers, rows.len() / layers);
        let rows = Array2::from_shape_vec(shape, rows).unwrap();
        ndarray_npy::write_npy(&file, &rows).unwrap();
        command.arg(option).arg(file);
    }
    let output = command.output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}: {complaint}", case.name);
    assert_eq!(complaint, "", "{}", case.name);
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A number of the JSON, which the checks miss where it is null.
fn number(object: &Value, name: &str) -> f64 {
    object[name].as_f64().unwrap_or(f64::NAN)
}

/// Totals of every step against the rows of `expected.json`, which for a stack are those of every
/// layer.
fn check_steps(check: &mut Check, case: &Case, got: &Value) {
    let (got, want) = (got["steps"].as_array().unwrap(), &case.expected["steps"]);
    let steps = case.number("T") * case.number("num_layers");
    assert_eq!(got.len(), steps, "{}", case.name);
    let place = |step: &Value| (step["layer"].as_u64().unwrap_or(0), step["t"].as_u64());
    let mut wanted: Vec<&Value> = want.as_array().unwrap().iter().collect();
    wanted.sort_by_key(|step| place(step));
    for (got, want) in got.iter().zip(wanted) {
        let at = format!("{:?}", place(got));
        assert_eq!(place(got), place(want), "{}", case.name);
        for total in ["grad_h", "grad_c"] {
            if let Some(want) = want[total].as_f64() {
                check.number(total, &at, number(got, total), want);
            }
        }
        let paths = got["paths"].as_object().unwrap();
        let names = paths.keys().filter(|name| !name.starts_with("log10_"));
        let mut compared = 0;
        for name in names {
            let theirs = their_name(name);
            let want = want["paths"][theirs].as_f64().unwrap();
            check.number(
                &format!("paths.{theirs}"),
                &at,
                number(&got["paths"], name),
                want,
            );
            compared += 1;
        }
        assert_eq!(compared, want["paths"].as_object().unwrap().len());
    }
}

/// The totals under every cut that the reference has.
fn check_cuts(check: &mut Check, case: &Case, got: &Value) {
    for (name, rows) in got["cuts"].as_object().unwrap() {
        let theirs = their_name(name);
        for total in ["grad_h", "grad_c"] {
            let Some(want) = case.tensors.get(&format!("cut_norm.{theirs}.{total}_l0")) else {
                continue;
            };
            for (row, want) in rows.as_array().unwrap().iter().zip(want) {
                let at = format!("t={}", row["t"]);
                check.number(
                    &format!("cuts.{theirs}.{total}"),
                    &at,
                    number(row, total),
                    *want,
                );
            }
        }
    }
}

fn check_summary(check: &mut Check, case: &Case, got: &Value) {
    for name in ["loss", "param_grad_norm", "clipped_norm"] {
        check.number(
            name,
            "",
            number(got, name),
            case.expected[name].as_f64().unwrap(),
        );
    }
    for name in ["grad_h0", "grad_c0"] {
        for layer in 0..case.number("num_layers") {
            let Some(want) = case.expected[name][layer].as_f64() else {
                continue;
            };
            let value = match &got[name] {
                Value::Array(layers) => layers[layer].as_f64().unwrap(),
                _ => number(got, name),
            };
            check.number(name, "", value, want);
        }
    }
    if !case.is_one_cell() {
        let largest = case.expected["spectral_radius"].as_f64().unwrap();
        check.number(
            "spectral_radius",
            "",
            got["spectral_radius"].as_f64().unwrap(),
            largest,
        );
        return;
    }
    let blocks = &case.expected["spectral"]["weight_hh_l0"]["blocks"];
    for (field, theirs) in [("spectral_radius", "radius"), ("norm", "sigma_max")] {
        for (matrix, got) in got[field].as_object().unwrap() {
            let block = if matrix == "recurrent" {
                "a"
            } else {
                their_name(matrix)
            };
            let want = blocks[block][theirs].as_f64().unwrap();
            check.number(field, block, got.as_f64().unwrap(), want);
        }
    }
}

/// Orders and remainder, relative to the largest of them at the same step.
fn check_hops(check: &mut Check, case: &Case, got: &Value) {
    let steps = case.number("T");
    for (total, rest) in [("grad_h", "rest_h"), ("grad_c", "rest_c")] {
        let Some(orders) = case.tensors.get(&format!("hop_norm.{total}_l0")) else {
            continue;
        };
        let rests = &case.tensors[&format!("hop_rest_norm.{total}_l0")];
        let columns = orders.len() / steps;
        let rows = got["hops"].as_array().unwrap();
        assert_eq!(rows.len(), steps);
        for (k, (want, row)) in orders.chunks(columns).zip(rows).enumerate() {
            let scale = want
                .iter()
                .chain([&rests[k]])
                .fold(0.0f64, |top, x| top.max(*x));
            let list = row[total].as_array().unwrap();
            assert_eq!(list.len(), 17);
            for (order, got) in list.iter().enumerate() {
                let at = format!("t={} k={order}", k + 1);
                let want = want.get(order).copied().unwrap_or(0.0);
                check.scaled(
                    &format!("hops.{total}"),
                    &at,
                    got.as_f64().unwrap_or(0.0),
                    want,
                    scale,
                );
            }
            let at = format!("t={}", k + 1);
            // What the reference does not keep apart is beyond order 16 for us, too.
            check.scaled(
                &format!("hops.{rest}"),
                &at,
                number(row, rest),
                rests[k],
                scale,
            );
        }
    }
}

fn check_lyapunov(check: &mut Check, case: &Case, got: &Value) {
    match case.expected["lyapunov"].as_array() {
        None => {
            assert!(
                got["lyapunov"].is_null(),
                "{}: {}",
                case.name,
                got["lyapunov"]
            );
            assert!(got["lyapunov_absent"].is_string());
        }
        Some(exponents) => {
            let list = got["lyapunov"]
                .as_array()
                .unwrap_or_else(|| panic!("{}", case.name));
            assert_eq!(list.len(), exponents.len());
            for (n, (got, want)) in list.iter().zip(exponents).enumerate() {
                let want = want.as_f64().unwrap();
                let at = format!("n={n}");
                check.scaled(
                    "lyapunov",
                    &at,
                    got.as_f64().unwrap(),
                    want,
                    want.abs().max(1.0),
                );
            }
        }
    }
    if let Some(values) = case.tensors.get("jacobian.0.singular_values")
        && values[0].is_normal()
    {
        let steps = case.expected["steps"].as_array().unwrap().len() as f64;
        let (got, want) = (got["lyapunov_max"].as_f64(), values[0].ln() / steps);
        let scale = want.abs().max(1.0);
        check.scaled("lyapunov_max", "", got.unwrap(), want, scale);
    }
}

/// The singular values of every J(T, t) that the reference has, relative to the largest.
fn check_jacobians(check: &mut Check, case: &Case, folder: &Path) {
    for (name, want) in &case.tensors {
        let Some(from) = name
            .strip_prefix("jacobian.")
            .and_then(|rest| rest.strip_suffix(".singular_values"))
        else {
            continue;
        };
        let got = trace(case, folder, &["--jacobian", "--jacobian-from", from]);
        let list = got["singular_values"].as_array().unwrap();
        assert_eq!(list.len(), want.len());
        for (n, (got, value)) in list.iter().zip(want).enumerate() {
            let got = got.as_f64().unwrap_or(0.0);
            check.scaled(
                "singular_values",
                &format!("t={from} n={n}"),
                got,
                *value,
                want[0],
            );
        }
    }
}

#[test]
fn the_program_agrees_with_pytorch() {
    let all = cases();
    for case in &all {
        let folder = tempfile::tempdir().unwrap();
        let one_cell = case.is_one_cell();
        let more: &[&str] = if one_cell {
            &["--cuts", "--hops", "16", "--lyapunov"]
        } else {
            &[]
        };
        let got = trace(case, folder.path(), more);
        let mut check = Check::new(case);
        check_steps(&mut check, case, &got);
        check_summary(&mut check, case, &got);
        if one_cell {
            check_cuts(&mut check, case, &got);
            check_hops(&mut check, case, &got);
            check_lyapunov(&mut check, case, &got);
            check_jacobians(&mut check, case, folder.path());
        }
        check.finish();
    }
    println!("{} cases compared, 0 skipped", all.len());
    assert!(all.len() >= 18);
}

/// `tests/data/lens/generate.py` casts PyTorch's gradients to smaller formats, clips them there, and
/// detaches the state every K steps.
#[test]
fn formats_and_truncation_agree_with_pytorch() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/lens/expected.json");
    let expected: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut ends = 0;
    for (name, expected) in expected.as_object().unwrap() {
        let case = cases().into_iter().find(|case| case.name == *name).unwrap();
        let steps = expected["bptt"]["steps"].to_string();
        let got = trace(&case, folder.path(), &["--bptt", &steps]);
        assert_eq!(got["formats"], expected["formats"], "{name}");
        ends += expected["formats"]
            .to_string()
            .matches("_back\":null")
            .count();
        for field in ["param_grad_norm", "kept", "angle_deg"] {
            let [got, wanted] =
                [&got["bptt"][field], &expected["bptt"][field]].map(|x| x.as_f64().unwrap());
            assert!(
                (got / wanted - 1.0).abs() < 1e-9 || wanted == 0.0 && got < 1e-9,
                "{name}, {field}: {got} for {wanted}"
            );
        }
    }
    assert!(
        ends < 2 * 3 * expected.as_object().unwrap().len(),
        "some have an end"
    );
}

/// x_t = w x_{t-1} with w = 0.2, x_0 = 0.9, T = 3: dx_3/dw = 3 w² x_0 = 0.108, of which one step leaves
/// w² x_0 and pieces of two steps, the last of which is step 3 alone, as much.
#[test]
fn a_scalar_is_truncated_as_by_hand() {
    let scalar = [
        "trace", "--cell", "rnn", "--hidden", "1", "--inputs", "1", "--steps", "3",
    ];
    let linear = [
        "--activation",
        "linear",
        "--signal",
        "zero",
        "--init",
        "scalar",
        "--rho",
        "0.2",
    ];
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, number: f64| {
        let path = folder.path().join(name);
        ndarray_npy::write_npy(&path, &Array1::from(vec![number])).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (start, v) = (file("h.npy", 0.9), file("v.npy", 1.0));
    let norm = |every: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_rnntop"))
            .args(scalar)
            .args(linear)
            .args([
                "--initial-h",
                &start,
                "--loss-vector",
                &v,
                "--format",
                "json",
                "--bptt",
                every,
            ])
            .output()
            .unwrap();
        let got: Value = serde_json::from_slice(&output.stdout).unwrap();
        let number = |value: &Value| value.as_f64().unwrap();
        [
            number(&got["param_grad_norm"]),
            number(&got["bptt"]["param_grad_norm"]),
        ]
    };
    let close = |got: f64, wanted: f64| assert!((got - wanted).abs() < 1e-14, "{got} for {wanted}");
    // Beside dL/dw stand those of two biases, each Σ δ_t.
    let with_biases = |w: f64, bias: f64| (w * w + 2.0 * bias * bias).sqrt();
    for (every, w, bias) in [("3", 0.108, 1.24), ("2", 0.036, 1.0), ("1", 0.036, 1.0)] {
        let [whole, part] = norm(every);
        close(whole, with_biases(0.108, 1.24));
        close(part, with_biases(w, bias));
    }
}
