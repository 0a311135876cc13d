//! Trained weights from `.safetensors` files with `PyTorch`'s names.
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

mod model;
mod module;
mod names;
mod part;

use std::path::Path;

pub use self::model::{ModelFile, ModuleSummary};
use crate::cell::{CellKind, LayerId, Parameters};
use crate::io::Named;
use crate::io::{InputError, read};

/// Extensions of files that `torch.save` writes.
const PICKLES: [&str; 5] = ["pt", "pth", "bin", "pkl", "ckpt"];

/// What is said of pickles.
const PICKLE_REFUSED: &str = "a PyTorch pickle can run any code when it is read and is not taken; \
    convert it in Python: from safetensors.torch import save_file; \
    save_file(module.state_dict(), \"model.safetensors\")";

/// Reads the weights of layer 0 of the one recurrent module in a `.safetensors` file.
///
/// # Errors
/// The file cannot be read, is no `.safetensors` file, is a pickle, or does not hold exactly one
/// RNN, LSTM or GRU, without projections, with finite weights and 1 ≤ H, D ≤ 512; or it holds another
/// cell than `cell` asks for.
pub fn load_parameters(
    path: &Path,
    cell: Option<CellKind>,
) -> Result<Named<Parameters>, InputError> {
    let file = ModelFile::open(path)?;
    let value = file.layer(None, LayerId::default(), cell)?;
    let source = file.source().to_owned();
    Ok(Named { source, value })
}

/// The bytes of a file that is no pickle by its name.
fn load_bytes(path: &Path) -> Result<Named<Vec<u8>>, InputError> {
    let source = read::source(path);
    let value = read::bytes(path)?;
    if PICKLES.contains(&read::extension(path).as_str()) {
        return Err(InputError::refused(&source, "", PICKLE_REFUSED));
    }
    Ok(Named { source, value })
}

/// As [`load_parameters`], from the bytes of a file that is called `source` in messages.
///
/// # Errors
/// As [`load_parameters`].
pub fn parse_parameters(
    bytes: &[u8],
    source: &str,
    cell: Option<CellKind>,
) -> Result<Parameters, InputError> {
    ModelFile::new(bytes.to_vec(), source)?.layer(None, LayerId::default(), cell)
}
