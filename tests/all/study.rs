//! Studies beside the worker: what is asked for is delivered, follows the window, and is cancelled
//! by other settings.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use rnntop::cell::{Activation, CellKind, ForgetGate};
use rnntop::flow::explain::Subject;
use rnntop::flow::{Path, PathSet, Question};
use rnntop::sim::preset::embedded;
use rnntop::sim::settings::Signal;
use rnntop::sim::{
    Command, Data, Finding, Pace, Report, Settings, Side, Simulation, Study, StudyRequest, Worker,
    edge,
};

/// A study takes far less on any machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn worker(settings: &Settings) -> (Worker, Receiver<Report>) {
    let (outbox, reports) = channel();
    let worker = Worker::spawn(settings.clone(), Arc::new(Data::default()), move |report| {
        let _ = outbox.send(report);
    });
    (worker, reports)
}

fn next(reports: &Receiver<Report>) -> Arc<Study> {
    loop {
        if let Report::Study(study) = reports.recv_timeout(PATIENCE).unwrap() {
            return study;
        }
    }
}

const fn hops(side: Side, orders: usize) -> StudyRequest {
    StudyRequest::Hops { side, orders }
}

fn small() -> Settings {
    Settings {
        cells: [CellKind::Lstm, CellKind::Gru].map(Into::into),
        hidden: 6,
        steps: 40,
        ..Settings::default()
    }
}

fn set(settings: &Settings) -> Command {
    Command::Set {
        settings: Box::new(settings.clone()),
        cuts: PathSet::EMPTY,
        question: Question::Share,
    }
}

#[test]
fn the_hops_of_either_cell_are_those_of_the_window() {
    let settings = small();
    let (worker, reports) = worker(&settings);
    for side in Side::BOTH {
        worker.send(Command::Study(Some(hops(side, 5))));
        let study = next(&reports);
        assert_eq!((study.request, study.now), (hops(side, 5), 40));
        let Ok(Finding::Hops(found)) = &study.finding else {
            panic!("no hop orders");
        };
        let mut fresh = Simulation::new(settings.clone(), Arc::new(Data::default())).unwrap();
        let window = fresh.window(side, &mut |_| true).unwrap();
        let want = window.hops(PathSet::EMPTY, 5, &mut |_| true).unwrap();
        for t in 1..=40 {
            assert_eq!(found.grad_h.at(t), want.grad_h.at(t));
        }
        assert_eq!(found.grad_c.is_some(), side == Side::Left);
    }
}

#[test]
fn the_draws_of_h_detach_are_those_of_the_window_and_of_p() {
    let mut settings = Settings {
        detach: 0.5,
        ..small()
    };
    let (worker, reports) = worker(&settings);
    let asked = StudyRequest::Detach { side: Side::Left };
    worker.send(Command::Study(Some(asked)));
    let Ok(Finding::Detached(half)) = next(&reports).finding.clone() else {
        panic!("no draws");
    };
    let mut fresh = Simulation::new(settings.clone(), Arc::new(Data::default())).unwrap();
    let window = fresh.window(Side::Left, &mut |_| true).unwrap();
    let want = window.detached(PathSet::EMPTY, &mut |_| true).unwrap();
    assert_eq!(half, want);
    settings.detach = 1.0;
    worker.send(set(&settings));
    let Ok(Finding::Detached(always)) = next(&reports).finding.clone() else {
        panic!("no draws");
    };
    assert_eq!((always.probability, &always.low), (1.0, &always.high));
}

#[test]
fn a_path_is_explained_beside_the_rnn_of_the_other_side() {
    use CellKind::{Gru, Lstm, Rnn};
    let explain = |side| {
        Command::Study(Some(StudyRequest::Explain {
            side,
            path: None,
            t: 20,
            units: 2,
        }))
    };
    let beside = |kinds: [CellKind; 2], side| {
        let settings = Settings {
            cells: kinds.map(Into::into),
            ..small()
        };
        let (worker, reports) = worker(&settings);
        worker.send(explain(side));
        let Ok(Finding::Explain(found)) = next(&reports).finding.clone() else {
            panic!("nothing is explained");
        };
        assert_eq!(found.example.cell, kinds[side.index()]);
        let rnn = found.beside.as_ref()?;
        let mut fresh = Simulation::new(settings, Arc::new(Data::default())).unwrap();
        let window = fresh.window(side.other(), &mut |_| true).unwrap();
        let path = Path::Recurrent;
        let subject = Subject {
            path,
            t: 20,
            units: 2,
        };
        let want = window.explain(PathSet::EMPTY, subject, &mut |_| true);
        let want = want.unwrap().unwrap().chain.unwrap();
        let chain = rnn.chain.as_ref().unwrap();
        assert_eq!((&chain.norms, chain.charted), (&want.norms, want.charted));
        Some(rnn.cell)
    };
    assert_eq!(beside([Lstm, Rnn], Side::Left), Some(Rnn));
    assert_eq!(beside([Rnn, Gru], Side::Right), Some(Rnn));
    assert_eq!(beside([Lstm, Gru], Side::Left), None);
    assert_eq!(beside([Lstm, Rnn], Side::Right), None);
    assert_eq!(beside([Rnn, Rnn], Side::Left), None);
}

/// The product of Jacobians slides with the window: it stays that of the window itself.
#[test]
fn the_spectrum_of_a_window_that_slides() {
    let settings = Settings {
        steps: 12,
        rho: Some(0.9),
        ..small()
    };
    let (worker, reports) = worker(&settings);
    let asked = StudyRequest::Spectrum { side: Side::Left };
    worker.send(Command::Study(Some(asked)));
    let mut fresh = Simulation::new(settings.clone(), Arc::new(Data::default())).unwrap();
    for step in 0..30 {
        let study = next(&reports);
        assert_eq!(study.now, 12 + step);
        let Ok(Finding::Spectrum(found)) = &study.finding else {
            panic!("no spectrum");
        };
        let window = fresh.window(Side::Left, &mut |_| true).unwrap();
        let want = window.singular_values(0, &mut |_| true).unwrap();
        let largest = want[0].log10();
        for (found, want) in found.product.iter().zip(&want) {
            if want.log10() > largest - 8.0 {
                assert!((found.log10() - want.log10()).abs() < 1e-6, "at {step}");
            }
        }
        for side in Side::BOTH {
            fresh.window(side, &mut |_| true).unwrap();
        }
        fresh.forward().unwrap();
        worker.send(Command::Forward);
    }
}

/// What would only repeat itself is not measured again, and is still of the newest window.
#[test]
fn a_network_at_rest_is_studied_once() {
    for (signal, same) in [(Signal::Zero, true), (Signal::Noise, false)] {
        let settings = Settings { signal, ..small() };
        let (worker, reports) = worker(&settings);
        worker.send(Command::Study(Some(hops(Side::Left, 3))));
        let first = next(&reports);
        worker.send(Command::Forward);
        let second = next(&reports);
        assert_eq!(second.now, first.now + 1);
        match (&first.finding, &second.finding) {
            (Ok(Finding::Hops(one)), Ok(Finding::Hops(other))) => {
                assert_eq!(Arc::ptr_eq(one, other), same, "{signal:?}");
            }
            _ => panic!("no hop orders"),
        }
    }
}

#[test]
fn a_study_follows_the_window_and_the_settings() {
    let mut settings = small();
    let (worker, reports) = worker(&settings);
    worker.send(Command::Study(Some(hops(Side::Left, 3))));
    assert_eq!(next(&reports).now, 40);
    worker.send(Command::Forward);
    assert_eq!(next(&reports).now, 41);
    worker.send(Command::Back);
    assert_eq!(next(&reports).now, 40);
    settings.rho = Some(1.5);
    worker.send(set(&settings));
    assert_eq!(next(&reports).settings.rho, Some(1.5));
    // Orders beyond the window are not there.
    worker.send(Command::Study(Some(hops(Side::Left, 1000))));
    let study = next(&reports);
    assert!(matches!(&study.finding, Ok(Finding::Hops(hops)) if hops.orders == 40));
    // Nothing is studied for nobody: the window comes alone.
    worker.send(Command::Study(None));
    worker.send(Command::Forward);
    worker.send(set(&small()));
    let quiet = Duration::from_millis(200);
    let rest = std::iter::from_fn(|| reports.recv_timeout(quiet).ok());
    assert!(
        rest.into_iter()
            .all(|report| !matches!(report, Report::Study(_)))
    );
}

/// At many steps per second a study that takes longer than a step is finished all the same; other
/// settings end it at once, and the next one is of the new settings.
#[test]
fn long_studies_finish_while_the_simulation_steps_and_end_with_their_settings() {
    let mut settings = Settings {
        hidden: 24,
        steps: 400,
        ..Settings::default()
    };
    let (worker, reports) = worker(&settings);
    worker.send(Command::Pace(Pace { speed: 60 }));
    worker.send(Command::Run(true));
    worker.send(Command::Study(Some(hops(Side::Left, 60))));
    let (first, second) = (next(&reports), next(&reports));
    assert!(second.now > first.now);
    // One that would take for ever gives way.
    settings.steps = 20_000;
    settings.hidden = 64;
    worker.send(Command::Run(false));
    worker.send(set(&settings));
    worker.send(Command::Study(Some(hops(Side::Left, 190))));
    std::thread::sleep(Duration::from_millis(300));
    worker.send(set(&small()));
    worker.send(Command::Study(Some(hops(Side::Right, 2))));
    let mut study = next(&reports);
    while study.request != hops(Side::Right, 2) {
        study = next(&reports);
        assert!(study.settings.steps != 20_000);
    }
    assert_eq!(study.settings.steps, 40);
}

/// An orthogonal linear network at ρ = 1.01: every eigenvalue has modulus ρ, every singular value of
/// the product is ρ^T, every exponent ln ρ.
#[test]
fn the_spectrum_of_an_orthogonal_network() {
    let settings = Settings {
        rho: Some(1.01),
        hidden: 12,
        activation: Activation::Linear,
        ..Settings::default()
    };
    let (worker, reports) = worker(&settings);
    let request = StudyRequest::Spectrum { side: Side::Right };
    worker.send(Command::Study(Some(request)));
    let study = next(&reports);
    assert_eq!((study.request, study.now), (request, 200));
    let Ok(Finding::Spectrum(spectrum)) = &study.finding else {
        panic!("{:?}", study.finding);
    };
    let matrix = &spectrum.matrices[0];
    assert_eq!((matrix.name, matrix.eigenvalues.len()), ("recurrent", 12));
    let moduli = matrix.eigenvalues.iter().map(|z| z.abs());
    assert!(moduli.into_iter().all(|m| (m - 1.01).abs() < 1e-12));
    assert!((matrix.bound() - 1.01).abs() < 1e-12);
    let whole = 200.0 * 1.01f64.log10();
    let near = |log: f64| (log - whole).abs() < 1e-10;
    assert!(spectrum.product.iter().all(|s| near(s.log10())));
    assert_eq!(spectrum.measured(), 12);
    let exponents = &spectrum.lyapunov.exponents;
    assert!(exponents.iter().all(|x| (x - 1.01f64.ln()).abs() < 1e-12));
}

/// The search on the worker: every trial is reported, the window that follows is at the edge, and
/// other settings end a search.
#[test]
fn the_edge_is_found_on_the_worker() {
    let settings = Settings {
        rho: Some(0.97),
        activation: Activation::Linear,
        ..Settings::default()
    };
    let (worker, reports) = worker(&settings);
    let request = edge::Request {
        knob: edge::Knob::Radius,
        start: 0.97,
        side: Side::Right,
        cuts: PathSet::EMPTY,
    };
    worker.send(Command::FindEdge(request));
    let (found, trials) = loop {
        if let Report::Edge(search) = reports.recv_timeout(PATIENCE).unwrap()
            && let Some(outcome) = search.outcome
        {
            break (outcome.value().unwrap(), search.trials.len());
        }
    };
    assert!(
        trials > 2 && (found - 1.0).abs() < 1e-9,
        "{trials}: {found}"
    );
    let snapshot = loop {
        if let Report::Snapshot(snapshot) = reports.recv_timeout(PATIENCE).unwrap() {
            break snapshot;
        }
    };
    assert_eq!(snapshot.settings.rho, Some(found));
    let r = snapshot.flow(Side::Right).factor_per_step().unwrap();
    assert!((r.saturating_f64() - 1.0).abs() < 1e-11);
    worker.send(Command::FindEdge(request));
    worker.send(set(&settings));
    let last = loop {
        match reports.recv_timeout(PATIENCE).unwrap() {
            Report::Snapshot(snapshot) if snapshot.settings == settings => break snapshot,
            _ => {}
        }
    };
    assert_eq!(last.settings.rho, Some(0.97));
}

/// What the first steps take to turn the frame is in its exponents of a short window. The largest
/// exponent is not below the rate of the gradient, which grows: what h and c make of a disturbance
/// beyond that is in it, and not in that of the second half.
#[test]
fn the_second_half_has_the_rate_that_lasts() {
    let mut settings = embedded::find("why").unwrap().read().unwrap().settings;
    settings.signal = Signal::Zero;
    let mut simulation = Simulation::new(settings, Arc::default()).unwrap();
    let window = simulation.window(Side::Left, &mut |_| true).unwrap();
    let exponents = window.lyapunov(&mut |_| true).unwrap();
    let largest = window.singular_values(0, &mut |_| true).unwrap()[0];
    let largest = largest.log10() * std::f64::consts::LN_10 / 200.0;
    assert!(exponents.sorted()[0] < 0.0);
    assert!((exponents.largest() - largest).abs() < 1e-13);
    assert!(exponents.largest() > 1.01f64.ln());
    assert!((exponents.settled() - 1.01f64.ln()).abs() < 1e-6);
}

/// What cannot be computed is said once; the simulation goes on from where it can be.
#[test]
fn a_state_without_numbers_waits_for_other_settings() {
    let well = Settings {
        cells: [CellKind::Lstm, CellKind::Rnn].map(Into::into),
        hidden: 2,
        steps: 40,
        ..Settings::default()
    };
    let ill = Settings {
        forget: ForgetGate::Pinned(1.05),
        steps: 20_000,
        ..well.clone()
    };
    let (worker, reports) = worker(&ill);
    worker.send(Command::Pace(Pace { speed: 60 }));
    worker.send(Command::Run(true));
    let failed =
        |report| matches!(report, Report::Failed(why) if why.contains("lower f, ρ, T or input"));
    let first = reports.iter().find(|r| !matches!(r, Report::Progress(_)));
    assert!(first.is_some_and(failed));
    // Running is a wish, and at most one more window was tried for it.
    std::thread::sleep(Duration::from_millis(300));
    assert!(
        reports
            .try_iter()
            .filter(|r| matches!(r, Report::Failed(_)))
            .count()
            <= 1
    );
    worker.send(set(&well));
    let steps = reports.iter().filter_map(|report| match report {
        Report::Snapshot(snapshot) => Some(snapshot.now),
        _ => None,
    });
    let steps: Vec<u64> = steps.take(3).collect();
    assert!(steps.is_sorted_by(|a, b| a < b), "{steps:?}");
}
