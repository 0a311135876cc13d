//! The nearest colour that a terminal with fewer colours has.

use ratatui::style::Color;

/// The terminal's 16 in the order of their numbers.
pub const NAMED: [Color; 16] = [
    Color::Black,
    Color::Red,
    Color::Green,
    Color::Yellow,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Gray,
    Color::DarkGray,
    Color::LightRed,
    Color::LightGreen,
    Color::LightYellow,
    Color::LightBlue,
    Color::LightMagenta,
    Color::LightCyan,
    Color::White,
];

/// xterm's 16, which other terminals' are near to.
const XTERM: [[u8; 3]; 16] = [
    [0, 0, 0],
    [205, 0, 0],
    [0, 205, 0],
    [205, 205, 0],
    [0, 0, 238],
    [205, 0, 205],
    [0, 205, 205],
    [229, 229, 229],
    [127, 127, 127],
    [255, 0, 0],
    [0, 255, 0],
    [255, 255, 0],
    [92, 92, 255],
    [255, 0, 255],
    [0, 255, 255],
    [255, 255, 255],
];

/// One of xterm's 256 in 24 bits.
pub fn rgb(index: u8) -> [u8; 3] {
    let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
    match index {
        0..16 => XTERM[usize::from(index)],
        16..232 => {
            let i = index - 16;
            [level(i / 36), level(i / 6 % 6), level(i % 6)]
        }
        232.. => [8 + 10 * (index - 232); 3],
    }
}

/// The nearest of the 16.
pub fn of_sixteen(colour: [u8; 3]) -> Color {
    let nearest = (0..16).min_by_key(|i| distance(colour, XTERM[*i]));
    NAMED[nearest.unwrap_or(0)]
}

/// The nearest of those of the 256 that are the same on every terminal.
pub fn of_256(colour: [u8; 3]) -> u8 {
    (16..=255)
        .min_by_key(|i| distance(colour, rgb(*i)))
        .unwrap_or(16)
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
        for (colour, named) in XTERM.iter().zip(NAMED) {
            assert_eq!(of_sixteen(*colour), named);
        }
    }
}
