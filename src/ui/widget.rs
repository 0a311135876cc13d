//! Drawing of plain numbers: widgets know no cell and no path.

pub mod bars;
pub mod chart;
mod dots;
pub mod heat;
pub mod ladder;
mod names;
pub mod scale;
