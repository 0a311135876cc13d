//! The three controls as the screen shows them.

use crate::app::App;
use crate::app::action::Control;
use crate::cell::ForgetGate;
use crate::sim::settings::ClipMode;

/// A control as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct View {
    /// What it is.
    pub name: &'static str,
    /// The key that lowers it; the capital raises it.
    pub key: char,
    /// The value, with its unit or mode.
    pub value: String,
    /// Where the value lies within its range, 0 to 1.
    pub fraction: f64,
    /// The range in words.
    pub range: String,
    /// What is unusual about the value.
    pub warning: Option<String>,
}

/// A control as it is shown.
#[must_use]
pub fn view(app: &App, control: Control) -> View {
    let s = &app.settings;
    match control {
        Control::Forget => {
            let (value, fraction, range, warning) = match s.forget {
                ForgetGate::Pinned(f) => (
                    format!("{f:.3} pinned"),
                    f / 1.05,
                    "0..1.05".to_owned(),
                    (f > 1.0).then(|| "beyond any sigmoid".to_owned()),
                ),
                ForgetGate::Learned(b) => {
                    let b = b.unwrap_or(0.0);
                    (
                        format!("bias {b:+.2}"),
                        (b + 10.0) / 20.0,
                        "-10..10".to_owned(),
                        None,
                    )
                }
                ForgetGate::None => ("1 (none)".to_owned(), 1.0, "fixed".to_owned(), None),
            };
            View {
                name: "forget gate",
                key: 'f',
                value,
                fraction,
                range,
                warning,
            }
        }
        Control::Radius => View {
            name: "spectral radius ρ",
            key: 'r',
            value: s.rho.map_or("as trained".to_owned(), |r| format!("{r:.3}")),
            fraction: s.rho.unwrap_or(1.0) / 2.0,
            range: "0..100".to_owned(),
            warning: None,
        },
        Control::Threshold => {
            let mode = match s.clip {
                ClipMode::Off => "off",
                ClipMode::Norm => "norm",
                ClipMode::Value => "value",
                ClipMode::Step => "step",
            };
            View {
                name: "clip",
                key: 'c',
                value: format!("{mode} θ {:.2}", s.threshold),
                fraction: (s.threshold.log10() + 2.0) / 4.0,
                range: "above 0".to_owned(),
                warning: None,
            }
        }
    }
}
