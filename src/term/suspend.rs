//! Ctrl-Z and `fg`.
//!
//! Stopping and going on are two separate moments: the process stops inside [`suspend`], and the
//! loop learns from SIGCONT that it runs again, whoever stopped it and however.

use std::io;

use rustix::process::{Signal, kill_current_process_group};

use crate::term::guard::Guard;

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
