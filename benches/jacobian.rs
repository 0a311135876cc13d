//! What is computed beyond a window's flow: products of Jacobians, Lyapunov exponents, hop orders.
//!
//! An LSTM with D = 8 inputs over T = 200 steps, float64, one thread; the forward pass stands outside
//! the products, exponents and orders, and inside `with forward`, which is what
//! `torch.func.jacrev` of the unrolled window does.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use rnntop::cell::forward::forward;
use rnntop::cell::{Cell, CellKind, ForgetGate, Init, Lstm, PathSet, StepJacobian, Tape, init};
use rnntop::flow::{self, ClipMode, Loss, Product, Request, Scratch, Sliding};

const STEPS: usize = 200;
const INPUTS: usize = 8;

fn lstm(hidden: usize) -> Lstm {
    let drawn = init::draw(CellKind::Lstm, hidden, INPUTS, Init::Orthogonal, false, 7);
    let (parameters, _) = drawn.expect("converges");
    Lstm::new(parameters, ForgetGate::Learned(None))
}

fn inputs() -> Array2<f64> {
    Array2::from_shape_fn((STEPS, INPUTS), |(t, j)| ((t * 31 + j * 17) as f64).sin())
}

fn run(cell: &Lstm) -> Tape {
    let mut tape = cell.tape(STEPS);
    forward(cell, inputs().view(), &mut tape, &mut |_| true).expect("stays finite");
    tape
}

/// ∂s_T/∂s_0, and the exponents of the same window.
fn products(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("jacobian");
    for hidden in [16, 32, 64] {
        let cell = lstm(hidden);
        let tape = run(&cell);
        group.bench_function(BenchmarkId::new("product", hidden), |b| {
            b.iter(|| black_box(flow::jacobian::product(&cell, &tape, 0, &mut |_| true)));
        });
        let inputs = inputs();
        group.bench_function(BenchmarkId::new("product with forward", hidden), |b| {
            let mut tape = cell.tape(STEPS);
            b.iter(|| {
                forward(&cell, inputs.view(), &mut tape, &mut |_| true).expect("stays finite");
                black_box(flow::jacobian::product(&cell, &tape, 0, &mut |_| true))
            });
        });
        group.bench_function(BenchmarkId::new("lyapunov", hidden), |b| {
            b.iter(|| black_box(flow::lyapunov(&cell, &tape, &mut |_| true)));
        });
    }
}

/// One step of a window that slides: the product after it.
fn sliding(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("slide");
    let hidden = 32;
    let cell = lstm(hidden);
    let tape = run(&cell);
    let steps: Vec<StepJacobian> = (1..=STEPS)
        .map(|t| {
            let mut step = StepJacobian::zeros(&tape);
            cell.jacobian(&tape, t, &mut step);
            step
        })
        .collect();
    let mut window = Sliding::new(2 * hidden);
    for step in &steps {
        window.push(step.clone());
    }
    let mut t = 0;
    group.bench_function(BenchmarkId::new("two stacks", hidden), |b| {
        b.iter(|| {
            t = (t + 1) % STEPS;
            window.push(steps[t].clone());
            window.pop();
            black_box(window.product())
        });
    });
    group.bench_function(BenchmarkId::new("anew", hidden), |b| {
        b.iter(|| {
            let mut product = Product::identity(2 * hidden);
            for step in &steps {
                product.extend(step);
            }
            black_box(product)
        });
    });
}

/// Hop orders 0 to K beside one backward pass (totals only) over the same window.
fn hops(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hops");
    let hidden = 64;
    let cell = lstm(hidden);
    let tape = run(&cell);
    let v = init::unit_vector(hidden, Init::Orthogonal, 7);
    let loss = Loss::Last(v.as_slice().expect("one row"));
    for orders in [0, 16, 200] {
        group.bench_function(BenchmarkId::new("orders", orders), |b| {
            b.iter(|| {
                let cuts = PathSet::EMPTY;
                black_box(flow::hops(&cell, &tape, loss, cuts, orders, &mut |_| true))
            });
        });
    }
    let request = Request {
        loss,
        cuts: PathSet::EMPTY,
        alone: false,
        without: false,
        clip: (ClipMode::Norm, 5.0),
    };
    let inputs = inputs();
    let mut scratch = Scratch::default();
    group.bench_function("one backward pass with shares", |b| {
        b.iter(|| {
            let sizes = Vec::new();
            black_box(flow::analyse(
                &cell,
                &tape,
                inputs.view(),
                &request,
                sizes,
                &mut scratch,
                &mut |_| true,
            ))
        });
    });
}

criterion_group!(benches, products, sliding, hops);
criterion_main!(benches);
