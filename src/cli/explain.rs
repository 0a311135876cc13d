//! `gradtop explain`: one path at one step of a window, in formulas and numbers.

use crate::cell::{CellKind, Path, PathSet};
use crate::cli::Failure;
use crate::cli::args::ExplainArgs;
use crate::cli::configure::{self, Window};
use crate::cli::deliver::deliver;
use crate::flow::explain::{Subject, page};
use crate::flow::{Flow, Question};
use crate::io::explain;
use crate::sim::Ask;
use crate::sim::preset::limits::{self, Wrong};

/// Computes and prints.
pub fn run(args: &ExplainArgs) -> Result<(), Failure> {
    let start = configure::configure(
        args.preset.as_deref(),
        &args.simulation,
        &args.data,
        Window::Whole,
    )?;
    let mut simulation = start.simulation()?;
    let asked = &args.subject;
    let steps = simulation.settings().steps;
    let t = asked.t.unwrap_or((steps * 7 / 10).max(1));
    if t > steps {
        return Err(Failure::input(format!(
            "--t: expected 1 to {steps}, a step of the window, found {t}"
        )));
    }
    let flow = simulation
        .flow(start.cell, Ask::default(), &mut |_| true)
        .map_err(Failure::failed)?;
    let path = path(&flow, asked.path.as_deref(), t)?;
    let mut example = |cell, path| {
        let subject = Subject {
            path,
            t,
            units: asked.units,
        };
        let example = simulation.explain(cell, PathSet::EMPTY, subject, &mut |_| true);
        example.map_err(Failure::failed)
    };
    let found = example(start.cell, path)?
        .ok_or_else(|| Failure::failed("the path could not be taken apart"))?;
    // A vanilla RNN under the same settings, to set beside the chain.
    let beside = if start.cell == CellKind::Rnn || asked.ask == Some(Question::Share) {
        None
    } else {
        example(CellKind::Rnn, Path::Recurrent)?
    };
    let document = page::page(&found, asked.ask, beside.as_ref());
    let text = explain::render(&document, asked.format, asked.width, asked.ascii);
    deliver(text.as_bytes(), asked.out.as_deref(), asked.force)
}

/// The path by its name; without one, the one that brings most at t through a recurrent matrix.
fn path(flow: &Flow, name: Option<&str>, t: usize) -> Result<Path, Failure> {
    let paths = || flow.paths.iter();
    if let Some(name) = name {
        let named = paths().find(|flow| flow.path.name() == name);
        return named.map(|flow| flow.path).ok_or_else(|| {
            let names = limits::either(paths().map(|flow| flow.path.name()));
            let allowed = format!("a path of the {}, {names}", flow.cell.name());
            let wrong = Wrong::new(allowed, limits::quoted(name));
            Failure::input(format!("--path: {wrong}"))
        });
    }
    let mut largest = None;
    for flow in paths().filter(|flow| flow.path.crosses()) {
        if largest.is_none_or(|(_, norm)| flow.share[t - 1] > norm) {
            largest = Some((flow.path, flow.share[t - 1]));
        }
    }
    Ok(largest.map_or(Path::Loss, |(path, _)| path))
}
