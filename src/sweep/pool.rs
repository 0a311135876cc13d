//! Many windows at once, on worker threads.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Computer, Point, Spec};
use crate::num::thread;
use crate::sim::SimError;
use crate::sim::budget::Cost;

/// A window that is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Done {
    /// Its number in the sweep.
    pub window: usize,
    /// What was measured.
    pub point: Point,
}

/// Worker threads that compute the windows of a sweep. Dropping it cancels what is left, without
/// waiting for it.
#[derive(Debug)]
pub struct Pool {
    stop: Arc<AtomicBool>,
}

/// Who is told of what is done, on the thread that did it, or in one sentence why a thread ends early.
pub type Listener = Arc<dyn Fn(Result<Done, String>) + Send + Sync>;

impl Pool {
    /// Begins to compute these windows, in about their order. When all are done, or the pool is dropped,
    /// the threads let go of the listener.
    ///
    /// # Errors
    /// One sentence where no thread can be started, or there is no memory for a window of each.
    pub fn start(
        spec: &Arc<Spec>,
        windows: impl Iterator<Item = usize> + Send + 'static,
        threads: usize,
        listener: &Listener,
    ) -> Result<Self, String> {
        let cost = spec.cost();
        let all_threads = Cost {
            bytes: threads as f64 * cost.bytes,
            wide: threads as f64 * cost.wide,
            ..cost
        };
        all_threads.room()?;
        let pool = Self {
            stop: Arc::default(),
        };
        let windows = Arc::new(Mutex::new(windows));
        for _ in 0..threads.max(1) {
            let (spec, stop) = (Arc::clone(spec), Arc::clone(&pool.stop));
            let (windows, listener) = (Arc::clone(&windows), Arc::clone(listener));
            let work = move || {
                let mut computer = Computer::default();
                let mut go_on = || !stop.load(Ordering::Relaxed);
                while go_on() {
                    let next = windows
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .next();
                    let Some(window) = next else { break };
                    let point = computer.point(&spec, spec.place(window), &mut go_on);
                    match point {
                        Ok(point) => listener(Ok(Done { window, point })),
                        Err(SimError::Cancelled) => break,
                        Err(error) => {
                            listener(Err(error.to_string()));
                            break;
                        }
                    }
                }
            };
            let spawned = thread::named("sweep").spawn(work);
            spawned.map_err(|error| format!("threads: {error}"))?;
        }
        Ok(pool)
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
