//! `.npy` files of `NumPy`: magic bytes, a version, the length of the header, the header (a Python
//! dictionary), and the elements.
//!
//! The shape and the length of the header are compared with the size of the file before anything
//! is allocated; the readers at hand take the file's word for both.

use ndarray::{ArrayD, IxDyn, ShapeBuilder};

use crate::io::content::describe;
use crate::io::decode::{Element, Names, byte_count, first_beyond, little_endian, shape_name};
use crate::io::error::Mistake;
use crate::io::read::MAX_ELEMENTS;
use crate::io::tensor::View;
use crate::words::sanitise::quote;

/// How every `.npy` file begins.
pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// As many dimensions as an array of NumPy may have.
const MAX_DIMENSIONS: usize = 64;

/// Reads an array of real numbers, all finite, in the order in which they stand.
pub(super) fn parse(bytes: &[u8]) -> Result<ArrayD<f64>, Mistake> {
    let (header, data) = split(bytes)?;
    let Some((element, big_endian)) = header.element() else {
        let expected = "numbers (float, int, uint or bool)";
        return Err(Mistake::new("dtype", expected, quote(&header.descr)));
    };
    let shape = shape_name(&header.shape);
    let needed = byte_count(&header.shape, element.size());
    if needed != Some(data.len()) {
        let needed = needed.map_or("too many".to_owned(), |n| n.to_string());
        let expected = format!("{needed} bytes for {shape} of {}", quote(&header.descr));
        return Err(Mistake::new("data", expected, data.len()));
    }
    if data.len() / element.size() > MAX_ELEMENTS {
        let expected = format!("at most {MAX_ELEMENTS} elements");
        return Err(Mistake::new("shape", expected, shape));
    }
    let values = element.decode(data, big_endian);
    if let Some((value, index)) = first_beyond(f64::MAX, &values, &header.shape, header.fortran) {
        let place = format!("element {index}");
        return Err(Mistake::new(place, "a finite number", value));
    }
    let order = IxDyn(&header.shape).set_f(header.fortran);
    let expected = "an array that fits into memory";
    ArrayD::from_shape_vec(order, values).map_err(|_| Mistake::new("shape", expected, shape))
}

/// The type and the place in a buffer of an array whose numbers are all there; `None` where they are of
/// another type.
pub(super) fn view(bytes: &[u8], buffer: usize) -> Result<Option<(Element, View)>, Mistake> {
    let (header, data) = split(bytes)?;
    let Some((element, big_endian)) = header.element() else {
        return Ok(None);
    };
    let mut shape = header.shape;
    if byte_count(&shape, element.size()) != Some(data.len()) {
        let (shape, dtype) = (shape_name(&shape), quote(&header.descr));
        let expected = format!("the bytes of {shape} of {dtype}");
        return Err(Mistake::new("data", expected, data.len()));
    }
    if header.fortran {
        shape.reverse();
    }
    let view = View {
        big_endian,
        ..View::rows(buffer, bytes.len() - data.len(), shape)
    };
    let view = if header.fortran {
        view.transposed()
    } else {
        view
    };
    Ok(Some((element, view)))
}

/// The header and the elements' bytes.
fn split(bytes: &[u8]) -> Result<(Header, &[u8]), Mistake> {
    let Some(rest) = bytes.strip_prefix(MAGIC) else {
        let found = describe(bytes);
        return Err(Mistake::new("", "a .npy file", found));
    };
    let truncated = || Mistake::new("header", "a whole header", "the file's end");
    let (&[major, minor], rest) = rest.split_first_chunk::<2>().ok_or_else(truncated)?;
    let width = match major {
        1 => 2,
        2 | 3 => 4,
        _ => {
            let found = format!("{major}.{minor}");
            return Err(Mistake::new("version", "1.0, 2.0 or 3.0", found));
        }
    };
    let (length, rest) = rest.split_at_checked(width).ok_or_else(truncated)?;
    let length = little_endian(length) as usize;
    let (header, data) = rest.split_at_checked(length).ok_or_else(truncated)?;
    match std::str::from_utf8(header) {
        Ok(header) => Ok((Header::parse(header)?, data)),
        Err(_) => Err(Mistake::new("header", "text", "other bytes")),
    }
}

/// The dictionary `{'descr': '<f8', 'fortran_order': False, 'shape': (12, 3), }`.
#[derive(Debug, PartialEq)]
struct Header {
    descr: String,
    fortran: bool,
    shape: Vec<usize>,
}

impl Header {
    fn parse(text: &str) -> Result<Self, Mistake> {
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
                _ => {
                    let expected = "descr, fortran_order and shape";
                    return Err(Mistake::new("header", expected, quote(key)));
                }
            }
            if !rest.take(',') {
                rest.expect('}')?;
                break;
            }
        }
        let missing = |key| Mistake::new("header", format!("the entry '{key}'"), "none");
        Ok(Self {
            descr: descr.ok_or_else(|| missing("descr"))?,
            fortran: fortran.ok_or_else(|| missing("fortran_order"))?,
            shape: shape.ok_or_else(|| missing("shape"))?,
        })
    }

    /// The type of a dtype such as `<f8`, and whether it is big-endian.
    fn element(&self) -> Option<(Element, bool)> {
        let (order, name) = self.descr.split_at_checked(1)?;
        let big_endian = match order {
            "<" | "|" => false,
            ">" => true,
            "=" => cfg!(target_endian = "big"),
            _ => return None,
        };
        Element::named(Names::Npy, name).map(|element| (element, big_endian))
    }
}

/// What is left of the header to be read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    fn mismatch(&self, expected: &str) -> Mistake {
        let found = if self.0.is_empty() {
            "its end".to_owned()
        } else {
            quote(self.0)
        };
        Mistake::new("header", expected, found)
    }

    /// Takes a character, and the space around it, when it comes next.
    fn take(&mut self, c: char) -> bool {
        let taken = self.0.trim_start().strip_prefix(c);
        self.0 = taken.unwrap_or(self.0).trim_start();
        taken.is_some()
    }

    fn expect(&mut self, c: char) -> Result<(), Mistake> {
        if self.take(c) {
            Ok(())
        } else {
            Err(self.mismatch(&quote(c.encode_utf8(&mut [0; 4]))))
        }
    }

    fn string(&mut self) -> Result<&'a str, Mistake> {
        let quoted = ['\'', '"'].into_iter().find_map(|mark| {
            let inner = self.0.strip_prefix(mark)?;
            inner.split_once(mark)
        });
        let Some((inner, rest)) = quoted else {
            return Err(self.mismatch("a string"));
        };
        self.0 = rest;
        Ok(inner)
    }

    fn boolean(&mut self) -> Result<bool, Mistake> {
        for (word, value) in [("True", true), ("False", false)] {
            if let Some(rest) = self.0.strip_prefix(word) {
                self.0 = rest;
                return Ok(value);
            }
        }
        Err(self.mismatch("True or False"))
    }

    fn tuple(&mut self) -> Result<Vec<usize>, Mistake> {
        let mut numbers = Vec::new();
        self.expect('(')?;
        while !self.take(')') {
            let rest = self.0.trim_start_matches(|c: char| c.is_ascii_digit());
            let digits = self.0.strip_suffix(rest).unwrap_or_default();
            let Ok(number) = digits.parse() else {
                return Err(self.mismatch("a length"));
            };
            if numbers.len() == MAX_DIMENSIONS {
                let expected = format!("at most {MAX_DIMENSIONS} dimensions");
                return Err(Mistake::new("header", expected, "more"));
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
                Err(Mistake::new("header", expected, found)),
                "{text}"
            );
        }
    }
}
