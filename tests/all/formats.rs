//! Weights of every format, against the same weights in safetensors with PyTorch's names.
//!
//! `tests/data/formats/make.py` writes both, after the program that a format belongs to and PyTorch
//! have run them to the same states.

use std::fs;
use std::path::{Path, PathBuf};

use crate::common::zip::zip;
use ndarray::Array2;
use proptest::prelude::*;
use rnntop::cell::{Activation, Semantics, StackParameters};
use rnntop::flow::Stack;
use rnntop::flow::stack::StackLoss;
use rnntop::io::ModelFile;
use rnntop::words::sanitise;
use serde_json::Value;

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/data/formats")
        .join(name)
}

fn open(name: &str) -> ModelFile {
    ModelFile::open(&data(name)).unwrap()
}

fn stack(name: &str, module: &str) -> StackParameters {
    open(name).stack(Some(module)).unwrap().value
}

/// What is said of a file, without its name.
fn refused(name: &str) -> String {
    let bytes = fs::read(data(name)).unwrap();
    let read = ModelFile::new(bytes, "F").and_then(|file| file.stack(None).map(drop));
    read.unwrap_err().to_string()
}

#[test]
fn pytorch_in_every_container_has_the_same_modules() {
    for file in [
        "state_dict.pt",
        "legacy.pt",
        "whole.pt",
        "lightning.ckpt",
        "parallel.pt",
    ] {
        let read = open(file);
        let prefix = if file == "lightning.ckpt" {
            "model."
        } else {
            ""
        };
        let names: Vec<String> = read
            .modules()
            .unwrap()
            .into_iter()
            .map(|m| m.name)
            .collect();
        assert_eq!(
            names,
            ["encoder", "relu"].map(|name| format!("{prefix}{name}")),
            "{file}"
        );
        for name in ["encoder", "relu"] {
            let module = format!("{prefix}{name}");
            let twin = stack("pytorch.twin.safetensors", name);
            assert_eq!(
                read.stack(Some(&module)).unwrap().value,
                twin,
                "{file}, {name}"
            );
        }
        let embedding = read.embedding(&format!("{prefix}embed"), 5).unwrap();
        assert_eq!(embedding.dim(), (4, 5), "{file}");
    }
}

#[test]
fn a_saved_module_says_its_activation() {
    assert_eq!(
        open("whole.pt").functions(Some("relu")).unwrap().activation,
        Some(Activation::Relu)
    );
    assert_eq!(
        open("whole.pt")
            .functions(Some("encoder"))
            .unwrap()
            .activation,
        None
    );
    assert_eq!(
        open("state_dict.pt")
            .functions(Some("relu"))
            .unwrap()
            .activation,
        None
    );
}

#[test]
fn strides_storages_and_types_of_pytorch() {
    let twin = stack("gru.twin.safetensors", "");
    for file in ["strides.pt", "shared.pt", "float64.pt"] {
        assert_eq!(stack(file, ""), twin, "{file}");
    }
    assert_eq!(
        stack("bfloat16.pt", ""),
        stack("bfloat16.twin.safetensors", "")
    );
    for (file, dtype) in [("float64.pt", "float64"), ("bfloat16.pt", "bfloat16")] {
        let module = open(file).modules().unwrap().remove(0);
        assert_eq!((module.hidden, module.inputs), (Some(3), Some(5)));
        assert_eq!(module.dtype, dtype);
    }
}

#[test]
fn keras_in_every_container_and_layout() {
    for (file, twin, module) in [
        ("keras_lstm.keras", "keras_lstm", "reader"),
        ("keras_gru.keras", "keras_gru", "reader"),
        ("keras_rnn.keras", "keras_rnn", "reader"),
        ("keras_both.keras", "keras_both", "both"),
        ("keras_both.h5", "keras_both", "both"),
        ("keras_weights.h5", "keras_weights", "lstm_1"),
        ("keras_cudnn.h5", "keras_cudnn", "cu_dnnlstm_1"),
    ] {
        let twin = stack(&format!("{twin}.twin.safetensors"), module);
        assert_eq!(stack(file, module), twin, "{file}");
        let names: Vec<String> = open(file)
            .modules()
            .unwrap()
            .into_iter()
            .map(|m| m.name)
            .collect();
        assert_eq!(names, [module], "{file}");
    }
}

#[test]
fn onnx_nodes_with_their_weights_moved_about() {
    for (file, module, layers) in [
        ("onnx_lstm", "reader", 1),
        ("onnx_gru", "reader", 1),
        ("onnx_rnn", "reader", 1),
        ("onnx_deep", "deep", 2),
    ] {
        let twin = stack(&format!("{file}.twin.safetensors"), module);
        let file = format!("{file}.onnx");
        assert_eq!(stack(&file, module), twin, "{file}");
        let modules = open(&file).modules().unwrap();
        assert_eq!(modules.len(), 1, "{file}");
        assert_eq!(
            (modules[0].name.as_str(), modules[0].layers),
            (module, layers)
        );
    }
}

/// Files of `more.py`: float16, a GPU's tag, nested JSON, peepholes, `layout`, a cell in both branches of an If,
/// and two layers of Keras as one model.
#[test]
fn further_types_tags_and_nodes() {
    for (file, twin, names) in [
        ("half.pt", "half", vec![""]),
        ("cuda.pt", "gru", vec![""]),
        ("nested.json", "gru", vec!["rec"]),
        ("onnx_peepholes.onnx", "onnx_peepholes", vec!["reader"]),
        ("onnx_layout.onnx", "onnx_plain", vec!["reader"]),
        ("onnx_moved.onnx", "onnx_moved", vec!["reader"]),
        ("keras_two.keras", "keras_two", vec!["a", "b"]),
        ("keras_two.h5", "keras_two", vec!["a", "b"]),
    ] {
        let read = open(file);
        let modules = read.modules().unwrap();
        let found: Vec<&str> = modules.iter().map(|module| module.name.as_str()).collect();
        assert_eq!(found, names, "{file}");
        let twin = open(&format!("{twin}.twin.safetensors"));
        let twin_of = match names.len() {
            1 => None,
            _ => Some("a,b"),
        };
        assert_eq!(
            read.stack(None).unwrap().value,
            twin.stack(twin_of).unwrap().value,
            "{file}"
        );
    }
    assert_eq!(open("half.pt").modules().unwrap()[0].dtype, "float16");
    let branches = open("onnx_branches.onnx");
    assert_eq!(branches.modules().unwrap().len(), 1);
    assert_eq!(
        branches.stack(None).unwrap().value,
        stack("onnx_plain.twin.safetensors", "")
    );
    assert!(
        refused("onnx_external.onnx")
            .starts_with("F, tensor 'W': its numbers are in another file, 'elsewhere.data'")
    );
}

#[test]
fn names_of_other_programs() {
    for (file, twin) in [
        ("names_equinox_lstm.safetensors", "lstm"),
        ("names_equinox_gru.safetensors", "gru"),
        ("names_mlx_lstm.safetensors", "lstm"),
        ("names_mlx_gru.safetensors", "gru"),
        ("names_mlx_rnn.safetensors", "rnn"),
        ("names_flax_gru.safetensors", "gru"),
        ("names_burn_lstm.safetensors", "lstm"),
        ("names_plain.npz", "lstm"),
        ("names_packed.npz", "lstm"),
        ("names.json", "lstm"),
    ] {
        let twin = stack(&format!("names_{twin}.twin.safetensors"), "net.rec");
        assert_eq!(stack(file, "net.rec"), twin, "{file}");
    }
    // Flax has its one bias with the recurrent matrix, and Keras names layers by their paths.
    let twin = stack("names_lstm.twin.safetensors", "net.rec");
    let flax = stack("names_flax_lstm.safetensors", "net.rec");
    let keras = stack("names_keras_lstm.safetensors", "net/rec");
    assert_eq!(keras, twin);
    let [twin, flax] = [twin, flax].map(|stack| stack.layers[0][0].cell.clone());
    assert_eq!((&flax.w, &flax.r), (&twin.w, &twin.r));
    let [first, second] = flax.biases.unwrap();
    assert_eq!([second, first], twin.biases.unwrap());
}

#[test]
fn weights_with_their_norm_apart() {
    let twin = stack("names_norm.twin.safetensors", "net.rec");
    for file in ["names_norm_old.safetensors", "names_norm_new.safetensors"] {
        let read = stack(file, "net.rec");
        let [read, twin] = [&read, &twin].map(|stack| &stack.layers[0][0].cell);
        assert_eq!(read.w, twin.w);
        let off = (&read.r - &twin.r)
            .mapv(f64::abs)
            .into_iter()
            .fold(0.0, f64::max);
        // v and g are float32.
        assert!(off < 1e-6, "{file}: {off}");
    }
}

/// What a module computes with is made of what the file keeps, and is said to be of its type.
#[test]
fn weights_that_are_kept_in_parts() {
    for (name, module, dtype) in [
        ("kept_pruned.pt", "rec", "float32"),
        ("kept_spectral.pt", "rec", "float32"),
        ("kept_spectral_new.pt", "rec", "float32"),
        ("names_norm_old.safetensors", "", "float32"),
        ("names_norm_new.safetensors", "", "float32"),
        ("kept_float16.keras", "reader", "float16"),
        ("kept_bfloat16.keras", "reader", "bfloat16"),
    ] {
        let listed = open(name).modules().unwrap().remove(0);
        assert_eq!(listed.dtype, dtype, "{name}");
        if module.is_empty() {
            continue;
        }
        let twin = Path::new(name).with_extension("twin.safetensors");
        let twin = stack(twin.to_str().unwrap(), module);
        let read = stack(name, module);
        let [got, want] = [&read, &twin].map(|stack| &stack.layers[0][0].cell);
        let numbers = |cell: &rnntop::cell::Parameters| -> Vec<f64> {
            let biases = cell.biases.iter().flatten().flatten();
            let matrices = cell.w.iter().chain(&cell.r);
            matrices.chain(biases).copied().collect()
        };
        let (got, want) = (numbers(got), numbers(want));
        assert_eq!(got.len(), want.len(), "{name}");
        for (got, want) in got.iter().zip(&want) {
            // PyTorch divides by σ in float32.
            assert!((got - want).abs() < 1e-6, "{name}: {got} and not {want}");
        }
    }
    let convolution = "a ConvLSTM, whose weights are convolutions over a grid; what is computed here is \
                       nn.RNN, nn.LSTM and nn.GRU, whose weights are matrices";
    for (name, said) in [
        (
            "kept_orthogonal.pt",
            "F, tensor 'rec.parametrizations.weight_hh_l0.original': a parametrisation other than \
             weight_norm and spectral_norm; before saving, in Python: \
             torch.nn.utils.parametrize.remove_parametrizations(module, NAME)"
                .to_owned(),
        ),
        (
            "kept_quantised.pt",
            "F, module 'rec': dynamically quantised, so that its weights lie packed in an object; give \
             the model as it was before quantize_dynamic"
                .to_owned(),
        ),
        (
            "kept_convolution.pt",
            format!("F, tensor 'cell_list.0.conv.weight': {convolution}"),
        ),
        (
            "kept_convolution.keras",
            format!("F, layer 'sky': {convolution}"),
        ),
    ] {
        assert_eq!(refused(name), said);
    }
}

/// Cells with other functions than PyTorch's compute what the file's own program computes, and the gradient
/// is autograd's (`tests/data/formats/functions.py`).
#[test]
fn functions_of_other_programs() {
    let json: Value = serde_json::from_str(include_str!("../data/formats/functions.json")).unwrap();
    let numbers = |value: &Value| -> Vec<f64> {
        let numbers = value.as_array().unwrap().iter();
        numbers.map(|x| x.as_f64().unwrap()).collect()
    };
    let rows: Vec<Vec<f64>> = json["input"]
        .as_array()
        .unwrap()
        .iter()
        .map(numbers)
        .collect();
    let input = Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap();
    for (name, fact) in json["files"].as_object().unwrap() {
        let file = open(name);
        let known = file.functions(None).unwrap();
        let semantics = Semantics {
            activation: known.activation.unwrap(),
            state: known.state.unwrap_or_default(),
            gate: known.gate.unwrap(),
            reset: known.reset.unwrap_or_default(),
        };
        let stack = Stack::new(file.stack(None).unwrap().value, semantics);
        let tapes = stack.tapes(input.nrows());
        let run = stack.forward(input.view(), tapes, &mut |_| true).unwrap();
        let h = run.tapes[0][0].h(input.nrows());
        for (got, want) in h.iter().zip(numbers(&fact["h"])) {
            assert!((got - want).abs() < 1e-12, "{name}: {got} for {want}");
        }
        let loss = StackLoss::Last(&[1.0; 3]);
        let flow = stack.backward(&run, loss, &mut |_| true).unwrap();
        let totals = &flow.layers[0][0].totals;
        let main = if totals.grad_c.is_empty() {
            &totals.grad_h
        } else {
            &totals.grad_c
        };
        for (got, want) in main.iter().zip(numbers(&fact["grad"])) {
            let got = got.to_f64().unwrap();
            assert!(
                (got - want).abs() <= 1e-9 * want,
                "{name}: {got:e} for {want:e}"
            );
        }
        if name == "keras_relu.keras" {
            let grows = main[0]
                .ratio(*main.last().unwrap())
                .unwrap()
                .to_f64()
                .unwrap();
            assert!((grows / 512.0 - 1.0).abs() < 1e-3, "{grows}");
        }
    }
}

/// What a version did by default is assumed of a file that does not say it, and may be overruled.
#[test]
fn gates_of_old_keras_are_hard() {
    let known = open("keras_old.h5").functions(None).unwrap();
    assert_eq!(known.gate, Some(Activation::HardSigmoid));
    assert!(known.assumed);
    let known = open("keras_weights.h5").functions(None).unwrap();
    assert_eq!(known.gate, Some(Activation::Sigmoid));
}

/// None of them is taken for the cell that it resembles.
#[test]
fn cells_that_are_not_computed_are_refused_by_name() {
    for (file, sentence) in [
        (
            "keras_backwards.keras",
            "F, module 'reader': the layer reads from the end (go_backwards=True), which is not \
             supported; reverse the input and build it without",
        ),
        (
            "onnx_clip.onnx",
            "F, module 'reader': its cell clips its pre-activations (clip), which is not computed",
        ),
        (
            "onnx_coupled.onnx",
            "F, module 'reader': its input and forget gates are coupled (input_forget), which is not \
             computed",
        ),
        (
            "onnx_backwards.onnx",
            "F, module 'reader': the layer reads from the end (direction = reverse), which is not \
             supported",
        ),
        (
            "onnx_quarter.onnx",
            "F, module 'reader': the gates' function is 'HardSigmoid 0.25 x + 0.5', and only sigmoid, \
             hard_sigmoid, hard_sigmoid_6 are computed (by the node's attributes)",
        ),
        (
            "onnx_quantised.onnx",
            "F, node 'reader': expected W among the initializers, or made of them by moving numbers, \
             found the result of 'DequantizeLinear'",
        ),
        (
            "keras_stacked.keras",
            "F, layer 'rnn/cell/cells': several cells in one layer, which are not told apart; give each \
             an RNN of its own",
        ),
        (
            "script.pt",
            "F: a TorchScript archive, whose weights lie in code; in Python: import torch; \
             torch.save(torch.jit.load(FILE).state_dict(), \"model.pt\")",
        ),
    ] {
        assert_eq!(refused(file), sentence);
    }
}

fn pickle(instructions: &[u8]) -> String {
    let read = ModelFile::new(zip(&[("a/data.pkl", instructions)]), "F");
    read.and_then(|file| file.modules())
        .unwrap_err()
        .to_string()
}

/// A tensor `weight_hh_l0` on a storage that is not in the file, of so many rows and columns.
fn tensor(size: &[u8], strides: &[u8]) -> Vec<u8> {
    [
        b"\x80\x02}X\x0c\0\0\0weight_hh_l0ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storage",
        b"ctorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x01tQK\0".as_slice(),
        size,
        strides,
        b"\x89}tRs.",
    ]
    .concat()
}

#[test]
fn mistakes_in_pickles_are_told_in_a_sentence() {
    let no_module =
        "F: expected an nn.RNN, nn.LSTM or nn.GRU (weight_ih_l0, weight_hh_l0), found no tensor";
    for (instructions, sentence) in [
        (
            &b""[..],
            "F, a/data.pkl: expected a pickle, found the file's end",
        ),
        (
            b"\x80\x02}",
            "F, a/data.pkl: expected a pickle, found the file's end",
        ),
        (
            b"\x80\x02s.",
            "F, a/data.pkl: expected a pickle, found an instruction without its operands",
        ),
        (
            b"\x80\x02\xff.",
            "F, a/data.pkl: expected a pickle, found an unknown instruction 0xff at byte 2",
        ),
        (
            b"h\x07.",
            "F, a/data.pkl: expected a pickle, found a place in the memo that is empty",
        ),
        // A dictionary that contains itself.
        (b"\x80\x02}q\0X\x01\0\0\0ah\0s.", no_module),
        // What would run a command runs nothing.
        (b"cos\nsystem\n(X\x06\0\0\0exit 1tR.", no_module),
    ] {
        assert_eq!(pickle(instructions), sentence);
    }
    // One million lists of one byte each.
    let many = [vec![b']'; 1_000_000], b".".to_vec()].concat();
    assert_eq!(
        pickle(&many),
        "F, a/data.pkl: expected a pickle, found more objects than a file of this size holds"
    );
}

#[test]
fn tensors_without_numbers_are_told_before_any_are_asked_for() {
    let stack = |size: &[u8], strides: &[u8]| {
        let whole = tensor(size, strides);
        let input = b"X\x0c\0\0\0weight_ih_l0ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x01tQK\0K\x01K\x01\x86K\x01K\x01\x86\x89}tRs.";
        let both = [&whole[..whole.len() - 1], &input[..]].concat();
        let read = ModelFile::new(zip(&[("data.pkl", &both)]), "F");
        read.and_then(|file| file.stack(None))
            .unwrap_err()
            .to_string()
    };
    // A matrix of 2048 x 2048 whose strides are 0.
    let sentence = stack(b"M\0\x08M\0\x08\x86", b"K\0K\0\x86");
    assert!(sentence.contains("expected at most"), "{sentence}");
    let sentence = stack(b"K\x01K\x01\x86", b"K\x01K\x01\x86");
    assert!(
        sentence.contains("expected 1 x 1 of float32, found 0 bytes of it"),
        "{sentence}"
    );
}

/// Any file here.
fn fixtures() -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(data(""))
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut all: Vec<(String, Vec<u8>)> = files
        .filter(|path| path.extension().is_some_and(|e| e != "py"))
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect();
    all.sort();
    assert!(all.len() > 20);
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is changed in a file of any format, it is read or refused in one sentence.
    #[test]
    fn damaged_models_are_refused_in_a_sentence(
        places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        for (name, mut bytes) in fixtures() {
            for (place, value) in &places {
                let at = place.index(bytes.len());
                bytes[at] = *value;
            }
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            let read = ModelFile::new(bytes, "F");
            let modules = read.as_ref().map(ModelFile::modules);
            if let (Ok(file), Ok(Ok(modules))) = (&read, modules) {
                for module in modules {
                    if let Ok(stack) = file.stack(Some(&module.name)) {
                        let finite = stack.value.layers.iter().flatten().all(|part| {
                            part.cell.r.iter().all(|x| x.is_finite())
                        });
                        prop_assert!(finite, "{name}");
                    }
                }
            }
            if let Err(error) = read {
                let sentence = error.to_string();
                prop_assert_eq!(sanitise(&sentence), sentence.as_str(), "{}", name);
                prop_assert!(sentence.len() < 700, "{}: {}", name, sentence);
            }
        }
    }
}
