//! The common logarithmic axis of the curves: it follows them, or it was fixed.

use crate::app::effect::{Effect, changed};
use crate::app::extents::{Axis, Extent};
use crate::app::has::Has;
use crate::app::state::App;
use crate::flow::Question;
use crate::ui::widget::ladder::BAND;
use crate::ui::widget::scale::nice;

/// A path takes so many times the reach of its total from the axis at most.
const ROOM: f64 = 3.0;
/// As many decades as it takes where the total does not move.
const FREE: f64 = 4.0;

impl App {
    /// The axis that is drawn: the fixed one, or the one that follows the curves.
    pub fn drawn_axis(&self) -> Axis {
        match self.look.axis {
            Some(Axis { low, high }) if low.is_finite() && high.is_finite() => Axis {
                low: low.min(-0.1),
                high: high.max(0.1),
            },
            _ => self.following_axis(),
        }
    }

    /// An axis for both cells, so that they can be compared.
    fn following_axis(&self) -> Axis {
        let Some(snapshot) = self.sim.snapshot.as_deref() else {
            return Axis::default();
        };
        let seen = self.sim.extents.with(snapshot, self.shown_question());
        let [left, right] = [0, 1].map(|side| of_cell(seen.totals[side], seen.paths[side]));
        let extent = if self.has(Has::ONE_CELL) {
            [left, right][self.focus.side.index()]
        } else {
            of_both(left, right)
        };
        Axis {
            low: -bound(-extent.low),
            high: bound(extent.high),
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

/// What a cell needs of the axis: the total, and what the carousel alone does as far as that does not
/// flatten the total. Other paths leave the axis where they must.
fn of_cell(total: Extent, paths: Extent) -> Extent {
    let room = if total.reach() > BAND {
        ROOM * total.reach()
    } else {
        FREE
    };
    total.join(Extent {
        low: paths.low.max(-room),
        high: paths.high.min(room),
    })
}

/// What both cells need of it. One that vanishes farther than the other moves leaves the axis, since
/// what the other does could not be seen any more; what grows never leaves it.
fn of_both(a: Extent, b: Extent) -> Extent {
    let (calm, other) = if a.reach() <= b.reach() {
        (a, b)
    } else {
        (b, a)
    };
    let all = calm.join(other);
    if calm.reach() <= BAND {
        return all;
    }
    let least = calm.low.min(-calm.reach().max(all.high));
    Extent {
        low: all.low.max(least),
        ..all
    }
}

/// An axis bound that stays where it is while the curve moves a little.
pub(super) fn bound(v: f64) -> f64 {
    if v <= 1.0 {
        return 1.0;
    }
    // An explosion at the edge must not be drawn on the border itself.
    nice(v * 1.02)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn extent(low: f64, high: f64) -> Extent {
        Extent { low, high }
    }

    #[test]
    fn the_axis_belongs_to_the_total_and_the_carousel() {
        // A carousel that loses as much as the total gains has its place.
        let opening = of_cell(extent(0.0, 0.864), extent(-0.873, 0.0));
        assert_eq!(opening, extent(-0.873, 0.864));
        // One that vanishes leaves the axis before it flattens the total.
        let cut = of_cell(extent(0.0, 0.864), extent(-101.9, 0.0));
        assert!(cut.low > -2.6 && cut.high > 0.86);
        // Where nothing moves, nothing is flattened.
        assert_eq!(
            of_cell(extent(0.0, 0.0), extent(-3.0, 0.0)),
            extent(-3.0, 0.0)
        );
    }

    #[test]
    fn a_cell_that_vanishes_does_not_flatten_the_other() {
        let lstm = extent(-3.6, 0.0);
        let rnn = extent(-40.6, 0.0);
        assert_eq!(of_both(lstm, rnn), lstm);
        assert_eq!(of_both(rnn, lstm), lstm);
        // What explodes keeps the whole axis.
        let grows = extent(0.0, 12.0);
        assert_eq!(of_both(grows, rnn), extent(-12.0, 12.0));
        assert!((of_both(lstm, grows).high - 12.0).abs() < 1e-12);
        // Beside a flat line the other one is what there is to see.
        assert_eq!(of_both(extent(-0.1, 0.1), rnn), extent(-40.6, 0.1));
    }
}
