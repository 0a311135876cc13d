//! The file of the user's keys.
//!
//! A file of keys is TOML, a line for each action that has other keys than in the table:
//!
//! ```toml
//! step_forward = ["n", "ctrl-f"]
//! rewind       = []                 # no key at all; the palette still has it
//! ```

use std::fmt::Write;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::context::Context;
use super::key::Key;
use super::keymap::Keymap;
use super::listing::grouped;
use super::row::Act;
use super::table::{acts, table};
use crate::sim::preset::limits::{self, Wrong};
use crate::sim::preset::reading::{self, Mistake, TomlError};

/// The one action that always keeps a key, so that there is always a way out.
const WAY_OUT: &str = "quit_at_once";

impl Keymap {
    /// Reads a file of keys; `file` is what messages call it.
    ///
    /// # Errors
    /// The first mistake in the file: an action or a key that does not exist, or a key with two
    /// actions in one place.
    pub fn parse(file: &str, text: &str) -> Result<Self, TomlError> {
        reading::document(file, text, read)
    }
}

fn read(document: &DeTable) -> Result<Keymap, Mistake> {
    let mut keymap = Keymap::default();
    let mut lines = Vec::new();
    for (key, value) in reading::in_order(document) {
        let Some(act) = acts().find(|act| act.name == key.name) else {
            return Err(unknown(&key));
        };
        let keys = list(act, value)?;
        lines.push((act, key.span()));
        if keys != act.keys {
            keymap.own.insert(act.name, keys);
        }
    }
    for line in &lines {
        check(&keymap, line, &lines)?;
    }
    Ok(keymap)
}

/// An action that does not exist.
fn unknown(key: &reading::Key) -> Mistake {
    let names = acts().map(|act| act.name);
    let hint = match limits::nearest(key.name, names) {
        Some(name) => format!("did you mean {name}?"),
        None => "rnntop keys lists them all".to_owned(),
    };
    Mistake {
        span: Some(key.span()),
        message: format!("{key}: there is no such action; {hint}"),
    }
}

/// The keys of a line: one in quotation marks, or a list of them.
fn list(act: &'static Act, value: &Spanned<DeValue>) -> Result<Vec<Key>, Mistake> {
    let one = |value: &Spanned<DeValue>| {
        let wrong = || Wrong::new("keys such as [\"n\", \"ctrl-f\"]", reading::found(value));
        let text = value.get_ref().as_str().ok_or_else(wrong);
        text.and_then(Key::parse)
            .map_err(|wrong| Mistake::at(value.span(), act.name, &wrong))
    };
    let mut keys = Vec::new();
    match value.get_ref().as_array() {
        None => keys.push(one(value)?),
        Some(values) => {
            for value in values {
                let key = one(value)?;
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
    }
    let wrong = |allowed: &str, found: String| {
        Mistake::at(value.span(), act.name, &Wrong::new(allowed, found))
    };
    if keys.is_empty() && act.name == WAY_OUT {
        let allowed = "at least one key, since it leads out from everywhere";
        return Err(wrong(allowed, "none".to_owned()));
    }
    let typed = keys.iter().find(|key| matches!(key, Key::Char(_)));
    match typed.filter(|_| contexts(act).any(Context::takes_text)) {
        Some(key) => Err(wrong(
            "keys that are no characters, since these are typed there",
            format!("'{}'", key.spelling()),
        )),
        None => Ok(keys),
    }
}

/// Where an action works.
fn contexts(act: &'static Act) -> impl Iterator<Item = Context> {
    Context::all().filter(|context| {
        let mut rows = table().filter(|row| row.works(*context));
        rows.any(|row| row.acts.iter().any(|other| other.name == act.name))
    })
}

/// An action that the file names, and where.
type Line = (&'static Act, Range<usize>);

/// Whether an action that the file names shares a key with another action somewhere.
fn check(keymap: &Keymap, (act, place): &Line, lines: &[Line]) -> Result<(), Mistake> {
    for other in acts().filter(|other| other.name != act.name) {
        let shared = keymap
            .keys(act)
            .iter()
            .find(|key| keymap.keys(other).contains(key));
        let Some(key) = shared else { continue };
        if !contexts(act).any(|context| contexts(other).any(|o| o == context)) {
            continue;
        }
        // Of two lines of the file, the later one is told.
        let theirs = lines.iter().find(|(act, _)| act.name == other.name);
        if theirs.is_some_and(|(_, theirs)| theirs.start > place.start) {
            continue;
        }
        let hint = match theirs {
            Some(_) => "give one of them another key".to_owned(),
            None => format!(
                "give that one another key too, or none: {} = []",
                other.name
            ),
        };
        let (name, key, other) = (act.name, key.spelling(), other.name);
        return Err(Mistake {
            span: Some(place.clone()),
            message: format!("{name}: the key '{key}' does {other} in the same place; {hint}"),
        });
    }
    Ok(())
}

/// A file of keys that says what the table says, with what each action does.
pub fn template() -> String {
    let mut text = String::from(
        "# Keys of rnntop: each action with its keys, as the program has them by itself.\n\
         # Keep the lines that you change; what is absent stays as it is. A key is a character,\n\
         # ctrl- with a letter, f1 to f12 or a name such as space, enter, esc, left or pageup.\n",
    );
    for (group, bindings) in grouped(|_| true) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n# {group}");
        for binding in bindings {
            for act in binding.acts {
                let keys: Vec<_> = act.keys.iter().map(|key| quoted(&key.spelling())).collect();
                let line = format!("{} = [{}]", act.name, keys.join(", "));
                let _ = writeln!(text, "{line:42} # {}", binding.help_of(act));
            }
        }
    }
    text
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::action::Action;
    use crate::app::screen::Screen;

    fn read(text: &str) -> Result<Keymap, String> {
        Keymap::parse("keys.toml", text).map_err(|error| error.to_string())
    }

    #[test]
    fn names_are_unique_and_of_one_form() {
        let mut names: Vec<_> = acts().map(|act| act.name).collect();
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
        for name in names {
            let plain = |c: char| c.is_ascii_lowercase() || c == '_';
            assert!(!name.is_empty() && name.chars().all(plain), "{name}");
        }
    }

    #[test]
    fn the_template_is_the_table() {
        let text = template();
        assert_eq!(read(&text), Ok(Keymap::default()));
        let lines = text.lines().filter(|line| line.contains(" = ["));
        assert_eq!(lines.count(), acts().count());
    }

    #[test]
    fn own_keys_replace_those_of_the_table() {
        let keymap =
            read("step_forward = [\"n\", \"ctrl-f\"]\nrewind = []\npause = \"f5\"\n").unwrap();
        let does = |key| {
            keymap
                .act(Context::On(Screen::Flow), key)
                .map(|act| act.action)
        };
        assert_eq!(does(Key::Char('n')), Some(Action::StepForward));
        assert_eq!(does(Key::Ctrl('f')), Some(Action::StepForward));
        assert_eq!(does(Key::F(5)), Some(Action::TogglePause));
        assert_eq!(does(Key::Char('.')), None);
        assert_eq!(does(Key::Char('B')), None);
        assert_eq!(does(Key::Char('v')), Some(Action::NextQuestion));
        assert_eq!(keymap.first("step_forward"), "n");
        assert_eq!(keymap.first("rewind"), "");
    }

    #[test]
    fn keys_may_be_exchanged() {
        let keymap = read("next_question = \"x\"\ncut = \"v\"\n").unwrap();
        assert_eq!(keymap.first("cut"), "v");
    }

    #[test]
    fn the_same_key_may_do_different_things_in_different_places() {
        assert!(read("first_row = [\"v\"]").is_ok(), "v is for charts");
    }

    #[test]
    fn mistakes_have_their_line_and_a_way_out() {
        for (text, sentence) in [
            (
                "# keys\nstep_foward = [\"n\"]",
                "keys.toml, line 2: step_foward: there is no such action; did you mean step_forward?",
            ),
            (
                "jump_around = \"n\"",
                "keys.toml, line 1: jump_around: there is no such action; rnntop keys lists them all",
            ),
            (
                "\n\npause = [\n\"f5\",\n\"spce\"]",
                "keys.toml, line 5: pause: expected a character, ctrl- with a letter, f1 to f12, or \
                 space, enter, esc, tab, shift-tab, backspace, delete, left, right, up, down, home, \
                 end, pageup, pagedown, shift-left or shift-right, found 'spce'",
            ),
            (
                "pause = 3",
                "keys.toml, line 1: pause: expected keys such as [\"n\", \"ctrl-f\"], found 3",
            ),
            (
                "step_forward = [\"v\"]",
                "keys.toml, line 1: step_forward: the key 'v' does next_question in the same place; \
                 give that one another key too, or none: next_question = []",
            ),
            (
                "zoom = \"f5\"\nrewind = [\"n\", \"f5\"]",
                "keys.toml, line 2: rewind: the key 'f5' does zoom in the same place; give one of \
                 them another key",
            ),
            (
                "quit_at_once = []",
                "keys.toml, line 1: quit_at_once: expected at least one key, since it leads out from \
                 everywhere, found none",
            ),
            (
                "set_value = \"s\"",
                "keys.toml, line 1: set_value: expected keys that are no characters, since these are \
                 typed there, found 's'",
            ),
            (
                "pause = [",
                "keys.toml, line 1: this is not TOML: unclosed array, expected `]`",
            ),
        ] {
            assert_eq!(read(text).unwrap_err(), sentence);
        }
    }
}
