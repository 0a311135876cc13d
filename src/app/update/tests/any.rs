//! Whatever is done, in any order.

use super::*;

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
    if let Some(Popup::Input { line, .. } | Popup::Palette { line, .. }) = &app.popup {
        prop_assert!(line.cursor <= line.text.chars().count());
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
        while app.sim.history.before().is_some() {
            let before = app.moment();
            app.update(Action::Undo);
            check_invariants(&app)?;
            // The first may only end a search for the edge.
            undone += usize::from(app.moment() != before);
        }
        prop_assert_eq!(app.moment(), start);
        for _ in 0..undone {
            app.update(Action::Redo);
            check_invariants(&app)?;
        }
        prop_assert_eq!(app.moment(), end);
    }
}
