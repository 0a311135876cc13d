//! Ctrl-Z and `fg`.
//!
//! Stopping and going on are two separate moments: the process stops inside [`suspend`], and the
//! loop learns from SIGCONT that it runs again, whoever stopped it and however.
//!
//! A stopped process needs somebody to continue it: a shell with job control, which gives each of
//! its jobs a process group of its own. Where rnntop is in the group that leads the session, as
//! after `ssh -t host rnntop`, as a terminal's own command or in a container, there is no such
//! shell ([`is_possible`]), and stopping would be for ever.

use std::io;

use rustix::process::{Signal, getpgrp, getppid, getsid, kill_current_process_group};

use rustix::stdio;
use rustix::termios::tcgetpgrp;

use crate::term::guard::Guard;

/// Whether somebody can continue the process once it is stopped: its group is not the one that leads
/// the session, and it has a parent that it can see.
pub fn is_possible() -> bool {
    getppid().is_some() && getsid(None).is_ok_and(|session| session != getpgrp())
}

/// Whether the terminal listens to this process group, and not to another one of its session.
pub fn in_front() -> bool {
    tcgetpgrp(stdio::stdout()).map_or(true, |front| front == getpgrp())
}

/// Waits, stopped as every job that wants the terminal in the background, until it is brought to the front. For
/// before signals are listened to, so that they end what waits.
pub fn come_to_front() {
    while !in_front() && is_possible() {
        if kill_current_process_group(Signal::TTOU).is_err() {
            return;
        }
        // Where nobody looks after the group, the system drops the signal.
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}

/// Gives the terminal back and stops the whole process group, as the shell expects of a job.
///
/// SIGSTOP and not SIGTSTP: we catch SIGTSTP ourselves, and the system drops it in a group that no
/// shell looks after.
///
/// # Errors
/// When stopping is refused; the terminal must then be taken again at once.
pub fn suspend(guard: &Guard) -> io::Result<()> {
    guard.leave();
    kill_current_process_group(Signal::STOP).map_err(io::Error::from)
}
