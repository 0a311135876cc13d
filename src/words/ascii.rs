//! Text for terminals that show ASCII alone.

use std::borrow::Cow;

use super::raised::raised_digit;

/// A text in ASCII: Greek letters by name, superscripts after `^`, signs by their likeness;
/// what has none is `?`.
pub fn ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut raised = false;
    for c in text.chars() {
        let digit = raised_digit(c);
        if let Some(d) = digit {
            if !raised {
                out.push('^');
            }
            out.push_str(&d.to_string());
        } else if c.is_ascii() {
            out.push(c);
        } else {
            out.push_str(ascii_sign(c));
        }
        raised = digit.is_some();
    }
    Cow::Owned(out)
}

/// The likeness of one character in ASCII.
pub fn ascii_sign(c: char) -> &'static str {
    match c {
        '│' | '┊' | '‖' | '▏' => "|",
        '─' | '┈' | '━' | '−' | '–' => "-",
        '╭' | '╮' | '╰' | '╯' | '┤' | '├' | '┼' | '┴' | '┬' => "+",
        '▲' | '↑' => "^",
        '▼' | '↓' => "v",
        '◆' | '◇' => "=",
        '●' => "o",
        '→' => "->",
        '←' => "<-",
        '▸' | '▶' | '⟩' => ">",
        'δ' | '∂' => "d",
        'γ' => "g",
        'λ' => "lambda",
        'ρ' => "rho",
        'σ' => "sigma",
        'θ' => "theta",
        'Σ' => "sum",
        'φ' => "phi",
        '×' => "x",
        '·' => ".",
        '…' | '≈' => "~",
        '≥' => ">=",
        '≤' => "<=",
        '±' => "+-",
        '✓' => "ok",
        '°' => " deg",
        '◂' | '⟨' => "<",
        'ᵀ' => "^T",
        'ᵗ' => "^t",
        '∏' => "prod",
        '½' => "1/2",
        '█' => "#",
        '▄' | '▁' => "_",
        '▀' => "\"",
        _ => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn signs_have_a_likeness() {
        assert_eq!(
            ascii("r 0.990 → 0.990²⁰⁰ = 0.134  vanishing ▼"),
            "r 0.990 -> 0.990^200 = 0.134  vanishing v"
        );
    }

    proptest! {
        #[test]
        fn ascii_is_ascii(s in "\\PC{0,40}") {
            prop_assert!(ascii(&s).is_ascii());
        }
    }
}
