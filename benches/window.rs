//! One window, forward and backward: the work behind every picture.
//!
//! T = 200 steps, D = 8 inputs, float64, one thread: the forward pass, δh_t and δc_t for every t,
//! every path's share and contribution, and the gradients of all parameters with their norm.
//! `benches/README.md` compares it with PyTorch and JAX.

use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use rnntop::cell::forward::forward;
use rnntop::cell::{Activation, Cell, CellKind, ForgetGate, Init, Lstm, PathSet, Rnn, init};
use rnntop::flow::{ClipMode, Loss, Request, Scratch, analyse};

const STEPS: usize = 200;
const INPUTS: usize = 8;
const HIDDEN: [usize; 6] = [1, 16, 32, 64, 128, 256];

fn windows(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("window");
    for hidden in HIDDEN {
        let draw = |kind| {
            let (parameters, _) =
                init::draw(kind, hidden, INPUTS, Init::Orthogonal, false, 7).expect("converges");
            parameters
        };
        let lstm = Lstm::new(draw(CellKind::Lstm), ForgetGate::Learned(None));
        window(&mut group, BenchmarkId::new("lstm", hidden), &lstm);
        let rnn = Rnn::new(draw(CellKind::Rnn), Activation::Tanh);
        window(&mut group, BenchmarkId::new("rnn", hidden), &rnn);
    }
}

fn window<C: Cell>(group: &mut BenchmarkGroup<WallTime>, id: BenchmarkId, cell: &C) {
    let inputs = Array2::from_shape_fn((STEPS, INPUTS), |(t, j)| ((t * 31 + j * 17) as f64).sin());
    let v = init::unit_vector(cell.parameters().hidden(), Init::Orthogonal, 7);
    let request = Request {
        loss: Loss::Last(v.as_slice().expect("one row")),
        cuts: PathSet::EMPTY,
        alone: false,
        without: false,
        clip: (ClipMode::Norm, 5.0),
    };
    // As in the program, a window has the memory of the one before. Made anew for every sample, its pages
    // would come from the system in the first window of each, which is then up to a fifth slower.
    let mut tape = cell.tape(STEPS);
    let mut scratch = Scratch::default();
    let mut run = || {
        forward(cell, inputs.view(), &mut tape, &mut |_| true).expect("stays finite");
        black_box(analyse(
            cell,
            &tape,
            inputs.view(),
            &request,
            Vec::new(),
            &mut scratch,
            &mut |_| true,
        ))
    };
    group.bench_function(id, |bencher| bencher.iter(&mut run));
}

criterion_group!(benches, windows);
criterion_main!(benches);
