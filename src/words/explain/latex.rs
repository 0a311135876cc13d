//! The page as a LaTeX document that needs `amsmath` and `geometry`.

use std::fmt::Write as _;

use super::document::{Document, Summand};
use super::markup::{Markup, scalar};
use super::part;
use crate::words::ascii::ascii;

const LATEX: Markup = Markup {
    heading: |heading| format!("\\subsection*{{{}}}\n", escaped(heading)),
    words: |words| escaped(&ascii(words)),
    display: |formula| format!("\\[{formula}\\]\n"),
    sum,
};

/// The whole document.
pub fn render(document: &Document) -> String {
    let mut text = String::from("\\documentclass{article}\n\\usepackage{amsmath}\n");
    // A product of four factors with a matrix of four columns does not fit on an upright page.
    text.push_str("\\usepackage[landscape,margin=15mm]{geometry}\n");
    text.push_str("\\begin{document}\n\\setlength{\\parindent}{0pt}\n");
    // Writing to a String cannot fail.
    let _ = writeln!(text, "\n\\section*{{{}}}", escaped(&document.title));
    text.push_str(&LATEX.blocks(document));
    text.push_str("\n\\end{document}\n");
    text
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
            "{name} & ${norm}$ & ${}$ \\\\",
            part(summand.contribution)
        );
    }
    let whole: f64 = summands.iter().map(|s| s.contribution).sum();
    let _ = writeln!(
        text,
        "\\hline\ntogether & & ${}$\n\\end{{tabular}}",
        part(whole)
    );
    text
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
