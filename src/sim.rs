//! Live stepping: settings, signals, presets, and the worker that computes windows.

pub mod claim;
pub mod data;
pub mod inspect;
pub mod model;
pub mod preset;
pub mod settings;
pub mod signal;
pub mod simulation;
pub mod snapshot;
pub mod worker;

pub use data::{Data, Named};
pub use preset::Preset;
pub use settings::Settings;
pub use simulation::{Ask, SimError, Simulation};
pub use snapshot::{Command, Report, Snapshot};
pub use worker::Worker;
