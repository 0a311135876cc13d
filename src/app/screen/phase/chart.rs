//! A map: what was computed of a plane. Between its points it is interpolated, from the finest grid
//! that is there around a place, so that it is whole from the first points on.

use std::sync::Arc;

use super::state::{Measure, Order};
use crate::sim::Settings;
use crate::sweep::{Axis, Done, Point, Spec};

/// A level is kept within so many decades: it is drawn beyond every scale anyway.
const FARTHEST: f64 = 1e4;
/// Below this a logarithm is rounding: the factor is 1.
const ROUNDING: f64 = 1e-9;

/// A plane of settings and the points that have been computed.
#[derive(Debug)]
pub struct Chart {
    /// Its number.
    pub number: u64,
    /// The sweep.
    pub spec: Arc<Spec>,
    points: Vec<Option<Point>>,
    done: usize,
}

/// The edge, r = 1, on a line through the map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Edge {
    /// The line is not there yet.
    Unknown,
    /// r stays on one side of 1.
    Nowhere,
    /// At this value of the axis, give or take the error.
    At(f64, f64),
    /// Somewhere between these values.
    Between(f64, f64),
}

/// A direction in the map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Along {
    /// Along the horizontal axis.
    X,
    /// Along the vertical one.
    Y,
}

impl Along {
    /// What belongs to it of what the horizontal and the vertical axis have.
    pub fn of<T>(self, [x, y]: [T; 2]) -> T {
        match self {
            Self::X => x,
            Self::Y => y,
        }
    }

    /// The other one.
    const fn across(self) -> Self {
        match self {
            Self::X => Self::Y,
            Self::Y => Self::X,
        }
    }
}

impl Chart {
    /// Of a sweep, with nothing computed.
    pub fn new(number: u64, spec: Spec) -> Self {
        let points = vec![None; spec.windows()];
        Self {
            number,
            spec: Arc::new(spec),
            points,
            done: 0,
        }
    }

    /// Whether it is the map of a sweep: what the axes do not set is the same.
    pub fn is_of(&self, other: &Spec) -> bool {
        let spec = &*self.spec;
        let axes = |spec: &Spec| [spec.x().text(), spec.y().text()];
        spec.cell() == other.cell()
            && Arc::ptr_eq(spec.data(), other.data())
            && spec.settings_at(0, 0, 0) == other.settings_at(0, 0, 0)
            && axes(spec) == axes(other)
    }

    /// Takes a point; whether it was missing.
    pub fn take(&mut self, done: Done) -> bool {
        let Some(point) = self.points.get_mut(done.window) else {
            return false;
        };
        let new = point.replace(done.point).is_none();
        self.done += usize::from(new);
        new
    }

    /// The part of it that is there, 0 to 1.
    pub fn progress(&self) -> f64 {
        self.done as f64 / self.points.len() as f64
    }

    /// Whether all of it is there.
    pub fn is_whole(&self) -> bool {
        self.done == self.points.len()
    }

    /// What is missing, from coarse to fine.
    pub fn order(&self) -> Order {
        let missing = |window: &usize| self.points[*window].is_none();
        Order {
            map: self.number,
            spec: Arc::clone(&self.spec),
            windows: self.spec.order().filter(missing).collect(),
        }
    }

    /// What is varied along an axis.
    pub fn axis(&self, along: Along) -> &Axis {
        along.of([self.spec.x(), self.spec.y()])
    }

    /// The numbers on an axis.
    pub fn numbers(&self, along: Along) -> &[f64] {
        self.axis(along).numbers().unwrap_or_default()
    }

    /// The present place on both axes; `None` on one that the settings are not on.
    pub fn here(&self, settings: &Settings) -> [Option<f64>; 2] {
        [Along::X, Along::Y]
            .map(|along| place(self.numbers(along), self.axis(along).value(settings)?))
    }

    /// All points that are there.
    pub fn points(&self) -> impl Iterator<Item = &Point> {
        self.points.iter().flatten()
    }

    fn point(&self, i: usize, j: usize) -> Option<&Point> {
        self.points.get(i * self.spec.height() + j)?.as_ref()
    }

    /// The four corners around a place (in values from the first one on) of the finest grid that has
    /// them all, and where between them it lies.
    fn around(&self, u: f64, v: f64) -> Option<([&Point; 4], [f64; 2])> {
        let (width, height) = (self.spec.width(), self.spec.height());
        strides().find_map(|stride| {
            let (i, j) = (between(u, stride, width), between(v, stride, height));
            let corners = [(i.0, j.0), (i.0, j.1), (i.1, j.0), (i.1, j.1)];
            let [a, b, c, d] = corners.map(|(i, j)| self.point(i, j));
            Some(([a?, b?, c?, d?], [part(u, i), part(v, j)]))
        })
    }

    /// The nearest of the points around a place.
    pub fn nearest(&self, u: f64, v: f64) -> Option<&Point> {
        let (corners, [x, y]) = self.around(u, v)?;
        Some(corners[2 * usize::from(x >= 0.5) + usize::from(y >= 0.5)])
    }

    /// The level at a place; `None` where it is not there, or is no number.
    pub fn at(&self, measure: Measure, u: f64, v: f64) -> Option<f64> {
        let (corners, [x, y]) = self.around(u, v)?;
        let levels = corners.map(|point| level(point, measure));
        if let [Some(a), Some(b), Some(c), Some(d)] = levels {
            let left = a + y * (b - a);
            let right = c + y * (d - c);
            return Some(left + x * (right - left));
        }
        levels[2 * usize::from(x >= 0.5) + usize::from(y >= 0.5)]
    }

    /// The edge that is nearest on the line through a place along an axis.
    pub fn edge(&self, along: Along, place: [f64; 2]) -> Edge {
        let (from, across) = (along.of(place), along.across().of(place));
        let line = strides().find_map(|stride| Some((stride, self.line(along, across, stride)?)));
        let Some((stride, line)) = line else {
            return Edge::Unknown;
        };
        let numbers = self.numbers(along);
        let at = |k: usize| (k * stride).min(numbers.len() - 1);
        // How far a curve may depart from its chord beside a point: an eighth of its second difference.
        let bend = |k: usize| {
            let (before, after) = (line.get(k.checked_sub(1)?)?, line.get(k + 1)?);
            Some((before.0 - 2.0 * line[k].0 + after.0).abs() / 8.0)
        };
        let mut nearest: Option<(f64, Edge)> = None;
        for k in 0..line.len() - 1 {
            let [(a, a_off), (b, b_off)] = [line[k], line[k + 1]];
            if a.is_nan() || b.is_nan() || (a > 0.0) == (b > 0.0) {
                continue;
            }
            let (low, high) = (numbers[at(k)], numbers[at(k + 1)]);
            let t = a / (a - b);
            let bends = bend(k).into_iter().chain(bend(k + 1));
            let bent = bends.reduce(f64::max).unwrap_or(f64::INFINITY);
            // Twice what is estimated.
            let error = 2.0 * (bent + a_off.max(b_off)) / (b - a).abs();
            let found = if error < 0.2 {
                Edge::At(low + t * (high - low), error * (high - low))
            } else if a.abs() < 2.0 * a_off || b.abs() < 2.0 * b_off {
                // Not even the signs are sure.
                Edge::Between(numbers[at(k.saturating_sub(1))], numbers[at(k + 2)])
            } else {
                Edge::Between(low, high)
            };
            let place = at(k) as f64 + t * (at(k + 1) - at(k)) as f64;
            let distance = (place - from).abs();
            if nearest.is_none_or(|(least, _)| distance < least) {
                nearest = Some((distance, found));
            }
        }
        nearest.map_or(Edge::Nowhere, |(_, edge)| edge)
    }

    /// log10 r along an axis on a grid, each with how uncertain it is between two
    /// lines of the grid; NaN where there is no r. `None` where the grid is not there.
    fn line(&self, along: Along, across: f64, stride: usize) -> Option<Vec<(f64, f64)>> {
        let count = |along| self.numbers(along).len();
        let (low, high) = between(across, stride, count(along.across()));
        let t = part(across, (low, high));
        let level_at = |k: usize, across: usize| {
            let (i, j) = along.of([(k, across), (across, k)]);
            let point = self.point(i, j);
            point.map(|point| level(point, Measure::Step).unwrap_or(f64::NAN))
        };
        let last = count(along) - 1;
        let mut places: Vec<usize> = (0..=last).step_by(stride).collect();
        if places.last() != Some(&last) {
            places.push(last);
        }
        let at = |k: usize| {
            let a = level_at(k, low)?;
            if t == 0.0 {
                return Some((a, 0.0));
            }
            let b = level_at(k, high)?;
            let beyond = [low.checked_sub(stride), Some(high + stride)];
            let beyond = beyond.map(|place| place.and_then(|place| level_at(k, place)));
            let bend = |before: f64, middle: f64, after: f64| (before - 2.0 * middle + after).abs();
            let left = beyond[0].map(|before| bend(before, a, b));
            let right = beyond[1].map(|after| bend(a, b, after));
            let bends = left.into_iter().chain(right).reduce(f64::max);
            Some((
                a + t * (b - a),
                bends.map_or(f64::INFINITY, |bend| bend / 8.0),
            ))
        };
        places.into_iter().map(at).collect()
    }
}

/// The steps between the points of a grid, the finest first.
fn strides() -> impl Iterator<Item = usize> {
    (0..7).map(|power| 1 << power)
}

/// The neighbours of a place on a grid of so many values.
fn between(at: f64, stride: usize, count: usize) -> (usize, usize) {
    let low = (at.max(0.0) as usize).min(count - 1) / stride * stride;
    (low, (low + stride).min(count - 1))
}

/// Where between two neighbours a place lies, 0 to 1.
fn part(at: f64, (low, high): (usize, usize)) -> f64 {
    if high == low {
        return 0.0;
    }
    ((at - low as f64) / (high - low) as f64).clamp(0.0, 1.0)
}

/// A point's level; `None` where there is no number.
pub fn level(point: &Point, measure: Measure) -> Option<f64> {
    let x = match measure {
        Measure::Window | Measure::Paths => point.log10_growth,
        Measure::Step => point.factor_per_step.log10(),
        Measure::Exponent => point.lyapunov_max,
    };
    let x = if x.abs() < ROUNDING { 0.0 } else { x };
    (!x.is_nan()).then(|| x.clamp(-FARTHEST, FARTHEST))
}

/// Where a number lies among increasing ones, in places from 0; `None` beyond them.
fn place(numbers: &[f64], x: f64) -> Option<f64> {
    let (first, last) = (*numbers.first()?, *numbers.last()?);
    let slack = 1e-9 * (last - first);
    if !(first - slack..=last + slack).contains(&x) {
        return None;
    }
    let above = numbers.partition_point(|number| *number < x - slack);
    let Some(below) = above.checked_sub(1) else {
        return Some(0.0);
    };
    let high = numbers.get(above).copied().unwrap_or(last);
    let t = (x - numbers[below]) / (high - numbers[below]);
    Some(below as f64 + if t > 1.0 - 1e-6 { 1.0 } else { t })
}
