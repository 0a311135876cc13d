//! Long measurements of the window that is shown, on a thread beside the worker.
//!
//! The screen says what it wants; the worker hands over its newest finished window, whose parts are
//! shared, not copied; the thread measures the newest one it was given and reports. A study of
//! settings that are no longer wanted is cancelled. One of a window that has merely been stepped on
//! from is finished, and the newest window taken next: a study of 50 ms follows ten steps a second,
//! and one of five seconds finishes as well.
//!
//! To add a study: a variant of [`StudyRequest`], one of [`Finding`], and an arm of `measure`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::{Report, Settings, Side, SimError, Window};
use crate::flow::Spectrum;

/// Work that lasts longer than this shows its progress, at most this often.
const PATIENCE: Duration = Duration::from_millis(150);

/// What to measure, on which side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StudyRequest {
    /// Eigenvalues, singular values of the product of Jacobians, Lyapunov exponents.
    Spectrum {
        /// Whose.
        side: Side,
    },
}

impl StudyRequest {
    /// The side of the window that it needs.
    #[must_use]
    pub const fn side(self) -> Side {
        match self {
            Self::Spectrum { side } => side,
        }
    }
}

/// What was measured.
#[derive(Clone, Debug)]
pub enum Finding {
    /// Of [`StudyRequest::Spectrum`].
    Spectrum(Spectrum),
}

/// A finished study.
#[derive(Clone, Debug)]
pub struct Study {
    /// What was asked.
    pub request: StudyRequest,
    /// The settings of its window.
    pub settings: Settings,
    /// The number of the window's last step since the start.
    pub now: u64,
    /// The result.
    pub finding: Finding,
}

/// Measures a window.
fn measure(
    request: StudyRequest,
    window: &Window,
    progress: &mut dyn FnMut(f64) -> bool,
) -> Result<Finding, SimError> {
    match request {
        StudyRequest::Spectrum { .. } => window.spectrum(progress).map(Finding::Spectrum),
    }
}

/// A handle on the study thread. Dropping it ends the thread.
#[derive(Debug)]
pub struct Students {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    desk: Mutex<Desk>,
    news: Condvar,
    /// Counts what makes a study that goes on worthless.
    wanted: AtomicU64,
}

#[derive(Debug, Default)]
struct Desk {
    next: Option<(StudyRequest, Window)>,
    closed: bool,
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        // Nothing that panics happens while the desk is locked.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Students {
    /// Starts the thread. `report` is called on it.
    #[must_use]
    pub fn spawn(report: Arc<dyn Fn(Report) + Send + Sync>) -> Self {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("study".to_owned())
            .spawn(move || run(&theirs, &*report))
            .ok();
        Self { shared, thread }
    }

    /// Hands over a finished window, in place of one that has not been begun.
    pub fn give(&self, request: StudyRequest, window: Window) {
        self.shared.desk().next = Some((request, window));
        self.shared.news.notify_one();
    }

    /// What is being measured, and what waits, is no longer wanted.
    pub fn cancel(&self) {
        self.shared.desk().next = None;
        self.shared.wanted.fetch_add(1, Ordering::Release);
    }
}

impl Drop for Students {
    fn drop(&mut self) {
        self.cancel();
        self.shared.desk().closed = true;
        self.shared.news.notify_one();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(shared: &Shared, report: &dyn Fn(Report)) {
    while let Some((request, window, wanted)) = next(shared) {
        let begun = Instant::now();
        let mut told = begun;
        let found = measure(request, &window, &mut |done| {
            if told.elapsed() > PATIENCE {
                told = Instant::now();
                report(Report::Studying(done));
            }
            shared.wanted.load(Ordering::Acquire) == wanted
        });
        match found {
            Ok(finding) => report(Report::Study(Arc::new(Study {
                request,
                settings: window.settings.clone(),
                now: window.now,
                finding,
            }))),
            Err(SimError::Cancelled) => {}
            Err(error) => report(Report::Failed(error.to_string())),
        }
    }
}

/// Waits for a window; `None` at the end.
fn next(shared: &Shared) -> Option<(StudyRequest, Window, u64)> {
    let mut desk = shared.desk();
    loop {
        if desk.closed {
            return None;
        }
        if let Some((request, window)) = desk.next.take() {
            return Some((request, window, shared.wanted.load(Ordering::Acquire)));
        }
        desk = shared
            .news
            .wait(desk)
            .unwrap_or_else(PoisonError::into_inner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::Simulation;
    use std::sync::mpsc::{Receiver, channel};

    fn students() -> (Students, Receiver<Report>) {
        let (reports, heard) = channel();
        let report = move |report| {
            let _ = reports.send(report);
        };
        (Students::spawn(Arc::new(report)), heard)
    }

    fn window(settings: Settings, side: Side) -> Window {
        let mut simulation = Simulation::new(settings, Arc::default()).unwrap();
        simulation.window(side, &mut |_| true).unwrap()
    }

    fn study(heard: &Receiver<Report>) -> Arc<Study> {
        loop {
            match heard.recv_timeout(Duration::from_secs(60)).unwrap() {
                Report::Study(study) => return study,
                Report::Studying(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// An orthogonal linear network at ρ = 1.01: every eigenvalue has modulus ρ, every singular
    /// value of the product is ρ^T, every exponent ln ρ.
    #[test]
    fn the_spectrum_of_an_orthogonal_network() {
        let (students, heard) = students();
        let settings = Settings {
            rho: Some(1.01),
            hidden: 12,
            ..Settings::default()
        };
        let request = StudyRequest::Spectrum { side: Side::Right };
        students.give(request, window(settings.clone(), Side::Right));
        let study = study(&heard);
        assert_eq!((study.request, study.now), (request, 200));
        assert_eq!(study.settings, settings);
        let Finding::Spectrum(spectrum) = &study.finding;
        let matrix = &spectrum.matrices[0];
        assert_eq!((matrix.name, matrix.eigenvalues.len()), ("recurrent", 12));
        assert!(
            matrix
                .eigenvalues
                .iter()
                .all(|z| (z.abs() - 1.01).abs() < 1e-12)
        );
        assert!((matrix.bound() - 1.01).abs() < 1e-12);
        let whole = 200.0 * 1.01f64.log10();
        assert!(
            spectrum
                .product
                .iter()
                .all(|s| (s.log10() - whole).abs() < 1e-10)
        );
        assert_eq!(spectrum.measured(), 12);
        let exponents = &spectrum.lyapunov.exponents;
        assert!(exponents.iter().all(|x| (x - 1.01f64.ln()).abs() < 1e-12));
    }

    #[test]
    fn a_cancelled_study_makes_room_for_the_next_one() {
        let (students, heard) = students();
        let long = Settings {
            hidden: 96,
            steps: 20_000,
            ..Settings::default()
        };
        let request = StudyRequest::Spectrum { side: Side::Left };
        students.give(request, window(long, Side::Left));
        // It has begun when it tells how far it is.
        while !matches!(
            heard.recv_timeout(Duration::from_secs(60)).unwrap(),
            Report::Studying(_)
        ) {}
        students.cancel();
        let short = Settings {
            hidden: 4,
            steps: 10,
            ..Settings::default()
        };
        students.give(request, window(short.clone(), Side::Left));
        assert_eq!(study(&heard).settings, short);
    }
}
