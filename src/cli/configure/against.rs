//! Another layer or model beside the live one, on the same input.

use std::path::Path;
use std::sync::Arc;

use super::Configuration;
use super::stack::AHEAD;
use crate::cell::LayerId;
use crate::cli::Failure;
use crate::io::Named;
use crate::sim::preset::limits;
use crate::sim::settings::Signal;
use crate::sim::{Against, Settings, Side, signal};
use crate::words::{functions, sanitise};

/// The most columns of a word that tells weights apart: it stands before the cell's name on every panel.
const LABEL: usize = 8;

/// The most columns of a file's name in the title.
const END: usize = 14;

/// Where live weights come from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The file.
    pub path: &'a Path,
    /// The module that was asked for.
    pub module: Option<&'a str>,
    /// The layer.
    pub layer: LayerId,
}

impl Origin<'_> {
    /// The file's own name, without its ending.
    fn stem(&self) -> String {
        let stem = self.path.file_stem().unwrap_or_default();
        stem.to_string_lossy().into_owned()
    }

    /// `l0`, or `l0r` of the reverse direction, as in PyTorch's names.
    fn layer(&self) -> String {
        let reverse = if self.layer.reverse { "r" } else { "" };
        format!("l{}{reverse}", self.layer.layer)
    }

    /// The file's own name; where the other has the same, its folder too.
    fn file(&self, other: &Self) -> String {
        let own = self.path.file_name();
        let alike = own == other.path.file_name() && self.path != other.path;
        let folder = self.path.parent().and_then(Path::file_name);
        let folder = folder.filter(|_| alike).map(Path::new);
        let path = folder
            .unwrap_or(Path::new(""))
            .join(own.unwrap_or_default());
        path.to_string_lossy().into_owned()
    }

    /// All that tells it from the other.
    fn whole(&self, other: &Self) -> String {
        let module = self.module.map_or(String::new(), |name| format!(":{name}"));
        let text = format!("{}{module} {}", self.file(other), self.layer());
        sanitise(&text).into_owned()
    }
}

/// A word for each, which says in what they differ where that is short enough.
fn labels(origins: &[Origin; 2]) -> [String; 2] {
    let words: [fn(&Origin) -> String; 3] = [
        |origin| origin.layer(),
        |origin| origin.module.unwrap_or_default().to_owned(),
        |origin| origin.stem(),
    ];
    let word = |text: &String| {
        (1..=LABEL).contains(&text.len()) && text.chars().all(|c| c.is_ascii_graphic())
    };
    // What differs in one respect alone is told by it.
    let pairs = words.map(|say| origins.each_ref().map(say));
    let mut differ = pairs.into_iter().filter(|[one, other]| one != other);
    match (differ.next(), differ.next()) {
        (Some(pair), None) if pair.iter().all(word) => pair,
        _ => ["A", "B"].map(str::to_owned),
    }
}

/// What stands in the title, in which there is little room: the end of a name tells more.
fn title(labels: &[String; 2], [own, other]: &[Origin; 2]) -> String {
    let named = labels[0] != "A";
    if own.path == other.path && named {
        return format!("{} beside {} of {}", labels[0], labels[1], own.file(other));
    }
    let end = |whole: String| {
        let from = whole.chars().count().saturating_sub(END);
        let end: String = whole.chars().skip(from).collect();
        if from > 0 { format!("…{end}") } else { end }
    };
    if named {
        format!("{} beside {}", end(own.file(other)), end(other.file(own)))
    } else {
        // What both end in tells nothing.
        let tail = |origin: &Origin| {
            let ending = origin.path.extension().unwrap_or_default();
            format!(".{} {}", ending.to_string_lossy(), origin.layer())
        };
        let wholes = [own.whole(other), other.whole(own)];
        let short = wholes
            .each_ref()
            .map(|whole| whole.strip_suffix(&tail(own)));
        let [own, other] = match short {
            [Some(own), Some(other)] => [own, other].map(str::to_owned),
            _ => wholes,
        };
        format!("A {}, B {}", end(own), end(other))
    }
}

impl Configuration {
    /// Puts the live layer of another model, configured alike, on the right.
    ///
    /// # Errors
    /// One sentence, where settings cannot be of both cells.
    pub fn against(&mut self, mut other: Self, origins: [Origin; 2]) -> Result<(), Failure> {
        let choices = [&*self, &other].map(|start| start.settings.cell(start.side));
        let mut settings = self.settings.clone();
        settings.set_semantics(choices[1].kind, other.settings.semantics(choices[1].kind));
        let say = |settings: &Settings, kind| functions::all(kind, settings.semantics(kind), 0.0);
        let [wanted, found] = [&self.settings, &settings].map(|s| say(s, choices[0].kind));
        if wanted != found {
            return Err(Failure::input(format!(
                "--against: expected the functions of {} ({wanted}), since settings are of both cells, \
                 found those of {} ({found})",
                origins[0].whole(&origins[1]),
                origins[1].whole(&origins[0]),
            )));
        }
        settings.cells = choices;
        settings.peepholes |= other.settings.peepholes;
        settings.steps = settings.steps.max(other.settings.steps);
        let sequences = [&*self, &other].map(|start| start.settings.signal == Signal::File);
        if sequences.contains(&true) {
            self.write_down(settings.steps + AHEAD);
            other.write_down(settings.steps + AHEAD);
            (settings.signal, settings.amplitude) = (Signal::File, 1.0);
        }
        let labels = labels(&origins);
        self.title = title(&labels, &origins);
        (self.settings, self.side) = (settings, Side::Left);
        let second = Arc::unwrap_or_clone(other.data);
        let taken = [&self.data.model, &second.model].map(|model| {
            let model = model.as_ref().map(|subject| subject.model.taken.as_str());
            model.unwrap_or_default().to_owned()
        });
        let each = [0, 1].map(|i| {
            let whole = origins[i].whole(&origins[1 - i]);
            format!("{} is {whole}", labels[i])
        });
        let said = if taken[0] == taken[1] {
            format!("{}, {}, both {}", each[0], each[1], taken[0])
        } else {
            format!("{}, {}; {}, {}", each[0], taken[0], each[1], taken[1])
        };
        Arc::make_mut(&mut self.data).against = second.parameters.map(|parameters| Against {
            parameters,
            sequence: second.sequence,
            reverse: second.reverse,
            labels,
            said,
        });
        Ok(())
    }

    /// Makes a sequence of what the cell reads: of a signal as much as a layer above others has before it.
    fn write_down(&mut self, steps: usize) {
        let Settings {
            signal, amplitude, ..
        } = self.settings;
        let data = Arc::make_mut(&mut self.data);
        if let (Signal::File, Some(sequence)) = (signal, &mut data.sequence) {
            if amplitude != 1.0 {
                let rows = sequence.value.rows(0, usize::MAX) * amplitude;
                sequence.value = rows.into();
            }
            return;
        }
        let settings = Settings {
            steps,
            ..self.settings.clone()
        };
        data.sequence = signal::window(&settings, None, 0).map(|value| Named {
            source: limits::word(limits::SIGNALS, &signal).to_owned(),
            value: value.into(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(own: (&str, &str, usize), other: (&str, &str, usize)) -> (String, String) {
        let origins = [own, other].map(|(path, module, layer)| Origin {
            path: Path::new(path),
            module: (!module.is_empty()).then_some(module),
            layer: LayerId {
                layer,
                reverse: layer == 9,
            },
        });
        let labels = labels(&origins);
        (labels.join("|"), title(&labels, &origins))
    }

    #[test]
    fn what_differs_tells_them_apart() {
        let cases = [
            (
                ("m.pt", "", 0),
                ("m.pt", "", 9),
                "l0|l9r",
                "l0 beside l9r of m.pt",
            ),
            (
                ("m.pt", "enc", 0),
                ("m.pt", "dec", 0),
                "enc|dec",
                "enc beside dec of m.pt",
            ),
            (
                ("a/epoch9.pt", "", 0),
                ("a/epoch1.pt", "", 0),
                "epoch9|epoch1",
                "epoch9.pt beside epoch1.pt",
            ),
            // Too long for a panel, different in two respects, or of one name.
            (
                ("checkpoint-1000.pt", "", 0),
                ("checkpoint-2000.pt", "", 0),
                "A|B",
                "A …heckpoint-1000, B …heckpoint-2000",
            ),
            (
                ("m.pt", "", 0),
                ("n.pt", "", 1),
                "A|B",
                "A m.pt l0, B n.pt l1",
            ),
            (("a/m.pt", "", 0), ("b/m.pt", "", 0), "A|B", "A a/m, B b/m"),
        ];
        for (own, other, labels, title) in cases {
            assert_eq!(said(own, other), (labels.to_owned(), title.to_owned()));
        }
    }
}
