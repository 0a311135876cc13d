//! `rnntop sweep`: a phase diagram without the screen.

mod begin;
mod files;
mod merge;
mod outputs;

use std::ffi::OsString;
use std::iter::once;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::{self, available_parallelism};
use std::time::{Duration, Instant};

use self::begin::Plan;
use self::files::Files;
use crate::cli::Failure;
use crate::cli::args::{SweepArgs, SweepCommand, SweepRunArgs};
use crate::cli::deliver::print;
use crate::cli::interrupt::{Asked, at_once};
use crate::cli::progress::{self, Progress};
use crate::flow::Verdict;
use crate::sweep::{Done, Listener, Point, Pool, Table};
use crate::words::sanitise::sanitise_path;

/// How long nothing need happen before it is seen that the user wants to stop.
const TICK: Duration = Duration::from_millis(50);
/// How long what is done is gathered before it is written.
const BREATH: Duration = Duration::from_millis(2);

/// Runs the command.
pub fn run(args: &SweepArgs, given: &[OsString]) -> Result<(), Failure> {
    match &args.command {
        Some(SweepCommand::Merge(merge)) => at_once(|| merge::run(merge, given)),
        None => sweep(&args.run, given),
    }
}

fn sweep(args: &SweepRunArgs, given: &[OsString]) -> Result<(), Failure> {
    let asked = Asked::listen()?;
    let plan = begin::plan(args, given)?;
    let mut windows = vec![None; plan.spec.windows()];
    let Some(mut files) = Files::begin(args, &plan, &mut windows)? else {
        return Ok(());
    };
    let resumed = windows.iter().flatten().count();
    let begun = Instant::now();
    compute(args, &plan, &mut windows, &mut files, &asked)?;
    let seconds = begun.elapsed().as_secs_f64();
    let told = summary(&windows, resumed, seconds);
    let table = Table::of(&plan.spec, &plan.quantiles, windows);
    files.finish(&plan, &table)?;
    let out = &args.output.out;
    if !out.is_empty() && out.iter().all(|path| path.as_os_str() != "-") {
        print(told)?;
    }
    Ok(())
}

/// Computes what is missing.
fn compute(
    args: &SweepRunArgs,
    plan: &Plan,
    windows: &mut [Option<Point>],
    files: &mut Files,
    asked: &Asked,
) -> Result<(), Failure> {
    let missing: Vec<bool> = (0..windows.len())
        .map(|window| plan.has(window) && windows[window].is_none())
        .collect();
    let all = missing.iter().filter(|missing| **missing).count() as u64;
    let (sender, receiver) = mpsc::channel();
    // Nobody listens any more where the sweep was stopped.
    let listener: Listener = Arc::new(move |done| _ = sender.send(done));
    let cores = || available_parallelism().map_or(1, usize::from);
    let threads = args.threads.unwrap_or_else(cores);
    let cost = plan.spec.cost();
    let order = plan.spec.order().filter(move |window| missing[*window]);
    let pool = Pool::start(&plan.spec, order, threads, &listener).map_err(Failure::failed)?;
    drop(listener);
    let mut progress = Progress::new();
    progress.announce(cost, " of a core");
    let begun = Instant::now();
    let mut count = 0u64;
    while count < all {
        match receiver.recv_timeout(TICK) {
            Ok(first) => {
                // To be woken for every window would take a twentieth of a core from the threads.
                thread::sleep(BREATH);
                let done: Result<Vec<Done>, String> =
                    once(first).chain(receiver.try_iter()).collect();
                let done = done.map_err(Failure::failed)?;
                count += done.len() as u64;
                for done in &done {
                    windows[done.window] = Some(done.point);
                }
                files.add(&done)?;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                return Err(Failure::failed("a worker thread ended before its time"));
            }
        }
        progress.show(|| progress::line((count, all), (begun, 0), (1, "windows"), ""));
        if let Some(status) = asked.status().filter(|_| count < all) {
            drop(pool);
            progress.clear();
            let kept = files.kept();
            let sentence = format!("interrupted after {count} of {all} windows{kept}");
            return Err(Failure::with_status(status, sentence));
        }
    }
    progress.clear();
    Ok(())
}

/// What is said at the end.
fn summary(windows: &[Option<Point>], resumed: usize, seconds: f64) -> String {
    let points = || windows.iter().flatten();
    let all = points().count();
    let share = |verdict: Verdict| {
        let is = |point: &&Point| point.verdict() == Some(verdict);
        100.0 * points().filter(is).count() as f64 / all.max(1) as f64
    };
    let [down, up] = [Verdict::Vanishing, Verdict::Exploding].map(share);
    let computed = all - resumed;
    let rate = computed as f64 / seconds.max(1e-9);
    let there = match resumed {
        0 => String::new(),
        resumed => format!(", {resumed} were there"),
    };
    format!(
        "{computed} windows in {seconds:.1} s, {rate:.0} a second{there}\n\
         vanishing {down:.1} %, exploding {up:.1} %\n"
    )
}

/// A file's name in a message.
fn name(path: &Path) -> String {
    sanitise_path(path)
}
