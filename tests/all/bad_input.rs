//! One test for each mistake that a file can hold, each asserting the one sentence that the user
//! gets. Tables stand in `tests/data/bad`; binary files are built here.

// The helpers of tests are tests, too.
use crate::common::parameters::{load_parameters, parse_parameters};
use std::fs;
use std::path::{Path, PathBuf};

use rnntop::cell::{CellKind, LayerId};
use rnntop::io::arrays::parse_sequence;
use rnntop::io::{ModelFile, load_matrix, load_sequence, load_vector};
use safetensors::tensor::{Dtype, TensorView};

// ---------------------------------------------------------------------------------- weights

/// A `.safetensors` file of zeros with these names and shapes.
fn zeros(tensors: &[(&str, &[usize])]) -> Vec<u8> {
    let data: Vec<Vec<u8>> = tensors
        .iter()
        .map(|(_, shape)| vec![0; 8 * shape.iter().product::<usize>()])
        .collect();
    let views = tensors.iter().zip(&data).map(|((name, shape), data)| {
        (
            *name,
            TensorView::new(Dtype::F64, shape.to_vec(), data).unwrap(),
        )
    });
    safetensors::serialize(views, None).unwrap()
}

/// A file with this header and so many bytes of data.
fn raw(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(vec![0; data]);
    bytes
}

/// What is said of these weights, after the file's name.
fn weights(bytes: &[u8]) -> String {
    asked(bytes, None)
}

fn asked(bytes: &[u8], cell: Option<CellKind>) -> String {
    let sentence = parse_parameters(bytes, "w.safetensors", cell)
        .unwrap_err()
        .to_string();
    assert!(!sentence.contains('\n'), "{sentence}");
    sentence.strip_prefix("w.safetensors").unwrap().to_owned()
}

const LSTM: &[(&str, &[usize])] = &[
    ("weight_ih_l0", &[8, 3]),
    ("weight_hh_l0", &[8, 2]),
    ("bias_ih_l0", &[8]),
    ("bias_hh_l0", &[8]),
];

/// The tensors of an LSTM with H = 2 and D = 3, without some and with others.
fn lstm<'a>(without: &[&str], with: &[(&'a str, &'a [usize])]) -> Vec<u8> {
    let mut tensors: Vec<(&'a str, &'a [usize])> = LSTM
        .iter()
        .copied()
        .filter(|(name, _)| !without.contains(name))
        .collect();
    tensors.extend(with);
    zeros(&tensors)
}

const WEIGHTS: &str = ": expected weights of PyTorch (.pt), Keras (.keras, .h5), ONNX, safetensors, .npz or JSON, found ";

/// What a file is called says nothing.
#[test]
fn names_do_not_decide() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.pt", "a.pth", "a.bin", "a.h5", "a.ckpt", "a.pkl", "a"] {
        let path = folder.path().join(name);
        fs::write(&path, lstm(&[], &[])).unwrap();
        assert_eq!(load_parameters(&path, None).unwrap().value.hidden(), 2);
    }
}

#[test]
fn no_weights_at_all() {
    for (bytes, found) in [
        (&b""[..], "an empty file"),
        (b"short", "a text of 5 bytes that begins with 'short'"),
        (
            b"weights, as text, that somebody has renamed",
            "a text of 43 bytes that begins with 'weights, as text, that somebody has renamed'",
        ),
        (
            b"PK\x03\x04 a zip of something",
            "a zip archive without its directory",
        ),
    ] {
        assert_eq!(weights(bytes), format!("{WEIGHTS}{found}"));
    }
}

/// Each is told by name, with the shortest way in.
#[test]
fn files_that_are_no_weights_or_stand_for_them() {
    let tar = [&[b'a'; 257][..], b"ustar"].concat();
    for (bytes, beginning) in [
        (
            &b"version https://git-lfs.github.com/spec/v1"[..],
            ": a Git LFS pointer",
        ),
        (b"GGUF\x03\0\0\0", ": a file of ggml"),
        (b"\x1c\0\0\0TFL3", ": a TensorFlow Lite model"),
        (&tar, ": a tar archive"),
        (b"\x1f\x8b\x08", ": a gzip archive"),
        (
            b"x\x57\xfb\x80\x8b\x24\x75\x47\xdb",
            ": the index of a TensorFlow checkpoint",
        ),
        (b"\x80\x04\x95", ": a pickle that torch.save did not write"),
        (
            b"\x80\x04\x95StructuredToParameterName@@",
            ": a Paddle state dict; in Python: numpy.savez",
        ),
        (
            b"\x08\x01\x12\x40\x0a\x30\x22\x05serve",
            ": a TensorFlow SavedModel",
        ),
        (b"\x08\x04\x12\x10\x0a\x05", ": a Core ML model"),
        (
            b"\x0a\x20\x0a\x01x\x12\x0bPlaceholder",
            ": a TensorFlow graph, frozen",
        ),
        (
            b"model_checkpoint_path: \"model.ckpt-1\"",
            ": the list of TensorFlow's checkpoints",
        ),
    ] {
        let sentence = weights(bytes);
        assert!(sentence.starts_with(beginning), "{sentence}");
    }
}

#[test]
fn arrays_are_no_weights() {
    assert_eq!(
        weights(b"\x93NUMPY\x01\0 and so on"),
        format!("{WEIGHTS}a NumPy array (.npy)")
    );
    let mut archive = b"PK\x03\x04".to_vec();
    archive.extend([0; 22]);
    archive.extend(b"\x05\0\0\0a.npy and so on");
    assert_eq!(
        weights(&archive),
        ": expected a .npz archive, found 45 bytes of one, without its directory"
    );
}

#[test]
fn truncated_files() {
    let whole = lstm(&[], &[]);
    let header = 8 + usize::from(whole[0]) + 256 * usize::from(whole[1]);
    assert_eq!(
        weights(&whole[..whole.len() - 1]),
        ": expected 448 bytes of tensors, found 447"
    );
    assert_eq!(
        weights(&whole[..header - 20]),
        format!(
            ", header: expected {} bytes, found {} before the end of the file",
            header - 8,
            header - 28
        )
    );
    let mut longer = whole;
    longer.extend(b"more");
    assert_eq!(
        weights(&longer),
        ": expected 448 bytes of tensors, found 452"
    );
}

#[test]
fn header_that_promises_too_much() {
    let mut bytes = raw("{}", 0);
    bytes[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_eq!(
        weights(&bytes),
        ", header: expected at most 16 MiB, found a length of 18446744073709551615 bytes"
    );
}

#[test]
fn header_that_is_no_json_or_no_text() {
    assert_eq!(
        weights(&raw("{\"a\":", 0)),
        ", header: expected a JSON object, found an error in it (EOF while parsing a value at \
         line 1 column 5)"
    );
    let deep = format!("{{\"a\":{}", "[".repeat(100_000));
    assert!(weights(&raw(&deep, 0)).contains("an error in it (EOF while parsing"));
    let mut bytes = raw("{\"abc\"}", 0);
    bytes[10] = 0xff;
    assert_eq!(
        weights(&bytes),
        ", header: expected UTF-8, found other bytes"
    );
}

#[test]
fn entry_that_lacks_something() {
    let header = r#"{"weight_hh_l0":{"dtype":"F64","shape":[1,1]}}"#;
    assert_eq!(
        weights(&raw(header, 8)),
        ", tensor 'weight_hh_l0': expected an entry with dtype, shape and data_offsets, found \
         missing field `data_offsets`"
    );
    let header = r#"{"a":{"dtype":"F64","shape":[-1],"data_offsets":[0,8]}}"#;
    assert!(weights(&raw(header, 8)).starts_with(", tensor 'a': expected an entry with"));
    assert!(weights(&raw(r#"{"a":3}"#, 0)).starts_with(", tensor 'a': expected an entry with"));
}

#[test]
fn tensors_that_overlap_or_leave_a_gap() {
    let two = |second: &str| {
        format!(
            r#"{{"a":{{"dtype":"F64","shape":[1],"data_offsets":[0,8]}},
                "b":{{"dtype":"F64","shape":[1],"data_offsets":[{second}]}}}}"#
        )
    };
    let field = ", tensor 'b': expected data from byte 8";
    assert_eq!(
        weights(&raw(&two("4,12"), 12)),
        format!("{field}, found 4 to 12")
    );
    assert_eq!(
        weights(&raw(&two("12,20"), 20)),
        format!("{field}, found 12 to 20")
    );
    assert_eq!(
        weights(&raw(&two("8,0"), 16)),
        format!("{field}, found 8 to 0")
    );
}

#[test]
fn tensor_whose_bytes_do_not_fit_its_shape() {
    let header = r#"{"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,8]}}"#;
    assert_eq!(
        weights(&raw(header, 8)),
        ", tensor 'a': expected 24 bytes for 2 x 3 of type 'F32', found 8"
    );
    let huge = u64::MAX;
    let header = format!(r#"{{"a":{{"dtype":"F32","shape":[{huge},2],"data_offsets":[0,8]}}}}"#);
    assert_eq!(
        weights(&raw(&header, 8)),
        ", tensor 'a': expected too many bytes for 18446744073709551615 x 2 of type 'F32', found 8"
    );
}

/// A map would keep the last.
#[test]
fn a_key_that_a_tensor_has_twice() {
    let header = r#"{"a":{"dtype":"F32","shape":[2],"shape":[1],"data_offsets":[0,4]}}"#;
    assert_eq!(
        weights(&raw(header, 4)),
        ", tensor 'a': expected an entry with dtype, shape and data_offsets, found duplicate \
         field `shape`"
    );
}

/// A map would take one of the two, and which one is the parser's choice.
#[test]
fn a_tensor_that_the_header_has_twice() {
    let header = r#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
    assert_eq!(
        weights(&raw(header, 12)),
        ", tensor 'a': the header has this tensor twice"
    );
}

/// Sizes that add up beyond 2⁶⁴.
#[test]
fn tensors_that_are_enormous_together() {
    let size = (1_u128 << 61) - 1;
    let entries: Vec<String> = (0..8)
        .map(|i| {
            let (from, to) = (i * size, (i + 1) * size);
            format!(r#""t{i}":{{"dtype":"U8","shape":[{size}],"data_offsets":[{from},{to}]}}"#)
        })
        .collect();
    let header = format!("{{{}}}", entries.join(","));
    assert_eq!(
        weights(&raw(&header, 8)),
        ": expected 18446744073709551608 bytes of tensors, found 8"
    );
}

#[test]
fn no_recurrent_module() {
    let expected = ": expected an nn.RNN, nn.LSTM or nn.GRU (weight_ih_l0, weight_hh_l0), found ";
    assert_eq!(weights(&raw("{}", 0)), format!("{expected}no tensor"));
    let linear: &[(&str, &[usize])] = &[("fc.weight", &[2, 2]), ("fc.bias", &[2])];
    assert_eq!(
        weights(&zeros(linear)),
        format!("{expected}'fc.bias' and 'fc.weight'")
    );
}

#[test]
fn more_than_one_recurrent_module() {
    let two: &[(&str, &[usize])] = &[
        ("encoder.rnn.weight_hh_l0", &[2, 2]),
        ("decoder.weight_hh_l0", &[2, 2]),
    ];
    assert_eq!(
        weights(&zeros(two)),
        ": expected --module NAME, one of the recurrent modules: their cells, functions or sizes do not make one model of them, found 2: 'decoder' and 'encoder.rnn'"
    );
}

#[test]
fn a_layer_that_is_not_there() {
    let layer = |tensors: &[(&str, &[usize])], layer, reverse| {
        let file = ModelFile::new(lstm(&[], tensors), "w.safetensors").unwrap();
        let id = LayerId { layer, reverse };
        let sentence = file.layer(None, id, None).unwrap_err().to_string();
        sentence.strip_prefix("w.safetensors").unwrap().to_owned()
    };
    assert_eq!(
        layer(&[], 3, false),
        ": expected layer 0, the only one, found --layer 3"
    );
    let two: &[(&str, &[usize])] = &[("weight_ih_l1", &[8, 2]), ("weight_hh_l1", &[8, 2])];
    assert_eq!(
        layer(two, 2, false),
        ": expected a layer from 0 to 1, found --layer 2"
    );
    assert_eq!(
        layer(two, 1, true),
        ": expected layer 1 without r, as the module reads in one direction, found --layer 1r"
    );
    assert_eq!(
        layer(&[("weight_hh_l0_reverse", &[8, 2])], 0, true),
        ", tensor 'weight_ih_l0_reverse': expected the input weights, found none"
    );
}

#[test]
fn projection() {
    let bytes = lstm(&[], &[("weight_hr_l0", &[1, 2])]);
    assert_eq!(
        weights(&bytes),
        ", tensor 'weight_hr_l0': a single cell cannot hold a projection (proj_size); rnntop \
         inspect reads the model, with --live on the screen"
    );
}

#[test]
fn another_cell_than_asked_for() {
    assert_eq!(
        asked(&lstm(&[], &[]), Some(CellKind::Rnn)),
        ", tensor 'weight_hh_l0': expected the weights of an rnn, found those of an lstm (8 x 2)"
    );
    let rnn = zeros(&[("weight_ih_l0", &[2, 3]), ("weight_hh_l0", &[2, 2])]);
    assert_eq!(
        asked(&rnn, Some(CellKind::Lstm)),
        ", tensor 'weight_hh_l0': expected the weights of an lstm, found those of an rnn (2 x 2)"
    );
    let gru = zeros(&[("weight_ih_l0", &[6, 3]), ("weight_hh_l0", &[6, 2])]);
    assert_eq!(
        asked(&gru, Some(CellKind::Lstm)),
        ", tensor 'weight_hh_l0': expected the weights of an lstm, found those of a gru (6 x 2)"
    );
}

#[test]
fn missing_tensors() {
    for (missing, why) in [
        ("weight_ih_l0", "the input weights"),
        ("weight_hh_l0", "the recurrent weights"),
        ("bias_ih_l0", "both biases or neither"),
        ("bias_hh_l0", "both biases or neither"),
    ] {
        let sentence = format!(", tensor '{missing}': expected {why}, found none");
        assert_eq!(weights(&lstm(&[missing], &[])), sentence);
    }
    assert_eq!(
        weights(&lstm(
            &[],
            &[
                ("weight_peephole_i_l0", &[2]),
                ("weight_peephole_o_l0", &[2])
            ]
        )),
        ", tensor 'weight_peephole_f_l0': expected all three peepholes or none, found none"
    );
    let prefixed = zeros(&[("a.b.weight_hh_l0", &[2, 2])]);
    assert_eq!(
        weights(&prefixed),
        ", tensor 'a.b.weight_ih_l0': expected the input weights, found none"
    );
}

#[test]
fn surplus_tensors() {
    // What belongs to no recurrent layer does not matter.
    let beside = lstm(&[], &[("alpha", &[2])]);
    assert_eq!(
        parse_parameters(&beside, "w", None),
        parse_parameters(&lstm(&[], &[]), "w", None)
    );
    assert_eq!(
        weights(&lstm(&[], &[("weight_hh", &[8, 2])])),
        ", tensor 'weight_hh_l0': the module has this tensor twice (weight_hh and weight_hh_l0 are one)"
    );
    let rnn: &[(&str, &[usize])] = &[
        ("weight_ih_l0", &[2, 3]),
        ("weight_hh_l0", &[2, 2]),
        ("weight_peephole_i_l0", &[2]),
    ];
    assert_eq!(
        weights(&zeros(rnn)),
        ", tensor 'weight_peephole_i_l0': an nn.RNN has no peepholes; only the gates of an LSTM \
         have"
    );
}

#[test]
fn wrong_shapes() {
    for (name, shape, sentence) in [
        (
            "weight_hh_l0",
            &[8, 3][..],
            "H x H (nn.RNN), 4H x H (nn.LSTM) or 3H x H (nn.GRU), found 8 x 3",
        ),
        (
            "weight_hh_l0",
            &[10, 2],
            "H x H (nn.RNN), 4H x H (nn.LSTM) or 3H x H (nn.GRU), found 10 x 2",
        ),
        (
            "weight_hh_l0",
            &[1, 2],
            "H x H (nn.RNN), 4H x H (nn.LSTM) or 3H x H (nn.GRU), found 1 x 2",
        ),
        (
            "weight_hh_l0",
            &[8],
            "H x H (nn.RNN), 4H x H (nn.LSTM) or 3H x H (nn.GRU), found a vector of 8",
        ),
        (
            "weight_hh_l0",
            &[8, 2, 1],
            "H x H (nn.RNN), 4H x H (nn.LSTM) or 3H x H (nn.GRU), found 8 x 2 x 1",
        ),
        (
            "weight_hh_l0",
            &[],
            "H x H (nn.RNN), 4H x H (nn.LSTM) or 3H x H (nn.GRU), found a single number",
        ),
        (
            "weight_ih_l0",
            &[6, 3],
            "8 x D, as weight_hh has 8 rows, found 6 x 3",
        ),
        ("weight_ih_l0", &[24], "8 x D, found a vector of 24"),
        ("bias_ih_l0", &[7], "a vector of 8, found a vector of 7"),
        ("bias_hh_l0", &[8, 1], "a vector of 8, found 8 x 1"),
    ] {
        let sentence = format!(", tensor '{name}': expected {sentence}");
        assert_eq!(weights(&lstm(&[name], &[(name, shape)])), sentence);
    }
    let peepholes: &[(&str, &[usize])] = &[
        ("weight_peephole_i_l0", &[2]),
        ("weight_peephole_f_l0", &[8]),
        ("weight_peephole_o_l0", &[2]),
    ];
    assert_eq!(
        weights(&lstm(&[], peepholes)),
        ", tensor 'weight_peephole_f_l0': expected a vector of 2, found a vector of 8"
    );
}

#[test]
fn sizes_beyond_the_limits() {
    for (name, shape, sentence) in [
        (
            "weight_hh_l0",
            &[0, 0][..],
            "1 to 512 columns (units), found 0",
        ),
        (
            "weight_hh_l0",
            &[513, 513],
            "1 to 512 columns (units), found 513",
        ),
        (
            "weight_ih_l0",
            &[8, 0],
            "1 to 512 columns (inputs), found 0",
        ),
        (
            "weight_ih_l0",
            &[8, 513],
            "1 to 512 columns (inputs), found 513",
        ),
    ] {
        let sentence = format!(", tensor '{name}': expected {sentence}");
        assert_eq!(weights(&lstm(&[name], &[(name, shape)])), sentence);
    }
}

#[test]
fn weights_of_another_type() {
    let zero = [0; 64];
    let one = |dtype, shape: &[usize]| {
        let size: usize = shape.iter().product::<usize>() * dtype_size(dtype);
        TensorView::new(dtype, shape.to_vec(), &zero[..size]).unwrap()
    };
    let bytes = safetensors::serialize(
        [
            ("weight_ih_l0", one(Dtype::F32, &[2, 2])),
            ("weight_hh_l0", one(Dtype::I64, &[2, 2])),
        ],
        None,
    )
    .unwrap();
    assert_eq!(
        weights(&bytes),
        ", tensor 'weight_hh_l0': expected F64, F32, F16 or BF16, found 'int64'"
    );
    let header = r#"{"weight_hh_l0":{"dtype":"F128","shape":[1,1],"data_offsets":[0,16]},
        "weight_ih_l0":{"dtype":"F64","shape":[1,1],"data_offsets":[16,24]}}"#;
    assert_eq!(
        weights(&raw(header, 24)),
        ", tensor 'weight_hh_l0': expected F64, F32, F16 or BF16, found 'F128'"
    );
}

fn dtype_size(dtype: Dtype) -> usize {
    dtype.bitsize() / 8
}

#[test]
fn weights_that_are_not_finite_or_whose_norm_would_not_be() {
    for (value, expected, name) in [
        (f64::NAN, "finite numbers", "NaN"),
        (f64::INFINITY, "finite numbers", "inf"),
        (f64::NEG_INFINITY, "finite numbers", "-inf"),
        (1e308, "numbers of at most 1e300", "1e308"),
    ] {
        let mut bytes = zeros(&[("weight_ih_l0", &[2, 3]), ("weight_hh_l0", &[2, 2])]);
        let last = bytes.len() - 8;
        bytes[last..].copy_from_slice(&value.to_le_bytes());
        assert_eq!(
            weights(&bytes),
            format!(", tensor 'weight_ih_l0': expected {expected}, found {name} at [1, 2]")
        );
    }
}

#[test]
fn hostile_names_are_shown_without_effect() {
    let name = "a\u{1b}]52;c;AAAA\u{7}\u{202e}.fc";
    assert_eq!(
        weights(&zeros(&[(name, &[1])])),
        ": expected an nn.RNN, nn.LSTM or nn.GRU (weight_ih_l0, weight_hh_l0), found \
         'a\u{fffd}]52;c;AAAA\u{fffd}\u{fffd}.fc'"
    );
    let error = load_parameters(Path::new("no\u{1b}[2J\u{200b}such"), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no\u{fffd}[2J\u{fffd}such: there is no such file or folder"
    );
}

#[test]
fn names_as_long_as_a_book_are_cut() {
    let long = "weight_".repeat(1_000_000);
    let sentence = weights(&zeros(&[(&long, &[2, 2])]));
    assert!(sentence.chars().count() < 1500, "{}", sentence.len());
}

// ---------------------------------------------------------------------------------- arrays

/// A `.npy` file with this header and data.
fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    header(
        &format!("{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n"),
        data,
    )
}

fn header(header: &str, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(header.len()).unwrap().to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
}

/// What is said of these bytes as an input sequence, after the file's name.
fn sequence(bytes: &[u8]) -> String {
    let sentence = parse_sequence(bytes.to_vec(), "x").unwrap_err().to_string();
    assert!(!sentence.contains('\n'), "{sentence}");
    sentence.strip_prefix('x').unwrap().to_owned()
}

#[test]
fn npy_that_promises_too_much() {
    assert_eq!(
        sequence(&npy("'<f8'", "(1000000000, 512)", &[0; 16])),
        ", data: expected 4096000000000 bytes for 1000000000 x 512 of '<f8', found 16"
    );
    assert_eq!(
        sequence(&npy("'<f8'", "(18446744073709551615, 2)", &[])),
        ", data: expected too many bytes for 18446744073709551615 x 2 of '<f8', found 0"
    );
    assert_eq!(
        sequence(&npy("'<f8'", "(99999999999999999999, 2)", &[])),
        ", header: expected a length, found '99999999999999999999, 2), }'"
    );
    let mut bytes = b"\x93NUMPY\x02\x00".to_vec();
    bytes.extend(u32::MAX.to_le_bytes());
    assert_eq!(
        sequence(&bytes),
        ", header: expected a whole header, found the file's end"
    );
}

#[test]
fn npy_that_is_too_long_or_too_short() {
    let expected = ", data: expected 16 bytes for 2 x 1 of '<f8', found ";
    assert_eq!(
        sequence(&npy("'<f8'", "(2, 1)", &[0; 15])),
        format!("{expected}15")
    );
    assert_eq!(
        sequence(&npy("'<f8'", "(2, 1)", &[0; 17])),
        format!("{expected}17")
    );
    let whole = npy("'<f8'", "(2, 1)", &[0; 16]);
    for cut in 6..whole.len() {
        sequence(&whole[..cut]);
    }
}

#[test]
fn npy_of_another_type() {
    let expected = ", dtype: expected numbers (float, int, uint or bool), found ";
    for descr in ["'<c16'", "'<U3'", "'|O'", "'<f16'", "''", "'é'"] {
        assert_eq!(
            sequence(&npy(descr, "(1,)", &[0; 16])),
            format!("{expected}{descr}")
        );
    }
    assert_eq!(
        sequence(&npy("[('a', '<f8')]", "(1,)", &[0; 8])),
        ", header: expected a string, found '[('a', '<f8')], 'fortran_order': False, 'shape':…'"
    );
}

#[test]
fn npy_of_another_version() {
    assert_eq!(
        sequence(b"\x93NUMPY\x09\x01"),
        ", version: expected 1.0, 2.0 or 3.0, found 9.1"
    );
}

#[test]
fn npy_with_a_bad_header() {
    assert_eq!(
        sequence(&header("{'descr': '<f8', 'fortran_order': False}\n", &[])),
        ", header: expected the entry 'shape', found none"
    );
    assert_eq!(
        sequence(&header("\n", &[])),
        ", header: expected '{', found its end"
    );
    let mut bytes = npy("'<f8'", "(1,)", &[0; 8]);
    bytes[12] = 0xff;
    assert_eq!(
        sequence(&bytes),
        ", header: expected text, found other bytes"
    );
}

#[test]
fn npy_of_a_wrong_shape() {
    let expected = ", shape: expected one or two dimensions with at least one element, found ";
    for (shape, bytes, found) in [
        ("()", 8, "a single number"),
        ("(1, 1, 2)", 16, "1 x 1 x 2"),
        ("(0,)", 0, "a vector of 0"),
        ("(5, 0)", 0, "5 x 0"),
        ("(0, 5)", 0, "0 x 5"),
    ] {
        let sentence = sequence(&npy("'<f8'", shape, &vec![0; bytes]));
        assert_eq!(sentence, format!("{expected}{found}"));
    }
    assert_eq!(
        sequence(&npy("'|u1'", "(1, 513)", &[0; 513])),
        ", shape: expected 1 to 512 columns, found 513"
    );
}

#[test]
fn npy_that_is_not_finite() {
    let data = [0.0, 1.0, 2.0, 3.0, f64::NAN, 5.0]
        .map(f64::to_le_bytes)
        .concat();
    assert_eq!(
        sequence(&npy("'<f8'", "(2, 3)", &data)),
        ", element [1, 1]: expected a finite number, found NaN"
    );
    let fortran = "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3)}";
    assert_eq!(
        sequence(&header(fortran, &data)),
        ", element [0, 2]: expected a finite number, found NaN"
    );
}

/// What is said of a file in `tests/data/bad`, after its name.
fn bad(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/bad")
        .join(name);
    let sentence = load_sequence(&path).unwrap_err().to_string();
    assert!(!sentence.contains('\n'), "{sentence}");
    sentence
        .strip_prefix(&path.display().to_string())
        .unwrap()
        .to_owned()
}

#[test]
fn tables() {
    let number = "expected a finite number, found";
    for (name, sentence) in [
        (
            "ragged.csv",
            ", row 3: expected 2 fields as in the first row, found 3".to_owned(),
        ),
        (
            "ragged.tsv",
            ", row 2: expected 2 fields as in the first row, found 1".to_owned(),
        ),
        (
            "empty_field.csv",
            format!(", row 2, column 2: {number} an empty field"),
        ),
        ("word.csv", format!(", row 3, column 2: {number} 'four'")),
        ("nan.csv", format!(", row 2, column 2: {number} 'nan'")),
        (
            "infinite.csv",
            format!(", row 2, column 1: {number} '1e999'"),
        ),
        (
            "mixed_header.csv",
            format!(", row 1, column 1: {number} 'x'"),
        ),
        ("spaces.csv", format!(", row 2, column 2: {number} 'x'")),
        (
            "hostile.csv",
            format!(", row 2, column 2: {number} '\u{fffd}[2J\u{fffd}'"),
        ),
        (
            "not_utf8.csv",
            format!(", row 2, column 2: {number} '\u{fffd}'"),
        ),
        (
            "header_only.csv",
            ": expected rows of numbers, found a header alone".to_owned(),
        ),
        (
            "empty.csv",
            ": expected rows of numbers, found an empty file".to_owned(),
        ),
    ] {
        assert_eq!(bad(name), sentence, "{name}");
    }
    let wide = vec!["1"; 513].join(",");
    assert_eq!(
        sequence(wide.as_bytes()),
        ", shape: expected 1 to 512 columns, found 513"
    );
}

#[test]
fn no_text_and_too_much_text() {
    assert_eq!(sequence(b""), ": expected text or numbers, found nothing");
    assert_eq!(
        sequence(&vec![b'a'; (1 << 20) + 1]),
        ": expected at most 1048576 bytes of text, one for each step, found 1048577"
    );
}

/// A file in a folder of its own, which goes when this is dropped.
struct Given {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

impl Given {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        Self {
            path,
            _folder: folder,
        }
    }

    /// What is said of it, after its name.
    fn says<T, E: ToString>(&self, read: impl Fn(&Path) -> Result<T, E>) -> String {
        let Err(error) = read(&self.path) else {
            panic!("{} was read", self.path.display())
        };
        error
            .to_string()
            .strip_prefix(&self.path.display().to_string())
            .unwrap()
            .to_owned()
    }
}

#[test]
fn extensions_that_promise_something_else() {
    let says = |name, bytes: &[u8]| Given::new(name, bytes).says(load_sequence);
    assert_eq!(
        says("a.npy", b"1,2\n"),
        ": expected a .npy file, found a text of 4 bytes that begins with '1,2'"
    );
    assert_eq!(
        Given::new("a.npy", b"").says(load_vector),
        ": expected a .npy file, found an empty file"
    );
    assert_eq!(
        says("a.npz", b"PK\x03\x04"),
        ": expected a .npz archive, found 4 bytes of one, without its directory"
    );
    assert_eq!(
        says("a.npz", &[0x1b; 40]),
        ": expected a .npz archive, found 40 bytes that begin with 1b 1b 1b 1b 1b 1b 1b 1b"
    );
    let weights = lstm(&[], &[]);
    for name in ["a.safetensors", "a.npy", "a.csv", "a"] {
        assert_eq!(
            says(name, &weights),
            ": expected an array or a table, found the weights of a .safetensors file"
        );
    }
    let sentence = ": expected a .npy, .npz, .csv or .tsv file, found another extension";
    assert_eq!(Given::new("a.txt", b"1,2\n").says(load_matrix), sentence);
    assert_eq!(Given::new("a.json", b"[1]").says(load_vector), sentence);
}

#[test]
fn matrix_where_a_vector_is_needed() {
    let file = Given::new("v.npy", &npy("'<f8'", "(2, 2)", &[0; 32]));
    assert_eq!(
        file.says(load_vector),
        ", shape: expected a vector (H, 1 x H or H x 1), found 2 x 2"
    );
    let file = Given::new("v.npy", &npy("'|u1'", "(4097,)", &[0; 4097]));
    assert_eq!(
        file.says(load_vector),
        ", shape: expected 1 to 4096 numbers, found 4097"
    );
}

#[test]
fn files_that_cannot_be_read() {
    let missing = Path::new("nowhere/x.npy");
    let sentence = "nowhere/x.npy: there is no such file or folder";
    assert_eq!(load_sequence(missing).unwrap_err().to_string(), sentence);
    assert_eq!(load_matrix(missing).unwrap_err().to_string(), sentence);
    assert_eq!(load_vector(missing).unwrap_err().to_string(), sentence);
    assert_eq!(
        load_parameters(missing, None).unwrap_err().to_string(),
        sentence
    );

    let folder = tempfile::tempdir().unwrap();
    let sentence = format!(
        "{}: expected a file, found a folder",
        folder.path().display()
    );
    assert_eq!(
        load_sequence(folder.path()).unwrap_err().to_string(),
        sentence
    );
}

/// The file has no blocks on the disk: only its size is read.
#[test]
fn file_beyond_the_limit() {
    let file = Given::new("big.npy", b"");
    fs::File::create(&file.path)
        .unwrap()
        .set_len(3 << 30)
        .unwrap();
    assert_eq!(
        file.says(load_sequence),
        ": expected at most 1 GiB, found 3.0 GiB"
    );
    assert_eq!(
        file.says(|p| load_parameters(p, None)),
        ": expected at most 1 GiB, found 3.0 GiB"
    );
}

#[test]
fn npy_of_more_dimensions_than_there_are() {
    let data = npy("'<f8'", &format!("({})", "1,".repeat(65)), &[0; 8]);
    let said = sequence(&data);
    assert_eq!(said, ", header: expected at most 64 dimensions, found more");
}
