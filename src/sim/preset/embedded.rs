//! The presets that are part of the program.

use crate::sim::preset::{Preset, PresetError};

/// A preset's file inside the program.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// The name on the command line.
    pub name: &'static str,
    /// The file as it stands in the repository.
    pub path: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(File {
            name: $name,
            path: concat!("presets/", $name, ".toml"),
            text: include_str!(concat!("../../../presets/", $name, ".toml")),
        }),*]
    };
}

/// All presets, in the order in which they are listed. The first is what the program opens.
pub const FILES: &[File] = files![
    "why",
    "power-law",
    "orthogonal",
    "carousel",
    "forget-bias",
    "block-input",
    "output-gate",
    "gaussian",
    "clip",
    "keras",
    "pytorch",
    "keras-default",
    "hydrology",
    "variants",
    "peepholes",
    "irnn",
    "minimal",
    "lru",
    "indrnn",
    "noise",
];

/// The file of a preset.
pub fn find(name: &str) -> Option<File> {
    FILES.iter().copied().find(|file| file.name == name)
}

impl File {
    /// Reads the preset.
    ///
    /// # Errors
    /// A mistake in the file, which the project's tests rule out.
    pub fn read(self) -> Result<Preset, PresetError> {
        Preset::parse(self.name, self.path, self.text)
    }
}
