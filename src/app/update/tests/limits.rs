//! What is too large, or a visitor's.

use super::*;
use crate::app::popup::Asked;
use crate::sim::Data;
use crate::train;

#[test]
fn what_is_too_large_for_a_visitor_is_refused_before_it_starts() {
    let mut app = fixture::app();
    app.may.budget = Budget {
        bytes: Some(2e8),
        seconds: Some(2.0),
    };
    let before = app.sim.settings.clone();
    let large = Settings {
        hidden: 512,
        steps: 2_000,
        ..before.clone()
    };
    assert!(matches!(app.set(large), Effect::Unchanged));
    assert_eq!(app.sim.settings, before);
    let said = &app.notice.as_ref().unwrap().text;
    assert!(
        said.starts_with("hidden 512 is too large here: at most "),
        "{said}"
    );
}

/// What takes much is computed when asked for once more only, on every way to it: a change, undo and redo.
#[test]
fn a_large_window_is_asked_for() {
    let mut app = fixture::app();
    let small = app.sim.settings.clone();
    let large = Settings {
        hidden: 512,
        steps: 20_000,
        ..small.clone()
    };
    let asked = |app: &mut App, action: Action| {
        app.update(action);
        let Some(Popup::Heavy(cost, Asked::Step(_))) = &app.popup else {
            panic!("{:?}", app.popup);
        };
        assert_eq!(*cost, budget::window(&large, &Data::default()));
        assert_eq!(app.sim.settings, small);
    };
    app.set(large.clone());
    asked(&mut app, Action::Redraw);
    app.update(Action::Back);
    assert_eq!((&app.popup, &app.sim.settings), (&None, &small));
    assert!(app.sim.history.before().is_none());
    app.set(large.clone());
    assert_eq!(*sent(&app.update(Action::Choose)), large);
    assert_eq!(app.popup, None);
    // Another of the same size is what was agreed to.
    let other = Settings {
        seed: 99,
        ..large.clone()
    };
    assert_eq!(*sent(&app.set(other)), app.sim.settings);
    app.update(Action::Undo);
    assert_eq!(*sent(&app.update(Action::Undo)), small);
    asked(&mut app, Action::Redo);
    app.update(Action::Back);
    asked(&mut app, Action::Redo);
    assert_eq!(*sent(&app.update(Action::Choose)), large);
    app.set(small.clone());
    asked(&mut app, Action::Undo);
    assert_eq!(*sent(&app.update(Action::Choose)), large);
}

#[test]
fn a_visitors_training_has_one_thread_and_is_not_made_longer() {
    let visitor = Budget {
        bytes: None,
        seconds: Some(2.0),
    };
    assert_eq!((visitor.threads(8), Budget::default().threads(8)), (1, 8));
    for (budget, refused) in [(visitor, true), (Budget::default(), false)] {
        let mut app = fixture::app();
        app.may.budget = budget;
        typed(&mut app, "T");
        typed(&mut app, "+");
        assert_eq!(said(&app).contains("--limit-work"), refused);
    }
}

/// A training that takes much is begun when asked for once more only, and a visitor's never.
#[test]
fn a_large_training_is_asked_for_and_a_visitors_is_refused() {
    let large = || {
        let settings = train::Settings {
            hidden: 512,
            length: 2_000,
            ..train::Settings::default()
        };
        let order = train::live::Order::new(settings, train::Task::Adding, 1, 10);
        assert!(order.cost().bytes > 1e9);
        let mut app = fixture::app();
        app.screens.train.order = Some(Box::new(order));
        typed(&mut app, "T");
        app
    };
    let begun = |effect: &Effect| matches!(effect, Effect::Train(train::live::Command::Begin(_)));
    let mut app = large();
    assert!(!begun(&app.update(Action::TogglePause)));
    assert!(matches!(app.popup, Some(Popup::Heavy(_, Asked::Training))));
    app.update(Action::Back);
    assert_eq!(app.popup, None);
    app.update(Action::TogglePause);
    assert!(begun(&app.update(Action::Choose)));
    assert_eq!(app.popup, None);
    // What was agreed to is not asked for again.
    assert!(begun(&app.update(Action::TogglePause)));
    let mut app = large();
    app.may.budget.bytes = Some(2e8);
    assert!(!begun(&app.update(Action::TogglePause)));
    assert_eq!(app.popup, None);
    assert!(said(&app).starts_with("this training is too large here"));
}

/// A map that takes much waits for a key, and of a visitor's no window is larger than one may be.
#[test]
fn a_large_map_waits_and_a_visitors_is_refused() {
    let with = |steps: usize, bytes: Option<f64>| {
        let mut app = fixture::app();
        app.may.budget.bytes = bytes;
        app.sim.settings.steps = steps;
        app.sim.settings.hidden = 64;
        typed(&mut app, "P");
        let order = app.sweep_order().flatten();
        (app, order.is_some())
    };
    let (mut app, filling) = with(100, None);
    assert!(filling && app.sweep_order().is_none());
    let (mut app, filling) = with(20_000, None);
    assert!(!filling);
    assert!(said(&app).contains("s fills it"), "{}", said(&app));
    typed(&mut app, "s");
    assert!(app.sweep_order().flatten().is_some());
    let (app, filling) = with(20_000, Some(1e7));
    assert!(!filling);
    let why = app.screens.phase.refusal.as_deref().unwrap_or_default();
    assert!(why.contains(" is too large here: at most "), "{why}");
}
