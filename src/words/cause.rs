//! The law of a window in words: what each path adds to r, what makes the gradient grow or die out, and
//! what it would be without.
//!
//! "Carries" and "makes it grow" are two things: the carousel of an exploding LSTM may carry nearly all
//! of the gradient, and would not make it explode.

use std::fmt::Write as _;

use super::decimal;
use crate::cell::CellKind;
use crate::flow::cause::units::Carriers;
use crate::flow::cause::{Expected, Gain};
use crate::flow::{Cause, Law, Path, Spread, Verdict};
use crate::num::Wide;

/// Places of a gain.
const PLACES: i32 = 3;

/// `carousel 0.990 + block 0.020 = 1.010 a step → ×7.32 over 200 ▲`; a sentence where there is no
/// gradient.
pub fn sum(law: &Law) -> String {
    match law.standing() {
        Some(standing) => format!("{} {}", product(law), standing.mark()),
        None => product(law),
    }
}

/// What r is a product of, without the verdict.
pub fn product(law: &Law) -> String {
    if law.factor.is_none() {
        return "no gradient enters the window at T".to_owned();
    }
    let over = format!("×{} over {}", growth_of(law), law.steps);
    let factor = factor_of(law);
    let terms = terms(law, usize::MAX);
    // One path alone needs no sum.
    if terms.is_empty() || law.gains.len() == 1 {
        return format!("{factor} a step → {over}");
    }
    let mut text = String::new();
    for (place, term) in terms.into_iter().enumerate() {
        let sign = term.sign(place == 0);
        // Writing to a String cannot fail.
        let _ = write!(text, "{sign}{} {}", term.name(), term.size());
    }
    format!("{text} = {factor} a step → {over}")
}

/// What the window would be without its cause: `without block 0.134 ▼`. Empty where there is none, and
/// where nothing but the cause is left to carry.
pub fn without(law: &Law) -> String {
    let (paths, r) = match &law.cause {
        Cause::Grows { paths, without } | Cause::TakesAway { paths, without } => (paths, *without),
        _ => return String::new(),
    };
    let verdict = Verdict::of(r.log10(), law.steps);
    let (paths, growth) = (joined(paths, "+"), growth(r, law.steps));
    format!("without {paths} {growth} {}", verdict.mark())
}

/// What training sees of the window where h-detach is on: `detached at p = 1: ×0.134 ▼`.
pub fn detached(law: &Law) -> Option<String> {
    let Expected {
        probability,
        factor,
    } = law.detached?;
    let verdict = Verdict::of(factor.log10(), law.steps);
    let growth = growth(factor, law.steps);
    Some(format!(
        "detached at p = {probability}: ×{growth} {}",
        verdict.mark()
    ))
}

/// r as the terms are written: with three places, or three digits where it is far from 1.
pub fn factor(r: Wide) -> String {
    decimal::near_one(r, PLACES as usize)
}

/// The same of a number.
fn near(value: f64) -> String {
    factor(Wide::from_f64(value))
}

/// r of a window as the terms are written, with its deviation where it moves.
pub fn factor_of(law: &Law) -> String {
    let r = law.factor.unwrap_or(Wide::ZERO);
    law.moves()
        .map_or_else(|| factor(r), |spread| moving(r, spread))
}

/// r with the standard deviation that it has over several windows, in the decimals that this leaves true:
/// `0.985 ± 0.004`.
pub fn moving(r: Wide, spread: Spread) -> String {
    let (r, deviation) = rounded(r, spread);
    format!("{r} ± {deviation}")
}

/// r and its standard deviation in the decimals that are true.
pub fn rounded(r: Wide, spread: Spread) -> (String, String) {
    let r = r.saturating_f64();
    let deviation = r * spread.log_deviation;
    let first = (-deviation.log10().floor()).clamp(f64::from(PLACES), 7.0);
    let places = first as usize;
    (format!("{r:.places$}"), format!("{deviation:.places$}"))
}

/// rᵀ of a window: with three digits, with two where it moves from window to window.
pub fn growth_of(law: &Law) -> String {
    let digits = if law.moves().is_some() { 2 } else { 3 };
    power(law.factor.unwrap_or(Wide::ZERO), law.steps, digits)
}

/// rᵀ with three digits.
pub fn growth(r: Wide, steps: usize) -> String {
    power(r, steps, 3)
}

/// rᵀ with so many digits, without leaving the range of numbers.
pub fn power(r: Wide, steps: usize, digits: usize) -> String {
    if r.is_zero() {
        return "0".to_owned();
    }
    decimal::text(Wide::exp(r.ln() * steps as f64), digits)
}

/// A term of the sum as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Its path; `None` is what several small ones add together.
    pub path: Option<Path>,
    /// Its gain in thousandths.
    pub thousandths: i64,
}

impl Term {
    /// What stands before it: a sign, or nothing before the first one that adds.
    pub const fn sign(self, first: bool) -> &'static str {
        match (first, self.thousandths < 0) {
            (true, false) => "",
            (true, true) => "−",
            (false, false) => " + ",
            (false, true) => " − ",
        }
    }

    /// Its size with three places.
    pub fn size(self) -> String {
        let value = self.thousandths.unsigned_abs() as f64 / UNIT;
        format!("{value:.3}")
    }

    /// Its path's name.
    pub fn name(self) -> String {
        self.path.map_or_else(|| "others".to_owned(), name)
    }

    /// Its path's letter.
    pub fn letter(self) -> String {
        self.path
            .map_or_else(|| "others".to_owned(), |path| path.letter().to_string())
    }
}

/// Thousandths in one.
const UNIT: f64 = 1000.0;

/// The gains that are not 0 as written, the largest first, and of more than `most` the small ones
/// together: those of the cause stay by themselves. Their last digits are such that they add up as
/// written. Empty where r is so far from 1 that they would say nothing.
pub fn terms(law: &Law, most: usize) -> Vec<Term> {
    let total = law.factor.map_or(0.0, Wide::saturating_f64);
    if !(0.1..100.0).contains(&total) {
        return Vec::new();
    }
    let total = (total * UNIT).round() as i64;
    let mut parts: Vec<(Path, f64, i64)> = Vec::new();
    for gain in &law.gains {
        let exact = gain.gain.saturating_f64() * UNIT;
        if exact.abs() > 1e9 {
            return Vec::new();
        }
        parts.push((gain.path, exact, exact.round() as i64));
    }
    // What rounding has made too much or too little goes to the terms that it has moved farthest.
    let mut off = total - parts.iter().map(|part| part.2).sum::<i64>();
    while off != 0 {
        let toward = off.signum() as f64;
        let missing = |part: &&mut (Path, f64, i64)| (part.1 - part.2 as f64) * toward;
        let shown = |part: &&mut (Path, f64, i64)| part.2 != 0;
        let most = parts
            .iter_mut()
            .filter(shown)
            .max_by(|a, b| missing(a).total_cmp(&missing(b)));
        let Some(part) = most else {
            return Vec::new();
        };
        part.2 += off.signum();
        off -= off.signum();
    }
    parts.retain(|part| part.2 != 0);
    parts.sort_by_key(|part| std::cmp::Reverse(part.2.abs()));
    let first = parts.iter().position(|part| part.2 > 0);
    if let Some(first) = first {
        // A sum begins with something that is there.
        let first = parts.remove(first);
        parts.insert(0, first);
    }
    let mut terms: Vec<Term> = Vec::new();
    let mut others = 0;
    let lumped = parts.len() > most;
    for (place, (path, _, thousandths)) in parts.into_iter().enumerate() {
        if lumped && place + 1 >= most && !law.cause.paths().contains(&path) {
            others += thousandths;
        } else {
            let path = Some(path);
            terms.push(Term { path, thousandths });
        }
    }
    if others != 0 {
        terms.push(Term {
            path: None,
            thousandths: others,
        });
    }
    terms
}

/// What makes the gradient grow or die out, in a sentence without its point.
pub fn because(law: &Law, cell: CellKind) -> String {
    let Some(r) = law.factor else {
        return "no gradient enters the window at T".to_owned();
    };
    let over = |r: Wide| format!("×{} over {} steps", growth(r, law.steps), law.steps);
    match &law.cause {
        Cause::Nothing => format!("it neither grows nor dies out: {}", over(r)),
        Cause::Grows { paths, without } => {
            let make = verb(paths, "makes", "make");
            let them = verb(paths, "it", "them");
            let text = format!(
                "{} {make} it grow: without {them} {}",
                joined(paths, " and "),
                over(*without)
            );
            match law.carries().filter(|gain| !paths.contains(&gain.path)) {
                Some(gain) => format!("{text}; {} carries most of it", name(gain.path)),
                None => text,
            }
        }
        Cause::KeepsTooMuch { path, alone } => {
            let value = law.keeping.gate.map_or(String::new(), |gate| {
                format!(" ({} is {} in the mean)", letter(cell), near(gate))
            });
            format!(
                "{} makes it grow by itself{value}: with all other paths cut {}",
                name(*path),
                over(*alone)
            )
        }
        Cause::KeepsTooLittle { path, alone } => {
            let keeps = keeps(*path, *alone, law, cell, "too little");
            let others = match (takes_more(law, *path), brings_back(law, *path)) {
                _ if *path == Path::Recurrent => String::new(),
                (Some(taker), _) => taker,
                (None, Some(gain)) => format!(
                    "; {} adds most of what comes beside it, {} a step, which is not enough",
                    name(gain.path),
                    written(law, gain)
                ),
                _ if law.gains.len() > 1 => "; no other path makes up for it".to_owned(),
                _ => String::new(),
            };
            format!("{keeps}{others}")
        }
        Cause::TakesAway { paths, without } => {
            let take = verb(paths, "takes", "take");
            let them = verb(paths, "it", "them");
            let (names, over) = (joined(paths, " and "), over(*without));
            if Verdict::of(without.log10(), law.steps) != Verdict::Vanishing {
                let keeps = law.carries().map(|gain| name(gain.path));
                let keeps = keeps.unwrap_or_else(|| "others".to_owned());
                return format!(
                    "{names} {take} away what {keeps} would keep: without {them} {over}"
                );
            }
            let text = format!("{names} {take} away most of what is lost: without {them} {over}");
            let keeper = law.gains.iter().find(|gain| gain.path.is_highway());
            match keeper.zip(law.kept) {
                Some((gain, alone)) if law.keeps_too_little() => {
                    let keeps = keeps(gain.path, alone, law, cell, "too little as well");
                    format!("{text}; {keeps}")
                }
                _ => text,
            }
        }
    }
}

/// The path beside the keeping one that takes most, where that is a tenth of the decades or more and halves
/// the gradient: `; block takes more: without it ×0.366 over 200 steps`.
fn takes_more(law: &Law, keeper: Path) -> Option<String> {
    let r = law.factor?;
    let others = law.gains.iter().filter(|gain| gain.path != keeper);
    let cuts = others.filter_map(|gain| Some((gain.path, gain.without?)));
    let (path, without) = cuts.max_by(|a, b| a.1.ln().total_cmp(&b.1.ln()))?;
    let (lost, saved) = (-r.ln(), without.ln() - r.ln());
    let felt = saved >= 0.1 * lost && saved * law.steps as f64 >= std::f64::consts::LN_2;
    felt.then(|| {
        let (name, growth) = (name(path), growth(without, law.steps));
        let steps = law.steps;
        format!("; {name} takes more of it away: without it ×{growth} over {steps} steps")
    })
}

/// What a path keeps, by its value: a gate with its half-life, or what brings the loss of an RNN.
fn keeps(path: Path, alone: Wide, law: &Law, cell: CellKind, too_little: &str) -> String {
    let (name, keeping) = (name(path), &law.keeping);
    if let Some(slope) = keeping.slope {
        let matrix = keeping.matrix.map_or(String::new(), |[radius, norm]| {
            format!("ρ(R) {}, σ_max {}", near(radius), near(norm))
        });
        // Whichever is the smaller part brings the loss.
        let by_matrix = keeping.matrix.is_some_and(|[radius, _]| radius < slope);
        let slope = near(slope);
        return if by_matrix {
            format!(
                "{name} keeps {too_little} by its matrix: {matrix} (the mean slope φ' is {slope})"
            )
        } else if matrix.is_empty() {
            format!("{name} keeps {too_little} by its slopes: their mean φ' is {slope}")
        } else {
            format!("{name} keeps {too_little} by its slopes: their mean φ' is {slope} ({matrix})")
        };
    }
    if alone.is_zero() {
        return format!("{name} keeps {too_little}: nothing of it is left");
    }
    let Some(units) = keeping.units else {
        let (left, half) = (
            growth(alone, law.steps),
            -std::f64::consts::LN_2 / alone.ln(),
        );
        return format!(
            "{name} keeps {too_little}: ×{left} of it is left over {} steps, half is gone after {} in the mean",
            law.steps,
            half_life(half)
        );
    };
    let letter = letter(cell);
    if units.alike {
        let gate = keeping.gate.unwrap_or_default();
        let half = half_life(units.median);
        return format!(
            "{name} keeps {too_little}: {letter} is {}, half of it is gone after {half}",
            near(gate)
        );
    }
    let most = if units.median < 0.95 {
        ""
    } else {
        "no more than "
    };
    let median = half_life(units.median);
    let state = if cell.has_c() { 'c' } else { 'h' };
    let carried = units.carriers.map_or(String::new(), |c| carried(&c, state));
    format!(
        "{name} keeps {too_little}: by {letter} half the units keep half for {most}{median}{carried}"
    )
}

/// Who carries what is left: `c[7]` is unit 7 as PyTorch counts.
fn carried(carriers: &Carriers, state: char) -> String {
    let (count, of) = (carriers.count, carriers.of);
    let names = carriers.first.iter().take(count);
    let mut names: Vec<String> = names.map(|unit| format!("{state}[{unit}]")).collect();
    if count > names.len() {
        names.push("…".to_owned());
    }
    let [shortest, longest] = carriers.half_lives.map(half_life);
    let span = if shortest == longest {
        longest
    } else {
        format!("{} to {longest}", shortest.trim_end_matches(" steps"))
    };
    let [carry, keep] = if count == 1 {
        ["carries", "keeps"]
    } else {
        ["carry", "keep"]
    };
    let names = names.join(", ");
    format!("; {count} of {of} ({names}) {carry} what is left, and {keep} half for {span}")
}

/// `32.9 steps`.
pub fn half_life(steps: f64) -> String {
    if steps.is_infinite() {
        "ever".to_owned()
    } else if steps < 0.95 {
        "less than a step".to_owned()
    } else {
        format!("{steps:.1} steps")
    }
}

/// The path beside the keeping one that adds most.
fn brings_back(law: &Law, keeper: Path) -> Option<Gain> {
    let others = law.gains.iter().filter(|gain| gain.path != keeper);
    let adds = others.filter(|gain| gain.gain.saturating_f64() >= 0.5 * 0.1f64.powi(PLACES));
    adds.max_by(|a, b| {
        let order = a.gain.partial_cmp(&b.gain);
        order.unwrap_or(std::cmp::Ordering::Equal)
    })
    .copied()
}

/// A gain of a path that adds, as it stands in the sum.
fn written(law: &Law, gain: Gain) -> String {
    let terms = terms(law, usize::MAX);
    let term = terms.iter().find(|term| term.path == Some(gain.path));
    term.map_or_else(|| factor(gain.gain), |term| term.size())
}

fn verb<'a>(paths: &[Path], one: &'a str, many: &'a str) -> &'a str {
    if paths.len() == 1 { one } else { many }
}

/// f or z: the gate that keeps.
fn letter(cell: CellKind) -> char {
    cell.spec().keeper().map_or('f', |(gate, _)| gate.letter)
}

/// The names of paths.
pub fn joined(paths: &[Path], between: &str) -> String {
    let names: Vec<String> = paths.iter().map(|path| name(*path)).collect();
    names.join(between)
}

fn name(path: Path) -> String {
    path.name().replace('_', " ")
}

#[cfg(test)]
mod tests;
