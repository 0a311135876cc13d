//! The terminal's modes: one way in, one way out.
//!
//! Raw mode, the alternate screen, the hidden cursor, bracketed paste and the mouse are switched
//! here and nowhere else. [`restore`] may be called from anywhere and at any time — from `Drop`, a
//! panic hook, a signal's thread, after the terminal has died — and does its work once.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;
use rustix::stdio;
use rustix::termios::{QueueSelector, tcflush};

/// The terminal is as the shell has it.
const OUTSIDE: u8 = 0;
/// The terminal is ours.
const INSIDE: u8 = 1;
/// The terminal was given back for good: nothing may enter it again or draw on it.
const OVER: u8 = 2;

static STATE: AtomicU8 = AtomicU8::new(OUTSIDE);
static MOUSE: AtomicBool = AtomicBool::new(false);
/// Held while bytes go out, so that no half frame lands on the main screen after restoring.
static OUTPUT: Mutex<()> = Mutex::new(());

/// Alternate screen, hidden cursor, bracketed paste.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?25l\x1b[?2004h";
/// Everything that may be on goes off, most harmful first: a frame left open, colours, the mouse,
/// bracketed paste, the alternate screen, the hidden cursor.
const LEAVE: &[u8] =
    b"\x1b[?2026l\x1b[0m\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?2004l\x1b[?1049l\x1b[?25h";
/// Presses, and movement while a button is down; not every movement, which would flood a slow line.
const MOUSE_ON: &[u8] = b"\x1b[?1000h\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &[u8] = b"\x1b[?1006l\x1b[?1002l\x1b[?1000l";

/// Owns the terminal while it lives; dropping it restores the terminal.
#[derive(Debug)]
pub struct Guard(());

impl Guard {
    /// Takes the terminal over. The mouse is left off.
    ///
    /// # Errors
    /// When raw mode or writing is refused; the terminal is then as it was before.
    pub fn enter() -> io::Result<Self> {
        MOUSE.store(false, Ordering::SeqCst);
        STATE.store(INSIDE, Ordering::SeqCst);
        let guard = Self(());
        enable_raw_mode()?;
        write(ENTER)?;
        Ok(guard)
    }

    /// Gives the terminal back for a while; [`resume`](Self::resume) takes it again.
    pub fn leave(&self) {
        if STATE
            .compare_exchange(INSIDE, OUTSIDE, Ordering::SeqCst, Ordering::SeqCst)
            .is_ok()
        {
            undo();
        }
    }

    /// Takes the terminal again, after [`leave`](Self::leave) or after something else has changed
    /// its modes while the process was stopped. What is on the screen is lost.
    ///
    /// # Errors
    /// When raw mode or writing is refused.
    pub fn resume(&self) -> io::Result<()> {
        if STATE.load(Ordering::SeqCst) == OVER {
            return Ok(());
        }
        let _ = STATE.compare_exchange(OUTSIDE, INSIDE, Ordering::SeqCst, Ordering::SeqCst);
        // crossterm believes raw mode to be on when a shell took it away behind our back.
        disable_raw_mode()?;
        enable_raw_mode()?;
        write(ENTER)?;
        if MOUSE.load(Ordering::SeqCst) {
            write(MOUSE_ON)
        } else {
            Ok(())
        }
    }

    /// Turns the mouse's reports on or off.
    ///
    /// # Errors
    /// When writing fails.
    pub fn set_mouse(&self, on: bool) -> io::Result<()> {
        MOUSE.store(on, Ordering::SeqCst);
        write(if on { MOUSE_ON } else { MOUSE_OFF })
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        restore();
    }
}

/// Gives the terminal back for good, once; later calls do nothing. Never panics and reports no
/// error: there is nobody left to tell when the terminal itself does not listen.
pub fn restore() {
    if STATE.swap(OVER, Ordering::SeqCst) == INSIDE {
        undo();
    }
}

fn undo() {
    let _turn = patiently();
    // Raw mode first: a terminal without echo and without Ctrl-C hurts most.
    let _ = disable_raw_mode();
    if MOUSE.load(Ordering::SeqCst) {
        // Reports on their way would otherwise be typed into the shell.
        let _ = tcflush(stdio::stdin(), QueueSelector::IFlush);
    }
    let _ = put(LEAVE);
}

/// Waits a moment for a frame that is being written, and goes ahead even when it does not end: the
/// main thread may be stuck on a terminal that accepts nothing.
fn patiently() -> Option<MutexGuard<'static, ()>> {
    for _ in 0..20 {
        match OUTPUT.try_lock() {
            Ok(turn) => return Some(turn),
            Err(TryLockError::Poisoned(turn)) => return Some(turn.into_inner()),
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(5)),
        }
    }
    None
}

/// Writes to the terminal while it is ours, and swallows the bytes when it no longer is.
fn write(bytes: &[u8]) -> io::Result<()> {
    let _turn = OUTPUT.lock().unwrap_or_else(PoisonError::into_inner);
    if STATE.load(Ordering::SeqCst) == INSIDE {
        since(Some(Instant::now()));
        let put = put(bytes);
        since(None);
        put
    } else {
        Ok(())
    }
}

/// When the write that has not ended yet was begun.
static WRITING: Mutex<Option<Instant>> = Mutex::new(None);

fn since(begun: Option<Instant>) {
    *WRITING.lock().unwrap_or_else(PoisonError::into_inner) = begun;
}

/// How long the terminal has not taken what is written.
pub fn writing_for() -> Duration {
    let begun = *WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    begun.map_or(Duration::ZERO, |begun| begun.elapsed())
}

/// Writes past Rust's standard output, whose lock a stuck thread may hold and which splits at
/// newlines; one system call unless the terminal takes less.
fn put(mut bytes: &[u8]) -> io::Result<()> {
    let out = stdio::stdout();
    while !bytes.is_empty() {
        match rustix::io::write(out, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => bytes = &bytes[n..],
            Err(Errno::INTR) => {}
            // Another program may have made the terminal non-blocking for all who share it.
            Err(Errno::AGAIN) => {
                let _ = poll(&mut [PollFd::new(&out, PollFlags::OUT)], None);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// The terminal as a sink for frames: takes each write whole, and swallows what comes after
/// [`restore`].
#[derive(Debug)]
pub struct Screen;

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        write(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
