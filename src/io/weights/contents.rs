//! What a reader of a format hands on: tensors, and what else the file says of the modules that they
//! belong to.

use std::collections::BTreeMap;

use crate::cell::{Activation, CellKind, Reset};
use crate::io::tensor::Tensor;
use crate::words::sanitise::quote;

/// What a file holds, in whatever format.
#[derive(Debug, Default)]
pub(in crate::io) struct Contents {
    /// Its tensors, in the layout and with the names of `PyTorch`.
    pub(in crate::io) tensors: Vec<Tensor>,
    /// What it says of modules, by their names.
    pub(in crate::io) told: BTreeMap<String, Told>,
    /// A recurrent module that cannot be read, and why, for a file that has no other.
    pub(in crate::io) refused: Option<(String, &'static str)>,
}

impl Contents {
    /// Tensors of which nothing else is known.
    pub(super) fn of(tensors: Vec<Tensor>) -> Self {
        Self {
            tensors,
            ..Self::default()
        }
    }

    /// Gives tensors and modules other names. What the file calls a tensor stays known.
    pub(super) fn rename(&mut self, other: impl Fn(&str) -> String) {
        let told = std::mem::take(&mut self.told).into_iter();
        self.told = told.map(|(name, told)| (other(&name), told)).collect();
        for tensor in &mut self.tensors {
            let name = other(&tensor.name);
            if name != tensor.name {
                let own = std::mem::replace(&mut tensor.name, name);
                tensor.origin.get_or_insert(own);
            }
        }
    }
}

/// Why a convolution over a grid is none of the cells.
pub(in crate::io) const CONVOLUTION: &str = "a ConvLSTM, whose weights are convolutions over a grid; what is computed here is nn.RNN, nn.LSTM and \
     nn.GRU, whose weights are matrices";

/// What a file says of a module beyond its tensors; nothing is assumed yet of what it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::io) struct Told {
    /// The class of the module, as its program calls it.
    pub(in crate::io) class: Option<String>,
    /// What says so: the model's configuration, a version's defaults.
    pub(in crate::io) source: String,
    /// φ of the block input, of the candidate, or of an RNN.
    pub(in crate::io) activation: Option<String>,
    /// φ of the state of an LSTM, where it is not that.
    pub(in crate::io) state: Option<String>,
    /// The function of the gates.
    pub(in crate::io) gate: Option<String>,
    /// Whether a GRU's reset gate stands before the recurrent matrix of the candidate.
    pub(in crate::io) reset_before: Option<bool>,
    /// Whether the file says nothing of it, and these are the defaults of the program that wrote it.
    pub(in crate::io) assumed: bool,
    /// Why the module cannot be run, whatever else is known.
    pub(in crate::io) refused: Option<String>,
    /// Whether the file says which module reads which.
    pub(in crate::io) links: bool,
    /// The module that this one reads.
    pub(in crate::io) below: Option<String>,
}

impl Told {
    /// Whether two modules have the same functions, by what the file says.
    pub(super) fn same_functions(&self, other: &Self) -> bool {
        let of = |told: &Self| {
            let names = [&told.activation, &told.state, &told.gate].map(Clone::clone);
            (names, told.reset_before, told.refused.clone())
        };
        of(self) == of(other)
    }

    /// The functions of a module of this cell.
    ///
    /// # Errors
    /// In words, what there is that is not computed.
    pub(super) fn functions(&self, kind: CellKind) -> Result<Functions, String> {
        if let Some(why) = &self.refused {
            return Err(why.clone());
        }
        let gated = kind != CellKind::Rnn;
        let read = |what: &str, name: Option<&String>, words: &[(&'static str, Activation)]| {
            let Some(name) = name else { return Ok(None) };
            let known = function(name).filter(|f| words.iter().any(|(_, word)| word == f));
            known.map(Some).ok_or_else(|| {
                let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
                let by = match self.source.as_str() {
                    "" => String::new(),
                    source => format!(" (by {source})"),
                };
                let (found, known) = (quote(name), names.join(", "));
                format!("the {what} is {found}, and only {known} are computed{by}")
            })
        };
        let activation = read("activation", self.activation.as_ref(), &Activation::WORDS)?;
        let state = self.state.as_ref();
        let state = read("state's activation", state, &Activation::WORDS)?;
        let gate = self.gate.as_ref().filter(|_| gated);
        let before = self.reset_before.filter(|_| kind == CellKind::Gru);
        Ok(Functions {
            activation,
            state: state.or(activation).filter(|_| kind == CellKind::Lstm),
            gate: read("gates' function", gate, &Activation::GATES)?,
            reset: before.map(|before| if before { Reset::Before } else { Reset::After }),
            class: self.class.clone(),
            source: self.source.clone(),
            assumed: self.assumed,
        })
    }
}

/// A function by the name that any program has for it.
fn function(name: &str) -> Option<Activation> {
    let name = name.to_lowercase();
    let plain = match name.as_str() {
        "identity" => "linear",
        "hardsigmoid" => "hard_sigmoid",
        "soft_sign" => "softsign",
        other => other,
    };
    let mut words = Activation::WORDS.iter();
    words.find(|(word, _)| *word == plain).map(|(_, f)| *f)
}

impl Functions {
    /// Whether both say the same, whatever says so.
    pub(super) fn alike(&self, other: &Self) -> bool {
        let of = |f: &Self| (f.activation, f.state, f.gate, f.reset);
        of(self) == of(other)
    }
}

/// What a file says of the functions of a module; `None` for what it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Functions {
    /// φ of an RNN, of the block input or of the candidate.
    pub activation: Option<Activation>,
    /// φ of the state of an LSTM.
    pub state: Option<Activation>,
    /// What makes gates of pre-activations.
    pub gate: Option<Activation>,
    /// Where the reset gate of a GRU stands.
    pub reset: Option<Reset>,
    /// The class of the module, as its program calls it.
    pub class: Option<String>,
    /// What says so; empty for nothing.
    pub source: String,
    /// Whether these are but the defaults of the program that wrote the file.
    pub assumed: bool,
}
