//! The loss, and the files that go with one.

use std::path::Path;

use ndarray::Array1;

use crate::cli::Failure;
use crate::cli::args::{DataArgs, SimulationArgs};
use crate::io::Named;
use crate::io::arrays;
use crate::sim::Settings;
use crate::sim::preset::limits;
use crate::sim::settings::LossKind;

/// Weights of steps, none below 0 and one above it.
pub fn mask(path: &Path) -> Result<Named<Array1<f64>>, Failure> {
    let mask = arrays::load_vector(path)?;
    if mask.value.iter().any(|&weight| weight < 0.0) || mask.value.sum() <= 0.0 {
        let what = format!(
            "--mask: expected weights from 0 on of which one is above it, found others in {}",
            mask.source
        );
        return Err(Failure::input(what));
    }
    Ok(mask)
}

/// The loss must be one that uses the data that were given for it.
pub fn losses(
    settings: &mut Settings,
    options: &SimulationArgs,
    files: &DataArgs,
) -> Result<(), Failure> {
    for (option, given, kind) in [
        ("--targets", files.targets.is_some(), LossKind::Mse),
        ("--mask", files.mask.is_some(), LossKind::Mean),
    ] {
        if given && options.settings.has("loss") && settings.loss != kind {
            let [wanted, found] =
                [kind, settings.loss].map(|kind| limits::word(limits::LOSSES, &kind));
            return Err(Failure::input(format!(
                "{option}: expected --loss {wanted} beside it, found --loss {found}"
            )));
        }
        if given {
            settings.loss = kind;
        }
    }
    if let (Some(_), LossKind::Mse) = (&files.mask, settings.loss) {
        return Err(Failure::input("--mask: expected no --targets beside it"));
    }
    if files.loss_vector.is_some() && settings.loss == LossKind::Mse {
        return Err(Failure::wrong(
            "--loss-vector",
            "the loss last, out, mean, max or sum",
            "mse",
        ));
    }
    Ok(())
}
