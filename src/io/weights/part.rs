//! One layer of a module in one direction.

use ndarray::{Array1, Array2};

use super::module::Module;
use super::names::{Leaf, Role};
use crate::cell::{CellKind, Direction, Parameters, Projection};
use crate::io::decode::shape_name;
use crate::io::error::Mistake;
use crate::io::tensor::{Tensor, field};

/// One layer of a module in one direction.
pub(super) struct Part<'m, 'a> {
    pub(super) module: &'m Module<'a>,
    pub(super) layer: usize,
    pub(super) reverse: bool,
    /// The largest H.
    pub(super) max: usize,
    /// The largest D of layer 0.
    pub(super) max_inputs: usize,
}

impl<'a> Part<'_, 'a> {
    /// The direction's parameters. `first` is a direction that is there already, whose cell it has;
    /// in the same layer its size, too. `inputs` is what the layer below gives, where there is one.
    pub(super) fn direction(
        &self,
        first: Option<&Direction>,
        inputs: Option<usize>,
    ) -> Result<Direction, Mistake> {
        if self.module.has(Role::Projection) {
            self.projected(first, inputs)
        } else {
            let first = first.map(|first| &first.cell);
            Ok(self.parameters(None, first, inputs)?.into())
        }
    }

    /// The parameters of a direction without projection.
    pub(super) fn parameters(
        &self,
        cell: Option<CellKind>,
        first: Option<&Parameters>,
        inputs: Option<usize>,
    ) -> Result<Parameters, Mistake> {
        let r = self.require(Role::WeightHh, "the recurrent weights")?;
        let w = self.require(Role::WeightIh, "the input weights")?;
        let (kind, rows, hidden) = self.kind(r)?;
        if let Some(asked) = cell.filter(|&asked| asked != kind) {
            let expected = format!("the weights of {}", asked.spec().with_article());
            let (found, shape) = (kind.spec().with_article(), shape_name(&r.shape));
            let found = format!("those of {found} ({shape})");
            return Err(r.wrong(expected, found));
        }
        if let Some(first) = first.filter(|first| first.kind != kind) {
            let (gates, cell) = (first.gates(), first.kind.spec().with_article());
            let expected = format!("{gates}H x H, as layer 0 is {cell}");
            return Err(r.wrong_shape(expected));
        }
        let forward = first.filter(|_| self.reverse);
        if let Some(forward) = forward.filter(|forward| forward.r.shape() != r.shape.as_slice()) {
            let expected = format!("{} as forward", shape_name(forward.r.shape()));
            return Err(r.wrong_shape(expected));
        }
        let inputs = self.check_inputs(w, rows, inputs)?;
        Ok(Parameters {
            kind,
            w: self.matrix(w, rows, inputs)?,
            r: self.matrix(r, rows, hidden)?,
            biases: self.biases(rows)?,
            peepholes: self.peepholes(kind, hidden)?,
            gates_r: None,
            diagonal: None,
        })
    }

    /// An LSTM with a projection.
    fn projected(
        &self,
        first: Option<&Direction>,
        inputs: Option<usize>,
    ) -> Result<Direction, Mistake> {
        let r = self.require(Role::WeightHh, "the recurrent weights")?;
        let w = self.require(Role::WeightIh, "the input weights")?;
        let hr = self.require(Role::Projection, "the projection, as other layers have one")?;
        let &[outputs, hidden] = hr.shape.as_slice() else {
            return Err(hr.wrong_shape("P x H (nn.LSTM with proj_size=P)"));
        };
        check_size(hr, "units", hidden, self.max)?;
        if outputs == 0 || outputs >= hidden {
            let expected = format!("1 to {} rows (proj_size < {hidden})", hidden - 1);
            return Err(hr.wrong(expected, outputs));
        }
        let forward = first.filter(|_| self.reverse);
        if let Some(forward) = forward.and_then(|forward| forward.projection.as_ref())
            && forward.matrix.shape() != hr.shape.as_slice()
        {
            let expected = format!("{} as forward", shape_name(forward.matrix.shape()));
            return Err(hr.wrong_shape(expected));
        }
        let rows = 4 * hidden;
        if r.shape != [rows, outputs] {
            let of = shape_name(&hr.shape);
            let expected = format!("{}, as weight_hr is {of}", shape_name(&[rows, outputs]));
            return Err(r.wrong_shape(expected));
        }
        if let Some(role) = Role::PEEPHOLES
            .into_iter()
            .find(|&role| self.module.has(role))
        {
            let peephole = self.require(role, "no peepholes beside a projection")?;
            let why = "peepholes beside a projection are not supported";
            return Err(Mistake::refused(field(peephole.label()), why));
        }
        let inputs = self.check_inputs(w, rows, inputs)?;
        let projection = Projection {
            recurrent: self.matrix(r, rows, outputs)?,
            matrix: self.matrix(hr, outputs, hidden)?,
        };
        let (w, biases) = (self.matrix(w, rows, inputs)?, self.biases(rows)?);
        Ok(Direction::projected(w, biases, projection))
    }

    fn get(&self, role: Role) -> Option<&'a Tensor> {
        let leaf = Leaf {
            role,
            layer: self.layer,
            reverse: self.reverse,
        };
        self.module.get(leaf)
    }

    fn require(&self, role: Role, why: &str) -> Result<&'a Tensor, Mistake> {
        self.get(role).ok_or_else(|| {
            let (prefix, layer) = (self.module.prefix, self.layer);
            let reverse = if self.reverse { "_reverse" } else { "" };
            let name = format!("{prefix}{}_l{layer}{reverse}", role.name());
            Mistake::new(field(&name), why, "none")
        })
    }

    /// The inputs of W, which has `rows` rows and reads the layer below where there is one.
    fn check_inputs(
        &self,
        w: &Tensor,
        rows: usize,
        below: Option<usize>,
    ) -> Result<usize, Mistake> {
        let &[w_rows, inputs] = w.shape.as_slice() else {
            return Err(w.wrong_shape(format!("{rows} x D")));
        };
        if w_rows != rows {
            return Err(w.wrong_shape(format!("{rows} x D, as weight_hh has {rows} rows")));
        }
        match below {
            None => check_size(w, "inputs", inputs, self.max_inputs)?,
            Some(below) if below != inputs => {
                let what = if self.layer == 0 {
                    "as the other direction has".to_owned()
                } else {
                    format!("as layer {} has {below} outputs", self.layer - 1)
                };
                let expected = format!("{}, {what}", shape_name(&[rows, below]));
                return Err(w.wrong_shape(expected));
            }
            Some(_) => {}
        }
        Ok(inputs)
    }

    /// The cell that a recurrent matrix of this shape belongs to, its rows G·H and its columns H.
    fn kind(&self, r: &Tensor) -> Result<(CellKind, usize, usize), Mistake> {
        let expected = "H x H (nn.RNN), 4H x H (nn.LSTM) or 3H x H (nn.GRU)";
        let &[rows, hidden] = r.shape.as_slice() else {
            return Err(r.wrong_shape(expected));
        };
        check_size(r, "units", hidden, self.max)?;
        match (rows / hidden, rows % hidden) {
            (1, 0) => Ok((CellKind::Rnn, rows, hidden)),
            (4, 0) => Ok((CellKind::Lstm, rows, hidden)),
            (3, 0) => Ok((CellKind::Gru, rows, hidden)),
            _ => Err(r.wrong_shape(expected)),
        }
    }

    fn biases(&self, rows: usize) -> Result<Option<[Array1<f64>; 2]>, Mistake> {
        let pair = [Role::BiasIh, Role::BiasHh];
        if pair.iter().all(|&role| !self.module.has(role)) {
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
    ) -> Result<Option<[Array1<f64>; 3]>, Mistake> {
        let Some(first) = Role::PEEPHOLES.iter().find_map(|&role| self.get(role)) else {
            return Ok(None);
        };
        if kind != CellKind::Lstm {
            let why = if kind == CellKind::Rnn {
                "an nn.RNN has no peepholes; only the gates of an LSTM have"
            } else {
                "an nn.GRU has no peepholes; only the gates of an LSTM have"
            };
            return Err(Mistake::refused(field(first.label()), why));
        }
        let [i, f, o] = Role::PEEPHOLES.map(|role| {
            let tensor = self.require(role, "all three peepholes or none")?;
            self.vector(tensor, hidden)
        });
        Ok(Some([i?, f?, o?]))
    }

    fn matrix(&self, t: &Tensor, rows: usize, columns: usize) -> Result<Array2<f64>, Mistake> {
        Array2::from_shape_vec((rows, columns), t.values(self.module.buffers)?)
            .map_err(|_| t.wrong_shape(shape_name(&[rows, columns])))
    }

    fn vector(&self, tensor: &Tensor, length: usize) -> Result<Array1<f64>, Mistake> {
        if tensor.shape != [length] {
            return Err(tensor.wrong_shape(shape_name(&[length])));
        }
        Ok(Array1::from(tensor.values(self.module.buffers)?))
    }
}

fn check_size(tensor: &Tensor, what: &str, size: usize, most: usize) -> Result<(), Mistake> {
    if (1..=most).contains(&size) {
        return Ok(());
    }
    let expected = format!("1 to {most} columns ({what})");
    Err(tensor.wrong(expected, size))
}
