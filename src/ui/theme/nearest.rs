//! The nearest colour that a terminal with fewer colours has.

use ratatui::style::Color;

use crate::ui::look::Depth;

/// The terminal's 16 in the order of their numbers: what a file calls them, and xterm's own, which other
/// terminals' are near to.
pub const NAMED: [(&str, Color, [u8; 3]); 16] = [
    ("black", Color::Black, [0, 0, 0]),
    ("red", Color::Red, [205, 0, 0]),
    ("green", Color::Green, [0, 205, 0]),
    ("yellow", Color::Yellow, [205, 205, 0]),
    ("blue", Color::Blue, [0, 0, 238]),
    ("magenta", Color::Magenta, [205, 0, 205]),
    ("cyan", Color::Cyan, [0, 205, 205]),
    ("white", Color::Gray, [229, 229, 229]),
    ("bright-black", Color::DarkGray, [127, 127, 127]),
    ("bright-red", Color::LightRed, [255, 0, 0]),
    ("bright-green", Color::LightGreen, [0, 255, 0]),
    ("bright-yellow", Color::LightYellow, [255, 255, 0]),
    ("bright-blue", Color::LightBlue, [92, 92, 255]),
    ("bright-magenta", Color::LightMagenta, [255, 0, 255]),
    ("bright-cyan", Color::LightCyan, [0, 255, 255]),
    ("bright-white", Color::White, [255, 255, 255]),
];

/// One of xterm's 256 in 24 bits.
pub fn rgb(index: u8) -> [u8; 3] {
    let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    match index {
        0..16 => NAMED[usize::from(index)].2,
        16..232 => {
            let i = index - 16;
            [level(i / 36), level(i / 6 % 6), level(i % 6)]
        }
        232.. => [8 + 10 * (index - 232); 3],
    }
}

/// The nearest of the 16.
fn of_sixteen(colour: [u8; 3]) -> Color {
    let nearest = NAMED
        .into_iter()
        .min_by_key(|(.., rgb)| distance(colour, *rgb));
    nearest.map_or(Color::Reset, |(_, named, _)| named)
}

/// The nearest of those of the 256 that are the same on every terminal.
fn of_256(colour: [u8; 3]) -> u8 {
    (16..=255)
        .min_by_key(|i| distance(colour, rgb(*i)))
        .unwrap_or(16)
}

/// The colour that a terminal shows for one: of 16 the nearest, of 256, or as it is.
pub fn shown(colour: Color, depth: Depth) -> Color {
    match (colour, depth) {
        (Color::Indexed(n @ 0..16), _) => NAMED[usize::from(n)].1,
        (Color::Indexed(n), Depth::Ansi16) => of_sixteen(rgb(n)),
        (Color::Rgb(r, g, b), Depth::Ansi16) => of_sixteen([r, g, b]),
        (Color::Rgb(r, g, b), Depth::Ansi256) => Color::Indexed(of_256([r, g, b])),
        (colour, _) => colour,
    }
}

/// How far apart two colours look: green counts most, and red the more the redder they are.
fn distance(a: [u8; 3], b: [u8; 3]) -> i32 {
    let red = i32::midpoint(i32::from(a[0]), i32::from(b[0]));
    let [r, g, b] = [0, 1, 2].map(|i| i32::from(a[i]) - i32::from(b[i]));
    (512 + red) * r * r / 256 + 4 * g * g + (767 - red) * b * b / 256
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_that_are_there_are_found() {
        for index in 16..=255 {
            // Some greys are in the cube and in the row of greys.
            assert_eq!(rgb(of_256(rgb(index))), rgb(index));
        }
        for (_, named, rgb) in NAMED {
            assert_eq!(of_sixteen(rgb), named);
        }
    }
}
