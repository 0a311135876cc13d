//! A cell whose kind is known only when the program runs.

use super::{Cell, CellKind, Gru, Lru, Lstm, MinGru, MinLstm, Rnn};

/// One of the cells. What is done with it is a [`Visitor`], which is compiled for each of them: one
/// choice for a whole window, none within it.
#[derive(Clone, Debug)]
pub enum AnyCell {
    /// The vanilla RNN.
    Rnn(Rnn),
    /// The LSTM.
    Lstm(Lstm),
    /// The GRU.
    Gru(Gru),
    /// The minGRU.
    MinGru(MinGru),
    /// The minLSTM.
    MinLstm(MinLstm),
    /// The LRU.
    Lru(Lru),
}

/// Something that can be done with any cell.
pub trait Visitor {
    /// What comes out.
    type Output;

    /// Does it.
    fn visit<C: Cell>(self, cell: &C) -> Self::Output;
}

impl AnyCell {
    /// Does something with the cell.
    pub fn visit<V: Visitor>(&self, visitor: V) -> V::Output {
        match self {
            Self::Rnn(cell) => visitor.visit(cell),
            Self::Lstm(cell) => visitor.visit(cell),
            Self::Gru(cell) => visitor.visit(cell),
            Self::MinGru(cell) => visitor.visit(cell),
            Self::MinLstm(cell) => visitor.visit(cell),
            Self::Lru(cell) => visitor.visit(cell),
        }
    }

    /// Which cell it is.
    #[must_use]
    pub fn kind(&self) -> CellKind {
        match self {
            Self::Rnn(cell) => cell.kind(),
            Self::Lstm(cell) => cell.kind(),
            Self::Gru(cell) => cell.kind(),
            Self::MinGru(cell) => cell.kind(),
            Self::MinLstm(cell) => cell.kind(),
            Self::Lru(cell) => cell.kind(),
        }
    }
}
