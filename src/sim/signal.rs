//! The input that drives a simulation. Every step's row depends on the step's number alone, so
//! that the window can be moved, also backwards, without memory.

use ndarray::Array2;
use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt as _, SeedableRng};
use rand_distr::{Distribution, StandardNormal};

use super::Series;
use super::settings::{Settings, Signal};
use crate::io::text::encode_text;

/// What the signal `text` reads, over and over.
const PASSAGE: &str = "The error that the last step makes is carried back through every step \
before it. Where each step multiplies it by a little less than one, nothing of it is left at the \
beginning; where each step multiplies it by a little more, it drowns all else. ";

/// Shortest period of the signal `sine`, in steps.
const SHORTEST_PERIOD: f64 = 8.0;

/// The inputs of `settings.steps` steps, the first of which is step `before + 1`: T × D, or `None`
/// when the user's own sequence ends earlier.
pub fn window(settings: &Settings, sequence: Option<&Series>, before: u64) -> Option<Array2<f64>> {
    let Settings {
        steps,
        inputs,
        seed,
        signal,
        amplitude,
        ..
    } = *settings;
    if signal == Signal::File
        && let Some(sequence) = sequence
    {
        let first = usize::try_from(before).ok()?;
        let fits = first.checked_add(steps)? <= sequence.nrows();
        return fits.then(|| sequence.rows(first, steps) * amplitude);
    }
    let text = (signal == Signal::Text).then(|| encode_text(PASSAGE.as_bytes(), inputs));
    if signal == Signal::Noise {
        return Some(noise(steps, inputs, seed, before) * amplitude);
    }
    let mut window = Array2::zeros((steps, inputs));
    for (k, mut row) in window.rows_mut().into_iter().enumerate() {
        let step = before + k as u64 + 1;
        match signal {
            Signal::Sine => row.iter_mut().enumerate().for_each(|(j, x)| {
                let period = SHORTEST_PERIOD * 2f64.powf(j as f64 / 2.0);
                *x = amplitude * (std::f64::consts::TAU * (step as f64 / period)).sin();
            }),
            Signal::Impulse if step == 1 => row.fill(amplitude),
            Signal::Impulse | Signal::Zero | Signal::File | Signal::Noise => {}
            Signal::Text => {
                if let Some(text) = &text {
                    let at = (step - 1) as usize % text.nrows();
                    row.assign(&(&text.row(at) * amplitude));
                }
            }
        }
    }
    Some(window)
}

/// White noise of variance 1, T × D: the steps from `before` + 1 on.
pub fn noise(steps: usize, inputs: usize, seed: u64, before: u64) -> Array2<f64> {
    let mut rows = Array2::zeros((steps, inputs));
    for (mut row, step) in rows.rows_mut().into_iter().zip(before + 1..) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed.rotate_left(32) ^ step);
        row.mapv_inplace(|_: f64| standard_normal(&mut rng));
    }
    rows
}

/// Rows of an embedding, V × D, each drawn by itself: the steps from `before` + 1 on.
pub fn rows(embedding: &Array2<f64>, steps: usize, seed: u64, before: u64) -> Array2<f64> {
    let mut rows = Array2::zeros((steps, embedding.ncols()));
    for (mut row, step) in rows.rows_mut().into_iter().zip(before + 1..) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed.rotate_left(32) ^ step);
        row.assign(&embedding.row(rng.random_range(0..embedding.nrows())));
    }
    rows
}

fn standard_normal(rng: &mut Xoshiro256PlusPlus) -> f64 {
    StandardNormal.sample(rng)
}
