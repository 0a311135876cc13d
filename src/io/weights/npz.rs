//! Weights as arrays of `NumPy` in a `.npz` archive, by their names.

use super::contents::Contents;
use crate::io::InputError;
use crate::io::npy;
use crate::io::npz::{array_name, entries};
use crate::io::tensor::{Buffers, Dtype, Tensor, View};
use crate::words::quote;

/// What may be unpacked of an archive beside four times its size.
const UNPACKED: usize = 64 << 20;

/// Reads an archive, the first of the buffers.
pub(super) fn read(buffers: &mut Buffers, file: &str) -> Result<Contents, InputError> {
    let archive = buffers.take_first();
    let mut left = archive.len().saturating_mul(4).max(UNPACKED);
    let mut tensors = Vec::new();
    for entry in entries(&archive, file)? {
        let name = array_name(&entry).to_owned();
        let place = || format!("array {}", quote(&name));
        let wrong = |(expected, found)| InputError::unexpected(file, place(), expected, found);
        let bytes = entry.unpack(&archive).map_err(wrong)?.into_owned();
        left = left.checked_sub(bytes.len()).ok_or_else(|| {
            let expected = "arrays of at most four times the file's size".to_owned();
            wrong((expected, "more when they are unpacked".to_owned()))
        })?;
        let Some(layout) = npy::layout(&bytes, file)? else {
            continue;
        };
        let mut shape = layout.shape;
        if layout.fortran {
            shape.reverse();
        }
        let view = View {
            big_endian: layout.big_endian,
            ..View::rows(buffers.add(bytes), layout.offset, shape)
        };
        let view = if layout.fortran {
            view.transposed()
        } else {
            view
        };
        tensors.push(Tensor::new(name, Dtype::Known(layout.element), view));
    }
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(pair) = tensors.windows(2).find(|pair| pair[0].name == pair[1].name) {
        let why = "the archive has this array twice";
        let place = format!("array {}", quote(&pair[0].name));
        return Err(InputError::refused(file, place, why));
    }
    Ok(Contents {
        tensors,
        ..Contents::default()
    })
}
