//! Points in the complex plane with the unit circle, which is round on a screen whose cells are
//! twice as high as wide.

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use crate::ui::look::Marker;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::widget::dots::{Dots, grid};
use crate::ui::widget::scale::nice;

/// Points that belong together.
pub struct Cloud {
    /// Real and imaginary parts.
    pub points: Vec<(f64, f64)>,
    /// Their colour.
    pub style: Style,
    /// What marks them where there are no dots, or no colours to tell them apart.
    pub letter: char,
}

/// The plane, with 0 in the middle.
pub struct Plane<'a> {
    /// The points; later clouds lie over earlier ones.
    pub clouds: &'a [Cloud],
}

/// Columns per row of cells.
const ASPECT: f64 = 2.0;
/// Room between the outermost point and the edge.
const MARGIN: f64 = 1.06;

/// Where a point falls: dots per unit in both directions, and the dot that is 0.
struct Place {
    unit: (f64, f64),
    middle: (f64, f64),
    dots: (usize, usize),
}

impl Place {
    fn new(area: Rect, grid: (usize, usize), reach: f64) -> Self {
        let dots = (
            usize::from(area.width) * grid.0,
            usize::from(area.height) * grid.1,
        );
        let half = f64::from(area.width).min(f64::from(area.height) * ASPECT) / 2.0 / reach;
        Self {
            unit: (half * grid.0 as f64, half / ASPECT * grid.1 as f64),
            middle: (dots.0 as f64 / 2.0, dots.1 as f64 / 2.0),
            dots,
        }
    }

    /// The dot of a point, if it is in the picture.
    fn dot(&self, (re, im): (f64, f64)) -> Option<(usize, usize)> {
        let (x, y) = (
            (self.middle.0 + re * self.unit.0).floor(),
            (self.middle.1 - im * self.unit.1).floor(),
        );
        let inside =
            (0.0..self.dots.0 as f64).contains(&x) && (0.0..self.dots.1 as f64).contains(&y);
        inside.then_some((x as usize, y as usize))
    }
}

impl Plane<'_> {
    /// How far the outermost point is from 0.
    fn outermost(&self) -> f64 {
        let points = self.clouds.iter().flat_map(|c| &c.points);
        points
            .map(|(re, im)| re.abs().max(im.abs()))
            .filter(|v| v.is_finite())
            .fold(0.0, f64::max)
    }

    /// The radius of the circle: 1, and less where all points are near 0, so that they are seen.
    pub fn ring(&self) -> f64 {
        match self.outermost() {
            far if far > 0.5 || far == 0.0 => 1.0,
            far => nice(far),
        }
    }

    /// How far the picture reaches from 0: to the outermost point, and at least to the circle. It
    /// grows in steps, so that the circle does not breathe with the points.
    pub fn reach(&self) -> f64 {
        let ring = self.ring();
        if ring < 1.0 {
            return ring * MARGIN;
        }
        let far = self.outermost().max(1.0);
        let steps = [1.0, 1.25, 1.5];
        let near = steps.into_iter().find(|&v| v >= far * (1.0 - 1e-9));
        near.unwrap_or_else(|| nice(far)) * MARGIN
    }

    /// Draws it.
    pub fn render(&self, pen: &mut Pen, area: Rect) {
        let area = area.intersection(pen.buf.area);
        if area.width < 3 || area.height < 3 {
            return;
        }
        let reach = self.reach();
        let quiet = pen.look.style(Role::Quiet);
        let cells = Place::new(area, (1, 1), reach);
        let (middle, width) = (area.x + area.width / 2, area.width);
        pen.fill(
            Rect::new(area.x, area.y + area.height / 2, width, 1),
            '┈',
            quiet,
        );
        pen.fill(Rect::new(middle, area.y, 1, area.height), '┊', quiet);
        let place = Place::new(area, grid(pen.look.marker), reach);
        let mut dots = Dots::new(area, pen.look.marker);
        let ring = self.ring();
        circle(pen, &mut dots, &place, ring, quiet);
        numbers(pen, area, &cells, ring, reach);
        // The points have their own dots: what is theirs stays solid where the circle passes. Without
        // colours, dots of several clouds would all be alike.
        let marker = if pen.look.theme.is_mono() && self.clouds.len() > 1 {
            Marker::Ascii
        } else {
            pen.look.marker
        };
        let place = Place::new(area, grid(marker), reach);
        let mut dots = Dots::new(area, marker);
        for cloud in self.clouds {
            let style = cloud.style.add_modifier(Modifier::BOLD);
            for (x, y) in cloud.points.iter().filter_map(|&p| place.dot(p)) {
                dots.set(pen, x, y, cloud.letter, style);
                // A single dot of eight is lost in the circle; a pair is a point.
                if grid(marker).1 == 4 {
                    dots.set(pen, x, y ^ 1, cloud.letter, style);
                }
            }
        }
    }
}

/// The circle, a dot for every other one that fits on it.
fn circle(pen: &mut Pen, dots: &mut Dots, place: &Place, ring: f64, style: Style) {
    let around = std::f64::consts::TAU * ring * place.unit.0.max(place.unit.1);
    let fine = if grid(pen.look.marker).1 > 1 {
        2.0
    } else {
        1.0
    };
    let count = ((around / fine / 8.0).ceil() as usize * 8).clamp(16, 4096);
    for k in 0..count {
        let (sin, cos) = (std::f64::consts::TAU * k as f64 / count as f64).sin_cos();
        if let Some((x, y)) = place.dot((ring * cos, ring * sin)) {
            dots.set(pen, x, y, '.', style);
        }
    }
}

/// The circle's radius on both axes, just outside it, and how far the picture reaches where that is much
/// farther.
fn numbers(pen: &mut Pen, area: Rect, cells: &Place, ring: f64, reach: f64) {
    let quiet = pen.look.style(Role::Quiet);
    let mut write = |(re, im): (f64, f64), text: &str| {
        let Some((x, y)) = cells.dot((re, im)) else {
            return;
        };
        let (x, y) = (area.x + x as u16, area.y + y as u16);
        let width = pen.look.width(text);
        let x = x.min(area.right().saturating_sub(width));
        pen.text(x, y, width, text, quiet);
    };
    let row = 1.0 / cells.unit.1;
    let column = 1.0 / cells.unit.0;
    // Below the real axis, beside the imaginary one: the axes themselves stay free.
    let text = ring.to_string();
    let width = f64::from(u8::try_from(text.len()).unwrap_or(u8::MAX));
    let unit = if ring < 1.0 { &text } else { "" };
    write((ring + column, -row), &text);
    write((-ring - (width + 1.0) * column, -row), &format!("-{text}"));
    write((column, ring + row), &format!("{unit}i"));
    write((column, -ring - row), &format!("-{unit}i"));
    if reach > 1.6 * MARGIN {
        let far = reach / MARGIN;
        write((far - 3.0 * column, -row), &format!("{far}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::pen::Look;
    use ratatui::buffer::Buffer;

    fn draw(points: &[(f64, f64)], width: u16, height: u16, marker: Marker) -> Vec<String> {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        let look = Look {
            marker,
            ..Look::default()
        };
        let area = buf.area;
        let clouds = [Cloud {
            points: points.to_vec(),
            style: Style::new(),
            letter: 'o',
        }];
        Plane { clouds: &clouds }.render(&mut Pen::new(&mut buf, look), area);
        (0..height)
            .map(|y| (0..width).map(|x| buf[(x, y)].symbol()).collect())
            .collect()
    }

    #[test]
    fn the_circle_is_round_and_points_lie_on_it() {
        let rows = draw(
            &[(1.0, 0.0), (0.0, -1.0), (0.0, 0.0)],
            26,
            13,
            Marker::Ascii,
        );
        assert_eq!(rows[6].find('o'), Some(13), "{rows:#?}");
        assert_eq!(rows[6].rfind('o'), Some(25), "{rows:#?}");
        assert!(rows[12].contains('o'), "{rows:#?}");
        let left = rows[6].find('.').unwrap_or(99);
        assert!(left <= 1, "{rows:#?}");
    }

    #[test]
    fn the_picture_reaches_to_the_outermost_point() {
        let reach = |points: &[(f64, f64)]| {
            let clouds = [Cloud {
                points: points.to_vec(),
                style: Style::new(),
                letter: 'o',
            }];
            Plane { clouds: &clouds }.reach() / MARGIN
        };
        assert!((reach(&[]) - 1.0).abs() < 1e-12);
        assert!((reach(&[(0.6, 0.3)]) - 1.0).abs() < 1e-12);
        assert!((reach(&[(-1.1, 0.3)]) - 1.25).abs() < 1e-12);
        assert!((reach(&[(0.0, 70.0), (f64::NAN, 0.0)]) - 100.0).abs() < 1e-12);
    }

    #[test]
    fn any_place_and_any_marker_will_do() {
        for marker in [
            Marker::Octant,
            Marker::Braille,
            Marker::Block,
            Marker::Ascii,
        ] {
            for (width, height) in [(0, 0), (1, 9), (3, 3), (80, 4), (7, 40)] {
                draw(
                    &[(1e9, 0.0), (0.5, -0.5), (f64::INFINITY, 1.0)],
                    width,
                    height,
                    marker,
                );
            }
        }
    }

    #[test]
    fn what_is_near_0_is_zoomed() {
        let ring = |points: &[(f64, f64)]| {
            let clouds = [Cloud {
                points: points.to_vec(),
                style: Style::new(),
                letter: 'o',
            }];
            let plane = Plane { clouds: &clouds };
            (plane.ring(), plane.reach())
        };
        let (small, reach) = ring(&[(0.08, 0.0), (0.0, -0.07)]);
        assert!((small - 0.1).abs() < 1e-12 && (reach - 0.106).abs() < 1e-12);
        for points in [&[][..], &[(0.0, 0.0)], &[(0.9, 0.0)], &[(2.0, 0.1)]] {
            assert!((ring(points).0 - 1.0).abs() < 1e-12, "{points:?}");
        }
        let rows = draw(&[(0.08, 0.0)], 40, 20, Marker::Ascii).join("\n");
        assert!(rows.contains("0.1") && rows.contains('o'), "{rows}");
    }
}
