//! The log: a line of JSON for every update, the first of which says where the run comes from: its
//! `provenance` has `version`, `seed`, `settings` (those that are not the program's own), `arguments` and `files`,
//! as of `rnntop trace`.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::cli::Failure;
use crate::cli::args::TrainArgs;
use crate::cli::provenance::{Differing, Origin, VERSION};
use crate::io::{OutputError, output, reason};
use crate::train::Record;
use crate::train::settings::Settings;
use crate::words::sanitise::sanitise_path;
use crate::words::value::exact;

/// Where the lines go.
pub enum Log {
    /// Nowhere.
    Off,
    /// To standard output.
    Standard,
    /// To this file, whose name is for messages, and which has so many bytes of whole lines.
    File(File, String, u64),
}

/// A line. Numbers that are not finite, which JSON does not have, are texts.
#[derive(Serialize)]
struct Line {
    update: u64,
    loss: Number,
    grad_norm: Number,
    clipped_norm: Number,
    learning_rate: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    cut_off: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    penalty: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provenance: Option<RunOrigin>,
}

/// Where a run comes from.
pub struct RunOrigin {
    settings: Settings,
    origin: Origin,
}

impl RunOrigin {
    /// From the options of the command, what follows it, and the settings that these make.
    pub fn of(args: &TrainArgs, given: &[OsString], settings: &Settings) -> Self {
        let files = [
            ("--text", args.text.as_deref()),
            ("--inputs", args.inputs.as_deref()),
            ("--targets", args.targets.as_deref()),
            ("--resume", args.resume.as_deref()),
        ];
        Self {
            settings: settings.clone(),
            origin: Origin::new("train", given, &files),
        }
    }
}

impl Serialize for RunOrigin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("version", VERSION)?;
        map.serialize_entry("seed", &self.settings.seed)?;
        map.serialize_entry("settings", &Differing(&self.settings))?;
        self.origin.fields(&mut map)?;
        map.end()
    }
}

struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() {
            serializer.serialize_f64(self.0)
        } else {
            serializer.serialize_str(&exact(self.0))
        }
    }
}

impl Log {
    /// Opens the log, over an existing file only with `force`.
    ///
    /// # Errors
    /// There is such a file, or it cannot be written.
    pub fn open(path: Option<&Path>, force: bool) -> Result<Self, Failure> {
        let Some(path) = path else {
            return Ok(Self::Off);
        };
        if path.as_os_str() == "-" {
            return Ok(Self::Standard);
        }
        let name = sanitise_path(path);
        let mut options = OpenOptions::new();
        options.write(true);
        // Devices and pipes are simply written to.
        let known = path.metadata();
        let special = known.is_ok_and(|known| !known.is_file() && !known.is_dir());
        let opened = if special {
            options.open(path)
        } else if force {
            options.create(true).truncate(true).open(path)
        } else {
            options.create_new(true).open(path)
        };
        match opened {
            Ok(file) => Ok(Self::File(file, name, 0)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(Failure::input(OutputError::Exists { file: name }))
            }
            Err(error) => {
                let reason = reason(&error);
                Err(Failure::failed(OutputError::Failed { file: name, reason }))
            }
        }
    }

    /// Writes a line at once; false when nobody reads any more.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&mut self, record: &Record, from: Option<RunOrigin>) -> Result<bool, Failure> {
        if matches!(self, Self::Off) {
            return Ok(true);
        }
        let line = serde_json::to_string(&Line {
            update: record.update,
            loss: Number(record.loss),
            grad_norm: Number(record.grad_norm),
            clipped_norm: Number(record.clipped_norm),
            learning_rate: Number(record.learning_rate),
            cut_off: record.cut_off.map(Number),
            penalty: record.penalty.map(Number),
            provenance: from,
        })
        .map_err(Failure::failed)?;
        match self {
            Self::Off => Ok(true),
            Self::Standard => output::print_line(&line).map_err(Failure::failed),
            Self::File(file, name, whole) => match file.write_all(format!("{line}\n").as_bytes()) {
                Ok(()) => {
                    *whole += line.len() as u64 + 1;
                    Ok(true)
                }
                Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
                Err(error) => {
                    // The disk is full: half a line is worth nothing. Where that fails, too, it stays.
                    let _ = file.set_len(*whole);
                    Err(Failure::failed(OutputError::Failed {
                        file: name.clone(),
                        reason: reason(&error),
                    }))
                }
            },
        }
    }
}
