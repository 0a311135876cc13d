//! Stacks of layers, as `nn.RNN`, `nn.LSTM` and `nn.GRU` have them: parameters.
//!
//! Layer 0 reads the inputs x_t, layer l + 1 the outputs of layer l. A bidirectional layer is two
//! cells: one reads from t = 1 to T, the other from T to 1, and the layer's output is
//! [h→_t; h←_t].
//!
//! An LSTM with a projection (Sak et al. 2014, `proj_size`) puts a matrix W_hr (P × H) behind the
//! cell and feeds its result back:
//!
//! ```text
//! m_t = o_t ⊙ tanh(c_t),   h_t = W_hr m_t,   pre-activations of t + 1:  … + R h_t,  R: 4H × P
//! ```
//!
//! Since R h_t = (R W_hr) m_t, this is an ordinary LSTM whose recurrent matrix is R W_hr and whose
//! h is m. That is what is run, and what every product "through R_G" below means; δh_t of the
//! projected h is had from the δ of the pre-activations.

use std::fmt;

use ndarray::{Array1, Array2};

use super::{CellKind, Parameters};

/// All layers of a recurrent module.
#[derive(Clone, Debug, PartialEq)]
pub struct StackParameters {
    /// The cell of all layers.
    pub kind: CellKind,
    /// For each layer one direction, or two: forward, then reverse.
    pub layers: Vec<Vec<Direction>>,
}

/// Which layer, in which direction. By default the first, forward.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LayerId {
    /// The layer, from 0.
    pub layer: usize,
    /// Whether it is the direction that reads from T to 1.
    pub reverse: bool,
}

impl fmt::Display for LayerId {
    /// `layer 0`, `layer 1 ←`.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let arrow = if self.reverse { " ←" } else { "" };
        write!(f, "layer {}{arrow}", self.layer)
    }
}

/// One layer in one direction.
#[derive(Clone, Debug, PartialEq)]
pub struct Direction {
    /// The cell's parameters; with a projection their `r` is R W_hr.
    pub cell: Parameters,
    /// The projection, if there is one.
    pub projection: Option<Projection>,
}

/// What an LSTM with `proj_size` has in place of R.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// R, `weight_hh`: 4H × P.
    pub recurrent: Array2<f64>,
    /// W_hr, `weight_hr`: P × H.
    pub matrix: Array2<f64>,
}

impl Direction {
    /// An LSTM with a projection: `w` 4H × D, R and W_hr as in [`Projection`].
    pub fn projected(
        w: Array2<f64>,
        biases: Option<[Array1<f64>; 2]>,
        projection: Projection,
    ) -> Self {
        Self {
            cell: Parameters {
                kind: CellKind::Lstm,
                w,
                r: projection.recurrent.dot(&projection.matrix),
                biases,
                peepholes: None,
                gates_r: None,
                diagonal: None,
            },
            projection: Some(projection),
        }
    }

    /// The size of h: H, or P with a projection.
    pub fn outputs(&self) -> usize {
        self.projection
            .as_ref()
            .map_or(self.cell.hidden(), |p| p.matrix.nrows())
    }

    /// How many numbers the direction is made of.
    pub fn count(&self) -> usize {
        let cell = &self.cell;
        let recurrent = self
            .projection
            .as_ref()
            .map_or(cell.r.len(), |p| p.recurrent.len() + p.matrix.len());
        let biases = cell.biases.iter().flatten().map(Array1::len);
        let peepholes = cell.peepholes.iter().flatten().map(Array1::len);
        cell.w.len() + recurrent + biases.chain(peepholes).sum::<usize>()
    }
}

impl From<Parameters> for Direction {
    fn from(cell: Parameters) -> Self {
        Self {
            cell,
            projection: None,
        }
    }
}

impl StackParameters {
    /// Adds this to the forget gate's bias of every LSTM.
    pub fn offset_forget(&mut self, offset: f64) {
        let parts = self.layers.iter_mut().flatten().map(|part| &mut part.cell);
        for cell in parts.filter(|cell| cell.kind == CellKind::Lstm && offset != 0.0) {
            let (n, rows) = (cell.hidden(), cell.w.nrows());
            let zeros = || [Array1::zeros(rows), Array1::zeros(rows)];
            let [b_ih, _] = cell.biases.get_or_insert_with(zeros);
            // Blocks in the order i, f, z, o.
            b_ih.iter_mut().skip(n).take(n).for_each(|b| *b += offset);
        }
    }

    /// Inputs D of layer 0.
    pub fn inputs(&self) -> usize {
        self.first().map_or(0, |direction| direction.cell.inputs())
    }

    /// Units H of the first layer.
    pub fn hidden(&self) -> usize {
        self.first().map_or(0, |direction| direction.cell.hidden())
    }

    /// Units H of each layer.
    pub fn sizes(&self) -> Vec<usize> {
        let first = |layer: &Vec<Direction>| layer.first().map_or(0, |part| part.cell.hidden());
        self.layers.iter().map(first).collect()
    }

    /// The units as text: one number where all layers have as many, else that of each layer.
    pub fn units(&self) -> String {
        let mut sizes = self.sizes();
        if sizes.windows(2).all(|pair| pair[0] == pair[1]) {
            sizes.truncate(1);
        }
        let sizes: Vec<String> = sizes.iter().map(usize::to_string).collect();
        sizes.join(", ")
    }

    /// Outputs of the top layer, both directions together.
    pub fn outputs(&self) -> usize {
        let top = self.layers.last();
        top.map_or(0, |top| top.iter().map(Direction::outputs).sum())
    }

    /// One layer in one direction; `None` when there is none such.
    pub fn get(&self, id: LayerId) -> Option<&Direction> {
        self.layers.get(id.layer)?.get(usize::from(id.reverse))
    }

    /// Whether the layers read in both directions.
    pub fn bidirectional(&self) -> bool {
        self.layers.iter().any(|layer| layer.len() > 1)
    }

    /// Whether any layer has a projection.
    pub fn projected(&self) -> bool {
        let mut parts = self.layers.iter().flatten();
        parts.any(|part| part.projection.is_some())
    }

    /// How many numbers the module is made of.
    pub fn count(&self) -> usize {
        self.layers.iter().flatten().map(Direction::count).sum()
    }

    fn first(&self) -> Option<&Direction> {
        self.layers.first().and_then(|layer| layer.first())
    }
}
