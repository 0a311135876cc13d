//! Signals become messages, and a stuck loop is not waited for.

use std::io;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGXFSZ};
use signal_hook::iterator::Signals;

use crate::io::output;
use crate::term::event_loop::Message;
use crate::term::guard;

/// How long the loop may take to end after a signal.
const GRACE: Duration = Duration::from_millis(800);
/// How long restoring may take then, on a terminal that may accept nothing.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Listens to SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGTSTP and SIGCONT from now on, on a thread of its own.
///
/// # Errors
/// When the signals or the thread are refused.
pub fn watch(outbox: Sender<Message>) -> io::Result<()> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGCONT, SIGXFSZ])?;
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            for signal in signals.forever() {
                match signal {
                    SIGTSTP => drop(outbox.send(Message::Suspend)),
                    SIGCONT => drop(outbox.send(Message::Continue)),
                    // The write that went beyond the allowed size of a file says so itself.
                    SIGXFSZ => {}
                    number => end(&outbox, u8::try_from(number).unwrap_or(1)),
                }
            }
        })?;
    Ok(())
}

/// Asks the loop to end; if it does not, ends the process from here, with the terminal restored if
/// that is possible at all.
fn end(outbox: &Sender<Message>, signal: u8) {
    let _ = outbox.send(Message::Signal(signal));
    thread::sleep(GRACE);
    output::abandon();
    let restoring = thread::Builder::new().spawn(guard::restore);
    let patience = 20;
    for _ in 0..patience {
        if restoring
            .as_ref()
            .is_ok_and(thread::JoinHandle::is_finished)
        {
            break;
        }
        thread::sleep(LAST_WORDS / patience);
    }
    std::process::exit(128 + i32::from(signal));
}
