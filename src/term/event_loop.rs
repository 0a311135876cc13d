//! The loop: one channel in, the state in the middle, frames out.
//!
//! It sleeps until a message comes, takes whatever else has come meanwhile, and draws once if the
//! picture may have changed and the pace allows it. Nothing moves by itself: without messages there
//! is no frame and no work. The loop is generic over ratatui's `Backend` and performs everything
//! else through [`Surroundings`], so that a test sends messages and reads a screen.

mod surroundings;
mod time;

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::layout::Rect;

pub use self::surroundings::Surroundings;
use self::time::Next;
use crate::app::action::Edit;
use crate::app::keys::{self, Key, Mouse};
use crate::app::{Action, App, Effect, draw, mouse};
use crate::sim::{Report, Snapshot};
use crate::sweep::Done;
use crate::term::input::Turnstile;
use crate::term::mailbox::Mailbox;
use crate::term::pace::Pace;
use crate::term::{Ending, TermError, failed};
use crate::train::live;

/// So many messages are taken before a frame must be drawn.
const BACKLOG: usize = 4096;
/// For so long the same page is not sent to the clipboard again.
const COPIED: Duration = Duration::from_secs(2);
/// The longest text that can be pasted into the input line, in characters.
const LONGEST_PASTE: usize = 256;

/// Everything that can happen to the loop.
#[derive(Debug)]
pub enum Message {
    /// A key.
    Key(Key),
    /// The mouse.
    Mouse(Mouse),
    /// Pasted text.
    Paste(String),
    /// The terminal has another size.
    Resize,
    /// The worker has reported; the newest of each kind lies in the mailbox.
    Reports(Mailbox),
    /// The worker says something.
    Report(Report),
    /// The training has reported; the newest of each kind lies in the mailbox.
    Trainings(Mailbox<live::Report>),
    /// Windows of a map have been computed.
    Swept {
        /// The number of the map.
        map: u64,
        /// Those that have not been shown to the state yet.
        done: Mailbox<Done>,
    },
    /// A signal asks the program to end.
    Signal(u8),
    /// Something outside asks the program to stop (SIGTSTP).
    Suspend,
    /// The program runs again after it was stopped (SIGCONT).
    Continue,
    /// Another thread panicked.
    Panicked,
    /// The terminal can no longer be read.
    InputLost(io::Error),
}

/// The state and everything around it.
pub struct EventLoop<S: Surroundings> {
    app: App,
    terminal: Terminal<S::Backend>,
    surroundings: S,
    inbox: Receiver<Message>,
    pace: Pace,
    begin: Instant,
    /// Whether the picture may differ from what is on the screen.
    dirty: bool,
    /// Whether the terminal is not ours at the moment.
    suspended: bool,
    /// The newest window, not yet shown to the state.
    news: Option<Arc<Snapshot>>,
    /// When the gradient set out through the window that is shown, while it travels.
    set_out: Option<Instant>,
    /// When settings or cuts last changed.
    changed: Option<Instant>,
    /// What the last frame was drawn on.
    area: Rect,
    /// After so long without a key, the mouse or pasted text the loop ends.
    idle: Option<Duration>,
    /// When the user last did something.
    touched: Instant,
    /// When the session is over.
    over: Option<Instant>,
    /// What lets the keyboard go on.
    turnstile: Turnstile,
    /// What goes to the clipboard with the next frame.
    copying: Option<String>,
    /// What went there last, and when.
    copied: Option<(String, Instant)>,
}

impl<S: Surroundings> EventLoop<S> {
    /// A loop that has drawn nothing yet.
    ///
    /// # Errors
    /// When the terminal cannot be asked for its size.
    pub fn new(
        app: App,
        mut surroundings: S,
        inbox: Receiver<Message>,
        pace: Pace,
    ) -> Result<Self, TermError> {
        let terminal = surroundings
            .terminal()
            .map_err(failed("measure the terminal"))?;
        let begin = surroundings.now();
        Ok(Self {
            app,
            terminal,
            surroundings,
            inbox,
            pace,
            begin,
            dirty: true,
            suspended: false,
            news: None,
            set_out: None,
            changed: None,
            area: Rect::ZERO,
            idle: None,
            touched: begin,
            over: None,
            turnstile: Turnstile::default(),
            copying: None,
            copied: None,
        })
    }

    /// This loop, which ends after so long without a key, the mouse or pasted text.
    pub fn ending_after(self, idle: Option<Duration>) -> Self {
        Self { idle, ..self }
    }

    /// This loop, which ends after so long, whatever is going on.
    pub fn over_after(self, time: Option<Duration>) -> Self {
        let over = time.map(|time| self.begin + time);
        Self { over, ..self }
    }

    /// This loop, which lets the keyboard go on as it takes its messages.
    pub fn behind(self, turnstile: Turnstile) -> Self {
        Self { turnstile, ..self }
    }

    /// Runs until something ends it.
    ///
    /// # Errors
    /// When the terminal can no longer be read or written.
    pub fn run(mut self) -> Result<Ending, TermError> {
        loop {
            if let Some(ending) = self.turn()? {
                return Ok(ending);
            }
        }
    }

    /// Waits for something to do, and does it.
    ///
    /// # Errors
    /// When the terminal can no longer be read or written.
    pub fn turn(&mut self) -> Result<Option<Ending>, TermError> {
        let mut next = self.wait();
        for _ in 0..BACKLOG {
            match next {
                Next::Message(message) => {
                    if let Some(ending) = self.take(message)? {
                        return Ok(Some(ending));
                    }
                }
                Next::Nothing => break,
                // Nobody is left who could say anything.
                Next::Silence => return Ok(Some(Ending::Quit)),
            }
            next = match self.inbox.try_recv() {
                Ok(message) => Next::Message(message),
                Err(TryRecvError::Empty) => Next::Nothing,
                Err(TryRecvError::Disconnected) => Next::Silence,
            };
        }
        if self.idleness().is_some_and(|left| left.is_zero()) {
            return Ok(Some(Ending::Idle));
        }
        if self.remaining().is_some_and(|left| left.is_zero()) {
            return Ok(Some(Ending::Over));
        }
        self.read_news();
        self.travel();
        if self.wants_frame() && self.patience().is_zero() {
            self.draw()?;
        }
        Ok(None)
    }

    fn wants_frame(&self) -> bool {
        self.dirty && !self.suspended
    }

    fn take(&mut self, message: Message) -> Result<Option<Ending>, TermError> {
        if matches!(
            message,
            Message::Key(_) | Message::Mouse(_) | Message::Paste(_) | Message::Continue
        ) {
            self.touched = self.surroundings.now();
            self.pace.hurry(self.touched);
            self.turnstile.leave();
        }
        match message {
            Message::Key(key) => return self.act(keys::action(&self.app, key)),
            Message::Mouse(event) => return self.act(mouse(&self.app, self.area, event)),
            Message::Paste(text) => return self.paste(&text),
            Message::Resize => {
                self.turnstile.resized();
                self.dirty = true;
            }
            Message::Reports(mailbox) => mailbox.take().into_iter().for_each(|r| self.hear(r)),
            Message::Report(report) => self.hear(report),
            Message::Trainings(mailbox) => {
                mailbox.take().into_iter().for_each(|r| self.trained(r));
            }
            Message::Swept { map, done } => {
                self.dirty |= self.app.swept(map, &done.take());
                self.follow();
            }
            Message::Signal(number) => return Ok(Some(Ending::Signal(number))),
            // Whoever sent SIGTSTP cannot know that nobody would send SIGCONT.
            Message::Suspend if !self.app.may.suspend => {}
            Message::Suspend => self.suspend()?,
            Message::Continue => self.resume()?,
            Message::Panicked => return Ok(Some(Ending::Panicked)),
            Message::InputLost(error) => return Err(failed("read the terminal")(error)),
        }
        Ok(None)
    }

    fn hear(&mut self, report: Report) {
        match report {
            // Of many windows only the last is looked at.
            Report::Snapshot(snapshot) => self.news = Some(snapshot),
            report => {
                self.read_news();
                self.report(report);
            }
        }
    }

    /// Shows the newest window to the state.
    fn read_news(&mut self) {
        if let Some(snapshot) = self.news.take() {
            let before = self.app.sim.snapshot.clone();
            self.report(Report::Snapshot(snapshot));
            self.begin_to_travel(before.as_deref());
        }
    }

    /// Shows a report to the state, which may want something else studied then.
    fn report(&mut self, report: Report) {
        self.dirty |= self.app.report(report);
        if let Some(command) = self.app.study_command() {
            self.surroundings.send(command);
        }
        self.follow();
    }

    /// Has the map filled that the state shows now.
    fn follow(&mut self) {
        if let Some(order) = self.app.sweep_order() {
            self.surroundings.sweep(order);
        }
    }

    /// Shows what the training says to the state.
    fn trained(&mut self, report: live::Report) {
        let (changed, commands) = self.app.trained(report);
        self.dirty |= changed;
        for command in commands {
            self.surroundings.send(command);
        }
    }

    fn act(&mut self, action: Option<Action>) -> Result<Option<Ending>, TermError> {
        let Some(action) = action else {
            return Ok(None);
        };
        let effect = self.app.update(action);
        self.dirty |= !matches!(effect, Effect::Unchanged);
        self.follow();
        match effect {
            Effect::None | Effect::Unchanged => {}
            Effect::Send(command) => self.surroundings.send(command),
            Effect::SendAll(commands) => {
                for command in commands {
                    self.surroundings.send(command);
                }
            }
            Effect::Train(command) => self.surroundings.train(command),
            Effect::Mouse(on) => self
                .surroundings
                .set_mouse(on)
                .map_err(failed("switch the mouse"))?,
            Effect::Redraw => self.start_over()?,
            Effect::Suspend => self.suspend()?,
            Effect::Save => {
                let result = self.surroundings.save(&self.app);
                self.app.saved(result);
            }
            Effect::Copy(text) => self.copying = Some(text),
            Effect::Write { name, text } => {
                let result = self.surroundings.write(&name, &text);
                self.app.saved(result);
            }
            Effect::Quit => return Ok(Some(Ending::Quit)),
        }
        Ok(None)
    }

    /// Pasted text is typed into the input line, and means nothing elsewhere: its letters are not
    /// keys.
    fn paste(&mut self, text: &str) -> Result<Option<Ending>, TermError> {
        for character in text.chars().filter(|c| !c.is_control()).take(LONGEST_PASTE) {
            if !keys::Context::of(&self.app).takes_text() {
                break;
            }
            let ending = self.act(Some(Action::Input(Edit::Insert(character))))?;
            if ending.is_some() {
                return Ok(ending);
            }
        }
        Ok(None)
    }

    fn suspend(&mut self) -> Result<(), TermError> {
        self.suspended = true;
        // When the process runs again, SIGCONT has told so; until that message nothing is drawn.
        if self.surroundings.suspend().is_err() {
            self.resume()?;
        }
        Ok(())
    }

    fn resume(&mut self) -> Result<(), TermError> {
        self.surroundings
            .resume()
            .map_err(failed("take the terminal again"))?;
        self.suspended = false;
        self.start_over()
    }

    /// The next frame draws everything. A new terminal, because clearing the old one would ask the
    /// screen for the cursor and wait for an answer that the input thread takes.
    fn start_over(&mut self) -> Result<(), TermError> {
        self.terminal = self
            .surroundings
            .terminal()
            .map_err(failed("measure the terminal"))?;
        self.dirty = true;
        Ok(())
    }

    /// Sends the page that was copied last to the clipboard, but not again and again.
    fn copy(&mut self) -> Result<(), TermError> {
        let Some(text) = self.copying.take() else {
            return Ok(());
        };
        let now = self.surroundings.now();
        let again = |(old, at): &(String, Instant)| *old == text && now - *at < COPIED;
        let copied = self.copied.as_ref().is_some_and(again)
            || self
                .surroundings
                .copy(&text)
                .map_err(failed("write to the terminal"))?;
        self.app.saved(if copied {
            let bytes = text.len();
            Ok(format!("{bytes} bytes sent to the terminal's clipboard"))
        } else {
            Err("the page is too long for the terminal's clipboard".to_owned())
        });
        if !self.copied.as_ref().is_some_and(again) {
            self.copied = Some((text, now));
        }
        Ok(())
    }

    fn draw(&mut self) -> Result<(), TermError> {
        self.copy()?;
        self.dirty = false;
        let start = self.surroundings.now();
        let Self { app, area, .. } = self;
        let cost = self
            .surroundings
            .draw(&mut self.terminal, &mut |frame| {
                *area = frame.area();
                draw(frame, app);
            })
            .map_err(failed("draw on the terminal"))?;
        let cells = u32::from(self.area.width) * u32::from(self.area.height);
        self.pace
            .drew(start, cost, (self.app.sim.pace.speed, cells));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
