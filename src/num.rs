//! The ground: numbers without end, matrix-vector kernels, elementwise functions, eigenvalues.

pub mod affine;
pub mod aligned;
pub mod elementwise;
pub mod hadamard;
pub mod householder;
pub mod lanczos;
pub mod matrix;
pub mod multiply;
pub mod number;
pub mod outer;
pub mod packed;
pub mod room;
pub mod scaled;
pub mod simd;
pub mod thread;
mod tile;
pub mod vector;
pub mod wide;
pub mod wides;

pub use number::Number;
pub use packed::Packed;
pub use wide::Wide;
