//! The worked example written down: as text for terminals, as Markdown, and as LaTeX.
//!
//! | form | module | formulas |
//! |---|---|---|
//! | text | [`text`] | in Unicode or ASCII, arrays drawn with brackets |
//! | Markdown | [`markdown`] | in LaTeX between `$` and `$$` |
//! | LaTeX | [`latex`] | a document of its own that needs `amsmath` only |

pub mod latex;
pub mod markdown;
pub mod number;
pub mod text;

use crate::flow::Document;

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
    /// The usual end of a file's name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Markdown => "md",
            Self::Latex => "tex",
        }
    }
}

/// Writes a page down; `width` and `ascii` matter to text only.
#[must_use]
pub fn render(document: &Document, form: Form, width: usize, ascii: bool) -> String {
    match form {
        Form::Text => text::render(document, width, ascii),
        Form::Markdown => markdown::render(document),
        Form::Latex => latex::render(document),
    }
}
