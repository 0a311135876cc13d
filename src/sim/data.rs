//! The user's own data: trained weights and arrays, each with the name of where it came from.

use std::sync::Arc;

use ndarray::{Array1, Array2};

use super::Budget;
use super::inspect::Subject;
use crate::cell::Parameters;
use crate::io::Named;

/// What the user brought. Shapes are checked against each other when a simulation is set up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Data {
    /// Trained weights of one of the cells.
    pub parameters: Option<Named<Parameters>>,
    /// The input sequence, T × D.
    pub sequence: Option<Named<Array2<f64>>>,
    /// Targets y of the loss `mse`, T × H.
    pub targets: Option<Named<Array2<f64>>>,
    /// The vector v of the losses `last` and `sum`, H; used as it is, not normalised.
    pub loss_vector: Option<Named<Array1<f64>>>,
    /// h_0, H.
    pub initial_h: Option<Named<Array1<f64>>>,
    /// c_0, H.
    pub initial_c: Option<Named<Array1<f64>>>,
    /// The whole model that the weights are a layer of, to be diagnosed.
    pub model: Option<Arc<Subject>>,
    /// What may be spent on computing.
    pub budget: Budget,
}
