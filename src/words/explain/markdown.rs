//! The page as Markdown, with formulas in LaTeX between `$` and `$$`.

use std::fmt::Write as _;

use super::document::{Block, Document, Inline, Summand};
use super::latex;

/// The whole page.
pub fn render(document: &Document) -> String {
    let mut text = format!("# {}\n", escaped(&document.title));
    for block in &document.blocks {
        text.push('\n');
        text.push_str(&written(block));
    }
    text
}

fn written(block: &Block) -> String {
    match block {
        Block::Heading(heading) => format!("## {}\n", escaped(heading)),
        Block::Text(parts) => format!("{}\n", paragraph(parts)),
        Block::Formulas(rows) => display(&latex::formulas(rows)),
        Block::Aligned(rows) => display(&latex::aligned(rows)),
        Block::Equation(items) => display(&latex::equation(items)),
        Block::Equality(both) => {
            let relative = latex::relative(both);
            let relative = relative.map_or_else(String::new, |text| format!("\n{text}\n"));
            display(&latex::equality(both)) + &relative
        }
        Block::Sum(summands) => sum(summands),
    }
}

fn display(formula: &str) -> String {
    format!("$$\n{formula}\n$$\n")
}

fn paragraph(parts: &[Inline]) -> String {
    let part = |part: &Inline| match part {
        Inline::Words(words) => escaped(words),
        Inline::Formula(formula) => format!("${}$", latex::math(formula).trim()),
    };
    parts.iter().map(part).collect()
}

fn sum(summands: &[Summand]) -> String {
    let mut text = String::from("| path | norm of the term | part of the sum |\n|---|---:|---:|\n");
    for summand in summands {
        let mark = if summand.chosen { "**" } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {mark}`{}`{mark} | ${}$ | {:+.4} |",
            summand.name,
            latex::scalar(summand.norm, 4),
            summand.contribution
        );
    }
    let whole: f64 = summands.iter().map(|s| s.contribution).sum();
    let _ = writeln!(text, "| together | | {whole:+.4} |");
    text
}

/// Words in Markdown.
fn escaped(words: &str) -> String {
    let mut text = String::new();
    for c in words.chars() {
        if "\\`*_[]<>&#$|~!".contains(c) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_nothing_in_markdown() {
        let document = Document {
            title: "# <b>*a*</b> [l](u) `c` $x$".to_owned(),
            blocks: vec![Block::Text(vec![Inline::Words("a|b_c".to_owned())])],
        };
        let expected = "# \\# \\<b\\>\\*a\\*\\</b\\> \\[l\\](u) \\`c\\` \\$x\\$\n\na\\|b\\_c\n";
        assert_eq!(render(&document), expected);
    }
}
