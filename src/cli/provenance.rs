//! Where a result comes from: what it takes to compute it again.

mod origin;

use std::fmt;

pub use self::origin::{Origin, Recorded};
use crate::cli::json::{Object, number_or_text};
use crate::sim::settings::row::{self, Table};
use crate::sim::{Data, Settings};
use crate::words::sanitise;

/// The program's version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The program's version, the preset, the seed, every other setting that is not the program's own, the
/// files and the arguments. As text it is one sentence.
#[derive(Clone, Copy, Debug)]
pub struct Provenance<'a> {
    /// The preset's name.
    pub preset: Option<&'a str>,
    /// The settings.
    pub settings: &'a Settings,
    /// The user's data, for what they and not the settings say.
    pub data: Option<&'a Data>,
    /// What the command was given; `None` in the lines below a picture.
    pub origin: Option<&'a Origin>,
}

impl<'a> Provenance<'a> {
    /// The fields `version`, `preset`, `seed`, `settings`, `arguments` and `files`.
    pub fn object(&self) -> Object<'a> {
        let origin = self.origin.map(Origin::object);
        Object::default()
            .with("version", VERSION)
            .with("preset", self.preset.map(sanitise))
            .with("seed", self.settings.seed)
            .with("settings", told(self.told()))
            .and(origin.unwrap_or_default())
    }

    /// What is unlike the defaults. ρ of trained matrices that nothing has scaled is theirs, and a sequence
    /// that chance has drawn is no file.
    fn told(&self) -> Vec<(&'static str, String)> {
        let mut told = differing(self.settings);
        let Some(data) = self.data else {
            return told;
        };
        for (name, text) in &mut told {
            match (*name, &data.sequence) {
                ("rho", _) if data.parameters.is_some() && self.settings.rho.is_none() => {
                    "trained".clone_into(text);
                }
                ("signal", Some(sequence)) if data.drawn => text.clone_from(&sequence.source),
                _ => {}
            }
        }
        told
    }
}

impl fmt::Display for Provenance<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rnntop {VERSION}, ")?;
        match self.preset {
            Some(preset) => write!(f, "preset {}", sanitise(preset))?,
            None => f.write_str("no preset")?,
        }
        write!(f, ", seed {}; ", self.settings.seed)?;
        let differing = self.told();
        if differing.is_empty() {
            f.write_str("all other settings are the defaults")?;
        } else {
            f.write_str("unlike the defaults: ")?;
            for (k, (name, text)) in differing.iter().enumerate() {
                let gap = if k == 0 { "" } else { ", " };
                write!(f, "{gap}{name} {text}")?;
            }
        }
        self.origin.map_or(Ok(()), |origin| write!(f, "{origin}"))
    }
}

/// The seed is told whatever it is.
fn differing<S: Table>(settings: &S) -> Vec<(&'static str, String)> {
    let mut all = row::differing(settings);
    all.retain(|(name, _)| *name != "seed");
    all
}

/// Settings that are not the program's own, but for the seed, as numbers and words.
pub fn settings<'a, S: Table>(settings: &S) -> Object<'a> {
    told(differing(settings))
}

/// Settings and what they are.
fn told<'a>(settings: Vec<(&'static str, String)>) -> Object<'a> {
    let named = settings.into_iter();
    named.fold(Object::default(), |object, (name, text)| {
        object.with(name, number_or_text(&text))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::cell::{CellKind, Init, init};
    use crate::io::Named;

    #[test]
    fn it_is_one_sentence_and_four_fields() {
        let mut settings = Settings::default();
        let plain = Provenance {
            preset: None,
            settings: &settings,
            data: None,
            origin: None,
        };
        let ends = ", no preset, seed 7; all other settings are the defaults";
        assert!(plain.to_string().ends_with(ends), "{plain}");
        (settings.hidden, settings.rho, settings.seed) = (8, Some(0.58), 9);
        (settings.init, settings.peepholes) = (Init::Gaussian, true);
        let found = Provenance {
            preset: Some("why\u{1b}"),
            settings: &settings,
            data: None,
            origin: None,
        };
        let text = found.to_string();
        let wanted =
            ", seed 9; unlike the defaults: hidden 8, init gaussian, rho 0.58, peepholes on";
        assert!(text.ends_with(wanted), "{text}");
        assert!(!text.contains('\u{1b}'));
        let object = serde_json::to_value(found.object()).unwrap();
        assert_eq!(object["version"], VERSION);
        assert_eq!(object["seed"], 9);
        assert_eq!(
            object["settings"],
            json!({"hidden": 8, "init": "gaussian", "rho": 0.58, "peepholes": "on"})
        );
        // What nothing scales is as it was made, by chance or by training.
        settings.rho = None;
        let drawn = init::draw(CellKind::Rnn, 2, 2, Init::PyTorch, false, 7);
        let trained = Data {
            parameters: Some(Named {
                source: "model.pt".to_owned(),
                value: drawn.unwrap().0,
            }),
            ..Data::default()
        };
        for (data, said) in [(Data::default(), "rho drawn"), (trained, "rho trained")] {
            let found = Provenance {
                preset: None,
                settings: &settings,
                data: Some(&data),
                origin: None,
            };
            assert!(found.to_string().contains(said), "{found}");
        }
    }

    proptest! {
        /// Whatever a file has in place of a result, or of a piece of one, is read or refused in one sentence.
        #[test]
        fn any_json_is_read_or_refused(at in 0usize..200, taken in 0usize..40, put in r#"[\[\]{}",:0-9e\PC]{0,20}"#) {
            let result = json!({
                "version": "0.1.0",
                "arguments": ["trace", "--rho", "1"],
                "files": [{"option": "--input", "path": "x.npy", "bytes": 3, "sha256": "00"}],
                "provenance": {"version": "0.1.0", "arguments": ["trace"]},
            });
            let mut text: Vec<char> = result.to_string().chars().collect();
            let at = at.min(text.len());
            let end = (at + taken).min(text.len());
            text.splice(at..end, put.chars());
            let text: String = text.into_iter().collect();
            if let Err(error) = Recorded::read(text.as_bytes(), "result.json") {
                let error = error.sentence();
                prop_assert!(!error.contains(char::is_control) && error.contains("result.json"), "{error:?}");
            }
        }
    }
}
