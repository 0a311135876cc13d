mod any;
mod limits;
mod seen;
mod studies;

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::app::action::Control;
use crate::app::keys::Key;
use crate::app::screen::hops::State as Hops;
use crate::app::screen::{Own, layers, spectrum};
use crate::app::{controls, fixture, input, keys};
use crate::cell::{CellKind, ForgetGate};
use crate::flow::Path;
use crate::sim::edge::{Knob, Outcome, Search, Trial};
use crate::sim::{Budget, Pace, Settings, Study, StudyRequest, budget};

fn press(app: &mut App, keys: &[Key]) -> Effect {
    let mut last = Effect::Unchanged;
    for key in keys {
        if let Some(action) = keys::action(app, *key) {
            last = app.update(action);
        }
    }
    last
}

fn typed(app: &mut App, text: &str) -> Effect {
    let keys: Vec<_> = text.chars().map(Key::Char).collect();
    press(app, &keys)
}

fn sent(effect: &Effect) -> &Settings {
    match effect {
        Effect::Send(Command::Set { settings, .. }) => settings,
        other => panic!("settings should be sent, not {other:?}"),
    }
}

fn said(app: &App) -> &str {
    app.notice.as_ref().map_or("", |notice| &notice.text)
}

#[test]
fn it_starts_running_with_the_cursor_where_paths_have_parted() {
    let app = fixture::app();
    assert!(app.sim.running);
    assert_eq!((app.focus.cursor, app.window()), (140, 200));
    let start = Effect::Send(app.start_command());
    assert_eq!(sent(&start), &app.sim.settings);
}

#[test]
fn a_key_of_a_control_changes_it_and_selects_it() {
    let mut app = fixture::app();
    let effect = press(&mut app, &[Key::Char('R')]);
    assert_eq!(sent(&effect).rho, Some(1.01));
    assert_eq!(app.focus.control, Control::Radius);
    press(&mut app, &[Key::Char(']'), Key::Char('-')]);
    assert_eq!(app.sim.settings.rho, Some(1.1));
    press(&mut app, &[Key::Char('0')]);
    assert_eq!(app.sim.settings.rho, Some(1.0));
    press(&mut app, &[Key::Tab]);
    assert_eq!(app.focus.control, Control::Threshold);
    press(&mut app, &[Key::Tab]);
    assert_eq!(app.focus.control, Control::Forget);
    press(&mut app, &[Key::Up]);
    assert_eq!(app.focus.control, Control::Threshold);
}

#[test]
fn three_keys_show_the_power_law() {
    let mut app = fixture::app();
    typed(&mut app, "FF");
    assert_eq!(app.sim.settings.forget, ForgetGate::Pinned(1.01));
    assert_eq!(controls::view(&app, Control::Forget).value, "1.010 pinned");
}

#[test]
fn the_end_of_a_range_is_said_once() {
    let mut app = fixture::app();
    app.sim.settings.forget = ForgetGate::Pinned(1.05);
    let effect = app.update(Action::Change(Control::Forget, 1));
    assert!(matches!(effect, Effect::None));
    assert_eq!(said(&app), "forget gate: the range is 0 to 1.05");
    // Again: the picture is as it was.
    let effect = app.update(Action::Change(Control::Forget, 1));
    assert!(matches!(effect, Effect::Unchanged));
    assert!(app.sim.history.before().is_none());
    // The next key clears it, even one that does nothing.
    let effect = app.update(Action::CursorTo(app.focus.cursor));
    assert!(matches!(effect, Effect::None));
    assert_eq!(app.notice, None);
}

#[test]
fn single_steps_pause() {
    let mut app = fixture::app();
    let effect = app.update(Action::StepForward);
    assert!(
        matches!(&effect, Effect::SendAll(commands)
            if matches!(commands[..], [Command::Run(false), Command::Forward])),
        "{effect:?}"
    );
    assert!(!app.sim.running);
    let effect = app.update(Action::StepBack);
    assert!(matches!(effect, Effect::Send(Command::Back)));
    let effect = app.update(Action::TogglePause);
    assert!(matches!(effect, Effect::Send(Command::Run(true))));
    let effect = app.update(Action::Rewind);
    assert!(matches!(effect, Effect::Send(Command::Rewind)));
    assert!(app.sim.running);
}

#[test]
fn the_cursor_stays_in_the_window_and_keeps_its_place() {
    let mut app = fixture::app();
    press(&mut app, &[Key::Home]);
    assert_eq!(app.focus.cursor, 1);
    assert!(matches!(press(&mut app, &[Key::Left]), Effect::Unchanged));
    press(&mut app, &[Key::PageDown, Key::ShiftRight, Key::Char('l')]);
    assert_eq!(app.focus.cursor, 1 + 20 + 10 + 1);
    press(&mut app, &[Key::Char('G')]);
    assert_eq!(app.focus.cursor, 200);
    app.update(Action::CursorTo(100_000));
    assert_eq!(app.focus.cursor, 200);
    app.update(Action::MoveCursor(i64::MIN));
    assert_eq!(app.focus.cursor, 1);

    // T goes down to its end one by one and comes back: so does the cursor, without drifting.
    app.update(Action::CursorTo(140));
    app.screen = Screen::Settings;
    app.screens.settings.row = 5;
    for _ in 0..198 {
        app.update(Action::Adjust(-1));
        assert!((1..=app.sim.settings.steps).contains(&app.focus.cursor));
    }
    assert_eq!((app.sim.settings.steps, app.focus.cursor), (2, 2));
    for _ in 0..198 {
        app.update(Action::Adjust(1));
    }
    assert_eq!((app.sim.settings.steps, app.focus.cursor), (200, 140));
}

#[test]
fn the_cursor_belongs_to_the_window_that_is_shown() {
    let mut app = fixture::app();
    app.report(Report::Snapshot(fixture::snapshot(&app.sim.settings, 0.99)));
    app.sim.settings.steps = 2_000;
    app.update(Action::CursorTo(usize::MAX));
    assert_eq!(app.focus.cursor, 200, "the longer window has not come yet");
    app.report(Report::Snapshot(fixture::snapshot(&app.sim.settings, 0.99)));
    assert_eq!((app.window(), app.focus.cursor), (2_000, 2_000));
    app.sim.settings.steps = 3;
    app.report(Report::Snapshot(fixture::snapshot(&app.sim.settings, 0.99)));
    assert_eq!((app.window(), app.focus.cursor), (3, 3));
}

#[test]
fn everything_that_changes_can_be_undone_and_redone() {
    let mut app = fixture::app();
    let start = app.moment();
    let effect = typed(&mut app, "fRC+=1.5");
    assert!(matches!(effect, Effect::None));
    press(&mut app, &[Key::Enter]);
    typed(&mut app, "xcxg>4");
    press(&mut app, &[Key::Char('G'), Key::Char('-')]);
    press(&mut app, &[Key::Char('p'), Key::End, Key::Enter]);
    assert_eq!(app.sim.title, "long");
    assert_eq!(app.screen, Screen::Flow);
    typed(&mut app, "r");
    press(&mut app, &[Key::Backspace]);
    assert_eq!(app.sim.settings, app.sim.preset);
    let end = app.moment();

    let mut undone = 0;
    while app.sim.history.before().is_some() {
        let effect = typed(&mut app, "u");
        assert_eq!(sent(&effect), &app.sim.settings);
        undone += 1;
    }
    // The two changes of the speed are none.
    assert_eq!(undone, 10);
    assert_eq!(app.moment(), start);
    assert!(matches!(typed(&mut app, "u"), Effect::None));
    assert_eq!(said(&app), "nothing to undo");
    for _ in 0..undone {
        press(&mut app, &[Key::Ctrl('r')]);
    }
    assert_eq!(app.moment(), end);
    press(&mut app, &[Key::Ctrl('r')]);
    assert_eq!(said(&app), "nothing to redo");
}

#[test]
fn a_value_is_typed_under_the_eyes_of_its_range() {
    let mut app = fixture::app();
    typed(&mut app, "r=");
    let prompt = |app: &App| input::prompt(app).expect("the line is open");
    assert_eq!(prompt(&app).range, "a number from 0 to 100, or drawn");
    assert_eq!(prompt(&app).error, None);
    typed(&mut app, "1.0l");
    let sentence = "spectral radius: expected a number from 0 to 100, or drawn, found '1.0l'";
    assert_eq!(prompt(&app).error.as_deref(), Some(sentence));
    press(&mut app, &[Key::Enter]);
    // It stays, and is said once.
    assert_eq!(prompt(&app).error.as_deref(), Some(sentence));
    assert_eq!(app.notice, None);
    press(&mut app, &[Key::Backspace, Key::Char('1')]);
    assert_eq!(prompt(&app).error, None);
    let effect = press(&mut app, &[Key::Enter]);
    assert_eq!(sent(&effect).rho, Some(1.01));
    assert_eq!(app.popup, None);

    typed(&mut app, "=7");
    press(&mut app, &[Key::Esc]);
    assert_eq!((app.sim.settings.rho, &app.popup), (Some(1.01), &None));
    // An empty line, or the value that is there, closes without a change.
    for text in ["=", "=1.01"] {
        typed(&mut app, text);
        assert!(matches!(press(&mut app, &[Key::Enter]), Effect::None));
        assert_eq!((app.sim.settings.rho, &app.popup), (Some(1.01), &None));
    }
}

#[test]
fn a_row_of_the_list_is_typed_and_reset() {
    let mut app = fixture::app();
    typed(&mut app, "4");
    press(
        &mut app,
        &[
            Key::Home,
            Key::Down,
            Key::Down,
            Key::Down,
            Key::Down,
            Key::Enter,
        ],
    );
    typed(&mut app, "64");
    let effect = press(&mut app, &[Key::Enter]);
    assert_eq!(sent(&effect).hidden, 64);
    press(&mut app, &[Key::Right, Key::Char('0')]);
    assert_eq!(app.sim.settings.hidden, 32);
    // A control's key selects its row, so that − and + go on with it.
    typed(&mut app, "c+");
    assert_eq!(Parameter::at(app.screens.settings.row).name(), "threshold");
    assert_eq!(app.sim.settings.threshold, 5.0);
}

#[test]
fn cells_go_round_are_typed_and_undone() {
    let mut app = fixture::app();
    let names = |app: &App| app.sim.settings.cells.map(|cell| cell.kind.name());
    let effect = typed(&mut app, "a");
    assert_eq!(sent(&effect).cells, app.sim.settings.cells);
    assert_eq!(names(&app), ["gru", "rnn"]);
    typed(&mut app, "AA");
    assert_eq!(names(&app), ["gru", "gru"]);
    typed(&mut app, "uu");
    assert_eq!(names(&app), ["gru", "rnn"]);
    typed(&mut app, "4");
    press(&mut app, &[Key::Home, Key::Down, Key::Down, Key::Enter]);
    typed(&mut app, "lstm");
    press(&mut app, &[Key::Enter]);
    assert_eq!(names(&app), ["gru", "lstm"]);
}

#[test]
fn a_path_that_neither_cell_has_is_not_cut() {
    let mut app = fixture::app();
    typed(&mut app, "xk");
    assert_eq!(said(&app), "neither cell has such a path to cut");
    assert!(app.sim.cuts.is_empty() && !app.cutting);
    typed(&mut app, "axkxh");
    assert!(app.sim.cuts.contains(Path::Leak) && app.sim.cuts.contains(Path::Recurrent));
    // What is cut can be restored when its cell has gone.
    typed(&mut app, "aaxk");
    assert!(!app.sim.cuts.contains(Path::Leak));
}

#[test]
fn a_fixed_shape_stays() {
    let mut app = fixture::app();
    app.sim.trained = Some(CellKind::Lstm);
    app.sim.settings.hidden = 16;
    app.sim.settings.inputs = 3;
    typed(&mut app, "4");
    press(
        &mut app,
        &[
            Key::Home,
            Key::Down,
            Key::Down,
            Key::Down,
            Key::Down,
            Key::Char('+'),
        ],
    );
    assert_eq!(said(&app), "H is fixed by the trained weights");
    press(&mut app, &[Key::Enter]);
    assert_eq!(app.popup, None);
    press(&mut app, &[Key::Char('p'), Key::End, Key::Enter]);
    assert_eq!(app.sim.title, "long");
    press(&mut app, &[Key::Backspace]);
    assert_eq!((app.sim.settings.hidden, app.sim.settings.inputs), (16, 3));
    assert_eq!(said(&app), "all is as the preset has it");
}

#[test]
fn the_shape_of_files_is_taken_from_the_window() {
    let mut app = fixture::app();
    let mut computed = app.sim.settings.clone();
    computed.hidden = 16;
    computed.inputs = 3;
    app.report(Report::Snapshot(fixture::snapshot(&computed, 1.0)));
    assert_eq!((app.sim.settings.hidden, app.sim.settings.inputs), (32, 8));
    app.sim.trained = Some(CellKind::Lstm);
    app.report(Report::Snapshot(fixture::snapshot(&computed, 1.0)));
    assert_eq!((app.sim.settings.hidden, app.sim.settings.inputs), (16, 3));
    assert!(app.sim.history.before().is_none());
}

#[test]
fn the_speed_is_nothing_to_undo() {
    let mut app = fixture::app();
    assert!(matches!(
        app.update(Action::Speed(1)),
        Effect::Send(Command::Pace(Pace { speed: 20 }))
    ));
    assert!(app.sim.history.before().is_none());
    app.update(Action::Change(Control::Forget, 1));
    assert_eq!(*sent(&app.update(Action::Undo)), app.sim.preset);
    assert_eq!(app.sim.pace.speed, 20);
    typed(&mut app, "u");
    assert_eq!(said(&app), "nothing to undo");
}
