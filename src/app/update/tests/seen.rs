//! Screens, pages, paths and words on the screen.

use super::*;

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
    for words in [false, true] {
        let open = Popup::Page(Page {
            words,
            ..Page::default()
        });
        app.popup = Some(open.clone());
        typed(&mut app, "/jq?");
        let searched = Page {
            words,
            search: Some(TextLine::of("jq?".to_owned())),
            ..Page::default()
        };
        assert_eq!(app.popup, Some(Popup::Page(searched)));
        press(&mut app, &[Key::Esc]);
        assert_eq!(app.popup, Some(open));
    }
}

#[test]
fn screens_leave_popups_and_zoom() {
    let mut app = fixture::app();
    typed(&mut app, "z?");
    assert_eq!(app.popup, Some(Popup::Page(Page::default())));
    app.update(Action::Scroll(3));
    assert!(matches!(&app.popup, Some(Popup::Page(page)) if page.scroll.top() == 3));
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
    app.update(Action::CursorTo(usize::MAX));
    assert_eq!(app.focus.cursor, 60);
    app.update(Action::Back);
    assert_eq!(
        (app.screen, app.window(), app.focus.cursor),
        (Screen::Flow, 200, 200)
    );
    assert!(app.study.found.is_none());
    assert_ne!(cursor, 200);
}
