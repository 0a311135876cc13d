//! What becomes of a window's gradient beyond its exact size: in smaller number formats, and where the way
//! back is cut every K steps.
//!
//! Truncated backpropagation begins a new piece at steps 1, K + 1, 2K + 1, …, as a loop over pieces of K
//! steps that detaches the state between them does: nothing comes from one piece to the one before it.

use ndarray::ArrayView2;

use super::backward::{GoOn, Sweep};
use super::clip;
use super::gradients::{self, Gradient, Memory};
use super::loss::Loss;
use crate::cell::{Cell, Tape};
use crate::num::Wide;
use crate::num::number::larger;

/// A format of numbers with subnormals, as processors keep them, rounded to nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// As PyTorch calls it.
    pub name: &'static str,
    /// Bits of the significand, the hidden one included.
    digits: i64,
    /// The exponent of the largest power of two.
    top: i64,
}

/// The formats that networks are trained in.
pub const FORMATS: [Format; 3] = [
    Format::new("float16", 11, 15),
    Format::new("bfloat16", 8, 127),
    Format::new("float32", 24, 127),
];

impl Format {
    const fn new(name: &'static str, digits: i64, top: i64) -> Self {
        Self { name, digits, top }
    }

    /// Whether a size becomes 0: it is at most half of the smallest number.
    fn flushes(self, size: Wide) -> bool {
        // The smallest is 2^(2 − top − digits).
        size <= Wide::new(1.0, 1 - self.top - self.digits)
    }

    /// What becomes of a gradient whose largest number at each step is given, and of the gradient of all
    /// parameters with this largest number and this norm.
    pub fn written(self, curve: &[Wide], largest: Wide, norm: Wide) -> Written {
        let back = |holds: &dyn Fn(Wide) -> bool| curve.iter().rev().position(|&x| holds(x));
        Written {
            format: self,
            zero_back: back(&|size| self.flushes(size)),
            overflow_back: back(&|size| self.overflows(size)),
            clip: if self.overflows(largest) {
                Clipped::Nan
            } else if self.overflows(norm) {
                Clipped::Zero
            } else if self.flushes(largest) {
                Clipped::Nothing
            } else {
                Clipped::Finite
            },
        }
    }

    /// Whether a size becomes infinite: it lies at least half a unit above the largest number.
    fn overflows(self, size: Wide) -> bool {
        let unit = Wide::new(1.0, -self.digits);
        size >= Wide::from_f64(2.0).plus(unit.negated()).shifted(self.top)
    }
}

/// What `clip_grad_norm_` leaves of a gradient of all parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clipped {
    /// Numbers.
    Finite,
    /// There was nothing left to clip: every number had become 0.
    Nothing,
    /// The norm is infinite, so that every number is multiplied by 0.
    Zero,
    /// A number is infinite, and times 0 that is none.
    Nan,
}

impl Clipped {
    /// In a word: `finite`, `nothing`, `zero` or `nan`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Finite => "finite",
            Self::Nothing => "nothing",
            Self::Zero => "zero",
            Self::Nan => "nan",
        }
    }
}

/// The exact gradient, written in a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// The format.
    pub format: Format,
    /// The first step back from T at which every number of δ_t is 0.
    pub zero_back: Option<usize>,
    /// The first at which one of them is infinite.
    pub overflow_back: Option<usize>,
    /// What is left of the parameters' gradient.
    pub clip: Clipped,
}

/// The gradient of all parameters where the way back is cut every K steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truncated {
    /// K.
    pub steps: usize,
    /// Its norm.
    pub norm: Wide,
    /// The norm as a part of the whole gradient's; `None` where that is 0.
    pub kept: Option<Wide>,
    /// The angle between both in degrees; `None` where one of them is 0.
    pub angle_deg: Option<f64>,
}

impl Truncated {
    /// The median of each number; `None` of none.
    pub fn median(all: &[Self]) -> Option<Self> {
        let middle = all.len().checked_sub(1)? / 2;
        let sorted = |number: &dyn Fn(&Self) -> Wide| {
            let mut numbers: Vec<Wide> = all.iter().map(number).collect();
            numbers.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
            numbers[middle]
        };
        let any = |is: &dyn Fn(&Self) -> bool| all.iter().any(is);
        let kept = sorted(&|one| one.kept.unwrap_or_default());
        let angle = sorted(&|one| Wide::from_f64(one.angle_deg.unwrap_or_default()));
        Some(Self {
            steps: all[0].steps,
            norm: sorted(&|one| one.norm),
            kept: any(&|one| one.kept.is_some()).then_some(kept),
            angle_deg: any(&|one| one.angle_deg.is_some()).then_some(angle.saturating_f64()),
        })
    }

    /// From the whole gradient and what truncation leaves of it.
    pub fn new(steps: usize, whole: &[Gradient], part: &[Gradient]) -> Self {
        let norm = gradients::norm(part);
        Self {
            steps,
            norm,
            kept: norm.ratio(gradients::norm(whole)),
            angle_deg: clip::angle_deg(whole, part),
        }
    }
}

/// Both.
#[derive(Clone, Debug)]
pub struct Lens {
    /// In the order of [`FORMATS`].
    pub formats: Vec<Written>,
    /// What truncation leaves, when asked for.
    pub truncated: Option<Truncated>,
}

/// Measures the window on `tape`, which `inputs` (T × D) has driven, truncated every so many steps. `None`
/// when the caller ended it.
pub fn lens<C: Cell>(
    cell: &C,
    tape: &Tape,
    inputs: ArrayView2<f64>,
    loss: Loss,
    truncate: Option<usize>,
    go_on: GoOn,
) -> Option<Lens> {
    let sweep = Sweep {
        watch: true,
        ..Sweep::new(cell, tape, loss)
    };
    let whole = sweep.run(&mut *go_on)?;
    let gradients = gradients::each(cell, tape, inputs, &whole, &mut Memory::default());
    let norm = gradients::norm(&gradients);
    let largest = gradients.iter().map(largest).fold(Wide::ZERO, larger);
    let written = |format: Format| format.written(&whole.largest, largest, norm);
    let mut truncated = None;
    if let Some(steps) = truncate {
        let cut = Sweep {
            truncate: steps,
            ..sweep
        };
        let swept = cut.run(go_on)?;
        let part = gradients::each(cell, tape, inputs, &swept, &mut Memory::default());
        truncated = Some(Truncated::new(steps, &gradients, &part));
    }
    Some(Lens {
        formats: FORMATS.map(written).to_vec(),
        truncated,
    })
}

/// The largest of the numbers.
pub(super) fn largest(gradient: &Gradient) -> Wide {
    let mantissas = gradient
        .mantissas
        .iter()
        .fold(0.0, |top: f64, x| top.max(x.abs()));
    Wide::new(mantissas, gradient.exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_end_where_ieee_says() {
        let [half, brain, single] = FORMATS;
        let of = Wide::from_f64;
        assert!(half.overflows(of(65520.0)) && !half.overflows(of(65519.0)));
        assert!(half.flushes(of(2f64.powi(-25))) && !half.flushes(of(2.1f64.powi(-25) * 4.0)));
        assert!(!half.flushes(of(2f64.powi(-25) * 1.01)));
        let edge = f64::from(f32::MAX);
        assert!(!single.overflows(of(edge)) && single.overflows(of(2f64.powi(128))));
        assert!(single.flushes(of(2f64.powi(-150))) && !single.flushes(of(2f64.powi(-149))));
        assert!(brain.flushes(of(2f64.powi(-134))) && !brain.flushes(of(2f64.powi(-133))));
        assert!(!brain.overflows(of(3.38e38)) && brain.overflows(of(3.4e38)));
    }
}
