//! Training against PyTorch (`tests/data/train/generate.py`) and against the live engine.

use ndarray::Array2;
use rnntop::cell::{Activation, Cell, CellKind, ForgetGate, Gru, Lstm, Rnn, forward};
use rnntop::flow::{self, Loss};
use rnntop::num::wide::scale_by_power_of_two;
use rnntop::train::network::NAMES;
use rnntop::train::task::Batch;
use rnntop::train::{
    Clip, Engine, Kind, Measured, Network, Optimiser, Real, Regulariser, Rule, Shape, Start,
    Targets, Task,
};
use serde_json::Value;

fn reference() -> Value {
    serde_json::from_str(include_str!("../data/train/train.json")).unwrap()
}

fn list(value: &Value) -> Vec<f64> {
    let numbers = value.as_array().unwrap().iter();
    numbers.map(|x| x.as_f64().unwrap()).collect()
}

fn size(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn kind(word: &str) -> Kind {
    match word {
        "rnn" => Kind::Rnn,
        "irnn" => Kind::Irnn,
        "lstm" => Kind::Lstm,
        _ => Kind::Gru,
    }
}

/// Every number within `tolerance` of the largest of its tensor.
fn close(what: &str, got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len(), "{what}");
    let top = want.iter().fold(0.0, |top: f64, x| top.max(x.abs()));
    for (got, want) in got.iter().zip(want) {
        let error = (got - want).abs();
        assert!(error <= tolerance * top, "{what}: {got} for {want}");
    }
}

/// 100 updates of `torch.optim`: the gradient depends on the parameter and on the update, as in the
/// script.
#[test]
fn optimisers_are_those_of_pytorch() {
    let all = reference();
    for (name, rule, momentum, decay, rate) in [
        ("sgd", Rule::Sgd, 0.0, 0.0, 0.03),
        ("sgd_decay", Rule::Sgd, 0.0, 0.1, 0.03),
        ("momentum", Rule::Momentum, 0.9, 0.0, 0.03),
        ("rmsprop", Rule::Rmsprop, 0.0, 0.0, 0.003),
        ("adam", Rule::Adam, 0.0, 0.0, 0.01),
        ("adam_decay", Rule::Adam, 0.0, 0.1, 0.01),
        ("adamw", Rule::Adamw, 0.0, Rule::Adamw.default_decay(), 0.01),
    ] {
        let mut p = vec![list(&all["start"])];
        let mut optimiser = Optimiser::new(rule, momentum, decay, &[vec![0.0; 3]]);
        for k in 0..100 {
            let slope = [1.0, 0.1, 10.0];
            let shift = [f64::from((k * 7) % 5 - 2), 0.3, f64::from(k % 3) * 1e-3];
            let g: Vec<f64> = (0..3).map(|j| p[0][j] * slope[j] + shift[j]).collect();
            optimiser.update(rate, &mut p, &[g]);
        }
        for (got, want) in p[0].iter().zip(list(&all["optimisers"][name])) {
            assert!(
                (got - want).abs() <= 1e-9 * want.abs(),
                "{name}: {got} for {want}"
            );
        }
    }
}

fn clipped<T: Real>(case: &Value, tolerance: f64) {
    let tensors = case["gradients"].as_array().unwrap().iter().map(list);
    let mut gradients: Vec<Vec<T>> = tensors
        .map(|tensor| tensor.into_iter().map(T::of).collect())
        .collect();
    let threshold = case["threshold"].as_f64().unwrap();
    let (before, after) = Clip::Norm(threshold).apply(&mut gradients);
    let norm: f64 = case["norm"].as_str().unwrap().parse().unwrap();
    let same = before == norm || (before - norm).abs() <= tolerance * norm;
    assert!(same, "{before} for {norm} in {case}");
    for (got, want) in gradients.iter().zip(case["clipped"].as_array().unwrap()) {
        let got: Vec<f64> = got.iter().map(|x| x.wide()).collect();
        close("clipped", &got, &list(want), tolerance);
    }
    if norm > 2.0 * threshold && norm.is_finite() {
        assert!((after - threshold).abs() <= 1e-5 * threshold, "{after}");
    }
}

/// The 1e-6 beside the norm, and float32's norms beyond 1.8e19, which are infinite and make 0 of
/// every gradient.
#[test]
fn clipping_is_that_of_pytorch() {
    let all = reference();
    let mut overflowed = 0;
    for case in all["clips"].as_array().unwrap() {
        if case["dtype"] == "float32" {
            overflowed += usize::from(case["norm"] == "inf");
            clipped::<f32>(case, 2e-7);
        } else {
            clipped::<f64>(case, 1e-15);
        }
    }
    assert_eq!(overflowed, 2);
    let mut gradients = vec![vec![-3.0, 0.25], vec![4.0]];
    let (before, after) = Clip::Value(0.5).apply(&mut gradients);
    assert_eq!(gradients, [vec![-0.5, 0.25], vec![0.5]]);
    assert_eq!(before, (9.0 + 16.0 + 0.0625_f64).sqrt());
    assert_eq!(after, 0.75);
}

fn measure<T: Real>(case: &Value, threads: usize) -> Measured<T> {
    let shape = Shape {
        kind: kind(case["kind"].as_str().unwrap()),
        inputs: size(&case["inputs"]),
        hidden: size(&case["hidden"]),
        outputs: size(&case["outputs"]),
    };
    let tensor = |name: &str| {
        list(&case["parameters"][name])
            .into_iter()
            .map(T::of)
            .collect()
    };
    let network = Network {
        shape,
        tensors: NAMES.iter().map(|name| tensor(name)).collect(),
    };
    let targets = list(&case["targets"]);
    let batch = Batch {
        steps: size(&case["steps"]),
        count: size(&case["count"]),
        inputs: list(&case["x"]),
        targets: if case["loss"] == "numbers" {
            Targets::Numbers(targets)
        } else {
            Targets::Classes(targets.into_iter().map(|class| class as u32).collect())
        },
    };
    let mut engine = Engine::new(threads, size(&case["truncate"]));
    engine.way.watch = true;
    engine.way.regulariser = match case["term"].as_str() {
        Some("omega") => Regulariser::Omega(0.75),
        Some("floss") => Regulariser::Floss(0.75, 2),
        _ => Regulariser::Off,
    };
    if let Some(mask) = case["mask"].as_array() {
        engine.way.detached = mask.iter().map(|on| on.as_bool().unwrap()).collect();
    }
    // The second time the memory of the first is used again.
    engine.measure(&network, &batch);
    engine.measure(&network, &batch)
}

/// A batch of 18, so that two groups are added up; mean squared error at the end and cross-entropy at
/// every step; whole and truncated backpropagation.
#[test]
fn gradients_of_a_batch_are_those_of_pytorch() {
    for case in reference()["batches"].as_array().unwrap() {
        let name = format!("{} {} {}", case["kind"], case["loss"], case["truncate"]);
        let double: Measured<f64> = measure(case, 2);
        let single: Measured<f32> = measure(case, 2);
        let value = case["value"].as_f64().unwrap();
        close(&name, &[double.loss], &[value], 1e-14);
        close(&name, &[single.loss], &[value], 1e-5);
        for (k, tensor) in NAMES.iter().enumerate() {
            let want = list(&case["gradients"][tensor]);
            let what = format!("{name} {tensor}");
            close(&what, &double.gradients[k], &want, 1e-13);
            let single: Vec<f64> = single.gradients[k].iter().map(|x| x.wide()).collect();
            close(&what, &single, &want, 1e-4);
        }
        assert_eq!(double, measure(case, 1), "{name}: one thread");
        assert_eq!(double.cut_off.is_some(), case["truncate"] != 0);
        assert!(double.cut_off.is_none_or(|part| part > 0.01 && part < 2.0));
    }
}

/// Ω and flossing beside the loss, and h-detach, written out step by step in PyTorch: Ω's gradient by autograd
/// with δā and φ' held, that of flossing through PyTorch's QR.
#[test]
fn regularisers_are_those_of_pytorch() {
    let all = reference();
    let cases = all["regularised"].as_array().unwrap();
    assert_eq!(cases.len(), 10);
    for case in cases {
        let name = format!("{} {} {}", case["kind"], case["loss"], case["term"]);
        let measured: Measured<f64> = measure(case, 2);
        let of = |key: &str| case[key].as_f64().unwrap();
        close(&name, &[measured.loss], &[of("value")], 1e-13);
        close(&name, &[measured.penalty], &[of("penalty")], 1e-12);
        for (k, tensor) in NAMES.iter().enumerate() {
            let want = list(&case["gradients"][tensor]);
            close(
                &format!("{name} {tensor}"),
                &measured.gradients[k],
                &want,
                1e-12,
            );
        }
        let mut plain = case.clone();
        (plain["term"], plain["mask"]) = ("".into(), Value::Null);
        assert_ne!(
            measured.gradients,
            measure::<f64>(&plain, 1).gradients,
            "{name}"
        );
    }
}

/// Finite differences of the loss with the flossing penalty beside it, in which float32 has the same gradient.
#[test]
fn gradients_of_flossing_are_finite_differences() {
    let task = Task::Adding;
    let shape = Shape {
        kind: Kind::Rnn,
        inputs: 2,
        hidden: 5,
        outputs: 1,
    };
    let mut network = Network::<f64>::draw(shape, Start::Pytorch, Some(1.2), None, 3).unwrap();
    let batch = task.batch(1, 0, 9, 3);
    for count in [1, 3, 5] {
        let mut engine = Engine::new(1, 0);
        engine.way.regulariser = Regulariser::Floss(0.5, count);
        let measured = engine.measure(&network, &batch);
        assert!(measured.penalty > 1e-3);
        let single = Network::<f32> {
            shape,
            tensors: network
                .tensors
                .iter()
                .map(|x| x.iter().map(|&x| x as f32).collect())
                .collect(),
        };
        let mut engine32 = Engine::new(1, 0);
        engine32.way.regulariser = engine.way.regulariser;
        let measured32 = engine32.measure(&single, &batch);
        for (k, gradient) in measured.gradients.iter().enumerate() {
            let rounded: Vec<f64> = measured32.gradients[k].iter().map(|x| x.wide()).collect();
            close(NAMES[k], &rounded, gradient, 1e-4);
            let top = gradient.iter().fold(0.0, |top: f64, x| top.max(x.abs()));
            for (j, &want) in gradient.iter().enumerate() {
                let mut at = |shift: f64| {
                    network.tensors[k][j] += shift;
                    let measured = engine.measure(&network, &batch);
                    network.tensors[k][j] -= shift;
                    measured.loss + measured.penalty
                };
                let got = (at(1e-6) - at(-1e-6)) / 2e-6;
                let what = format!("{count} {} {j}: {got} for {want}", NAMES[k]);
                assert!((got - want).abs() <= 1e-7 * top.max(1e-3), "{what}");
            }
        }
    }
}

/// What truncation cuts off is |g − g_truncated| / |g|, and nothing where it never cuts.
#[test]
fn what_truncation_cuts_off() {
    let all = reference();
    let cases = all["batches"].as_array().unwrap();
    let truncated = cases.iter().find(|case| case["truncate"] == 3).unwrap();
    let mut whole = truncated.clone();
    whole["truncate"] = 0.into();
    let mut never = truncated.clone();
    never["truncate"] = truncated["steps"].clone();
    let (part, whole): (Measured<f64>, Measured<f64>) = (measure(truncated, 1), measure(&whole, 1));
    let squares = |difference: bool| -> f64 {
        let pairs = whole
            .gradients
            .iter()
            .flatten()
            .zip(part.gradients.iter().flatten());
        pairs
            .map(|(w, p)| if difference { w - p } else { *w }.powi(2))
            .sum()
    };
    let want = (squares(true) / squares(false)).sqrt();
    assert!((part.cut_off.unwrap() - want).abs() <= 1e-12 * want);
    assert_eq!(measure::<f64>(&never, 1).cut_off, Some(0.0));
}

/// What the live engine makes of v·h_T for one sequence: the loss, |δ_t|, and the gradients.
fn live<C: Cell>(cell: &C, inputs: &Array2<f64>, v: &[f64]) -> (f64, Vec<f64>, Vec<Vec<f64>>) {
    let mut tape = cell.tape(inputs.nrows());
    forward::forward(cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
    let loss = Loss::Last(v);
    let value = loss.value(&tape).to_f64().unwrap();
    let gradients =
        flow::parameter_gradients(cell, &tape, inputs.view(), loss, &mut |_| true).unwrap();
    let request = flow::Request {
        loss,
        cuts: flow::PathSet::EMPTY,
        alone: false,
        without: false,
        clip: (flow::ClipMode::Off, 1.0),
    };
    let mut scratch = flow::Scratch::default();
    let view = inputs.view();
    let flow = flow::analyse(
        cell,
        &tape,
        view,
        &request,
        Vec::new(),
        &mut scratch,
        &mut |_| true,
    );
    let curve = flow.unwrap();
    let curve = curve.main().iter().map(|x| x.to_f64().unwrap()).collect();
    let tensor = |name: &str| {
        let gradient = gradients
            .iter()
            .find(|gradient| gradient.name == name)
            .unwrap();
        let scale = |&x: &f64| scale_by_power_of_two(x, gradient.exponent);
        gradient.mantissas.iter().map(scale).collect()
    };
    let names = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"];
    (value, curve, names.map(tensor).into())
}

/// Batched training and the live engine have the same gradients: the loss of a batch is the mean of
/// (v·h_T + d − y)², so that its gradients are those of v·h_T, each times 2 (v·h_T + d − y) / N.
#[test]
fn gradients_of_training_are_those_of_the_live_engine() {
    for kind in [Kind::Rnn, Kind::Irnn, Kind::Lstm, Kind::Gru] {
        let (hidden, steps, count) = (12, 20, 5);
        let task = Task::Adding;
        let shape = Shape {
            kind,
            inputs: 2,
            hidden,
            outputs: 1,
        };
        let start = Start::Recurrent(rnntop::cell::Init::Orthogonal);
        let network = Network::<f64>::draw(shape, start, Some(1.1), Some(1.0), 5).unwrap();
        let batch = task.batch(3, 8, steps, count);
        let mut engine = Engine::new(1, 0);
        engine.way.watch = true;
        let measured = engine.measure(&network, &batch);
        let Targets::Numbers(targets) = &batch.targets else {
            panic!("numbers are to be added");
        };
        let mut sums = shape.zeros::<f64>();
        let (mut loss, mut squares) = (0.0, vec![0.0; steps]);
        for (n, target) in targets.iter().enumerate() {
            let inputs =
                Array2::from_shape_fn((steps, 2), |(t, d)| batch.inputs[(t * count + n) * 2 + d]);
            let (parameters, v) = (network.parameters(), &network.tensors[4]);
            let (value, curve, gradients) = match parameters.kind {
                CellKind::Rnn => {
                    let relu = kind == Kind::Irnn;
                    let activation = if relu {
                        Activation::Relu
                    } else {
                        Activation::Tanh
                    };
                    live(&Rnn::new(parameters, activation), &inputs, v)
                }
                CellKind::Lstm => live(
                    &Lstm::new(parameters, ForgetGate::Learned(None)),
                    &inputs,
                    v,
                ),
                _ => live(&Gru::new(parameters), &inputs, v),
            };
            let error = value + network.tensors[5][0] - target;
            loss += error * error / count as f64;
            let factor = 2.0 * error / count as f64;
            for (sum, gradient) in sums.iter_mut().zip(&gradients) {
                for (sum, x) in sum.iter_mut().zip(gradient) {
                    *sum += factor * x;
                }
            }
            for (square, x) in squares.iter_mut().zip(&curve) {
                *square += (factor * x).powi(2);
            }
        }
        close("loss", &[measured.loss], &[loss], 1e-13);
        for k in 0..4 {
            close(NAMES[k], &measured.gradients[k], &sums[k], 1e-12);
        }
        let norms: Vec<f64> = squares.iter().map(|square: &f64| square.sqrt()).collect();
        for (got, want) in measured.norms.iter().zip(&norms) {
            assert!(
                (got - want).abs() <= 1e-11 * want,
                "{kind:?}: {got} for {want}"
            );
        }
    }
}

/// Finite differences of the loss, for the IndRNN too.
#[test]
fn gradients_of_training_are_finite_differences() {
    for (kind, task) in [
        (Kind::Indrnn, Task::Copy),
        (Kind::Indrnn, Task::Adding),
        (Kind::Lstm, Task::Order),
        (Kind::Gru, Task::Latch),
    ] {
        let shape = Shape {
            kind,
            inputs: task.inputs(),
            hidden: 4,
            outputs: task.outputs(),
        };
        let mut network = Network::<f64>::draw(shape, Start::Pytorch, None, None, 11).unwrap();
        let batch = task.batch(1, 0, 12, 3);
        let mut engine = Engine::new(1, 0);
        let gradients = engine.measure(&network, &batch).gradients;
        for (k, gradient) in gradients.iter().enumerate() {
            let top = gradient.iter().fold(0.0, |top: f64, x| top.max(x.abs()));
            for (j, &want) in gradient.iter().enumerate() {
                let mut at = |shift: f64| {
                    network.tensors[k][j] += shift;
                    let loss = engine.measure(&network, &batch).loss;
                    network.tensors[k][j] -= shift;
                    loss
                };
                let got = (at(1e-6) - at(-1e-6)) / 2e-6;
                let what = format!("{kind:?} {} {j}", NAMES[k]);
                assert!(
                    (got - want).abs() <= 1e-6 * top.max(1e-2),
                    "{what}: {got} for {want}"
                );
            }
        }
    }
}

/// Without any memory the loss is the chance level, which the best constant output has.
#[test]
fn chance_is_what_a_constant_makes_of_it() {
    for (task, length, constant) in [
        (Task::Adding, 20, vec![1.0]),
        (Task::Order, 50, vec![0.0; 4]),
        (Task::Latch, 10, vec![0.0; 2]),
        (Task::Xor, 10, vec![0.0; 2]),
    ] {
        let shape = Shape {
            kind: Kind::Rnn,
            inputs: task.inputs(),
            hidden: 1,
            outputs: task.outputs(),
        };
        let tensors = shape.zeros();
        let mut network = Network::<f64> { shape, tensors };
        network.tensors[5] = constant;
        let batch = task.batch(1, 1, length, 20_000);
        let loss = Engine::new(1, 0).measure(&network, &batch).loss;
        let chance = task.chance(length);
        assert!(
            (loss - chance).abs() < 0.02 * chance,
            "{task:?}: {loss} for {chance}"
        );
    }
    // Copying: the blank for certain in T + 10 steps, then a guess among eight.
    assert!((Task::Copy.chance(300) - 0.0650).abs() < 5e-5);
    assert!((Task::Copy.chance(50) - 0.2971).abs() < 5e-5);
}

/// What is asked for is in the inputs: a rule that reads them finds every target.
#[test]
fn targets_follow_from_the_inputs() {
    let (length, count) = (40, 50);
    let at = |batch: &Batch, d: usize, t: usize, n: usize, k: usize| {
        batch.inputs[(t * count + n) * d + k]
    };
    let marked = |batch: &Batch, n: usize| -> Vec<(usize, f64)> {
        let steps = (0..length).filter(|&t| at(batch, 2, t, n, 1) == 1.0);
        steps.map(|t| (t, at(batch, 2, t, n, 0))).collect()
    };
    let adding = Task::Adding.batch(2, 7, length, count);
    let xor = Task::Xor.batch(2, 7, length, count);
    let copy = Task::Copy.batch(2, 7, length, count);
    let order = Task::Order.batch(2, 7, length, count);
    let latch = Task::Latch.batch(2, 7, length, count);
    assert_eq!(copy.steps, length + 20);
    let classes = |batch: &Batch| match &batch.targets {
        Targets::Classes(classes) => classes.clone(),
        Targets::Numbers(_) => panic!("classes"),
    };
    for n in 0..count {
        let two = marked(&adding, n);
        assert!(two.len() == 2 && two[0].0 < length / 2 && two[1].0 >= length / 2);
        let Targets::Numbers(sums) = &adding.targets else {
            panic!("numbers");
        };
        assert_eq!(sums[n], two[0].1 + two[1].1);
        let bits = marked(&xor, n);
        assert_eq!(classes(&xor)[n], u32::from(bits[0].1 != bits[1].1));
        let symbol = |t: usize| (0..10).position(|k| at(&copy, 10, t, n, k) == 1.0).unwrap();
        for t in 0..copy.steps {
            let want = if t < length + 10 {
                0
            } else {
                symbol(t - length - 10)
            };
            assert_eq!(classes(&copy)[t * count + n] as usize, want);
            assert_eq!(symbol(t) == 9, t == length + 9);
        }
        let seen = (0..length).flat_map(|t| (4..6).map(move |k| (t, k)));
        let seen: Vec<(usize, usize)> = seen
            .filter(|&(t, k)| at(&order, 6, t, n, k) == 1.0)
            .collect();
        assert!(seen.len() == 2 && (4..8).contains(&seen[0].0) && (16..20).contains(&seen[1].0));
        assert_eq!(
            classes(&order)[n] as usize,
            2 * (seen[0].1 - 4) + seen[1].1 - 4
        );
        let told: f64 = (0..3).map(|t| at(&latch, 1, t, n, 0)).sum();
        assert_eq!(classes(&latch)[n], u32::from(told > 0.0));
    }
    assert_eq!(adding, Task::Adding.batch(2, 7, length, count));
    assert_ne!(adding, Task::Adding.batch(2, 8, length, count));
    assert_ne!(adding, Task::Adding.batch(3, 7, length, count));
}

/// A norm clipped update of an RNN with ρ = 1.5 stays bounded where the same run without clipping is
/// lost: the first updates of the standard demonstration.
#[test]
fn clipping_saves_what_explodes() {
    let largest = |clip: Clip| {
        let shape = Shape {
            kind: Kind::Rnn,
            inputs: 2,
            hidden: 64,
            outputs: 1,
        };
        let start = Start::Recurrent(rnntop::cell::Init::Orthogonal);
        let mut network = Network::<f64>::draw(shape, start, Some(1.5), None, 11).unwrap();
        let mut optimiser = Optimiser::new(Rule::Sgd, 0.0, 0.0, &[]);
        let mut engine = Engine::new(2, 0);
        let mut largest = 0.0;
        for update in 0..14 {
            let batch = Task::Adding.batch(11, update, 100, 32);
            let mut measured = engine.measure(&network, &batch);
            largest = f64::max(largest, measured.loss);
            clip.apply(&mut measured.gradients);
            optimiser.update(0.03, &mut network.tensors, &measured.gradients);
        }
        largest
    };
    assert!(largest(Clip::Off) > 10.0);
    assert!(largest(Clip::Norm(1.0)) < 3.0);
}
