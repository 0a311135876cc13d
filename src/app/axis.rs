//! The common logarithmic axis of the curves: it follows them, or it was fixed.

use crate::app::effect::{Effect, changed};
use crate::app::extents::{Axis, Extent};
use crate::app::has::Has;
use crate::app::state::App;
use crate::flow::Question;
use crate::ui::widget::scale::nice;

/// So many decades of a vanishing cell are drawn however little the other one moves.
const DEEPEST: f64 = 24.0;
/// The same on a ladder, whose four rows are less than a chart's; the axis then ends at ten.
const DEEPEST_LADDER: f64 = 9.8;

impl App {
    /// The axis that is drawn: the fixed one, or the one that follows the curves.
    pub fn drawn_axis(&self) -> Axis {
        match self.look.axis {
            Some(Axis { low, high, totals })
                if [low, high, totals.0, totals.1]
                    .into_iter()
                    .all(f64::is_finite) =>
            {
                Axis {
                    low: low.min(-0.1),
                    high: high.max(0.1),
                    totals: (totals.0.min(-0.1), totals.1.max(0.1)),
                }
            }
            _ => self.following_axis(),
        }
    }

    /// An axis that holds both totals, and paths as far as they help: what is far below the
    /// totals leaves it, what is above does not. Where one cell moves and the other one vanishes
    /// ten times as far, and by more than [`DEEPEST`] decades, the second leaves the axis too, or
    /// the first could not be seen. On ladders three times as far is enough.
    fn following_axis(&self) -> Axis {
        let Some(snapshot) = self.sim.snapshot.as_deref() else {
            return Axis::default();
        };
        let seen = self.sim.extents.with(snapshot, self.shown_question());
        let ([left, right], paths) = if self.has(Has::ONE_CELL) {
            let side = self.focus.side.index();
            ([seen.totals[side]; 2], seen.paths[side])
        } else {
            (seen.totals, seen.paths[0].join(seen.paths[1]))
        };
        let high = left.high.max(right.high).max(1.0);
        let mut low = left.low.min(right.low).min(-1.0);
        let reach = |extent: Extent| extent.high.max(-extent.low);
        let smaller = reach(left).min(reach(right));
        let mut lowest = low;
        if smaller > 0.5 {
            low = low.max(-(10.0 * smaller).max(2.0 * high).max(DEEPEST));
            lowest = low.max(-(3.0 * smaller).max(2.0 * high).max(DEEPEST_LADDER));
        }
        let totals = (-bound(-lowest), bound(high));
        let top = high.max(paths.high);
        let deepest = low.min(paths.low);
        // A path that falls far below everything leaves the axis; the totals keep most of it. A third
        // of an axis that reaches far up is theirs as well: there, little would be far.
        let room = (2.0 * high.max(-low)).clamp(2.0, 4.0).max(0.45 * high);
        low = low.min(deepest.max(-room));
        Axis {
            low: -bound(-low),
            high: bound(top),
            totals,
        }
    }

    /// The question whose curves are shown: the one that was asked, once they are there; until
    /// they are, shares.
    pub fn shown_question(&self) -> Question {
        let asked = self.sim.question;
        let there = self.sim.snapshot.as_deref().is_some_and(|s| {
            let mut paths = s.flows.iter().flat_map(|flow| &flow.paths);
            paths.any(|p| match asked {
                Question::Share => true,
                Question::Alone => !p.alone.is_empty(),
                Question::Without => p.without.is_some(),
            })
        });
        if there { asked } else { Question::Share }
    }

    /// Fixes the axis as it is drawn at this moment, or lets it follow again.
    pub(super) fn toggle_axis(&mut self) -> Effect {
        let axis = match self.look.axis {
            Some(_) => None,
            None => Some(self.following_axis()),
        };
        changed(&mut self.look.axis, axis)
    }
}

/// An axis bound that stays where it is while the curve moves a little.
fn bound(v: f64) -> f64 {
    if v <= 1.0 {
        return 1.0;
    }
    // An explosion at the edge must not be drawn on the border itself.
    nice(v * 1.02)
}
