//! What the loop acts upon.

use std::io;
use std::time::Instant;

use ratatui::backend::Backend;
use ratatui::{Frame, Terminal};

use crate::app::App;
use crate::app::screen::phase::state::Order;
use crate::sim::Command;
use crate::term::writer::Cost;
use crate::train::live;

/// What the loop acts upon: the terminal's modes, the writer of frames, the worker.
pub trait Surroundings {
    /// What draws.
    type Backend: Backend;

    /// A terminal that takes nothing for drawn, and clears the screen with its first frame.
    ///
    /// # Errors
    /// When the terminal cannot be asked for its size.
    fn terminal(&mut self) -> io::Result<Terminal<Self::Backend>>;

    /// Draws a frame; its bytes, and how long the terminal took to accept them.
    ///
    /// # Errors
    /// When the terminal refuses it.
    fn draw(
        &mut self,
        terminal: &mut Terminal<Self::Backend>,
        render: &mut dyn FnMut(&mut Frame),
    ) -> io::Result<Cost>;

    /// Turns the mouse's reports on or off.
    ///
    /// # Errors
    /// When the terminal refuses it.
    fn set_mouse(&mut self, on: bool) -> io::Result<()>;

    /// Gives the terminal back and stops the process; returns when it runs again.
    ///
    /// # Errors
    /// When it cannot be stopped.
    fn suspend(&mut self) -> io::Result<()>;

    /// Takes the terminal again.
    ///
    /// # Errors
    /// When the terminal refuses it.
    fn resume(&mut self) -> io::Result<()>;

    /// Writes the settings of the screen down; a sentence on how that went.
    ///
    /// # Errors
    /// One sentence when it cannot be done.
    fn save(&mut self, app: &App) -> Result<String, String> {
        let _ = app;
        Err("there is no place to save to".to_owned())
    }

    /// Puts a text into the terminal's clipboard; false when it is too long.
    ///
    /// # Errors
    /// When the terminal refuses it.
    fn copy(&mut self, text: &str) -> io::Result<bool> {
        let _ = text;
        Ok(false)
    }

    /// Writes a new file; a sentence on how that went.
    ///
    /// # Errors
    /// One sentence when there is such a file, or it cannot be written.
    fn write(&mut self, name: &str, text: &str) -> Result<String, String> {
        let _ = (name, text);
        Err("there is no place to write to".to_owned())
    }

    /// Tells the worker something; never waits.
    fn send(&mut self, command: Command);

    /// Tells the training something; never waits.
    fn train(&mut self, command: live::Command) {
        let _ = command;
    }

    /// Has worker threads compute this from now on, or nothing; never waits.
    fn sweep(&mut self, order: Option<Order>) {
        let _ = order;
    }

    /// The time, by which idleness and the pace of frames are measured.
    fn now(&self) -> Instant {
        Instant::now()
    }
}
