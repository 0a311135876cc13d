//! Elements of binary files as `f64`.

use half::{bf16, f16};

/// The type of the elements of a binary array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::missing_docs_in_private_items)]
pub(super) enum Element {
    F64,
    F32,
    F16,
    Bf16,
    I64,
    I32,
    I16,
    I8,
    U64,
    U32,
    U16,
    U8,
    Bool,
}

/// Who has names of types.
#[derive(Clone, Copy, Debug)]
pub(super) enum Names {
    /// NumPy and PyTorch.
    Plain,
    /// `.npy` files, behind the order of bytes.
    Npy,
    Safetensors,
    /// The classes of PyTorch's storages.
    Storage,
}

/// The types in the order of [`Element`], each with its names in the order of [`Names`]; empty where it has
/// none.
const NAMES: [(Element, [&str; 4]); 13] = [
    (Element::F64, ["float64", "f8", "F64", "Double"]),
    (Element::F32, ["float32", "f4", "F32", "Float"]),
    (Element::F16, ["float16", "f2", "F16", "Half"]),
    (Element::Bf16, ["bfloat16", "", "BF16", "BFloat16"]),
    (Element::I64, ["int64", "i8", "I64", "Long"]),
    (Element::I32, ["int32", "i4", "I32", "Int"]),
    (Element::I16, ["int16", "i2", "I16", "Short"]),
    (Element::I8, ["int8", "i1", "I8", "Char"]),
    (Element::U64, ["uint64", "u8", "U64", ""]),
    (Element::U32, ["uint32", "u4", "U32", ""]),
    (Element::U16, ["uint16", "u2", "U16", ""]),
    (Element::U8, ["uint8", "u1", "U8", "Byte"]),
    (Element::Bool, ["bool", "b1", "BOOL", "Bool"]),
];

impl Element {
    /// The type of this name.
    pub(super) fn named(by: Names, name: &str) -> Option<Self> {
        let mut all = NAMES.iter().filter(|_| !name.is_empty());
        let found = all.find(|(_, names)| names[by as usize] == name);
        found.map(|(element, _)| *element)
    }

    /// Bytes of one element.
    pub(super) const fn size(self) -> usize {
        match self {
            Self::F64 | Self::I64 | Self::U64 => 8,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::F16 | Self::Bf16 | Self::I16 | Self::U16 => 2,
            Self::I8 | Self::U8 | Self::Bool => 1,
        }
    }

    /// Its name in NumPy and PyTorch.
    pub(super) const fn name(self) -> &'static str {
        NAMES[self as usize].1[Names::Plain as usize]
    }

    /// Whether weights have it.
    pub(super) const fn is_float(self) -> bool {
        matches!(self, Self::F64 | Self::F32 | Self::F16 | Self::Bf16)
    }

    /// The elements in the order in which they stand. Integers beyond 2⁵³ are rounded.
    pub(super) fn decode(self, bytes: &[u8], big_endian: bool) -> Vec<f64> {
        let big = big_endian;
        match self {
            Self::F64 => each(bytes, big, f64::from_le_bytes),
            Self::F32 => each(bytes, big, |b| f32::from_le_bytes(b).into()),
            Self::F16 => each(bytes, big, |b| f16::from_le_bytes(b).into()),
            Self::Bf16 => each(bytes, big, |b| bf16::from_le_bytes(b).into()),
            Self::I64 => each(bytes, big, |b| i64::from_le_bytes(b) as f64),
            Self::I32 => each(bytes, big, |b| i32::from_le_bytes(b).into()),
            Self::I16 => each(bytes, big, |b| i16::from_le_bytes(b).into()),
            Self::I8 => each(bytes, big, |b| i8::from_le_bytes(b).into()),
            Self::U64 => each(bytes, big, |b| u64::from_le_bytes(b) as f64),
            Self::U32 => each(bytes, big, |b| u32::from_le_bytes(b).into()),
            Self::U16 => each(bytes, big, |b| u16::from_le_bytes(b).into()),
            Self::U8 => each(bytes, big, |[b]| b.into()),
            Self::Bool => each(bytes, big, |[b]| f64::from(u8::from(b != 0))),
        }
    }
}

/// Reads elements of N bytes; `read` takes them in little-endian order.
fn each<const N: usize>(bytes: &[u8], big: bool, read: impl Fn([u8; N]) -> f64) -> Vec<f64> {
    let (elements, _) = bytes.as_chunks::<N>();
    let element = |&(mut b): &[u8; N]| {
        if big {
            b.reverse();
        }
        read(b)
    };
    elements.iter().map(element).collect()
}

/// A number of up to eight bytes, the least significant one first.
pub(super) fn little_endian(bytes: &[u8]) -> u64 {
    let bytes = bytes.iter().rev();
    bytes.fold(0, |number, &byte| number << 8 | u64::from(byte))
}

/// A shape as it is written in messages: `16 x 4`.
pub fn shape_name(shape: &[usize]) -> String {
    match shape {
        [] => "a single number".to_owned(),
        [length] => format!("a vector of {length}"),
        _ => shape
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" x "),
    }
}

/// Bytes of an array of this shape; `None` when the product leaves `usize`.
pub(super) fn byte_count(shape: &[usize], size: usize) -> Option<usize> {
    shape.iter().try_fold(size, |n, &d| n.checked_mul(d))
}

/// The first element that is no number or larger than the largest, and its index as Python writes it: `[2, 1]`.
pub(super) fn first_beyond(
    largest: f64,
    values: &[f64],
    shape: &[usize],
    fortran: bool,
) -> Option<(f64, String)> {
    let beyond = |v: &f64| v.is_nan() || v.abs() > largest;
    let flat = values.iter().position(beyond)?;
    // From the index that runs fastest to the one that runs slowest.
    let mut dimensions: Vec<usize> = (0..shape.len()).collect();
    if !fortran {
        dimensions.reverse();
    }
    let (mut index, mut rest) = (vec![0; shape.len()], flat);
    for i in dimensions {
        index[i] = rest % shape[i];
        rest /= shape[i];
    }
    let index: Vec<_> = index.iter().map(ToString::to_string).collect();
    Some((values[flat], format!("[{}]", index.join(", "))))
}
