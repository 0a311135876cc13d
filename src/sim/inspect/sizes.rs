//! The sizes of all recurrent matrices of a model, found on threads of their own while the sequences run.
//!
//! The eigenvalues of a large matrix take seconds and cannot be interrupted. So nobody has to wait
//! for the threads that find them: who does not want the sizes any more drops the [`Sizing`], and
//! each thread ends with the matrix that it is at.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use ndarray::Array2;

use super::{LOOK, joined};
use crate::cell::StackParameters;
use crate::cell::init::{self, Size};
use crate::num::matrix::NoConvergence;
use crate::num::thread::spawn;

/// A measurement that goes on.
#[derive(Debug)]
pub(super) struct Sizing {
    /// Matrices of each layer in each direction.
    gates: Vec<usize>,
    /// The place of a matrix among all, and its size.
    results: Receiver<(usize, Result<Size, NoConvergence>)>,
    threads: Vec<JoinHandle<()>>,
}

impl Sizing {
    /// Begins, with a thread for each core: the caller's own work is done before all eigenvalues are.
    pub fn begin(parameters: &StackParameters) -> Self {
        let parts = || parameters.layers.iter().flatten().map(|part| &part.cell);
        let matrices: Vec<Array2<f64>> = parts()
            .flat_map(|cell| (0..cell.matrices()).map(|gate| cell.recurrent(gate).to_owned()))
            .collect();
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let workers = cores.min(matrices.len());
        let waiting = Arc::new(Mutex::new(matrices.into_iter().enumerate()));
        let (outbox, results) = mpsc::channel();
        let work = |_| {
            let (waiting, outbox) = (Arc::clone(&waiting), outbox.clone());
            spawn(move || {
                let next = || {
                    waiting
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .next()
                };
                while let Some((place, matrix)) = next() {
                    // Whoever began has lost interest.
                    if outbox.send((place, init::size(matrix.view()))).is_err() {
                        return;
                    }
                }
            })
        };
        Self {
            threads: (0..workers).map(work).collect(),
            gates: parts().map(crate::cell::Parameters::matrices).collect(),
            results,
        }
    }

    /// The sizes for every layer and direction, in the order of the gates. `go_on` is asked now and
    /// then; `None` when it ended the waiting.
    pub fn wait(
        self,
        go_on: &mut dyn FnMut() -> bool,
    ) -> Option<Result<Vec<Vec<Size>>, NoConvergence>> {
        let mut found = Vec::new();
        while found.len() < self.gates.iter().sum() {
            match self.results.recv_timeout(LOOK) {
                Ok((place, Ok(size))) => found.push((place, size)),
                Ok((_, Err(error))) => return Some(Err(error)),
                Err(RecvTimeoutError::Timeout) if go_on() => {}
                Err(RecvTimeoutError::Timeout) => return None,
                // They end before all is found by a panic only, which goes on in ours.
                Err(RecvTimeoutError::Disconnected) => {
                    let ends = self.threads.into_iter().map(JoinHandle::join);
                    ends.for_each(joined);
                    return None;
                }
            }
        }
        found.sort_by_key(|(place, _)| *place);
        let mut sizes = found.into_iter().map(|(_, size)| size);
        let part = |&gates: &usize| sizes.by_ref().take(gates).collect();
        Some(Ok(self.gates.iter().map(part).collect()))
    }
}
