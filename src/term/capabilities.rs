//! What the terminal can do, as far as its environment says so.
//!
//! Everything here is a function of the environment, which is passed in. An empty value counts as none.

use std::time::Duration;

use terminal_colorsaurus::{QueryOptions, background_color};

use crate::term::pace::Budget;
use crate::ui::look::{Depth, Marker, ThemeName};

/// How long the terminal may take to tell its background. Nearly all answer within a few milliseconds,
/// those that do not know it with what they are. Given up on a busy machine in the middle of an answer,
/// its rest would be taken for keys.
const PATIENCE: Duration = Duration::from_secs(1);

/// Terminals (the first part of `TERM`, or `TERM_PROGRAM`) that are sure to show 24-bit colours.
const RGB_TERMINALS: [&str; 11] = [
    "alacritty",
    "contour",
    "foot",
    "ghostty",
    "iterm.app",
    "kitty",
    "mintty",
    "rio",
    "vscode",
    "wezterm",
    "xterm-kitty",
];

/// What is known of the terminal: a function from a variable's name to its value.
pub struct Environment<'a>(pub &'a dyn Fn(&str) -> Option<String>);

impl Environment<'_> {
    /// The value, if there is one that is not empty.
    fn get(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|value| !value.is_empty())
    }

    /// The value in lower case, and empty when there is none.
    fn lower(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_lowercase()
    }

    fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    fn is_remote(&self) -> bool {
        self.has("SSH_CONNECTION") || self.has("SSH_TTY") || self.has("SSH_CLIENT")
    }

    /// Inside tmux or screen, which stand between us and the real terminal.
    fn is_multiplexed(&self) -> bool {
        let term = self.lower("TERM");
        self.has("TMUX")
            || self.has("STY")
            || self.has("ZELLIJ")
            || term.starts_with("tmux")
            || term.starts_with("screen")
            || self.lower("TERM_PROGRAM") == "tmux"
    }

    /// How many colours the terminal shows.
    ///
    /// `NO_COLOR` with any value means none, `CLICOLOR_FORCE` (other than 0) at least 16. Inside tmux
    /// and screen never more than 256 unless `TERM` ends in `-direct`: the variables that promise more
    /// may come from the terminal that the session was started in, not from the one that shows it now.
    pub fn depth(&self) -> Depth {
        if self.has("NO_COLOR") {
            return Depth::Mono;
        }
        let forced = self.get("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        if forced {
            return self.promised().max(Depth::Ansi16);
        }
        if self.get("CLICOLOR").is_some_and(|value| value == "0") {
            return Depth::Mono;
        }
        self.promised()
    }

    fn promised(&self) -> Depth {
        let term = self.lower("TERM");
        if term.ends_with("-direct") {
            return Depth::Rgb;
        }
        if !self.is_multiplexed() {
            let colorterm = self.lower("COLORTERM");
            let program = self.lower("TERM_PROGRAM");
            let known = |name: &String| RGB_TERMINALS.contains(&name.as_str());
            if matches!(colorterm.as_str(), "truecolor" | "24bit")
                || known(&term)
                || known(&program)
            {
                return Depth::Rgb;
            }
            if program == "apple_terminal" {
                return Depth::Ansi256;
            }
        }
        if term.contains("256color") {
            Depth::Ansi256
        } else if term.is_empty()
            || term == "dumb"
            || term.starts_with("vt")
            || term.ends_with("-m")
            || term.ends_with("-mono")
        {
            Depth::Mono
        } else {
            Depth::Ansi16
        }
    }

    /// Which palette suits the terminal: `Mono` without colours, otherwise light or dark by its
    /// background. `COLORFGBG` tells it; failing that, `ask` is called, but not over SSH, where the
    /// answer may come so late that it would be taken for keys, nor inside tmux and screen, which do not
    /// know it, nor on the Linux console, which is dark.
    pub fn theme(&self, depth: Depth, ask: impl FnOnce() -> Option<ThemeName>) -> ThemeName {
        if depth == Depth::Mono {
            return ThemeName::Mono;
        }
        if let Some(theme) = self.get("COLORFGBG").and_then(|v| from_colorfgbg(&v)) {
            return theme;
        }
        let term = self.lower("TERM");
        let silent = self.is_remote()
            || self.is_multiplexed()
            || matches!(term.as_str(), "linux" | "dumb" | "");
        if silent {
            ThemeName::Dark
        } else {
            ask().unwrap_or(ThemeName::Dark)
        }
    }

    /// Which characters draw curves: ASCII in a locale that names another encoding than UTF-8 (as `C`
    /// and `POSIX` do) and on the Linux console, whose font has no more than 512 glyphs and neither
    /// eighth blocks nor superscripts, and Braille otherwise. Octants are never chosen here: a terminal
    /// that draws them cannot be told from one whose font lacks them. No locale at all, as in many
    /// containers, says nothing about the terminal.
    pub fn marker(&self) -> Marker {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| self.get(name));
        let unicode = locale.is_none_or(|locale| {
            let locale = locale.to_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        });
        if !unicode || self.lower("TERM") == "linux" {
            Marker::Ascii
        } else {
            Marker::Braille
        }
    }

    /// The cap on frames per second: 30, and 12 over SSH.
    pub fn fps(&self) -> u32 {
        if self.is_remote() { 12 } else { 30 }
    }

    /// What frames may take: fewer bytes where there are few colours, since such terminals are slow or
    /// on a thin line; over SSH so few that the line keeps room for the keys.
    pub fn budget(&self, depth: Depth) -> Budget {
        Budget {
            bytes: if depth > Depth::Ansi16 { 11_500 } else { 5_500 },
            fixed: self.is_remote(),
        }
    }
}

/// `COLORFGBG` is `foreground;background`, or with something between, in the terminal's 16 colours.
fn from_colorfgbg(value: &str) -> Option<ThemeName> {
    match value.rsplit(';').next()?.parse::<u8>().ok()? {
        0..=6 | 8 => Some(ThemeName::Dark),
        7 | 9..=15 => Some(ThemeName::Light),
        _ => None,
    }
}

/// Asks the terminal for its background; `None` when it does not answer in time. Must be called
/// before anything else reads the terminal.
pub fn ask_background() -> Option<ThemeName> {
    let mut options = QueryOptions::default();
    options.timeout = PATIENCE;
    let background = background_color(options).ok()?;
    Some(if background.perceived_lightness() > 0.5 {
        ThemeName::Light
    } else {
        ThemeName::Dark
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An environment from `NAME=value` words.
    fn environment(words: &str) -> impl Fn(&str) -> Option<String> + '_ {
        move |name| {
            words.split_whitespace().find_map(|word| {
                let (key, value) = word.split_once('=')?;
                (key == name).then(|| value.to_string())
            })
        }
    }

    #[test]
    fn depths() {
        for (words, expected) in [
            ("TERM=xterm-256color COLORTERM=truecolor", Depth::Rgb),
            ("TERM=xterm-256color COLORTERM=24bit", Depth::Rgb),
            ("TERM=xterm-256color", Depth::Ansi256),
            ("TERM=xterm-256color COLORTERM=rxvt", Depth::Ansi256),
            ("TERM=xterm", Depth::Ansi16),
            ("TERM=xterm COLORTERM=1", Depth::Ansi16),
            ("TERM=rxvt", Depth::Ansi16),
            ("TERM=linux", Depth::Ansi16),
            ("TERM=xterm-direct", Depth::Rgb),
            ("TERM=xterm-kitty", Depth::Rgb),
            ("TERM=alacritty", Depth::Rgb),
            ("TERM=foot", Depth::Rgb),
            ("TERM=xterm-256color TERM_PROGRAM=iTerm.app", Depth::Rgb),
            ("TERM=xterm-256color TERM_PROGRAM=WezTerm", Depth::Rgb),
            (
                "TERM=xterm-256color TERM_PROGRAM=Apple_Terminal",
                Depth::Ansi256,
            ),
            ("TERM=xterm TERM_PROGRAM=Apple_Terminal", Depth::Ansi256),
            // Multiplexers: never 24 bits unless sure.
            (
                "TERM=screen-256color COLORTERM=truecolor TMUX=/tmp/t,1,0",
                Depth::Ansi256,
            ),
            ("TERM=tmux-256color COLORTERM=truecolor", Depth::Ansi256),
            ("TERM=screen COLORTERM=truecolor", Depth::Ansi16),
            ("TERM=screen.xterm-256color STY=1.pts", Depth::Ansi256),
            (
                "TERM=xterm-256color COLORTERM=truecolor TMUX=/tmp/t,1,0",
                Depth::Ansi256,
            ),
            (
                "TERM=xterm-256color COLORTERM=truecolor STY=1.pts",
                Depth::Ansi256,
            ),
            (
                "TERM=xterm-256color TERM_PROGRAM=tmux COLORTERM=truecolor",
                Depth::Ansi256,
            ),
            ("TERM=tmux-direct TMUX=/tmp/t,1,0", Depth::Rgb),
            // No colours.
            ("", Depth::Mono),
            ("TERM=dumb", Depth::Mono),
            ("TERM=vt100", Depth::Mono),
            ("TERM=xterm-mono", Depth::Mono),
            (
                "TERM=xterm-256color COLORTERM=truecolor NO_COLOR=1",
                Depth::Mono,
            ),
            ("TERM=xterm-256color NO_COLOR=0", Depth::Mono),
            ("TERM=xterm-256color NO_COLOR=", Depth::Ansi256),
            (
                "TERM=xterm-256color NO_COLOR=1 CLICOLOR_FORCE=1",
                Depth::Mono,
            ),
            ("TERM=xterm-256color CLICOLOR=0", Depth::Mono),
            (
                "TERM=xterm-256color CLICOLOR=0 CLICOLOR_FORCE=1",
                Depth::Ansi256,
            ),
            ("TERM=dumb CLICOLOR_FORCE=1", Depth::Ansi16),
            ("TERM=dumb CLICOLOR_FORCE=0", Depth::Mono),
            // What a build machine sets says nothing about the terminal.
            ("TERM=xterm CI=true GITHUB_ACTIONS=true", Depth::Ansi16),
        ] {
            assert_eq!(
                Environment(&environment(words)).depth(),
                expected,
                "{words}"
            );
        }
    }

    #[test]
    fn themes() {
        let never = || -> Option<ThemeName> { panic!("the terminal must not be asked") };
        for (words, expected) in [
            ("TERM=xterm COLORFGBG=15;0", ThemeName::Dark),
            ("TERM=xterm COLORFGBG=0;15", ThemeName::Light),
            ("TERM=rxvt COLORFGBG=0;default;7", ThemeName::Light),
            ("TERM=xterm COLORFGBG=12;8", ThemeName::Dark),
            ("TERM=xterm SSH_CONNECTION=1", ThemeName::Dark),
            ("TERM=xterm SSH_TTY=/dev/pts/0", ThemeName::Dark),
            (
                "TERM=xterm SSH_TTY=/dev/pts/0 COLORFGBG=0;15",
                ThemeName::Light,
            ),
            ("TERM=screen-256color", ThemeName::Dark),
            ("TERM=xterm TMUX=/tmp/t,1,0", ThemeName::Dark),
            ("TERM=linux", ThemeName::Dark),
            ("", ThemeName::Dark),
        ] {
            assert_eq!(
                Environment(&environment(words)).theme(Depth::Ansi256, never),
                expected,
                "{words}"
            );
        }
        let env = environment("TERM=xterm-256color COLORFGBG=default;default");
        assert_eq!(
            Environment(&env).theme(Depth::Rgb, || Some(ThemeName::Light)),
            ThemeName::Light
        );
        assert_eq!(
            Environment(&env).theme(Depth::Rgb, || None),
            ThemeName::Dark
        );
        assert_eq!(Environment(&env).theme(Depth::Mono, never), ThemeName::Mono);
    }

    #[test]
    fn markers() {
        for (words, expected) in [
            ("TERM=xterm LANG=en_GB.UTF-8", Marker::Braille),
            ("TERM=xterm LANG=de_DE.utf8", Marker::Braille),
            ("TERM=xterm LC_CTYPE=UTF-8", Marker::Braille),
            ("TERM=xterm", Marker::Braille),
            ("TERM=xterm LANG=C", Marker::Ascii),
            ("TERM=xterm LANG=en_GB.UTF-8 LC_ALL=POSIX", Marker::Ascii),
            ("TERM=xterm LANG=en_GB.UTF-8 LC_ALL=", Marker::Braille),
            ("TERM=xterm LANG=de_DE.ISO-8859-1", Marker::Ascii),
            (
                "TERM=xterm LANG=de_DE.ISO-8859-1 LC_CTYPE=C.UTF-8",
                Marker::Braille,
            ),
            ("TERM=linux LANG=en_GB.UTF-8", Marker::Ascii),
            ("TERM=linux LANG=C", Marker::Ascii),
        ] {
            assert_eq!(
                Environment(&environment(words)).marker(),
                expected,
                "{words}"
            );
        }
    }

    #[test]
    fn frames_per_second() {
        assert_eq!(Environment(&environment("TERM=xterm")).fps(), 30);
        assert_eq!(
            Environment(&environment("SSH_CONNECTION=10.0.0.1_22")).fps(),
            12
        );
        let budget = |words, depth| {
            let Budget { bytes, fixed } = Environment(&environment(words)).budget(depth);
            (bytes, fixed)
        };
        assert_eq!(budget("TERM=xterm", Depth::Ansi16), (5_500, false));
        assert_eq!(budget("TERM=xterm", Depth::Ansi256), (11_500, false));
        let remote = "SSH_CONNECTION=10.0.0.1_22";
        assert_eq!(budget(remote, Depth::Rgb), (11_500, true));
        assert_eq!(budget(remote, Depth::Ansi16), (5_500, true));
    }
}
