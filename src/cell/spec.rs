//! What a cell says about itself. Whatever knows cells by kind (names and words on screen, claims,
//! settings that have an effect, what is drawn) reads it from here.

use super::{Lands, Path};

/// The specification of a cell, which stands in the cell's own file.
#[derive(Debug)]
pub struct Spec {
    /// The name on the command line, in files and on screen.
    pub name: &'static str,
    /// The article of the name in a sentence: a or an.
    pub article: &'static str,
    /// What the literature calls the cell.
    pub title: &'static str,
    /// PyTorch's module of such layers.
    pub module: Option<&'static str>,
    /// The gates, in the order of their blocks in the pre-activations and in PyTorch's files.
    pub gates: &'static [Gate],
    /// What carries h_{t-1} into the pre-activations.
    pub recurrence: Recurrence,
    /// The recurrent matrices in the order in which they are shown: a name and the block. Eigenvalues
    /// or weights of the units stand for one matrix, the diagonal one.
    pub matrices: &'static [(&'static str, usize)],
    /// Every path on which the gradient can come back, in the order in which they are shown.
    pub paths: &'static [Carried],
    /// Names of the sets of paths that can be cut together.
    pub cut_sets: &'static [&'static str],
    /// The block of the gate that keeps the state, whose path crosses no matrix.
    pub keeps: Option<usize>,
    /// Whether the state has a c beside h.
    pub has_c: bool,
    /// Whether the cell has biases.
    pub has_biases: bool,
    /// Whether φ is a setting.
    pub has_activation: bool,
    /// Whether there are peepholes and variants of the cell, and factors on single matrices.
    pub has_variants: bool,
    /// The settings of gate biases that the blocks take, in their order; empty for none.
    pub gate_biases: &'static [&'static str],
    /// The stream of random numbers that parameters are drawn from: each cell has its own, so that
    /// none depends on what the others draw.
    pub stream: u64,
}

/// One block of the pre-activations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// The name of the gate.
    pub name: &'static str,
    /// Its letter in the equations.
    pub letter: char,
    /// Whether it is a gate between 0 and 1; else it is an activation between −1 and 1, or any number.
    pub closes: bool,
}

impl Gate {
    /// A gate between 0 and 1.
    pub const fn closing(name: &'static str, letter: char) -> Self {
        let closes = true;
        Self {
            name,
            letter,
            closes,
        }
    }

    /// An activation.
    pub const fn open(name: &'static str, letter: char) -> Self {
        let closes = false;
        Self {
            name,
            letter,
            closes,
        }
    }
}

/// What carries h_{t-1} into the pre-activations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recurrence {
    /// A matrix R_G for each gate.
    Matrices,
    /// A complex number λ for each pair of units ([`Diagonal`](super::Diagonal)).
    Eigenvalues,
    /// A weight u for each unit, which sees itself only: R is diagonal.
    Units,
    /// Nothing: the gates see the input only.
    None,
}

/// A path that carries the gradient from step t + 1 to step t, and which part of the state it
/// lands on there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carried {
    /// Which path.
    pub path: Path,
    /// Where it lands.
    pub lands: Lands,
    /// What multiplies the gradient on it, in a few words.
    pub by: &'static str,
    /// Which way it takes, in sentences. Braces hold what is a formula: `{R_o}`, `{p_i}`, `{c}`.
    pub way: &'static str,
    /// What may make a chain of it explode, where something can be said.
    pub bound: Option<&'static str>,
}

impl Spec {
    /// A cell with biases and nothing else; what a specification leaves out is as it is here.
    pub const PLAIN: Self = Self {
        name: "",
        article: "a",
        title: "",
        module: None,
        gates: &[],
        recurrence: Recurrence::None,
        matrices: &[],
        paths: &[],
        cut_sets: &[],
        keeps: None,
        has_c: false,
        has_biases: true,
        has_activation: false,
        has_variants: false,
        gate_biases: &[],
        stream: 0,
    };

    /// The name with its article.
    pub fn with_article(&self) -> String {
        format!("{} {}", self.article, self.name)
    }

    /// What the weights of such a layer are called: PyTorch's module, or the cell's own name.
    pub fn class(&self) -> &'static str {
        self.module.unwrap_or(self.name)
    }

    /// Names of the gates, in the order of their blocks.
    pub fn gate_names(&self) -> impl Iterator<Item = &'static str> {
        self.gates.iter().map(|gate| gate.name)
    }

    /// Names of the recurrent matrices, in the order in which they are shown.
    pub fn matrix_names(&self) -> impl Iterator<Item = &'static str> {
        self.matrices.iter().map(|(name, _)| *name)
    }

    /// How many matrices R_G there are.
    pub const fn blocks_of_r(&self) -> usize {
        match self.recurrence {
            Recurrence::Matrices => self.gates.len(),
            Recurrence::Eigenvalues | Recurrence::Units | Recurrence::None => 0,
        }
    }

    /// A path, if the cell has it.
    pub fn path(&self, path: Path) -> Option<&'static Carried> {
        self.paths.iter().find(|carried| carried.path == path)
    }

    /// The gate that keeps the state, and the path on which it does.
    pub fn keeper(&self) -> Option<(&'static Gate, Path)> {
        let gate = self.gates.get(self.keeps?)?;
        let highway = self
            .paths
            .iter()
            .find(|carried| carried.path.is_highway())?;
        Some((gate, highway.path))
    }

    /// The gradient that the cell is known by: δc, or δh for a cell without c.
    pub const fn gradient(&self) -> &'static str {
        if self.has_c { "δc" } else { "δh" }
    }
}
