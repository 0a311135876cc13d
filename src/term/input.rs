//! Keys, mouse and pasted text from the terminal.

use std::fs::File;
use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::stdio;

use crate::num::thread;
use crate::term::event_loop::Message;
use crate::term::keyboard::Keyboard;

/// The rest of a sequence may come so late on a slow line.
const MOMENT: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 8_000_000,
};

/// So many messages wait for the loop. What is typed meanwhile waits in the terminal, which takes no
/// more at some time.
const WAITING: usize = 64;

/// Lets messages of the terminal through as fast as the loop takes them.
#[derive(Clone, Debug, Default)]
pub struct Turnstile(Arc<Places>);

#[derive(Debug, Default)]
struct Places {
    waiting: Mutex<usize>,
    taken: Condvar,
    /// Whether the loop has yet to hear that the terminal has another size.
    resized: AtomicBool,
}

impl Turnstile {
    /// Waits for a free place.
    fn enter(&self) {
        let Places { waiting, taken, .. } = &*self.0;
        let waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut waiting = taken
            .wait_while(waiting, |waiting| *waiting >= WAITING)
            .unwrap_or_else(PoisonError::into_inner);
        *waiting += 1;
    }

    /// The loop has taken a message.
    pub fn leave(&self) {
        let Places { waiting, taken, .. } = &*self.0;
        let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting = waiting.saturating_sub(1);
        taken.notify_one();
    }

    /// Whether the loop must be told of another size: not when it has yet to hear of one.
    pub fn resize(&self) -> bool {
        !self.0.resized.swap(true, Ordering::AcqRel)
    }

    /// The loop has heard of another size.
    pub fn resized(&self) {
        self.0.resized.store(false, Ordering::Release);
    }
}

/// Starts the thread that reads the terminal: standard input, or the terminal device when standard
/// input is not one. It ends with the process.
///
/// # Errors
/// When the terminal or the thread is refused.
pub fn watch(outbox: Sender<Message>, turnstile: Turnstile) -> io::Result<()> {
    let device = if io::stdin().is_terminal() {
        None
    } else {
        Some(File::open("/dev/tty")?)
    };
    thread::named("input").spawn(move || {
        let terminal = device.as_ref().map_or(stdio::stdin(), File::as_fd);
        let error = read(terminal, |message| {
            turnstile.enter();
            outbox.send(message).is_ok()
        });
        let _ = outbox.send(Message::InputLost(error));
    })?;
    Ok(())
}

/// Reads until the terminal cannot be read any more, or nobody listens; why it ended.
fn read(terminal: BorrowedFd, mut tell: impl FnMut(Message) -> bool) -> io::Error {
    let mut keyboard = Keyboard::default();
    let mut buffer = [0; 1024];
    loop {
        // Waiting in a read, a process that is being stopped could still take what is for the shell.
        follows(terminal, None);
        let length = match rustix::io::read(terminal, &mut buffer) {
            Ok(0) => return io::ErrorKind::UnexpectedEof.into(),
            Ok(length) => length,
            // Another program may have made the terminal non-blocking for all who share it.
            Err(Errno::INTR | Errno::AGAIN) => continue,
            Err(error) => return error.into(),
        };
        let messages = buffer[..length].iter().filter_map(|b| keyboard.take(*b));
        for message in messages {
            if !tell(message) {
                return io::ErrorKind::BrokenPipe.into();
            }
        }
        if keyboard.undecided() && !follows(terminal, Some(&MOMENT)) {
            let told = keyboard.decide().is_none_or(&mut tell);
            if !told {
                return io::ErrorKind::BrokenPipe.into();
            }
        }
    }
}

/// Whether there is something to read, at once or within this time.
fn follows(terminal: BorrowedFd, time: Option<&Timespec>) -> bool {
    let mut one = [PollFd::new(&terminal, PollFlags::IN)];
    poll(&mut one, time).is_ok_and(|ready| ready > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    /// Who types faster than the loop takes it waits, and nothing is lost.
    #[test]
    fn the_keyboard_waits_for_the_loop() {
        let (outbox, inbox) = channel();
        let turnstile = Turnstile::default();
        let gate = turnstile.clone();
        let typing = std::thread::spawn(move || {
            for i in 0..10 * WAITING {
                gate.enter();
                outbox.send(i).unwrap();
            }
        });
        let mut most = 0;
        for expected in 0..10 * WAITING {
            assert_eq!(inbox.recv().unwrap(), expected);
            most = most.max(*turnstile.0.waiting.lock().unwrap());
            turnstile.leave();
        }
        typing.join().unwrap();
        assert!(most <= WAITING, "{most}");
    }
}
