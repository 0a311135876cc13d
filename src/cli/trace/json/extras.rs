//! The fields of `--hops`, `--detach`, `--jacobian` and `--lyapunov`.

use serde_json::{Value, json};

use super::at;
use crate::cli::inspect::padding;
use crate::cli::json::{Json, Object};
use crate::cli::trace::extras::{Extras, curves, reason};
use crate::flow::lens::{Truncated, Written};
use crate::flow::{Detached, Hops, Lyapunov};

/// The fields that were asked for.
pub fn object(extras: &Extras) -> Object<'_> {
    let mut object = Object::default();
    if let Some(hops) = &extras.hops {
        let steps = Json::list(hops.residual.len(), |k| hops_at(hops, k + 1));
        object = object.with("hops", steps);
    }
    if let Some(detached) = &extras.detach {
        object = object
            .with("detach_probability", detached.probability)
            .with("detach_draws", detached.draws)
            .with("detach", draws(detached));
    }
    if let Some(lens) = &extras.lens {
        object = object
            .with("formats", formats(Object::default(), &lens.formats))
            .maybe("bptt", lens.truncated.as_ref().map(bptt));
    }
    object = object.maybe("padding", extras.padding.as_ref().map(padding));
    if let Some((from, values)) = &extras.jacobian {
        object = object
            .with("jacobian_from", *from)
            .numbers("singular_values", values.iter().copied());
    }
    let exponents = extras.lyapunov.as_ref().map(lyapunov);
    object.and(exponents.unwrap_or_default())
}

fn lyapunov(found: &Lyapunov) -> Object<'_> {
    let object = match &found.singular {
        None => Object::default()
            .with("lyapunov", found.exponents.clone())
            .with("lyapunov_rounding", found.rounding.clone()),
        Some(singular) => Object::default()
            .with("lyapunov", Value::Null)
            .with("lyapunov_absent", reason(singular)),
    };
    let largest = Some(found.largest()).filter(|x| x.is_finite());
    object.with("lyapunov_max", largest)
}

/// What each format makes of a gradient, by its name, behind what says of which.
pub(in crate::cli) fn formats<'a>(place: Object<'a>, all: &[Written]) -> Object<'a> {
    all.iter().fold(place, |object, written| {
        let fields = json!({
            "zero_back": written.zero_back,
            "overflow_back": written.overflow_back,
            "clip": written.clip.word(),
        });
        object.with(written.format.name, fields)
    })
}

/// `bptt`.
pub(in crate::cli) fn bptt<'a>(truncated: &Truncated) -> Object<'a> {
    Object::default()
        .with("steps", truncated.steps)
        .number("param_grad_norm", truncated.norm)
        .with("kept", Json::wide(truncated.kept))
        .with("angle_deg", truncated.angle_deg)
}

/// One element of `hops`.
fn hops_at(hops: &Hops, t: usize) -> Object<'_> {
    let (h, c) = (&hops.grad_h, hops.grad_c.as_ref());
    let mut object = Object::default()
        .with("t", t)
        .numbers("grad_h", h.at(t).iter().copied());
    if let Some(c) = c {
        object = object.numbers("grad_c", c.at(t).iter().copied());
    }
    object = object.number("rest_h", h.rest[t - 1]);
    match c {
        Some(c) => object.number("rest_c", c.rest[t - 1]),
        None => object,
    }
}

/// `detach`.
fn draws(detached: &Detached) -> Json<'_> {
    Json::list(detached.mean.len(), |k| {
        at(Object::default().with("t", k + 1), curves(detached), k + 1)
    })
}
