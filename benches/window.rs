//! One window, forward and backward: the work behind every picture.
//!
//! T = 200 steps, D = 8 inputs, float64, one thread: the forward pass, δh_t and δc_t for every t,
//! every path's share and contribution, and the gradients of all parameters with their norm.
//! `benches/README.md` compares it with PyTorch and JAX.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use gradtop::cell::forward::forward;
use gradtop::cell::{Activation, Cell, CellKind, ForgetGate, Init, Lstm, PathSet, Rnn, init};
use gradtop::flow::{ClipMode, Loss, Request, Scratch, analyse};
use ndarray::Array2;

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
        group.bench_function(BenchmarkId::new("lstm", hidden), |b| window(b, &lstm));
        let rnn = Rnn::new(draw(CellKind::Rnn), Activation::Tanh);
        group.bench_function(BenchmarkId::new("rnn", hidden), |b| window(b, &rnn));
    }
}

fn window<C: Cell>(bencher: &mut criterion::Bencher, cell: &C) {
    let inputs = Array2::from_shape_fn((STEPS, INPUTS), |(t, j)| ((t * 31 + j * 17) as f64).sin());
    let v = init::unit_vector(cell.parameters().hidden(), Init::Orthogonal, 7);
    let request = Request {
        loss: Loss::Last(v.as_slice().expect("one row")),
        cuts: PathSet::EMPTY,
        alone: false,
        without: false,
        clip: (ClipMode::Norm, 5.0),
    };
    let mut tape = cell.tape(STEPS);
    let mut scratch = Scratch::default();
    bencher.iter(|| {
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
    });
}

criterion_group!(benches, windows);
criterion_main!(benches);
