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

use super::{Role, nearest, palette};
use crate::sim::preset::limits::{self, Words, Wrong};
use crate::sim::preset::reading::{self, Mistake, TomlError};
use crate::ui::colours::{Colours, Paint, Shades};
use crate::ui::look::ThemeName;

/// The themes to inherit from.
pub const BASES: Words<ThemeName> = &[
    ("dark", ThemeName::Dark),
    ("light", ThemeName::Light),
    ("contrast", ThemeName::Contrast),
];

/// The roles that have the terminal's own colour of text in every built-in theme, and dim, bold or
/// reverse beside it.
const PLAIN: [(&str, Role); 10] = [
    ("text", Role::Text),
    ("strong", Role::Strong),
    ("quiet", Role::Quiet),
    ("border", Role::Border),
    ("focus", Role::Focus),
    ("key", Role::Key),
    ("selected", Role::Selected),
    ("stable", Role::Stable),
    ("total", Role::Total),
    ("cursor", Role::Cursor),
];

/// The 16 colours by their names, in the order of their numbers.
const SIXTEEN: [&str; 16] = [
    "black",
    "red",
    "green",
    "yellow",
    "blue",
    "magenta",
    "cyan",
    "white",
    "bright-black",
    "bright-red",
    "bright-green",
    "bright-yellow",
    "bright-blue",
    "bright-magenta",
    "bright-cyan",
    "bright-white",
];

/// What a colour may be, in words.
const ALLOWED: &str = "a colour such as \"#56B4E9\", \"bright-blue\", a number from 0 to 255, \
                       \"own\", or a list of three for 16, 256 and all colours";

/// The name of a role in a file, when the built-in themes leave it plain.
pub(super) fn plain_name(role: Role) -> Option<&'static str> {
    let found = PLAIN.iter().find(|(_, plain)| *plain == role);
    found.map(|(name, _)| *name)
}

/// Every role that a file may name.
fn names() -> impl Iterator<Item = &'static str> {
    palette::NAMES
        .into_iter()
        .chain(PLAIN.iter().map(|(name, _)| *name))
}

/// Reads a theme; `file` is what messages call it, `name` what the screen calls it.
///
/// # Errors
/// The first mistake in the file.
pub fn parse(name: &str, file: &str, text: &str) -> Result<Colours, TomlError> {
    reading::document(file, text, |document| read(name, document))
}

fn read(name: &str, document: &DeTable) -> Result<Colours, Mistake> {
    let mut colours = Colours {
        name: name.to_owned(),
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
        let one = paint(value, field, ALLOWED)?;
        return Ok(Shades([one; 3]));
    };
    let paints = list.iter().map(|one| paint(one, field, ALLOWED));
    let paints = paints.collect::<Result<Vec<_>, _>>()?;
    let found = paints.len();
    <[Paint; 3]>::try_from(paints).map(Shades).map_err(|_| {
        let wrong = Wrong::new(
            "one colour or a list of three",
            format!("a list of {found}"),
        );
        Mistake::at(value.span(), field, &wrong)
    })
}

fn paint(value: &Spanned<DeValue>, field: &str, allowed: &str) -> Result<Paint, Mistake> {
    let read = match value.get_ref() {
        DeValue::Integer(n) => reading::integer(n)
            .and_then(|n| u8::try_from(n).ok())
            .map(Paint::Indexed),
        DeValue::String(text) => word(text),
        _ => None,
    };
    read.ok_or_else(|| {
        let wrong = Wrong::new(allowed, reading::found(value));
        Mistake::at(value.span(), field, &wrong)
    })
}

/// `#RRGGBB`, one of the 16, or `own`.
fn word(text: &str) -> Option<Paint> {
    if let Some(digits) = text.strip_prefix('#') {
        let hex = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let number = u32::from_str_radix(digits, 16).ok().filter(|_| hex)?;
        let [_, r, g, b] = number.to_be_bytes();
        return Some(Paint::Rgb(r, g, b));
    }
    if text == "own" {
        return Some(Paint::Own);
    }
    let index = SIXTEEN.iter().position(|name| *name == text)?;
    u8::try_from(index).ok().map(Paint::Ansi)
}

/// The colour that a terminal with 16 (0), 256 (1) or all colours (2) shows.
pub(super) fn colour(shades: Shades, depth: usize) -> Color {
    match (shades.0[depth.min(2)], depth) {
        (Paint::Own, _) => Color::Reset,
        (Paint::Ansi(n), _) => nearest::NAMED[usize::from(n & 15)],
        (Paint::Indexed(n @ 0..16), _) => nearest::NAMED[usize::from(n)],
        (Paint::Indexed(n), 0) => nearest::of_sixteen(nearest::rgb(n)),
        (Paint::Indexed(n), _) => Color::Indexed(n),
        (Paint::Rgb(r, g, b), 0) => nearest::of_sixteen([r, g, b]),
        (Paint::Rgb(r, g, b), 1) => Color::Indexed(nearest::of_256([r, g, b])),
        (Paint::Rgb(r, g, b), _) => Color::Rgb(r, g, b),
    }
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
    for (name, ink) in palette::NAMES.iter().zip(row) {
        let _ = writeln!(text, "{name:10} = {}", list(ink.ansi, ink.code, ink.rgb));
    }
    text.push_str("\n# text and lines\n");
    for (name, _) in PLAIN {
        let _ = writeln!(text, "{name:10} = \"own\"");
    }
    text.push_str("\n# the heat map, from vanished over as large as at T to exploded\nheat = [\n");
    for (step, (code, rgb)) in palette::heat(theme).iter().enumerate() {
        let ansi = match step {
            7 => Color::Reset,
            0..7 => row[palette::VANISH].ansi,
            _ => row[palette::EXPLODE].ansi,
        };
        let _ = writeln!(text, "    {},", list(ansi, *code, *rgb));
    }
    text.push_str("]\n");
    Some(text)
}

/// Three colours as they are written.
fn list(ansi: Color, code: u8, (r, g, b): (u8, u8, u8)) -> String {
    let name = nearest::NAMED.iter().position(|named| *named == ansi);
    let name = name.map_or("own", |index| SIXTEEN[index]);
    format!("[\"{name}\", {code}, \"#{r:02X}{g:02X}{b:02X}\"]")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::Path;
    use crate::ui::look::Depth;
    use crate::ui::theme::Theme;

    fn theme(text: &str, depth: Depth) -> Result<Theme, String> {
        let colours = parse("mine", "mine.toml", text).map_err(|error| error.to_string())?;
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
                for role in Role::ALL {
                    // Reset is the colour of text that is there without a colour.
                    let mut style = own.style(role);
                    style.fg = style.fg.filter(|fg| *fg != Color::Reset);
                    assert_eq!(style, built_in.style(role), "{name:?} {depth:?} {role:?}");
                }
                for path in crate::ui::theme::tests::PATHS {
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
        assert!(Role::ALL.iter().all(|r| own.style(*r) == dark.style(*r)));
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
