//! The functions of a cell from a file: what the file says, what is asked for where it does not, and in
//! one line what the cell was taken for.

use crate::cell::{Activation, CellKind, Reset, Semantics};
use crate::cli::Failure;
use crate::cli::args::{Given, InspectArgs};
use crate::io::Functions;
use crate::sim::Settings;
use crate::sim::preset::limits;
use crate::words::functions;

/// What is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    activation: Option<Activation>,
    block: Option<Activation>,
    state: Option<Activation>,
    gate: Option<Activation>,
    reset: Option<Reset>,
    forget_offset: Option<f64>,
}

impl From<&Given<Settings>> for Asked {
    fn from(given: &Given<Settings>) -> Self {
        Self {
            activation: given.asked("activation", |s| s.activation),
            block: given.asked("block_activation", |s| s.block_activation),
            state: given.asked("state_activation", |s| s.state_activation),
            gate: given.asked("gate", |s| s.gate),
            reset: given.asked("reset", |s| s.reset),
            forget_offset: given.asked("forget_offset", |s| s.forget_offset),
        }
    }
}

impl From<&InspectArgs> for Asked {
    fn from(args: &InspectArgs) -> Self {
        Self {
            activation: args.activation,
            block: None,
            state: args.state_activation,
            gate: args.gate,
            reset: args.reset,
            forget_offset: args.forget_offset,
        }
    }
}

/// A cell's functions, as they were decided.
#[derive(Debug)]
pub struct Decided {
    pub semantics: Semantics,
    /// What is added to the forget gate's bias.
    pub forget_offset: f64,
    /// `taken as nn.GRU: tanh, reset after`.
    pub taken: String,
}

impl Asked {
    /// One activation for all that a cell has, where no option names a single one.
    pub fn all_activations(&self, semantics: &mut Semantics) {
        if let Some(activation) = self.activation {
            semantics.activation = self.block.unwrap_or(activation);
            semantics.state = self.state.unwrap_or(activation);
        }
    }

    /// Decides the functions of a cell from this file.
    ///
    /// # Errors
    /// One sentence, where what is asked for is another thing than what the file says, or nothing that the cell
    /// has.
    pub fn decide(
        &self,
        known: &Functions,
        kind: CellKind,
        file: &str,
    ) -> Result<Decided, Failure> {
        self.check(kind, file)?;
        let known = if known.assumed && self.any() {
            &Functions::default()
        } else {
            known
        };
        let mut semantics = Semantics::default();
        self.all_activations(&mut semantics);
        let one = Choice { known, file };
        let own = |option, phi: Option<Activation>| match phi {
            Some(_) => (option, phi),
            None => ("--activation", self.activation),
        };
        let block = own("--block-activation", self.block);
        let state = own("--state-activation", self.state);
        let (gate, reset) = (("--gate", self.gate), ("--reset", self.reset));
        let activations = limits::ACTIVATIONS;
        one.choose(
            block,
            activations,
            known.activation,
            &mut semantics.activation,
        )?;
        one.choose(state, activations, known.state, &mut semantics.state)?;
        one.choose(
            gate,
            limits::GATE_FUNCTIONS,
            known.gate,
            &mut semantics.gate,
        )?;
        one.choose(reset, limits::RESETS, known.reset, &mut semantics.reset)?;
        let forget_offset = self.forget_offset.unwrap_or(0.0);
        let taken = self.taken(known, kind, semantics);
        Ok(Decided {
            semantics,
            forget_offset,
            taken,
        })
    }

    fn any(&self) -> bool {
        let functions = [self.activation, self.block, self.state, self.gate];
        functions.iter().any(Option::is_some) || self.reset.is_some()
    }

    /// What is asked for must be there.
    fn check(&self, kind: CellKind, file: &str) -> Result<(), Failure> {
        let (lstm, gru) = (CellKind::Lstm, CellKind::Gru);
        let of_gated = (&[lstm, gru][..], "an nn.LSTM or nn.GRU");
        let (of_lstm, of_gru) = ((&[lstm][..], "an nn.LSTM"), (&[gru][..], "an nn.GRU"));
        let all = [
            ("--block-activation", self.block.is_some(), of_gated),
            ("--state-activation", self.state.is_some(), of_lstm),
            ("--gate", self.gate.is_some(), of_gated),
            ("--reset", self.reset.is_some(), of_gru),
            ("--forget-offset", self.forget_offset.is_some(), of_lstm),
        ];
        let misfit =
            |(_, asked, (cells, _)): &&(_, bool, (&[_], _))| *asked && !cells.contains(&kind);
        match all.iter().find(misfit) {
            None => Ok(()),
            Some((option, _, (_, of))) => {
                let found = kind.spec().class();
                Err(Failure::input(format!(
                    "{option}: expected the weights of {of}, found those of {found} in {file}"
                )))
            }
        }
    }

    /// The line that says what was assumed, and by what.
    fn taken(&self, known: &Functions, kind: CellKind, semantics: Semantics) -> String {
        let class = known.class.as_deref().unwrap_or(kind.spec().class());
        let asked = if self.any() { ", as asked" } else { "" };
        let head = match known.source.as_str() {
            "" => format!("taken as {class}{asked}"),
            source if known.assumed => format!("taken as {class} by {source}{asked}"),
            source => format!("{class} by {source}{asked}"),
        };
        let offset = self.forget_offset.unwrap_or(0.0);
        format!("{head}: {}", functions::all(kind, semantics, offset))
    }
}

/// What a file says, and its name.
struct Choice<'a> {
    known: &'a Functions,
    file: &'a str,
}

impl Choice<'_> {
    /// What the file says goes, and nothing else may be asked for.
    fn choose<T: Copy + PartialEq>(
        &self,
        (option, asked): (&str, Option<T>),
        words: limits::Words<T>,
        known: Option<T>,
        value: &mut T,
    ) -> Result<(), Failure> {
        if let (Some(asked), Some(known)) = (asked, known)
            && asked != known
        {
            let [asked, known] = [asked, known].map(|word| limits::word(words, &word));
            let (file, source) = (self.file, &self.known.source);
            let says = format!("expected {known}, as {file} says ({source})");
            return Err(Failure::input(format!("{option}: {says}, found {asked}")));
        }
        *value = known.or(asked).unwrap_or(*value);
        Ok(())
    }
}
