//! Zip archives: what is in them, and one of their files unpacked.
//!
//! The directory at the archive's end says where each file begins and how long it is. Files are
//! stored as they are or deflated; what a deflated one promises as its length is a limit, never an
//! allocation, and all that is unpacked of an archive is bounded by its size.

use std::borrow::Cow;
use std::collections::HashSet;

use miniz_oxide::inflate::decompress_to_vec_with_limit;

use crate::words::sanitise::quote;

/// The end of an archive without comment, its directory's entries, and the entries' own headers.
const END: &[u8] = b"PK\x05\x06";
const END_LENGTH: usize = 22;
const ENTRY: &[u8] = b"PK\x01\x02";
const ENTRY_LENGTH: usize = 46;
const LOCAL: &[u8] = b"PK\x03\x04";
const LOCAL_LENGTH: usize = 30;
/// A comment at the archive's end is at most this long.
const MAX_COMMENT: usize = 0xffff;
/// A file may be unpacked to ten times the archive's size, and to so many bytes in any case.
const UNPACKED: usize = 64 << 20;

/// Whether the bytes begin as a zip archive, be it an empty one.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(LOCAL) || bytes.starts_with(END)
}

/// The name of the first file of an archive, from its own header.
pub(super) fn first_name(bytes: &[u8]) -> Option<&[u8]> {
    let length = number(bytes, 26, 2);
    let name = bytes.get(LOCAL_LENGTH..LOCAL_LENGTH + length);
    name.filter(|_| bytes.starts_with(LOCAL))
}

/// One file of an archive.
#[derive(Debug, PartialEq)]
pub(super) struct Entry {
    /// Its name.
    pub(super) name: String,
    deflated: bool,
    packed: usize,
    unpacked: usize,
    /// CRC-32 of what is unpacked.
    checksum: u32,
    offset: usize,
}

/// What was expected of a file and what was found.
pub(super) type Mismatch = (String, String);

/// Why an archive cannot be read.
#[derive(Debug, PartialEq)]
pub(super) enum Unreadable {
    /// There is no directory.
    NoDirectory,
    /// A file of the archive is of a kind that is not read, in words.
    Kind(String),
}

impl Entry {
    /// Where its bytes stand in the archive, if they are stored as they are.
    pub(super) fn stored(&self, archive: &[u8]) -> Result<Option<(usize, usize)>, Mismatch> {
        let (from, _) = self.data(archive)?;
        Ok((!self.deflated).then_some((from, self.packed)))
    }

    /// Its bytes, which fit their checksum.
    pub(super) fn unpack<'a>(&self, archive: &'a [u8]) -> Result<Cow<'a, [u8]>, Mismatch> {
        let (_, data) = self.data(archive)?;
        let bytes = if self.deflated {
            let most = UNPACKED.max(archive.len().saturating_mul(10));
            if self.unpacked > most {
                let expected = format!("at most {most} bytes of an archive of {}", archive.len());
                return Err((expected, format!("{} bytes", self.unpacked)));
            }
            let unpacked = decompress_to_vec_with_limit(data, self.unpacked)
                .map_err(|_| wrong("whole deflated data", "an error in it"))?;
            if unpacked.len() != self.unpacked {
                let (expected, found) = (self.unpacked, unpacked.len());
                return Err((format!("{expected} bytes"), found.to_string()));
            }
            Cow::Owned(unpacked)
        } else {
            Cow::Borrowed(data)
        };
        if crc32fast::hash(&bytes) == self.checksum {
            Ok(bytes)
        } else {
            Err(wrong("data that fit their checksum", "damaged ones"))
        }
    }

    /// Its packed bytes, and where they begin.
    fn data<'a>(&self, archive: &'a [u8]) -> Result<(usize, &'a [u8]), Mismatch> {
        let header = archive
            .get(self.offset..)
            .filter(|rest| rest.starts_with(LOCAL) && rest.len() >= LOCAL_LENGTH)
            .ok_or_else(|| wrong("its data where the directory says", "something else"))?;
        let begin = LOCAL_LENGTH + number(header, 26, 2) + number(header, 28, 2);
        let data = header.get(begin..begin + self.packed);
        let data =
            data.ok_or_else(|| wrong(&format!("{} bytes", self.packed), "the file's end"))?;
        Ok((self.offset + begin, data))
    }
}

fn wrong(expected: &str, found: &str) -> Mismatch {
    (expected.to_owned(), found.to_owned())
}

/// The files of an archive, in the order of its directory.
pub(super) fn entries(bytes: &[u8]) -> Result<Vec<Entry>, Unreadable> {
    directory(bytes).unwrap_or(Err(Unreadable::NoDirectory))
}

/// A name that two files of an archive have.
pub(super) fn twice(entries: &[Entry]) -> Option<&str> {
    let mut names = HashSet::new();
    let mut all = entries.iter().map(|entry| entry.name.as_str());
    all.find(|name| !names.insert(*name))
}

/// `None` when the directory is not there, or not whole.
fn directory(bytes: &[u8]) -> Option<Result<Vec<Entry>, Unreadable>> {
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
            return Some(Err(Unreadable::Kind(quote(&name))));
        }
        entries.push(Entry {
            name: name.into_owned(),
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

/// A little-endian number of up to four bytes; 0 where the bytes end.
fn number(bytes: &[u8], at: usize, length: usize) -> usize {
    let bytes = bytes.get(at..at + length).unwrap_or_default();
    bytes
        .iter()
        .rev()
        .fold(0, |n, &byte| n << 8 | usize::from(byte))
}
