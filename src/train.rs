//! Training: what becomes of the gradients while a network learns.
//!
//! | module | what it is |
//! |---|---|
//! | [`task`] | where sequences and targets come from |
//! | [`network`] | what is trained: a recurrent layer and a linear readout |
//! | [`engine`] | loss and gradients of a batch, as matrix products, on several threads |
//! | [`clip`], [`optimiser`] | what happens to the gradients, as in PyTorch |
//! | [`regulariser`] | terms that help the gradient to come back |
//! | [`settings`], [`run`] | all that decides a run, and its updates |
//! | [`cost`] | what an update takes |
//! | [`surface`] | the error surface of one unit |
//! | [`checkpoint`] | the files of a run |
//! | [`lesson`] | presets of training, and their claims |
//! | [`live`] | a run or two on a thread of their own, and the picture of them |

pub mod checkpoint;
pub mod clip;
pub mod cost;
pub mod engine;
mod floss;
mod gru;
mod head;
pub mod lesson;
pub mod live;
mod lstm;
pub mod network;
pub mod optimiser;
mod pass;
mod product;
pub mod real;
pub mod regulariser;
mod rnn;
pub mod run;
pub mod settings;
pub mod surface;
mod tape;
pub mod task;

pub use clip::Clip;
pub use engine::{Engine, Measured};
pub use head::Targets;
pub use network::{Kind, Network, Shape, Start};
pub use optimiser::{Optimiser, Rule};
pub use real::Real;
pub use regulariser::Regulariser;
pub use run::{Look, Record, Seen, Training};
pub use settings::Settings;
pub use tape::Tape;
pub use task::Task;
