//! The numbers of an array, all with the digits that the whole array needs.

use crate::num::Wide;

/// Digits behind the point at most.
const PLACES: usize = 4;

/// The numbers of an array in digits, row by row, perhaps all times a power of ten. Zeros at the
/// end are left out where the numbers are exactly as short as that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digits {
    /// The numbers.
    pub entries: Vec<String>,
    /// The exponent of ten.
    pub power: Option<i64>,
}

/// An array in digits.
pub fn digits(values: &[Wide]) -> Digits {
    let logs = values.iter().filter(|x| !x.is_zero()).map(|x| x.log10());
    let Some(log) = logs.reduce(f64::max) else {
        return Digits {
            entries: vec!["0".to_owned(); values.len()],
            power: None,
        };
    };
    let plain = (-2.0..4.0).contains(&log);
    let power = if plain { 0 } else { floor(log) };
    let value = |x: &Wide| {
        if plain || x.is_zero() {
            return x.saturating_f64();
        }
        10f64.powf(x.log10() - power as f64).copysign(x.parts().0)
    };
    let values: Vec<f64> = values.iter().map(value).collect();
    let most = if plain && log < -1.0 {
        PLACES + 1
    } else if log > 2.0 && plain {
        PLACES - 2
    } else {
        PLACES
    };
    let places = (0..most)
        .find(|&places| values.iter().all(|&x| is_short(x, places)))
        .unwrap_or(most);
    Digits {
        entries: values.iter().map(|&x| written(x, places)).collect(),
        power: (!plain).then_some(power),
    }
}

/// Whether a number is written exactly with so many digits behind the point.
fn is_short(x: f64, places: usize) -> bool {
    let scaled = x * 10f64.powi(i32::try_from(places).unwrap_or(0));
    (scaled - scaled.round()).abs() < 1e-9
}

fn written(x: f64, places: usize) -> String {
    if x == 0.0 {
        return "0".to_owned();
    }
    let text = format!("{x:.places$}");
    // A number too small to be seen here has no sign to be seen.
    match text.strip_prefix('-') {
        Some(rest) if !rest.contains(|c: char| ('1'..='9').contains(&c)) => rest.to_owned(),
        _ => text,
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "exponents are far below 2⁵³"
)]
fn floor(log: f64) -> i64 {
    log.floor() as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::wides::widen;

    fn array(values: &[f64], exponent: i64) -> Digits {
        digits(&widen(values, exponent))
    }

    #[test]
    fn short_numbers_stay_short_and_others_have_four_places() {
        assert_eq!(array(&[8.08, 0.0], 0).entries, ["8.08", "0"]);
        assert_eq!(array(&[0.5, 1.0], 0).entries, ["0.5", "1.0"]);
        assert_eq!(array(&[1.0, -2.0], 0).entries, ["1", "-2"]);
        assert_eq!(array(&[1.0 / 3.0, -1e-9], 0).entries, ["0.3333", "0.0000"]);
        assert_eq!(array(&[0.012_345_6, 0.5], -1).entries, ["0.0062", "0.2500"]);
        assert_eq!(array(&[0.012_345_6], 0).entries, ["0.01235"]);
    }

    #[test]
    fn a_common_power_of_ten_stands_before_large_and_small_arrays() {
        let small = array(&[1.0, -0.3], -16_610);
        assert_eq!(small.power, Some(-5001));
        assert_eq!(small.entries.len(), 2);
        assert!(small.entries[1].starts_with('-'));
        assert_eq!(array(&[5e7], 0).power, Some(7));
        assert_eq!(array(&[0.0], -16_610).entries, ["0"]);
    }
}
