//! What makes the gradient grow or die out, in JSON.

use crate::cli::json::{Json, Object};
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
pub fn object<'a>(law: &Law, judged: bool) -> Object<'a> {
    let paths = || law.gains.iter();
    let (verdict, cause) = judgement(law, judged);
    Object::default()
        .with("gains", gains(paths().map(|g| (g.path, g.gain))))
        .with(
            "without",
            by_path(paths().map(|g| (g.path, Json::wide(g.without)))),
        )
        .with("verdict", verdict.map(Verdict::word))
        .with("cause", cause)
}

/// A gain for each path.
pub fn gains<'a>(gains: impl IntoIterator<Item = (Path, Wide)>) -> Object<'a> {
    by_path(gains)
}

/// A number, or none, under the name of each path.
fn by_path<'a, N: Into<Json<'a>>>(numbers: impl IntoIterator<Item = (Path, N)>) -> Object<'a> {
    let named = numbers.into_iter();
    named.fold(Object::default(), |object, (path, number)| {
        object.with(path.name(), number)
    })
}
