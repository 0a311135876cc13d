//! From options, or from the files of a saved run, to a run that can begin.

use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

use crate::cli::args::TrainArgs;
use crate::cli::{Failure, text_file};
use crate::io::{OutputError, load_array, load_text};
use crate::sim::preset::limits::Wrong;
use crate::train::checkpoint::Files;
use crate::train::run::{self, Training};
use crate::train::settings::{InitName, Settings};
use crate::train::task::{Arrays, Corpus};
use crate::train::{Clip, Kind, Rule, Task};
use crate::words::sanitise::sanitise_path;

const GIB: f64 = (1_u64 << 30) as f64;
/// The memory that the steps of a batch may take.
const LARGEST: f64 = 4.0 * GIB;
/// Inputs and outputs that a task of the user's may have.
const WIDEST: usize = 512;

/// A run that can begin.
pub struct Started {
    pub run: Box<dyn Training>,
    /// The loss without memory.
    pub chance: f64,
    /// Where it is saved.
    pub files: Option<Files>,
}

/// Begins a run, or goes on with one.
pub fn begin(args: &TrainArgs) -> Result<Started, Failure> {
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
    check(&settings, &task)?;
    let chance = task.chance(settings.length);
    let toml = toml::to_string(&settings).map_err(Failure::failed)?;
    let cores = || available_parallelism().map_or(1, usize::from);
    let threads = args.threads.unwrap_or_else(cores);
    let mut run = run::begin(settings, task, threads).map_err(Failure::failed)?;
    if let Some(files) = &files {
        if args.resume.is_some() {
            files.resume(run.as_mut()).map_err(Failure::input)?;
        } else if let Some(there) = files.there().next().filter(|_| !args.force) {
            let file = sanitise_path(there);
            return Err(Failure::input(OutputError::Exists { file }));
        }
        files.save_settings(&toml).map_err(Failure::failed)?;
        files.save(run.as_ref()).map_err(Failure::failed)?;
    }
    Ok(Started { run, chance, files })
}

/// The files of a run by the name of its weights.
fn named(option: &str, path: &Path) -> Result<Files, Failure> {
    let extension = path.extension();
    if extension.is_none_or(|extension| extension != "safetensors") {
        let wrong = Wrong::new("a name that ends in .safetensors", sanitise_path(path));
        return Err(Failure::input(format!("{option}: {wrong}")));
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
    settings.learning_rate = args.learning_rate.unwrap_or(settings.learning_rate);
    settings.clip = args.clip.unwrap_or(settings.clip);
    Ok(settings)
}

/// The settings of a new run.
fn fresh(args: &TrainArgs) -> Result<Settings, Failure> {
    let cell = args.cell.unwrap_or(Kind::Lstm);
    let init = args.init.unwrap_or(match cell {
        Kind::Irnn => InitName::Identity,
        _ => InitName::Pytorch,
    });
    let optimizer = args.optimizer.unwrap_or(Rule::Adam);
    let rate = match optimizer {
        Rule::Sgd | Rule::Momentum => 0.01,
        _ => 0.001,
    };
    let text = |path: &Option<PathBuf>| path.as_ref().map(|path| path.to_string_lossy().into());
    let task = args.task.unwrap_or_default();
    misfits(args, task, cell, optimizer)?;
    Ok(Settings {
        task: task.to_owned(),
        text: text(&args.text),
        inputs: text(&args.inputs),
        targets: text(&args.targets),
        cell,
        hidden: args.hidden.unwrap_or(64),
        init,
        rho: args.rho,
        forget_bias: args.forget_bias,
        length: args.length.unwrap_or(100),
        batch: args.batch.unwrap_or(32),
        optimizer,
        learning_rate: args.learning_rate.unwrap_or(rate),
        momentum: args.momentum.unwrap_or(0.9),
        weight_decay: args.weight_decay.unwrap_or(optimizer.default_decay()),
        clip: args.clip.unwrap_or(Clip::Off),
        truncate: args.truncate.unwrap_or(0),
        seed: args.seed.unwrap_or(1),
        precision: args.precision.unwrap_or_default(),
    })
}

/// Options that belong to another cell, task or optimiser, and files that are missing.
fn misfits(args: &TrainArgs, task: &str, cell: Kind, optimizer: Rule) -> Result<(), Failure> {
    let misfit = |option: &str, expected: &str, found: &str| {
        let wrong = Wrong::new(expected, found);
        Err(Failure::input(format!("{option}: {wrong}")))
    };
    if args.forget_bias.is_some() && cell != Kind::Lstm {
        return misfit("--forget-bias", "--cell lstm beside it", "another cell");
    }
    if args.momentum.is_some() && optimizer != Rule::Momentum {
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
    if task == "arrays" && args.length.is_some() {
        let expected = "none for the task arrays, whose files have it";
        return misfit("--length", expected, "one");
    }
    Ok(())
}

/// The task, its files read.
fn task(settings: &Settings) -> Result<Task, Failure> {
    let file = |path: &Option<String>| PathBuf::from(path.as_deref().unwrap_or_default());
    Ok(match settings.task.as_str() {
        "adding" => Task::Adding,
        "copy" => Task::Copy,
        "order" => Task::Order,
        "latch" => Task::Latch,
        "xor" => Task::Xor,
        "text" => {
            let text = load_text(&file(&settings.text)).map_err(Failure::input)?;
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
            let wrong = Wrong::new("a task of rnntop train", format!("'{other}'"));
            return Err(Failure::input(format!("task: {wrong}")));
        }
    })
}

/// The user's own sequences.
fn arrays(inputs: &Path, targets: &Path) -> Result<Arrays, Failure> {
    let inputs = load_array(inputs).map_err(Failure::input)?;
    let targets = load_array(targets).map_err(Failure::input)?;
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
    let least = match task {
        Task::Order => 10,
        Task::Latch => 4,
        _ => 2,
    };
    if settings.length < least {
        let expected = format!("{least} or more for the task {}", settings.task);
        let wrong = Wrong::new(expected, settings.length);
        return Err(Failure::input(format!("--length: {wrong}")));
    }
    let bytes = run::bytes(settings, task);
    if bytes > LARGEST {
        let found = format!("{:.0} GiB", (bytes / GIB).ceil());
        let wrong = Wrong::new("at most 4 GiB for the steps of a batch", found);
        let options = "--length, --batch and --hidden";
        return Err(Failure::input(format!("{options}: {wrong}")));
    }
    Ok(())
}
