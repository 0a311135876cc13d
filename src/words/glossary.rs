//! The words that the screens say, in one line each.

/// Each word with what it means.
pub const GLOSSARY: [(&str, &str); 19] = [
    (
        "δ_t",
        "the gradient of the loss by the state of step t: by c of an LSTM, by h of the others",
    ),
    (
        "r",
        "the factor per step: what one step back multiplies |δ| by, over the whole window",
    ),
    (
        "keys r and R",
        "move ρ. They are not the factor r, nor a matrix (R_z is the block input's), nor the path of x r",
    ),
    (
        "vanishing ▼",
        "rᵀ below ½; exploding ▲ is above 2, stable ◆ between",
    ),
    (
        "near the edge",
        "the last windows, up to 120, have no verdict in common; r ± is how r moves over them",
    ),
    (
        "gain",
        "what one path adds to the factor of a step; the gains of all paths add up to r",
    ),
    (
        "share",
        "a path's term in the sum δ_t, by its size: what carries the gradient, not what makes it grow",
    ),
    (
        "part",
        "a path's term along δ_t, over |δ_t|: all parts add up to 1; part times factor is gain",
    ),
    (
        "alone",
        "the gradient when the way back keeps this path only",
    ),
    (
        "without",
        "the gradient when this path is cut on the way back; the forward pass is the same",
    ),
    (
        "carousel",
        "the path from c to c through the forget gate alone: it crosses no matrix",
    ),
    (
        "‖g‖",
        "the norm of the gradient of all parameters together, which clipping shortens",
    ),
    (
        "hop order k",
        "how often a part of the gradient crossed a recurrent matrix between T and t",
    ),
    (
        "ρ",
        "the spectral radius: the largest |eigenvalue| of a recurrent matrix",
    ),
    (
        "σ",
        "the norm of a matrix: its largest singular value, never below ρ",
    ),
    (
        "γσ",
        "the most that a step through a matrix multiplies by: σ times the largest factor γ beside it",
    ),
    (
        "λ",
        "ln of the factor by which a disturbance of the state grows a step; λ_1: the best placed one",
    ),
    (
        "half-life",
        "the steps after which half is gone: ln ½ / ln r, of a unit ln ½ / ln f",
    ),
    (
        "horizon",
        "how many steps back the gradient first falls below 1 %",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_one_line_of_its_own() {
        for (at, (word, meaning)) in GLOSSARY.iter().enumerate() {
            let line = 2 + 15 + meaning.chars().count();
            assert!(word.chars().count() <= 13 && line <= 116, "{word}");
            assert!(
                GLOSSARY[..at].iter().all(|(other, _)| other != word),
                "{word}"
            );
        }
    }
}
