//! What a command was given: its arguments, and the files that it read, with their digests.

use std::ffi::OsString;
use std::fmt;
use std::path::Path;

use serde_json::Value;

use super::VERSION;
use crate::cli::args::DataArgs;
use crate::cli::json::{Json, Object};
use crate::cli::{Failure, failure, presets};
use crate::io::digest;
use crate::words::sanitise;
use crate::words::sanitise::sanitise_path;

/// Options that say where a result goes, and not what it is, with their values.
const OUTPUT: [(&str, bool); 3] = [("--out", true), ("--from", true), ("--force", false)];

/// Arguments and files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    /// The command: `trace`, `inspect`, …
    command: &'static str,
    /// What follows it, but for where the result goes.
    pub arguments: Vec<String>,
    files: Vec<Source>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq)]
struct Source {
    option: String,
    path: String,
    /// `None` of standard input and of pipes.
    bytes: Option<u64>,
    sha256: Option<String>,
}

impl Origin {
    /// From what follows the command, and the files that it names.
    pub fn new(
        command: &'static str,
        arguments: &[OsString],
        files: &[(&str, Option<&Path>)],
    ) -> Self {
        let mut kept = Vec::new();
        let mut all = arguments
            .iter()
            .map(|word| word.to_string_lossy().into_owned());
        while let Some(word) = all.next() {
            let name = word.split('=').next().unwrap_or_default();
            match OUTPUT.iter().find(|(option, _)| *option == name) {
                Some((_, true)) if !word.contains('=') => drop(all.next()),
                Some(_) => {}
                None => kept.push(word),
            }
        }
        let named = files
            .iter()
            .filter_map(|(option, path)| Some((option, (*path)?)));
        let source = |(option, path): (&&str, &Path)| {
            // Whoever reads a file says what is wrong with it.
            let (bytes, sha256) = digest(path).ok().flatten().unzip();
            Source {
                option: (*option).to_owned(),
                path: sanitise_path(path),
                bytes,
                sha256,
            }
        };
        Self {
            command,
            arguments: kept,
            files: named.map(source).collect(),
        }
    }

    /// The origin of a command on a cell: what was read is a preset's file and the user's data.
    pub fn of_cell(
        command: &'static str,
        arguments: &[OsString],
        preset: Option<&str>,
        data: &DataArgs,
    ) -> Self {
        let preset = preset.filter(|name| presets::is_file(name));
        let files = [&[("preset", preset.map(Path::new))], &data.files()[..]].concat();
        Self::new(command, arguments, &files)
    }

    /// The fields `arguments` and `files`.
    pub fn object(&self) -> Object<'_> {
        let arguments: Vec<_> = self.arguments.iter().map(|word| sanitise(word)).collect();
        let file = |k: usize| {
            let file = &self.files[k];
            Object::default()
                .with("option", file.option.as_str())
                .with("path", file.path.as_str())
                .with("bytes", file.bytes)
                .with("sha256", file.sha256.as_deref())
        };
        Object::default()
            .with("arguments", arguments)
            .with("files", Json::list(self.files.len(), file))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.files {
            write!(f, "; {} {}", file.option, file.path)?;
            if let (Some(bytes), Some(sha256)) = (file.bytes, &file.sha256) {
                write!(f, " of {bytes} bytes, sha256 {sha256}")?;
            }
        }
        write!(f, "; again: rnntop {}", self.command)?;
        self.arguments
            .iter()
            .try_for_each(|word| write!(f, " {}", shell(&sanitise(word))))
    }
}

/// A word as a shell takes it.
fn shell(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./,:=+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// What a result says of its origin, in order to compute it again.
#[derive(Debug)]
pub struct Recorded {
    source: String,
    /// What followed the command.
    pub arguments: Vec<String>,
    files: Vec<Value>,
}

impl Recorded {
    /// From the JSON of a result.
    ///
    /// # Errors
    /// It is none, or says nothing of its origin.
    pub fn read(bytes: &[u8], source: &str) -> Result<Self, Failure> {
        let wrong = |what: &str| {
            Failure::wrong(
                source,
                format!("the JSON of a trace, which has {what}"),
                "none",
            )
        };
        // The first of the lines of `--follow` has it in a field of its own.
        let mut lines = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>();
        let followed = lines.next().and_then(Result::ok);
        let followed = followed.and_then(|mut line| Some(line.get_mut("provenance")?.take()));
        let result = followed.map_or_else(|| serde_json::from_slice(bytes), Ok);
        let result: Value =
            result.map_err(|error| Failure::input(format!("{source}: expected JSON: {error}")))?;
        if let Some(other) = ["models", "sweep"]
            .iter()
            .find(|name| !result[**name].is_null())
        {
            return Err(Failure::input(format!(
                "{source}: expected the JSON of rnntop trace, found one with {other}, of another command"
            )));
        }
        let words = result["arguments"].as_array().and_then(|words| {
            let word = |word: &Value| word.as_str().map(str::to_owned);
            words.iter().map(word).collect::<Option<Vec<_>>>()
        });
        let version = result["version"]
            .as_str()
            .ok_or_else(|| wrong("a version"))?;
        if version != VERSION {
            let version = sanitise(version);
            failure::note(&format!(
                "{source} is a result of rnntop {version}, this is rnntop {VERSION}"
            ));
        }
        Ok(Self {
            source: source.to_owned(),
            arguments: words.ok_or_else(|| wrong("arguments"))?,
            files: result["files"].as_array().cloned().unwrap_or_default(),
        })
    }

    /// Whether the files are those that the result was computed from.
    ///
    /// # Errors
    /// One sentence on the first that is not.
    pub fn check(&self, origin: &Origin) -> Result<(), Failure> {
        for now in &origin.files {
            let then = self.files.iter().find(|then| then["option"] == *now.option);
            let then = then.and_then(|then| then["sha256"].as_str());
            let (Some(then), Some(found)) = (then, &now.sha256) else {
                continue;
            };
            if then != found {
                let (source, then) = (&self.source, sanitise(then));
                return Err(Failure::input(format!(
                    "{}: expected the file that {source} was computed from, of sha256 {then}, found {found}",
                    now.path
                )));
            }
        }
        Ok(())
    }
}
