//! Panics: the terminal first, then the text, then the end.

use std::sync::mpsc::Sender;
use std::{panic, thread};

use crate::term::event_loop::Message;
use crate::term::guard;

/// From now on a panic on any thread restores the terminal before its text is printed, once, where
/// it can be read. A panic on another thread than the caller's ends the loop as well; the caller's
/// own unwinds as usual.
pub fn install(outbox: Sender<Message>) {
    let main = thread::current().id();
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        guard::restore();
        print(info);
        if thread::current().id() != main {
            let _ = outbox.send(Message::Panicked);
        }
    }));
}

/// A panic on purpose, so that tests can see what becomes of the terminal: in debug builds the
/// environment variable `RNNTOP_PANIC` is `draw` or `worker`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// No panic.
    #[default]
    None,
    /// While a frame is drawn, on the main thread.
    Draw,
    /// While the worker reports, on its thread.
    Worker,
}

impl Fault {
    /// What the environment asks for; nothing in release builds.
    pub fn from_environment() -> Self {
        if !cfg!(debug_assertions) {
            return Self::None;
        }
        match std::env::var("RNNTOP_PANIC").as_deref() {
            Ok("draw") => Self::Draw,
            Ok("worker") => Self::Worker,
            _ => Self::None,
        }
    }

    /// Panics if this is the place that was asked for.
    ///
    /// # Panics
    /// On purpose.
    pub fn strike(self, here: Self) {
        assert!(
            self == Self::None || self != here,
            "panic on purpose ({here:?})"
        );
    }
}
