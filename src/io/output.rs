//! Results out: to a file, never half-written and never by accident over another, or to standard
//! output.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::io::OutputError;
use crate::words::sanitise::sanitise_path;

/// What standard output is called in messages.
const STANDARD_OUTPUT: &str = "standard output";

/// The file under another name that is being written now.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

fn unfinished() -> MutexGuard<'static, Option<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes what is half written, and lets nothing new be begun: for a process that ends at once.
pub fn abandon() {
    let mut unfinished = unfinished();
    if let Some(path) = unfinished.take() {
        let _ = fs::remove_file(path);
    }
    std::mem::forget(unfinished);
}

/// Whether a file could be written here, as far as that is known before its bytes are.
///
/// # Errors
/// As [`write_new`].
pub fn check(path: &Path, overwrite: bool) -> Result<(), OutputError> {
    let name = sanitise_path(path);
    let failed = |e: io::Error| OutputError::failed(&name, &e);
    match fs::metadata(path) {
        Ok(old) if old.is_dir() => return Err(failed(ErrorKind::IsADirectory.into())),
        Ok(old) if !old.is_file() => return Ok(()),
        // A link that leads nowhere is something that exists, too.
        _ if !overwrite && fs::symlink_metadata(path).is_ok() => {
            return Err(OutputError::Exists { file: name });
        }
        _ => {}
    }
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let folder = fs::metadata(folder.unwrap_or(Path::new("."))).map_err(failed)?;
    if folder.is_dir() && path.file_name().is_some() {
        Ok(())
    } else {
        Err(failed(ErrorKind::NotADirectory.into()))
    }
}

/// Writes a file: first under another name in its folder, then renamed, so that there is never half a
/// file under this name. Over an existing file only with `overwrite`, which keeps its permissions;
/// devices and pipes (`/dev/stdout`) are simply written to.
///
/// # Errors
/// `Exists` when there is such a file and `overwrite` is false; `Failed` when it cannot be written.
pub fn write_new(path: &Path, bytes: &[u8], overwrite: bool) -> Result<(), OutputError> {
    check(path, overwrite)?;
    let name = sanitise_path(path);
    let written = match fs::metadata(path) {
        Ok(old) if !old.is_file() => write_into(path, bytes),
        // The target of a symbolic link is replaced, not the link.
        Ok(old) => fs::canonicalize(path)
            .and_then(|target| replace(&target, bytes, Some(old.permissions()))),
        Err(_) if overwrite => replace(path, bytes, None),
        Err(_) => create(path, bytes),
    };
    written.map_err(|e| match e.kind() {
        ErrorKind::AlreadyExists => OutputError::Exists { file: name },
        _ => OutputError::failed(&name, &e),
    })
}

/// Prints to standard output. A reader that has gone away (`| head -1`) is a quiet end.
///
/// # Errors
/// `Failed` when it cannot be written for another reason.
pub fn print(bytes: &[u8]) -> Result<(), OutputError> {
    let printed = print_to(io::stdout().lock(), bytes);
    printed.map_err(|e| OutputError::failed(STANDARD_OUTPUT, &e))?;
    Ok(())
}

/// Prints one line to standard output at once, and says whether there still is a reader.
///
/// # Errors
/// As [`print()`].
pub fn print_line(line: &str) -> Result<bool, OutputError> {
    let printed = print_to(io::stdout().lock(), format!("{line}\n").as_bytes());
    printed.map_err(|e| OutputError::failed(STANDARD_OUTPUT, &e))
}

/// Writes at once, and says whether there still is a reader.
fn print_to(mut out: impl Write, bytes: &[u8]) -> io::Result<bool> {
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(false),
        result => result.map(|()| true),
    }
}

/// A device or a pipe, which cannot be replaced. A reader that has gone away is a quiet end here
/// too.
fn write_into(path: &Path, bytes: &[u8]) -> io::Result<()> {
    print_to(OpenOptions::new().write(true).open(path)?, bytes)?;
    Ok(())
}

/// A new file. A hard link, unlike a rename, fails when someone else has made the file meanwhile.
fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut temporary = Temporary::beside(path, None)?;
    temporary.fill(bytes)?;
    match fs::hard_link(&temporary.path, path) {
        // File systems without hard links.
        Err(e) if e.kind() != ErrorKind::AlreadyExists => fs::rename(&temporary.path, path),
        result => result,
    }
}

fn replace(path: &Path, bytes: &[u8], permissions: Option<fs::Permissions>) -> io::Result<()> {
    let mut temporary = Temporary::beside(path, permissions.as_ref())?;
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
    /// Nobody may read it who may not read the old file, whose permissions these are.
    fn beside(path: &Path, old: Option<&fs::Permissions>) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        options.mode(old.map_or(0o666, |old| old.mode() & 0o777));
        let mut unfinished = unfinished();
        let mut attempt = 0;
        loop {
            // Not made from the file's own name, which may be as long as names can be.
            let name = format!(".rnntop-{}-{attempt}.part", std::process::id());
            let path = path.with_file_name(name);
            match options.open(&path) {
                Ok(file) => {
                    *unfinished = Some(path.clone());
                    return Ok(Self { path, file });
                }
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
        unfinished().take_if(|path| *path == self.path);
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

    /// A reader that may not read the old file opens the new one in vain, however early.
    #[test]
    fn the_new_file_is_never_more_open_than_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let old = fs::Permissions::from_mode(0o600);
        let half = Temporary::beside(&folder.path().join("x"), Some(&old)).unwrap();
        let mode = half.file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_closed_pipe_is_a_quiet_end_and_a_full_disk_is_not() {
        assert!(!print_to(Failing(ErrorKind::BrokenPipe), b"x").unwrap());
        assert!(print_to(Failing(ErrorKind::StorageFull), b"x").is_err());
        let mut out = Vec::new();
        assert!(print_to(&mut out, b"abc").unwrap());
        assert_eq!(out, b"abc");
    }
}
