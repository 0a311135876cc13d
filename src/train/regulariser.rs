//! What is done to the gradient on its way back, beside clipping.

use std::fmt;

use rand::RngExt as _;
use serde::{Deserialize, Serialize};

use super::product::{columns, columns_mut, product};
use super::settings::table::CELLS;
use super::task::stream;
use super::{Kind, Real};
use crate::sim::preset::limits::{self, Range, Wrong};
use crate::words::list::either;

/// A term that helps the gradient to come back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Regulariser {
    /// None.
    #[default]
    Off,
    /// λ Ω of Pascanu, Mikolov and Bengio 2013 (equations 9 and 10): Ω = Σ_t (‖φ'_t ⊙ Rᵀ δā_{t+1}‖ / ‖δā_{t+1}‖ − 1)², a
    /// mean over the sequences, and of its gradient the immediate part: by R alone, with δā and φ' held.
    Omega(f64),
    /// λ times the mean square of the K leading Lyapunov exponents: gradient flossing (`floss.rs`).
    Floss(f64, usize),
    /// h-detach (Kanuparthi et al. 2019): at each step, with this probability, nothing goes back through h_{t-1}.
    Detach(f64),
}

impl fmt::Display for Regulariser {
    /// As on the command line: `off`, `omega:2`, `floss:1`, `floss:1:8`, `detach:0.25`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Off => f.write_str("off"),
            Self::Omega(weight) => write!(f, "omega:{weight}"),
            Self::Floss(weight, 1) => write!(f, "floss:{weight}"),
            Self::Floss(weight, count) => write!(f, "floss:{weight}:{count}"),
            Self::Detach(probability) => write!(f, "detach:{probability}"),
        }
    }
}

impl From<Regulariser> for String {
    fn from(of: Regulariser) -> Self {
        of.to_string()
    }
}

impl TryFrom<String> for Regulariser {
    type Error = Wrong;

    fn try_from(text: String) -> Result<Self, Wrong> {
        Self::parse(&text)
    }
}

impl Regulariser {
    /// What can be asked for.
    pub const ALLOWED: &str = "off, omega:λ, floss:λ or floss:λ:K with λ from 0 to 1000 and K from 1 to 512, or \
                               detach:P with P from 0 to 1";

    /// Reads what [`Display`](fmt::Display) writes.
    ///
    /// # Errors
    /// What is allowed.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let wrong = || Wrong::new(Self::ALLOWED, limits::quoted(text));
        if text == "off" {
            return Ok(Self::Off);
        }
        let (word, number) = text.split_once(':').ok_or_else(wrong)?;
        let within = |number: &str, most| Range::Real(0.0, most).parse(number).map_err(|_| wrong());
        match word {
            "omega" => Ok(Self::Omega(within(number, 1000.0)?)),
            "floss" => {
                let (weight, count) = number.split_once(':').unwrap_or((number, "1"));
                let count = count.parse().ok().filter(|count| (1..=512).contains(count));
                Ok(Self::Floss(
                    within(weight, 1000.0)?,
                    count.ok_or_else(wrong)?,
                ))
            }
            "detach" => Ok(Self::Detach(within(number, 1.0)?)),
            _ => Err(wrong()),
        }
    }

    /// What a run would have to be that it is not, where it cannot have this term: what is expected, and found.
    pub fn misfit(self, cell: Kind, hidden: usize, truncate: usize) -> Option<(String, String)> {
        let cells = match self {
            Self::Off => return None,
            Self::Omega(_) | Self::Floss(..) => &[Kind::Rnn, Kind::Irnn][..],
            Self::Detach(_) => &[Kind::Lstm],
        };
        if !cells.contains(&cell) {
            let names = either(cells.iter().map(|cell| limits::word(CELLS, cell)));
            let expected = format!("--cell {names} beside it");
            return Some((expected, limits::word(CELLS, &cell).to_owned()));
        }
        if truncate > 0 && self.is_penalty() {
            let expected = format!("no --truncate beside {self}");
            return Some((expected, truncate.to_string()));
        }
        match self {
            Self::Floss(_, count) if count > hidden => {
                let expected = format!("at most as many exponents as units, {hidden}");
                Some((expected, count.to_string()))
            }
            _ => None,
        }
    }

    /// Whether a number is added to the loss.
    pub fn is_penalty(self) -> bool {
        matches!(self, Self::Omega(_) | Self::Floss(..))
    }

    /// The steps of an update at which nothing goes back through h; empty where it does everywhere.
    pub(super) fn detached(self, seed: u64, update: u64, steps: usize) -> Vec<bool> {
        let Self::Detach(probability) = self else {
            return Vec::new();
        };
        // Another stream than the one that the batch is drawn from.
        let rng = &mut stream(!seed, update);
        (0..steps).map(|_| rng.random_bool(probability)).collect()
    }
}

/// φ' of an RNN, by the h that φ made.
pub(super) fn slope<T: Real>(kind: Kind, h: T) -> T {
    match kind {
        Kind::Irnn if h > T::default() => T::ONE,
        Kind::Irnn => T::default(),
        _ => T::ONE - h * h,
    }
}

/// How φ' changes with that h.
pub(super) fn slope_by_h<T: Real>(kind: Kind, h: T) -> T {
    match kind {
        Kind::Irnn => T::default(),
        _ => -(h + h),
    }
}

/// Ω and its gradient, as they are collected on the way back.
pub(super) struct Omega<T> {
    /// λ of a sequence.
    scale: f64,
    /// The gradient of R.
    pub gradient: Vec<T>,
    /// λ Ω.
    pub value: f64,
}

impl<T: Real> Omega<T> {
    /// Of so much weight for each sequence.
    pub fn new(scale: f64, hidden: usize) -> Self {
        Self {
            scale,
            gradient: vec![T::default(); hidden * hidden],
            value: 0.0,
        }
    }

    /// Adds the term of a step t + 1, of which δā_{t+1} of every sequence is given, h_t, and Rᵀ δā_{t+1}.
    pub fn add(&mut self, kind: Kind, delta: &[T], h_before: &[T], back: &[T], hidden: usize) {
        let mut left = vec![T::default(); delta.len()];
        let mut right = left.clone();
        let size = |row: &[T]| row.iter().map(|x| x.wide().powi(2)).sum::<f64>().sqrt();
        for (k, delta) in delta.chunks_exact(hidden).enumerate() {
            let row = k * hidden..(k + 1) * hidden;
            let slopes = h_before[row.clone()].iter().map(|&h| slope(kind, h));
            let carried: Vec<T> = slopes
                .clone()
                .zip(&back[row.clone()])
                .map(|(slope, &x)| slope * x)
                .collect();
            let (before, after) = (size(delta), size(&carried));
            // Where nothing arrives there is no direction to keep.
            if before == 0.0 || after == 0.0 {
                continue;
            }
            let off = after / before - 1.0;
            self.value += self.scale * off * off;
            let factor = T::of(2.0 * self.scale * off / (before * after));
            for ((left, right), ((slope, &carried), &delta)) in left[row.clone()]
                .iter_mut()
                .zip(&mut right[row])
                .zip(slopes.zip(&carried).zip(delta))
            {
                *left = slope * carried;
                *right = factor * delta;
            }
        }
        let count = delta.len() / hidden;
        product(
            columns_mut(&mut self.gradient, hidden, 0..hidden, hidden),
            true,
            columns(&left, hidden, 0..hidden, count),
            columns(&right, hidden, 0..hidden, count).transpose(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_is_out_of_range_is_refused() {
        for text in ["off", "omega:0.5", "floss:2", "floss:0.5:8", "detach:0.25"] {
            assert_eq!(
                Regulariser::parse(text).map(|r| r.to_string()),
                Ok(text.to_owned())
            );
        }
        for text in [
            "omega",
            "omega:-1",
            "omega:nan",
            "omega:1:2",
            "detach:1.5",
            "flossing:1",
            "floss:1:0",
            "floss:1:513",
            "floss::2",
        ] {
            assert!(Regulariser::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn steps_are_detached_as_often_as_asked() {
        let part = |p| {
            let steps = Regulariser::Detach(p).detached(1, 7, 10_000);
            steps.iter().filter(|detached| **detached).count()
        };
        assert_eq!((part(0.0), part(1.0)), (0, 10_000));
        assert!((2300..2700).contains(&part(0.25)));
    }
}
