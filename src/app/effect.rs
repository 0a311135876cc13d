//! What the event loop must do after an update, and what is said on the message line.

use crate::app::state::{App, Notice};
use crate::sim::Command;
use crate::train::live;

/// What the event loop must do after an update.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Nothing but draw.
    None,
    /// Nothing at all: the picture is as it was.
    Unchanged,
    /// Tell the worker.
    Send(Command),
    /// Tell the worker these, in this order.
    SendAll(Vec<Command>),
    /// Tell the thread of the training.
    Train(live::Command),
    /// Turn mouse reporting on or off.
    Mouse(bool),
    /// Clear the terminal's picture and draw all.
    Redraw,
    /// Suspend the process.
    Suspend,
    /// Write the settings of the screen down.
    Save,
    /// Copy this to the terminal's clipboard.
    Copy(String),
    /// Write this to a file, over no other.
    Write {
        /// The file's name as it was typed.
        name: String,
        /// What is written.
        text: String,
    },
    /// End with status 0.
    Quit,
}

impl App {
    /// Puts a sentence on the message line.
    pub(super) fn say(&mut self, text: &str) -> Effect {
        self.notice = Some(Notice {
            text: text.to_owned(),
            error: false,
        });
        Effect::Unchanged
    }

    /// Says how writing the settings down went.
    pub fn saved(&mut self, result: Result<String, String>) {
        let error = result.is_err();
        let (Ok(text) | Err(text)) = result;
        self.notice = Some(Notice { text, error });
    }
}

/// Turns a part of the state to its next value.
pub(super) fn advance<T: Copy>(part: &mut T, next: impl Fn(T) -> T) -> Effect {
    *part = next(*part);
    Effect::None
}

/// Sets a part of the state; drawing is needed only when it was different.
pub(super) fn changed<T: PartialEq>(part: &mut T, value: T) -> Effect {
    if *part == value {
        return Effect::Unchanged;
    }
    *part = value;
    Effect::None
}

/// The effect, with a redraw at least when something else changed too.
pub(super) fn redraw_if(changed: bool, effect: Effect) -> Effect {
    match effect {
        Effect::Unchanged if changed => Effect::None,
        effect => effect,
    }
}
