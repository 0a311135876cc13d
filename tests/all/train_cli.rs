//! `rnntop train` as a shell sees it: the log, the files, what it says, and with which exit status.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rnntop");

fn train(arguments: &str) -> Output {
    command(arguments).output().unwrap()
}

fn command(arguments: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.arg("train").args(arguments.split_whitespace());
    command.stdin(Stdio::null());
    command
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// The one sentence of a run that ends with this status.
fn complaint(arguments: &str, status: i32) -> String {
    let output = train(arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(status), "{arguments}: {said}");
    assert_eq!(said.lines().count(), 1, "{arguments}: {said}");
    said.strip_prefix("rnntop: ").unwrap().trim_end().to_owned()
}

/// The updates of a log, without what the first says of where the run comes from.
fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines().map(serde_json::from_str);
    let mut lines: Vec<Value> = lines.collect::<Result<_, _>>().unwrap();
    for (k, line) in lines.iter_mut().enumerate() {
        let said = line.as_object_mut().unwrap().remove("provenance");
        assert_eq!(said.is_some(), k == 0);
        if let Some(said) = said {
            assert_eq!(said["version"], env!("CARGO_PKG_VERSION"));
            assert!(said["seed"].is_u64() && said["settings"].is_object());
            assert!(!said["arguments"].as_array().unwrap().is_empty());
        }
    }
    lines
}

/// A log of a run that does all its updates and says nothing on standard error.
fn logged(arguments: &str) -> Vec<Value> {
    let output = train(&format!("{arguments} --log -"));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        output.status.success() && said.is_empty(),
        "{arguments}: {said}"
    );
    lines(&String::from_utf8(output.stdout).unwrap())
}

/// The standard demonstration, as README and help page have it: without clipping the loss is above 10 from
/// update 6 on, and ρ leaps in the first; with the norm clipped to 1 the loss stays below 2, and above chance.
#[test]
fn an_explosion_wrecks_a_run_and_clipping_saves_it() {
    let losses = |clip: &str| {
        let file = folder(&format!("train-{}", clip.replace(':', ""))).join("log.jsonl");
        let run = "adding --cell rnn --init orthogonal --rho 1.5 --length 100 --hidden 64 --batch 32 \
            --optimizer sgd --learning-rate 0.03 --updates 60 --seed 11";
        let output = train(&format!("{run} --clip {clip} --log {}", file.display()));
        assert!(output.status.success());
        let summary = String::from_utf8(output.stdout).unwrap();
        assert!(
            summary.contains("60 updates") && summary.contains("0.1667 is chance"),
            "{summary}"
        );
        let log = lines(&fs::read_to_string(file).unwrap());
        assert_eq!(log.len(), 60);
        let mut losses = Vec::new();
        for (k, line) in log.iter().enumerate() {
            let number = |key: &str| line[key].as_f64().unwrap();
            assert_eq!(line["update"], k + 1);
            assert_eq!(number("learning_rate"), 0.03);
            assert_eq!(line.as_object().unwrap().len(), 5);
            if clip == "off" {
                assert_eq!(line["grad_norm"], line["clipped_norm"]);
            } else {
                assert!(
                    number("clipped_norm") <= 1.0 && number("clipped_norm") <= number("grad_norm")
                );
            }
            losses.push(number("loss"));
        }
        losses
    };
    let off = losses("off");
    assert_eq!(off.iter().position(|loss| *loss > 10.0), Some(5), "{off:?}");
    let clipped = losses("norm:1");
    assert!(
        clipped.iter().all(|loss| (0.9..1.9).contains(loss)),
        "{clipped:?}"
    );
    let mean = clipped.iter().sum::<f64>() / 60.0;
    assert!((mean - 1.4).abs() < 0.05, "{mean}");
    let readme = include_str!("../../README.md");
    let said = "passes a loss of 10 at update 6; the loss of the second stays between 0.9 and 1.9, 1.40 in the mean";
    assert!(
        readme
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .contains(said)
    );
}

/// A run that was stopped and goes on is bit for bit the run that was not, in both precisions and with
/// all that an optimiser remembers.
#[test]
fn a_resumed_run_is_the_uninterrupted_one() {
    for (name, options) in [
        (
            "double",
            "adding --cell lstm --optimizer adam --clip norm:1",
        ),
        (
            "single",
            "copy --cell gru --precision float32 --optimizer rmsprop",
        ),
        (
            "momentum",
            "order --cell irnn --optimizer momentum --clip value:0.1",
        ),
    ] {
        let folder = folder(&format!("train-resume-{name}"));
        let at = |file: &str| folder.join(file).display().to_string();
        let options = format!("{options} --length 12 --hidden 7 --batch 18");
        let whole = logged(&format!(
            "{options} --updates 9 --save {}",
            at("whole.safetensors")
        ));
        let part = at("part.safetensors");
        let first = logged(&format!("{options} --updates 4 --save {part} --threads 1"));
        let rest = logged(&format!("--resume {part} --updates 9"));
        assert_eq!([first, rest].concat(), whole, "{name}");
        for file in ["safetensors", "state.safetensors", "toml"] {
            let [a, b] = ["whole", "part"].map(|n| fs::read(at(&format!("{n}.{file}"))).unwrap());
            assert_eq!(a, b, "{name}: {file}");
        }
        // What changes from now on is kept, too.
        logged(&format!("--resume {part} --updates 10 --learning-rate 0.5"));
        assert!(
            fs::read_to_string(at("part.toml"))
                .unwrap()
                .contains("learning_rate = 0.5")
        );
    }
}

/// The weights have the names and shapes of PyTorch's own state dicts (`tests/data/train/generate.py`) and
/// nothing beside them, and `inspect` reads them. `tests/data/train/load.py` loads them into PyTorch.
#[test]
fn weights_are_a_state_dict() {
    let folder = folder("train-weights");
    let all: Value = serde_json::from_str(include_str!("../data/train/train.json")).unwrap();
    for kind in ["rnn", "irnn", "lstm", "gru"] {
        let file = folder.join(format!("{kind}.safetensors"));
        let run = format!("adding --cell {kind} --length 6 --hidden 5 --updates 2");
        logged(&format!("{run} --save {}", file.display()));
        let bytes = fs::read(&file).unwrap();
        let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        let found = tensors.tensors().into_iter();
        let found: serde_json::Map<String, Value> = found
            .map(|(name, tensor)| (name, tensor.shape().into()))
            .collect();
        assert_eq!(Value::Object(found), all["state_dicts"][kind], "{kind}");
        let inspected = Command::new(PROGRAM)
            .arg("inspect")
            .arg(&file)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&inspected.stderr);
        assert!(inspected.status.success(), "{kind}: {said}");
    }
}

/// Relu, a large rate and float32: beyond all numbers within a few updates. The sentence has the update,
/// the largest gradient and the tensor, and the weights that are left are finite.
#[test]
fn a_run_that_diverges_says_when_where_and_what_is_left() {
    let folder = folder("train-diverged");
    let (log, file) = (folder.join("log.jsonl"), folder.join("w.safetensors"));
    let run = "adding --cell irnn --hidden 16 --length 100 --optimizer sgd --learning-rate 100 \
        --precision float32 --updates 1000";
    let sentence = complaint(
        &format!("{run} --log {} --save {}", log.display(), file.display()),
        1,
    );
    let log = lines(&fs::read_to_string(log).unwrap());
    let last = log.last().unwrap();
    let update = last["update"].as_u64().unwrap();
    assert!(log.len() < 1000 && log.len() as u64 == update);
    assert!(
        sentence.starts_with(&format!("the run diverged at update {update}: ")),
        "{sentence}"
    );
    let kept = format!("the last finite weights, of update {}, are in ", update - 1);
    assert!(
        sentence.contains(&kept) && sentence.contains("w.safetensors"),
        "{sentence}"
    );
    let norm = |line: &Value| line["grad_norm"].as_f64();
    let top = log.iter().filter_map(norm).fold(0.0, f64::max);
    assert!(
        sentence.contains(&format!("norm {top:.3e} at update ")),
        "{sentence}"
    );
    assert!(sentence.contains("most of it in rnn.") || sentence.contains("most of it in head."));
    if let Some(word) = last["loss"].as_str() {
        assert!(["nan", "inf"].contains(&word));
        assert!(
            sentence.contains(&format!("the loss is {word}")),
            "{sentence}"
        );
    }
    let bytes = fs::read(&file).unwrap();
    for (name, tensor) in safetensors::SafeTensors::deserialize(&bytes)
        .unwrap()
        .tensors()
    {
        let numbers = tensor.data().chunks_exact(4);
        let mut numbers = numbers.map(|x| f32::from_le_bytes(x.try_into().unwrap()));
        assert!(numbers.all(f32::is_finite), "{name}");
    }
    let sentence = complaint(run, 1);
    assert!(
        sentence.ends_with("; give --save to keep the last finite weights"),
        "{sentence}"
    );
}

#[test]
fn what_truncation_cuts_off_is_in_the_log() {
    let run = "latch --length 20 --hidden 6 --updates 2";
    let log = logged(&format!("{run} --truncate 5"));
    for line in &log {
        let part = line["cut_off"].as_f64().unwrap();
        assert!(part > 0.0 && part < 2.0, "{line}");
    }
    assert!(logged(run)[0].get("cut_off").is_none());
    // As long as the sequence: nothing is cut off, and the run is the whole one.
    let never = logged(&format!("{run} --truncate 20"));
    assert_eq!(never[1]["cut_off"], 0.0);
    assert_eq!(never[1]["grad_norm"], logged(run)[1]["grad_norm"]);
    assert_ne!(log[0]["grad_norm"], never[0]["grad_norm"]);
}

/// What a term adds to the loss is in the log, and is what it is weighted with.
#[test]
fn what_a_regulariser_adds_is_in_the_log() {
    let run = "adding --cell rnn --init orthogonal --length 20 --hidden 6 --updates 2";
    for term in ["omega", "floss"] {
        let penalty = |weight: f64| {
            let log = logged(&format!("{run} --regulariser {term}:{weight}"));
            log[0]["penalty"].as_f64().unwrap()
        };
        let (one, two) = (penalty(1.0), penalty(2.0));
        assert!(
            one > 0.0 && (two / one - 2.0).abs() < 1e-12,
            "{term}: {one} {two}"
        );
    }
    assert!(logged(run)[0].get("penalty").is_none());
}

/// The user's own text and arrays.
#[test]
fn own_data_is_learnt() {
    let folder = folder("train-own");
    let text = folder.join("text.txt");
    fs::write(&text, "abab".repeat(50)).unwrap();
    let run = format!(
        "text --text {} --length 8 --hidden 8 --learning-rate 0.05",
        text.display()
    );
    let output = train(&format!("{run} --updates 1 --log -"));
    let first: Value = serde_json::from_slice(&output.stdout).unwrap();
    let said = &first["provenance"];
    assert_eq!(
        (&said["seed"], &said["settings"]["hidden"]),
        (&1.into(), &8.into())
    );
    let file = &said["files"][0];
    assert_eq!(
        (&file["option"], &file["bytes"]),
        (&"--text".into(), &200.into())
    );
    assert_eq!(file["sha256"].as_str().unwrap().len(), 64);
    let log = logged(&format!("{run} --updates 60"));
    let loss = |k: usize| log[k]["loss"].as_f64().unwrap();
    assert!((loss(0) - 2.0_f64.ln()).abs() < 0.2, "{}", loss(0));
    assert!(loss(59) < 0.1 * loss(0), "{}", loss(59));
    let (x, y) = (folder.join("x.npy"), folder.join("y.npy"));
    let inputs = ndarray::Array3::from_shape_fn((6, 4, 2), |(n, t, d)| (n + t * d) as f64 * 0.1);
    let targets = ndarray::Array2::from_shape_fn((6, 1), |(n, _)| n as f64 * 0.1);
    ndarray_npy::write_npy(&x, &inputs).unwrap();
    ndarray_npy::write_npy(&y, &targets).unwrap();
    let run = format!(
        "arrays --inputs {} --targets {} --hidden 8",
        x.display(),
        y.display()
    );
    let log = logged(&format!("{run} --learning-rate 0.02 --updates 80"));
    assert!(log[79]["loss"].as_f64().unwrap() < 0.1 * log[0]["loss"].as_f64().unwrap());
    // Targets for another number of sequences.
    ndarray_npy::write_npy(&y, &ndarray::Array2::<f64>::zeros((5, 1))).unwrap();
    let sentence = complaint(&run, 2);
    assert!(
        sentence.ends_with("y.npy, shape: expected 6 x O, or 6 x 4 x O, found 5 x 1"),
        "{sentence}"
    );
}

#[test]
fn what_cannot_be_is_refused_in_one_sentence() {
    for (arguments, sentence) in [
        (
            "adding --rho 101",
            "--rho: expected a number from 0 to 100 or drawn, found 101",
        ),
        (
            "adding --length 1",
            "--length: expected a whole number from 2 to 20000, found 1",
        ),
        (
            "adding --batch 0",
            "--batch: expected a whole number from 1 to 1024, found 0",
        ),
        (
            "adding --learning-rate -1",
            "--learning-rate: expected a number from 0 to 1000, found -1",
        ),
        (
            "adding --clip norm:0",
            "--clip: expected off, norm[:θ] or value[:θ], θ being a number from 0.000000001 to 1000000000, \
             found 'norm:0'",
        ),
        (
            "adding --clip step:1",
            "--clip: expected off, norm[:θ] or value[:θ], θ being a number from 0.000000001 to 1000000000, \
             found 'step:1'",
        ),
        (
            "order --length 9",
            "--length: expected 10 or more for the task order, found 9",
        ),
        (
            "text",
            "--text: expected a file for the task text, found none",
        ),
        (
            "adding --text x",
            "--text: expected the task text beside it, found adding",
        ),
        (
            "adding --cell gru --forget-bias 1",
            "--forget-bias: expected --cell lstm beside it, found gru",
        ),
        (
            "adding --length 20000 --batch 1024 --hidden 512",
            "--length, --batch and --hidden: expected at most 4 GiB for an update, found 549 GiB",
        ),
        (
            "adding --cell rnn --regulariser detach:0.25",
            "--regulariser: expected --cell lstm beside it, found rnn",
        ),
        (
            "adding --regulariser omega:1",
            "--regulariser: expected --cell rnn or irnn beside it, found lstm",
        ),
        (
            "adding --cell rnn --truncate 5 --regulariser omega:1",
            "--regulariser: expected no --truncate beside omega:1, found 5",
        ),
        (
            "adding --cell gru --regulariser floss:1",
            "--regulariser: expected --cell rnn or irnn beside it, found gru",
        ),
        (
            "adding --cell rnn --hidden 4 --regulariser floss:1:5",
            "--regulariser: expected at most as many exponents as units, 4, found 5",
        ),
        (
            "adding --cell rnn --regulariser floss:1:0",
            "--regulariser: expected off, omega:λ, floss:λ or floss:λ:K with λ from 0 to 1000 and K from 1 to 512, or \
             detach:P with P from 0 to 1, found 'floss:1:0'",
        ),
        (
            "adding --cell rnn --length 20000 --batch 64 --hidden 64 --regulariser floss:1:64",
            "--length, --batch and --hidden: expected at most 4 GiB for an update, found 82 GiB",
        ),
        (
            "adding --screen --beside clip",
            "--beside: expected NAME=VALUE, NAME being length, batch, cell, hidden, init, rho, forget_bias, optimizer, \
             learning_rate, momentum, weight_decay, clip, truncate, regulariser or precision, found 'clip'",
        ),
        (
            "adding --screen --beside clip=step:1",
            "--beside: expected off, norm[:θ] or value[:θ], θ being a number from 0.000000001 to 1000000000, found 'step:1'",
        ),
        (
            "adding --save weights.pt",
            "--save: expected a name that ends in .safetensors, found weights.pt",
        ),
    ] {
        assert_eq!(complaint(arguments, 2), sentence);
    }
    complaint("nothing", 2);
    complaint("", 2);
}

#[test]
fn nothing_is_overwritten_unasked() {
    let folder = folder("train-force");
    let at = |file: &str| folder.join(file).display().to_string();
    let run = "xor --length 4 --hidden 2 --updates 1";
    for (option, file, there) in [
        ("--log", "a.jsonl", "a.jsonl"),
        ("--save", "b.safetensors", "b.toml"),
        ("--save", "c.safetensors", "c.state.safetensors"),
    ] {
        fs::write(at(there), "mine").unwrap();
        let arguments = format!("{run} {option} {}", at(file));
        let sentence = complaint(&arguments, 2);
        assert!(
            sentence.contains(there) && sentence.contains("exists already"),
            "{sentence}"
        );
        assert_eq!(fs::read_to_string(at(there)).unwrap(), "mine");
        assert!(train(&format!("{arguments} --force")).status.success());
        assert_ne!(fs::read(at(there)).unwrap(), b"mine");
    }
}

/// A run that saves after every update, whose log is read as it comes.
fn endless(file: &Path) -> (Child, impl Iterator<Item = String>) {
    let run = "adding --length 10 --hidden 6 --clip norm:1 --updates 1000000 --save-every 1";
    let mut child = command(&format!("{run} --log - --save {}", file.display()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = BufReader::new(child.stdout.take().unwrap());
    (child, log.lines().map_while(Result::ok))
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .arg(name)
        .arg(child.id().to_string())
        .status();
    assert!(sent.unwrap().success());
}

/// The number of updates in the state of a run.
fn saved(file: &Path) -> u64 {
    let bytes = fs::read(file.with_extension("state.safetensors")).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let updates = tensors.tensor("updates").unwrap().data().to_vec();
    f64::from_le_bytes(updates.try_into().unwrap()) as u64
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_run_with_its_weights_saved() {
    for (name, status) in [("-INT", 130), ("-TERM", 143)] {
        let file = folder("train-interrupt").join("w.safetensors");
        let (child, mut log) = endless(&file);
        assert!(log.next().is_some());
        signal(&child, name);
        let rest = log.count() as u64;
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{said}");
        let update = rest + 1;
        let sentence = format!("rnntop: interrupted after update {update}; the weights are in ");
        assert!(
            said.starts_with(&sentence) && said.lines().count() == 1,
            "{said}"
        );
        assert_eq!(saved(&file), update);
    }
}

/// Killed at any time, the save is whole, not more than one update behind the log, and the run goes on
/// from it as if nothing had been.
#[cfg(unix)]
#[test]
fn a_killed_run_loses_nothing_that_was_saved() {
    for after in [1, 3, 8] {
        let file = folder(&format!("train-kill-{after}")).join("w.safetensors");
        let (mut child, mut log) = endless(&file);
        let mut seen: Vec<String> = log.by_ref().take(after).collect();
        signal(&child, "-KILL");
        seen.extend(log);
        child.wait().unwrap();
        let (done, last) = (saved(&file), seen.len() as u64);
        assert!(done + 1 >= last, "{done} of {last}");
        let updates = done + 5;
        let rest = logged(&format!("--resume {} --updates {updates}", file.display()));
        let run = "adding --length 10 --hidden 6 --clip norm:1";
        let whole = logged(&format!("{run} --updates {updates}"));
        assert_eq!(rest, whole[done as usize..]);
        let seen = lines(&seen.join("\n"));
        assert_eq!(seen, whole[..seen.len()]);
    }
}
