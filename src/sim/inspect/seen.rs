//! What one layer of a model sees: the inputs, run through the layers below it.

use ndarray::Array2;

use super::{InspectError, MAX_TAPE, Model};
use crate::cell::LayerId;
use crate::flow::Stack;

impl Model {
    /// The inputs of a layer, as its direction reads them, when the model runs on `inputs`, T × D:
    /// for layer 0 these themselves, and reversed for a reverse direction.
    ///
    /// # Errors
    /// A state below left the range of numbers, or the states of a layer do not fit into 2 GiB.
    pub fn seen(&self, inputs: &Array2<f64>, id: LayerId) -> Result<Array2<f64>, InspectError> {
        let below = self.parameters.layers.iter().take(id.layer);
        let step = |parts: &Vec<crate::cell::Direction>| -> usize {
            let numbers = parts
                .iter()
                .map(|part| part.cell.hidden() * (2 * part.cell.gates() + 4));
            numbers.sum()
        };
        let most = MAX_TAPE / below.map(step).max().unwrap_or(1).max(1);
        if id.layer > 0 && inputs.nrows() > most {
            return Err(InspectError::TooLong {
                title: self.title.clone(),
                most,
                found: inputs.nrows(),
            });
        }
        let stack = Stack::new(self.parameters.clone(), self.activation);
        stack
            .seen(inputs.view(), id, &mut |_| true)
            .map_err(|stopped| InspectError::Stopped(self.title.clone(), stopped))
    }
}
