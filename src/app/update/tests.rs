use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::app::action::Control;
use crate::app::keys::Key;
use crate::app::screen::hops::state::State as Hops;
use crate::app::screen::{Own, layers, spectrum};
use crate::app::{controls, fixture, keys};
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
    assert!(!app.sim.history.can_undo());
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
    app.update(Action::CursorEnd);
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
    while app.sim.history.can_undo() {
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
    assert!(!app.sim.history.can_undo());
}

#[test]
fn a_preset_says_what_to_press() {
    let mut app = fixture::app();
    press(&mut app, &[Key::Char('p'), Key::Down, Key::Enter]);
    assert_eq!((app.told, app.sim.title.as_str()), (false, "start"));
    assert_eq!(app.sim.settings, Settings::default());
    assert_eq!(app.sim.preset, Settings::default());
    // Loading it again changes nothing but the screen.
    let effect = press(&mut app, &[Key::Char('p'), Key::Enter]);
    assert!(matches!(effect, Effect::None));
    // It stands there until the first key, whatever that does.
    assert!(!app.told);
    let effect = press(&mut app, &[Key::Home]);
    assert!(!matches!(effect, Effect::Unchanged));
    assert!(app.told);
}

#[test]
fn leaving_a_session_with_changed_settings_is_asked_for_twice() {
    let mut app = fixture::app();
    assert!(matches!(press(&mut app, &[Key::Esc]), Effect::Quit));
    // One that has changed something.
    press(&mut app, &[Key::Char('r')]);
    assert!(matches!(press(&mut app, &[Key::Esc]), Effect::None));
    assert!(said(&app).contains("once more leaves"), "{}", said(&app));
    assert!(matches!(press(&mut app, &[Key::Esc]), Effect::Quit));
    // Any other key between them stays.
    press(&mut app, &[Key::Esc, Key::Left]);
    assert!(matches!(press(&mut app, &[Key::Esc]), Effect::None));
    // What was taken back is no change any more, and q means it.
    press(&mut app, &[Key::Char('u')]);
    assert!(matches!(press(&mut app, &[Key::Esc]), Effect::Quit));
    press(&mut app, &[Key::Char('R')]);
    assert!(matches!(press(&mut app, &[Key::Char('q')]), Effect::Quit));
}

#[test]
fn paths_are_cut_one_by_one_and_together() {
    let mut app = fixture::app();
    let gates = PathSet::of(&[Path::Block, Path::Input, Path::Forget, Path::Output]);
    typed(&mut app, "xb");
    assert_eq!(app.sim.cuts, PathSet::of(&[Path::Block]));
    let effect = typed(&mut app, "xg");
    assert!(matches!(effect, Effect::Send(Command::Set { cuts, .. }) if cuts == gates));
    typed(&mut app, "xg");
    assert_eq!(app.sim.cuts, PathSet::EMPTY);
    typed(&mut app, "xp");
    assert_eq!(app.sim.cuts, PathSet::EMPTY);
    assert!(said(&app).starts_with("there are no peepholes"));
    app.sim.settings.peepholes = true;
    typed(&mut app, "xp");
    assert!(app.sim.cuts.contains(Path::PeepholeForget));
    // Without peepholes they can still be restored.
    app.sim.settings.peepholes = false;
    typed(&mut app, "xp");
    assert_eq!(app.sim.cuts, PathSet::EMPTY);
    assert!(matches!(typed(&mut app, "xx"), Effect::None));
}

#[test]
fn the_question_goes_round_and_is_sent() {
    let mut app = fixture::app();
    for expected in [Question::Without, Question::Share, Question::Alone] {
        let effect = typed(&mut app, "v");
        assert!(
            matches!(effect, Effect::Send(Command::Set { question, .. }) if question == expected)
        );
    }
}

#[test]
fn the_axis_is_fixed_around_the_curves() {
    let mut app = fixture::app();
    // 1.5¹⁹⁹ = 10^35.04
    for factor in [None, Some(1.5), Some(0.9), Some(0.0)] {
        if let Some(factor) = factor {
            app.report(Report::Snapshot(fixture::snapshot(
                &app.sim.settings,
                factor,
            )));
        }
        let drawn = app.drawn_axis();
        typed(&mut app, "y");
        assert_eq!(app.look.axis, Some(drawn), "as it was drawn");
        assert_eq!(app.drawn_axis(), drawn, "nothing moves");
        typed(&mut app, "y");
        assert_eq!((app.look.axis, app.drawn_axis()), (None, drawn));
    }
    app.report(Report::Snapshot(fixture::snapshot(&app.sim.settings, 1.5)));
    typed(&mut app, "y");
    app.report(Report::Snapshot(fixture::snapshot(&app.sim.settings, 1.0)));
    assert!(app.drawn_axis().high >= 35.0, "it stays");
}

#[test]
fn actions_of_other_screens_say_where_they_work() {
    let mut app = fixture::app();
    for (keys, works) in [
        ("2z", false),
        ("3v", false),
        ("6y", false),
        ("3S", false),
        ("7S", true),
        ("2v", true),
        ("1z", true),
    ] {
        typed(&mut app, keys);
        assert_eq!(app.notice.is_none(), works, "{keys}");
        assert_eq!(app.screens.flow.zoom, keys == "1z", "{keys}");
    }
}

/// `/` on a page shows the lines that have what is typed, letters are text, and Esc shows the page whole.
#[test]
fn a_page_is_searched_in_its_place() {
    let mut app = fixture::app();
    for open in [
        Popup::Help(Scroll::default()),
        Popup::Words(Scroll::default()),
    ] {
        app.popup = Some(open.clone());
        typed(&mut app, "/jq?");
        let Some(Popup::Search { text, words, .. }) = &app.popup else {
            panic!("{:?}", app.popup)
        };
        assert_eq!(text, "jq?");
        assert_eq!(*words, matches!(open, Popup::Words(_)));
        press(&mut app, &[Key::Esc]);
        assert_eq!(app.popup, Some(open));
    }
}

#[test]
fn screens_leave_popups_and_zoom() {
    let mut app = fixture::app();
    typed(&mut app, "z?");
    assert_eq!(app.popup, Some(Popup::Help(Scroll::default())));
    app.update(Action::Scroll(3));
    assert_eq!(app.popup, Some(Popup::Help(Scroll::at(3))));
    app.update(Action::Show(Screen::Gates));
    assert_eq!((&app.popup, app.screens.flow.zoom), (&None, false));
    assert!(matches!(
        app.update(Action::Show(Screen::Gates)),
        Effect::Unchanged
    ));
    press(&mut app, &[Key::Esc]);
    assert_eq!(app.screen, Screen::Flow);
    assert!(matches!(press(&mut app, &[Key::Esc]), Effect::Quit));
}

#[test]
fn a_path_is_selected_on_its_screen() {
    let mut app = fixture::app();
    typed(&mut app, "2");
    let control = app.focus.control;
    press(&mut app, &[Key::Up, Key::Up]);
    assert_eq!(app.path_row(), 0, "the total is the first one");
    app.report(Report::Snapshot(fixture::snapshot(&app.sim.settings, 1.0)));
    press(&mut app, &[Key::Down; 20]);
    let flow = app.focused_flow().expect("there is a window");
    let paths = flow.paths.iter().filter(|p| p.path != Path::Loss);
    assert_eq!(app.path_row(), paths.count());
    assert_eq!(app.focus.control, control, "the controls stay");
}

#[test]
fn the_number_of_hop_orders_is_chosen_and_bounded_by_the_window() {
    let mut app = fixture::app();
    typed(&mut app, "6+]");
    assert_eq!(app.orders(), Hops::ORDERS + 11);
    typed(&mut app, "0=");
    let prompt = input::prompt(&app).expect("the line is open");
    assert_eq!(prompt.range, "a whole number from 0 to 200");
    typed(&mut app, "201");
    press(&mut app, &[Key::Enter]);
    let sentence = "hop orders K: expected a whole number from 0 to 200, found '201'";
    let prompt = input::prompt(&app).expect("the line stays open");
    assert_eq!(prompt.error.as_deref(), Some(sentence));
    press(&mut app, &[Key::Backspace, Key::Char('0'), Key::Enter]);
    assert_eq!(app.orders(), 200);
    typed(&mut app, "+");
    assert_eq!(said(&app), "hop orders K: the range is 0 to 200");
    // A long window has room for fewer, a short one for no more than its steps.
    app.sim.settings.steps = 20_000;
    assert_eq!((app.most_orders(), app.orders()), (100, 100));
    app.sim.settings.steps = 3;
    assert_eq!(app.orders(), 3);
    app.sim.settings.steps = 200;
    assert_eq!(app.orders(), 200, "what was chosen comes back");
}

#[test]
fn looks_go_round() {
    let mut app = fixture::app();
    typed(&mut app, "mmm");
    assert_eq!(app.look.marker, Marker::Octant);
    typed(&mut app, "m");
    assert_eq!(app.look.marker, Marker::Braille);
    typed(&mut app, "tttt");
    assert_eq!(app.look.theme, ThemeName::Dark);
    assert!(
        app.look.own_theme && app.look.own_marker,
        "worth remembering now"
    );
    assert!(matches!(typed(&mut app, "M"), Effect::Mouse(true)));
    assert!(matches!(typed(&mut app, "M"), Effect::Mouse(false)));
    typed(&mut app, "ww");
    assert_eq!(app.focus.side, Side::Left);
}

#[test]
fn a_study_is_kept_while_it_is_wanted() {
    let mut app = fixture::app();
    let request = StudyRequest::Hops {
        side: Side::Left,
        orders: 4,
    };
    let study = |orders| {
        Report::Study(Arc::new(Study {
            request: StudyRequest::Hops {
                side: Side::Left,
                orders,
            },
            settings: Settings::default(),
            now: 200,
            finding: Err("it did not converge".to_owned()),
        }))
    };
    let progress = |request| Report::StudyProgress(request, 0.5);
    assert!(!app.report(study(4)) && !app.report(progress(request)));
    app.study.asked = Some(request);
    assert!(
        !app.report(progress(StudyRequest::Layers)),
        "of one that was cancelled"
    );
    assert!(app.report(progress(request)));
    assert!(!app.report(study(5)), "of a request that is over");
    assert!(app.report(study(4)));
    assert!(app.study.found.is_some() && app.study.progress.is_none());
    // No screen wants it: the worker is told, with whatever else it is told.
    let Effect::SendAll(commands) = typed(&mut app, "f") else {
        panic!("two commands");
    };
    assert!(matches!(
        commands.as_slice(),
        [Command::Set { .. }, Command::Study(None)]
    ));
    assert!(app.study.found.is_none());
    assert!(matches!(typed(&mut app, "f"), Effect::Send(_)));
}

fn search(app: &App, outcome: Option<Outcome>) -> Report {
    let Some(Popup::Edge(edge)) = &app.popup else {
        panic!("no search is shown");
    };
    let first = Trial {
        value: edge.request.start,
        log_r: Some(-0.1),
    };
    Report::Edge(Arc::new(Search {
        knob: edge.request.knob,
        trials: vec![first],
        bracket: None,
        outcome,
        spread: None,
        ends: None,
    }))
}

const EDGE: Outcome = Outcome::Found(Trial {
    value: 1.25,
    log_r: Some(0.0),
});

#[test]
fn an_edge_that_is_found_is_one_change() {
    let mut app = fixture::app();
    let Effect::Send(Command::FindEdge(request)) = typed(&mut app, "rE") else {
        panic!("a search should begin");
    };
    assert_eq!((request.knob, request.start), (Knob::Radius, 0.99));
    assert!(app.report(search(&app, None)));
    assert_eq!(app.sim.settings.rho, Some(0.99), "nothing is found yet");
    assert!(app.report(search(&app, Some(EDGE))));
    assert_eq!(app.sim.settings.rho, Some(1.25));
    assert!(app.popup.is_some(), "what was found stays in sight");
    // Undone as one step, from the popup.
    assert_eq!(sent(&typed(&mut app, "u")).rho, Some(0.99));
    assert_eq!((app.sim.settings.rho, &app.popup), (Some(0.99), &None));
    // What comes late is of no use.
    typed(&mut app, "E");
    let late = search(&app, Some(EDGE));
    typed(&mut app, "q");
    assert!(!app.report(late));
    assert_eq!(app.sim.settings.rho, Some(0.99));
}

#[test]
fn a_search_that_changes_nothing_is_no_change() {
    let mut app = fixture::app();
    typed(&mut app, "rE");
    let start = Trial {
        value: 0.99,
        log_r: Some(0.0),
    };
    app.report(search(&app, Some(Outcome::Found(start))));
    assert!(matches!(&app.popup, Some(Popup::Edge(edge)) if !edge.changes()));
    // The change before the search stays.
    typed(&mut app, "u");
    assert_eq!((app.sim.settings.rho, &app.popup), (Some(0.99), &None));
    assert_eq!(said(&app), "the search changed nothing");
    assert_eq!(sent(&typed(&mut app, "u")).rho, Some(1.0));
}

#[test]
fn a_search_is_cancelled_by_what_is_computed_instead() {
    let mut app = fixture::app();
    typed(&mut app, "rE");
    app.report(search(&app, None));
    assert_eq!(sent(&press(&mut app, &[Key::Esc])).rho, Some(0.99));
    assert!(app.popup.is_none() && said(&app).contains("cancelled"));
    // One that ended changes nothing when it is left.
    typed(&mut app, "E");
    let end = Trial {
        value: 0.0,
        log_r: None,
    };
    app.report(search(&app, Some(Outcome::NoCrossing(end, end))));
    assert!(matches!(press(&mut app, &[Key::Enter]), Effect::None));
    assert_eq!(app.sim.settings.rho, Some(0.99));
    // A failure leaves no search waiting.
    typed(&mut app, "E");
    app.report(Report::Failed("no numbers".to_owned()));
    assert!(app.popup.is_none());
}

#[test]
fn only_what_has_an_edge_is_searched() {
    let mut app = fixture::app();
    typed(&mut app, "cE");
    assert!(app.popup.is_none() && said(&app).contains("edge: select"));
    typed(&mut app, "4");
    app.screens.settings.row = Parameter::row("gate_scale.output");
    let Effect::Send(Command::FindEdge(request)) = typed(&mut app, "E") else {
        panic!("a search should begin");
    };
    assert_eq!(request.knob, Knob::ScaleOutput);
}

#[test]
fn a_cell_with_one_matrix_has_none_to_choose() {
    let mut app = fixture::app();
    app.report(Report::Snapshot(fixture::snapshot(&app.sim.settings, 0.9)));
    app.update(Action::Show(Screen::Spectrum));
    app.update(Action::Own(Own::Spectrum(
        spectrum::state::Action::NextMatrix,
    )));
    assert_eq!(app.screens.spectrum.matrix, 0);
    assert!(said(&app).contains("none to choose"), "{}", said(&app));
}

#[test]
fn the_spectrum_is_studied_while_it_is_shown() {
    let mut app = fixture::app();
    let study = |effect: &Effect| match effect {
        Effect::Send(Command::Study(study)) => *study,
        other => panic!("a study should be sent, not {other:?}"),
    };
    let of = |side| Some(StudyRequest::Spectrum { side });
    assert_eq!(study(&typed(&mut app, "7")), of(Side::Left));
    assert_eq!(study(&typed(&mut app, "w")), of(Side::Right));
    assert!(matches!(typed(&mut app, "S"), Effect::None));
    assert_eq!(study(&typed(&mut app, "1")), None);
    typed(&mut app, "S");
    assert!(said(&app).contains("spectrum"));
}

#[test]
fn a_key_that_changes_nothing_in_sight_says_what_it_did() {
    let mut app = fixture::app();
    typed(&mut app, "0");
    assert_eq!(said(&app), "forget gate is as the preset has it");
    typed(&mut app, "60");
    assert_eq!(said(&app), "hop orders K is as it was at the start");
    typed(&mut app, "40");
    assert_eq!(said(&app), "left cell is as the preset has it");
    let cursor = app.focus.cursor;
    typed(&mut app, "7h");
    assert_eq!(app.focus.cursor, cursor);
    assert!(said(&app).contains("no cursor"), "{}", said(&app));
    typed(&mut app, "m");
    assert_eq!(said(&app), "curves are drawn with blocks");
    // The title has the speed while the simulation runs.
    typed(&mut app, ">");
    assert_eq!(said(&app), "");
    typed(&mut app, " <");
    let speed = app.sim.pace.speed;
    assert_eq!(said(&app), format!("speed: {speed} steps per second"));
}

#[test]
fn a_cut_that_changes_nothing_in_sight_says_where_it_does() {
    for (screen, shows) in [("1", true), ("6", true), ("3", false), ("7", false)] {
        let mut app = fixture::app();
        typed(&mut app, screen);
        let offers = |app: &App| keys::hints(app).iter().any(|hint| hint.label == "cut");
        assert_eq!(offers(&app), shows);
        typed(&mut app, "xo");
        assert!(app.sim.cuts.contains(Path::Output));
        assert_eq!(said(&app).is_empty(), shows, "{}", said(&app));
    }
}

#[test]
fn a_control_without_effect_says_so() {
    let mut app = fixture::app();
    app.sim.settings.cells = [CellKind::Rnn, CellKind::Gru].map(Into::into);
    typed(&mut app, "f");
    assert_eq!(said(&app), "forget gate: no lstm: no effect");
    typed(&mut app, "r");
    assert_eq!(said(&app), "");
    app.sim.settings.cells = [CellKind::MinGru, CellKind::MinLstm].map(Into::into);
    typed(&mut app, "r");
    assert_eq!(
        said(&app),
        "spectral radius: no recurrent matrix: no effect"
    );
    app.sim.settings.cells = [CellKind::Rnn, CellKind::Lstm].map(Into::into);
    // Trained matrices whose eigenvalues are all 0 have no radius to scale.
    let mut snapshot = fixture::snapshot(&app.sim.settings, 1.0);
    for flow in &mut std::sync::Arc::get_mut(&mut snapshot).unwrap().flows {
        flow.matrices
            .iter_mut()
            .for_each(|m| m.spectral_radius = 0.0);
    }
    app.report(Report::Snapshot(snapshot));
    typed(&mut app, "r");
    assert_eq!(
        said(&app),
        "spectral radius: all eigenvalues are 0: not scaled"
    );
}

#[test]
fn why_nothing_can_be_computed_stays_until_something_is() {
    let mut app = fixture::app();
    let why = "the rnn leaves the range of numbers at step 7: lower ρ, T or input";
    app.report(Report::Failed(why.to_owned()));
    typed(&mut app, "w");
    assert_eq!(said(&app), "");
    assert!(
        app.sim
            .stopped
            .as_ref()
            .is_some_and(|notice| notice.text == why)
    );
    app.report(Report::Snapshot(fixture::snapshot(&app.sim.settings, 1.0)));
    assert_eq!(app.sim.stopped, None);
}

#[test]
fn reports_say_whether_to_draw() {
    let mut app = fixture::app();
    assert!(app.report(Report::Progress(0.5)));
    assert!(!app.report(Report::Progress(0.5)));
    app.report(Report::Progress(7.0));
    assert_eq!(app.sim.progress, Some(1.0));
    assert!(app.report(Report::Failed("h leaves the numbers at step 7".to_owned())));
    assert_eq!(app.sim.progress, None);
    assert!(!app.report(Report::Failed("h leaves the numbers at step 7".to_owned())));
    assert!(app.report(Report::Snapshot(fixture::snapshot(&app.sim.settings, 1.0))));
    assert!(app.report(Report::EndOfInput));
    assert!(!app.sim.running);
    assert_eq!(said(&app), "the input is at its end: paused");
}

/// A layer is chosen, read and left; the cursor keeps its place in windows of another T.
#[test]
fn the_layers_of_a_model() {
    let mut app = fixture::app();
    assert_eq!(app.wanted_study(), None);
    app.update(Action::Show(Screen::Layers));
    assert_eq!(app.wanted_study(), None, "there is no model");
    app.update(Action::Show(Screen::Flow));
    app.screens.layers.steps = Some(60);
    let cursor = app.focus.cursor;
    let effect = app.update(Action::Show(Screen::Layers));
    assert!(matches!(
        effect,
        Effect::Send(Command::Study(Some(StudyRequest::Layers)))
    ));
    assert_eq!((app.window(), app.focus.cursor), (60, 42));
    app.report(Report::Study(fixture::layers()));
    assert_eq!(app.selected_layer().map(|layer| layer.layer), Some(1));
    app.update(Action::Scroll(3));
    app.update(Action::Select(1));
    assert_eq!(app.selected_layer().map(|layer| layer.layer), Some(0));
    assert_eq!(
        (app.screens.layers.row, app.screens.layers.words.top()),
        (1, 0)
    );
    assert!(matches!(app.update(Action::Select(1)), Effect::Unchanged));
    app.update(Action::Own(Own::Layers(layers::state::Action::Whole)));
    assert!(app.screens.layers.whole);
    app.update(Action::CursorEnd);
    assert_eq!(app.focus.cursor, 60);
    app.update(Action::Back);
    assert_eq!(
        (app.screen, app.window(), app.focus.cursor),
        (Screen::Flow, 200, 200)
    );
    assert!(app.study.found.is_none());
    assert_ne!(cursor, 200);
}

fn any_action() -> impl Strategy<Value = Action> {
    let control = prop::sample::select(&Control::ALL[..]);
    let path = prop::sample::select(&[Path::Carousel, Path::Output, Path::PeepholeInput][..]);
    let edit = prop_oneof![
        "[ -~]".prop_map(|s| Edit::Insert(s.chars().next().unwrap_or('0'))),
        (-3..3i32).prop_map(Edit::Move),
        (-1..2i32).prop_map(Edit::End),
        Just(Edit::Backspace),
        Just(Edit::Delete),
    ];
    let from_table = prop::sample::select(
        keys::table()
            .flat_map(|binding| binding.acts)
            .map(|act| act.action)
            .collect::<Vec<_>>(),
    );
    prop_oneof![
        6 => from_table,
        2 => (control, any::<i32>()).prop_map(|(c, n)| Action::Change(c, n)),
        2 => any::<i32>().prop_map(Action::Adjust),
        2 => (-30..30i32).prop_map(Action::Select),
        1 => path.prop_map(Action::ToggleCut),
        1 => any::<i64>().prop_map(Action::MoveCursor),
        1 => any::<i32>().prop_map(Action::CursorTenths),
        1 => any::<usize>().prop_map(Action::CursorTo),
        1 => any::<i32>().prop_map(Action::Scroll),
        1 => any::<i32>().prop_map(Action::Speed),
        3 => edit.prop_map(Action::Input),
    ]
}

fn check_invariants(app: &App) -> Result<(), TestCaseError> {
    prop_assert_eq!(app.sim.settings.check(), Ok(()));
    prop_assert!((1..=app.window()).contains(&app.focus.cursor));
    prop_assert!(app.screens.settings.row < Parameter::all().len());
    prop_assert!(app.screens.presets.row < app.presets.len());
    for control in Control::ALL {
        let view = controls::view(app, control);
        prop_assert!((0.0..=1.0).contains(&view.fraction));
    }
    prop_assert_eq!(parameters::rows(app).len(), Parameter::all().len());
    prop_assert!(!keys::hints(app).is_empty());
    if let Some(Popup::Input { text, cursor, .. } | Popup::Palette { text, cursor, .. }) =
        &app.popup
    {
        prop_assert!(*cursor <= text.chars().count());
    }
    if let Some((entries, row)) = palette::shown(app) {
        prop_assert!(entries.is_empty() || row < entries.len());
    }
    Ok(())
}

proptest! {
    #[test]
    fn any_actions_keep_the_invariants_and_can_be_undone(
        actions in prop::collection::vec(any_action(), 1..200),
        trained: bool,
        has_sequence: bool,
        model in prop::option::of(1usize..400),
    ) {
        let mut app = fixture::app();
        app.screens.layers.steps = model;
        app.sim.trained = trained.then_some(CellKind::Lstm);
        app.sim.has_sequence = has_sequence;
        let start = app.moment();
        for (at, action) in actions.into_iter().enumerate() {
            let before = app.moment();
            let effect = app.update(action);
            let sets = |command: &Command| matches!(command, Command::Set { .. });
            let told = match &effect {
                Effect::Send(command) => sets(command),
                Effect::SendAll(commands) => commands.iter().any(sets),
                _ => false,
            };
            prop_assert!(told || app.moment() == before, "a change the worker did not hear of");
            if at % 7 == 0 && app.sim.settings.steps < 3_000 {
                app.report(Report::Snapshot(fixture::snapshot(&app.sim.settings, 0.9)));
            }
            check_invariants(&app)?;
        }
        let end = app.moment();
        let mut undone = 0;
        while app.sim.history.can_undo() {
            app.update(Action::Undo);
            check_invariants(&app)?;
            undone += 1;
        }
        prop_assert_eq!(app.moment(), start);
        for _ in 0..undone {
            app.update(Action::Redo);
            check_invariants(&app)?;
        }
        prop_assert_eq!(app.moment(), end);
    }
}

#[test]
fn the_speed_is_nothing_to_undo() {
    let mut app = fixture::app();
    assert!(matches!(
        app.update(Action::Speed(1)),
        Effect::Send(Command::Pace(Pace { speed: 20 }))
    ));
    assert!(!app.sim.history.can_undo());
    app.update(Action::Change(Control::Forget, 1));
    assert_eq!(*sent(&app.update(Action::Undo)), app.sim.preset);
    assert_eq!(app.sim.pace.speed, 20);
    typed(&mut app, "u");
    assert_eq!(said(&app), "nothing to undo");
}

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
        let Some(Popup::Heavy(cost, _)) = &app.popup else {
            panic!("{:?}", app.popup);
        };
        assert_eq!(*cost, budget::window(&large));
        assert_eq!(app.sim.settings, small);
    };
    app.set(large.clone());
    asked(&mut app, Action::Redraw);
    app.update(Action::Back);
    assert_eq!((&app.popup, &app.sim.settings), (&None, &small));
    assert!(!app.sim.history.can_undo());
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
