//! The worked example as LaTeX compiles with `amsmath` alone: every path of every cell is read as
//! LaTeX reads it.

#![allow(clippy::unwrap_used)]

#[path = "common/random.rs"]
#[allow(dead_code, reason = "each test uses some of the helpers")]
mod random;

use std::collections::BTreeSet;

use gradtop::cell::forward::forward;
use gradtop::cell::{self, Activation, Cell, ForgetGate, Path, PathSet, Tape};
use gradtop::flow::explain::{Example, Subject, page};
use gradtop::flow::{ClipMode, Question, Request, explain};
use gradtop::io::explain::{Form, render};
use random::{Build, Gru, Lru, Lstm, MinGru, MinLstm, Random, Rnn, Variant, Window};

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
    let mut open: Vec<Open> = Vec::new();
    let mut used = BTreeSet::new();
    let mut rest = document;
    let math = |open: &[Open]| {
        let inner = open
            .iter()
            .rev()
            .find(|o| matches!(o, Open::Inline | Open::Display | Open::Words));
        matches!(inner, Some(Open::Inline | Open::Display))
    };
    while let Some(c) = rest.chars().next() {
        let here = &rest[..rest.len().min(60)];
        rest = &rest[1..];
        match c {
            '\\' => {
                let letters = rest.find(|c: char| !c.is_ascii_alphabetic());
                let length = letters.unwrap_or(rest.len()).max(1);
                let (command, after) = rest.split_at(length);
                rest = after;
                match command {
                    "[" => {
                        assert!(!math(&open), "mathematics within mathematics: {here}");
                        open.push(Open::Display);
                    }
                    "]" => assert_eq!(open.pop(), Some(Open::Display), "{here}"),
                    "left" => {
                        assert!(math(&open), "a bracket outside mathematics: {here}");
                        open.push(Open::Left);
                    }
                    "right" => assert_eq!(open.pop(), Some(Open::Left), "{here}"),
                    "begin" | "end" => {
                        let (name, after) = rest[1..].split_once('}').unwrap();
                        rest = after;
                        let known = ENVIRONMENTS.iter().any(|(known, _)| *known == name);
                        assert!(known, "no environment of amsmath: {name}");
                        let environment = Open::Environment(name.to_owned());
                        if command == "begin" {
                            let in_math = !["document", "tabular"].contains(&name);
                            assert_eq!(math(&open), in_math, "{here}");
                            open.push(environment);
                        } else {
                            assert_eq!(open.pop(), Some(environment), "{here}");
                        }
                    }
                    "text" => {
                        assert!(math(&open) && rest.starts_with('{'), "{here}");
                        rest = &rest[1..];
                        open.push(Open::Words);
                    }
                    "textbf" | "_" => assert!(!math(&open), "{here}"),
                    "section" | "subsection" | "documentclass" | "usepackage" | "setlength"
                    | "parindent" | "hline" => assert!(!math(&open), "{here}"),
                    "\\" => {}
                    _ => assert!(math(&open), "\\{command} outside mathematics: {here}"),
                }
                if !["[", "]"].contains(&command) {
                    used.insert(command.to_owned());
                }
                if command == "\\" {
                    assert!(rows(&open), "{here}");
                }
            }
            '{' => open.push(Open::Brace),
            '}' => {
                let closed = open.pop();
                assert!(matches!(closed, Some(Open::Brace | Open::Words)), "{here}");
            }
            '$' if open.last() == Some(&Open::Inline) => {
                open.pop();
            }
            '$' => {
                assert!(!math(&open), "mathematics within mathematics: {here}");
                open.push(Open::Inline);
            }
            '&' => assert!(rows(&open), "no columns here: {here}"),
            '_' | '^' => assert!(math(&open), "outside mathematics: {here}"),
            '#' | '%' | '~' => panic!("not escaped: {here}"),
            '\n' if rest.starts_with('\n') => {
                assert!(!math(&open), "a paragraph ends within mathematics: {here}");
            }
            _ => {}
        }
    }
    assert_eq!(open, [], "not closed");
    used
}

/// Whether what is open is divided into rows and columns.
fn rows(open: &[Open]) -> bool {
    match open.last() {
        Some(Open::Environment(name)) => ENVIRONMENTS.contains(&(name.as_str(), true)),
        _ => false,
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
                let document = page::page(&found, asked, Some(&of_rnn));
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
            }
            used.extend(every_path(&Gru, hidden, gain, false));
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
                used.extend(every_path(&Variant(learned, variant), hidden, gain, true));
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
