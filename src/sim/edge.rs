//! The edge between vanishing and exploding: the value of one setting at which the gradient of a
//! window neither grows nor shrinks, r = 1.
//!
//! First a bracket: from the present value, trials go out in both directions in steps that double
//! up to a limit, until r passes 1 between two neighbours, or the range of the setting ends. Then the bracket is
//! narrowed, by the secant through its ends where that helps (Illinois' rule), by halves where it
//! does not. Nothing is assumed about how r depends on the setting: where it is not monotone, one of
//! its crossings is found, mostly the nearest; where it jumps over 1, the jump is found and called one.

mod tune;

use std::ops::RangeInclusive;

pub use self::tune::{Request, Spread, tune};
use super::{CellChoice, Settings};
use crate::cell::ForgetGate;
use crate::cell::spec::Recurrence;
use crate::num::Wide;
use crate::sim::preset::limits;

/// |ln r| up to this is an edge of the window that is tuned.
pub const NEAR: f64 = 1e-12;
/// A bracket narrower than this part of its values cannot be narrowed further.
const NARROW: f64 = 1e-14;
/// At a bracket that narrow, |ln r| above this is a jump over the edge, not rounding.
const JUMP: f64 = 1e-7;
/// So often a direction is tried again nearer when nothing could be measured farther out.
const RETRIES: usize = 8;
/// The widest step between two trials on the way out, in first steps.
const STRIDE: f64 = 16.0;

/// A setting that can be tuned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Knob {
    /// The spectral radius of all recurrent matrices.
    Radius,
    /// The factor on R_z.
    ScaleBlock,
    /// The factor on R_i.
    ScaleInput,
    /// The factor on R_f.
    ScaleForget,
    /// The factor on R_o.
    ScaleOutput,
    /// The bias of the learned forget gate.
    ForgetBias,
    /// The value of the pinned forget gate.
    ForgetValue,
}

impl Knob {
    /// What it is called, with its symbol.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Radius => "spectral radius ρ",
            Self::ScaleBlock => "scale R_z",
            Self::ScaleInput => "scale R_i",
            Self::ScaleForget => "scale R_f",
            Self::ScaleOutput => "scale R_o",
            Self::ForgetBias => "forget bias",
            Self::ForgetValue => "forget gate f",
        }
    }

    /// Whether the setting has an effect on a cell.
    pub fn turns(self, cell: CellChoice, forget: ForgetGate) -> bool {
        let spec = cell.kind.spec();
        match self {
            Self::Radius => spec.recurrence != Recurrence::None,
            Self::ForgetBias | Self::ForgetValue => cell.takes_forget(forget),
            _ => spec.has_variants,
        }
    }

    /// The values that are allowed.
    pub const fn range(self) -> RangeInclusive<f64> {
        match self {
            Self::Radius => limits::RHO.ends(),
            Self::ForgetBias => limits::GATE_BIAS.ends(),
            Self::ForgetValue => limits::PINNED.ends(),
            _ => limits::GATE_SCALE.ends(),
        }
    }

    /// Settings with this value.
    pub fn applied(self, settings: &Settings, value: f64) -> Settings {
        let mut next = settings.clone();
        match self {
            Self::Radius => next.rho = Some(value),
            Self::ScaleBlock => next.gate_scale.block = value,
            Self::ScaleInput => next.gate_scale.input = value,
            Self::ScaleForget => next.gate_scale.forget = value,
            Self::ScaleOutput => next.gate_scale.output = value,
            Self::ForgetBias => next.forget = ForgetGate::Learned(Some(value)),
            Self::ForgetValue => next.forget = ForgetGate::Pinned(value),
        }
        next
    }

    /// The value `steps` first steps away from `from`: about 5 % of a radius or a factor, 0.1 of a
    /// bias, 0.01 of a gate; within the range.
    fn stepped(self, from: f64, steps: f64) -> f64 {
        /// Below this, factors are stepped linearly, so that a search can begin at 0.
        const SMALL: f64 = 0.01;
        let to = match self {
            Self::ForgetBias => from + 0.1 * steps,
            Self::ForgetValue => from + 0.01 * steps,
            _ => SMALL * ((from / SMALL).asinh() + 0.05 * steps).sinh(),
        };
        to.clamp(*self.range().start(), *self.range().end())
    }
}

/// One measured value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    /// The value of the setting.
    pub value: f64,
    /// ln r of the window under it; −∞ where |δ_1| is exactly zero. `None` where there is no r: the
    /// state left the range of numbers, or δ_T is zero.
    pub log_r: Option<f64>,
}

impl Trial {
    /// r.
    pub fn r(self) -> Option<f64> {
        self.log_r.map(f64::exp)
    }
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// r is 1 here, to rounding.
    Found(Trial),
    /// r jumps over 1 between these neighbours, of which the first is the nearer to 1.
    Jump(Trial, Trial),
    /// r stays on one side of 1 from the lowest to the highest value that could be measured.
    NoCrossing(Trial, Trial),
    /// There is no r where the search was to begin.
    NoBeginning,
}

impl Outcome {
    /// The value to take, if there is one.
    pub const fn value(self) -> Option<f64> {
        match self {
            Self::Found(trial) | Self::Jump(trial, _) => Some(trial.value),
            Self::NoCrossing(..) | Self::NoBeginning => None,
        }
    }
}

/// A search, from its first trial to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// What is tuned.
    pub knob: Knob,
    /// All trials, in their order.
    pub trials: Vec<Trial>,
    /// The two neighbours between which r passes 1, the lower value first.
    pub bracket: Option<(Trial, Trial)>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// Where the edge is on several windows, where these differ.
    pub spread: Option<Spread>,
    /// |δ_T| and |δ_1| at the edge that was found.
    pub ends: Option<[Wide; 2]>,
}

/// Measures ln r under a value of the setting, as [`Trial::log_r`] has it.
pub type Measure<'a, E> = &'a mut dyn FnMut(f64) -> Result<Option<f64>, E>;

/// Searches to |ln r| ≤ `near` from `start`, which must be within the knob's range; `told` hears of every trial.
///
/// # Errors
/// An error of `measure` ends the search and is returned.
pub fn search<E>(
    near: f64,
    (knob, start): (Knob, f64),
    measure: Measure<E>,
    told: &mut dyn FnMut(&Search),
) -> Result<Search, E> {
    let mut run = Searching {
        search: Search {
            knob,
            trials: Vec::new(),
            bracket: None,
            outcome: None,
            spread: None,
            ends: None,
        },
        near,
        measure,
        told,
    };
    let outcome = run.outcome(start)?;
    run.search.outcome = Some(outcome);
    Ok(run.search)
}

/// A trial with a finite or infinite ln r.
#[derive(Clone, Copy)]
struct Known {
    value: f64,
    log_r: f64,
}

impl Known {
    const fn trial(self) -> Trial {
        Trial {
            value: self.value,
            log_r: Some(self.log_r),
        }
    }
}

/// One direction of the way out.
struct Way {
    /// +1 or −1.
    sign: f64,
    /// The farthest trial.
    last: Known,
    /// First steps from the start to the next trial.
    steps: f64,
    /// Where nothing could be measured, and how often it has been tried nearer.
    wall: Option<f64>,
    retries: usize,
    ended: bool,
}

struct Searching<'a, 'b, E> {
    search: Search,
    /// |ln r| up to this is an edge.
    near: f64,
    measure: Measure<'a, E>,
    told: &'b mut dyn FnMut(&Search),
}

impl<E> Searching<'_, '_, E> {
    fn outcome(&mut self, start: f64) -> Result<Outcome, E> {
        let Some(start) = self.trial(start)? else {
            return Ok(Outcome::NoBeginning);
        };
        if start.log_r.abs() <= self.near {
            return Ok(Outcome::Found(start.trial()));
        }
        // More of every knob is more of a gradient, as a rule: the likelier direction goes first.
        let sign = -start.log_r.signum();
        let mut ways = [sign, -sign].map(|sign| Way {
            sign,
            last: start,
            steps: 1.0,
            wall: None,
            retries: 0,
            ended: false,
        });
        while ways.iter().any(|way| !way.ended) {
            for way in &mut ways {
                if let Some((a, b)) = self.go(start, way)? {
                    return self.narrow(a, b);
                }
            }
        }
        let [a, b] = ways.map(|way| way.last);
        let (low, high) = if a.value <= b.value { (a, b) } else { (b, a) };
        Ok(Outcome::NoCrossing(low.trial(), high.trial()))
    }

    /// One trial farther out; the last two when r passes 1 between them.
    fn go(&mut self, start: Known, way: &mut Way) -> Result<Option<(Known, Known)>, E> {
        if way.ended {
            return Ok(None);
        }
        let knob = self.search.knob;
        let value = match way.wall {
            Some(wall) => way.last.value.midpoint(wall),
            None => knob.stepped(start.value, way.sign * way.steps),
        };
        if same(value, way.last.value) {
            way.ended = true;
            return Ok(None);
        }
        let Some(trial) = self.trial(value)? else {
            way.wall = Some(value);
            way.retries += 1;
            way.ended = way.retries > RETRIES;
            return Ok(None);
        };
        let before = std::mem::replace(&mut way.last, trial);
        if trial.log_r.abs() <= self.near || (trial.log_r < 0.0) != (before.log_r < 0.0) {
            return Ok(Some((before, trial)));
        }
        way.retries += usize::from(way.wall.is_some());
        way.ended = way.retries > RETRIES;
        way.steps += way.steps.min(STRIDE);
        Ok(None)
    }

    /// Narrows a bracket.
    fn narrow(&mut self, a: Known, b: Known) -> Result<Outcome, E> {
        let (mut low, mut high) = if a.value < b.value { (a, b) } else { (b, a) };
        // What the secant sees; an end that stays twice is halved in it.
        let mut seen = (low.log_r, high.log_r);
        let mut stayed = 0i32;
        let mut width = high.value - low.value;
        let mut slow = 0;
        loop {
            self.search.bracket = Some((low.trial(), high.trial()));
            (self.told)(&self.search);
            let best = if low.log_r.abs() <= high.log_r.abs() {
                (low, high)
            } else {
                (high, low)
            };
            if best.0.log_r.abs() <= self.near {
                return Ok(Outcome::Found(best.0.trial()));
            }
            let middle = low.value.midpoint(high.value);
            let secant = low.value - seen.0 * (high.value - low.value) / (seen.1 - seen.0);
            let inside = secant > low.value && secant < high.value;
            // Of three secants that do not halve the bracket together, the next one is a half.
            let value = if inside && slow < 3 { secant } else { middle };
            let narrow = high.value - low.value <= NARROW * high.value.abs().max(low.value.abs());
            let known = if narrow || value <= low.value || value >= high.value {
                None
            } else {
                self.trial(value)?
            };
            let Some(trial) = known else {
                let (near, far) = (best.0.trial(), best.1.trial());
                return Ok(if best.0.log_r.abs() <= JUMP {
                    Outcome::Found(near)
                } else {
                    Outcome::Jump(near, far)
                });
            };
            if (trial.log_r < 0.0) == (low.log_r < 0.0) {
                low = trial;
                seen.0 = trial.log_r;
                if stayed > 0 {
                    seen.1 /= 2.0;
                }
                stayed = 1;
            } else {
                high = trial;
                seen.1 = trial.log_r;
                if stayed < 0 {
                    seen.0 /= 2.0;
                }
                stayed = -1;
            }
            slow += 1;
            if high.value - low.value <= width / 2.0 {
                width = high.value - low.value;
                slow = 0;
            }
        }
    }

    fn trial(&mut self, value: f64) -> Result<Option<Known>, E> {
        let log_r = (self.measure)(value)?.filter(|log_r| !log_r.is_nan());
        self.search.trials.push(Trial { value, log_r });
        (self.told)(&self.search);
        Ok(log_r.map(|log_r| Known { value, log_r }))
    }
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() <= NARROW * a.abs().max(b.abs())
}

#[cfg(test)]
mod tests;
