//! What `torch.save` writes: zip archives since `PyTorch` 1.6, and one pickle after another before.
//!
//! | record | |
//! |---|---|
//! | `NAME/data.pkl` | the pickle of what was saved: a state dict, a checkpoint around it, a whole module |
//! | `NAME/data/0`, … | the numbers of each storage |
//! | `NAME/byteorder` | `little` or `big` |
//!
//! The older file has pickles of a magic number, a version, the system, what was saved, and the keys
//! of the storages; then each storage, its length (8 bytes) before it.
//!
//! Nothing in the pickle is run ([`Pickle`]). A tensor is a call of `torch._utils._rebuild_tensor_v2`
//! with storage, offset, size and strides, and a module is an object whose state has `_parameters`
//! and `_modules`.

mod storages;
mod tree;

use self::storages::Storages;
use self::tree::Tree;
use super::contents::Contents;
use crate::io::InputError;
use crate::io::pickle::Pickle;
use crate::io::tensor::Buffers;
use crate::io::zip::{self, Entry};

/// How the name of the pickle ends.
const PICKLE: &str = "data.pkl";
/// The number that an older file begins with.
const MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
/// What a pickle may take in memory beside ten times the file's size.
const MEMORY: usize = 1 << 20;

/// Whether a zip archive is one of `torch.save`.
pub(super) fn is_archive(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| is_pickle(&entry.name))
}

/// `data.pkl`, in a folder or not.
fn is_pickle(name: &str) -> bool {
    let rest = name.strip_suffix(PICKLE);
    rest.is_some_and(|folder| folder.is_empty() || folder.ends_with('/'))
}

/// Whether a pickle is the beginning of an older file.
pub(super) fn is_legacy(bytes: &[u8]) -> bool {
    // PROTO 2, LONG1 of ten bytes.
    matches!(bytes, [0x80, 2, 0x8a, 10, rest @ ..] if rest.starts_with(&MAGIC))
}

/// Reads an archive, the first of the buffers.
pub(super) fn archive(
    buffers: &mut Buffers,
    entries: &[Entry],
    file: &str,
) -> Result<Contents, InputError> {
    let unexpected = |name: &str, (expected, found): zip::Mismatch| {
        InputError::unexpected(file, name.to_owned(), expected, found)
    };
    let Some(entry) = entries.iter().find(|entry| is_pickle(&entry.name)) else {
        return Err(InputError::unexpected(file, "", PICKLE, "none"));
    };
    let folder = entry.name.strip_suffix(PICKLE).unwrap_or_default();
    if entries
        .iter()
        .any(|entry| entry.name == format!("{folder}constants.pkl"))
    {
        let why = "a TorchScript archive, whose weights lie in code; in Python: import torch; \
                   torch.save(torch.jit.load(FILE).state_dict(), \"model.pt\")";
        return Err(InputError::refused(file, "", why));
    }
    let all = buffers.0.first().map_or(&[][..], Vec::as_slice);
    let pickle = entry.unpack(all).map_err(|e| unexpected(&entry.name, e))?;
    let pickle = pickle.into_owned();
    let memory = all.len().saturating_mul(10).saturating_add(MEMORY);
    let read = Pickle::read(&pickle, memory);
    let read = read.map_err(|found| unexpected(&entry.name, ("a pickle".to_owned(), found)))?;
    let byteorder = format!("{folder}byteorder");
    let big_endian = match entries.iter().find(|entry| entry.name == byteorder) {
        Some(entry) => *entry.unpack(all).map_err(|e| unexpected(&entry.name, e))? == *b"big",
        None => false,
    };
    let storages = Storages::of_archive(
        buffers,
        entries,
        &format!("{folder}data/"),
        big_endian,
        file,
    )?;
    Ok(Tree::new(&read, &storages).contents())
}

/// Reads an older file, the first of the buffers.
pub(super) fn legacy(buffers: &Buffers, file: &str) -> Result<Contents, InputError> {
    let all = buffers.0.first().map_or(&[][..], Vec::as_slice);
    let mut rest = all;
    let memory = all.len().saturating_mul(10).saturating_add(MEMORY);
    let mut next = |place: &str| {
        let read = Pickle::read(rest, memory)
            .map_err(|found| InputError::unexpected(file, place.to_owned(), "a pickle", found))?;
        rest = rest.get(read.length..).unwrap_or_default();
        Ok(read)
    };
    for place in ["magic number", "version", "system"] {
        next(place)?;
    }
    let saved = next("data")?;
    let keys = next("storages")?;
    let storages = Storages::after_pickles(&saved, &keys, all.len() - rest.len(), all, file)?;
    Ok(Tree::new(&saved, &storages).contents())
}
