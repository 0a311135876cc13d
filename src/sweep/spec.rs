//! What is swept: a cell under settings, two axes, and seeds.

use std::sync::Arc;

use crate::sim::budget::{self, Cost};
use crate::sim::preset::limits::Wrong;
use crate::sim::{CellChoice, Data, Settings, Simulation};
use crate::sweep::Axis;

/// The most windows of a sweep: what is kept of each takes 32 bytes.
const MOST: usize = 2_000_000;

/// A plane of settings, over seeds.
///
/// The windows have numbers from 0, by x, then y, then seed: `(i · height + j) · seeds + k`.
#[derive(Clone, Debug)]
pub struct Spec {
    cell: CellChoice,
    settings: Settings,
    data: Arc<Data>,
    x: Axis,
    y: Axis,
    seeds: usize,
    lyapunov: bool,
}

impl Spec {
    /// The plane of `x` and `y` around these settings, with so many seeds from that of the settings on.
    /// The axes override what they set.
    ///
    /// # Errors
    /// One sentence on what does not fit.
    pub fn new(
        cell: CellChoice,
        settings: Settings,
        data: Arc<Data>,
        x: Axis,
        y: Axis,
        seeds: usize,
    ) -> Result<Self, String> {
        let settings = Settings {
            cells: [cell; 2],
            ..settings
        };
        let spec = Self {
            cell,
            settings,
            data,
            x,
            y,
            seeds,
            lyapunov: true,
        };
        spec.check().map(|()| spec)
    }

    fn check(&self) -> Result<(), String> {
        let (x, y) = (&self.x, &self.y);
        if x.sets_what(y) {
            let wrong = Wrong::new("two different settings", format!("{} twice", y.name()));
            return Err(format!("x and y: {wrong}"));
        }
        let windows = x.values().len() as f64 * y.values().len() as f64 * self.seeds as f64;
        if windows > MOST as f64 {
            let wrong = Wrong::new(format!("at most {MOST} windows"), windows);
            return Err(format!("{} x {} x seeds: {wrong}", x.name(), y.name()));
        }
        // Every value was checked by itself; what can only go wrong together does so at an end.
        let (width, height) = (self.width(), self.height());
        let along_x = (0..width).flat_map(|i| [(i, 0), (i, height - 1)]);
        let along_y = (0..height).flat_map(|j| [(0, j), (width - 1, j)]);
        for (i, j) in along_x.chain(along_y) {
            let settings = self.settings_at(i, j, 0);
            x.check(self.cell, &settings)?;
            y.check(self.cell, &settings)?;
            settings.check()?;
            Simulation::check(&settings, &self.data).map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// The settings of the largest window.
    pub fn largest(&self) -> Settings {
        let at = |i, j| self.settings_at(i, j, 0);
        let time = |settings: &Settings| budget::one(self.cell, settings).seconds;
        // A larger size takes more whatever the other axis has.
        let largest = |count: usize, at: &dyn Fn(usize) -> Settings| {
            let times = (0..count).map(|k| time(&at(k)));
            let best = times.enumerate().max_by(|a, b| a.1.total_cmp(&b.1));
            best.map_or(0, |(k, _)| k)
        };
        at(
            largest(self.width(), &|i| at(i, 0)),
            largest(self.height(), &|j| at(0, j)),
        )
    }

    /// What all windows take on one core, one at a time. A point needs about half of the time of a window that
    /// is shown, since fewer paths are looked at.
    pub fn cost(&self) -> Cost {
        const PART: f64 = 0.5;
        const SAMPLES: usize = 9;
        let places = |count: usize| {
            let last = count - 1;
            (0..SAMPLES).map(move |k| k * last / (SAMPLES - 1))
        };
        let grid = places(self.width()).flat_map(|i| places(self.height()).map(move |j| (i, j)));
        let times = grid.map(|(i, j)| budget::one(self.cell, &self.settings_at(i, j, 0)).seconds);
        let mean = times.sum::<f64>() / (SAMPLES * SAMPLES) as f64;
        Cost {
            seconds: PART * mean * self.windows() as f64,
            ..budget::one(self.cell, &self.largest())
        }
    }

    /// With or without the Lyapunov exponent, which of large nets takes most of the time.
    pub fn with_lyapunov(self, lyapunov: bool) -> Self {
        Self { lyapunov, ..self }
    }

    /// Whether the Lyapunov exponent is measured.
    pub const fn lyapunov(&self) -> bool {
        self.lyapunov
    }

    /// The cell.
    pub const fn cell(&self) -> CellChoice {
        self.cell
    }

    /// The settings that all points share, with the first seed.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The user's data.
    pub const fn data(&self) -> &Arc<Data> {
        &self.data
    }

    /// The horizontal axis.
    pub const fn x(&self) -> &Axis {
        &self.x
    }

    /// The vertical axis.
    pub const fn y(&self) -> &Axis {
        &self.y
    }

    /// Values of x.
    pub fn width(&self) -> usize {
        self.x.values().len()
    }

    /// Values of y.
    pub fn height(&self) -> usize {
        self.y.values().len()
    }

    /// Seeds of a point.
    pub const fn seeds(&self) -> usize {
        self.seeds
    }

    /// All windows.
    pub fn windows(&self) -> usize {
        self.width() * self.height() * self.seeds
    }

    /// The place of a window: its i, its j, and the number of its seed from 0.
    pub fn place(&self, window: usize) -> (usize, usize, usize) {
        let (point, seed) = (window / self.seeds, window % self.seeds);
        (point / self.height(), point % self.height(), seed)
    }

    /// The k-th seed.
    pub const fn seed(&self, k: usize) -> u64 {
        self.settings.seed.saturating_add(k as u64)
    }

    /// The settings of a window.
    pub fn settings_at(&self, i: usize, j: usize, k: usize) -> Settings {
        let mut settings = self.settings.clone();
        let mut axes = [(&self.x, i), (&self.y, j)];
        axes.sort_by_key(|(axis, _)| axis.rank());
        for (axis, place) in axes {
            axis.apply(&mut settings, place);
        }
        settings.seed = self.seed(k);
        settings
    }

    /// All windows in the order in which they are computed: seed by seed, each from coarse to fine.
    pub fn order(&self) -> impl Iterator<Item = usize> + Send + use<> {
        let (seeds, points) = (self.seeds, super::order(self.width(), self.height()));
        (0..seeds).flat_map(move |k| points.clone().map(move |point| point * seeds + k))
    }
}
