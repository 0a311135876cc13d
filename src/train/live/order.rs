//! What is to be trained: one run, or two that differ in one setting.

use crate::sim::budget::Cost;
use crate::train::checkpoint::Files;
use crate::train::cost;
use crate::train::settings::InitName;
use crate::train::{Clip, Kind, Settings, Task};

/// Runs to be begun.
#[derive(Clone, Debug)]
pub struct Order {
    /// The settings of one or two runs on the same task.
    pub runs: Vec<Settings>,
    /// The task, with its files read.
    pub task: Task,
    /// Threads of an update.
    pub threads: usize,
    /// Updates in all.
    pub updates: u64,
    /// Where the runs are saved.
    pub files: Option<Files>,
    /// Whether they go on from there.
    pub resume: bool,
    /// Save after so many updates.
    pub save_every: u64,
    /// Whether they run at once.
    pub running: bool,
}

impl Order {
    /// A run on a task without files.
    pub fn new(settings: Settings, task: Task, threads: usize, updates: u64) -> Self {
        Self {
            runs: vec![settings],
            task,
            threads,
            updates,
            files: None,
            resume: false,
            save_every: 500,
            running: true,
        }
    }

    /// What an update of all runs takes.
    pub fn cost(&self) -> Cost {
        let each = self.runs.iter();
        each.map(|settings| cost::of_update(settings, &self.task, self.threads))
            .fold(Cost::default(), |all, one| all + one)
    }
}

/// What two runs can differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Clipping off, and on.
    Clip,
    /// An LSTM, and a tanh RNN.
    Cell,
    /// The forget gate's bias, 0 and 1.
    ForgetBias,
    /// Orthogonal and gaussian recurrent matrices.
    Init,
    /// η, and a tenth of it.
    Rate,
}

impl Difference {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Clip,
        Self::Cell,
        Self::ForgetBias,
        Self::Init,
        Self::Rate,
    ];

    /// Two runs that differ in this, and are otherwise like the one that is given.
    pub fn pair(self, like: &Settings) -> [Settings; 2] {
        let with = |change: &dyn Fn(&mut Settings)| {
            let mut settings = like.clone();
            change(&mut settings);
            settings
        };
        let cell = |kind, bias| move |s: &mut Settings| (s.cell, s.forget_bias) = (kind, bias);
        let init = |name| move |s: &mut Settings| s.init = name;
        match self {
            Self::Clip => {
                let on = like.clip.threshold().map_or(Clip::Norm(1.0), |_| like.clip);
                [with(&|s| s.clip = Clip::Off), with(&|s| s.clip = on)]
            }
            Self::Cell => [Kind::Lstm, Kind::Rnn].map(|kind| with(&cell(kind, None))),
            Self::ForgetBias => [0.0, 1.0].map(|bias| with(&cell(Kind::Lstm, Some(bias)))),
            Self::Init => [InitName::Orthogonal, InitName::Gaussian].map(|name| with(&init(name))),
            Self::Rate => [
                like.clone(),
                with(&|s| s.learning_rate = like.learning_rate / 10.0),
            ],
        }
    }
}

/// A setting's word, as it stands in the file of a run.
pub fn word(value: &impl serde::Serialize) -> String {
    let value = toml::Value::try_from(value).ok();
    let word = value.as_ref().and_then(toml::Value::as_str);
    word.unwrap_or_default().to_owned()
}

/// What differs between two runs, as it stands in the file of a run: `clip off` and `clip norm:1`.
pub fn differing(a: &Settings, b: &Settings) -> [String; 2] {
    let fields = |settings: &Settings| toml::Table::try_from(settings).unwrap_or_default();
    let (a, b) = (fields(a), fields(b));
    let mut names: Vec<&String> = a.keys().chain(b.keys()).collect();
    names.sort();
    names.dedup();
    let mut words = [Vec::new(), Vec::new()];
    for name in names
        .into_iter()
        .filter(|name| a.get(*name) != b.get(*name))
    {
        for (words, of) in words.iter_mut().zip([&a, &b]) {
            let value = match of.get(name) {
                Some(toml::Value::String(text)) => text.clone(),
                Some(value) => value.to_string(),
                None => "as drawn".to_owned(),
            };
            words.push(format!("{} {value}", name.replace('_', " ")));
        }
    }
    words.map(|words| words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_differs_in_what_it_says_alone() {
        let like = Settings {
            cell: Kind::Lstm,
            ..Settings::default()
        };
        let said = Difference::ALL.map(|difference| {
            let [a, b] = difference.pair(&like);
            differing(&a, &b)
        });
        let expected = [
            ["clip off", "clip norm:1"],
            ["cell lstm", "cell rnn"],
            ["forget bias 0.0", "forget bias 1.0"],
            ["init orthogonal", "init gaussian"],
            ["learning rate 0.001", "learning rate 0.0001"],
        ];
        assert_eq!(said, expected.map(|pair| pair.map(str::to_owned)));
    }
}
