//! What the user chooses of how things are drawn: characters, palette, colours of the terminal.

/// Which characters draw curves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Marker {
    /// Octants: as many dots as braille, without gaps between them. Few fonts have them, so they
    /// are drawn on request only.
    Octant,
    /// Braille lines.
    #[default]
    Braille,
    /// Block elements only.
    Block,
    /// ASCII only.
    Ascii,
}

/// Which palette.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum ThemeName {
    /// For a dark background.
    #[default]
    Dark,
    /// For a light background.
    Light,
    /// Strong colours only.
    Contrast,
    /// No colours: bold, reverse and signs only.
    Mono,
    /// The user's own.
    Own,
}

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Depth {
    /// None: modifiers only.
    Mono,
    /// The 16 of the terminal's own palette.
    Ansi16,
    /// The 256 of xterm.
    Ansi256,
    /// 24 bits.
    #[default]
    Rgb,
}
