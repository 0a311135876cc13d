//! What can be wrong with a file, each in one sentence.

use std::io;

use crate::words::brief;

/// Why a file was not taken. Its `Display` is one sentence that is safe to show, whatever was in
/// the file: every part of it is sanitised and cut to a readable length when it is written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InputError {
    /// The bytes could not be read.
    #[error("{}: {}", brief(.file), brief(.reason))]
    Unreadable {
        /// The file, as the user named it.
        file: String,
        /// Why: the words of the operating system.
        reason: String,
    },
    /// Something in the file is not what it must be.
    #[error("{}: expected {}, found {}", place(.file, .field), brief(.expected), brief(.found))]
    Unexpected {
        /// The file, as the user named it.
        file: String,
        /// Where in the file: a tensor, a row and column, the header; empty for the whole file.
        field: String,
        /// What would be right.
        expected: String,
        /// What is there.
        found: String,
    },
    /// The file may be fine, but it is of a kind that is not taken.
    #[error("{}: {}", place(.file, .field), brief(.reason))]
    Refused {
        /// The file, as the user named it.
        file: String,
        /// Where in the file; empty for the whole file.
        field: String,
        /// Why, and what is taken instead.
        reason: String,
    },
}

impl InputError {
    /// The operating system's failure to give the bytes.
    pub(crate) fn unreadable(file: &str, error: &io::Error) -> Self {
        Self::Unreadable {
            file: file.to_owned(),
            reason: reason(error),
        }
    }

    /// Something that is not what it must be.
    pub(crate) fn unexpected(
        file: &str,
        field: impl Into<String>,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Unexpected {
            file: file.to_owned(),
            field: field.into(),
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// Something that is not taken.
    pub(crate) fn refused(file: &str, field: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Refused {
            file: file.to_owned(),
            field: field.into(),
            reason: why.into(),
        }
    }
}

/// Why something was not written. Its `Display` is one sentence that is safe to show.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutputError {
    /// There is such a file already, and overwriting was not asked for: an error of usage.
    #[error("{}: the file exists already; give --force to overwrite it", brief(.file))]
    Exists {
        /// The file, as the user named it.
        file: String,
    },
    /// The bytes could not be written.
    #[error("{}: cannot be written: {}", brief(.file), brief(.reason))]
    Failed {
        /// The file, as the user named it, or `standard output`.
        file: String,
        /// Why: the words of the operating system.
        reason: String,
    },
}

impl OutputError {
    /// The operating system's failure to take the bytes.
    pub(crate) fn failed(file: &str, error: &io::Error) -> Self {
        Self::Failed {
            file: file.to_owned(),
            reason: reason(error),
        }
    }
}

/// File and field, as a sentence begins.
fn place(file: &str, field: &str) -> String {
    if field.is_empty() {
        brief(file).into_owned()
    } else {
        format!("{}, {}", brief(file), brief(field))
    }
}

/// The usual failures in plain words, the others in the system's own.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "expected a file, found a folder".to_owned(),
        io::ErrorKind::NotADirectory => "a part of the path is no folder".to_owned(),
        io::ErrorKind::StorageFull => "there is no space left".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::sanitise;

    #[test]
    fn sentences_are_safe_whatever_they_quote() {
        let bad = "a\u{1b}]0;x\u{7}\u{202e}\u{200b}\nb";
        let errors = [
            InputError::unexpected(bad, bad, bad, bad),
            InputError::refused(bad, bad, bad),
            InputError::Unreadable {
                file: bad.into(),
                reason: bad.into(),
            },
        ];
        for error in errors {
            let sentence = error.to_string();
            assert_eq!(sentence, sanitise(&sentence), "{sentence:?}");
        }
        let sentence = OutputError::Failed {
            file: bad.into(),
            reason: bad.into(),
        }
        .to_string();
        assert_eq!(sentence, sanitise(&sentence));
    }

    #[test]
    fn sentences_are_short_however_long_the_names_are() {
        let long = "name".repeat(5_000_000);
        let error = InputError::unexpected(&long, &long, &long, &long);
        assert!(error.to_string().chars().count() < 1_700);
        let error = InputError::refused(&long, &long, &long);
        assert!(error.to_string().chars().count() < 1_700);
    }

    #[test]
    fn field_is_left_out_when_there_is_none() {
        let error = InputError::unexpected("a.npy", "", "numbers", "nothing");
        assert_eq!(error.to_string(), "a.npy: expected numbers, found nothing");
        let error = InputError::unexpected("a.npy", "header", "numbers", "nothing");
        assert_eq!(
            error.to_string(),
            "a.npy, header: expected numbers, found nothing"
        );
    }
}
