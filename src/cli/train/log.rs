//! The log: a line of JSON for every update, the first of which says where the run comes from: its
//! `provenance` has `version`, `seed`, `settings` (those that are not the program's own), `arguments` and `files`,
//! as of `rnntop trace`.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use crate::cli::Failure;
use crate::cli::args::TrainArgs;
use crate::cli::json::{Object, finite_or_text};
use crate::cli::provenance::{self, Origin, VERSION};
use crate::io::{OutputError, output, reason};
use crate::train::Record;
use crate::train::settings::Settings;
use crate::words::sanitise::sanitise_path;

/// Where the lines go.
pub enum Log {
    /// Nowhere.
    Off,
    /// To standard output.
    Standard,
    /// To this file, whose name is for messages, and which has so many bytes of whole lines.
    File(File, String, u64),
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

    fn object(&self) -> Object<'_> {
        Object::default()
            .with("version", VERSION)
            .with("seed", self.settings.seed)
            .with("settings", provenance::settings(&self.settings))
            .and(self.origin.object())
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
        // Numbers that are not finite, which JSON does not have, are texts.
        let line = Object::default()
            .with("update", record.update)
            .with("loss", finite_or_text(record.loss))
            .with("grad_norm", finite_or_text(record.grad_norm))
            .with("clipped_norm", finite_or_text(record.clipped_norm))
            .with("learning_rate", finite_or_text(record.learning_rate))
            .maybe("cut_off", record.cut_off.map(finite_or_text))
            .maybe("penalty", record.penalty.map(finite_or_text))
            .maybe("provenance", from.as_ref().map(RunOrigin::object));
        let line = serde_json::to_string(&line)?;
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
