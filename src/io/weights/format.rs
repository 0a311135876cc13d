//! Which format a file is of, told from what is in it, and the reader of that format.

use super::contents::Contents;
use super::{json, keras, npz, onnx, other_names, pytorch};
use crate::io::content::{Content, describe};
use crate::io::error::Mistake;
use crate::io::tensor::Buffers;
use crate::io::zip::Entry;
use crate::io::{safetensors, zip};
use crate::words::{few, quote};

/// What is expected where there is something else.
const WEIGHTS: &str =
    "weights of PyTorch (.pt), Keras (.keras, .h5), ONNX, safetensors, .npz or JSON";

/// Parts of names that wrappers of modules add and that say nothing of the model.
const COMPILED: &str = "_orig_mod.";
const PARALLEL: &str = "module.";

/// Reads a file, the only buffer; readers add what they unpack.
pub(super) fn read(buffers: &mut Buffers) -> Result<Contents, Mistake> {
    let mut contents = of_format(buffers)?;
    plain_names(&mut contents);
    other_names::translate(&mut contents, buffers)?;
    Ok(contents)
}

fn of_format(buffers: &mut Buffers) -> Result<Contents, Mistake> {
    let bytes = buffers.get(0);
    let unexpected = |found: String| Err(Mistake::new("", WEIGHTS, found));
    match Content::of(bytes) {
        Content::Zip => {
            let entries = zip::entries(bytes).and_then(Result::ok).unwrap_or_default();
            if let Some(name) = zip::twice(&entries) {
                let why = "the archive has this file twice";
                return Err(Mistake::refused(quote(name), why));
            }
            if pytorch::is_archive(&entries) {
                pytorch::archive(buffers, &entries)
            } else if keras::is_archive(&entries) {
                keras::archive(buffers, &entries)
            } else {
                unexpected(archive(&entries))
            }
        }
        Content::Arrays => npz::read(buffers),
        Content::Hdf5 => keras::weights(buffers),
        Content::Pickle if pytorch::is_legacy(bytes) => pytorch::legacy(buffers),
        Content::Tensors => tensors(bytes),
        Content::Other if onnx::begins(bytes) => onnx::model(buffers),
        Content::Other if json::begins(bytes) => json::read(buffers),
        // A header that promises too much, or ends before its time, is told as such.
        _ if bytes.get(8) == Some(&b'{') => tensors(bytes),
        _ => match foreign(bytes) {
            Some(what) => Err(Mistake::refused("", what)),
            None => unexpected(describe(bytes)),
        },
    }
}

fn tensors(bytes: &[u8]) -> Result<Contents, Mistake> {
    safetensors::parse(bytes).map(Contents::of)
}

/// A zip archive of no known kind.
fn archive(entries: &[Entry]) -> String {
    let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
    match names.len() {
        0 => "a zip archive without its directory".to_owned(),
        _ => format!("a zip archive of {}", few(&names, "nothing")),
    }
}

/// A file that holds a model, or stands for one, but cannot be read: what it is, and the shortest way in.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    let at = |from: usize, magic: &[u8]| bytes.get(from..).is_some_and(|b| b.starts_with(magic));
    let holds = |what: &[u8]| bytes.windows(what.len()).any(|part| part == what);
    Some(if starts(b"version https://git-lfs") {
        "a Git LFS pointer in place of the file itself; fetch it: git lfs pull"
    } else if starts(b"GGUF") || starts(b"lmgg") || starts(b"ggml") {
        "a file of ggml, which does not say which tensors are a recurrent layer; \
         give the model that it was converted from"
    } else if at(4, b"TFL3") {
        "a TensorFlow Lite model; give the Keras model that it was converted from"
    } else if at(257, b"ustar") {
        "a tar archive; unpack it (tar xf) and give the file within"
    } else if starts(b"\x1f\x8b") {
        "a gzip archive; unpack it (gunzip) and give the file within"
    } else if bytes.ends_with(b"\x57\xfb\x80\x8b\x24\x75\x47\xdb") {
        "the index of a TensorFlow checkpoint; in Python: numpy.savez(\"model.npz\", \
         **{v: tf.train.load_variable(FILE, v) for v, _ in tf.train.list_variables(FILE)})"
    } else if starts(b"model_checkpoint_path:") {
        "the list of TensorFlow's checkpoints, without weights; give the .index file beside it"
    } else if matches!(bytes, [0x80, 2..=5, ..]) && holds(b"StructuredToParameterName@@") {
        "a Paddle state dict; in Python: numpy.savez(\"model.npz\", **{k: v.numpy() \
         for k, v in paddle.load(FILE).items()})"
    } else if matches!(bytes, [0x08, 1, 0x12, ..]) && holds(b"\x05serve") {
        "a TensorFlow SavedModel; in Python: keras.models.load_model(FOLDER).save(\"model.keras\"), or \
         numpy.savez of tf.saved_model.load(FOLDER).variables"
    } else if matches!(bytes, [0x08, 1..=20, 0x12, ..]) {
        "a Core ML model; give the model that it was converted from"
    } else if matches!(bytes, [0x0a, ..])
        && (holds(b"\x12\x0bPlaceholder") || holds(b"\x12\x05Const"))
    {
        "a TensorFlow graph, frozen; give the checkpoint or the Keras model that it was made of"
    } else if matches!(bytes, [0x80, 2..=5, ..]) {
        "a pickle that torch.save did not write; in Python, from safetensors.torch import save_file; \
         save_file(module.state_dict(), \"model.safetensors\")"
    } else {
        return None;
    })
}

/// Names as the model itself has them, without those of its wrappers: `torch.compile` puts one
/// anywhere, `DataParallel` one before all.
fn plain_names(contents: &mut Contents) {
    let parallel = |name: &str| {
        name.strip_prefix(COMPILED)
            .unwrap_or(name)
            .starts_with(PARALLEL)
    };
    let all_parallel = !contents.tensors.is_empty()
        && contents.tensors.iter().all(|tensor| parallel(&tensor.name));
    let plain = |name: &str| {
        let name = name.replace(COMPILED, "");
        let rest = name.strip_prefix(PARALLEL).filter(|_| all_parallel);
        rest.unwrap_or(&name).to_owned()
    };
    contents.rename(plain);
}
