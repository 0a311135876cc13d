//! `rnntop explain`: one path at one step of a window, in formulas and numbers.

use std::ffi::OsString;

use crate::cell::{CellKind, Path, PathSet};
use crate::cli::Failure;
use crate::cli::args::ExplainArgs;
use crate::cli::configure::{self, Window};
use crate::cli::deliver::Delivery;
use crate::cli::progress::Progress;
use crate::cli::provenance::{Origin, Provenance};
use crate::flow::{Flow, Question};
use crate::sim::preset::limits;
use crate::sim::{Ask, budget};
use crate::words::cause;
use crate::words::explain::document::{Block, Inline};
use crate::words::list::capital;
use crate::words::{explain, sanitise};

/// Computes and prints.
pub fn run(args: &ExplainArgs, given: &[OsString]) -> Result<(), Failure> {
    let asked = &args.subject;
    let delivery = Delivery::to(asked.out.as_deref(), asked.force)?;
    let mut start = configure::configure(
        args.preset.as_deref(),
        &args.simulation,
        &args.data,
        Window::Whole,
    )?;
    // A vanilla RNN under these settings stands on the other side: the chain is compared with its chain.
    let side = start.side;
    start.check_initial_c(&[side])?;
    let rnn = start.settings.cell(side).kind == CellKind::Rnn;
    if !rnn {
        start.settings.cells[side.other().index()] = CellKind::Rnn.into();
    }
    let model = start.data.model.as_ref();
    let caution = model.and_then(|subject| subject.drive.caution());
    let mut simulation = start.simulation()?;
    let steps = simulation.settings().steps;
    let t = asked.t.unwrap_or((steps * 7 / 10).max(1));
    if t > steps {
        return Err(Failure::wrong(
            "--t",
            format!("1 to {steps}, a step of the window"),
            t,
        ));
    }
    let mut progress = Progress::new();
    let cell = start.settings.cell(side);
    progress.announce(budget::one(cell, simulation.settings()), "");
    let flow = simulation.flow_with_law(side, Ask::default(), &mut progress.of("the window"))?;
    let path = asked
        .path
        .as_deref()
        .map(|name| path(&flow, name))
        .transpose()?;
    let mut example = |side, path| {
        let window = simulation.window(side, &mut progress.of("the window"))?;
        let progress = &mut progress.of("the path");
        window.explain_or_largest(PathSet::EMPTY, path, t, asked.units, progress)
    };
    let found = example(side, path)?;
    let beside = if rnn || asked.ask == Some(Question::Share) {
        None
    } else {
        Some(example(side.other(), Some(Path::Recurrent))?)
    };
    progress.clear();
    let mut document = explain::page(&found, asked.ask, beside.as_ref());
    let origin = Origin::of_cell("explain", given, args.preset.as_deref(), &args.data);
    let provenance = Provenance {
        origin: Some(&origin),
        preset: start.preset.as_deref(),
        settings: simulation.settings(),
        data: Some(&start.data),
    };
    let sentence = Inline::Words(provenance.to_string());
    document.blocks.push(Block::Text(vec![sentence]));
    document.title = format!("{}: {}", sanitise(&start.title), document.title);
    if let Some(law) = &flow.law {
        let words = match caution {
            // What another input does to the gradient is no verdict on a model.
            Some(caution) => format!(
                "{}: over the window {}.",
                capital(&caution),
                cause::product(law)
            ),
            None => format!(
                "Over the window: {}. In it, {}.",
                cause::sum(law),
                cause::because(law, flow.cell)
            ),
        };
        let words = Block::Text(vec![Inline::Words(words)]);
        document.blocks.insert(0, words);
    }
    let text = explain::render(&document, asked.format, asked.width, asked.ascii);
    delivery.bring(text.as_bytes())
}

/// The path by its name.
fn path(flow: &Flow, name: &str) -> Result<Path, Failure> {
    let paths = || flow.paths.iter().map(|flow| flow.path);
    paths().find(|path| path.name() == name).ok_or_else(|| {
        let names = limits::either(paths().map(Path::name));
        let allowed = format!("a path of the {}, {names}", flow.cell.name());
        Failure::wrong("--path", allowed, limits::quoted(name))
    })
}
