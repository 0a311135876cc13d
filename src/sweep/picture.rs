//! A sweep as a picture: colours that diverge around what neither grows nor shrinks, the line where that is,
//! axes, a colour bar and a caption.

use std::fmt::Display;

use plotters::prelude::{
    ChartBuilder, Color as _, DrawingArea, IntoDrawingArea as _, IntoFont as _, LabelAreaPosition,
    PathElement, RGBColor, Rectangle, SVGBackend, Text,
};

use super::{Axis, Point, Table, Why};

/// Width and height in pixels.
const SIZE: (u32, u32) = (900, 640);
/// Of them the colour bar has so many.
const BAR: u32 = 120;
/// Steps of the colour bar.
const STEPS: i32 = 60;

const BLUE: [f64; 3] = [33.0, 102.0, 172.0];
const PALE: [f64; 3] = [247.0, 247.0, 247.0];
const ORANGE: [f64; 3] = [214.0, 96.0, 15.0];
const NOTHING: RGBColor = RGBColor(150, 150, 150);
const INK: RGBColor = RGBColor(20, 20, 20);
/// Of causes, in the order in which they are met (Okabe and Ito's, which colour-blind eyes tell apart).
const CAUSES: [RGBColor; 8] = [
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(240, 228, 66),
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(150, 150, 150),
];

/// What the colours say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Show {
    /// log10 of rᵀ.
    #[default]
    Growth,
    /// r.
    Factor,
    /// The largest Lyapunov exponent.
    Lyapunov,
    /// Which paths make it grow or die out.
    Cause,
}

impl Show {
    const fn title(self) -> &'static str {
        match self {
            Self::Growth => "log10 of the factor over T steps",
            Self::Factor => "factor per step r",
            Self::Lyapunov => "largest Lyapunov exponent",
            Self::Cause => "cause",
        }
    }

    /// The value of a point, and what neither grows nor shrinks.
    const fn of(self, point: &Point) -> f64 {
        match self {
            Self::Growth | Self::Cause => point.log10_growth,
            Self::Factor => point.factor_per_step,
            Self::Lyapunov => point.lyapunov_max,
        }
    }

    const fn middle(self) -> f64 {
        match self {
            Self::Factor => 1.0,
            _ => 0.0,
        }
    }
}

/// An axis in numbers: its own where they lie evenly, places otherwise.
struct Scale<'a> {
    axis: &'a Axis,
    first: f64,
    step: f64,
    even: bool,
}

impl<'a> Scale<'a> {
    fn new(axis: &'a Axis) -> Self {
        let places = Self {
            axis,
            first: 0.0,
            step: 1.0,
            even: false,
        };
        let Some([first, rest @ .., last]) = axis.numbers() else {
            return places;
        };
        let step = (last - first) / (rest.len() + 1) as f64;
        let near = |(k, x): (usize, &f64)| {
            let want = first + (k + 1) as f64 * step;
            (x - want).abs() <= 1e-6 * step.abs()
        };
        if !rest.iter().enumerate().all(near) || step <= 0.0 {
            return places;
        }
        Self {
            first: *first,
            step,
            even: true,
            ..places
        }
    }

    /// Where a place lies; between two of them where it is between.
    fn at(&self, place: f64) -> f64 {
        self.first + place * self.step
    }

    fn range(&self) -> std::ops::Range<f64> {
        self.at(-0.5)..self.at(self.axis.values().len() as f64 - 0.5)
    }

    /// What stands at a tick.
    fn label(&self, x: f64) -> String {
        let values = self.axis.values();
        if self.even {
            let digits = (2.0 - self.step.log10()).ceil().clamp(0.0, 12.0) as usize;
            let text = format!("{x:.digits$}");
            if text.contains('.') {
                return text.trim_end_matches('0').trim_end_matches('.').to_owned();
            }
            return text;
        }
        let place = x.round();
        let inside = (x - place).abs() < 1e-9 && place >= 0.0;
        let value = inside.then(|| values.get(place as usize)).flatten();
        value.cloned().unwrap_or_default()
    }

    fn title(&self) -> String {
        let (title, name) = (self.axis.title(), self.axis.name());
        if title == name {
            name.to_owned()
        } else {
            format!("{title} ({name})")
        }
    }
}

type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

/// The picture as SVG. Of several seeds it shows the median, of quantiles the one next to it.
///
/// # Errors
/// What the drawing says of itself; a text that is drawn to memory has no reason to fail.
pub fn svg(table: &Table, show: Show, caption: &[String]) -> Result<String, String> {
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        draw(&root, table, show, caption).map_err(|error| error.to_string())?;
        root.present().map_err(|error| error.to_string())?;
    }
    Ok(text)
}

fn draw(
    root: &Area,
    table: &Table,
    show: Show,
    caption: &[String],
) -> Result<(), Box<dyn std::error::Error>> {
    fn told<E: Display>(error: E) -> Box<dyn std::error::Error> {
        error.to_string().into()
    }
    root.fill(&RGBColor(255, 255, 255)).map_err(told)?;
    let small = ("sans-serif", 12).into_font().color(&INK);
    let foot = 16 * caption.len() as u32 + 10;
    for (k, line) in caption.iter().enumerate() {
        let y = (SIZE.1 - foot + 16 * k as u32) as i32;
        root.draw(&Text::new(line.as_str(), (16, y), small.clone()))
            .map_err(told)?;
    }
    let (upper, _) = root.split_vertically(SIZE.1 - foot);
    let (left, right) = upper.split_horizontally(SIZE.0 - BAR);
    let spec = table.spec();
    let (x, y) = (Scale::new(spec.x()), Scale::new(spec.y()));
    let points = table.middle();
    let shades = Shades::new(&points, show);
    let mut chart = ChartBuilder::on(&left)
        .margin(16)
        .caption(
            format!("{}, {}", spec.cell().name(), show.title()),
            ("sans-serif", 20),
        )
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(x.range(), y.range())
        .map_err(told)?;
    let height = spec.height();
    let cells = points.iter().enumerate().map(|(at, point)| {
        let (i, j) = ((at / height) as f64, (at % height) as f64);
        let corners = [
            (x.at(i - 0.5), y.at(j - 0.5)),
            (x.at(i + 0.5), y.at(j + 0.5)),
        ];
        Rectangle::new(corners, shades.of(point.as_ref()).filled())
    });
    chart.draw_series(cells).map_err(told)?;
    if show != Show::Cause {
        let value = |i: usize, j: usize| {
            let point = points[i * height + j].as_ref();
            point.map_or(f64::NAN, |point| show.of(point) - show.middle())
        };
        let lines = contour(spec.width(), height, &value)
            .into_iter()
            .map(|line| {
                let line = line.map(|(i, j)| (x.at(i), y.at(j)));
                PathElement::new(line.to_vec(), INK.stroke_width(2))
            });
        chart.draw_series(lines).map_err(told)?;
    }
    chart
        .configure_mesh()
        .disable_mesh()
        .x_desc(x.title())
        .y_desc(y.title())
        .x_labels(ticks(&x))
        .y_labels(ticks(&y))
        .x_label_formatter(&|at| x.label(*at))
        .y_label_formatter(&|at| y.label(*at))
        .label_style(("sans-serif", 13))
        .axis_desc_style(("sans-serif", 15))
        .draw()
        .map_err(told)?;
    if let Shades::Causes(causes) = &shades {
        for (k, (why, colour)) in causes.iter().enumerate() {
            let top = 60 + 24 * k as i32;
            let square = Rectangle::new([(0, top), (14, top + 14)], colour.filled());
            right.draw(&square).map_err(told)?;
            right
                .draw(&Text::new(why.text(), (20, top + 2), small.clone()))
                .map_err(told)?;
        }
        return Ok(());
    }
    bar(&right, &shades).map_err(told)
}

/// About so many ticks as there are places, where these are few.
fn ticks(scale: &Scale) -> usize {
    match scale.axis.values().len() {
        places if scale.even || places > 12 => 9,
        places => 2 * places,
    }
}

/// The colour bar.
fn bar(area: &Area, shades: &Shades) -> Result<(), String> {
    let Shades::Diverging(show, span, _) = *shades else {
        return Ok(());
    };
    let middle = show.middle();
    let told = |error: &dyn Display| error.to_string();
    let mut chart = ChartBuilder::on(area)
        .margin_top(48)
        .margin_bottom(60)
        .set_label_area_size(LabelAreaPosition::Right, 70)
        .build_cartesian_2d(0.0..1.0, middle - span..middle + span)
        .map_err(|error| told(&error))?;
    let steps = (0..STEPS).map(|k| {
        let at = |k: i32| middle + span * f64::from(2 * k - STEPS) / f64::from(STEPS);
        let colour = colour((f64::from(2 * k + 1 - STEPS)) / f64::from(STEPS));
        Rectangle::new([(0.0, at(k)), (1.0, at(k + 1))], colour.filled())
    });
    chart.draw_series(steps).map_err(|error| told(&error))?;
    let edge = PathElement::new(vec![(0.0, middle), (1.0, middle)], INK.stroke_width(2));
    chart.draw_series([edge]).map_err(|error| told(&error))?;
    chart
        .configure_mesh()
        .disable_mesh()
        .disable_x_axis()
        .y_labels(9)
        .y_label_formatter(&|y| label(*y, shades))
        .label_style(("sans-serif", 13))
        .draw()
        .map_err(|error| told(&error))
}

/// A tick of the colour bar; at its ends what lies beyond has the same colour.
fn label(y: f64, shades: &Shades) -> String {
    let Shades::Diverging(show, span, cut) = *shades else {
        return String::new();
    };
    let middle = show.middle();
    let digits = (1.0 - span.log10()).ceil().clamp(0.0, 12.0) as usize;
    let text = format!("{y:.digits$}");
    let sign = if y > middle { "≥ " } else { "≤ " };
    let end = ((y - middle).abs() - span).abs() < 1e-9 * span;
    if cut && end {
        format!("{sign}{text}")
    } else {
        text
    }
}

/// How values become colours.
enum Shades {
    /// Of what, how far it goes to both sides, and whether values lie beyond that.
    Diverging(Show, f64, bool),
    /// A colour for each cause.
    Causes(Vec<(Why, RGBColor)>),
}

impl Shades {
    fn new(points: &[Option<Point>], show: Show) -> Self {
        if show == Show::Cause {
            let mut causes: Vec<(Why, RGBColor)> = Vec::new();
            for point in points.iter().flatten() {
                if causes.iter().all(|(why, _)| *why != point.why) {
                    causes.push((point.why, CAUSES[causes.len() % CAUSES.len()]));
                }
            }
            return Self::Causes(causes);
        }
        let far = |point: &Point| (show.of(point) - show.middle()).abs();
        let values = points.iter().flatten().map(far).filter(|x| x.is_finite());
        let most = values.fold(0.0, f64::max);
        // Ten decades are far beyond what training survives.
        let span = if show == Show::Growth {
            most.min(10.0)
        } else {
            most
        };
        let span = if span > 0.0 { span } else { 1.0 };
        let beyond = points.iter().flatten().any(|point| far(point) > span);
        Self::Diverging(show, span, beyond)
    }

    fn of(&self, point: Option<&Point>) -> RGBColor {
        let Some(point) = point else {
            return NOTHING;
        };
        match self {
            Self::Diverging(show, span, _) => {
                let far = show.of(point) - show.middle();
                if far.is_nan() {
                    NOTHING
                } else {
                    colour(far / span)
                }
            }
            Self::Causes(causes) => {
                let found = causes.iter().find(|(why, _)| *why == point.why);
                found.map_or(NOTHING, |(_, colour)| *colour)
            }
        }
    }
}

/// Blue at −1, pale at 0, orange at 1.
fn colour(x: f64) -> RGBColor {
    let (x, end) = (x.clamp(-1.0, 1.0), if x < 0.0 { BLUE } else { ORANGE });
    let mix = |k: usize| (PALE[k] + x.abs() * (end[k] - PALE[k])).round() as u8;
    RGBColor(mix(0), mix(1), mix(2))
}

/// The lines on which a value is 0, in places of the grid: two ends each. Between neighbours the value is
/// taken to be straight.
pub fn contour(
    width: usize,
    height: usize,
    value: &dyn Fn(usize, usize) -> f64,
) -> Vec<[(f64, f64); 2]> {
    let mut lines = Vec::new();
    for i in 1..width {
        for j in 1..height {
            let corners = [(i - 1, j - 1), (i, j - 1), (i, j), (i - 1, j)];
            let mut crossed = Vec::with_capacity(4);
            for (k, a) in corners.into_iter().enumerate() {
                let b = corners[(k + 1) % 4];
                let (u, v) = (value(a.0, a.1), value(b.0, b.1));
                if (u < 0.0) != (v < 0.0) && !u.is_nan() && !v.is_nan() {
                    let part = if u.is_infinite() || v.is_infinite() {
                        0.5
                    } else {
                        u / (u - v)
                    };
                    let between = |a: usize, b: usize| a as f64 + part * (b as f64 - a as f64);
                    crossed.push((between(a.0, b.0), between(a.1, b.1)));
                }
            }
            match *crossed.as_slice() {
                [a, b] => lines.push([a, b]),
                // A saddle: each corner is cut off by itself.
                [a, b, c, d] => lines.extend([[a, b], [c, d]]),
                _ => {}
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line of a straight function is where it is 0.
    #[test]
    fn the_line_of_a_plane_is_straight() {
        let plane = |i: usize, j: usize| i as f64 + 2.0 * j as f64 - 7.3;
        let lines = contour(9, 6, &plane);
        assert!(lines.len() > 5);
        for (i, j) in lines.into_iter().flatten() {
            assert!((i + 2.0 * j - 7.3).abs() < 1e-12);
        }
        assert!(contour(9, 6, &|_, _| 1.0).is_empty());
        assert!(contour(9, 6, &|_, _| f64::NAN).is_empty());
        assert_eq!(
            contour(2, 2, &|i, j| if i == j { 1.0 } else { -1.0 }).len(),
            2
        );
    }

    #[test]
    fn colours_diverge() {
        assert_eq!(colour(-9.0), RGBColor(33, 102, 172));
        assert_eq!(colour(0.0), RGBColor(247, 247, 247));
        assert_eq!(colour(1.0), RGBColor(214, 96, 15));
    }
}
