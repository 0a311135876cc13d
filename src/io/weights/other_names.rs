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

use std::collections::BTreeMap;

use super::contents::{CONVOLUTION, Contents};
use super::keras;
use super::names::Leaf;
use crate::io::decode::Element;
use crate::io::error::Mistake;
use crate::io::tensor::{Buffers, Dtype, Tensor, View};
use crate::words::quote;

/// The gates of each program in PyTorch's order.
const FLAX_LSTM: [&str; 4] = ["i", "f", "g", "o"];
const FLAX_GRU: [&str; 3] = ["r", "z", "n"];
const BURN_LSTM: [&str; 4] = ["input_gate", "forget_gate", "cell_gate", "output_gate"];
const BURN_GRU: [&str; 3] = ["reset_gate", "update_gate", "new_gate"];

/// Tensors by the last part of their names.
type Folder<'a> = BTreeMap<&'a str, &'a Tensor>;

/// Adds the tensors of recurrent modules of other programs under PyTorch's names.
pub(super) fn translate(contents: &mut Contents, buffers: &mut Buffers) -> Result<(), Mistake> {
    let mut folders: BTreeMap<&str, Folder> = BTreeMap::new();
    for tensor in &contents.tensors {
        let (folder, name) = tensor
            .name
            .rsplit_once(['.', '/'])
            .unwrap_or(("", &tensor.name));
        folders.entry(folder).or_default().insert(name, tensor);
    }
    let mut added = Vec::new();
    let mut keras_layers = Vec::new();
    for (&folder, tensors) in &folders {
        if let (Some(&recurrent), Some(&input)) =
            (tensors.get("recurrent_kernel"), tensors.get("kernel"))
        {
            let bias = tensors.get("bias").copied();
            keras_layers.extend(
                [Some(input), Some(recurrent), bias]
                    .into_iter()
                    .flatten()
                    .cloned(),
            );
            continue;
        }
        let one_folder = equinox(folder, tensors).or_else(|| mlx(folder, tensors));
        if let Some(module) = one_folder {
            added.extend(module);
        }
        added.extend(normed(folder, tensors, buffers)?);
        added.extend(reparametrised(folder, &folders, buffers)?);
        contents.refused = contents.refused.take().or_else(|| convolution(tensors));
    }
    for parent in parents(&folders) {
        let part = |gate: &str, leaf: &str| {
            let folder = joined(parent, gate);
            folders.get(folder.as_str())?.get(leaf).copied()
        };
        added.extend(
            flax(parent, &FLAX_LSTM, &part)
                .or_else(|| flax(parent, &FLAX_GRU, &part))
                .or_else(|| burn(parent, &BURN_LSTM, &part))
                .or_else(|| burn(parent, &BURN_GRU, &part))
                .unwrap_or_default(),
        );
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
fn parents<'a>(folders: &BTreeMap<&'a str, Folder>) -> std::collections::BTreeSet<&'a str> {
    let above = |folder: &&'a str| match folder.rsplit_once(['.', '/']) {
        Some((parent, _)) => parent,
        None => "",
    };
    let parents: std::collections::BTreeSet<&str> = folders.keys().map(above).collect();
    // Those of burn have another floor between.
    let grand: Vec<&str> = parents
        .iter()
        .filter(|p| !p.is_empty())
        .map(above)
        .collect();
    parents.into_iter().chain(grand).collect()
}

/// A name in a folder, with the separator that the folder has.
fn joined(folder: &str, name: &str) -> String {
    match folder {
        "" => name.to_owned(),
        folder if folder.contains('/') => format!("{folder}/{name}"),
        folder => format!("{folder}.{name}"),
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
        let [view] = tensor.views.as_slice() else {
            return None;
        };
        if tensor.dtype != first.dtype || tensor.shape.len() != first.shape.len() {
            return None;
        }
        let view = view.clone();
        views.push(if transposed { view.transposed() } else { view });
    }
    let rest = views.first()?.shape.get(1..)?.to_vec();
    let fits =
        |view: &View| view.shape.get(1..) == Some(&rest) && view.shape.first() == Some(&rows);
    if !views.iter().all(fits) {
        return None;
    }
    let name = if module.is_empty() {
        format!("{role}_l0")
    } else {
        format!("{module}.{role}_l0")
    };
    Some(Tensor {
        saved: first.saved.clone(),
        name,
        origin: Some(first.label().to_owned()),
        shape: [vec![rows * parts.len()], rest].concat(),
        dtype: first.dtype.clone(),
        views,
    })
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
        let zeros = Tensor::new(String::new(), bias.dtype.clone(), View::zeros(vec![rows]));
        named(module, "bias_hh", &zeros)?
    };
    Some([named(module, "bias_ih", bias)?, second])
}

/// Equinox: the matrices have PyTorch's names already.
fn equinox(folder: &str, tensors: &Folder) -> Option<Vec<Tensor>> {
    let matrices = ["weight_ih", "weight_hh"]
        .iter()
        .all(|name| tensors.contains_key(name));
    let own = ["bias_ih", "bias_hh"]
        .iter()
        .any(|name| tensors.contains_key(name));
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

type Part<'p, 'a> = &'p dyn Fn(&str, &str) -> Option<&'a Tensor>;

fn flax(parent: &str, gates: &[&str], part: Part) -> Option<Vec<Tensor>> {
    let [ih, hh] =
        ["i", "h"].map(|side| gates.iter().map(|gate| format!("{side}{gate}")).collect());
    gate_by_gate(parent, [ih, hh], "kernel", part)
}

fn burn(parent: &str, gates: &[&str], part: Part) -> Option<Vec<Tensor>> {
    let [ih, hh] = ["input_transform", "hidden_transform"].map(|side| {
        let separator = if parent.contains('/') { '/' } else { '.' };
        let folder = |gate: &&str| format!("{gate}{separator}{side}");
        gates.iter().map(folder).collect()
    });
    gate_by_gate(parent, [ih, hh], "weight", part)
}

/// A module with a matrix, and perhaps a bias, for each gate in a folder of its own.
fn gate_by_gate(
    parent: &str,
    [ih, hh]: [Vec<String>; 2],
    weight: &str,
    part: Part,
) -> Option<Vec<Tensor>> {
    let matrices = |folders: &[String]| -> Option<Vec<_>> {
        let each = folders
            .iter()
            .map(|folder| Some((Some(part(folder, weight)?), true)));
        each.collect()
    };
    let (w, r) = (matrices(&ih)?, matrices(&hh)?);
    let (Some(recurrent), _) = *r.first()? else {
        return None;
    };
    let hidden = *recurrent.shape.first()?;
    let mut module = vec![
        stacked(parent, "weight_ih", &w, hidden)?,
        stacked(parent, "weight_hh", &r, hidden)?,
    ];
    let vectors = |folders: &[String]| -> Vec<_> {
        folders
            .iter()
            .map(|folder| (part(folder, "bias"), false))
            .collect()
    };
    let both = [vectors(&ih), vectors(&hh)];
    let known = both.iter().flatten().find_map(|(bias, _)| *bias);
    if let Some(known) = known {
        for (role, vectors) in ["bias_ih", "bias_hh"].into_iter().zip(both) {
            module.push(if vectors.iter().any(|(bias, _)| bias.is_some()) {
                stacked(parent, role, &vectors, hidden)?
            } else {
                let all = vec![hidden * vectors.len()];
                named(
                    parent,
                    role,
                    &Tensor::new(String::new(), known.dtype.clone(), View::zeros(all)),
                )?
            });
        }
    }
    Some(module)
}

/// Weights that are kept as their rows' lengths g and directions v.
fn normed(folder: &str, tensors: &Folder, buffers: &mut Buffers) -> Result<Vec<Tensor>, Mistake> {
    let mut all = Vec::new();
    // `lstm.parametrizations.weight_hh_l0`, with the tensors `original0` and `original1`.
    let (parent, weight) = folder.rsplit_once('.').unwrap_or(("", folder));
    if let (Some(g), Some(v)) = (tensors.get("original0"), tensors.get("original1"))
        && let Some(module) = parent.strip_suffix("parametrizations")
        && Leaf::parse(weight).is_some()
    {
        all.extend(product(format!("{module}{weight}"), g, v, buffers)?);
    }
    for (name, g) in tensors {
        if let Some(weight) = name.strip_suffix("_g")
            && Leaf::parse(weight).is_some()
            && let Some(v) = tensors.get(format!("{weight}_v").as_str())
        {
            let name = if folder.is_empty() {
                weight.to_owned()
            } else {
                format!("{folder}.{weight}")
            };
            all.extend(product(name, g, v, buffers)?);
        }
    }
    Ok(all)
}

/// Weights that are kept with a mask of what was pruned, or with the vectors of their largest singular value.
fn reparametrised(
    folder: &str,
    folders: &BTreeMap<&str, Folder>,
    buffers: &mut Buffers,
) -> Result<Vec<Tensor>, Mistake> {
    let Some(tensors) = folders.get(folder) else {
        return Ok(Vec::new());
    };
    let mut all = Vec::new();
    for (name, original) in tensors {
        let Some(weight) = name.strip_suffix("_orig") else {
            continue;
        };
        if Leaf::parse(weight).is_none() {
            continue;
        }
        let beside = |end: &str| tensors.get(format!("{weight}{end}").as_str()).copied();
        let name = joined(folder, weight);
        if let Some(mask) = beside("_mask") {
            all.extend(pruned(name, original, mask, buffers)?);
        } else if let (Some(u), Some(v)) = (beside("_u"), beside("_v")) {
            all.extend(of_norm_one(name, original, [u, v], buffers)?);
        }
    }
    // `lstm.parametrizations.weight_hh_l0`, with the tensor `original` and the folder `0`.
    let (parent, weight) = folder.rsplit_once('.').unwrap_or(("", folder));
    if let Some(original) = tensors.get("original")
        && let Some(module) = parent.strip_suffix("parametrizations")
        && Leaf::parse(weight).is_some()
    {
        let first = folders.get(format!("{folder}.0").as_str());
        let vector = |name| first.and_then(|first| first.get(name)).copied();
        let (Some(u), Some(v)) = (vector("_u"), vector("_v")) else {
            let why = "a parametrisation other than weight_norm and spectral_norm; before saving, in Python: \
                       torch.nn.utils.parametrize.remove_parametrizations(module, NAME)";
            let place = format!("tensor {}", quote(original.label()));
            return Err(Mistake::refused(place, why));
        };
        let name = format!("{module}{weight}");
        all.extend(of_norm_one(name, original, [u, v], buffers)?);
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
    let place = || format!("tensor {}", quote(weight.label()));
    let is = is.iter().any(|part| name.contains(part));
    is.then(|| (place(), CONVOLUTION))
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
