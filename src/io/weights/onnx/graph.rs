//! A graph as it stands in the file: nodes, and tensors with their places.

use crate::io::decode::{Element, byte_count, shape_name};
use crate::io::error::Mistake;
use crate::io::protobuf::{Field, Fields, numbers};
use crate::io::tensor::{Dtype, Tensor, View};
use crate::words::sanitise::quote;

/// More nodes, and more initializers, than any graph has.
const MOST: usize = 200_000;
/// More dimensions than any tensor has.
const DIMENSIONS: usize = 16;

/// A graph.
#[derive(Debug, Default)]
pub(super) struct Graph<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) initializers: Vec<Tensor>,
}

/// An operator with what goes in and comes out.
#[derive(Debug, Default)]
pub(super) struct Node<'a> {
    pub(super) name: &'a [u8],
    pub(super) operator: &'a [u8],
    pub(super) domain: &'a [u8],
    pub(super) inputs: Vec<&'a [u8]>,
    pub(super) outputs: Vec<&'a [u8]>,
    attributes: Vec<&'a [u8]>,
    /// Graphs within it.
    pub(super) graphs: Vec<&'a [u8]>,
    /// The tensor of a constant.
    tensor: Option<&'a [u8]>,
}

impl<'a> Graph<'a> {
    /// Reads one; `all` is the file, in which tensors have their places.
    pub(super) fn read(graph: &'a [u8], all: &[u8]) -> Result<Self, Mistake> {
        let mut read = Self::default();
        let mut fields = Fields::of(graph);
        for (number, field) in fields.by_ref() {
            match (number, field) {
                (1, Field::Bytes(node)) => read.nodes.push(Node::read(node)),
                (5, Field::Bytes(bytes)) => read.initializers.push(tensor(bytes, all)?),
                _ => {}
            }
            if read.nodes.len() > MOST || read.initializers.len() > MOST {
                let expected = format!("at most {MOST} nodes and initializers");
                return Err(Mistake::new("graph", expected, "more"));
            }
        }
        if fields.whole {
            Ok(read)
        } else {
            let (expected, found) = ("whole messages", "one that is cut off");
            Err(Mistake::new("graph", expected, found))
        }
    }
}

impl<'a> Node<'a> {
    fn read(bytes: &'a [u8]) -> Self {
        let mut node = Self::default();
        for (number, field) in Fields::of(bytes) {
            let Field::Bytes(bytes) = field else { continue };
            match number {
                1 => node.inputs.push(bytes),
                2 => node.outputs.push(bytes),
                3 => node.name = bytes,
                4 => node.operator = bytes,
                5 => {
                    node.attributes.push(bytes);
                    for (number, field) in Fields::of(bytes) {
                        match (number, field) {
                            (5, Field::Bytes(tensor)) => node.tensor = Some(tensor),
                            (6 | 11, Field::Bytes(graph)) => node.graphs.push(graph),
                            _ => {}
                        }
                    }
                }
                7 => node.domain = bytes,
                _ => {}
            }
        }
        node
    }

    /// The fields of the attribute of this name.
    fn attribute(&self, name: &str) -> Option<Fields<'a>> {
        let mut attributes = self.attributes.iter().map(|bytes| Fields::of(bytes));
        attributes.find(|fields| {
            let mut fields = fields.clone();
            fields.any(|field| field == (1, Field::Bytes(name.as_bytes())))
        })
    }

    /// The fields of this number in the attribute of this name; none where there is no such attribute.
    fn values(&self, name: &str, number: u64) -> impl Iterator<Item = Field<'a>> {
        let fields = self.attribute(name).into_iter().flatten();
        fields.filter_map(move |(found, field)| (found == number).then_some(field))
    }

    /// A whole number.
    pub(super) fn int(&self, name: &str) -> Option<i64> {
        self.values(name, 3).find_map(Field::int)
    }

    /// Whole numbers.
    pub(super) fn ints(&self, name: &str) -> Option<Vec<i64>> {
        self.attribute(name)?;
        let mut all = Vec::new();
        for field in self.values(name, 8) {
            if all.len() < DIMENSIONS {
                numbers(field, &mut all)?;
            }
        }
        Some(all)
    }

    /// Numbers; none of an attribute that is not there.
    pub(super) fn floats(&self, name: &str) -> Vec<f32> {
        let mut all = Vec::new();
        for field in self.values(name, 7) {
            let bytes = match &field {
                Field::Four(bytes) => &bytes[..],
                Field::Bytes(bytes) => bytes,
                _ => continue,
            };
            let (each, _) = bytes.as_chunks();
            all.extend(each.iter().map(|bytes| f32::from_le_bytes(*bytes)));
        }
        all.truncate(DIMENSIONS);
        all
    }

    /// A text.
    pub(super) fn string(&self, name: &str) -> Option<&'a [u8]> {
        self.values(name, 4).find_map(Field::bytes)
    }

    /// Several texts; none of an attribute that is not there.
    pub(super) fn strings(&self, name: &str) -> Vec<String> {
        let texts = self.values(name, 9).filter_map(Field::bytes);
        let texts = texts.map(|text| String::from_utf8_lossy(text).into_owned());
        texts.take(DIMENSIONS).collect()
    }

    /// Whether there is such an attribute.
    pub(super) fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    /// The tensor of a constant.
    pub(super) fn constant(&self, all: &[u8]) -> Option<Result<Tensor, Mistake>> {
        self.tensor.map(|bytes| tensor(bytes, all))
    }
}

/// A tensor. Its numbers stay where they are in the file, raw or one after another.
fn tensor(bytes: &[u8], all: &[u8]) -> Result<Tensor, Mistake> {
    let (mut name, mut dtype, mut data) = (&b""[..], 0, None);
    let (mut dimensions, mut ints, mut external) = (Vec::new(), false, None);
    let mut fields = Fields::of(bytes);
    for (number, field) in fields.by_ref() {
        match (number, field) {
            (1, field) if dimensions.len() <= DIMENSIONS => {
                let _ = numbers(field, &mut dimensions);
            }
            (2, Field::Number(value)) => dtype = value,
            (4 | 9 | 10, Field::Bytes(bytes)) => data = Some(bytes),
            (7, _) => ints = true,
            (8, Field::Bytes(bytes)) => name = bytes,
            (13, Field::Bytes(entry)) => external = external.or(location(entry)),
            (14, Field::Number(1)) => external = external.or(Some(String::new())),
            _ => {}
        }
    }
    let name = String::from_utf8_lossy(name.get(..1024).unwrap_or(name)).into_owned();
    let place = || format!("tensor {}", quote(&name));
    if let Some(location) = external {
        let why = format!(
            "its numbers are in another file, {}; in Python, onnx.save(onnx.load(FILE), \"model.onnx\") puts \
             them into one",
            quote(&location)
        );
        return Err(Mistake::refused(place(), why));
    }
    let shape: Option<Vec<usize>> = dimensions.iter().map(|&n| n.try_into().ok()).collect();
    let shape = shape.filter(|shape| shape.len() <= DIMENSIONS && fields.whole);
    let Some(shape) = shape else {
        let expected = format!("at most {DIMENSIONS} dimensions");
        return Err(Mistake::new(place(), expected, "something else"));
    };
    let dtype = match dtype {
        1 => Dtype::Known(Element::F32),
        7 if !ints => Dtype::Known(Element::I64),
        10 => Dtype::Known(Element::F16),
        11 => Dtype::Known(Element::F64),
        16 => Dtype::Known(Element::Bf16),
        other => Dtype::Other(format!("type {other}")),
    };
    // Where it stands in the file: a slice of it, so the difference of the addresses.
    let data = data.unwrap_or_default();
    let offset = (data.as_ptr() as usize).wrapping_sub(all.as_ptr() as usize);
    let mut view = View::rows(0, if data.is_empty() { 0 } else { offset }, shape);
    if let Some(element) = dtype.float()
        && byte_count(&view.shape, element.size()) != Some(data.len())
    {
        let count = byte_count(&view.shape, element.size());
        let count = count.map_or("more bytes than there can be".to_owned(), |n| {
            format!("{n} bytes")
        });
        let expected = format!("{count} for {}", shape_name(&view.shape));
        return Err(Mistake::new(place(), expected, data.len()));
    }
    if data.is_empty() {
        view.buffer = None;
    }
    Ok(Tensor::new(name, dtype, view))
}

/// The file that an entry of external data names.
fn location(entry: &[u8]) -> Option<String> {
    let texts = Fields::of(entry).filter_map(|(_, field)| field.bytes());
    let texts: Vec<&[u8]> = texts.collect();
    match texts.as_slice() {
        [b"location", name, ..] => Some(String::from_utf8_lossy(name).into_owned()),
        _ => None,
    }
}
