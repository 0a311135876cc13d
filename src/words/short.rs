//! Numbers in few columns: at most eight and a sign, no NaN, no infinity.

use super::cause;
use super::raised::superscript;
use crate::flow::{Law, Standing, Verdict};
use crate::num::Wide;

/// log10 of a size relative to a reference; `None` is exactly zero.
pub type Level = Option<f64>;

/// A number of any size, in at most eight columns and its sign: `0.134`, `-7.32`, `1.3e-61`, `1e+3521`;
/// exactly zero is `0`.
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

/// An ordinary number in at most eight columns and its sign, as [`wide`] writes it; what is no
/// number is `-`.
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

/// A number as it is written, without the sign of one that is rounded to zero.
pub fn unsigned_zero(text: String) -> String {
    if text.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) {
        text
    } else {
        text.replace(['+', '-'], "")
    }
}

/// A signed part of a whole in seven columns: `+0.980`, `-12.3`; exactly zero is `0`.
pub fn part(part: f64) -> String {
    if part == 0.0 {
        "0".into()
    } else if part.abs() < 9.9995 {
        unsigned_zero(format!("{part:+.3}"))
    } else {
        number(part)
    }
}

/// 10^log with three digits, in at most eight columns.
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
/// most eleven.
pub fn factor(r: Wide, steps: usize) -> String {
    if !has_decimals(r) {
        return power_of_ten(r.log10());
    }
    let r = r.saturating_f64();
    let power = |r: f64| power_of_ten(r.log10() * steps as f64);
    let exact = power(r);
    let holds = |decimals: &usize| {
        let scale = 10f64.powi(i32::try_from(*decimals).unwrap_or(3));
        power((r * scale).round() / scale) == exact
    };
    let decimals = [3, 5, 7, 9, 11].into_iter().find(holds).unwrap_or(11);
    format!("{r:.decimals$}")
}

/// A factor per step in seven columns, for tables.
pub fn short_factor(r: Option<Wide>) -> String {
    match r {
        None => "-".into(),
        Some(r) if has_decimals(r) => format!("{:.4}", r.saturating_f64()),
        Some(r) => power_of_ten(r.log10()),
    }
}

/// `r 0.990 → 0.990²⁰⁰ = 0.134`, and the verdict; `None` when δ_T is zero.
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

/// The headline of a window with its law: where r moves from window to window with its deviation, and two digits
/// of rᵀ, `r 0.985 ± 0.004 → ×0.048 over 200`.
pub fn headline_of(law: &Law) -> Option<(String, Standing)> {
    let text = match (law.factor, law.moves()) {
        (Some(r), Some(spread)) if has_decimals(r) => {
            let (r, steps) = (cause::moving(r, spread), law.steps);
            format!("r {r} → ×{} over {steps}", cause::growth_of(law))
        }
        (r, _) => headline(r, law.steps)?.0,
    };
    Some((text, law.standing()?))
}

/// Whether a factor is written with decimals, and not as a power of ten.
fn has_decimals(r: Wide) -> bool {
    (5e-4..1000.0).contains(&r.saturating_f64())
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
                .map(|(s, v)| format!("{s}  {v}"))
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

    proptest! {
        #[test]
        fn sizes_fit_and_are_numbers(m in 0.5..1.0f64, e in -70_000i64..70_000) {
            let text = wide(Wide::new(m, e));
            prop_assert!(text.len() <= 8, "{}", text);
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

    }
}
