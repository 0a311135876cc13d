//! Why a run is where it is, in words: what its numbers say, and nothing else.

use super::{Column, Trained};
use crate::train::Rule;
use crate::train::checkpoint::left;
use crate::train::lesson::DIVERGED;
use crate::words::short;

/// Columns that the mean loss at the end is over.
const LAST: usize = 20;

/// Sentences, the one that matters most first.
pub fn why(run: &Trained) -> Vec<String> {
    let mut said: Vec<String> = run.ended.iter().map(|why| ended(run, why)).collect();
    let columns = &run.history.columns;
    let update = |place: usize| run.history.first + place as u64 * run.history.per + 1;
    let lost = columns
        .iter()
        .position(|c| c.loss.top().is_some_and(|loss| loss > DIVERGED));
    if let (Some(place), true) = (lost, run.ended.is_none()) {
        let top = columns[place].loss.high;
        said.push(format!(
            "Diverged: loss {} at update {}.",
            short::number(top),
            update(place)
        ));
    }
    if let Some((place, before, after)) = jump(columns) {
        let norm = columns[place].grad_norm.high;
        said.push(format!(
            "The step of update {}, |g| {}, took ρ from {} to {}.",
            update(place),
            short::number(norm),
            short::number(before),
            short::number(after)
        ));
    }
    let newest = |get: fn(&Column) -> Option<f64>| columns.iter().rev().find_map(get);
    let state = newest(|c| c.state.mean());
    if let Some(state) = state.filter(|h| *h > 0.9 && lost.is_some()) {
        said.push(format!(
            "h_T is saturated: mean |h_T| {}.",
            short::number(state)
        ));
    }
    let rate = run.settings.learning_rate;
    let stable = newest(|c| c.stable.mean()).filter(|_| run.settings.optimizer == Rule::Sgd);
    if let Some(stable) = stable.filter(|stable| rate > *stable && lost.is_some()) {
        said.push(format!(
            "With such h_T the readout alone is stable up to η = {}; η is {rate}.",
            short::number(stable)
        ));
    }
    if let Some(sentence) = saved(run).filter(|_| lost.is_none()) {
        said.push(sentence);
    }
    said
}

/// Why it cannot go on, and where the weights are that it is left with.
fn ended(run: &Trained, why: &str) -> String {
    let update = run.updates;
    match &run.kept {
        Some((kept, file)) if *kept == update => format!("{why}; {}.", left(update, file)),
        _ => format!("{why}; the last finite weights, of update {update}, can still be saved."),
    }
}

/// The first column whose step took ρ up by half or more: its place, ρ with its weights and with the next.
fn jump(columns: &[Column]) -> Option<(usize, f64, f64)> {
    let pairs = columns.windows(2).enumerate();
    pairs
        .filter(|(_, pair)| pair[0].updates == 1)
        .find_map(|(place, pair)| {
            let (before, after) = (pair[0].radius.top()?, pair[1].radius.top()?);
            (after > 1.5 * before).then_some((place, before, after))
        })
}

/// Clipping kept it from diverging, and it stays at chance.
fn saved(run: &Trained) -> Option<String> {
    let columns = &run.history.columns;
    let threshold = run.settings.clip.threshold()?;
    let largest = columns
        .iter()
        .filter_map(|c| c.grad_norm.top())
        .reduce(f64::max)?;
    let last = columns.len().checked_sub(LAST)?;
    let losses: Vec<f64> = columns[last..]
        .iter()
        .filter_map(|c| c.loss.mean())
        .collect();
    let mean = losses.iter().sum::<f64>() / losses.len() as f64;
    let at_chance = mean > 0.9 * run.chance;
    (largest > 10.0 * threshold && at_chance).then(|| {
        format!(
            "Clipping holds every step to {threshold}, the largest gradient was {}: it saves the run, it does not \
             teach it: loss {} of late, chance {}.",
            short::number(largest),
            short::number(mean),
            short::number(run.chance)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::live::History;
    use crate::train::{Clip, Record, Seen, Settings};

    /// A run of plain gradient descent with so much η: loss, |g|, ρ and mean |h_T| of each update.
    fn run(clip: Clip, rate: f64, updates: &[(f64, f64, f64, f64)]) -> Trained {
        let mut history = History::new(0, updates.len() as u64);
        for (update, &(loss, grad_norm, radius, state)) in (1..).zip(updates) {
            history.take(&Record {
                update,
                loss,
                grad_norm,
                clipped_norm: clip
                    .threshold()
                    .map_or(grad_norm, |most| grad_norm.min(most)),
                seen: Some(Box::new(Seen {
                    radius,
                    state,
                    stable: Some(0.0154),
                    ..Seen::default()
                })),
                ..Record::default()
            });
        }
        Trained {
            settings: Settings {
                optimizer: Rule::Sgd,
                learning_rate: rate,
                clip,
                ..Settings::default()
            },
            chance: 1.0 / 6.0,
            history,
            last: None,
            updates: updates.len() as u64,
            changes: Vec::new(),
            ended: None,
            kept: None,
        }
    }

    #[test]
    fn a_wrecked_run_says_each_link_of_the_chain_and_none_that_is_not_there() {
        let wrecked = [
            (1.7, 799.0, 1.5, 0.53),
            (9.0, 20.0, 3.5, 0.85),
            (14.0, 20.0, 3.5, 0.95),
        ];
        let said = why(&run(Clip::Off, 0.03, &wrecked));
        let expected = [
            "Diverged: loss 14.0 at update 3.",
            "The step of update 1, |g| 799, took ρ from 1.50 to 3.50.",
            "h_T is saturated: mean |h_T| 0.950.",
            "With such h_T the readout alone is stable up to η = 0.0154; η is 0.03.",
        ];
        assert_eq!(said, expected);
        // Below the bound the readout is not to blame, and without a jump no step is.
        let smaller = why(&run(Clip::Off, 0.01, &wrecked));
        assert!(
            !smaller.iter().any(|text| text.contains("readout")),
            "{smaller:?}"
        );
        let even = [(1.7, 799.0, 1.5, 0.5), (14.0, 20.0, 1.6, 0.5)];
        assert_eq!(
            why(&run(Clip::Off, 0.01, &even)),
            ["Diverged: loss 14.0 at update 2."]
        );
        // Where the loss stays small nothing is wrong with a saturated state.
        let learns = [(0.2, 1.0, 1.0, 0.95), (0.1, 1.0, 1.0, 0.95)];
        assert_eq!(why(&run(Clip::Off, 0.03, &learns)), [""; 0]);
    }

    #[test]
    fn clipping_is_said_to_save_only_what_would_have_exploded_and_stays_at_chance() {
        let clip = Clip::Norm(1.0);
        let said = |loss, norm| why(&run(clip, 0.03, &[(loss, norm, 1.5, 0.5); 30]));
        let saved = said(0.176, 1120.0);
        let sentence = "Clipping holds every step to 1, the largest gradient was 1120: it saves the run, it does not teach it";
        assert!(
            saved.len() == 1 && saved[0].starts_with(sentence),
            "{saved:?}"
        );
        assert_eq!(said(0.02, 1120.0), [""; 0], "it has learnt");
        assert_eq!(said(0.176, 2.0), [""; 0], "nothing to be saved from");
        let off = run(Clip::Off, 0.03, &[(0.176, 1120.0, 1.5, 0.5); 30]);
        assert_eq!(why(&off), [""; 0], "nothing is clipped");
    }
}
