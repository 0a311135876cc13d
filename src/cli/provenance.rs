//! Where a result comes from: what it takes to compute it again.

mod origin;

use std::fmt;

use serde::ser::{Serialize, SerializeMap, Serializer};

pub use self::origin::{Origin, Recorded};
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

impl Provenance<'_> {
    /// The fields of a JSON object: `version`, `preset`, `seed`, `settings`, `arguments` and `files`.
    pub fn fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("version", VERSION)?;
        map.serialize_entry("preset", &self.preset.map(sanitise))?;
        map.serialize_entry("seed", &self.settings.seed)?;
        let told = self.told();
        map.serialize_entry("settings", &Told(&told))?;
        match self.origin {
            Some(origin) => origin.fields(map),
            None => Ok(()),
        }
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

/// The fields of an object.
impl Serialize for Provenance<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.fields(&mut map)?;
        map.end()
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

/// Settings that are not the program's own, but for the seed, as an object of numbers and words.
pub struct Differing<'a, S>(pub &'a S);

impl<S: Table> Serialize for Differing<'_, S> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        Told(&differing(self.0)).serialize(serializer)
    }
}

/// Settings and what they are, as an object.
struct Told<'a>(&'a [(&'static str, String)]);

impl Serialize for Told<'_> {
    fn serialize<T: Serializer>(&self, serializer: T) -> Result<T::Ok, T::Error> {
        serializer.collect_map(self.0.iter().map(|(name, text)| (name, Value(text))))
    }
}

/// A number where the text is one.
struct Value<'a>(&'a str);

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Ok(whole) = self.0.parse::<u64>() {
            return serializer.serialize_u64(whole);
        }
        match self.0.parse::<f64>() {
            Ok(number) => serializer.serialize_f64(number),
            Err(_) => serializer.serialize_str(self.0),
        }
    }
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
        let mut bytes = Vec::new();
        let mut serializer = serde_json::Serializer::new(&mut bytes);
        let mut map = serializer.serialize_map(None).unwrap();
        found.fields(&mut map).unwrap();
        SerializeMap::end(map).unwrap();
        let object: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
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
