//! States and windows for the tests of this floor.

use std::sync::Arc;

use crate::app::App;
use crate::app::screen::train::state::State as Training;
use crate::cell::{CellKind, ForgetGate, Init, Semantics, StackParameters, Variant, init};
use crate::flow::{Clipping, Flow, GateTrack, MatrixSize, Totals};
use crate::num::Wide;
use crate::sim::Preset;
use crate::sim::{
    Explained, Finding, Settings, Side, Simulation, Snapshot, Study, StudyRequest, inspect,
};
use crate::train::live::{self, Difference, Order};
use crate::train::{self, Clip, Task};
use crate::ui::look::{Depth, Marker, ThemeName};

/// A state at the start, with three presets.
pub fn app() -> App {
    let settings = Settings {
        forget: ForgetGate::Pinned(0.99),
        ..Settings::default()
    };
    let presets = vec![
        entry("carousel", settings.clone()),
        entry("start", Settings::default()),
        entry(
            "long",
            Settings {
                steps: 1_000,
                forget: ForgetGate::None,
                ..Settings::default()
            },
        ),
    ];
    App::new(
        settings.clone(),
        settings,
        "carousel".to_owned(),
        presets,
        Depth::Ansi16,
        ThemeName::Dark,
        Marker::Braille,
    )
}

fn entry(name: &str, settings: Settings) -> Preset {
    Preset {
        name: name.to_owned(),
        title: format!("The {name}"),
        idea: String::new(),
        press: "f".to_owned(),
        watch: String::new(),
        source: String::new(),
        settings,
        speed: None,
        claims: Vec::new(),
    }
}

/// A path explained in a small window.
pub fn study() -> Arc<Study> {
    let settings = Settings {
        hidden: 2,
        steps: 8,
        ..Settings::default()
    };
    let mut simulation = Simulation::new(settings, Arc::default()).expect("they fit");
    let window = simulation
        .window(Side::Left, &mut |_| true)
        .expect("it runs");
    let cuts = crate::flow::PathSet::EMPTY;
    let example = window.explain_or_largest(cuts, None, 4, 2, &mut |_| true);
    Arc::new(Study {
        request: StudyRequest::Explain {
            side: Side::Left,
            path: None,
            t: 4,
            units: 2,
        },
        settings: window.settings.clone(),
        now: window.now,
        finding: example
            .map(|example| {
                let beside = None;
                Finding::Explain(Box::new(Explained { example, beside }))
            })
            .map_err(|error| error.to_string()),
    })
}

/// Two small runs, the second of them chosen, after six of eight updates.
pub fn training() -> Training {
    let settings = train::Settings {
        hidden: 4,
        length: 10,
        batch: 4,
        ..train::Settings::default()
    };
    let mut order = Order::new(settings, Task::Adding, 1, 8);
    order.runs = Difference::Clip.pair(&order.runs[0]).into();
    let mut left = 6;
    let picture = live::complete(order.clone(), &mut || {
        left -= 1;
        left >= 0
    });
    Training {
        order: Some(Box::new(order)),
        picture: picture.ok().map(Arc::new),
        run: 1,
        cursor: Some(3),
        past: vec![(1, 0.1, Clip::Off)],
        threads: 1,
        ..Training::default()
    }
}

/// The diagnosis of a small model of two layers, with advice.
pub fn layers() -> Arc<Study> {
    let mut layers = Vec::new();
    for seed in [1, 2] {
        let drawn = init::draw(CellKind::Lstm, 4, 4, Init::Gaussian, false, seed);
        layers.push(vec![drawn.expect("it converges").0.into()]);
    }
    let model = inspect::Model {
        title: "model".to_owned(),
        parameters: StackParameters {
            kind: CellKind::Lstm,
            layers,
        },
        semantics: Semantics::default(),
        taken: "taken as nn.LSTM: tanh".to_owned(),
    };
    let drive = inspect::Drive::noise(1, 60, 4, 7);
    let found = inspect::diagnose(&model, &drive, 7, &mut |_| true);
    Arc::new(Study {
        request: StudyRequest::Layers,
        settings: Settings::default(),
        now: 0,
        finding: found
            .map(|found| Finding::Layers(Arc::new(found)))
            .map_err(|error| error.to_string()),
    })
}

/// A window whose curves grow backwards by `factor` a step, with a mean forget gate of 0.75 and a
/// largest radius of 0.875.
pub fn snapshot(settings: &Settings, factor: f64) -> Arc<Snapshot> {
    Arc::new(Snapshot {
        settings: settings.clone(),
        cuts: crate::flow::PathSet::EMPTY,
        question: crate::flow::Question::Share,
        now: settings.steps as u64,
        flows: [
            flow(CellKind::Lstm, settings, factor, 0.875),
            flow(CellKind::Rnn, settings, factor, 0.5),
        ],
        norm_history: Vec::new(),
        clipped_steps: [0; 2],
        live_steps: 0,
    })
}

fn flow(cell: CellKind, settings: &Settings, factor: f64, radius: f64) -> Flow {
    let steps = settings.steps;
    let mut curve = vec![Wide::ONE];
    while curve.len() < steps {
        curve.push(curve[curve.len() - 1].times(Wide::from_f64(factor)));
    }
    curve.reverse();
    Flow {
        cell,
        hidden: settings.hidden,
        steps,
        totals: Totals {
            grad_h: curve,
            grad_c: Vec::new(),
        },
        grad_h0: Wide::ONE,
        grad_c0: None,
        paths: Vec::new(),
        residual: Vec::new(),
        uncut: None,
        cut_sets: Vec::new(),
        loss: Wide::ONE,
        clipping: Clipping {
            before: Wide::ONE,
            after: Wide::ONE,
            angle_deg: Some(0.0),
            clipped: Vec::new(),
        },
        matrices: vec![MatrixSize {
            name: "recurrent",
            spectral_radius: radius,
            norm: radius,
        }],

        variant: Variant::Plain,
        carousel_gain: Vec::new(),
        carried: None,
        law: None,
        gates: vec![GateTrack {
            name: "forget",
            mean: vec![0.75; steps],
            low: vec![0.5; steps],
            high: vec![1.0; steps],
            quartiles: [vec![0.6; steps], vec![0.9; steps]],
            units: vec![0.5, 0.75, 1.0],
        }],
    }
}
