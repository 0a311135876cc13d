//! Long measurements of the window that is shown, on a thread of their own.
//!
//! The screen says what it wants to know ([`StudyRequest`]); the worker hands each finished window
//! to the [`StudyQueue`], whose thread measures the newest and reports a [`Study`]. While the simulation
//! steps on, a measurement that has begun is finished, and the newest window is taken next: a study
//! of 50 ms follows live, one of five seconds shows a window of five seconds ago, and says of which.
//! Other settings, other cuts or another request cancel it.
//!
//! The study of a trained model's layers ([`StudyRequest::Layers`]) depends on no window: it is made
//! once, goes on while settings change, and is kept for the next time that it is asked for.
//!
//! A new study is a variant of [`StudyRequest`], one of [`Finding`], and an arm of `find`; the
//! screen that shows it asks for it in [`App::study`](crate::app::App::study). A request holds what
//! decides the measurement and nothing else, since every change of it starts the study anew.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::budget;
use super::inspect::{self, Diagnosis, InspectError};
use super::slide::Slide;
use super::{Data, Progress, Report, Settings, Side, SimError, Window};
use crate::cell::CellKind;
use crate::flow::explain::Subject;
use crate::flow::stack::Stopped;
use crate::flow::{Detached, Example, Hops, Path, PathSet, Spectrum};
use crate::num::thread;

/// A study that lasts longer than this shows its progress, at most this often.
const PATIENCE: Duration = Duration::from_millis(150);

/// So many norms of hop orders are kept at most (64 MB for each of δh and δc).
const MOST_NORMS: usize = 4_000_000;

/// The window of the last study is kept for comparison up to so many numbers in its h.
const MOST_KEPT: usize = 1_000_000;

/// What is to be measured, and of which cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StudyRequest {
    /// The gradient by how often it crossed a recurrent matrix.
    Hops {
        /// The side of the cell.
        side: Side,
        /// Orders 0 to this stand by themselves; fewer where the window is shorter, or where they
        /// would fill the memory ([`Hops::orders`] says how many).
        orders: usize,
    },
    /// The gradient over several draws of h-detach, at the p of the settings.
    Detach {
        /// The side of the cell.
        side: Side,
    },
    /// Eigenvalues, singular values of the product of Jacobians, Lyapunov exponents.
    Spectrum {
        /// The side of the cell.
        side: Side,
    },
    /// A path at a step in numbers.
    Explain {
        /// The side of the cell.
        side: Side,
        /// The path; without one, or with one that the cell does not have, the largest that
        /// crosses a recurrent matrix.
        path: Option<Path>,
        /// The step; the last one where the window is shorter.
        t: usize,
        /// Units that are shown.
        units: usize,
    },
    /// All layers of the user's model, on its own input.
    Layers,
}

impl StudyRequest {
    /// Whether the window of the other side is needed as well: a path is compared with a vanilla RNN's.
    pub fn needs_other(self, settings: &Settings) -> bool {
        match self {
            Self::Explain { side, .. } => settings.cell(side.other()).kind == CellKind::Rnn,
            _ => false,
        }
    }

    /// The side of the cell that is studied; `None` for a study of no window.
    pub const fn side(self) -> Option<Side> {
        match self {
            Self::Hops { side, .. }
            | Self::Detach { side }
            | Self::Spectrum { side }
            | Self::Explain { side, .. } => Some(side),
            Self::Layers => None,
        }
    }
}

/// What was measured.
#[derive(Clone, Debug)]
pub enum Finding {
    /// The norms of the hop orders.
    Hops(Arc<Hops>),
    /// The draws of h-detach.
    Detached(Detached),
    /// What one step can do, and what the window does.
    Spectrum(Arc<Spectrum>),
    /// The path in numbers.
    Explain(Box<Explained>),
    /// The diagnosis of the model.
    Layers(Arc<Diagnosis>),
}

/// A path in numbers, and the path that it is compared with.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The path.
    pub example: Example,
    /// The only path of the cell on the other side at the same step, where that cell is a vanilla
    /// RNN and this one is not.
    pub beside: Option<Example>,
}

/// A finished study.
#[derive(Clone, Debug)]
pub struct Study {
    /// What was asked.
    pub request: StudyRequest,
    /// The settings of the window that was studied.
    pub settings: Settings,
    /// The number of that window's last step since the start.
    pub now: u64,
    /// What was measured, or one sentence on why nothing could be.
    pub finding: Result<Finding, String>,
}

/// What the thread keeps from one study to the next.
#[derive(Default)]
struct Kept {
    /// The product of Jacobians of the last window.
    slide: Slide,
    /// The diagnosis of the model. There is one model for all of the program's life.
    diagnosis: Option<Arc<Diagnosis>>,
}

impl Kept {
    /// The diagnosis, made the first time.
    fn diagnosis(
        &mut self,
        model: Option<&inspect::Subject>,
        progress: Progress,
    ) -> Result<Arc<Diagnosis>, SimError> {
        if let Some(made) = &self.diagnosis {
            return Ok(Arc::clone(made));
        }
        let Some(subject) = model else {
            return Err(SimError::Unfit("there is no model".to_owned()));
        };
        let found = inspect::diagnose(&subject.model, &subject.drive, subject.seed, progress);
        let found = Arc::new(found.map_err(|error| match error {
            InspectError::Stopped(_, Stopped::Cancelled) => SimError::Cancelled,
            error => SimError::Unfit(error.to_string()),
        })?);
        self.diagnosis = Some(Arc::clone(&found));
        Ok(found)
    }
}

/// Measures.
fn find(job: &Job, kept: &mut Kept, progress: Progress) -> Result<Finding, SimError> {
    let (task, cuts) = (&job.task, job.task.cuts);
    let cost = |settings: &Settings| budget::study(settings, &task.data, task.request);
    let allowed = task.data.budget.check(&task.settings, cost);
    allowed.map_err(SimError::Unfit)?;
    cost(&task.settings).room().map_err(SimError::NoRoom)?;
    match (task.request, &task.window) {
        (StudyRequest::Layers, _) => {
            let model = task.data.model.as_deref();
            kept.diagnosis(model, progress).map(Finding::Layers)
        }
        (_, None) => Err(SimError::Unfit("there is no window".to_owned())),
        (StudyRequest::Hops { orders, .. }, Some(window)) => {
            let steps = window.settings.steps;
            let orders = orders.min(steps).min(MOST_NORMS / steps - 1);
            let hops = window.hops(cuts, orders, progress)?;
            Ok(Finding::Hops(Arc::new(hops)))
        }
        (StudyRequest::Detach { .. }, Some(window)) => {
            window.detached(cuts, progress).map(Finding::Detached)
        }
        (StudyRequest::Spectrum { .. }, Some(window)) => {
            let product = kept
                .slide
                .product(job.subject, window, &mut |done| progress(0.1 * done));
            let spectrum = window.spectrum(product.as_ref(), progress)?;
            Ok(Finding::Spectrum(Arc::new(spectrum)))
        }
        (StudyRequest::Explain { path, t, units, .. }, Some(window)) => {
            let t = t.clamp(1, window.settings.steps);
            let example = window.explain_or_largest(cuts, path, t, units, &mut *progress)?;
            let beside = task.beside.as_ref();
            let beside = match beside.filter(|_| example.cell != CellKind::Rnn) {
                Some(rnn) => {
                    let path = Path::Recurrent;
                    rnn.explain(cuts, Subject { path, t, units }, progress)?
                }
                None => None,
            };
            Ok(Finding::Explain(Box::new(Explained { example, beside })))
        }
    }
}

/// Who is told of progress and results, on the thread of the study.
pub type Listener = Arc<dyn Fn(Report) + Send + Sync>;

/// Where windows are handed in to be studied. Its thread begins with the first of them; dropping
/// the queue cancels what is being studied and ends the thread, without waiting for it.
pub struct StudyQueue {
    shared: Arc<Shared>,
    listener: Listener,
    open: bool,
}

#[derive(Default)]
struct Shared {
    slot: Mutex<Slot>,
    wake: Condvar,
    /// Counts what makes a study that has begun useless.
    subject: AtomicU64,
}

#[derive(Default)]
struct Slot {
    job: Option<Job>,
    /// The window that was studied last, and what was found, while another may be the same.
    last: Option<(Job, Result<Finding, String>)>,
    closed: bool,
}

/// What is to be measured, and of what.
pub struct Task {
    /// What is to be measured.
    pub request: StudyRequest,
    /// The settings.
    pub settings: Settings,
    /// The cuts.
    pub cuts: PathSet,
    /// The number of the last step since the start.
    pub now: u64,
    /// The window; `None` for a study of no window.
    pub window: Option<Window>,
    /// The window of the other side, where it is needed.
    pub beside: Option<Window>,
    /// The user's data.
    pub data: Arc<Data>,
}

/// A task, and the count of subjects when it was given.
struct Job {
    subject: u64,
    task: Task,
}

impl Job {
    /// Whether another window may bring the same states again: a network at rest steps on without
    /// changing. (The draws of h-detach go on, and an explanation costs less than to compare.) A
    /// large window is not held on to.
    fn may_repeat(&self) -> bool {
        let lasting = matches!(
            self.task.request,
            StudyRequest::Hops { .. } | StudyRequest::Spectrum { .. }
        );
        let window = self.task.window.as_ref();
        lasting && window.is_some_and(|window| window.tape().h.len() <= MOST_KEPT)
    }

    /// Whether this would measure the states of another job again.
    fn repeats(&self, other: &Self) -> bool {
        let (task, other_task) = (&self.task, &other.task);
        let tape = |task: &Task| task.window.as_ref().map(|window| Arc::clone(&window.tape));
        self.subject == other.subject
            && task.request == other_task.request
            && task.cuts == other_task.cuts
            && task.settings == other_task.settings
            && tape(task) == tape(other_task)
    }
}

impl StudyQueue {
    /// A queue that has nothing to do.
    pub fn new(listener: Listener) -> Self {
        Self {
            shared: Arc::default(),
            listener,
            open: false,
        }
    }

    /// Hands a task in. It takes the place of one that waits.
    pub fn put(&mut self, task: Task) {
        let subject = self.shared.subject.load(Ordering::Acquire);
        self.shared.slot().job = Some(Job { subject, task });
        self.shared.wake.notify_one();
        if !self.open {
            let (shared, listener) = (Arc::clone(&self.shared), Arc::clone(&self.listener));
            let thread = thread::named("study");
            // Without a thread there is no study, and the rest goes on.
            self.open = thread.spawn(move || shared.work(&*listener)).is_ok();
        }
    }

    /// Cancels what is being studied and what waits: it is no longer wanted.
    pub fn clear(&mut self) {
        self.shared.subject.fetch_add(1, Ordering::Release);
        let mut slot = self.shared.slot();
        (slot.job, slot.last) = (None, None);
    }
}

impl Drop for StudyQueue {
    fn drop(&mut self) {
        self.clear();
        self.shared.slot().closed = true;
        self.shared.wake.notify_one();
    }
}

impl Shared {
    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next job; `None` when the queue is closed.
    fn next(&self) -> Option<Job> {
        let idle = |slot: &mut Slot| slot.job.is_none() && !slot.closed;
        let waited = self.wake.wait_while(self.slot(), idle);
        let mut slot = waited.unwrap_or_else(PoisonError::into_inner);
        slot.job.take()
    }

    fn work(&self, listener: &dyn Fn(Report)) {
        let mut kept = Kept::default();
        while let Some(job) = self.next() {
            let begun = Instant::now();
            let mut told = begun;
            let request = job.task.request;
            let wanted = || self.subject.load(Ordering::Acquire) == job.subject;
            let mut progress = |done: f64| {
                let wanted = wanted();
                if wanted && told.elapsed() > PATIENCE {
                    told = Instant::now();
                    listener(Report::StudyProgress(request, done));
                }
                wanted
            };
            let last = self.slot().last.take();
            let finding = match last {
                Some((done, finding)) if job.repeats(&done) => finding,
                _ => match find(&job, &mut kept, &mut progress) {
                    Err(SimError::Cancelled) => continue,
                    found => found.map_err(|error| error.to_string()),
                },
            };
            if !wanted() {
                continue;
            }
            listener(Report::Study(Arc::new(Study {
                request,
                settings: job.task.settings.clone(),
                now: job.task.now,
                finding: finding.clone(),
            })));
            let mut slot = self.slot();
            if wanted() && job.may_repeat() {
                slot.last = Some((job, finding));
            }
        }
    }
}
