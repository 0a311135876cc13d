//! What a remedy changes of a cell: matrices that are guilty, and biases.

use ndarray::{ArrayViewMut2, Axis, Slice};

use crate::cell::{CellKind, Parameters, Path};
use crate::num::Wide;
use crate::sim::inspect::LayerDiagnosis;
use crate::sim::inspect::words::short;

/// What the guilty paths pass through.
pub(super) struct Guilty {
    cell: CellKind,
    /// Blocks of R.
    pub gates: Vec<usize>,
    /// p_i, p_f, p_o.
    peepholes: Vec<usize>,
}

impl Guilty {
    pub fn new(cell: CellKind, paths: &[Path]) -> Self {
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
    pub fn name(&self) -> String {
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

    pub fn scale(&self, parameters: &mut Parameters, by: f64) {
        for &gate in &self.gates {
            scale_gate(parameters, gate, by);
        }
        if let Some(peepholes) = &mut parameters.peepholes {
            for &p in &self.peepholes {
                peepholes[p].mapv_inplace(|x| x * by);
            }
        }
    }

    /// σ_max of each matrix.
    pub fn norms(&self, layer: &LayerDiagnosis) -> Vec<(usize, f64)> {
        let named = |&gate: &usize| {
            let name = self.cell.spec().gates[gate].name;
            let matrix = layer.matrices.iter().find(|matrix| matrix.name == name)?;
            Some((gate, matrix.norm))
        };
        self.gates.iter().filter_map(named).collect()
    }

    /// `, ρ 0.25 and σ_max 0.43` of one matrix after scaling.
    pub fn sizes(&self, layer: &LayerDiagnosis, by: f64) -> String {
        let [gate] = self.gates.as_slice() else {
            return String::new();
        };
        let name = self.cell.spec().gates[*gate].name;
        let matrix = layer.matrices.iter().find(|matrix| matrix.name == name);
        matrix.map_or(String::new(), |matrix| {
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
pub(super) fn block_mut(parameters: &mut Parameters, gate: usize) -> ArrayViewMut2<'_, f64> {
    let n = parameters.hidden();
    let rows = Slice::from(gate * n..(gate + 1) * n);
    parameters.r.slice_axis_mut(Axis(0), rows)
}

pub(super) fn scale_gate(parameters: &mut Parameters, gate: usize, by: f64) {
    block_mut(parameters, gate).mapv_inplace(|x| x * by);
}

/// Moves the bias of the gate that keeps, block 1 of PyTorch's order.
pub(super) fn shift_bias(parameters: &mut Parameters, by: f64) {
    let n = parameters.hidden();
    if let Some([bias, _]) = &mut parameters.biases {
        bias.iter_mut().skip(n).take(n).for_each(|b| *b += by);
    }
}

/// Chrono initialisation, with u evenly over its range instead of at random.
pub(super) fn set_chrono(parameters: &mut Parameters, longest: f64, input: bool) {
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
