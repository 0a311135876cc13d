//! Weights as arrays of `NumPy` in a `.npz` archive, by their names.

use super::contents::Contents;
use crate::io::error::Mistake;
use crate::io::npy;
use crate::io::npz::{array_name, entries, place, unpack};
use crate::io::tensor::{Buffers, Dtype, Tensor, sort_by_name};

/// What may be unpacked of an archive beside four times its size.
const UNPACKED: usize = 64 << 20;

/// Reads an archive, the first of the buffers.
pub(super) fn read(buffers: &mut Buffers) -> Result<Contents, Mistake> {
    let archive = buffers.take_first();
    let mut left = archive.len().saturating_mul(4).max(UNPACKED);
    let mut tensors = Vec::new();
    for entry in entries(&archive)? {
        let name = array_name(&entry).to_owned();
        let bytes = unpack(&entry, &archive)?.into_owned();
        left = left.checked_sub(bytes.len()).ok_or_else(|| {
            let expected = "arrays of at most four times the file's size";
            Mistake::new(place(&name), expected, "more when they are unpacked")
        })?;
        let next = buffers.0.len();
        if let Some((element, view)) = npy::view(&bytes, next)? {
            buffers.add(bytes);
            tensors.push(Tensor::new(name, Dtype::Known(element), view));
        }
    }
    if let Some(name) = sort_by_name(&mut tensors) {
        let why = "the archive has this array twice";
        return Err(Mistake::refused(place(name), why));
    }
    Ok(Contents::of(tensors))
}
