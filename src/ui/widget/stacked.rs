//! Signed parts of a whole in one bar: positive ones stand one after the other to the right of
//! zero, negative ones to its left, so that right minus left is the whole.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::words::short::unsigned_zero;

/// One part.
pub struct Share {
    /// Its size and sign, the whole being 1.
    pub value: f64,
    /// What marks it.
    pub letter: char,
    /// Its colour.
    pub style: Style,
}

/// A bar of parts that add up to 1.
pub struct Stacked<'a> {
    /// The parts, in their order from zero outwards.
    pub parts: &'a [Share],
}

/// How many decimals a part is written with, and fewer where there is less room.
const TEXTS: [fn(&Share) -> String; 3] = [
    |part| {
        format!(
            "{} {} ",
            part.letter,
            unsigned_zero(format!("{:+.3}", part.value))
        )
    },
    |part| {
        format!(
            "{}{}",
            part.letter,
            unsigned_zero(format!("{:+.2}", part.value))
        )
    },
    |part| part.letter.to_string(),
];

impl Stacked<'_> {
    /// Draws it: the bar on the first row, and where 0 and 1 are on the second one, if there is one.
    pub fn render(&self, pen: &mut Pen, area: Rect) {
        let area = area.intersection(pen.buf.area);
        let parts = || self.parts.iter().filter(|p| p.value.is_finite());
        let sum = |sign: f64| -> f64 {
            let sizes = parts().map(|p| p.value * sign).filter(|v| *v > 0.0);
            sizes.sum()
        };
        let (negative, positive) = (sum(-1.0), sum(1.0).max(1.0));
        // A column for the zero mark, which belongs to neither side.
        let Some(width) = area.width.checked_sub(1).filter(|&w| w > 0) else {
            return;
        };
        let per = f64::from(width) / (negative + positive);
        let columns = |v: f64| (v * per).round().clamp(0.0, f64::from(width)) as u16;
        let zero = area.x + columns(negative);
        let mut at = [0.0, 0.0];
        for part in parts() {
            let left = part.value < 0.0;
            let from = &mut at[usize::from(left)];
            let (inner, outer) = (*from, *from + part.value.abs());
            *from = outer;
            let (inner, outer) = (columns(inner), columns(outer));
            let x = if left {
                zero.saturating_sub(outer)
            } else {
                zero + 1 + inner
            };
            Self::part(pen, x, area.y, outer - inner, part);
        }
        pen.put(zero, area.y, '│', pen.look.style(Role::Text));
        if area.height > 1 {
            Self::scale(pen, area, zero, zero + columns(1.0), negative);
        }
    }

    /// Solid when positive, hatched when negative, with as much of its text as fits.
    fn part(pen: &mut Pen, x: u16, y: u16, width: u16, part: &Share) {
        let ascii = pen.look.is_ascii();
        let (fill, style) = match (part.value < 0.0, ascii) {
            (true, true) => ('-', part.style),
            (true, false) => ('░', part.style),
            (false, true) => (part.letter, part.style),
            (false, false) => (' ', part.style.add_modifier(Modifier::REVERSED)),
        };
        pen.fill(Rect::new(x, y, width, 1), fill, style);
        let texts = TEXTS.iter().map(|text| text(part));
        if let Some(text) = texts.into_iter().find(|t| pen.look.width(t) <= width) {
            pen.text(x, y, width, &text, style.add_modifier(Modifier::BOLD));
        }
    }

    fn scale(pen: &mut Pen, area: Rect, zero: u16, one: u16, negative: f64) {
        let y = area.y + 1;
        let quiet = pen.look.style(Role::Quiet);
        pen.put(zero, y, '0', quiet);
        pen.put(one.min(area.right() - 1), y, '1', quiet);
        if negative >= 0.005 {
            // Where there is room: what all negative parts come to, and what they do.
            let text = format!("{:+.2} cancels", -negative);
            if area.x + pen.look.width(&text) < zero {
                pen.text(area.x, y, zero - area.x, &text, quiet);
            } else {
                pen.text(zero + 2, y, one.saturating_sub(zero + 3), &text, quiet);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::look::Marker;
    use crate::ui::pen::Look;
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;

    fn part(letter: char, value: f64) -> Share {
        Share {
            value,
            letter,
            style: Style::new(),
        }
    }

    fn draw(parts: &[Share], width: u16, height: u16, look: Look) -> Vec<String> {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        let area = buf.area;
        Stacked { parts }.render(&mut Pen::new(&mut buf, look), area);
        (0..height)
            .map(|y| (0..width).map(|x| buf[(x, y)].symbol()).collect())
            .collect()
    }

    #[test]
    fn parts_stand_on_their_side_of_zero() {
        let parts = [part('c', 0.9), part('b', -0.2), part('o', 0.3)];
        let rows = draw(&parts, 29, 2, Look::default());
        assert_eq!(
            rows,
            [
                "b░░░│c +0.900          o+0.30",
                "    0 -0.20 cancels     1    "
            ]
        );
        let ascii = Look {
            marker: Marker::Ascii,
            ..Look::default()
        };
        assert_eq!(
            draw(&parts, 29, 1, ascii),
            ["b---|c +0.900 ccccccccco+0.30"]
        );
    }

    #[test]
    fn a_part_too_small_for_a_column_has_none() {
        let rows = draw(
            &[part('c', 0.999), part('b', 0.001)],
            12,
            1,
            Look::default(),
        );
        assert_eq!(rows, ["│c +0.999   "]);
    }

    proptest! {
        #[test]
        fn every_size_and_sign(
            values in proptest::collection::vec(-1e3..1e3f64, 0..6),
            width in 0u16..60,
            height in 0u16..4,
        ) {
            let mut parts: Vec<Share> = values.iter().map(|&v| part('x', v)).collect();
            parts.push(part('n', f64::NAN));
            draw(&parts, width, height, Look::default());
        }
    }
}
