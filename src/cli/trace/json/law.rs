//! What makes the gradient grow or die out, in JSON.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::cli::trace::number::Plain;
use crate::flow::{Law, Path, Verdict};
use crate::num::Wide;

/// `gains`, `without`, `verdict` and `cause` of a window.
pub fn fields<M: SerializeMap>(map: &mut M, law: &Law) -> Result<(), M::Error> {
    let paths = || law.gains.iter();
    map.serialize_entry("gains", &gains(paths().map(|g| (g.path, g.gain)).collect()))?;
    map.serialize_entry(
        "without",
        &ByPath(paths().map(|g| (g.path, g.without)).collect()),
    )?;
    map.serialize_entry("verdict", &law.verdict().map(Verdict::word))?;
    let cause: Vec<&str> = law.cause.paths().iter().map(|path| path.name()).collect();
    map.serialize_entry("cause", &cause)
}

/// A gain for each path.
pub fn gains(gains: Vec<(Path, Wide)>) -> Gains {
    ByPath(
        gains
            .into_iter()
            .map(|(path, gain)| (path, Some(gain)))
            .collect(),
    )
}

/// Gains by the names of their paths.
pub type Gains = ByPath;

/// A number, or none, under the name of each path.
pub struct ByPath(Vec<(Path, Option<Wide>)>);

impl Serialize for ByPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let named = self.0.iter();
        serializer.collect_map(named.map(|(path, number)| (path.name(), number.map(Plain))))
    }
}
