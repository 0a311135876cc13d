//! How many steps of the user's sequences are real: what comes after them is padding.

use crate::cli::Failure;
use crate::cli::args::Length;
use crate::io::load_array;

/// The real steps of each of the sequences, which have so many.
///
/// # Errors
/// One sentence, where the file cannot be read or its numbers are not those of these sequences.
pub fn lengths(given: &Length, all: &[usize]) -> Result<Vec<usize>, Failure> {
    let (source, numbers) = match given {
        Length::Steps(steps) => (String::new(), vec![*steps as f64]),
        Length::File(path) => {
            let file = load_array(path).map_err(Failure::input)?;
            let numbers = file.value.iter().copied().collect();
            (format!(" in {}", file.source), numbers)
        }
    };
    let (count, found) = (all.len(), numbers.len());
    if found != count {
        let what = format!(
            "--length: expected {count} numbers, one for each sequence, found {found}{source}"
        );
        return Err(Failure::input(what));
    }
    let real = |(index, (&all, steps)): (usize, (&usize, f64))| {
        if steps.fract() == 0.0 && (2.0..=all as f64).contains(&steps) {
            return Ok(steps as usize);
        }
        let which = match count {
            1 => String::new(),
            _ => format!(" of sequence {}", index + 1),
        };
        Err(Failure::input(format!(
            "--length: expected whole numbers from 2 to {all}, found {steps}{which}{source}"
        )))
    };
    all.iter().zip(numbers).enumerate().map(real).collect()
}

/// The real steps of one sequence of so many.
///
/// # Errors
/// As [`lengths`].
pub fn real(given: &Length, all: usize) -> Result<usize, Failure> {
    Ok(lengths(given, &[all])?.into_iter().next().unwrap_or(all))
}
