//! Drawing of plain numbers: widgets know no cell and no path.

pub mod bars;
pub mod chart;
pub mod heat;
pub mod ladder;
pub mod scale;
