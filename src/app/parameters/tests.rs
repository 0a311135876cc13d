use super::*;
use crate::app::fixture;
use crate::cell::CellKind;
use crate::sim::settings::ClipMode;

fn named(name: &str) -> Parameter {
    Parameter::at(Parameter::row(name))
}

fn row(app: &App, parameter: Parameter) -> Row {
    rows(app).swap_remove(Parameter::row(parameter.name()))
}

/// Takes a change over.
fn take(app: &mut App, next: Next) {
    match next {
        Next::Settings(settings) => app.sim.settings = *settings,
        Next::Pace(pace) => app.sim.pace = pace,
    }
}

#[test]
fn every_parameter_steps_both_ways_and_comes_back() {
    for parameter in Parameter::all() {
        let mut app = fixture::app();
        app.sim.settings.seed = 100;
        app.sim.settings.gate_scale.block = 1.0;
        // Off, where it starts, is an end of its range.
        app.sim.settings.detach = 0.5;
        app.sim.preset.detach = 0.5;
        app.sim.settings.mix = 0.5;
        app.sim.preset.mix = 0.5;
        app.sim.settings.peephole_size = 0.5;
        app.sim.preset.peephole_size = 0.5;
        // Only an LSTM has variants.
        app.sim.settings.cells = [CellKind::Lstm.into(); 2];
        app.sim.preset.cells = app.sim.settings.cells;
        for n in [1, -1, 10, -10] {
            let mut there = fixture::app();
            there.sim.settings = app.sim.settings.clone();
            there.sim.preset = app.sim.preset.clone();
            match step(&app, parameter, n) {
                Ok(next) => take(&mut there, next),
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
            take(&mut there, back);
            there.sim.settings.seed = 100;
            assert_eq!(
                (&there.sim.settings, there.sim.pace),
                (&app.sim.settings, app.sim.pace),
                "{parameter:?} {n}"
            );
        }
    }
}

#[test]
fn every_parameter_ends_at_its_range() {
    let ends: [(Parameter, &str, &str); 14] = [
        (named("hidden"), "1", "512"),
        (named("steps"), "2", "20000"),
        (named("inputs"), "1", "512"),
        (named("rho"), "0", "100"),
        (named("gate_scale.output"), "0", "100"),
        (named("forget_value"), "0", "1.05"),
        (named("gate_bias.input"), "-20", "20"),
        (named("amplitude"), "0", "1000"),
        (named("threshold"), "1e-6", "1e6"),
        (named("detach"), "0", "1"),
        (named("initial_h"), "-1000", "1000"),
        (named("initial_c"), "-1000", "1000"),
        (named("seed"), "0", "9223372036854775807"),
        (named("speed"), "1", "60"),
    ];
    for (parameter, low, high) in ends {
        let mut app = fixture::app();
        for (text, outward, beyond) in [(low, -1, "-1e9"), (high, 1, "1e99")] {
            let next = parse(&app, parameter, text).expect(text);
            take(&mut app, next);
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
        (
            named("activation"),
            "tanh, relu, linear, sigmoid, hard_sigmoid, hard_sigmoid_6, elu, softsign",
        ),
        (
            named("init"),
            "orthogonal, gaussian, identity, scalar, pytorch, keras",
        ),
        (named("forget_mode"), "learned, pinned, none"),
        (named("peepholes"), "off, on"),
        (named("signal"), "noise, sine, impulse, zero, text"),
        (named("loss"), "last, out, mean, max, sum, mse"),
        (named("clip_mode"), "off, norm, value, step"),
    ];
    for (parameter, names) in choices {
        let mut app = fixture::app();
        assert_eq!(row(&app, parameter).range, names);
        let start = row(&app, parameter).value;
        let count = names.split(", ").count();
        let mut seen = Vec::new();
        for _ in 0..count {
            let next = step(&app, parameter, 1).expect("a round has no end");
            take(&mut app, next);
            seen.push(row(&app, parameter).value);
        }
        assert_eq!(seen.last(), Some(&start));
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), count, "{parameter:?}");
        for name in names.split(", ") {
            let next = parse(&app, parameter, name).expect(name);
            take(&mut app, next);
            assert_eq!(row(&app, parameter).value, name);
        }
        assert!(parse(&app, parameter, "other").is_err());
    }
}

#[test]
fn the_file_is_offered_to_those_who_brought_one() {
    let mut app = fixture::app();
    assert!(parse(&app, named("signal"), "file").is_err());
    app.sim.has_sequence = true;
    assert!(row(&app, named("signal")).range.ends_with("text, file"));
    let next = parse(&app, named("signal"), "file").expect("a sequence");
    take(&mut app, next);
    assert_eq!(app.sim.settings.signal, Signal::File);
    assert_eq!(
        step(&app, named("inputs"), 1),
        Err("D is fixed by the input sequence".to_owned())
    );
    assert!(step(&app, named("hidden"), 1).is_ok());
}

#[test]
fn trained_weights_fix_the_shape() {
    let mut app = fixture::app();
    app.sim.trained = Some(CellKind::Lstm);
    for (parameter, letter) in [(named("hidden"), 'H'), (named("inputs"), 'D')] {
        let sentence = Err(format!("{letter} is fixed by the trained weights"));
        assert_eq!(step(&app, parameter, 1), sentence);
        assert_eq!(parse(&app, parameter, "7"), sentence);
        assert_eq!(reset(&app, parameter), sentence);
        assert_eq!(row(&app, parameter).range, "fixed");
    }
    assert!(step(&app, named("steps"), 1).is_ok());
}

#[test]
fn the_forget_gate_keeps_its_place_between_modes() {
    let mut app = fixture::app();
    app.sim.preset.forget = ForgetGate::None;
    app.sim.settings.forget = ForgetGate::Learned(Some(1.0));
    let mut next = || {
        let next = step(&app, named("forget_mode"), 1).expect("a round has no end");
        take(&mut app, next);
        app.sim.settings.forget
    };
    assert_eq!(next(), ForgetGate::Pinned(0.73));
    assert_eq!(next(), ForgetGate::None);
    assert_eq!(next(), ForgetGate::Learned(Some(4.6)));
    app.sim.settings.forget = ForgetGate::Pinned(0.73);
    let next = parse(&app, named("forget_mode"), "learned").expect("a mode");
    take(&mut app, next);
    assert_eq!(app.sim.settings.forget, ForgetGate::Learned(Some(1.0)));
    // A gate that was trained goes back to its training.
    app.sim.preset.forget = ForgetGate::Learned(None);
    app.sim.settings.forget = ForgetGate::None;
    let next = parse(&app, named("forget_mode"), "learned").expect("a mode");
    take(&mut app, next);
    assert_eq!(app.sim.settings.forget, ForgetGate::Learned(None));
    assert_eq!(row(&app, named("forget_value")).value, "as drawn");
    app.sim.trained = Some(CellKind::Lstm);
    assert_eq!(row(&app, named("forget_value")).value, "as trained");
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
    let next = parse(&app, named("speed"), "15").expect("a speed");
    take(&mut app, next);
    assert_eq!(row(&app, named("speed")).value, "15/s");
    let up = step(&app, named("speed"), 1);
    let down = step(&app, named("speed"), -1);
    let to = |speed| Ok(Next::Pace(Pace { speed }));
    assert_eq!((up, down), (to(20), to(10)));
}

#[test]
fn a_framework_brings_its_own_radius_and_bias() {
    let mut app = fixture::app();
    app.sim.preset.forget = ForgetGate::Learned(Some(1.0));
    app.sim.settings.forget = app.sim.preset.forget;
    let parse = |app: &App, name, text| {
        let next = parse(app, named(name), text).expect(text);
        match next {
            Next::Settings(settings) => *settings,
            Next::Pace(_) => app.sim.settings.clone(),
        }
    };
    app.sim.settings = parse(&app, "init", "pytorch");
    assert_eq!(app.sim.settings.rho, None);
    assert_eq!(app.sim.settings.forget, ForgetGate::Learned(None));
    assert_eq!(row(&app, named("rho")).value, "as drawn");
    // What is set afterwards stays.
    app.sim.settings = parse(&app, "rho", "0.9");
    app.sim.settings = parse(&app, "forget_value", "3");
    app.sim.settings = parse(&app, "init", "keras");
    assert_eq!(app.sim.settings.rho, None);
    app.sim.settings = parse(&app, "rho", "0.9");
    assert_eq!(row(&app, named("rho")).value, "0.90");
    app.sim.settings = parse(&app, "rho", "drawn");
    assert_eq!(app.sim.settings.rho, None);
    // Back at one of ours, they are as the preset has them.
    app.sim.settings = parse(&app, "init", "orthogonal");
    assert_eq!(app.sim.settings, app.sim.preset);
}
