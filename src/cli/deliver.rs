//! Where a result goes: to a file, or to standard output.

use std::path::Path;

use crate::cli::Failure;
use crate::io::{OutputError, output};

/// Writes a result to a file (over an existing one only with `force`), or prints it.
///
/// # Errors
/// One sentence: status 2 when there is such a file, 1 when it cannot be written.
pub fn deliver(bytes: &[u8], out: Option<&Path>, force: bool) -> Result<(), Failure> {
    // `-` is the standard stream here, as for input.
    let written = match out.filter(|path| path.as_os_str() != "-") {
        Some(path) => output::write_new(path, bytes, force),
        None => output::print(bytes),
    };
    written.map_err(|error| match error {
        OutputError::Exists { .. } => Failure::input(error),
        OutputError::Failed { .. } => Failure::failed(error),
    })
}
