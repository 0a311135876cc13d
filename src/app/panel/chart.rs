//! A cell's total and its paths as curves on the common log axis.

use crate::app::panel::{Over, Panel, charted};
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::panel::ladder;
use crate::app::view::{View, question_name};
use crate::flow::{Flow, Path, PathFlow, Question, factor};
use crate::num::Wide;
use crate::sim::Side;
use crate::ui::pen::Pen;
use crate::ui::theme::Role;
use crate::ui::widget::chart::{Chart, Series};

/// A cell's total and paths as curves.
#[derive(Clone, Copy, Debug)]
pub struct Curves(pub Side);

impl Panel for Curves {
    fn render(&self, pen: &mut Pen, area: Rect, view: &View) {
        let side = self.0;
        let mut title = ladder::title(view, side, view.app.focus.side == side);
        let answer = ladder::answer(view, side, ladder::beside_name(view, side, area.width));
        let several = view.flow(side).is_some_and(Flow::has_several_paths);
        if several && area.width >= 90 {
            let what = match view.question() {
                Question::Share => "  total and its terms",
                Question::Alone => "  total, and each path alone",
                Question::Without => "  total, and what it is without a path",
            };
            title.push_span(view.look.span(what, Role::Quiet));
        }
        let inner = pen.frame(area, title, answer);
        // A panel of numbers lies beside it, unless it is enlarged.
        ladder::below(pen, area, view, side, view.app.screens.flow.zoom);
        let series = series(view, side);
        Chart {
            series: &series,
            steps: view.steps(),
            low: view.low,
            high: view.high,
            cursor: view.snapshot.map(|_| view.cursor()),
            gutter: view.gutter,
            clipped: ladder::clipped(view, side),
            ..Chart::default()
        }
        .render(pen, charted(inner));
        if view.waits() {
            let text = Line::from(view.look.span(
                format!(
                    " {} is being computed; shares are shown ",
                    question_name(view.app.sim.question)
                ),
                Role::Quiet,
            ));
            let width = view.look.line_width(&text);
            if area.width > width + 4 && area.height > 1 {
                pen.line(area.x + 2, area.bottom() - 1, width, &text);
            }
        }
    }

    fn over_time(&self) -> Over {
        Over::Curves
    }
}

/// The paths (for a cell that has more than one) and, above them, the total.
fn series(view: &View, side: Side) -> Vec<Series> {
    let Some(flow) = view.flow(side) else {
        return Vec::new();
    };
    let paths = flow
        .paths
        .iter()
        .filter(|p| flow.has_several_paths() && p.path != Path::Loss && !view.is_cut(p.path));
    // Terms of the sum go up and down with the signal.
    let dotted = view.question() == Question::Share;
    let mut series: Vec<Series> = paths
        .map(|p| of_path(view, side, flow, p, dotted))
        .collect();
    // The carousel is the path that the story is about: above the others, below the total.
    series.reverse();
    series.push(total(view, side, flow, false));
    series
}

/// The curve of a path.
pub fn of_path(view: &View, side: Side, flow: &Flow, p: &PathFlow, dotted: bool) -> Series {
    Series {
        levels: view.beside_total(side, p),
        style: view.look.theme.path(p.path),
        name: view.path_name(p.path).into_owned(),
        letter: p.path.letter(),
        end: end(factor(p.curve(view.question()), 1), flow)
            .filter(|_| view.question() != Question::Share),
        dotted,
    }
}

/// The curve of the total.
pub fn total(view: &View, side: Side, flow: &Flow, dotted: bool) -> Series {
    Series {
        levels: view.total(side),
        style: view.look.style(Role::Total),
        name: "total".to_owned(),
        letter: '*',
        end: end(flow.factor_per_step(), flow),
        dotted,
    }
}

/// What a factor per step makes of the whole window, as log10.
pub fn end(factor: Option<Wide>, flow: &Flow) -> Option<f64> {
    factor.map(|r| r.log10() * flow.steps as f64)
}
