//! The search for the cause: which paths are cut, and what r is then.

use super::units::Units;
use super::{Cause, Gain, Keeping, Law};
use crate::cell::link::{Form, Link, Name};
use crate::cell::{Cell, Tape};
use crate::flow::backward::Swept;
use crate::flow::gains::{self, Mean};
use crate::flow::{Path, PathSet, Verdict};
use crate::num::Wide;

/// Sets of so many paths are tried in full; of larger ones, one that can spare none of its paths is found.
const TRIED: usize = 3;

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
pub(in crate::flow) type Measure<'a> = &'a mut dyn FnMut(PathSet) -> Option<Swept>;

/// A search for the cause.
pub(in crate::flow) struct Search<'a, C> {
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
        let mut law = Law {
            factor,
            steps: self.tape.steps,
            gains,
            kept: None,
            cause: Cause::Nothing,
            keeping,
            spread: None,
            detached: None,
        };
        self.keep(&mut law, keeper, &others)?;
        law.cause = match law.verdict() {
            Some(verdict @ (Verdict::Exploding | Verdict::Vanishing)) => {
                self.cause(verdict, &law, keeper, &others)?
            }
            _ => Cause::Nothing,
        };
        if keeper.is_some() && law.keeps_too_little() {
            let swept = (self.measure)(self.cuts.with_all(&others))?;
            let first = swept.kept.iter().find(|gradients| gradients.t == 1);
            let first = first.map_or(&[][..], |g| if g.c.is_empty() { &g.h } else { &g.c });
            law.keeping.units = Units::of(self.cell, self.tape, first);
        }
        Some(law)
    }

    /// The cause of r alone: no more is measured than it takes.
    pub(super) fn cause_of(mut self, factor: Option<Wide>) -> Option<Cause> {
        let mut law = Law {
            factor,
            steps: self.tape.steps,
            gains: Vec::new(),
            kept: None,
            cause: Cause::Nothing,
            keeping: Keeping::default(),
            spread: None,
            detached: None,
        };
        let Some(verdict @ (Verdict::Exploding | Verdict::Vanishing)) = law.verdict() else {
            return Some(Cause::Nothing);
        };
        let (keeper, open) = self.open(|path| is_silent(self.cell, self.tape, path));
        let others: Vec<Path> = open.into_iter().filter(|p| Some(*p) != keeper).collect();
        self.keep(&mut law, keeper, &others)?;
        self.cause(verdict, &law, keeper, &others)
    }

    /// The keeping path, and all paths that are neither cut nor silent.
    fn open(&self, silent: impl Fn(Path) -> bool) -> (Option<Path>, Vec<Path>) {
        let carried = self.cell.carried().iter().map(|c| c.path);
        let paths: Vec<Path> = carried.chain(self.cell.same_step_path()).collect();
        let keeper = paths.iter().copied().find(|path| path.is_highway());
        let open = |path: &Path| !self.cuts.contains(*path) && !silent(*path);
        (keeper, paths.into_iter().filter(open).collect())
    }

    /// Measures r with everything cut but the keeping path.
    fn keep(&mut self, law: &mut Law, keeper: Option<Path>, others: &[Path]) -> Option<()> {
        if keeper.is_some() {
            law.kept = if others.is_empty() {
                law.factor
            } else {
                self.without(others)?
            };
        }
        Some(())
    }

    /// r when these paths are cut; `None` within where no gradient is left at T.
    #[allow(
        clippy::option_option,
        reason = "the caller may end it, and a window may have no r"
    )]
    pub(super) fn factor(&mut self, cuts: PathSet) -> Option<Option<Wide>> {
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
        verdict: Verdict,
        law: &Law,
        keeper: Option<Path>,
        others: &[Path],
    ) -> Option<Cause> {
        if verdict == Verdict::Exploding {
            self.of_growth(law, keeper, others)
        } else {
            self.of_decay(law, keeper, others)
        }
    }

    fn of_growth(&mut self, law: &Law, keeper: Option<Path>, others: &[Path]) -> Option<Cause> {
        let explodes = |r: Wide| Verdict::of(r.log10(), law.steps) == Verdict::Exploding;
        let alone = law.kept.unwrap_or(Wide::ZERO);
        if let Some(path) = keeper
            && (others.is_empty() || explodes(alone))
        {
            return Some(Cause::KeepsTooMuch { path, alone });
        }
        let aim = Aim {
            reached: &|r| !explodes(r),
            better: &|a, b| a < b,
        };
        for size in 1..=others.len().min(TRIED) {
            if let Some((paths, without)) = self.best(size, others, &law.gains, aim)? {
                return Some(Cause::Grows { paths, without });
            }
        }
        let (paths, without) = self.reduced(others, aim)?;
        Some(if paths.is_empty() {
            Cause::Nothing
        } else {
            Cause::Grows { paths, without }
        })
    }

    fn of_decay(&mut self, law: &Law, keeper: Option<Path>, others: &[Path]) -> Option<Cause> {
        let r = law.factor.unwrap_or(Wide::ZERO);
        let Some(path) = keeper else {
            // Of an RNN: its one path, also where all its units are dead.
            let mut carried = self.cell.carried().iter().map(|c| c.path);
            let uncut = carried.find(|path| !self.cuts.contains(*path));
            let path = others.first().copied().or(uncut);
            let cause = |path| Cause::KeepsTooLittle { path, alone: r };
            return Some(path.map_or(Cause::Nothing, cause));
        };
        // Less than half of the decades are lost.
        let aim = Aim {
            reached: &|without| 2.0 * without.ln() > r.ln(),
            better: &|a, b| a > b,
        };
        let alone = law.kept.unwrap_or(Wide::ZERO);
        // More than one together are looked for only where all of them cost that much.
        let most = if (aim.reached)(alone) { TRIED } else { 1 };
        for size in 1..=others.len().min(most) {
            if let Some((paths, without)) = self.best(size, others, &law.gains, aim)? {
                return Some(Cause::TakesAway { paths, without });
            }
        }
        if others.is_empty() || !(aim.reached)(alone) {
            return Some(Cause::KeepsTooLittle { path, alone });
        }
        let (paths, without) = self.reduced(others, aim)?;
        Some(Cause::TakesAway { paths, without })
    }

    /// Of the sets of so many paths whose cut reaches the aim the one that changes most, and r without it.
    #[allow(
        clippy::option_option,
        reason = "the caller may end it, and there may be no such set"
    )]
    fn best(
        &mut self,
        size: usize,
        others: &[Path],
        known: &[Gain],
        aim: Aim,
    ) -> Option<Option<(Vec<Path>, Wide)>> {
        let mut best: Option<(Vec<Path>, Wide)> = None;
        for set in sets(others, size) {
            let single = known.iter().find(|gain| set == [gain.path]);
            let r = match single {
                Some(gain) => gain.without,
                None => self.without(&set)?,
            };
            let r = r.unwrap_or(Wide::ZERO);
            if (aim.reached)(r) && best.as_ref().is_none_or(|(_, b)| (aim.better)(r, *b)) {
                best = Some((set, r));
            }
        }
        Some(best)
    }

    /// All of these paths, whose cut reaches the aim, but those that can be spared; and r without them.
    fn reduced(&mut self, others: &[Path], aim: Aim) -> Option<(Vec<Path>, Wide)> {
        let mut set = others.to_vec();
        let mut without = self.without(&set)?;
        for &path in others {
            let rest: Vec<Path> = set.iter().copied().filter(|p| *p != path).collect();
            let r = self.without(&rest)?;
            if (aim.reached)(r.unwrap_or(Wide::ZERO)) {
                (set, without) = (rest, r);
            }
        }
        Some((set, without.unwrap_or(Wide::ZERO)))
    }

    /// r when these are cut too.
    #[allow(
        clippy::option_option,
        reason = "the caller may end it, and a window may have no r"
    )]
    fn without(&mut self, paths: &[Path]) -> Option<Option<Wide>> {
        self.factor(self.cuts.with_all(paths))
    }
}

/// What a cut is to do to r: where that is reached, and which of two does more.
#[derive(Clone, Copy)]
struct Aim<'a> {
    reached: &'a dyn Fn(Wide) -> bool,
    better: &'a dyn Fn(Wide, Wide) -> bool,
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
