//! Which layer an array belongs to, by its path.

use std::collections::BTreeMap;

/// What an array is to its layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Input,
    Recurrent,
    Bias,
}

/// A layer in one direction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The layer's name, within a model within a model with that one's before it.
    pub(super) layer: String,
    /// Whether it is the half of a `Bidirectional` that reads from the end.
    pub(super) reverse: bool,
}

impl Place {
    /// The layer of an array with this path, if it may be recurrent. `names` are the layers' own names
    /// where paths only have those of their classes (`lstm_1`).
    pub(super) fn of(path: &str, names: &BTreeMap<String, String>) -> Option<(Self, Role)> {
        let (folder, name) = path.rsplit_once('/')?;
        let name = name.strip_suffix(":0").unwrap_or(name);
        let vars = folder.strip_suffix("/vars");
        let role = match (name, vars) {
            ("kernel", _) | ("0", Some(_)) => Role::Input,
            ("recurrent_kernel", _) | ("1", Some(_)) => Role::Recurrent,
            ("bias", _) | ("2", Some(_)) => Role::Bias,
            _ => return None,
        };
        let mut parts: Vec<&str> = vars.unwrap_or(folder).split('/').collect();
        let is_cell = |part: &str| part == "cell" || part.contains("_cell");
        // Numbers alone say nothing: only a cell's are of a recurrent layer.
        let cell = parts.last().is_some_and(|part| is_cell(part));
        if vars.is_some() && !cell {
            return None;
        }
        if cell {
            parts.pop();
        }
        let reverse = match parts.last() {
            Some(last) if last.starts_with("forward_") => Some(false),
            Some(last) if last.starts_with("backward_") => Some(true),
            _ => None,
        };
        if reverse.is_some() {
            parts.pop();
        }
        let own = names.get(&format!("{}/vars", parts.join("/")));
        let plain = |part: &&str| {
            !matches!(
                *part,
                "layers" | "model_weights" | "_layer_checkpoint_dependencies"
            )
        };
        let mut parts: Vec<&str> = parts.into_iter().filter(plain).collect();
        parts.dedup();
        // Keras 3 writes the model's name between two of the layer's into HDF5.
        if parts.first() == parts.last() {
            parts.truncate(1);
        }
        if let (Some(own), Some(last)) = (own, parts.last_mut()) {
            *last = own;
        }
        let place = Self {
            layer: parts.join("/"),
            reverse: reverse.unwrap_or(false),
        };
        Some((place, role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_have_the_names_that_keras_shows() {
        let names = BTreeMap::from([("layers/lstm/vars".to_owned(), "reader".to_owned())]);
        for (path, layer, reverse, role) in [
            ("lstm_1/lstm_1/kernel:0", "lstm_1", false, Role::Input),
            (
                "lstm/lstm/lstm_cell/recurrent_kernel:0",
                "lstm",
                false,
                Role::Recurrent,
            ),
            (
                "model_weights/gru/gru/gru_cell_3/bias:0",
                "gru",
                false,
                Role::Bias,
            ),
            (
                "bidirectional/bidirectional/backward_lstm/lstm_cell/kernel:0",
                "bidirectional",
                true,
                Role::Input,
            ),
            (
                "model_weights/gru/sequential_7/gru/gru_cell/kernel",
                "gru",
                false,
                Role::Input,
            ),
            ("layers/lstm/cell/vars/1", "reader", false, Role::Recurrent),
            ("layers/lstm_1/cell/vars/2", "lstm_1", false, Role::Bias),
            (
                "layers/bidirectional/forward_layer/cell/vars/0",
                "bidirectional",
                false,
                Role::Input,
            ),
            (
                "layers/functional/layers/lstm/cell/vars/0",
                "functional/lstm",
                false,
                Role::Input,
            ),
        ] {
            let place = Place {
                layer: layer.to_owned(),
                reverse,
            };
            assert_eq!(Place::of(path, &names), Some((place, role)), "{path}");
        }
        for path in ["kernel:0", "layers/dense/vars/0", "dense/moving_mean:0"] {
            assert_eq!(Place::of(path, &names), None, "{path}");
        }
    }
}
