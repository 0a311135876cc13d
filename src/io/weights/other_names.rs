//! Tensors under the names of other programs than `PyTorch`, as its own.
//!
//! | program | names | |
//! |---|---|---|
//! | Equinox | `weight_ih`, `weight_hh`, `bias`, `bias_n` | one bias, and the candidate's own |
//! | MLX | `Wx`, `Wh`, `bias`; `b`, `bhn`; `Wxh`, `Whh` | LSTM; GRU; RNN |
//! | Flax | `ii`, `if`, `ig`, `io`, `hi`, … with `kernel` and `bias` | a matrix for each gate, transposed |
//! | Flax | `ir`, `iz`, `in`, `hr`, `hz`, `hn` | the GRU; `hr` and `hz` have no bias |
//! | burn | `input_gate.input_transform.weight`, … | a matrix for each gate, transposed |
//! | Keras | `kernel`, `recurrent_kernel`, `bias` | as in its own files |
//! | `prune` | `weight_hh_l0_orig` and `_mask` | their product |
//! | `spectral_norm` | `weight_hh_l0_orig`, `_u`, `_v`; `parametrizations.weight_hh_l0.original`, `0._u`, `0._v` | W / (u·W v) |
//! | `weight_norm` | `weight_hh_l0_g` and `_v`; `parametrizations.weight_hh_l0.original0` and `1` | g v / ‖v‖, row by row |

use std::collections::{BTreeMap, BTreeSet};

use super::contents::{CONVOLUTION, Contents};
use super::keras;
use super::names::{self, Leaf};
use crate::io::decode::Element;
use crate::io::error::Mistake;
use crate::io::tensor::{Buffers, Dtype, Tensor, View, field};

/// Programs with a folder for each gate: what the folders of W and R are called, `{}` being the gate; the
/// name of the matrix within; and the gates in PyTorch's order.
const GATE_BY_GATE: [([&str; 2], &str, &[&str]); 4] = [
    (FLAX, "kernel", &["i", "f", "g", "o"]),
    (FLAX, "kernel", &["r", "z", "n"]),
    (
        BURN,
        "weight",
        &["input_gate", "forget_gate", "cell_gate", "output_gate"],
    ),
    (BURN, "weight", &["reset_gate", "update_gate", "new_gate"]),
];
const FLAX: [&str; 2] = ["i{}", "h{}"];
const BURN: [&str; 2] = ["{}.input_transform", "{}.hidden_transform"];

/// Tensors by the last part of their names.
type Folder<'a> = BTreeMap<&'a str, &'a Tensor>;

/// Adds the tensors of recurrent modules of other programs under PyTorch's names.
pub(super) fn translate(contents: &mut Contents, buffers: &mut Buffers) -> Result<(), Mistake> {
    let mut folders: BTreeMap<&str, Folder> = BTreeMap::new();
    for tensor in &contents.tensors {
        let parts = tensor.name.rsplit_once(['.', '/']);
        let (folder, name) = parts.unwrap_or(("", &tensor.name));
        folders.entry(folder).or_default().insert(name, tensor);
    }
    let mut added = Vec::new();
    let mut keras_layers = Vec::new();
    for (&folder, tensors) in &folders {
        if let (Some(&recurrent), Some(&input)) =
            (tensors.get("recurrent_kernel"), tensors.get("kernel"))
        {
            let bias = tensors.get("bias").copied();
            let layer = [input, recurrent].into_iter().chain(bias);
            keras_layers.extend(layer.cloned());
            continue;
        }
        let one_folder = equinox(folder, tensors).or_else(|| mlx(folder, tensors));
        added.extend(one_folder.unwrap_or_default());
        added.extend(reparametrised(folder, tensors, &folders, buffers)?);
        contents.refused = contents.refused.take().or_else(|| convolution(tensors));
    }
    for parent in parents(&folders) {
        let found = GATE_BY_GATE.iter().find_map(|(sides, weight, gates)| {
            let tensors = sides.map(|side| {
                let folders = gates.iter().map(|gate| {
                    let folder = joined(parent, &side.replace("{}", gate));
                    folders.get(folder.as_str())
                });
                folders.collect::<Option<Vec<&Folder>>>()
            });
            let [Some(ih), Some(hh)] = tensors else {
                return None;
            };
            gate_by_gate(parent, [&ih, &hh], weight)
        });
        added.extend(found.unwrap_or_default());
    }
    contents.tensors.extend(added);
    if !keras_layers.is_empty() {
        for tensor in &mut keras_layers {
            tensor.name = tensor.name.replace('.', "/");
        }
        let read = keras::named(keras_layers, buffers)?;
        contents.tensors.extend(read.tensors);
        contents.told.extend(read.told);
        contents.refused = contents.refused.take().or(read.refused);
    }
    Ok(())
}

/// The folders that have folders, each once.
fn parents<'a>(folders: &BTreeMap<&'a str, Folder>) -> BTreeSet<&'a str> {
    let above = |folder: &&'a str| match folder.rsplit_once(['.', '/']) {
        Some((parent, _)) => parent,
        None => "",
    };
    let parents: BTreeSet<&str> = folders.keys().map(above).collect();
    // Those of burn have another floor between.
    let named = parents.iter().filter(|parent| !parent.is_empty());
    let grand: Vec<&str> = named.map(above).collect();
    parents.into_iter().chain(grand).collect()
}

/// A path in a folder, with the separator that the folder has.
fn joined(folder: &str, path: &str) -> String {
    if folder.contains('/') {
        format!("{folder}/{}", path.replace('.', "/"))
    } else {
        names::joined(folder, path)
    }
}

/// A tensor of a module, of these rows: parts one under the other, transposed or not, and zeros.
fn stacked(
    module: &str,
    role: &str,
    parts: &[(Option<&Tensor>, bool)],
    rows: usize,
) -> Option<Tensor> {
    let first = parts.iter().find_map(|(tensor, _)| *tensor)?;
    let mut views = Vec::new();
    for &(tensor, transposed) in parts {
        let Some(tensor) = tensor else {
            views.push(View::zeros(vec![rows]));
            continue;
        };
        let view = tensor.view()?;
        if tensor.dtype != first.dtype || tensor.shape.len() != first.shape.len() {
            return None;
        }
        views.push(if transposed { view.transposed() } else { view });
    }
    let rest = views.first()?.shape.get(1..)?.to_vec();
    let fits =
        |view: &View| view.shape.get(1..) == Some(&rest) && view.shape.first() == Some(&rows);
    if !views.iter().all(fits) {
        return None;
    }
    let name = names::joined(module, &format!("{role}_l0"));
    let shape = [vec![rows * parts.len()], rest].concat();
    Some(first.derived(name, shape, views))
}

/// The tensor under another name.
fn named(module: &str, role: &str, tensor: &Tensor) -> Option<Tensor> {
    stacked(
        module,
        role,
        &[(Some(tensor), false)],
        *tensor.shape.first()?,
    )
}

/// A vector of zeros of the type of another.
fn zeros(module: &str, role: &str, other: &Tensor, rows: usize) -> Option<Tensor> {
    let zeros = Tensor::new(String::new(), other.dtype.clone(), View::zeros(vec![rows]));
    named(module, role, &zeros)
}

/// One bias, and the candidate's own beside it where there is one.
fn biases(module: &str, bias: &Tensor, candidate: Option<&Tensor>) -> Option<[Tensor; 2]> {
    let &[rows] = bias.shape.as_slice() else {
        return None;
    };
    let hidden = candidate.map_or(Some(rows), |candidate| candidate.shape.first().copied())?;
    let mut second = vec![(None, false); rows / hidden.max(1) - usize::from(candidate.is_some())];
    second.extend(candidate.map(|candidate| (Some(candidate), false)));
    let second = if candidate.is_some() {
        stacked(module, "bias_hh", &second, hidden)?
    } else {
        zeros(module, "bias_hh", bias, rows)?
    };
    Some([named(module, "bias_ih", bias)?, second])
}

/// Equinox: the matrices have PyTorch's names already.
fn equinox(folder: &str, tensors: &Folder) -> Option<Vec<Tensor>> {
    let has = |name: &str| tensors.contains_key(name);
    let matrices = has("weight_ih") && has("weight_hh");
    let own = has("bias_ih") || has("bias_hh");
    let bias = tensors.get("bias").filter(|_| matrices && !own)?;
    let candidate = tensors.get("bias_n").copied();
    biases(folder, bias, candidate).map(Vec::from)
}

fn mlx(folder: &str, tensors: &Folder) -> Option<Vec<Tensor>> {
    let get = |names: [&str; 2]| names.iter().find_map(|name| tensors.get(name)).copied();
    let (w, r) = (get(["Wx", "Wxh"])?, get(["Wh", "Whh"])?);
    let mut module = vec![
        named(folder, "weight_ih", w)?,
        named(folder, "weight_hh", r)?,
    ];
    if let Some(bias) = get(["bias", "b"]) {
        module.extend(biases(folder, bias, tensors.get("bhn").copied())?);
    }
    Some(module)
}

/// The tensors of one name in several folders, all to be transposed or none.
fn parts<'a>(
    folders: &[&Folder<'a>],
    name: &str,
    transposed: bool,
) -> Vec<(Option<&'a Tensor>, bool)> {
    let tensor = |folder: &&Folder<'a>| (folder.get(name).copied(), transposed);
    folders.iter().map(tensor).collect()
}

/// A module with a matrix, and perhaps a bias, for each gate in a folder of its own.
fn gate_by_gate(parent: &str, sides: [&[&Folder]; 2], weight: &str) -> Option<Vec<Tensor>> {
    let matrices = sides.map(|folders| parts(folders, weight, true));
    let known = matrices
        .iter()
        .flatten()
        .all(|(matrix, _)| matrix.is_some());
    let hidden = *sides[1].first()?.get(weight)?.shape.first()?;
    let mut module = Vec::new();
    for (role, matrices) in ["weight_ih", "weight_hh"].into_iter().zip(matrices) {
        module.push(stacked(parent, role, &matrices, hidden).filter(|_| known)?);
    }
    let vectors = sides.map(|folders| parts(folders, "bias", false));
    if let Some(bias) = vectors.iter().flatten().find_map(|(bias, _)| *bias) {
        for (role, vectors) in ["bias_ih", "bias_hh"].into_iter().zip(vectors) {
            module.push(if vectors.iter().any(|(bias, _)| bias.is_some()) {
                stacked(parent, role, &vectors, hidden)?
            } else {
                zeros(parent, role, bias, hidden * vectors.len())?
            });
        }
    }
    Some(module)
}

/// Weights that are kept in parts: as their rows' lengths and directions, with a mask of what was pruned, or
/// with the vectors of their largest singular value.
fn reparametrised(
    folder: &str,
    tensors: &Folder,
    folders: &BTreeMap<&str, Folder>,
    buffers: &mut Buffers,
) -> Result<Vec<Tensor>, Mistake> {
    let mut all = Vec::new();
    // `lstm.parametrizations.weight_hh_l0`, with the tensors `original0` and `original1`, or with the tensor
    // `original` and the folder `0`.
    let (parent, weight) = folder.rsplit_once('.').unwrap_or(("", folder));
    let module = parent.strip_suffix("parametrizations");
    if let Some(module) = module.filter(|_| Leaf::parse(weight).is_some()) {
        let name = || format!("{module}{weight}");
        if let (Some(g), Some(v)) = (tensors.get("original0"), tensors.get("original1")) {
            all.extend(product(name(), g, v, buffers)?);
        }
        if let Some(original) = tensors.get("original") {
            let first = folders.get(format!("{folder}.0").as_str());
            let vector = |name| first.and_then(|first| first.get(name)).copied();
            let (Some(u), Some(v)) = (vector("_u"), vector("_v")) else {
                let why = "a parametrisation other than weight_norm and spectral_norm; before saving, in Python: \
                           torch.nn.utils.parametrize.remove_parametrizations(module, NAME)";
                return Err(Mistake::refused(field(original.label()), why));
            };
            all.extend(of_norm_one(name(), original, [u, v], buffers)?);
        }
    }
    for (name, first) in tensors {
        let Some((weight, end)) = name.rsplit_once('_') else {
            continue;
        };
        if Leaf::parse(weight).is_none() {
            continue;
        }
        let other = |end: &str| tensors.get(format!("{weight}_{end}").as_str()).copied();
        let name = names::joined(folder, weight);
        all.extend(match (end, other("mask"), other("u"), other("v")) {
            ("g", _, _, Some(v)) => product(name, first, v, buffers)?,
            ("orig", Some(mask), ..) => pruned(name, first, mask, buffers)?,
            ("orig", None, Some(u), Some(v)) => of_norm_one(name, first, [u, v], buffers)?,
            _ => None,
        });
    }
    Ok(all)
}

/// What was pruned is 0.
fn pruned(
    name: String,
    original: &Tensor,
    mask: &Tensor,
    buffers: &mut Buffers,
) -> Result<Option<Tensor>, Mistake> {
    if original.shape != mask.shape {
        return Ok(None);
    }
    let (mut numbers, mask) = (original.values(buffers)?, mask.values(buffers)?);
    for (x, kept) in numbers.iter_mut().zip(mask) {
        *x *= kept;
    }
    Ok(Some(computed(name, original, &numbers, buffers)))
}

/// W / (u·W v), u and v being those of the largest singular value as far as training has found them.
fn of_norm_one(
    name: String,
    original: &Tensor,
    [u, v]: [&Tensor; 2],
    buffers: &mut Buffers,
) -> Result<Option<Tensor>, Mistake> {
    let &[rows, columns] = original.shape.as_slice() else {
        return Ok(None);
    };
    if u.len() != rows || v.len() != columns || columns == 0 {
        return Ok(None);
    }
    let mut numbers = original.values(buffers)?;
    let [u, v] = [u.values(buffers)?, v.values(buffers)?];
    let along = |row: &[f64]| row.iter().zip(&v).map(|(w, v)| w * v).sum::<f64>();
    let all = numbers.chunks(columns).zip(&u);
    let sigma: f64 = all.map(|(row, u)| u * along(row)).sum();
    for x in &mut numbers {
        *x /= sigma;
    }
    Ok(Some(computed(name, original, &numbers, buffers)))
}

/// A tensor of numbers that were made of another's.
fn computed(name: String, of: &Tensor, numbers: &[f64], buffers: &mut Buffers) -> Tensor {
    let bytes = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
    let view = View::rows(buffers.add(bytes), 0, of.shape.clone());
    let mut tensor = Tensor::new(name, Dtype::Known(Element::F64), view);
    tensor.origin = Some(of.label().to_owned());
    tensor.saved = Some(of.dtype.clone());
    tensor
}

/// A ConvLSTM in PyTorch is a convolution that makes all gates at once.
fn convolution(tensors: &Folder) -> Option<(String, &'static str)> {
    let weight = tensors
        .get("weight")
        .filter(|weight| weight.shape.len() == 4)?;
    let name = weight.name.to_lowercase().replace('_', "");
    let is = ["convlstm", "convgru", "convrnn", "celllist"];
    let is = is.iter().any(|part| name.contains(part));
    is.then(|| (field(weight.label()), CONVOLUTION))
}

/// g v / ‖v‖ by rows; `None` where the shapes do not fit.
fn product(
    name: String,
    g: &Tensor,
    v: &Tensor,
    buffers: &mut Buffers,
) -> Result<Option<Tensor>, Mistake> {
    let &[rows, columns] = v.shape.as_slice() else {
        return Ok(None);
    };
    if g.len() != rows || columns == 0 {
        return Ok(None);
    }
    let (lengths, mut numbers) = (g.values(buffers)?, v.values(buffers)?);
    for (row, length) in numbers.chunks_mut(columns).zip(lengths) {
        let norm = row.iter().map(|x| x * x).sum::<f64>().sqrt();
        for x in row {
            *x *= length / norm;
        }
    }
    Ok(Some(computed(name, v, &numbers, buffers)))
}
