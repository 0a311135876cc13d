//! A sweep on what people have for many machines: GNU parallel, and a Slurm of one node on the loopback.
//!
//! Slurm has keys, ports and a configuration of its own in a temporary folder (`tests/data/slurm.sh`).
//! Where a program is missing, its test is counted as ignored, and the gate lets none be ignored.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use libtest_mimic::Trial;

use super::demo::program;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rnntop");
const SLURM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/slurm.sh");
const SPEC: &str = "cell = 'lstm'\nx = 'rho=0.2:3:6'\ny = 'forget-bias=-1:4:5'\nseeds = 2\n\
                    [settings]\nhidden = 2\nsteps = 10\n";

/// Runs a program in a folder, to its end.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null());
    command.env("SLURM_CONF", folder.join("slurm/slurm.conf"));
    command.output().unwrap()
}

fn succeeds(folder: &Path, program: &str, arguments: &[&str]) -> String {
    let output = run(folder, program, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

/// A folder with a sweep, and what it comes to on one machine.
fn begin() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("map.toml"), SPEC).unwrap();
    let whole = ["sweep", "map.toml", "--out", "whole.csv"];
    succeeds(folder.path(), PROGRAM, &whole);
    let whole = fs::read_to_string(folder.path().join("whole.csv")).unwrap();
    (folder, whole)
}

/// What the parts come to, if they are all there.
fn merged(folder: &Path, first: usize, count: usize) -> Option<String> {
    let parts: Vec<String> = (first..first + count)
        .map(|k| format!("part-{k}.csv"))
        .collect();
    let mut arguments = vec!["sweep", "merge", "--out", "merged.csv", "--force"];
    arguments.extend(parts.iter().map(String::as_str));
    let success = run(folder, PROGRAM, &arguments).status.success();
    success.then(|| fs::read_to_string(folder.join("merged.csv")).unwrap())
}

/// One of four shards fails the first time; of the two ways to resume, one runs it again.
fn gnu_parallel_runs_a_shard_again_that_failed() {
    let (folder, whole) = begin();
    let folder = folder.path();
    let job = format!(
        "test {{}} != 3 -o -e repaired && {PROGRAM} sweep map.toml --threads 1 --shard {{}}/4 --out part-{{}}.csv --resume"
    );
    let parallel = |resume: &[&str]| {
        let log = ["--joblog", "map.log"];
        let jobs = [job.as_str(), ":::", "1", "2", "3", "4"];
        let arguments: Vec<&str> = log.iter().chain(resume).chain(&jobs).copied().collect();
        run(folder, "parallel", &arguments).status.code()
    };
    assert_eq!(parallel(&[]), Some(1));
    assert_eq!(merged(folder, 1, 4), None);
    fs::write(folder.join("repaired"), "").unwrap();
    assert_eq!(parallel(&["--resume"]), Some(0));
    assert!(!folder.join("part-3.csv").exists());
    assert_eq!(parallel(&["--resume-failed"]), Some(0));
    assert_eq!(merged(folder, 1, 4).as_deref(), Some(whole.as_str()));
}

/// A Slurm that ends with the test.
struct Cluster<'a>(&'a Path);

impl<'a> Cluster<'a> {
    fn start(folder: &'a Path) -> Self {
        let free = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
        let ports = free
            .each_ref()
            .map(|free| free.local_addr().unwrap().port().to_string());
        drop(free);
        let place = folder.join("slurm").display().to_string();
        let cluster = Self(folder);
        succeeds(folder, SLURM, &["start", &place, &ports[0], &ports[1]]);
        cluster
    }

    /// Submits an array of tasks and waits for its end.
    fn array(&self, tasks: &str, job: &str) {
        let arguments = ["--parsable", "--output=%a.log", tasks, "--wrap", job];
        let id = succeeds(self.0, "sbatch", &arguments).trim().to_owned();
        let start = Instant::now();
        while !succeeds(self.0, "squeue", &["-h", "-j", &id]).is_empty() {
            assert!(
                start.elapsed() < Duration::from_secs(60),
                "the jobs do not end"
            );
            sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Cluster<'_> {
    fn drop(&mut self) {
        let place = self.0.join("slurm").display().to_string();
        run(self.0, SLURM, &["stop", &place]);
    }
}

/// An array computes all parts; one of them, lost, is submitted again by itself.
fn slurm_tasks_find_their_parts() {
    let (folder, whole) = begin();
    let folder = folder.path();
    let cluster = Cluster::start(folder);
    let job = |shard: &str| {
        format!(
            "{PROGRAM} sweep map.toml --threads 1 --shard {shard} --out part-$SLURM_ARRAY_TASK_ID.csv --resume"
        )
    };
    cluster.array("--array=0-2", &job("slurm"));
    assert_eq!(merged(folder, 0, 3).as_deref(), Some(whole.as_str()));
    for file in ["part-1.csv", "part-1.toml"] {
        fs::remove_file(folder.join(file)).unwrap();
    }
    cluster.array("--array=1", &job("slurm/3"));
    assert_eq!(merged(folder, 0, 3).as_deref(), Some(whole.as_str()));
    // Three tasks that are no even range are not parts of anything.
    cluster.array("--array=0,1,7", &job("slurm").replace("part-", "other-"));
    let log = fs::read_to_string(folder.join("7.log")).unwrap();
    assert!(
        log.contains("expected an array that is an even range"),
        "{log}"
    );
    assert!(!folder.join("other-7.csv").exists());
}

pub fn trials() -> Vec<Trial> {
    let trial = |name: &str, test: fn(), programs: &[&str]| {
        let missing = programs.iter().any(|name| program(name).is_none());
        let run = move || {
            test();
            Ok(())
        };
        Trial::test(name, run).with_ignored_flag(missing)
    };
    let slurm = ["slurmctld", "slurmd", "munged", "sbatch", "squeue", "sinfo"];
    vec![
        trial(
            "gnu_parallel_runs_a_shard_again_that_failed",
            gnu_parallel_runs_a_shard_again_that_failed,
            &["parallel"],
        ),
        trial(
            "slurm_tasks_find_their_parts",
            slurm_tasks_find_their_parts,
            &slurm,
        ),
    ]
}
