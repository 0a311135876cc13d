//! The law of a layer over several sequences.

use super::curves::nearest_rank;
use crate::flow::cause::{Gain, Keeping};
use crate::flow::gains::Mean;
use crate::flow::spread::Windows;
use crate::flow::{Cause, Law, MatrixSize, Spread, Verdict};
use crate::num::Wide;

/// Which sequence has the median r.
pub(super) fn median(means: &[Mean]) -> Option<usize> {
    let mut order: Vec<usize> = (0..means.len()).collect();
    order.sort_by(|&a, &b| {
        let order = means[a].factor.partial_cmp(&means[b].factor);
        order.unwrap_or(std::cmp::Ordering::Equal)
    });
    nearest_rank(&order, 0.5).copied()
}

/// The verdict of the sequence with the median r.
pub(super) fn verdict(means: &[Mean], steps: usize) -> Option<Verdict> {
    let factor = median(means).and_then(|at| means[at].factor);
    factor.map(|r| Verdict::of(r.log10(), steps))
}

/// r and the gains of the sequence with the median r, with the cause that most of the judged sequences
/// have in common among those with that verdict.
pub(super) fn of(means: &[Mean], laws: &[Law], steps: usize, matrices: &[MatrixSize]) -> Law {
    let median = median(means).map(|at| &means[at]);
    let factor = median.and_then(|mean| mean.factor);
    let mut windows = Windows::default();
    for mean in means {
        windows.push(mean.factor);
    }
    let verdict = verdict(means, steps);
    let alike: Vec<&Law> = laws.iter().filter(|law| law.verdict() == verdict).collect();
    let votes = |law: &Law| {
        let same = |other: &&&Law| other.cause.paths() == law.cause.paths();
        alike.iter().filter(same).count()
    };
    // Of several with as many votes the first.
    let chosen = alike.iter().rev().max_by_key(|law| votes(law));
    let gains = median.into_iter().flat_map(|mean| &mean.gains);
    let gains = gains.map(|&(path, gain)| Gain {
        path,
        gain,
        without: geometric(laws.iter().filter_map(|law| {
            let of = law.gains.iter().find(|gain| gain.path == path);
            of.and_then(|gain| gain.without)
        })),
    });
    let number = |of: &dyn Fn(&Keeping) -> Option<f64>| {
        let values: Option<Vec<f64>> = laws.iter().map(|law| of(&law.keeping)).collect();
        let values = values.filter(|values| !values.is_empty());
        values.map(|values| values.iter().sum::<f64>() / values.len() as f64)
    };
    let recurrent = matrices.iter().find(|matrix| matrix.name == "recurrent");
    Law {
        factor,
        steps,
        gains: gains.collect(),
        kept: geometric(laws.iter().filter_map(|law| law.kept)),
        cause: chosen.map_or(Cause::Nothing, |law| law.cause.clone()),
        keeping: Keeping {
            gate: number(&|keeping| keeping.gate),
            slope: number(&|keeping| keeping.slope),
            matrix: recurrent.map(|matrix| [matrix.spectral_radius, matrix.norm]),
            units: chosen.and_then(|law| law.keeping.units),
        },
        // The verdict is that of the median sequence, whatever single ones do.
        spread: windows.spread(steps).map(|spread| Spread {
            near_edge: false,
            ..spread
        }),
        detached: None,
    }
}

/// The geometric mean; 0 where one of them is, `None` of none.
fn geometric(values: impl Iterator<Item = Wide>) -> Option<Wide> {
    let logs: Vec<f64> = values.map(Wide::ln).collect();
    let mean = logs.iter().sum::<f64>() / logs.len() as f64;
    match logs.len() {
        0 => None,
        _ if mean == f64::NEG_INFINITY => Some(Wide::ZERO),
        _ => Some(Wide::exp(mean)),
    }
}
