//! The eight variants of the LSTM that Greff et al. (2015, appendix A) compared.

/// What is taken away from the LSTM, or added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Variant {
    /// Nothing: the equations as they stand in [`super::lstm`].
    #[default]
    Plain,
    /// No input gate: i = 1.
    Nig,
    /// No forget gate: f = 1.
    Nfg,
    /// No output gate: o = 1.
    Nog,
    /// No input activation: z is its own pre-activation.
    Niaf,
    /// No output activation: h = c ⊙ o.
    Noaf,
    /// Coupled input and forget gate: f = 1 − i.
    Cifg,
    /// No peepholes, even where settings or weights have them.
    Np,
    /// Full gate recurrence: every gate also sees i, f and o of the step before, through nine more
    /// matrices.
    Fgr,
}

/// The name of each variant, in the order of [`Variant::ALL`], and what an LSTM of it is called.
const NAMES: [[&str; 2]; 9] = [
    ["plain", "lstm"],
    ["nig", "lstm-nig"],
    ["nfg", "lstm-nfg"],
    ["nog", "lstm-nog"],
    ["niaf", "lstm-niaf"],
    ["noaf", "lstm-noaf"],
    ["cifg", "lstm-cifg"],
    ["np", "lstm-np"],
    ["fgr", "lstm-fgr"],
];

impl Variant {
    /// Every variant, the plain cell first.
    pub const ALL: [Self; 9] = [
        Self::Plain,
        Self::Nig,
        Self::Nfg,
        Self::Nog,
        Self::Niaf,
        Self::Noaf,
        Self::Cifg,
        Self::Np,
        Self::Fgr,
    ];

    /// The name on the command line, in files and on screen.
    pub const fn name(self) -> &'static str {
        NAMES[self as usize][0]
    }

    /// What an LSTM of this variant is called.
    pub const fn lstm_name(self) -> &'static str {
        NAMES[self as usize][1]
    }
}
