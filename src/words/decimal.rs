//! Decimal text of numbers that may leave the range of float64.

use std::fmt;

use crate::num::Wide;

/// Exponents beyond this are no measurement.
const LARGEST_EXPONENT: u64 = 1_000_000_000;

/// Reads `0.134`, `-7`, `6.2e-61` or `1e-5000`.
pub fn parse(text: &str) -> Option<Wide> {
    let text = text.trim();
    let whole: f64 = text.parse().ok()?;
    if whole.is_normal() {
        return Some(Wide::from_f64(whole));
    }
    // Too large or too small for an f64, or zero; but the words inf and nan have no digit.
    let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    if !digits.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let digits: f64 = digits.parse().ok()?;
    let exponent: i64 = exponent.parse().ok()?;
    let size = exponent.unsigned_abs();
    if !digits.is_finite() || size > LARGEST_EXPONENT {
        return None;
    }
    let power = power_of_ten(size);
    let number = Wide::from_f64(digits);
    if exponent >= 0 {
        return Some(number.times(power));
    }
    let size = number.ratio(power)?;
    Some(if digits < 0.0 {
        size.times(Wide::from_f64(-1.0))
    } else {
        size
    })
}

/// 10ⁿ by repeated squaring.
fn power_of_ten(n: u64) -> Wide {
    let (mut result, mut square, mut rest) = (Wide::ONE, Wide::from_f64(10.0), n);
    while rest > 0 {
        if rest % 2 == 1 {
            result = result.times(square);
        }
        square = square.times(square);
        rest /= 2;
    }
    result
}

/// A number in digits, perhaps times a power of ten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// The digits, with sign and point.
    pub digits: String,
    /// The exponent of ten.
    pub power: Option<i64>,
}

/// A number with so many significant digits: plain from 0.001 up to a million.
pub fn decimal(number: Wide, significant: usize) -> Decimal {
    if number.is_zero() {
        return Decimal {
            digits: "0".to_owned(),
            power: None,
        };
    }
    let places = significant.max(1) - 1;
    let sign = if number < Wide::ZERO { "-" } else { "" };
    let (mantissa, exponent) = number.scientific(places);
    if (-3..6).contains(&exponent) {
        let places = i64::try_from(places).unwrap_or(0) - exponent;
        let places = usize::try_from(places).unwrap_or(0);
        return Decimal {
            digits: format!("{:.places$}", number.saturating_f64()),
            power: None,
        };
    }
    Decimal {
        digits: format!("{sign}{mantissa}"),
        power: Some(exponent),
    }
}

impl fmt::Display for Decimal {
    /// `0.1340`, `52.49`, `6.22e-61`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.digits)?;
        self.power.map_or(Ok(()), |power| write!(f, "e{power}"))
    }
}

/// Writes a number with so many significant digits: plainly (`0.1340`, `52.49`) from 0.001 up to a
/// million, as `6.22e-61` beyond.
pub fn text(number: Wide, significant: usize) -> String {
    decimal(number, significant).to_string()
}

/// A number near 1 with so many places, others with so many digits.
pub fn near_one(number: Wide, places: usize) -> String {
    let near = number.saturating_f64();
    if (0.1..100.0).contains(&near) {
        format!("{near:.places$}")
    } else {
        text(number, places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_of_any_size() {
        assert_eq!(parse("0.13398"), Some(Wide::from_f64(0.13398)));
        assert_eq!(parse("0"), Some(Wide::ZERO));
        assert_eq!(parse("0e-9999"), Some(Wide::ZERO));
        assert!((parse("1e-5000").unwrap().log10() + 5000.0).abs() < 1e-9);
        assert!((parse("-2.5e5000").unwrap().log10() - 5_000.397_940_008_672).abs() < 1e-9);
        assert!(parse("-1e-5000").unwrap() < Wide::ZERO);
        for text in [
            "",
            "inf",
            "-inf",
            "nan",
            "e5",
            "1e",
            "x",
            "1e99999999999999999999",
            "1e-9223372036854775808",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn writes_what_it_reads() {
        for written in [
            "0.1340",
            "52.49",
            "1.000",
            "6.220e-61",
            "1.000e-5000",
            "-2.500e5000",
            "0",
            "9.999e99999",
        ] {
            assert_eq!(text(parse(written).unwrap(), 4), written);
        }
        assert_eq!(text(Wide::from_f64(0.000_999_99), 4), "0.001000");
        assert_eq!(text(Wide::from_f64(123_456.7), 3), "123457");
        assert_eq!(text(Wide::from_f64(9_999_999.0), 3), "1.00e7");
    }

    #[test]
    fn scalars() {
        let of = |x| decimal(x, 4);
        assert_eq!(of(Wide::from_f64(0.133_98)).digits, "0.1340");
        assert_eq!(of(Wide::from_f64(-7.316_02)).digits, "-7.316");
        assert_eq!(of(Wide::ZERO).digits, "0");
        let far = of(Wide::new(1.0, -11_699));
        assert_eq!((&far.digits[..3], far.power), ("1.7", Some(-3522)));
        let small = of(Wide::from_f64(6.2e-61));
        assert_eq!((small.digits.as_str(), small.power), ("6.200", Some(-61)));
    }
}
