//! The way down: from the δ of a layer's pre-activations to the gradients at the outputs of the
//! layer below, and out of a projection.

use ndarray::{Array2, ArrayView1, ArrayView2, Axis, Slice};

use super::{DirectedLayer, Stack, StackLoss, StackTape, columns};
use crate::cell::{Projection, Tape};
use crate::flow::backward::Swept;
use crate::flow::gradients::Gradient;
use crate::flow::loss::Injected;
use crate::num::wides::{norm, outer, times};
use crate::num::{Packed, Wide};

/// δ of the pre-activations of one layer in one direction, T × G·H, by steps as it reads.
pub(super) struct Deltas {
    /// Mantissas with an exponent for each step.
    rows: Array2<f64>,
    exponents: Vec<i64>,
    /// All numbers with an exponent each, where one does not do for a step.
    each: Option<Array2<Wide>>,
}

impl Deltas {
    /// Takes them out of a sweep.
    pub fn take(swept: &mut Swept, tape: &Tape) -> Self {
        let shape = (tape.steps, tape.gates * tape.hidden);
        let rows = std::mem::take(&mut swept.deltas).to_vec();
        let each = swept.wide_deltas.take();
        Self {
            rows: Array2::from_shape_vec(shape, rows).unwrap_or_default(),
            exponents: std::mem::take(&mut swept.exponents),
            each: each.and_then(|each| Array2::from_shape_vec(shape, each.to_vec()).ok()),
        }
    }

    /// Mᵀ δ̄_t for all t.
    fn through(&self, matrix: &Array2<f64>) -> Array2<Wide> {
        match &self.each {
            Some(each) => through(each.view(), matrix),
            None => widen(self.rows.dot(matrix).view(), &self.exponents),
        }
    }

    /// The numbers themselves.
    fn numbers(&self) -> Array2<Wide> {
        let shared = || widen(self.rows.view(), &self.exponents);
        self.each.clone().unwrap_or_else(shared)
    }
}

/// Rows of mantissas with an exponent each.
fn widen(rows: ArrayView2<f64>, exponents: &[i64]) -> Array2<Wide> {
    Array2::from_shape_fn(rows.dim(), |(t, j)| Wide::new(rows[[t, j]], exponents[t]))
}

/// Mᵀ x for every row x.
pub(super) fn through(rows: ArrayView2<Wide>, matrix: &Array2<f64>) -> Array2<Wide> {
    let transposed = Packed::new(matrix.t());
    let mut all = Array2::default((rows.nrows(), matrix.ncols()));
    for (row, mut out) in rows.rows().into_iter().zip(all.rows_mut()) {
        let through = times(&transposed, &row.to_vec());
        out.assign(&ArrayView1::from(&through));
    }
    all
}

/// What the layer above brings, by steps in the order of time.
#[derive(Default)]
pub(super) struct Brought(Option<Array2<Wide>>);

impl Brought {
    /// Adds Wᵀ δ̄_t of one direction of the layer above.
    pub fn add(&mut self, part: &DirectedLayer, deltas: &Deltas) {
        let rows = part.in_order(deltas.through(part.inputs()).view());
        match &mut self.0 {
            None => self.0 = Some(rows),
            Some(sum) => sum.zip_mut_with(&rows, |a, &b| *a = a.plus(b)),
        }
    }

    /// The norm of each step.
    pub fn norms(&self) -> Vec<Wide> {
        let rows = self.0.iter().flat_map(|rows| rows.rows());
        rows.map(|row| norm(&row.to_vec())).collect()
    }
}

/// The gradients Δ_t at the outputs of a layer, by direction and in the order of time.
pub(super) struct Ends {
    rows: Array2<Wide>,
    /// For the loss `last` each direction has its gradient at its own last step.
    at_last: bool,
    /// The width of the forward direction's part.
    forward: usize,
}

impl Ends {
    /// What the loss injects at the outputs of the top layer.
    pub fn of_loss(loss: StackLoss, stack: &Stack, run: &StackTape) -> Self {
        let top = stack.layers.last().map_or(&[][..], Vec::as_slice);
        let tapes = run.tapes.last().map_or(&[][..], Vec::as_slice);
        let steps = tapes.first().map_or(0, |tape| tape.steps);
        let width: usize = top.iter().map(DirectedLayer::width).sum();
        let mut rows: Array2<Wide> = Array2::default((steps, width));
        match loss {
            StackLoss::Last(v) | StackLoss::Sum(v) => {
                for (mut row, v) in rows.columns_mut().into_iter().zip(v) {
                    row.fill(Wide::from_f64(*v));
                }
            }
            StackLoss::Weighted(given) => rows = given.mapv(Wide::from_f64),
            StackLoss::Mse(targets) => {
                let mut from = 0;
                for (part, tape) in top.iter().zip(tapes) {
                    let between = Slice::from(from..from + part.width());
                    let targets = targets.slice_axis(Axis(1), between);
                    let error = part.in_order(part.outputs(tape).view()) - targets;
                    rows.slice_axis_mut(Axis(1), between)
                        .assign(&error.mapv(Wide::from_f64));
                    from += part.width();
                }
            }
        }
        Self {
            rows,
            at_last: matches!(loss, StackLoss::Last(_)),
            forward: top.first().map_or(0, DirectedLayer::width),
        }
    }

    /// ½ Σ |Δ_t|², the loss `mse`.
    pub fn half_square(&self) -> Wide {
        let all: Vec<Wide> = self.rows.iter().copied().collect();
        let norm = norm(&all);
        norm.times(norm).shifted(-1)
    }

    /// What came down to the outputs of this layer.
    pub fn of_layer(brought: Brought, layer: &[DirectedLayer]) -> Self {
        Self {
            rows: brought.0.unwrap_or_default(),
            at_last: false,
            forward: layer.first().map_or(0, DirectedLayer::width),
        }
    }

    /// The part of one direction, as it reads.
    pub fn of(&self, part: &DirectedLayer) -> Injected {
        let from = if part.reverse { self.forward } else { 0 };
        let mut rows = part.in_order(columns(&self.rows, from, part.width()));
        if self.at_last {
            let last = rows.nrows().saturating_sub(1);
            rows.slice_axis_mut(Axis(0), Slice::from(..last))
                .fill(Wide::ZERO);
        }
        Injected::new(rows)
    }
}

/// δh_s of the projected h for s = 0…T, with what they are made from:
///
/// ```text
/// δh_s = Δ_s + Rᵀ δ̄_{s+1},   dR = Σ δ̄_s h_{s-1}ᵀ,   dW_hr = Σ δh_s m_sᵀ
/// ```
pub(super) struct Projected<'a> {
    rows: Array2<Wide>,
    projection: &'a Projection,
    tape: &'a Tape,
    deltas: &'a Deltas,
}

impl<'a> Projected<'a> {
    pub fn new(
        projection: &'a Projection,
        tape: &'a Tape,
        given: &Injected,
        deltas: &'a Deltas,
    ) -> Self {
        let carried = deltas.through(&projection.recurrent);
        let mut rows = Array2::default((tape.steps + 1, carried.ncols()));
        rows.slice_axis_mut(Axis(0), Slice::from(1..))
            .assign(&given.rows());
        rows.slice_axis_mut(Axis(0), Slice::from(..tape.steps))
            .zip_mut_with(&carried, |sum: &mut Wide, &back| *sum = sum.plus(back));
        Self {
            rows,
            projection,
            tape,
            deltas,
        }
    }

    fn norm(&self, s: usize) -> Wide {
        norm(&self.rows.row(s).to_vec())
    }

    /// |δh_s|, s = 1…T.
    pub fn grad_h(&self) -> Vec<Wide> {
        (1..=self.tape.steps).map(|s| self.norm(s)).collect()
    }

    /// |dL/dh_0|.
    pub fn grad_h0(&self) -> Wide {
        self.norm(0)
    }

    /// Puts dR in the place of d(R W_hr), and adds dW_hr.
    pub fn replace_gradients(&self, gradients: &mut Vec<Gradient>) {
        let Self { tape, .. } = *self;
        let (n, width) = (tape.hidden, self.rows.ncols());
        let matrix = Packed::new(self.projection.matrix.view());
        let before = (0..tape.steps).flat_map(|s| times(&matrix, &tape.wide_h(s)));
        let before: Vec<Wide> = before.collect();
        let deltas = self.deltas.numbers();
        let flat = |rows: &Array2<Wide>, from: usize| -> Vec<Wide> {
            rows.iter().skip(from).copied().collect()
        };
        for gradient in gradients.iter_mut() {
            if gradient.name == "weight_hh" {
                let of_r = outer(&flat(&deltas, 0), &before, [deltas.ncols(), width]);
                *gradient = Gradient::each("weight_hh", of_r);
            }
        }
        let m = (1..=tape.steps).flat_map(|s| tape.wide_h(s));
        let m: Vec<Wide> = m.collect();
        let of_hr = outer(&flat(&self.rows, width), &m, [width, n]);
        gradients.push(Gradient::each("weight_hr", of_hr));
    }
}
