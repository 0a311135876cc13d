//! What the recurrent matrices of a cell can do in one step, from their eigenvalues and singular
//! values.
//!
//! Going back through one step, a path multiplies the gradient by Rᵀ and by elementwise factors that
//! are at most γ in the window at hand. So with σ_max(R) < 1/γ it shrinks every gradient of this window
//! (sufficient to vanish), and only with σ_max(R) > 1/γ can it grow one (necessary to explode;
//! Pascanu et al. 2013, where γ is the largest slope that there can be in any window). Of a vanilla RNN this decides all, of a cell with gates one path each.

use super::{Flow, Lyapunov, PathFlow};
use crate::cell::{Cell, Diagonal, Path, Tape};
use crate::num::matrix::{self, Complex, NoConvergence};
use crate::num::{Wide, vector};

/// What one step can do, and what the whole window does, to every disturbance of the state.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    /// The recurrent matrices, in the order of their blocks.
    pub matrices: Vec<MatrixSpectrum>,
    /// The singular values of ∂s_T/∂s_0, the largest first. The small ones of a long window are
    /// rounding noise ([`Spectrum::measured`]).
    pub product: Vec<Wide>,
    /// The Lyapunov exponents over the window, and how they settled.
    pub lyapunov: Lyapunov,
    /// The factor r of a step along the gradient of the window's loss, beside which λ_1 stands: that of the best
    /// placed disturbance.
    pub factor: Option<Wide>,
}

impl Spectrum {
    /// How many of the singular values are more than the largest one's rounding noise.
    pub fn measured(&self) -> usize {
        let top = self
            .product
            .first()
            .map_or(f64::NEG_INFINITY, |s| s.log10());
        let noise = top + (self.product.len() as f64 * f64::EPSILON).log10();
        self.product.partition_point(|s| s.log10() > noise)
    }
}

/// One recurrent matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct MatrixSpectrum {
    /// The gate that it belongs to.
    pub name: &'static str,
    /// All eigenvalues, those of largest modulus first.
    pub eigenvalues: Vec<Complex>,
    /// σ_max.
    pub norm: f64,
    /// γ: the largest that its elementwise factor is in a step of the window.
    pub slope: f64,
}

impl MatrixSpectrum {
    /// ρ = max |eigenvalue|.
    pub fn radius(&self) -> f64 {
        self.eigenvalues.first().map_or(0.0, |z| z.abs())
    }

    /// γ σ_max: what the path multiplies by in one step, at most.
    pub fn bound(&self) -> f64 {
        self.slope * self.norm
    }
}

/// What all paths together can do in a step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Together {
    /// What the state is kept by, at most: the largest f (or z) of the window.
    pub kept: f64,
    /// With γσ of every matrix added: no gradient grows by more than this a step in the long run.
    pub sum: f64,
}

impl Together {
    /// Of a cell that keeps its state and whose every other path crosses one of the matrices; `None` of
    /// others (peepholes, gates that feed gates, cells without matrices).
    ///
    /// With a = |δc| and b = |δh| a step of the LSTM is a_t ≤ f a_{t+1} + b_t (since h's way into c is at
    /// most 1 steep) and b_t ≤ B a_{t+1} + B_o b_{t+1}, where B is the sum of γσ of block, input and
    /// forget. The largest eigenvalue of that step is at most its trace, f + B + B_o. Of a GRU the sum
    /// bounds every single step.
    pub fn of(flow: &Flow, matrices: &[MatrixSpectrum]) -> Option<Self> {
        let (gate, _) = flow.cell.spec().keeper()?;
        let crosses = |path: &PathFlow| {
            let named = matrices
                .iter()
                .any(|matrix| matrix.name == path.path.name());
            named || path.path.is_highway() || matches!(path.path, Path::Loss | Path::Above)
        };
        if matrices.len() < 2 || !flow.paths.iter().all(crosses) {
            return None;
        }
        let track = flow.gates.iter().find(|track| track.name == gate.name)?;
        let kept = track.high.iter().copied().fold(0.0, f64::max);
        let bounds = matrices.iter().map(MatrixSpectrum::bound);
        let sum = kept + bounds.sum::<f64>();
        sum.is_finite().then_some(Self { kept, sum })
    }
}

/// The recurrent matrices of a cell that has run, in the order of their blocks: none for a cell whose
/// gates see the input only. The λ of an LRU stand for a matrix `lambda`, the weights u of an
/// IndRNN for a diagonal one.
///
/// # Errors
/// When eigenvalues or singular values do not converge.
pub fn matrices<C: Cell>(cell: &C, tape: &Tape) -> Result<Vec<MatrixSpectrum>, NoConvergence> {
    let parameters = cell.parameters();
    if let Some(diagonal) = &parameters.diagonal {
        return Ok(vec![of_diagonal(diagonal)]);
    }
    let slopes = slopes(cell, tape);
    if let Some(weights) = parameters.unit_weights() {
        let real = |&re: &f64| Complex { re, im: 0.0 };
        let name = C::SPEC.matrix_names().next().unwrap_or_default();
        let eigenvalues = weights.iter().map(real).collect();
        return Ok(vec![diagonal_spectrum(
            name,
            eigenvalues,
            slopes.first().map_or(1.0, |slope| *slope),
        )]);
    }
    let names = C::SPEC.gate_names().take(parameters.matrices());
    names
        .enumerate()
        .map(|(gate, name)| {
            let r = parameters.recurrent(gate);
            Ok(MatrixSpectrum {
                name,
                eigenvalues: matrix::eigenvalues(r)?,
                norm: matrix::largest_singular_value(r)?,
                slope: slopes[gate],
            })
        })
        .collect()
}

/// γ of every gate: of what stands beside its R, whole, the largest over steps and units; of a cell whose
/// step is not such factors, the most that it can be.
fn slopes<C: Cell>(cell: &C, tape: &Tape) -> Vec<f64> {
    let (n, gates) = (tape.hidden, cell.parameters().matrices());
    if gates == 0 {
        return Vec::new();
    }
    let diagonals = if tape.c.is_empty() { 1 } else { 2 };
    let mut row = vec![0.0; (gates + diagonals) * n];
    let mut slopes = vec![0.0f64; gates];
    for t in 1..=tape.steps {
        if !cell.factors(tape, t, &mut row) {
            return (0..gates).map(|gate| cell.steepest(tape, gate)).collect();
        }
        for (slope, factors) in slopes.iter_mut().zip(row.chunks_exact(n)) {
            *slope = slope.max(vector::largest(factors));
        }
    }
    slopes
}

/// A λ and its conjugate for every pair of units, and the real one of a last unit.
fn of_diagonal(diagonal: &Diagonal) -> MatrixSpectrum {
    let Diagonal { modulus, angle, .. } = diagonal;
    let mut eigenvalues = Vec::new();
    for (k, &modulus) in modulus.iter().enumerate() {
        let at = |angle: f64| Complex {
            re: modulus * angle.cos(),
            im: modulus * angle.sin(),
        };
        match angle.get(k) {
            Some(&angle) => eigenvalues.extend([at(angle), at(-angle)]),
            None => eigenvalues.push(at(0.0)),
        }
    }
    diagonal_spectrum("lambda", eigenvalues, 1.0)
}

/// A normal matrix has its eigenvalues for singular values.
fn diagonal_spectrum(
    name: &'static str,
    mut eigenvalues: Vec<Complex>,
    slope: f64,
) -> MatrixSpectrum {
    eigenvalues.sort_by(|a, b| b.abs().total_cmp(&a.abs()));
    MatrixSpectrum {
        name,
        norm: eigenvalues.first().map_or(0.0, |z| z.abs()),
        eigenvalues,
        slope,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::forward::forward;
    use crate::cell::{
        Activation, CellKind, ForgetGate, Gru, IndRnn, Init, Lru, Lstm, MinGru, MinLstm, Rnn,
        StepJacobian, Variant, init,
    };
    use crate::num::multiply::{Panel, multiply};
    use ndarray::{Array1, Array2, ArrayView2};

    fn ran<C: Cell>(cell: &C, inputs: &Array2<f64>) -> Tape {
        let mut tape = cell.tape(inputs.nrows());
        forward(cell, inputs.view(), &mut tape, &mut |_| true).unwrap();
        tape
    }

    /// With all other matrices zero, h's part of a step's Jacobian that does not pass through what
    /// is kept is the path of one gate; it is never larger than said.
    fn holds<C: Cell>(cell: &C, inputs: &Array2<f64>, kept: impl Fn(&Tape, usize) -> Vec<f64>) {
        let tape = ran(cell, inputs);
        let all = matrices(cell, &tape).unwrap();
        let bound: f64 = all.iter().map(MatrixSpectrum::bound).sum();
        let mut step = StepJacobian::zeros(&tape);
        for t in 1..=tape.steps {
            cell.jacobian(&tape, t, &mut step);
            let size = step.size();
            let mut eye = vec![0.0; size * size];
            eye.iter_mut().step_by(size + 1).for_each(|x| *x = 1.0);
            let mut whole = vec![0.0; size * size];
            step.times(&eye, &mut whole);
            let n = tape.hidden;
            let mut h = Array2::from_shape_fn((n, n), |(i, j)| whole[i * size + j]);
            for (x, kept) in h.diag_mut().iter_mut().zip(kept(&tape, t)) {
                *x -= kept;
            }
            let norm = matrix::largest_singular_value(h.view()).unwrap();
            assert!(norm <= bound * (1.0 + 1e-12), "step {t}: {norm} > {bound}");
        }
        // The bound is not idle.
        assert!(bound > 0.0);
    }

    #[test]
    fn no_path_does_more_than_its_bound() {
        let inputs = Array2::from_shape_fn((40, 3), |(t, j)| 1.5 * ((t * 5 + j * 3) as f64).sin());
        let nothing = |tape: &Tape, _: usize| vec![0.0; tape.hidden];
        let draw = |kind| init::draw(kind, 6, 3, Init::Gaussian, false, 11).unwrap().0;
        let rnn = Rnn::new(draw(CellKind::Rnn), Activation::Tanh);
        holds(&rnn, &inputs, nothing);
        for gate in 0..4 {
            let mut parameters = draw(CellKind::Lstm);
            for (row, mut r) in parameters.r.rows_mut().into_iter().enumerate() {
                if row / 6 != gate {
                    r.fill(0.0);
                }
            }
            holds(
                &Lstm::new(parameters, ForgetGate::Learned(None)),
                &inputs,
                nothing,
            );
        }
        for gate in 0..3 {
            let mut parameters = draw(CellKind::Gru);
            for (row, mut r) in parameters.r.rows_mut().into_iter().enumerate() {
                // The candidate's matrix feeds what the reset gate multiplies.
                if row / 6 != gate && (gate, row / 6) != (0, 2) {
                    r.fill(0.0);
                }
            }
            let leak = |tape: &Tape, t: usize| tape.activation(t, 1).to_vec();
            holds(&Gru::new(parameters), &inputs, leak);
        }
    }

    /// Where |c| is large its gate is open to a part in a thousand: the largest |c| times the steepest slope, a
    /// quarter, is no step of this window, and would have it that the path may grow.
    #[test]
    fn the_bound_is_of_what_meets_in_a_step_and_not_of_separate_extremes() {
        let inputs = Array2::from_shape_fn((60, 3), |(t, j)| 1.5 * ((t * 5 + j * 3) as f64).sin());
        let mut parameters = init::draw(CellKind::Lstm, 6, 3, Init::Gaussian, false, 11)
            .unwrap()
            .0;
        // Block input and forget gate near 1: c grows by i ≈ ½ a step.
        let biases = Array1::from_shape_fn(24, |row| [0.0, 10.0, 3.0, 0.0][row / 6]);
        parameters.biases = Some([biases.clone(), biases * 0.0]);
        let cell = Lstm::new(parameters, ForgetGate::Learned(None));
        let tape = ran(&cell, &inputs);
        let forget = matrices(&cell, &tape).unwrap().into_iter();
        let forget = forget
            .enumerate()
            .find(|(_, matrix)| matrix.name == "forget");
        let (gate, forget) = forget.unwrap();
        let apart = cell.steepest(&tape, gate) * forget.norm;
        assert!(
            apart > 2.0 && forget.bound() < 0.5,
            "{apart}, {}",
            forget.bound()
        );
        holds(&cell, &inputs, |tape, _| vec![0.0; tape.hidden]);
        for gate in 0..4 {
            let whole = matrices(&cell, &tape).unwrap()[gate].slope;
            assert!(whole <= cell.steepest(&tape, gate) * (1.0 + 1e-12));
        }
    }

    /// Every variant, with one matrix at a time; an activation that is missing leaves a path what
    /// it passes there.
    #[test]
    fn no_path_of_a_variant_does_more_than_its_bound() {
        let inputs = Array2::from_shape_fn((40, 3), |(t, j)| 1.5 * ((t * 5 + j * 3) as f64).sin());
        let nothing = |tape: &Tape, _: usize| vec![0.0; tape.hidden];
        for variant in Variant::ALL.into_iter().filter(|v| *v != Variant::Fgr) {
            for gate in 0..4 {
                let drawn = init::draw(CellKind::Lstm, 6, 3, Init::Gaussian, false, 11);
                let mut parameters = drawn.unwrap().0;
                for (row, mut r) in parameters.r.rows_mut().into_iter().enumerate() {
                    if row / 6 != gate {
                        r.fill(0.0);
                    }
                }
                let cell = Lstm::of_variant(parameters, ForgetGate::Learned(None), variant);
                let tape = ran(&cell, &inputs);
                // Through a gate that is not there, nothing comes back at all.
                if matrices(&cell, &tape).unwrap()[gate].slope > 0.0 {
                    holds(&cell, &inputs, nothing);
                }
            }
        }
    }

    /// The flow of a window whose loss is at its end, and the matrices of the cell.
    fn window<C: Cell>(cell: &C, inputs: &Array2<f64>) -> (Flow, Vec<MatrixSpectrum>) {
        let tape = ran(cell, inputs);
        let v = vec![1.0; tape.hidden];
        let request = crate::flow::Request {
            loss: crate::flow::Loss::Last(&v),
            cuts: crate::cell::PathSet::EMPTY,
            alone: false,
            without: false,
            clip: (crate::flow::ClipMode::Off, 1.0),
        };
        let scratch = &mut crate::flow::Scratch::default();
        let inputs = inputs.view();
        let flow = crate::flow::analyse(
            cell,
            &tape,
            inputs,
            &request,
            Vec::new(),
            scratch,
            &mut |_| true,
        );
        (flow.unwrap(), matrices(cell, &tape).unwrap())
    }

    /// A gradient that all paths together must shrink shrinks by at least as much a step, but for what
    /// the first step out of h does.
    #[test]
    fn no_window_grows_by_more_than_all_bounds_together() {
        let steps = 60;
        let inputs = Array2::from_shape_fn((steps, 3), |(t, j)| ((t * 5 + j * 3) as f64).sin());
        let mut tight = 0;
        for (seed, scale) in (0..24).map(|k| (k, 0.05 + 0.03 * f64::from(k as u32))) {
            let draw = |kind| {
                let mut parameters = init::draw(kind, 6, 3, Init::Gaussian, false, seed)
                    .unwrap()
                    .0;
                parameters.r *= scale;
                parameters
            };
            let lstm = Lstm::new(draw(CellKind::Lstm), ForgetGate::Pinned(0.9));
            let gru = Gru::new(draw(CellKind::Gru));
            for (flow, matrices) in [window(&lstm, &inputs), window(&gru, &inputs)] {
                let together = Together::of(&flow, &matrices).unwrap();
                let curve = flow.main();
                let grown = curve[0].over(curve[steps - 1]).log10() / (steps - 1) as f64;
                let slack = 1.0 / (steps - 1) as f64;
                let most = together.sum.log10();
                assert!(
                    grown <= most + slack,
                    "{:?} {seed}: {grown} > {most}",
                    flow.cell
                );
                tight += usize::from(grown > most - 0.1);
            }
        }
        assert!(tight > 0, "the bound is not idle");
    }

    #[test]
    fn together_is_said_of_cells_whose_paths_are_all_bounded() {
        let inputs = Array2::from_shape_fn((9, 3), |(t, j)| ((t * 5 + j * 3) as f64).sin());
        let draw = |kind, peepholes| {
            init::draw(kind, 6, 3, Init::Gaussian, peepholes, 11)
                .unwrap()
                .0
        };
        let of = |(flow, matrices): (Flow, Vec<MatrixSpectrum>)| Together::of(&flow, &matrices);
        let pinned = ForgetGate::Pinned(0.99);
        let plain = of(window(
            &Lstm::new(draw(CellKind::Lstm, false), pinned),
            &inputs,
        ));
        assert!((plain.unwrap().kept - 0.99).abs() < 1e-12);
        assert_eq!(
            of(window(
                &Lstm::new(draw(CellKind::Lstm, true), pinned),
                &inputs
            )),
            None
        );
        let rnn = Rnn::new(draw(CellKind::Rnn, false), Activation::Tanh);
        assert_eq!(of(window(&rnn, &inputs)), None);
    }

    #[test]
    fn cells_without_matrices_have_none_but_for_lambda_and_u() {
        let inputs = Array2::ones((4, 2));
        let draw = |kind| init::draw(kind, 5, 2, Init::Gaussian, false, 3).unwrap().0;
        let small = MinGru::new(draw(CellKind::MinGru));
        assert!(matrices(&small, &ran(&small, &inputs)).unwrap().is_empty());
        let small = MinLstm::new(draw(CellKind::MinLstm));
        assert!(matrices(&small, &ran(&small, &inputs)).unwrap().is_empty());
        let lru = Lru::new(draw(CellKind::Lru));
        let found = matrices(&lru, &ran(&lru, &inputs)).unwrap();
        assert_eq!((found.len(), found[0].eigenvalues.len()), (1, 5));
        assert!((found[0].radius() - 1.0).abs() < 1e-15);
        let units = IndRnn::new(draw(CellKind::IndRnn), Activation::Relu);
        let found = matrices(&units, &ran(&units, &inputs)).unwrap();
        let u = units.parameters().r.iter();
        let mut sizes: Vec<f64> = u.clone().map(|u| u.abs()).collect();
        sizes.sort_by(|a, b| b.total_cmp(a));
        let eigenvalues = found[0].eigenvalues.iter();
        assert_eq!(eigenvalues.map(|z| z.abs()).collect::<Vec<_>>(), sizes);
        assert_eq!((found.len(), found[0].norm), (1, 1.0));
        let sum: f64 = found[0].eigenvalues.iter().map(|z| z.re).sum();
        assert!((sum - u.sum::<f64>()).abs() < 1e-14);
    }

    #[test]
    fn eigenvalues_are_those_of_the_matrix() {
        let parameters = init::draw(CellKind::Gru, 7, 2, Init::Gaussian, false, 3)
            .unwrap()
            .0;
        let cell = Gru::new(parameters);
        let tape = ran(&cell, &Array2::zeros((2, 2)));
        for (gate, matrix) in matrices(&cell, &tape).unwrap().iter().enumerate() {
            let r: ArrayView2<f64> = cell.parameters().recurrent(gate);
            let trace: f64 = r.diag().sum();
            let sum: f64 = matrix.eigenvalues.iter().map(|z| z.re).sum();
            assert!((trace - sum).abs() < 1e-12);
            // tr R² = Σ λ².
            let (flat, mut square) = (r.to_owned(), vec![0.0; 49]);
            let flat = flat.as_slice().unwrap();
            multiply::<false>((flat, 7), (flat, 7), 7, (&mut square, 7), &mut Panel::new());
            let squared: f64 = square.iter().step_by(8).sum();
            let sum: f64 = matrix
                .eigenvalues
                .iter()
                .map(|z| z.re * z.re - z.im * z.im)
                .sum();
            assert!((squared - sum).abs() < 1e-11);
            assert!((matrix.radius() - 1.0).abs() < 1e-12 && matrix.norm >= 1.0);
        }
    }
}
