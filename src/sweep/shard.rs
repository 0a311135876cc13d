//! A part of a sweep, for one of several machines.

use std::fmt;

use super::Spec;
use crate::sim::preset::limits::{self, Wrong};

/// The I-th of N parts, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard {
    /// I.
    pub index: usize,
    /// N.
    pub count: usize,
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

/// The variables of a Slurm array job.
pub const SLURM: [&str; 5] = [
    "SLURM_ARRAY_TASK_ID",
    "SLURM_ARRAY_TASK_COUNT",
    "SLURM_ARRAY_TASK_MIN",
    "SLURM_ARRAY_TASK_MAX",
    "SLURM_ARRAY_TASK_STEP",
];

impl Shard {
    /// Reads `I/N`.
    ///
    /// # Errors
    /// What is allowed.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        let number = |text: &str| text.trim().parse::<usize>().ok();
        let parts = text
            .split_once('/')
            .and_then(|(i, n)| number(i).zip(number(n)));
        let inside = parts.filter(|(index, count)| (1..=*count).contains(index));
        let allowed = "I/N with I from 1 to N, slurm or slurm/N";
        inside
            .map(|(index, count)| Self { index, count })
            .ok_or_else(|| Wrong::new(allowed, limits::quoted(text)))
    }

    /// The shard of a task of a Slurm array job, from its variables in the order of [`SLURM`].
    ///
    /// Without `count`, all tasks of the array make up the sweep: I − 1 = (ID − MIN)/STEP of N = COUNT. With
    /// it the array is 0 to N − 1, or a part of that which is submitted again: I − 1 = ID.
    ///
    /// # Errors
    /// One sentence: this is no array job, or not such an array.
    pub fn of_slurm(variables: [Option<&str>; 5], count: Option<usize>) -> Result<Self, String> {
        let mut numbers = [0; 5];
        for ((number, name), text) in numbers.iter_mut().zip(SLURM).zip(variables) {
            let found = text.map_or_else(|| "none".to_owned(), limits::quoted);
            let wrong = || {
                let wrong = Wrong::new("a whole number, as in an array job", found);
                format!("{name}: {wrong}")
            };
            *number = text
                .and_then(|text| text.parse::<usize>().ok())
                .ok_or_else(wrong)?;
        }
        let [id, tasks, min, max, step] = numbers;
        if let Some(count) = count {
            if max >= count {
                let last = count - 1;
                let wrong =
                    Wrong::new(format!("tasks of 0 to {last}, as in --array=0-{last}"), max);
                return Err(format!("--shard slurm/{count}: {wrong}"));
            }
            return Ok(Self {
                index: id + 1,
                count,
            });
        }
        let even = step > 0 && tasks > 0 && (min..=max).contains(&id) && {
            let span = step.saturating_mul(tasks - 1);
            min.saturating_add(span) == max && (id - min).is_multiple_of(step)
        };
        if !even {
            let found = format!("{tasks} tasks from {min} to {max} with step {step}");
            let wrong = Wrong::new("an array that is an even range, as in --array=0-7", found);
            return Err(format!("--shard slurm: {wrong}"));
        }
        Ok(Self {
            index: (id - min) / step + 1,
            count: tasks,
        })
    }

    /// Whether a window belongs to it. All seeds of a point do, and so that all parts take about as long,
    /// the points of one value of x, and those of one value of y, are dealt out evenly.
    pub fn has(self, spec: &Spec, window: usize) -> bool {
        let ((i, j, _), height) = (spec.place(window), spec.height());
        (i * height + (i + j) % height) % self.count + 1 == self.index
    }
}
