//! How many steps of the user's sequences are real, since what comes after them is padding, and how many of them
//! the window takes.

use super::Window;
use crate::cli::Failure;
use crate::cli::args::Length;
use crate::io::load_array;
use crate::sim::preset::limits;

/// The real steps of each of the sequences, which have so many.
///
/// # Errors
/// One sentence, where the file cannot be read or its numbers are not those of these sequences.
pub fn lengths(given: &Length, all: &[usize]) -> Result<Vec<usize>, Failure> {
    let (source, numbers) = match given {
        Length::Steps(steps) => (String::new(), vec![*steps as f64]),
        Length::File(path) => {
            let file = load_array(path)?;
            let numbers = file.value.iter().copied().collect();
            (format!(" in {}", file.source), numbers)
        }
    };
    let (count, found) = (all.len(), numbers.len());
    if found != count {
        let expected = match count {
            1 => "one number".to_owned(),
            _ => format!("{count} numbers, one for each sequence"),
        };
        let what = format!("--length: expected {expected}, found {found}{source}");
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

/// The window T over the user's sequence.
pub fn steps(
    length: usize,
    source: &str,
    asked: Option<usize>,
    window: Window,
) -> Result<usize, Failure> {
    if let Some(asked) = asked {
        if asked <= length {
            return Ok(asked);
        }
        return Err(Failure::input(format!(
            "--steps: expected at most {length}, the steps of {source}, found {asked}"
        )));
    }
    let steps = match window {
        Window::Whole => length,
        Window::AtMost(most) => length.min(most),
        Window::Sliding(most) => length.div_ceil(2).max(2).min(most).min(length),
    };
    let allowed = limits::STEPS.check_whole(steps as u64);
    allowed.map(|_| steps).map_err(|_| {
        let hint = if length > 2 {
            "; --steps chooses how many of them"
        } else {
            ""
        };
        Failure::wrong(
            "--input",
            "2 to 20000 steps",
            format!("{length} in {source}{hint}"),
        )
    })
}
