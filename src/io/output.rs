//! Results out: to a file, never half-written and never by accident over another, or to standard
//! output.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::io::OutputError;
use crate::words::sanitise::sanitise_path;

/// What standard output is called in messages.
const STANDARD_OUTPUT: &str = "standard output";

/// Writes a file: first under another name in its folder, then renamed, so that there is never half a
/// file under this name. Over an existing file only with `overwrite`, which keeps its permissions;
/// devices and pipes (`/dev/stdout`) are simply written to.
///
/// # Errors
/// `Exists` when there is such a file and `overwrite` is false; `Failed` when it cannot be written.
pub fn write_new(path: &Path, bytes: &[u8], overwrite: bool) -> Result<(), OutputError> {
    let name = sanitise_path(path);
    let exists = || OutputError::Exists { file: name.clone() };
    let failed = |e: io::Error| OutputError::failed(&name, &e);
    match fs::metadata(path) {
        Ok(old) if old.is_dir() => Err(failed(ErrorKind::IsADirectory.into())),
        Ok(old) if !old.is_file() => write_into(path, bytes).map_err(failed),
        Ok(_) if !overwrite => Err(exists()),
        // The target of a symbolic link is replaced, not the link.
        Ok(old) => fs::canonicalize(path)
            .and_then(|target| replace(&target, bytes, Some(old.permissions())))
            .map_err(failed),
        // A link that leads nowhere is something that exists, too.
        Err(_) if fs::symlink_metadata(path).is_ok() && !overwrite => Err(exists()),
        Err(_) if overwrite => replace(path, bytes, None).map_err(failed),
        Err(_) => create(path, bytes).map_err(|e| match e.kind() {
            ErrorKind::AlreadyExists => exists(),
            _ => failed(e),
        }),
    }
}

/// Prints to standard output. A reader that has gone away (`| head -1`) is a quiet end.
///
/// # Errors
/// `Failed` when it cannot be written for another reason.
pub fn print(bytes: &[u8]) -> Result<(), OutputError> {
    print_to(io::stdout().lock(), bytes).map_err(|e| OutputError::failed(STANDARD_OUTPUT, &e))
}

/// Prints one line to standard output at once, and says whether there still is a reader.
///
/// # Errors
/// As [`print()`].
pub fn print_line(line: &str) -> Result<bool, OutputError> {
    line_to(io::stdout().lock(), line).map_err(|e| OutputError::failed(STANDARD_OUTPUT, &e))
}

fn line_to(mut out: impl Write, line: &str) -> io::Result<bool> {
    let line = format!("{line}\n");
    match out.write_all(line.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(false),
        result => result.map(|()| true),
    }
}

fn print_to(mut out: impl Write, bytes: &[u8]) -> io::Result<()> {
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// A device or a pipe, which cannot be replaced. A reader that has gone away is a quiet end here
/// too.
fn write_into(path: &Path, bytes: &[u8]) -> io::Result<()> {
    print_to(OpenOptions::new().write(true).open(path)?, bytes)
}

/// A new file. A hard link, unlike a rename, fails when someone else has made the file meanwhile.
fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temporary = Temporary::beside(path)?;
    temporary.fill(bytes)?;
    match fs::hard_link(&temporary.path, path) {
        // File systems without hard links.
        Err(e) if e.kind() != ErrorKind::AlreadyExists => fs::rename(&temporary.path, path),
        result => result,
    }
}

fn replace(path: &Path, bytes: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    let mut temporary = Temporary::beside(path)?;
    temporary.fill(bytes)?;
    if let Some(permissions) = permissions {
        temporary.file.set_permissions(permissions)?;
    }
    fs::rename(&temporary.path, path)
}

/// A file under another name in the same folder, gone when it is dropped.
struct Temporary {
    path: PathBuf,
    file: File,
}

impl Temporary {
    fn beside(path: &Path) -> io::Result<Self> {
        if path.file_name().is_none() {
            return Err(ErrorKind::IsADirectory.into());
        }
        let mut attempt = 0;
        loop {
            // Not made from the file's own name, which may be as long as names can be.
            let name = format!(".rnntop-{}-{attempt}.part", std::process::id());
            let path = path.with_file_name(name);
            match File::create_new(&path) {
                Ok(file) => return Ok(Self { path, file }),
                Err(e) if e.kind() == ErrorKind::AlreadyExists && attempt < 100 => attempt += 1,
                Err(e) => return Err(e),
            }
        }
    }

    fn fill(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.file.sync_all()
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After a rename there is nothing left to remove, and nobody to tell when it fails.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A writer that fails in one way.
    struct Failing(ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_a_quiet_end_and_a_full_disk_is_not() {
        assert!(print_to(Failing(ErrorKind::BrokenPipe), b"x").is_ok());
        assert!(print_to(Failing(ErrorKind::StorageFull), b"x").is_err());
        let mut out = Vec::new();
        assert!(print_to(&mut out, b"abc").is_ok());
        assert_eq!(out, b"abc");
        assert!(!line_to(Failing(ErrorKind::BrokenPipe), "x").unwrap());
        assert!(line_to(Failing(ErrorKind::StorageFull), "x").is_err());
        assert!(line_to(&mut out, "d").unwrap());
        assert_eq!(out, b"abcd\n");
    }
}
