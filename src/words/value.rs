//! The value of a setting, and the range that it may lie in.

use std::ops::RangeInclusive;

/// A number with at least so many decimals, and more (up to six) where it has them.
pub fn number(value: f64, decimals: usize) -> String {
    let mut text = format!("{value:.6}");
    let point = text.find('.').unwrap_or(text.len());
    while text.ends_with('0') && text.len() > point + 1 + decimals {
        text.pop();
    }
    text.trim_end_matches('.').to_owned()
}

/// A positive number of any size: digits where they are few, a power of ten otherwise.
pub fn sized(value: f64) -> String {
    if (1e-3..1e5).contains(&value) {
        number(value, 1)
    } else {
        format!("{value:e}")
    }
}

/// A number to its last digit, as files have it; one that is not finite is `nan`, `inf` or `-inf`.
pub fn exact(value: f64) -> String {
    if value.is_nan() {
        "nan".to_owned()
    } else {
        format!("{value:?}")
    }
}

/// `low to high`, in the shortest digits.
pub fn range(range: &RangeInclusive<f64>) -> String {
    let short = |v: f64| {
        if v == 0.0 || (1e-3..1e5).contains(&v.abs()) {
            format!("{v}")
        } else {
            format!("{v:e}")
        }
    };
    format!("{} to {}", short(*range.start()), short(*range.end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_width_and_their_digits() {
        assert_eq!(number(0.99, 3), "0.990");
        assert_eq!(number(0.9995, 3), "0.9995");
        assert_eq!(number(1.0, 0), "1");
        assert_eq!(number(10.0, 0), "10");
        assert_eq!(number(-1.0, 1), "-1.0");
        assert_eq!(sized(5.0), "5.0");
        assert_eq!(sized(1.5e-4), "1.5e-4");
        assert_eq!(range(&(1e-6..=1e6)), "1e-6 to 1e6");
        assert_eq!(range(&(0.0..=1.05)), "0 to 1.05");
    }
}
