//! What makes the gradient of a window grow, or die out: the cause, by cuts.
//!
//! What carries the gradient and what makes it grow are two things. A carousel with f ≤ 1 may carry
//! nearly all of an exploding gradient and cannot make it explode; what does is a path without which it
//! would not grow. So the cause of a growth is the smallest set of paths beside the keeping one (the
//! carousel, the leak) whose cut takes the window to not growing; the keeping path is a cause only where
//! it grows with all others cut. The cause of a decay is the path that keeps too little, or, where
//! that path alone would keep enough, the smallest set of paths that takes away what it keeps.

pub mod units;

use self::units::Units;
use super::backward::{GoOn, Sweep, Swept};
use super::gains::{self, Mean};
use super::{ClipMode, Flow, Loss, Path, PathSet, Request, Spread, Standing, Verdict};
use crate::cell::link::{Form, Link, Name};
use crate::cell::{Cell, Tape};
use crate::num::Wide;

/// Sets of so many paths are tried in full; of larger ones, one that can spare none of its paths is found.
const TRIED: usize = 3;

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
    /// These paths take away what the keeping path would keep: without them r is `without`.
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

/// Whether a path goes through a gate that is a constant, so that nothing comes that way.
fn is_silent<C: Cell>(cell: &C, tape: &Tape, path: Path) -> bool {
    if tape.steps < 2 {
        return false;
    }
    let terms = cell.terms(path, tape, 1);
    let is_zero = |link: &Link| {
        let mut names = link.factors.iter().map(|factor| factor.name);
        names.any(|name| matches!(name, Name::Slope(_, Form::Zero)))
    };
    !terms.is_empty() && terms.iter().all(is_zero)
}

/// The gradient when these paths are cut, with that of step 1 itself; `None` when the caller ended it.
pub(super) type Measure<'a> = &'a mut dyn FnMut(PathSet) -> Option<Swept>;

/// A search for the cause.
pub(super) struct Search<'a, C> {
    pub cell: &'a C,
    pub tape: &'a Tape,
    /// What is cut already.
    pub cuts: PathSet,
    pub measure: Measure<'a>,
    /// r of the cuts that were measured.
    pub known: Vec<(PathSet, Option<Wide>)>,
}

impl<C: Cell> Search<'_, C> {
    /// From r and its gains. A path that is silent brings nothing at any step.
    pub fn law(
        mut self,
        mean: &Mean,
        keeping: Keeping,
        silent: impl Fn(Path) -> bool,
    ) -> Option<Law> {
        let factor = mean.factor;
        let (keeper, open) = self.open(silent);
        let mut gains = Vec::new();
        for (path, gain) in mean.gains.iter().copied() {
            let mut without = None;
            if !self.cuts.contains(path) {
                without = if open.contains(&path) {
                    self.factor(self.cuts.with(path))?
                } else {
                    factor
                };
            }
            gains.push(Gain {
                path,
                gain,
                without,
            });
        }
        let others: Vec<Path> = open.into_iter().filter(|p| Some(*p) != keeper).collect();
        let kept = self.kept(factor, keeper, &others)?;
        let mut law = Law {
            factor,
            steps: self.tape.steps,
            gains,
            kept,
            cause: Cause::Nothing,
            keeping,
            spread: None,
        };
        law.cause = self.cause(factor, kept, &law.gains, keeper, &others)?;
        if let Cause::KeepsTooLittle { .. } = law.cause
            && keeper.is_some()
        {
            let swept = (self.measure)(self.cuts.with_all(&others))?;
            let first = swept.kept.iter().find(|gradients| gradients.t == 1);
            let first = first.map_or(&[][..], |g| if g.c.is_empty() { &g.h } else { &g.c });
            law.keeping.units = Units::of(self.cell, self.tape, first);
        }
        Some(law)
    }

    /// The cause of r alone: no more is measured than it takes.
    fn cause_of(mut self, factor: Option<Wide>) -> Option<Cause> {
        if self.moves(factor).is_none() {
            return Some(Cause::Nothing);
        }
        let (keeper, open) = self.open(|path| is_silent(self.cell, self.tape, path));
        let others: Vec<Path> = open.into_iter().filter(|p| Some(*p) != keeper).collect();
        let kept = self.kept(factor, keeper, &others)?;
        self.cause(factor, kept, &[], keeper, &others)
    }

    /// The keeping path, and all paths that are neither cut nor silent.
    fn open(&self, silent: impl Fn(Path) -> bool) -> (Option<Path>, Vec<Path>) {
        let carried = self.cell.carried().iter().map(|c| c.path);
        let paths: Vec<Path> = carried.chain(self.cell.same_step_path()).collect();
        let keeper = paths.iter().copied().find(|path| path.is_highway());
        let open = |path: &Path| !self.cuts.contains(*path) && !silent(*path);
        (keeper, paths.into_iter().filter(open).collect())
    }

    /// r with everything cut but the keeping path, where there is one.
    #[allow(
        clippy::option_option,
        reason = "the caller may end it, and a window may have no r"
    )]
    fn kept(
        &mut self,
        factor: Option<Wide>,
        keeper: Option<Path>,
        others: &[Path],
    ) -> Option<Option<Wide>> {
        match keeper {
            None => Some(None),
            Some(_) if others.is_empty() => Some(factor),
            Some(_) => self.factor(self.cuts.with_all(others)),
        }
    }

    /// The verdict on r, where the gradient grows or dies out.
    fn moves(&self, factor: Option<Wide>) -> Option<Verdict> {
        let verdict = Verdict::of(factor?.log10(), self.tape.steps);
        (verdict != Verdict::Stable).then_some(verdict)
    }

    /// r when these paths are cut; `None` within where no gradient is left at T.
    #[allow(
        clippy::option_option,
        reason = "the caller may end it, and a window may have no r"
    )]
    fn factor(&mut self, cuts: PathSet) -> Option<Option<Wide>> {
        if let Some((_, factor)) = self.known.iter().find(|(set, _)| *set == cuts) {
            return Some(*factor);
        }
        let swept = (self.measure)(cuts)?;
        let factor = gains::factor(swept.totals.main(), 1);
        self.known.push((cuts, factor));
        Some(factor)
    }

    fn cause(
        &mut self,
        factor: Option<Wide>,
        kept: Option<Wide>,
        gains: &[Gain],
        keeper: Option<Path>,
        others: &[Path],
    ) -> Option<Cause> {
        let Some(verdict) = self.moves(factor) else {
            return Some(Cause::Nothing);
        };
        let grows = verdict == Verdict::Exploding;
        let alone = kept.unwrap_or(Wide::ZERO);
        if let Some(path) = keeper
            && (others.is_empty() || self.is(verdict, alone))
        {
            return Some(if grows {
                Cause::KeepsTooMuch { path, alone }
            } else {
                Cause::KeepsTooLittle { path, alone }
            });
        }
        if let (None, false) = (keeper, grows) {
            // Of an RNN: its one path, also where all its units are dead.
            let alone = factor.unwrap_or(Wide::ZERO);
            let mut carried = self.cell.carried().iter().map(|c| c.path);
            let uncut = carried.find(|path| !self.cuts.contains(*path));
            let path = others.first().copied().or(uncut);
            return Some(path.map_or(Cause::Nothing, |path| Cause::KeepsTooLittle { path, alone }));
        }
        let (paths, without) = self.smallest(verdict, others, gains)?;
        Some(match (paths.is_empty(), grows) {
            (true, _) => Cause::Nothing,
            (_, true) => Cause::Grows { paths, without },
            (_, false) => Cause::TakesAway { paths, without },
        })
    }

    fn is(&self, verdict: Verdict, r: Wide) -> bool {
        Verdict::of(r.log10(), self.tape.steps) == verdict
    }

    /// The smallest set of paths without which the verdict is another one, and r without it; of
    /// several as small, the one that changes most.
    fn smallest(
        &mut self,
        verdict: Verdict,
        others: &[Path],
        known: &[Gain],
    ) -> Option<(Vec<Path>, Wide)> {
        let better = |a: Wide, b: Wide| {
            if verdict == Verdict::Exploding {
                a < b
            } else {
                a > b
            }
        };
        for size in 1..=others.len().min(TRIED) {
            let mut best: Option<(Vec<Path>, Wide)> = None;
            for set in sets(others, size) {
                let single = known.iter().find(|gain| set == [gain.path]);
                let r = match single {
                    Some(gain) => gain.without,
                    None => self.factor(self.cuts.with_all(&set))?,
                };
                let r = r.unwrap_or(Wide::ZERO);
                if !self.is(verdict, r) && best.as_ref().is_none_or(|(_, b)| better(r, *b)) {
                    best = Some((set, r));
                }
            }
            if best.is_some() {
                return best;
            }
        }
        // With all of them cut it is another one; each that can be spared is taken out again.
        let mut set = others.to_vec();
        let mut without = self.factor(self.cuts.with_all(&set))?;
        for &path in others {
            let rest: Vec<Path> = set.iter().copied().filter(|p| *p != path).collect();
            let r = self.factor(self.cuts.with_all(&rest))?;
            if !self.is(verdict, r.unwrap_or(Wide::ZERO)) {
                (set, without) = (rest, r);
            }
        }
        Some((set, without.unwrap_or(Wide::ZERO)))
    }
}

/// All sets of so many of these.
fn sets(of: &[Path], size: usize) -> Vec<Vec<Path>> {
    let Some((first, rest)) = of.split_first().filter(|_| size > 0) else {
        return if size == 0 {
            vec![Vec::new()]
        } else {
            Vec::new()
        };
    };
    let with = sets(rest, size - 1).into_iter().map(|mut set| {
        set.insert(0, *first);
        set
    });
    with.chain(sets(rest, size)).collect()
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
