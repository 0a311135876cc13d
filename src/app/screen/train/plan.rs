//! Where the parts of the screen lie: a grid, as many charts as have room, the most telling first.

use ratatui::layout::Constraint::{Fill, Length};
use ratatui::layout::{Layout, Rect};

use super::Shown::{Clipped, Lines, Loss, Norm, Numbers, Radius, Ratio, Waterfall};
use super::{Part, Shown};
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
    let all = [Loss, Waterfall, Norm, Clipped, Radius, Ratio];
    let rows = usize::from((body.height - body.height.min(NUMBERS)) / LEAST);
    let (parts, height, numbers) = if rows * across >= all.len() {
        (&all[..], NUMBERS, Numbers)
    } else {
        (&[Loss, Waterfall, Norm, Radius][..], 4, Lines)
    };
    let [charts, below] = Layout::vertical([Fill(1), Length(height)]).areas(body);
    grid(plan, charts, 0, parts, across);
    plan.put(below, Part::Of(0, numbers));
}

/// A column for each run, or two where they are wide enough.
fn two(plan: &mut Plan, body: Rect) {
    let all = [Loss, Norm, Waterfall, Radius, Clipped, Ratio];
    for (run, half) in halves(body).into_iter().enumerate() {
        // Four charts stay, and below them is room for all that is said of an explosion.
        let (height, numbers) = if half.height >= 4 * LEAST + NUMBERS {
            (NUMBERS, Numbers)
        } else {
            (5, Lines)
        };
        let [charts, below] = Layout::vertical([Fill(1), Length(height)]).areas(half);
        let across = if half.width >= 80 { 2 } else { 1 };
        let parts = usize::from(charts.height / LEAST) * across;
        grid(plan, charts, run, &all[..parts.clamp(1, all.len())], across);
        plan.put(below, Part::Of(run, numbers));
    }
}

/// Parts of a run in rows of so many, all of a height as far as that goes.
fn grid(plan: &mut Plan, area: Rect, run: usize, parts: &[Shown], across: usize) {
    let rows = parts.chunks(across);
    let places = Layout::vertical(vec![Fill(1); rows.len()]).split(area);
    for (parts, row) in rows.zip(places.iter()) {
        let places = Layout::horizontal(vec![Fill(1); parts.len()]).split(*row);
        for (shown, place) in parts.iter().zip(places.iter()) {
            plan.put(*place, Part::Of(run, *shown));
        }
    }
}
