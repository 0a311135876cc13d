//! What the thread does: one update of every run, and a command wherever one has come.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use super::{Change, Command, History, Order, Picture, Report, Trained, of_run};
use crate::train::checkpoint::Files;
use crate::train::run::begin;
use crate::train::{Clip, Training};
use crate::words::sanitise_path;

/// From one picture to the next while it runs.
const BETWEEN: Duration = Duration::from_millis(50);

/// The runs as the thread has them.
pub(super) struct Both<'a> {
    runs: Vec<Box<dyn Training>>,
    /// What is shown of them, but for their rate.
    pub picture: Picture,
    save_every: u64,
    /// Since when it runs, and the updates then.
    since: (Instant, u64),
    report: &'a dyn Fn(Report),
    /// Whether there are files to save to, for the handle.
    saves: Arc<AtomicBool>,
    /// Set by the handle when it wants the update that is under way no more.
    stop: Arc<AtomicBool>,
}

impl<'a> Both<'a> {
    pub fn new(report: &'a dyn Fn(Report), [saves, stop]: [Arc<AtomicBool>; 2]) -> Self {
        Self {
            runs: Vec::new(),
            picture: Picture::default(),
            save_every: 0,
            since: (Instant::now(), 0),
            report,
            saves,
            stop,
        }
    }

    pub fn serve(&mut self, inbox: &Receiver<Command>) {
        let mut shown = Instant::now();
        loop {
            let command = if self.picture.running {
                inbox.try_recv().ok()
            } else {
                match inbox.recv() {
                    Ok(command) => Some(command),
                    Err(_) => return,
                }
            };
            match command {
                Some(Command::Quit) => {
                    // Nobody is left to be told how it went.
                    let _ = self.keep();
                    return;
                }
                Some(command) => {
                    self.obey(command);
                    self.show();
                    shown = Instant::now();
                }
                None => {
                    self.update();
                    if shown.elapsed() >= BETWEEN || !self.picture.running {
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
                if let Err(why) = self.begin(*order) {
                    self.picture.running = false;
                    self.say(Err(why));
                }
            }
            Command::Run(on) => self.run(on),
            Command::Step => {
                self.run(false);
                self.update();
            }
            Command::Change {
                run,
                rate,
                clip,
                undo,
            } => self.change(run, (rate, clip), undo),
            Command::Extend(total) => {
                self.picture.total = total;
                for trained in &mut self.picture.runs {
                    trained.history.extend(total);
                }
            }
            Command::Save(files) => {
                let files = files.or_else(|| self.picture.files.clone());
                let saved = files
                    .as_ref()
                    .ok_or("there is no file to save to".to_owned());
                let saved = saved.and_then(|files| self.save(files));
                if saved.is_ok() {
                    self.save_to(files);
                }
                self.say(saved);
            }
            Command::Look(run) => {
                if let Some(run) = self.runs.get(run) {
                    (self.report)(Report::Look(Box::new(run.look())));
                }
            }
            Command::Quit => {}
        }
    }

    /// Another η and clipping for a run. What is taken back before any update was made with it leaves no mark.
    fn change(&mut self, run: usize, (rate, clip): (f64, Clip), undo: bool) {
        let trained = self.picture.runs.get_mut(run);
        let Some((run, trained)) = self.runs.get_mut(run).zip(trained) else {
            return;
        };
        let settings = run.settings_mut();
        if (settings.learning_rate.to_bits(), settings.clip) == (rate.to_bits(), clip) {
            return;
        }
        let text = if settings.clip == clip {
            format!("η {rate}")
        } else {
            format!("clip {clip}")
        };
        (settings.learning_rate, settings.clip) = (rate, clip);
        trained.settings = settings.clone();
        let update = trained.updates + 1;
        let fresh = |change: &Change| change.update == update && !change.undo;
        if undo && trained.changes.last().is_some_and(fresh) {
            trained.changes.pop();
        } else {
            trained.changes.push(Change { update, text, undo });
        }
    }

    /// Begins runs in the place of others, whose weights are saved before where they have a file.
    pub fn begin(&mut self, order: Order) -> Result<(), String> {
        let kept = self
            .keep()
            .map_err(|why| format!("{why}; nothing was begun"))?;
        order.cost().room()?;
        self.runs.clear();
        self.picture.runs.clear();
        self.save_to(None);
        self.picture.total = order.updates;
        let (mut runs, mut shown) = (Vec::new(), Vec::new());
        for (k, settings) in order.runs.into_iter().enumerate() {
            let chance = order.task.chance(settings.length);
            let run = begin(settings.clone(), order.task.clone(), order.threads);
            let mut run = run.map_err(|error| error.to_string())?;
            run.stopped_by(Arc::clone(&self.stop));
            if let (true, Some(files)) = (order.resume, &order.files) {
                let resumed = of_run(files, k).resume(run.as_mut());
                resumed.map_err(|error| error.to_string())?;
            }
            let updates = run.updates();
            shown.push(Trained {
                settings,
                chance,
                history: History::new(updates, order.updates),
                last: None,
                updates,
                changes: Vec::new(),
                ended: None,
                kept: None,
            });
            runs.push(run);
        }
        (self.runs, self.picture.runs) = (runs, shown);
        if let Some(files) = &order.files {
            self.save(files)?;
        } else if let Some(kept) = kept {
            self.say(Ok(format!("what begins now has no file yet; {kept}")));
        }
        self.save_to(order.files);
        self.save_every = order.save_every;
        self.run(order.running);
        Ok(())
    }

    /// Where the runs are saved from now on.
    fn save_to(&mut self, files: Option<Files>) {
        self.saves.store(files.is_some(), Ordering::SeqCst);
        self.picture.files = files;
    }

    /// Saves what has come since the last save, where the runs have a file; where their weights are.
    fn keep(&mut self) -> Result<Option<String>, String> {
        let files = self.picture.files.clone();
        match files.filter(|_| !self.runs.is_empty()) {
            Some(files) => self.save(&files).map(Some),
            None => Ok(None),
        }
    }

    fn run(&mut self, on: bool) {
        self.picture.running = on && !self.runs.is_empty();
        self.since = (Instant::now(), self.picture.updates());
    }

    /// The next update of every run that can go on.
    pub fn update(&mut self) {
        let total = self.picture.total;
        let (mut any, mut lost) = (false, false);
        for (run, trained) in self.runs.iter_mut().zip(&mut self.picture.runs) {
            if trained.ended.is_some() || run.updates() >= total {
                continue;
            }
            any = true;
            run.watch(trained.history.begins(run.updates() + 1));
            let Some(record) = run.update() else {
                return;
            };
            trained.history.take(&record);
            trained.updates = run.updates();
            trained.ended = record.end(run.largest());
            lost |= trained.ended.is_some();
            trained.last = Some(record);
        }
        let over = self.picture.is_over();
        let due = self
            .picture
            .updates()
            .is_multiple_of(self.save_every.max(1));
        if any
            && (over || due || lost)
            && let Err(why) = self.keep()
        {
            self.say(Err(why));
        }
        if over {
            self.picture.running = false;
        }
    }

    fn save(&mut self, files: &Files) -> Result<String, String> {
        let runs = self.runs.iter().zip(&mut self.picture.runs);
        for (k, (run, trained)) in runs.enumerate() {
            let files = of_run(files, k);
            let toml = toml::to_string(&trained.settings).map_err(|error| error.to_string())?;
            files
                .save_settings(&toml)
                .and_then(|()| files.save(run.as_ref()))
                .map_err(|error| error.to_string())?;
            trained.kept = Some((run.updates(), sanitise_path(&files.weights)));
        }
        let kept = self.picture.runs.iter().filter_map(|run| run.kept.as_ref());
        let kept: Vec<String> = kept
            .map(|(update, file)| format!("of update {update} are in {file}"))
            .collect();
        Ok(format!("the weights {}", kept.join(", those ")))
    }

    fn say(&self, how: Result<String, String>) {
        (self.report)(Report::Said(how));
    }

    fn show(&self) {
        (self.report)(Report::Picture(Arc::new(self.picture())));
    }

    pub fn picture(&self) -> Picture {
        let (since, first) = self.since;
        let seconds = since.elapsed().as_secs_f64();
        let done = self.picture.updates().saturating_sub(first);
        let known = self.picture.running && done > 0 && seconds > 0.0;
        Picture {
            rate: known.then(|| done as f64 / seconds),
            ..self.picture.clone()
        }
    }
}
