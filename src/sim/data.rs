//! The user's own data: trained weights and arrays, each with the name of where it came from.

use std::sync::Arc;

use ndarray::{Array1, Array2};

use super::inspect::Subject;
use super::{Budget, Series, Settings, Side};
use crate::cell::Parameters;
use crate::io::Named;

/// What the user brought. Shapes are checked against each other when a simulation is set up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Data {
    /// Trained weights of one of the cells.
    pub parameters: Option<Named<Parameters>>,
    /// The input sequence, T × D.
    pub sequence: Option<Named<Series>>,
    /// Targets y of the loss `mse`, T × H.
    pub targets: Option<Named<Array2<f64>>>,
    /// The vector v of the losses `last` and `sum`, H; used as it is, not normalised.
    pub loss_vector: Option<Named<Array1<f64>>>,
    /// Weights m of the loss `mean`, one for each step of the sequence, the first of which is step 1.
    pub mask: Option<Named<Array1<f64>>>,
    /// Whether the sequence is not the user's, but rows of the model's embedding that chance has drawn.
    pub drawn: bool,
    /// Whether the sequence is read from its end.
    pub reverse: bool,
    /// h_0, H.
    pub initial_h: Option<Named<Array1<f64>>>,
    /// c_0, H.
    pub initial_c: Option<Named<Array1<f64>>>,
    /// The whole model that the weights are a layer of, to be diagnosed.
    pub model: Option<Arc<Subject>>,
    /// Another layer or model, to stand beside these weights.
    pub against: Option<Against>,
    /// What may be spent on computing.
    pub budget: Budget,
}

/// Trained weights on the right-hand side; those of [`Data::parameters`] are then on the left.
#[derive(Clone, Debug, PartialEq)]
pub struct Against {
    /// Their cell.
    pub parameters: Named<Parameters>,
    /// What the cell reads of the user's sequence, T × D.
    pub sequence: Option<Named<Series>>,
    /// Whether it reads that from its end.
    pub reverse: bool,
    /// A word for the weights of each side, by which they are told apart.
    pub labels: [String; 2],
    /// Which these are, and what was taken for granted of them.
    pub said: String,
}

impl Data {
    /// The trained weights of the cell on a side. Without others beside them, they are of the first cell of
    /// their kind.
    pub fn trained(&self, settings: &Settings, side: Side) -> Option<&Named<Parameters>> {
        let own = self.parameters.as_ref();
        let weights = match (&self.against, side) {
            (None, side) => own.filter(|own| settings.side_of(own.value.kind) == Some(side)),
            (Some(_), Side::Left) => own,
            (Some(against), Side::Right) => Some(&against.parameters),
        };
        weights.filter(|weights| weights.value.kind == settings.cell(side).kind)
    }

    /// The settings with the sizes of the cell on a side, which its weights decide where they are the user's.
    pub fn sized(&self, settings: &Settings, side: Side) -> Settings {
        let mut sized = settings.clone();
        if let Some(weights) = self.trained(settings, side) {
            (sized.hidden, sized.inputs) = (weights.value.hidden(), weights.value.inputs());
        }
        sized
    }

    /// What the cell on a side reads where it is not what the left one does.
    pub fn other(&self, settings: &Settings, side: Side) -> Option<&Against> {
        let against = self.against.as_ref().filter(|_| side == Side::Right);
        against.filter(|_| self.trained(settings, side).is_some())
    }

    /// The data of the cell on a side alone, wherever it stands.
    #[must_use]
    pub fn of(self: &Arc<Self>, settings: &Settings, side: Side) -> Arc<Self> {
        let trained = self.trained(settings, side);
        if trained == self.parameters.as_ref() && self.against.is_none() {
            return Arc::clone(self);
        }
        let other = self.other(settings, side);
        let sequence = other.map_or(&self.sequence, |other| &other.sequence);
        Arc::new(Self {
            parameters: trained.cloned(),
            sequence: sequence.clone(),
            reverse: other.map_or(self.reverse, |other| other.reverse),
            against: None,
            ..Self::clone(self)
        })
    }
}
