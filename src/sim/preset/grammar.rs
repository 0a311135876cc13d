//! The settings that are written as a short text, the same in presets and on the command line:
//! the cells, the forget gate and clipping.

use crate::cell::{CellKind, ForgetGate};
use crate::sim::preset::limits::{self, Wrong};
use crate::sim::settings::{CellChoice, ClipMode, Settings};

/// A cell: its name; for an LSTM with a variant behind it, as in `lstm-nfg`.
///
/// # Errors
/// What is allowed.
pub fn parse_cell(text: &str) -> Result<CellChoice, Wrong> {
    if let Some(variant) = text.strip_prefix("lstm-") {
        return match limits::meaning(limits::VARIANTS, variant) {
            Ok(variant) => Ok(CellChoice {
                kind: CellKind::Lstm,
                variant,
            }),
            Err(Wrong { allowed, .. }) => Err(Wrong::new(
                format!("lstm- and one of {allowed}"),
                limits::quoted(text),
            )),
        };
    }
    limits::meaning(limits::CELLS, text).map(CellChoice::from)
}

/// Two cells, left and right, with a comma between them.
///
/// # Errors
/// What is allowed.
pub fn parse_cells(text: &str) -> Result<[CellChoice; 2], Wrong> {
    let wrong = || {
        let names = limits::either(limits::CELLS.iter().map(|(name, _)| *name));
        Wrong::new(
            format!("two cells with a comma between them, each {names}"),
            limits::quoted(text),
        )
    };
    let (left, right) = text.split_once(',').ok_or_else(wrong)?;
    let one = |text: &str| {
        let text = text.trim();
        let variant = text.starts_with("lstm-");
        parse_cell(text).map_err(|of_variant| if variant { of_variant } else { wrong() })
    };
    Ok([one(left)?, one(right)?])
}

/// The forget gate: `learned` (the bias as it was drawn or trained), `learned:BIAS`, `pinned:F`
/// or `none`.
///
/// # Errors
/// What is allowed.
pub fn parse_forget(text: &str) -> Result<ForgetGate, Wrong> {
    let wrong = || {
        Wrong::new(
            format!(
                "learned, learned:BIAS with {}, pinned:F with {} or none",
                limits::GATE_BIAS,
                limits::PINNED
            ),
            limits::quoted(text),
        )
    };
    let number = |range: limits::Range, text: &str| range.parse(text).map_err(|_| wrong());
    match text.split_once(':') {
        None if text == "learned" => Ok(ForgetGate::Learned(None)),
        None if text == "none" => Ok(ForgetGate::None),
        Some(("learned", bias)) => Ok(ForgetGate::Learned(Some(number(limits::GATE_BIAS, bias)?))),
        Some(("pinned", f)) => Ok(ForgetGate::Pinned(number(limits::PINNED, f)?)),
        _ => Err(wrong()),
    }
}

/// The text that [`parse_forget`] reads.
pub fn forget_text(gate: ForgetGate) -> String {
    match gate {
        ForgetGate::Learned(None) => "learned".to_owned(),
        ForgetGate::Learned(Some(bias)) => format!("learned:{bias}"),
        ForgetGate::Pinned(f) => format!("pinned:{f}"),
        ForgetGate::None => "none".to_owned(),
    }
}

/// Clipping: `off`, or `norm`, `value` or `step`, alone (the threshold stays as it is) or with
/// `:θ`.
///
/// # Errors
/// What is allowed.
pub fn parse_clip(text: &str) -> Result<(ClipMode, Option<f64>), Wrong> {
    let wrong = || {
        Wrong::new(
            format!(
                "off, norm, value or step, the last three with :θ, {}, if wanted",
                limits::THRESHOLD
            ),
            limits::quoted(text),
        )
    };
    let (word, threshold) = match text.split_once(':') {
        None => (text, None),
        Some(("off", _)) => return Err(wrong()),
        Some((word, number)) => (
            word,
            Some(limits::THRESHOLD.parse(number).map_err(|_| wrong())?),
        ),
    };
    Ok((
        limits::meaning(limits::CLIP_MODES, word).map_err(|_| wrong())?,
        threshold,
    ))
}

/// The text that [`parse_clip`] reads.
pub fn clip_text(settings: &Settings) -> String {
    let word = limits::word(limits::CLIP_MODES, &settings.clip);
    match settings.clip {
        ClipMode::Off => word.to_owned(),
        _ => format!("{word}:{}", settings.threshold),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forget_gates_read_what_they_write() {
        for text in [
            "learned",
            "learned:-2.5",
            "pinned:0.99",
            "pinned:1.05",
            "none",
        ] {
            assert_eq!(forget_text(parse_forget(text).unwrap()), text);
        }
    }

    #[test]
    fn a_wrong_forget_gate_says_what_is_allowed() {
        for text in [
            "pinned",
            "pinned:1.06",
            "learned:x",
            "none:1",
            "",
            "pinned:nan",
        ] {
            let said = parse_forget(text).unwrap_err().to_string();
            assert!(
                said.contains("pinned:F with a number from 0 to 1.05"),
                "{said}"
            );
            assert!(said.ends_with(&format!("found '{text}'")), "{said}");
        }
    }

    #[test]
    fn clipping_reads_what_it_writes() {
        for text in ["off", "norm:5", "value:0.1", "step:2"] {
            let (clip, threshold) = parse_clip(text).unwrap();
            let settings = Settings {
                clip,
                threshold: threshold.unwrap_or(5.0),
                ..Settings::default()
            };
            assert_eq!(clip_text(&settings), text);
        }
        assert_eq!(parse_clip("norm").unwrap(), (ClipMode::Norm, None));
        for text in ["norm:0", "norm:-1", "off:5", "clip", "norm:inf"] {
            assert!(parse_clip(text).is_err(), "{text}");
        }
    }
}
