//! Modules of which each reads the one before, as one model: `lstm_1,lstm_2`.

use super::contents::Contents;
use super::model::ModuleSummary;
use super::module::{Module, NO_TENSOR};
use super::names::module_place;
use crate::cell::{CellKind, LayerId, Parameters, StackParameters};
use crate::io::error::Mistake;
use crate::words::{few, quote};

/// Layers of a model, and modules that can be one: whatever has more than that is no model, and what is
/// found in each of them takes many times the file's size.
const MAX_LAYERS: usize = 1000;

/// Of so many modules all pairs are tried for whether one can read the other.
const TRIED: usize = 50;

/// One module, or several in the order of their layers.
#[derive(Debug)]
pub(super) struct Chain<'a> {
    pub(super) modules: Vec<Module<'a>>,
}

impl<'a> Chain<'a> {
    /// The modules of these names, with commas between; without names all of the file, where it is one
    /// or where each reads the one before.
    pub(super) fn named(
        all: Vec<Module<'a>>,
        contents: &Contents,
        asked: Option<&str>,
    ) -> Result<Self, Mistake> {
        let names: Vec<&str> = all.iter().map(Module::name).collect();
        let wanted: Vec<&str> = match asked {
            Some(asked) if names.contains(&asked) => vec![asked],
            Some(asked) => asked.split(',').map(str::trim).collect(),
            None if names.len() == 1 => names.clone(),
            None => Self::successive(&all, contents).ok_or_else(|| {
                let found = format!("{}: {}", names.len(), few(&names, NO_TENSOR));
                let pairs = all.iter().flat_map(|below| all.iter().map(move |above| (below, above)));
                let mut others = pairs.filter(|(a, b)| a.name() != b.name());
                let many = names.len() > TRIED;
                let expected = if many || others.any(|(below, above)| fits(below, above, contents)) {
                    "one recurrent module, or --module NAME (NAME,NAME for layers that read one another)"
                } else {
                    "--module NAME, one of the recurrent modules: their cells, functions or sizes do not make one \
                     model of them"
                };
                Mistake::new("", expected, found)
            })?,
        };
        if let Some(unknown) = wanted.iter().find(|name| !names.contains(name)) {
            let expected = format!("the recurrent module {}", quote(unknown));
            return Err(Mistake::new("", expected, few(&names, NO_TENSOR)));
        }
        let place = |module: &Module| wanted.iter().position(|name| *name == module.name());
        let mut modules: Vec<Module> = all.into_iter().filter(|m| place(m).is_some()).collect();
        modules.sort_by_key(place);
        Ok(Self { modules })
    }

    /// The names of all modules from the lowest layer on, where they are one model: where the file says
    /// that each reads the one before, or where their names differ by a number only; and where sizes,
    /// cells and functions fit.
    pub(super) fn successive(all: &[Module<'a>], contents: &Contents) -> Option<Vec<&'a str>> {
        if all.len() > MAX_LAYERS {
            return None;
        }
        let told = |module: &Module| contents.told.get(module.name());
        let mut sorted: Vec<&Module> = all.iter().collect();
        let linked = |module: &Module| told(module).is_some_and(|told| told.links);
        if all.iter().any(linked) {
            let below = |module: &&&Module| told(module).and_then(|told| told.below.as_deref());
            let mut left = sorted;
            let first = left.iter().position(|module| below(&module).is_none())?;
            sorted = vec![left.swap_remove(first)];
            while !left.is_empty() {
                let last = sorted.last()?.name();
                let next = left
                    .iter()
                    .position(|module| below(&module) == Some(last))?;
                sorted.push(left.swap_remove(next));
            }
        } else {
            let mut keyed = Vec::new();
            for module in sorted {
                keyed.push((numbered(module.name())?, module));
            }
            let alike = keyed.iter().all(|((base, _), _)| *base == keyed[0].0.0);
            keyed.sort_by_key(|((_, number), _)| *number);
            sorted = keyed.into_iter().map(|(_, module)| module).collect();
            if !alike {
                return None;
            }
        }
        let mut pairs = sorted.windows(2);
        let names = || sorted.iter().map(|module| module.name());
        (sorted.len() > 1 && pairs.all(|pair| fits(pair[0], pair[1], contents)))
            .then(|| names().collect())
    }

    /// As `--module` takes it.
    pub(super) fn name(&self) -> String {
        let names: Vec<&str> = self.modules.iter().map(Module::name).collect();
        names.join(",")
    }

    /// The cell and the first layer are those of the first module.
    pub(super) fn summary(&self) -> ModuleSummary {
        let mut all = self.modules.iter().map(Module::summary);
        let first = all.next().unwrap_or_default();
        let whole = all.fold(first, |whole, module| ModuleSummary {
            layers: whole.layers + module.layers,
            bidirectional: whole.bidirectional || module.bidirectional,
            projection: whole.projection || module.projection,
            ..whole
        });
        ModuleSummary {
            name: self.name(),
            ..whole
        }
    }

    /// All layers.
    pub(super) fn stack(&self) -> Result<StackParameters, Mistake> {
        let layers = self.modules.iter().map(Module::layers);
        let layers = layers.fold(0, usize::saturating_add);
        if layers > MAX_LAYERS {
            let expected = format!("at most {MAX_LAYERS} layers");
            return Err(Mistake::new(module_place(&self.name()), expected, layers));
        }
        let mut whole: Option<StackParameters> = None;
        for module in &self.modules {
            let next = module.stack()?;
            let Some(below) = &mut whole else {
                whole = Some(next);
                continue;
            };
            let place = || module_place(module.name());
            if next.kind != below.kind {
                let expected = format!("{}, as the module below is", below.kind.spec().class());
                return Err(Mistake::new(place(), expected, next.kind.spec().class()));
            }
            let (outputs, inputs) = (below.outputs(), next.inputs());
            if inputs != outputs {
                let expected =
                    format!("{outputs} inputs, as the module below has {outputs} outputs");
                return Err(Mistake::new(place(), expected, inputs));
            }
            below.layers.extend(next.layers);
        }
        Ok(whole.unwrap_or(StackParameters {
            kind: CellKind::Rnn,
            layers: Vec::new(),
        }))
    }

    /// One layer in one direction, counted through all modules.
    pub(super) fn layer(&self, id: LayerId, cell: Option<CellKind>) -> Result<Parameters, Mistake> {
        let mut first = 0;
        for module in &self.modules {
            let layers = module.layers();
            if id.layer < first + layers || self.modules.len() == 1 {
                let layer = id.layer - first;
                return module.layer(LayerId { layer, ..id }, cell);
            }
            first += layers;
        }
        let expected = format!("a layer from 0 to {}", first.saturating_sub(1));
        Err(Mistake::new("", expected, format!("--layer {}", id.layer)))
    }
}

/// Whether one module can read another: whether sizes, cells and functions fit.
fn fits(below: &Module, above: &Module, contents: &Contents) -> bool {
    let told = |module: &Module| contents.told.get(module.name());
    let same = match (told(below), told(above)) {
        (Some(a), Some(b)) => a.same_functions(b),
        (a, b) => a.is_none() && b.is_none(),
    };
    let [first, next] = [below.summary(), above.summary()];
    same && first.cell.is_some() && first.cell == next.cell && below.outputs() == next.inputs
}

/// A name without its last number, and the number; 0 where there is none: `lstm`, `lstm_1`, `rnn.0.cell`.
fn numbered(name: &str) -> Option<(String, u64)> {
    let digit = |c: char| c.is_ascii_digit();
    let Some(last) = name.rfind(digit) else {
        return Some((name.to_owned(), 0));
    };
    let (head, tail) = name.split_at(last + 1);
    let base = head.trim_end_matches(digit);
    let number = head.get(base.len()..)?.parse().ok()?;
    Some((
        format!("{}{tail}", base.trim_end_matches(['_', '.'])),
        number,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_by_a_number_are_known() {
        let taken = |name| numbered(name).unwrap();
        for (name, base, number) in [
            ("lstm", "lstm", 0),
            ("lstm_1", "lstm", 1),
            ("lstm12", "lstm", 12),
            ("rnn.3", "rnn", 3),
            ("blocks.2.lstm", "blocks.lstm", 2),
            ("", "", 0),
        ] {
            assert_eq!(taken(name), (base.to_owned(), number), "{name}");
        }
        assert_eq!(numbered("lstm99999999999999999999999"), None);
    }
}
