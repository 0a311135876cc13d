//! A run, or two in lock-step, on a thread of their own; and the picture of them.
//!
//! Whoever shows them never waits: commands go in, pictures come out, at most so many a second.

pub mod history;
pub mod order;
mod thread;
mod why;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread::JoinHandle;

pub use self::history::{Column, History};
pub use self::order::{Difference, Order};
use self::thread::Both;
pub use self::why::why;
use super::checkpoint::Files;
use super::{Clip, Look, Record, Settings};

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
    Change {
        /// The run.
        run: usize,
        /// η.
        rate: f64,
        /// Clipping.
        clip: Clip,
        /// Whether this takes the last change back.
        undo: bool,
    },
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
    /// Where they are saved.
    pub files: Option<Files>,
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
    /// What was changed.
    pub changes: Vec<Change>,
    /// Why it cannot go on.
    pub ended: Option<String>,
    /// The update after which its weights were saved last, and the file.
    pub kept: Option<(u64, String)>,
}

/// A change of η or clipping.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The first update that it is for.
    pub update: u64,
    /// What is so from then on.
    pub text: String,
    /// Whether it takes an earlier change back, after updates that were made with that one.
    pub undo: bool,
}

/// A handle on the thread. Dropping it ends the thread, whose update is given up, and waits for it where the
/// weights have a file to go to.
#[derive(Debug)]
pub struct Worker {
    commands: Sender<Command>,
    thread: Option<JoinHandle<()>>,
    /// Whether there is such a file.
    saves: Arc<AtomicBool>,
    /// Gives up the update that is under way.
    stop: Arc<AtomicBool>,
}

impl Worker {
    /// Starts the thread, on which `report` is called.
    pub fn spawn(report: impl Fn(Report) + Send + Sync + 'static) -> Self {
        let (commands, inbox) = mpsc::channel();
        let report = Arc::new(report);
        let told = Arc::clone(&report);
        let flags: [Arc<AtomicBool>; 2] = Default::default();
        let [saves, stop] = flags.clone();
        let thread = std::thread::Builder::new()
            .name("training".to_owned())
            .spawn(move || Both::new(&*told, flags).serve(&inbox));
        let thread = match thread {
            Ok(thread) => Some(thread),
            Err(error) => {
                report(Report::Said(Err(format!("no thread to train on: {error}"))));
                None
            }
        };
        Self {
            commands,
            thread,
            saves,
            stop,
        }
    }

    /// Sends a command; never waits.
    pub fn send(&self, command: Command) {
        // A thread that is gone has reported why.
        let _ = self.commands.send(command);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.send(Command::Quit);
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self
            .thread
            .take()
            .filter(|_| self.saves.load(Ordering::SeqCst))
        {
            // Had it panicked, that would have been reported.
            let _ = thread.join();
        }
    }
}

/// Trains to the end, on this thread; `go` is asked before every update whether to go on.
///
/// # Errors
/// The runs cannot begin.
pub fn complete(order: Order, go: &mut dyn FnMut() -> bool) -> Result<Picture, String> {
    let mut runs = Both::new(&|_| (), Default::default());
    runs.begin(order)?;
    while runs.picture.running && go() {
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
