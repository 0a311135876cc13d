//! Numbers and words for people: fixed widths, no NaN, no infinity.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::flow::Verdict;
use crate::num::Wide;

/// log10 of a size relative to a reference; `None` is exactly zero.
pub type Level = Option<f64>;

/// The widest text of [`wide`].
pub const WIDE: usize = 8;

/// A whole number in superscript digits.
#[must_use]
pub fn superscript(n: usize) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    n.to_string()
        .bytes()
        .map(|b| DIGITS[usize::from(b - b'0')])
        .collect()
}

/// A number of any size, in at most eight columns and its sign: `0.134`, `-7.32`, `1.3e-61`, `1e+3521`;
/// exactly zero is `0`.
#[must_use]
pub fn wide(w: Wide) -> String {
    if w.is_zero() {
        return "0".into();
    }
    let size = power_of_ten(w.log10());
    if w < Wide::ZERO {
        format!("-{size}")
    } else {
        size
    }
}

/// The same of an ordinary number; what is no number is `-`.
#[must_use]
pub fn number(x: f64) -> String {
    if x == 0.0 {
        return "0".into();
    }
    if !x.is_finite() {
        return "-".into();
    }
    let size = power_of_ten(x.abs().log10());
    if x < 0.0 { format!("-{size}") } else { size }
}

/// 10^log with three digits, in at most eight columns.
#[must_use]
pub fn power_of_ten(log: f64) -> String {
    if !log.is_finite() {
        return if log < 0.0 { "0".into() } else { "-".into() };
    }
    if (-3.0..4.0).contains(&log) {
        let x = 10f64.powf(log);
        // Rounding may carry into the next decade, so the decimals follow the rounded number.
        let decimals = |x: f64| match x {
            x if x < 0.009_995 => 5,
            x if x < 0.099_95 => 4,
            x if x < 1.0 => 3,
            x if x < 9.995 => 2,
            x if x < 99.95 => 1,
            _ => 0,
        };
        return format!("{x:.*}", decimals(if x >= 0.9995 { x.max(1.0) } else { x }));
    }
    let mut exponent = log.floor();
    let wide_exponent = exponent.abs() >= 1000.0;
    let round = |m: f64| {
        if wide_exponent {
            m.round()
        } else {
            (m * 10.0).round() / 10.0
        }
    };
    let mut mantissa = round(10f64.powf(log - exponent));
    if mantissa >= 10.0 {
        exponent += 1.0;
        mantissa = 1.0;
    }
    if wide_exponent {
        format!("{mantissa:.0}e{exponent:+.0}")
    } else {
        format!("{mantissa:.1}e{exponent:+.0}")
    }
}

/// A level in six columns or seven, right-aligned: ` -0.87`, `+1.72`, `-61.23`, `+3521.8`, `+1.8e8`; zero
/// is `zero`.
#[must_use]
pub fn level(level: Level) -> String {
    let text = match level {
        None => "zero".into(),
        Some(v) if !v.is_finite() => "-".into(),
        Some(v) if v.abs() < 0.005 => "0.00".into(),
        Some(v) if v.abs() < 99.995 => format!("{v:+.2}"),
        Some(v) if v.abs() < 9999.5 => format!("{v:+.1}"),
        Some(v) if v.abs() < 999_999.5 => format!("{v:+.0}"),
        Some(v) => format!("{v:+.1e}"),
    };
    format!("{text:>6}")
}

/// A factor per step with the decimals that are needed for its power to come out as printed.
///
/// Three decimals where `r` raised to `steps` stays the same as printed, else as many as it takes, at
/// most seven.
#[must_use]
pub fn factor(r: Wide, steps: usize) -> String {
    let log = r.log10();
    let r = r.saturating_f64();
    if !(5e-4..1000.0).contains(&r) {
        return power_of_ten(log);
    }
    let power = |r: f64| power_of_ten(r.log10() * steps as f64);
    let exact = power(r);
    let holds = |decimals: &usize| {
        let scale = 10f64.powi(i32::try_from(*decimals).unwrap_or(3));
        power((r * scale).round() / scale) == exact
    };
    let decimals = [3, 5, 7].into_iter().find(holds).unwrap_or(7);
    format!("{r:.decimals$}")
}

/// A factor per step in seven columns, for tables.
#[must_use]
pub fn short_factor(r: Option<Wide>) -> String {
    match r {
        None => "-".into(),
        Some(r) if (5e-4..1000.0).contains(&r.saturating_f64()) => {
            format!("{:.4}", r.saturating_f64())
        }
        Some(r) => power_of_ten(r.log10()),
    }
}

/// The word for a verdict, with its sign.
#[must_use]
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Vanishing => "vanishing ▼",
        Verdict::Stable => "stable ◆",
        Verdict::Exploding => "exploding ▲",
    }
}

/// `r 0.990 → 0.990²⁰⁰ = 0.134`, and the verdict; `None` when δ_T is zero.
#[must_use]
pub fn headline(r: Option<Wide>, steps: usize) -> Option<(String, Verdict)> {
    let r = r?;
    let shown = factor(r, steps);
    let power = power_of_ten(r.log10() * steps as f64);
    let base = if shown.contains('e') {
        format!("({shown})")
    } else {
        shown.clone()
    };
    let text = format!("r {shown} → {base}{} = {power}", superscript(steps));
    Some((text, Verdict::of(r.log10(), steps)))
}

/// Text cut to a width in columns, with an ellipsis when something is missing.
#[must_use]
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
#[must_use]
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
#[must_use]
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
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let w = word.width();
        if used > 0 && used + 1 + w <= width {
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
            if used > 0 && used + w > width {
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

/// The same text in ASCII: Greek letters by name, superscripts after `^`, signs by their likeness;
/// what has none is `?`.
#[must_use]
pub fn ascii(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut raised = false;
    for c in text.chars() {
        let digit = "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|s| s == c);
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
#[must_use]
pub fn ascii_sign(c: char) -> &'static str {
    match c {
        '│' | '┊' | '‖' | '▏' => "|",
        '─' | '┈' | '━' | '−' | '–' => "-",
        '╭' | '╮' | '╰' | '╯' | '┤' | '├' | '┼' | '┴' | '┬' => "+",
        '▲' | '↑' => "^",
        '▼' | '↓' => "v",
        '◆' => "=",
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
    fn sizes() {
        for (x, text) in [
            (0.133_98, "0.134"),
            (7.316_02, "7.32"),
            (52.49, "52.5"),
            (0.999_96, "1.00"),
            (9.999, "10.0"),
            (99.99, "100"),
            (1.0, "1.00"),
            (1234.4, "1234"),
            (1.3e-61, "1.3e-61"),
            (9.99e12, "1.0e+13"),
            (0.000_123, "1.2e-4"),
        ] {
            assert_eq!(wide(Wide::from_f64(x)), text, "{x}");
        }
        assert_eq!(wide(Wide::ZERO), "0");
        assert_eq!(wide(Wide::new(1.0, 11_699)), "6e+3521");
        assert_eq!(wide(Wide::new(1.0, -11_699)), "2e-3522");
        assert_eq!(number(f64::NAN), "-");
        assert_eq!(number(f64::INFINITY), "-");
        assert_eq!(number(-0.25), "-0.250");
    }

    #[test]
    fn the_question_in_one_line() {
        let say = |r, t| {
            headline(Some(Wide::from_f64(r)), t)
                .map(|(s, v)| format!("{s}  {}", verdict(v)))
                .unwrap()
        };
        assert_eq!(say(0.99, 200), "r 0.990 → 0.990²⁰⁰ = 0.134  vanishing ▼");
        assert_eq!(say(1.0, 200), "r 1.000 → 1.000²⁰⁰ = 1.00  stable ◆");
        assert_eq!(say(1.01, 200), "r 1.010 → 1.010²⁰⁰ = 7.32  exploding ▲");
        assert_eq!(
            say(1.5, 20_000),
            "r 1.500 → 1.500²⁰⁰⁰⁰ = 7e+3521  exploding ▲"
        );
        assert_eq!(say(0.0, 200), "r 0 → 0²⁰⁰ = 0  vanishing ▼");
        let (far, _) = headline(Some(Wide::exp(-1600.0)), 200).unwrap();
        assert_eq!(far, "r 1.3e-695 → (1.3e-695)²⁰⁰ = 6e-138975");
        assert_eq!(
            say(0.990_4, 200),
            "r 0.99040 → 0.99040²⁰⁰ = 0.145  vanishing ▼"
        );
        assert_eq!(headline(None, 200), None);
        assert_eq!(
            ascii("r 0.990 → 0.990²⁰⁰ = 0.134  vanishing ▼"),
            "r 0.990 -> 0.990^200 = 0.134  vanishing v"
        );
    }

    #[test]
    fn levels_keep_their_width() {
        for (v, text) in [
            (-0.87, " -0.87"),
            (1.72, " +1.72"),
            (-61.234, "-61.23"),
            (-121.4, "-121.4"),
            (0.001, "  0.00"),
            (-365_729_719.0, "-3.7e8"),
        ] {
            assert_eq!(level(Some(v)), text);
        }
        assert_eq!(level(None), "  zero");
    }

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

    proptest! {
        #[test]
        fn sizes_fit_and_are_numbers(m in 0.5..1.0f64, e in -70_000i64..70_000) {
            let text = wide(Wide::new(m, e));
            prop_assert!(text.len() <= WIDE, "{}", text);
            prop_assert!(text.starts_with(|c: char| c.is_ascii_digit()));
        }

        #[test]
        fn the_printed_power_is_the_power_of_the_printed(r in 0.9..1.1f64, steps in 2usize..2000) {
            let power = |r: f64| power_of_ten(r.log10() * steps as f64);
            let text = factor(Wide::from_f64(r), steps);
            let shown: f64 = text.parse().unwrap();
            // Seven decimals are all that a border has room for.
            prop_assert!(power(shown) == power(r) || text.len() == 9);
        }

        #[test]
        fn ascii_is_ascii(s in "\\PC{0,40}") {
            prop_assert!(ascii(&s).is_ascii());
        }

        #[test]
        fn wrapped_lines_fit(s in "[a-z ]{0,80}", width in 1usize..30) {
            prop_assert!(wrap(&s, width).iter().all(|l| l.len() <= width));
        }
    }
}
