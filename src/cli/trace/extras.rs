//! What `rnntop trace` computes only when it is asked for: hop orders, draws of h-detach, the
//! Jacobian over the window, and Lyapunov exponents.

use crate::cell::PathSet;
use crate::cli::Failure;
use crate::cli::args::TraceArgs;
use crate::cli::progress::Progress;
use crate::flow::hops::HopNorms;
use crate::flow::lyapunov::Singular;
use crate::flow::{Detached, Hops, Lens, Lyapunov};
use crate::num::Wide;
use crate::sim::inspect::Padding;
use crate::sim::{Side, Simulation};

/// So many norms of hop orders are kept at most (64 MB for each of δh and δc).
const MOST_HOPS: usize = 4_000_000;

/// What was asked for.
#[derive(Debug, Default)]
pub struct Extras {
    /// `--hops`.
    pub hops: Option<Hops>,
    /// `--detach`, or a preset's p above 0.
    pub detach: Option<Detached>,
    /// `--jacobian`: t, and the singular values of ∂s_T/∂s_t.
    pub jacobian: Option<(usize, Vec<Wide>)>,
    /// `--lyapunov`.
    pub lyapunov: Option<Lyapunov>,
    /// In smaller number formats, and under `--bptt`.
    pub lens: Option<Lens>,
    /// What padding in the input costs.
    pub padding: Option<Padding>,
}

impl Extras {
    /// Computes it.
    ///
    /// # Errors
    /// One sentence on an option that does not fit the window, or on what failed.
    pub fn compute(
        simulation: &mut Simulation,
        side: Side,
        args: &TraceArgs,
        progress: &mut Progress,
    ) -> Result<Self, Failure> {
        let (asked, length) = (&args.output, &args.data.length);
        let steps = simulation.settings().steps;
        let from = asked.jacobian_from.unwrap_or(0);
        if from >= steps {
            return Err(Failure::input(format!(
                "--jacobian-from: expected 0 to {}, a step before the last of the window, found {from}",
                steps - 1
            )));
        }
        if let Some(orders) = asked.hops
            && (orders + 1) * steps > MOST_HOPS
        {
            return Err(Failure::input(format!(
                "--hops: expected at most {} over {steps} steps, found {orders}",
                MOST_HOPS / steps - 1
            )));
        }
        let mut extras = Self::default();
        let window = simulation.window(side, &mut progress.of("the window"))?;
        if let Some(orders) = asked.hops {
            let progress = &mut progress.of("hop orders");
            extras.hops = Some(window.hops(PathSet::EMPTY, orders, progress)?);
        }
        if window.settings.detach > 0.0 {
            let progress = &mut progress.of("h-detach");
            extras.detach = Some(window.detached(PathSet::EMPTY, progress)?);
        }
        if asked.jacobian || asked.jacobian_from.is_some() {
            let values = window.singular_values(from, &mut progress.of("the Jacobian"))?;
            extras.jacobian = Some((from, values));
        }
        extras.lens = Some(window.lens(asked.bptt, &mut progress.of("number formats"))?);
        if asked.lyapunov {
            let progress = &mut progress.of("Lyapunov exponents");
            extras.lyapunov = Some(window.lyapunov(progress)?);
        }
        if length.is_none() {
            extras.padding = window.padding(&mut progress.of("padding"))?;
        }
        Ok(extras)
    }
}

/// The curves of h-detach by name: |mean of δ_t| only where it is known.
pub fn curves(detached: &Detached) -> Vec<(&'static str, &[Wide])> {
    let mut curves = vec![
        ("mean", detached.mean.as_slice()),
        ("low", detached.low.as_slice()),
        ("high", detached.high.as_slice()),
    ];
    if let Some(expected) = &detached.expected {
        curves.push(("expected", expected.as_slice()));
    }
    curves
}

/// The norms of one order at every step.
pub fn order(norms: &HopNorms, order: usize) -> Vec<Wide> {
    let steps = 1..=norms.rest.len();
    steps.map(|t| norms.at(t)[order]).collect()
}

/// Why there are no exponents.
pub fn reason(singular: &Singular) -> String {
    let (low, high) = singular.span;
    format!(
        "the Jacobian of step {} is singular or nearly so (the diagonal of R spans {low:.1e} to {high:.1e})",
        singular.step
    )
}
