//! The cells of a simulation, made from settings and from the user's trained weights.

use ndarray::{Array1, Axis, Slice};

use super::{Data, SimError, settings::PerGate, settings::Settings};
use crate::cell::init::{self, Size};
use crate::cell::{CellKind, ForgetGate, Gru, Init, Lstm, Parameters, Rnn};
use crate::flow::MatrixSize;

/// The RNN and the LSTM, ready to run, with the sizes of their recurrent matrices.
#[derive(Debug)]
pub struct Model {
    /// The vanilla RNN.
    pub rnn: Rnn,
    /// The LSTM.
    pub lstm: Lstm,
    /// ρ and σ_max of R.
    pub rnn_sizes: Vec<MatrixSize>,
    /// ρ and σ_max of R_z, R_i, R_f, R_o.
    pub lstm_sizes: Vec<MatrixSize>,
}

/// Parameters before the settings scale them. Kept from one model to the next, since drawing them
/// takes far longer than scaling.
#[derive(Debug, Default)]
pub struct Drawn {
    key: Option<Key>,
    rnn: Option<(Parameters, Vec<Size>)>,
    lstm: Option<(Parameters, Vec<Size>)>,
    gru: Option<(Parameters, Vec<Size>)>,
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

/// PyTorch's blocks r, z, n of a GRU, as they are shown.
const GRU_SHOWN: [(&str, usize); 3] = [("update", 1), ("reset", 0), ("candidate", 2)];

/// PyTorch's blocks i, f, z, o in the order in which they are shown: block, input, forget, output.
const SHOWN: [(&str, usize); 4] = [("block", 2), ("input", 0), ("forget", 1), ("output", 3)];

impl Drawn {
    /// The cells under these settings.
    ///
    /// # Errors
    /// When an eigenvalue problem does not converge.
    pub fn model(&mut self, settings: &Settings, data: &Data) -> Result<Model, SimError> {
        let key = self.turn_to(settings);
        let (rnn, sizes) = base(&mut self.rnn, CellKind::Rnn, key, data)?;
        let trained = trained(data, CellKind::Rnn).is_some();
        let factors = factors(settings, sizes, trained, PerGate::all(1.0));
        let rnn_sizes = vec![size("recurrent", sizes[0], factors[0])];
        let rnn = Rnn::new(scaled(rnn, &factors), settings.activation);

        let (lstm, sizes) = base(&mut self.lstm, CellKind::Lstm, key, data)?;
        let trained = self::trained(data, CellKind::Lstm).is_some();
        let factors = self::factors(settings, sizes, trained, settings.gate_scale);
        let lstm_sizes = SHOWN
            .map(|(name, g)| size(name, sizes[g], factors[g]))
            .to_vec();
        let mut parameters = scaled(lstm, &factors);
        add_biases(&mut parameters, settings);
        let lstm = Lstm::new(parameters, settings.forget);
        Ok(Model {
            rnn,
            lstm,
            rnn_sizes,
            lstm_sizes,
        })
    }

    /// A GRU under these settings, with the sizes of its recurrent matrices. The settings of the
    /// LSTM's gates do not apply.
    ///
    /// # Errors
    /// When an eigenvalue problem does not converge.
    pub fn gru(
        &mut self,
        settings: &Settings,
        data: &Data,
    ) -> Result<(Gru, Vec<MatrixSize>), SimError> {
        let key = self.turn_to(settings);
        let (gru, sizes) = base(&mut self.gru, CellKind::Gru, key, data)?;
        let trained = trained(data, CellKind::Gru).is_some();
        let factors = factors(settings, sizes, trained, PerGate::all(1.0));
        let shown = GRU_SHOWN
            .map(|(name, g)| size(name, sizes[g], factors[g]))
            .to_vec();
        Ok((Gru::new(scaled(gru, &factors)), shown))
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

/// The unscaled parameters of a cell: the user's own, or drawn ones.
fn base<'a>(
    slot: &'a mut Option<(Parameters, Vec<Size>)>,
    kind: CellKind,
    key: Key,
    data: &Data,
) -> Result<(&'a Parameters, &'a [Size]), SimError> {
    if slot.is_none() {
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
        *slot = Some(drawn.map_err(|e| SimError::Unfit(e.to_string()))?);
    }
    slot.as_ref()
        .map(|(parameters, sizes)| (parameters, sizes.as_slice()))
        .ok_or(SimError::Cancelled)
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
