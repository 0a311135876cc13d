//! The way down: from the δ of a layer's pre-activations to the gradients at the outputs of the
//! layer below, and out of a projection.

use ndarray::{Array2, ArrayView2, Axis, Slice};

use super::{Part, Run, Stack, StackLoss, columns};
use crate::cell::{Projection, Tape};
use crate::flow::gradients::{self, Gradient, Rows};
use crate::flow::loss::Injected;
use crate::num::{Wide, wide::scale_by_power_of_two};

/// Rows of mantissas with a binary exponent each, in the order of time.
#[derive(Default)]
pub(super) struct Brought {
    rows: Array2<f64>,
    exponents: Vec<i64>,
}

impl Brought {
    /// Adds Wᵀ δ̄_t of one direction of the layer above.
    pub fn add(&mut self, part: &Part, deltas: &Array2<f64>, exponents: &[i64]) {
        let rows = part.in_order(deltas.dot(part.inputs()).view());
        let mut exponents = exponents.to_vec();
        if part.reverse {
            exponents.reverse();
        }
        if self.exponents.is_empty() {
            *self = Self { rows, exponents };
            return;
        }
        // A row of zeros has no size: its exponent must not decide.
        let pairs = self.rows.rows_mut().into_iter().zip(rows.rows());
        for ((mut sum, row), (ours, theirs)) in pairs.zip(self.exponents.iter_mut().zip(exponents))
        {
            let zero = |row: ArrayView<'_>| row.iter().all(|&x| x == 0.0);
            if zero(row) {
                continue;
            }
            let top = if zero(sum.view()) {
                theirs
            } else {
                (*ours).max(theirs)
            };
            let (down, add) = (*ours - top, theirs - top);
            sum.zip_mut_with(&row, |a, &b| {
                *a = scale_by_power_of_two(*a, down) + scale_by_power_of_two(b, add);
            });
            *ours = top;
        }
    }
}

/// |row| · 2^exponent.
fn norm(row: ArrayView<'_>, exponent: i64) -> Wide {
    gradients::norm(&[Gradient {
        name: "",
        mantissas: row.to_vec(),
        exponent,
    }])
}

type ArrayView<'a> = ndarray::ArrayView1<'a, f64>;

/// The gradients Δ_t at the outputs of a layer, by direction and in the order of time.
pub(super) struct Ends {
    rows: Array2<f64>,
    exponents: Vec<i64>,
    /// For the loss `last` each direction has its gradient at its own last step.
    at_last: bool,
    /// The width of the forward direction's part.
    forward: usize,
}

impl Ends {
    /// What the loss injects at the outputs of the top layer.
    pub fn of_loss(loss: StackLoss, stack: &Stack, run: &Run) -> Self {
        let top = stack.layers.last().map_or(&[][..], Vec::as_slice);
        let tapes = run.tapes.last().map_or(&[][..], Vec::as_slice);
        let steps = tapes.first().map_or(0, |tape| tape.steps);
        let width: usize = top.iter().map(Part::width).sum();
        let mut rows = Array2::zeros((steps, width));
        let exponents = vec![0; steps];
        match loss {
            StackLoss::Last(v) | StackLoss::Sum(v) => {
                let v = ArrayView::from(v);
                for mut row in rows.rows_mut() {
                    row.assign(&v);
                }
            }
            StackLoss::Mse(targets) => {
                let mut from = 0;
                for (part, tape) in top.iter().zip(tapes) {
                    let h = part.in_order(part.outputs(tape).view());
                    rows.slice_axis_mut(Axis(1), Slice::from(from..from + part.width()))
                        .assign(&h);
                    from += part.width();
                }
                rows -= targets;
            }
        }
        Self {
            rows,
            exponents,
            at_last: matches!(loss, StackLoss::Last(_)),
            forward: top.first().map_or(0, Part::width),
        }
    }

    /// ½ Σ |Δ_t|², the loss `mse`.
    pub fn half_square(&self) -> Wide {
        let row = |(row, &exponent): (ArrayView<'_>, &i64)| norm(row, exponent);
        let norms = self.rows.rows().into_iter().zip(&self.exponents).map(row);
        let norm = norms.fold(Wide::ZERO, Wide::hypot);
        norm.times(norm).shifted(-1)
    }

    /// What came down to the outputs of this layer.
    pub fn of_layer(brought: Brought, layer: &[Part]) -> Self {
        Self {
            rows: brought.rows,
            exponents: brought.exponents,
            at_last: false,
            forward: layer.first().map_or(0, Part::width),
        }
    }

    /// The part of one direction, as it reads.
    pub fn of(&self, part: &Part) -> Injected {
        let from = if part.reverse { self.forward } else { 0 };
        let mut rows = part.in_order(columns(&self.rows, from, part.width()));
        let mut exponents = self.exponents.clone();
        if part.reverse {
            exponents.reverse();
        }
        if self.at_last {
            let last = rows.nrows().saturating_sub(1);
            rows.slice_axis_mut(Axis(0), Slice::from(..last)).fill(0.0);
        }
        Injected::new(rows, &exponents)
    }
}

/// δh_s of the projected h for s = 0…T, mantissas and exponents, with what they are made from:
///
/// ```text
/// δh_s = Δ_s + Rᵀ δ̄_{s+1},   dR = Σ δ̄_s h_{s-1}ᵀ,   dW_hr = Σ δh_s m_sᵀ
/// ```
pub(super) struct Projected<'a> {
    rows: Array2<f64>,
    exponents: Vec<i64>,
    tape: &'a Tape,
    deltas: &'a Array2<f64>,
    delta_exponents: &'a [i64],
}

impl<'a> Projected<'a> {
    pub fn new(
        projection: &Projection,
        tape: &'a Tape,
        given: &Injected,
        deltas: &'a Array2<f64>,
        delta_exponents: &'a [i64],
    ) -> Self {
        let carried = deltas.dot(&projection.recurrent);
        let steps = tape.steps;
        let mut rows = Array2::zeros((steps + 1, carried.ncols()));
        let mut exponents = vec![0; steps + 1];
        let given_exponents = given.exponents();
        for s in 0..=steps {
            let own = (s > 0).then(|| (given.rows().row(s - 1).to_owned(), given_exponents[s - 1]));
            let back = (s < steps).then(|| (carried.row(s).to_owned(), delta_exponents[s]));
            let parts: Vec<_> = own
                .into_iter()
                .chain(back)
                .filter(|(row, _)| row.iter().any(|&x| x != 0.0))
                .collect();
            let top = parts.iter().map(|(_, e)| *e).max().unwrap_or(0);
            for (row, exponent) in parts {
                let down = exponent - top;
                let add = |a: &mut f64, &b: &f64| *a += scale_by_power_of_two(b, down);
                rows.row_mut(s).zip_mut_with(&row, add);
            }
            exponents[s] = top;
        }
        Self {
            rows,
            exponents,
            tape,
            deltas,
            delta_exponents,
        }
    }

    fn norm(&self, s: usize) -> Wide {
        norm(self.rows.row(s), self.exponents[s])
    }

    /// |δh_s|, s = 1…T.
    pub fn grad_h(&self) -> Vec<Wide> {
        (1..=self.tape.steps).map(|s| self.norm(s)).collect()
    }

    /// |dL/dh_0|.
    pub fn grad_h0(&self) -> Wide {
        self.norm(0)
    }

    /// Puts dR in the place of d(R W_hr), and dW_hr beside it. `h` is the projected h_0 … h_T.
    pub fn replace_gradients(&self, gradients: &mut Vec<Gradient>, h: ArrayView2<f64>) {
        let (steps, n) = (self.tape.steps, self.tape.hidden);
        let h = h.as_standard_layout();
        let flat = h.as_slice().unwrap_or_default();
        let before = Rows {
            flat: &flat[..steps * h.ncols()],
            width: h.ncols(),
            exponents: &self.tape.exponents[..steps],
        };
        let deltas = Rows {
            flat: self.deltas.as_slice().unwrap_or_default(),
            width: self.deltas.ncols(),
            exponents: self.delta_exponents,
        };
        let memory = &mut gradients::Memory::default();
        for gradient in gradients.iter_mut() {
            if gradient.name == "weight_hh" {
                *gradient = gradients::outer("weight_hh", deltas, before, memory);
            }
        }
        let width = self.rows.ncols();
        let at_h = Rows {
            flat: &self.rows.as_slice().unwrap_or_default()[width..],
            width,
            exponents: &self.exponents[1..],
        };
        let m = Rows {
            flat: &self.tape.h[n..],
            width: n,
            exponents: &self.tape.exponents[1..],
        };
        gradients.push(gradients::outer("weight_hr", at_h, m, memory));
    }
}
