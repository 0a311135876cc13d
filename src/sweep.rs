//! Phase diagrams: a window at every point of a plane of two settings, over seeds.
//!
//! A [`Spec`] says which plane; [`Computer::point`] computes one of its points; a [`Pool`] computes
//! many on worker threads, in an order ([`mod@order`]) from coarse to fine. No result depends on what was computed
//! before it, or on the number of threads.

pub mod axis;
pub mod draft;
pub mod journal;
pub mod order;
pub mod parquet;
pub mod picture;
pub mod point;
pub mod pool;
pub mod shard;
pub mod spec;
pub mod table;

pub use axis::Axis;
pub use draft::Draft;
pub use journal::Journal;
pub use order::order;
pub use point::{Computer, Point, Why};
pub use pool::{Done, Listener, Pool};
pub use shard::Shard;
pub use spec::Spec;
pub use table::Table;
