//! The results of a sweep as rows: of every point, its seeds or their quantiles.

use std::collections::HashMap;

use super::{Point, Spec, Why};
use crate::flow::Verdict;
use crate::words::value;

/// The columns behind the axes and the seed.
pub const MEASURES: [&str; 4] = ["factor_per_step", "log10_growth", "lyapunov_max", "cause"];

/// Rows of a sweep: by x, then y, then seed or quantile. `None` where one is missing.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    spec: &'a Spec,
    quantiles: &'a [f64],
    rows: Vec<Option<Point>>,
}

impl<'a> Table<'a> {
    /// No row yet.
    pub fn empty(spec: &'a Spec, quantiles: &'a [f64]) -> Self {
        Self::of(spec, quantiles, vec![None; spec.windows()])
    }

    /// From all windows, of which some may be missing.
    pub fn of(spec: &'a Spec, quantiles: &'a [f64], windows: Vec<Option<Point>>) -> Self {
        let of_point = |seeds: &[Option<Point>]| -> Vec<Option<Point>> {
            let seeds: Option<Vec<Point>> = seeds.iter().copied().collect();
            let row = |q: &f64| seeds.as_ref().map(|seeds| quantile(seeds, *q));
            quantiles.iter().map(row).collect()
        };
        let rows = if quantiles.is_empty() {
            windows
        } else {
            windows.chunks(spec.seeds()).flat_map(of_point).collect()
        };
        Self {
            spec,
            quantiles,
            rows,
        }
    }

    /// Rows of a point.
    pub fn lines(&self) -> usize {
        if self.quantiles.is_empty() {
            self.spec.seeds()
        } else {
            self.quantiles.len()
        }
    }

    /// The sweep.
    pub const fn spec(&self) -> &'a Spec {
        self.spec
    }

    /// All rows.
    pub fn rows(&self) -> &[Option<Point>] {
        &self.rows
    }

    /// All rows.
    pub fn rows_mut(&mut self) -> &mut [Option<Point>] {
        &mut self.rows
    }

    /// What is typical of every point: of its seeds the median, of quantiles the one next to that. `None`
    /// where a row is missing.
    pub fn middle(&self) -> Vec<Option<Point>> {
        let next = |line: &usize| ((self.quantiles[*line] - 0.5).abs() * 1e9) as u64;
        let nearest = (0..self.quantiles.len()).min_by_key(next);
        let of = |rows: &[Option<Point>]| {
            let rows: Option<Vec<Point>> = rows.iter().copied().collect();
            rows.map(|rows| nearest.map_or_else(|| quantile(&rows, 0.5), |line| rows[line]))
        };
        self.rows.chunks(self.lines()).map(of).collect()
    }

    /// The share of the seeds of every point that explode, among those with a number; NaN where there is none.
    pub fn exploding(&self) -> Vec<f64> {
        let of = |seeds: &[Option<Point>]| {
            let verdicts = seeds.iter().flatten().filter_map(Point::verdict);
            let explode = verdicts.clone().filter(|is| *is == Verdict::Exploding);
            explode.count() as f64 / verdicts.count() as f64
        };
        self.rows.chunks(self.lines()).map(of).collect()
    }

    /// The columns.
    pub fn columns(&self) -> Vec<&'a str> {
        let third = if self.quantiles.is_empty() {
            "seed"
        } else {
            "quantile"
        };
        let (x, y) = (self.spec.x().name(), self.spec.y().name());
        [x, y, third].into_iter().chain(MEASURES).collect()
    }

    /// x, y, and the seed or the quantile of a row.
    pub fn key(&self, row: usize) -> [String; 3] {
        let (point, line) = (row / self.lines(), row % self.lines());
        let (i, j) = (point / self.spec.height(), point % self.spec.height());
        let (x, y) = (self.spec.x(), self.spec.y());
        [
            x.values()[i].clone(),
            y.values()[j].clone(),
            self.third(line),
        ]
    }

    /// The seed or the quantile of a line.
    fn third(&self, line: usize) -> String {
        match self.quantiles.get(line) {
            Some(quantile) => quantile.to_string(),
            None => self.spec.seed(line).to_string(),
        }
    }

    /// Finds rows by their keys.
    pub fn places(&self) -> impl Fn([&str; 3]) -> Option<usize> + use<> {
        let places = |texts: &[String]| -> HashMap<String, usize> {
            texts.iter().cloned().zip(0..).collect()
        };
        let thirds: Vec<String> = (0..self.lines()).map(|line| self.third(line)).collect();
        let (x, y) = (
            places(self.spec.x().values()),
            places(self.spec.y().values()),
        );
        let (thirds, lines, height) = (places(&thirds), self.lines(), self.spec.height());
        move |key| {
            let point = x.get(key[0])? * height + y.get(key[1])?;
            Some(point * lines + thirds.get(key[2])?)
        }
    }

    /// CSV of the rows that are there. What is no number is `nan`, and a logarithm of 0 is `-inf`.
    pub fn csv(&self) -> String {
        let mut text = self.columns().join(",") + "\n";
        for (row, point) in self.rows.iter().enumerate() {
            let Some(point) = point else { continue };
            text += &self.key(row).join(",");
            text += ",";
            text += &point.texts().join(",");
            text += "\n";
        }
        text
    }
}

impl Point {
    /// What its window does with the gradient; `None` where there is no r.
    pub fn verdict(&self) -> Option<Verdict> {
        (!self.log10_growth.is_nan()).then(|| Verdict::of(self.log10_growth, 1))
    }

    /// The numbers, in the order of [`MEASURES`].
    pub const fn numbers(&self) -> [f64; 3] {
        [self.factor_per_step, self.log10_growth, self.lyapunov_max]
    }

    /// What a row has behind its key: the numbers in digits that say them exactly, and the cause.
    pub fn texts(&self) -> [String; 4] {
        let [r, growth, exponent] = self.numbers().map(value::exact);
        [r, growth, exponent, self.why.text()]
    }

    /// Reads what [`Point::texts`] writes.
    pub fn parse(texts: [&str; 4]) -> Option<Self> {
        let number = |text: &str| text.parse().ok();
        Some(Self {
            factor_per_step: number(texts[0])?,
            log10_growth: number(texts[1])?,
            lyapunov_max: number(texts[2])?,
            why: Why::parse(texts[3])?,
        })
    }
}

/// A quantile of each number by itself, between its neighbours on a line (as in numpy), and the most
/// frequent cause. Seeds without a number count for nothing, unless there is no other.
fn quantile(seeds: &[Point], q: f64) -> Point {
    let of = |get: fn(&Point) -> f64| {
        let mut numbers: Vec<f64> = seeds.iter().map(get).filter(|x| !x.is_nan()).collect();
        numbers.sort_by(f64::total_cmp);
        let place = q * numbers.len().saturating_sub(1) as f64;
        let (below, part) = (place.floor() as usize, place.fract());
        match (numbers.get(below), numbers.get(below + 1)) {
            (Some(low), Some(high)) if part > 0.0 && low != high => low + part * (high - low),
            (Some(low), _) => *low,
            (None, _) => f64::NAN,
        }
    };
    let times = |why: Why| seeds.iter().filter(|point| point.why == why).count();
    // Of several that are as frequent, that of the first seed.
    let why = seeds
        .iter()
        .rev()
        .map(|point| point.why)
        .max_by_key(|why| times(*why));
    Point {
        factor_per_step: of(|point| point.factor_per_step),
        log10_growth: of(|point| point.log10_growth),
        lyapunov_max: of(|point| point.lyapunov_max),
        why: why.unwrap_or(Why::Undefined),
    }
}
