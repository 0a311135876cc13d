//! A path explained for the screen: what is asked, and the numbers.

use super::{Progress, Side, SimError, Simulation};
use crate::cell::{CellKind, Path, PathSet};
use crate::flow::Example;
use crate::flow::explain::Subject;

/// What the screen wants explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The cell's side.
    pub side: Side,
    /// Path, step and units.
    pub subject: Subject,
    /// Cut paths.
    pub cuts: PathSet,
}

/// A path explained.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What was wanted.
    pub wish: Wish,
    /// The number of the window's last step since the start.
    pub now: u64,
    /// The path in numbers.
    pub example: Example,
    /// The vanilla RNN at the same step, if that is on the other side.
    pub beside: Option<Example>,
}

impl Simulation {
    /// Explains a path in the present window; `None` when the window has no such step, or the cell
    /// no such path.
    ///
    /// # Errors
    /// As [`Simulation::flow`].
    pub fn explain(
        &mut self,
        wish: Wish,
        progress: Progress,
    ) -> Result<Option<Explanation>, SimError> {
        let steps = self.settings().steps;
        if !(1..=steps).contains(&wish.subject.t) {
            return Ok(None);
        }
        let window = self.window(wish.side, &mut *progress)?;
        let Some(example) = window.explain(wish.cuts, wish.subject, &mut *progress)? else {
            return Ok(None);
        };
        let other = self.window(wish.side.other(), &mut *progress)?;
        let beside = if other.cell().kind() == CellKind::Rnn {
            let subject = Subject {
                path: Path::Recurrent,
                ..wish.subject
            };
            other.explain(wish.cuts, subject, progress)?
        } else {
            None
        };
        Ok(Some(Explanation {
            wish,
            now: window.now,
            example,
            beside,
        }))
    }
}
