//! What is true of every cell, whatever its weights: finite differences, shares that add up, and
//! agreement with the plain recursion.

use std::sync::Arc;

use crate::common::random::{
    Build, Gru, IndRnn, Lru, Lstm, MinGru, MinLstm, Random, Rnn, Variant, Window,
};
use ndarray::Array2;
use proptest::prelude::*;
use rnntop::cell::forward::forward;
use rnntop::cell::{
    self, Activation, Cell, CellKind, ForgetGate, Parameters, PathSet, Reset, Semantics,
    StepJacobian, Tape,
};
use rnntop::flow::{self, ClipMode, Flow, Loss, Request, Scratch, Sliding};
use rnntop::num::Wide;
use rnntop::num::wide::scale_by_power_of_two;
use rnntop::sim::{Ask, Data, Settings, Side, Simulation};

/// Runs a window forward from its initial state.
pub fn tape<C: Cell>(cell: &C, window: &Window) -> Tape {
    let n = cell.parameters().hidden();
    let mut tape = cell.tape(window.inputs.nrows());
    tape.h[..n].copy_from_slice(&window.h0);
    if !tape.c.is_empty() {
        tape.c[..n].copy_from_slice(&window.c0);
    }
    forward(cell, window.inputs.view(), &mut tape, &mut |_| true).unwrap();
    tape
}

fn analyse<C: Cell>(cell: &C, window: &Window) -> Flow {
    analyse_cut(cell, window, PathSet::EMPTY)
}

pub fn analyse_cut<C: Cell>(cell: &C, window: &Window, cuts: PathSet) -> Flow {
    let request = Request {
        loss: window.loss(),
        cuts,
        alone: false,
        without: false,
        clip: (ClipMode::Off, 1.0),
    };
    let tape = tape(cell, window);
    flow::analyse(
        cell,
        &tape,
        window.inputs.view(),
        &request,
        Vec::new(),
        &mut Scratch::default(),
        &mut |_| true,
    )
    .unwrap()
}

/// The slope of L in one number by central differences.
struct Slope {
    value: f64,
    /// How far the differences over two distances lie apart: much where a kink of relu is between.
    apart: f64,
    /// What the rounding of L may have done to it.
    rounding: f64,
}

fn slope(loss: &mut dyn FnMut(f64) -> f64) -> Slope {
    const STEP: f64 = 1e-5;
    let mut size = 0.0f64;
    let mut over = |step: f64| {
        let (up, down) = (loss(step), loss(-step));
        size = size.max(up.abs()).max(down.abs());
        (up - down) / (2.0 * step)
    };
    let (near, far) = (over(STEP), over(2.0 * STEP));
    Slope {
        // Together they leave out the error of the third derivative.
        value: (4.0 * near - far) / 3.0,
        apart: (near - far).abs(),
        rounding: 1e-14 * size / STEP,
    }
}

/// Compares analytic numbers with differences, against the largest of them.
fn compare(name: &str, analytic: &[f64], differences: &[Slope]) -> Result<(), TestCaseError> {
    prop_assert_eq!(analytic.len(), differences.len());
    let scale = analytic.iter().fold(1e-2, |top: f64, x| top.max(x.abs()));
    let mut kinks = 0;
    for (j, (a, d)) in analytic.iter().zip(differences).enumerate() {
        let slack = 1e-6 * scale + d.rounding;
        if d.apart > slack {
            kinks += 1;
            continue;
        }
        prop_assert!(
            (a - d.value).abs() < slack,
            "{} [{}]: analytic {:e}, differences {:e}",
            name,
            j,
            a,
            d.value
        );
    }
    // Draws anew when a unit of relu is so near its kink that nothing can be said.
    prop_assume!(2 * kinks <= analytic.len() + 1);
    Ok(())
}

/// The element `j` of a tensor by its name in PyTorch.
fn element<'a>(parameters: &'a mut Parameters, name: &str, j: usize) -> &'a mut f64 {
    let biases = parameters.biases.as_mut();
    let peepholes = parameters.peepholes.as_mut();
    let diagonal = parameters.diagonal.as_mut();
    let flat = match name {
        "lambda_modulus" => diagonal.and_then(|d| d.modulus.as_slice_mut()),
        "lambda_angle" => diagonal.and_then(|d| d.angle.as_slice_mut()),
        "weight_gates" => parameters.gates_r.as_mut().and_then(|r| r.as_slice_mut()),
        "gamma" => diagonal.and_then(|d| d.gamma.as_slice_mut()),
        "weight_ih" => parameters.w.as_slice_mut(),
        "weight_hh" => parameters.r.as_slice_mut(),
        "bias_ih" => biases.and_then(|b| b[0].as_slice_mut()),
        "bias_hh" => biases.and_then(|b| b[1].as_slice_mut()),
        "weight_peephole_i" => peepholes.and_then(|p| p[0].as_slice_mut()),
        "weight_peephole_f" => peepholes.and_then(|p| p[1].as_slice_mut()),
        _ => peepholes.and_then(|p| p[2].as_slice_mut()),
    };
    &mut flat.unwrap()[j]
}

/// Every parameter tensor, h_0 and c_0.
fn finite_differences<B: Build>(
    build: &B,
    parameters: &Parameters,
    window: &Window,
) -> Result<(), TestCaseError> {
    let cell = build.cell(parameters.clone());
    let first = tape(&cell, window);
    let inputs = window.inputs.view();
    let gradients =
        flow::parameter_gradients(&cell, &first, inputs, window.loss(), &mut |_| true).unwrap();
    let own = cell.parameters();
    let recurrent = usize::from(own.kind.has_recurrent_matrices());
    let tensors = 1
        + usize::from(!own.r.is_empty())
        + (1 + recurrent) * usize::from(own.biases.is_some())
        + 3 * usize::from(own.peepholes.is_some())
        + usize::from(own.gates_r.is_some())
        + 3 * usize::from(own.diagonal.is_some());
    prop_assert_eq!(gradients.len(), tensors);
    let value = |parameters: Parameters, window: &Window| {
        let cell = build.cell(parameters);
        window
            .loss()
            .value(&tape(&cell, window))
            .to_f64()
            .unwrap_or(0.0)
    };
    for gradient in &gradients {
        let differences: Vec<Slope> = (0..gradient.mantissas.len())
            .map(|j| {
                slope(&mut |step| {
                    let mut moved = parameters.clone();
                    *element(&mut moved, gradient.name, j) += step;
                    value(moved, window)
                })
            })
            .collect();
        let analytic: Vec<f64> = gradient
            .mantissas
            .iter()
            .map(|&m| scale_by_power_of_two(m, gradient.exponent))
            .collect();
        compare(gradient.name, &analytic, &differences)?;
    }
    let flow = analyse(&cell, window);
    let initial = |name: &str, norm: f64, place: fn(&mut Window) -> &mut Vec<f64>| {
        let slopes = (0..parameters.hidden()).map(|j| {
            slope(&mut |step| {
                let mut moved = window.clone();
                place(&mut moved)[j] += step;
                value(parameters.clone(), &moved)
            })
        });
        let whole = Slope {
            value: 0.0,
            apart: 0.0,
            rounding: 0.0,
        };
        let whole = slopes.fold(whole, |sum, one| Slope {
            value: sum.value.hypot(one.value),
            apart: sum.apart.hypot(one.apart),
            rounding: sum.rounding.hypot(one.rounding),
        });
        compare(name, &[norm], &[whole])
    };
    initial("h_0", flow.grad_h0.saturating_f64(), |w| &mut w.h0)?;
    match flow.grad_c0 {
        Some(norm) => initial("c_0", norm.saturating_f64(), |w| &mut w.c0),
        None => Ok(()),
    }
}

/// The terms of the paths add up to δ_t, and their contributions to 1.
fn shares_add_up(flow: &Flow) -> Result<(), TestCaseError> {
    for (k, total) in flow.main().iter().enumerate() {
        if total.is_zero() {
            continue;
        }
        // Where terms cancel, their rounding counts against the largest of them.
        let ratios = flow.paths.iter().filter_map(|p| p.share[k].ratio(*total));
        let cancelling = ratios.fold(1.0, |top: f64, r| top.max(r.saturating_f64()));
        prop_assert!(
            flow.residual[k] < 1e-13 * cancelling,
            "residual {:e} at step {}",
            flow.residual[k],
            k + 1
        );
        let sum: f64 = flow.paths.iter().map(|p| p.contribution[k]).sum();
        prop_assert!(
            (sum - 1.0).abs() < 1e-12 * cancelling,
            "contributions add up to {} at step {}",
            sum,
            k + 1
        );
    }
    Ok(())
}

/// The norm of a vector whose squares may leave float64.
fn length(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |sum: f64, x| sum.hypot(*x))
}

/// What would land on the state of each step 0 … T if nothing cancelled: Δ and the Jacobians in
/// magnitudes. What rounding may do to a gradient is in proportion to it.
fn magnitudes<C: Cell>(cell: &C, tape: &Tape, window: &Window) -> Vec<Vec<f64>> {
    let mut landed: Vec<Vec<f64>> = Vec::new();
    for t in (0..=tape.steps).rev() {
        let mut all = vec![0.0; tape.parts() * tape.hidden];
        if let Some(after) = landed.last() {
            let step = step_jacobian(cell, tape, t + 1);
            step.magnitudes().right_times(after, &mut all);
        }
        if t > 0 {
            let injected = window.injected(tape, t);
            all.iter_mut()
                .zip(&injected)
                .for_each(|(x, d)| *x += d.abs());
        }
        landed.push(all);
    }
    landed.reverse();
    landed
}

/// Orders and remainder add up to the total, and the carousel alone is what the orders say of it.
fn orders_add_up<C: Cell>(cell: &C, window: &Window, orders: usize) -> Result<(), TestCaseError> {
    let tape = tape(cell, window);
    let split = |orders| {
        flow::hops(
            cell,
            &tape,
            window.loss(),
            PathSet::EMPTY,
            orders,
            &mut |_| true,
        )
        .unwrap()
    };
    let some = split(orders);
    // Within a Jacobian paths may cancel, too.
    let slack: Vec<Wide> = magnitudes(cell, &tape, window)
        .iter()
        .map(|all| Wide::from_f64(1e-10 * length(all)))
        .collect();
    for (k, residual) in some.residual.iter().enumerate() {
        let parts = some.grad_c.as_ref().unwrap_or(&some.grad_h);
        let largest =
            parts.at(k + 1).iter().fold(
                parts.rest[k],
                |top, part| if *part > top { *part } else { top },
            );
        prop_assert!(
            *residual < 1e-12 || largest.times(Wide::from_f64(*residual)) <= slack[k + 1],
            "residual {:e} at step {}",
            residual,
            k + 1
        );
    }
    // Kept to the end, nothing is left over, and the lower orders are the same.
    let all = split((2 * tape.steps).max(orders));
    for t in 1..=tape.steps {
        prop_assert!(all.grad_h.rest[t - 1].is_zero());
        prop_assert_eq!(some.grad_h.at(t), &all.grad_h.at(t)[..=orders]);
    }
    let none = split(0);
    let total = analyse(cell, window).totals.grad_h;
    let (kept, rest) = (none.grad_h.at(1)[0], none.grad_h.rest[0]);
    let bound = kept.plus(rest).plus(slack[1]);
    prop_assert!(total[0] <= bound, "the triangle inequality of two parts");
    Ok(())
}

/// The Jacobian of step t.
fn step_jacobian<C: Cell>(cell: &C, tape: &Tape, t: usize) -> StepJacobian {
    let mut step = StepJacobian::zeros(tape);
    cell.jacobian(tape, t, &mut step);
    step
}

fn jacobians<C: Cell>(cell: &C, window: &Window) -> Result<(), TestCaseError> {
    let tape = tape(cell, window);
    let (n, steps) = (tape.hidden, tape.steps);
    let product = flow::jacobian::product(cell, &tape, 0, &mut |_| true).unwrap();
    let mut start = ndarray::Array1::zeros(product.size());
    for (x, v) in start.iter_mut().zip(&window.v) {
        *x = *v;
    }
    let back = ndarray::ArrayView2::from_shape((start.len(), start.len()), product.mantissas())
        .unwrap()
        .t()
        .dot(&start);
    let norm = |range: std::ops::Range<usize>| {
        let squares: f64 = back
            .iter()
            .skip(range.start)
            .take(range.len())
            .map(|x| x * x)
            .sum();
        scale_by_power_of_two(squares.sqrt(), product.exponent())
    };
    let flow = analyse(cell, window);
    // Within a Jacobian paths may cancel, too.
    let slack = 1e-10 * length(&magnitudes(cell, &tape, window)[0]);
    for (got, want) in [
        (norm(0..n), Some(flow.grad_h0)),
        (norm(n..2 * n), flow.grad_c0),
    ] {
        let want = want.map_or(0.0, Wide::saturating_f64);
        prop_assert!((got - want).abs() <= slack, "{:e} for {:e}", got, want);
    }

    let lyapunov = flow::lyapunov(cell, &tape, &mut |_| true).unwrap();
    // Neither an exponent of the frame nor a gradient grows faster than the best placed disturbance.
    let largest = lyapunov.largest();
    for &exponent in &lyapunov.exponents {
        prop_assert!(
            exponent <= largest || exponent - largest <= 1e-8 * exponent.abs().max(1.0),
            "{exponent} above {largest}"
        );
    }
    if lyapunov.singular.is_none() {
        let mut logarithms = 0.0;
        for t in 1..=steps {
            let mut one = flow::Product::identity(start.len());
            one.extend(&step_jacobian(cell, &tape, t));
            let values = one.singular_values().unwrap();
            logarithms += values.iter().map(|s| s.log10()).sum::<f64>() * std::f64::consts::LN_10;
        }
        let sum: f64 = lyapunov.exponents.iter().sum();
        let want = logarithms / steps as f64;
        // As exact as the smallest diagonal element allows.
        prop_assert!(
            (sum - want).abs() < 1e-2 * want.abs().max(1.0),
            "{} for {}",
            sum,
            want
        );
    } else {
        prop_assert!(lyapunov.exponents.contains(&f64::NEG_INFINITY));
    }
    Ok(())
}

/// Slides a window of `length` over all steps and compares with multiplying anew.
fn slide<C: Cell>(cell: &C, whole: &Window, length: usize) -> Result<(), TestCaseError> {
    let tape = tape(cell, whole);
    let steps: Vec<StepJacobian> = (1..=tape.steps)
        .map(|t| step_jacobian(cell, &tape, t))
        .collect();
    let size = steps[0].size();
    let mut sliding = Sliding::new(size);
    prop_assert!(sliding.is_empty() && !sliding.clone().pop());
    for (k, step) in steps.iter().enumerate() {
        sliding.push(step.clone());
        if sliding.len() > length {
            prop_assert!(sliding.pop());
        }
        let first = (k + 1).saturating_sub(length);
        prop_assert_eq!(sliding.len(), k + 1 - first);
        let mut anew = flow::Product::identity(size);
        steps[first..=k].iter().for_each(|step| anew.extend(step));
        let got = sliding.product();
        let shift = got.exponent() - anew.exponent();
        let mut magnitudes = flow::Product::identity(size);
        (steps[first..=k].iter()).for_each(|step| magnitudes.extend(&step.magnitudes()));
        let above = magnitudes.exponent() - anew.exponent();
        let pairs = got.mantissas().iter().zip(anew.mantissas());
        for ((got, want), magnitude) in pairs.zip(magnitudes.mantissas()) {
            let got = scale_by_power_of_two(*got, shift);
            let slack = 1e-13 * scale_by_power_of_two(*magnitude, above);
            prop_assert!((got - want).abs() <= slack, "{:e} for {:e}", got, want);
        }
    }
    Ok(())
}

pub fn activation() -> impl Strategy<Value = Activation> {
    prop_oneof![
        Just(Activation::Tanh),
        Just(Activation::Relu),
        Just(Activation::Linear)
    ]
}

/// PyTorch's functions half of the time, any others else.
pub fn semantics() -> impl Strategy<Value = Semantics> {
    let any = || prop::sample::select(Activation::WORDS.map(|(_, f)| f).to_vec());
    let gate = prop::sample::select(Activation::GATES.map(|(_, f)| f).to_vec());
    let resets = prop::sample::select(vec![Reset::After, Reset::Before]);
    let all = (any(), any(), gate, resets).prop_map(|(activation, state, gate, reset)| Semantics {
        activation,
        state,
        gate,
        reset,
    });
    prop_oneof![Just(Semantics::default()), all]
}

pub fn forget() -> impl Strategy<Value = ForgetGate> {
    prop_oneof![
        Just(ForgetGate::Learned(None)),
        (0.0..1.05f64).prop_map(ForgetGate::Pinned),
        Just(ForgetGate::None)
    ]
}

pub fn variant() -> impl Strategy<Value = cell::Variant> {
    prop::sample::select(cell::Variant::ALL.to_vec())
}

/// Does the same with a random cell of each kind; `Ok` or the first failure.
macro_rules! with_cell {
    ($kind:expr, $forget:expr, $variant:expr, $semantics:expr, |$build:ident| $body:expr) => {
        match $kind {
            CellKind::Rnn => {
                let $build = Rnn($semantics.activation);
                $body
            }
            CellKind::Lstm => {
                let $build = Variant($forget, $variant, $semantics);
                $body
            }
            CellKind::Gru => {
                let $build = Gru($semantics);
                $body
            }
            CellKind::MinGru => {
                let $build = MinGru;
                $body
            }
            CellKind::MinLstm => {
                let $build = MinLstm;
                $body
            }
            CellKind::Lru => {
                let $build = Lru;
                $body
            }
            CellKind::IndRnn => {
                let $build = IndRnn($semantics.activation);
                $body
            }
        }
    };
}

pub(crate) use with_cell;

pub fn kind() -> impl Strategy<Value = CellKind> {
    prop::sample::select(CellKind::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn differences_of_an_rnn(seed: u64, hidden in 1usize..5, biases: bool, activation in activation()) {
        let mut random = Random::new(seed);
        let parameters = random.parameters(&Rnn(activation), hidden, 2, biases, false, 0.8);
        let window = random.window(hidden, 2, 7, 0.8);
        finite_differences(&Rnn(activation), &parameters, &window)?;
    }

    #[test]
    fn differences_of_an_lstm(
        seed: u64, hidden in 1usize..5, biases: bool, peepholes: bool, forget in forget(),
    ) {
        let mut random = Random::new(seed);
        let parameters = random.parameters(&Lstm(forget), hidden, 2, biases, peepholes, 1.0);
        let window = random.window(hidden, 2, 7, 1.0);
        finite_differences(&Lstm(forget), &parameters, &window)?;
    }

    #[test]
    fn differences_of_a_gru(seed: u64, hidden in 1usize..5, biases: bool, semantics in semantics()) {
        let mut random = Random::new(seed);
        let build = Gru(semantics);
        let parameters = random.parameters(&build, hidden, 2, biases, false, 1.0);
        let window = random.window(hidden, 2, 7, 0.7);
        finite_differences(&build, &parameters, &window)?;
    }

    #[test]
    fn a_cut_keeps_the_totals_without_it(seed: u64, hidden in 1usize..9, cut in 0usize..7) {
        let mut random = Random::new(seed);
        let lstm = Lstm(ForgetGate::Learned(None));
        let cell = lstm.cell(random.parameters(&lstm, hidden, 2, true, true, 1.5));
        let window = random.window(hidden, 2, 30, 1.0);
        let whole = analyse(&cell, &window);
        prop_assert!(whole.uncut.is_none());
        let cuts = PathSet::of(&[cell.carried()[cut].path]);
        let flow = analyse_cut(&cell, &window, cuts);
        let uncut = flow.uncut.unwrap();
        prop_assert_eq!(uncut.main(), whole.main());
        // A path of another cell is no cut of this one.
        let none = analyse_cut(&cell, &window, PathSet::of(&[flow::Path::Candidate]));
        prop_assert!(none.uncut.is_none());
    }

    #[test]
    fn shares_of_a_gru(
        seed: u64, hidden in 1usize..40, steps in 2usize..60, semantics in semantics(),
    ) {
        let mut random = Random::new(seed);
        let build = Gru(semantics);
        // A state without bounds would leave float64.
        let gain = if semantics.activation.is_bounded() { 3.0 } else { 0.5 };
        let parameters = random.parameters(&build, hidden, 3, true, false, gain);
        let window = random.window(hidden, 3, steps, 1.0);
        shares_add_up(&analyse(&build.cell(parameters), &window))?;
    }

    #[test]
    fn differences_of_a_variant(
        seed: u64, hidden in 1usize..5, biases: bool, peepholes: bool, variant in variant(),
        semantics in semantics(),
    ) {
        let mut random = Random::new(seed);
        let build = Variant(ForgetGate::Learned(None), variant, semantics);
        let parameters = random.parameters(&build, hidden, 2, biases, peepholes, 1.0);
        let window = random.window(hidden, 2, 7, 0.7);
        finite_differences(&build, &parameters, &window)?;
        shares_add_up(&analyse(&build.cell(parameters), &window))?;
    }

    #[test]
    fn differences_of_cells_without_recurrent_matrices(
        seed: u64, hidden in 1usize..6, biases: bool, cell in 0usize..4,
    ) {
        let mut random = Random::new(seed);
        let kind = [CellKind::MinGru, CellKind::MinLstm, CellKind::Lru, CellKind::IndRnn][cell];
        let window = random.window(hidden, 2, 7, 1.0);
        with_cell!(kind, ForgetGate::None, cell::Variant::Plain, Semantics::default(), |build| {
            let parameters = random.parameters(&build, hidden, 2, biases, false, 1.0);
            finite_differences(&build, &parameters, &window)?;
            shares_add_up(&analyse(&build.cell(parameters), &window))?;
        });
    }

    #[test]
    fn hop_orders_add_up(
        seed: u64, hidden in 1usize..12, steps in 2usize..40, orders in 0usize..12, peepholes: bool,
        kind in kind(), variant in variant(), gain in 0.3..5.0f64, semantics in semantics(),
    ) {
        let mut random = Random::new(seed);
        let window = random.window(hidden, 2, steps, 1.0);
        with_cell!(kind, ForgetGate::Learned(None), variant, semantics, |build| {
            let parameters = random.parameters(&build, hidden, 2, true, peepholes, gain);
            orders_add_up(&build.cell(parameters), &window, orders)?;
        });
    }

    /// J(T, 0)ᵀ [v; 0] is the gradient of v·h_T with respect to the initial state; the sum of the
    /// exponents is the mean logarithm of the determinants.
    #[test]
    fn jacobians_take_the_gradient_back(
        seed: u64, hidden in 1usize..9, steps in 1usize..20, peepholes: bool, kind in kind(),
        variant in variant(), forget in forget(), semantics in semantics(),
    ) {
        let mut random = Random::new(seed);
        let window = Window { which: 0, ..random.window(hidden, 2, steps, 1.0) };
        with_cell!(kind, forget, variant, semantics, |build| {
            let parameters = random.parameters(&build, hidden, 2, true, peepholes, 1.5);
            jacobians(&build.cell(parameters), &window)?;
        });
    }

    #[test]
    fn a_sliding_product_is_the_product_of_what_is_in_it(
        seed: u64, hidden in 1usize..5, window in 1usize..12, rnn: bool,
    ) {
        let mut random = Random::new(seed);
        let whole = random.window(hidden, 2, 40, 1.0);
        if rnn {
            let build = Rnn(Activation::Linear);
            let parameters = random.parameters(&build, hidden, 2, true, false, 4.0);
            slide(&build.cell(parameters), &whole, window)?;
        } else {
            let build = Lstm(ForgetGate::Learned(None));
            let parameters = random.parameters(&build, hidden, 2, true, true, 2.0);
            slide(&build.cell(parameters), &whole, window)?;
        }
    }

    #[test]
    fn shares_of_an_rnn(seed: u64, hidden in 1usize..40, steps in 2usize..60, activation in activation()) {
        let mut random = Random::new(seed);
        let parameters = random.parameters(&Rnn(activation), hidden, 3, true, false, 2.0);
        let window = random.window(hidden, 3, steps, 1.0);
        shares_add_up(&analyse(&Rnn(activation).cell(parameters), &window))?;
    }

    #[test]
    fn shares_of_an_lstm(
        seed: u64, hidden in 1usize..40, steps in 2usize..60, peepholes: bool, forget in forget(),
    ) {
        let mut random = Random::new(seed);
        let parameters = random.parameters(&Lstm(forget), hidden, 3, true, peepholes, 3.0);
        let window = random.window(hidden, 3, steps, 1.0);
        shares_add_up(&analyse(&Lstm(forget).cell(parameters), &window))?;
    }

    /// The sweep's scaled vectors against the recursion δh_{t-1} = Δ_{t-1} + Rᵀ (φ' ⊙ δh_t) in
    /// plain float64, over windows in which nothing overflows.
    #[test]
    fn scaled_vectors_agree_with_plain_numbers(seed: u64, hidden in 1usize..20, gain in 0.2..1.8f64) {
        const STEPS: usize = 60;
        let mut random = Random::new(seed);
        let build = Rnn(Activation::Tanh);
        let cell = build.cell(random.parameters(&build, hidden, 2, true, false, gain));
        let window = random.window(hidden, 2, STEPS, 1.0);
        let flow = analyse(&cell, &window);
        let tape = tape(&cell, &window);
        let magnitudes = magnitudes(&cell, &tape, &window);
        let r: &Array2<f64> = &cell.parameters().r;
        let mut passed = ndarray::Array1::zeros(hidden);
        for t in (1..=STEPS).rev() {
            let grad_h = window.injected(&tape, t) + &passed;
            let want = length(grad_h.as_slice().unwrap());
            let got = flow.totals.grad_h[t - 1].to_f64().unwrap();
            let slack = 1e-12 * length(&magnitudes[t]);
            prop_assert!((got - want).abs() <= slack, "t {}: {:e} for {:e}", t, got, want);
            let slopes = ndarray::ArrayView1::from(tape.slope(t, 0));
            passed = r.t().dot(&(&grad_h * &slopes));
        }
    }
}

/// The gradient of a cell knows nothing of the cell beside it, nor of the side it is on.
#[test]
fn every_pair_of_cells_runs_side_by_side() {
    let new = |cells: [CellKind; 2]| {
        let settings = Settings {
            cells: cells.map(Into::into),
            hidden: 5,
            inputs: 2,
            steps: 9,
            ..Settings::default()
        };
        Simulation::new(settings, Arc::new(Data::default())).unwrap()
    };
    let flow = |simulation: &mut Simulation, side| {
        let flow = simulation.flow(side, Ask::default(), &mut |_| true);
        flow.unwrap()
    };
    let kinds = [CellKind::Rnn, CellKind::Lstm, CellKind::Gru];
    for (left, right) in kinds.into_iter().flat_map(|l| kinds.map(|r| (l, r))) {
        let (mut here, mut there) = (new([left, right]), new([right, left]));
        for _ in 0..4 {
            for side in Side::BOTH {
                let (one, same) = (flow(&mut here, side), flow(&mut there, side.other()));
                assert_eq!(one.cell, here.settings().cell(side).kind);
                assert_eq!(one.totals.grad_h, same.totals.grad_h);
                assert_eq!(one.main().len(), 9);
                assert_eq!(one.totals.grad_c.is_empty(), !one.cell.has_c());
            }
            assert!(here.forward().unwrap() && there.forward().unwrap());
        }
        if left == right {
            continue;
        }
        // Another pair starts over.
        here.set(new([right, left]).settings().clone()).unwrap();
        assert_eq!(here.now(), 9);
        let first = flow(&mut new([right, left]), Side::Left).totals.grad_h;
        assert_eq!(flow(&mut here, Side::Left).totals.grad_h, first);
    }
}

/// A window that was taken along stays what it was while the simulation steps on.
#[test]
fn a_window_is_not_touched_by_later_steps() {
    let mut simulation = Simulation::new(Settings::default(), Arc::new(Data::default())).unwrap();
    let take = |simulation: &mut Simulation| {
        let window = simulation.window(Side::Left, &mut |_| true);
        window.unwrap()
    };
    let window = take(&mut simulation);
    let before = window.tape().h.clone();
    simulation.forward().unwrap();
    let next = take(&mut simulation);
    assert_eq!(window.tape().h, before);
    assert_ne!(next.tape().h, before);
    assert_eq!((window.now, next.now), (200, 201));
}

/// The same window at other sizes of the loss: nothing but the exponent changes, however far.
#[test]
fn curves_do_not_depend_on_the_size_of_the_loss() {
    let mut random = Random::new(5);
    let build = Lstm(ForgetGate::Learned(None));
    let cell = build.cell(random.parameters(&build, 6, 3, true, true, 2.0));
    let window = random.window(6, 3, 40, 1.0);
    let v: Vec<f64> = window.v.clone();
    let curve = |exponent: i64| {
        let scaled: Vec<f64> = v
            .iter()
            .map(|&x| scale_by_power_of_two(x, exponent))
            .collect();
        let request = Request {
            loss: Loss::Last(&scaled),
            cuts: PathSet::EMPTY,
            alone: false,
            without: false,
            clip: (ClipMode::Off, 1.0),
        };
        let tape = tape(&cell, &window);
        let mut scratch = Scratch::default();
        let inputs = window.inputs.view();
        flow::analyse(
            &cell,
            &tape,
            inputs,
            &request,
            Vec::new(),
            &mut scratch,
            &mut |_| true,
        )
        .unwrap()
        .totals
    };
    let plain = curve(0);
    for exponent in [-900, 900] {
        let scaled = curve(exponent);
        for (a, b) in plain.grad_c.iter().zip(&scaled.grad_c) {
            let back = b.shifted(-exponent);
            assert!((a.ratio(back).unwrap().saturating_f64() - 1.0).abs() < 1e-14);
        }
    }
}
