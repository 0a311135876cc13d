//! Everything that needs no terminal of its own, in one program, which is linked once.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

mod bad_input;
mod bytes;
mod chains;
mod cli;
mod common;
mod explain;
mod files;
mod floors;
mod follow;
mod formats;
mod fuzz;
mod gains;
mod init;
mod inspect;
mod latex;
mod layers;
mod mistakes;
mod on_data;
mod output;
mod output_kinds;
mod padding;
mod phase;
mod presets;
mod properties;
mod random_events;
mod readers;
mod readme;
mod reference;
mod reference_cells;
mod room;
mod screens;
mod sentences;
mod stack;
mod study;
mod sweep;
mod sweep_cli;
mod trace_reference;
mod train;
mod train_cli;
