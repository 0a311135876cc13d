//! Paths over the window: one row each, the colour is log10 of a share of δ_t, or of the size
//! relative to |δ_T|.

use std::borrow::Cow;

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use crate::app::extents::Axis;
use crate::app::panel::{Over, Panel, framed_plot};
use crate::app::view::{View, question_name};
use crate::flow::Question;
use crate::sim::Side;
use crate::ui::pen::Pen;
use crate::ui::theme::{HEAT_STEPS, Role};
use crate::ui::widget::heat::{Heat, glyph};
use crate::ui::widget::scale::tick;
use crate::words::fit;
use crate::words::short::Level;

/// One row of a map.
pub struct Row {
    /// What stands at its left.
    pub name: Cow<'static, str>,
    /// None where nothing is drawn.
    pub levels: Vec<Level>,
    /// What is written over them.
    pub said: Option<&'static str>,
    /// How the name is drawn.
    pub style: Style,
    /// The number of the window's last step, for what moves with the window.
    pub last: Option<u64>,
}

impl Row {
    /// Draws it over its lines within a frame, the levels over the columns of the plot.
    pub fn render(&self, pen: &mut Pen, place: Rect, plot: Rect, reach: f64, cursor: usize) {
        let width = plot.x.saturating_sub(place.x + 1);
        let name = fit::fit(&self.name, usize::from(width));
        pen.text(place.x + 1, place.y, width, &name, self.style);
        let place = place.intersection(plot);
        if !self.levels.is_empty() {
            Heat {
                levels: &self.levels,
                reach,
                last: self.last,
                cursor: Some(cursor),
            }
            .render(pen, place);
        }
        pen.write(place, self.said.unwrap_or_default(), Role::Quiet);
    }
}

/// Paths of a cell over time.
#[derive(Clone, Copy, Debug)]
pub struct HeatMap(pub Side);

impl Panel for HeatMap {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let side = self.0;
        let gutter = view.gutter;
        let look = view.look;
        let s = view.symbol(side);
        let question = view.question();
        // Shares are parts of δ_t, and stay the same while the window slides; the total has no such
        // measure, and neither have curves that do not add up to it.
        let shares = question == Question::Share;
        let to = view.relative_to();
        let unit = format!("  {}: log10 |·|/|{s}_{to}|", question_name(question));
        let title = look.title(format!("{} paths over t", view.name(side)), unit);
        let Axis { low, high } = view.drawn_axis();
        let reach = high.max(-low);
        let taken = look.line_width(&title);
        let inner = pen.frame(area, title, "");
        let above = scale(pen, area, area.y, taken, reach, glyph);
        let (Some(flow), Some(plot)) = (view.flow(side), framed_plot(area, gutter)) else {
            return;
        };
        let zero = if view.changes() { "no change" } else { "zero" };
        let row = |name, levels: Vec<Level>, style, last| {
            let before = &levels[..levels.len().saturating_sub(1)];
            let said = if levels.is_empty() {
                Some("✂ cut")
            } else {
                before.iter().all(Option::is_none).then_some(zero)
            };
            Row {
                name,
                levels,
                said,
                style,
                last,
            }
        };
        let total = if shares { "total/δ_T" } else { "total" };
        let style = look.style(Role::Total);
        let mut rows = vec![row(total.into(), view.total(side), style, None)];
        rows.extend(view.shown_paths(flow).into_iter().map(|path| {
            let levels = if view.is_cut(path.path) {
                Vec::new()
            } else {
                view.heat(side, path)
            };
            let last = view.last().filter(|_| shares);
            let name = view.path_name(path.path);
            row(name, levels, view.name_style(path.path), last)
        }));
        let each = (usize::from(inner.height) / rows.len().max(1)).clamp(1, 3);
        let each = u16::try_from(each).unwrap_or(1);
        let left_out = rows.len().saturating_sub(usize::from(inner.height / each));
        let more = match left_out {
            0 => Line::default(),
            _ => look.span(format!("+{left_out} more"), Role::Quiet).into(),
        };
        if above {
            pen.lower(area, more, "");
        } else {
            below(pen, area, more, reach, glyph);
        }
        for (k, row) in (0..inner.height / each).zip(rows) {
            let place = Rect {
                y: inner.y + k * each,
                height: each,
                ..inner
            };
            row.render(pen, place, plot, reach, view.cursor());
        }
    }

    fn over_time(&self) -> Over {
        Over::Curves
    }
}

/// Glyph and style of a step of a map.
pub type Sign = fn(&Pen, Option<i8>) -> (char, Style);

/// A line in the lower border, and right of it the colours and what they mean, where there is room.
pub fn below(pen: &mut Pen, area: Rect, left: Line, reach: f64, sign: Sign) {
    let taken = pen.look.line_width(&left);
    pen.lower(area, left, "");
    scale(
        pen,
        area,
        area.bottom().saturating_sub(1),
        taken,
        reach,
        sign,
    );
}

/// The colours and what they mean, at the right of the border on row `y`: `-8 ▉▉▉▉ 0 ▉▉▉▉ +8`, where
/// `taken` columns leave room for it; whether they do.
pub fn scale(pen: &mut Pen, area: Rect, y: u16, taken: u16, reach: f64, sign: Sign) -> bool {
    let look = pen.look;
    let quiet = look.style(Role::Quiet);
    let (low, high) = (format!(" {} ", tick(-reach)), format!(" {} ", tick(reach)));
    let steps = u16::from(HEAT_STEPS.unsigned_abs());
    let width = look.width(&low) + look.width(&high) + 2 * steps + 1;
    if area.width < taken + width + 8 || area.height == 0 {
        return false;
    }
    let mut x = area.right() - width - 2;
    x += pen.text(x, y, 12, &low, quiet);
    for step in -HEAT_STEPS..=HEAT_STEPS {
        let (c, style) = sign(pen, Some(step));
        let c = if c == ' ' && look.is_ascii() { '.' } else { c };
        pen.put(x, y, c, style);
        x += 1;
    }
    pen.text(x, y, 12, &high, quiet);
    true
}
