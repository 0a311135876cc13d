//! Many numbers that settle as steps go by: a point for each at every step that was kept.

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};
use ratatui::style::{Modifier, Style};

use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::widget::chart::lines;
use crate::ui::widget::dots::{Dots, grid};
use crate::ui::widget::scale::{Axis, increasing};

/// The numbers after some steps.
pub struct Station {
    /// So many of the window's steps.
    pub steps: usize,
    /// The numbers; what is not finite has no place.
    pub values: Vec<f64>,
}

/// The picture: steps from left to right, numbers upwards.
pub struct Fan<'a> {
    /// What was kept, in order of steps.
    pub stations: &'a [Station],
    /// Steps of the whole window.
    pub steps: usize,
    /// The axis.
    pub low: f64,
    /// The axis.
    pub high: f64,
    /// The colour of a number.
    pub style: &'a dyn Fn(f64) -> Style,
    /// Columns left of the plot for tick labels and the axis line.
    pub gutter: u16,
}

impl Fan<'_> {
    /// Draws it; the plot is what the gutter leaves.
    pub fn render(&self, pen: &mut Pen, area: Rect) {
        let area = area.intersection(pen.buf.area);
        if area.height == 0 || area.width <= self.gutter + 1 || !increasing(self.low, self.high) {
            return;
        }
        let [_, plot] = Layout::horizontal([Length(self.gutter), Fill(1)]).areas(area);
        let axis = Axis::through_zero(self.low, self.high, usize::from(area.height));
        self.background(pen, area, plot, axis);
        let (dx, dy) = grid(pen.look.marker);
        let mut dots = Dots::new(plot, pen.look.marker);
        let columns = usize::from(plot.width) * dx;
        let steps = self.steps.max(1);
        for x in 0..columns {
            // The newest station that this column has passed.
            let reached = (x + 1) * steps;
            let passed = self
                .stations
                .partition_point(|station| station.steps * columns <= reached);
            let Some(station) = passed.checked_sub(1).and_then(|k| self.stations.get(k)) else {
                continue;
            };
            // The largest comes last: it is the one that stays in sight.
            for &value in station.values.iter().rev() {
                if let Ok(y) = axis.dot(value, dy) {
                    let style = (self.style)(value);
                    dots.set(pen, x, y, '*', style);
                }
            }
        }
    }

    fn background(&self, pen: &mut Pen, area: Rect, plot: Rect, axis: Axis) {
        let quiet = pen.look.style(Role::Quiet);
        let strong = pen.look.style(Role::Text).add_modifier(Modifier::BOLD);
        let y_of = |row: usize| area.y + u16::try_from(row).unwrap_or(u16::MAX);
        let zero = axis.dot(0.0, 1).ok();
        lines(pen, plot, zero, self.gutter);
        if self.gutter < 2 {
            return;
        }
        let line = plot.x - 1;
        let mut label = |row: usize, value: f64, style: Style| {
            let text = tick(value);
            pen.put(line, y_of(row), '┤', quiet);
            if pen.look.width(&text) < self.gutter {
                pen.text_right(area.x, line, y_of(row), &text, style);
            }
        };
        for (row, value) in axis.ticks() {
            if zero.is_none_or(|zero| zero.abs_diff(row) > 1) {
                label(row, value, quiet);
            }
        }
        if let Some(row) = zero {
            label(row, 0.0, strong);
        }
    }
}

/// A number with the decimals that its size asks for.
fn tick(v: f64) -> String {
    match v.abs() {
        a if a < 1e-12 => "0".into(),
        a if a >= 10.0 => format!("{v:+.0}"),
        a if a >= 1.0 => format!("{v:+.1}"),
        a if a >= 0.1 => format!("{v:+.2}"),
        a if a >= 0.001 => format!("{v:+.3}"),
        _ => format!("{v:+.0e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::look::Marker;
    use crate::ui::pen::Look;
    use ratatui::buffer::Buffer;

    fn draw(stations: &[Station], steps: usize, width: u16, height: u16) -> Vec<String> {
        let mut buf = Buffer::empty(Rect::new(0, 0, width, height));
        let area = buf.area;
        let look = Look {
            marker: Marker::Ascii,
            ..Look::default()
        };
        Fan {
            stations,
            steps,
            low: -2.0,
            high: 1.0,
            style: &|_| Style::new(),
            gutter: 4,
        }
        .render(&mut Pen::new(&mut buf, look), area);
        (0..height)
            .map(|y| (0..width).map(|x| buf[(x, y)].symbol()).collect())
            .collect()
    }

    #[test]
    fn numbers_settle_from_left_to_right() {
        let station = |steps, values: &[f64]| Station {
            steps,
            values: values.to_vec(),
        };
        let stations = [
            station(2, &[0.9, -1.9]),
            station(4, &[0.5, f64::NEG_INFINITY]),
            station(8, &[0.5, -0.9]),
        ];
        let rows = draw(&stations, 8, 12, 3);
        assert_eq!(rows[0].get(4..), Some(" *******"), "{rows:#?}");
        assert_eq!(rows[1].get(11..), Some("*"), "{rows:#?}");
        assert_eq!(rows[2].get(5..7), Some("**"), "{rows:#?}");
        assert_eq!(rows[2].get(7..), Some("     "), "{rows:#?}");
    }

    #[test]
    fn any_place_will_do() {
        for (width, height) in [(0, 0), (1, 1), (5, 1), (6, 9)] {
            draw(&[], 3, width, height);
            let one = Station {
                steps: 3,
                values: vec![f64::NAN, 0.1],
            };
            draw(&[one], 3, width, height);
        }
    }
}
