//! Sequences, matrices and vectors from `.npy` files, tables and standard input.

use std::path::Path;

use ndarray::{Array, Array1, Array2, ArrayD, Axis, Dimension, Ix2};

use crate::io::content::Content;
use crate::io::decode::shape_name;
use crate::io::error::Mistake;
use crate::io::{InputError, MAX_LAYER_SIZE, MAX_SIZE, Named, npy, npz, read, table};

/// The longest text that is read: every byte becomes a step with D numbers.
const MAX_TEXT: usize = 1 << 20;

/// Columns of targets and numbers of a loss vector at most: the outputs of the largest layer in both
/// directions. What one cell needs is checked against its size.
const MAX_OUTPUTS: usize = 2 * MAX_LAYER_SIZE;

/// An input sequence.
#[derive(Clone, Debug, PartialEq)]
pub enum Sequence {
    /// T × D numbers.
    Numbers(Array2<f64>),
    /// T bytes, still to be encoded as inputs ([`encode_text`](crate::io::encode_text)).
    Text(Vec<u8>),
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Npy,
    Table,
    Archive,
    /// Weights, of which no sequence can be made.
    Tensors,
    Other,
}

impl Format {
    /// By what the bytes say, and where they say nothing, by the name. Standard input has none: it is a
    /// table when most rows are made of numbers.
    pub(super) fn of(path: &Path, bytes: &[u8]) -> Self {
        match Content::of(bytes) {
            Content::Npy => Self::Npy,
            Content::Arrays | Content::Zip => Self::Archive,
            Content::Tensors => Self::Tensors,
            Content::Hdf5 | Content::Pickle | Content::Other => {
                match read::extension(path).as_str() {
                    "npy" => Self::Npy,
                    "csv" | "tsv" => Self::Table,
                    "npz" => Self::Archive,
                    _ if read::is_stdin(path) && table::looks_numeric(bytes) => Self::Table,
                    _ => Self::Other,
                }
            }
        }
    }
}

/// What is said of weights in place of `expected`.
pub(super) fn no_tensors(expected: &str) -> Mistake {
    Mistake::new("", expected, "the weights of a .safetensors file")
}

/// Reads an input sequence: `.npy` (T × D, or T numbers as T × 1), `.npz` with one such array, `.csv`
/// and `.tsv` (with or without header), any other file as text. Arrays are known by their first
/// bytes, whatever the file is called. For the path `-`, standard input is read: as a table when
/// most rows are made of numbers, else as text.
///
/// # Errors
/// The file cannot be read or is larger than 1 GiB (text: 1 MiB), holds nothing, a number that is
/// not finite, rows of different lengths, or not 1 ≤ D ≤ 512.
pub fn load_sequence(path: &Path) -> Result<Named<Sequence>, InputError> {
    read::named(path, |bytes| sequence(bytes, path))
}

/// As [`load_sequence`] reads standard input: what the bytes are is told from the bytes.
///
/// # Errors
/// As [`load_sequence`].
pub fn parse_sequence(bytes: Vec<u8>, source: &str) -> Result<Sequence, InputError> {
    sequence(bytes, Path::new("-")).map_err(|mistake| mistake.of(source))
}

fn sequence(bytes: Vec<u8>, path: &Path) -> Result<Sequence, Mistake> {
    Ok(match Format::of(path, &bytes) {
        Format::Other => Sequence::Text(text(bytes)?),
        format => Sequence::Numbers(numbers(&bytes, format, MAX_SIZE)?),
    })
}

/// Reads a matrix T × H from `.npy`, `.npz`, `.csv` or `.tsv`; T numbers become T × 1.
///
/// # Errors
/// As [`load_sequence`]; text is not taken.
pub fn load_matrix(path: &Path) -> Result<Named<Array2<f64>>, InputError> {
    read::named(path, |bytes| {
        numbers(&bytes, numeric_format(path, &bytes), MAX_OUTPUTS)
    })
}

/// Reads a vector of H numbers from `.npy`, `.npz`, `.csv` or `.tsv`; one row or one column will do.
///
/// # Errors
/// As [`load_sequence`]; text is not taken. The array is no vector, or not 1 ≤ H ≤ 512.
pub fn load_vector(path: &Path) -> Result<Named<Array1<f64>>, InputError> {
    read::named(path, |bytes| {
        let matrix = matrix(&bytes, numeric_format(path, &bytes))?;
        if matrix.nrows() != 1 && matrix.ncols() != 1 {
            let expected = "a vector (H, 1 x H or H x 1)";
            return Err(Mistake::new("shape", expected, shape_name(matrix.shape())));
        }
        if matrix.len() > MAX_OUTPUTS {
            let expected = format!("1 to {MAX_OUTPUTS} numbers");
            return Err(Mistake::new("shape", expected, matrix.len()));
        }
        Ok(matrix.into_iter().collect())
    })
}

/// The format where only numbers will do, so that standard input is never text.
fn numeric_format(path: &Path, bytes: &[u8]) -> Format {
    match Format::of(path, bytes) {
        Format::Other if read::is_stdin(path) => Format::Table,
        format => format,
    }
}

/// A matrix of so many columns at most.
fn numbers(bytes: &[u8], format: Format, most: usize) -> Result<Array2<f64>, Mistake> {
    let matrix = matrix(bytes, format)?;
    if matrix.ncols() > most {
        let expected = format!("1 to {most} columns");
        return Err(Mistake::new("shape", expected, matrix.ncols()));
    }
    Ok(matrix)
}

/// A matrix with at least one element, row by row.
fn matrix(bytes: &[u8], format: Format) -> Result<Array2<f64>, Mistake> {
    let array = match format {
        Format::Npy => npy::parse(bytes)?,
        Format::Table => return table::parse(bytes),
        Format::Archive => npy::parse(&npz::array(bytes, None)?)?,
        Format::Tensors => return Err(no_tensors("an array or a table")),
        Format::Other => {
            let why = "expected a .npy, .npz, .csv or .tsv file, found another extension";
            return Err(Mistake::refused("", why));
        }
    };
    let expected = "one or two dimensions with at least one element";
    let wrong = Mistake::new("shape", expected, shape_name(array.shape()));
    match column(array).into_dimensionality::<Ix2>() {
        Ok(matrix) if !matrix.is_empty() => Ok(by_rows(matrix)),
        _ => Err(wrong),
    }
}

/// A vector as a matrix of one column, and anything else as it is.
pub(super) fn column(array: ArrayD<f64>) -> ArrayD<f64> {
    match array.ndim() {
        1 => array.insert_axis(Axis(1)),
        _ => array,
    }
}

/// An array row by row, whatever its order in the file. What is so already is not copied.
pub(super) fn by_rows<D: Dimension>(array: Array<f64, D>) -> Array<f64, D> {
    if array.is_standard_layout() {
        array
    } else {
        array.as_standard_layout().into_owned()
    }
}

/// The bytes of a text that is neither empty nor too long.
pub(super) fn text(bytes: Vec<u8>) -> Result<Vec<u8>, Mistake> {
    match bytes.len() {
        0 => Err(Mistake::new("", "text or numbers", "nothing")),
        n if n > MAX_TEXT => {
            let expected = format!("at most {MAX_TEXT} bytes of text, one for each step");
            Err(Mistake::new("", expected, n))
        }
        _ => Ok(bytes),
    }
}
