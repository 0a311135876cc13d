//! From options, or from the files of a saved run, to a run that can begin.

use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use crate::cli::args::TrainArgs;
use crate::cli::{Failure, text_file};
use crate::io::{OutputError, load_array, load_text};
use crate::sim::budget::Cost;
use crate::sim::preset::limits::{self, Wrong};
use crate::sim::settings::row::{self, Table as _};
use crate::train::checkpoint::Files;
use crate::train::live::{self, Order};
use crate::train::run::{self, Training};
use crate::train::settings::{InitName, Settings, table};
use crate::train::task::{Arrays, Corpus};
use crate::train::{Kind, Rule, Task, cost};
use crate::words::sanitise::sanitise_path;

const GIB: f64 = (1_u64 << 30) as f64;
/// The memory that the steps of a batch may take.
const LARGEST: f64 = 4.0 * GIB;
/// Inputs and outputs that a task of the user's may have.
const WIDEST: usize = 512;

/// A run that can begin.
pub struct Started {
    pub run: Box<dyn Training>,
    /// What an update takes.
    pub cost: Cost,
    /// The loss without memory.
    pub chance: f64,
    /// Where it is saved.
    pub files: Option<Files>,
}

/// Begins a run, or goes on with one.
pub fn begin(args: &TrainArgs) -> Result<Started, Failure> {
    let order = order(args)?;
    let cost = order.cost();
    cost.room().map_err(Failure::failed)?;
    let (settings, files) = (order.runs[0].clone(), order.files);
    let chance = order.task.chance(settings.length);
    let toml = toml::to_string(&settings).map_err(Failure::failed)?;
    let mut run = run::begin(settings, order.task, order.threads).map_err(Failure::failed)?;
    if let Some(files) = &files {
        if order.resume {
            files.resume(run.as_mut()).map_err(Failure::input)?;
        }
        files.save_settings(&toml).map_err(Failure::failed)?;
        files.save(run.as_ref()).map_err(Failure::failed)?;
    }
    Ok(Started {
        run,
        cost,
        chance,
        files,
    })
}

/// What is to be trained, by the options or by the files of a saved run.
pub fn order(args: &TrainArgs) -> Result<Order, Failure> {
    let save = args.save.iter().map(|path| ("--save", path));
    let mut named_by = args
        .resume
        .iter()
        .map(|path| ("--resume", path))
        .chain(save);
    let files = named_by.next().map(|(option, path)| named(option, path));
    let files = files.transpose()?;
    let settings = match (&args.resume, &files) {
        (Some(_), Some(files)) => resumed(args, files)?,
        _ => fresh(args)?,
    };
    let task = task(&settings)?;
    let mut runs = vec![settings];
    if !args.beside.is_empty() {
        let mut other = runs[0].clone();
        for text in &args.beside {
            let read = table::read(&mut other, text);
            read.map_err(|wrong| Failure::input(format!("--beside: {wrong}")))?;
        }
        runs.push(other);
    }
    for settings in &runs {
        check(settings, &task)?;
    }
    for (k, files) in files.iter().enumerate().filter(|_| args.resume.is_none()) {
        let files = live::of_run(files, k);
        if let Some(there) = files.there().next().filter(|_| !args.force) {
            let file = sanitise_path(there);
            return Err(Failure::input(OutputError::Exists { file }));
        }
    }
    let cores = || available_parallelism().map_or(1, usize::from);
    Ok(Order {
        runs,
        task,
        threads: args.threads.unwrap_or_else(cores),
        updates: args.updates,
        files,
        resume: args.resume.is_some(),
        save_every: args.save_every,
        running: true,
    })
}

/// The files of a run by the name of its weights.
fn named(option: &str, path: &Path) -> Result<Files, Failure> {
    let extension = path.extension();
    if extension.is_none_or(|extension| extension != "safetensors") {
        return Err(Failure::wrong(
            option,
            "a name that ends in .safetensors",
            sanitise_path(path),
        ));
    }
    Ok(Files::of(path))
}

/// The settings of a saved run, with what may change from now on.
fn resumed(args: &TrainArgs, files: &Files) -> Result<Settings, Failure> {
    let text = text_file::read(&files.settings, "the settings of a run")?;
    let mut settings: Settings = toml::from_str(&text).map_err(|error| {
        let words: Vec<&str> = error.message().split_whitespace().collect();
        let file = sanitise_path(&files.settings);
        Failure::input(format!("{file}: {}", words.join(" ")))
    })?;
    // What a file says may have been written by hand.
    row::check(&settings).map_err(|why| {
        let file = sanitise_path(&files.settings);
        Failure::input(format!("{file}: {why}"))
    })?;
    let fixed = Settings::rows().iter().map(|row| row.name);
    let fixed = fixed.filter(|name| !["learning_rate", "clip"].contains(name));
    if let Some(name) = fixed.into_iter().find(|name| args.settings.has(name)) {
        let option = name.replace('_', "-");
        let sentence = format!("--{option} cannot be given together with --resume");
        return Err(Failure::input(sentence));
    }
    args.settings.apply(&mut settings);
    Ok(settings)
}

/// The settings of a new run.
fn fresh(args: &TrainArgs) -> Result<Settings, Failure> {
    let text = |path: &Option<PathBuf>| path.as_ref().map(|path| path.to_string_lossy().into());
    let mut settings = Settings {
        task: args.task.unwrap_or_default().to_owned(),
        text: text(&args.text),
        inputs: text(&args.inputs),
        targets: text(&args.targets),
        ..Settings::default()
    };
    let given = &args.settings;
    given.apply(&mut settings);
    if settings.cell == Kind::Irnn && !given.has("init") {
        settings.init = InitName::Identity;
    }
    if matches!(settings.optimizer, Rule::Sgd | Rule::Momentum) && !given.has("learning_rate") {
        settings.learning_rate = 0.01;
    }
    if !given.has("weight_decay") {
        settings.weight_decay = settings.optimizer.default_decay();
    }
    misfits(args, &settings)?;
    Ok(settings)
}

/// Options that belong to another cell, task or optimiser, and files that are missing.
fn misfits(args: &TrainArgs, settings: &Settings) -> Result<(), Failure> {
    let (task, given) = (settings.task.as_str(), &args.settings);
    let misfit =
        |option: &str, expected: &str, found: &str| Err(Failure::wrong(option, expected, found));
    if given.has("forget_bias") && settings.cell != Kind::Lstm {
        let cell = limits::word(table::CELLS, &settings.cell);
        return misfit("--forget-bias", "--cell lstm beside it", cell);
    }
    if given.has("momentum") && settings.optimizer != Rule::Momentum {
        let expected = "--optimizer momentum beside it";
        return misfit("--momentum", expected, "another optimiser");
    }
    for (option, given, wanted) in [
        ("--text", args.text.is_some(), "text"),
        ("--inputs", args.inputs.is_some(), "arrays"),
        ("--targets", args.targets.is_some(), "arrays"),
    ] {
        if given && task != wanted {
            return misfit(option, &format!("the task {wanted} beside it"), task);
        }
        if !given && task == wanted {
            return misfit(option, &format!("a file for the task {task}"), "none");
        }
    }
    if task == "arrays" && given.has("length") {
        let expected = "none for the task arrays, whose files have it";
        return misfit("--length", expected, "one");
    }
    Ok(())
}

/// The task, its files read.
fn task(settings: &Settings) -> Result<Task, Failure> {
    let file = |path: &Option<String>| PathBuf::from(path.as_deref().unwrap_or_default());
    if let Some(task) = Task::named(&settings.task) {
        return Ok(task);
    }
    Ok(match settings.task.as_str() {
        "text" => {
            let text = load_text(&file(&settings.text))?;
            let corpus = Corpus::new(&text.value);
            let corpus = corpus.filter(|corpus| corpus.len() > settings.length);
            Task::Text(corpus.ok_or_else(|| {
                let least = settings.length + 1;
                let expected = format!("at least {least} bytes, two of them different");
                let wrong = Wrong::new(expected, text.value.len());
                Failure::input(format!("{}: {wrong}", text.source))
            })?)
        }
        "arrays" => Task::Arrays(arrays(&file(&settings.inputs), &file(&settings.targets))?),
        other => {
            return Err(Failure::wrong(
                "task",
                "a task of rnntop train",
                format!("'{other}'"),
            ));
        }
    })
}

/// The user's own sequences.
fn arrays(inputs: &Path, targets: &Path) -> Result<Arrays, Failure> {
    let inputs = load_array(inputs)?;
    let targets = load_array(targets)?;
    let wrong = |source: &str, expected: &str, shape: &[usize]| {
        let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
        let wrong = Wrong::new(expected, sizes.join(" x "));
        Failure::input(format!("{source}, shape: {wrong}"))
    };
    let shape = inputs.value.shape().to_vec();
    let shape: [usize; 3] = match *shape.as_slice() {
        [n, t, d] if n > 0 && t > 1 && (1..=WIDEST).contains(&d) => [n, t, d],
        _ => {
            let expected = "N x T x D with N from 1, T from 2 and D from 1 to 512";
            return Err(wrong(&inputs.source, expected, &shape));
        }
    };
    let of_targets = targets.value.shape().to_vec();
    if !of_targets.last().is_some_and(|o| (1..=WIDEST).contains(o)) {
        return Err(wrong(&targets.source, "1 to 512 targets", &of_targets));
    }
    let values = |array: ndarray::ArrayD<f64>| array.into_iter().collect();
    let (x, y) = (values(inputs.value), values(targets.value));
    Arrays::new(x, shape, y, &of_targets)
        .map_err(|expected| wrong(&targets.source, &expected, &of_targets))
}

/// What no single option can tell.
fn check(settings: &Settings, task: &Task) -> Result<(), Failure> {
    let (cell, hidden) = (settings.cell, settings.hidden);
    let misfit = settings.regulariser.misfit(cell, hidden, settings.truncate);
    if let Some((expected, found)) = misfit {
        return Err(Failure::wrong("--regulariser", expected, found));
    }
    let least = match task {
        Task::Order => 10,
        Task::Latch => 4,
        _ => 2,
    };
    if settings.length < least {
        let expected = format!("{least} or more for the task {}", settings.task);
        return Err(Failure::wrong("--length", expected, settings.length));
    }
    let bytes = cost::of_update(settings, task, 1).bytes;
    if bytes > LARGEST {
        let found = format!("{:.0} GiB", (bytes / GIB).ceil());
        let wrong = Wrong::new("at most 4 GiB for an update", found);
        let options = "--length, --batch and --hidden";
        return Err(Failure::input(format!("{options}: {wrong}")));
    }
    Ok(())
}
