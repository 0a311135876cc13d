//! `rnntop presets`: list them, show one, check what they claim.

use std::fmt::Write as _;
use std::path::Path;
use std::thread::available_parallelism;

use clap::CommandFactory as _;

use crate::cli::Failure;
use crate::cli::args::{Cli, PresetsCommand};
use crate::cli::deliver::print;
use crate::cli::progress::Progress;
use crate::cli::text_file;
use crate::sim::Preset;
use crate::sim::claim::{self, Checked};
use crate::sim::preset::{embedded, limits};
use crate::train::{lesson, live};
use crate::words::decimal;
use crate::words::sanitise::{sanitise, sanitise_block};
use crate::words::short;

/// The preset that the program opens by itself.
pub const FIRST: &str = "why";

/// Runs the command.
pub fn run(command: Option<&PresetsCommand>) -> Result<(), Failure> {
    match command {
        None => list(),
        Some(PresetsCommand::Show { name }) => show(name),
        Some(PresetsCommand::Check { names, slow }) => check(names, *slow),
    }
}

/// Reads a preset by its name or from a file.
///
/// # Errors
/// One sentence: there is no such preset, or what is wrong with it.
pub fn load(name: &str) -> Result<Preset, Failure> {
    let (stem, file, text) = find(name)?;
    Preset::parse(&stem, &file, &text).map_err(Failure::input)
}

/// All embedded presets.
///
/// # Errors
/// A mistake in one of them.
pub fn all() -> Result<Vec<Preset>, Failure> {
    embedded::FILES
        .iter()
        .map(|file| file.read().map_err(Failure::failed))
        .collect()
}

/// The preset's name, its file and the file's text.
fn find(name: &str) -> Result<(String, String, String), Failure> {
    if let Some(file) = embedded::find(name) {
        return Ok((
            file.name.to_owned(),
            file.path.to_owned(),
            file.text.to_owned(),
        ));
    }
    check_name(name)?;
    let path = Path::new(name);
    let stem = path.file_stem().map_or_else(
        || name.to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    );
    Ok((stem, name.to_owned(), text_file::read(path, "a preset")?))
}

/// Whether a preset's name means a file.
pub fn is_file(name: &str) -> bool {
    embedded::find(name).is_none() && text_file::is_file(name)
}

/// What a file is by its name where it is data, and the option that it belongs to.
fn data(name: &str) -> Option<(&'static str, &'static str)> {
    let extension = Path::new(name).extension()?.to_ascii_lowercase();
    match extension.to_str()? {
        "safetensors" | "pt" | "pth" | "ckpt" | "keras" | "h5" | "onnx" => {
            Some(("trained weights", "--weights"))
        }
        "npy" | "npz" | "csv" | "tsv" => Some(("sequences", "--input")),
        _ => None,
    }
}

/// Checks that a preset or a file has this name, without opening one.
///
/// # Errors
/// One sentence with the nearest name, when it is neither.
pub fn check_name(name: &str) -> Result<(), Failure> {
    if let Some((what, option)) = data(name) {
        let name = limits::quoted(name);
        let sentence = format!("{name} is no preset; {what} stand behind {option}");
        return Err(Failure::input(sentence));
    }
    if embedded::find(name).is_none() && !is_file(name) {
        let names = embedded::FILES.iter().map(|file| file.name);
        let names = names.chain(lesson::FILES.iter().map(|(name, _)| *name));
        let command = Cli::command();
        let commands = command.get_subcommands().map(clap::Command::get_name);
        let hint = match limits::nearest(name, names.chain(commands)) {
            Some(near) => format!("did you mean {near}?"),
            None => "rnntop presets lists them, and a file's name ends in .toml".to_owned(),
        };
        return Err(Failure::input(format!(
            "there is no preset {}; {hint}",
            limits::quoted(name)
        )));
    }
    Ok(())
}

/// One line for each preset.
fn list() -> Result<(), Failure> {
    let presets = all()?;
    let lessons = lesson::FILES.iter().map(|(name, _)| name.len());
    let names = presets.iter().map(|preset| preset.name.len());
    let width = names.chain(lessons).max().unwrap_or(0);
    let mut text = String::new();
    for preset in presets {
        let _ = writeln!(text, "{:width$}  {}", preset.name, preset.title);
    }
    for lesson in lesson::all() {
        let _ = writeln!(text, "{:width$}  training: {}", lesson.name, lesson.title);
    }
    print(&text)
}

/// The file of a preset, harmless to the terminal.
fn show(name: &str) -> Result<(), Failure> {
    if let Some((_, text)) = lesson::FILES.iter().find(|(known, _)| *known == name) {
        return print(text);
    }
    let (_, _, text) = find(name)?;
    print(sanitise_block(&text).as_ref())
}

/// Computes all claims and prints a line for each.
fn check(names: &[String], slow: bool) -> Result<(), Failure> {
    let (lessons, names): (Vec<_>, Vec<_>) =
        names.iter().partition(|name| lesson::find(name).is_some());
    let presets = match (&names[..], &lessons[..]) {
        ([], []) => all()?,
        (names, _) => names
            .iter()
            .map(|name| load(name))
            .collect::<Result<_, _>>()?,
    };
    let every = names.is_empty() && lessons.is_empty();
    let lessons =
        lesson::all().filter(|lesson| every || lessons.iter().any(|name| *name == lesson.name));
    let (mut total, mut failed) = (0, 0);
    let mut progress = Progress::new();
    for preset in &presets {
        let name = sanitise(&preset.name);
        let checked = claim::check(&preset.claims, &mut progress.of(&name));
        progress.clear();
        total += checked.len();
        failed += checked.iter().filter(|checked| !checked.passed()).count();
        // Preset by preset, since the large ones take their time.
        print(report(preset, &checked))?;
    }
    let threads = available_parallelism().map_or(1, usize::from);
    for lesson in lessons {
        print(format!("{}: {}\n", lesson.name, lesson.title))?;
        for claim in &lesson.claims {
            if claim.slow && !slow {
                print(format!("  slow  {}\n", words_of(claim)))?;
                continue;
            }
            let measured = lesson.measure(claim, threads, &mut progress.of(lesson.name));
            let measured = measured.map_err(Failure::failed)?;
            progress.clear();
            let verdict = if claim.holds(measured) {
                "PASS"
            } else {
                "FAIL"
            };
            total += 1;
            failed += usize::from(!claim.holds(measured));
            let measured = short::number(measured);
            print(format!(
                "  {verdict}  {}  measured {measured}\n",
                words_of(claim)
            ))?;
        }
    }
    print(format!("{} of {total} claims hold\n", total - failed))?;
    match failed {
        0 => Ok(()),
        1 => Err(Failure::failed("1 claim does not hold")),
        _ => Err(Failure::failed(format!("{failed} claims do not hold"))),
    }
}

/// A claim on runs: what is expected of which quantity, over how many seeds.
fn words_of(claim: &lesson::Claim) -> String {
    let quantity = live::order::word(&claim.quantity);
    let least = claim
        .at_least
        .map_or(String::new(), |x| format!(" at least {x}"));
    let most = claim
        .at_most
        .map_or(String::new(), |x| format!(" at most {x}"));
    let with = if claim.with.is_empty() {
        String::new()
    } else {
        format!(" with {}", claim.with)
    };
    let (seeds, updates) = (claim.seeds, claim.updates);
    format!("{quantity}  expected{least}{most}  {seeds} seeds, {updates} updates{with}")
}

/// The claims of a preset, one to a line, in columns: verdict, quantity, expected, measured, and
/// the settings that the claim changes.
fn report(preset: &Preset, claims: &[Checked]) -> String {
    let rows: Vec<[String; 4]> = claims.iter().map(row).collect();
    let width = |column: usize| {
        rows.iter()
            .map(|row| row[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    let mut text = format!("{}: {}\n", sanitise(&preset.name), sanitise(&preset.title));
    for (checked, [quantity, expected, measured, with]) in claims.iter().zip(&rows) {
        let verdict = if checked.passed() { "PASS" } else { "FAIL" };
        let line = format!(
            "  {verdict}  {quantity:a$}  expected {expected:b$}  measured {measured:c$}  {with}",
            a = widths[0],
            b = widths[1],
            c = widths[2]
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    if claims.is_empty() {
        text.push_str("  no claims\n");
    }
    text
}

/// Quantity, expected, measured, and what the claim changes.
fn row(checked: &Checked) -> [String; 4] {
    let claim = checked.claim;
    let measured = match &checked.measured {
        Ok(number) => decimal::text(*number, 8),
        Err(reason) => sanitise(reason).into_owned(),
    };
    let harmless = |text: &str| sanitise(text).into_owned();
    [
        harmless(&claim.quantity.to_string()),
        harmless(&claim.expectation.to_string()),
        measured,
        harmless(&claim.with),
    ]
}
