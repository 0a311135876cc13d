//! What is measured of one window of a sweep.

use std::sync::Arc;

use super::Spec;
use crate::cell::{Path, PathSet};
use crate::flow::Cause;
use crate::num::Wide;
use crate::sim::{Settings, Side, SimError, Simulation};

/// One window in four numbers. What there is no number for is NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// r, the factor per step.
    pub factor_per_step: f64,
    /// log10 of rᵀ, the factor over the window; −∞ where nothing is left.
    pub log10_growth: f64,
    /// λ_1 = 1/T ln σ_1 of ∂s_T/∂s_0, the largest finite-time Lyapunov exponent.
    pub lyapunov_max: f64,
    /// Why it grows or dies out.
    pub why: Why,
}

/// Why a gradient grows or dies out, as in [`Cause`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// There is no r: the state left the range of numbers, or no gradient enters at T.
    Undefined,
    /// These paths; none where it neither grows nor dies out.
    Paths(PathSet),
}

impl Point {
    /// Where nothing can be measured.
    const UNDEFINED: Self = Self {
        factor_per_step: f64::NAN,
        log10_growth: f64::NAN,
        lyapunov_max: f64::NAN,
        why: Why::Undefined,
    };
}

impl Why {
    const NONE: &str = "none";
    const UNDEFINED: &str = "undefined";

    /// The names of the paths with `+` between them, `none` or `undefined`.
    pub fn text(self) -> String {
        match self {
            Self::Undefined => Self::UNDEFINED.to_owned(),
            Self::Paths(set) if set.is_empty() => Self::NONE.to_owned(),
            Self::Paths(set) => {
                let names: Vec<&str> = set.paths().map(Path::name).collect();
                names.join("+")
            }
        }
    }

    /// Reads what [`Why::text`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            Self::UNDEFINED => Some(Self::Undefined),
            Self::NONE => Some(Self::Paths(PathSet::EMPTY)),
            names => {
                let path = |name| Path::ALL.into_iter().find(|path| path.name() == name);
                let paths: Option<Vec<Path>> = names.split('+').map(path).collect();
                paths.map(|paths| Self::Paths(PathSet::of(&paths)))
            }
        }
    }
}

impl From<&Cause> for Why {
    fn from(cause: &Cause) -> Self {
        Self::Paths(PathSet::of(cause.paths()))
    }
}

/// Computes one point after the other, and keeps the matrices that were drawn for the last, and memory.
#[derive(Debug, Default)]
pub struct Computer {
    simulation: Option<Simulation>,
    memory: Vec<f64>,
}

impl Computer {
    /// The window of a seed at a point. It depends on nothing that was computed before.
    ///
    /// # Errors
    /// `Cancelled` when `go_on` is false, which is asked often, and `NoRoom`.
    pub fn point(
        &mut self,
        spec: &Spec,
        (i, j, k): (usize, usize, usize),
        go_on: &mut dyn FnMut() -> bool,
    ) -> Result<Point, SimError> {
        match self.measure(spec, spec.settings_at(i, j, k), &mut |_| go_on()) {
            Err(SimError::Unfit(_)) => Ok(Point::UNDEFINED),
            measured => measured,
        }
    }

    fn measure(
        &mut self,
        spec: &Spec,
        settings: Settings,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Result<Point, SimError> {
        let steps = settings.steps as f64;
        let simulation = match self.simulation.take() {
            Some(mut simulation) => {
                simulation.set(settings)?;
                simulation
            }
            None => Simulation::new(settings, Arc::clone(spec.data()))?,
        };
        let window = self
            .simulation
            .insert(simulation)
            .window(Side::Left, go_on)?;
        let (factor, cause) = window.cause(go_on)?;
        let Some(factor) = factor else {
            return Ok(Point::UNDEFINED);
        };
        let mut lyapunov_max = f64::NAN;
        if spec.lyapunov() {
            lyapunov_max = match window.largest_exponent(&mut self.memory, go_on) {
                Err(SimError::Unfit(_)) => f64::NAN,
                exponent => exponent?,
            };
        }
        Ok(Point {
            factor_per_step: Wide::saturating_f64(factor),
            log10_growth: factor.log10() * steps,
            lyapunov_max,
            why: Why::from(&cause),
        })
    }
}
