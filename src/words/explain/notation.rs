//! Formulas and numbers in signs: in Unicode or ASCII for text, in LaTeX for everything else.

use super::document::{Formula, Sign};
use crate::cell::Activation;
use crate::cell::link::Name;
use crate::flow::explain::{Gradient, Numbers};
use crate::num::Wide;
use crate::words::decimal::{Decimal, decimal};
use crate::words::digits::{Digits, digits};
use crate::words::raised::{subscript, superscript};

/// What formulas are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    Unicode,
    Ascii,
    Latex,
}

impl Notation {
    /// A formula; a sign between two things has a space on both sides.
    pub fn formula(self, formula: &Formula) -> String {
        let at = |after: usize| self.step(formula.t, after);
        let signs = formula.signs.iter();
        signs.map(|&sign| self.sign(sign, &at)).collect()
    }

    /// A number, with its power of ten.
    pub fn number(self, number: Wide, significant: usize) -> String {
        let Decimal { digits, power } = decimal(number, significant);
        match (power, self) {
            (None, _) => digits,
            (Some(power), Self::Unicode) => format!("{digits}·10{}", superscript(power)),
            (Some(power), Self::Ascii) => format!("{digits}e{power}"),
            (Some(power), Self::Latex) => format!("{digits} \\cdot 10^{{{power}}}"),
        }
    }

    /// The numbers of an array row by row, with dots for those that are not shown; and the power of ten before
    /// them.
    pub fn array(self, numbers: &Numbers) -> (String, Vec<Vec<String>>) {
        let Digits { entries, power } = digits(&numbers.values);
        let dots = |unicode, ascii, latex| self.of(unicode, ascii, latex).to_owned();
        let columns = columns(numbers);
        let mut rows: Vec<Vec<String>> = entries.chunks(columns).map(<[_]>::to_vec).collect();
        if numbers.more {
            rows.push(vec![dots("⋮", ":", "\\vdots"); columns]);
        }
        if numbers.more && numbers.matrix {
            for row in &mut rows {
                row.push(dots("⋯", "...", "\\cdots"));
            }
            if let Some(corner) = rows.last_mut().and_then(|row| row.last_mut()) {
                *corner = dots("⋱", "", "\\ddots");
            }
        }
        let factor = match (power, self) {
            (None, _) => String::new(),
            (Some(power), Self::Unicode) => format!("10{} · ", superscript(power)),
            (Some(power), Self::Ascii) => format!("1e{power} * "),
            (Some(power), Self::Latex) => format!("10^{{{power}}} \\cdot "),
        };
        (factor, rows)
    }

    /// The one of three spellings that is of this notation.
    const fn of<'a>(self, unicode: &'a str, ascii: &'a str, latex: &'a str) -> &'a str {
        match self {
            Self::Unicode => unicode,
            Self::Ascii => ascii,
            Self::Latex => latex,
        }
    }

    fn sign(self, sign: Sign, at: &impl Fn(usize) -> String) -> String {
        let gate = |letter: Option<char>| letter.map_or_else(String::new, |c| format!("_{c}"));
        match sign {
            Sign::Factor(name, after) => return self.factor(name, after, at),
            Sign::Gradient(gradient, after) => return self.gradient(gradient) + &at(after),
            Sign::Last(gradient) => return self.gradient(gradient) + "_T",
            Sign::Square(letter, after) => {
                return format!("{letter}{}{}", at(after), self.of("²", "^2", "^2"));
            }
            Sign::SquashedSquare(after) => {
                let square = self.of("tanh²", "tanh^2", "\\tanh^2");
                return format!("{square}(c{})", at(after));
            }
            Sign::Slope(phi, of, after) => {
                let of = match (of, self) {
                    ('c', _) => "c".to_owned(),
                    (gate, Self::Unicode) => format!("{gate}\u{304}"),
                    (gate, Self::Ascii) => format!("{gate}bar"),
                    (gate, Self::Latex) => format!("\\bar{{{gate}}}"),
                };
                return format!("{}{}({of}{})", self.function(phi), self.prime(), at(after));
            }
            Sign::Letter('λ') => self.of("λ", "lambda", "\\lambda"),
            Sign::Letter(letter) => return letter.to_string(),
            Sign::Matrix(letter) => return format!("R{}", gate(letter)),
            Sign::Norm(letter) => {
                let norm = self.of("σ_max", "sigma_max", "\\sigma_{\\max}");
                return format!("{norm}(R{})", gate(letter));
            }
            Sign::Term => self.of("term", "term", "\\text{term}"),
            Sign::Number(number) => return self.number(number, 4),
            Sign::One => "1",
            Sign::Power(base, exponent) => {
                let raised = match self {
                    Self::Unicode => superscript(exponent),
                    Self::Ascii => format!("^{exponent}"),
                    Self::Latex => format!("^{{{exponent}}}"),
                };
                let text = self.number(base, 5);
                return match decimal(base, 5).power {
                    Some(_) => format!("({text}){raised}"),
                    None => format!("{text}{raised}"),
                };
            }
            Sign::Times => self.of(" ⊙ ", " * ", " \\odot "),
            Sign::Equals => " = ",
            Sign::Has => self.of(" ∋ ", " has ", " \\ni "),
            Sign::Plus => " + ",
            Sign::Minus => self.of(" − ", " - ", " - "),
            Sign::Applied => self.of(" ", " ", "\\, "),
            Sign::Open => "(",
            Sign::Close => ")",
            Sign::Bar => self.of("|", "|", "\\|"),
        }
        .to_owned()
    }

    const fn prime(self) -> &'static str {
        self.of("′", "'", "'")
    }

    fn function(self, phi: Activation) -> String {
        match phi {
            Activation::Sigmoid => self.of("σ", "sigma", "\\sigma").to_owned(),
            Activation::Tanh => self.of("tanh", "tanh", "\\tanh").to_owned(),
            other if self == Self::Latex => {
                format!("\\text{{{}}}", other.name().replace('_', " "))
            }
            other => other.name().to_owned(),
        }
    }

    fn factor(self, name: Name, after: usize, at: &impl Fn(usize) -> String) -> String {
        let minus = self.of("−", "-", "-");
        let transposed = self.of("ᵀ", "^T", "^{\\top}");
        let (here, prime) = (at(after), self.prime());
        let before = || at(after.saturating_sub(1));
        match name {
            Name::Gain(_) => format!("E{here}"),
            Name::Gate(letter) => format!("{letter}{here}"),
            Name::Slope('φ', _) => format!("{}{prime}{here}", self.of("φ", "phi", "\\varphi")),
            Name::Slope(letter, _) => format!("{letter}{prime}{here}"),
            Name::Complement(letter) => format!("(1 {minus} {letter}{here})"),
            Name::Squashed(Activation::Linear) => format!("c{here}"),
            Name::Squashed(phi) => format!("{}(c{here})", self.function(phi)),
            Name::Before => format!("c{}", before()),
            Name::Coupled => format!("(z{here} {minus} c{})", before()),
            Name::Rotation => format!("{}{transposed}", self.of("Λ", "Lambda", "\\Lambda")),
            Name::Difference => format!("(h{} {minus} n{here})", before()),
            Name::HBefore => format!("h{}", before()),
            Name::Candidate => format!("m{here}"),
            Name::Weights(symbol) => symbol.to_owned(),
            Name::Transposed(Some(letter)) => format!("R_{letter}{transposed}"),
            Name::Transposed(None) => format!("R{transposed}"),
            Name::Between(from, to) if self == Self::Latex => {
                format!("R_{{{from}{to}}}{transposed}")
            }
            Name::Between(from, to) => format!("R_{from}{to}{transposed}"),
        }
    }

    fn gradient(self, gradient: Gradient) -> String {
        let delta = self.of("δ", "d", "\\delta ");
        match gradient {
            Gradient::H => format!("{delta}h"),
            Gradient::C => format!("{delta}c"),
            Gradient::Brought(gate) => format!("{}{gate}", self.of("Γ", "G", "\\Gamma ")),
            Gradient::Bar(gate) => match (gate, self) {
                // A bar takes the place of the dot.
                ('i', Self::Latex) => format!("{delta}\\bar{{\\imath}}"),
                (gate, Self::Latex) => format!("{delta}\\bar{{{gate}}}"),
                (gate, Self::Ascii) => format!("{delta}{gate}bar"),
                ('i', Self::Unicode) => "δī".to_owned(),
                ('o', Self::Unicode) => "δō".to_owned(),
                (gate, Self::Unicode) => format!("{delta}{gate}\u{304}"),
            },
            Gradient::Injected => self.of("Δ", "D", "\\Delta").to_owned(),
            Gradient::Alone => self.of("α", "a", "\\alpha").to_owned(),
        }
    }

    /// The index of a step.
    fn step(self, t: Option<usize>, after: usize) -> String {
        match (t, self) {
            (Some(t), Self::Unicode) => subscript(t + after),
            (Some(t), Self::Ascii) => format!("_{}", t + after),
            (Some(t), Self::Latex) => format!("_{{{}}}", t + after),
            (None, _) if after == 0 => "_t".to_owned(),
            (None, _) => format!("_{{t+{after}}}"),
        }
    }
}

/// Columns of an array, without the dots.
fn columns(numbers: &Numbers) -> usize {
    if numbers.matrix {
        numbers.values.len().isqrt().max(1)
    } else {
        1
    }
}

/// Rows of an array, with the dots.
pub(super) fn rows(numbers: &Numbers) -> usize {
    numbers.values.len() / columns(numbers) + usize::from(numbers.more)
}
