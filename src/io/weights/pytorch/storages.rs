//! Where the numbers of each storage stand.

use std::collections::HashMap;

use crate::io::decode::{Element, Names};
use crate::io::error::Mistake;
use crate::io::pickle::{Node, Pickle, Value};
use crate::io::tensor::{Buffers, Dtype};
use crate::io::zip::Entry;
use crate::words::sanitise::quote;

/// The longest key of a storage; they are numbers.
const KEY: usize = 64;

/// The storages of a file by their keys.
#[derive(Debug, Default)]
pub(super) struct Storages {
    /// Buffer, first byte and bytes of each.
    places: HashMap<String, (usize, usize, usize)>,
    /// Whether the most significant byte comes first.
    pub(super) big_endian: bool,
}

/// What a pickle says of a storage.
#[derive(Debug)]
pub(super) struct Storage<'a> {
    /// Its key.
    pub(super) key: &'a str,
    /// The type of its class; `None` where the tensor says it.
    pub(super) dtype: Option<Dtype>,
    /// Where a view of it begins in it: numbers.
    pub(super) view: usize,
}

impl Storages {
    /// Those of an archive, under a folder. Deflated ones are unpacked.
    pub(super) fn of_archive(
        buffers: &mut Buffers,
        entries: &[Entry],
        folder: &str,
        big_endian: bool,
    ) -> Result<Self, Mistake> {
        let mut places = HashMap::new();
        let archive = buffers.get(0);
        let mut unpacked: Vec<Vec<u8>> = Vec::new();
        let mut most = archive.len().saturating_mul(4).max(64 << 20);
        for entry in entries {
            let Some(key) = entry.name.strip_prefix(folder) else {
                continue;
            };
            let place = if let Some((from, length)) = entry.stored(archive)? {
                (0, from, length)
            } else {
                let bytes = entry.unpack(archive)?.into_owned();
                most = most.checked_sub(bytes.len()).ok_or_else(|| {
                    let expected = "storages of at most four times the file's size";
                    Mistake::new(&entry.name, expected, "more when they are unpacked")
                })?;
                unpacked.push(bytes);
                let last = unpacked.len() - 1;
                (1 + last, 0, unpacked[last].len())
            };
            places.insert(key.to_owned(), place);
        }
        // They are the only ones beside the archive.
        buffers.0.truncate(1);
        buffers.0.extend(unpacked);
        Ok(Self { places, big_endian })
    }

    /// Those of an older file, which stand one after another from a byte on.
    pub(super) fn after_pickles(
        saved: &Pickle,
        keys: &Pickle,
        from: usize,
        all: &[u8],
    ) -> Result<Self, Mistake> {
        let sizes = element_sizes(saved);
        let mut places = HashMap::new();
        let mut at = from;
        for &key in keys.list(keys.root) {
            let key = keys.text(key).unwrap_or_default();
            let size = sizes.get(key).copied().flatten();
            let place = || format!("storage {}", quote(key));
            let Some(size) = size else {
                let expected = "a type of numbers for each storage";
                return Err(Mistake::new(place(), expected, "none"));
            };
            let rest = all.get(at..).unwrap_or_default();
            let found = rest.split_first_chunk::<8>().and_then(|(count, rest)| {
                let count = usize::try_from(u64::from_le_bytes(*count)).ok()?;
                let bytes = count.checked_mul(size)?;
                (bytes <= rest.len()).then_some(bytes)
            });
            let Some(bytes) = found else {
                let expected = "its length and its numbers";
                return Err(Mistake::new(place(), expected, "the file's end"));
            };
            places.insert(key.to_owned(), (0, at + 8, bytes));
            at += 8 + bytes;
        }
        Ok(Self {
            places,
            big_endian: false,
        })
    }

    /// Buffer, first byte and bytes of a storage.
    pub(super) fn get(&self, key: &str) -> Option<(usize, usize, usize)> {
        self.places.get(key).copied()
    }
}

impl<'a> Storage<'a> {
    /// What a persistent id says: `('storage', class, key, device, count)`, in older files with a view.
    pub(super) fn of(pickle: &Pickle<'a>, value: Value) -> Option<Self> {
        let Some(Node::Persistent(id)) = pickle.node(value) else {
            return None;
        };
        let &[tag, class, key, _, _, ref rest @ ..] = pickle.list(*id) else {
            return None;
        };
        if pickle.text(tag) != Some("storage") {
            return None;
        }
        let view = rest.first().map_or(&[][..], |&view| pickle.list(view));
        let view = match view.get(1) {
            Some(&Value::Int(view)) => usize::try_from(view).ok()?,
            _ => 0,
        };
        let (_, name) = pickle.global(class)?;
        let key = pickle.text(key).filter(|key| key.len() <= KEY)?;
        Some(Self {
            key,
            dtype: name.strip_suffix("Storage").and_then(dtype),
            view,
        })
    }
}

/// The type of a storage's class; `None` for an untyped one.
fn dtype(class: &str) -> Option<Dtype> {
    let known = Element::named(Names::Storage, class);
    (class != "Untyped").then(|| known.map_or(Dtype::Other(class.to_lowercase()), Dtype::Known))
}

/// The type that a tensor says, `torch.float32`.
pub(super) fn named_dtype(name: &str) -> Dtype {
    let name = name.strip_prefix("torch.").unwrap_or(name);
    let known = Element::named(Names::Plain, name);
    known.map_or(Dtype::Other(name.to_owned()), Dtype::Known)
}

/// Bytes of a number in each storage that a pickle mentions.
fn element_sizes<'a>(pickle: &Pickle<'a>) -> HashMap<&'a str, Option<usize>> {
    let storages = pickle.all().filter_map(|value| Storage::of(pickle, value));
    storages
        .map(|storage| {
            let size = match storage.dtype {
                Some(Dtype::Known(element)) => Some(element.size()),
                Some(Dtype::Other(name)) => match name.as_str() {
                    "complexfloat" => Some(8),
                    "complexdouble" => Some(16),
                    "qint8" | "quint8" => Some(1),
                    "qint32" => Some(4),
                    _ => None,
                },
                None => Some(1),
            };
            (storage.key, size)
        })
        .collect()
}
