//! The page about a path: which words, formulas and numbers stand on it, in which order.

use super::document::{Block, Document, Equality, Formula, Inline, Item, Sign, Summand};
use super::{Chain, Example, Gradient, Numbers, Product, Term};
use crate::cell::link::{Form, Name};
use crate::cell::{CellKind, Path, Variant};
use crate::flow::Question;
use crate::num::Wide;

/// A part of a formula.
type Signs = Vec<Sign>;

/// The page. `asked` chooses the term of the sum (`Share`, and `Without`, which leaves that term
/// out) or the path `Alone`; without it both are shown. `beside` is a vanilla RNN at the same step,
/// whose chain is set beside that of the path.
#[must_use]
pub fn page(example: &Example, asked: Option<Question>, beside: Option<&Example>) -> Document {
    let mut document = Document {
        title: format!(
            "{} of the {}, step {} of {}",
            example.subject.path.name(),
            cell_name(example),
            example.subject.t,
            example.steps
        ),
        blocks: Vec::new(),
    };
    document.text(way(example.cell, example.subject.path));
    if asked != Some(Question::Alone) {
        share(&mut document, example, asked == Some(Question::Without));
    }
    if asked.is_none_or(|asked| asked == Question::Alone) {
        alone(&mut document, example, beside);
    }
    document
}

fn cell_name(example: &Example) -> String {
    match (example.cell, example.variant) {
        (CellKind::Rnn, _) => "vanilla RNN".to_owned(),
        (CellKind::MinGru, _) => "minGRU".to_owned(),
        (CellKind::MinLstm, _) => "minLSTM".to_owned(),
        (cell, Variant::Plain) => cell.name().to_uppercase(),
        (cell, variant) => format!(
            "{} ({})",
            cell.name().to_uppercase(),
            variant.name().to_uppercase()
        ),
    }
}

/// Which way a path takes.
fn way(cell: CellKind, path: Path) -> &'static str {
    match path {
        Path::Carousel if cell == CellKind::MinLstm => {
            "The gradient stays in {h}, and the forget gate {f}, divided by the sum of both gates, multiplies it. No \
             recurrent matrix is crossed."
        }
        Path::Leak if cell == CellKind::Lru => {
            "The gradient stays in {h}: a rotation of each pair of units and the size of its {λ} multiply it, the \
             same at every step. No recurrent matrix is crossed."
        }
        Path::GateInput | Path::GateForget | Path::GateOutput => {
            "The gates see each other: the gradient comes from the gates of the next step to this gate, past h and c."
        }
        Path::Carousel => {
            "The constant error carousel: the gradient stays in the cell state, and the forget gate alone \
             multiplies it. No recurrent matrix is crossed."
        }
        Path::Block => {
            "The gradient leaves the cell state of the next step through its block input {z}, and comes back \
             through the recurrent matrix {R_z}."
        }
        Path::Input => {
            "The gradient leaves the cell state of the next step through its input gate {i}, and comes back \
             through the recurrent matrix {R_i}."
        }
        Path::Forget => {
            "The gradient leaves the cell state of the next step through its forget gate {f}, and comes back \
             through the recurrent matrix {R_f}."
        }
        Path::Output => {
            "The gradient leaves the output of the next step through its output gate {o}, without ever touching \
             that step's cell state, and comes back through the recurrent matrix {R_o}."
        }
        Path::PeepholeInput => {
            "The gradient leaves the cell state of the next step through its input gate {i}, and comes back \
             through the peephole {p_i}. No recurrent matrix is crossed."
        }
        Path::PeepholeForget => {
            "The gradient leaves the cell state of the next step through its forget gate {f}, and comes back \
             through the peephole {p_f}. No recurrent matrix is crossed."
        }
        Path::PeepholeOutput => {
            "The gradient leaves the output of the same step through its output gate {o}, and comes to the cell \
             state through the peephole {p_o}. No recurrent matrix is crossed."
        }
        Path::Recurrent => {
            "The only way back in a vanilla RNN: through the slope of the activation, and through the \
             recurrent matrix {R}."
        }
        Path::Leak => {
            "The gradient stays in {h}, and the update gate alone multiplies it. No recurrent matrix is crossed."
        }
        Path::Update => {
            "The gradient leaves the next step through its update gate {z}, and comes back through the recurrent \
             matrix {R_z}."
        }
        Path::Reset => {
            "The gradient leaves the next step through its candidate {n} and from there through the reset gate {r}, \
             and comes back through the recurrent matrix {R_r}."
        }
        Path::Candidate => {
            "The gradient leaves the next step through its candidate {n}, and comes back through the recurrent \
             matrix {R_n}."
        }
        Path::Above => "What the layer above injects at this step. It comes from no other step.",
        Path::Loss => "What the loss itself injects at this step. It comes from no other step.",
    }
}

/// The term of δ_t.
fn share(document: &mut Document, example: &Example, left_out: bool) {
    let t = example.subject.t;
    let total = Sign::Gradient(example.lands.into(), 0);
    document.heading("Its share: the term in the sum");
    let Some(term) = &example.term else {
        document.text(nothing(example));
        sum(document, example, total);
        return;
    };
    document.sentence(vec![
        "The gradient ".into(),
        Formula::of(vec![total]).into(),
        " is a sum with one term for each path. One of them (".into(),
        Formula::of(vec![Sign::Has]).into(),
        ") is:".into(),
    ]);
    let formula = [vec![total, Sign::Has], written(&term.product)].concat();
    let mut formulas = vec![("", Formula::of(formula))];
    formulas.extend(definitions(&term.product));
    document.blocks.push(Block::Formulas(formulas));

    units(document, example);
    equation(document, t, &[], &term.product);
    if term.clipped < 1.0 {
        document.sentence(vec![
            "Step clipping multiplied what came back by ".into(),
            number(Wide::from_f64(term.clipped)),
            " besides.".into(),
        ]);
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

/// Why there is no term.
fn nothing(example: &Example) -> &'static str {
    if example.subject.path == Path::Loss {
        "At this step the loss injects nothing: the term is 0."
    } else if example.subject.t < example.steps {
        "With full gate recurrence this term is a sum of several products; this page takes single ones apart only."
    } else {
        "This is the last step of the window: nothing comes back from beyond it, and the term is 0."
    }
}

fn share_equality(document: &mut Document, example: &Example, term: &Term) {
    let last = Sign::Last(example.lands.into());
    // The gains and matrices make a long formula; the path's name says the same.
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
    document.sentence(vec![
        Formula::at(
            example.subject.t,
            vec![
                Sign::Bar,
                total,
                Sign::Bar,
                Sign::Equals,
                Sign::Number(example.total),
            ],
        )
        .into(),
        ". Norms of terms do not add up, since terms can cancel; their parts of the sum do, to 1."
            .into(),
    ]);
    let parts = example.parts.iter().map(|part| Summand {
        name: part.path.name(),
        norm: part.norm,
        contribution: part.contribution,
        chosen: part.path == example.subject.path,
    });
    document.blocks.push(Block::Sum(parts.collect()));
}

/// The path alone, over two steps.
fn alone(document: &mut Document, example: &Example, beside: Option<&Example>) {
    document.heading("Alone: the chain over two steps");
    let path = example.subject.path;
    let Some(chain) = &example.chain else {
        document.text(if example.variant == Variant::Fgr && path != Path::Loss {
            "With full gate recurrence this path leads through several matrices; this page takes single products apart \
             only."
        } else if path == Path::Loss {
            "The loss is no way from one step to another: it makes no chain."
        } else {
            "Alone, this path makes no chain: it begins with a gradient at {h}, and no other path is left to bring one."
        });
        return;
    };
    document.sentence(vec![
        "Let the backward pass keep this path only, and call what it carries ".into(),
        Formula::of(vec![Sign::Gradient(Gradient::Alone, 0)]).into(),
        ". It begins with ".into(),
        Formula::of(vec![
            Sign::Last(Gradient::Alone),
            Sign::Equals,
            Sign::Last(chain.lives_on.into()),
        ])
        .into(),
        ".".into(),
    ]);
    match chain.products.as_slice() {
        [] => document.text("This is the last step of the window: the chain begins here."),
        [one] => {
            document.text("One step before the end of the window there is one link of it only:");
            let signs = [
                vec![Sign::Gradient(Gradient::Alone, 0), Sign::Equals],
                written(one),
            ];
            let mut formulas = vec![("", Formula::of(signs.concat()))];
            formulas.extend(definitions(one));
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
    if let Some(bound) = bound(example) {
        document.text(bound);
    }
    if let Some(rnn) = beside.filter(|_| example.cell != CellKind::Rnn) {
        vanilla(document, rnn);
    }
}

/// The formula over two steps above that of a vanilla RNN, and its numbers.
fn two_steps(document: &mut Document, example: &Example, inner: &Product, outer: &Product) {
    let path = example.subject.path;
    let matrix = inner.factors.iter().find_map(|(name, ..)| match name {
        Name::Transposed(_) => Some(Sign::Factor(*name, 0)),
        _ => None,
    });
    let mut rows = vec![(path.name(), nested(inner, outer))];
    match matrix {
        _ if path == Path::Recurrent => document.sentence(vec![
            "Over two steps ".into(),
            Formula::of(matrix.into_iter().collect()).into(),
            " appears twice:".into(),
        ]),
        Some(matrix) => {
            document.sentence(vec![
                "Over two steps ".into(),
                Formula::of(vec![matrix]).into(),
                " appears twice, exactly as ".into(),
                Formula::of(vec![Sign::Factor(Name::Transposed(None), 0)]).into(),
                " does in a vanilla RNN, whose activation has the slope ".into(),
                Formula::of(vec![Sign::Factor(Name::Slope('φ', Form::Any), 0)]).into(),
                ":".into(),
            ]);
            rows.push(("vanilla RNN", vanilla_nested()));
        }
        None => {
            document.sentence(vec![
                "Over two steps no recurrent matrix appears, where ".into(),
                Formula::of(vec![Sign::Factor(Name::Transposed(None), 0)]).into(),
                " stands twice in a vanilla RNN:".into(),
            ]);
            rows.push(("vanilla RNN", vanilla_nested()));
        }
    }
    document.blocks.push(Block::Aligned(rows));
    let definitions = definitions(outer);
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

/// What may make the chain explode.
fn bound(example: &Example) -> Option<&'static str> {
    let unbounded = [Variant::Niaf, Variant::Noaf, Variant::Cifg, Variant::Fgr];
    let path = example.subject.path;
    if unbounded.contains(&example.variant) && !matches!(path, Path::Carousel) {
        return None;
    }
    Some(match path {
        Path::Leak if example.cell == CellKind::Lru => {
            "The size of {λ} alone decides: this path explodes only where it exceeds 1."
        }
        Path::Carousel => {
            "{f} alone decides: this path explodes only where {f} exceeds 1, which no learned gate does."
        }
        Path::Block => {
            "Apart from the matrix no factor exceeds 1: this path explodes only where {σ_z} exceeds 1."
        }
        Path::Input => {
            "The slope of the gate is at most ¼, and no other factor exceeds 1 apart from the matrix: this path \
             explodes only where {σ_i} exceeds 4."
        }
        Path::Forget => {
            "The slope of the gate is at most ¼, but {c} has no bound: with a cell state large enough this path \
             explodes, however small {σ_f}."
        }
        Path::Output => {
            "The slope of the gate is at most ¼, and tanh is below 1: this path explodes only where {σ_o} \
             exceeds 4."
        }
        Path::PeepholeInput => {
            "The slope of the gate is at most ¼: this path explodes only where a factor {p_i} exceeds 4."
        }
        Path::PeepholeForget => {
            "The slope of the gate is at most ¼, but {c} has no bound: with a cell state large enough this path explodes."
        }
        Path::Recurrent => "The slope is at most 1: this path explodes only where {σ} exceeds 1.",
        Path::Leak => "{z} alone decides, and it stays below 1: this path cannot explode.",
        Path::Update => {
            "The slope of the gate is at most ¼; the difference of {h} and {n} and the matrix decide."
        }
        Path::Reset => {
            "The slope of the gate is at most ¼, but {m} grows with the matrix {R_n}: both matrices decide."
        }
        Path::Candidate => {
            "Apart from the matrix no factor exceeds 1: this path explodes only where {σ_n} exceeds 1."
        }
        _ => return None,
    })
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
    let mut sentence: Vec<Inline> = Vec::new();
    match *ratios {
        [one] => sentence.extend(["The norm is multiplied by ".into(), number(one), ".".into()]),
        [first, second] => sentence.extend([
            "The norm is multiplied by ".into(),
            number(first),
            ", then by ".into(),
            number(second),
            ".".into(),
        ]),
        _ => {}
    }
    if let (Some(r), Some(growth)) = (chain.per_step, chain.growth) {
        let all = growth.times(Wide::from_f64(r));
        sentence.extend([
            if sentence.is_empty() { "Over" } else { " Over" }.into(),
            " the whole window a step multiplies by ".into(),
            number(Wide::from_f64(r)),
            " on average, and ".into(),
            Formula::of(vec![Sign::Power(r, steps), Sign::Equals, Sign::Number(all)]).into(),
            ".".into(),
        ]);
    }
    if !sentence.is_empty() {
        document.sentence(sentence);
    }
}

fn number(number: Wide) -> Inline {
    Formula::of(vec![Sign::Number(number)]).into()
}

/// Which units the numbers are of.
fn units(document: &mut Document, example: &Example) {
    let (shown, hidden) = (example.subject.units, example.hidden);
    if shown < hidden {
        let units = if shown == 1 {
            "Unit 1".to_owned()
        } else {
            format!("Units 1 to {shown}")
        };
        document.text(&format!(
            "{units} of {hidden}; dots stand for the others, which sums and norms include."
        ));
    }
}

/// A product in numbers, and what it is, if it has a name.
fn equation(document: &mut Document, t: usize, result: &[Sign], product: &Product) {
    let array =
        |sign: Sign, numbers: &Numbers| Item::Array(Formula::at(t, vec![sign]), numbers.clone());
    let mut items = Vec::new();
    let mut open = false;
    for &(name, after, ref numbers) in &product.factors {
        items.push(array(Sign::Factor(name, after), numbers));
        open |= numbers.matrix;
        items.push(Item::Sign(if numbers.matrix {
            Sign::Open
        } else {
            Sign::Times
        }));
    }
    let (gradient, after, numbers) = &product.gradient;
    items.push(array(Sign::Gradient(*gradient, *after), numbers));
    if open {
        items.push(Item::Sign(Sign::Close));
    }
    items.push(Item::Sign(Sign::Equals));
    let name = Formula::at(t, result.to_vec());
    items.push(Item::Array(name, product.result.clone()));
    document.blocks.push(Block::Equation(items));
}

/// A product as a formula.
fn written(product: &Product) -> Signs {
    let [before, after, end] = thirds(product);
    [before, after, end].concat()
}

/// A product in three: up to the matrix and its bracket, the factors behind it, the gradient with
/// what closes the bracket.
fn thirds(product: &Product) -> [Signs; 3] {
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    let crosses = product.factors.iter().any(|(.., numbers)| numbers.matrix);
    let mut part = usize::from(!crosses);
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
    if crosses {
        parts[2].push(Sign::Close);
    }
    parts
}

/// α_t = …(… ⊙ …(… ⊙ α_{t+2})) in parts that line up with those of other paths.
fn nested(inner: &Product, outer: &Product) -> Vec<Formula> {
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

/// The same of a vanilla RNN.
fn vanilla_nested() -> Vec<Formula> {
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
fn definitions(product: &Product) -> Vec<(&'static str, Formula)> {
    let mut rows = Vec::new();
    for &(name, ..) in &product.factors {
        let one_minus = |sign| vec![Sign::Open, Sign::One, Sign::Minus, sign, Sign::Close];
        let gate = |letter| Sign::Factor(Name::Gate(letter), 0);
        let right = match name {
            Name::Gain => [
                vec![gate('o'), Sign::Times],
                one_minus(Sign::SquashedSquare(0)),
            ]
            .concat(),
            Name::PlainGain => vec![gate('o')],
            Name::Slope(letter, Form::Tanh) => {
                vec![Sign::One, Sign::Minus, Sign::Square(letter, 0)]
            }
            Name::Slope(letter, Form::Sigmoid) => {
                [vec![gate(letter), Sign::Times], one_minus(gate(letter))].concat()
            }
            Name::Slope(_, Form::One) => vec![Sign::One],
            Name::Slope(_, Form::Zero) => vec![Sign::Number(Wide::ZERO)],
            _ => continue,
        };
        let signs = [vec![Sign::Factor(name, 0), Sign::Equals], right].concat();
        let words = if rows.is_empty() { "with" } else { "" };
        rows.push((words, Formula::of(signs)));
    }
    rows
}
