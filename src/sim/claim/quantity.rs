//! The names of quantities, and how each is read off a window.

use std::fmt;

use crate::cell::CellKind;
use crate::flow::{Flow, GateTrack, Lyapunov, Path, Totals};
use crate::num::Wide;
use crate::sim::preset::limits;
use crate::sim::{Ask, CellChoice};

/// What is measured of which cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    cell: CellChoice,
    what: What,
    name: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    Curve(Curve, Measure),
    SpectralRadius(&'static str),
    Norm(&'static str),
    Gate(&'static str, Activity),
    Plain(Plain),
}

/// What is said of a gate over the whole window.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Activity {
    Low,
    Mean,
    High,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Curve {
    Own,
    GradH,
    GradC,
    Share(Path),
    Alone(Path),
    Without(Path),
    WithoutSet(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Measure {
    Factor,
    Growth,
    Change,
    Peak,
    Low,
    First,
    Last,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Plain {
    Loss,
    GradNorm,
    ClippedNorm,
    ClipAngle,
    ClippedSteps,
    GradH0,
    GradC0,
    CarouselGain,
    GateSumLow,
    GateSumHigh,
    LargestExponent,
    SmallestExponent,
    LostExponents,
}

const MEASURES: limits::Words<Measure> = &[
    ("factor", Measure::Factor),
    ("growth", Measure::Growth),
    ("change", Measure::Change),
    ("peak", Measure::Peak),
    ("low", Measure::Low),
    ("first", Measure::First),
    ("last", Measure::Last),
];
const PLAIN: limits::Words<Plain> = &[
    ("loss", Plain::Loss),
    ("grad_norm", Plain::GradNorm),
    ("clipped_norm", Plain::ClippedNorm),
    ("clip_angle", Plain::ClipAngle),
    ("clipped_steps", Plain::ClippedSteps),
    ("grad_h0", Plain::GradH0),
    ("grad_c0", Plain::GradC0),
    ("carousel_gain", Plain::CarouselGain),
    ("gate_sum_low", Plain::GateSumLow),
    ("gate_sum_high", Plain::GateSumHigh),
    ("largest_exponent", Plain::LargestExponent),
    ("smallest_exponent", Plain::SmallestExponent),
    ("lost_exponents", Plain::LostExponents),
];
const ACTIVITIES: limits::Words<Activity> = &[
    ("low", Activity::Low),
    ("mean", Activity::Mean),
    ("high", Activity::High),
];
const CURVES: [&str; 5] = ["grad_h", "grad_c", "share", "alone", "without"];
const MATRIX_NUMBERS: [&str; 2] = ["spectral_radius", "norm"];

/// The parts of a name that are still to be read.
struct Parts<'a>(std::str::Split<'a, char>);

impl Parts<'_> {
    /// The next part, which must be one of the words.
    fn one_of(&mut self, words: &[&'static str]) -> Result<&'static str, String> {
        let part = self.0.next();
        let known = part.and_then(|part| words.iter().copied().find(|word| *word == part));
        known.ok_or_else(|| expected(words, part))
    }
}

/// "expected …, found …", with the nearest word alone when one is near.
fn expected(words: &[&'static str], part: Option<&str>) -> String {
    let Some(part) = part else {
        return format!(
            "expected {} at its end",
            limits::either(words.iter().copied())
        );
    };
    match limits::nearest(part, words.iter().copied()) {
        Some(word) => format!("there is no {}; did you mean {word}?", limits::quoted(part)),
        None => format!(
            "expected {}, found {}",
            limits::either(words.iter().copied()),
            limits::quoted(part)
        ),
    }
}

impl Quantity {
    /// Reads a name such as `lstm.alone.output.growth`.
    ///
    /// # Errors
    /// What is allowed in place of the first part that is not.
    pub fn parse(name: &str) -> Result<Self, String> {
        let say = |message| format!("{}: {message}", limits::quoted(name));
        let mut parts = Parts(name.split('.'));
        let (cell, what) = parse(&mut parts).map_err(say)?;
        if let Some(rest) = parts.0.next() {
            return Err(say(format!(
                "expected nothing more, found {}",
                limits::quoted(rest)
            )));
        }
        Ok(Self {
            cell,
            what,
            name: name.to_owned(),
        })
    }

    /// The cell.
    pub fn cell(&self) -> CellChoice {
        self.cell
    }

    /// Whether the measurement needs the Lyapunov exponents.
    pub fn wants_exponents(&self) -> bool {
        matches!(
            self.what,
            What::Plain(Plain::LargestExponent | Plain::SmallestExponent | Plain::LostExponents)
        )
    }

    /// Asks for what the measurement needs.
    pub fn ask(&self, ask: &mut Ask) {
        match self.what {
            What::Curve(Curve::Alone(_), _) => ask.alone = true,
            What::Curve(Curve::Without(_) | Curve::WithoutSet(_), _) => ask.without = true,
            _ => {}
        }
    }

    /// The number; `None` where it is undefined, or the window has no such path. `exponents` are the
    /// Lyapunov exponents, where they are wanted.
    pub fn measure(&self, flow: &Flow, exponents: Option<&Lyapunov>) -> Option<Wide> {
        let all = exponents.map_or(&[][..], |lyapunov| &lyapunov.exponents);
        let kept = || all.iter().copied().filter(|x| x.is_finite());
        let matrix = |name| flow.matrices.iter().find(|m| m.name == name);
        match self.what {
            What::Curve(curve, measure) => measure.of(curve.values(flow)?, curve.reference(flow)?),
            What::SpectralRadius(name) => matrix(name).map(|m| Wide::from_f64(m.spectral_radius)),
            What::Norm(name) => matrix(name).map(|m| Wide::from_f64(m.norm)),
            What::Plain(Plain::Loss) => Some(flow.loss),
            What::Plain(Plain::GradNorm) => Some(flow.clipping.before),
            What::Plain(Plain::ClippedNorm) => Some(flow.clipping.after),
            What::Plain(Plain::ClipAngle) => flow.clipping.angle_deg.map(Wide::from_f64),
            What::Plain(Plain::ClippedSteps) => {
                let clipped = flow
                    .clipping
                    .clipped
                    .iter()
                    .filter(|&&clipped| clipped)
                    .count();
                Some(Wide::from_f64(clipped as f64))
            }
            What::Plain(Plain::GradH0) => Some(flow.grad_h0),
            What::Plain(Plain::GradC0) => flow.grad_c0,
            What::Plain(Plain::CarouselGain) => {
                let gains = flow.carousel_gain.iter().copied();
                gains.reduce(f64::max).map(Wide::from_f64)
            }
            What::Plain(Plain::GateSumLow) => gate_sums(flow)?.reduce(f64::min).map(Wide::from_f64),
            What::Plain(Plain::GateSumHigh) => {
                gate_sums(flow)?.reduce(f64::max).map(Wide::from_f64)
            }
            What::Plain(Plain::LargestExponent) => {
                let largest = exponents?.largest();
                largest.is_finite().then(|| Wide::from_f64(largest))
            }
            What::Plain(Plain::SmallestExponent) => kept().reduce(f64::min).map(Wide::from_f64),
            What::Plain(Plain::LostExponents) => {
                Some(Wide::from_f64((all.len() - kept().count()) as f64))
            }
            What::Gate(name, activity) => {
                let gate = flow.gates.iter().find(|gate| gate.name == name)?;
                activity.of(gate).map(Wide::from_f64)
            }
        }
    }
}

impl fmt::Display for Quantity {
    /// As it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Activity {
    fn of(self, gate: &GateTrack) -> Option<f64> {
        match self {
            Self::Low => gate.low.iter().copied().reduce(f64::min),
            Self::High => gate.high.iter().copied().reduce(f64::max),
            Self::Mean => {
                let sum: f64 = gate.mean.iter().sum();
                (!gate.mean.is_empty()).then(|| sum / gate.mean.len() as f64)
            }
        }
    }
}

/// i + f at every step: the smallest i + the largest f, and the other way round. Where i + f is one
/// number for every unit, both sums are that number.
fn gate_sums(flow: &Flow) -> Option<impl Iterator<Item = f64>> {
    let gate = |name| flow.gates.iter().find(|gate| gate.name == name);
    let (i, f) = (gate("input")?, gate("forget")?);
    let crossed = |a: &GateTrack, b: &GateTrack| -> Vec<f64> {
        a.low.iter().zip(&b.high).map(|(a, b)| a + b).collect()
    };
    Some(crossed(i, f).into_iter().chain(crossed(f, i)))
}

/// Reads the whole name.
fn parse(parts: &mut Parts) -> Result<(CellChoice, What), String> {
    let plain = limits::CELLS.iter().map(|&(_, kind)| kind.into());
    let variants = limits::VARIANTS.iter().map(|&(_, variant)| CellChoice {
        kind: CellKind::Lstm,
        variant,
    });
    let choices: Vec<CellChoice> = plain.chain(variants.skip(1)).collect();
    let words: Vec<&'static str> = choices.iter().map(|choice| choice.name()).collect();
    let word = parts.one_of(&words)?;
    let choice = choices.into_iter().find(|choice| choice.name() == word);
    let choice = choice.ok_or_else(|| format!("there is no cell {word}"))?;
    Ok((choice, parse_what(parts, choice.kind)?))
}

/// Reads what is measured of a cell.
fn parse_what(parts: &mut Parts, cell: CellKind) -> Result<What, String> {
    let words: Vec<&'static str> = names(MEASURES)
        .chain(
            CURVES
                .into_iter()
                .filter(|&word| word != "grad_c" || cell.has_c()),
        )
        .chain(names(PLAIN).filter(|&word| word != "grad_c0" || cell.has_c()))
        .chain(MATRIX_NUMBERS)
        .chain(["gate"])
        .collect();
    let word = parts.one_of(&words)?;
    let curve = match word {
        "grad_h" => Curve::GradH,
        "grad_c" => Curve::GradC,
        "share" => Curve::Share(path(parts, cell, true)?),
        "alone" => Curve::Alone(path(parts, cell, false)?),
        "without" => without(parts, cell)?,
        "spectral_radius" => return Ok(What::SpectralRadius(matrix(parts, cell)?)),
        "gate" => {
            let gate = parts.one_of(&gates(cell))?;
            let word = parts.one_of(&names(ACTIVITIES).collect::<Vec<_>>())?;
            let activity = limits::meaning(ACTIVITIES, word).map_err(|e| e.to_string())?;
            return Ok(What::Gate(gate, activity));
        }
        "norm" => return Ok(What::Norm(matrix(parts, cell)?)),
        _ => {
            if let Ok(measure) = limits::meaning(MEASURES, word) {
                return Ok(What::Curve(Curve::Own, measure));
            }
            let plain = limits::meaning(PLAIN, word).map_err(|e| e.to_string())?;
            return Ok(What::Plain(plain));
        }
    };
    let measure = parts.one_of(&names(MEASURES).collect::<Vec<_>>())?;
    Ok(What::Curve(
        curve,
        limits::meaning(MEASURES, measure).map_err(|e| e.to_string())?,
    ))
}

/// The words of a list.
fn names<T>(words: limits::Words<T>) -> impl Iterator<Item = &'static str> {
    words.iter().map(|(word, _)| *word)
}

/// The paths of a cell, with or without what the loss injects.
fn paths(cell: CellKind, loss: bool) -> impl Iterator<Item = Path> {
    cell.paths().chain(loss.then_some(Path::Loss))
}

/// Reads the name of a path.
fn path(parts: &mut Parts, cell: CellKind, loss: bool) -> Result<Path, String> {
    let word = parts.one_of(&paths(cell, loss).map(Path::name).collect::<Vec<_>>())?;
    paths(cell, loss)
        .find(|path| path.name() == word)
        .ok_or_else(|| format!("there is no path {word}"))
}

/// Reads the name of a path or of a set of paths that are cut together.
fn without(parts: &mut Parts, cell: CellKind) -> Result<Curve, String> {
    let sets = cell.spec().cut_sets;
    let words: Vec<_> = paths(cell, false)
        .map(Path::name)
        .chain(sets.iter().copied())
        .collect();
    let word = parts.one_of(&words)?;
    let path = paths(cell, false).find(|path| path.name() == word);
    Ok(path.map_or(Curve::WithoutSet(word), Curve::Without))
}

/// What the activations of a cell are called.
fn gates(cell: CellKind) -> Vec<&'static str> {
    cell.spec().gate_names().collect()
}

/// Reads the name of a recurrent matrix, which an only one may go without.
fn matrix(parts: &mut Parts, cell: CellKind) -> Result<&'static str, String> {
    let names: Vec<_> = cell.spec().matrix_names().collect();
    match *names {
        [] => Err(format!(
            "{} has no recurrent matrix",
            cell.spec().with_article()
        )),
        [only] => Ok(only),
        _ => parts.one_of(&names),
    }
}

impl Curve {
    /// The curve, `[t - 1]` for step t.
    fn values(self, flow: &Flow) -> Option<&[Wide]> {
        let of = |path| flow.paths.iter().find(|p| p.path == path);
        match self {
            Self::Own => Some(flow.main()),
            Self::GradH => Some(&flow.totals.grad_h),
            Self::GradC => Some(&flow.totals.grad_c),
            Self::Share(path) => of(path).map(|p| p.share.as_slice()),
            Self::Alone(path) => of(path).map(|p| p.alone.as_slice()),
            Self::Without(path) => of(path)?.without.as_ref().map(Totals::main),
            Self::WithoutSet(name) => flow
                .cut_sets
                .iter()
                .find(|(set, _)| *set == name)
                .map(|(_, totals)| totals.main()),
        }
    }

    /// The |δ_T| that the curve is measured against.
    fn reference(self, flow: &Flow) -> Option<Wide> {
        match self {
            Self::Share(_) => flow.main().last().copied(),
            _ => self.values(flow)?.last().copied(),
        }
    }
}

impl Measure {
    /// The number of a curve whose |δ_T| is the reference; `None` when that is zero and divides.
    fn of(self, curve: &[Wide], reference: Wide) -> Option<Wide> {
        let first = *curve.first()?;
        let against = |value: Wide| {
            (!reference.is_zero())
                .then(|| value.ratio(reference))
                .flatten()
        };
        let factor = || against(first).map(|change| change.root(curve.len().saturating_sub(1)));
        let ratios = || curve.iter().filter_map(|&value| against(value));
        match self {
            Self::First => Some(first),
            Self::Last => curve.last().copied(),
            Self::Change => against(first),
            Self::Factor => factor(),
            // rᵀ = r^(T-1) · r: exact where the change is, and without a power that overflows.
            Self::Growth => Some(against(first)?.times(factor()?)),
            Self::Peak => ratios().reduce(|a, b| if b > a { b } else { a }),
            Self::Low => ratios().reduce(|a, b| if b < a { b } else { a }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(values: &[f64]) -> Vec<Wide> {
        values.iter().map(|&x| Wide::from_f64(x)).collect()
    }

    #[test]
    fn names_are_read() {
        for name in [
            "rnn.growth",
            "rnn.factor",
            "rnn.spectral_radius",
            "lstm.spectral_radius.output",
            "lstm.norm.block",
            "lstm.alone.carousel.growth",
            "lstm.share.loss.first",
            "lstm.without.gates_peepholes.change",
            "lstm.grad_c0",
            "rnn.clip_angle",
        ] {
            assert_eq!(Quantity::parse(name).unwrap().to_string(), name);
        }
    }

    #[test]
    fn a_wrong_name_says_what_is_allowed() {
        let said = |name| Quantity::parse(name).unwrap_err();
        assert_eq!(
            said("rnn.grwth"),
            "'rnn.grwth': there is no 'grwth'; did you mean growth?"
        );
        assert_eq!(
            said("gnn.growth"),
            "'gnn.growth': there is no 'gnn'; did you mean rnn?"
        );
        assert_eq!(
            said("rnn.alone.qq.growth"),
            "'rnn.alone.qq.growth': expected recurrent, found 'qq'"
        );
        assert_eq!(
            said("lstm.norm"),
            "'lstm.norm': expected block, input, forget or output at its end"
        );
        assert_eq!(
            said("rnn.growth.x"),
            "'rnn.growth.x': expected nothing more, found 'x'"
        );
        assert!(said("rnn.grad_c.growth").contains("grad_c"));
    }

    #[test]
    fn measures() {
        let of = |measure: Measure, values: &[f64]| {
            let curve = curve(values);
            measure
                .of(&curve, *curve.last().unwrap())
                .map(Wide::saturating_f64)
        };
        let halves = [0.125, 0.25, 0.5, 1.0];
        assert_eq!(of(Measure::Change, &halves), Some(0.125));
        assert!((of(Measure::Factor, &halves).unwrap() - 0.5).abs() < 1e-15);
        assert!((of(Measure::Growth, &halves).unwrap() - 0.0625).abs() < 1e-16);
        assert_eq!(of(Measure::Growth, &[3.0, 3.0, 3.0]), Some(1.0));
        assert_eq!(of(Measure::Peak, &[1.0, 8.0, 2.0]), Some(4.0));
        assert_eq!(of(Measure::Low, &[1.0, 8.0, 2.0]), Some(0.5));
        assert_eq!(of(Measure::First, &[1.0, 8.0, 0.0]), Some(1.0));
        assert_eq!(of(Measure::Growth, &[1.0, 8.0, 0.0]), None);
        assert_eq!(of(Measure::Growth, &[0.0, 0.0, 0.0]), None);
        assert_eq!(of(Measure::Growth, &[0.0, 0.0, 1.0]), Some(0.0));
    }
}
