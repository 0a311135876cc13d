//! Files that are written: the old one or the new one, never half of one, and nothing left beside it,
//! whatever comes between.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};

const PROGRAM: &str = env!("CARGO_BIN_EXE_rnntop");
/// A window whose table is some megabytes.
const LONG: &str = "trace noise --hidden 1 --inputs 1 --steps 20000 --format csv --cell rnn --out";

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn command(arguments: &str, file: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments.split(' ')).arg(file);
    command.stdin(Stdio::null()).stderr(Stdio::piped());
    command
}

/// Under a limit of so many kilobytes for each file, as on a full disk.
fn limited(kilobytes: u32, arguments: &str, file: &Path) -> Output {
    Command::new("bash")
        .arg("-c")
        .arg(format!(
            "ulimit -f {kilobytes}; exec \"$0\" {arguments} \"$1\""
        ))
        .args([Path::new(PROGRAM), file])
        .output()
        .unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The sentence of a run that ends with this status.
fn sentence(output: &Output, status: i32) -> String {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_is_read_or_computed() {
    let folder = folder("output-first");
    let there = folder.join("there");
    fs::write(&there, "mine").unwrap();
    for what in [
        "trace --weights",
        "inspect",
        "explain --weights",
        "trace --input",
    ] {
        let arguments = format!("{what} /no/such/model.npz --out");
        let refused = sentence(&command(&arguments, &there).output().unwrap(), 2);
        assert!(refused.contains("the file exists already"), "{refused}");
        let nowhere = folder.join("nowhere/out");
        let refused = sentence(&command(&arguments, &nowhere).output().unwrap(), 1);
        assert!(
            refused.contains("nowhere/out: cannot be written"),
            "{refused}"
        );
    }
    assert_eq!(fs::read(&there).unwrap(), b"mine");
    let log = "train adding --length 5 --hidden 2 --updates 1 --save";
    let save = folder.join("w.safetensors");
    let log = command(log, &save).arg("--log").arg(&there).output();
    sentence(&log.unwrap(), 2);
    assert_eq!(names(&folder), ["there"], "nothing was saved before");
}

#[test]
fn a_full_disk_leaves_the_old_file_and_nothing_else() {
    let folder = folder("output-full");
    let file = folder.join("out");
    let refused = sentence(&limited(64, LONG, &file), 1);
    assert!(refused.contains("out: cannot be written"), "{refused}");
    assert!(names(&folder).is_empty(), "{:?}", names(&folder));
    fs::write(&file, "old").unwrap();
    let forced = LONG.replace("--out", "--force --out");
    sentence(&limited(64, &forced, &file), 1);
    assert_eq!(
        (names(&folder), fs::read(&file).unwrap()),
        (vec!["out".into()], b"old".into())
    );
    fs::set_permissions(&file, fs::Permissions::from_mode(0o604)).unwrap();
    assert!(command(&forced, &file).output().unwrap().status.success());
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o604
    );
    let full = sentence(&command(LONG, Path::new("/dev/full")).output().unwrap(), 1);
    assert!(full.contains("there is no space left"), "{full}");
    // No file can be made in here, not even by root.
    sentence(
        &command(LONG, Path::new("/proc/rnntop.csv"))
            .output()
            .unwrap(),
        1,
    );
}

#[test]
fn a_run_whose_save_does_not_fit_keeps_the_last_that_did() {
    let folder = folder("output-save");
    let file = folder.join("w.safetensors");
    let run = "train adding --length 5 --hidden 40 --updates 3 --save";
    assert!(command(run, &file).output().unwrap().status.success());
    let kept = |name: &String| fs::read(folder.join(name)).unwrap();
    let names_before = names(&folder);
    let before: Vec<_> = names_before.iter().map(kept).collect();
    let more = "train --updates 9 --save-every 1 --resume";
    let refused = sentence(&limited(16, more, &file), 1);
    assert!(
        refused.contains("w.safetensors: cannot be written"),
        "{refused}"
    );
    assert_eq!(names(&folder), names_before);
    assert_eq!(names_before.iter().map(kept).collect::<Vec<_>>(), before);
}

/// Ended as soon as something is half written; how often that was so is counted, since it goes by
/// quickly.
#[test]
fn whoever_ends_it_while_it_writes_finds_nothing_half_written() {
    let folder = folder("output-signals");
    let file = folder.join("out");
    fs::write(&file, "old").unwrap();
    let forced = LONG.replace("--out", "--force --out");
    let rest = |folder: &Path| names(folder).into_iter().find(|name| name != "out");
    for signal in [Signal::TERM, Signal::INT, Signal::KILL] {
        let met = (0..20).any(|_| {
            let mut child = command(&forced, &file).spawn().unwrap();
            let pid = Pid::from_child(&child);
            while rest(&folder).is_none() && child.try_wait().unwrap().is_none() {}
            let _ = kill_process(pid, signal);
            let status = child.wait().unwrap();
            let text = fs::read_to_string(&file).unwrap();
            let whole = text == "old" || (text.lines().count() == 20_001 && text.ends_with('\n'));
            assert!(whole, "{signal:?}: half of a file");
            if let Some(part) = rest(&folder).filter(|_| signal == Signal::KILL) {
                fs::remove_file(folder.join(part)).unwrap();
            }
            assert_eq!(rest(&folder), None, "{signal:?}");
            status.signal() == Some(signal.as_raw())
        });
        assert!(met, "{signal:?} always came too late");
    }
}
