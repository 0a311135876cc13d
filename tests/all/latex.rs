//! The worked example as LaTeX compiles with `amsmath` and `geometry`: every path of every cell is read as
//! LaTeX reads it.

use std::collections::BTreeSet;

use crate::common::random::{
    Build, Gru, IndRnn, Lru, Lstm, MinGru, MinLstm, Random, Rnn, Variant, Window,
};
use rnntop::cell::forward::forward;
use rnntop::cell::{self, Activation, Cell, ForgetGate, Path, PathSet, Reset, Semantics, Tape};
use rnntop::flow::explain::{Example, Subject};
use rnntop::flow::{ClipMode, Question, Request, explain};
use rnntop::words::explain::{Form, page, render};

/// Commands of LaTeX itself and, behind them, those of amsmath.
const COMMANDS: &[&str] = &[
    "Delta",
    "Gamma",
    "Lambda",
    "\\",
    "_",
    "alpha",
    "bar",
    "begin",
    "cdot",
    "cdots",
    "ddots",
    "delta",
    "documentclass",
    "end",
    "frac",
    "hline",
    "imath",
    "lambda",
    "left",
    "log",
    "max",
    "ni",
    "odot",
    "parindent",
    "quad",
    "right",
    "section",
    "setlength",
    "sigma",
    "subsection",
    "tanh",
    "textbf",
    "top",
    "usepackage",
    "varphi",
    "vdots",
    "|",
    ",", //
    "overset",
    "text",
];

/// Those that stand outside mathematics.
const WORDS: &[&str] = &[
    "documentclass",
    "hline",
    "parindent",
    "section",
    "setlength",
    "subsection",
    "textbf",
    "usepackage",
    "_",
];

/// Environments, and whether `&` and `\\` may stand in them.
const ENVIRONMENTS: &[(&str, bool)] = &[
    ("document", false),
    ("tabular", true),
    ("array", true),
    ("aligned", true),
    ("bmatrix", true),
];

/// What is open: it closes in the opposite order.
#[derive(Clone, Debug, PartialEq)]
enum Open {
    Brace,
    /// Words within mathematics.
    Words,
    Environment(String),
    /// `$`.
    Inline,
    /// `\[`.
    Display,
    /// `\left`.
    Left,
}

/// Reads a document as LaTeX does, as far as that takes no macros; the commands it uses.
///
/// # Panics
/// Where LaTeX would stop.
fn read(document: &str) -> BTreeSet<String> {
    assert!(
        document.is_ascii(),
        "only ASCII needs no encoding: {document}"
    );
    let mut reader = Reader::default();
    let mut rest = document;
    while let Some(c) = rest.chars().next() {
        let here = &rest[..rest.len().min(60)];
        rest = &rest[1..];
        if c == '\\' {
            let letters = rest.find(|c: char| !c.is_ascii_alphabetic());
            let (command, after) = rest.split_at(letters.unwrap_or(rest.len()).max(1));
            rest = reader.command(command, after, here);
        } else {
            reader.sign(c, rest, here);
        }
    }
    assert_eq!(reader.open, [], "not closed");
    reader.used
}

/// How far a document has been read.
#[derive(Default)]
struct Reader {
    open: Vec<Open>,
    used: BTreeSet<String>,
}

impl Reader {
    /// Whether this is mathematics.
    fn math(&self) -> bool {
        let kinds = |o: &&Open| matches!(o, Open::Inline | Open::Display | Open::Words);
        let inner = self.open.iter().rev().find(kinds);
        matches!(inner, Some(Open::Inline | Open::Display))
    }

    /// Whether what is open is divided into rows and columns.
    fn rows(&self) -> bool {
        match self.open.last() {
            Some(Open::Environment(name)) => ENVIRONMENTS.contains(&(name.as_str(), true)),
            _ => false,
        }
    }

    /// A command and what it takes of what is behind it; what is left.
    fn command<'a>(&mut self, command: &str, rest: &'a str, here: &str) -> &'a str {
        let math = self.math();
        if !["[", "]"].contains(&command) {
            self.used.insert(command.to_owned());
        }
        match command {
            "[" => {
                assert!(!math, "mathematics within mathematics: {here}");
                self.open.push(Open::Display);
            }
            "]" => assert_eq!(self.open.pop(), Some(Open::Display), "{here}"),
            "left" => {
                assert!(math, "a bracket outside mathematics: {here}");
                self.open.push(Open::Left);
            }
            "right" => assert_eq!(self.open.pop(), Some(Open::Left), "{here}"),
            "begin" | "end" => {
                let (name, after) = rest[1..].split_once('}').unwrap();
                self.environment(command == "begin", name, here);
                return after;
            }
            "text" => {
                assert!(math, "words within words: {here}");
                self.open.push(Open::Words);
                return rest.strip_prefix('{').unwrap();
            }
            "\\" => assert!(self.rows(), "no rows here: {here}"),
            _ => assert_eq!(math, !WORDS.contains(&command), "{here}"),
        }
        rest
    }

    fn environment(&mut self, begins: bool, name: &str, here: &str) {
        let known = ENVIRONMENTS.iter().any(|(known, _)| *known == name);
        assert!(known, "no environment of amsmath: {name}");
        let environment = Open::Environment(name.to_owned());
        if begins {
            let in_math = !["document", "tabular"].contains(&name);
            assert_eq!(self.math(), in_math, "{here}");
            self.open.push(environment);
        } else {
            assert_eq!(self.open.pop(), Some(environment), "{here}");
        }
    }

    fn sign(&mut self, c: char, rest: &str, here: &str) {
        match c {
            '{' => self.open.push(Open::Brace),
            '}' => {
                let closed = self.open.pop();
                assert!(matches!(closed, Some(Open::Brace | Open::Words)), "{here}");
            }
            '$' if self.open.last() == Some(&Open::Inline) => {
                self.open.pop();
            }
            '$' => {
                assert!(!self.math(), "mathematics within mathematics: {here}");
                self.open.push(Open::Inline);
            }
            '&' => assert!(self.rows(), "no columns here: {here}"),
            '_' | '^' => assert!(self.math(), "outside mathematics: {here}"),
            '#' | '%' | '~' => panic!("not escaped: {here}"),
            '\n' if rest.starts_with('\n') => {
                assert!(!self.math(), "a paragraph ends within mathematics: {here}");
            }
            _ => {}
        }
    }
}

fn tape<C: Cell>(cell: &C, window: &Window) -> Tape {
    let mut tape = cell.tape(window.inputs.nrows());
    forward(cell, window.inputs.view(), &mut tape, &mut |_| true).unwrap();
    tape
}

fn example<C: Cell>(cell: &C, window: &Window, clip: ClipMode, path: Path, t: usize) -> Example {
    let request = Request {
        loss: window.loss(),
        cuts: PathSet::EMPTY,
        alone: false,
        without: false,
        clip: (clip, 0.5),
    };
    let subject = Subject { path, t, units: 3 };
    explain(cell, &tape(cell, window), &request, subject, &mut |_| true).unwrap()
}

/// Reads the pages about every path of a cell; the commands they use.
fn every_path<B: Build>(build: &B, hidden: usize, gain: f64, peepholes: bool) -> BTreeSet<String> {
    let mut random = Random::new(7);
    let parameters = random.parameters(build, hidden, 3, true, peepholes, gain);
    let rnn = Rnn(Activation::Tanh);
    let beside = rnn.cell(random.parameters(&rnn, hidden, 3, true, false, gain));
    let window = random.window(hidden, 3, 9, 1.0);
    let cell = build.cell(parameters);
    let of_rnn = example(&beside, &window, ClipMode::Off, Path::Recurrent, 4);
    let mut paths: Vec<Path> = cell.carried().iter().map(|carried| carried.path).collect();
    paths.extend(cell.same_step_path());
    paths.push(Path::Loss);
    let mut used = BTreeSet::new();
    for path in paths {
        for (t, clip) in [
            (1, ClipMode::Step),
            (4, ClipMode::Off),
            (8, ClipMode::Off),
            (9, ClipMode::Off),
        ] {
            let found = example(&cell, &window, clip, path, t);
            for asked in [None, Some(Question::Without)] {
                let document = page(&found, asked, Some(&of_rnn));
                used.extend(read(&render(&document, Form::Latex, 80, false)));
            }
        }
    }
    used
}

#[test]
fn every_path_of_every_cell_compiles() {
    let learned = ForgetGate::Learned(None);
    let mut used = BTreeSet::new();
    for hidden in [1, 2, 5] {
        // Numbers of ordinary size, and far outside of it.
        for gain in [1.0, 1e-9, 1e9] {
            for activation in [Activation::Tanh, Activation::Relu, Activation::Linear] {
                used.extend(every_path(&Rnn(activation), hidden, gain, false));
                used.extend(every_path(&IndRnn(activation), hidden, gain, false));
            }
            let hard = Semantics {
                gate: Activation::HardSigmoid,
                reset: Reset::Before,
                ..Semantics::of(Activation::Relu)
            };
            for semantics in [Semantics::default(), hard] {
                used.extend(every_path(&Gru(semantics), hidden, gain, false));
            }
            let build = Variant(learned, cell::Variant::Plain, hard);
            used.extend(every_path(&build, hidden, gain, true));
            used.extend(every_path(&MinGru, hidden, gain, false));
            used.extend(every_path(&MinLstm, hidden, gain, false));
            used.extend(every_path(&Lru, hidden, gain, false));
            used.extend(every_path(
                &Lstm(ForgetGate::Pinned(0.9)),
                hidden,
                gain,
                true,
            ));
            for variant in cell::Variant::ALL {
                used.extend(every_path(
                    &Variant(learned, variant, Semantics::default()),
                    hidden,
                    gain,
                    true,
                ));
            }
        }
    }
    let unknown: Vec<&String> = used
        .iter()
        .filter(|c| !COMMANDS.contains(&c.as_str()))
        .collect();
    assert!(
        unknown.is_empty(),
        "neither LaTeX nor amsmath has {unknown:?}"
    );
}

#[test]
fn what_latex_refuses_is_found() {
    for bad in [
        "$a",
        "\\[ a",
        "{",
        "}",
        "\\begin{aligned} \\end{aligned}",
        "$a & b$",
        "a_b",
        "100 %",
        "$\\begin{align} \\end{align}$",
        "\\[ a \n\n b \\]",
        "\u{3b4}",
        "$\\left( a$",
        "\\alpha",
        "\\[ \\text{a_b} \\]",
        "$\\begin{array}{l} \\end{bmatrix}$",
    ] {
        let read = std::panic::catch_unwind(|| read(bad));
        assert!(read.is_err(), "{bad}");
    }
}
