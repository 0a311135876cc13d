//! `rnntop trace --follow`: the live story as lines, for screen readers and logs.
//!
//! One line for each step, in words and ASCII alone:
//!
//! ```text
//! step 200: lstm r 0.9900, vanishing to 0.134 because of carousel, carousel path 100 % at t = 1; rnn r 1.0200, …; clipping off
//! ```
//!
//! The first line says where it comes from, as the last one of `rnntop trace` does.
//!
//! `--format json` prints the same as one object per line: `step`, `clip` (the mode), and each cell
//! under its name, the left one first (`lstm`, `rnn`; where both have the same name, the right one is
//! `lstm_2`); with weights also `on_data`, as of `rnntop trace`; and in the first
//! line `provenance`: `version`, `preset`, `seed`, `settings`, `arguments` and `files`. Of a cell it tells `variant` (of an LSTM only), `factor_per_step` (null where it is undefined), its standard `deviation` over the last 120
//! windows (null of fewer than three), `near_edge` (whether these have no verdict in common), `log10_growth` (log10 of rᵀ), `verdict`,
//! `cause` and `gains` as `rnntop trace` has them, `path` and `part` (of the dominant path to δ_1; null where nothing arrives) and
//! `clipped`.

use std::fmt::Write as _;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::cli::Failure;
use crate::cli::args::{Format, TraceArgs};
use crate::cli::configure::{self, Window};
use crate::cli::json::{Json, Object};
use crate::cli::progress::Progress;
use crate::cli::provenance::{Origin, Provenance};
use crate::cli::trace::json::{by_path, judgement};
use crate::cli::trace::text::{plain, total};
use crate::flow::spread::Windows;
use crate::flow::{Flow, Law, Path, Standing, Verdict};
use crate::io::{ModelFile, output};
use crate::num::Wide;
use crate::sim::preset::limits;
use crate::sim::settings::ClipMode;
use crate::sim::{Ask, Settings, Side, Simulation};
use crate::words::ascii::ascii;
use crate::words::cause;

/// The window where the user's sequence is longer, as on the live screen.
const LIVE_STEPS: usize = 200;

/// Prints a line for the first window and for every step after it, at the pace of `--speed`, until
/// `--follow-steps`, the end of the input, or a reader that has gone away.
pub fn run(args: &TraceArgs, weights: Option<&ModelFile>, origin: &Origin) -> Result<(), Failure> {
    if args.output.format == Format::Csv {
        return Err(Failure::wrong(
            "--follow",
            "--format text or json beside it",
            "csv",
        ));
    }
    let start = configure::configure_on(
        weights,
        args.preset.as_deref(),
        &args.simulation,
        &args.data,
        Window::Sliding(LIVE_STEPS),
    )?;
    let sides = if start.one {
        std::slice::from_ref(&start.side)
    } else {
        &Side::BOTH
    };
    start.check_initial_c(sides)?;
    let mut simulation = start.simulation()?;
    let pause = Duration::from_secs(1) / start.pace.unwrap_or_default().speed.max(1);
    let mut due = Instant::now();
    let mut lines: u64 = 0;
    let model = start.data.model.as_ref();
    let said = model.and_then(|subject| subject.drive.caution());
    let on_data = model.map(|_| said.is_none());
    if let Some(said) = said.as_ref().filter(|_| args.output.format != Format::Json) {
        output::print_line(&format!("{said}: no verdict"))?;
    }
    let settings = simulation.settings().clone();
    let provenance = Provenance {
        preset: start.preset.as_deref(),
        settings: &settings,
        data: Some(&start.data),
        origin: Some(origin),
    };
    if args.output.format != Format::Json {
        output::print_line(&ascii(&provenance.to_string()))?;
    }
    let mut windows = [(); 2].map(|()| Windows::default());
    loop {
        let mut flows = flows(&mut simulation, sides)?;
        for (windows, flow) in windows.iter_mut().zip(&mut flows) {
            windows.push(flow.factor_per_step());
            if let Some(law) = &mut flow.law {
                law.spread = windows.spread(law.steps);
            }
        }
        let (now, settings) = (simulation.now(), simulation.settings());
        let line = match args.output.format {
            Format::Json => {
                let first = (lines == 0).then_some(provenance);
                object(now, &flows, settings, on_data, first)?
            }
            Format::Text | Format::Csv => sentence(now, &flows, settings, said.is_none()),
        };
        sleep(due.saturating_duration_since(Instant::now()));
        // What took longer than its time is not made up for.
        due = due.max(Instant::now()) + pause;
        if !output::print_line(&line)? {
            return Ok(());
        }
        lines += 1;
        let enough = args.output.follow_steps.is_some_and(|most| lines >= most);
        if enough || !simulation.forward()? {
            return Ok(());
        }
    }
}

/// The present window of the cell on each side.
fn flows(simulation: &mut Simulation, sides: &[Side]) -> Result<Vec<Flow>, Failure> {
    let mut progress = Progress::new();
    let flow = |&side| {
        let progress = &mut progress.of("the window");
        Ok(simulation.flow_with_law(side, Ask::default(), progress)?)
    };
    sides.iter().map(flow).collect()
}

/// A step in words.
fn sentence(now: u64, flows: &[Flow], settings: &Settings, judged: bool) -> String {
    let mut line = format!("step {now}: ");
    for (i, flow) in flows.iter().enumerate() {
        if i > 0 {
            line.push_str("; ");
        }
        clause(&mut line, flow, settings.clip, judged);
    }
    if settings.clip == ClipMode::Off {
        line.push_str("; clipping off");
    }
    line
}

/// What is said of one cell.
fn clause(line: &mut String, flow: &Flow, clip: ClipMode, judged: bool) {
    // Writing to a String cannot fail.
    let _ = match flow.factor_per_step() {
        None => write!(line, "{} r undefined, no gradient enters at T", flow.name()),
        Some(r) => {
            let standing = standing(flow, r);
            let to = match standing {
                Standing::NearEdge | Standing::Settled(Verdict::Stable) => "at",
                Standing::Settled(_) => "to",
            };
            let (shown, growth) = match flow.law.as_ref().filter(|law| law.moves().is_some()) {
                Some(law) => (cause::factor_of(law), cause::growth_of(law)),
                None => (plain(r), total(r, flow.steps)),
            };
            let shown = ascii(&shown);
            let name = flow.name();
            if judged {
                write!(line, "{name} r {shown}, {} {to} {growth}", standing.word())
            } else {
                write!(line, "{name} r {shown}, {growth} over {} steps", flow.steps)
            }
        }
    };
    if let Some(law) =
        flow.law.as_ref().filter(|_| judged).filter(|law| {
            law.standing() != Some(Standing::NearEdge) && !law.cause.paths().is_empty()
        })
    {
        let paths = law.cause.paths().iter();
        let names: Vec<String> = paths.map(|path| path.name().replace('_', " ")).collect();
        let _ = write!(line, " because of {}", names.join(" and "));
    }
    let _ = match dominant(flow) {
        Some((path, share)) => write!(
            line,
            ", {} path {:.0} % at t = 1",
            path.name().replace('_', " "),
            100.0 * share
        ),
        None => write!(line, ", nothing arrives at t = 1"),
    };
    if clip != ClipMode::Off {
        let clipped = flow.clipping.clipped();
        line.push_str(if clipped {
            ", clipped"
        } else {
            ", not clipped"
        });
    }
}

/// The verdict of all the last windows, where they have one in common.
fn standing(flow: &Flow, r: Wide) -> Standing {
    let law = flow.law.as_ref().and_then(Law::standing);
    law.unwrap_or_else(|| Verdict::of(r.log10(), flow.steps).into())
}

/// The path that brings back the largest part of δ_1, and that part; none where nothing comes back.
fn dominant(flow: &Flow) -> Option<(Path, f64)> {
    flow.paths
        .iter()
        .filter(|path| path.path != Path::Loss)
        .filter_map(|path| Some((path.path, *path.contribution.first()?)))
        .filter(|(_, share)| share.is_finite() && *share != 0.0)
        .max_by(|(_, a), (_, b)| a.abs().total_cmp(&b.abs()))
}

/// A step as an object on its line. Two cells of the same name may differ in their variant, and in their
/// weights.
fn object(
    now: u64,
    flows: &[Flow],
    settings: &Settings,
    on_data: Option<bool>,
    provenance: Option<Provenance>,
) -> Result<String, Failure> {
    let mut line = Object::default()
        .with("step", now)
        .with("clip", limits::word(limits::CLIP_MODES, &settings.clip))
        .maybe("on_data", on_data);
    for (place, flow) in flows.iter().enumerate() {
        let name = flow.cell.name();
        let taken = flows[..place].iter().any(|left| left.cell == flow.cell);
        let name = format!("{name}{}", if taken { "_2" } else { "" });
        line = line.with(name, cell(flow, on_data != Some(false)));
    }
    let line = line.maybe("provenance", provenance.map(|from| from.object()));
    Ok(serde_json::to_string(&line)?)
}

/// One cell of it.
fn cell<'a>(flow: &Flow, judged: bool) -> Object<'a> {
    let r = flow.factor_per_step();
    let growth = r.map(|r| flow.steps as f64 * r.log10());
    let dominant = dominant(flow);
    let law = flow.law.as_ref();
    let spread = law.and_then(|law| law.spread);
    let variant = flow.cell.spec().has_variants.then(|| flow.variant.name());
    let deviation = spread
        .zip(r)
        .map(|(spread, r)| r.saturating_f64() * spread.log_deviation);
    let verdict = r
        .filter(|_| judged)
        .map(|r| Verdict::of(r.log10(), flow.steps).word());
    let gains = law.map(|law| by_path(law.gains.iter().map(|g| (g.path, g.gain))));
    Object::default()
        .maybe("variant", variant)
        .with("factor_per_step", Json::wide(r))
        .with("deviation", deviation)
        .with(
            "near_edge",
            judged && spread.is_some_and(|spread| spread.near_edge),
        )
        .with("log10_growth", growth.filter(|log| log.is_finite()))
        .with("verdict", verdict)
        .maybe("cause", law.map(|law| judgement(law, judged).1))
        .maybe("gains", gains)
        .with("path", dominant.map(|(path, _)| path.name()))
        .with("part", dominant.map(|(_, share)| share))
        .with("clipped", flow.clipping.clipped())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::trace::example;

    fn unclipped() -> Settings {
        Settings {
            clip: ClipMode::Off,
            ..Settings::default()
        }
    }

    #[test]
    fn a_step_is_one_line_of_plain_words() {
        let flows = [example::lstm(200, true, false), example::rnn(200)];
        let line = sentence(431, &flows, &unclipped(), true);
        let lstm =
            "step 431: lstm r 0.05729, vanishing to 4.084e-249, peephole output path 25 % at t = 1";
        assert!(line.starts_with(lstm), "{line}");
        let rnn = "; rnn r 1.0100, exploding to 7.316, recurrent path 100 % at t = 1; clipping off";
        assert!(line.ends_with(rnn), "{line}");
        assert!(line.chars().all(|c| c == ' ' || c.is_ascii_graphic()));
    }

    #[test]
    fn clipping_is_told_of_each_cell() {
        let settings = Settings {
            clip: ClipMode::Norm,
            ..Settings::default()
        };
        let flows = [example::lstm(4, false, false), example::rnn(4)];
        let line = sentence(4, &flows, &settings, true);
        assert!(line.contains(", clipped; rnn"), "{line}");
        assert!(line.ends_with(", not clipped"), "{line}");
    }

    #[test]
    fn no_gradient_is_said_in_words() {
        let mut flow = example::rnn(4);
        flow.totals.grad_h = example::curve([0.0; 4]);
        for path in &mut flow.paths {
            path.contribution = vec![f64::NAN; 4];
        }
        assert_eq!(
            sentence(4, &[flow.clone()], &unclipped(), true),
            "step 4: rnn r undefined, no gradient enters at T, nothing arrives at t = 1; clipping off"
        );
        let object = object(4, &[flow], &unclipped(), None, None).unwrap();
        assert!(
            object.contains("\"verdict\":null,\"path\":null"),
            "{object}"
        );
    }
}
