//! What takes longer than a window's flow, and is computed only when it is asked for: hop orders,
//! the Jacobian over the window, and Lyapunov exponents.

use super::{GruTrack, Progress, SimError, Simulation};
use crate::cell::{Cell, CellKind, PathSet, Tape};
use crate::flow::explain::Subject;
use crate::flow::{self, Example, Hops, Loss, Lyapunov, Product, Request};
use crate::num::Wide;

impl Simulation {
    /// The gradient of the window of one cell, split into the hop orders 0 to `orders` and a
    /// remainder; clipping has no part in it.
    ///
    /// # Errors
    /// As [`Simulation::flow`].
    pub fn hops(
        &mut self,
        cell: CellKind,
        cuts: PathSet,
        orders: usize,
        progress: Progress,
    ) -> Result<Hops, SimError> {
        self.run(cell, &mut *progress)?;
        let split = Split {
            loss: self.loss(),
            cuts,
            orders,
            progress,
        };
        self.measured(cell, split).ok_or(SimError::Cancelled)
    }

    /// The singular values of ∂s_T/∂s_t over the window of one cell, 0 ≤ t < T (`from`), the
    /// largest first.
    ///
    /// # Errors
    /// As [`Simulation::flow`]; `Unfit` when the decomposition does not converge.
    pub fn singular_values(
        &mut self,
        cell: CellKind,
        from: usize,
        progress: Progress,
    ) -> Result<Vec<Wide>, SimError> {
        self.run(cell, &mut *progress)?;
        let product = self
            .measured(cell, Multiply { from, progress })
            .ok_or(SimError::Cancelled)?;
        product
            .singular_values()
            .map_err(|error| SimError::Unfit(error.to_string()))
    }

    /// The Lyapunov exponents over the window of one cell.
    ///
    /// # Errors
    /// As [`Simulation::flow`].
    pub fn lyapunov(&mut self, cell: CellKind, progress: Progress) -> Result<Lyapunov, SimError> {
        self.run(cell, &mut *progress)?;
        self.measured(cell, Exponents(progress))
            .ok_or(SimError::Cancelled)
    }

    /// A path at a step of the window of one cell, in numbers; `None` when the cell has no such path.
    ///
    /// # Errors
    /// As [`Simulation::flow`].
    pub fn explain(
        &mut self,
        cell: CellKind,
        cuts: PathSet,
        subject: Subject,
        progress: Progress,
    ) -> Result<Option<Example>, SimError> {
        self.run(cell, &mut *progress)?;
        let request = Request {
            loss: self.loss(),
            cuts,
            alone: false,
            without: false,
            clip: (self.settings.clip, self.settings.threshold),
        };
        let mut cancelled = false;
        let example = Explain {
            request,
            subject,
            progress: &mut |done| {
                let go_on = progress(done);
                cancelled |= !go_on;
                go_on
            },
        };
        let example = self.measured(cell, example);
        if cancelled {
            return Err(SimError::Cancelled);
        }
        Ok(example)
    }

    /// Measures a cell, whichever it is, on its tape, which has been run.
    fn measured<M: Measure>(&self, cell: CellKind, measure: M) -> Option<M::Output> {
        match cell {
            CellKind::Rnn => measure.of(&self.model.rnn, &self.rnn.tape),
            CellKind::Lstm => measure.of(&self.model.lstm, &self.lstm.tape),
            CellKind::Gru => {
                let GruTrack { cell, track, .. } = self.gru.as_ref()?;
                measure.of(cell, &track.tape)
            }
        }
    }
}

/// Something that is measured on any cell; `None` when it was cancelled.
trait Measure {
    type Output;
    fn of<C: Cell>(self, cell: &C, tape: &Tape) -> Option<Self::Output>;
}

struct Split<'a> {
    loss: Loss<'a>,
    cuts: PathSet,
    orders: usize,
    progress: Progress<'a>,
}

impl Measure for Split<'_> {
    type Output = Hops;
    fn of<C: Cell>(self, cell: &C, tape: &Tape) -> Option<Hops> {
        flow::hops(cell, tape, self.loss, self.cuts, self.orders, self.progress)
    }
}

struct Multiply<'a> {
    from: usize,
    progress: Progress<'a>,
}

impl Measure for Multiply<'_> {
    type Output = Product;
    fn of<C: Cell>(self, cell: &C, tape: &Tape) -> Option<Product> {
        flow::jacobian::product(cell, tape, self.from, self.progress)
    }
}

struct Explain<'a> {
    request: Request<'a>,
    subject: Subject,
    progress: Progress<'a>,
}

impl Measure for Explain<'_> {
    type Output = Example;
    fn of<C: Cell>(self, cell: &C, tape: &Tape) -> Option<Example> {
        flow::explain(cell, tape, &self.request, self.subject, self.progress)
    }
}

struct Exponents<'a>(Progress<'a>);

impl Measure for Exponents<'_> {
    type Output = Lyapunov;
    fn of<C: Cell>(self, cell: &C, tape: &Tape) -> Option<Lyapunov> {
        flow::lyapunov(cell, tape, self.0)
    }
}
