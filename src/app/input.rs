//! The input line for a typed value: its editing, and what it would set.

use crate::app::action::Edit;
use crate::app::parameters::{self, Parameter};
use crate::app::state::{Popup, Screen};
use crate::app::{App, controls, steps};
use crate::sim::Settings;

/// The input line as the screen shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// Whose value is typed.
    pub name: &'static str,
    /// What may be typed.
    pub range: String,
    /// What is wrong with what was typed so far; nothing is wrong with an empty line.
    pub error: Option<String>,
}

/// More characters than any value has, and than most files' names have.
const LIMIT: usize = 200;
/// What may be typed for a file.
const FILE: &str = "a file's name; .md makes Markdown, .tex LaTeX, any other text; never over a file that is there";
/// What is typed on the screen of hop orders.
const ORDERS: &str = "hop orders K";

fn orders_range(app: &App) -> String {
    format!("a whole number from 0 to {}", app.most_orders())
}

/// The input line, when it is open.
#[must_use]
pub fn prompt(app: &App) -> Option<Prompt> {
    let Some(Popup::Input { text, .. }) = &app.popup else {
        return None;
    };
    let (name, range) = match target(app) {
        Target::Orders => (ORDERS, orders_range(app)),
        Target::Control => {
            let control = app.selected;
            (control.name(), controls::typed_range(app, control))
        }
        Target::Parameter(parameter) => {
            let (name, _) = parameter.words();
            (name, parameters::typed_range(app, parameter))
        }
        Target::File => ("write the page to a file", FILE.to_owned()),
    };
    let error = if text.trim().is_empty() {
        None
    } else {
        check(app, text).err()
    };
    Some(Prompt { name, range, error })
}

/// What a typed text asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Typed {
    /// These settings instead of the present ones.
    Settings(Box<Settings>),
    /// K of the hop orders.
    Orders(usize),
    /// The page in this file.
    File(String),
}

/// What a typed text asks for here.
///
/// # Errors
/// One sentence: what is allowed, and what was typed.
pub fn check(app: &App, text: &str) -> Result<Typed, String> {
    let settings = match target(app) {
        Target::Orders => {
            let most = app.most_orders();
            let typed = text.trim().parse().ok().filter(|k| *k <= most);
            let refused = || steps::refusal(ORDERS, &orders_range(app), text.trim());
            return typed.map(Typed::Orders).ok_or_else(refused);
        }
        Target::Control => controls::parse(app, app.selected, text),
        Target::Parameter(parameter) => parameters::parse(app, parameter, text),
        // Any name may be one; what is wrong with it shows when the file is written.
        Target::File => return Ok(Typed::File(text.to_owned())),
    };
    settings.map(|settings| Typed::Settings(Box::new(settings)))
}

/// Why nothing can be typed here, when so.
pub(super) fn closed(app: &App) -> Option<&'static str> {
    match target(app) {
        Target::Control | Target::Orders | Target::File => None,
        Target::Parameter(parameter) => parameters::fixed(app, parameter),
    }
}

enum Target {
    Control,
    Orders,
    Parameter(Parameter),
    File,
}

/// What a typed value is for: the row on the parameter list, K on the screen of hop orders, the
/// selected control elsewhere.
fn target(app: &App) -> Target {
    match app.screen {
        Screen::Settings => Target::Parameter(Parameter::at(app.parameter)),
        Screen::Explain => Target::File,
        Screen::Hops => Target::Orders,
        _ => Target::Control,
    }
}

/// Applies one editing key to a line with its cursor (in characters); whether anything changed.
pub(super) fn edit(text: &mut String, cursor: &mut usize, edit: Edit) -> bool {
    let count = text.chars().count();
    let byte = |at: usize| text.char_indices().nth(at).map_or(text.len(), |(i, _)| i);
    let before = *cursor;
    match edit {
        // Values are written in ASCII; nothing else can get on the screen from here.
        Edit::Insert(c) if count >= LIMIT || !(c == ' ' || c.is_ascii_graphic()) => {}
        Edit::Insert(c) => {
            let at = byte(before);
            text.insert(at, c);
            *cursor += 1;
        }
        Edit::Backspace if before > 0 => {
            let at = byte(before - 1);
            text.remove(at);
            *cursor -= 1;
        }
        Edit::Delete if before < count => {
            let at = byte(before);
            text.remove(at);
            return true;
        }
        Edit::Backspace | Edit::Delete => {}
        Edit::Move(by) => {
            let by = isize::try_from(by).unwrap_or(0);
            *cursor = before.saturating_add_signed(by).min(count);
        }
        Edit::End(direction) => *cursor = if direction < 0 { 0 } else { count },
        Edit::Clear => {
            text.clear();
            *cursor = 0;
            return count > 0;
        }
    }
    *cursor != before
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_edited() {
        let (mut text, mut cursor) = (String::new(), 0);
        for c in "n0rm".chars() {
            assert!(edit(&mut text, &mut cursor, Edit::Insert(c)));
        }
        assert!(!edit(&mut text, &mut cursor, Edit::Insert('θ')));
        assert!(edit(&mut text, &mut cursor, Edit::Move(-2)));
        assert!(edit(&mut text, &mut cursor, Edit::Backspace));
        assert!(edit(&mut text, &mut cursor, Edit::Insert('o')));
        assert_eq!((text.as_str(), cursor), ("norm", 2));
        assert!(edit(&mut text, &mut cursor, Edit::Delete));
        assert_eq!((text.as_str(), cursor), ("nom", 2));
        assert!(edit(&mut text, &mut cursor, Edit::End(-1)));
        assert!(!edit(&mut text, &mut cursor, Edit::Backspace));
        assert!(edit(&mut text, &mut cursor, Edit::End(1)));
        assert!(!edit(&mut text, &mut cursor, Edit::Delete));
        assert!(edit(&mut text, &mut cursor, Edit::Clear));
        assert!(!edit(&mut text, &mut cursor, Edit::Clear));
        assert!(!edit(&mut text, &mut cursor, Edit::Insert('\u{1b}')));
        assert_eq!((text.as_str(), cursor), ("", 0));
    }

    #[test]
    fn a_line_is_bounded() {
        let (mut text, mut cursor) = (String::new(), 0);
        for _ in 0..1_000 {
            edit(&mut text, &mut cursor, Edit::Insert('9'));
        }
        assert_eq!((text.len(), cursor), (LIMIT, LIMIT));
    }
}
