//! Training: what becomes of the gradients while a network learns.
//!
//! | module | what it is |
//! |---|---|
//! | [`task`] | where sequences and targets come from |
//! | [`network`] | what is trained: a recurrent layer and a linear readout |
//! | [`engine`] | loss and gradients of a batch, as matrix products, on several threads |
//! | [`clip`], [`optimiser`] | what happens to the gradients, as in PyTorch |
//! | [`settings`], [`run`] | all that decides a run, and its updates |
//! | [`checkpoint`] | the files of a run |

pub mod checkpoint;
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
pub mod run;
pub mod settings;
mod tape;
pub mod task;

pub use clip::Clip;
pub use engine::{Engine, Measured};
pub use head::Targets;
pub use network::{Kind, Network, Shape, Start};
pub use optimiser::{Optimiser, Rule};
pub use real::Real;
pub use run::{Record, Training};
pub use settings::Settings;
pub use tape::Tape;
pub use task::Task;
