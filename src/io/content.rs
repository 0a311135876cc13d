//! What bytes are, told from how they begin, whatever the file is called.

use std::str;

use crate::io::{hdf5, npy, npz, safetensors, zip};
use crate::words::sanitise::{is_hidden, quote};

/// So many bytes are shown of what is no text.
const SHOWN: usize = 8;

/// Bytes that say what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// An array of `NumPy`.
    Npy,
    /// A zip archive of such arrays.
    Arrays,
    /// Another zip archive, as `torch.save` writes since 1.6.
    Zip,
    /// Tensors in `.safetensors`.
    Tensors,
    /// A pickle of protocol 2 to 5, as `torch.save` wrote before.
    Pickle,
    /// HDF5, as Keras 2 writes.
    Hdf5,
    /// Anything else.
    Other,
}

impl Content {
    pub(super) fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(npy::MAGIC) {
            Self::Npy
        } else if bytes.starts_with(hdf5::MAGIC) {
            Self::Hdf5
        } else if zip::begins(bytes) {
            if npz::holds_arrays(bytes) {
                Self::Arrays
            } else {
                Self::Zip
            }
        } else if safetensors::begins(bytes) {
            // Before pickles: a header of 640 bytes makes a file begin like one.
            Self::Tensors
        } else if matches!(bytes, [0x80, 2..=5, ..]) {
            Self::Pickle
        } else {
            Self::Other
        }
    }
}

/// The bytes in a few words, for what was found in place of something else.
pub(super) fn describe(bytes: &[u8]) -> String {
    let count = match bytes.len() {
        0 => return "an empty file".to_owned(),
        1 => "1 byte".to_owned(),
        n => format!("{n} bytes"),
    };
    match Content::of(bytes) {
        Content::Npy => "a NumPy array (.npy)".to_owned(),
        Content::Arrays => "an archive of NumPy arrays (.npz)".to_owned(),
        Content::Zip => "another zip archive".to_owned(),
        Content::Tensors => "a .safetensors file".to_owned(),
        Content::Hdf5 => "an HDF5 file".to_owned(),
        Content::Pickle => "a pickle of Python".to_owned(),
        Content::Other => match first_line(bytes) {
            Some(line) => format!("a text of {count} that begins with {}", quote(line)),
            None if bytes.len() <= SHOWN => format!("{count}: {}", first_bytes(bytes)),
            None => format!("{count} that begin with {}", first_bytes(bytes)),
        },
    }
}

/// The first line that is not empty, where the bytes are a text.
fn first_line(bytes: &[u8]) -> Option<&str> {
    const LOOKED_AT: usize = 4096;
    let part = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    let text = match str::from_utf8(part) {
        Ok(text) => text,
        // The last letter may have been cut in two.
        Err(error) if error.error_len().is_none() && part.len() < bytes.len() => {
            str::from_utf8(part.get(..error.valid_up_to())?).ok()?
        }
        Err(_) => return None,
    };
    let shown = |c| matches!(c, '\n' | '\r' | '\t') || !is_hidden(c);
    text.chars().all(shown).then(|| {
        let mut lines = text.lines().map(str::trim);
        lines.find(|line| !line.is_empty()).unwrap_or_default()
    })
}

/// The first bytes in hexadecimal digits.
fn first_bytes(bytes: &[u8]) -> String {
    let digits = bytes.iter().take(SHOWN).map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_described() {
        for (bytes, words) in [
            (&b""[..], "an empty file"),
            (b"\x93NUMPY\x01\0", "a NumPy array (.npy)"),
            (b"PK\x03\x04", "another zip archive"),
            (b"\x02\0\0\0\0\0\0\0{}", "a .safetensors file"),
            (b"\x80\x02\0\0\0\0\0\0{", "a .safetensors file"),
            (b"\x80\x02}q\0.", "a pickle of Python"),
            (b"\n\n 1,2\n3", "a text of 8 bytes that begins with '1,2'"),
            (b"\x1b[31m", "5 bytes: 1b 5b 33 31 6d"),
            (&[0; 20], "20 bytes that begin with 00 00 00 00 00 00 00 00"),
            (b"\xff", "1 byte: ff"),
        ] {
            assert_eq!(describe(bytes), words);
        }
        // A text is a text where the part that is looked at ends within a letter.
        let text = "aä".repeat(2000);
        assert!(describe(text.as_bytes()).starts_with("a text of 6000 bytes"));
    }
}
