//! The files of a run.
//!
//! | file | |
//! |---|---|
//! | `NAME.safetensors` | the weights alone, with PyTorch's names: `load_state_dict` takes them as they are |
//! | `NAME.toml` | the settings of the run |
//! | `NAME.state.safetensors` | weights, the optimiser's memory and the number of updates: what a run goes on from |
//!
//! Each is replaced as a whole. A run goes on from the settings, which do not change, and from the state,
//! so that it does not matter between which two files a program is killed.

use std::path::{Path, PathBuf};

use safetensors::tensor::{Dtype, TensorView};

use super::run::{Kept, Training};
use crate::io::error::Mistake;
use crate::io::{InputError, OutputError, write_new};

/// The names of the files of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// The weights.
    pub weights: PathBuf,
    /// The settings.
    pub settings: PathBuf,
    /// What a run goes on from.
    pub state: PathBuf,
}

impl Files {
    /// The files beside `NAME.safetensors`.
    pub fn of(weights: &Path) -> Self {
        Self {
            weights: weights.to_owned(),
            settings: weights.with_extension("toml"),
            state: weights.with_extension("state.safetensors"),
        }
    }

    /// Those that exist.
    pub fn there(&self) -> impl Iterator<Item = &Path> {
        let all = [&self.weights, &self.settings, &self.state];
        let there = |path: &&PathBuf| path.symlink_metadata().is_ok();
        all.into_iter().filter(there).map(PathBuf::as_path)
    }

    /// Writes the settings, as TOML.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn save_settings(&self, toml: &str) -> Result<(), OutputError> {
        let text = format!("# rnntop {}\n{toml}", env!("CARGO_PKG_VERSION"));
        write_new(&self.settings, text.as_bytes(), true)
    }

    /// Writes weights and state.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn save(&self, run: &dyn Training) -> Result<(), OutputError> {
        let weights = run.weights();
        write_new(&self.weights, &bytes(&weights, run.dtype()), true)?;
        let all: Vec<Kept> = weights.into_iter().chain(run.memory()).collect();
        write_new(&self.state, &bytes(&all, run.dtype()), true)
    }

    /// Goes on from the state.
    ///
    /// # Errors
    /// It cannot be read, or is that of another network.
    pub fn resume(&self, run: &mut dyn Training) -> Result<(), InputError> {
        let file = crate::io::weights::load_tensors(&self.state)?;
        run.take_up(&file.value)
            .map_err(|why| Mistake::refused("", why).of(&file.source))
    }
}

/// Where the weights are that a run has left which lost itself: the end of a sentence.
pub fn left(update: u64, file: &str) -> String {
    format!("the last finite weights, of update {update}, are in {file}")
}

/// A `.safetensors` file.
fn bytes(tensors: &[Kept], dtype: Dtype) -> Vec<u8> {
    let views = tensors.iter().filter_map(|(name, shape, bytes)| {
        let view = TensorView::new(dtype, shape.clone(), bytes).ok()?;
        Some((name.clone(), view))
    });
    // Shapes and bytes fit by their making, so that there is no error to report.
    safetensors::serialize(views, None).unwrap_or_default()
}
