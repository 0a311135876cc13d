//! One layer of a trained stack as a live cell, and the study of all of them: what a layer is fed
//! is what the layers below put out, and what it carries is what the diagnosis says.

// The helpers of tests are tests, too.
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use ndarray::{Array1, Array2, Axis, Slice};
use rnntop::cell::{
    Activation, CellKind, Direction, Init, LayerId, Parameters, Semantics, StackParameters, init,
};
use rnntop::flow::{PathSet, Question};
use rnntop::io::Named;
use rnntop::io::{ModelFile, arrays};
use rnntop::sim::inspect::{Diagnosis, Drive, Input, Model, Subject, diagnose};
use rnntop::sim::settings::Signal;
use rnntop::sim::{
    self, Against, Ask, Data, Finding, Report, Settings, Side, Simulation, StudyRequest, Worker,
};
use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data")
        .join(name)
}

fn model(folder: &Path) -> Model {
    let file = ModelFile::open(&folder.join("weights.safetensors")).unwrap();
    Model {
        title: "model".to_owned(),
        parameters: file.stack(None).unwrap().value,
        semantics: Semantics::default(),
        taken: String::new(),
    }
}

fn json(arguments: &[&str]) -> Value {
    let program = env!("CARGO_BIN_EXE_rnntop");
    let output = Command::new(program).args(arguments).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    serde_json::from_slice(&output.stdout).unwrap()
}

const fn id(layer: usize, reverse: bool) -> LayerId {
    LayerId { layer, reverse }
}

/// What layer 1 is fed is h of the layer below, of both directions beside each other where there are
/// two; the reverse direction reads it, and layer 0's the input, from T to 1.
#[test]
fn a_layer_is_fed_what_the_layer_below_puts_out() {
    for (name, directions) in [
        ("reference/stack_lstm", 1),
        ("reference/stack_gru", 1),
        ("stacks/bidirectional_lstm", 2),
        ("stacks/bidirectional_gru", 2),
    ] {
        let folder = folder(name);
        let model = model(&folder);
        let inputs = arrays::load_matrix(&folder.join("input.npy"))
            .unwrap()
            .value;
        let steps = inputs.nrows();
        let stack = model.stack();
        let run = stack
            .forward(inputs.view(), stack.tapes(steps), &mut |_| true)
            .unwrap();
        let hidden = model.parameters.hidden();
        assert_eq!(model.seen(&inputs, id(0, false)).unwrap(), inputs);
        let fed = model.seen(&inputs, id(1, false)).unwrap();
        assert_eq!(fed.dim(), (steps, directions * hidden));
        for t in 1..=steps {
            let row = fed.row(t - 1).to_vec();
            assert_eq!(row[..hidden], run.tapes[0][0].h(t)[..], "{name} at {t}");
            if directions == 2 {
                let back = run.tapes[0][1].h(steps + 1 - t);
                assert_eq!(row[hidden..], back[..], "{name} at {t}");
            }
        }
        if directions == 2 {
            for layer in 0..2 {
                let mut ahead = model.seen(&inputs, id(layer, false)).unwrap();
                ahead.invert_axis(ndarray::Axis(0));
                assert_eq!(model.seen(&inputs, id(layer, true)).unwrap(), ahead);
            }
        }
    }
}

/// A state that outgrows float64 is named with its direction, at the step that the direction is at.
#[test]
fn an_overflow_names_the_direction_and_its_step() {
    let part = |inputs, w, r| {
        let cell = Parameters {
            w: Array2::from_elem((1, inputs), w),
            r: Array2::from_elem((1, 1), r),
            ..init::draw(CellKind::Rnn, 1, inputs, Init::Identity, false, 7)
                .unwrap()
                .0
        };
        Direction::from(cell)
    };
    let model = Model {
        title: "model".to_owned(),
        parameters: StackParameters {
            kind: CellKind::Rnn,
            layers: vec![
                vec![part(1, 1.0, 0.5), part(1, 1.0, 1e200)],
                vec![part(2, 1.0, 0.5), part(2, 1.0, 0.5)],
            ],
        },
        semantics: Semantics::of(Activation::Relu),
        taken: String::new(),
    };
    let said = model.seen(&Array2::ones((6, 1)), id(1, false)).unwrap_err();
    assert_eq!(
        said.to_string(),
        "model: the state of layer 0 ← is no longer a finite number at step 3 as it reads, from T to 1"
    );
    let drive = Drive {
        source: "ones".to_owned(),
        input: Input::Own,
        sequences: vec![Array2::ones((6, 1))],
        ..Drive::default()
    };
    let diagnosed = diagnose(&model, &drive, 7, &mut |_| true).unwrap_err();
    assert_eq!(diagnosed.to_string(), said.to_string());
}

/// `trace --layer` with v on the layer's last h is what `inspect` says that the layer carries by
/// itself: for the top layer that is the loss vector of the whole model.
#[test]
fn a_live_layer_carries_what_the_diagnosis_says() {
    for (name, layers, key) in [
        ("reference/stack_lstm", &["0", "1"][..], "log10_grad_c"),
        ("reference/stack_rnn_tanh", &["0", "1"], "log10_grad_h"),
        (
            "stacks/bidirectional_lstm",
            &["0", "0r", "1", "1r"],
            "log10_grad_c",
        ),
    ] {
        let folder = folder(name);
        let (weights, input) = (folder.join("weights.safetensors"), folder.join("input.npy"));
        let (weights, input) = (weights.to_str().unwrap(), input.to_str().unwrap());
        let found = json(&["inspect", weights, "--input", input, "--format", "json"]);
        let found = &found["models"][0];
        let v = found["alone_vector"].as_array().unwrap();
        let v: Array1<f64> = v.iter().map(|x| x.as_f64().unwrap()).collect();
        let vector = Path::new(env!("CARGO_TARGET_TMPDIR")).join("layers_v.npy");
        ndarray_npy::write_npy(&vector, &v).unwrap();
        for (index, layer) in layers.iter().enumerate() {
            let trace = json(&[
                "trace",
                "--weights",
                weights,
                "--layer",
                layer,
                "--input",
                input,
                "--loss-vector",
                vector.to_str().unwrap(),
                "--format",
                "json",
            ]);
            let want = found["layers"][index]["alone"]["log10_median"]
                .as_array()
                .unwrap();
            let steps = trace["steps"].as_array().unwrap();
            assert_eq!(steps.len(), want.len());
            for (step, want) in steps.iter().zip(want) {
                let (step, want) = (step[key].as_f64().unwrap(), want.as_f64().unwrap());
                assert!((step - want).abs() < 1e-9, "{name} {layer}: {step} {want}");
            }
        }
    }
}

/// `--steps` cuts the input before a layer reads it: the reverse direction begins at step T, and
/// nothing of what comes later is in what it, or a layer above it, is fed.
#[test]
fn steps_are_those_of_the_input() {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let folder = folder("stacks/bidirectional_lstm");
    let inputs = arrays::load_matrix(&folder.join("input.npy")).unwrap();
    let steps = inputs.value.nrows() / 2;
    let (whole, half) = (folder.join("input.npy"), temporary.join("layers_half.npy"));
    let rows = inputs.value.slice_axis(Axis(0), Slice::from(..steps));
    ndarray_npy::write_npy(&half, &rows.to_owned()).unwrap();
    let model = model(&folder);
    let v = init::unit_vector(model.parameters.hidden(), Init::Orthogonal, 7);
    let vector = temporary.join("layers_half_v.npy");
    ndarray_npy::write_npy(&vector, &v).unwrap();
    let weights = folder.join("weights.safetensors");
    let [weights, whole, half, vector] =
        [&weights, &whole, &half, &vector].map(|path| path.to_str().unwrap());
    let steps = &steps.to_string();
    let inspect = ["inspect", weights, "--input", whole, "--steps", steps];
    let found = json(&[&inspect[..], &["--format", "json"]].concat());
    for (index, layer) in ["0", "0r", "1", "1r"].iter().enumerate() {
        let trace = |input: &[&str]| {
            let command = ["trace", "--weights", weights, "--layer", layer];
            let options = ["--loss-vector", vector, "--format", "json", "--input"];
            json(&[&command[..], &options, input].concat())
        };
        let (asked, cut) = (trace(&[whole, "--steps", steps]), trace(&[half]));
        assert_eq!(asked["steps"], cut["steps"], "{layer}");
        let got = asked["steps"][0]["log10_grad_c"].as_f64().unwrap();
        let want = &found["models"][0]["layers"][index]["alone"]["log10_median"];
        let want = want[0].as_f64().unwrap();
        assert!((got - want).abs() < 1e-9, "{layer}: {got} {want}");
    }
}

/// Without a sequence the layers below run on the signal; the window of a trace is then T of it.
#[test]
fn a_layer_above_a_signal() {
    let weights = folder("stacks/bidirectional_gru").join("weights.safetensors");
    let weights = weights.to_str().unwrap();
    let layer = |layer, signal| {
        let options = ["--layer", layer, "--signal", signal, "--steps", "30"];
        let command = ["trace", "--weights", weights, "--format", "json"];
        json(&[&command[..], &options].concat())
    };
    let (noise, sine) = (layer("1r", "noise"), layer("1r", "sine"));
    assert_eq!(noise["steps"].as_array().unwrap().len(), 30);
    assert_eq!((&noise["inputs"], &noise["hidden"]), (&8.into(), &4.into()));
    assert_ne!(noise["steps"], sine["steps"]);
}

/// Two sets of weights beside each other, of other cells and sizes and on other inputs, carry each what it
/// carries alone, in every window; what is on neither side's weights is drawn.
#[test]
fn weights_beside_others_are_what_they_are_alone() {
    let weights = |kind, hidden, inputs, seed| Named {
        source: format!("{seed}"),
        value: init::draw(kind, hidden, inputs, Init::PyTorch, false, seed)
            .unwrap()
            .0,
    };
    let rows = |columns: usize| Named {
        source: "rows".to_owned(),
        value: Array2::from_shape_fn((60, columns), |(t, i)| ((3 * t + i * i) as f64).sin()).into(),
    };
    for (other, hidden, inputs) in [(CellKind::Lstm, 9, 5), (CellKind::Gru, 6, 3)] {
        let (own, other) = (
            weights(CellKind::Lstm, 6, 3, 1),
            weights(other, hidden, inputs, 2),
        );
        for signal in [Signal::Noise, Signal::File] {
            let mut settings = Settings {
                steps: 40,
                signal,
                ..Settings::default()
            };
            settings.follow(&own.value);
            settings.cells = [own.value.kind.into(), other.value.kind.into()];
            let data = Data {
                parameters: Some(own.clone()),
                sequence: Some(rows(3)),
                against: Some(Against {
                    parameters: other.clone(),
                    sequence: Some(rows(inputs)),
                    reverse: false,
                    labels: ["one", "two"].map(str::to_owned),
                    said: String::new(),
                }),
                ..Data::default()
            };
            let data = Arc::new(data);
            let mut both = Simulation::new(settings.clone(), Arc::clone(&data)).unwrap();
            let mut alone = Side::BOTH.map(|side| {
                let data = data.of(&settings, side);
                let settings = Settings {
                    cells: [settings.cell(side); 2],
                    ..settings.clone()
                };
                Simulation::new(settings, data).unwrap()
            });
            for _ in 0..3 {
                for side in Side::BOTH {
                    let flow = |it: &mut Simulation, side| {
                        it.flow(side, Ask::default(), &mut |_| true).unwrap()
                    };
                    let got = flow(&mut both, side);
                    let want = flow(&mut alone[side.index()], Side::Left);
                    assert_eq!(got.hidden, [6, hidden][side.index()]);
                    assert_eq!(got.totals.grad_h, want.totals.grad_h);
                    assert_eq!(got.totals.grad_c, want.totals.grad_c);
                    assert_eq!(got.matrices[0].norm, want.matrices[0].norm);
                    assert_eq!(got.clipping.before, want.clipping.before);
                }
                let moved = both.forward().unwrap();
                assert!(moved && alone.iter_mut().all(|it| it.forward().unwrap()));
            }
            // Another cell on the right is drawn, and of the size of the left one.
            settings.cells[1] = CellKind::Rnn.into();
            both.set(settings.clone()).unwrap();
            let drawn = both
                .flow(Side::Right, Ask::default(), &mut |_| true)
                .unwrap();
            assert_eq!((drawn.cell, drawn.hidden), (CellKind::Rnn, 6));
            assert!(data.trained(&settings, Side::Right).is_none());
        }
    }
}

/// A vector with a number for each unit is for two cells only where these are of one size.
#[test]
fn a_vector_fits_both_cells_or_none() {
    let weights = |hidden| Named {
        source: format!("m{hidden}"),
        value: init::draw(CellKind::Lstm, hidden, 3, Init::PyTorch, false, 1)
            .unwrap()
            .0,
    };
    let settings = Settings {
        cells: [CellKind::Lstm.into(); 2],
        steps: 10,
        ..Settings::default()
    };
    let data = |hidden| Data {
        parameters: Some(weights(6)),
        loss_vector: Some(Named {
            source: "v".to_owned(),
            value: Array1::ones(6),
        }),
        against: Some(Against {
            parameters: weights(hidden),
            sequence: None,
            reverse: false,
            labels: Default::default(),
            said: String::new(),
        }),
        ..Data::default()
    };
    assert_eq!(Simulation::check(&settings, &data(6)), Ok(()));
    let found = Simulation::check(&settings, &data(9)).unwrap_err();
    assert_eq!(
        found.to_string(),
        "v: expected cells of one size beside it, found 6 units and, in m9, 9"
    );
}

fn subject(sequences: usize, steps: usize) -> Subject {
    let model = model(&folder("stacks/bidirectional_gru"));
    let inputs = model.parameters.inputs();
    Subject {
        model,
        drive: Drive::noise(sequences, steps, inputs, 7),
        seed: 7,
    }
}

/// The study of the layers is the diagnosis; other settings do not disturb it, and it is made once.
#[test]
fn all_layers_are_studied_once() {
    const PATIENCE: Duration = Duration::from_secs(60);
    let subject = subject(3, 60);
    let model = &subject.model;
    let want = diagnose(model, &subject.drive, subject.seed, &mut |_| true).unwrap();
    let settings = Settings {
        hidden: 4,
        steps: 40,
        ..Settings::default()
    };
    let data = Data {
        model: Some(Arc::new(subject)),
        ..Data::default()
    };
    let (outbox, reports) = channel();
    let worker = Worker::spawn(settings.clone(), Arc::new(data), move |report| {
        let _ = outbox.send(report);
    });
    let next = || -> Arc<Diagnosis> {
        loop {
            if let Report::Study(study) = reports.recv_timeout(PATIENCE).unwrap()
                && let Ok(Finding::Layers(found)) = &study.finding
            {
                return Arc::clone(found);
            }
        }
    };
    worker.send(sim::Command::Study(Some(StudyRequest::Layers)));
    worker.send(sim::Command::Set {
        settings: Box::new(Settings {
            rho: Some(0.5),
            ..settings
        }),
        cuts: PathSet::EMPTY,
        question: Question::Share,
    });
    let first = next();
    assert_eq!(first.layers.len(), 4);
    for (found, want) in first.layers.iter().zip(&want.layers) {
        assert_eq!(found.alone, want.alone);
        assert_eq!(found.grad_h, want.grad_h);
    }
    worker.send(sim::Command::Study(None));
    worker.send(sim::Command::Study(Some(StudyRequest::Layers)));
    assert!(Arc::ptr_eq(&first, &next()));
    // A window that steps on brings no further study.
    worker.send(sim::Command::Forward);
    let rest = std::iter::from_fn(|| reports.recv_timeout(Duration::from_millis(200)).ok());
    let mut rest = rest.into_iter();
    assert!(rest.all(|report| !matches!(report, Report::Study(_))));
}

/// Whoever leaves the screen does not wait for it: the next study comes at once, whether the sweeps
/// go on or the eigenvalues of large matrices, which nothing can interrupt.
#[test]
fn a_long_diagnosis_gives_way() {
    // The whole takes far longer, on any machine.
    const AT_ONCE: Duration = Duration::from_secs(5);
    let (cell, _) = init::draw(CellKind::Lstm, 768, 1, Init::Identity, false, 7).unwrap();
    let large = Subject {
        model: Model {
            title: "large".to_owned(),
            parameters: StackParameters {
                kind: CellKind::Lstm,
                layers: vec![vec![
                    Parameters {
                        r: Array2::from_shape_fn(cell.r.dim(), |(i, j)| {
                            ((i * 7 + j * j) as f64).sin()
                        }),
                        ..cell
                    }
                    .into(),
                ]],
            },
            semantics: Semantics::default(),
            taken: String::new(),
        },
        drive: Drive::noise(1, 2, 1, 7),
        seed: 7,
    };
    for subject in [subject(60, 20_000), large] {
        let data = Data {
            model: Some(Arc::new(subject)),
            ..Data::default()
        };
        let settings = Settings {
            hidden: 2,
            steps: 10,
            ..Settings::default()
        };
        let (outbox, reports) = channel();
        let worker = Worker::spawn(settings, Arc::new(data), move |report| {
            let _ = outbox.send(report);
        });
        let hops = StudyRequest::Hops {
            side: sim::Side::Left,
            orders: 2,
        };
        worker.send(sim::Command::Study(Some(StudyRequest::Layers)));
        let mut reports = reports.iter();
        let begun = |report| matches!(report, Report::StudyProgress(StudyRequest::Layers, _));
        assert!(reports.any(begun));
        worker.send(sim::Command::Study(Some(hops)));
        let left = Instant::now();
        let found = reports.find_map(|report| match report {
            Report::Study(study) => Some(study.request),
            _ => None,
        });
        assert_eq!(found, Some(hops));
        assert!(left.elapsed() < AT_ONCE, "{:?}", left.elapsed());
    }
}

/// The model is measured although the live cell does not get through its window.
#[test]
fn a_live_cell_that_fails_stops_no_diagnosis() {
    let settings = Settings {
        hidden: 2,
        inputs: 1,
        steps: 10,
        activation: Activation::Linear,
        signal: Signal::File,
        amplitude: 1e10,
        ..Settings::default()
    };
    let data = Data {
        model: Some(Arc::new(subject(1, 20))),
        sequence: Some(Named {
            source: "too large".to_owned(),
            value: Array2::from_elem((10, 1), 1e308).into(),
        }),
        ..Data::default()
    };
    let (outbox, reports) = channel();
    let worker = Worker::spawn(settings, Arc::new(data), move |report| {
        let _ = outbox.send(report);
    });
    let mut reports = reports.iter();
    let first = reports.next();
    assert!(matches!(first, Some(Report::Failed(_))), "{first:?}");
    worker.send(sim::Command::Study(Some(StudyRequest::Layers)));
    let found = reports.find_map(|report| match report {
        Report::Study(study) => Some(study.finding.is_ok()),
        _ => None,
    });
    assert_eq!(found, Some(true));
}

/// Without a model there is a sentence.
#[test]
fn no_model_no_study() {
    let (outbox, reports) = channel();
    let settings = Settings {
        hidden: 2,
        steps: 10,
        ..Settings::default()
    };
    let worker = Worker::spawn(settings, Arc::default(), move |report| {
        let _ = outbox.send(report);
    });
    worker.send(sim::Command::Study(Some(StudyRequest::Layers)));
    let mut reports = reports.iter();
    let found = reports.find_map(|report| match report {
        Report::Study(study) => Some(study.finding.as_ref().unwrap_err().clone()),
        _ => None,
    });
    assert_eq!(found.as_deref(), Some("there is no model"));
}
