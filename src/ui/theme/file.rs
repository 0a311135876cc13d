//! Themes of the user's: a TOML file with a colour for each role that differs from a built-in theme.
//!
//! ```toml
//! inherit  = "dark"                            # dark, light or contrast; dark when absent
//! carousel = "#56B4E9"                         # 24 bits; nearest colours where there are fewer
//! forget   = 208                               # one of xterm's 256
//! vanish   = "bright-blue"                     # one of the terminal's 16
//! error    = ["bright-red", 203, "#FF5F5F"]    # one for 16, one for 256, one for 24 bits
//! border   = "own"                             # the terminal's own colour of text
//! ```

use std::fmt::Write;

use ratatui::style::Color;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::nearest::NAMED;
use super::{ROLES, palette};
use crate::sim::preset::limits::{self, Words, Wrong};
use crate::sim::preset::reading::{self, Mistake, TomlError};
use crate::ui::colours::{Colours, Shades};
use crate::ui::look::ThemeName;

/// The themes to inherit from.
pub const BASES: Words<ThemeName> = &[
    ("dark", ThemeName::Dark),
    ("light", ThemeName::Light),
    ("contrast", ThemeName::Contrast),
];

/// What a colour may be, in words.
const ALLOWED: &str = "a colour such as \"#56B4E9\", \"bright-blue\", a number from 0 to 255, \
                       \"own\", or a list of three for 16, 256 and all colours";

/// The roles that have the terminal's own colour of text in every built-in theme.
fn plain() -> impl Iterator<Item = &'static str> {
    let names = ROLES.iter().map(|(name, _)| *name);
    names.filter(|name| !palette::NAMES.contains(name))
}

/// Every role that a file may name.
fn names() -> impl Iterator<Item = &'static str> {
    palette::NAMES.into_iter().chain(plain())
}

/// Reads a theme; `file` is what messages call it.
///
/// # Errors
/// The first mistake in the file.
pub fn parse(file: &str, text: &str) -> Result<Colours, TomlError> {
    reading::document(file, text, read)
}

fn read(document: &DeTable) -> Result<Colours, Mistake> {
    let mut colours = Colours {
        base: ThemeName::Dark,
        roles: Vec::new(),
        heat: None,
    };
    for (key, value) in reading::in_order(document) {
        let at = |wrong: Wrong| Mistake::at(value.span(), key.name, &wrong);
        match key.name {
            "inherit" => {
                let allowed = limits::either(BASES.iter().map(|(word, _)| *word));
                let word = value.get_ref().as_str();
                let word = word.ok_or_else(|| at(Wrong::new(&allowed, reading::found(value))))?;
                colours.base = limits::meaning(BASES, word).map_err(at)?;
            }
            "heat" => colours.heat = Some(heat(value)?),
            role => {
                let Some(role) = names().find(|name| *name == role) else {
                    let mut all: Vec<_> = names().collect();
                    all.extend(["heat", "inherit"]);
                    return Err(reading::unknown(&key, &all, ""));
                };
                colours.roles.push((role, shades(value, role)?));
            }
        }
    }
    Ok(colours)
}

/// The steps of the heat map.
fn heat(value: &Spanned<DeValue>) -> Result<[Shades; 15], Mistake> {
    let wrong = |found: String| {
        let allowed = "a list of 15 colours, from vanished over as large as at T to exploded";
        Mistake::at(value.span(), "heat", &Wrong::new(allowed, found))
    };
    let list = value.get_ref().as_array();
    let list = list.ok_or_else(|| wrong(reading::found(value)))?;
    let steps = list.iter().map(|step| shades(step, "heat"));
    let steps = steps.collect::<Result<Vec<_>, _>>()?;
    let found = steps.len();
    <[Shades; 15]>::try_from(steps).map_err(|_| wrong(format!("{found} of them")))
}

/// A colour for every depth: one for all, or three.
fn shades(value: &Spanned<DeValue>, field: &str) -> Result<Shades, Mistake> {
    let Some(list) = value.get_ref().as_array() else {
        let one = colour(value, field)?;
        return Ok(Shades([one; 3]));
    };
    let colours = list.iter().map(|one| colour(one, field));
    let colours = colours.collect::<Result<Vec<_>, _>>()?;
    let found = colours.len();
    <[Color; 3]>::try_from(colours).map(Shades).map_err(|_| {
        let wrong = Wrong::new(
            "one colour or a list of three",
            format!("a list of {found}"),
        );
        Mistake::at(value.span(), field, &wrong)
    })
}

fn colour(value: &Spanned<DeValue>, field: &str) -> Result<Color, Mistake> {
    let read = match value.get_ref() {
        DeValue::Integer(n) => reading::integer(n)
            .and_then(|n| u8::try_from(n).ok())
            .map(Color::Indexed),
        DeValue::String(text) => word(text),
        _ => None,
    };
    read.ok_or_else(|| {
        let wrong = Wrong::new(ALLOWED, reading::found(value));
        Mistake::at(value.span(), field, &wrong)
    })
}

/// `#RRGGBB`, one of the 16, or `own`.
fn word(text: &str) -> Option<Color> {
    if let Some(digits) = text.strip_prefix('#') {
        let hex = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| hex)?;
        return Some(Color::from_u32(number));
    }
    if text == "own" {
        return Some(Color::Reset);
    }
    let found = NAMED.iter().find(|(name, ..)| *name == text);
    found.map(|(_, colour, _)| *colour)
}

/// A file that says what a built-in theme says; `None` for one that has no colours.
pub fn template(theme: ThemeName) -> Option<String> {
    let (base, _) = BASES.iter().find(|(_, name)| *name == theme)?;
    let row = palette::row(theme)?;
    let mut text = format!(
        "# A theme of rnntop: the colours of the built-in theme {base}. Keep the lines that you\n\
         # change; what is absent comes from the theme that is inherited. A colour is \"#RRGGBB\",\n\
         # one of xterm's 256 as a number, one of the 16 by name (red, bright-red, ...), \"own\" for\n\
         # the terminal's colour of text, or a list of three: for 16, for 256 and for all colours.\n\
         inherit    = \"{base}\"\n\n# paths, and what grows and shrinks\n"
    );
    // Writing to a String cannot fail.
    for (name, shades) in palette::NAMES.iter().zip(row) {
        let _ = writeln!(text, "{name:10} = {}", list(shades.0));
    }
    text.push_str("\n# text and lines\n");
    for name in plain() {
        let _ = writeln!(text, "{name:10} = \"own\"");
    }
    text.push_str("\n# the heat map, from vanished over as large as at T to exploded\nheat = [\n");
    for (step, Shades([_, code, rgb])) in palette::heat(theme).iter().enumerate() {
        let Shades([ansi, ..]) = match step {
            7 => Shades([Color::Reset; 3]),
            0..7 => row[palette::VANISH],
            _ => row[palette::EXPLODE],
        };
        let _ = writeln!(text, "    {},", list([ansi, *code, *rgb]));
    }
    text.push_str("]\n");
    Some(text)
}

/// Three colours as they are written.
fn list(colours: [Color; 3]) -> String {
    let written = colours.map(|colour| match colour {
        Color::Rgb(r, g, b) => format!("\"#{r:02X}{g:02X}{b:02X}\""),
        Color::Indexed(code) => code.to_string(),
        colour => {
            let named = NAMED.iter().find(|(_, named, _)| *named == colour);
            format!("\"{}\"", named.map_or("own", |(name, ..)| name))
        }
    });
    format!("[{}]", written.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Path;
    use crate::ui::look::Depth;
    use crate::ui::theme::tests::{ALL, PATHS};
    use crate::ui::theme::{Role, Theme};

    fn theme(text: &str, depth: Depth) -> Result<Theme, String> {
        let colours = parse("mine.toml", text).map_err(|error| error.to_string())?;
        // As long as the program lives, as at its start.
        let colours: &'static Colours = Box::leak(Box::new(colours));
        Ok(Theme::new(ThemeName::Own, depth, Some(colours)))
    }

    const DEPTHS: [Depth; 4] = [Depth::Mono, Depth::Ansi16, Depth::Ansi256, Depth::Rgb];

    #[test]
    fn templates_are_the_built_in_themes_at_every_depth() {
        for (_, name) in BASES {
            let text = template(*name).expect("it has colours");
            for depth in DEPTHS {
                let (own, built_in) = (
                    theme(&text, depth).expect("it is right"),
                    Theme::new(*name, depth, None),
                );
                for role in ALL {
                    // Reset is the colour of text that is there without a colour.
                    let mut style = own.style(role);
                    style.fg = style.fg.filter(|fg| *fg != Color::Reset);
                    assert_eq!(style, built_in.style(role), "{name:?} {depth:?} {role:?}");
                }
                for path in PATHS {
                    assert_eq!(own.path(path), built_in.path(path), "{name:?} {depth:?}");
                }
                for step in -7..=7 {
                    let fg = own.heat(step).fg.filter(|fg| *fg != Color::Reset);
                    assert_eq!(fg, built_in.heat(step).fg, "{name:?} {depth:?} {step}");
                }
            }
        }
        assert_eq!(template(ThemeName::Mono), None);
    }

    #[test]
    fn an_empty_file_is_the_dark_theme() {
        let (own, dark) = (
            theme("", Depth::Rgb).unwrap(),
            Theme::new(ThemeName::Dark, Depth::Rgb, None),
        );
        assert!(ALL.iter().all(|r| own.style(*r) == dark.style(*r)));
        assert_eq!(own.heat(3), dark.heat(3));
    }

    #[test]
    fn a_colour_is_shown_as_near_as_the_terminal_can() {
        let text = "carousel = \"#56B4E9\"\nforget = 208\nborder = \"bright-blue\"\nvanish = 4";
        for (depth, carousel, forget, border, vanish) in [
            (
                Depth::Rgb,
                Color::Rgb(0x56, 0xB4, 0xE9),
                Color::Indexed(208),
                Color::LightBlue,
                Color::Blue,
            ),
            (
                Depth::Ansi256,
                Color::Indexed(74),
                Color::Indexed(208),
                Color::LightBlue,
                Color::Blue,
            ),
            (
                Depth::Ansi16,
                Color::Cyan,
                Color::Yellow,
                Color::LightBlue,
                Color::Blue,
            ),
        ] {
            let theme = theme(text, depth).unwrap();
            assert_eq!(theme.path(Path::Carousel).fg, Some(carousel), "{depth:?}");
            assert_eq!(theme.path(Path::Forget).fg, Some(forget), "{depth:?}");
            assert_eq!(theme.style(Role::Border).fg, Some(border), "{depth:?}");
            assert_eq!(theme.style(Role::Vanish).fg, Some(vanish), "{depth:?}");
        }
        let none = theme(text, Depth::Mono).unwrap();
        assert!(none.is_mono() && none.path(Path::Carousel).fg.is_none());
    }

    #[test]
    fn mistakes_have_their_line_and_what_is_allowed() {
        let allowed = format!("expected {ALLOWED}, found");
        for (text, sentence) in [
            (
                "\ncarousell = 3",
                "line 2: carousell: there is no such field; did you mean carousel?".to_owned(),
            ),
            (
                "inherit = \"mono\"",
                "line 1: inherit: expected dark, light or contrast, found 'mono'".to_owned(),
            ),
            (
                "block = \"#56B4E\"",
                format!("line 1: block: {allowed} the text '#56B4E'"),
            ),
            ("block = 256", format!("line 1: block: {allowed} 256")),
            (
                "block = [1,\n\"blu\", 3]",
                format!("line 2: block: {allowed} the text 'blu'"),
            ),
            (
                "block = [1, 2]",
                "line 1: block: expected one colour or a list of three, found a list of 2".to_owned(),
            ),
            (
                "heat = [1, 2, 3]",
                "line 1: heat: expected a list of 15 colours, from vanished over as large as at T to \
                 exploded, found 3 of them"
                    .to_owned(),
            ),
        ] {
            let said = theme(text, Depth::Rgb).unwrap_err();
            assert_eq!(said, format!("mine.toml, {sentence}"));
        }
    }
}
