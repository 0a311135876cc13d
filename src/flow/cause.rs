//! What makes the gradient of a window grow, or die out: the cause, by cuts.
//!
//! What carries the gradient and what makes it grow are two things. A carousel with f ≤ 1 may carry
//! nearly all of an exploding gradient and cannot make it explode; what does is a path without which it
//! would not grow. So the cause of a growth is the smallest set of paths beside the keeping one (the
//! carousel, the leak) whose cut takes the window to not growing; the keeping path is a cause only where
//! it grows with all others cut. The cause of a decay is what costs most of the decades that are lost: the
//! smallest set of other paths without which less than half of them would be, or else the path that keeps too
//! little.

mod search;
pub mod units;

pub(super) use self::search::Search;
use self::units::Units;
use super::backward::{GoOn, Sweep};
use super::gains::{self, Mean};
use super::{ClipMode, Flow, Loss, Path, Request, Spread, Standing, Verdict};
use crate::cell::{Cell, Tape};
use crate::num::Wide;

/// What a window does with the gradient, and by which path.
#[derive(Clone, Debug, PartialEq)]
pub struct Law {
    /// r; `None` when no gradient enters the window at T.
    pub factor: Option<Wide>,
    /// Steps T.
    pub steps: usize,
    /// Every path through time; their gains add up to r.
    pub gains: Vec<Gain>,
    /// r with everything cut but the keeping path, for a cell that has one.
    pub kept: Option<Wide>,
    /// Why it grows or dies out.
    pub cause: Cause,
    /// What bears on how much is kept.
    pub keeping: Keeping,
    /// How r moves over windows like this one, where there are several.
    pub spread: Option<Spread>,
    /// What h-detach leaves of it, where that is on.
    pub detached: Option<Expected>,
}

/// What h-detach leaves in expectation: training sees this in place of r.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// p, with which the recurrent paths are blocked at a step.
    pub probability: f64,
    /// r of the mean of δ_1 over all draws.
    pub factor: Wide,
}

/// One path's part in r.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gain {
    /// Which path.
    pub path: Path,
    /// Its mean gain over the window.
    pub gain: Wide,
    /// r without it; `None` when it is cut already, or when no gradient is left at T.
    pub without: Option<Wide>,
}

/// Why a gradient grows or dies out over a window.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Cause {
    /// It does neither, or there is none.
    #[default]
    Nothing,
    /// These paths make it grow: without them r is `without`.
    Grows {
        /// The smallest such set.
        paths: Vec<Path>,
        /// r without all of them.
        without: Wide,
    },
    /// This path makes it grow by itself: with all others cut r is still `alone`.
    KeepsTooMuch {
        /// The carousel, or the leak.
        path: Path,
        /// r with all others cut.
        alone: Wide,
    },
    /// This path keeps too little: by itself r is `alone`.
    KeepsTooLittle {
        /// The carousel, the leak, or the one path of an RNN.
        path: Path,
        /// r with all others cut.
        alone: Wide,
    },
    /// These paths take away most of what is lost: without them r is `without`, which loses less than half of
    /// the decades.
    TakesAway {
        /// The smallest such set.
        paths: Vec<Path>,
        /// r without all of them.
        without: Wide,
    },
}

impl Cause {
    /// The paths.
    pub fn paths(&self) -> &[Path] {
        match self {
            Self::Nothing => &[],
            Self::Grows { paths, .. } | Self::TakesAway { paths, .. } => paths,
            Self::KeepsTooMuch { path, .. } | Self::KeepsTooLittle { path, .. } => {
                std::slice::from_ref(path)
            }
        }
    }
}

/// What keeps the gradient, in numbers: means over the units and the window.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Keeping {
    /// The gate that keeps: f of an LSTM, z of a GRU.
    pub gate: Option<f64>,
    /// φ' of an RNN.
    pub slope: Option<f64>,
    /// ρ and σ_max of the matrix of an RNN.
    pub matrix: Option<[f64; 2]>,
    /// The units one by one, where too little is kept.
    pub units: Option<Units>,
}

impl Law {
    /// What r means over the window; `None` where there is none.
    pub fn verdict(&self) -> Option<Verdict> {
        self.factor.map(|r| Verdict::of(r.log10(), self.steps))
    }

    /// The verdict of all windows like this one; near the edge where they do not agree.
    pub fn standing(&self) -> Option<Standing> {
        let near = self.spread.is_some_and(|spread| spread.near_edge);
        self.verdict().map(|verdict| {
            if near {
                Standing::NearEdge
            } else {
                verdict.into()
            }
        })
    }

    /// How r moves, where that can be read.
    pub fn moves(&self) -> Option<Spread> {
        self.spread.filter(|spread| spread.is_seen(self.steps))
    }

    /// The gain of a path; 0 for one that the cell has not.
    pub fn gain(&self, path: Path) -> Wide {
        let gain = self.gains.iter().find(|gain| gain.path == path);
        gain.map_or(Wide::ZERO, |gain| gain.gain)
    }

    /// Whether a gradient dies out that would do so by the keeping path alone, whatever other paths take away.
    pub fn keeps_too_little(&self) -> bool {
        let by_itself = |r: Wide| Verdict::of(r.log10(), self.steps) == Verdict::Vanishing;
        match self.cause {
            Cause::KeepsTooLittle { .. } => true,
            Cause::TakesAway { .. } => self.kept.is_some_and(by_itself),
            _ => false,
        }
    }

    /// The path that carries most: the one with the largest gain.
    pub fn carries(&self) -> Option<Gain> {
        let positive = self.gains.iter().filter(|gain| gain.gain > Wide::ZERO);
        let order = |a: &&Gain, b: &&Gain| a.gain.partial_cmp(&b.gain);
        positive
            .max_by(|a, b| order(a, b).unwrap_or(std::cmp::Ordering::Equal))
            .copied()
    }
}

/// The law of the window whose gradient is `flow`, which was measured under this request. `None` when
/// the caller ended it.
pub fn law<C: Cell>(
    cell: &C,
    tape: &Tape,
    request: &Request,
    flow: &Flow,
    go_on: GoOn,
) -> Option<Law> {
    let mut v = gains::injected_last(request.loss, tape);
    // Where nothing is injected there is nothing to be carried.
    v.resize(tape.hidden, 0.0);
    let sweep = sweep(cell, tape, request, &v);
    let mean = Mean::of(&flow.carried());
    let mut keeping = Keeping::of(cell, tape);
    let matrix = flow.matrices.iter().find(|m| m.name == "recurrent");
    keeping.matrix = matrix.map(|m| [m.spectral_radius, m.norm]);
    let found = Search {
        cell,
        cuts: request.cuts,
        measure: &mut |cuts| {
            let one = Sweep {
                cuts,
                hold: 1,
                ..sweep
            };
            one.run(&mut *go_on)
        },
        tape,
        known: Vec::new(),
    };
    let silent = |path: Path| {
        let flow = flow.paths.iter().find(|flow| flow.path == path);
        flow.is_some_and(|flow| flow.share.iter().all(|x| x.is_zero()))
    };
    found.law(&mean, keeping, silent)
}

/// What h-detach with probability p leaves of the window: the mean over all draws is one sweep in which what
/// crosses is scaled by 1 − p ([`detach`](super::detach)). `None` within where no gradient enters, and where δ is
/// clipped at every step, under which the sweep is not linear, unless all of them are blocked; without when the caller
/// ended it.
#[allow(
    clippy::option_option,
    reason = "the caller may end it, and a window may have no r"
)]
pub fn expected<C: Cell>(
    cell: &C,
    tape: &Tape,
    request: &Request,
    probability: f64,
    go_on: GoOn,
) -> Option<Option<Expected>> {
    let mut v = gains::injected_last(request.loss, tape);
    v.resize(tape.hidden, 0.0);
    let keep = vec![1.0 - probability; tape.steps];
    let sweep = Sweep {
        keep: Some(&keep),
        ..sweep(cell, tape, request, &v)
    };
    if sweep.step_clip.is_some() && probability < 1.0 {
        return Some(None);
    }
    let factor = gains::factor(sweep.run(go_on)?.totals.main(), 1);
    Some(factor.map(|factor| Expected {
        probability,
        factor,
    }))
}

/// What carries back the gradient v, which is injected at T.
fn sweep<'a, C: Cell>(
    cell: &'a C,
    tape: &'a Tape,
    request: &Request,
    v: &'a [f64],
) -> Sweep<'a, C> {
    let (mode, threshold) = request.clip;
    Sweep {
        cuts: request.cuts,
        step_clip: (mode == ClipMode::Step).then_some(threshold),
        detail: false,
        ..Sweep::new(cell, tape, Loss::Last(v))
    }
}

/// r and the cause alone, of a window that nothing is known of. `None` when the caller ended it.
pub fn cause<C: Cell>(
    cell: &C,
    tape: &Tape,
    request: &Request,
    go_on: GoOn,
) -> Option<(Option<Wide>, Cause)> {
    let v = gains::injected_last(request.loss, tape);
    if v.is_empty() {
        return Some((None, Cause::Nothing));
    }
    let sweep = sweep(cell, tape, request, &v);
    let mut search = Search {
        cell,
        tape,
        cuts: request.cuts,
        measure: &mut |cuts| Sweep { cuts, ..sweep }.run(&mut *go_on),
        known: Vec::new(),
    };
    let factor = search.factor(request.cuts)?;
    Some((factor, search.cause_of(factor)?))
}

impl Keeping {
    /// The means over a window.
    pub fn of<C: Cell>(cell: &C, tape: &Tape) -> Self {
        let spec = cell.kind().spec();
        let mean = |of: &dyn Fn(usize) -> f64| {
            let sum: f64 = (1..=tape.steps).map(of).sum();
            sum / (tape.steps * tape.hidden).max(1) as f64
        };
        let sum = |row: &[f64]| row.iter().sum::<f64>();
        Self {
            gate: spec
                .keeps
                .map(|gate| mean(&|t| sum(tape.activation(t, gate)))),
            slope: spec
                .has_activation
                .then(|| mean(&|t| sum(tape.slope(t, 0)))),
            matrix: None,
            units: None,
        }
    }
}
