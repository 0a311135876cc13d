//! What the colours of a picture say, and which they are.

use plotters::style::RGBColor;

use crate::sweep::{Point, Table, Why};

const BLUE: [f64; 3] = [33.0, 102.0, 172.0];
const PALE: [f64; 3] = [247.0, 247.0, 247.0];
const ORANGE: [f64; 3] = [214.0, 96.0, 15.0];
const NOTHING: RGBColor = RGBColor(150, 150, 150);
pub(super) const INK: RGBColor = RGBColor(20, 20, 20);
/// Of causes, in the order in which they are met (Okabe and Ito's, which colour-blind eyes tell apart).
const CAUSES: [RGBColor; 8] = [
    RGBColor(86, 180, 233),
    RGBColor(230, 159, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(240, 228, 66),
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(150, 150, 150),
];

/// What the colours say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Show {
    /// log10 of rᵀ.
    #[default]
    Growth,
    /// r.
    Factor,
    /// The largest Lyapunov exponent.
    Lyapunov,
    /// Which paths make it grow or die out.
    Cause,
    /// The share of the seeds of a point that explode.
    Exploding,
}

impl Show {
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Growth => "log10 of the factor over T steps",
            Self::Factor => "factor per step r",
            Self::Lyapunov => "largest Lyapunov exponent, nats per step",
            Self::Cause => "cause",
            Self::Exploding => "share of seeds that explode",
        }
    }

    /// The value at every point, NaN where there is none.
    pub(super) fn values(self, table: &Table) -> Vec<f64> {
        let of = |point: Point| match self {
            Self::Factor => point.factor_per_step,
            Self::Lyapunov => point.lyapunov_max,
            _ => point.log10_growth,
        };
        if self == Self::Exploding {
            return table.exploding();
        }
        let points = table.middle().into_iter();
        points.map(|point| point.map_or(f64::NAN, of)).collect()
    }

    /// The value of what neither grows nor shrinks; of shares a half.
    pub(super) const fn middle(self) -> f64 {
        match self {
            Self::Factor => 1.0,
            Self::Exploding => 0.5,
            _ => 0.0,
        }
    }
}

/// How points become colours.
pub(super) enum Shades {
    /// The values of what, how far they go to both sides, and whether some lie beyond that.
    Diverging(Show, Vec<f64>, f64, bool),
    /// The cause of every point, and a colour for each that there is.
    Causes(Vec<Option<Why>>, Vec<(Why, RGBColor)>),
}

impl Shades {
    pub(super) fn new(table: &Table, show: Show) -> Self {
        if show == Show::Cause {
            let points = table.middle().into_iter();
            let all: Vec<_> = points.map(|point| point.map(|point| point.why)).collect();
            let mut causes: Vec<(Why, RGBColor)> = Vec::new();
            for why in all.iter().flatten() {
                if causes.iter().all(|(known, _)| known != why) {
                    causes.push((*why, CAUSES[causes.len() % CAUSES.len()]));
                }
            }
            return Self::Causes(all, causes);
        }
        let values = show.values(table);
        let far = |x: &f64| (x - show.middle()).abs();
        let finite = values.iter().map(far).filter(|x| x.is_finite());
        let most = finite.fold(0.0, f64::max);
        let span = match show {
            // Ten decades are far beyond what training survives.
            Show::Growth => most.min(10.0),
            Show::Exploding => 0.5,
            _ => most,
        };
        let span = if span > 0.0 { span } else { 1.0 };
        let beyond = values.iter().any(|x| far(x) > span);
        Self::Diverging(show, values, span, beyond)
    }

    /// The colour of a point.
    pub(super) fn of(&self, at: usize) -> RGBColor {
        match self {
            Self::Diverging(show, values, span, _) => {
                let far = values[at] - show.middle();
                if far.is_nan() {
                    NOTHING
                } else {
                    colour(far / span)
                }
            }
            Self::Causes(all, causes) => {
                let found = causes.iter().find(|(why, _)| Some(*why) == all[at]);
                found.map_or(NOTHING, |(_, colour)| *colour)
            }
        }
    }
}

/// Blue at −1, pale at 0, orange at 1.
pub(super) fn colour(x: f64) -> RGBColor {
    let (x, end) = (x.clamp(-1.0, 1.0), if x < 0.0 { BLUE } else { ORANGE });
    let mix = |k: usize| (PALE[k] + x.abs() * (end[k] - PALE[k])).round() as u8;
    RGBColor(mix(0), mix(1), mix(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_diverge() {
        assert_eq!(colour(-9.0), RGBColor(33, 102, 172));
        assert_eq!(colour(0.0), RGBColor(247, 247, 247));
        assert_eq!(colour(1.0), RGBColor(214, 96, 15));
    }
}
