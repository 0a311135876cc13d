//! Trained weights from the files of several programs.
//!
//! What is in a file decides which format it is of. Each format has a reader, which runs nothing that
//! the file says, asks for no more memory than the file's size justifies, and hands on the tensors in
//! `PyTorch`'s layout and names, with what else the file says of its modules:
//!
//! | file | |
//! |---|---|
//! | `torch.save`'s | zip archives and the older format; state dicts, checkpoints, whole modules |
//! | Keras | `.keras` archives, HDF5 of whole models and of weights |
//! | ONNX | the nodes LSTM, GRU and RNN, and initializers by their names |
//! | `.safetensors`, `.npz`, JSON | `PyTorch`'s names, or those of other programs |
//!
//! One recurrent module is taken from the file, under any prefix (`encoder.lstm.weight_hh_l0`), be
//! it an `nn.RNN`, an `nn.LSTM`, an `nn.GRU` or one of their cells (`weight_hh` without `_l0`); layer 1
//! has `_l1` and so on, the reverse direction `_l0_reverse`:
//!
//! | tensor | shape | |
//! |---|---|---|
//! | `weight_ih_l0` | G·H × D | W |
//! | `weight_hh_l0` | G·H × H | R; G = 1 is an RNN, G = 4 an LSTM, G = 3 a GRU |
//! | `bias_ih_l0`, `bias_hh_l0` | G·H | both or neither |
//! | `weight_peephole_i_l0`, `_f_l0`, `_o_l0` | H | all three or none, LSTM only |

mod chain;
mod contents;
mod format;
mod json;
mod keras;
mod model;
mod module;
mod names;
mod npz;
mod onnx;
mod other_names;
mod part;
mod pytorch;

use std::path::Path;

pub use self::contents::Functions;
pub use self::model::{ModelFile, ModuleSummary};
use crate::io::tensor::Buffers;
use crate::io::{InputError, Named, read, safetensors};

/// A tensor of any name: its shape and its elements, row by row.
pub type AnyTensor = (String, Vec<usize>, Vec<f64>);

/// Every tensor of a `.safetensors` file, whatever it is called.
///
/// # Errors
/// The file cannot be read, is no `.safetensors` file, or holds numbers that are not finite.
pub fn load_tensors(path: &Path) -> Result<Named<Vec<AnyTensor>>, InputError> {
    read::named(path, |bytes| {
        let tensors = safetensors::parse(&bytes)?;
        let buffers = Buffers(vec![bytes]);
        let all = tensors.into_iter().map(|tensor| {
            let values = tensor.values(&buffers)?;
            Ok((tensor.name, tensor.shape, values))
        });
        all.collect()
    })
}
