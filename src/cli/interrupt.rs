//! Signals that end a command without a screen: at once, and with no half-written file left.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;
use signal_hook::low_level::emulate_default_handler;

use crate::cli::Failure;
use crate::io::output;
use crate::num::thread;

/// Listens from now on. The first Ctrl-C only sets `asked`, where that is given.
///
/// # Errors
/// When the signals or the thread are refused.
pub fn watch(asked: Option<Arc<AtomicBool>>) -> Result<(), Failure> {
    let failed = |error| Failure::failed(format!("signals: {error}"));
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGXFSZ]).map_err(failed)?;
    let listen = move || {
        for signal in signals.forever() {
            let first = |asked: &Arc<AtomicBool>| !asked.swap(true, Ordering::Relaxed);
            match signal {
                // The write that went beyond the allowed size of a file says so itself.
                SIGXFSZ => {}
                SIGINT if asked.as_ref().is_some_and(first) => {}
                signal => {
                    output::abandon();
                    let _ = emulate_default_handler(signal);
                    std::process::exit(128 + signal);
                }
            }
        }
    };
    thread::named("signals").spawn(listen).map_err(failed)?;
    Ok(())
}
