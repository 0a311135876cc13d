//! Every reader on mutated files, every key and sequence on the keyboard: nothing panics, sentences are
//! short and safe to show, and little is asked of memory.
//!
//! Two thousand cases of each belong to every run of the tests, and a minute of all to the gate. A long run:
//!
//! ```text
//! RNNTOP_FUZZ=3600 cargo test --release --test all fuzz -- --nocapture
//! ```
//!
//! What fails is named by its seed: `RNNTOP_FUZZ_SEED=N` runs it again.

use crate::common::parameters::parse_parameters;
use std::ffi::OsStr;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};
use rnntop::app::keys::Keymap;
use rnntop::io::arrays::parse_sequence;
use rnntop::io::{ModelFile, Wanted, load_batch};
use rnntop::sim::Preset;
use rnntop::sweep::journal::{Journal, Refusal};
use rnntop::sweep::{Axis, Done, Draft, Point, Shard, Why};
use rnntop::term::keyboard::Keyboard;
use rnntop::train::{self, Clip, Regulariser};
use rnntop::ui::theme::file as theme;
use rnntop::words::{decimal, sanitise};

/// Cases of each target in a usual run.
const CASES: u64 = 2000;

/// Files below this size are mutated.
const LARGEST: u64 = 40_000;

/// The files that end like this, in a fixed order.
fn samples(endings: &[&str]) -> Vec<Vec<u8>> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = Vec::new();
    walk(&root.join("tests/data"), &mut paths);
    walk(&root.join("presets"), &mut paths);
    walk(&root.join("sweeps"), &mut paths);
    let ends = |path: &PathBuf| {
        let ending = path.extension().and_then(OsStr::to_str);
        ending.is_some_and(|ending| endings.contains(&ending))
    };
    paths.retain(|path| ends(path) && path.metadata().unwrap().len() < LARGEST);
    paths.sort();
    assert!(!paths.is_empty(), "nothing ends in {endings:?}");
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Numbers that sizes and offsets like least.
const EDGES: [u64; 10] = [
    0,
    1,
    0x7f,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    i64::MAX as u64,
    u64::MAX,
];

fn mutated(samples: &[Vec<u8>], words: &[&str], rng: &mut ChaCha8Rng) -> Vec<u8> {
    let any = |rng: &mut ChaCha8Rng, n: usize| rng.random_range(0..n.max(1));
    let mut bytes = samples[any(rng, samples.len())].clone();
    for _ in 0..=any(rng, 4) {
        let at = any(rng, bytes.len() + 1);
        match any(rng, 9) {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => bytes[at] ^= 1 << any(rng, 8),
            2 if at < bytes.len() => bytes[at] = rng.random(),
            3 => {
                let edge = EDGES[any(rng, EDGES.len())].to_le_bytes();
                let width = [1, 2, 4, 8][any(rng, 4)].min(bytes.len() - at);
                bytes[at..at + width].copy_from_slice(&edge[..width]);
            }
            4 => {
                let word = words[any(rng, words.len())].bytes();
                bytes.splice(at..at, word);
            }
            5 => {
                let length = any(rng, 64).min(bytes.len() - at);
                let piece = bytes[at..at + length].to_vec();
                let times = 1 + any(rng, 3);
                bytes.splice(at..at, piece.repeat(times));
            }
            6 => {
                let length = any(rng, 64).min(bytes.len() - at);
                bytes.drain(at..at + length);
            }
            // Digits become other digits, signs and exponents.
            7 => {
                let digit = |byte: &&mut u8| byte.is_ascii_digit();
                let mut digits: Vec<&mut u8> = bytes.iter_mut().filter(digit).collect();
                if !digits.is_empty() {
                    let place = any(rng, digits.len());
                    *digits[place] = b"0987-+eE."[any(rng, 9)];
                }
            }
            _ => {
                let other = &samples[any(rng, samples.len())];
                let from = any(rng, other.len());
                let length = any(rng, 256).min(other.len() - from);
                bytes.splice(at..at, other[from..from + length].iter().copied());
            }
        }
    }
    bytes
}

/// Runs a target on its cases; it gives back the sentence of a refusal.
fn run(endings: &[&str], words: &[&str], target: fn(Vec<u8>) -> Option<String>) {
    let samples = samples(endings);
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let long = number("RNNTOP_FUZZ").map(Duration::from_secs);
    let only = number("RNNTOP_FUZZ_SEED");
    let begun = Instant::now();
    let first = only.unwrap_or(0);
    let mut refused = 0;
    for seed in first.. {
        let over = match (only, long) {
            (Some(_), _) => seed > first,
            (None, Some(long)) => begun.elapsed() >= long,
            (None, None) => seed == CASES,
        };
        if over {
            break;
        }
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let bytes = mutated(&samples, words, &mut rng);
        let said = catch_unwind(|| target(bytes));
        let said =
            said.unwrap_or_else(|_| panic!("{endings:?}: a panic on RNNTOP_FUZZ_SEED={seed}"));
        if let Some(said) = said {
            refused += 1;
            let safe = sanitise(&said) == said && said.chars().count() < 4000;
            assert!(safe, "{endings:?}: RNNTOP_FUZZ_SEED={seed}: {said:?}");
        }
    }
    assert!(
        only.is_some() || refused > 0,
        "no case was refused: are they read at all?"
    );
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

fn sentence<T, E: ToString>(result: Result<T, E>) -> Option<String> {
    result.err().map(|error| error.to_string())
}

/// Reads all of a model.
fn model(bytes: Vec<u8>) -> Option<String> {
    let _ = parse_parameters(&bytes, "fuzzed", None);
    let file = match ModelFile::new(bytes, "fuzzed") {
        Ok(file) => file,
        Err(error) => return Some(error.to_string()),
    };
    let _ = file.functions(None);
    let listed = sentence(file.modules());
    listed.or(sentence(file.stack(None)))
}

/// The same of an archive whose files fit their checksums in every other case, so that what is mutated in
/// them is read.
fn archive(mut bytes: Vec<u8>) -> Option<String> {
    let number = |bytes: &[u8], at: usize, length: usize| {
        let bytes = bytes.get(at..at + length).unwrap_or_default();
        let digits = bytes.iter().rev();
        digits.fold(0, |n, byte| n << 8 | usize::from(*byte))
    };
    let entries: Vec<usize> = bytes
        .windows(4)
        .enumerate()
        .filter_map(|(at, head)| (head == b"PK\x01\x02").then_some(at))
        .collect();
    let every_other = bytes.len().is_multiple_of(2);
    for at in entries.into_iter().filter(|_| every_other) {
        let (size, local) = (number(&bytes, at + 20, 4), number(&bytes, at + 42, 4));
        let names = number(&bytes, local + 26, 2) + number(&bytes, local + 28, 2);
        let data = bytes.get(local + 30 + names..).unwrap_or_default();
        let sum = crc32fast::hash(data.get(..size).unwrap_or_default());
        if let Some(field) = bytes.get_mut(at + 16..at + 20) {
            field.copy_from_slice(&sum.to_le_bytes());
        }
    }
    model(bytes)
}

const NAMES: [&str; 3] = ["weight_hh_l0", "\u{1b}]0;x\u{7}", "rnn.weight_ih_l0"];

#[test]
fn pytorch() {
    run(
        &["pt", "ckpt"],
        &["q\0h\0", "(dX\u{1}\0\0\0as.", "cos\nsystem\n"],
        archive,
    );
}

#[test]
fn hdf5() {
    run(&["h5"], &["TREE", "SNOD", "OHDR", "kernel:0"], model);
}

#[test]
fn keras() {
    run(
        &["keras"],
        &["\"units\": 99999999999,", "vars", "TREE"],
        archive,
    );
}

#[test]
fn onnx() {
    run(&["onnx"], &["\u{8}\u{1}", "LSTM", "hidden_size"], model);
}

#[test]
fn npz() {
    run(
        &["npz"],
        &["(9223372036854775807, 2)", "'fortran_order': True"],
        archive,
    );
}

#[test]
fn json() {
    run(
        &["json"],
        &["[[[[", "1e999", "{\"weight_hh_l0\":", "]]", "nan"],
        model,
    );
}

#[test]
fn safetensors() {
    run(
        &["safetensors"],
        &[&["\"shape\":[9223372036854775807,2]"], &NAMES[..]].concat(),
        model,
    );
}

#[test]
fn arrays() {
    let words = [
        "(9223372036854775807, 2)",
        "'fortran_order': True",
        "<f8",
        "|O",
    ];
    run(&["npy"], &words, |bytes| {
        sentence(parse_sequence(bytes, "fuzzed"))
    });
}

#[test]
fn tables() {
    let words = ["1e999", "nan", "\n,,,,\n"];
    run(&["csv", "tsv"], &words, |bytes| {
        sentence(parse_sequence(bytes, "fuzzed"))
    });
}

/// Sequences as `--input` takes them: the end of the file's name says no more than its content.
#[test]
fn sequences() {
    let words = [
        "(2, 9223372036854775807, 2)",
        "'fortran_order': True",
        "1e999,",
        "\n\n",
    ];
    run(&["npy", "npz", "csv", "tsv", "txt"], &words, |bytes| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder
            .path()
            .join(["x.npz", "x.csv", "x.txt", "x"][bytes.len() % 4]);
        fs::write(&path, bytes).unwrap();
        let wanted = Wanted {
            inputs: 2,
            array: None,
            embedding: None,
            steps: Some(50),
        };
        sentence(load_batch(&path, &wanted))
    });
}

/// The file of what is done of a sweep, cut off anywhere, and then anything.
#[test]
fn journals() {
    let words = ["\n0 1 0 0 block 0\n", "# x = ", "99999999999999999999 "];
    run(&["csv", "toml"], &words, |bytes| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("done");
        let done = [0, 1, usize::MAX].map(|window| Done {
            window,
            point: Point {
                factor_per_step: 1.0,
                log10_growth: f64::NEG_INFINITY,
                lyapunov_max: f64::NAN,
                why: Why::Undefined,
            },
        });
        let mut journal = Journal::begin(&path, "x = 1\ny = 2\n").unwrap();
        journal.add(&done).unwrap();
        let mut there = fs::read(&path).unwrap();
        there.truncate(bytes.len() % there.len());
        there.extend(bytes);
        fs::write(&path, there).unwrap();
        let mut found = 0;
        let resumed = Journal::resume(&path, "x = 1\ny = 2\n", &mut |one| {
            assert_eq!(one.window, done[found].window);
            found += 1;
        });
        match resumed {
            Err(Refusal::Other(expected, found)) => {
                Some(sanitise(&format!("{expected} {found}")).into_owned())
            }
            Err(Refusal::Failed(error)) => panic!("{error}"),
            Ok(_) => None,
        }
    });
}

#[test]
fn presets() {
    let words = [
        "\nhidden = 99999999999999999999\n",
        "\nexpected = \"1e-9223372036854775808\"\n",
        "\n[[claims]]\nquantity = \"lstm.without.block.growth\"\n",
        "without.alone.",
        "\u{202e}",
    ];
    run(&["toml"], &words, |bytes| {
        sentence(Preset::parse("fuzzed", "fuzzed.toml", &text(bytes)))
    });
}

#[test]
fn sweeps_and_runs() {
    let words = [
        "\nx = \"rho=0.5:2:99999999999\"\n",
        "\nseeds = 18446744073709551615\n",
        "\nshard = \"9/0\"\n",
        "\nquantiles = [1e999]\n",
        "=log:1e-300:1e300:9",
        "=0:1:",
    ];
    run(&["toml"], &words, |bytes| {
        let text = text(bytes);
        for line in text.lines().take(20) {
            let line: String = line.split('"').collect();
            let _ = (Axis::parse(&line), Shard::parse(&line));
            let _ = (Regulariser::parse(&line), Clip::parse(&line));
        }
        let settings = toml::from_str::<train::Settings>(&text);
        drop(settings);
        sentence(Draft::parse("fuzzed.toml", &text))
    });
}

#[test]
fn keys_themes_and_numbers() {
    let words = [
        "quit = [\"ctrl-\"]\n",
        "accent = \"#fffffff\"\n",
        "[keys]\n",
        "-1e-",
    ];
    run(&["toml", "csv"], &words, |bytes| {
        let text = text(bytes);
        for line in text.lines().take(20) {
            let _ = decimal::parse(
                line.rsplit('=')
                    .next()
                    .unwrap_or_default()
                    .trim_matches('"'),
            );
        }
        let keys = sentence(Keymap::parse("keys.toml", &text));
        keys.or(sentence(theme::parse("fuzzed.toml", &text)))
    });
}

/// Whatever bytes come before it, Ctrl-C is heard.
#[test]
fn the_keyboard() {
    let words = [
        "\u{1b}[",
        "\u{1b}O",
        "\u{1b}[<0;1;1M",
        "\u{1b}[200~",
        "\u{1b}[201~",
        "\u{1b}]11;rgb:",
        "\u{1b}\\",
        ";:99999999999",
        "u",
        "~",
        "M",
        "[M",
    ];
    run(&["csv", "toml", "npy"], &words, |bytes| {
        let mut keyboard = Keyboard::default();
        let typed = bytes.iter().filter_map(|byte| keyboard.take(*byte)).count();
        assert!(typed <= bytes.len());
        let last = keyboard.take(3);
        last.map(|message| format!("{message:?}"))
    });
}
