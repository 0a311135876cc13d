//! A map of 101 × 51 points at H = 32, T = 200: windows per second on one thread and on two.
//!
//! `cargo bench --bench sweep` computes it on each, `cargo bench --bench sweep -- 1` on one; without `--bench`,
//! as in tests, one window is enough. `sweep_peers.py` does the same in a PyTorch loop and with JAX's vmap and
//! jit.

#![allow(clippy::unwrap_used)] // A bench fails loudly.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use rnntop::cell::CellKind;
use rnntop::sim::Settings;
use rnntop::sweep::{Axis, Listener, Pool, Spec};

const TIME: Duration = Duration::from_secs(10);

fn main() {
    let thorough = std::env::args().any(|word| word == "--bench");
    let time = if thorough { TIME } else { Duration::ZERO };
    let axis = |text| Axis::parse(text).unwrap();
    let (x, y) = (axis("rho=0.5:2:101"), axis("forget=0:1:51"));
    let cell = CellKind::Lstm.into();
    let spec = Spec::new(cell, Settings::default(), Arc::default(), x, y, 1).unwrap();
    let spec = Arc::new(spec);
    let words = std::env::args().skip(1);
    let mut counts: Vec<usize> = words.filter_map(|word| word.parse().ok()).collect();
    if counts.is_empty() {
        counts = vec![1, 2];
    }
    for threads in counts {
        let (sender, receiver) = mpsc::channel();
        let listener: Listener = Arc::new(move |done| _ = sender.send(done));
        let begun = Instant::now();
        let pool = Pool::start(&spec, spec.order(), threads, &listener).unwrap();
        drop(listener);
        let mut windows = 0;
        while windows < spec.windows() && (windows == 0 || begun.elapsed() < time) {
            // As the program does: to be woken for every window would take from the threads.
            thread::sleep(Duration::from_millis(1));
            windows += receiver.try_iter().count();
        }
        let seconds = begun.elapsed().as_secs_f64();
        drop(pool);
        println!(
            "{threads} threads: {windows} windows in {seconds:.2} s, {:.0}/s",
            windows as f64 / seconds
        );
    }
}
