//! The one border for text that comes from outside: files, names, paths, the environment.
//!
//! A terminal obeys what it is shown. A file name with an escape sequence in it could rename the
//! window, write the clipboard or hide half a line, and a character without width or with a
//! direction of its own could make a name read as another. Whatever a user could not see as it is
//! becomes U+FFFD; everything else stays as it was.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::Path;

/// What stands in place of a character that must not be shown.
const REPLACEMENT: &str = "\u{fffd}";

/// What stands in place of a tab in a text of several lines.
const TAB: &str = "    ";

/// One line of text, safe to show. Control characters (also line feed and tab), characters that
/// change the direction of text, and characters without width become U+FFFD.
///
/// ```
/// assert_eq!(rnntop::words::sanitise("a\u{1b}[31mb"), "a\u{fffd}[31mb");
/// ```
pub fn sanitise(text: &str) -> Cow<'_, str> {
    replace(text, |c| is_hidden(c).then_some(REPLACEMENT))
}

/// Text of several lines, safe to show: as [`sanitise`], but line feeds stay, a carriage return
/// before one goes, and tabs become spaces.
pub fn sanitise_block(text: &str) -> Cow<'_, str> {
    let keep = |c| match c {
        '\n' => None,
        '\t' => Some(TAB),
        c => is_hidden(c).then_some(REPLACEMENT),
    };
    if text.contains("\r\n") {
        let text = text.replace("\r\n", "\n");
        Cow::Owned(replace(&text, keep).into_owned())
    } else {
        replace(text, keep)
    }
}

/// Text of the operating system (an argument, a variable of the environment), as [`sanitise`].
pub fn sanitise_os(text: &OsStr) -> String {
    sanitise(&text.to_string_lossy()).into_owned()
}

/// A path as it is shown, as [`sanitise`].
pub fn sanitise_path(path: &Path) -> String {
    sanitise_os(path.as_os_str())
}

/// A found value or a name for a message: in quotes, safe to show, and cut after 48 characters.
pub fn quote(text: &str) -> String {
    const LONGEST: usize = 48;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("'{}…'", sanitise(text.get(..end).unwrap_or_default())),
        None => format!("'{}'", sanitise(text)),
    }
}

/// A part of a message, which may be as long as a file: safe to show, and cut to 400 characters.
pub fn brief(text: &str) -> Cow<'_, str> {
    without_middle(text, 200)
}

/// A whole message, safe to show, and cut to 2000 characters.
pub fn message(text: &str) -> Cow<'_, str> {
    without_middle(text, 1000)
}

/// The first and the last `half` characters, since the end of a path or a sentence says as much as
/// its beginning; all of them where there are no more. Sanitised.
fn without_middle(text: &str, half: usize) -> Cow<'_, str> {
    // What is cut is never looked at: it may be many megabytes.
    let head = text.char_indices().nth(half).map(|(at, _)| at);
    let tail = text.char_indices().nth_back(half - 1).map(|(at, _)| at);
    let parts = head
        .zip(tail)
        .filter(|(head, tail)| head < tail)
        .and_then(|(head, tail)| text.get(..head).zip(text.get(tail..)));
    match parts {
        Some((head, tail)) => Cow::Owned(format!("{}…{}", sanitise(head), sanitise(tail))),
        None => sanitise(text),
    }
}

/// The text with some characters replaced; borrowed when there was nothing to replace.
fn replace(text: &str, replacement: impl Fn(char) -> Option<&'static str>) -> Cow<'_, str> {
    if text.chars().all(|c| replacement(c).is_none()) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + TAB.len());
    for c in text.chars() {
        match replacement(c) {
            Some(other) => out.push_str(other),
            None => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether a character acts on the terminal or on its neighbours, or cannot be seen.
pub fn is_hidden(c: char) -> bool {
    matches!(
        c,
        // C0 controls; DEL and C1 controls.
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'
        // Soft hyphen, grapheme joiner, Arabic letter mark, fillers and vowels without a form.
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{3164}' | '\u{ffa0}'
        // Mongolian variation selectors and vowel separator.
        | '\u{180b}'..='\u{180f}'
        // Zero-width space, joiners, and the marks of direction.
        | '\u{200b}'..='\u{200f}'
        // Line and paragraph separators, embeddings and overrides of direction.
        | '\u{2028}'..='\u{202e}'
        // Word joiner, invisible operators, isolates, deprecated format characters.
        | '\u{2060}'..='\u{206f}'
        // Variation selectors, byte order mark, interlinear annotation.
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
        // Format controls of shorthand and of musical notation.
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        // Tags and the supplement of the variation selectors.
        | '\u{e0000}'..='\u{e0fff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A character of every kind that must not come through.
    const BAD: &[char] = &[
        '\0',
        '\u{7}',
        '\u{8}',
        '\n',
        '\r',
        '\t',
        '\u{1b}',
        '\u{7f}',
        '\u{85}',
        '\u{90}',
        '\u{9b}',
        '\u{9d}',
        '\u{ad}',
        '\u{34f}',
        '\u{61c}',
        '\u{180e}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{2028}',
        '\u{2029}',
        '\u{202a}',
        '\u{202e}',
        '\u{2060}',
        '\u{2066}',
        '\u{2069}',
        '\u{3164}',
        '\u{fe0f}',
        '\u{feff}',
        '\u{fff9}',
        '\u{e0001}',
        '\u{e007f}',
        '\u{e0100}',
    ];

    #[test]
    fn every_kind_is_replaced() {
        for &c in BAD {
            assert_eq!(sanitise(&c.to_string()), REPLACEMENT, "{c:?}");
        }
    }

    #[test]
    fn sequences_lose_their_introducer() {
        assert_eq!(
            sanitise("a\u{1b}]0;title\u{7}b"),
            "a\u{fffd}]0;title\u{fffd}b"
        );
        assert_eq!(sanitise("\u{9b}2J"), "\u{fffd}2J");
        assert_eq!(sanitise("exe.\u{202e}fdp"), "exe.\u{fffd}fdp");
    }

    #[test]
    fn blocks_keep_their_lines() {
        assert_eq!(
            sanitise_block("a\r\nb\n\tc\rd\u{1b}"),
            "a\nb\n    c\u{fffd}d\u{fffd}"
        );
        assert!(matches!(sanitise_block("a\nb"), Cow::Borrowed(_)));
    }

    #[test]
    fn plain_text_is_borrowed() {
        for text in ["", "weights.safetensors", "Größe ρ=1.01 · 0.99²⁰⁰ 数 ▲◆▼ é"]
        {
            assert!(matches!(sanitise(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn paths() {
        assert_eq!(sanitise_path(Path::new("x/\u{1b}y")), "x/\u{fffd}y");
    }

    #[test]
    fn quotes_are_cut() {
        assert_eq!(quote("abc"), "'abc'");
        assert_eq!(quote(&"é".repeat(49)), format!("'{}…'", "é".repeat(48)));
        assert_eq!(quote(&"é".repeat(48)), format!("'{}'", "é".repeat(48)));
    }

    #[test]
    fn a_message_is_never_as_long_as_a_file() {
        let name = "é".repeat(10_000_000) + "\u{1b}.npy";
        let shown = brief(&name);
        assert_eq!(shown.chars().count(), 401);
        assert!(shown.ends_with("é\u{fffd}.npy"));
        let name = "é".repeat(400);
        assert_eq!(brief(&name), name);
        assert_eq!(brief("a\u{1b}"), "a\u{fffd}");
    }

    fn any_text() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            any::<char>().prop_map(String::from),
            prop::sample::select(BAD).prop_map(String::from),
            "[ -~]{1,4}",
            Just("\u{1b}[2J\u{1b}]52;c;AAAA\u{7}\u{90}q\u{9c}\r\n".to_owned()),
        ];
        prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn nothing_hidden_comes_through(text in any_text()) {
            let line = sanitise(&text);
            prop_assert!(!line.chars().any(|c| c.is_control() || is_hidden(c)));
            let block = sanitise_block(&text);
            prop_assert!(!block.chars().any(|c| c != '\n' && (c.is_control() || is_hidden(c))));
        }

        #[test]
        fn twice_is_once(text in any_text()) {
            let line = sanitise(&text);
            prop_assert_eq!(sanitise(&line), line.as_ref());
            let block = sanitise_block(&text);
            prop_assert_eq!(sanitise_block(&block), block.as_ref());
        }

        #[test]
        fn what_can_be_seen_stays_in_place(text in any_text()) {
            let line = sanitise(&text);
            prop_assert_eq!(line.chars().count(), text.chars().count());
            for (after, before) in line.chars().zip(text.chars()) {
                let replaced = after == '\u{fffd}' && is_hidden(before);
                prop_assert!(after == before || replaced);
            }
        }
    }
}
