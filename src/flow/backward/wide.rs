//! The way back through a window whose factors leave `f64`: an exponent for every number.
//!
//! The paths are multiplied factor by factor ([`Cell::terms`]), with the numbers of [`Tape::wide`]. Slower
//! than the usual way, and the same sums.

use super::{Gradients, Sweep, Swept};
use crate::cell::link::{self, Name, Source};
use crate::cell::{Cell, Lands, Path, PathSet, Tape, WideTape};
use crate::flow::PathFlow;
use crate::flow::backward::GoOn;
use crate::num::Wide;
use crate::num::aligned::Aligned;
use crate::num::wides::{add, dot, norm, product, scaled, widen};

/// As [`Sweep::run_beside`]. No sums grow beside it.
pub(super) fn run<C: Cell>(
    sweep: Sweep<C>,
    wide: &WideTape,
    deltas: Aligned,
    go_on: GoOn,
) -> Option<Swept> {
    let Sweep {
        cell,
        tape,
        cuts,
        detail,
        ..
    } = sweep;
    let (steps, width) = (tape.steps, tape.gates * tape.hidden);
    let mut out = Swept::new(cell, tape, detail, deltas);
    let back = Back { cell, tape, cuts };
    let mut brought = back.begin(sweep.onto_c);
    let mut clipped = Wide::ONE;
    for t in (1..=steps).rev() {
        let loss = sweep.loss.inject_wide(tape, wide, t);
        let mut landed = back.land(&brought);
        if let Some(loss) = &loss {
            add(&mut landed.h, loss);
        }
        let at = back.inside(wide, t, landed);
        out.totals.grad_h[t - 1] = norm(&at.h);
        if !at.c.is_empty() {
            out.totals.grad_c[t - 1] = norm(&at.c);
        }
        let gradients = Gradients {
            t,
            h: at.h.clone(),
            c: at.c.clone(),
            on_gates: at.gates.concat(),
            clipped,
        };
        sweep.keep(gradients, &mut out.last, &mut out.kept);
        if detail {
            let gain = wide.gain(t);
            let measure = Measure::new(&at, gain.as_deref());
            out.residual[t - 1] = measure.all(cell, t, &brought, loss.as_deref(), &mut out.paths);
            for (gate, track) in out.gates.iter_mut().enumerate() {
                track.measure(tape, t, gate);
            }
        }
        let (mut carried, bars) = back.out_of(t, &at);
        if detail {
            let delta = scaled(&bars.concat());
            out.deltas[(t - 1) * width..][..width].copy_from_slice(delta.mantissas());
            out.exponents[t - 1] = delta.exponent();
        }
        back.hold_back(&mut carried, sweep.keep.map_or(1.0, |keep| keep[t - 1]));
        brought = carried;
        clipped = Wide::ONE;
        if let Some(threshold) = sweep.step_clip.filter(|_| t > 1)
            && let Some(factor) = back.clip(&mut brought, threshold)
        {
            out.bitten[t - 2] = true;
            clipped = factor;
        }
        if t % 8 == 0 && !go_on((steps - t) as f64 / steps as f64) {
            return None;
        }
    }
    let landed = back.land(&brought);
    out.grad_h0 = norm(&landed.h);
    out.grad_c0 = (!landed.c.is_empty()).then(|| norm(&landed.c));
    Some(out)
}

/// The way back from step to step.
#[derive(Clone, Copy)]
pub(in crate::flow) struct Back<'a, C> {
    pub cell: &'a C,
    pub tape: &'a Tape,
    pub cuts: PathSet,
}

/// The gradient of the state of a step, or what has landed on it.
#[derive(Clone, Debug, Default)]
pub(in crate::flow) struct State {
    pub h: Vec<Wide>,
    /// Empty for a cell without c.
    pub c: Vec<Wide>,
    /// Of i, f and o where they belong to the state; else empty.
    pub gates: Vec<Vec<Wide>>,
    /// The term of δc of [`Cell::same_step_path`], once it is known.
    same_step: Vec<Wide>,
}

/// What each path of [`Cell::carried`] brings to a step.
type Brought = Vec<Vec<Wide>>;

impl<C: Cell> Back<'_, C> {
    fn zeros(&self) -> Vec<Wide> {
        vec![Wide::ZERO; self.tape.hidden]
    }

    /// What comes to T: this much to c, as if the first path that lands there had brought it.
    fn begin(&self, onto_c: &[f64]) -> Brought {
        let carried = self.cell.carried();
        let mut brought = vec![self.zeros(); carried.len()];
        let first = carried.iter().position(|path| path.lands == Lands::C);
        if let Some(first) = first.filter(|_| !onto_c.is_empty()) {
            brought[first] = widen(onto_c, 0);
        }
        brought
    }

    /// A state on which nothing has landed.
    pub fn empty(&self) -> State {
        let with_c = !self.tape.c.is_empty();
        State {
            h: self.zeros(),
            c: if with_c { self.zeros() } else { Vec::new() },
            gates: vec![self.zeros(); self.tape.parts().saturating_sub(2)],
            same_step: Vec::new(),
        }
    }

    /// The sums of what lands on the parts of the state.
    fn land(&self, brought: &Brought) -> State {
        let mut state = self.empty();
        for (path, block) in self.cell.carried().iter().zip(brought) {
            state.take(path.lands, block);
        }
        state
    }

    /// Step t back, inside the step: from what has landed on its state to the whole gradient.
    pub fn inside(&self, wide: &WideTape, t: usize, mut landed: State) -> State {
        let Self { cell, tape, cuts } = *self;
        if let Some(gain) = wide.gain(t) {
            add(&mut landed.c, &product(&gain, &landed.h));
        }
        if let Some(path) = cell.same_step_path() {
            landed.same_step = self.zeros();
            if !cuts.contains(path) {
                for link in cell.terms(path, tape, t) {
                    let link = link.on(tape);
                    let term = link::times(&link.factors, landed.part(link.from, &[]));
                    add(&mut landed.same_step, &term);
                }
                add(&mut landed.c, &landed.same_step);
            }
        }
        landed
    }

    /// Step t back, out of the step: what each path brings to t − 1, E_{t-1} not counted, and the δ of the
    /// pre-activations by their blocks.
    pub fn out_of(&self, t: usize, at: &State) -> (Brought, Vec<Vec<Wide>>) {
        let Self { cell, tape, .. } = *self;
        let mut bars = vec![self.zeros(); tape.gates];
        let mut brought = vec![self.zeros(); cell.carried().len()];
        // What comes through a matrix between gates comes from the δ of their pre-activations.
        for from_bars in [false, true] {
            for (path, block) in cell.carried().iter().zip(&mut brought) {
                for link in cell.terms(path.path, tape, t - 1) {
                    if matches!(link.from, Source::Bar(..)) != from_bars {
                        continue;
                    }
                    let link = link.on(tape);
                    let mut v = at.part(link.from, &bars).to_vec();
                    for (k, factor) in link.factors.iter().enumerate().rev() {
                        // The reset gate of a GRU stands between R_n h and the pre-activation.
                        let reaches = |factor: &link::Factor| match factor.name {
                            Name::Gate('r') => true,
                            Name::Transposed(_) => link.factors[k + 1].name != Name::Gate('r'),
                            _ => false,
                        };
                        if reaches(factor) {
                            let gate = self.block(path.path);
                            add(&mut bars[gate], &v);
                        }
                        if !matches!(factor.name, Name::Gain | Name::PlainGain) {
                            v = factor.times(&v);
                        }
                    }
                    add(block, &v);
                }
            }
        }
        (brought, bars)
    }

    /// The block of the pre-activation that a path crosses.
    fn block(&self, path: Path) -> usize {
        let name = match path {
            Path::Recurrent => "recurrent",
            Path::Block => "block",
            Path::Input => "input",
            Path::Forget => "forget",
            Path::Output => "output",
            Path::Reset => "reset",
            Path::Update => "update",
            _ => "candidate",
        };
        let mut names = self.cell.gate_names().iter();
        names.position(|gate| *gate == name).unwrap_or(0)
    }

    /// Takes out what is cut, and leaves the share `kept` of what crosses a recurrent matrix.
    fn hold_back(&self, brought: &mut Brought, kept: f64) {
        for (path, block) in self.cell.carried().iter().zip(brought) {
            let factor = if self.cuts.contains(path.path) {
                0.0
            } else if path.path.crosses() {
                kept
            } else {
                1.0
            };
            if factor != 1.0 {
                scale(block, Wide::from_f64(factor));
            }
        }
    }

    /// Clipping mode `step`, as elsewhere; the factor, if it clipped.
    fn clip(&self, brought: &mut Brought, threshold: f64) -> Option<Wide> {
        let landed = self.land(brought);
        let gates = landed.gates.iter().map(|gate| norm(gate));
        let parts = [norm(&landed.h), norm(&landed.c)].into_iter().chain(gates);
        let size = parts.fold(Wide::ZERO, Wide::hypot);
        let threshold = Wide::from_f64(threshold);
        if size <= threshold {
            return None;
        }
        let factor = threshold.ratio(size)?;
        for block in brought {
            scale(block, factor);
        }
        Some(factor)
    }
}

impl State {
    /// Adds what lands on a part of the state.
    pub fn take(&mut self, lands: Lands, block: &[Wide]) {
        match lands {
            Lands::H => add(&mut self.h, block),
            Lands::C => add(&mut self.c, block),
            gate => add(&mut self.gates[gate.part() - 2], block),
        }
    }

    /// Adds another state.
    pub fn join(&mut self, other: &Self) {
        add(&mut self.h, &other.h);
        add(&mut self.c, &other.c);
        for (mine, theirs) in self.gates.iter_mut().zip(&other.gates) {
            add(mine, theirs);
        }
    }

    /// What a product begins with.
    fn part<'a>(&'a self, from: Source, bars: &'a [Vec<Wide>]) -> &'a [Wide] {
        match from {
            Source::State(Lands::H) => &self.h,
            Source::State(Lands::C) => &self.c,
            Source::State(gate) => &self.gates[gate.part() - 2],
            Source::Bar(_, block) => &bars[block],
        }
    }
}

fn scale(x: &mut [Wide], factor: Wide) {
    for x in x {
        *x = x.times(factor);
    }
}

/// Measures every path's term of δ_t.
struct Measure<'a> {
    at: &'a State,
    /// E_t.
    gain: Option<&'a [Wide]>,
    /// δc_t; δh_t for a cell without c.
    total: &'a [Wide],
    size: Wide,
}

impl<'a> Measure<'a> {
    fn new(at: &'a State, gain: Option<&'a [Wide]>) -> Self {
        let total = if gain.is_some() { &at.c } else { &at.h };
        Self {
            at,
            gain,
            total,
            size: norm(total),
        }
    }

    /// All of them; |Σ terms − total| / |total|.
    fn all<C: Cell>(
        &self,
        cell: &C,
        t: usize,
        brought: &Brought,
        loss: Option<&[Wide]>,
        flows: &mut [PathFlow],
    ) -> f64 {
        let shown = |x: &[Wide]| match self.gain {
            Some(gain) => product(gain, x),
            None => x.to_vec(),
        };
        let (ways, locals) = flows.split_at_mut(cell.carried().len());
        let mut rest: Vec<Wide> = self.total.iter().map(|x| x.negated()).collect();
        let mut set = |flow: &mut PathFlow, term: &[Wide]| {
            add(&mut rest, term);
            let along = dot(term, self.total).over(self.size).over(self.size);
            flow.set(t, (norm(term), along.saturating_f64()));
        };
        for ((path, block), flow) in cell.carried().iter().zip(brought).zip(ways) {
            match path.lands {
                Lands::H => set(flow, &shown(block)),
                Lands::C => set(flow, block),
                // It has no part in δc_t; its own size says what it brings to its gate.
                _ => flow.share[t - 1] = norm(block),
            }
        }
        if let [flow, _] = locals {
            set(flow, &self.at.same_step);
        }
        if let (Some(loss), Some(flow)) = (loss, locals.last_mut()) {
            set(flow, &shown(loss));
        }
        norm(&rest).over(self.size).saturating_f64()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::*;
    use crate::cell::forward::forward;
    use crate::cell::{
        Activation, AnyCell, CellKind, ForgetGate, Gru, Init, Lstm, Parameters, Rnn, Variant,
        Visitor, init,
    };
    use crate::flow::{self, ClipMode, Flow, Hops, Loss, Request};

    fn close(got: Wide, want: Wide) -> bool {
        let size = norm(&[got, want]);
        norm(&[got.plus(want.negated())]) <= size.times(Wide::from_f64(1e-10))
    }

    /// Measures a window in the usual way, and with an exponent for every number.
    struct Both<'a> {
        steps: usize,
        size: f64,
        request: Request<'a>,
    }

    impl Visitor for Both<'_> {
        type Output = [(Flow, Hops); 2];

        fn visit<C: Cell>(self, cell: &C) -> Self::Output {
            let inputs = Array2::from_shape_fn((self.steps, 2), |(t, j)| {
                self.size * ((t * 3 + j) as f64).sin()
            });
            let mut tape = cell.tape(self.steps);
            forward(cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
            assert!(tape.wide.is_none());
            let usual = measure(cell, &tape, &inputs, &self.request);
            let wide = WideTape::run(cell, inputs.view(), &tape, &mut |_| true).unwrap();
            for t in 0..=self.steps {
                for (got, want) in wide.h(t).iter().zip(tape.h(t)) {
                    assert!((got.saturating_f64() - want).abs() < 1e-13);
                }
            }
            tape.wide = Some(Box::new(wide));
            [usual, measure(cell, &tape, &inputs, &self.request)]
        }
    }

    fn measure<C: Cell>(
        cell: &C,
        tape: &Tape,
        inputs: &Array2<f64>,
        request: &Request,
    ) -> (Flow, Hops) {
        let (x, scratch) = (inputs.view(), &mut flow::Scratch::default());
        let flow = flow::analyse(cell, tape, x, request, Vec::new(), scratch, &mut |_| true);
        let hops = flow::hops(cell, tape, request.loss, request.cuts, 3, &mut |_| true);
        (flow.unwrap(), hops.unwrap())
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

    fn numbers((flow, hops): &(Flow, Hops)) -> Vec<Wide> {
        let clipping = &flow.clipping;
        let mut all = vec![flow.grad_h0, flow.loss, clipping.before, clipping.after];
        let angle = clipping.angle_deg;
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
        #![proptest_config(ProptestConfig::with_cases(120))]
        /// Where nothing leaves f64, both ways are one.
        #[test]
        fn an_exponent_for_every_number_changes_nothing(
            kind in prop::sample::select(vec![CellKind::Rnn, CellKind::Lstm, CellKind::Lstm, CellKind::Gru]),
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
            let cell = match kind {
                CellKind::Rnn => AnyCell::Rnn(Rnn::new(p, Activation::Tanh)),
                CellKind::Gru => AnyCell::Gru(Gru::new(p)),
                _ => {
                    let forget = forget.map_or(ForgetGate::Learned(Some(1.0)), ForgetGate::Pinned);
                    AnyCell::Lstm(Lstm::of_variant(p, forget, variant))
                }
            };
            let v = init::unit_vector(hidden, Init::Gaussian, 7);
            let v = v.as_slice().unwrap();
            let request = Request {
                loss: [Loss::Last(v), Loss::Sum(v), Loss::Mse(None)][which],
                cuts: cuts.iter().fold(PathSet::EMPTY, |set, path| set.with(*path)),
                alone: true,
                without: true,
                clip: (clip, threshold),
            };
            let [usual, wide] = cell.visit(Both { steps, size: 1.5, request });
            for (k, (want, got)) in numbers(&usual).into_iter().zip(numbers(&wide)).enumerate() {
                prop_assert!(close(got, want), "number {k}: {got:?} for {want:?}");
            }
            prop_assert_eq!(&usual.0.clipping.bitten, &wide.0.clipping.bitten);
            for (usual, wide) in usual.0.paths.iter().zip(&wide.0.paths) {
                for (want, got) in usual.contribution.iter().zip(&wide.contribution) {
                    prop_assert!((want - got).abs() < 1e-9 * (1.0 + want.abs()));
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
}
