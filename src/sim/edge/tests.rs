use super::*;
use crate::flow::PathSet;
use crate::sim::settings::{LossKind, Signal};
use crate::sim::{Ask, Side, SimError, Simulation};
use proptest::prelude::*;
use std::sync::Arc;

fn run(knob: Knob, start: f64, f: impl Fn(f64) -> Option<f64>) -> Search {
    let mut heard = 0;
    let found = search::<()>(NEAR, (knob, start), &mut |v| Ok(f(v)), &mut |s| {
        heard = heard.max(s.trials.len());
    });
    let found = found.unwrap();
    assert_eq!(heard, found.trials.len());
    let range = found.knob.range();
    assert!(found.trials.iter().all(|t| range.contains(&t.value)));
    found
}

fn found(search: &Search) -> f64 {
    match search.outcome {
        Some(Outcome::Found(trial)) => trial.value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_line_is_found_in_a_few_trials() {
    let search = run(Knob::Radius, 0.9, |v| Some(v.ln()));
    assert!((found(&search) - 1.0).abs() < 1e-12);
    assert!(search.trials.len() < 14, "{}", search.trials.len());
}

#[test]
fn a_search_begins_at_zero_too() {
    let search = run(Knob::Radius, 0.0, |v| Some(v.ln()));
    assert!((found(&search) - 1.0).abs() < 1e-12);
}

#[test]
fn a_jump_is_called_one() {
    let search = run(Knob::ForgetBias, 0.0, |v| {
        Some(if v < 2.5 { -0.1 } else { 0.3 })
    });
    let Some(Outcome::Jump(near, far)) = search.outcome else {
        panic!("{:?}", search.outcome);
    };
    assert!((near.value - 2.5).abs() < 1e-12 && (far.value - 2.5).abs() < 1e-12);
    assert!((near.log_r.unwrap() + 0.1).abs() < 1e-15);
}

#[test]
fn no_crossing_names_both_ends() {
    let search = run(Knob::ForgetValue, 0.5, |v| Some(-1.0 - v));
    let Some(Outcome::NoCrossing(low, high)) = search.outcome else {
        panic!("{:?}", search.outcome);
    };
    assert_eq!((low.value, high.value), (0.0, 1.05));
    assert_eq!((low.log_r, high.log_r), (Some(-1.0), Some(-2.05)));
}

#[test]
fn where_nothing_can_be_measured_is_a_wall() {
    // Numbers end at 3; the edge lies just below.
    let edge = |e: f64| move |v: f64| (v < 3.0).then(|| (v / e).ln());
    assert!((found(&run(Knob::Radius, 1.0, edge(2.9))) - 2.9).abs() < 1e-11);
    let search = run(Knob::Radius, 1.0, edge(3.5));
    let Some(Outcome::NoCrossing(low, high)) = search.outcome else {
        panic!("{:?}", search.outcome);
    };
    assert!(
        low.value == 0.0 && (2.9..3.0).contains(&high.value),
        "{high:?}"
    );
    let search = run(Knob::Radius, 5.0, edge(2.9));
    assert_eq!(search.outcome, Some(Outcome::NoBeginning));
}

#[test]
fn a_measurement_that_fails_ends_the_search() {
    let mut left = 3;
    let ended = search(
        NEAR,
        (Knob::Radius, 0.5),
        &mut |v: f64| {
            left -= 1;
            if left == 0 {
                Err("stop")
            } else {
                Ok(Some(v.ln()))
            }
        },
        &mut |_| {},
    );
    assert_eq!(ended, Err("stop"));
}

fn tuned(settings: Settings, knob: Knob, start: f64, side: Side) -> (Search, Simulation) {
    let mut simulation = Simulation::new(settings, Arc::default()).unwrap();
    let request = Request {
        knob,
        start,
        side,
        cuts: PathSet::EMPTY,
    };
    let found = tune(&mut simulation, request, &mut |_| {}, &mut |_| true).unwrap();
    (found, simulation)
}

fn r(simulation: &mut Simulation, side: Side) -> f64 {
    let flow = simulation.flow(side, Ask::default(), &mut |_| true);
    flow.unwrap().factor_per_step().unwrap().saturating_f64()
}

/// An orthogonal linear RNN multiplies every gradient by ρ: its edge is ρ = 1.
#[test]
fn the_edge_of_an_orthogonal_network_is_one() {
    let settings = Settings {
        rho: Some(0.93),
        activation: crate::cell::Activation::Linear,
        ..Settings::default()
    };
    let (search, mut simulation) = tuned(settings, Knob::Radius, 0.93, Side::Right);
    assert!((found(&search) - 1.0).abs() < 1e-9, "{search:?}");
    assert!(search.trials.len() < 16, "{}", search.trials.len());
    assert_eq!(simulation.settings().rho, Some(found(&search)));
    assert!((r(&mut simulation, Side::Right) - 1.0).abs() < 1e-11);
}

/// With R = 0 only the carousel is left, and its gradient is ∏ f: the edge is f = 1 exactly.
#[test]
fn the_edge_of_a_bare_carousel_is_one() {
    let settings = Settings {
        rho: Some(0.0),
        forget: ForgetGate::Pinned(0.9),
        loss: LossKind::Last,
        signal: Signal::Zero,
        ..Settings::default()
    };
    let (search, _) = tuned(settings, Knob::ForgetValue, 0.9, Side::Left);
    assert!((found(&search) - 1.0).abs() < 1e-9, "{search:?}");
}

#[test]
fn the_forget_bias_and_a_gate_of_an_lstm_have_edges() {
    let start = Settings::default();
    let (search, mut simulation) = tuned(start.clone(), Knob::ForgetBias, 1.0, Side::Left);
    assert!(found(&search) > 1.0);
    assert!((r(&mut simulation, Side::Left) - 1.0).abs() < 1e-7);
    let (search, mut simulation) = tuned(start, Knob::ScaleBlock, 1.0, Side::Left);
    if let Some(Outcome::Found(trial)) = search.outcome {
        assert!(trial.value > 1.0);
        assert!((r(&mut simulation, Side::Left) - 1.0).abs() < 1e-7);
    } else {
        panic!("{:?}", search.outcome);
    }
}

/// The gates of an LSTM are not in an RNN: r is the same at both ends, and the settings stay.
#[test]
fn what_does_not_matter_has_no_edge() {
    let settings = Settings {
        rho: Some(0.9),
        ..Settings::default()
    };
    let (search, simulation) = tuned(settings.clone(), Knob::ForgetBias, 1.0, Side::Right);
    let Some(Outcome::NoCrossing(low, high)) = search.outcome else {
        panic!("{:?}", search.outcome);
    };
    assert_eq!((low.value, high.value), (-20.0, 20.0));
    assert_eq!(low.log_r, high.log_r);
    assert_eq!(*simulation.settings(), settings);
}

#[test]
fn a_cancelled_search_leaves_everything_as_it_was() {
    let settings = Settings::default();
    let mut simulation = Simulation::new(settings.clone(), Arc::default()).unwrap();
    let request = Request {
        knob: Knob::ForgetBias,
        start: 1.0,
        side: Side::Left,
        cuts: PathSet::EMPTY,
    };
    let mut left = 40;
    let ended = tune(&mut simulation, request, &mut |_| {}, &mut |_| {
        left -= 1;
        left > 0
    });
    assert_eq!(ended, Err(SimError::Cancelled));
    assert_eq!(*simulation.settings(), settings);
}

/// Over noise every window has its own edge, and so no more than two digits of one are true; at rest all
/// windows have one. Where the search ends, the simulation stands where it stood.
#[test]
fn edges_of_other_windows_lie_apart_over_noise_and_not_at_rest() {
    let noise = Settings {
        hidden: 8,
        steps: 60,
        signal: Signal::Noise,
        ..Settings::default()
    };
    let (search, simulation) = tuned(noise.clone(), Knob::ForgetBias, 1.0, Side::Left);
    let spread = search.spread.unwrap();
    assert!(spread.windows > 3, "{spread:?}");
    assert!(
        spread.deviation > 1e-3 && spread.deviation < 2.0,
        "{spread:?}"
    );
    assert!((found(&search) - spread.mean).abs() < 4.0 * spread.deviation);
    assert_eq!(simulation.now(), 60);
    let rest = Settings {
        signal: Signal::Zero,
        ..noise
    };
    let (search, _) = tuned(rest, Knob::ForgetBias, 1.0, Side::Left);
    assert!(matches!(search.outcome, Some(Outcome::Found(_))));
    assert_eq!(search.spread, None);
}

/// A matrix that is not normal turns |δ| by more than its slope says.
#[test]
fn the_ends_of_a_curve_are_told_beside_its_slope() {
    let settings = Settings {
        signal: Signal::Zero,
        activation: crate::cell::Activation::Linear,
        init: crate::cell::Init::Gaussian,
        hidden: 16,
        ..Settings::default()
    };
    let (search, mut simulation) = tuned(settings, Knob::Radius, 0.9, Side::Right);
    let flow = simulation
        .flow(Side::Right, Ask::default(), &mut |_| true)
        .unwrap();
    let curve = flow.main();
    assert_eq!(search.ends, Some([curve[curve.len() - 1], curve[0]]));
}

proptest! {
    /// Whatever the curve does, what is found is a crossing of it, and where none is, no trial
    /// was on the other side.
    #[test]
    fn what_is_found_is_an_edge(
        start in 0.01..50.0f64, a in 0.1..40.0f64, wave in 0.0..3.0f64, turns in 0.1..9.0f64,
    ) {
        let f = |v: f64| (v / a).ln() + wave * (turns * v).sin();
        let search = run(Knob::Radius, start, |v| Some(f(v)));
        match search.outcome {
            Some(Outcome::Found(trial)) => prop_assert!(f(trial.value).abs() < JUMP),
            Some(Outcome::NoCrossing(low, high)) => {
                let below = |t: &Trial| t.log_r.is_none_or(|log_r| log_r < 0.0);
                prop_assert!(search.trials.iter().all(below));
                prop_assert!(low.value < start && high.value > start);
            }
            other => prop_assert!(false, "{other:?}"),
        }
        prop_assert!(search.trials.len() < 120, "{}", search.trials.len());
    }
}
