//! Why a run is where it is, in words: what its numbers say, and nothing else.

use super::{Column, Trained};
use crate::train::checkpoint::left;
use crate::train::lesson::DIVERGED;
use crate::train::{Clip, Rule, Settings};
use crate::words::short;

/// Columns that the mean loss at the end is over.
const LAST: usize = 20;

/// Sentences on a run, and on what the one beside it shows; the one that matters most first.
pub fn why(run: &Trained, beside: Option<&Trained>) -> Vec<String> {
    let mut said: Vec<String> = run.ended.iter().map(|why| ended(run, why)).collect();
    let columns = &run.history.columns;
    let update = |place: usize| run.history.first + place as u64 * run.history.per + 1;
    let lost = diverged(run);
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
    said.extend(beside.and_then(|beside| saved(run, beside)));
    said
}

/// The first column with a loss that only a run has which has diverged.
fn diverged(run: &Trained) -> Option<usize> {
    let above = |c: &Column| c.loss.top().is_some_and(|loss| loss > DIVERGED);
    run.history.columns.iter().position(above)
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

/// Clipping kept a run from diverging, which has learnt nothing: seen where the one beside it is the same but
/// for clipping, and has diverged.
fn saved(run: &Trained, beside: &Trained) -> Option<String> {
    let without = Settings {
        clip: Clip::Off,
        ..run.settings.clone()
    };
    let lost = |run: &Trained| run.ended.is_some() || diverged(run).is_some();
    if beside.settings != without || lost(run) || !lost(beside) {
        return None;
    }
    let (what, threshold) = match run.settings.clip {
        Clip::Off => return None,
        Clip::Norm(threshold) => ("|g|", threshold),
        Clip::Value(threshold) => ("each element of g", threshold),
    };
    let columns = &run.history.columns;
    let norms = columns.iter().filter_map(|c| c.grad_norm.top());
    let largest = norms.reduce(f64::max)?;
    let last = columns[columns.len().checked_sub(LAST)?..].iter();
    let losses: Vec<f64> = last.filter_map(|c| c.loss.mean()).collect();
    let mean = losses.iter().sum::<f64>() / losses.len() as f64;
    (mean >= run.chance).then(|| {
        format!(
            "Clipping saves this run, it does not teach it: the one without has diverged, here the loss is {} of \
             late, chance {}. It holds {what} to {threshold}; |g| was {} at most.",
            short::number(mean),
            short::number(run.chance),
            short::number(largest)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::live::History;
    use crate::train::{Record, Seen};

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
        let said = why(&run(Clip::Off, 0.03, &wrecked), None);
        let expected = [
            "Diverged: loss 14.0 at update 3.",
            "The step of update 1, |g| 799, took ρ from 1.50 to 3.50.",
            "h_T is saturated: mean |h_T| 0.950.",
            "With such h_T the readout alone is stable up to η = 0.0154; η is 0.03.",
        ];
        assert_eq!(said, expected);
        // Below the bound the readout is not to blame, and without a jump no step is.
        let smaller = why(&run(Clip::Off, 0.01, &wrecked), None);
        assert!(
            !smaller.iter().any(|text| text.contains("readout")),
            "{smaller:?}"
        );
        let even = [(1.7, 799.0, 1.5, 0.5), (14.0, 20.0, 1.6, 0.5)];
        assert_eq!(
            why(&run(Clip::Off, 0.01, &even), None),
            ["Diverged: loss 14.0 at update 2."]
        );
        // Where the loss stays small nothing is wrong with a saturated state.
        let learns = [(0.2, 1.0, 1.0, 0.95), (0.1, 1.0, 1.0, 0.95)];
        assert_eq!(why(&run(Clip::Off, 0.03, &learns), None), [""; 0]);
    }

    /// Of the largest gradient alone nobody knows what would have been without clipping.
    #[test]
    fn clipping_is_said_to_save_only_what_diverges_without_it_and_learns_nothing() {
        let run = |clip, loss, norm| run(clip, 0.03, &[(loss, norm, 1.5, 0.5); 30]);
        let clip = Clip::Norm(1.0);
        let (lost, kept) = (run(Clip::Off, 14.0, 20.0), run(Clip::Off, 0.3, 20.0));
        let clipped = run(clip, 1.28, 1120.0);
        assert_eq!(
            why(&clipped, Some(&lost)),
            [
                "Clipping saves this run, it does not teach it: the one without has diverged, here the loss is 1.28 of \
                 late, chance 0.167. It holds |g| to 1; |g| was 1120 at most."
            ]
        );
        let none: [&str; 0] = [];
        assert_eq!(
            why(&clipped, None),
            none,
            "nothing is known of the unclipped run"
        );
        assert_eq!(why(&clipped, Some(&kept)), none, "that one goes on without");
        let other = Trained {
            settings: Settings {
                cell: crate::train::Kind::Rnn,
                ..lost.settings.clone()
            },
            ..lost.clone()
        };
        assert_eq!(why(&clipped, Some(&other)), none, "it differs in more");
        assert_eq!(
            why(&run(clip, 0.1, 1120.0), Some(&lost)),
            none,
            "it has learnt"
        );
        let both = run(clip, 14.0, 1120.0);
        assert!(
            !why(&both, Some(&lost)).concat().contains("saves"),
            "lost itself"
        );
        // The other side of the pair says what became of it.
        let said = why(&lost, Some(&clipped));
        assert!(said[0].starts_with("Diverged") && !said.concat().contains("saves"));
    }
}
