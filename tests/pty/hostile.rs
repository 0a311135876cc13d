//! Hostile text through every entrance: nothing that a terminal would obey, and nothing that
//! disguises other text, comes out again.

// The helpers of tests are tests, too.
#[cfg(target_os = "linux")]
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Every class of sequence, with something visible around it. Free of `/` and NUL, so that each can
/// be a file's name, an argument and a variable.
const ATTACKS: &[(&str, &str)] = &[
    ("CSI colour", "a\u{1b}[31;5mb"),
    ("CSI clear", "a\u{1b}[2J\u{1b}[Hb"),
    ("CSI report", "a\u{1b}[6n\u{1b}[cb"),
    ("OSC 0", "a\u{1b}]0;owned\u{7}b"),
    ("OSC 8", "a\u{1b}]8;;x:y\u{1b}\\link\u{1b}]8;;\u{1b}\\b"),
    ("OSC 52", "a\u{1b}]52;c;b3duZWQ=\u{7}b"),
    ("DCS", "a\u{1b}P1$tx\u{1b}\\b"),
    ("APC", "a\u{1b}_Gq=2\u{1b}\\b"),
    ("PM and SOS", "a\u{1b}^x\u{1b}\\\u{1b}Xy\u{1b}\\b"),
    ("reset", "a\u{1b}cb"),
    (
        "C1",
        "a\u{9b}31mb\u{9d}0;x\u{9c}\u{90}q\u{9c}\u{9f}z\u{9c}\u{85}",
    ),
    (
        "overrides",
        "a\u{202e}fdp\u{202d}x\u{202c}\u{202a}b\u{202b}",
    ),
    ("isolates", "a\u{2066}b\u{2067}c\u{2068}d\u{2069}"),
    ("marks", "a\u{200e}b\u{200f}c\u{61c}d"),
    (
        "no width",
        "a\u{200b}b\u{200c}c\u{200d}d\u{2060}e\u{feff}f\u{ad}",
    ),
    ("lines", "a\nb\r\nc\rd\u{b}e\u{c}f\u{2028}g\u{2029}"),
    ("tab", "a\tb"),
    ("DEL, BEL, BS", "a\u{7f}b\u{7}c\u{8}d"),
];

/// Whether a character must never come out. Written without the sanitiser's own list.
fn is_hostile(c: char) -> bool {
    let bidi_or_no_width = [
        0x00ad..=0x00ad,
        0x061c..=0x061c,
        0x200b..=0x200f,
        0x2028..=0x202e,
        0x2060..=0x2069,
        0xfeff..=0xfeff,
    ];
    c.is_control()
        || bidi_or_no_width
            .iter()
            .any(|range| range.contains(&u32::from(c)))
}

/// Asserts that text is harmless but for the line ends of our own.
fn assert_harmless(what: &str, bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("{what}: {bytes:?}"));
    let text = text.replace("\r\n", "\n");
    let found = text.chars().find(|&c| c != '\n' && is_hostile(c));
    assert_eq!(found, None, "{what}: {text:?}");
}

/// Runs rnntop and looks at all that it says. What fails must say it in one line.
fn run<S: AsRef<OsStr>>(what: &str, arguments: &[S]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rnntop"));
    let output = command.args(arguments).stdin(Stdio::null()).output();
    let output = output.unwrap();
    check(what, &output);
    output
}

fn check(what: &str, output: &Output) {
    assert_harmless(what, &output.stdout);
    assert_harmless(what, &output.stderr);
    let complaint = String::from_utf8_lossy(&output.stderr);
    let lines = usize::from(!output.status.success());
    assert_eq!(complaint.lines().count(), lines, "{what}: {complaint:?}");
    assert!(output.status.code().is_some(), "{what}: {output:?}");
}

/// Runs rnntop on what must be refused as bad usage or input.
fn refused<S: AsRef<OsStr>>(what: &str, arguments: &[S]) {
    let output = run(what, arguments);
    assert_eq!(output.status.code(), Some(2), "{what}: {output:?}");
}

/// Runs rnntop on what must work.
fn accepted<S: AsRef<OsStr>>(what: &str, arguments: &[S]) {
    let output = run(what, arguments);
    assert!(output.status.success(), "{what}: {output:?}");
}

/// A folder of its own for the files of one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// A file with these bytes, and its path as text.
fn file(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A TOML string of the text, every character escaped.
fn escaped(text: &str) -> String {
    let escape = |c: char| format!("\\U{:08X}", u32::from(c));
    format!("\"{}\"", text.chars().map(escape).collect::<String>())
}

const FIELDS: [&str; 5] = ["title", "idea", "press", "watch", "source"];

/// A small preset whose texts are all the same one, with more lines after them.
fn preset(text: &str, more: &str) -> String {
    let texts = FIELDS.map(|field| format!("{field} = {text}\n")).concat();
    format!("{texts}[settings]\nhidden = 2\nsteps = 4\n{more}")
}

#[test]
fn arguments() {
    let options = [
        "--cell",
        "--hidden",
        "--inputs",
        "--steps",
        "--activation",
        "--init",
        "--rho",
        "--gate-scale",
        "--gate-bias",
        "--forget",
        "--signal",
        "--amplitude",
        "--detach",
        "--seed",
        "--speed",
        "--weights",
        "--input",
        "--loss",
        "--loss-vector",
        "--targets",
        "--initial-h",
        "--initial-c",
        "--clip",
        "--format",
        "--follow-steps",
    ];
    for (name, attack) in ATTACKS {
        for option in options {
            refused(name, &["trace", option, attack]);
            refused(name, &["trace", &format!("{option}={attack}")]);
        }
        for option in ["--color", "--theme", "--marker", "--fps"] {
            refused(name, &[option, attack]);
        }
        for gate in ["--gate-scale", "--gate-bias"] {
            refused(name, &["trace", &format!("{gate}={attack}=1")]);
            refused(name, &["trace", &format!("{gate}=block={attack}")]);
        }
        refused(name, &["trace", &format!("--forget=pinned:{attack}")]);
        refused(name, &["trace", &format!("--clip=norm:{attack}")]);
        refused(name, &[format!("--{attack}")]);
        refused(name, &["trace", &format!("--{attack}")]);
        refused(name, &["trace", &format!("-{attack}")]);
        refused(name, &["trace", "why", attack]);
        refused(name, &["trace", attack]);
        refused(name, &["trace", &format!("{attack}.toml")]);
        refused(name, &[attack]);
        refused(name, &["why", attack]);
        refused(name, &["presets", attack]);
        refused(name, &["presets", "show", attack]);
        refused(name, &["presets", "check", attack]);
        refused(name, &["completions", attack]);
        refused(name, &["man", attack]);
        run(name, &["trace", "--out", &format!("no-folder/{attack}")]);
    }
}

#[cfg(unix)]
#[test]
fn arguments_that_are_not_utf8() {
    use std::os::unix::ffi::OsStrExt;
    // C1 as single bytes, which an old terminal obeys.
    let attack = OsStr::from_bytes(b"a\x9b31mb\x9d0;x\x07");
    let word = OsStr::new;
    for command in [
        vec![attack],
        vec![word("trace"), attack],
        vec![word("trace"), word("--rho"), attack],
        vec![word("trace"), word("--weights"), attack],
        vec![word("trace"), word("--input"), attack],
        vec![word("presets"), word("show"), attack],
    ] {
        refused("C1 bytes", &command);
    }
}

#[test]
fn texts_of_presets() {
    let folder = folder("hostile-texts");
    let claim = "[[claims]]\nquantity = \"rnn.growth\"\nat_least = 0.0\n";
    for (name, attack) in ATTACKS {
        let path = file(&folder, "p.toml", preset(&escaped(attack), claim));
        accepted(name, &["trace", &path]);
        accepted(name, &["trace", &path, "--format", "json"]);
        accepted(name, &["presets", "check", &path]);
        accepted(name, &["presets", "show", &path]);
        // As it is, in a comment: not TOML for most of them, and shown all the same.
        let comment = format!("# {attack}\n{}", preset("\"x\"", ""));
        let path = file(&folder, "comment.toml", comment);
        accepted(name, &["presets", "show", &path]);
        run(name, &["trace", &path]);
        // As it is, in a string and outside of one.
        for text in [format!("\"{attack}\""), (*attack).to_owned()] {
            let path = file(&folder, "raw.toml", preset(&text, ""));
            run(name, &["trace", &path]);
            accepted(name, &["presets", "show", &path]);
        }
    }
}

#[test]
fn fields_and_values_of_presets() {
    let folder = folder("hostile-fields");
    let words = [
        "hidden",
        "rho",
        "forget",
        "clip",
        "signal",
        "init",
        "activation",
        "loss",
    ];
    for (name, attack) in ATTACKS {
        let text = escaped(attack);
        let bad = |more: &str| {
            let path = file(&folder, "p.toml", preset("\"x\"", more));
            refused(name, &["trace", &path]);
            refused(name, &["presets", "check", &path]);
        };
        bad(&format!("{text} = 1\n"));
        bad(&format!("gate_scale = {{ {text} = 1.0 }}\n"));
        bad(&format!("[[claims]]\n{text} = 1\n"));
        bad(&format!("[[claims]]\nquantity = {text}\nexpected = 1\n"));
        bad(&format!(
            "[[claims]]\nquantity = \"rnn.growth\"\nexpected = {text}\n"
        ));
        bad(&format!(
            "[[claims]]\nquantity = \"rnn.growth\"\nexpected = 1\nwith = {{ {text} = 1 }}\n"
        ));
        bad(&format!("[{text}]\n"));
        for word in words {
            let texts = FIELDS.map(|field| format!("{field} = \"x\"\n")).concat();
            let path = file(
                &folder,
                "p.toml",
                format!("{texts}[settings]\n{word} = {text}\n"),
            );
            refused(name, &["trace", &path]);
        }
        for field in FIELDS {
            let path = file(&folder, "p.toml", format!("{field} = {text}\n"));
            refused(name, &["trace", &path]);
        }
    }
}

#[test]
fn names_of_files() {
    let outer = folder("hostile-names");
    for (name, attack) in ATTACKS {
        let folder = outer.join(attack);
        fs::create_dir_all(&folder).unwrap();
        let good = file(&folder, &format!("{attack}.toml"), preset("\"x\"", ""));
        accepted(name, &["trace", &good]);
        accepted(name, &["trace", &good, "--format", "csv"]);
        accepted(name, &["presets", "check", &good]);
        let bad = file(&folder, "bad.toml", preset("1", ""));
        refused(name, &["trace", &bad]);
        refused(name, &["presets", "check", &bad]);

        let table = file(&folder, &format!("{attack}.csv"), "1,2\n3,4\n5,6\n");
        let small = ["trace", "--hidden", "2", "--input", &table];
        accepted(name, &small);
        refused(name, &[&small[..], &["--steps", "9"]].concat());
        refused(name, &[&small[..], &["--inputs", "3"]].concat());
        let text = file(&folder, &format!("{attack}.txt"), attack);
        accepted(name, &["trace", "--hidden", "2", "--input", &text]);
        for ending in ["csv", "tsv", "npy", "npz"] {
            let path = file(&folder, &format!("bad {attack}.{ending}"), "1,x\n2\n");
            refused(name, &["trace", "--input", &path]);
            refused(name, &["trace", "--targets", &path]);
            refused(name, &["trace", "--loss-vector", &path]);
        }
        let path = file(&folder, &format!("{attack}.safetensors"), "no header");
        refused(name, &["trace", "--weights", &path]);

        let out = folder.join(format!("{attack}.out"));
        let out = out.to_str().unwrap();
        let write = ["trace", "--hidden", "2", "--steps", "4", "--out", out];
        accepted(name, &write);
        refused(name, &write);
    }
}

/// A `.safetensors` file with this header and so many bytes of zeros.
fn safetensors(header: &serde_json::Value, data: usize) -> Vec<u8> {
    let header = header.to_string();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(vec![0; data]);
    bytes
}

#[test]
fn tensors() {
    use serde_json::json;
    let folder = folder("hostile-tensors");
    for (name, attack) in ATTACKS {
        let tensor = |dtype: &str| json!({"dtype": dtype, "shape": [1, 1], "data_offsets": [0, 8]});
        let headers = [
            json!({ *attack: tensor("F64") }),
            json!({ "weight_hh_l0": tensor(attack) }),
            json!({ (format!("{attack}.weight_hh_l0")): tensor("F64") }),
            json!({ (format!("weight_hh_l0{attack}")): tensor("F64") }),
            json!({ "weight_hh_l0": { *attack: 1 } }),
            json!({ "weight_hh_l0": *attack }),
            json!({ "__metadata__": { *attack: *attack }, *attack: tensor("F32") }),
            json!(*attack),
        ];
        for header in headers {
            let path = file(&folder, "w.safetensors", safetensors(&header, 8));
            refused(name, &["trace", "--weights", &path]);
        }
        let raw = format!("{{\"{attack}\":");
        let mut bytes = (raw.len() as u64).to_le_bytes().to_vec();
        bytes.extend(raw.as_bytes());
        let path = file(&folder, "raw.safetensors", bytes);
        refused(name, &["trace", "--weights", &path]);
    }
}

/// A `.npy` file with this header.
fn npy(header: &str) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    let header = format!("{header}\n");
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend([0; 32]);
    bytes
}

#[test]
fn arrays_and_tables() {
    let folder = folder("hostile-arrays");
    for (name, attack) in ATTACKS {
        for header in [
            format!("{{'descr': '{attack}', 'fortran_order': False, 'shape': (2, 2), }}"),
            format!("{{'descr': '<f8', 'fortran_order': {attack}, 'shape': (2, 2), }}"),
            format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({attack}), }}"),
            format!("{{'{attack}': 1, 'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }}"),
            (*attack).to_owned(),
        ] {
            let path = file(&folder, "x.npy", npy(&header));
            run(name, &["trace", "--hidden", "2", "--input", &path]);
        }
        for table in [
            format!("{attack},b\n1,2\n3,4\n"),
            format!("\"{attack}\",b\n1,2\n3,4\n"),
            format!("a,b\n1,{attack}\n3,4\n"),
            format!("a,b\n1,\"{attack}\"\n3,4\n"),
            format!("a,b\n1,2\n3,4,{attack}\n"),
            (*attack).to_owned(),
        ] {
            for ending in ["csv", "tsv", "txt"] {
                let path = file(&folder, &format!("x.{ending}"), &table);
                run(name, &["trace", "--hidden", "2", "--input", &path]);
                run(name, &["trace", "--hidden", "2", "--targets", &path]);
            }
        }
    }
}

#[test]
fn environment() {
    for (name, attack) in ATTACKS {
        for arguments in [
            &["trace", "--hidden", "2", "--steps", "4"][..],
            &["trace", "--rho", "x"],
            &["presets"],
            &["--help"],
            &[],
        ] {
            let mut command = Command::new(env!("CARGO_BIN_EXE_rnntop"));
            // Forced colours are our own, and only help has them here.
            for variable in VARIABLES.into_iter().filter(|&v| v != "CLICOLOR_FORCE") {
                command.env(variable, attack);
            }
            let output = command.args(arguments).stdin(Stdio::null()).output();
            check(name, &output.unwrap());
        }
    }
}

/// Variables that say something about the terminal, the user or places.
const VARIABLES: [&str; 13] = [
    "COLORTERM",
    "TERM",
    "TERM_PROGRAM",
    "LANG",
    "LC_ALL",
    "XDG_CONFIG_HOME",
    "HOME",
    "COLORFGBG",
    "CLICOLOR_FORCE",
    "TMUX",
    "RNNTOP_PANIC",
    "COLUMNS",
    "USER",
];

/// The live screen, in a terminal that records every byte.
#[cfg(target_os = "linux")]
mod screen {
    use super::{ATTACKS, escaped, file, folder, is_hostile, preset};

    use crate::session::{Launch, Session};

    /// Asserts that the program wrote sequences of its own kinds only, and nothing hostile between
    /// them.
    fn assert_harmless(what: &str, session: &Session) {
        let stream = session.heard().stream();
        let mut own = stream.split('\u{1b}');
        let first = own.next().unwrap();
        for (i, part) in std::iter::once(first).chain(own).enumerate() {
            let text = if i == 0 {
                part
            } else {
                // The first is the bracket that opens it.
                let end = part
                    .char_indices()
                    .skip(1)
                    .find_map(|(at, c)| ('@'..='~').contains(&c).then_some(at))
                    .unwrap_or_else(|| panic!("{what}: {part:?}"));
                let (sequence, text) = part.split_at(end + 1);
                let parameters = sequence[..end].strip_prefix('[');
                assert!(
                    parameters.is_some_and(|p| p
                        .chars()
                        .all(|c| c.is_ascii_digit() || matches!(c, ';' | '?' | ':'))),
                    "{what}: {sequence:?} is no sequence of ours"
                );
                assert!(
                    sequence.ends_with([
                        'm', 'H', 'h', 'l', 'J', 'K', 'A', 'B', 'C', 'D', 'G', 'P', '@'
                    ]),
                    "{what}: {sequence:?} is no sequence of ours"
                );
                text
            };
            // Line feeds and backspaces are the shortest ways of the cursor, and our own.
            let found = text
                .chars()
                .find(|&c| !matches!(c, '\r' | '\n' | '\u{8}') && is_hostile(c));
            assert_eq!(found, None, "{what}: {text:?}");
        }
        for (name, attack) in ATTACKS {
            let hides = attack
                .chars()
                .any(|c| c != '\n' && c != '\r' && is_hostile(c));
            assert!(!hides || !stream.contains(attack), "{what}: {name}");
        }
    }

    /// Goes through all screens and popups, and pastes the text wherever text is taken.
    fn visit(mut session: Session, attack: &str) -> Session {
        for keys in ["2", "3", "4", "5", "j\r", "1", "?", "\u{1b}"] {
            session.types_slowly(keys);
        }
        let paste = format!("\u{1b}[200~{attack}\u{1b}[201~");
        for keys in [&paste, "4", "=", &paste, "\r", "\u{1b}"] {
            session.types_slowly(keys);
        }
        session.types("\u{3}");
        session.end();
        session
    }

    #[test]
    fn presets_and_pasted_text() {
        let folder = folder("hostile-screen");
        for (name, attack) in ATTACKS {
            let path = file(
                &folder,
                &format!("{attack}.toml"),
                preset(&escaped(attack), ""),
            );
            let launch = Launch::shell("exec \"$RNNTOP\" \"$FILE\"").env("FILE", &path);
            let session = visit(launch.size(120, 40).start().ready(), attack);
            assert_harmless(name, &session);
        }
    }

    #[test]
    fn names_of_data() {
        let folder = folder("hostile-screen-data");
        for (name, attack) in ATTACKS {
            let path = file(&folder, &format!("{attack}.csv"), "1,2\n3,4\n5,6\n7,8\n");
            let launch = Launch::shell("exec \"$RNNTOP\" --hidden 2 --input \"$FILE\"");
            let mut session = launch.env("FILE", &path).start().ready();
            // More steps than the file has: the refusal names the file.
            session.types_slowly("4");
            session.types("q");
            session.end();
            assert_harmless(name, &session);
        }
    }

    #[test]
    fn environment() {
        for (name, attack) in ATTACKS {
            let mut launch = Launch::rnntop();
            for variable in super::VARIABLES {
                // The answer about the background would be a sequence of ours.
                if variable != "COLORFGBG" {
                    launch = launch.env(variable, attack);
                }
            }
            let mut session = launch.start().ready();
            session.types("q");
            session.end();
            assert_harmless(name, &session);
        }
    }
}
