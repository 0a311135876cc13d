//! A page as plain data: what it says, apart from how it is written down.

use crate::cell::Activation;
use crate::cell::link::Name;
use crate::flow::explain::{Gradient, Numbers};
use crate::num::Wide;

/// A page.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The title.
    pub title: String,
    /// What follows, from top to bottom.
    pub blocks: Vec<Block>,
}

/// A part of a page.
#[derive(Clone, Debug)]
pub enum Block {
    /// A heading below the title.
    Heading(String),
    /// A paragraph.
    Text(Vec<Inline>),
    /// Formulas on lines of their own, each perhaps with the words before it.
    Formulas(Vec<(&'static str, Formula)>),
    /// Formulas below each other whose parts line up; each row has the words before it, and as many
    /// parts as the others.
    Aligned(Vec<(&'static str, Vec<Formula>)>),
    /// A product or a sum in numbers.
    Equation(Vec<Item>),
    /// A size found twice.
    Equality(Equality),
    /// The parts of a sum.
    Sum(Vec<Summand>),
}

/// A part of a paragraph.
#[derive(Clone, Debug)]
pub enum Inline {
    /// Words.
    Words(String),
    /// A formula.
    Formula(Formula),
}

/// A formula: signs in a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Formula {
    /// The signs.
    pub signs: Vec<Sign>,
    /// The number of the step t; without one the step is written as a letter.
    pub t: Option<usize>,
}

/// A sign of a formula. Steps are counted from t.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sign {
    /// A factor of a path.
    Factor(Name, usize),
    /// A gradient.
    Gradient(Gradient, usize),
    /// The gradient at the last step.
    Last(Gradient),
    /// A gate's activation, squared.
    Square(char, usize),
    /// tanh²(c).
    SquashedSquare(usize),
    /// The slope of a function at c or at the pre-activation of a gate.
    Slope(Activation, char, usize),
    /// A letter of the cell's equations, of any step.
    Letter(char),
    /// R of a gate, by its letter.
    Matrix(Option<char>),
    /// σ_max of R of a gate.
    Norm(Option<char>),
    /// The term that is explained.
    Term,
    /// A number.
    Number(Wide),
    /// 1.
    One,
    /// A factor per step, to the power of so many steps.
    Power(Wide, usize),
    /// ⊙.
    Times,
    /// =.
    Equals,
    /// ∋: among the terms of the left side is the right one.
    Has,
    /// +.
    Plus,
    /// −.
    Minus,
    /// What stands between a matrix and what it multiplies, without brackets.
    Applied,
    /// (.
    Open,
    /// ).
    Close,
    /// |.
    Bar,
}

/// A part of a product or a sum in numbers.
#[derive(Clone, Debug)]
pub enum Item {
    /// An array below its name; the result has none.
    Array(Formula, Numbers),
    /// ⊙, +, =, or a bracket as high as the arrays.
    Sign(Sign),
}

/// A size found twice: from the numbers of the page, and by the backward sweep.
#[derive(Clone, Debug)]
pub struct Equality {
    /// What it is the size of.
    pub of: Formula,
    /// From the factors.
    pub product: Wide,
    /// In the chart.
    pub chart: Wide,
    /// What charts are drawn relative to: its name and its size.
    pub relative: (Formula, Wide),
}

/// A part of a sum.
#[derive(Clone, Debug)]
pub struct Summand {
    /// Its name.
    pub name: &'static str,
    /// The norm of the term.
    pub norm: Wide,
    /// What part of the sum it makes; the parts add up to 1.
    pub contribution: f64,
    /// Whether the page is about it.
    pub chosen: bool,
}

impl Equality {
    /// By how much the two numbers differ, relative to the larger of them.
    pub fn difference(&self) -> f64 {
        let negative = self.chart.times(Wide::from_f64(-1.0));
        let larger = if self.chart > self.product {
            self.chart
        } else {
            self.product
        };
        let difference = self.product.plus(negative).ratio(larger);
        difference.map_or(0.0, Wide::saturating_f64)
    }
}

impl Formula {
    /// With t as a letter.
    pub fn of(signs: Vec<Sign>) -> Self {
        Self { signs, t: None }
    }

    /// With the number of t.
    pub fn at(t: usize, signs: Vec<Sign>) -> Self {
        Self { signs, t: Some(t) }
    }
}

impl Document {
    pub(super) fn heading(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Heading(text.into()));
    }

    pub(super) fn text(&mut self, text: &str) {
        self.filled(text, []);
    }

    /// A paragraph in which each `{}` is the next of the formulas.
    pub(super) fn filled(&mut self, text: &str, formulas: impl IntoIterator<Item = Formula>) {
        self.blocks.push(Block::Text(words(text, formulas)));
    }
}

/// Words in which braces hold what is a formula: `{}` the next one, `{R_o}`, `{σ_o}` for its σ_max, `{p_i}`,
/// `{c}`.
fn words(text: &str, formulas: impl IntoIterator<Item = Formula>) -> Vec<Inline> {
    let mut formulas = formulas.into_iter();
    let mut parts = Vec::new();
    for (k, part) in text.split(['{', '}']).enumerate() {
        if k % 2 == 0 {
            if !part.is_empty() {
                parts.push(Inline::Words(part.to_owned()));
            }
            continue;
        }
        let mut letters = part.chars();
        let (first, gate) = (letters.next(), letters.nth(1));
        let sign = match first {
            None => {
                parts.extend(formulas.next().map(Inline::Formula));
                continue;
            }
            Some('R') => Sign::Matrix(gate),
            Some('σ') => Sign::Norm(gate),
            Some('p') => Sign::Factor(Name::Weights(peephole(gate)), 0),
            Some(letter) => Sign::Letter(letter),
        };
        parts.push(Inline::Formula(Formula::of(vec![sign])));
    }
    parts
}

/// The symbol of a gate's peephole.
const fn peephole(gate: Option<char>) -> &'static str {
    match gate {
        Some('f') => "p_f",
        Some('o') => "p_o",
        _ => "p_i",
    }
}
