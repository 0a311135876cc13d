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
    let limited = format!("ulimit -v 1000000; cd \"$1\"; exec \"$0\" {arguments}");
    let output = Command::new("bash")
        .args(["-c", &limited, env!("CARGO_BIN_EXE_rnntop")])
        .arg(folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{arguments}: {said}");
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
