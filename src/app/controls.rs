//! The three controls of the main screen: forget gate, spectral radius, clipping threshold.

use crate::app::action::Control;
use crate::app::{Action, App, steps};
use crate::cell::{CellKind, ForgetGate};
use crate::flow::MatrixSize;
use crate::sim::Side;
use crate::sim::preset::limits::{self, CLIP_MODES, Range};
use crate::sim::settings::ClipMode;
use crate::sim::{CellChoice, Settings, Snapshot};
use crate::words::{short, value};

/// A control as the screen shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// What it is.
    pub name: &'static str,
    /// The keys that lower and raise it, as they are shown.
    pub keys: String,
    /// Its value and mode, with a symbol.
    pub value: String,
    /// Where the value stands, 0 to 1. The forget gate is shown by f itself (σ(b) when learned)
    /// over 0 to 1.05, the radius by ρ/(1 + ρ), so that 1 is the middle, and θ by its logarithm.
    pub fraction: f64,
    /// The allowed range.
    pub range: String,
    /// What the user should know about this value.
    pub warning: Option<Warning>,
}

/// What the user should know about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warning {
    /// With the reason.
    pub words: &'static str,
    /// What it means, where there is no room for more.
    pub short: &'static str,
}

impl Control {
    /// In order of their place on the screen.
    pub const ALL: [Self; 3] = [Self::Forget, Self::Radius, Self::Threshold];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Forget => "forget gate",
            Self::Radius => "spectral radius",
            Self::Threshold => "clip",
        }
    }
}

/// The control as the screen shows it.
pub fn view(app: &App, control: Control) -> View {
    let settings = &app.sim.settings;
    let (value, fraction) = match control {
        Control::Forget => {
            let fraction = gate(settings.forget) / limits::PINNED.ends().end();
            (forget_value(app), fraction)
        }
        Control::Radius => {
            let rho = settings.rho.or_else(|| measured_radius(app));
            let sizes = |rho| format!("ρ {}{}", value::number(rho, 3), stretch(app, rho));
            let value = match (settings.rho, rho) {
                (Some(rho), _) => sizes(rho),
                // Two models of the user's have two.
                (None, Some(rho)) if app.sim.data.against.is_none() => {
                    let stretch = stretch(app, rho);
                    format!("ρ {}{stretch} {}", short::number(rho), as_made(app))
                }
                (None, _) => as_made(app).to_owned(),
            };
            let rho = rho.unwrap_or(0.0);
            (value, rho / (1.0 + rho))
        }
        Control::Threshold => {
            let (low, high) = (
                limits::THRESHOLD.ends().start().log10(),
                limits::THRESHOLD.ends().end().log10(),
            );
            let place = (settings.threshold.log10() - low) / (high - low);
            (clip_value(settings), place)
        }
    };
    View {
        name: control.name(),
        keys: app
            .keymap
            .shown_on(|action| matches!(action, Action::Change(changed, _) if changed == control)),
        value,
        fraction: fraction.clamp(0.0, 1.0),
        range: range(settings, control),
        warning: warning(app, control),
    }
}

/// The range that the control's value is in now.
pub fn range(settings: &Settings, control: Control) -> String {
    match (control, settings.forget) {
        (Control::Forget, ForgetGate::Learned(_)) => limits::GATE_BIAS.span(),
        (Control::Forget, _) => limits::PINNED.span(),
        (Control::Radius, _) => limits::RHO.span(),
        (Control::Threshold, _) => limits::THRESHOLD.span(),
    }
}

/// What may be typed for the control.
pub fn typed_range(app: &App, control: Control) -> String {
    let range = range(&app.sim.settings, control);
    match control {
        Control::Forget => match app.sim.settings.forget {
            ForgetGate::Learned(_) => format!("a bias from {range}, pinned:F or none"),
            ForgetGate::Pinned(_) | ForgetGate::None => {
                format!("a number from {range}, learned:BIAS or none")
            }
        },
        Control::Radius => format!("a number from {range}, or {}", unset(app)),
        Control::Threshold => {
            format!("a number from {range}, off, norm, value, step or MODE:θ")
        }
    }
}

/// The settings with the control `n` fine steps further.
///
/// # Errors
/// One sentence when it is at the end of its range.
pub fn step(app: &App, control: Control, n: i32) -> Result<Settings, String> {
    let mut next = app.sim.settings.clone();
    match control {
        Control::Forget => next.forget = step_forget(app, n),
        Control::Radius => {
            let (_, rho) = app.radius();
            next.rho = Some(steps::linear(rho, n, 100, &limits::RHO.ends()));
        }
        // The first press shows the threshold; only the next one moves it.
        Control::Threshold if next.clip == ClipMode::Off => next.clip = ClipMode::Norm,
        Control::Threshold => {
            next.threshold = steps::decades(next.threshold, n, &limits::THRESHOLD.ends());
        }
    }
    if next == app.sim.settings {
        let range = range(&app.sim.settings, control);
        return Err(format!("{}: the range is {range}", control.name()));
    }
    Ok(next)
}

/// The settings with the control as the preset has it.
pub fn reset(app: &App, control: Control) -> Settings {
    let mut next = app.sim.settings.clone();
    match control {
        Control::Forget => next.forget = app.sim.preset.forget,
        Control::Radius => next.rho = app.sim.preset.rho,
        Control::Threshold => {
            next.clip = app.sim.preset.clip;
            next.threshold = app.sim.preset.threshold;
        }
    }
    next
}

/// The settings with a typed value for the control.
///
/// # Errors
/// One sentence: what is allowed, and what was typed.
pub fn parse(app: &App, control: Control, text: &str) -> Result<Settings, String> {
    let mut next = app.sim.settings.clone();
    let text = text.trim();
    let number = |range: Range, number: &str| {
        let refuse = |_| steps::refusal(control.name(), &typed_range(app, control), text);
        range.parse(number).map_err(refuse)
    };
    let (word, value) = match text.split_once(':') {
        Some((word, value)) => (word.trim(), Some(value)),
        None => (text, None),
    };
    match control {
        Control::Forget => {
            next.forget = match (word, value) {
                ("none", None) => ForgetGate::None,
                ("learned", None) => learned(app),
                ("learned", Some(bias)) => {
                    ForgetGate::Learned(Some(typed("forget bias", bias, limits::GATE_BIAS)?))
                }
                ("pinned", None) => pinned(app.sim.settings.forget),
                ("pinned", Some(f)) => {
                    ForgetGate::Pinned(typed("pinned forget gate", f, limits::PINNED)?)
                }
                _ => match next.forget {
                    ForgetGate::Learned(_) => {
                        ForgetGate::Learned(Some(number(limits::GATE_BIAS, text)?))
                    }
                    ForgetGate::Pinned(_) | ForgetGate::None => {
                        ForgetGate::Pinned(number(limits::PINNED, text)?)
                    }
                },
            };
        }
        Control::Radius if text == unset(app) => next.rho = None,
        Control::Radius => {
            next.rho = Some(number(limits::RHO, text)?);
        }
        Control::Threshold => {
            let mode = CLIP_MODES.iter().find(|(name, _)| *name == word);
            let value = if mode.is_some() { value } else { Some(text) };
            if let Some(value) = value {
                next.threshold = number(limits::THRESHOLD, value)?;
            }
            next.clip = match (mode, next.clip) {
                (Some((_, mode)), _) => *mode,
                (None, ClipMode::Off) => ClipMode::Norm,
                (None, mode) => mode,
            };
        }
    }
    Ok(next)
}

/// A typed number of a mode.
fn typed(name: &str, text: &str, range: Range) -> Result<f64, String> {
    let typed = range.parse(text);
    typed.map_err(|_| steps::refusal(name, &range.span(), text))
}

/// The forget gate `n` fine steps further. A gate that is not there is stepped from f = 1 and is
/// pinned from then on; a learned gate as trained is stepped from the bias that gives its mean f.
fn step_forget(app: &App, n: i32) -> ForgetGate {
    let (_, now) = app.forget();
    match app.sim.settings.forget {
        ForgetGate::Learned(_) => {
            ForgetGate::Learned(Some(steps::linear(now, n, 10, &limits::GATE_BIAS.ends())))
        }
        ForgetGate::Pinned(_) | ForgetGate::None => {
            ForgetGate::Pinned(steps::linear(now, n, 100, &limits::PINNED.ends()))
        }
    }
}

/// The forget gate pinned to where it is now, as near as two decimals allow.
pub(super) fn pinned(now: ForgetGate) -> ForgetGate {
    ForgetGate::Pinned(match now {
        ForgetGate::Learned(_) => (gate(now) * 100.0).round() / 100.0,
        ForgetGate::Pinned(_) | ForgetGate::None => gate(now),
    })
}

/// The f of a forget gate, as far as its bias says.
fn gate(forget: ForgetGate) -> f64 {
    match forget {
        ForgetGate::Learned(bias) => 1.0 / (1.0 + (-bias.unwrap_or(1.0)).exp()),
        ForgetGate::Pinned(f) => f,
        ForgetGate::None => 1.0,
    }
}

/// The forget gate learned: as the preset has it when that is learned too, otherwise with the bias
/// that gives its present f, as near as one decimal allows.
pub(super) fn learned(app: &App) -> ForgetGate {
    match (app.sim.settings.forget, app.sim.preset.forget) {
        (now @ ForgetGate::Learned(_), _) => now,
        (_, preset @ ForgetGate::Learned(_)) => preset,
        (ForgetGate::Pinned(f), _) => ForgetGate::Learned(Some(bias_of(f))),
        (ForgetGate::None, _) => ForgetGate::Learned(Some(bias_of(1.0))),
    }
}

/// σ⁻¹(f) to one decimal, with f kept 0.01 away from 0 and 1.
fn bias_of(f: f64) -> f64 {
    let f = f.clamp(0.01, 0.99);
    ((f / (1.0 - f)).ln() * 10.0).round() / 10.0
}

/// The bias that alone would give the forget gate its mean over the present window.
pub(super) fn measured_bias(app: &App) -> Option<f64> {
    let snapshot = app.sim.snapshot.as_ref()?;
    let gates = snapshot.flows.iter().flat_map(|flow| &flow.gates);
    let track = gates.into_iter().find(|g| g.name == "forget")?;
    let sum: f64 = track.mean.iter().sum();
    let mean = sum / track.mean.len() as f64;
    mean.is_finite().then(|| bias_of(mean))
}

/// The largest spectral radius of the present matrices: of trained ones, where they are shown.
pub(super) fn measured_radius(app: &App) -> Option<f64> {
    largest(app, |m| m.spectral_radius)
}

/// ` σ 1.92`, the largest singular value beside a radius that says less: where one step stretches by
/// more than that, since the matrix is not normal.
fn stretch(app: &App, rho: f64) -> String {
    let ratio = largest(app, |m| m.norm).zip(measured_radius(app));
    let ratio = ratio.map_or(1.0, |(norm, radius)| norm / radius);
    let sigma = rho * ratio;
    if ratio > 1.01 && (1e-3..1e6).contains(&sigma) {
        format!(" σ {sigma:.*}", if sigma < 1.0 { 3 } else { 2 })
    } else {
        String::new()
    }
}

/// The largest of a size of the matrices that [`measured_radius`] is of.
fn largest(app: &App, size: impl Fn(&MatrixSize) -> f64) -> Option<f64> {
    let flows = &app.sim.snapshot.as_ref()?.flows;
    let sides = Side::BOTH.into_iter().zip(flows);
    let shown = sides.filter(|(side, _)| !app.owns_one() || app.owns(*side));
    let shown = shown.map(|(_, flow)| flow);
    let sizes = shown.flat_map(|flow| &flow.matrices).map(size);
    sizes.filter(|size| size.is_finite()).reduce(f64::max)
}

/// What leaves a number as it is in the weights: `drawn`, or `trained`.
const fn unset(app: &App) -> &'static str {
    if app.sim.trained.is_some() {
        "trained"
    } else {
        "drawn"
    }
}

/// What such a number is called.
pub(super) const fn as_made(app: &App) -> &'static str {
    if app.sim.trained.is_some() {
        "as trained"
    } else {
        "as drawn"
    }
}

fn forget_value(app: &App) -> String {
    match app.sim.settings.forget {
        ForgetGate::Learned(Some(bias)) => format!("bias {}", value::number(bias, 1)),
        ForgetGate::Learned(None) => as_made(app).to_owned(),
        ForgetGate::Pinned(f) => format!("{} pinned", value::number(f, 3)),
        ForgetGate::None => "none: f = 1".to_owned(),
    }
}

fn clip_value(settings: &Settings) -> String {
    let name = limits::word(CLIP_MODES, &settings.clip);
    match settings.clip {
        ClipMode::Off => name.to_owned(),
        _ => format!("{name} θ {}", value::sized(settings.threshold)),
    }
}

/// Whether the present matrices are scaled by a ρ above 0, and have radius 0 all the same.
fn has_no_radius(app: &App) -> bool {
    let scaled = |s: &Snapshot| s.settings.rho != Some(0.0);
    app.sim.snapshot.as_deref().is_some_and(scaled) && measured_radius(app) == Some(0.0)
}

fn warning(app: &App, control: Control) -> Option<Warning> {
    let settings = &app.sim.settings;
    let none = |has: &dyn Fn(&CellChoice) -> bool| !settings.cells.iter().any(has);
    let (words, short) = match (control, settings.forget) {
        (Control::Forget, forget) if none(&|cell| cell.takes_forget(forget)) => {
            match settings.side_of(CellKind::Lstm) {
                None => ("no lstm: no effect", "no effect"),
                Some(_) => ("no such gate: no effect", "no effect"),
            }
        }
        (Control::Forget, ForgetGate::Pinned(f)) if f > 1.0 => {
            ("beyond any sigmoid", "beyond any σ")
        }
        (Control::Radius, _) if has_no_radius(app) => {
            ("all eigenvalues are 0: not scaled", "not scaled")
        }
        // ρ scales recurrent matrices, or the λ of an LRU.
        (Control::Radius, _) if none(&|cell| !cell.kind.spec().matrices.is_empty()) => {
            ("no recurrent matrix: no effect", "no effect")
        }
        _ => return None,
    };
    Some(Warning { words, short })
}

#[cfg(test)]
mod tests;
