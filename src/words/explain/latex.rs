//! The page as a LaTeX document that needs `amsmath` and `geometry`, and the formulas that Markdown
//! has, too.

use std::fmt::Write as _;

use super::document::{Block, Document, Equality, Formula, Inline, Item, Sign, Summand};
use super::text::SAME;
use crate::cell::Activation;
use crate::cell::link::Name;
use crate::flow::explain::{Gradient, Numbers};
use crate::num::Wide;
use crate::words::ascii::ascii;
use crate::words::decimal::{Decimal, decimal};
use crate::words::digits::{Digits, digits};

/// The whole document.
pub fn render(document: &Document) -> String {
    let mut text = String::from("\\documentclass{article}\n\\usepackage{amsmath}\n");
    // A product of four factors with a matrix of four columns does not fit on an upright page.
    text.push_str("\\usepackage[landscape,margin=15mm]{geometry}\n");
    text.push_str("\\begin{document}\n\\setlength{\\parindent}{0pt}\n");
    // Writing to a String cannot fail.
    let _ = writeln!(text, "\n\\section*{{{}}}", escaped(&document.title));
    for block in &document.blocks {
        text.push('\n');
        text.push_str(&written(block));
    }
    text.push_str("\n\\end{document}\n");
    text
}

fn written(block: &Block) -> String {
    match block {
        Block::Heading(heading) => format!("\\subsection*{{{}}}\n", escaped(heading)),
        Block::Text(parts) => format!("{}\n", paragraph(parts)),
        Block::Formulas(rows) => format!("\\[{}\\]\n", formulas(rows)),
        Block::Aligned(rows) => format!("\\[{}\\]\n", aligned(rows)),
        Block::Equation(items) => format!("\\[{}\\]\n", equation(items)),
        Block::Equality(both) => {
            let relative = relative(both).map_or_else(String::new, |text| format!("\n{text}\n"));
            format!("\\[{}\\]\n{relative}", equality(both))
        }
        Block::Sum(summands) => sum(summands),
    }
}

/// Words and formulas.
fn paragraph(parts: &[Inline]) -> String {
    let part = |part: &Inline| match part {
        Inline::Words(words) => escaped(&ascii(words)),
        Inline::Formula(formula) => format!("${}$", math(formula).trim()),
    };
    parts.iter().map(part).collect()
}

/// Formulas below each other, lined up at = or ∋.
pub(super) fn formulas(rows: &[(&'static str, Formula)]) -> String {
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
pub(super) fn aligned(rows: &[(&'static str, Vec<Formula>)]) -> String {
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
pub(super) fn equation(items: &[Item]) -> String {
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
    let Digits { entries, power } = digits(&numbers.values);
    let columns = if numbers.matrix {
        entries.len().isqrt().max(1)
    } else {
        1
    };
    let mut rows: Vec<String> = entries
        .chunks(columns)
        .map(|row| {
            let more = if numbers.matrix && numbers.more {
                " & \\cdots"
            } else {
                ""
            };
            row.join(" & ") + more
        })
        .collect();
    if numbers.more {
        let mut dots = vec!["\\vdots"; columns];
        if numbers.matrix {
            dots.push("\\ddots");
        }
        rows.push(dots.join(" & "));
    }
    let factor = power.map_or_else(String::new, |p| format!("10^{{{p}}} \\cdot "));
    format!(
        "{factor}\\begin{{bmatrix}} {} \\end{{bmatrix}}",
        rows.join(" \\\\ ")
    )
}

/// The size from the factors and from the chart.
pub(super) fn equality(both: &Equality) -> String {
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
pub(super) fn relative(both: &Equality) -> Option<String> {
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

fn sum(summands: &[Summand]) -> String {
    let mut text =
        String::from("\\begin{tabular}{lrr}\n & norm of the term & part of the sum \\\\ \\hline\n");
    for summand in summands {
        let name = escaped(summand.name);
        let name = if summand.chosen {
            format!("\\textbf{{{name}}}")
        } else {
            name
        };
        let norm = scalar(summand.norm, 4);
        let _ = writeln!(
            text,
            "{name} & ${norm}$ & ${:+.4}$ \\\\",
            summand.contribution
        );
    }
    let whole: f64 = summands.iter().map(|s| s.contribution).sum();
    let _ = writeln!(
        text,
        "\\hline\ntogether & & ${whole:+.4}$\n\\end{{tabular}}"
    );
    text
}

/// A number in mathematics.
pub(super) fn scalar(number: Wide, significant: usize) -> String {
    let Decimal { digits, power } = decimal(number, significant);
    power.map_or(digits.clone(), |power| {
        format!("{digits} \\cdot 10^{{{power}}}")
    })
}

/// A formula in mathematics.
pub(super) fn math(formula: &Formula) -> String {
    let at = |after: usize| match formula.t {
        Some(t) => format!("_{{{}}}", t + after),
        None if after == 0 => "_t".to_owned(),
        None => format!("_{{t+{after}}}"),
    };
    formula.signs.iter().map(|&s| sign(s, &at)).collect()
}

fn sign(sign: Sign, at: &impl Fn(usize) -> String) -> String {
    let gate = |letter: Option<char>| letter.map_or_else(String::new, |c| format!("_{c}"));
    match sign {
        Sign::Factor(name, after) => factor(name, after, at),
        Sign::Gradient(of, after) => gradient(of) + &at(after),
        Sign::Last(of) => gradient(of) + "_T",
        Sign::Square(letter, after) => format!("{letter}{}^2", at(after)),
        Sign::SquashedSquare(after) => format!("\\tanh^2(c{})", at(after)),
        Sign::Slope(phi, 'c', after) => format!("{}'(c{})", function(phi), at(after)),
        Sign::Slope(phi, gate, after) => {
            format!("{}'(\\bar{{{gate}}}{})", function(phi), at(after))
        }
        Sign::Letter('λ') => "\\lambda".to_owned(),
        Sign::Letter(letter) => letter.to_string(),
        Sign::Matrix(letter) => format!("R{}", gate(letter)),
        Sign::Norm(letter) => format!("\\sigma_{{\\max}}(R{})", gate(letter)),
        Sign::Term => "\\text{term}".to_owned(),
        Sign::Number(number) => scalar(number, 4),
        Sign::One => "1".to_owned(),
        Sign::Power(base, exponent) => {
            let Decimal { digits, power } = decimal(base, 5);
            let base = power.map_or(digits.clone(), |power| {
                format!("({digits} \\cdot 10^{{{power}}})")
            });
            format!("{base}^{{{exponent}}}")
        }
        Sign::Times => " \\odot ".to_owned(),
        Sign::Equals => " = ".to_owned(),
        Sign::Has => " \\ni ".to_owned(),
        Sign::Plus => " + ".to_owned(),
        Sign::Minus => " - ".to_owned(),
        Sign::Applied => "\\, ".to_owned(),
        Sign::Open => "(".to_owned(),
        Sign::Close => ")".to_owned(),
        Sign::Bar => "\\|".to_owned(),
    }
}

fn function(phi: Activation) -> String {
    match phi {
        Activation::Tanh => "\\tanh".to_owned(),
        Activation::Sigmoid => "\\sigma".to_owned(),
        other => format!("\\text{{{}}}", other.name().replace('_', " ")),
    }
}

fn factor(name: Name, after: usize, at: &impl Fn(usize) -> String) -> String {
    let here = at(after);
    let before = || at(after.saturating_sub(1));
    match name {
        Name::Gain(_) => format!("E{here}"),
        Name::Gate(letter) => format!("{letter}{here}"),
        Name::Slope('φ', _) => format!("\\varphi'{here}"),
        Name::Slope(letter, _) => format!("{letter}'{here}"),
        Name::Complement(letter) => format!("(1 - {letter}{here})"),
        Name::Squashed(Activation::Linear) => format!("c{here}"),
        Name::Squashed(phi) => format!("{}(c{here})", function(phi)),
        Name::Before => format!("c{}", before()),
        Name::Coupled => format!("(z{here} - c{})", before()),
        Name::Rotation => "\\Lambda^{\\top}".to_owned(),
        Name::Difference => format!("(h{} - n{here})", before()),
        Name::HBefore => format!("h{}", before()),
        Name::Candidate => format!("m{here}"),
        Name::Weights(symbol) => symbol.to_owned(),
        Name::Transposed(Some(letter)) => format!("R_{letter}^{{\\top}}"),
        Name::Transposed(None) => "R^{\\top}".to_owned(),
        Name::Between(from, to) => format!("R_{{{from}{to}}}^{{\\top}}"),
    }
}

fn gradient(gradient: Gradient) -> String {
    match gradient {
        Gradient::H => "\\delta h".to_owned(),
        Gradient::C => "\\delta c".to_owned(),
        Gradient::Brought(gate) => format!("\\Gamma {gate}"),
        // A bar takes the place of the dot.
        Gradient::Bar('i') => "\\delta \\bar{\\imath}".to_owned(),
        Gradient::Bar(gate) => format!("\\delta \\bar{{{gate}}}"),
        Gradient::Injected => "\\Delta".to_owned(),
        Gradient::Alone => "\\alpha".to_owned(),
    }
}

/// Words in LaTeX.
pub(super) fn escaped(words: &str) -> String {
    let mut text = String::new();
    for c in words.chars() {
        match c {
            '_' | '%' | '&' | '#' | '$' | '{' | '}' => {
                text.push('\\');
                text.push(c);
            }
            '\\' => text.push_str("\\textbackslash{}"),
            '~' => text.push_str("\\textasciitilde{}"),
            '^' => text.push_str("\\textasciicircum{}"),
            '¼' => text.push_str("$\\frac14$"),
            '←' => text.push_str("$\\leftarrow$"),
            // Two hyphens would be a dash.
            '-' if text.ends_with('-') => text.push_str("{}-"),
            other => text.push(other),
        }
    }
    text
}
