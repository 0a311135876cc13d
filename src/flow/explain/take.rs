//! Takes a path apart.

use super::{Chain, Contribution, Example, Gradient, MOST_UNITS, Numbers, Product, Subject, Term};
use crate::cell::link::{Factor, Link, Name, Source, Values};
use crate::cell::{Cell, Lands, Path, Tape};
use crate::flow::backward::{GoOn, Gradients, Sweep, Swept};
use crate::flow::paths::Alone;
use crate::flow::{ClipMode, Request, factor};
use crate::num::Wide;
use crate::num::hadamard::add;
use crate::num::wides::norm;

/// Takes a path apart, at the last step where the window is shorter than t. `None` when the caller ended it, or
/// when the cell has no such path.
pub fn explain<C: Cell>(
    cell: &C,
    tape: &Tape,
    request: &Request,
    subject: Subject,
    go_on: GoOn,
) -> Option<Example> {
    let Subject { path, t, units } = subject;
    let t = t.clamp(1, tape.steps.max(1));
    let subject = Subject {
        t,
        units: units.clamp(1, MOST_UNITS.min(tape.hidden)),
        ..subject
    };
    let (mode, threshold) = request.clip;
    let sweep = Sweep {
        cuts: request.cuts,
        step_clip: (mode == ClipMode::Step).then_some(threshold),
        hold: t,
        ..Sweep::new(cell, tape, request.loss)
    };
    let swept = sweep.run(go_on)?;
    let flow = swept.paths.iter().find(|flow| flow.path == path)?;
    let charted = flow.share[t - 1];
    let take = Take {
        cell,
        tape,
        exact: &tape.exact(),
        subject,
    };
    let mut term = take.term(&swept, charted);
    if path == Path::Loss {
        let injected = request.loss.inject_wide(tape, t);
        term = injected.map(|injected| take.injected(&injected, charted));
    }
    let parts = swept.paths.iter().map(|flow| Contribution {
        path: flow.path,
        norm: flow.share[t - 1],
        contribution: flow.contribution[t - 1],
    });
    let totals = swept.totals.main();
    Some(Example {
        cell: cell.kind(),
        variant: cell.variant(),
        semantics: cell.semantics(),
        hidden: tape.hidden,
        steps: tape.steps,
        subject,
        carried: cell
            .carried()
            .iter()
            .find(|carried| carried.path == path)
            .or_else(|| C::SPEC.path(path)),
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

struct Take<'a, C> {
    cell: &'a C,
    tape: &'a Tape,
    /// The numbers of the factors.
    exact: &'a Tape<Wide>,
    subject: Subject,
}

impl<'a, C: Cell> Take<'a, C> {
    /// The path's term at t, from the gradients of the step that it comes from.
    fn term(&self, swept: &Swept, charted: Wide) -> Option<Term> {
        let Subject { path, t, units } = self.subject;
        if !self.reaches(t) {
            return None;
        }
        let mut sum = vec![Wide::ZERO; self.tape.hidden];
        let mut products = Vec::new();
        let mut start = t;
        for link in self.cell.terms(path, self.exact, t) {
            let from = self.gradient(swept, link.from, link.start)?;
            let (product, result) = self.product(&link, link.from.into(), &from);
            add(&mut sum, &result);
            products.push(product);
            start = link.start;
        }
        // What comes from t + 1 was clipped on the way to t.
        let here = swept.kept.iter().find(|g| g.t == t)?;
        let clipped = if start > t { here.clipped } else { Wide::ONE };
        (!products.is_empty()).then(|| Term {
            clipped,
            norm: norm(&sum).times(clipped),
            result: Numbers::vector(&sum, units),
            products,
            charted,
        })
    }

    /// A gradient that the backward sweep has found at t or t + 1.
    fn gradient(&self, swept: &Swept, from: Source, step: usize) -> Option<Vec<Wide>> {
        let n = self.tape.hidden;
        let kept = swept.kept.iter().find(|g| g.t == step)?;
        Some(match from {
            Source::State(Lands::H) => kept.h.clone(),
            Source::State(Lands::C) => kept.c.clone(),
            Source::State(gate) => kept.on_gates[(gate.part() - 2) * n..][..n].to_vec(),
            Source::Bar(_, block) => {
                let of_gate = ((step - 1) * self.tape.gates + block) * n;
                swept.numbers()[of_gate..][..n].to_vec()
            }
        })
    }

    /// The term of the loss: E_t ⊙ Δ_t, or Δ_t.
    fn injected(&self, injected: &[Wide], charted: Wide) -> Term {
        let t = self.subject.t;
        let gain = self.exact.gain(t);
        let name = Name::Gain(self.cell.semantics().state);
        let link = Link {
            from: Source::State(Lands::H),
            start: t,
            factors: gain
                .map(|gain| Factor::of(name, t, gain))
                .into_iter()
                .collect(),
        };
        let (product, result) = self.product(&link, Gradient::Injected, injected);
        Term {
            clipped: Wide::ONE,
            norm: product.norm,
            result: Numbers::vector(&result, self.subject.units),
            products: vec![product],
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
        let keep = tape.steps.min(t + 2);
        let alone = Alone {
            cell,
            tape,
            path,
            last,
            keep,
        };
        let (norms, mut alpha) = alone.run();
        let lives_on = cell.alone_lives_on(path);
        let mut links = Vec::new();
        for s in (t..keep).rev() {
            links.push(self.link(s)?.ending_on(lives_on));
        }
        let mut products = Vec::new();
        let mut sizes = vec![norm(&alpha)];
        for link in &links {
            let (product, next) = self.product(link, Gradient::Alone, &alpha);
            sizes.insert(0, product.norm);
            products.push(product);
            alpha = next;
        }
        let whole = |v: Vec<Wide>| links.iter().fold(v, |v, link| times(link, v));
        let both = (links.len() == 2).then(|| {
            let matrix = links[0]
                .factors
                .iter()
                .any(|f| matches!(f.values, Values::Transposed(..)));
            if matrix {
                columns(tape.hidden, units, whole)
            } else {
                Numbers::vector(&whole(vec![Wide::ONE; tape.hidden]), units)
            }
        });
        let start = norms[tape.steps - 1];
        Some(Chain {
            products,
            both,
            norms: sizes,
            charted: norms[t - 1],
            lives_on,
            per_step: factor(&norms, 1),
            growth: (!start.is_zero()).then(|| norms[0].ratio(start)).flatten(),
        })
    }

    /// Whether the path brings anything to t.
    fn reaches(&self, t: usize) -> bool {
        self.cell.same_step_path() == Some(self.subject.path) || t < self.tape.steps
    }

    fn link(&self, t: usize) -> Option<Link<'a, Wide>> {
        let reaches = self.reaches(t);
        let link = || self.cell.link(self.subject.path, self.exact, t);
        reaches.then(link).flatten()
    }

    /// Multiplies: what is shown of it, and the whole result.
    fn product(
        &self,
        link: &Link<Wide>,
        gradient: Gradient,
        from: &[Wide],
    ) -> (Product, Vec<Wide>) {
        let Subject { t, units, .. } = self.subject;
        let result = times(link, from.to_vec());
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

/// The product of a link with a gradient.
fn times(link: &Link<Wide>, mut v: Vec<Wide>) -> Vec<Wide> {
    link.apply::<false>(&mut v, false);
    v
}

/// The first rows and columns of a linear map of H numbers.
fn columns(hidden: usize, units: usize, map: impl Fn(Vec<Wide>) -> Vec<Wide>) -> Numbers {
    let column = |j: usize| {
        let mut unit = vec![Wide::ZERO; hidden];
        unit[j] = Wide::ONE;
        map(unit)
    };
    let columns: Vec<Vec<Wide>> = (0..units).map(column).collect();
    Numbers {
        values: (0..units * units)
            .map(|k| columns[k % units][k / units])
            .collect(),
        matrix: true,
        more: hidden > units,
    }
}
