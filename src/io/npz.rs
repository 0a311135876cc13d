//! `.npz` files of `NumPy`: a zip archive with one `.npy` file for each array, as they are
//! (`numpy.savez`) or deflated (`savez_compressed`).

use std::borrow::Cow;

use crate::io::content::describe;
use crate::io::error::Mistake;
use crate::io::zip::{self, Entry};
use crate::words::sanitise::quote;

/// How the names of arrays end.
const ARRAY: &str = ".npy";
/// What is said of several arrays where none of them was asked for.
const SEVERAL: &str = "one array, or --array NAME of rnntop inspect";

/// Whether an archive's first entry is an array of `NumPy`: its own header has its name, too.
pub(super) fn holds_arrays(bytes: &[u8]) -> bool {
    zip::first_name(bytes).is_some_and(|name| name.ends_with(ARRAY.as_bytes()))
}

/// The name of an array, without `.npy`.
pub(super) fn array_name(entry: &Entry) -> &str {
    entry.name.strip_suffix(ARRAY).unwrap_or(&entry.name)
}

/// The arrays of an archive.
pub(super) fn entries(bytes: &[u8]) -> Result<Vec<Entry>, Mistake> {
    zip::entries(bytes).unwrap_or_else(|| {
        let found = if zip::begins(bytes) {
            format!("{} bytes of one, without its directory", bytes.len())
        } else {
            describe(bytes)
        };
        Err(Mistake::new("", "a .npz archive", found))
    })
}

/// The `.npy` file of the array of this name, or of the only one.
pub(super) fn array<'a>(bytes: &'a [u8], asked: Option<&str>) -> Result<Cow<'a, [u8]>, Mistake> {
    let entries = entries(bytes)?;
    let names = || {
        let names = entries.iter().take(8).map(|e| quote(array_name(e)));
        match entries.len() {
            0 => "none".to_owned(),
            _ => names.collect::<Vec<_>>().join(", "),
        }
    };
    if !entries.is_empty() && !entries.iter().any(|entry| entry.name.ends_with(ARRAY)) {
        let found = format!("a zip archive of {}", names());
        return Err(Mistake::new("", "a .npz archive", found));
    }
    let found = match (asked, entries.as_slice()) {
        (None, [one]) => Some(one),
        (None, _) => None,
        (Some(asked), entries) => entries.iter().find(|entry| array_name(entry) == asked),
    };
    let Some(entry) = found else {
        let expected = asked.map_or(SEVERAL.to_owned(), |asked| {
            format!("the array {}", quote(asked))
        });
        return Err(Mistake::new("", expected, names()));
    };
    unpack(entry, bytes)
}

/// The `.npy` file of an array.
pub(super) fn unpack<'a>(entry: &Entry, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, Mistake> {
    let unpacked = entry.unpack(bytes);
    unpacked.map_err(|mistake| mistake.at(place(array_name(entry))))
}

/// An array as a place in messages.
pub(super) fn place(name: &str) -> String {
    format!("array {}", quote(name))
}
