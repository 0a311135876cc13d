//! The product of Jacobians over a window that slides: one step is taken in at its end, one is let
//! go at its beginning, and nothing else is multiplied again.
//!
//! A queue made of two stacks. What comes in is multiplied onto the running product of the back;
//! what goes out is taken off the front, whose products of all its suffixes are kept. When the
//! front is empty, the back is turned over into it. Every step is multiplied once when it comes
//! and once when it is turned over, and the whole is one product more: three products of matrices
//! a step whatever the length of the window, instead of one for each of its steps.

use super::jacobian::Product;
use crate::cell::StepJacobian;

/// A queue of Jacobians that knows their product. Keeps one matrix for every step.
#[derive(Clone, Debug)]
pub struct Sliding {
    size: usize,
    /// `front[k]` is the product of the k + 1 newest steps of the front: its last is the whole front.
    front: Vec<Product>,
    /// The steps of the back, oldest first, and their product.
    back: Vec<StepJacobian>,
    product: Product,
}

impl Sliding {
    /// An empty window over states of this size.
    pub fn new(size: usize) -> Self {
        Self {
            size,
            front: Vec::new(),
            back: Vec::new(),
            product: Product::identity(size),
        }
    }

    /// How many steps are in the window.
    pub fn len(&self) -> usize {
        self.front.len() + self.back.len()
    }

    /// Whether no step is in the window.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes in the step after the newest.
    pub fn push(&mut self, step: StepJacobian) {
        self.product.extend(&step);
        self.back.push(step);
    }

    /// Lets go of the oldest step; false when there is none.
    pub fn pop(&mut self) -> bool {
        if self.front.is_empty() {
            let mut product = Product::identity(self.size);
            while let Some(step) = self.back.pop() {
                product.begin_with(&step);
                self.front.push(product.clone());
            }
            self.product = Product::identity(self.size);
        }
        self.front.pop().is_some()
    }

    /// The product of all steps in the window, the newest on the left.
    pub fn product(&self) -> Product {
        match self.front.last() {
            None => self.product.clone(),
            Some(front) if self.back.is_empty() => front.clone(),
            Some(front) => self.product.after(front),
        }
    }
}
