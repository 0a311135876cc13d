//! Bytes of files and of standard input, within a limit.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::io::error::Mistake;
use crate::io::{InputError, Named};
use crate::words::sanitise::sanitise_path;

/// The largest file that is read: 1 GiB.
const MAX_BYTES: u64 = 1 << 30;

/// The most numbers that are read from one file: 1 GiB as `f64`. A byte of a file can become a
/// number of eight.
pub(super) const MAX_ELEMENTS: usize = 1 << 27;

/// What the path `-` is called in messages.
const STANDARD_INPUT: &str = "standard input";

/// Whether the path means standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The name of a file in messages.
pub(super) fn source(path: &Path) -> String {
    if is_stdin(path) {
        STANDARD_INPUT.to_owned()
    } else {
        sanitise_path(path)
    }
}

/// The extension in lower case, empty when there is none.
pub(super) fn extension(path: &Path) -> String {
    path.extension()
        .map(|e| e.to_string_lossy().to_lowercase())
        .unwrap_or_default()
}

/// What is read of the bytes of a file, or of standard input for the path `-`, with the file's name.
pub(super) fn named<T>(
    path: &Path,
    read: impl FnOnce(Vec<u8>) -> Result<T, Mistake>,
) -> Result<Named<T>, InputError> {
    let source = source(path);
    match bytes(path).and_then(read) {
        Ok(value) => Ok(Named { source, value }),
        Err(mistake) => Err(mistake.of(&source)),
    }
}

/// All bytes of a file; of standard input for the path `-`.
fn bytes(path: &Path) -> Result<Vec<u8>, Mistake> {
    if is_stdin(path) {
        return within_limit(io::stdin().lock(), Vec::new());
    }
    let unreadable = |error| Mistake::unreadable(&error);
    let file = File::open(path).map_err(unreadable)?;
    let meta = file.metadata().map_err(unreadable)?;
    // Pipes and devices have no size: they are read as they come.
    let size = if meta.is_file() { meta.len() } else { 0 };
    if size > MAX_BYTES {
        let found = format!("{:.1} GiB", size as f64 / MAX_BYTES as f64);
        return Err(too_large(&found));
    }
    let mut buffer = Vec::new();
    let reserved = buffer.try_reserve_exact(size as usize);
    reserved.map_err(|error| unreadable(io::Error::other(error)))?;
    within_limit(file, buffer)
}

/// The size of a file and its SHA-256 in hexadecimal; `None` for standard input, pipes and devices, which
/// are not there a second time.
///
/// # Errors
/// It cannot be read.
pub fn digest(path: &Path) -> Result<Option<(u64, String)>, InputError> {
    let unreadable = |error| Mistake::unreadable(&error).of(&source(path));
    if is_stdin(path) || !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Ok(None);
    }
    let mut file = File::open(path).map_err(unreadable)?;
    let (mut hash, mut buffer, mut size) = (Sha256::new(), vec![0; 1 << 16], 0);
    loop {
        let n = file.read(&mut buffer).map_err(unreadable)?;
        if n == 0 {
            break;
        }
        hash.update(&buffer[..n]);
        size += n as u64;
    }
    let mut hexadecimal = String::new();
    for byte in hash.finalize() {
        // Writing to a String cannot fail.
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    Ok(Some((size, hexadecimal)))
}

/// Reads to the end, or to the limit.
fn within_limit(from: impl Read, mut into: Vec<u8>) -> Result<Vec<u8>, Mistake> {
    let read = from.take(MAX_BYTES + 1).read_to_end(&mut into);
    match read {
        Err(error) => Err(Mistake::unreadable(&error)),
        Ok(n) if n as u64 > MAX_BYTES => Err(too_large("more")),
        Ok(_) => Ok(into),
    }
}

fn too_large(found: &str) -> Mistake {
    Mistake::new("", "at most 1 GiB", found)
}
