//! Training: what becomes of the gradients while a network learns.
//!
//! | module | what it is |
//! |---|---|
//! | [`task`] | where sequences and targets come from |
//! | [`network`] | what is trained: a recurrent layer and a linear readout |
//! | [`engine`] | loss and gradients of a batch, as matrix products, on several threads |
//! | [`clip`], [`optimiser`] | what happens to the gradients, as in PyTorch |

pub mod clip;
pub mod engine;
mod gru;
mod head;
mod lstm;
pub mod network;
pub mod optimiser;
mod pass;
mod product;
pub mod real;
mod rnn;
mod tape;
pub mod task;

pub use clip::Clip;
pub use engine::{Engine, Measured};
pub use head::Targets;
pub use network::{Kind, Network, Shape, Start};
pub use optimiser::{Optimiser, Rule};
pub use real::Real;
pub use tape::Tape;
pub use task::Task;
