//! `rnntop sweep merge`: the files of all shards as one, the same as if one machine had computed all.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::begin::Plan;
use super::{files, name, outputs};
use crate::cli::args::MergeArgs;
use crate::cli::deliver::print;
use crate::cli::provenance::Origin;
use crate::cli::{Failure, text_file};
use crate::io::reason;
use crate::sim::preset::limits::Wrong;
use crate::sweep::{Draft, Point, Shard, Table, draft};

/// Joins the shards.
pub fn run(args: &MergeArgs, given: &[OsString]) -> Result<(), Failure> {
    let out = outputs::formats(&args.output.out)?;
    let mut parts = Vec::with_capacity(args.shards.len());
    for path in &args.shards {
        parts.push(Part::read(path)?);
    }
    let Some(first) = parts.first() else {
        return Ok(());
    };
    for part in &parts {
        let mut lines = first.text.lines().zip(part.text.lines());
        if let Some((expected, found)) = lines.find(|(a, b)| a != b) {
            let expected = format!("{expected} as in {}", name(&first.path));
            return Err(files::other(&part.path, &expected, found));
        }
    }
    let spec = first.draft.spec().map_err(|sentence| {
        let file = name(&outputs::beside(&first.path));
        Failure::input(format!("{file}: {sentence}"))
    })?;
    let plan = Plan {
        spec: Arc::new(spec),
        quantiles: first.draft.quantiles.clone(),
        shard: None,
        origin: {
            let shard = |path| ("SHARD", Some(path));
            let shards: Vec<_> = args
                .shards
                .iter()
                .map(PathBuf::as_path)
                .map(shard)
                .collect();
            Origin::new("sweep", given, &shards)
        },
    };
    let show = outputs::shown(args.output.show, &plan)?;
    let mut table = Table::empty(&plan.spec, &plan.quantiles);
    let mut owner = vec![usize::MAX; table.rows().len()];
    for (k, part) in parts.iter().enumerate() {
        part.join(k, &parts, &mut table, &mut owner)?;
    }
    complete(&plan, &parts, &table)?;
    if out.is_empty() {
        return print(outputs::printed(&plan, &table));
    }
    outputs::write(&out, &plan, &table, show, args.output.force)
}

/// One of the files.
struct Part {
    path: PathBuf,
    draft: Draft,
    /// What was swept, without which part of it.
    text: String,
}

impl Part {
    fn read(path: &Path) -> Result<Self, Failure> {
        let beside = outputs::beside(path);
        // Of the two that belong together the one that was named is missed first.
        std::fs::File::open(path)
            .map_err(|error| Failure::input(format!("{}: {}", name(path), reason(&error))))?;
        let text = text_file::read(&beside, "a sweep")?;
        let draft = Draft::parse(&name(&beside), &text).map_err(Failure::input)?;
        let lines = text.lines().filter(|line| !line.starts_with(draft::SHARD));
        let text = lines.collect::<Vec<_>>().join("\n");
        Ok(Self {
            path: path.to_owned(),
            draft,
            text,
        })
    }

    /// Puts its rows into the table; `owner` says which of the parts brought a row.
    fn join(
        &self,
        k: usize,
        parts: &[Self],
        table: &mut Table,
        owner: &mut [usize],
    ) -> Result<(), Failure> {
        let file = name(&self.path);
        let failed = |error: csv::Error| Failure::input(format!("{file}: {error}"));
        let mut reader = csv::Reader::from_path(&self.path).map_err(failed)?;
        let columns = table.columns();
        let found = reader.headers().map_err(failed)?;
        if found != columns {
            let found = found.iter().collect::<Vec<_>>().join(",");
            return Err(Failure::wrong(
                file,
                format!("the columns {}", columns.join(",")),
                found,
            ));
        }
        let places = table.places();
        for record in reader.records() {
            let record = record.map_err(failed)?;
            let texts: Vec<&str> = record.iter().collect();
            let line = record.position().map_or(0, csv::Position::line);
            let [x, y, third, r, growth, exponent, why] = *texts.as_slice() else {
                continue;
            };
            let said = |wrong: Wrong| Failure::input(format!("{file}, line {line}: {wrong}"));
            let Some(row) = places([x, y, third]) else {
                let found = format!("{x},{y},{third}");
                return Err(said(Wrong::new("a point of the sweep", found)));
            };
            let Some(point) = Point::parse([r, growth, exponent, why]) else {
                let found = format!("{r},{growth},{exponent},{why}");
                return Err(said(Wrong::new("three numbers and a cause", found)));
            };
            if let Some(there) = table.rows()[row] {
                let one = name(&parts[owner[row]].path);
                return Err(Failure::input(twice(
                    table,
                    row,
                    [(&one, there), (&file, point)],
                )));
            }
            table.rows_mut()[row] = Some(point);
            owner[row] = k;
        }
        Ok(())
    }
}

/// Where a row stands, in words.
fn at(table: &Table, row: usize) -> String {
    let (key, columns) = (table.key(row), table.columns());
    let [x, y, third] = [0, 1, 2].map(|k| format!("{} {}", columns[k], key[k]));
    format!("{x}, {y}, {third}")
}

/// That two files have the same row, and in what they differ.
fn twice(table: &Table, row: usize, [(one, a), (other, b)]: [(&str, Point); 2]) -> String {
    let at = at(table, row);
    let (a, b) = (a.texts(), b.texts());
    let names = table.columns().into_iter().skip(3);
    match names.zip(a.iter().zip(&b)).find(|(_, (a, b))| a != b) {
        Some((name, (a, b))) => format!("{one} and {other} differ at {at}: {name} is {a} and {b}"),
        None if one == other => format!("{one} has {at} twice"),
        None => format!("{one} and {other} overlap: both have {at}"),
    }
}

/// Whether every row is there.
fn complete(plan: &Plan, parts: &[Part], table: &Table) -> Result<(), Failure> {
    let missing = table
        .rows()
        .iter()
        .enumerate()
        .filter(|(_, row)| row.is_none());
    let missing: Vec<usize> = missing.map(|(row, _)| row).collect();
    let Some(first) = missing.first() else {
        return Ok(());
    };
    let shards: Vec<Shard> = parts.iter().filter_map(|part| part.draft.shard).collect();
    let mut absent = String::new();
    if let Some(count) = shards.first().map(|shard| shard.count) {
        let all = (1..=count).map(|index| Shard { index, count });
        let lost: Vec<String> = all
            .filter(|shard| !shards.contains(shard))
            .map(|shard| shard.to_string())
            .collect();
        if !lost.is_empty() {
            absent = format!("; there is no file of {}", lost.join(", "));
        }
    }
    let rows = plan.spec.width() * plan.spec.height() * table.lines();
    Err(Failure::input(format!(
        "merge: expected {rows} rows, found {}: the first that is missing is {}{absent}",
        rows - missing.len(),
        at(table, *first)
    )))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;
    use crate::sweep::Why;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        /// A table of which a piece is another text is joined or refused in one sentence.
        #[test]
        fn any_table_is_joined_or_refused(
            at in 0usize..400,
            taken in 0usize..60,
            put in r#"[-,\n"0-9.ebn\PC]{0,20}"#,
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("part.csv");
            let sweep = "cell = \"lstm\"\nx = \"rho=0.5:1:3\"\ny = \"forget-bias=0:1:2\"\nseeds = 1\n";
            fs::write(outputs::beside(&path), sweep).unwrap();
            let spec = Draft::parse("part.toml", sweep).unwrap().spec().unwrap();
            let empty = Table::empty(&spec, &[]);
            let point = Point {
                factor_per_step: 1.0,
                log10_growth: 0.0,
                lyapunov_max: -0.1,
                why: Why::Undefined,
            };
            let whole = Table::of(&spec, &[], vec![Some(point); empty.rows().len()]);
            let mut text: Vec<char> = whole.csv().chars().collect();
            let at = at.min(text.len());
            let end = (at + taken).min(text.len());
            text.splice(at..end, put.chars());
            fs::write(&path, text.into_iter().collect::<String>()).unwrap();
            let part = Part::read(&path).map_err(|failure| TestCaseError::fail(failure.sentence()))?;
            let (mut table, mut owner) = (empty, vec![0; whole.rows().len()]);
            if let Err(failure) = part.join(0, std::slice::from_ref(&part), &mut table, &mut owner) {
                let said = failure.sentence();
                prop_assert!(!said.contains(char::is_control) && said.contains("part.csv"), "{said:?}");
            }
        }
    }
}
