//! `.npy` files of `NumPy`: magic bytes, a version, the length of the header, the header (a Python
//! dictionary), and the elements.
//!
//! The shape and the length of the header are compared with the size of the file before anything
//! is allocated; the readers at hand take the file's word for both.

use crate::io::InputError;
use crate::io::content::describe;
use crate::io::decode::{Element, byte_count, first_beyond, shape_name};
use crate::io::read::MAX_ELEMENTS;
use crate::words::sanitise::quote;

/// How every `.npy` file begins.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// An array of any number of dimensions, as it stands in the file.
#[derive(Debug, PartialEq)]
pub(super) struct Npy {
    /// Its dimensions.
    pub(super) shape: Vec<usize>,
    /// Whether the first index runs fastest.
    pub(super) fortran: bool,
    /// The elements in the order in which they stand.
    pub(super) values: Vec<f64>,
}

/// As many dimensions as an array of NumPy may have.
const MAX_DIMENSIONS: usize = 64;

/// Reads an array of real numbers, all finite.
pub(super) fn parse(bytes: &[u8], file: &str) -> Result<Npy, InputError> {
    let (header, data) = split(bytes, file)?;
    let header = Header::parse(header)
        .map_err(|(expected, found)| InputError::unexpected(file, "header", expected, found))?;
    let Some((element, big_endian)) = element(&header.descr) else {
        let expected = "numbers (float, int, uint or bool)";
        return Err(InputError::unexpected(
            file,
            "dtype",
            expected,
            quote(&header.descr),
        ));
    };
    let shape = shape_name(&header.shape);
    let needed = byte_count(&header.shape, element.size());
    if needed != Some(data.len()) {
        let needed = needed.map_or("too many".to_owned(), |n| n.to_string());
        let expected = format!("{needed} bytes for {shape} of {}", quote(&header.descr));
        return Err(InputError::unexpected(
            file,
            "data",
            expected,
            data.len().to_string(),
        ));
    }
    if data.len() / element.size() > MAX_ELEMENTS {
        let expected = format!("at most {MAX_ELEMENTS} elements");
        return Err(InputError::unexpected(file, "shape", expected, shape));
    }
    let values = element.decode(data, big_endian);
    if let Some((value, index)) = first_beyond(f64::MAX, &values, &header.shape, header.fortran) {
        let found = value.to_string();
        return Err(InputError::unexpected(
            file,
            format!("element {index}"),
            "a finite number",
            found,
        ));
    }
    Ok(Npy {
        shape: header.shape,
        fortran: header.fortran,
        values,
    })
}

/// Where the numbers of an array stand in its file, and how.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) element: Element,
    pub(super) big_endian: bool,
    pub(super) shape: Vec<usize>,
    /// Whether the first index runs fastest.
    pub(super) fortran: bool,
    /// The first number's first byte.
    pub(super) offset: usize,
}

/// The layout of an array whose numbers are all there; `None` where they are of another type.
pub(super) fn layout(bytes: &[u8], file: &str) -> Result<Option<Layout>, InputError> {
    let (header, data) = split(bytes, file)?;
    let header = Header::parse(header)
        .map_err(|(expected, found)| InputError::unexpected(file, "header", expected, found))?;
    let Some((element, big_endian)) = element(&header.descr) else {
        return Ok(None);
    };
    let shape = shape_name(&header.shape);
    if byte_count(&header.shape, element.size()) != Some(data.len()) {
        let expected = format!("the bytes of {shape} of {}", quote(&header.descr));
        let found = data.len().to_string();
        return Err(InputError::unexpected(file, "data", expected, found));
    }
    Ok(Some(Layout {
        element,
        big_endian,
        shape: header.shape,
        fortran: header.fortran,
        offset: bytes.len() - data.len(),
    }))
}

/// The header's text and the elements' bytes.
fn split<'a>(bytes: &'a [u8], file: &str) -> Result<(&'a str, &'a [u8]), InputError> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        let found = describe(bytes);
        return Err(InputError::unexpected(file, "", "a .npy file", found));
    };
    let truncated = || InputError::unexpected(file, "header", "a whole header", "the file's end");
    let (&[major, minor], rest) = rest.split_first_chunk::<2>().ok_or_else(truncated)?;
    let (length, rest) = match major {
        1 => {
            let (&length, rest) = rest.split_first_chunk::<2>().ok_or_else(truncated)?;
            (usize::from(u16::from_le_bytes(length)), rest)
        }
        2 | 3 => {
            let (&length, rest) = rest.split_first_chunk::<4>().ok_or_else(truncated)?;
            (
                usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX),
                rest,
            )
        }
        _ => {
            let found = format!("{major}.{minor}");
            return Err(InputError::unexpected(
                file,
                "version",
                "1.0, 2.0 or 3.0",
                found,
            ));
        }
    };
    let (header, data) = rest.split_at_checked(length).ok_or_else(truncated)?;
    match std::str::from_utf8(header) {
        Ok(header) => Ok((header, data)),
        Err(_) => Err(InputError::unexpected(
            file,
            "header",
            "text",
            "other bytes",
        )),
    }
}

/// The element type of a dtype such as `<f8`, and whether it is big-endian.
fn element(descr: &str) -> Option<(Element, bool)> {
    let (order, name) = descr.split_at_checked(1)?;
    let big_endian = match order {
        "<" | "|" => false,
        ">" => true,
        "=" => cfg!(target_endian = "big"),
        _ => return None,
    };
    let element = match name {
        "f8" => Element::F64,
        "f4" => Element::F32,
        "f2" => Element::F16,
        "i8" => Element::I64,
        "i4" => Element::I32,
        "i2" => Element::I16,
        "i1" => Element::I8,
        "u8" => Element::U64,
        "u4" => Element::U32,
        "u2" => Element::U16,
        "u1" => Element::U8,
        "b1" => Element::Bool,
        _ => return None,
    };
    Some((element, big_endian))
}

/// The dictionary `{'descr': '<f8', 'fortran_order': False, 'shape': (12, 3), }`.
#[derive(Debug, PartialEq)]
struct Header {
    descr: String,
    fortran: bool,
    shape: Vec<usize>,
}

/// What was expected in the header and what was found.
type Mismatch = (String, String);

impl Header {
    fn parse(text: &str) -> Result<Self, Mismatch> {
        let mut rest = Rest(text.trim());
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        rest.expect('{')?;
        while !rest.take('}') {
            let key = rest.string()?;
            rest.expect(':')?;
            match key {
                "descr" => descr = Some(rest.string()?.to_owned()),
                "fortran_order" => fortran = Some(rest.boolean()?),
                "shape" => shape = Some(rest.tuple()?),
                _ => return Err(("descr, fortran_order and shape".to_owned(), quote(key))),
            }
            if !rest.take(',') {
                rest.expect('}')?;
                break;
            }
        }
        let missing = |key: &str| (format!("the entry '{key}'"), "none".to_owned());
        Ok(Self {
            descr: descr.ok_or_else(|| missing("descr"))?,
            fortran: fortran.ok_or_else(|| missing("fortran_order"))?,
            shape: shape.ok_or_else(|| missing("shape"))?,
        })
    }
}

/// What is left of the header to be read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn mismatch(&self, expected: &str) -> Mismatch {
        let found = if self.0.is_empty() {
            "its end".to_owned()
        } else {
            quote(self.0)
        };
        (expected.to_owned(), found)
    }

    /// Takes a character, and the space around it, when it comes next.
    fn take(&mut self, c: char) -> bool {
        let taken = self.0.trim_start().strip_prefix(c);
        self.0 = taken.unwrap_or(self.0).trim_start();
        taken.is_some()
    }

    fn expect(&mut self, c: char) -> Result<(), Mismatch> {
        if self.take(c) {
            Ok(())
        } else {
            Err(self.mismatch(&quote(c.encode_utf8(&mut [0; 4]))))
        }
    }

    fn string(&mut self) -> Result<&'a str, Mismatch> {
        let quoted = self
            .0
            .chars()
            .next()
            .filter(|c| matches!(c, '\'' | '"'))
            .and_then(|mark| {
                let inner = self.0.strip_prefix(mark)?;
                inner.split_once(mark)
            });
        let Some((inner, rest)) = quoted else {
            return Err(self.mismatch("a string"));
        };
        self.0 = rest;
        Ok(inner)
    }

    fn boolean(&mut self) -> Result<bool, Mismatch> {
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = self.0.strip_prefix(word) {
                self.0 = rest;
                return Ok(value);
            }
        }
        Err(self.mismatch("True or False"))
    }

    fn tuple(&mut self) -> Result<Vec<usize>, Mismatch> {
        let mut numbers = Vec::new();
        self.expect('(')?;
        while !self.take(')') {
            let digits = self
                .0
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(self.0.len());
            let (number, rest) = self.0.split_at(digits);
            let Ok(number) = number.parse() else {
                return Err(self.mismatch("a length"));
            };
            if numbers.len() == MAX_DIMENSIONS {
                let expected = format!("at most {MAX_DIMENSIONS} dimensions");
                return Err((expected, "more".to_owned()));
            }
            numbers.push(number);
            // Python 2 wrote long integers with an L.
            self.0 = rest.strip_prefix('L').unwrap_or(rest);
            if !self.take(',') {
                self.expect(')')?;
                break;
            }
        }
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_in_any_order_and_spacing() {
        let expected = Header {
            descr: "<f8".into(),
            fortran: false,
            shape: vec![12, 3],
        };
        for text in [
            "{'descr': '<f8', 'fortran_order': False, 'shape': (12, 3), }      \n",
            "{'shape':(12,3),'fortran_order':False,'descr':'<f8'}",
            "{ \"descr\" : \"<f8\" , 'shape' : ( 12L , 3L , ) , 'fortran_order' : False }",
        ] {
            assert_eq!(Header::parse(text).as_ref(), Ok(&expected), "{text}");
        }
        let header = Header::parse("{'descr': '<f8', 'fortran_order': True, 'shape': ()}").unwrap();
        assert_eq!((header.shape, header.fortran), (vec![], true));
    }

    #[test]
    fn bad_headers_name_what_is_wrong() {
        for (text, expected, found) in [
            ("", "'{'", "its end"),
            ("{'descr': [('a', '<f8')]}", "a string", "'[('a', '<f8')]}'"),
            ("{'shape': (3,)}", "the entry 'descr'", "none"),
            ("{'shape': (-3,)}", "a length", "'-3,)}'"),
            ("{'shape': (3", "')'", "its end"),
            (
                "{'colour': 3}",
                "descr, fortran_order and shape",
                "'colour'",
            ),
            ("{'fortran_order': 0}", "True or False", "'0}'"),
        ] {
            assert_eq!(
                Header::parse(text),
                Err((expected.into(), found.into())),
                "{text}"
            );
        }
    }
}
