//! Signals become messages, and a stuck loop is not waited for.

use std::io;
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::{Signal, kill_current_process_group};
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH, SIGXFSZ};
use signal_hook::iterator::Signals;

use crate::io::output;
use crate::num::thread::named;
use crate::term::event_loop::Message;
use crate::term::input::Turnstile;
use crate::term::{guard, suspend};

/// How long the loop may take to end after a signal.
const GRACE: Duration = Duration::from_millis(800);
/// How long restoring may take then, on a terminal that may accept nothing.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Listens to signals from now on, on a thread of its own.
///
/// # Errors
/// When the signals or the thread are refused.
pub fn watch(outbox: Sender<Message>, turnstile: Turnstile) -> io::Result<()> {
    let mut signals = Signals::new([
        SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGTSTP, SIGCONT, SIGWINCH, SIGXFSZ,
    ])?;
    named("signals").spawn(move || {
        for signal in signals.forever() {
            match signal {
                SIGTSTP => drop(outbox.send(Message::Suspend)),
                SIGCONT if suspend::in_front() => drop(outbox.send(Message::Continue)),
                // `bg`: the terminal is another's.
                SIGCONT => drop(kill_current_process_group(Signal::STOP)),
                SIGWINCH if turnstile.resize() => drop(outbox.send(Message::Resize)),
                // The write that went beyond the allowed size of a file says so itself.
                SIGWINCH | SIGXFSZ => {}
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
    leave(128 + i32::from(signal));
}

/// Ends the process from a thread other than the loop's, with the terminal restored if that is possible
/// at all.
pub fn leave(status: i32) -> ! {
    output::abandon();
    let restoring = named("last words").spawn(guard::restore);
    let patience = 20;
    for _ in 0..patience {
        if restoring.as_ref().is_ok_and(JoinHandle::is_finished) {
            break;
        }
        thread::sleep(LAST_WORDS / patience);
    }
    std::process::exit(status);
}
