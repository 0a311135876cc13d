//! A sweep as a picture: colours that diverge around what neither grows nor shrinks, the line where that is,
//! axes, a colour bar and a caption.

mod contour;
mod shades;

use std::error::Error;
use std::sync::LazyLock;

use plotters::coord::Shift;
use plotters::prelude::{
    BitMapBackend, ChartBuilder, Color as _, DrawingArea, DrawingBackend, IntoDrawingArea as _,
    IntoFont as _, LabelAreaPosition, PathElement, RGBColor, Rectangle, SVGBackend, Text,
};
use plotters::style::{FontStyle, register_font};
use png::{BitDepth, ColorType, Encoder, PixelDimensions, Unit};

use super::{Axis, Table};
use shades::{INK, Shades, colour};

pub use contour::contour;
pub use shades::Show;

/// Width and height in pixels.
const SIZE: (u32, u32) = (900, 640);
/// A PNG has so many pixels for one of them, so that it is sharp on a slide.
const SHARPNESS: u32 = 2;
/// Of them the colour bar has so many.
const BAR: u32 = 120;
/// Steps of the colour bar.
const STEPS: i32 = 60;
const FONT: &str = "sans-serif";

/// Whether there is a font, which is looked for once.
static HAS_FONT: LazyLock<bool> =
    LazyLock::new(|| register_font(FONT, FontStyle::Normal, dejavu::sans::regular()).is_ok());

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

/// The picture as SVG. Of several seeds it shows the median, of quantiles the one next to it.
///
/// # Errors
/// What the drawing says of itself; a text that is drawn to memory has no reason to fail.
pub fn svg(table: &Table, show: Show, caption: &[String]) -> Result<String, String> {
    let mut text = String::new();
    let root = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
    draw(&root, table, show, caption, 1).map_err(|error| error.to_string())?;
    drop(root);
    Ok(text)
}

/// The picture as PNG, with `about` in it as its description.
///
/// # Errors
/// What the drawing or the encoding says of itself; neither has a reason to fail in memory.
pub fn png(table: &Table, show: Show, caption: &[String], about: &str) -> Result<Vec<u8>, String> {
    let size = (SIZE.0 * SHARPNESS, SIZE.1 * SHARPNESS);
    let mut pixels = vec![0; 3 * size.0 as usize * size.1 as usize];
    let root = BitMapBackend::with_buffer(&mut pixels, size).into_drawing_area();
    draw(&root, table, show, caption, SHARPNESS).map_err(|error| error.to_string())?;
    drop(root);
    encode(&pixels, size, about).map_err(|error| error.to_string())
}

fn encode(
    pixels: &[u8],
    (width, height): (u32, u32),
    about: &str,
) -> Result<Vec<u8>, png::EncodingError> {
    // Where a screen has 96 pixels on an inch, the picture is as large as an SVG of `SIZE`.
    let dense = (96.0 * f64::from(SHARPNESS) / 0.0254).round() as u32;
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_pixel_dims(Some(PixelDimensions {
        xppu: dense,
        yppu: dense,
        unit: Unit::Meter,
    }));
    encoder.add_itxt_chunk("Description".to_owned(), about.to_owned())?;
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

type Area<B> = DrawingArea<B, Shift>;
type Drawn = Result<(), Box<dyn Error>>;

/// All lengths are `zoom` times those of [`SIZE`].
fn draw<B: DrawingBackend<ErrorType: 'static>>(
    root: &Area<B>,
    table: &Table,
    show: Show,
    caption: &[String],
    zoom: u32,
) -> Drawn {
    if !*HAS_FONT {
        return Err("the font of pictures cannot be read".into());
    }
    let ((width, height), far) = (root.dim_in_pixel(), |pixels: i32| pixels * zoom as i32);
    root.fill(&RGBColor(255, 255, 255))?;
    let small = (FONT, far(12)).into_font().color(&INK);
    let foot = zoom * (16 * caption.len() as u32 + 10);
    for (k, line) in caption.iter().enumerate() {
        let y = (height - foot) as i32 + far(16 * k as i32);
        root.draw(&Text::new(line.as_str(), (far(16), y), small.clone()))?;
    }
    let (upper, _) = root.split_vertically(height - foot);
    let (left, right) = upper.split_horizontally(width - zoom * BAR);
    let spec = table.spec();
    let (x, y) = (Scale::new(spec.x()), Scale::new(spec.y()));
    let shades = Shades::new(table, show);
    let mut chart = ChartBuilder::on(&left)
        .margin(far(16))
        .caption(
            format!("{}, {}", spec.cell().name(), show.title()),
            (FONT, far(20)),
        )
        .x_label_area_size(far(44))
        .y_label_area_size(far(64))
        .build_cartesian_2d(x.range(), y.range())?;
    let rows = spec.height();
    let cells = (0..spec.width() * rows).map(|at| {
        let (i, j) = ((at / rows) as f64, (at % rows) as f64);
        let corners = [
            (x.at(i - 0.5), y.at(j - 0.5)),
            (x.at(i + 0.5), y.at(j + 0.5)),
        ];
        Rectangle::new(corners, shades.of(at).filled())
    });
    chart.draw_series(cells)?;
    if let Shades::Diverging(_, values, ..) = &shades {
        let value = |i: usize, j: usize| values[i * rows + j] - show.middle();
        let lines = contour(spec.width(), rows, &value).into_iter().map(|line| {
            let line = line.map(|(i, j)| (x.at(i), y.at(j)));
            PathElement::new(line.to_vec(), INK.stroke_width(2 * zoom))
        });
        chart.draw_series(lines)?;
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
        .label_style((FONT, far(13)))
        .axis_desc_style((FONT, far(15)))
        .draw()?;
    if let Shades::Causes(_, causes) = &shades {
        for (k, (why, colour)) in causes.iter().enumerate() {
            let (top, side) = (far(60 + 24 * k as i32), far(14));
            let square = Rectangle::new([(0, top), (side, top + side)], colour.filled());
            right.draw(&square)?;
            let place = (far(20), top + far(2));
            right.draw(&Text::new(why.text(), place, small.clone()))?;
        }
    } else {
        bar(&right, &shades, zoom)?;
    }
    root.present()?;
    Ok(())
}

/// About so many ticks as there are places, where these are few.
fn ticks(scale: &Scale) -> usize {
    match scale.axis.values().len() {
        places if scale.even || places > 12 => 9,
        places => 2 * places,
    }
}

/// The colour bar.
fn bar<B: DrawingBackend<ErrorType: 'static>>(area: &Area<B>, shades: &Shades, zoom: u32) -> Drawn {
    let Shades::Diverging(show, _, span, _) = *shades else {
        return Ok(());
    };
    let middle = show.middle();
    let mut chart = ChartBuilder::on(area)
        .margin_top(48 * zoom)
        .margin_bottom(60 * zoom)
        .set_label_area_size(LabelAreaPosition::Right, 70 * zoom)
        .build_cartesian_2d(0.0..1.0, middle - span..middle + span)?;
    let steps = (0..STEPS).map(|k| {
        let at = |k: i32| middle + span * f64::from(2 * k - STEPS) / f64::from(STEPS);
        let colour = colour((f64::from(2 * k + 1 - STEPS)) / f64::from(STEPS));
        Rectangle::new([(0.0, at(k)), (1.0, at(k + 1))], colour.filled())
    });
    chart.draw_series(steps)?;
    let edge = PathElement::new(
        vec![(0.0, middle), (1.0, middle)],
        INK.stroke_width(2 * zoom),
    );
    chart.draw_series([edge])?;
    chart
        .configure_mesh()
        .disable_mesh()
        .disable_x_axis()
        .y_labels(9)
        .y_label_formatter(&|y| label(*y, shades))
        .label_style((FONT, 13 * zoom))
        .draw()?;
    Ok(())
}

/// A tick of the colour bar; at its ends what lies beyond has the same colour.
fn label(y: f64, shades: &Shades) -> String {
    let Shades::Diverging(show, _, span, cut) = *shades else {
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
