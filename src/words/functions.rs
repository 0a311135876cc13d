//! The functions of a cell in a few words.

use super::short;
use crate::cell::{Activation, CellKind, Reset, Semantics};

/// All that a cell of this kind has: `tanh, reset after`.
pub fn all(kind: CellKind, semantics: Semantics, forget_offset: f64) -> String {
    let mut words = vec![semantics.activation.words().to_owned()];
    if kind == CellKind::Lstm && semantics.state != semantics.activation {
        words.push(format!("state {}", semantics.state.words()));
    }
    if kind.has_gates() && semantics.gate != Activation::Sigmoid {
        words.push(format!("gates {}", semantics.gate.words()));
    }
    if kind == CellKind::Gru {
        words.push(match semantics.reset {
            Reset::After => "reset after".to_owned(),
            Reset::Before => "reset before".to_owned(),
        });
    }
    if forget_offset != 0.0 && kind == CellKind::Lstm {
        let sign = if forget_offset > 0.0 { "+" } else { "" };
        words.push(format!(
            "forget bias {sign}{}",
            short::number(forget_offset)
        ));
    }
    words.join(", ")
}

/// The functions of a cell, where they are not what PyTorch's layers compute, and an LSTM or a GRU.
pub fn unusual(kind: CellKind, semantics: Semantics, forget_offset: f64) -> Option<String> {
    let words = all(kind, semantics, forget_offset);
    let usual = all(kind, Semantics::default(), 0.0);
    (matches!(kind, CellKind::Lstm | CellKind::Gru) && words != usual).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_said() {
        let keras = Semantics {
            gate: Activation::HardSigmoid,
            reset: Reset::Before,
            ..Semantics::default()
        };
        let said = |kind, semantics, offset| all(kind, semantics, offset);
        assert_eq!(
            said(CellKind::Gru, Semantics::default(), 0.0),
            "tanh, reset after"
        );
        assert_eq!(
            said(CellKind::Gru, keras, 1.0),
            "tanh, gates hard sigmoid 0.2x + 0.5, reset before"
        );
        assert_eq!(
            said(CellKind::Lstm, keras, 1.0),
            "tanh, gates hard sigmoid 0.2x + 0.5, forget bias +1.00"
        );
        let state = Semantics {
            state: Activation::Linear,
            ..Semantics::of(Activation::Relu)
        };
        assert_eq!(said(CellKind::Lstm, state, 0.0), "relu, state linear");
        assert_eq!(said(CellKind::Rnn, keras, 0.0), "tanh");
        assert_eq!(unusual(CellKind::Gru, Semantics::default(), 1.0), None);
        assert_eq!(unusual(CellKind::Rnn, state, 0.0), None);
        assert!(unusual(CellKind::Lstm, Semantics::default(), 1.0).is_some());
    }
}
