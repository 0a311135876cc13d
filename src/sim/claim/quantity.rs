//! The names of quantities, and how each is read off a window.

use std::fmt;

use crate::cell::CellKind;
use crate::flow::{Flow, GateTrack, Lyapunov, MatrixSize, Path, Totals};
use crate::num::Wide;
use crate::sim::preset::limits::{self, Words};
use crate::sim::{Ask, CellChoice};

/// What is measured of which cell.
#[derive(Clone, Debug)]
pub struct Quantity {
    cell: CellChoice,
    what: What,
    name: String,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Curve(Curve, Measure),
    Matrix(&'static str, fn(&MatrixSize) -> f64),
    Gate(&'static str, Activity),
    Number(Number),
    Exponent(Exponent),
}

#[derive(Clone, Copy, Debug)]
enum Curve {
    Own,
    GradH,
    GradC,
    Share(Path),
    Alone(Path),
    Without(Path),
    WithoutSet(&'static str),
}

/// A number of a curve and the |δ_T| that it is measured against; `None` when that is zero and divides.
type Measure = fn(&[Wide], Wide) -> Option<Wide>;

const MEASURES: Words<Measure> = &[
    ("factor", factor),
    // rᵀ = r^(T-1) · r: exact where the change is, and without a power that overflows.
    ("growth", |curve, reference| {
        Some(change(curve, reference)?.times(factor(curve, reference)?))
    }),
    ("change", change),
    ("peak", |curve, reference| {
        ratios(curve, reference).reduce(|a, b| if b > a { b } else { a })
    }),
    ("low", |curve, reference| {
        ratios(curve, reference).reduce(|a, b| if b < a { b } else { a })
    }),
    ("first", |curve, _| curve.first().copied()),
    ("last", |curve, _| curve.last().copied()),
];

fn ratios(curve: &[Wide], reference: Wide) -> impl Iterator<Item = Wide> {
    let defined = curve.iter().filter(move |_| !reference.is_zero());
    defined.filter_map(move |value| value.ratio(reference))
}

fn change(curve: &[Wide], reference: Wide) -> Option<Wide> {
    ratios(curve.get(..1)?, reference).next()
}

fn factor(curve: &[Wide], reference: Wide) -> Option<Wide> {
    let change = change(curve, reference)?;
    Some(change.root(curve.len() - 1))
}

/// A number of a window.
type Number = fn(&Flow) -> Option<Wide>;

const NUMBERS: Words<Number> = &[
    ("loss", |flow| Some(flow.loss)),
    ("grad_norm", |flow| Some(flow.clipping.before)),
    ("clipped_norm", |flow| Some(flow.clipping.after)),
    ("clip_angle", |flow| {
        flow.clipping.angle_deg.map(Wide::from_f64)
    }),
    ("clipped_steps", |flow| {
        let steps = flow.clipping.clipped.iter();
        let clipped = steps.filter(|&&clipped| clipped).count();
        Some(Wide::from_f64(clipped as f64))
    }),
    ("grad_h0", |flow| Some(flow.grad_h0)),
    ("grad_c0", |flow| flow.grad_c0),
    ("carousel_gain", |flow| {
        let gains = flow.carousel_gain.iter().copied();
        gains.reduce(f64::max).map(Wide::from_f64)
    }),
    ("gate_sum_low", |flow| {
        gate_sums(flow)?.reduce(f64::min).map(Wide::from_f64)
    }),
    ("gate_sum_high", |flow| {
        gate_sums(flow)?.reduce(f64::max).map(Wide::from_f64)
    }),
];

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

/// A number of the Lyapunov exponents.
type Exponent = fn(&Lyapunov) -> Option<f64>;

const EXPONENTS: Words<Exponent> = &[
    ("largest_exponent", |all| {
        Some(all.largest()).filter(|largest| largest.is_finite())
    }),
    ("smallest_exponent", |all| {
        finite(all).copied().reduce(f64::min)
    }),
    ("lost_exponents", |all| {
        Some((all.exponents.len() - finite(all).count()) as f64)
    }),
];

fn finite(all: &Lyapunov) -> impl Iterator<Item = &f64> {
    all.exponents.iter().filter(|x| x.is_finite())
}

/// What is said of a gate over the whole window.
type Activity = fn(&GateTrack) -> Option<f64>;

const ACTIVITIES: Words<Activity> = &[
    ("low", |gate| gate.low.iter().copied().reduce(f64::min)),
    ("mean", |gate| {
        let sum: f64 = gate.mean.iter().sum();
        (!gate.mean.is_empty()).then(|| sum / gate.mean.len() as f64)
    }),
    ("high", |gate| gate.high.iter().copied().reduce(f64::max)),
];

/// The parts of a name that are still to be read.
struct Parts<'a>(std::str::Split<'a, char>);

impl Parts<'_> {
    /// The next part, which must be one of the words: its meaning.
    fn one_of<T: Copy>(&mut self, words: &[(&'static str, T)]) -> Result<T, String> {
        let part = self.0.next();
        let known = words.iter().find(|(word, _)| Some(*word) == part);
        known.map(|(_, meaning)| *meaning).ok_or_else(|| {
            let words = words.iter().map(|(word, _)| *word);
            expected(words, part)
        })
    }
}

/// "expected …, found …", with the nearest word alone when one is near.
fn expected(words: impl Iterator<Item = &'static str> + Clone, part: Option<&str>) -> String {
    let Some(part) = part else {
        return format!("expected {} at its end", limits::either(words));
    };
    let found = limits::quoted(part);
    match limits::nearest(part, words.clone()) {
        Some(word) => format!("there is no {found}; did you mean {word}?"),
        None => format!("expected {}, found {found}", limits::either(words)),
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
        let cell = cell(&mut parts).map_err(say)?;
        let what = what(&mut parts, cell.kind).map_err(say)?;
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
        matches!(self.what, What::Exponent(_))
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
        match self.what {
            What::Curve(curve, measure) => measure(curve.values(flow)?, curve.reference(flow)?),
            What::Matrix(name, number) => {
                let matrix = flow.matrices.iter().find(|matrix| matrix.name == name);
                matrix.map(|matrix| Wide::from_f64(number(matrix)))
            }
            What::Gate(name, activity) => {
                let gate = flow.gates.iter().find(|gate| gate.name == name)?;
                activity(gate).map(Wide::from_f64)
            }
            What::Number(number) => number(flow),
            What::Exponent(number) => number(exponents?).map(Wide::from_f64),
        }
    }
}

impl fmt::Display for Quantity {
    /// As it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Reads a cell, an LSTM with its variant.
fn cell(parts: &mut Parts) -> Result<CellChoice, String> {
    let plain = limits::CELLS.iter().map(|&(_, kind)| kind.into());
    let variants = limits::VARIANTS.iter().map(|&(_, variant)| CellChoice {
        kind: CellKind::Lstm,
        variant,
    });
    let choices = plain.chain(variants.skip(1));
    let choices: Vec<_> = choices
        .map(|cell: CellChoice| (cell.name(), cell))
        .collect();
    parts.one_of(&choices)
}

/// What a word says: all of it, or that more is to be read.
#[derive(Clone, Copy)]
enum Said {
    All(What),
    Begins(&'static str),
}

/// Reads what is measured of a cell.
fn what(parts: &mut Parts, cell: CellKind) -> Result<What, String> {
    let begins =
        |words: &'static [&'static str]| words.iter().map(|&word| (word, Said::Begins(word)));
    let own = |measure| What::Curve(Curve::Own, measure);
    let words: Vec<_> = all(MEASURES, own)
        .chain(begins(&["grad_h", "grad_c", "share", "alone", "without"]))
        .chain(all(NUMBERS, What::Number))
        .chain(all(EXPONENTS, What::Exponent))
        .chain(begins(&["spectral_radius", "norm", "gate"]))
        .filter(|(word, _)| cell.has_c() || !matches!(*word, "grad_c" | "grad_c0"))
        .collect();
    let curve = match parts.one_of(&words)? {
        Said::All(what) => return Ok(what),
        Said::Begins("spectral_radius") => {
            return Ok(What::Matrix(matrix(parts, cell)?, |m| m.spectral_radius));
        }
        Said::Begins("norm") => return Ok(What::Matrix(matrix(parts, cell)?, |m| m.norm)),
        Said::Begins("gate") => {
            let gates: Vec<_> = cell.spec().gate_names().map(|gate| (gate, gate)).collect();
            return Ok(What::Gate(parts.one_of(&gates)?, parts.one_of(ACTIVITIES)?));
        }
        Said::Begins("grad_h") => Curve::GradH,
        Said::Begins("grad_c") => Curve::GradC,
        Said::Begins("share") => {
            let paths = cell.paths().chain([Path::Loss]);
            parts.one_of(&named(paths, Curve::Share))?
        }
        Said::Begins("alone") => parts.one_of(&named(cell.paths(), Curve::Alone))?,
        Said::Begins(_) => {
            let mut cuts = named(cell.paths(), Curve::Without);
            let sets = cell.spec().cut_sets.iter();
            cuts.extend(sets.map(|&set| (set, Curve::WithoutSet(set))));
            parts.one_of(&cuts)?
        }
    };
    Ok(What::Curve(curve, parts.one_of(MEASURES)?))
}

/// The words that say all.
fn all<T: Copy>(
    words: Words<T>,
    what: fn(T) -> What,
) -> impl Iterator<Item = (&'static str, Said)> {
    let say = move |&(word, meaning): &(_, T)| (word, Said::All(what(meaning)));
    words.iter().map(say)
}

/// Curves by the names of their paths.
fn named(
    paths: impl Iterator<Item = Path>,
    curve: fn(Path) -> Curve,
) -> Vec<(&'static str, Curve)> {
    paths.map(|path| (path.name(), curve(path))).collect()
}

/// Reads the name of a recurrent matrix, which an only one may go without.
fn matrix(parts: &mut Parts, cell: CellKind) -> Result<&'static str, String> {
    let names: Vec<_> = cell
        .spec()
        .matrix_names()
        .map(|name| (name, name))
        .collect();
    match *names {
        [] => Err(format!(
            "{} has no recurrent matrix",
            cell.spec().with_article()
        )),
        [(only, _)] => Ok(only),
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
        let of = |measure: &str, values: &[f64]| {
            let curve = curve(values);
            let measure = limits::meaning(MEASURES, measure).unwrap();
            measure(&curve, *curve.last().unwrap()).map(Wide::saturating_f64)
        };
        let halves = [0.125, 0.25, 0.5, 1.0];
        assert_eq!(of("change", &halves), Some(0.125));
        assert!((of("factor", &halves).unwrap() - 0.5).abs() < 1e-15);
        assert!((of("growth", &halves).unwrap() - 0.0625).abs() < 1e-16);
        assert_eq!(of("growth", &[3.0, 3.0, 3.0]), Some(1.0));
        assert_eq!(of("peak", &[1.0, 8.0, 2.0]), Some(4.0));
        assert_eq!(of("low", &[1.0, 8.0, 2.0]), Some(0.5));
        assert_eq!(of("first", &[1.0, 8.0, 0.0]), Some(1.0));
        assert_eq!(of("growth", &[1.0, 8.0, 0.0]), None);
        assert_eq!(of("growth", &[0.0, 0.0, 0.0]), None);
        assert_eq!(of("growth", &[0.0, 0.0, 1.0]), Some(0.0));
    }
}
