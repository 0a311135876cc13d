//! What would help, each with its cause, the r that it would give, and its source. A remedy that would
//! not bring r nearer to 1 is none, and a layer that neither explodes nor vanishes needs none.
//!
//! The r of a remedy is measured: the layer is run again with the parameters that it would have. How to
//! initialise is told of a model whose weights are those of an initialisation, and of no other.

use ndarray::{ArrayViewMut2, Axis, Slice};

use super::remedy::{Cancelled, Trials, Tried};
use super::words::short;
use super::{Diagnosis, LayerDiagnosis, quantile};
use crate::cell::{Activation, CellKind, Init, Parameters, Path, init};
use crate::flow::{Cause, MatrixSize, Verdict};
use crate::num::Wide;
use crate::words::cause;

/// So many sequences make a distribution of norms.
const ENOUGH: usize = 10;
/// A distribution whose largest norm is beyond so many medians has a tail worth clipping.
const TAIL: f64 = 3.0;
/// The farthest that a bias is moved.
const BIAS: f64 = 10.0;

/// What a piece of advice is called, and where it comes from.
type Kind = (&'static str, &'static str);

const SCALE: Kind = ("scale", "Pascanu et al. 2013 (arXiv 1211.5063)");
const CLIP: Kind = ("clip", "Pascanu et al. 2013 (arXiv 1211.5063)");
const CHRONO: Kind = ("chrono", "Tallec & Ollivier 2018 (arXiv 1804.11188)");
const NORMALISE: Kind = ("spectral_norm", "Miyato et al. 2018 (arXiv 1802.05957)");

/// One piece of advice.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// `scale`, `forget_bias`, `spectral_norm`, `orthogonal`, `chrono`, `clip`.
    pub kind: &'static str,
    /// What to do.
    pub remedy: String,
    /// What was measured that it is a remedy for.
    pub cause: String,
    /// r of the layer that it is for, when it is followed; `None` for clipping a tail, which is for no
    /// layer.
    pub r_after: Option<f64>,
    /// Where it comes from.
    pub source: &'static str,
}

/// All advice that has a cause.
pub(super) fn advise(found: &Diagnosis, trials: &mut Trials) -> Result<Vec<Advice>, Cancelled> {
    let mut all = Vec::new();
    let [exploding, vanishing] =
        [Verdict::Exploding, Verdict::Vanishing].map(|verdict| farthest(found, verdict));
    for layer in [exploding, vanishing].into_iter().flatten() {
        all.extend(Patient::new(found, layer, trials).advised()?);
    }
    all.extend(clip(found, exploding));
    Ok(all)
}

/// The layer with this verdict whose r is farthest from 1.
fn farthest(found: &Diagnosis, verdict: Verdict) -> Option<&LayerDiagnosis> {
    let layers = found.layers.iter();
    let layers = layers.filter(|layer| layer.law.verdict() == Some(verdict));
    let size = |layer: &LayerDiagnosis| layer.law.factor.map_or(0.0, |r| r.log10().abs());
    layers.max_by(|a, b| size(a).total_cmp(&size(b)))
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

    fn advice(&self, (kind, source): Kind, remedy: String, log_r: f64) -> Advice {
        let because = cause::because(&self.layer.law, self.found.cell);
        Advice {
            kind,
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

    /// The advice to make a change, where it is better.
    fn changed(
        &mut self,
        kind: Kind,
        remedy: String,
        change: &dyn Fn(&mut Parameters),
    ) -> Result<Option<Advice>, Cancelled> {
        let after = self.better(change)?;
        Ok(after.map(|log_r| self.advice(kind, remedy, log_r)))
    }

    /// What would take the cause away.
    fn advised(&mut self) -> Result<Vec<Advice>, Cancelled> {
        let mut all = Vec::new();
        match &self.layer.law.cause {
            Cause::Grows { paths, .. } => {
                let guilty = Guilty::new(self.found.cell, paths);
                all.extend(self.scaled(&guilty)?);
                all.extend(self.keeping_less()?);
                all.extend(self.normalised(&guilty)?);
                all.extend(self.orthogonal(&guilty)?);
            }
            Cause::TakesAway { paths, .. } => {
                let guilty = Guilty::new(self.found.cell, paths);
                let half = |parameters: &mut Parameters| guilty.scale(parameters, 0.5);
                let remedy = format!("scale {} to half of what it is", guilty.name());
                all.extend(self.changed(SCALE, remedy, &half)?);
            }
            Cause::KeepsTooLittle { path, .. } if self.found.initial => {
                if *path == Path::Recurrent {
                    let guilty = Guilty::new(self.found.cell, &[*path]);
                    all.extend(self.orthogonal(&guilty)?);
                    all.extend(self.scaled(&guilty)?);
                } else if self.layer.memory.is_some() {
                    all.extend(self.keeping_more()?);
                    all.extend(self.chrono()?);
                }
            }
            _ => {}
        }
        Ok(all)
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
            self.advice(SCALE, remedy, log_r)
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

    /// A bias for a gradient that dies out: larger, and no larger than where half is left after T steps.
    fn keeping_more(&mut self) -> Result<Option<Advice>, Cancelled> {
        let Some(bias) = self.layer.keep_bias else {
            return Ok(None);
        };
        let most = (self.found.steps as f64 / std::f64::consts::LN_2).ln() - bias;
        if most <= 0.0 {
            return Ok(None);
        }
        let found = self.trials.edge(self.at, [0.0, most], &shift_bias)?;
        let tried = if found.is_some() {
            found
        } else {
            let after = self.better(&|parameters| shift_bias(parameters, most))?;
            after.map(|log_r| Tried { value: most, log_r })
        };
        Ok(tried.map(|tried| self.bias(bias, tried)))
    }

    fn bias(&self, bias: f64, Tried { value, log_r }: Tried) -> Advice {
        let keeper = self.found.cell.spec().keeper();
        let gate = keeper.map_or("forget", |(gate, _)| gate.name);
        let keeps = if gate == "update" {
            " (z means keep)"
        } else {
            ""
        };
        let remedy = format!(
            "a mean {gate} bias of {:.2} in place of {bias:.2}{keeps}: bias_ih and bias_hh add up, rows H to 2H",
            bias + value
        );
        let source = if self.found.cell == CellKind::Lstm {
            "Gers et al. 2000; Jozefowicz et al. 2015"
        } else {
            "as for the forget gate of an LSTM: Gers et al. 2000; Jozefowicz et al. 2015"
        };
        self.advice(("forget_bias", source), remedy, log_r)
    }

    /// Biases spread over all time scales of the window.
    fn chrono(&mut self) -> Result<Option<Advice>, Cancelled> {
        let longest = (self.found.steps.max(3) - 1) as f64;
        let lstm = self.found.cell == CellKind::Lstm;
        let (gate, and) = if lstm {
            ("b_f", ", and b_i = -b_f")
        } else {
            ("b_z", " (z means keep)")
        };
        let remedy = format!(
            "where inputs must be remembered for up to {} steps: chrono initialisation, {gate} = ln u with u from U(1, {longest}){and}",
            self.found.steps
        );
        self.changed(CHRONO, remedy, &|parameters| {
            set_chrono(parameters, longest, lstm);
        })
    }

    /// The guilty matrices divided by their σ_max.
    fn normalised(&mut self, guilty: &Guilty) -> Result<Option<Advice>, Cancelled> {
        let norms: Vec<(usize, f64)> = guilty.norms(self.layer);
        if norms.is_empty() || norms.iter().all(|(_, norm)| *norm <= 1.0) {
            return Ok(None);
        }
        let remedy = format!("spectral normalisation of {}: σ_max 1", guilty.name());
        self.changed(NORMALISE, remedy, &|parameters| {
            for &(gate, norm) in norms.iter().filter(|(_, norm)| *norm > 1.0) {
                scale_gate(parameters, gate, norm.recip());
            }
        })
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
        let remedy = format!("start {} {how}", guilty.name());
        self.changed(("orthogonal", source), remedy, &|parameters| {
            for &gate in &guilty.gates {
                block_mut(parameters, gate).assign(&drawn.recurrent(gate));
            }
        })
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
    let (kind, source) = CLIP;
    Some(Advice {
        kind,
        remedy,
        cause: measured,
        r_after,
        source,
    })
}

/// What the guilty paths pass through.
struct Guilty {
    cell: CellKind,
    /// Blocks of R.
    gates: Vec<usize>,
    /// p_i, p_f, p_o.
    peepholes: Vec<usize>,
}

impl Guilty {
    fn new(cell: CellKind, paths: &[Path]) -> Self {
        let gate = |path: &Path| cell.spec().gate_names().position(|n| n == path.name());
        let peephole = |path: &Path| match path {
            Path::PeepholeInput => Some(0),
            Path::PeepholeForget => Some(1),
            Path::PeepholeOutput => Some(2),
            _ => None,
        };
        Self {
            cell,
            gates: paths.iter().filter_map(gate).collect(),
            peepholes: paths.iter().filter_map(peephole).collect(),
        }
    }

    /// `R of block`, `R of block and forget`, `the peepholes p_f`.
    fn name(&self) -> String {
        let names: Vec<&str> = self
            .gates
            .iter()
            .map(|g| self.cell.spec().gates[*g].name)
            .collect();
        let peepholes: Vec<&str> = self
            .peepholes
            .iter()
            .map(|p| ["p_i", "p_f", "p_o"][*p])
            .collect();
        let matrices = match self.cell {
            CellKind::Rnn => "R".to_owned(),
            _ => format!("R of {}", names.join(" and ")),
        };
        match (names.is_empty(), peepholes.is_empty()) {
            (_, true) => matrices,
            (true, false) => format!("the peepholes {}", peepholes.join(" and ")),
            (false, false) => format!("{matrices} and the peepholes {}", peepholes.join(" and ")),
        }
    }

    fn scale(&self, parameters: &mut Parameters, by: f64) {
        for &gate in &self.gates {
            scale_gate(parameters, gate, by);
        }
        if let Some(peepholes) = &mut parameters.peepholes {
            for &p in &self.peepholes {
                peepholes[p].mapv_inplace(|x| x * by);
            }
        }
    }

    fn matrix<'a>(&self, layer: &'a LayerDiagnosis, gate: usize) -> Option<&'a MatrixSize> {
        let name = self.cell.spec().gates[gate].name;
        layer.matrices.iter().find(|matrix| matrix.name == name)
    }

    /// σ_max of each matrix.
    fn norms(&self, layer: &LayerDiagnosis) -> Vec<(usize, f64)> {
        let named = |&gate: &usize| Some((gate, self.matrix(layer, gate)?.norm));
        self.gates.iter().filter_map(named).collect()
    }

    /// `, ρ 0.25 and σ_max 0.43` of one matrix after scaling.
    fn sizes(&self, layer: &LayerDiagnosis, by: f64) -> String {
        let [gate] = self.gates.as_slice() else {
            return String::new();
        };
        self.matrix(layer, *gate).map_or(String::new(), |matrix| {
            let size = |x: f64| short(Wide::from_f64(x * by));
            format!(
                ", ρ {} and σ_max {}",
                size(matrix.spectral_radius),
                size(matrix.norm)
            )
        })
    }
}

/// R of a gate.
fn block_mut(parameters: &mut Parameters, gate: usize) -> ArrayViewMut2<'_, f64> {
    let n = parameters.hidden();
    let rows = Slice::from(gate * n..(gate + 1) * n);
    parameters.r.slice_axis_mut(Axis(0), rows)
}

fn scale_gate(parameters: &mut Parameters, gate: usize, by: f64) {
    block_mut(parameters, gate).mapv_inplace(|x| x * by);
}

/// Moves the bias of the gate that keeps, block 1 of PyTorch's order.
fn shift_bias(parameters: &mut Parameters, by: f64) {
    let n = parameters.hidden();
    if let Some([bias, _]) = &mut parameters.biases {
        bias.iter_mut().skip(n).take(n).for_each(|b| *b += by);
    }
}

/// Chrono initialisation, with u evenly over its range instead of at random.
fn set_chrono(parameters: &mut Parameters, longest: f64, input: bool) {
    let n = parameters.hidden();
    let Some([ih, hh]) = &mut parameters.biases else {
        return;
    };
    for j in 0..n {
        let u = 1.0 + (longest - 1.0) * (j as f64 + 0.5) / n as f64;
        (ih[n + j], hh[n + j]) = (u.ln(), 0.0);
        if input {
            (ih[j], hh[j]) = (-u.ln(), 0.0);
        }
    }
}
