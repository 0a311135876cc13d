//! Results as files: CSV with what was swept beside it, JSON, Parquet, and pictures.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::begin::Plan;
use super::name;
use crate::cli::Failure;
use crate::cli::deliver::deliver;
use crate::cli::json::{finite_or_text, number_or_text};
use crate::cli::provenance::{Origin, Provenance};
use crate::sim::Settings;
use crate::sim::preset::limits;
use crate::sweep::Table;
use crate::sweep::parquet::parquet;
use crate::sweep::picture::{self, Show};
use crate::words::fit::wrap;

/// What a file is by the end of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    Json,
    Parquet,
    Svg,
    Png,
}

const FORMATS: limits::Words<Format> = &[
    ("csv", Format::Csv),
    ("json", Format::Json),
    ("parquet", Format::Parquet),
    ("svg", Format::Svg),
    ("png", Format::Png),
];

/// The formats of files; `-` is CSV.
///
/// # Errors
/// One sentence on a name with another end.
pub fn formats(paths: &[PathBuf]) -> Result<Vec<(PathBuf, Format)>, Failure> {
    let format = |path: &PathBuf| {
        let end = path
            .extension()
            .unwrap_or_default()
            .to_string_lossy()
            .to_lowercase();
        let known = FORMATS.iter().find(|(word, _)| *word == end);
        let plain = (path.as_os_str() == "-").then_some(Format::Csv);
        let Some(format) = plain.or(known.map(|(_, format)| *format)) else {
            let ends: Vec<String> = FORMATS.iter().map(|(word, _)| format!(".{word}")).collect();
            let ends = limits::either(ends.iter().map(String::as_str));
            return Err(Failure::wrong(
                "--out",
                format!("a name that ends in {ends}"),
                name(path),
            ));
        };
        Ok((path.clone(), format))
    };
    paths.iter().map(format).collect()
}

/// The file beside a CSV that says what was swept.
pub fn beside(path: &Path) -> PathBuf {
    path.with_extension("toml")
}

/// All files that a name stands for.
pub fn all(path: &Path, format: Format) -> Vec<PathBuf> {
    let mut all = vec![path.to_owned()];
    if format == Format::Csv && path.as_os_str() != "-" {
        all.push(beside(path));
    }
    all
}

/// What a picture shows.
///
/// # Errors
/// It takes rows that this sweep has not.
pub fn shown(show: Option<Show>, plan: &Plan) -> Result<Show, Failure> {
    let show = show.unwrap_or_default();
    if show == Show::Exploding && !plan.quantiles.is_empty() {
        return Err(Failure::wrong(
            "--show exploding",
            "a row for every seed",
            "quantiles",
        ));
    }
    Ok(show)
}

/// Writes all files.
///
/// # Errors
/// One of them cannot be written.
pub fn write(
    out: &[(PathBuf, Format)],
    plan: &Plan,
    table: &Table,
    show: Show,
    overwrite: bool,
) -> Result<(), Failure> {
    for (path, format) in out {
        let bytes = match format {
            Format::Csv if path.as_os_str() == "-" => printed(plan, table).into_bytes(),
            Format::Csv => table.csv().into_bytes(),
            Format::Json => json(plan, table)?,
            Format::Parquet => parquet(table, plan.text()).map_err(Failure::failed)?,
            Format::Svg => picture::svg(table, show, &caption(plan, show))
                .map(String::into_bytes)
                .map_err(Failure::failed)?,
            Format::Png => picture::png(table, show, &caption(plan, show), &plan.text())
                .map_err(Failure::failed)?,
        };
        if let Some(beside) = all(path, *format).get(1) {
            deliver(plan.text().as_bytes(), Some(beside), overwrite)?;
        }
        deliver(&bytes, Some(path), overwrite)?;
    }
    Ok(())
}

/// CSV for standard output, which has no file beside it: a last column says in its first row what was swept.
pub fn printed(plan: &Plan, table: &Table) -> String {
    let said = provenance(plan, Some(&plan.origin)).replace('"', "\"\"");
    let csv = table.csv();
    let mut lines = csv.lines();
    let mut text = format!("{},provenance\n", lines.next().unwrap_or_default());
    for (row, line) in lines.enumerate() {
        // Writing to a String cannot fail.
        let _ = if row == 0 {
            writeln!(text, "{line},\"{said}\"")
        } else {
            writeln!(text, "{line},")
        };
    }
    text
}

/// The settings of a sweep, in a sentence.
fn provenance(plan: &Plan, origin: Option<&Origin>) -> String {
    let settings = Settings {
        cells: Settings::default().cells,
        ..plan.spec.settings().clone()
    };
    let provenance = Provenance {
        origin,
        preset: None,
        settings: &settings,
        data: None,
    };
    provenance.to_string()
}

/// What was swept, as the lines below a picture.
fn caption(plan: &Plan, show: Show) -> Vec<String> {
    const COLUMNS: usize = 130;
    let provenance = provenance(plan, None);
    let seeds = match plan.spec.seeds() {
        1 => String::new(),
        seeds if show == Show::Exploding => format!("; {seeds} seeds"),
        seeds => format!("; median of {seeds} seeds"),
    };
    let lines = wrap(&format!("{provenance}{seeds}"), COLUMNS - 1);
    lines.into_iter().map(|line| line + " ").collect()
}

/// `version`, `sweep` with every setting, and `points`.
fn json(plan: &Plan, table: &Table) -> Result<Vec<u8>, Failure> {
    let sweep: Value = toml::from_str(&plan.text()).map_err(Failure::failed)?;
    let columns = table.columns();
    let mut points = Vec::new();
    for (row, point) in table.rows().iter().enumerate() {
        let Some(point) = point else { continue };
        let key = table.key(row).map(|text| number_or_text(&text));
        let numbers = point.numbers().map(finite_or_text);
        let values = key
            .into_iter()
            .chain(numbers)
            .chain([Value::from(point.why.text())]);
        let names = columns.iter().map(|name| (*name).to_owned());
        points.push(Value::Object(names.zip(values).collect::<Map<_, _>>()));
    }
    let version = env!("CARGO_PKG_VERSION");
    let all = json!({ "version": version, "sweep": sweep, "points": points });
    let mut bytes = serde_json::to_vec(&all)?;
    bytes.push(b'\n');
    Ok(bytes)
}
