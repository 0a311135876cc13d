//! The JSON of `rnntop trace`: a stable contract.
//!
//! One object, written on one line for each step:
//!
//! | field | |
//! |---|---|
//! | `cell` | `"rnn"`, `"lstm"`, `"gru"`, `"mingru"`, `"minlstm"`, `"lru"` or `"indrnn"` |
//! | `variant` | for a variant of the LSTM only: `"nig"`, `"nfg"`, `"nog"`, `"niaf"`, `"noaf"`, `"cifg"`, `"np"` or `"fgr"` |
//! | `taken` | with weights only: what their cell was taken for, in words |
//! | `on_data` | with weights only: whether the input is the user's; where it is not, `verdict` is null and `cause` empty, since nothing is a verdict on the model |
//! | `hidden`, `inputs` | H and D |
//! | `steps` | one object for each t = 1…T, in that order |
//! | `cuts` | with `--cuts` only: for each path, and for the sets `gates`, `peepholes` and `gates_peepholes`, the totals without it, as a list of `{"t", "grad_h", "grad_c"}` |
//! | `hops` | with `--hops K` only: for each t, `{"t", "grad_h", "grad_c", "rest_h", "rest_c"}`: the norms of the parts that crossed a recurrent matrix k = 0…K times, as lists, and of the sum of all parts above K |
//! | `jacobian_from`, `singular_values` | with `--jacobian` only: t, and the singular values of ∂s_T/∂s_t, the largest first, of which those below 1e-13 of the largest are rounding noise; s is h, or [h; c], or with full gate recurrence [h; c; i; f; o] |
//! | `lyapunov` | with `--lyapunov` only: the exponents, natural logarithms per step, in the order of the columns of the recursion J_t Q_{t-1} = Q_t R_t from Q_0 = 1, exponent n being 1/T Σ_t ln \|R_t[n, n]\|; null when a diagonal element of an R is 0 to rounding, beside the reason in `lyapunov_absent` |
//! | `lyapunov_rounding` | about what rounding has changed in each of them |
//! | `lyapunov_max` | with `--lyapunov` only: the largest exponent, 1/T ln σ_1 of ∂s_T/∂s_0, which depends on no frame and is not less than any of those above; null where it is −∞ |
//! | `formats` | for `float16`, `bfloat16` and `float32` what the exact gradient is when written in it: `zero_back`, the first step back from T at which every number of δ_t (δc for the LSTM) is 0, and `overflow_back`, at which one is infinite, null where there is none; and `clip`, what `clip_grad_norm_` leaves of the parameters' gradient: `"finite"` numbers, `"nothing"` where all are 0 already, `"zero"` where the norm is infinite, `"nan"` where a number is |
//! | `padding` | where the input begins or ends with zeros: what they cost, as of `rnntop inspect` |
//! | `bptt` | with `--bptt K` only: `steps`, K; the parameters' gradient with the way back cut every K steps, by `param_grad_norm`, by `kept`, the part of `param_grad_norm` that this is (null of 0), and by `angle_deg` between both, null where one of them is 0 |
//! | `loss` | L, and `log10_loss` = log10 \|L\| |
//! | `param_grad_norm`, `clipped_norm` | the norm of all parameter gradients before and after clipping |
//! | `clip_angle_deg` | the angle between the two, in degrees; null where one of them is 0 |
//! | `clip_steps` | the steps t at which clipping `step` scaled the gradient coming back from t + 1 |
//! | `spectral_radius`, `norm` | for each recurrent matrix, max \|eigenvalue\| and the largest singular value: `{"recurrent"}`, `{"block", "input", "forget", "output"}` or `{"update", "reset", "candidate"}`; for the LRU's λ `{"lambda"}`, the IndRNN's u `{"recurrent"}`; empty for a cell without any |
//! | `carousel_gain` | with peepholes only: for each t, the largest \|f + p_i z i(1-i) + p_f c f(1-f)\| of the units, as a list |
//! | `factor_per_step` | r, the slope of ln \|δ_t\| between the means of the first and of the last 4 % of the window, as a factor: of δc for the LSTM, of δh for the others, of what the loss injects at T; null where that is 0 |
//! | `gains` | for each path its mean gain over the window; they add up to `factor_per_step` |
//! | `without` | for each path `factor_per_step` when it is cut; null where no gradient is left at T |
//! | `verdict` | `"exploding"` where `factor_per_step` to the power of T is above 2, `"vanishing"` where it is below ½, else `"stable"`; null where there is none |
//! | `cause` | a list of paths: of a growth the smallest set, beside the carousel or the leak, without which it does not explode, or that path where it explodes with all others cut; of a decay the smallest set that costs more than half of the decades that are lost, or else the path that keeps too little; empty where it is stable |
//! | `detach_factor_per_step`, `detach_verdict` | with `--detach`: r and the verdict of the mean of δ over all draws, which is what training sees; `verdict` is of the whole gradient |
//! | `grad_h0`, `grad_c0` | the norms of dL/dh_0 and, for the LSTM, dL/dc_0 |
//! | `version`, `preset`, `seed`, `settings` | of the program; the preset's name, or null; the seed; and every other setting that is not the program's own, under the name that it has in presets (`gate_scale.block` for a field of a table), as a number or a word |
//! | `arguments`, `files` | what the command was given, without `--out` and `--force`, from which `rnntop trace --from` computes it again; and for each file that was read `option`, `path`, `bytes` and `sha256`, the last two null for standard input and pipes |
//!
//! A step has `t`, `grad_h` and (LSTM) `grad_c`, the norms of the totals; `paths`, the norm of each
//! path's term; `gains`, each path's part ⟨term, δ_t⟩ / (|δ_t| |δ_{t+1}|) in the factor of the step,
//! |δ_t| / |δ_{t+1}| of what the loss injects at T, to which they add up (none at T); and `alone`, the norm when the backward pass keeps only that path. The paths are
//! `carousel`, `block`, `input`, `forget`, `output`, with peepholes `peephole_input`,
//! `peephole_forget`, `peephole_output`, with full gate recurrence `gate_input`, `gate_forget`,
//! `gate_output` (what lands on that gate itself; no term of δc), for the RNN and the IndRNN `recurrent`, for the GRU
//! `leak`, `update`, `reset`, `candidate`, for the minGRU and the LRU `leak`, or for the minLSTM
//! `carousel`; and `loss`, whose `alone` is its term, since nothing of it goes back.
//!
//! Every norm, every list of norms or singular values, and the loss has a twin `log10_…` beside it. Norms are in full float64 precision.
//! One that is too large for float64 is null and the twin holds. One that is too small is written in
//! ten digits, `8.128548626e-904`, of which a reader of float64 makes 0; the twin holds there, too. The
//! twin is null for an exact 0. Fields may be added; none will change its name or meaning.
//!
//! [`whole`] is what a model with several layers has.

pub(in crate::cli) mod extras;
pub(super) mod whole;

use std::io::{self, Write};

use serde::Serialize as _;

use crate::cell::Variant;
use crate::cli::json::{Json, Object};
use crate::cli::trace::Trace;
use crate::flow::{Flow, Law, MatrixSize, Path, PathFlow, Totals, Verdict};
use crate::num::Wide;

/// The whole text, with a line end after it.
pub fn render(object: &Object) -> serde_json::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    object.serialize(&mut serde_json::Serializer::with_formatter(
        &mut bytes,
        LinePerStep::default(),
    ))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// All that is told of one cell.
pub(super) fn object<'a>(trace: &Trace<'a>) -> Object<'a> {
    let (flow, carried) = (trace.flow, trace.flow.carried());
    let judged = trace.caution().is_none();
    let with_alone = move |k: usize| {
        let own = |p: &'a PathFlow| match p.path {
            Path::Loss => p.share.as_slice(),
            _ => p.alone.as_slice(),
        };
        step(Object::default(), flow, k + 1)
            .with("gains", by_path(carried.gains_at(k + 1)))
            .with("alone", of_paths(flow, k + 1, own))
    };
    let clipped = flow.clipping.clipped.iter().enumerate();
    let clipped: Vec<usize> = clipped
        .filter(|(_, clipped)| **clipped)
        .map(|(i, _)| i + 1)
        .collect();
    let model = trace.data.model.as_ref();
    let variant = (flow.variant != Variant::Plain).then(|| flow.variant.name());
    let carousel = Some(&flow.carousel_gain).filter(|gain| !gain.is_empty());
    let object = Object::default()
        .with("cell", flow.cell.name())
        .maybe("variant", variant)
        .maybe("taken", model.map(|subject| subject.model.taken.as_str()))
        .maybe("on_data", model.map(|_| judged))
        .with("hidden", flow.hidden)
        .with("inputs", trace.settings.inputs)
        .with("steps", Json::list(flow.steps, with_alone))
        .maybe("cuts", cuts(flow))
        .and(extras::object(trace.extras))
        .number("loss", flow.loss)
        .number("param_grad_norm", flow.clipping.before)
        .number("clipped_norm", flow.clipping.after)
        .with("clip_angle_deg", flow.clipping.angle_deg)
        .with("clip_steps", clipped)
        .with("spectral_radius", matrices(flow, |m| m.spectral_radius))
        .with("norm", matrices(flow, |m| m.norm))
        .maybe("carousel_gain", carousel.cloned())
        .with("factor_per_step", Json::wide(flow.factor_per_step()));
    let law = flow.law.as_ref().map(|law| of_law(law, judged));
    let object = object
        .and(law.unwrap_or_default())
        .number("grad_h0", flow.grad_h0);
    let object = match flow.grad_c0 {
        Some(grad_c0) => object.number("grad_c0", grad_c0),
        None => object,
    };
    object.and(trace.provenance().object())
}

/// A step of a cell behind what says where it is: the totals and the terms of the paths.
fn step<'a>(place: Object<'a>, flow: &'a Flow, t: usize) -> Object<'a> {
    totals(place, &flow.totals, t).with("paths", of_paths(flow, t, |p| &p.share))
}

/// `t`, `grad_h` and `grad_c` of a step.
fn totals<'a>(place: Object<'a>, totals: &Totals, t: usize) -> Object<'a> {
    let curves = [("grad_h", &totals.grad_h), ("grad_c", &totals.grad_c)];
    at(place.with("t", t), curves, t)
}

/// `paths` or `alone` of a step.
fn of_paths<'a>(
    flow: &'a Flow,
    t: usize,
    curve: impl Fn(&'a PathFlow) -> &'a [Wide],
) -> Object<'a> {
    let paths = flow.paths.iter();
    at(
        Object::default(),
        paths.map(|p| (p.path.name(), curve(p))),
        t,
    )
}

/// The numbers of curves at a step, of those that go so far.
fn at<C: AsRef<[Wide]>>(
    object: Object<'_>,
    curves: impl IntoIterator<Item = (&'static str, C)>,
    t: usize,
) -> Object<'_> {
    curves.into_iter().fold(object, |object, (name, curve)| {
        match curve.as_ref().get(t - 1) {
            Some(&value) => object.number(name, value),
            None => object,
        }
    })
}

/// The totals without each path and each set of paths, where they were asked for.
fn cuts(flow: &Flow) -> Option<Object<'_>> {
    let cut = |p: &PathFlow| p.without.is_some();
    if !flow.paths.iter().any(cut) && flow.cut_sets.is_empty() {
        return None;
    }
    let paths = flow.paths.iter().filter(|p| p.path != Path::Loss);
    let paths = paths.filter_map(|p| Some((p.path.name(), p.without.as_ref()?)));
    let sets = flow.cut_sets.iter().map(|(name, totals)| (*name, totals));
    let all = paths.chain(sets);
    Some(all.fold(Object::default(), |object, (name, without)| {
        let step = |k| totals(Object::default(), without, k + 1);
        object.with(name, Json::list(without.grad_h.len(), step))
    }))
}

/// One number for each recurrent matrix.
fn matrices<'a>(flow: &Flow, size: fn(&MatrixSize) -> f64) -> Object<'a> {
    let all = flow.matrices.iter();
    all.fold(Object::default(), |object, matrix| {
        object.with(matrix.name, size(matrix))
    })
}

/// `verdict` and `cause` of a window: none and an empty list where it is not judged.
pub fn judgement(law: &Law, judged: bool) -> (Option<Verdict>, Vec<&'static str>) {
    if !judged {
        return (None, Vec::new());
    }
    let cause = law.cause.paths().iter().map(|path| path.name());
    (law.verdict(), cause.collect())
}

/// `gains`, `without`, `verdict` and `cause` of a window.
fn of_law<'a>(law: &Law, judged: bool) -> Object<'a> {
    let paths = || law.gains.iter();
    let (verdict, cause) = judgement(law, judged);
    let object = Object::default()
        .with("gains", by_path(paths().map(|g| (g.path, g.gain))))
        .with(
            "without",
            by_path(paths().map(|g| (g.path, Json::wide(g.without)))),
        )
        .with("verdict", verdict.map(Verdict::word))
        .with("cause", cause);
    let Some(detached) = law.detached else {
        return object;
    };
    let r = detached.factor;
    let verdict = judged.then(|| Verdict::of(r.log10(), law.steps).word());
    object
        .with("detach_factor_per_step", r)
        .with("detach_verdict", verdict)
}

/// A number, or none, under the name of each path.
pub fn by_path<'a, N: Into<Json<'a>>>(numbers: impl IntoIterator<Item = (Path, N)>) -> Object<'a> {
    let named = numbers.into_iter();
    named.fold(Object::default(), |object, (path, number)| {
        object.with(path.name(), number)
    })
}

/// Compact JSON with a line break before every object in a list, so that a window can be read, cut
/// and compared line by line.
#[derive(Default)]
struct LinePerStep {
    /// An element of a list has begun, and nothing of it is written yet.
    element: bool,
}

impl serde_json::ser::Formatter for LinePerStep {
    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.element = true;
        writer.write_all(if first { b"" } else { b"," })
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _writer: &mut W) -> io::Result<()> {
        self.element = false;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        let line: &[u8] = if std::mem::take(&mut self.element) {
            b"\n{"
        } else {
            b"{"
        };
        writer.write_all(line)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::cli::trace::example;
    use crate::sim::Settings;

    fn rendered(flow: &Flow) -> Value {
        let settings = Settings {
            inputs: 3,
            ..Settings::default()
        };
        let bytes = example::traced(flow, &settings, |trace| render(&object(&trace))).unwrap();
        assert!(bytes.ends_with(b"}\n"));
        serde_json::from_slice(&bytes).unwrap()
    }

    fn close(got: &Value, wanted: f64) -> bool {
        (got.as_f64().unwrap() - wanted).abs() < 1e-12
    }

    #[test]
    fn an_lstm_has_all_fields_of_the_contract() {
        let got = rendered(&example::lstm(4, false, true));
        assert_eq!(got["cell"], "lstm");
        assert_eq!((&got["hidden"], &got["inputs"]), (&json!(4), &json!(3)));
        assert_eq!(got["steps"].as_array().unwrap().len(), 4);
        let step = &got["steps"][2];
        assert_eq!(step["t"], 3);
        assert_eq!(
            (&step["grad_h"], &step["log10_grad_h"]),
            (&json!(1.0), &json!(0.0))
        );
        assert_eq!(step["grad_c"], 0.5);
        assert_eq!(step["paths"]["carousel"], 0.125);
        assert!(close(&step["paths"]["log10_carousel"], 0.125f64.log10()));
        assert_eq!(
            (&step["paths"]["loss"], &step["paths"]["log10_loss"]),
            (&json!(0.0), &Value::Null)
        );
        assert_eq!(step["alone"]["output"], 0.5);
        assert_eq!(step["alone"]["loss"], 0.0);
        for name in ["carousel", "block", "input", "forget", "output", "gates"] {
            let step = &got["cuts"][name][3];
            assert_eq!(
                (&step["t"], &step["grad_h"]),
                (&json!(4), &json!(2.0)),
                "{name}"
            );
            assert_eq!(
                (&step["grad_c"], &step["log10_grad_c"]),
                (&json!(1.0), &json!(0.0)),
                "{name}"
            );
            assert!(close(&step["log10_grad_h"], 2f64.log10()), "{name}");
        }
        assert!(got["cuts"].get("loss").is_none());
        assert_eq!(got["loss"], -0.125);
        assert!(close(&got["log10_loss"], 0.125f64.log10()));
        assert_eq!(
            (&got["clipped_norm"], &got["clip_angle_deg"]),
            (&json!(5.0), &json!(0.0))
        );
        assert_eq!(got["clip_steps"], json!([2]));
        assert_eq!(
            got["spectral_radius"],
            json!({"block": 1.0, "input": 1.0, "forget": 1.0, "output": 1.0})
        );
        assert_eq!(got["norm"]["output"], 1.625);
        assert_eq!(got["grad_h0"], 0.25);
    }

    #[test]
    fn numbers_beyond_float64_have_their_logarithm() {
        let got = rendered(&example::lstm(4, false, false));
        let first = &got["steps"][0];
        assert_eq!(first["grad_c"], 0.0, "2⁻⁵⁰⁰⁰ as float64");
        assert!((first["log10_grad_c"].as_f64().unwrap() + 5000.0 * 2f64.log10()).abs() < 1e-9);
        assert_eq!(got["param_grad_norm"], Value::Null);
        assert!(
            (got["log10_param_grad_norm"].as_f64().unwrap() - 4000.0 * 2f64.log10()).abs() < 1e-9
        );
        assert_eq!(got["grad_c0"], 0.0);
        assert!(got.get("cuts").is_none());
        assert_eq!(got["factor_per_step"], 0.0, "2⁻⁵⁰⁰⁰ᐟ³ is below float64 too");
    }

    #[test]
    fn an_rnn_has_no_c() {
        let got = rendered(&example::rnn(200));
        assert!(got["steps"][0].get("grad_c").is_none());
        assert!(got.get("grad_c0").is_none());
        assert!(got["steps"][0]["paths"]["recurrent"].is_f64());
        assert_eq!(got["spectral_radius"], json!({"recurrent": 1.01}));
        assert!((got["factor_per_step"].as_f64().unwrap() - 1.01).abs() < 1e-14);
        assert!((got["grad_h0"].as_f64().unwrap() - 7.316_017_8).abs() < 1e-6);
        assert_eq!(
            (&got["loss"], &got["log10_loss"]),
            (&json!(0.0), &Value::Null)
        );
    }

    #[test]
    fn every_norm_is_read_back_exactly() {
        let flow = example::rnn(200);
        // By Rust's own parser, which rounds correctly; serde_json's is faster and may be off by a bit.
        let bytes =
            example::traced(&flow, &Settings::default(), |trace| render(&object(&trace))).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let lines = text
            .lines()
            .filter_map(|line| line.split("\"grad_h\":").nth(1));
        let read: Vec<f64> = lines
            .map(|rest| rest.split(',').next().unwrap().parse().unwrap())
            .collect();
        assert_eq!(crate::cli::trace::example::curve(read), flow.totals.grad_h);
    }
}
