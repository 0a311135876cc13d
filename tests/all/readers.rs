//! Every format, in a file of some megabytes that is what it claims to be: read within ten times its size
//! beyond what the program needs by itself.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use ndarray::{Array2, ShapeBuilder as _};
use ndarray_npy::WriteNpyExt as _;
use safetensors::tensor::{Dtype, TensorView};

use crate::common::zip::{stored, zip};

/// Inputs of the RNN of three units that every model file has.
const INPUTS: usize = 90_000;

fn zeros(numbers: usize) -> Vec<u8> {
    vec![0; 4 * numbers]
}

fn safetensors() -> Vec<u8> {
    let bytes = zeros(3 * INPUTS);
    let view = |d: usize| TensorView::new(Dtype::F32, vec![3, d], &bytes[..12 * d]).unwrap();
    let tensors = [("weight_ih_l0", view(INPUTS)), ("weight_hh_l0", view(3))];
    safetensors::serialize(tensors, None).unwrap()
}

fn json() -> Vec<u8> {
    let rows = |d: usize| {
        let row = format!("[{}]", vec!["0.1234567"; d].join(","));
        format!("[{}]", vec![row; 3].join(","))
    };
    let (w, r) = (rows(INPUTS), rows(3));
    format!("{{\"weight_ih_l0\":{w},\"weight_hh_l0\":{r}}}").into_bytes()
}

fn npy(array: &Array2<f64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    array.write_npy(&mut bytes).unwrap();
    bytes
}

fn npz() -> Vec<u8> {
    let array = |d| npy(&Array2::zeros((3, d)));
    let (w, r) = (array(INPUTS), array(3));
    zip(&[("weight_ih_l0.npy", &w), ("weight_hh_l0.npy", &r)])
}

/// What `torch.save` writes of a `state_dict`.
fn pt() -> Vec<u8> {
    let tensor = |name: &str, storage: &str, d: usize| {
        let d = u32::try_from(d).unwrap().to_le_bytes();
        [
            b"X\x0c\0\0\0",
            name.as_bytes(),
            b"ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\0",
            storage.as_bytes(),
            b"X\x03\0\0\0cpuK\x01tQK\0K\x03J",
            &d,
            b"\x86J",
            &d,
            b"K\x01\x86\x89}tRs",
        ]
        .concat()
    };
    let w = tensor("weight_ih_l0", "0", INPUTS);
    let r = tensor("weight_hh_l0", "1", 3);
    let pickle = [b"\x80\x02}", &w[..], &r, b"."].concat();
    zip(&[
        ("a/data.pkl", &pickle),
        ("a/data/0", &zeros(3 * INPUTS)),
        ("a/data/1", &zeros(9)),
    ])
}

/// A graph of one node RNN in the wire format of protocol buffers.
fn onnx() -> Vec<u8> {
    fn varint(mut n: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        while n > 127 {
            bytes.push((n & 127) as u8 | 128);
            n >>= 7;
        }
        bytes.push(n as u8);
        bytes
    }
    let number = |field: usize, n: usize| [varint(field << 3), varint(n)].concat();
    let bytes = |field: usize, content: &[u8]| {
        [&varint(field << 3 | 2), &varint(content.len()), content].concat()
    };
    let text = |field: usize, content: &str| bytes(field, content.as_bytes());
    let weights = |name: &str, d: usize| {
        let dims = [1, 3, d].map(|n| number(1, n)).concat();
        let parts = [dims, number(2, 1), text(8, name), bytes(9, &zeros(3 * d))];
        bytes(5, &parts.concat())
    };
    let hidden = bytes(
        5,
        &[text(1, "hidden_size"), number(3, 3), number(20, 2)].concat(),
    );
    let inputs = ["x", "w", "r"].map(|name| text(1, name)).concat();
    let outputs = ["", "h"].map(|name| text(2, name)).concat();
    let node = [inputs, outputs, text(4, "RNN"), hidden].concat();
    let graph = [
        bytes(1, &node),
        text(2, "model"),
        weights("w", INPUTS),
        weights("r", 3),
    ]
    .concat();
    let opset = bytes(8, &[text(1, ""), number(2, 17)].concat());
    [number(1, 8), bytes(7, &graph), opset].concat()
}

/// A file of Keras whose kernel of 5 x 12 is made as wide as the others' at the end of the file.
fn hdf5(mut bytes: Vec<u8>) -> Vec<u8> {
    let all = |numbers: &[usize]| -> Vec<u8> {
        numbers
            .iter()
            .flat_map(|n| (*n as u64).to_le_bytes())
            .collect()
    };
    let find = |bytes: &[u8], what: &[u8]| -> Vec<usize> {
        let places = bytes.windows(what.len()).enumerate();
        places
            .filter(|(_, found)| *found == what)
            .map(|(at, _)| at)
            .collect()
    };
    let (old, end) = (all(&[5, 12]), bytes.len());
    let places = find(&bytes, &old);
    assert!(!places.is_empty(), "there is such a kernel");
    for at in places {
        bytes[at..at + 8].copy_from_slice(&all(&[INPUTS]));
    }
    // Version 3, contiguous; where, and how many bytes.
    let layout: Vec<usize> = find(&bytes, &all(&[4 * 5 * 12]))
        .into_iter()
        .filter(|at| bytes[at - 10..at - 8] == [3, 1])
        .collect();
    let [at] = *layout.as_slice() else {
        panic!("{layout:?}");
    };
    let size = 4 * INPUTS * 12;
    bytes[at - 8..at + 8].copy_from_slice(&all(&[end, size]));
    bytes[40..48].copy_from_slice(&all(&[end + size]));
    bytes.resize(end + size, 0);
    bytes
}

fn sample(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/formats");
    fs::read(folder.join(name)).unwrap()
}

fn keras() -> Vec<u8> {
    let files = stored(&sample("keras_lstm.keras"));
    let files: Vec<(String, Vec<u8>)> = files
        .into_iter()
        .map(|(name, content)| match name.as_str() {
            "model.weights.h5" => (name, hdf5(content)),
            _ => (name, content),
        })
        .collect();
    let files: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(n, c)| (n.as_str(), c.as_slice()))
        .collect();
    zip(&files)
}

fn check(name: &str, bytes: &[u8], arguments: &str) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readers");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), bytes).unwrap();
    assert!(bytes.len() > 1_000_000, "{name} has {} bytes", bytes.len());
    // The program itself, and what a window wants to be there before it is laid out.
    let kilobytes = 60_000 + 24_000 + 10 * bytes.len() / 1000;
    let limited = format!("ulimit -v {kilobytes}; cd \"$1\"; exec \"$0\" {arguments} {name}");
    let output = Command::new("bash")
        .args(["-c", &limited, env!("CARGO_BIN_EXE_rnntop")])
        .arg(&folder)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {said}");
}

#[test]
fn models_of_every_format_take_at_most_ten_times_their_size() {
    for (name, bytes) in [
        ("a.safetensors", safetensors()),
        ("a.json", json()),
        ("a.npz", npz()),
        ("a.pt", pt()),
        ("a.onnx", onnx()),
        ("a.h5", hdf5(sample("keras_weights.h5"))),
        ("a.keras", keras()),
    ] {
        check(name, &bytes, "inspect --list");
    }
}

#[test]
fn sequences_of_every_format_take_at_most_ten_times_their_size() {
    let rows = Array2::from_shape_fn((1 << 16, 3), |(t, d)| (t % 7 + d) as f64);
    let fortran = Array2::from_shape_fn((1 << 16, 3).f(), |at| rows[at]);
    let mut bytes = Vec::new();
    Array2::<u8>::zeros((1 << 19, 3))
        .write_npy(&mut bytes)
        .unwrap();
    let archive = zip(&[("x.npy", &npy(&rows))]);
    let table = "0.25,-1.5,3\n".repeat(100_000).into_bytes();
    // A step for each byte, of so many at most.
    let text = b"hello, world; ".repeat(74_898);
    let trace = "trace noise --cell rnn --hidden 1 --steps 20 --input";
    for (name, bytes) in [
        ("a.npy", npy(&rows)),
        ("fortran.npy", npy(&fortran)),
        ("bytes.npy", bytes),
        ("x.npz", archive),
        ("a.csv", table.clone()),
        ("digits.csv", b"1,2,3\n".repeat(180_000)),
        (
            "a.tsv",
            table
                .iter()
                .map(|&b| if b == b',' { b'\t' } else { b })
                .collect(),
        ),
        ("a.txt", text),
    ] {
        check(name, &bytes, trace);
    }
}
