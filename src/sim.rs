//! Live stepping: settings, signals, presets, and the worker that computes windows.

pub mod settings;
pub mod snapshot;

pub use settings::Settings;
pub use snapshot::{Command, Report, Snapshot};
