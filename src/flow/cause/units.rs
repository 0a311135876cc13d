//! How long each unit keeps, and which units carry what is left at the beginning of the window.

use crate::cell::{Cell, Tape};
use crate::num::Wide;

/// The units that carry are the fewest that hold this part of |δ_1|².
const MOST: f64 = 0.9;
/// So many of them are named.
pub const NAMED: usize = 3;
/// Half-lives within this factor of each other are one.
const ALIKE: f64 = 1.05;

/// The units of a cell with a gate that keeps. Half-lives are in steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Units {
    /// The half-life that half of the units do not exceed.
    pub median: f64,
    /// Whether the half-lives of all units are one.
    pub alike: bool,
    /// Who carries what is left at t = 1 on the keeping path alone; `None` where nothing is left.
    pub carriers: Option<Carriers>,
}

/// The fewest units that hold nine tenths of |δ_1|².
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Carriers {
    /// How many.
    pub count: usize,
    /// Of how many.
    pub of: usize,
    /// The first of them from the largest, as numbers from 0.
    pub first: [usize; NAMED],
    /// The shortest and the longest of their half-lives.
    pub half_lives: [f64; 2],
}

/// Steps until half is left, by the mean of ln f over the steps; +∞ where f is 1 throughout.
pub fn half_life(mean_log: f64) -> f64 {
    // ln ½ / 0 would be −∞, which comes before all others.
    if mean_log < 0.0 {
        0.5f64.ln() / mean_log
    } else {
        f64::INFINITY
    }
}

impl Units {
    /// From the gates of a window and δ_1 of what the keeping path alone brings back. `None` for a cell
    /// without a gate that keeps.
    pub fn of<C: Cell>(cell: &C, tape: &Tape, first: &[Wide]) -> Option<Self> {
        let gate = cell.kind().spec().keeps?;
        let mut logs = vec![0.0; tape.hidden];
        for t in 1..=tape.steps {
            let row = tape.activation(t, gate);
            logs.iter_mut().zip(row).for_each(|(sum, f)| *sum += f.ln());
        }
        let steps = tape.steps as f64;
        let half_lives: Vec<f64> = logs.iter().map(|sum| half_life(sum / steps)).collect();
        let mut sorted = half_lives.clone();
        sorted.sort_by(f64::total_cmp);
        let (&shortest, &longest) = (sorted.first()?, sorted.last()?);
        Some(Self {
            median: sorted[(sorted.len() - 1) / 2],
            alike: longest <= shortest * ALIKE,
            carriers: Carriers::of(first, &half_lives),
        })
    }
}

impl Carriers {
    fn of(first: &[Wide], half_lives: &[f64]) -> Option<Self> {
        let norm = first.iter().fold(Wide::ZERO, |sum, x| sum.hypot(*x));
        let part = |x: &Wide| {
            x.ratio(norm)
                .map_or(0.0, |part| part.saturating_f64().powi(2))
        };
        let mut parts: Vec<(usize, f64)> = first.iter().map(part).enumerate().collect();
        parts.sort_by(|a, b| b.1.total_cmp(&a.1));
        let mut held = 0.0;
        let mut carriers = Self {
            count: 0,
            of: first.len(),
            first: [0; NAMED],
            half_lives: [f64::INFINITY, 0.0],
        };
        for &(unit, part) in parts.iter().take_while(|(_, part)| *part > 0.0) {
            if held >= MOST {
                break;
            }
            held += part;
            if let Some(name) = carriers.first.get_mut(carriers.count) {
                *name = unit;
            }
            carriers.count += 1;
            let [shortest, longest] = carriers.half_lives;
            let own = half_lives.get(unit).copied()?;
            carriers.half_lives = [shortest.min(own), longest.max(own)];
        }
        (carriers.count > 0).then_some(carriers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewest_units_carry() {
        let first = [0.1, 3.0, 0.0, 1.0].map(Wide::from_f64);
        let found = Carriers::of(&first, &[1.0, 33.0, 2.0, 28.0]).unwrap();
        // 9 of 10.01 are short of nine tenths by little.
        assert_eq!((found.count, found.of, found.first), (2, 4, [1, 3, 0]));
        assert_eq!(found.half_lives, [28.0, 33.0]);
        let even = [1.0; 4].map(Wide::from_f64);
        let found = Carriers::of(&even, &[1.0, 33.0, 2.0, 28.0]).unwrap();
        assert_eq!((found.count, found.half_lives), (4, [1.0, 33.0]));
        assert_eq!(Carriers::of(&[Wide::ZERO; 2], &[1.0, 1.0]), None);
    }

    #[test]
    fn a_half_life_is_that_of_the_geometric_mean() {
        assert!((half_life(0.5f64.ln()) - 1.0).abs() < 1e-15);
        assert_eq!(half_life(0.0), f64::INFINITY);
    }
}
