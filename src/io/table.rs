//! Tables of numbers as text: CSV and its relatives.

use csv::{ByteRecord, Reader, ReaderBuilder, Trim};
use ndarray::Array2;

use crate::io::error::Mistake;
use crate::io::read::MAX_ELEMENTS;
use crate::words::sanitise::quote;

/// A row has at most so many fields: more than any model has inputs.
const MAX_FIELDS: usize = 1 << 20;

/// What may stand between two fields, the likeliest first.
const DELIMITERS: [u8; 3] = [b',', b'\t', b';'];

/// Reads a table of finite numbers. The first row is taken as a header when it holds no number at
/// all; a mixed first row is more likely a mistake in the data.
pub(super) fn parse(bytes: &[u8]) -> Result<Array2<f64>, Mistake> {
    if let Some(row) = too_wide(bytes) {
        let expected = format!("at most {MAX_FIELDS} fields");
        return Err(Mistake::new(format!("row {row}"), expected, "more"));
    }
    let mut reader = reader(bytes);
    let mut record = ByteRecord::new();
    let mut values = Vec::new();
    let mut columns = 0;
    while next(&mut reader, &mut record) {
        let row = || format!("row {}", line(bytes, &record));
        if columns == 0 {
            columns = record.len();
            if is_header(&record) {
                continue;
            }
        }
        if record.len() != columns {
            let expected = format!("{} as in the first row", fields(columns));
            return Err(Mistake::new(row(), expected, record.len()));
        }
        for (column, field) in record.iter().enumerate() {
            let value = number(field).map_err(|found| {
                let place = format!("{}, column {}", row(), column + 1);
                Mistake::new(place, "a finite number", found)
            })?;
            values.push(value);
        }
        if values.len() > MAX_ELEMENTS {
            let expected = format!("at most {MAX_ELEMENTS} numbers");
            return Err(Mistake::new(row(), expected, "more"));
        }
    }
    if values.is_empty() {
        let found = if columns == 0 {
            "an empty file"
        } else {
            "a header alone"
        };
        return Err(Mistake::new("", "rows of numbers", found));
    }
    Array2::from_shape_vec((values.len() / columns, columns), values)
        .map_err(|e| Mistake::refused("", e.to_string()))
}

/// Whether most rows are made of numbers, apart from a header with at least one row below it. A word
/// in one of them, rows of different lengths and numbers that are not finite do not speak against a
/// table: they are mistakes in one.
pub(super) fn looks_numeric(bytes: &[u8]) -> bool {
    if too_wide(bytes).is_some() {
        return false;
    }
    let mut reader = reader(bytes);
    let mut record = ByteRecord::new();
    let (mut rows, mut of_numbers) = (0, 0);
    let mut first = true;
    while next(&mut reader, &mut record) {
        let header = std::mem::take(&mut first) && is_header(&record);
        if !header {
            rows += 1;
            of_numbers += usize::from(record.iter().all(is_number));
        }
    }
    2 * of_numbers > rows
}

/// The first line with more fields than a row may have; the reader would lay each of them out.
fn too_wide(bytes: &[u8]) -> Option<usize> {
    let separators = |line: &[u8]| {
        let separates = |b: &&u8| DELIMITERS.contains(b) || **b == b' ';
        line.iter().filter(separates).count()
    };
    let mut lines = bytes.split(|&b| b == b'\n');
    lines
        .position(|line| line.len() > MAX_FIELDS && separators(line) >= MAX_FIELDS)
        .map(|line| line + 1)
}

fn reader(bytes: &[u8]) -> Reader<&[u8]> {
    ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .delimiter(delimiter(bytes))
        .from_reader(bytes)
}

/// Reads the next row. Rows of only spaces are skipped as empty ones are; reading from memory and
/// with rows of any length, nothing can fail.
fn next(reader: &mut Reader<&[u8]>, record: &mut ByteRecord) -> bool {
    while matches!(reader.read_byte_record(record), Ok(true)) {
        if record.len() > 1 || record.iter().any(|field| !field.is_empty()) {
            return true;
        }
    }
    false
}

/// What separates the fields: the candidate that occurs most often in the first row, or a space in a
/// row of numbers without any, as `numpy.savetxt` writes it.
fn delimiter(bytes: &[u8]) -> u8 {
    let is_blank = |row: &&[u8]| row.iter().all(u8::is_ascii_whitespace);
    let row = bytes
        .split(|&b| b == b'\n')
        .find(|row| !is_blank(row))
        .unwrap_or_default();
    let count = |d: u8| row.split(|&b| b == d).count();
    let alone = DELIMITERS.into_iter().all(|d| count(d) == 1);
    if alone && row.contains(&b' ') && row.trim_ascii().split(|&b| b == b' ').all(is_number) {
        return b' ';
    }
    // The last maximum wins, so the likeliest candidate comes last.
    DELIMITERS
        .into_iter()
        .rev()
        .max_by_key(|&d| count(d))
        .unwrap_or(b',')
}

/// The line of the file, from 1, on which a row begins.
fn line(bytes: &[u8], record: &ByteRecord) -> usize {
    let from = record.position().map_or(0, csv::Position::byte);
    let mut from = usize::try_from(from).unwrap_or(0).min(bytes.len());
    // The reader counts empty lines to the row that follows them.
    from += bytes[from..]
        .iter()
        .take_while(|b| matches!(b, b'\r' | b'\n'))
        .count();
    bytes[..from].split(|&b| b == b'\n').count()
}

fn is_header(record: &ByteRecord) -> bool {
    !record.iter().any(is_number) && record.iter().any(|field| !field.is_empty())
}

/// Whether it reads as a number, be it infinite or NaN.
fn is_number(field: &[u8]) -> bool {
    parse_f64(field).is_some()
}

fn parse_f64(field: &[u8]) -> Option<f64> {
    std::str::from_utf8(field).ok()?.parse().ok()
}

/// A finite number, or what was found in its place.
fn number(field: &[u8]) -> Result<f64, String> {
    match parse_f64(field) {
        Some(value) if value.is_finite() => Ok(value),
        _ if field.is_empty() => Err("an empty field".to_owned()),
        _ => Err(quote(&String::from_utf8_lossy(field))),
    }
}

fn fields(n: usize) -> String {
    if n == 1 {
        "1 field".to_owned()
    } else {
        format!("{n} fields")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn table(text: &str) -> Result<Array2<f64>, String> {
        parse(text.as_bytes()).map_err(|e| e.of("x.csv").to_string())
    }

    #[test]
    fn headers_delimiters_spaces_and_quotes() {
        let expected = array![[1.0, 2.5], [-3.0, 4e-3]];
        for text in [
            "1,2.5\n-3,4e-3\n",
            "a,b\n1,2.5\n-3,4e-3",
            "\u{feff}a,b\r\n1,2.5\r\n-3,4e-3\r\n",
            "\u{feff}1,2.5\n-3,4e-3\n",
            "a\tb\n1\t2.5\n-3\t4e-3\n",
            "1;2.5\n-3;4e-3\n",
            "1 2.5\n-3 4e-3\n",
            " 1 , 2.5\n\n-3, 4e-3 \n\n",
            "\"a,x\",\"b\"\n\"1\",\"2.5\"\n\"-3\",\"4e-3\"\n",
        ] {
            assert_eq!(table(text), Ok(expected.clone()), "{text:?}");
            assert!(looks_numeric(text.as_bytes()), "{text:?}");
        }
        assert_eq!(table("5"), Ok(array![[5.0]]));
        assert_eq!(table("x\n5\n  \n6\n"), Ok(array![[5.0], [6.0]]));
    }

    #[test]
    fn rows_are_lines_of_the_file() {
        for text in ["a,b\n\n\n1,2\n\n3\n", "a,b\r\n\r\n\r\n1,2\r\n\r\n3\r\n"] {
            let expected = "x.csv, row 6: expected 2 fields as in the first row, found 1";
            assert_eq!(table(text), Err(expected.into()), "{text:?}");
        }
    }

    #[test]
    fn text_is_no_table() {
        for text in [
            "",
            "\n\n",
            "Hello, world\n",
            "one\ntwo\n",
            "a,b\n1,x\n",
            "1,2\n3,\n",
        ] {
            assert!(!looks_numeric(text.as_bytes()), "{text:?}");
        }
        // Mistakes in a table leave it a table.
        for text in ["1,2\n3\n", "1,nan\n", "1,2\n3,1e999\n"] {
            assert!(looks_numeric(text.as_bytes()), "{text:?}");
        }
    }
}
