//! `rnntop train`: a network learns a task, and what becomes of its gradients is logged.

pub mod begin;
mod log;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::cli::Failure;
use crate::cli::args::TrainArgs;
use crate::cli::deliver::print;
use crate::cli::interrupt::Asked;
use crate::cli::progress::{self, Progress};
use crate::cli::train::begin::Started;
use crate::cli::train::log::{Log, RunOrigin};
use crate::io::output;
use crate::train::checkpoint::{self, Files};
use crate::train::{Record, Training};
use crate::words::sanitise::sanitise_path;

/// Trains.
pub fn run(args: &TrainArgs, given: &[OsString]) -> Result<(), Failure> {
    let asked = Asked::listen()?;
    if let Some(path) = args.log.as_deref().filter(|path| path.as_os_str() != "-") {
        output::check(path, args.force)?;
    }
    let Started {
        mut run,
        cost,
        chance,
        files,
    } = begin::begin(args)?;
    run.stopped_by(Arc::clone(&asked.stop));
    let mut log = Log::open(args.log.as_deref(), args.force)?;
    let mut from = Some(RunOrigin::of(args, given, run.settings_mut()));
    let mut progress = Progress::new();
    progress.announce(cost, " for each update");
    let mut told = Told::default();
    let begun = (Instant::now(), run.updates());
    let batch = run.settings_mut().batch;
    let save = |run: &dyn Training| match &files {
        Some(files) => files.save(run).map_err(Failure::failed),
        None => Ok(()),
    };
    let end = loop {
        if run.updates() >= args.updates {
            break None;
        }
        let Some(record) = run.update() else {
            let (status, kept) = (asked.status().unwrap_or(1), kept(files.as_ref()));
            let sentence = format!("interrupted after update {}{kept}", run.updates());
            break Some(Failure::with_status(status, sentence));
        };
        told.note(&record);
        if !log.write(&record, from.take())? {
            break None;
        }
        if let Some(why) = record.end(run.largest()) {
            let sentence = diverged(&why, record.update, files.as_ref());
            break Some(Failure::failed(sentence));
        }
        progress.show(|| {
            let Record {
                update,
                loss,
                grad_norm,
                ..
            } = record;
            let more = format!(", loss {loss:.4}, norm {grad_norm:.3e}");
            progress::line(
                (update, args.updates),
                begun,
                (batch as u64, "sequences"),
                &more,
            )
        });
        if record.update.is_multiple_of(args.save_every) {
            save(run.as_ref())?;
        }
    };
    progress.clear();
    save(run.as_ref())?;
    if let Some(failure) = end {
        return Err(failure);
    }
    if args.log.as_deref() != Some(Path::new("-")) {
        let text = told.summary(run.as_ref(), chance, files.as_ref());
        print(text)?;
    }
    Ok(())
}

/// Where the weights are, as the end of a sentence.
fn kept(files: Option<&Files>) -> String {
    match files {
        Some(files) => format!("; the weights are in {}", sanitise_path(&files.weights)),
        None => "; nothing was saved, as there was no --save".to_owned(),
    }
}

/// Why the run ended before its time, and what is left.
fn diverged(why: &str, update: u64, files: Option<&Files>) -> String {
    match files {
        Some(files) => format!(
            "{why}; {}",
            checkpoint::left(update - 1, &sanitise_path(&files.weights))
        ),
        None => format!("{why}; give --save to keep the last finite weights"),
    }
}

/// What is said at the end.
#[derive(Debug, Default)]
struct Told {
    updates: u64,
    clipped: u64,
    losses: Vec<f64>,
}

/// Losses that the mean at the end is over.
const LAST: usize = 100;

impl Told {
    fn note(&mut self, record: &Record) {
        self.updates += 1;
        self.clipped += u64::from(record.is_clipped());
        if self.losses.len() == LAST {
            self.losses.remove(0);
        }
        self.losses.push(record.loss);
    }

    fn summary(&self, run: &dyn Training, chance: f64, files: Option<&Files>) -> String {
        let mut text = format!("{} updates", run.updates());
        if let (false, Some(largest)) = (self.losses.is_empty(), run.largest()) {
            let count = self.losses.len();
            let mean = self.losses.iter().sum::<f64>() / count as f64;
            let clipped = 100.0 * self.clipped as f64 / self.updates as f64;
            let _ = write!(
                text,
                "\nloss            {mean:.4}, the mean of the last {count}; {chance:.4} is chance\n\
                 largest |g|     {:.3e} at update {}, most of it in {}\n\
                 clipped         {clipped:.0} % of the updates",
                largest.norm, largest.update, largest.tensor
            );
        }
        if let Some(files) = files {
            let _ = write!(text, "\nweights         {}", sanitise_path(&files.weights));
        }
        text.push('\n');
        text
    }
}
