//! Text in a given number of columns: cut, or broken into lines.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Text cut to a width in columns, with an ellipsis when something is missing.
pub fn fit(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let w = c.width().unwrap_or(0);
        if used + w + 1 > width {
            break;
        }
        used += w;
        out.push(c);
    }
    if width > 0 {
        out.push('…');
    }
    Cow::Owned(out)
}

/// Text cut to a width in columns between words, with an ellipsis when something is missing: no
/// number loses its last digits. A first word that is too long by itself and has no digit is cut.
pub fn fit_words(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width || width == 0 {
        return fit(text, width);
    }
    let mut out = String::new();
    for word in text.split_inclusive(' ') {
        if out.width() + word.trim_end().width() + 1 > width {
            break;
        }
        out.push_str(word);
    }
    if out.trim_end().is_empty() {
        let first = text.split(' ').find(|word| !word.is_empty()).unwrap_or("");
        if !first.contains(|c: char| c.is_ascii_digit()) {
            return fit(text, width);
        }
    }
    out.truncate(out.trim_end().len());
    out.push('…');
    Cow::Owned(out)
}

/// Text cut to a width in columns after a sentence, or where none fits between words, with an
/// ellipsis when something is missing.
pub fn fit_sentences(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    let ends = text.match_indices([' ']).map(|(at, _)| at);
    let whole = ends
        .filter_map(|at| text.get(..at))
        .rfind(|part| part.ends_with(['.', '!', '?', ';']) && part.width() + 2 <= width);
    match whole {
        // Less than that would say too little.
        Some(part) if part.width() * 2 >= width => Cow::Owned(format!("{part} …")),
        _ => fit_words(text, width),
    }
}

/// Lines of at most `width` columns, broken between words (and inside a word that is longer).
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    lines(text, width, width)
}

/// A paragraph of at most `width` columns that keeps the spaces it begins with; its further lines
/// are indented by `hanging`.
pub fn paragraph(text: &str, width: usize, hanging: usize) -> String {
    let words = text.trim_start();
    let first = text.len() - words.len();
    let room = |indent: usize| width.saturating_sub(indent).max(1);
    let lines = lines(words, room(first), room(hanging));
    format!(
        "{}{}\n",
        " ".repeat(first),
        lines.join(&format!("\n{}", " ".repeat(hanging)))
    )
}

/// Lines of words, the first of at most `first` columns and the others of at most `width`.
fn lines(text: &str, first: usize, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let w = word.width();
        let room = if lines.is_empty() { first } else { width };
        if used > 0 && used + 1 + w <= room {
            line.push(' ');
            line.push_str(word);
            used += 1 + w;
            continue;
        }
        if used > 0 {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        for c in word.chars() {
            let w = c.width().unwrap_or(0);
            let room = if lines.is_empty() { first } else { width };
            if used > 0 && used + w > room {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += w;
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_is_cut_by_columns() {
        assert_eq!(fit("循环网络", 5), "循环…");
        assert_eq!(fit("carousel", 8), "carousel");
        assert_eq!(fit("carousel", 4), "car…");
        assert_eq!(fit("carousel", 0), "");
        assert_eq!(fit_words("parts of δ_t at t 140", 20), "parts of δ_t at t…");
        assert_eq!(
            fit_words("parts of δ_t at t 140", 21),
            "parts of δ_t at t 140"
        );
        assert_eq!(fit_words("0.134 left", 4), "…");
        assert_eq!(fit_words("carousel", 4), "car…");
        assert_eq!(
            fit_sentences("It is 0.134 here. Then press R twice.", 24),
            "It is 0.134 here. …"
        );
        assert_eq!(
            fit_sentences("No. Then press R twice, or f.", 24),
            "No. Then press R twice,…"
        );
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefgh", 3), ["abc", "def", "gh"]);
    }

    #[test]
    fn paragraphs_keep_to_the_width() {
        assert_eq!(
            paragraph("   because the gates are open", 16, 5),
            "   because the\n     gates are\n     open\n"
        );
        let text = paragraph(&"word ".repeat(60), 80, 3);
        assert!(text.lines().all(|line| line.width() <= 80));
        assert!(text.lines().nth(1).unwrap().starts_with("   word"));
    }

    proptest! {
        #[test]
        fn wrapped_lines_fit(s in "[a-z ]{0,80}", width in 1usize..30) {
            prop_assert!(wrap(&s, width).iter().all(|l| l.len() <= width));
        }
    }
}
