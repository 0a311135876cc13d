//! The fields of `--hops`, `--detach`, `--jacobian` and `--lyapunov`.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::cli::inspect::padding;
use crate::cli::trace::extras::{Extras, curves, reason};
use crate::cli::trace::number::{Plain, number, numbers};
use crate::flow::lens::{Truncated, Written};
use crate::flow::{Detached, Hops};

/// Writes the fields that were asked for.
pub fn fields<M: SerializeMap>(map: &mut M, extras: &Extras) -> Result<(), M::Error> {
    if let Some(hops) = &extras.hops {
        map.serialize_entry("hops", &Steps(hops))?;
    }
    if let Some(detached) = &extras.detach {
        map.serialize_entry("detach_probability", &detached.probability)?;
        map.serialize_entry("detach_draws", &detached.draws)?;
        map.serialize_entry("detach", &Draws(detached))?;
    }
    if let Some(lens) = &extras.lens {
        map.serialize_entry("formats", &Formats(&lens.formats))?;
        if let Some(truncated) = &lens.truncated {
            map.serialize_entry("bptt", &Bptt(truncated))?;
        }
    }
    if let Some(cost) = &extras.padding {
        map.serialize_entry("padding", &padding(cost))?;
    }
    if let Some((from, values)) = &extras.jacobian {
        map.serialize_entry("jacobian_from", from)?;
        numbers(map, "singular_values", values.iter().copied())?;
    }
    if let Some(lyapunov) = &extras.lyapunov {
        match &lyapunov.singular {
            None => {
                map.serialize_entry("lyapunov", &lyapunov.exponents)?;
                map.serialize_entry("lyapunov_rounding", &lyapunov.rounding)?;
            }
            Some(singular) => {
                map.serialize_entry("lyapunov", &None::<f64>)?;
                map.serialize_entry("lyapunov_absent", &reason(singular))?;
            }
        }
        let largest = Some(lyapunov.largest()).filter(|x| x.is_finite());
        map.serialize_entry("lyapunov_max", &largest)?;
    }
    Ok(())
}

/// `formats`.
pub(in crate::cli) struct Formats<'a>(pub &'a [Written]);

impl Serialize for Formats<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.entries(&mut map)?;
        map.end()
    }
}

impl Formats<'_> {
    /// What each format makes of it, by its name.
    pub fn entries<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.0.iter().try_for_each(|written| {
            let fields = serde_json::json!({
                "zero_back": written.zero_back,
                "overflow_back": written.overflow_back,
                "clip": written.clip.word(),
            });
            map.serialize_entry(written.format.name, &fields)
        })
    }
}

/// `bptt`.
pub(in crate::cli) struct Bptt<'a>(pub &'a Truncated);

impl Serialize for Bptt<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("steps", &self.0.steps)?;
        number(&mut map, "param_grad_norm", self.0.norm)?;
        map.serialize_entry("kept", &self.0.kept.map(Plain))?;
        map.serialize_entry("angle_deg", &self.0.angle_deg)?;
        map.end()
    }
}

/// `hops`.
struct Steps<'a>(&'a Hops);

impl Serialize for Steps<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for t in 1..=self.0.residual.len() {
            list.serialize_element(&Step(self.0, t))?;
        }
        list.end()
    }
}

/// One element of `hops`.
struct Step<'a>(&'a Hops, usize);

impl Serialize for Step<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(hops, t) = *self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("t", &t)?;
        numbers(&mut map, "grad_h", hops.grad_h.at(t).iter().copied())?;
        if let Some(grad_c) = &hops.grad_c {
            numbers(&mut map, "grad_c", grad_c.at(t).iter().copied())?;
        }
        number(&mut map, "rest_h", hops.grad_h.rest[t - 1])?;
        if let Some(grad_c) = &hops.grad_c {
            number(&mut map, "rest_c", grad_c.rest[t - 1])?;
        }
        map.end()
    }
}

/// `detach`.
struct Draws<'a>(&'a Detached);

impl Serialize for Draws<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(None)?;
        for t in 1..=self.0.mean.len() {
            list.serialize_element(&OfDraws(self.0, t))?;
        }
        list.end()
    }
}

/// One element of `detach`.
struct OfDraws<'a>(&'a Detached, usize);

impl Serialize for OfDraws<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(detached, t) = *self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("t", &t)?;
        for (name, curve) in curves(detached) {
            number(&mut map, name, curve[t - 1])?;
        }
        map.end()
    }
}
