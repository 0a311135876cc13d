//! The tensors in what was saved, by the names under which they hang in it.

use std::collections::HashSet;

use super::storages::{Storage, Storages, named_dtype};
use crate::io::decode::Element;
use crate::io::pickle::{Node, Pickle, Value};
use crate::io::tensor::{Dtype, Tensor, View};
use crate::io::weights::contents::{Contents, Told};
use crate::io::weights::names::{is_recurrent, joined, module_place, split_name};

/// Dictionaries around a state dict: names that say nothing of the model.
const WRAPPERS: [&str; 14] = [
    "state_dict",
    "model_state_dict",
    "model_state",
    "model_weights",
    "model_params",
    "modelstate",
    "model",
    "module",
    "net",
    "network",
    "params",
    "weights",
    "state",
    "checkpoint",
];
/// Why the weights of such a module are not read.
const QUANTISED: &str = "dynamically quantised, so that its weights lie packed in an object; give the model as it was \
                         before quantize_dynamic";
/// Deeper than any checkpoint.
const DEPTH: usize = 64;
/// Longer than any name.
const NAME: usize = 1024;

/// What was saved, on the way through it.
pub(super) struct Tree<'t, 'a> {
    pickle: &'t Pickle<'a>,
    storages: &'t Storages,
    /// What has been seen: each object is looked at once, so that none can contain itself.
    seen: HashSet<u32>,
    contents: Contents,
    /// Keys of dictionaries around others.
    containers: HashSet<String>,
}

impl<'t, 'a> Tree<'t, 'a> {
    /// The root of a pickle.
    pub(super) fn new(pickle: &'t Pickle<'a>, storages: &'t Storages) -> Self {
        Self {
            pickle,
            storages,
            seen: HashSet::new(),
            contents: Contents::default(),
            containers: HashSet::new(),
        }
    }

    /// All tensors.
    pub(super) fn contents(mut self) -> Contents {
        self.walk(self.pickle.root, "", 0);
        while self.unwrap() {}
        self.contents
    }

    fn walk(&mut self, value: Value, name: &str, depth: usize) {
        if let Some(tensor) = self.tensor(value, name) {
            self.contents.tensors.push(tensor);
            return;
        }
        let Value::Node(place) = value else { return };
        if depth > DEPTH || !self.seen.insert(place) {
            return;
        }
        let pickle = self.pickle;
        match pickle.node(value) {
            Some(Node::List(list)) => {
                for (index, &element) in list.iter().enumerate() {
                    self.walk(element, &joined(name, &index.to_string()), depth + 1);
                }
            }
            Some(Node::Dict(_)) => self.entries(value, name, depth, true),
            Some(&Node::Call { state, callee, .. }) => {
                self.entries(value, name, depth, true);
                let state = match pickle.list(state) {
                    // With slots beside the dictionary.
                    &[state, _] => state,
                    _ => state,
                };
                let class = pickle.global(callee).map(|(_, class)| class);
                self.module(state, class, name, depth);
            }
            _ => {}
        }
    }

    /// What is in a dictionary, which may stand around a state dict.
    fn entries(&mut self, dictionary: Value, name: &str, depth: usize, around: bool) {
        for &(key, value) in self.pickle.entries(dictionary) {
            let key = match key {
                Value::Int(key) => key.to_string(),
                key => self.pickle.text(key).unwrap_or_default().to_owned(),
            };
            if let Some((module, _)) = key.split_once("_all_weight_values") {
                let module = joined(name, module);
                let place = module_place(module.trim_matches('.'));
                self.contents.refused.get_or_insert((place, QUANTISED));
            }
            // Optimisers keep a tensor or two for each weight.
            let skipped = depth < 2 && key.to_lowercase().contains("optim");
            if !skipped && name.len() + key.len() < NAME {
                if around && WRAPPERS.contains(&key.as_str()) {
                    self.containers.insert(key.clone());
                }
                self.walk(value, &joined(name, &key), depth + 1);
            }
        }
    }

    /// An object that is an `nn.Module`, by its state.
    fn module(&mut self, state: Value, class: Option<&str>, name: &str, depth: usize) {
        let pickle = self.pickle;
        match state {
            Value::Node(place) if self.seen.insert(place) => {}
            _ => return,
        }
        let parts = ["_parameters", "_buffers", "_modules"].map(|key| pickle.get(state, key));
        for part in parts.into_iter().flatten() {
            if let Value::Node(place) = part
                && self.seen.insert(place)
            {
                self.entries(part, name, depth + 1, false);
            }
        }
        let mode = pickle
            .get(state, "mode")
            .or(pickle.get(state, "nonlinearity"));
        let mode = mode.and_then(|mode| pickle.text(mode));
        if let (Some(_), Some(mode)) = (parts[0], mode) {
            let activation = match mode {
                "RNN_RELU" | "relu" => Some("relu"),
                "RNN_TANH" | "tanh" => Some("tanh"),
                _ => None,
            };
            let told = Told {
                class: class.map(str::to_owned),
                activation: activation.map(str::to_owned),
                source: "the saved module".to_owned(),
                ..Told::default()
            };
            self.contents.told.insert(name.to_owned(), told);
        }
    }

    /// A value that is a tensor, or a parameter that is made of one.
    fn tensor(&self, value: Value, name: &str) -> Option<Tensor> {
        let pickle = self.pickle;
        let (mut function, mut arguments) = pickle.call(value)?;
        if let ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") = function {
            (function, arguments) = pickle.call(*arguments.first()?)?;
        }
        let (arguments, dtype) = match function {
            ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => (arguments, None),
            ("torch._utils", "_rebuild_tensor_v3") => {
                let (_, dtype) = pickle.global(*arguments.get(6)?)?;
                (arguments, Some(named_dtype(dtype)))
            }
            // (function, class, arguments, state) of a subclass.
            ("torch._tensor", "_rebuild_from_type_v2") => {
                if pickle.global(*arguments.first()?)? != ("torch._utils", "_rebuild_tensor_v2") {
                    return None;
                }
                (pickle.list(*arguments.get(2)?), None)
            }
            _ => return None,
        };
        let &[storage, offset, size, stride, ..] = arguments else {
            return None;
        };
        let storage = Storage::of(pickle, storage)?;
        let numbers = |value| -> Option<Vec<usize>> {
            let list = pickle.list(value).iter();
            list.map(|&n| match n {
                Value::Int(n) => usize::try_from(n).ok(),
                _ => None,
            })
            .collect()
        };
        let (shape, strides) = (numbers(size)?, numbers(stride)?);
        let Value::Int(offset) = offset else {
            return None;
        };
        let offset = usize::try_from(offset).ok()?.saturating_add(storage.view);
        let dtype = dtype.or(storage.dtype).unwrap_or(Dtype::Known(Element::U8));
        let bytes = dtype.size();
        // A storage that is not there leaves the tensor without a byte.
        let (buffer, from, length) = self.storages.get(storage.key).unwrap_or((usize::MAX, 0, 0));
        let end = offset.saturating_mul(bytes);
        let from = if end > length { usize::MAX } else { from + end };
        let view = View {
            buffer: Some(buffer),
            offset: from,
            strides: if strides.len() == shape.len() && !shape.is_empty() {
                strides
            } else {
                Vec::new()
            },
            shape,
            big_endian: self.storages.big_endian,
        };
        Some(Tensor::new(name.to_owned(), dtype, view))
    }

    /// Drops the name of a dictionary around the only recurrent modules; whether there was one.
    fn unwrap(&mut self) -> bool {
        let recurrent = self.contents.tensors.iter();
        let mut recurrent = recurrent.filter(|tensor| is_recurrent(split_name(&tensor.name).1));
        let first = recurrent.next();
        let Some(first) = first.and_then(|tensor| tensor.name.split_once('.')) else {
            return false;
        };
        let wrapper = format!("{}.", first.0);
        let alone = recurrent.all(|tensor| tensor.name.starts_with(&wrapper));
        if !alone || !self.containers.contains(first.0) {
            return false;
        }
        let renamed = |name: &str| name.strip_prefix(&wrapper).unwrap_or(name).to_owned();
        self.contents.rename(renamed);
        true
    }
}
