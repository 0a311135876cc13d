//! One update of training on the adding problem, T = 100, batch 32, Adam, norm clipped to 1, the batch
//! made in the step: milliseconds of wall time, the median and the best of some seconds.
//!
//! `cargo bench --bench train [-- lstm 64]` prints a line for each kind of number and number of
//! threads, with the keys of a program that measures another library in the same way. Without `--bench`,
//! as in tests, one update of each is enough.

#![allow(clippy::unwrap_used)] // A bench fails loudly.

use std::time::{Duration, Instant};

use rnntop::train::{Clip, Engine, Kind, Network, Optimiser, Real, Rule, Shape, Start, Task};

const STEPS: usize = 100;
const BATCH: usize = 32;
const TIME: Duration = Duration::from_secs(3);

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let thorough = words.iter().any(|word| word == "--bench");
    let time = if thorough { TIME } else { Duration::ZERO };
    let known = |name: &str| words.iter().any(|word| word == name);
    let any_cell = ["lstm", "rnn", "gru"].into_iter().any(known);
    let any_size = ["32", "64", "128"].into_iter().any(known);
    for (cell, kind) in [("lstm", Kind::Lstm), ("rnn", Kind::Rnn), ("gru", Kind::Gru)] {
        for hidden in [32, 64, 128] {
            let skipped = (any_cell && !known(cell)) || (any_size && !known(&hidden.to_string()));
            for threads in [1, 2] {
                if !skipped {
                    measure::<f32>(cell, kind, hidden, threads, time);
                    measure::<f64>(cell, kind, hidden, threads, time);
                }
            }
        }
    }
}

fn measure<T: Real>(cell: &str, kind: Kind, hidden: usize, threads: usize, time: Duration) {
    let task = Task::Adding;
    let shape = Shape {
        kind,
        inputs: task.inputs(),
        hidden,
        outputs: task.outputs(),
    };
    let mut network: Network<T> = Network::draw(shape, Start::Pytorch, None, None, 1).unwrap();
    let mut engine = Engine::new(threads, 0);
    let mut optimiser = Optimiser::new(Rule::Adam, 0.0, 0.0, &shape.zeros());
    let mut times = Vec::new();
    let mut update = 0;
    let start = Instant::now();
    // The first ones find memory and cores that are not warm yet.
    let warm = if time.is_zero() { 0 } else { 20 };
    while times.is_empty() || start.elapsed() < time {
        let before = Instant::now();
        let batch = task.batch(1, update, STEPS, BATCH);
        let mut measured = engine.measure(&network, &batch);
        Clip::Norm(1.0).apply(&mut measured.gradients);
        optimiser.update(1e-3, &mut network.tensors, &measured.gradients);
        update += 1;
        if update > warm {
            times.push(before.elapsed().as_secs_f64() * 1e3);
        }
    }
    times.sort_by(f64::total_cmp);
    let (median, best) = (times[times.len() / 2], times[0]);
    println!(
        r#"{{"peer": "rnntop", "cell": "{cell}", "hidden": {hidden}, "dtype": "{}", "threads": {threads}, "wall_med_ms": {median:.2}, "wall_min_ms": {best:.2}, "n": {}}}"#,
        T::DTYPE.to_string().replace('F', "float"),
        times.len()
    );
}
