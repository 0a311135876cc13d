//! What a reader of a format hands on: tensors, and what else the file says of the modules that they
//! belong to.

use std::collections::BTreeMap;

use crate::cell::{Activation, CellKind};
use crate::io::tensor::Tensor;
use crate::words::sanitise::quote;

/// What a file holds, in whatever format.
#[derive(Debug, Default)]
pub(in crate::io) struct Contents {
    /// Its tensors, in the layout and with the names of `PyTorch`.
    pub(in crate::io) tensors: Vec<Tensor>,
    /// What it says of modules, by their names.
    pub(in crate::io) told: BTreeMap<String, Told>,
}

/// What a file says of a module beyond its tensors; nothing is assumed yet of what it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::io) struct Told {
    /// The class of the module, as its program calls it.
    pub(in crate::io) class: Option<String>,
    /// What says so: the model's configuration, a version's defaults.
    pub(in crate::io) source: String,
    /// φ of the block input, of the candidate, or of an RNN.
    pub(in crate::io) activation: Option<String>,
    /// The function of the gates.
    pub(in crate::io) gate: Option<String>,
    /// Whether a GRU's reset gate stands before the recurrent matrix of the candidate.
    pub(in crate::io) reset_before: Option<bool>,
    /// Why the module cannot be run, whatever else is known.
    pub(in crate::io) refused: Option<String>,
}

impl Told {
    /// φ of an RNN, where the file says it.
    ///
    /// # Errors
    /// In words, what there is that is not computed.
    pub(super) fn activation(&self, kind: CellKind) -> Result<Option<Activation>, String> {
        if let Some(why) = &self.refused {
            return Err(why.clone());
        }
        let source = |what: String| match self.source.as_str() {
            "" => what,
            source => format!("{what} (by {source})"),
        };
        let only = |what: &str, found: &str, only: &str| {
            source(format!(
                "the {what} is {found}, and only {only} is computed"
            ))
        };
        if self.reset_before == Some(true) && kind == CellKind::Gru {
            let found = "the reset gate stands before the recurrent matrix (reset_after=False), and only \
                         the GRU with it behind the matrix is computed";
            return Err(source(found.to_owned()));
        }
        match &self.gate {
            Some(gate) if kind != CellKind::Rnn && gate.to_lowercase() != "sigmoid" => {
                return Err(only("gates' function", &quote(gate), "sigmoid"));
            }
            _ => {}
        }
        let Some(name) = &self.activation else {
            return Ok(None);
        };
        match (name.to_lowercase().as_str(), kind) {
            ("tanh", _) => Ok(Some(Activation::Tanh)),
            ("relu", CellKind::Rnn) => Ok(Some(Activation::Relu)),
            ("linear" | "identity", CellKind::Rnn) => Ok(Some(Activation::Linear)),
            (_, CellKind::Rnn) => Err(only("activation", &quote(name), "tanh, relu or linear")),
            _ => Err(only("activation", &quote(name), "tanh")),
        }
    }
}
