//! Every gradient against PyTorch's float64 autograd, through the library.

use std::sync::Arc;

use crate::common::parameters::load_parameters;
use crate::common::reference::{Case, Check, cases, their_name};
use ndarray::Array1;
use rnntop::cell::{Activation, CellKind, ForgetGate};
use rnntop::flow::{ClipMode, Flow, Path, Totals};
use rnntop::io::Named;
use rnntop::io::arrays;
use rnntop::num::Wide;
use rnntop::sim::settings::{LossKind, Signal};
use rnntop::sim::{Ask, Data, Settings, Side, Simulation};

fn simulation(case: &Case, clip: ClipMode, threshold: f64) -> (Side, Simulation) {
    let parameters = load_parameters(&case.file("weights.safetensors"), None).unwrap();
    let cell = parameters.value.kind;
    let given = |list: Option<Vec<f64>>| {
        list.map(|list| Named {
            source: "case.json".to_owned(),
            value: Array1::from(list),
        })
    };
    let loss = match case.description["loss"]["kind"].as_str().unwrap() {
        "last" => LossKind::Last,
        "sum" => LossKind::Sum,
        _ => LossKind::Mse,
    };
    let data = Data {
        parameters: Some(parameters),
        sequence: Some(Named {
            source: "input.npy".to_owned(),
            value: arrays::load_matrix(&case.file("input.npy"))
                .unwrap()
                .value
                .into(),
        }),
        targets: (loss == LossKind::Mse)
            .then(|| arrays::load_matrix(&case.file("targets.npy")).unwrap()),
        loss_vector: given(case.list("/loss/v")),
        initial_h: given(case.list("/h0/0")),
        initial_c: given(case.list("/c0/0")),
        ..Data::default()
    };
    let mut settings = Settings {
        steps: case.number("T"),
        activation: match case.text("cell") {
            "rnn_relu" => Activation::Relu,
            "rnn_linear" => Activation::Linear,
            _ => Activation::Tanh,
        },
        rho: None,
        forget: ForgetGate::Learned(None),
        signal: Signal::File,
        loss,
        clip,
        threshold,
        ..Settings::default()
    };
    let side = settings.side_for(cell);
    (side, Simulation::new(settings, Arc::new(data)).unwrap())
}

fn flow(case: &Case, clip: ClipMode, threshold: f64, without: bool) -> Flow {
    let (side, mut simulation) = simulation(case, clip, threshold);
    let ask = Ask {
        without,
        alone: true,
        ..Ask::default()
    };
    simulation.flow(side, ask, &mut |_| true).unwrap()
}

fn plain(x: Wide) -> f64 {
    // The reference rounds what is too small for float64 to zero.
    x.to_f64().unwrap_or_else(|| x.saturating_f64())
}

fn check_cut(check: &mut Check, case: &Case, name: &str, totals: &Totals) {
    let name = their_name(name);
    for (quantity, curve) in [("grad_h", &totals.grad_h), ("grad_c", &totals.grad_c)] {
        let Some(want) = case.tensors.get(&format!("cut_norm.{name}.{quantity}_l0")) else {
            continue;
        };
        for (t, (got, want)) in curve.iter().zip(want).enumerate() {
            check.number(
                &format!("cuts.{name}.{quantity}"),
                &format!("t={}", t + 1),
                plain(*got),
                *want,
            );
        }
    }
}

#[test]
fn every_case_agrees_with_pytorch() {
    let (supported, skipped): (Vec<Case>, Vec<Case>) =
        cases().into_iter().partition(Case::is_one_cell);
    for case in &supported {
        let mut check = Check::new(case);
        let flow = flow(case, ClipMode::Norm, 1.0, true);
        assert_eq!(flow.steps, case.number("T"));
        for (k, step) in case.expected["steps"]
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
        {
            let at = format!("t={}", k + 1);
            check.number(
                "grad_h",
                &at,
                plain(flow.totals.grad_h[k]),
                step["grad_h"].as_f64().unwrap(),
            );
            if let Some(want) = step["grad_c"].as_f64() {
                check.number("grad_c", &at, plain(flow.totals.grad_c[k]), want);
            }
            let want = step["paths"].as_object().unwrap();
            assert_eq!(want.len(), flow.paths.len(), "{}: {want:?}", case.name);
            for path in &flow.paths {
                let name = their_name(path.path.name());
                check.number(
                    &format!("paths.{name}"),
                    &at,
                    plain(path.share[k]),
                    want[name].as_f64().unwrap(),
                );
            }
        }
        let expected = |name: &str| case.expected[name].as_f64().unwrap();
        check.number("loss", "", plain(flow.loss), expected("loss"));
        check.number(
            "param_grad_norm",
            "",
            plain(flow.clipping.before),
            expected("param_grad_norm"),
        );
        check.number(
            "clipped_norm",
            "",
            plain(flow.clipping.after),
            expected("clipped_norm"),
        );
        check.number(
            "grad_h0",
            "",
            plain(flow.grad_h0),
            case.expected["grad_h0"][0].as_f64().unwrap(),
        );
        if let Some(c0) = flow.grad_c0 {
            check.number(
                "grad_c0",
                "",
                plain(c0),
                case.expected["grad_c0"][0].as_f64().unwrap(),
            );
        }
        let blocks = &case.expected["spectral"]["weight_hh_l0"]["blocks"];
        for matrix in &flow.matrices {
            let block = if matrix.name == "recurrent" {
                "a"
            } else {
                their_name(matrix.name)
            };
            let want = |name: &str| blocks[block][name].as_f64().unwrap();
            check.number(
                "spectral_radius",
                block,
                matrix.spectral_radius,
                want("radius"),
            );
            check.number("norm", block, matrix.norm, want("sigma_max"));
        }
        for path in &flow.paths {
            if let Some(totals) = &path.without {
                check_cut(&mut check, case, path.path.name(), totals);
            }
        }
        for (name, totals) in &flow.cut_sets {
            check_cut(&mut check, case, name, totals);
        }
        check.finish();
    }
    println!(
        "{} cases compared, {} skipped: {}",
        supported.len(),
        skipped.len(),
        skipped
            .iter()
            .map(|c| c.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    );
    assert!(supported.len() >= 15);
}

#[test]
fn every_threshold_and_rule_of_clipping() {
    for case in cases().iter().filter(|c| c.is_one_cell()) {
        let mut check = Check::new(case);
        for threshold in ["5.0", "1.0", "0.1"] {
            let got = flow(case, ClipMode::Norm, threshold.parse().unwrap(), false).clipping;
            let want = case.expected["clipped_norms"][threshold].as_f64().unwrap();
            check.number("clipped_norms", threshold, plain(got.after), want);
            assert_eq!(got.angle_deg, Some(0.0));
        }
        let got = flow(case, ClipMode::Value, 0.5, false).clipping;
        check.number(
            "value_clip",
            "0.5",
            plain(got.after),
            case.expected["value_clip"]["norm"].as_f64().unwrap(),
        );
        check.finish();
    }
}

#[test]
fn the_carousel_alone_is_the_total_without_all_gates() {
    for case in cases().iter().filter(|c| c.is_one_cell()) {
        // With the loss `last` nothing else reaches δc once the gates are cut.
        let flow = flow(case, ClipMode::Off, 1.0, true);
        let plain_lstm = flow.cell == CellKind::Lstm && case.text("cell") == "lstm";
        if !plain_lstm || case.description["loss"]["kind"] != "last" {
            continue;
        }
        let (_, without) = flow.cut_sets.last().unwrap();
        let carousel = flow
            .paths
            .iter()
            .find(|p| p.path == Path::Carousel)
            .unwrap();
        let mut check = Check::new(case);
        for (k, (got, want)) in carousel.alone.iter().zip(&without.grad_c).enumerate() {
            check.number(
                "alone.carousel",
                &format!("t={}", k + 1),
                plain(*got),
                plain(*want),
            );
        }
        check.finish();
    }
}

#[test]
fn clipping_each_step_keeps_every_passed_gradient_below_the_threshold() {
    for case in cases()
        .iter()
        .filter(|c| c.is_one_cell() && c.text("cell") == "rnn_linear")
    {
        let flow = flow(case, ClipMode::Step, 0.5, false);
        for (t, recurrent) in flow.paths[0].share.iter().enumerate() {
            assert!(
                *recurrent <= Wide::from_f64(0.5 + 1e-12),
                "{} t={}",
                case.name,
                t + 1
            );
            assert!(!flow.clipping.clipped[t] || *recurrent >= Wide::from_f64(0.5 - 1e-12));
        }
    }
}
