//! `rnntop trace --follow`: the live story as lines.

// The helpers of tests are tests, too.
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// `trace --follow` with more arguments, fast.
fn follow(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rnntop"));
    command
        .args(["trace", "--follow", "--hidden", "4", "--speed", "60"])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The one sentence of a run that fails by its usage.
fn complaint(arguments: &[&str]) -> String {
    let output = follow(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said.lines().count(), 1, "{said}");
    said.trim_end().to_owned()
}

/// Waits, but not for ever.
fn ends(mut child: Child) -> Output {
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "it does not end by itself"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    child.wait_with_output().unwrap()
}

#[test]
fn each_step_is_a_line_in_words() {
    let arguments = ["power-law", "--rho=1.01", "--clip=off", "--follow-steps=3"];
    let text = printed(&follow(&arguments).output().unwrap());
    let (first, lines) = text.split_once('\n').unwrap();
    let again = "power-law --rho=1.01 --clip=off --follow-steps=3";
    assert!(first.starts_with("rnntop ") && first.contains("unlike the defaults: "));
    assert!(
        first.contains("again: rnntop trace --follow") && first.ends_with(again),
        "{first}"
    );
    let lines: Vec<&str> = lines.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    for (line, step) in lines.iter().zip(200..) {
        let rnn = "rnn r 1.0100, exploding to 7.316 because of recurrent, recurrent path 100 % at t = 1; lstm r ";
        assert!(line.starts_with(&format!("step {step}: {rnn}")), "{line}");
        assert!(line.ends_with("; clipping off"), "{line}");
        assert!(line.chars().all(|c| c == ' ' || c.is_ascii_graphic()));
    }
}

#[test]
fn two_cells_of_one_name_are_told_apart() {
    let one = |cells: &str| {
        let arguments = ["--format=json", "--follow-steps=1", "--cells", cells];
        let text = printed(&follow(&arguments).output().unwrap());
        let line = text.trim_end().to_owned();
        (serde_json::from_str::<Value>(&line).unwrap(), line)
    };
    let (both, line) = one("lstm,lstm-nig");
    assert!(line.find("\"lstm\"").unwrap() < line.find("\"lstm_2\"").unwrap());
    for (name, variant) in [("lstm", "plain"), ("lstm_2", "nig")] {
        assert!(both[name]["factor_per_step"].is_number(), "{line}");
        assert_eq!(both[name]["variant"], variant);
    }
    let (rnns, line) = one("rnn,rnn");
    assert!(rnns["rnn"]["variant"].is_null(), "{line}");
    assert!(rnns["rnn_2"]["verdict"].is_string(), "{line}");
    // Different cells keep their names.
    let (different, line) = one("gru,lstm");
    assert!(different["gru"].is_object() && different["lstm"].is_object());
    assert!(!line.contains("_2\""), "{line}");
}

#[test]
fn the_lines_are_those_of_the_table_and_say_what_was_clipped() {
    let arguments = ["why", "--cell", "rnn", "--clip", "norm:0.000001"];
    let steps = ["--follow-steps", "1"];
    let line = printed(&follow(&[&arguments[..], &steps].concat()).output().unwrap());
    let table = Command::new(env!("CARGO_BIN_EXE_rnntop"))
        .args(["trace", "--hidden", "4"])
        .args(arguments)
        .output()
        .unwrap();
    let table = printed(&table);
    let r = table
        .split("r = ")
        .nth(1)
        .unwrap()
        .split(' ')
        .next()
        .unwrap();
    assert!(line.contains(&format!("rnn r {r}, ")), "{line}{table}");
    assert!(!line.contains("lstm"), "{line}");
    assert!(line.ends_with(", clipped\n"), "{line}");
}

#[test]
fn json_is_one_object_a_line() {
    let arguments = [
        "power-law",
        "--rho=1.01",
        "--clip=off",
        "--follow-steps=2",
        "--format",
        "json",
    ];
    let text = printed(&follow(&arguments).output().unwrap());
    let steps: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(steps.len(), 2);
    assert_eq!(steps[1]["step"], 201);
    let said = &steps[0]["provenance"];
    assert_eq!(
        (&said["preset"], &said["seed"]),
        (&"power-law".into(), &7.into())
    );
    assert_eq!(said["settings"]["rho"], 1.01);
    assert!(said["files"].is_array() && steps[1].get("provenance").is_none());
    let rnn = &steps[1]["rnn"];
    assert_eq!(rnn["verdict"], "exploding");
    assert_eq!(rnn["path"], "recurrent");
    assert_eq!(rnn["clipped"], false);
    assert!((rnn["factor_per_step"].as_f64().unwrap() - 1.01).abs() < 1e-9);
    assert!(steps[1]["lstm"]["part"].is_number());
}

#[test]
fn standard_input_ends_it() {
    let mut child = follow(&["--input", "-", "--steps", "4"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for i in 0..9 {
        writeln!(stdin, "{i},0.5").unwrap();
    }
    drop(stdin);
    let text = printed(&ends(child));
    let steps: Vec<&str> = text
        .lines()
        .skip(1)
        .map(|line| line.split(':').next().unwrap())
        .collect();
    assert_eq!(
        steps,
        ["step 4", "step 5", "step 6", "step 7", "step 8", "step 9"]
    );
}

#[test]
fn lines_come_at_once_and_a_closed_pipe_is_a_quiet_end() {
    let mut child = follow(&[]).spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    for begins in ["rnntop ", "step ", "step "] {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        assert!(line.starts_with(begins) && line.ends_with('\n'), "{line}");
    }
    drop(reader);
    let output = ends(child);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn it_keeps_its_pace() {
    let start = Instant::now();
    let arguments = ["--speed", "10", "--follow-steps", "6"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_rnntop"));
    let output = command
        .args(["trace", "--follow", "--hidden", "4"])
        .args(arguments)
        .output()
        .unwrap();
    printed(&output);
    assert!(start.elapsed() >= Duration::from_millis(500));
}

#[test]
fn what_does_not_go_with_it_is_said() {
    assert_eq!(
        complaint(&["--format", "csv"]),
        "rnntop: --follow: expected --format text or json beside it, found csv"
    );
    assert!(complaint(&["--out", "x"]).contains("--out"));
    assert!(complaint(&["--cuts"]).contains("--cuts"));
    assert!(complaint(&["--follow-steps", "0"]).starts_with("rnntop: --follow-steps: expected"));
}

/// Half of a short input is the first window, and the other half is followed.
#[test]
fn a_short_input_is_followed_to_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.csv");
    let rows = (0..11)
        .map(|t| format!("{t},1"))
        .collect::<Vec<_>>()
        .join("\n");
    std::fs::write(&file, rows).unwrap();
    let output = follow(&["--input", file.to_str().unwrap()]).output();
    let text = printed(&output.unwrap());
    let steps: Vec<&str> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split(':').next())
        .collect();
    assert_eq!(
        steps,
        ["step 6", "step 7", "step 8", "step 9", "step 10", "step 11"]
    );
}
