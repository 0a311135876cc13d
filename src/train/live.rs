//! A run, or two in lock-step, on a thread of their own; and the picture of them.
//!
//! Whoever shows them never waits: commands go in, pictures come out, at most so many a second.

pub mod history;
pub mod order;
mod why;

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

pub use self::history::{Column, History};
pub use self::order::{Difference, Order};
pub use self::why::why;
use super::checkpoint::Files;
use super::run::begin;
use super::{Clip, Look, Record, Settings, Training};
use crate::words::sanitise_path;

/// From one picture to the next while it runs.
const BETWEEN: Duration = Duration::from_millis(50);

/// What can be asked of the thread.
#[derive(Clone, Debug)]
pub enum Command {
    /// Begin these runs, in the place of those that there are.
    Begin(Box<Order>),
    /// Go on, or pause.
    Run(bool),
    /// Pause, and do one update.
    Step,
    /// From the next update of a run on, another η and clipping.
    Change(usize, f64, Clip),
    /// So many updates in all.
    Extend(u64),
    /// Save, under a name of its own or where the runs are saved.
    Save(Option<Files>),
    /// Hand over the weights of a run.
    Look(usize),
    /// End the thread.
    Quit,
}

/// What the thread says.
#[derive(Clone, Debug)]
pub enum Report {
    /// How far the runs are.
    Picture(Arc<Picture>),
    /// How a command went: one sentence.
    Said(Result<String, String>),
    /// The weights of a moment.
    Look(Box<Look>),
}

/// The runs at a moment.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// One, or two that differ.
    pub runs: Vec<Trained>,
    /// Updates of each when they are done.
    pub total: u64,
    /// Whether they go on.
    pub running: bool,
    /// Updates a second of each, while they go on.
    pub rate: Option<f64>,
}

impl Picture {
    /// Updates done by the run that is ahead.
    pub fn updates(&self) -> u64 {
        let done = self.runs.iter().map(|run| run.updates);
        done.max().unwrap_or_default()
    }

    /// Whether nothing is left to be done.
    pub fn is_over(&self) -> bool {
        let over = |run: &Trained| run.ended.is_some() || run.updates >= self.total;
        self.runs.iter().all(over)
    }
}

/// One of the runs.
#[derive(Clone, Debug)]
pub struct Trained {
    /// Its settings now.
    pub settings: Settings,
    /// The loss without memory.
    pub chance: f64,
    /// Its updates.
    pub history: History,
    /// The last of them.
    pub last: Option<Record>,
    /// Updates done.
    pub updates: u64,
    /// What was changed, and before which update.
    pub changes: Vec<(u64, String)>,
    /// Why it cannot go on.
    pub ended: Option<String>,
}

/// A handle on the thread; dropping it ends the thread after the update that it is at.
#[derive(Debug)]
pub struct Worker(Sender<Command>);

impl Worker {
    /// Starts the thread, on which `report` is called.
    pub fn spawn(report: impl Fn(Report) + Send + Sync + 'static) -> Self {
        let (commands, inbox) = mpsc::channel();
        let report = Arc::new(report);
        let told = Arc::clone(&report);
        let thread = std::thread::Builder::new()
            .name("training".to_owned())
            .spawn(move || Both::new(&*told).serve(&inbox));
        if let Err(error) = thread {
            report(Report::Said(Err(format!("no thread to train on: {error}"))));
        }
        Self(commands)
    }

    /// Sends a command; never waits.
    pub fn send(&self, command: Command) {
        // A thread that is gone has reported why.
        let _ = self.0.send(command);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.send(Command::Quit);
    }
}

/// The runs as the thread has them.
struct Both<'a> {
    runs: Vec<(Box<dyn Training>, Trained)>,
    files: Option<Files>,
    save_every: u64,
    total: u64,
    running: bool,
    /// Since when it runs, and the updates then.
    since: (Instant, u64),
    report: &'a dyn Fn(Report),
}

impl<'a> Both<'a> {
    fn new(report: &'a dyn Fn(Report)) -> Self {
        Self {
            runs: Vec::new(),
            files: None,
            save_every: 0,
            total: 0,
            running: false,
            since: (Instant::now(), 0),
            report,
        }
    }

    fn serve(&mut self, inbox: &Receiver<Command>) {
        let mut shown = Instant::now();
        loop {
            let command = if self.running {
                inbox.try_recv().ok()
            } else {
                match inbox.recv() {
                    Ok(command) => Some(command),
                    Err(_) => return,
                }
            };
            match command {
                Some(Command::Quit) => return,
                Some(command) => {
                    self.obey(command);
                    self.show();
                    shown = Instant::now();
                }
                None => {
                    self.update();
                    if shown.elapsed() >= BETWEEN || !self.running {
                        self.show();
                        shown = Instant::now();
                    }
                }
            }
        }
    }

    fn obey(&mut self, command: Command) {
        match command {
            Command::Begin(order) => {
                let begun = self.begin(*order);
                if let Err(why) = begun {
                    self.runs.clear();
                    self.running = false;
                    self.say(Err(why));
                }
            }
            Command::Run(on) => self.run(on),
            Command::Step => {
                self.run(false);
                self.update();
            }
            Command::Change(run, rate, clip) => {
                if let Some((training, trained)) = self.runs.get_mut(run) {
                    let settings = training.settings_mut();
                    let changed =
                        (settings.learning_rate.to_bits(), settings.clip) != (rate.to_bits(), clip);
                    let text = if settings.clip == clip {
                        format!("η {rate}")
                    } else {
                        format!("clip {clip}")
                    };
                    (settings.learning_rate, settings.clip) = (rate, clip);
                    trained.settings = settings.clone();
                    if changed {
                        trained.changes.push((trained.updates + 1, text));
                    }
                }
            }
            Command::Extend(total) => {
                self.total = total;
                for (_, trained) in &mut self.runs {
                    trained.history.extend(total);
                }
            }
            Command::Save(files) => {
                let files = files.or_else(|| self.files.clone());
                let saved = files
                    .as_ref()
                    .ok_or("there is no file to save to".to_owned());
                let saved = saved.and_then(|files| self.save(files));
                if saved.is_ok() {
                    self.files = files;
                }
                self.say(saved);
            }
            Command::Look(run) => {
                if let Some((training, _)) = self.runs.get(run) {
                    (self.report)(Report::Look(Box::new(training.look())));
                }
            }
            Command::Quit => {}
        }
    }

    fn begin(&mut self, order: Order) -> Result<(), String> {
        self.runs.clear();
        self.total = order.updates;
        for (k, settings) in order.runs.into_iter().enumerate() {
            let chance = order.task.chance(settings.length);
            let run = begin(settings.clone(), order.task.clone(), order.threads);
            let mut run = run.map_err(|error| error.to_string())?;
            if let (true, Some(files)) = (order.resume, &order.files) {
                let resumed = of_run(files, k).resume(run.as_mut());
                resumed.map_err(|error| error.to_string())?;
            }
            let updates = run.updates();
            let trained = Trained {
                settings,
                chance,
                history: History::new(updates, order.updates),
                last: None,
                updates,
                changes: Vec::new(),
                ended: None,
            };
            self.runs.push((run, trained));
        }
        self.files = order.files;
        self.save_every = order.save_every;
        self.run(order.running);
        Ok(())
    }

    fn run(&mut self, on: bool) {
        let updates = self.runs.iter().map(|(run, _)| run.updates()).max();
        self.running = on && !self.runs.is_empty();
        self.since = (Instant::now(), updates.unwrap_or_default());
    }

    /// The next update of every run that can go on.
    fn update(&mut self) {
        let total = self.total;
        let mut any = false;
        for (run, trained) in &mut self.runs {
            if trained.ended.is_some() || run.updates() >= total {
                continue;
            }
            any = true;
            run.watch(trained.history.begins(run.updates() + 1));
            let record = run.update();
            trained.history.take(&record);
            trained.updates = run.updates();
            trained.ended = record.end(run.largest());
            trained.last = Some(record);
        }
        let done = self.runs.iter().map(|(run, _)| run.updates()).max();
        let over = !self
            .runs
            .iter()
            .any(|(run, trained)| trained.ended.is_none() && run.updates() < total);
        let due = done.is_some_and(|done| done.is_multiple_of(self.save_every.max(1)));
        if let Some(files) = self.files.clone()
            && any
            && (over || due)
            && let Err(why) = self.save(&files)
        {
            self.say(Err(why));
        }
        if over {
            self.running = false;
        }
    }

    fn save(&self, files: &Files) -> Result<String, String> {
        for (k, (run, trained)) in self.runs.iter().enumerate() {
            let files = of_run(files, k);
            let toml = toml::to_string(&trained.settings).map_err(|error| error.to_string())?;
            files
                .save_settings(&toml)
                .and_then(|()| files.save(run.as_ref()))
                .map_err(|error| error.to_string())?;
        }
        let name = sanitise_path(&files.weights);
        let updates = self.runs.first().map_or(0, |(run, _)| run.updates());
        let second = if self.runs.len() > 1 {
            format!(" and {}", sanitise_path(&of_run(files, 1).weights))
        } else {
            String::new()
        };
        Ok(format!(
            "the weights of update {updates} are in {name}{second}"
        ))
    }

    fn say(&self, how: Result<String, String>) {
        (self.report)(Report::Said(how));
    }

    fn show(&self) {
        (self.report)(Report::Picture(Arc::new(self.picture())));
    }

    fn picture(&self) -> Picture {
        let runs: Vec<Trained> = self.runs.iter().map(|(_, run)| run.clone()).collect();
        let mut picture = Picture {
            runs,
            total: self.total,
            running: self.running,
            rate: None,
        };
        let (since, first) = self.since;
        let seconds = since.elapsed().as_secs_f64();
        let done = picture.updates().saturating_sub(first);
        if self.running && done > 0 && seconds > 0.0 {
            picture.rate = Some(done as f64 / seconds);
        }
        picture
    }
}

/// Trains to the end, on this thread; `go` is asked before every update whether to go on.
///
/// # Errors
/// The runs cannot begin.
pub fn complete(order: Order, go: &mut dyn FnMut() -> bool) -> Result<Picture, String> {
    let mut runs = Both::new(&|_| ());
    runs.begin(order)?;
    while runs.running && go() {
        runs.update();
    }
    Ok(runs.picture())
}

/// The files of a run: the second one's have `-b` in their name.
pub fn of_run(files: &Files, run: usize) -> Files {
    if run == 0 {
        return files.clone();
    }
    let stem = files.weights.file_stem().unwrap_or_default();
    let name = format!("{}-b.safetensors", stem.to_string_lossy());
    Files::of(&files.weights.with_file_name(name))
}

#[cfg(test)]
mod tests;
