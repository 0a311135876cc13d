//! The worked example as a page, and the page written down: as text for terminals, as Markdown, and
//! as LaTeX. What stands on it is a [`Document`], which [`page`] makes of an
//! [`Example`](crate::flow::Example).
//!
//! | form | module | formulas |
//! |---|---|---|
//! | text | [`text`] | in Unicode or ASCII, arrays drawn with brackets |
//! | Markdown | [`markdown`] | in LaTeX between `$` and `$$` |
//! | LaTeX | [`latex`] | a document of its own that needs `amsmath` and `geometry` |

pub mod document;
pub mod latex;
pub mod markdown;
mod markup;
mod notation;
mod page;
pub mod text;

use std::ffi::OsStr;
use std::path::Path;

use super::short::unsigned_zero;

pub use document::Document;
pub use page::page;

/// How a page is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Form {
    /// Text for a terminal.
    #[default]
    Text,
    /// Markdown.
    Markdown,
    /// LaTeX.
    Latex,
}

impl Form {
    /// The form that a file's name asks for: Markdown for .md, LaTeX for .tex, else text.
    pub fn of_file(name: &str) -> Self {
        let extension = Path::new(name).extension().and_then(OsStr::to_str);
        match extension.unwrap_or_default().to_ascii_lowercase().as_str() {
            "md" | "markdown" => Self::Markdown,
            "tex" => Self::Latex,
            _ => Self::Text,
        }
    }
}

/// A signed part of a sum.
fn part(part: f64) -> String {
    unsigned_zero(format!("{part:+.4}"))
}

/// Writes a page down; `width` and `ascii` matter to text only.
pub fn render(document: &Document, form: Form, width: usize, ascii: bool) -> String {
    match form {
        Form::Text => text::render(document, width, ascii),
        Form::Markdown => markdown::render(document),
        Form::Latex => latex::render(document),
    }
}
