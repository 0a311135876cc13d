//! `rnntop inspect`: the diagnosis of a trained model, alone or compared with another.
//!
//! [`text`] is for people, [`json`] the contract for programs.

mod against;
mod drive;
mod json;
mod text;
pub(in crate::cli) mod written;

pub(super) use self::json::padding;
pub(super) use self::text::{say, wrap};

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

use crate::cli::Failure;
use crate::cli::args::{InspectArgs, InspectFormat, Length};
use crate::cli::configure::functions::Asked;
use crate::cli::configure::{self, stack};
use crate::cli::deliver::{Delivery, print};
use crate::cli::progress::Progress;
use crate::cli::provenance::{Origin, VERSION};
use crate::io::ModelFile;
use crate::io::weights::ModuleSummary;
use crate::sim::inspect::{Diagnosis, Model, Subject, diagnose};
use crate::words::list::counted;
use crate::words::sanitise;

/// The model and what drives it, for the screen; with the file that it comes from.
pub fn subject(args: &InspectArgs) -> Result<(Subject, ModelFile), Failure> {
    one_reader(args)?;
    let file = ModelFile::open(&args.model)?;
    let module = args.module.as_deref();
    let mut models = vec![(model(&file, module, args)?, file)];
    let mut drives = drive::all(&models, args)?;
    match (models.pop(), drives.pop()) {
        (Some((model, file)), Some(drive)) => {
            let seed = args.seed;
            Ok((Subject { model, drive, seed }, file))
        }
        // There is a drive for each model.
        _ => Err(Failure::failed("there is nothing to drive the model")),
    }
}

/// Diagnoses and prints.
pub fn run(args: &InspectArgs, given: &[OsString]) -> Result<(), Failure> {
    if let Some(option) = args.screen.given() {
        let sentence = format!("{option}: expected --live beside it, found none");
        return Err(Failure::input(sentence));
    }
    one_reader(args)?;
    let delivery = Delivery::to(args.out.as_deref(), args.force)?;
    let file = ModelFile::open(&args.model)?;
    if args.list {
        let modules = file.modules()?;
        let bytes = match args.format {
            InspectFormat::Text => list(&modules).into_bytes(),
            InspectFormat::Json => json::list(&modules)?,
        };
        return print(bytes);
    }
    let module = args.module.as_deref();
    let mut models = vec![(model(&file, module, args)?, file)];
    if let Some(other) = &args.against {
        let file = ModelFile::open(&other.path)?;
        let module = other.module.as_deref().or(module);
        models.push((model(&file, module, args)?, file));
    }
    let drives = drive::all(&models, args)?;
    let mut progress = Progress::new();
    let mut diagnoses = Vec::new();
    for (index, ((model, _), drive)) in models.iter().zip(&drives).enumerate() {
        let diagnosis = diagnose(model, drive, args.seed, &mut |done| {
            let percent = 100.0 * (index as f64 + done) / models.len() as f64;
            progress.show(|| format!("rnntop: inspecting {percent:3.0} %"));
            true
        });
        diagnoses.push(diagnosis);
    }
    progress.clear();
    let diagnoses: Vec<Diagnosis> = diagnoses.into_iter().collect::<Result<_, _>>()?;
    let origin = Origin::new("inspect", given, &files(args));
    let bytes = match (args.format, diagnoses.as_slice()) {
        (InspectFormat::Json, all) => json::render(all, args.seed, &origin)?,
        (InspectFormat::Text, all) => {
            let mut text = match all {
                [one, other] => against::render(one, other),
                all => all.iter().map(text::render).collect(),
            };
            text.push('\n');
            let seed = args.seed;
            say(&mut text, &format!("rnntop {VERSION}, seed {seed}{origin}"));
            text.into_bytes()
        }
    };
    delivery.bring(&bytes)
}

/// Only one of the files may be standard input.
fn one_reader(args: &InspectArgs) -> Result<(), Failure> {
    configure::one_reader(&files(args))
}

/// The files that are read.
fn files(args: &InspectArgs) -> [(&'static str, Option<&Path>); 8] {
    [
        ("the model", Some(&args.model)),
        (
            "--against",
            args.against.as_ref().map(|other| other.path.as_path()),
        ),
        ("--input", args.input.as_deref()),
        ("--mean", args.mean.as_deref()),
        ("--std", args.std.as_deref()),
        ("--sample", args.sample.as_deref()),
        ("--length", args.length.as_ref().and_then(Length::file)),
        ("--mask", args.mask.as_deref()),
    ]
}

/// The modules of a file, a line each: name, cell, sizes, layers and the type of the numbers.
fn list(modules: &[ModuleSummary]) -> String {
    let mut text = String::new();
    for module in modules {
        let layers = counted(module.layers, "layer");
        let directions = if module.bidirectional {
            " in both directions"
        } else {
            ""
        };
        let size = |size: Option<usize>| size.map_or("?".to_owned(), |size| size.to_string());
        let name = if module.name.is_empty() {
            "''"
        } else {
            &module.name
        };
        let _ = writeln!(
            text,
            "{:32} {:7} {layers}{directions}   H {}   D {}   {}",
            sanitise(name),
            module.cell.map_or("?", |cell| cell.spec().class()),
            size(module.hidden),
            size(module.inputs),
            sanitise(&module.dtype),
        );
    }
    text
}

fn model(file: &ModelFile, module: Option<&str>, args: &InspectArgs) -> Result<Model, Failure> {
    stack::model(file, module, &Asked::from(args))
}
