//! `rnntop keys` and `rnntop themes`: what there is, and files to start from.

use std::fmt::Write as _;

use crate::app::keys;
use crate::cli::Failure;
use crate::cli::args::{KeysArgs, ThemesCommand};
use crate::cli::config::{self, Theme};
use crate::cli::deliver::print;
use crate::cli::text_file;
use crate::ui::theme::file as theme_file;
use crate::words::sanitise::{sanitise, sanitise_block};

/// The built-in themes in words.
const BUILT_IN: [(&str, &str); 4] = [
    (
        "dark",
        "for a dark background; blue to orange, safe for colour-blind eyes",
    ),
    ("light", "the same for a light background"),
    ("contrast", "bright colours on black, nothing dimmed"),
    ("mono", "no colours: bold, reverse and signs only"),
];

/// Prints the keys, or a file of keys that says the same.
pub fn keys(args: &KeysArgs) -> Result<(), Failure> {
    if args.template {
        return print(keys::template());
    }
    let folder = config::folder();
    let keymap = config::keys(args.keys.as_deref(), folder.as_deref())?;
    print(keys::listing(&keymap))
}

/// Prints the themes, or the file of one.
pub fn themes(command: Option<&ThemesCommand>) -> Result<(), Failure> {
    let folder = config::folder();
    let own = config::own_themes(folder.as_deref());
    let Some(ThemesCommand::Show { name }) = command else {
        let mut text = String::new();
        for (name, words) in BUILT_IN {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{name:10} {words}");
        }
        for (name, path) in own {
            let (name, path) = (sanitise(&name).into_owned(), path.display().to_string());
            let _ = writeln!(text, "{name:10} {}", sanitise(&path));
        }
        return print(&text);
    };
    let text = match config::theme(name, "themes show", folder.as_deref())? {
        Theme::Own(..) => {
            let found = own.into_iter().find(|(own, _)| own == name);
            let path = found.map_or_else(|| name.into(), |(_, path)| path);
            Some(text_file::read(&path, "a theme")?)
        }
        Theme::BuiltIn(name) => theme_file::template(name),
        Theme::Auto => None,
    };
    let text =
        text.ok_or_else(|| Failure::wrong("themes show", "a theme with colours of its own", name))?;
    print(sanitise_block(&text).as_ref())
}
