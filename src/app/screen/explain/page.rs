//! The page that explains a path: which path, how many units, how far it is scrolled, and what it
//! says when it is copied.

use crate::app::effect::{Effect, changed};
use crate::app::state::{App, Chosen};
use crate::cell::Path;
use crate::flow::Example;
use crate::flow::explain::MOST_UNITS;
use crate::sim::{Explained, Finding};
use crate::ui::look::Marker;
use crate::words::explain::{Document, Form, page, render};

/// Columns of the page when it is copied as text.
const WIDTH: usize = 100;

impl App {
    /// The paths that the page can be about, in order, once there is a page.
    pub fn page_paths(&self) -> Vec<Path> {
        let parts = self.explained().map(|example| &example.parts);
        parts.into_iter().flatten().map(|part| part.path).collect()
    }

    /// The path that the page is about, once that is known.
    pub fn page_path(&self) -> Option<Path> {
        let there = self.page_paths();
        let chosen = self.focus.path.path().filter(|path| there.contains(path));
        chosen.or_else(|| self.explained().map(|example| example.subject.path))
    }

    /// The newest explanation.
    pub fn explained(&self) -> Option<&Example> {
        Some(&self.found()?.example)
    }

    /// It, and the vanilla RNN of the other side beside it.
    fn found(&self) -> Option<&Explained> {
        match &self.study.found.as_ref()?.finding {
            Ok(Finding::Explain(found)) => Some(found),
            _ => None,
        }
    }

    /// The page.
    pub fn document(&self) -> Option<Document> {
        let Explained { example, beside } = self.found()?;
        Some(page(example, Some(self.sim.question), beside.as_ref()))
    }

    pub(super) fn next_path(&mut self, by: i32) -> Effect {
        let paths = self.page_paths();
        let here = self.page_path();
        let Some(at) = paths.iter().position(|path| Some(*path) == here) else {
            return Effect::Unchanged;
        };
        let count = paths.len();
        let step = usize::try_from(by.rem_euclid(i32::try_from(count).unwrap_or(1))).unwrap_or(0);
        self.choose_path(Chosen::Path(paths[(at + step) % count]))
    }

    pub(super) fn more_units(&mut self, by: i32) -> Effect {
        let by = isize::try_from(by).unwrap_or(0);
        let units = self.screens.explain.units.saturating_add_signed(by);
        changed(&mut self.screens.explain.units, units.clamp(1, MOST_UNITS))
    }

    /// Copies the page to the clipboard of the terminal.
    pub(super) fn copy_page(&mut self, form: Form) -> Effect {
        match self.document() {
            Some(document) => Effect::Copy(self.written(&document, form)),
            None => self.say("there is nothing to copy yet"),
        }
    }

    /// Writes the page to a file, whose name says in which form.
    pub(super) fn write_page(&mut self, name: String) -> Effect {
        match self.document() {
            Some(document) => {
                let text = self.written(&document, Form::of_file(&name));
                Effect::Write { name, text }
            }
            None => self.say("there is nothing to write yet"),
        }
    }

    fn written(&self, document: &Document, form: Form) -> String {
        let ascii = self.look.marker == Marker::Ascii;
        render(document, form, WIDTH, ascii)
    }
}
