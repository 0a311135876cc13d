//! rnntop: top for gradients.
//!
//! Shows where gradients vanish, explode and survive in recurrent networks. Data takes one way
//! through the house, upwards, and comes back only as an event:
//!
//! | floor | what it is |
//! |---|---|
//! | [`num`] | the ground: numbers without end, matrix-vector kernels, eigenvalues |
//! | [`cell`] | what is simulated: parameters, one step forward, one step back, initialisation |
//! | [`flow`] | what is measured: the backward pass, paths, cuts, clipping, growth |
//! | [`words`] | what people read: numbers, quotations, lists and pages in text |
//! | [`io`] | files: weights and arrays in, whole files out |
//! | [`sim`] | live stepping: settings, signals, presets, the worker and its messages |
//! | [`train`] | training: batches, optimisers, and what becomes of the gradients meanwhile |
//! | [`sweep`] | phase diagrams: a window at every point of a plane of settings |
//! | [`ui`] | pure drawing of a view: theme, layout, widgets, one file per panel |
//! | [`app`] | what the screen is about: state, actions, the one key table, undo |
//! | [`term`] | the terminal itself: guard, signals, capabilities, the event loop |
//! | [`cli`] | the command line and the headless commands |
//!
//! Each floor knows only those below it. A reader who wants the mathematics starts at
//! [`cell::lstm`] (the equations and the code beside them) and goes on to [`flow::paths`].

pub mod app;
pub mod cell;
pub mod cli;
pub mod flow;
pub mod io;
pub mod num;
pub mod sim;
pub mod sweep;
pub mod term;
pub mod train;
pub mod ui;
pub mod words;
