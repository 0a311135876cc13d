//! The product of Jacobians of a window that slides, kept from one study to the next.

use super::{Settings, Side, Window};
use crate::cell::{Cell, StepJacobian, Tape, with_cell};
use crate::flow::{Product, Sliding};

/// A queue of more numbers than this (256 MB) is not kept.
const MOST: usize = 32 << 20;

/// The queue of the window that was studied last.
#[derive(Default)]
pub(super) struct Slide {
    kept: Option<Kept>,
}

struct Kept {
    subject: u64,
    settings: Settings,
    side: Side,
    now: u64,
    queue: Sliding,
}

impl Slide {
    /// ∂s_T/∂s_0 of a window: when it is the last one, slid on, only the steps that are new are
    /// multiplied. `subject` changes whenever the states may have become others. `None` when the
    /// caller ended it, or where the queue would take too much memory.
    pub fn product(
        &mut self,
        subject: u64,
        window: &Window,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Option<Product> {
        let steps = window.tape().steps;
        let state = window.tape().parts() * window.tape().hidden;
        if steps.saturating_mul(2 * state * state) > MOST {
            self.kept = None;
            return None;
        }
        let slid = |kept: &Kept| {
            let same = kept.subject == subject
                && kept.side == window.side
                && kept.settings == window.settings;
            let by = usize::try_from(window.now.checked_sub(kept.now)?).ok()?;
            (same && by < steps).then_some(by)
        };
        let by = self.kept.as_ref().and_then(slid);
        let queue = match (by, self.kept.take()) {
            (Some(_), Some(kept)) => kept.queue,
            _ => Sliding::new(state),
        };
        let new = by.unwrap_or(steps);
        let queue =
            with_cell!(window.cell(), cell => push(cell, window.tape(), new, queue, go_on))?;
        let product = queue.product();
        self.kept = Some(Kept {
            subject,
            settings: window.settings.clone(),
            side: window.side,
            now: window.now,
            queue,
        });
        Some(product)
    }
}

/// Takes the newest steps of a tape in, and lets as many of the oldest go.
fn push<C: Cell>(
    cell: &C,
    tape: &Tape,
    new: usize,
    mut queue: Sliding,
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Option<Sliding> {
    let steps = tape.steps;
    for t in steps - new + 1..=steps {
        let mut step = StepJacobian::zeros(tape);
        cell.jacobian(tape, t, &mut step);
        queue.push(step);
        if queue.len() > steps {
            queue.pop();
        }
        if !go_on((t + new - steps) as f64 / new as f64) {
            return None;
        }
    }
    Some(queue)
}
