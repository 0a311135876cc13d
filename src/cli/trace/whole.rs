//! `rnntop trace` of a model that is more than one cell: the gradient of every layer in each
//! direction.

use std::fmt::Write as _;
use std::path::Path as FilePath;

use ndarray::{Array2, Axis, Slice};

use crate::cell::{Init, Path, init};
use crate::cli::args::{Format, TraceArgs};
use crate::cli::configure::Window;
use crate::cli::configure::functions::Asked;
use crate::cli::configure::stack::{self, STEPS};
use crate::cli::deliver::Delivery;
use crate::cli::inspect::written::{self, Arriving};
use crate::cli::inspect::{say, wrap};
use crate::cli::progress::Progress;
use crate::cli::provenance::{Origin, Provenance};
use crate::cli::trace::{csv, json, text};
use crate::cli::{Failure, configure};
use crate::flow::PathFlow;
use crate::flow::stack::StackLoss;
use crate::io::arrays::{load_matrix, load_vector};
use crate::io::{ModelFile, Wanted, load_batch};
use crate::sim::inspect::{Entering, Input, Judged, Model, Whole};
use crate::sim::preset::{grammar, limits};
use crate::sim::settings::{ClipMode, LossKind, Signal};
use crate::sim::{Data, Settings, signal};
use crate::words::fit::fit;
use crate::words::list::counted;
use crate::words::{sanitise, symbol};

/// A whole model's window, computed, with what it was computed under.
#[derive(Clone, Copy, Debug)]
pub struct Trace<'a> {
    /// Every number.
    pub whole: &'a Whole,
    /// The model.
    pub model: &'a Model,
    /// Loss, clipping and signal.
    pub settings: &'a Settings,
    /// What drove it, in a few words; not yet sanitised.
    pub source: &'a str,
    /// What kind of input that is.
    pub input: Input,
    /// What the command was given.
    pub origin: &'a Origin,
}

impl<'a> Trace<'a> {
    /// That it was not run on the user's data, where so: then it is not judged.
    pub fn caution(&self) -> Option<String> {
        self.input.caution(self.source)
    }

    /// Where it comes from; no preset is a model.
    pub const fn provenance(&self) -> Provenance<'a> {
        Provenance {
            preset: None,
            settings: self.settings,
            data: None,
            origin: Some(self.origin),
        }
    }
}

/// The model, where the file has more than one cell and no layer of them was asked for.
pub fn model(args: &TraceArgs, file: &ModelFile) -> Result<Option<Model>, Failure> {
    let module = args.data.module.as_deref();
    let summary = file.module(module)?;
    if summary.is_single_cell() || args.data.layer.is_some() {
        return Ok(None);
    }
    let asked = Asked::from(&args.simulation.settings);
    let model = stack::model(file, module, &asked)?;
    let kind = model.parameters.kind;
    if let Some(asked) = args.simulation.cell.filter(|&asked| asked != kind) {
        let (source, kind, asked) = (file.source(), kind.name(), asked.name());
        return Err(Failure::wrong(
            "--cell",
            format!("{kind}, the cell of {source}"),
            asked,
        ));
    }
    if let Some(option) = of_one_cell(args) {
        let source = file.source();
        return Err(Failure::input(if summary.projection {
            format!(
                "{option}: expected a model without projection (proj_size), found one in {source}"
            )
        } else {
            format!(
                "{option}: expected --layer beside it, since {source} has several layers or \
                 directions, and this is for one cell"
            )
        }));
    }
    Ok(Some(model))
}

/// The first option of those that only one cell has a meaning for.
fn of_one_cell(args: &TraceArgs) -> Option<&'static str> {
    let (cell, output) = (&args.simulation, &args.output);
    let clip = cell.settings.asked("clip", |s| s.clip);
    let has = |name| cell.settings.has(name);
    let all = [
        ("a preset", args.preset.is_some()),
        ("--cells", has("cells")),
        ("--variant", cell.variant.is_some()),
        ("--hidden", has("hidden")),
        ("--inputs", has("inputs")),
        ("--init", has("init")),
        ("--rho", has("rho")),
        ("--gate-scale", has("gate_scale")),
        ("--gate-bias", has("gate_bias")),
        ("--forget", has("forget")),
        ("--peepholes", has("peepholes")),
        ("--detach", has("detach")),
        (
            "--clip value or step",
            matches!(clip, Some(ClipMode::Value | ClipMode::Step)),
        ),
        ("--cuts", output.cuts),
        ("--hops", output.hops.is_some()),
        ("--jacobian", output.jacobian),
        ("--lyapunov", output.lyapunov),
        ("--follow", output.follow),
    ];
    all.iter().find(|(_, given)| *given).map(|(name, _)| *name)
}

/// Computes and prints.
pub fn run(
    args: &TraceArgs,
    (model, file): (&Model, &ModelFile),
    origin: &Origin,
    delivery: Delivery,
) -> Result<(), Failure> {
    let files = &args.data;
    let mut settings = Settings::default();
    args.simulation.settings.apply(&mut settings);
    configure::losses(&mut settings, &args.simulation, files)?;
    settings.inputs = model.parameters.inputs();
    let (source, input, inputs) = inputs(args, file, &mut settings)?;
    let outputs = model.parameters.outputs();
    let v = match &files.loss_vector {
        Some(path) => {
            let v = load_vector(path)?;
            check("--loss-vector", &[v.value.len()], &[outputs], &v.source)?;
            v.value.to_vec()
        }
        None => init::unit_vector(outputs, Init::Orthogonal, settings.seed).to_vec(),
    };
    let targets = files.targets.as_deref().map(load_matrix).transpose()?;
    if let Some(targets) = &targets {
        let wanted = [inputs.nrows(), outputs];
        check("--targets", targets.value.shape(), &wanted, &targets.source)?;
    }
    let zeros = Array2::zeros((inputs.nrows(), outputs));
    let loss = match settings.loss {
        LossKind::Last | LossKind::Out | LossKind::Mean | LossKind::Max => StackLoss::Last(&v),
        LossKind::Sum => StackLoss::Sum(&v),
        LossKind::Mse => StackLoss::Mse(targets.as_ref().map_or(&zeros, |named| &named.value)),
    };
    let mask = files.mask.as_deref().map(configure::mask).transpose()?;
    if let Some(mask) = mask
        .as_ref()
        .filter(|mask| mask.value.len() < settings.steps)
    {
        let (steps, found) = (settings.steps, mask.value.len());
        return Err(Failure::input(format!(
            "--mask: expected {steps} weights, found {found} in {}",
            mask.source
        )));
    }
    let data = Data {
        mask,
        ..Data::default()
    };
    let entering = Entering::of(&settings, &data);
    let initial_h = states(model, "--initial-h", files.initial_h.as_deref())?;
    let initial_c = states(model, "--initial-c", files.initial_c.as_deref())?;
    let judged = Judged {
        loss,
        entering: Some((&entering, &v)),
        truncate: args.output.bptt,
        padding: input == Input::Own && files.length.is_none(),
        initial_h: initial_h.as_ref(),
        initial_c: initial_c.as_ref(),
        threshold: (settings.clip == ClipMode::Norm).then_some(settings.threshold),
    };
    let mut progress = Progress::new();
    let whole = model.flow(&inputs, judged, &mut progress.of("the model"));
    progress.clear();
    let trace = Trace {
        whole: &whole?,
        model,
        settings: &settings,
        source: &source,
        input,
        origin,
    };
    let bytes = match args.output.format {
        Format::Text => written(trace).into_bytes(),
        Format::Json => json::render(&json::whole::object(&trace))?,
        Format::Csv => csv::of_layers(&trace).map_err(Failure::failed)?,
    };
    delivery.bring(&bytes)
}

/// Columns of the name of the input: its line is no longer than others.
const INPUT: usize = 74;

/// What drives the model: a file, or the signal of the settings.
fn inputs(
    args: &TraceArgs,
    file: &ModelFile,
    settings: &mut Settings,
) -> Result<(String, Input, Array2<f64>), Failure> {
    let steps = args.simulation.settings.asked("steps", |s| s.steps);
    let Some(path) = &args.data.input else {
        settings.steps = steps.unwrap_or(STEPS);
        if !args.simulation.settings.has("signal") {
            let drawn = (1, settings.steps);
            let rows = stack::rows(file, settings.inputs, drawn, settings.seed)?;
            if let Some(mut drive) = rows
                && let Some(rows) = drive.sequences.pop()
            {
                return Ok((drive.source, Input::Rows, rows * settings.amplitude));
            }
        }
        let word = limits::word(limits::SIGNALS, &settings.signal);
        let rows = signal::window(settings, None, 0).unwrap_or_default();
        return Ok((word.to_owned(), stack::input(settings), rows));
    };
    let wanted = Wanted {
        inputs: settings.inputs,
        array: None,
        embedding: None,
        steps,
    };
    let mut batch = load_batch(path, &wanted)?;
    let source = batch.source;
    let (Some(sequence), 0) = (batch.value.pop(), batch.value.len()) else {
        return Err(Failure::input(format!(
            "--input: expected one sequence, T x D, found a batch in {source}"
        )));
    };
    let real = args.data.length.as_ref();
    let real = real
        .map(|length| configure::real(length, sequence.nrows()))
        .transpose()?;
    let real = real.unwrap_or(sequence.nrows());
    let steps = configure::steps(real, &source, steps, Window::Whole)?;
    settings.signal = Signal::File;
    settings.steps = steps;
    let rows = sequence.slice_axis(Axis(0), Slice::from(..steps));
    Ok((source, Input::Own, &rows * settings.amplitude))
}

/// Initial states, a row for each layer in each direction.
fn states(
    model: &Model,
    option: &str,
    path: Option<&FilePath>,
) -> Result<Option<Array2<f64>>, Failure> {
    let Some(path) = path else {
        return Ok(None);
    };
    let states = load_matrix(path)?;
    let parameters = &model.parameters;
    if parameters.projected() {
        return Err(Failure::input(format!(
            "{option}: expected a model without projection, found {}",
            model.title
        )));
    }
    if option == "--initial-c" && !parameters.kind.has_c() {
        return Err(Failure::input(format!(
            "{option}: expected the weights of an nn.LSTM, found {}",
            model.title
        )));
    }
    let cells: usize = parameters.layers.iter().map(Vec::len).sum();
    let units = parameters.units();
    if units.contains(',') {
        let what = format!(
            "{option}: expected a model whose layers have equally many units, found H {units}"
        );
        return Err(Failure::input(what));
    }
    let wanted = [cells, parameters.hidden()];
    check(option, states.value.shape(), &wanted, &states.source)?;
    Ok(Some(states.value))
}

/// A shape must be the one that the model needs.
fn check(option: &str, found: &[usize], wanted: &[usize], source: &str) -> Result<(), Failure> {
    let name = |shape: &[usize]| {
        let sizes: Vec<String> = shape.iter().map(ToString::to_string).collect();
        sizes.join(" x ")
    };
    if found == wanted {
        return Ok(());
    }
    let (wanted, found) = (name(wanted), name(found));
    Err(Failure::wrong(
        option,
        wanted,
        format!("{found} in {source}"),
    ))
}

/// The text for people.
fn written(trace: Trace) -> String {
    let (parameters, settings) = (&trace.model.parameters, trace.settings);
    let whole = trace.whole;
    let said = trace.caution();
    let mut text = text::caution(said.as_deref());
    let _ = writeln!(
        text,
        "{}   {}   {}{}   H {}   D {}   T {}   loss {}",
        parameters.kind.name(),
        text::shortened(&configure::name(&trace.model.title)),
        counted(parameters.layers.len(), "layer"),
        if parameters.bidirectional() {
            " ⇄"
        } else {
            ""
        },
        parameters.units(),
        parameters.inputs(),
        settings.steps,
        limits::word(limits::LOSSES, &settings.loss),
    );
    wrap(&mut text, &trace.model.taken, 3);
    for (id, flow) in &whole.layers {
        let _ = writeln!(text, "\n{id}");
        let above =
            |path: &PathFlow| path.path == Path::Above && path.share.iter().any(|x| !x.is_zero());
        if flow.paths.iter().any(above) {
            let ends = text::ends(flow);
            let _ = writeln!(
                text,
                "{ends}; the layer above adds to it in every step,\nso that this is no growth of \
                 the layer's own, which --layer shows"
            );
        } else {
            text::answer(&mut text, flow, said.is_none());
        }
        // Only the top layer has a loss, and only the others have one above them.
        let mut steps = flow.clone();
        steps.paths.retain(|path| {
            !matches!(path.path, Path::Loss | Path::Above)
                || path.share.iter().any(|x| !x.is_zero())
        });
        text::steps(&mut text, &steps);
        text::matrices(&mut text, flow);
    }
    let layers = whole.layers.iter().zip(&whole.written);
    let rows = layers.map(|((id, flow), written)| Arriving {
        name: id.to_string(),
        written,
        grad_h0: flow.grad_h0,
        grad_c0: flow.grad_c0,
    });
    let symbol = symbol(parameters.kind);
    written::render(&mut text, symbol, &rows.collect::<Vec<_>>());
    let _ = write!(
        text,
        "\nloss {}\nclip {}   |g| {}",
        text::short(whole.loss),
        grammar::clip_text(settings),
        text::short(whole.clipping.before)
    );
    if settings.clip == ClipMode::Norm {
        let _ = write!(text, " → {}", text::short(whole.clipping.after));
    }
    if let Some(truncated) = &whole.truncated {
        let _ = write!(text, "\n{}", truncated.says());
    }
    text.push('\n');
    if let Some(padding) = &whole.padding {
        say(&mut text, &padding.says(1));
    }
    let _ = writeln!(text, "input {}", fit(&sanitise(trace.source), INPUT));
    if parameters.bidirectional() {
        text.push_str("← reads from T to 1: there t counts the steps as it reads them\n");
    }
    text::provenance(&mut text, trace.provenance());
    text
}
