//! The container of `.safetensors`: eight bytes with the length of the header, the header in JSON
//! (a name with type, shape and place for each tensor), then the tensors' bytes without a gap.
//!
//! The header is checked here rather than by the `safetensors` crate, because its errors name no
//! tensor, and because it adds up sizes without a check: a header of 700 bytes with eight enormous
//! tensors makes it panic.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::io::content::describe;
use crate::io::decode::{Element, Names, byte_count, shape_name};
use crate::io::error::Mistake;
use crate::io::tensor::{Dtype, Tensor, View, field};
use crate::words::sanitise::quote;

/// Bytes before the header.
const PREFIX: usize = 8;

/// Far above any header that describes a model, and low enough to be held as a tree in memory.
const MAX_HEADER: usize = 16 << 20;

/// Whether the bytes begin as such a file does: a length that a header may have, and a brace.
pub(super) fn begins(bytes: &[u8]) -> bool {
    let split = bytes.split_first_chunk::<PREFIX>();
    split.is_some_and(|(prefix, rest)| {
        header_length(*prefix) <= MAX_HEADER && rest.first() == Some(&b'{')
    })
}

fn header_length(prefix: [u8; PREFIX]) -> usize {
    usize::try_from(u64::from_le_bytes(prefix)).unwrap_or(usize::MAX)
}

/// One tensor as the header describes it.
#[derive(serde::Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

/// The entries of a header as they stand in it: a map would keep one of two of the same name.
struct Header<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Header<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Header<'de>;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Header(entries))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// All tensors of a file, in order of their names; `bytes` is its first buffer.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Tensor>, Mistake> {
    let (Header(mut header), data) = split(bytes)?;
    header.sort_by(|(a, _), (b, _)| a.cmp(b));
    if let Some([(name, _), ..]) = header.windows(2).find(|pair| pair[0].0 == pair[1].0) {
        let why = "the header has this tensor twice";
        return Err(Mistake::refused(field(name), why));
    }
    let mut entries = Vec::new();
    for (name, value) in header {
        if name == "__metadata__" {
            continue;
        }
        let entry: Entry = serde_json::from_str(value.get()).map_err(|e| {
            let expected = "an entry with dtype, shape and data_offsets";
            Mistake::new(field(&name), expected, in_words(&e))
        })?;
        entries.push((name, entry));
    }
    check_places(&entries, data.len())?;
    let start = bytes.len() - data.len();
    let tensor = |(name, entry): (String, Entry)| {
        let dtype = Element::named(Names::Safetensors, &entry.dtype);
        let dtype = dtype.map_or(Dtype::Other(entry.dtype), Dtype::Known);
        let view = View::rows(0, start + entry.data_offsets.0, entry.shape);
        Tensor::new(name, dtype, view)
    };
    Ok(entries.into_iter().map(tensor).collect())
}

/// An error in an entry, without the place in it, which counts from the entry's own begin.
fn in_words(error: &serde_json::Error) -> String {
    let words = error.to_string();
    match words.rsplit_once(" at line ") {
        Some((words, _)) => words.to_owned(),
        None => words,
    }
}

/// The parsed header and the bytes after it.
fn split(bytes: &[u8]) -> Result<(Header<'_>, &[u8]), Mistake> {
    let header_error = |expected: &str, found: String| Err(Mistake::new("header", expected, found));
    // Any other file comes here too: its first bytes, read as a length, are beyond all measure.
    let Some((prefix, rest)) = bytes
        .split_first_chunk::<PREFIX>()
        .filter(|(_, rest)| rest.first() == Some(&b'{'))
    else {
        let (expected, found) = ("a .safetensors file", describe(bytes));
        return Err(Mistake::new("", expected, found));
    };
    let length = header_length(*prefix);
    if length > MAX_HEADER {
        return header_error("at most 16 MiB", format!("a length of {length} bytes"));
    }
    let Some((header, data)) = rest.split_at_checked(length) else {
        let found = format!("{} before the end of the file", rest.len());
        return header_error(&format!("{length} bytes"), found);
    };
    let Ok(header) = std::str::from_utf8(header) else {
        return header_error("UTF-8", "other bytes".to_owned());
    };
    match serde_json::from_str(header) {
        Ok(tree) => Ok((tree, data)),
        Err(e) => header_error("a JSON object", format!("an error in it ({e})")),
    }
}

/// Every tensor has as many bytes as its shape and type need, and together they fill the file.
fn check_places(entries: &[(String, Entry)], available: usize) -> Result<(), Mistake> {
    let mut ordered: Vec<_> = entries.iter().collect();
    ordered.sort_by_key(|(_, entry)| entry.data_offsets);
    let mut end = 0;
    for (name, entry) in ordered {
        let (from, to) = entry.data_offsets;
        if from != end || to < from {
            let (expected, found) = (format!("data from byte {end}"), format!("{from} to {to}"));
            return Err(Mistake::new(field(name), expected, found));
        }
        let needed = match element_size(&entry.dtype) {
            Some(size) => byte_count(&entry.shape, size),
            None => Some(to - from),
        };
        if needed != Some(to - from) {
            let (shape, dtype) = (shape_name(&entry.shape), quote(&entry.dtype));
            let needed = needed.map_or("too many".to_owned(), |n| n.to_string());
            let expected = format!("{needed} bytes for {shape} of type {dtype}");
            return Err(Mistake::new(field(name), expected, to - from));
        }
        end = to;
    }
    if end != available {
        let expected = format!("{end} bytes of tensors");
        return Err(Mistake::new("", expected, available));
    }
    Ok(())
}

/// Bytes of one element, for the types that are a whole number of bytes and known here. A file may
/// hold others in tensors that are of no interest.
fn element_size(name: &str) -> Option<usize> {
    match name {
        "C64" => Some(8),
        _ => Element::named(Names::Safetensors, name).map(Element::size),
    }
}
