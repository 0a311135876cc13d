//! The ground: numbers without end, matrix-vector kernels, elementwise functions, eigenvalues.

pub mod wide;

pub use wide::Wide;
