//! The table of a run's settings. One more setting is one more row here, and a field of [`Settings`].

use super::{InitName, Precision, Settings};
use crate::sim::preset::limits::{self, Range, Words, Wrong};
use crate::sim::settings::row::{Kind, Row, Table, Written, names, place, real, row, whole, words};
use crate::train::{self, Clip, Regulariser, Rule};

use Written::Option as Opt;

/// The cells.
pub const CELLS: Words<train::Kind> = &[
    ("rnn", train::Kind::Rnn),
    ("irnn", train::Kind::Irnn),
    ("lstm", train::Kind::Lstm),
    ("gru", train::Kind::Gru),
    ("indrnn", train::Kind::Indrnn),
];
const INITS: Words<InitName> = &[
    ("pytorch", InitName::Pytorch),
    ("orthogonal", InitName::Orthogonal),
    ("gaussian", InitName::Gaussian),
    ("identity", InitName::Identity),
];
/// The optimisers.
pub const OPTIMISERS: Words<Rule> = &[
    ("sgd", Rule::Sgd),
    ("momentum", Rule::Momentum),
    ("rmsprop", Rule::Rmsprop),
    ("adam", Rule::Adam),
    ("adamw", Rule::Adamw),
];
const PRECISIONS: Words<Precision> = &[
    ("float64", Precision::Float64),
    ("float32", Precision::Float32),
];
const RATE: Range = Range::Real(0.0, 1000.0);
const UNIT: Range = Range::Real(0.0, 1.0);

/// A number that may be left as the weights are drawn.
macro_rules! drawn {
    ($range:expr, $field:ident) => {
        Kind::Real {
            range: $range,
            per: 100,
            unset: "drawn",
            get: |s| s.$field,
            set: |s, x| s.$field = x,
        }
    };
}

/// Every setting of a run but its task and files.
#[rustfmt::skip]
static ROWS: &[Row<Settings>] = &[
    row("length", Opt("T"), "", whole!(limits::STEPS, length),
        "T of the task (copy adds 20 steps; order takes 10 or more)."),
    row("batch", Opt("N"), "", whole!(Range::Whole(1, 1024), batch),
        "Sequences of an update."),
    row("seed", Opt("N"), "", whole!(limits::SEED, seed),
        "Seed of weights and batches."),
    row("cell", Opt("CELL"), "", words!(CELLS, cell),
        "rnn (tanh), irnn (relu, starting from the identity), lstm, gru or indrnn."),
    row("hidden", Opt("H"), "", whole!(Range::Whole(1, 512), hidden),
        "Units H."),
    row("init", Opt("INIT"), "", words!(INITS, init),
        "The recurrent matrices: pytorch, U(±1/√H) as everything else, or of spectral radius --rho; an irnn starts from identity."),
    row("rho", Opt("RHO"), "", drawn!(limits::RHO, rho),
        "Spectral radius of every recurrent matrix; drawn ones have 1 where --init is not pytorch."),
    row("forget_bias", Opt("B"), "", drawn!(limits::GATE_BIAS, forget_bias),
        "Bias of an LSTM's forget gate at the start."),
    row("optimizer", Opt("NAME"), "", words!(OPTIMISERS, optimizer),
        "sgd, momentum, rmsprop, adam or adamw, as in torch.optim."),
    row("learning_rate", Opt("ETA"), "", real!(RATE, 1000, learning_rate),
        "η; of sgd and momentum 0.01 unless it is given."),
    row("momentum", Opt("MU"), "", real!(UNIT, 100, momentum),
        "μ of momentum."),
    row("weight_decay", Opt("X"), "", real!(UNIT, 100, weight_decay),
        "Weight decay; of adamw 0.01 unless it is given."),
    row("clip", Opt("MODE"), "", CLIP,
        "off, norm[:θ] or value[:θ]; θ is 5 where none is given."),
    row("truncate", Opt("K"), "", whole!(Range::Whole(0, 20_000), truncate),
        "Truncated backpropagation: the gradient stops after every K steps; 0 for never."),
    row("regulariser", Opt("TERM"), "", REGULARISER,
        "off, omega:λ (Pascanu et al. 2013), floss:λ or floss:λ:K (gradient flossing of K exponents, Engelken 2023), both of an rnn or irnn, or detach:P (h-detach, Kanuparthi et al. 2019, of an lstm)."),
    row("precision", Opt("KIND"), "", words!(PRECISIONS, precision),
        "float64 or float32."),
];

const CLIP: Kind<Settings> = Kind::Text {
    allowed: "off, norm[:θ] or value[:θ]",
    get: |s| s.clip.to_string(),
    set: |s, text| Clip::parse(text).map(|clip| s.clip = clip),
    list: None,
};

const REGULARISER: Kind<Settings> = Kind::Text {
    allowed: Regulariser::ALLOWED,
    get: |s| s.regulariser.to_string(),
    set: |s, text| Regulariser::parse(text).map(|term| s.regulariser = term),
    list: None,
};

impl Table for Settings {
    fn rows() -> &'static [Row<Self>] {
        ROWS
    }
}

/// Reads `NAME=VALUE` into the settings of a run.
///
/// # Errors
/// What is allowed, and what was found.
pub fn read(settings: &mut Settings, text: &str) -> Result<(), Wrong> {
    let wrong = || {
        let names = ROWS
            .iter()
            .map(|row| row.name)
            .filter(|name| *name != "seed");
        let allowed = format!("NAME=VALUE, NAME being {}", limits::either(names));
        Wrong::new(allowed, limits::quoted(text))
    };
    let (name, value) = text.split_once('=').ok_or_else(wrong)?;
    let name = name.trim().replace('-', "_");
    let row = ROWS.iter().find(|row| row.name == name && name != "seed");
    row.ok_or_else(wrong)?.read(settings, value.trim())
}
