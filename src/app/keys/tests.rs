use std::collections::HashSet;
use std::sync::Arc;

use super::*;
use crate::app::action::{Action, Control, Edit};
use crate::app::input::TextLine;
use crate::app::popup::{Asked, Page, Popup, Step};
use crate::app::screen::Screen;
use crate::app::screen::layers::state::State as Layers;
use crate::app::screen::train::surface::Surface;
use crate::app::scroll::Scroll;
use crate::app::state::App;
use crate::app::{Effect, fixture};
use crate::cell::{CellKind, Variant};
use crate::flow::{Path, PathSet};
use crate::sim::budget::Cost;
use crate::sim::edge::{NEAR, search};

/// States in which every key of their context can do something.
#[allow(clippy::too_many_lines, reason = "a few lines for each state")]
fn states() -> Vec<App> {
    let base = || {
        let mut app = fixture::app();
        app.sim.settings.peepholes = true;
        app.sim.settings.steps = 150;
        app.update(Action::Change(Control::Forget, -1));
        app.update(Action::ToggleCut(Path::Carousel));
        app.update(Action::Speed(1));
        app.update(Action::Speed(1));
        app.update(Action::Undo);
        app.screens.settings.row = 5;
        app.screens.presets.row = 1;
        app
    };
    let mut states = Vec::new();
    for screen in Screen::ALL.iter().copied() {
        let mut app = App { screen, ..base() };
        app.study.found = Some(fixture::study());
        app.screens.explain.page = Scroll::at(5);
        app.screens.presets.text = Scroll::at(5);
        // A map, where there is one.
        app.sweep_order();
        states.push(app);
    }
    // The top layer, scrolled, and the one below.
    for row in 0..2 {
        let mut app = App {
            screen: Screen::Layers,
            ..base()
        };
        app.study.found = Some(fixture::layers());
        app.screens.layers = Layers {
            steps: Some(60),
            live: None,
            row,
            whole: false,
            words: Scroll::at(5),
        };
        app.update(Action::CursorTo(30));
        app.notice = None;
        states.push(app);
    }
    // Two runs, read off before the end, with a change to be undone.
    let mut training = App {
        screen: Screen::Train,
        ..base()
    };
    training.screens.train = fixture::training();
    states.push(training);
    let mut surface = App {
        screen: Screen::Train,
        ..base()
    };
    surface.screens.train.surface = Some(Surface::default());
    states.push(surface);
    states.push(App {
        cutting: true,
        ..base()
    });
    let mut gated = App {
        cutting: true,
        ..base()
    };
    gated.sim.settings.cells = [CellKind::Gru, CellKind::Rnn].map(Into::into);
    states.push(gated);
    let mut recurrent = App {
        cutting: true,
        ..base()
    };
    recurrent.sim.settings.cells[0].variant = Variant::Fgr;
    states.push(recurrent);
    let mut asked = base();
    asked.update(Action::FindEdge);
    if let Some(Popup::Edge(edge)) = &mut asked.popup {
        let knob = edge.request.knob;
        let none = |_| Ok::<_, ()>(None);
        let search = search(NEAR, (knob, 0.0), &mut { none }, &mut |_| {});
        edge.search = search.ok().map(Arc::new);
    }
    states.push(asked);
    let line = |text: &str| TextLine {
        text: text.to_owned(),
        cursor: 1,
    };
    for popup in [
        Popup::Page(Page {
            scroll: Scroll::at(5),
            ..Page::default()
        }),
        Popup::Page(Page {
            search: Some(line("cl")),
            scroll: Scroll::at(5),
            ..Page::default()
        }),
        Popup::Heavy(Cost::default(), Asked::Step(Step::Undo)),
        Popup::Input {
            line: line("0.9"),
            fresh: false,
        },
        Popup::Palette {
            line: line("cl"),
            row: 1,
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
    assert_eq!(contexts, Context::all().collect());
}

#[test]
fn no_key_has_two_meanings() {
    for context in Context::all() {
        let mut seen = HashSet::new();
        for binding in table().filter(|b| b.works(context)) {
            for key in binding.acts.iter().flat_map(|act| act.keys) {
                assert!(seen.insert(*key), "{key:?} twice in {context:?}");
            }
        }
    }
}

#[test]
fn every_binding_is_reachable_wherever_it_claims_to_be() {
    for state in states() {
        let context = Context::of(&state);
        for binding in table().filter(|b| b.works(context)) {
            for act in binding.acts {
                for key in act.keys {
                    assert_eq!(action(&state, *key), Some(act.action));
                }
            }
        }
    }
    assert!(table().all(|row| Context::all().any(|context| row.works(context))));
}

#[test]
fn every_action_of_the_table_has_an_effect() {
    for binding in table() {
        for act in binding.acts {
            // These say what they did.
            let speaks = matches!(
                act.action,
                Action::Choose | Action::NextMarker | Action::ToggleMouse
            );
            let works = states().into_iter().any(|mut state| {
                binding.works(Context::of(&state))
                    && !matches!(state.update(act.action), Effect::Unchanged)
                    && (state.notice.is_none() || speaks)
            });
            assert!(works, "{} does nothing", act.name);
        }
    }
}

#[test]
fn the_keys_shown_are_the_keys_that_work() {
    let keymap = Keymap::default();
    for binding in table() {
        let keys = binding.acts.iter().flat_map(|act| act.keys);
        let mut works: Vec<_> = keys.map(|key| key.name()).collect();
        let shown = keymap.shown(binding);
        let mut shown: Vec<_> = shown.split(' ').collect();
        works.sort_unstable();
        shown.sort_unstable();
        assert_eq!(shown, works);
    }
    let shown = |name| {
        let mut rows = table();
        let row = rows.find(|row| row.acts.iter().any(|act| act.name == name));
        keymap.shown(row.expect("there is such an action"))
    };
    assert_eq!(shown("forget_down"), "f F");
    assert_eq!(shown("cursor_left"), "← → h l");
    assert_eq!(shown("help_page_up"), "PageUp PageDown Space");
}

#[test]
fn every_action_has_words_and_none_leans_on_another_in_the_palette() {
    for binding in table() {
        for act in binding.acts {
            let help = binding.help_of(act);
            assert!(!help.is_empty() && help.len() < 72, "{}", act.name);
        }
        let alone = binding.acts.len() == 1;
        let own = binding.acts.iter().all(|act| !act.help.is_empty());
        assert!(alone || own, "{}", binding.help);
    }
}

#[test]
fn the_users_keys_are_dispatched_and_shown() {
    let mut app = fixture::app();
    let text = "step_forward = [\"n\", \"f5\"]\nforget_down = \"d\"\nforget_up = \"e\"\nhelp = []";
    app.keymap = Keymap::parse("keys.toml", text).expect("right");
    assert_eq!(action(&app, Key::Char('n')), Some(Action::StepForward));
    assert_eq!(action(&app, Key::F(5)), Some(Action::StepForward));
    assert_eq!(action(&app, Key::Char('.')), None);
    assert_eq!(
        action(&app, Key::Char('e')),
        Some(Action::Change(Control::Forget, 1))
    );
    let view = crate::app::controls::view(&app, Control::Forget);
    assert_eq!(view.keys, "d e");
    // What has no key is no hint, but is still explained.
    assert!(!hints(&app).iter().any(|hint| hint.label == "keys"));
    let rows: usize = help(&app).iter().map(|(_, rows)| rows.len()).sum();
    assert_eq!(rows, table().count());
}

#[test]
fn what_is_not_permitted_is_not_shown() {
    let mut app = fixture::app();
    (app.may.save, app.may.suspend) = (false, false);
    let rows: Vec<_> = help(&app).into_iter().flat_map(|(_, rows)| rows).collect();
    assert_eq!(rows.len(), table().count() - 2);
    assert!(!hints(&app).iter().any(|hint| hint.label == "save"));
    for refused in [Action::Suspend, Action::SaveSettings] {
        assert!(!matches!(
            app.update(refused),
            Effect::Suspend | Effect::Save
        ));
        assert!(app.notice.is_some());
    }
}

#[test]
fn the_listing_names_every_action_within_a_line() {
    let text = listing(&Keymap::default());
    for act in table().flat_map(|binding| binding.acts) {
        assert!(text.contains(&format!(" {} ", act.name)), "{}", act.name);
    }
}

#[test]
fn help_and_markdown_list_exactly_the_table() {
    let mut listed: Vec<_> = help(&fixture::app())
        .into_iter()
        .flat_map(|(_, b)| b)
        .collect();
    assert_eq!(listed.len(), table().count());
    for binding in table() {
        let at = listed
            .iter()
            .position(|other| std::ptr::eq(*other, binding));
        listed.swap_remove(at.expect("every binding is listed once"));
    }
    let text = markdown();
    assert_eq!(text.lines().count(), 2 + table().count());
    for binding in table() {
        assert!(text.contains(&format!("| {} |\n", binding.help)));
    }
    assert!(text.contains("| controls | `f` `F` | lower, raise the forget gate |\n"));
    // A column more or less would break the table.
    assert!(text.lines().all(|line| line.matches('|').count() == 4));
}

#[test]
fn headings_stand_together() {
    for screen in Screen::ALL.iter().copied() {
        let app = App {
            screen,
            ..fixture::app()
        };
        let headings: Vec<_> = help(&app).into_iter().map(|(heading, _)| heading).collect();
        // What works here and not everywhere comes first.
        assert_eq!(headings[0], screen.heading());
        for (at, heading) in headings.iter().enumerate() {
            assert!(!headings[..at].contains(heading), "{heading} on {screen:?}");
        }
    }
}

#[test]
fn hints_are_what_works_now() {
    for state in states() {
        let context = Context::of(&state);
        let hints = hints(&state);
        assert!(!hints.is_empty());
        for hint in &hints {
            assert!(hint.works(context));
        }
    }
    let mut app = fixture::app();
    let keys = |app: &App| {
        let hints = hints(app);
        hints
            .iter()
            .map(|b| app.keymap.shown(b))
            .collect::<Vec<_>>()
    };
    let has = |app: &App, key: &str| keys(app).iter().any(|k| k == key);
    assert_eq!(keys(&app)[..6], ["f F", "r R", "c C", "?", "x", "q"]);
    assert!(!has(&app, "u"));
    app.update(Action::Adjust(1));
    assert!(has(&app, "u"));
    assert!(!has(&app, "Ctrl-R"));
    app.update(Action::Undo);
    assert!(has(&app, "Ctrl-R"));

    // On the lists what matters there goes first.
    app.screen = Screen::Settings;
    let lead = ["Enter", "=", "← → h l", "↓ j Tab", "↑ k Shift-Tab", "0"];
    assert_eq!(keys(&app)[..6], lead);
    app.screen = Screen::Presets;
    let lead = ["Enter", "[ ]", "↓ j Tab", "↑ k Shift-Tab"];
    assert_eq!(keys(&app)[..4], lead);
}

#[test]
fn letters_are_text_while_a_value_is_typed() {
    let mut app = fixture::app();
    app.update(Action::BeginInput);
    let letters = |app: &App| {
        for c in ['q', 'f', ' ', '0', '=', ':', '?'] {
            let typed = Some(Action::Input(Edit::Insert(c)));
            assert_eq!(action(app, Key::Char(c)), typed);
        }
    };
    letters(&app);
    app.update(Action::OpenPalette);
    letters(&app);
    app.update(Action::BeginInput);
    assert_eq!(action(&app, Key::Ctrl('c')), Some(Action::Quit));
    assert_eq!(action(&app, Key::Tab), None);
}

#[test]
fn a_letter_after_x_cuts() {
    let mut app = fixture::app();
    let mut press = |c| {
        let action = action(&app, Key::Char(c)).expect("bound");
        app.update(action);
        (app.sim.cuts, app.cutting)
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
        state.screens.flow.zoom = true;
        let mut presses = 0;
        loop {
            presses += 1;
            assert!(presses <= 5);
            let back = action(&state, Key::Esc).expect("bound everywhere");
            if matches!(state.update(back), Effect::Quit) {
                break;
            }
        }
    }
}
