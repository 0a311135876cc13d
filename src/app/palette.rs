//! The command palette: every action of the table, every preset and every setting, found by a part of its
//! words.

use crate::app::action::Action;
use crate::app::effect::{Effect, redraw_if};
use crate::app::fuzzy;
use crate::app::has::Has;
use crate::app::input::TextLine;
use crate::app::keys::context::Context;
use crate::app::keys::row::{Act, Binding};
use crate::app::keys::table::table;
use crate::app::parameters::{self, Parameter};
use crate::app::popup::{Page, Popup};
use crate::app::screen::{Own, Screen, explain, presets};
use crate::app::state::App;

/// What a line of the palette does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Does {
    /// An action of the table, and the screen that it needs when the present one does not have it.
    Act(Action, Option<Screen>),
    /// Loads the preset of a row.
    Load(usize),
    /// Types a value for the setting of a row.
    Set(usize),
    /// Shows what the words mean.
    Words,
}

/// A line of the palette.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// What it does.
    pub does: Does,
    /// What it does, in words.
    pub text: String,
    /// The characters of the text that were typed.
    pub found: Vec<usize>,
    /// Its keys as they are shown, empty when it has none.
    pub keys: String,
}

impl Entry {
    /// A line without keys, of which nothing was typed yet.
    fn of(does: Does, text: impl Into<String>) -> Self {
        Self {
            does,
            text: text.into(),
            found: Vec::new(),
            keys: String::new(),
        }
    }
}

/// The lines for what was typed, the best first; without a query, what works here comes first, then
/// the presets, then what other screens have.
pub fn entries(app: &App, query: &str) -> Vec<Entry> {
    let mut ranked: Vec<(i32, Entry)> = all(app)
        .into_iter()
        .filter_map(|mut entry| {
            let (score, found) = fuzzy::find(query, &entry.text)?;
            entry.found = found;
            Some((score, entry))
        })
        .collect();
    // The sort is stable: equal ones stay in their order.
    ranked.sort_by_key(|(score, _)| -score);
    ranked.into_iter().map(|(_, entry)| entry).collect()
}

/// The present lines, when the palette is open.
pub fn shown(app: &App) -> Option<(Vec<Entry>, usize)> {
    let Some(Popup::Palette { line, row }) = &app.popup else {
        return None;
    };
    let entries = entries(app, &line.text);
    let row = (*row).min(entries.len().saturating_sub(1));
    Some((entries, row))
}

fn all(app: &App) -> Vec<Entry> {
    let (mut here, mut elsewhere): (Vec<Entry>, Vec<Entry>) = (Vec::new(), Vec::new());
    for binding in table() {
        let Some(place) = place(app, binding) else {
            continue;
        };
        for act in binding.acts {
            let screen = app
                .elsewhere(act.action)
                .map_or(place, |(home, _)| Some(home));
            let known = here.iter().chain(&elsewhere);
            let twice = known.map(|entry| entry.does).any(
                |does| matches!(does, Does::Act(action, s) if action == act.action && s == screen),
            );
            if twice || !offered(app, act) {
                continue;
            }
            let list = if screen.is_none() {
                &mut here
            } else {
                &mut elsewhere
            };
            list.push(Entry {
                keys: keys(app, act, binding.places),
                ..Entry::of(Does::Act(act.action, screen), binding.help_of(act))
            });
        }
    }
    let presets = app.presets.iter().enumerate().map(|(row, preset)| {
        let text = format!("preset {}: {}", preset.name, preset.title);
        Entry::of(Does::Load(row), text)
    });
    let settings = Parameter::all().into_iter().enumerate().map(|(row, of)| {
        let (label, _) = of.words();
        let value = parameters::typed_value(app, of.name());
        let text = format!("setting {}: {label} = {value}", of.name());
        Entry::of(Does::Set(row), text)
    });
    let words = "words: what r, gain, share, δ, γσ, λ and the others mean";
    let words = [Entry::of(Does::Words, words)];
    let more = presets.chain(settings).chain(words);
    here.into_iter().chain(more).chain(elsewhere).collect()
}

/// Whether an action can be done out of the palette.
fn offered(app: &App, act: &Act) -> bool {
    let pointless = matches!(
        act.action,
        Action::OpenPalette | Action::BeginCut | Action::Back
    );
    // Of a page that is not in sight nothing is copied.
    let copies = matches!(
        act.action,
        Action::Own(Own::Explain(explain::state::Action::Copy(_)))
    );
    let unseen = copies && app.screen != Screen::Explain;
    app.permits(act.action) && !unseen && (!pointless || act.name == "back")
}

/// Where a row works: the outer `None` in popups only, the inner one here, else on a screen.
#[allow(clippy::option_option, reason = "not at all, here, or on a screen")]
fn place(app: &App, binding: &Binding) -> Option<Option<Screen>> {
    // Paths can be named from everywhere once they are named in full.
    if binding.works(Context::On(app.screen)) || binding.works(Context::Cutting) {
        return Some(None);
    }
    let mut screens = Screen::ALL.iter().copied();
    screens
        .find(|screen| binding.works(Context::On(*screen)))
        .map(Some)
}

/// The keys of an action as one would press them on a screen.
fn keys(app: &App, act: &'static Act, places: Has) -> String {
    let keys = app.keymap.shown_of(act);
    if places == Has::CUTTING && !keys.is_empty() {
        format!("{} {keys}", app.keymap.first("cut"))
    } else {
        keys
    }
}

impl App {
    pub(super) fn open_palette(&mut self) -> Effect {
        self.cutting = false;
        self.popup = Some(Popup::Palette {
            line: TextLine::default(),
            row: 0,
        });
        Effect::None
    }

    /// Does what the selected line says; the palette closes, unless nothing is found.
    pub(super) fn choose_entry(&mut self) -> Effect {
        let Some((entries, row)) = shown(self) else {
            return Effect::Unchanged;
        };
        let Some(entry) = entries.get(row) else {
            return self.say("nothing is called that");
        };
        self.popup = None;
        let effect = match entry.does {
            Does::Load(row) => presets::load(self, row),
            Does::Set(row) => {
                self.apply(Action::Show(Screen::Settings));
                self.screens.settings.row = row;
                self.begin_input()
            }
            Does::Words => {
                self.popup = Some(Popup::Page(Page {
                    words: true,
                    ..Page::default()
                }));
                Effect::None
            }
            Does::Act(action, screen) => {
                if let Some(screen) = screen {
                    self.apply(Action::Show(screen));
                }
                self.apply(action)
            }
        };
        redraw_if(true, effect)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fixture;
    use crate::app::keys::{self, Key, Keymap};
    use crate::flow::{Path, PathSet};
    use crate::sim::Command;

    fn press(app: &mut App, keys: &[Key]) -> Effect {
        let mut last = Effect::Unchanged;
        for key in keys {
            let action = keys::action(app, *key).expect("bound");
            last = app.update(action);
        }
        last
    }

    fn typed(app: &mut App, text: &str) -> Effect {
        let keys: Vec<_> = text.chars().map(Key::Char).collect();
        press(app, &keys)
    }

    #[test]
    fn every_action_outside_popups_and_every_preset_is_there() {
        for screen in Screen::ALL.iter().copied() {
            let app = App {
                screen,
                ..fixture::app()
            };
            let entries = entries(&app, "");
            for binding in table() {
                if Has::PAGE.and(Has::TEXT).has(binding.places) {
                    continue;
                }
                for act in binding.acts.iter().filter(|act| offered(&app, act)) {
                    let there = entries
                        .iter()
                        .any(|e| matches!(e.does, Does::Act(action, _) if action == act.action));
                    assert!(there, "{} on {screen:?}", act.name);
                }
            }
            for row in 0..app.presets.len() {
                assert!(entries.iter().any(|e| e.does == Does::Load(row)));
            }
        }
    }

    #[test]
    fn words_and_keys_fit_a_line_of_the_palette() {
        for entry in entries(&fixture::app(), "") {
            let (words, keys) = (entry.text.chars().count(), entry.keys.chars().count());
            assert!(words + keys <= 69, "{}", entry.text);
        }
    }

    #[test]
    fn an_action_is_found_and_done() {
        let mut app = fixture::app();
        typed(&mut app, ":raise radius");
        let (entries, row) = shown(&app).expect("open");
        assert_eq!(
            (entries[row].text.as_str(), row),
            ("raise the spectral radius", 0)
        );
        assert_eq!(entries[row].keys, "R");
        let effect = press(&mut app, &[Key::Enter]);
        assert!(
            matches!(effect, Effect::Send(Command::Set { .. })),
            "{effect:?}"
        );
        assert_eq!((app.sim.settings.rho, &app.popup), (Some(1.01), &None));
    }

    #[test]
    fn a_preset_is_found_and_loaded() {
        let mut app = fixture::app();
        press(&mut app, &[Key::Ctrl('p')]);
        typed(&mut app, "long");
        press(&mut app, &[Key::Enter]);
        assert_eq!((app.sim.title.as_str(), app.screen), ("long", Screen::Flow));
    }

    #[test]
    fn a_setting_is_found_by_its_name_and_typed() {
        for (typed_name, row) in [("hidden", "hidden"), ("rho", "rho"), ("clip", "clip_mode")] {
            let mut app = fixture::app();
            typed(&mut app, &format!(":setting {typed_name}"));
            let (found, at) = shown(&app).expect("open");
            assert_eq!(found[at].does, Does::Set(Parameter::row(row)), "{found:?}");
            press(&mut app, &[Key::Enter]);
            assert_eq!(app.screen, Screen::Settings);
            assert!(matches!(app.popup, Some(Popup::Input { .. })));
        }
        let mut app = fixture::app();
        typed(&mut app, ":hidden");
        press(&mut app, &[Key::Enter]);
        typed(&mut app, "5");
        press(&mut app, &[Key::Enter]);
        assert_eq!(app.sim.settings.hidden, 5);
    }

    #[test]
    fn the_words_are_found() {
        let mut app = fixture::app();
        press(&mut app, &[Key::Char('/')]);
        typed(&mut app, "words");
        press(&mut app, &[Key::Enter]);
        assert!(matches!(
            app.popup,
            Some(Popup::Page(Page { words: true, .. }))
        ));
        press(&mut app, &[Key::Esc]);
        assert_eq!((&app.popup, app.screen), (&None, Screen::Flow));
    }

    #[test]
    fn an_action_of_another_screen_goes_there_first() {
        let mut app = fixture::app();
        app.screen = Screen::Presets;
        typed(&mut app, ":enlarge");
        press(&mut app, &[Key::Enter]);
        assert_eq!((app.screen, app.screens.flow.zoom), (Screen::Flow, true));
        typed(&mut app, ":selected row's lower");
        press(&mut app, &[Key::Enter]);
        assert_eq!(app.screen, Screen::Settings);
    }

    #[test]
    fn actions_of_one_screen_go_there_and_the_page_is_copied_in_sight_only() {
        let mut app = fixture::app();
        typed(&mut app, ":recurrent matrix of the spectrum");
        press(&mut app, &[Key::Enter]);
        assert_eq!(
            (app.screen, app.screens.spectrum.matrix),
            (Screen::Spectrum, 1)
        );
        assert_eq!(app.notice, None);
        let copies = |app: &App| {
            let all = entries(app, "");
            all.iter()
                .filter(|e| {
                    matches!(
                        e.does,
                        Does::Act(
                            Action::Own(Own::Explain(explain::state::Action::Copy(_))),
                            _
                        )
                    )
                })
                .count()
        };
        assert_eq!(copies(&app), 0);
        app.screen = Screen::Explain;
        assert_eq!(copies(&app), 3);
    }

    #[test]
    fn paths_are_cut_by_name() {
        let mut app = fixture::app();
        typed(&mut app, ":carousel path");
        assert_eq!(shown(&app).expect("open").0[0].keys, "x c");
        press(&mut app, &[Key::Enter]);
        assert_eq!(app.sim.cuts, PathSet::of(&[Path::Carousel]));
    }

    #[test]
    fn arrows_select_and_what_is_typed_starts_at_the_top() {
        let mut app = fixture::app();
        typed(&mut app, ":");
        press(&mut app, &[Key::Down, Key::Down, Key::Ctrl('n'), Key::Up]);
        assert_eq!(shown(&app).expect("open").1, 2);
        press(&mut app, &[Key::Up, Key::Up, Key::Up]);
        assert_eq!(shown(&app).expect("open").1, 0);
        press(&mut app, &[Key::PageDown, Key::PageDown]);
        assert_eq!(shown(&app).expect("open").1, 20);
        typed(&mut app, "q");
        assert_eq!(shown(&app).expect("open").1, 0);
        press(&mut app, &[Key::Backspace, Key::Esc]);
        assert_eq!(app.popup, None);
    }

    #[test]
    fn nothing_found_is_said_and_the_palette_stays() {
        let mut app = fixture::app();
        typed(&mut app, ":zzzzz");
        press(&mut app, &[Key::Enter]);
        assert!(app.notice.is_some() && app.popup.is_some());
    }

    #[test]
    fn it_shows_the_users_keys_and_what_is_permitted() {
        let mut app = fixture::app();
        app.keymap = Keymap::parse("keys.toml", "undo = \"f2\"").expect("right");
        app.may.save = false;
        let all = entries(&app, "");
        let undo = all.iter().find(|e| e.text.starts_with("undo"));
        assert_eq!(undo.map(|e| e.keys.as_str()), Some("F2"));
        assert!(
            !all.iter()
                .any(|e| matches!(e.does, Does::Act(Action::SaveSettings, _)))
        );
    }
}
