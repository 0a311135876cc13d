//! A window of one cell, run forward: what long measurements are made on.
//!
//! Its parts are shared with the simulation that made it, not copied, so that a window can be taken
//! to another thread while the simulation steps on.

use std::sync::Arc;

use ndarray::{Array1, Array2};

use super::inspect::{Drive, Entered, Entering, Padding};
use super::settings::{LossKind, Signal};
use super::{Ask, Data, Progress, Settings, Side, SimError};
use crate::cell::{AnyCell, Path, PathSet, Tape, with_cell};
use crate::flow::detach::DRAWS;
use crate::flow::explain::Subject;
use crate::flow::stack::{Stack, Stopped};
use crate::flow::{
    self, Cause, ClipMode, Detach, Detached, Example, Flow, Hops, Injected, Law, Lens, Loss,
    Lyapunov, MatrixSize, Product, Request, Scratch, Spectrum,
};
use crate::num::Wide;

/// The cell on one side, its inputs, and the tape that its forward pass left.
#[derive(Clone, Debug)]
pub struct Window {
    /// The settings it was run under.
    pub settings: Settings,
    /// Which side the cell is on.
    pub side: Side,
    /// The number of the window's last step since the start.
    pub now: u64,
    pub(super) cell: Arc<AnyCell>,
    pub(super) tape: Arc<Tape>,
    pub(super) inputs: Arc<Array2<f64>>,
    pub(super) data: Arc<Data>,
    pub(super) loss_vector: Arc<Array1<f64>>,
    pub(super) placed: Option<Arc<Injected>>,
}

impl Window {
    /// The cell.
    pub fn cell(&self) -> &AnyCell {
        &self.cell
    }

    /// What its forward pass left.
    pub fn tape(&self) -> &Tape {
        &self.tape
    }

    /// What drove it, T × D.
    pub fn inputs(&self) -> &Array2<f64> {
        &self.inputs
    }

    /// The loss of the window.
    pub fn loss(&self) -> Loss<'_> {
        let v = self.loss_vector.as_slice().unwrap_or_default();
        let placed = self.placed.as_deref().map(Loss::Given);
        match self.settings.loss {
            LossKind::Last => Loss::Last(v),
            LossKind::Out | LossKind::Max => placed.unwrap_or(Loss::Last(v)),
            LossKind::Mean => placed.unwrap_or(Loss::Sum(v)),
            LossKind::Sum => Loss::Sum(v),
            LossKind::Mse => Loss::Mse(self.data.targets.as_ref().map(|y| &y.value)),
        }
    }

    fn request(&self, ask: Ask) -> Request<'_> {
        Request {
            loss: self.loss(),
            cuts: ask.cuts,
            alone: ask.alone,
            without: ask.without,
            clip: (self.settings.clip, self.settings.threshold),
        }
    }

    /// The gradient of the window, with the sizes of the cell's matrices.
    ///
    /// # Errors
    /// `Cancelled` when `progress` says so.
    pub(super) fn flow(
        &self,
        ask: Ask,
        sizes: Vec<MatrixSize>,
        scratch: &mut Scratch,
        progress: Progress,
    ) -> Result<Flow, SimError> {
        let (tape, inputs, request) = (self.tape(), self.inputs.view(), self.request(ask));
        with_cell!(&*self.cell, cell => {
            flow::analyse(cell, tape, inputs, &request, sizes, scratch, progress)
        })
        .ok_or(SimError::Cancelled)
    }

    /// What makes this gradient grow or die out, and what h-detach leaves of it where that is on.
    ///
    /// # Errors
    /// `Cancelled` when `progress` says so.
    pub(super) fn law(
        &self,
        cuts: PathSet,
        flow: &Flow,
        progress: Progress,
    ) -> Result<Law, SimError> {
        let request = self.request(Ask::cutting(cuts));
        let (tape, p) = (self.tape(), self.settings.detach);
        let law = with_cell!(&*self.cell, cell => {
            flow::law(cell, tape, &request, flow, &mut *progress).and_then(|law| {
                let detached = match p {
                    p if p > 0.0 => flow::cause::expected(cell, tape, &request, p, progress)?,
                    _ => None,
                };
                Some(Law { detached, ..law })
            })
        });
        law.ok_or(SimError::Cancelled)
    }

    /// r, where there is one, and what makes the gradient grow or die out.
    ///
    /// # Errors
    /// `Cancelled` when `progress` says so.
    pub fn cause(&self, progress: Progress) -> Result<(Option<Wide>, Cause), SimError> {
        let request = self.request(Ask::default());
        with_cell!(&*self.cell, cell => flow::cause(cell, self.tape(), &request, progress))
            .ok_or(SimError::Cancelled)
    }

    /// λ_1 of the window ([`Lyapunov::largest`]), without the other exponents, with memory that can be used
    /// for one window after the other.
    ///
    /// # Errors
    /// `Cancelled` when `progress` says so; `Unfit` where the slopes of a Jacobian are no `f64`.
    pub fn largest_exponent(
        &self,
        memory: &mut Vec<f64>,
        progress: Progress,
    ) -> Result<f64, SimError> {
        self.refuse_flat("Lyapunov exponents")?;
        with_cell!(&*self.cell, cell => flow::largest::exponent(cell, &self.tape, memory, progress))
            .ok_or(SimError::Cancelled)
    }

    /// The gradient, split into the hop orders 0 to `orders` and a remainder; clipping has no part
    /// in it.
    ///
    /// # Errors
    /// `Cancelled` when `progress` says so.
    pub fn hops(&self, cuts: PathSet, orders: usize, progress: Progress) -> Result<Hops, SimError> {
        let (tape, loss) = (self.tape(), self.loss());
        with_cell!(&*self.cell, cell => flow::hops(cell, tape, loss, cuts, orders, progress))
            .ok_or(SimError::Cancelled)
    }

    /// The size of the gradient over several draws of h-detach, at the p of the settings.
    ///
    /// # Errors
    /// `Cancelled` when `progress` says so.
    pub fn detached(&self, cuts: PathSet, progress: Progress) -> Result<Detached, SimError> {
        let settings = &self.settings;
        let step_clip = (settings.clip == ClipMode::Step).then_some(settings.threshold);
        let detach = Detach {
            probability: settings.detach,
            draws: DRAWS,
            seed: settings.seed,
            before: self.now.saturating_sub(settings.steps as u64),
        };
        let (tape, loss) = (self.tape(), self.loss());
        with_cell!(&*self.cell, cell => {
            flow::detached(cell, tape, loss, cuts, step_clip, detach, progress)
        })
        .ok_or(SimError::Cancelled)
    }

    /// The singular values of ∂s_T/∂s_t, 0 ≤ t < T (`from`), the largest first.
    ///
    /// # Errors
    /// `Cancelled` when `progress` says so; `Unfit` when the decomposition does not converge, or where the
    /// slopes of a Jacobian are no `f64`.
    pub fn singular_values(&self, from: usize, progress: Progress) -> Result<Vec<Wide>, SimError> {
        self.refuse_flat("singular values")?;
        let product = with_cell!(&*self.cell, cell => {
            flow::jacobian::product(cell, &self.tape, from, progress)
        });
        let product = product.ok_or(SimError::Cancelled)?;
        sizes(&product)
    }

    /// A Jacobian is made of `f64`.
    fn refuse_flat(&self, what: &str) -> Result<(), SimError> {
        let Some(t) = self.tape.wide.as_ref().and_then(|wide| wide.flat) else {
            return Ok(());
        };
        let step = self.now.saturating_sub(self.tape.steps as u64) + t as u64;
        Err(SimError::Unfit(format!(
            "no {what}: at step {step} an activation is flatter than float64 can say"
        )))
    }

    /// A path at a step in numbers; `None` when the cell has no such path.
    ///
    /// # Errors
    /// `Cancelled` when `progress` says so.
    pub fn explain(
        &self,
        cuts: PathSet,
        subject: Subject,
        progress: Progress,
    ) -> Result<Option<Example>, SimError> {
        let mut cancelled = false;
        let request = self.request(Ask::cutting(cuts));
        let mut watched = |done: f64| {
            let go_on = progress(done);
            cancelled |= !go_on;
            go_on
        };
        let example = with_cell!(&*self.cell, cell => {
            flow::explain(cell, self.tape(), &request, subject, &mut watched)
        });
        if cancelled {
            return Err(SimError::Cancelled);
        }
        Ok(example)
    }

    /// Takes apart the path that is named; where none is named or the cell has no such path, the path
    /// that crosses a recurrent matrix and brings most to t.
    ///
    /// # Errors
    /// `Cancelled` when `progress` says so.
    pub fn explain_or_largest(
        &self,
        cuts: PathSet,
        path: Option<Path>,
        t: usize,
        units: usize,
        progress: Progress,
    ) -> Result<Example, SimError> {
        let subject = |path| Subject { path, t, units };
        if let Some(path) = path
            && let Some(example) = self.explain(cuts, subject(path), &mut *progress)?
        {
            return Ok(example);
        }
        // Every cell has a loss, and with it come the sizes of all other paths.
        let loss = self.explain(cuts, subject(Path::Loss), &mut *progress)?;
        let largest = loss.as_ref().and_then(Example::largest_crossing);
        let found = match largest {
            Some(path) => self.explain(cuts, subject(path), progress)?,
            None => loss,
        };
        found.ok_or(SimError::Cancelled)
    }

    /// The gradient in smaller number formats, and with the way back cut every so many steps.
    ///
    /// # Errors
    /// `Cancelled` when `progress` says so.
    pub fn lens(&self, truncate: Option<usize>, progress: Progress) -> Result<Lens, SimError> {
        let (tape, inputs, loss) = (self.tape(), self.inputs.view(), self.loss());
        with_cell!(&*self.cell, cell => flow::lens(cell, tape, inputs, loss, truncate, progress))
            .ok_or(SimError::Cancelled)
    }

    /// What padding in the user's sequence costs, zeros before or after its real steps; `None` without, where
    /// the loss enters at every step with a weight of its own, and for a layer that reads from the end.
    ///
    /// # Errors
    /// `Cancelled` when `progress` says so.
    pub fn padding(&self, progress: Progress) -> Result<Option<Padding>, SimError> {
        let settings = &self.settings;
        let at_every_step = matches!(settings.loss, LossKind::Sum | LossKind::Mse);
        let Data { drawn, reverse, .. } = *self.data;
        if settings.signal != Signal::File || drawn || reverse || at_every_step {
            return Ok(None);
        }
        let first = |states: &[f64]| {
            let row = states.get(..settings.hidden)?.to_vec();
            Array2::from_shape_vec((1, settings.hidden), row).ok()
        };
        let initial = [first(&self.tape.h), first(&self.tape.c)];
        let entered = Entered {
            stack: &Stack::of_one(AnyCell::clone(&self.cell)),
            drive: &Drive::padded_like(&self.inputs, Entering::of(settings, &self.data)),
            v: self.loss_vector.as_slice().unwrap_or_default(),
            initial: initial.each_ref().map(Option::as_ref),
        };
        match entered.padding(progress) {
            Ok(padding) => Ok(padding),
            Err(Stopped::Cancelled) => Err(SimError::Cancelled),
            // What is true of the whole sequence alone has no other to be compared with.
            Err(Stopped::NotFinite { .. }) => Ok(None),
        }
    }

    /// The Lyapunov exponents over the window.
    ///
    /// # Errors
    /// `Cancelled` when `progress` says so; `Unfit` where the slopes of a Jacobian are no `f64`.
    pub fn lyapunov(&self, progress: Progress) -> Result<Lyapunov, SimError> {
        self.refuse_flat("Lyapunov exponents")?;
        with_cell!(&*self.cell, cell => flow::lyapunov(cell, &self.tape, progress))
            .ok_or(SimError::Cancelled)
    }

    /// Eigenvalues and bounds of the recurrent matrices, singular values of ∂s_T/∂s_0 and Lyapunov
    /// exponents. A `product` of Jacobians that is known need not be made.
    ///
    /// # Errors
    /// `Cancelled` when `progress` says so; `Unfit` when a decomposition does not converge, or where the
    /// slopes of a Jacobian are no `f64`.
    pub fn spectrum(
        &self,
        product: Option<&Product>,
        progress: Progress,
    ) -> Result<Spectrum, SimError> {
        self.refuse_flat("Jacobians")?;
        let matrices = with_cell!(&*self.cell, cell => flow::spectrum::matrices(cell, &self.tape));
        let matrices = matrices.map_err(|error| SimError::Unfit(error.to_string()))?;
        Ok(Spectrum {
            matrices,
            product: match product {
                Some(product) => sizes(product)?,
                None => self.singular_values(0, &mut |done| progress(0.1 * done))?,
            },
            lyapunov: self.lyapunov(&mut |done| progress(0.1 + 0.9 * done))?,
            factor: self.cause(&mut |_| true)?.0,
        })
    }
}

fn sizes(product: &Product) -> Result<Vec<Wide>, SimError> {
    let values = product.singular_values();
    values.map_err(|error| SimError::Unfit(error.to_string()))
}
