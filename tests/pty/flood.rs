//! What somebody at the other end of the line can send and refuse to take: without an end, without a
//! pause, or not at all.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{sleep, spawn};
use std::time::Duration;

use super::session::Launch;

const MIB: usize = 1 << 20;

#[test]
fn keys_wait_in_the_terminal_while_the_program_is_busy() {
    let mut session = Launch::rnntop().start().ready();
    session.falls_silent();
    let mut keyboard = session.keyboard();
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    spawn(move || {
        // Every Ctrl-L is a whole picture, which nobody reads.
        let keys = b"\x0crR".repeat(100);
        while keyboard.write_all(&keys).is_ok() {
            count.fetch_add(keys.len(), Ordering::SeqCst);
        }
    });
    let mut before = 0;
    loop {
        sleep(Duration::from_secs(1));
        let now = taken.load(Ordering::SeqCst);
        assert!(now < MIB, "it takes whatever is typed");
        if now == before && now > 0 {
            break;
        }
        before = now;
    }
    session.kill(rustix::process::Signal::TERM);
    session.ends_with(143);
}

#[test]
fn sequences_without_an_end_are_not_kept_and_ctrl_c_ends_them() {
    for (begin, body) in [
        ("\x1b[200~", "x"),
        ("\x1b[", "1;"),
        ("\x1b]11;", "f"),
        ("", "y"),
    ] {
        let mut session = Launch::rnntop().start().ready();
        session.types("8 ");
        let before = session.memory("VmHWM");
        session.types(begin);
        let much = if begin.is_empty() { 1 << 7 } else { MIB / 4 };
        session.types(&body.repeat(much / body.len()));
        let grown = session.memory("VmHWM").saturating_sub(before);
        // The page itself may have come only now.
        assert!(grown < 8 * MIB, "{begin:?}: {grown} bytes more");
        let written = session.heard().length();
        assert!(written < MIB, "{begin:?}: {written} bytes out");
        session.types("\x03");
        session.ends_with(0);
        session.assert_restored();
    }
}

#[test]
fn a_window_is_as_large_as_a_screen_whatever_the_terminal_says() {
    let mut session = Launch::rnntop().size(20_000, 20_000).start();
    session.until("a picture", |s| s.heard().stream().contains("\x1b[?2026l"));
    for (columns, rows) in [(4000, 4000), (65_535, 65_535), (80, 24)] {
        let before = session.heard().length();
        session.resize(columns, rows);
        session.until("another one", |s| s.heard().length() > before);
    }
    let most = session.memory("VmHWM");
    assert!(most < 200 * MIB, "{most} bytes");
    session.types("q");
    session.ends_with(0);
    session.assert_restored();
}

#[test]
fn the_idle_time_out_comes_while_the_terminal_does_not_read() {
    let launch = Launch::rnntop().args(&["--idle-timeout", "2"]);
    let mut session = launch.start().ready();
    session.falls_silent();
    let mut keyboard = session.keyboard();
    // Somebody goes on typing.
    spawn(move || while keyboard.write_all(b"\x0c").is_ok() {});
    session.end();
}

#[test]
fn a_job_in_the_background_waits_and_can_be_killed() {
    let mut session = Launch::shell(
        "set -m; \"$RNNTOP\" & p=$!
         until grep -q '^State:.T' /proc/$p/status; do sleep 0.02; done
         kill $p; kill -CONT $p
         wait $p; s=$?; while [ $s = 150 ]; do sleep 0.02; wait $p; s=$?; done; echo status $s",
    )
    .start();
    session.ends_with(0);
    let heard = session.heard();
    assert!(heard.shows("status 143"), "{}", heard.stream());
    assert!(
        !heard.stream().contains("\x1b[?1049h"),
        "it drew from the background"
    );
}

#[test]
fn a_tiny_stack_is_not_what_the_environment_can_ask_for() {
    let mut session = Launch::rnntop().env("RUST_MIN_STACK", "1").start().ready();
    session.types("7");
    session.until("the spectrum", |s| s.heard().shows("eigenvalues"));
    session.types("q");
    session.ends_with(0);
}

#[test]
fn a_visitor_takes_no_more_than_is_allowed() {
    let launch = |arguments: &[&str]| {
        Launch::rnntop()
            .args(&[&["--read-only"], arguments].concat())
            .start()
    };
    let mut session = launch(&["--hidden", "512", "--steps", "2000"]);
    session.ends_with(2);
    let said = "hidden 512 is too large here: at most ";
    assert!(
        session.heard().stream().contains(said),
        "{}",
        session.heard().stream()
    );
    let mut session = launch(&["--limit-time", "2"]).ready();
    session.ends_with(0);
    assert!(
        session
            .heard()
            .stream()
            .contains("2 s are over (--limit-time)")
    );
    session.assert_restored();
}
