//! What is read is laid out only where there is room for it: a sentence where the memory of a process is
//! limited, and never an abort.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use safetensors::tensor::{Dtype, TensorView};

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// An RNN of one unit with so many inputs, and an embedding of four rows.
fn model(path: &Path, inputs: usize) {
    let zeros = vec![0; 16 * inputs];
    let view = |shape: &[usize]| {
        let bytes = 4 * shape.iter().product::<usize>();
        TensorView::new(Dtype::F32, shape.to_vec(), &zeros[..bytes]).unwrap()
    };
    let tensors = [
        ("rnn.weight_ih_l0", view(&[1, inputs])),
        ("rnn.weight_hh_l0", view(&[1, 1])),
        ("emb.weight", view(&[4, inputs])),
    ];
    fs::write(path, safetensors::serialize(tensors, None).unwrap()).unwrap();
}

/// What is said when the process may have a gigabyte of memory.
fn refused(folder: &Path, arguments: &str) -> String {
    refused_within(1_000_000, folder, arguments)
}

/// What is said of bad input when the process may have so many kilobytes of memory.
fn refused_within(kilobytes: usize, folder: &Path, arguments: &str) -> String {
    said_within(kilobytes, folder, arguments, 2)
}

/// The one line that is said by a command that ends with this status.
fn said_within(kilobytes: usize, folder: &Path, arguments: &str, status: i32) -> String {
    let limited = format!("ulimit -v {kilobytes}; cd \"$1\"; exec \"$0\" {arguments}");
    let output = Command::new("bash")
        .args(["-c", &limited, env!("CARGO_BIN_EXE_rnntop")])
        .arg(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{arguments}: {said}");
    assert_eq!(said.lines().count(), 1, "{arguments}: {said}");
    said
}

#[test]
fn small_files_ask_for_no_gigabytes() {
    let folder = folder("room");
    model(&folder.join("wide.safetensors"), 65_536);
    fs::write(folder.join("text.txt"), "hello world\n".repeat(1 << 16)).unwrap();
    fs::write(folder.join("tokens.csv"), "1\n".repeat(20_000)).unwrap();
    fs::write(folder.join("row.csv"), "1,".repeat(20_000_000)).unwrap();
    for (arguments, expected) in [
        (
            "inspect wide.safetensors --input text.txt",
            "text.txt: expected at most 1024 steps of 65536 inputs (--steps takes the first), found 786432",
        ),
        (
            "inspect wide.safetensors --input tokens.csv --embedding emb",
            "tokens.csv: expected at most 1024 steps of 65536 inputs (--steps takes the first), found 20000",
        ),
        (
            "inspect wide.safetensors --steps 20000 --mean row.csv",
            "--steps: expected at most 1024 of 65536 inputs, found 20000",
        ),
        (
            "trace noise --input row.csv",
            "row.csv, row 1: expected at most 1048576 fields, found more",
        ),
    ] {
        let said = refused(&folder, arguments);
        assert_eq!(said, format!("rnntop: {expected}\n"));
    }
}

/// The first steps of a long text are all that is laid out.
#[test]
fn the_steps_that_are_asked_for_are_enough() {
    let folder = folder("room-first");
    model(&folder.join("wide.safetensors"), 65_536);
    fs::write(folder.join("text.txt"), "hello world\n".repeat(1 << 16)).unwrap();
    let inspected = Command::new(env!("CARGO_BIN_EXE_rnntop"))
        .args([
            "inspect",
            "wide.safetensors",
            "--input",
            "text.txt",
            "--steps",
            "8",
        ])
        .current_dir(&folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&inspected.stderr);
    assert!(inspected.status.success(), "{said}");
}

/// A `.safetensors` file with this header and so many bytes of zeros.
fn raw(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

/// A header of these entries, each of so many bytes that lie behind those of the one before.
fn header(names: impl Iterator<Item = String>, size: usize) -> String {
    let entries = names.enumerate().map(|(k, name)| {
        let (from, to, shape) = (
            k * size,
            (k + 1) * size,
            if size == 0 { "[0]" } else { "[1,1]" },
        );
        format!("\"{name}\":{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":[{from},{to}]}}")
    });
    format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
}

/// Whatever a file of some megabytes claims or repeats, its sentence comes within ten times its size
/// beyond the sixty megabytes that the program needs by itself.
#[test]
fn hostile_files_take_at_most_ten_times_their_size() {
    let folder = folder("room-hostile");
    let none = "expected an nn.RNN, nn.LSTM or nn.GRU (weight_ih_l0, weight_hh_l0), found";
    let layer = |k: usize| ["ih", "hh"].map(|of| format!("rnn.weight_{of}_l{k}"));
    let module = |k: usize| ["ih", "hh"].map(|of| format!("rnn_{k}.weight_{of}_l0"));
    let entry = |shape: &str| {
        format!("{{\"a\":{{\"dtype\":\"F32\",\"shape\":[{shape}0],\"data_offsets\":[0,0]}}}}")
    };
    let meta = (0..300_000)
        .map(|k| format!("\"{k}\":\"\""))
        .collect::<Vec<_>>();
    let files: [(&str, Vec<u8>, String); 10] = [
        ("names.safetensors", raw(&header((0..70_000).map(|k| format!("n{k}")), 0), 0), format!("{none} 'n0'")),
        (
            "layers.safetensors",
            raw(&header((0..20_000).flat_map(layer), 4), 160_000),
            "module 'rnn': expected at most 1000 layers, found 20000".to_owned(),
        ),
        (
            "modules.safetensors",
            raw(&header((0..20_000).flat_map(module), 4), 160_000),
            "expected one recurrent module, or --module NAME (NAME,NAME for layers that read one another), found 20000".to_owned(),
        ),
        ("shape.safetensors", raw(&entry(&"0,".repeat(2_000_000)), 0), format!("{none} 'a'")),
        (
            "metadata.safetensors",
            raw(&format!("{{\"__metadata__\":{{{}}}}}", meta.join(",")), 0),
            format!("{none} no tensor"),
        ),
        (
            "twice.safetensors",
            raw(&entry("").replace("\"shape\"", "\"dtype\":\"F32\",\"shape\""), 0),
            "tensor 'a': expected an entry with dtype, shape and data_offsets, found duplicate field `dtype`".to_owned(),
        ),
        ("numbers.json", format!("{{\"a\":[{}0]}}", "0,".repeat(2_000_000)).into_bytes(), format!("{none} 'a'")),
        ("lists.json", format!("{{\"a\":[{}[]]}}", "[],".repeat(1_300_000)).into_bytes(), format!("{none} 'a'")),
        ("deep.json", format!("{{\"a\":{}", "[".repeat(4_000_000)).into_bytes(), String::new()),
        ("header.safetensors", raw(&entry("")[..20], 4_000_000), "header: expected a JSON object".to_owned()),
    ];
    for (name, bytes, expected) in files {
        fs::write(folder.join(name), &bytes).unwrap();
        let kilobytes = 60_000 + 10 * bytes.len() / 1000;
        let said = refused_within(kilobytes, &folder, &format!("inspect {name}"));
        assert!(
            said.contains(&expected) && said.len() < 400,
            "{name}: {said}"
        );
    }
    for (name, text, expected) in [
        (
            "row.csv",
            "1,".repeat(2_000_000),
            "row 1: expected at most 1048576 fields, found more",
        ),
        ("rows.csv", "1\n2,3\n".repeat(700_000), "row 2"),
    ] {
        fs::write(folder.join(name), &text).unwrap();
        let kilobytes = 60_000 + 10 * text.len() / 1000;
        let said = refused_within(kilobytes, &folder, &format!("trace noise --input {name}"));
        assert!(
            said.contains(expected) && said.len() < 400,
            "{name}: {said}"
        );
    }
}

/// Settings that ask for more memory than the process may have are no end of the program.
#[test]
fn where_there_is_no_memory_every_command_says_so() {
    let folder = folder("room-none");
    let large = "--cell lstm --hidden 512 --steps 20000";
    let stacks = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/stacks/projected_lstm"
    );
    for (arguments, what) in [
        (format!("trace noise {large}"), " GB"),
        (
            format!("trace noise {large} --follow --follow-steps 1"),
            " GB",
        ),
        (format!("explain noise {large}"), " GB"),
        (
            format!("sweep {large} --x rho=1,2 --y amplitude=1,2"),
            " GB",
        ),
        (
            "train adding --hidden 512 --length 2000 --updates 1".to_owned(),
            " GB",
        ),
        (
            format!("inspect {stacks}/weights.safetensors --steps 20000 --batch 256"),
            " MB",
        ),
    ] {
        let said = said_within(300_000, &folder, &arguments, 1);
        assert!(
            said.contains("there is no memory for it, which takes about") && said.contains(what),
            "{arguments}: {said}"
        );
    }
}

/// Where numbers have exponents a window takes several times the memory: it is there from the beginning, or it
/// is not begun.
#[test]
fn a_window_that_leaves_float64_is_computed_or_refused() {
    let status = |megabytes: usize, arguments: &str| {
        let limited = format!(
            "ulimit -v {}; exec \"$0\" trace noise {arguments}",
            1000 * megabytes
        );
        let output = Command::new("bash")
            .args(["-c", &limited, env!("CARGO_BIN_EXE_rnntop")])
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    // As much as the smallest of windows needs.
    let enough = |megabytes: &usize| status(*megabytes, "--hidden 1 --steps 2").0 == Some(0);
    let least = (20..400).step_by(10).find(enough).unwrap();
    for cell in ["lstm", "gru"] {
        let arguments = format!("--cell {cell} --hidden 16 --steps 4000 --rho 1e-60");
        let mut statuses = Vec::new();
        for more in (0..80).step_by(6) {
            let (code, said) = status(least + more, &arguments);
            assert!(
                code == Some(0) || code == Some(1) && said.contains("there is no memory for it"),
                "{cell}, {more} MB more: {code:?} {said}"
            );
            statuses.push(code);
            if code == Some(0) {
                break;
            }
        }
        assert_eq!(statuses.first(), Some(&Some(1)), "{cell}");
        assert_eq!(statuses.last(), Some(&Some(0)), "{cell}");
    }
}
