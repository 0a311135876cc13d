//! Keras: `.h5` files of weights or of whole models (Keras 2), and `.keras` archives (Keras 3).
//!
//! | | Keras | here |
//! |---|---|---|
//! | LSTM | `kernel` D × 4H, `recurrent_kernel` H × 4H, `bias` 4H, gates i, f, c, o | transposed |
//! | GRU | 3H, gates z, r, h; `bias` 3H, or 2 × 3H with `reset_after` | transposed, r, z, n |
//! | `CuDNNLSTM` | `bias` 8H, the input's and the recurrent one | recurrent blocks as they are, input blocks the raw buffers of H × D |
//! | `CuDNNGRU` | `bias` 6H | in the same manner |
//!
//! In Keras 3 they are `vars/0` to `vars/2` of the layer's `cell`. What the weights do not say (the
//! activations, `reset_after`, `go_backwards`) is in the model's configuration, an attribute or
//! `config.json`. A file of weights alone has none: its version's defaults are taken.

mod config;
mod place;

use std::borrow::Cow;
use std::collections::BTreeMap;

use self::config::Config;
use self::place::{Place, Role};
use super::contents::{CONVOLUTION, Contents, Told};
use crate::io::error::Mistake;
use crate::io::hdf5::{self, Hdf5};
use crate::io::tensor::{Buffers, Tensor, View};
use crate::io::zip::Entry;
use crate::words::quote;

/// The weights in an archive, and the configuration beside them.
const WEIGHTS: &str = "model.weights.h5";
const CONFIG: &str = "config.json";
const METADATA: &str = "metadata.json";

/// Whether a zip archive is one of Keras.
pub(super) fn is_archive(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| entry.name == WEIGHTS)
}

/// Reads a `.keras` archive, the first of the buffers.
pub(super) fn archive(buffers: &mut Buffers, entries: &[Entry]) -> Result<Contents, Mistake> {
    let bytes = buffers.take_first();
    let part = |name: &str| {
        let entry = entries.iter().find(|entry| entry.name == name);
        let unpacked = entry.map(|entry| entry.unpack(&bytes)).transpose()?;
        Ok(unpacked.map(Cow::into_owned))
    };
    let config = part(CONFIG)?;
    let metadata = part(METADATA)?.unwrap_or_default();
    let weights = part(WEIGHTS)?.unwrap_or_default();
    drop(bytes);
    let config = Config::read(config.as_deref(), Config::version(&metadata), CONFIG)?;
    let found = hdf5::read(weights, buffers, &is_wanted)?;
    contents(found, &config, buffers)
}

/// Reads an HDF5 file, the first of the buffers.
pub(super) fn weights(buffers: &mut Buffers) -> Result<Contents, Mistake> {
    let bytes = buffers.take_first();
    let found = hdf5::read(bytes, buffers, &is_wanted)?;
    let attribute = |name: &str| found.attributes.get(name).cloned();
    let config = attribute("model_config").map(String::into_bytes);
    let version = attribute("keras_version");
    let config = Config::read(config.as_deref(), version, "model_config")?;
    contents(found, &config, buffers)
}

/// Layers under Keras' names in a file of another format, their paths with `/`.
pub(super) fn named(tensors: Vec<Tensor>, buffers: &mut Buffers) -> Result<Contents, Mistake> {
    let found = Hdf5 {
        tensors,
        ..Hdf5::default()
    };
    contents(found, &Config::default(), buffers)
}

/// Whether an array may belong to a recurrent layer or be an embedding.
fn is_wanted(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let name = name.strip_suffix(":0").unwrap_or(name);
    matches!(name, "kernel" | "recurrent_kernel" | "bias" | "embeddings")
        || matches!(name, "0" | "1" | "2") && path.contains("vars/")
}

/// Arrays by layers, in PyTorch's layout.
fn contents(found: Hdf5, config: &Config, buffers: &mut Buffers) -> Result<Contents, Mistake> {
    let mut layers: BTreeMap<Place, BTreeMap<Role, Tensor>> = BTreeMap::new();
    let mut contents = Contents::default();
    for tensor in found.tensors {
        match Place::of(&tensor.name, &found.names) {
            Some((place, role)) => {
                let layer = place.layer.clone();
                let tensors = layers.entry(place).or_default();
                if tensors.insert(role, tensor).is_some() {
                    let what = format!("layer {}", quote(&layer));
                    let why = "several cells in one layer, which are not told apart; give each an RNN \
                               of its own";
                    return Err(Mistake::refused(what, why));
                }
            }
            None => contents.tensors.push(tensor),
        }
    }
    for (place, tensors) in layers {
        let Some(recurrent) = tensors.get(&Role::Recurrent) else {
            contents.tensors.extend(tensors.into_values());
            continue;
        };
        let &[hidden, columns] = recurrent.shape.as_slice() else {
            // A convolution over a grid has four dimensions.
            let place = format!("layer {}", quote(&place.layer));
            contents.refused.get_or_insert((place, CONVOLUTION));
            continue;
        };
        let gates = columns / hidden.max(1);
        let mut told = config.told(&place.layer, gates);
        let bias = tensors.get(&Role::Bias);
        let twice = columns.saturating_mul(2);
        let raw = bias.is_some_and(|bias| bias.shape == [twice]) && gates > 1;
        if let Some(bias) = bias.filter(|_| gates == 3) {
            told.reset_before = Some(bias.shape == [columns]);
        }
        let order: &[usize] = match gates {
            3 => &[1, 0, 2],
            4 => &[0, 1, 2, 3],
            _ => &[0],
        };
        let name = |role: &str| {
            let reverse = if place.reverse { "_reverse" } else { "" };
            format!("{}.{role}_l0{reverse}", place.layer)
        };
        let mut matrix = |matrix: &Tensor, role: &str| {
            if raw {
                raw_blocks(matrix, name(role), order, buffers)
            } else {
                let transposed = matrix.transposed()?;
                transposed.row_blocks(name(role), order.len(), order)
            }
        };
        let r = matrix(recurrent, "weight_hh");
        let r = r.filter(|_| matches!(gates, 1 | 3 | 4) && gates * hidden == columns);
        let expected = "H x H (SimpleRNN), H x 3H (GRU) or H x 4H (LSTM)";
        let r = r.ok_or_else(|| recurrent.wrong_shape(expected))?;
        contents.tensors.push(r);
        if let Some(kernel) = tensors.get(&Role::Input) {
            let w = matrix(kernel, "weight_ih").filter(|w| w.shape[0] == columns);
            let expected = format!("D x {columns}, as recurrent_kernel has {columns} columns");
            let w = w.ok_or_else(|| kernel.wrong_shape(expected))?;
            contents.tensors.push(w);
        }
        if let Some(bias) = bias {
            let pair = biases(bias, columns, order, [name("bias_ih"), name("bias_hh")]);
            let pair = pair.ok_or_else(|| {
                bias.wrong_shape(match gates {
                    3 => format!("a vector of {columns}, 2 x {columns} or {twice}"),
                    _ => format!("a vector of {columns} or {twice}"),
                })
            })?;
            contents.tensors.extend(pair);
        }
        contents.told.insert(place.layer.clone(), told);
    }
    Ok(contents)
}

/// The blocks of a cuDNN layer's matrix: each the raw buffer of H × D that its D × H numbers are.
fn raw_blocks(
    matrix: &Tensor,
    name: String,
    order: &[usize],
    buffers: &mut Buffers,
) -> Option<Tensor> {
    let &[inputs, columns] = matrix.shape.as_slice() else {
        return None;
    };
    let (view, size) = (matrix.view()?, matrix.dtype.element()?.size());
    let hidden = columns / order.len();
    let mut views = Vec::new();
    for &gate in order {
        let block = view.clone().narrow(1, gate * hidden, hidden, size);
        let mut bytes = Vec::new();
        block.gather(buffers.of(&block), size, &mut bytes)?;
        let buffer = buffers.add(bytes);
        views.push(View {
            big_endian: view.big_endian,
            ..View::rows(buffer, 0, vec![hidden, inputs])
        });
    }
    Some(matrix.derived(name, vec![columns, inputs], views))
}

/// Both biases: of one vector the second is zero.
fn biases(
    bias: &Tensor,
    columns: usize,
    order: &[usize],
    [ih, hh]: [String; 2],
) -> Option<[Tensor; 2]> {
    let gates = order.len();
    if bias.shape == [columns] {
        let zeros = Tensor::new(hh, bias.dtype.clone(), View::zeros(vec![columns]));
        return Some([bias.row_blocks(ih, gates, order)?, zeros]);
    }
    let both = vec![columns.saturating_mul(2)];
    if bias.shape != both && bias.shape != [2, columns] {
        return None;
    }
    let view = bias.view()?.reshaped(both.clone())?;
    let both = bias.derived(String::new(), both, vec![view]);
    let second: Vec<usize> = order.iter().map(|gate| gates + gate).collect();
    Some([
        both.row_blocks(ih, 2 * gates, order)?,
        both.row_blocks(hh, 2 * gates, &second)?,
    ])
}

/// Told of a layer whose file has no configuration.
pub(super) fn defaults(version: &str, gates: usize) -> Told {
    let numbers: Vec<u32> = version
        .split(['.', '-'])
        .map_while(|part| part.parse().ok())
        .collect();
    // Before 2.3 gates were hard sigmoids; TensorFlow's own Keras called itself 2.2.4-tf when they
    // no longer were.
    let old = numbers.as_slice() < &[2, 3] && !version.ends_with("-tf");
    let mut told = Told {
        source: format!("the defaults of Keras {version}"),
        activation: Some("tanh".to_owned()),
        assumed: true,
        ..Told::default()
    };
    if gates > 1 {
        told.gate = Some(if old { config::HARD_2 } else { "sigmoid" }.to_owned());
    }
    told
}
