//! The terminal's clipboard, by the sequence OSC 52: it also reaches the clipboard of the machine
//! that the user sits at, over SSH. Nothing tells whether the terminal obeys: many do, some only
//! when they are told to, and tmux passes it on with `set -g set-clipboard on`.

/// The longest text in bytes: xterm and others drop sequences of more than 100 kB.
pub const LONGEST: usize = 56_000;

/// The sequence that puts a text into the clipboard; `None` when the text is too long. The text
/// itself is in base64, so that nothing of it can be taken for a sequence.
pub fn sequence(text: &str) -> Option<Vec<u8>> {
    (text.len() <= LONGEST).then(|| format!("\x1b]52;c;{}\x1b\\", base64(text.as_bytes())).into())
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |k: usize| u32::from(chunk.get(k).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for k in 0..4 {
            let digit = (bits >> (18 - 6 * k)) & 63;
            text.push(if k > chunk.len() {
                '='
            } else {
                char::from(DIGITS[digit as usize])
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_rfc() {
        for (text, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
        assert_eq!(base64(&[0xfb, 0xff]), "+/8=");
    }

    #[test]
    fn a_text_cannot_leave_its_sequence() {
        let bytes = sequence("a\x1b]0;owned\x07\x1b\\b").unwrap();
        assert!(bytes.starts_with(b"\x1b]52;c;") && bytes.ends_with(b"\x1b\\"));
        let inside = &bytes[7..bytes.len() - 2];
        assert!(
            inside
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(b))
        );
        assert_eq!(sequence(&"x".repeat(LONGEST + 1)), None);
    }
}
