//! Trained weights from `.safetensors` files with `PyTorch`'s names.
//!
//! One recurrent module is taken from the file, under any prefix (`encoder.lstm.weight_hh_l0`), be
//! it an `nn.RNN`, an `nn.LSTM`, an `nn.GRU` or one of their cells (`weight_hh` without `_l0`):
//!
//! | tensor | shape | |
//! |---|---|---|
//! | `weight_ih_l0` | G·H × D | W |
//! | `weight_hh_l0` | G·H × H | R; G = 1 is an RNN, G = 4 an LSTM, G = 3 a GRU |
//! | `bias_ih_l0`, `bias_hh_l0` | G·H | both or neither |
//! | `weight_peephole_i_l0`, `_f_l0`, `_o_l0` | H | all three or none, LSTM only |

use std::collections::BTreeMap;
use std::path::Path;

use ndarray::{Array1, Array2};

use crate::cell::{CellKind, Parameters};
use crate::io::decode::shape_name;
use crate::io::sanitise::quote;
use crate::io::tensors::{self, Tensor, field};
use crate::io::{InputError, MAX_SIZE, read};
use crate::sim::Named;

/// Extensions of files that `torch.save` writes.
const PICKLES: [&str; 5] = ["pt", "pth", "bin", "pkl", "ckpt"];

/// What is said of pickles.
const PICKLE_REFUSED: &str = "a PyTorch pickle can run any code when it is read and is not taken; \
    convert it in Python: from safetensors.torch import save_file; \
    save_file(module.state_dict(), \"model.safetensors\")";

/// Reads the weights of the one recurrent module in a `.safetensors` file.
///
/// # Errors
/// The file cannot be read, is no `.safetensors` file, is a pickle, or does not hold exactly one
/// RNN, LSTM or GRU of one layer with finite weights and 1 ≤ H, D ≤ 512; or it holds another cell than
/// `cell` asks for.
pub fn load_parameters(
    path: &Path,
    cell: Option<CellKind>,
) -> Result<Named<Parameters>, InputError> {
    let source = read::source(path);
    let bytes = read::bytes(path)?;
    if PICKLES.contains(&read::extension(path).as_str()) {
        return Err(InputError::refused(&source, "", PICKLE_REFUSED));
    }
    let value = parse_parameters(&bytes, &source, cell)?;
    Ok(Named { source, value })
}

/// As [`load_parameters`], from the bytes of a file that is called `source` in messages.
///
/// # Errors
/// As [`load_parameters`].
pub fn parse_parameters(
    bytes: &[u8],
    source: &str,
    cell: Option<CellKind>,
) -> Result<Parameters, InputError> {
    if is_pickle(bytes) {
        return Err(InputError::refused(source, "", PICKLE_REFUSED));
    }
    let tensors = tensors::parse(bytes, source)?;
    let module = Module::find(&tensors, source)?;
    module.check_supported()?;
    module.parameters(cell)
}

/// Whether the bytes begin as a zip archive (`torch.save` since 1.6) or a pickle of protocol 2 to 5
/// (before). A `.safetensors` file with a header of 640 bytes begins like a pickle, but has a brace
/// at byte 8.
fn is_pickle(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
        || matches!(bytes, [0x80, 2..=5, ..]) && bytes.get(8) != Some(&b'{')
}

/// What a tensor is to its module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    WeightIh,
    WeightHh,
    BiasIh,
    BiasHh,
    Projection,
    PeepholeI,
    PeepholeF,
    PeepholeO,
}

impl Role {
    const PEEPHOLES: [Self; 3] = [Self::PeepholeI, Self::PeepholeF, Self::PeepholeO];

    const ALL: [Self; 8] = [
        Self::WeightIh,
        Self::WeightHh,
        Self::BiasIh,
        Self::BiasHh,
        Self::Projection,
        Self::PeepholeI,
        Self::PeepholeF,
        Self::PeepholeO,
    ];

    /// `PyTorch`'s name of the tensor, without layer.
    fn name(self) -> &'static str {
        match self {
            Self::WeightIh => "weight_ih",
            Self::WeightHh => "weight_hh",
            Self::BiasIh => "bias_ih",
            Self::BiasHh => "bias_hh",
            Self::Projection => "weight_hr",
            Self::PeepholeI => "weight_peephole_i",
            Self::PeepholeF => "weight_peephole_f",
            Self::PeepholeO => "weight_peephole_o",
        }
    }
}

/// The last part of a tensor's name, taken apart: `weight_hh`, `_l1`, `_reverse`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Leaf {
    role: Role,
    layer: usize,
    reverse: bool,
}

impl Leaf {
    /// `None` when no recurrent module has a tensor of this name.
    fn parse(name: &str) -> Option<Self> {
        let (name, reverse) = match name.strip_suffix("_reverse") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (name, layer) = match name.rsplit_once("_l") {
            Some((name, layer)) => (name, layer.parse().ok()?),
            None => (name, 0),
        };
        let role = Role::ALL.into_iter().find(|role| role.name() == name)?;
        Some(Self {
            role,
            layer,
            reverse,
        })
    }
}

/// The module's prefix, with its final dot, and the last part of a tensor's name.
fn split_name(name: &str) -> (&str, &str) {
    name.rfind('.')
        .map_or(("", name), |dot| name.split_at(dot + 1))
}

/// The recurrent module of a file.
struct Module<'a> {
    file: &'a str,
    /// What stands before its tensors' names, with the final dot.
    prefix: &'a str,
    tensors: Vec<(Leaf, &'a Tensor<'a>)>,
}

impl<'a> Module<'a> {
    /// The only module in the file that has recurrent tensors.
    fn find(tensors: &'a [Tensor<'a>], file: &'a str) -> Result<Self, InputError> {
        let mut modules: BTreeMap<&str, Vec<(Leaf, &Tensor)>> = BTreeMap::new();
        for tensor in tensors {
            let (prefix, name) = split_name(&tensor.name);
            if let Some(leaf) = Leaf::parse(name) {
                modules.entry(prefix).or_default().push((leaf, tensor));
            }
        }
        let prefixes: Vec<&str> = modules.keys().map(|p| p.trim_end_matches('.')).collect();
        if prefixes.len() > 1 {
            let found = format!("{}: {}", prefixes.len(), list(&prefixes));
            return Err(InputError::unexpected(
                file,
                "",
                "one recurrent module",
                found,
            ));
        }
        let Some((prefix, found)) = modules.into_iter().next() else {
            let names: Vec<&str> = tensors.iter().map(|t| t.name.as_str()).collect();
            let expected = "an nn.RNN, nn.LSTM or nn.GRU (weight_ih_l0, weight_hh_l0)";
            return Err(InputError::unexpected(file, "", expected, list(&names)));
        };
        for tensor in tensors {
            let (other, name) = split_name(&tensor.name);
            if other == prefix && Leaf::parse(name).is_none() {
                let why =
                    "the recurrent module has a tensor that nn.RNN, nn.LSTM and nn.GRU do not have";
                return Err(InputError::refused(file, field(&tensor.name), why));
            }
        }
        Ok(Self {
            file,
            prefix,
            tensors: found,
        })
    }

    /// What `PyTorch` can do and this program cannot, each with its own sentence.
    fn check_supported(&self) -> Result<(), InputError> {
        let refuse = |tensor: &Tensor, why: &str| {
            Err(InputError::refused(self.file, field(&tensor.name), why))
        };
        let first = |is: fn(&Leaf) -> bool| self.tensors.iter().find(|(l, _)| is(l)).map(|t| t.1);
        if let Some(tensor) = first(|leaf| leaf.reverse) {
            return refuse(
                tensor,
                "bidirectional modules are not supported; one direction of nn.RNN, nn.LSTM or nn.GRU is",
            );
        }
        if let Some(tensor) = first(|leaf| leaf.layer > 0) {
            return refuse(
                tensor,
                "stacks of layers are not supported; an nn.RNN, nn.LSTM or nn.GRU with num_layers=1 is",
            );
        }
        if let Some(tensor) = first(|leaf| leaf.role == Role::Projection) {
            return refuse(
                tensor,
                "projections are not supported; an nn.LSTM with proj_size=0 is",
            );
        }
        for (i, (leaf, tensor)) in self.tensors.iter().enumerate() {
            // `weight_hh` and `weight_hh_l0` are the same tensor under two names.
            if self.tensors.iter().take(i).any(|(other, _)| other == leaf) {
                return refuse(
                    tensor,
                    "the module has this tensor twice, with and without _l0",
                );
            }
        }
        Ok(())
    }

    fn get(&self, role: Role) -> Option<&'a Tensor<'a>> {
        self.tensors
            .iter()
            .find(|(leaf, _)| leaf.role == role)
            .map(|&(_, tensor)| tensor)
    }

    fn require(&self, role: Role, why: &str) -> Result<&'a Tensor<'a>, InputError> {
        self.get(role).ok_or_else(|| {
            let name = format!("{}{}_l0", self.prefix, role.name());
            InputError::unexpected(self.file, field(&name), why, "none")
        })
    }

    fn parameters(&self, cell: Option<CellKind>) -> Result<Parameters, InputError> {
        let r = self.require(Role::WeightHh, "the recurrent weights")?;
        let w = self.require(Role::WeightIh, "the input weights")?;
        let (kind, rows, hidden) = self.kind(r)?;
        if let Some(asked) = cell.filter(|&asked| asked != kind) {
            let expected = format!("the weights of {}", with_article(asked));
            let found = format!("those of {} ({})", with_article(kind), shape_name(&r.shape));
            return Err(InputError::unexpected(
                self.file,
                field(&r.name),
                expected,
                found,
            ));
        }
        let &[w_rows, inputs] = w.shape.as_slice() else {
            return Err(self.wrong_shape(w, &format!("{rows} x D")));
        };
        if w_rows != rows {
            return Err(self.wrong_shape(w, &format!("{rows} x D, as weight_hh has {rows} rows")));
        }
        self.check_size(w, "inputs", inputs)?;
        let biases = self.biases(rows)?;
        let peepholes = self.peepholes(kind, hidden)?;
        Ok(Parameters {
            kind,
            w: self.matrix(w, rows, inputs)?,
            r: self.matrix(r, rows, hidden)?,
            biases,
            peepholes,
            gates_r: None,
            diagonal: None,
        })
    }

    /// The cell that a recurrent matrix of this shape belongs to, its rows G·H and its columns H.
    fn kind(&self, r: &Tensor) -> Result<(CellKind, usize, usize), InputError> {
        let expected = "H x H (nn.RNN), 4H x H (nn.LSTM) or 3H x H (nn.GRU)";
        let &[rows, hidden] = r.shape.as_slice() else {
            return Err(self.wrong_shape(r, expected));
        };
        self.check_size(r, "units", hidden)?;
        match (rows / hidden, rows % hidden) {
            (1, 0) => Ok((CellKind::Rnn, rows, hidden)),
            (4, 0) => Ok((CellKind::Lstm, rows, hidden)),
            (3, 0) => Ok((CellKind::Gru, rows, hidden)),
            _ => Err(self.wrong_shape(r, expected)),
        }
    }

    fn biases(&self, rows: usize) -> Result<Option<[Array1<f64>; 2]>, InputError> {
        let pair = [Role::BiasIh, Role::BiasHh];
        if pair.iter().all(|&role| self.get(role).is_none()) {
            return Ok(None);
        }
        let [ih, hh] = pair.map(|role| {
            let tensor = self.require(role, "both biases or neither")?;
            self.vector(tensor, rows)
        });
        Ok(Some([ih?, hh?]))
    }

    fn peepholes(
        &self,
        kind: CellKind,
        hidden: usize,
    ) -> Result<Option<[Array1<f64>; 3]>, InputError> {
        let Some(first) = Role::PEEPHOLES.iter().find_map(|&role| self.get(role)) else {
            return Ok(None);
        };
        if kind != CellKind::Lstm {
            let why = if kind == CellKind::Rnn {
                "an nn.RNN has no peepholes; only the gates of an LSTM have"
            } else {
                "an nn.GRU has no peepholes; only the gates of an LSTM have"
            };
            return Err(InputError::refused(self.file, field(&first.name), why));
        }
        let [i, f, o] = Role::PEEPHOLES.map(|role| {
            let tensor = self.require(role, "all three peepholes or none")?;
            self.vector(tensor, hidden)
        });
        Ok(Some([i?, f?, o?]))
    }

    fn check_size(&self, tensor: &Tensor, what: &str, size: usize) -> Result<(), InputError> {
        if (1..=MAX_SIZE).contains(&size) {
            return Ok(());
        }
        let expected = format!("1 to {MAX_SIZE} columns ({what})");
        Err(InputError::unexpected(
            self.file,
            field(&tensor.name),
            expected,
            size.to_string(),
        ))
    }

    fn wrong_shape(&self, tensor: &Tensor, expected: &str) -> InputError {
        let found = shape_name(&tensor.shape);
        InputError::unexpected(self.file, field(&tensor.name), expected, found)
    }

    fn matrix(&self, t: &Tensor, rows: usize, columns: usize) -> Result<Array2<f64>, InputError> {
        Array2::from_shape_vec((rows, columns), t.values(self.file)?)
            .map_err(|_| self.wrong_shape(t, &shape_name(&[rows, columns])))
    }

    fn vector(&self, tensor: &Tensor, length: usize) -> Result<Array1<f64>, InputError> {
        if tensor.shape != [length] {
            return Err(self.wrong_shape(tensor, &shape_name(&[length])));
        }
        Ok(Array1::from(tensor.values(self.file)?))
    }
}

/// A cell in a sentence.
fn with_article(cell: CellKind) -> &'static str {
    match cell {
        CellKind::Rnn => "an rnn",
        CellKind::Lstm => "an lstm",
        CellKind::Gru => "a gru",
        CellKind::MinGru => "a mingru",
        CellKind::MinLstm => "a minlstm",
        CellKind::Lru => "an lru",
    }
}

/// The first few names, in quotes.
fn list(names: &[&str]) -> String {
    const SHOWN: usize = 3;
    let mut shown: Vec<String> = names.iter().take(SHOWN).map(|n| quote(n)).collect();
    match names.len() {
        0 => return "no tensor".to_owned(),
        n if n > SHOWN => shown.push(format!("{} more", n - SHOWN)),
        _ => {}
    }
    match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => shown.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart() {
        let leaf = |role, layer, reverse| {
            Some(Leaf {
                role,
                layer,
                reverse,
            })
        };
        assert_eq!(Leaf::parse("weight_hh_l0"), leaf(Role::WeightHh, 0, false));
        assert_eq!(Leaf::parse("weight_hh"), leaf(Role::WeightHh, 0, false));
        assert_eq!(
            Leaf::parse("bias_ih_l12_reverse"),
            leaf(Role::BiasIh, 12, true)
        );
        assert_eq!(
            Leaf::parse("weight_peephole_f_l0"),
            leaf(Role::PeepholeF, 0, false)
        );
        assert_eq!(
            Leaf::parse("weight_peephole_o"),
            leaf(Role::PeepholeO, 0, false)
        );
        for other in [
            "weight",
            "weight_hh_lx",
            "weight_hh_l",
            "weight_hh_l-1",
            "xweight_hh",
            "",
        ] {
            assert_eq!(Leaf::parse(other), None, "{other}");
        }
        assert_eq!(split_name("a.b.weight_hh"), ("a.b.", "weight_hh"));
        assert_eq!(split_name("weight_hh"), ("", "weight_hh"));
    }

    #[test]
    fn lists_are_short() {
        assert_eq!(list(&[]), "no tensor");
        assert_eq!(list(&["a"]), "'a'");
        assert_eq!(list(&["a", "b"]), "'a' and 'b'");
        assert_eq!(list(&["a", "b", "c", "d", "e"]), "'a', 'b', 'c' and 2 more");
    }

    #[test]
    fn a_header_of_640_bytes_is_no_pickle() {
        assert!(!is_pickle(b"\x80\x02\0\0\0\0\0\0{"));
        assert!(is_pickle(b"\x80\x02}q\0."));
        assert!(is_pickle(b"PK\x03\x04"));
        assert!(!is_pickle(b""));
    }
}
