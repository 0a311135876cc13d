use super::*;
use crate::app::fixture;
use crate::cell::CellKind;
use crate::sim::settings::ClipMode;

fn row(app: &App, parameter: Parameter) -> Row {
    let at = Parameter::ALL.iter().position(|p| *p == parameter);
    rows(app).swap_remove(at.expect("every parameter has a row"))
}

#[test]
fn every_parameter_steps_both_ways_and_comes_back() {
    for parameter in Parameter::ALL {
        let mut app = fixture::app();
        app.sim.settings.seed = 100;
        app.sim.settings.gate_scale.block = 1.0;
        // Off, where it starts, is an end of its range.
        app.sim.settings.detach = 0.5;
        app.sim.preset.detach = 0.5;
        // Only an LSTM has variants.
        app.sim.settings.cells = [CellKind::Lstm.into(); 2];
        app.sim.preset.cells = app.sim.settings.cells;
        for n in [1, -1, 10, -10] {
            let mut there = fixture::app();
            there.sim.settings = app.sim.settings.clone();
            there.sim.preset = app.sim.preset.clone();
            match step(&app, parameter, n) {
                Ok(next) => there.sim.settings = next,
                // H = 32 − 10 is fine; D = 8 − 10 ends at 1: all have room in both directions.
                Err(why) => panic!("{parameter:?} {n}: {why}"),
            }
            assert_eq!(there.sim.settings.check(), Ok(()), "{parameter:?} {n}");
            assert_ne!(
                row(&app, parameter).value,
                row(&there, parameter).value,
                "{parameter:?} {n}"
            );
            let back = reset(&there, parameter).expect("nothing is fixed");
            there.sim.settings = back;
            there.sim.settings.seed = 100;
            assert_eq!(there.sim.settings, app.sim.settings, "{parameter:?} {n}");
        }
    }
}

#[test]
fn every_parameter_ends_at_its_range() {
    let ends: [(Parameter, &str, &str); 14] = [
        (Parameter::Hidden, "1", "512"),
        (Parameter::Steps, "2", "20000"),
        (Parameter::Inputs, "1", "512"),
        (Parameter::Radius, "0", "100"),
        (Parameter::ScaleOutput, "0", "100"),
        (Parameter::ForgetValue, "0", "1.05"),
        (Parameter::BiasInput, "-20", "20"),
        (Parameter::Amplitude, "0", "1000"),
        (Parameter::Threshold, "1e-6", "1e6"),
        (Parameter::Detach, "0", "1"),
        (Parameter::InitialH, "-1000", "1000"),
        (Parameter::InitialC, "-1000", "1000"),
        (Parameter::Seed, "0", "9223372036854775807"),
        (Parameter::Speed, "1", "60"),
    ];
    for (parameter, low, high) in ends {
        let mut app = fixture::app();
        for (text, outward, beyond) in [(low, -1, "-1e9"), (high, 1, "1e99")] {
            app.sim.settings = parse(&app, parameter, text).expect(text);
            assert_eq!(app.sim.settings.check(), Ok(()));
            let end = step(&app, parameter, outward);
            assert!(end.is_err(), "{parameter:?} beyond {text}: {end:?}");
            assert!(parse(&app, parameter, beyond).is_err());
        }
        for text in ["", "abc", "nan", "inf", "-inf", "1 2"] {
            let error = parse(&app, parameter, text).unwrap_err();
            assert!(error.ends_with(&format!("found '{text}'")), "{error}");
        }
    }
}

#[test]
fn choices_go_round_and_are_typed_by_name() {
    let choices = [
        (Parameter::Activation, "tanh, relu, linear"),
        (Parameter::Init, "orthogonal, gaussian, identity, scalar"),
        (Parameter::ForgetMode, "learned, pinned, none"),
        (Parameter::Peepholes, "off, on"),
        (Parameter::Signal, "noise, sine, impulse, zero, text"),
        (Parameter::Loss, "last, sum, mse"),
        (Parameter::ClipMode, "off, norm, value, step"),
    ];
    for (parameter, names) in choices {
        let mut app = fixture::app();
        assert_eq!(row(&app, parameter).range, names);
        let start = row(&app, parameter).value;
        let count = names.split(", ").count();
        let mut seen = Vec::new();
        for _ in 0..count {
            app.sim.settings = step(&app, parameter, 1).expect("a round has no end");
            seen.push(row(&app, parameter).value);
        }
        assert_eq!(seen.last(), Some(&start));
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), count, "{parameter:?}");
        for name in names.split(", ") {
            app.sim.settings = parse(&app, parameter, name).expect(name);
            assert_eq!(row(&app, parameter).value, name);
        }
        assert!(parse(&app, parameter, "other").is_err());
    }
}

#[test]
fn the_file_is_offered_to_those_who_brought_one() {
    let mut app = fixture::app();
    assert!(parse(&app, Parameter::Signal, "file").is_err());
    app.sim.has_sequence = true;
    assert!(row(&app, Parameter::Signal).range.ends_with("text, file"));
    app.sim.settings = parse(&app, Parameter::Signal, "file").expect("a sequence");
    assert_eq!(app.sim.settings.signal, Signal::File);
    assert_eq!(
        step(&app, Parameter::Inputs, 1),
        Err("D is fixed by the input sequence".to_owned())
    );
    assert!(step(&app, Parameter::Hidden, 1).is_ok());
}

#[test]
fn trained_weights_fix_the_shape() {
    let mut app = fixture::app();
    app.sim.trained = Some(CellKind::Lstm);
    for (parameter, letter) in [(Parameter::Hidden, 'H'), (Parameter::Inputs, 'D')] {
        let sentence = Err(format!("{letter} is fixed by the trained weights"));
        assert_eq!(step(&app, parameter, 1), sentence);
        assert_eq!(parse(&app, parameter, "7"), sentence);
        assert_eq!(reset(&app, parameter), sentence);
        assert_eq!(row(&app, parameter).range, "fixed");
    }
    assert!(step(&app, Parameter::Steps, 1).is_ok());
}

#[test]
fn the_forget_gate_keeps_its_place_between_modes() {
    let mut app = fixture::app();
    app.sim.preset.forget = ForgetGate::None;
    app.sim.settings.forget = ForgetGate::Learned(Some(1.0));
    let mut next = || {
        app.sim.settings = step(&app, Parameter::ForgetMode, 1).expect("a round has no end");
        app.sim.settings.forget
    };
    assert_eq!(next(), ForgetGate::Pinned(0.73));
    assert_eq!(next(), ForgetGate::None);
    assert_eq!(next(), ForgetGate::Learned(Some(4.6)));
    app.sim.settings.forget = ForgetGate::Pinned(0.73);
    app.sim.settings = parse(&app, Parameter::ForgetMode, "learned").expect("a mode");
    assert_eq!(app.sim.settings.forget, ForgetGate::Learned(Some(1.0)));
    // A gate that was trained goes back to its training.
    app.sim.preset.forget = ForgetGate::Learned(None);
    app.sim.settings.forget = ForgetGate::None;
    app.sim.settings = parse(&app, Parameter::ForgetMode, "learned").expect("a mode");
    assert_eq!(app.sim.settings.forget, ForgetGate::Learned(None));
    assert_eq!(row(&app, Parameter::ForgetValue).value, "as trained");
}

#[test]
fn rows_say_what_differs_from_the_preset() {
    let mut app = fixture::app();
    assert!(rows(&app).iter().all(|row| !row.changed));
    app.sim.settings.threshold = 1.0;
    app.sim.settings.clip = ClipMode::Value;
    let changed: Vec<_> = rows(&app)
        .iter()
        .filter(|row| row.changed)
        .map(|row| row.name)
        .collect();
    assert_eq!(changed, ["clip mode", "clip threshold θ"]);
}

#[test]
fn rows_have_their_own_names_and_a_sentence() {
    let rows = rows(&fixture::app());
    for (at, row) in rows.iter().enumerate() {
        assert!(row.help.ends_with('.'), "{}", row.help);
        assert!(rows[..at].iter().all(|other| other.name != row.name));
    }
}

#[test]
fn speeds_are_a_ladder_but_any_can_be_typed() {
    let mut app = fixture::app();
    app.sim.settings = parse(&app, Parameter::Speed, "15").expect("a speed");
    assert_eq!(row(&app, Parameter::Speed).value, "15/s");
    let up = step(&app, Parameter::Speed, 1).map(|s| s.speed);
    let down = step(&app, Parameter::Speed, -1).map(|s| s.speed);
    assert_eq!((up, down), (Ok(20), Ok(10)));
}
