//! Zip archives: what is in them, and one of their files unpacked.
//!
//! The directory at the archive's end says where each file begins and how long it is. Files are
//! stored as they are or deflated; what a deflated one promises as its length is a limit, never an
//! allocation, and all that is unpacked of an archive is bounded by its size.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Display;

use miniz_oxide::inflate::decompress_to_vec_with_limit;

use crate::io::decode::little_endian;
use crate::io::error::Mistake;
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

impl Entry {
    /// Where its bytes stand in the archive, if they are stored as they are.
    pub(super) fn stored(&self, archive: &[u8]) -> Result<Option<(usize, usize)>, Mistake> {
        let (from, _) = self.data(archive)?;
        Ok((!self.deflated).then_some((from, self.packed)))
    }

    /// Its bytes, which fit their checksum.
    pub(super) fn unpack<'a>(&self, archive: &'a [u8]) -> Result<Cow<'a, [u8]>, Mistake> {
        let (_, data) = self.data(archive)?;
        let bytes = if self.deflated {
            let most = UNPACKED.max(archive.len().saturating_mul(10));
            if self.unpacked > most {
                let expected = format!("at most {most} bytes of an archive of {}", archive.len());
                return Err(self.wrong(expected, format!("{} bytes", self.unpacked)));
            }
            let unpacked = decompress_to_vec_with_limit(data, self.unpacked)
                .map_err(|_| self.wrong("whole deflated data", "an error in it"))?;
            if unpacked.len() != self.unpacked {
                let expected = format!("{} bytes", self.unpacked);
                return Err(self.wrong(expected, unpacked.len()));
            }
            Cow::Owned(unpacked)
        } else {
            Cow::Borrowed(data)
        };
        if crc32fast::hash(&bytes) == self.checksum {
            Ok(bytes)
        } else {
            Err(self.wrong("data that fit their checksum", "damaged ones"))
        }
    }

    /// Its packed bytes, and where they begin.
    fn data<'a>(&self, archive: &'a [u8]) -> Result<(usize, &'a [u8]), Mistake> {
        let header = archive
            .get(self.offset..)
            .filter(|rest| rest.starts_with(LOCAL) && rest.len() >= LOCAL_LENGTH)
            .ok_or_else(|| self.wrong("its data where the directory says", "something else"))?;
        let begin = LOCAL_LENGTH + number(header, 26, 2) + number(header, 28, 2);
        let data = header.get(begin..begin + self.packed);
        let cut_off = || self.wrong(format!("{} bytes", self.packed), "the file's end");
        Ok((self.offset + begin, data.ok_or_else(cut_off)?))
    }

    fn wrong(&self, expected: impl Display, found: impl Display) -> Mistake {
        Mistake::new(&self.name, expected, found)
    }
}

/// A name that two files of an archive have.
pub(super) fn twice(entries: &[Entry]) -> Option<&str> {
    let mut names = HashSet::new();
    let mut all = entries.iter().map(|entry| entry.name.as_str());
    all.find(|name| !names.insert(*name))
}

/// The files of an archive, in the order of its directory; `None` when that is not there, or not whole.
pub(super) fn entries(bytes: &[u8]) -> Option<Result<Vec<Entry>, Mistake>> {
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
        let method = number(entry, 10, 2);
        let [packed, unpacked] = [20, 24].map(|field| number(entry, field, 4));
        let beyond = 0xffff_ffff;
        if !matches!(method, 0 | 8) || packed == beyond || unpacked == beyond {
            let expected = "stored or deflated arrays below 4 GiB";
            let found = format!("another kind at {}", quote(&name));
            return Some(Err(Mistake::new("", expected, found)));
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
    little_endian(bytes.get(at..at + length).unwrap_or_default()) as usize
}
