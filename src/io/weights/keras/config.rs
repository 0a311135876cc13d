//! What a model's configuration says of its layers.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::defaults;
use crate::io::error::Mistake;
use crate::io::weights::contents::Told;

/// The gate function of Keras 1 and 2 under the name `hard_sigmoid`, and of Keras 3.
pub(super) const HARD_2: &str = "hard_sigmoid";
const HARD_3: &str = "hard_sigmoid_6";
/// Above the configuration of any model.
const MOST: usize = 2 << 20;

/// A model's configuration, and the version that wrote it.
#[derive(Debug, Default)]
pub(super) struct Config {
    version: Option<String>,
    /// The configuration of each layer by its name, with its class.
    layers: BTreeMap<String, (String, Map<String, Value>)>,
    /// The layer that a layer reads.
    below: BTreeMap<String, String>,
}

/// Layers that leave numbers as they are when a model is used.
const PASS: [&str; 7] = [
    "Dropout",
    "SpatialDropout1D",
    "AlphaDropout",
    "GaussianNoise",
    "GaussianDropout",
    "ActivityRegularization",
    "Masking",
];

impl Config {
    /// The version in the metadata of an archive.
    pub(super) fn version(metadata: &[u8]) -> Option<String> {
        let metadata: Map<String, Value> = serde_json::from_slice(metadata).ok()?;
        Some(metadata.get("keras_version")?.as_str()?.to_owned())
    }

    /// Reads a configuration, if there is one.
    pub(super) fn read(
        text: Option<&[u8]>,
        version: Option<String>,
        place: &str,
    ) -> Result<Self, Mistake> {
        let mut config = Self {
            version: version.filter(|version| version.len() <= 32),
            ..Self::default()
        };
        let Some(text) = text else {
            return Ok(config);
        };
        if text.len() > MOST {
            let found = format!("{} bytes", text.len());
            return Err(Mistake::new(place, format!("at most {MOST} bytes"), found));
        }
        let tree: Value = serde_json::from_slice(text).map_err(|error| {
            let found = format!("an error in it ({error})");
            Mistake::new(place, "JSON", found)
        })?;
        config.collect(tree);
        Ok(config)
    }

    /// Takes in a layer, and those within it. Depth is bounded by that of the JSON.
    fn collect(&mut self, tree: Value) {
        match tree {
            Value::Array(list) => list.into_iter().for_each(|element| self.collect(element)),
            Value::Object(mut object) => {
                let class = object.remove("class_name");
                if let (Some(Value::String(class)), Some(Value::Object(config))) =
                    (class, object.get_mut("config"))
                {
                    let layers = config.remove("layers");
                    self.link(layers.as_ref(), class == "Sequential");
                    if let Some(name) = config.get("name").and_then(Value::as_str) {
                        let name = name.to_owned();
                        self.layers.insert(name, (class, std::mem::take(config)));
                    }
                    if let Some(layers) = layers {
                        self.collect(layers);
                    }
                }
                // Keras 1 and early 2 have the layers of a Sequential as the configuration itself.
                self.link(
                    object.get("config").filter(|layers| layers.is_array()),
                    true,
                );
                object
                    .into_iter()
                    .for_each(|(_, value)| self.collect(value));
            }
            _ => {}
        }
    }

    /// Takes in which layer reads which: the one before in a `Sequential`, else the first of its inputs.
    fn link(&mut self, layers: Option<&Value>, sequential: bool) {
        let mut before: Option<&str> = None;
        for layer in layers.and_then(Value::as_array).into_iter().flatten() {
            let own = layer.get("config").and_then(|config| config.get("name"));
            let name = own.or_else(|| layer.get("name")).and_then(Value::as_str);
            let input = if sequential {
                before
            } else {
                layer.get("inbound_nodes").and_then(first_input)
            };
            before = name;
            if let (Some(name), Some(input)) = (name, input) {
                self.below.insert(name.to_owned(), input.to_owned());
            }
        }
    }

    /// The layer that a layer reads, through those that leave numbers as they are, where it is recurrent
    /// itself.
    fn below(&self, layer: &str) -> Option<String> {
        let mut name = self.below.get(layer)?;
        for _ in 0..self.below.len() {
            let (class, _) = self.layers.get(name)?;
            if !PASS.contains(&class.as_str()) {
                let recurrent = ["LSTM", "GRU", "RNN", "Bidirectional"];
                let known = recurrent.iter().any(|kind| class.ends_with(kind));
                return known.then(|| name.clone());
            }
            name = self.below.get(name)?;
        }
        None
    }

    /// What is known of a layer with so many gates.
    pub(super) fn told(&self, layer: &str, gates: usize) -> Told {
        let name = layer.rsplit('/').next().unwrap_or(layer);
        let version = self.version.as_deref();
        let Some((mut class, mut config)) = self.layers.get(name).map(|(c, m)| (c.as_str(), m))
        else {
            return version.map_or_else(Told::default, |version| defaults(version, gates));
        };
        // The layer within a Bidirectional, the cell within an RNN.
        for within in ["layer", "cell"] {
            let inner = config.get(within).and_then(Value::as_object);
            let inner = inner.and_then(|inner| {
                let class = inner.get("class_name")?.as_str()?;
                Some((class, inner.get("config")?.as_object()?))
            });
            (class, config) = inner.unwrap_or((class, config));
        }
        let before_3 = version.is_some_and(|version| !version.starts_with(['3', '4']));
        let function = |key: &str| {
            config.get(key).map(|value| match value {
                Value::String(name) if name == "hard_sigmoid" => {
                    if before_3 { HARD_2 } else { HARD_3 }.to_owned()
                }
                Value::String(name) => name.clone(),
                Value::Null => "linear".to_owned(),
                Value::Object(object) => {
                    let name = object.get("class_name").and_then(Value::as_str);
                    name.unwrap_or("a function of its own").to_owned()
                }
                _ => "a function of its own".to_owned(),
            })
        };
        let flag = |key: &str| config.get(key).and_then(Value::as_bool);
        Told {
            class: Some(format!("Keras {class}")),
            source: "the model's configuration".to_owned(),
            activation: function("activation"),
            state: None,
            assumed: false,
            gate: function("recurrent_activation").filter(|_| gates > 1),
            reset_before: flag("reset_after")
                .map(|after| !after)
                .filter(|_| gates == 3),
            refused: (flag("go_backwards") == Some(true)).then(|| {
                "the layer reads from the end (go_backwards=True), which is not supported; \
                 reverse the input and build it without"
                    .to_owned()
            }),
            links: true,
            below: self.below(name),
        }
    }
}

/// The layer that the first input of a node comes from: `[[["lstm", 0, 0, {}]]]` in Keras 2, and in Keras 3 a
/// `keras_history` within the node's `args`.
fn first_input(mut node: &Value) -> Option<&str> {
    loop {
        node = match node {
            Value::String(name) => return Some(name),
            Value::Array(list) => list.first()?,
            Value::Object(object) => {
                let keys = ["args", "config", "keras_history"];
                keys.iter().find_map(|key| object.get(*key))?
            }
            _ => return None,
        };
    }
}
