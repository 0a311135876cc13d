//! The colours, each in 16, 256 and 24 bits.
//!
//! Blue to orange is the diverging pair of the verdicts. Paths have other hues, which stay apart for
//! colour-blind eyes by their lightness: who sees blue reads "vanishing", whatever path it is. The
//! tests of [`super`] compute contrast, hue and distance.

use ratatui::style::Color;

use crate::ui::colours::Shades;
use crate::ui::look::ThemeName;

const fn ink(ansi: Color, code: u8, (r, g, b): (u8, u8, u8)) -> Shades {
    Shades([ansi, Color::Indexed(code), Color::Rgb(r, g, b)])
}

/// A step of a heat map, which has too many for 16 colours.
const fn step(code: u8, rgb: (u8, u8, u8)) -> Shades {
    ink(Color::Reset, code, rgb)
}

pub const CAROUSEL: usize = 0;
pub const BLOCK: usize = 1;
pub const INPUT: usize = 2;
pub const FORGET: usize = 3;
pub const OUTPUT: usize = 4;
pub const RECURRENT: usize = 5;
pub const VANISH: usize = 6;
pub const EXPLODE: usize = 7;
pub const ERROR: usize = 8;

/// The colours by their names in a file, in the order of their numbers.
pub const NAMES: [&str; 9] = [
    "carousel",
    "block",
    "input",
    "forget",
    "output",
    "recurrent",
    "vanish",
    "explode",
    "error",
];

/// The colours of a theme; `None` for one that has none of its own.
pub fn row(theme: ThemeName) -> Option<&'static [Shades; 9]> {
    match theme {
        ThemeName::Dark => Some(&DARK),
        ThemeName::Light => Some(&LIGHT),
        ThemeName::Contrast => Some(&CONTRAST),
        ThemeName::Mono | ThemeName::Own => None,
    }
}

/// The heat map of a theme.
pub fn heat(theme: ThemeName) -> &'static [Shades; 15] {
    if theme == ThemeName::Light {
        &HEAT_LIGHT
    } else {
        &HEAT_DARK
    }
}

/// For a dark background.
pub const DARK: [Shades; 9] = [
    ink(Color::LightCyan, 50, (0, 255, 215)),
    ink(Color::LightMagenta, 199, (255, 0, 175)),
    ink(Color::LightGreen, 41, (0, 215, 95)),
    ink(Color::Magenta, 135, (175, 95, 255)),
    ink(Color::Green, 190, (215, 255, 0)),
    ink(Color::Cyan, 159, (175, 255, 255)),
    ink(Color::LightBlue, 75, (95, 175, 255)),
    ink(Color::LightYellow, 214, (255, 175, 0)),
    ink(Color::LightRed, 203, (255, 95, 95)),
];

/// For a light background, on which only five of xterm's 16 colours can be read; blue and red are the
/// verdicts', so that most paths have the colour of text there.
pub const LIGHT: [Shades; 9] = [
    ink(Color::Reset, 29, (0, 135, 95)),
    ink(Color::Magenta, 163, (215, 0, 175)),
    ink(Color::Reset, 28, (0, 135, 0)),
    ink(Color::Magenta, 129, (175, 0, 255)),
    ink(Color::Reset, 52, (95, 0, 0)),
    ink(Color::Reset, 23, (0, 95, 95)),
    ink(Color::Blue, 27, (0, 80, 200)),
    ink(Color::Red, 130, (175, 80, 0)),
    ink(Color::Red, 160, (190, 0, 0)),
];

/// Bright on black.
pub const CONTRAST: [Shades; 9] = [
    ink(Color::Reset, 51, (0, 255, 255)),
    ink(Color::LightGreen, 204, (255, 95, 135)),
    ink(Color::Green, 84, (95, 255, 135)),
    ink(Color::Reset, 207, (255, 95, 255)),
    ink(Color::Green, 106, (135, 175, 0)),
    ink(Color::Reset, 159, (175, 255, 255)),
    ink(Color::LightCyan, 39, (0, 175, 255)),
    ink(Color::LightYellow, 220, (255, 215, 0)),
    ink(Color::LightYellow, 220, (255, 215, 0)),
];

/// From vanished (deep blue) over |δ_T| (pale) to exploded (orange), for a dark background.
pub const HEAT_DARK: [Shades; 15] = [
    step(17, (14, 26, 64)),
    step(18, (20, 44, 102)),
    step(25, (26, 66, 140)),
    step(26, (38, 94, 176)),
    step(32, (62, 126, 206)),
    step(74, (98, 160, 226)),
    step(110, (150, 194, 236)),
    step(188, (222, 222, 214)),
    step(223, (244, 212, 160)),
    step(222, (250, 196, 112)),
    step(215, (252, 176, 72)),
    step(214, (252, 154, 36)),
    step(208, (246, 128, 10)),
    step(202, (232, 98, 0)),
    step(196, (214, 64, 0)),
];

/// The steps of a heat map on a light background.
pub const HEAT_LIGHT: [Shades; 15] = [
    step(153, (190, 214, 242)),
    step(117, (164, 198, 240)),
    step(111, (134, 178, 236)),
    step(75, (104, 156, 228)),
    step(68, (78, 134, 216)),
    step(62, (58, 108, 196)),
    step(61, (60, 84, 160)),
    step(240, (84, 84, 84)),
    step(94, (122, 84, 40)),
    step(130, (158, 88, 20)),
    step(166, (190, 90, 8)),
    step(172, (210, 102, 4)),
    step(208, (226, 122, 10)),
    step(214, (238, 146, 30)),
    step(220, (246, 172, 60)),
];
