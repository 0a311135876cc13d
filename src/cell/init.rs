//! Drawing the parameters of a cell.
//!
//! Recurrent matrices come out with spectral radius 1 (a framework's with the radius that the
//! framework gives them), together with their measured sizes, so that a caller scales them to any
//! radius without another eigenvalue problem: radius and norm scale along.

use ndarray::{Array1, Array2, ArrayView2, Axis, Slice};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal, StandardUniform};

use super::{CellKind, Diagonal, Init, Parameters, Recurrence};
use crate::num::matrix::{self, NoConvergence};

/// Standard deviation of drawn peepholes (Greff et al. 2015).
pub const PEEPHOLE_DEVIATION: f64 = 0.1;

/// Spectral radius and largest singular value of one recurrent matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// ρ = max |eigenvalue|.
    pub radius: f64,
    /// σ_max.
    pub norm: f64,
}

impl Size {
    const UNIT: Self = Self {
        radius: 1.0,
        norm: 1.0,
    };
}

/// Draws a cell: R with ρ = 1 for every gate, W with entries N(0, 1/D), biases 0; `sizes` has one
/// entry per recurrent matrix. The λ of an LRU, or the weights u of units that see themselves
/// only, count as one. A framework's initialisation draws what the framework draws.
///
/// # Errors
/// When the eigenvalues or singular values of a gaussian matrix do not converge.
pub fn draw(
    kind: CellKind,
    hidden: usize,
    inputs: usize,
    init: Init,
    peepholes: bool,
    seed: u64,
) -> Result<(Parameters, Vec<Size>), NoConvergence> {
    draw_mixed(kind, hidden, inputs, init, 0.0, peepholes, seed)
}

/// As [`draw`], with a share of a gaussian matrix in orthogonal ones: (1 − mix) Q + mix G, where Q and G of
/// radius 1 are made from the same normal numbers, brought to radius 1. Other initialisations have no mix.
///
/// # Errors
/// When the eigenvalues or singular values of a matrix do not converge.
pub fn draw_mixed(
    kind: CellKind,
    hidden: usize,
    inputs: usize,
    init: Init,
    mix: f64,
    peepholes: bool,
    seed: u64,
) -> Result<(Parameters, Vec<Size>), NoConvergence> {
    let gates = kind.gates();
    // One stream for each cell, so that none depends on what the others draw.
    let spec = kind.spec();
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ (spec.stream << 56));
    let layers = matches!(spec.recurrence, Recurrence::Matrices | Recurrence::None);
    if init.is_framework() && layers {
        return framework(kind, hidden, inputs, init, peepholes, &mut rng);
    }
    let mut normal = |n: usize, m: usize| -> Array2<f64> {
        Array2::from_shape_simple_fn((n, m), || StandardNormal.sample(&mut rng))
    };
    let matrices = spec.blocks_of_r();
    let mut r = Array2::zeros((matrices * hidden, hidden));
    let mut sizes = Vec::with_capacity(matrices);
    for g in 0..matrices {
        let (block, size) = mixed(init, mix, normal(hidden, hidden))?;
        r.slice_axis_mut(Axis(0), Slice::from(g * hidden..(g + 1) * hidden))
            .assign(&block);
        sizes.push(size);
    }
    if spec.recurrence == Recurrence::Units {
        r = unit_weights(init, normal(1, hidden));
        sizes.push(Size::UNIT);
    }
    let scale = (inputs as f64).sqrt().recip();
    let w = if init == Init::Scalar {
        Array2::from_elem((gates * hidden, inputs), scale)
    } else {
        normal(gates * hidden, inputs) * scale
    };
    let peepholes = (peepholes && spec.has_variants)
        .then(|| [0; 3].map(|_| normal(1, hidden).row(0).to_owned() * PEEPHOLE_DEVIATION));
    let biases = spec
        .has_biases
        .then(|| [gates * hidden, matrices * hidden].map(Array1::zeros));
    let diagonal = (spec.recurrence == Recurrence::Eigenvalues).then(|| {
        sizes.push(Size::UNIT);
        diagonal(hidden, init, &mut rng)
    });
    Ok((
        Parameters {
            kind,
            w,
            r,
            biases,
            peepholes,
            gates_r: None,
            diagonal,
        },
        sizes,
    ))
}

/// Draws a cell as a framework does. PyTorch: `reset_parameters` of `nn.RNNBase`, U(−1/√H, 1/√H) for
/// all weights and biases. Keras: the defaults of `SimpleRNN`, `LSTM` and `GRU`, which are
/// `glorot_uniform` for the kernel (D × G·H, fused), `orthogonal` for the recurrent kernel (H × G·H,
/// fused), and zeros, but 1 for the LSTM's forget gate (`unit_forget_bias`).
///
/// The minimal cells are linear layers without recurrent matrices: their weights are those of
/// `nn.Linear`, U(−1/√D, 1/√D), or of `Dense`, glorot uniform with zeros.
fn framework(
    kind: CellKind,
    hidden: usize,
    inputs: usize,
    init: Init,
    peepholes: bool,
    rng: &mut ChaCha8Rng,
) -> Result<(Parameters, Vec<Size>), NoConvergence> {
    let gates = kind.gates();
    let (rows, recurrent) = (gates * hidden, kind.has_recurrent_matrices());
    let own = if recurrent { rows } else { 0 };
    let pytorch = init == Init::PyTorch;
    let bound = if pytorch {
        let fan_in = if recurrent { hidden } else { inputs };
        (fan_in as f64).sqrt().recip()
    } else {
        (6.0 / (inputs + rows) as f64).sqrt()
    };
    let mut uniform = |n: usize, m: usize| -> Array2<f64> {
        Array2::from_shape_simple_fn((n, m), || {
            let x: f64 = StandardUniform.sample(&mut *rng);
            (2.0 * x - 1.0) * bound
        })
    };
    let w = uniform(rows, inputs);
    let mut biases = [Array1::zeros(rows), Array1::zeros(own)];
    let r = if pytorch {
        for bias in &mut biases {
            *bias = uniform(1, bias.len()).row(0).to_owned();
        }
        uniform(own, hidden)
    } else {
        if kind == CellKind::Lstm {
            // The blocks are i, f, z, o.
            biases[0]
                .slice_axis_mut(Axis(0), Slice::from(hidden..2 * hidden))
                .fill(1.0);
        }
        let gaussian =
            Array2::from_shape_simple_fn((own, hidden), || StandardNormal.sample(&mut *rng));
        // Rows of the fused kernel are columns here, and orthonormal.
        matrix::orthogonal_factor(gaussian.view())
    };
    let mut small = || {
        let p: Array1<f64> =
            Array1::from_shape_simple_fn(hidden, || StandardNormal.sample(&mut *rng));
        p * PEEPHOLE_DEVIATION
    };
    let peepholes = (peepholes && kind.spec().has_variants).then(|| [0; 3].map(|_| small()));
    let parameters = Parameters {
        kind,
        w,
        r,
        biases: Some(biases),
        peepholes,
        gates_r: None,
        diagonal: None,
    };
    let sizes = measure(&parameters)?;
    Ok((parameters, sizes))
}

/// The nine matrices of full gate recurrence as one, 3H × 3H: of radius 1 as a whole, about 1 for
/// `Gaussian` and `PyTorch`, where finding it would take the time of everything else.
///
/// # Errors
/// Never for the initialisations that there are.
pub fn gates(hidden: usize, init: Init, mix: f64, seed: u64) -> Result<Array2<f64>, NoConvergence> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ (7 << 56));
    let size = 3 * hidden;
    if init == Init::PyTorch {
        let bound = (hidden as f64).sqrt().recip();
        return Ok(Array2::from_shape_simple_fn((size, size), || {
            let x: f64 = StandardUniform.sample(&mut rng);
            (2.0 * x - 1.0) * bound
        }));
    }
    let gaussian = Array2::from_shape_simple_fn((size, size), || StandardNormal.sample(&mut rng));
    if init == Init::Gaussian {
        return Ok(gaussian / (size as f64).sqrt());
    }
    mixed(init, mix, gaussian).map(|(matrix, _)| matrix)
}

/// The λ of an LRU, the largest of size 1. `Orthogonal`, and a framework's, which has no LRU, puts them on the
/// unit circle, `Gaussian` evenly into the disc, as the eigenvalues of a gaussian matrix are; `Identity` and
/// `Scalar` have λ = 1.
fn diagonal(hidden: usize, init: Init, rng: &mut ChaCha8Rng) -> Diagonal {
    let (all, pairs) = (hidden.div_ceil(2), hidden / 2);
    let uniform = |n: usize, rng: &mut ChaCha8Rng| -> Array1<f64> {
        Array1::from_shape_simple_fn(n, || StandardUniform.sample(&mut *rng))
    };
    let mut modulus = Array1::ones(all);
    let mut angle = Array1::zeros(pairs);
    if !matches!(init, Init::Identity | Init::Scalar) {
        angle = uniform(pairs, rng) * std::f64::consts::TAU;
    }
    if init == Init::Gaussian {
        modulus = uniform(all, rng).sqrt();
        let largest = modulus.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        modulus /= largest;
    }
    let gamma = modulus.mapv(gamma);
    Diagonal {
        modulus,
        angle,
        gamma,
    }
}

/// Weights u, 1 × H, the largest of size 1, from gaussian ones: as the diagonal of R. A diagonal
/// matrix that is orthogonal has ±1; so has a framework's, which has no such layer.
fn unit_weights(init: Init, gaussian: Array2<f64>) -> Array2<f64> {
    match init {
        Init::Orthogonal | Init::PyTorch | Init::Keras => gaussian.mapv(f64::signum),
        Init::Gaussian => {
            let largest = gaussian
                .iter()
                .fold(f64::MIN_POSITIVE, |top, u| u.abs().max(top));
            gaussian / largest
        }
        Init::Identity | Init::Scalar => Array2::ones(gaussian.dim()),
    }
}

/// γ = √|1 − |λ|²|, which keeps |h| at the size of the input where |λ| < 1.
pub fn gamma(modulus: f64) -> f64 {
    (1.0 - modulus * modulus).abs().sqrt()
}

/// One recurrent matrix of spectral radius 1, made from a gaussian one.
fn recurrent(init: Init, gaussian: Array2<f64>) -> Result<(Array2<f64>, Size), NoConvergence> {
    let unit = Size::UNIT;
    Ok(match init {
        Init::Orthogonal | Init::PyTorch | Init::Keras => {
            (matrix::orthogonal_factor(gaussian.view()), unit)
        }
        Init::Identity | Init::Scalar => (Array2::eye(gaussian.nrows()), unit),
        Init::Gaussian => {
            let radius = matrix::spectral_radius(gaussian.view())?;
            let scaled = gaussian / radius;
            let norm = matrix::largest_singular_value(scaled.view())?;
            (scaled, Size { radius: 1.0, norm })
        }
    })
}

/// One recurrent matrix of spectral radius 1, between an orthogonal and a gaussian one where it is to be.
fn mixed(
    init: Init,
    mix: f64,
    gaussian: Array2<f64>,
) -> Result<(Array2<f64>, Size), NoConvergence> {
    if init != Init::Orthogonal || mix == 0.0 {
        return recurrent(init, gaussian);
    }
    if mix == 1.0 {
        return recurrent(Init::Gaussian, gaussian);
    }
    let (orthogonal, _) = recurrent(Init::Orthogonal, gaussian.clone())?;
    let radius = matrix::spectral_radius(gaussian.view())?;
    recurrent(
        Init::Gaussian,
        orthogonal * (1.0 - mix) + gaussian * (mix / radius),
    )
}

/// The sizes of the recurrent matrices of given parameters, gate by gate; not of λ or u.
///
/// # Errors
/// When eigenvalues or singular values do not converge.
pub fn measure(parameters: &Parameters) -> Result<Vec<Size>, NoConvergence> {
    (0..parameters.matrices())
        .map(|g| size(parameters.recurrent(g)))
        .collect()
}

/// The sizes of one matrix.
///
/// # Errors
/// When eigenvalues or singular values do not converge.
pub fn size(matrix: ArrayView2<f64>) -> Result<Size, NoConvergence> {
    Ok(Size {
        radius: matrix::spectral_radius(matrix)?,
        norm: matrix::largest_singular_value(matrix)?,
    })
}

/// A vector of H numbers with norm 1, for the losses `last` and `sum`; all alike for
/// [`Init::Scalar`].
pub fn unit_vector(hidden: usize, init: Init, seed: u64) -> Array1<f64> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ (0xff << 56));
    let v: Array1<f64> = if init == Init::Scalar {
        Array1::ones(hidden)
    } else {
        Array1::from_shape_simple_fn(hidden, || StandardNormal.sample(&mut rng))
    };
    let norm = v.dot(&v).sqrt();
    v / norm
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_initialisation_has_radius_one() {
        for init in [
            Init::Orthogonal,
            Init::Gaussian,
            Init::Identity,
            Init::Scalar,
        ] {
            for kind in [CellKind::Rnn, CellKind::Lstm, CellKind::Gru] {
                let (parameters, sizes) = draw(kind, 12, 3, init, true, 5).unwrap();
                for (said, measured) in sizes.iter().zip(measure(&parameters).unwrap()) {
                    assert!(
                        (measured.radius - 1.0).abs() < 1e-12,
                        "{init:?}: {measured:?}"
                    );
                    assert!((said.norm - measured.norm).abs() < 1e-12);
                }
            }
        }
    }

    /// At its ends a mix is an orthogonal and a gaussian matrix; between them its radius is 1, and its norm
    /// between theirs.
    #[test]
    fn a_mix_leads_from_orthogonal_to_gaussian() {
        let of = |init, mix| draw_mixed(CellKind::Lstm, 12, 3, init, mix, true, 5).unwrap();
        assert_eq!(of(Init::Orthogonal, 1.0).0.r, of(Init::Gaussian, 0.0).0.r);
        assert_eq!(of(Init::Gaussian, 0.3).0.r, of(Init::Gaussian, 0.0).0.r);
        let [low, middle, high] = [0.0, 0.5, 1.0].map(|mix| of(Init::Orthogonal, mix));
        for g in 0..4 {
            assert!(low.1[g].norm < middle.1[g].norm && middle.1[g].norm < high.1[g].norm);
            let measured = size(middle.0.recurrent(g)).unwrap();
            assert!((measured.radius - 1.0).abs() < 1e-12, "{measured:?}");
            assert!((measured.norm - middle.1[g].norm).abs() < 1e-12);
        }
    }

    #[test]
    fn the_largest_weight_of_a_unit_is_one() {
        for init in [
            Init::Orthogonal,
            Init::Gaussian,
            Init::Identity,
            Init::Scalar,
            Init::PyTorch,
            Init::Keras,
        ] {
            let (parameters, sizes) = draw(CellKind::IndRnn, 12, 3, init, false, 5).unwrap();
            let u = parameters.unit_weights().unwrap();
            let largest = u.iter().fold(0.0, |top: f64, u| top.max(u.abs()));
            assert_eq!((u.len(), largest, sizes.len()), (12, 1.0, 1), "{init:?}");
            assert_eq!(u.iter().all(|u| u.abs() == 1.0), init != Init::Gaussian);
        }
    }

    #[test]
    fn a_seed_is_a_model() {
        let draw = |seed| {
            draw(CellKind::Lstm, 9, 4, Init::Gaussian, true, seed)
                .unwrap()
                .0
        };
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }
}
