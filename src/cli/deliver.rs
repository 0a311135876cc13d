//! Where a result goes: to a file, or to standard output.

use std::path::Path;

use crate::cli::Failure;
use crate::io::output;

/// Where a result goes, which was looked at before anything is computed.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    file: Option<&'a Path>,
    force: bool,
}

impl<'a> Delivery<'a> {
    /// To a file (over an existing one only with `force`), or to standard output.
    ///
    /// # Errors
    /// One sentence: status 2 when there is such a file, 1 when there cannot be one.
    pub fn to(out: Option<&'a Path>, force: bool) -> Result<Self, Failure> {
        // `-` is the standard stream here, as for input.
        let file = out.filter(|path| path.as_os_str() != "-");
        if let Some(path) = file {
            output::check(path, force)?;
        }
        Ok(Self { file, force })
    }

    /// Writes or prints it.
    ///
    /// # Errors
    /// As [`to`](Self::to), and status 1 when it cannot be written.
    pub fn bring(self, bytes: &[u8]) -> Result<(), Failure> {
        deliver(bytes, self.file, self.force)
    }
}

/// Writes a result to a file (over an existing one only with `force`), or prints it.
///
/// # Errors
/// One sentence: status 2 when there is such a file, 1 when it cannot be written.
pub fn deliver(bytes: &[u8], out: Option<&Path>, force: bool) -> Result<(), Failure> {
    match out.filter(|path| path.as_os_str() != "-") {
        Some(path) => Ok(output::write_new(path, bytes, force)?),
        None => print(bytes),
    }
}

/// Prints a result.
///
/// # Errors
/// One sentence, with status 1.
pub fn print(result: impl AsRef<[u8]>) -> Result<(), Failure> {
    Ok(output::print(result.as_ref())?)
}
