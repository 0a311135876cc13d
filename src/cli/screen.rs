//! `rnntop [PRESET]`: the screen; with `rnntop inspect MODEL --live` it opens on a model's layers.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use crate::app::App;
use crate::app::keys::Keymap;
use crate::app::popup::{Asked, Popup};
use crate::app::screen::Screen;
use crate::app::screen::layers::state::State as Layers;
use crate::app::state::Notice;
use crate::cell::LayerId;
use crate::cli::args::{Auto, Cli, DataArgs, InspectArgs, OpenArgs, ScreenArgs, TrainArgs};
use crate::cli::config::{self, Config, Theme};
use crate::cli::configure::{self, Configuration, Origin, Window, stack};
use crate::cli::train::begin;
use crate::cli::{Failure, failure, inspect, presets, text_file};
use crate::sim::budget::Cost;
use crate::sim::inspect::{Input, Subject};
use crate::sim::{Budget, Data, Pace, Preset, Simulation, budget};
use crate::term::{self, Ending, TermError};
use crate::train::lesson::{self, Lesson};
use crate::train::live::Order;
use crate::ui::look::{Marker, ThemeName};
use crate::words::sanitise::{sanitise, sanitise_path};

/// The window of a live screen, where the user's sequence is longer.
const LIVE_STEPS: usize = 200;

/// Opens the screen and runs it to its end; the exit status that this end has.
pub fn open(args: &OpenArgs) -> Result<ExitCode, Failure> {
    let piped = args.data.input.as_deref() == Some(Path::new("-"));
    if let Some(lesson) = args.preset.as_deref().and_then(lesson::find) {
        let cores = available_parallelism().map_or(1, usize::from);
        let order = lesson.order(cores).map_err(Failure::failed)?;
        return train(order, &args.screen, Some(lesson));
    }
    if let Some(name) = &args.preset {
        if Cli::has_command(name) {
            return Err(Failure::input(failure::command_first(name)));
        }
        presets::check_name(name)?;
    }
    if args.screen.read_only {
        refuse_files(args)?;
    }
    // Before standard input is read as data, and before long work.
    term::check(piped).map_err(refused)?;
    let own = Own::read(&args.screen)?;
    let window = Window::AtMost(LIVE_STEPS);
    let preset = args.preset(presets::FIRST);
    let mut start = configure::configure(preset, &args.simulation, &args.data, window)?;
    if let Some(second) = second(args)? {
        let other = configure::configure(preset, &args.simulation, &second, window)?;
        let given = [&args.data, &second].map(|data| {
            let path = data.weights.as_deref().unwrap_or(Path::new(""));
            origin(path, data.module.as_deref(), data.layer)
        });
        start.against(other, given)?;
    } else if !args.simulation.settings.has("cells") {
        start.beside_fresh(args.simulation.settings.has("init"));
    }
    run(start, &args.screen, own, piped, |_| {})
}

/// What the weights of `--against` are read by: as the first, but of another layer or file.
fn second(args: &OpenArgs) -> Result<Option<DataArgs>, Failure> {
    if args.against.is_none() && args.against_layer.is_none() {
        return Ok(None);
    }
    if args.simulation.settings.has("cells") {
        let what =
            "--against: expected no --cells beside it, since both cells are those of the weights";
        return Err(Failure::input(what));
    }
    let mut second = args.data.clone();
    configure::read_twice(&args.data.files())?;
    if let Some(other) = &args.against {
        second.weights = Some(other.path.clone());
        second.module = other.module.clone().or(second.module);
    }
    second.layer = args.against_layer.or(second.layer);
    Ok(Some(second))
}

/// Where live weights come from.
fn origin<'a>(path: &'a Path, module: Option<&'a str>, layer: Option<LayerId>) -> Origin<'a> {
    Origin {
        path,
        module,
        layer: layer.unwrap_or_default(),
    }
}

/// Opens the screen on the layers of a model (`rnntop inspect MODEL --live`).
pub fn open_model(args: &InspectArgs) -> Result<ExitCode, Failure> {
    let piped = args.input.as_deref() == Some(Path::new("-"));
    if args.screen.read_only {
        return Err(closed("the model"));
    }
    term::check(piped).map_err(|error| match error {
        TermError::NotATerminal(what) => Failure::input(format!(
            "--live: {what} is not a terminal, and the live screen needs one; without --live the \
             diagnosis is printed"
        )),
        error => refused(error),
    })?;
    let own = Own::read(&args.screen)?;
    let (mut start, held) = model_start(args)?;
    let why = held.is_err().then(|| Notice {
        text: format!(
            "no live cell can hold this layer: screens 1 to 8 show the preset {}",
            presets::FIRST
        ),
        error: false,
    });
    if args.against.is_some() || args.against_layer.is_some() {
        held?;
        let mut second = args.clone();
        if let Some(other) = &args.against {
            second.model.clone_from(&other.path);
            second.module = other.module.clone().or(second.module);
        }
        second.layer = args.against_layer.or(args.layer);
        let (other, held) = model_start(&second)?;
        held?;
        let given =
            [args, &second].map(|args| origin(&args.model, args.module.as_deref(), args.layer));
        start.against(other, given)?;
    } else {
        start.beside_fresh(false);
    }
    let two = start.data.against.is_some();
    run(start, &args.screen, own, piped, |app| {
        app.screen = Screen::Layers;
        // What the cells were taken for stands on the page of layers.
        app.notice = why.or(app.notice.take().filter(|_| two));
    })
}

/// The start from a model's layer, and whether a live cell can hold it.
fn model_start(args: &InspectArgs) -> Result<(Configuration, Result<(), Failure>), Failure> {
    let id = args.layer.unwrap_or_default();
    // The bytes of the file are not held on to.
    let (subject, file) = inspect::subject(args)?;
    let layer = stack::live(&subject.model, &file, args.module.as_deref(), id, None);
    let (layer, held) = match (layer, subject.model.parameters.get(id)) {
        // A layer that is not there is a mistake; one that no live cell can hold is none.
        (Err(error), None) => return Err(error),
        (Err(error), Some(_)) => (None, Err(error)),
        (Ok(layer), _) => (Some(layer), Ok(())),
    };
    let window = Window::AtMost(args.steps.unwrap_or(LIVE_STEPS));
    Ok((configure::of_model(layer, id, subject, window)?, held))
}

/// Opens the screen on a run (`rnntop train TASK --screen`).
pub fn open_training(args: &TrainArgs) -> Result<ExitCode, Failure> {
    if args.look.read_only && (args.save.is_some() || args.resume.is_some() || args.text.is_some())
    {
        return Err(closed("a file of the training"));
    }
    let order = begin::order(args)?;
    term::check(false).map_err(refused)?;
    if order.resume {
        // What is wrong with its files is said before the screen is touched.
        begin::begin(args)?;
    }
    train(order, &args.look, None)
}

/// Opens the screen on runs; `lesson` says what it is about until the first key.
fn train(order: Order, look: &ScreenArgs, lesson: Option<Lesson>) -> Result<ExitCode, Failure> {
    term::check(false).map_err(refused)?;
    let own = Own::read(look)?;
    let start = configure::first(Data::default())?;
    let allowed = allowed(look);
    let threads = allowed.threads(order.threads);
    let order = Order { threads, ..order };
    let cost = order.cost();
    let fits = allowed.admit("this training", cost);
    fits.map_err(Failure::input)?;
    run(start, look, own, false, |app| {
        app.screen = Screen::Train;
        // What the first preset says to press is for the live screens.
        app.told = lesson.is_none();
        app.screens.train.lesson = lesson;
        app.sim.running = false;
        app.screens.train.threads = threads;
        if cost.is_heavy_beside(Cost::default()) {
            app.popup = Some(Popup::Heavy(cost, Asked::Training));
        } else {
            app.screens.train.agreed = cost;
        }
        app.screens.train.order = Some(Box::new(order));
    })
}

/// What the user has set up: the folder where it is, its settings, keys and theme.
struct Own {
    folder: Option<PathBuf>,
    config: Config,
    keymap: Keymap,
    theme: Theme,
}

impl Own {
    fn read(args: &ScreenArgs) -> Result<Self, Failure> {
        let folder = config::folder().filter(|_| !args.read_only);
        let config = folder.as_deref().map(Config::read).transpose()?;
        let config = config.unwrap_or_default();
        let keymap = config::keys(args.keys.as_deref(), folder.as_deref())?;
        let theme = theme(args, &config, folder.as_deref())?;
        Ok(Self {
            folder,
            config,
            keymap,
            theme,
        })
    }
}

/// Runs the screen to its end.
fn run(
    mut start: Configuration,
    args: &ScreenArgs,
    own: Own,
    piped: bool,
    begin: impl FnOnce(&mut App),
) -> Result<ExitCode, Failure> {
    let mut options = options(args, &own.config, piped);
    let mut app = app(&start, &options, own.config.speed)?;
    app.keymap = own.keymap;
    app.may.suspend = !args.read_only;
    app.may.write = !args.read_only;
    let allowed = allowed(args);
    let fits = allowed.check(&app.sim.settings, |settings| {
        budget::window(settings, &app.sim.data)
    });
    fits.map_err(Failure::input)?;
    app.may.budget = allowed;
    Arc::make_mut(&mut start.data).budget = allowed;
    let mut again = None;
    options.theme = match own.theme {
        Theme::Auto => None,
        Theme::BuiltIn(name) => Some(name),
        Theme::Own(colours, word) => {
            // Whatever draws holds them, for as long as the program lives.
            app.look.colours = Some(Box::leak(colours));
            again = Some(word);
            Some(ThemeName::Own)
        }
    };
    let cores = available_parallelism();
    app.screens.train.threads = allowed.threads(cores.map_or(1, usize::from));
    begin(&mut app);
    app.told |= app.notice.is_some();
    let color = options.color;
    let save = own.folder.map(|folder| -> term::Save {
        Box::new(move |app| Config::of(app, color, again.as_deref()).save(&folder))
    });
    let ending = term::run(app, start.data, options, save).map_err(refused)?;
    let why = match (ending, args.idle_timeout, args.limit_time) {
        (Ending::Idle, Some(seconds), _) => {
            format!("no key for {seconds} s, the end (--idle-timeout)")
        }
        (Ending::Over, _, Some(seconds)) => format!("{seconds} s are over (--limit-time)"),
        _ => String::new(),
    };
    if !why.is_empty() {
        failure::note(&why);
    }
    Ok(ExitCode::from(ending.status()))
}

/// What a window, a study or a search may take.
fn allowed(args: &ScreenArgs) -> Budget {
    let limit = |given: Option<u64>, visitors: u64| {
        let limit = given.or(args.read_only.then_some(visitors));
        limit.map(|limit| limit as f64)
    };
    Budget {
        bytes: limit(args.limit_memory, 200).map(|megabytes| megabytes * 1e6),
        seconds: limit(args.limit_work, 2),
    }
}

/// Refuses whatever would have a public demo touch a file.
fn refuse_files(args: &OpenArgs) -> Result<(), Failure> {
    let data = &args.data;
    let preset = args.preset.as_deref().is_some_and(presets::is_file);
    let theme = args.screen.theme.as_deref().is_some_and(text_file::is_file);
    let others = [
        ("the preset's file", preset),
        ("--against", args.against.is_some()),
        ("--keys", args.screen.keys.is_some()),
        ("the theme's file", theme),
    ];
    let data = data.files().map(|(option, path)| (option, path.is_some()));
    match data.iter().chain(&others).find(|(_, given)| *given) {
        Some((what, _)) => Err(closed(what)),
        None => Ok(()),
    }
}

fn closed(what: &str) -> Failure {
    Failure::input(format!(
        "{what} cannot be read with --read-only, which opens no file"
    ))
}

/// The theme that the command line asks for, or else the user's settings.
fn theme(args: &ScreenArgs, config: &Config, folder: Option<&Path>) -> Result<Theme, Failure> {
    match (&args.theme, &config.theme) {
        (Some(word), _) => config::theme(word, "--theme", folder),
        (None, Some(word)) => {
            let file = folder.unwrap_or(Path::new("")).join("config.toml");
            config::theme(word, &format!("{}: theme", sanitise_path(&file)), folder)
        }
        (None, None) => Ok(Theme::Auto),
    }
}

/// The state that the screen starts from.
fn app(start: &Configuration, options: &term::Options, speed: Option<u32>) -> Result<App, Failure> {
    // Data that do not fit are refused here, in words, before the screen is touched.
    let own_data = *start.data != Data::default();
    Simulation::check(&start.settings, &start.data).map_err(Failure::input)?;
    let (settings, base) = (start.settings.clone(), start.base.clone());
    let entries = presets::all()?.into_iter().map(entry).collect();
    let mut app = App::new(
        settings.clone(),
        // A preset knows nothing of the user's files: with these, reset goes back to the start.
        if own_data { settings } else { base },
        sanitise(&start.title).into_owned(),
        entries,
        options.color.unwrap_or_default(),
        options.theme.unwrap_or_default(),
        options.marker.unwrap_or_default(),
    );
    // The user's own speed takes the place of the program's, and of nothing that was asked for.
    let speed = speed.map(|speed| Pace { speed });
    app.sim.pace = start.pace.or(speed).unwrap_or_default();
    app.sim.first_pace = app.sim.pace;
    app.focus.side = start.side;
    app.sim.trained = start.data.parameters.as_ref().map(|own| own.value.kind);
    app.sim.has_sequence = start.data.sequence.is_some();
    app.sim.data = std::sync::Arc::clone(&start.data);
    let model = start.data.model.as_ref();
    app.notice = model
        .filter(|_| app.sim.trained.is_some())
        .map(|subject| Notice {
            text: start
                .data
                .against
                .as_ref()
                .map_or_else(|| subject.model.taken.clone(), |other| other.said.clone()),
            error: false,
        });
    if let Some(Subject { model, drive, .. }) = model.map(|subject| &**subject) {
        app.sim.on_data = drive.input == Input::Own;
        app.screens.layers = Layers::of(&model.parameters, drive.steps(), start.layer);
    }
    // What its preset says to press stands on the first picture.
    app.told = false;
    Ok(app)
}

/// How the terminal is used.
fn options(args: &ScreenArgs, config: &Config, stdin_is_data: bool) -> term::Options {
    let marker = if args.ascii {
        Some(Marker::Ascii)
    } else {
        args.marker.or(config.marker).and_then(Auto::fixed)
    };
    term::Options {
        color: args.color.or(config.color).and_then(Auto::fixed),
        theme: None,
        marker,
        mouse: args.mouse.or(config.mouse).unwrap_or(false),
        still: args.still || config.still.unwrap_or(false),
        idle: args.idle_timeout.map(Duration::from_secs),
        time: args.limit_time.map(Duration::from_secs),
        fps: args.fps.and_then(|n| u32::try_from(n).ok()),
        stdin_is_data,
    }
}

/// The terminal's error with its own exit status.
#[allow(
    clippy::needless_pass_by_value,
    reason = "errors come by value out of `map_err`"
)]
fn refused(error: TermError) -> Failure {
    Failure::with_status(error.status(), &error)
}

/// A preset as the screen lists it.
fn entry(preset: Preset) -> Preset {
    Preset {
        name: harmless(&preset.name),
        title: harmless(&preset.title),
        idea: harmless(&preset.idea),
        press: harmless(&preset.press),
        watch: harmless(&preset.watch),
        source: harmless(&preset.source),
        ..preset
    }
}

fn harmless(text: &str) -> String {
    sanitise(text).into_owned()
}
