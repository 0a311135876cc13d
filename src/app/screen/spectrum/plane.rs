//! All eigenvalues of the recurrent matrices, each matrix in its path's colour.

use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::Line;

use super::matrices;
use crate::app::view::View;
use crate::flow::Spectrum;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::widget::plane::{Cloud, Plane};
use crate::words::short::number;

pub(super) fn render(pen: &mut Pen, area: Rect, view: &View, spectrum: &Spectrum, title: &Line) {
    let look = view.look;
    let drawn = matrices(view, spectrum);
    let several = drawn.len() > 1;
    let shown = || drawn.iter().filter(|d| d.shown);
    let radius = shown().map(|d| d.matrix.radius()).fold(0.0, f64::max);
    let mut answer = format!("ρ {}", decimals(radius));
    if let Some(one) = shown().next()
        && several
        && shown().count() == 1
    {
        answer = format!("{} {answer}", one.matrix.name);
    }
    let clouds: Vec<Cloud> = shown()
        .map(|d| Cloud {
            points: d.matrix.eigenvalues.iter().map(|z| (z.re, z.im)).collect(),
            style: d.style,
            letter: d.letter,
        })
        .collect();
    let plane = Plane { clouds: &clouds };
    let ring = plane.ring();
    let mut title = title.clone();
    title.push_span(if ring < 1.0 {
        look.span(format!(" and |z| = {ring}"), Role::Quiet)
    } else {
        look.span(" and the unit circle", Role::Quiet)
    });
    let inner = pen.frame(area, title, look.span(answer, Role::Strong));
    plane.render(pen, inner);
    if !several {
        return;
    }
    let lettered = look.theme.is_mono() || look.is_ascii();
    // The key of the colours, and of the letters where these are drawn; names where they fit,
    // letters where they do not.
    let legend = |long: bool| -> Line<'static> {
        let parts = drawn.iter().map(|d| {
            let style = if d.shown {
                d.style.add_modifier(Modifier::BOLD)
            } else {
                look.style(Role::Quiet)
            };
            let (name, letter) = (d.matrix.name, d.letter);
            let text = if !long {
                format!("{letter} ")
            } else if lettered && !name.starts_with(letter) {
                format!("{letter} {name} ")
            } else {
                format!("{name} ")
            };
            ratatui::text::Span::styled(text, style)
        });
        parts.collect()
    };
    let key = Line::from(vec![
        look.span(view.app.keymap.first("next_matrix"), Role::Key),
        look.span(" next", Role::Quiet),
    ]);
    let room = area.width.saturating_sub(8 + look.line_width(&key));
    let names = legend(look.line_width(&legend(true)) <= room);
    pen.lower(area, names, key);
}

/// A bound this near to 1 is 1, but for rounding.
pub(super) const NEAR: f64 = 1e-9;

/// Three decimals, where the number is not too large for them; as many as tell it from 1.
pub(super) fn decimals(x: f64) -> String {
    let above = x - 1.0;
    if above.abs() < 5e-5 && above.abs() > NEAR {
        return format!("1{above:+.0e}");
    }
    if (-5e-4..5e-4).contains(&above) && above.abs() > NEAR {
        return format!("{x:.4}");
    }
    // What would be rounded up to 100 is one of the large ones already.
    if x < 99.9995 {
        format!("{x:.3}")
    } else {
        number(x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_looks_the_same_on_both_sides_of_a_hundred() {
        assert_eq!(decimals(99.999_999), decimals(100.000_001));
        assert_eq!(decimals(44.303), "44.303");
    }

    /// `1.000 vanishes` would contradict itself.
    #[test]
    fn what_is_not_1_does_not_look_like_it() {
        let near = [0.9994, 0.9996, 0.999_96, 1.0 - 3e-8, 1.000_02, 1.0003, 1.0];
        let want = [
            "0.999", "0.9996", "1-4e-5", "1-3e-8", "1+2e-5", "1.0003", "1.000",
        ];
        assert_eq!(near.map(decimals), want);
    }
}
