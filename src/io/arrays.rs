//! Sequences, matrices and vectors from `.npy` files, tables and standard input.

use std::path::Path;

use ndarray::{Array1, Array2, ShapeBuilder};

use crate::io::Named;
use crate::io::content::Content;
use crate::io::decode::shape_name;
use crate::io::npy::{self, Npy};
use crate::io::{InputError, MAX_LAYER_SIZE, MAX_SIZE, npz, read, table};

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
    /// By what the bytes say, and where they say nothing, by the name.
    pub(super) fn of(path: &Path, bytes: &[u8]) -> Self {
        match (Self::by_content(bytes), read::extension(path).as_str()) {
            (Self::Other, "npy") => Self::Npy,
            (Self::Other, "csv" | "tsv") => Self::Table,
            (Self::Other, "npz") => Self::Archive,
            (format, _) => format,
        }
    }

    fn by_content(bytes: &[u8]) -> Self {
        match Content::of(bytes) {
            Content::Npy => Self::Npy,
            Content::Arrays | Content::Zip => Self::Archive,
            Content::Tensors => Self::Tensors,
            Content::Hdf5 | Content::Pickle | Content::Other => Self::Other,
        }
    }
}

/// What is said of weights in place of `expected`.
pub(super) fn no_tensors(expected: &str, source: &str) -> InputError {
    InputError::unexpected(source, "", expected, "the weights of a .safetensors file")
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
    let source = read::source(path);
    let bytes = read::bytes(path)?;
    let value = match Format::of(path, &bytes) {
        Format::Other if !read::is_stdin(path) => Sequence::Text(text(bytes, &source)?),
        Format::Other => parse_sequence(bytes, &source)?,
        format => Sequence::Numbers(numbers(&bytes, format, MAX_SIZE, &source)?),
    };
    Ok(Named { source, value })
}

/// As [`load_sequence`] reads standard input: what the bytes are is told from the bytes.
///
/// # Errors
/// As [`load_sequence`].
pub fn parse_sequence(bytes: Vec<u8>, source: &str) -> Result<Sequence, InputError> {
    let format = match Format::by_content(&bytes) {
        Format::Other if table::looks_numeric(&bytes) => Format::Table,
        Format::Other => return Ok(Sequence::Text(text(bytes, source)?)),
        format => format,
    };
    Ok(Sequence::Numbers(numbers(
        &bytes, format, MAX_SIZE, source,
    )?))
}

/// Reads a matrix T × H from `.npy`, `.npz`, `.csv` or `.tsv`; T numbers become T × 1.
///
/// # Errors
/// As [`load_sequence`]; text is not taken.
pub fn load_matrix(path: &Path) -> Result<Named<Array2<f64>>, InputError> {
    let source = read::source(path);
    let bytes = read::bytes(path)?;
    let value = numbers(&bytes, numeric_format(path, &bytes), MAX_OUTPUTS, &source)?;
    Ok(Named { source, value })
}

/// Reads a vector of H numbers from `.npy`, `.npz`, `.csv` or `.tsv`; one row or one column will do.
///
/// # Errors
/// As [`load_sequence`]; text is not taken. The array is no vector, or not 1 ≤ H ≤ 512.
pub fn load_vector(path: &Path) -> Result<Named<Array1<f64>>, InputError> {
    let source = read::source(path);
    let bytes = read::bytes(path)?;
    let matrix = matrix(&bytes, numeric_format(path, &bytes), &source)?;
    let (rows, columns) = matrix.dim();
    if rows != 1 && columns != 1 {
        let found = shape_name(&[rows, columns]);
        return Err(InputError::unexpected(
            &source,
            "shape",
            "a vector (H, 1 x H or H x 1)",
            found,
        ));
    }
    if matrix.len() > MAX_OUTPUTS {
        let expected = format!("1 to {MAX_OUTPUTS} numbers");
        let found = matrix.len().to_string();
        return Err(InputError::unexpected(&source, "shape", expected, found));
    }
    Ok(Named {
        source,
        value: matrix.into_iter().collect(),
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
fn numbers(
    bytes: &[u8],
    format: Format,
    most: usize,
    source: &str,
) -> Result<Array2<f64>, InputError> {
    let matrix = matrix(bytes, format, source)?;
    if matrix.ncols() > most {
        let (expected, found) = (format!("1 to {most} columns"), matrix.ncols().to_string());
        return Err(InputError::unexpected(source, "shape", expected, found));
    }
    Ok(matrix)
}

/// A matrix with at least one element.
fn matrix(bytes: &[u8], format: Format, source: &str) -> Result<Array2<f64>, InputError> {
    match format {
        Format::Npy => from_npy(npy::parse(bytes, source)?, source),
        Format::Table => table::parse(bytes, source),
        Format::Archive => {
            let array = npz::array(bytes, None, source)?;
            from_npy(npy::parse(&array, source)?, source)
        }
        Format::Tensors => Err(no_tensors("an array or a table", source)),
        Format::Other => {
            let why = "expected a .npy, .npz, .csv or .tsv file, found another extension";
            Err(InputError::refused(source, "", why))
        }
    }
}

fn from_npy(array: Npy, source: &str) -> Result<Array2<f64>, InputError> {
    let expected = "one or two dimensions with at least one element";
    let found = shape_name(&array.shape);
    let (rows, columns) = match array.shape[..] {
        [length] => (length, 1),
        [rows, columns] => (rows, columns),
        _ => return Err(InputError::unexpected(source, "shape", expected, found)),
    };
    if array.values.is_empty() {
        return Err(InputError::unexpected(source, "shape", expected, found));
    }
    let order = (rows, columns).set_f(array.fortran);
    let matrix = Array2::from_shape_vec(order, array.values)
        .map_err(|_| InputError::unexpected(source, "shape", expected, found))?;
    // Row-major from here on, whatever the file's order.
    Ok(if matrix.is_standard_layout() {
        matrix
    } else {
        matrix.as_standard_layout().into_owned()
    })
}

/// The bytes of a text that is neither empty nor too long.
pub(super) fn text(bytes: Vec<u8>, source: &str) -> Result<Vec<u8>, InputError> {
    match bytes.len() {
        0 => Err(InputError::unexpected(
            source,
            "",
            "text or numbers",
            "nothing",
        )),
        n if n > MAX_TEXT => {
            let expected = format!("at most {MAX_TEXT} bytes of text, one for each step");
            Err(InputError::unexpected(source, "", expected, n.to_string()))
        }
        _ => Ok(bytes),
    }
}
