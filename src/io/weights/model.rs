//! A model's file as a whole: which recurrent modules it has, one of them, and its embeddings.

use std::path::Path;

use ndarray::Array2;

use super::chain::Chain;
use super::contents::{Contents, Functions};
use super::format;
use super::module::{Module, NO_TENSOR};
use super::names::module_place;
use crate::cell::{CellKind, LayerId, Parameters, StackParameters};
use crate::io::error::Mistake;
use crate::io::tensor::{Buffers, Tensor};
use crate::io::{InputError, Named, read};
use crate::words::{few, quote};

/// A file of weights, read.
#[derive(Debug)]
pub struct ModelFile {
    source: String,
    buffers: Buffers,
    contents: Contents,
}

/// A recurrent module in a few words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModuleSummary {
    /// Its name in the model; empty where it is the model itself.
    pub name: String,
    /// Its cell, by the shape of a recurrent matrix; `None` where that is of none.
    pub cell: Option<CellKind>,
    /// H of its first layer, where it has recurrent weights.
    pub hidden: Option<usize>,
    /// D of its first layer, where it has input weights.
    pub inputs: Option<usize>,
    /// The type of its recurrent weights, as NumPy and PyTorch call it.
    pub dtype: String,
    /// Its layers.
    pub layers: usize,
    /// Whether it reads in both directions.
    pub bidirectional: bool,
    /// Whether it has a projection (`proj_size`).
    pub projection: bool,
}

impl ModuleSummary {
    /// Whether it is one layer that reads forward, without projection.
    pub const fn is_single_cell(&self) -> bool {
        self.layers <= 1 && !self.bidirectional && !self.projection
    }
}

impl ModelFile {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, or is of no format that is known.
    pub fn open(path: &Path) -> Result<Self, InputError> {
        let Named { source, value } = read::named(path, Self::read)?;
        Ok(Self { source, ..value })
    }

    /// From the bytes of a file that is called `source` in messages.
    ///
    /// # Errors
    /// It is of no format that is known.
    pub fn new(bytes: Vec<u8>, source: impl Into<String>) -> Result<Self, InputError> {
        let source = source.into();
        match Self::read(bytes) {
            Ok(file) => Ok(Self { source, ..file }),
            Err(mistake) => Err(mistake.of(&source)),
        }
    }

    fn read(bytes: Vec<u8>) -> Result<Self, Mistake> {
        let mut buffers = Buffers(vec![bytes]);
        let contents = format::read(&mut buffers)?;
        Ok(Self {
            source: String::new(),
            buffers,
            contents,
        })
    }

    /// The file's name in messages.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The recurrent modules, by name.
    ///
    /// # Errors
    /// The file is no `.safetensors` file, or has none.
    pub fn modules(&self) -> Result<Vec<ModuleSummary>, InputError> {
        let modules = Module::all(&self.contents, &self.buffers);
        let modules = modules.map_err(|mistake| mistake.of(&self.source))?;
        Ok(modules.iter().map(Module::summary).collect())
    }

    /// The module of this name, or the only one, in a few words; the modules of several names, with commas
    /// between, are one, and so are all of the file where each reads the one before.
    ///
    /// # Errors
    /// There is no such module, or not exactly one.
    pub fn module(&self, module: Option<&str>) -> Result<ModuleSummary, InputError> {
        self.of_module(module, |module| Ok(module.summary()))
    }

    /// The parameters of the module of this name, or of the only one, under its name.
    ///
    /// # Errors
    /// There is no such module, or not exactly one; a tensor is missing, has another type or shape
    /// than the others need, or numbers that are not finite.
    pub fn stack(&self, module: Option<&str>) -> Result<Named<StackParameters>, InputError> {
        self.of_module(module, |module| {
            self.told(module)?;
            Ok(Named {
                source: module.name(),
                value: module.stack()?,
            })
        })
    }

    /// One layer of a module in one direction, as a single cell has it.
    ///
    /// # Errors
    /// As [`ModelFile::stack`]; there is no such layer, it has a projection or is another cell than
    /// `cell` asks for, or H or D is above 512.
    pub fn layer(
        &self,
        module: Option<&str>,
        id: LayerId,
        cell: Option<CellKind>,
    ) -> Result<Parameters, InputError> {
        self.of_module(module, |module| {
            self.told(module)?;
            module.layer(id, cell)
        })
    }

    /// The matrix of this name, one row for each token, its columns the `inputs` of the module.
    ///
    /// # Errors
    /// There is no such matrix.
    pub fn embedding(&self, name: &str, inputs: usize) -> Result<Array2<f64>, InputError> {
        let matrix = self.matrix(name, inputs);
        matrix.map_err(|mistake| mistake.of(&self.source))
    }

    fn matrix(&self, name: &str, inputs: usize) -> Result<Array2<f64>, Mistake> {
        let tensors = &self.contents.tensors;
        let with_weight = format!("{name}.weight");
        let mut named = tensors.iter();
        let Some(tensor) = named.find(|t| t.name == name || t.name == with_weight) else {
            let matrices = |tensor: &&Tensor| tensor.shape.len() == 2 && tensor.shape[1] == inputs;
            let matrices = tensors.iter().filter(matrices);
            let names: Vec<&str> = matrices.map(|tensor| tensor.name.as_str()).collect();
            let expected = format!("the embedding {}", quote(name));
            return Err(Mistake::new("", expected, few(&names, NO_TENSOR)));
        };
        let wrong = || {
            let expected = format!("N x {inputs}, a row of {inputs} inputs for each token");
            tensor.wrong_shape(expected)
        };
        match *tensor.shape.as_slice() {
            [rows, columns] if rows > 0 && columns == inputs => {
                let values = tensor.values(&self.buffers)?;
                Array2::from_shape_vec((rows, columns), values).map_err(|_| wrong())
            }
            _ => Err(wrong()),
        }
    }

    /// The name of the first embedding whose rows are of `inputs` numbers, as far as its name says that
    /// it is one.
    pub fn an_embedding(&self, inputs: usize) -> Option<&str> {
        let mut tensors = self.contents.tensors.iter();
        let found = tensors.find(|tensor| {
            let name = tensor.name.to_lowercase();
            let named = ["emb", "wte"].iter().any(|part| name.contains(part));
            named && matches!(tensor.shape[..], [rows, columns] if rows > 1 && columns == inputs)
        });
        found.map(|tensor| tensor.name.as_str())
    }

    /// The functions of a module, as far as the file says them.
    ///
    /// # Errors
    /// There is no such module, or not exactly one; the file says of it what is not computed.
    pub fn functions(&self, module: Option<&str>) -> Result<Functions, InputError> {
        self.of_module(module, |module| self.told(module))
    }

    /// Several modules have the functions of the first.
    fn told(&self, chain: &Chain) -> Result<Functions, Mistake> {
        let mut first = None;
        for module in &chain.modules {
            let told = self.contents.told.get(module.name());
            let kind = module.summary().cell.unwrap_or(CellKind::Rnn);
            let refused = |why: &str| Mistake::refused(module_place(module.name()), why);
            let functions = told.map(|told| told.functions(kind)).transpose();
            let functions = functions.map_err(|why| refused(&why))?.unwrap_or_default();
            match &first {
                None => first = Some(functions),
                Some(first) if functions.alike(first) => {}
                Some(_) => {
                    let why = "its functions are not those of the module below; --module takes one of them";
                    return Err(refused(why));
                }
            }
        }
        Ok(first.unwrap_or_default())
    }

    /// What is asked of the module of this name, or of the only one.
    fn of_module<T>(
        &self,
        module: Option<&str>,
        asked: impl FnOnce(&Chain) -> Result<T, Mistake>,
    ) -> Result<T, InputError> {
        let all = Module::all(&self.contents, &self.buffers);
        let chain = all.and_then(|all| Chain::named(all, &self.contents, module));
        let answer = chain.and_then(|chain| asked(&chain));
        answer.map_err(|mistake| mistake.of(&self.source))
    }
}
