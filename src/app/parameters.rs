//! The parameter list.

use crate::app::App;

/// One row of the parameter list.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What it is.
    pub name: &'static str,
    /// The value.
    pub value: String,
    /// What is allowed.
    pub range: String,
    /// What it does.
    pub help: &'static str,
}

/// All rows in their order.
#[must_use]
pub fn rows(app: &App) -> Vec<Row> {
    let s = &app.settings;
    let row = |name, value: String, range: &str, help| Row {
        name,
        value,
        range: range.to_owned(),
        help,
    };
    vec![
        row(
            "steps T",
            s.steps.to_string(),
            "2..20000",
            "Length of the window that the gradient flows back through.",
        ),
        row(
            "hidden H",
            s.hidden.to_string(),
            "1..512",
            "Units of each cell.",
        ),
        row(
            "activation",
            format!("{:?}", s.activation).to_lowercase(),
            "tanh relu linear",
            "The activation of the RNN.",
        ),
        row(
            "seed",
            s.seed.to_string(),
            "0..",
            "Decides weights, signal and loss vector.",
        ),
    ]
}
