//! What the README says of the program is what the program says of itself.

use std::sync::Arc;

use ndarray::Array2;
use rnntop::app::keys;
use rnntop::cell::{CellKind, ForgetGate, Parameters};
use rnntop::io::Named;
use rnntop::sim::settings::Signal;
use rnntop::sim::{Ask, Data, Settings, Simulation};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const BEGIN: &str = "<!-- keys -->\n";
const END: &str = "<!-- /keys -->";

/// `UPDATE_README=1 cargo test --test all readme` writes the table anew.
#[test]
fn the_table_of_keys_is_the_programs() {
    let text = std::fs::read_to_string(PATH).unwrap();
    let begin = text.find(BEGIN).unwrap() + BEGIN.len();
    let end = text.find(END).unwrap();
    let table = keys::markdown();
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(PATH, [&text[..begin], &table, &text[end..]].concat()).unwrap();
    } else {
        assert_eq!(
            &text[begin..end],
            table,
            "the table of keys in README.md is not the program's"
        );
    }
}

#[test]
fn every_preset_is_listed() {
    let text = std::fs::read_to_string(PATH).unwrap();
    for file in rnntop::sim::preset::embedded::FILES {
        assert!(
            text.contains(&format!("| `{}` |", file.name)),
            "README.md does not list {}",
            file.name
        );
    }
}

#[test]
fn the_pictures_are_there() {
    let text = std::fs::read_to_string(PATH).unwrap();
    for link in text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
    {
        if !link.starts_with("http") {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(link);
            assert!(path.exists(), "README.md links to {link}");
        }
    }
}

/// The diagnosis of `tests/data/readme/model.pt`, line by line; `…` leaves lines out.
#[test]
fn the_diagnosis_is_what_the_program_says() {
    let text = std::fs::read_to_string(PATH).unwrap();
    let command = "    $ rnntop inspect model.pt --input batch.npy\n";
    let begin = text.find(command).unwrap() + command.len();
    let shown = text[begin..].lines();
    let shown: Vec<&str> = shown
        .take_while(|line| line.is_empty() || line.starts_with("    "))
        .map(str::trim_start)
        .collect();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_rnntop"))
        .args(["inspect", "model.pt", "--input", "batch.npy"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/readme"))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let said: Vec<&str> = said.lines().map(str::trim_start).collect();
    let mut rest = said.as_slice();
    let parts: Vec<&[&str]> = shown[..shown.len() - 1]
        .split(|line| *line == "…")
        .collect();
    assert_eq!(parts.len(), 2);
    for part in parts {
        let at = rest.windows(part.len()).position(|lines| lines == part);
        let at = at.unwrap_or_else(|| panic!("{part:#?} is not what it says: {rest:#?}"));
        rest = &rest[at + part.len()..];
    }
}

/// An LSTM of one unit at rest with f = 0.99, whose block path brings r_z / 4.
fn growth_at_rest(r_z: f64) -> f64 {
    let mut r = Array2::zeros((4, 1));
    // PyTorch's order is i, f, g, o.
    r[[2, 0]] = r_z;
    let parameters = Parameters {
        kind: CellKind::Lstm,
        w: Array2::zeros((4, 1)),
        r,
        biases: None,
        peepholes: None,
        gates_r: None,
        diagonal: None,
    };
    let data = Data {
        parameters: Some(Named {
            source: "one unit".to_owned(),
            value: parameters,
        }),
        ..Data::default()
    };
    let mut settings = Settings {
        steps: 200,
        rho: None,
        forget: ForgetGate::Pinned(0.99),
        signal: Signal::Zero,
        ..Settings::default()
    };
    let side = settings.side_for(CellKind::Lstm);
    let mut simulation = Simulation::new(settings, Arc::new(data)).unwrap();
    let flow = simulation.flow(side, Ask::default(), &mut |_| true);
    let r = flow.unwrap().factor_per_step().unwrap();
    200.0 * r.log10()
}

#[test]
fn a_path_may_take_away_from_what_the_carousel_keeps() {
    for (r_z, factor, written) in [
        (0.08, 1.01, "1.01²⁰⁰ = 7.32"),
        (0.0, 0.99, "0.99²⁰⁰ = 0.134"),
        (-0.08, 0.97, "0.97²⁰⁰ = 0.0023"),
    ] {
        let log = growth_at_rest(r_z);
        assert!((log - 200.0 * f64::log10(factor)).abs() < 1e-9, "{log}");
        assert!(std::fs::read_to_string(PATH).unwrap().contains(written));
    }
}

/// r of an LSTM over one window, as `trace` and the screens have it.
fn r_of(mut settings: Settings) -> f64 {
    let side = settings.side_for(CellKind::Lstm);
    let mut simulation = Simulation::new(settings, Arc::new(Data::default())).unwrap();
    let flow = simulation.flow(side, Ask::default(), &mut |_| true);
    flow.unwrap().factor_per_step().unwrap().saturating_f64()
}

/// What README and presets say of drawn networks is what these do, and not what σ(b) + ρ/4 makes.
#[test]
fn the_edges_of_drawn_networks_are_their_own() {
    let of = |name: &str, bias: Option<f64>, signal: Option<Signal>| {
        let files = rnntop::sim::preset::embedded::FILES;
        let file = files.iter().find(|file| file.name == name).unwrap();
        let mut settings = file.read().unwrap().settings;
        settings.signal = signal.unwrap_or(settings.signal);
        if bias.is_some() {
            settings.forget = ForgetGate::Learned(bias);
        }
        r_of(settings)
    };
    let zero = Some(Signal::Zero);
    let year = of("hydrology", None, None);
    for (r, written) in [
        (year, 1.01542),
        (of("hydrology", None, zero), 1.01088),
        (of("hydrology", Some(1.0), None), 0.8723),
        (of("keras-default", None, None), 0.8527),
        (of("keras-default", Some(1.977), None), 1.0),
    ] {
        assert!((r - written).abs() < 1e-4, "{r} {written}");
    }
    assert!((year.powi(365) - 267.0).abs() < 1.0);
    let neutral = |bias| Settings {
        signal: Signal::Zero,
        forget: ForgetGate::Learned(Some(bias)),
        ..Settings::default()
    };
    assert!((r_of(neutral(1.14)) - 1.0).abs() < 1e-4);
    assert!(r_of(neutral(3f64.ln())) < 0.993);
    let readme = std::fs::read_to_string(PATH).unwrap();
    for words in [
        "0.951 + 0.064 = 1.015 a step, 267-fold",
        "orthogonal ones with 32 units at 1.14",
    ] {
        assert!(readme.contains(words), "{words}");
    }
}
