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
use crate::io::error::Mistake;
use crate::io::pickle::Pickle;
use crate::io::tensor::Buffers;
use crate::io::zip::Entry;

/// How the name of the pickle ends.
const PICKLE: &str = "data.pkl";
/// The number that an older file begins with.
const MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
/// What a pickle may take in memory beside ten times the file's size.
const MEMORY: usize = 1 << 20;

/// What a pickle in a file may take in memory.
fn memory(file: &[u8]) -> usize {
    file.len().saturating_mul(10).saturating_add(MEMORY)
}

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
pub(super) fn archive(buffers: &mut Buffers, entries: &[Entry]) -> Result<Contents, Mistake> {
    let Some(entry) = entries.iter().find(|entry| is_pickle(&entry.name)) else {
        return Err(Mistake::new("", PICKLE, "none"));
    };
    let folder = entry.name.strip_suffix(PICKLE).unwrap_or_default();
    let named = |name: &str| {
        let name = format!("{folder}{name}");
        entries.iter().find(move |entry| entry.name == name)
    };
    if named("constants.pkl").is_some() {
        let why = "a TorchScript archive, whose weights lie in code; in Python: import torch; \
                   torch.save(torch.jit.load(FILE).state_dict(), \"model.pt\")";
        return Err(Mistake::refused("", why));
    }
    let all = buffers.get(0);
    let pickle = entry.unpack(all)?.into_owned();
    let read = Pickle::read(&pickle, memory(all)).map_err(|e| e.at(&entry.name))?;
    let byteorder = named("byteorder").map(|entry| entry.unpack(all));
    let big_endian = byteorder
        .transpose()?
        .is_some_and(|order| *order == *b"big");
    let storages = Storages::of_archive(buffers, entries, &format!("{folder}data/"), big_endian)?;
    Ok(Tree::new(&read, &storages).contents())
}

/// Reads an older file, the first of the buffers.
pub(super) fn legacy(buffers: &Buffers) -> Result<Contents, Mistake> {
    let all = buffers.get(0);
    let mut rest = all;
    let mut next = |place: &str| {
        let read = Pickle::read(rest, memory(all)).map_err(|mistake| mistake.at(place))?;
        rest = rest.get(read.length..).unwrap_or_default();
        Ok(read)
    };
    for place in ["magic number", "version", "system"] {
        next(place)?;
    }
    let saved = next("data")?;
    let keys = next("storages")?;
    let storages = Storages::after_pickles(&saved, &keys, all.len() - rest.len(), all)?;
    Ok(Tree::new(&saved, &storages).contents())
}
