//! `gradtop [PRESET]`: the screen.

use std::path::Path;
use std::process::ExitCode;

use crate::app::App;
use crate::app::state::{Marker, PresetEntry};
use crate::cell::CellKind;
use crate::cli::Failure;
use crate::cli::args::{OpenArgs, ScreenArgs};
use crate::cli::configure::{self, Configuration, Window};
use crate::cli::presets;
use crate::io::sanitise::sanitise;
use crate::sim::{Data, Preset};
use crate::term;

/// The window of a live screen, where the user's sequence is longer.
const LIVE_STEPS: usize = 200;

/// Opens the screen and runs it to its end; the exit status that this end has.
pub fn open(args: &OpenArgs) -> Result<ExitCode, Failure> {
    if args.simulation.cell == Some(CellKind::Gru) {
        return Err(no_gru("--cell gru"));
    }
    let piped = args.data.input.as_deref() == Some(Path::new("-"));
    // Before standard input is read as data, and before long work.
    term::check(piped).map_err(refused)?;
    let window = Window::AtMost(LIVE_STEPS);
    let start = configure::configure(args.preset.as_deref(), &args.simulation, &args.data, window)?;
    if let (CellKind::Gru, Some(weights)) = (start.cell, &start.data.parameters) {
        return Err(no_gru(&weights.source));
    }
    let options = options(&args.screen, piped);
    let app = app(&start, &options)?;
    let ending = term::run(app, start.data, options).map_err(refused)?;
    Ok(ExitCode::from(ending.status()))
}

/// The screen has no place for a GRU.
fn no_gru(source: &str) -> Failure {
    Failure::input(format!(
        "{source}: the screen shows an lstm beside an rnn; 'gradtop trace' computes a gru"
    ))
}

/// The state that the screen starts from.
fn app(start: &Configuration, options: &term::Options) -> Result<App, Failure> {
    // Data that do not fit are refused here, in words, before the screen is touched. Settings
    // alone always fit, and need no second set-up.
    let own_data = *start.data != Data::default();
    if own_data {
        start.simulation()?;
    }
    let entries = presets::all()?.into_iter().map(entry).collect();
    let mut app = App::new(
        start.settings.clone(),
        // A preset knows nothing of the user's files: with these, reset goes back to the start.
        if own_data {
            start.settings.clone()
        } else {
            start.base.clone()
        },
        sanitise(&start.title).into_owned(),
        entries,
        options.color.unwrap_or_default(),
        options.theme.unwrap_or_default(),
        options.marker.unwrap_or_default(),
    );
    app.focus = start.cell;
    app.fixed_shape = start.data.parameters.is_some();
    app.has_sequence = start.data.sequence.is_some();
    Ok(app)
}

/// How the terminal is used.
fn options(args: &ScreenArgs, stdin_is_data: bool) -> term::Options {
    let marker = if args.ascii {
        Some(Marker::Ascii)
    } else {
        args.marker.fixed()
    };
    term::Options {
        color: args.color.fixed(),
        theme: args.theme.fixed(),
        marker,
        fps: args.fps.and_then(|n| u32::try_from(n).ok()),
        stdin_is_data,
    }
}

/// The terminal's error with its own exit status.
#[allow(
    clippy::needless_pass_by_value,
    reason = "errors come by value out of `map_err`"
)]
fn refused(error: term::TermError) -> Failure {
    Failure::with_status(error.status(), &error)
}

/// A preset as the screen lists it.
fn entry(preset: Preset) -> PresetEntry {
    PresetEntry {
        name: harmless(&preset.name),
        title: harmless(&preset.title),
        idea: harmless(&preset.idea),
        press: harmless(&preset.press),
        watch: harmless(&preset.watch),
        source: harmless(&preset.source),
        settings: preset.settings,
    }
}

fn harmless(text: &str) -> String {
    sanitise(text).into_owned()
}
