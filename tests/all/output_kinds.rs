//! Each kind of file that the program writes, where the disk is full, where nothing can be written, and where
//! the program is killed: the old file or the new one, whole, and nothing beside it.
//!
//! All go one way, `io::output`, but for two that grow line by line: the journal of a sweep and the log of a
//! training. Settings of the screen and weights of a training go that way, too.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rnntop");
const MODEL: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/data/stacks/bidirectional_gru/weights.safetensors"
);

/// A file by its name, and its bytes.
type Content = (String, Vec<u8>);

/// A kind of file: its name and what writes it.
struct Kind {
    file: &'static str,
    arguments: String,
}

fn kinds() -> Vec<Kind> {
    let trace = "trace noise --hidden 2 --steps 300 --out";
    let inspect = format!("inspect {MODEL} --steps 20 --out");
    let explain = "explain noise --hidden 2 --steps 20 --out";
    let sweep = "sweep --cell rnn --hidden 1 --steps 5 --x rho=0.5,1 --y amplitude=1,2 --out";
    let train = "train adding --length 5 --hidden 12 --updates 2 --save";
    let with = |command: &str, format: &str| match format {
        "" => command.to_owned(),
        format => command.replace(" --out", &format!(" --format {format} --out")),
    };
    let all = [
        ("trace.txt", with(trace, "text")),
        ("trace.csv", with(trace, "csv")),
        ("trace.json", with(trace, "json")),
        ("inspect.txt", with(&inspect, "text")),
        ("inspect.json", with(&inspect, "json")),
        ("explain.txt", with(explain, "text")),
        ("explain.md", with(explain, "markdown")),
        ("explain.tex", with(explain, "latex")),
        ("sweep.csv", with(sweep, "")),
        ("sweep.json", with(sweep, "")),
        ("sweep.svg", with(sweep, "")),
        ("sweep.png", with(sweep, "")),
        ("sweep.parquet", with(sweep, "")),
        ("train.safetensors", with(train, "")),
    ];
    let kind = |(file, arguments)| Kind { file, arguments };
    all.into_iter().map(kind).collect()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

impl Kind {
    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(self.arguments.split(' '))
            .arg(self.file)
            .arg("--force");
        command.current_dir(folder).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// The names of the file and of those that belong to it.
    fn names(&self) -> Vec<String> {
        let (stem, end) = self.file.split_once('.').unwrap();
        let ends: &[&str] = match (stem, end) {
            ("sweep", "csv") => &["csv", "toml"],
            ("train", _) => &["safetensors", "state.safetensors", "toml"],
            (_, end) => &[end],
        };
        ends.iter().map(|end| format!("{stem}.{end}")).collect()
    }

    /// All files of a folder, but for the journal of a sweep, which stays for `--resume`.
    fn found(&self, folder: &Path) -> Vec<(String, Vec<u8>)> {
        let mut found: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| *name != format!("{}.part", self.file))
            .map(|name| (name.clone(), fs::read(folder.join(name)).unwrap()))
            .collect();
        found.sort();
        found
    }

    /// A folder in which the files are old ones.
    fn old(&self, folder: &Path) -> Vec<(String, Vec<u8>)> {
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).unwrap();
        for name in self.names() {
            fs::write(folder.join(name), "old").unwrap();
        }
        self.found(folder)
    }
}

/// The sentence of a run that failed.
fn sentence(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[test]
fn a_full_disk_leaves_every_kind_of_file_as_it_was() {
    let folder = folder("kinds-full");
    for kind in kinds() {
        let before = kind.old(&folder);
        // The journal of a sweep fits where pictures do not, and the settings of a training where its weights do
        // not.
        let most = match kind.file {
            "sweep.svg" | "sweep.png" => 3,
            "train.safetensors" => 1,
            _ => 0,
        };
        let limited = format!(
            "ulimit -f {most}; exec \"$0\" {} {} --force",
            kind.arguments, kind.file
        );
        let output = Command::new("bash")
            .args(["-c", &limited, PROGRAM])
            .current_dir(&folder)
            .output()
            .unwrap();
        let said = sentence(&output);
        assert!(said.contains("cannot be written"), "{}: {said}", kind.file);
        let after = kind.found(&folder);
        // The settings of a training are small, and are the first of its files.
        let same = |(a, b): (&Content, &Content)| {
            a == b || a.0 == b.0 && a.0 == "train.toml" && b.1.ends_with(b"\n")
        };
        assert_eq!(before.len(), after.len(), "{}: {said}", kind.file);
        assert!(before.iter().zip(&after).all(same), "{}", kind.file);
    }
}

/// Nobody, not even root, can make a file in this folder.
#[test]
fn a_folder_that_cannot_be_written_is_said_of_every_kind_of_file() {
    for kind in kinds() {
        let output = kind.command(Path::new("/proc")).output().unwrap();
        let said = sentence(&output);
        assert!(said.contains("cannot be written"), "{}: {said}", kind.file);
    }
}

/// Killed at the first trace of a new file, and somewhat later each time: what stands there is old or whole.
#[test]
fn kill_leaves_every_kind_of_file_old_or_whole() {
    let (whole, killed) = (folder("kinds-whole"), folder("kinds-killed"));
    for kind in kinds() {
        kind.old(&whole);
        let output = kind.command(&whole).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}: {said}", kind.file);
        let new = kind.found(&whole);
        assert_eq!(new.len(), kind.names().len(), "{}", kind.file);
        for turns in [0, 20, 200] {
            let old = kind.old(&killed);
            let mut child = kind.command(&killed).spawn().unwrap();
            let changed = |child: &mut Child| {
                kind.found(&killed) != old || child.try_wait().unwrap().is_some()
            };
            while !changed(&mut child) {}
            for _ in 0..turns {
                std::thread::yield_now();
            }
            let _ = child.kill();
            child.wait().unwrap();
            for (name, content) in kind.found(&killed) {
                if name.starts_with(".rnntop-") {
                    continue;
                }
                let is = |(other, bytes): &(String, Vec<u8>)| *other == name && *bytes == content;
                let of_training = name.starts_with("train.") && content.len() > 3;
                let known = old.iter().chain(&new).any(is);
                assert!(
                    known || of_training && is_whole(&name, &content),
                    "{name} is neither"
                );
            }
        }
    }
}

/// Whether the files of a training, which is saved more than once, are such as it saves.
fn is_whole(name: &str, content: &[u8]) -> bool {
    if name == "train.toml" {
        return toml::from_str::<toml::Table>(&String::from_utf8_lossy(content)).is_ok();
    }
    safetensors::SafeTensors::deserialize(content).is_ok()
}

/// The log of a training has whole lines, whatever ends it.
#[test]
fn a_log_has_whole_lines() {
    let folder = folder("kinds-log");
    let train = "train adding --length 5 --hidden 2 --updates 100000 --force --log run.jsonl";
    let log = folder.join("run.jsonl");
    let lines = || {
        let text = fs::read_to_string(&log).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'), "half a line");
        let parsed = text.lines().map(serde_json::from_str::<serde_json::Value>);
        assert!(parsed.clone().all(|line| line.is_ok()));
        parsed.count()
    };
    let full = format!("ulimit -f 8; exec \"$0\" {train}");
    let output = Command::new("bash")
        .args(["-c", &full, PROGRAM])
        .current_dir(&folder)
        .output()
        .unwrap();
    assert!(sentence(&output).contains("run.jsonl: cannot be written"));
    assert!(lines() > 3);
    let mut child = Command::new(PROGRAM)
        .args(train.split(' '))
        .current_dir(&folder)
        .spawn()
        .unwrap();
    while fs::metadata(&log).unwrap().len() < 9000 && child.try_wait().unwrap().is_none() {}
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(lines() > 3);
}

/// Nothing else in the program makes a file.
#[test]
fn files_are_made_in_three_places() {
    fn walk(folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let own = text.split("#[cfg(test)]").next().unwrap();
            let makes = ["File::create", "fs::write(", "OpenOptions::new"];
            if makes.iter().any(|word| own.contains(word)) {
                found.push(path.display().to_string());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&root, &mut found);
    found.sort();
    let known = ["cli/train/log.rs", "io/output.rs", "sweep/journal.rs"];
    let all_known = found
        .iter()
        .zip(known)
        .all(|(path, known)| path.ends_with(known));
    assert!(found.len() == known.len() && all_known, "{found:?}");
}
