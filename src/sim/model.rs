//! The cells of a simulation, made from settings and from the user's trained weights.

use ndarray::{Array1, Axis, Slice};

use super::settings::{CellChoice, PerGate, Settings};
use super::{Data, SimError};
use crate::cell::init::{self, Size};
use crate::cell::{AnyCell, CellKind, ForgetGate, Gru, Init, Lstm, Parameters, Rnn};
use crate::flow::MatrixSize;

/// A cell, ready to run, with the sizes of its recurrent matrices in the order in which they are
/// shown.
#[derive(Clone, Debug)]
pub struct Model {
    /// The cell.
    pub cell: AnyCell,
    /// ρ and σ_max of each matrix.
    pub sizes: Vec<MatrixSize>,
}

/// Parameters before the settings scale them. Kept from one model to the next, since drawing them
/// takes far longer than scaling.
#[derive(Debug, Default)]
pub struct Drawn {
    key: Option<Key>,
    cells: Vec<(Parameters, Vec<Size>)>,
}

/// What decides the drawn parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Key {
    hidden: usize,
    inputs: usize,
    init: Init,
    peepholes: bool,
    seed: u64,
}

/// The recurrent matrices of a cell in the order in which they are shown, each with its block in
/// PyTorch's order: i, f, z, o for the LSTM, r, z, n for the GRU.
const fn shown(kind: CellKind) -> &'static [(&'static str, usize)] {
    match kind {
        CellKind::Rnn => &[("recurrent", 0)],
        CellKind::Lstm => &[("block", 2), ("input", 0), ("forget", 1), ("output", 3)],
        CellKind::Gru => &[("update", 1), ("reset", 0), ("candidate", 2)],
    }
}

impl Drawn {
    /// A cell under these settings. Those of the LSTM's gates apply to the LSTM alone.
    ///
    /// # Errors
    /// When an eigenvalue problem does not converge.
    pub fn model(
        &mut self,
        choice: CellChoice,
        settings: &Settings,
        data: &Data,
    ) -> Result<Model, SimError> {
        let kind = choice.kind;
        let key = self.turn_to(settings);
        let (parameters, sizes) = self.base(kind, key, data)?;
        let scale = match kind {
            CellKind::Lstm => settings.gate_scale,
            CellKind::Rnn | CellKind::Gru => PerGate::all(1.0),
        };
        let factors = factors(settings, sizes, trained(data, kind).is_some(), scale);
        let sizes = shown(kind)
            .iter()
            .map(|&(name, g)| size(name, sizes[g], factors[g]))
            .collect();
        let mut parameters = scaled(parameters, &factors);
        let cell = match kind {
            CellKind::Rnn => AnyCell::Rnn(Rnn::new(parameters, settings.activation)),
            CellKind::Lstm => {
                add_biases(&mut parameters, settings);
                AnyCell::Lstm(Lstm::new(parameters, settings.forget))
            }
            CellKind::Gru => AnyCell::Gru(Gru::new(parameters)),
        };
        Ok(Model { cell, sizes })
    }

    /// The unscaled parameters of a cell: the user's own, or drawn ones.
    fn base(
        &mut self,
        kind: CellKind,
        key: Key,
        data: &Data,
    ) -> Result<(&Parameters, &[Size]), SimError> {
        let known = self.cells.iter().position(|(p, _)| p.kind == kind);
        let place = match known {
            Some(place) => place,
            None => {
                let drawn = if let Some(own) = trained(data, kind) {
                    init::measure(own).map(|sizes| (own.clone(), sizes))
                } else {
                    let Key {
                        hidden,
                        inputs,
                        init,
                        peepholes,
                        seed,
                    } = key;
                    init::draw(kind, hidden, inputs, init, peepholes, seed)
                };
                self.cells
                    .push(drawn.map_err(|e| SimError::Unfit(e.to_string()))?);
                self.cells.len() - 1
            }
        };
        let (parameters, sizes) = &self.cells[place];
        Ok((parameters, sizes))
    }

    /// Forgets what was drawn under other settings.
    fn turn_to(&mut self, settings: &Settings) -> Key {
        let key = Key {
            hidden: settings.hidden,
            inputs: settings.inputs,
            init: settings.init,
            peepholes: settings.peepholes,
            seed: settings.seed,
        };
        if self.key != Some(key) {
            *self = Self {
                key: Some(key),
                ..Self::default()
            };
        }
        key
    }
}

fn trained(data: &Data, kind: CellKind) -> Option<&Parameters> {
    data.parameters
        .as_ref()
        .map(|named| &named.value)
        .filter(|p| p.kind == kind)
}

/// The factor on each recurrent matrix, in the order of the blocks. Drawn matrices have radius 1;
/// trained ones are scaled together, so that the largest radius becomes `rho`.
fn factors(settings: &Settings, sizes: &[Size], trained: bool, scale: PerGate) -> Vec<f64> {
    let largest = sizes.iter().map(|s| s.radius).fold(0.0, f64::max);
    let common = match settings.rho {
        Some(rho) if trained && largest > 0.0 => rho / largest,
        Some(rho) if !trained => rho,
        _ => 1.0,
    };
    let scales = [scale.input, scale.forget, scale.block, scale.output];
    sizes.iter().zip(scales).map(|(_, s)| common * s).collect()
}

fn size(name: &'static str, size: Size, factor: f64) -> MatrixSize {
    MatrixSize {
        name,
        spectral_radius: size.radius * factor,
        norm: size.norm * factor,
    }
}

fn scaled(parameters: &Parameters, factors: &[f64]) -> Parameters {
    let mut parameters = parameters.clone();
    let n = parameters.hidden();
    for (g, &factor) in factors.iter().enumerate() {
        let rows = Slice::from(g * n..(g + 1) * n);
        parameters
            .r
            .slice_axis_mut(Axis(0), rows)
            .mapv_inplace(|x| x * factor);
    }
    parameters
}

/// Adds the gates' biases; a forget bias that is set becomes the mean of the forget gate's.
fn add_biases(parameters: &mut Parameters, settings: &Settings) {
    let n = parameters.hidden();
    let PerGate {
        block,
        input,
        output,
        ..
    } = settings.gate_bias;
    let forget_now = parameters.biases.as_ref().map_or(0.0, |biases| {
        let rows = Slice::from(n..2 * n);
        biases
            .iter()
            .map(|b| b.slice_axis(Axis(0), rows).sum())
            .sum::<f64>()
            / n as f64
    });
    let forget = match settings.forget {
        ForgetGate::Learned(Some(bias)) => bias - forget_now,
        _ => 0.0,
    };
    let shifts = [input, forget, block, output];
    if shifts == [0.0; 4] {
        return;
    }
    let [b_ih, _] = parameters
        .biases
        .get_or_insert_with(|| [Array1::zeros(4 * n), Array1::zeros(4 * n)]);
    for (j, b) in b_ih.iter_mut().enumerate() {
        *b += shifts[j / n];
    }
}
