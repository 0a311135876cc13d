//! What can be an axis: settings with the values that they take on the map.

use crate::app::state::App;
use crate::cell::ForgetGate;
use crate::sim::preset::limits::{self, Range};
use crate::sim::settings::{ClipMode, Signal};
use crate::sweep::Axis;

use super::state::Chosen;

/// A setting that can be an axis.
#[derive(Debug)]
pub struct Parameter {
    /// Its name as an axis.
    pub name: &'static str,
    values: Values,
}

#[derive(Debug)]
enum Values {
    /// From the first number in steps of the second, within a range.
    Even(f64, f64, Range),
    /// These.
    These(&'static [f64]),
}

/// The finest step of an axis.
const FINEST: f64 = 1e-4;

const fn even(name: &'static str, low: f64, step: f64, range: Range) -> Parameter {
    let values = Values::Even(low, step, range);
    Parameter { name, values }
}

const fn these(name: &'static str, values: &'static [f64]) -> Parameter {
    let values = Values::These(values);
    Parameter { name, values }
}

const BIAS: Range = limits::GATE_BIAS;

/// In the order in which the keys go through them; the first that fit are the axes at the start.
#[rustfmt::skip]
static ALL: [Parameter; 17] = [
    even("rho", 0.0, 0.05, limits::RHO),
    even("forget-bias", -1.0, 0.125, BIAS),
    even("forget", 0.81, 0.005, limits::PINNED),
    even("amplitude", 0.0, 0.05, Range::Real(0.0, 1000.0)),
    these("hidden", &[1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0, 48.0, 64.0, 96.0, 128.0]),
    these("steps", &[5.0, 10.0, 20.0, 30.0, 50.0, 70.0, 100.0, 150.0, 200.0, 300.0, 400.0, 500.0, 700.0, 1000.0]),
    even("rho-block", 0.0, 0.05, limits::RHO),
    even("rho-input", 0.0, 0.05, limits::RHO),
    even("rho-forget", 0.0, 0.05, limits::RHO),
    even("rho-output", 0.0, 0.05, limits::RHO),
    even("mix", 0.0, 0.015_625, Range::Real(0.0, 1.0)),
    even("peephole-size", 0.0, 0.02, Range::Real(0.0, 100.0)),
    even("gate-bias.block", -4.0, 0.125, BIAS),
    even("gate-bias.input", -4.0, 0.125, BIAS),
    even("gate-bias.output", -4.0, 0.125, BIAS),
    even("initial-c", -4.0, 0.125, Range::Real(-1000.0, 1000.0)),
    these("threshold", &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0]),
];

/// Values on the horizontal and on the vertical axis, where they are even. Every coarser grid of half as
/// many reaches both ends.
const COUNTS: [usize; 2] = [65, 49];

/// The axes that are shown, x and y.
///
/// # Errors
/// One sentence where the cell has no two settings to vary.
pub fn axes(app: &App) -> Result<[Axis; 2], String> {
    let [x, y] = shown(app).ok_or_else(|| {
        let cell = app.sim.settings.cell(app.focus.side).name();
        format!("of the {cell} in focus there are no two settings to vary")
    })?;
    let [of_x, of_y] = app.screens.phase.axes;
    Ok([x.axis(of_x, COUNTS[0])?, y.axis(of_y, COUNTS[1])?])
}

/// The parameters of the axes: those that were chosen, where they fit; the first others that do.
fn shown(app: &App) -> Option<[&'static Parameter; 2]> {
    let [x, y] = app.screens.phase.axes;
    let fitting = fitting(app);
    let named = |chosen: Chosen| fitting.iter().find(|its| chosen.name == Some(its.name));
    let wanted = named(y);
    let free = |taken: Option<&&'static Parameter>| {
        let mut others = fitting.iter();
        others.find(|its| taken.is_none_or(|taken| !taken.clashes(its)))
    };
    let x = named(x).or_else(|| free(wanted))?;
    let y = wanted.filter(|y| !y.clashes(x)).or_else(|| free(Some(x)))?;
    Some([x, y])
}

/// Those that change something of the cell in focus, the present mode of the forget gate first.
fn fitting(app: &App) -> Vec<&'static Parameter> {
    let settings = &app.sim.settings;
    let cell = settings.cell(app.focus.side);
    let pinned = !matches!(settings.forget, ForgetGate::Learned(_));
    let fits = |its: &&Parameter| {
        let means = match its.name {
            "hidden" => !app.hidden_is_fixed(),
            "mix" | "peephole-size" => app.sim.trained != Some(cell.kind),
            "amplitude" => settings.signal != Signal::Zero,
            "threshold" => settings.clip == ClipMode::Step,
            "initial-c" => cell.kind.spec().has_variants && app.sim.data.initial_c.is_none(),
            name if name.starts_with("gate-bias") => cell.kind.spec().has_variants,
            _ => true,
        };
        let axis = its.axis(Chosen::default(), 1);
        // A gate that can be learned may not be one that can be pinned.
        let mut there = settings.clone();
        means
            && axis.is_ok_and(|axis| {
                axis.apply(&mut there, 0);
                axis.check(cell, &there).is_ok()
            })
    };
    let mut fitting: Vec<&Parameter> = ALL.iter().filter(fits).collect();
    fitting.sort_by_key(|its| match its.name {
        "rho" => 0,
        "forget-bias" => 1 + u8::from(pinned),
        "forget" => 2 - u8::from(pinned),
        _ => 3,
    });
    fitting
}

/// The next parameter of an axis (0 is x): the name that it has then.
pub fn next(app: &App, which: usize, by: i32) -> Option<&'static str> {
    let shown = shown(app)?;
    let other = shown[1 - which];
    let mut choice = fitting(app);
    choice.retain(|its| !other.clashes(its));
    let now = choice
        .iter()
        .position(|its| its.name == shown[which].name)?;
    let count = i32::try_from(choice.len()).ok()?;
    let next = (i32::try_from(now).ok()? + by).rem_euclid(count);
    Some(choice[usize::try_from(next).ok()?].name)
}

/// The names of the parameters that are shown.
pub fn names(app: &App) -> [Option<&'static str>; 2] {
    shown(app).map_or([None; 2], |shown| shown.map(|its| Some(its.name)))
}

/// The spans of both axes, `n` times halved around the dot; `None` for an axis that cannot be.
pub fn zoomed(app: &App, n: i32) -> Option<[Option<(f64, f64)>; 2]> {
    let [x, y] = axes(app).ok()?;
    let shown = shown(app)?;
    let of = |k: usize, axis: &Axis| {
        let Values::Even(low, step, range) = shown[k].values else {
            return None;
        };
        let chosen = app.screens.phase.axes[k];
        let span = chosen.span.filter(|_| chosen.name == Some(shown[k].name));
        let (low, step) = span.unwrap_or((low, step));
        let count = (COUNTS[k] - 1) as f64;
        let here = axis.value(&app.sim.settings);
        let center = here.unwrap_or(low + step * count / 2.0);
        let finer = step / f64::from(n).exp2();
        let (least, most) = (*range.ends().start(), *range.ends().end());
        if finer < FINEST || finer * count > most - least {
            return None;
        }
        let first = (center / finer - count / 2.0).round();
        let first = first.clamp((least / finer).ceil(), (most / finer).floor() - count);
        Some((first * finer, finer))
    };
    Some([of(0, &x), of(1, &y)])
}

impl Parameter {
    /// Whether both set the same thing, or one the radius of all matrices and the other that of one: beside
    /// a radius of 0 no matrix can have another.
    fn clashes(&self, other: &Self) -> bool {
        let family = |its: &Self| its.name.split('-').next();
        let kin = family(self) == family(other) && self.name.starts_with(['f', 'r']);
        let one_each = self.name != "rho" && other.name != "rho" && self.name.starts_with("rho");
        self.name == other.name || kin && !one_each
    }

    fn axis(&self, chosen: Chosen, count: usize) -> Result<Axis, String> {
        // A span is that of the parameter it was made for.
        let span = chosen.span.filter(|_| chosen.name == Some(self.name));
        let values: Vec<f64> = match self.values {
            Values::Even(low, step, range) => {
                // More values must not lead out of its range.
                let most = *range.ends().end() - step * count.saturating_sub(1) as f64;
                let (low, step) = span.unwrap_or((low.min(most), step));
                (0..count).map(|k| low + k as f64 * step).collect()
            }
            Values::These(values) => values.to_vec(),
        };
        let text = |x: &f64| ((x * 1e9).round() / 1e9).to_string();
        let values: Vec<String> = values.iter().map(text).collect();
        Axis::parse(&format!("{}={}", self.name, values.join(",")))
    }
}
