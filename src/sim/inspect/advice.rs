//! What would help, each with its cause, the r that it would give, and its source. A remedy that would
//! not bring r nearer to 1 is none, and a layer that neither explodes nor vanishes needs none.
//!
//! The r of a remedy is measured: the layer is run again with the parameters that it would have. How to
//! initialise is told of a model whose weights are those of an initialisation, and of no other.

mod change;
mod decay;

use self::change::{Guilty, block_mut, scale_gate, shift_bias};
use super::remedy::{Cancelled, Trials, Tried};
use super::words::short;
use super::{Diagnosis, Input, LayerDiagnosis, quantile};
use crate::cell::{Activation, CellKind, Init, LayerId, Parameters, init};
use crate::flow::{Cause, Verdict};
use crate::num::Wide;
use crate::words::cause;

/// So many sequences make a distribution of norms.
const ENOUGH: usize = 10;
/// A distribution whose largest norm is beyond so many medians has a tail worth clipping.
const TAIL: f64 = 3.0;
/// Of what grows no more than this part of ln r is left without a weight that alone makes it grow.
const ALONE: f64 = 0.1;
/// The farthest that a bias is moved.
const BIAS: f64 = 10.0;

/// One piece of advice.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// `weight`, `scale`, `forget_bias`, `spectral_norm`, `orthogonal`, `chrono`, `clip`.
    pub kind: &'static str,
    /// What to do.
    pub remedy: String,
    /// What was measured that it is a remedy for.
    pub cause: String,
    /// Which layer it is for; `None` for clipping, which is for all.
    pub layer: Option<LayerId>,
    /// r of the layer that it is for, when it is followed; `None` for clipping a tail, which is for no
    /// layer.
    pub r_after: Option<f64>,
    /// The verdict on that layer as it is, and over how many steps.
    pub judged: (Option<Verdict>, usize),
    /// Where it comes from.
    pub source: &'static str,
}

impl Advice {
    /// The verdict once it is followed.
    pub fn verdict_after(&self) -> Option<Verdict> {
        Some(Verdict::of(self.r_after?.log10(), self.judged.1))
    }

    /// What it comes to: `r then: 0.993, ×0.255 over 200 steps: still vanishing ▼`.
    pub fn outcome(&self) -> Option<String> {
        let (r, verdict) = (Wide::from_f64(self.r_after?), self.verdict_after()?);
        let (before, steps) = self.judged;
        let still = if before == Some(verdict) {
            "still "
        } else {
            ""
        };
        let growth = cause::growth(r, steps);
        let r = cause::factor(r);
        Some(format!(
            "r then: {r}, ×{growth} over {steps} steps: {still}{verdict}"
        ))
    }
}

/// All advice that has a cause.
pub(super) fn advise(found: &Diagnosis, trials: &mut Trials) -> Result<Vec<Advice>, Cancelled> {
    let mut all = Vec::new();
    let exploding = farthest(found, Verdict::Exploding);
    for layer in &exploding {
        let mut of_one = Patient::new(found, layer[0], trials).of_growth()?;
        of_others(layer, "explode", &mut of_one);
        all.extend(of_one);
    }
    for layer in farthest(found, Verdict::Vanishing) {
        let mut of_one = Patient::new(found, layer[0], trials).of_decay()?;
        of_others(&layer, "vanish", &mut of_one);
        all.extend(of_one);
    }
    all.extend(clip(found, exploding.first().map(|layers| layers[0])));
    Ok(all)
}

/// The layers with this verdict by their cause, those of one cause together, and of these and of all causes the one
/// first whose r is farthest from 1.
fn farthest(found: &Diagnosis, verdict: Verdict) -> Vec<Vec<&LayerDiagnosis>> {
    let layers = found.layers.iter();
    let mut layers: Vec<_> = layers
        .filter(|layer| layer.law.verdict() == Some(verdict))
        .collect();
    let size = |layer: &LayerDiagnosis| layer.law.factor.map_or(0.0, |r| r.log10().abs());
    layers.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let mut groups: Vec<Vec<&LayerDiagnosis>> = Vec::new();
    let cause = |layer: &LayerDiagnosis| {
        let cause = &layer.law.cause;
        (std::mem::discriminant(cause), cause.paths().to_vec())
    };
    for layer in layers {
        match groups
            .iter_mut()
            .find(|group| cause(group[0]) == cause(layer))
        {
            Some(group) => group.push(layer),
            None => groups.push(vec![layer]),
        }
    }
    groups
}

/// Says which other layers have the cause of the first.
fn of_others(layers: &[&LayerDiagnosis], verb: &str, advice: &mut [Advice]) {
    if let ([_, others @ ..], Some(first)) = (layers, advice.first_mut())
        && !others.is_empty()
    {
        let names: Vec<String> = others.iter().map(|layer| layer.name()).collect();
        let verb = if others.len() == 1 {
            format!("{verb}s")
        } else {
            verb.to_owned()
        };
        let names = names.join(", ");
        first.cause = format!("{}; {names} {verb} by the same path, and less", first.cause);
    }
}

impl Diagnosis {
    /// Why nothing is advised for a gradient that dies out, where that is so.
    pub fn unadvised(&self) -> Option<&'static str> {
        let vanishing = |id| {
            let mut layers = self.layers.iter();
            layers.any(|layer| layer.vanishes() && id == layer.id())
        };
        let advised = self.advice.iter().filter_map(|advice| advice.layer);
        if self.input != Input::Own
            || !self.layers.iter().any(LayerDiagnosis::vanishes)
            || advised.into_iter().any(vanishing)
        {
            return None;
        }
        Some(if self.initial {
            "No remedy: none that was tried brings r nearer to 1."
        } else {
            "No remedy for what vanishes: it would be another initialisation, and these weights do not look \
             freshly drawn."
        })
    }
}

/// A layer that is not well.
struct Patient<'a, 'b> {
    found: &'a Diagnosis,
    layer: &'a LayerDiagnosis,
    at: (usize, usize),
    trials: &'a mut Trials<'b>,
    /// ln r as it is, of the sequences that remedies are tried on.
    log_r: f64,
}

impl<'a, 'b> Patient<'a, 'b> {
    fn new(found: &'a Diagnosis, layer: &'a LayerDiagnosis, trials: &'a mut Trials<'b>) -> Self {
        Self {
            found,
            layer,
            at: (layer.layer, usize::from(layer.reverse)),
            trials,
            log_r: layer.law.factor.map_or(0.0, Wide::ln),
        }
    }

    fn advice(
        &self,
        kind: &'static str,
        remedy: String,
        log_r: f64,
        source: &'static str,
    ) -> Advice {
        let law = &self.layer.law;
        let because = cause::because(law, self.found.cell);
        let remedy = if self.found.layers.len() > 1 {
            format!("{}: {remedy}", self.layer.name())
        } else {
            remedy
        };
        Advice {
            kind,
            layer: Some(self.layer.id()),
            judged: (law.verdict(), law.steps),
            remedy,
            cause: format!("{}: {because}", self.layer.name()),
            r_after: Some(log_r.exp()),
            source,
        }
    }

    /// ln r after a change, where that is nearer to r = 1.
    fn better(&mut self, change: &dyn Fn(&mut Parameters)) -> Result<Option<f64>, Cancelled> {
        let after = self.trials.log_r(self.at, change)?;
        Ok(after.filter(|log_r| log_r.abs() < self.log_r.abs()))
    }

    /// What would take a growth away.
    fn of_growth(&mut self) -> Result<Vec<Advice>, Cancelled> {
        let mut all = Vec::new();
        if let Cause::Grows { paths, .. } = &self.layer.law.cause {
            let guilty = Guilty::new(self.found.cell, paths);
            all.extend(self.one_weight(&guilty)?);
            all.extend(self.scaled(&guilty)?);
            all.extend(self.keeping_less()?);
            all.extend(self.normalised(&guilty)?);
            all.extend(self.orthogonal(&guilty)?);
        }
        Ok(all)
    }

    /// The largest weight of the guilty matrix taken away, where that alone ends the growth.
    fn one_weight(&mut self, guilty: &Guilty) -> Result<Option<Advice>, Cancelled> {
        let direction = &self.trials.model.parameters.layers[self.at.0][self.at.1];
        let ([gate], None) = (&guilty.gates[..], &direction.projection) else {
            return Ok(None);
        };
        let (gate, n) = (*gate, direction.cell.hidden());
        let matrix = direction.cell.recurrent(gate);
        let weights = matrix.indexed_iter();
        let largest = weights.max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        let Some(((to, from), &weight)) = largest else {
            return Ok(None);
        };
        let zero = |parameters: &mut Parameters| block_mut(parameters, gate)[[to, from]] = 0.0;
        let after = self.trials.log_r(self.at, &zero)?;
        let after = after.filter(|log_r| log_r.abs() < ALONE * self.log_r.abs());
        Ok(after.map(|log_r| {
            let name = self.found.cell.spec().gates[gate].name;
            let (weight, row) = (short(Wide::from_f64(weight)), gate * n + to);
            let remedy = format!(
                "look at unit {to}: one weight, from h[{from}] to its {name} (row {row}, column {from} of weight_hh), \
                 which is {weight}, makes all of the growth, and r is without it as it says here"
            );
            self.advice("weight", remedy, log_r, "measured: with 0 in its place")
        }))
    }

    /// The guilty matrices scaled to where r is 1.
    fn scaled(&mut self, guilty: &Guilty) -> Result<Option<Advice>, Cancelled> {
        // Down to nothing; or up, no farther than where r is above 1, since slopes fall beyond.
        let ends: &[f64] = if self.log_r > 0.0 {
            &[0.0]
        } else {
            &[1.25, 1.6, 2.0, 2.5, 4.0, 8.0]
        };
        let mut found = None;
        for &end in ends {
            let change = |parameters: &mut Parameters, s| guilty.scale(parameters, s);
            found = self.trials.edge(self.at, [1.0, end], &change)?;
            if found.is_some() {
                break;
            }
        }
        Ok(found.map(|Tried { value, log_r }| {
            let sizes = guilty.sizes(self.layer, value);
            let after = if log_r.abs() < 5e-4 {
                "1".to_owned()
            } else {
                format!("{:.3}", log_r.exp())
            };
            let remedy = format!(
                "scale {} to {value:.3} times what it is{sizes}, where r is {after}",
                guilty.name()
            );
            self.advice(
                "scale",
                remedy,
                log_r,
                "Pascanu et al. 2013 (arXiv 1211.5063)",
            )
        }))
    }

    /// A bias of the gate that keeps at which r is 1: smaller, of a model that grows.
    fn keeping_less(&mut self) -> Result<Option<Advice>, Cancelled> {
        let (Some(bias), true) = (self.layer.keep_bias, self.found.initial) else {
            return Ok(None);
        };
        let found = self.trials.edge(self.at, [0.0, -BIAS], &shift_bias)?;
        Ok(found.map(|tried| self.bias(bias, tried)))
    }

    /// The guilty matrices divided by their σ_max.
    fn normalised(&mut self, guilty: &Guilty) -> Result<Option<Advice>, Cancelled> {
        let norms: Vec<(usize, f64)> = guilty.norms(self.layer);
        if norms.is_empty() || norms.iter().all(|(_, norm)| *norm <= 1.0) {
            return Ok(None);
        }
        let after = self.better(&|parameters| {
            for &(gate, norm) in norms.iter().filter(|(_, norm)| *norm > 1.0) {
                scale_gate(parameters, gate, norm.recip());
            }
        })?;
        Ok(after.map(|log_r| {
            let remedy = format!("spectral normalisation of {}: σ_max 1", guilty.name());
            self.advice(
                "spectral_norm",
                remedy,
                log_r,
                "Miyato et al. 2018 (arXiv 1802.05957)",
            )
        }))
    }

    /// The guilty matrices drawn anew as orthogonal ones (relu: the identity).
    fn orthogonal(&mut self, guilty: &Guilty) -> Result<Option<Advice>, Cancelled> {
        let stretched = guilty.gates.iter().any(|gate| !self.is_orthogonal(*gate));
        if !self.found.initial || guilty.gates.is_empty() || !stretched {
            return Ok(None);
        }
        let relu =
            self.found.cell == CellKind::Rnn && self.found.semantics.activation == Activation::Relu;
        let kind = if relu {
            Init::Identity
        } else {
            Init::Orthogonal
        };
        let n = self.layer.hidden;
        let Ok((drawn, _)) = init::draw(self.found.cell, n, 1, kind, false, 0) else {
            return Ok(None);
        };
        let after = self.better(&|parameters| {
            for &gate in &guilty.gates {
                block_mut(parameters, gate).assign(&drawn.recurrent(gate));
            }
        })?;
        let (how, source) = if relu {
            ("from the identity", "Le et al. 2015 (arXiv 1504.00941)")
        } else if self.found.cell == CellKind::Rnn {
            (
                "from an orthogonal one (torch.nn.init.orthogonal_)",
                "Saxe et al. 2014 (arXiv 1312.6120)",
            )
        } else {
            (
                "from orthogonal ones, gate by gate (torch.nn.init.orthogonal_ on each H × H block)",
                "Saxe et al. 2014 (arXiv 1312.6120)",
            )
        };
        Ok(after.map(|log_r| {
            let remedy = format!("start {} {how}", guilty.name());
            self.advice("orthogonal", remedy, log_r, source)
        }))
    }

    fn is_orthogonal(&self, gate: usize) -> bool {
        let gates = self.found.cell.spec().gates;
        let mut all = self.layer.matrices.iter().zip(&self.layer.orthogonal);
        let found = all.find(|(matrix, _)| gates.get(gate).is_some_and(|g| g.name == matrix.name));
        found.is_some_and(|(_, &orthogonal)| orthogonal)
    }
}

/// A clip threshold, for a growth or for a tail of the norms.
fn clip(found: &Diagnosis, exploding: Option<&LayerDiagnosis>) -> Option<Advice> {
    let norms = &found.grad_norms;
    let [median, high, most] = [0.5, 0.9, 0.99].map(|q| quantile(norms, q));
    let largest = *norms.last()?;
    let many = norms.len() >= ENOUGH;
    let tail = many && largest > median.times(Wide::from_f64(TAIL));
    if !tail && exploding.is_none() {
        return None;
    }
    let measured = if many {
        format!(
            "|g| over {} sequences: median {}, 90 % below {}, 99 % below {}",
            norms.len(),
            short(median),
            short(high),
            short(most)
        )
    } else {
        format!(
            "|g| is {}; --batch {ENOUGH} measures its spread",
            short(median)
        )
    };
    let how = "clip the norm of all gradients (clip_grad_norm_) at 0.5 to 10 times its mean";
    let (remedy, r_after) = match exploding {
        Some(layer) => (
            format!("{how} in a run that goes well: this bounds the step, and leaves r as it is"),
            layer.law.factor.map(Wide::saturating_f64),
        ),
        None => (
            format!(
                "{how}: 90 % of the sequences are below {}; with your own loss, at that of your own loss",
                short(high)
            ),
            None,
        ),
    };
    Some(Advice {
        kind: "clip",
        layer: None,
        judged: (
            exploding.and_then(|layer| layer.law.verdict()),
            exploding.map_or(0, |layer| layer.law.steps),
        ),
        remedy,
        cause: measured,
        r_after,
        source: "Pascanu et al. 2013 (arXiv 1211.5063)",
    })
}
