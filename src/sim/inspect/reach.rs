//! What becomes of a layer's gradient over the window: the one source of every verdict on it.

use super::LayerDiagnosis;

impl LayerDiagnosis {
    /// The verdict on what the layer carries by itself, with its mark.
    pub fn reach(&self) -> String {
        let verdict = self.law.verdict();
        verdict.map_or_else(|| "no gradient".to_owned(), |verdict| verdict.to_string())
    }
}
