//! Paths over the window: one row each, the colour is log10 of a share of δ_t, or of the size
//! relative to |δ_T|.

use std::borrow::Cow;

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::Line;

use crate::app::extents::Axis;
use crate::app::panel::{Panel, framed_curves, framed_plot};
use crate::app::view::{View, question_name};
use crate::flow::{Path, Question};
use crate::sim::Side;
use crate::ui::pen::Pen;
use crate::ui::theme::{HEAT_STEPS, Role};
use crate::ui::widget::heat::{Heat, glyph};
use crate::ui::widget::scale::tick;
use crate::words::fit;
use crate::words::short::Level;

/// One row of the map.
struct Row {
    name: Cow<'static, str>,
    /// Nothing when the path is cut.
    levels: Vec<Level>,
    style: Style,
    /// The number of the window's last step, for what moves with the window.
    last: Option<u64>,
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
        let title = Line::from(vec![
            look.span(format!("{} paths over t", view.name(side)), Role::Strong),
            look.span(unit, Role::Quiet),
        ]);
        let Axis { low, high } = view.drawn_axis();
        let reach = high.max(-low);
        let inner = pen.frame(area, &title, &Line::default());
        let above = scale(pen, area, area.y, look.line_width(&title), reach, glyph);
        let (Some(flow), Some(plot)) = (view.flow(side), framed_plot(area, gutter)) else {
            return;
        };
        let mut rows: Vec<Row> = vec![Row {
            name: Cow::Borrowed(if shares { "total/δ_T" } else { "total" }),
            levels: view.total(side),
            style: look.style(Role::Total),
            last: None,
        }];
        for path in flow.paths.iter().filter(|p| p.path != Path::Loss) {
            let style = look.theme.path(path.path);
            let cut = view.is_cut(path.path);
            rows.push(Row {
                name: view.path_name(path.path),
                levels: if cut {
                    Vec::new()
                } else {
                    view.heat(side, path)
                },
                style: if cut {
                    style.add_modifier(Modifier::CROSSED_OUT | Modifier::DIM)
                } else {
                    style
                },
                last: view.last().filter(|_| shares),
            });
        }
        let each = (usize::from(inner.height) / rows.len().max(1)).clamp(1, 3);
        let each = u16::try_from(each).unwrap_or(1);
        let left_out = rows.len().saturating_sub(usize::from(inner.height / each));
        let mut more = Line::default();
        if left_out > 0 {
            more = look.span(format!("+{left_out} more"), Role::Quiet).into();
            pen.lower(area, &more, &Line::default());
        }
        if !above {
            let y = area.bottom().saturating_sub(1);
            scale(pen, area, y, look.line_width(&more), reach, glyph);
        }
        let mut y = inner.y;
        for Row {
            name,
            levels,
            style,
            last,
        } in rows
        {
            if y + each > inner.bottom() {
                break;
            }
            let width = plot.x.saturating_sub(inner.x + 1);
            pen.text(
                inner.x + 1,
                y,
                width,
                &fit::fit(&name, usize::from(width)),
                style,
            );
            let row = Rect {
                y,
                height: each,
                ..plot
            };
            if levels.is_empty() {
                pen.text(row.x, y, row.width, "✂ cut", look.style(Role::Quiet));
            } else {
                Heat {
                    levels: &levels,
                    reach,
                    last,
                    cursor: Some(view.cursor()),
                }
                .render(pen, row);
                let before = levels.len().saturating_sub(1);
                if levels.iter().take(before).all(Option::is_none) {
                    let text = if view.changes() { "no change" } else { "zero" };
                    pen.text(row.x, y, row.width, text, look.style(Role::Quiet));
                }
            }
            y += each;
        }
    }

    fn plot(&self, area: Rect, gutter: u16) -> Option<Rect> {
        framed_plot(area, gutter)
    }

    fn curves(&self, area: Rect, gutter: u16) -> Option<Rect> {
        framed_curves(area, gutter)
    }
}

/// Glyph and style of a step of a map.
pub type Sign = fn(&Pen, Option<i8>) -> (char, Style);

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
