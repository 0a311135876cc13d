//! Pages in a language of markup that has its formulas in LaTeX.

use super::document::{Block, Document, Equality, Formula, Inline, Item, Sign, Summand};
use super::latex::escaped;
use super::notation::Notation;
use super::text::SAME;
use crate::flow::explain::Numbers;
use crate::num::Wide;

/// How a language writes what is no formula.
pub(super) struct Markup {
    /// A heading.
    pub heading: fn(&str) -> String,
    /// Words, so that none of them means anything to the language.
    pub words: fn(&str) -> String,
    /// A formula on lines of its own.
    pub display: fn(&str) -> String,
    /// The table of a sum.
    pub sum: fn(&[Summand]) -> String,
}

impl Markup {
    /// All blocks of a page, each after an empty line.
    pub fn blocks(&self, document: &Document) -> String {
        let mut text = String::new();
        for block in &document.blocks {
            text.push('\n');
            text.push_str(&self.block(block));
        }
        text
    }

    fn block(&self, block: &Block) -> String {
        match block {
            Block::Heading(heading) => (self.heading)(heading),
            Block::Text(parts) => format!("{}\n", self.paragraph(parts)),
            Block::Formulas(rows) => (self.display)(&formulas(rows)),
            Block::Aligned(rows) => (self.display)(&aligned(rows)),
            Block::Equation(items) => (self.display)(&equation(items)),
            Block::Equality(both) => {
                let relative = relative(both).map(|text| format!("\n{text}\n"));
                (self.display)(&equality(both)) + &relative.unwrap_or_default()
            }
            Block::Sum(summands) => (self.sum)(summands),
        }
    }

    /// Words and formulas.
    fn paragraph(&self, parts: &[Inline]) -> String {
        let part = |part: &Inline| match part {
            Inline::Words(words) => (self.words)(words),
            Inline::Formula(formula) => format!("${}$", math(formula).trim()),
        };
        parts.iter().map(part).collect()
    }
}

/// Formulas below each other, lined up at = or ∋.
fn formulas(rows: &[(&'static str, Formula)]) -> String {
    let row = |(words, formula): &(&str, Formula)| {
        let words = if words.is_empty() {
            String::new()
        } else {
            format!("\\text{{{}}}\\quad ", escaped(words))
        };
        let relation = |sign: &Sign| matches!(sign, Sign::Equals | Sign::Has);
        let at = formula.signs.iter().position(relation).unwrap_or(0);
        let part = |signs: &[Sign]| {
            math(&Formula {
                signs: signs.to_vec(),
                t: formula.t,
            })
        };
        let (left, right) = formula.signs.split_at(at);
        format!("{words}{} &{}", part(left), part(right))
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    format!(
        "\\begin{{aligned}}\n{}\n\\end{{aligned}}",
        rows.join(" \\\\\n")
    )
}

/// Rows whose parts line up.
fn aligned(rows: &[(&'static str, Vec<Formula>)]) -> String {
    let row = |(words, parts): &(&str, Vec<Formula>)| {
        let parts: Vec<String> = parts.iter().map(math).collect();
        format!("\\text{{{}}}\\quad & {}", escaped(words), parts.join(" & "))
    };
    let count = rows.first().map_or(0, |(_, parts)| parts.len());
    let rows: Vec<String> = rows.iter().map(row).collect();
    format!(
        "\\begin{{array}}{{l{}}}\n{}\n\\end{{array}}",
        "@{}l".repeat(count),
        rows.join(" \\\\\n")
    )
}

/// A product in numbers, each array with its name above it.
fn equation(items: &[Item]) -> String {
    let item = |item: &Item| match item {
        Item::Array(name, numbers) => {
            let name = math(name);
            let array = array(numbers);
            if name.is_empty() {
                array
            } else {
                format!("\\overset{{{name}}}{{{array}}}")
            }
        }
        Item::Sign(Sign::Open) => "\\left(".to_owned(),
        Item::Sign(Sign::Close) => "\\right)".to_owned(),
        Item::Sign(sign) => math(&Formula::of(vec![*sign])),
    };
    let items: Vec<String> = items.iter().map(item).collect();
    items.join("\n")
}

fn array(numbers: &Numbers) -> String {
    let (factor, rows) = Notation::Latex.array(numbers);
    let rows: Vec<String> = rows.iter().map(|row| row.join(" & ")).collect();
    format!(
        "{factor}\\begin{{bmatrix}} {} \\end{{bmatrix}}",
        rows.join(" \\\\ ")
    )
}

/// The size from the factors and from the chart.
fn equality(both: &Equality) -> String {
    let difference = both.difference();
    let agree = if difference < SAME {
        "the same number".to_owned()
    } else {
        let difference = scalar(Wide::from_f64(difference), 1);
        format!("a relative difference of ${difference}$")
    };
    format!(
        "\\begin{{aligned}}\n{} &= {} && \\text{{from the factors above}} \\\\\n&= {} && \\text{{in the chart: {agree}}}\n\\end{{aligned}}",
        math(&both.of),
        scalar(both.product, 12),
        scalar(both.chart, 12)
    )
}

/// What the charts show of it; nothing when there is nothing to be relative to.
fn relative(both: &Equality) -> Option<String> {
    let (name, last) = &both.relative;
    let ratio = both.chart.ratio(*last)?;
    let level = if ratio.is_zero() {
        "the size is zero".to_owned()
    } else {
        format!("$\\log_{{10}}$ of the size is ${:+.3}$", ratio.log10())
    };
    Some(format!(
        "Charts are relative to ${} = {}$: there {level}.",
        math(name),
        scalar(*last, 4)
    ))
}

/// A number in mathematics.
pub(super) fn scalar(number: Wide, significant: usize) -> String {
    Notation::Latex.number(number, significant)
}

/// A formula in mathematics.
fn math(formula: &Formula) -> String {
    Notation::Latex.formula(formula)
}
