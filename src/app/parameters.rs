//! The parameter list: every setting, one row each.

use std::ops::RangeInclusive;

use crate::app::action::Control;
use crate::app::controls::{self, CLIP_MODES};
use crate::app::{App, steps};
use crate::cell::{Activation, ForgetGate, Init};
use crate::sim::preset::limits::{CELLS, LARGEST_SEED, VARIANTS};
use crate::sim::settings::{LossKind, Signal};
use crate::sim::{Settings, Side};
use crate::words::value;

/// A row of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is, with its symbol.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// What it may be.
    pub range: String,
    /// What it does, in one sentence.
    pub help: &'static str,
    /// Whether it differs from the preset.
    pub changed: bool,
}

/// A setting that the list changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Parameter {
    Cell(Side),
    Variant(Side),
    Hidden,
    Steps,
    Inputs,
    Activation,
    Init,
    Radius,
    ScaleBlock,
    ScaleInput,
    ScaleForget,
    ScaleOutput,
    ForgetMode,
    ForgetValue,
    BiasBlock,
    BiasInput,
    BiasOutput,
    Peepholes,
    Signal,
    Amplitude,
    Loss,
    ClipMode,
    Threshold,
    Detach,
    InitialH,
    InitialC,
    Seed,
    Speed,
}

/// The speeds that keys step through, in steps per second.
pub const SPEEDS: [u32; 7] = [1, 2, 5, 10, 20, 30, 60];

const ACTIVATIONS: [(&str, Activation); 3] = [
    ("tanh", Activation::Tanh),
    ("relu", Activation::Relu),
    ("linear", Activation::Linear),
];
const INITS: [(&str, Init); 4] = [
    ("orthogonal", Init::Orthogonal),
    ("gaussian", Init::Gaussian),
    ("identity", Init::Identity),
    ("scalar", Init::Scalar),
];
const SIGNALS: [(&str, Signal); 6] = [
    ("noise", Signal::Noise),
    ("sine", Signal::Sine),
    ("impulse", Signal::Impulse),
    ("zero", Signal::Zero),
    ("text", Signal::Text),
    ("file", Signal::File),
];
const LOSSES: [(&str, LossKind); 3] = [
    ("last", LossKind::Last),
    ("sum", LossKind::Sum),
    ("mse", LossKind::Mse),
];
const SWITCH: [(&str, bool); 2] = [("off", false), ("on", true)];
const FORGET_MODES: [&str; 3] = ["learned", "pinned", "none"];

/// Where a parameter lives in the settings, by the kind of its value.
enum Slot<'a> {
    Count(&'a mut usize, RangeInclusive<usize>),
    /// The number, fine steps per unit, and its range.
    Real(&'a mut f64, u32, RangeInclusive<f64>),
    Choice(Box<dyn Choice + 'a>),
    ForgetMode(&'a mut ForgetGate),
    Control(Control),
    Seed(&'a mut u64),
    Speed(&'a mut u32),
}

/// A value out of a few named ones.
trait Choice {
    fn names(&self) -> Vec<&'static str>;
    fn index(&self) -> usize;
    fn choose(&mut self, index: usize);
}

struct OneOf<'a, T: 'static> {
    value: &'a mut T,
    list: &'static [(&'static str, T)],
}

impl<T: Copy + PartialEq> Choice for OneOf<'_, T> {
    fn names(&self) -> Vec<&'static str> {
        self.list.iter().map(|(name, _)| *name).collect()
    }
    fn index(&self) -> usize {
        let found = self.list.iter().position(|(_, v)| v == self.value);
        found.unwrap_or(0)
    }
    fn choose(&mut self, index: usize) {
        *self.value = self.list[index].1;
    }
}

fn one_of<'a, T: Copy + PartialEq>(
    value: &'a mut T,
    list: &'static [(&'static str, T)],
) -> Slot<'a> {
    Slot::Choice(Box::new(OneOf { value, list }))
}

impl Parameter {
    /// In order of the rows.
    pub const ALL: [Self; 30] = [
        Self::Cell(Side::Left),
        Self::Variant(Side::Left),
        Self::Cell(Side::Right),
        Self::Variant(Side::Right),
        Self::Hidden,
        Self::Steps,
        Self::Inputs,
        Self::Activation,
        Self::Init,
        Self::Radius,
        Self::ScaleBlock,
        Self::ScaleInput,
        Self::ScaleForget,
        Self::ScaleOutput,
        Self::ForgetMode,
        Self::ForgetValue,
        Self::BiasBlock,
        Self::BiasInput,
        Self::BiasOutput,
        Self::Peepholes,
        Self::Signal,
        Self::Amplitude,
        Self::Loss,
        Self::ClipMode,
        Self::Threshold,
        Self::Detach,
        Self::InitialH,
        Self::InitialC,
        Self::Seed,
        Self::Speed,
    ];

    /// The parameter of a row; the last one for a row beyond the list.
    #[must_use]
    pub fn at(row: usize) -> Self {
        Self::ALL[row.min(Self::ALL.len() - 1)]
    }

    /// The row of a control's value.
    #[must_use]
    pub fn row_of(control: Control) -> usize {
        let parameter = match control {
            Control::Forget => Self::ForgetValue,
            Control::Radius => Self::Radius,
            Control::Threshold => Self::Threshold,
        };
        let found = Self::ALL.iter().position(|p| *p == parameter);
        found.unwrap_or(0)
    }

    /// What it is, with its symbol, and what it does, in one sentence.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Cell(Side::Left) => (
                "left cell",
                "The cell that is shown on the left, or above; another kind starts over.",
            ),
            Self::Cell(Side::Right) => (
                "right cell",
                "The cell that is shown on the right, or below; another kind starts over.",
            ),
            Self::Variant(Side::Left) => (
                "left variant",
                "What the left LSTM has less or more, after Greff et al. 2015; another one starts over.",
            ),
            Self::Variant(Side::Right) => (
                "right variant",
                "What the right LSTM has less or more, after Greff et al. 2015; another one starts over.",
            ),
            Self::Hidden => ("hidden units H", "Units of each cell."),
            Self::Steps => ("window T", "Steps that the gradient flows back through."),
            Self::Inputs => ("inputs D", "Numbers that enter at each step."),
            Self::Activation => ("activation φ", "The RNN's h = φ(W x + R h + b)."),
            Self::Init => (
                "initialisation",
                "How recurrent matrices are drawn before they are scaled to ρ.",
            ),
            Self::Radius => (
                "spectral radius ρ",
                "The largest |eigenvalue| of every recurrent matrix.",
            ),
            Self::ScaleBlock => ("scale R_z", "Factor on the block input's matrix, beside ρ."),
            Self::ScaleInput => ("scale R_i", "Factor on the input gate's matrix, beside ρ."),
            Self::ScaleForget => ("scale R_f", "Factor on the forget gate's matrix, beside ρ."),
            Self::ScaleOutput => ("scale R_o", "Factor on the output gate's matrix, beside ρ."),
            Self::ForgetMode => (
                "forget gate",
                "Learned f = σ(…), pinned to a constant, or none: the cell of 1997.",
            ),
            Self::ForgetValue => (
                "forget value",
                "The learned gate's bias, or the pinned gate's f.",
            ),
            Self::BiasBlock => ("bias b_z", "Bias of the block input."),
            Self::BiasInput => ("bias b_i", "Bias of the input gate."),
            Self::BiasOutput => ("bias b_o", "Bias of the output gate."),
            Self::Peepholes => ("peepholes", "Whether the gates see c directly."),
            Self::Signal => ("signal", "What drives the stepping."),
            Self::Amplitude => ("amplitude", "Factor on the signal."),
            Self::Loss => (
                "loss",
                "last: v·h_T; sum: Σ v·h_t; mse: ½ Σ |h_t − y_t|², y = 0 unless given.",
            ),
            Self::ClipMode => (
                "clip mode",
                "norm and value clip the parameter gradients, step the δ on its way back.",
            ),
            Self::Threshold => ("clip threshold θ", "Where clipping begins."),
            Self::Detach => (
                "h-detach p",
                "How often the recurrent paths are blocked at a step, over draws; 0 is off.",
            ),
            Self::InitialH => ("initial h_0", "Every element of the first h."),
            Self::InitialC => ("initial c_0", "Every element of the first c."),
            Self::Seed => ("seed", "Decides weights, signal and loss vector."),
            Self::Speed => ("speed", "Steps per second while it runs."),
        }
    }

    fn slot(self, s: &mut Settings, has_sequence: bool) -> Slot<'_> {
        let signals = if has_sequence {
            &SIGNALS[..]
        } else {
            &SIGNALS[..SIGNALS.len() - 1]
        };
        let scale = |at| Slot::Real(at, 100, Settings::SCALE);
        let bias = |at| Slot::Real(at, 10, Settings::BIAS);
        match self {
            Self::Cell(side) => one_of(&mut s.cells[side.index()].kind, CELLS),
            Self::Variant(side) => one_of(&mut s.cells[side.index()].variant, VARIANTS),
            Self::Hidden => Slot::Count(&mut s.hidden, Settings::HIDDEN),
            Self::Steps => Slot::Count(&mut s.steps, Settings::STEPS),
            Self::Inputs => Slot::Count(&mut s.inputs, Settings::INPUTS),
            Self::Activation => one_of(&mut s.activation, &ACTIVATIONS),
            Self::Init => one_of(&mut s.init, &INITS),
            Self::Radius => Slot::Control(Control::Radius),
            Self::ScaleBlock => scale(&mut s.gate_scale.block),
            Self::ScaleInput => scale(&mut s.gate_scale.input),
            Self::ScaleForget => scale(&mut s.gate_scale.forget),
            Self::ScaleOutput => scale(&mut s.gate_scale.output),
            Self::ForgetMode => Slot::ForgetMode(&mut s.forget),
            Self::ForgetValue => Slot::Control(Control::Forget),
            Self::BiasBlock => bias(&mut s.gate_bias.block),
            Self::BiasInput => bias(&mut s.gate_bias.input),
            Self::BiasOutput => bias(&mut s.gate_bias.output),
            Self::Peepholes => one_of(&mut s.peepholes, &SWITCH),
            Self::Signal => one_of(&mut s.signal, signals),
            Self::Amplitude => Slot::Real(&mut s.amplitude, 10, Settings::AMPLITUDE),
            Self::Loss => one_of(&mut s.loss, &LOSSES),
            Self::ClipMode => one_of(&mut s.clip, &CLIP_MODES),
            Self::Threshold => Slot::Control(Control::Threshold),
            Self::Detach => Slot::Real(&mut s.detach, 100, Settings::DETACH),
            Self::InitialH => Slot::Real(&mut s.initial_h, 10, Settings::INITIAL),
            Self::InitialC => Slot::Real(&mut s.initial_c, 10, Settings::INITIAL),
            Self::Seed => Slot::Seed(&mut s.seed),
            Self::Speed => Slot::Speed(&mut s.speed),
        }
    }
}

/// The list as the screen shows it.
#[must_use]
pub fn rows(app: &App) -> Vec<Row> {
    let row = |parameter: Parameter| {
        let (name, help) = parameter.words();
        Row {
            name,
            value: value(app, parameter),
            range: range(app, parameter),
            help,
            changed: reset(app, parameter).is_ok_and(|settings| settings != app.sim.settings),
        }
    };
    Parameter::ALL.into_iter().map(row).collect()
}

/// Why the parameter cannot be changed, when it cannot.
#[must_use]
pub fn fixed(app: &App, parameter: Parameter) -> Option<&'static str> {
    match parameter {
        Parameter::Hidden if app.hidden_is_fixed() => Some("H is fixed by the trained weights"),
        Parameter::Variant(side) if !app.sim.settings.cell(side).kind.spec().has_variants => {
            Some("only an LSTM has variants")
        }
        Parameter::Inputs if app.sim.trained.is_some() => Some("D is fixed by the trained weights"),
        Parameter::Inputs if app.inputs_are_fixed() => Some("D is fixed by the input sequence"),
        _ => None,
    }
}

fn value(app: &App, parameter: Parameter) -> String {
    let mut settings = app.sim.settings.clone();
    match parameter.slot(&mut settings, app.sim.has_sequence) {
        Slot::Count(n, _) => n.to_string(),
        Slot::Real(x, per, _) => value::number(*x, if per == 100 { 2 } else { 1 }),
        Slot::Choice(choice) => choice.names()[choice.index()].to_owned(),
        Slot::ForgetMode(forget) => FORGET_MODES[forget_mode(*forget)].to_owned(),
        Slot::Control(Control::Radius) if app.sim.settings.rho.is_none() => "as trained".to_owned(),
        Slot::Control(Control::Radius) => {
            value::number(app.sim.settings.rho.unwrap_or_default(), 2)
        }
        Slot::Control(Control::Threshold) => value::sized(app.sim.settings.threshold),
        Slot::Control(Control::Forget) => match app.sim.settings.forget {
            ForgetGate::Learned(Some(bias)) => value::number(bias, 1),
            ForgetGate::Learned(None) => "as trained".to_owned(),
            ForgetGate::Pinned(f) => value::number(f, 2),
            ForgetGate::None => "1".to_owned(),
        },
        Slot::Seed(seed) => seed.to_string(),
        Slot::Speed(speed) => format!("{speed}/s"),
    }
}

/// What the parameter may be.
#[must_use]
pub fn range(app: &App, parameter: Parameter) -> String {
    if fixed(app, parameter).is_some() {
        return "fixed".to_owned();
    }
    let mut settings = app.sim.settings.clone();
    match parameter.slot(&mut settings, app.sim.has_sequence) {
        Slot::Count(_, range) => format!("{} to {}", range.start(), range.end()),
        Slot::Real(_, _, range) => value::range(&range),
        Slot::Choice(choice) => choice.names().join(", "),
        Slot::ForgetMode(_) => FORGET_MODES.join(", "),
        Slot::Control(control) => controls::range(&app.sim.settings, control),
        Slot::Seed(_) => format!("0 to {LARGEST_SEED}"),
        Slot::Speed(_) => {
            format!("{} to {}", Settings::SPEED.start(), Settings::SPEED.end())
        }
    }
}

/// The settings with the parameter `n` fine steps further. Named values go round; so many steps at
/// once are one.
///
/// # Errors
/// One sentence when it is at the end of its range or fixed.
pub fn step(app: &App, parameter: Parameter, n: i32) -> Result<Settings, String> {
    if let Some(why) = fixed(app, parameter) {
        return Err(why.to_owned());
    }
    let mut next = app.sim.settings.clone();
    match parameter.slot(&mut next, app.sim.has_sequence) {
        Slot::Control(control) => return controls::step(app, control, n),
        Slot::Count(count, range) => {
            let by = isize::try_from(n).unwrap_or(0);
            let moved = count.saturating_add_signed(by);
            *count = moved.clamp(*range.start(), *range.end());
        }
        Slot::Real(x, per, range) => *x = steps::linear(*x, n, per, &range),
        Slot::Choice(mut choice) => {
            let index = turn(choice.index(), n, choice.names().len());
            choice.choose(index);
        }
        Slot::ForgetMode(forget) => {
            *forget = in_mode(app, turn(forget_mode(*forget), n, FORGET_MODES.len()));
        }
        Slot::Seed(seed) => {
            *seed = seed.saturating_add_signed(i64::from(n)).min(LARGEST_SEED);
        }
        Slot::Speed(speed) => *speed = steps::ladder(*speed, n, &SPEEDS),
    }
    if next == app.sim.settings {
        let (name, _) = parameter.words();
        return Err(format!("{name}: the range is {}", range(app, parameter)));
    }
    Ok(next)
}

/// The settings with the parameter as the preset has it.
///
/// # Errors
/// One sentence when it is fixed.
pub fn reset(app: &App, parameter: Parameter) -> Result<Settings, String> {
    if let Some(why) = fixed(app, parameter) {
        return Err(why.to_owned());
    }
    let mut next = app.sim.settings.clone();
    let mut preset = app.sim.preset.clone();
    let from = parameter.slot(&mut preset, app.sim.has_sequence);
    match (parameter.slot(&mut next, app.sim.has_sequence), from) {
        (Slot::Count(to, _), Slot::Count(from, _)) => *to = *from,
        (Slot::Real(to, ..), Slot::Real(from, ..)) => *to = *from,
        (Slot::Choice(mut to), Slot::Choice(from)) => to.choose(from.index()),
        (Slot::ForgetMode(to), Slot::ForgetMode(from)) => *to = *from,
        (Slot::Seed(to), Slot::Seed(from)) => *to = *from,
        (Slot::Speed(to), Slot::Speed(from)) => *to = *from,
        // The list has a row of its own for the clip mode.
        (Slot::Control(Control::Threshold), _) => {
            return Ok(Settings {
                threshold: app.sim.preset.threshold,
                ..app.sim.settings.clone()
            });
        }
        (Slot::Control(control), _) => return Ok(controls::reset(app, control)),
        _ => {}
    }
    Ok(next)
}

/// What may be typed for the parameter.
#[must_use]
pub fn typed_range(app: &App, parameter: Parameter) -> String {
    let mut settings = app.sim.settings.clone();
    match parameter.slot(&mut settings, app.sim.has_sequence) {
        Slot::Control(control) => controls::typed_range(app, control),
        Slot::Choice(_) | Slot::ForgetMode(_) => {
            format!("one of {}", range(app, parameter))
        }
        Slot::Real(..) => format!("a number from {}", range(app, parameter)),
        Slot::Count(..) | Slot::Seed(_) | Slot::Speed(_) => {
            format!("a whole number from {}", range(app, parameter))
        }
    }
}

/// The settings with a typed value for the parameter.
///
/// # Errors
/// One sentence: what is allowed, and what was typed.
pub fn parse(app: &App, parameter: Parameter, text: &str) -> Result<Settings, String> {
    if let Some(why) = fixed(app, parameter) {
        return Err(why.to_owned());
    }
    let text = text.trim();
    let (name, _) = parameter.words();
    let refuse = || steps::refusal(name, &typed_range(app, parameter), text);
    let mut next = app.sim.settings.clone();
    match parameter.slot(&mut next, app.sim.has_sequence) {
        Slot::Control(control) => return controls::parse(app, control, text),
        Slot::Count(count, range) => {
            let typed = text.parse().ok().filter(|n| range.contains(n));
            *count = typed.ok_or_else(refuse)?;
        }
        Slot::Real(x, _, range) => {
            *x = steps::parse(name, text, &range).map_err(|_| refuse())?;
        }
        Slot::Choice(mut choice) => {
            let index = choice.names().iter().position(|n| *n == text);
            choice.choose(index.ok_or_else(refuse)?);
        }
        Slot::ForgetMode(forget) => {
            let index = FORGET_MODES.iter().position(|n| *n == text);
            *forget = in_mode(app, index.ok_or_else(refuse)?);
        }
        Slot::Seed(seed) => {
            let typed = text.parse().ok().filter(|n| *n <= LARGEST_SEED);
            *seed = typed.ok_or_else(refuse)?;
        }
        Slot::Speed(speed) => {
            let typed = text.parse().ok().filter(|n| Settings::SPEED.contains(n));
            *speed = typed.ok_or_else(refuse)?;
        }
    }
    Ok(next)
}

/// One place on in a round of `len`, in the direction of `n`.
fn turn(index: usize, n: i32, len: usize) -> usize {
    match n.signum() {
        1 => (index + 1) % len,
        -1 => (index + len - 1) % len,
        _ => index,
    }
}

const fn forget_mode(forget: ForgetGate) -> usize {
    match forget {
        ForgetGate::Learned(_) => 0,
        ForgetGate::Pinned(_) => 1,
        ForgetGate::None => 2,
    }
}

/// The forget gate in a mode, with f where it was as far as the mode allows.
fn in_mode(app: &App, mode: usize) -> ForgetGate {
    match mode {
        0 => controls::learned(app),
        1 => controls::pinned(app.sim.settings.forget),
        _ => ForgetGate::None,
    }
}

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "steps are exact decimals")]
mod tests;
