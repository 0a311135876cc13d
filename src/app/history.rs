//! Undo and redo of every change to settings and cuts.

/// The states before and after the present one.
#[derive(Debug, Default)]
pub struct History {}
