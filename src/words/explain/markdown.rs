//! The page as Markdown, with formulas in LaTeX between `$` and `$$`.

use std::fmt::Write as _;

use super::document::{Document, Summand};
use super::markup::{Markup, scalar};
use super::part;

const MARKDOWN: Markup = Markup {
    heading: |heading| format!("## {}\n", escaped(heading)),
    words: escaped,
    display: |formula| format!("$$\n{formula}\n$$\n"),
    sum,
};

/// The whole page.
pub fn render(document: &Document) -> String {
    format!(
        "# {}\n{}",
        escaped(&document.title),
        MARKDOWN.blocks(document)
    )
}

fn sum(summands: &[Summand]) -> String {
    let mut text = String::from("| path | norm of the term | part of the sum |\n|---|---:|---:|\n");
    for summand in summands {
        let mark = if summand.chosen { "**" } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "| {mark}`{}`{mark} | ${}$ | {} |",
            summand.name,
            scalar(summand.norm, 4),
            part(summand.contribution)
        );
    }
    let whole: f64 = summands.iter().map(|s| s.contribution).sum();
    let _ = writeln!(text, "| together | | {} |", part(whole));
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
    use crate::words::explain::document::{Block, Inline};

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
