//! The page about a path: which words, formulas and numbers stand on it, in which order.

mod alone;
mod product;
mod share;
mod words;

use super::document::{Document, Formula, Sign};
use crate::cell::{Path, Variant};
use crate::flow::{Example, Question};
use crate::num::Wide;

/// A part of a formula.
type Signs = Vec<Sign>;

/// The page. `asked` chooses the term of the sum (`Share`, and `Without`, which leaves that term
/// out) or the path `Alone`; without it both are shown. `beside` is a vanilla RNN at this step,
/// with whose chain the path's is compared.
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
    document.text(words::way(example));
    if asked != Some(Question::Alone) {
        share::share(&mut document, example, asked == Some(Question::Without));
    }
    if asked.is_none_or(|asked| asked == Question::Alone) {
        alone::alone(&mut document, example, beside);
    }
    document
}

fn cell_name(example: &Example) -> String {
    let title = example.cell.spec().title;
    match example.variant {
        Variant::Plain => title.to_owned(),
        variant => format!("{title} ({})", variant.name().to_uppercase()),
    }
}

fn number(number: Wide) -> Formula {
    Formula::of(vec![Sign::Number(number)])
}

/// The gate that a path of full gate recurrence leads to.
const fn gate(path: Path) -> Option<char> {
    match path {
        Path::GateInput => Some('i'),
        Path::GateForget => Some('f'),
        Path::GateOutput => Some('o'),
        _ => None,
    }
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
