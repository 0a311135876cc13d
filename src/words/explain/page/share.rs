//! The term of a path in the sum that δ_t is.

use super::product::{definitions, equation, total as total_of, written};
use super::{gate, number, units, words};
use crate::cell::Variant;
use crate::flow::explain::{Example, Gradient, Term};
use crate::num::Wide;
use crate::words::explain::document::{Block, Document, Equality, Formula, Sign, Summand};

/// The term of δ_t.
pub(super) fn share(document: &mut Document, example: &Example, left_out: bool) {
    let t = example.subject.t;
    let total = Sign::Gradient(example.lands.into(), 0);
    document.heading("Its share: the term in the sum");
    let Some(term) = &example.term else {
        document.text(words::nothing(example));
        sum(document, example, total);
        return;
    };
    introduce(document, example, total);
    let of = match gate(example.subject.path) {
        Some(gate) => [Sign::Gradient(Gradient::Brought(gate), 0), Sign::Equals],
        None => [total, Sign::Has],
    };
    let mut formulas = Vec::new();
    for (k, product) in term.products.iter().enumerate() {
        let left = if k == 0 { &of[..] } else { &[Sign::Plus] };
        let formula = [left, &written(product)].concat();
        formulas.push(("", Formula::of(formula)));
    }
    formulas.extend(definitions(example.semantics, &term.products));
    document.blocks.push(Block::Formulas(formulas));
    second_part(document, example, term);

    units(document, example);
    for product in &term.products {
        equation(document, t, &[], product);
    }
    if term.products.len() > 1 {
        document.text("Together:");
        total_of(document, &term.products, &term.result);
    }
    if term.clipped < Wide::ONE {
        document.filled(
            "Step clipping multiplied what came back by {} besides.",
            [number(term.clipped)],
        );
    }
    if example.cut {
        document.text(
            "The path is cut: the backward pass leaves this term out, and the chart shows 0.",
        );
    } else {
        if left_out {
            document.text(
                "Without this path, this term is left out at every step, and the chart shows what remains. As a \
                 share, the term is:",
            );
        }
        share_equality(document, example, term);
    }
    sum(document, example, total);
}

/// What the term is a part of, before its formula.
fn introduce(document: &mut Document, example: &Example, total: Sign) {
    let formula = |sign: Sign| Formula::of(vec![sign]);
    if let Some(gate) = gate(example.subject.path) {
        document.filled(
            "What the gates of the next step bring to this gate is {}. It has a part from each of them, through the \
             matrix between the two. A bar marks the gradient at the pre-activation of a gate, which the backward pass \
             has found at the step before it came here; a prime marks the slope of a gate.",
            [formula(Sign::Gradient(Gradient::Brought(gate), 0))],
        );
        return;
    }
    document.filled(
        "The gradient {} is a sum with one term for each path. One of them ({}) is:",
        [total, Sign::Has].map(formula),
    );
}

/// Where a term has two parts: what the second begins with.
fn second_part(document: &mut Document, example: &Example, term: &Term) {
    let [_, from_gates] = term.products.as_slice() else {
        return;
    };
    let (gradient, after, _) = from_gates.gradient;
    let end = if example.subject.t + after == example.steps {
        ", and after the last step of the window there are none"
    } else {
        ""
    };
    let text = format!(
        "It has two parts, since the gates see each other: one from the gradient of the state, and one from {{}}, which \
         the gates of the step after that bring to the gate itself{end}. The backward pass has found it before it came \
         here; a bar marks the gradient at the pre-activation of a gate."
    );
    document.filled(&text, [Formula::of(vec![Sign::Gradient(gradient, after)])]);
}

fn share_equality(document: &mut Document, example: &Example, term: &Term) {
    let last = Sign::Last(example.lands.into());
    // The gains and matrices make a long formula; the path's name says as much.
    document.blocks.push(Block::Equality(Equality {
        of: Formula::of(vec![Sign::Bar, Sign::Term, Sign::Bar]),
        product: term.norm,
        chart: term.charted,
        relative: (Formula::of(vec![Sign::Bar, last, Sign::Bar]), example.last),
    }));
}

/// All terms of δ_t.
fn sum(document: &mut Document, example: &Example, total: Sign) {
    document.heading("The whole sum");
    let total = vec![
        Sign::Bar,
        total,
        Sign::Bar,
        Sign::Equals,
        Sign::Number(example.total),
    ];
    document.filled(
        "{}. Norms of terms do not add up, since terms can cancel; their parts of the sum do, to 1.",
        [Formula::at(example.subject.t, total)],
    );
    if example.variant == Variant::Fgr {
        document.text(
            "The paths of the gates themselves end at the gates and have no part in this sum: what they bring goes on to \
             the step before, through the matrices of the gates.",
        );
    }
    let parts = example.parts.iter().map(|part| Summand {
        name: part.path.name(),
        norm: part.norm,
        contribution: part.contribution,
        chosen: part.path == example.subject.path,
    });
    document.blocks.push(Block::Sum(parts.collect()));
}
