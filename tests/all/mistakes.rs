//! A file for every mistake in every format, made by `tests/data/mistakes/make.py`, with the sentence that is said of
//! it. What a format cannot have is said, too.

use std::fs;
use std::path::{Path, PathBuf};

use rnntop::io::arrays::parse_sequence;
use rnntop::io::{InputError, ModelFile};
use rnntop::words::sanitise;

const MISTAKES: [&str; 6] = ["bomb", "cycle", "shape", "nan", "twice", "hostile"];

/// A format: a sound file of it, and what is said of each mistake in the order of [`MISTAKES`]; `-` where the
/// format cannot have it, `ok` where it does no harm.
const FORMATS: [(&str, &str, [&str; 6]); 9] = [
    (
        "zip.pt",
        "formats/float64.pt",
        [
            "module 'rnn': expected at most 66799 numbers in a file of 1263 bytes, found 1600000002",
            "tensor 'rnn.weight_hh_l0': expected the recurrent weights, found none",
            SHAPE,
            NAN,
            "'archive/data/0': the archive has this file twice",
            HOSTILE,
        ],
    ),
    (
        "legacy.pt",
        "mistakes/sound.pt",
        [
            "module 'rnn': expected at most 66039 numbers in a file of 503 bytes, found 1600000002",
            "tensor 'rnn.weight_hh_l0': expected the recurrent weights, found none",
            SHAPE,
            NAN,
            TWICE,
            HOSTILE,
        ],
    ),
    (
        "h5.h5",
        "formats/keras_old.h5",
        [
            "tensor 'model_weights/rnn/rnn/recurrent_kernel:0': expected at most 1048568 bytes, as the file \
             has 8976, found 40000 x 40000 of float32",
            "ok",
            "tensor 'model_weights/rnn/rnn/recurrent_kernel:0': expected H x H (SimpleRNN), H x 3H (GRU) or \
             H x 4H (LSTM), found 2 x 3",
            "tensor 'model_weights/rnn/rnn/recurrent_kernel:0': expected finite numbers, found NaN at [1, 0]",
            "-",
            "tensor 'model_weights/rnn\u{fffd}]0;owned\u{fffd}\u{fffd}/rnn\u{fffd}]0;owned\u{fffd}\u{fffd}/recu…': \
             expected H x H (SimpleRNN), H x 3H (GRU) or H x 4H (LSTM), found 2 x 3",
        ],
    ),
    (
        "keras.keras",
        "formats/keras_relu.keras",
        [
            "tensor 'layers/simple_rnn/cell/vars/1': expected at most 1048568 bytes, as the file has 5808, \
             found 40000 x 40000 of float32",
            "ok",
            "tensor 'layers/simple_rnn/cell/vars/1': expected H x H (SimpleRNN), H x 3H (GRU) or H x 4H \
             (LSTM), found 2 x 3",
            "tensor 'layers/simple_rnn/cell/vars/1': expected finite numbers, found NaN at [1, 0]",
            "'model.weights.h5': the archive has this file twice",
            "tensor 'layers/simple_rnn/cell/vars/1': expected H x H (SimpleRNN), H x 3H (GRU) or H x 4H \
             (LSTM), found 2 x 3",
        ],
    ),
    (
        "onnx.onnx",
        "formats/onnx_lstm.onnx",
        [
            "tensor 'R': expected more bytes than there can be for 1 x 1099511627776 x 1099511627776, found 16",
            "node 'rnn': expected R among the initializers, or made of them by moving numbers, found the \
             result of 'Identity'",
            "tensor 'R': expected 1 or 2 x 1H x H, found 1 x 2 x 3",
            "tensor 'R': expected finite numbers, found NaN at [0, 1]",
            "tensor 'R': the graph has this initializer twice",
            "tensor 'R': expected 1 or 2 x 1H x H, found 1 x 2 x 3",
        ],
    ),
    (
        "npz.npz",
        "formats/names_plain.npz",
        [
            "data: expected the bytes of 40000 x 40000 of '<f4', found 16",
            "-",
            SHAPE,
            NAN,
            "array 'rnn.weight_hh_l0': the archive has this array twice",
            HOSTILE,
        ],
    ),
    (
        "npy.npy",
        "trained/batch.npy",
        [
            "data: expected 6400000000 bytes for 40000 x 40000 of '<f4', found 16",
            "-",
            "shape: expected one or two dimensions with at least one element, found 2 x 2 x 2",
            "element [0, 1]: expected a finite number, found NaN",
            "-",
            "dtype: expected numbers (float, int, uint or bool), found '<f4\u{fffd}]0;owned\u{fffd}'",
        ],
    ),
    (
        "json.json",
        "formats/nested.json",
        [
            ": expected a state dict as JSON, found an error in it (recursion limit exceeded at line 1 column 132)",
            "-",
            "tensor 'rnn.weight_hh_l0': expected the recurrent weights, found none",
            ": expected a state dict as JSON, found an error in it (expected value at line 1 column 80)",
            "tensor 'state_dict.rnn.weight_hh_l0': the module has this tensor twice (weight_hh and weight_hh_l0 \
             are one)",
            HOSTILE,
        ],
    ),
    (
        "safetensors.safetensors",
        "formats/gru.twin.safetensors",
        [
            "tensor 'rnn.weight_hh_l0': expected 6400000000 bytes for 40000 x 40000 of type 'F32', found 16",
            "-",
            SHAPE,
            NAN,
            "tensor 'rnn.weight_hh_l0': the header has this tensor twice",
            HOSTILE,
        ],
    ),
];

const SHAPE: &str = "tensor 'rnn.weight_hh_l0': expected H x H (nn.RNN), 4H x H (nn.LSTM) or 3H x H (nn.GRU), found 2 x 3";
const NAN: &str = "tensor 'rnn.weight_hh_l0': expected finite numbers, found NaN at [0, 1]";
const TWICE: &str = "tensor 'rnn.weight_hh_l0': the module has this tensor twice (weight_hh and weight_hh_l0 are one)";
/// The name is quoted without what it would do to a terminal.
const HOSTILE: &str = "--module NAME, one of the recurrent modules: their cells, functions or sizes do not make one model of them, found 2: \
                       'rnn\u{fffd}]0;owned\u{fffd}\u{fffd}' and 'rnn'";

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

/// Reads all of a file, as a model or as an input.
fn read(bytes: Vec<u8>, ending: &str) -> Result<(), InputError> {
    if ending == "npy" {
        return parse_sequence(bytes, "F").map(|_| ());
    }
    let file = ModelFile::new(bytes, "F")?;
    file.modules()?;
    file.stack(None).map(|_| ())
}

fn mistake(name: &str) -> Result<(), String> {
    let bytes = fs::read(data().join("mistakes").join(name)).unwrap();
    let ending = name.rsplit('.').next().unwrap();
    read(bytes, ending).map_err(|error| {
        let said = error.to_string();
        assert_eq!(sanitise(&said), said);
        said
    })
}

#[test]
fn every_mistake_in_every_format_has_its_sentence() {
    let mut files = 0;
    for (format, _, sentences) in FORMATS {
        let (kind, ending) = format.split_once('.').unwrap();
        for (name, expected) in MISTAKES.into_iter().zip(sentences) {
            if expected == "-" {
                continue;
            }
            files += 1;
            let file = format!("{kind}.{name}.{ending}");
            match mistake(&file) {
                Ok(()) => assert_eq!(expected, "ok", "{file}"),
                Err(said) => assert!(said.ends_with(expected), "{file}: {said}"),
            }
        }
    }
    for (file, expected) in [
        (
            "zip.deflated.pt",
            "archive/data/0: expected at most 67108864 bytes of an archive of 78975, found 80000000 bytes",
        ),
        (
            "keras.deflated.keras",
            "expected at most 1048568 bytes, as the file has 70649, found 2 x 8000000 of float32",
        ),
        ("zip.key_twice.pt", TWICE),
        (
            "onnx.quantised.onnx",
            "its recurrent layers are operators of the kind 'DynamicQuantizeLSTM', which is not read; give the \
             model from before it was optimised or quantised",
        ),
        (
            "onnx.deep.onnx",
            "(weight_ih_l0, weight_hh_l0), found no tensor",
        ),
        (
            "json.huge.json",
            "found an error in it (number out of range at line 1 column 84)",
        ),
    ] {
        files += 1;
        let said = mistake(file).unwrap_err();
        assert!(said.ends_with(expected), "{file}: {said}");
    }
    // None is left out.
    let all = fs::read_dir(data().join("mistakes")).unwrap().count();
    assert_eq!(
        all,
        files + 2,
        "and the script that makes them, and one without a mistake"
    );
}

/// A file of any format that ends before its end is refused in a sentence, wherever that is.
#[test]
fn files_that_end_too_soon() {
    for (format, sound, _) in FORMATS {
        let bytes = fs::read(data().join(sound)).unwrap();
        let ending = format.rsplit('.').next().unwrap();
        if ending != "npy" {
            read(bytes.clone(), ending).unwrap_or_else(|error| panic!("{sound}: {error}"));
        }
        let step = (bytes.len() / 97).max(1);
        for length in (0..bytes.len()).step_by(step).chain([bytes.len() - 1]) {
            if ending == "onnx" && bytes.len() - length == 6 {
                // Only the versions of the operators are missing, and nothing says so.
                continue;
            }
            let cut = read(bytes[..length].to_vec(), ending);
            let said = cut.err().map(|error| error.to_string());
            let said = said.unwrap_or_else(|| panic!("{sound}: {length} bytes were read"));
            assert!(said.starts_with('F') && sanitise(&said) == said, "{said}");
        }
    }
}
