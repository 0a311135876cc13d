//! The user's own files: `config.toml`, `keys.toml` and `themes/NAME.toml` in `rnntop` in the
//! user's configuration folder (`$XDG_CONFIG_HOME`, or `~/.config`).
//!
//! All are read at the start of the screen, none has to be there, and only `config.toml` is ever
//! written: when the user says so, and over no file but one that rnntop wrote.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::app::App;
use crate::app::keys::Keymap;
use crate::cli::Failure;
use crate::cli::args::{Auto, COLORS, MARKERS, THEMES};
use crate::cli::text_file;
use crate::io::OutputError;
use crate::io::output;
use crate::sim::preset::fields;
use crate::sim::preset::limits::{self, Words, Wrong};
use crate::sim::preset::reading::{self, Mistake, TomlError};
use crate::ui::colours::Colours;
use crate::ui::look::{Depth, Marker, ThemeName};
use crate::ui::theme::file as theme_file;
use crate::words::sanitise::sanitise_path;

/// The folder, when the system says where it would be.
pub fn folder() -> Option<PathBuf> {
    let places = etcetera::choose_base_strategy().ok()?;
    Some(places.config_dir().join("rnntop"))
}

/// What the user wants the screen to be like at the start; what is absent is left to the terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// A theme's word, the name of one of the user's, or its file.
    pub theme: Option<String>,
    /// Characters of curves.
    pub marker: Option<Auto<Marker>>,
    /// Colours.
    pub color: Option<Auto<Depth>>,
    /// Whether the mouse is reported.
    pub mouse: Option<bool>,
    /// Steps per second.
    pub speed: Option<u32>,
    /// Whether curves are drawn at once.
    pub still: Option<bool>,
}

/// The fields of the file.
const FIELDS: [&str; 6] = ["theme", "marker", "color", "mouse", "speed", "still"];
/// The first line of a file that rnntop wrote.
const MARK: &str = "# Settings of the screen, written by rnntop; the command line overrides them.";

impl Config {
    /// Reads `config.toml` in the folder; a file that is not there says nothing.
    ///
    /// # Errors
    /// One sentence with file, line and what is allowed.
    pub fn read(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join("config.toml");
        match text_file::if_there(&path, "settings")? {
            None => Ok(Self::default()),
            Some(text) => Self::parse(&sanitise_path(&path), &text).map_err(Failure::input),
        }
    }

    fn parse(file: &str, text: &str) -> Result<Self, TomlError> {
        reading::document(file, text, Self::fields)
    }

    fn fields(document: &DeTable) -> Result<Self, Mistake> {
        let mut config = Self::default();
        for (key, value) in reading::in_order(document) {
            let at = |wrong: Wrong| Mistake::at(value.span(), key.name, &wrong);
            match key.name {
                "theme" => {
                    let word = text("a theme's name in quotation marks", value);
                    config.theme = Some(word.map_err(at)?);
                }
                "marker" => config.marker = Some(word(MARKERS, value).map_err(at)?),
                "color" => config.color = Some(word(COLORS, value).map_err(at)?),
                "mouse" => config.mouse = Some(switch(value).map_err(at)?),
                "still" => config.still = Some(switch(value).map_err(at)?),
                "speed" => {
                    let number = fields::whole(limits::SPEED, value).map_err(at)?;
                    config.speed = u32::try_from(number).ok();
                }
                _ => return Err(reading::unknown(&key, &FIELDS, "")),
            }
        }
        Ok(config)
    }

    /// The file that says this.
    fn render(&self) -> String {
        let mut text = format!("{MARK}\n");
        let mut line = |field: &str, value: Option<String>| {
            if let Some(value) = value {
                // Writing to a String cannot fail.
                let _ = writeln!(text, "{field} = {value}");
            }
        };
        let quoted =
            |word: &str| format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""));
        line("theme", self.theme.as_deref().map(quoted));
        line(
            "marker",
            self.marker.map(|m| quoted(limits::word(MARKERS, &m))),
        );
        line(
            "color",
            self.color.map(|c| quoted(limits::word(COLORS, &c))),
        );
        line("mouse", self.mouse.map(|on| on.to_string()));
        line("speed", self.speed.map(|n| n.to_string()));
        line("still", self.still.map(|on| on.to_string()));
        text
    }

    /// What the screen is like now. What was found out by itself is left to be found out again.
    pub fn of(app: &App, color: Option<Depth>, own_theme: Option<&str>) -> Self {
        let word = limits::word(THEMES, &Auto::Fixed(app.look.theme));
        let theme = match (app.look.own_theme, app.look.theme) {
            (false, _) => "auto",
            (true, ThemeName::Own) => own_theme.unwrap_or("auto"),
            (true, _) => word,
        };
        let fixed = |marker| {
            if app.look.own_marker {
                Auto::Fixed(marker)
            } else {
                Auto::Auto
            }
        };
        Self {
            theme: Some(theme.to_owned()),
            marker: Some(fixed(app.look.marker)),
            color: Some(color.map_or(Auto::Auto, Auto::Fixed)),
            mouse: Some(app.look.mouse),
            speed: Some(app.sim.pace.speed),
            still: Some(app.look.still),
        }
    }

    /// Writes `config.toml` in the folder, which is made when it is not there; a sentence on where.
    ///
    /// # Errors
    /// One sentence: there is a file that rnntop did not write, or it cannot be written.
    pub fn save(&self, folder: &Path) -> Result<String, String> {
        let path = folder.join("config.toml");
        let name = sanitise_path(&path);
        let written =
            text_file::if_there(&path, "settings").map_err(|failure| failure.sentence())?;
        if written.is_some_and(|text| !is_ours(&text)) {
            return Err(format!(
                "{name}: not overwritten, since it was not written by rnntop alone"
            ));
        }
        std::fs::create_dir_all(folder)
            .map_err(|error| OutputError::failed(&sanitise_path(folder), &error).to_string())?;
        let saved = output::write_new(&path, self.render().as_bytes(), true);
        saved.map_err(|error: OutputError| error.to_string())?;
        Ok(format!("saved to {name}"))
    }
}

/// Whether rnntop wrote a file, and nobody changed it since.
fn is_ours(text: &str) -> bool {
    Config::parse("", text).is_ok_and(|config| config.render() == text)
}

/// A word with a meaning; 16 and 256 may also stand there as numbers.
fn word<T: Copy>(words: Words<T>, value: &Spanned<DeValue>) -> Result<T, Wrong> {
    if let Some(number) = value.get_ref().as_integer() {
        return limits::meaning(words, number.as_str());
    }
    let allowed = limits::either(words.iter().map(|(word, _)| *word));
    limits::meaning(words, &text(&allowed, value)?)
}

fn text(allowed: &str, value: &Spanned<DeValue>) -> Result<String, Wrong> {
    let text = value.get_ref().as_str().map(str::to_owned);
    text.ok_or_else(|| Wrong::new(allowed, reading::found(value)))
}

/// The user's keys: those of a file, or of `keys.toml` in the folder when it is there.
///
/// # Errors
/// One sentence with file, line and what is allowed.
pub fn keys(file: Option<&Path>, folder: Option<&Path>) -> Result<Keymap, Failure> {
    let (path, text) = match (file, folder) {
        (Some(path), _) => (path.to_owned(), Some(text_file::read(path, "keys")?)),
        (None, Some(folder)) => {
            let path = folder.join("keys.toml");
            let text = text_file::if_there(&path, "keys")?;
            (path, text)
        }
        (None, None) => return Ok(Keymap::default()),
    };
    let parse = |text: String| Keymap::parse(&sanitise_path(&path), &text);
    text.map_or_else(|| Ok(Keymap::default()), parse)
        .map_err(Failure::input)
}

/// A theme that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Theme {
    /// What the terminal's background asks for.
    Auto,
    /// A built-in one.
    BuiltIn(ThemeName),
    /// The user's, with the word that asks for it again.
    Own(Box<Colours>, String),
}

/// The theme of a word: a built-in one, a `.toml` file, or the name of one in `themes` in the
/// folder. `asked` is where the word stands, for messages.
///
/// # Errors
/// One sentence: there is no such theme, or what is wrong with its file.
pub fn theme(word: &str, asked: &str, folder: Option<&Path>) -> Result<Theme, Failure> {
    match limits::meaning(THEMES, word) {
        Ok(Auto::Auto) => return Ok(Theme::Auto),
        Ok(Auto::Fixed(name)) => return Ok(Theme::BuiltIn(name)),
        Err(_) => {}
    }
    let (path, again) = if text_file::is_file(word) {
        let path = PathBuf::from(word);
        // From another folder the same word would mean another file.
        let full = std::fs::canonicalize(&path).ok();
        let again = full.and_then(|path| path.to_str().map(str::to_owned));
        (path, again.unwrap_or_else(|| word.to_owned()))
    } else {
        let own = own_themes(folder);
        match own.iter().find(|(name, _)| name == word) {
            Some((name, path)) => (path.clone(), name.clone()),
            None => return Err(no_theme(word, asked, folder, &own)),
        }
    };
    let text = text_file::read(&path, "a theme")?;
    theme_file::parse(&sanitise_path(&path), &text)
        .map(|colours| Theme::Own(Box::new(colours), again))
        .map_err(Failure::input)
}

/// The user's themes by name, with their files.
pub fn own_themes(folder: Option<&Path>) -> Vec<(String, PathBuf)> {
    let entries = folder.and_then(|folder| std::fs::read_dir(folder.join("themes")).ok());
    let mut themes: Vec<_> = entries
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let name = path.file_stem()?.to_str()?.to_owned();
            text_file::is_file(path.file_name()?.to_str()?).then_some((name, path))
        })
        .collect();
    themes.sort();
    themes
}

fn no_theme(word: &str, asked: &str, folder: Option<&Path>, own: &[(String, PathBuf)]) -> Failure {
    let built_in = THEMES.iter().map(|(word, _)| *word);
    let names = built_in.chain(own.iter().map(|(name, _)| name.as_str()));
    let names: Vec<&str> = names.collect();
    if let Some(near) = limits::nearest(word, names.iter().copied()) {
        return Failure::input(format!(
            "{asked}: there is no theme {}; did you mean {near}?",
            limits::quoted(word)
        ));
    }
    let place = folder.map_or_else(String::new, |folder| {
        format!(
            " or the name of one in {}",
            sanitise_path(&folder.join("themes"))
        )
    });
    let allowed = format!("{}, a .toml file{place}", names.join(", "));
    Failure::input(format!(
        "{asked}: {}",
        Wrong::new(allowed, limits::quoted(word))
    ))
}

fn switch(value: &Spanned<DeValue>) -> Result<bool, Wrong> {
    let wrong = || Wrong::new("true or false", reading::found(value));
    value.get_ref().as_bool().ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_reads_what_was_written() {
        let config = Config {
            theme: Some("/home/a \"b\"/c\\d.toml".to_owned()),
            marker: Some(Auto::Fixed(Marker::Block)),
            color: Some(Auto::Fixed(Depth::Ansi16)),
            mouse: Some(true),
            speed: Some(20),
            still: Some(true),
        };
        let text = config.render();
        assert_eq!(Config::parse("config.toml", &text), Ok(config));
        assert!(is_ours(&text));
        let auto = Config {
            color: Some(Auto::Auto),
            ..Config::default()
        };
        assert!(is_ours(&auto.render()));
    }

    proptest! {
        /// Whatever stands there is read or refused in one sentence.
        #[test]
        fn any_line_is_read_or_refused(
            field in prop::sample::select([&FIELDS[..], &["", "x"]].concat()),
            value in r#"[-+\[{"']?\PC{0,40}["'\]}]?"#,
            rest in ".{0,80}",
        ) {
            let said = Config::parse("config.toml", &format!("{field} = {value}\n{rest}"));
            if let Err(error) = said {
                let error = error.to_string();
                prop_assert!(!error.contains(char::is_control) && error.chars().count() < 400, "{error:?}");
            }
        }
    }

    #[test]
    fn what_others_wrote_or_changed_is_not_ours() {
        let text = Config::default().render();
        assert!(is_ours(&text));
        for other in [
            "theme = \"dark\"\n".to_owned(),
            format!("{text}# mine\n"),
            format!("{text}speed=3\n"),
            "not toml".to_owned(),
        ] {
            assert!(!is_ours(&other), "{other}");
        }
    }

    #[test]
    fn mistakes_have_their_line() {
        for (text, sentence) in [
            (
                "theme = \"dark\"\ncolour = \"16\"",
                "line 2: colour: there is no such field; did you mean color?",
            ),
            (
                "speed = 61",
                "line 1: speed: expected a whole number from 1 to 60, found 61",
            ),
            (
                "mouse = \"on\"",
                "line 1: mouse: expected true or false, found the text 'on'",
            ),
            (
                "still = 1",
                "line 1: still: expected true or false, found 1",
            ),
            (
                "color = 17",
                "line 1: color: expected auto, never, 16, 256 or rgb, found '17'",
            ),
            (
                "marker = true",
                "line 1: marker: expected auto, octant, braille, block or ascii, found true",
            ),
        ] {
            let said = Config::parse("config.toml", text).unwrap_err().to_string();
            assert_eq!(said, format!("config.toml, {sentence}"));
        }
        assert_eq!(
            Config::parse("", "color = 256").map(|config| config.color),
            Ok(Some(Auto::Fixed(Depth::Ansi256)))
        );
    }
}
