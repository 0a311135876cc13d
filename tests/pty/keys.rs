//! Every key of the help screen, in a real terminal.
use crate::session::Launch;
use rnntop::app::keys::{self, Context, Key, table};
use rnntop::app::screen::Screen;
use rnntop::app::{Action, App};
use rnntop::sim::Settings;
use rnntop::ui::look::{Depth, Marker, ThemeName};
use rnntop::words::glossary::GLOSSARY;

/// What an xterm sends for a key.
fn sent(key: Key) -> String {
    let sequence = match key {
        Key::Char(c) => return c.to_string(),
        Key::Ctrl(c) => return char::from(c as u8 & 0x1f).to_string(),
        Key::Enter => "\r",
        Key::Esc => "\x1b",
        Key::Tab => "\t",
        Key::BackTab => "\x1b[Z",
        Key::Backspace => "\x7f",
        Key::Delete => "\x1b[3~",
        Key::Left => "\x1b[D",
        Key::Right => "\x1b[C",
        Key::Up => "\x1b[A",
        Key::Down => "\x1b[B",
        Key::Home => "\x1b[H",
        Key::End => "\x1b[F",
        Key::PageUp => "\x1b[5~",
        Key::PageDown => "\x1b[6~",
        Key::ShiftLeft => "\x1b[1;2D",
        Key::ShiftRight => "\x1b[1;2C",
        Key::F(n) => unreachable!("no key of the table is F{n}"),
    };
    sequence.to_owned()
}

/// The keys that lead into a context from any screen without a popup.
fn way_into(context: Context) -> Vec<String> {
    let keys: &[&str] = match context {
        Context::On(screen) => return vec![screen.key().to_string()],
        Context::Cutting => &["1", "x"],
        Context::Help => &["1", "?"],
        Context::Search => &["1", "?", "/"],
        Context::Input => &["4", "="],
        Context::Palette => &["1", ":"],
        Context::Edge => &["1", "r", "E"],
        // What leads there takes gigabytes.
        Context::Heavy => &[],
    };
    keys.iter().map(|key| (*key).to_owned()).collect()
}

/// Whether the rest of the keys can still be pressed after this one.
fn stays(context: Context, action: Action) -> bool {
    let leaves = context == Context::On(Screen::default()) && action == Action::Back;
    !leaves
        && !matches!(
            action,
            Action::Quit | Action::Suspend | Action::SaveSettings
        )
}

/// Keys that close whatever is open and leave no program: where nothing is open, `x` opens
/// something for Escape to close.
fn way_out(context: Context, action: Action) -> &'static [&'static str] {
    if context == Context::Search {
        // Out of the search, where it is still there, and then out of the page.
        return &["\x1b", "x", "\x1b"];
    }
    let cutting = context == Context::Cutting && action == Action::Redraw;
    if cutting || action == Action::BeginCut {
        &["\x1b"]
    } else {
        &["x", "\x1b"]
    }
}

/// The state of a program that leads its session, so that no shell could continue it.
fn app() -> App {
    let settings = Settings::default();
    let mut app = App::new(
        settings.clone(),
        settings,
        "keys".to_owned(),
        Vec::new(),
        Depth::Rgb,
        ThemeName::Dark,
        Marker::Braille,
    );
    app.may.suspend = false;
    app
}

/// Most of the time goes by waiting: three sessions share the contexts.
#[test]
fn every_key_in_every_context() {
    const SESSIONS: usize = 3;
    std::thread::scope(|scope| {
        for first in 0..SESSIONS {
            scope.spawn(move || every_key(Context::all().skip(first).step_by(SESSIONS)));
        }
    });
}

fn every_key(contexts: impl Iterator<Item = Context>) {
    let mut session = Launch::rnntop().size(120, 40).start().ready();
    for context in contexts.filter(|context| *context != Context::Heavy) {
        let here = table().filter(|b| b.works(context));
        let acts = here.flat_map(|b| b.acts);
        for (key, action) in acts.flat_map(|act| act.keys.iter().map(|key| (key, act.action))) {
            if !stays(context, action) {
                continue;
            }
            for step in way_into(context) {
                session.types_slowly(&step);
            }
            session.types_slowly(&sent(*key));
            for step in way_out(context, action) {
                session.types_slowly(step);
            }
            assert!(session.is_alive(), "{key:?} in {context:?}");
        }
    }
    session.types("1");
    session.types("q");
    session.ends_with(0);
    session.assert_restored();
}

#[test]
fn the_help_screen_shows_exactly_the_table() {
    // Room for all lines at once.
    let app = app();
    let groups = keys::help(&app);
    let lines: usize = groups.iter().map(|(_, rows)| rows.len() + 2).sum();
    // The words stand below the keys, some of them in two lines.
    let rows = u16::try_from(lines + 8 + 2 * GLOSSARY.len()).unwrap();
    let mut session = Launch::rnntop().size(120, rows).start().ready();
    session.types(" ?");
    session.until("the help", |s| s.heard().shows("raise the forget gate"));
    session.quiet();
    let screen = session.heard().screen().contents();
    // The popup from its left edge on; keys are indented below their headings.
    let edge = screen.lines().find_map(|line| {
        let before = line.split_once("╭ keys ")?.0;
        Some(before.chars().count())
    });
    let shown: Vec<String> = screen
        .lines()
        .skip_while(|line| !line.contains("╭ keys "))
        .map(|line| line.chars().skip(edge.unwrap()).collect::<String>())
        .take_while(|line| !line.starts_with("│ words "))
        .filter_map(|line| Some(line.strip_prefix("│   ")?.split('│').next()?.to_owned()))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect();
    let expected: Vec<String> = keys::help(&app)
        .into_iter()
        .flat_map(|(_, bindings)| bindings)
        .map(|binding| format!("{} {}", app.keymap.shown(binding), binding.help))
        .collect();
    assert_eq!(shown, expected);
    session.types_slowly("q");
    session.types("q");
    session.ends_with(0);
}

#[test]
fn a_preset_with_a_chinese_name() {
    let name = "梯度消失";
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let texts = ["title", "idea", "press", "watch", "source"]
        .map(|field| format!("{field} = \"循环神经网络\"\n"))
        .concat();
    let path = folder.join(format!("{name}.toml"));
    std::fs::write(&path, texts).unwrap();
    for columns in [60, 80, 120] {
        let launch = Launch::shell("exec \"$RNNTOP\" \"$FILE\"");
        let launch = launch.env("FILE", path.to_str().unwrap());
        let mut session = launch.size(columns, 24).start();
        session.until("the name", |s| s.heard().shows(name));
        session.types("q");
        session.ends_with(0);
        session.assert_restored();
    }
}
