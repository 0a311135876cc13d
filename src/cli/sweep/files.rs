//! The files of a sweep: the journal while it is under way, and what is written at its end.

use std::fs;
use std::path::{Path, PathBuf};

use super::begin::Plan;
use super::name;
use super::outputs::{self, Format};
use crate::cli::Failure;
use crate::cli::args::SweepRunArgs;
use crate::cli::deliver::print;
use crate::io::OutputError;
use crate::sim::preset::limits::Wrong;
use crate::sweep::journal::Refusal;
use crate::sweep::picture::Show;
use crate::sweep::{Done, Journal, Point, Table};

/// What a sweep writes.
pub struct Files {
    out: Vec<(PathBuf, Format)>,
    /// Where what is done stands, with its file.
    journal: Option<(PathBuf, Journal)>,
    show: Show,
    overwrite: bool,
}

impl Files {
    /// Opens the journal, and fills in the windows that it has. None where the sweep is complete.
    ///
    /// # Errors
    /// There are such files already, or they are of another sweep.
    pub fn begin(
        args: &SweepRunArgs,
        plan: &Plan,
        windows: &mut [Option<Point>],
    ) -> Result<Option<Self>, Failure> {
        let out = outputs::formats(&args.output.out)?;
        if let (Some(shard), Some((path, _))) = (
            plan.shard,
            out.iter().find(|(_, format)| *format != Format::Csv),
        ) {
            return Err(Failure::wrong(
                "--out",
                format!("FILE.csv for the part {shard} of a sweep"),
                name(path),
            ));
        }
        let show = outputs::shown(args.output.show, plan)?;
        let mut overwrite = args.output.force;
        let Some(first) = out
            .first()
            .map(|(path, _)| path)
            .filter(|path| path.as_os_str() != "-")
        else {
            return Ok(Some(Self {
                out,
                journal: None,
                show,
                overwrite,
            }));
        };
        let text = plan.text();
        let journal = part(first);
        let there = |path: &Path| fs::symlink_metadata(path).is_ok();
        if args.resume && !there(&journal) {
            let complete = out.iter().all(|(path, _)| there(path));
            if let Some((path, _)) = out.iter().find(|(path, _)| there(path)) {
                of_this(path, &text)?;
                overwrite = true;
            }
            if complete {
                return Ok(None);
            }
        }
        if !overwrite && !args.resume {
            let files = out
                .iter()
                .flat_map(|(path, format)| outputs::all(path, *format));
            if let Some(file) = files.into_iter().find(|path| there(path)) {
                let file = name(&file);
                return Err(Failure::input(OutputError::Exists { file }));
            }
            if there(&journal) {
                return Err(Failure::input(format!(
                    "{}: an interrupted sweep; give --resume to go on with it or --force to begin anew",
                    name(&journal)
                )));
            }
        }
        let failed = |error| Failure::failed(OutputError::failed(&name(&journal), &error));
        let opened = if args.resume {
            // What goes on is what the user began, over whatever it was to be written.
            overwrite = true;
            let mut done = |done: Done| {
                if let Some(window) = windows.get_mut(done.window) {
                    *window = Some(done.point);
                }
            };
            Journal::resume(&journal, &text, &mut done).map_err(|refusal| match refusal {
                Refusal::Failed(error) => failed(error),
                Refusal::Other(expected, found) => other(&journal, &expected, &found),
            })?
        } else {
            Journal::begin(&journal, &text).map_err(failed)?
        };
        Ok(Some(Self {
            out,
            journal: Some((journal, opened)),
            show,
            overwrite,
        }))
    }

    /// Notes windows that are done.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub fn add(&mut self, done: &[Done]) -> Result<(), Failure> {
        let Some((path, journal)) = &mut self.journal else {
            return Ok(());
        };
        let added = journal.add(done);
        added.map_err(|error| Failure::failed(OutputError::failed(&name(path), &error)))
    }

    /// Where what is done is kept, as the end of a sentence.
    pub fn kept(&self) -> String {
        match &self.journal {
            Some((path, _)) => format!("; they are in {}, and --resume goes on", name(path)),
            None => "; nothing was kept, as there was no --out".to_owned(),
        }
    }

    /// Writes the results, and takes the journal away.
    ///
    /// # Errors
    /// A file cannot be written; the journal stays.
    pub fn finish(self, plan: &Plan, table: &Table) -> Result<(), Failure> {
        if self.out.is_empty() {
            return print(outputs::printed(plan, table));
        }
        outputs::write(&self.out, plan, table, self.show, self.overwrite)?;
        if let Some((path, _)) = self.journal {
            // One that stays says the same as the results.
            let _ = fs::remove_file(path);
        }
        Ok(())
    }
}

/// The journal of a file.
fn part(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// Whether the results that stand there are of this sweep, as the file beside them says.
fn of_this(path: &Path, text: &str) -> Result<(), Failure> {
    let beside = outputs::beside(path);
    let there = fs::read_to_string(&beside).unwrap_or_default();
    let mut lines = text.lines().zip(there.lines().chain(std::iter::repeat("")));
    match lines.find(|(expected, found)| expected != found) {
        Some((expected, found)) => Err(other(&beside, expected, found)),
        None => Ok(()),
    }
}

/// That a file is of another sweep.
pub fn other(path: &Path, expected: &str, found: &str) -> Failure {
    let quoted = |line: &str| match line {
        "" => "nothing".to_owned(),
        line => line.to_owned(),
    };
    let wrong = Wrong::new(quoted(expected), quoted(found));
    Failure::input(format!("{}: {wrong}: it is of another sweep", name(path)))
}
