//! What makes the gradient grow or die out, in JSON.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::cli::trace::number::Plain;
use crate::flow::{Law, Path, Verdict};
use crate::num::Wide;

/// `verdict` and `cause` of a window: none and an empty list where it is not judged.
pub fn judgement(law: &Law, judged: bool) -> (Option<Verdict>, Vec<&'static str>) {
    if !judged {
        return (None, Vec::new());
    }
    let cause = law.cause.paths().iter().map(|path| path.name());
    (law.verdict(), cause.collect())
}

/// `gains`, `without`, `verdict` and `cause` of a window.
pub fn fields<M: SerializeMap>(map: &mut M, law: &Law, judged: bool) -> Result<(), M::Error> {
    let paths = || law.gains.iter();
    map.serialize_entry("gains", &gains(paths().map(|g| (g.path, g.gain)).collect()))?;
    map.serialize_entry(
        "without",
        &ByPath(paths().map(|g| (g.path, g.without)).collect()),
    )?;
    let (verdict, cause) = judgement(law, judged);
    map.serialize_entry("verdict", &verdict.map(Verdict::word))?;
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
