//! A palette of the user's, as plain data.

use ratatui::style::Color;

use crate::ui::look::ThemeName;

/// A colour as it is written for terminals with 16, 256 and all colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shades(pub [Color; 3]);

/// What the user colours differently than a built-in theme does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colours {
    /// The theme that everything else comes from: never the user's own.
    pub base: ThemeName,
    /// Each role by its name in the file.
    pub roles: Vec<(&'static str, Shades)>,
    /// The heat map's steps from vanished to exploded, when there are others.
    pub heat: Option<[Shades; 15]>,
}

impl Colours {
    /// The colour of a role, when the user has one for it.
    pub fn role(&self, name: &str) -> Option<Shades> {
        let found = self.roles.iter().find(|(role, _)| *role == name);
        found.map(|(_, shades)| *shades)
    }
}
