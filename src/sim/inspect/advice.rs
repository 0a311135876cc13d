//! What would help, each with the measured cause and the source. Nothing is said without a cause.

use super::words::{gone, short};
use super::{Diagnosis, LayerDiagnosis, quantile};
use crate::cell::{Activation, CellKind, Path};
use crate::flow::MatrixSize;
use crate::num::Wide;
use crate::words::symbol;

/// So many sequences make a distribution of norms.
const ENOUGH: usize = 10;
/// A distribution whose largest norm is beyond so many medians has a tail worth clipping.
const TAIL: f64 = 3.0;
/// The bias that is advised at least, and σ of it.
const ONE: f64 = 1.0;
const GATE_AT_ONE: f64 = 0.731;

/// One piece of advice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advice {
    /// `forget_bias`, `chrono`, `clip`, `orthogonal`, `scale`.
    pub kind: &'static str,
    /// What to do.
    pub remedy: String,
    /// What was measured that it is a remedy for.
    pub cause: String,
    /// Where it comes from.
    pub source: &'static str,
}

/// All advice that has a cause.
pub(super) fn advise(found: &Diagnosis) -> Vec<Advice> {
    let each = [forget_bias, chrono, clip, orthogonal, scale];
    each.iter().filter_map(|advise| advise(found)).collect()
}

/// The layer whose gradient is gone first, if any is within the window.
fn shortest(found: &Diagnosis) -> Option<(&LayerDiagnosis, usize)> {
    let layers = found.layers.iter();
    layers
        .filter_map(|layer| Some((layer, layer.horizon?)))
        .min_by_key(|(_, horizon)| *horizon)
}

fn forget_bias(found: &Diagnosis) -> Option<Advice> {
    let (layer, horizon) = shortest(found)?;
    let (memory, bias) = (layer.memory.as_ref()?, layer.keep_bias?);
    let (gate, _) = found.cell.spec().keeper()?;
    let (letter, name) = (gate.letter, gate.name);
    let remedy = match name {
        "forget" => {
            "set the forget bias to 1 or 2: bias_ih and bias_hh add up, so put it into one of them, rows H to 2H"
        }
        _ => {
            "set the update bias to 1 or 2 (z means keep): it adds up from bias_ih and bias_hh, rows H to 2H"
        }
    };
    // A gate that is low in spite of such a bias has another cause.
    (memory.gate < GATE_AT_ONE && bias < ONE).then(|| Advice {
        kind: "forget_bias",
        remedy: remedy.to_owned(),
        cause: format!(
            "{}: {letter} is {:.2} with a mean {name} bias of {bias:.2}, half-life {:.1} steps, and {}",
            layer.name(),
            memory.gate,
            memory.quantile(0.5),
            gone(found, horizon)
        ),
        source: "Gers et al. 2000; Jozefowicz et al. 2015",
    })
}

fn chrono(found: &Diagnosis) -> Option<Advice> {
    let (layer, horizon) = shortest(found)?;
    let memory = layer.memory.as_ref()?;
    let most = memory.quantile(0.9);
    let longest = found.steps - 1;
    let (gate, _) = found.cell.spec().keeper()?;
    let remedy = match gate.name {
        "forget" => format!(
            "where inputs must be remembered for up to {} steps: chrono initialisation, b_f = ln u with u from U(1, {longest}), and b_i = -b_f",
            found.steps
        ),
        _ => format!(
            "where inputs must be remembered for up to {} steps: chrono initialisation, b_z = ln u with u from U(1, {longest}) (z means keep)",
            found.steps
        ),
    };
    // A unit that is to bridge the window needs a half-life of that order.
    (most < found.steps as f64 / 4.0).then(|| Advice {
        kind: "chrono",
        remedy,
        cause: format!(
            "{}: 90 % of the units have a half-life of at most {most:.1} steps in a window of {}, and {}",
            layer.name(),
            found.steps,
            gone(found, horizon)
        ),
        source: "Tallec & Ollivier 2018 (arXiv 1804.11188)",
    })
}

fn clip(found: &Diagnosis) -> Option<Advice> {
    let norms = &found.grad_norms;
    if norms.len() < ENOUGH {
        return None;
    }
    let [median, high] = [0.5, 0.9].map(|q| quantile(norms, q));
    let largest = *norms.last()?;
    let tail = largest > median.times(Wide::from_f64(TAIL));
    let exploding = found.layers.iter().find(|layer| layer.explodes());
    if !tail && exploding.is_none() {
        return None;
    }
    let grows = exploding.map_or(String::new(), |layer| {
        let growth = layer.peak.as_ref().map_or(Wide::ONE, |peak| peak.growth);
        format!("; {} grows {}-fold", layer.name(), short(growth))
    });
    Some(Advice {
        kind: "clip",
        remedy: format!(
            "clip the gradient norm at the 90th percentile, here {} ({} medians); with your own loss, at its own 90th percentile",
            short(high),
            high.ratio(median).map_or_else(|| "?".to_owned(), short)
        ),
        cause: format!(
            "|g| over {} sequences: median {}, 90 % {}, largest {}{grows}",
            norms.len(),
            short(median),
            short(high),
            short(largest)
        ),
        source: "Pascanu et al. 2013 (arXiv 1211.5063)",
    })
}

/// A layer whose gradient vanishes or explodes, and the recurrent matrix that most of it passes.
struct Passed<'a> {
    layer: &'a LayerDiagnosis,
    matrix: &'a MatrixSize,
    /// Whether the matrix is a multiple of an orthogonal one.
    orthogonal: bool,
}

impl<'a> Passed<'a> {
    fn of(layer: &'a LayerDiagnosis) -> Option<Self> {
        let name = match layer.dominant()?.0 {
            Path::Carousel | Path::Leak => return None,
            path => path.name(),
        };
        let mut matrices = layer.matrices.iter().zip(&layer.orthogonal);
        let (matrix, &orthogonal) = matrices.find(|(matrix, _)| matrix.name == name)?;
        let ends = layer.explodes() || layer.horizon.is_some();
        ends.then_some(Self {
            layer,
            matrix,
            orthogonal,
        })
    }

    fn cause(&self, found: &Diagnosis) -> String {
        let Self { layer, matrix, .. } = self;
        let what = match layer.horizon {
            Some(horizon) if !layer.explodes() => gone(found, horizon),
            _ => {
                let growth = layer.peak.as_ref().map_or(Wide::ONE, |peak| peak.growth);
                let symbol = symbol(found.cell);
                format!("|{symbol}| grows to {} times its start", short(growth))
            }
        };
        // An nn.RNN has one matrix without a name of its own.
        let r = match found.cell {
            CellKind::Rnn => "R".to_owned(),
            _ => format!("R of {}", matrix.name),
        };
        format!(
            "{}: most of the gradient passes through {r}, ρ {:.2}, σ_max {:.2}, and {what}",
            layer.name(),
            matrix.spectral_radius,
            matrix.norm
        )
    }
}

/// Where a path through a recurrent matrix carries the gradient, which vanishes or explodes, and the
/// matrix stretches some directions more than others.
fn orthogonal(found: &Diagnosis) -> Option<Advice> {
    let mut passed = found.layers.iter().filter_map(Passed::of);
    let passed = passed.find(|passed| !passed.orthogonal)?;
    let (remedy, source) = match (found.cell, found.activation) {
        (CellKind::Rnn, Activation::Relu) => (
            "start the recurrent matrix from the identity",
            "Le et al. 2015 (arXiv 1504.00941)",
        ),
        (CellKind::Rnn, _) => (
            "start the recurrent matrix from an orthogonal one (torch.nn.init.orthogonal_)",
            "Saxe et al. 2014 (arXiv 1312.6120)",
        ),
        _ => (
            "start the recurrent matrices from orthogonal ones (torch.nn.init.orthogonal_, gate by gate)",
            "Saxe et al. 2014 (arXiv 1312.6120)",
        ),
    };
    Some(Advice {
        kind: "orthogonal",
        remedy: remedy.to_owned(),
        cause: passed.cause(found),
        source,
    })
}

/// Where that matrix stretches all directions alike, so that nothing but its scale can be wrong: too
/// large where the gradient explodes; too small where that of an nn.RNN, which φ' cannot make
/// larger, vanishes.
fn scale(found: &Diagnosis) -> Option<Advice> {
    let mut passed = found.layers.iter().filter_map(Passed::of);
    let passed = passed.find(|passed| {
        let norm = passed.matrix.norm;
        let exploding = passed.layer.explodes();
        passed.orthogonal
            && (exploding && norm > 1.0 || !exploding && norm < 1.0 && found.cell == CellKind::Rnn)
    })?;
    let of = match found.cell {
        CellKind::Rnn => String::new(),
        _ => format!(" of {}", passed.matrix.name),
    };
    let times = passed.matrix.norm.recip();
    Some(Advice {
        kind: "scale",
        remedy: format!(
            "scale the recurrent matrix{of} to ρ = 1, {} times what it is: it is orthogonal but for its scale",
            short(Wide::from_f64(times))
        ),
        cause: passed.cause(found),
        source: "Saxe et al. 2014 (arXiv 1312.6120); Pascanu et al. 2013 (arXiv 1211.5063)",
    })
}
