//! The worked example: one path at one step in numbers, factor by factor.
//!
//! [`explain`] takes a path apart into the factors that [`Cell::link`] names and multiplies them
//! again, the plain way: the term of δ_t that comes on the path, and the chain of the path alone over
//! two steps. Beside each result stands the number of the chart, which the backward sweep found on
//! its own way. [`page`] makes a [`Document`] of it.
//!
//! The chain of a path alone is called α: α_T is δ_T, and α_t is what the path makes of α_{t+1}.

pub mod document;
pub mod page;

pub use document::Document;

use super::backward::{GoOn, Gradients, Sweep};
use super::paths::Alone;
use super::{ClipMode, Request, factor};
use crate::cell::link::{Factor, Link, Name, Values};
use crate::cell::{Cell, CellKind, Lands, Path, Tape, Variant};
use crate::num::scaled::Scaled;
use crate::num::simd;
use crate::num::{Wide, vector};

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
    /// Units H of the cell.
    pub hidden: usize,
    /// Steps T of the window.
    pub steps: usize,
    /// What is explained; `units` is at most H.
    pub subject: Subject,
    /// The part of the state whose gradient the terms add up to.
    pub lands: Lands,
    /// Whether the path is cut, so that the chart shows 0.
    pub cut: bool,
    /// The path's term at t; `None` where it brings none (from beyond the last step).
    pub term: Option<Term>,
    /// The path alone; `None` where it makes no chain.
    pub chain: Option<Chain>,
    /// All terms of δ_t.
    pub parts: Vec<Part>,
    /// |δ_t|.
    pub total: Wide,
    /// |δ_T|, which the charts are drawn relative to.
    pub last: Wide,
}

/// A path's term of δ_t.
#[derive(Clone, Debug)]
pub struct Term {
    /// Its factors, multiplied.
    pub product: Product,
    /// What step clipping multiplied it by, besides.
    pub clipped: f64,
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
    /// |α_T|.
    pub start: Wide,
    /// The factor per step over the whole window; `None` where the chain begins with zero.
    pub per_step: Option<f64>,
    /// |α_1| / |α_T|.
    pub growth: Option<Wide>,
}

/// One path's part of δ_t.
#[derive(Clone, Copy, Debug)]
pub struct Part {
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
    /// Δ, what the loss injects.
    Injected,
    /// α, the chain of the path alone.
    Alone,
}

impl From<Lands> for Gradient {
    fn from(lands: Lands) -> Self {
        match lands {
            Lands::C => Self::C,
            // Chains of the gates themselves are not taken apart.
            _ => Self::H,
        }
    }
}

/// The first rows and columns of a matrix, or the first rows of a vector.
#[derive(Clone, Debug)]
pub struct Numbers {
    /// Row by row, as mantissas.
    pub mantissas: Vec<f64>,
    /// Their binary exponent.
    pub exponent: i64,
    /// Whether this is a matrix, which has as many columns as rows here.
    pub matrix: bool,
    /// Whether there are more rows (and, of a matrix, more columns).
    pub more: bool,
}

impl Numbers {
    fn vector(values: &Scaled, units: usize) -> Self {
        Self {
            mantissas: values.mantissas()[..units].to_vec(),
            exponent: values.exponent(),
            matrix: false,
            more: values.mantissas().len() > units,
        }
    }

    fn of(values: &Values, units: usize) -> Self {
        match values {
            Values::Elementwise(values) => Self::vector(&Scaled::new(values.to_vec(), 0), units),
            Values::Transposed(r) => Self {
                mantissas: (0..units * units)
                    .map(|k| r[[k % units, k / units]])
                    .collect(),
                exponent: 0,
                matrix: true,
                more: r.nrows() > units,
            },
        }
    }
}

/// Takes a path apart. `None` when the caller ended it, or when the cell has no such path.
pub fn explain<C: Cell>(
    cell: &C,
    tape: &Tape,
    request: &Request,
    subject: Subject,
    go_on: GoOn,
) -> Option<Example> {
    let Subject { path, t, units } = subject;
    let subject = Subject {
        units: units.clamp(1, MOST_UNITS.min(tape.hidden)),
        ..subject
    };
    let (mode, threshold) = request.clip;
    let sweep = Sweep {
        cell,
        tape,
        loss: request.loss,
        cuts: request.cuts,
        step_clip: (mode == ClipMode::Step).then_some(threshold),
        detail: true,
        keep: None,
        hold: t,
    };
    let swept = sweep.run(Vec::new(), go_on)?;
    let flow = swept.paths.iter().find(|flow| flow.path == path)?;
    let charted = flow.share[t - 1];
    let take = Take {
        cell,
        tape,
        subject,
    };
    let mut term = take.term(&swept.kept, charted);
    if path == Path::Loss {
        let mut injected = vec![0.0; tape.hidden];
        let exponent = request.loss.inject(tape, t, &mut injected);
        term = exponent.map(|e| take.injected(Scaled::new(injected, e), charted));
    }
    let parts = swept.paths.iter().map(|flow| Part {
        path: flow.path,
        norm: flow.share[t - 1],
        contribution: flow.contribution[t - 1],
    });
    let totals = swept.totals.main();
    Some(Example {
        cell: cell.kind(),
        variant: cell.variant(),
        hidden: tape.hidden,
        steps: tape.steps,
        subject,
        lands: if tape.c.is_empty() {
            Lands::H
        } else {
            Lands::C
        },
        cut: request.cuts.contains(path),
        term,
        chain: take.chain(&swept.last),
        parts: parts.collect(),
        total: totals[t - 1],
        last: totals[tape.steps - 1],
    })
}

impl Example {
    /// The path through a recurrent matrix whose term is the largest here.
    #[must_use]
    pub fn largest_crossing(&self) -> Option<Path> {
        let mut largest: Option<&Part> = None;
        for part in self.parts.iter().filter(|part| part.path.crosses()) {
            if largest.is_none_or(|largest| part.norm > largest.norm) {
                largest = Some(part);
            }
        }
        largest.map(|part| part.path)
    }
}

struct Take<'a, C> {
    cell: &'a C,
    tape: &'a Tape,
    subject: Subject,
}

impl<'a, C: Cell> Take<'a, C> {
    /// The path's term at t, from the gradients of the step that it comes from.
    fn term(&self, kept: &[Gradients], charted: Wide) -> Option<Term> {
        let link = self.link(self.subject.t)?;
        let gradients = kept.iter().find(|g| g.t == link.start)?;
        // What comes from t + 1 was clipped on the way to t.
        let here = kept.iter().find(|g| g.t == self.subject.t)?;
        let clipped = if link.start > self.subject.t {
            here.clipped
        } else {
            1.0
        };
        let values = match link.from {
            Lands::C => &gradients.c,
            _ => &gradients.h,
        };
        let from = Scaled::new(values.clone(), gradients.exponent);
        let (product, _) = self.product(&link, link.from.into(), &from);
        Some(Term {
            clipped,
            norm: product.norm.times(Wide::from_f64(clipped)),
            product,
            charted,
        })
    }

    /// The term of the loss: E_t ⊙ Δ_t, or Δ_t.
    fn injected(&self, injected: Scaled, charted: Wide) -> Term {
        let t = self.subject.t;
        let gain = self.tape.gain(t);
        let name = if self.cell.variant() == Variant::Noaf {
            Name::PlainGain
        } else {
            Name::Gain
        };
        let link = Link {
            from: Lands::H,
            start: t,
            factors: gain
                .map(|gain| Factor::of(name, t, gain))
                .into_iter()
                .collect(),
        };
        let (product, _) = self.product(&link, Gradient::Injected, &injected);
        Term {
            clipped: 1.0,
            norm: product.norm,
            product,
            charted,
        }
    }

    /// The path alone: the last two steps of its way from T to t.
    fn chain(&self, last: &Gradients) -> Option<Chain> {
        let Subject { path, t, units } = self.subject;
        let Self { cell, tape, .. } = *self;
        if path == Path::Loss || cell.same_step_path() == Some(path) {
            return None;
        }
        if t < tape.steps {
            // Not every path is a single product.
            self.link(t)?;
        }
        let keep = tape.steps.min(t + 2);
        let (norms, mut alpha) = simd::run(Alone {
            cell,
            tape,
            path,
            last,
            keep,
        });
        let lives_on = cell.alone_lives_on(path);
        let mut links = Vec::new();
        for s in (t..keep).rev() {
            let mut link = self.link(s)?;
            // A chain that lives on h does not touch c.
            link.factors.retain(|f| {
                lives_on == Lands::C || !matches!(f.name, Name::Gain | Name::PlainGain)
            });
            links.push(link);
        }
        let mut products = Vec::new();
        let mut sizes = vec![norm(&alpha)];
        for link in &links {
            let (product, next) = self.product(link, Gradient::Alone, &alpha);
            sizes.insert(0, product.norm);
            products.push(product);
            alpha = next;
        }
        let whole = |v: Scaled| links.iter().fold(v, |v, link| apply(&link.factors, &v));
        let both = (links.len() == 2).then(|| {
            let matrix = links[0]
                .factors
                .iter()
                .any(|f| matches!(f.values, Values::Transposed(_)));
            if matrix {
                columns(tape.hidden, units, whole)
            } else {
                Numbers::vector(&whole(Scaled::new(vec![1.0; tape.hidden], 0)), units)
            }
        });
        let start = norms[tape.steps - 1];
        Some(Chain {
            products,
            both,
            norms: sizes,
            charted: norms[t - 1],
            lives_on,
            start,
            per_step: factor(&norms, 1),
            growth: (!start.is_zero()).then(|| norms[0].ratio(start)).flatten(),
        })
    }

    fn link(&self, t: usize) -> Option<Link<'a>> {
        let Self {
            cell,
            tape,
            subject,
        } = *self;
        let within = cell.same_step_path() == Some(subject.path);
        if within || t < tape.steps {
            cell.link(subject.path, tape, t)
        } else {
            None
        }
    }

    /// Multiplies: what is shown of it, and the whole result.
    fn product(&self, link: &Link, gradient: Gradient, from: &Scaled) -> (Product, Scaled) {
        let Subject { t, units, .. } = self.subject;
        let result = apply(&link.factors, from);
        let factors = link.factors.iter();
        let product = Product {
            factors: factors
                .map(|f| (f.name, f.step - t, Numbers::of(&f.values, units)))
                .collect(),
            gradient: (gradient, link.start - t, Numbers::vector(from, units)),
            result: Numbers::vector(&result, units),
            norm: norm(&result),
        };
        (product, result)
    }
}

/// The factors times a vector, from the innermost on.
fn apply(factors: &[Factor], v: &Scaled) -> Scaled {
    factors.iter().rev().fold(v.clone(), |v, factor| {
        v.map(|x| match &factor.values {
            Values::Elementwise(values) => values.iter().zip(x).map(|(a, x)| a * x).collect(),
            Values::Transposed(r) => r
                .columns()
                .into_iter()
                .map(|column| column.iter().zip(x).map(|(a, x)| a * x).sum())
                .collect(),
        })
    })
}

/// The first rows and columns of a linear map of H numbers.
fn columns(hidden: usize, units: usize, map: impl Fn(Scaled) -> Scaled) -> Numbers {
    let columns: Vec<Scaled> = (0..units)
        .map(|j| {
            let unit = (0..hidden).map(|i| f64::from(u8::from(i == j)));
            map(Scaled::new(unit.collect(), 0))
        })
        .collect();
    let exponent = columns.iter().map(Scaled::exponent).max().unwrap_or(0);
    let entry = |k: usize| {
        let column = &columns[k % units];
        Wide::new(column.mantissas()[k / units], column.exponent() - exponent).saturating_f64()
    };
    Numbers {
        mantissas: (0..units * units).map(entry).collect(),
        exponent,
        matrix: true,
        more: hidden > units,
    }
}

fn norm(v: &Scaled) -> Wide {
    vector::wide_norm::<false>(v.mantissas(), v.exponent())
}
