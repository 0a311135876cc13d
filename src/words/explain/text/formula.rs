//! Formulas in a line of text.

use super::Layout;
use crate::cell::Activation;
use crate::cell::link::Name;
use crate::flow::explain::Gradient;
use crate::words::explain::document::{Formula, Sign};
use crate::words::raised::{subscript, superscript};

impl Layout {
    /// A formula; a sign between two things has a space on both sides.
    pub(super) fn formula(self, formula: &Formula) -> String {
        let at = |after: usize| self.step(formula.t, after);
        let signs = formula.signs.iter();
        signs.map(|&sign| self.sign(sign, &at)).collect()
    }

    fn sign(self, sign: Sign, at: &impl Fn(usize) -> String) -> String {
        let either =
            |unicode: &str, ascii: &str| if self.ascii { ascii } else { unicode }.to_owned();
        let gate = |letter: Option<char>| letter.map_or_else(String::new, |c| format!("_{c}"));
        match sign {
            Sign::Factor(name, after) => self.factor(name, after, at),
            Sign::Gradient(gradient, after) => self.gradient(gradient) + &at(after),
            Sign::Last(gradient) => self.gradient(gradient) + "_T",
            Sign::Square(letter, after) => format!("{letter}{}{}", at(after), either("²", "^2")),
            Sign::SquashedSquare(after) => {
                format!("{}(c{})", either("tanh²", "tanh^2"), at(after))
            }
            Sign::Slope(phi, of, after) => {
                let prime = either("′", "'");
                let bar = match of {
                    'c' => String::new(),
                    _ => either("\u{304}", "bar"),
                };
                format!("{}{prime}({of}{bar}{})", self.function(phi), at(after))
            }
            Sign::Letter('λ') => either("λ", "lambda"),
            Sign::Letter(letter) => letter.to_string(),
            Sign::Matrix(letter) => format!("R{}", gate(letter)),
            Sign::Norm(letter) => format!("{}(R{})", either("σ_max", "sigma_max"), gate(letter)),
            Sign::Term => "term".to_owned(),
            Sign::Number(number) => self.number(number, 4),
            Sign::One => "1".to_owned(),
            Sign::Power(base, exponent) => {
                let exponent = i64::try_from(exponent).unwrap_or(i64::MAX);
                let raised = if self.ascii {
                    format!("^{exponent}")
                } else {
                    superscript(exponent)
                };
                let base = self.number(base, 5);
                if base.contains(['·', 'e']) {
                    format!("({base}){raised}")
                } else {
                    format!("{base}{raised}")
                }
            }
            Sign::Times => either(" ⊙ ", " * "),
            Sign::Equals => " = ".to_owned(),
            Sign::Has => either(" ∋ ", " has "),
            Sign::Plus => " + ".to_owned(),
            Sign::Minus => either(" − ", " - "),
            Sign::Applied => " ".to_owned(),
            Sign::Open => "(".to_owned(),
            Sign::Close => ")".to_owned(),
            Sign::Bar => "|".to_owned(),
        }
    }

    fn function(self, phi: Activation) -> &'static str {
        match phi {
            Activation::Sigmoid if self.ascii => "sigma",
            Activation::Sigmoid => "σ",
            other => other.name(),
        }
    }

    fn factor(self, name: Name, after: usize, at: &impl Fn(usize) -> String) -> String {
        let prime = if self.ascii { "'" } else { "′" };
        let minus = if self.ascii { "-" } else { "−" };
        let transposed = if self.ascii { "^T" } else { "ᵀ" };
        let phi = if self.ascii { "phi" } else { "φ" };
        let here = at(after);
        let before = |letter: &str| format!("{letter}{}", at(after.saturating_sub(1)));
        match name {
            Name::Gain(_) => format!("E{here}"),
            Name::Gate(letter) => format!("{letter}{here}"),
            Name::Slope('φ', _) => format!("{phi}{prime}{here}"),
            Name::Slope(letter, _) => format!("{letter}{prime}{here}"),
            Name::Complement(letter) => format!("(1 {minus} {letter}{here})"),
            Name::Squashed(Activation::Linear) => format!("c{here}"),
            Name::Squashed(phi) => format!("{}(c{here})", self.function(phi)),
            Name::Before => before("c"),
            Name::Coupled => format!("(z{here} {minus} {})", before("c")),
            Name::Rotation if self.ascii => "Lambda^T".to_owned(),
            Name::Rotation => "Λᵀ".to_owned(),
            Name::Difference => format!("({} {minus} n{here})", before("h")),
            Name::HBefore => before("h"),
            Name::Candidate => format!("m{here}"),
            Name::Weights(symbol) => symbol.to_owned(),
            Name::Transposed(Some(letter)) => format!("R_{letter}{transposed}"),
            Name::Transposed(None) => format!("R{transposed}"),
            Name::Between(from, to) => format!("R_{from}{to}{transposed}"),
        }
    }

    fn gradient(self, gradient: Gradient) -> String {
        let (unicode, ascii) = match gradient {
            Gradient::H => ("δh", "dh"),
            Gradient::C => ("δc", "dc"),
            Gradient::Brought(gate) if self.ascii => return format!("G{gate}"),
            Gradient::Brought(gate) => return format!("Γ{gate}"),
            Gradient::Bar(gate) if self.ascii => return format!("d{gate}bar"),
            Gradient::Bar('i') => return "δī".to_owned(),
            Gradient::Bar('o') => return "δō".to_owned(),
            Gradient::Bar(gate) => return format!("δ{gate}\u{304}"),
            Gradient::Injected => ("Δ", "D"),
            Gradient::Alone => ("α", "a"),
        };
        if self.ascii { ascii } else { unicode }.to_owned()
    }

    /// The index of a step.
    fn step(self, t: Option<usize>, after: usize) -> String {
        match t {
            Some(t) if self.ascii => format!("_{}", t + after),
            Some(t) => subscript(t + after),
            None if after == 0 => "_t".to_owned(),
            None => format!("_{{t+{after}}}"),
        }
    }
}
