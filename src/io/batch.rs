//! Several sequences of inputs for a model: batches of arrays, tables, text, tokens of an embedding.
//!
//! | file | becomes |
//! |---|---|
//! | `.npy`, `.npz` with T × D, or T numbers as T × 1 | one sequence |
//! | `.npy`, `.npz` with N × T × D | N sequences |
//! | `.csv`, `.tsv`, with or without header | one sequence |
//! | anything else, as text | one sequence of its bytes |
//!
//! Arrays and archives are known by their first bytes, whatever the file is called, on standard
//! input too.
//!
//! With an embedding (V × D) a file holds tokens instead, whole numbers from 0 to V − 1: T of them,
//! or N × T; and the bytes of a text are tokens.

use std::path::Path;

use ndarray::{Array1, Array2, ArrayD, ArrayView2, Ix2, Ix3};

use crate::io::arrays::{Format, by_rows, column, no_tensors, text};
use crate::io::decode::shape_name;
use crate::io::error::Mistake;
use crate::io::{InputError, Named, encode_text, npy, npz, read, table};

/// What the inputs of a file must fit.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Inputs D of the model.
    pub inputs: usize,
    /// The array of a `.npz` archive.
    pub array: Option<&'a str>,
    /// The embedding whose rows are the inputs, V × D.
    pub embedding: Option<&'a Array2<f64>>,
    /// Of text and tokens no more than the first of this many steps are laid out.
    pub steps: Option<usize>,
}

/// So many numbers of input are laid out at most (512 MiB).
pub const MAX_LAID_OUT: usize = 1 << 26;

/// Reads the sequences of a file, T × D each, all equally long.
///
/// # Errors
/// The file cannot be read, holds nothing, a number that is not finite, another number of columns
/// than D, a token that is not in the embedding, or more than three dimensions.
pub fn load_batch(path: &Path, wanted: &Wanted) -> Result<Named<Vec<Array2<f64>>>, InputError> {
    read::named(path, |bytes| {
        let format = Format::of(path, &bytes);
        if wanted.array.is_some() && format != Format::Archive {
            let why = "--array takes an array out of a .npz archive, and this is none";
            return Err(Mistake::refused("", why));
        }
        let array = match format {
            Format::Archive => npy::parse(&npz::array(&bytes, wanted.array)?)?,
            Format::Npy => npy::parse(&bytes)?,
            Format::Table => table::parse(&bytes)?.into_dyn(),
            Format::Tensors => return Err(no_tensors("an array, a table or a text")),
            Format::Other => return of_text(text(bytes)?, wanted),
        };
        match wanted.embedding {
            Some(embedding) => tokens(array, embedding, wanted),
            None => numbers(array, wanted.inputs),
        }
    })
}

/// Reads an array of any number of dimensions from a `.npy` file, row by row.
///
/// # Errors
/// The file cannot be read, is no `.npy` file, or holds a number that is not finite.
pub fn load_array(path: &Path) -> Result<Named<ArrayD<f64>>, InputError> {
    read::named(path, |bytes| npy::parse(&bytes).map(by_rows))
}

/// Reads the bytes of a text of any length.
///
/// # Errors
/// The file cannot be read.
pub fn load_text(path: &Path) -> Result<Named<Vec<u8>>, InputError> {
    read::named(path, Ok)
}

/// Sequences of inputs.
fn numbers(array: ArrayD<f64>, inputs: usize) -> Result<Vec<Array2<f64>>, Mistake> {
    let expected = format!("T x {inputs} or N x T x {inputs}, as the model has {inputs} inputs");
    let found = shape_name(array.shape());
    let array = column(array);
    if array.is_empty() && array.shape().last() == Some(&inputs) {
        return Err(Mistake::new("shape", "at least one step", found));
    }
    let wrong = Mistake::new("shape", expected, found);
    if array.is_empty() || array.shape().last() != Some(&inputs) {
        return Err(wrong);
    }
    match array.ndim() {
        2 => array
            .into_dimensionality::<Ix2>()
            .map(|rows| vec![by_rows(rows)]),
        _ => array.into_dimensionality::<Ix3>().map(|batch| {
            let own = |rows: ArrayView2<f64>| rows.as_standard_layout().into_owned();
            batch.outer_iter().map(own).collect()
        }),
    }
    .map_err(|_| wrong)
}

/// Sequences of tokens: T, T × 1, or N × T.
fn tokens(
    array: ArrayD<f64>,
    embedding: &Array2<f64>,
    wanted: &Wanted,
) -> Result<Vec<Array2<f64>>, Mistake> {
    let shape = array.shape().to_vec();
    let wrong = || {
        let expected = "T or N x T tokens";
        Mistake::new("shape", expected, shape_name(&shape))
    };
    if array.is_empty() || array.ndim() > 2 || array.ndim() == 0 {
        return Err(wrong());
    }
    let one = array.ndim() == 1 || shape[1] == 1;
    let (count, steps) = if one {
        (1, array.len())
    } else {
        (shape[0], shape[1])
    };
    let laid = laid_out(steps, wanted, count)?;
    let mut sequences = vec![Array2::zeros((laid, embedding.ncols())); count];
    // Elements come row by row, whatever their order in the file.
    for (index, &token) in array.iter().enumerate() {
        let (sequence, step) = (index / steps, index % steps);
        if step >= laid {
            continue;
        }
        let row = token_row(token, embedding).ok_or_else(|| {
            let last = embedding.nrows() - 1;
            let expected = format!("a whole number from 0 to {last}, a row of the embedding");
            let place = format!("token {} of sequence {}", step + 1, sequence + 1);
            Mistake::new(place, expected, token)
        })?;
        let mut inputs = sequences[sequence].row_mut(step);
        inputs.assign(&embedding.row(row));
    }
    Ok(sequences)
}

/// How many steps of so many are laid out for each of `count` sequences.
fn laid_out(steps: usize, wanted: &Wanted, count: usize) -> Result<usize, Mistake> {
    let laid = wanted.steps.map_or(steps, |asked| steps.min(asked));
    let most = MAX_LAID_OUT / count.saturating_mul(wanted.inputs).max(1);
    if laid <= most {
        return Ok(laid);
    }
    let inputs = wanted.inputs;
    let expected = format!("at most {most} steps of {inputs} inputs (--steps takes the first)");
    Err(Mistake::new("", expected, laid))
}

fn token_row(token: f64, embedding: &Array2<f64>) -> Option<usize> {
    let whole = token.fract() == 0.0 && (0.0..embedding.nrows() as f64).contains(&token);
    whole.then_some(token as usize)
}

/// The bytes of a text, as tokens where there is an embedding.
fn of_text(bytes: Vec<u8>, wanted: &Wanted) -> Result<Vec<Array2<f64>>, Mistake> {
    match wanted.embedding {
        None => {
            let steps = laid_out(bytes.len(), wanted, 1)?;
            Ok(vec![encode_text(&bytes[..steps], wanted.inputs)])
        }
        Some(embedding) => {
            let ids = bytes.into_iter().map(f64::from).collect::<Vec<_>>();
            tokens(Array1::from(ids).into_dyn(), embedding, wanted)
        }
    }
}
