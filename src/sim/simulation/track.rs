//! One cell of a simulation, with the states that it had.

use std::collections::VecDeque;
use std::sync::Arc;

use ndarray::Array2;

use super::Progress;
use crate::cell::forward::{Stopped, forward};
use crate::cell::{AnyCell, Cell, Tape, with_cell};
use crate::flow::{Injected, MatrixSize, Scratch};
use crate::num::wide::scale_by_power_of_two;
use crate::sim::model::Model;

/// So many bytes of earlier states of each cell are kept for stepping back.
const HISTORY: usize = 8 << 20;

/// One cell: its tape, and its states before the window. What a [`Window`](crate::sim::Window) takes with it is shared
/// with it.
#[derive(Debug)]
pub(super) struct Track {
    pub cell: Arc<AnyCell>,
    pub sizes: Vec<MatrixSize>,
    pub tape: Arc<Tape>,
    pub inputs: Arc<Array2<f64>>,
    /// Where the loss enters the window, where it has to be said.
    pub placed: Option<Arc<Injected>>,
    /// Whether tape and inputs are those of the present window under the present settings.
    pub valid: bool,
    pub scratch: Scratch,
    /// The state before the window, and those before it for stepping back.
    pub start: State,
    pub earlier: VecDeque<State>,
}

/// h, c (empty without one), the gates where they see each other, and the binary exponent of h.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct State {
    pub h: Vec<f64>,
    pub c: Vec<f64>,
    pub gates: Vec<f64>,
    pub exponent: i64,
}

impl State {
    /// The memory that it takes, with what an allocation costs besides.
    pub fn bytes(&self) -> usize {
        const ALLOCATED: usize = 16;
        let numbers = [&self.h, &self.c, &self.gates];
        let heap = numbers.map(|numbers| ALLOCATED + size_of_val(numbers.as_slice()));
        size_of::<Self>() + heap.iter().sum::<usize>()
    }
}

impl Track {
    /// A track that has not begun.
    pub fn new(model: Model) -> Self {
        Self {
            cell: model.cell,
            sizes: model.sizes,
            tape: Arc::default(),
            inputs: Arc::default(),
            placed: None,
            valid: false,
            scratch: Scratch::default(),
            start: State::default(),
            earlier: VecDeque::new(),
        }
    }

    /// Units H.
    pub fn hidden(&self) -> usize {
        with_cell!(&*self.cell, cell => cell.parameters().hidden())
    }

    /// h_1 … h_T, T × H; not finite where the state outgrew `f64`.
    pub fn outputs(&self) -> Array2<f64> {
        let tape = &self.tape;
        Array2::from_shape_fn((tape.steps, tape.hidden), |(t, j)| {
            scale_by_power_of_two(tape.h(t + 1)[j], tape.exponents[t + 1])
        })
    }

    /// Bytes of the tape that the next window will be laid out on, if it is there.
    pub fn laid_out(&self) -> usize {
        let mine = self.valid || Arc::strong_count(&self.tape) == 1;
        if mine { self.tape.bytes() } else { 0 }
    }

    pub fn run(&mut self, inputs: Arc<Array2<f64>>, progress: Progress) -> Result<(), Stopped> {
        // A tape that somebody still looks at is left to them.
        let mine = std::mem::take(&mut self.tape);
        let mut tape = Arc::try_unwrap(mine).unwrap_or_default();
        let outcome = with_cell!(&*self.cell, cell => {
            run(cell, &self.start, &inputs, &mut tape, progress)
        });
        self.valid = outcome.is_ok();
        self.tape = Arc::new(tape);
        self.inputs = inputs;
        outcome
    }

    /// The state after t steps of the window.
    pub fn state(&self, t: usize) -> State {
        State {
            h: self.tape.h(t).to_vec(),
            c: self.tape.c(t).to_vec(),
            gates: self.tape.gate_state(t).to_vec(),
            exponent: self.tape.exponents[t],
        }
    }

    pub fn slide(&mut self) {
        let next = self.state(1);
        if (self.earlier.len() + 1) * next.bytes() > HISTORY {
            self.earlier.pop_front();
        }
        self.earlier
            .push_back(std::mem::replace(&mut self.start, next));
        self.valid = false;
    }

    pub fn unslide(&mut self) {
        if let Some(state) = self.earlier.pop_back() {
            self.start = state;
        }
        self.valid = false;
    }
}

/// Runs a window forward from its first state.
fn run<C: Cell>(
    cell: &C,
    start: &State,
    inputs: &Array2<f64>,
    tape: &mut Tape,
    progress: Progress,
) -> Result<(), Stopped> {
    let (steps, hidden) = (inputs.nrows(), cell.parameters().hidden());
    // A new one is empty; one that is there has this cell's shape.
    if tape.steps != steps {
        *tape = cell.tape(steps);
    }
    tape.h[..hidden].copy_from_slice(&start.h);
    if !tape.c.is_empty() {
        tape.c[..hidden].copy_from_slice(&start.c);
    }
    // At the very first step, and where another variant brought the state, no gate has spoken yet.
    let gates = tape.gate_state.iter_mut().take(3 * hidden);
    let known = start.gates.iter().copied().chain(std::iter::repeat(0.0));
    gates.zip(known).for_each(|(to, from)| *to = from);
    tape.exponents[0] = start.exponent;
    forward(cell, inputs.view(), tape, progress)
}
