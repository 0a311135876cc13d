//! The CSV of `rnntop trace`: one row for each step, after a row of names (RFC 4180: fields
//! parted by commas, rows by CR LF).
//!
//! Columns: `t`, `grad_h`, for the LSTM `grad_c`, then for each path `path_PATH` (the norm of its term, as in JSON's `paths`) and
//! `alone_PATH`, and with `--cuts` `without_PATH_grad_h` and `without_PATH_grad_c` (also for
//! `gates`, `peepholes`, `gates_peepholes`), and with `--hops K` `hop_0_grad_h` … `hop_K_grad_h`,
//! `hop_rest_grad_h`, then these for `grad_c`, and with `--detach P` `detach_mean`, `detach_low`,
//! `detach_high` and `detach_expected` (|mean of δ_t| over all draws). After each column NAME but `t` stands its twin
//! `log10_NAME`. The last column, `provenance`, has in the first row the program's version, the preset, the seed,
//! all settings that are not the defaults, the files with size and digest, and the command, in words, and nothing in the others. A number too large for float64 is
//! empty and only its twin has it, one too small
//! stands in ten digits (`8.128548626e-904`); the twin is empty for an exact 0.

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};

use crate::cli::provenance::Provenance;
use crate::cli::trace::Trace;
use crate::cli::trace::extras::{curves, order};
use crate::cli::trace::number::{field, twin};
use crate::cli::trace::whole;
use crate::flow::hops::HopNorms;
use crate::flow::{Flow, Totals};
use crate::num::Wide;

/// A column: its name and its numbers.
pub type Column<'a> = (String, Cow<'a, [Wide]>);

/// All rows.
pub fn render(trace: Trace) -> csv::Result<Vec<u8>> {
    let mut columns = columns(trace.flow);
    if let Some(hops) = &trace.extras.hops {
        add_hops(&mut columns, "grad_h", &hops.grad_h);
        if let Some(grad_c) = &hops.grad_c {
            add_hops(&mut columns, "grad_c", grad_c);
        }
    }
    if let Some(detached) = &trace.extras.detach {
        for (name, curve) in curves(detached) {
            columns.push((format!("detach_{name}"), Cow::from(curve)));
        }
    }
    rows([(None, columns)].into_iter(), trace.provenance())
}

/// The names of the columns, then the rows of each part, which stand under a layer's name where there
/// are layers.
fn rows<'a>(
    parts: impl Iterator<Item = (Option<String>, Vec<Column<'a>>)>,
    provenance: Provenance,
) -> csv::Result<Vec<u8>> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    for (index, (layer, columns)) in parts.enumerate() {
        if index == 0 {
            if layer.is_some() {
                writer.write_field("layer")?;
            }
            writer.write_field("t")?;
            for (name, _) in &columns {
                writer.write_field(name)?;
                writer.write_field(format!("log10_{name}"))?;
            }
            writer.write_field("provenance")?;
            writer.write_record(None::<&[u8]>)?;
        }
        let steps = columns.first().map_or(0, |(_, curve)| curve.len());
        for t in 1..=steps {
            if let Some(layer) = &layer {
                writer.write_field(layer)?;
            }
            writer.write_field(t.to_string())?;
            for (_, curve) in &columns {
                let value = curve.get(t - 1).copied();
                writer.write_field(value.map_or_else(String::new, field))?;
                let log10 = value.and_then(twin);
                writer.write_field(log10.map_or_else(String::new, |log10| format!("{log10:?}")))?;
            }
            let first = (index, t) == (0, 1);
            let field = if first {
                provenance.to_string()
            } else {
                String::new()
            };
            writer.write_field(field)?;
            writer.write_record(None::<&[u8]>)?;
        }
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

/// All rows of a model with several layers: before the other columns `layer` (`0`, `1r` for a reverse
/// direction).
pub fn of_layers(trace: &whole::Trace) -> csv::Result<Vec<u8>> {
    let layers = trace.whole.layers.iter().map(|(id, flow)| {
        let reverse = if id.reverse { "r" } else { "" };
        (Some(format!("{}{reverse}", id.layer)), columns(flow))
    });
    rows(layers, trace.provenance())
}

/// All columns but `t`.
fn columns(flow: &Flow) -> Vec<Column<'_>> {
    let mut columns = Vec::new();
    add_totals(&mut columns, "", &flow.totals);
    for path in &flow.paths {
        let name = path.path.name();
        columns.push((format!("path_{name}"), Cow::from(&path.share)));
        if !path.alone.is_empty() {
            columns.push((format!("alone_{name}"), Cow::from(&path.alone)));
        }
    }
    for path in &flow.paths {
        if let Some(totals) = &path.without {
            add_totals(
                &mut columns,
                &format!("without_{}_", path.path.name()),
                totals,
            );
        }
    }
    for (name, totals) in &flow.cut_sets {
        add_totals(&mut columns, &format!("without_{name}_"), totals);
    }
    columns
}

fn add_hops<'a>(columns: &mut Vec<Column<'a>>, name: &str, norms: &'a HopNorms) {
    for k in 0..=norms.orders() {
        columns.push((format!("hop_{k}_{name}"), order(norms, k).into()));
    }
    columns.push((format!("hop_rest_{name}"), Cow::from(&norms.rest)));
}

fn add_totals<'a>(columns: &mut Vec<Column<'a>>, prefix: &str, totals: &'a Totals) {
    for (name, curve) in [("grad_h", &totals.grad_h), ("grad_c", &totals.grad_c)] {
        if !curve.is_empty() {
            columns.push((format!("{prefix}{name}"), Cow::from(curve)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::trace::example;
    use crate::sim::Settings;

    fn rendered(flow: &Flow) -> String {
        let bytes = example::traced(flow, &Settings::default(), render);
        String::from_utf8(bytes.unwrap()).unwrap()
    }

    #[test]
    fn one_row_for_each_step_and_one_of_names() {
        let text = rendered(&example::lstm(2, false, false));
        let rows: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(
            rows.len(),
            4,
            "names, two steps, and nothing after the last line end"
        );
        assert!(rows[0].starts_with("t,grad_h,log10_grad_h,grad_c,log10_grad_c,path_carousel,"));
        let last = "alone_output,log10_alone_output,path_loss,log10_path_loss,provenance";
        assert!(rows[0].ends_with(last));
        assert!(
            rows[1].starts_with("1,1.0,0.0,7.079811261e-1506,-1505.1"),
            "{}",
            rows[1]
        );
        assert!(
            rows[1].contains(",0.0,,\"rnntop ") && rows[1].contains("the defaults; again: "),
            "the logarithm of 0 is empty: {}",
            rows[1]
        );
        assert!(rows[2].starts_with("2,2.0,0.3010"), "{}", rows[2]);
        assert!(rows[2].ends_with(",1.0,0.0,"), "{}", rows[2]);
        assert_eq!(rows[3], "");
    }

    #[test]
    fn every_row_has_every_column() {
        let text = rendered(&example::lstm(5, true, true));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let names = reader.headers().unwrap().clone();
        assert_eq!(names.len(), 2 + 2 * (2 + 8 + 9 + 2 * 8 + 2));
        assert!(
            names
                .iter()
                .any(|name| name == "log10_without_gates_grad_c")
        );
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
        assert_eq!(rows.len(), 5);
        let place = names.iter().position(|name| name == "grad_c").unwrap();
        assert_eq!(&rows[0][place], "7.079811261e-1506", "2⁻⁵⁰⁰⁰");
        assert!(rows[0][place + 1].starts_with("-1505.1"));
    }
}
