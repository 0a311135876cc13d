//! What the map and the window say of where the live cell stands, in a sentence.

use super::chart::{Along, Chart, Edge};
use crate::app::view::View;
use crate::flow::{Cause, Law, Path, PathSet, Verdict};
use crate::sim::Settings;
use crate::ui::theme::Role;
use crate::words::cause;

/// The sentence: r here and its cause, as the live window has them, and where the edge is, as the map
/// has it.
pub fn here(view: &View) -> (String, Role) {
    let app = view.app;
    let state = &app.screens.phase;
    let edge = state
        .chart()
        .map(|chart| edge(chart, &app.sim.settings))
        .unwrap_or_default();
    let current = view
        .snapshot
        .filter(|snapshot| snapshot.settings == app.sim.settings);
    let Some(flow) = current.map(|snapshot| snapshot.flow(app.focus.side)) else {
        let missing = view.missing();
        let ends = if edge.is_empty() { "" } else { "; " };
        return (format!("here: {missing}{ends}{edge}"), Role::Quiet);
    };
    let law = flow.law.as_ref();
    let judged = app.judges(app.focus.side);
    let (text, verdict) = match law.map(|law| (law, law.factor)) {
        None => ("here there is no r".to_owned(), None),
        // What another input does to the gradient is no verdict on the model.
        Some((_, Some(r))) if !judged => (format!("here r {}", cause::factor(r)), None),
        Some((law, _)) => stand(law),
    };
    let mut text = format!("{text}; {edge}");
    if !app.sim.cuts.is_empty() {
        text.push_str("; the cuts are here alone, the map has none");
    }
    (text, verdict.map_or(Role::Text, Role::from))
}

/// `here r 1.010: exploding by block`.
pub fn stand(law: &Law) -> (String, Option<Verdict>) {
    let (Some(r), Some(verdict)) = (law.factor, law.verdict()) else {
        return ("here no gradient enters the window at T".to_owned(), None);
    };
    let names = |paths: &[Path]| cause::joined(paths, " and ");
    let because = match &law.cause {
        Cause::Nothing => String::new(),
        Cause::Grows { paths, .. } => format!(" by {}", names(paths)),
        Cause::KeepsTooMuch { path, .. } => format!(" by {} alone", names(&[*path])),
        Cause::KeepsTooLittle { path, .. } => format!(": {} keeps too little", names(&[*path])),
        Cause::TakesAway { paths, .. } => {
            let take = if paths.len() == 1 { "takes" } else { "take" };
            format!(": {} {take} away what is kept", names(paths))
        }
    };
    let word = verdict.word();
    let text = format!("here r {}: {word}{because}", cause::factor(r));
    (text, Some(verdict))
}

/// Where the edge is from here: up or down, or else to the sides.
pub fn edge(chart: &Chart, settings: &Settings) -> String {
    let [Some(u), Some(v)] = chart.here(settings) else {
        return outside(chart, settings);
    };
    let name = |along| chart.axis(along).title();
    // Before the map is whole, something may still show between what is there.
    let (at, nowhere) = if chart.is_whole() {
        ("at", "no edge on the map above, below or beside it")
    } else {
        ("near", "no edge has shown above, below or beside it yet")
    };
    for along in [Along::Y, Along::X] {
        let text = match chart.edge(along, [u, v]) {
            Edge::Unknown => return "the edge is not known yet".to_owned(),
            Edge::Nowhere => continue,
            Edge::At(value, error) => rounded(value, error),
            Edge::Between(low, high) => {
                return format!("the edge is between {} {low} and {high}", name(along));
            }
        };
        return format!("the edge is {at} {} {text}", name(along));
    }
    nowhere.to_owned()
}

/// Which of the settings is not on the map.
fn outside(chart: &Chart, settings: &Settings) -> String {
    let [x, _] = chart.here(settings);
    let axis = chart.axis(if x.is_none() { Along::X } else { Along::Y });
    match axis.value(settings) {
        Some(value) => format!("{} {value} is not on the map", axis.title()),
        None => format!("{} is not set: the map sets it", axis.title()),
    }
}

/// A number with as many digits as its error leaves.
fn rounded(value: f64, error: f64) -> String {
    let digits = -(2.0 * error.max(1e-6)).log10();
    let digits = digits.floor().clamp(0.0, 4.0) as usize;
    let text = format!("{value:.digits$}");
    if text.parse() == Ok(0.0) {
        text.replace('-', "")
    } else {
        text
    }
}

/// What the map is of.
pub fn of_map(view: &View) -> String {
    let settings = &view.app.sim.settings;
    let state = &view.app.screens.phase;
    state.chart().map_or_else(String::new, |chart| {
        let (count, seed) = (chart.spec.windows(), settings.seed);
        format!("{count} settings, each its first window under seed {seed}, nothing cut")
    })
}

/// What a map is of, in few words.
pub fn of_map_briefly(view: &View) -> String {
    format!("first windows, seed {}", view.app.sim.settings.seed)
}

/// One letter for a cause: its path's, or `+` for several; `.` for none.
pub fn letter(paths: PathSet) -> char {
    let mut all = paths.paths();
    match (all.next(), all.next()) {
        (None, _) => '.',
        (Some(path), None) => path.letter(),
        _ => '+',
    }
}
