//! The gradient of a whole model in one window, exact through all layers, in the form that a
//! single cell's has.

use ndarray::Array2;

use super::sequence::Entered;
use super::sizes::Sizing;
use super::{Drive, Entering, InspectError, Model, Padding, check_memory, matrices};
use crate::cell::{LayerId, Variant};
use crate::flow::backward::GoOn;
use crate::flow::lens::{FORMATS, Truncated, Written};
use crate::flow::stack::{LayerFlow, StackLoss, Stopped, Way};
use crate::flow::{Clipping, Flow, Path, PathFlow, clip};
use crate::num::Wide;

/// What a window of a model is judged by, and what it starts from.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'a> {
    /// The loss, on the outputs of the top layer.
    pub loss: StackLoss<'a>,
    /// Where v·(…) enters in its place, and v.
    pub entering: Option<(&'a Entering, &'a [f64])>,
    /// h_0, a row for each layer in each direction, H numbers each; zeros without. Not for a model
    /// with a projection.
    pub initial_h: Option<&'a Array2<f64>>,
    /// c_0, a row for each layer in each direction, H numbers each; zeros without.
    pub initial_c: Option<&'a Array2<f64>>,
    /// K of truncated backpropagation, whose gradient is compared with the whole one.
    pub truncate: Option<usize>,
    /// Whether padding is looked for in the inputs.
    pub padding: bool,
    /// θ of clipping by the norm of all parameters together.
    pub threshold: Option<f64>,
}

/// The gradient of every layer.
#[derive(Clone, Debug)]
pub struct Whole {
    /// Each layer in each direction, from layer 0 on. t counts the steps as the direction reads them.
    /// Each has the paths of its cell and both `loss` and `above`, one of which is 0; no path is
    /// followed alone, and loss and clipping belong to the whole model.
    pub layers: Vec<(LayerId, Flow)>,
    /// The gradient of each of them in smaller number formats.
    pub written: Vec<Vec<Written>>,
    /// L.
    pub loss: Wide,
    /// What truncation leaves, when asked for.
    pub truncated: Option<Truncated>,
    /// What padding costs, where there is some.
    pub padding: Option<Padding>,
    /// Clipping, with ‖g‖ of all layers together.
    pub clipping: Clipping,
}

impl Model {
    /// The gradient through all layers when the model runs on `inputs`, T × D.
    ///
    /// # Errors
    /// [`InspectError`].
    pub fn flow(
        &self,
        inputs: &Array2<f64>,
        judged: Judged,
        go_on: GoOn,
    ) -> Result<Whole, InspectError> {
        check_memory(self, inputs.nrows(), 1)?;
        let stopped = |stopped| InspectError::Stopped(self.title.clone(), stopped);
        let sizing = Sizing::begin(&self.parameters);
        let stack = self.stack();
        let initial = [judged.initial_h, judged.initial_c];
        let tapes = stack.started(inputs.nrows(), initial);
        let run = stack.forward(inputs.view(), tapes, go_on);
        let run = run.map_err(stopped)?;
        let rows = judged
            .entering
            .and_then(|(entering, v)| entering.weights(&stack, &run, v, (0, &(0..inputs.nrows()))));
        let loss = rows.as_ref().map_or(judged.loss, StackLoss::Weighted);
        let mut back = |truncate| {
            let way = Way {
                truncate,
                keep: judged.truncate.is_some(),
                ..Way::default()
            };
            let flow = stack.back(&run, loss, way, &mut *go_on);
            flow.ok_or_else(|| stopped(Stopped::Cancelled))
        };
        let flow = back(0)?;
        let truncated = match judged.truncate {
            None => None,
            Some(steps) => {
                let part = back(steps)?;
                Some(Truncated::new(steps, &flow.gradients, &part.gradients))
            }
        };
        let mut padding = None;
        if let (true, StackLoss::Last(_), Some((entering, v))) =
            (judged.padding, judged.loss, judged.entering)
        {
            let drive = Drive::padded_like(inputs, entering.clone());
            let entered = Entered {
                stack: &stack,
                drive: &drive,
                v,
                initial,
            };
            padding = entered.padding(&mut *go_on).map_err(stopped)?;
        }
        let sizes = sizing
            .wait(&mut || go_on(1.0))
            .ok_or_else(|| stopped(Stopped::Cancelled))?
            .map_err(|error| InspectError::NoConvergence(self.title.clone(), error))?;
        let norm = flow.grad_norm;
        let clipping = Clipping {
            before: norm,
            after: judged
                .threshold
                .map_or(norm, |threshold| clip::clipped_norm(norm, threshold)),
            angle_deg: (!norm.is_zero()).then_some(0.0),
            clipped: Vec::new(),
        };
        let of_layer = |(layer, sizes): (LayerFlow, Vec<_>)| {
            let id = LayerId {
                layer: layer.layer,
                reverse: layer.reverse,
            };
            let flow = Flow {
                matrices: matrices::named(self.parameters.kind, &sizes),
                loss: flow.loss,
                clipping: clipping.clone(),
                ..self.alike(layer)
            };
            (id, flow)
        };
        let written = |layer: &LayerFlow| {
            FORMATS.map(|format| format.written(&layer.largest, flow.largest, norm))
        };
        let all = flow.layers.iter().flatten();
        let written = all.map(|layer| written(layer).to_vec()).collect();
        let layers = flow.layers.into_iter().flatten().zip(sizes);
        Ok(Whole {
            layers: layers.map(of_layer).collect(),
            written,
            loss: flow.loss,
            truncated,
            padding,
            clipping,
        })
    }

    /// A layer's gradient in the form that a single cell's has.
    fn alike(&self, layer: LayerFlow) -> Flow {
        let steps = layer.totals.grad_h.len();
        let mut paths = layer.paths;
        // The ends are `loss` and `above`, whichever of them the layer has.
        if let Some(end) = paths.last().map(|end| end.path) {
            let nothing = |path| PathFlow {
                path,
                share: vec![Wide::ZERO; steps],
                contribution: vec![0.0; steps],
                alone: Vec::new(),
                without: None,
            };
            match end {
                Path::Above => paths.insert(paths.len() - 1, nothing(Path::Loss)),
                _ => paths.push(nothing(Path::Above)),
            }
        }
        Flow {
            cell: self.parameters.kind,
            variant: Variant::Plain,
            hidden: self.parameters.sizes()[layer.layer],
            steps,
            totals: layer.totals,
            uncut: None,
            grad_h0: layer.grad_h0,
            grad_c0: layer.grad_c0,
            paths,
            residual: layer.residual,
            cut_sets: Vec::new(),
            loss: Wide::ZERO,
            clipping: Clipping {
                before: Wide::ZERO,
                after: Wide::ZERO,
                angle_deg: None,
                clipped: Vec::new(),
            },
            matrices: Vec::new(),
            gates: Vec::new(),
            carousel_gain: Vec::new(),
            carried: None,
            law: None,
        }
    }
}
