//! Twenty thousand random keys, mouse events, resizes and reports: no panic, no broken invariant.
//!
//! The windows are made up, so that every size, sign and emptiness that a real one may have comes
//! by often: gradients beyond float64, zeros, lost paths, windows that belong to settings of a
//! while ago.

use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Rect;
use rnntop::app;
use rnntop::app::extents::Axis;
use rnntop::app::keys::{self, Key, Mouse, MouseKind};
use rnntop::app::parameters::Parameter;
use rnntop::app::popup::Popup;
use rnntop::app::screen::Screen;
use rnntop::app::{Action, App, Effect};
use rnntop::cell::{CellKind, ForgetGate};
use rnntop::flow::{
    Clipping, Flow, GateTrack, MatrixSize, Path, PathFlow, PathSet, Question, Totals,
};
use rnntop::num::Wide;
use rnntop::sim::Preset;
use rnntop::sim::settings::ClipMode;
use rnntop::sim::{CellChoice, Command, Report, Settings, Snapshot};
use rnntop::ui::look::{Depth, Marker, ThemeName};

const EVENTS: usize = 20_000;

#[test]
fn random_events_break_nothing() {
    let mut rng = StdRng::seed_from_u64(7);
    let mut app = start();
    let mut area = Rect::new(0, 0, 80, 24);
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let mut asked = app.start_command();
    for event in 0..EVENTS {
        let mut resized = false;
        let action = match rng.random_range(0..100) {
            0..3 => {
                area = any_size(&mut rng);
                terminal = Terminal::new(TestBackend::new(area.width, area.height)).unwrap();
                resized = true;
                None
            }
            3..13 => {
                report(&mut app, &asked, &mut rng);
                None
            }
            13..25 => app::mouse(&app, area, any_mouse(&mut rng, area)),
            _ => keys::action(&app, any_key(&app, &mut rng)),
        };
        let told = action;
        match action.map_or(Effect::Unchanged, |action| app.update(action)) {
            Effect::Send(set @ Command::Set { .. }) => asked = set,
            // The loop would end here; this one starts anew, so that all events are played.
            Effect::Quit => app = start(),
            _ => {}
        }
        if resized || event % 10 == 0 {
            terminal.draw(|frame| app::draw(frame, &app)).unwrap();
        }
        check(&app, event, told.as_ref());
    }
}

/// What must hold after every event.
fn check(app: &App, event: usize, told: Option<&Action>) {
    let at = format!("after event {event}, {told:?}");
    assert_eq!(app.sim.settings.check(), Ok(()), "{at}");
    assert!((1..=app.window()).contains(&app.focus.cursor), "{at}");
    assert!(app.screens.settings.row < Parameter::all().len(), "{at}");
    assert!(app.screens.presets.row < app.presets.len(), "{at}");
    if let Some(Popup::Palette { line, .. }) = &app.popup {
        assert!(line.cursor <= line.text.chars().count(), "{at}");
    }
    if let Some(Popup::Input { line, .. }) = &app.popup {
        assert!(line.cursor <= line.text.chars().count(), "{at}");
        assert_ne!(app.screen, Screen::Presets, "{at}");
    }
    if let Some(Axis { low, high, .. }) = app.look.axis {
        assert!(low < high && low.is_finite() && high.is_finite(), "{at}");
    }
    assert!(!keys::hints(app).is_empty(), "{at}");
}

fn start() -> App {
    let small = Settings {
        steps: 2,
        hidden: 1,
        ..Settings::default()
    };
    let long = Settings {
        steps: 5_000,
        forget: ForgetGate::Pinned(1.05),
        peepholes: true,
        clip: ClipMode::Step,
        ..Settings::default()
    };
    let presets = [
        ("start", Settings::default()),
        ("two", small),
        ("long", long),
    ];
    let presets = presets
        .into_iter()
        .map(|(name, settings)| Preset {
            name: name.to_owned(),
            title: format!("The {name} of it, 長い題名"),
            idea: "The gate multiplies 200 times. So it matters. ".repeat(3),
            press: "press f and F".to_owned(),
            watch: "the carousel".to_owned(),
            source: "Hochreiter & Schmidhuber 1997".to_owned(),
            settings,
            speed: None,
            claims: Vec::new(),
        })
        .collect();
    App::new(
        Settings::default(),
        Settings::default(),
        "start".to_owned(),
        presets,
        Depth::Rgb,
        ThemeName::Dark,
        Marker::Braille,
    )
}

fn any_size(rng: &mut StdRng) -> Rect {
    let sizes = [
        (1, 1),
        (2, 40),
        (300, 1),
        (60, 16),
        (80, 24),
        (120, 40),
        (200, 60),
    ];
    let (width, height) = if rng.random_bool(0.5) {
        sizes[rng.random_range(0..sizes.len())]
    } else {
        (rng.random_range(1..250), rng.random_range(1..80))
    };
    Rect::new(0, 0, width, height)
}

fn any_mouse(rng: &mut StdRng, area: Rect) -> Mouse {
    let kinds = [
        MouseKind::Press,
        MouseKind::Drag,
        MouseKind::Wheel(1),
        MouseKind::Wheel(-1),
    ];
    Mouse {
        kind: kinds[rng.random_range(0..kinds.len())],
        // An event may have been on its way while the terminal shrank.
        column: rng.random_range(0..area.width + 3),
        row: rng.random_range(0..area.height + 3),
    }
}

/// Any key: mostly one of the table, some that nobody bound, and plausible values where one is
/// typed.
fn any_key(app: &App, rng: &mut StdRng) -> Key {
    if matches!(app.popup, Some(Popup::Input { .. })) && rng.random_bool(0.6) {
        let typed = ['0', '1', '2', '9', '.', '-', 'e', ':', 'n', 'o', 'f', ' '];
        return Key::Char(typed[rng.random_range(0..typed.len())]);
    }
    if rng.random_bool(0.1) {
        let odd = ['\0', '\u{1b}', '漢', '\u{202e}', '~', 'Q'];
        return Key::Char(odd[rng.random_range(0..odd.len())]);
    }
    let rows = keys::table().count();
    let binding = keys::table().nth(rng.random_range(0..rows)).unwrap();
    let keys: Vec<Key> = binding
        .acts
        .iter()
        .flat_map(|act| act.keys)
        .copied()
        .collect();
    keys[rng.random_range(0..keys.len())]
}

fn report(app: &mut App, asked: &Command, rng: &mut StdRng) {
    let report = match rng.random_range(0..10) {
        0 => Report::Progress(rng.random_range(-0.1..1.1)),
        1 => Report::Failed("the state h leaves the numbers at step 812".to_owned()),
        2 => Report::EndOfInput,
        _ => {
            // What was asked for last, or something older that was still being computed.
            let Command::Set {
                settings,
                cuts,
                question,
            } = asked
            else {
                return;
            };
            Report::Snapshot(Arc::new(snapshot(settings, *cuts, *question, rng)))
        }
    };
    app.report(report);
}

fn snapshot(settings: &Settings, cuts: PathSet, question: Question, rng: &mut StdRng) -> Snapshot {
    let live = rng.random_range(0..=120);
    Snapshot {
        settings: settings.clone(),
        cuts,
        question,
        now: settings.steps as u64 + rng.random_range(0..1_000_000),
        flows: settings
            .cells
            .map(|cell| flow(cell, settings, question, rng)),
        norm_history: (0..live).map(|i| [f64::from(i), 1e300]).collect(),
        clipped_steps: [3, 7],
        live_steps: 1_000_000,
    }
}

fn flow(choice: CellChoice, settings: &Settings, question: Question, rng: &mut StdRng) -> Flow {
    let steps = settings.steps;
    let cell = choice.kind;
    let lstm = cell == CellKind::Lstm;
    let mut paths: Vec<Path> = choice.paths(settings.peepholes).collect();
    paths.push(Path::Loss);
    let spec = cell.spec();
    let names: Vec<&'static str> = spec.gate_names().collect();
    let matrices: Vec<&'static str> = spec.matrix_names().collect();
    Flow {
        cell,
        hidden: settings.hidden,
        steps,
        totals: totals(lstm, steps, rng),
        grad_h0: Wide::new(1.0, rng.random_range(-20_000..20_000)),
        grad_c0: lstm.then_some(Wide::ZERO),
        paths: paths
            .into_iter()
            .map(|path| path_flow(path, lstm, steps, question, rng))
            .collect(),
        residual: vec![2e-16; steps],
        uncut: None,
        cut_sets: if question == Question::Without && lstm {
            vec![("gates", totals(lstm, steps, rng))]
        } else {
            Vec::new()
        },
        loss: Wide::from_f64(rng.random_range(-1.0..1.0)),
        clipping: Clipping {
            before: Wide::new(1.0, rng.random_range(-20_000..20_000)),
            after: Wide::from_f64(settings.threshold),
            angle_deg: rng.random_bool(0.9).then(|| rng.random_range(0.0..90.0)),
            clipped: match settings.clip {
                ClipMode::Step => (0..steps).map(|t| t % 3 == 0).collect(),
                _ => Vec::new(),
            },
        },
        matrices: matrices
            .iter()
            .map(|name| MatrixSize {
                name,
                spectral_radius: settings.rho.unwrap_or(0.0),
                norm: 1.6,
            })
            .collect(),
        variant: choice.variant,
        carousel_gain: Vec::new(),
        carried: None,
        law: None,
        gates: names
            .iter()
            .map(|name| GateTrack {
                name,
                mean: vec![0.5; steps],
                low: vec![-1.0; steps],
                high: vec![1.0; steps],
                quartiles: [vec![0.2; steps], vec![0.8; steps]],
                units: vec![0.5; 4],
            })
            .collect(),
    }
}

fn path_flow(
    path: Path,
    lstm: bool,
    steps: usize,
    question: Question,
    rng: &mut StdRng,
) -> PathFlow {
    let asked = path != Path::Loss;
    PathFlow {
        path,
        share: curve(steps, rng),
        contribution: (0..steps).map(|_| rng.random_range(-2.0..2.0)).collect(),
        alone: if asked && question == Question::Alone {
            curve(steps, rng)
        } else {
            Vec::new()
        },
        without: (asked && question == Question::Without).then(|| totals(lstm, steps, rng)),
    }
}

fn totals(lstm: bool, steps: usize, rng: &mut StdRng) -> Totals {
    Totals {
        grad_h: curve(steps, rng),
        grad_c: if lstm { curve(steps, rng) } else { Vec::new() },
    }
}

/// A power law by the number of steps back, of any size, sometimes with nothing in it.
fn curve(steps: usize, rng: &mut StdRng) -> Vec<Wide> {
    let factor = match rng.random_range(0..6) {
        0 => 0.0,
        1 => 1.0,
        2 => rng.random_range(0.9..1.1),
        _ => rng.random_range(0.1..10.0),
    };
    let start = match rng.random_range(0..8) {
        0 => Wide::ZERO,
        _ => Wide::new(1.0, rng.random_range(-3..3)),
    };
    let factor = Wide::from_f64(factor);
    let mut curve: Vec<_> = std::iter::successors(Some(start), |w| Some(w.times(factor)))
        .take(steps)
        .collect();
    curve.reverse();
    curve
}
