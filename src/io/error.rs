//! What can be wrong with a file, each in one sentence.

use std::fmt::{self, Display};
use std::io;

use crate::words::brief;

/// What is wrong in a file, before it is said in which. Its parts are sanitised and cut to a readable
/// length, so that it is safe to show whatever was in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// Where in the file: a tensor, a row and column, the header; empty for the whole file.
    field: String,
    /// What is wrong there.
    reason: String,
}

impl Mistake {
    /// Something that is not what it must be.
    pub(crate) fn new(
        field: impl Into<String>,
        expected: impl Display,
        found: impl Display,
    ) -> Self {
        let [expected, found] = [expected.to_string(), found.to_string()];
        let reason = format!("expected {}, found {}", brief(&expected), brief(&found));
        Self {
            field: field.into(),
            reason,
        }
    }

    /// Something that may be fine, but is of a kind that is not taken.
    pub(crate) fn refused(field: impl Into<String>, why: impl AsRef<str>) -> Self {
        Self {
            field: field.into(),
            reason: brief(why.as_ref()).into_owned(),
        }
    }

    /// The operating system's failure to give the bytes.
    pub(crate) fn unreadable(error: &io::Error) -> Self {
        Self::refused("", reason(error))
    }

    /// The mistake in another place.
    pub(crate) fn at(self, field: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            ..self
        }
    }

    /// The mistake in a file, as the user named that.
    pub(crate) fn of(self, file: &str) -> InputError {
        InputError {
            file: file.to_owned(),
            mistake: self,
        }
    }
}

impl InputError {
    /// Whether an array has another shape than it should.
    pub(crate) fn is_of_shape(&self) -> bool {
        self.mistake.field == "shape"
    }
}

impl Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.field.is_empty() {
            write!(f, ", {}", brief(&self.field))?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// Why a file was not taken. Its `Display` is one sentence that is safe to show, whatever was in
/// the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{mistake}", brief(.file))]
pub struct InputError {
    file: String,
    mistake: Mistake,
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
            Mistake::new(bad, bad, bad).of(bad),
            Mistake::refused(bad, bad).of(bad),
            Mistake::refused("", bad).at(bad).of(bad),
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
        let error = Mistake::new(&long, &long, &long).of(&long);
        assert!(error.to_string().chars().count() < 1_700);
        let error = Mistake::refused(&long, &long).of(&long);
        assert!(error.to_string().chars().count() < 1_700);
    }

    #[test]
    fn field_is_left_out_when_there_is_none() {
        let error = Mistake::new("", "numbers", "nothing").of("a.npy");
        assert_eq!(error.to_string(), "a.npy: expected numbers, found nothing");
        let error = Mistake::new("header", "numbers", "nothing").of("a.npy");
        assert_eq!(
            error.to_string(),
            "a.npy, header: expected numbers, found nothing"
        );
    }
}
