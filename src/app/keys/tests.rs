use std::collections::HashSet;

use super::*;
use crate::app::action::Control;
use crate::app::{Effect, fixture};
use crate::flow::{Path, PathSet};

/// States in which every key of their context can do something.
fn states() -> Vec<App> {
    let base = || {
        let mut app = fixture::app();
        app.settings.peepholes = true;
        app.settings.steps = 150;
        app.update(Action::Change(Control::Forget, -1));
        app.update(Action::ToggleCut(Path::Carousel));
        app.update(Action::Speed(1));
        app.update(Action::Speed(1));
        app.update(Action::Undo);
        app.parameter = 1;
        app.preset_row = 1;
        app
    };
    let mut states = Vec::new();
    for screen in Screen::ALL {
        states.push(App { screen, ..base() });
    }
    states.push(App {
        cutting: true,
        ..base()
    });
    for popup in [
        Popup::Help(5),
        Popup::Input {
            text: "0.9".to_owned(),
            cursor: 1,
        },
    ] {
        states.push(App {
            popup: Some(popup),
            ..base()
        });
    }
    states
}

#[test]
fn the_states_of_this_test_are_all_contexts() {
    let contexts: HashSet<_> = states().iter().map(Context::of).collect();
    assert_eq!(contexts, HashSet::from(Context::ALL));
}

#[test]
fn no_key_has_two_meanings() {
    for context in Context::ALL {
        let mut seen = HashSet::new();
        for binding in TABLE.iter().filter(|b| b.contexts.contains(&context)) {
            for (key, _) in binding.does {
                assert!(seen.insert(*key), "{key:?} twice in {context:?}");
            }
        }
    }
}

#[test]
fn every_binding_is_reachable_wherever_it_claims_to_be() {
    for state in states() {
        let context = Context::of(&state);
        for binding in TABLE.iter().filter(|b| b.contexts.contains(&context)) {
            for (key, does) in binding.does {
                assert_eq!(action(&state, *key).as_ref(), Some(does));
            }
        }
    }
    assert!(TABLE.iter().all(|binding| !binding.contexts.is_empty()));
}

#[test]
fn every_action_of_the_table_has_an_effect() {
    for binding in TABLE {
        for (key, does) in binding.does {
            let works = states().into_iter().any(|mut state| {
                binding.contexts.contains(&Context::of(&state))
                    && !matches!(state.update(*does), Effect::Unchanged)
                    && (state.notice.is_none() || *does == Action::Choose)
            });
            assert!(works, "{} does nothing by {key:?}", binding.keys);
        }
    }
}

#[test]
fn the_keys_shown_are_the_keys_that_work() {
    for binding in TABLE {
        let works: Vec<_> = binding.does.iter().map(|(key, _)| key.name()).collect();
        let shown: Vec<_> = binding.keys.split(' ').collect();
        assert_eq!(shown, works);
    }
}

#[test]
fn help_and_markdown_list_exactly_the_table() {
    let mut listed: Vec<_> = help().into_iter().flat_map(|(_, b)| b).collect();
    assert_eq!(listed.len(), TABLE.len());
    for binding in TABLE {
        let at = listed
            .iter()
            .position(|other| std::ptr::eq(*other, binding));
        listed.swap_remove(at.expect("every binding is listed once"));
    }
    let text = markdown();
    assert_eq!(text.lines().count(), 2 + TABLE.len());
    for binding in TABLE {
        assert!(text.contains(&format!("| {} |\n", binding.help)));
    }
    assert!(text.contains("| controls | `f` `F` | lower, raise the forget gate |\n"));
    // A column more or less would break the table.
    assert!(text.lines().all(|line| line.matches('|').count() == 4));
}

#[test]
fn headings_stand_together() {
    let mut headings: Vec<_> = TABLE.iter().map(|binding| binding.group).collect();
    headings.dedup();
    assert_eq!(headings.len(), help().len());
}

#[test]
fn hints_are_what_works_now() {
    for state in states() {
        let context = Context::of(&state);
        let hints = hints(&state);
        assert!(!hints.is_empty());
        for hint in &hints {
            assert!(hint.contexts.contains(&context));
        }
        assert!(hints.is_sorted_by_key(|hint| hint.rank));
    }
    let mut app = fixture::app();
    let keys = |app: &App| hints(app).iter().map(|b| b.keys).collect::<Vec<_>>();
    assert_eq!(keys(&app)[..5], ["f F", "r R", "c C", "?", "q"]);
    assert!(!keys(&app).contains(&"u"));
    app.update(Action::Adjust(1));
    assert!(keys(&app).contains(&"u"));
    assert!(!keys(&app).contains(&"Ctrl-R"));
    app.update(Action::Undo);
    assert!(keys(&app).contains(&"Ctrl-R"));
}

#[test]
fn letters_are_text_while_a_value_is_typed() {
    let mut app = fixture::app();
    app.update(Action::BeginInput);
    for c in ['q', 'f', ' ', '0', '='] {
        let typed = Some(Action::Input(Edit::Insert(c)));
        assert_eq!(action(&app, Key::Char(c)), typed);
    }
    assert_eq!(action(&app, Key::Ctrl('c')), Some(Action::Quit));
    assert_eq!(action(&app, Key::Tab), None);
}

#[test]
fn a_letter_after_x_cuts() {
    let mut app = fixture::app();
    let mut press = |c| {
        let action = action(&app, Key::Char(c)).expect("bound");
        app.update(action);
        (app.cuts, app.cutting)
    };
    assert_eq!(press('x'), (PathSet::EMPTY, true));
    assert_eq!(press('f'), (PathSet::of(&[Path::Forget]), false));
    assert_eq!(press('x'), (PathSet::of(&[Path::Forget]), true));
    assert_eq!(press('n'), (PathSet::of(&[Path::Forget]), false));
    press('x');
    assert_eq!(press('x'), (PathSet::EMPTY, false));
}

#[test]
fn ctrl_c_quits_from_everywhere() {
    for mut state in states() {
        let quit = action(&state, Key::Ctrl('c')).expect("bound everywhere");
        assert!(matches!(state.update(quit), Effect::Quit));
    }
}

#[test]
fn escape_leads_out_from_everywhere() {
    for mut state in states() {
        state.zoom = true;
        let mut presses = 0;
        loop {
            presses += 1;
            assert!(presses <= 4);
            let back = action(&state, Key::Esc).expect("bound everywhere");
            if matches!(state.update(back), Effect::Quit) {
                break;
            }
        }
    }
}
