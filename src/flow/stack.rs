//! Gradients through a stack of layers, exact for every layer and direction.
//!
//! Each layer in each direction is a cell with a tape of its own. The way forward goes from layer
//! to layer. So does the way back: a sweep through the top layer leaves the δ of its
//! pre-activations, and
//!
//! ```text
//! Δ_t of the layer below = Σ over the directions of the layer above   Wᵀ δ̄_t
//! ```
//!
//! is what the sweep through the layer below takes in place of a loss: the path `above`. Mantissas
//! keep their binary exponents on the way down, so that no gradient is too small for a lower layer.
//!
//! A direction counts its steps s = 1…T as it reads: for the reverse one s = 1 is t = T.

mod down;
mod growth;

use ndarray::{Array2, ArrayView2, Axis, Slice, concatenate};

use self::down::{Brought, Deltas, Ends};
pub use self::growth::Alone;
use super::backward::{GoOn, Sweep};
use super::gradients::{self, Gradient};
use super::loss::{Injected, Loss};
use super::{Path, PathFlow, Totals, lens};
use crate::cell::forward::{self, forward};
use crate::cell::{
    AnyCell, Cell, ForgetGate, LayerId, Options, Projection, Semantics, StackParameters, Tape,
    Variant, with_cell,
};
use crate::num::{Wide, number::larger, wide::scale_by_power_of_two};

/// A stack, ready to run.
#[derive(Clone, Debug)]
pub struct Stack {
    layers: Vec<Vec<DirectedLayer>>,
}

/// One layer in one direction.
#[derive(Clone, Debug)]
struct DirectedLayer {
    cell: AnyCell,
    projection: Option<Projection>,
    reverse: bool,
}

/// Why a stack did not get through its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// The caller said so.
    #[error("cancelled")]
    Cancelled,
    /// A state left the range of float64.
    #[error("the state of {layer} is no longer a finite number at step {step}{}", as_read(*.layer))]
    NotFinite {
        /// The layer, and its direction.
        layer: LayerId,
        /// The step as the direction reads, from 1.
        step: usize,
    },
}

/// How a direction counts its steps, where that has to be said.
const fn as_read(layer: LayerId) -> &'static str {
    if layer.reverse {
        " as it reads, from T to 1"
    } else {
        ""
    }
}

/// What the way forward leaves.
#[derive(Clone, Debug)]
pub struct StackTape {
    /// For each layer and direction, what it read: T × D as it reads.
    inputs: Vec<Vec<Array2<f64>>>,
    /// For each layer and direction, its tape.
    pub tapes: Vec<Vec<Tape>>,
}

/// The loss of a stack, on the outputs of its top layer; vectors have one number for each output,
/// the forward direction's first.
#[derive(Clone, Copy, Debug)]
pub enum StackLoss<'a> {
    /// L = v·h_n, the last h of each direction (PyTorch's `h_n`): for the reverse one that is h at t = 1.
    Last(&'a [f64]),
    /// L = Σ_t v·h_t.
    Sum(&'a [f64]),
    /// L = ½ Σ_t |h_t − y_t|², y being T × outputs; for states within the range of `f64`.
    Mse(&'a Array2<f64>),
    /// L = Σ_t Δ_t·h_t, Δ being T × outputs, in the order of time.
    Weighted(&'a Array2<f64>),
}

/// The gradient of one layer in one direction, by steps s as it reads.
#[derive(Clone, Debug)]
pub struct LayerFlow {
    /// The layer, from 0.
    pub layer: usize,
    /// Whether this is the direction that reads from T to 1.
    pub reverse: bool,
    /// |δh_s| and |δc_s|; with a projection h is the projected one.
    pub totals: Totals,
    /// |dL/dh_0|.
    pub grad_h0: Wide,
    /// |dL/dc_0|, for a cell with c.
    pub grad_c0: Option<Wide>,
    /// The paths; the last is `loss` in the top layer and `above` in the others.
    pub paths: Vec<PathFlow>,
    /// |Σ terms − δ_s| / |δ_s|.
    pub residual: Vec<f64>,
    /// The norm of the gradient of each parameter tensor.
    pub parameters: Vec<(&'static str, Wide)>,
    /// The largest number of δc_s, or of δh_s for a cell without c.
    pub largest: Vec<Wide>,
}

/// The gradient of a whole stack.
#[derive(Clone, Debug)]
pub struct StackFlow {
    /// For each layer its directions.
    pub layers: Vec<Vec<LayerFlow>>,
    /// L.
    pub loss: Wide,
    /// ‖g‖ of all parameters together.
    pub grad_norm: Wide,
    /// The largest number of that gradient.
    pub largest: Wide,
    /// The gradients of all parameters themselves, where [`Way::keep`] says so.
    pub gradients: Vec<Gradient>,
    /// |dL/dx_t|, where [`Way::to_inputs`] says so.
    pub inputs: Vec<Wide>,
}

/// How the way back is gone.
#[derive(Clone, Copy, Debug, Default)]
pub struct Way {
    /// Nothing comes from steps 1, K + 1, 2K + 1, … of a layer to the one before; 0 for no K.
    pub truncate: usize,
    /// Whether the gradients of all parameters are kept.
    pub keep: bool,
    /// Whether it goes on to the inputs.
    pub to_inputs: bool,
}

impl Stack {
    /// A stack of these parameters, with these functions in all layers.
    pub fn new(parameters: StackParameters, semantics: Semantics) -> Self {
        let options = Options {
            semantics,
            forget: ForgetGate::Learned(None),
            variant: Variant::Plain,
        };
        let part = |(index, direction): (usize, crate::cell::Direction)| DirectedLayer {
            cell: AnyCell::new(direction.cell, options),
            projection: direction.projection,
            reverse: index == 1,
        };
        let layer = |layer: Vec<_>| layer.into_iter().enumerate().map(part).collect();
        Self {
            layers: parameters.layers.into_iter().map(layer).collect(),
        }
    }

    /// One cell as a stack, with its own functions.
    pub fn of_one(cell: AnyCell) -> Self {
        let part = DirectedLayer {
            cell,
            projection: None,
            reverse: false,
        };
        Self {
            layers: vec![vec![part]],
        }
    }

    /// Empty tapes for so many steps. Their rows 0 are the initial states h_0 and c_0, zeros; a
    /// caller may write others (with a projection, h is m there).
    pub fn tapes(&self, steps: usize) -> Vec<Vec<Tape>> {
        let tape = |part: &DirectedLayer| with_cell!(&part.cell, cell => cell.tape(steps));
        let layer = |layer: &Vec<DirectedLayer>| layer.iter().map(tape).collect();
        self.layers.iter().map(layer).collect()
    }

    /// [`Stack::tapes`] with these h_0 and c_0, a row for each layer in each direction; zeros without.
    pub fn started(&self, steps: usize, initial: [Option<&Array2<f64>>; 2]) -> Vec<Vec<Tape>> {
        let mut tapes = self.tapes(steps);
        for (row, tape) in tapes.iter_mut().flatten().enumerate() {
            for (states, to) in initial.into_iter().zip([&mut tape.h, &mut tape.c]) {
                for (to, state) in to.iter_mut().zip(states.iter().flat_map(|s| s.row(row))) {
                    *to = *state;
                }
            }
        }
        tapes
    }

    /// Runs the stack on `inputs`, T × D, over these tapes.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn forward(
        &self,
        inputs: ArrayView2<f64>,
        mut tapes: Vec<Vec<Tape>>,
        go_on: GoOn,
    ) -> Result<StackTape, Stopped> {
        let mut read = Vec::new();
        let mut below = inputs.to_owned();
        for (layer, tapes) in tapes.iter_mut().enumerate() {
            let (inputs, outputs) = self.through(layer, &below, tapes, &mut *go_on)?;
            read.push(inputs);
            below = outputs;
        }
        Ok(StackTape {
            inputs: read,
            tapes,
        })
    }

    /// What a layer reads in one direction when the stack runs on `inputs`, T × D: its inputs as it
    /// reads them, the reverse direction from T to 1. Of the layers below one tape each is in memory
    /// at a time. The layer must be there.
    ///
    /// # Errors
    /// [`Stopped`].
    pub fn seen(
        &self,
        inputs: ArrayView2<f64>,
        id: LayerId,
        go_on: GoOn,
    ) -> Result<Array2<f64>, Stopped> {
        let mut below = inputs.to_owned();
        for (layer, parts) in self.layers.iter().enumerate().take(id.layer) {
            let tape =
                |part: &DirectedLayer| with_cell!(&part.cell, cell => cell.tape(inputs.nrows()));
            let mut tapes: Vec<Tape> = parts.iter().map(tape).collect();
            (_, below) = self.through(layer, &below, &mut tapes, &mut *go_on)?;
        }
        Ok(in_order(below.view(), id.reverse))
    }

    /// Runs one layer: what its directions read, as each reads it, and their outputs next to each
    /// other, in the order of time.
    fn through(
        &self,
        layer: usize,
        below: &Array2<f64>,
        tapes: &mut [Tape],
        go_on: GoOn,
    ) -> Result<(Vec<Array2<f64>>, Array2<f64>), Stopped> {
        let before: usize = self.layers[..layer].iter().map(Vec::len).sum();
        let (mut done, count) = (before as f64, self.count() as f64);
        let (mut inputs, mut outputs) = (Vec::new(), Vec::new());
        let top = layer + 1 == self.layers.len();
        for (part, tape) in self.layers[layer].iter().zip(tapes) {
            let input = part.in_order(below.view());
            let mut partly = |part: f64| go_on((done + part) / count);
            let id = LayerId {
                layer,
                reverse: part.reverse,
            };
            let not_finite = |step| Stopped::NotFinite { layer: id, step };
            with_cell!(&part.cell, cell => forward(cell, input.view(), tape, &mut partly))
                .map_err(|stopped| match stopped {
                    forward::Stopped::Cancelled => Stopped::Cancelled,
                    forward::Stopped::NotFinite(step) => not_finite(step),
                })?;
            done += 1.0;
            let output = part.outputs(tape);
            // The top layer's state may outgrow f64 with an exponent of its own; what a layer reads may not.
            if let Some(step) = first_not_finite(output.view()).filter(|_| !top) {
                return Err(not_finite(step));
            }
            outputs.push(part.in_order(output.view()));
            inputs.push(input);
        }
        let views: Vec<_> = outputs.iter().map(|rows| rows.view()).collect();
        let outputs = concatenate(Axis(1), &views).unwrap_or_default();
        Ok((inputs, outputs))
    }

    /// h_1 … h_T of the top layer, T × outputs in the order of time, the forward direction's first.
    pub fn outputs(&self, run: &StackTape) -> Array2<f64> {
        let top = self.layers.last().zip(run.tapes.last());
        let parts = top
            .into_iter()
            .flat_map(|(parts, tapes)| parts.iter().zip(tapes));
        let rows: Vec<_> = parts
            .map(|(part, tape)| part.in_order(part.outputs(tape).view()))
            .collect();
        let views: Vec<_> = rows.iter().map(|rows| rows.view()).collect();
        concatenate(Axis(1), &views).unwrap_or_default()
    }

    /// The gradient of the loss through all layers. `None` when the caller ended it.
    pub fn backward(&self, run: &StackTape, loss: StackLoss, go_on: GoOn) -> Option<StackFlow> {
        self.back(run, loss, Way::default(), go_on)
    }

    /// [`Stack::backward`], on this way.
    pub fn back(
        &self,
        run: &StackTape,
        loss: StackLoss,
        way: Way,
        go_on: GoOn,
    ) -> Option<StackFlow> {
        let mut layers: Vec<Vec<LayerFlow>> = Vec::new();
        let mut ends = Ends::of_loss(loss, self, run);
        let squared = ends.half_square();
        let (mut value, mut largest) = (Wide::ZERO, Wide::ZERO);
        let (mut gradients, mut inputs) = (Vec::new(), Vec::new());
        let count = self.count() as f64;
        let mut done = 0.0;
        for (layer, parts) in self.layers.iter().enumerate().rev() {
            let top = layer + 1 == self.layers.len();
            let mut flows = Vec::new();
            let mut brought = Brought::default();
            for (direction, part) in parts.iter().enumerate() {
                let (tape, read) = (&run.tapes[layer][direction], &run.inputs[layer][direction]);
                let given = ends.of(part);
                let mut partly = |part: f64| go_on((done + part) / count);
                let swept = part.sweep(tape, read, &given, way.truncate, &mut partly)?;
                done += 1.0;
                largest = swept
                    .gradients
                    .iter()
                    .map(lens::largest)
                    .fold(largest, larger);
                if way.keep {
                    gradients.extend(swept.gradients);
                }
                let mut flow = swept.flow;
                (flow.layer, flow.reverse) = (layer, part.reverse);
                if top {
                    value = value.plus(swept.loss);
                } else if let Some(last) = flow.paths.last_mut() {
                    last.path = Path::Above;
                }
                flows.push(flow);
                if layer > 0 || way.to_inputs {
                    brought.add(part, &swept.deltas);
                }
            }
            layers.push(flows);
            if layer > 0 {
                ends = Ends::of_layer(brought, &self.layers[layer - 1]);
            } else {
                inputs = brought.norms();
            }
        }
        layers.reverse();
        let all = layers.iter().flatten().flat_map(|flow| &flow.parameters);
        let grad_norm = all.fold(Wide::ZERO, |sum, (_, norm)| sum.hypot(*norm));
        let loss = match loss {
            StackLoss::Mse(_) => squared,
            StackLoss::Last(_) | StackLoss::Sum(_) | StackLoss::Weighted(_) => value,
        };
        Some(StackFlow {
            layers,
            loss,
            grad_norm,
            largest,
            gradients,
            inputs,
        })
    }

    /// Cells in the stack.
    fn count(&self) -> usize {
        self.layers.iter().map(Vec::len).sum()
    }
}

/// What the sweep through one layer in one direction leaves.
struct PartSwept {
    flow: LayerFlow,
    gradients: Vec<Gradient>,
    deltas: Deltas,
    /// Σ Δ_s·h_s.
    loss: Wide,
}

impl DirectedLayer {
    /// Rows in the order of time, as this direction reads them; and back.
    fn in_order<A: Clone>(&self, rows: ArrayView2<A>) -> Array2<A> {
        in_order(rows, self.reverse)
    }

    fn inputs(&self) -> &Array2<f64> {
        with_cell!(&self.cell, cell => &cell.parameters().w)
    }

    /// The size of h as it is seen from outside.
    fn width(&self) -> usize {
        self.projection.as_ref().map_or_else(
            || with_cell!(&self.cell, cell => cell.parameters().hidden()),
            |projection| projection.matrix.nrows(),
        )
    }

    /// h_1 … h_T, by steps as the direction reads; not finite where the state outgrew `f64`.
    fn outputs(&self, tape: &Tape) -> Array2<f64> {
        let mut h = states(tape, 1);
        for (mut row, &exponent) in h.rows_mut().into_iter().zip(&tape.exponents[1..]) {
            if exponent != 0 {
                row.mapv_inplace(|x| scale_by_power_of_two(x, exponent));
            }
        }
        self.project(h)
    }

    /// W_hr m for all rows m.
    fn project(&self, m: Array2<f64>) -> Array2<f64> {
        match &self.projection {
            None => m,
            Some(projection) => m.dot(&projection.matrix.t()),
        }
    }

    /// Sweeps with these gradients Δ_s at the outer h_s.
    fn sweep(
        &self,
        tape: &Tape,
        read: &Array2<f64>,
        given: &Injected,
        truncate: usize,
        go_on: GoOn,
    ) -> Option<PartSwept> {
        let inside = self.projection.as_ref().map(|projection| {
            // δm = W_hrᵀ δh.
            Injected::new(down::through(given.rows(), &projection.matrix))
        });
        let loss = Loss::Given(inside.as_ref().unwrap_or(given));
        let (mut swept, mut parameters) = with_cell!(&self.cell, cell => {
            let sweep = Sweep { truncate, ..Sweep::new(cell, tape, loss) };
            let swept = sweep.run(go_on)?;
            let gradients = gradients::gradients(cell, tape, read.view(), &swept, &mut gradients::Memory::default());
            (swept, gradients)
        });
        let deltas = Deltas::take(&mut swept, tape);
        if let Some(projection) = &self.projection {
            let outer = down::Projected::new(projection, tape, given, &deltas);
            swept.totals.grad_h = outer.grad_h();
            swept.grad_h0 = outer.grad_h0();
            outer.replace_gradients(&mut parameters);
        }
        let norm = |g: &Gradient| (g.name, gradients::norm(std::slice::from_ref(g)));
        Some(PartSwept {
            flow: LayerFlow {
                layer: 0,
                reverse: self.reverse,
                totals: swept.totals,
                grad_h0: swept.grad_h0,
                grad_c0: swept.grad_c0,
                paths: swept.paths,
                residual: swept.residual,
                parameters: parameters.iter().map(norm).collect(),
                largest: swept.largest,
            },
            gradients: parameters,
            deltas,
            loss: loss.value(tape),
        })
    }
}

/// Rows from the first to the last, or in reverse.
fn in_order<A: Clone>(mut rows: ArrayView2<A>, reverse: bool) -> Array2<A> {
    if reverse {
        rows.invert_axis(Axis(0));
    }
    rows.as_standard_layout().into_owned()
}

/// Mantissas of h_from … h_T.
fn states(tape: &Tape, from: usize) -> Array2<f64> {
    let rows = tape.h[from * tape.hidden..].to_vec();
    Array2::from_shape_vec((tape.steps + 1 - from, tape.hidden), rows).unwrap_or_default()
}

/// The first row, from 1, with a number that is not finite.
fn first_not_finite(rows: ArrayView2<f64>) -> Option<usize> {
    rows.rows()
        .into_iter()
        .position(|row| row.iter().any(|x| !x.is_finite()))
        .map(|row| row + 1)
}

/// Columns `from..from + width`.
fn columns<A>(rows: &Array2<A>, from: usize, width: usize) -> ArrayView2<'_, A> {
    rows.slice_axis(Axis(1), Slice::from(from..from + width))
}
