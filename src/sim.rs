//! Live stepping: settings, signals, presets, and the worker that computes windows.

pub mod budget;
pub mod claim;
pub mod data;
pub mod edge;
pub mod inspect;
pub mod model;
pub mod preset;
pub mod series;
pub mod settings;
pub mod signal;
pub mod simulation;
mod slide;
pub mod snapshot;
pub mod study;
pub mod window;
pub mod worker;

pub use budget::Budget;
pub use data::{Against, Data};
pub use preset::Preset;
pub use series::Series;
pub use settings::table::Pace;
pub use settings::{CellChoice, Settings, Side};
pub use simulation::{Ask, Progress, SimError, Simulation};
pub use snapshot::{Command, Report, Snapshot};
pub use study::{Explained, Finding, Study, StudyRequest};
pub use window::Window;
pub use worker::Worker;
