//! The worker's reports on their way to the loop.
//!
//! Windows can be computed faster than a slow terminal takes them, and each may be megabytes. Of each
//! kind of report only the newest waits; the channel carries just the word that there are some.

use std::mem::discriminant;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use crate::sim::Report;
use crate::term::event_loop::Message;

/// The reports that have not been taken yet, the newest last.
#[derive(Debug)]
pub struct Mailbox<R = Report>(Arc<Mutex<Vec<R>>>);

impl<R> Default for Mailbox<R> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<R> Clone for Mailbox<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<R> Mailbox<R> {
    /// Takes them out.
    pub fn take(&self) -> Vec<R> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Brings a report to the loop; never waits. It replaces one of its kind that still lies here.
    pub fn deliver(&self, report: R, outbox: &Sender<Message>, word_of: fn(Self) -> Message) {
        let kind = discriminant(&report);
        let stays = |other: &R| discriminant(other) != kind;
        self.put(report, stays, outbox, word_of);
    }

    /// Brings something to the loop beside what stays of all that still lies here; never waits.
    pub fn put(
        &self,
        report: R,
        stays: impl FnMut(&R) -> bool,
        outbox: &Sender<Message>,
        word_of: impl FnOnce(Self) -> Message,
    ) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let word = waiting.is_empty();
        waiting.retain(stays);
        waiting.push(report);
        if word {
            let _ = outbox.send(word_of(self.clone()));
        }
    }
}
