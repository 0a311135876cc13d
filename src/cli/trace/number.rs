//! Numbers of any size in JSON and CSV, each with its logarithm.

use serde::ser::{Error, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::num::Wide;

/// Digits behind the point of a number too small for float64: all are certain.
const PLACES: usize = 9;

/// log10 of the absolute value; nothing for an exact 0.
pub fn twin(value: Wide) -> Option<f64> {
    (!value.is_zero()).then(|| value.log10())
}

/// A number in CSV: digits that read back exactly, or [`small`]; empty where it is too large.
pub fn field(value: Wide) -> String {
    let exact = || value.to_f64().map(|value| format!("{value:?}"));
    small(value).or_else(exact).unwrap_or_default()
}

/// A number in JSON. One that is too large is null: readers make infinity of it, or refuse the file.
pub struct Plain(pub Wide);

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match small(self.0) {
            Some(digits) => RawValue::from_string(digits)
                .map_err(S::Error::custom)?
                .serialize(serializer),
            None => self.0.to_f64().serialize(serializer),
        }
    }
}

/// The digits of a number below the normal range of float64: a file holds them, and who reads it as
/// float64 rounds to 0 by himself.
fn small(value: Wide) -> Option<String> {
    value.is_below_f64().then(|| {
        let sign = if value < Wide::ZERO { "-" } else { "" };
        let (digits, exponent) = value.scientific(PLACES);
        format!("{sign}{digits}e{exponent}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_numbers_are_written_and_large_ones_are_not() {
        for (value, json, csv) in [
            (Wide::from_f64(0.1), "0.1", "0.1"),
            (Wide::ZERO, "0.0", "0.0"),
            (
                Wide::new(1.0, -3000),
                "8.128548626e-904",
                "8.128548626e-904",
            ),
            (
                Wide::new(-1.0, -1050),
                "-8.289046058e-317",
                "-8.289046058e-317",
            ),
            (Wide::new(1.0, 3000), "null", ""),
        ] {
            assert_eq!(serde_json::to_string(&Plain(value)).unwrap(), json);
            assert_eq!(field(value), csv);
            let read: Option<f64> = serde_json::from_str(json).unwrap();
            assert_eq!(read.is_none(), csv.is_empty());
        }
    }
}
