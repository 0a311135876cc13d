//! HDF5 files: their numbers and the few attributes that Keras writes, over `hdf5-reader`.

use std::collections::{BTreeMap, HashSet};

use hdf5_reader::group::Group;
use hdf5_reader::{ByteOrder, Datatype, Hdf5File, OpenOptions};

use crate::io::decode::{Element, byte_count, shape_name};
use crate::io::error::Mistake;
use crate::io::tensor::{Buffers, Dtype, Tensor, View, field, sort_by_name};
use crate::words::sanitise::quote;

/// How every file begins, here at its first byte.
pub(super) const MAGIC: &[u8] = b"\x89HDF\r\n\x1a\n";
/// Deeper than any model.
const DEPTH: usize = 32;
/// More groups and arrays than any model has.
const OBJECTS: usize = 100_000;
/// Optimisers keep an array or two for each weight.
const OPTIMISER: &str = "optim";

/// What was read of a file.
#[derive(Debug, Default)]
pub(super) struct Hdf5 {
    /// The arrays of numbers, by their paths with `/`.
    pub(super) tensors: Vec<Tensor>,
    /// The texts among the root's attributes.
    pub(super) attributes: BTreeMap<String, String>,
    /// The attribute `name` of groups called `vars`, by the paths of these.
    pub(super) names: BTreeMap<String, String>,
}

/// Reads the arrays that `wanted` says by their paths, each into a buffer of its own.
pub(super) fn read(
    bytes: Vec<u8>,
    buffers: &mut Buffers,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Hdf5, Mistake> {
    let size = bytes.len();
    let wrong = |place: &str, error: hdf5_reader::error::Error| {
        let found = format!("an error in it ({error})");
        Mistake::new(place.to_owned(), "an HDF5 file", found)
    };
    // Compressed weights are hardly smaller than plain ones.
    let most = size.saturating_mul(4).max(1 << 20);
    let options = OpenOptions::default()
        .with_max_read_bytes(most)
        .with_max_chunk_bytes(most)
        .with_chunk_cache_bytes(0)
        .with_max_object_header_bytes(size.max(1));
    let opened = Hdf5File::from_vec_with_options(bytes, options);
    let root = opened.and_then(|opened| opened.root_group());
    let root = root.map_err(|error| wrong("", error))?;
    let mut found = Hdf5::default();
    for attribute in root.attributes().map_err(|error| wrong("", error))? {
        if let Ok(text) = attribute.read_string() {
            found.attributes.insert(attribute.name.clone(), text);
        }
    }
    let mut seen = HashSet::from([root.address()]);
    let mut waiting = vec![(root, String::new(), 0)];
    let (mut objects, mut left) = (0, most);
    while let Some((group, path, depth)) = waiting.pop() {
        let (groups, arrays) = group.members().map_err(|error| wrong(&path, error))?;
        objects += groups.len() + arrays.len();
        if objects > OBJECTS || depth > DEPTH {
            let expected = format!("at most {OBJECTS} arrays, {DEPTH} groups deep");
            return Err(Mistake::new(path, expected, "more"));
        }
        for array in arrays {
            let path = joined(&path, array.name());
            if !wanted(&path) {
                continue;
            }
            let shape: Option<Vec<usize>> =
                array.shape().iter().map(|&n| n.try_into().ok()).collect();
            let Some((shape, (element, big_endian))) = shape.zip(element(array.dtype())) else {
                continue;
            };
            let needed = byte_count(&shape, element.size()).filter(|&bytes| bytes <= left);
            let Some(needed) = needed else {
                let expected = format!("at most {left} bytes, as the file has {size}");
                let shape = format!("{} of {}", shape_name(&shape), element.name());
                return Err(Mistake::new(field(&path), expected, shape));
            };
            left -= needed;
            let bytes = array
                .read_raw_bytes()
                .map_err(|error| wrong(&path, error))?;
            let buffer = buffers.add(bytes);
            let view = View {
                big_endian,
                ..View::rows(buffer, 0, shape)
            };
            found
                .tensors
                .push(Tensor::new(path, Dtype::Known(element), view));
        }
        for group in groups {
            if depth == 0 && group.name().to_lowercase().contains(OPTIMISER) {
                continue;
            }
            let path = joined(&path, group.name());
            if group.name() == "vars"
                && let Some(name) = name_of(&group)
            {
                found.names.insert(path.clone(), name);
            }
            if seen.insert(group.address()) {
                waiting.push((group, path, depth + 1));
            }
        }
    }
    if let Some(name) = sort_by_name(&mut found.tensors) {
        let why = format!("the file has the array {} twice", quote(name));
        return Err(Mistake::refused("", why));
    }
    Ok(found)
}

fn name_of(group: &Group) -> Option<String> {
    group.attribute("name").ok()?.read_string().ok()
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}/{name}")
    }
}

/// The type of an array's numbers, and whether the most significant byte comes first; `None` for types that
/// weights do not have.
fn element(datatype: &Datatype) -> Option<(Element, bool)> {
    let (element, order) = match datatype {
        Datatype::FloatingPoint { size, byte_order } => match size {
            8 => (Element::F64, byte_order),
            4 => (Element::F32, byte_order),
            2 => (Element::F16, byte_order),
            _ => return None,
        },
        // HDF5 has no bfloat16: h5py writes two bytes of no meaning.
        Datatype::Opaque { size: 2, .. } => (Element::Bf16, &ByteOrder::LittleEndian),
        _ => return None,
    };
    Some((element, matches!(order, ByteOrder::BigEndian)))
}
