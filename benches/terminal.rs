//! What the live screen asks of a terminal and of the machine at 120x40.
//!
//! First a table of bytes per step, screen by screen; then the program itself in a pseudo-terminal:
//! how long until its first picture stands, what it writes and how much of a core it takes while it
//! runs and while it is paused, and its resident memory. `cargo bench --bench terminal` measures
//! for some seconds; without `--bench`, as in tests, one look is enough.

use std::thread::sleep;
use std::time::{Duration, Instant};

use rnntop::app::screen::Screen;
use rnntop::ui::look::Depth;

#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../tests/all/common/live.rs"]
mod live;
#[allow(dead_code, clippy::unwrap_used, reason = "other tests use the rest")]
#[path = "../tests/pty/session.rs"]
mod session;

use session::{Launch, Session};

/// Ticks per second of the processor's account.
const TICKS: f64 = 100.0;
const COLOURS: [(&str, Depth); 4] = [
    ("rgb", Depth::Rgb),
    ("256", Depth::Ansi256),
    ("16", Depth::Ansi16),
    ("never", Depth::Mono),
];

fn main() {
    let thorough = std::env::args().any(|argument| argument == "--bench");
    steps(if thorough { 200 } else { 2 });
    let look = Duration::from_millis(if thorough { 5_000 } else { 300 });
    for colour in ["rgb", "16"] {
        program(colour, look, if thorough { 7 } else { 1 });
    }
}

fn steps(steps: usize) {
    println!("bytes of the first picture, and per step ({steps} steps)");
    print!("{:<12}{:<8}", "preset", "color");
    for screen in Screen::ALL.iter().copied() {
        print!("{:>15}", screen.name());
    }
    println!();
    for preset in ["why", "noise"] {
        for (name, depth) in COLOURS {
            print!("{preset:<12}{name:<8}");
            let mut live = live::Live::new(preset, depth);
            for screen in Screen::ALL.iter().copied() {
                let (first, step) = live::bytes(&mut live, screen, steps);
                print!("{:>15}", format!("{first} {step:.0}"));
            }
            println!();
        }
    }
    println!();
}

fn program(colour: &str, look: Duration, starts: usize) {
    let mut first: Vec<f64> = (0..starts)
        .map(|_| {
            let (mut session, first) = start(colour);
            session.types("q");
            session.end();
            first
        })
        .collect();
    first.sort_by(f64::total_cmp);
    let (mut session, _) = start(colour);
    // What the first second brings is no steady state.
    sleep(look.min(Duration::from_secs(1)));
    let running = usage(&session, look);
    session.types(" ");
    sleep(Duration::from_millis(300));
    let paused = usage(&session, look);
    let resident = resident(session.id());
    session.types("q");
    session.end();
    println!(
        "--color {colour}: first picture after {:.1} ms, {resident} MB resident",
        first[first.len() / 2]
    );
    for (what, (bytes, core)) in [("10 steps/s", running), ("paused", paused)] {
        println!("  {what:<12}{bytes:>8.0} bytes/s {core:>6.1} % of a core");
    }
}

/// The default preset in a pseudo-terminal, and the milliseconds until its first picture stood.
fn start(colour: &str) -> (Session, f64) {
    let begin = Instant::now();
    let session = Launch::shell(&format!("exec \"$RNNTOP\" --color {colour}"))
        .size(120, 40)
        .start();
    let stands = |session: &Session| {
        let heard = session.heard();
        heard.shows("rnntop") && heard.shows("numbers")
    };
    while !stands(&session) {
        assert!(begin.elapsed() < Duration::from_secs(30), "no picture");
        sleep(Duration::from_micros(500));
    }
    let first = begin.elapsed().as_secs_f64() * 1e3;
    (session, first)
}

/// Bytes per second, and the per cent of a core.
fn usage(session: &Session, look: Duration) -> (f64, f64) {
    let (bytes, ticks) = (session.heard().length(), session.process().1);
    sleep(look);
    let bytes = session.heard().length() - bytes;
    let ticks = session.process().1 - ticks;
    let seconds = look.as_secs_f64();
    (
        bytes as f64 / seconds,
        ticks as f64 / TICKS / seconds * 100.0,
    )
}

/// Megabytes of resident memory, or `?` where the system does not tell.
fn resident(process: u32) -> String {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.map_or_else(|| "?".to_owned(), |kb| format!("{:.1}", kb / 1e3))
}
