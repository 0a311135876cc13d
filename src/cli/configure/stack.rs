//! The model that trained weights are a layer of: which layer is live, what it sees, and what is
//! measured of the whole.

use ndarray::Array1;

use super::Window;
use super::functions::Asked;
use crate::cell::{CellKind, Direction, LayerId, Parameters};
use crate::cli::Failure;
use crate::cli::args::{DataArgs, SimulationArgs};
use crate::io::{ModelFile, Named};
use crate::sim::inspect::{Drive, Entering, Input, Model, Subject};
use crate::sim::preset::limits;
use crate::sim::settings::Signal;
use crate::sim::{Data, Series, Settings, signal};
use crate::words::sanitise;

/// Steps of a signal beyond the first window that a live layer above others has before it.
pub const AHEAD: usize = 2000;

/// Numbers that are drawn of an embedding at most, for a window that slides.
const MOST_DRAWN: usize = 4_000_000;

/// The steps that are measured of a model, where nothing else is asked for.
pub const STEPS: usize = 200;

/// A model and its live layer.
#[derive(Debug)]
pub struct Stack {
    model: Model,
    id: LayerId,
}

/// The file of the weights, if there is one; the first that is read.
pub fn open(files: &DataArgs) -> Result<Option<ModelFile>, Failure> {
    super::one_reader(&files.files())?;
    Ok(files.weights.as_deref().map(ModelFile::open).transpose()?)
}

/// Reads the layer that was asked for, and the model around it.
pub fn read(
    file: &ModelFile,
    options: &SimulationArgs,
    files: &DataArgs,
) -> Result<(Named<Parameters>, Stack), Failure> {
    let (module, id) = (files.module.as_deref(), files.layer.unwrap_or_default());
    let (mut model, offset) = as_saved(file, module, &Asked::from(&options.settings))?;
    // Of the live layer the offset is a setting.
    let layer = live(&model, file, module, id, options.cell)?;
    model.parameters.offset_forget(offset);
    Ok((layer, Stack { model, id }))
}

/// A layer of a model that has been read, as a live cell holds it.
///
/// # Errors
/// What the file says of a layer that no live cell can hold, or that is another cell than `cell`.
pub fn live(
    model: &Model,
    file: &ModelFile,
    module: Option<&str>,
    id: LayerId,
    cell: Option<CellKind>,
) -> Result<Named<Parameters>, Failure> {
    let fits = |part: &&Direction| {
        let sizes = [part.cell.hidden(), part.cell.inputs()];
        part.projection.is_none()
            && sizes
                .iter()
                .all(|&size| limits::INPUTS.check_whole(size as u64).is_ok())
            && cell.is_none_or(|asked| asked == part.cell.kind)
    };
    let value = match model.parameters.get(id).filter(fits) {
        Some(part) => part.cell.clone(),
        None => file.layer(module, id, cell)?,
    };
    let source = file.source().to_owned();
    Ok(Named { source, value })
}

/// A module of a file, to be diagnosed. Its functions are what the file says; where it says nothing, what is
/// asked for, or PyTorch's.
///
/// # Errors
/// What the file says of a module that is not computed, or one sentence on what is asked for in vain.
pub fn model(file: &ModelFile, module: Option<&str>, asked: &Asked) -> Result<Model, Failure> {
    let (mut model, offset) = as_saved(file, module, asked)?;
    model.parameters.offset_forget(offset);
    Ok(model)
}

/// The model with the forget bias as it was saved, and what is to be added to it.
fn as_saved(
    file: &ModelFile,
    module: Option<&str>,
    asked: &Asked,
) -> Result<(Model, f64), Failure> {
    let known = file.functions(module)?;
    let module = file.stack(module)?;
    let decided = asked.decide(&known, module.value.kind, file.source())?;
    let title = if module.source.is_empty() {
        file.source().to_owned()
    } else {
        format!("{}, {}", file.source(), module.source)
    };
    let model = Model {
        title: sanitise(&title).into_owned(),
        parameters: module.value,
        semantics: decided.semantics,
        taken: sanitise(&decided.taken).into_owned(),
    };
    Ok((model, decided.forget_offset))
}

impl Stack {
    /// A model with this layer live, which it has.
    pub const fn new(model: Model, id: LayerId) -> Self {
        Self { model, id }
    }

    /// The live layer.
    pub const fn id(&self) -> LayerId {
        self.id
    }

    /// Gives the settings what the model's file decides beside the weights of the live layer.
    pub fn decide(&self, settings: &mut Settings) {
        settings.inputs = self.inputs();
        settings.set_semantics(self.model.parameters.kind, self.model.semantics);
    }

    /// Inputs D of the model.
    pub fn inputs(&self) -> usize {
        self.model.parameters.inputs()
    }

    /// The window of the live layer. One that stands is the model's, so that all screens agree.
    pub fn window(&self, window: Window) -> Window {
        match window {
            Window::AtMost(_) if self.stands() => Window::AtMost(limits::MOST_STEPS),
            window => window,
        }
    }

    /// Whether the window of a screen cannot move: a reverse direction, live or below the live layer, begins at
    /// its end, and what comes later is not there.
    fn stands(&self) -> bool {
        self.model.parameters.bidirectional() && self.id != LayerId::default()
    }

    /// The live layer, where there are several.
    pub fn layer(&self) -> Option<LayerId> {
        let parameters = &self.model.parameters;
        let several = parameters.layers.len() > 1 || parameters.bidirectional();
        several.then_some(self.id)
    }

    /// What drives the model where the user gives nothing: rows of its embedding, where it has one, as many as
    /// the window has, and where that slides as many as it may slide over.
    pub fn rows(
        &self,
        file: &ModelFile,
        settings: &Settings,
        window: Window,
    ) -> Result<Option<Named<Series>>, Failure> {
        let steps = match window {
            Window::Whole => settings.steps,
            Window::AtMost(_) | Window::Sliding(_) => {
                let least = settings.steps + AHEAD;
                (MOST_DRAWN / self.inputs()).clamp(least, least.max(limits::MOST_STEPS))
            }
        };
        let drive = rows(file, self.inputs(), (1, steps), settings.seed)?;
        Ok(drive.and_then(|mut drive| {
            Some(Named {
                source: drive.source,
                value: drive.sequences.pop()?.into(),
            })
        }))
    }

    /// What is measured of the whole model: on the user's sequence, or on the signal, as long as the
    /// window.
    pub fn subject(&self, settings: &Settings, data: &Data, steps: Option<usize>) -> Subject {
        let drive = if let Some(sequence) = &data.sequence {
            let most = limits::MOST_STEPS;
            let (input, all) = if data.drawn {
                (Input::Rows, settings.steps)
            } else {
                (Input::Own, sequence.value.nrows())
            };
            let steps = steps.unwrap_or(all).min(most);
            Drive {
                source: sequence.source.clone(),
                input,
                sequences: vec![sequence.value.rows(0, steps) * settings.amplitude],
                pad: (!data.drawn).then(|| Array1::zeros(self.inputs())),
                entering: Entering::of(settings, data),
                ..Drive::default()
            }
        } else {
            Drive {
                source: limits::word(limits::SIGNALS, &settings.signal).to_owned(),
                input: input(settings),
                sequences: signal::window(settings, None, 0).into_iter().collect(),
                entering: Entering::of(settings, data),
                ..Drive::default()
            }
        };
        Subject {
            model: self.model.clone(),
            drive,
            seed: settings.seed,
        }
    }

    /// Gives the live layer what it sees in the model: the sequence or the signal, run through the
    /// layers below.
    pub fn feed(
        &self,
        settings: &mut Settings,
        data: &mut Data,
        window: Window,
    ) -> Result<(), Failure> {
        data.reverse = self.id.reverse;
        // The first layer sees the input as it is, without end where that is a signal.
        if self.id == LayerId::default() {
            return Ok(());
        }
        let cut = match window {
            Window::Whole => true,
            Window::AtMost(_) => self.stands(),
            // Whoever follows a reverse direction follows it from the input's end.
            Window::Sliding(_) => false,
        };
        let (source, rows) = if let Some(sequence) = &data.sequence {
            let steps = if cut { settings.steps } else { usize::MAX };
            let rows = sequence.value.rows(0, steps) * settings.amplitude;
            (sequence.source.clone(), rows)
        } else {
            let all = Settings {
                steps: settings.steps + if cut { 0 } else { AHEAD },
                ..settings.clone()
            };
            let rows = signal::window(&all, None, 0).unwrap_or_default();
            let word = limits::word(limits::SIGNALS, &settings.signal);
            (word.to_owned(), rows)
        };
        let seen = self.model.seen(&rows, self.id)?;
        settings.signal = Signal::File;
        settings.inputs = seen.ncols();
        // It has been applied to what the model reads.
        settings.amplitude = 1.0;
        data.sequence = Some(Named {
            source: format!("{source} as {} sees it", self.id),
            value: seen.into(),
        });
        Ok(())
    }
}

/// Rows at random of the embedding that a file has for these inputs, where it has one.
///
/// # Errors
/// What the file says of the embedding.
pub fn rows(
    file: &ModelFile,
    inputs: usize,
    (count, steps): (usize, usize),
    seed: u64,
) -> Result<Option<Drive>, Failure> {
    let Some(name) = file.an_embedding(inputs) else {
        return Ok(None);
    };
    let embedding = file.embedding(name, inputs)?;
    let name = sanitise(name);
    Ok(Some(Drive::rows(count, steps, &name, &embedding, seed)))
}

/// What kind of input these settings make.
pub fn input(settings: &Settings) -> Input {
    match settings.signal {
        Signal::File => Input::Own,
        Signal::Noise if settings.amplitude == 1.0 => Input::Noise,
        _ => Input::Drawn,
    }
}
