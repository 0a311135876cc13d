//! Whether a model is as `PyTorch` initialises it.
//!
//! nn.RNN, nn.LSTM and nn.GRU draw every parameter, biases included, from U(−1/√H, 1/√H). Training
//! takes parameters beyond that range and changes their spread, so both are looked at.

use crate::cell::StackParameters;

/// The deviations from its expectation, in standard ones, within which the mean square may lie.
const DEVIATIONS: f64 = 4.0;

/// A model as it was drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fresh {
    /// 1/√H, within which every number lies.
    pub range: f64,
}

/// Looks at every number of the model.
pub(super) fn find(parameters: &StackParameters) -> Option<Fresh> {
    let range = 1.0 / (parameters.hidden() as f64).sqrt();
    // Files of float32 have rounded the range.
    let limit = range * (1.0 + 1e-6);
    let (mut count, mut squares) = (0usize, 0.0);
    for direction in parameters.layers.iter().flatten() {
        let cell = &direction.cell;
        if cell.peepholes.is_some() {
            return None;
        }
        let projection = direction.projection.as_ref();
        let recurrent = projection.map_or(&cell.r, |p| &p.recurrent);
        let matrices = [
            Some(&cell.w),
            Some(recurrent),
            projection.map(|p| &p.matrix),
        ];
        let matrices = matrices.into_iter().flatten().flat_map(|m| m.iter());
        for x in matrices.chain(cell.biases.iter().flatten().flatten()) {
            if x.abs() > limit {
                return None;
            }
            count += 1;
            squares += x * x;
        }
    }
    // E u² = r²/3 with deviation √(4/45) r² for one number.
    let expected = range * range / 3.0;
    let deviation = (4.0f64 / 45.0).sqrt() * range * range / (count.max(1) as f64).sqrt();
    let mean = squares / count.max(1) as f64;
    ((mean - expected).abs() <= DEVIATIONS * deviation).then_some(Fresh { range })
}
