//! State dicts as JSON: `{"state_dict": {"rec.weight_ih_l0": [[…], …], …}}`.
//!
//! A list of numbers, or of lists of equal shape, is a tensor, whatever is around it. Numbers go into
//! one buffer as they are read, so that no tree of the file is ever built.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::contents::Contents;
use super::names::joined;
use crate::io::decode::Element;
use crate::io::error::Mistake;
use crate::io::tensor::{Buffers, Dtype, Tensor, View};

/// Longer than any name.
const NAME: usize = 1024;
/// Dictionaries around a state dict.
const WRAPPERS: [&str; 6] = [
    "state_dict",
    "model_state_dict",
    "model",
    "params",
    "weights",
    "module",
];

/// Whether bytes begin as a JSON object.
pub(super) fn begins(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().first() == Some(&b'{')
}

/// Reads a file, the first of the buffers.
pub(super) fn read(buffers: &mut Buffers) -> Result<Contents, Mistake> {
    let text = buffers.take_first();
    let mut found = Found::default();
    let mut reader = serde_json::Deserializer::from_slice(&text);
    let read = Item {
        name: String::new(),
        found: &mut found,
    }
    .deserialize(&mut reader);
    read.and_then(|_| reader.end()).map_err(|error| {
        let found = format!("an error in it ({error})");
        Mistake::new("", "a state dict as JSON", found)
    })?;
    let buffer = buffers.add(found.bytes);
    let tensor = |(name, from, shape)| {
        let view = View::rows(buffer, from, shape);
        Tensor::new(name, Dtype::Known(Element::F64), view)
    };
    let mut contents = Contents::of(found.arrays.into_iter().map(tensor).collect());
    while let Some(wrapper) = WRAPPERS.into_iter().find(|wrapper| {
        let mut tensors = contents.tensors.iter();
        !contents.tensors.is_empty() && tensors.all(|t| within(&t.name, wrapper).is_some())
    }) {
        contents.rename(|name| within(name, wrapper).unwrap_or(name).to_owned());
    }
    Ok(contents)
}

/// The name of a tensor within a dictionary.
fn within<'n>(name: &'n str, dictionary: &str) -> Option<&'n str> {
    name.strip_prefix(dictionary)?.strip_prefix('.')
}

/// Arrays: name, first byte and shape; and all their numbers.
#[derive(Default)]
struct Found {
    arrays: Vec<(String, usize, Vec<usize>)>,
    bytes: Vec<u8>,
}

/// What stands at a name.
struct Item<'f> {
    name: String,
    found: &'f mut Found,
}

/// A number, or an array of this shape.
enum Read {
    Number,
    Array(Vec<usize>),
    Other,
}

impl<'de> DeserializeSeed<'de> for Item<'_> {
    type Value = Read;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Read, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Item<'_> {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a state dict")
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Read, E> {
        self.found.bytes.extend(value.to_le_bytes());
        Ok(Read::Number)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Read, E> {
        self.visit_f64(value as f64)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Read, E> {
        self.visit_f64(value as f64)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Read, E> {
        Ok(Read::Other)
    }

    fn visit_unit<E: Error>(self) -> Result<Read, E> {
        Ok(Read::Other)
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<Read, E> {
        Ok(Read::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Read, A::Error> {
        let from = self.found.bytes.len();
        let (mut count, mut shape): (usize, Option<Vec<usize>>) = (0, None);
        let mut even = true;
        // An empty name tells the elements that they are part of an array.
        while let Some(element) = list.next_element_seed(Item {
            name: String::new(),
            found: &mut *self.found,
        })? {
            count += 1;
            let one = match element {
                Read::Number => Some(Vec::new()),
                Read::Array(shape) => Some(shape),
                Read::Other => None,
            };
            even &= one.is_some() && (shape.is_none() || shape == one);
            shape = shape.or(one);
        }
        if !even {
            self.found.bytes.truncate(from);
            return Ok(Read::Other);
        }
        let shape = [vec![count], shape.unwrap_or_default()].concat();
        if !self.name.is_empty() {
            self.found.arrays.push((self.name, from, shape.clone()));
        }
        Ok(Read::Array(shape))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Read, A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let name = joined(&self.name, &key);
            if name.len() > NAME {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let arrays = self.found.arrays.len();
            let before = self.found.bytes.len();
            let read = map.next_value_seed(Item {
                name,
                found: &mut *self.found,
            })?;
            // A number alone is no tensor.
            if matches!(read, Read::Number) && self.found.arrays.len() == arrays {
                self.found.bytes.truncate(before);
            }
        }
        Ok(Read::Other)
    }
}
