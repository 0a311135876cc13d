//! Ends the process when its terminal goes away.
//!
//! A closed window or a lost connection usually brings SIGHUP, but not to a process whose parent
//! ignores it. The thread that reads keys would then find end of file without end, at the price of
//! a core, and never hand control back. So another thread watches, asking for no event at all: the
//! system reports a hang-up anyway, and keys do not wake it.

use std::io::{self, IsTerminal};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::stdio;

use crate::io::output;
use crate::num::thread::named;
use crate::term::{guard, signals};

/// How often to look, where a hang-up does not end the waiting by itself.
const INTERVAL: Duration = Duration::from_millis(250);

/// Watches standard output, and standard input when that is a terminal too. `/dev/tty` is not
/// watched: not every system can poll it, and it is the same terminal.
#[derive(Clone, Copy, Debug)]
pub struct HangUp {
    /// Asked at the start: a terminal that is gone no longer counts as one.
    stdin: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum Look {
    HungUp,
    Waited,
    Unwatchable,
}

impl HangUp {
    /// Finds out what there is to watch; standard output must be a terminal.
    pub fn at_start() -> Self {
        Self {
            stdin: io::stdin().is_terminal(),
        }
    }

    /// Starts watching. A terminal that has not read for the time of `idle` is left with status 0. After a hang-up the process exits with status 129, at once and without
    /// unwinding, for nothing can be restored or reported any more.
    ///
    /// # Errors
    /// When the thread is refused.
    pub fn watch(self, idle: Option<Duration>, time: Option<Duration>) -> io::Result<()> {
        let begun = Instant::now();
        // The loop ends in time by itself where it can.
        let over = time.map(|time| begun + time + Duration::from_secs(1));
        named("hang-up").spawn(move || {
            loop {
                // The loop itself cannot end while it waits for a terminal that does not read.
                if idle.is_some_and(|idle| guard::writing_for() >= idle)
                    || over.is_some_and(|over| Instant::now() >= over)
                {
                    signals::leave(0);
                }
                match self.look(INTERVAL) {
                    Look::HungUp => {
                        output::abandon();
                        std::process::exit(129)
                    }
                    Look::Waited => {}
                    // A device that cannot be watched answers at once; it must not keep us busy.
                    Look::Unwatchable => thread::sleep(INTERVAL),
                }
            }
        })?;
        Ok(())
    }

    /// Whether the terminal is gone.
    pub fn happened(self) -> bool {
        self.look(Duration::ZERO) == Look::HungUp
    }

    fn look(self, patience: Duration) -> Look {
        let (input, output) = (stdio::stdin(), stdio::stdout());
        let mut both = [
            PollFd::new(&output, PollFlags::empty()),
            PollFd::new(&input, PollFlags::empty()),
        ];
        let watched = &mut both[..if self.stdin { 2 } else { 1 }];
        let timeout = Timespec::try_from(patience).ok();
        if poll(watched, timeout.as_ref()).is_err() {
            return Look::Unwatchable;
        }
        let seen = watched
            .iter()
            .fold(PollFlags::empty(), |all, one| all | one.revents());
        if seen.intersects(PollFlags::HUP | PollFlags::ERR) {
            Look::HungUp
        } else if seen.is_empty() {
            Look::Waited
        } else {
            Look::Unwatchable
        }
    }
}
