//! Signals that end a command without a screen: at once, and with no half-written file left.
//!
//! A command that keeps what it has done is asked to end, and does so as soon as that is kept; whoever asks
//! a second time ends it at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::cli::Failure;
use crate::io::output;
use crate::num::thread;

/// What was asked of a command that keeps what it has done.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    status: Arc<AtomicU8>,
    /// Set with it, for whoever need not know the status.
    pub stop: Arc<AtomicBool>,
}

impl Asked {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the signals or the thread are refused.
    pub fn listen() -> Result<Self, Failure> {
        let asked = Self::default();
        let noted = asked.clone();
        on_signal(move |status| {
            let first = noted.status.swap(status, Ordering::Relaxed) == 0;
            noted.stop.store(true, Ordering::Relaxed);
            first
        })?;
        Ok(asked)
    }

    /// The exit status, once the command is to end.
    pub fn status(&self) -> Option<u8> {
        match self.status.load(Ordering::Relaxed) {
            0 => None,
            status => Some(status),
        }
    }
}

/// Does work that Ctrl-C and SIGTERM end at once.
///
/// # Errors
/// Those of the work, and when the signals or the thread are refused.
pub fn at_once(work: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    on_signal(|_| false)?;
    work()
}

/// Ends the program at every signal that `noted`, which is told the exit status, does not take.
fn on_signal(mut noted: impl FnMut(u8) -> bool + Send + 'static) -> Result<(), Failure> {
    let failed = |error| Failure::failed(format!("signals: {error}"));
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGXFSZ]).map_err(failed)?;
    let listen = move || {
        for signal in signals.forever() {
            // The write that went beyond the allowed size of a file says so itself.
            if signal != SIGXFSZ && !noted(128 + signal as u8) {
                output::abandon();
                let _ = emulate_default_handler(signal);
                std::process::exit(128 + signal);
            }
        }
    };
    thread::named("signals").spawn(listen).map_err(failed)?;
    Ok(())
}
