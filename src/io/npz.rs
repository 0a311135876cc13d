//! `.npz` files of `NumPy`: a zip archive with one `.npy` file for each array.
//!
//! The directory at the archive's end says where each array begins and how long it is. Arrays are
//! stored as they are (`numpy.savez`) or deflated (`savez_compressed`); what a deflated one promises
//! as its length is a limit, never an allocation.

use miniz_oxide::inflate::decompress_to_vec_with_limit;

use crate::io::InputError;
use crate::io::content::describe;
use crate::words::sanitise::quote;

/// The end of a zip archive without comment, its directory's entries, and the entries' own headers.
const END: &[u8] = b"PK\x05\x06";
const END_LENGTH: usize = 22;
const ENTRY: &[u8] = b"PK\x01\x02";
const ENTRY_LENGTH: usize = 46;
const LOCAL: &[u8] = b"PK\x03\x04";
const LOCAL_LENGTH: usize = 30;
/// How the names of arrays end.
const ARRAY: &str = ".npy";
/// A comment at the archive's end is at most this long.
const MAX_COMMENT: usize = 0xffff;
/// What is said of several arrays where none of them was asked for.
const SEVERAL: &str = "one array, or --array NAME of rnntop inspect";
/// The largest array that is unpacked: 1 GiB, as the largest file.
const MAX_UNPACKED: usize = 1 << 30;

/// Whether the bytes begin as a zip archive, be it an empty one.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(LOCAL) || bytes.starts_with(END)
}

/// Whether an archive's first entry is an array of `NumPy`: its own header has its name, too.
pub(super) fn holds_arrays(bytes: &[u8]) -> bool {
    let length = number(bytes, 26, 2);
    let name = bytes.get(LOCAL_LENGTH..LOCAL_LENGTH + length);
    bytes.starts_with(LOCAL) && name.is_some_and(|name| name.ends_with(ARRAY.as_bytes()))
}

/// One entry of the archive.
#[derive(Debug, PartialEq)]
struct Entry {
    /// Its name, without `.npy`.
    name: String,
    /// Whether it is called `.npy`.
    array: bool,
    deflated: bool,
    packed: usize,
    unpacked: usize,
    /// CRC-32 of what is unpacked.
    checksum: u32,
    offset: usize,
}

/// The `.npy` file of the array of this name, or of the only one.
pub(super) fn array(bytes: &[u8], asked: Option<&str>, file: &str) -> Result<Vec<u8>, InputError> {
    let entries = directory(bytes).ok_or_else(|| {
        let found = if is_zip(bytes) {
            format!("{} bytes of one, without its directory", bytes.len())
        } else {
            describe(bytes)
        };
        InputError::unexpected(file, "", "a .npz archive", found)
    })?;
    let entries = entries.map_err(|found| {
        let expected = "stored or deflated arrays below 4 GiB";
        InputError::unexpected(file, "", expected, found)
    })?;
    let names = || {
        let names: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        match names.len() {
            0 => "none".to_owned(),
            _ => names
                .iter()
                .take(8)
                .map(|n| quote(n))
                .collect::<Vec<_>>()
                .join(", "),
        }
    };
    if !entries.is_empty() && !entries.iter().any(|entry| entry.array) {
        let found = format!("a zip archive of {}", names());
        return Err(InputError::unexpected(file, "", "a .npz archive", found));
    }
    let found = match (asked, entries.as_slice()) {
        (None, [one]) => Some(one),
        (None, _) => None,
        (Some(asked), entries) => entries.iter().find(|entry| entry.name == asked),
    };
    let Some(entry) = found else {
        let expected = asked.map_or(SEVERAL.to_owned(), |asked| {
            format!("the array {}", quote(asked))
        });
        return Err(InputError::unexpected(file, "", expected, names()));
    };
    unpack(bytes, entry).map_err(|(expected, found)| {
        InputError::unexpected(
            file,
            format!("array {}", quote(&entry.name)),
            expected,
            found,
        )
    })
}

/// What was expected of an array and what was found.
type Mismatch = (String, String);

fn unpack(bytes: &[u8], entry: &Entry) -> Result<Vec<u8>, Mismatch> {
    let wrong = |expected: &str, found: &str| (expected.to_owned(), found.to_owned());
    let header = bytes
        .get(entry.offset..)
        .filter(|rest| rest.starts_with(LOCAL) && rest.len() >= LOCAL_LENGTH)
        .ok_or_else(|| wrong("its data where the directory says", "something else"))?;
    let begin = LOCAL_LENGTH + number(header, 26, 2) + number(header, 28, 2);
    let Some(data) = header.get(begin..begin + entry.packed) else {
        return Err(wrong(&format!("{} bytes", entry.packed), "the file's end"));
    };
    let intact = |unpacked: Vec<u8>| {
        if crc32fast::hash(&unpacked) == entry.checksum {
            Ok(unpacked)
        } else {
            Err(wrong("data that fit their checksum", "damaged ones"))
        }
    };
    if !entry.deflated {
        return intact(data.to_vec());
    }
    if entry.unpacked > MAX_UNPACKED {
        let found = format!("{} bytes", entry.unpacked);
        return Err(wrong("at most 1 GiB", &found));
    }
    let unpacked = decompress_to_vec_with_limit(data, entry.unpacked)
        .map_err(|_| wrong("whole deflated data", "an error in it"))?;
    if unpacked.len() != entry.unpacked {
        let (expected, found) = (entry.unpacked, unpacked.len());
        return Err(wrong(&format!("{expected} bytes"), &found.to_string()));
    }
    intact(unpacked)
}

/// The entries of the directory; `None` when there is no archive, an error in words when an entry is
/// of a kind that is not read.
fn directory(bytes: &[u8]) -> Option<Result<Vec<Entry>, String>> {
    let from = bytes.len().checked_sub(END_LENGTH)?;
    let end = (from.saturating_sub(MAX_COMMENT)..=from)
        .rev()
        .find(|&at| bytes[at..].starts_with(END))?;
    let end = &bytes[end..];
    let mut at = number(end, 16, 4);
    let mut entries = Vec::new();
    // A count that promises too much ends at the first entry that is not there.
    for _ in 0..number(end, 10, 2) {
        let entry = bytes.get(at..)?;
        if !entry.starts_with(ENTRY) || entry.len() < ENTRY_LENGTH {
            return None;
        }
        let lengths = [28, 30, 32].map(|field| number(entry, field, 2));
        let name = String::from_utf8_lossy(entry.get(ENTRY_LENGTH..ENTRY_LENGTH + lengths[0])?);
        let (method, packed, unpacked) = (
            number(entry, 10, 2),
            number(entry, 20, 4),
            number(entry, 24, 4),
        );
        let beyond = 0xffff_ffff;
        if !matches!(method, 0 | 8) || packed == beyond || unpacked == beyond {
            return Some(Err(format!("another kind at {}", quote(&name))));
        }
        entries.push(Entry {
            name: name.strip_suffix(ARRAY).unwrap_or(&name).to_owned(),
            array: name.ends_with(ARRAY),
            deflated: method == 8,
            packed,
            unpacked,
            checksum: number(entry, 16, 4) as u32,
            offset: number(entry, 42, 4),
        });
        at += ENTRY_LENGTH + lengths.iter().sum::<usize>();
    }
    Some(Ok(entries))
}

/// A little-endian number of so many bytes; the caller has made sure that they are there.
fn number(bytes: &[u8], at: usize, length: usize) -> usize {
    let digits = bytes.iter().skip(at).take(length).rev();
    digits.fold(0, |sum, &byte| sum << 8 | usize::from(byte))
}
