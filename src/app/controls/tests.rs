use super::*;
use crate::app::fixture;

fn with(change: impl FnOnce(&mut Settings)) -> App {
    let mut app = fixture::app();
    change(&mut app.sim.settings);
    app
}

fn stepped(app: &App, control: Control, n: i32) -> Settings {
    step(app, control, n).expect("within the range")
}

#[test]
fn a_pinned_gate_moves_by_a_hundredth() {
    let mut app = with(|s| s.forget = ForgetGate::Pinned(1.0));
    for expected in [0.99, 0.98, 0.97] {
        app.sim.settings = stepped(&app, Control::Forget, -1);
        assert_eq!(app.sim.settings.forget, ForgetGate::Pinned(expected));
    }
    app.sim.settings = stepped(&app, Control::Forget, 10);
    assert_eq!(app.sim.settings.forget, ForgetGate::Pinned(1.05));
    assert_eq!(
        step(&app, Control::Forget, 1),
        Err("forget gate: the range is 0 to 1.05".to_owned())
    );
}

#[test]
fn above_one_is_marked() {
    let app = with(|s| s.forget = ForgetGate::Pinned(1.01));
    let shown = view(&app, Control::Forget);
    assert_eq!(shown.value, "1.010 pinned");
    assert_eq!(shown.warning.map(|w| w.words), Some("beyond any sigmoid"));
    let app = with(|s| s.forget = ForgetGate::Pinned(1.0));
    assert_eq!(view(&app, Control::Forget).warning, None);
}

#[test]
fn a_learned_gate_moves_its_bias_by_a_tenth() {
    let mut app = with(|s| s.forget = ForgetGate::Learned(Some(0.2)));
    for expected in [0.1, 0.0, -0.1] {
        app.sim.settings = stepped(&app, Control::Forget, -1);
        assert_eq!(app.sim.settings.forget, ForgetGate::Learned(Some(expected)));
    }
    app.sim.settings.forget = ForgetGate::Learned(Some(-20.0));
    assert!(step(&app, Control::Forget, -1).is_err());
    assert_eq!(view(&app, Control::Forget).value, "bias -20.0");
}

#[test]
fn a_trained_gate_starts_from_where_it_is_measured() {
    let mut app = with(|s| s.forget = ForgetGate::Learned(None));
    assert_eq!(
        stepped(&app, Control::Forget, 1).forget,
        ForgetGate::Learned(Some(1.1))
    );
    // ln(0.75 / 0.25) = 1.0986
    app.sim.snapshot = Some(fixture::snapshot(&app.sim.settings, 1.0));
    assert_eq!(
        stepped(&app, Control::Forget, -1).forget,
        ForgetGate::Learned(Some(1.0))
    );
}

#[test]
fn no_gate_becomes_one_pinned_beside_one() {
    let app = with(|s| s.forget = ForgetGate::None);
    let forget = |n| stepped(&app, Control::Forget, n).forget;
    assert_eq!(forget(-1), ForgetGate::Pinned(0.99));
    assert_eq!(forget(1), ForgetGate::Pinned(1.01));
}

#[test]
fn the_radius_moves_in_exact_hundredths() {
    let mut app = fixture::app();
    for expected in [0.99, 0.98, 0.97] {
        app.sim.settings = stepped(&app, Control::Radius, -1);
        assert_eq!(app.sim.settings.rho, Some(expected));
    }
    app.sim.settings = stepped(&app, Control::Radius, 10);
    assert_eq!(app.sim.settings.rho, Some(1.07));
    app.sim.settings.rho = Some(100.0);
    assert!(step(&app, Control::Radius, 1).is_err());
}

#[test]
fn trained_matrices_start_from_their_largest_radius() {
    let mut app = with(|s| s.rho = None);
    assert_eq!(view(&app, Control::Radius).value, "as drawn");
    app.sim.trained = Some(CellKind::Lstm);
    assert_eq!(view(&app, Control::Radius).value, "as trained");
    assert_eq!(stepped(&app, Control::Radius, -1).rho, Some(0.99));
    app.sim.snapshot = Some(fixture::snapshot(&app.sim.settings, 1.0));
    assert_eq!(view(&app, Control::Radius).value, "ρ 0.875 as trained");
    assert_eq!(stepped(&app, Control::Radius, -1).rho, Some(0.87));
    assert_eq!(stepped(&app, Control::Radius, 1).rho, Some(0.88));
}

#[test]
fn the_first_press_turns_clipping_on() {
    let mut app = with(|s| s.clip = ClipMode::Off);
    assert_eq!(view(&app, Control::Threshold).value, "off");
    app.sim.settings = stepped(&app, Control::Threshold, -1);
    assert_eq!(
        (app.sim.settings.clip, app.sim.settings.threshold),
        (ClipMode::Norm, 5.0)
    );
    app.sim.settings = stepped(&app, Control::Threshold, -1);
    assert_eq!(app.sim.settings.threshold, 4.9);
    app.sim.settings.clip = ClipMode::Step;
    app.sim.settings = stepped(&app, Control::Threshold, 10);
    assert_eq!(
        (app.sim.settings.clip, app.sim.settings.threshold),
        (ClipMode::Step, 5.9)
    );
    assert_eq!(view(&app, Control::Threshold).value, "step θ 5.9");
    app.sim.settings.threshold = 1e6;
    assert!(step(&app, Control::Threshold, 1).is_err());
}

#[test]
fn reset_is_the_preset() {
    let mut app = with(|s| {
        s.forget = ForgetGate::None;
        s.rho = None;
        s.clip = ClipMode::Off;
        s.threshold = 1.0;
    });
    for control in Control::ALL {
        app.sim.settings = reset(&app, control);
    }
    assert_eq!(app.sim.settings, app.sim.preset);
}

#[test]
fn places_are_within_the_gauge() {
    let near = |a: f64, b: f64| (a - b).abs() < 1e-12;
    let app = with(|s| {
        s.forget = ForgetGate::Learned(Some(0.0));
        s.threshold = 1.0;
    });
    assert!(near(view(&app, Control::Forget).fraction, 0.5 / 1.05));
    assert!(near(view(&app, Control::Radius).fraction, 0.5));
    assert!(near(view(&app, Control::Threshold).fraction, 0.5));
}

#[test]
fn typed_values_are_taken_by_mode() {
    let learned = with(|s| s.forget = ForgetGate::Learned(Some(0.0)));
    let none = with(|s| s.forget = ForgetGate::None);
    let forget = |app: &App, text| parse(app, Control::Forget, text).map(|s| s.forget);
    assert_eq!(forget(&learned, "1.5"), Ok(ForgetGate::Learned(Some(1.5))));
    assert_eq!(forget(&none, "0.9"), Ok(ForgetGate::Pinned(0.9)));
    assert_eq!(forget(&learned, "none"), Ok(ForgetGate::None));
    assert_eq!(forget(&learned, "pinned"), Ok(ForgetGate::Pinned(0.5)));
    assert_eq!(
        forget(&learned, "pinned: 1.01"),
        Ok(ForgetGate::Pinned(1.01))
    );
    assert_eq!(
        forget(&none, "learned:-3"),
        Ok(ForgetGate::Learned(Some(-3.0)))
    );
    // σ⁻¹(0.99) = 4.595, the nearest a bias gets to f = 1 on the grid.
    assert_eq!(forget(&none, "learned"), Ok(ForgetGate::Learned(Some(4.6))));
    assert_eq!(
        forget(&none, "1.06").unwrap_err(),
        "forget gate: expected a number from 0 to 1.05, learned:BIAS or none, found '1.06'"
    );
    assert_eq!(
        forget(&none, "learned:x").unwrap_err(),
        "forget bias: expected -20 to 20, found 'x'"
    );

    let clip = |text| parse(&learned, Control::Threshold, text).map(|s| (s.clip, s.threshold));
    assert_eq!(clip("2.5"), Ok((ClipMode::Norm, 2.5)));
    assert_eq!(clip("off"), Ok((ClipMode::Off, 5.0)));
    assert_eq!(clip("value:0.1"), Ok((ClipMode::Value, 0.1)));
    assert!(clip("value:0").is_err());
    assert!(clip("soft:1").is_err());
    let off = with(|s| s.clip = ClipMode::Off);
    let typed = parse(&off, Control::Threshold, "1").expect("a threshold");
    assert_eq!(typed.clip, ClipMode::Norm);
}

#[test]
fn a_norm_that_says_more_stands_beside_the_radius() {
    let mut app = fixture::app();
    let value = |app: &App| view(app, Control::Radius).value;
    for (norm, beside) in [(1.0, ""), (1.916, " σ 1.92"), (0.95, "")] {
        let mut snapshot = fixture::snapshot(&app.sim.settings, 1.0);
        for flow in &mut std::sync::Arc::get_mut(&mut snapshot).unwrap().flows {
            for matrix in &mut flow.matrices {
                (matrix.spectral_radius, matrix.norm) = (1.0, norm);
            }
        }
        app.sim.snapshot = Some(snapshot);
        app.sim.settings.rho = Some(1.0);
        assert_eq!(value(&app), format!("ρ 1.000{beside}"));
    }
}

#[test]
fn only_trained_weights_can_be_as_trained() {
    let mut app = fixture::app();
    assert_eq!(
        parse(&app, Control::Radius, "trained").unwrap_err(),
        "spectral radius: expected a number from 0 to 100, or drawn, found 'trained'"
    );
    app.sim.trained = Some(CellKind::Lstm);
    let typed = parse(&app, Control::Radius, "trained").expect("trained weights");
    assert_eq!(typed.rho, None);
    assert_eq!(
        parse(&app, Control::Radius, "1.01").map(|s| s.rho),
        Ok(Some(1.01))
    );
}
