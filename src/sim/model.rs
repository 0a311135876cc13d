//! The cells of a simulation, made from settings and from the user's trained weights.

use std::sync::Arc;

use ndarray::{Array1, Array2, Axis, Slice};

use super::settings::{PerGate, Settings, Side};
use super::{Data, SimError};
use crate::cell::init::{self, Size};
use crate::cell::{AnyCell, CellKind, ForgetGate, Init, Options, Parameters, Variant};
use crate::flow::MatrixSize;
use crate::io::Named;

/// A cell, ready to run, with the sizes of its recurrent matrices in the order in which they are
/// shown.
#[derive(Clone, Debug)]
pub struct Model {
    /// The cell.
    pub cell: Arc<AnyCell>,
    /// ρ and σ_max of each matrix.
    pub sizes: Vec<MatrixSize>,
}

/// Parameters before the settings scale them. Kept from one model to the next, since drawing them
/// takes much longer than scaling.
#[derive(Debug, Default)]
pub struct Drawn {
    key: Option<Key>,
    cells: Vec<Base>,
    gates: Option<Array2<f64>>,
}

/// One cell's, with the sizes of its matrices.
#[derive(Debug)]
struct Base {
    /// Whose side they are of, where they are the user's own.
    trained: Option<Side>,
    parameters: Parameters,
    sizes: Vec<Size>,
}

/// What decides the drawn parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Key {
    hidden: usize,
    inputs: usize,
    init: Init,
    mix: f64,
    peepholes: bool,
    seed: u64,
}

impl Drawn {
    /// A cell under these settings. Scales and biases of gates apply to the LSTM, and biases to the
    /// minLSTM, too. ρ is the size of the largest λ of an LRU, or of the largest u of an IndRNN. Where a side
    /// has no trained weights ([`Data::trained`]), its cell is drawn.
    ///
    /// # Errors
    /// When an eigenvalue problem does not converge.
    pub fn model(
        &mut self,
        side: Side,
        settings: &Settings,
        data: &Data,
    ) -> Result<Model, SimError> {
        let choice = settings.cell(side);
        let kind = choice.kind;
        let own = data.trained(settings, side);
        let key = self.turn_to(settings);
        let (parameters, sizes) = self.base(kind, key, own.map(|own| (side, own)))?;
        let spec = kind.spec();
        let scale = if spec.has_variants {
            settings.gate_scale
        } else {
            PerGate::all(1.0)
        };
        let factors = factors(settings, sizes, own.is_some(), scale);
        let size = |&(name, g): &(_, usize)| size(name, sizes[g], factors[g]);
        let sizes = spec.matrices.iter().map(size).collect();
        let mut parameters = parameters.clone();
        parameters.scale_recurrence(&factors);
        let size = settings.peephole_size / init::PEEPHOLE_DEVIATION;
        if own.is_none() && size != 1.0 {
            for peephole in parameters.peepholes.iter_mut().flatten() {
                *peephole *= size;
            }
        }
        add_biases(&mut parameters, settings, spec.gate_biases);
        if choice.variant == Variant::Fgr {
            let gates = self.gates(parameters.hidden(), key)?;
            parameters.gates_r = Some(gates * settings.rho.unwrap_or(1.0));
        }
        let options = Options {
            semantics: settings.semantics(kind),
            forget: settings.forget,
            variant: choice.variant,
        };
        let cell = Arc::new(AnyCell::new(parameters, options));
        Ok(Model { cell, sizes })
    }

    /// The unscaled matrices of full gate recurrence, which are drawn even where weights are trained: no
    /// file brings them.
    fn gates(&mut self, hidden: usize, key: Key) -> Result<&Array2<f64>, SimError> {
        if self
            .gates
            .as_ref()
            .is_none_or(|drawn| drawn.ncols() != hidden)
        {
            let drawn = init::gates(hidden, key.init, key.mix, key.seed);
            self.gates = Some(drawn.map_err(|e| SimError::Unfit(e.to_string()))?);
        }
        self.gates.as_ref().ok_or(SimError::Cancelled)
    }

    /// The unscaled parameters of a cell: the user's own, or drawn ones.
    fn base(
        &mut self,
        kind: CellKind,
        key: Key,
        own: Option<(Side, &Named<Parameters>)>,
    ) -> Result<(&Parameters, &[Size]), SimError> {
        let trained = own.map(|(side, _)| side);
        let same = |base: &Base| base.parameters.kind == kind && base.trained == trained;
        let known = self.cells.iter().position(same);
        let place = known.unwrap_or(self.cells.len());
        if known.is_none() {
            let drawn = if let Some((_, Named { source, value })) = own {
                let sizes = init::measure(value).map_err(|e| format!("{source}: {e}"));
                sizes.map(|sizes| (value.clone(), sizes))
            } else {
                let Key {
                    hidden,
                    inputs,
                    init,
                    mix,
                    peepholes,
                    seed,
                } = key;
                let drawn = init::draw_mixed(kind, hidden, inputs, init, mix, peepholes, seed);
                drawn.map_err(|e| e.to_string())
            };
            let (parameters, sizes) = drawn.map_err(SimError::Unfit)?;
            self.cells.push(Base {
                trained,
                parameters,
                sizes,
            });
        }
        let base = &self.cells[place];
        Ok((&base.parameters, &base.sizes))
    }

    /// Forgets what was drawn under other settings.
    fn turn_to(&mut self, settings: &Settings) -> Key {
        let key = Key {
            hidden: settings.hidden,
            inputs: settings.inputs,
            init: settings.init,
            mix: settings.mix,
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

/// The factor on each recurrent matrix, in the order of the blocks. Drawn matrices are brought to `rho`
/// each; trained ones are scaled together, so that the largest radius becomes `rho`.
fn factors(settings: &Settings, sizes: &[Size], trained: bool, scale: PerGate) -> Vec<f64> {
    let largest = sizes.iter().map(|s| s.radius).fold(0.0, f64::max);
    let scales = [scale.input, scale.forget, scale.block, scale.output];
    let factor = |(size, scale): (&Size, f64)| {
        let radius = if trained { largest } else { size.radius };
        match settings.rho {
            Some(rho) if radius > 0.0 => rho / radius * scale,
            _ => scale,
        }
    };
    sizes.iter().zip(scales).map(factor).collect()
}

fn size(name: &'static str, size: Size, factor: f64) -> MatrixSize {
    MatrixSize {
        name,
        spectral_radius: size.radius * factor,
        norm: size.norm * factor,
    }
}

/// Adds the gates' biases, `gates` being the blocks in their order; a forget bias that is set
/// becomes the mean of the forget gate's.
fn add_biases(parameters: &mut Parameters, settings: &Settings, gates: &[&str]) {
    let n = parameters.hidden();
    let forget_now = |first: usize| {
        let rows = Slice::from(first * n..(first + 1) * n);
        let biases = parameters.biases.iter().flatten();
        let sum: f64 = biases
            .filter(|b| !b.is_empty())
            .map(|b| b.slice_axis(Axis(0), rows).sum())
            .sum();
        sum / n as f64
    };
    let shift = |(block, gate): (usize, &&str)| match (*gate, settings.forget) {
        ("forget", ForgetGate::Learned(Some(bias))) => {
            bias - forget_now(block) + settings.forget_offset
        }
        ("forget", _) => settings.forget_offset,
        ("block", _) => settings.gate_bias.block,
        ("input", _) => settings.gate_bias.input,
        _ => settings.gate_bias.output,
    };
    let shifts: Vec<f64> = gates.iter().enumerate().map(shift).collect();
    if shifts.iter().all(|&shift| shift == 0.0) {
        return;
    }
    let rows = gates.len() * n;
    let [b_ih, _] = parameters
        .biases
        .get_or_insert_with(|| [Array1::zeros(rows), Array1::zeros(rows)]);
    for (j, b) in b_ih.iter_mut().enumerate() {
        *b += shifts[j / n];
    }
}
