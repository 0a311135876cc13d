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

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use super::extras::{Bptt, Formats};
use super::{Matrices, Step};
use crate::cell::LayerId;
use crate::cli::inspect::padding;
use crate::cli::trace::number::{number, numbers};
use crate::cli::trace::whole::Trace;
use crate::flow::{Flow, MatrixSize, lens};
use crate::words::sanitise;

impl Serialize for Trace<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (parameters, layers) = (&self.model.parameters, &self.whole.layers);
        let both = parameters.bidirectional();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("cell", parameters.kind.name())?;
        map.serialize_entry("taken", &self.model.taken)?;
        map.serialize_entry("on_data", &self.caution().is_none())?;
        map.serialize_entry("input", &sanitise(self.source))?;
        map.serialize_entry("hidden", &parameters.hidden())?;
        map.serialize_entry("inputs", &parameters.inputs())?;
        map.serialize_entry("layers", &parameters.layers.len())?;
        map.serialize_entry("bidirectional", &both)?;
        map.serialize_entry("steps", &Steps { layers, both })?;
        number(&mut map, "loss", self.whole.loss)?;
        number(&mut map, "param_grad_norm", self.whole.clipping.before)?;
        number(&mut map, "clipped_norm", self.whole.clipping.after)?;
        map.serialize_entry("clip_angle_deg", &self.whole.clipping.angle_deg)?;
        let none: [usize; 0] = [];
        map.serialize_entry("clip_steps", &none)?;
        let largest = |size: fn(&MatrixSize) -> f64| {
            let all = layers.iter().flat_map(|(_, flow)| &flow.matrices);
            all.map(size).fold(0.0, f64::max)
        };
        map.serialize_entry("spectral_radius", &largest(|m| m.spectral_radius))?;
        map.serialize_entry("norm", &largest(|m| m.norm))?;
        map.serialize_entry("matrices", &Sizes { layers, both })?;
        numbers(&mut map, "grad_h0", layers.iter().map(|(_, f)| f.grad_h0))?;
        if parameters.kind.has_c() {
            let all = layers.iter().filter_map(|(_, flow)| flow.grad_c0);
            numbers(&mut map, "grad_c0", all)?;
        }
        let formats = AllFormats {
            layers,
            written: &self.whole.written,
            both,
        };
        map.serialize_entry("formats", &formats)?;
        if let Some(truncated) = &self.whole.truncated {
            map.serialize_entry("bptt", &Bptt(truncated))?;
        }
        if let Some(cost) = &self.whole.padding {
            map.serialize_entry("padding", &padding(cost))?;
        }
        self.provenance().fields(&mut map)?;
        map.end()
    }
}

/// Which layer, and in a bidirectional model which direction.
fn place<M: SerializeMap>(map: &mut M, id: LayerId, both: bool) -> Result<(), M::Error> {
    map.serialize_entry("layer", &id.layer)?;
    if both {
        map.serialize_entry("reverse", &id.reverse)?;
    }
    Ok(())
}

/// `steps`.
struct Steps<'a> {
    layers: &'a [(LayerId, Flow)],
    both: bool,
}

impl Serialize for Steps<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for (id, flow) in self.layers {
            for t in 1..=flow.steps {
                let step = Step { flow, t };
                list.serialize_element(&OfLayer(*id, self.both, &step))?;
            }
        }
        list.end()
    }
}

/// A step of a layer.
struct OfLayer<'a>(LayerId, bool, &'a Step<'a>);

impl Serialize for OfLayer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        place(&mut map, self.0, self.1)?;
        self.2.totals_and_paths(&mut map)?;
        map.end()
    }
}

/// `matrices`.
struct Sizes<'a> {
    layers: &'a [(LayerId, Flow)],
    both: bool,
}

impl Serialize for Sizes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.layers.len()))?;
        for (id, flow) in self.layers {
            list.serialize_element(&SizesOf(*id, self.both, flow))?;
        }
        list.end()
    }
}

/// The sizes of a layer's matrices.
struct SizesOf<'a>(LayerId, bool, &'a Flow);

impl Serialize for SizesOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        place(&mut map, self.0, self.1)?;
        let flow = self.2;
        map.serialize_entry("spectral_radius", &Matrices(flow, |m| m.spectral_radius))?;
        map.serialize_entry("norm", &Matrices(flow, |m| m.norm))?;
        map.end()
    }
}

/// `formats`.
struct AllFormats<'a> {
    layers: &'a [(LayerId, Flow)],
    written: &'a [Vec<lens::Written>],
    both: bool,
}

impl Serialize for AllFormats<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let all = self.layers.iter().zip(self.written);
        serializer.collect_seq(all.map(|((id, _), written)| FormatsOf(*id, self.both, written)))
    }
}

/// The formats of a layer.
struct FormatsOf<'a>(LayerId, bool, &'a [lens::Written]);

impl Serialize for FormatsOf<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        place(&mut map, self.0, self.1)?;
        Formats(self.2).entries(&mut map)?;
        map.end()
    }
}
