//! What several tests need.

pub mod live;
pub mod parameters;
pub mod random;
pub mod reference;
pub mod synthetic;
pub mod zip;
