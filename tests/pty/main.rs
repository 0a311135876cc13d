//! What only a real terminal shows: modes, signals, lost connections, and what stays behind.
//!
//! Nothing here measures time. Waiting ends when the awaited thing happens, and fails after half a
//! minute.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

mod flood;
mod headless;
mod hostile;
mod keys;
mod memory;
mod saving;
mod session;
mod training;

use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use rustix::process::Signal;
use session::{Launch, Session};
use vt100::MouseProtocolMode;

/// The alternate screen off: what follows is on the main screen.
const MAIN_SCREEN: &str = "\x1b[?1049l";

/// Starts rnntop, pauses it, and waits until it is quiet.
fn paused(launch: Launch) -> Session {
    let mut session = launch.start().ready();
    session.types(" ");
    session.quiet();
    session
}

#[test]
fn starting_and_quitting() {
    let mut session = Launch::rnntop().start().ready();
    assert!(session.is_raw());
    {
        let heard = session.heard();
        assert!(heard.screen().hide_cursor());
        assert!(heard.screen().bracketed_paste());
        // The terminal's own selection must work.
        assert_eq!(
            heard.screen().mouse_protocol_mode(),
            MouseProtocolMode::None
        );
        assert!(!heard.stream().contains("\x1b[?1000h"));
    }
    session.until("what to press", |s| {
        s.heard().shows("x then b cuts the block path")
    });
    session.types("q");
    session.ends_with(0);
    session.assert_restored();
}

#[test]
fn the_mouse_is_off_again_at_the_end() {
    let mut session = Launch::rnntop().start().ready();
    session.types("M");
    session.until("the mouse", |s| {
        s.heard().screen().mouse_protocol_mode() == MouseProtocolMode::ButtonMotion
    });
    session.types("q");
    session.ends_with(0);
    session.assert_restored();
}

#[cfg(debug_assertions)]
#[test]
fn a_panic_restores_the_terminal_and_is_told_once_on_the_main_screen() {
    for place in ["draw", "worker"] {
        let mut session = Launch::rnntop().env("RNNTOP_PANIC", place).start();
        session.ends_with(101);
        session.assert_restored();
        let stream = session.heard().stream();
        assert_eq!(
            stream.matches("panic on purpose").count(),
            1,
            "{place}: {stream:?}"
        );
        assert!(stream.rfind(MAIN_SCREEN) < stream.find("panic on purpose"));
        assert_eq!(stream.matches(MAIN_SCREEN).count(), 1);
        assert!(session.heard().shows("panic on purpose"));
    }
}

#[test]
fn signals_restore_the_terminal() {
    for (signal, status) in [
        (Signal::TERM, 143),
        (Signal::INT, 130),
        (Signal::QUIT, 131),
        (Signal::HUP, 129),
    ] {
        let mut session = Launch::rnntop().start().ready();
        session.kill(signal);
        session.ends_with(status);
        session.assert_restored();
    }
}

#[test]
fn a_signal_ends_it_even_when_the_terminal_accepts_nothing() {
    let mut session = Launch::rnntop().size(250, 80).start().ready();
    session.falls_silent();
    // More pictures than any terminal's buffer holds.
    for _ in 0..30 {
        session.types("\x0c");
        sleep(Duration::from_millis(40));
    }
    session.kill(Signal::TERM);
    session.ends_with(143);
    assert!(session.is_cooked());
}

#[test]
fn a_lost_connection_ends_it() {
    let mut session = Launch::rnntop().start().ready();
    session.hang_up();
    session.ends_with(129);
}

#[test]
fn a_lost_connection_ends_it_without_sighup() {
    let report = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hang-up.status");
    let _ = std::fs::remove_file(&report);
    // The system sends SIGHUP to the shell only, which ignores it. Paused, rnntop writes nothing
    // that could fail.
    let script = "trap '' HUP; \"$RNNTOP\"; echo $? > hang-up.status";
    let mut session = paused(Launch::shell(script));
    session.hang_up();
    session.end();
    assert_eq!(std::fs::read_to_string(&report).unwrap().trim(), "129");
}

#[test]
fn keys_do_not_look_like_a_lost_connection() {
    let mut session = Launch::rnntop().start().ready();
    for _ in 0..15 {
        // F12, which means nothing.
        session.types_slowly(&"\x1b[24~".repeat(50));
        assert!(session.is_alive());
    }
    session.types("q");
    session.ends_with(0);
}

#[test]
fn the_cell_of_trained_weights_stands_first() {
    let weights = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/data/reference/small_rnn_tanh_mse/weights.safetensors"
    );
    let given = ["--weights", weights];
    let asked = ["--weights", weights, "--cells", "lstm,rnn"];
    for (arguments, first) in [(&given[..], "rnn  log10"), (&asked[..], "lstm  log10")] {
        let session = Launch::rnntop().args(arguments).start().ready();
        session.until("the curves", |s| {
            let screen = s.heard().screen().contents();
            let titles = screen.lines().find(|row| row.contains("log10 |δ"));
            titles.is_some_and(|row| row.contains(first))
        });
    }
}

/// Waits until the process is stopped, and asserts that the shell would find a terminal in order.
fn assert_stopped(session: &Session) {
    session.until("the process to stop", |s| s.process().0 == 'T');
    session.until("the last output", |s| {
        !s.heard().screen().alternate_screen()
    });
    session.assert_restored();
}

/// Continues the process and asserts that it draws everything anew.
fn assert_continues(mut session: Session, fg: impl FnOnce(&mut Session)) {
    let before = session.heard().length();
    fg(&mut session);
    session.until("a new picture", |s| {
        let stream = s.heard().stream();
        s.is_raw() && stream[before..].contains("\x1b[2J") && s.heard().shows("rnntop")
    });
    assert!(session.heard().screen().alternate_screen());
    assert_ne!(session.process().0, 'T');
    session.types("q");
    session.ends_with(0);
    session.assert_restored();
}

#[test]
fn ctrl_z_and_back() {
    let mut session = paused(Launch::job("")).watch_job();
    session.types("\x1a");
    assert_stopped(&session);
    assert_continues(session, |s| s.types("\n"));
}

#[test]
fn sigtstp_from_outside_and_back() {
    let session = Launch::job("").start().ready().watch_job();
    session.kill(Signal::TSTP);
    assert_stopped(&session);
    assert_continues(session, |s| s.types("\n"));
}

#[test]
fn sigstop_and_back_after_a_shell_has_set_the_terminal() {
    let session = paused(Launch::rnntop());
    session.kill(Signal::STOP);
    session.until("the process to stop", |s| s.process().0 == 'T');
    let stty = Command::new("stty")
        .arg("-F")
        .arg(session.tty())
        .arg("sane")
        .status();
    assert!(stty.unwrap().success());
    assert!(session.is_cooked());
    assert_continues(session, |s| s.kill(Signal::CONT));
}

#[test]
fn sizes_that_are_too_small_or_very_large() {
    let mut session = Launch::rnntop().start().ready();
    for (columns, rows) in [(1, 1), (0, 0), (300, 100), (1, 100), (300, 1)] {
        session.resize(columns, rows);
        sleep(Duration::from_millis(150));
        assert!(session.is_alive(), "{columns}x{rows}");
        session.types_slowly("\x0c");
        session.resize(100, 30);
        let before = session.heard().length();
        session.until("the picture to come back", |s| {
            s.heard().length() > before && s.heard().shows("rnntop")
        });
    }
    session.types("q");
    session.ends_with(0);
    session.assert_restored();
}

#[test]
fn paused_it_writes_nothing_and_does_nothing() {
    let mut session = paused(Launch::rnntop());
    let (bytes, ticks) = (session.heard().length(), session.process().1);
    sleep(Duration::from_secs(3));
    assert_eq!(session.heard().length(), bytes);
    assert!(session.process().1 - ticks <= 1);
    session.types("q");
    session.ends_with(0);
}

#[test]
fn every_frame_is_synchronised() {
    let mut session = Launch::rnntop().start().ready();
    session.types("q");
    session.ends_with(0);
    let stream = session.heard().stream();
    let (begins, ends) = (stream.matches("\x1b[?2026h"), stream.matches("\x1b[?2026l"));
    let begins = begins.count();
    assert!(begins > 0);
    // Restoring ends a frame once more, in case one was open.
    assert_eq!(ends.count(), begins + 1);
}

#[test]
fn a_late_answer_about_colours_is_no_input() {
    let session = Launch::rnntop().without("COLORFGBG").start();
    session.until("the question", |s| s.heard().stream().contains("\x1b]11;?"));
    // It stops waiting, draws, and only then the answer comes.
    let mut session = session.ready();
    session.types(" ");
    let before = session.quiet();
    for end in ["\x1b\\", "\x07"] {
        session.types(&format!("\x1b]11;rgb:fcfc/bfbf/0c0c{end}\x1b[?62;22c"));
        sleep(Duration::from_millis(500));
    }
    assert_eq!(session.heard().length(), before);
    session.types("q");
    session.ends_with(0);
}

#[test]
fn over_ssh_and_in_tmux_the_terminal_is_not_asked() {
    for (name, value) in [
        ("SSH_CONNECTION", "10.0.0.1 50000 10.0.0.2 22"),
        ("TMUX", "/tmp/tmux-0/default,1,0"),
    ] {
        let launch = Launch::rnntop().without("COLORFGBG").env(name, value);
        let mut session = launch.start().ready();
        session.types("q");
        session.ends_with(0);
        let stream = session.heard().stream();
        assert!(!stream.contains("\x1b]11;?") && !stream.contains("\x1b[6n"));
    }
}

/// The parameters of every style sequence that the program wrote.
fn styles(session: &Session) -> Vec<String> {
    let stream = session.heard().stream();
    let sequences = stream.split("\x1b[").skip(1);
    let styles = sequences.filter_map(|s| {
        let end = s.find(|c: char| c.is_ascii_alphabetic())?;
        s[end..].starts_with('m').then(|| s[..end].to_string())
    });
    styles.collect()
}

#[test]
fn no_24_bit_colours_in_screen_and_tmux() {
    let launch = Launch::rnntop()
        .env("TERM", "screen-256color")
        .env("COLORTERM", "truecolor");
    let mut session = launch.start().ready();
    session.types("q");
    session.ends_with(0);
    for style in styles(&session) {
        assert!(
            !style.contains("38;2") && !style.contains("48;2"),
            "{style}"
        );
    }
}

#[test]
fn no_color_means_no_colours_and_keeps_bold_and_reverse() {
    let launch = Launch::rnntop()
        .env("NO_COLOR", "0")
        .env("COLORTERM", "truecolor");
    let mut session = launch.start().ready();
    session.types("q");
    session.ends_with(0);
    let styles = styles(&session);
    for wanted in ["1", "7"] {
        let said = |style: &String| style.split(';').any(|parameter| parameter == wanted);
        assert!(styles.iter().any(said), "no style has {wanted}");
    }
    // An empty one goes back to the plain style.
    for style in styles.iter().filter(|style| !style.is_empty()) {
        for parameter in style.split(';') {
            let number: u32 = parameter.parse().unwrap();
            let colour = matches!(number, 30..=38 | 40..=48 | 58 | 90..=107);
            assert!(!colour, "colour {style} in spite of NO_COLOR");
        }
    }
}

#[test]
fn without_a_terminal_one_sentence_says_so() {
    // Keys from a terminal, the picture into a pipe.
    let script = "{ \"$RNNTOP\"; echo \"status $?\" >&2; } | cat; \"$RNNTOP\" < /dev/null; echo \"status $?\"";
    let mut session = Launch::shell(script).start();
    session.ends_with(0);
    let stream = session.heard().stream();
    assert_eq!(stream.matches("status 2").count(), 2, "{stream}");
    assert_eq!(stream.matches("rnntop trace").count(), 2, "{stream}");
    let flat = stream.replace("\r\n", " ");
    assert!(
        flat.contains("standard output is not a terminal"),
        "{stream}"
    );
    assert!(
        flat.contains("standard input is not a terminal"),
        "{stream}"
    );
    assert!(!stream.contains('\x1b'), "{stream:?}");

    // No terminal at all.
    let output = Command::new(env!("CARGO_BIN_EXE_rnntop"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert_eq!(sentence.lines().count(), 1, "{sentence}");
}

#[test]
fn data_from_a_pipe_and_keys_from_the_terminal() {
    let script = "for i in 1 2 3 4 5 6 7 8; do echo \"$i,0.5\"; done | \"$RNNTOP\" --input -";
    let mut session = Launch::shell(script).start().ready();
    assert!(session.is_raw());
    session.types("q");
    session.ends_with(0);
    session.assert_restored();
}

#[test]
fn with_data_from_a_pipe_a_lost_connection_ends_it_too() {
    let report = Path::new(env!("CARGO_TARGET_TMPDIR")).join("piped.status");
    let _ = std::fs::remove_file(&report);
    let script = "trap '' HUP; echo 1,2 > piped.csv; echo 3,4 >> piped.csv; \
                  cat piped.csv | \"$RNNTOP\" --input -; echo $? > piped.status";
    let mut session = paused(Launch::shell(script));
    session.hang_up();
    session.end();
    assert_eq!(std::fs::read_to_string(&report).unwrap().trim(), "129");
}

#[test]
fn what_nobody_could_continue_does_not_stop() {
    // It leads the session itself, or is in the group of a shell that does and has no job control.
    let script = "\"$RNNTOP\"; exit $?";
    for launch in [Launch::rnntop(), Launch::shell(script)] {
        let mut session = paused(launch);
        session.types("\x1a");
        session.until("a sentence", |s| s.heard().shows("suspending is off here"));
        session.kill(Signal::TSTP);
        sleep(Duration::from_millis(300));
        assert_ne!(session.process().0, 'T');
        session.types("q");
        session.ends_with(0);
        session.assert_restored();
    }
}

/// An empty folder for the user's own files.
fn home(name: &str) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// rnntop with this folder for the user's own files.
fn at_home(folder: &Path) -> Launch {
    Launch::rnntop().env("XDG_CONFIG_HOME", folder.to_str().unwrap())
}

#[test]
fn an_action_and_a_preset_are_found_by_typing() {
    let mut session = paused(Launch::rnntop());
    session.types(":raise radius");
    session.until("the palette", |s| s.heard().shows("1 of"));
    session.types("\r");
    session.until("the change", |s| s.heard().shows("1.010"));
    session.types("\x10orthog");
    session.until("the preset", |s| s.heard().shows("preset orthogonal"));
    session.types("\r");
    session.until("the preset's name", |s| s.heard().shows("rnntop ▸ orthogo"));
    session.types(":quit\r");
    session.ends_with(0);
    session.assert_restored();
}

#[test]
fn own_keys_work_and_are_shown() {
    let folder = home("keys");
    std::fs::create_dir(folder.join("rnntop")).unwrap();
    let keys = "pause = \"f5\"\nquit = [\"%\"]\ncut = [\"q\"]\n";
    std::fs::write(folder.join("rnntop/keys.toml"), keys).unwrap();
    let mut session = at_home(&folder).start().ready();
    session.until("the key in the hints", |s| s.heard().shows("F5 pause"));
    session.types("\x1b[15~");
    session.until("the pause", |s| s.heard().shows("paused"));
    session.types("%");
    session.ends_with(0);

    // A file on the command line takes its place.
    let other = folder.join("other.toml");
    std::fs::write(&other, "quit = \"Q\"").unwrap();
    let mut session = at_home(&folder)
        .args(&["--keys", other.to_str().unwrap()])
        .start()
        .ready();
    session.types("Q");
    session.ends_with(0);
}

#[test]
fn mistakes_in_the_users_files_are_one_sentence_and_no_screen() {
    for (file, text, sentence) in [
        (
            "keys.toml",
            "\nstep_foward = \"n\"",
            "rnntop/keys.toml, line 2: step_foward: there is no such action; did you mean step_forward?",
        ),
        (
            "config.toml",
            "colour = \"16\"",
            "rnntop/config.toml, line 1: colour: there is no such field; did you mean color?",
        ),
        (
            "config.toml",
            "theme = \"drak\"",
            "theme: there is no theme 'drak'; did you mean dark?",
        ),
    ] {
        let folder = home("mistakes");
        std::fs::create_dir(folder.join("rnntop")).unwrap();
        std::fs::write(folder.join("rnntop").join(file), text).unwrap();
        let mut session = at_home(&folder).size(200, 24).start();
        session.ends_with(2);
        let stream = session.heard().stream().replace("\r\n", "");
        assert!(stream.ends_with(sentence), "{stream:?}");
        assert!(!stream.contains('\x1b'), "{stream:?}");
        // A public demo does not even look.
        let mut session = at_home(&folder).args(&["--read-only"]).start().ready();
        session.types("q");
        session.ends_with(0);
    }
}

#[test]
fn settings_are_written_only_when_the_user_says_so_and_read_again() {
    let folder = home("save");
    let file = folder.join("rnntop/config.toml");
    let mut session = at_home(&folder).args(&["--color", "16"]).start().ready();
    session.types("tm>M");
    session.until("the mouse", |s| {
        s.heard().screen().mouse_protocol_mode() == MouseProtocolMode::ButtonMotion
    });
    session.types("q");
    session.ends_with(0);
    assert_eq!(
        std::fs::read_dir(&folder).unwrap().count(),
        0,
        "nothing is written"
    );

    let mut session = at_home(&folder).args(&["--color", "16"]).start().ready();
    session.types("tm>M:save theme\r");
    session.until("the sentence", |s| s.heard().shows("saved to"));
    session.types("q");
    session.ends_with(0);
    let written = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<_> = written.lines().skip(1).collect();
    let expected = [
        "theme = \"light\"",
        "marker = \"block\"",
        "color = \"16\"",
        "mouse = true",
        "speed = 20",
        "still = false",
    ];
    assert_eq!(lines, expected);

    // Read at the start; the command line is stronger; saving over it is fine.
    let mut session = at_home(&folder).args(&["--mouse", "off"]).start().ready();
    session.until("the speed", |s| s.heard().shows("20/s"));
    assert_eq!(
        session.heard().screen().mouse_protocol_mode(),
        MouseProtocolMode::None
    );
    session.types("\x13");
    session.until("the sentence", |s| s.heard().shows("saved to"));
    session.types("q");
    session.ends_with(0);
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(
        written.contains("mouse = false") && written.contains("color = \"16\""),
        "{written}"
    );

    // What somebody wrote by hand is not written over.
    std::fs::write(&file, "# mine\nspeed = 5\n").unwrap();
    let mut session = at_home(&folder).size(120, 40).start().ready();
    session.types("\x13");
    session.until("the refusal", |s| s.heard().shows("not overwritten"));
    session.types("q");
    session.ends_with(0);
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        "# mine\nspeed = 5\n"
    );
}

#[test]
fn a_theme_of_the_users_by_file_and_by_name() {
    let folder = home("themes");
    std::fs::create_dir_all(folder.join("rnntop/themes")).unwrap();
    let file = folder.join("rnntop/themes/night.toml");
    std::fs::write(&file, "carousel = \"#010203\"").unwrap();
    for word in ["night", file.to_str().unwrap()] {
        let launch = at_home(&folder).env("COLORTERM", "truecolor");
        let mut session = launch.args(&["--theme", word]).start().ready();
        session.until("the colour", |s| s.heard().stream().contains("38;2;1;2;3"));
        // The round of themes has one more now.
        session.types("t\x0cttt");
        session.types("t\x13");
        session.until("the sentence", |s| s.heard().shows("saved to"));
        session.types("q");
        session.ends_with(0);
        let config = folder.join("rnntop/config.toml");
        let written = std::fs::read_to_string(&config).unwrap();
        assert!(
            written.contains(&format!("theme = \"{word}\"")),
            "{written}"
        );
        std::fs::remove_file(config).unwrap();
    }
}

#[test]
fn read_only_writes_reads_and_stops_nothing() {
    let folder = home("read-only");
    let launch = Launch::job("--read-only").env("XDG_CONFIG_HOME", folder.to_str().unwrap());
    let mut session = paused(launch).watch_job();
    session.types("\x13");
    session.until("a sentence", |s| s.heard().shows("saving is off here"));
    session.types("\x1a");
    session.until("a sentence", |s| s.heard().shows("suspending is off here"));
    session.types("?");
    session.until("the keys", |s| s.heard().shows("forget gate"));
    session.types("G");
    sleep(Duration::from_millis(300));
    assert!(!session.heard().shows("suspend: fg comes back"));
    // What it has open by now is the terminal and no file.
    let open = std::fs::read_dir(format!("/proc/{}/fd", session.id())).unwrap();
    for file in open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok()) {
        let name = file.to_string_lossy();
        let harmless = ["/dev/pts/", "/dev/tty", "socket:", "pipe:", "anon_inode:"];
        assert!(
            harmless.iter().any(|start| name.starts_with(start)),
            "{name}"
        );
    }
    session.types("qq");
    session.ends_with(0);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
}

#[test]
fn after_idling_it_ends_in_order_and_says_why() {
    let mut session = Launch::rnntop()
        .args(&["--idle-timeout", "1"])
        .start()
        .ready();
    session.ends_with(0);
    session.assert_restored();
    let stream = session.heard().stream();
    let sentence = "rnntop: no key for 1 s, the end (--idle-timeout)";
    assert!(
        stream.rfind(MAIN_SCREEN) < stream.find(sentence),
        "{stream:?}"
    );
}

/// A model opens on its layers, in both directions and beside a live one, and from there all other
/// screens are reached; a layer that no live cell can hold is there all the same.
#[test]
fn a_model_on_the_screen() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/stacks");
    let model = |name: &str| {
        let path = folder.join(name).join("weights.safetensors");
        path.to_str().unwrap().to_owned()
    };
    let both = model("bidirectional_gru");
    let mut session = Launch::rnntop()
        .args(&["inspect", &both, "--live"])
        .start()
        .ready();
    session.until("the layers", |s| s.heard().shows("layer 0 →"));
    session.types("1");
    session.until("the live layer", |s| s.heard().shows("log10 |δh_t|/|δh_T|"));
    session.types("q");
    session.ends_with(0);
    session.assert_restored();

    let mut session = Launch::rnntop()
        .args(&["--weights", &both, "--layer", "1r"])
        .start()
        .ready();
    session.until("the layer's name", |s| s.heard().shows("layer 1 ←"));
    session.types("9");
    session.until("the layers", |s| s.heard().shows("not on your data"));
    session.types("q");
    session.ends_with(0);

    // Another layer, or another file, beside it: every panel says whose numbers it shows.
    for against in [
        &["--against-layer", "1"][..],
        &["--against", &both, "--against-layer", "1"],
    ] {
        let arguments = [&["--weights", &both], against].concat();
        let mut session = Launch::rnntop().args(&arguments).start().ready();
        session.until("both", |s| {
            s.heard().shows("l0 gru  log10") && s.heard().shows("l1 gru  log10")
        });
        session.types("q");
        session.ends_with(0);
    }
    let other = model("bidirectional_lstm");
    let mut session = Launch::rnntop()
        .args(&["inspect", &both, "--live", "--against", &other])
        .start()
        .ready();
    session.until("the notice", |s| s.heard().shows("A is bidirectional_gru/"));
    session.types("1");
    session.until("both", |s| {
        s.heard().shows("A gru  log10") && s.heard().shows("B lstm  log10")
    });
    session.types("q");
    session.ends_with(0);

    // Settings are of both cells, so that two that compute another thing cannot stand beside each other.
    let file = |name| {
        let path = folder.join("../formats").join(name);
        path.to_str().unwrap().to_owned()
    };
    let (hard, plain) = (file("keras_hard.keras"), file("keras_lstm.keras"));
    let mut session = Launch::rnntop()
        .args(&["--weights", &plain, "--against", &hard])
        .start();
    session.ends_with(2);
    let said = session.heard().stream();
    assert!(
        said.contains("--against: expected the functions of")
            && said.contains("gates hard sigmoid"),
        "{said}"
    );

    let projected = model("projected_lstm");
    let mut session = Launch::rnntop()
        .args(&["inspect", &projected, "--live"])
        .start()
        .ready();
    session.until("the layers", |s| s.heard().shows("layer 0"));
    session.until("the notice", |s| s.heard().shows("no live cell can hold"));
    session.types("q");
    session.ends_with(0);
}
