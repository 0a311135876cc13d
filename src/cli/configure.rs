//! From preset, options and files to the settings and data of a simulation.

mod against;
pub mod functions;
mod length;
mod losses;
pub mod stack;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use self::against::Origin;
use self::functions::Asked;
pub use self::length::{lengths, real, steps};
pub use self::losses::{losses, mask};
use self::stack::Stack;

use crate::cell::{CellKind, Init, LayerId, Parameters};
use crate::cli::Failure;
use crate::cli::args::{DataArgs, SimulationArgs};
use crate::cli::presets;
use crate::io::ModelFile;
use crate::io::Named;
use crate::io::arrays::{Sequence, load_matrix, load_sequence, load_vector};
use crate::num::matrix::is_nilpotent;
use crate::sim::inspect::{Input, Subject};
use crate::sim::preset::limits;
use crate::sim::settings::Signal;
use crate::sim::{Budget, CellChoice, Data, Pace, Series, Settings, Side, Simulation};

/// The title of what starts from the program's own settings.
const NEUTRAL: &str = "defaults";

/// How long the window is when the user's sequence is there and `--steps` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Window {
    /// The whole sequence.
    Whole,
    /// The sequence, but no more than so many steps.
    AtMost(usize),
    /// No more than so many steps, and of a short sequence half, so that there are steps to follow.
    Sliding(usize),
}

/// What a simulation starts from.
#[derive(Debug)]
pub struct Configuration {
    /// What the screen's title says: the preset, or the file of the weights or the input.
    pub title: String,
    /// The preset's name, where there is one.
    pub preset: Option<String>,
    /// The side of the cell that was asked for, or that the weights belong to; the left one
    /// otherwise.
    pub side: Side,
    /// Whether a cell was asked for, or weights brought one.
    pub one: bool,
    /// The layer of the model that is live.
    pub layer: Option<LayerId>,
    /// The settings.
    pub settings: Settings,
    /// The speed that was asked for, by an option or the preset.
    pub pace: Option<Pace>,
    /// The settings of the preset, or the program's defaults, before files and options.
    pub base: Settings,
    /// The data.
    pub data: Arc<Data>,
}

/// Puts everything together: the preset's settings or the program's own, then what the files bring,
/// then the options.
///
/// # Errors
/// One sentence on the file or option that cannot be used.
pub fn configure(
    preset: Option<&str>,
    options: &SimulationArgs,
    files: &DataArgs,
    window: Window,
) -> Result<Configuration, Failure> {
    configure_on(stack::open(files)?.as_ref(), preset, options, files, window)
}

/// Reads the options and files with the weights' file already open.
///
/// # Errors
/// As [`configure`].
pub fn configure_on(
    weights: Option<&ModelFile>,
    preset: Option<&str>,
    options: &SimulationArgs,
    files: &DataArgs,
    window: Window,
) -> Result<Configuration, Failure> {
    let preset = preset.map(presets::load).transpose()?;
    let (mut data, stack) = load(weights, options, files)?;
    let base = preset.as_ref();
    let base = base.map_or_else(Settings::default, |preset| preset.settings.clone());
    let mut settings = base.clone();
    if let Some(weights) = &data.parameters {
        check_sizes(options, weights)?;
        settings.follow(&weights.value);
    }
    options.settings.apply(&mut settings);
    // Of a cell that is asked for by name φ is its own, too.
    if let Some(kind) = options.cell.filter(|&kind| kind != CellKind::Rnn) {
        let mut semantics = settings.semantics(kind);
        Asked::from(&options.settings).all_activations(&mut semantics);
        settings.set_semantics(kind, semantics);
    }
    let asked_steps = options.settings.asked("steps", |s| s.steps);
    if let Some(stack) = &stack {
        // What drives the model is what is read; what its live layer sees comes of it.
        stack.decide(&mut settings);
    }
    let window = stack.as_ref().map_or(window, |stack| stack.window(window));
    if let Some(path) = &files.input {
        let mut sequence = sequence(path, &settings, options, data.parameters.is_some())?;
        if let Some(length) = &files.length {
            sequence
                .value
                .truncate(real(length, sequence.value.nrows())?);
        }
        settings.signal = Signal::File;
        settings.inputs = sequence.value.ncols();
        settings.steps = steps(
            sequence.value.nrows(),
            &sequence.source,
            asked_steps,
            window,
        )?;
        data.sequence = Some(sequence);
    } else if let (Some(file), Some(stack), false) =
        (weights, &stack, options.settings.has("signal"))
        && let Some(rows) = stack.rows(file, &settings, window)?
    {
        settings.signal = Signal::File;
        (data.sequence, data.drawn) = (Some(rows), true);
    }
    losses(&mut settings, options, files)?;
    if let Some(stack) = &stack {
        let subject = stack.subject(&settings, &data, asked_steps);
        data.model = Some(Arc::new(subject));
        stack.feed(&mut settings, &mut data, window)?;
    }

    let asked_rho = options.settings.asked("rho", |s| s.rho).flatten();
    if let (Some(rho), Some(own)) = (asked_rho.filter(|rho| *rho > 0.0), &data.parameters) {
        scalable(rho, own)?;
    }
    let cell = options
        .cell
        .or(data.parameters.as_ref().map(|weights| weights.value.kind))
        .or(options.variant.map(|_| CellKind::Lstm));
    let side = match cell {
        Some(kind) => place(&mut settings, kind, options, &data)?,
        None => Side::Left,
    };
    if let Some(variant) = options.variant {
        let choice = &mut settings.cells[side.index()];
        if !choice.kind.spec().has_variants {
            let name = choice.kind.name();
            return Err(Failure::wrong(
                "--variant",
                "an lstm, the only cell with variants",
                name,
            ));
        }
        choice.variant = variant;
    }
    let source = data.parameters.as_ref().map(|weights| &weights.source);
    let source = source.or(data.sequence.as_ref().map(|sequence| &sequence.source));
    let layer = stack.as_ref().and_then(Stack::layer);
    let title = match (&preset, source, layer) {
        (Some(preset), ..) => preset.name.clone(),
        (None, Some(source), Some(layer)) => format!("{layer} of {}", name(source)),
        (None, Some(source), None) => name(source),
        (None, None, _) => NEUTRAL.to_owned(),
    };
    let named = preset.as_ref().and_then(|preset| preset.speed);
    let asked = options.pace.asked("speed", |pace| pace.speed);
    Ok(Configuration {
        title,
        preset: preset.map(|preset| preset.name),
        pace: asked.or(named).map(|speed| Pace { speed }),
        side,
        one: cell.is_some(),
        layer: stack.as_ref().map(Stack::id),
        settings,
        base,
        data: Arc::new(data),
    })
}

/// Standard input can be read once only.
///
/// # Errors
/// One sentence on the second of the files that is standard input.
pub fn one_reader(files: &[(&str, Option<&Path>)]) -> Result<(), Failure> {
    let dash = |(_, path): &&(&str, Option<&Path>)| path.is_some_and(|p| p.as_os_str() == "-");
    let mut readers = files.iter().filter(dash);
    match (readers.next(), readers.next()) {
        (Some((first, _)), Some((second, _))) => Err(Failure::input(format!(
            "{second}: expected a file, since {first} is read from standard input, found -"
        ))),
        _ => Ok(()),
    }
}

/// Two models read the same files, of which standard input can be read once only.
///
/// # Errors
/// One sentence on the file that is standard input.
pub fn read_twice(files: &[(&str, Option<&Path>)]) -> Result<(), Failure> {
    let dash = |(_, path): &&(&str, Option<&Path>)| path.is_some_and(|p| p.as_os_str() == "-");
    match files.iter().find(dash) {
        None => Ok(()),
        Some((option, _)) => Err(Failure::input(format!(
            "{option}: expected a file beside --against, found standard input"
        ))),
    }
}

/// A file's own name: there is little room on the screen for its folder.
pub fn name(source: &str) -> String {
    source.rsplit('/').next().unwrap_or(source).to_owned()
}

/// A layer of a model, on the input that the model is diagnosed on; without a layer, since a live
/// cell cannot hold it, the first preset, and the model is only measured.
///
/// # Errors
/// One sentence, when the layers below do not get through the input.
pub fn of_model(
    layer: Option<Named<Parameters>>,
    id: LayerId,
    subject: Subject,
    window: Window,
) -> Result<Configuration, Failure> {
    let mut data = Data {
        model: Some(Arc::new(subject.clone())),
        ..Data::default()
    };
    let Some(layer) = layer else {
        return first(data);
    };
    let base = Settings::default();
    let mut settings = base.clone();
    settings.follow(&layer.value);
    settings.set_semantics(layer.value.kind, subject.model.semantics);
    settings.seed = subject.seed;
    let steps = subject.drive.steps();
    let stack = Stack::new(subject.model, id);
    let window = stack.window(window);
    settings.steps = match window {
        Window::Whole => steps,
        Window::AtMost(most) | Window::Sliding(most) => steps.min(most),
    };
    // Noise comes from the signal, which goes on behind the steps that are measured.
    let noise = subject.drive.input == Input::Noise;
    data.drawn = subject.drive.input == Input::Rows;
    let first = subject.drive.sequences.into_iter().next();
    if let Some(value) = first.filter(|_| !noise) {
        settings.signal = Signal::File;
        let (source, value) = (subject.drive.source, value.into());
        data.sequence = Some(Named { source, value });
    }
    settings.inputs = stack.inputs();
    stack.feed(&mut settings, &mut data, window)?;
    let file = name(&layer.source);
    let title = stack
        .layer()
        .map_or(file.clone(), |id| format!("{id} of {file}"));
    let side = settings.side_for(layer.value.kind);
    data.parameters = Some(layer);
    Ok(Configuration {
        title,
        preset: None,
        side,
        one: true,
        layer: Some(id),
        pace: None,
        settings,
        base,
        data: Arc::new(data),
    })
}

/// The preset that the program opens with.
///
/// # Errors
/// It cannot be read.
pub fn first(data: Data) -> Result<Configuration, Failure> {
    let base = presets::load(presets::FIRST)?.settings;
    Ok(Configuration {
        title: presets::FIRST.to_owned(),
        preset: Some(presets::FIRST.to_owned()),
        side: Side::Left,
        one: false,
        layer: None,
        pace: None,
        settings: base.clone(),
        base,
        data: Arc::new(data),
    })
}

impl Configuration {
    /// What is computed of these sides alone has a use for c_0 only where one of them has a c.
    ///
    /// # Errors
    /// One sentence, when there is a c_0 and none has.
    pub fn check_initial_c(&self, sides: &[Side]) -> Result<(), Failure> {
        let kinds = || sides.iter().map(|&side| self.settings.cell(side).kind);
        let (Some(initial), Some(kind)) = (&self.data.initial_c, kinds().next()) else {
            return Ok(());
        };
        if kinds().any(CellKind::has_c) {
            return Ok(());
        }
        let (name, source) = (kind.name(), &initial.source);
        Err(Failure::input(format!(
            "--initial-c: expected a cell with c, the lstm, beside {source}, found {name}"
        )))
    }

    /// Beside the user's weights stands the same cell as PyTorch draws it, and no other, unless an
    /// initialisation was asked for.
    pub fn beside_fresh(&mut self, init: bool) {
        let Some(weights) = &self.data.parameters else {
            return;
        };
        let other = self.side.other().index();
        self.settings.cells[other] = weights.value.kind.into();
        if !init {
            self.settings.init = Init::PyTorch;
        }
    }

    /// Sets up the simulation, which checks that settings and data fit.
    ///
    /// # Errors
    /// One sentence on what does not.
    pub fn simulation(&self) -> Result<Simulation, Failure> {
        Simulation::new(self.settings.clone(), Arc::clone(&self.data)).map_err(Failure::input)
    }
}

/// Whether trained matrices have an eigenvalue that a factor brings to ρ.
fn scalable(rho: f64, own: &Named<Parameters>) -> Result<(), Failure> {
    let matrices = own.value.matrices();
    if matrices > 0 && (0..matrices).all(|g| is_nilpotent(own.value.recurrent(g))) {
        let what = "matrices with an eigenvalue other than 0, which could be scaled to it";
        return Err(Failure::input(format!(
            "--rho {rho}: expected {what}, found none in {}",
            own.source
        )));
    }
    Ok(())
}

/// The side of a cell that was asked for or that the weights belong to. It takes the left place
/// when it has none, and always when the weights are its own, unless both were asked for.
fn place(
    settings: &mut Settings,
    kind: CellKind,
    options: &SimulationArgs,
    data: &Data,
) -> Result<Side, Failure> {
    if options.settings.has("cells") && settings.side_of(kind).is_none() {
        let (what, name) = match &data.parameters {
            Some(weights) => (weights.source.as_str(), kind.name()),
            None => ("--cell", kind.name()),
        };
        let [left, right] = settings.cells.map(CellChoice::name);
        return Err(Failure::wrong(
            what,
            format!("{left} or {right}, the cells of --cells"),
            name,
        ));
    }
    let trained = data
        .parameters
        .as_ref()
        .is_some_and(|p| p.value.kind == kind);
    if trained && !options.settings.has("cells") && settings.side_of(kind) == Some(Side::Right) {
        settings.cells.swap(0, 1);
    }
    Ok(settings.side_for(kind))
}

/// Reads every file but the input, whose text form needs D first; beside the weights, the model
/// that they are a layer of.
fn load(
    weights: Option<&ModelFile>,
    options: &SimulationArgs,
    files: &DataArgs,
) -> Result<(Data, Option<Stack>), Failure> {
    let vector = |path: &Option<PathBuf>| path.as_deref().map(load_vector).transpose();
    let weights = weights.map(|file| stack::read(file, options, files));
    let (parameters, stack) = weights.transpose()?.unzip();
    let data = Data {
        parameters,
        sequence: None,
        targets: files.targets.as_deref().map(load_matrix).transpose()?,
        loss_vector: vector(&files.loss_vector)?,
        mask: files.mask.as_deref().map(mask).transpose()?,
        drawn: false,
        reverse: false,
        initial_h: vector(&files.initial_h)?,
        initial_c: vector(&files.initial_c)?,
        model: None,
        against: None,
        budget: Budget::default(),
    };
    Ok((data, stack))
}

/// The sizes that options ask for must be the weights' own.
fn check_sizes(options: &SimulationArgs, weights: &Named<Parameters>) -> Result<(), Failure> {
    let parameters = &weights.value;
    let asked = |name, get: fn(&Settings) -> usize| options.settings.asked(name, get);
    let check = |option, asked: Option<usize>, found: usize, unit| match asked {
        Some(asked) if asked != found => {
            let source = &weights.source;
            Err(Failure::input(format!(
                "{option}: expected {found}, since the weights of {source} have {found} {unit}, found {asked}"
            )))
        }
        _ => Ok(()),
    };
    let (hidden, inputs) = (parameters.hidden(), parameters.inputs());
    check("--hidden", asked("hidden", |s| s.hidden), hidden, "units")?;
    check("--inputs", asked("inputs", |s| s.inputs), inputs, "inputs")
}

/// The user's sequence, T × D.
fn sequence(
    path: &Path,
    settings: &Settings,
    options: &SimulationArgs,
    trained: bool,
) -> Result<Named<Series>, Failure> {
    let Named { source, value } = load_sequence(path)?;
    let value = match value {
        Sequence::Text(bytes) => Series::Text(bytes, settings.inputs),
        Sequence::Numbers(numbers) => numbers.into(),
    };
    let found = value.ncols();
    let asked = options.settings.asked("inputs", |s| s.inputs);
    if let Some(asked) = asked.filter(|&asked| asked != found && !trained) {
        return Err(Failure::input(format!(
            "--inputs: expected {found}, the number of columns of {source}, found {asked}"
        )));
    }
    if trained && found != settings.inputs {
        return Err(Failure::input(format!(
            "--input: expected {} columns, the inputs of the weights, found {found} in {source}",
            settings.inputs
        )));
    }
    limits::INPUTS.check_whole(found as u64).map_err(|_| {
        Failure::wrong(
            "--input",
            "1 to 512 columns",
            format!("{found} in {source}"),
        )
    })?;
    Ok(Named { source, value })
}
