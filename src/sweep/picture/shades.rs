//! What the colours of a picture say, and which they are.

use plotters::style::RGBColor;

use crate::sweep::{Point, Why};

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
}

impl Show {
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Growth => "log10 of the factor over T steps",
            Self::Factor => "factor per step r",
            Self::Lyapunov => "largest Lyapunov exponent, nats per step",
            Self::Cause => "cause",
        }
    }

    /// The value of a point, and what neither grows nor shrinks.
    pub(super) const fn of(self, point: &Point) -> f64 {
        match self {
            Self::Growth | Self::Cause => point.log10_growth,
            Self::Factor => point.factor_per_step,
            Self::Lyapunov => point.lyapunov_max,
        }
    }

    pub(super) const fn middle(self) -> f64 {
        match self {
            Self::Factor => 1.0,
            _ => 0.0,
        }
    }
}

/// How values become colours.
pub(super) enum Shades {
    /// Of what, how far it goes to both sides, and whether values lie beyond that.
    Diverging(Show, f64, bool),
    /// A colour for each cause.
    Causes(Vec<(Why, RGBColor)>),
}

impl Shades {
    pub(super) fn new(points: &[Option<Point>], show: Show) -> Self {
        if show == Show::Cause {
            let mut causes: Vec<(Why, RGBColor)> = Vec::new();
            for point in points.iter().flatten() {
                if causes.iter().all(|(why, _)| *why != point.why) {
                    causes.push((point.why, CAUSES[causes.len() % CAUSES.len()]));
                }
            }
            return Self::Causes(causes);
        }
        let far = |point: &Point| (show.of(point) - show.middle()).abs();
        let values = points.iter().flatten().map(far).filter(|x| x.is_finite());
        let most = values.fold(0.0, f64::max);
        // Ten decades are far beyond what training survives.
        let span = if show == Show::Growth {
            most.min(10.0)
        } else {
            most
        };
        let span = if span > 0.0 { span } else { 1.0 };
        let beyond = points.iter().flatten().any(|point| far(point) > span);
        Self::Diverging(show, span, beyond)
    }

    pub(super) fn of(&self, point: Option<&Point>) -> RGBColor {
        let Some(point) = point else {
            return NOTHING;
        };
        match self {
            Self::Diverging(show, span, _) => {
                let far = show.of(point) - show.middle();
                if far.is_nan() {
                    NOTHING
                } else {
                    colour(far / span)
                }
            }
            Self::Causes(causes) => {
                let found = causes.iter().find(|(why, _)| *why == point.why);
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
