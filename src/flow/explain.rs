//! The worked example: one path at one step in numbers, factor by factor.
//!
//! [`explain`] takes a path apart into the factors that the cell names
//! ([`Cell::terms`](crate::cell::Cell::terms)) and multiplies them again, the plain way: the term of δ_t that
//! comes on the path, and the chain of the path alone over two steps. Beside each result stands the number of the chart, which the backward sweep found on
//! its own way.
//!
//! The chain of a path alone is called α: α_T is δ_T, and α_t is what the path makes of α_{t+1}.

mod take;

pub use take::explain;

use crate::cell::link::{Name, Source, Values};
use crate::cell::{Carried, CellKind, Lands, Path, Semantics, Variant};
use crate::num::{Wide, wides};

/// So many units are shown at most.
pub const MOST_UNITS: usize = 4;

/// Which path, at which step, and how many units are shown of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subject {
    /// The path.
    pub path: Path,
    /// The step t, 1 to T.
    pub t: usize,
    /// Units, 1 to [`MOST_UNITS`]; of a larger cell the first ones.
    pub units: usize,
}

/// A path at a step in numbers.
#[derive(Clone, Debug)]
pub struct Example {
    /// Which cell.
    pub cell: CellKind,
    /// What the LSTM lacks, or has besides.
    pub variant: Variant,
    /// Its functions.
    pub semantics: Semantics,
    /// Units H of the cell.
    pub hidden: usize,
    /// Steps T of the window.
    pub steps: usize,
    /// What is explained; `units` is at most H.
    pub subject: Subject,
    /// The path as this cell has it; `None` for what the loss injects.
    pub carried: Option<&'static Carried>,
    /// The part of the state whose gradient the terms add up to.
    pub lands: Lands,
    /// Whether the path is cut, so that the chart shows 0.
    pub cut: bool,
    /// The path's term at t; `None` where it brings none (from beyond the last step).
    pub term: Option<Term>,
    /// The path alone; `None` where it makes no chain.
    pub chain: Option<Chain>,
    /// All terms of δ_t.
    pub parts: Vec<Contribution>,
    /// |δ_t|.
    pub total: Wide,
    /// |δ_T|, which the charts are drawn relative to.
    pub last: Wide,
}

/// A path's term of δ_t.
#[derive(Clone, Debug)]
pub struct Term {
    /// The products whose sum it is: one, or several where the gates see each other.
    pub products: Vec<Product>,
    /// Their sum.
    pub result: Numbers,
    /// What step clipping multiplied it by, besides.
    pub clipped: Wide,
    /// Its norm, with that.
    pub norm: Wide,
    /// Its norm as the chart shows it.
    pub charted: Wide,
}

/// A path alone, at t.
#[derive(Clone, Debug)]
pub struct Chain {
    /// From α_{t+2} to α_{t+1} and from there to α_t; fewer at the end of the window.
    pub products: Vec<Product>,
    /// What takes α_{t+2} to α_t: a matrix, or elementwise factors.
    pub both: Option<Numbers>,
    /// |α_t|, |α_{t+1}| and |α_{t+2}| as far as there are.
    pub norms: Vec<Wide>,
    /// |α_t| as the chart shows it.
    pub charted: Wide,
    /// Which gradient α_T is.
    pub lives_on: Lands,
    /// The factor per step over the whole window; `None` where the chain begins with zero.
    pub per_step: Option<Wide>,
    /// |α_1| / |α_T|.
    pub growth: Option<Wide>,
}

/// One path's part of δ_t.
#[derive(Clone, Copy, Debug)]
pub struct Contribution {
    /// Which path.
    pub path: Path,
    /// The norm of its term.
    pub norm: Wide,
    /// ⟨term, δ_t⟩ / |δ_t|².
    pub contribution: f64,
}

/// A product of factors with a gradient.
#[derive(Clone, Debug)]
pub struct Product {
    /// The factors from the outermost on: name, steps after t, numbers.
    pub factors: Vec<(Name, usize, Numbers)>,
    /// The gradient that they multiply: which, steps after t, numbers.
    pub gradient: (Gradient, usize, Numbers),
    /// The result.
    pub result: Numbers,
    /// The norm of the whole result.
    pub norm: Wide,
}

/// Whose gradient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Gradient {
    /// δh.
    H,
    /// δc.
    C,
    /// Γ, what the gates of the step after bring to a gate, by its letter.
    Brought(char),
    /// δ of the pre-activation of a gate, by its letter.
    Bar(char),
    /// Δ, what the loss injects.
    Injected,
    /// α, the chain of the path alone.
    Alone,
}

impl From<Lands> for Gradient {
    fn from(lands: Lands) -> Self {
        match lands {
            Lands::H => Self::H,
            Lands::C => Self::C,
            Lands::GateI => Self::Brought('i'),
            Lands::GateF => Self::Brought('f'),
            Lands::GateO => Self::Brought('o'),
        }
    }
}

impl From<Source> for Gradient {
    fn from(source: Source) -> Self {
        match source {
            Source::State(lands) => lands.into(),
            Source::Bar(letter, _) => Self::Bar(letter),
        }
    }
}

/// The first rows and columns of a matrix, or the first rows of a vector.
#[derive(Clone, Debug)]
pub struct Numbers {
    /// Row by row.
    pub values: Vec<Wide>,
    /// Whether this is a matrix, which has as many columns as rows here.
    pub matrix: bool,
    /// Whether there are more rows (and, of a matrix, more columns).
    pub more: bool,
}

impl Numbers {
    fn vector(values: &[Wide], units: usize) -> Self {
        Self {
            values: values[..units].to_vec(),
            matrix: false,
            more: values.len() > units,
        }
    }

    fn of(values: &Values<Wide>, units: usize) -> Self {
        match values {
            Values::Elementwise(values) => Self::vector(values, units),
            Values::Weights(weights) => Self::vector(&wides::widen(weights, 0), units),
            Values::Transposed(r, _) => Self {
                values: (0..units * units)
                    .map(|k| Wide::from_f64(r[[k % units, k / units]]))
                    .collect(),
                matrix: true,
                more: r.nrows() > units,
            },
        }
    }
}

impl Example {
    /// The path through a recurrent matrix whose term is the largest here.
    pub fn largest_crossing(&self) -> Option<Path> {
        let mut largest: Option<&Contribution> = None;
        for part in self.parts.iter().filter(|part| part.path.crosses()) {
            if largest.is_none_or(|largest| part.norm > largest.norm) {
                largest = Some(part);
            }
        }
        largest.map(|part| part.path)
    }
}
