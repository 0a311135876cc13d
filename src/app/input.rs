//! The input line for a typed value: its editing, and what it would set.

use crate::app::action::Edit;
use crate::app::effect::{Effect, redraw_if};
use crate::app::entry::Entry;
use crate::app::popup::Popup;
use crate::app::state::App;
use crate::app::steps::moved;

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

/// The input line, when it is open.
pub fn prompt(app: &App) -> Option<Prompt> {
    let Some(Popup::Input { line, .. }) = &app.popup else {
        return None;
    };
    let Entry {
        name, range, check, ..
    } = (app.screen.room().entry)(app)?;
    let error = if line.text.trim().is_empty() {
        None
    } else {
        check(app, &line.text).err()
    };
    Some(Prompt { name, range, error })
}

impl App {
    /// Begins typing what can be typed on the screen.
    pub(super) fn begin_input(&mut self) -> Effect {
        let Some(entry) = (self.screen.room().entry)(self) else {
            return Effect::Unchanged;
        };
        if let Some(why) = entry.closed {
            return self.say(why);
        }
        self.cutting = false;
        // One that could not be typed is none to begin with.
        let value =
            (entry.check)(self, &entry.value).map_or_else(|_| String::new(), |_| entry.value);
        self.popup = Some(Popup::Input {
            fresh: !value.is_empty(),
            line: TextLine::of(value),
        });
        Effect::None
    }

    /// Sets what was typed.
    pub(super) fn choose_typed(&mut self) -> Effect {
        let (Some(Popup::Input { line, .. }), Some(entry)) =
            (&self.popup, (self.screen.room().entry)(self))
        else {
            return Effect::Unchanged;
        };
        if line.text.trim().is_empty() {
            self.popup = None;
            return Effect::None;
        }
        match (entry.check)(self, &line.text) {
            Ok(set) => {
                self.popup = None;
                redraw_if(true, set(self))
            }
            // The line itself says what is wrong.
            Err(_) => Effect::Unchanged,
        }
    }
}

/// A line of text that is being typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextLine {
    /// What was typed so far.
    pub text: String,
    /// The cursor, in characters.
    pub cursor: usize,
}

impl TextLine {
    /// A line with the cursor at its end.
    pub fn of(text: String) -> Self {
        let cursor = text.chars().count();
        Self { text, cursor }
    }

    /// Applies one editing key; whether anything changed.
    pub(super) fn edit(&mut self, edit: Edit) -> bool {
        let Self { text, cursor } = self;
        let count = text.chars().count();
        let byte = |at: usize| text.char_indices().nth(at).map_or(text.len(), |(i, _)| i);
        let before = *cursor;
        match edit {
            // Values are written in ASCII; nothing else can get on the screen from here.
            Edit::Insert(c) if count >= LIMIT || !(c == ' ' || c.is_ascii_graphic()) => {}
            Edit::Insert(c) => {
                text.insert(byte(before), c);
                *cursor += 1;
            }
            Edit::Backspace if before > 0 => {
                text.remove(byte(before - 1));
                *cursor -= 1;
            }
            Edit::Delete if before < count => {
                text.remove(byte(before));
                return true;
            }
            Edit::Backspace | Edit::Delete => {}
            Edit::Move(by) => *cursor = moved(before, by, count),
            Edit::End(direction) => *cursor = if direction < 0 { 0 } else { count },
            Edit::Clear => {
                *self = Self::default();
                return count > 0;
            }
        }
        *cursor != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::keys::Key;
    use crate::app::{fixture, keys};

    #[test]
    fn a_line_is_edited() {
        let mut line = TextLine::default();
        for c in "n0rm".chars() {
            assert!(line.edit(Edit::Insert(c)));
        }
        assert!(!line.edit(Edit::Insert('θ')));
        assert!(line.edit(Edit::Move(-2)));
        assert!(line.edit(Edit::Backspace));
        assert!(line.edit(Edit::Insert('o')));
        assert_eq!((line.text.as_str(), line.cursor), ("norm", 2));
        assert!(line.edit(Edit::Delete));
        assert_eq!((line.text.as_str(), line.cursor), ("nom", 2));
        assert!(line.edit(Edit::End(-1)));
        assert!(!line.edit(Edit::Backspace));
        assert!(line.edit(Edit::End(1)));
        assert!(!line.edit(Edit::Delete));
        assert!(line.edit(Edit::Clear));
        assert!(!line.edit(Edit::Clear));
        assert!(!line.edit(Edit::Insert('\u{1b}')));
        assert_eq!((line.text.as_str(), line.cursor), ("", 0));
    }

    #[test]
    fn it_opens_with_the_present_value_which_typing_takes_the_place_of() {
        let line = |keys: &[Key]| {
            let mut app = fixture::app();
            for key in keys {
                let action = keys::action(&app, *key).expect("bound");
                app.update(action);
            }
            match app.popup {
                Some(Popup::Input { line, .. }) => line.text,
                other => panic!("{other:?}"),
            }
        };
        let open = Key::Char('=');
        assert_eq!(line(&[open]), "pinned:0.99");
        assert_eq!(line(&[open, Key::Char('1')]), "1");
        // Whoever moves or deletes goes on from it.
        assert_eq!(line(&[open, Key::Backspace, Key::Char('5')]), "pinned:0.95");
        assert_eq!(line(&[Key::Down, open]), "1");
        assert_eq!(line(&[Key::Down, Key::Down, open]), "norm:5");
    }

    #[test]
    fn a_line_is_bounded() {
        let mut line = TextLine::default();
        for _ in 0..1_000 {
            line.edit(Edit::Insert('9'));
        }
        assert_eq!((line.text.len(), line.cursor), (LIMIT, LIMIT));
    }
}
