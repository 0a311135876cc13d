//! What people read: every number, quotation, list and page is put into text here, once.
//!
//! | module | what it makes |
//! |---|---|
//! | [`decimal`] | a number of any size with so many significant digits, and back |
//! | [`short`] | a number in at most eight columns; r and what it makes of a window |
//! | [`value`] | the value and the range of a setting |
//! | [`functions`] | the activations and gate functions of a cell |
//! | [`digits`] | the numbers of an array, all alike |
//! | [`raised`] | superscript and subscript digits |
//! | [`fit`] | text cut to a width, or broken into lines |
//! | [`list`] | `a, b or c`, the first few names, the nearest name |
//! | [`sanitise`](mod@sanitise) | text from outside: safe to show, in quotes, and not longer than can be read |
//! | [`cause`] | what each path adds to r, and what makes the gradient grow or die out |
//! | [`lens`] | what number formats and truncation make of a gradient |
//! | [`glossary`] | the words that the screens say, in one line each |
//! | [`ascii`] | text for terminals that show ASCII alone |
//! | [`explain`] | the page about a path, and how it is written down |
//!
//! The verdict with its word and its mark is [`Verdict`](crate::flow::Verdict): whether a gradient
//! vanishes is measured, not worded.

pub mod ascii;
pub mod cause;
pub mod decimal;
pub mod digits;
pub mod explain;
pub mod fit;
pub mod functions;
pub mod glossary;
pub mod lens;
pub mod list;
pub mod raised;
pub mod sanitise;
pub mod short;
pub mod value;

use crate::cell::CellKind;

pub use list::{either, few, nearest};
pub use raised::superscript;
pub use sanitise::{brief, quote, sanitise, sanitise_block, sanitise_path};

/// The gradient that a cell is known by: δc where there is a c, δh otherwise.
pub fn symbol(cell: CellKind) -> &'static str {
    cell.spec().gradient()
}
