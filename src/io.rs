//! Files in and out: weights, arrays and text.
//!
//! Nothing that comes from a file is trusted: sizes that a header promises are compared with the
//! bytes that are there before anything is allocated, and every mistake ends in one sentence
//! ([`InputError`]) that names the file, the place, what was expected and what was found.
//!
//! | file | module | becomes |
//! |---|---|---|
//! | weights of PyTorch, Keras, ONNX, safetensors, `.npz`, JSON | [`weights`] | [`Parameters`](crate::cell::Parameters) |
//! | `.npy`, `.npz`, `.csv`, `.tsv` | [`arrays`] | a sequence, a matrix or a vector |
//! | `.npy`, `.npz`, tables, text for a whole model | [`batch`] | several sequences |
//! | anything else | [`arrays`], [`text`] | bytes, and bytes as inputs |

pub mod arrays;
pub mod batch;
mod content;
mod decode;
pub mod error;
mod hdf5;
mod npy;
mod npz;
pub mod output;
mod pickle;
mod protobuf;
mod read;
mod safetensors;
mod table;
mod tensor;
pub mod text;
pub mod weights;
mod zip;

pub use arrays::{Sequence, load_matrix, load_sequence, load_vector};
pub use batch::{Wanted, load_array, load_batch, load_text};
pub use decode::shape_name;
pub use error::{InputError, OutputError, reason};
pub use output::{print, write_new};
pub use read::digest;
pub use text::encode_text;
pub use weights::{Functions, ModelFile};

/// A value read from a file, with the file's name for messages (sanitised).
#[derive(Clone, Debug, PartialEq)]
pub struct Named<T> {
    /// Where it came from.
    pub source: String,
    /// What was read.
    pub value: T,
}

/// The largest H and the largest D that are read.
pub const MAX_SIZE: usize = 512;

/// The largest H of a model that is inspected.
pub const MAX_LAYER_SIZE: usize = 2048;

/// The largest D of the first layer of a model that is inspected.
pub const MAX_INPUTS: usize = 65_536;
