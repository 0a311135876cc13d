//! The chain of a path alone over two steps, compared with a vanilla RNN's.

use super::product::{definitions, equation, nested, vanilla_nested, written};
use super::{gate, number, units, words};
use crate::cell::link::{Form, Name};
use crate::cell::{CellKind, Lands, Path};
use crate::flow::explain::{Chain, Example, Gradient, Product};
use crate::num::Wide;
use crate::words::explain::document::{Block, Document, Equality, Formula, Item, Sign};

/// The path alone, over two steps.
pub(super) fn alone(document: &mut Document, example: &Example, beside: Option<&Example>) {
    document.heading("Alone: the chain over two steps");
    let path = example.subject.path;
    let Some(chain) = &example.chain else {
        document.text(if path == Path::Loss {
            "The loss is no way from one step to another: it makes no chain."
        } else {
            "Alone, this path makes no chain: it begins with a gradient at {h}, and no other path is left to bring one."
        });
        return;
    };
    let carried = Formula::of(vec![Sign::Gradient(Gradient::Alone, 0)]);
    document.filled(
        "Let the backward pass keep this path only, and call what it carries {}. It begins with {}.",
        [carried, begins(chain, example)],
    );
    if gate(path).is_some() {
        document.text(
            "Of the three matrices that lead to this gate, the one from the gate to itself remains: no other path is \
             left to bring anything to the other two gates.",
        );
    }
    match chain.products.as_slice() {
        [] => document.text("This is the last step of the window: the chain begins here."),
        [one] => {
            document.text("One step before the end of the window there is one link of it only:");
            let signs = [
                vec![Sign::Gradient(Gradient::Alone, 0), Sign::Equals],
                written(one),
            ];
            let mut formulas = vec![("", Formula::of(signs.concat()))];
            formulas.extend(definitions(example.semantics, std::slice::from_ref(one)));
            document.blocks.push(Block::Formulas(formulas));
            units(document, example);
            equation(
                document,
                example.subject.t,
                &[Sign::Gradient(Gradient::Alone, 0)],
                one,
            );
        }
        [inner, outer, ..] => two_steps(document, example, inner, outer),
    }
    chain_equality(document, example, chain);
    growth(document, chain, example.steps);
    if let Some(bound) = words::bound(example) {
        document.text(bound);
    }
    if let Some(rnn) = beside.filter(|_| example.cell != CellKind::Rnn) {
        vanilla(document, rnn);
    }
}

/// What the chain begins with: δ_T, or what it brings to a gate.
fn begins(chain: &Chain, example: &Example) -> Formula {
    let (beside, gradient) = match chain.lives_on {
        Lands::H | Lands::C => {
            return Formula::of(vec![
                Sign::Last(Gradient::Alone),
                Sign::Equals,
                Sign::Last(chain.lives_on.into()),
            ]);
        }
        Lands::GateI => (Name::Gate('z'), Gradient::C),
        Lands::GateF => (Name::Before, Gradient::C),
        Lands::GateO => (Name::Squashed(example.semantics.state), Gradient::H),
    };
    // Counted from T - 1, since c of the step before may be named.
    let signs = vec![
        Sign::Gradient(Gradient::Alone, 1),
        Sign::Equals,
        Sign::Factor(beside, 1),
        Sign::Times,
        Sign::Gradient(gradient, 1),
    ];
    Formula::at(example.steps.saturating_sub(1), signs)
}

/// The formula over two steps above a vanilla RNN's, and its numbers.
fn two_steps(document: &mut Document, example: &Example, inner: &Product, outer: &Product) {
    let path = example.subject.path;
    let matrix = inner.factors.iter().find_map(|(name, ..)| match name {
        Name::Transposed(_) | Name::Between(..) => Some(Sign::Factor(*name, 0)),
        _ => None,
    });
    let mut rows = vec![(path.name(), nested(inner, outer))];
    let formula = |sign: Sign| Formula::of(vec![sign]);
    let of_rnn = formula(Sign::Factor(Name::Transposed(None), 0));
    match matrix {
        Some(matrix) if path == Path::Recurrent => {
            document.filled("Over two steps {} appears twice:", [formula(matrix)]);
        }
        Some(matrix) => {
            let slope = formula(Sign::Factor(Name::Slope('φ', Form::Any), 0));
            document.filled(
                "Over two steps {} appears twice, exactly as {} does in a vanilla RNN, whose activation has the \
                 slope {}:",
                [formula(matrix), of_rnn, slope],
            );
            rows.push(("vanilla RNN", vanilla_nested()));
        }
        None => {
            document.filled(
                "Over two steps no recurrent matrix appears, where {} stands twice in a vanilla RNN:",
                [of_rnn],
            );
            rows.push(("vanilla RNN", vanilla_nested()));
        }
    }
    document.blocks.push(Block::Aligned(rows));
    let definitions = definitions(example.semantics, std::slice::from_ref(outer));
    if !definitions.is_empty() {
        document.blocks.push(Block::Formulas(definitions));
    }
    units(document, example);
    let t = example.subject.t;
    document.text(&format!(
        "From step {} to step {}, and on to step {t}:",
        t + 2,
        t + 1
    ));
    steps_in_numbers(document, t, inner, outer);
    if let Some(both) = example.chain.as_ref().and_then(|chain| chain.both.clone()) {
        document.text("Both steps as one factor:");
        let sign = if both.matrix {
            None
        } else {
            Some(Item::Sign(Sign::Times))
        };
        let from = inner.gradient.2.clone();
        let alpha = |after| Formula::at(t, vec![Sign::Gradient(Gradient::Alone, after)]);
        let mut items = vec![Item::Array(Formula::default(), both)];
        items.extend(sign);
        items.push(Item::Array(alpha(2), from));
        items.push(Item::Sign(Sign::Equals));
        items.push(Item::Array(alpha(0), outer.result.clone()));
        document.blocks.push(Block::Equation(items));
    }
}

fn steps_in_numbers(document: &mut Document, t: usize, inner: &Product, outer: &Product) {
    equation(document, t, &[Sign::Gradient(Gradient::Alone, 1)], inner);
    equation(document, t, &[Sign::Gradient(Gradient::Alone, 0)], outer);
}

/// The vanilla RNN's two steps in numbers.
fn vanilla(document: &mut Document, rnn: &Example) {
    let Some(chain) = &rnn.chain else { return };
    let [inner, outer, ..] = chain.products.as_slice() else {
        return;
    };
    document.heading("The same two steps of the vanilla RNN");
    units(document, rnn);
    steps_in_numbers(document, rnn.subject.t, inner, outer);
    chain_equality(document, rnn, chain);
    growth(document, chain, rnn.steps);
}

fn chain_equality(document: &mut Document, example: &Example, chain: &Chain) {
    let Some(&product) = chain.norms.first() else {
        return;
    };
    let last = Sign::Last(example.lands.into());
    let alpha = Sign::Gradient(Gradient::Alone, 0);
    document.blocks.push(Block::Equality(Equality {
        of: Formula::at(example.subject.t, vec![Sign::Bar, alpha, Sign::Bar]),
        product,
        chart: chain.charted,
        relative: (Formula::of(vec![Sign::Bar, last, Sign::Bar]), example.last),
    }));
}

/// What the steps multiply by.
fn growth(document: &mut Document, chain: &Chain, steps: usize) {
    let ratios: Vec<Wide> = chain
        .norms
        .windows(2)
        .rev()
        .filter_map(|pair| pair[0].ratio(pair[1]))
        .collect();
    let mut sentences = match ratios.len() {
        1 => vec!["The norm is multiplied by {}."],
        2 => vec!["The norm is multiplied by {}, then by {}."],
        _ => Vec::new(),
    };
    let mut formulas: Vec<Formula> = ratios.into_iter().map(number).collect();
    if let (Some(r), Some(growth)) = (chain.per_step, chain.growth) {
        let all = Sign::Number(growth.times(r));
        let power = Formula::of(vec![Sign::Power(r, steps), Sign::Equals, all]);
        sentences.push("Over the whole window a step multiplies by {} on average, and {}.");
        formulas.extend([number(r), power]);
    }
    if !sentences.is_empty() {
        document.filled(&sentences.join(" "), formulas);
    }
}
