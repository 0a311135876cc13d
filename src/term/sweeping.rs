//! Sweeps that a screen asks for: the threads that compute, and the way of what they have computed to
//! the loop.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;

use crate::app::screen::phase::state::Order;
use crate::sim::Report;
use crate::sweep::{Listener, Pool};
use crate::term::event_loop::Message;
use crate::term::mailbox::Mailbox;

/// Threads that compute an order, until they are dropped: all but one of the machine's, which is left to
/// the live window and the screen; one, where work is limited.
pub fn start(order: Order, outbox: Sender<Message>) -> Option<Pool> {
    let threads = thread::available_parallelism().map_or(1, |count| count.get().saturating_sub(1));
    let threads = order.spec.data().budget.threads(threads);
    let (map, mailbox) = (order.map, Mailbox::default());
    let failed = outbox.clone();
    let fail = move |why: String| {
        let text = format!("the map: {why}");
        let _ = failed.send(Message::Report(Report::Failed(text)));
    };
    let of_thread = fail.clone();
    let listener: Listener = Arc::new(move |done| match done {
        // Many lie there by the time the loop looks; the channel carries one word for all of them.
        Ok(done) => mailbox.put(done, |_| true, &outbox, |done| Message::Swept { map, done }),
        Err(why) => of_thread(why),
    });
    let pool = Pool::start(&order.spec, order.windows.into_iter(), threads, &listener);
    pool.map_err(fail).ok()
}
