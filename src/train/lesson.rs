//! Presets of training: a run or two to be begun, and claims on what becomes of them over several seeds.
//!
//! A claim names a quantity of the runs with seeds 1, 2, …: `diverged`, the part of them whose loss passes
//! 10 (numbers that are not finite come much later); the medians over the seeds of `largest_loss`, of
//! `last_loss` (the mean of the last hundred), of `radius` and `factor` (ρ, and |δ|'s factor a step back, at the
//! last update), and of `sequences`, those seen until the mean loss of fifty updates is below 0.02. It may change settings by `with`. Claims that are
//! `slow` take minutes.

use serde::{Deserialize, Serialize};

use super::live::Order;
use super::settings::table;
use super::{Settings, Task, run};

/// A preset of training.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lesson {
    /// The name on the command line.
    #[serde(skip)]
    pub name: &'static str,
    /// The title.
    pub title: String,
    /// The idea in a few sentences.
    pub idea: String,
    /// What to press.
    pub press: String,
    /// What to watch.
    pub watch: String,
    /// Where it comes from.
    pub source: String,
    /// The run, in what differs from the program's own.
    settings: toml::Table,
    /// What the run beside it differs in: `NAME=VALUE, …`.
    beside: Option<String>,
    /// Updates on the screen.
    updates: u64,
    /// What it claims.
    pub claims: Vec<Claim>,
}

/// What is claimed of a run over several seeds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// What is measured.
    pub quantity: Quantity,
    /// The settings that it changes.
    #[serde(default)]
    pub with: String,
    /// Updates of each run.
    pub updates: u64,
    /// How many seeds, from 1.
    pub seeds: u64,
    /// The least that it may be.
    pub at_least: Option<f64>,
    /// The most that it may be.
    pub at_most: Option<f64>,
    /// Whether it takes minutes.
    #[serde(default)]
    pub slow: bool,
}

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the module says what each is")]
pub enum Quantity {
    Diverged,
    LargestLoss,
    LastLoss,
    Radius,
    Factor,
    Sequences,
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../presets/train/", $name, ".toml")))),*]
    };
}

/// Name and text of each, in the order in which they are listed.
pub const FILES: &[(&str, &str)] = files![
    "clip-saves",
    "a-gate-learns",
    "copy-gate",
    "omega-keeps",
    "flossing",
    "h-detach",
];

/// The one that a key begins: an explosion wrecks a run, and clipping saves the one beside it.
pub const DEMONSTRATION: &str = "clip-saves";

/// A lesson by its name.
pub fn find(name: &str) -> Option<Lesson> {
    all().find(|lesson| lesson.name == name)
}

/// All of them.
pub fn all() -> impl Iterator<Item = Lesson> {
    FILES.iter().filter_map(|(name, text)| {
        // The project's tests read every file.
        let lesson: Option<Lesson> = toml::from_str(text).ok();
        lesson.map(|lesson| Lesson { name, ..lesson })
    })
}

impl Lesson {
    /// What it is about and what to press, a paragraph each.
    pub fn said(&self) -> String {
        let Self {
            idea,
            press,
            watch,
            source,
            ..
        } = self;
        format!("{idea}\npress: {press}\nwatch: {watch}\nsource: {source}")
    }

    /// Its settings, with others in their place.
    ///
    /// # Errors
    /// One sentence on what is no setting.
    pub fn settings(&self, with: &str) -> Result<Settings, String> {
        let mut fields = toml::Table::try_from(Settings::default()).unwrap_or_default();
        fields.extend(self.settings.clone());
        let settings = toml::Table::try_into(fields);
        let mut settings: Settings = settings.map_err(|error| error.message().to_owned())?;
        for text in with.split(',').filter(|text| !text.is_empty()) {
            table::read(&mut settings, text).map_err(|wrong| wrong.to_string())?;
        }
        Ok(settings)
    }

    /// What the screen begins, and does not run yet.
    ///
    /// # Errors
    /// One sentence on what is no setting.
    pub fn order(&self, threads: usize) -> Result<Order, String> {
        let settings = self.settings("")?;
        let task = Task::named(&settings.task).ok_or("no such task")?;
        let mut order = Order::new(settings, task, threads, self.updates);
        if let Some(beside) = &self.beside {
            order.runs.push(self.settings(beside)?);
        }
        order.running = false;
        Ok(order)
    }

    /// Measures what a claim is about. `go_on(done)`, 0 ≤ done ≤ 1, is asked before each update.
    ///
    /// # Errors
    /// One sentence: a run cannot begin, has nothing to be measured, or was not to go on.
    pub fn measure(
        &self,
        claim: &Claim,
        threads: usize,
        go_on: &mut dyn FnMut(f64) -> bool,
    ) -> Result<f64, String> {
        let mut values = Vec::new();
        for seed in 1..=claim.seeds {
            let mut settings = self.settings(&claim.with)?;
            settings.seed = seed;
            let mut part = |part| go_on(((seed - 1) as f64 + part) / claim.seeds as f64);
            values.push(one(settings, claim, threads, &mut part)?);
        }
        values.sort_by(f64::total_cmp);
        let middle = values.get(values.len() / 2).copied();
        Ok(match claim.quantity {
            Quantity::Diverged => values.iter().sum::<f64>() / values.len() as f64,
            _ => middle.unwrap_or(f64::NAN),
        })
    }
}

impl Claim {
    /// Whether a number is within it.
    pub fn holds(&self, measured: f64) -> bool {
        let least = self.at_least.is_none_or(|least| measured >= least);
        let most = self.at_most.is_none_or(|most| measured <= most);
        least && most && !measured.is_nan()
    }
}

/// Loss above which a run has diverged.
pub const DIVERGED: f64 = 10.0;
/// The loss below which the adding problem counts as learnt, and the updates that its mean is over.
const LEARNT: (f64, usize) = (0.02, 50);
/// Updates that the last loss is the mean of.
const LAST: usize = 100;

fn mean_of_last(count: usize, losses: &[f64]) -> f64 {
    let last = &losses[losses.len().saturating_sub(count)..];
    last.iter().sum::<f64>() / last.len() as f64
}

/// The quantity of one run.
fn one(
    settings: Settings,
    claim: &Claim,
    threads: usize,
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Result<f64, String> {
    let task = Task::named(&settings.task).ok_or("no such task")?;
    let batch = settings.batch as f64;
    let mut run = run::begin(settings, task, threads).map_err(|error| error.to_string())?;
    let mut losses = Vec::new();
    let (mut radius, mut factor) = (f64::NAN, f64::NAN);
    run.watch(matches!(
        claim.quantity,
        Quantity::Radius | Quantity::Factor
    ));
    while run.updates() < claim.updates {
        let wanted = go_on(run.updates() as f64 / claim.updates as f64);
        let updated = if wanted { run.update() } else { None };
        let record = updated.ok_or("it was not to go on")?;
        losses.push(if record.loss.is_nan() {
            f64::INFINITY
        } else {
            record.loss
        });
        if let Some(seen) = &record.seen {
            (radius, factor) = (seen.radius, seen.factor().unwrap_or(f64::NAN));
        }
        let done = match claim.quantity {
            Quantity::Diverged => record.loss > DIVERGED,
            Quantity::Sequences => {
                losses.len() >= LEARNT.1 && mean_of_last(LEARNT.1, &losses) < LEARNT.0
            }
            _ => false,
        };
        if done || record.lost.is_some() {
            break;
        }
    }
    let largest = losses.iter().copied().fold(0.0, f64::max);
    Ok(match claim.quantity {
        Quantity::Diverged => f64::from(u8::from(largest > DIVERGED)),
        Quantity::LargestLoss => largest,
        Quantity::LastLoss => mean_of_last(LAST, &losses),
        Quantity::Radius => radius,
        Quantity::Factor => factor,
        Quantity::Sequences if run.updates() < claim.updates => run.updates() as f64 * batch,
        Quantity::Sequences => f64::INFINITY,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lesson_can_be_begun_and_claims_something() {
        assert_eq!(all().count(), FILES.len());
        for lesson in all() {
            let order = lesson.order(1).expect("its settings are right");
            assert!(!order.runs.is_empty() && !lesson.claims.is_empty());
            for claim in &lesson.claims {
                assert!(claim.at_least.is_some() || claim.at_most.is_some());
                lesson.settings(&claim.with).expect("they are settings");
            }
        }
    }

    #[test]
    fn a_claim_is_measured_and_can_fail() {
        let mut lesson = find("clip-saves").expect("it is there");
        for (name, size) in [("hidden", 8), ("length", 10), ("batch", 4)] {
            lesson
                .settings
                .insert(name.to_owned(), toml::Value::Integer(size));
        }
        let claim = |quantity, at_most| Claim {
            quantity,
            with: "learning_rate=0".to_owned(),
            updates: 3,
            seeds: 3,
            at_least: None,
            at_most: Some(at_most),
            slow: false,
        };
        let measured = |claim: &Claim| lesson.measure(claim, 1, &mut |_| true).expect("it runs");
        // Without learning ρ stays as it was drawn.
        let radius = claim(Quantity::Radius, 1.4);
        let value = measured(&radius);
        assert!((value - 1.5).abs() < 1e-6, "{value}");
        assert!(!radius.holds(value) && claim(Quantity::Radius, 1.6).holds(value));
        // An orthogonal matrix takes 1.5 from step to step, and tanh' something away.
        let factor = measured(&claim(Quantity::Factor, 1.4));
        assert!(factor > 0.7 && factor < 1.5, "{factor}");
        assert!(claim(Quantity::Diverged, 0.0).holds(measured(&claim(Quantity::Diverged, 0.0))));
        assert!(!claim(Quantity::Sequences, 1e9).holds(measured(&claim(Quantity::Sequences, 1e9))));
        let (last, largest) = (
            claim(Quantity::LastLoss, 1.0),
            claim(Quantity::LargestLoss, 1.0),
        );
        assert!(measured(&last) < measured(&largest));
        let mut left = 7;
        let stopped = lesson.measure(&largest, 1, &mut |_| {
            left -= 1;
            left > 0
        });
        assert!(stopped.is_err() && left == 0, "{left}");
    }
}
