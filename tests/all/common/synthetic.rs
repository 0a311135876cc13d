//! A window made of known curves, so that a picture depends on drawing alone.

use std::sync::Arc;

use rnntop::app::App;
use rnntop::app::action::Control;
use rnntop::cell::{CellKind, ForgetGate, Variant};
use rnntop::flow::cause::{Gain, Keeping};
use rnntop::flow::gains::Mean;
use rnntop::flow::{
    Cause, Clipping, Flow, GateTrack, Law, MatrixSize, Path, PathFlow, PathSet, Question, Totals,
    Verdict,
};
use rnntop::num::Wide;
use rnntop::sim::Preset;
use rnntop::sim::{Settings, Snapshot};
use rnntop::ui::look::{Depth, Marker, ThemeName};

/// r^k without leaving the numbers.
fn power(r: f64, k: usize) -> Wide {
    let log2 = r.log2() * k as f64;
    #[allow(clippy::cast_possible_truncation)]
    Wide::new(2f64.powf(log2 - log2.floor()), log2.floor() as i64)
}

fn scaled(w: Wide, by: f64) -> Wide {
    w.times(Wide::from_f64(by))
}

fn gate(name: &'static str, steps: usize, mean: f64, spread: f64) -> GateTrack {
    let at = |k: usize, d: f64| {
        mean + 0.5 * spread * (k as f64 / 9.0).sin() + d * (1.0 + 0.3 * (k as f64 / 5.0).cos())
    };
    let track = |d: f64| (0..steps).map(|k| at(k, d)).collect();
    GateTrack {
        name,
        mean: track(0.0),
        low: track(-spread),
        high: track(spread),
        quartiles: [track(-0.4 * spread), track(0.4 * spread)],
        units: (0..32)
            .map(|k| mean + spread * (f64::from(k) / 16.0 - 1.0))
            .collect(),
    }
}

fn matrix(name: &'static str, spectral_radius: f64, norm: f64) -> MatrixSize {
    MatrixSize {
        name,
        spectral_radius,
        norm,
    }
}

/// An LSTM whose total is r^(T - t), divided over the paths.
pub fn lstm(steps: usize, r: f64) -> Flow {
    let total: Vec<Wide> = (1..=steps).map(|t| power(r, steps - t)).collect();
    let five = [
        (Path::Carousel, 0.79, r),
        (Path::Block, 0.11, 0.9),
        (Path::Input, 0.05, 0.8),
        (Path::Forget, -0.03, 0.7),
        (Path::Output, 0.08, 0.25),
    ];
    let mut paths: Vec<PathFlow> = five
        .iter()
        .map(|&(path, part, alone)| {
            let part = |t: usize| -> f64 { if t == steps { 0.0 } else { part } };
            PathFlow {
                path,
                share: total
                    .iter()
                    .zip(1..)
                    .map(|(w, t)| scaled(*w, part(t).abs()))
                    .collect(),
                contribution: (1..=steps).map(part).collect(),
                alone: (1..=steps).map(|t| power(alone, steps - t)).collect(),
                without: Some(Totals {
                    grad_h: total.clone(),
                    grad_c: total
                        .iter()
                        .zip(1..)
                        .map(|(w, t)| scaled(*w, 1.0 - part(t)))
                        .collect(),
                }),
            }
        })
        .collect();
    let at_end = |t: usize| if t == steps { 1.0 } else { 0.0 };
    paths.push(PathFlow {
        path: Path::Loss,
        share: (1..=steps).map(|t| Wide::from_f64(at_end(t))).collect(),
        contribution: (1..=steps).map(at_end).collect(),
        alone: Vec::new(),
        without: None,
    });
    Flow {
        cell: CellKind::Lstm,
        hidden: 32,
        steps,
        grad_h0: total[0],
        grad_c0: Some(total[0]),
        totals: Totals {
            grad_h: total.clone(),
            grad_c: total,
        },
        paths,
        residual: vec![2.2e-16; steps],
        uncut: None,
        cut_sets: Vec::new(),
        loss: Wide::from_f64(0.0312),
        clipping: Clipping {
            before: Wide::from_f64(0.82),
            after: Wide::from_f64(0.82),
            angle_deg: Some(0.0),
            clipped: Vec::new(),
        },
        matrices: vec![
            matrix("block", 0.95, 1.31),
            matrix("input", 0.95, 1.28),
            matrix("forget", 0.95, 1.33),
            matrix("output", 0.95, 1.3),
        ],
        variant: Variant::Plain,
        carousel_gain: Vec::new(),
        carried: None,
        law: None,
        gates: vec![
            gate("block", steps, 0.02, 0.55),
            gate("input", steps, 0.5, 0.22),
            gate("forget", steps, 0.74, 0.12),
            gate("output", steps, 0.48, 0.2),
        ],
    }
}

/// A vanilla RNN whose total is r^(T - t).
pub fn rnn(steps: usize, r: f64) -> Flow {
    let total: Vec<Wide> = (1..=steps).map(|t| power(r, steps - t)).collect();
    let at_end = |t: usize| if t == steps { 1.0 } else { 0.0 };
    let path = |path, on: &dyn Fn(usize) -> f64| PathFlow {
        path,
        share: total
            .iter()
            .zip(1..)
            .map(|(w, t)| scaled(*w, on(t)))
            .collect(),
        contribution: (1..=steps).map(on).collect(),
        alone: if path == Path::Loss {
            Vec::new()
        } else {
            total.clone()
        },
        without: None,
    };
    let before = scaled(total[0], 1.1);
    Flow {
        cell: CellKind::Rnn,
        hidden: 32,
        steps,
        grad_h0: total[0],
        grad_c0: None,
        totals: Totals {
            grad_h: total.clone(),
            grad_c: Vec::new(),
        },
        paths: vec![
            path(Path::Recurrent, &|t| 1.0 - at_end(t)),
            path(Path::Loss, &at_end),
        ],
        residual: vec![0.0; steps],
        uncut: None,
        cut_sets: Vec::new(),
        loss: Wide::from_f64(1.27),
        clipping: Clipping {
            before,
            after: Wide::from_f64(5.0),
            angle_deg: Some(0.0),
            clipped: Vec::new(),
        },
        matrices: vec![matrix("recurrent", r, r)],
        variant: Variant::Plain,
        carousel_gain: Vec::new(),
        carried: None,
        law: None,
        gates: vec![gate("recurrent", steps, 0.05, 0.6)],
    }
}

/// The law of such a flow, in which one path alone keeps too little, or too much.
fn law(flow: &Flow) -> Law {
    let mean = Mean::of(&flow.carried());
    let alone = mean.factor.unwrap_or(Wide::ONE);
    let path = flow.paths[0].path;
    Law {
        factor: mean.factor,
        steps: flow.steps,
        gains: mean
            .gains
            .into_iter()
            .map(|(path, gain)| Gain {
                path,
                gain,
                without: None,
            })
            .collect(),
        kept: None,
        cause: match Verdict::of(alone.log10(), flow.steps) {
            Verdict::Stable => Cause::Nothing,
            Verdict::Vanishing => Cause::KeepsTooLittle { path, alone },
            Verdict::Exploding => Cause::KeepsTooMuch { path, alone },
        },
        keeping: Keeping::default(),
        spread: None,
        detached: None,
    }
}

fn preset(name: &str, title: &str) -> Preset {
    Preset {
        name: name.into(),
        title: title.into(),
        idea: "The cell state is multiplied by the forget gate alone, so a gate of one keeps the gradient for ever. \
               A gate of 0.99 keeps an eighth of it over two hundred steps."
            .into(),
        press: "F to raise the gate to 1, f to lower it again".into(),
        watch: "the carousel's bar, and the rate in the border".into(),
        source: "Hochreiter and Schmidhuber 1997; Gers et al. 2000".into(),
        settings: Settings::default(),
        speed: None,
        claims: Vec::new(),
    }
}

/// A state that shows both flows.
pub fn app_with(mut lstm: Flow, mut rnn: Flow) -> App {
    let steps = lstm.steps;
    lstm.law = Some(law(&lstm));
    rnn.law = Some(law(&rnn));
    let settings = Settings {
        steps,
        rho: Some(1.02),
        forget: ForgetGate::Pinned(0.99),
        ..Settings::default()
    };
    let norm_history = (0..120)
        .map(|k| [0.8 + 0.5 * (f64::from(k) / 7.0).sin(), 57.0])
        .collect();
    let presets = vec![
        preset("scalar", "The scalar power law"),
        preset("carousel", "The constant error carousel"),
        preset("forget-bias", "The forget bias, from 0 to 5"),
        preset("output-gate", "The path through the output gate"),
    ];
    let snapshot = Snapshot {
        settings: settings.clone(),
        cuts: PathSet::EMPTY,
        question: Question::Share,
        now: 1240,
        flows: [lstm, rnn],
        norm_history,
        clipped_steps: [0, 1040],
        live_steps: 1040,
    };
    App::new(
        settings.clone(),
        settings,
        "carousel".into(),
        presets,
        Depth::Rgb,
        ThemeName::Dark,
        Marker::Braille,
    )
    .with(|app| {
        app.sim.snapshot = Some(Arc::new(snapshot));
        app.focus.cursor = 137.min(steps);
        app.focus.control = Control::Radius;
        app.screens.settings.row = 3;
    })
}

/// The picture of the first page: an LSTM at 0.99, an RNN at 1.02, 200 steps.
pub fn app() -> App {
    app_with(lstm(200, 0.99), rnn(200, 1.02))
}
