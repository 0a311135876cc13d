//! ONNX: the nodes LSTM, GRU and RNN of a graph and of the graphs within it.
//!
//! | input | shape | gates |
//! |---|---|---|
//! | W | directions × G·H × D | LSTM i, o, f, c; GRU z, r, h |
//! | R | directions × G·H × H | |
//! | B | directions × 2·G·H | those of W, then those of R |
//! | P | directions × 3·H | peepholes i, o, f |
//!
//! They are initializers, or made of such by operators that move numbers only ([`fold`]). A node that
//! reads the states of another, through operators that move numbers only, is the next layer of its
//! module where the sizes allow it. Without such nodes the initializers are taken by their names.

mod fold;
mod graph;
mod node;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use self::fold::Folder;
use self::graph::{Graph, Node};
use self::node::Recurrent;
use super::contents::Contents;
use crate::io::error::Mistake;
use crate::io::protobuf::{Field, Fields};
use crate::io::tensor::Buffers;
use crate::words::sanitise::quote;

/// The field of a model that is its graph.
const GRAPH: u64 = 7;

/// The operators through which a layer's states reach the next one: they move numbers only.
const MOVES: [&[u8]; 7] = [
    b"Squeeze",
    b"Unsqueeze",
    b"Transpose",
    b"Reshape",
    b"Identity",
    b"Dropout",
    b"Cast",
];

/// Whether bytes are a model: its first field is the version, a small number, and it has a graph.
pub(super) fn begins(bytes: &[u8]) -> bool {
    let mut fields = Fields::of(bytes);
    let version = matches!(fields.next(), Some((1, Field::Number(1..=64))));
    version && fields.any(|field| matches!(field, (GRAPH, Field::Bytes(_))))
}

/// Reads a model, the first of the buffers.
pub(super) fn model(buffers: &mut Buffers) -> Result<Contents, Mistake> {
    let bytes = buffers.take_first();
    let read = contents(&bytes, buffers);
    if let Some(first) = buffers.0.first_mut() {
        *first = bytes;
    }
    read
}

fn contents(bytes: &[u8], buffers: &mut Buffers) -> Result<Contents, Mistake> {
    let wrong = |found: &str| Mistake::new("", "an ONNX model", found);
    let mut fields = Fields::of(bytes);
    let graph = fields.find_map(|(number, field)| field.bytes().filter(|_| number == GRAPH));
    let graph = graph.ok_or_else(|| wrong("none"))?;
    let after = fields.by_ref().count();
    if !fields.whole {
        let found = format!("its end within the field {} after the graph", after + 1);
        return Err(wrong(&found));
    }
    let mut folder = Folder::new(buffers, bytes);
    let mut found = Found::default();
    walk(graph, bytes, &mut folder, &mut found, 0)?;
    if found.modules.is_empty() && !found.unread.is_empty() {
        let names = found.unread.iter().next().map_or("", String::as_str);
        let why = format!(
            "its recurrent layers are operators of the kind {}, which is not read; give the model from before \
             it was optimised or quantised",
            quote(names)
        );
        return Err(Mistake::refused("", why));
    }
    let mut contents = Contents::of(folder.initializers());
    for module in found.modules {
        for (layer, recurrent) in module.layers.into_iter().enumerate() {
            let tensors = recurrent.tensors(&module.name, layer);
            contents.tensors.extend(tensors);
            let told = contents.told.entry(module.name.clone());
            told.or_insert(recurrent.told);
        }
    }
    Ok(contents)
}

/// A module: nodes of which each reads the one before.
#[derive(Debug)]
struct Module {
    name: String,
    layers: Vec<Recurrent>,
}

#[derive(Debug, Default)]
struct Found {
    modules: Vec<Module>,
    names: HashSet<String>,
    /// The inputs W, R and B of what was found: the same weights may stand in two branches.
    weights: HashSet<Vec<String>>,
    /// Operators that look recurrent and are not read.
    unread: BTreeSet<String>,
}

/// Takes in a graph and those within it.
fn walk(
    graph: &[u8],
    all: &[u8],
    folder: &mut Folder,
    found: &mut Found,
    depth: usize,
) -> Result<(), Mistake> {
    const DEPTH: usize = 16;
    let graph = Graph::read(graph, all)?;
    folder.enter(graph.initializers)?;
    // Which module each value comes out of, through operators that only move numbers.
    let mut made_by: BTreeMap<&[u8], usize> = BTreeMap::new();
    for node in &graph.nodes {
        match node.operator {
            b"LSTM" | b"GRU" | b"RNN" if node.domain.is_empty() || node.domain == b"ai.onnx" => {
                let from = node.inputs.first().and_then(|x| made_by.get(x)).copied();
                if let Some(place) = take(node, from, folder, found)?
                    && let Some(&output) = node.outputs.first()
                {
                    made_by.insert(output, place);
                }
            }
            operator => {
                let name = String::from_utf8_lossy(operator);
                if ["LSTM", "GRU"].iter().any(|kind| name.contains(kind)) {
                    found.unread.insert(name.into_owned());
                }
                if let (Some(&input), Some(&output)) = (node.inputs.first(), node.outputs.first())
                    && MOVES.contains(&operator)
                    && let Some(&place) = made_by.get(input)
                {
                    made_by.insert(output, place);
                }
                folder.fold(node)?;
            }
        }
        if depth < DEPTH {
            for within in &node.graphs {
                walk(within, all, folder, found, depth + 1)?;
            }
        }
    }
    Ok(())
}

/// Takes in a recurrent node; the place of its module, `None` for weights that were there before.
fn take(
    node: &Node,
    from: Option<usize>,
    folder: &mut Folder,
    found: &mut Found,
) -> Result<Option<usize>, Mistake> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let weights: Vec<String> = (1..4)
        .map(|i| text(node.inputs.get(i).copied().unwrap_or_default()))
        .collect();
    let recurrent = Recurrent::read(node, folder)?;
    if !found.weights.insert(weights) {
        return Ok(None);
    }
    if let Some(place) = from
        && let Some(module) = found.modules.get_mut(place)
        && let Some(last) = module.layers.last()
        && last.is_below(&recurrent)
    {
        module.layers.push(recurrent);
        return Ok(Some(place));
    }
    // `/encoder/lstm/LSTM`: the operator's name is that of the node within its module.
    let path = text(node.name);
    let mut parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    if parts.len() > 1 {
        parts.pop();
    }
    let base = match parts.join("/") {
        name if name.is_empty() || name.len() > 256 => text(node.operator).to_lowercase(),
        name => name.replace('.', "/"),
    };
    let mut name = base.clone();
    let mut next = 1;
    while !found.names.insert(name.clone()) {
        name = format!("{base}_{next}");
        next += 1;
        if next > 4096 {
            let expected = "at most 4096 layers of one name";
            return Err(Mistake::new(quote(&base), expected, "more"));
        }
    }
    found.modules.push(Module {
        name,
        layers: vec![recurrent],
    });
    Ok(Some(found.modules.len() - 1))
}
