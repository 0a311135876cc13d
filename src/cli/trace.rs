//! `rnntop trace`: computes one window of one cell and prints it.
//!
//! [`json`] is the contract for programs, [`csv`] the same numbers in rows, [`text`] a table for
//! people. [`follow`] steps on and prints a line for each step. [`whole`] prints every layer of a model.

mod csv;
mod extras;
mod follow;
pub(super) mod json;
pub(super) mod number;
mod text;
mod whole;

use std::ffi::OsString;

use crate::cli::Failure;
use crate::cli::args::{Format, OutputArgs as Output, TraceArgs};
use crate::cli::configure::{self, Window};
use crate::cli::deliver::Delivery;
use crate::cli::progress::Progress;
use crate::cli::provenance::{Origin, Provenance, Recorded};
use crate::cli::trace::extras::Extras;
use crate::flow::{Flow, PathSet};
use crate::io::load_text;
use crate::sim::{Ask, Data, Settings, budget};

/// A window, computed, with what it was computed under.
#[derive(Clone, Copy, Debug)]
struct Trace<'a> {
    /// Every number.
    flow: &'a Flow,
    /// The settings, completed from the data.
    settings: &'a Settings,
    /// What was asked for besides.
    extras: &'a Extras,
    /// What it is a window of: a preset or a file, not yet sanitised.
    title: &'a str,
    /// The preset's name, where there is one.
    preset: Option<&'a str>,
    /// The user's data.
    data: &'a Data,
    /// What the command was given.
    origin: &'a Origin,
}

impl<'a> Trace<'a> {
    /// That a model was not run on the user's data, where so: then it is not judged.
    fn caution(&self) -> Option<String> {
        self.data.model.as_ref()?.drive.caution()
    }

    /// Where it comes from.
    const fn provenance(&self) -> Provenance<'a> {
        Provenance {
            preset: self.preset,
            settings: self.settings,
            data: Some(self.data),
            origin: Some(self.origin),
        }
    }
}

/// Computes and prints, under these arguments or those of an earlier result.
pub fn run(args: &TraceArgs, given: &[OsString]) -> Result<(), Failure> {
    let Some(path) = &args.output.from else {
        return compute(args, &origin(args, given));
    };
    if let Some(other) = Origin::new("trace", given, &[]).arguments.first() {
        return Err(Failure::input(format!(
            "--from: expected no other option beside it but --out and --force, found {other}"
        )));
    }
    let result = load_text(path)?;
    let recorded = Recorded::read(&result.value, &result.source)?;
    let given: Vec<OsString> = recorded.arguments.iter().map(OsString::from).collect();
    let mut again = super::parse_trace(&given)?;
    let Output {
        from, out, force, ..
    } = &mut again.output;
    if from.is_some() {
        let source = result.source;
        return Err(Failure::input(format!(
            "{source}: expected no --from in its arguments"
        )));
    }
    (*out, *force) = (args.output.out.clone(), args.output.force);
    let origin = origin(&again, &given);
    recorded.check(&origin)?;
    compute(&again, &origin)
}

fn origin(args: &TraceArgs, given: &[OsString]) -> Origin {
    Origin::of_cell("trace", given, args.preset.as_deref(), &args.data)
}

fn compute(args: &TraceArgs, origin: &Origin) -> Result<(), Failure> {
    let output = &args.output;
    let lists = [
        ("--bptt", output.bptt.is_some()),
        ("--jacobian", output.jacobian),
        ("--lyapunov", output.lyapunov),
    ];
    if let (Format::Csv, Some((option, _))) =
        (output.format, lists.iter().find(|(_, given)| *given))
    {
        return Err(Failure::input(format!(
            "{option}: expected --format text or json beside it, since a row of CSV is a step, found csv"
        )));
    }
    let delivery = Delivery::to(output.out.as_deref(), output.force)?;
    let weights = configure::stack::open(&args.data)?;
    let model = weights.as_ref().map(|file| whole::model(args, file));
    if let (Some(model), Some(file)) = (model.transpose()?.flatten(), &weights) {
        return whole::run(args, (&model, file), origin, delivery);
    }
    if output.follow {
        return follow::run(args, weights.as_ref(), origin);
    }
    let start = configure::configure_on(
        weights.as_ref(),
        args.preset.as_deref(),
        &args.simulation,
        &args.data,
        Window::Whole,
    )?;
    start.check_initial_c(&[start.side])?;
    let mut simulation = start.simulation()?;
    let ask = Ask {
        cuts: PathSet::EMPTY,
        alone: true,
        without: output.cuts,
    };
    let mut progress = Progress::new();
    let cell = start.settings.cell(start.side);
    progress.announce(budget::one(cell, simulation.settings()), "");
    let flow = simulation.flow_with_law(start.side, ask, &mut progress.of("the window"))?;
    let extras = Extras::compute(&mut simulation, start.side, args, &mut progress)?;
    progress.clear();
    let trace = Trace {
        flow: &flow,
        settings: simulation.settings(),
        extras: &extras,
        title: &start.title,
        preset: start.preset.as_deref(),
        data: &start.data,
        origin,
    };
    let bytes = match output.format {
        Format::Text => text::render(trace).into_bytes(),
        Format::Json => json::render(&json::object(&trace))?,
        Format::Csv => csv::render(trace).map_err(Failure::failed)?,
    };
    delivery.bring(&bytes)
}

/// A window with known numbers, for the tests of the formats.
#[cfg(test)]
mod example {
    use super::{Data, Extras, Origin, Settings, Trace};
    use crate::cell::{CellKind, Variant};
    use crate::flow::{Clipping, Flow, MatrixSize, Path, PathFlow, Totals};
    use crate::num::Wide;

    /// What is made of a window with these numbers.
    pub fn traced<T>(flow: &Flow, settings: &Settings, render: impl FnOnce(Trace) -> T) -> T {
        render(Trace {
            flow,
            settings,
            extras: &Extras::default(),
            title: "why",
            preset: Some("why"),
            data: &Data::default(),
            origin: &Origin::default(),
        })
    }

    /// Numbers as a curve.
    pub fn curve(values: impl IntoIterator<Item = f64>) -> Vec<Wide> {
        values.into_iter().map(Wide::from_f64).collect()
    }

    /// An LSTM whose gradient halves with every step back, but for a |δc_1| of 2⁻⁵⁰⁰⁰.
    pub fn lstm(steps: usize, peepholes: bool, cuts: bool) -> Flow {
        let halves =
            || (1..=steps).map(|t| 0.5f64.powi(i32::try_from(steps - t).unwrap().min(900)));
        let mut grad_c = curve(halves());
        grad_c[0] = Wide::new(1.0, -5000);
        let totals = Totals {
            grad_h: curve(halves().map(|x| 2.0 * x)),
            grad_c,
        };
        let mut names = vec![
            Path::Carousel,
            Path::Block,
            Path::Input,
            Path::Forget,
            Path::Output,
        ];
        if peepholes {
            names.extend([
                Path::PeepholeInput,
                Path::PeepholeForget,
                Path::PeepholeOutput,
            ]);
        }
        names.push(Path::Loss);
        let path = |path| PathFlow {
            path,
            share: if path == Path::Loss {
                curve(halves().map(|x| if x < 1.0 { 0.0 } else { x }))
            } else {
                curve(halves().map(|x| x / 4.0))
            },
            contribution: vec![0.25; steps],
            alone: if path == Path::Loss {
                Vec::new()
            } else {
                curve(halves())
            },
            without: (cuts && path != Path::Loss).then(|| totals.clone()),
        };
        Flow {
            cell: CellKind::Lstm,
            hidden: 4,
            steps,
            paths: names.into_iter().map(path).collect(),
            grad_h0: Wide::from_f64(0.25),
            grad_c0: Some(Wide::new(1.0, -5001)),
            residual: vec![1e-16; steps],
            uncut: None,
            cut_sets: if cuts {
                vec![("gates", totals.clone())]
            } else {
                Vec::new()
            },
            totals,
            loss: Wide::from_f64(-0.125),
            clipping: Clipping {
                before: Wide::new(1.0, 4000),
                after: Wide::from_f64(5.0),
                angle_deg: Some(0.0),
                clipped: (1..=steps).map(|t| t == 2).collect(),
            },
            matrices: ["block", "input", "forget", "output"]
                .map(|name| MatrixSize {
                    name,
                    spectral_radius: 1.0,
                    norm: 1.625,
                })
                .to_vec(),

            variant: Variant::Plain,
            carousel_gain: Vec::new(),
            carried: None,
            law: None,
            gates: Vec::new(),
        }
    }

    /// A scalar linear RNN with factor 1.01.
    pub fn rnn(steps: usize) -> Flow {
        let powers = || (1..=steps).map(|t| 1.01f64.powi(i32::try_from(steps - t).unwrap()));
        let path = |path, share: Vec<Wide>, alone: Vec<Wide>| PathFlow {
            path,
            share,
            contribution: vec![1.0; steps],
            alone,
            without: None,
        };
        let last = steps - 1;
        let back = powers()
            .enumerate()
            .map(|(i, x)| if i == last { 0.0 } else { x });
        let loss = (0..steps).map(|i| if i == last { 1.0 } else { 0.0 });
        Flow {
            cell: CellKind::Rnn,
            hidden: 1,
            steps,
            paths: vec![
                path(Path::Recurrent, curve(back), curve(powers())),
                path(Path::Loss, curve(loss), Vec::new()),
            ],
            totals: Totals {
                grad_h: curve(powers()),
                grad_c: Vec::new(),
            },
            grad_h0: Wide::from_f64(1.01f64.powi(i32::try_from(steps).unwrap())),
            grad_c0: None,
            residual: vec![0.0; steps],
            uncut: None,
            cut_sets: Vec::new(),
            loss: Wide::ZERO,
            clipping: Clipping {
                before: Wide::from_f64(2.0),
                after: Wide::from_f64(2.0),
                angle_deg: Some(0.0),
                clipped: Vec::new(),
            },
            matrices: vec![MatrixSize {
                name: "recurrent",
                spectral_radius: 1.01,
                norm: 1.01,
            }],

            variant: Variant::Plain,
            carousel_gain: Vec::new(),
            carried: None,
            law: None,
            gates: Vec::new(),
        }
    }
}
