//! The terminal itself: guard, signals, capabilities, the event loop.
//!
//! [`run`] is the whole of it. The main thread owns the terminal and the state and blocks on one
//! channel of [`Message`](event_loop::Message)s. Four threads feed it: keys and mouse ([`input`]),
//! signals ([`signals`]), the watcher for a lost connection ([`hangup`], which ends the process by
//! itself) and the worker that computes windows. Only [`event_loop`] performs what the state asks
//! for, and only [`guard`] changes the terminal's modes, so that there is one way in and one way
//! out whatever happens.

pub mod capabilities;
mod clipboard;
pub mod event_loop;
pub mod guard;
pub mod hangup;
pub mod input;
pub mod keyboard;
pub mod mailbox;
pub mod pace;
pub mod panic;
pub mod signals;
pub mod suspend;
pub mod sweeping;
mod tty;
pub mod writer;

use std::io::{self, IsTerminal};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use crate::app::App;
use crate::sim::Data;
use crate::term::capabilities::Environment;
use crate::term::event_loop::EventLoop;
use crate::term::guard::Guard;
use crate::term::hangup::HangUp;
use crate::term::input::Turnstile;
use crate::term::pace::Pace;
use crate::term::panic::Fault;
use crate::term::tty::Tty;
use crate::ui::look::{Depth, Marker, ThemeName};

/// What the user decides about the terminal; everything left out is found out.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Colours (`--color`); `None` for what the environment says.
    pub color: Option<Depth>,
    /// Palette (`--theme`); `None` for what the terminal's background asks for.
    pub theme: Option<ThemeName>,
    /// Characters of curves (`--marker`, `--ascii`); `None` for what the locale allows.
    pub marker: Option<Marker>,
    /// Whether the mouse is reported from the start (`--mouse`).
    pub mouse: bool,
    /// After so long without a key the program ends (`--idle-timeout`).
    pub idle: Option<Duration>,
    /// After so long the program ends, whatever is going on (`--limit-time`).
    pub time: Option<Duration>,
    /// At most so many frames a second (`--fps`), from 1 on; `None` for 30, and 12 over SSH.
    pub fps: Option<u32>,
    /// Whether curves are drawn at once (`--still`).
    pub still: bool,
    /// Whether standard input was read as data, so that keys come from the terminal device.
    pub stdin_is_data: bool,
}

/// Writes the settings of the screen down; a sentence on how that went.
pub type Save = Box<dyn FnMut(&App) -> Result<String, String>>;

/// How the screen ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The user left.
    Quit,
    /// Nobody pressed a key for the time that was set.
    Idle,
    /// The time of the session is over.
    Over,
    /// A signal asked for it: 1 (SIGHUP), 2 (SIGINT), 3 (SIGQUIT) or 15 (SIGTERM).
    Signal(u8),
    /// The terminal is gone.
    HungUp,
    /// A thread other than the main one panicked; its text is on standard error already.
    Panicked,
}

impl Ending {
    /// The exit status: 0 for the user's wish and after idling, 128 + n for signal n (129 for a lost terminal, with
    /// or without SIGHUP), 101 for a panic on any thread, as Rust itself has it for the main one.
    pub const fn status(self) -> u8 {
        match self {
            Self::Quit | Self::Idle | Self::Over => 0,
            Self::Signal(number) => 128 + number,
            Self::HungUp => 129,
            Self::Panicked => 101,
        }
    }
}

/// Why there is no screen, or no longer one.
#[derive(Debug, thiserror::Error)]
pub enum TermError {
    /// Standard output or standard input leads somewhere else.
    #[error(
        "{0} is not a terminal, and the live screen needs one; `rnntop trace` prints the same \
         numbers as text, JSON or CSV"
    )]
    NotATerminal(&'static str),
    /// Standard input is data, and there is no terminal device either.
    #[error(
        "standard input is data and keys cannot be read from /dev/tty ({0}); `rnntop trace` prints \
         the same numbers without a terminal"
    )]
    NoKeys(io::Error),
    /// The terminal refused something.
    #[error("cannot {doing}: {source}")]
    Io {
        /// What was being done.
        doing: &'static str,
        /// What the system says.
        source: io::Error,
    },
}

impl TermError {
    /// The exit status: 2 when the program was started in the wrong place, 1 for a failure.
    pub const fn status(&self) -> u8 {
        match self {
            Self::NotATerminal(_) | Self::NoKeys(_) => 2,
            Self::Io { .. } => 1,
        }
    }
}

/// For `map_err`: an error of the system, with what was being done.
pub(crate) fn failed(doing: &'static str) -> impl FnOnce(io::Error) -> TermError {
    move |source| TermError::Io { doing, source }
}

/// Whether there is a terminal to draw on and to take keys from. Worth asking before long work and
/// before standard input is read as data.
///
/// # Errors
/// `NotATerminal` or `NoKeys`, one sentence each.
pub fn check(stdin_is_data: bool) -> Result<(), TermError> {
    if !io::stdout().is_terminal() {
        return Err(TermError::NotATerminal("standard output"));
    }
    if stdin_is_data {
        std::fs::File::open("/dev/tty").map_err(TermError::NoKeys)?;
    } else if !io::stdin().is_terminal() {
        return Err(TermError::NotATerminal("standard input"));
    }
    Ok(())
}

/// Shows the live screen until the user leaves, a signal comes or the terminal goes away.
///
/// `app.look.depth`, `app.look.theme`, `app.look.marker` and `app.look.mouse` are set here, from the options and the
/// surroundings; `app.may.suspend` is taken back where nothing could continue the process. Without
/// `save` the settings of the screen cannot be written down.
/// Whatever the result, the terminal is as it was before, and error messages may be printed.
///
/// # Errors
/// When there is no terminal, or when it refuses to be read, written or set up.
pub fn run(
    mut app: App,
    data: Arc<Data>,
    options: Options,
    save: Option<Save>,
) -> Result<Ending, TermError> {
    check(options.stdin_is_data)?;
    suspend::come_to_front();
    let (outbox, inbox) = mpsc::channel();
    let turnstile = Turnstile::default();
    panic::install(outbox.clone());
    signals::watch(outbox.clone(), turnstile.clone()).map_err(failed("listen to signals"))?;
    let hang_up = HangUp::at_start();
    hang_up
        .watch(options.idle, options.time)
        .map_err(failed("watch the terminal"))?;

    let environment = |name: &str| {
        let value = std::env::var_os(name)?;
        Some(value.to_string_lossy().into_owned())
    };
    let environment = Environment(&environment);
    app.look.depth = options.color.unwrap_or_else(|| environment.depth());
    app.look.marker = options.marker.unwrap_or_else(|| environment.marker());
    // Before raw mode and before the input thread: the answer comes on the same way as keys.
    app.look.theme = match options.theme {
        Some(theme) => theme,
        None => environment.theme(app.look.depth, capabilities::ask_background),
    };
    app.look.own_theme = options.theme.is_some();
    app.look.own_marker = options.marker.is_some();
    app.look.mouse = options.mouse;
    app.look.still = options.still;
    app.may.suspend &= suspend::is_possible();
    app.may.save &= save.is_some();
    let pace = match options.fps {
        // Who says how many frames wants them.
        Some(fps) => Pace::new(fps),
        None => Pace::new(environment.fps()).within(environment.budget(app.look.depth)),
    };

    let guard = Guard::enter().map_err(failed("set up the terminal"))?;
    if app.look.mouse {
        guard.set_mouse(true).map_err(failed("switch the mouse"))?;
    }
    input::watch(outbox.clone(), turnstile.clone()).map_err(failed("read the terminal"))?;

    let tty = Tty::new(guard, &app, data, outbox, Fault::from_environment(), save);
    let turning = EventLoop::new(app, tty, inbox, pace);
    let result = turning.and_then(|turning| {
        let turning = turning.ending_after(options.idle).behind(turnstile);
        turning.over_after(options.time).run()
    });
    match result {
        // What cannot be written or read any more is often a connection that has just gone.
        Err(_) if hang_up.happened() => Ok(Ending::HungUp),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    /// Two copies of one of these would mean two ideas of whether raw mode is on, or of how wide a
    /// character is.
    #[test]
    fn there_is_one_copy_of_each_terminal_library() {
        let lock = include_str!("../Cargo.lock");
        for name in [
            "crossterm",
            "ratatui",
            "ratatui-core",
            "ratatui-crossterm",
            "ratatui-widgets",
            "unicode-width",
        ] {
            let copies = lock
                .lines()
                .filter(|line| *line == format!("name = \"{name}\""));
            assert_eq!(copies.count(), 1, "{name}");
        }
    }
}
