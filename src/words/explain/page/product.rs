//! A product of factors: as a formula and in numbers.

use super::Signs;
use crate::cell::link::{Form, Name};
use crate::cell::{Activation, Semantics};
use crate::flow::explain::{Gradient, Numbers, Product};
use crate::num::Wide;
use crate::words::explain::document::{Block, Document, Formula, Item, Sign};

/// A product in numbers, and what it is, if it has a name.
pub(super) fn equation(document: &mut Document, t: usize, result: &[Sign], product: &Product) {
    let array =
        |sign: Sign, numbers: &Numbers| Item::Array(Formula::at(t, vec![sign]), numbers.clone());
    let mut items = Vec::new();
    let mut open = 0;
    let matrix_only = is_matrix_only(product);
    for &(name, after, ref numbers) in &product.factors {
        items.push(array(Sign::Factor(name, after), numbers));
        if matrix_only {
            continue;
        }
        open += usize::from(numbers.matrix);
        items.push(Item::Sign(if numbers.matrix {
            Sign::Open
        } else {
            Sign::Times
        }));
    }
    let (gradient, after, numbers) = &product.gradient;
    items.push(array(Sign::Gradient(*gradient, *after), numbers));
    items.extend((0..open).map(|_| Item::Sign(Sign::Close)));
    items.push(Item::Sign(Sign::Equals));
    let name = Formula::at(t, result.to_vec());
    items.push(Item::Array(name, product.result.clone()));
    document.blocks.push(Block::Equation(items));
}

/// A sum of vectors in numbers.
pub(super) fn total(document: &mut Document, terms: &[Product], result: &Numbers) {
    let mut items = Vec::new();
    for (k, term) in terms.iter().enumerate() {
        if k > 0 {
            items.push(Item::Sign(Sign::Plus));
        }
        items.push(Item::Array(Formula::default(), term.result.clone()));
    }
    items.push(Item::Sign(Sign::Equals));
    items.push(Item::Array(Formula::default(), result.clone()));
    document.blocks.push(Block::Equation(items));
}

/// Whether it is a matrix and a gradient and nothing else, which needs no brackets.
fn is_matrix_only(product: &Product) -> bool {
    matches!(product.factors.as_slice(), [(.., numbers)] if numbers.matrix)
}

/// A product as a formula.
pub(super) fn written(product: &Product) -> Signs {
    if let [(name, after, _)] = product.factors.as_slice()
        && is_matrix_only(product)
    {
        let (gradient, step, _) = product.gradient;
        return vec![
            Sign::Factor(*name, *after),
            Sign::Applied,
            Sign::Gradient(gradient, step),
        ];
    }
    let [before, after, end] = thirds(product);
    [before, after, end].concat()
}

/// A product in three: up to the matrix and its bracket, the factors behind it, the gradient with
/// what closes the bracket.
fn thirds(product: &Product) -> [Signs; 3] {
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    let matrices = product.factors.iter();
    let matrices = matrices.filter(|(.., numbers)| numbers.matrix).count();
    let mut part = usize::from(matrices == 0);
    for &(name, after, ref numbers) in &product.factors {
        parts[part].push(Sign::Factor(name, after));
        parts[part].push(if numbers.matrix {
            Sign::Open
        } else {
            Sign::Times
        });
        part = part.max(usize::from(numbers.matrix));
    }
    let (gradient, after, _) = product.gradient;
    parts[2].push(Sign::Gradient(gradient, after));
    parts[2].extend(vec![Sign::Close; matrices]);
    parts
}

/// α_t = …(… ⊙ …(… ⊙ α_{t+2})) in parts that line up with those of other paths.
pub(super) fn nested(inner: &Product, outer: &Product) -> Vec<Formula> {
    let [before, after, end] = thirds(outer);
    let [inner_before, inner_after, mut inner_end] = thirds(inner);
    if end.contains(&Sign::Close) {
        inner_end.push(Sign::Close);
    }
    let left = vec![Sign::Gradient(Gradient::Alone, 0), Sign::Equals];
    [left, before, after, inner_before, inner_after, inner_end]
        .map(Formula::of)
        .to_vec()
}

/// The chain of a vanilla RNN in as many parts: α_t = Rᵀ(φ′ ⊙ Rᵀ(φ′ ⊙ α_{t+2})).
pub(super) fn vanilla_nested() -> Vec<Formula> {
    let matrix = || vec![Sign::Factor(Name::Transposed(None), 0), Sign::Open];
    let slope = |after| {
        vec![
            Sign::Factor(Name::Slope('φ', Form::Any), after),
            Sign::Times,
        ]
    };
    let end = vec![Sign::Gradient(Gradient::Alone, 2), Sign::Close, Sign::Close];
    let left = vec![Sign::Gradient(Gradient::Alone, 0), Sign::Equals];
    [left, matrix(), slope(1), matrix(), slope(2), end]
        .map(Formula::of)
        .to_vec()
}

/// What names stand for that the equations of the cell do not have.
pub(super) fn definitions(
    semantics: Semantics,
    products: &[Product],
) -> Vec<(&'static str, Formula)> {
    let mut rows = Vec::new();
    let mut seen = Vec::new();
    let factors = products.iter().flat_map(|product| &product.factors);
    for &(name, ..) in factors {
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let one_minus = |sign| vec![Sign::Open, Sign::One, Sign::Minus, sign, Sign::Close];
        let gate = |letter| Sign::Factor(Name::Gate(letter), 0);
        let right = match name {
            Name::Gain(Activation::Tanh) => [
                vec![gate('o'), Sign::Times],
                one_minus(Sign::SquashedSquare(0)),
            ]
            .concat(),
            Name::Gain(Activation::Linear) => vec![gate('o')],
            Name::Gain(phi) => vec![gate('o'), Sign::Times, Sign::Slope(phi, 'c', 0)],
            Name::Slope(letter, Form::Of(Activation::Tanh)) => {
                vec![Sign::One, Sign::Minus, Sign::Square(letter, 0)]
            }
            Name::Slope(letter, Form::Of(Activation::Sigmoid)) => {
                [vec![gate(letter), Sign::Times], one_minus(gate(letter))].concat()
            }
            Name::Slope(_, Form::Of(Activation::Linear)) => vec![Sign::One],
            Name::Slope(letter, Form::Of(phi)) => vec![Sign::Slope(phi, letter, 0)],
            Name::Slope(_, Form::Zero) => vec![Sign::Number(Wide::ZERO)],
            _ => continue,
        };
        let signs = [vec![Sign::Factor(name, 0), Sign::Equals], right].concat();
        rows.push(("", Formula::of(signs)));
    }
    let gradients = products.iter().map(|product| &product.gradient);
    for &(gradient, after, _) in gradients {
        let right = match gradient {
            Gradient::Brought(gate) => brought(gate, after + 1),
            Gradient::Bar(gate) => bar(semantics, gate, after),
            _ => continue,
        };
        let left = vec![Sign::Gradient(gradient, after), Sign::Equals];
        rows.push(("", Formula::of([left, right].concat())));
    }
    if let Some((words, _)) = rows.first_mut() {
        *words = "with";
    }
    rows
}

/// Γ of a gate: R_iiᵀ δī + R_ifᵀ δf̄ + R_ioᵀ δō, from so many steps after t.
fn brought(gate: char, after: usize) -> Signs {
    let mut signs = Vec::new();
    for to in ['i', 'f', 'o'] {
        if !signs.is_empty() {
            signs.push(Sign::Plus);
        }
        signs.extend([
            Sign::Factor(Name::Between(gate, to), after),
            Sign::Applied,
            Sign::Gradient(Gradient::Bar(to), after),
        ]);
    }
    signs
}

/// δ of the pre-activation of a gate: (z ⊙ δc + Γi) ⊙ i′, with c_{t-1} ⊙ δc for f and tanh(c) ⊙ δh for o.
fn bar(semantics: Semantics, gate: char, after: usize) -> Signs {
    let (beside, gradient) = match gate {
        'i' => (Name::Gate('z'), Gradient::C),
        'f' => (Name::Before, Gradient::C),
        _ => (Name::Squashed(semantics.state), Gradient::H),
    };
    vec![
        Sign::Open,
        Sign::Factor(beside, after),
        Sign::Times,
        Sign::Gradient(gradient, after),
        Sign::Plus,
        Sign::Gradient(Gradient::Brought(gate), after),
        Sign::Close,
        Sign::Times,
        Sign::Factor(Name::Slope(gate, Form::Of(semantics.gate)), after),
    ]
}
