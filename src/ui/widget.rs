//! Drawing of plain numbers: widgets know no cell and no path.

pub mod bars;
pub mod chart;
pub mod dots;
pub mod fan;
pub mod heat;
pub mod ladder;
pub mod map;
mod names;
pub mod plane;
pub mod scale;
pub mod stacked;
