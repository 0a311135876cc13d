//! The worker's reports on their way to the loop.
//!
//! Windows can be computed faster than a slow terminal takes them, and each may be megabytes. Only
//! the newest waits; the channel carries just the word that there is one.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use crate::sim::{Report, Snapshot};
use crate::term::event_loop::Message;

/// The newest window that has not been taken yet.
#[derive(Clone, Debug, Default)]
pub struct Mailbox(Arc<Mutex<Option<Arc<Snapshot>>>>);

impl Mailbox {
    /// Takes the newest window out.
    pub fn take(&self) -> Option<Arc<Snapshot>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Brings a report to the loop; never waits. A window replaces the one that still lies here.
    pub fn deliver(&self, report: Report, outbox: &Sender<Message>) {
        let message = match report {
            Report::Snapshot(snapshot) => {
                let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                if slot.replace(snapshot).is_some() {
                    return;
                }
                Message::Snapshot(self.clone())
            }
            other => Message::Report(other),
        };
        let _ = outbox.send(message);
    }
}
