//! The worker thread: takes commands, steps by itself, and reports finished windows.
//!
//! The screen never waits for it. Newer settings cancel a window that is being computed, and of
//! several settings that wait only the newest is computed.

mod queue;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use self::queue::Queue;
use super::edge::{self, Outcome};
use super::study::{Listener, StudyQueue, StudyRequest, Task};
use super::{Ask, Command, Data, Pace, Report, Settings, Side, SimError, Simulation, Snapshot};
use crate::flow::spread::Windows;
use crate::flow::{Flow, PathSet, Question};
use crate::num::thread;

/// Work that lasts longer than this shows its progress, at most this often.
const PATIENCE: Duration = Duration::from_millis(150);

/// So many gradient norms are remembered.
const NORMS: usize = 120;

/// A handle on the worker thread. Dropping it ends the thread, without waiting: the eigenvalues of a
/// large matrix take a second and cannot be stopped.
#[derive(Debug)]
pub struct Worker {
    commands: Arc<Queue>,
    /// Counts the commands that make a window being computed stale.
    newest: Arc<AtomicU64>,
}

impl Worker {
    /// Starts the thread, which computes the first window at once. `report` is called on it,
    /// and on the thread of the studies.
    pub fn spawn(
        settings: Settings,
        data: Arc<Data>,
        report: impl Fn(Report) + Send + Sync + 'static,
    ) -> Self {
        let commands = Arc::new(Queue::default());
        let inbox = Arc::clone(&commands);
        let newest = Arc::new(AtomicU64::new(0));
        let seen = Arc::clone(&newest);
        let report: Listener = Arc::new(report);
        let listener = Arc::clone(&report);
        let thread =
            thread::named("worker").spawn(move || run(settings, data, &inbox, &seen, &listener));
        if let Err(error) = thread {
            report(Report::Failed(format!("no thread to compute on: {error}")));
        }
        Self { commands, newest }
    }

    /// Sends a command; never waits.
    pub fn send(&self, command: Command) {
        if matches!(
            command,
            Command::Set { .. }
                | Command::Load { .. }
                | Command::Rewind
                | Command::FindEdge(_)
                | Command::Quit
        ) {
            self.newest.fetch_add(1, Ordering::Release);
        }
        // A worker that is gone has reported why.
        self.commands.send(command);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.send(Command::Quit);
    }
}

struct State<'a> {
    simulation: Simulation,
    cuts: PathSet,
    question: Question,
    /// ‖g‖ of the last live steps, left and right.
    norms: VecDeque<[f64; 2]>,
    /// r of the last live windows, left and right.
    windows: [Windows; 2],
    /// How many live steps were clipped, and of how many.
    clipped: [u64; 2],
    live: u64,
    newest: &'a AtomicU64,
    report: &'a dyn Fn(Report),
    /// What is studied while windows go on, and where.
    study: Option<StudyRequest>,
    studies: StudyQueue,
    /// The last step of the window that lies there last.
    handed: Option<u64>,
    /// The last window could not be computed: those after it could not either, until something
    /// else is asked for.
    stuck: bool,
}

fn run(settings: Settings, data: Arc<Data>, inbox: &Queue, newest: &AtomicU64, report: &Listener) {
    let simulation = match Simulation::new(settings, data) {
        Ok(simulation) => simulation,
        Err(error) => return report(Report::Failed(error.to_string())),
    };
    let mut state = State {
        simulation,
        cuts: PathSet::EMPTY,
        question: Question::Share,
        norms: VecDeque::new(),
        windows: Default::default(),
        clipped: [0; 2],
        live: 0,
        newest,
        report: &**report,
        study: None,
        studies: StudyQueue::new(Arc::clone(report)),
        handed: None,
        stuck: false,
    };
    let (mut running, mut pace) = (false, Pace::default());
    let mut due = Instant::now();
    let mut stale = true;
    loop {
        // All that waits is taken before anything is computed.
        loop {
            let command = if stale {
                inbox.next()
            } else if running && !state.stuck {
                inbox.wait_until(due)
            } else {
                Some(inbox.wait())
            };
            match command {
                None => break,
                Some(Command::Quit) => return,
                Some(Command::Run(go)) => {
                    running = go;
                    state.stuck = false;
                    due = Instant::now();
                }
                Some(Command::Pace(new)) => pace = new,
                Some(Command::Study(study)) => {
                    state.turn_to(study);
                    let of_window = study.is_some_and(|study| study.side().is_some());
                    // A window that is computed anyway is handed over then.
                    if !(stale && of_window) {
                        state.hand();
                    }
                }
                Some(command) => {
                    state.stuck = false;
                    match state.apply(command) {
                        Ok(anew) => stale |= anew,
                        Err(error) => state.fail(&error),
                    }
                }
            }
        }
        if stale {
            stale = !state.compute(false);
            // Work that was cancelled is taken up again with what cancelled it.
            continue;
        }
        if running && !state.stuck {
            due = due.max(Instant::now()) + Duration::from_secs(1) / pace.speed.max(1);
            match state.forward() {
                Ok(Some(computed)) => stale = !computed,
                Ok(None) => running = false,
                Err(error) => {
                    state.stuck = true;
                    state.fail(&error);
                }
            }
        }
    }
}

impl State<'_> {
    /// Applies a command; whether the window must be computed anew.
    fn apply(&mut self, command: Command) -> Result<bool, SimError> {
        match command {
            Command::Set {
                settings,
                cuts,
                question,
            } => {
                let same_settings = *settings == *self.simulation.settings();
                let same_subject = same_settings && cuts == self.cuts;
                if !same_settings {
                    self.simulation.set(*settings)?;
                }
                if !same_subject {
                    self.renew_study();
                    self.forget_windows();
                } else if question != self.question {
                    self.forget_steps();
                }
                (self.cuts, self.question) = (cuts, question);
            }
            Command::Load { settings, data } => {
                self.simulation = Simulation::new(*settings, data)?;
                self.renew_study();
                self.forget_windows();
            }
            Command::Forward => return Ok(self.forward()?.is_some_and(|computed| !computed)),
            Command::Back => return Ok(self.simulation.back()),
            Command::Rewind => {
                self.simulation.rewind();
                self.forget_windows();
            }
            Command::FindEdge(request) => {
                self.renew_study();
                self.find_edge(request);
            }
            Command::Study(_) | Command::Run(_) | Command::Pace(_) | Command::Quit => {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// One step, and whether its window was computed; `None` at the end of the input.
    fn forward(&mut self) -> Result<Option<bool>, SimError> {
        if self.simulation.forward()? {
            return Ok(Some(self.compute(true)));
        }
        (self.report)(Report::EndOfInput);
        Ok(None)
    }

    fn fail(&self, why: &dyn std::fmt::Display) {
        (self.report)(Report::Failed(why.to_string()));
    }

    /// Searches for the edge and reports every trial. The window is stale afterwards, whatever was
    /// found.
    fn find_edge(&mut self, request: edge::Request) {
        let asked = self.newest.load(Ordering::Acquire);
        let (newest, report) = (self.newest, self.report);
        let found = edge::tune(
            &mut self.simulation,
            request,
            &mut |search| report(Report::Edge(Arc::new(search.clone()))),
            &mut |_| newest.load(Ordering::Acquire) == asked,
        );
        match found {
            Ok(search) if search.outcome.and_then(Outcome::value).is_some() => {
                self.forget_windows();
            }
            Ok(_) | Err(SimError::Cancelled) => {}
            Err(error) => self.fail(&error),
        }
    }

    /// Computes and reports the window; false when newer settings cancelled it. `live` counts it
    /// as a step of the simulation.
    fn compute(&mut self, live: bool) -> bool {
        let begun = Instant::now();
        let asked = self.newest.load(Ordering::Acquire);
        let ask = Ask {
            cuts: self.cuts,
            alone: self.question == Question::Alone,
            without: self.question == Question::Without,
        };
        let (newest, report) = (self.newest, self.report);
        let mut told = begun;
        let most = self.simulation.data().budget.patience();
        let overtime = |begun: Instant| most.is_some_and(|most| begun.elapsed() > most);
        let mut watch = |done: f64| {
            if told.elapsed() > PATIENCE {
                told = Instant::now();
                report(Report::Progress(done));
            }
            newest.load(Ordering::Acquire) == asked && !overtime(begun)
        };
        let mut half = |side, before| {
            self.simulation
                .flow_with_law(side, ask, &mut |done| watch(before + 0.5 * done))
        };
        let flows = half(Side::Left, 0.0)
            .and_then(|left| half(Side::Right, 0.5).map(|right| [left, right]));
        match flows {
            Ok(mut flows) => {
                self.count(&flows, live);
                self.spread(&mut flows, live);
                report(Report::Snapshot(Arc::new(Snapshot {
                    settings: self.simulation.settings().clone(),
                    cuts: self.cuts,
                    question: self.question,
                    now: self.simulation.now(),
                    flows,
                    norm_history: self.norms.iter().copied().collect(),
                    clipped_steps: self.clipped,
                    live_steps: self.live,
                })));
                self.hand();
                true
            }
            Err(SimError::Cancelled) if !overtime(begun) => false,
            Err(error) => {
                self.stuck = true;
                if error == SimError::Cancelled {
                    self.fail(&"the window takes longer than --limit-work allows");
                } else {
                    self.fail(&error);
                }
                true
            }
        }
    }

    /// Studies something, from the next window that is handed over; what was being studied is
    /// cancelled.
    fn turn_to(&mut self, study: Option<StudyRequest>) {
        self.study = study;
        self.handed = None;
        self.studies.clear();
    }

    /// Begins the study anew, since its windows are now others; one that is of no window goes on.
    fn renew_study(&mut self) {
        if self.study.is_none_or(|study| study.side().is_some()) {
            self.turn_to(self.study);
        }
    }

    /// Hands the present window over to be studied, if that is wanted and has not been done.
    fn hand(&mut self) {
        let now = self.simulation.now();
        let Some(request) = self.study else {
            return;
        };
        let done = match request.side() {
            Some(_) => self.handed == Some(now),
            // Of no window: once.
            None => self.handed.is_some(),
        };
        if done {
            return;
        }
        let asked = self.newest.load(Ordering::Acquire);
        let mut go_on = |_: f64| self.newest.load(Ordering::Acquire) == asked;
        let (mut window, mut beside) = (None, None);
        if let Some(side) = request.side() {
            window = self.simulation.window(side, &mut go_on).ok();
            // What fails here has been reported with the window, or is cancelled by another one.
            if window.is_none() {
                return;
            }
            if request.needs_other(self.simulation.settings()) {
                beside = self.simulation.window(side.other(), &mut go_on).ok();
            }
        }
        self.studies.put(Task {
            request,
            settings: self.simulation.settings().clone(),
            cuts: self.cuts,
            now,
            window,
            beside,
            data: Arc::clone(self.simulation.data()),
        });
        self.handed = Some(now);
    }

    /// Remembers the norms of a live step, and whether it was clipped.
    fn count(&mut self, flows: &[Flow; 2], live: bool) {
        if !live && !self.norms.is_empty() {
            return;
        }
        if self.norms.len() == NORMS {
            self.norms.pop_front();
        }
        let norm = |flow: &Flow| flow.clipping.before.saturating_f64().min(f64::MAX);
        self.norms.push_back([norm(&flows[0]), norm(&flows[1])]);
        for (count, flow) in self.clipped.iter_mut().zip(flows) {
            *count += u64::from(flow.clipping.clipped());
        }
        self.live += 1;
    }

    /// Tells each window how the last live ones differ.
    fn spread(&mut self, flows: &mut [Flow; 2], live: bool) {
        for (windows, flow) in self.windows.iter_mut().zip(flows) {
            if live {
                windows.push(flow.factor_per_step());
            }
            if let Some(law) = &mut flow.law {
                law.spread = windows.spread(law.steps);
            }
        }
    }

    /// Looks at windows that have nothing to do with those before.
    fn forget_windows(&mut self) {
        self.windows = Default::default();
        self.forget_steps();
    }

    /// Starts counting anew.
    fn forget_steps(&mut self) {
        self.norms.clear();
        self.clipped = [0; 2];
        self.live = 0;
    }
}
