//! Against the usual way, and against formulas.

use ndarray::Array2;
use proptest::prelude::*;

use super::*;
use crate::cell::forward::forward;
use crate::cell::{
    Activation, AnyCell, CellKind, ForgetGate, Init, Lstm, Options, Parameters, Reset, Rnn,
    Semantics, Variant, exact, init, with_cell,
};
use crate::flow::{self, ClipMode, Flow, Gradient, Hops, Loss, Request};
use crate::num::wides::{norm, widen};

fn close(got: Wide, want: Wide) -> bool {
    let size = norm(&[got, want]);
    norm(&[got.plus(want.negated())]) <= size.times(Wide::from_f64(1e-10))
}

pub(super) type Measured = (Flow, Hops, Vec<Gradient>);

/// Measures a window in the usual way, and with an exponent for every number.
fn both<C: Cell>(cell: &C, steps: usize, size: f64, request: &Request) -> [Measured; 2] {
    let inputs = Array2::from_shape_fn((steps, 2), |(t, j)| size * ((t * 3 + j) as f64).sin());
    let mut tape = cell.tape(steps);
    forward(cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
    assert!(tape.wide.is_none());
    let usual = measure(cell, &tape, &inputs, request);
    let wide = exact::run(cell, inputs.view(), &tape, &mut |_| true).unwrap();
    for t in 0..=steps {
        for (got, want) in wide.h(t).iter().zip(tape.h(t)) {
            assert!((got.saturating_f64() - want).abs() < 1e-13);
        }
    }
    tape.wide = Some(Box::new(wide));
    [usual, measure(cell, &tape, &inputs, request)]
}

pub(super) fn measure<C: Cell>(
    cell: &C,
    tape: &Tape,
    inputs: &Array2<f64>,
    request: &Request,
) -> Measured {
    let (x, scratch) = (inputs.view(), &mut flow::Scratch::default());
    let flow = flow::analyse(cell, tape, x, request, Vec::new(), scratch, &mut |_| true);
    let hops = flow::hops(cell, tape, request.loss, request.cuts, 3, &mut |_| true);
    let gradients = flow::parameter_gradients(cell, tape, x, request.loss, &mut |_| true);
    (flow.unwrap(), hops.unwrap(), gradients.unwrap())
}

pub(super) fn cell(
    p: Parameters,
    semantics: Semantics,
    forget: ForgetGate,
    variant: Variant,
) -> AnyCell {
    AnyCell::new(
        p,
        Options {
            semantics,
            forget,
            variant,
        },
    )
}

/// PyTorch's functions half of the time, any others else.
fn semantics() -> impl Strategy<Value = Semantics> {
    let any = || prop::sample::select(Activation::WORDS.map(|(_, f)| f).to_vec());
    let gate = prop::sample::select(Activation::GATES.map(|(_, f)| f).to_vec());
    let all = (
        any(),
        any(),
        gate,
        prop::sample::select(vec![Reset::After, Reset::Before]),
    );
    let all = all.prop_map(|(activation, state, gate, reset)| Semantics {
        activation,
        state,
        gate,
        reset,
    });
    prop_oneof![Just(Semantics::default()), all]
}

fn parameters(kind: CellKind, hidden: usize, peepholes: bool, variant: Variant) -> Parameters {
    let (mut p, _) = init::draw(kind, hidden, 2, Init::Gaussian, peepholes, 5).unwrap();
    if variant == Variant::Fgr {
        let n = 3 * hidden;
        let number = |(i, j)| 0.6 * ((7 * i + 3 * j) as f64).sin() / (n as f64).sqrt();
        p.gates_r = Some(Array2::from_shape_fn((n, n), number));
    }
    p
}

pub(super) fn numbers((flow, hops, _): &Measured) -> Vec<Wide> {
    let clipping = &flow.clipping;
    let mut all = vec![flow.grad_h0, flow.loss, clipping.before, clipping.after];
    let angle = clipping.angle_deg.unwrap_or(0.0);
    // Its digits end where those of the cosine of two nearly equal vectors do.
    all.push(Wide::from_f64((1e7 * angle).round() / 1e7));
    all.extend(flow.grad_c0);
    let sets = flow.cut_sets.iter().map(|(_, totals)| totals);
    let without = flow.paths.iter().filter_map(|path| path.without.as_ref());
    for totals in sets.chain(without).chain([&flow.totals]) {
        all.extend(totals.grad_h.iter().chain(&totals.grad_c));
    }
    for path in &flow.paths {
        all.extend(path.share.iter().chain(&path.alone));
    }
    for norms in [Some(&hops.grad_h), hops.grad_c.as_ref()]
        .into_iter()
        .flatten()
    {
        all.extend(
            (1..=flow.steps)
                .flat_map(|t| norms.at(t))
                .chain(&norms.rest),
        );
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    /// Where nothing leaves f64, both ways are one.
    #[test]
    fn an_exponent_for_every_number_changes_nothing(
        kind in prop::sample::select([&CellKind::ALL[..], &[CellKind::Lstm; 4]].concat()),
        semantics in semantics(),
        variant in prop::sample::select(Variant::ALL.to_vec()),
        peepholes: bool,
        forget in prop::option::of(0.0..1.05f64),
        hidden in 1usize..6,
        steps in 2usize..20,
        which in 0usize..3,
        cuts in prop::sample::subsequence(
            vec![Path::Carousel, Path::Block, Path::Output, Path::PeepholeOutput, Path::GateForget, Path::Reset],
            0..3,
        ),
        clip in prop::sample::select(vec![ClipMode::Off, ClipMode::Value, ClipMode::Step]),
        threshold in 0.05..2.0f64,
    ) {
        let lstm = kind == CellKind::Lstm;
        let variant = if lstm { variant } else { Variant::Plain };
        let p = parameters(kind, hidden, lstm && peepholes, variant);
        let forget = forget.map_or(ForgetGate::Learned(Some(1.0)), ForgetGate::Pinned);
        let cell = cell(p, semantics, forget, variant);
        let v = init::unit_vector(hidden, Init::Gaussian, 7);
        let v = v.as_slice().unwrap();
        let request = Request {
            loss: [Loss::Last(v), Loss::Sum(v), Loss::Mse(None)][which],
            cuts: cuts.iter().fold(PathSet::EMPTY, |set, path| set.with(*path)),
            alone: true,
            without: true,
            clip: (clip, threshold),
        };
        let [usual, wide] = with_cell!(&cell, cell => both(cell, steps, 1.5, &request));
        for (k, (want, got)) in numbers(&usual).into_iter().zip(numbers(&wide)).enumerate() {
            prop_assert!(close(got, want), "number {k}: {got:?} for {want:?}");
        }
        prop_assert_eq!(&usual.0.clipping.clipped, &wide.0.clipping.clipped);
        for (usual, wide) in usual.0.paths.iter().zip(&wide.0.paths) {
            for (want, got) in usual.contribution.iter().zip(&wide.contribution) {
                prop_assert!((want - got).abs() < 1e-9 * (1.0 + want.abs()));
            }
        }
        for (want, got) in usual.2.iter().zip(&wide.2) {
            prop_assert_eq!(want.name, got.name);
            let size = flow::gradients::norm(std::slice::from_ref(want));
            let numbers = got.each.as_ref().unwrap();
            prop_assert_eq!(numbers.len(), want.mantissas.len());
            for (&got, want) in numbers.iter().zip(widen(&want.mantissas, want.exponent)) {
                let error = norm(&[got.plus(want.negated())]);
                prop_assert!(error <= size.times(Wide::from_f64(1e-10)));
            }
        }
        prop_assert!(wide.0.residual.iter().all(|&rest| rest < 1e-10));
        prop_assert!(wide.1.residual.iter().all(|&rest| rest < 1e-10));
    }
}

/// tanh' and σ far below f64, each a power of e.
#[test]
fn slopes_below_f64_are_their_formulas() {
    let e = Wide::exp(-1600.0);
    let four = Wide::from_f64(4.0);
    let (mut p, _) = init::draw(CellKind::Rnn, 1, 1, Init::Scalar, false, 5).unwrap();
    p.r.fill(0.0);
    p.w.fill(1.0);
    let inputs = Array2::from_elem((3, 1), -800.0);
    let slope_of = |r: f64| {
        let mut p = p.clone();
        p.r.fill(r);
        let cell = Rnn::new(p, Activation::Tanh);
        let mut tape = cell.tape(3);
        forward(&cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
        Sweep::new(&cell, &tape, Loss::Last(&[1.0]))
            .run(&mut |_| true)
            .unwrap()
    };
    // With R = 0 nothing comes back, and no exponent is too small to say so.
    assert_eq!(slope_of(0.0).totals.grad_h[1], Wide::ZERO);
    // R h is −1e-20 beside the input: x = −800 to rounding.
    let r = 1e-20;
    let crossed = four.times(e).times(Wide::from_f64(r));
    let swept = slope_of(r);
    assert!(close(swept.totals.grad_h[1], crossed));
    assert!(close(swept.totals.grad_h[0], crossed.times(crossed)));
    assert!(close(swept.paths[0].share[0], crossed.times(crossed)));

    // A forget gate of e^-900 on the carousel, which brings nothing else.
    let (mut p, _) = init::draw(CellKind::Lstm, 1, 1, Init::Scalar, false, 5).unwrap();
    p.r.fill(0.0);
    p.w.fill(0.0);
    if let Some([b, _]) = &mut p.biases {
        b.fill(0.0);
        b[1] = -900.0;
    }
    let cell = Lstm::new(p, ForgetGate::Learned(None));
    let mut tape = cell.tape(50);
    let inputs = Array2::zeros((50, 1));
    forward(&cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
    let swept = Sweep::new(&cell, &tape, Loss::Last(&[1.0]))
        .run(&mut |_| true)
        .unwrap();
    let want = Wide::exp(-900.0 * 49.0).times(swept.totals.grad_c[49]);
    assert!(close(swept.totals.grad_c[0], want) && !want.is_zero());
}

/// One unit whose c grows by ½ a step, by the formulas.
#[test]
fn a_saturated_unit_is_its_formulas() {
    let (mut p, _) = init::draw(CellKind::Lstm, 1, 1, Init::Scalar, false, 5).unwrap();
    let r = 0.08;
    p.r.fill(r);
    p.w.fill(0.0);
    if let Some([b, _]) = &mut p.biases {
        b.fill(0.0);
        b[2] = 10.0;
    }
    let cell = Lstm::new(p, ForgetGate::Pinned(1.0));
    let steps = 2000;
    let mut tape = cell.tape(steps);
    let inputs = Array2::zeros((steps, 1));
    forward(&cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
    assert!(tape.c(steps)[0] > 900.0 && tape.wide.is_some());

    let mut swept = Sweep::new(&cell, &tape, Loss::Last(&[1.0]))
        .run(&mut |_| true)
        .unwrap();
    flow::paths::each_alone(&cell, &tape, &mut swept);
    let path = |path| swept.paths.iter().find(|flow| flow.path == path).unwrap();
    let (block, output) = (path(Path::Block), path(Path::Output));
    let times = |wide: Wide, x: f64| wide.times(Wide::from_f64(x));
    let (mut on_h, mut on_c) = (Wide::ONE, Wide::ZERO);
    let (mut by_block, mut alone) = (Wide::ZERO, Wide::ZERO);
    for t in (1..=steps).rev() {
        let act = |gate| tape.activation(t, gate)[0];
        let slope = |gate| tape.slope(t, gate)[0];
        let e = {
            let e = Wide::exp(-2.0 * tape.c(t)[0]);
            let rest = 1.0 + e.saturating_f64();
            times(e, 4.0 * act(3) / (rest * rest))
        };
        let grad_c = e.times(on_h).plus(on_c);
        assert!(close(swept.totals.grad_h[t - 1], on_h), "h at {t}");
        assert!(close(swept.totals.grad_c[t - 1], grad_c), "c at {t}");
        assert!(close(block.share[t - 1], e.times(by_block)), "share at {t}");
        alone = if t == steps {
            grad_c
        } else {
            times(e.times(alone), r)
        };
        assert!(close(block.alone[t - 1], alone), "alone at {t}");
        assert!(swept.residual[t - 1] < 1e-12);
        let to_z = times(grad_c, act(0) * slope(2));
        let to_i = times(grad_c, act(2) * slope(0));
        let to_o = times(on_h, tape.squashed(t)[0] * slope(3));
        alone = times(alone, act(0) * slope(2));
        by_block = times(to_z, r);
        on_h = times(to_z.plus(to_i).plus(to_o), r);
        on_c = grad_c;
    }
    assert!(close(swept.grad_h0, on_h) && close(swept.grad_c0.unwrap(), on_c));
    // Alone it goes through h, where nothing is saturated.
    assert!(output.alone[0].log10() > -7000.0);
}

/// Units whose c grows by ½ a step beside others: the sizes alone are found without an exponent for every
/// number as long as c is no larger than 100, and are the same.
#[test]
fn sizes_of_a_window_with_large_c_are_those_with_an_exponent_for_every_number() {
    let (mut p, _) = init::draw(CellKind::Lstm, 8, 2, Init::Gaussian, false, 5).unwrap();
    if let Some([b, _]) = &mut p.biases {
        b.iter_mut()
            .skip(16)
            .step_by(3)
            .take(2)
            .for_each(|b| *b = 10.0);
    }
    let cell = Lstm::new(p, ForgetGate::Pinned(1.0));
    for (steps, plain) in [(100, true), (200, true), (700, false)] {
        let inputs = Array2::from_shape_fn((steps, 2), |(t, j)| ((t * 3 + j) as f64).sin());
        let mut tape = cell.tape(steps);
        forward(&cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
        let top = tape
            .c(steps)
            .iter()
            .fold(0.0, |top: f64, c| top.max(c.abs()));
        assert!((top > 36.0) && tape.wide.is_none() == plain, "c = {top}");
        if !plain {
            continue;
        }
        assert!(tape.least < LEAST);
        let v = [0.5, -0.5, 0.5, 0.1, 0.1, 0.2, 0.3, -0.3];
        let wide = exact::run(&cell, inputs.view(), &tape, &mut |_| true).unwrap();
        let apart = Tape {
            wide: Some(Box::new(wide)),
            ..tape.clone()
        };
        let every = [Path::Block, Path::Input, Path::Output];
        for cuts in [&every[..0], &every[..1], &every[1..], &every[..]] {
            let [usual, want] = [&tape, &apart].map(|tape| {
                let sweep = Sweep {
                    cuts: PathSet::of(cuts),
                    detail: false,
                    ..Sweep::new(&cell, tape, Loss::Last(&v))
                };
                sweep.run(&mut |_| true).unwrap()
            });
            assert!(usual.wide_deltas.is_none(), "it is the usual way");
            let both = usual.totals.grad_c.iter().zip(&want.totals.grad_c);
            for (t, (got, want)) in both.enumerate() {
                assert!(close(*got, *want), "{cuts:?} at {}", t + 1);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    /// Where gates or c are flat and states are not small, only what is no `f64` stands beside the usual
    /// tape. It is as if all of the window had been run with an exponent for every number.
    #[test]
    fn flat_gates_beside_a_usual_tape_change_nothing(
        kind in prop::sample::select(vec![CellKind::Lstm, CellKind::Lstm, CellKind::Gru, CellKind::Rnn]),
        peepholes: bool,
        hidden in 1usize..5,
        steps in 2usize..30,
        moved in proptest::collection::vec((0usize..16, prop::sample::select(vec![20.0, 100.0, -100.0, 600.0])), 1..5),
        which in 0usize..3,
        alone: bool,
    ) {
        let mut p = parameters(kind, hidden, kind == CellKind::Lstm && peepholes, Variant::Plain);
        if let Some([b, _]) = &mut p.biases {
            let rows = b.len();
            for (unit, by) in moved {
                b[unit % rows] += by;
            }
        }
        let forget = if alone { ForgetGate::Pinned(1.0) } else { ForgetGate::Learned(None) };
        let v = init::unit_vector(hidden, Init::Gaussian, 7);
        let v = v.as_slice().unwrap();
        let request = Request {
            loss: [Loss::Last(v), Loss::Sum(v), Loss::Mse(None)][which],
            cuts: PathSet::EMPTY,
            alone: true,
            without: true,
            clip: (ClipMode::Off, 1.0),
        };
        let cell = cell(p, Semantics::default(), forget, Variant::Plain);
        let both = with_cell!(&cell, cell => {
            let inputs = Array2::from_shape_fn((steps, 2), |(t, j)| ((t * 3 + j) as f64).sin());
            let mut tape = cell.tape(steps);
            forward(cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
            let beside = tape.wide.as_ref().is_some_and(|wide| has_its_states(wide, &tape));
            beside.then(|| {
                let usual = measure(cell, &tape, &inputs, &request);
                let wide = exact::run(cell, inputs.view(), &tape, &mut |_| true).unwrap();
                assert_eq!(tape.wide.as_ref().unwrap().flat, wide.flat);
                tape.wide = Some(Box::new(wide));
                [usual, measure(cell, &tape, &inputs, &request)]
            })
        });
        let Some([usual, wide]) = both else {
            return Ok(());
        };
        let near = |got: Wide, want: Wide, size: Wide| {
            norm(&[got.plus(want.negated())]) <= size.times(Wide::from_f64(1e-9))
        };
        for (k, (want, got)) in numbers(&usual).into_iter().zip(numbers(&wide)).enumerate() {
            prop_assert!(near(got, want, norm(&[got, want])), "number {k}: {got:?} for {want:?}");
        }
        for (want, got) in usual.2.iter().zip(&wide.2) {
            let size = flow::gradients::norm(std::slice::from_ref(want));
            let both = want.each.iter().flatten().zip(got.each.iter().flatten());
            for (&want, &got) in both {
                prop_assert!(near(got, want, size), "{}", want.log10());
            }
        }
    }
}

/// What makes models with open forget gates slow is done once, and where it is needed: they are run forward
/// once, and of all factors on the way back E alone is another one, from where c is large.
#[test]
fn of_open_forget_gates_one_factor_alone_is_another() {
    let (mut p, _) = init::draw(CellKind::Lstm, 4, 2, Init::Gaussian, false, 5).unwrap();
    if let Some([b, _]) = &mut p.biases {
        b.iter_mut().skip(4).take(8).for_each(|b| *b += 20.0);
    }
    let cell = Lstm::new(p, ForgetGate::Learned(None));
    let steps = 1000;
    let inputs = Array2::from_shape_fn((steps, 2), |(t, j)| ((t * 3 + j) as f64).sin());
    let mut tape = cell.tape(steps);
    forward(&cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
    let wide = tape.wide.as_ref().unwrap();
    assert!(has_its_states(wide, &tape));
    assert_eq!(&*wide.activations, widen(&tape.activations, 0));
    assert_eq!(&*wide.slopes, widen(&tape.slopes, 0));
    let differs = |t: &usize| {
        let pairs = wide.gain(*t).unwrap().iter().zip(tape.gain(*t).unwrap());
        let mut pairs = pairs.map(|(&got, &want)| (got, Wide::from(want)));
        pairs.any(|(got, want)| !close(got, want))
    };
    let first = (1..=steps).find(differs).unwrap();
    assert!((20..steps).contains(&first), "{first}");
}

/// Whether a tape of other numbers has the states of this one, so that it was not run again.
fn has_its_states(wide: &Tape<Wide>, tape: &Tape) -> bool {
    *wide.h == widen(&tape.h, 0) && *wide.c == widen(&tape.c, 0)
}
