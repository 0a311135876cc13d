//! h-detach (Kanuparthi et al. 2019): at every step, with probability p, the gradient does not go
//! through h_{t-1} into the gates, so that only what crosses no recurrent matrix comes further back.
//!
//! One draw is one sweep in which the crossing paths are blocked at some steps. What is shown of
//! several draws is the mean of |δ_t| and its range. What the mean of the vectors δ_t goes to needs
//! no draws: the sweep is linear and every step is drawn for itself, so that it is the sweep in
//! which what crosses is scaled by 1 − p, Σ_k (1−p)^k δ_t^(k) in the hop orders of [`hops`](super::hops()).
//! p = 0 is the total, p = 1 cuts all recurrent paths.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::backward::{GoOn, Sweep};
use super::loss::Loss;
use crate::cell::{Cell, PathSet, Tape};
use crate::num::Wide;

/// So many draws show how far they lie apart.
pub const DRAWS: usize = 16;

/// What to draw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detach {
    /// The probability p that the recurrent paths are blocked at a step, 0 to 1.
    pub probability: f64,
    /// How many draws, at least 1.
    pub draws: usize,
    /// Decides the draws, together with the number of each step: as the window slides, a step that
    /// is blocked stays so. Steps that are blocked at one p are blocked at every larger one.
    pub seed: u64,
    /// Steps before the window.
    pub before: u64,
}

/// The size of the gradient over several draws: |δc_t| where there is a c, |δh_t| otherwise,
/// `[t - 1]` for step t.
#[derive(Clone, Debug, PartialEq)]
pub struct Detached {
    /// p.
    pub probability: f64,
    /// How many draws.
    pub draws: usize,
    /// The mean of |δ_t| over the draws.
    pub mean: Vec<Wide>,
    /// The smallest |δ_t|.
    pub low: Vec<Wide>,
    /// The largest |δ_t|.
    pub high: Vec<Wide>,
    /// |mean of δ_t| over all possible draws, exactly; `None` with clipping mode `step`, under which
    /// the sweep is not linear.
    pub expected: Option<Vec<Wide>>,
}

impl Detached {
    /// log10 of |δ_T|, which is the same in every draw; 0 when it is zero.
    pub fn reference(&self) -> f64 {
        let last = self.high.last().filter(|w| !w.is_zero());
        last.map_or(0.0, |w| w.log10())
    }
}

/// Draws from an own stream, apart from what else the seed decides.
const STREAM: u64 = 0x6d65_7461_6368_6564;

/// Sweeps the window on `tape` back under every draw. Paths in `cuts` are cut throughout, and
/// `step_clip` is θ of clipping mode `step`. `None` when the caller ended it. Costs as much as
/// `draws` + 1 sweeps.
pub fn detached<C: Cell>(
    cell: &C,
    tape: &Tape,
    loss: Loss,
    cuts: PathSet,
    step_clip: Option<f64>,
    detach: Detach,
    go_on: GoOn,
) -> Option<Detached> {
    let (draws, p) = (detach.draws.max(1), detach.probability);
    let mut sweeps = 0.0;
    let parts = (draws + 1) as f64;
    let mut totals = |keep: &[f64]| -> Option<Vec<Wide>> {
        let sweep = Sweep {
            cuts,
            keep: Some(keep),
            step_clip,
            detail: false,
            ..Sweep::new(cell, tape, loss)
        };
        let swept = sweep.run(&mut |done| go_on((sweeps + done) / parts))?;
        sweeps += 1.0;
        Some(swept.totals.main().to_vec())
    };
    let expected = match step_clip {
        None => Some(totals(&vec![1.0 - p; tape.steps])?),
        Some(_) => None,
    };
    let mut mean = vec![Wide::ZERO; tape.steps];
    let (mut low, mut high) = (Vec::new(), Vec::new());
    for keep in masks(detach, draws, tape.steps) {
        let curve = totals(&keep)?;
        if low.is_empty() {
            (low, high) = (curve.clone(), curve.clone());
        }
        for (t, &norm) in curve.iter().enumerate() {
            mean[t] = mean[t].plus(norm);
            low[t] = if norm < low[t] { norm } else { low[t] };
            high[t] = if norm > high[t] { norm } else { high[t] };
        }
    }
    let share = Wide::from_f64(1.0 / draws as f64);
    for sum in &mut mean {
        *sum = sum.times(share);
    }
    Some(Detached {
        probability: p,
        draws,
        mean,
        low,
        high,
        expected,
    })
}

/// For each draw, 0 at the steps where the recurrent paths are blocked and 1 elsewhere.
fn masks(detach: Detach, draws: usize, steps: usize) -> Vec<Vec<f64>> {
    let mut masks = vec![Vec::with_capacity(steps); draws];
    for step in (detach.before + 1..).take(steps) {
        let seed = detach.seed.rotate_left(32) ^ step ^ STREAM;
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        for mask in &mut masks {
            let blocked = rng.random::<f64>() < detach.probability;
            mask.push(f64::from(u8::from(!blocked)));
        }
    }
    masks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::forward::forward;
    use crate::cell::{Activation, CellKind, ForgetGate, Init, Lstm, Path, Rnn, init};
    use ndarray::Array2;
    use proptest::prelude::*;

    fn run<C: Cell>(cell: &C, steps: usize) -> Tape {
        let mut tape = cell.tape(steps);
        let inputs = Array2::from_shape_fn((steps, 1), |(t, _)| ((t * 7 % 5) as f64) / 5.0);
        forward(cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
        tape
    }

    fn lstm(hidden: usize, rho: f64, seed: u64) -> Lstm {
        let drawn = init::draw(CellKind::Lstm, hidden, 1, Init::Gaussian, false, seed);
        let (mut parameters, _) = drawn.unwrap();
        parameters.r *= rho;
        Lstm::new(parameters, ForgetGate::Learned(None))
    }

    fn detach(probability: f64) -> Detach {
        Detach {
            probability,
            draws: 8,
            seed: 3,
            before: 0,
        }
    }

    fn total(cell: &Lstm, tape: &Tape, loss: Loss, cuts: PathSet) -> Vec<Wide> {
        let sweep = Sweep {
            cuts,
            detail: false,
            ..Sweep::new(cell, tape, loss)
        };
        let swept = sweep.run(&mut |_| true).unwrap();
        swept.totals.main().to_vec()
    }

    const GATES: [Path; 4] = [Path::Block, Path::Input, Path::Forget, Path::Output];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn never_is_the_total_and_always_cuts_every_recurrent_path(
            hidden in 1usize..6, rho in 0.0..3.0f64, seed in 0u64..1000, steps in 1usize..90,
        ) {
            let cell = lstm(hidden, rho, seed);
            let tape = run(&cell, steps);
            let v = vec![0.3; hidden];
            let loss = Loss::Sum(&v);
            for (p, cuts) in [(0.0, PathSet::EMPTY), (1.0, PathSet::of(&GATES))] {
                let found = detached(
                    &cell, &tape, loss, PathSet::EMPTY, None, detach(p), &mut |_| true,
                ).unwrap();
                let want = total(&cell, &tape, loss, cuts);
                prop_assert_eq!(&found.low, &want);
                prop_assert_eq!(&found.high, &want);
                prop_assert_eq!(found.expected.as_ref(), Some(&want));
            }
        }

        #[test]
        fn the_same_seed_draws_the_same_and_the_mean_is_within_the_band(
            p in 0.0..=1.0f64, seed in 0u64..1000,
        ) {
            let cell = lstm(3, 1.5, 1);
            let tape = run(&cell, 40);
            let draw = |seed: u64| {
                let detach = Detach { seed, ..detach(p) };
                let v = [0.5, -0.5, 1.0];
                detached(
                    &cell, &tape, Loss::Last(&v), PathSet::EMPTY, None, detach, &mut |_| true,
                ).unwrap()
            };
            let one = draw(seed);
            prop_assert_eq!(&one, &draw(seed));
            for t in 0..40 {
                let (low, mean, high) = (one.low[t], one.mean[t], one.high[t]);
                let slack = Wide::from_f64(1.0 + 1e-12);
                prop_assert!(low <= mean.times(slack) && mean <= high.times(slack));
            }
        }
    }

    #[test]
    fn in_a_linear_rnn_each_step_survives_or_ends_the_gradient() {
        let (parameters, _) = init::draw(CellKind::Rnn, 3, 1, Init::Orthogonal, false, 1).unwrap();
        let cell = Rnn::new(parameters, Activation::Linear);
        let tape = run(&cell, 5);
        let detach = Detach {
            draws: 4000,
            ..detach(0.25)
        };
        let v = [1.0, 0.0, 0.0];
        let loss = Loss::Last(&v);
        let found = detached(
            &cell,
            &tape,
            loss,
            PathSet::EMPTY,
            None,
            detach,
            &mut |_| true,
        )
        .unwrap();
        let expected = found.expected.as_ref().unwrap();
        for (t, expected) in expected.iter().enumerate() {
            let want = 0.75f64.powi(i32::try_from(4 - t).unwrap());
            assert!((expected.saturating_f64() - want).abs() < 1e-14);
            // Four standard deviations of the mean of 4000 zeros and ones.
            assert!((found.mean[t].saturating_f64() - want).abs() < 4.0 * 0.5 / 4000f64.sqrt());
            assert!(found.high[t].log10().abs() < 1e-14);
        }
        assert!(found.low[0].is_zero());
    }

    #[test]
    fn long_work_ends_when_asked() {
        let cell = lstm(2, 1.0, 1);
        let tape = run(&cell, 200);
        let mut told = Vec::new();
        let ended = detached(
            &cell,
            &tape,
            Loss::Last(&[1.0, 0.0]),
            PathSet::EMPTY,
            None,
            detach(0.5),
            &mut |done| {
                told.push(done);
                done < 0.5
            },
        );
        assert!(ended.is_none() && told.is_sorted());
    }

    #[test]
    fn the_mean_over_many_draws_lies_between_none_and_all() {
        // One unit with positive weights: every term has the same sign, so that blocking lowers δ.
        let (mut parameters, _) =
            init::draw(CellKind::Lstm, 1, 1, Init::Identity, false, 1).unwrap();
        parameters.w.mapv_inplace(f64::abs);
        let cell = Lstm::new(parameters, ForgetGate::Learned(None));
        let tape = run(&cell, 30);
        let loss = Loss::Last(&[1.0]);
        let many = Detach {
            draws: 3000,
            ..detach(0.5)
        };
        let found = detached(&cell, &tape, loss, PathSet::EMPTY, None, many, &mut |_| {
            true
        })
        .unwrap();
        let all = total(&cell, &tape, loss, PathSet::EMPTY);
        let none = total(&cell, &tape, loss, PathSet::of(&GATES));
        let expected = found.expected.as_ref().unwrap();
        for t in 0..29 {
            assert!(none[t] < found.mean[t] && found.mean[t] < all[t], "t = {t}");
            assert!(none[t] < expected[t] && expected[t] < all[t]);
            let off = found.mean[t].log10() - expected[t].log10();
            assert!(off.abs() < 0.05, "{off} decades at t = {t}");
        }
        // Norms add where all terms have the same sign: Σ_k (1−p)^k |δ_t^(k)|.
        let hops = crate::flow::hops(&cell, &tape, loss, PathSet::EMPTY, 29, &mut |_| true);
        let orders = hops.unwrap().grad_c.unwrap();
        for t in 1..=30 {
            let kept = orders.at(t).iter().rev();
            let sum = kept.fold(0.0, |sum, w| 0.5 * sum + w.saturating_f64());
            let off = expected[t - 1].saturating_f64() / sum - 1.0;
            assert!(off.abs() < 1e-12, "{off} at t = {t}");
        }
    }

    #[test]
    fn a_step_that_is_blocked_stays_so_while_the_window_slides() {
        let now = masks(detach(0.5), 3, 50);
        let later = masks(
            Detach {
                before: 7,
                ..detach(0.5)
            },
            3,
            50,
        );
        let rarer = masks(detach(0.2), 3, 50);
        for draw in 0..3 {
            assert_eq!(now[draw][7..], later[draw][..43]);
            let nested = now[draw].iter().zip(&rarer[draw]).all(|(a, b)| a <= b);
            assert!(nested);
        }
    }
}
