//! The JSON of a model with several layers, both directions or a projection.
//!
//! | field | |
//! |---|---|
//! | `cell`, `taken`, `on_data`, `hidden`, `inputs` | as for one cell; `hidden` of the first layer |
//! | `input` | what drove it: the file, the signal, or the embedding whose rows were drawn |
//! | `layers`, `bidirectional` | how many layers, and whether each is two cells |
//! | `steps` | one object for each layer and t: `layer`, from 0; `reverse`, in a bidirectional model, whether it is the direction that reads from T to 1, where t counts the steps as it reads them; and `t`, `grad_h`, `grad_c`, `paths` as for one cell. Beside the paths of the cell there are `loss`, 0 but in the top layer, and `above`, what the layer above injects |
//! | `loss`, `param_grad_norm`, `clipped_norm`, `clip_angle_deg` | of the whole model |
//! | `clip_steps` | empty: clipping `step` is for one cell |
//! | `spectral_radius`, `norm` | the largest of all recurrent matrices |
//! | `matrices` | for each layer and direction `layer`, `reverse`, `spectral_radius` and `norm` of each recurrent matrix |
//! | `grad_h0`, `grad_c0` | lists, one number for each layer and direction |
//! | `formats` | for each layer and direction `layer`, `reverse`, and its gradient in smaller formats as for one cell |
//! | `bptt` | with `--bptt` as for one cell, of all parameters |
//! | `padding` | as for one cell |
//! | `version`, `preset`, `seed`, `settings`, `arguments`, `files` | as for one cell |
//!
//! There is no `factor_per_step`: the layer above adds to δ in every step.

use super::extras::{bptt, formats};
use super::{matrices, step};
use crate::cell::LayerId;
use crate::cli::inspect::padding;
use crate::cli::json::{Json, Object};
use crate::cli::trace::whole::Trace;
use crate::flow::MatrixSize;
use crate::words::sanitise;

/// All that is told of a model.
pub fn object<'a>(trace: &Trace<'a>) -> Object<'a> {
    let (parameters, whole) = (&trace.model.parameters, trace.whole);
    let layers = &whole.layers;
    let both = parameters.bidirectional();
    let place = move |id: &LayerId| {
        let layer = Object::default().with("layer", id.layer);
        layer.maybe("reverse", both.then_some(id.reverse))
    };
    // Layers may have different numbers of steps.
    let steps: Vec<(usize, usize)> = layers
        .iter()
        .enumerate()
        .flat_map(|(layer, (_, flow))| (1..=flow.steps).map(move |t| (layer, t)))
        .collect();
    let steps = Json::list(steps.len(), move |k| {
        let (layer, t) = steps[k];
        let (id, flow) = &layers[layer];
        step(place(id), flow, t)
    });
    let sizes = Json::list(layers.len(), move |k| {
        let (id, flow) = &layers[k];
        place(id)
            .with("spectral_radius", matrices(flow, |m| m.spectral_radius))
            .with("norm", matrices(flow, |m| m.norm))
    });
    let count = layers.len().min(whole.written.len());
    let written = Json::list(count, move |k| {
        formats(place(&layers[k].0), &whole.written[k])
    });
    let largest = |size: fn(&MatrixSize) -> f64| {
        let all = layers.iter().flat_map(|(_, flow)| &flow.matrices);
        all.map(size).fold(0.0, f64::max)
    };
    let object = Object::default()
        .with("cell", parameters.kind.name())
        .with("taken", trace.model.taken.as_str())
        .with("on_data", trace.caution().is_none())
        .with("input", sanitise(trace.source))
        .with("hidden", parameters.hidden())
        .with("inputs", parameters.inputs())
        .with("layers", parameters.layers.len())
        .with("bidirectional", both)
        .with("steps", steps)
        .number("loss", whole.loss)
        .number("param_grad_norm", whole.clipping.before)
        .number("clipped_norm", whole.clipping.after)
        .with("clip_angle_deg", whole.clipping.angle_deg)
        .with("clip_steps", Vec::<usize>::new())
        .with("spectral_radius", largest(|m| m.spectral_radius))
        .with("norm", largest(|m| m.norm))
        .with("matrices", sizes)
        .numbers("grad_h0", layers.iter().map(|(_, flow)| flow.grad_h0));
    let object = if parameters.kind.has_c() {
        let all = layers.iter().filter_map(|(_, flow)| flow.grad_c0);
        object.numbers("grad_c0", all)
    } else {
        object
    };
    object
        .with("formats", written)
        .maybe("bptt", whole.truncated.as_ref().map(bptt))
        .maybe("padding", whole.padding.as_ref().map(padding))
        .and(trace.provenance().object())
}
