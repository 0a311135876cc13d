//! Sweeps that a screen asks for: the threads that compute, and the way of what they have computed to
//! the loop.

use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::app::screen::phase::state::Order;
use crate::sim::Report;
use crate::sweep::{Done, Listener, Pool};
use crate::term::event_loop::Message;

/// Windows of a map that have not been shown to the state yet. Many lie here by the time the loop looks;
/// the channel carries one word for all of them.
#[derive(Clone, Debug)]
pub struct Swept {
    /// The number of the map.
    pub map: u64,
    done: Arc<Mutex<Vec<Done>>>,
}

impl Swept {
    /// Takes all of them out.
    pub fn take(&self) -> Vec<Done> {
        std::mem::take(&mut self.done.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn deliver(&self, done: Done, outbox: &Sender<Message>) {
        let mut waiting = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(done);
        if waiting.len() == 1 {
            let _ = outbox.send(Message::Swept(self.clone()));
        }
    }
}

/// Threads that compute an order, until they are dropped: all but one of the machine's, which is left to
/// the live window and the screen; one, where work is limited.
pub fn start(order: Order, outbox: Sender<Message>) -> Option<Pool> {
    let threads = thread::available_parallelism().map_or(1, |count| count.get().saturating_sub(1));
    let threads = order.spec.data().budget.threads(threads);
    let swept = Swept {
        map: order.map,
        done: Arc::default(),
    };
    let failed = outbox.clone();
    let fail = move |why: String| {
        let text = format!("the map: {why}");
        let _ = failed.send(Message::Report(Report::Failed(text)));
    };
    let of_thread = fail.clone();
    let listener: Listener = Arc::new(move |done| match done {
        Ok(done) => swept.deliver(done, &outbox),
        Err(why) => of_thread(why),
    });
    let pool = Pool::start(&order.spec, order.windows.into_iter(), threads, &listener);
    pool.map_err(fail).ok()
}
