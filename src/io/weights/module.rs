//! A recurrent module of a file: its prefix and its tensors.

use std::collections::{BTreeMap, BTreeSet};

use super::contents::Contents;
use super::model::ModuleSummary;
use super::names::{Leaf, Role, module_place, split_name};
use super::part::Part;
use crate::cell::{CellKind, Direction, LayerId, Parameters, StackParameters};
use crate::io::error::Mistake;
use crate::io::tensor::{Buffers, Tensor, field};
use crate::io::{MAX_INPUTS, MAX_LAYER_SIZE, MAX_SIZE};
use crate::words::few;

/// What is said of the names where there are none.
pub(super) const NO_TENSOR: &str = "no tensor";

/// A recurrent module of a file.
#[derive(Debug)]
pub(super) struct Module<'a> {
    pub(super) buffers: &'a Buffers,
    /// What stands before its tensors' names, with the final dot.
    pub(super) prefix: &'a str,
    tensors: BTreeMap<Leaf, &'a Tensor>,
    roles: BTreeSet<Role>,
    /// A tensor that is there under two names, `weight_hh` and `weight_hh_l0`.
    twice: Option<&'a Tensor>,
}

impl<'a> Module<'a> {
    /// All modules in the file that have recurrent weights, by name.
    ///
    /// # Errors
    /// There are none.
    pub(super) fn all(contents: &'a Contents, buffers: &'a Buffers) -> Result<Vec<Self>, Mistake> {
        let mut modules: BTreeMap<&str, Self> = BTreeMap::new();
        for tensor in &contents.tensors {
            let (prefix, name) = split_name(&tensor.name);
            let Some(leaf) = Leaf::parse(name) else {
                continue;
            };
            let module = modules.entry(prefix).or_insert_with(|| Self {
                buffers,
                prefix,
                tensors: BTreeMap::new(),
                roles: BTreeSet::new(),
                twice: None,
            });
            module.roles.insert(leaf.role);
            if module.tensors.insert(leaf, tensor).is_some() {
                module.twice.get_or_insert(tensor);
            }
        }
        if let (true, Some((place, why))) = (modules.is_empty(), &contents.refused) {
            return Err(Mistake::refused(place.clone(), *why));
        }
        if modules.is_empty() {
            let names: Vec<&str> = contents.tensors.iter().map(Tensor::label).collect();
            let expected = "an nn.RNN, nn.LSTM or nn.GRU (weight_ih_l0, weight_hh_l0)";
            return Err(Mistake::new("", expected, few(&names, NO_TENSOR)));
        }
        Ok(modules.into_values().collect())
    }

    /// The name under which the model has it; empty where it is the model itself.
    pub(super) fn name(&self) -> &'a str {
        self.prefix.trim_end_matches('.')
    }

    /// Layers, by the highest number in a name.
    pub(super) fn layers(&self) -> usize {
        let highest = self.tensors.last_key_value();
        highest.map_or(0, |(highest, _)| highest.layer.saturating_add(1))
    }

    /// Whether any tensor belongs to a reverse direction.
    pub(super) fn bidirectional(&self) -> bool {
        self.tensors.keys().any(|leaf| leaf.reverse)
    }

    /// What it is in a few words.
    pub(super) fn summary(&self) -> ModuleSummary {
        let recurrent = self.first(Role::Projection);
        let recurrent = recurrent.or(self.first(Role::WeightHh));
        let columns = |tensor: &Tensor| match *tensor.shape.as_slice() {
            [_, columns] => Some(columns),
            _ => None,
        };
        ModuleSummary {
            name: self.name().to_owned(),
            cell: self.cell(),
            hidden: recurrent.and_then(columns),
            inputs: self.first(Role::WeightIh).and_then(columns),
            dtype: recurrent.map_or("", Tensor::dtype_name).to_owned(),
            layers: self.layers(),
            bidirectional: self.bidirectional(),
            projection: self.has(Role::Projection),
        }
    }

    /// The outputs of its top layer, as far as its shapes say them.
    pub(super) fn outputs(&self) -> Option<usize> {
        let layer = self.layers().checked_sub(1)?;
        let size = |reverse| {
            let of = |role, side: usize| {
                let leaf = Leaf {
                    layer,
                    reverse,
                    role,
                };
                self.get(leaf)?.shape.get(side).copied()
            };
            of(Role::Projection, 0).or_else(|| of(Role::WeightHh, 1))
        };
        Some(size(false)? + size(true).unwrap_or(0))
    }

    /// The cell by the shape of the first recurrent matrix; only an LSTM has a projection.
    fn cell(&self) -> Option<CellKind> {
        let recurrent = self.first(Role::WeightHh)?;
        let &[rows, columns] = recurrent.shape.as_slice() else {
            return None;
        };
        if self.has(Role::Projection) {
            return Some(CellKind::Lstm);
        }
        let kinds = [CellKind::Rnn, CellKind::Lstm, CellKind::Gru];
        let fits = |kind: &CellKind| columns > 0 && columns.checked_mul(kind.gates()) == Some(rows);
        kinds.into_iter().find(fits)
    }

    /// The tensor of this role in the lowest layer that has one.
    fn first(&self, role: Role) -> Option<&'a Tensor> {
        let mut tensors = self.tensors.iter();
        let found = tensors.find(|(leaf, _)| leaf.role == role);
        found.map(|(_, tensor)| *tensor)
    }

    /// Whether any tensor has this role.
    pub(super) fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// The tensor of this place and role.
    pub(super) fn get(&self, leaf: Leaf) -> Option<&'a Tensor> {
        self.tensors.get(&leaf).copied()
    }

    /// One layer in one direction.
    pub(super) fn part(&self, layer: usize, reverse: bool) -> Part<'_, 'a> {
        Part {
            module: self,
            layer,
            reverse,
            max: MAX_LAYER_SIZE,
            max_inputs: MAX_INPUTS,
        }
    }

    /// The whole module.
    pub(super) fn stack(&self) -> Result<StackParameters, Mistake> {
        self.check_twice()?;
        self.check_count()?;
        let directions: &[bool] = if self.bidirectional() {
            &[false, true]
        } else {
            &[false]
        };
        let mut layers: Vec<Vec<Direction>> = Vec::new();
        for layer in 0..self.layers() {
            let mut parts = Vec::new();
            for &reverse in directions {
                let first = parts.first().or_else(|| layers.first()?.first());
                let outputs = |below: &Vec<Direction>| below.iter().map(Direction::outputs).sum();
                let inputs = match layers.last() {
                    Some(below) => Some(outputs(below)),
                    None => parts.first().map(|p: &Direction| p.cell.inputs()),
                };
                let part = self.part(layer, reverse).direction(first, inputs)?;
                parts.push(part);
            }
            layers.push(parts);
        }
        let kind = layers
            .first()
            .and_then(|l| l.first())
            .map_or(CellKind::Rnn, |part| part.cell.kind);
        Ok(StackParameters { kind, layers })
    }

    /// One layer in one direction, without projection and of a size that a single cell may have,
    /// as `cell` asks.
    pub(super) fn layer(&self, id: LayerId, cell: Option<CellKind>) -> Result<Parameters, Mistake> {
        self.check_twice()?;
        self.check_layer(id)?;
        self.check_projection()?;
        let part = Part {
            max: MAX_SIZE,
            max_inputs: MAX_SIZE,
            ..self.part(id.layer, id.reverse)
        };
        part.parameters(cell, None, None)
    }

    /// Whether the module has this layer and direction.
    fn check_layer(&self, id: LayerId) -> Result<(), Mistake> {
        let (LayerId { layer, reverse }, layers) = (id, self.layers());
        let expected = if layers == 1 && layer > 0 {
            "layer 0, the only one".to_owned()
        } else if layer >= layers {
            format!("a layer from 0 to {}", layers - 1)
        } else if reverse && !self.bidirectional() {
            let expected = format!("layer {layer} without r, as the module reads in one direction");
            return Err(Mistake::new("", expected, format!("--layer {layer}r")));
        } else {
            return Ok(());
        };
        Err(Mistake::new("", expected, format!("--layer {layer}")))
    }

    /// A live cell has no projection.
    fn check_projection(&self) -> Result<(), Mistake> {
        let Some(tensor) = self.first(Role::Projection) else {
            return Ok(());
        };
        let why = "a single cell cannot hold a projection (proj_size); rnntop inspect reads the model, \
                   with --live on the screen";
        Err(Mistake::refused(field(tensor.label()), why))
    }

    /// Numbers may stand under several tensors, but all together not more often than the file has bytes.
    fn check_count(&self) -> Result<(), Mistake> {
        let lengths = self.tensors.values().map(|tensor| tensor.len());
        let count = lengths.fold(0, usize::saturating_add);
        let most = self.buffers.bytes().saturating_add(1 << 16);
        if count <= most {
            return Ok(());
        }
        let bytes = self.buffers.bytes();
        let expected = format!("at most {most} numbers in a file of {bytes} bytes");
        Err(Mistake::new(module_place(self.name()), expected, count))
    }

    /// `weight_hh` and `weight_hh_l0` are the same tensor under two names.
    fn check_twice(&self) -> Result<(), Mistake> {
        let Some(tensor) = self.twice else {
            return Ok(());
        };
        let why = "the module has this tensor twice (weight_hh and weight_hh_l0 are one)";
        Err(Mistake::refused(field(tensor.label()), why))
    }
}
