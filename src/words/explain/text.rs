//! The page as text: formulas in Unicode or ASCII, arrays drawn with brackets.
//!
//! ```text
//!     R_oᵀ        tanh(c₁₅₁)   o′₁₅₁     α₁₅₁        α₁₅₀
//! ⎡ 8.08  0    ⎤ ⎛ ⎡ 0.5 ⎤   ⎡ 0.25 ⎤   ⎡ 1.6 ⎤ ⎞   ⎡ 1.6 ⎤
//! ⎣ 0     8.08 ⎦ ⎝ ⎣ 0.5 ⎦ ⊙ ⎣ 0.25 ⎦ ⊙ ⎣ 1.6 ⎦ ⎠ = ⎣ 1.6 ⎦
//! ```

mod array;

use unicode_width::UnicodeWidthStr;

use super::document::{Block, Document, Equality, Formula, Inline, Sign, Summand};
use super::notation::Notation;
use super::part;
use crate::num::Wide;

/// Sizes that differ by less are written alike.
pub(super) const SAME: f64 = 1e-12;
/// The narrowest text.
const NARROWEST: usize = 30;

/// What a part of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The title.
    Title,
    /// A heading.
    Heading,
    /// Words.
    Words,
    /// A formula.
    Formula,
    /// What a formula, an array or a number is called.
    Label,
    /// Numbers of an array.
    Number,
    /// Brackets and signs between arrays.
    Sign,
    /// A result.
    Result,
}

/// A line of text in its parts.
pub type Line = Vec<(Role, String)>;

/// How text is laid out.
#[derive(Clone, Copy, Debug)]
struct Layout {
    width: usize,
    ascii: bool,
}

/// The whole page as text.
pub fn render(document: &Document, width: usize, ascii: bool) -> String {
    let mut text = String::new();
    for line in lines(document, width, ascii) {
        let line: String = line.into_iter().map(|(_, part)| part).collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The whole page in lines of at most `width` columns, where that is not too narrow for them.
pub fn lines(document: &Document, width: usize, ascii: bool) -> Vec<Line> {
    let layout = Layout {
        width: width.max(NARROWEST),
        ascii,
    };
    let mut lines = vec![vec![(Role::Title, document.title.clone())]];
    for block in &document.blocks {
        lines.push(Line::new());
        lines.extend(layout.block(block));
    }
    lines
}

impl Layout {
    fn block(self, block: &Block) -> Vec<Line> {
        match block {
            Block::Heading(text) => vec![vec![(Role::Heading, text.clone())]],
            Block::Text(parts) => self.paragraph(parts),
            Block::Formulas(rows) => self.formulas(rows),
            Block::Aligned(rows) => self.aligned(rows),
            Block::Equation(items) => self.equation(items),
            Block::Equality(equality) => self.equality(equality),
            Block::Sum(summands) => self.sum(summands),
        }
    }

    /// Words and formulas, wrapped between words.
    fn paragraph(self, parts: &[Inline]) -> Vec<Line> {
        // Each piece that is not broken: its parts, since a formula may touch a full stop.
        let mut pieces: Vec<Line> = vec![Line::new()];
        for part in parts {
            match part {
                Inline::Formula(formula) => {
                    let text = self.formula(formula).trim().to_owned();
                    if let Some(piece) = pieces.last_mut() {
                        piece.push((Role::Formula, text));
                    }
                }
                Inline::Words(words) => {
                    for (k, word) in self.plain(words).split(' ').enumerate() {
                        if k > 0 {
                            pieces.push(Line::new());
                        }
                        if let Some(piece) = pieces.last_mut().filter(|_| !word.is_empty()) {
                            piece.push((Role::Words, word.to_owned()));
                        }
                    }
                }
            }
        }
        let mut lines = vec![Line::new()];
        let mut used = 0;
        for piece in pieces.into_iter().filter(|piece| !piece.is_empty()) {
            let width = columns(&piece);
            if used > 0 && used + 1 + width > self.width {
                lines.push(Line::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                if used > 0 {
                    line.push((Role::Words, " ".to_owned()));
                    used += 1;
                }
                line.extend(piece);
                used += width;
            }
        }
        lines
    }

    /// Formulas below each other, the words before them in a column of their own.
    fn formulas(self, rows: &[(&'static str, Formula)]) -> Vec<Line> {
        let label = rows.iter().map(|(words, _)| words.width()).max();
        let label = label.filter(|&w| w > 0).map_or(0, |w| w + 2);
        let mut lines = Vec::new();
        let mut sum = 0;
        for (words, formula) in rows {
            let mut text = self.formula(formula).trim().to_owned();
            let relation = |sign: &Sign| matches!(sign, Sign::Equals | Sign::Has);
            if let Some(at) = formula.signs.iter().position(relation) {
                let (left, t) = (formula.signs[..at].to_vec(), formula.t);
                sum = self.formula(&Formula { signs: left, t }).width() + 1;
            } else {
                // What is added stands below the relation.
                text.insert_str(0, &" ".repeat(sum));
            }
            let parts = self.broken(&text, self.width.saturating_sub(2 + label));
            for (k, part) in parts.into_iter().enumerate() {
                let words = if k == 0 { words } else { "" };
                let hanging = if k == 0 { "" } else { "    " };
                lines.push(vec![
                    (Role::Label, format!("  {words:label$}")),
                    (Role::Formula, format!("{hanging}{part}")),
                ]);
            }
        }
        lines
    }

    /// A formula in lines of at most so many columns, broken before ⊙; those after the first are
    /// indented by four.
    fn broken(self, text: &str, width: usize) -> Vec<String> {
        let times = if self.ascii { " * " } else { " ⊙ " };
        let mut lines: Vec<String> = Vec::new();
        for (k, part) in text.split(times).enumerate() {
            let part = if k == 0 {
                part.to_owned()
            } else {
                format!("{}{part}", times.trim_start())
            };
            match lines.last_mut() {
                Some(line) if line.width() + 1 + part.width() + 4 <= width => {
                    line.push(' ');
                    line.push_str(&part);
                }
                _ => lines.push(part),
            }
        }
        lines
    }

    /// Rows whose parts line up; in two lines each where one is too long.
    fn aligned(self, rows: &[(&'static str, Vec<Formula>)]) -> Vec<Line> {
        let texts: Vec<Vec<String>> = rows
            .iter()
            .map(|(_, parts)| parts.iter().map(|part| self.formula(part)).collect())
            .collect();
        let count = texts.first().map_or(0, Vec::len);
        let column = |k: usize| {
            texts
                .iter()
                .map(|parts| parts[k].width())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..count).map(column).collect();
        let label = rows
            .iter()
            .map(|(words, _)| words.width())
            .max()
            .unwrap_or(0)
            + 2;
        let all: usize = widths.iter().sum();
        let two = 2 + label + all > self.width && count > 3;
        // In two lines the second half stands below the first.
        let half = 3;
        let width = |k: usize| match k {
            0 => widths[0],
            _ if !two => widths[k],
            k if k < half => widths[k].max(widths[k + half - 1]),
            k => widths[k].max(widths[k + 1 - half]),
        };
        let mut lines = Vec::new();
        for ((words, _), parts) in rows.iter().zip(&texts) {
            let mut line = vec![(Role::Label, format!("  {words:label$}"))];
            for (k, part) in parts.iter().enumerate() {
                if two && k == half {
                    lines.push(line);
                    let indent = 2 + label + widths[0];
                    line = vec![(Role::Words, " ".repeat(indent))];
                }
                let padding = " ".repeat(width(k).saturating_sub(part.width()));
                // A bracket stands at what it opens for.
                let text = if part.ends_with('(') {
                    format!("{padding}{part}")
                } else {
                    format!("{part}{padding}")
                };
                line.push((Role::Formula, text));
            }
            lines.push(line);
        }
        lines
    }

    fn equality(self, equality: &Equality) -> Vec<Line> {
        let of = self.formula(&equality.of);
        let of = of.trim();
        let number = |w| self.number(w, 12);
        let (product, chart) = (number(equality.product), number(equality.chart));
        let width = product.width().max(chart.width());
        let row = |label: &str, number: &str, words: String| {
            vec![
                (Role::Label, format!("  {label:>w$}", w = of.width())),
                (Role::Sign, " = ".to_owned()),
                (Role::Result, format!("{number:<width$}")),
                (Role::Words, format!("   {words}")),
            ]
        };
        let difference = equality.difference();
        let agree = if difference < SAME {
            "in the chart: the same number".to_owned()
        } else {
            let difference = self.number(Wide::from_f64(difference), 1);
            format!("in the chart: a relative difference of {difference}")
        };
        let mut lines = vec![
            row(of, &product, "from the factors above".to_owned()),
            row("", &chart, agree),
        ];
        let (name, last) = &equality.relative;
        if let Some(ratio) = equality.chart.ratio(*last) {
            let name = self.formula(name);
            let level = if ratio.is_zero() {
                "zero".to_owned()
            } else {
                format!("{:+.3}", ratio.log10())
            };
            lines.push(vec![
                (Role::Words, "  Charts are relative to ".to_owned()),
                (
                    Role::Formula,
                    format!("{} = {}", name.trim(), self.number(*last, 4)),
                ),
                (Role::Words, ": log10 ".to_owned()),
                (Role::Result, level),
            ]);
        }
        lines
    }

    fn sum(self, summands: &[Summand]) -> Vec<Line> {
        let name = summands.iter().map(|s| s.name.width()).max().unwrap_or(0);
        let numbers: Vec<String> = summands.iter().map(|s| self.number(s.norm, 4)).collect();
        let width = numbers.iter().map(|n| n.width()).max().unwrap_or(0).max(6);
        let header = format!("  {:name$}   {:>width$}   part of the sum", "", "|term|");
        let mut lines = vec![vec![(Role::Label, header)]];
        let mark = if self.ascii { "> " } else { "▸ " };
        for (summand, number) in summands.iter().zip(&numbers) {
            let (mark, role) = if summand.chosen {
                (mark, Role::Result)
            } else {
                ("  ", Role::Number)
            };
            lines.push(vec![
                (role, format!("{mark}{:name$}", summand.name)),
                (
                    role,
                    format!("   {number:>width$}   {:>7}", part(summand.contribution)),
                ),
            ]);
        }
        let whole: f64 = summands.iter().map(|s| s.contribution).sum();
        lines.push(vec![(
            Role::Label,
            format!(
                "  {:name$}   {:>width$}   {:>7}",
                "together",
                "",
                part(whole)
            ),
        )]);
        lines
    }

    /// Words without what ASCII does not have.
    fn plain(self, words: &str) -> String {
        if self.ascii {
            words.replace('¼', "1/4")
        } else {
            words.to_owned()
        }
    }

    const fn notation(self) -> Notation {
        if self.ascii {
            Notation::Ascii
        } else {
            Notation::Unicode
        }
    }

    fn formula(self, formula: &Formula) -> String {
        self.notation().formula(formula)
    }

    fn number(self, number: Wide, significant: usize) -> String {
        self.notation().number(number, significant)
    }
}

fn columns(line: &Line) -> usize {
    line.iter().map(|(_, part)| part.width()).sum()
}
