//! Each path of the focused cell over the window, as ladders on the common log axis.

use ratatui::layout::Rect;
use ratatui::style::Modifier;
use ratatui::text::Line;

use crate::flow::{Path, PathFlow, Question, factor};
use crate::ui::format::{level, short_factor};
use crate::ui::layout::{Panel, plot};
use crate::ui::panel::ladder;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::view::{View, question_name, short_name};
use crate::ui::widget::ladder::Ladder;
use crate::ui::widget::scale::{Steps, tick};

/// What is asked of each path, in words.
fn question(view: &View) -> &'static str {
    match view.question() {
        Question::Share => "its term in the sum",
        Question::Alone => "the gradient on this path alone",
        Question::Without => "the total when this path is cut",
    }
}

/// What is shown, its unit, the range of every track, and what is asked.
fn title(view: &View, steps: Steps) -> Line<'static> {
    let look = view.look;
    let side = view.app.focus;
    let s = view.symbol(side);
    let range = format!(
        " {}..{}",
        tick(-(steps.down as f64) * steps.unit),
        tick(steps.up as f64 * steps.unit)
    );
    Line::from(vec![
        look.span(
            format!(
                "{} paths {}",
                view.name(side),
                question_name(view.question())
            ),
            Role::Strong,
        ),
        look.span(format!("  log10 |·|/|{s}_T|"), Role::Quiet),
        look.span(range, Role::Quiet),
        look.span(format!("  {}", question(view)), Role::Quiet),
    ])
}

/// Draws the panel.
pub fn render(pen: &mut Pen, area: Rect, view: &View, gutter: u16) {
    let look = view.look;
    let side = view.app.focus;
    let paths: Vec<&PathFlow> = view.flow(side).map_or_else(Vec::new, |f| {
        f.paths.iter().filter(|p| p.path != Path::Loss).collect()
    });
    let tracks = u16::try_from(paths.len() + 1).unwrap_or(1);
    // Every track has the same height, so that all have the same scale.
    let each = (area.height.saturating_sub(2) / tracks).max(1);
    let steps = Steps::new(view.low, view.high, usize::from(each));
    let inner = pen.frame(
        area,
        &title(view, steps),
        &ladder::answer(view, side, (area.width / 2).saturating_sub(4)),
    );
    let (Some(flow), Some(plot)) = (view.flow(side), plot(Panel::Paths, area, gutter)) else {
        return;
    };
    let mut y = inner.y;
    let mut track = |pen: &mut Pen, height: u16, name: &str, path: Option<&PathFlow>| {
        let height = height.min(inner.bottom().saturating_sub(y));
        if height == 0 {
            return;
        }
        let row = Rect { y, height, ..inner };
        y += height;
        let style = path.map_or(look.style(Role::Total), |p| look.theme.path(p.path));
        let cut = path.is_some_and(|p| view.is_cut(p.path));
        let name_style = if cut {
            style.add_modifier(Modifier::CROSSED_OUT)
        } else {
            style.add_modifier(Modifier::BOLD)
        };
        let room = plot.x.saturating_sub(inner.x + 1);
        pen.text(inner.x, row.y, room, name, name_style);
        let (levels, rate) = match path {
            None => (view.total(side), flow.factor_per_step()),
            Some(p) => (view.path(side, p), factor(p.curve(view.question()), 1)),
        };
        if cut && view.question() != Question::Without {
            let (x, y) = if height > 1 {
                (inner.x, row.y + 1)
            } else {
                (plot.x, row.y)
            };
            pen.text(x, y, room, "✂ cut", look.style(Role::Quiet));
            return;
        }
        let here = levels.get(view.cursor() - 1).copied();
        if height > 1
            && let Some(here) = here
        {
            pen.text(
                inner.x,
                row.y + 1,
                room,
                &level(here),
                look.style(Role::Text),
            );
        }
        if height > 2 && (path.is_none() || view.question() != Question::Share) {
            pen.text(
                inner.x,
                row.y + 2,
                room,
                &format!("r {}", short_factor(rate)),
                look.style(Role::Quiet),
            );
        }
        let style = path.map(|_| style);
        Ladder {
            levels: &levels,
            low: view.low,
            high: view.high,
            cursor: Some(view.cursor()),
            style,
            gutter: 0,
            beside: None,
            bitten: if path.is_none() {
                ladder::bitten(view, side)
            } else {
                &[]
            },
        }
        .render(
            pen,
            Rect {
                x: plot.x,
                width: plot.width,
                ..row
            },
        );
    };
    track(pen, each, "total", None);
    for path in paths {
        track(pen, each, short_name(path.path), Some(path));
    }
}
