//! Where a loss v·(…) of a window's outputs y_t enters, and with what weight.

use ndarray::{Array2, ArrayView1, ArrayView2};

/// What v is multiplied by.
#[derive(Clone, Copy, Debug)]
pub enum Placed<'a> {
    /// The output at this step, from 1.
    At(usize),
    /// The mean of all outputs.
    Mean,
    /// Of each output by itself the largest.
    Max(ArrayView2<'a, f64>),
    /// The mean by these weights, one for each step; where all are 0, nothing.
    Masked(ArrayView1<'a, f64>),
}

impl Placed<'_> {
    /// dL/dy_t, T × outputs.
    pub fn rows(self, steps: usize, v: &[f64]) -> Array2<f64> {
        let each = |weight: &dyn Fn(usize) -> f64| {
            Array2::from_shape_fn((steps, v.len()), |(t, j)| weight(t) * v[j])
        };
        match self {
            Self::At(step) => each(&|t| f64::from(t + 1 == step)),
            Self::Mean => each(&|_| 1.0 / steps as f64),
            Self::Max(outputs) => {
                let mut rows = Array2::zeros((steps, v.len()));
                for (j, column) in outputs.columns().into_iter().enumerate() {
                    let order = |a: &(usize, &f64), b: &(usize, &f64)| {
                        a.1.total_cmp(b.1).then(b.0.cmp(&a.0))
                    };
                    // Of several as large the first, as in PyTorch.
                    if let Some((t, _)) = column.iter().enumerate().max_by(order) {
                        rows[[t, j]] = v[j];
                    }
                }
                rows
            }
            Self::Masked(weights) => {
                let sum = weights.sum();
                each(&|t| if sum == 0.0 { 0.0 } else { weights[t] / sum })
            }
        }
    }
}
