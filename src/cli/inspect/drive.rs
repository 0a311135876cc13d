//! What the models are measured on: the user's sequences, rows of an embedding, or noise.

use std::path::Path;

use ndarray::{Array1, Array2, Axis, Slice, concatenate};

use crate::cli::Failure;
use crate::cli::args::InspectArgs;
use crate::cli::configure::{self, Window, stack};
use crate::io::arrays::load_vector;
use crate::io::batch::MAX_LAID_OUT;
use crate::io::{ModelFile, Wanted, load_array, load_batch, shape_name};
use crate::sim::budget::Cost;
use crate::sim::inspect::{Drive, Entering, Input, Model};
use crate::words::sanitise;

/// What drives each model: the same for all, as far as their inputs are of one size.
pub fn all(models: &[(Model, ModelFile)], args: &InspectArgs) -> Result<Vec<Drive>, Failure> {
    if args.against.is_some() || args.against_layer.is_some() {
        // Of these the first is the model.
        configure::read_twice(&super::files(args)[2..])?;
    }
    let each = models.iter();
    each.map(|(model, file)| {
        let mut drive = match &args.input {
            Some(path) => own(model, file, path, args)?,
            None => drawn(model, file, args)?,
        };
        drive.bptt = args.bptt;
        if let Some(path) = &args.mask {
            drive.entering = masked(path, &drive)?;
        } else {
            drive.entering = args.loss.clone();
        }
        Ok(drive)
    })
    .collect()
}

/// The user's sequences.
fn own(model: &Model, file: &ModelFile, path: &Path, args: &InspectArgs) -> Result<Drive, Failure> {
    let inputs = model.parameters.inputs();
    let name = args.embedding.as_deref();
    let embedding = name.map(|name| file.embedding(name, inputs));
    let embedding = embedding.transpose()?;
    let wanted = Wanted {
        inputs,
        array: args.array.as_deref(),
        embedding: embedding.as_ref(),
        steps: args.steps,
    };
    let batch = load_batch(path, &wanted).map_err(|error| match file.an_embedding(inputs) {
        Some(name) if embedding.is_none() && error.is_of_shape() => {
            let name = sanitise(name);
            Failure::input(format!(
                "{error}; of tokens --embedding {name} takes the rows"
            ))
        }
        _ => error.into(),
    })?;
    let mut sequences = batch.value;
    let pad = match &args.length {
        Some(length) => {
            let all: Vec<usize> = sequences.iter().map(Array2::nrows).collect();
            let real = configure::lengths(length, &all)?;
            for (sequence, steps) in sequences.iter_mut().zip(real) {
                cut(sequence, steps);
            }
            None
        }
        // Token 0 is what padding is by custom.
        None => Some(embedding.map_or(Array1::zeros(inputs), |rows| rows.row(0).to_owned())),
    };
    let length = sequences.iter().map(Array2::nrows).max().unwrap_or(0);
    let steps = configure::steps(length, &batch.source, args.steps, Window::Whole)?;
    for sequence in &mut sequences {
        cut(sequence, steps);
    }
    let drive = Drive {
        source: batch.source,
        input: Input::Own,
        sequences,
        pad,
        ..Drive::default()
    };
    Ok(drive.without_leading())
}

/// Leaves so many steps of a sequence that has more.
fn cut(sequence: &mut Array2<f64>, steps: usize) {
    if steps < sequence.nrows() {
        *sequence = sequence
            .slice_axis(Axis(0), Slice::from(..steps))
            .to_owned();
    }
}

/// The loss by the weights of each step.
fn masked(path: &Path, drive: &Drive) -> Result<Entering, Failure> {
    let mask = load_array(path)?;
    let (source, shape) = (mask.source, mask.value.shape().to_vec());
    let count = drive.sequences.len();
    let before = |index: usize| drive.leading.get(index).copied().unwrap_or(0);
    let whole = drive.sequences.iter().enumerate();
    let whole = whole.map(|(index, sequence)| before(index) + sequence.nrows());
    let steps = whole.max().unwrap_or(0);
    let fits = match shape[..] {
        [t] => t >= steps,
        [n, t] => (n == count || n == 1) && t >= steps,
        _ => false,
    };
    let columns = shape.last().copied().unwrap_or(0);
    let rows = mask.value.len() / columns.max(1);
    let weights = mask.value.into_shape_with_order((rows, columns));
    let (true, Ok(weights)) = (fits, weights) else {
        let found = shape_name(&shape);
        let what = format!(
            "--mask: expected {count} x {steps} or {steps} weights, found {found} in {source}"
        );
        return Err(Failure::input(what));
    };
    // Of each sequence the weights of its real steps, as they are counted from there on.
    let mut own = Array2::zeros((count, drive.steps()));
    for (index, sequence) in drive.sequences.iter().enumerate() {
        let row = weights.row(index.min(rows - 1));
        let real = before(index)..before(index) + sequence.nrows();
        let row = row.slice_axis(Axis(0), Slice::from(real));
        let mut place = own.row_mut(index);
        let mut place = place.slice_axis_mut(Axis(0), Slice::from(..sequence.nrows()));
        place.assign(&row);
        if row.iter().any(|&weight| weight < 0.0) || row.sum() <= 0.0 {
            let what = format!(
                "--mask: expected weights from 0 on of which one is above it, found others of sequence {} in {source}",
                index + 1
            );
            return Err(Failure::input(what));
        }
    }
    Ok(Entering::Masked {
        source,
        weights: own,
    })
}

/// What is drawn where the user gives no data: rows of an embedding that the file has, else noise.
fn drawn(model: &Model, file: &ModelFile, args: &InspectArgs) -> Result<Drive, Failure> {
    let (count, steps) = (args.batch.unwrap_or(1), args.steps.unwrap_or(stack::STEPS));
    let (inputs, seed) = (model.parameters.inputs(), args.seed);
    let most = MAX_LAID_OUT / inputs.saturating_mul(count).max(1);
    if steps > most {
        let wrong = format!("--steps: expected at most {most} of {inputs} inputs, found {steps}");
        return Err(Failure::input(wrong));
    }
    let drawn = Cost {
        bytes: (8 * count * steps * inputs) as f64,
        ..Cost::default()
    };
    drawn.room().map_err(Failure::failed)?;
    let noise = || Drive::noise(count, steps, inputs, seed);
    if let Some(path) = &args.sample {
        let wanted = Wanted {
            inputs,
            array: None,
            embedding: None,
            steps: None,
        };
        let sample = load_batch(path, &wanted)?;
        let views: Vec<_> = sample.value.iter().map(|rows| rows.view()).collect();
        let rows = concatenate(Axis(0), &views).map_err(Failure::failed)?;
        let mean = rows.mean_axis(Axis(0)).unwrap_or_default();
        let source = format!("noise with the means and deviations of {}", sample.source);
        return Ok(noise().scaled(source, &mean, &rows.std_axis(Axis(0), 0.0)));
    }
    if args.mean.is_some() || args.std.is_some() {
        let (mean, of_mean) = each("--mean", args.mean.as_deref(), 0.0, inputs)?;
        let (std, of_std) = each("--std", args.std.as_deref(), 1.0, inputs)?;
        let source = format!("noise with mean {of_mean} and standard deviation {of_std}");
        return Ok(noise().scaled(source, &mean, &std));
    }
    let name = args.embedding.as_deref();
    let Some(name) = name.or_else(|| file.an_embedding(inputs)) else {
        return Ok(noise());
    };
    let embedding = file.embedding(name, inputs)?;
    let name = sanitise(name);
    Ok(Drive::rows(count, steps, &name, &embedding, seed))
}

/// D numbers of a file, or one for all of them, and how the source is called.
fn each(
    option: &str,
    path: Option<&Path>,
    default: f64,
    inputs: usize,
) -> Result<(Array1<f64>, String), Failure> {
    let Some(path) = path else {
        return Ok((Array1::from_elem(inputs, default), default.to_string()));
    };
    let found = load_vector(path)?;
    let numbers = match found.value.len() {
        1 => Array1::from_elem(inputs, found.value[0]),
        n if n == inputs => found.value,
        n => {
            let source = found.source;
            let what = format!(
                "{option}: expected {inputs} numbers, the inputs of the model, or one, found {n} in {source}"
            );
            return Err(Failure::input(what));
        }
    };
    Ok((numbers, found.source))
}
