//! Whether settings and data fit each other.

use super::SimError;
use crate::cell::Parameters;
use crate::io::Named;
use crate::sim::Data;
use crate::sim::Series;
use crate::sim::settings::{ClipMode, LossKind, Settings, Side, Signal};

/// Completes the settings from the data, and checks the data against them and each other.
pub(super) fn fit(mut settings: Settings, data: &Data) -> Result<Settings, SimError> {
    if let Some(own) = &data.parameters {
        settings.hidden = own.value.hidden();
        settings.inputs = own.value.inputs();
    }
    let hidden = settings.hidden;
    if let (Signal::File, Some(sequence)) = (settings.signal, &data.sequence) {
        check_sequence(&settings, sequence, data.parameters.as_ref())?;
        settings.inputs = sequence.value.ncols();
    }
    if let Some(other) = data.other(&settings, Side::Right) {
        if let (Signal::File, Some(sequence)) = (settings.signal, &other.sequence) {
            check_sequence(&settings, sequence, Some(&other.parameters))?;
        }
        check_alike(data, hidden, &other.parameters)?;
    }
    for vector in [&data.loss_vector, &data.initial_h, &data.initial_c]
        .into_iter()
        .flatten()
    {
        if vector.value.len() != hidden {
            return Err(SimError::Unfit(format!(
                "{}: expected {hidden} numbers, one for each hidden unit, found {}",
                vector.source,
                vector.value.len()
            )));
        }
    }
    if let (LossKind::Mean, Some(mask)) = (settings.loss, &data.mask)
        && mask.value.len() < settings.steps
    {
        return Err(SimError::Unfit(format!(
            "{}: expected at least {} weights, the steps of the window, found {}",
            mask.source,
            settings.steps,
            mask.value.len()
        )));
    }
    if let (LossKind::Mse, Some(targets)) = (settings.loss, &data.targets) {
        let found = targets.value.dim();
        if found != (settings.steps, hidden) {
            return Err(SimError::Unfit(format!(
                "{}: expected targets of shape ({}, {hidden}), steps by hidden units, found ({}, {})",
                targets.source, settings.steps, found.0, found.1
            )));
        }
    }
    let step_value = settings.clip == ClipMode::Off || settings.threshold > 0.0;
    if !step_value {
        return Err(SimError::Unfit(format!(
            "the clipping threshold must be above 0, found {}",
            settings.threshold
        )));
    }
    Ok(settings)
}

/// What is read must have the columns that the weights take, and fill the window.
fn check_sequence(
    settings: &Settings,
    sequence: &Named<Series>,
    weights: Option<&Named<Parameters>>,
) -> Result<(), SimError> {
    let source = &sequence.source;
    let (rows, columns) = (sequence.value.nrows(), sequence.value.ncols());
    if let Some(own) = weights.filter(|own| own.value.inputs() != columns) {
        return Err(SimError::Unfit(format!(
            "{source}: expected {} columns, the inputs of {}, found {columns}",
            own.value.inputs(),
            own.source
        )));
    }
    if rows < settings.steps {
        return Err(SimError::Unfit(format!(
            "{source}: expected at least {} rows, the steps of the window, found {rows}",
            settings.steps
        )));
    }
    Ok(())
}

/// Vectors of the user's own, a number for each unit, are for two cells only where these have as many units.
fn check_alike(data: &Data, hidden: usize, other: &Named<Parameters>) -> Result<(), SimError> {
    let vectors = [&data.loss_vector, &data.initial_h, &data.initial_c];
    let vector = vectors.into_iter().flatten().map(|named| &named.source);
    let targets = data.targets.as_ref().map(|named| &named.source);
    let found = other.value.hidden();
    match vector.chain(targets).next().filter(|_| found != hidden) {
        None => Ok(()),
        Some(source) => Err(SimError::Unfit(format!(
            "{source}: expected cells of one size beside it, found {hidden} units and, in {}, {found}",
            other.source
        ))),
    }
}
