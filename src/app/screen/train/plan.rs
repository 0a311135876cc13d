//! Where the parts of the screen lie: a grid, as many charts as have room, the most telling first.

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};

use super::Part;
use super::Part::{Clipped, Lines, Loss, Norm, Numbers, Radius, Ratio, Waterfall};
use crate::app::layout::{Plan, halves};
use crate::app::state::App;

/// The fewest rows that a chart is drawn in, frame included: fewer have no room for two numbers at the axis.
const LEAST: u16 = 7;
/// The rows of the numbers of one run in their frame.
const NUMBERS: u16 = 9;

pub(super) fn place(app: &App, plan: &mut Plan, body: Rect) {
    if let Some(shown) = app.screens.train.surface {
        return plan.put(body, Part::Surface(shown));
    }
    let runs = app.screens.train.picture.as_ref();
    match runs.map_or(0, |picture| picture.runs.len()) {
        0 => plan.put(body, Part::Nothing),
        1 => one(plan, body),
        _ => two(plan, body),
    }
}

/// Columns of charts, and the numbers below them.
fn one(plan: &mut Plan, body: Rect) {
    let across = if body.width >= 150 { 3 } else { 2 };
    let all = [
        Loss(0),
        Waterfall(0),
        Norm(0),
        Clipped(0),
        Radius(0),
        Ratio(0),
    ];
    let framed =
        usize::from((body.height - body.height.min(NUMBERS)) / LEAST) * across >= all.len();
    let [charts, lines] =
        Layout::vertical([Fill(1), Length(if framed { NUMBERS } else { 4 })]).areas(body);
    if framed {
        grid(plan, charts, &all, across);
        plan.put(lines, Numbers(0));
    } else {
        plan.put(lines, Lines(0));
        let parts = [Loss(0), Waterfall(0), Norm(0), Radius(0)];
        grid(plan, charts, &parts, across);
    }
}

/// A column for each run, or two where they are wide enough.
fn two(plan: &mut Plan, body: Rect) {
    for (run, half) in halves(body).into_iter().enumerate() {
        let all = [
            Loss(run),
            Norm(run),
            Waterfall(run),
            Radius(run),
            Clipped(run),
            Ratio(run),
        ];
        // Four charts stay, and below them is room for all that is said of an explosion.
        let numbers = if half.height >= 4 * LEAST + NUMBERS {
            NUMBERS
        } else {
            5
        };
        let [charts, lines] = Layout::vertical([Fill(1), Length(numbers)]).areas(half);
        let across = if half.width >= 80 { 2 } else { 1 };
        let parts = usize::from(charts.height / LEAST) * across;
        grid(plan, charts, &all[..parts.clamp(1, all.len())], across);
        plan.put(
            lines,
            if numbers > 5 {
                Numbers(run)
            } else {
                Lines(run)
            },
        );
    }
}

/// Parts in rows of so many, all of a height as far as that goes.
fn grid(plan: &mut Plan, area: Rect, parts: &[Part], across: usize) {
    let rows = parts.len().div_ceil(across);
    for (row, area) in Layout::vertical(vec![Fill(1); rows])
        .split(area)
        .iter()
        .enumerate()
    {
        let parts = &parts[row * across..parts.len().min((row + 1) * across)];
        let areas = Layout::horizontal(vec![Fill(1); parts.len()]).split(*area);
        for (part, area) in parts.iter().zip(areas.iter()) {
            plan.put(*area, *part);
        }
    }
}
