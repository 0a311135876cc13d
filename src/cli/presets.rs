//! `gradtop presets`: list them, show one, check what they claim.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::Path;

use crate::cli::Failure;
use crate::cli::args::PresetsCommand;
use crate::io::output;
use crate::io::sanitise::{sanitise, sanitise_block};
use crate::sim::Preset;
use crate::sim::claim::{self, Checked, decimal};
use crate::sim::preset::{embedded, limits};

/// The preset that the program opens by itself.
pub const FIRST: &str = "why";

/// No preset is larger than this, in bytes; a larger file is something else.
const LARGEST: u64 = 1 << 20;
/// The commands that a misspelt word may have meant.
const COMMANDS: [&str; 4] = ["trace", "presets", "completions", "man"];

/// Runs the command.
pub fn run(command: Option<&PresetsCommand>) -> Result<(), Failure> {
    match command {
        None => list(),
        Some(PresetsCommand::Show { name }) => show(name),
        Some(PresetsCommand::Check { names }) => check(names),
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
    let path = Path::new(name);
    let is_toml = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
    if !is_toml && !name.contains(std::path::MAIN_SEPARATOR) {
        let names = embedded::FILES.iter().map(|file| file.name);
        let hint = match limits::nearest(name, names.chain(COMMANDS)) {
            Some(near) => format!("did you mean {near}?"),
            None => "gradtop presets lists them, and a file's name ends in .toml".to_owned(),
        };
        return Err(Failure::input(format!(
            "there is no preset {}; {hint}",
            limits::quoted(name)
        )));
    }
    let stem = path.file_stem().map_or_else(
        || name.to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    );
    Ok((stem, name.to_owned(), read(path)?))
}

/// The text of a preset's file.
fn read(path: &Path) -> Result<String, Failure> {
    let cannot = |reason: String| Failure::input(format!("{}: {reason}", path.display()));
    let file = std::fs::File::open(path).map_err(|error| cannot(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| cannot(error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(cannot(
            "expected a preset of at most 1 MiB, found more".to_owned(),
        ));
    }
    String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        cannot(format!(
            "expected UTF-8 text, found other bytes from byte {place} on"
        ))
    })
}

/// One line for each preset.
fn list() -> Result<(), Failure> {
    let presets = all()?;
    let width = presets
        .iter()
        .map(|preset| preset.name.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for preset in presets {
        let _ = writeln!(text, "{:width$}  {}", preset.name, preset.title);
    }
    print(&text)
}

/// The file of a preset, harmless to the terminal.
fn show(name: &str) -> Result<(), Failure> {
    let (_, _, text) = find(name)?;
    print(&sanitise_block(&text))
}

/// Computes all claims and prints a line for each.
fn check(names: &[String]) -> Result<(), Failure> {
    let presets = match names {
        [] => all()?,
        names => names
            .iter()
            .map(|name| load(name))
            .collect::<Result<_, _>>()?,
    };
    let (mut total, mut failed) = (0, 0);
    for preset in &presets {
        let mut text = format!("{}: {}\n", sanitise(&preset.name), sanitise(&preset.title));
        if preset.claims.is_empty() {
            text.push_str("  no claims\n");
        }
        for checked in claim::check(&preset.claims) {
            total += 1;
            failed += usize::from(!checked.passed());
            text.push_str(&line(&checked));
        }
        // Preset by preset, since the large ones take their time.
        print(&text)?;
    }
    print(&format!("{} of {total} claims hold\n", total - failed))?;
    match failed {
        0 => Ok(()),
        1 => Err(Failure::failed("1 claim does not hold")),
        _ => Err(Failure::failed(format!("{failed} claims do not hold"))),
    }
}

/// A claim in one or two lines: what, expected, measured, verdict.
fn line(checked: &Checked) -> String {
    let claim = checked.claim;
    let measured = match &checked.measured {
        Ok(number) => decimal::text(*number, 8),
        Err(reason) => sanitise(reason).into_owned(),
    };
    let verdict = if checked.passed() { "PASS" } else { "FAIL" };
    let with = if claim.with.is_empty() {
        String::new()
    } else {
        format!("        with {}\n", sanitise(&claim.with))
    };
    format!(
        "  {verdict}  {}  expected {}  measured {measured}\n{with}",
        sanitise(&claim.quantity.to_string()),
        sanitise(&claim.expectation.to_string())
    )
}

fn print(text: &str) -> Result<(), Failure> {
    output::print(text.as_bytes()).map_err(Failure::failed)
}
