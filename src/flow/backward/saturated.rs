//! The way back through a cell whose every tanh(c) is saturated beyond `f64`.
//!
//! E_t = o_t (1 − tanh² c_t) may be 1e-8000 there, and δc_t with it, while δh_t goes back through the
//! output gate as ever. So δh and δc, and what each path brings, have exponents of their own. Slower than
//! the usual way, and the same sums.

use super::{Gradients, Sweep, Swept, power};
use crate::cell::{Cell, Lands, Path};
use crate::flow::backward::GoOn;
use crate::flow::paths::Terms;
use crate::num::aligned::Aligned;
use crate::num::growing::Growing;
use crate::num::scaled::Scaled;
use crate::num::{Wide, vector};

/// As [`Sweep::run_beside`], of a cell that has no term of δc_t from its own step but E_t ⊙ δh_t. No sums
/// grow beside it.
#[inline(always)]
pub(super) fn run<const FMA: bool, C: Cell>(
    sweep: Sweep<C>,
    deltas: Aligned,
    go_on: GoOn,
) -> Option<Swept> {
    let Sweep {
        cell, tape, detail, ..
    } = sweep;
    let (n, steps, width) = (tape.hidden, tape.steps, tape.gates * tape.hidden);
    let mut out = Swept::new(cell, tape, detail, deltas);
    let mut back = Back::new(sweep);
    let mut injected = vec![0.0; n];
    let mut clipped = Wide::ONE;
    for t in (1..=steps).rev() {
        let mut loss = Scaled::zeros(n);
        if let Some(exponent) = sweep.loss.inject(tape, t, &mut injected) {
            loss.add(&injected, exponent);
        }
        let h = back.sum(Lands::H, Some(&loss));
        let mut c = back.sum(Lands::C, None);
        let shown = back.shown(t, &h);
        c.add(shown.mantissas(), shown.exponent());

        out.totals.grad_h[t - 1] = h.norm::<FMA>();
        out.totals.grad_c[t - 1] = c.norm::<FMA>();
        let gradients = Gradients {
            t,
            h: h.mantissas().to_vec(),
            c: c.mantissas().to_vec(),
            on_gates: Vec::new(),
            exponent: h.exponent(),
            exponent_c: c.exponent(),
            clipped,
        };
        sweep.keep(gradients, &mut out.last, &mut out.kept);
        if detail {
            out.residual[t - 1] = back.measure::<FMA>(t, &c, &loss, &mut out);
            for (gate, track) in out.gates.iter_mut().enumerate() {
                track.measure(tape, t, gate);
            }
        }
        let delta = back.step::<FMA>(t, &h, &c);
        if detail {
            out.deltas[(t - 1) * width..][..width].copy_from_slice(delta.mantissas());
            out.exponents[t - 1] = delta.exponent();
        }
        clipped = Wide::ONE;
        if let Some(threshold) = sweep.step_clip.filter(|_| t > 1)
            && let Some(factor) = back.clip::<FMA>(threshold)
        {
            out.bitten[t - 2] = true;
            clipped = factor;
        }
        if t % 8 == 0 && !go_on((steps - t) as f64 / steps as f64) {
            return None;
        }
    }
    out.grad_h0 = back.sum(Lands::H, None).norm::<FMA>();
    out.grad_c0 = Some(back.sum(Lands::C, None).norm::<FMA>());
    Some(out)
}

/// What the paths bring to a step.
struct Back<'a, C> {
    sweep: Sweep<'a, C>,
    /// In the order of [`Cell::carried`].
    brought: Vec<Scaled>,
    terms: Terms,
}

impl<'a, C: Cell> Back<'a, C> {
    fn new(sweep: Sweep<'a, C>) -> Self {
        let n = sweep.tape.hidden;
        let mut brought = vec![Scaled::zeros(n); sweep.cell.carried().len()];
        let mut blocks = sweep.cell.carried().iter().zip(&mut brought);
        if let Some((_, block)) = blocks.find(|(path, _)| path.lands == Lands::C)
            && !sweep.onto_c.is_empty()
        {
            block.add(sweep.onto_c, 0);
        }
        Self {
            brought,
            terms: Terms::new(n),
            sweep,
        }
    }

    /// The sum of what lands on h or on c.
    fn sum(&self, lands: Lands, loss: Option<&Scaled>) -> Scaled {
        let mut sum = Scaled::zeros(self.sweep.tape.hidden);
        let blocks = self.sweep.cell.carried().iter().zip(&self.brought);
        let landing = blocks.filter(|(path, _)| path.lands == lands);
        for block in loss.into_iter().chain(landing.map(|(_, block)| block)) {
            sum.add(block.mantissas(), block.exponent());
        }
        sum
    }

    /// E_t ⊙ a gradient of h_t.
    fn shown(&self, t: usize, h: &Scaled) -> Scaled {
        let tape = self.sweep.tape;
        let gain = tape.gain(t).unwrap_or_default();
        let terms = h.mantissas().iter().zip(gain).map(|(h, e)| h * e);
        Scaled::new(terms.collect(), h.exponent() - tape.lift(t))
    }

    /// Measures every path's term of δc_t; the residual.
    fn measure<const FMA: bool>(
        &mut self,
        t: usize,
        c: &Scaled,
        loss: &Scaled,
        out: &mut Swept,
    ) -> f64 {
        let carried = self.sweep.cell.carried().iter();
        let mut blocks: Vec<Scaled> = carried
            .zip(&self.brought)
            .map(|(path, block)| match path.lands {
                Lands::H => self.shown(t, block),
                _ => block.clone(),
            })
            .collect();
        blocks.push(self.shown(t, loss));
        let total = c.mantissas();
        self.terms.begin(total, vector::norm::<FMA>(total));
        for (flow, term) in out.paths.iter_mut().zip(&blocks) {
            debug_assert!(flow.path != Path::PeepholeOutput);
            if !term.is_zero() {
                let (exponent, scale) = (term.exponent(), power(term.exponent() - c.exponent()));
                let term = term.mantissas();
                flow.set(t, self.terms.add::<FMA>(total, term, None, exponent, scale));
            }
        }
        self.terms.residual::<FMA>()
    }

    /// What the paths bring to t − 1; the δ of the pre-activations at t.
    ///
    /// A step back is linear in δh_t and in what lands on c_t. So it goes once with a δh_t whose part
    /// in δc_t is taken away, and once with δc_t alone.
    fn step<const FMA: bool>(&mut self, t: usize, h: &Scaled, c: &Scaled) -> Scaled {
        let Sweep {
            cell,
            tape,
            cuts,
            keep,
            ..
        } = self.sweep;
        let n = tape.hidden;
        let gain = tape.gain(t).unwrap_or_default();
        let zeros = vec![0.0; n];
        let away: Vec<f64> = h
            .mantissas()
            .iter()
            .zip(gain)
            .map(|(h, e)| -(h * e))
            .collect();
        let mut whole = Scaled::zeros(tape.gates * n);
        let mut brought = vec![Scaled::zeros(n); self.brought.len()];
        let kept = keep.map_or(1.0, |keep| keep[t - 1]);
        for (on_h, on_c, exponent) in [
            (h.mantissas(), &away[..], h.exponent()),
            (&zeros[..], c.mantissas(), c.exponent()),
        ] {
            let mut grad_c = vec![0.0; n];
            let mut delta = vec![0.0; tape.gates * n];
            let mut carry = vec![0.0; brought.len() * n];
            cell.backward::<FMA>(tape, t, cuts, on_h, on_c, &mut grad_c, &mut delta);
            cell.carry::<FMA>(
                tape,
                t,
                on_h,
                &grad_c,
                &delta,
                &mut carry,
                &mut Growing::default(),
            );
            super::hold_back(cell, n, &mut carry, cuts, kept);
            whole.add(&delta, exponent);
            for (sum, block) in brought.iter_mut().zip(carry.chunks_exact(n)) {
                sum.add(block, exponent);
            }
        }
        self.brought = brought;
        whole
    }

    /// Clipping mode `step`, as elsewhere; the factor, if it clipped.
    fn clip<const FMA: bool>(&mut self, threshold: f64) -> Option<Wide> {
        let norm = |lands| self.sum(lands, None).norm::<FMA>();
        let norm = norm(Lands::H).hypot(norm(Lands::C));
        let threshold = Wide::from_f64(threshold);
        if norm <= threshold {
            return None;
        }
        let factor = threshold.ratio(norm)?;
        for block in &mut self.brought {
            block.scale(factor);
        }
        Some(factor)
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;
    use proptest::prelude::*;

    use super::*;
    use crate::cell::forward::forward;
    use crate::cell::{CellKind, ForgetGate, Init, Lstm, PathSet, init};
    use crate::flow::{Loss, paths};
    use crate::num::simd::{self, Kernel};

    struct Apart<'a>(Sweep<'a, Lstm>);

    impl Kernel for Apart<'_> {
        type Output = Swept;

        #[inline(always)]
        fn run<const FMA: bool>(self) -> Swept {
            run::<FMA, _>(self.0, Aligned::default(), &mut |_| true).unwrap()
        }
    }

    fn close(got: Wide, want: Wide) -> bool {
        if want.is_zero() || got.is_zero() {
            return got == want;
        }
        let (got, want) = (got.log10(), want.log10());
        (got - want).abs() < 1e-10 + 1e-14 * want.abs()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        /// Where nothing is saturated, both ways back are one.
        #[test]
        fn exponents_apart_change_nothing(
            hidden in 1usize..9,
            steps in 1usize..30,
            sum: bool,
            cuts in prop::sample::subsequence(vec![Path::Carousel, Path::Block, Path::Output], 0..3),
            keep in prop::option::of(prop::collection::vec(prop::sample::select(vec![0.0, 1.0, 0.6]), 30)),
            step_clip in prop::option::of(0.05..2.0f64),
        ) {
            let (p, _) = init::draw(CellKind::Lstm, hidden, 2, Init::Gaussian, false, 5).unwrap();
            let cell = Lstm::new(p, ForgetGate::Learned(Some(1.0)));
            let mut tape = cell.tape(steps);
            let inputs = Array2::from_shape_fn((steps, 2), |(t, j)| ((t * 3 + j) as f64).sin());
            forward(&cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
            let v = init::unit_vector(hidden, Init::Gaussian, 7);
            let v = v.as_slice().unwrap();
            let sweep = Sweep {
                cuts: cuts.iter().fold(PathSet::EMPTY, |set, path| set.with(*path)),
                keep: keep.as_deref(),
                step_clip,
                ..Sweep::new(&cell, &tape, if sum { Loss::Sum(v) } else { Loss::Last(v) })
            };
            let want = sweep.run(&mut |_| true).unwrap();
            let got = simd::run(Apart(sweep));
            prop_assert_eq!(&got.bitten, &want.bitten);
            prop_assert!(close(got.grad_h0, want.grad_h0) && close(got.grad_c0.unwrap(), want.grad_c0.unwrap()));
            for t in 0..steps {
                prop_assert!(close(got.totals.grad_h[t], want.totals.grad_h[t]));
                prop_assert!(close(got.totals.grad_c[t], want.totals.grad_c[t]));
                prop_assert!(got.residual[t] < 1e-12);
                for (got, want) in got.paths.iter().zip(&want.paths) {
                    prop_assert!(close(got.share[t], want.share[t]), "{:?}", got.path);
                    prop_assert!((got.contribution[t] - want.contribution[t]).abs() < 1e-10);
                }
                let width = 4 * hidden;
                for k in t * width..(t + 1) * width {
                    let of = |swept: &Swept| Wide::new(swept.deltas[k], swept.exponents[t]);
                    prop_assert!(close(of(&got), of(&want)));
                }
            }
        }
    }

    /// 4 o e/(1 + e)² with e = e^(−2|c|), in eight factors.
    fn gain(o: f64, c: f64) -> Wide {
        let eighth = Wide::from_f64((-c.abs() / 4.0).exp());
        let rest = 1.0 + (-2.0 * c.abs()).exp();
        let first = Wide::from_f64(4.0 * o / (rest * rest));
        (0..8).fold(first, |gain, _| gain.times(eighth))
    }

    /// One unit whose c grows by ½ a step, by the formulas in numbers with exponents of their own.
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
        assert!(tape.c(steps)[0] > 900.0 && tape.first_lifted().is_some());

        let mut swept = Sweep::new(&cell, &tape, Loss::Last(&[1.0]))
            .run(&mut |_| true)
            .unwrap();
        paths::each_alone(&cell, &tape, &mut swept);
        let path = |path| swept.paths.iter().find(|flow| flow.path == path).unwrap();
        let (block, output) = (path(Path::Block), path(Path::Output));
        let times = |wide: Wide, x: f64| wide.times(Wide::from_f64(x));
        let (mut on_h, mut on_c) = (Wide::ONE, Wide::ZERO);
        let (mut by_block, mut alone) = (Wide::ZERO, Wide::ZERO);
        for t in (1..=steps).rev() {
            let act = |gate| tape.activation(t, gate)[0];
            let slope = |gate| tape.slope(t, gate)[0];
            let e = gain(act(3), tape.c(t)[0]);
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
