//! Small text files of the user's: presets, keys, themes, settings.

use std::io::{ErrorKind, Read as _};
use std::path::Path;

use crate::cli::Failure;
use crate::io::reason;

/// None is larger than this, in bytes; a larger file is something else.
const LARGEST: u64 = 1 << 20;

/// Whether a word that may be a name means a file.
pub fn is_file(word: &str) -> bool {
    let extension = Path::new(word).extension();
    let toml = extension.is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    toml || word.contains(std::path::MAIN_SEPARATOR)
}

/// The text of a file; `what` it should be is for messages.
///
/// # Errors
/// One sentence: it cannot be read, is too large, or is no text.
pub fn read(path: &Path, what: &str) -> Result<String, Failure> {
    let file = std::fs::File::open(path).map_err(|error| cannot(path, &reason(&error)))?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| cannot(path, &reason(&error)))?;
    if bytes.len() as u64 > LARGEST {
        let found = format!("expected {what} of at most 1 MiB, found more");
        return Err(cannot(path, &found));
    }
    String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        cannot(
            path,
            &format!("expected UTF-8 text, found other bytes from byte {place} on"),
        )
    })
}

/// Reads a text file that need not be there.
///
/// # Errors
/// As [`read`].
pub fn if_there(path: &Path, what: &str) -> Result<Option<String>, Failure> {
    match std::fs::symlink_metadata(path) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        _ => read(path, what).map(Some),
    }
}

fn cannot(path: &Path, reason: &str) -> Failure {
    Failure::input(format!("{}: {reason}", path.display()))
}
